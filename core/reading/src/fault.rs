//! What can be wrong with any file of voxels.

use std::{
    error::Error,
    fmt, io,
    path::{Path, PathBuf},
};

/// What to do with a file that was damaged on its way.
pub const RENEW: &str = "copy or export the file again";

/// A file that could not be read, and why: `F` is everything for which a format refuses a file.
#[derive(Debug)]
pub struct ReadError<F> {
    /// The file that is at fault; of header and data file, the one of the two.
    pub path: PathBuf,
    /// What is wrong with it.
    pub fault: F,
}

impl<F> ReadError<F> {
    /// Makes an error of a file's fault.
    pub fn at<G: Into<F>>(path: &Path) -> impl Fn(G) -> Self + '_ {
        move |fault| Self { path: path.to_path_buf(), fault: fault.into() }
    }
}

impl<F: fmt::Display> fmt::Display for ReadError<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.fault)
    }
}

impl<F: Error> Error for ReadError<F> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.fault.source()
    }
}

/// Everything for which a file is refused, whatever its format.
#[derive(Debug)]
#[non_exhaustive]
pub enum Fault {
    /// There is no such file.
    NotFound,
    /// The file may not be read by this user.
    PermissionDenied,
    /// A folder, not a file.
    Directory,
    /// Neither a file nor a folder: a pipe, a socket, a device.
    NotAFile,
    /// The operating system failed while reading.
    Io(io::Error),
    /// Whoever opens files for the reader did not open this one, for a reason that the system does not know.
    Refused(String),
    /// Not one byte.
    Empty,
    /// The number of bytes does not fit this machine's memory addresses.
    SizeOverflow {
        /// The size along each spatial dimension.
        dims: [usize; 3],
    },
    /// The header promises more than the limit allows.
    TooLarge {
        /// Bytes of voxels promised by the header.
        promised: u64,
        /// The limit, bytes.
        limit: u64,
    },
    /// The memory for the voxels could not be had.
    OutOfMemory {
        /// Bytes asked for.
        promised: u64,
    },
    /// Fewer bytes of voxels than the header promises.
    Truncated {
        /// Bytes of voxels promised by the header.
        promised: u64,
        /// Bytes of voxels found.
        found: u64,
    },
    /// More data after the voxels, or after the header of a pair, than padding explains.
    TrailingData {
        /// Bytes promised by the header.
        promised: u64,
        /// Bytes that follow them, at least.
        extra: u64,
    },
    /// The compressed data stop in the middle.
    GzipTruncated {
        /// Bytes inflated up to there.
        inflated: u64,
        /// Bytes that the header promises, with all that comes before them in the compressed data; where known.
        expected: Option<u64>,
    },
    /// The compressed data cannot be inflated.
    GzipDamaged {
        /// Which gzip member, from 1.
        member: u32,
        /// Bytes inflated up to there.
        inflated: u64,
    },
    /// The inflated data have another checksum than the one stored.
    GzipChecksum {
        /// Which gzip member, from 1.
        member: u32,
        /// The stored CRC.
        promised: u32,
        /// The CRC of what was read.
        found: u32,
    },
    /// The inflated data have another length than the one stored.
    GzipLength {
        /// Which gzip member, from 1.
        member: u32,
        /// The stored length, modulo 2³².
        promised: u32,
        /// The length of what was read, modulo 2³².
        found: u32,
    },
    /// The zlib stream stops in the middle.
    ZlibTruncated {
        /// Bytes inflated up to there.
        inflated: u64,
    },
    /// The zlib stream cannot be inflated, or has another checksum than the one stored.
    ZlibDamaged {
        /// Bytes inflated up to there.
        inflated: u64,
    },
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound => write!(f, "there is no such file; check the path"),
            Self::PermissionDenied => write!(f, "reading is not permitted; give yourself read access to the file"),
            Self::Directory => write!(f, "found a folder, expected a file; name the file inside it"),
            Self::NotAFile => write!(f, "found a pipe or device, expected a file; save the scan to disk first"),
            Self::Io(error) => write!(f, "could not be read: {error}; check the disk or the network share"),
            Self::Refused(why) => f.write_str(why),
            Self::Empty => write!(f, "the file is empty, expected a scan; {RENEW}"),
            Self::SizeOverflow { dims } => {
                write!(f, "sizes of {dims:?} are more than memory can address; the header is damaged: {RENEW}")
            }
            Self::TooLarge { promised, limit } => write!(
                f,
                "the header promises {promised} bytes of voxels, the limit is {limit}; raise the limit if the scan \
                 really is that large"
            ),
            Self::OutOfMemory { promised } => {
                write!(f, "{promised} bytes of voxels do not fit into memory; close other programs or crop the scan")
            }
            Self::Truncated { promised, found } => {
                write!(f, "truncated: the header promises {promised} bytes of voxels, found {found}; {RENEW}")
            }
            Self::TrailingData { promised, extra } => write!(
                f,
                "the header promises {promised} bytes, but at least {extra} more follow: the header does not describe \
                 this file; {RENEW}"
            ),
            Self::GzipTruncated { inflated, expected } => {
                write!(f, "truncated: the gzip data stop in the middle: {inflated} bytes inflated")?;
                if let Some(expected) = expected {
                    write!(f, ", expected {expected}")?;
                }
                write!(f, "; {RENEW}")
            }
            Self::GzipDamaged { member, inflated } => write!(
                f,
                "the gzip data are damaged in member {member} after {inflated} bytes, expected valid deflate data; {RENEW}"
            ),
            Self::GzipChecksum { member, promised, found } => write!(
                f,
                "the gzip data are damaged: member {member} has the CRC {found:08x}, expected {promised:08x}; {RENEW}"
            ),
            Self::GzipLength { member, promised, found } => write!(
                f,
                "the gzip data are damaged: member {member} inflates to {found} bytes, expected {promised}; {RENEW}"
            ),
            Self::ZlibTruncated { inflated } => write!(
                f,
                "truncated: the compressed data stop in the middle: {inflated} bytes inflated, expected the end of a zlib stream; \
                 {RENEW}"
            ),
            Self::ZlibDamaged { inflated } => write!(
                f,
                "the compressed data are damaged after {inflated} bytes, expected a valid zlib stream; {RENEW}"
            ),
        }
    }
}

impl Error for Fault {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Io(error) => Some(error),
            _ => None,
        }
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::NotFound,
            io::ErrorKind::PermissionDenied => Self::PermissionDenied,
            io::ErrorKind::IsADirectory => Self::Directory,
            io::ErrorKind::Other => Self::Refused(error.to_string()),
            _ => Self::Io(error),
        }
    }
}

/// Makes the `Fault` of a format take up what any file can suffer from: its variant `File` is made of a [`Fault`] or of
/// an [`io::Error`](std::io::Error), and hands on the cause behind it.
#[macro_export]
macro_rules! take_up_file_faults {
    ($fault:ty) => {
        impl ::std::error::Error for $fault {
            fn source(&self) -> Option<&(dyn ::std::error::Error + 'static)> {
                match self {
                    Self::File(fault) => fault.source(),
                    _ => None,
                }
            }
        }

        impl From<$crate::Fault> for $fault {
            fn from(fault: $crate::Fault) -> Self {
                Self::File(fault)
            }
        }

        impl From<::std::io::Error> for $fault {
            fn from(error: ::std::io::Error) -> Self {
                Self::File(error.into())
            }
        }
    };
}
