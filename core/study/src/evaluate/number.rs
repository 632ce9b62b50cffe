//! A score against a number.

use voxomics_report::study::{Estimate, Evaluation, NumberCalibration, NumberResult, Outcome};
use voxomics_statistics::{
    Level, Result,
    bootstrap::Design,
    calibration::number::{self, Coefficient},
    rank::{Correlation, Reference, pearson, spearman},
};

use super::{
    Question,
    class::had,
    compare::{self, say_bootstrap},
    estimate,
    forest::{self, Effect},
    resampled,
    rows::pick,
    sample::Sample,
};

/// Places of the line of observed on predicted numbers.
const PLACES: usize = 25;

/// Correlations of score and number; and whether it is right, where the score predicts this number.
pub(super) fn evaluate(
    question: &Question<'_>,
    sample: &Sample<'_, f64>,
    column: &str,
    shown: &mut Evaluation,
) -> std::result::Result<Outcome, String> {
    let (scores, numbers) = (&sample.scores, &sample.outcomes);
    let mut correlated = |name: &str, found: Result<Correlation>| match found {
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
        pearson: correlated("Pearson’s correlation", pearson(numbers, scores, Level::P95)),
        spearman: correlated("Spearman’s correlation", spearman(numbers, scores, Level::P95)),
        calibration: question.predicts(column).then(|| calibrate(question, sample, shown)).flatten(),
    };
    compare::numbers(question, sample, shown);
    let effect = Effect { name: "Spearman’s ρ", neutral: 0.0, logarithmic: false, high: None, events: None };
    let rho = |members: &[usize]| spearman(&pick(numbers, members), &pick(scores, members), Level::P95).map(shown_as);
    shown.forest = forest::forest(question, &sample.units, &effect, &mut shown.notes, rho, None);
    Ok(Outcome::Number(Box::new(result)))
}

/// Observed against predicted numbers. Rows of one patient are not independent: where there are such, every interval is one over
/// patients, and there is no p and no band.
fn calibrate(question: &Question<'_>, sample: &Sample<'_, f64>, shown: &mut Evaluation) -> Option<NumberCalibration> {
    let (predicted, observed) = (&sample.scores, &sample.outcomes);
    let found = had("Calibration", number::numbers(predicted, observed, Level::P95), &mut shown.notes)?;
    let clusters = sample.clusters();
    let independent = clusters.iter().max().is_some_and(|last| last + 1 == clusters.len());
    let figures = |of: &number::Numbers| {
        let line = [of.difference.value, of.intercept.value, of.slope.value];
        line.into_iter().chain([of.explained, of.root_mean_square, of.mean_absolute])
    };
    let count = figures(&found).count();
    let drawn = resampled::drawn(question, &clusters, Design::Clusters(&clusters), count, |members| {
        number::numbers(&pick(predicted, members), &pick(observed, members), Level::P95)
            .map_or_else(|_| vec![None; count], |of| figures(&of).map(Some).collect())
    });
    if drawn.iter().any(Option::is_some) {
        say_bootstrap(question, &mut shown.methods);
    }
    let resampled: Vec<Estimate> =
        figures(&found).zip(&drawn).map(|(value, interval)| estimate(value, *interval, None)).collect();
    let of_line = |at: usize, of: Coefficient| match independent {
        true => estimate(of.value, of.interval, of.p),
        false => resampled[at].clone(),
    };
    let how = match independent {
        true => {
            "intervals of difference, intercept and slope by Student’s distribution, for residuals of equal spread, those of the other \
                 figures by bootstrap"
        }
        false => "every interval by bootstrap over patients; the line has no band",
    };
    shown.methods.push(format!("Calibration: the line of observed on predicted numbers by least squares; {how}."));
    if independent {
        shown.methods.push(
            "p-values of the calibration: of a mean difference of 0, an intercept of 0 and a slope of 1, each alone, by Student’s \
             distribution."
                .into(),
        );
    }
    let (low, high) = predicted
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(*value), high.max(*value)));
    let place = |at: usize| low + (high - low) * at as f64 / (PLACES - 1) as f64;
    let at = |predicted: f64| {
        let (value, interval) = found.at(predicted, Level::P95);
        (predicted, estimate(value, interval.filter(|_| independent), None))
    };
    let mut difference = of_line(0, found.difference);
    // What is left of 0 is the rounding of a sum.
    if difference.value.abs() < 1e-12 * found.root_mean_square {
        difference.value = 0.0;
    }
    Some(NumberCalibration {
        difference,
        intercept: of_line(1, found.intercept),
        slope: of_line(2, found.slope),
        explained: resampled[3].clone(),
        root_mean_square: resampled[4].clone(),
        mean_absolute: resampled[5].clone(),
        line: (0..PLACES).map(|step| at(place(step))).collect(),
    })
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
