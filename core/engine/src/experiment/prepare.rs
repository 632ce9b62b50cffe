//! `[prepare]`: what other software does to a scan before it looks at a region.

use std::fmt;

use serde::Serialize;

use super::{Compat, Region, section::Section};

/// What is done to a scan and its mask before anything else: intensities are normalised, then both are brought onto another
/// grid, or cut.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Prepare {
    /// The standard deviation that the scan's intensities are brought to, with a mean of 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub normalise_scale: Option<f64>,
    /// How many standard deviations from the mean intensities are cut off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remove_outliers: Option<f64>,
    /// New spacing, mm; 0 keeps that of the scan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spacing_mm: Option<[f64; 3]>,
    /// How intensities are found between voxel centres.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<Between>,
    /// Voxels around the region that stay; none keeps the whole scan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub margin_voxels: Option<u64>,
}

/// How SimpleITK finds intensities between voxel centres.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Between {
    /// Nearest neighbour.
    Nearest,
    /// Trilinear.
    Linear,
    /// Cubic B-spline.
    BSpline,
}

/// PyRadiomics' `padDistance`, unless a file says otherwise.
const MARGIN: u64 = 5;

impl Prepare {
    /// Reads the section.
    pub(super) fn read(section: &Section<'_>) -> Self {
        let words = [("nearest", Between::Nearest), ("linear", Between::Linear), ("b-spline", Between::BSpline)];
        let mut prepare = Self {
            normalise_scale: section.get("normalise_scale"),
            remove_outliers: section.get("remove_outliers"),
            spacing_mm: section.get("spacing_mm"),
            image: section.choice("image", &words),
            margin_voxels: section.get("margin_voxels"),
        };
        section.finish();
        for (key, value) in [("normalise_scale", prepare.normalise_scale), ("remove_outliers", prepare.remove_outliers)]
        {
            if value.is_some_and(|value| !(value > 0.0 && value.is_finite())) {
                section.error_at(key, format!("`{key}` must be above 0"));
            }
        }
        if prepare.remove_outliers.is_some() && prepare.normalise_scale.is_none() {
            section.error_at("remove_outliers", "`remove_outliers` has a meaning only with `normalise_scale`");
        }
        let is_spacing = |mm: &f64| *mm == 0.0 || (0.01..=1000.0).contains(mm);
        match prepare.spacing_mm {
            Some(spacing) if !spacing.iter().all(is_spacing) => section.error_at(
                "spacing_mm",
                format!("{spacing:?} mm is not a spacing: expected 0.01 to 1000, or 0 to keep the scan's"),
            ),
            Some(_) => {
                prepare.image.get_or_insert(Between::BSpline);
                prepare.margin_voxels.get_or_insert(MARGIN);
            }
            None if prepare.image.is_some() => {
                section.error_at("image", "`image` has a meaning only with `spacing_mm`");
            }
            None => {}
        }
        prepare
    }

    /// Says what an experiment with this section must not have: what is done is PyRadiomics', which looks at one region.
    pub(super) fn check(
        self,
        section: &Section<'_>,
        compat: Option<Compat>,
        regions: &[Region],
        is_interpolated: bool,
    ) {
        if compat != Some(Compat::Pyradiomics) {
            section.error("[prepare] does what PyRadiomics does: it needs compat = \"pyradiomics\" at the top");
        }
        if is_interpolated && self.spacing_mm.is_some() {
            section.error_at("spacing_mm", "[prepare] and [interpolation] both name a new grid: take one of them away");
        }
        let drawn = regions.iter().filter(|region| region.from.is_drawn()).count();
        if self.margin_voxels.is_some() && (regions.len() != 1 || drawn != 1) {
            section.error(format!(
                "[prepare] cuts the scan to one region that is drawn in a mask, and this experiment has {} regions: write an \
                 experiment for each",
                regions.len()
            ));
        }
    }
}

impl fmt::Display for Between {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nearest => "the nearest voxel",
            Self::Linear => "linear interpolation",
            Self::BSpline => "a cubic B-spline",
        })
    }
}

impl fmt::Display for Prepare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut said = Vec::new();
        if let Some(scale) = self.normalise_scale {
            let cut = self.remove_outliers.map(|limit| format!(", cut off at {limit} of them")).unwrap_or_default();
            said.push(format!("intensities with a mean of 0 and a standard deviation of {scale}{cut}"));
        }
        if let Some(spacing) = self.spacing_mm {
            let kept = |mm: f64| if mm == 0.0 { "as scanned".to_owned() } else { mm.to_string() };
            let by = self.image.map(|by| format!(" by {by}")).unwrap_or_default();
            said.push(format!("voxels of {} mm{by} on SimpleITK's grid", spacing.map(kept).join(" × ")));
        }
        if let Some(margin) = self.margin_voxels {
            said.push(format!("the region and {margin} voxels around it"));
        }
        f.write_str(&said.join("; "))
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::Experiment;

    fn wrong(text: &str) -> String {
        let read = Experiment::from_text(Path::new("an.toml"), Path::new("."), text, &[]).expect("it is TOML");
        read.mistakes.render()
    }

    #[test]
    fn what_pyradiomics_would_not_do_is_refused() {
        let head = "compat = \"pyradiomics\"\n[plugins]\nuse = [\"features-pyradiomics\"]\n[regions.tumour]\n";
        let with = |keys: &str| wrong(&format!("{head}[prepare]\n{keys}\n"));
        assert_eq!(with("normalise_scale = 100\nremove_outliers = 3\nspacing_mm = [1, 1, 0]"), "");
        assert!(with("remove_outliers = 3").contains("only with `normalise_scale`"));
        assert!(with("normalise_scale = 0").contains("must be above 0"));
        assert!(with("spacing_mm = [1, 1, -1]").contains("is not a spacing"));
        assert!(with("image = \"linear\"").contains("only with `spacing_mm`"));
        assert!(
            with("spacing_mm = [1, 1, 1]\n[interpolation]\nspacing_mm = [1, 1, 1]").contains("both name a new grid")
        );
        assert!(
            with("margin_voxels = 5\n[regions.rim]\nring_of = \"tumour\"\noutward_mm = 3").contains("has 2 regions")
        );
        let plain = "[plugins]\nuse = []\n[regions.tumour]\n[prepare]\nmargin_voxels = 5\n";
        assert!(wrong(plain).contains("needs compat = \"pyradiomics\""));
    }
}
