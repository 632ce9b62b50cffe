//! The model of Fine and Gray: hazard ratios of the subdistribution, which say how the cumulative incidence of an event depends on
//! covariates beside events that prevent it.

use serde::Serialize;

use super::competing::{Cause, causes};
use crate::{
    cox::{Coefficient, Covariate, Standard, coefficient, standardise},
    error::{Error, Result},
    input::{Level, Survival},
    linear::{Cholesky, diagonal, dot},
    newton::{Derivatives, maximise},
};

/// A fit.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FineGray {
    /// In order of the covariates; standard errors are robust, with what the estimate of the censoring adds.
    pub coefficients: Vec<Coefficient>,
    /// Logarithm of the weighted partial likelihood.
    pub log_likelihood: f64,
    /// The same with all coefficients at 0.
    pub null_log_likelihood: f64,
    /// Events of the cause.
    pub events: usize,
}

/// Sums of weights over cases, of the weighted rows, and of their products.
#[derive(Clone)]
struct Sums {
    weight: f64,
    rows: Vec<f64>,
    products: Vec<f64>,
}

impl Sums {
    fn new(columns: usize) -> Self {
        Self { weight: 0.0, rows: vec![0.0; columns], products: vec![0.0; columns * columns] }
    }

    fn add(&mut self, weight: f64, row: &[f64]) {
        self.weight += weight;
        for (i, x) in row.iter().enumerate() {
            self.rows[i] += weight * x;
            for (j, y) in row.iter().enumerate() {
                self.products[i * row.len() + j] += weight * x * y;
            }
        }
    }

    /// This and `share` of another.
    fn with(&self, share: f64, other: &Self) -> Self {
        let sum = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a + share * b).collect();
        Self {
            weight: self.weight + share * other.weight,
            rows: sum(&self.rows, &other.rows),
            products: sum(&self.products, &other.products),
        }
    }
}

/// Cases at one time.
struct Tied {
    /// Their places in the order of time.
    from: usize,
    to: usize,
    /// Cases of the event among them.
    events: f64,
    /// Probability of not being censored before this time.
    uncensored: f64,
}

/// The cases in the order of time.
struct Cases {
    columns: usize,
    /// Row after row.
    design: Vec<f64>,
    cause: Vec<Cause>,
    times: Vec<Tied>,
}

/// At a time of events: the mean row of those at risk, and the step of the baseline.
struct Step {
    mean: Vec<f64>,
    hazard: f64,
}

