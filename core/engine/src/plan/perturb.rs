//! The perturbations of a plan.

use voxomics_imaging::noise::hash;

use super::Plan;
use crate::{
    experiment::{Diagnostic, Diagnostics, Experiment, Placed, Region, RegionFrom},
    results::perturbation::{Perturbation, Perturbations},
};

/// How every case is perturbed.
#[derive(Debug, Clone, PartialEq)]
pub struct Perturb {
    /// The perturbations.
    pub perturbations: Perturbations,
    /// Standard deviation of noise; estimated from each scan if it is not stated.
    pub noise_sd: Option<f64>,
    /// For each region whether its volume is changed.
    pub changed: Vec<bool>,
    /// The regions that negative controls count as the region, by their place.
    pub controlled: Vec<usize>,
}

/// What is mixed with the experiment's seed for the draw of combinations.
const DRAW: u64 = 0x7065_7274_7572_6265;

impl Plan {
    /// Takes the perturbations of an experiment into the plan.
    pub(super) fn add_perturbations(&mut self, experiment: &Experiment, diagnostics: &Diagnostics) {
        self.add_moves(experiment, diagnostics);
        let Some(stated) = &experiment.controls else { return };
        let follows = "it follows that one";
        let of = self.drawn_regions(("controls", follows), stated.regions.as_deref(), diagnostics);
        if experiment.study.is_of_tables() {
            let message = "[controls] needs scans: the cohorts are tables of features, and nobody can shuffle what they were made of";
            diagnostics.push(Diagnostic::general(message));
        }
        let scans = self.scans().into_iter().map(|scan| scan.unwrap_or_default().to_owned()).collect();
        let none = || Perturb {
            perturbations: Perturbations { all: Vec::new(), scans },
            noise_sd: None,
            changed: vec![false; of.len()],
            controlled: Vec::new(),
        };
        let perturb = self.perturb.get_or_insert_with(none);
        let all = stated.all().into_iter();
        perturb.perturbations.all.extend(all.map(|of| Perturbation { control: Some(of), ..Perturbation::default() }));
        perturb.controlled = (0..of.len()).filter(|index| of[*index]).collect();
    }

    /// For each region whether it is one of those that a section names, or that it means if it names none; only what is drawn may be
    /// named.
    fn drawn_regions(
        &self,
        (section, follows): (&str, &str),
        named: Option<&[Placed<String>]>,
        diagnostics: &Diagnostics,
    ) -> Vec<bool> {
        let Some(named) = named else { return drawn_by_default(&self.regions) };
        let mut of = vec![false; self.regions.len()];
        for named in named {
            let message = match self.regions.iter().position(|region| region.name == named.value) {
                Some(index) if self.regions[index].from.is_drawn() => {
                    of[index] = true;
                    continue;
                }
                Some(_) => {
                    format!("`{section}.regions` names `{}`, which is made of another region: {follows}", named.value)
                }
                None => {
                    let near = super::near(&named.value, self.regions.iter().map(|region| &region.name));
                    format!("`{section}.regions` names the region `{}`, which is not there{near}", named.value)
                }
            };
            diagnostics.push(Diagnostic::new(named.origin.clone(), message));
        }
        of
    }

    fn add_moves(&mut self, experiment: &Experiment, diagnostics: &Diagnostics) {
        let Some(stated) = &experiment.perturb else { return };
        let follows = "it follows that one's volume";
        let changed = self.drawn_regions(("perturb", follows), stated.regions.as_deref(), diagnostics);
        if stated.volume_change.iter().any(|change| *change != 0.0) {
            let on_original = |region: &&Region| match &region.from {
                RegionFrom::Ring { of, on_original_grid: true, .. } => {
                    self.regions.iter().zip(&changed).any(|(source, changed)| *changed && source.name == *of)
                }
                _ => false,
            };
            for region in self.regions.iter().filter(on_original) {
                let message = format!(
                    "[regions.{}] has grid = \"original\", and `perturb.volume_change` changes volumes on the grid of the features: \
                     a ring there follows them, this one cannot",
                    region.name
                );
                diagnostics.push(Diagnostic::new(region.origin.clone(), message));
            }
        }
        let scans = self.scans().into_iter().map(|scan| scan.unwrap_or_default().to_owned()).collect();
        let all = drawn(combinations(stated), stated.draw, self.seed);
        let perturbations = Perturbations { all, scans };
        self.perturb = Some(Perturb { perturbations, noise_sd: stated.noise_sd, changed, controlled: Vec::new() });
    }
}

/// The drawn regions that features are computed of, or that such regions are made of.
fn drawn_by_default(regions: &[Region]) -> Vec<bool> {
    let mut wanted: Vec<bool> = regions.iter().map(|region| region.features).collect();
    // Regions come after those that they are made of.
    for (index, region) in regions.iter().enumerate().rev() {
        if wanted[index] {
            let sources: Vec<&String> = region.from.sources().collect();
            for (source, wanted) in regions.iter().zip(&mut wanted) {
                *wanted |= sources.contains(&&source.name);
            }
        }
    }
    regions.iter().zip(wanted).map(|(region, wanted)| wanted && region.from.is_drawn()).collect()
}

/// Every combination: those of one grid and noise follow each other, so that they share what is made of it.
fn combinations(stated: &crate::experiment::Perturb) -> Vec<Perturbation> {
    let noises: Vec<u64> = if stated.noise == 0 { vec![0] } else { (1..=stated.noise).collect() };
    let mut all = Vec::new();
    for rotation_deg in &stated.rotation_deg {
        for translation in &stated.translation {
            for noise in &noises {
                all.extend(stated.volume_change.iter().map(|volume_change| Perturbation {
                    rotation_deg: *rotation_deg,
                    translation: *translation,
                    noise: *noise,
                    volume_change: *volume_change,
                    control: None,
                }));
            }
        }
    }
    all
}

/// So many of them as are drawn, in their order: the same for every case.
fn drawn(all: Vec<Perturbation>, draw: Option<usize>, seed: u64) -> Vec<Perturbation> {
    let Some(draw) = draw else { return all };
    let mut places: Vec<usize> = (0..all.len()).collect();
    places.sort_by_key(|place| (hash(seed ^ DRAW, *place as u64), *place));
    places.truncate(draw);
    places.sort_unstable();
    places.into_iter().map(|place| all[place]).collect()
}
