//! The exact minimum of a penalised quadratic form.
//!
//! Minimises ½·bᵀGb − cᵀb + Σ fⱼ·(λ₁·|bⱼ| + ½·λ₂·bⱼ²) over the working variables. The active-set method keeps the signs
//! of the coefficients that are not 0, for which the minimum is that of a linear system; a coefficient that would change
//! its sign on the way leaves, the one that violates its optimality condition most enters. Every step goes downhill, so
//! that it ends; the Cholesky factor of the system is kept and altered by a row at a time. In contrast to coordinate
//! descent, the time does not depend on how strongly columns are correlated, and the result is exact to rounding.

use crate::algebra::{EACH, add_scaled};

use super::factor::Factor;

/// λ₁ and λ₂ with the penalty factor of each variable.
#[derive(Debug, Clone, Copy)]
pub(super) struct Penalty<'a> {
    pub l1: f64,
    pub l2: f64,
    pub factors: &'a [f64],
}

impl Penalty<'_> {
    /// Whether a coefficient may have any sign, or change it, at no cost.
    fn is_free(&self, j: usize) -> bool {
        self.factors[j] * self.l1 == 0.0
    }

    /// Σ fⱼ·(λ₁·|bⱼ| + ½·λ₂·bⱼ²).
    pub(super) fn value(&self, b: &[f64]) -> f64 {
        let terms = b.iter().zip(self.factors).map(|(b, f)| f * (self.l1 * b.abs() + 0.5 * self.l2 * b * b));
        terms.sum()
    }

    /// By how much the optimality conditions are violated, where `r` is the negative gradient without the penalty:
    /// r − fλ₂b = fλ₁·sign(b) for b ≠ 0, |r| ≤ fλ₁ for b = 0.
    pub(super) fn violation(&self, b: &[f64], r: &[f64]) -> f64 {
        let mut worst = 0.0_f64;
        for ((b, r), f) in b.iter().zip(r).zip(self.factors) {
            let violation = match *b == 0.0 {
                true => r.abs() - f * self.l1,
                false => (r - f * (self.l2 * b + self.l1 * b.signum())).abs(),
            };
            // `max` would not see it.
            if violation.is_nan() {
                return f64::INFINITY;
            }
            worst = worst.max(violation);
        }
        worst
    }
}

/// How a run of the active-set method ended.
enum End {
    Optimal,
    /// A variable depends linearly on the active ones, as far as rounding tells.
    Singular,
    /// Rounding keeps it from the tolerance.
    Stuck,
}

/// How often a singular problem is solved with a proximal term before it is given up.
const PROXIMAL_STEPS: usize = 300;

/// Weight of the proximal term, relative to the largest diagonal element of G.
const PROXIMITY: f64 = 1e-9;

/// The form, and the state of the active-set method.
#[derive(Debug, Default)]
pub(super) struct Quadratic {
    size: usize,
    stride: usize,
    gram: Vec<f64>,
    active: Vec<usize>,
    is_active: Vec<bool>,
    /// Of each variable while it is active; 0 where any sign costs the same.
    signs: Vec<f64>,
    factor: Factor,
    /// λ₂ and the proximal weight with which the factor was made; `None` if it is out of date.
    made_with: Option<(f64, f64)>,
    proximity: f64,
    anchor: Vec<f64>,
    step: Vec<f64>,
    column: Vec<f64>,
}

impl Quadratic {
    /// Number of working variables.
    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// Appends variables up to `size`; `write(i, row)` writes the elements 0 … i of row i.
    pub(super) fn grow(&mut self, size: usize, write: impl Fn(usize, &mut [f64])) {
        if size > self.stride {
            let stride = size.next_multiple_of(8).max(2 * self.stride).max(16);
            let mut gram = vec![0.0; stride * stride];
            for i in 0..self.size {
                gram[i * stride..i * stride + self.size].copy_from_slice(&self.row(i)[..self.size]);
            }
            (self.gram, self.stride) = (gram, stride);
        }
        let first = self.size;
        self.size = size;
        self.is_active.resize(size, false);
        self.signs.resize(size, 0.0);
        self.fill(first, write);
    }

    /// Replaces all elements, row by row as [`grow`](Self::grow) does.
    pub(super) fn replace(&mut self, write: impl Fn(usize, &mut [f64])) {
        self.fill(0, write);
        self.made_with = None;
    }

