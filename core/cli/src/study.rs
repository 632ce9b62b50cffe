//! A study from the command line: `run` on an experiment with cohorts, and the verbs of its stages.

use std::{path::PathBuf, process::ExitCode, sync::Arc};

use clap::Args;
use voxomics_engine::{
    experiment::Experiment,
    host::{self, Services},
    leave,
    output::{self, Folder},
    plan::Plan,
    run::Record,
    stages::written::What,
};
use voxomics_study::{
    stages::{self, Ended, Stage, left_out},
    work::Work,
};

use crate::{
    CODE_CASES_FAILED, CODE_GIVEN_UP, ExperimentArguments, Loudness, Refused, Threads, Writing,
    asked::{self, Asked},
    experiment, interrupt, private,
    progress::Progress,
    room,
    terminal::{self, count},
    version,
};

/// What the verbs of the stages take.
#[derive(Args)]
pub struct Arguments {
    #[command(flatten)]
    pub experiment: ExperimentArguments,
    /// Output folder; instead of the experiment's own, or the experiment's name below voxomics-out.
    #[arg(long, value_name = "FOLDER")]
    pub out: Option<PathBuf>,
    #[command(flatten)]
    pub threads: Threads,
    #[command(flatten)]
    pub writing: Writing,
    #[command(flatten)]
    pub loudness: Loudness,
}

/// Whether an experiment is a study.
pub fn is_study(experiment: &Experiment) -> bool {
    !experiment.study.cohorts.is_empty()
}

/// Refuses a list of cases beside a study: it would take the place of the cohorts, and nothing would be learnt or evaluated.
pub fn without_cases(arguments: &ExperimentArguments, experiment: &Experiment) -> Result<(), Refused> {
    let Some(list) = arguments.cases.as_ref().filter(|_| is_study(experiment)) else { return Ok(()) };
    let cohorts: Vec<&str> = experiment.study.cohorts.iter().map(|cohort| cohort.name.as_str()).collect();
    Err(Refused(format!(
        "--cases does not go with a study: {} names the cases of each cohort ({}). To take {} as a cohort's, write `cases` in \
         [cohorts.NAME]; for its features or scores alone, use an experiment without [cohorts]",
        experiment.path.display(),
        cohorts.join(", "),
        list.display()
    )))
}

/// One verb: everything up to its stage, taking what is there.
pub fn verb(arguments: Arguments, stage: Stage) -> Result<ExitCode, Refused> {
    let record = Record::begin(arguments.threads.count(), version::program());
    let experiment = experiment::read(&arguments.experiment)?;
    if !is_study(&experiment) {
        return Err(Refused(format!(
            "{} has no [cohorts]: there is nothing to train, evaluate or report. `voxomics run` computes its features and \
             scores",
            experiment.path.display()
        )));
    }
    without_cases(&arguments.experiment, &experiment)?;
    let asked = Asked {
        out: arguments.out,
        loudness: arguments.loudness,
        writing: arguments.writing,
        shard: None,
        write: What::default(),
    };
    run(&experiment, asked, stage, &record)
}

/// Runs a study as far as it is wanted.
pub fn run(experiment: &Experiment, asked: Asked, until: Stage, record: &Record) -> Result<ExitCode, Refused> {
    let output = asked.output(experiment)?;
    let (threads, Asked { loudness, writing, shard, write, .. }) = (record.threads, asked);
    let plan = Plan::new(experiment)?;
    let folder = Folder::create(&output, writing.replace)?.defusing(experiment.tables.defuse_formulas);
    private::check(&folder, experiment)?;
    let lock = match shard {
        None => Some(folder.writing()?),
        Some(_) => None,
    };
    if !writing.replace && lock.is_some() {
        leave::may_replace(&output, experiment)?;
    }
    let store = asked::store(&output, &plan, record, writing)?;
    let progress = Arc::new(Progress::new(loudness));
    let services = Services { seed: plan.seed, steps: progress.steps(), ..Services::default() };
    interrupt::give_up_on_ctrl_c(&services, "kept")?;
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .stack_size(host::STACK_BYTES)
        .build()
        .map_err(|cause| Refused(format!("cannot start {threads} threads: {cause}")))?;
    let told = |line: &str| {
        if !loudness.quiet {
            progress.line(line);
        }
    };
    let work = Work {
        experiment,
        plan: &plan,
        folder: &folder,
        threads,
        services: &services,
        observer: &*progress,
        store: &store,
        told: &told,
        record,
        pool: &pool,
        unfitted: None,
        write,
    };
    if let Some(shard) = shard {
        let ended = stages::shard(&work, &|at| shard.has(at))?;
        progress.finish();
        if !loudness.quiet {
            shard.report(ended.cases, ended.reused, ended.failed);
        }
        return Ok(ExitCode::from(match (ended.cancelled, ended.failed) {
            (true, _) => CODE_GIVEN_UP,
            (false, 0) => 0,
            (false, _) => CODE_CASES_FAILED,
        }));
    }
    let ended = stages::run(&work, until)?;
    progress.finish();
    lock.iter().try_for_each(output::Writing::check)?;
    let found = private::finish(experiment, &folder, loudness.quiet)?;
    for problem in &ended.problems {
        tell!("warning: {}", problem.trim_end());
    }
    if !loudness.quiet {
        show(&ended, &folder, until, experiment);
        if experiment.path.ends_with(experiment::UNPACKED) {
            what_next(experiment, &folder);
        }
    }
    Ok(match (ended.cancelled, ended.failed) {
        (true, _) => ExitCode::from(CODE_GIVEN_UP),
        (false, 0) if ended.problems.is_empty() && found.is_empty() => ExitCode::SUCCESS,
        (false, _) => ExitCode::from(CODE_CASES_FAILED),
    })
}

