//! Intervals of any statistic, by resampling (Efron and Tibshirani, An Introduction to the Bootstrap, 1993).
//!
//! Draws are portable: resample r of seed s is cut from stream r of ChaCha with 8 rounds, whose key is s in 8 little-endian
//! bytes and 24 zeros; a position below n is the upper word of n·(64 bits), drawn again when that would favour some
//! (Lemire, ACM Trans. Model. Comput. Simul. 29:3, 2019). No resample depends on another: they may be computed in any order.

use std::collections::BTreeMap;

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};
use serde::Serialize;

use crate::{
    distribution::{normal_cdf, normal_quantile},
    error::{Error, Result},
    input::{Interval, Level, finite},
    rank::quantiles,
};

/// What is drawn.
#[derive(Clone, Copy, Debug)]
pub enum Design<'a> {
    /// As many cases as there are, of this number.
    Cases(usize),
    /// From each stratum as many cases as it has. One label for each case.
    Strata(&'a [usize]),
    /// As many clusters as there are, each with all of its cases: patients with several lesions. One label for each case.
    Clusters(&'a [usize]),
}

/// How to resample.
#[derive(Clone, Copy, Debug)]
pub struct Plan<'a> {
    /// What is drawn.
    pub design: Design<'a>,
    /// Number of resamples. 2,000 for an interval that is to be printed.
    pub replicates: usize,
    /// Seed of the generator.
    pub seed: u64,
    /// Level of the intervals.
    pub level: Level,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Bootstrap {
    /// The statistic on the cases as they are.
    pub estimate: f64,
    /// Standard deviation over resamples.
    pub standard_error: f64,
    /// Quantiles of the resamples.
    pub percentile: Interval,
    /// Bias-corrected and accelerated (Efron, J. Am. Stat. Assoc. 82:171, 1987). `None` where [`bca_interval`] is undefined, or the
    /// statistic is without one of the units.
    pub bca: Option<Interval>,
    /// How many resamples were drawn, failed ones included.
    pub replicates: usize,
    /// Resamples on which the statistic was undefined, as for one of a single class. They are left out.
    pub failed: usize,
    /// The statistic on the resamples where it is defined, in order of their numbers.
    #[serde(skip)]
    pub distribution: Vec<f64>,
}

/// Units to draw, as positions of their cases, in pools that are drawn from one by one.
struct Pools(Vec<Vec<Vec<usize>>>);

impl Pools {
    fn new(design: Design<'_>) -> Self {
        let labelled = |labels: &[usize]| {
            let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
            for (case, &label) in labels.iter().enumerate() {
                members.entry(label).or_default().push(case);
            }
            members.into_values()
        };
        let singles = |cases: Vec<usize>| cases.into_iter().map(|case| vec![case]).collect::<Vec<_>>();
        Self(match design {
            Design::Cases(n) => vec![singles((0..n).collect())],
            Design::Strata(labels) => labelled(labels).map(singles).collect(),
            Design::Clusters(labels) => vec![labelled(labels).collect()],
        })
    }

    fn units(&self) -> usize {
        self.0.iter().map(Vec::len).sum()
    }

    fn cases(&self) -> usize {
        self.0.iter().flatten().map(Vec::len).sum()
    }

    /// Positions of the cases of one resample.
    fn draw(&self, seed: u64, replicate: usize) -> Vec<usize> {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        let mut generator = ChaCha8Rng::from_seed(key);
        generator.set_stream(replicate as u64);
        let mut drawn = Vec::with_capacity(self.cases());
        for pool in &self.0 {
            for _ in 0..pool.len() {
                drawn.extend_from_slice(&pool[below(&mut generator, pool.len() as u64) as usize]);
            }
        }
        drawn
    }

    /// Positions of all cases but those of one unit, for each unit.
    fn without_each(&self) -> impl Iterator<Item = Vec<usize>> + '_ {
        let units: Vec<&Vec<usize>> = self.0.iter().flatten().collect();
        (0..units.len()).map(move |out| {
            let mut rest: Vec<usize> = units
                .iter()
                .enumerate()
                .filter(|(at, _)| *at != out)
                .flat_map(|(_, unit)| unit.iter().copied())
                .collect();
            rest.sort_unstable();
            rest
        })
    }
}

