//! The model as TOML. Numbers have the fewest digits that read back as the same number.

use serde::Serialize;
use voxomics_learning::trees::log_rank::Jump;
use voxomics_sdk::{
    Error,
    model::{
        Listed, Number,
        file::Harmonisation,
        write::{self, Counts, Head, OutOfFold, Performance, Range},
    },
};

use crate::{
    file::{EventTimes, Grown, Importance, Leaves, PLUGIN, Worth},
    survival::Events,
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
    #[serde(skip_serializing_if = "Option::is_none")]
    events: Option<EventTimes>,
    tree: Vec<Listed>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    leaves: Vec<Leaves>,
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
        events: trained.fitted.events.as_ref().map(|events| EventTimes {
            time: events.times.iter().map(|time| Number::Known(*time)).collect(),
            last: Some(events.last.into()),
        }),
        leaves: trained.fitted.events.as_ref().map(leaves).unwrap_or_default(),
        tree: grown.forest.trees().iter().map(|tree| Listed::of(&tree.renumbered(&number))).collect(),
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
            importance: Some(if trained.fitted.events.is_some() { Importance::LogRank } else { Importance::Impurity }),
        },
    }
}

fn leaves(events: &Events) -> Vec<Leaves> {
    let place = |time: f64| events.times.partition_point(|other| *other < time) as u64;
    let of_tree = |leaves: &Vec<Vec<Jump>>| Leaves {
        times: leaves.iter().map(|leaf| leaf.len() as u64).collect(),
        event: leaves.iter().flatten().map(|event| place(event.time)).collect(),
        hazard: leaves.iter().flatten().map(|event| event.hazard.into()).collect(),
    };
    events.leaves.iter().map(of_tree).collect()
}
