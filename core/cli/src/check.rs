//! `voxomics check`.

mod plan;
mod study;
mod table;

use std::{path::PathBuf, process::ExitCode};

use clap::Args;
use voxomics_engine::{
    cases::{self, Case},
    experiment::{CaseSource, Experiment},
    host::Services,
    inspect::{self, Inspection},
    output::Folder,
    plan::Plan,
    preview::{self, Pictures},
    run,
};
use voxomics_study::stages::given;

use crate::{
    CODE_CASES_FAILED, CODE_GIVEN_UP, ExperimentArguments, Loudness, Refused, Threads, experiment, interrupt,
    progress::Progress,
    terminal::{count, name},
};

#[derive(Args)]
pub struct Arguments {
    #[command(flatten)]
    experiment: ExperimentArguments,
    #[command(flatten)]
    threads: Threads,
    /// Look at the experiment and the list only, and open no case.
    #[arg(long)]
    no_open: bool,
    /// Write a picture of each case to this folder: three slices with the outlines of its regions.
    #[arg(long, value_name = "FOLDER", conflicts_with = "no_open")]
    preview: Option<PathBuf>,
    /// Print JSON: the plan, and what was found of each case.
    #[arg(long, conflicts_with = "no_open")]
    json: bool,
}

/// The cases that were opened, and how many there are.
struct Opened {
    done: Vec<(Case, Inspection)>,
    cases: usize,
}

impl Opened {
    fn failed(&self) -> usize {
        self.done.iter().filter(|(_, inspection)| !inspection.faults.is_empty()).count()
    }

    fn exit_code(&self) -> ExitCode {
        match (self.done.len() < self.cases, self.failed()) {
            (true, _) => ExitCode::from(CODE_GIVEN_UP),
            (false, 0) => ExitCode::SUCCESS,
            (false, _) => ExitCode::from(CODE_CASES_FAILED),
        }
    }
}

/// Checks everything that can be checked without computing a feature, and prints the plan and what was found of each
/// case.
pub fn check(arguments: &Arguments) -> Result<ExitCode, Refused> {
    let experiment = experiment::read(&arguments.experiment)?;
    let plan = Plan::new(&experiment)?;
    crate::study::without_cases(&arguments.experiment, &experiment)?;
    let checked = study::check(&experiment, &plan)?;
    let (cases, words) = match &checked {
        Some(checked) => (study::cases(&experiment, checked), "those of the cohorts, see below".into()),
        None => listed(&arguments.experiment, &experiment)?,
    };
    if checked.is_none() {
        let listed = experiment::list(&experiment, arguments.experiment.cases.as_deref());
        crate::run::check_columns(&plan, &cases, listed)?;
    }
    let folder = match (&arguments.preview, cases.is_empty()) {
        (None, _) => None,
        (Some(folder), false) => Some(Folder::create(folder, false)?),
        (Some(_), true) => {
            let how = if checked.is_some() { "the cohorts are simulated" } else { "give a CSV with --cases" };
            return Err(Refused(format!("there is no case to make a picture of: {how}")));
        }
    };
    if !arguments.json {
        if arguments.no_open {
            say_what_is_missing(&cases);
        }
        plan::print(&experiment, &plan, &words);
        match &checked {
            Some(checked) => study::print(checked),
            None => {
                let missing = crate::run::missing_covariates(&plan, &cases);
                given::warnings(&experiment, &plan)
                    .iter()
                    .chain(&missing)
                    .for_each(|warning| say!("warning: {warning}"));
            }
        }
        let impossible = || checked.iter().flat_map(|checked| &checked.impossible);
        impossible().for_each(|why| say!("failed: {why}"));
        if impossible().next().is_none() {
            say!("the experiment is sound");
        }
    }
    let cases = if arguments.no_open { Vec::new() } else { cases };
    let opened = open(&plan, cases, arguments.threads.count(), folder.as_ref())?;
    if arguments.json {
        let mut found = table::json(&plan, &opened);
        found["study"] = checked.as_ref().map_or(serde_json::Value::Null, study::json);
        say!("{found:#}");
    } else if opened.cases > 0 {
        table::print(&opened);
        if let Some(folder) = &folder {
            let pictures: usize = opened.done.iter().map(|(_, inspection)| inspection.pictures.len()).sum();
            say!("{} in {}", count(pictures, "picture"), folder.path().display());
        }
    }
    let is_possible = checked.as_ref().is_none_or(|checked| checked.impossible.is_empty());
    Ok(if is_possible || opened.done.len() < opened.cases {
        opened.exit_code()
    } else {
        ExitCode::from(CODE_CASES_FAILED)
    })
}

/// The cases that are there to be opened, and all of them in words.
fn listed(arguments: &ExperimentArguments, experiment: &Experiment) -> Result<(Vec<Case>, String), Refused> {
    Ok(match (&arguments.cases, &experiment.cases) {
        (Some(list), _) | (None, CaseSource::List(list)) => {
            let cases = experiment::chosen(experiment, cases::from_csv(list)?)?;
            let words = format!("{} in {}", cases.len(), list.display());
            (cases, words)
        }
        (None, CaseSource::Folder { folder, image, mask }) => {
            let cases = experiment::chosen(experiment, cases::from_folder(folder, image, mask)?)?;
            let words = format!("{} in {}", cases.len(), folder.display());
            (cases, words)
        }
        (None, CaseSource::Make(kinds)) => (Vec::new(), format!("made by the program: {}", kinds.join(", "))),
        (None, CaseSource::None) => (Vec::new(), "to be given with --cases".into()),
    })
}

/// Opens every case; nothing but what is shown of it is kept.
fn open(plan: &Plan, cases: Vec<Case>, threads: usize, folder: Option<&Folder>) -> Result<Opened, Refused> {
    let all = cases.len();
    if all == 0 {
        return Ok(Opened { done: Vec::new(), cases: 0 });
    }
    let services = Services { seed: plan.seed, ..Services::default() };
    interrupt::give_up_on_ctrl_c(&services, "shown")?;
    let stems = preview::file_stems(cases.iter().map(|case| case.name.as_str()));
    let work = |index: usize, case: &Case| {
        let pictures = folder.map(|folder| Pictures { folder, stem: &stems[index] });
        inspect::case(plan, case, &services, pictures)
    };
    let progress = Progress::new(Loudness::default());
    let done = run::each(cases, threads, &services, &work, &progress)?;
    progress.finish();
    Ok(Opened { done, cases: all })
}

fn say_what_is_missing(cases: &[Case]) {
    for case in cases {
        if let Some(fault) = &case.fault {
            say!("case {}: {fault}", name(&case.name));
        }
        let further = case.images.iter().chain(&case.masks).map(|(_, path)| path);
        // Of images and masks with names, one may be missing.
        let files = [&case.image, &case.mask].into_iter().chain(further).filter(|path| !path.as_os_str().is_empty());
        for path in files.filter(|path| !path.exists()) {
            say!("case {}: {} is not there", name(&case.name), path.display());
        }
    }
}
