//! Cohorts: cases and their patients, joined by id. What does not join is listed, never dropped in silence.

mod merge;
mod private;
mod readers;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    path::{Path, PathBuf},
};

use voxomics_engine::{
    Cells,
    cases::{self, Case},
    experiment::{
        study::{Between, Cohort as Stated, CohortSource, Condition, NamedColumn, Simulation},
        suggestion,
    },
    feature_table::Features,
    tabular::{self, Marks, is_missing},
};
use voxomics_report::study::Lost;
use voxomics_simulation::{Purpose, course};

use crate::{
    data::{Cohort, LeftOut, Lesion, Patient, Source},
    files::{self, Rows},
    ids::plain,
};

use merge::merge;
pub use readers::Repeat;

/// The cases of a cohort, with what is known of their patients.
#[derive(Debug, Clone)]
pub struct Joined {
    /// Name of the cohort.
    pub name: String,
    /// Whether its ids are its own.
    pub own_ids: bool,
    /// The cases that have a patient; the patient's columns are among their covariates.
    pub cases: Vec<Case>,
    /// For each of them, the patient's id.
    pub patients: Vec<String>,
    /// What the tables call each patient, by pseudonym, where there are pseudonyms.
    pub originals: BTreeMap<String, String>,
    /// What the tables say of each patient.
    pub columns: BTreeMap<String, Cells>,
    /// Cases and patients that did not join, and why.
    pub unjoined: Vec<Lost>,
    /// These, and those that a condition leaves out.
    pub left_out: Vec<LeftOut>,
    /// Number of cases in the list.
    pub listed: usize,
    /// Number of patients in the list, with those whose cases did not join.
    pub listed_patients: usize,
    /// The tables, with the columns that each has.
    pub sources: Vec<Source>,
    /// Every column of the list of cases and of the tables.
    pub known: BTreeSet<String>,
    /// The features, where the cohort is a table of them.
    pub features: Option<Table>,
    /// Those of its cases that are outlines of lesions by other readers than the main one, or repeated scans.
    pub repeats: BTreeMap<String, Repeat>,
    /// Cells of its list and tables that say in a word of their own that there is no value.
    pub marks: Marks,
    /// Columns without a name, which are left out: a sentence for each table that has some.
    pub unnamed: Vec<String>,
}

impl Joined {
    /// Who a patient of this cohort is, in whichever cohort: the cohort if the id is its own, else nothing, and the id.
    pub fn who(&self, patient: &str) -> (String, String) {
        (if self.own_ids { self.name.clone() } else { String::new() }, patient.to_owned())
    }
}

/// A table of features.
#[derive(Debug, Clone, Default)]
pub struct Table {
    /// The features.
    names: HashSet<String>,
    /// The cells of each case.
    cells: HashMap<String, Cells>,
    /// Of several tables, each that has cases which no other one has, with their number and the first of them.
    pub alone: Vec<(PathBuf, usize, String)>,
}

impl Table {
    /// Whether it has a column.
    pub fn has(&self, column: &str) -> bool {
        self.names.contains(column)
    }

    /// What a column says of a case.
    pub fn cell(&self, case: &str, column: &str) -> Option<&str> {
        self.cells.get(case)?.get(column).filter(|_| self.has(column))
    }
}

/// Stage of what did not join.
pub const JOIN: &str = "join";
/// Stage of what a condition leaves out.
pub const ONLY: &str = "only";

