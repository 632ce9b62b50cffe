//! Logistic regression.

use super::newton::Loss;

/// Σ w·(log(1 + e^η) − y·η), the mean negative log-likelihood.
pub(super) struct Binomial {
    y: Vec<f64>,
    weights: Vec<f64>,
    intercept: Option<f64>,
    /// √(w·p·(1 − p)).
    roots: Vec<f64>,
}

impl Binomial {
    /// Both classes must occur; the weights sum to 1.
    pub(super) fn new(y: Vec<f64>, weights: Vec<f64>, intercept: bool) -> Self {
        let ones = crate::algebra::dot(&y, &weights);
        let roots = vec![0.0; y.len()];
        Self { y, weights, intercept: intercept.then(|| (ones / (1.0 - ones)).ln()), roots }
    }
}

/// log(1 + e^η) and 1 / (1 + e^−η).
pub(crate) fn softplus_and_probability(eta: f64) -> (f64, f64) {
    let small = (-eta.abs()).exp();
    let probability = if eta >= 0.0 { 1.0 / (1.0 + small) } else { small / (1.0 + small) };
    (eta.max(0.0) + small.ln_1p(), probability)
}

impl Loss for Binomial {
    fn intercept(&self) -> Option<f64> {
        self.intercept
    }

    fn evaluate(&mut self, eta: &[f64], u: &mut [f64]) -> f64 {
        let mut loss = 0.0;
        for (((eta, y), w), u) in eta.iter().zip(&self.y).zip(&self.weights).zip(u) {
            // That of class 1 is that of class 0 with the other sign: no digit is lost where η is large.
            let towards = if *y == 1.0 { -eta } else { *eta };
            let (softplus, probability) = softplus_and_probability(towards);
            loss += w * softplus;
            *u = if *y == 1.0 { w * probability } else { -w * probability };
        }
        loss
    }

    fn curve(&mut self, eta: &[f64]) {
        for ((root, eta), w) in self.roots.iter_mut().zip(eta).zip(&self.weights) {
            let small = (-eta.abs()).exp();
            *root = (w * small).sqrt() / (1.0 + small);
        }
    }

    fn lengths(&self) -> (usize, usize) {
        (self.roots.len(), 0)
    }

    fn images(&self, x: &[f64], z: &mut Vec<f64>, _: &mut Vec<f64>) {
        z.extend(x.iter().zip(&self.roots).map(|(x, root)| x * root));
    }

    fn saturated(&self) -> f64 {
        0.0
    }
}
