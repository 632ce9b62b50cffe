//! Regions in sentences.

use voxomics_engine::experiment::{Components, Region, RegionFrom, study::Labels};

use super::super::said::{either, listed, settings};

/// How many regions of one segmentation are named.
const LISTED: usize = 6;

/// Regions, and what names them.
pub struct Regions<'a> {
    /// The regions, also those without features.
    pub regions: &'a [Region],
    /// What readers call them.
    pub labels: &'a Labels,
    /// Whether images have a grid of their own.
    pub interpolated: bool,
    /// What the list of cases says of the label and of the region, case by case.
    pub listed: &'a [(Option<f64>, Option<String>)],
}

impl Regions<'_> {
    fn called(&self, name: &str) -> String {
        self.labels.regions.get(name).cloned().unwrap_or_else(|| name.to_owned())
    }

    /// A sentence a region that features are computed of; one for all that a plugin makes together.
    pub fn said(&self) -> Vec<String> {
        let with_features: Vec<&Region> = self.regions.iter().filter(|region| region.features).collect();
        let mut said = Vec::new();
        let mut sections: Vec<&str> = Vec::new();
        for region in &with_features {
            if !matches!(region.from, RegionFrom::Made { .. }) {
                said.push(format!("The region {} is {}.", self.called(&region.name), self.what(region)));
            } else if !sections.contains(&region.section.as_str()) {
                sections.push(&region.section);
                said.extend(self.made(&region.section, &with_features));
            }
        }
        let by_distance = |region: &&Region| matches!(region.from, RegionFrom::Ring { .. } | RegionFrom::Shell { .. });
        if with_features.iter().any(by_distance) {
            said.push("Distances run between the centres of voxels, in millimetres.".into());
        }
        said
    }

    fn what(&self, region: &Region) -> String {
        let components = match region.components {
            Components::All => "",
            Components::Largest => ", its largest component",
            Components::Each => ", each component a lesion of its own",
        };
        let limits = region.intensities.as_ref().map(|limits| format!(", {limits}")).unwrap_or_default();
        let others = |names: &[String]| listed(&names.iter().map(|name| self.called(name)).collect::<Vec<_>>());
        let except = match region.exclude.as_slice() {
            [] => String::new(),
            names => format!(", without {}", others(names)),
        };
        let within = match region.within.as_slice() {
            [] => String::new(),
            names => format!(", within {}", others(names)),
        };
        let from = match &region.from {
            RegionFrom::CaseLabel => {
                self.of_the_list("the only region of its segmentation, or label 1 of one that names none")
            }
            RegionFrom::CaseLabelOr(label) => self.of_the_list(&format!("label {label}")),
            other => self.labelled(other).to_string(),
        };
        format!("{from}{components}{limits}{except}{within}")
    }

    /// What the list of cases says; `otherwise` is the region of a case of which it says nothing.
    fn of_the_list(&self, otherwise: &str) -> String {
        let mut counts: Vec<(String, usize)> = Vec::new();
        for (label, region) in self.listed {
            let word = match (region, label) {
                (Some(region), _) => format!("the region “{region}”"),
                (None, Some(label)) => format!("label {label}"),
                (None, None) => otherwise.to_owned(),
            };
            match counts.iter_mut().find(|(known, _)| *known == word) {
                Some((_, count)) => *count += 1,
                None => counts.push((word, 1)),
            }
        }
        counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        match counts.as_slice() {
            [] => otherwise.to_owned(),
            [(word, _)] if word == otherwise => otherwise.to_owned(),
            [(word, _)] => format!("{word} in every case"),
            several => {
                let cases = |count: usize| voxomics_report::count(count as u64, "case");
                let mut words: Vec<String> =
                    several.iter().take(LISTED).map(|(word, count)| format!("{word} ({})", cases(*count))).collect();
                if several.len() > LISTED {
                    let rest = several.iter().skip(LISTED).map(|(_, count)| count).sum();
                    words.push(format!("what the list of cases names for others ({})", cases(rest)));
                }
                format!("by the list of cases {}", either(&words))
            }
        }
    }

    /// The same with what readers call the regions that it is made of, and on the grid that there is.
    fn labelled(&self, from: &RegionFrom) -> RegionFrom {
        let mut from = from.clone();
        match &mut from {
            RegionFrom::Union(of) => of.iter_mut().for_each(|name| *name = self.called(name)),
            RegionFrom::Ring { of, on_original_grid, .. } => {
                *of = self.called(of);
                *on_original_grid |= !self.interpolated;
            }
            RegionFrom::Shell { of, .. } | RegionFrom::Core { of, .. } | RegionFrom::Made { of, .. } => {
                *of = self.called(of);
            }
            RegionFrom::Sector { of, about, .. } => [of, about].into_iter().for_each(|name| *name = self.called(name)),
            _ => {}
        }
        from
    }

    /// All that a plugin makes for a section.
    fn made(&self, section: &str, all: &[&Region]) -> Option<String> {
        let names: Vec<String> =
            all.iter().filter(|region| region.section == section).map(|region| self.called(&region.name)).collect();
        let first = all.iter().find(|region| region.section == section)?;
        let RegionFrom::Made { of, maker, images, settings: with, .. } = &first.from else { return None };
        let images = match images.len() {
            0 => "the image".to_owned(),
            1 => format!("the image {}", images[0]),
            _ => format!("the images {}", listed(images)),
        };
        let with = settings(with);
        let with = if with.is_empty() { String::new() } else { format!(" ({with})") };
        let word = if names.len() == 1 { "region" } else { "regions" };
        let verb = if names.len() == 1 { "is" } else { "are" };
        Some(format!(
            "The {word} {} {verb} what regions-{maker} makes of {} and {images}{with}.",
            listed(&names),
            self.called(of)
        ))
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use voxomics_engine::experiment::Experiment;

    use super::*;

    fn experiment(text: &str) -> Experiment {
        Experiment::from_text(Path::new("e.toml"), Path::new("/"), text, &[]).expect("an experiment")
    }

    fn said(text: &str, interpolated: bool, cases: &[(Option<f64>, Option<String>)]) -> Vec<String> {
        let experiment = experiment(text);
        let labels = &experiment.study.labels;
        Regions { regions: &experiment.regions, labels, interpolated, listed: cases }.said()
    }

    const RING: &str = "[cohorts.a]\ncases = \"a.csv\"\n[regions.tumour]\n[regions.ring]\nring_of = \"tumour\"\noutward_mm = 4\n\
                        [labels.regions]\ntumour = \"GTV\"\n";

    #[test]
    fn a_region_is_told_by_the_labels_that_the_list_gives() {
        let cases = [(Some(1.0), None), (Some(1.0), None), (Some(2.0), None)];
        let of = |cases: &[_]| said(RING, true, cases).remove(0);
        assert_eq!(of(&cases[..2]), "The region GTV is label 1 in every case.");
        assert_eq!(of(&cases), "The region GTV is by the list of cases label 1 (2 cases) or label 2 (1 case).");
        assert_eq!(of(&[(None, Some("Tumor".into()))]), "The region GTV is the region “Tumor” in every case.");
        let alone = "The region GTV is the only region of its segmentation, or label 1 of one that names none.";
        assert_eq!(of(&[(None, None)]), alone);
    }

    #[test]
    fn a_ring_is_on_the_grid_that_there_is() {
        let ring = |interpolated: bool| said(RING, interpolated, &[]).remove(1);
        assert_eq!(
            ring(true),
            "The region ring is the ring of GTV, 4 mm outward and 0 mm inward, on the interpolated grid."
        );
        assert_eq!(
            ring(false),
            "The region ring is the ring of GTV, 4 mm outward and 0 mm inward, on the scan's grid."
        );
    }
}
