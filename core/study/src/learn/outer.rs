//! The outer cross-validation: what a learner makes of the other folds' rows is held against the rows of each fold.
//!
//! The study asks the learner anew for each fold, with the rows of the others alone: no learner can look at whom it is tested
//! on, and every one is tested on the same patients. What the models of the folds are like is kept, too.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    sync::atomic::Ordering,
};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use voxomics_engine::{
    experiment::study::Target,
    host::TrainingTable,
    output::Folder,
    plan::{Learner, Predictor},
};
use voxomics_learning::{
    Matrix, Response, Sample, Table,
    folds::splits,
    measure::Measure,
    nested::{OutOfFold, Performance},
};

use super::{
    Row, anew, asked, refit,
    reliability::Reliability,
    scale::{before_link, is_hazard, is_linear, is_logistic, measures, sum},
};
use crate::work::Work;

/// The models of the outer folds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outer {
    /// For each repeat, the fold of each row of the training.
    pub folds: Vec<Vec<usize>>,
    /// The models, repeat after repeat and fold after fold.
    pub models: Vec<OfFold>,
    /// Whether a score is a probability.
    pub logistic: bool,
    /// Whether it is a sum of terms before its link.
    pub linear: bool,
    /// Whether a higher score speaks for an earlier event.
    pub hazard: bool,
    /// What was fitted on images anew in each fold: `images.normalised`.
    #[serde(default)]
    pub refitted: Vec<String>,
}

/// What was learnt without a fold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OfFold {
    /// The repeat.
    pub repeat: usize,
    /// The fold that it has not seen.
    pub fold: usize,
    /// The score of every row of the training, also of those that it was learnt from; none where it has none.
    pub scores: Vec<Option<f64>>,
    /// For each negative control, the scores of the same rows in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub controls: Vec<Vec<Option<f64>>>,
    /// The inputs that it uses, with their coefficient where it has one.
    pub inputs: BTreeMap<String, Option<f64>>,
    /// By how much the first measure of the fold falls when an input is shuffled.
    pub importance: BTreeMap<String, f64>,
    /// The risks of the rows of the fold at times, if the model tells them itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub told: Vec<refit::Told>,
}

/// The figure of a fold and the weight of that fold; none where the figure is undefined.
pub type Weighed = Option<(f64, f64)>;

/// The inputs that an outer model may use.
#[derive(Clone, Copy)]
pub enum Inputs<'a> {
    /// All, or those that agree between readers, if that is asked for.
    All(Option<&'a Reliability>),
    /// These.
    These(&'a BTreeSet<String>),
}

impl<'a> Inputs<'a> {
    /// Those that may be learnt from with some rows; none if that is all.
    fn of(self, rows: &[usize]) -> Result<Option<Cow<'a, BTreeSet<String>>>, String> {
        match self {
            Self::All(None) => Ok(None),
            Self::All(Some(reliability)) => Ok(Some(Cow::Owned(reliability.agreed(rows)?.inputs))),
            Self::These(inputs) => Ok(Some(Cow::Borrowed(inputs))),
        }
    }
}

/// Key, in what is told of a training, of the outer models.
pub const OUTER: &str = "outer";

impl Outer {
    /// What was kept of an earlier training.
    pub fn of(diagnostics: &Json) -> Option<Self> {
        Self::deserialize(diagnostics.get(OUTER)?).ok()
    }

