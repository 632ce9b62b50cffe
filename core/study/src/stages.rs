//! The flow of a study. Read this first.
//!
//! ```text
//! simulate ─► join ─► fit ─► extract ─► course ─► train ─► score ─► evaluate ─► report
//! (if asked)  tables  plugin engine     (if asked) plugin  plugin   statistics  HTML
//! ```
//!
//! Every stage writes what it has into the folder of the results, and finds there what was finished before: a run that
//! was stopped goes on where it stopped, whatever stopped it.

use std::{
    cell::RefCell,
    collections::{BTreeMap, HashSet},
    path::PathBuf,
    sync::atomic::Ordering,
};

use serde::Serialize;
use voxomics_engine::{cases::Case, experiment::Covariate, host::CaseHost, plan::Plan, run as engine_run};
use voxomics_report::study::{self as shown, Lost};

use crate::{
    assemble, cards,
    cohort::{JOIN, Joined, ONLY},
    course,
    data::{Cohort, LeftOut},
    evaluate::{self, Context},
    export, extract,
    fit::Unfitted,
    learn::{self, Learnt},
    recalibrated, score,
    work::{Fits, Work},
};

pub mod check;
mod clock;
mod drawn;
pub mod given;
mod hygiene;
pub mod left_out;
mod lock;
mod looked_at;
mod named;
mod shard;
mod simulated;

use clock::Clock;
use drawn::{figures, report};
pub use shard::{Part, shard};
pub use simulated::is_simulated;
use simulated::simulate;

/// A stage, in the order of the flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Scans to features.
    Extract,
    /// Features to models.
    Train,
    /// Models to scores.
    Score,
    /// Scores against outcomes.
    Evaluate,
    /// Everything to a page.
    Report,
}

impl Stage {
    /// Every stage with its word.
    pub const WORDS: [(&'static str, Self); 5] = [
        ("extract", Self::Extract),
        ("train", Self::Train),
        ("score", Self::Score),
        ("evaluate", Self::Evaluate),
        ("report", Self::Report),
    ];
}

/// What became of a study.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Ended {
    /// Whether it was given up.
    pub cancelled: bool,
    /// Cases that failed.
    pub failed: usize,
    /// Cases and patients that did not join.
    pub unjoined: usize,
    /// Cases that a condition of their cohort leaves out, as it should.
    pub filtered: usize,
    /// Rows of the table of everything that was left out.
    pub left_out: usize,
    /// What could not be done for a reason that lies in the data: "nothing to learn from", one sentence each.
    pub problems: Vec<String>,
    /// What was found, a line an evaluation.
    pub findings: Vec<String>,
    /// The models that were learnt.
    pub models: Vec<PathBuf>,
    /// The tables of scores.
    pub scores: Vec<PathBuf>,
    /// Scores for a terminal: cohort, lesion, model, and the score or why there is none; the first of them.
    pub shown_scores: Vec<[String; 4]>,
    /// The report, if it was written.
    pub report: Option<PathBuf>,
    /// Files of figures of panels, in their folder.
    pub figures: Vec<String>,
}

/// The folder of the simulated study.
pub const SIMULATED: &str = "simulated";

/// Level of a warning of a plugin.
const WARNING: u32 = 2;

/// The results as data, from which the report is drawn.
const STUDY: &str = "study.json";

/// The format of these data.
const FORMAT: u32 = 1;

/// Scores that are shown on a terminal.
const SHOWN_SCORES: usize = 20;

/// The results as they are written: with what the report does not look at.
#[derive(Serialize)]
struct Written<'a> {
    format: u32,
    #[serde(flatten)]
    study: &'a shown::Study,
    left_out: Vec<left_out::Count>,
    warnings: Vec<String>,
}

/// What is warned of: told at once, and kept.
struct Warnings<'a> {
    told: &'a dyn Fn(&str),
    said: RefCell<Vec<String>>,
}

