//! `voxomics run`.

use std::{
    path::PathBuf,
    process::ExitCode,
    sync::atomic::{AtomicUsize, Ordering},
};

use clap::Args;
use voxomics_engine::{
    cases::Case,
    host::Services,
    output::Folder,
    plan::Plan,
    run::{self, Record, Summary},
};

use crate::{CODE_CASES_FAILED, CODE_GIVEN_UP, ExperimentArguments, Refused, experiment, progress::Progress};

#[derive(Args)]
pub struct Arguments {
    #[command(flatten)]
    experiment: ExperimentArguments,
    /// Output folder; instead of the experiment's own, or the experiment's name below voxomics-out.
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
    /// Number of threads; all processors by default. The results do not depend on it.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// Print nothing but errors.
    #[arg(long, short)]
    quiet: bool,
}

pub fn run(arguments: Arguments) -> Result<ExitCode, Refused> {
    let threads =
        arguments.threads.map_or_else(|| std::thread::available_parallelism().map_or(1, usize::from), usize::from);
    let record = Record::begin(threads);
    let experiment = experiment::read(&arguments.experiment)?;
    let plan = Plan::new(&experiment)?;
    let output = arguments
        .out
        .or_else(|| experiment.output.clone())
        .unwrap_or_else(|| experiment::default_output(&experiment.name));
    let cases = experiment::cases(&experiment, arguments.experiment.cases.as_deref(), &output)?;
    let folder = Folder::create(&output)?;
    check_covariates(&plan, &cases)?;
    let services = Services { seed: plan.seed, ..Services::default() };
    give_up_on_ctrl_c(&services)?;
    let progress = Progress::new(cases.len(), arguments.quiet);
    let summary = run::cases(&plan, cases, threads, &services, &progress)?;
    progress.finish();
    run::write(&plan, &summary, &folder, &record)?;
    if !arguments.quiet {
        report(&plan, &summary, &folder);
        if arguments.experiment.experiment.is_none() {
            what_next(&folder);
        }
    }
    Ok(match (summary.cancelled, summary.failed()) {
        (true, _) => ExitCode::from(CODE_GIVEN_UP),
        (false, 0) => ExitCode::SUCCESS,
        (false, _) => ExitCode::from(CODE_CASES_FAILED),
    })
}

/// The first Ctrl-C stops after what is at work; a second one stops at once.
fn give_up_on_ctrl_c(services: &Services) -> Result<(), Refused> {
    let cancelled = services.cancelled.clone();
    let pressed = AtomicUsize::new(0);
    ctrlc::set_handler(move || {
        cancelled.store(true, Ordering::Relaxed);
        if pressed.fetch_add(1, Ordering::Relaxed) > 0 {
            std::process::exit(i32::from(CODE_GIVEN_UP));
        }
        eprintln!("stopping: what is finished will be written (press again to stop at once)");
    })
    .map_err(|cause| Refused(format!("cannot listen for Ctrl-C: {cause}")))
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

fn what_next(folder: &Folder) {
    let experiment = folder.path().join("experiment/quickstart.toml");
    say!(
        "\nThat was the quickstart: synthetic scans and a demonstration model whose coefficients mean nothing.\n\
         Next:\n  \
         voxomics check {0}                     what it does, step by step\n  \
         voxomics run {0} --cases cases.csv     your own scans (a CSV: case,image,mask)\n  \
         voxomics plugins list                  what can go into an experiment\n  \
         voxomics ibsi                          this build against the IBSI reference values",
        experiment.display()
    );
}