    fn fill(&mut self, first: usize, write: impl Fn(usize, &mut [f64])) {
        for i in first..self.size {
            let start = i * self.stride;
            write(i, &mut self.gram[start..=start + i]);
            for j in 0..i {
                self.gram[j * self.stride + i] = self.gram[start + j];
            }
        }
    }

    fn row(&self, i: usize) -> &[f64] {
        &self.gram[i * self.stride..i * self.stride + self.size]
    }

    /// r ← r − G·b.
    pub(super) fn subtract_product(&self, b: &[f64], r: &mut [f64]) {
        for (j, b) in b.iter().enumerate().filter(|(_, b)| **b != 0.0) {
            add_scaled(r, -b, self.row(j));
        }
    }

    /// Moves `b` to the minimum and keeps r = c − G·b, to within `tolerance` of the optimality conditions where rounding
    /// allows it: the caller asks [`Penalty::violation`] how near it came.
    pub(super) fn minimise(&mut self, b: &mut [f64], r: &mut [f64], penalty: Penalty, tolerance: f64) {
        self.proximity = 0.0;
        self.begin(b, penalty);
        match self.run(b, r, penalty, tolerance) {
            End::Optimal | End::Stuck => return,
            End::Singular => {}
        }
        // Solutions with a proximal term, each anchored at the one before, end in one without.
        let largest = (0..self.size).map(|i| self.gram[i * self.stride + i]).fold(0.0, f64::max);
        for _ in 0..PROXIMAL_STEPS {
            self.proximity = PROXIMITY * largest;
            self.anchor.clear();
            self.anchor.extend_from_slice(b);
            self.begin(b, penalty);
            let end = self.run(b, r, penalty, tolerance);
            if matches!(end, End::Singular) || penalty.violation(b, r) <= tolerance {
                return;
            }
        }
    }

    /// Makes the active set that of the coefficients, which a caller may have altered.
    fn begin(&mut self, b: &[f64], penalty: Penalty) {
        let wanted = |j: usize| b[j] != 0.0 || penalty.is_free(j);
        let same = (0..self.size).all(|j| self.is_active[j] == wanted(j));
        if !same {
            self.active.retain(|j| wanted(*j));
            self.is_active.fill(false);
            self.active.iter().for_each(|j| self.is_active[*j] = true);
            let missing: Vec<usize> = (0..self.size).filter(|j| wanted(*j) && !self.is_active[*j]).collect();
            missing.iter().for_each(|j| self.is_active[*j] = true);
            self.active.extend(missing);
            self.made_with = None;
        }
        for j in &self.active {
            self.signs[*j] = if penalty.is_free(*j) { 0.0 } else { b[*j].signum() };
        }
    }

    fn run(&mut self, b: &mut [f64], r: &mut [f64], penalty: Penalty, tolerance: f64) -> End {
        let mut barred = None;
        let mut last = f64::INFINITY;
        for _ in 0..30 * self.size + 100 {
            if !self.factorise(penalty) {
                return End::Singular;
            }
            let rest = self.rest(b, r, penalty);
            if rest > tolerance {
                // A full step leaves what rounding leaves; one that no longer helps never will.
                if rest > 0.5 * last {
                    return End::Stuck;
                }
                match self.advance(b, r) {
                    (_, None) => last = rest,
                    (length, Some(place)) => {
                        let leaves = self.active[place];
                        barred = if length > 0.0 { None } else { Some(leaves) };
                        self.remove(place);
                        last = f64::INFINITY;
                    }
                }
                continue;
            }
            last = f64::INFINITY;
            let Some((enters, sign)) = self.entering(b, r, penalty, tolerance, barred) else { return End::Optimal };
            if !self.append(enters, penalty) {
                return End::Singular;
            }
            self.active.push(enters);
            self.is_active[enters] = true;
            self.signs[enters] = sign;
        }
        End::Stuck
    }

    fn factorise(&mut self, penalty: Penalty) -> bool {
        let with = (penalty.l2, self.proximity);
        if self.made_with == Some(with) {
            return true;
        }
        self.factor.clear(self.active.len());
        let complete = (0..self.active.len()).step_by(EACH).all(|first| self.append_all(first, penalty));
        self.made_with = complete.then_some(with);
        complete
    }