/// Reads a cohort. A simulated one need not be made yet: its tables are known before its scans, which will be in a folder
/// of its name in `scans`.
///
/// # Errors
/// If a file cannot be read, or if nothing joins.
pub fn join(
    stated: &Stated,
    simulation: Option<&Simulation>,
    scans: &Path,
    named: &[NamedColumn],
) -> Result<Joined, String> {
    let fail = |what: String| format!("cohort `{}`: {what}", stated.name);
    let mut features = None;
    let (mut of_table, mut of_list) = (Vec::new(), Marks::default());
    let (mut lost, mut unnamed) = (Vec::new(), Vec::new());
    let (listed, mut tables, list) = match &stated.source {
        CohortSource::List(list) => {
            let hint = |what| format!("{what}{}", tabular::separator_hint(list, b','));
            let cases = cases::from_csv(list).map_err(hint).map_err(&fail)?;
            for case in &cases {
                of_list.look(case.covariates.iter().map(|(column, cell)| (case.name.as_str(), column, cell)));
            }
            (cases, Vec::new(), list.clone())
        }
        CohortSource::Simulated(name) => {
            let folder = scans.join(name);
            let (cases, patients) = simulated(name, simulation, &folder, &stated.id).map_err(&fail)?;
            (cases, vec![patients], folder.join("cases.csv"))
        }
        CohortSource::Features(of) => {
            let mut found = of.read().map_err(&fail)?;
            of_list = std::mem::take(&mut found.marks);
            lost = std::mem::take(&mut found.left_out);
            unnamed = std::mem::take(&mut found.unnamed);
            let mut asked = named.iter().filter(|named| named.cohorts.contains(&stated.name));
            if let Some((column, case)) = asked.find_map(|named| found.contradicted.get_key_value(&named.column)) {
                return Err(fail(format!(
                    "its tables of features say different things of `{column}` of `{case}`: take the column out of one of them"
                )));
            }
            of_table.clone_from(&found.names);
            of_table.extend(found.others.iter().cloned());
            let (cases, table) = of_features(found, named, &stated.id);
            features = Some(table);
            (cases, Vec::new(), of.tables.first().map(|(_, path)| path.clone()).unwrap_or_default())
        }
    };
    for table in &stated.tables {
        tables.push(files::read(table, &stated.id).map_err(&fail)?);
    }
    let sources = tables.iter().map(Source::from).collect();
    unnamed.extend(tables.iter().filter_map(|table| table.unnamed.clone()));
    let columns = merge(&mut tables, &listed, &of_table, &stated.id).map_err(&fail)?;
    let mut marks = of_list;
    tables.iter_mut().for_each(|table| marks.extend(std::mem::take(&mut table.marks)));
    let with_case: BTreeSet<String> =
        listed.iter().filter_map(|case| case.covariate(&stated.id).map(str::to_owned)).collect();
    let without_id = listed.iter().filter(|case| case.covariate(&stated.id).is_none()).count();
    let of_cases = listed.iter().flat_map(|case| case.covariates.names().map(str::to_owned));
    let mut joined = Joined {
        name: stated.name.clone(),
        own_ids: stated.own_ids,
        listed: listed.len() + lost.len(),
        // Without tables, a case without the column is a patient.
        listed_patients: with_case.iter().filter(|id| !is_missing(id)).count()
            + if tables.is_empty() { without_id } else { 0 },
        features,
        known: of_cases.chain(of_table).chain(tables.iter().flat_map(|table| table.columns.iter().cloned())).collect(),
        cases: Vec::new(),
        patients: Vec::new(),
        originals: BTreeMap::new(),
        unjoined: Vec::new(),
        left_out: Vec::new(),
        sources,
        columns,
        repeats: BTreeMap::new(),
        marks,
        unnamed,
    };
    for row in lost {
        joined.leave_out(&row.case, &row.patient, JOIN, row.reason);
    }
    for case in listed {
        joined.take(case, stated, !tables.is_empty());
    }
    if let Some(readers) = &stated.readers {
        joined.repeat(readers, Between::Readers, stated.repeats.as_ref());
    }
    if let Some(repeats) = &stated.repeats {
        joined.repeat(repeats, Between::Repeats, stated.readers.as_ref());
    }
    let without: Vec<String> = joined.columns.keys().filter(|id| !with_case.contains(*id)).cloned().collect();
    for patient in without {
        joined.leave_out("", &patient, JOIN, "the tables of patients have it, the list of cases does not".into());
    }
    joined.unjoined = joined.left_out.iter().filter(|row| row.stage == JOIN).map(Lost::from).collect();
    if joined.cases.is_empty() {
        let first = joined.left_out.first().map(Lost::from).map(|lost| format!(": {}: {}", lost.id, lost.reason));
        let alike = joined.unjoined_alike().first().map(|(case, table)| {
            format!(
                "; the list has `{case}`, the tables have `{table}`: write ids alike, in case, zeros, blanks and signs"
            )
        });
        let (first, alike) = (first.unwrap_or_default(), alike.unwrap_or_default());
        return Err(fail(format!("no case of {} joins a patient{first}{alike}", list.display())));
    }
    if let Some(privacy) = &stated.privacy {
        joined.pseudonymise(&stated.id, privacy).map_err(fail)?;
    }
    Ok(joined)
}