    /// Predicts each row by what the learner makes of the other folds' rows; none if there are no outer folds.
    ///
    /// # Errors
    /// Which fold could not be learnt, and why.
    pub fn learn(
        work: &Work<'_>,
        learner: &Learner,
        target: &Target,
        (table, rows): (&TrainingTable, &[Row<'_>]),
        folder: &Folder,
        (inputs, horizons): (Inputs<'_>, &[f64]),
    ) -> Result<Option<Self>, String> {
        let Some(dealt) = &table.design.folds else { return Ok(None) };
        let folds: Vec<Vec<usize>> = dealt.outer.iter().map(|name| numbers(table, name)).collect::<Result<_, _>>()?;
        if folds.is_empty() {
            return Ok(None);
        }
        let splits = splits(&folds);
        let first = splits.iter().filter(|split| split.repeat == 0).count().max(1);
        let horizons = asked::wanted(target, horizons);
        let bench = refit::Bench { plan: work.plan, services: work.services, horizons };
        let sample = sample(target, table, rows)?;
        let place = |at: usize| match folds.len() {
            1 => format!("outer fold {}", at + 1),
            _ => format!("outer fold {} of repeat {}", at % first + 1, splits[at].repeat + 1),
        };
        // One after the other: each uses all threads for its cases.
        let anew = splits.iter().enumerate().map(|(at, split)| {
            anew::without(work, &table.design.inputs, rows, &split.test).map_err(|why| format!("{}: {why}", place(at)))
        });
        let anew: Vec<Option<anew::Anew>> = anew.collect::<Result<_, String>>()?;
        let one = |at: usize| {
            let (split, place) = (&splits[at], place(at));
            if bench.services.cancelled.load(Ordering::Relaxed) {
                return Err("cancelled".to_owned());
            }
            let of_fold = anew[at].as_ref();
            let (own_table, lesions) =
                (of_fold.map(|of| of.table(bench.plan, table)), of_fold.map(|of| of.lesions(rows)));
            let own_rows = lesions.as_ref().map(|lesions| anew::rows(rows, lesions));
            let (table, rows) = (own_table.as_ref().unwrap_or(table), own_rows.as_deref().unwrap_or(rows));
            let inner = dealt.within.get(at).cloned().unwrap_or_default();
            // Readers agree, or not, in the values of this fold.
            let again = match (inputs, of_fold) {
                (Inputs::All(Some(reliability)), Some(_)) => Some(reliability.again(bench.plan, rows)),
                _ => None,
            };
            let offered = again.as_ref().map_or(inputs, |again| Inputs::All(Some(again)));
            let allowed = offered.of(&split.train).map_err(|why| format!("{place}: {why}"))?;
            let part = refit::part(table, &split.train, &inner, allowed.as_deref());
            let file = format!("{}.outer-{at}.unfinished.toml", learner.name);
            let model = refit::fit(bench, learner, &part, folder, &file).map_err(|why| format!("{place}: {why}"))?;
            let scores = refit::scores(bench, &model, rows).map_err(|why| format!("{place}: {why}"))?;
            let controls = refit::controls(bench, &model, rows).map_err(|why| format!("{place}: {why}"))?;
            let told = refit::risks(bench, &model, rows, &split.test).map_err(|why| format!("{place}: {why}"))?;
            let fold = folds[split.repeat][split.test[0]];
            let (logistic, hazard) = (is_logistic(&model), is_hazard(&model));
            let importance = match inputs {
                Inputs::These(_) => BTreeMap::new(),
                Inputs::All(_) => {
                    let seed = bench.plan.seed.wrapping_add(1 + at as u64);
                    let found = importance(bench, &model, target, (&sample, rows, &split.test), seed);
                    found.map_err(|why| format!("{place}: {why}"))?
                }
            };
            let inputs = inputs_of(&model);
            let of = OfFold { repeat: split.repeat, fold, scores, controls, inputs, importance, told };
            Ok((of, logistic, hazard, is_linear(&model)))
        };
        let learnt: Vec<Result<(OfFold, bool, bool, bool), String>> =
            work.pool.install(|| (0..splits.len()).into_par_iter().with_max_len(1).map(one).collect());
        let learnt: Vec<(OfFold, bool, bool, bool)> = learnt.into_iter().collect::<Result<_, _>>()?;
        let logistic = learnt.iter().all(|(_, logistic, ..)| *logistic);
        let hazard = learnt.iter().all(|(_, _, hazard, _)| *hazard);
        let linear = learnt.iter().all(|(.., linear)| *linear);
        let refitted: BTreeSet<&String> = anew.iter().flatten().flat_map(|of| &of.names).collect();
        let refitted = refitted.into_iter().cloned().collect();
        let models = learnt.into_iter().map(|(of, ..)| of).collect();
        Ok(Some(Self { folds, models, logistic, linear, hazard, refitted }))
    }

    /// The model that has not seen a row, in a repeat.
    pub fn unseen(&self, repeat: usize, row: usize) -> Option<&OfFold> {
        let fold = *self.folds.get(repeat)?.get(row)?;
        self.models.iter().find(|model| model.repeat == repeat && model.fold == fold)
    }

    /// The out-of-fold score of each row, in a repeat.
    pub fn out_of_fold(&self, repeat: usize) -> Vec<Option<f64>> {
        let rows = self.folds.get(repeat).map_or(0, Vec::len);
        (0..rows).map(|row| *self.unseen(repeat, row)?.scores.get(row)?).collect()
    }

    /// The same before its link, if there is one.
    fn sums(&self, repeat: usize) -> Vec<Option<f64>> {
        self.out_of_fold(repeat).into_iter().map(|score| score.map(|score| before_link(score, self.logistic))).collect()
    }

    /// The mean over the repeats of each row's sums, for those that have one in all; of a model that is no sum, of its scores.
    fn mean_sums(&self) -> Vec<Option<f64>> {
        let of = |repeat| if self.linear { self.sums(repeat) } else { self.out_of_fold(repeat) };
        let repeats: Vec<Vec<Option<f64>>> = (0..self.folds.len()).map(of).collect();
        let rows = self.folds.first().map_or(0, Vec::len);
        let mean = |row: usize| {
            let known: Option<Vec<f64>> = repeats.iter().map(|scores| scores[row]).collect();
            // The log-odds of a probability of 0 or 1 are infinite.
            known.map(|known| known.iter().sum::<f64>() / known.len() as f64).filter(|mean| mean.is_finite())
        };
        (0..rows).map(mean).collect()
    }

    /// What the out-of-fold scores are worth, fold by fold.
    pub fn performance(&self, target: &Target, sample: &Sample) -> Vec<Performance> {
        let suited = measures(target, self.logistic);
        let sign = if matches!(target, Target::Survival { .. }) && !self.hazard { -1.0 } else { 1.0 };
        let by_repeat: Vec<Vec<Option<f64>>> = (0..self.folds.len()).map(|repeat| self.sums(repeat)).collect();
        let tested = |repeat: usize, test: &[usize]| -> Vec<usize> {
            test.iter().copied().filter(|row| by_repeat[repeat][*row].is_some()).collect()
        };
        let predictions = OutOfFold {
            scores: Vec::new(),
            by_repeat: by_repeat
                .iter()
                .map(|scores| scores.iter().map(|score| sign * score.unwrap_or(f64::NAN)).collect())
                .collect(),
            folds: splits(&self.folds)
                .into_iter()
                .map(|split| (split.repeat, tested(split.repeat, &split.test)))
                .collect(),
        };
        let measured = suited.iter().filter_map(|measure| predictions.performance(sample, *measure));
        measured.filter(|found| found.value.is_finite()).collect()
    }

    /// The first measure of each outer fold with its weight, by repeat; none where it is undefined. Rows without a score weigh nothing.
    pub fn by_fold(&self, target: &Target, sample: &Sample) -> (Measure, Vec<Vec<Weighed>>) {
        let measure = measures(target, self.logistic)[0];
        let mut repeats = vec![Vec::new(); self.folds.len()];
        for split in splits(&self.folds) {
            let scores = self.out_of_fold(split.repeat);
            let known = split.test.iter().filter_map(|row| Some((*row, scores[*row]?)));
            let (rows, scores): (Vec<usize>, Vec<f64>) =
                known.map(|(row, score)| (row, sum(score, target, self.logistic, self.hazard))).unzip();
            let part = sample.select(&rows);
            repeats[split.repeat].push(measure.of(&part.response, &scores, &part.weights));
        }
        (measure, repeats)
    }

    /// Repeats, and folds of the first.
    pub fn shape(&self) -> (usize, usize) {
        (self.folds.len(), self.models.iter().filter(|model| model.repeat == 0).count())
    }

    /// The table `[performance]` of a model file.
    pub fn told(&self, figures: &[Performance]) -> toml::Value {
        let (repeats, folds) = self.shape();
        let rows = self.folds.first().map_or(0, Vec::len);
        let figures = figures.iter().map(|found| {
            let mut figure = toml::Table::new();
            figure.insert("measure".into(), found.measure.name().into());
            figure.insert("value".into(), found.value.into());
            figure.insert("standard_error".into(), found.error.into());
            if found.folds < self.models.len() || found.rows < rows {
                figure.insert("folds".into(), (found.folds as i64).into());
                figure.insert("rows".into(), (found.rows as i64).into());
            }
            toml::Value::from(figure)
        });
        let mut told = toml::Table::new();
        told.insert("folds".into(), (folds as i64).into());
        told.insert("repeats".into(), (repeats as i64).into());
        if !self.refitted.is_empty() {
            told.insert("refitted".into(), self.refitted.clone().into());
        }
        told.insert("figure".into(), toml::Value::Array(figures.collect()));
        told.into()
    }

    /// Keeps the outer models, and what each row was given, beside what the learner tells.
    ///
    /// # Errors
    /// If that cannot be written as JSON.
    pub fn keep(&self, diagnostics: &mut Json) -> Result<(), String> {
        if !diagnostics.is_object() {
            *diagnostics = Json::Object(Default::default());
        }
        let known: Vec<(usize, f64)> =
            self.mean_sums().into_iter().enumerate().filter_map(|(row, sum)| Some((row, sum?))).collect();
        let (row, sums): (Vec<usize>, Vec<f64>) = known.into_iter().unzip();
        diagnostics["out_of_fold"] = json!({ "row": row, "linear_predictor": sums });
        diagnostics[OUTER] = serde_json::to_value(self).map_err(|cause| format!("of the outer models: {cause}"))?;
        Ok(())
    }
}

/// By how much the first measure of the rows `test` falls when an input of a model is shuffled among them.
fn importance(
    bench: refit::Bench<'_>,
    model: &Predictor,
    target: &Target,
    (sample, rows, test): (&Sample, &[Row<'_>], &[usize]),
    seed: u64,
) -> Result<BTreeMap<String, f64>, String> {
    let (logistic, hazard) = (is_logistic(model), is_hazard(model));
    let tested: Vec<&Row<'_>> = test.iter().map(|row| &rows[*row]).collect();
    let part = sample.select(test);
    let measure = measures(target, logistic)[0];
    let sign = if measure.more_is_better() { 1.0 } else { -1.0 };
    refit::importance(bench, model, &tested, seed, |scores| {
        let known: Option<Vec<f64>> =
            scores.iter().map(|score| score.map(|score| sum(score, target, logistic, hazard))).collect();
        Some(sign * measure.of(&part.response, &known?, &part.weights)?.0)
    })
}

/// The table `[performance]` of a model whose outer folds could not be learnt.
pub fn failed(why: &str) -> toml::Value {
    let mut told = toml::Table::new();
    told.insert("folds".into(), 0.into());
    told.insert("repeats".into(), 0.into());
    told.insert("failed".into(), why.into());
    told.insert("figure".into(), toml::Value::Array(Vec::new()));
    told.into()
}

/// The rows of a training with their target and weights, and no input.
///
/// # Errors
/// If the lengths differ.
pub fn sample(target: &Target, table: &TrainingTable, rows: &[Row<'_>]) -> Result<Sample, String> {
    let of = |at: usize| -> Vec<f64> { rows.iter().map(|row| row.target[at]).collect() };
    let response = match target {
        Target::Number { .. } => Response::Gaussian(of(0)),
        Target::Survival { .. } => {
            Response::Cox { time: of(0), event: of(1).into_iter().map(|event| event == 1.0).collect() }
        }
        Target::Above { .. } | Target::Class { .. } => Response::Binomial(of(0)),
    };
    let mut sample = Sample::new(Table::new(Matrix::zeros(rows.len(), 0)), response).map_err(|why| why.to_string())?;
    if let Some(name) = &table.design.weights {
        sample.weights = column(table, name)?.iter().map(|weight| weight.unwrap_or(0.0)).collect();
    }
    Ok(sample)
}

/// A column of a training table.
///
/// # Errors
/// If there is none of this name.
pub fn column<'a>(table: &'a TrainingTable, name: &str) -> Result<&'a [Option<f64>], String> {
    let at = table.columns.iter().position(|column| column == name);
    let at = at.ok_or_else(|| format!("the training table has no column `{name}`"))?;
    Ok(&table.values[at * table.rows..(at + 1) * table.rows])
}

/// The numbers of the folds of a column.
fn numbers(table: &TrainingTable, name: &str) -> Result<Vec<usize>, String> {
    let whole = |number: &Option<f64>| number.map(|number| number as usize);
    let found: Option<Vec<usize>> = column(table, name)?.iter().map(whole).collect();
    found.ok_or_else(|| format!("`{name}` has no fold for some row"))
}

/// The inputs that a model uses; the coefficient is that of the input's own unit. Batches, and covariates that harmonisation keeps,
/// are asked for and are none of the model's own.
fn inputs_of(predictor: &Predictor) -> BTreeMap<String, Option<f64>> {
    let document = predictor.model.as_ref().map_or(&Json::Null, |model| &model.document);
    let listed = || document["input"].as_array().into_iter().flatten();
    let own = |name: &&String| document["input"].is_null() || listed().any(|input| input["name"] == **name);
    let coefficient = |name: &str| {
        let input = listed().find(|input| input["name"] == name)?;
        Some(input["coefficient"].as_f64()? / input["scale"].as_f64().unwrap_or(1.0))
    };
    predictor.instance.inputs.iter().filter(own).map(|name| (name.clone(), coefficient(name))).collect()
}
