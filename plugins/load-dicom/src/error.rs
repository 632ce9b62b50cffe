//! What can be wrong with a file or a series, told so that its owner knows what to do.

use std::fmt;
use std::path::{Path, PathBuf};

use dicom_core::Tag;
use voxomics_reading::{Fault as FileFault, RENEW};
use voxomics_sdk::Error;

/// A file or folder that could not be read, and why.
#[derive(Debug)]
pub struct ReadError {
    /// The file that is at fault; the folder, where several files are.
    pub path: PathBuf,
    /// What is wrong with it.
    pub fault: Fault,
}

impl ReadError {
    /// A fault of a path.
    pub fn new(path: &Path, fault: impl Into<Fault>) -> Self {
        Self { path: path.to_path_buf(), fault: fault.into() }
    }

    /// The same for `map_err`.
    pub fn at<F: Into<Fault>>(path: &Path) -> impl Fn(F) -> Self + '_ {
        move |fault| Self::new(path, fault)
    }

    /// A fault that has no kind of its own: what was found, what was expected, what to do.
    pub fn unfit(path: &Path, message: impl Into<String>) -> Self {
        Self::new(path, Fault::Unfit(message.into()))
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.fault)
    }
}

impl std::error::Error for ReadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.fault {
            Fault::File(fault) => std::error::Error::source(fault),
            _ => None,
        }
    }
}

impl From<ReadError> for Error {
    fn from(error: ReadError) -> Self {
        match error.fault {
            Fault::Cancelled(error) => error,
            _ => Self::input(error.to_string()),
        }
    }
}

/// Everything for which a file or a series is refused.
#[derive(Debug)]
#[non_exhaustive]
pub enum Fault {
    /// What any file can suffer from.
    File(FileFault),
    /// It is no DICOM file.
    NotDicom,
    /// The file ends before its data set does.
    Truncated {
        /// The byte of the data set up to which all is well.
        at: u64,
        /// What was being read there.
        what: String,
    },
    /// A data set that breaks the rules of its encoding.
    Damaged {
        /// The byte of the data set at which it does.
        at: u64,
        /// What is wrong there.
        what: String,
    },
    /// A transfer syntax that is not read here.
    Syntax {
        /// Its UID.
        uid: String,
    },
    /// An attribute without which the data cannot be used.
    Missing {
        /// Its tag.
        tag: Tag,
    },
    /// An attribute that is not what it must be.
    Value {
        /// Its tag.
        tag: Tag,
        /// What it says.
        found: String,
        /// What it must be.
        expected: String,
    },
    /// Something that the standard allows and this loader does not read.
    Unsupported {
        /// The attribute that says so.
        tag: Tag,
        /// What it says.
        found: String,
        /// What is read, or what to do.
        supported: String,
    },
    /// A compressed frame that cannot be decoded.
    Frame {
        /// Which frame, from 0.
        frame: usize,
        /// What the decoder says.
        what: String,
    },
    /// Anything else: what was found, what was expected, what to do.
    Unfit(String),
    /// The host gave up.
    Cancelled(Error),
}

/// What to do about files in a transfer syntax that is not read here. Common converters read few of the newer ones.
fn conversion(syntax: &str) -> &'static str {
    let is_one_of = |last: &[&str]| last.iter().any(|last| syntax.strip_prefix("1.2.840.10008.1.2.") == Some(last));
    match () {
        () if is_one_of(&["4.110", "4.111", "4.112", "8.1"]) => {
            "export them uncompressed from where they are kept, or convert them with what wrote them: gdcmconv and dcmdjpeg \
             do not read this syntax"
        }
        () if syntax.starts_with("1.2.840.10008.1.2.4.10") || syntax.starts_with("1.2.840.10008.1.2.7.") => {
            "a video has been through lossy compression: export its frames as single images, if they are to be measured at all"
        }
        () if is_one_of(&["4.94", "4.95", "4.204", "4.205"]) => {
            "the pixels are kept on a server (JPIP) and are not in the file: export the files with their pixels"
        }
        () => "convert the files, for example with gdcmconv or dcmdjpeg",
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

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(fault) => fault.fmt(f),
            Self::NotDicom => write!(
                f,
                "not a DICOM file: expected \"DICM\" after 128 bytes; choose the loader of its format or convert it"
            ),
            Self::Truncated { at, what } => write!(f, "truncated: the file ends after byte {at}, in {what}; {RENEW}"),
            Self::Damaged { at, what } => write!(f, "damaged at byte {at} of its data set: {what}; {RENEW}"),
            Self::Syntax { uid } => write!(
                f,
                "the transfer syntax (TransferSyntaxUID) is {}, which is not read here; expected uncompressed, deflated, \
                 RLE, JPEG, JPEG-LS or JPEG 2000; {}",
                crate::names::uid(uid),
                conversion(uid)
            ),
            Self::Missing { tag } => {
                write!(f, "{} is missing; export the data again with it", crate::names::attribute(*tag))
            }
            Self::Value { tag, found, expected } => write!(
                f,
                "{} is \"{}\", expected {expected}; correct the attribute or export the data again",
                crate::names::attribute(*tag),
                crate::names::plain(found)
            ),
            Self::Unsupported { tag, found, supported } => write!(
                f,
                "{} is \"{}\", which is not read here; expected {supported}",
                crate::names::attribute(*tag),
                crate::names::plain(found)
            ),
            Self::Frame { frame, what } => write!(f, "frame {} cannot be decoded: {what}; {RENEW}", frame + 1),
            Self::Unfit(message) => message.fmt(f),
            Self::Cancelled(error) => error.fmt(f),
        }
    }
}
