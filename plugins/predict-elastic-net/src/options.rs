//! The settings.

use voxomics_learning::{
    Response, Ties,
    elastic_net::{self, Lambdas},
    folds::Folds,
    measure::Measure,
    preprocessing::{Impute, Pipeline, Step, Unknown},
    tuning::{Choice, ElasticNet},
};
use voxomics_sdk::prelude::*;

/// How to learn, as set.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Name of the model.
    pub name: String,
    /// Everything but the measure, which depends on the target.
    pub net: ElasticNet,
    /// The outer folds, if performance is to be told.
    pub outer: Option<Folds>,
    /// Whether batches are aligned.
    pub harmonise: bool,
    /// The seed, if one is set.
    pub seed: Option<u64>,
}

/// Id and settings.
pub fn describe() -> Description {
    let alphas: Vec<f64> = (1..=10).map(|k| f64::from(k) / 10.0).collect();
    let summary = "An elastic net: learns a linear model of a number, a class or a time, and scores with it";
    Description::new("elastic-net", summary)
        .trains()
        .setting(Setting::file("model", "TOML file of a trained model; training takes none"))
        .setting(Setting::text("name", "name of the model that training writes").default("elastic net"))
        .setting(
            Setting::numbers("alpha", "mixing parameters to choose from: 0 is ridge, 1 is lasso", None).default(alphas),
        )
        .setting(Setting::integer("lambdas", "penalties on each path", 1, 10_000).default(100))
        .setting(
            Setting::number(
                "lambda_ratio",
                "the last penalty as a fraction of the first; if left out, 1e-4 with more rows than inputs, else 1e-2",
            )
            .range(1e-10, 0.999),
        )
        .setting(Setting::integer("folds", "folds of the cross-validation that chooses", 2, 1000).default(10))
        .setting(Setting::integer("repeats", "how often the rows are cut into these folds", 1, 1000).default(1))
        .setting(
            Setting::integer(
                "outer_folds",
                "folds of the cross-validation around it that tells the performance; 0 for none",
                0,
                1000,
            )
            .default(5),
        )
        .setting(
            Setting::integer("outer_repeats", "how often the rows are cut into the outer folds", 1, 1000).default(1),
        )
        .setting(
            Setting::choice(
                "choose",
                "the penalty of the best mean, or the largest within one standard error of it",
                &["min", "1se"],
            )
            .default("min"),
        )
        .setting(
            Setting::choice(
                "measure",
                "what is compared: mse for a number or a class, auc for a class, concordance for a time",
                &["deviance", "mse", "auc", "concordance"],
            )
            .default("deviance"),
        )
        .setting(
            Setting::flag("standardise", "whether inputs are scaled to variance 1 before they are penalised")
                .default(true),
        )
        .setting(
            Setting::choice("ties", "how events at the same time are treated", &["efron", "breslow"]).default("efron"),
        )
        .setting(
            Setting::choice(
                "impute",
                "what replaces a missing value, in training and later; refuse makes it an error",
                &["median", "mean", "refuse"],
            )
            .default("median"),
        )
        .setting(
            Setting::number("near_constant", "inputs of which one value holds this share of the rows are left out")
                .range(0.0, 1.0)
                .default(0.95),
        )
        .setting(
            Setting::number(
                "correlation_threshold",
                "inputs whose absolute correlation with one before them is above this are left out; 1 for none",
            )
            .range(0.0, 1.0)
            .default(1.0),
        )
        .setting(
            Setting::integer(
                "select_top",
                "how many inputs are kept that alone tell most of the target; 0 for all",
                0,
                1_000_000,
            )
            .default(0),
        )
        .setting(
            Setting::choice("harmonise", "whether batches are aligned first (ComBat)", &["none", "combat"])
                .default("none"),
        )
        .setting(
            Setting::choice(
                "unknown_batch",
                "rows of a batch that was not learnt: an error, or left as they are",
                &["refuse", "unadjusted"],
            )
            .default("refuse"),
        )
        .setting(Setting::integer("seed", "seed of the folds; the experiment's if left out", 0, i64::MAX))
        .setting(Setting::numbers(
            "penalty_factors",
            "a factor of the penalty for each input, 0 for none; 1 each if left out",
            None,
        ))
}

