//! The `voxomics` program: the engine's verbs on the command line.
//!
//! Exit codes: 0, every case is done; 2, the experiment or the command line is wrong and nothing was run; 3, some cases
//! failed and the others are written, or an import or a scan is partial; 130, the run was given up and what was done is written.

/// Prints a line on standard output.
macro_rules! say {
    () => { crate::terminal::say("") };
    ($($part:tt)*) => { crate::terminal::say(&format!($($part)*)) };
}

/// Prints a line on standard error.
macro_rules! tell {
    ($($part:tt)*) => { crate::terminal::tell(&format!($($part)*)) };
}

mod asked;
mod bytes;
mod check;
mod completions;
mod diff;
mod emit;
mod experiment;
mod features;
mod filter;
mod ibsi;
mod import;
mod interrupt;
mod memory;
mod plugins;
mod private;
mod progress;
mod pseudonyms;
mod rerun;
mod room;
mod run;
mod scan;
mod shard;
mod simulate;
mod study;
mod terminal;
mod version;
mod worker;

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand};
use voxomics_study::stages::Stage;

/// Radiomics from one TOML file: features, regions and scores, through plugins. Not a medical device.
#[derive(Parser)]
#[command(version, long_version = version::long(), arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Run an experiment; without a file, the quickstart on data that the program makes.
    #[command(after_long_help = run::HELP)]
    Run(run::Arguments),
    /// Make results again from what they tell of themselves, or say what is not the same any more.
    #[command(after_long_help = rerun::HELP)]
    Rerun(rerun::Arguments),
    /// Say what differs between two folders of results, and why.
    #[command(after_long_help = diff::HELP)]
    Diff(diff::Arguments),
    /// Write a run in parts as a file of Slurm or Snakemake: many machines fill one folder, and a last step joins them.
    Emit(emit::Arguments),
    /// Run a study as far as its features; what is there is taken as it is.
    Extract(study::Arguments),
    /// Run a study as far as its models.
    Train(study::Arguments),
    /// Run a study as far as the scores of its lesions.
    Score(study::Arguments),
    /// Run a study as far as its evaluations.
    Evaluate(study::Arguments),
    /// Run a study as far as its report, which is all of it.
    Report(study::Arguments),
    /// Check an experiment and show what it would do; open its cases and show their regions, without any feature.
    ///
    /// Exit codes: 0, all is fine; 2, the experiment is wrong; 3, some cases would fail.
    Check(check::Arguments),
    /// Tell what a folder holds, by patient, study and series, and make a list of cases of it.
    ///
    /// Exit codes: 0, everything is usable; 2, there is nothing; 3, some of it is not usable.
    Scan(scan::Arguments),
    /// Make data that nobody has to ask for.
    #[command(subcommand)]
    Simulate(simulate::Verb),
    /// Show plugins.
    #[command(subcommand)]
    Plugins(plugins::Verb),
    /// Print every feature with its IBSI code, unit, meaning and equation.
    Features(features::Arguments),
    /// Filter one scan, without an experiment, into a file.
    #[command(after_long_help = filter::HELP)]
    Filter(filter::Arguments),
    /// Host a plugin in a process of its own; the program starts it by itself.
    #[command(subcommand, hide = true)]
    Worker(worker::Verb),
    /// Turn a parameter file of other software into an experiment.
    #[command(subcommand)]
    Import(import::Verb),
    /// Compare this build with the reference values of IBSI 1.
    Ibsi(ibsi::Arguments),
    /// Show what pseudonyms stand for, or turn those in a file back.
    #[command(after_long_help = pseudonyms::HELP)]
    Pseudonyms(pseudonyms::Arguments),
    /// Print the completions of a shell, to be sourced by it.
    Completions(completions::Arguments),
}

