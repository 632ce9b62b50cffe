//! What can be known of a study before a scan is read: whether its tables join, whether every column that it names is
//! there, whether its settings can work, and how many have an outcome. A mistake that shows after hours of extraction could
//! have been told at once.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use voxomics_engine::{
    experiment::{
        Covariate, Diagnostic, Diagnostics, Experiment,
        study::{Evaluate, Learn, NamedColumn, Study, Target, level_of},
        suggestion,
    },
    feature_table,
    host::{CaseHost, Services},
    plan::{Learner, Plan},
    pseudonymise, run,
};
use voxomics_report::count;

use super::{given, hygiene};
use crate::{
    cohort::{self, Joined},
    data::{Cohort, Lesion, Patient, event_seen},
    extract, learn,
};

/// What was found.
#[derive(Debug)]
pub struct Checked {
    /// The cohorts.
    pub joined: Vec<Joined>,
    /// For each model that is learnt: what there is to learn from, if every scan is usable.
    pub learn: Vec<Counted>,
    /// For each evaluation: who has an outcome.
    pub evaluate: Vec<Counted>,
    /// Why a model cannot be learnt, or an evaluation has no result, whatever the scans hold; one sentence each.
    pub impossible: Vec<String>,
    /// What is doubtful, one sentence each.
    pub warnings: Vec<String>,
    /// What is good to know, one sentence each.
    pub notes: Vec<String>,
}

/// How many rows and patients have what is needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// The model or the evaluation.
    pub name: String,
    /// The cohorts.
    pub cohorts: Vec<String>,
    /// Lesions with a target; units with an outcome.
    pub rows: usize,
    /// Their patients.
    pub patients: usize,
    /// Lesions or patients without one, or that a condition leaves out.
    pub others: usize,
}

/// Columns that a message lists at most.
const LISTED: usize = 60;

/// Checks a study; its simulated scans are, or will be, in `scans`.
///
/// # Errors
/// Everything that is wrong, rendered for a person.
pub fn check(experiment: &Experiment, plan: &Plan, services: &Services, scans: &Path) -> Result<Checked, String> {
    let study = &experiment.study;
    let mistakes = experiment.mistakes.clone();
    let mut joined = Vec::new();
    for stated in &study.cohorts {
        match cohort::join(stated, study.simulation.as_ref(), scans, &study.columns) {
            Ok(found) => {
                // Results would have two columns of one name.
                if found.features.is_none()
                    && let Err(why) = run::check_columns(plan, found.known.iter().map(String::as_str))
                {
                    let message = format!("cohort `{}`: {why}", stated.name);
                    mistakes.push(Diagnostic::new(stated.origin.clone(), message));
                }
                joined.push(found);
            }
            Err(why) => mistakes.push(Diagnostic::new(stated.origin.clone(), why)),
        }
    }
    if let Some(Err(why)) = experiment.privacy.as_ref().map(|privacy| pseudonymise::check_words(privacy, experiment)) {
        mistakes.push(Diagnostic::general(why));
    }
    study.columns.iter().for_each(|named| column(named, &joined, &mistakes));
    super::drawn::narrow(study).into_iter().for_each(|(place, said)| mistakes.push(Diagnostic::new(place, said)));
    for (stated, learner) in study.learn.iter().zip(&plan.learners) {
        rehearse(plan, stated, learner, services, &mistakes);
        for leak in learn::leaks(plan, stated, learner, &study.evaluate) {
            let message = format!("[learn.{}] {leak}", stated.name);
            mistakes.push(Diagnostic::new(stated.settings.origin.clone(), message));
        }
    }
    let mut checked = Checked {
        joined,
        learn: Vec::new(),
        evaluate: Vec::new(),
        impossible: Vec::new(),
        warnings: given::warnings(experiment, plan),
        notes: Vec::new(),
    };
    // A column that is missing would show in every count.
    if mistakes.is_empty() {
        let cohorts =
            checked.joined.iter().map(|joined| extract::before(plan, joined)).collect::<Result<Vec<Cohort>, _>>();
        let cohorts = cohorts.map_err(|why| {
            let place = plan.course.as_ref().map(|course| course.stated.time.column().origin.clone());
            mistakes.push(place.map_or_else(|| Diagnostic::general(&why), |place| Diagnostic::new(place, &why)));
            mistakes.render()
        })?;
        for (stated, learner) in study.learn.iter().zip(&plan.learners) {
            checked.count_rows((experiment, plan), stated, learner, &cohorts, &mistakes);
        }
        checked.warnings.extend(hygiene::doubts(study, plan, &checked.joined));
        study.evaluate.iter().for_each(|stated| checked.count_outcomes(stated, &cohorts, &mistakes));
        checked.doubt_covariates(plan);
        checked.notes.extend(types(study));
        checked.notes.extend(study.learn.iter().filter_map(|stated| learn::no_inputs(plan, stated)));
        for (stated, learner) in study.learn.iter().zip(&plan.learners) {
            if stated.harmonise_by.is_some() && learner.settings["harmonise"] == "none" {
                let name = &stated.name;
                checked.warnings.push(format!(
                    "[learn.{name}] has `harmonise_by` and harmonise = \"none\": nothing is harmonised; \
                     harmonise = \"combat\" does it"
                ));
            }
        }
    }
    if mistakes.is_empty() { Ok(checked) } else { Err(mistakes.render()) }
}

