//! A patient's rows in the tables.

use crate::{Row, files::scan_paths, outcome, person::Person, scanner::SCANNERS};

/// The rows of a patient.
pub(crate) struct Rows {
    /// One per lesion, for the list of cases.
    pub(crate) cases: Vec<Row>,
    /// For the table of patients.
    pub(crate) patient: Row,
    /// Gene expression; empty in cohorts without.
    pub(crate) expression: Row,
    /// One per lesion: what is hidden.
    pub(crate) truth: Vec<Row>,
}

impl Rows {
    pub(crate) fn new(seed: u64, person: &Person, volumes_ml: &[f64]) -> Self {
        let outcome = outcome::columns(seed, person);
        let mut expression = Row::new();
        if person.cohort.has_expression() {
            expression.push(("patient", person.name()));
            expression.extend(outcome.iter().cloned());
        }
        let mut patient = person.covariates();
        patient.extend(outcome);
        Self { cases: cases(person), patient, expression, truth: truth(person, volumes_ml) }
    }
}

fn case(person: &Person, lesion: usize) -> String {
    format!("{}-{}", person.name(), lesion + 1)
}

fn cases(person: &Person) -> Vec<Row> {
    let [image, mask] = scan_paths(&person.name());
    let row = |(index, lesion): (usize, &crate::person::Lesion)| {
        vec![
            ("case", case(person, index)),
            ("image", image.clone()),
            ("mask", mask.clone()),
            ("label", (index + 1).to_string()),
            ("patient", person.name()),
            ("location", lesion.location.name().into()),
            ("biopsied", if index == 0 { "yes" } else { "no" }.into()),
            ("kvp", person.kvp().to_string()),
            ("scanner", SCANNERS[person.scanner].name.into()),
        ]
    };
    person.lesions.iter().enumerate().map(row).collect()
}

fn truth(person: &Person, volumes_ml: &[f64]) -> Vec<Row> {
    let row = |(index, (lesion, volume)): (usize, (&crate::person::Lesion, &f64))| {
        vec![
            ("case", case(person, index)),
            ("patient", person.name()),
            ("cohort", person.cohort.name().into()),
            ("level", format!("{:.6}", person.level)),
            ("shown_level", format!("{:.6}", person.shown)),
            ("lesion_level", format!("{:.6}", lesion.level)),
            ("texture_hu", format!("{:.4}", lesion.texture_hu)),
            ("texture_length_mm", format!("{:.4}", lesion.length_mm)),
            ("rim_hu", format!("{:.4}", lesion.rim_hu)),
            ("drawn_volume_ml", format!("{:.4}", lesion.volume_ml)),
            ("mask_volume_ml", format!("{volume:.4}")),
        ]
    };
    person.lesions.iter().zip(volumes_ml).enumerate().map(row).collect()
}
