//! What can be wrong with a file, told so that its owner knows what to do.

use std::fmt;
use std::path::PathBuf;

use voxomics_reading::{Fault as FileFault, RENEW, geometry::Crooked, header};

/// A file that could not be read, and why.
pub type ReadError = voxomics_reading::ReadError<Fault>;

/// Everything for which a file is refused.
#[derive(Debug)]
#[non_exhaustive]
pub enum Fault {
    /// What any file can suffer from.
    File(FileFault),
    /// It does not begin as a NRRD file does.
    NotNrrd {
        /// The first bytes.
        start: Vec<u8>,
    },
    /// A version of the format that is not known here.
    Version {
        /// The first line's last four characters.
        found: String,
    },
    /// The file ends before the empty line that ends its header.
    HeaderTruncated,
    /// A header without end.
    HeaderTooLong {
        /// The limit, bytes.
        limit: u64,
    },
    /// A line that is neither a field nor a pair of key and value nor a comment.
    Line {
        /// Which line, from 1.
        number: usize,
        /// What it says.
        found: String,
    },
    /// A field that the format does not know.
    UnknownField {
        /// Which line, from 1.
        number: usize,
        /// Its name.
        found: String,
    },
    /// A field that stands there twice.
    Repeated {
        /// The field.
        field: &'static str,
    },
    /// A field without which the voxels or their place are not known.
    Missing {
        /// The field.
        field: &'static str,
    },
    /// A field, or the value of a key, that is not what it must be.
    Value {
        /// The field or key.
        field: String,
        /// What it says.
        found: String,
        /// What it must be.
        expected: String,
    },
    /// Something that the format allows and this loader does not read.
    Unsupported {
        /// The field.
        field: &'static str,
        /// What it says.
        found: String,
        /// What is read.
        supported: &'static str,
    },
    /// Anything but two or three spatial axes, each other axis of size 1 or that of the layers of a segmentation.
    NotOneVolume {
        /// The size of each axis.
        sizes: Vec<usize>,
        /// The kind of each axis, as far as the header says.
        kinds: String,
    },
    /// `spacings` and `space directions` that do not agree.
    Contradiction {
        /// The spacings, mm.
        spacings: [f64; 3],
        /// The lengths of the directions, mm.
        directions: [f64; 3],
    },
    /// `axis mins`, `axis maxs` and `sizes` that do not agree with the spacing.
    AxisContradiction {
        /// Which axis, from 0.
        axis: usize,
        /// The spacing that the header states, mm.
        spacing: f64,
        /// The spacings that the ends of the axis stand for, if they are voxel edges or centres, mm.
        by_ends: [f64; 2],
    },
    /// The data file that the header names is missing.
    DataFileMissing {
        /// The file.
        wanted: PathBuf,
    },
    /// A geometry that is no grid at right angles, in the header's coordinates.
    Geometry(Crooked),
    /// A text among the voxels that is no number of their type.
    Number {
        /// Which voxel, from 0.
        index: usize,
        /// The text.
        found: String,
        /// The type.
        expected: &'static str,
    },
}

voxomics_reading::take_up_file_faults!(Fault);

impl From<Crooked> for Fault {
    fn from(crooked: Crooked) -> Self {
        Self::Geometry(crooked)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(fault) => fault.fmt(f),
            Self::NotNrrd { start } => write!(
                f,
                "not a NRRD file: it starts with \"{}\", expected \"NRRD0001\" to \"NRRD0005\"; choose the loader of its \
                 format or convert it",
                start.escape_ascii()
            ),
            Self::Version { found } => {
                write!(f, "the version is NRRD{found}, expected NRRD0001 to NRRD0005; write the file anew")
            }
            Self::HeaderTruncated => f.write_str(&header::truncated("an empty line")),
            Self::HeaderTooLong { limit } => f.write_str(&header::too_long(*limit, "an empty line")),
            Self::Line { number, found } => {
                f.write_str(&header::no_line(*number, found, "`field: value`, `key:=value` or a comment"))
            }
            Self::UnknownField { number, found } => write!(
                f,
                "line {number} has the field `{}`, which the format does not know; correct its spelling, or make it a \
                 key with `:=`",
                found.escape_debug()
            ),
            Self::Repeated { field } => f.write_str(&header::repeated(field)),
            Self::Missing { field } => f.write_str(&header::missing(field)),
            Self::Value { field, found, expected } => f.write_str(&header::wrong(field, found, expected)),
            Self::Unsupported { field, found, supported } => f.write_str(&header::unsupported(field, found, supported)),
            Self::NotOneVolume { sizes, kinds } => write!(
                f,
                "the axes have the sizes {sizes:?} and the kinds \"{kinds}\", expected two or three axes of space and any other \
                 of size 1 (or, in a segmentation, one axis of layers, with a key `SegmentN_Layer` for each segment); split the file \
                 and name the volume"
            ),
            Self::Contradiction { spacings, directions } => write!(
                f,
                "`spacings` say {spacings:?} mm, `space directions` {directions:?} mm, expected the same; delete the one \
                 that is wrong"
            ),
            Self::AxisContradiction { axis, spacing, by_ends: [edges, centres] } => write!(
                f,
                "axis {axis} has a spacing of {spacing} mm, but its `axis mins` and `axis maxs` stand for {edges} mm (between \
                 voxel edges) or {centres} mm (between centres), expected the same; delete what is wrong"
            ),
            Self::DataFileMissing { wanted } => f.write_str(&header::no_data_file("data file", wanted)),
            Self::Geometry(crooked) => crooked.fmt(f),
            Self::Number { index, found, expected } => write!(
                f,
                "voxel {index} is \"{}\", expected a number of type {expected}; {RENEW}",
                found.escape_debug()
            ),
        }
    }
}

/// A fault of a field's value.
pub fn value(field: &str, found: &str, expected: &str) -> Fault {
    Fault::Value { field: field.into(), found: found.into(), expected: expected.into() }
}
