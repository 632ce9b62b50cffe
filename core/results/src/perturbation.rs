//! Perturbations of a case: what was done to it, and what its features were then.

use serde::{Deserialize, Serialize};
use voxomics_base::table::Row;

/// What is done to a case.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Perturbation {
    /// The grid is turned about the axis across the slices, degrees.
    pub rotation_deg: f64,
    /// The grid is shifted along *x*, *y*, *z*, in voxels of the features' grid.
    pub translation: [f64; 3],
    /// Number of the noise that is added to the scan, from 1; 0 for none.
    pub noise: u64,
    /// Share of its volume by which a region grows, or shrinks below 0.
    pub volume_change: f64,
    /// What becomes of intensities, if this is a negative control; then nothing else is done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub control: Option<Control>,
}

/// A negative control: intensities that are put elsewhere, or are others, so that nothing but volume and outline is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Control {
    /// What becomes of the intensities.
    pub kind: Kind,
    /// Which intensities.
    pub place: Place,
}

impl Control {
    /// "shuffled region".
    pub fn name(self) -> String {
        format!("{} {}", self.kind.word(), self.place.word())
    }
}

/// What becomes of intensities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Each goes to the place of another one: their histogram stays.
    Shuffled,
    /// Each is drawn from all of them, with replacement.
    Sampled,
    /// Each is drawn from the least to the largest of them, all equally likely.
    Uniform,
    /// The least becomes the largest, and the other way round.
    Inverted,
}

impl Kind {
    /// All of them with their words.
    pub const WORDS: [(&'static str, Self); 4] = [
        ("shuffled", Self::Shuffled),
        ("sampled", Self::Sampled),
        ("uniform", Self::Uniform),
        ("inverted", Self::Inverted),
    ];

    /// Its word.
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, of)| *of == self).map_or("", |(word, _)| word)
    }
}

/// Which intensities are others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// Those of drawn regions, each region for itself.
    Region,
    /// Those outside of these regions.
    Outside,
    /// All of the scan.
    Scan,
}

impl Place {
    /// All of them with their words.
    pub const WORDS: [(&'static str, Self); 3] =
        [("region", Self::Region), ("outside", Self::Outside), ("scan", Self::Scan)];

    /// Its word.
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, of)| *of == self).map_or("", |(word, _)| word)
    }
}

/// The perturbations of a run.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Perturbations {
    /// Each of them: those that move the case or add noise, whose numbers in tables begin at 1, and after them the negative controls.
    pub all: Vec<Perturbation>,
    /// The scans to which noise is added, by the word after `image.`; empty for the one without a word.
    pub scans: Vec<String>,
}

impl Perturbations {
    /// How many are no negative controls; they come first.
    pub fn moved(&self) -> usize {
        self.all.iter().take_while(|of| of.control.is_none()).count()
    }

    /// The negative controls.
    pub fn controls(&self) -> impl Iterator<Item = Control> {
        self.all.iter().filter_map(|of| of.control)
    }
}

/// What a perturbation of a case gives.
#[derive(Debug, Clone, Default)]
pub struct Perturbed {
    /// A row for each row of the unperturbed case; where a region could not be had, each of its values has the reason.
    pub rows: Vec<Row>,
    /// Standard deviation of the noise that was added, for each scan; none if there was none.
    pub noise_sd: Vec<Option<f64>>,
}

/// Why a row has no value at all, if it has none.
pub fn absent(row: &Row) -> Option<&str> {
    let mut values = row.values.iter().flatten();
    let reason = values.next().and_then(|value| value.as_ref().err())?;
    values.all(Result::is_err).then_some(&**reason)
}