impl Warnings<'_> {
    fn say(&self, text: String) {
        (self.told)(&format!("warning: {text}"));
        self.said.borrow_mut().push(text);
    }
}

/// Runs a study as far as it is wanted.
///
/// # Errors
/// What keeps the study as a whole from going on: a table that cannot be read, a folder that cannot be written. A case
/// that fails, a model that cannot be learnt or an evaluation without patients does not.
pub fn run(work: &Work<'_>, until: Stage) -> Result<Ended, String> {
    let ended = flow(work, until)?;
    if !ended.cancelled {
        lock::complete(work, &ended)?;
    }
    Ok(ended)
}

fn flow(work: &Work<'_>, until: Stage) -> Result<Ended, String> {
    let mut clock = Clock::new(work.told);
    let study = &work.experiment.study;
    let mut ended = Ended::default();
    let warnings = Warnings { told: work.told, said: RefCell::default() };

    let simulated = work.folder.path().join(SIMULATED);
    let check::Checked { joined, impossible, warnings: doubts, .. } =
        check::check(work.experiment, work.plan, work.services, &simulated)?;
    impossible.into_iter().chain(doubts).for_each(|doubt| warnings.say(doubt));
    lock::begin(work)?;
    simulate(work, &simulated, &mut clock)?;
    assemble::write_joins(work.folder, &joined)?;
    let unfitted = Unfitted::new(*work, &joined);
    let fitted = match unfitted.fit(true, &|text| warnings.say(text))? {
        Fits::GivenUp => return Ok(Ended { cancelled: true, ..ended }),
        Fits::Nothing => None,
        Fits::Done(fitted) => Some(fitted),
    };
    let work = &work.with(fitted.as_deref(), &unfitted);
    let count = |stage: &str| joined.iter().map(|cohort| cohort.left_out_by(stage)).sum();
    (ended.unjoined, ended.filtered) = (count(JOIN), count(ONLY));

    let pictures = study.report.as_ref().is_some_and(|report| report.pictures);
    let (mut cohorts, mut reused): (Vec<Cohort>, usize) = (Vec::new(), 0);
    for joined in &joined {
        let (cohort, there) = extract::extract(work, joined, pictures)?;
        reused += there;
        let Some(mut cohort) = cohort else { return Ok(Ended { cancelled: true, ..ended }) };
        let below = work.folder.below(&joined.name)?;
        let read = |cases: Vec<Case>| engine_run::outlines(work.plan, cases, work.threads, work.services);
        match course::follow(work.plan, joined, &mut cohort, Some(&read))? {
            Some(followed) => {
                followed.write(work.plan, &below)?;
                let before: HashSet<String> = cohort.failed.iter().map(|lost| lost.id.clone()).collect();
                let new = followed.faults().filter(|(id, _)| !before.contains(id));
                cohort.failed.extend(new.map(|(id, fault)| Lost {
                    id,
                    stage: fault.stage.to_owned(),
                    reason: fault.message,
                }));
            }
            None => course::clear(&below)?,
        }
        ended.failed += cohort.failed.len();
        cohorts.push(cohort);
    }
    let cases: usize = joined.iter().map(|cohort| cohort.cases.len()).sum();
    clock.stage("extract", format!("{}, {reused} of them finished before", counted(cases, "case")));
    named::unknown(work.experiment, &cohorts).into_iter().for_each(|text| warnings.say(text));
    let mut left_out: Vec<LeftOut> = cohorts.iter().flat_map(|cohort| cohort.left_out.clone()).collect();
    ended.leave_out(work, &left_out)?;
    if until == Stage::Extract {
        return Ok(ended);
    }

    let Some(learnt) = train(work, &cohorts, &mut ended, &warnings, &mut left_out) else {
        return Ok(Ended { cancelled: true, ..ended });
    };
    if !study.learn.is_empty() {
        let there = learnt.iter().filter(|(_, model)| model.reused).count();
        clock.stage("train", format!("{}, {there} of them finished before", counted(learnt.len(), "model")));
    }
    ended.leave_out(work, &left_out)?;
    if until == Stage::Train {
        return Ok(ended);
    }

    score_all(work, &learnt, &mut cohorts, &mut ended, &warnings, &mut left_out)?;
    let mut models = assemble::models(work, &learnt, &cohorts)?;
    given::complete(work.experiment, work.plan, &mut models.shown, &mut models.scored)?;
    clock
        .stage("score", format!("{} over {}", counted(models.scored.len(), "model"), counted(cohorts.len(), "cohort")));
    ended.leave_out(work, &left_out)?;
    if !export_all(work, &joined, &learnt, &mut cohorts, &mut ended, &warnings, &mut clock)? {
        return Ok(Ended { cancelled: true, ..ended });
    }
    if until == Stage::Score {
        return Ok(ended);
    }

    let levels = levels(work.plan);
    let context = Context {
        cohorts: &cohorts,
        models: &models.scored,
        seed: work.plan.seed,
        default_aggregation: &study.patients,
        first_region: work.plan.regions.first().map_or("", |region| &region.name),
        levels: &levels,
    };
    let mut evaluations: Vec<shown::Evaluation> =
        study.evaluate.iter().map(|stated| evaluate::evaluate(stated, &context)).collect();
    let all = || work.plan.predictors.iter().chain(learnt.iter().map(|(_, model)| &model.predictor));
    for (stated, evaluation) in study.evaluate.iter().zip(&mut evaluations) {
        let predictor = all().find(|predictor| predictor.name == stated.score);
        ended.models.extend(recalibrated::write(work, stated, predictor, &context, evaluation)?);
    }
    looked_at::note(work.experiment, &mut evaluations);
    ended.findings = evaluations.iter().map(assemble::finding).collect();
    for evaluation in &evaluations {
        if let shown::Outcome::None { reason } = &evaluation.result {
            ended.problems.push(format!("[evaluate.{}] there is no result: {reason}", evaluation.name));
        }
    }
    clock.stage("evaluate", counted(evaluations.len(), "evaluation"));
    left_out.extend(evaluations.iter().flat_map(|evaluation| left_out::of_evaluation(evaluation, &cohorts)));
    ended.leave_out(work, &left_out)?;

    let patients = evaluate::patients(&context);
    let compared = assemble::compared(&study.learn, &learnt);
    let mut result = assemble::study(work, &joined, &cohorts, models.shown, (evaluations, compared), patients);
    result.record.stages = clock.stages.clone();
    let said = warnings.said.take();
    cards::write(&result, work.folder)?;
    let written = Written { format: FORMAT, study: &result, left_out: left_out::counts(&left_out), warnings: said };
    work.folder.write(STUDY, |out| serde_json::to_writer(out, &written).map_err(Into::into))?;
    if until == Stage::Evaluate {
        return Ok(ended);
    }

    ended.report = Some(report(&result, work.folder)?);
    let drawn = figures(&result, work.folder)?;
    drawn.warnings.into_iter().for_each(|text| warnings.say(text));
    ended.figures = drawn.files;
    clock.stage("report", String::new());
    Ok(ended)
}

