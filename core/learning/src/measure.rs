//! How good predictions are.

use crate::{
    Response, Ties,
    elastic_net::{Cox, order, softplus_and_probability},
};

/// What a cross-validation measures.
///
/// ```
/// use voxomics_learning::{Response, measure::Measure};
///
/// let response = Response::Gaussian(vec![1.0, 3.0]);
/// // (1² + 0²) / 2, of two rows.
/// assert_eq!(Measure::SquareError.of(&response, &[2.0, 3.0], &[1.0; 2]), Some((0.5, 2.0)));
/// assert!(!Measure::SquareError.more_is_better() && Measure::Auc.more_is_better());
/// assert!(Measure::SquareError.suits(&response) && !Measure::Auc.suits(&response));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// Gaussian: the mean square error; binomial: −2 · mean log-likelihood; Cox: the deviance of the partial likelihood
    /// with the fold's rows less that without them, per event.
    Deviance,
    /// Mean square error of a number; of the probability for a class (Brier's score).
    SquareError,
    /// Area under the receiver operating characteristic of a class.
    Auc,
    /// Harrell's concordance of a time.
    Concordance,
}

impl Measure {
    /// Its name in tables and model files, as `auc`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Deviance => "deviance",
            Self::SquareError => "mse",
            Self::Auc => "auc",
            Self::Concordance => "concordance",
        }
    }

    /// Whether more is better.
    pub fn more_is_better(self) -> bool {
        matches!(self, Self::Auc | Self::Concordance)
    }

    /// Whether it says something about such a response.
    pub fn suits(self, response: &Response) -> bool {
        match self {
            Self::Deviance => true,
            Self::SquareError => !matches!(response, Response::Cox { .. }),
            Self::Auc => matches!(response, Response::Binomial(_)),
            Self::Concordance => matches!(response, Response::Cox { .. }),
        }
    }

    /// The measure of linear predictors, and how much it counts: the sum of the weights of the rows.
    ///
    /// `None` if it is not defined: no pair of rows can be compared, the rows weigh nothing, the measure does not suit,
    /// or it is the deviance of Cox's model, which takes [`CoxDeviance`].
    pub fn of(self, response: &Response, eta: &[f64], weights: &[f64]) -> Option<(f64, f64)> {
        let total: f64 = weights.iter().sum();
        let value = match (self, response) {
            (Self::Deviance | Self::SquareError, Response::Gaussian(y)) => {
                mean(y, eta, weights, |y, eta| (y - eta) * (y - eta))
            }
            (Self::Deviance, Response::Binomial(y)) => {
                mean(y, eta, weights, |y, eta| 2.0 * softplus_and_probability(if y == 1.0 { -eta } else { eta }).0)
            }
            (Self::SquareError, Response::Binomial(y)) => {
                mean(y, eta, weights, |y, eta| (y - softplus_and_probability(eta).1).powi(2))
            }
            (Self::Auc, Response::Binomial(y)) => auc(y, eta, weights)?,
            (Self::Concordance, Response::Cox { time, event }) => concordance(time, event, eta, weights)?,
            _ => return None,
        };
        (total > 0.0).then_some((value, total))
    }
}

fn mean(y: &[f64], eta: &[f64], weights: &[f64], loss: impl Fn(f64, f64) -> f64) -> f64 {
    let terms = y.iter().zip(eta).zip(weights).map(|((y, eta), w)| w * loss(*y, *eta));
    terms.sum::<f64>() / weights.iter().sum::<f64>()
}

/// The probability that a row of class 1 has the higher score than one of class 0, equal scores counted half; rows
/// count by their weights. `None` without both classes.
///
/// ```
/// use voxomics_learning::measure::auc;
///
/// // Of four pairs, three are in order.
/// assert_eq!(auc(&[1.0, 1.0, 0.0, 0.0], &[0.9, 0.4, 0.5, 0.1], &[1.0; 4]), Some(0.75));
/// assert_eq!(auc(&[1.0, 1.0], &[0.9, 0.4], &[1.0; 2]), None);
/// ```
pub fn auc(y: &[f64], score: &[f64], weights: &[f64]) -> Option<f64> {
    let mut rows: Vec<usize> = (0..y.len()).collect();
    rows.sort_by(|i, j| score[*i].total_cmp(&score[*j]));
    let (mut below, mut concordant, mut ones) = (0.0, 0.0, 0.0);
    for equal in rows.chunk_by(|i, j| score[*i] == score[*j]) {
        let of = |class: f64| equal.iter().filter(|i| y[**i] == class).map(|i| weights[*i]).sum::<f64>();
        let (zero, one) = (of(0.0), of(1.0));
        concordant += one * (below + 0.5 * zero);
        below += zero;
        ones += one;
    }
    (below > 0.0 && ones > 0.0).then(|| concordant / (below * ones))
}

