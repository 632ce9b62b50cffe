//! The experiment as TOML.

use std::fmt::Write as _;

use super::{
    features::Class,
    images::Image,
    names::quoted,
    settings::{Bins, Settings},
    voxels::Voxels,
};

/// Writes the experiment; none if no feature is left.
pub fn toml(
    source: &str,
    name: &str,
    settings: &Settings,
    images: &[Image],
    classes: &[Class],
    voxels: Option<&Voxels>,
) -> Option<String> {
    let kept: Vec<&Class> = classes.iter().filter(|class| class.name == "shape" || !images.is_empty()).collect();
    if kept.is_empty() {
        return None;
    }
    let mut text = format!(
        "# Made of {} by `voxomics import pyradiomics`.\n\
         # Run it with a list of cases (a CSV with the columns case,image,mask):\n\
         #     voxomics run <this file> --cases cases.csv\n\n\
         # PyRadiomics' bin edges, feature definitions and column names.\ncompat = \"pyradiomics\"\n\n\
         [experiment]\nname = {}\n",
        source.escape_debug(),
        quoted(name)
    );
    let filtered = settings.normalise.is_some() || images.iter().any(|image| image.filter.is_some());
    let filter = if filtered { ", \"filter-pyradiomics\"" } else { "" };
    let loaders = super::LOADERS.map(quoted).join(", ");
    add(&mut text, format!("\n[plugins]\nuse = [{loaders}, \"features-pyradiomics\"{filter}]\n"));
    let why = "# That of the list's column `label`, or this one.";
    let label = settings.label.map(|label| format!("{why}\ndefault_label = {label}\n")).unwrap_or_default();
    add(&mut text, format!("\n[regions.tumour]\n{label}"));
    space(&mut text, settings);
    add(&mut text, format!("\n[discretisation]\n{}", bins(settings.bins)));
    write_images(&mut text, settings, images, &kept);
    kept.iter().for_each(|class| family(&mut text, class, settings, images));
    if let Some(voxels) = voxels {
        let classes = || kept.iter().filter(|class| class.name != "shape");
        images.iter().for_each(|image| classes().for_each(|class| maps(&mut text, class, settings, image, voxels)));
    }
    Some(text)
}

fn add(text: &mut String, more: String) {
    text.push_str(&more);
}

/// What comes between the scan and its regions.
fn space(text: &mut String, settings: &Settings) {
    if settings.correct_mask {
        let why = "# correctMask: a mask on another grid is brought onto the image's.";
        add(text, format!("\n{why}\n[geometry]\non_mismatch = \"resample-mask\"\n"));
    }
    if let Some([x, y, z]) = settings.spacing {
        let image = settings.interpolation;
        add(
            text,
            format!("\n[interpolation]\nspacing_mm = [{x:?}, {y:?}, {z:?}]\nimage = \"{image}\"\nmask = \"nearest\"\n"),
        );
    }
    if settings.range.is_some() || settings.outliers_sigma.is_some() {
        add(text, "\n[resegmentation]\n".into());
        if let Some([lower, upper]) = settings.range {
            add(text, format!("range = [{lower:?}, {upper:?}]\n"));
        }
        if let Some(sigma) = settings.outliers_sigma {
            add(text, format!("sigma = {sigma:?}\n"));
        }
    }
}

fn bins(bins: Bins) -> String {
    match bins {
        Bins::Width(width) => {
            format!("method = \"fixed bin size\"\nwidth = {width:?}\nminimum = \"multiple of width\"\n")
        }
        Bins::Count(count) => format!("method = \"fixed bin number\"\nbins = {count}\n"),
    }
}

fn write_images(text: &mut String, settings: &Settings, images: &[Image], classes: &[&Class]) {
    let has_original = images.iter().any(|image| image.filter.is_none());
    let normalise = settings.normalise.map_or_else(String::new, |(scale, outliers)| {
        let outliers = outliers.map(|limit| format!("remove_outliers = {limit:?}\n")).unwrap_or_default();
        format!("filter = \"pyradiomics-normalise\"\nscale = {scale:?}\n{outliers}")
    });
    if !has_original && (classes.iter().any(|class| class.name == "shape") || !normalise.is_empty()) {
        let why = if normalise.is_empty() { "# For shape only." } else { "# For shape, and the other images." };
        add(text, format!("\n{why}\n[images.original]\n{normalise}"));
    }
    for image in images {
        let name = &image.name;
        add(text, format!("\n[images.{name}]\n"));
        match &image.filter {
            None => add(text, normalise.clone()),
            Some((filter, settings)) => {
                let of = if normalise.is_empty() { "" } else { "of = \"original\"\n" };
                add(text, format!("{of}filter = \"{filter}\"\n{settings}"));
            }
        }
        if let Some(own) = image.bins {
            add(text, format!("[images.{name}.discretisation]\n{}", bins(own)));
        }
    }
}

fn family(text: &mut String, class: &Class, settings: &Settings, images: &[Image]) {
    let mut keys = of_class(class, settings);
    if class.name != "shape" && !images.iter().any(|image| image.filter.is_none()) {
        let names: Vec<String> = images.iter().map(|image| quoted(&image.name)).collect();
        let _ = writeln!(keys, "images = [{}]", names.join(", "));
    }
    if let Some(only) = &class.only {
        let _ = writeln!(keys, "only = {only:?}");
    }
    add(text, format!("\n[features.{}]\n{keys}", class.name));
}

/// The maps of a class of an image.
fn maps(text: &mut String, class: &Class, settings: &Settings, image: &Image, voxels: &Voxels) {
    let Voxels { radius, masked, fill } = voxels;
    let radius = if settings.force_2d { format!("[{radius}, {radius}, 0]") } else { radius.to_string() };
    let fill = if fill.is_nan() { "nan".into() } else { format!("{fill:?}") };
    for of in image.responses() {
        let mut keys =
            format!("family = {}\nof = {}\nradius = {radius}\nfill = {fill}\n", quoted(class.name), quoted(&of));
        if !masked {
            keys += "beyond_region = true\n";
        }
        keys += &of_class(class, settings);
        if let Some(only) = &class.only {
            let _ = writeln!(keys, "only = {only:?}");
        }
        let name = quoted(&format!("{of}-{}", class.name));
        add(text, format!("\n[maps.{name}]\nregion = \"tumour\"\n{keys}"));
    }
}

/// The keys of a class, whatever its images are.
fn of_class(class: &Class, settings: &Settings) -> String {
    let mut keys = String::new();
    let directional = ["glcm", "glrlm"].contains(&class.name);
    let aggregation = match (directional, settings.force_2d, settings.merged) {
        (true, false, true) => Some("3D merged"),
        (true, true, false) => Some("2.5D direction-merged"),
        (true, true, true) => Some("2.5D merged"),
        (false, true, _) if ["glszm", "gldm", "ngtdm"].contains(&class.name) => Some("2.5D"),
        _ => None,
    };
    if let Some(aggregation) = aggregation {
        let _ = writeln!(keys, "aggregation = \"{aggregation}\"");
    }
    match class.name {
        "firstorder" if settings.array_shift != 0.0 => {
            let _ = writeln!(keys, "voxel_array_shift = {:?}", settings.array_shift);
        }
        "gldm" | "ngtdm" if settings.reaches_all_within() && settings.distances.len() > 1 => {
            let _ = writeln!(keys, "distance = {}", settings.distances.len());
        }
        _ => {}
    }
    if class.name == "gldm" && settings.gldm_a != 0 {
        let _ = writeln!(keys, "alpha = {}", settings.gldm_a);
    }
    keys
}