/// An experiment and what the command line changes of it.
#[derive(Args)]
struct ExperimentArguments {
    /// The experiment, a TOML file.
    experiment: Option<PathBuf>,
    /// Cases: a CSV with the columns case,image,mask; instead of the experiment's own.
    #[arg(long, value_name = "CSV")]
    cases: Option<PathBuf>,
    /// Change a key of the experiment, as in --set regions.ring.outward_mm=3; may be repeated.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    overrides: Vec<String>,
    /// The most bytes of voxels that one scan may put into memory, as in 500MB or 2GiB; instead of the experiment's own.
    #[arg(long, value_name = "BYTES", value_parser = bytes::parse)]
    max_scan_bytes: Option<u64>,
}

/// How many threads work.
#[derive(Args)]
struct Threads {
    /// Number of threads; all processors by default. The results do not depend on it.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
}

impl Threads {
    fn count(&self) -> usize {
        self.threads.map_or_else(|| std::thread::available_parallelism().map_or(1, usize::from), usize::from)
    }
}

/// How much is said while something runs.
#[derive(Args, Debug, Clone, Copy, Default)]
struct Loudness {
    /// Print nothing but errors.
    #[arg(long, short)]
    quiet: bool,
    /// Print everything that stages and plugins have to say of a case, and how long each stage took.
    #[arg(long, short, conflicts_with = "quiet")]
    verbose: bool,
    /// Tell of each case on standard error as a line of JSON, for other programs.
    #[arg(long, conflicts_with_all = ["quiet", "verbose"])]
    progress_json: bool,
}

/// How results get into their folder.
#[derive(Args, Debug, Clone, Copy, Default)]
struct Writing {
    /// Write over results of another experiment, and over files that voxomics did not write.
    #[arg(long)]
    replace: bool,
    /// Read every file of every case again, also those whose size and time are as they were.
    #[arg(long)]
    verify: bool,
}

/// Why nothing was run.
struct Refused(String);

impl From<String> for Refused {
    fn from(message: String) -> Self {
        Self(message)
    }
}

/// Four decimals, and none that say nothing.
fn short(value: f64) -> String {
    let text = format!("{value:.4}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

const CODE_REFUSED: u8 = 2;
const CODE_CASES_FAILED: u8 = 3;
const CODE_GIVEN_UP: u8 = 130;

fn main() -> ExitCode {
    interrupt::outlive_limits();
    let verb = Cli::parse().verb;
    // A worker has limits of its own.
    if !matches!(verb, Verb::Worker(_)) {
        memory::keep();
    }
    let outcome = match verb {
        Verb::Run(arguments) => run::run(arguments),
        Verb::Rerun(arguments) => rerun::rerun(&arguments),
        Verb::Diff(arguments) => diff::diff(&arguments),
        Verb::Emit(arguments) => emit::emit(&arguments),
        Verb::Extract(arguments) => study::verb(arguments, Stage::Extract),
        Verb::Train(arguments) => study::verb(arguments, Stage::Train),
        Verb::Score(arguments) => study::verb(arguments, Stage::Score),
        Verb::Evaluate(arguments) => study::verb(arguments, Stage::Evaluate),
        Verb::Report(arguments) => study::verb(arguments, Stage::Report),
        Verb::Check(arguments) => check::check(&arguments),
        Verb::Scan(arguments) => scan::scan(&arguments),
        Verb::Simulate(verb) => simulate::simulate(&verb),
        Verb::Plugins(verb) => plugins::show(&verb),
        Verb::Features(arguments) => features::print(&arguments),
        Verb::Filter(arguments) => filter::run(arguments),
        Verb::Worker(verb) => worker::work(verb),
        Verb::Import(verb) => import::import(&verb),
        Verb::Ibsi(arguments) => ibsi::compare(&arguments),
        Verb::Pseudonyms(arguments) => pseudonyms::show(&arguments),
        Verb::Completions(arguments) => completions::print(&arguments),
    };
    outcome.unwrap_or_else(|Refused(message)| {
        let prefix = if message.starts_with("error") { "" } else { "error: " };
        tell!("{prefix}{}", message.trim_end());
        ExitCode::from(CODE_REFUSED)
    })
}
