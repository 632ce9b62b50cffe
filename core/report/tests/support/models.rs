//! Models of the invented study: one with a signature, one without any input, one that was given.

use voxomics_report::study::{CoefficientPath, Curve, CurvePoint, File, LearntFrom, Metric, Model, Stability, Term};

use super::{draw, estimate, normal};

const INPUTS: [(&str, &str, &str, &str, f64); 9] = [
    ("tumour:statistics_median", "Median", "Y12H", "HU", -0.412),
    ("tumour:glcm_joint_entropy_average", "Joint entropy", "TU9B", "bit", 0.367),
    ("ring:statistics_minimum", "Minimum grey level", "1GSF", "HU", 0.301),
    (
        "ring:glrlm_short_runs_high_grey_level_emphasis_merged",
        "Short run high grey level emphasis",
        "GD3A",
        "1",
        -0.214,
    ),
    ("tumour:morphology_sphericity", "Sphericity", "QCFX", "1", 0.153),
    ("kvp", "", "", "kV", -0.098),
    ("tumour:glszm_zone_percentage", "Zone percentage", "P30P", "1", 0.061),
    ("ring:glcm_contrast_average", "Contrast", "ACUI", "1", -0.022),
    ("site:thorax", "", "", "", 0.011),
];

/// The models.
pub fn all() -> Vec<Model> {
    vec![signature(), nothing(), given(), classifier()]
}

/// Standard deviation of an input.
fn deviation(at: usize) -> f64 {
    10f64.powi(at as i32 % 4 - 1) * 1.7
}

fn signature() -> Model {
    let terms = INPUTS.iter().enumerate().map(|(at, &(input, title, ibsi, unit, weight))| {
        let sd = deviation(at);
        Term {
            input: input.into(),
            title: title.into(),
            region: if title.is_empty() { String::new() } else { input.split(':').next().unwrap_or("").into() },
            ibsi: ibsi.into(),
            unit: unit.into(),
            coefficient: Some(weight / sd),
            centre: Some(0.4 * sd),
            scale: Some(1.0),
            imputed: (at % 2 == 0).then_some(0.5 * sd),
            weight: Some(weight),
            min: Some(-2.0 * sd),
            max: Some(3.5 * sd),
        }
    });
    let metric = |name: &str, value: f64, p: Option<f64>| Metric {
        name: name.into(),
        estimate: estimate(value, value - 0.13, value + 0.12, p),
        n: 118,
        note: "10 folds, no patient in two of them".into(),
    };
    Model {
        name: "CD8 score".into(),
        plugin: "predict-elastic-net".into(),
        learnt: true,
        asked: voxomics_report::study::Asked::Unknown,
        target: "CD8B expression, log2 TPM (gaussian)".into(),
        score_label: "Predicted CD8B expression, log2 TPM".into(),
        link: "identity".into(),
        formula: vec![
            "Score = intercept + Σ coefficient × (x − centre).".into(),
            "A missing x is first replaced by the input’s imputed value.".into(),
        ],
        learnt_from: vec![LearntFrom { cohort: "training".into(), rows: 118, patients: 96, left_out: Vec::new() }],
        file: File { path: "results/models/cd8.json".into(), sha256: "3f0c".repeat(16) },
        card: Vec::new(),
        about: vec![("Licence".into(), "CC-BY-4.0".into()), ("Source".into(), "this study".into())],
        rows: 118,
        patients: 96,
        offered: 84,
        intercept: Some(2.31),
        terms: terms.collect(),
        curves: [1.0, 0.75, 0.5, 0.25].map(curve).to_vec(),
        measure: "mean squared error".into(),
        chosen: Some((0.5, 0.0631)),
        path: Some(path()),
        performance: vec![
            metric("Pearson’s r", 0.413, Some(0.00002)),
            metric("R²", 0.162, None),
            metric("Spearman’s ρ", 0.391, Some(0.0213)),
        ],
        out_of_fold: (0..118)
            .map(|at| (2.3 + 0.9 * normal(at), 2.3 + 0.25 * normal(at) + 0.4 * normal(at + 500)))
            .collect(),
        stability: INPUTS
            .iter()
            .enumerate()
            .map(|(at, (input, .., weight))| Stability {
                input: (*input).into(),
                kept: at < 5,
                chosen: 10 - at as u64,
                of: 10,
                coefficient: {
                    let sd = deviation(at);
                    Some(estimate(weight / sd, (weight - 0.1) / sd, (weight + 0.1) / sd, None))
                },
                importance: Some(estimate(0.03, -0.01, 0.08, None)),
            })
            .collect(),
        cutoffs: vec![("median of the training cohort".into(), 2.284), ("upper quartile".into(), 2.71)],
        notes: vec!["Two inputs were dropped before learning: they were constant in a fold.".into()],
        demonstration: false,
    }
}

