//! Observe: what a filter or a region maker that is fitted on a cohort learns from one of its cases.

use voxomics_imaging::IndexBox;

use super::{
    Fault,
    delineate::{self, Delineated},
    images::{Images, seen_in},
    load, of_plugin,
    regions::Regions,
};
use crate::{
    cases::Case,
    host::{CaseHost, Seen},
    plan::{Part, Plan, Source},
};

const STAGE: &str = "fit";

/// What there is to be learnt from a case: as many observations as it has components; none of a case that has not the scan.
///
/// # Errors
/// Why the case cannot be looked at.
pub fn case(plan: &Plan, part: Part, case: &Case, host: &CaseHost) -> Result<Vec<String>, Fault> {
    let scan = match part {
        Part::Image(index) => plan.images[index].scan.as_deref(),
        Part::Region(_) => plan.scans().first().copied().flatten(),
    };
    let (image, masks) = load::case(plan, scan, case, host)?;
    match part {
        Part::Image(index) => {
            let Delineated { space, found, faults } = delineate::case(plan, scan, case, &image, masks, host)?;
            if let Some(fault) = faults.into_iter().next() {
                return Err(fault);
            }
            let boxes = found.iter().map(|found| found.part);
            let Some(part) = boxes.reduce(|all: IndexBox, next| all.union(&next)) else { return Ok(Vec::new()) };
            let image = &plan.images[index];
            let voxels = match image.of {
                Source::Scan => space.intensities(part)?.voxels,
                Source::Response { image, response } => {
                    let images = Images::new(plan, scan, &space, &found, part, host)?;
                    images.response(image, response, part)?.into_owned()
                }
            };
            let Some(filter) = &image.filter else { return Ok(Vec::new()) };
            let named = seen_in(plan, &found, part);
            let regions: Vec<_> = named.iter().map(|region| region.lent()).collect();
            let (grid, unit) = (space.grid.crop(part), plan.unit_of_source(image, &space.unit));
            let seen = Seen { grid: &grid, voxels: &voxels, unit, regions: &regions };
            let observed = filter.fitted().observe(&seen, host).map_err(|error| of_plugin(STAGE, &error))?;
            Ok(vec![observed])
        }
        Part::Region(index) => {
            let (space, drawn) = delineate::drawn(plan, case, &image, masks, host)?;
            Regions::each(plan, &space, &drawn, host, index, |regions| regions.observe(index))
        }
    }
}
