//! The settings.

use voxomics_sdk::{model, prelude::*};

use crate::{grow::Growth, learner::RandomForest};

/// How to learn, as set.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// What learners share.
    pub shared: model::Options,
    /// How everything is learnt.
    pub forest: RandomForest,
}

/// Id and settings.
pub fn describe() -> Description {
    let summary = "A random forest: learns a number, the probability of a class or the risk at a time from many trees, and scores \
                   with it";
    model::Options::describe("forest", summary, "random forest", growth())
}

fn growth() -> [Setting; 4] {
    [
        Setting::integer("trees", "how many trees are grown", 1, 10_000).default(500),
        Setting::integer("max_depth", "splits from the root of a tree to a leaf at most; 0 for no bound", 0, 1000)
            .default(0),
        Setting::integer(
            "min_samples_leaf",
            "drawn rows in a leaf at least; more make probabilities smoother",
            1,
            1_000_000,
        )
        .default(5),
        Setting::integer(
            "mtry",
            "inputs, drawn anew, that each split chooses from; if left out, the square root of all for a class \
             or a time, a third for a number",
            1,
            1_000_000,
        ),
    ]
}

impl Options {
    /// From settings.
    pub fn read(settings: &Settings) -> Result<Self, Error> {
        let shared = model::Options::read(settings)?;
        let growth = Growth {
            trees: settings.count("trees")?,
            depth: u16::try_from(settings.count("max_depth")?).ok().filter(|depth| *depth > 0),
            leaf: settings.count("min_samples_leaf")?,
            per_split: if settings.is_set("mtry") { Some(settings.count("mtry")?) } else { None },
        };
        let forest = RandomForest { pipeline: shared.pipeline.clone(), growth };
        Ok(Self { shared, forest })
    }
}
