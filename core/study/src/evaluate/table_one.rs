//! The first table: who the patients of a cohort are, how they were scanned, and how unlike the cohorts are.

use std::collections::BTreeSet;

use voxomics_engine::experiment::study::same_value;
use voxomics_report::study::{Balance, Characteristic, Cohort as Shown, Summary};
use voxomics_statistics::{
    balance,
    table_one::{Moments, categorical, numeric},
};

use super::rows::parse;
use crate::data::{Cohort, Lesion, Patient};

/// Whole numbers with at most this many different values are classes, such as grades.
const FEW: usize = 5;

/// Unless they are asked for, columns of text with fewer patients a class than this name patients.
const PATIENTS_A_CLASS: usize = 4;

/// Nobody reads a table of more classes.
const MOST_CLASSES: usize = 30;

/// The columns of the tables of patients that are asked for, or all of them, as numbers or classes; then the lesions, the volume of
/// each region, and how the scans were made. Unless they are asked for, columns of text that differ for every patient name the
/// patients and are left out. `all` are the cohorts of the study: what a column holds is decided over all of them, so that it is the
/// same in each.
pub fn table_one(cohort: &Cohort, all: &[Cohort], asked: Option<&[String]>) -> Vec<Characteristic> {
    let mut rows: Vec<Characteristic> = match asked {
        Some(asked) => asked.iter().filter_map(|name| of_column(cohort, all, name, true)).collect(),
        None => {
            let columns: BTreeSet<&str> = shown(cohort).flat_map(|patient| patient.columns.names()).collect();
            // A column that says of everybody which cohort it is tells nothing more than its heading.
            let is_name = |name: &str| {
                shown(cohort).all(|patient| patient.columns.get(name).is_none_or(|value| value == cohort.name))
            };
            columns
                .into_iter()
                .filter(|name| !is_name(name))
                .filter_map(|name| of_column(cohort, all, name, false))
                .collect()
        }
    };
    let lesions = |patient: &Patient| Some(patient.lesions.len() as f64);
    rows.extend(of_numbers("lesions with features per patient", shown(cohort).map(lesions).collect()));
    let of_lesions = shown(cohort).flat_map(|patient| &patient.lesions);
    let regions: BTreeSet<&String> = of_lesions.flat_map(|lesion| lesion.volumes_ml.keys()).collect();
    for region in regions {
        // A sum that lacks a lesion is not the patient's volume.
        let volume = |patient: &Patient| -> Option<f64> {
            let volumes = patient.lesions.iter().map(|lesion| lesion.volumes_ml.get(region).copied());
            volumes.sum::<Option<f64>>().filter(|_| !patient.lesions.is_empty() && patient.without_features == 0)
        };
        let values = shown(cohort).map(volume).collect();
        rows.extend(of_numbers(&format!("volume of `{region}` in all lesions, mL"), values));
    }
    rows.extend(scans(cohort));
    rows
}

/// Those whom the table counts in its heads: patients with features.
fn shown(cohort: &Cohort) -> impl Iterator<Item = &Patient> {
    cohort.patients.iter().filter(|patient| !patient.lesions.is_empty())
}

/// Columns that are asked for and that no cohort has.
pub fn unknown<'a>(asked: impl IntoIterator<Item = &'a String>, cohorts: &[Cohort]) -> Vec<&'a String> {
    let has = |name: &String| {
        cohorts.iter().flat_map(|cohort| &cohort.patients).any(|patient| {
            patient.columns.contains(name) || patient.lesions.iter().any(|lesion| lesion.columns.contains(name))
        })
    };
    let listed =
        |name: &String| cohorts.iter().flat_map(|cohort| &cohort.sources).any(|source| source.columns.contains(name));
    asked.into_iter().filter(|name| !has(name) && !listed(name)).collect()
}

/// How the scans were made, as far as their files or lists tell: a row of what is known of any. A patient counts where every scan says it:
/// of one whose files are silent nobody knows, whether no contrast agent was given or only none was written down.
fn scans(cohort: &Cohort) -> Vec<Characteristic> {
    type Class = fn(&Lesion) -> Option<String>;
    type Length = fn(&Lesion) -> Option<f64>;
    let classes: [(&str, Class); 4] = [
        ("scan: scanner", |lesion| lesion.scan.scanner.clone()),
        ("scan: contrast agent", |lesion| lesion.scan.contrast.clone()),
        ("scan: reconstruction kernel", |lesion| lesion.scan.kernel.clone()),
        ("scan: tube voltage, kV", |lesion| lesion.acquisition.kvp.map(|kv| format!("{kv}"))),
    ];
    // Slices may overlap, or have gaps between them: their thickness is not their distance.
    let lengths: [(&str, Length); 2] = [
        ("scan: slice thickness, mm", |lesion| lesion.scan.slice_thickness_mm),
        ("scan: distance of slices, mm", |lesion| lesion.acquisition.spacing_mm.map(|[.., across]| across)),
    ];
    let mut rows = Vec::new();
    for (name, known) in classes {
        let cells: Vec<Option<String>> = shown(cohort).map(|patient| agreed(patient, known)).collect();
        if cells.iter().any(Option::is_some) {
            rows.push(of_classes(name, &cells));
        }
    }
    for (name, known) in lengths {
        let largest = |patient: &Patient| of_every_scan(patient, known)?.into_iter().reduce(f64::max);
        rows.extend(of_numbers(name, shown(cohort).map(largest).collect()));
    }
    rows.into_iter().map(|row| Characteristic { of_scans: true, ..row }).collect()
}

