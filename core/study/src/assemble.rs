//! From what the stages found to what the report shows.

mod compared;
mod dossier;
mod methods;
mod models;
mod panels;
mod preparation;
mod said;
mod signature;
mod training;

use std::{collections::BTreeSet, time::SystemTime};

use voxomics_engine::{
    experiment::study::{CohortSource, ColumnLabel, Labels as StatedLabels},
    output::Folder,
};
use voxomics_report::study::{
    BeforeCourse, Cohort as ShownCohort, Compared, Estimate, Evaluation, Flow, Labels, Lost, Model, Named, Outcome,
    Patient, Plugin, Record, Study,
};

pub use compared::compared;
pub use models::models;
pub use panels::figure;

use crate::{
    cohort::{JOIN, Joined, ONLY},
    course::COURSE,
    data::{Cohort, LeftOut, Lesion},
    evaluate, files,
    work::Work,
};

/// Writes what did not join, cohort by cohort.
///
/// # Errors
/// Which file, and why not.
pub fn write_joins(folder: &Folder, joined: &[Joined]) -> Result<(), String> {
    let lost = joined.iter().flat_map(|cohort| cohort.unjoined.iter().map(|lost| (&cohort.name, lost)));
    let rows = lost.map(|(cohort, lost)| vec![cohort.clone(), lost.id.clone(), lost.reason.clone()]);
    files::write_csv(folder, "unjoined.csv", &["cohort", "id", "reason"], rows)
}

/// The study as the report shows it.
pub fn study(
    work: &Work<'_>,
    joined: &[Joined],
    cohorts: &[Cohort],
    models: Vec<Model>,
    (evaluations, compared): (Vec<Evaluation>, Vec<Compared>),
    patients: Vec<Patient>,
) -> Study {
    let stated = &work.experiment.study;
    let report = stated.report.clone().unwrap_or_default();
    let resolved = work.plan.resolved(work.experiment);
    let found = methods::Found::new(work, (joined, cohorts), (&models, &evaluations), &resolved);
    let methods = methods::paragraphs(work, cohorts, &found);
    let open = stated.facts.open().map(|(key, question)| (key.to_owned(), question.to_owned())).collect();
    let known = |(key, words): (&str, &str)| (key.to_owned(), words.to_owned());
    let known = stated.facts.stated().map(known).collect();
    let cohorts: Vec<ShownCohort> =
        joined.iter().zip(cohorts).map(|(joined, cohort)| shown(work, joined, cohort, cohorts)).collect();
    let mut study = Study {
        title: report.title.unwrap_or_else(|| work.experiment.name.clone()),
        description: work.experiment.description.clone(),
        simulated: stated.cohorts.iter().any(|cohort| matches!(cohort.source, CohortSource::Simulated(_))),
        notices: report.notices,
        workflow: (!stated.is_of_tables()).then(|| panels::workflow(work.plan)),
        figures: stated.figures.iter().map(panels::figure).collect(),
        record: record(work),
        balance: evaluate::balance(&cohorts),
        cohorts,
        models,
        compared,
        evaluations,
        patients,
        single_file: report.single_file,
        labels: labels(&stated.labels),
        methods,
        dossier: Vec::new(),
        stated: known,
        open,
    };
    let given = dossier::Given { experiment: stated, resolved: &resolved, study: &study, found: &found };
    study.dossier = dossier::subjects(&given);
    study
}

fn labels(stated: &StatedLabels) -> Labels {
    let column = |label: &ColumnLabel| voxomics_report::study::ColumnLabel {
        name: label.name.clone().unwrap_or_default(),
        unit: label.unit.clone().unwrap_or_default(),
        order: label.order.clone(),
        levels: label.levels.clone(),
    };
    Labels {
        columns: stated.columns.iter().map(|(name, label)| (name.clone(), column(label))).collect(),
        outcomes: stated.outcomes.clone(),
        cohorts: stated.cohorts.clone(),
        models: stated.models.clone(),
        evaluations: stated.evaluations.clone(),
        regions: stated.regions.clone(),
        inputs: stated.inputs.clone(),
        groups: stated.groups.clone(),
    }
}

fn record(work: &Work<'_>) -> Record {
    let plugin = |library: &voxomics_engine::host::LibraryRecord| {
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        let json = serde_json::to_value(library).unwrap_or_default();
        let names = json["plugins"].as_array().map(|names| names.iter().map(text).collect::<Vec<_>>().join(", "));
        Plugin {
            name: names.unwrap_or_default(),
            version: text(&json["version"]),
            vendor: text(&json["vendor"]),
            licence: text(&json["licence"]),
            // Two builds of one program differ in the bytes of its plugins and in nothing that they compute.
            known: library.known(),
            runs: text(&json["runs"]),
            ours: library.is_ours(),
            sha256: if library.is_ours() { "as of the program".into() } else { text(&json["sha256"]) },
        }
    };
    let file =
        |file: &voxomics_engine::plan::FileRecord| Named { setting: file.setting.clone(), sha256: file.sha256.clone() };
    Record {
        version: work.record.program.version.clone(),
        program: work.record.program.digest.clone(),
        started: humantime::format_rfc3339_seconds(SystemTime::now()).to_string(),
        command: if work.experiment.privacy.is_some() { Vec::new() } else { std::env::args().collect() },
        seed: work.plan.seed,
        experiment: work.experiment.text.clone(),
        stages: Vec::new(),
        plugins: work.plan.libraries.iter().map(plugin).collect(),
        files: work.plan.files.iter().map(file).collect(),
    }
}

