//! The choice of an elastic net's mixing parameter and penalty by cross-validation.
//!
//! Every fold refits the whole pipeline and the paths on its own training rows; the λ of a path are those of all rows.
//! As in glmnet, a measure's mean over the folds is weighted by the folds' weights, and its standard error is
//! √(Σ w·(value − mean)²/Σ w / (folds − 1)). Repeats average the means; their standard errors are averaged as variances,
//! because cutting the same rows again adds no rows.

use crate::{
    Error, Executor, Learner, Matrix, Response, Sample, Table,
    elastic_net::{self, Linear, Options},
    executor,
    folds::{Folds, Split, splits},
    measure::{CoxDeviance, Measure},
    preprocessing::{FittedPipeline, Pipeline},
};

/// Which λ is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// That of the best mean over all mixing parameters; the largest of several.
    Best,
    /// The largest whose mean is within one standard error of the best, at the best one's mixing parameter.
    OneStandardError,
}

/// An elastic net whose parameters cross-validation chooses.
#[derive(Debug, Clone, PartialEq)]
pub struct ElasticNet {
    /// What happens to the inputs first.
    pub pipeline: Pipeline,
    /// Mixing parameters to choose from, from 0 to 1.
    pub alphas: Vec<f64>,
    /// How paths are fitted. Penalty factors are those of the table's columns.
    pub options: Options,
    /// How the rows are cut.
    pub folds: Folds,
    /// What is compared.
    pub measure: Measure,
    /// Which λ is taken.
    pub choice: Choice,
}

/// A mixing parameter's path with its measure.
#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    /// α, the mixing parameter: 0 for a ridge, 1 for a lasso.
    pub alpha: f64,
    /// The models of all rows, λ by λ.
    pub path: Vec<Linear>,
    /// The measure's mean over folds and repeats, λ by λ.
    pub mean: Vec<f64>,
    /// Its standard error.
    pub error: Vec<f64>,
}

/// What was chosen, and from what.
///
/// [`ElasticNet::tune`] has an example.
#[derive(Debug, Clone, PartialEq)]
pub struct Tuned {
    /// How many folds it was chosen by, and how often the rows were cut.
    pub folds: Folds,
    /// The preprocessing of all rows.
    pub pipeline: FittedPipeline,
    /// Every mixing parameter.
    pub curves: Vec<Curve>,
    /// The best one's place among the curves.
    pub curve: usize,
    /// Place of λ with the best mean.
    pub best: usize,
    /// Place of the largest λ within one standard error of it.
    pub one_standard_error: usize,
    /// Place of the λ that was chosen.
    pub chosen: usize,
}

impl Tuned {
    /// The model that was chosen; its coefficients are those of the pipeline's columns.
    pub fn model(&self) -> &Linear {
        &self.curves[self.curve].path[self.chosen]
    }

    /// At which ends of what was searched the best model lies: beyond them, there may be a better one.
    pub fn ends(&self) -> Vec<End> {
        let curve = &self.curves[self.curve];
        // A model without an input has nothing to do with the mixing parameter.
        if curve.path[self.best].nonzero() == 0 {
            return Vec::new();
        }
        let mut ends = Vec::new();
        if self.best + 1 == curve.path.len() && curve.path[self.best].lambda > 0.0 {
            ends.push(End::Lambda);
        }
        let of = |better: fn(f64, f64) -> f64| self.curves.iter().map(|curve| curve.alpha).fold(curve.alpha, better);
        let (least, largest) = (of(f64::min), of(f64::max));
        if least < largest && curve.alpha == least && least > 0.0 {
            ends.push(End::LeastAlpha);
        }
        if least < largest && curve.alpha == largest && largest < 1.0 {
            ends.push(End::LargestAlpha);
        }
        ends
    }
}

/// An end of what was searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The last λ of the path.
    Lambda,
    /// The least mixing parameter, which is above 0.
    LeastAlpha,
    /// The largest mixing parameter, which is below 1.
    LargestAlpha,
}

/// A measure and how much it counts, for each λ of each path; `None` where it is not defined.
type Values = Vec<Vec<Option<(f64, f64)>>>;

