//! The flow of one case, from its files to its rows and scores. Read this first.
//!
//! ```text
//! load ─► geometry ─► regions ─► interpolate ─► filter ─► re-segment ─► discretise ─► features ─► predict
//! plugin  core        core       core           plugin    core          core          plugins     plugins
//! ```

use std::time::Instant;

use serde_json::Value as Json;

pub use voxomics_results::Outcome;

use crate::{
    cases::Case,
    digest,
    host::{CaseHost, Services},
    plan::{CaseFile, Plan},
    preview::{self, Pictures},
    stages::{
        Fault,
        delineate::{self, Delineated},
        features,
        load::{self, Image, Mask},
        merge::{self, OfScan},
        predict::{self, Inputs},
    },
};

/// Runs a case; with a picture of it, if one is wanted.
pub fn run(plan: &Plan, case: &Case, services: &Services, pictures: Option<Pictures<'_>>) -> Outcome {
    let host = CaseHost::new(services, &case.name);
    let mut outcome = Outcome::default();
    if let Err(fault) = flow(plan, case, &host, pictures, &mut outcome) {
        outcome.faults.push(fault);
    }
    outcome.log = host.lines();
    outcome
}

fn flow(
    plan: &Plan,
    case: &Case,
    host: &CaseHost,
    pictures: Option<Pictures<'_>>,
    outcome: &mut Outcome,
) -> Result<(), Fault> {
    let mut clock = Clock(Instant::now());
    let files = plan.files_of(case);
    let digest = |(column, path): &CaseFile| Some((column.clone(), digest::sha256_path(path).ok()?));
    let scans = plan.scans();
    let first = scans.first().copied().flatten();

    // The digests are taken while the files are in the system's cache anyway, on whichever thread is free.
    let (loaded, digests) = rayon::join(
        || load::case(plan, first, case, host),
        || files.iter().map(digest).collect::<Vec<Option<(String, String)>>>(),
    );
    outcome.digests = digests.into_iter().flatten().collect();
    let mut metadata = serde_json::Map::new();
    let mut loaded = Some(loaded);
    for (index, scan) in scans.iter().enumerate() {
        let loaded = loaded.take().unwrap_or_else(|| load::case(plan, *scan, case, host));
        let of_scan = OfScan { plan, scan: *scan, is_first: index == 0 };
        let looked = look(&of_scan, case, loaded, host, pictures, &mut metadata, &mut clock, outcome);
        match looked {
            Ok(()) => {}
            Err(fault) if scans.len() == 1 || fault.cancelled => return Err(fault),
            Err(fault) => of_scan.failed(fault, outcome),
        }
    }
    outcome.rows.sort_by_key(|row| (row.component, row.region));

    let inputs = Inputs { case, rows: &outcome.rows, metadata: &metadata };
    inputs.missing_covariates(plan).iter().for_each(|reason| host.warn(reason.as_ref()));
    inputs.contradictions(plan).iter().for_each(|contradiction| host.warn(contradiction.as_str()));
    let (scores, faults) = predict::score(plan, &inputs, host);
    let values = |component| plan.inputs.iter().map(|(_, input)| inputs.value(plan, input, component)).collect();
    outcome.inputs = predict::components(inputs.rows).into_iter().map(|c| (c, values(c))).collect();
    scores.iter().flat_map(|score| &score.doubts).for_each(|doubt| host.warn(doubt.as_str()));
    outcome.scores = scores;
    outcome.faults.extend(faults);
    outcome.metadata = metadata;
    clock.lap("predict", outcome);
    Ok(())
}

/// One scan of a case: from its files to the values of its images.
#[allow(clippy::too_many_arguments)] // what a flow takes and what it fills
fn look(
    of_scan: &OfScan<'_>,
    case: &Case,
    loaded: Result<(Image, Vec<Mask>), Fault>,
    host: &CaseHost,
    pictures: Option<Pictures<'_>>,
    metadata: &mut serde_json::Map<String, Json>,
    clock: &mut Clock,
    outcome: &mut Outcome,
) -> Result<(), Fault> {
    let OfScan { plan, scan, is_first } = *of_scan;
    let (mut image, masks) = loaded?;
    // Beside what the loader tells: the grid before any interpolation, which a model's training is described by.
    image.metadata.insert("SpacingMm".to_owned(), image.scan.grid.spacing.to_vec().into());
    metadata.extend(image.metadata.iter().map(|(name, value)| (of_scan.attribute(name), value.clone())));
    clock.lap("load", outcome);

    let Delineated { space, found, faults } = delineate::case(plan, scan, case, &image, masks, host)?;
    faults.into_iter().for_each(|fault| of_scan.region_failed(fault, outcome));
    of_scan.volumes(&found, &space, outcome);
    if let Some(pictures) = pictures.filter(|_| is_first) {
        // Features do not need the picture.
        outcome.faults.extend(preview::write(plan, &space, &found, &image.metadata, pictures, host).err());
    }
    clock.lap("regions", outcome);

    let (rows, faults) = features::compute(plan, scan, &space, &found, host);
    rows.into_iter().for_each(|row| merge::row(&mut outcome.rows, row));
    let path = case.scan(scan).map_or(case.image.as_path(), |(path, _)| path);
    outcome.faults.extend(faults.into_iter().map(|fault| fault.in_file(path)));
    clock.lap("features", outcome);
    Ok(())
}

struct Clock(Instant);

impl Clock {
    /// Adds the time since the last lap to that of a stage.
    fn lap(&mut self, stage: &'static str, outcome: &mut Outcome) {
        let now = Instant::now();
        let took = now - std::mem::replace(&mut self.0, now);
        match outcome.timings.iter_mut().find(|(known, _)| *known == stage) {
            Some((_, all)) => *all += took,
            None => outcome.timings.push((stage, took)),
        }
    }
}
