//! Why a plugin cannot do what it was asked.

use std::fmt;

use voxomics_interface::{Failure, codes};

/// An error of a plugin: what was found, what was expected, what to do. The program adds which plugin, case and region it is
/// about.
///
/// ```
/// use voxomics_sdk::Error;
///
/// let wrong = Error::setting("sigma_mm", "`sigma_mm` is 0.1, below half a voxel of 1 mm: take 0.5 or more");
/// assert_eq!(wrong.key(), "sigma_mm");
/// assert_eq!(
///     Error::input("the image has 2 dimensions, expected 3").to_string(),
///     "the image has 2 dimensions, expected 3"
/// );
/// assert!(Error::cancelled().is_cancelled() && Error::unsupported("no maps").key().is_empty());
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Error {
    code: u32,
    key: String,
    message: String,
}

impl Error {
    /// The setting `key` has a value that cannot be used.
    pub fn setting(key: &str, message: impl Into<String>) -> Self {
        Self { code: codes::FAILURE_SETTING, key: key.into(), message: message.into() }
    }

    /// The input (file, image, region) cannot be used.
    pub fn input(message: impl Into<String>) -> Self {
        Self { code: codes::FAILURE_INPUT, key: String::new(), message: message.into() }
    }

    /// The plugin does not offer what was asked for.
    pub fn unsupported(message: impl Into<String>) -> Self {
        Self { code: codes::FAILURE_UNSUPPORTED, key: String::new(), message: message.into() }
    }

    /// The host asked to give up.
    pub fn cancelled() -> Self {
        Self { code: codes::FAILURE_CANCELLED, key: String::new(), message: "cancelled".into() }
    }

    pub(crate) fn unknown_id(id: &str) -> Self {
        Self {
            code: codes::FAILURE_UNKNOWN_ID,
            key: String::new(),
            message: format!("the library has no plugin with the id `{id}`"),
        }
    }

    /// What came over the wire. (As a `From` it would leave authors' `?` with two ways to go.)
    pub(crate) fn from_wire(failure: &Failure) -> Self {
        Self { code: failure.code, message: failure.message.shown(), key: failure.key.shown() }
    }

    /// The plugin does not do what it describes.
    pub(crate) fn broken(message: String) -> Self {
        Self { code: codes::FAILURE_BROKEN, key: String::new(), message }
    }

    pub(crate) fn panic(message: String) -> Self {
        Self { code: codes::FAILURE_PANIC, key: String::new(), message }
    }

    /// Whether the host asked to give up.
    pub fn is_cancelled(&self) -> bool {
        self.code == codes::FAILURE_CANCELLED
    }

    /// The key of the setting that is wrong; empty if none is.
    pub fn key(&self) -> &str {
        &self.key
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self { code: error.code, message: error.message.into(), key: error.key.into() }
    }
}
