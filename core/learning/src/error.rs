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
    /// The solver did not reach the optimum.
    Unsolved(String),
    /// The host asked to give up.
    Cancelled,
}

impl Error {
    /// The rows or the options cannot be used.
    pub fn input(message: impl Into<String>) -> Self {
        Self::Input(message.into())
    }

    /// The same, of a solver with where it failed.
    pub(crate) fn within(self, place: &str) -> Self {
        match self {
            Self::Unsolved(message) => Self::Unsolved(format!("{place}: {message}")),
            other => other,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Input(message) | Self::Unsolved(message) => f.write_str(message),
            Self::Column { column, message } => write!(f, "column {column}: {message}"),
            Self::Batch { batch, message } => write!(f, "batch {batch}: {message}"),
            Self::Cancelled => f.write_str("cancelled"),
        }
    }
}

impl std::error::Error for Error {}
