//! Linear models with an elastic-net penalty, along a path of penalties.
//!
//! With weights wᵢ that are scaled to sum to 1 and penalty factors fⱼ that are scaled to a mean of 1, a model minimises
//!
//! ```text
//! loss(b₀, b) + λ · Σⱼ fⱼ·( α·|bⱼ| + ½·(1 − α)·bⱼ²/s )
//! Gaussian   ½·Σ wᵢ·(yᵢ − ηᵢ)²                     η = b₀ + X·b,  s = √(Σ wᵢ·(yᵢ − ȳ)²)
//! binomial   Σ wᵢ·(log(1 + exp ηᵢ) − yᵢ·ηᵢ)                       s = 1
//! Cox        −(weighted log partial likelihood)    η = X·b         s = 1
//! ```
//!
//! as Friedman, Hastie and Tibshirani (J Stat Softw 2010;33(1)) and, for Cox, Simon et al. (J Stat Softw 2011;39(5)) do.
//! The standard deviation s of the target (with the denominator n; without an intercept ȳ is 0) makes the unit of the
//! target irrelevant: y · 1000 has the same models with λ, b₀ and b times 1000. glmnet has it too.
//! Standardised columns have variance 1 with the denominator n; coefficients are always per unit of the column given.
//! scikit-learn's `ElasticNet(alpha, l1_ratio)` has no s: with equal weights and without standardising it is
//! λ·α = `alpha·l1_ratio`, λ·(1 − α) = s·`alpha·(1 − l1_ratio)`. Its `LogisticRegression(C)` is λ = 1/(n·C).

mod binomial;
mod cox;
mod factor;
mod gaussian;
mod newton;
mod problem;
mod quadratic;
mod screen;
mod solver;
#[cfg(test)]
mod tests;

pub(crate) use binomial::softplus_and_probability;
pub(crate) use cox::{Cox, order};
pub(crate) use newton::Loss;

use crate::{Error, Matrix, Response, Ties, algebra};

use binomial::Binomial;
use gaussian::Gaussian;
use newton::Newton;
use problem::Problem;
use solver::Solver;

/// Below this α, the path starts where it would for this α: with none of the penalty on the absolute values, no λ is
/// large enough to make every coefficient 0.
const LEAST_ALPHA: f64 = 1e-3;

/// The penalties of a path.
#[derive(Debug, Clone, PartialEq)]
pub enum Lambdas {
    /// Falling evenly on the logarithmic scale from the smallest at which every coefficient is 0.
    Down {
        /// How many.
        count: usize,
        /// The last as a fraction of the first; `None` for 10⁻⁴ with more rows than columns, else 10⁻².
        ratio: Option<f64>,
    },
    /// These, in falling order, above or equal to 0.
    Given(Vec<f64>),
}

/// How models are fitted.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// The penalties.
    pub lambdas: Lambdas,
    /// Whether columns are scaled to variance 1 before they are penalised.
    pub standardise: bool,
    /// Whether there is an intercept; Cox's model never has one.
    pub intercept: bool,
    /// How Cox's model treats events at the same time.
    pub ties: Ties,
    /// A factor of the penalty for each column, 0 for a column without penalty; empty for 1 everywhere.
    pub penalty_factors: Vec<f64>,
    /// Ends a path early: where less than 0.1 % of the deviance is left unexplained, or where a step explains less than
    /// 10⁻⁵ of what is explained so far.
    pub stop_early: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            lambdas: Lambdas::Down { count: 100, ratio: None },
            standardise: true,
            intercept: true,
            ties: Ties::default(),
            penalty_factors: Vec::new(),
            stop_early: false,
        }
    }
}

/// A linear model.
///
/// [`path`] has an example.
#[derive(Debug, Clone, PartialEq)]
pub struct Linear {
    /// λ, the penalty that the model was fitted with.
    pub lambda: f64,
    /// b₀; 0 for Cox's model.
    pub intercept: f64,
    /// bⱼ, per unit of the column.
    pub coefficients: Vec<f64>,
    /// The fraction of the null model's deviance that is explained.
    pub explained: f64,
}

impl Linear {
    /// Number of coefficients that are not 0.
    pub fn nonzero(&self) -> usize {
        self.coefficients.iter().filter(|b| **b != 0.0).count()
    }

    /// The linear predictor of each row. Its zero is arbitrary for Cox's model.
    pub fn predict(&self, x: &Matrix) -> Vec<f64> {
        let mut eta = x.times(&self.coefficients);
        eta.iter_mut().for_each(|eta| *eta += self.intercept);
        eta
    }
}

