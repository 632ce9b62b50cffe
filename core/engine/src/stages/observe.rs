//! Observe: what a filter or a region maker that is fitted on a cohort learns from one of its cases.

use voxomics_imaging::IndexBox;

use super::{
    Fault, delineate,
    images::{Images, WhichMaps, seen_in},
    load, of_plugin,
    regions::{OfCase, Regions},
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
        Part::Region(index) => scan_of(plan, index),
    };
    let (image, masks) = load::case(plan, scan, case, host)?;
    match part {
        Part::Image(index) => {
            // What is made of images may be made of this one.
            let named = plan.regions_of_images(&[index]);
            let is_sought = |region: usize| {
                named.contains(&region)
                    || !plan.is_of_images(region) && (plan.wants(scan, region) || plan.lends(scan, region))
            };
            let mut delineated = delineate::sought(plan, scan, case, &image, masks, &is_sought, host)?;
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
                    let which = WhichMaps::These(&[image]);
                    let images = Images::new(plan, scan, space, &seen, part, which, host)?;
                    images.response(image, response, part)?.into_owned()
                }
            };
            let named = seen_in(plan, image, &seen, part);
            let regions: Vec<_> = named.iter().map(|region| region.lent()).collect();
            let (grid, unit) = (space.grid.crop(part), plan.unit_of_source(image, &space.unit));
            let looked_at = Seen { grid: &grid, voxels: &voxels, unit, regions: &regions, images: &[], wanted: None };
            let observed = filter.fitted().observe(&looked_at, host).map_err(|error| of_plugin(STAGE, &error))?;
            Ok(vec![observed])
        }
        Part::Region(index) => {
            let (space, drawn) = delineate::drawn(plan, case, &image, masks, host)?;
            Regions::observe(
                OfCase { plan, scan, case, space: &space, drawn: &drawn, change: None, moved: None, host },
                index,
            )
        }
    }
}

/// The scan on which a region is looked at: the first that needs it, or the first of the images that it is made of.
fn scan_of(plan: &Plan, region: usize) -> Option<&str> {
    let section = &plan.regions[region].section;
    let mut of_section = (0..plan.regions.len()).filter(|at| plan.regions[*at].section == *section);
    let scans = plan.scans();
    let needs = |scan: &&Option<&str>| of_section.clone().any(|at| plan.wants(**scan, at) || plan.lends(**scan, at));
    let needed = scans.iter().find(needs).copied();
    let of_images = || {
        let first = of_section.find_map(|at| plan.makers[at].as_ref()?.images.first().copied())?;
        Some(plan.images[plan.maps[first].image].scan.as_deref())
    };
    needed.or_else(of_images).or_else(|| scans.first().copied()).flatten()
}
