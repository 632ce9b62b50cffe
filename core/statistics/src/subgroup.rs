//! The effect in subgroups: rows of a forest plot.

use serde::Serialize;

use crate::{
    cox::{Covariate, Options, fit},
    distribution::chi_squared_upper,
    error::{Error, Result},
    input::{Interval, Level, Survival, count, finite, same_length},
    roc::auc,
};

/// Some of the cases.
#[derive(Clone, Copy, Debug)]
pub struct Subgroup<'a> {
    /// Its name, as the rows of a forest plot have it.
    pub name: &'a str,
    /// Whether each case belongs to it.
    pub members: &'a [bool],
}

/// A row of a forest plot.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// Name of the subgroup.
    pub name: String,
    /// Number of cases in it.
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

/// A test whether estimates of different cases differ.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Heterogeneity {
    /// Cochran's Q.
    pub q: f64,
    /// Estimates less one.
    pub degrees: usize,
    /// From the chi-squared distribution.
    pub p: f64,
}

/// Whether estimates differ, each of other cases and with its standard error: Q = Σ (xᵢ − x̄)² / sᵢ², where x̄ is their mean with the
/// weights 1/sᵢ² (Cochran, Biometrics 10:101, 1954). Of two areas, Q is the square of DeLong's test of unpaired curves.
///
/// # Errors
/// [`Error::TooFew`] for less than two estimates, [`Error::OutOfRange`] for a standard error of 0 or less, and what is not finite.
pub fn differ(estimates: &[(f64, f64)]) -> Result<Heterogeneity> {
    if estimates.len() < 2 {
        return Err(Error::TooFew { what: "estimates", found: estimates.len(), needed: 2 });
    }
    let (values, errors): (Vec<f64>, Vec<f64>) = estimates.iter().copied().unzip();
    finite("estimates", &values)?;
    finite("standard errors", &errors)?;
    if let Some(&value) = errors.iter().find(|error| **error <= 0.0) {
        return Err(Error::OutOfRange { what: "standard error", value, expected: "above 0" });
    }
    let weights: Vec<f64> = errors.iter().map(|error| error.powi(-2)).collect();
    let mean = values.iter().zip(&weights).map(|(x, w)| x * w).sum::<f64>() / weights.iter().sum::<f64>();
    let q = values.iter().zip(&weights).map(|(x, w)| w * (x - mean).powi(2)).sum();
    let degrees = estimates.len() - 1;
    Ok(Heterogeneity { q, degrees, p: chi_squared_upper(q, degrees) })
}

/// The area below the ROC curve with DeLong's interval in each subgroup (see [`auc`]). A subgroup without an area has a row
/// that says so.
///
/// ```
/// use voxomics_statistics::{
///     Level,
///     subgroup::{Subgroup, auc_rows},
/// };
///
/// let (scores, outcome) = ([0.9, 0.4, 0.5, 0.1], [true, true, false, false]);
/// let everybody = Subgroup { name: "all", members: &[true; 4] };
/// let some = Subgroup { name: "with the outcome", members: &[true, true, false, false] };
/// let rows = auc_rows(&scores, &outcome, &[everybody, some], Level::P95)?;
/// assert_eq!((rows[0].estimate, rows[0].n, rows[0].events), (Some(0.75), 4, 2));
/// // One class alone has no area, and the row says so.
/// assert!(rows[1].estimate.is_none() && rows[1].reason.is_some());
/// # Ok::<(), voxomics_statistics::Error>(())
/// ```
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
/// ```
/// use voxomics_statistics::{
///     Survival,
///     cox::{Covariate, Options},
///     subgroup::{Subgroup, hazard_ratio_rows},
/// };
///
/// // The four cases of the example of `cox::fit`.
/// let data = Survival::new(&[1.0, 2.0, 3.0, 4.0], &[true; 4])?;
/// let exposed = Covariate { name: "exposed", values: &[1.0, 0.0, 1.0, 0.0] };
/// let rows = hazard_ratio_rows(data, exposed, &[Subgroup { name: "all", members: &[true; 4] }], Options::default())?;
/// assert!((rows[0].estimate.unwrap() - (1.0 + 17_f64.sqrt()) / 2.0).abs() < 1e-6);
/// # Ok::<(), voxomics_statistics::Error>(())
/// ```
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