/// The levels of columns that are covariates of levels.
fn levels(plan: &Plan) -> BTreeMap<String, Vec<String>> {
    let of = |covariate: &Covariate| Some((covariate.column.clone(), covariate.levels.clone()?));
    plan.covariates.iter().filter_map(of).collect()
}

fn counted(number: usize, word: &str) -> String {
    voxomics_report::count(number as u64, word)
}

impl Ended {
    /// Writes who was left out so far.
    fn leave_out(&mut self, work: &Work<'_>, all: &[LeftOut]) -> Result<(), String> {
        self.left_out = all.len();
        left_out::write(work.folder, all)
    }
}

/// Learns every model; `None` if the run was given up.
fn train(
    work: &Work<'_>,
    cohorts: &[Cohort],
    ended: &mut Ended,
    warnings: &Warnings<'_>,
    left_out: &mut Vec<LeftOut>,
) -> Option<Vec<(usize, Learnt)>> {
    let mut learnt: Vec<(usize, Learnt)> = Vec::new();
    for (index, (stated, learner)) in work.experiment.study.learn.iter().zip(&work.plan.learners).enumerate() {
        if work.services.cancelled.load(Ordering::Relaxed) {
            return None;
        }
        match learn::learn(work, stated, learner, cohorts) {
            Ok(model) => {
                left_out.extend(model.left_out.iter().cloned());
                model.warnings.iter().for_each(|text| warnings.say(format!("[learn.{}] {text}", stated.name)));
                ended.models.push(work.folder.path().join(&model.file));
                learnt.push((index, model));
            }
            Err(problem) => {
                // Who could not be learnt from may be why nothing could.
                left_out.extend(learn::rows(stated, cohorts).map(|(_, others)| others).unwrap_or_default());
                ended.problems.push(problem);
            }
        }
    }
    Some(learnt)
}

