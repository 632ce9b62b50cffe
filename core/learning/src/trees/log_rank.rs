//! The split whose sides differ most by the log-rank test, as in a random survival forest (H. Ishwaran et al., Ann Appl Stat 2:841,
//! 2008), and what a leaf of one says.

use super::grow::{Cut, Rule, better};

/// Times, events, and how often each row was drawn.
#[derive(Debug, Clone)]
pub struct LogRank<'a> {
    times: &'a [f64],
    events: &'a [bool],
    drawn: &'a [u32],
    /// Of each row of the node: how many of the node's times of events lie at or before its own.
    passed: Vec<usize>,
    steps: Vec<Step>,
    total: f64,
    counts: Running,
    weighted: Running,
}

/// Sums over the node's times of events, up to and with one of them; the first is none.
#[derive(Debug, Clone, Copy, Default)]
struct Step {
    /// Nelson and Aalen's hazard.
    hazard: f64,
    /// Σ w.
    weight: f64,
    /// Σ w·Y, with Y the rows at risk.
    at_risk: f64,
}

impl<'a> LogRank<'a> {
    /// The times of all rows; rows that were not drawn must not be asked about.
    pub fn new(times: &'a [f64], events: &'a [bool], drawn: &'a [u32]) -> Self {
        let passed = vec![0; times.len()];
        let (counts, weighted) = (Running::default(), Running::default());
        Self { times, events, drawn, passed, steps: Vec::new(), total: 0.0, counts, weighted }
    }
}

impl Rule for LogRank<'_> {
    fn enter(&mut self, rows: &[usize]) -> bool {
        self.total = rows.iter().map(|row| f64::from(self.drawn[*row])).sum();
        let mut order = rows.to_vec();
        order.sort_by(|a, b| self.times[*a].total_cmp(&self.times[*b]).then(a.cmp(b)));
        self.steps.clear();
        self.steps.push(Step::default());
        let mut at_risk = self.total;
        let mut step = Step::default();
        for tied in order.chunk_by(|a, b| self.times[*a] == self.times[*b]) {
            let count = |counts: &dyn Fn(usize) -> bool| -> f64 {
                tied.iter().filter(|row| counts(**row)).map(|row| f64::from(self.drawn[*row])).sum()
            };
            let events = count(&|row| self.events[row]);
            if events > 0.0 {
                // The variance of the events on one side, of so many at risk there: Y₁·(Y − Y₁)·w.
                let weight = match at_risk > 1.0 {
                    true => events * (at_risk - events) / ((at_risk - 1.0) * at_risk * at_risk),
                    false => 0.0,
                };
                step.hazard += events / at_risk;
                step.weight += weight;
                step.at_risk += weight * at_risk;
                self.steps.push(step);
            }
            tied.iter().for_each(|row| self.passed[*row] = self.steps.len() - 1);
            at_risk -= count(&|_| true);
        }
        self.steps.len() > 1
    }

    /// The gain is |observed − expected| / √variance of the events on the left.
    fn cut(&mut self, rows: &[usize], values: &[f64], leaf: f64) -> Option<Cut> {
        self.counts.clear(self.steps.len());
        self.weighted.clear(self.steps.len());
        // Observed less expected events, Σ w·Y₁·Y, Σ w·Y₁², and rows.
        let (mut excess, mut of_all, mut squares, mut count) = (0.0, 0.0, 0.0, 0.0);
        let mut best: Option<Cut> = None;
        for left in 1..rows.len() {
            let row = rows[left - 1];
            let (many, at) = (f64::from(self.drawn[row]), self.passed[row]);
            let step = self.steps[at];
            // Σ w·Y₁ up to the row's time, before the row itself is at risk.
            let before = self.weighted.up_to(at) + step.weight * (count - self.counts.up_to(at));
            squares += many * (2.0 * before + many * step.weight);
            excess += many * (f64::from(u8::from(self.events[row])) - step.hazard);
            of_all += many * step.at_risk;
            count += many;
            self.counts.add(at, many);
            self.weighted.add(at, many * step.weight);
            if values[left - 1] == values[left] || count < leaf || self.total - count < leaf {
                continue;
            }
            let variance = of_all - squares;
            if variance <= of_all * 1e-12 {
                continue;
            }
            let gain = excess.abs() / variance.sqrt();
            if gain > 1e-12 && better(gain, best.map_or(0.0, |best| best.gain)) {
                best = Some(Cut { left, gain });
            }
        }
        best
    }
}

/// Sums of the first numbers of a list that changes (P. M. Fenwick, "A new data structure for cumulative frequency tables", Softw Pract
/// Exp 24:327, 1994).
#[derive(Debug, Clone, Default)]
struct Running(Vec<f64>);

impl Running {
    /// So many zeros.
    fn clear(&mut self, count: usize) {
        self.0.clear();
        self.0.resize(count + 1, 0.0);
    }

    fn add(&mut self, at: usize, value: f64) {
        let mut place = at + 1;
        while place < self.0.len() {
            self.0[place] += value;
            place += place & place.wrapping_neg();
        }
    }

    /// The sum of the numbers up to and with a place.
    fn up_to(&self, at: usize) -> f64 {
        let (mut place, mut sum) = (at + 1, 0.0);
        while place > 0 {
            sum += self.0[place];
            place &= place - 1;
        }
        sum
    }
}

/// An event of some rows: how many of those at risk have it at a time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Jump {
    /// The time, in the unit of the data.
    pub time: f64,
    /// Events by rows at risk: what is added to the cumulative hazard (Nelson and Aalen), and 1 less the factor of the survival
    /// (Kaplan and Meier).
    pub hazard: f64,
}

/// The events of some rows, in the order of the times.
///
/// ```
/// use voxomics_learning::trees::log_rank::jumps;
///
/// // One of three at risk has the event, then one of two. The last one is censored.
/// let found = jumps(&[1.0, 2.0, 3.0], &[true, true, false], &[1, 1, 1], &[0, 1, 2]);
/// assert_eq!(found.iter().map(|jump| jump.hazard).collect::<Vec<_>>(), [1.0 / 3.0, 0.5]);
/// ```
pub fn jumps(times: &[f64], events: &[bool], drawn: &[u32], rows: &[usize]) -> Vec<Jump> {
    let mut order = rows.to_vec();
    order.sort_by(|a, b| times[*a].total_cmp(&times[*b]));
    let count = |rows: &[usize]| -> f64 { rows.iter().map(|row| f64::from(drawn[*row])).sum() };
    let mut at_risk = count(&order);
    let mut found = Vec::new();
    for tied in order.chunk_by(|a, b| times[*a] == times[*b]) {
        let with: Vec<usize> = tied.iter().copied().filter(|row| events[*row]).collect();
        if !with.is_empty() {
            found.push(Jump { time: times[tied[0]], hazard: count(&with) / at_risk });
        }
        at_risk -= count(tied);
    }
    found
}
