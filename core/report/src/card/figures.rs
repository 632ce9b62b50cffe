//! The figures of an evaluation, one after the other, whatever its outcome.

use crate::{
    number,
    study::{ClassResult, Estimate, NumberResult, Outcome, SurvivalResult},
};

/// A figure with its name.
pub type Figure = (String, Estimate);

/// Every figure of a result; none where there is no result.
pub fn of(result: &Outcome) -> Vec<Figure> {
    match result {
        Outcome::Class(class) => of_class(class),
        Outcome::Survival(survival) => of_survival(survival),
        Outcome::Number(agreement) => of_number(agreement),
        Outcome::None { .. } => Vec::new(),
    }
}

fn bare(value: f64) -> Estimate {
    Estimate { value, ..Estimate::default() }
}

fn of_class(class: &ClassResult) -> Vec<Figure> {
    let mut found = vec![("AUC".to_owned(), class.auc.clone())];
    if let Some(cutoff) = &class.cutoff {
        let at = number::number(cutoff.value);
        found.extend(cutoff.figures.iter().map(|(name, estimate)| (format!("{name} at {at}"), estimate.clone())));
    }
    if let Some(calibration) = &class.calibration {
        found.push(("Calibration intercept".into(), calibration.intercept.clone()));
        found.push(("Calibration slope".into(), calibration.slope.clone()));
        found.push(("Brier score".into(), bare(calibration.brier)));
    }
    found
}

fn of_survival(survival: &SurvivalResult) -> Vec<Figure> {
    let mut found = Vec::new();
    let SurvivalResult { time_unit: unit, .. } = survival;
    for (kind, tables) in [("Hazard ratio", &survival.cox), ("Subdistribution hazard ratio", &survival.fine_gray)] {
        for table in tables {
            let row = |(at, (name, ratio, _)): (usize, &(String, Estimate, Option<f64>))| {
                let name = table.contrasts.get(at).map_or_else(|| name.clone(), |against| against.plain(name));
                (format!("{kind}, {}: {name}", table.title), ratio.clone())
            };
            found.extend(table.rows.iter().enumerate().map(row));
        }
    }
    for (name, test) in [("Log-rank test, χ²", survival.log_rank), ("Gray’s test, χ²", survival.gray)] {
        found
            .extend(test.map(|(value, _, p)| (name.to_owned(), Estimate { value, p: Some(p), ..Estimate::default() })));
    }
    for group in survival.groups.iter().filter(|_| !survival.rates_at.is_empty()) {
        let rate = |(time, rate, _): &(f64, Estimate, u64)| {
            (format!("Share without the event at {} {unit}, {}", number::plain(*time), group.name), rate.clone())
        };
        found.extend(group.landmarks.iter().map(rate));
    }
    for group in survival.incidence.iter().filter(|_| !survival.rates_at.is_empty()) {
        let rate = |(time, rate, _): &(f64, Estimate, Estimate)| {
            (format!("Cumulative incidence at {} {unit}, {}", number::plain(*time), group.name), rate.clone())
        };
        found.extend(group.at.iter().map(rate));
    }
    found.extend(survival.concordance.iter().map(|c| ("Harrell’s C".to_owned(), c.clone())));
    found
        .extend(survival.uno.iter().map(|(to, c)| (format!("Uno’s C up to {} {unit}", number::plain(*to)), c.clone())));
    for at in &survival.time_auc {
        found.extend(at.auc.iter().map(|auc| (format!("AUC at {} {unit}", number::plain(at.time)), auc.clone())));
    }
    if let Some(risk) = &survival.risk {
        found.extend(risk.slope.iter().map(|slope| ("Calibration slope".to_owned(), slope.clone())));
        for at in &risk.at {
            let time = format!("{} {unit}", number::plain(at.time));
            found.push((format!("Observed by predicted risk at {time}"), at.ratio.clone()));
            found.push((format!("Brier score at {time}"), at.error.brier.clone()));
        }
    }
    found
}

fn of_number(agreement: &NumberResult) -> Vec<Figure> {
    let pearson = agreement.pearson.iter().map(|r| ("Pearson’s r".to_owned(), r.clone()));
    let calibrated = agreement.calibration.iter().flat_map(|of| {
        [
            ("Mean of observed − predicted", &of.difference),
            ("Calibration intercept", &of.intercept),
            ("Calibration slope", &of.slope),
            ("R² of the predictions", &of.explained),
            ("Root mean squared difference", &of.root_mean_square),
            ("Mean absolute difference", &of.mean_absolute),
        ]
        .map(|(name, estimate)| (name.to_owned(), estimate.clone()))
    });
    let spearman = agreement.spearman.iter().map(|rho| ("Spearman’s ρ".to_owned(), rho.clone()));
    pearson.chain(spearman).chain(calibrated).collect()
}
