//! `voxomics simulate`.

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, Subcommand};
use rayon::prelude::*;
use voxomics_simulation::{Made, Settings, cohort};

use crate::{Refused, Threads};

#[derive(Subcommand)]
pub enum Verb {
    /// Make a simulated study with a stated truth: CT scans with lesions, and tables of patients, in four cohorts.
    ///
    /// The same settings give the same bytes. Every file says that it is simulated; README.txt states the truth.
    Cohort(Arguments),
}

#[derive(Args)]
pub struct Arguments {
    /// Where it goes: a new or empty folder, or one that holds an earlier simulation, which is replaced.
    out: PathBuf,
    /// Patients of all four cohorts together; 32 at least.
    #[arg(long, value_name = "N", default_value_t = 200)]
    patients: usize,
    /// Seed of every random number.
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// How strongly scans and outcomes follow the hidden level, from 0 (not at all) to 1.
    #[arg(long, value_name = "E", default_value_t = 1.0)]
    effect: f64,
    #[command(flatten)]
    threads: Threads,
}

/// Makes what was asked for, and says how an experiment takes it.
pub fn simulate(verb: &Verb) -> Result<ExitCode, Refused> {
    let Verb::Cohort(Arguments { out, patients, seed, effect, threads }) = verb;
    let settings = Settings { patients: *patients, seed: *seed, effect: *effect };
    let threads = threads.count();
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .map_err(|cause| Refused(format!("cannot start {threads} threads: {cause}")))?;
    let parallel = |count: usize, one: &(dyn Fn(usize) + Sync)| {
        pool.install(|| (0..count).into_par_iter().with_max_len(1).for_each(one));
    };
    // Paths in an experiment are relative to its own folder.
    let out = std::path::absolute(out).map_err(|cause| format!("{}: {cause}", out.display()))?;
    let made = cohort(&settings, &out, &parallel).map_err(|error| error.to_string())?;
    show(&made);
    Ok(ExitCode::SUCCESS)
}

fn show(made: &Made) {
    for cohort in &made.cohorts {
        say!("{:<13} {:>4} patients {:>5} lesions", cohort.purpose.name(), cohort.patients, cohort.lesions);
    }
    say!("truth: {} (no patient is real)", made.readme.display());
    if let Some(cohort) = made.cohorts.first() {
        let tables = std::iter::once(&cohort.patients_table).chain(&cohort.expression);
        let tables: Vec<String> = tables.map(|table| format!("{table:?}")).collect();
        say!(
            "in an experiment:\n  [cohorts.{}]\n  cases = {:?}\n  tables = [{}]",
            cohort.purpose.name(),
            cohort.cases,
            tables.join(", ")
        );
    }
}
