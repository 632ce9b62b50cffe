//! The settings.

use voxomics_learning::{
    Ties,
    elastic_net::{self, Lambdas},
    folds::Folds,
    measure::Measure,
    tuning::{Choice, ElasticNet},
};
use voxomics_sdk::{
    model::{self, Named},
    prelude::*,
};

/// How to learn, as set.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// What learners share.
    pub shared: model::Options,
    /// How the model is chosen.
    pub net: ElasticNet,
}

/// Id and settings.
pub fn describe() -> Description {
    let summary = "An elastic net: learns a linear model of a number, a class or a time, and scores with it";
    model::Options::describe("elastic-net", summary, "elastic net", path().into_iter().chain(choice()))
}

/// How models are fitted.
fn path() -> [Setting; 6] {
    let alphas: Vec<f64> = (1..=10).map(|k| f64::from(k) / 10.0).collect();
    [
        Setting::numbers("alpha", "mixing parameters to choose from: 0 is ridge, 1 is lasso", None).default(alphas),
        Setting::integer("lambdas", "penalties on each path", 1, 10_000).default(100),
        Setting::number(
            "lambda_ratio",
            "the last penalty as a fraction of the first; if left out, 1e-4 with more rows than inputs, else 1e-2",
        )
        .range(1e-10, 0.999),
        Setting::flag("standardise", "whether inputs are scaled to variance 1 before they are penalised").default(true),
        Setting::choice("ties", "how events at the same time are treated", &["efron", "breslow"]).default("efron"),
        Setting::numbers(
            "penalty_factors",
            "a factor of the penalty for each input, 0 for none; 1 each if left out",
            None,
        ),
    ]
}

/// How one of them is chosen.
fn choice() -> [Setting; 4] {
    [
        Setting::integer("folds", "folds of the cross-validation that chooses", 2, 1000).default(10),
        Setting::integer("repeats", "how often the rows are cut into these folds", 1, 1000).default(1),
        Setting::choice(
            "choose",
            "the penalty of the best mean, or the largest within one standard error of it",
            &["min", "1se"],
        )
        .default("min"),
        Setting::choice(
            "measure",
            "what is compared: mse for a number or a class, auc for a class, concordance for a time",
            &["deviance", "mse", "auc", "concordance"],
        )
        .default("deviance"),
    ]
}

impl Options {
    /// From settings.
    pub fn read(settings: &Settings) -> Result<Self, Error> {
        let shared = model::Options::read(settings)?;
        let alphas = settings.numbers("alpha")?;
        if alphas.is_empty() || alphas.iter().any(|alpha| !(0.0..=1.0).contains(alpha)) {
            return Err(Error::setting("alpha", format!("`alpha` is {alphas:?}, expected numbers from 0 to 1")));
        }
        let ratio = if settings.is_set("lambda_ratio") { Some(settings.number("lambda_ratio")?) } else { None };
        let given = settings.is_set("penalty_factors");
        let options = elastic_net::Options {
            lambdas: Lambdas::Down { count: settings.count("lambdas")?, ratio },
            standardise: settings.flag("standardise")?,
            ties: if settings.text("ties")? == "breslow" { Ties::Breslow } else { Ties::Efron },
            penalty_factors: if given { settings.numbers("penalty_factors")? } else { Vec::new() },
            ..elastic_net::Options::default()
        };
        let net = ElasticNet {
            pipeline: shared.pipeline.clone(),
            alphas,
            options,
            folds: Folds { folds: settings.count("folds")?, repeats: settings.count("repeats")? },
            measure: match settings.text("measure")? {
                "mse" => Measure::SquareError,
                "auc" => Measure::Auc,
                "concordance" => Measure::Concordance,
                _ => Measure::Deviance,
            },
            choice: if settings.text("choose")? == "1se" { Choice::OneStandardError } else { Choice::Best },
        };
        Ok(Self { shared, net })
    }

    /// Checks what depends on the rows.
    pub fn check(&self, named: &Named) -> Result<(), Error> {
        let (factors, inputs) = (self.net.options.penalty_factors.len(), named.inputs.len());
        if !self.net.measure.suits(&named.sample.response) {
            let (name, what) = (self.net.measure.name(), named.sample.response.kind());
            return Err(Error::setting("measure", format!("the measure `{name}` does not suit {what}")));
        }
        if factors != 0 && factors != inputs {
            let message = format!(
                "{factors} penalty factors for {inputs} inputs: one for each is expected, in this order: {}",
                named.inputs.join(", ")
            );
            return Err(Error::setting("penalty_factors", message));
        }
        self.shared.check(named)
    }
}