/// The cases of a table of features, with the columns that are no features and those that the experiment names otherwise.
fn of_features(found: Features, named: &[NamedColumn], id: &str) -> (Vec<Case>, Table) {
    let mut table = Table { names: found.names.into_iter().collect(), alone: found.alone, ..Table::default() };
    let named: BTreeSet<&str> = named.iter().map(|named| named.column.as_str()).collect();
    let wanted: Vec<&str> = named.into_iter().filter(|column| table.has(column)).collect();
    let mut cases = Vec::new();
    for row in found.rows {
        let mut case = Case::new(row.case.clone(), PathBuf::new(), PathBuf::new());
        let wanted = wanted.iter().filter_map(|column| Some(((*column).to_owned(), row.cells.get(column)?.to_owned())));
        case.covariates = std::iter::once((id.to_owned(), row.patient)).chain(row.others).chain(wanted).collect();
        table.cells.insert(row.case, row.cells);
        cases.push(case);
    }
    (cases, table)
}

/// Cases and patients of a simulated cohort.
fn simulated(
    name: &str,
    simulation: Option<&Simulation>,
    folder: &Path,
    id: &str,
) -> Result<(Vec<Case>, Rows), String> {
    let purpose = Purpose::ALL.into_iter().find(|purpose| purpose.name() == name);
    if purpose.is_none() && name != course::NAME {
        let near = suggestion(name, Purpose::ALL.map(Purpose::name).into_iter().chain([course::NAME]));
        return Err(format!("no simulated cohort is called `{name}`{near}"));
    }
    let stated = simulation.ok_or("there is no [simulation]")?;
    let patients = usize::try_from(stated.patients).map_err(|_| "too many patients".to_owned())?;
    let settings = voxomics_simulation::Settings { patients, seed: stated.seed, effect: stated.effect };
    let tables = match purpose {
        Some(purpose) => voxomics_simulation::tables(&settings, purpose),
        None => course::tables(&settings),
    };
    let tables = tables.map_err(|error| error.to_string())?;
    let case = |row: voxomics_simulation::Row| {
        let mut case = Case::new(String::new(), folder.into(), folder.into());
        let mut further = Vec::new();
        for (column, value) in row {
            match column {
                "case" => case.name = value,
                "image" => case.image = folder.join(value),
                "mask" => case.mask = folder.join(value),
                "label" => case.label = value.parse().ok(),
                _ => further.push((column.to_owned(), value)),
            }
        }
        case.covariates = further.into_iter().collect();
        case
    };
    let mut rows = Rows { path: folder.join("patients.csv"), ..Rows::default() };
    for row in tables.patients {
        rows.columns.extend(row.iter().map(|(column, _)| (*column).to_owned()).filter(|column| column != id));
        let key = row.iter().find(|(column, _)| *column == id).map(|(_, value)| value.clone());
        let key = key.ok_or_else(|| format!("a simulated patient has no `{id}`"))?;
        let mut cells: Vec<(String, String)> = row
            .into_iter()
            .filter(|(column, value)| *column != id && !is_missing(value))
            .map(|(column, value)| (column.to_owned(), value))
            .collect();
        cells.sort();
        rows.rows.insert(key, cells.into_iter().collect());
    }
    Ok((tables.cases.into_iter().map(case).collect(), rows))
}

