//! What can be wrong with a file, told so that its owner knows what to do.

use std::path::PathBuf;

use voxomics_reading::Fault as FileFault;
use voxomics_sdk::VoxelType;

/// A file that could not be read, and why.
pub type ReadError = voxomics_reading::ReadError<Fault>;

/// Where a header's geometry comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// The three rows of an affine matrix (NIfTI-1 method 3).
    Sform,
    /// A quaternion, an offset and the grid spacings (NIfTI-1 method 2).
    Qform,
    /// The grid spacings alone (NIfTI-1 method 1, ANALYZE 7.5).
    Pixdim,
}

/// Everything for which a file is refused.
///
/// An affine matrix is given as its three columns followed by its offset, in mm, RAS as in the file.
#[derive(Debug)]
#[non_exhaustive]
pub enum Fault {
    /// What any file can suffer from.
    File(FileFault),
    /// No header that is known here.
    NotNifti {
        /// The first bytes, after inflation if compressed.
        start: Vec<u8>,
    },
    /// The other half of a header and image pair is missing.
    PartnerMissing {
        /// The name that was looked for first.
        wanted: PathBuf,
    },
    /// The file ends within the header.
    HeaderTruncated {
        /// Bytes that a header of this version has.
        expected: usize,
        /// Bytes that are there, after inflation if compressed.
        found: usize,
    },
    /// The magic says NIfTI, but the field `sizeof_hdr` holds neither 348 nor 540 in any byte order.
    HeaderSize {
        /// The field, read as little-endian.
        found: i32,
        /// What the magic asks for.
        expected: i32,
    },
    /// A header of the right length without a magic, in a file that is not named `.hdr`.
    MagicMissing {
        /// The four bytes where the magic of NIfTI-1 should be.
        found: [u8; 4],
    },
    /// The line-end bytes of a NIfTI-2 magic were changed, as by a transfer in text mode.
    MagicMangled {
        /// The last four bytes of the magic.
        found: [u8; 4],
    },
    /// The number of dimensions, `dim[0]`, is not between 2 and 7.
    DimensionCount {
        /// The number found.
        found: i64,
    },
    /// A zero or negative size, or one that does not fit this machine's memory addresses.
    Extent {
        /// The axis, 1 to 7.
        axis: usize,
        /// The size found.
        found: i64,
    },
    /// `bitpix` and `datatype`, which say the same twice, disagree.
    BitsPerVoxel {
        /// The field `bitpix`.
        found: i32,
        /// The field `datatype`.
        datatype: i32,
        /// What that stands for.
        voxel_type: VoxelType,
    },
    /// A series, not a single volume: a fourth or higher dimension is larger than 1.
    NotOneVolume {
        /// The size along each dimension.
        dims: Vec<i64>,
    },
    /// A voxel type that has no single real value, or none that this machine knows.
    UnsupportedType {
        /// The header's code.
        code: i32,
        /// Its name in the standard.
        name: &'static str,
    },
    /// A unit of length by which the voxels have a size that no scan has.
    Unit {
        /// The code, of `xyzt_units`.
        code: i32,
        /// The spacing by it, mm.
        spacing: [f64; 3],
    },
    /// A valid slope with an intercept that is not a number.
    Intercept {
        /// The slope found.
        slope: f64,
        /// The intercept found.
        intercept: f64,
    },
    /// An ANALYZE 7.5 header with numbers where some programs keep a scaling and others do not.
    AmbiguousScaling {
        /// The field `funused1`.
        slope: f64,
        /// The field `funused2`.
        intercept: f64,
    },
    /// The field `vox_offset` cannot be where voxels begin.
    VoxelOffset {
        /// The offset found, bytes.
        found: f64,
        /// Where voxels can begin at the earliest.
        least: u64,
        /// Where they can begin at the latest: the end of the data, if that is known.
        most: u64,
    },
    /// A geometry with infinite numbers or none.
    AffineNotFinite {
        /// Where it comes from.
        form: Form,
        /// The matrix.
        affine: Box<[[f64; 3]; 4]>,
    },
    /// An affine that folds space flat.
    AffineSingular {
        /// Where it comes from.
        form: Form,
        /// The matrix.
        affine: Box<[[f64; 3]; 4]>,
    },
    /// Voxel axes that are not at right angles.
    AffineSheared {
        /// Where it comes from.
        form: Form,
        /// The matrix.
        affine: Box<[[f64; 3]; 4]>,
        /// The two axes, 1 to 3.
        axes: [usize; 2],
        /// The cosine of the angle between them.
        cosine: f64,
    },
    /// An sform and pixdim that have different spacings.
    SpacingContradiction {
        /// The length of each column of the sform, mm.
        sform: [f64; 3],
        /// What pixdim, and the qform with it, says for each axis, mm.
        pixdim: [f64; 3],
    },
    /// A spacing that no scanner has.
    Spacing {
        /// Where it comes from.
        form: Form,
        /// The spacing along each axis, mm.
        spacing: [f64; 3],
    },
    /// A first voxel so far away that the file's numbers cannot place it.
    Origin {
        /// Where it comes from.
        form: Form,
        /// The first voxel, mm, RAS.
        origin: [f64; 3],
    },
    /// A quaternion longer than 1, which is no rotation.
    Quaternion {
        /// Its stored components b, c, d.
        found: [f64; 3],
    },
}

voxomics_reading::take_up_file_faults!(Fault);
