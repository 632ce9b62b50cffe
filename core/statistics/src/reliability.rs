//! Whether a number stays the same when it is made again: the intraclass correlations.
//!
//! Somebody or something makes a number of each subject several times: readers who outline a lesion, scans that are repeated,
//! perturbations of an image. Each of these is called a rater here. The six intraclass correlations are those of Shrout and Fleiss
//! (Psychol. Bull. 86:420, 1979), by the mean squares of an analysis of variance; their intervals and names are those of McGraw and
//! Wong (Psychol. Methods 1:30, 1996). They are what pingouin's `intraclass_corr` gives, and R's psych with `lmer = FALSE`: its
//! default is a mixed model, which gives other numbers.

use serde::Serialize;

use crate::{
    distribution::{f_quantile, f_upper},
    error::{Error, Result},
    input::{Interval, Level, finite},
};

/// Which intraclass correlation.
///
/// ```
/// use voxomics_statistics::reliability::Form;
///
/// assert_eq!((Form::Agreement.name(), Form::Agreement.definition()), ("ICC(2,1)", "agreement"));
/// assert!(Form::ALL.into_iter().all(|form| Form::named(form.name()) == Some(form)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Form {
    /// ICC(1,1): each subject has raters of its own, drawn at random.
    OneWay,
    /// ICC(2,1), also ICC(A,1): the same raters for all, drawn at random; absolute agreement.
    Agreement,
    /// ICC(3,1), also ICC(C,1): the same raters for all, and no others; consistency, whatever one rater adds to all.
    Consistency,
    /// ICC(1,k): as ICC(1,1), of the mean over the raters.
    OneWayMean,
    /// ICC(2,k), also ICC(A,k): as ICC(2,1), of the mean over the raters.
    AgreementMean,
    /// ICC(3,k), also ICC(C,k): as ICC(3,1), of the mean over the raters.
    ConsistencyMean,
}

impl Form {
    /// All of them, in the order of Shrout and Fleiss.
    pub const ALL: [Self; 6] = [
        Self::OneWay,
        Self::Agreement,
        Self::Consistency,
        Self::OneWayMean,
        Self::AgreementMean,
        Self::ConsistencyMean,
    ];

    /// Its name by Shrout and Fleiss: `ICC(2,1)`.
    pub fn name(self) -> &'static str {
        match self {
            Self::OneWay => "ICC(1,1)",
            Self::Agreement => "ICC(2,1)",
            Self::Consistency => "ICC(3,1)",
            Self::OneWayMean => "ICC(1,k)",
            Self::AgreementMean => "ICC(2,k)",
            Self::ConsistencyMean => "ICC(3,k)",
        }
    }

    /// What it measures, in a word: `one-way`, `agreement` or `consistency`.
    pub fn definition(self) -> &'static str {
        match self {
            Self::OneWay | Self::OneWayMean => "one-way",
            Self::Agreement | Self::AgreementMean => "agreement",
            Self::Consistency | Self::ConsistencyMean => "consistency",
        }
    }

    /// The one of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|form| form.name() == name)
    }
}

/// Numbers whose difference is a smaller part of the largest of them are equal but for rounding.
const ROUNDING: f64 = 16.0 * f64::EPSILON;

/// The mean squares of an analysis of variance of subjects and raters.
///
/// ```
/// use voxomics_statistics::{
///     Level,
///     reliability::{Form, MeanSquares},
/// };
///
/// // The second rater gives 1 more to each of three subjects: consistent, and not in agreement.
/// let squares = MeanSquares::of(&[&[1.0, 2.0, 6.0], &[2.0, 3.0, 7.0]])?;
/// // 2 · ((1.5 − 3.5)² + (2.5 − 3.5)² + (6.5 − 3.5)²) / 2, and 3 · (0.5² + 0.5²).
/// assert_eq!((squares.between, squares.raters, squares.rest), (14.0, 1.5, 0.0));
/// assert_eq!(squares.icc(Form::Consistency, Level::P95)?.value, 1.0);
/// // 14 / (14 + 2/3 · 1.5).
/// assert!((squares.icc(Form::Agreement, Level::P95)?.value - 14.0 / 15.0).abs() < 1e-12);
/// # Ok::<(), voxomics_statistics::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MeanSquares {
    /// Mean square between subjects, with n − 1 degrees of freedom.
    pub between: f64,
    /// Mean square within subjects, with n·(k − 1) degrees of freedom.
    pub within: f64,
    /// Mean square between raters, with k − 1 degrees of freedom.
    pub raters: f64,
    /// Of what neither subject nor rater tells.
    pub rest: f64,
    /// Number of subjects, n.
    pub subjects: usize,
    /// Number of raters, k.
    pub count: usize,
}