/// Fits the model of Fine and Gray (J. Am. Stat. Assoc. 94:496, 1999) for the cause `of`; `cause` is 0 for an observation that was
/// censored, otherwise the number of what happened. Whoever has another event stays at risk, with the weight G(t−) / G(own
/// time−), G being the Kaplan–Meier estimate of the censoring. As `crr` of R's cmprsk, also where times are tied: `finegray` of R's
/// survival differs from it in the second digit where a censoring ties with an event.
///
/// ```
/// use voxomics_statistics::{Level, cox::Covariate, survival::fine_gray::fit};
///
/// // Without another cause it is Cox's model: the hazard ratio of the example of `cox::fit`.
/// let exposed = Covariate { name: "exposed", values: &[1.0, 0.0, 1.0, 0.0] };
/// let found = fit(&[1.0, 2.0, 3.0, 4.0], &[1; 4], 1, &[exposed], Level::P95)?;
/// assert!((found.coefficients[0].hazard_ratio - (1.0 + 17_f64.sqrt()) / 2.0).abs() < 1e-6);
/// # Ok::<(), voxomics_statistics::Error>(())
/// ```
///
/// # Errors
/// [`Error::NoEvents`] of the cause; [`Error::Empty`] without covariates; [`Error::Constant`], [`Error::Singular`] or
/// [`Error::Monotone`] with the name of a covariate; [`Error::NotConverged`]; [`Error::Undefined`] for a hazard ratio too large
/// or too small for a number; and what is wrong with the input.
pub fn fit(times: &[f64], cause: &[usize], of: usize, covariates: &[Covariate<'_>], level: Level) -> Result<FineGray> {
    let cause = causes(times, cause, of)?;
    if covariates.is_empty() {
        return Err(Error::Empty { what: "covariates" });
    }
    let events: Vec<bool> = cause.iter().map(|cause| *cause == Cause::Event).collect();
    let data = Survival::new(times, &events)?;
    let columns = covariates.iter().map(|covariate| standardise(data, covariate)).collect::<Result<Vec<_>>>()?;
    let cases = Cases::new(data, &cause, &columns);
    let p = columns.len();
    let named = |column: usize| covariates[column].name.to_owned();
    let maximum = maximise(p, |beta| cases.derivatives(beta)).map_err(|fault| fault.named(named))?;
    let spread = cases.spread(&maximum.coefficients);
    let robust = sandwich(&maximum.covariance, &spread, p);
    let coefficients: Vec<Coefficient> = (0..p)
        .map(|j| {
            let error = robust[j * p + j].sqrt();
            coefficient(covariates[j].name, maximum.coefficients[j], error, columns[j].deviation, level)
        })
        .collect();
    if !coefficients.iter().all(|found| found.interval.low > 0.0 && found.interval.high.is_finite()) {
        let reason = "a limit of it is too large or too small for a number; the covariate needs another unit";
        return Err(Error::Undefined { what: "a subdistribution hazard ratio", reason });
    }
    Cholesky::new(&robust, &diagonal(&robust, p)).map_err(|column| Error::Singular { covariate: named(column) })?;
    Ok(FineGray {
        coefficients,
        log_likelihood: maximum.log_likelihood,
        null_log_likelihood: maximum.null_log_likelihood,
        events: data.event_count(),
    })
}

/// C·S·C.
fn sandwich(covariance: &[f64], spread: &[f64], p: usize) -> Vec<f64> {
    let product = |a: &[f64], b: &[f64]| -> Vec<f64> {
        (0..p * p).map(|at| (0..p).map(|k| a[at / p * p + k] * b[k * p + at % p]).sum()).collect()
    };
    product(&product(covariance, spread), covariance)
}

impl Cases {
    fn new(data: Survival<'_>, cause: &[Cause], columns: &[Standard]) -> Self {
        let (order, times) = (data.order(), data.times());
        let mut uncensored = 1.0;
        let (mut tied, mut from) = (Vec::new(), 0);
        for cases in order.chunk_by(|&a, &b| times[a] == times[b]) {
            let count = |of: Cause| cases.iter().filter(|&&case| cause[case] == of).count() as f64;
            let to = from + cases.len();
            tied.push(Tied { from, to, events: count(Cause::Event), uncensored });
            uncensored *= 1.0 - count(Cause::Censored) / (order.len() - from) as f64;
            from = to;
        }
        let row = |&case: &usize| columns.iter().map(move |column| column.values[case]);
        Self {
            columns: columns.len(),
            design: order.iter().flat_map(row).collect(),
            cause: order.iter().map(|&case| cause[case]).collect(),
            times: tied,
        }
    }

    fn row(&self, case: usize) -> &[f64] {
        &self.design[case * self.columns..(case + 1) * self.columns]
    }

    /// The logarithm of each case's relative hazard, less the largest: then none overflows, and nothing else changes.
    fn hazards(&self, beta: &[f64]) -> Vec<f64> {
        let eta: Vec<f64> = (0..self.cause.len()).map(|case| dot(self.row(case), beta)).collect();
        let top = eta.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        eta.into_iter().map(|eta| eta - top).collect()
    }

    /// For each time with events, the sums over those at risk, with their weights.
    fn at_risk(&self, eta: &[f64]) -> Vec<Option<Sums>> {
        let mut found: Vec<Option<Sums>> = vec![None; self.times.len()];
        let mut beyond = Sums::new(self.columns);
        for (at, tied) in self.times.iter().enumerate().rev() {
            (tied.from..tied.to).for_each(|case| beyond.add(eta[case].exp(), self.row(case)));
            found[at] = (tied.events > 0.0).then(|| beyond.clone());
        }
        let mut prevented = Sums::new(self.columns);
        for (tied, sums) in self.times.iter().zip(&mut found) {
            if let Some(sums) = sums {
                *sums = sums.with(tied.uncensored, &prevented);
            }
            for case in (tied.from..tied.to).filter(|&case| self.cause[case] == Cause::Other) {
                prevented.add(eta[case].exp() / tied.uncensored, self.row(case));
            }
        }
        found
    }

    fn derivatives(&self, beta: &[f64]) -> Derivatives {
        let p = self.columns;
        let eta = self.hazards(beta);
        let mut found = Derivatives { log_likelihood: 0.0, score: vec![0.0; p], information: vec![0.0; p * p] };
        for (tied, sums) in self.times.iter().zip(self.at_risk(&eta)) {
            let Some(sums) = sums else { continue };
            for case in (tied.from..tied.to).filter(|&case| self.cause[case] == Cause::Event) {
                found.log_likelihood += eta[case];
                found.score.iter_mut().zip(self.row(case)).for_each(|(score, x)| *score += x);
            }
            found.log_likelihood -= tied.events * sums.weight.ln();
            let mean: Vec<f64> = sums.rows.iter().map(|sum| sum / sums.weight).collect();
            for i in 0..p {
                found.score[i] -= tied.events * mean[i];
                for j in 0..p {
                    found.information[i * p + j] +=
                        tied.events * (sums.products[i * p + j] / sums.weight - mean[i] * mean[j]);
                }
            }
        }
        found
    }

    /// Σ (η + ψ)·(η + ψ)ᵀ over the cases: what each adds to the score, and what it adds by way of the estimate of the censoring.
    fn spread(&self, beta: &[f64]) -> Vec<f64> {
        let p = self.columns;
        let eta = self.hazards(beta);
        let steps: Vec<Option<Step>> = self
            .at_risk(&eta)
            .into_iter()
            .zip(&self.times)
            .map(|(sums, tied)| {
                let sums = sums?;
                let mean = sums.rows.iter().map(|sum| sum / sums.weight).collect();
                Some(Step { mean, hazard: tied.events / sums.weight })
            })
            .collect();
        let mut parts = self.own(&eta, &steps);
        self.by_censoring(&eta, &steps, &mut parts);
        let mut spread = vec![0.0; p * p];
        for part in parts.chunks_exact(p) {
            for i in 0..p {
                for j in 0..p {
                    spread[i * p + j] += part[i] * part[j];
                }
            }
        }
        spread
    }

    /// η, row after row: (x − mean) at the own event, less the hazards that a case was at risk of.
    fn own(&self, eta: &[f64], steps: &[Option<Step>]) -> Vec<f64> {
        let p = self.columns;
        let mut parts = vec![0.0; self.cause.len() * p];
        // Up to a time: Σ hazard and Σ mean·hazard.
        let (mut passed, mut means) = (0.0, vec![0.0; p]);
        for (tied, step) in self.times.iter().zip(steps) {
            if let Some(step) = step {
                passed += step.hazard;
                means.iter_mut().zip(&step.mean).for_each(|(sum, mean)| *sum += mean * step.hazard);
            }
            for case in tied.from..tied.to {
                for i in 0..p {
                    let x = self.row(case)[i];
                    let event = step.as_ref().filter(|_| self.cause[case] == Cause::Event);
                    parts[case * p + i] +=
                        event.map_or(0.0, |step| x - step.mean[i]) - eta[case].exp() * (x * passed - means[i]);
                }
            }
        }
        // Beyond it, with the weight of those who had something else.
        let (mut later, mut means) = (0.0, vec![0.0; p]);
        for (tied, step) in self.times.iter().zip(steps).rev() {
            for case in (tied.from..tied.to).filter(|&case| self.cause[case] == Cause::Other) {
                let weight = eta[case].exp() / tied.uncensored;
                for i in 0..p {
                    parts[case * p + i] -= weight * (self.row(case)[i] * later - means[i]);
                }
            }
            if let Some(step) = step {
                later += tied.uncensored * step.hazard;
                means.iter_mut().zip(&step.mean).for_each(|(sum, mean)| *sum += tied.uncensored * mean * step.hazard);
            }
        }
        parts
    }

    /// Adds ψ: what each case adds by way of the estimate of the censoring.
    fn by_censoring(&self, eta: &[f64], steps: &[Option<Step>], parts: &mut [f64]) {
        let p = self.columns;
        let n = self.cause.len();
        // From a time on: Σ G·hazard and Σ G·mean·hazard.
        let mut later = vec![(0.0, vec![0.0; p]); self.times.len() + 1];
        for (at, (tied, step)) in self.times.iter().zip(steps).enumerate().rev() {
            later[at] = later[at + 1].clone();
            if let Some(step) = step {
                let weight = tied.uncensored * step.hazard;
                later[at].0 += weight;
                later[at].1.iter_mut().zip(&step.mean).for_each(|(sum, mean)| *sum += weight * mean);
            }
        }
        let mut prevented = Sums::new(p);
        // What the censored times passed so far take from everybody still there.
        let mut taken = vec![0.0; p];
        for (tied, (weight, means)) in self.times.iter().zip(&later) {
            let at_risk = (n - tied.from) as f64;
            let is_censored = |case: &usize| self.cause[*case] == Cause::Censored;
            let censored = (tied.from..tied.to).filter(is_censored).count() as f64;
            let moved: Vec<f64> = (0..p).map(|i| prevented.rows[i] * weight - prevented.weight * means[i]).collect();
            if censored > 0.0 {
                taken.iter_mut().zip(&moved).for_each(|(sum, q)| *sum += q / at_risk * censored / at_risk);
            }
            for case in tied.from..tied.to {
                for i in 0..p {
                    let own = if is_censored(&case) { moved[i] / at_risk } else { 0.0 };
                    parts[case * p + i] += own - taken[i];
                }
                if self.cause[case] == Cause::Other {
                    prevented.add(eta[case].exp() / tied.uncensored, self.row(case));
                }
            }
        }
    }
}
