//! Experiments and models.

use std::path::Path;

use predict_elastic_net as elastic_net;
use predict_linear as linear;
use voxomics_engine::experiment::Experiment;
use voxomics_sdk::{Input, Prediction};

use super::{Case, Outcome, Reader};

/// The experiment.
pub const EXPERIMENT: Reader =
    Reader { name: "experiment", words: EXPERIMENT_WORDS, cases: experiments, read: read_experiment };
/// The model of `predict-linear`.
pub const LINEAR: Reader =
    Reader { name: "predict-linear", words: MODEL_WORDS, cases: linear_models, read: read_linear };
/// The model of `predict-elastic-net`.
pub const ELASTIC_NET: Reader =
    Reader { name: "predict-elastic-net", words: MODEL_WORDS, cases: elastic_nets, read: read_elastic_net };

const EXPERIMENT_WORDS: &[&str] = &[
    "[experiment]\n",
    "[cases]\n",
    "[plugins]\n",
    "[regions.a]\n",
    "[features.glcm]\n",
    "[images.b]\n",
    "[predict.c]\n",
    "[covariates.d]\n",
    "[interpolation]\n",
    "[resegmentation]\n",
    "[discretisation]\n",
    "[limits]\n",
    "[geometry]\n",
    "[output]\n",
    "[study]\n",
    "[[cohort]]\n",
    "[learn.a]\n",
    "[evaluate]\n",
    "[report]\n",
    "label = ",
    "name = ",
    "ring_of = \"a\"\n",
    "union_of = [\"a\"]\n",
    "exclude = [\"a\"]\n",
    "components = \"each\"\n",
    "method = \"fixed bin number\"\n",
    "bins = ",
    "width = ",
    "spacing_mm = ",
    "range = [-inf, inf]\n",
    "use = []\n",
    "\"\"\"",
    "'''",
    "[[",
    "]]",
    "{ ",
    " }",
    "= ",
    ".",
    "\"",
    "\u{1F600}",
    "\u{0}",
    "compat = \"pyradiomics\"\n",
    "list = \"cases.csv\"\n",
    "1979-05-27",
    "true",
    "nan",
    "0x7fffffffffffffff",
    "#",
    "\r\n",
];
const MODEL_WORDS: &[&str] = &[
    "[model]\n",
    "[[input]]\n",
    "[harmonisation]\n",
    "[[harmonisation.input]]\n",
    "name = ",
    "coefficient = ",
    "intercept = ",
    "centre = 0\n",
    "scale = 0\n",
    "link = \"logistic\"\n",
    "link = \"identity\"\n",
    "family = \"cox\"\n",
    "imputed = ",
    "location = []\n",
    "batches = [\"a\"]\n",
    "\"?\"",
    "nan",
    "inf",
    "-inf",
    "true",
    "[",
    "]",
    "{",
    "}",
    "\"",
    "\"\"\"",
    "\u{1F600}",
    "= ",
    "\n",
    "#",
    "[extraction]\n",
    "[cutoffs]\n",
    "[training]\n",
];

fn text<'a>(case: &'a Case) -> std::borrow::Cow<'a, str> {
    String::from_utf8_lossy(&case.files[0].1)
}

fn experiments() -> Vec<Case> {
    [
        include_str!("../../../../configs/quickstart.toml"),
        include_str!("../../../../configs/ibsi-1/c.toml"),
        include_str!("../../../../configs/presets/pyradiomics.toml"),
        include_str!("../../../../configs/cd8.toml"),
    ]
    .map(|text| {
        // Comments only make the damage rarer.
        let lines = text.lines().filter(|line| !line.starts_with('#')).map(|line| format!("{line}\n"));
        Case::one("e.toml", lines.collect::<String>().into_bytes())
    })
    .into()
}

fn read_experiment(folder: &Path, case: &Case) -> Result<Outcome, String> {
    let path = folder.join(&case.files[0].0);
    match Experiment::from_file(&path, &[]) {
        Ok(experiment) if experiment.mistakes.is_empty() => Ok(Outcome::Read),
        Ok(experiment) => said(&experiment.mistakes.render()),
        Err(message) => said(&message),
    }
}

fn said(message: &str) -> Result<Outcome, String> {
    if message.trim().len() < 8 {
        Err(format!("an error that says nothing: {message:?}"))
    } else {
        Ok(Outcome::Refused(message.into()))
    }
}

fn linear_models() -> Vec<Case> {
    let text = "[model]\nname = \"m\"\ndemonstration = true\nsource = \"none\"\nlink = \"logistic\"\nintercept = 0.5\n\n[[input]]\nname = \
                \"tumour:statistics.mean\"\ncoefficient = 0.2\ncentre = 60.0\nscale = 20.0\n\n[[input]]\nname = \"kvp\"\ncoefficient = \
                -3\nminimum = 80\nmaximum = 140\n\n[cutoffs]\nhigh = 0.3\n";
    vec![Case::one("m.toml", text.into())]
}

fn elastic_nets() -> Vec<Case> {
    let model = "[model]\nplugin = \"predict-elastic-net\"\nname = \"m\"\nfamily = \"binomial\"\nlink = \"logistic\"\ntarget = \
                 \"response\"\nintercept = -0.31\nalpha = 0.5\nlambda = 0.042\nseed = 7\nrows = 135\n";
    let input = "\n[[input]]\nname = \"tumour:statistics.mean\"\ncoefficient = 0.41\ncentre = 5.2\ndeviation = 1.1\nimputed = \
                 5.3\nminimum = 2.9\nmaximum = 7.4\n";
    let harmonised = "\n[harmonisation]\nmethod = \"combat\"\nunknown_batch = \"unadjusted\"\nbatches = [\"site=a\", \
                      \"site=b\"]\n\n[[harmonisation.input]]\nname = \"tumour:statistics.mean\"\nmean = 5.0\ndeviation = \
                      1.2\nlocation = [0.1, -0.1]\nscale = [1.1, 0.9]\n";
    let refusing = harmonised.replace("unadjusted", "refuse");
    [format!("{model}{input}"), format!("{model}{input}{harmonised}"), format!("{model}{input}{refusing}")]
        .map(|text| Case::one("m.toml", text.into()))
        .into()
}

/// Inputs of every kind.
fn inputs(count: usize) -> [Vec<Input>; 3] {
    let kind = |value: f64| (0..count).map(|i| Input::Value(if i % 2 == 0 { value } else { 1.0 })).collect();
    [kind(5.0), kind(f64::MAX), (0..count).map(|_| Input::Missing("it is not there".into())).collect()]
}

fn check(prediction: &Prediction) -> Result<(), String> {
    match &prediction.score {
        Ok(score) if !score.is_finite() => Err(format!("a score of {score}")),
        Err(reason) if reason.is_empty() => Err("no score, and no reason".into()),
        _ => Ok(()),
    }
}

fn read_linear(_: &Path, case: &Case) -> Result<Outcome, String> {
    match linear::Model::parse(&text(case), "m.toml") {
        Ok(model) => {
            for inputs in inputs(model.terms.len()) {
                check(&model.predict(&inputs))?;
            }
            Ok(Outcome::Read)
        }
        Err(message) => said(&message),
    }
}

fn read_elastic_net(_: &Path, case: &Case) -> Result<Outcome, String> {
    match elastic_net::Model::parse(&text(case), "m.toml") {
        Ok(model) => {
            for inputs in inputs(model.inputs().len()) {
                check(&model.predict(&inputs).0)?;
            }
            Ok(Outcome::Read)
        }
        Err(message) => said(&message),
    }
}
