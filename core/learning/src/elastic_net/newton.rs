//! Proximal Newton steps for a loss that is not quadratic.
//!
//! Near the present coefficients, the loss is replaced by a quadratic form whose penalised minimum is found exactly; a
//! line search on the true objective makes every step go downhill. The gradient is exact in every step. The curvature
//! is kept from step to step, and from λ to λ, as long as the steps still shorten the distance to the optimum quickly:
//! an old curvature changes the way, not where it ends.

use crate::{
    Error,
    algebra::{add_scaled, dot, largest, products},
};

use super::{
    problem::Problem,
    quadratic::{Penalty, Quadratic},
    screen::Screen,
    solver::{ACCEPTED, AIMED, Solver, unsolved},
};

/// A loss of the linear predictors η, for weights that sum to 1.
pub(crate) trait Loss {
    /// The linear predictor of the null model, if there is an intercept.
    fn intercept(&self) -> Option<f64>;

    /// The loss at η; writes its negative derivative for each row into `u`.
    fn evaluate(&mut self, eta: &[f64], u: &mut [f64]) -> f64;

    /// Keeps the second derivatives at η.
    fn curve(&mut self, eta: &[f64]);

    /// Lengths of a column's two [images](Self::images).
    fn lengths(&self) -> (usize, usize);

    /// Appends the images z and q of a column: xᵢᵀ·H·xⱼ = zᵢ·zⱼ − qᵢ·qⱼ, where H are the kept second derivatives.
    fn images(&self, x: &[f64], z: &mut Vec<f64>, q: &mut Vec<f64>);

    /// The loss of a model with a parameter for each row.
    fn saturated(&self) -> f64;
}

/// The state along a path.
pub(super) struct Newton<'p, L> {
    problem: &'p Problem,
    loss: L,
    ones: Vec<f64>,
    null: f64,
    scale: f64,
    eta: Vec<f64>,
    u: Vec<f64>,
    value: f64,
    /// Negative gradient of every column that is not worked on, as far as [`screen`](Self::screen) says that it is known.
    gradient: Vec<f64>,
    screen: Screen,
    /// Where `u` was when the way to it was last noted.
    noted: Vec<f64>,
    curved: bool,
    z: Vec<f64>,
    q: Vec<f64>,
    quadratic: Quadratic,
    /// Columns that are worked on; the number of columns stands for the intercept.
    working: Vec<usize>,
    is_working: Vec<bool>,
    factors: Vec<f64>,
    b: Vec<f64>,
    r: Vec<f64>,
    trial: Trial,
}

/// Room for a step.
#[derive(Default)]
struct Trial {
    b: Vec<f64>,
    r: Vec<f64>,
    eta: Vec<f64>,
    along: Vec<f64>,
    u: Vec<f64>,
}

impl<'p, L: Loss> Newton<'p, L> {
    pub(super) fn new(problem: &'p Problem, loss: L) -> Self {
        let (rows, size) = (problem.weights.len(), problem.size());
        let mut solver = Self {
            problem,
            loss,
            ones: vec![1.0; rows],
            null: 0.0,
            scale: 0.0,
            eta: vec![0.0; rows],
            u: vec![0.0; rows],
            value: 0.0,
            gradient: vec![0.0; size],
            screen: Screen::new((0..size).map(|j| dot(problem.x.column(j), problem.x.column(j)).sqrt()).collect()),
            noted: vec![0.0; rows],
            curved: false,
            z: Vec::new(),
            q: Vec::new(),
            quadratic: Quadratic::default(),
            working: Vec::new(),
            is_working: vec![false; size],
            factors: Vec::new(),
            b: Vec::new(),
            r: Vec::new(),
            trial: Trial { eta: vec![0.0; rows], along: vec![0.0; rows], u: vec![0.0; rows], ..Trial::default() },
        };
        if solver.loss.intercept().is_some() {
            solver.working.push(size);
            solver.factors.push(0.0);
            solver.b.push(0.0);
        }
        solver.restart();
        solver.null = solver.value;
        solver.scale = largest(&solver.gradient);
        solver
    }

    fn column(&self, j: usize) -> &[f64] {
        if j == self.problem.size() { &self.ones } else { self.problem.x.column(j) }
    }