/// Harrell's C: among pairs of which one is known to have lived longer, the fraction in which the other has the higher
/// score, equal scores counted half; pairs count by the product of their weights. `None` without such a pair. O(n log n).
///
/// ```
/// use voxomics_learning::measure::concordance;
///
/// // Of five pairs with an event first, four are in order.
/// let event = [true, true, false, true];
/// assert_eq!(concordance(&[1.0, 2.0, 3.0, 4.0], &event, &[9.0, 1.0, 2.0, 0.0], &[1.0; 4]), Some(0.8));
/// ```
pub fn concordance(time: &[f64], event: &[bool], score: &[f64], weights: &[f64]) -> Option<f64> {
    let mut scores = score.to_vec();
    scores.sort_by(f64::total_cmp);
    scores.dedup();
    let rank = |i: usize| scores.partition_point(|other| *other < score[i]);
    let mut order: Vec<usize> = (0..time.len()).collect();
    order.sort_by(|i, j| time[*j].total_cmp(&time[*i]));
    let mut later = Weights { tree: vec![0.0; scores.len() + 1], total: 0.0 };
    let (mut concordant, mut comparable) = (0.0, 0.0);
    for tied in order.chunk_by(|i, j| time[*i] == time[*j]) {
        // Who is censored at a time has outlived the events of that time.
        tied.iter().filter(|i| !event[**i]).for_each(|i| later.add(rank(*i), weights[*i]));
        for i in tied.iter().copied().filter(|i| event[*i]) {
            let (below, up_to) = (later.below(rank(i)), later.below(rank(i) + 1));
            concordant += weights[i] * (below + 0.5 * (up_to - below));
            comparable += weights[i] * later.total;
        }
        tied.iter().filter(|i| event[**i]).for_each(|i| later.add(rank(*i), weights[*i]));
    }
    (comparable > 0.0).then(|| concordant / comparable)
}

/// Sums of weights by rank, in logarithmic time (Fenwick, Softw. Pract. Exp. 24:327, 1994).
struct Weights {
    tree: Vec<f64>,
    total: f64,
}

impl Weights {
    fn add(&mut self, rank: usize, weight: f64) {
        let mut at = rank + 1;
        while at < self.tree.len() {
            self.tree[at] += weight;
            at += at & at.wrapping_neg();
        }
        self.total += weight;
    }

    /// The sum of all whose rank is below `rank`.
    fn below(&self, rank: usize) -> f64 {
        let (mut at, mut sum) = (rank.min(self.tree.len() - 1), 0.0);
        while at > 0 {
            sum += self.tree[at];
            at &= at - 1;
        }
        sum
    }
}

/// The deviance of Cox's partial likelihood, ready for many sets of linear predictors.
///
/// ```
/// use voxomics_learning::{Ties, measure::CoxDeviance};
///
/// // Two events, and no difference between the rows: one of two, then one of one. The likelihood is 1/2.
/// let mut deviance = CoxDeviance::new(&[1.0, 2.0], &[true, true], &[1.0; 2], Ties::Efron);
/// assert!((deviance.of(&[0.0, 0.0]) - 2.0 * 2_f64.ln()).abs() < 1e-12);
/// ```
pub struct CoxDeviance {
    rows: Vec<usize>,
    loss: Cox,
    saturated: f64,
    eta: Vec<f64>,
}

impl CoxDeviance {
    /// Of some rows; weights count as they are.
    pub fn new(time: &[f64], event: &[bool], weights: &[f64], ties: Ties) -> Self {
        let rows = order(time, event);
        let times: Vec<f64> = rows.iter().map(|i| time[*i]).collect();
        let events: Vec<bool> = rows.iter().map(|i| event[*i]).collect();
        let loss = Cox::new(&times, &events, rows.iter().map(|i| weights[*i]).collect(), ties);
        Self { saturated: loss.saturated_loss(), eta: vec![0.0; rows.len()], rows, loss }
    }

