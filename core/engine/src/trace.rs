//! One case, stage by stage, each known by what it gave: where two runs of it part.

use serde::Serialize;

use crate::{
    cases::Case,
    digest::sha256,
    host::{CaseHost, Services},
    pipeline,
    plan::Plan,
    stages::{
        Fault,
        delineate::{self, Delineated},
        load,
    },
    table::FeatureValue,
};

/// What a stage gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// The stage.
    pub stage: &'static str,
    /// What of it: the region, the family on an image, the model.
    pub what: String,
    /// Digest of the result, or the fault.
    pub result: String,
    /// Whether it is a fault.
    pub is_fault: bool,
}

impl Step {
    fn fault(fault: Fault) -> Self {
        Self { stage: fault.stage, what: fault.region.unwrap_or_default(), result: fault.message, is_fault: true }
    }
}

/// Every step of a case, in the order of the flow.
pub fn case(plan: &Plan, case: &Case, services: &Services) -> Vec<Step> {
    let mut steps = Vec::new();
    let host = CaseHost::new(services, case.original());
    if let Err(fault) = drawn(plan, case, &host, &mut steps) {
        steps.push(Step::fault(fault));
        return steps;
    }
    let outcome = pipeline::run(plan, case, services, None);
    for row in &outcome.rows {
        let region = plan.region_label(row.region, row.component);
        let mut families: Vec<(String, String)> = Vec::new();
        for (column, value) in plan.columns.iter().zip(&row.values) {
            let (name, text) = (format!("{} of {region}, image {}", column.family, column.image), bits(value.as_ref()));
            match families.iter_mut().find(|(known, _)| *known == name) {
                Some((_, all)) => *all += &text,
                None => families.push((name, text)),
            }
        }
        steps.extend(families.into_iter().map(|(what, all)| Step {
            stage: "features",
            what,
            result: sha256(all.as_bytes()),
            is_fault: false,
        }));
    }
    for score in &outcome.scores {
        let what = plan.predictors[score.predictor].name.clone();
        let outputs = [&score.score].into_iter().chain(&score.others);
        let result = outputs.map(|output| bits(Some(output))).collect();
        steps.push(Step { stage: "predict", what, result, is_fault: false });
    }
    steps.extend(outcome.faults.into_iter().map(Step::fault));
    steps
}

fn bits(value: Option<&FeatureValue>) -> String {
    match value {
        None => "-;".into(),
        Some(Ok(value)) => format!("{:016x};", value.to_bits()),
        Some(Err(reason)) => format!("{reason};"),
    }
}

/// Everything before the first feature, scan after scan.
fn drawn(plan: &Plan, case: &Case, host: &CaseHost, steps: &mut Vec<Step>) -> Result<(), Fault> {
    let numbers = |list: &[f64]| list.iter().flat_map(|x| x.to_bits().to_le_bytes()).collect::<Vec<u8>>();
    for scan in plan.scans() {
        let of = scan.map(|scan| format!(" {scan}")).unwrap_or_default();
        let mut step = |stage, what: &str, bytes: &[u8]| {
            steps.push(Step { stage, what: format!("{what}{of}"), result: sha256(bytes), is_fault: false });
        };
        let (image, masks) = load::case(plan, scan, case, host)?;
        step("load", "grid of the image", format!("{:?}", image.scan.grid).as_bytes());
        let Delineated { space, found, .. } = delineate::case(plan, scan, case, &image, masks, host)?;
        step("space", "grid of the features", format!("{:?}", space.grid).as_bytes());
        for found in &found {
            let region = plan.region_label(found.region, found.component);
            let place = format!("{:?}", found.part);
            step("regions", &region, &[place.as_bytes(), &found.mask].concat());
            let intensities = space.intensities(found.part)?;
            step("space", &format!("intensities around {region}"), &numbers(&intensities.voxels));
        }
    }
    Ok(())
}
