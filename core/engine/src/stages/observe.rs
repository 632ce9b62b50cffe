//! Observe: what a filter or a region maker that is fitted on a cohort learns from one of its cases.

use voxomics_imaging::IndexBox;

use super::{
    Fault, delineate,
    images::{Images, WhichMaps, seen_in},
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
            let mut delineated = delineate::case(plan, scan, case, &image, masks, host)?;
            if !delineated.faults.is_empty() {
                return Err(delineated.faults.remove(0));
            }
            let (space, seen) = (&delineated.space, delineated.seen());
            let image = &plan.images[index];
            let Some(filter) = &image.filter else { return Ok(Vec::new()) };
            let boxes = seen.iter().map(|found| found.part);
            let Some(part) = boxes.reduce(|all: IndexBox, next| all.union(&next)) else { return Ok(Vec::new()) };
            let margin = filter.margin(&space.grid, host).map_err(|error| of_plugin(STAGE, &error))?;
            let part = part.grown(margin, space.grid.dims);
            let voxels = match image.of {
                Source::Scan => space.intensities(part)?.voxels,
                Source::Response { image, response } => {
                    let images = Images::new(plan, scan, space, &seen, part, WhichMaps::All, host)?;
                    images.response(image, response, part)?.into_owned()
                }
            };
            let named = seen_in(plan, image, &seen, part);
            let regions: Vec<_> = named.iter().map(|region| region.lent()).collect();
            let (grid, unit) = (space.grid.crop(part), plan.unit_of_source(image, &space.unit));
            let looked_at = Seen { grid: &grid, voxels: &voxels, unit, regions: &regions, wanted: None };
            let observed = filter.fitted().observe(&looked_at, host).map_err(|error| of_plugin(STAGE, &error))?;
            Ok(vec![observed])
        }
        Part::Region(index) => {
            let (space, drawn) = delineate::drawn(plan, case, &image, masks, host)?;
            Regions::each(plan, &space, &drawn, host, index, |regions| regions.observe(index))
        }
    }
}
