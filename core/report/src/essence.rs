//! A result in a line, and in half of one.

use crate::{
    number,
    study::{CoxTable, Outcome},
};

/// The result of an evaluation in a line.
pub fn essence(result: &Outcome) -> String {
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

/// The first number of a result, where there is room for one.
pub fn headline(result: &Outcome) -> String {
    let said = match result {
        Outcome::Class(class) => Some(format!("AUC {}", number::estimate(&class.auc))),
        Outcome::Survival(survival) => {
            let c = || survival.concordance.as_ref().map(|c| format!("C {}", number::estimate(c)));
            survival.cox.first().and_then(hazard).or_else(c)
        }
        Outcome::Number(agreement) => {
            let r = agreement.pearson.as_ref().map(|r| format!("r {}", number::estimate(r)));
            r.or_else(|| agreement.spearman.as_ref().map(|rho| format!("ρ {}", number::estimate(rho))))
        }
        Outcome::None { .. } => None,
    };
    said.unwrap_or_else(|| "no result".to_owned())
}

fn hazard(cox: &CoxTable) -> Option<String> {
    let (name, ratio, _) = cox.rows.first()?;
    Some(format!("HR {} ({name})", number::estimate(ratio)))
}
