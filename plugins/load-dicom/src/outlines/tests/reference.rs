//! The reference data, against the figures of `tests/oracle/outlines.py`.

use std::path::PathBuf;

use voxomics_imaging::Grid;
use voxomics_sdk::testing::TestHost;
use voxomics_sdk::{LoadRequest, Loader as _, Role, Selection};

use crate::outlines::testing::{load, loader, mixed};

/// The folder of the reference data, if there is one here.
fn reference() -> Option<PathBuf> {
    let folder = std::env::var_os("VOXOMICS_REFERENCE").map(PathBuf::from);
    if folder.is_none() {
        println!("VOXOMICS_REFERENCE is not set: nothing was compared");
    }
    folder
}

fn image(folder: PathBuf) -> Grid {
    let request = LoadRequest {
        path: folder,
        role: Role::Image,
        reference: None,
        selection: Selection::default(),
        max_bytes: 1 << 30,
    };
    let loaded = loader().load(&request, &TestHost::new().context()).expect("an image");
    let grid = loaded.images[0].grid;
    Grid { dims: grid.dims.map(|n| n as usize), spacing: grid.spacing, origin: grid.origin, direction: grid.direction }
}

/// The number of voxels, and the place of all of them as one number.
fn figures(folder: &str, image_folder: &str, region: &str, slices: (usize, &[usize])) -> Option<(usize, u64)> {
    let folder = reference()?.join(folder);
    let grid = image(folder.join(image_folder));
    let answer = load(&folder.join("mask"), Some(&grid), &[region]);
    let told = answer.warnings();
    // The threshold of fractions is the one thing that is said of these.
    assert!(told.lines().count() <= 1 && told.contains("fractional segmentation") != told.is_empty(), "{told}");
    let mask = answer.mask(&grid);
    let counts: Vec<usize> =
        mask.chunks(grid.dims[0] * grid.dims[1]).map(|slice| slice.iter().map(|v| usize::from(*v)).sum()).collect();
    assert_eq!(&counts[slices.0..][..slices.1.len()], slices.1);
    let set = (0_u64..).zip(&mask).filter(|(_, voxel)| **voxel == 1);
    let place = set.fold(0_u64, |sum, (i, _)| sum.wrapping_add(mixed(i.wrapping_add(0x9e37_79b9_7f4a_7c15))));
    Some((counts.iter().sum(), place))
}

#[test]
fn the_ct_phantom_has_the_voxels_of_its_nifti_mask() {
    let slices = [
        5663, 5574, 5303, 5532, 6353, 6370, 6996, 6675, 6578, 6447, 6117, 5823, 5689, 5453, 5385, 5266, 5018, 4746,
        4816, 4062, 2932, 2748, 2380, 1850, 1228, 252,
    ];
    let found = figures("ibsi/ibsi1/ct_phantom_dicom", "image", "GTV-1", (17, &slices));
    assert!(found.is_none_or(|found| found == (125_256, 0xbc07_b7ac_91c4_fced)), "{found:x?}");
}

#[test]
fn outlines_of_ct_and_mr_have_the_voxels_of_the_slow_way() {
    let slices = [68, 630, 1396, 2095, 2733, 3245, 3688, 4080, 4429, 4748, 5044, 5297];
    let found = figures("dicom/sts_005/CT", "image", "GTV_Mass_CT", (16, &slices));
    assert!(found.is_none_or(|found| found == (187_576, 0xedec_3966_1981_c8ee)), "{found:x?}");
    let found = figures("dicom/sts_005/MR_T1", "image", "GTV*", (16, &slices));
    assert!(found.is_none_or(|found| found == (187_576, 0x703d_44bf_4108_7c38)), "{found:x?}");
}

#[test]
fn outlines_of_pet_have_the_voxels_of_the_slow_way() {
    let slices = [2, 21, 45, 67, 88, 103, 119, 128, 143, 153, 160, 164, 177, 181, 188, 196, 196, 198];
    let found = figures("dicom/sts_005/PET", "image", "#1", (16, &slices));
    assert!(found.is_none_or(|found| found == (5_985, 0x70c5_48f6_1941_2d44)), "{found:x?}");
}

#[test]
fn a_fractional_segmentation_is_a_part_of_its_sagittal_image() {
    let slices = [328, 431, 533, 676, 808, 1052, 1591, 2120, 2551, 2977, 3255, 3354, 3382, 3138, 2972, 3158];
    let found = figures("dicom/breast_mr_seg", "image_dce_pe1", "Breast", (9, &slices));
    assert!(found.is_none_or(|found| found == (82_527, 0x070d_1fb1_efa6_ed6b)), "{found:x?}");
}
