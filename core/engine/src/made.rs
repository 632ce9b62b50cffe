//! Cases that the program makes: IBSI's digital phantom, and a synthetic CT with a lesion.
//!
//! They are written as NIfTI files and go through the same doors as anybody's scans.

use std::path::Path;

use nifti::{NiftiHeader, writer::WriterOptions};

use crate::cases::Case;

mod phantom;
mod synthetic;

pub use phantom::{
    DIMS as PHANTOM_DIMS, IMAGE as PHANTOM_IMAGE, MASK as PHANTOM_MASK, SPACING_MM as PHANTOM_SPACING_MM,
};

/// What can be made, and what it is.
pub const KINDS: [(&str, &str); 2] = [
    ("digital-phantom", "the 5 × 4 × 4 digital phantom of IBSI 1 (arXiv:1612.07003, CC BY 4.0)"),
    ("synthetic-ct", "three synthetic CTs of 96 × 96 × 40 voxels with a lesion"),
];

/// An image and its mask, before they are files.
struct Made {
    name: String,
    dims: [usize; 3],
    spacing_mm: [f64; 3],
    image: Vec<i16>,
    mask: Vec<u8>,
    /// As DICOM would name it.
    modality: &'static str,
}

/// Makes cases and writes their files into a folder.
///
/// # Errors
/// If a kind is not known, or a file cannot be written.
pub fn cases(kinds: &[String], folder: &Path) -> Result<Vec<Case>, String> {
    let mut made = Vec::new();
    for kind in kinds {
        match kind.as_str() {
            "digital-phantom" => made.push(phantom::make()),
            "synthetic-ct" => made.extend((1..=3).map(synthetic::make)),
            other => {
                let known: Vec<&str> = KINDS.iter().map(|(name, _)| *name).collect();
                let near = crate::experiment::suggestion(other, known);
                return Err(format!("cases.make: the program cannot make `{other}`{near}"));
            }
        }
    }
    std::fs::create_dir_all(folder).map_err(|cause| format!("cannot make the folder {}: {cause}", folder.display()))?;
    made.iter().map(|made| write(made, folder)).collect()
}

fn write(made: &Made, folder: &Path) -> Result<Case, String> {
    let image = folder.join(format!("{}.nii.gz", made.name));
    let mask = folder.join(format!("{}-mask.nii.gz", made.name));
    let fail =
        |cause: nifti::NiftiError| format!("cannot write the case {} to {}: {cause}", made.name, folder.display());
    let header = header(made);
    let options = |path| WriterOptions::new(path).reference_header(&header);
    options(&image).write_nifti(&array(made.dims, &made.image)).map_err(fail)?;
    options(&mask).write_nifti(&array(made.dims, &made.mask)).map_err(fail)?;
    Ok(Case { made_as: Some(made.modality), ..Case::new(made.name.clone(), image, mask) })
}

fn array<T: Copy>([nx, ny, nz]: [usize; 3], voxels: &[T]) -> ndarray::Array3<T> {
    ndarray::Array3::from_shape_fn((nx, ny, nz), |(x, y, z)| voxels[(z * ny + y) * nx + x])
}

/// NIfTI is RAS: x and y of a scan in LPS run against it.
fn header(made: &Made) -> NiftiHeader {
    let [sx, sy, sz] = made.spacing_mm.map(|mm| mm as f32);
    NiftiHeader {
        pixdim: [1.0, sx, sy, sz, 0.0, 0.0, 0.0, 0.0],
        sform_code: 1,
        srow_x: [-sx, 0.0, 0.0, 0.0],
        srow_y: [0.0, -sy, 0.0, 0.0],
        srow_z: [0.0, 0.0, sz, 0.0],
        xyzt_units: 2,
        ..NiftiHeader::default()
    }
}