impl ElasticNet {
    /// Fits all paths, cross-validates them, and chooses. Folds that were dealt with the sample count instead of the net's.
    ///
    /// A path ends where less than 0.1 % of the deviance is left or a step explains next to nothing, and where a fold is no
    /// longer determined.
    ///
    /// ```
    /// use voxomics_learning::{
    ///     Matrix, Response, Sample, Serial, Table,
    ///     elastic_net::Options,
    ///     folds::Folds,
    ///     measure::Measure,
    ///     preprocessing::Pipeline,
    ///     tuning::{Choice, ElasticNet},
    /// };
    ///
    /// // y = 2x, and a column of noise.
    /// let x: Vec<f64> = (0..20).map(f64::from).collect();
    /// let y: Vec<f64> = x.iter().map(|x| 2.0 * x).collect();
    /// let noise = (0..20).map(|row| f64::from(row * 7 % 5));
    /// let inputs = Matrix::new(20, 2, x.iter().copied().chain(noise).collect()).unwrap();
    /// let net = ElasticNet {
    ///     pipeline: Pipeline::default(),
    ///     alphas: vec![1.0],
    ///     options: Options::default(),
    ///     folds: Folds { folds: 4, repeats: 1 },
    ///     measure: Measure::SquareError,
    ///     choice: Choice::Best,
    /// };
    /// let sample = Sample::new(Table::new(inputs), Response::Gaussian(y)).unwrap();
    /// let tuned = net.tune(&sample, 7, &Serial).unwrap();
    /// assert!((tuned.model().coefficients[0] - 2.0).abs() < 0.1 && tuned.model().coefficients[1].abs() < 0.1);
    /// ```
    ///
    /// # Errors
    /// If a path cannot be fitted on all rows or without a fold, rows cannot be cut, preprocessing leaves no column, or
    /// the measure is undefined in every fold.
    pub fn tune(&self, sample: &Sample, seed: u64, executor: &dyn Executor) -> Result<Tuned, Error> {
        if self.alphas.is_empty() {
            return Err(Error::input("there is no mixing parameter to choose from"));
        }
        if !self.measure.suits(&sample.response) {
            return Err(Error::input(format!("the measure `{}` does not suit the target", self.measure.name())));
        }
        sample.check()?;
        sample.response.check(&sample.weights)?;
        let dealt = sample.dealt.as_ref().filter(|dealt| !dealt.inner.is_empty());
        let splits = dealt.map_or_else(|| self.folds.cut(sample, seed), |dealt| Ok(splits(&dealt.inner)))?;
        let repeats = splits.iter().map(|split| split.repeat + 1).max().unwrap_or(0);
        let (pipeline, x) = self.pipeline.fit(sample)?;
        if x.columns() == 0 {
            return Err(Error::input("preprocessing leaves no column: there is nothing to learn from"));
        }
        let options = Options { stop_early: true, ..self.options_for(&pipeline) };
        let paths = executor::map(executor, self.alphas.len(), &|k| {
            elastic_net::path(&x, &sample.response, &sample.weights, self.alphas[k], &options)
        })?;
        let lambdas: Vec<Vec<f64>> = paths.iter().map(|path| path.iter().map(|model| model.lambda).collect()).collect();
        let values = executor::map(executor, splits.len(), &|k| {
            let place = || format!("fold {} of the choice of the penalty", splits[k].place(&splits, k));
            self.fold(sample, &splits[k], &lambdas).map_err(|why| why.within(&place()))
        })?;
        let curves = (self.alphas.iter().zip(paths).enumerate())
            .map(|(at, (alpha, mut path))| {
                // Beyond the first λ that a fold could not be solved at, nothing can be compared.
                path.truncate(values.iter().map(|values: &Values| values[at].len()).min().unwrap_or(0));
                let (mut mean, mut error) = (Vec::new(), Vec::new());
                for k in 0..path.len() {
                    let of = |repeat: usize| {
                        let folds = splits.iter().zip(&values).filter(move |(split, _)| split.repeat == repeat);
                        folds.filter_map(|(_, values)| values[at][k]).collect::<Vec<_>>()
                    };
                    let repeats: Vec<Vec<(f64, f64)>> = (0..repeats).map(of).collect();
                    let (m, e) = summary(&repeats).ok_or_else(|| {
                        let name = self.measure.name();
                        Error::input(format!("the measure `{name}` is undefined in every fold of a repeat"))
                    })?;
                    mean.push(m);
                    error.push(e);
                }
                Ok(Curve { alpha: *alpha, path, mean, error })
            })
            .collect::<Result<Vec<_>, Error>>()?;
        let first = splits.iter().filter(|split| split.repeat == 0).count();
        Ok(self.choose(pipeline, curves, Folds { folds: first, repeats }))
    }

    fn options_for(&self, pipeline: &FittedPipeline) -> Options {
        let factors = &self.options.penalty_factors;
        let penalty_factors = match factors.is_empty() {
            true => Vec::new(),
            // One that is missing is a NaN, which the solver refuses.
            false => pipeline.columns().iter().map(|j| factors.get(*j).copied().unwrap_or(f64::NAN)).collect(),
        };
        Options { penalty_factors, ..self.options.clone() }
    }

    fn fold(&self, sample: &Sample, split: &Split, lambdas: &[Vec<f64>]) -> Result<Values, Error> {
        let train = sample.select(&split.train);
        let (pipeline, x) = self.pipeline.fit(&train)?;
        let options = Options { stop_early: false, ..self.options_for(&pipeline) };
        let paths = elastic_net::paths(&x, &train.response, &train.weights, &self.alphas, lambdas, &options)?;
        let test = sample.select(&split.test);
        let unseen = pipeline.transform(&test.table)?;
        let mut judge = Judge::new(self, sample, split, &x, &unseen);
        Ok(paths.iter().map(|path| path.iter().map(|model| judge.of(model)).collect()).collect())
    }

