//! `voxomics simulate`.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Args, Subcommand};
use rayon::prelude::*;
use voxomics_simulation::{CASES, Made, PATIENTS, Purpose, Settings, TRUTH, cohort, course};

use crate::{Refused, Threads};

#[derive(Subcommand)]
pub enum Verb {
    /// Make a simulated study with a stated truth: CT scans with lesions, and tables of patients, in four cohorts.
    ///
    /// The same settings give the same bytes. Every file says that it is simulated; README.txt states the truth.
    Cohort(Arguments),
    /// Make a simulated course of a disease with a stated truth: patients with three scans each, whose lesions grow, shrink, appear, go,
    /// split and merge.
    ///
    /// The same settings give the same bytes. truth.csv says of each outline which lesion it is.
    Course(OfCourse),
}

#[derive(Args)]
pub struct OfCourse {
    /// Where it goes: a new or empty folder, or one that holds an earlier simulation, which is replaced.
    out: PathBuf,
    /// Patients.
    #[arg(long, value_name = "N", default_value_t = 80)]
    patients: usize,
    /// Seed of every random number.
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// How strongly the outcome follows how fast lesions grow, from 0 (not at all) to 1.
    #[arg(long, value_name = "E", default_value_t = 1.0, allow_hyphen_values = true)]
    effect: f64,
    #[command(flatten)]
    threads: Threads,
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
    #[arg(long, value_name = "E", default_value_t = 1.0, allow_hyphen_values = true)]
    effect: f64,
    #[command(flatten)]
    threads: Threads,
}

/// Makes what was asked for, and says how an experiment takes it.
pub fn simulate(verb: &Verb) -> Result<ExitCode, Refused> {
    let (Verb::Cohort(Arguments { out, patients, seed, effect, threads })
    | Verb::Course(OfCourse { out, patients, seed, effect, threads })) = verb;
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
    match verb {
        Verb::Cohort(_) => show(&cohort(&settings, &out, &parallel).map_err(|error| error.to_string())?),
        Verb::Course(_) => {
            course::make(&settings, &out, &parallel).map_err(|error| error.to_string())?;
            show_course(*patients, &out);
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn show_course(patients: usize, out: &Path) {
    say!("{patients} patients over time, in {}", out.join(CASES).display());
    say!("truth: {} (no patient is real)", out.join(TRUTH).display());
    say!("\nA study of it; write it to a file STUDY.toml, and `voxomics run STUDY.toml`:\n");
    let [cases, table] = [CASES, PATIENTS].map(|name| toml_text(&out.join(name).display().to_string()));
    say!(
        "{}\n[cohorts.course]\ncases = {cases}\ntables = {table}\n{}",
        HEAD_OF_COURSE.trim_end(),
        LEARN_COURSE.trim_end()
    );
}

fn show(made: &Made) {
    for cohort in &made.cohorts {
        say!("{:<13} {:>4} patients {:>5} lesions", cohort.purpose.name(), cohort.patients, cohort.lesions);
    }
    say!("truth: {} (no patient is real)", made.readme.display());
    say!("\nA study of it; write it to a file STUDY.toml, and `voxomics run STUDY.toml`:\n");
    say!("{}", study(made).trim_end());
}

/// A small study of what was made, as an experiment.
fn study(made: &Made) -> String {
    let mut text = String::from(HEAD);
    for cohort in &made.cohorts {
        let [cases, table] = [&cohort.cases, &cohort.patients_table].map(|path| toml_text(&path.display().to_string()));
        text += &format!("\n[cohorts.{}]\ncases = {cases}\ntables = {table}\n", cohort.purpose.name());
    }
    // Every fold needs patients, and each outer one leaves fewer of them.
    let patients =
        made.cohorts.iter().find(|cohort| cohort.purpose == Purpose::Train).map_or(0, |cohort| cohort.patients);
    let (folds, outer) = ((patients / 5).clamp(3, 10), (patients / 10).clamp(3, 5));
    text + LEARN + &format!("folds = {folds}\nouter_folds = {outer}\n") + EVALUATE
}

/// A text in quotes.
fn toml_text(text: &str) -> String {
    let mut out = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => out += &format!("\\u{:04X}", u32::from(c)),
            c => out.push(c),
        }
    }
    out + "\""
}

const HEAD: &str = r#"[plugins]
use = ["load-nifti", "features-lifex", "predict-elastic-net"]

[regions.tumour]

[interpolation]
spacing_mm = [1, 1, 1]

[discretisation]
method = "fixed bin size"
width = 10
minimum = -1000
maximum = 3000

[features.lifex]
"#;

const HEAD_OF_COURSE: &str = r#"[plugins]
use = ["load-nifti", "features-statistics", "features-morphology", "predict-elastic-net"]

[regions.tumour]

[interpolation]
spacing_mm = [2, 2, 2]

[features.statistics]
[features.morphology]
autocorrelation = false
only = ["volume_mesh", "surface_area", "sphericity"]

[course]
date = "date"
at_least_days = 14
deltas = "log_ratio"
inputs = "tumour:morphology.*"

[course.match]
limit_mm = 12
frame = "same"
"#;

const LEARN_COURSE: &str = r#"
[learn.delta]
plugin = "predict-elastic-net"
cohort = "course"
target = { number = "benefit" }
inputs = "*@*"
weights = "equal patients"
alpha = [0.5]
folds = 3
outer_folds = 3

[evaluate.delta]
cohort = "course"
score = "delta"
outcome = { number = "benefit" }
predictions = "out of fold"

[report]
pictures = false
"#;

const LEARN: &str = r#"
[learn.signature]
plugin = "predict-elastic-net"
cohort = "train"
target = { number = "CD8B" }
weights = "equal patients"
alpha = [0.5]
"#;

const EVALUATE: &str = r#"
[evaluate.expression]
cohort = "genomic"
score = "signature"
outcome = { number = "CD8B" }

[evaluate.phenotype]
cohort = "histological"
score = "signature"
outcome = { class = "phenotype", positive = "inflamed", negative = "desert" }

[evaluate.survival]
cohort = "clinical"
score = "signature"
outcome = { time = "os_months", event = "os_event", unit = "months" }

[report]
pictures = false
"#;