    fn work_on(&mut self, more: &[usize]) {
        for j in more {
            self.is_working[*j] = true;
            self.working.push(*j);
            self.factors.push(self.problem.columns[*j].factor);
            self.b.push(0.0);
        }
        if self.curved {
            self.grow();
        }
    }

    /// Keeps the curvature at η for all working columns.
    fn curve(&mut self) {
        self.loss.curve(&self.eta);
        self.curved = true;
        let known = self.quadratic.size();
        (self.z, self.q) = (std::mem::take(&mut self.z), std::mem::take(&mut self.q));
        self.z.clear();
        self.q.clear();
        self.images(0..known);
        let (z, q, (n, k)) = (&self.z, &self.q, self.loss.lengths());
        self.quadratic.replace(|i, row| elements(row, (z, n), (q, k), i));
        self.grow();
    }

    fn images(&mut self, places: std::ops::Range<usize>) {
        for place in places {
            let j = self.working[place];
            let x = if j == self.problem.size() { &self.ones } else { self.problem.x.column(j) };
            self.loss.images(x, &mut self.z, &mut self.q);
        }
    }

    fn grow(&mut self) {
        self.images(self.quadratic.size()..self.working.len());
        let (z, q, (n, k)) = (&self.z, &self.q, self.loss.lengths());
        self.quadratic.grow(self.working.len(), |i, row| elements(row, (z, n), (q, k), i));
    }

    fn refresh_rest(&mut self) {
        let mut r = std::mem::take(&mut self.r);
        r.clear();
        r.extend(self.working.iter().map(|j| dot(self.column(*j), &self.u)));
        self.r = r;
    }

    /// Notes how far `u` has moved.
    fn note(&mut self) {
        self.screen.moved(&self.noted, &self.u);
        self.noted.copy_from_slice(&self.u);
    }

    fn compute(&mut self, j: usize) {
        if !self.screen.is_known(j) {
            self.gradient[j] = dot(self.problem.x.column(j), &self.u);
            self.screen.computed(j);
        }
    }

    /// Columns that are not worked on yet and whose gradient exceeds a limit times their factor. Only those that may are computed.
    fn beyond(&mut self, limit: f64) -> Vec<usize> {
        let mut found = Vec::new();
        for j in 0..self.gradient.len() {
            let limit = limit * self.problem.columns[j].factor;
            if !self.is_working[j] && self.screen.may_exceed(j, self.gradient[j], limit) {
                self.compute(j);
                if self.gradient[j].abs() > limit {
                    found.push(j);
                }
            }
        }
        found
    }

    /// The same by estimates, of which some may be wrong.
    fn probably_beyond(&self, limit: f64) -> Vec<usize> {
        let columns = (0..self.gradient.len()).filter(|j| !self.is_working[*j]);
        let is_beyond =
            |j: &usize| self.screen.estimate(*j, self.gradient[*j]).0.abs() > limit * self.problem.columns[*j].factor;
        columns.filter(is_beyond).collect()
    }

    /// Minimises over the working columns.
    fn minimise(&mut self, l1: f64, l2: f64) -> Result<(), Error> {
        let mut last = f64::INFINITY;
        let mut fresh = false;
        for _ in 0..MOST_STEPS {
            self.refresh_rest();
            let violation = Penalty { l1, l2, factors: &self.factors }.violation(&self.b, &self.r);
            if violation <= NEAR * self.scale {
                return Ok(());
            }
            let slow = violation > SLOW * last;
            if slow && fresh && violation <= ACCEPTED * self.scale {
                return Ok(());
            }
            fresh = slow || !self.curved;
            if fresh {
                self.curve();
            }
            let mut moved = self.step(l1, l2, fresh);
            if !moved && !fresh {
                self.curve();
                fresh = true;
                moved = self.step(l1, l2, true);
            }
            if !moved {
                return if violation <= ACCEPTED * self.scale { Ok(()) } else { Err(unsolved(violation)) };
            }
            last = violation;
        }
        Err(unsolved(last))
    }

