//! `voxomics run`.

use std::{
    collections::{HashMap, HashSet},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use clap::Args;
use voxomics_engine::{
    cases::Case,
    experiment::Experiment,
    host::Services,
    leave,
    output::{self, Folder},
    plan::Plan,
    preview, pseudonymise,
    results::lock,
    run::{self, Means, Record, Summary, Wanted},
    stages::written::What,
};
use voxomics_study::{
    pictures,
    stages::{Stage, given},
};

use crate::{
    CODE_CASES_FAILED, CODE_GIVEN_UP, ExperimentArguments, Loudness, Refused, Threads, Writing,
    asked::{self, Asked},
    experiment, interrupt,
    private::{self, Private},
    progress::Progress,
    shard::Shard,
    study,
    terminal::{count, name, shown},
    version,
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
    /// Do one part of the cases, as in 3/40, and write no tables; the same command without it then finds all of them done.
    #[arg(long, value_name = "K/N", conflicts_with = "until")]
    shard: Option<Shard>,
    /// Write voxels as well, as features have seen them, with commas between the words; previews are pictures of all images.
    #[arg(long, value_name = "WHAT", value_delimiter = ',', value_parser = What::WORDS, conflicts_with_all = ["shard", "pseudonymise"])]
    write: Vec<String>,
    /// The format of the images, masks and levels that --write asks for.
    #[arg(long, value_name = "FORMAT", value_parser = What::FORMATS, default_value = What::FORMATS[0], requires = "write")]
    write_as: String,
    #[command(flatten)]
    writing: Writing,
    #[command(flatten)]
    private: Private,
    #[command(flatten)]
    loudness: Loudness,
}

/// What `run --help` says at the end.
pub const HELP: &str = "\
Exit codes: 0, every case is done; 2, the experiment, the list or the command line is wrong and nothing was run; 3, some \
cases failed and the others are written; 130, the run was given up (Ctrl-C), and what was finished is written.

Example:
  voxomics check study.toml --cases cases.csv
  voxomics run study.toml --cases cases.csv --out results --set discretisation.bins=32";

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
    let record = Record::begin(arguments.threads.count(), version::program());
    let mut arguments = arguments;
    arguments.private.make_absolute(&mut arguments.experiment);
    let mut experiment = experiment::read(&arguments.experiment)?;
    study::without_cases(&arguments.experiment, &experiment)?;
    // Whoever reads the table may not have seen the import.
    if !arguments.loudness.quiet {
        experiment.lost.iter().for_each(|lost| tell!("not as in the imported file: {lost}"));
    }
    let mut write = What { nrrd: arguments.write_as == What::FORMATS[1], ..What::default() };
    arguments.write.iter().for_each(|word| {
        write.add(word);
    });
    let asked = Asked {
        out: arguments.out,
        loudness: arguments.loudness,
        writing: arguments.writing,
        shard: arguments.shard,
        write,
    };
    let output = asked.output(&experiment)?;
    arguments.private.begin(&mut experiment, &output)?;
    if study::is_study(&experiment) {
        let until = arguments.until.map_or(Stage::Report, |until| until.0);
        return study::run(&experiment, asked, until, &record);
    }
    if arguments.until.is_some() {
        return Err(Refused("--until belongs to an experiment with [cohorts]".into()));
    }
    // Its own mistakes come before those of its cases.
    let plan = Plan::new(&experiment)?;
    let listed = experiment::list(&experiment, arguments.experiment.cases.as_deref());
    let cases = experiment::cases(&experiment, listed, &output, asked.writing.replace)?;
    plain(&experiment, &plan, cases, listed, &asked, &record)
}

