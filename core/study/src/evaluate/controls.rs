//! A signature beside its negative controls: what is left of it where intensities are shuffled, or are others.
//!
//! A signature that reads volume and outline alone has the same scores in the controls; one that reads what is within falls.

use std::collections::BTreeSet;

use voxomics_engine::results::perturbation as results;
use voxomics_report::study::{Control, Controls, Estimate, Evaluation};
use voxomics_statistics::{
    Level, Result, Survival,
    bootstrap::{Design, Plan, bootstrap},
    concordance::concordance,
    rank::spearman_coefficient,
    roc,
};

use super::{
    Question, class,
    compare::{LEAST_RESAMPLED, REPLICATES, say_bootstrap},
    estimate,
    few::{LEAST_OF_A_CLASS, fewest},
    rows::{Unit, pick},
    sample::Sample,
};

/// Rows with a score of the signature and one in a control.
struct Pairs {
    members: Vec<usize>,
    signature: Vec<f64>,
    control: Vec<f64>,
    clusters: Vec<usize>,
}

/// Figures of a control.
struct Figures {
    signature: f64,
    control: Estimate,
    difference: Estimate,
}

/// Areas below the ROC curves.
pub(super) fn classes(question: &Question<'_>, sample: &Sample<'_, bool>, shown: &mut Evaluation) {
    shown.controls = each(
        question,
        sample,
        "AUC",
        |pairs, methods| {
            let outcomes = pick(&sample.outcomes, &pairs.members);
            let control = class::area(&pairs.control, &outcomes)?;
            let found = roc::compare(&pairs.signature, &pairs.control, &outcomes, Level::P95)?;
            let few = fewest(&outcomes) < LEAST_OF_A_CLASS;
            let difference = if question.stated.lesions {
                resampled(question, &pairs.clusters, methods, |members| {
                    let outcomes = pick(&outcomes, members);
                    let of =
                        |scores: &[f64]| roc::auc(&pick(scores, members), &outcomes, Level::P95).map(|area| area.value);
                    Ok(of(&pairs.signature)? - of(&pairs.control)?)
                })?
            } else {
                // Predictions of different folds are not independent, and few rows bear no interval.
                let p = found.p.filter(|_| !few && !question.stated.out_of_fold);
                estimate(found.difference, found.interval.filter(|_| !few), p)
            };
            Ok(Figures { signature: found.first, control, difference })
        },
        shown,
    );
    if shown.controls.is_some() && !question.stated.lesions {
        shown.methods.push("Differences of AUC from a negative control: paired, DeLong’s variance.".into());
    }
}

/// Rank correlations with a number.
pub(super) fn numbers(question: &Question<'_>, sample: &Sample<'_, f64>, shown: &mut Evaluation) {
    shown.controls = each(
        question,
        sample,
        "Spearman’s ρ",
        |pairs, methods| {
            let numbers = pick(&sample.outcomes, &pairs.members);
            let of = |scores: &[f64], members: &[usize]| {
                spearman_coefficient(&pick(scores, members), &pick(&numbers, members))
            };
            by_bootstrap(question, pairs, methods, of)
        },
        shown,
    );
}

/// Concordance with survival.
pub(super) fn survivals(question: &Question<'_>, sample: &Sample<'_, (f64, bool)>, shown: &mut Evaluation) {
    shown.controls = each(
        question,
        sample,
        "Harrell’s C",
        |pairs, methods| {
            let outcomes = pick(&sample.outcomes, &pairs.members);
            let of = |scores: &[f64], members: &[usize]| {
                let (times, events): (Vec<f64>, Vec<bool>) = pick(&outcomes, members).into_iter().unzip();
                let risk = question.model.risk(&pick(scores, members));
                concordance(Survival::new(&times, &events)?, &risk, None, Level::P95).map(|found| found.value)
            };
            by_bootstrap(question, pairs, methods, of)
        },
        shown,
    );
}

