use crate::Numbers;

/// Patients with a score, another one, an outcome and a censored time. Many are equal, unless `untied`.
pub struct Cohort {
    /// Quarters from 0 to 5, higher for more risk.
    pub score: Vec<f64>,
    /// Whole steps, a little lower for a higher score.
    pub other: Vec<f64>,
    /// More likely for a higher score.
    pub outcome: Vec<bool>,
    /// Whole numbers, unless untied.
    pub times: Vec<f64>,
    /// False for the censored.
    pub events: Vec<bool>,
    /// 0, 1 or 2.
    pub centre: Vec<usize>,
}

impl Cohort {
    /// `n` patients.
    pub fn new(seed: u64, n: usize, untied: bool) -> Self {
        let mut numbers = Numbers(seed);
        let mut cohort =
            Self { score: vec![], other: vec![], outcome: vec![], times: vec![], events: vec![], centre: vec![] };
        for _ in 0..n {
            let score = (numbers.share() * 20.0).floor() / 4.0;
            let time = -(1.0 - numbers.share()).ln() * 30.0 / (0.3 * score).exp();
            let limit = numbers.share() * 25.0;
            let end = time.min(limit);
            cohort.score.push(score);
            cohort.other.push((numbers.share() * 9.0).floor() - score / 3.0);
            cohort.outcome.push(numbers.share() * 5.0 < score);
            cohort.times.push(if untied { end } else { end.ceil() });
            cohort.events.push(time <= limit);
            cohort.centre.push(numbers.below(3));
        }
        cohort
    }

    /// The same patients in another order.
    pub fn shuffled(&self, seed: u64) -> Self {
        let mut numbers = Numbers(seed);
        let mut order: Vec<usize> = (0..self.score.len()).collect();
        (1..order.len()).rev().for_each(|at| order.swap(at, numbers.below(at + 1)));
        fn pick<T: Copy>(values: &[T], order: &[usize]) -> Vec<T> {
            order.iter().map(|&at| values[at]).collect()
        }
        Self {
            score: pick(&self.score, &order),
            other: pick(&self.other, &order),
            outcome: pick(&self.outcome, &order),
            times: pick(&self.times, &order),
            events: pick(&self.events, &order),
            centre: pick(&self.centre, &order),
        }
    }

    /// The censored times.
    pub fn survival(&self) -> voxomics_statistics::Survival<'_> {
        voxomics_statistics::Survival::new(&self.times, &self.events).expect("data")
    }
}
