//! What became of images before features were computed, in sentences.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;
use voxomics_engine::{
    experiment::{Fit, Radius},
    plan::Plan,
};

use super::said::{listed, settings};
use crate::work::Work;

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
pub fn preparation(work: &Work<'_>, resolved: &Json) -> Preparation {
    let plan = work.plan;
    let interpolation = match &plan.interpolation {
        None if plan.prepare.is_some_and(|prepare| prepare.spacing_mm.is_some()) => {
            "Images were not interpolated once more.".to_owned()
        }
        None => "Images were not interpolated.".to_owned(),
        Some(to) => {
            let rounded = if to.round_intensities { ", and rounded to whole intensities" } else { "" };
            format!(
                "Images were interpolated to {} (method: {}){rounded}; masks by the method {}.",
                spacing(to.spacing_mm),
                to.image,
                to.mask
            )
        }
    };
    let prepared =
        plan.prepare.map(|prepare| format!("As PyRadiomics does it, scan and mask were prepared first: {prepare}."));
    let resegmentation = match plan.resegmentation.to_string().as_str() {
        "none" => "Masks were not re-segmented by intensity.".to_owned(),
        rules => {
            format!("Masks were re-segmented to intensities {}.", rules.strip_prefix("intensities ").unwrap_or(rules))
        }
    };
    let fitted = plan.carried().into_iter().map(|of| {
        let how = fit_of(work, &of.name).map(|fit| from_where(fit, &work.experiment.study.labels.cohorts));
        fitted(&of.name, &of.plugin, &how.unwrap_or_else(|| "images".into()))
    });
    Preparation {
        interpolation: prepared.into_iter().chain([interpolation]).collect(),
        resegmentation: vec![resegmentation],
        discretisation: discretisation(plan),
        images: images(plan, resolved),
        fitted: fitted.collect(),
    }
}

/// The part of an experiment by the name of its table, as `images.normalised`.
fn fit_of<'a>(work: &Work<'a>, name: &str) -> Option<&'a Fit> {
    let (section, name) = name.split_once('.')?;
    match section {
        "images" => work.experiment.images.iter().find(|image| image.name == name).map(|image| &image.fit),
        _ => {
            let region = work.experiment.regions.iter().find(|region| region.section == name)?;
            region.maker.as_ref().map(|(_, fit)| fit)
        }
    }
}

/// The cohorts that something was fitted to.
fn from_where(fit: &Fit, labels: &BTreeMap<String, String>) -> String {
    let called: Vec<String> = fit.on.iter().map(|name| labels.get(name).unwrap_or(name).clone()).collect();
    match called.len() {
        0 => "images of an earlier run, and comes from its file".into(),
        1 => format!("the images of the cohort {}", called[0]),
        _ => format!("the images of the cohorts {}", listed(&called)),
    }
}

/// "The image norm (filter-nyul) was fitted to the images of the cohort train."
fn fitted(name: &str, plugin: &str, to: &str) -> String {
    match name.split_once('.') {
        Some(("images", name)) => format!("The filter of the image {name} ({plugin}) was fitted to {to}."),
        Some((_, name)) => format!("What makes the regions {name} ({plugin}) was fitted to {to}."),
        None => format!("{name} ({plugin}) was fitted to {to}."),
    }
}

/// "1 × 1 × 3 mm"; an axis that stays as it is is named.
fn spacing(of_mm: [f64; 3]) -> String {
    if of_mm.iter().all(|mm| *mm != 0.0) {
        return format!("{} mm", of_mm.map(|mm| mm.to_string()).join(" × "));
    }
    let axes = |wanted: fn(f64) -> bool| -> Vec<String> {
        ["x", "y", "z"].iter().zip(of_mm).filter(|(_, mm)| wanted(*mm)).map(|(axis, _)| (*axis).to_owned()).collect()
    };
    let new = ["x", "y", "z"].iter().zip(of_mm).filter(|(_, mm)| *mm != 0.0);
    let new: Vec<String> = new.map(|(axis, mm)| format!("{mm} mm along {axis}")).collect();
    format!("{}, and as scanned along {}", listed(&new), listed(&axes(|mm| mm == 0.0)))
}

/// A sentence for each way to make grey levels, with the families that look at them.
fn discretisation(plan: &Plan) -> Vec<String> {
    let mut all = Vec::new();
    for family in &plan.families {
        let used = plan.maps.iter().zip(&family.uses).filter_map(|(map, used)| Some((map, used.as_ref()?)));
        for (map, used) in used {
            all.extend(used.discretisation.map(|levels| (levels.to_string(), family.name.as_str(), map.name.as_str())));
        }
    }
    grey_levels(&all)
}

/// The same of levels, family and image; images are named where there are several ways.
fn grey_levels(all: &[(String, &str, &str)]) -> Vec<String> {
    let mut ways: BTreeMap<&str, (BTreeSet<&str>, Vec<String>)> = BTreeMap::new();
    for (levels, family, image) in all {
        let (families, images) = ways.entry(levels).or_default();
        families.insert(family);
        if !images.iter().any(|known| known == image) {
            images.push((*image).to_owned());
        }
    }
    let several = ways.len() > 1;
    let said = ways.into_iter().map(|(levels, (families, images))| {
        let families: Vec<String> = families.into_iter().map(str::to_owned).collect();
        let images = if several { format!(" in {}", listed(&images)) } else { String::new() };
        format!("Grey levels of {}{images}: {levels}.", listed(&families))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_that_stays_is_named() {
        assert_eq!(spacing([1.0, 1.0, 2.5]), "1 × 1 × 2.5 mm");
        assert_eq!(spacing([0.0, 0.0, 2.0]), "2 mm along z, and as scanned along x and y");
    }

    #[test]
    fn grey_levels_are_told_by_image_where_they_differ() {
        let way = |levels: &str, family: &'static str, image: &'static str| (levels.to_owned(), family, image);
        let one =
            [way("32 bins", "glcm", "original"), way("32 bins", "glrlm", "original"), way("32 bins", "glcm", "log")];
        assert_eq!(grey_levels(&one), ["Grey levels of glcm and glrlm: 32 bins."]);
        let two = [way("32 bins", "glcm", "log"), way("bins of width 25.0 from -1000.0", "glcm", "original")];
        assert_eq!(
            grey_levels(&two),
            [
                "Grey levels of glcm in log: 32 bins.",
                "Grey levels of glcm in original: bins of width 25.0 from -1000.0."
            ]
        );
    }

    #[test]
    fn what_was_fitted_is_told_with_its_cohorts() {
        let labels = BTreeMap::from([("train".to_owned(), "Lyon".to_owned())]);
        let fit = Fit { on: vec!["train".into()], ..Fit::default() };
        let said = fitted("images.norm", "filter-nyul", &from_where(&fit, &labels));
        assert_eq!(said, "The filter of the image norm (filter-nyul) was fitted to the images of the cohort Lyon.");
        let said = fitted("regions.habitats", "regions-habitats", &from_where(&Fit::default(), &labels));
        assert!(said.ends_with("was fitted to images of an earlier run, and comes from its file."), "{said}");
    }
}
