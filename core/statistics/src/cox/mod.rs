//! Cox's proportional-hazards regression (J. R. Stat. Soc. B 34:187, 1972).

pub mod baseline;
mod likelihood;
mod proportional;

use serde::Serialize;

pub use proportional::{ProportionalHazards, TimeScale};

use crate::{
    concordance::{Concordance, concordance},
    distribution::{chi_squared_upper, normal_two_sided},
    error::{Error, Result},
    input::{Interval, Level, Survival, finite_column, same_length},
    linear::{Cholesky, diagonal, dot},
    newton::maximise,
    rank::mid_ranks,
    survival::kaplan_meier::{Scale, estimate},
};
use likelihood::RiskSets;
use proportional::Drift;

/// A column of the design.
#[derive(Clone, Copy, Debug)]
pub struct Covariate<'a> {
    /// Its name in results and errors.
    pub name: &'a str,
    /// Its value for each case.
    pub values: &'a [f64],
}

/// What to do with events at the same time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ties {
    /// Each leaves the risk set by its share (Efron, J. Am. Stat. Assoc. 72:557, 1977).
    #[default]
    Efron,
    /// All leave it together (Breslow, Biometrics 30:89, 1974). Draws coefficients towards 0 when there are many.
    Breslow,
}

/// How to fit.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options<'a> {
    /// What to do with events at the same time.
    pub ties: Ties,
    /// A stratum for each case: each has a baseline hazard of its own.
    pub strata: Option<&'a [usize]>,
    /// Level of the intervals.
    pub level: Level,
}

/// One covariate's part of the fit.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Coefficient {
    /// Name of the covariate.
    pub name: String,
    /// β: logarithm of the hazard ratio for one unit.
    pub coefficient: f64,
    /// From the inverse of the information.
    pub standard_error: f64,
    /// e^β, by which a unit of the covariate multiplies the hazard.
    pub hazard_ratio: f64,
    /// Of the hazard ratio: e^(β ± z·SE).
    pub interval: Interval,
    /// β / SE.
    pub z: f64,
    /// Wald's, two-sided, of the hypothesis that β = 0.
    pub p: f64,
}

/// A test that all coefficients are 0.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct GlobalTest {
    /// The statistic, 0 or above.
    pub chi_squared: f64,
    /// Number of covariates.
    pub degrees: usize,
    /// From the chi-squared distribution.
    pub p: f64,
}

impl GlobalTest {
    fn new(chi_squared: f64, degrees: usize) -> Self {
        Self { chi_squared, degrees, p: chi_squared_upper(chi_squared, degrees) }
    }
}

/// A fit.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Fit {
    /// In order of the covariates.
    pub coefficients: Vec<Coefficient>,
    /// Of the coefficients, row after row.
    pub covariance: Vec<f64>,
    /// Logarithm of the partial likelihood.
    pub log_likelihood: f64,
    /// The same with all coefficients at 0.
    pub null_log_likelihood: f64,
    /// 2·(log-likelihood − that at 0).
    pub likelihood_ratio: GlobalTest,
    /// Rao's score test: uᵀ·I⁻¹·u at 0. With one binary covariate and Breslow's ties close to the log-rank test.
    pub score: GlobalTest,
    /// Wald's test, βᵀ·V⁻¹·β.
    pub wald: GlobalTest,
    /// Harrell's C of the linear predictor on the same cases, within strata.
    pub concordance: Concordance,
    /// Cases that were fitted to.
    pub n: usize,
    /// Cases that end with the event.
    pub events: usize,
    /// How ties were treated.
    pub ties: Ties,
    /// Steps of Newton's method until nothing changed any more.
    pub iterations: usize,
    #[serde(skip)]
    drift: Drift,
}

/// Whether coefficients differ between parts of the cases: 2·(Σ log-likelihoods of `parts` − that of `together`), where `together` is
/// fitted to the cases of all parts, with these as strata. That is the likelihood-ratio test of the products of the covariates with the
/// part, each part with a baseline of its own.
///
/// ```
/// use voxomics_statistics::{
///     Survival,
///     cox::{Covariate, Options, differ, fit},
/// };
///
/// // The same four cases twice: nothing differs.
/// let (times, exposed) = ([1.0, 2.0, 3.0, 4.0, 1.0, 2.0, 3.0, 4.0], [1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0]);
/// let events = [true; 8];
/// let column = |values| [Covariate { name: "exposed", values }];
/// let part = fit(Survival::new(&times[..4], &events[..4])?, &column(&exposed[..4]), Options::default())?;
/// let strata = Some(&[0, 0, 0, 0, 1, 1, 1, 1][..]);
/// let together = fit(Survival::new(&times, &events)?, &column(&exposed), Options { strata, ..Options::default() })?;
/// assert!(differ(&[part.clone(), part], &together).chi_squared.abs() < 1e-9);
/// # Ok::<(), voxomics_statistics::Error>(())
/// ```
pub fn differ(parts: &[Fit], together: &Fit) -> GlobalTest {
    let sum: f64 = parts.iter().map(|part| part.log_likelihood).sum();
    let coefficients: usize = parts.iter().map(|part| part.coefficients.len()).sum();
    let degrees = coefficients.saturating_sub(together.coefficients.len());
    GlobalTest::new(2.0 * (sum - together.log_likelihood), degrees)
}

