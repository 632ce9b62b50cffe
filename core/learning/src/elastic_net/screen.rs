//! Which columns cannot violate their condition, told without looking at them.
//!
//! The gradient of a column is xᵀu. While u moves to s·u + d from where it was when the gradient was computed, the gradient becomes
//! s times what it was, to within ‖x‖·‖d‖ (Cauchy and Schwarz). Of all s, that is taken for which d is shortest: along a path, u shrinks
//! more than it turns. A column whose condition holds with that to spare need not be computed again: nothing is guessed, and the
//! solution is the same.

use crate::algebra::dot;

/// Margin for the rounding of ways, relative to all of the way.
const MARGIN: f64 = 1e-12;

/// Margin for the rounding of a gradient, in units of its column's length.
const ROUNDING: f64 = 1e-13;

/// A u that shrinks to less than this of what it was, or turns round, is not followed by scaling.
const LEAST_SCALE: f64 = 1e-3;

/// How u has moved since the gradient of each column was computed.
#[derive(Debug, Default)]
pub(super) struct Screen {
    lengths: Vec<f64>,
    now: Moved,
    known_at: Vec<Moved>,
}

/// How u has moved since the beginning.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Moved {
    /// How often.
    times: u64,
    /// The product of all s.
    scale: f64,
    /// What all d may have added.
    way: f64,
}

impl Default for Moved {
    fn default() -> Self {
        Self { times: 0, scale: 1.0, way: 0.0 }
    }
}

impl Screen {
    /// For columns of these lengths, whose gradients are all known.
    pub(super) fn new(lengths: Vec<f64>) -> Self {
        Self { known_at: vec![Moved::default(); lengths.len()], lengths, now: Moved::default() }
    }

    /// Notes that u has moved.
    pub(super) fn moved(&mut self, from: &[f64], to: &[f64]) {
        if from == to {
            return;
        }
        let s = Some(dot(from, to) / dot(from, from)).filter(|s| s.is_finite() && *s >= LEAST_SCALE).unwrap_or(1.0);
        let way = from.iter().zip(to).map(|(a, b)| (b - s * a) * (b - s * a)).sum::<f64>().sqrt();
        let Moved { times, scale, way: before } = self.now;
        self.now = Moved { times: times + 1, scale: s * scale, way: s * before + way };
    }

    /// The gradient of a column that was `known`, as far as can be told, and the most by which it may be another one.
    pub(super) fn estimate(&self, j: usize, known: f64) -> (f64, f64) {
        let (now, then) = (&self.now, &self.known_at[j]);
        let scale = now.scale / then.scale;
        let way = (now.way - scale * then.way).max(0.0) + MARGIN * now.way;
        (scale * known, self.lengths[j] * (way + ROUNDING))
    }

    /// Whether the gradient of a column that was `known` may exceed a limit.
    pub(super) fn may_exceed(&self, j: usize, known: f64, limit: f64) -> bool {
        let (estimate, slack) = self.estimate(j, known);
        estimate.abs() + slack > limit
    }

    /// Whether the gradient of a column is that of the present u.
    pub(super) fn is_known(&self, j: usize) -> bool {
        self.known_at[j].times == self.now.times
    }

    /// Notes that the gradient of a column was computed.
    pub(super) fn computed(&mut self, j: usize) {
        self.known_at[j] = self.now;
    }

    /// Notes that all of them were.
    pub(super) fn all_computed(&mut self) {
        self.now = Moved { times: self.now.times, ..Moved::default() };
        self.known_at.fill(self.now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gradient_is_never_further_from_its_estimate_than_its_slack() {
        let column = [3.0, -1.0, 2.0];
        let length = column.iter().map(|x| x * x).sum::<f64>().sqrt();
        let gradient = |u: &[f64; 3]| column.iter().zip(u).map(|(x, u)| x * u).sum::<f64>();
        let away = |steps: &[[f64; 3]]| {
            let mut screen = Screen::new(vec![length]);
            let mut u = [0.5, 0.25, -1.0];
            let known = gradient(&u);
            for step in steps {
                let next = [0, 1, 2].map(|i| u[i] + step[i]);
                screen.moved(&u, &next);
                u = next;
                let (estimate, slack) = screen.estimate(0, known);
                let off = (gradient(&u) - estimate).abs();
                assert!(off <= slack && !screen.is_known(0), "{off} of {slack}");
            }
            let (_, slack) = screen.estimate(0, known);
            screen.computed(0);
            assert!(screen.is_known(0) && screen.estimate(0, 1.0).1 < 1e-10);
            slack
        };
        // Along the column itself, where the bound is reached; through 0 and round.
        assert!(away(&[[0.3, -0.1, 0.2], [0.6, -0.2, 0.4], [-0.5, 0.1, 0.7]]) > 0.1);
        away(&[[-1.0, -0.5, 2.0], [0.0, 0.0, -2.0], [0.5, 0.25, 0.0], [1.0, 1.0, 1.0]]);
        // What shrinks without turning is followed all the way.
        assert!(away(&[[-0.1, -0.05, 0.2], [-0.3, -0.15, 0.6], [-0.05, -0.025, 0.1]]) < 1e-11);
    }
}
