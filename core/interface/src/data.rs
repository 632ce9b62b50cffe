//! The data that crosses.

use abi_stable::{
    StableAbi,
    std_types::{ROption, RSlice, RStr, RString, RVec},
};

/// A grid of voxel centres in LPS, mm; the centre of voxel `(i, j, k)` is `origin + Σ index·spacing·direction`.
#[repr(C)]
#[derive(StableAbi, Debug, Clone, Copy, PartialEq)]
pub struct Grid {
    /// Number of voxels along *x*, *y*, *z*.
    pub dims: [u64; 3],
    /// Distance between neighbouring centres, mm.
    pub spacing: [f64; 3],
    /// Centre of the first voxel, mm, LPS.
    pub origin: [f64; 3],
    /// Unit vectors of the index axes, LPS.
    pub direction: [[f64; 3]; 3],
}

/// An image as the stages between loader and table see it: one `f64` a voxel, *x* fastest.
#[repr(C)]
#[derive(StableAbi, Clone, Copy)]
pub struct Volume<'a> {
    /// Where the voxels are.
    pub grid: Grid,
    /// The intensities; the host's own memory.
    pub voxels: RSlice<'a, f64>,
}

/// What went wrong: a code, a sentence, and the setting that caused it.
#[repr(C)]
#[derive(StableAbi, Debug, Clone)]
pub struct Failure {
    /// One of the codes in [`codes`].
    pub code: u32,
    /// What was found, what was expected, what to do.
    pub message: RString,
    /// The key of the setting that is wrong; empty if none is.
    pub key: RString,
}

/// Codes of a [`Failure`], statuses of a value, and the other small integers of the interface.
pub mod codes {
    /// A setting is unknown, missing, of the wrong type or out of range.
    pub const FAILURE_SETTING: u32 = 1;
    /// The input cannot be used: a damaged file, a region without voxels, …
    pub const FAILURE_INPUT: u32 = 2;
    /// The plugin does not offer what was asked for.
    pub const FAILURE_UNSUPPORTED: u32 = 3;
    /// The work was given up because the host asked for it.
    pub const FAILURE_CANCELLED: u32 = 4;
    /// The plugin panicked; the message says where.
    pub const FAILURE_PANIC: u32 = 5;
    /// The plugin has no part of that id.
    pub const FAILURE_UNKNOWN_ID: u32 = 6;

    /// The value is defined and finite.
    pub const STATUS_OK: u8 = 0;
    /// The value is not defined for this region; the reason says why.
    pub const STATUS_UNDEFINED: u8 = 1;
    /// The input has no value at all (an empty cell of a case list).
    pub const STATUS_MISSING: u8 = 2;

    /// An image is wanted.
    pub const ROLE_IMAGE: u8 = 0;
    /// A segmentation is wanted.
    pub const ROLE_SEGMENTATION: u8 = 1;
    /// Nothing but an account of what is there is wanted; asked only of loaders whose description says `surveys`.
    pub const ROLE_SURVEY: u8 = 2;

    /// Log levels.
    pub const LOG_DEBUG: u8 = 0;
    /// Worth knowing.
    pub const LOG_INFO: u8 = 1;
    /// Something that may make a number wrong.
    pub const LOG_WARNING: u8 = 2;

    /// Voxel types of a [`Scan`](super::Scan).
    pub const VOXEL_U8: u8 = 0;
    /// `i8`.
    pub const VOXEL_I8: u8 = 1;
    /// `u16`.
    pub const VOXEL_U16: u8 = 2;
    /// `i16`.
    pub const VOXEL_I16: u8 = 3;
    /// `u32`.
    pub const VOXEL_U32: u8 = 4;
    /// `i32`.
    pub const VOXEL_I32: u8 = 5;
    /// `u64`.
    pub const VOXEL_U64: u8 = 6;
    /// `i64`.
    pub const VOXEL_I64: u8 = 7;
    /// `f32`.
    pub const VOXEL_F32: u8 = 8;
    /// `f64`.
    pub const VOXEL_F64: u8 = 9;
}

