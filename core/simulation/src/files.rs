//! Files: scans as NIfTI, and tables.

use std::{fmt::Display, path::Path};

use ndarray::{Array3, ShapeBuilder};
use nifti::{NiftiHeader, writer::WriterOptions};

use crate::{Error, Row, frame::Frame, scan::Scan};

/// What stands in the description of every scan's header.
pub(crate) const DESCRIPTION: &str = "simulated by Voxomics: no patient";

/// The files of a patient's scan in the folder of a cohort, relative to it: image and mask.
pub(crate) fn scan_paths(patient: &str) -> [String; 2] {
    [format!("scans/{patient}.nii.gz"), format!("scans/{patient}-mask.nii.gz")]
}

/// Writes a scan and its mask under a cohort's folder.
pub(crate) fn write_scan(scan: Scan, patient: &str, folder: &Path) -> Result<(), Error> {
    let [image, mask] = scan_paths(patient).map(|path| folder.join(path));
    let header = header(&scan.frame).map_err(failed(&image))?;
    let options = |path| WriterOptions::new(path).reference_header(&header);
    let voxels = array(scan.frame.dims, scan.image, &image)?;
    options(&image).write_nifti(&voxels).map_err(failed(&image))?;
    let labels = array(scan.frame.dims, scan.mask, &mask)?;
    options(&mask).write_nifti(&labels).map_err(failed(&mask))
}

fn array<T>([nx, ny, nz]: [usize; 3], voxels: Vec<T>, path: &Path) -> Result<Array3<T>, Error> {
    Array3::from_shape_vec((nx, ny, nz).f(), voxels).map_err(failed(path))
}

/// NIfTI is RAS: x and y of a scan in LPS run against it.
fn header(frame: &Frame) -> Result<NiftiHeader, nifti::NiftiError> {
    let [sx, sy, sz] = frame.spacing_mm.map(|mm| mm as f32);
    let [ox, oy, oz] = frame.origin_mm.map(|mm| mm as f32);
    let mut header = NiftiHeader {
        pixdim: [1.0, sx, sy, sz, 0.0, 0.0, 0.0, 0.0],
        sform_code: 1,
        srow_x: [-sx, 0.0, 0.0, -ox],
        srow_y: [0.0, -sy, 0.0, -oy],
        srow_z: [0.0, 0.0, sz, oz],
        // Millimetres.
        xyzt_units: 2,
        ..NiftiHeader::default()
    };
    header.set_description_str(DESCRIPTION)?;
    Ok(header)
}

/// Writes a table whose rows all have the same columns.
pub(crate) fn write_table(path: &Path, rows: &[Row]) -> Result<(), Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    if let Some(first) = rows.first() {
        writer.write_record(first.iter().map(|(column, _)| column)).map_err(failed(path))?;
    }
    for row in rows {
        writer.write_record(row.iter().map(|(_, value)| value)).map_err(failed(path))?;
    }
    write(path, &writer.into_inner().map_err(failed(path))?)
}

/// Writes a file under another name and gives it its own when it is whole.
pub(crate) fn write(path: &Path, content: &[u8]) -> Result<(), Error> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    let part = path.with_file_name(name);
    std::fs::write(&part, content).map_err(failed(&part))?;
    std::fs::rename(&part, path).map_err(failed(path))
}

/// What could not be done with a file.
pub(crate) fn failed<E: Display>(path: &Path) -> impl FnOnce(E) -> Error {
    let path = path.to_owned();
    move |cause| Error::File { path, cause: cause.to_string() }
}