/// Fits a path for each mixing parameter in `alphas`; `lambdas` of the options are each path's, unless `given` has some
/// for that path. All paths share what does not depend on the parameter. A path ends before the first λ whose optimum
/// rounding does not let the solver reach, as where a model of almost as many coefficients as events is no longer
/// determined; what was found before stands.
///
/// ```
/// use voxomics_learning::{
///     Matrix, Response,
///     elastic_net::{Options, paths},
/// };
///
/// // A path for a ridge, and one for a lasso, which begins with no input at all.
/// let x = Matrix::new(4, 1, vec![-1.0, 0.0, 1.0, 2.0]).unwrap();
/// let response = Response::Gaussian(vec![-1.0, 1.0, 2.0, 6.0]);
/// let found = paths(&x, &response, &[1.0; 4], &[0.0, 1.0], &[], &Options::default()).unwrap();
/// assert_eq!((found.len(), found[1][0].nonzero()), (2, 0));
/// ```
///
/// # Errors
/// For rows or options that cannot be used, and if there is no solution at the first λ of a path.
pub fn paths(
    x: &Matrix,
    response: &Response,
    weights: &[f64],
    alphas: &[f64],
    given: &[Vec<f64>],
    options: &Options,
) -> Result<Vec<Vec<Linear>>, Error> {
    response.check(weights)?;
    check(x, response, alphas, options)?;
    let all: Vec<usize> = (0..x.rows()).collect();
    match response {
        Response::Gaussian(y) => {
            if !algebra::varies(algebra::variance(y, weights).sqrt(), algebra::largest(y)) && options.intercept {
                return Err(Error::input("the target is the same in every row: there is nothing to learn"));
            }
            let problem = Problem::new(x, weights, &all, options)?;
            along(&mut Gaussian::new(&problem, y, options.intercept), &problem, alphas, given, options)
        }
        Response::Binomial(y) => {
            let problem = Problem::new(x, weights, &all, options)?;
            let loss = Binomial::new(y.clone(), problem.weights.clone(), options.intercept);
            along(&mut Newton::new(&problem, loss), &problem, alphas, given, options)
        }
        Response::Cox { time, event } => {
            let rows = order(time, event);
            // A shift of a column changes nothing, so centring is always right.
            let options = &Options { intercept: true, ..options.clone() };
            let problem = Problem::new(x, weights, &rows, options)?;
            let time: Vec<f64> = rows.iter().map(|i| time[*i]).collect();
            let event: Vec<bool> = rows.iter().map(|i| event[*i]).collect();
            let loss = Cox::new(&time, &event, problem.weights.clone(), options.ties);
            along(&mut Newton::new(&problem, loss), &problem, alphas, given, options)
        }
    }
}

/// Fits one path.
///
/// ```
/// use voxomics_learning::{
///     Matrix, Response,
///     elastic_net::{Lambdas, Options, path},
/// };
///
/// // Without a penalty, y = 1 + 2x is found.
/// let x = Matrix::new(3, 1, vec![-1.0, 0.0, 1.0]).unwrap();
/// let response = Response::Gaussian(vec![-1.0, 1.0, 3.0]);
/// let options = Options { lambdas: Lambdas::Given(vec![0.0]), ..Options::default() };
/// let models = path(&x, &response, &[1.0; 3], 1.0, &options).unwrap();
/// let line = &models[0];
/// assert!((line.intercept - 1.0).abs() < 1e-9 && (line.coefficients[0] - 2.0).abs() < 1e-9 && line.nonzero() == 1);
/// assert!((line.predict(&x)[2] - 3.0).abs() < 1e-9);
/// ```
///
/// # Errors
/// See [`paths`].
pub fn path(
    x: &Matrix,
    response: &Response,
    weights: &[f64],
    alpha: f64,
    options: &Options,
) -> Result<Vec<Linear>, Error> {
    Ok(paths(x, response, weights, &[alpha], &[], options)?.swap_remove(0))
}

