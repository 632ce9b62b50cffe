//! The tables of an evaluation.

use crate::{
    number::{self, ABSENT},
    study::{AtCutoff, Calibration, CoxTable, Forest, SurvivalResult},
    table::{Cell, Column, Table},
};

/// Classification at a cut-off.
pub fn cutoff(cutoff: &AtCutoff) -> Table {
    let caption = match cutoff.source.as_str() {
        "" => format!("At the cut-off {}.", number::number(cutoff.value)),
        source => format!("At the cut-off {} ({source}).", number::number(cutoff.value)),
    };
    let rows = cutoff.figures.iter().map(|(name, estimate)| vec![Cell::text(name), Cell::estimate(Some(estimate))]);
    Table::new("cutoff", caption, vec![Column::text("Measure"), Column::estimate("Value")]).with(rows)
}

/// Calibration: the groups.
pub fn calibration(result: &Calibration) -> Table {
    let columns = vec![Column::number("Mean predicted"), Column::estimate("Observed"), Column::number("n")];
    let rows = result.groups.iter().map(|(predicted, observed, n)| {
        vec![Cell::number(Some(*predicted)), Cell::estimate(Some(observed)), Cell::count(*n)]
    });
    let caption = format!(
        "Calibration by groups. Intercept {}; slope {}; Brier score {}.",
        number::estimate(&result.intercept),
        number::estimate(&result.slope),
        number::number(result.brier)
    );
    Table::new("calibration", caption, columns).with(rows)
}

/// Groups of a Kaplan–Meier plot, with their medians.
pub fn groups(result: &SurvivalResult) -> Table {
    let unit = if result.time_unit.is_empty() { String::new() } else { format!(", {}", result.time_unit) };
    let columns = vec![
        Column::text("Group"),
        Column::number("n"),
        Column::number("Events"),
        Column::estimate(&format!("Median{unit}")),
    ];
    let rows = result.groups.iter().map(|group| {
        let mut median = Cell::estimate(group.median.as_ref());
        if group.median.is_none() {
            median.text = "not reached".to_owned();
        }
        vec![Cell::text(&group.name), Cell::count(group.n), Cell::count(group.events), median]
    });
    Table::new("groups", "Groups and their median survival.", columns).with(rows)
}

/// A Cox model.
pub fn cox(cox: &CoxTable) -> Table {
    let columns = vec![
        Column::text("Covariate"),
        Column::estimate("Hazard ratio"),
        Column::number("p"),
        Column::number("p of proportional hazards"),
    ];
    let rows = cox.rows.iter().map(|(name, ratio, check)| {
        vec![Cell::text(name), Cell::estimate(Some(ratio)), Cell::p(ratio.p), Cell::p(*check)]
    });
    let caption = format!("Cox model: {}. n = {}, {}.", cox.title, cox.n, number::count(cox.events, "event"));
    Table::new("cox", caption, columns).with(rows)
}

/// AUC at times.
pub fn time_auc(result: &SurvivalResult) -> Table {
    let time = if result.time_unit.is_empty() { "Time".to_owned() } else { format!("Time, {}", result.time_unit) };
    let rows = result.time_auc.iter().map(|(at, auc)| [*at, *auc].map(|value| Cell::number(Some(value))).to_vec());
    let columns = vec![Column::number(&time), Column::number("AUC")];
    Table::new("time-auc", "Cumulative/dynamic AUC.", columns).with(rows)
}

/// The subgroups of a forest plot.
pub fn forest(forest: &Forest) -> Table {
    let columns = vec![
        Column::text("Subgroup"),
        Column::number("n"),
        Column::number("Events"),
        Column::estimate(&forest.estimate),
        Column::number("p"),
        Column::text("Note"),
    ];
    let rows = forest.rows.iter().map(|row| {
        let note = if row.note.is_empty() { ABSENT } else { &row.note };
        vec![
            Cell::text(&row.name),
            Cell::count(row.n),
            Cell::count(row.events),
            Cell::estimate(row.estimate.as_ref()),
            Cell::p(row.estimate.as_ref().and_then(|estimate| estimate.p)),
            Cell::both(note.to_owned(), row.note.clone()),
        ]
    });
    Table::new("forest", format!("{} in subgroups.", forest.estimate), columns).with(rows)
}
