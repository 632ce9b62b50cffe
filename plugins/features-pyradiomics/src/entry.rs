//! What the seven families share: the entry of a feature, and the mean over matrices.

use voxomics_imaging::texture::Matrix;
use voxomics_sdk::{Feature, MatrixSet, prelude::Values};

/// Why a value is none.
pub(crate) type Reason = &'static str;

/// A feature: what describes it, and where its value is found in what is measured of a region or a matrix.
pub(crate) struct Entry<T> {
    /// PyRadiomics' name of the feature.
    pub(crate) id: &'static str,
    /// IBSI's code, or nothing if IBSI has no feature that always is the same number.
    pub(crate) ibsi: &'static str,
    pub(crate) unit: &'static str,
    pub(crate) meaning: &'static str,
    pub(crate) equation: &'static str,
    pub(crate) value: fn(&T) -> Result<f64, Reason>,
}

impl<T> Entry<T> {
    pub(crate) fn describe(&self) -> Feature {
        let feature =
            Feature::new(self.id, &title(self.id)).unit(self.unit).meaning(self.meaning).equation(self.equation);
        if self.ibsi.is_empty() { feature } else { feature.ibsi(self.ibsi) }
    }
}

/// `LargeAreaEmphasis` as three words.
fn title(id: &str) -> String {
    let mut title = String::new();
    let mut before = ' ';
    for c in id.chars() {
        if c.is_ascii_uppercase() && (before.is_ascii_lowercase() || before.is_ascii_digit()) {
            title.push(' ');
        }
        title.push(c);
        before = c;
    }
    title
}

/// The value of each feature.
pub(crate) fn single<T>(entries: &[Entry<T>], measured: &T) -> Values {
    let mut values = Values::new();
    for entry in entries {
        values.set(entry.id, (entry.value)(measured).and_then(finite));
    }
    values
}

/// The mean of each feature over matrices, or `none` if there are no matrices.
pub(crate) fn mean<T>(entries: &[Entry<T>], all: &[T], none: Reason) -> Values {
    let mut values = Values::new();
    for entry in entries {
        let sum: Result<f64, Reason> = all.iter().map(entry.value).sum();
        let mean = sum.and_then(|sum| if all.is_empty() { Err(none) } else { finite(sum / all.len() as f64) });
        values.set(entry.id, mean);
    }
    values
}

fn finite(value: f64) -> Result<f64, Reason> {
    if value.is_finite() { Ok(value) } else { Err("the value exceeds the range of 64-bit numbers") }
}

/// The host's matrices as those that the mathematics works on.
pub(crate) fn matrices<'a>(set: MatrixSet<'a>) -> impl Iterator<Item = Matrix> + use<'a> {
    set.matrices().map(|one| Matrix::from_cells(one.voxels, one.triples()))
}

#[cfg(test)]
mod tests {
    #[test]
    fn titles_are_words() {
        assert_eq!(super::title("10Percentile"), "10 Percentile");
        assert_eq!(super::title("MCC"), "MCC");
        assert_eq!(super::title("LargeAreaEmphasis"), "Large Area Emphasis");
    }
}
