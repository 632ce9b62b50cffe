//! A second model on the same rows, and intervals that know of patients.

use voxomics_report::study::Evaluation;
use voxomics_statistics::{
    Error, Level, Result, Survival,
    bootstrap::{Bootstrap, Design, Plan, bootstrap},
    concordance::concordance,
    rank::spearman,
    roc,
};

use super::{
    Question, ScoredModel,
    rows::{Sample, pick},
    words,
};

/// Resamples of an interval that is printed.
const REPLICATES: usize = 2000;

/// Rows with a score of both models.
struct Pairs<'a> {
    model: &'a ScoredModel,
    members: Vec<usize>,
    first: Vec<f64>,
    second: Vec<f64>,
    clusters: Vec<usize>,
}

/// The rows of a sample that a second model scores too; none, with a note, if that cannot be had.
fn pairs<'a, T>(
    question: &Question<'a>,
    sample: &Sample<'_, T>,
    shown: &mut Evaluation,
) -> Option<(String, Pairs<'a>)> {
    let second = question.stated.compare_with.as_ref()?;
    let Some(model) = question.context.models.iter().find(|model| model.name == *second) else {
        shown.notes.push(format!("Comparison: there is no model `{second}`."));
        return None;
    };
    let scores: Vec<Option<f64>> = sample.units.iter().map(|unit| question.scoring.score(unit, second).ok()).collect();
    let members: Vec<usize> = (0..scores.len()).filter(|&at| scores[at].is_some()).collect();
    if members.is_empty() {
        shown.notes.push(format!("Comparison: `{second}` gives none of these rows a score."));
        return None;
    }
    if model.training.contains(&question.cohort.name) {
        shown.notes.push(format!("Comparison: `{second}` was learnt from this very cohort; it is favoured."));
    }
    let left = scores.len() - members.len();
    let without = if left == 0 { String::new() } else { format!(" ({left} left out, without a score by `{second}`)") };
    let on = format!(
        "`{}` against `{second}` on {}{without}",
        question.model.name,
        words::count(members.len(), &shown.unit)
    );
    let pairs = Pairs {
        model,
        first: pick(&sample.scores, &members),
        second: scores.into_iter().flatten().collect(),
        clusters: pick(&sample.clusters(), &members),
        members,
    };
    Some((on, pairs))
}

/// Resamples patients, each with all of its rows.
fn resampled(
    question: &Question<'_>,
    clusters: &[usize],
    statistic: impl FnMut(&[usize]) -> Result<f64>,
) -> Result<Bootstrap> {
    let design = Design::Clusters(clusters);
    bootstrap(&Plan { design, replicates: REPLICATES, seed: question.context.seed, level: Level::P95 }, statistic)
}

/// A resampled interval in words.
fn said(found: Result<Bootstrap>) -> String {
    match found {
        Ok(found) => {
            format!("{}, bootstrap over patients", words::with_interval(found.estimate, Some(found.percentile)))
        }
        Err(cause) => format!("no interval by bootstrap over patients: {cause}"),
    }
}

/// The area below the ROC curve with an interval that knows which lesions are one patient's.
pub(super) fn clustered_auc(question: &Question<'_>, sample: &Sample<'_, bool>, shown: &mut Evaluation) {
    let found = resampled(question, &sample.clusters(), |members| {
        Ok(roc::auc(&pick(&sample.scores, members), &pick(&sample.outcomes, members), Level::P95)?.value)
    });
    shown.notes.push(format!("AUC, lesions clustered by patient: {}.", said(found)));
}

/// Areas below two ROC curves.
pub(super) fn classes(question: &Question<'_>, sample: &Sample<'_, bool>, shown: &mut Evaluation) {
    let Some((on, pairs)) = pairs(question, sample, shown) else { return };
    let outcomes = pick(&sample.outcomes, &pairs.members);
    match roc::compare(&pairs.first, &pairs.second, &outcomes, Level::P95) {
        Err(cause) => shown.notes.push(format!("Comparison of {on}: {cause}.")),
        Ok(found) => {
            let p = found.p.map_or("its variance is undefined or zero".into(), words::p);
            shown.notes.push(format!(
                "Comparison of {on}: AUC {} and {}, difference {}, {p} (paired, DeLong).",
                words::figure(found.first),
                words::figure(found.second),
                words::with_interval(found.difference, found.interval),
            ));
        }
    }
    if question.stated.lesions {
        let found = resampled(question, &pairs.clusters, |members| {
            let outcomes = pick(&outcomes, members);
            let first = roc::auc(&pick(&pairs.first, members), &outcomes, Level::P95)?;
            Ok(first.value - roc::auc(&pick(&pairs.second, members), &outcomes, Level::P95)?.value)
        });
        shown.notes.push(format!("Comparison, lesions clustered by patient: difference of AUC {}.", said(found)));
    }
}

/// Rank correlations of two scores with a number.
pub(super) fn numbers(question: &Question<'_>, sample: &Sample<'_, f64>, shown: &mut Evaluation) {
    let Some((on, pairs)) = pairs(question, sample, shown) else { return };
    let numbers = pick(&sample.outcomes, &pairs.members);
    let found = resampled(question, &pairs.clusters, |members| {
        let numbers = pick(&numbers, members);
        let first = spearman(&pick(&pairs.first, members), &numbers, Level::P95)?;
        Ok(first.coefficient - spearman(&pick(&pairs.second, members), &numbers, Level::P95)?.coefficient)
    });
    shown.notes.push(format!("Comparison of {on}: difference of Spearman’s ρ {}.", said(found)));
}

/// Concordance of two scores with survival.
pub(super) fn survivals(question: &Question<'_>, sample: &Sample<'_, (f64, bool)>, shown: &mut Evaluation) {
    let Some((on, pairs)) = pairs(question, sample, shown) else { return };
    let outcomes = pick(&sample.outcomes, &pairs.members);
    let found = resampled(question, &pairs.clusters, |members| {
        let (times, events): (Vec<f64>, Vec<bool>) = pick(&outcomes, members).into_iter().unzip();
        let data = Survival::new(&times, &events)?;
        let of = |model: &ScoredModel, scores: &[f64]| {
            let risk = model.risk(&pick(scores, members));
            Ok::<f64, Error>(concordance(data, &risk, None, Level::P95)?.value)
        };
        Ok(of(question.model, &pairs.first)? - of(pairs.model, &pairs.second)?)
    });
    shown.notes.push(format!("Comparison of {on}: difference of Harrell’s C {}.", said(found)));
}
