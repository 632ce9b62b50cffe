//! The labels of a segmentation, counted; also where there are a great many.

use std::collections::HashMap;

use voxomics_imaging::IndexBox;

/// A label of a segmentation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Label {
    /// Its value.
    pub value: f64,
    /// Number of voxels.
    pub voxels: usize,
    /// The smallest box that holds them.
    pub bounds: IndexBox,
}

/// The labels of a segmentation.
#[derive(Debug, Clone, PartialEq)]
pub struct Labels {
    /// By value; all of them, or those that were asked for, if there are too many.
    pub found: Vec<Label>,
    /// Those that are too many.
    pub others: Option<Others>,
    /// Voxels with a label.
    pub voxels: usize,
    /// Runs of voxels of one label along *x*.
    pub runs: usize,
}

/// Labels of which nothing is kept but these.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Others {
    /// The lowest, of all labels.
    pub lowest: f64,
    /// The highest, of all labels.
    pub highest: f64,
    /// Whether all labels are whole numbers above 0.
    pub whole: bool,
}

/// Whether a label is one that programs give: a whole number above 0.
pub fn is_whole(label: f64) -> bool {
    label > 0.0 && label.fract() == 0.0
}

impl Others {
    fn of(value: f64) -> Self {
        Self { lowest: value, highest: value, whole: is_whole(value) }
    }

    fn of_both(a: Option<Self>, b: Option<Self>) -> Option<Self> {
        let both = |a: Self, b: Self| Self {
            lowest: a.lowest.min(b.lowest),
            highest: a.highest.max(b.highest),
            whole: a.whole && b.whole,
        };
        match (a, b) {
            (Some(a), Some(b)) => Some(both(a, b)),
            (one, other) => one.or(other),
        }
    }
}

/// Labels being counted.
pub(crate) struct Tally<'a> {
    asked: &'a [f64],
    most: usize,
    found: HashMap<u64, Label>,
    others: Option<Others>,
    voxels: usize,
    runs: usize,
}

impl<'a> Tally<'a> {
    pub(crate) fn new(asked: &'a [f64], most: usize) -> Self {
        Self { asked, most, found: HashMap::new(), others: None, voxels: 0, runs: 0 }
    }

    /// Takes in a run of voxels of one label.
    pub(crate) fn take(&mut self, run: Label) {
        self.voxels += run.voxels;
        self.runs += 1;
        self.add(run);
    }

    /// Takes in what was counted elsewhere.
    pub(crate) fn join(&mut self, other: Self) {
        self.voxels += other.voxels;
        self.runs += other.runs;
        self.others = Others::of_both(self.others, other.others);
        other.found.into_values().for_each(|label| self.add(label));
    }

    fn add(&mut self, label: Label) {
        if let Some(known) = self.found.get_mut(&label.value.to_bits()) {
            known.voxels += label.voxels;
            known.bounds = known.bounds.union(&label.bounds);
        } else if self.found.len() < self.most || self.is_asked(label.value) {
            self.found.insert(label.value.to_bits(), label);
        } else {
            self.others = Others::of_both(self.others, Some(Others::of(label.value)));
        }
    }

    fn is_asked(&self, value: f64) -> bool {
        self.asked.iter().any(|asked| same_label(value, *asked))
    }

    /// What was counted. Which labels came first is a matter of chance: if there were too many, only those asked for are
    /// kept.
    pub(crate) fn labels(mut self) -> Result<Labels, String> {
        if let Some(label) = self.found.values().find(|label| !label.value.is_finite()) {
            return Err(format!("{} voxels of the mask are {}, not a label", label.voxels, label.value));
        }
        if self.others.is_some() || self.found.len() > self.most {
            let counted = self.found.values().map(|label| Some(Others::of(label.value)));
            self.others = counted.fold(self.others, Others::of_both);
            let asked = self.asked;
            self.found.retain(|_, label| asked.iter().any(|asked| same_label(label.value, *asked)));
        }
        let mut found: Vec<Label> = self.found.into_values().collect();
        found.sort_by(|a, b| a.value.total_cmp(&b.value));
        Ok(Labels { found, others: self.others, voxels: self.voxels, runs: self.runs })
    }
}

/// Whether a stored label is the wanted one: labels pass through `f32` and text on their way.
pub fn same_label(stored: f64, wanted: f64) -> bool {
    (stored - wanted).abs() <= 1e-6 * wanted.abs()
}
