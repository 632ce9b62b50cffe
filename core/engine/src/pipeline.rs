//! The flow of one case, from its files to its rows and scores. Read this first.
//!
//! ```text
//! load ─► geometry ─► regions ─► interpolate ─► filter ─► re-segment ─► discretise ─► features ─► predict ─► export
//! plugin  core        core,      core           plugin    core          core          plugins     plugins    plugins
//!                     plugins
//! ```

use std::time::Instant;

use serde_json::Value as Json;

pub use voxomics_results::Outcome;

use crate::{
    cases::Case,
    files,
    host::{CaseHost, Services},
    plan::{CaseFile, Plan},
    preview::{self, Missed, Pictures},
    results::{FileRead, Stamp, identity::of_column},
    stages::{
        Fault,
        delineate::{self, Delineated},
        export::{self, Exported, Scored},
        features,
        load::{self, Given, Image, Mask},
        merge::{self, OfScan},
        patients, perturb,
        predict::{self, Inputs},
        unnormalised,
    },
};

/// Runs a case; with a picture of it, if one is wanted.
pub fn run(plan: &Plan, case: &Case, services: &Services, pictures: Option<Pictures<'_>>) -> Outcome {
    let mut outcome = extract(plan, case, services, pictures);
    predict(plan, case, services, &mut outcome);
    outcome
}

/// Runs a case as far as its features: what depends on its files and on nothing else that the list of cases says, and can
/// be kept.
pub fn extract(plan: &Plan, case: &Case, services: &Services, pictures: Option<Pictures<'_>>) -> Outcome {
    extract_from(plan, case, Given::default(), services, pictures)
}

/// Runs a case whose image or mask is in memory: the same flow, without the reading of what is there.
pub fn run_given(
    plan: &Plan,
    case: &Case,
    given: Given,
    services: &Services,
    pictures: Option<Pictures<'_>>,
) -> Outcome {
    let mut outcome = extract_from(plan, case, given, services, pictures);
    predict(plan, case, services, &mut outcome);
    outcome
}

fn extract_from(
    plan: &Plan,
    case: &Case,
    given: Given,
    services: &Services,
    pictures: Option<Pictures<'_>>,
) -> Outcome {
    let host = CaseHost::new(services, case.original());
    let mut outcome = Outcome::default();
    if let Err(fault) = flow(plan, case, given, &host, pictures, &mut outcome) {
        outcome.faults.push(fault);
    }
    outcome.log = host.lines();
    outcome
}

/// Adds inputs and scores to a case that has its features.
pub fn predict(plan: &Plan, case: &Case, services: &Services, outcome: &mut Outcome) {
    // A case that could not be read has nothing to be predicted from.
    if outcome.metadata.is_empty() {
        return;
    }
    let mut clock = Clock(Instant::now());
    let host = CaseHost::new(services, case.original());
    let inputs = Inputs::new(case, &outcome.rows, &outcome.metadata);
    inputs.missing_covariates(plan).iter().for_each(|reason| host.warn(reason.as_ref()));
    patients::doubts(plan, case, &outcome.metadata).iter().for_each(|doubt| host.warn(doubt.as_str()));
    inputs.contradictions(plan).iter().for_each(|contradiction| host.warn(contradiction.as_str()));
    let (scores, faults) = predict::score(plan, &inputs, &host);
    let values = |component| plan.of_case().iter().map(|(_, input)| inputs.value(plan, input, component)).collect();
    let inputs = predict::components(inputs.rows()).into_iter().map(|c| (c, values(c))).collect();
    scores.iter().flat_map(|score| &score.doubts).for_each(|doubt| host.warn(doubt.as_str()));
    outcome.inputs = inputs;
    outcome.scores = scores;
    outcome.faults.extend(faults);
    outcome.log.extend(host.lines());
    clock.lap("predict", outcome);
}

/// What the plan's exporters make of a case that has its features, with its scores; what they cannot make is a fault of the case.
pub fn export(
    plan: &Plan,
    case: &Case,
    services: &Services,
    outcome: &mut Outcome,
    scores: &[Scored],
) -> Vec<Exported> {
    if plan.exporters.is_empty() {
        return Vec::new();
    }
    let mut clock = Clock(Instant::now());
    let host = CaseHost::new(services, case.original());
    let (made, faults) = export::case(plan, case, outcome, scores, &host);
    outcome.faults.extend(faults);
    outcome.log.extend(host.lines());
    clock.lap("export", outcome);
    made
}

fn flow(
    plan: &Plan,
    case: &Case,
    given: Given,
    host: &CaseHost,
    pictures: Option<Pictures<'_>>,
    outcome: &mut Outcome,
) -> Result<(), Fault> {
    let mut clock = Clock(Instant::now());
    let named = plan.files_of(case);
    let found = files::of(&named);
    let scans = plan.scans();
    let first = scans.first().copied().flatten();

    // The digests are taken while the files are in the system's cache anyway, on whichever thread is free.
    let (loaded, read) = rayon::join(
        || load::case_given(plan, first, case, given, host),
        || found.as_ref().ok().and_then(|found| files::read(found).ok()),
    );
    let computed = scans_of(plan, case, loaded, host, pictures, &mut clock, outcome);
    let Ok(found) = found else { return computed };
    match all_read(case, &named, found, read.unwrap_or_default(), host) {
        Ok((read, stamps)) => (outcome.files, outcome.stamps) = (read, stamps),
        Err(fault) => {
            *outcome = Outcome::default();
            return Err(fault);
        }
    }
    computed
}

