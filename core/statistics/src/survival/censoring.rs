//! How long observations stay uncensored: the weights of everything that makes up for censoring.

use crate::input::Survival;

/// The Kaplan–Meier estimate G of the time to censoring. Events leave the risk set first, as everywhere here.
///
/// ```
/// use voxomics_statistics::{Survival, survival::censoring::Censoring};
///
/// // At the time 2, one of three is censored.
/// let censoring = Censoring::new(Survival::new(&[1.0, 2.0, 3.0, 4.0], &[true, false, true, true])?);
/// assert_eq!(censoring.before(2.0), 1.0);
/// assert!((censoring.at(2.0) - 2.0 / 3.0).abs() < 1e-12);
/// # Ok::<(), voxomics_statistics::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Censoring {
    /// Times of censorings, with G from that time on.
    steps: Vec<(f64, f64)>,
}

impl Censoring {
    /// Of these observations.
    pub fn new(data: Survival<'_>) -> Self {
        let (times, events, order) = (data.times(), data.events(), data.order());
        let (mut at_risk, mut free) = (data.len(), 1.0);
        let mut steps = Vec::new();
        for tied in order.chunk_by(|&a, &b| times[a] == times[b]) {
            let ended = tied.iter().filter(|&&case| events[case]).count();
            let censored = tied.len() - ended;
            if censored > 0 {
                let left = at_risk - ended;
                free *= (left - censored) as f64 / left as f64;
                steps.push((times[tied[0]], free));
            }
            at_risk -= tied.len();
        }
        Self { steps }
    }

    /// G just before a time.
    pub fn before(&self, time: f64) -> f64 {
        self.after(self.steps.partition_point(|(at, _)| *at < time))
    }

    /// G at a time.
    pub fn at(&self, time: f64) -> f64 {
        self.after(self.steps.partition_point(|(at, _)| *at <= time))
    }

    fn after(&self, passed: usize) -> f64 {
        passed.checked_sub(1).map_or(1.0, |last| self.steps[last].1)
    }
}
