//! Patients of the invented study.

use std::{fs, io, path::Path};

use voxomics_report::study::{Contribution, Lesion, LesionScore, Patient, PatientScore, Study};

use super::{draw, normal, picture};

const INPUTS: [(&str, f64); 5] = [
    ("tumour:statistics_median", -0.41),
    ("tumour:glcm_joint_entropy_average", 0.37),
    ("ring:statistics_minimum", 0.30),
    ("ring:glrlm_short_runs_high_grey_level_emphasis_merged", -0.21),
    ("kvp", -0.1),
];

/// So many patients; the name of the first must not act.
pub fn all(n: u64) -> Vec<Patient> {
    (0..n)
        .map(|at| {
            let id = if at == 0 { "<script>alert('P-000')</script>".into() } else { format!("P-{at:03}") };
            let score = 2.3 + 0.4 * normal(at);
            let side = if score > 2.284 { "above" } else { "below" };
            let first = PatientScore {
                model: "CD8 score".into(),
                score: Some(score),
                position: format!("{side} the training median (2.284)"),
                ..PatientScore::default()
            };
            let second = PatientScore {
                model: "Published signature".into(),
                reason: "kvp is missing".into(),
                ..PatientScore::default()
            };
            Patient {
                id,
                cohort: if at % 3 == 0 { "training" } else { "validation" }.into(),
                scores: vec![first, second],
                lesions: (0..1 + at % 3).map(|lesion_at| lesion(at, lesion_at)).collect(),
                over_time: Vec::new(),
            }
        })
        .collect()
}

fn lesion(patient: u64, at: u64) -> Lesion {
    let terms = INPUTS.iter().enumerate().map(|(index, &(input, weight))| {
        let z = normal(patient * 31 + at * 7 + index as u64);
        Contribution {
            input: input.into(),
            value: Some(100.0 * draw(index as u64) + 12.0 * z),
            contribution: Some(weight * z),
            warning: if z.abs() > 1.9 {
                "outside of the training’s range (−48.2 to 131)".into()
            } else {
                String::new()
            },
        }
    });
    let terms: Vec<Contribution> = terms.collect();
    let score = LesionScore {
        model: "CD8 score".into(),
        // The intercept of the signature, and its terms.
        score: terms.iter().try_fold(2.31, |sum, term| Some(sum + term.contribution?)),
        terms,
        ..LesionScore::default()
    };
    let none =
        LesionScore { model: "Published signature".into(), reason: "kvp is missing".into(), ..LesionScore::default() };
    Lesion {
        case: format!("P-{patient:03}-L{}", at + 1),
        columns: vec![
            ("site".into(), ["lung", "liver", "node"][(at % 3) as usize].into()),
            ("contrast".into(), "portal".into()),
        ],
        volume_ml: Some(1.0 + 40.0 * draw(patient + at * 13)),
        scores: vec![score, none],
        picture: (at != 1).then(|| format!("pictures/{patient:03}-{at}.png")),
    }
}

/// Draws the pictures that the study names.
///
/// # Errors
/// What cannot be written.
pub fn pictures(study: &Study, results: &Path) -> io::Result<()> {
    fs::create_dir_all(results.join("pictures"))?;
    let names = study.patients.iter().flat_map(|patient| &patient.lesions).filter_map(|lesion| lesion.picture.as_ref());
    names.enumerate().try_for_each(|(at, name)| fs::write(results.join(name), picture::png(at as u64)))
}