/// An intraclass correlation.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Icc {
    /// Which one.
    pub form: Form,
    /// 1 is perfect; it may be below 0.
    pub value: f64,
    /// By the F distribution. Both limits are 1 where all raters give the same for each subject; `None` where they differ and the
    /// rest has no variance.
    pub interval: Option<Interval>,
    /// Between subjects over within, or over the rest: whether there is any correlation. Infinite where that is 0.
    pub f: f64,
    /// Its degrees of freedom.
    pub degrees: [f64; 2],
    /// How often an F as large comes without any correlation.
    pub p: f64,
    /// Number of subjects.
    pub subjects: usize,
    /// Number of raters.
    pub raters: usize,
}

impl MeanSquares {
    /// Those of `raters`, each with a value for the same subjects in the same order.
    ///
    /// # Errors
    /// [`Error::TooFew`] raters or subjects, [`Error::LengthsDiffer`], [`Error::Constant`] if all values are equal, and what is wrong
    /// with the input.
    pub fn of(raters: &[&[f64]]) -> Result<Self> {
        if raters.len() < 2 {
            return Err(Error::TooFew { what: "raters", found: raters.len(), needed: 2 });
        }
        let n = raters[0].len();
        if n < 2 {
            return Err(Error::TooFew { what: "subjects", found: n, needed: 2 });
        }
        for values in raters {
            if values.len() != n {
                return Err(Error::LengthsDiffer { left: ("subjects", n), right: ("values of a rater", values.len()) });
            }
            finite("values of a rater", values)?;
        }
        if raters.iter().all(|values| values.iter().all(|value| *value == raters[0][0])) {
            return Err(Error::Constant { what: "the values of the raters".into() });
        }
        Ok(Self::of_checked(raters))
    }

    fn of_checked(raters: &[&[f64]]) -> Self {
        let subjects = raters[0].len();
        let (rows, columns) = (subjects as f64, raters.len() as f64);
        let mean = |values: &mut dyn Iterator<Item = f64>, count: f64| values.sum::<f64>() / count;
        let all = mean(&mut raters.iter().flat_map(|values| values.iter().copied()), rows * columns);
        let of_subject: Vec<f64> = (0..subjects)
            .map(|subject| {
                let first = raters[0][subject];
                // A mean of equal numbers is that number, and not one next to it.
                match raters.iter().all(|values| values[subject] == first) {
                    true => first,
                    false => mean(&mut raters.iter().map(|values| values[subject]), columns),
                }
            })
            .collect();
        let of_rater: Vec<f64> = raters.iter().map(|values| mean(&mut values.iter().copied(), rows)).collect();
        let square = |value: f64| value * value;
        let between = columns * of_subject.iter().map(|mean| square(mean - all)).sum::<f64>() / (rows - 1.0);
        let by_raters = rows * of_rater.iter().map(|mean| square(mean - all)).sum::<f64>() / (columns - 1.0);
        let each = |part: &dyn Fn(f64, f64, f64) -> f64| -> f64 {
            let of = |(values, rater): (&&[f64], &f64)| -> f64 {
                values.iter().zip(&of_subject).map(|(value, subject)| square(part(*value, *subject, *rater))).sum()
            };
            raters.iter().zip(&of_rater).map(of).sum()
        };
        let within = each(&|value, subject, _| value - subject) / (rows * (columns - 1.0));
        let rest = each(&|value, subject, rater| value - subject - rater + all) / ((rows - 1.0) * (columns - 1.0));
        let count = raters.len();
        // What is left of rounding is no difference, and a ratio of two such rests no correlation.
        let largest =
            raters.iter().flat_map(|values| values.iter()).fold(0.0, |most: f64, value| most.max(value.abs()));
        let least = (ROUNDING * largest).powi(2);
        let [between, within, raters, rest] =
            [between, within, by_raters, rest].map(|square| if square <= least { 0.0 } else { square });
        let (raters, rest) = if within == 0.0 { (0.0, 0.0) } else { (raters, rest) };
        Self { between, within, raters, rest, subjects, count }
    }

