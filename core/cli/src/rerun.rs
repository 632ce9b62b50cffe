//! `voxomics rerun`.

mod again;
mod find;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Args;
use voxomics_engine::{
    pipeline::Outcome,
    plan::Plan,
    results::{Lock, Record, diff},
    run::Observer,
    stages::written::What,
};
use voxomics_study::stages::Stage;

pub use again::Again;

use crate::{
    Loudness, Refused, Threads, Writing, asked::Asked, private, progress::Progress, run, study, terminal::count,
    version,
};

#[derive(Args)]
pub struct Arguments {
    /// The folder with the results.
    folder: PathBuf,
    /// Where the new results go; beside the folder, with `-rerun` behind its name, if this is not given.
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
    /// Look below this folder for scans, lists, tables and models that are no longer where they were; they are known by
    /// their bytes.
    #[arg(long, value_name = "FOLDER")]
    inputs: Option<PathBuf>,
    /// Refuse any difference, also one of the system that changes a value in the last bit at most.
    #[arg(long)]
    locked: bool,
    /// Take what is there now instead of what is no longer the same, and name it.
    #[arg(long, conflicts_with = "locked")]
    update: bool,
    #[command(flatten)]
    private: private::Again,
    #[command(flatten)]
    threads: Threads,
    #[command(flatten)]
    loudness: Loudness,
}

/// What `rerun --help` says at the end.
pub const HELP: &str = "\
Exit codes: 0, every table is the same to the last bit; 1, the new results differ; 2, nothing was run, because something \
is not the same any more (each is named); 3, cases failed that had not; 130, given up.

Example:
  voxomics rerun results --inputs /data/archive --out results-again";

/// Runs an experiment again, or says what is not the same any more.
pub fn rerun(arguments: &Arguments) -> Result<ExitCode, Refused> {
    let mut again =
        Again::read(&arguments.folder, arguments.inputs.as_deref(), arguments.private.pseudonymise.as_deref())?;
    let out = arguments.out.clone().unwrap_or_else(|| beside(&arguments.folder));
    let plan = Plan::new(&again.experiment).map_err(|why| refused(&again.differences, &why))?;
    again.compare_program(&plan, arguments.locked);
    let progress = Progress::new(arguments.loudness);
    let mut listed = again.inputs(&|done, of| Observer::<Outcome>::step(&progress, "cases found", done, of))?;
    progress.finish();
    if !again.differences.is_empty() && !arguments.update {
        return Err(Refused(refused(&again.differences, "")));
    }
    for difference in &again.differences {
        tell!("instead: {difference}");
    }
    if arguments.update {
        listed.iter_mut().for_each(|case| case.expected = [None, None]);
    }
    let record = Record::begin(arguments.threads.count(), version::program());
    let asked = Asked {
        out: Some(out.clone()),
        loudness: arguments.loudness,
        writing: Writing::default(),
        shard: None,
        write: What::default(),
    };
    let ended = if again.lock.experiment.study {
        study::run(&again.experiment, asked, Stage::Report, &record)?
    } else {
        if again.is_made() {
            listed = crate::experiment::cases(&again.experiment, None, &out, false)?;
        }
        let plan = Plan::new(&again.experiment)?;
        run::plain(&again.experiment, &plan, listed, None, &asked, &record)?
    };
    let others = others(&arguments.folder, &out)?;
    // Every file by its digest says more than tables do. A lock of an earlier version has none; and of tables up to the training there
    // is no case that a table could be compared by.
    let is_same = match others.same + others.differ.len() {
        0 => diff::folders(&arguments.folder, &out, 0.0)?.is_same(),
        _ => others.differ.is_empty(),
    };
    if is_same {
        let files = count(others.same, "file");
        say!("{files} of {} and {}: the same to the last bit", arguments.folder.display(), out.display());
        return Ok(ended);
    }
    others.differ.iter().take(LISTED).for_each(|name| say!("differs: {name}"));
    say!("the new results differ: voxomics diff {} {}", arguments.folder.display(), out.display());
    Ok(if ended == ExitCode::SUCCESS { ExitCode::from(1) } else { ended })
}

/// Files of two results, by the digests that their locks have: tables, models and what a report is made of.
struct Others {
    same: usize,
    differ: Vec<String>,
}

fn others(a: &Path, b: &Path) -> Result<Others, Refused> {
    let read = |folder: &Path| Lock::read(folder).map(|lock| lock.unwrap_or_default().output);
    let [a, b] = [read(a)?, read(b)?];
    let is_same = |name: &&String| a.get(*name) == b.get(*name);
    // A study that was run up to a stage has fewer files than the new one.
    let (same, differ): (Vec<&String>, Vec<&String>) = a.keys().partition(is_same);
    Ok(Others { same: same.len(), differ: differ.into_iter().cloned().collect() })
}

/// Differences that are listed at most.
const LISTED: usize = 20;

fn refused(differences: &[String], why: &str) -> String {
    let mut text = String::new();
    if !differences.is_empty() {
        text += "these results cannot be made again as they were, and nothing was run:\n";
        differences.iter().take(LISTED).for_each(|difference| text += &format!("  {difference}\n"));
        if let Some(more) = differences.len().checked_sub(LISTED).filter(|more| *more > 0) {
            text += &format!("  and {more} more\n");
        }
        text += "--inputs FOLDER looks for what has moved; --update takes what is there now";
    }
    if !why.is_empty() {
        text += &format!("{}{why}", if text.is_empty() { "" } else { "\n" });
    }
    text
}

/// `results` → `results-rerun`.
fn beside(folder: &Path) -> PathBuf {
    let absolute = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    let name = absolute.file_name().unwrap_or_default().to_string_lossy().into_owned();
    absolute.with_file_name(format!("{name}-rerun"))
}
