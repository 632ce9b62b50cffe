//! What is learnt from.

use crate::{Error, Matrix, folds::Dealt};

/// Rows of inputs.
///
/// ```
/// use voxomics_learning::{Matrix, Table};
///
/// let table = Table::new(Matrix::new(2, 1, vec![1.0, f64::NAN]).unwrap());
/// assert_eq!((table.batches, table.select(&[0]).inputs.column(0)), (0, &[1.0][..]));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// The inputs; NaN where one is missing.
    pub inputs: Matrix,
    /// Where each row comes from (a scanner, a centre), as a number below [`batches`](Self::batches); `None` if it is
    /// from nowhere known. Empty if nothing is to be harmonised.
    pub origin: Vec<Option<usize>>,
    /// Number of batches.
    pub batches: usize,
    /// Covariates whose effect harmonisation keeps, complete: those of a row beside its inputs.
    pub kept: Matrix,
    /// Places of inputs in which nothing is harmonised: what is known of a patient, not measured in an image.
    pub unaligned: Vec<usize>,
    /// Places of inputs that are the levels of one covariate, for each such covariate: in a row, 1 for its level and 0 for the others,
    /// or all of them missing.
    pub levels: Vec<Vec<usize>>,
}

impl Table {
    /// A table without batches.
    pub fn new(inputs: Matrix) -> Self {
        let kept = Matrix::zeros(inputs.rows(), 0);
        Self { inputs, origin: Vec::new(), batches: 0, kept, unaligned: Vec::new(), levels: Vec::new() }
    }

    /// Some rows, in the order given.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn select(&self, rows: &[usize]) -> Self {
        let origin = if self.origin.is_empty() { Vec::new() } else { rows.iter().map(|i| self.origin[*i]).collect() };
        Self {
            inputs: self.inputs.select_rows(rows),
            origin,
            batches: self.batches,
            kept: self.kept.select_rows(rows),
            unaligned: self.unaligned.clone(),
            levels: self.levels.clone(),
        }
    }
}

/// How times that several events share are treated in Cox's partial likelihood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Ties {
    /// Every event of a time against all that were at risk (Breslow 1974).
    Breslow,
    /// The events of a time leave the risk set one by one, on average (Efron 1977).
    #[default]
    Efron,
}

/// What is to be predicted, row by row.
///
/// ```
/// use voxomics_learning::Response;
///
/// let response = Response::Binomial(vec![0.0, 1.0, 1.0]);
/// assert_eq!((response.rows(), response.select(&[1]).rows()), (3, 1));
/// assert!(response.check(&[1.0; 3]).is_ok());
/// // A single class teaches nothing.
/// assert!(Response::Binomial(vec![1.0, 1.0]).check(&[1.0; 2]).is_err());
/// ```
#[derive(Debug, Clone, PartialEq)]
pub enum Response {
    /// A number.
    Gaussian(Vec<f64>),
    /// Class 0 or 1.
    Binomial(Vec<f64>),
    /// The time of an event, or of the last follow-up without one.
    Cox {
        /// Times, above or below 0 alike: only their order counts.
        time: Vec<f64>,
        /// Whether the event was seen.
        event: Vec<bool>,
    },
}

