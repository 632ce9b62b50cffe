//! What a study knows of its patients once features and scores are there.

use std::collections::BTreeMap;

use voxomics_engine::table::FeatureValue;
use voxomics_report::study::Lost;

/// A cohort with everything that was found out about it.
#[derive(Debug, Clone, Default)]
pub struct Cohort {
    /// Its name.
    pub name: String,
    /// Its patients, in the order of the list of cases; also those without a lesion that has features.
    pub patients: Vec<Patient>,
    /// Cases and patients that did not join.
    pub unjoined: Vec<Lost>,
    /// Cases that failed.
    pub failed: Vec<Lost>,
    /// Number of cases in the list.
    pub listed: usize,
}

/// A patient.
#[derive(Debug, Clone, Default)]
pub struct Patient {
    /// Identifier.
    pub id: String,
    /// What the tables of patients say: column and value; an empty cell is not here.
    pub columns: BTreeMap<String, String>,
    /// Lesions with features.
    pub lesions: Vec<Lesion>,
}

/// A lesion: a case, or one component of it.
#[derive(Debug, Clone, Default)]
pub struct Lesion {
    /// The case.
    pub case: String,
    /// Number of the component, where each is a lesion of its own.
    pub component: Option<usize>,
    /// What the list of cases says of it: column and value.
    pub columns: BTreeMap<String, String>,
    /// Volume of each region, mL.
    pub volumes_ml: BTreeMap<String, f64>,
    /// The values of the plan's inputs, in its order.
    pub inputs: Vec<FeatureValue>,
    /// The scores, by model.
    pub scores: BTreeMap<String, Score>,
    /// Picture for quality control, relative to the folder of the results.
    pub picture: Option<String>,
}

/// The score of a lesion.
#[derive(Debug, Clone)]
pub struct Score {
    /// The score, or why there is none.
    pub value: FeatureValue,
    /// For each input of the model: its name, its value, what it contributed.
    pub terms: Vec<Term>,
}

/// An input of a score.
#[derive(Debug, Clone)]
pub struct Term {
    /// The input.
    pub input: String,
    /// Its value.
    pub value: FeatureValue,
    /// What it contributed, where the model can tell.
    pub contribution: Option<f64>,
    /// Why the value is doubtful.
    pub doubt: Option<String>,
}

impl Patient {
    /// The value of a column: of the tables of patients, or, if all of the patient's lesions agree on it, of the list of
    /// cases.
    pub fn column(&self, name: &str) -> Option<&str> {
        if let Some(value) = self.columns.get(name) {
            return Some(value);
        }
        let mut values = self.lesions.iter().map(|lesion| lesion.columns.get(name));
        let first = values.next()??;
        values.all(|value| value == Some(first)).then_some(first)
    }
}

/// Words for an event that was seen, where the experiment names none, and those that stand against them.
const SEEN: [&str; 3] = ["1", "true", "yes"];
const UNSEEN: [&str; 3] = ["0", "false", "no"];

/// Whether a word says that the event was seen. Where the experiment names the words, every other one says that it was
/// not; otherwise only those that stand against the usual ones: `dead`, or the 2 of tables that count from 1, is not to be
/// taken for a patient who lives.
///
/// # Errors
/// In words, if it says neither: nothing can then be told from the column.
pub fn event_seen(column: &str, word: &str, seen: &[String]) -> Result<bool, String> {
    let word = word.trim();
    // Tables with gaps are often written with 1.0 for 1.
    let number = |text: &str| text.trim().parse::<f64>().ok().filter(|value| value.is_finite());
    let is = |other: &str| {
        other.trim().eq_ignore_ascii_case(word) || number(other).is_some_and(|other| number(word) == Some(other))
    };
    let usual = seen.iter().map(String::as_str).eq(SEEN);
    if seen.iter().any(|seen| is(seen)) {
        Ok(true)
    } else if !usual || UNSEEN.iter().any(|unseen| is(unseen)) {
        Ok(false)
    } else {
        Err(format!(
            "`{column}` is `{word}`, neither {} nor {}: say with `seen` which values are events",
            SEEN.join(", "),
            UNSEEN.join(", ")
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_that_may_mean_anything_is_no_censoring() {
        let usual = SEEN.map(str::to_owned);
        let seen = |word: &str, words: &[String]| event_seen("dead", word, words).ok();
        for (word, expected) in
            [("1", Some(true)), ("1.0", Some(true)), (" Yes", Some(true)), ("0.0", Some(false)), ("FALSE", Some(false))]
        {
            assert_eq!(seen(word, &usual), expected, "{word}");
        }
        for word in ["2", "dead", "alive", "nan"] {
            assert_eq!(seen(word, &usual), None, "{word}");
        }
        assert_eq!((seen("dead", &["Dead".into()]), seen("1", &["Dead".into()])), (Some(true), Some(false)));
        assert!(event_seen("dead", "2", &usual).unwrap_err().contains("`dead` is `2`"));
    }
}