fn what_next(experiment: &Experiment, folder: &Folder) {
    say!(
        "\nThat was the quickstart: simulated patients, of whom only the program knows anything.\n\
         Next:\n  \
         voxomics check {0}    what it does, step by step\n  \
         voxomics run {0} --set simulation.effect=0    the same, with nothing to be found\n  \
         voxomics scan FOLDER --cases cases.csv    a list of your own scans\n  \
         voxomics plugins list    what can go into an experiment\n  \
         voxomics ibsi    this build against the IBSI reference values",
        experiment.path.display()
    );
    say!("It leaves {}. Remove the folder when you have seen enough.", room::said(folder.path()));
}

fn show(ended: &Ended, folder: &Folder, until: Stage, experiment: &Experiment) {
    ended.findings.iter().for_each(|finding| say!("{finding}"));
    let listed =
        |what: &str, paths: &[PathBuf]| paths.iter().for_each(|path| say!("{what}: {}", terminal::shown(path)));
    match until {
        Stage::Extract => {
            let cohorts = experiment.study.cohorts.iter();
            let tables: Vec<PathBuf> =
                cohorts.map(|cohort| folder.path().join(&cohort.name).join("features.csv")).collect();
            listed("features", &tables);
        }
        Stage::Train => listed("model", &ended.models),
        Stage::Score => {
            for [cohort, lesion, model, score] in &ended.shown_scores {
                say!("  {cohort} {lesion} {model}: {score}");
            }
            listed("model", &ended.models);
            listed("scores and terms (not a medical device)", &ended.scores);
        }
        Stage::Evaluate => say!("results as data: {}", terminal::shown(&folder.path().join("study.json"))),
        Stage::Report => {}
    }
    if ended.unjoined > 0 {
        say!(
            "{} did not join: {}",
            count(ended.unjoined, "case or patient"),
            terminal::shown(&folder.path().join("unjoined.csv"))
        );
    }
    if ended.filtered > 0 {
        let are = terminal::verb(ended.filtered, "is", "are");
        say!("{} {are} left out by the cohorts' `only`, as it says", count(ended.filtered, "case"));
    }
    if ended.left_out > 0 {
        let table = folder.path().join(left_out::TABLE);
        say!("who was left out where and why, in {}: {}", count(ended.left_out, "row"), terminal::shown(&table));
    }
    if ended.failed > 0 {
        let failures = count(ended.failed, "failure");
        say!("{failures}, in the failures.csv of each cohort below {}", terminal::shown(folder.path()));
    }
    if ended.cancelled {
        say!("given up; what was finished is kept, and the same command goes on from there");
    }
    if !ended.figures.is_empty() {
        let files = count(ended.figures.len(), "file");
        say!("figures: {files} in {}", terminal::shown(&folder.path().join("figures")));
    }
    let earlier = folder.path().join("report").join("report.html");
    match &ended.report {
        Some(report) => say!("report: {} (not a medical device)", terminal::shown(report)),
        None if earlier.exists() => say!("{} is of an earlier run", terminal::shown(&earlier)),
        None => {}
    }
}
