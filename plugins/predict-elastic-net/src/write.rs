//! The model as TOML. Numbers have the fewest digits that read back as the same number.

use serde::Serialize;
use voxomics_learning::{Matrix, Response, algebra, preprocessing::Unknown, tuning::Choice};
use voxomics_sdk::Error;

use crate::{
    file::{About, Aligned, Family, Harmonisation, Input, Link, Method, Number, PLUGIN, UnknownBatch},
    training::{Outer, Trained},
};

#[derive(Serialize)]
struct Written {
    model: About,
    input: Vec<Input>,
    #[serde(skip_serializing_if = "Option::is_none")]
    harmonisation: Option<Harmonisation>,
    cross_validation: CrossValidation,
    #[serde(skip_serializing_if = "Option::is_none")]
    performance: Option<Performance>,
    diagnostics: Diagnostics,
}

#[derive(Serialize)]
struct CrossValidation {
    measure: &'static str,
    value: f64,
    standard_error: f64,
    folds: usize,
    repeats: usize,
    chosen: &'static str,
    lambda_min: f64,
    lambda_1se: f64,
}

#[derive(Serialize)]
struct Performance {
    folds: usize,
    repeats: usize,
    figure: Vec<Figure>,
}

#[derive(Serialize)]
struct Figure {
    measure: &'static str,
    value: f64,
    standard_error: f64,
}

#[derive(Serialize)]
struct Diagnostics {
    /// Inputs that preprocessing left.
    kept: Vec<String>,
    curve: Vec<Curve>,
    path: CoefficientPath,
    #[serde(skip_serializing_if = "Option::is_none")]
    out_of_fold: Option<OutOfFold>,
}

#[derive(Serialize)]
struct Curve {
    alpha: f64,
    lambda: Vec<f64>,
    mean: Vec<f64>,
    standard_error: Vec<f64>,
    nonzero: Vec<usize>,
}

#[derive(Serialize)]
struct CoefficientPath {
    alpha: f64,
    lambda: Vec<f64>,
    explained: Vec<f64>,
    input: Vec<InputPath>,
}

#[derive(Serialize)]
struct InputPath {
    name: String,
    coefficient: Vec<f64>,
}

#[derive(Serialize)]
struct OutOfFold {
    row: Vec<usize>,
    linear_predictor: Vec<f64>,
}

/// The model file.
pub fn text(trained: &Trained) -> Result<String, Error> {
    let (terms, x) = terms(trained)?;
    let (about, input) = (about(trained, &terms), inputs(trained, &terms, &x));
    let written = Written {
        model: about,
        input,
        harmonisation: harmonisation(trained, &terms),
        cross_validation: cross_validation(trained),
        performance: trained.outer.as_ref().map(performance),
        diagnostics: diagnostics(trained),
    };
    toml::to_string(&written).map_err(|why| Error::input(format!("the model cannot be written as TOML: {why}")))
}

/// An input with a coefficient: its place in the table, its coefficient, mean and deviation after preprocessing.
struct Term {
    place: usize,
    coefficient: f64,
    mean: f64,
    deviation: f64,
}

fn terms(trained: &Trained) -> Result<(Vec<Term>, Matrix), Error> {
    let (tuned, sample) = (&trained.tuned, &trained.named.sample);
    let x = tuned.pipeline.transform(&sample.table).map_err(|why| Error::input(why.to_string()))?;
    let columns = tuned.pipeline.columns().iter().zip(&tuned.model().coefficients).enumerate();
    let terms = columns.filter(|(_, (_, coefficient))| **coefficient != 0.0).map(|(j, (place, coefficient))| Term {
        place: *place,
        coefficient: *coefficient,
        mean: algebra::mean(x.column(j), &sample.weights),
        deviation: algebra::variance(x.column(j), &sample.weights).sqrt(),
    });
    Ok((terms.collect(), sample.table.inputs.clone()))
}

fn known(value: f64) -> Option<Number> {
    Some(if value.is_finite() { Number::Known(value) } else { Number::Unknown })
}

fn about(trained: &Trained, terms: &[Term]) -> About {
    let (named, model) = (&trained.named, trained.tuned.model());
    let (family, link) = match named.sample.response {
        Response::Gaussian(_) => (Family::Gaussian, Link::Identity),
        Response::Binomial(_) => (Family::Binomial, Link::Logistic),
        Response::Cox { .. } => (Family::Cox, Link::Identity),
    };
    // That of the centred inputs. A relative hazard has none: it is that of the mean of every input.
    let centred = terms.iter().fold(model.intercept, |sum, term| sum + term.coefficient * term.mean);
    About {
        plugin: PLUGIN.into(),
        name: trained.name.clone(),
        family,
        link,
        target: named.target.clone(),
        intercept: known(if family == Family::Cox { 0.0 } else { centred }),
        alpha: known(trained.tuned.curves[trained.tuned.curve].alpha),
        lambda: known(model.lambda),
        seed: i64::try_from(trained.seed).ok(),
        rows: Some(named.sample.rows() as u64),
        considered: Some(named.inputs.len() as u64),
        demonstration: false,
        description: String::new(),
        source: String::new(),
        licence: String::new(),
    }
}

