//! A score against a number.

use voxomics_report::study::{Estimate, Evaluation, NumberResult, Outcome};
use voxomics_statistics::{
    Level, Result,
    rank::{Correlation, Reference, pearson, spearman},
};

use super::{
    Question, compare, estimate,
    forest::{self, Effect},
    rows::pick,
    sample::Sample,
};

/// Correlations of score and number.
pub(super) fn evaluate(
    question: &Question<'_>,
    sample: &Sample<'_, f64>,
    column: &str,
    shown: &mut Evaluation,
) -> std::result::Result<Outcome, String> {
    let (scores, numbers) = (&sample.scores, &sample.outcomes);
    let mut had = |name: &str, found: Result<Correlation>| match found {
        Ok(found) => {
            let (interval, p) = method(&found);
            shown.methods.extend([format!("{name}: {interval}."), format!("p-values of {name}: {p}.")]);
            Some(shown_as(found))
        }
        Err(cause) => {
            shown.notes.push(format!("{name}: {cause}."));
            None
        }
    };
    let result = NumberResult {
        label: column.into(),
        points: numbers.iter().copied().zip(scores.iter().copied()).collect(),
        pearson: had("Pearson’s correlation", pearson(numbers, scores, Level::P95)),
        spearman: had("Spearman’s correlation", spearman(numbers, scores, Level::P95)),
    };
    compare::numbers(question, sample, shown);
    let effect = Effect { name: "Spearman’s ρ", neutral: 0.0, logarithmic: false, high: None, events: None };
    let rho = |members: &[usize]| spearman(&pick(numbers, members), &pick(scores, members), Level::P95).map(shown_as);
    shown.forest = forest::forest(question, &sample.units, &effect, &mut shown.notes, rho, None);
    Ok(Outcome::Number(Box::new(result)))
}

/// Where interval and p value of a correlation come from, or why there are none.
fn method(found: &Correlation) -> (&'static str, &'static str) {
    let p = match found.reference {
        Some(Reference::Permutations) => "exact, of all orders of the ranks",
        Some(Reference::Student) => "by Student’s distribution",
        None if found.n < 3 => "none, as two pairs always lie on a line",
        None => "none, as pairs on a line leave no residual to test against",
    };
    let interval = match found.interval {
        Some(_) => "interval on Fisher’s scale",
        None if found.n < 4 => "no interval of fewer than 4 pairs",
        None => "no interval of a coefficient of 1 or −1",
    };
    (interval, p)
}

fn shown_as(found: Correlation) -> Estimate {
    estimate(found.coefficient, found.interval, found.p)
}
