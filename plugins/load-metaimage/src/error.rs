//! What can be wrong with a file, told so that its owner knows what to do.

use std::fmt;
use std::path::PathBuf;

use voxomics_reading::{Fault as FileFault, geometry::Crooked, header};

/// A file that could not be read, and why.
pub type ReadError = voxomics_reading::ReadError<Fault>;

/// Everything for which a file is refused.
#[derive(Debug)]
#[non_exhaustive]
pub enum Fault {
    /// What any file can suffer from.
    File(FileFault),
    /// It does not begin as a MetaImage file does.
    NotMetaImage {
        /// The first bytes.
        start: Vec<u8>,
    },
    /// The file ends before the line that ends its header.
    HeaderTruncated,
    /// A header without end.
    HeaderTooLong {
        /// The limit, bytes.
        limit: u64,
    },
    /// A line that is no field.
    Line {
        /// Which line, from 1.
        number: usize,
        /// What it says.
        found: String,
    },
    /// A field that stands there twice.
    Repeated {
        /// The field.
        field: String,
    },
    /// A field without which the voxels or their place are not known.
    Missing {
        /// The field.
        field: &'static str,
    },
    /// A field that is not what it must be.
    Value {
        /// The field.
        field: &'static str,
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
    /// Anything but two or three axes, or more of which only the first three are larger than 1.
    NotOneVolume {
        /// The size of each axis.
        sizes: Vec<usize>,
    },
    /// The data file that the header names is missing.
    DataFileMissing {
        /// The file.
        wanted: PathBuf,
    },
    /// A geometry that is no grid at right angles, in the header's coordinates.
    Geometry(Crooked),
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
            Self::NotMetaImage { start } => write!(
                f,
                "not a MetaImage file: it starts with \"{}\", expected lines such as \"NDims = 3\"; choose the loader of its \
                 format or convert it",
                start.escape_ascii()
            ),
            Self::HeaderTruncated => f.write_str(&header::truncated("the line `ElementDataFile`")),
            Self::HeaderTooLong { limit } => f.write_str(&header::too_long(*limit, "the line `ElementDataFile`")),
            Self::Line { number, found } => f.write_str(&header::no_line(*number, found, "`field = value`")),
            Self::Repeated { field } => f.write_str(&header::repeated(field)),
            Self::Missing { field } => f.write_str(&header::missing(field)),
            Self::Value { field, found, expected } => f.write_str(&header::wrong(field, found, expected)),
            Self::Unsupported { field, found, supported } => f.write_str(&header::unsupported(field, found, supported)),
            Self::NotOneVolume { sizes } => {
                write!(
                    f,
                    "the axes have the sizes {sizes:?}, expected two or three, and 1 for any other; export the scan as one volume"
                )
            }
            Self::DataFileMissing { wanted } => f.write_str(&header::no_data_file("ElementDataFile", wanted)),
            Self::Geometry(crooked) => crooked.fmt(f),
        }
    }
}