fn curve(alpha: f64) -> Curve {
    let points = (0..40).map(|at| {
        let lambda = 1.2 * 10f64.powf(-f64::from(at) * 0.075);
        let away = (lambda / 0.0631).log10();
        CurvePoint {
            lambda,
            mean: 0.84
                + 0.12 * away * away / (1.0 + away.abs() * 0.6)
                + 0.03 * (alpha - 0.5).abs()
                + 0.002 * draw(at as u64),
            se: 0.05 + 0.01 * away.abs(),
            nonzero: (at as u64 * 3 / 2).saturating_sub(4),
        }
    });
    Curve { alpha, points: points.collect() }
}

fn path() -> CoefficientPath {
    let lambdas: Vec<f64> = (0..40).map(|at| 1.2 * 10f64.powf(-f64::from(at) * 0.075)).collect();
    let grown = |at: usize, weight: f64| {
        let enters = 0.9 / (1.0 + at as f64 * 0.9);
        lambdas.iter().map(|lambda| weight * 1.7 * (1.0 - lambda / enters).max(0.0)).collect::<Vec<f64>>()
    };
    let mut inputs: Vec<(String, Vec<f64>)> =
        INPUTS.iter().enumerate().map(|(at, input)| (input.0.to_owned(), grown(at, input.4))).collect();
    inputs.extend((0..12).map(|at| (format!("tumour:extra_{at}"), grown(at + 8, 0.12 * (draw(at as u64) - 0.5)))));
    CoefficientPath { alpha: 0.5, lambdas, inputs }
}

fn nothing() -> Model {
    Model {
        name: "Response".into(),
        plugin: "predict-elastic-net".into(),
        learnt: true,
        target: "response (binomial)".into(),
        score_label: "Predicted probability of response".into(),
        file: File { path: "results/models/response.json".into(), sha256: "77ab".repeat(16) },
        rows: 104,
        patients: 91,
        offered: 84,
        intercept: Some(-0.847),
        curves: vec![Curve {
            alpha: 1.0,
            points: curve(1.0)
                .points
                .into_iter()
                .map(|point| CurvePoint { mean: 0.62 + 0.08 * (1.2 - point.lambda), ..point })
                .collect(),
        }],
        measure: "deviance".into(),
        chosen: Some((1.0, 1.2)),
        ..Model::default()
    }
}

fn given() -> Model {
    Model {
        name: "Published signature".into(),
        plugin: "predict-linear".into(),
        demonstration: true,
        target: "CD8 infiltration".into(),
        score_label: "Radiomic score".into(),
        file: File { path: "models/published.json".into(), sha256: "c0de".repeat(16) },
        about: vec![("Licence".into(), "unknown".into()), ("Patents".into(), "see the notices".into())],
        intercept: Some(0.0),
        terms: INPUTS[..3]
            .iter()
            .map(|input| Term { input: input.0.into(), coefficient: Some(input.4), ..Term::default() })
            .collect(),
        ..Model::default()
    }
}

fn classifier() -> Model {
    Model {
        name: "Inflamed".into(),
        plugin: "predict-forest".into(),
        learnt: true,
        target: "inflamed (binomial)".into(),
        score_label: "Probability of an inflamed tumour".into(),
        rows: 100,
        patients: 100,
        offered: 12,
        terms: INPUTS[..4]
            .iter()
            .map(|input| Term { input: input.0.into(), weight: Some(input.4.abs()), ..Term::default() })
            .collect(),
        out_of_fold: (0..100)
            .map(|at| {
                (
                    f64::from(u8::from(at % 3 == 0)),
                    (0.4 + 0.12 * normal(at) + if at % 3 == 0 { 0.15 } else { 0.0 }).clamp(0.0, 1.0),
                )
            })
            .collect(),
        ..Model::default()
    }
}
