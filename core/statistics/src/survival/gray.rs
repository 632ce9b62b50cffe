//! Gray's test: whether groups have the same cumulative incidence of an event beside others that prevent it.

use serde::Serialize;

use super::competing::{Cause, causes};
use crate::{
    distribution::chi_squared_upper,
    error::{Error, Result},
    input::same_length,
    linear::{Cholesky, dot},
};

/// The test.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Gray {
    /// The statistic, 0 or above.
    pub chi_squared: f64,
    /// Groups − 1.
    pub degrees: usize,
    /// From the chi-squared distribution.
    pub p: f64,
}

/// What is at risk in each group, and the estimates just before a time.
struct State {
    at_risk: Vec<f64>,
    /// Probability of nothing so far.
    free: Vec<f64>,
    /// Incidence of the event.
    incidence: Vec<f64>,
    /// Incidence of the event if all groups are one population.
    together: f64,
}

/// Events and competing events of each group at a time.
struct Ended {
    events: Vec<f64>,
    others: Vec<f64>,
}

/// Sums over times: the scores, and what their variance is made of (the names are those of the paper's appendix).
struct Sums {
    score: Vec<f64>,
    variance: Vec<f64>,
    c: Vec<f64>,
    v2: Vec<f64>,
    v3: Vec<f64>,
}

/// The test of Gray (Ann. Stat. 16:1141, 1988) with ρ = 0 that all groups have the same cumulative incidence of the cause `of`. `cause`
/// is 0 for an observation that was censored, otherwise the number of what happened. The log-rank test beside it compares
/// rates among those still free of everything, and may say otherwise. As `cuminc` of R's cmprsk.
///
/// ```
/// use voxomics_statistics::survival::gray::gray;
///
/// // Two groups to which the same happens.
/// let found = gray(&[1.0, 1.0, 2.0, 2.0, 3.0, 3.0], &[1, 1, 2, 2, 1, 1], 1, &[0, 1, 0, 1, 0, 1])?;
/// assert!(found.chi_squared.abs() < 1e-12 && found.degrees == 1);
/// # Ok::<(), voxomics_statistics::Error>(())
/// ```
///
/// # Errors
/// What is wrong with the input; [`Error::NoEvents`] of this cause; [`Error::OneGroup`]; [`Error::Undefined`] if chance is left
/// nothing.
pub fn gray(times: &[f64], cause: &[usize], of: usize, group: &[usize]) -> Result<Gray> {
    let cause = causes(times, cause, of)?;
    same_length(("times", times.len()), ("groups", group.len()))?;
    let mut labels = group.to_vec();
    labels.sort_unstable();
    labels.dedup();
    let groups = labels.len();
    if groups < 2 {
        return Err(Error::OneGroup);
    }
    let of_group: Vec<usize> = group.iter().map(|label| labels.partition_point(|other| other < label)).collect();
    let mut order: Vec<usize> = (0..times.len()).collect();
    order.sort_by(|&a, &b| times[a].total_cmp(&times[b]));
    let zeros = || vec![0.0; groups];
    let mut state = State { at_risk: zeros(), free: vec![1.0; groups], incidence: zeros(), together: 0.0 };
    of_group.iter().for_each(|&of| state.at_risk[of] += 1.0);
    let square = || vec![0.0; groups * groups];
    let mut sums = Sums { score: zeros(), variance: square(), c: square(), v2: square(), v3: zeros() };
    for tied in order.chunk_by(|&a, &b| times[a] == times[b]) {
        let mut ended = Ended { events: zeros(), others: zeros() };
        for &case in tied {
            match cause[case] {
                Cause::Event => ended.events[of_group[case]] += 1.0,
                Cause::Other => ended.others[of_group[case]] += 1.0,
                Cause::Censored => {}
            }
        }
        state.pass(&ended, &mut sums);
        tied.iter().for_each(|&case| state.at_risk[of_group[case]] -= 1.0);
    }
    statistic(&sums, groups)
}

