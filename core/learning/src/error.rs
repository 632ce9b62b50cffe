//! Why nothing can be learnt.

use std::fmt;

/// What is wrong with the data or the options.
#[derive(Debug, Clone, PartialEq)]
pub enum Error {
    /// The rows or the options cannot be used.
    Input(String),
    /// A column of the table, counted from 0, cannot be used.
    Column {
        /// Its place in the table.
        column: usize,
        /// What is wrong with it.
        message: String,
    },
    /// A batch of the table, counted from 0, cannot be aligned.
    Batch {
        /// Its number.
        batch: usize,
        /// What is wrong with it.
        message: String,
    },
    /// A covariate whose effect harmonisation keeps, counted from 0, cannot be used.
    Kept {
        /// Its place among them.
        covariate: usize,
        /// What is wrong with it.
        message: String,
    },
    /// The solver did not reach the optimum.
    Unsolved(String),
    /// The host asked to give up.
    Cancelled,
}

impl Error {
    /// The rows or the options cannot be used.
    ///
    /// ```
    /// assert_eq!(voxomics_learning::Error::input("there is no row").to_string(), "there is no row");
    /// ```
    pub fn input(message: impl Into<String>) -> Self {
        Self::Input(message.into())
    }

    /// The same, with where it happened.
    pub(crate) fn within(self, place: &str) -> Self {
        let at = |message: String| format!("{place}: {message}");
        match self {
            Self::Input(message) => Self::Input(at(message)),
            Self::Column { column, message } => Self::Column { column, message: at(message) },
            Self::Batch { batch, message } => Self::Batch { batch, message: at(message) },
            Self::Kept { covariate, message } => Self::Kept { covariate, message: at(message) },
            Self::Unsolved(message) => Self::Unsolved(at(message)),
            Self::Cancelled => Self::Cancelled,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Input(message) | Self::Unsolved(message) => f.write_str(message),
            Self::Column { column, message } => write!(f, "column {column}: {message}"),
            Self::Batch { batch, message } => write!(f, "batch {batch}: {message}"),
            Self::Kept { covariate, message } => write!(f, "kept covariate {covariate}: {message}"),
            Self::Cancelled => f.write_str("cancelled"),
        }
    }
}

impl std::error::Error for Error {}