/// What each scan of a patient says; none if one is silent.
fn of_every_scan<T>(patient: &Patient, known: impl Fn(&Lesion) -> Option<T>) -> Option<Vec<T>> {
    patient.lesions.iter().map(known).collect()
}

/// What all scans of a patient have; "several" if they differ.
fn agreed(patient: &Patient, known: impl Fn(&Lesion) -> Option<String>) -> Option<String> {
    let all: BTreeSet<String> = of_every_scan(patient, known)?.into_iter().collect();
    match all.len() {
        0 | 1 => all.into_iter().next(),
        _ => Some("several".into()),
    }
}

/// What a column holds in all cohorts together.
enum Kind {
    /// Numbers.
    Measured,
    /// Classes, each as it is spelt here: `1.0` is the class `1`.
    Classes(Vec<String>),
    /// Names of patients, or days: another one for nearly everybody.
    Names,
}

/// The value of each patient in a column. Of lesions it is the patient's only if they agree, and only if it is asked for.
fn cells(cohort: &Cohort, name: &str, asked: bool) -> Vec<Option<String>> {
    let cell = |patient: &Patient| -> Option<String> {
        let cell = if asked { patient.column(name) } else { patient.columns.get(name) };
        cell.map(|cell| cell.trim().to_owned()).filter(|cell| !cell.is_empty())
    };
    shown(cohort).map(cell).collect()
}

fn kind(all: &[Cohort], name: &str, asked: bool) -> Kind {
    let of_cohorts: Vec<Vec<Option<String>>> = all.iter().map(|cohort| cells(cohort, name, asked)).collect();
    let present: Vec<&str> = of_cohorts.iter().flatten().flatten().map(String::as_str).collect();
    let distinct: BTreeSet<&str> = present.iter().copied().collect();
    let numbers: Option<Vec<f64>> = distinct.iter().map(|cell| parse(cell)).collect();
    // Days, and words of which most are those of one patient or two, tell who the patients are and not what they are like.
    let words = numbers.is_none() && distinct.len() > FEW;
    let identifies = words && (distinct.len() * PATIENTS_A_CLASS > present.len() || distinct.len() > MOST_CLASSES);
    let days = !present.is_empty() && present.iter().all(|cell| is_day(cell));
    if !asked && (identifies || days) {
        return Kind::Names;
    }
    let mut values = numbers.unwrap_or_default();
    values.sort_by(f64::total_cmp);
    values.dedup();
    if values.len() > FEW || values.iter().any(|value| value.fract() != 0.0) {
        return Kind::Measured;
    }
    let mut classes: Vec<String> = distinct.iter().map(|cell| spelt(cell)).collect();
    // The shortest of those that say the same is the one that people write.
    classes.sort_by(|a, b| a.len().cmp(&b.len()).then_with(|| a.cmp(b)));
    let mut known: Vec<String> = Vec::new();
    for class in classes {
        if !known.iter().any(|other| same_value(other, &class)) {
            known.push(class);
        }
    }
    Kind::Classes(known)
}

/// Whether a cell is a day of the calendar: `2021-03-04`, `04.03.2021`, `20210304`.
fn is_day(cell: &str) -> bool {
    let parts: Vec<&str> = cell.split(['-', '.', '/']).collect();
    let numbers: Option<Vec<u32>> = parts.iter().map(|part| part.parse().ok()).collect();
    let between = |year: u32, month: u32, day: u32| {
        (1850..2150).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day)
    };
    match numbers.as_deref() {
        Some([a, b, c]) => between(*a, *b, *c) || between(*c, *b, *a) || between(*c, *a, *b),
        Some([whole]) => cell.len() == 8 && between(whole / 10_000, whole / 100 % 100, whole % 100),
        _ => false,
    }
}

/// A class as people write it: `1` of `1.0`, which programs write as soon as a column has a gap.
fn spelt(cell: &str) -> String {
    match cell.parse::<f64>() {
        Ok(number) if number.fract() == 0.0 && cell.contains(['.', 'e', 'E']) => format!("{number}"),
        _ => cell.to_owned(),
    }
}

