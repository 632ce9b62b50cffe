//! `voxomics run`.

use std::{path::PathBuf, process::ExitCode};

use clap::Args;
use voxomics_engine::{
    cases::Case,
    host::Services,
    output::Folder,
    plan::Plan,
    run::{self, Record, Summary, check_columns},
};
use voxomics_study::stages::{Stage, given};

use crate::{
    CODE_CASES_FAILED, CODE_GIVEN_UP, ExperimentArguments, Refused, Threads, experiment, interrupt, progress::Progress,
    study,
};

#[derive(Args)]
pub struct Arguments {
    #[command(flatten)]
    experiment: ExperimentArguments,
    /// Output folder; instead of the experiment's own, or the experiment's name below voxomics-out.
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
    #[command(flatten)]
    threads: Threads,
    /// The last stage of a study that is done: extract, train, score, evaluate or report.
    #[arg(long, value_name = "STAGE")]
    until: Option<Until>,
    /// Print nothing but errors.
    #[arg(long, short)]
    quiet: bool,
}

/// A stage, by its word.
#[derive(Debug, Clone, Copy)]
struct Until(Stage);

impl std::str::FromStr for Until {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        let found = Stage::WORDS.iter().find(|(known, _)| *known == word);
        let words = || Stage::WORDS.map(|(word, _)| word).join(", ");
        found.map(|(_, stage)| Self(*stage)).ok_or_else(|| format!("expected one of {}", words()))
    }
}

pub fn run(arguments: Arguments) -> Result<ExitCode, Refused> {
    let threads = arguments.threads.count();
    let record = Record::begin(threads);
    let experiment = experiment::read(&arguments.experiment)?;
    study::without_cases(&arguments.experiment, &experiment)?;
    if study::is_study(&experiment) {
        let until = arguments.until.map_or(Stage::Report, |until| until.0);
        return study::run(&experiment, arguments.out, threads, arguments.quiet, until, &record);
    }
    if arguments.until.is_some() {
        return Err(Refused("--until belongs to an experiment with [cohorts]".into()));
    }
    let plan = Plan::new(&experiment)?;
    let output = arguments
        .out
        .or_else(|| experiment.output.clone())
        .unwrap_or_else(|| experiment::default_output(&experiment.name));
    let listed = arguments.experiment.cases;
    let cases = experiment::cases(&experiment, listed.as_deref(), &output)?;
    check_columns(&plan, &cases).map_err(|wrong| match experiment::list(&experiment, listed.as_deref()) {
        Some(list) => format!("case list {}: {wrong}", list.display()),
        None => wrong,
    })?;
    let folder = Folder::create(&output)?;
    given::warnings(&plan).iter().for_each(|warning| eprintln!("warning: {warning}"));
    check_covariates(&plan, &cases)?;
    let services = Services { seed: plan.seed, ..Services::default() };
    interrupt::give_up_on_ctrl_c(&services, "written")?;
    let progress = Progress::new(cases.len(), arguments.quiet);
    let summary = run::cases(&plan, cases, threads, &services, &progress)?;
    progress.finish();
    if let Err(cause) = run::write(&plan, &summary, &folder, &record) {
        // Cases were done: this is not a run that was refused.
        eprintln!("error: {cause}; the other tables are in {}", folder.path().display());
        return Ok(ExitCode::from(CODE_CASES_FAILED));
    }
    if !arguments.quiet {
        report(&plan, &summary, &folder);
    }
    Ok(match (summary.cancelled, summary.failed()) {
        (true, _) => ExitCode::from(CODE_GIVEN_UP),
        (false, 0) => ExitCode::SUCCESS,
        (false, _) => ExitCode::from(CODE_CASES_FAILED),
    })
}

/// A covariate that no case has is a mistake in the experiment or the list, not in a case.
fn check_covariates(plan: &Plan, cases: &[Case]) -> Result<(), Refused> {
    let wanted = plan.predictors.iter().flat_map(|predictor| &predictor.inputs);
    for input in wanted {
        if let voxomics_engine::plan::InputRef::Covariate { column, .. } = input
            && cases.iter().all(|case| case.covariate(column).is_none())
            && !cases.is_empty()
        {
            eprintln!(
                "warning: a predictor needs `{column}`, which is not a column of the case list; it can only come with the scan"
            );
        }
    }
    Ok(())
}

fn report(plan: &Plan, summary: &Summary, folder: &Folder) {
    let ok = summary.done.len() - summary.failed();
    let rows: usize = summary.done.iter().map(|(_, outcome)| outcome.rows.len()).sum();
    say!(
        "{ok} of {} cases done: {rows} rows of {} features in {}",
        summary.cases,
        plan.columns.len(),
        folder.path().join("features.csv").display()
    );
    let scores: usize = summary.done.iter().map(|(_, outcome)| outcome.scores.len()).sum();
    if scores > 0 {
        say!("{scores} scores in {} (not a medical device)", folder.path().join("scores.csv").display());
        for (case, outcome) in summary.done.iter().take(10) {
            for score in &outcome.scores {
                let shown = match &score.score {
                    Ok(value) => format!("{value:.4}"),
                    Err(reason) => format!("no score: {reason}"),
                };
                say!("  {} {}: {shown}", case.name, plan.predictors[score.predictor].name);
            }
        }
    }
    if summary.failed() > 0 {
        let cases = if summary.failed() == 1 { "1 case".into() } else { format!("{} cases", summary.failed()) };
        say!("{cases} with failures, in {}", folder.path().join("failures.csv").display());
    }
    if summary.cancelled {
        say!("given up after {} of {} cases; what was finished is written", summary.done.len(), summary.cases);
    }
}
