//! The features, each once: what describes it and where its value is found.

use voxomics_imaging::local_intensity::Peaks;
use voxomics_sdk::Feature;

/// A feature, in the unit of the intensities.
#[derive(Clone, Copy)]
pub(crate) struct Entry {
    pub(crate) id: &'static str,
    title: &'static str,
    pub(crate) ibsi: &'static str,
    meaning: &'static str,
    equation: &'static str,
    pub(crate) value: fn(&Peaks) -> f64,
}

impl Entry {
    pub(crate) fn describe(&self) -> Feature {
        Feature::new(self.id, self.title)
            .ibsi(self.ibsi)
            .unit("intensity")
            .meaning(self.meaning)
            .equation(self.equation)
    }
}

/// The local intensity features in IBSI's order.
pub(crate) const FEATURES: [Entry; 2] = [
    Entry {
        id: "local_intensity_peak",
        title: "Local intensity peak",
        ibsi: "VJGA",
        meaning: "the surroundings of the brightest voxel are bright",
        equation: "mean over the voxels, in the region or not, within (3 / (4 pi))^(1/3) cm of the region's brightest \
                   voxel; of several such voxels, the highest mean",
        value: |peaks| peaks.local,
    },
    Entry {
        id: "global_intensity_peak",
        title: "Global intensity peak",
        ibsi: "0F91",
        meaning: "the surroundings of some voxel are bright",
        equation: "highest mean over the voxels, in the region or not, within (3 / (4 pi))^(1/3) cm of any voxel of \
                   the region",
        value: |peaks| peaks.global,
    },
];
