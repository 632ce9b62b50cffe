//! A simulated cohort with a known truth: CT scans with lesions, tissue and outcomes that follow a hidden CD8 level.
//!
//! It mimics the cohorts of a study that learns a radiomic score of CD8 infiltration from gene expression and validates
//! it on expression, on tissue and on the course under immunotherapy (Sun et al., Lancet Oncology 2018;19:1180–1191),
//! so that the whole chain runs on a fresh machine and finds what was put in: something at effect 1, nothing at effect 0.
//! Nothing here is real, and every file says so.
//!
//! A patient depends on the settings and the patient's number alone, never on other patients or on the order of work:
//! the same settings give the same bytes at any number of threads.

mod anatomy;
mod cohorts;
pub mod course;
mod field;
mod files;
mod frame;
mod lesion;
mod outcome;
mod person;
mod readme;
mod scan;
mod scanner;
mod tables;
#[cfg(test)]
mod tests;
mod truth;

use std::{
    fmt::{self, Display, Formatter},
    path::{Path, PathBuf},
    sync::OnceLock,
};

pub use cohorts::Purpose;
use files::failed;
use person::Person;
use tables::Rows;

/// Grows whenever the same settings no longer give the same bytes.
const GENERATION: u32 = 1;
/// The file that says what a folder was made with; a folder without it is not ours.
const STAMP: &str = "simulation.toml";

/// What to simulate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// Patients of all four cohorts together; 32 at least.
    pub patients: usize,
    /// Seed of every random number.
    pub seed: u64,
    /// Correlation, 0 to 1, between the level that biology and outcome follow and the level that images show. The
    /// distributions of images and of outcomes are the same at every effect; at 0 they are independent.
    pub effect: f64,
}

/// What was made.
#[derive(Debug, Clone, PartialEq)]
pub struct Made {
    /// The four cohorts: train, genomic, histological, clinical.
    pub cohorts: Vec<Cohort>,
    /// The table of what is hidden, one row per lesion.
    pub truth: PathBuf,
    /// The stated truth in words and equations.
    pub readme: PathBuf,
}

/// A cohort and its files.
#[derive(Debug, Clone, PartialEq)]
pub struct Cohort {
    /// What it is for.
    pub purpose: Purpose,
    /// The list of cases, one row per lesion: `case,image,mask,label,patient,location,biopsied,kvp,scanner`.
    pub cases: PathBuf,
    /// All that is known of each patient, one row per patient; an empty value is missing.
    pub patients_table: PathBuf,
    /// Gene expression, `patient` and a column per gene; in cohorts that have it.
    pub expression: Option<PathBuf>,
    /// Number of patients.
    pub patients: usize,
    /// Number of lesions.
    pub lesions: usize,
}

/// Why nothing, or not all, was made.
#[derive(Debug, Clone, PartialEq)]
pub enum Error {
    /// Settings that cannot be.
    Settings(String),
    /// The folder holds other things than a simulation.
    Occupied(PathBuf),
    /// A file or folder could not be written or cleared.
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        cause: String,
    },
    /// The caller's loop left a patient out; counted from 0.
    LeftOut(usize),
}

impl Display for Error {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Settings(what) => write!(f, "simulation: {what}"),
            Self::Occupied(path) => {
                write!(f, "simulation: the folder {} holds other files; name an empty or a new one", path.display())
            }
            Self::File { path, cause } => write!(f, "simulation: {}: {cause}", path.display()),
            Self::LeftOut(patient) => write!(f, "simulation: patient {patient} was not made"),
        }
    }
}

impl std::error::Error for Error {}

/// A caller's loop: `parallel(n, work)` calls `work` once with each of 0 … n − 1, in any order and on any threads, and
/// returns when all are done.
pub type Parallel<'a> = dyn Fn(usize, &(dyn Fn(usize) + Sync)) + 'a;

/// Makes the four cohorts in a folder: scans first, then the tables, last the stamp that [`is_complete`] looks for.
///
/// A folder that an earlier simulation was written to is cleared of that simulation's files.
///
/// # Errors
/// If the settings cannot be, the folder holds anything else, or a file cannot be written.
pub fn cohort(settings: &Settings, out: &Path, parallel: &Parallel<'_>) -> Result<Made, Error> {
    make(settings, out, parallel, 1.0)
}