    /// Appends the active variables from a place on to the factor of those before, as many as come at once.
    fn append_all(&mut self, first: usize, penalty: Penalty) -> bool {
        let some = &self.active[first..self.active.len().min(first + EACH)];
        let before = &self.active[..first + some.len()];
        self.column.clear();
        let mut diagonals = [0.0; EACH];
        for (j, diagonal) in some.iter().zip(&mut diagonals) {
            let row = &self.gram[j * self.stride..j * self.stride + self.size];
            self.column.extend(before.iter().map(|k| row[*k]));
            *diagonal = row[*j] + penalty.factors[*j] * penalty.l2 + self.proximity;
        }
        self.factor.append_all(&self.column, &diagonals[..some.len()])
    }

    /// Appends a variable to the factor of the active ones.
    fn append(&mut self, j: usize, penalty: Penalty) -> bool {
        let row = &self.gram[j * self.stride..j * self.stride + self.size];
        self.column.clear();
        self.column.extend(self.active.iter().map(|k| row[*k]));
        let diagonal = row[j] + penalty.factors[j] * penalty.l2 + self.proximity;
        self.factor.append(&self.column, diagonal)
    }

    fn remove(&mut self, place: usize) {
        self.is_active[self.active.remove(place)] = false;
        self.factor.remove(place);
    }

    /// Writes the negative gradient of the active variables, at their signs, into `step`; returns its largest element.
    fn rest(&mut self, b: &[f64], r: &[f64], penalty: Penalty) -> f64 {
        self.step.clear();
        for j in &self.active {
            let pull = penalty.factors[*j] * (penalty.l1 * self.signs[*j] + penalty.l2 * b[*j]);
            let proximal = if self.proximity > 0.0 { self.proximity * (b[*j] - self.anchor[*j]) } else { 0.0 };
            self.step.push(r[*j] - pull - proximal);
        }
        crate::algebra::largest(&self.step)
    }

    /// Goes towards the minimum at the present signs, until a coefficient is 0. Returns the fraction of the way and the
    /// place of that coefficient.
    fn advance(&mut self, b: &mut [f64], r: &mut [f64]) -> (f64, Option<usize>) {
        self.factor.solve(&mut self.step);
        let (mut length, mut blocked) = (1.0, None);
        for (place, (j, step)) in self.active.iter().zip(&self.step).enumerate() {
            let sign = self.signs[*j];
            if sign != 0.0 && (b[*j] + step) * sign <= 0.0 {
                let here = (-b[*j] / step).max(0.0);
                if here < length || blocked.is_none() {
                    (length, blocked) = (here.min(1.0), Some(place));
                }
            }
        }
        for (j, step) in self.active.iter().zip(&self.step) {
            b[*j] += length * step;
        }
        if length > 0.0 {
            let mut pairs = self.active.iter().zip(&self.step);
            while let Some((j, a)) = pairs.next() {
                match pairs.next() {
                    Some((k, d)) => self.add_two(r, (*j, -length * a), (*k, -length * d)),
                    None => add_scaled(r, -length * a, self.row(*j)),
                }
            }
        }
        if let Some(place) = blocked {
            // What rounding left of it must go from the residual, too.
            let j = self.active[place];
            let rounding = b[j];
            if rounding != 0.0 {
                add_scaled(r, rounding, &self.gram[j * self.stride..j * self.stride + self.size]);
            }
            b[j] = 0.0;
        }
        (length, blocked)
    }

    fn add_two(&self, r: &mut [f64], (j, a): (usize, f64), (k, d): (usize, f64)) {
        for ((r, x), y) in r.iter_mut().zip(self.row(j)).zip(self.row(k)) {
            *r += a * x + d * y;
        }
    }

    /// The variable that violates its condition most, and the sign that it will have.
    fn entering(
        &self,
        b: &[f64],
        r: &[f64],
        penalty: Penalty,
        tolerance: f64,
        barred: Option<usize>,
    ) -> Option<(usize, f64)> {
        let (mut worst, mut found) = (tolerance, None);
        for j in (0..self.size).filter(|j| !self.is_active[*j]) {
            // An inactive coefficient is 0: its anchor alone pulls at it.
            let proximal = if self.proximity > 0.0 { self.proximity * (b[j] - self.anchor[j]) } else { 0.0 };
            let pull = r[j] - proximal;
            let violation = pull.abs() - penalty.factors[j] * penalty.l1;
            if violation > worst && barred != Some(j) {
                (worst, found) = (violation, Some((j, pull.signum())));
            }
        }
        found
    }
}
