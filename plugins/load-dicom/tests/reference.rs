//! Real series, against figures that pydicom gives (`oracle/dicom.py`). They are read where the environment variable
//! `VOXOMICS_REFERENCE` names the folder of the reference data.

mod common;

use std::path::PathBuf;

use common::load;
use sha2::{Digest as _, Sha256};
use voxomics_sdk::Loaded;

struct Figures {
    dims: [u64; 3],
    spacing: [f64; 3],
    origin: [f64; 3],
    direction: [[f64; 3]; 3],
    mean: f64,
    sha256: &'static str,
}

const AXIAL: [[f64; 3]; 3] = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];

fn check(series: &str, figures: &Figures) -> Option<Loaded> {
    let Some(reference) = std::env::var_os("VOXOMICS_REFERENCE").map(PathBuf::from) else {
        println!("{series}: not read, VOXOMICS_REFERENCE is not set");
        return None;
    };
    let loaded = load(&reference.join(series)).unwrap_or_else(|error| panic!("{series}: {error}"));
    let scan = &loaded.images[0];
    assert_eq!(
        (scan.grid.dims, scan.grid.origin, scan.grid.direction),
        (figures.dims, figures.origin, figures.direction)
    );
    for axis in 0..3 {
        let (found, expected) = (scan.grid.spacing[axis], figures.spacing[axis]);
        assert!((found - expected).abs() < 1e-12, "{series}: {found} and {expected}");
    }
    let little: Vec<u8> =
        scan.voxels.as_chunks::<2>().0.iter().flat_map(|v| u16::from_ne_bytes(*v).to_le_bytes()).collect();
    let digest: String = Sha256::digest(&little).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(digest, figures.sha256, "{series}");
    let slice = (figures.dims[0] * figures.dims[1]) as usize;
    let is_unsigned = scan.voxel_type == voxomics_sdk::VoxelType::U16;
    let mut sum = 0.0;
    for (index, slice) in scan.voxels.chunks(2 * slice).enumerate() {
        let scaling = scan.scaling.get(index).unwrap_or(&scan.scaling[0]);
        for bytes in slice.as_chunks::<2>().0 {
            let stored =
                if is_unsigned { f64::from(u16::from_ne_bytes(*bytes)) } else { f64::from(i16::from_ne_bytes(*bytes)) };
            sum += scaling.slope * stored + scaling.intercept;
        }
    }
    let mean = sum / figures.dims.iter().product::<u64>() as f64;
    assert!((mean / figures.mean - 1.0).abs() < 1e-9, "{series}: {mean} and {}", figures.mean);
    Some(loaded)
}

#[test]
fn the_ct_phantom() {
    check(
        "ibsi/ibsi1/ct_phantom_dicom/image",
        &Figures {
            dims: [204, 201, 60],
            spacing: [0.97699999809265, 0.97699999809265, 2.9999999999998486],
            origin: [-174.39450073242, -79.625503540039, -100.40000152587],
            direction: AXIAL,
            mean: -266.4703671186551,
            sha256: "4ee2788a937ce234236de4854a184112ae739db8afcc5a06aa42c346f40a4d1b",
        },
    );
}

#[test]
fn ct_of_a_sarcoma() {
    let loaded = check(
        "dicom/sts_005/CT/image",
        &Figures {
            dims: [162, 199, 79],
            spacing: [0.976562, 0.976562, 3.27],
            origin: [91.7966999999999, -72.265715999999, -463.61],
            direction: AXIAL,
            mean: -282.74020752300333,
            sha256: "01b4c81a4d176a259814ee8d6783c96a43f1612bd97e4eadf3d4fa6b7c476c23",
        },
    );
    assert!(loaded.is_none_or(|loaded| loaded.metadata["KVP"] == 140.0));
}

#[test]
fn mr_of_a_sarcoma() {
    check(
        "dicom/sts_005/MR_T1/image",
        &Figures {
            dims: [126, 155, 79],
            spacing: [0.976562, 0.976562, 3.269959999999872],
            origin: [123.046689999999, -45.898519999999, -463.60961999999],
            direction: AXIAL,
            mean: 416.95245678508235,
            sha256: "6adb7d5255f70bb3912d0948133eea473e9455497b5ac2cb3b02e7c6c0c2f1e4",
        },
    );
}

#[test]
fn pet_of_a_sarcoma_in_suv() {
    let loaded = check(
        "dicom/sts_005/PET/image",
        &Figures {
            dims: [37, 37, 79],
            spacing: [5.46875, 5.46875, 3.2699999999999996],
            origin: [90.2343799999999, -73.82812, -463.59],
            direction: AXIAL,
            mean: 0.7015830241720635,
            sha256: "4d0c8c6c0fbf2dfce54c95ae48f0c1ced39a8f1671c837ca09415e9262e579e7",
        },
    );
    assert!(loaded.is_none_or(|loaded| loaded.images[0].scaling.len() == 79));
}

#[test]
fn mr_of_a_breast() {
    check(
        "dicom/breast_mr_seg/image_dce_pe1",
        &Figures {
            dims: [256, 256, 60],
            spacing: [0.703125, 0.703125, 2.00000006779661],
            origin: [157.800003, -106.699997, 78.0],
            direction: [[0.0, 1.0, 0.0], [0.0, 0.0, -1.0], [-1.0, 0.0, 0.0]],
            mean: 1.7917711893717447,
            sha256: "4c6e5034d9fcef51692c3d9a9ecdcb450032f31437815817fa7c3c78f759b4e1",
        },
    );
}
