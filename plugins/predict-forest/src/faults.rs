//! Everything that is wrong with a file, told at once.

use crate::file::Number;

/// Where the numbers of a model come from, for whoever is told that they are missing.
const SUPPLY: &str = "Train the model, or supply them from where it was published; a number is never guessed.";

/// Gaps that are named; the rest are counted.
const NAMED: usize = 20;

/// What was found so far.
#[derive(Default)]
pub(crate) struct Faults {
    /// Numbers that are missing.
    pub gaps: Vec<String>,
    /// Whatever else is wrong.
    pub wrong: Vec<String>,
}

impl Faults {
    /// The number, or a note that it is missing.
    pub fn number(&mut self, number: Option<Number>, what: impl FnOnce() -> String) -> f64 {
        match number {
            Some(Number::Known(value)) => value,
            Some(Number::Unknown) | None => {
                self.gaps.push(what());
                // Never used: a file with a gap is refused.
                1.0
            }
        }
    }

    /// Notes a number that is not above 0.
    pub fn above_zero(&mut self, value: f64, what: impl FnOnce() -> String) {
        if value <= 0.0 {
            self.wrong.push(format!("{} is {value}, expected a number above 0", what()));
        }
    }

    /// What is wrong, if anything is.
    pub fn told(mut self) -> Option<String> {
        if !self.gaps.is_empty() {
            let count = self.gaps.len();
            let missing = if count == 1 { "a number is".into() } else { format!("{count} numbers are") };
            let more = if count > NAMED { format!(" and {} more", count - NAMED) } else { String::new() };
            self.gaps.truncate(NAMED);
            self.wrong.insert(0, format!("{missing} missing: {}{more}. {SUPPLY}", self.gaps.join(", ")));
        }
        (!self.wrong.is_empty()).then(|| self.wrong.join("; "))
    }
}
