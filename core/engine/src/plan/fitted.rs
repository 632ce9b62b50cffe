//! What is fitted on a cohort: filters and region makers whose state comes from a file, from a model that carries it, or is
//! still to be fitted.

use std::path::Path;

use super::{Plan, dependence::Node};
use crate::{
    digest,
    experiment::{Diagnostic, Diagnostics, Experiment, Fit, Origin},
    host::{NamedFile, Registered},
};

/// What a plan needs to have fitted before it can be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToFit {
    /// What it is.
    pub what: Part,
    /// Its table in the experiment: `images.normalised`.
    pub name: String,
    /// The plugin.
    pub plugin: String,
    /// The cohorts that it is fitted on.
    pub on: Vec<String>,
}

/// A part of a plan that is fitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The filter of an image, by its index in the plan.
    Image(usize),
    /// The maker of a region, by its index in the plan.
    Region(usize),
}

/// Something that was fitted, as a model carries it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carried {
    /// Its table in the experiment: `images.normalised`.
    pub name: String,
    /// The plugin.
    pub plugin: String,
    /// What was fitted.
    pub text: String,
}

/// What a plugin is to be configured with: nothing if it is not fitted, or still to be.
///
/// # Errors
/// Nothing, where the mistake is among the diagnostics.
pub(super) fn state(
    fit: &Fit,
    name: &str,
    origin: &Origin,
    of: Registered<'_>,
    experiment: &Experiment,
    files: &mut Vec<NamedFile>,
    diagnostics: &Diagnostics,
) -> Result<Option<String>, ()> {
    let plugin = of.plugin.name();
    let wrong = |origin: &Origin, message: String| {
        diagnostics.push(Diagnostic::new(origin.clone(), format!("[{name}] {message}")));
        Err(())
    };
    let stated = fit.file.is_some() || !fit.on.is_empty();
    match (of.plugin.fits, stated) {
        (false, true) => {
            return wrong(origin, format!("{plugin} is not fitted on a cohort: take `state` or `fitted_on` away"));
        }
        (false, false) => return Ok(None),
        (true, false) => {
            return wrong(
                origin,
                format!(
                    "{plugin} is fitted on a cohort: name the cohort in `fitted_on`, or in `state` the file of what was fitted \
                     (a model that was learnt with it carries it)"
                ),
            );
        }
        (true, true) => {}
    }
    if fit.state.is_some() {
        return Ok(fit.state.clone());
    }
    for cohort in &fit.on {
        if experiment.study.cohorts.iter().all(|known| known.name != *cohort) {
            let near = super::near(cohort, experiment.study.cohorts.iter().map(|cohort| &cohort.name));
            return wrong(origin, format!("`fitted_on` names the cohort `{cohort}`, which is not there{near}"));
        }
    }
    let Some(file) = &fit.file else { return Ok(None) };
    let setting = format!("{name}.state");
    if files.iter().all(|known| known.setting != setting) {
        files.push(NamedFile { setting, path: file.value.clone() });
    }
    match read(&file.value, name, &plugin) {
        Ok(state) => Ok(Some(state)),
        Err(why) => wrong(&file.origin, why),
    }
}

/// What was fitted, from a file: a model that carries it under its name, or nothing but that.
fn read(path: &Path, name: &str, plugin: &str) -> Result<String, String> {
    let text = std::fs::read_to_string(path)
        .map_err(|cause| format!("what was fitted cannot be read from {}: {cause}", path.display()))?;
    let model = toml::from_str::<serde_json::Value>(&text).ok();
    let Some(carried) = model.as_ref().and_then(|model| model.get("state")).and_then(|state| state.as_array()) else {
        return Ok(text);
    };
    let word = |state: &serde_json::Value, key: &str| state.get(key).and_then(|word| word.as_str()).map(str::to_owned);
    let found = carried.iter().find(|state| word(state, "name").as_deref() == Some(name));
    let names = || carried.iter().filter_map(|state| word(state, "name")).collect::<Vec<_>>().join(", ");
    let found = found.ok_or_else(|| {
        format!("the model {} carries nothing that was fitted for [{name}], but for {}", path.display(), names())
    })?;
    match word(found, "plugin") {
        Some(other) if other != plugin => {
            Err(format!("the model {} carries for [{name}] what {other} has fitted, not {plugin}", path.display()))
        }
        _ => word(found, "text").ok_or_else(|| format!("the model {} has no `text` for [{name}]", path.display())),
    }
}

/// How what was fitted is known.
pub(super) fn digest_of(state: Option<&String>) -> Option<String> {
    state.map(|state| digest::sha256(state.as_bytes()))
}

impl Plan {
    /// The first thing that is still to be fitted, of which nothing that it is made of is. Makers of regions come before
    /// images where neither is made of the other.
    pub fn to_fit(&self, experiment: &Experiment) -> Option<ToFit> {
        let region = |(index, maker): (usize, &Option<super::Maker>)| {
            let ready = |maker: &&super::Maker| maker.instance.unfitted && !self.waits(Node::Region(index));
            let maker = maker.as_ref().filter(ready)?;
            let super::Region { name, section, .. } = &self.regions[index];
            let stated = experiment.regions.iter().find(|region| region.name == *name)?;
            let (_, fit) = stated.maker.as_ref()?;
            Some(ToFit {
                what: Part::Region(index),
                name: format!("regions.{section}"),
                plugin: maker.instance.name.clone(),
                on: fit.on.clone(),
            })
        };
        let image = |(index, image): (usize, &super::Image)| {
            let filter = image.filter.as_ref().filter(|filter| filter.unfitted)?;
            let ready = !self.waits(Node::Image(index));
            let stated = experiment.images.iter().find(|stated| stated.name == image.name).filter(|_| ready)?;
            Some(ToFit {
                what: Part::Image(index),
                name: format!("images.{}", image.name),
                plugin: filter.name.clone(),
                on: stated.fit.on.clone(),
            })
        };
        self.makers.iter().enumerate().find_map(region).or_else(|| self.images.iter().enumerate().find_map(image))
    }

    /// Everything that was fitted: what several regions of a section have in common once.
    pub fn carried(&self) -> Vec<Carried> {
        let region = |(region, maker): (&crate::experiment::Region, &Option<super::Maker>)| {
            let maker = maker.as_ref()?;
            let text = maker.state.clone()?;
            Some(Carried { name: format!("regions.{}", region.section), plugin: maker.instance.name.clone(), text })
        };
        let image = |image: &super::Image| {
            let (filter, text) = (image.filter.as_ref()?, image.state.clone()?);
            Some(Carried { name: format!("images.{}", image.name), plugin: filter.name.clone(), text })
        };
        let mut all: Vec<Carried> = Vec::new();
        for carried in self.regions.iter().zip(&self.makers).filter_map(region) {
            if !all.contains(&carried) {
                all.push(carried);
            }
        }
        all.extend(self.images.iter().filter_map(image));
        all
    }
}
