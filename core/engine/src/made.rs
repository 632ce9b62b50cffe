//! Cases that the program makes: IBSI's digital phantom, and a synthetic CT with a lesion.
//!
//! They are written as NIfTI files and go through the same doors as anybody's scans.

use nifti::{NiftiHeader, writer::WriterOptions};

use crate::{cases::Case, output::Folder};

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

/// Makes cases and writes their files into a folder. One that is there with the same bytes stays as it is.
///
/// # Errors
/// If a kind is not known, or a file cannot be written: also one that somebody else has put there.
pub fn cases(kinds: &[String], folder: &Folder) -> Result<Vec<Case>, String> {
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
    made.iter().map(|made| write(made, folder)).collect()
}

fn write(made: &Made, folder: &Folder) -> Result<Case, String> {
    let names = [format!("{}.nii.gz", made.name), format!("{}-mask.nii.gz", made.name)];
    let aside = tempfile::tempdir().map_err(|cause| format!("cannot make a temporary folder: {cause}"))?;
    let fail = |cause: nifti::NiftiError| format!("cannot write the case {}: {cause}", made.name);
    let header = header(made);
    // The writer takes a path, and writes as it goes: a run beside this one would read half a scan.
    let paths = names.each_ref().map(|name| aside.path().join(name));
    let options = |path| WriterOptions::new(path).reference_header(&header);
    options(&paths[0]).write_nifti(&array(made.dims, &made.image)).map_err(fail)?;
    options(&paths[1]).write_nifti(&array(made.dims, &made.mask)).map_err(fail)?;
    for (name, path) in names.iter().zip(&paths) {
        let bytes = std::fs::read(path).map_err(|cause| format!("cannot read {}: {cause}", path.display()))?;
        folder.write(name, |out| out.write_all(&bytes))?;
    }
    let [image, mask] = names.map(|name| folder.path().join(name));
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