/// Runs an experiment without cohorts over cases; `listed` is the list that they come from, if there is one.
pub fn plain(
    experiment: &Experiment,
    plan: &Plan,
    mut cases: Vec<Case>,
    listed: Option<&Path>,
    asked: &Asked,
    record: &Record,
) -> Result<ExitCode, Refused> {
    let output = asked.output(experiment)?;
    if let Some(privacy) = &plan.privacy {
        pseudonymise::cases(privacy, &mut cases)?;
        pseudonymise::check_words(privacy, experiment)?;
    }
    check_columns(plan, &cases, listed)?;
    let folder = Folder::create(&output, asked.writing.replace)?.defusing(experiment.tables.defuse_formulas);
    private::check(&folder, experiment)?;
    if let Some(privacy) = &plan.privacy {
        // Whenever it is killed, what is there can be turned back.
        privacy.key().save()?;
    }
    // Shards write no tables: any number of them fills one store.
    let lock = match asked.shard {
        None => Some(ready(&folder, experiment, asked)?),
        Some(_) => None,
    };
    let store = asked::store(&output, plan, record, asked.writing)?;
    given::warnings(experiment, plan).iter().for_each(|warning| tell!("warning: {warning}"));
    missing_covariates(plan, &cases).iter().for_each(|warning| tell!("warning: {warning}"));
    let progress = Arc::new(Progress::new(asked.loudness));
    let services = Services { seed: plan.seed, steps: progress.steps(), ..Services::default() };
    interrupt::give_up_on_ctrl_c(&services, if lock.is_some() { "written" } else { "kept" })?;
    let wanted = written(plan, asked);
    let stems = wanted.map(|_| stems(&cases)).unwrap_or_default();
    // What an earlier run wrote may be of other settings; a folder of this name may be somebody's own.
    if asked.shard.is_none() {
        folder.clear_below(run::WRITTEN)?;
    }
    let written = wanted.map(|what| Ok::<_, String>((what, folder.below(run::WRITTEN)?))).transpose()?;
    let voxels = written.as_ref().map(|(what, folder)| Wanted { what: *what, folder, stems: &stems });
    let means = Means {
        threads: record.threads,
        services: &services,
        observer: &*progress,
        store: &store,
        pictures: None,
        voxels,
        exports: true,
    };
    let cases = match asked.shard {
        Some(shard) => cases.into_iter().enumerate().filter(|(at, _)| shard.has(*at)).map(|(_, case)| case).collect(),
        None => cases,
    };
    let summary = run::cases(plan, cases, &means)?;
    progress.finish();
    let written = match (&summary.stopped, &lock) {
        (Some(why), _) => Err(why.clone()),
        (None, None) => Ok(run::NotFollowed::default()),
        (None, Some(lock)) => {
            lock.check().and_then(|()| run::write(plan, experiment, listed, &summary, &folder, record))
        }
    };
    let written = written.and_then(|not_followed| {
        if lock.is_some() {
            let drawn = pictures::of_course(&folder)?;
            if drawn > 0 && !asked.loudness.quiet {
                let what = shown(&folder.path().join("course"));
                tell!("{} of lesions over time in {what}", count(drawn, "picture"));
            }
        }
        Ok(not_followed)
    });
    let run::NotFollowed { unmatched, unplaced } = written.as_ref().copied().unwrap_or_default();
    let found = written.and_then(|_| private::finish(experiment, &folder, asked.loudness.quiet));
    if let Err(why) = &found {
        // Cases were done: this is not a run that was refused.
        tell!("error: {why}");
        return Ok(ExitCode::from(CODE_CASES_FAILED));
    }
    match asked.shard {
        _ if asked.loudness.quiet => {}
        Some(shard) => shard.report(summary.cases, summary.reused, summary.failed()),
        None => report(plan, &summary, &folder)?,
    }
    if unmatched > 0 && !asked.loudness.quiet {
        let (cases, table) = (count(unmatched, "case"), folder.path().join("failures.csv"));
        say!("{cases} of time points that cannot be matched, in {}", shown(&table));
    }
    if unplaced > 0 && !asked.loudness.quiet {
        let (cases, table) = (count(unplaced, "case"), folder.path().join("course.csv"));
        say!("{cases} without a place in the course of a patient: `left out`, in {}", shown(&table));
    }
    Ok(match (summary.cancelled, summary.failed() + unmatched) {
        (true, _) => ExitCode::from(CODE_GIVEN_UP),
        (false, 0) if found.as_ref().is_ok_and(Vec::is_empty) => ExitCode::SUCCESS,
        (false, _) => ExitCode::from(CODE_CASES_FAILED),
    })
}

