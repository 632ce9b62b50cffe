//! The model as TOML. Numbers have the fewest digits that read back as the same number.

use serde::Serialize;
use voxomics_learning::{
    Response, algebra,
    tuning::{Choice, End},
};
use voxomics_sdk::{
    Error,
    model::{
        Number,
        file::Harmonisation,
        write::{self, Counts, Head, OutOfFold, Performance, Range},
    },
};

use crate::{file::PLUGIN, training::Trained};

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
struct About {
    #[serde(flatten)]
    head: Head,
    intercept: Number,
    alpha: Number,
    lambda: Number,
    #[serde(flatten)]
    counts: Counts,
}

#[derive(Serialize)]
struct Input {
    name: String,
    coefficient: Number,
    centre: Number,
    deviation: Number,
    #[serde(flatten)]
    range: Range,
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
    /// At which ends of what was searched the best model lies.
    at_end_of: Vec<&'static str>,
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

/// The model file.
pub fn text(trained: &Trained) -> Result<String, Error> {
    let terms = terms(trained)?;
    let places: Vec<usize> = terms.iter().map(|term| term.place).collect();
    write::text(&Written {
        model: about(trained, &terms),
        input: terms.iter().map(|term| input(trained, term)).collect(),
        harmonisation: Harmonisation::of(&trained.named, &trained.tuned.pipeline, &places),
        cross_validation: cross_validation(trained),
        performance: trained.outer.as_ref().map(Performance::from),
        diagnostics: diagnostics(trained),
    })
}

/// An input with a coefficient: its place in the table, its coefficient, mean and deviation after preprocessing.
struct Term {
    place: usize,
    coefficient: f64,
    mean: f64,
    deviation: f64,
}

fn terms(trained: &Trained) -> Result<Vec<Term>, Error> {
    let (tuned, sample) = (&trained.tuned, &trained.named.sample);
    let x = tuned.pipeline.transform(&sample.table).map_err(|why| trained.named.error(why))?;
    let columns = tuned.pipeline.columns().iter().zip(&tuned.model().coefficients).enumerate();
    let terms = columns.filter(|(_, (_, coefficient))| **coefficient != 0.0).map(|(j, (place, coefficient))| Term {
        place: *place,
        coefficient: *coefficient,
        mean: algebra::mean(x.column(j), &sample.weights),
        deviation: algebra::variance(x.column(j), &sample.weights).sqrt(),
    });
    Ok(terms.collect())
}

fn about(trained: &Trained, terms: &[Term]) -> About {
    let (named, model) = (&trained.named, trained.tuned.model());
    // That of the centred inputs. A relative hazard has none: it is that of the mean of every input.
    let intercept = match named.sample.response {
        Response::Cox { .. } => 0.0,
        _ => terms.iter().fold(model.intercept, |sum, term| sum + term.coefficient * term.mean),
    };
    About {
        head: Head::new(PLUGIN, &trained.name, named),
        intercept: intercept.into(),
        alpha: trained.tuned.curves[trained.tuned.curve].alpha.into(),
        lambda: model.lambda.into(),
        counts: Counts::new(trained.seed, named),
    }
}

fn input(trained: &Trained, term: &Term) -> Input {
    Input {
        name: trained.named.inputs[term.place].clone(),
        coefficient: term.coefficient.into(),
        centre: term.mean.into(),
        deviation: term.deviation.into(),
        range: Range::of(&trained.named, &trained.tuned.pipeline, term.place),
    }
}

fn cross_validation(trained: &Trained) -> CrossValidation {
    let tuned = &trained.tuned;
    let curve = &tuned.curves[tuned.curve];
    CrossValidation {
        measure: trained.net.measure.name(),
        value: curve.mean[tuned.chosen],
        standard_error: curve.error[tuned.chosen],
        folds: tuned.folds.folds,
        repeats: tuned.folds.repeats,
        chosen: if trained.net.choice == Choice::Best { "min" } else { "1se" },
        lambda_min: curve.path[tuned.best].lambda,
        lambda_1se: curve.path[tuned.one_standard_error].lambda,
        at_end_of: tuned
            .ends()
            .into_iter()
            .map(|end| match end {
                End::Lambda => "lambda",
                End::LeastAlpha | End::LargestAlpha => "alpha",
            })
            .collect(),
    }
}

fn diagnostics(trained: &Trained) -> Diagnostics {
    let tuned = &trained.tuned;
    let curves = tuned.curves.iter().map(|curve| Curve {
        alpha: curve.alpha,
        lambda: curve.path.iter().map(|model| model.lambda).collect(),
        mean: curve.mean.clone(),
        standard_error: curve.error.clone(),
        nonzero: curve.path.iter().map(|model| model.nonzero()).collect(),
    });
    let chosen = &tuned.curves[tuned.curve];
    let paths = tuned.pipeline.columns().iter().enumerate().map(|(j, place)| InputPath {
        name: trained.named.inputs[*place].clone(),
        coefficient: chosen.path.iter().map(|model| model.coefficients[j]).collect(),
    });
    Diagnostics {
        kept: write::kept(&trained.named, &tuned.pipeline),
        curve: curves.collect(),
        path: CoefficientPath {
            alpha: chosen.alpha,
            lambda: chosen.path.iter().map(|model| model.lambda).collect(),
            explained: chosen.path.iter().map(|model| model.explained).collect(),
            input: paths.filter(|path| path.coefficient.iter().any(|b| *b != 0.0)).collect(),
        },
        out_of_fold: trained
            .outer
            .iter()
            .flatten()
            .next()
            .map(|outer| OutOfFold::new(outer.predictions.scores.clone())),
    }
}