/// A row of a table: each column with its value, which is empty where it is missing.
pub type Row = Vec<(&'static str, String)>;

/// The tables of a cohort.
#[derive(Debug, Clone, PartialEq)]
pub struct Tables {
    /// The list of cases; the paths in it are relative to the cohort's folder, which is called by the cohort's name.
    pub cases: Vec<Row>,
    /// The table of patients.
    pub patients: Vec<Row>,
}

/// The tables of a cohort as [`cohort`] writes them, without a scan being made.
///
/// # Errors
/// If the settings cannot be.
pub fn tables(settings: &Settings, purpose: Purpose) -> Result<Tables, Error> {
    let shares = shares(settings)?;
    let mut tables = Tables { cases: Vec::new(), patients: Vec::new() };
    let places = (0..settings.patients).filter_map(|number| Some((number, cohorts::place(&shares, number)?)));
    for (number, (cohort, place)) in places.filter(|(_, (cohort, _))| *cohort == purpose) {
        // What the scans alone tell is in neither of the tables.
        let rows = Rows::new(settings.seed, &Person::draw(settings, number, cohort, place), &[]);
        tables.cases.extend(rows.cases);
        tables.patients.push(rows.patient);
    }
    Ok(tables)
}

/// Whether a folder holds the whole simulation with these settings.
pub fn is_complete(settings: &Settings, out: &Path) -> bool {
    let stamped = std::fs::read_to_string(out.join(STAMP)).is_ok_and(|text| text == stamp(settings, true));
    let tables = cohorts::ALL.map(|cohort| out.join(cohort.name()));
    stamped && tables.iter().all(|folder| folder.join(CASES).exists() && folder.join(PATIENTS).exists())
}

/// The list of cases of a cohort.
pub const CASES: &str = "cases.csv";
/// Its table of patients.
pub const PATIENTS: &str = "patients.csv";
const EXPRESSION: &str = "expression.csv";
/// What is hidden.
pub const TRUTH: &str = "truth.csv";
const README: &str = "README.txt";

fn make(settings: &Settings, out: &Path, parallel: &Parallel<'_>, coarseness: f64) -> Result<Made, Error> {
    let shares = shares(settings)?;
    prepare(settings, out)?;
    let results: Vec<OnceLock<Result<Rows, Error>>> = (0..settings.patients).map(|_| OnceLock::new()).collect();
    parallel(settings.patients, &|number| {
        if let (Some(result), Some((cohort, place))) = (results.get(number), cohorts::place(&shares, number)) {
            result.get_or_init(|| patient(settings, number, cohort, place, coarseness, out));
        }
    });
    let take = |(number, result): (usize, OnceLock<_>)| result.into_inner().unwrap_or(Err(Error::LeftOut(number)));
    let rows = results.into_iter().enumerate().map(take).collect::<Result<Vec<Rows>, Error>>()?;
    finish(settings, out, &shares, rows)
}

/// The patients of each cohort.
fn shares(settings: &Settings) -> Result<[usize; 4], Error> {
    if !(0.0..=1.0).contains(&settings.effect) {
        return Err(Error::Settings(format!("the effect {} is not between 0 and 1", settings.effect)));
    }
    cohorts::shares(settings.patients)
}

/// Makes a patient: writes the scan and returns the rows of the tables.
fn patient(
    settings: &Settings,
    number: usize,
    cohort: Purpose,
    place: usize,
    coarseness: f64,
    out: &Path,
) -> Result<Rows, Error> {
    let person = Person::draw(settings, number, cohort, place);
    let scan = scan::make(settings.seed, &person, coarseness);
    let volumes_ml = scan.volumes_ml(person.lesions.len());
    files::write_scan(scan, &person.name(), &out.join(cohort.name()))?;
    Ok(Rows::new(settings.seed, &person, &volumes_ml))
}

/// Makes the folders; clears those of an earlier simulation, and of nothing else.
fn prepare(settings: &Settings, out: &Path) -> Result<(), Error> {
    std::fs::create_dir_all(out).map_err(failed(out))?;
    let ours = out.join(STAMP).exists();
    // The course of other patients is a simulation of its own.
    let others = |entry: std::io::Result<std::fs::DirEntry>| entry.is_ok_and(|entry| entry.file_name() != course::NAME);
    if !ours && std::fs::read_dir(out).map_err(failed(out))?.any(others) {
        return Err(Error::Occupied(out.into()));
    }
    files::write(&out.join(STAMP), stamp(settings, false).as_bytes())?;
    for file in [TRUTH, README].map(|name| out.join(name)) {
        if file.exists() {
            std::fs::remove_file(&file).map_err(failed(&file))?;
        }
    }
    for folder in cohorts::ALL.map(|cohort| out.join(cohort.name())) {
        if folder.exists() {
            std::fs::remove_dir_all(&folder).map_err(failed(&folder))?;
        }
        let scans = folder.join("scans");
        std::fs::create_dir_all(&scans).map_err(failed(&scans))?;
    }
    Ok(())
}

/// Writes the tables, the text and the stamp.
fn finish(settings: &Settings, out: &Path, shares: &[usize; 4], rows: Vec<Rows>) -> Result<Made, Error> {
    let mut rows = rows.into_iter();
    let mut truth: Vec<Row> = Vec::new();
    let mut made = Made { cohorts: Vec::new(), truth: out.join(TRUTH), readme: out.join(README) };
    for (purpose, &patients) in cohorts::ALL.into_iter().zip(shares) {
        let folder = out.join(purpose.name());
        let (mut cases, mut table, mut expression) = (Vec::new(), Vec::new(), Vec::new());
        for rows in rows.by_ref().take(patients) {
            cases.extend(rows.cases);
            table.push(rows.patient);
            expression.push(rows.expression);
            truth.extend(rows.truth);
        }
        let mut cohort = Cohort {
            purpose,
            cases: folder.join(CASES),
            patients_table: folder.join(PATIENTS),
            expression: None,
            patients,
            lesions: cases.len(),
        };
        files::write_table(&cohort.cases, &cases)?;
        files::write_table(&cohort.patients_table, &table)?;
        if purpose.has_expression() {
            let path = folder.join(EXPRESSION);
            files::write_table(&path, &expression)?;
            cohort.expression = Some(path);
        }
        made.cohorts.push(cohort);
    }
    files::write_table(&made.truth, &truth)?;
    let text = readme::text(settings, &made).map_err(failed(&made.readme))?;
    files::write(&made.readme, text.as_bytes())?;
    files::write(&out.join(STAMP), stamp(settings, true).as_bytes())?;
    Ok(made)
}

/// What the stamp says.
fn stamp(settings: &Settings, complete: bool) -> String {
    let Settings { patients, seed, effect } = settings;
    let version = env!("CARGO_PKG_VERSION");
    format!(
        "# Simulated data: no patient is real.\nversion = \"{version}\"\ngeneration = {GENERATION}\n\
         patients = {patients}\nseed = {seed}\neffect = {effect:?}\ncomplete = {complete}\n"
    )
}
