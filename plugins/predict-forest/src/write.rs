//! The model as TOML. Numbers have the fewest digits that read back as the same number.

use serde::Serialize;
use voxomics_learning::trees::log_rank::Jump;
use voxomics_sdk::{
    Error,
    model::{
        Number,
        file::Harmonisation,
        trees::{Listed, LookedAt, Tables},
        write::{self, About, Counts, Diagnostics, Head, OutOfFold, Performance},
    },
};

use crate::{
    file::{EventTimes, Grown, Importance, Leaves, PLUGIN},
    survival::Events,
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
    #[serde(skip_serializing_if = "Option::is_none")]
    events: Option<EventTimes>,
    tree: Vec<Listed>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    leaves: Vec<Leaves>,
}

/// The model file. Inputs that no tree looks at are left out.
pub fn text(trained: &Trained) -> Result<String, Error> {
    let (named, pipeline, grown) = (&trained.named, &trained.fitted.pipeline, &trained.fitted.grown);
    let Tables { input, harmonisation, tree } = Tables::of(named, pipeline, grown.forest.trees(), &grown.importance);
    write::text(&Written {
        model: about(trained),
        input,
        harmonisation,
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
        tree,
    })
}

fn about(trained: &Trained) -> About<Grown> {
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