fn inputs(trained: &Trained, terms: &[Term], raw: &Matrix) -> Vec<Input> {
    let of = |term: &Term| {
        let present = || raw.column(term.place).iter().copied().filter(|x| !x.is_nan());
        Input {
            name: trained.named.inputs[term.place].clone(),
            coefficient: known(term.coefficient),
            centre: known(term.mean),
            scale: None,
            deviation: known(term.deviation),
            imputed: trained.tuned.pipeline.imputed()[term.place].and_then(known),
            minimum: known(present().fold(f64::INFINITY, f64::min)),
            maximum: known(present().fold(f64::NEG_INFINITY, f64::max)),
            ..Input::default()
        }
    };
    terms.iter().map(of).collect()
}

fn harmonisation(trained: &Trained, terms: &[Term]) -> Option<Harmonisation> {
    let combat = trained.tuned.pipeline.combat()?;
    let learnt: Vec<_> = combat.batches.iter().zip(&trained.named.batches).collect();
    let learnt: Vec<_> = learnt.into_iter().filter_map(|(batch, name)| Some((batch.as_ref()?, name))).collect();
    let of = |term: &Term| {
        let j = combat.columns.iter().position(|place| *place == term.place)?;
        Some(Aligned {
            name: trained.named.inputs[term.place].clone(),
            mean: known(combat.mean[j]),
            deviation: known(combat.deviation[j]),
            location: learnt.iter().filter_map(|(batch, _)| known(batch.location[j])).collect(),
            scale: learnt.iter().filter_map(|(batch, _)| known(batch.scale[j])).collect(),
        })
    };
    Some(Harmonisation {
        method: Method::Combat,
        unknown_batch: match combat.unknown {
            Unknown::Refuse => UnknownBatch::Refuse,
            Unknown::Unadjusted => UnknownBatch::Unadjusted,
        },
        batches: learnt.iter().map(|(_, name)| (*name).clone()).collect(),
        input: terms.iter().filter_map(of).collect(),
    })
}

fn cross_validation(trained: &Trained) -> CrossValidation {
    let tuned = &trained.tuned;
    let curve = &tuned.curves[tuned.curve];
    CrossValidation {
        measure: trained.net.measure.name(),
        value: curve.mean[tuned.chosen],
        standard_error: curve.error[tuned.chosen],
        folds: trained.net.folds.folds,
        repeats: trained.net.folds.repeats,
        chosen: if trained.net.choice == Choice::Best { "min" } else { "1se" },
        lambda_min: curve.path[tuned.best].lambda,
        lambda_1se: curve.path[tuned.one_standard_error].lambda,
    }
}

fn performance(outer: &Outer) -> Performance {
    let figures =
        outer.performance.iter().map(|p| Figure { measure: p.measure.name(), value: p.value, standard_error: p.error });
    Performance { folds: outer.folds.folds, repeats: outer.folds.repeats, figure: figures.collect() }
}

fn diagnostics(trained: &Trained) -> Diagnostics {
    let tuned = &trained.tuned;
    let name = |place: &usize| trained.named.inputs[*place].clone();
    let curves = tuned.curves.iter().map(|curve| Curve {
        alpha: curve.alpha,
        lambda: curve.path.iter().map(|model| model.lambda).collect(),
        mean: curve.mean.clone(),
        standard_error: curve.error.clone(),
        nonzero: curve.path.iter().map(|model| model.nonzero()).collect(),
    });
    let chosen = &tuned.curves[tuned.curve];
    let paths = tuned.pipeline.columns().iter().enumerate().map(|(j, place)| InputPath {
        name: name(place),
        coefficient: chosen.path.iter().map(|model| model.coefficients[j]).collect(),
    });
    Diagnostics {
        kept: tuned.pipeline.columns().iter().map(name).collect(),
        curve: curves.collect(),
        path: CoefficientPath {
            alpha: chosen.alpha,
            lambda: chosen.path.iter().map(|model| model.lambda).collect(),
            explained: chosen.path.iter().map(|model| model.explained).collect(),
            input: paths.filter(|path| path.coefficient.iter().any(|b| *b != 0.0)).collect(),
        },
        out_of_fold: trained.outer.as_ref().map(|outer| OutOfFold {
            row: (0..outer.predictions.scores.len()).collect(),
            linear_predictor: outer.predictions.scores.clone(),
        }),
    }
}