    /// 2 · (saturated − present log-likelihood).
    pub fn of(&mut self, eta: &[f64]) -> f64 {
        for (place, row) in self.eta.iter_mut().zip(&self.rows) {
            *place = eta[*row];
        }
        2.0 * (self.loss.value(&self.eta) - self.saturated)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn auc_counts_pairs() {
        // Pairs of (class 0, class 1): (1, 2) right, (1, 3) right, (2, 2) half, (2, 3) right.
        let y = [0.0, 0.0, 1.0, 1.0];
        assert_eq!(auc(&y, &[1.0, 2.0, 2.0, 3.0], &[1.0; 4]), Some(3.5 / 4.0));
        assert_eq!(auc(&y, &[1.0, 2.0, 2.0, 3.0], &[1.0, 3.0, 1.0, 1.0]), Some((2.0 + 1.5 + 3.0) / 8.0));
        assert_eq!(auc(&[1.0, 1.0], &[1.0, 2.0], &[1.0; 2]), None);
    }

    #[test]
    fn concordance_compares_only_what_is_known() {
        let (time, event) = ([1.0, 2.0, 2.0, 3.0], [true, false, true, false]);
        // (1, 2), (1, 2), (1, 3); of time 2: the event before the censored one, and before 3.
        let score = [4.0, 1.0, 3.0, 3.0];
        assert_eq!(concordance(&time, &event, &score, &[1.0; 4]), Some(4.5 / 5.0));
        assert_eq!(concordance(&time, &[false; 4], &score, &[1.0; 4]), None);
    }

    #[test]
    fn concordance_is_that_of_all_pairs_one_by_one() {
        let mut normal = crate::testing::Normal::new(6);
        for _ in 0..50 {
            let mut draw = |most: f64| (0..40).map(|_| (normal.uniform() * most).floor()).collect::<Vec<f64>>();
            let (time, score, flag) = (draw(12.0), draw(9.0), draw(2.0));
            let weights: Vec<f64> = draw(4.0).iter().map(|w| w / 3.0).collect();
            let event: Vec<bool> = flag.iter().map(|flag| *flag == 1.0).collect();
            let (mut concordant, mut comparable) = (0.0, 0.0);
            for i in (0..40).filter(|i| event[*i]) {
                for j in (0..40).filter(|j| time[*j] > time[i] || (time[*j] == time[i] && !event[*j])) {
                    comparable += weights[i] * weights[j];
                    concordant += weights[i]
                        * weights[j]
                        * [0.0, 0.5, 1.0][1 + (score[i] > score[j]) as usize - (score[i] < score[j]) as usize];
                }
            }
            let found = concordance(&time, &event, &score, &weights).expect("pairs");
            assert!((found - concordant / comparable).abs() < 1e-12, "{found}");
        }
    }

    #[test]
    fn the_deviance_of_a_class_is_that_of_its_probability() {
        let response = Response::Binomial(vec![1.0, 0.0]);
        let eta = [(0.8_f64 / 0.2).ln(), (0.4_f64 / 0.6).ln()];
        let (value, weight) = Measure::Deviance.of(&response, &eta, &[1.0, 3.0]).expect("it is defined");
        assert!((value + 2.0 * (0.8_f64.ln() + 3.0 * 0.6_f64.ln()) / 4.0).abs() < 1e-15 && weight == 4.0);
        let (brier, _) = Measure::SquareError.of(&response, &eta, &[1.0, 3.0]).expect("it is defined");
        assert!((brier - (0.04 + 3.0 * 0.16) / 4.0).abs() < 1e-15);
    }

    #[test]
    fn the_deviance_of_times_without_ties_is_that_of_the_partial_likelihood() {
        let mut deviance = CoxDeviance::new(&[1.0, 2.0, 3.0], &[true, true, false], &[1.0; 3], Ties::Efron);
        let e = |x: f64| x.exp();
        let eta = [0.3, -0.2, 0.5];
        let likelihood = (0.3 - (e(0.3) + e(-0.2) + e(0.5)).ln()) + (-0.2 - (e(-0.2) + e(0.5)).ln());
        assert!((deviance.of(&eta) + 2.0 * likelihood).abs() < 1e-14);
    }
}