fn shown(work: &Work<'_>, joined: &Joined, cohort: &Cohort, all: &[Cohort]) -> ShownCohort {
    let study = &work.experiment.study;
    let asked = study.report.as_ref().and_then(|report| report.table_one.as_deref());
    let trains = study.learn.iter().any(|learn| learn.cohorts.contains(&cohort.name));
    let validates = study.evaluate.iter().any(|evaluate| evaluate.cohort == cohort.name);
    let role = match (trains, validates) {
        (true, true) => "training and validation",
        (true, false) => "training",
        (false, true) => "validation",
        (false, false) => "features only",
    };
    ShownCohort {
        name: cohort.name.clone(),
        role: role.into(),
        flow: flow(joined, cohort),
        table_one: evaluate::table_one(cohort, all, asked),
    }
}

/// What became of the cases of a cohort up to their features.
fn flow(joined: &Joined, cohort: &Cohort) -> Flow {
    let lesions = cohort.patients.iter().map(|patient| patient.lesions.len());
    let of_lesion = |lesion: &Lesion| -> Vec<String> {
        [&lesion.case].into_iter().chain(lesion.repeats.iter().map(|repeat| &repeat.case)).cloned().collect()
    };
    let with_features: BTreeSet<String> =
        cohort.patients.iter().flat_map(|patient| &patient.lesions).flat_map(of_lesion).collect();
    let before: Vec<&LeftOut> =
        cohort.left_out.iter().filter(|row| [JOIN, ONLY].contains(&row.stage.as_str())).collect();
    // Patients without a case were never in the flow.
    let (absent, unjoined): (Vec<&LeftOut>, Vec<&LeftOut>) = before.into_iter().partition(|row| row.id.is_empty());
    let lost = |rows: Vec<&LeftOut>| rows.into_iter().map(Lost::from).collect();
    Flow {
        listed: cohort.listed as u64,
        listed_patients: joined.listed_patients as u64,
        unjoined: lost(unjoined),
        absent: lost(absent),
        joined_patients: joined.joined_patients() as u64,
        failed: cohort.failed.clone(),
        failed_cases: joined
            .cases
            .len()
            .saturating_sub(cohort.before_course.map_or(with_features.len(), |(cases, _)| cases))
            as u64,
        before_course: cohort.before_course.map(|(cases, patients)| BeforeCourse {
            cases: cases as u64,
            patients: patients as u64,
            lost: cohort.left_out.iter().filter(|row| row.stage == COURSE).map(Lost::from).collect(),
        }),
        extracted_cases: with_features.len() as u64,
        extracted: lesions.clone().sum::<usize>() as u64,
        extracted_patients: lesions.filter(|n| *n > 0).count() as u64,
    }
}

/// An evaluation in a line.
pub fn finding(evaluation: &Evaluation) -> String {
    let interval = |estimate: &Estimate| {
        let p = estimate.p.map_or(String::new(), |p| match p {
            p if p < 0.001 => ", p < 0.001".into(),
            p => format!(", p = {p:.3}"),
        });
        match (estimate.low, estimate.high) {
            (Some(low), Some(high)) => format!("{:.2} ({low:.2} to {high:.2}){p}", estimate.value),
            _ => format!("{:.2}{p}", estimate.value),
        }
    };
    let result = match &evaluation.result {
        Outcome::Class(class) => format!("AUC {}", interval(&class.auc)),
        Outcome::Survival(survival) => {
            let first = survival.cox.first().and_then(|table| Some((&table.title, table.rows.first()?)));
            first.map_or_else(
                || "the hazard ratio could not be computed".into(),
                |(title, (_, estimate, _))| format!("hazard ratio {} ({title})", interval(estimate)),
            )
        }
        Outcome::Number(number) => match &number.spearman {
            Some(rho) => format!("Spearman's ρ {}", interval(rho)),
            None => "the correlation could not be computed".into(),
        },
        Outcome::None { reason } => format!("no result: {reason}"),
    };
    let seen = evaluation.seen.as_ref().map(|seen| format!(" [{}: optimistic]", seen.label())).unwrap_or_default();
    let how = match evaluation.predictions.as_str() {
        "" => String::new(),
        how => format!(" [{how}]"),
    };
    format!("{}: {}, n = {}: {result}{seen}{how}", evaluation.name, evaluation.outcome, evaluation.n)
}
