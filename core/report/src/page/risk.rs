//! Tables and words of risks at times.

use crate::{
    figure, number,
    study::{RiskAt, RiskError, RiskResult},
    table::{Cell, Column, Table},
};

/// How the table is read.
pub const READ: &str = "Observed / predicted above 1 means that the risks are too low. The Brier score is the mean squared error of \
                        the risks; scaled, 1 is perfect, 0 is no better than the risk of everybody for everybody, and below 0 it is \
                        worse.";

/// What the slope means.
pub const SLOPE: &str =
    "Below 1, high risks are too high and low ones too low, as of a model that is fitted too closely.";

/// The figures at each time.
pub fn table(result: &RiskResult, unit: &str) -> Table {
    let columns = vec![
        Column::number(&format!("Time, {}", figure::unit_of(unit))),
        Column::estimate("Observed risk"),
        Column::number("Mean predicted"),
        Column::estimate("Observed / predicted"),
        Column::estimate("Brier score"),
        Column::number("Of everybody’s risk"),
        Column::number("Scaled"),
    ];
    let row = |at: &RiskAt| {
        vec![
            Cell::number(Some(at.time)),
            Cell::estimate(Some(&at.observed)),
            Cell::number(Some(at.predicted)),
            Cell::estimate(Some(&at.ratio)),
            Cell::estimate(Some(&at.error.brier)),
            Cell::number(Some(at.error.reference)),
            Cell::number(at.error.scaled),
        ]
    };
    Table::new("risk", "Predicted risk at times.", columns).with(result.at.iter().map(row))
}

/// The groups of a calibration curve.
pub fn groups(at: &RiskAt) -> Table {
    let columns = vec![Column::number("Mean predicted"), Column::estimate("Observed"), Column::number("n")];
    let rows = at.groups.iter().map(|(predicted, observed, n)| {
        vec![Cell::number(Some(*predicted)), Cell::estimate(Some(observed)), Cell::count(*n)]
    });
    Table::new("risk-groups", "Risk by groups of the predicted risk.", columns).with(rows)
}

/// The integrated score in a sentence.
pub fn integrated(whole: &RiskError, unit: &str) -> String {
    let scaled = whole.scaled.map(|scaled| format!("; scaled {}", number::number(scaled))).unwrap_or_default();
    format!(
        "Integrated Brier score from 0 to {} {}: {} (that of everybody’s risk {}{scaled}). It sums up the error over the whole time.",
        number::number(whole.time),
        figure::unit_of(unit),
        number::number(whole.brier.value),
        number::number(whole.reference),
    )
}