/// The pointer to an extension's table, or null; what it points to is documented with the extension's id.
#[repr(transparent)]
#[derive(StableAbi, Debug, Clone, Copy)]
pub struct Extension(pub *const ());

impl Extension {
    /// The answer to an id that is not known.
    pub const NONE: Self = Self(std::ptr::null());
}

// ---- loaders -------------------------------------------------------------------------------------------------------

/// What a loader is asked for.
#[repr(C)]
#[derive(StableAbi, Clone, Copy)]
pub struct LoadRequest<'a> {
    /// The file or folder: its bytes on Unix, UTF-8 elsewhere.
    pub path: RSlice<'a, u8>,
    /// `codes::ROLE_…`.
    pub role: u8,
    /// For a segmentation: the grid of the image that it belongs to, for outlines that have no grid of their own.
    pub reference: ROption<Grid>,
    /// What is wanted of a path that holds several things: a [`Selection`](crate::selection::Selection) as JSON.
    pub selection: RStr<'a>,
    /// The most bytes of voxels that may be put into memory.
    pub max_bytes: u64,
}

/// Everything that a path holds.
#[repr(C)]
#[derive(StableAbi)]
pub struct Loaded {
    /// Images.
    pub images: RVec<Scan>,
    /// Segmentations.
    pub segmentations: RVec<Segmentation>,
    /// Acquisition metadata as a JSON object of numbers and text, by DICOM attribute name (`KVP`, `Modality`, …).
    pub metadata: RString,
}

/// Voxels as they are stored: in their own type, once.
#[repr(C)]
#[derive(StableAbi)]
pub struct Scan {
    /// Name of the image or segmentation within its path; may be empty.
    pub name: RString,
    /// Where the voxels are.
    pub grid: Grid,
    /// `codes::VOXEL_…`.
    pub voxel_type: u8,
    /// The voxels, in the machine's byte order, *x* fastest.
    pub voxels: RVec<u8>,
    /// From stored value to intensity: one entry for the whole scan, or one for each slice.
    pub scaling: RVec<Scaling>,
}

/// `intensity = slope · stored + intercept`.
#[repr(C)]
#[derive(StableAbi, Debug, Clone, Copy, PartialEq)]
pub struct Scaling {
    /// Slope.
    pub slope: f64,
    /// Intercept.
    pub intercept: f64,
}

/// A scan of labels, or the mask of one region.
#[repr(C)]
#[derive(StableAbi)]
pub struct Segmentation {
    /// The labels.
    pub labels: Scan,
    /// Names of labels, where the format knows names.
    pub regions: RVec<NamedRegion>,
    /// Whether `labels.grid` is a box of the reference grid that starts at voxel `offset` of it.
    pub on_reference: bool,
    /// See `on_reference`.
    pub offset: [u64; 3],
}

/// A region that has a name.
#[repr(C)]
#[derive(StableAbi)]
pub struct NamedRegion {
    /// Its name, as in the file.
    pub name: RString,
    /// The label that its voxels carry.
    pub label: f64,
}

// ---- filters -------------------------------------------------------------------------------------------------------

/// Number of voxels before and after a voxel, along *x*, *y*, *z*, that its response depends on.
#[repr(C)]
#[derive(StableAbi, Debug, Clone, Copy, PartialEq)]
pub struct Margin {
    /// The numbers.
    pub voxels: [u64; 3],
}

/// One response map of a filter, on the grid of its input.
#[repr(C)]
#[derive(StableAbi)]
pub struct Response {
    /// Name within the filter; empty if there is but one map.
    pub name: RString,
    /// The response, one value for each voxel of the input.
    pub voxels: RVec<f64>,
}

// ---- feature families ----------------------------------------------------------------------------------------------

