//! What a study has to work with: a row a cohort, and who has what is to be learnt or evaluated.

use std::path::Path;

use serde_json::{Value, json};
use voxomics_engine::{
    cases::Case,
    experiment::{Experiment, study::CohortSource},
    host::Services,
    plan::Plan,
};
use voxomics_study::{
    cohort::{JOIN, Joined, ONLY},
    stages::check::{self, Checked, Counted},
};

use crate::{
    Refused, study,
    terminal::{count, verb as verb_of},
};

const HEADER: [&str; 7] = ["cohort", "cases", "patients", "joined", "of patients", "not joined", "by `only`"];

/// Looks at everything of a study that can be looked at before a scan is read; nothing of an experiment that is none.
pub fn check(experiment: &Experiment, plan: &Plan) -> Result<Option<Checked>, Refused> {
    if !study::is_study(experiment) {
        return Ok(None);
    }
    Ok(Some(check::check(experiment, plan, &Services::default(), Path::new("simulated"))?))
}

/// The cases of all cohorts whose scans are there: those of a simulated one are not made yet.
pub fn cases(experiment: &Experiment, checked: &Checked) -> Vec<Case> {
    let stated = experiment.study.cohorts.iter().zip(&checked.joined);
    let listed = stated.filter(|(stated, _)| matches!(stated.source, CohortSource::List(_)));
    let named = |(_, joined): (_, &Joined)| {
        let name = |case: &Case| Case { name: format!("{}/{}", joined.name, case.name), ..case.clone() };
        joined.cases.iter().map(name).collect::<Vec<Case>>()
    };
    listed.flat_map(named).collect()
}

/// Prints it.
pub fn print(checked: &Checked) {
    let rows: Vec<[String; 7]> = checked.joined.iter().map(row).collect();
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([HEADER[column].len()]).max().unwrap_or_default()
    };
    let widths: [usize; 7] = std::array::from_fn(width);
    say!();
    for cells in std::iter::once(HEADER.map(str::to_owned)).chain(rows) {
        let cell = |(column, (cell, width)): (usize, (&String, &usize))| match column {
            0 => format!("{cell:<width$}"),
            _ => format!("{cell:>width$}"),
        };
        let cells: Vec<String> = cells.iter().zip(&widths).enumerate().map(cell).collect();
        say!("{}", cells.join("  "));
    }
    for cohort in &checked.joined {
        if let Some(first) = cohort.unjoined.first() {
            say!("{}: does not join: {}: {}{}", cohort.name, first.id, first.reason, more(cohort.unjoined.len()));
        }
    }
    let counted = |verb: &str, what: String, of: &Counted| {
        let others = match of.others {
            0 => String::new(),
            others => format!("; {} {} left out", count(others, "other"), verb_of(others, "is", "are")),
        };
        let (patients, cohorts) = (count(of.patients, "patient"), of.cohorts.join(", "));
        say!("{verb:<14} {}: {what}, of {patients}, in {cohorts}{others}", of.name);
    };
    checked.learn.iter().for_each(|of| counted("learn", format!("{} with a target", count(of.rows, "lesion")), of));
    checked.evaluate.iter().for_each(|of| counted("evaluate", format!("{} with an outcome", of.rows), of));
    checked.notes.iter().for_each(|note| say!("{note}"));
    checked.warnings.iter().for_each(|warning| say!("warning: {warning}"));
}

fn more(count: usize) -> String {
    if count > 1 { format!(" (and {} more)", count - 1) } else { String::new() }
}

fn row(cohort: &Joined) -> [String; 7] {
    let counts = [
        cohort.listed,
        cohort.listed_patients,
        cohort.cases.len(),
        cohort.joined_patients(),
        cohort.left_out_by(JOIN),
        cohort.left_out_by(ONLY),
    ];
    let mut counts = counts.iter().map(usize::to_string);
    std::array::from_fn(|column| match column {
        0 => cohort.name.clone(),
        _ => counts.next().unwrap_or_default(),
    })
}

/// The same as JSON.
pub fn json(checked: &Checked) -> Value {
    let cohort = |cohort: &Joined| {
        json!({
            "cohort": cohort.name,
            "cases": cohort.listed,
            "patients": cohort.listed_patients,
            "joined_cases": cohort.cases.len(),
            "joined_patients": cohort.joined_patients(),
            "not_joined": cohort.left_out_by(JOIN),
            "left_out_by_only": cohort.left_out_by(ONLY),
        })
    };
    let counted = |of: &Counted| json!({ "name": of.name, "cohorts": of.cohorts, "rows": of.rows, "patients": of.patients, "others": of.others });
    json!({
        "cohorts": checked.joined.iter().map(cohort).collect::<Vec<_>>(),
        "learn": checked.learn.iter().map(counted).collect::<Vec<_>>(),
        "evaluate": checked.evaluate.iter().map(counted).collect::<Vec<_>>(),
        "notes": checked.notes,
        "impossible": checked.impossible,
        "warnings": checked.warnings,
    })
}
