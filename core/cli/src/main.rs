//! The `voxomics` program: the engine's verbs on the command line.
//!
//! Exit codes: 0, every case is done; 2, the experiment or the command line is wrong and nothing was run; 3, some cases
//! failed and the others are written, or an import is partial; 130, the run was given up and what was done is written.

/// Prints a line. A reader that has seen enough (`voxomics features | head`) is no reason to stop with an error.
macro_rules! say {
    ($($part:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(std::io::stdout(), $($part)*);
    }};
}

mod check;
mod experiment;
mod features;
mod ibsi;
mod import;
mod plugins;
mod progress;
mod run;

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand};

/// Radiomics from one TOML file: features, regions and scores, through plugins. Not a medical device.
#[derive(Parser)]
#[command(version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Run an experiment; without a file, the quickstart on data that the program makes.
    Run(run::Arguments),
    /// Check an experiment and show what it would do, without reading an image.
    Check(check::Arguments),
    /// Show plugins.
    #[command(subcommand)]
    Plugins(plugins::Verb),
    /// Print every feature with its IBSI code, unit, meaning and equation.
    Features(features::Arguments),
    /// Turn a parameter file of other software into an experiment.
    #[command(subcommand)]
    Import(import::Verb),
    /// Compare this build with the reference values of IBSI 1.
    Ibsi(ibsi::Arguments),
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
}

/// Why nothing was run.
struct Refused(String);

impl From<String> for Refused {
    fn from(message: String) -> Self {
        Self(message)
    }
}

const CODE_REFUSED: u8 = 2;
const CODE_CASES_FAILED: u8 = 3;
const CODE_GIVEN_UP: u8 = 130;

fn main() -> ExitCode {
    let outcome = match Cli::parse().verb {
        Verb::Run(arguments) => run::run(arguments),
        Verb::Check(arguments) => check::check(&arguments.experiment),
        Verb::Plugins(verb) => plugins::show(&verb),
        Verb::Features(arguments) => features::print(&arguments),
        Verb::Import(verb) => import::import(&verb),
        Verb::Ibsi(arguments) => ibsi::compare(&arguments),
    };
    outcome.unwrap_or_else(|Refused(message)| {
        let prefix = if message.starts_with("error") { "" } else { "error: " };
        eprintln!("{prefix}{}", message.trim_end());
        ExitCode::from(CODE_REFUSED)
    })
}
