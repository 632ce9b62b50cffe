//! Everything that is wrong with a model file, told at once.

use super::Number;

/// Where the numbers of a model come from, for whoever is told that they are missing.
const SUPPLY: &str = "Train the model, or supply them from where it was published; a number is never guessed.";

/// Gaps that are named; the rest are counted.
const NAMED: usize = 100;

/// What was found so far.
///
/// ```
/// use voxomics_sdk::model::{Faults, Number};
///
/// let mut faults = Faults::default();
/// assert_eq!(faults.number(Some(Number::Known(2.5)), || "the slope".into()), 2.5);
/// assert_eq!(faults.optional(None, || "the intercept".into()), None);
/// faults.number(None, || "the mean".into());
/// let why = faults.none("a.toml").unwrap_err();
/// assert!(why.starts_with("a.toml: a number is missing: the mean."), "{why}");
/// ```
#[derive(Debug, Default)]
pub struct Faults {
    gaps: Vec<String>,
    wrong: Vec<String>,
}

impl Faults {
    /// The number, or a note that `what` is missing; then the number that is returned means nothing, and
    /// [`none`](Self::none) refuses the file.
    pub fn number(&mut self, number: Option<Number>, what: impl FnOnce() -> String) -> f64 {
        match number {
            Some(Number::Known(value)) => value,
            Some(Number::Unknown) | None => {
                self.gaps.push(what());
                1.0
            }
        }
    }

    /// The number if there is one: one that is left out is no gap, one that is marked as unknown is.
    pub fn optional(&mut self, number: Option<Number>, what: impl FnOnce() -> String) -> Option<f64> {
        number.map(|number| self.number(Some(number), what))
    }

    /// Notes a number that is not above 0.
    pub fn above_zero(&mut self, value: f64, what: impl FnOnce() -> String) {
        if value <= 0.0 {
            self.wrong.push(format!("{} is {value}, expected a number above 0", what()));
        }
    }

    /// Notes anything else that is wrong.
    pub fn wrong(&mut self, what: impl Into<String>) {
        self.wrong.push(what.into());
    }

    /// Makes sure that nothing is wrong; `path` is only for the message.
    ///
    /// # Errors
    /// Everything that is wrong.
    pub fn none(mut self, path: &str) -> Result<(), String> {
        if !self.gaps.is_empty() {
            let count = self.gaps.len();
            let missing = if count == 1 { "a number is".into() } else { format!("{count} numbers are") };
            let more = if count > NAMED { format!(" and {} more", count - NAMED) } else { String::new() };
            self.gaps.truncate(NAMED);
            self.wrong.insert(0, format!("{missing} missing: {}{more}. {SUPPLY}", self.gaps.join(", ")));
        }
        if self.wrong.is_empty() { Ok(()) } else { Err(format!("{path}: {}", self.wrong.join("; "))) }
    }
}
