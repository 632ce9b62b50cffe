//! What a check finds.

use std::{collections::BTreeMap, fmt, path::PathBuf};

use serde::{Deserialize, Serialize};

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// The plugin does what it should.
    Passed,
    /// Nothing is wrong, and its author should look at it.
    Warned,
    /// The check does not concern the plugin, or cannot be made.
    Skipped,
    /// The plugin does not do what it should.
    Failed,
    /// It ended its process, or did not answer in time.
    Crashed,
}

impl Outcome {
    /// Every outcome, the best first.
    pub const ALL: [Self; 5] = [Self::Passed, Self::Warned, Self::Skipped, Self::Failed, Self::Crashed];

    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Warned => "warned",
            Self::Skipped => "skipped",
            Self::Failed => "failed",
            Self::Crashed => "crashed",
        }
    }

    /// Whether the plugin has to be changed.
    pub fn is_fault(self) -> bool {
        matches!(self, Self::Failed | Self::Crashed)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// How a check ended, and one sentence about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// How it ended.
    pub outcome: Outcome,
    /// What was found.
    pub sentence: String,
}

impl Verdict {
    fn new(outcome: Outcome, sentence: impl Into<String>) -> Self {
        Self { outcome, sentence: sentence.into() }
    }

    /// The plugin does what it should.
    pub fn passed(sentence: impl Into<String>) -> Self {
        Self::new(Outcome::Passed, sentence)
    }

    /// Nothing is wrong, and its author should look at it.
    pub fn warned(sentence: impl Into<String>) -> Self {
        Self::new(Outcome::Warned, sentence)
    }

    /// The check does not concern the plugin, or cannot be made.
    pub fn skipped(sentence: impl Into<String>) -> Self {
        Self::new(Outcome::Skipped, sentence)
    }

    /// The plugin does not do what it should.
    pub fn failed(sentence: impl Into<String>) -> Self {
        Self::new(Outcome::Failed, sentence)
    }

    /// The plugin ended its process, or did not answer in time.
    pub fn crashed(sentence: impl Into<String>) -> Self {
        Self::new(Outcome::Crashed, sentence)
    }
}

/// What a check says: an error is a verdict as well, which ends the check early.
pub type Checked = Result<Verdict, Verdict>;

/// The verdict of one check of one plugin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The plugin's name; that of the file where no plugin is known.
    pub plugin: String,
    /// The check's name.
    pub check: &'static str,
    /// What the check looks at.
    pub purpose: &'static str,
    /// What it found.
    #[serde(flatten)]
    pub verdict: Verdict,
}

/// What all checks of a file found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The file.
    pub file: PathBuf,
    /// How often each outcome was found.
    pub outcomes: BTreeMap<&'static str, usize>,
    /// The findings, by plugin and in the order of the checks.
    pub checks: Vec<Finding>,
}

impl Report {
    /// The report of these findings.
    pub fn new(file: PathBuf, checks: Vec<Finding>) -> Self {
        let count = |outcome: Outcome| checks.iter().filter(|finding| finding.verdict.outcome == outcome).count();
        let outcomes = Outcome::ALL.map(|outcome| (outcome.word(), count(outcome)));
        Self { file, outcomes: outcomes.into(), checks }
    }

    /// Whether nothing has failed or crashed.
    pub fn is_sound(&self) -> bool {
        self.checks.iter().all(|finding| !finding.verdict.outcome.is_fault())
    }
}