/// Reports a column that a cohort does not have.
fn column(named: &NamedColumn, joined: &[Joined], mistakes: &Diagnostics) {
    let NamedColumn { column, of, cohorts, origin } = named;
    for cohort in joined.iter().filter(|cohort| cohorts.contains(&cohort.name) && !cohort.known.contains(column)) {
        let near = suggestion(column, cohort.known.iter().map(String::as_str));
        let near = if near.contains("did you mean") { near } else { String::new() };
        let shown: Vec<&str> = cohort.known.iter().take(LISTED).map(String::as_str).collect();
        let more = cohort.known.len().saturating_sub(LISTED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let name = &cohort.name;
        let message = format!(
            "`{of}`: neither the list of cases nor a table of the cohort `{name}` has a column `{column}`{near}; its \
             columns are {}{more}",
            shown.join(", ")
        );
        mistakes.push(Diagnostic::new(origin.clone(), message));
    }
}

/// Has a learner look at its settings beside a table without rows. What it then says of a setting is so whatever the rows;
/// what it says of the rows, that there are none, is no mistake.
fn rehearse(plan: &Plan, stated: &Learn, learner: &Learner, services: &Services, mistakes: &Diagnostics) {
    let Ok(table) = learn::table(plan, stated, learner, &[]) else { return };
    let host = CaseHost::new(services, &stated.name);
    if let Err(error) = learner.instance.fit(&table, &host)
        && let Some(setting) = &error.setting
    {
        let message = format!("[learn.{}] {error}", stated.name);
        mistakes.push(Diagnostic::new(stated.settings.place(setting), message));
    }
}

impl Checked {
    fn count_rows(
        &mut self,
        (experiment, plan): (&Experiment, &Plan),
        stated: &Learn,
        learner: &Learner,
        cohorts: &[Cohort],
        mistakes: &Diagnostics,
    ) {
        let (rows, left_out) = match learn::rows(stated, cohorts) {
            Ok(found) => found,
            Err(why) => {
                let message = format!("[learn.{}] {why}", stated.name);
                return mistakes.push(Diagnostic::new(stated.settings.origin.clone(), message));
            }
        };
        let patients: BTreeSet<(&str, &str)> = rows.iter().map(learn::Row::who).collect();
        if rows.len() < 2 {
            let first = left_out.first().map(|row| format!("; the first that is left out: {}: {}", row.id, row.reason));
            let (few, first) = (learn::too_few(rows.len()), first.unwrap_or_default());
            self.impossible.push(format!("[learn.{}] {few}{first}", stated.name));
        }
        let told = learn::telling(experiment, plan, stated, learner, &rows);
        self.warnings.extend(told.into_iter().map(|text| format!("[learn.{}] {text}", stated.name)));
        match learn::batches(plan, stated, learner, &rows) {
            Ok(said) => self.warnings.extend(said.into_iter().map(|text| format!("[learn.{}] {text}", stated.name))),
            Err(why) => {
                let message = format!("[learn.{}] {why}", stated.name);
                mistakes.push(Diagnostic::new(stated.settings.place("harmonise"), message));
            }
        }
        self.notes.extend(factors(plan, stated, learner));
        let enough = learn::enough(plan, stated, &learner.inputs, &rows);
        self.notes.extend(enough.map(|said| format!("[learn.{}] {said}", stated.name)));
        if rows.len() >= 2
            && let Some((key, why)) = learn::unfoldable(stated, &learner.settings, &rows)
        {
            let message = format!("[learn.{}] {why}", stated.name);
            mistakes.push(Diagnostic::new(stated.settings.place(key), message));
        }
        if rows.len() >= 2 {
            let why = unlearnable(stated, learner, &rows, patients.len());
            self.impossible.extend(why.into_iter().map(|why| format!("[learn.{}] {why}", stated.name)));
        }
        self.learn.push(Counted {
            name: stated.name.clone(),
            cohorts: stated.cohorts.clone(),
            rows: rows.len(),
            patients: patients.len(),
            others: left_out.len(),
        });
    }

    fn count_outcomes(&mut self, stated: &Evaluate, cohorts: &[Cohort], mistakes: &Diagnostics) {
        let Some(cohort) = cohorts.iter().find(|cohort| cohort.name == stated.cohort) else { return };
        let mut first = None;
        let (mut rows, mut others, mut patients, mut classes) = (0, 0, BTreeSet::new(), Vec::new());
        let mut events = 0;
        for patient in &cohort.patients {
            // A patient counts with any lesion that meets the conditions.
            let met = patient.lesions.iter().filter(|lesion| meets(stated, patient, lesion));
            let units: Vec<Option<&Lesion>> = match stated.lesions {
                true => met.map(Some).collect(),
                false => met.take(1).map(|_| None).collect(),
            };
            others += if stated.lesions { patient.lesions.len() - units.len() } else { usize::from(units.is_empty()) };
            for unit in units {
                let event = match event(&stated.outcome, patient, unit) {
                    Ok(event) => event,
                    Err(why) => {
                        let message = format!("[evaluate.{}] {}: {why}", stated.name, patient.id);
                        return mistakes.push(Diagnostic::new(stated.origin.clone(), message));
                    }
                };
                match learn::outcome(&stated.outcome, cohort, patient, unit) {
                    Ok(class) => {
                        rows += 1;
                        events += usize::from(event);
                        classes.extend(class);
                        patients.insert(&patient.id);
                    }
                    Err(why) => {
                        others += 1;
                        first.get_or_insert_with(|| format!("; the first: {}: {why}", patient.id));
                    }
                }
            }
        }
        if rows == 0 {
            let first = first.unwrap_or_else(|| "; `only` leaves nobody".into());
            self.impossible.push(format!("[evaluate.{}] nobody has an outcome{first}", stated.name));
        }
        if let (Target::Survival { event, seen, .. }, 1.., 0) = (&stated.outcome, rows, events) {
            self.impossible.push(format!(
                "[evaluate.{}] `{event}` says of none of {rows} that the event was seen (`seen` is \"{}\")",
                stated.name,
                seen.join("\", \"")
            ));
        }
        let with = classes.iter().filter(|class| **class == 1.0).count();
        if !classes.is_empty() && (with == 0 || with == classes.len()) {
            let without = classes.len() - with;
            self.impossible.push(format!(
                "[evaluate.{}] {with} with and {without} without the outcome, and some of both are needed",
                stated.name
            ));
        }
        let (name, cohorts) = (stated.name.clone(), vec![stated.cohort.clone()]);
        self.evaluate.push(Counted { name, cohorts, rows, patients: patients.len(), others });
    }

    /// A covariate may come with the scan; one that does not is missing in every case.
    fn doubt_covariates(&mut self, plan: &Plan) {
        for joined in &self.joined {
            for covariate in &plan.covariates {
                self.warnings.extend(doubt(covariate, joined));
            }
        }
    }
}

/// What the columns of tables of features are taken for.
fn types(study: &Study) -> Option<String> {
    let tables: Vec<_> = study.feature_tables().filter_map(|(_, tables)| tables.read().ok()).collect();
    if tables.is_empty() {
        return None;
    }
    let found = feature_table::types(&tables, &BTreeMap::new());
    let levels = |covariate: &Covariate| {
        covariate.levels.as_ref().map(|levels| format!("{} ({})", covariate.name, levels.join(", ")))
    };
    let with_levels: Vec<String> = found.inputs.iter().filter_map(levels).collect();
    let numbers = found.inputs.len() - with_levels.len();
    let listed = |what: &str, names: &[String]| match names {
        [] => String::new(),
        _ if names.len() > LISTED => format!("; {} {what}", names.len()),
        _ => format!("; {} {what}: {}", names.len(), names.join(", ")),
    };
    let with_levels = listed("with levels", &with_levels);
    let [texts, dates] =
        [("left out as texts", &found.texts), ("left out as dates", &found.dates)].map(|(what, of)| listed(what, of));
    Some(format!("inputs from tables: {numbers} numbers{with_levels}{texts}{dates}"))
}

/// Which input has which of the penalty factors that are stated in the order of the inputs.
fn factors(plan: &Plan, stated: &Learn, learner: &Learner) -> Option<String> {
    let factors = stated.settings.values.get("penalty_factors")?.as_array()?;
    let pairs = learner.inputs.iter().zip(factors);
    let pairs: Vec<String> = pairs.map(|(index, factor)| format!("{} = {factor}", plan.inputs[*index].0)).collect();
    Some(format!("[learn.{}] penalty_factors: {}", stated.name, pairs.join(", ")))
}

/// What is doubtful of a covariate in a cohort.
fn doubt(covariate: &Covariate, joined: &Joined) -> Option<String> {
    let (column, cohort) = (&covariate.column, &joined.name);
    if !joined.known.contains(column) {
        let near = suggestion(column, joined.known.iter().map(String::as_str));
        let near = if near.contains("did you mean") { near } else { String::new() };
        return Some(format!(
            "[covariates.{}] the cohort `{cohort}` has no column `{column}`, which can then only come with the scans{near}",
            covariate.name
        ));
    }
    let levels = covariate.levels.as_ref()?;
    let cells = joined.cases.iter().filter_map(|case| case.covariate(column)).map(str::trim);
    let strange: Vec<&str> = cells.filter(|cell| !cell.is_empty() && level_of(levels, cell).is_none()).collect();
    let first = strange.first()?;
    Some(format!(
        "[covariates.{}] {} of {} cases of `{cohort}` have a `{column}` that is none of its levels; the first: `{first}`",
        covariate.name,
        strange.len(),
        joined.cases.len()
    ))
}

/// Why nothing can be learnt from rows, whatever their features are.
fn unlearnable(stated: &Learn, learner: &Learner, rows: &[learn::Row<'_>], patients: usize) -> Vec<String> {
    let mut why = Vec::new();
    let folds = || {
        let of = |key| (key, learner.settings.get(key).and_then(serde_json::Value::as_u64).unwrap_or_default());
        ["folds", "outer_folds"].into_iter().map(of)
    };
    let number = |at: usize, wanted: f64| rows.iter().filter(|row| row.target.get(at) == Some(&wanted)).count();
    match &stated.target {
        Target::Number { .. } => {}
        Target::Survival { event, .. } if number(1, 1.0) == 0 => {
            why.push(format!("`{event}` says of none of the {} rows that the event was seen", rows.len()));
        }
        // Without the fold that has them all, there is no event to learn from.
        Target::Survival { event, .. } if folds().any(|(_, folds)| folds > 1) && with_event(rows) == 1 => {
            why.push(format!("`{event}` was seen in one patient alone, and the fold of that patient leaves no event"));
        }
        Target::Survival { .. } => {}
        Target::Above { .. } | Target::Class { .. } => {
            let positive = number(0, 1.0);
            if positive == 0 || positive == rows.len() {
                let class = if positive == 0 { "negative" } else { "positive" };
                why.push(format!("all {} rows are {class}, and two classes are needed", rows.len()));
            }
        }
    }
    for (key, folds) in folds() {
        if folds > patients as u64 {
            let patients = count(patients as u64, "patient");
            why.push(format!("{patients} cannot be cut into {folds} folds (`{key}`)"));
        }
    }
    why
}

/// How many patients had the event.
fn with_event(rows: &[learn::Row<'_>]) -> usize {
    let with = rows.iter().filter(|row| row.target.get(1) == Some(&1.0));
    with.map(learn::Row::who).collect::<BTreeSet<_>>().len()
}

/// Whether a lesion meets the conditions of an evaluation.
fn meets(stated: &Evaluate, patient: &Patient, lesion: &Lesion) -> bool {
    let cell = |column: &str| lesion.columns.get(column).or_else(|| patient.column(column));
    learn::unmet(&stated.only, cell).is_none()
}

/// Whether a patient had the event, if there is one. One word that nobody knows, and nobody knows who lived.
fn event(outcome: &Target, patient: &Patient, lesion: Option<&Lesion>) -> Result<bool, String> {
    let Target::Survival { event, seen, .. } = outcome else { return Ok(false) };
    let of_lesion = lesion.and_then(|lesion| lesion.columns.get(event));
    of_lesion.or_else(|| patient.column(event)).map_or(Ok(false), |word| event_seen(event, word, seen))
}