fn of_column(cohort: &Cohort, all: &[Cohort], name: &str, asked: bool) -> Option<Characteristic> {
    let cells = cells(cohort, name, asked);
    if cells.iter().all(Option::is_none) {
        return None;
    }
    match kind(all, name, asked) {
        Kind::Names => None,
        Kind::Measured => of_numbers(name, cells.iter().map(|cell| parse(cell.as_ref()?)).collect()),
        Kind::Classes(known) => {
            let class = |cell: String| known.iter().find(|class| same_value(class, &cell)).cloned().unwrap_or(cell);
            Some(of_classes(name, &cells.into_iter().map(|cell| cell.map(class)).collect::<Vec<_>>()))
        }
    }
}

fn of_classes(name: &str, cells: &[Option<String>]) -> Characteristic {
    let cells: Vec<Option<&str>> = cells.iter().map(Option::as_deref).collect();
    let found = categorical(&cells);
    let mut levels: Vec<(String, u64)> =
        found.counts.into_iter().map(|count| (count.category, count.count as u64)).collect();
    levels.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let summary = Summary::Categorical { n: found.n as u64, levels };
    Characteristic { name: name.into(), missing: found.missing as u64, summary, of_scans: false }
}

/// None if there are no numbers, or one that is too large to be one.
fn of_numbers(name: &str, mut values: Vec<Option<f64>>) -> Option<Characteristic> {
    // A sum of numbers depends on their order in its last digits.
    values.sort_by(|a, b| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal));
    let found = numeric(&values).ok()?;
    let of = found.of?;
    let summary = Summary::Numeric {
        n: found.n as u64,
        mean: of.mean,
        sd: of.standard_deviation,
        median: of.median,
        q1: of.lower_quartile,
        q3: of.upper_quartile,
        min: of.minimum,
        max: of.maximum,
        whole: values.iter().flatten().all(|value| value.fract() == 0.0),
    };
    Some(Characteristic { name: name.into(), missing: found.missing as u64, summary, of_scans: false })
}

/// For each characteristic, the largest standardised difference between two cohorts; none of what one cohort has alone.
pub fn balance(cohorts: &[Shown]) -> Vec<Balance> {
    let mut names: Vec<&str> = Vec::new();
    for row in cohorts.iter().flat_map(|cohort| &cohort.table_one) {
        if !names.contains(&row.name.as_str()) {
            names.push(&row.name);
        }
    }
    names.into_iter().filter_map(|name| largest(name, cohorts)).collect()
}

fn largest(name: &str, cohorts: &[Shown]) -> Option<Balance> {
    let find = |cohort: &'_ Shown| cohort.table_one.iter().find(|row| row.name == name).map(|row| row.summary.clone());
    let known: Vec<(&str, Summary)> =
        cohorts.iter().filter_map(|cohort| Some((cohort.name.as_str(), find(cohort)?))).collect();
    let pairs = known.iter().enumerate().flat_map(|(at, one)| known[at + 1..].iter().map(move |other| (one, other)));
    let differences = pairs.filter_map(|(one, other)| {
        // Beyond any measure where they have nothing in common.
        let difference = Some(difference(&one.1, &other.1)?).filter(|difference| difference.is_finite());
        Some(Balance { name: name.to_owned(), difference, first: one.0.to_owned(), second: other.0.to_owned() })
    });
    // Of equal ones the first pair.
    let measure = |row: &Balance| row.difference.unwrap_or(f64::INFINITY);
    differences.reduce(|found, next| if measure(&next) > measure(&found) { next } else { found })
}

fn difference(one: &Summary, other: &Summary) -> Option<f64> {
    match (one, other) {
        (Summary::Numeric { .. }, Summary::Numeric { .. }) => balance::of_numbers(&moments(one)?, &moments(other)?),
        (Summary::Categorical { levels: one, .. }, Summary::Categorical { levels: other, .. }) => {
            let names: BTreeSet<&String> = one.iter().chain(other).map(|(level, _)| level).collect();
            let counts = |levels: &[(String, u64)]| -> Vec<usize> {
                let count =
                    |name: &&&String| levels.iter().find(|(level, _)| level == **name).map_or(0, |(_, n)| *n as usize);
                names.iter().map(|name| count(&name)).collect()
            };
            balance::of_classes(&counts(one), &counts(other))
        }
        _ => None,
    }
}

fn moments(of: &Summary) -> Option<Moments> {
    let Summary::Numeric { mean, sd, median, q1, q3, min, max, .. } = *of else { return None };
    Some(Moments {
        mean,
        standard_deviation: sd,
        median,
        lower_quartile: q1,
        upper_quartile: q3,
        minimum: min,
        maximum: max,
    })
}
