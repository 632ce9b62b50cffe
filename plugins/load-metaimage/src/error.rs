//! What can be wrong with a file, told so that its owner knows what to do.

use std::error::Error;
use std::fmt;
use std::path::PathBuf;

use voxomics_reading::{Fault as FileFault, RENEW, geometry::Crooked};

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
    /// Anything but three axes.
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

impl Error for Fault {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::File(fault) => fault.source(),
            _ => None,
        }
    }
}

impl From<FileFault> for Fault {
    fn from(fault: FileFault) -> Self {
        Self::File(fault)
    }
}

impl From<std::io::Error> for Fault {
    fn from(error: std::io::Error) -> Self {
        Self::File(error.into())
    }
}

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
            Self::HeaderTruncated => {
                write!(f, "the file ends within the header, expected the line `ElementDataFile`; {RENEW}")
            }
            Self::HeaderTooLong { limit } => {
                write!(f, "the header has no end within {limit} bytes, expected the line `ElementDataFile`; {RENEW}")
            }
            Self::Line { number, found } => {
                write!(f, "line {number} is \"{}\", expected `field = value`; correct the header", found.escape_debug())
            }
            Self::Repeated { field } => write!(f, "the field `{field}` is there twice, expected once; delete one"),
            Self::Missing { field } => write!(f, "the field `{field}` is missing; add it to the header"),
            Self::Value { field, found, expected } => write!(
                f,
                "`{field}` is \"{}\", expected {expected}; correct the header or export the file again",
                found.escape_debug()
            ),
            Self::Unsupported { field, found, supported } => write!(
                f,
                "`{field}` is \"{}\", which is not read here, expected {supported}; convert the file",
                found.escape_debug()
            ),
            Self::NotOneVolume { sizes } => {
                write!(f, "the axes have the sizes {sizes:?}, expected three; export the scan as one 3-D volume")
            }
            Self::DataFileMissing { wanted } => write!(
                f,
                "`ElementDataFile` names {}, which is missing; put both files where the header says",
                wanted.display()
            ),
            Self::Geometry(crooked) => crooked.fmt(f),
        }
    }
}
