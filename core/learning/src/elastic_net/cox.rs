//! Cox's proportional hazards: the partial likelihood with ties of Breslow or Efron.
//!
//! Rows are ordered by falling time. An event time with the events D, total weight w(D) of d events and the risk set R
//! adds, for each l = 0 … d − 1 (Efron; Breslow has d times l = 0), (w(D)/d)·log(Σ_R w·e^η − (l/d)·Σ_D w·e^η) to
//! −Σ_D w·η. Weights as in weighted partial likelihoods with Efron's ties: each of the d terms has the mean weight of
//! the events.

use crate::data::Ties;

use super::newton::Loss;

/// A time with events: the rows at risk are 0 … `risk`; the events are at the end of them, `first` … `first + count`.
#[derive(Debug, Clone, Copy)]
struct Moment {
    first: usize,
    count: usize,
    risk: usize,
    /// Mean weight of the events.
    weight: f64,
}

/// One logarithm: of the sum over the rows at risk, less a fraction of the sum over the events.
#[derive(Debug, Clone, Copy)]
struct Term {
    moment: usize,
    fraction: f64,
    /// How often it counts.
    weight: f64,
    /// The logarithm's argument.
    sum: f64,
}

/// The mean negative logarithm of the partial likelihood.
pub(crate) struct Cox {
    weights: Vec<f64>,
    /// Weight of the row if it has an event, else 0.
    events: Vec<f64>,
    moments: Vec<Moment>,
    terms: Vec<Term>,
    /// w·e^(η − max η).
    hazards: Vec<f64>,
    /// √ of the diagonal of the second derivatives.
    roots: Vec<f64>,
}

/// The order in which [`Cox::new`] takes rows: falling times, at each time those without an event first; rows in
/// between keep their order.
pub(crate) fn order(time: &[f64], event: &[bool]) -> Vec<usize> {
    let mut rows: Vec<usize> = (0..time.len()).collect();
    rows.sort_by(|i, j| time[*j].total_cmp(&time[*i]).then(event[*i].cmp(&event[*j])));
    rows
}

impl Cox {
    /// `time`, `event` and `weights` in their [`order`].
    pub(crate) fn new(time: &[f64], event: &[bool], weights: Vec<f64>, ties: Ties) -> Self {
        let rows = time.len();
        let mut moments: Vec<Moment> = Vec::new();
        let mut end = 0;
        while end < rows {
            let start = end;
            while end < rows && time[end] == time[start] {
                end += 1;
            }
            // An event of weight 0 is none.
            let counts = |i: &usize| event[*i] && weights[*i] > 0.0;
            let count = (start..end).filter(counts).count();
            let weight: f64 = (start..end).filter(counts).map(|i| weights[i]).sum();
            if count > 0 {
                let first = (start..end).find(|i| event[*i]).unwrap_or(end);
                moments.push(Moment { first, count, risk: end, weight: weight / count as f64 });
            }
        }
        let mut terms = Vec::new();
        for (moment, at) in moments.iter().enumerate() {
            let count = at.count as f64;
            match ties {
                Ties::Breslow => terms.push(Term { moment, fraction: 0.0, weight: at.weight * count, sum: 0.0 }),
                Ties::Efron => {
                    let of = |l: usize| Term { moment, fraction: l as f64 / count, weight: at.weight, sum: 0.0 };
                    terms.extend((0..at.count).map(of));
                }
            }
        }
        let events = event.iter().zip(&weights).map(|(event, w)| if *event { *w } else { 0.0 }).collect();
        Self { hazards: vec![0.0; rows], roots: vec![0.0; rows], weights, events, moments, terms }
    }

