//! Which columns cannot violate their condition, told without looking at them.
//!
//! The gradient of a column is xᵀu. While u moves from where it was when the gradient was computed, the gradient changes by no more
//! than ‖x‖ times the length of the way (Cauchy and Schwarz). A column whose condition holds with that to spare need not be
//! computed again: nothing is guessed, and the solution is the same.

/// Relative margin for the rounding of lengths.
const MARGIN: f64 = 1e-9;

/// Margin for the rounding of a gradient, in units of its column's length.
const ROUNDING: f64 = 1e-13;

/// The ways that u has gone since the gradient of each column was computed.
#[derive(Debug, Default)]
pub(super) struct Screen {
    lengths: Vec<f64>,
    way: f64,
    known_at: Vec<f64>,
}

impl Screen {
    /// For columns of these lengths, whose gradients are all known.
    pub(super) fn new(lengths: Vec<f64>) -> Self {
        Self { known_at: vec![0.0; lengths.len()], lengths, way: 0.0 }
    }

    /// Notes that u has moved.
    pub(super) fn moved(&mut self, from: &[f64], to: &[f64]) {
        self.way += from.iter().zip(to).map(|(a, b)| (a - b) * (a - b)).sum::<f64>().sqrt();
    }

    /// The most by which the gradient of a column may differ from what was computed.
    pub(super) fn slack(&self, j: usize) -> f64 {
        self.lengths[j] * ((self.way - self.known_at[j]) * (1.0 + MARGIN) + ROUNDING)
    }

    /// Whether the gradient of a column is that of the present u.
    pub(super) fn is_known(&self, j: usize) -> bool {
        self.known_at[j] == self.way
    }

    /// Notes that the gradient of a column was computed.
    pub(super) fn computed(&mut self, j: usize) {
        self.known_at[j] = self.way;
    }

    /// Notes that all of them were.
    pub(super) fn all_computed(&mut self) {
        self.known_at.fill(self.way);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gradient_never_changes_by_more_than_its_slack() {
        let column = [3.0, -1.0, 2.0];
        let length = column.iter().map(|x| x * x).sum::<f64>().sqrt();
        let mut screen = Screen::new(vec![length]);
        let gradient = |u: &[f64; 3]| column.iter().zip(u).map(|(x, u)| x * u).sum::<f64>();
        let mut u = [0.5, 0.25, -1.0];
        let known = gradient(&u);
        // Along the column itself the bound is reached.
        for step in [[0.3, -0.1, 0.2], [0.6, -0.2, 0.4], [-0.5, 0.1, 0.7]] {
            let next = [0, 1, 2].map(|i| u[i] + step[i]);
            screen.moved(&u, &next);
            u = next;
            let moved = (gradient(&u) - known).abs();
            assert!(moved <= screen.slack(0) && !screen.is_known(0), "{moved} of {}", screen.slack(0));
        }
        screen.computed(0);
        assert!(screen.is_known(0) && screen.slack(0) < 1e-12);
    }
}
