//! What the solvers of the families have in common.

use crate::Error;

/// The optimality conditions are met to within this fraction of the null model's largest gradient, where rounding allows.
pub(super) const AIMED: f64 = 1e-13;

/// A solution that is further from them than this fraction is refused.
pub(super) const ACCEPTED: f64 = 1e-9;

/// A solver along a path: each solution starts from the one before.
pub(super) trait Solver {
    /// Back to the null model.
    fn restart(&mut self);

    /// The negative gradient of the loss, without the penalty, in every column.
    fn gradient(&mut self) -> &[f64];

    /// What a λ in the unit of the target is divided by before the solver is given it.
    fn unit(&self) -> f64 {
        1.0
    }

    /// Solves for λ₁ and λ₂. Columns whose gradient exceeds `strong` times their factor are taken up at once, others
    /// if they turn out to violate their condition: which ones are guessed does not change the solution.
    fn solve(&mut self, l1: f64, l2: f64, strong: f64) -> Result<(), Error>;

    /// Coefficients per unit of the table's columns, and the intercept.
    fn coefficients(&self) -> (Vec<f64>, f64);

    /// The fraction of the null model's deviance that is explained.
    fn explained(&self) -> f64;
}

/// The error of a solver that did not come near enough.
pub(super) fn unsolved(violation: f64) -> Error {
    Error::Unsolved(format!("rounding leaves a gradient of {violation:e}"))
}
