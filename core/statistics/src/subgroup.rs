//! The effect in subgroups: rows of a forest plot.

use serde::Serialize;

use crate::{
    cox::{Covariate, Options, fit},
    error::{Error, Result},
    input::{Interval, Level, Survival, count, same_length},
    roc::auc,
};

/// Some of the cases.
#[derive(Clone, Copy, Debug)]
pub struct Subgroup<'a> {
    /// Its name.
    pub name: &'a str,
    /// Whether each case belongs to it.
    pub members: &'a [bool],
}

/// A row of a forest plot.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// Name of the subgroup.
    pub name: String,
    /// Its cases.
    pub n: usize,
    /// Its cases with the outcome or event.
    pub events: usize,
    /// `None` where `reason` says why.
    pub estimate: Option<f64>,
    /// `None` where `reason` says why.
    pub interval: Option<Interval>,
    /// Why a figure is missing.
    pub reason: Option<String>,
}

/// The area below the ROC curve with DeLong's interval in each subgroup (see [`auc`]). A subgroup without an area has a row
/// that says so.
///
/// # Errors
/// [`Error::LengthsDiffer`].
pub fn auc_rows(scores: &[f64], outcome: &[bool], subgroups: &[Subgroup<'_>], level: Level) -> Result<Vec<Row>> {
    same_length(("scores", scores.len()), ("outcomes", outcome.len()))?;
    rows(outcome, subgroups, |members| {
        let of = |case: &usize| (scores[*case], outcome[*case]);
        let (scores, outcome): (Vec<f64>, Vec<bool>) = members.iter().map(of).unzip();
        let found = auc(&scores, &outcome, level)?;
        Ok((found.value, found.interval))
    })
}

/// The hazard ratio of one covariate, alone in the model, in each subgroup (see [`fit`]). A subgroup without a fit has a row
/// that says so.
///
/// # Errors
/// [`Error::LengthsDiffer`].
pub fn hazard_ratio_rows(
    data: Survival<'_>,
    covariate: Covariate<'_>,
    subgroups: &[Subgroup<'_>],
    options: Options<'_>,
) -> Result<Vec<Row>> {
    same_length(("times", data.len()), ("values of the covariate", covariate.values.len()))?;
    if let Some(strata) = options.strata {
        same_length(("times", data.len()), ("strata", strata.len()))?;
    }
    rows(data.events(), subgroups, |members| {
        let times: Vec<f64> = members.iter().map(|&case| data.times()[case]).collect();
        let events: Vec<bool> = members.iter().map(|&case| data.events()[case]).collect();
        let values: Vec<f64> = members.iter().map(|&case| covariate.values[case]).collect();
        let strata: Option<Vec<usize>> =
            options.strata.map(|strata| members.iter().map(|&case| strata[case]).collect());
        let options = Options { strata: strata.as_deref(), ..options };
        let column = Covariate { name: covariate.name, values: &values };
        let fit = fit(Survival::new(&times, &events)?, &[column], options)?;
        let coefficient = fit.coefficients.first().ok_or(Error::Empty { what: "coefficients" })?;
        Ok((coefficient.hazard_ratio, Some(coefficient.interval)))
    })
}

fn rows(
    events: &[bool],
    subgroups: &[Subgroup<'_>],
    effect: impl Fn(&[usize]) -> Result<(f64, Option<Interval>)>,
) -> Result<Vec<Row>> {
    let row = |subgroup: &Subgroup<'_>| {
        same_length(("cases", events.len()), ("memberships of a subgroup", subgroup.members.len()))?;
        let members: Vec<usize> = (0..events.len()).filter(|&case| subgroup.members[case]).collect();
        let own: Vec<bool> = members.iter().map(|&case| events[case]).collect();
        let (estimate, interval, reason) = match effect(&members) {
            Ok((estimate, Some(interval))) => (Some(estimate), Some(interval), None),
            Ok((estimate, None)) => (Some(estimate), None, Some("its variance is undefined or zero".to_owned())),
            Err(error) => (None, None, Some(error.to_string())),
        };
        Ok(Row { name: subgroup.name.to_owned(), n: members.len(), events: count(&own), estimate, interval, reason })
    };
    subgroups.iter().map(row).collect()
}
