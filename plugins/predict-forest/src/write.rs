//! The model as TOML. Numbers have the fewest digits that read back as the same number.

use serde::Serialize;
use voxomics_sdk::{
    Error,
    model::{
        Number,
        file::Harmonisation,
        write::{self, Counts, Head, OutOfFold, Performance, Range},
    },
};

use crate::{
    file::{Grown, Importance, PLUGIN, Tree, Worth},
    forest,
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
    tree: Vec<Tree>,
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
    /// The score: a number, or a probability.
    #[serde(skip_serializing_if = "Option::is_none")]
    out_of_fold: Option<OutOfFold>,
}

/// The model file. Inputs that no tree looks at are left out.
pub fn text(trained: &Trained) -> Result<String, Error> {
    let (named, pipeline, grown) = (&trained.named, &trained.fitted.pipeline, &trained.fitted.grown);
    let columns = pipeline.columns();
    let looks = grown.forest.looks_at(columns.len());
    let used: Vec<usize> = (0..columns.len()).filter(|j| looks[*j]).collect();
    let places: Vec<usize> = used.iter().map(|j| columns[*j]).collect();
    let mut number = vec![0; columns.len()];
    used.iter().enumerate().for_each(|(at, j)| number[*j] = at);
    let input = |j: &usize| Input {
        name: named.inputs[columns[*j]].clone(),
        range: Range::of(named, pipeline, columns[*j]),
        worth: Worth { importance: Some(grown.importance[*j].into()) },
    };
    write::text(&Written {
        model: about(trained),
        input: used.iter().map(input).collect(),
        harmonisation: Harmonisation::of(named, pipeline, &places),
        performance: trained.outer.as_ref().map(Performance::from),
        diagnostics: Diagnostics {
            kept: write::kept(named, pipeline),
            out_of_fold: trained.unseen().map(OutOfFold::new),
        },
        tree: grown.forest.trees().iter().map(|tree| lists(&tree.renumbered(&number))).collect(),
    })
}

fn about(trained: &Trained) -> About {
    let growth = &trained.forest.growth;
    About {
        head: Head::new(PLUGIN, &trained.name, &trained.named).of_order(),
        counts: Counts::new(trained.seed, &trained.named),
        grown: Grown {
            trees: Some(trained.fitted.grown.forest.trees().len() as u64),
            max_depth: growth.depth.map(u64::from),
            min_samples_leaf: Some(growth.leaf as u64),
            mtry: Some(trained.fitted.per_split as u64),
            importance: Some(Importance::Impurity),
        },
    }
}

fn lists(tree: &forest::Tree) -> Tree {
    let nodes = tree.nodes();
    let place = |of: &dyn Fn(&forest::Split) -> usize| {
        let number = |node: &forest::Node| node.split.as_ref().map_or(-1, |split| of(split) as i64);
        nodes.iter().map(number).collect()
    };
    Tree {
        feature: place(&|split| split.feature),
        threshold: nodes.iter().map(|node| Number::Known(node.split.map_or(0.0, |split| split.threshold))).collect(),
        left: place(&|split| split.left),
        right: place(&|split| split.right),
        value: nodes.iter().map(|node| Number::Known(node.value)).collect(),
    }
}
