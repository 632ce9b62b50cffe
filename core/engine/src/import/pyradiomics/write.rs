//! The experiment as TOML.

use std::fmt::Write as _;

use super::{
    Note,
    features::Class,
    images::Image,
    names::{PLANAR, quoted},
    places::{self, Place},
    settings::{Bins, Settings},
    voxels::Voxels,
};

/// What a file asks for.
pub struct Asked<'a> {
    pub settings: &'a Settings,
    pub images: &'a [Image],
    pub classes: &'a [Class],
    pub voxels: Option<&'a Voxels>,
}

impl Asked<'_> {
    /// Writes the experiment, with what there is to say of the file; none if no feature is left.
    pub fn toml(&self, source: &str, name: &str, notes: &[Note]) -> Option<String> {
        let kept: Vec<&Class> =
            self.classes.iter().filter(|class| class.is_shape() || !self.images.is_empty()).collect();
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
        add(&mut text, places::section(source, notes));
        add(&mut text, places::comments(notes, Place::Nowhere));
        add(&mut text, format!("\n[plugins]\nuse = [{}]\n", self.plugins(&kept)));
        add(&mut text, places::comments(notes, Place::Regions));
        add(&mut text, self.region());
        if self.settings.correct_mask {
            let why = "# correctMask: a mask on another grid is brought onto the image's.";
            add(&mut text, format!("\n{why}\n[geometry]\non_mismatch = \"resample-mask\"\n"));
        }
        add(&mut text, places::comments(notes, Place::Prepare));
        add(&mut text, self.prepare());
        add(&mut text, places::comments(notes, Place::Resegmentation));
        add(&mut text, self.resegmentation());
        add(&mut text, places::comments(notes, Place::Discretisation));
        add(&mut text, format!("\n[discretisation]\n{}", bins(self.settings.bins)));
        add(&mut text, places::comments(notes, Place::Images));
        self.write_images(&mut text, &kept);
        add(&mut text, places::comments(notes, Place::Features));
        kept.iter().for_each(|class| self.family(&mut text, class));
        add(&mut text, places::comments(notes, Place::Maps));
        if let Some(voxels) = self.voxels {
            let classes = || kept.iter().filter(|class| !class.is_shape());
            self.images.iter().for_each(|image| classes().for_each(|class| self.maps(&mut text, class, image, voxels)));
        }
        Some(text)
    }

    fn plugins(&self, classes: &[&Class]) -> String {
        let mut names: Vec<&str> = super::LOADERS.into();
        names.push("features-pyradiomics");
        if classes.iter().any(|class| class.name == PLANAR) {
            names.push("features-shape2d");
        }
        if self.images.iter().any(|image| image.filter.is_some()) {
            names.push("filter-pyradiomics");
        }
        names.into_iter().map(quoted).collect::<Vec<_>>().join(", ")
    }

    fn region(&self) -> String {
        let why = "# That of the list's column `label`, or this one.";
        let label = self.settings.label.map(|label| format!("{why}\ndefault_label = {label}\n")).unwrap_or_default();
        let least = self.settings.min_voxels.map(|least| format!("min_voxels = {least}\n")).unwrap_or_default();
        let limits = match self.settings.range {
            Some([lower, upper]) if self.settings.resegment_shape => {
                format!(
                    "# resegmentShape: shape is that of these intensities, too.\nintensities = [{lower:?}, {upper:?}]\n"
                )
            }
            _ => String::new(),
        };
        format!("\n[regions.tumour]\n{label}{least}{limits}")
    }

    /// What is done to scan and mask before anything else.
    fn prepare(&self) -> String {
        let Settings { normalise, spacing, pre_crop, pad, interpolation, .. } = self.settings;
        let mut keys = String::new();
        if let Some((scale, outliers)) = normalise {
            let _ = writeln!(keys, "normalise_scale = {scale:?}");
            if let Some(outliers) = outliers {
                let _ = writeln!(keys, "remove_outliers = {outliers:?}");
            }
        }
        if let Some([x, y, z]) = spacing {
            let _ = writeln!(keys, "spacing_mm = [{x:?}, {y:?}, {z:?}]\nimage = \"{interpolation}\"");
        }
        if spacing.is_some() || *pre_crop {
            let _ = writeln!(keys, "margin_voxels = {pad}");
        }
        if keys.is_empty() {
            keys
        } else {
            format!("\n# As PyRadiomics does it, before it filters.\n[prepare]\n{keys}")
        }
    }

    fn resegmentation(&self) -> String {
        let Settings { range, outliers_sigma, of_maximum, resegment_shape, .. } = self.settings;
        if !self.settings.is_limited() || *resegment_shape {
            return String::new();
        }
        let range = range.map(|[lower, upper]| format!("range = [{lower:?}, {upper:?}]\n")).unwrap_or_default();
        let sigma = outliers_sigma.map(|sigma| format!("sigma = {sigma:?}\n")).unwrap_or_default();
        let parts =
            of_maximum.map(|[lower, upper]| format!("of_maximum = [{lower:?}, {upper:?}]\n")).unwrap_or_default();
        format!("\n[resegmentation]\n{range}{sigma}{parts}")
    }

    fn has_original(&self) -> bool {
        self.images.iter().any(|image| image.filter.is_none())
    }

    fn write_images(&self, text: &mut String, classes: &[&Class]) {
        if !self.has_original() && classes.iter().any(|class| class.is_shape()) {
            add(text, "\n# For shape only.\n[images.original]\n".into());
        }
        for image in self.images {
            let name = &image.name;
            add(text, format!("\n[images.{name}]\n"));
            if let Some((filter, settings)) = &image.filter {
                add(text, format!("filter = \"{filter}\"\n{settings}"));
            }
            if let Some(own) = image.bins {
                add(text, format!("[images.{name}.discretisation]\n{}", bins(own)));
            }
        }
    }

    fn family(&self, text: &mut String, class: &Class) {
        let mut keys = self.of_class(class);
        if !class.is_shape() && !self.has_original() {
            let names: Vec<String> = self.images.iter().map(|image| quoted(&image.name)).collect();
            let _ = writeln!(keys, "images = [{}]", names.join(", "));
        }
        let name = class.name;
        if name == PLANAR {
            // One family has them all.
            let all = super::names::features(name);
            let only: Vec<&str> = class.only.as_deref().unwrap_or(all).iter().chain(&class.named).copied().collect();
            return add(
                text,
                format!("\n[features.{name}]\nfamily = \"pyradiomics-shape2d\"\n{keys}only = {only:?}\n"),
            );
        }
        match &class.only {
            Some(only) if only.is_empty() => {}
            Some(only) => add(text, format!("\n[features.{name}]\n{keys}only = {only:?}\n")),
            None => add(text, format!("\n[features.{name}]\n{keys}")),
        }
        if !class.named.is_empty() {
            let (only, why) =
                (&class.named, "# PyRadiomics advises against them, and computes them if they are named.");
            let images = keys.lines().find(|line| line.starts_with("images = ")).map(|line| format!("{line}\n"));
            let images = images.unwrap_or_default();
            let family = format!("family = \"pyradiomics-{name}-deprecated\"\n{images}only = {only:?}\n");
            add(text, format!("\n{why}\n[features.{name}-deprecated]\n{family}"));
        }
    }

    /// The maps of a class of an image.
    fn maps(&self, text: &mut String, class: &Class, image: &Image, voxels: &Voxels) {
        let Voxels { radius, masked, fill } = voxels;
        let radius = if self.settings.force_2d { format!("[{radius}, {radius}, 0]") } else { radius.to_string() };
        let fill = if fill.is_nan() { "nan".into() } else { format!("{fill:?}") };
        if class.only.as_ref().is_some_and(Vec::is_empty) {
            return;
        }
        for of in image.responses() {
            let mut keys =
                format!("family = {}\nof = {}\nradius = {radius}\nfill = {fill}\n", quoted(class.name), quoted(&of));
            if !masked {
                keys += "beyond_region = true\n";
            }
            keys += &self.of_class(class);
            if let Some(only) = &class.only {
                let _ = writeln!(keys, "only = {only:?}");
            }
            let name = quoted(&format!("{of}-{}", class.name));
            add(text, format!("\n[maps.{name}]\nregion = \"tumour\"\n{keys}"));
        }
    }

    /// The keys of a class, whatever its images are.
    fn of_class(&self, class: &Class) -> String {
        let settings = self.settings;
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
            "glcm" if settings.distances != [1] => {
                let _ = writeln!(keys, "distances = {:?}", settings.distances);
            }
            "gldm" | "ngtdm" if !settings.reaches_all_within() => {
                let _ = writeln!(keys, "distances = {:?}", settings.distances);
            }
            "gldm" | "ngtdm" if settings.distances.len() > 1 => {
                let _ = writeln!(keys, "distance = {}", settings.distances.len());
            }
            _ => {}
        }
        if let Some(norm) = settings.weighting.filter(|_| directional) {
            let _ = writeln!(keys, "weighting_mm = \"{norm}\"");
        }
        if class.name == "glcm" && settings.ordered {
            keys += "symmetric = false\n";
        }
        if class.name == "gldm" && settings.gldm_a != 0 {
            let _ = writeln!(keys, "alpha = {}", settings.gldm_a);
        }
        keys
    }
}

fn add(text: &mut String, more: String) {
    text.push_str(&more);
}

fn bins(bins: Bins) -> String {
    match bins {
        Bins::Width(width) => {
            format!("method = \"fixed bin size\"\nwidth = {width:?}\nminimum = \"multiple of width\"\n")
        }
        Bins::Count(count) => format!("method = \"fixed bin number\"\nbins = {count}\n"),
    }
}