fn check(x: &Matrix, response: &Response, alphas: &[f64], options: &Options) -> Result<(), Error> {
    if x.rows() != response.rows() {
        return Err(Error::input(format!("{} rows of inputs for {} rows of the target", x.rows(), response.rows())));
    }
    if let Some(alpha) = alphas.iter().find(|alpha| !(0.0..=1.0).contains(*alpha)) {
        return Err(Error::input(format!("the mixing parameter is {alpha}, expected a number from 0 to 1")));
    }
    match &options.lambdas {
        Lambdas::Down { count: 0, .. } => Err(Error::input("a path needs at least one lambda")),
        Lambdas::Down { ratio: Some(ratio), .. } if !(*ratio > 0.0 && *ratio < 1.0) => {
            Err(Error::input(format!("the ratio of the lambdas is {ratio}, expected a number between 0 and 1")))
        }
        Lambdas::Given(list) if list.is_empty() || list.iter().any(|l| !(*l >= 0.0 && l.is_finite())) => {
            Err(Error::input("the lambdas must be finite and at least 0, and there must be one"))
        }
        Lambdas::Given(list) if list.windows(2).any(|pair| pair[0] < pair[1]) => {
            Err(Error::input("the lambdas must fall"))
        }
        _ => Ok(()),
    }
}

fn along(
    solver: &mut dyn Solver,
    problem: &Problem,
    alphas: &[f64],
    given: &[Vec<f64>],
    options: &Options,
) -> Result<Vec<Vec<Linear>>, Error> {
    let mut paths = Vec::with_capacity(alphas.len());
    for (at, alpha) in alphas.iter().enumerate() {
        if at > 0 {
            solver.restart();
        }
        if problem.columns.iter().any(|column| column.factor == 0.0) {
            // The null model has the columns without penalty.
            let beyond_all = f64::MAX.sqrt();
            solver.solve(beyond_all, 0.0, beyond_all)?;
        }
        let first = first_lambda(solver.gradient(), problem, *alpha);
        let unit = solver.unit();
        let lambdas = match (given.get(at), &options.lambdas) {
            (Some(list), _) | (None, Lambdas::Given(list)) => list.iter().map(|lambda| lambda / unit).collect(),
            (None, Lambdas::Down { count, ratio }) => {
                let few = if problem.weights.len() > problem.width { 1e-4 } else { 1e-2 };
                falling(first, *count, ratio.unwrap_or(few))
            }
        };
        paths.push(descend(solver, *alpha, first, &lambdas, options.stop_early)?);
    }
    Ok(paths)
}

fn descend(
    solver: &mut dyn Solver,
    alpha: f64,
    first: f64,
    lambdas: &[f64],
    stop_early: bool,
) -> Result<Vec<Linear>, Error> {
    let mut path: Vec<Linear> = Vec::with_capacity(lambdas.len());
    let mut before = first;
    for lambda in lambdas {
        // The sequential strong rule of Tibshirani et al. (J R Stat Soc B 2012;74(2)).
        let strong = alpha * (2.0 * lambda - before).max(0.0);
        match solver.solve(lambda * alpha, lambda * (1.0 - alpha), strong) {
            Ok(()) => {}
            Err(Error::Unsolved(_)) if !path.is_empty() => break,
            Err(Error::Unsolved(why)) => {
                let lambda = lambda * solver.unit();
                return Err(Error::Unsolved(format!("no solution at alpha {alpha} and lambda {lambda:e}: {why}")));
            }
            Err(other) => return Err(other),
        }
        let (coefficients, intercept) = solver.coefficients();
        let explained = solver.explained();
        let gain = explained - path.last().map_or(0.0, |last| last.explained);
        path.push(Linear { lambda: lambda * solver.unit(), intercept, coefficients, explained });
        if stop_early && path.len() >= 5 && (explained > 0.999 || gain < 1e-5 * explained) {
            break;
        }
        before = *lambda;
    }
    Ok(path)
}

/// The smallest λ at which every penalised coefficient is 0.
fn first_lambda(gradient: &[f64], problem: &Problem, alpha: f64) -> f64 {
    let penalised = gradient.iter().zip(&problem.columns).filter(|(_, column)| column.factor > 0.0);
    let largest = penalised.map(|(g, column)| g.abs() / column.factor).fold(0.0, f64::max);
    largest / alpha.max(LEAST_ALPHA)
}

/// `count` numbers from `first` to `first · ratio`; just one if `first` is 0, when no column has anything to say.
fn falling(first: f64, count: usize, ratio: f64) -> Vec<f64> {
    if first == 0.0 || count == 1 {
        return vec![first];
    }
    let step = ratio.ln() / (count - 1) as f64;
    (0..count).map(|k| first * (step * k as f64).exp()).collect()
}
