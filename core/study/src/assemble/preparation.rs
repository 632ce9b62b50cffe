//! What became of images before features were computed, in sentences.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;
use voxomics_engine::{experiment::Radius, plan::Plan};

use super::said::{listed, settings};

/// What became of images before features were computed, in sentences.
#[derive(Debug, Clone, Default)]
pub struct Preparation {
    /// The new grid.
    pub interpolation: Vec<String>,
    /// Intensities that stay.
    pub resegmentation: Vec<String>,
    /// Bins, with the families that look at them.
    pub discretisation: Vec<String>,
    /// Filters and maps.
    pub images: Vec<String>,
    /// What was fitted to images.
    pub fitted: Vec<String>,
}

/// What became of the images.
pub fn preparation(plan: &Plan, resolved: &Json) -> Preparation {
    let interpolation = match &plan.interpolation {
        None if plan.prepare.is_some_and(|prepare| prepare.spacing_mm.is_some()) => {
            "Images were not interpolated once more.".to_owned()
        }
        None => "Images were not interpolated.".to_owned(),
        Some(to) => {
            let kept = |mm: f64| if mm == 0.0 { "as scanned".to_owned() } else { mm.to_string() };
            let rounded = if to.round_intensities { ", and rounded to whole intensities" } else { "" };
            format!(
                "Images were interpolated to {} mm (method: {}){rounded}; masks by the method {}.",
                to.spacing_mm.map(kept).join(" × "),
                to.image,
                to.mask
            )
        }
    };
    let prepared =
        plan.prepare.map(|prepare| format!("As PyRadiomics does it, scan and mask were prepared first: {prepare}."));
    let resegmentation = match plan.resegmentation.to_string().as_str() {
        "none" => "Masks were not re-segmented by intensity.".to_owned(),
        rules => format!("Masks were re-segmented to intensities {rules}."),
    };
    let fitted = plan.carried().into_iter().map(|of| format!("{} ({}) was fitted to images.", of.name, of.plugin));
    Preparation {
        interpolation: prepared.into_iter().chain([interpolation]).collect(),
        resegmentation: vec![resegmentation],
        discretisation: discretisation(plan),
        images: images(plan, resolved),
        fitted: fitted.collect(),
    }
}

/// A sentence for each way to make grey levels, with the families that look at them.
fn discretisation(plan: &Plan) -> Vec<String> {
    let mut ways: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for family in &plan.families {
        for levels in family.uses.iter().flatten().filter_map(|used| used.discretisation) {
            ways.entry(levels.to_string()).or_default().insert(&family.name);
        }
    }
    let said = ways.into_iter().map(|(levels, families)| {
        let families: Vec<String> = families.into_iter().map(str::to_owned).collect();
        format!("Grey levels of {}: {levels}.", listed(&families))
    });
    said.collect()
}

/// Filters and maps.
fn images(plan: &Plan, resolved: &Json) -> Vec<String> {
    let mut said = Vec::new();
    for image in plan.images.iter().filter(|image| image.filter.is_some()) {
        let mut table = resolved["images"][&image.name].clone();
        let filter = table.as_object_mut().and_then(|table| table.remove("filter"));
        let filter = filter.as_ref().and_then(Json::as_str).unwrap_or_default().to_owned();
        let with = settings(&table);
        let with = if with.is_empty() { String::new() } else { format!(" ({with})") };
        said.push(format!("The image {} is the response of the filter {filter}{with}.", image.name));
    }
    for (image, mapping) in plan.images.iter().filter_map(|image| Some((image, image.mapping.as_ref()?))) {
        let reach = match mapping.radius {
            Radius::Voxels(voxels) => format!("{} voxels", voxels.map(|n| n.to_string()).join(" × ")),
            Radius::Mm(mm) => format!("{mm} mm"),
        };
        let family = mapping.instance.name.strip_prefix("features-").unwrap_or(&mapping.instance.name);
        said.push(format!(
            "The map {} has features of the family {family} for each voxel of the region {}, from the voxels up to {reach} \
             around it in the image {}.",
            image.name, mapping.region, mapping.of
        ));
    }
    said
}
