//! Values and where they stand: the columns of a table of features, and its rows.

use std::sync::Arc;

use serde::Serialize;

/// Why a feature has no value for a region.
pub type Undefined = Arc<str>;

/// A value, or the reason why there is none.
pub type FeatureValue = Result<f64, Undefined>;

/// A column of the feature table.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Column {
    /// Its name: `[image.]family[.aggregation].feature`.
    pub name: String,
    /// Image or response map.
    pub image: String,
    /// Family, as the experiment names it.
    pub family: String,
    /// Aggregation; empty if the family has none.
    pub aggregation: String,
    /// Id of the feature.
    pub feature: String,
    /// IBSI code; empty if there is none.
    pub ibsi: String,
    /// Unit.
    pub unit: String,
}

/// The features of one region of one case.
#[derive(Debug, Clone)]
pub struct Row {
    /// Index of the region.
    pub region: usize,
    /// Number of the component, from 1, where each is a region of its own.
    pub component: Option<usize>,
    /// A value a column; none where the column does not apply to the region.
    pub values: Vec<Option<FeatureValue>>,
}

/// The name of a region in tables and messages: `tumour`, or `tumour.2` for its second component.
pub fn region_label(name: &str, component: Option<usize>) -> String {
    component.map_or_else(|| name.to_owned(), |number| format!("{name}.{number}"))
}

/// A word as part of a column's name: `2.5D merged` → `2_5d_merged`.
pub fn slug(word: &str) -> String {
    word.chars().map(|c| if c.is_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).collect()
}

/// A value as text: the shortest that reads back as the same number.
pub fn number(value: f64) -> String {
    // `{:?}` writes an exponent where `{}` would write hundreds of digits.
    let text = format!("{value:?}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_read_back() {
        for (value, text) in
            [(1.0, "1"), (-0.1, "-0.1"), (1e300, "1e300"), (2.5e-9, "2.5e-9"), (123456789.0, "123456789")]
        {
            assert_eq!(number(value), text);
            assert_eq!(text.parse(), Ok(value));
        }
    }

    #[test]
    fn aggregations_become_words_of_a_column() {
        assert_eq!(slug("2.5D direction-merged"), "2_5d_direction_merged");
    }
}