impl Response {
    /// What it is, in words.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Gaussian(_) => "a number",
            Self::Binomial(_) => "a class",
            Self::Cox { .. } => "a time",
        }
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        match self {
            Self::Gaussian(y) | Self::Binomial(y) => y.len(),
            Self::Cox { time, .. } => time.len(),
        }
    }

    /// Some rows, in the order given.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn select(&self, rows: &[usize]) -> Self {
        let pick = |values: &[f64]| rows.iter().map(|i| values[*i]).collect();
        match self {
            Self::Gaussian(y) => Self::Gaussian(pick(y)),
            Self::Binomial(y) => Self::Binomial(pick(y)),
            Self::Cox { time, event } => {
                Self::Cox { time: pick(time), event: rows.iter().map(|i| event[*i]).collect() }
            }
        }
    }

    /// Checks that something can be learnt from it with these weights.
    ///
    /// # Errors
    /// For lengths that differ, numbers that are not finite, classes other than 0 and 1, a single class, no event, and
    /// weights below 0 or without a sum.
    pub fn check(&self, weights: &[f64]) -> Result<(), Error> {
        let rows = self.rows();
        if weights.len() != rows {
            return Err(Error::input(format!("{} weights for {rows} rows", weights.len())));
        }
        let total: f64 = weights.iter().sum();
        if !(weights.iter().all(|w| *w >= 0.0) && total > 0.0 && total.is_finite()) {
            return Err(Error::input("the weights must be finite and at least 0, and one of them above 0"));
        }
        let count = |counts: &dyn Fn(usize) -> bool| (0..rows).filter(|i| weights[*i] > 0.0 && counts(*i)).count();
        match self {
            Self::Gaussian(y) if y.iter().any(|y| !y.is_finite()) => {
                Err(Error::input("a value of the target is not finite"))
            }
            Self::Binomial(y) if y.iter().any(|y| *y != 0.0 && *y != 1.0) => {
                Err(Error::input("a class is neither 0 nor 1"))
            }
            Self::Binomial(y) if count(&|i| y[i] == 0.0) == 0 || count(&|i| y[i] == 1.0) == 0 => {
                let [zeros, ones] = [0.0, 1.0].map(|class| count(&|i| y[i] == class));
                Err(Error::input(format!(
                    "{zeros} rows of class 0 and {ones} of class 1 to learn from (within a fold, if there are folds), \
                     expected rows of both"
                )))
            }
            Self::Cox { time, event } if event.len() != time.len() => {
                Err(Error::input(format!("{} events for {} times", event.len(), time.len())))
            }
            Self::Cox { time, .. } if time.iter().any(|t| !t.is_finite()) => Err(Error::input("a time is not finite")),
            Self::Cox { event, .. } if count(&|i| event[i]) == 0 => {
                Err(Error::input("no event to learn from (within a fold, if there are folds), expected at least one"))
            }
            _ => Ok(()),
        }
    }
}

/// Rows with what is to be predicted.
///
/// ```
/// use voxomics_learning::{Matrix, Response, Sample, Table};
///
/// let sample = Sample::new(Table::new(Matrix::zeros(2, 1)), Response::Gaussian(vec![1.0, 2.0])).unwrap();
/// assert_eq!((sample.rows(), sample.weights.as_slice(), sample.check()), (2, &[1.0, 1.0][..], Ok(())));
/// assert!(Sample::new(Table::new(Matrix::zeros(2, 1)), Response::Gaussian(vec![1.0])).is_err());
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// The inputs.
    pub table: Table,
    /// What is to be predicted.
    pub response: Response,
    /// How much each row counts.
    pub weights: Vec<f64>,
    /// Rows of the same number belong together and are never on both sides of a fold; empty if every row stands alone.
    pub groups: Vec<u64>,
    /// Folds are balanced over these; empty for classes, events or fifths of the target.
    pub strata: Vec<u64>,
    /// The folds, if somebody has dealt them: then nothing is cut here.
    pub dealt: Option<Dealt>,
}

impl Sample {
    /// Rows of the same weight that stand alone.
    ///
    /// # Errors
    /// If the table and the response have not the same number of rows.
    pub fn new(table: Table, response: Response) -> Result<Self, Error> {
        let weights = vec![1.0; response.rows()];
        let sample = Self { table, response, weights, groups: Vec::new(), strata: Vec::new(), dealt: None };
        sample.check().map(|()| sample)
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.response.rows()
    }

    /// Checks that the parts have the same number of rows.
    ///
    /// # Errors
    /// Which part has another.
    pub fn check(&self) -> Result<(), Error> {
        let rows = self.rows();
        let of = |length: usize, what: &str, optional: bool| match length == rows || (optional && length == 0) {
            true => Ok(()),
            false => Err(Error::input(format!("{length} {what} for {rows} rows of the target"))),
        };
        of(self.table.inputs.rows(), "rows of inputs", false)?;
        of(self.table.origin.len(), "origins", true)?;
        of(self.table.kept.rows(), "rows of covariates that are kept", false)?;
        of(self.weights.len(), "weights", false)?;
        of(self.groups.len(), "groups", true)?;
        of(self.strata.len(), "strata", true)?;
        self.dealt.as_ref().map_or(Ok(()), |dealt| dealt.check(rows))
    }

    /// Some rows, in the order given; folds that were dealt are those of all rows, and not of these.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn select(&self, rows: &[usize]) -> Self {
        let pick = |values: &[u64]| match values.is_empty() {
            true => Vec::new(),
            false => rows.iter().map(|i| values[*i]).collect(),
        };
        Self {
            table: self.table.select(rows),
            response: self.response.select(rows),
            weights: rows.iter().map(|i| self.weights[*i]).collect(),
            groups: pick(&self.groups),
            strata: pick(&self.strata),
            dealt: None,
        }
    }
}
