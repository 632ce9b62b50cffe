//! The model as TOML. Numbers have the fewest digits that read back as the same number.

use serde::Serialize;
use voxomics_learning::{Response, preprocessing::Unknown};
use voxomics_sdk::Error;

use crate::{
    file::{
        About, Aligned, Family, Harmonisation, Importance, Input, Link, Method, Number, PLUGIN, Tree, UnknownBatch,
    },
    forest,
    training::{Outer, Trained},
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
struct Performance {
    folds: usize,
    repeats: usize,
    figure: Vec<Figure>,
}

#[derive(Serialize)]
struct Figure {
    measure: &'static str,
    value: f64,
    standard_error: f64,
}

#[derive(Serialize)]
struct Diagnostics {
    /// Inputs that preprocessing left.
    kept: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    out_of_fold: Option<OutOfFold>,
}

#[derive(Serialize)]
struct OutOfFold {
    row: Vec<usize>,
    /// The score: a number, or a probability.
    linear_predictor: Vec<f64>,
}

/// The model file. Inputs that no tree looks at are left out.
pub fn text(trained: &Trained) -> Result<String, Error> {
    let columns = trained.fitted.pipeline.columns();
    let looks = trained.fitted.grown.forest.looks_at(columns.len());
    let used: Vec<Used> = (0..columns.len()).filter(|j| looks[*j]).map(|j| Used { j, place: columns[j] }).collect();
    let mut number = vec![0; columns.len()];
    used.iter().enumerate().for_each(|(at, used)| number[used.j] = at);
    let written = Written {
        model: about(trained),
        input: inputs(trained, &used),
        harmonisation: harmonisation(trained, &used),
        performance: trained.outer.as_ref().map(performance),
        diagnostics: Diagnostics {
            kept: columns.iter().map(|place| trained.named.inputs[*place].clone()).collect(),
            out_of_fold: trained.outer.as_ref().map(out_of_fold),
        },
        tree: trained.fitted.grown.forest.trees().iter().map(|tree| lists(&tree.renumbered(&number))).collect(),
    };
    toml::to_string(&written).map_err(|why| Error::input(format!("the model cannot be written as TOML: {why}")))
}

/// An input that some tree looks at: its place among those that preprocessing left, and in the table.
struct Used {
    j: usize,
    place: usize,
}

fn known(value: f64) -> Option<Number> {
    Some(if value.is_finite() { Number::Known(value) } else { Number::Unknown })
}

fn about(trained: &Trained) -> About {
    let (named, growth) = (&trained.named, &trained.forest.growth);
    let (family, link) = match named.sample.response {
        Response::Binomial(_) => (Family::Binomial, Link::Logistic),
        _ => (Family::Gaussian, Link::Identity),
    };
    About {
        plugin: PLUGIN.into(),
        name: trained.name.clone(),
        family,
        link,
        target: named.target.clone(),
        seed: i64::try_from(trained.seed).ok(),
        rows: Some(named.sample.rows() as u64),
        considered: Some(named.inputs.len() as u64),
        trees: Some(trained.fitted.grown.forest.trees().len() as u64),
        max_depth: growth.depth.map(u64::from),
        min_samples_leaf: Some(growth.leaf as u64),
        mtry: Some(trained.fitted.per_split as u64),
        importance: Some(Importance::Impurity),
        demonstration: false,
        description: String::new(),
        source: String::new(),
        licence: String::new(),
    }
}

fn inputs(trained: &Trained, used: &[Used]) -> Vec<Input> {
    let raw = &trained.named.sample.table.inputs;
    let of = |used: &Used| {
        let present = || raw.column(used.place).iter().copied().filter(|x| !x.is_nan());
        Input {
            name: trained.named.inputs[used.place].clone(),
            imputed: trained.fitted.pipeline.imputed()[used.place].and_then(known),
            minimum: known(present().fold(f64::INFINITY, f64::min)),
            maximum: known(present().fold(f64::NEG_INFINITY, f64::max)),
            importance: known(trained.fitted.grown.importance[used.j]),
            ..Input::default()
        }
    };
    used.iter().map(of).collect()
}

fn harmonisation(trained: &Trained, used: &[Used]) -> Option<Harmonisation> {
    let combat = trained.fitted.pipeline.combat()?;
    let learnt: Vec<_> = combat.batches.iter().zip(&trained.named.batches).collect();
    let learnt: Vec<_> = learnt.into_iter().filter_map(|(batch, name)| Some((batch.as_ref()?, name))).collect();
    let of = |used: &Used| {
        let j = combat.columns.iter().position(|place| *place == used.place)?;
        Some(Aligned {
            name: trained.named.inputs[used.place].clone(),
            mean: known(combat.mean[j]),
            deviation: known(combat.deviation[j]),
            location: learnt.iter().filter_map(|(batch, _)| known(batch.location[j])).collect(),
            scale: learnt.iter().filter_map(|(batch, _)| known(batch.scale[j])).collect(),
        })
    };
    Some(Harmonisation {
        method: Method::Combat,
        unknown_batch: match combat.unknown {
            Unknown::Refuse => UnknownBatch::Refuse,
            Unknown::Unadjusted => UnknownBatch::Unadjusted,
        },
        batches: learnt.iter().map(|(_, name)| (*name).clone()).collect(),
        input: used.iter().filter_map(of).collect(),
    })
}

fn performance(outer: &Outer) -> Performance {
    let of = |p: &voxomics_learning::nested::Performance| Figure {
        measure: p.measure.name(),
        value: p.value,
        standard_error: p.error,
    };
    Performance {
        folds: outer.folds.folds,
        repeats: outer.folds.repeats,
        figure: outer.performance.iter().map(of).collect(),
    }
}

fn out_of_fold(outer: &Outer) -> OutOfFold {
    OutOfFold { row: (0..outer.scores.len()).collect(), linear_predictor: outer.scores.clone() }
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
