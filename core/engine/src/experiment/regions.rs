//! Regions: which voxels features are computed of.

mod read;

use serde::Serialize;

use super::{Fit, Limits, Origin, PluginSettings};

pub(super) use read::regions;

/// A region.
#[derive(Debug, Clone, Serialize)]
pub struct Region {
    /// Its name.
    pub name: String,
    /// The section that asks for it: its name without what a section of several regions adds.
    #[serde(skip)]
    pub section: String,
    /// Which voxels.
    pub from: RegionFrom,
    /// The mask of the case that its labels are in, by the word after `mask.`; none for the one without a word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mask: Option<String>,
    /// Which connected components.
    pub components: Components,
    /// Only voxels of these intensities (after interpolation).
    pub intensities: Option<Limits>,
    /// Not the voxels of these regions.
    pub exclude: Vec<String>,
    /// Only the voxels of these regions; of the whole scan if there is none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub within: Vec<String>,
    /// The least number of voxels that it must have, on the grid of the features.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_voxels: Option<u64>,
    /// Whether features are computed of it; false for one that only serves others.
    pub features: bool,
    /// Settings of the plugin that makes it, and where what it was fitted to comes from.
    #[serde(skip)]
    pub maker: Option<(PluginSettings, Fit)>,
    /// Where it stands.
    #[serde(skip)]
    pub origin: Origin,
}

/// Which voxels make a region.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RegionFrom {
    /// The label or the region that the case list gives; otherwise the only region that the segmentation names, or
    /// label 1 of one that names none.
    CaseLabel,
    /// The label or the region that the case list gives; otherwise this label.
    CaseLabelOr(f64),
    /// These labels.
    Labels(Vec<f64>),
    /// Every label but 0.
    Any,
    /// The one region of the segmentation that this name, pattern or number fits.
    Named(String),
    /// Every region of the segmentation that one of these names, patterns or numbers fits.
    AllNamed(Vec<String>),
    /// The voxels of these regions.
    Union(Vec<String>),
    /// Around the surface of another region.
    Ring {
        /// The other region.
        of: String,
        /// Reach outward from its surface, mm.
        outward_mm: f64,
        /// Reach inward, mm.
        inward_mm: f64,
        /// Whether it is drawn on the scan's own grid instead of the interpolated one.
        on_original_grid: bool,
    },
    /// A layer around the surface of another region, between two distances from it: above 0 outside, below 0 inside.
    Shell {
        /// The other region.
        of: String,
        /// The nearer distance of a layer outside, or the deeper one of a layer inside, mm.
        from_mm: f64,
        /// The other distance, mm.
        to_mm: f64,
    },
    /// The innermost part of another region.
    Core {
        /// The other region.
        of: String,
        /// How much of it.
        innermost: Innermost,
    },
    /// The part of another region that lies in one direction, in the patient's axial plane.
    Sector {
        /// The other region.
        of: String,
        /// The region from whose centre the directions run.
        about: String,
        /// Number of the sector, from 1.
        number: u32,
        /// Number of sectors.
        count: u32,
    },
    /// One of the regions that a plugin makes of another region and the scan.
    Made {
        /// The other region.
        of: String,
        /// Id of the plugin.
        maker: String,
        /// The images that it is made of, by name; none for the scan alone.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        images: Vec<String>,
        /// Name of the region, as the plugin has it.
        take: String,
        /// Settings of the plugin; with their defaults once the plan knows them.
        settings: serde_json::Value,
        /// SHA-256 of what was fitted, once that is known.
        #[serde(skip_serializing_if = "Option::is_none")]
        state: Option<String>,
    },
}

/// How much of a region is its core.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Innermost {
    /// The voxels that lie further than this from the nearest voxel outside, mm.
    DeeperThanMm(f64),
    /// The deepest voxels that make up this share of the volume.
    VolumeShare(f64),
}

impl RegionFrom {
    /// Whether it is drawn from the labels of a mask, and not made of other regions.
    pub fn is_drawn(&self) -> bool {
        self.followed().is_none() && !matches!(self, Self::Union(_))
    }

    /// The region that it is made around or of, component by component.
    pub fn followed(&self) -> Option<&String> {
        match self {
            Self::Ring { of, .. }
            | Self::Shell { of, .. }
            | Self::Core { of, .. }
            | Self::Sector { of, .. }
            | Self::Made { of, .. } => Some(of),
            _ => None,
        }
    }

    /// Every region that it is made of.
    pub fn sources(&self) -> impl Iterator<Item = &String> {
        let union: &[String] = if let Self::Union(of) = self { of } else { &[] };
        let about = if let Self::Sector { about, .. } = self { Some(about) } else { None };
        self.followed().into_iter().chain(about).chain(union)
    }
}

/// Which connected components of a region.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Components {
    /// All, as one region.
    All,
    /// The one with most voxels.
    Largest,
    /// Each as a region of its own.
    Each,
}
