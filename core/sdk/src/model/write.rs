//! The parts that model files share, as they are written. Numbers have the fewest digits that read back as the same
//! number.

use serde::Serialize;
use voxomics_learning::{
    Response,
    preprocessing::{FittedPipeline, Unknown},
};

use super::{
    Family, Link, Named, Number, Outer,
    file::{Aligned, Harmonisation},
    words::{Method, UnknownBatch},
};
use crate::Error;

/// A model file: one table after the other.
///
/// # Errors
/// If it cannot be TOML.
pub fn text(file: &impl Serialize) -> Result<String, Error> {
    toml::to_string(file).map_err(|why| Error::input(format!("the model cannot be written as TOML: {why}")))
}

/// The first keys of `[model]`; to be flattened.
#[derive(Debug, Clone, Serialize)]
pub struct Head {
    plugin: &'static str,
    name: String,
    family: Family,
    link: Link,
    #[serde(skip_serializing_if = "String::is_empty")]
    target: String,
}

impl Head {
    /// Those of a model of `plugin`.
    pub fn new(plugin: &'static str, name: &str, named: &Named) -> Self {
        let (family, link) = match named.sample.response {
            Response::Gaussian(_) => (Family::Gaussian, Link::Identity),
            Response::Binomial(_) => (Family::Binomial, Link::Logistic),
            Response::Cox { .. } => (Family::Cox, Link::Identity),
        };
        Self { plugin, name: name.into(), family, link, target: named.target.clone() }
    }

    /// The same of a model that tells of the order of times and of no hazard, if it is of times.
    pub fn of_order(mut self) -> Self {
        if self.family == Family::Cox {
            self.family = Family::Survival;
        }
        self
    }
}

/// Keys of `[model]` that say what was learnt from; to be flattened.
#[derive(Debug, Clone, Serialize)]
pub struct Counts {
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<i64>,
    rows: usize,
    considered: usize,
}

impl Counts {
    /// Those of rows and a seed, which TOML holds up to 2⁶³ − 1.
    pub fn new(seed: u64, named: &Named) -> Self {
        Self { seed: i64::try_from(seed).ok(), rows: named.sample.rows(), considered: named.inputs.len() }
    }
}

/// Keys of `[[input]]` that say what its values are; to be flattened.
#[derive(Debug, Clone, Serialize)]
pub struct Range {
    #[serde(skip_serializing_if = "Option::is_none")]
    imputed: Option<Number>,
    minimum: Number,
    maximum: Number,
}

impl Range {
    /// Those of the column `place` of the table.
    ///
    /// # Panics
    /// If there is no such column.
    pub fn of(named: &Named, pipeline: &FittedPipeline, place: usize) -> Self {
        let present = || named.sample.table.inputs.column(place).iter().copied().filter(|x| !x.is_nan());
        Self {
            imputed: pipeline.imputed()[place].map(Number::from),
            minimum: present().fold(f64::INFINITY, f64::min).into(),
            maximum: present().fold(f64::NEG_INFINITY, f64::max).into(),
        }
    }
}

impl Harmonisation {
    /// What aligns the batches of the columns `places` of the table, if anything does.
    pub fn of(named: &Named, pipeline: &FittedPipeline, places: &[usize]) -> Option<Self> {
        let combat = pipeline.combat()?;
        let learnt =
            || combat.batches.iter().zip(&named.batches).filter_map(|(batch, name)| Some((batch.as_ref()?, name)));
        let of = |place: &usize| {
            let j = combat.columns.iter().position(|column| column == place)?;
            Some(Aligned {
                name: named.inputs[*place].clone(),
                mean: Some(combat.mean[j].into()),
                effect: combat.effects[j].iter().map(|effect| Number::from(*effect)).collect(),
                deviation: Some(combat.deviation[j].into()),
                location: learnt().map(|(batch, _)| batch.location[j].into()).collect(),
                scale: learnt().map(|(batch, _)| batch.scale[j].into()).collect(),
            })
        };
        Some(Self {
            method: Method::Combat,
            unknown_batch: match combat.unknown {
                Unknown::Refuse => UnknownBatch::Refuse,
                Unknown::Unadjusted => UnknownBatch::Unadjusted,
            },
            batches: learnt().map(|(_, name)| name.clone()).collect(),
            kept: named.kept.clone(),
            unaligned: (places.iter().filter(|place| named.sample.table.unaligned.contains(place)))
                .map(|place| named.inputs[*place].clone())
                .collect(),
            input: places.iter().filter_map(of).collect(),
        })
    }
}

/// The table `[performance]`.
#[derive(Debug, Clone, Serialize)]
pub struct Performance {
    folds: usize,
    repeats: usize,
    /// Why it is not told.
    #[serde(skip_serializing_if = "Option::is_none")]
    failed: Option<String>,
    figure: Vec<Figure>,
}

#[derive(Debug, Clone, Serialize)]
struct Figure {
    measure: &'static str,
    value: f64,
    standard_error: f64,
    /// The folds in which it is defined, and their rows, where that is not all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    folds: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rows: Option<usize>,
}

impl From<&Result<Outer, String>> for Performance {
    fn from(outer: &Result<Outer, String>) -> Self {
        let outer = match outer {
            Ok(outer) => outer,
            Err(why) => return Self { folds: 0, repeats: 0, failed: Some(why.clone()), figure: Vec::new() },
        };
        let all = outer.predictions.folds.len();
        let figure = |found: &voxomics_learning::nested::Performance| {
            let part = (found.folds < all).then_some((found.folds, found.rows));
            let (folds, rows) = part.unzip();
            Figure { measure: found.measure.name(), value: found.value, standard_error: found.error, folds, rows }
        };
        let figures = outer.performance.iter().map(figure).collect();
        Self { folds: outer.folds.folds, repeats: outer.folds.repeats, failed: None, figure: figures }
    }
}

/// The table `[diagnostics.out_of_fold]`: what each row was given by models that had not seen it.
#[derive(Debug, Clone, Serialize)]
pub struct OutOfFold {
    row: Vec<usize>,
    linear_predictor: Vec<f64>,
}

impl OutOfFold {
    /// Of every row, in order.
    pub fn new(linear_predictor: Vec<f64>) -> Self {
        Self { row: (0..linear_predictor.len()).collect(), linear_predictor }
    }
}

/// The table `[model]` of a model that says in `G` how it was made.
#[derive(Debug, Clone, Serialize)]
pub struct About<G> {
    /// What it is.
    #[serde(flatten)]
    pub head: Head,
    /// What it was learnt from.
    #[serde(flatten)]
    pub counts: Counts,
    /// How it was made.
    #[serde(flatten)]
    pub grown: G,
}

/// The table `[diagnostics]` of a model of which nothing is chosen by cross-validation.
#[derive(Debug, Clone, Serialize)]
pub struct Diagnostics {
    /// Inputs that preprocessing left.
    pub kept: Vec<String>,
    /// What models that have not seen it say of each row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub out_of_fold: Option<OutOfFold>,
}

/// Names of the inputs that preprocessing left.
pub fn kept(named: &Named, pipeline: &FittedPipeline) -> Vec<String> {
    pipeline.columns().iter().map(|place| named.inputs[*place].clone()).collect()
}
