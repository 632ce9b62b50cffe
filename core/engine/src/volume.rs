//! Voxels as a file that other programs open: NIfTI-1 or NRRD, at their place in the patient.

use std::{
    fs::File,
    io::{self, BufWriter, Write},
    path::Path,
};

use flate2::{Compression, write::GzEncoder};

use ndarray::{ArrayView3, ShapeBuilder as _};
use nifti::{NiftiHeader, writer::WriterOptions};
use voxomics_imaging::Grid;

/// The voxels of a volume, *x* fastest.
#[derive(Debug, Clone, Copy)]
pub enum Voxels<'a> {
    /// Intensities, to the last bit.
    Intensities(&'a [f64]),
    /// A mask: 1 inside, 0 outside.
    Mask(&'a [u8]),
    /// Grey levels; 0 outside.
    Levels(&'a [u16]),
    /// The values of a region alone, in the order of its voxels, to the last bit.
    Values {
        /// The region: 1 where there is a value.
        mask: &'a [u8],
        /// As many as the region has voxels.
        values: &'a [f64],
        /// What stands elsewhere.
        fill: f64,
    },
}

impl Voxels<'_> {
    /// The values of a region with what stands elsewhere, voxel after voxel: so a large map needs no memory for its surroundings.
    fn spread<'v>(mask: &'v [u8], values: &'v [f64], fill: f64) -> impl Iterator<Item = f64> + 'v {
        let mut values = values.iter();
        mask.iter().map(move |inside| if *inside == 0 { fill } else { values.next().copied().unwrap_or(fill) })
    }
}

/// The ends of the names of files that can be written.
pub const ENDS: [&str; 3] = [".nii.gz", ".nii", NRRD];

const NRRD: &str = ".nrrd";

/// So many numbers are compressed between two looks at whether to go on.
const AT_ONCE: usize = 1 << 16;

/// Writes a volume. A name that ends in `.gz` is compressed, and so is NRRD. The header of NIfTI-1 keeps places in single
/// precision, that of NRRD in double.
///
/// # Errors
/// Why it cannot be written.
pub fn write(path: &Path, grid: &Grid, voxels: Voxels<'_>) -> Result<(), String> {
    write_unless(path, grid, voxels, &|| false)
}

/// The same, unless it is given up in between: a large NRRD takes seconds.
///
/// # Errors
/// Why it cannot be written.
pub fn write_unless(path: &Path, grid: &Grid, voxels: Voxels<'_>, given_up: &dyn Fn() -> bool) -> Result<(), String> {
    let fail = |cause: &dyn std::fmt::Display| format!("cannot write {}: {cause}", path.display());
    if path.to_string_lossy().ends_with(NRRD) {
        return nrrd(path, grid, voxels, given_up).map_err(|cause| fail(&cause));
    }
    let shape = (grid.dims[0], grid.dims[1], grid.dims[2]).f();
    let header = header(grid);
    let options = WriterOptions::new(path).reference_header(&header);
    let written = match voxels {
        Voxels::Intensities(voxels) => {
            options.write_nifti(&ArrayView3::from_shape(shape, voxels).map_err(|cause| fail(&cause))?)
        }
        Voxels::Mask(voxels) => {
            options.write_nifti(&ArrayView3::from_shape(shape, voxels).map_err(|cause| fail(&cause))?)
        }
        Voxels::Values { mask, values, fill } => {
            let voxels: Vec<f64> = Voxels::spread(mask, values, fill).collect();
            options.write_nifti(&ArrayView3::from_shape(shape, &voxels).map_err(|cause| fail(&cause))?)
        }
        Voxels::Levels(voxels) => {
            options.write_nifti(&ArrayView3::from_shape(shape, voxels).map_err(|cause| fail(&cause))?)
        }
    };
    written.map_err(|cause| fail(&cause))
}

/// NIfTI is RAS: *x* and *y* of a place in LPS run against it.
fn header(grid: &Grid) -> NiftiHeader {
    let row = |row: usize| -> [f32; 4] {
        let sign = if row == 2 { 1.0 } else { -1.0 };
        std::array::from_fn(|column| match column {
            3 => (sign * grid.origin[row]) as f32,
            axis => (sign * grid.spacing[axis] * grid.direction[axis][row]) as f32,
        })
    };
    let [sx, sy, sz] = grid.spacing.map(|mm| mm as f32);
    NiftiHeader {
        pixdim: [1.0, sx, sy, sz, 0.0, 0.0, 0.0, 0.0],
        qform_code: 0,
        // Coordinates of the scanner.
        sform_code: 1,
        srow_x: row(0),
        srow_y: row(1),
        srow_z: row(2),
        // Millimetres.
        xyzt_units: 2,
        ..NiftiHeader::default()
    }
}

/// NRRD is in LPS, as the grid is; what is compressed is the raw data, the least significant byte first.
fn nrrd(path: &Path, grid: &Grid, voxels: Voxels<'_>, given_up: &dyn Fn() -> bool) -> io::Result<()> {
    let kind = match voxels {
        Voxels::Intensities(_) | Voxels::Values { .. } => "double",
        Voxels::Mask(_) => "uint8",
        Voxels::Levels(_) => "uint16",
    };
    let vector = |v: [f64; 3]| format!("({},{},{})", v[0], v[1], v[2]);
    let axes: [String; 3] = std::array::from_fn(|axis| vector(grid.direction[axis].map(|d| d * grid.spacing[axis])));
    let mut file = BufWriter::new(File::create(path)?);
    write!(
        file,
        "NRRD0004\ntype: {kind}\ndimension: 3\nspace: left-posterior-superior\nsizes: {}\nspace directions: {}\n\
         kinds: domain domain domain\nendian: little\nencoding: gzip\nspace origin: {}\n\n",
        grid.dims.map(|n| n.to_string()).join(" "),
        axes.join(" "),
        vector(grid.origin)
    )?;
    let mut data = GzEncoder::new(file, Compression::fast());
    match voxels {
        Voxels::Intensities(voxels) => numbers(&mut data, voxels.iter().copied(), given_up)?,
        Voxels::Values { mask, values, fill } => numbers(&mut data, Voxels::spread(mask, values, fill), given_up)?,
        Voxels::Mask(voxels) => data.write_all(voxels)?,
        Voxels::Levels(voxels) => voxels.iter().try_for_each(|x| data.write_all(&x.to_le_bytes()))?,
    }
    data.finish()?.flush()
}

fn numbers(to: &mut impl Write, numbers: impl Iterator<Item = f64>, given_up: &dyn Fn() -> bool) -> io::Result<()> {
    let (mut numbers, mut bytes) = (numbers.peekable(), Vec::with_capacity(8 * AT_ONCE));
    while numbers.peek().is_some() {
        if given_up() {
            return Err(io::Error::other("given up"));
        }
        bytes.clear();
        bytes.extend(numbers.by_ref().take(AT_ONCE).flat_map(f64::to_le_bytes));
        to.write_all(&bytes)?;
    }
    Ok(())
}