/// A region of an image, ready for features. All slices have the grid's number of voxels and are the host's memory.
#[repr(C)]
#[derive(StableAbi, Clone, Copy)]
pub struct FamilyInput<'a> {
    /// The image, or a response map of it, in the box around the region.
    pub image: Volume<'a>,
    /// 1 inside the morphological mask, 0 outside.
    pub morphological_mask: RSlice<'a, u8>,
    /// 1 inside the intensity mask (after re-segmentation), 0 outside.
    pub intensity_mask: RSlice<'a, u8>,
    /// Discretised levels 1 … `level_count` inside the intensity mask, 0 outside; empty unless asked for.
    pub levels: RSlice<'a, u16>,
    /// Number of grey levels; 0 unless levels were asked for.
    pub level_count: u32,
    /// The matrices that were asked for, in that order.
    pub matrices: RSlice<'a, MatrixSet<'a>>,
}

/// A non-empty cell of a texture matrix.
#[repr(C)]
#[derive(StableAbi, Debug, Clone, Copy, PartialEq)]
pub struct Cell {
    /// Grey level.
    pub level: u32,
    /// Second level, run length, zone size, zone distance, dependence, or count of voxels.
    pub other: u32,
    /// Content of the cell.
    pub value: f64,
}

/// A texture matrix as the sorted list of its non-empty cells.
#[repr(C)]
#[derive(StableAbi, Clone, Copy)]
pub struct Matrix<'a> {
    /// The cells.
    pub cells: RSlice<'a, Cell>,
    /// Number of voxels that it was drawn from.
    pub voxels: f64,
}

/// The matrices over which a feature is averaged; one where slices and directions are merged.
#[repr(C)]
#[derive(StableAbi, Clone, Copy)]
pub struct MatrixSet<'a> {
    /// The matrices.
    pub matrices: RSlice<'a, Matrix<'a>>,
    /// Number of grey levels.
    pub level_count: u32,
}

/// The value of a feature.
#[repr(C)]
#[derive(StableAbi, Debug, Clone)]
pub struct Value {
    /// The feature's id, as `describe` gives it.
    pub feature: RString,
    /// The value; ignored unless the status is ok.
    pub value: f64,
    /// `codes::STATUS_…`.
    pub status: u8,
    /// Why there is no value; empty if the status is ok.
    pub reason: RString,
}

// ---- predictors ----------------------------------------------------------------------------------------------------

/// An input of a prediction, in the order that the predictor asked for.
#[repr(C)]
#[derive(StableAbi, Debug, Clone)]
pub struct InputValue {
    /// The value; ignored unless the status is ok.
    pub value: f64,
    /// `codes::STATUS_…`.
    pub status: u8,
    /// Why there is no value.
    pub reason: RString,
}

/// A score, and how it came about.
#[repr(C)]
#[derive(StableAbi, Debug, Clone)]
pub struct Prediction {
    /// The score; ignored unless the status is ok.
    pub score: f64,
    /// `codes::STATUS_…`.
    pub status: u8,
    /// Why there is no score.
    pub reason: RString,
    /// What each input contributed, where the predictor can tell; in the order of the inputs, or empty.
    pub contributions: RVec<f64>,
}

/// What a predictor learns from.
#[repr(C)]
#[derive(StableAbi, Clone, Copy)]
pub struct TrainingTable<'a> {
    /// Number of rows.
    pub rows: u64,
    /// Names of the columns.
    pub columns: RSlice<'a, RString>,
    /// The values, column after column; 0 where `present` is 0.
    pub values: RSlice<'a, f64>,
    /// 1 where there is a value, 0 where it is missing.
    pub present: RSlice<'a, u8>,
    /// Which columns are what: a [`Design`](crate::design::Design) as JSON.
    pub design: RStr<'a>,
}

/// A piece of a plugin's work, to be called for each index once.
#[repr(C)]
#[derive(StableAbi, Clone, Copy)]
pub struct Chunk {
    /// Handed back as the first argument.
    pub state: *const (),
    /// The work; may be called from several threads at once.
    pub call: extern "C" fn(*const (), u64),
}
