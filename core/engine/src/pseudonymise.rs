//! Gives an experiment and its cases pseudonyms.

mod document;

use std::sync::Arc;

pub use document::back;

use crate::{
    cases::Case,
    experiment::{CaseSource, Experiment, suggestion},
    privacy::{Fates, PATIENT, Privacy, Row},
    results::{Key, pseudonyms::Kind},
};

/// Keeps the results of an experiment from naming anybody: it carries the key from here on, and what is written of it is changed.
/// `drop` are columns that are left out; `from_results` says that the cases are read from results, with their pseudonyms.
///
/// # Errors
/// Why it cannot be done.
pub fn begin(key: Key, drop: &[String], from_results: bool, experiment: &mut Experiment) -> Result<(), String> {
    if experiment.study.simulation.is_some() || matches!(experiment.cases, CaseSource::Make(_)) {
        return Err(format!(
            "{} makes its scans by itself, and no patient is in them: leave --pseudonymise out",
            experiment.path.display()
        ));
    }
    let privacy = Privacy::new(key, drop, from_results, &experiment.text);
    document::hide(privacy.key(), experiment)?;
    let privacy = Arc::new(privacy);
    for cohort in &mut experiment.study.cohorts {
        cohort.privacy = Some(Arc::clone(&privacy));
    }
    experiment.privacy = Some(privacy);
    Ok(())
}

/// Gives the cases of an experiment without cohorts their pseudonyms.
///
/// # Errors
/// Which column cannot be passed on, and why; or which column that is to be left out is not there.
pub fn cases(privacy: &Privacy, cases: &mut [Case]) -> Result<(), String> {
    if privacy.is_from_results() {
        privacy.note_moved(cases.iter().flat_map(|case| case.covariates.iter()));
        return Ok(());
    }
    let patients: Vec<String> = cases.iter().map(|case| patient_of(case).to_owned()).collect();
    let fates = {
        let rows = cases.iter().zip(&patients).flat_map(|(case, patient)| {
            case.covariates.iter().map(move |(column, cell)| Row { case: &case.name, patient, column, cell })
        });
        privacy.fates(PATIENT, "the list of cases", rows)?
    };
    if let Some(absent) = privacy.dropped().iter().find(|name| !fates.has(name)) {
        let near = suggestion(absent, fates.names());
        return Err(format!("--drop names the column `{absent}`, which the list of cases does not have{near}"));
    }
    for (case, patient) in cases.iter_mut().zip(&patients) {
        self::case(privacy, case, patient, &fates);
    }
    Ok(())
}

/// Refuses an experiment in whose words somebody's id stands: answers under `[study]`, title and notices of the report, and the
/// description are written as they are. To be asked once the cases have their pseudonyms.
///
/// # Errors
/// Under which keys; not the ids.
pub fn check_words(privacy: &Privacy, experiment: &Experiment) -> Result<(), String> {
    let study = &experiment.study;
    let mut words: Vec<(String, &str)> =
        study.facts.stated().map(|(key, words)| (format!("study.{key}"), words)).collect();
    words.push(("experiment.description".into(), &experiment.description));
    if let Some(report) = &study.report {
        words.extend(report.title.iter().map(|title| ("report.title".to_owned(), title.as_str())));
        words.extend(report.notices.iter().map(|notice| ("report.notices".to_owned(), notice.as_str())));
    }
    privacy.check_words(&words)
}

/// Gives a case its pseudonyms; answers that of its patient.
pub fn case(privacy: &Privacy, case: &mut Case, patient: &str, fates: &Fates) -> String {
    let key = privacy.key();
    let patient = key.pseudonym(Kind::Patient, patient);
    let name = key.pseudonym(Kind::Case, &case.name);
    case.original = Some(std::mem::replace(&mut case.name, name));
    key.belongs(&case.name, &patient);
    case.covariates = case.covariates.map(|column, cell| fates.cell(privacy, column, cell, &patient));
    patient
}

/// The patient of a case: what the list says, or the case.
fn patient_of(case: &Case) -> &str {
    case.covariate(PATIENT).map(str::trim).filter(|id| !id.is_empty()).unwrap_or(&case.name)
}
