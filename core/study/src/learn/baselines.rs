//! What a signature has to be better than: the volume alone, and what one knows of a patient without a scan, learnt in the same way and
//! tested on the same folds.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use voxomics_engine::{
    experiment::{Experiment, study::Learn},
    output::Folder,
    plan::{InputRef, Learner, Plan},
};

use super::{
    Outer, Row, design,
    doubts::{self, is_target},
    outer::Inputs,
};
use crate::work::Work;

/// A baseline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Baseline {
    /// "volume alone", "clinical alone".
    pub name: String,
    /// Its inputs.
    pub inputs: Vec<String>,
    /// The models of the outer folds.
    pub outer: Option<Outer>,
    /// Why there are none.
    pub failed: Option<String>,
}

/// Key, in what is told of a training, of the baselines.
const BASELINES: &str = "baselines";

/// What was kept of an earlier training.
pub fn of(diagnostics: &Json) -> Vec<Baseline> {
    diagnostics.get(BASELINES).and_then(|list| Vec::deserialize(list).ok()).unwrap_or_default()
}

/// Ends of the names of volumes, the better ones first: ours, PyRadiomics', MIRP's and others'.
const VOLUMES: [&str; 10] = [
    "volume_mesh",
    "volume_voxel_counting",
    "shape_meshvolume",
    "shape_voxelvolume",
    "morph_volume",
    "morph_vol_approx",
    "meshvolume",
    "voxelvolume",
    "volume_ml",
    "volume",
];

/// The inputs of each baseline that can be had, by name.
pub fn inputs(experiment: &Experiment, plan: &Plan, stated: &Learn) -> Vec<(&'static str, Vec<usize>)> {
    let name = |index: usize| plan.inputs[index].0.to_lowercase();
    let ends = |index: usize, word: &str| {
        let name = name(index);
        name == word || [".", ":", "_"].iter().any(|mark| name.ends_with(&format!("{mark}{word}")))
    };
    // In the order of their names, as a learner has them. What is to be learnt is no input, whoever took it out of the signature.
    let mut places: Vec<usize> =
        (0..plan.inputs.len()).filter(|index| !is_target(&plan.inputs[*index].1, &stated.target)).collect();
    places.sort_by(|a, b| plan.inputs[*a].0.cmp(&plan.inputs[*b].0));
    let volume = VOLUMES.iter().find_map(|word| places.iter().copied().find(|index| ends(*index, word)));
    let known: BTreeSet<&str> = experiment.covariates.iter().map(|covariate| covariate.name.as_str()).collect();
    let clinical: Vec<usize> = places
        .into_iter()
        .filter(|index| match &plan.inputs[*index] {
            (name, InputRef::Covariate { .. }) => {
                let of = name.split('=').next().unwrap_or(name);
                known.contains(of) && stated.harmonise_by.as_deref() != Some(of)
            }
            _ => false,
        })
        .collect();
    let all = [("volume alone", volume.into_iter().collect::<Vec<_>>()), ("clinical alone", clinical)];
    all.into_iter().filter(|(_, inputs)| !inputs.is_empty()).collect()
}

/// What the inputs of a model, and of the baselines beside it, tell as if they were the target, in sentences.
pub fn telling(
    experiment: &Experiment,
    plan: &Plan,
    stated: &Learn,
    learner: &Learner,
    rows: &[Row<'_>],
) -> Vec<String> {
    let mut said = doubts::telling(plan, stated, &learner.inputs, rows);
    for (name, places) in inputs(experiment, plan, stated).into_iter().filter(|_| stated.baselines) {
        let others: Vec<usize> = places.into_iter().filter(|index| !learner.inputs.contains(index)).collect();
        let of_it = doubts::telling(plan, stated, &others, rows);
        said.extend(of_it.into_iter().map(|text| format!("the baseline \"{name}\": {text}")));
    }
    said
}

/// Learns the baselines of a model and keeps them beside what its learner tells.
///
/// # Errors
/// If what is kept cannot be written as JSON.
pub fn keep(
    work: &Work<'_>,
    stated: &Learn,
    learner: &Learner,
    rows: &[Row<'_>],
    folder: &Folder,
    diagnostics: &mut Json,
) -> Result<(), String> {
    if !stated.baselines || diagnostics.get(super::outer::OUTER).is_none() {
        return Ok(());
    }
    let mut found = Vec::new();
    for (name, places) in inputs(work.experiment, work.plan, stated) {
        // A signature of nothing else is its own baseline.
        let others = learner.inputs.iter().filter(|index| !places.contains(index)).count();
        if others == 0 && places.len() == learner.inputs.len() {
            continue;
        }
        let names: BTreeSet<String> = places.iter().map(|index| work.plan.inputs[*index].0.clone()).collect();
        let learnt = design::table_of(work.plan, stated, (&places, &learner.settings), rows).and_then(|table| {
            Outer::learn(work, learner, &stated.target, (&table, rows), folder, (Inputs::These(&names), &[]))
        });
        let (outer, failed) = match learnt {
            Ok(outer) => (outer, None),
            Err(why) => (None, Some(why)),
        };
        found.push(Baseline { name: name.into(), inputs: names.into_iter().collect(), outer, failed });
    }
    diagnostics[BASELINES] = serde_json::to_value(&found).map_err(|cause| format!("of the baselines: {cause}"))?;
    Ok(())
}
