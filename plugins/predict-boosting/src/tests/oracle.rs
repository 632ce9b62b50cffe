//! The trees of scikit-learn and scikit-survival on public tables (`tests/oracle/trees.py`).

use voxomics_learning::Serial;
use voxomics_sdk::testing::stored::{columns, figures};

use super::*;
use crate::boost::{Boosting, by_row};

const BOOSTING: Boosting = Boosting { trees: 60, rate: 0.1, depth: 3, leaf: 10, share: 1.0, tried: None };

fn stored(table: &str, figure: &str) -> Vec<f64> {
    figures(include_str!("../../../../tests/oracle/trees.csv"), &[table, figure])
}

/// The largest difference to what is stored.
fn worst(table: &str, inputs: &[Vec<f64>], response: &Response) -> f64 {
    let rows = inputs[0].len();
    let x = Matrix::new(rows, inputs.len(), inputs.concat()).expect("as many values");
    let boosted = BOOSTING.grow(&x, response, &vec![1.0; rows], 1, &Serial).expect("it learns");
    let expected = stored(table, "boosting");
    assert_eq!(expected.len(), rows);
    let found = by_row(&x).into_iter().map(|row| boosted.sum(&row));
    found.zip(expected).map(|(found, expected)| (found - expected).abs()).fold(0.0, f64::max)
}

/// The inputs of a table, and its target.
fn inputs_and(table: &str, target: &str) -> (Vec<Vec<f64>>, Vec<f64>) {
    let header = table.lines().next().expect("a header");
    let names: Vec<&str> = header.split(',').filter(|name| ![target, "fold"].contains(name)).collect();
    (columns(table, &names), columns(table, &[target]).remove(0))
}

#[test]
fn a_number_is_that_of_scikit_learn() {
    for (name, table, target) in [
        ("swiss", include_str!("../../../../tests/oracle/r/swiss.csv"), "Fertility"),
        ("diabetes", include_str!("../../../../tests/oracle/diabetes.csv"), "progression"),
    ] {
        let (inputs, y) = inputs_and(table, target);
        let found = worst(name, &inputs, &Response::Gaussian(y));
        // The target is rounded to 2⁻²⁸ of its standard deviation, which is 12 and 77.
        assert!(found < 1e-6, "{name}: {found:e}");
    }
}

#[test]
fn log_odds_are_those_of_scikit_learn() {
    for (name, table, target) in [
        ("breast", include_str!("../../../../tests/oracle/breast.csv"), "malignant"),
        ("pima", include_str!("../../../../tests/oracle/r/pima.csv"), "diabetes"),
    ] {
        let (inputs, y) = inputs_and(table, target);
        let found = worst(name, &inputs, &Response::Binomial(y));
        assert!(found < 1e-9, "{name}: {found:e}");
    }
}

#[test]
fn hazards_are_those_of_scikit_survival() {
    let lung = include_str!("../../../../tests/oracle/r/lung.csv");
    let veteran = include_str!("../../../../tests/oracle/r/veteran.csv");
    for (name, table, inputs, event) in [
        ("lung", lung, ["age", "sex", "ecog", "karno"].as_slice(), "event"),
        ("veteran", veteran, &["trt", "karno", "diagtime", "age", "prior"], "status"),
    ] {
        let time = columns(table, &["time"]).remove(0);
        let event = columns(table, &[event]).remove(0).into_iter().map(|event| event == 1.0).collect();
        let found = worst(name, &columns(table, inputs), &Response::Cox { time, event });
        assert!(found < 1e-9, "{name}: {found:e}");
    }
}
