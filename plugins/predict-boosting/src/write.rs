//! The model as TOML. Numbers have the fewest digits that read back as the same number.

use serde::Serialize;
use voxomics_learning::trees::looks_at;
use voxomics_sdk::{
    Error,
    model::{
        Listed,
        file::Harmonisation,
        write::{self, Counts, Head, OutOfFold, Performance, Range},
    },
};

use crate::{
    file::{Grown, Importance, PLUGIN, Worth},
    training::Trained,
};

#[derive(Serialize)]
struct Written {
    model: About,
    input: Vec<Input>,
    #[serde(skip_serializing_if = "Option::is_none")]
    harmonisation: Option<Harmonisation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    performance: Option<Performance>,
    diagnostics: Diagnostics,
    tree: Vec<Listed>,
}

#[derive(Serialize)]
struct About {
    #[serde(flatten)]
    head: Head,
    #[serde(flatten)]
    counts: Counts,
    #[serde(flatten)]
    grown: Grown,
}

#[derive(Serialize)]
struct Input {
    name: String,
    #[serde(flatten)]
    range: Range,
    #[serde(flatten)]
    worth: Worth,
}

#[derive(Serialize)]
struct Diagnostics {
    /// Inputs that preprocessing left.
    kept: Vec<String>,
    /// The sum of each row by trees that have not seen it, before the link.
    #[serde(skip_serializing_if = "Option::is_none")]
    out_of_fold: Option<OutOfFold>,
}

/// The model file. Inputs that no tree looks at are left out.
pub fn text(trained: &Trained) -> Result<String, Error> {
    let (named, pipeline, boosted) = (&trained.named, &trained.fitted.pipeline, &trained.fitted.boosted);
    let columns = pipeline.columns();
    let looks = looks_at(&boosted.trees, columns.len());
    let used: Vec<usize> = (0..columns.len()).filter(|j| looks[*j]).collect();
    let places: Vec<usize> = used.iter().map(|j| columns[*j]).collect();
    let mut number = vec![0; columns.len()];
    used.iter().enumerate().for_each(|(at, j)| number[*j] = at);
    let input = |j: &usize| Input {
        name: named.inputs[columns[*j]].clone(),
        range: Range::of(named, pipeline, columns[*j]),
        worth: Worth { importance: Some(boosted.importance[*j].into()) },
    };
    let outer = trained.outer.iter().flatten().next();
    write::text(&Written {
        model: about(trained),
        input: used.iter().map(input).collect(),
        harmonisation: Harmonisation::of(named, pipeline, &places),
        performance: trained.outer.as_ref().map(Performance::from),
        diagnostics: Diagnostics {
            kept: write::kept(named, pipeline),
            out_of_fold: outer.map(|outer| OutOfFold::new(outer.predictions.scores.clone())),
        },
        tree: boosted.trees.iter().map(|tree| Listed::of(&tree.renumbered(&number))).collect(),
    })
}

fn about(trained: &Trained) -> About {
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