/// What is written of the voxels: what is asked for, and the maps of the experiment. A shard writes no files, and what must name
/// nobody holds no voxels.
fn written(plan: &Plan, asked: &Asked) -> Option<What> {
    let has_maps = plan.images.iter().any(|image| image.mapping.is_some());
    if has_maps && plan.privacy.is_some() {
        tell!("warning: maps are voxels of patients, and are not written with --pseudonymise; features of them are");
    }
    let maps = asked.write.maps || (has_maps && asked.shard.is_none() && plan.privacy.is_none());
    let what = What { maps, ..asked.write };
    (what != What::default()).then_some(what)
}

/// For each case the name of a folder.
fn stems(cases: &[Case]) -> HashMap<String, String> {
    let names = || cases.iter().map(|case| case.name.as_str());
    names().map(str::to_owned).zip(preview::file_stems(names())).collect()
}

/// Takes the folder for writing tables, and sees that nothing in it is somebody else's.
fn ready(folder: &Folder, experiment: &Experiment, asked: &Asked) -> Result<output::Writing, Refused> {
    let lock = folder.writing()?;
    if !asked.writing.replace {
        leave::may_replace(folder.path(), experiment)?;
    }
    let names = run::FILES.into_iter().chain(leave::FILES);
    // The experiment may lie where its results go: what is written of it is what is there.
    let names = names.filter(|name| *name != lock::EXPERIMENT || !folder.has(name, experiment.text.as_bytes()));
    folder.may_write(&names.collect::<Vec<_>>())?;
    Ok(lock)
}

/// Refuses a list that has a column which the results have as well.
pub fn check_columns(plan: &Plan, cases: &[Case], listed: Option<&Path>) -> Result<(), Refused> {
    run::check_course(plan, cases)?;
    // Every case has the columns of the list.
    let further = cases.first().into_iter().flat_map(|case| case.covariates.names());
    run::check_columns(plan, further).map_err(|wrong| match listed {
        Some(list) => Refused(format!("case list {}: {wrong}", list.display())),
        None => Refused(wrong),
    })
}

/// A covariate that no case has is a mistake in the experiment or the list, not in a case.
pub fn missing_covariates(plan: &Plan, cases: &[Case]) -> Vec<String> {
    let mut missing = Vec::new();
    let known: HashSet<&str> = cases.iter().flat_map(|case| case.covariates.names()).collect();
    let wanted = plan.predictors.iter().flat_map(|predictor| &predictor.inputs);
    for input in wanted {
        if let voxomics_engine::plan::InputRef::Covariate { column, .. } = input
            && !known.contains(column.as_str())
            && !cases.is_empty()
        {
            missing.push(format!(
                "a predictor needs `{column}`, which is not a column of the case list; it can only come with the scan"
            ));
        }
    }
    missing
}

/// What is missing, that is listed at most.
const LISTED: usize = 10;

fn report(plan: &Plan, summary: &Summary, folder: &Folder) -> Result<(), String> {
    let ok = summary.done.len() - summary.failed();
    if summary.reused > 0 {
        say!("{} finished before", count(summary.reused, "case"));
    }
    say!(
        "{ok} of {} done: {} of {} in {}",
        count(summary.cases, "case"),
        count(summary.rows(), "row"),
        count(plan.columns.len(), "feature"),
        shown(&folder.path().join("features.csv"))
    );
    if summary.scores() > 0 {
        say!(
            "{} in {} (not a medical device)",
            count(summary.scores(), "score"),
            shown(&folder.path().join("scores.csv"))
        );
        for shown in summary.outcomes().take(10) {
            let (case, outcome) = shown?;
            for score in &outcome.scores {
                let shown = match &score.score {
                    Ok(value) => format!("{value:.4}"),
                    Err(reason) => format!("no score: {reason}"),
                };
                say!("  {} {}: {shown}", name(&case.name), plan.predictors[score.predictor].name);
            }
        }
    }
    if summary.failed() > 0 {
        let table = folder.path().join("failures.csv");
        say!("{} with failures, in {}", count(summary.failed(), "case"), shown(&table));
        for (what, by, cases) in summary.missing().into_iter().take(LISTED) {
            say!("  {what} in {} ({})", count(cases, "case"), name(&by));
        }
    }
    if summary.cancelled {
        let cases = count(summary.cases, "case");
        say!("given up after {} of {cases}; what was finished is written", summary.done.len());
    }
    Ok(())
}
