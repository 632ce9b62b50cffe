//! How sure a ROC curve is: a band around its sensitivities.

use voxomics_statistics::{
    bootstrap::Design,
    roc::{self, Point},
};

use super::{
    Question,
    few::{LEAST_OF_A_CLASS, fewest},
    resampled,
    rows::pick,
    sample::Sample,
};

/// Places along 1 − specificity, 0 and 1 among them.
const PLACES: usize = 41;

/// With more rows than this the band is hardly wider than the line.
const MOST_ROWS: usize = 5_000;

/// What a band is, for readers.
pub(super) const METHOD: &str = "ROC band: pointwise 95 % intervals of the sensitivity at a specificity, by percentiles of resamples of \
                                 each class; of lesions, of resamples of patients.";

/// At places along 1 − specificity, the interval of the sensitivity; nothing of too few rows of a class, or of very many.
pub(super) fn band(question: &Question<'_>, sample: &Sample<'_, bool>) -> Vec<(f64, f64, f64)> {
    let (scores, outcomes) = (&sample.scores, &sample.outcomes);
    if fewest(outcomes) < LEAST_OF_A_CLASS || scores.len() > MOST_ROWS {
        return Vec::new();
    }
    let places: Vec<f64> = (0..PLACES).map(|at| at as f64 / (PLACES - 1) as f64).collect();
    let classes: Vec<usize> = outcomes.iter().map(|with| usize::from(*with)).collect();
    let clusters = sample.clusters();
    let design = if question.stated.lesions { Design::Clusters(&clusters) } else { Design::Strata(&classes) };
    let of = |members: &[usize]| -> Vec<Option<f64>> {
        let curve = roc::curve(&pick(scores, members), &pick(outcomes, members));
        curve.map_or_else(
            |_| vec![None; PLACES],
            |curve| places.iter().map(|place| sensitivity(&curve, *place)).collect(),
        )
    };
    let found = resampled::drawn(question, &clusters, design, PLACES, of);
    let ends = places.iter().zip(found).map(|(place, interval)| interval.map(|ends| (*place, ends.low, ends.high)));
    ends.collect::<Option<_>>().unwrap_or_default()
}

/// The sensitivity of a curve at a place: of an upright piece its upper end, between two points the line.
fn sensitivity(curve: &[Point], place: f64) -> Option<f64> {
    let after = curve.partition_point(|point| point.false_positive_rate <= place);
    let before = curve.get(after.checked_sub(1)?)?;
    let Some(next) = curve.get(after) else { return Some(before.sensitivity) };
    let along = (place - before.false_positive_rate) / (next.false_positive_rate - before.false_positive_rate);
    Some(before.sensitivity + along * (next.sensitivity - before.sensitivity))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sensitivity_at_a_place_lies_on_the_line() {
        let curve = roc::curve(&[4.0, 3.0, 2.0, 1.0], &[true, false, true, false]).expect("a curve");
        let found: Vec<Option<f64>> = [0.0, 0.25, 0.5, 0.75, 1.0].map(|place| sensitivity(&curve, place)).to_vec();
        assert_eq!(found, [Some(0.5), Some(0.5), Some(1.0), Some(1.0), Some(1.0)]);
        // Equal scores of both classes make a slanting piece.
        let curve = roc::curve(&[1.0, 1.0], &[true, false]).expect("a curve");
        assert_eq!(sensitivity(&curve, 0.25), Some(0.25));
    }
}