    /// Goes to the minimum of the quadratic form, or part of the way; returns whether the objective fell.
    fn step(&mut self, l1: f64, l2: f64, may_shorten: bool) -> bool {
        let penalty = Penalty { l1, l2, factors: &self.factors };
        let trial = &mut self.trial;
        trial.b.clone_from(&self.b);
        trial.r.clone_from(&self.r);
        self.quadratic.minimise(&mut trial.b, &mut trial.r, penalty, AIMED * self.scale);
        trial.along.fill(0.0);
        let mut slope = penalty.value(&trial.b) - penalty.value(&self.b);
        for (((j, new), old), r) in self.working.iter().zip(&trial.b).zip(&self.b).zip(&self.r) {
            if new != old {
                let x = if *j == self.problem.size() { &self.ones } else { self.problem.x.column(*j) };
                add_scaled(&mut trial.along, new - old, x);
                slope -= r * (new - old);
            }
        }
        let before = self.value + penalty.value(&self.b);
        let rounding = 1e-14 * before.abs().max(self.null.abs());
        let mut length = 1.0;
        loop {
            for ((new, old), along) in trial.eta.iter_mut().zip(&self.eta).zip(&trial.along) {
                *new = old + length * along;
            }
            if length < 1.0 {
                for (new, old) in trial.b.iter_mut().zip(&self.b) {
                    *new = old + 0.5 * (*new - old);
                }
            }
            let value = self.loss.evaluate(&trial.eta, &mut trial.u);
            if value + penalty.value(&trial.b) <= before + 1e-4 * length * slope.min(0.0) + rounding {
                self.value = value;
                std::mem::swap(&mut self.b, &mut trial.b);
                std::mem::swap(&mut self.eta, &mut trial.eta);
                std::mem::swap(&mut self.u, &mut trial.u);
                return true;
            }
            if !may_shorten || length < 1e-9 {
                return false;
            }
            length *= 0.5;
        }
    }
}

/// The optimality conditions are met to within this fraction of the null model's largest gradient.
const NEAR: f64 = 1e-10;

/// The curvature is renewed if a step leaves more than this fraction of the violation.
const SLOW: f64 = 0.35;

const MOST_STEPS: usize = 500;

/// Row i of the second derivatives, from the images with their lengths.
fn elements(row: &mut [f64], (z, n): (&[f64], usize), (q, k): (&[f64], usize), i: usize) {
    products(&z[i * n..(i + 1) * n], z, row, |element, product| *element = product);
    if k > 0 {
        products(&q[i * k..(i + 1) * k], q, row, |element, product| *element -= product);
    }
}

impl<L: Loss> Solver for Newton<'_, L> {
    fn restart(&mut self) {
        let start = self.loss.intercept();
        self.b.fill(0.0);
        if let (Some(start), Some(first)) = (start, self.b.first_mut()) {
            *first = start;
        }
        self.eta.fill(start.unwrap_or(0.0));
        self.value = self.loss.evaluate(&self.eta, &mut self.u);
        self.curved = false;
        for j in 0..self.gradient.len() {
            self.gradient[j] = dot(self.problem.x.column(j), &self.u);
        }
        self.noted.copy_from_slice(&self.u);
        self.screen.all_computed();
    }

    fn gradient(&mut self) -> &[f64] {
        (0..self.gradient.len()).for_each(|j| self.compute(j));
        &self.gradient
    }

    fn solve(&mut self, l1: f64, l2: f64, strong: f64) -> Result<(), Error> {
        let mut more = self.probably_beyond(strong);
        loop {
            self.work_on(&more);
            self.minimise(l1, l2)?;
            self.note();
            more = self.beyond(l1 + NEAR * self.scale);
            if more.is_empty() {
                return Ok(());
            }
        }
    }

    fn coefficients(&self) -> (Vec<f64>, f64) {
        let (mut b, mut intercept) = (vec![0.0; self.problem.size()], 0.0);
        for (j, value) in self.working.iter().zip(&self.b) {
            match b.get_mut(*j) {
                Some(b) => *b = *value,
                None => intercept = *value,
            }
        }
        let (coefficients, shift) = self.problem.original(|j| b[j]);
        // Without an intercept nothing was centred, or the loss does not see a shift.
        let intercept = if self.loss.intercept().is_some() { intercept + shift } else { 0.0 };
        (coefficients, intercept)
    }

    fn explained(&self) -> f64 {
        let all = self.null - self.loss.saturated();
        if all > 0.0 { (self.null - self.value) / all } else { 0.0 }
    }
}
