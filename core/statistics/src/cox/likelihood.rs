use std::collections::BTreeMap;

use super::{Options, Standard, Ties, proportional::EventTime};
use crate::{input::Survival, linear::dot, newton::Derivatives, survival::kaplan_meier::KaplanMeier};

/// The cases of each stratum, last time first: whoever has been passed is at risk.
pub(super) struct RiskSets {
    columns: usize,
    strata: Vec<Stratum>,
    ties: Ties,
}

/// Cases of one stratum, grouped by time.
struct Stratum {
    /// Row after row.
    design: Vec<f64>,
    events: Vec<bool>,
    /// Each distinct time, with the number of cases up to and with it, last time first.
    times: Vec<(f64, usize)>,
}

/// Sums of the weights e^η over cases, of the weighted rows, and of their products.
struct Sums {
    weight: f64,
    rows: Vec<f64>,
    products: Vec<f64>,
}

impl Sums {
    fn new(columns: usize) -> Self {
        Self { weight: 0.0, rows: vec![0.0; columns], products: vec![0.0; columns * columns] }
    }

    fn clear(&mut self) {
        self.weight = 0.0;
        self.rows.fill(0.0);
        self.products.fill(0.0);
    }

    fn add(&mut self, weight: f64, row: &[f64]) {
        let columns = row.len();
        self.weight += weight;
        for i in 0..columns {
            let weighted = weight * row[i];
            self.rows[i] += weighted;
            for j in 0..=i {
                self.products[i * columns + j] += weighted * row[j];
            }
        }
    }
}

impl RiskSets {
    pub(super) fn new(data: Survival<'_>, columns: &[Standard], options: Options<'_>) -> Self {
        let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for case in data.order().into_iter().rev() {
            members.entry(options.strata.map_or(0, |strata| strata[case])).or_default().push(case);
        }
        let times = data.times();
        let strata = members.into_values().map(|order| Stratum {
            design: order.iter().flat_map(|&case| columns.iter().map(move |column| column.values[case])).collect(),
            events: order.iter().map(|&case| data.events()[case]).collect(),
            times: order
                .chunk_by(|&a, &b| times[a] == times[b])
                .scan(0, |passed, tied| {
                    *passed += tied.len();
                    Some((times[tied[0]], *passed))
                })
                .collect(),
        });
        Self { columns: columns.len(), strata: strata.collect(), ties: options.ties }
    }

    /// Log partial likelihood, score and information at `beta`.
    pub(super) fn derivatives(&self, beta: &[f64]) -> Derivatives {
        let p = self.columns;
        let mut sum = Derivatives { log_likelihood: 0.0, score: vec![0.0; p], information: vec![0.0; p * p] };
        for stratum in &self.strata {
            self.pass(stratum, beta, |event| match event {
                Passed::Event { eta, row } => {
                    sum.log_likelihood += eta;
                    sum.score.iter_mut().zip(row).for_each(|(score, x)| *score += x);
                }
                Passed::Departure { log_weight, mean, products } => {
                    sum.log_likelihood -= log_weight;
                    for i in 0..p {
                        sum.score[i] -= mean[i];
                        for j in 0..=i {
                            sum.information[i * p + j] += products(i, j) - mean[i] * mean[j];
                        }
                    }
                }
                Passed::Time(_) => {}
            });
        }
        for i in 0..p {
            for j in 0..i {
                sum.information[j * p + i] = sum.information[i * p + j];
            }
        }
        sum
    }

    /// Schoenfeld's residuals and the information, summed over the events at each time; `ranks` are the times of all cases
    /// with their mean ranks, in rising order.
    pub(super) fn residuals(&self, beta: &[f64], curve: &KaplanMeier, ranks: &[(f64, f64)]) -> Vec<EventTime> {
        let p = self.columns;
        let mut found = Vec::new();
        for stratum in &self.strata {
            let mut residual = vec![0.0; p];
            let mut information = vec![0.0; p * p];
            let mut events = 0;
            self.pass(stratum, beta, |event| match event {
                Passed::Event { row, .. } => {
                    events += 1;
                    residual.iter_mut().zip(row).for_each(|(sum, x)| *sum += x);
                }
                Passed::Departure { mean, products, .. } => {
                    residual.iter_mut().zip(mean).for_each(|(sum, m)| *sum -= m);
                    for i in 0..p {
                        for j in 0..=i {
                            let added = products(i, j) - mean[i] * mean[j];
                            information[i * p + j] += added;
                            if i != j {
                                information[j * p + i] += added;
                            }
                        }
                    }
                }
                Passed::Time(time) => {
                    if events > 0 {
                        let survival = curve.survival_before(time);
                        let place = ranks.partition_point(|(other, _)| *other < time);
                        let rank = ranks.get(place).map_or(f64::NAN, |(_, rank)| *rank);
                        let (residual, information) = (residual.clone(), information.clone());
                        found.push(EventTime { time, events, survival, rank, residual, information });
                    }
                    events = 0;
                    residual.fill(0.0);
                    information.fill(0.0);
                }
            });
        }
        found
    }

    /// Goes through a stratum from the last time to the first.
    fn pass(&self, stratum: &Stratum, beta: &[f64], mut visit: impl FnMut(Passed<'_>)) {
        let p = self.columns;
        let row = |case: usize| &stratum.design[case * p..(case + 1) * p];
        let etas: Vec<f64> = (0..stratum.events.len()).map(|case| dot(row(case), beta)).collect();
        // Weights relative to the largest cannot overflow.
        let top = etas.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let (mut at_risk, mut leaving) = (Sums::new(p), Sums::new(p));
        let mut mean = vec![0.0; p];
        let mut from = 0;
        for &(time, to) in &stratum.times {
            leaving.clear();
            let mut deaths = 0;
            for case in from..to {
                let weight = (etas[case] - top).exp();
                at_risk.add(weight, row(case));
                if stratum.events[case] {
                    leaving.add(weight, row(case));
                    deaths += 1;
                    visit(Passed::Event { eta: etas[case], row: row(case) });
                }
            }
            for gone in 0..deaths {
                let share = if self.ties == Ties::Efron { f64::from(gone) / f64::from(deaths) } else { 0.0 };
                let weight = at_risk.weight - share * leaving.weight;
                for i in 0..p {
                    mean[i] = (at_risk.rows[i] - share * leaving.rows[i]) / weight;
                }
                let products =
                    |i: usize, j: usize| (at_risk.products[i * p + j] - share * leaving.products[i * p + j]) / weight;
                visit(Passed::Departure { log_weight: weight.ln() + top, mean: &mean, products: &products });
            }
            visit(Passed::Time(time));
            from = to;
        }
    }
}

/// What is met on the way through a stratum.
enum Passed<'a> {
    /// A case with the event.
    Event { eta: f64, row: &'a [f64] },
    /// A factor of the denominator: the risk set that one of the events leaves.
    Departure { log_weight: f64, mean: &'a [f64], products: &'a dyn Fn(usize, usize) -> f64 },
    /// The end of all that belongs to one time.
    Time(f64),
}
