//! Every fault in words: what was found, what was expected, what to do.

use crate::error::{Fault, Form};
use std::fmt;
use voxomics_reading::RENEW;
use voxomics_reading::geometry::{MAX_COSINE, MAX_ORIGIN, MAX_SPACING, MIN_SPACING};

const CORRECT: &str = "correct the geometry in the header or resample the scan";

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(fault) => fault.fmt(f),
            Self::NotNifti { start } => write!(
                f,
                "not a NIfTI file: it starts with \"{}\", expected a header of 348 or 540 bytes with the magic n+1, \
                 ni1, n+2 or ni2; choose the loader of its format or convert it",
                start.escape_ascii()
            ),
            Self::PartnerMissing { wanted } => write!(
                f,
                "header and voxels are in two files, and {} is missing; put both into one folder",
                wanted.display()
            ),
            Self::UnsupportedType { code, name } => write!(
                f,
                "voxels are of type {name} (datatype {code}), expected integers of 8 to 64 bits or floats of 32 or 64; \
                 convert the file to one of these"
            ),
            Self::HeaderTruncated { expected, found } => {
                write!(f, "the file ends after {found} bytes, expected a header of {expected}; {RENEW}")
            }
            Self::HeaderSize { found, expected } => {
                write!(f, "sizeof_hdr is {found}, expected {expected} as the magic says; {RENEW}")
            }
            Self::MagicMissing { found } => write!(
                f,
                "the magic is \"{}\", expected n+1 or ni1; if this is an ANALYZE header, name it .hdr, else convert the \
                 file",
                found.escape_ascii()
            ),
            Self::MagicMangled { found } => write!(
                f,
                "the NIfTI-2 magic ends with \"{}\", expected \"\\r\\n\\x1a\\n\": the file was transferred as text; \
                 transfer it again in binary mode",
                found.escape_ascii()
            ),
            Self::DimensionCount { found } => {
                write!(f, "dim[0] is {found}, expected 2 to 7 dimensions; export the scan as one 3-D volume")
            }
            Self::Extent { axis, found } => {
                write!(f, "dim[{axis}] is {found}, expected a size of at least 1 that fits into memory; {RENEW}")
            }
            Self::BitsPerVoxel { found, datatype, voxel_type } => write!(
                f,
                "bitpix is {found}, expected {} as of datatype {datatype} ({}): the header is damaged; {RENEW}",
                8 * voxel_type.size(),
                voxel_type.name()
            ),
            Self::NotOneVolume { dims } => write!(
                f,
                "the file holds a series with the sizes {dims:?}, expected one volume; split it and name the volume"
            ),
            Self::Unit { code, spacing } => write!(
                f,
                "xyzt_units is {} ({}), by which voxels have {spacing:?} mm, expected mm; correct the unit of the header (2 is mm) \
                 or its spacing",
                code,
                if code & 7 == 1 { "metres" } else { "micrometres" }
            ),
            Self::Intercept { slope, intercept } => write!(
                f,
                "scl_slope is {slope} but scl_inter is {intercept}, expected a finite number; correct the header"
            ),
            Self::AmbiguousScaling { slope, intercept } => write!(
                f,
                "an ANALYZE header with funused1 = {slope}, funused2 = {intercept}, which some programs apply as slope \
                 and intercept and others ignore, expected 0 or 1 and 0; convert the file to NIfTI"
            ),
            Self::VoxelOffset { found, least, most } => write!(
                f,
                "vox_offset is {found}, expected a whole number of bytes from {least} to {most}; correct the header or \
                 export the file again"
            ),
            Self::AffineNotFinite { form, affine } => {
                write!(f, "the {form} holds {}, expected finite numbers; {CORRECT}", Matrix(affine))
            }
            Self::AffineSingular { form, affine } => {
                write!(f, "the {form} is singular: {}, expected three independent axes; {CORRECT}", Matrix(affine))
            }
            Self::AffineSheared { form, affine, axes: [a, b], cosine } => write!(
                f,
                "the {form} is sheared: axes {a} and {b} meet with a cosine of {cosine:.6}, expected at most {:e} in {}; \
                 resample the scan onto a rectangular grid",
                MAX_COSINE,
                Matrix(affine)
            ),
            Self::SpacingContradiction { sform, pixdim } => write!(
                f,
                "the header has two spacings: the sform says {sform:?} mm, pixdim (and the qform) {pixdim:?} mm, expected the \
                 same; find out which is right, and set scale_from = \"sform\" or \"pixdim\" in [load.nifti], or correct the \
                 header"
            ),
            Self::Spacing { form, spacing } => write!(
                f,
                "the {form} has a voxel spacing of {spacing:?} mm, expected {:e} to {:e} mm; {CORRECT}",
                MIN_SPACING, MAX_SPACING
            ),
            Self::Origin { form, origin } => write!(
                f,
                "the {form} places the first voxel at {origin:?} mm, expected at most {:e} mm; {CORRECT}",
                MAX_ORIGIN
            ),
            Self::Quaternion { found } => write!(
                f,
                "the qform's quaternion (b, c, d) is {found:?}, longer than the 1 expected of a rotation; {CORRECT}"
            ),
        }
    }
}

/// An affine's rows, as a person would write them.
struct Matrix<'a>(&'a [[f64; 3]; 4]);

impl fmt::Display for Matrix<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let row = |axis: usize| self.0.map(|column| column[axis]);
        write!(f, "{:?}, {:?}, {:?}", row(0), row(1), row(2))
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sform => "sform",
            Self::Qform => "qform",
            Self::Pixdim => "pixdim",
        })
    }
}
