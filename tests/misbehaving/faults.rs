//! The faults that `misbehaves` commits on request, named once for the plugins and for the tests.
//!
//! A case file of its loader holds `made <fault>`. The loader commits those of its own kind; of every other it makes an
//! image whose intensities, and whose origin along *x*, are the fault's index here, so that whichever stage comes to it
//! knows what to do.

/// Every fault; 0 is none.
pub const FAULTS: &[&str] = &[
    "none",
    "load.panic_in_recognises",
    "load.panic",
    "load.refuses",
    "load.too_few_voxels",
    "load.endless_grid",
    "load.no_voxels",
    "load.origin_nan",
    "load.spacing_zero",
    "load.axes_not_orthogonal",
    "load.two_scalings_for_four_slices",
    "load.scaling_infinite",
    "load.mask_beyond_image",
    "load.label_nan",
    "load.no_image",
    "load.two_images",
    "filter.panic",
    "filter.panic_in_margin",
    "filter.another_size",
    "filter.other_maps",
    "filter.nan",
    "features.panic",
    "features.panic_in_chunk",
    "features.panic_of_many_lines",
    "features.too_few",
    "features.unknown",
    "features.twice",
    "features.nan",
    "features.infinite",
    "features.undefined",
    "features.undefined_without_reason",
    "predict.panic",
    "predict.nan",
    "predict.too_many_contributions",
    "predict.contribution_infinite",
];

/// The fault that an intensity or an origin stands for.
#[allow(dead_code)]
pub fn of(index: f64) -> &'static str {
    FAULTS.get(index as usize).copied().unwrap_or("none")
}
