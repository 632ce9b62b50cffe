//! Elastic nets of real tables against the figures of `tests/oracle/glmnet.R`: paths, coefficients and cross-validated
//! curves by the same folds; and whatever the unit of the target and of the inputs.

use std::collections::BTreeMap;

use voxomics_learning::{
    Learner as _, Matrix, Response, Sample, Serial, Table, Ties,
    elastic_net::{Lambdas, Linear, Options, path},
    folds::{Dealt, Folds},
    measure::Measure,
    preprocessing::Pipeline,
    tuning::{Choice, ElasticNet, End},
};

/// The tables, and which of their columns, from the first one, are the target.
const TABLES: [(&str, &str, usize); 6] = [
    ("swiss", include_str!("../../../tests/oracle/r/swiss.csv"), 1),
    ("diabetes", include_str!("../../../tests/oracle/diabetes.csv"), 1),
    ("breast", include_str!("../../../tests/oracle/breast.csv"), 1),
    ("pima", include_str!("../../../tests/oracle/r/pima.csv"), 1),
    ("veteran", include_str!("../../../tests/oracle/r/veteran.csv"), 2),
    ("gbsg", include_str!("../../../tests/oracle/r/gbsg.csv"), 2),
];
const FIGURES: &str = include_str!("../../../tests/oracle/r/glmnet.csv");

/// The columns of a table.
fn columns(text: &str) -> Vec<Vec<f64>> {
    let mut lines = text.lines();
    let mut columns = vec![Vec::new(); lines.next().expect("a header").split(',').count()];
    for line in lines {
        line.split(',').zip(&mut columns).for_each(|(cell, column)| column.push(cell.parse().expect("a number")));
    }
    columns
}

fn matrix(columns: &[Vec<f64>]) -> Matrix {
    Matrix::new(columns[0].len(), columns.len(), columns.concat()).expect("equal lengths")
}

/// A table with its folds, the rows in turn: the target in another unit.
fn sample(table: &str, unit: f64) -> Sample {
    let (_, text, targets) = TABLES.iter().find(|(name, ..)| *name == table).expect("a table");
    let mut columns = columns(text);
    let rows = columns[0].len();
    match table {
        // What scikit-learn carries has the target last, and no folds.
        "diabetes" | "breast" => columns.rotate_right(1),
        _ => drop(columns.pop()),
    }
    let (target, inputs) = columns.split_at(*targets);
    let response = match table {
        "swiss" | "diabetes" => Response::Gaussian(target[0].iter().map(|y| y * unit).collect()),
        "breast" | "pima" => Response::Binomial(target[0].clone()),
        _ => {
            let days = if table == "gbsg" { 365.25 } else { 1.0 };
            let event = target[1].iter().map(|event| *event == 1.0).collect();
            Response::Cox { time: target[0].iter().map(|time| time / days).collect(), event }
        }
    };
    let mut sample = Sample::new(Table::new(matrix(inputs)), response).expect("it is sound");
    sample.dealt = Some(Dealt { inner: vec![(0..rows).map(|row| row % 5).collect()], ..Dealt::default() });
    sample
}

fn options(count: usize) -> Options {
    Options { lambdas: Lambdas::Down { count, ratio: None }, ties: Ties::Breslow, ..Options::default() }
}

fn net(alphas: &[f64], options: Options) -> ElasticNet {
    ElasticNet {
        pipeline: Pipeline::default(),
        alphas: alphas.to_vec(),
        options,
        folds: Folds { folds: 5, repeats: 1 },
        measure: Measure::Deviance,
        choice: Choice::Best,
    }
}