    /// Fills the hazards and the terms' sums; returns the largest η.
    fn expose(&mut self, eta: &[f64]) -> f64 {
        let top = eta.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        for ((hazard, eta), w) in self.hazards.iter_mut().zip(eta).zip(&self.weights) {
            *hazard = w * (eta - top).exp();
        }
        let (mut row, mut at_risk, mut next) = (0, 0.0, 0);
        for (moment, at) in self.moments.iter().enumerate() {
            at_risk += self.hazards[row..at.risk].iter().sum::<f64>();
            row = at.risk;
            let ending: f64 = self.hazards[at.first..at.risk].iter().sum();
            while next < self.terms.len() && self.terms[next].moment == moment {
                // A row far below the largest η may have no hazard left: its own term must not become log 0.
                let sum = at_risk - self.terms[next].fraction * ending;
                self.terms[next].sum = sum.max(f64::MIN_POSITIVE);
                next += 1;
            }
        }
        top
    }

    /// For each moment, Σ weight/sum over its terms, and the same times the terms' fractions.
    fn pulls(&self, moment: usize, next: &mut usize) -> (f64, f64) {
        let (mut all, mut ending) = (0.0, 0.0);
        while *next > 0 && self.terms[*next - 1].moment == moment {
            let term = &self.terms[*next - 1];
            all += term.weight / term.sum;
            ending += term.fraction * term.weight / term.sum;
            *next -= 1;
        }
        (all, ending)
    }

    /// Calls `row(i, Σ weight/sum over the terms that the row is part of)`, from the last row to the first.
    fn exposures(&self, mut row: impl FnMut(usize, f64)) {
        let (mut pull, mut next) = (0.0, self.terms.len());
        let mut end = self.weights.len();
        // Rows behind the last moment are at risk in none.
        for (moment, at) in self.moments.iter().enumerate().rev() {
            (at.risk..end).for_each(|i| row(i, pull));
            let (all, ending) = self.pulls(moment, &mut next);
            pull += all;
            (at.first..at.risk).for_each(|i| row(i, pull - ending));
            end = at.first;
        }
        (0..end).for_each(|i| row(i, pull));
    }

    /// The loss of a model with a parameter for each row: Σ w(D)/d · log(w(D)·(1 − l/d)). The events of each time then
    /// have equal hazards, above all later ones'.
    pub(crate) fn saturated_loss(&self) -> f64 {
        let of = |term: &Term| {
            let at = &self.moments[term.moment];
            term.weight * (at.weight * at.count as f64 * (1.0 - term.fraction)).ln()
        };
        self.terms.iter().map(of).sum()
    }

    /// The loss without its derivatives.
    pub(crate) fn value(&mut self, eta: &[f64]) -> f64 {
        let top = self.expose(eta);
        let logs: f64 = self.terms.iter().map(|term| term.weight * (term.sum.ln() + top)).sum();
        logs - crate::algebra::dot(&self.events, eta)
    }
}

impl Loss for Cox {
    fn intercept(&self) -> Option<f64> {
        None
    }

    fn evaluate(&mut self, eta: &[f64], u: &mut [f64]) -> f64 {
        let value = self.value(eta);
        self.exposures(|i, pull| u[i] = self.events[i] - self.hazards[i] * pull);
        value
    }

    fn curve(&mut self, eta: &[f64]) {
        self.expose(eta);
        let mut roots = std::mem::take(&mut self.roots);
        self.exposures(|i, pull| roots[i] = (self.hazards[i] * pull).max(0.0).sqrt());
        self.roots = roots;
    }

    fn lengths(&self) -> (usize, usize) {
        (self.roots.len(), self.terms.len())
    }

    fn images(&self, x: &[f64], z: &mut Vec<f64>, q: &mut Vec<f64>) {
        z.extend(x.iter().zip(&self.roots).map(|(x, root)| x * root));
        let (mut row, mut at_risk, mut next) = (0, 0.0, 0);
        for (moment, at) in self.moments.iter().enumerate() {
            at_risk += crate::algebra::dot(&self.hazards[row..at.risk], &x[row..at.risk]);
            row = at.risk;
            let ending = crate::algebra::dot(&self.hazards[at.first..at.risk], &x[at.first..at.risk]);
            while next < self.terms.len() && self.terms[next].moment == moment {
                let term = &self.terms[next];
                q.push(term.weight.sqrt() * (at_risk - term.fraction * ending) / term.sum);
                next += 1;
            }
        }
    }

    fn saturated(&self) -> f64 {
        self.saturated_loss()
    }
}