/// Scores every lesion by every model, and writes the scores.
fn score_all(
    work: &Work<'_>,
    learnt: &[(usize, Learnt)],
    cohorts: &mut [Cohort],
    ended: &mut Ended,
    warnings: &Warnings<'_>,
    left_out: &mut Vec<LeftOut>,
) -> Result<(), String> {
    for predictor in work.plan.predictors.iter().chain(learnt.iter().map(|(_, model)| &model.predictor)) {
        let name = &predictor.name;
        let host = CaseHost::new(work.services, name);
        for cohort in cohorts.iter_mut() {
            if let Err(problem) = score::score(work.plan, predictor, cohort, &host) {
                ended.problems.push(format!("{name}: {problem}"));
            }
            let unscored = left_out::unscored(name, cohort);
            score::gaps(name, cohort, &unscored).into_iter().for_each(|gaps| warnings.say(gaps));
            left_out.extend(unscored);
            score::doubts(name, cohort).into_iter().for_each(|doubts| warnings.say(doubts));
        }
        for line in host.lines().iter().filter(|line| line.level >= WARNING) {
            warnings.say(format!("{name}: {}", line.text));
        }
    }
    for cohort in cohorts.iter() {
        score::write(work.folder, &work.plan.also, cohort)?;
        score::write_controls(work.folder, cohort)?;
        ended.scores.push(work.folder.path().join(&cohort.name).join(score::TABLE));
        ended.shown_scores.extend(score::shown(cohort, SHOWN_SCORES.saturating_sub(ended.shown_scores.len())));
    }
    Ok(())
}

/// Has every exporter make what it makes of the cases; whether the run was not given up.
fn export_all(
    work: &Work<'_>,
    joined: &[Joined],
    learnt: &[(usize, Learnt)],
    cohorts: &mut [Cohort],
    ended: &mut Ended,
    warnings: &Warnings<'_>,
    clock: &mut Clock<'_>,
) -> Result<bool, String> {
    let predictors: Vec<_> =
        work.plan.predictors.iter().chain(learnt.iter().map(|(_, model)| &model.predictor)).collect();
    let mut cases = 0;
    for (joined, cohort) in joined.iter().zip(cohorts) {
        let Some(failed) = export::export(work, joined, cohort, &predictors)? else { return Ok(false) };
        ended.failed += failed.len();
        if let Some((id, fault)) = failed.first() {
            let cases = counted(failed.len(), "case");
            warnings
                .say(format!("{cases} of `{}` could not be exported; the first: {id}: {}", joined.name, fault.message));
        }
        cohort.failed.extend(failed.into_iter().map(|(id, fault)| Lost {
            id,
            stage: fault.stage.to_owned(),
            reason: fault.message,
        }));
        cases += joined.cases.len();
    }
    if !work.plan.exporters.is_empty() {
        clock.stage("export", counted(cases, "case"));
    }
    Ok(true)
}
