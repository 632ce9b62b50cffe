//! A second model on the same rows, and intervals that know of patients.

use std::collections::BTreeSet;

use voxomics_report::study::Evaluation;
use voxomics_statistics::{
    Error, Level, Result, Survival,
    bootstrap::{Design, Plan, bootstrap},
    concordance::concordance,
    rank::spearman_coefficient,
    roc,
};

use super::{Question, ScoredModel, few, rows::pick, sample::Sample, words};

/// Resamples of an interval that is printed.
pub(super) const REPLICATES: usize = 2000;

/// Resamples of fewer patients than this are too much alike for an interval.
pub(super) const LEAST_RESAMPLED: usize = 10;

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
    let scores = question.scores_of(&sample.units, model);
    let members: Vec<usize> = (0..scores.len()).filter(|&at| scores[at].is_some()).collect();
    if members.is_empty() {
        shown.notes.push(format!("Comparison: `{second}` gives none of these rows a score."));
        return None;
    }
    if model.training.contains(&question.cohort.name) && !question.stated.out_of_fold {
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

/// A statistic, and what became of it when patients were resampled, each with all of its rows; in words.
fn resampled(
    question: &Question<'_>,
    clusters: &[usize],
    methods: &mut Vec<String>,
    mut statistic: impl FnMut(&[usize]) -> Result<f64>,
) -> String {
    let everybody: Vec<usize> = (0..clusters.len()).collect();
    let estimate = match statistic(&everybody) {
        Ok(estimate) => estimate,
        Err(cause) => return format!("not to be had: {cause}"),
    };
    let patients = clusters.iter().collect::<BTreeSet<_>>().len();
    let design = Design::Clusters(clusters);
    let plan = Plan { design, replicates: REPLICATES, seed: question.context.seed, level: Level::P95 };
    let found = match patients {
        LEAST_RESAMPLED.. => bootstrap(&plan, statistic),
        found => Err(Error::TooFew { what: "patients to resample", found, needed: LEAST_RESAMPLED }),
    };
    match found {
        Ok(found) => {
            say_bootstrap(question, methods);
            let failed = match found.failed {
                0 => String::new(),
                failed => format!(", undefined on {failed} of {} resamples", found.replicates),
            };
            format!("{}, bootstrap over patients{failed}", words::with_interval(estimate, Some(found.percentile)))
        }
        Err(cause) => format!("{}, no interval by bootstrap over patients: {cause}", words::figure(estimate)),
    }
}

/// Says how a resampled interval is made.
pub(super) fn say_bootstrap(question: &Question<'_>, methods: &mut Vec<String>) {
    let method = format!(
        "Intervals by bootstrap: 2.5 % and 97.5 % percentiles of {REPLICATES} resamples of patients, each with all of its \
         rows (seed {}).",
        question.context.seed
    );
    if !methods.contains(&method) {
        methods.push(method);
    }
}

/// The area below the ROC curve with an interval that knows which lesions are one patient's.
pub(super) fn clustered_auc(question: &Question<'_>, sample: &Sample<'_, bool>, shown: &mut Evaluation) {
    let said = resampled(question, &sample.clusters(), &mut shown.methods, |members| {
        Ok(roc::auc(&pick(&sample.scores, members), &pick(&sample.outcomes, members), Level::P95)?.value)
    });
    shown.notes.push(format!("AUC, lesions clustered by patient: {said}."));
}

/// Areas below two ROC curves.
pub(super) fn classes(question: &Question<'_>, sample: &Sample<'_, bool>, shown: &mut Evaluation) {
    let Some((on, pairs)) = pairs(question, sample, shown) else { return };
    let outcomes = pick(&sample.outcomes, &pairs.members);
    let fewest = few::fewest(&outcomes);
    match roc::compare(&pairs.first, &pairs.second, &outcomes, Level::P95) {
        Ok(found) if fewest < few::LEAST_OF_A_CLASS => shown.notes.push(format!(
            "Comparison of {on}: AUC {} and {}, difference {}; with {fewest} of a class there is no interval and no p.",
            words::figure(found.first),
            words::figure(found.second),
            words::figure(found.difference),
        )),
        Err(cause) => shown.notes.push(format!("Comparison of {on}: {cause}.")),
        Ok(found) => {
            let p = match (question.stated.out_of_fold, found.p) {
                (true, _) => String::new(),
                (false, p) => format!(", {}", p.map_or("its variance is undefined or zero".into(), words::p)),
            };
            shown.notes.push(format!(
                "Comparison of {on}: AUC {} and {}, difference {}{p} (paired, DeLong).",
                words::figure(found.first),
                words::figure(found.second),
                words::with_interval(found.difference, found.interval),
            ));
        }
    }
    if question.stated.lesions {
        let said = resampled(question, &pairs.clusters, &mut shown.methods, |members| {
            let outcomes = pick(&outcomes, members);
            let first = roc::auc(&pick(&pairs.first, members), &outcomes, Level::P95)?;
            Ok(first.value - roc::auc(&pick(&pairs.second, members), &outcomes, Level::P95)?.value)
        });
        shown.notes.push(format!("Comparison, lesions clustered by patient: difference of AUC {said}."));
    }
}

/// Rank correlations of two scores with a number.
pub(super) fn numbers(question: &Question<'_>, sample: &Sample<'_, f64>, shown: &mut Evaluation) {
    let Some((on, pairs)) = pairs(question, sample, shown) else { return };
    let numbers = pick(&sample.outcomes, &pairs.members);
    let said = resampled(question, &pairs.clusters, &mut shown.methods, |members| {
        let numbers = pick(&numbers, members);
        let first = spearman_coefficient(&pick(&pairs.first, members), &numbers)?;
        Ok(first - spearman_coefficient(&pick(&pairs.second, members), &numbers)?)
    });
    shown.notes.push(format!("Comparison of {on}: difference of Spearman’s ρ {said}."));
}

/// Concordance of two scores with survival.
pub(super) fn survivals(question: &Question<'_>, sample: &Sample<'_, (f64, bool)>, shown: &mut Evaluation) {
    let Some((on, pairs)) = pairs(question, sample, shown) else { return };
    let outcomes = pick(&sample.outcomes, &pairs.members);
    let said = resampled(question, &pairs.clusters, &mut shown.methods, |members| {
        let (times, events): (Vec<f64>, Vec<bool>) = pick(&outcomes, members).into_iter().unzip();
        let data = Survival::new(&times, &events)?;
        let of = |model: &ScoredModel, scores: &[f64]| {
            let risk = model.risk(&pick(scores, members));
            Ok::<f64, Error>(concordance(data, &risk, None, Level::P95)?.value)
        };
        Ok(of(question.model, &pairs.first)? - of(pairs.model, &pairs.second)?)
    });
    shown.notes.push(format!("Comparison of {on}: difference of Harrell’s C {said}."));
}
