//! Learners beside each other: what several make of the same rows, tested on the same folds, and what each has to be better than.

use voxomics_engine::experiment::study::{Learn, Target};
use voxomics_learning::{Sample, nested::over_folds};
use voxomics_report::study::{Compared, ComparedRow, Estimate};

use super::training::{Averaged, around};
use crate::learn::{Learnt, Outer, outer::Weighed};

/// A learner with what it was tested by.
struct Tested<'a> {
    name: String,
    inputs: u64,
    by_fold: Vec<Vec<Weighed>>,
    outer: &'a Outer,
    own: bool,
}

/// A table for each training with outer folds: the models that were learnt from the very same rows and tested on the very same folds,
/// and its baselines.
pub fn compared(stated: &[Learn], learnt: &[(usize, Learnt)]) -> Vec<Compared> {
    let mut done: Vec<usize> = Vec::new();
    let mut tables = Vec::new();
    for (at, (index, model)) in learnt.iter().enumerate() {
        let (Some(outer), Some(sample)) = (&model.outer, &model.sample) else { continue };
        if done.contains(&at) {
            continue;
        }
        let target = &stated[*index].target;
        let (measure, _) = outer.by_fold(target, sample);
        let mut rows: Vec<Tested<'_>> = Vec::new();
        for (other, (of, candidate)) in learnt.iter().enumerate().skip(at) {
            let Some(theirs) = &candidate.outer else { continue };
            let same = stated[*of].target == *target
                && candidate.places == model.places
                && theirs.folds == outer.folds
                && candidate.sample.as_ref().is_some_and(|own| own.weights == sample.weights);
            if !same {
                continue;
            }
            done.push(other);
            rows.push(tested(stated[*of].name.clone(), offered(candidate), theirs, (target, sample), true));
            let name = &stated[*of].name;
            for baseline in &candidate.baselines {
                let Some(theirs) = baseline.outer.as_ref().filter(|theirs| theirs.folds == outer.folds) else {
                    continue;
                };
                let named = format!("{name}: {}", baseline.name);
                rows.push(tested(named, baseline.inputs.len() as u64, theirs, (target, sample), false));
            }
        }
        if rows.len() < 2 {
            continue;
        }
        let higher = measure.more_is_better();
        let reference = &rows[0];
        let shown = rows.iter().map(|row| ComparedRow {
            name: row.name.clone(),
            inputs: row.inputs,
            baseline: !row.own,
            value: mean(&row.by_fold, row.outer, higher),
            difference: if std::ptr::eq(row, reference) { None } else { difference(row, reference) },
        });
        let (repeats, folds) = outer.shape();
        tables.push(Compared {
            title: crate::learn::describe(target),
            asked: crate::evaluate::asked(target),
            measure: measure.name().into(),
            higher_is_better: higher,
            reference: reference.name.clone(),
            folds: folds as u64,
            repeats: repeats as u64,
            rows: shown.collect(),
        });
    }
    tables
}

fn offered(model: &Learnt) -> u64 {
    let document = model.predictor.model.as_ref().map(|model| &model.document);
    document.and_then(|document| document["training"]["offered_inputs"].as_u64()).unwrap_or(0)
}

fn tested<'a>(
    name: String,
    inputs: u64,
    outer: &'a Outer,
    (target, sample): (&Target, &Sample),
    own: bool,
) -> Tested<'a> {
    Tested { name, inputs, by_fold: outer.by_fold(target, sample).1, outer, own }
}

/// No measure is negative, and those of which more is better are shares.
fn mean(by_fold: &[Vec<Weighed>], outer: &Outer, is_share: bool) -> Option<Estimate> {
    let known: Vec<Vec<(f64, f64)>> = by_fold.iter().map(|folds| folds.iter().flatten().copied().collect()).collect();
    interval(&known, outer, |mean, half| around(mean, half, is_share))
}

