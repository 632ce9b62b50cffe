//! The split that takes most off the squares around the mean, as for a number that is to be told.

use super::grow::{Cut, Rule, better};

/// A node whose variance is below this is not split: what is left is rounding.
const FLAT: f64 = 2.220_446_049_250_313e-16;

/// Numbers of about the size of 1, and their weights; each row counts as one in a leaf.
///
/// [`grow`](fn@super::grow) has an example.
#[derive(Debug, Clone)]
pub struct Squares<'a> {
    y: &'a [f64],
    weights: &'a [f64],
    sum: f64,
    weight: f64,
}

impl<'a> Squares<'a> {
    /// The numbers of all rows, and their weights.
    pub fn new(y: &'a [f64], weights: &'a [f64]) -> Self {
        Self { y, weights, sum: 0.0, weight: 0.0 }
    }
}

impl Rule for Squares<'_> {
    fn enter(&mut self, rows: &[usize]) -> bool {
        self.weight = rows.iter().map(|row| self.weights[*row]).sum();
        self.sum = rows.iter().map(|row| self.weights[*row] * self.y[*row]).sum();
        let mean = self.sum / self.weight;
        let squares: f64 = rows.iter().map(|row| self.weights[*row] * (self.y[*row] - mean).powi(2)).sum();
        squares / self.weight > FLAT
    }

    /// The gain is the sum of the squares around the mean, less that around the means of both sides.
    fn cut(&mut self, rows: &[usize], values: &[f64], leaf: f64) -> Option<Cut> {
        let (mut sum, mut weight) = (0.0, 0.0);
        let mut best: Option<Cut> = None;
        for left in 1..rows.len() {
            let row = rows[left - 1];
            weight += self.weights[row];
            sum += self.weights[row] * self.y[row];
            let fewest = left.min(rows.len() - left) as f64;
            if values[left - 1] == values[left] || fewest < leaf {
                continue;
            }
            let other = self.weight - weight;
            if weight <= 0.0 || other <= 0.0 {
                continue;
            }
            let apart = sum / weight - (self.sum - sum) / other;
            let gain = weight * other / self.weight * apart * apart;
            if better(gain, best.map_or(0.0, |best| best.gain)) {
                best = Some(Cut { left, gain });
            }
        }
        best
    }
}
