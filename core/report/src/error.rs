//! What can go wrong while a report is written.

use std::{fmt, io, path::PathBuf};

/// Why there is no report. Every variant names the file.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// A file or folder of the report could not be written.
    Write {
        /// Which.
        path: PathBuf,
        /// Why not.
        cause: io::Error,
    },
    /// A picture of the results could not be read.
    Read {
        /// Which.
        path: PathBuf,
        /// Why not.
        cause: io::Error,
    },
    /// A picture of the results cannot be shown.
    Picture {
        /// Which.
        path: PathBuf,
        /// Why not.
        reason: &'static str,
    },
    /// The page could not be set from its templates.
    Page {
        /// What the page would have been.
        path: PathBuf,
        /// Why not.
        cause: minijinja::Error,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Write { path, cause } => write!(f, "cannot write {}: {cause}", path.display()),
            Self::Read { path, cause } => write!(f, "cannot read the picture {}: {cause}", path.display()),
            Self::Picture { path, reason } => write!(f, "cannot show the picture {}: {reason}", path.display()),
            Self::Page { path, cause } => write!(f, "cannot set the page {}: {cause:#}", path.display()),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Write { cause, .. } | Self::Read { cause, .. } => Some(cause),
            Self::Page { cause, .. } => Some(cause),
            Self::Picture { .. } => None,
        }
    }
}
