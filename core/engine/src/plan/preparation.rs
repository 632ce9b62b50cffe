//! What something that is fitted was looked at in: the settings that its images and regions depend on. They go with what was fitted, and
//! are held against those of another experiment, in which an image of the same name may be another one.

use serde_json::{Map, Value as Json, json};

use super::{
    Part, Plan,
    extraction::{self, Extraction},
    fitted::{MadeOf, State},
};
use crate::experiment::{Diagnostic, Diagnostics, Experiment, Fit, RegionFrom};

/// Differences that are told of.
const MOST: usize = 6;

/// Something that was fitted, where it is used.
struct Used<'a> {
    name: String,
    fit: &'a Fit,
    state: &'a State,
    part: Part,
}

impl Plan {
    /// The settings that the image of a filter depends on, or the images and the region that a maker divides: their scans and their
    /// grid, and what lies between these and them. Of the plugin that is fitted nothing: it looks after its own settings.
    pub fn preparation(&self, part: Part) -> Json {
        let (mut images, mut regions) = (Map::new(), Map::new());
        let place = |name: &str| self.regions.iter().position(|region| region.name == name);
        let (scan, of) = match part {
            Part::Image(index) => {
                let image = &self.images[index];
                let of = self.source_name(image);
                of.iter().for_each(|name| self.describe_image(name, &mut images, &mut regions));
                // One that looks at regions does so wherever it is used; any other has drawn its sample there.
                let sees = image.filter.as_ref().is_some_and(|filter| filter.sees_regions);
                let seen = if sees { self.seen_by(image) } else { Vec::new() };
                seen.into_iter().for_each(|region| self.describe_region(region, &mut regions, &mut images));
                (image.scan.as_deref(), json!(of))
            }
            Part::Region(index) => {
                let of = match &self.regions[index].from {
                    RegionFrom::Made { of, .. } => of.as_str(),
                    _ => "",
                };
                place(of).into_iter().for_each(|region| self.describe_region(region, &mut regions, &mut images));
                let maps = self.makers[index].iter().flat_map(|maker| &maker.images);
                let names: Vec<&str> = maps.map(|map| self.maps[*map].name.as_str()).collect();
                names.iter().for_each(|name| self.describe_image(name, &mut images, &mut regions));
                let scan = if names.is_empty() { self.scans().first().copied().flatten() } else { None };
                (scan, json!({ "region": of, "images": names }))
            }
        };
        // What else a map depends on; an image that is none does not.
        let has_map = images.values().any(|image| image.get("map").is_some());
        extraction::without_nulls(json!({
            "compat": self.compat.filter(|_| has_map),
            "prepare": self.prepare,
            // On the scan's own grid it changes nothing but to round.
            "interpolation": self.interpolation.filter(|to| to.spacing_mm != [0.0; 3] || to.round_intensities),
            "resegmentation": has_map.then_some(&self.resegmentation),
            "scan": scan,
            "of": of,
            "images": images,
            "regions": regions,
        }))
    }

    /// Refuses what was fitted to other images than there are here.
    pub(super) fn check_fitted(&self, experiment: &Experiment, diagnostics: &Diagnostics) {
        for Used { name, fit, state, part } in self.used_states(experiment) {
            let (MadeOf::Stated(fitted), Some(file)) = (&state.made_of, &fit.file) else { continue };
            // A scan without a name is whichever scan it is: the list of cases knows.
            let is_unnamed = |key: &str, known: bool| (key == "scan" || key.ends_with(".scan")) && !known;
            let differences =
                Extraction::differing(fitted, &self.preparation(part), ["where it was fitted", "here"], is_unnamed);
            let (told, more) = (differences.iter().take(MOST), differences.len().saturating_sub(MOST));
            let told: Vec<&str> = told.map(String::as_str).collect();
            if told.is_empty() {
                continue;
            }
            let more = if more > 0 { format!("; and {more} more differences") } else { String::new() };
            let message = format!(
                "[{name}] what was fitted in {} was fitted to another image than there is here, which has the same name: {}{more}. \
                 Use the settings that it was fitted with, or fit it again",
                file.value.display(),
                told.join("; ")
            );
            diagnostics.push(Diagnostic::new(file.origin.clone(), message));
        }
    }

    /// What is doubtful of what was fitted elsewhere, one sentence each.
    pub fn doubts_of_fitted(&self, experiment: &Experiment) -> Vec<String> {
        let doubt = |used: Used<'_>| {
            let file = used.fit.file.as_ref().filter(|_| used.state.made_of == MadeOf::Unknown)?;
            Some(format!(
                "[{}] {} does not say which image it was fitted to: nobody can tell whether it is this one",
                used.name,
                file.value.display()
            ))
        };
        self.used_states(experiment).into_iter().filter_map(doubt).collect()
    }

    /// What was fitted, once for each table of the experiment.
    fn used_states<'a>(&'a self, experiment: &'a Experiment) -> Vec<Used<'a>> {
        let mut used: Vec<Used<'_>> = Vec::new();
        for (index, maker) in self.makers.iter().enumerate() {
            let name = format!("regions.{}", self.regions[index].section);
            let state = maker.as_ref().and_then(|maker| maker.state.as_ref());
            let (Some(state), Some((_, fit))) = (state, &self.regions[index].maker) else { continue };
            if used.iter().all(|known| known.name != name) {
                used.push(Used { name, fit, state, part: Part::Region(index) });
            }
        }
        for (index, image) in self.images.iter().enumerate() {
            let stated = experiment.images.iter().find(|stated| stated.name == image.name);
            if let (Some(state), Some(stated)) = (&image.state, stated) {
                let name = format!("images.{}", image.name);
                used.push(Used { name, fit: &stated.fit, state, part: Part::Image(index) });
            }
        }
        used
    }
}
