//! The first table: who the patients of a cohort are.

use std::collections::BTreeSet;

use voxomics_report::study::{Characteristic, Summary};
use voxomics_statistics::table_one::{categorical, numeric};

use super::rows::parse;
use crate::data::{Cohort, Patient};

/// Whole numbers with at most this many different values are classes, such as grades.
const FEW: usize = 5;

/// The columns of the tables of patients, each as numbers or classes, then the lesions and the volume of each region. Columns
/// of text that differ for every patient name the patients and are left out.
pub fn table_one(cohort: &Cohort) -> Vec<Characteristic> {
    let columns: BTreeSet<&String> = cohort.patients.iter().flat_map(|patient| patient.columns.keys()).collect();
    let mut rows: Vec<Characteristic> = columns.into_iter().filter_map(|name| of_column(cohort, name)).collect();
    let lesions = |patient: &Patient| Some(patient.lesions.len() as f64);
    rows.extend(of_numbers("lesions with features per patient", cohort.patients.iter().map(lesions).collect()));
    let of_lesions = cohort.patients.iter().flat_map(|patient| &patient.lesions);
    let regions: BTreeSet<&String> = of_lesions.flat_map(|lesion| lesion.volumes_ml.keys()).collect();
    for region in regions {
        // A sum that lacks a lesion is not the patient's volume.
        let volume = |patient: &Patient| -> Option<f64> {
            let volumes = patient.lesions.iter().map(|lesion| lesion.volumes_ml.get(region).copied());
            volumes.sum::<Option<f64>>().filter(|_| !patient.lesions.is_empty())
        };
        let values = cohort.patients.iter().map(volume).collect();
        rows.extend(of_numbers(&format!("volume of `{region}` in all lesions, mL"), values));
    }
    rows
}

fn of_column(cohort: &Cohort, name: &str) -> Option<Characteristic> {
    let cell = |patient: &'_ Patient| -> Option<String> {
        patient.columns.get(name).map(|cell| cell.trim().to_owned()).filter(|cell| !cell.is_empty())
    };
    let cells: Vec<Option<String>> = cohort.patients.iter().map(cell).collect();
    let present: Vec<&str> = cells.iter().flatten().map(String::as_str).collect();
    let distinct = present.iter().collect::<BTreeSet<_>>().len();
    let numbers: Vec<Option<f64>> = cells.iter().map(|cell| parse(cell.as_ref()?)).collect();
    let all_numbers = !present.is_empty() && numbers.iter().flatten().count() == present.len();
    let measured = all_numbers && (distinct > FEW || numbers.iter().flatten().any(|number| number.fract() != 0.0));
    if let Some(row) = measured.then(|| of_numbers(name, numbers)).flatten() {
        return Some(row);
    }
    if present.is_empty() || (distinct == present.len() && distinct > FEW) {
        return None;
    }
    let cells: Vec<Option<&str>> = cells.iter().map(Option::as_deref).collect();
    let found = categorical(&cells);
    let mut levels: Vec<(String, u64)> =
        found.counts.into_iter().map(|count| (count.category, count.count as u64)).collect();
    levels.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let summary = Summary::Categorical { n: found.n as u64, levels };
    Some(Characteristic { name: name.into(), missing: found.missing as u64, summary })
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
    };
    Some(Characteristic { name: name.into(), missing: found.missing as u64, summary })
}