/// Fits `covariates` to `data`.
///
/// ```
/// use voxomics_statistics::{
///     Survival,
///     cox::{Covariate, Options, fit},
/// };
///
/// // With the hazard ratio h, the likelihood is h/(2h + 2) · 1/(h + 2) · h/(h + 1): the largest where h² − h − 4 = 0.
/// let data = Survival::new(&[1.0, 2.0, 3.0, 4.0], &[true; 4])?;
/// let exposed = Covariate { name: "exposed", values: &[1.0, 0.0, 1.0, 0.0] };
/// let found = fit(data, &[exposed], Options::default())?;
/// assert!((found.coefficients[0].hazard_ratio - (1.0 + 17_f64.sqrt()) / 2.0).abs() < 1e-6);
/// # Ok::<(), voxomics_statistics::Error>(())
/// ```
///
/// # Errors
/// [`Error::NoEvents`]; [`Error::Empty`] without covariates; [`Error::Constant`] or [`Error::Singular`] with the name of a
/// covariate that adds nothing; [`Error::Monotone`] with the name of one whose coefficient has no finite estimate;
/// [`Error::NotConverged`]; [`Error::NoPairs`] when no two cases can be ordered; and what is wrong with the input.
pub fn fit(data: Survival<'_>, covariates: &[Covariate<'_>], options: Options<'_>) -> Result<Fit> {
    let data = data.with_events()?;
    if covariates.is_empty() {
        return Err(Error::Empty { what: "covariates" });
    }
    if let Some(strata) = options.strata {
        same_length(("times", data.len()), ("strata", strata.len()))?;
    }
    let columns = covariates.iter().map(|covariate| standardise(data, covariate)).collect::<Result<Vec<_>>>()?;
    let p = columns.len();
    let sets = RiskSets::new(data, &columns, options);
    let maximum = maximise(p, |beta| sets.derivatives(beta))
        .map_err(|fault| fault.named(|column| covariates[column].name.to_owned()))?;

    let unit = |column: usize| columns[column].deviation;
    let covariance: Vec<f64> = (0..p * p).map(|at| maximum.covariance[at] / unit(at / p) / unit(at % p)).collect();
    let wald = Cholesky::new(&maximum.covariance, &diagonal(&maximum.covariance, p))
        .map(|factor| dot(&factor.solve(&maximum.coefficients), &maximum.coefficients))
        .map_err(|column| Error::Singular { covariate: covariates[column].name.to_owned() })?;
    let coefficients: Vec<Coefficient> = (0..p)
        .map(|j| {
            let error = maximum.covariance[j * p + j].sqrt();
            coefficient(covariates[j].name, maximum.coefficients[j], error, unit(j), options.level)
        })
        .collect();
    let sound = |c: &Coefficient| c.interval.low > 0.0 && c.interval.high.is_finite();
    if !coefficients.iter().all(sound) || !covariance.iter().all(|value| value.is_finite()) {
        let reason = "a limit of it is too large or too small for a number; the covariate needs another unit";
        return Err(Error::Undefined { what: "a hazard ratio", reason });
    }
    let risk: Vec<f64> = (0..data.len())
        .map(|case| columns.iter().zip(&maximum.coefficients).map(|(column, b)| column.values[case] * b).sum())
        .collect();
    let curve = estimate(data, options.level, Scale::default());
    let mut ranks: Vec<(f64, f64)> = data.times().iter().copied().zip(mid_ranks(data.times())).collect();
    ranks.sort_by(|a, b| a.0.total_cmp(&b.0));
    let event_times = sets.residuals(&maximum.coefficients, &curve, &ranks);
    Ok(Fit {
        coefficients,
        covariance,
        log_likelihood: maximum.log_likelihood,
        null_log_likelihood: maximum.null_log_likelihood,
        likelihood_ratio: GlobalTest::new(2.0 * (maximum.log_likelihood - maximum.null_log_likelihood), p),
        score: GlobalTest::new(maximum.score_statistic, p),
        wald: GlobalTest::new(wald, p),
        concordance: concordance(data, &risk, options.strata, options.level)?,
        n: data.len(),
        events: data.event_count(),
        ties: options.ties,
        iterations: maximum.iterations,
        drift: Drift { event_times, covariance: maximum.covariance },
    })
}

/// `beta` and its error for a covariate that was divided by `unit`.
pub(crate) fn coefficient(name: &str, beta: f64, error: f64, unit: f64, level: Level) -> Coefficient {
    let z = beta / error;
    Coefficient {
        name: name.to_owned(),
        coefficient: beta / unit,
        standard_error: error / unit,
        hazard_ratio: (beta / unit).exp(),
        interval: Interval::around(beta / unit, level.z() * (error / unit)).map(f64::exp),
        z,
        p: normal_two_sided(z),
    }
}

/// A covariate with mean 0 and standard deviation 1: one scale for the solver's tolerances, whatever the units.
pub(crate) struct Standard {
    pub(crate) values: Vec<f64>,
    pub(crate) deviation: f64,
}

pub(crate) fn standardise(data: Survival<'_>, covariate: &Covariate<'_>) -> Result<Standard> {
    let Covariate { name, values } = *covariate;
    same_length(("times", data.len()), ("values of a covariate", values.len()))?;
    finite_column(name, values)?;
    let n = values.len() as f64;
    let mean = values.iter().map(|value| value / n).sum::<f64>();
    let centred: Vec<f64> = values.iter().map(|value| value - mean).collect();
    let deviation = (centred.iter().map(|value| value * value / n).sum::<f64>()).sqrt();
    let same = values.iter().all(|value| *value == values[0]);
    if same || deviation <= 1e-12 * mean.abs() || deviation == 0.0 {
        return Err(Error::Constant { what: format!("covariate {name}") });
    }
    Ok(Standard { values: centred.iter().map(|value| value / deviation).collect(), deviation })
}