    /// An intraclass correlation with its interval.
    ///
    /// # Errors
    /// [`Error::Constant`] or [`Error::Undefined`] if there is no difference that a correlation can be told from.
    pub fn icc(&self, form: Form, level: Level) -> Result<Icc> {
        let Self { between: b, within: w, raters: r, rest: e, subjects, count } = *self;
        let (n, k) = (subjects as f64, count as f64);
        let (error, second) = match form {
            Form::OneWay | Form::OneWayMean => (w, n * (k - 1.0)),
            _ => (e, (n - 1.0) * (k - 1.0)),
        };
        let denominator = match form {
            Form::OneWay => b + (k - 1.0) * w,
            Form::Agreement => b + (k - 1.0) * e + k * (r - e) / n,
            Form::Consistency => b + (k - 1.0) * e,
            Form::AgreementMean => b + (r - e) / n,
            Form::OneWayMean | Form::ConsistencyMean => b,
        };
        if b <= 0.0 && error <= 0.0 {
            let reason = "the subjects do not differ, and nothing else does but the raters";
            return Err(Error::Undefined { what: "the intraclass correlation", reason });
        }
        if denominator <= 0.0 {
            return Err(Error::Constant { what: "the values of the raters".into() });
        }
        let f = b / error;
        let limits = |of_single: bool| Limits { n, k, level, second, of_single };
        let interval = match form {
            _ if w == 0.0 => Some(Interval { low: 1.0, high: 1.0 }),
            _ if error <= 0.0 => None,
            Form::Agreement => limits(true).agreement(b, r, e),
            Form::AgreementMean => limits(false).agreement(b, r, e),
            Form::OneWay | Form::Consistency => Some(limits(true).of_f(f)),
            Form::OneWayMean | Form::ConsistencyMean => Some(limits(false).of_f(f)),
        };
        let value = (b - error) / denominator;
        let p = if f.is_infinite() { 0.0 } else { f_upper(f, n - 1.0, second) };
        Ok(Icc { form, value, interval, f, degrees: [n - 1.0, second], p, subjects, raters: count })
    }
}

/// What limits depend on, beside mean squares.
struct Limits {
    n: f64,
    k: f64,
    level: Level,
    /// The second degrees of freedom of F.
    second: f64,
    /// Whether they are of single values instead of means over the raters.
    of_single: bool,
}

impl Limits {
    /// By the ratio of two mean squares.
    fn of_f(&self, f: f64) -> Interval {
        let tail = 1.0 - self.level.tail();
        let low = f / f_quantile(tail, self.n - 1.0, self.second);
        let high = f * f_quantile(tail, self.second, self.n - 1.0);
        let limit = |f: f64| if self.of_single { (f - 1.0) / (f + self.k - 1.0) } else { 1.0 - 1.0 / f };
        Interval { low: limit(low), high: limit(high) }
    }

    /// By Satterthwaite's degrees of freedom for the sum of the mean squares of raters and rest. Of means over the raters there is no
    /// interval where that of single values reaches −1 / (k − 1): the formula that leads from one to the other has a pole there, and
    /// beyond it a lower limit above 1.
    fn agreement(&self, between: f64, raters: f64, rest: f64) -> Option<Interval> {
        let Self { n, k, level, .. } = *self;
        let icc = (between - rest) / (between + (k - 1.0) * rest + k * (raters - rest) / n);
        let f = raters / rest;
        let part = n * (1.0 + (k - 1.0) * icc) - k * icc;
        let degrees =
            (k - 1.0) * (n - 1.0) * (k * icc * f + part).powi(2) / ((n - 1.0) * (k * icc * f).powi(2) + part.powi(2));
        let limit = |f: f64| n * (between - f * rest) / (f * (k * raters + (k * n - k - n) * rest) + n * between);
        let upper = f_quantile(1.0 - level.tail(), n - 1.0, degrees);
        let other = f_quantile(1.0 - level.tail(), degrees, n - 1.0);
        let high = n * (other * between - rest) / (k * raters + (k * n - k - n) * rest + n * other * between);
        let single = Interval { low: limit(upper), high };
        match self.of_single {
            true => Some(single),
            false if single.low * (k - 1.0) <= -1.0 => None,
            false => Some(single.map(|x| x * k / (1.0 + x * (k - 1.0)))),
        }
    }
}

/// ICC(2,1) of `raters`, each with a value for the same subjects in the same order.
///
/// ```
/// use voxomics_statistics::{Level, reliability::agreement};
///
/// assert_eq!(agreement(&[&[1.0, 2.0, 6.0], &[1.0, 2.0, 6.0]], Level::P95)?.value, 1.0);
/// # Ok::<(), voxomics_statistics::Error>(())
/// ```
///
/// # Errors
/// As of [`MeanSquares::of`].
pub fn agreement(raters: &[&[f64]], level: Level) -> Result<Icc> {
    MeanSquares::of(raters)?.icc(Form::Agreement, level)
}
