//! The results at a glance: a row an evaluation.

use crate::{
    number,
    study::{CoxTable, Evaluation, Outcome, Study},
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

/// The result of an evaluation in a line.
fn essence(result: &Outcome) -> String {
    let said: Vec<String> = match result {
        Outcome::Class(class) => {
            let p = number::p_said(class.auc.p);
            let auc = format!("AUC {}", number::estimate(&class.auc));
            vec![if p.is_empty() { auc } else { format!("{auc}, {p}") }]
        }
        Outcome::Survival(survival) => {
            let test = survival.log_rank.map(|(_, _, p)| number::p_said(Some(p))).filter(|p| !p.is_empty());
            let test = test.map(|p| format!("log-rank {p}"));
            let c = survival.concordance.as_ref().map(|c| format!("C {}", number::estimate(c)));
            survival.cox.first().and_then(hazard).into_iter().chain(test).chain(c).collect()
        }
        Outcome::Number(agreement) => {
            let r = agreement.pearson.as_ref().map(|r| format!("r {}", number::estimate(r)));
            let rho = agreement.spearman.as_ref().map(|rho| format!("ρ {}", number::estimate(rho)));
            r.into_iter().chain(rho).collect()
        }
        Outcome::None { reason } => vec![format!("no result: {reason}")],
    };
    if said.is_empty() { "no figure could be had".to_owned() } else { said.join("; ") }
}

fn hazard(cox: &CoxTable) -> Option<String> {
    let (name, ratio, _) = cox.rows.first()?;
    Some(format!("HR {} ({name})", number::estimate(ratio)))
}