/// Every control of the cohort; none if it has no controls.
fn each<T>(
    question: &Question<'_>,
    sample: &Sample<'_, T>,
    measure: &str,
    figures: impl Fn(&Pairs, &mut Vec<String>) -> Result<Figures>,
    shown: &mut Evaluation,
) -> Option<Controls> {
    let controls = &question.cohort.controls;
    if controls.is_empty() {
        return None;
    }
    let one = |(at, control): (usize, &results::Control)| {
        let scores = question.scores_in_control(&sample.units, at);
        let members: Vec<usize> = (0..scores.len()).filter(|row| scores[*row].is_some()).collect();
        let mut row = Control { name: control.name(), n: members.len() as u64, ..Control::default() };
        if members.is_empty() {
            row.note =
                "No row has a score in it: the model takes what controls do not have, such as changes over time."
                    .into();
            return row;
        }
        let pairs = Pairs {
            signature: pick(&sample.scores, &members),
            control: scores.into_iter().flatten().collect(),
            clusters: pick(&sample.clusters(), &members),
            members,
        };
        row.same = pairs.signature.iter().zip(&pairs.control).filter(|(one, other)| one == other).count() as u64;
        match figures(&pairs, &mut shown.methods) {
            Ok(found) => {
                row.signature = Some(found.signature);
                (row.control, row.difference) = (Some(found.control), Some(found.difference));
            }
            Err(cause) => row.note = format!("There is no figure: {cause}."),
        }
        if row.same == row.n {
            row.note = "Each score is that of the signature: it reads nothing that this control changes.".into();
        }
        row
    };
    let rows = controls.iter().enumerate().map(one).collect();
    Some(Controls { measure: measure.into(), rows })
}

/// A figure of both scores, each with an interval by resampled patients, and so has their difference.
fn by_bootstrap(
    question: &Question<'_>,
    pairs: &Pairs,
    methods: &mut Vec<String>,
    of: impl Fn(&[f64], &[usize]) -> Result<f64>,
) -> Result<Figures> {
    let everybody: Vec<usize> = (0..pairs.members.len()).collect();
    let signature = of(&pairs.signature, &everybody)?;
    let control = resampled(question, &pairs.clusters, methods, |members| of(&pairs.control, members))?;
    let difference = resampled(question, &pairs.clusters, methods, |members| {
        Ok(of(&pairs.signature, members)? - of(&pairs.control, members)?)
    })?;
    Ok(Figures { signature, control, difference })
}

/// A statistic with its interval when patients are resampled, each with all of its rows; of few patients without.
fn resampled(
    question: &Question<'_>,
    clusters: &[usize],
    methods: &mut Vec<String>,
    mut statistic: impl FnMut(&[usize]) -> Result<f64>,
) -> Result<Estimate> {
    let everybody: Vec<usize> = (0..clusters.len()).collect();
    let value = statistic(&everybody)?;
    if clusters.iter().collect::<BTreeSet<_>>().len() < LEAST_RESAMPLED {
        return Ok(estimate(value, None, None));
    }
    let plan = Plan {
        design: Design::Clusters(clusters),
        replicates: REPLICATES,
        seed: question.context.seed,
        level: Level::P95,
    };
    let interval = bootstrap(&plan, statistic).ok().map(|found| found.percentile);
    if interval.is_some() {
        say_bootstrap(question, methods);
    }
    Ok(estimate(value, interval, None))
}

impl Question<'_> {
    /// The score of each unit in a control; none where there is none.
    fn scores_in_control(&self, units: &[Unit<'_>], control: usize) -> Vec<Option<f64>> {
        if self.stated.out_of_fold {
            return self.unseen_in_control(units, control);
        }
        let of = |unit: &Unit<'_>| {
            let score = self.scoring.score_by(unit, |lesion| {
                let scores = lesion.control_scores.get(&self.model.name);
                scores.and_then(|scores| *scores.get(control)?).ok_or_else(String::new)
            });
            score.ok()
        };
        units.iter().map(of).collect()
    }
}
