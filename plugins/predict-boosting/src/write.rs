//! The model as TOML. Numbers have the fewest digits that read back as the same number.

use serde::Serialize;
use voxomics_sdk::{
    Error,
    model::{
        file::Harmonisation,
        trees::{Listed, LookedAt, Tables},
        write::{self, About, Counts, Diagnostics, Head, OutOfFold, Performance},
    },
};

use crate::{
    file::{Grown, Importance, PLUGIN},
    training::Trained,
};

#[derive(Serialize)]
struct Written {
    model: About<Grown>,
    input: Vec<LookedAt>,
    #[serde(skip_serializing_if = "Option::is_none")]
    harmonisation: Option<Harmonisation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    performance: Option<Performance>,
    diagnostics: Diagnostics,
    tree: Vec<Listed>,
}

/// The model file. Inputs that no tree looks at are left out.
pub fn text(trained: &Trained) -> Result<String, Error> {
    let (named, pipeline, boosted) = (&trained.named, &trained.fitted.pipeline, &trained.fitted.boosted);
    let Tables { input, harmonisation, tree } = Tables::of(named, pipeline, &boosted.trees, &boosted.importance);
    let outer = trained.outer.iter().flatten().next();
    write::text(&Written {
        model: about(trained),
        input,
        harmonisation,
        performance: trained.outer.as_ref().map(Performance::from),
        diagnostics: Diagnostics {
            kept: write::kept(named, pipeline),
            out_of_fold: outer.map(|outer| OutOfFold::new(outer.predictions.scores.clone())),
        },
        tree,
    })
}

fn about(trained: &Trained) -> About<Grown> {
    let (boosting, boosted) = (&trained.learner.boosting, &trained.fitted.boosted);
    About {
        head: Head::new(PLUGIN, &trained.name, &trained.named),
        counts: Counts::new(trained.seed, &trained.named),
        grown: Grown {
            base: Some(boosted.base.into()),
            trees: Some(boosted.trees.len() as u64),
            learning_rate: Some(boosting.rate.into()),
            max_depth: Some(boosting.depth as u64),
            min_samples_leaf: Some(boosting.leaf as u64),
            subsample: Some(boosting.share.into()),
            mtry: boosting.tried.map(|tried| tried as u64),
            importance: Some(Importance::Gain),
        },
    }
}
