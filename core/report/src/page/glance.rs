//! The results at a glance: a row an evaluation.

use crate::{
    essence::essence,
    study::{Evaluation, Study},
    table::{Cell, Column, Table},
};

/// A row an evaluation; none without evaluations.
pub fn table(study: &Study) -> Option<Table> {
    let mut columns = vec![Column::text("Evaluation"), Column::text("Result"), Column::number("n")];
    columns.extend(["Cohort", "Model", "Outcome"].map(Column::text));
    let caption = "Results at a glance. Intervals are of 95 %; how each was made stands with its evaluation. p-values are not \
                   corrected for the number of evaluations unless a note says so.";
    let table = Table::new("results", caption, columns).stacked();
    (!study.evaluations.is_empty()).then(|| table.with(study.evaluations.iter().map(row)))
}

fn row(evaluation: &Evaluation) -> Vec<Cell> {
    let mut result = Cell::text(essence(&evaluation.result));
    if let Some(seen) = &evaluation.seen {
        result = result.flagged(&seen.label());
    }
    if !evaluation.predictions.is_empty() {
        result = result.flagged(&evaluation.predictions);
    }
    let words = [&evaluation.cohort, &evaluation.model, &evaluation.outcome].map(Cell::text);
    [Cell::text(&evaluation.name), result, Cell::count(evaluation.n)].into_iter().chain(words).collect()
}