/// The mean of the differences fold by fold: what the folds have in common is in both and goes away. A fold in which one of the two
/// has no figure, or has that of other rows, tells nothing of both.
fn difference(row: &Tested<'_>, reference: &Tested<'_>) -> Option<Estimate> {
    let of = |(a, b): (&Weighed, &Weighed)| {
        let ((a, weight), (b, other)) = ((*a)?, (*b)?);
        (weight == other).then_some((a - b, weight))
    };
    let repeats = row.by_fold.iter().zip(&reference.by_fold);
    let differences: Vec<Vec<(f64, f64)>> =
        repeats.map(|(row, reference)| row.iter().zip(reference).filter_map(of).collect()).collect();
    interval(&differences, row.outer, |mean, half| Some((mean - half, mean + half)))
}

/// The mean that stands in the table of a model's performance, too, and its interval with the factor of Nadeau and Bengio, as `ends`
/// makes it.
fn interval(
    known: &[Vec<(f64, f64)>],
    outer: &Outer,
    ends: impl Fn(f64, f64) -> Option<(f64, f64)>,
) -> Option<Estimate> {
    let (mean, error) = over_folds(known)?;
    let (repeats, folds) = outer.shape();
    let of = Averaged { folds, repeats, known: known.iter().map(Vec::len).sum() };
    let half = (of.known > repeats).then(|| of.factor() * error).filter(|half| *half > 0.0);
    let (low, high) = half.and_then(|half| ends(mean, half)).unzip();
    Some(Estimate { value: mean, low, high, p: None })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::outer::OfFold;

    #[test]
    fn a_paired_interval_is_that_of_the_corrected_test_of_differences() {
        let of = |fold| OfFold {
            controls: Vec::new(),
            repeat: 0,
            fold,
            scores: Vec::new(),
            inputs: Default::default(),
            importance: Default::default(),
            told: Vec::new(),
        };
        let outer = Outer {
            folds: vec![vec![0, 1, 2, 3, 4]],
            models: (0..5).map(of).collect(),
            logistic: false,
            linear: true,
            hazard: false,
            refitted: Vec::new(),
        };
        let tested = |by_fold: [f64; 5]| Tested {
            name: String::new(),
            inputs: 1,
            by_fold: vec![by_fold.map(|figure| Some((figure, 10.0))).to_vec()],
            outer: &outer,
            own: true,
        };
        let (a, b) = (tested([0.80, 0.75, 0.70, 0.85, 0.90]), tested([0.78, 0.70, 0.69, 0.80, 0.86]));
        let found = difference(&a, &b).expect("a difference");
        // R: d <- c(0.02,0.05,0.01,0.05,0.04); mean(d) + c(-1,1) * qt(0.975, 4) * sqrt(var(d) * (1/5 + 1/4))
        assert!((found.value - 0.034).abs() < 1e-12, "{found:?}");
        let (low, high) = (found.low.expect("a limit"), found.high.expect("a limit"));
        assert!(
            (low - 0.000_166_080_005_514).abs() < 1e-12 && (high - 0.067_833_919_994_486).abs() < 1e-12,
            "{low} {high}"
        );
        let near = mean(&tested([1.0, 0.9, 1.0, 0.7, 1.0]).by_fold, &outer, true).expect("a mean");
        assert!(
            (near.value - 0.92).abs() < 1e-12
                && near.high.is_some_and(|high| high > 0.92 && high < 1.0)
                && near.low.is_some_and(|low| low > 0.2)
        );
        // A fold without a figure leaves the mean of the others, and one degree of freedom less.
        let mut part = tested([0.80, 0.75, 0.70, 0.85, 0.90]);
        part.by_fold[0][4] = None;
        let found = mean(&part.by_fold, &outer, true).expect("a mean");
        // The mean of 0.80, 0.75, 0.70, 0.85, less t · √(s² · (1/4 + 1/4)); the quantile t of 3 degrees of freedom is 3.182446.
        assert!((found.value - 0.775).abs() < 1e-12, "{found:?}");
        assert!(found.low.is_some_and(|low| (low - 0.629_741_864).abs() < 1e-8), "{found:?}");
        // A fold of other rows is no pair.
        part.by_fold[0][3] = Some((0.85, 9.0));
        assert!(difference(&part, &b).is_some_and(|found| (found.value - (0.02 + 0.05 + 0.01) / 3.0).abs() < 1e-12));
    }
}