#[test]
fn paths_and_curves_are_those_of_glmnet() {
    let figures: Vec<Vec<&str>> =
        FIGURES.lines().skip(1).map(|line| line.split(',').map(str::trim).collect()).collect();
    let mut worst = BTreeMap::new();
    for models in figures.chunk_by(|a, b| a[..3] == b[..3]) {
        let [table, alpha, unit, ..] = models[0].as_slice() else { panic!("a figure has six words") };
        let (alpha, unit): (f64, f64) = (alpha.parse().expect("a number"), unit.parse().expect("a number"));
        let sample = sample(table, unit);
        let of_time = matches!(sample.response, Response::Cox { .. });
        let whole = path(&sample.table.inputs, &sample.response, &sample.weights, alpha, &options(20)).expect("a path");
        let given = Lambdas::Given(whole[..15].iter().map(|model| model.lambda).collect());
        let tuned =
            net(&[alpha], Options { lambdas: given, ..options(20) }).tune(&sample, 1, &Serial).expect("a curve");
        let curve = &tuned.curves[0];
        assert_eq!(curve.path.len(), 15);
        for figure in models {
            let (what, at, value) = (figure[3], figure[4].parse::<usize>().expect("a place"), figure[5]);
            let value: f64 = value.parse().expect("a number");
            let place = at.saturating_sub(1);
            let found = match what {
                "lambda" => whole[place].lambda,
                "cvm" => curve.mean[place],
                "cvsd" => curve.error[place],
                "best" => tuned.best as f64 + 1.0,
                "b1" if !of_time => whole[place].intercept,
                _ => {
                    let skip = if of_time { 1 } else { 2 };
                    whole[place].coefficients[what[1..].parse::<usize>().expect("a place") - skip]
                }
            };
            let scale = match what {
                "lambda" | "best" | "cvm" | "cvsd" => value.abs(),
                _ => whole[place].coefficients.iter().fold(value.abs(), |most, b| most.max(b.abs())),
            };
            let off = (found - value).abs() / scale.max(1e-12);
            assert!(off < 1e-6, "{table} {alpha} {unit} {what} {at}: {found} for {value}");
            let most = worst.entry(*table).or_insert(0.0_f64);
            *most = most.max(off);
        }
    }
    assert_eq!(worst.len(), TABLES.len());
    println!("{} figures, worst deviations {worst:?}", figures.len());
}

/// What a number is measured in is nobody's finding: target and inputs in other units have the same model.
#[test]
fn no_unit_changes_the_model() {
    let plain = sample("swiss", 1.0);
    let net = net(&[0.1, 0.5, 1.0], options(60));
    let tuned = net.fit(&plain, 1, &Serial).expect("it learns");
    for unit in [1e-9, 1e-3, 7.0, 1000.0, 1e12] {
        let mut other = sample("swiss", unit);
        for j in 0..5 {
            let own = unit.powi(j as i32 - 2).clamp(1e-9, 1e9);
            other.table.inputs.column_mut(j).iter_mut().for_each(|x| *x *= own);
        }
        let found = net.fit(&other, 1, &Serial).expect("it learns");
        assert_eq!((found.curve, found.best, found.chosen), (tuned.curve, tuned.best, tuned.chosen), "{unit}");
        let scores = |tuned: &voxomics_learning::tuning::Tuned, sample: &Sample| -> Vec<f64> {
            let model: &Linear = tuned.model();
            model.predict(&sample.table.inputs)
        };
        for (score, of) in scores(&found, &other).iter().zip(scores(&tuned, &plain)) {
            assert!((score / unit - of).abs() < 1e-9 * of.abs(), "{unit}: {score} and {of}");
        }
    }
}

#[test]
fn a_best_model_at_the_end_of_what_was_searched_is_told() {
    let sample = sample("swiss", 1.0);
    let ends = |alphas: &[f64], ratio: f64| {
        let options = Options { lambdas: Lambdas::Down { count: 20, ratio: Some(ratio) }, ..Options::default() };
        net(alphas, options).fit(&sample, 1, &Serial).expect("it learns").ends()
    };
    assert_eq!(ends(&[1.0], 0.5), [End::Lambda]);
    assert_eq!(ends(&[1.0], 1e-4), []);
    let between = ends(&[0.3, 0.6], 1e-4);
    assert!(between == [End::LeastAlpha] || between == [End::LargestAlpha], "{between:?}");
}
