//! The settings.

use voxomics_sdk::{model, prelude::*};

use crate::{boost::Boosting, learner::BoostedTrees};

/// How to learn, as set.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// What learners share.
    pub shared: model::Options,
    /// How everything is learnt.
    pub learner: BoostedTrees,
}

/// Id and settings.
pub fn describe() -> Description {
    let summary = "Boosted trees: learns a number, the probability of a class or the hazard of a time, tree after tree, and scores \
                   with their sum";
    model::Options::describe("boosting", summary, "boosted trees", boosting())
}

fn boosting() -> [Setting; 6] {
    [
        Setting::integer("trees", "how many trees are grown, each on what those before it have left", 1, 10_000)
            .default(100),
        Setting::number("learning_rate", "the part of each tree that is added; a smaller one needs more trees")
            .range(1e-6, 1.0)
            .default(0.1),
        Setting::integer(
            "max_depth",
            "splits from the root of a tree to a leaf at most: that many inputs at once can act together",
            1,
            1000,
        )
        .default(3),
        Setting::integer("min_samples_leaf", "rows in a leaf at least", 1, 1_000_000).default(5),
        Setting::number(
            "subsample",
            "the share of the rows that each tree is grown on, drawn anew without replacement; 1 for all",
        )
        .range(0.01, 1.0)
        .default(1.0),
        Setting::integer("mtry", "inputs, drawn anew, that each split chooses from; all if left out", 1, 1_000_000),
    ]
}

impl Options {
    /// From settings.
    pub fn read(settings: &Settings) -> Result<Self, Error> {
        let shared = model::Options::read(settings)?;
        let boosting = Boosting {
            trees: settings.count("trees")?,
            rate: settings.number("learning_rate")?,
            depth: settings.count("max_depth")?,
            leaf: settings.count("min_samples_leaf")?,
            share: settings.number("subsample")?,
            tried: if settings.is_set("mtry") { Some(settings.count("mtry")?) } else { None },
        };
        let learner = BoostedTrees { pipeline: shared.pipeline.clone(), boosting };
        Ok(Self { shared, learner })
    }
}
