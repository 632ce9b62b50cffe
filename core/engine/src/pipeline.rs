//! The flow of one case, from its files to its rows and scores. Read this first.
//!
//! ```text
//! load ─► geometry ─► regions ─► interpolate ─► filter ─► re-segment ─► discretise ─► features ─► predict
//! plugin  core        core       core           plugin    core          core          plugins     plugins
//! ```

use std::time::{Duration, Instant};

pub use voxomics_results::Outcome;

use crate::{
    cases::Case,
    digest,
    host::{CaseHost, Services},
    plan::Plan,
    preview::{self, Pictures},
    stages::{
        Fault,
        delineate::{self, Delineated},
        features, load,
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

    // The digests are taken while the files are in the system's cache anyway, on whichever thread is free.
    let (loaded, digests) = rayon::join(
        || load::case(plan, case, host),
        || [&case.image, &case.mask].map(|path| digest::sha256_path(path).ok()),
    );
    [outcome.image_sha256, outcome.mask_sha256] = digests;
    let (mut image, outlined) = loaded?;
    // Beside what the loader tells: the grid before any interpolation, which a model's training is described by.
    image.metadata.insert("SpacingMm".to_owned(), image.scan.grid.spacing.to_vec().into());
    outcome.timings.push(("load", clock.lap()));

    let Delineated { space, found, faults } = delineate::case(plan, case, &image, outlined, host)?;
    outcome.faults.extend(faults);
    outcome.volumes = found.iter().map(|found| (found.region, found.component, found.volume_ml(&space.grid))).collect();
    if let Some(pictures) = pictures {
        // Features do not need the picture.
        outcome.faults.extend(preview::write(plan, &space, &found, &image.metadata, pictures, host).err());
    }
    outcome.timings.push(("regions", clock.lap()));

    let (rows, faults) = features::compute(plan, &space, &found, host);
    drop(space);
    outcome.rows = rows;
    outcome.faults.extend(faults.into_iter().map(|fault| fault.in_file(&case.image)));
    outcome.timings.push(("features", clock.lap()));

    let metadata = image.metadata;
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
    outcome.timings.push(("predict", clock.lap()));
    Ok(())
}

struct Clock(Instant);

impl Clock {
    fn lap(&mut self) -> Duration {
        let now = Instant::now();
        now - std::mem::replace(&mut self.0, now)
    }
}