impl Joined {
    /// Takes a case in, or lists why not.
    fn take(&mut self, mut case: Case, stated: &Stated, has_tables: bool) {
        let patient = match case.covariate(&stated.id) {
            Some(patient) if !is_missing(patient) => patient.to_owned(),
            // Without tables there is nothing to join: each case is a patient.
            None if !has_tables => case.name.clone(),
            _ => {
                let reason = format!("the list of cases has no `{}` for it", stated.id);
                return self.leave_out(&case.name, "", JOIN, reason);
            }
        };
        if has_tables && !self.columns.contains_key(&patient) {
            return self.leave_out(&case.name, &patient, JOIN, "no table of patients has this patient".into());
        }
        if let Some(of_patient) = self.columns.get(&patient) {
            case.covariates.append(of_patient);
        }
        if let Some(unmet) = stated.only.iter().find(|condition| !meets(&case, condition)) {
            let value = case.covariate(&unmet.column).unwrap_or_default();
            let reason = format!("`only` leaves it out: `{}` is `{value}`", unmet.column);
            return self.leave_out(&case.name, &patient, ONLY, reason);
        }
        self.cases.push(case);
        self.patients.push(patient);
    }

    fn leave_out(&mut self, case: &str, patient: &str, stage: &str, reason: String) {
        let cohort = self.name.clone();
        self.left_out.push(LeftOut { cohort, id: case.into(), patient: patient.into(), stage: stage.into(), reason });
    }

    /// Ids of the list of cases and of the tables that did not join, and are the same but for how they are written.
    pub fn unjoined_alike(&self) -> Vec<(&str, &str)> {
        let lost = |of_case: bool| {
            let rows = self.left_out.iter().filter(move |row| row.stage == JOIN && row.id.is_empty() != of_case);
            rows.map(|row| row.patient.as_str()).filter(|id| !id.is_empty()).collect::<BTreeSet<&str>>()
        };
        let (of_cases, of_tables) = (lost(true), lost(false));
        let by_plain: BTreeMap<String, &str> = of_tables.iter().map(|id| (plain(id), *id)).collect();
        of_cases.iter().filter_map(|id| Some((*id, *by_plain.get(&plain(id))?))).collect()
    }

    /// The number of patients of the cases that joined.
    pub fn joined_patients(&self) -> usize {
        self.patients.iter().collect::<BTreeSet<_>>().len()
    }

    /// How many cases and patients are left out by [`JOIN`] or [`ONLY`].
    pub fn left_out_by(&self, stage: &str) -> usize {
        self.left_out.iter().filter(|row| row.stage == stage).count()
    }

    /// The cohort before anything is known of its scans: every case a lesion.
    pub fn unseen(&self) -> Cohort {
        let mut cohort = self.without_lesions();
        let places: BTreeMap<&String, usize> = self.places();
        for (case, id) in self.own_cases() {
            let columns = self.own_columns(case, id);
            let (case, original) = (case.name.clone(), case.original.clone());
            let lesion = Lesion { case, original, columns, ..Lesion::default() };
            cohort.patients[places[id]].lesions.push(lesion);
        }
        cohort
    }

    /// The cohort with its patients in the order of the list of cases, none of whom has a lesion.
    pub fn without_lesions(&self) -> Cohort {
        let places = self.places();
        let mut patients = vec![Patient::default(); places.len()];
        for (id, place) in places {
            let columns = self.columns.get(id).cloned().unwrap_or_default();
            let (original, own_id) = (self.originals.get(id).cloned(), self.own_ids);
            patients[place] = Patient { id: id.clone(), original, columns, own_id, ..Patient::default() };
        }
        Cohort {
            name: self.name.clone(),
            patients,
            unjoined: self.left_out.iter().map(Lost::from).collect(),
            left_out: self.left_out.clone(),
            listed: self.listed,
            sources: self.sources.clone(),
            ..Cohort::default()
        }
    }

    /// The place of each patient in the order of the list of cases.
    pub fn places(&self) -> BTreeMap<&String, usize> {
        let mut places = BTreeMap::new();
        for id in &self.patients {
            let next = places.len();
            places.entry(id).or_insert(next);
        }
        places
    }

    /// What the list of cases says of a case, without what it says of the patient.
    pub fn own_columns(&self, case: &Case, patient: &str) -> Cells {
        let of_patient = self.columns.get(patient);
        let own = |name: &str| of_patient.is_none_or(|columns| !columns.contains(name));
        case.covariates.map(|name, value| (own(name) && !is_missing(value)).then(|| value.to_owned()))
    }
}

/// Whether a case meets a condition.
fn meets(case: &Case, condition: &Condition) -> bool {
    case.covariate(&condition.column).is_some_and(|cell| condition.is_met_by(cell))
}