/// Every file that was read of a case, with its stamp: what was found of it and its digests, and what plugins have read beside
/// that; none of a case whose files cannot all be read.
///
/// # Errors
/// Which file is not what it was when it was found or opened, or not what the list of cases says.
pub(crate) fn all_read(
    case: &Case,
    named: &[CaseFile],
    mut found: Vec<files::Found>,
    mut read: Vec<FileRead>,
    host: &CaseHost,
) -> Result<(Vec<FileRead>, Vec<Stamp>), Fault> {
    let beside = files::beside(&found, named, &host.reads()).map_err(|message| Fault::new("load", message))?;
    match files::read(&beside) {
        Ok(more) if !read.is_empty() => read.extend(more),
        _ => read.clear(),
    }
    found.extend(beside);
    beyond_doubt(case, &found, &read)?;
    Ok((read, found.iter().map(|found| found.stamp).collect()))
}

/// Every scan of a case.
fn scans_of(
    plan: &Plan,
    case: &Case,
    loaded: Result<(Image, Vec<Mask>), Fault>,
    host: &CaseHost,
    pictures: Option<Pictures<'_>>,
    clock: &mut Clock,
    outcome: &mut Outcome,
) -> Result<(), Fault> {
    let scans = plan.scans();
    let mut metadata = serde_json::Map::new();
    let mut loaded = Some(loaded);
    for (index, scan) in scans.iter().enumerate() {
        let loaded = loaded.take().unwrap_or_else(|| load::case(plan, *scan, case, host));
        let of_scan = OfScan { plan, scan: *scan, is_first: index == 0 };
        let looked = look(&of_scan, case, loaded, host, pictures, &mut metadata, clock, outcome);
        match looked {
            Ok(()) => {}
            Err(fault) if scans.len() == 1 || fault.cancelled => return Err(fault),
            Err(fault) => {
                of_scan.failed(fault, outcome);
                perturb::failed(plan, outcome);
            }
        }
    }
    outcome.rows.sort_by_key(|row| (row.component, row.region));
    outcome.metadata = metadata;
    Ok(())
}

/// Whether what was read of a case is what was found of it before, and what the list says that image and mask hash to.
///
/// # Errors
/// Which file is not.
pub(crate) fn beyond_doubt(case: &Case, found: &[files::Found], read: &[FileRead]) -> Result<(), Fault> {
    files::steady(found).map_err(|message| Fault::new("load", message))?;
    for (column, expected) in ["image", "mask"].into_iter().zip(&case.expected) {
        let digest = of_column(read, column).unwrap_or_default();
        if let Some(expected) = expected.as_ref().filter(|expected| **expected != digest) {
            let path = if column == "image" { &case.image } else { &case.mask };
            let message = format!(
                "{} is not what the list of cases names: its SHA-256 is {digest}, expected {expected}; find the right \
                 file, or take the digest from the list",
                path.display()
            );
            return Err(Fault::new("load", message));
        }
    }
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

    let pictures = pictures.filter(|_| is_first);
    let mut delineated = match delineate::case(plan, scan, case, &image, masks, host) {
        Err(fault) if !fault.cancelled => {
            if let Some(pictures) = pictures {
                outcome.faults.extend(preview::write_without(plan, case, (&image, &fault), scan, pictures, host).err());
            }
            return Err(fault);
        }
        delineated => delineated?,
    };
    let faults = std::mem::take(&mut delineated.faults);
    if let Some(pictures) = pictures {
        let missed = Missed { scan, faults: &faults, lacking: &delineated.lacking };
        let shown = (delineated.found.as_slice(), missed);
        // Features do not need the picture.
        outcome.faults.extend(preview::write(plan, &delineated.space, shown, &image.metadata, pictures, host).err());
    }
    faults.into_iter().for_each(|fault| of_scan.region_failed(fault, outcome));
    let Delineated { space, found, .. } = &delineated;
    of_scan.volumes(found, space, outcome);
    unnormalised::warn(plan, scan, space.modality.as_deref(), &space.unit, host);
    for lacking in delineated.lacking.iter().filter(|lacking| plan.wants(scan, lacking.region)) {
        of_scan.lacks(lacking, outcome);
    }
    clock.lap("regions", outcome);

    let (rows, faults) = features::compute(plan, scan, &delineated, host);
    merge::rows(&mut outcome.rows, rows);
    let path = case.scan(scan).map_or(case.image.as_path(), |(path, _)| path);
    outcome.faults.extend(faults.into_iter().map(|fault| fault.in_file(path)));
    clock.lap("features", outcome);
    if plan.perturb.is_some() {
        perturb::case(of_scan, case, &delineated, host, outcome)?;
        clock.lap("perturb", outcome);
    }
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