impl Options {
    /// From settings.
    pub fn read(settings: &Settings) -> Result<Self, Error> {
        let count = |key: &str| Ok::<usize, Error>(usize::try_from(settings.integer(key)?).unwrap_or(0));
        let alphas = settings.numbers("alpha")?;
        if alphas.is_empty() || alphas.iter().any(|alpha| !(0.0..=1.0).contains(alpha)) {
            return Err(Error::setting("alpha", format!("`alpha` is {alphas:?}, expected numbers from 0 to 1")));
        }
        let ratio = if settings.is_set("lambda_ratio") { Some(settings.number("lambda_ratio")?) } else { None };
        let given = settings.is_set("penalty_factors");
        let net = elastic_net::Options {
            lambdas: Lambdas::Down { count: count("lambdas")?, ratio },
            standardise: settings.flag("standardise")?,
            ties: if settings.text("ties")? == "breslow" { Ties::Breslow } else { Ties::Efron },
            penalty_factors: if given { settings.numbers("penalty_factors")? } else { Vec::new() },
            ..elastic_net::Options::default()
        };
        let net = ElasticNet {
            pipeline: pipeline(settings)?,
            alphas,
            options: net,
            folds: Folds { folds: count("folds")?, repeats: count("repeats")? },
            measure: match settings.text("measure")? {
                "mse" => Measure::SquareError,
                "auc" => Measure::Auc,
                "concordance" => Measure::Concordance,
                _ => Measure::Deviance,
            },
            choice: if settings.text("choose")? == "1se" { Choice::OneStandardError } else { Choice::Best },
        };
        let outer = match count("outer_folds")? {
            0 => None,
            1 => return Err(Error::setting("outer_folds", "`outer_folds` is 1, expected 0 for none, or at least 2")),
            folds => Some(Folds { folds, repeats: count("outer_repeats")? }),
        };
        let seed = if settings.is_set("seed") { Some(settings.integer("seed")? as u64) } else { None };
        let harmonise = settings.text("harmonise")? == "combat";
        Ok(Self { name: settings.text("name")?.into(), net, outer, harmonise, seed })
    }

    /// Checks what depends on the target.
    pub fn check(&self, response: &Response, inputs: usize, batches: usize) -> Result<(), Error> {
        let factors = self.net.options.penalty_factors.len();
        if !self.net.measure.suits(response) {
            let (name, what) = (self.net.measure.name(), crate::table::kind(response));
            return Err(Error::setting("measure", format!("the measure `{name}` does not suit {what}")));
        }
        if factors != 0 && factors != inputs {
            let message = format!("{factors} penalty factors for {inputs} inputs: one for each is expected");
            return Err(Error::setting("penalty_factors", message));
        }
        if self.harmonise && batches == 0 {
            return Err(Error::setting("harmonise", "there are no batches to align: name the column of the batches"));
        }
        Ok(())
    }
}

fn pipeline(settings: &Settings) -> Result<Pipeline, Error> {
    let mut steps = vec![
        Step::Impute(match settings.text("impute")? {
            "mean" => Impute::Mean,
            "refuse" => Impute::Refuse,
            _ => Impute::Median,
        }),
        Step::NearConstant(settings.number("near_constant")?),
    ];
    if settings.text("harmonise")? == "combat" {
        let refuse = settings.text("unknown_batch")? == "refuse";
        steps.push(Step::Combat(if refuse { Unknown::Refuse } else { Unknown::Unadjusted }));
    }
    let most = settings.number("correlation_threshold")?;
    if most < 1.0 {
        steps.push(Step::Correlation(most));
    }
    let top = settings.integer("select_top")?;
    if top > 0 {
        steps.push(Step::Top(usize::try_from(top).unwrap_or(usize::MAX)));
    }
    Ok(Pipeline { steps })
}