    fn choose(&self, pipeline: FittedPipeline, curves: Vec<Curve>, folds: Folds) -> Tuned {
        let sign = if self.measure.more_is_better() { -1.0 } else { 1.0 };
        let (mut curve, mut best) = (0, 0);
        for (at, candidate) in curves.iter().enumerate() {
            for (k, mean) in candidate.mean.iter().enumerate() {
                if sign * mean < sign * curves[curve].mean[best] {
                    (curve, best) = (at, k);
                }
            }
        }
        let of = &curves[curve];
        let limit = sign * of.mean[best] + of.error[best];
        let one_standard_error = of.mean.iter().position(|mean| sign * mean <= limit).unwrap_or(best);
        let chosen = match self.choice {
            Choice::Best => best,
            Choice::OneStandardError => one_standard_error,
        };
        Tuned { folds, pipeline, curves, curve, best, one_standard_error, chosen }
    }
}

/// Mean and standard error of values with weights, repeat by repeat; `None` if a repeat has none. With a single value
/// in a repeat there is no standard error: it is 0.
pub(crate) fn summary(repeats: &[Vec<(f64, f64)>]) -> Option<(f64, f64)> {
    let (mut means, mut variances) = (0.0, 0.0);
    for values in repeats {
        let total: f64 = values.iter().map(|(_, weight)| weight).sum();
        if total <= 0.0 {
            return None;
        }
        let mean = values.iter().map(|(value, weight)| value * weight).sum::<f64>() / total;
        let squares = values.iter().map(|(value, weight)| weight * (value - mean) * (value - mean)).sum::<f64>();
        means += mean;
        variances += squares / total / (values.len() as f64 - 1.0).max(1.0);
    }
    let count = repeats.len() as f64;
    Some((means / count, (variances / count).sqrt()))
}

/// Measures models on the rows of a fold.
struct Judge<'a> {
    measure: Measure,
    test: Sample,
    unseen: &'a Matrix,
    cox: Option<CoxFold<'a>>,
}

/// What the deviance of Cox's model takes besides the fold's rows: a risk set is not made of them alone.
struct CoxFold<'a> {
    split: &'a Split,
    seen: &'a Matrix,
    all: CoxDeviance,
    train: CoxDeviance,
    events: f64,
}

impl<'a> Judge<'a> {
    fn new(net: &ElasticNet, sample: &Sample, split: &'a Split, seen: &'a Matrix, unseen: &'a Matrix) -> Self {
        let ties = net.options.ties;
        let test = sample.select(&split.test);
        let cox = match (&sample.response, net.measure) {
            (Response::Cox { time, event }, Measure::Deviance) => {
                let pick = |rows: &[usize]| {
                    let times: Vec<f64> = rows.iter().map(|i| time[*i]).collect();
                    let events: Vec<bool> = rows.iter().map(|i| event[*i]).collect();
                    let weights: Vec<f64> = rows.iter().map(|i| sample.weights[*i]).collect();
                    CoxDeviance::new(&times, &events, &weights, ties)
                };
                let events = split.test.iter().filter(|i| event[**i]).map(|i| sample.weights[*i]).sum();
                let all = CoxDeviance::new(time, event, &sample.weights, ties);
                Some(CoxFold { split, seen, all, train: pick(&split.train), events })
            }
            _ => None,
        };
        Self { measure: net.measure, test, unseen, cox }
    }

    fn of(&mut self, model: &Linear) -> Option<(f64, f64)> {
        let eta = model.predict(self.unseen);
        let Some(cox) = &mut self.cox else { return self.measure.of(&self.test.response, &eta, &self.test.weights) };
        if cox.events <= 0.0 {
            return None;
        }
        let known = model.predict(cox.seen);
        let mut all = vec![0.0; known.len() + eta.len()];
        cox.split.train.iter().zip(&known).for_each(|(i, eta)| all[*i] = *eta);
        cox.split.test.iter().zip(&eta).for_each(|(i, eta)| all[*i] = *eta);
        Some(((cox.all.of(&all) - cox.train.of(&known)) / cox.events, cox.events))
    }
}

impl Learner for ElasticNet {
    type Model = Tuned;

    fn fit(&self, sample: &Sample, seed: u64, executor: &dyn Executor) -> Result<Tuned, Error> {
        self.tune(sample, seed, executor)
    }

    fn score(&self, model: &Tuned, table: &Table) -> Result<Vec<f64>, Error> {
        Ok(model.model().predict(&model.pipeline.transform(table)?))
    }
}