impl State {
    /// Goes over a time.
    fn pass(&mut self, ended: &Ended, sums: &mut Sums) {
        let groups = self.at_risk.len();
        let (events, others): (f64, f64) = (ended.events.iter().sum(), ended.others.iter().sum());
        if events + others == 0.0 {
            return;
        }
        let there: Vec<usize> = (0..groups).filter(|&k| self.at_risk[k] > 0.0).collect();
        let of = |k: usize| self.at_risk[k] / self.free[k];
        let all: f64 = there.iter().map(|&k| of(k)).sum();
        let exposed: f64 = there.iter().map(|&k| of(k) * (1.0 - self.incidence[k])).sum();
        let (mut free, mut incidence) = (self.free.clone(), self.incidence.clone());
        for &k in &there {
            free[k] = self.free[k] * (self.at_risk[k] - ended.events[k] - ended.others[k]) / self.at_risk[k];
            incidence[k] += self.free[k] * ended.events[k] / self.at_risk[k];
        }
        let together = self.together + events / all;
        let mut a = vec![0.0; groups * groups];
        for &k in &there {
            for &l in &there {
                let same = if k == l { of(k) } else { 0.0 };
                a[k * groups + l] = same - of(k) * of(l) / all;
                if events > 0.0 {
                    sums.c[k * groups + l] += a[k * groups + l] * events / (all * (1.0 - self.together));
                }
            }
        }
        if events > 0.0 {
            for &k in &there {
                sums.score[k] += ended.events[k] - events * of(k) * (1.0 - self.incidence[k]) / exposed;
            }
        }
        for &k in &there {
            let left = if free[k] > 0.0 { (1.0 - together) / free[k] } else { 0.0 };
            if events > 0.0 {
                // Tied events leave less to chance.
                let ties = if events > 1.0 { 1.0 - (events - 1.0) / (all * self.free[k] - 1.0) } else { 1.0 };
                let weight = ties * self.free[k] * events / (all * self.at_risk[k]);
                sums.add(k, 1.0 - left, weight, |i| a[i * groups + k]);
            }
            if ended.others[k] > 0.0 && free[k] > 0.0 {
                let many = ended.others[k];
                let ties = if many > 1.0 { 1.0 - (many - 1.0) / (self.at_risk[k] - 1.0) } else { 1.0 };
                let weight = ties * (self.free[k] / self.at_risk[k]).powi(2) * many;
                sums.add(k, -left, weight, |_| 0.0);
            }
        }
        (self.free, self.incidence, self.together) = (free, incidence, together);
    }
}

impl Sums {
    /// Adds what the events of group `k` leave to chance; `share` is what goes with `c`, and `own` the part of each group's score.
    fn add(&mut self, k: usize, share: f64, weight: f64, own: impl Fn(usize) -> f64) {
        let groups = self.v3.len();
        self.v3[k] += share * share * weight;
        let parts: Vec<f64> = (0..groups).map(|i| own(i) - share * self.c[i * groups + k]).collect();
        for i in 0..groups {
            self.v2[i * groups + k] += parts[i] * share * weight;
            for j in 0..groups {
                self.variance[i * groups + j] += parts[i] * parts[j] * weight;
            }
        }
    }
}

/// From the sums to the statistic: the score of the last group follows from the others.
fn statistic(sums: &Sums, groups: usize) -> Result<Gray> {
    let free = groups - 1;
    let of = |i: usize, j: usize| {
        let mut value = sums.variance[i * groups + j];
        for k in 0..groups {
            let (ci, cj) = (sums.c[i * groups + k], sums.c[j * groups + k]);
            value += ci * cj * sums.v3[k] + ci * sums.v2[j * groups + k] + cj * sums.v2[i * groups + k];
        }
        value
    };
    let variance: Vec<f64> = (0..free).flat_map(|i| (0..free).map(move |j| (i, j))).map(|(i, j)| of(i, j)).collect();
    let scale: Vec<f64> = (0..free).map(|i| variance[i * free + i].max(f64::MIN_POSITIVE)).collect();
    let factor = Cholesky::new(&variance, &scale).map_err(|_| Error::Undefined {
        what: "Gray's test",
        reason: "the events leave nothing to chance between the groups",
    })?;
    let score = &sums.score[..free];
    let chi_squared = dot(&factor.solve(score), score);
    if !chi_squared.is_finite() {
        return Err(Error::Undefined { what: "Gray's test", reason: "everybody had the event" });
    }
    Ok(Gray { chi_squared, degrees: free, p: chi_squared_upper(chi_squared, free) })
}
