//! The features, each once: what describes it and where its value is found.

use std::sync::LazyLock;

use voxomics_imaging::local_intensity::Peaks;
use voxomics_sdk::Feature;

/// The local intensity features in IBSI's order, in the unit of the intensities.
pub(crate) static FEATURES: LazyLock<[Feature<Peaks>; 2]> =
    LazyLock::new(|| {
        [
    Feature::new("local_intensity_peak", "Local intensity peak")
        .ibsi("VJGA")
        .unit("intensity")
        .meaning("the surroundings of the brightest voxel are bright")
        .equation("mean over the voxels, in the region or not, within (3 / (4 pi))^(1/3) cm of the region's brightest \
                   voxel; of several such voxels, the highest mean")
        .value(|peaks| Ok(peaks.local)),
    Feature::new("global_intensity_peak", "Global intensity peak")
        .ibsi("0F91")
        .unit("intensity")
        .meaning("the surroundings of some voxel are bright")
        .equation("highest mean over the voxels, in the region or not, within (3 / (4 pi))^(1/3) cm of any voxel of \
                   the region")
        .value(|peaks| Ok(peaks.global)),
    ]
    });