/// A whole number below `n`, each as likely.
fn below(generator: &mut ChaCha8Rng, n: u64) -> u64 {
    let favoured = n.wrapping_neg() % n;
    loop {
        let product = u128::from(generator.next_u64()) * u128::from(n);
        if product as u64 >= favoured {
            return (product >> 64) as u64;
        }
    }
}

/// Positions of the cases of resample `replicate`, from 0: for callers that keep the resamples themselves, or share them
/// among threads.
///
/// ```
/// use voxomics_statistics::bootstrap::{Design, resample};
///
/// let first = resample(Design::Cases(5), 7, 0)?;
/// assert!(first.len() == 5 && first.iter().all(|case| *case < 5));
/// assert_eq!(first, resample(Design::Cases(5), 7, 0)?);
/// // Two lesions of one patient are drawn together.
/// assert!(resample(Design::Clusters(&[1, 1, 2, 2]), 7, 0)?.len() == 4);
/// # Ok::<(), voxomics_statistics::Error>(())
/// ```
///
/// # Errors
/// [`Error::Empty`] without cases.
pub fn resample(design: Design<'_>, seed: u64, replicate: usize) -> Result<Vec<usize>> {
    let pools = Pools::new(design);
    if pools.units() == 0 { Err(Error::Empty { what: "cases" }) } else { Ok(pools.draw(seed, replicate)) }
}

/// Intervals of `statistic`, which is given positions of cases, some of them more than once.
///
/// ```
/// use voxomics_statistics::{
///     Level,
///     bootstrap::{Design, Plan, bootstrap},
/// };
///
/// let values = [1.0, 2.0, 3.0, 4.0, 5.0];
/// let plan = Plan { design: Design::Cases(5), replicates: 1000, seed: 7, level: Level::P95 };
/// let mean = bootstrap(&plan, |cases| Ok(cases.iter().map(|case| values[*case]).sum::<f64>() / cases.len() as f64))?;
/// assert_eq!((mean.estimate, mean.failed), (3.0, 0));
/// assert!(mean.percentile.low < 3.0 && mean.percentile.high > 3.0);
/// # Ok::<(), voxomics_statistics::Error>(())
/// ```
///
/// # Errors
/// What `statistic` says of the cases as they are; [`Error::TooFew`] for less than two units or less than 100 resamples;
/// [`Error::Unstable`] when it is undefined on more than one resample in ten; [`Error::NotFinite`] for its figures.
pub fn bootstrap(plan: &Plan<'_>, mut statistic: impl FnMut(&[usize]) -> Result<f64>) -> Result<Bootstrap> {
    let pools = Pools::new(plan.design);
    if pools.units() < 2 {
        return Err(Error::TooFew { what: "units to draw from", found: pools.units(), needed: 2 });
    }
    if plan.replicates < 100 {
        return Err(Error::TooFew { what: "resamples", found: plan.replicates, needed: 100 });
    }
    let all: Vec<usize> = (0..pools.cases()).collect();
    let estimate = statistic(&all)?;
    let distribution: Vec<f64> =
        (0..plan.replicates).filter_map(|r| statistic(&pools.draw(plan.seed, r)).ok()).collect();
    let failed = plan.replicates - distribution.len();
    if failed * 10 > plan.replicates {
        return Err(Error::Unstable { failed, replicates: plan.replicates });
    }
    finite("statistic", &[estimate])?;
    let percentile = percentile_interval(&distribution, plan.level)?;
    let n = distribution.len() as f64;
    let mean = distribution.iter().sum::<f64>() / n;
    let squares: f64 = distribution.iter().map(|value| (value - mean).powi(2)).sum();
    // One case less may leave the statistic undefined: then there is no acceleration to speak of.
    let jackknife: Result<Vec<f64>> = pools.without_each().map(|rest| statistic(&rest)).collect();
    let bca = jackknife.and_then(|jackknife| bca_interval(&distribution, estimate, &jackknife, plan.level)).ok();
    Ok(Bootstrap {
        estimate,
        standard_error: (squares / (n - 1.0)).sqrt(),
        percentile,
        bca,
        replicates: plan.replicates,
        failed,
        distribution,
    })
}

