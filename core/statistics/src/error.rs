//! What can be wrong with data that a statistic is asked of.

use std::fmt;

/// Why there is no figure. Every variant says what was found and what the statistic needs.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Error {
    /// There are no values.
    Empty {
        /// The input without values.
        what: &'static str,
    },
    /// There are values, but not enough.
    TooFew {
        /// What is counted.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many the statistic needs.
        needed: usize,
    },
    /// Two inputs that tell of the same cases do not have the same length.
    LengthsDiffer {
        /// The one input and its length.
        left: (&'static str, usize),
        /// The other input and its length.
        right: (&'static str, usize),
    },
    /// A value is infinite, not a number, or so large (above 10¹⁵⁰) that its square could be infinite.
    NotFinite {
        /// The input.
        what: String,
        /// Position of the first such value.
        index: usize,
        /// The value.
        value: f64,
    },
    /// A value lies outside of what it can mean.
    OutOfRange {
        /// The input.
        what: &'static str,
        /// The value.
        value: f64,
        /// The values that are allowed.
        expected: &'static str,
    },
    /// All cases have the same outcome.
    OneClass {
        /// Cases with the outcome.
        positives: usize,
        /// Cases without.
        negatives: usize,
    },
    /// Less than two groups hold cases, or can have an event.
    OneGroup,
    /// Every observation is censored.
    NoEvents {
        /// How many observations there are.
        observations: usize,
    },
    /// No two cases can be put in an order of survival.
    NoPairs {
        /// How many observations there are.
        observations: usize,
    },
    /// All values are equal.
    Constant {
        /// The input.
        what: String,
    },
    /// A covariate follows from the ones before it, or does not vary among those at risk.
    Singular {
        /// Name of the covariate.
        covariate: String,
    },
    /// The likelihood grows without end as a coefficient grows: the covariate separates the outcomes.
    Monotone {
        /// Name of the covariate whose coefficient has no finite estimate.
        covariate: String,
    },
    /// The iteration ended without a maximum.
    NotConverged {
        /// Steps made.
        iterations: usize,
    },
    /// The statistic could not be computed on too many resamples.
    Unstable {
        /// Resamples without a figure.
        failed: usize,
        /// Resamples drawn.
        replicates: usize,
    },
    /// The data leave the statistic without a value.
    Undefined {
        /// The statistic.
        what: &'static str,
        /// What makes it undefined.
        reason: &'static str,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty { what } => write!(f, "{what}: there are none, expected at least one"),
            Self::TooFew { what, found, needed } => write!(f, "{what}: found {found}, expected at least {needed}"),
            Self::LengthsDiffer { left, right } => {
                write!(f, "found {} {} and {} {}, expected as many of both", left.1, left.0, right.1, right.0)
            }
            Self::NotFinite { what, index, value } => {
                write!(f, "{what}: found {value} at position {index}, expected a number of at most 1e150")
            }
            Self::OutOfRange { what, value, expected } => write!(f, "{what}: found {value}, expected {expected}"),
            Self::OneClass { positives, negatives } => {
                write!(f, "found {positives} cases with and {negatives} without the outcome, expected some of both")
            }
            Self::OneGroup => write!(f, "found less than two groups that can be compared, expected two or more"),
            Self::NoEvents { observations } => {
                write!(f, "found no event among {observations} observations, expected at least one")
            }
            Self::NoPairs { observations } => {
                write!(f, "found no comparable pair among {observations} observations, expected at least one")
            }
            Self::Constant { what } => write!(f, "{what}: all values are equal, expected some that differ"),
            Self::Singular { covariate } => write!(
                f,
                "covariate {covariate}: it does not vary among those at risk or follows from the covariates before it, \
                 expected one that adds information"
            ),
            Self::Monotone { covariate } => write!(
                f,
                "covariate {covariate}: it separates the outcomes, so that its coefficient has no finite estimate, \
                 expected outcomes that overlap"
            ),
            Self::NotConverged { iterations } => {
                write!(f, "found no maximum of the likelihood in {iterations} steps, expected one")
            }
            Self::Unstable { failed, replicates } => write!(
                f,
                "the statistic is undefined on {failed} of {replicates} resamples, expected at most one in ten"
            ),
            Self::Undefined { what, reason } => write!(f, "{what} is undefined: {reason}"),
        }
    }
}

impl std::error::Error for Error {}

/// A figure, or why there is none.
pub type Result<T> = std::result::Result<T, Error>;
