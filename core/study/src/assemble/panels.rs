//! Figures of panels, and the way of a study, as the report draws them.

use voxomics_engine::{
    experiment::study::{Figure, Letters as StatedLetters, Shows as StatedShows},
    plan::Plan,
};
use voxomics_report::study::{Letters, Panel, Panels, Shows, Workflow};

/// A figure of panels.
pub fn figure(stated: &Figure) -> Panels {
    let panel =
        |panel: &voxomics_engine::experiment::study::Panel| Panel { of: panel.of.clone(), shows: shows(panel.shows) };
    Panels {
        name: stated.name.clone(),
        width_mm: stated.width_mm,
        text_pt: stated.text_pt,
        letters: match stated.letters {
            StatedLetters::Upper => Letters::Upper,
            StatedLetters::Lower => Letters::Lower,
            StatedLetters::None => Letters::None,
        },
        titles: stated.titles,
        rows: stated.rows.iter().map(|row| row.iter().map(panel).collect()).collect(),
    }
}

fn shows(stated: StatedShows) -> Shows {
    match stated {
        StatedShows::Workflow => Shows::Workflow,
        StatedShows::Flow => Shows::Flow,
        StatedShows::Weights => Shows::Weights,
        StatedShows::Validation => Shows::Validation,
        StatedShows::Path => Shows::Path,
        StatedShows::Roc => Shows::Roc,
        StatedShows::Distribution => Shows::Distribution,
        StatedShows::Calibration => Shows::Calibration,
        StatedShows::Decision => Shows::Decision,
        StatedShows::Forest => Shows::Forest,
        StatedShows::KaplanMeier => Shows::KaplanMeier,
        StatedShows::Incidence => Shows::Incidence,
        StatedShows::TimeAuc => Shows::TimeAuc,
        StatedShows::Scatter => Shows::Scatter,
    }
}

/// What is measured in scans.
pub fn workflow(plan: &Plan) -> Workflow {
    let original = plan.maps.iter().filter(|map| plan.images[map.image].is_original()).count();
    let mut families: Vec<(String, u64)> = Vec::new();
    for column in &plan.columns {
        match families.iter_mut().find(|(name, _)| *name == column.family) {
            Some((_, count)) => *count += 1,
            None => families.push((column.family.clone(), 1)),
        }
    }
    Workflow {
        regions: plan.regions.iter().filter(|region| region.features).map(|region| region.name.clone()).collect(),
        scans: original as u64,
        filtered: (plan.maps.len() - original) as u64,
        features: plan.columns.len() as u64,
        families,
    }
}
