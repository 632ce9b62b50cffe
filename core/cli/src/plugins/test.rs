//! `voxomics plugins test`: named checks of a plugin, each in a process of its own.

use std::{path::PathBuf, process::ExitCode, time::Duration};

use clap::Args;
use voxomics_kit::{Finding, Options, Outcome, Report, test};

use crate::{CODE_CASES_FAILED, Refused, terminal};

pub const HELP: &str = "Exit codes: 0, nothing failed; 2, the command line is wrong or the file cannot be read; 3, a check failed \
                        or crashed.\n\n\
                        Examples:\n  \
                        voxomics plugins test target/release/libhot_spot.so\n  \
                        voxomics plugins test hot_spot.py --interpreter ../venv/bin/python\n  \
                        voxomics plugins test libfilter_laws.so --set kernels=L5E5E5\n  \
                        voxomics plugins test libload_nifti.so --sample scan.nii.gz --only damaged";

#[derive(Args)]
pub struct Arguments {
    /// The plugin: a library, or a Python file.
    file: PathBuf,
    /// A setting of the plugin, as in --set threshold=100 or --set features-hot.threshold=100; may be repeated.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    settings: Vec<String>,
    /// A file that a loader should read; without it, a loader is shown only what it must refuse.
    #[arg(long, value_name = "FILE")]
    sample: Option<PathBuf>,
    /// Only this check; may be repeated.
    #[arg(long, value_name = "CHECK")]
    only: Vec<String>,
    /// The interpreter of a Python file.
    #[arg(long, value_name = "PYTHON", default_value = "python3")]
    interpreter: PathBuf,
    /// A file that a Python file needs beside it; may be repeated.
    #[arg(long = "with", value_name = "FILE")]
    helpers: Vec<PathBuf>,
    /// Make all checks of a plugin in one process, for as long as it lives: quicker, and they may disturb each other.
    #[arg(long)]
    together: bool,
    /// The longest that one check may take, in seconds.
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = clap::value_parser!(u32).range(1..=86_400))]
    seconds: u32,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub fn run(arguments: &Arguments) -> Result<ExitCode, Refused> {
    let options = Options {
        file: arguments.file.clone(),
        interpreter: arguments.interpreter.clone(),
        helpers: arguments.helpers.clone(),
        settings: arguments.settings.clone(),
        sample: arguments.sample.clone(),
        only: arguments.only.clone(),
        together: arguments.together,
        most: Duration::from_secs(arguments.seconds.into()),
        at_once: std::thread::available_parallelism().map_or(1, usize::from),
    };
    let report = test(&options)?;
    match arguments.json {
        true => say!("{:#}", serde_json::json!(report)),
        false => print(&report),
    }
    Ok(ExitCode::from(if report.is_sound() { 0 } else { CODE_CASES_FAILED }))
}

fn print(report: &Report) {
    let width = report.checks.iter().map(|finding| finding.check.len()).max().unwrap_or_default();
    let mut plugin = "";
    for Finding { plugin: name, check, verdict, .. } in &report.checks {
        if plugin != name {
            say!("{}{name}", if plugin.is_empty() { "" } else { "\n" });
            plugin = name;
        }
        say!("  {:<7}  {check:<width$}  {}", verdict.outcome, verdict.sentence);
    }
    let counted = Outcome::ALL.map(|outcome| (outcome, report.outcomes[outcome.word()]));
    let counted: Vec<String> =
        counted.iter().filter(|(_, count)| *count > 0).map(|(outcome, count)| format!("{count} {outcome}")).collect();
    say!("\n{}: {}", terminal::count(report.checks.len(), "check"), counted.join(", "));
}
