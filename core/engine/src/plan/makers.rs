//! Makers of regions and exporters: configured.

use voxomics_interface::describe::Kind;

use super::{Plan, fitted, plugins};
use crate::{
    experiment::{Diagnostic, Diagnostics, Experiment, RegionFrom, study::CohortSource},
    host::{self, ExporterInstance, NamedFile, RegionMakerInstance},
};

/// What makes a region.
pub struct Maker {
    /// The configured plugin.
    pub instance: RegionMakerInstance,
    /// The label of the region among those that it makes.
    pub label: u16,
    /// The images that it is made of, by their place among the maps of the plan; none for the scan alone.
    pub images: Vec<usize>,
    /// What it was fitted to.
    pub state: Option<fitted::State>,
    /// The first region of the plan that is made of the same region in the same way: all of them are made at once.
    pub first: usize,
}

/// What makes files of the results.
pub struct Exporter {
    /// Its name: that of its folder.
    pub name: String,
    /// The configured plugin.
    pub instance: ExporterInstance,
}

impl Plan {
    /// Configures the makers of regions, and puts their defaults into what is said of the regions.
    pub(super) fn add_makers(
        &mut self,
        experiment: &Experiment,
        files: &mut Vec<NamedFile>,
        diagnostics: &Diagnostics,
    ) {
        let plugins = self.plugins.clone();
        self.makers = self.regions.iter().map(|_| None).collect();
        for index in 0..self.regions.len() {
            let region = &self.regions[index];
            let (RegionFrom::Made { maker, take, images, .. }, Some((settings, fit))) = (&region.from, &region.maker)
            else {
                continue;
            };
            let (name, origin) = (format!("regions.{}", region.section), region.origin.clone());
            let mut earlier = self.regions[..index].iter().zip(&self.makers);
            if earlier.any(|(other, maker)| other.section == region.section && maker.is_none()) {
                // What is wrong with a section of several regions has been said.
                continue;
            }
            if self.scans().len() > 1 && images.is_empty() {
                let message = format!(
                    "[{name}] is made by a plugin of one scan, and the images of this experiment are of several: the region would \
                     be another on each. Name the images that it is made of with `images`"
                );
                diagnostics.push(Diagnostic::new(origin, message));
                continue;
            }
            let Some(of) = plugins::find(&plugins, Kind::Regions, maker, &origin, diagnostics) else { continue };
            let mut settings = settings.clone();
            files.extend(host::resolve_files(of.plugin, &mut settings, &experiment.folder));
            let Ok(state) = fitted::state(fit, &name, &origin, of, experiment, files, diagnostics) else { continue };
            let made = host::region_maker(of, &settings, state.as_ref().map(|state| state.text.as_str()), diagnostics);
            let fail =
                |message: String| diagnostics.push(Diagnostic::new(origin.clone(), format!("[{name}] {message}")));
            let instance = match made {
                Ok(Some(instance)) => instance,
                Ok(None) => continue,
                Err(error) => {
                    fail(error.to_string());
                    continue;
                }
            };
            let found = instance.labels.iter().find(|(_, word)| word == take).map(|(label, _)| *label);
            let Some(label) = found else {
                let near = super::near(take, instance.labels.iter().map(|(_, word)| word));
                fail(format!("takes `{take}`, which is none of the regions that {} makes{near}", instance.name));
                continue;
            };
            let images = match self.images_of(images, &instance) {
                Ok(images) => images,
                Err(message) => {
                    fail(message);
                    continue;
                }
            };
            let full = host::with_defaults(of.plugin, &settings);
            if let RegionFrom::Made { settings, state: known, .. } = &mut self.regions[index].from {
                *settings = full;
                *known = fitted::digest_of(state.as_ref());
            }
            let first = (0..index).find(|other| self.is_made_with(*other, index)).unwrap_or(index);
            self.makers[index] = Some(Maker { instance, label, images, state, first });
        }
        self.no_region_of_itself(diagnostics);
    }

    /// The images that a maker is to see, by their place among the maps.
    fn images_of(&self, names: &[String], maker: &RegionMakerInstance) -> Result<Vec<usize>, String> {
        if names.len() > 1 && !maker.sees_images {
            return Err(format!("is made by {}, which sees one image: name one in `images`", maker.name));
        }
        let place = |(at, name): (usize, &String)| {
            if names[..at].contains(name) {
                return Err(format!("names the image `{name}` twice"));
            }
            if let Some(place) = self.maps.iter().position(|map| map.name == *name) {
                return Ok(place);
            }
            let of_image = self.maps.iter().filter(|map| self.images[map.image].name == *name);
            let of_image: Vec<&str> = of_image.map(|map| map.name.as_str()).collect();
            Err(match of_image.is_empty() {
                true => {
                    let near = super::near(name, self.maps.iter().map(|map| &map.name));
                    format!("is made of `{name}`, which is no image{near}")
                }
                false => {
                    format!("is made of `{name}`, which has several maps; name some of {}", of_image.join(", "))
                }
            })
        };
        names.iter().enumerate().map(place).collect()
    }

    /// Whether two regions are made of the same region in the same way.
    fn is_made_with(&self, one: usize, other: usize) -> bool {
        match (&self.regions[one].from, &self.regions[other].from) {
            (
                RegionFrom::Made { of, maker, images, settings, state, .. },
                RegionFrom::Made {
                    of: of2, maker: maker2, images: images2, settings: settings2, state: state2, ..
                },
            ) => {
                self.makers[one].is_some()
                    && (of, maker, images, settings, state) == (of2, maker2, images2, settings2, state2)
            }
            _ => false,
        }
    }

    /// Configures the exporters.
    pub(super) fn add_exporters(
        &mut self,
        experiment: &Experiment,
        files: &mut Vec<NamedFile>,
        diagnostics: &Diagnostics,
    ) {
        let plugins = self.plugins.clone();
        for export in &experiment.exports {
            let id = export.plugin.strip_prefix("export-").unwrap_or(&export.plugin);
            let origin = &export.settings.origin;
            let fail = |message: String| {
                diagnostics.push(Diagnostic::new(origin.clone(), format!("[export.{}] {message}", export.name)));
            };
            let cohorts = &experiment.study.cohorts;
            if !cohorts.is_empty() && cohorts.iter().all(|cohort| matches!(cohort.source, CohortSource::Features(_))) {
                fail("there is nothing to export: every cohort is a table of features, and has no scans".into());
                continue;
            }
            if experiment.privacy.is_some() {
                fail("what a plugin exports names cases and files: it cannot be had with --pseudonymise".into());
                continue;
            }
            let Some(of) = plugins::find(&plugins, Kind::Export, id, origin, diagnostics) else { continue };
            let mut settings = export.settings.clone();
            files.extend(host::resolve_files(of.plugin, &mut settings, &experiment.folder));
            match host::exporter(of, &settings, diagnostics) {
                Ok(Some(instance)) => self.exporters.push(Exporter { name: export.name.clone(), instance }),
                Ok(None) => {}
                Err(error) => fail(error.to_string()),
            }
        }
    }
}
