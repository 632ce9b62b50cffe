//! The settings.

use voxomics_learning::{
    folds::Folds,
    preprocessing::{Impute, Pipeline, Step, Unknown},
};
use voxomics_sdk::prelude::*;

use crate::{grow::Growth, learner::RandomForest};

/// How to learn, as set.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Name of the model.
    pub name: String,
    /// How everything is learnt.
    pub forest: RandomForest,
    /// The outer folds, if performance is to be told.
    pub outer: Option<Folds>,
    /// Whether batches are aligned.
    pub harmonise: bool,
    /// The seed, if one is set.
    pub seed: Option<u64>,
}

/// Id and settings.
pub fn describe() -> Description {
    let summary = "A random forest: learns a number or the probability of a class from many trees, and scores with it";
    let description = Description::new("forest", summary)
        .trains()
        .setting(Setting::file("model", "TOML file of a trained model; training takes none"))
        .setting(Setting::text("name", "name of the model that training writes").default("random forest"));
    preprocessing(growth(description))
        .setting(
            Setting::integer(
                "outer_folds",
                "folds of the cross-validation that tells the performance; 0 for none",
                0,
                1000,
            )
            .default(5),
        )
        .setting(Setting::integer("outer_repeats", "how often the rows are cut into these folds", 1, 1000).default(1))
        .setting(Setting::integer("seed", "seed of trees and folds; the experiment's if left out", 0, i64::MAX))
}

fn growth(description: Description) -> Description {
    description
        .setting(Setting::integer("trees", "how many trees are grown", 1, 10_000).default(500))
        .setting(
            Setting::integer("max_depth", "splits from the root of a tree to a leaf at most; 0 for no bound", 0, 1000)
                .default(0),
        )
        .setting(
            Setting::integer(
                "min_samples_leaf",
                "drawn rows in a leaf at least; more make probabilities smoother",
                1,
                1_000_000,
            )
            .default(5),
        )
        .setting(Setting::integer(
            "mtry",
            "inputs, drawn anew, that each split chooses from; if left out, the square root of all for a class, a \
                 third for a number",
            1,
            1_000_000,
        ))
}

fn preprocessing(description: Description) -> Description {
    description
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
}

impl Options {
    /// From settings.
    pub fn read(settings: &Settings) -> Result<Self, Error> {
        let count = |key: &str| Ok::<usize, Error>(usize::try_from(settings.integer(key)?).unwrap_or(0));
        let growth = Growth {
            trees: count("trees")?,
            depth: u16::try_from(settings.integer("max_depth")?).ok().filter(|depth| *depth > 0),
            leaf: count("min_samples_leaf")?,
            per_split: if settings.is_set("mtry") { Some(count("mtry")?) } else { None },
        };
        let outer = match count("outer_folds")? {
            0 => None,
            1 => return Err(Error::setting("outer_folds", "`outer_folds` is 1, expected 0 for none, or at least 2")),
            folds => Some(Folds { folds, repeats: count("outer_repeats")? }),
        };
        let seed = if settings.is_set("seed") { Some(settings.integer("seed")? as u64) } else { None };
        Ok(Self {
            name: settings.text("name")?.into(),
            forest: RandomForest { pipeline: pipeline(settings)?, growth },
            outer,
            harmonise: settings.text("harmonise")? == "combat",
            seed,
        })
    }

    /// Checks what depends on the table.
    pub fn check(&self, batches: usize) -> Result<(), Error> {
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
