//! Least squares.
//!
//! The target is divided by its standard deviation, so that its unit does not matter. The loss is quadratic: each λ takes one run of the active-set method on the Gram matrix, which is made once and
//! serves every λ and every mixing parameter.

use crate::{
    Error,
    algebra::{add_scaled, dot},
};

use super::{
    problem::Problem,
    quadratic::{Penalty, Quadratic},
    screen::Screen,
    solver::{ACCEPTED, AIMED, Solver, unsolved},
};

/// All columns are working variables from the start unless there are more than this.
const FEW: usize = 256;

/// The state along a path.
pub(super) struct Gaussian<'p> {
    problem: &'p Problem,
    /// √weight · x, column after column.
    columns: Vec<f64>,
    /// √weight · (y − ȳ) / [`unit`](Self::unit).
    y: Vec<f64>,
    mean: f64,
    /// Standard deviation of the target with the denominator n; root of its mean square without an intercept.
    unit: f64,
    /// Xᵀ·y for each column.
    c: Vec<f64>,
    scale: f64,
    quadratic: Quadratic,
    working: Vec<usize>,
    is_working: Vec<bool>,
    factors: Vec<f64>,
    /// Of the working variables.
    b: Vec<f64>,
    r: Vec<f64>,
    /// Negative gradient of every column, as far as [`screen`](Self::screen) says that it is known.
    gradient: Vec<f64>,
    screen: Screen,
    residual: Vec<f64>,
}

impl<'p> Gaussian<'p> {
    /// `y` in the order of the problem's rows.
    pub(super) fn new(problem: &'p Problem, y: &[f64], intercept: bool) -> Self {
        let roots: Vec<f64> = problem.weights.iter().map(|w| w.sqrt()).collect();
        let mean = if intercept { dot(&problem.weights, y) } else { 0.0 };
        let mut y: Vec<f64> = y.iter().zip(&roots).map(|(y, root)| root * (y - mean)).collect();
        // Squares of very large or small numbers shall not leave the range of the numbers.
        let largest = crate::algebra::largest(&y);
        let unit =
            if largest > 0.0 { largest * y.iter().map(|y| (y / largest).powi(2)).sum::<f64>().sqrt() } else { 1.0 };
        y.iter_mut().for_each(|y| *y /= unit);
        let (rows, size) = (y.len(), problem.size());
        let mut columns = Vec::with_capacity(rows * size);
        for j in 0..size {
            columns.extend(problem.x.column(j).iter().zip(&roots).map(|(x, root)| root * x));
        }
        let column = |j: usize| &columns[j * rows..(j + 1) * rows];
        let c: Vec<f64> = (0..size).map(|j| dot(column(j), &y)).collect();
        let lengths = (0..size).map(|j| dot(column(j), column(j)).sqrt()).collect();
        let mut solver = Self {
            problem,
            scale: crate::algebra::largest(&c),
            gradient: c.clone(),
            screen: Screen::new(lengths),
            residual: y.clone(),
            columns,
            y,
            mean,
            unit,
            c,
            quadratic: Quadratic::default(),
            working: Vec::new(),
            is_working: vec![false; size],
            factors: Vec::new(),
            b: Vec::new(),
            r: Vec::new(),
        };
        if size <= FEW {
            solver.work_on(&(0..size).collect::<Vec<_>>());
        }
        solver
    }

    fn column(&self, j: usize) -> &[f64] {
        let rows = self.y.len();
        &self.columns[j * rows..(j + 1) * rows]
    }

    fn work_on(&mut self, more: &[usize]) {
        for j in more {
            self.is_working[*j] = true;
            self.working.push(*j);
            self.factors.push(self.problem.columns[*j].factor);
            self.b.push(0.0);
            self.r.push(self.c[*j]);
        }
        let (rows, columns, working) = (self.y.len(), &self.columns, &self.working);
        let column = |i: usize| &columns[working[i] * rows..(working[i] + 1) * rows];
        self.quadratic.grow(working.len(), |i, row| {
            row.iter_mut().enumerate().for_each(|(j, element)| *element = dot(column(i), column(j)));
        });
    }

    /// Columns that are not worked on yet and whose gradient exceeds a limit times their factor. Only those that may are computed.
    fn beyond(&mut self, limit: f64) -> Vec<usize> {
        let mut found = Vec::new();
        for j in 0..self.c.len() {
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
        let columns = (0..self.c.len()).filter(|j| !self.is_working[*j]);
        let is_beyond =
            |j: &usize| self.screen.estimate(*j, self.gradient[*j]).0.abs() > limit * self.problem.columns[*j].factor;
        columns.filter(is_beyond).collect()
    }

    /// Computes the gradient of a column that is not worked on.
    fn compute(&mut self, j: usize) {
        if !self.screen.is_known(j) {
            self.gradient[j] = dot(self.column(j), &self.residual);
            self.screen.computed(j);
        }
    }

    fn refresh_residual(&mut self) {
        if self.working.len() == self.c.len() {
            return;
        }
        let mut residual = self.y.clone();
        for (j, b) in self.working.iter().zip(&self.b).filter(|(_, b)| **b != 0.0) {
            add_scaled(&mut residual, -b, self.column(*j));
        }
        self.screen.moved(&self.residual, &residual);
        self.residual = residual;
    }
}

impl Solver for Gaussian<'_> {
    fn restart(&mut self) {
        self.b.fill(0.0);
        self.r.iter_mut().zip(&self.working).for_each(|(r, j)| *r = self.c[*j]);
        self.gradient.copy_from_slice(&self.c);
        self.residual.copy_from_slice(&self.y);
        self.screen.all_computed();
    }

    fn gradient(&mut self) -> &[f64] {
        for j in 0..self.c.len() {
            if !self.is_working[j] {
                self.compute(j);
            }
        }
        for (j, r) in self.working.iter().zip(&self.r) {
            self.gradient[*j] = *r;
        }
        &self.gradient
    }

    fn unit(&self) -> f64 {
        self.unit
    }

    fn solve(&mut self, l1: f64, l2: f64, strong: f64) -> Result<(), Error> {
        let mut more = self.probably_beyond(strong);
        loop {
            self.work_on(&more);
            for (r, j) in self.r.iter_mut().zip(&self.working) {
                *r = self.c[*j];
            }
            self.quadratic.subtract_product(&self.b, &mut self.r);
            let penalty = Penalty { l1, l2, factors: &self.factors };
            self.quadratic.minimise(&mut self.b, &mut self.r, penalty, AIMED * self.scale);
            let violation = penalty.violation(&self.b, &self.r);
            if violation > ACCEPTED * self.scale {
                return Err(unsolved(violation));
            }
            self.refresh_residual();
            more = self.beyond(l1 + AIMED * self.scale);
            if more.is_empty() {
                return Ok(());
            }
        }
    }

    fn coefficients(&self) -> (Vec<f64>, f64) {
        let mut b = vec![0.0; self.c.len()];
        for (j, value) in self.working.iter().zip(&self.b) {
            b[*j] = *value;
        }
        let (coefficients, shift) = self.problem.original(|j| self.unit * b[j]);
        (coefficients, self.mean + shift)
    }

    fn explained(&self) -> f64 {
        let total = dot(&self.y, &self.y);
        // yᵀy − RSS = Σ b·(c + r), because Gb = c − r.
        let terms = self.working.iter().zip(&self.b).zip(&self.r).map(|((j, b), r)| b * (self.c[*j] + r));
        if total > 0.0 { terms.sum::<f64>() / total } else { 0.0 }
    }
}