/// The percentile interval of figures on resamples.
///
/// ```
/// use voxomics_statistics::{Level, bootstrap::percentile_interval};
///
/// let distribution: Vec<f64> = (0..=200).map(f64::from).collect();
/// let interval = percentile_interval(&distribution, Level::P95)?;
/// assert!((interval.low - 5.0).abs() < 1e-9 && (interval.high - 195.0).abs() < 1e-9);
/// # Ok::<(), voxomics_statistics::Error>(())
/// ```
///
/// # Errors
/// What is wrong with the input.
pub fn percentile_interval(distribution: &[f64], level: Level) -> Result<Interval> {
    limits(distribution, level.tail(), 1.0 - level.tail())
}

/// The bias-corrected and accelerated interval (Efron, J. Am. Stat. Assoc. 82:171, 1987): quantiles at
/// Φ(z₀ + (z₀ ± z)/(1 − a(z₀ ± z))), with z₀ = Φ⁻¹(share of resamples below the estimate, equal ones by half) and
/// a = Σ δ³ / (6·(Σ δ²)^1.5), δ = mean − value over `jackknife`, the statistic without each of the units.
///
/// ```
/// use voxomics_statistics::{Level, bootstrap::bca_interval};
///
/// // An estimate in the middle of its resamples needs no correction.
/// let distribution: Vec<f64> = (0..=200).map(f64::from).collect();
/// let interval = bca_interval(&distribution, 100.0, &[99.0, 100.0, 101.0], Level::P95)?;
/// assert!((interval.low - 5.0).abs() < 1e-6 && (interval.high - 195.0).abs() < 1e-6);
/// # Ok::<(), voxomics_statistics::Error>(())
/// ```
///
/// # Errors
/// [`Error::Constant`] when leaving out a unit never matters, [`Error::Undefined`] when the estimate lies outside of all
/// resamples or the correction has no solution, and what is wrong with the input.
pub fn bca_interval(distribution: &[f64], estimate: f64, jackknife: &[f64], level: Level) -> Result<Interval> {
    finite("figures on resamples", distribution)?;
    finite("statistic", &[estimate])?;
    finite("figures without a unit", jackknife)?;
    let below = distribution.iter().filter(|&&value| value < estimate).count();
    let equal = distribution.iter().filter(|&&value| value == estimate).count();
    let share = (below as f64 + 0.5 * equal as f64) / distribution.len() as f64;
    if share <= 0.0 || share >= 1.0 {
        let reason = "the estimate lies outside of all resamples";
        return Err(Error::Undefined { what: "the BCa interval", reason });
    }
    let bias = normal_quantile(share);
    let mean = jackknife.iter().sum::<f64>() / jackknife.len() as f64;
    let power = |k: i32| jackknife.iter().map(|value| (mean - value).powi(k)).sum::<f64>();
    let spread = power(2);
    if spread <= 0.0 {
        return Err(Error::Constant { what: "figures without a unit".to_owned() });
    }
    let acceleration = power(3) / (6.0 * spread.powf(1.5));
    let corrected = |z: f64| {
        let denominator = 1.0 - acceleration * (bias + z);
        (denominator > 0.0).then(|| normal_cdf(bias + (bias + z) / denominator))
    };
    match (corrected(-level.z()), corrected(level.z())) {
        (Some(low), Some(high)) => limits(distribution, low, high),
        _ => Err(Error::Undefined { what: "the BCa interval", reason: "the acceleration is too large" }),
    }
}

fn limits(distribution: &[f64], low: f64, high: f64) -> Result<Interval> {
    let found = quantiles(distribution, &[low, high])?;
    Ok(Interval { low: found[0], high: found[1] })
}
