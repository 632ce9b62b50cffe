//! Delineate: geometry, regions and interpolation in turn, which is all that comes between loading and the first feature.

use super::{
    Fault, align,
    load::Outlined,
    regions::{self, Found},
    select::{self, Outlines},
    space::Space,
};
use crate::{cases::Case, host::CaseHost, plan::Plan, scan::Scan};

/// The regions of a case, on the grid that its features are computed on.
pub struct Delineated<'a> {
    /// The scan on that grid.
    pub space: Space<'a>,
    /// The regions that features are computed of.
    pub found: Vec<Found>,
    /// One for each region that cannot be had.
    pub faults: Vec<Fault>,
}

/// The regions of a case on its image.
///
/// # Errors
/// What keeps every region from being found.
pub fn case<'a>(
    plan: &Plan,
    case: &Case,
    scan: &'a Scan,
    outlined: Outlined,
    host: &CaseHost,
) -> Result<Delineated<'a>, Fault> {
    let in_mask = |fault: Fault| fault.in_file(&case.mask);
    let Outlined { segmentations, named } = outlined;
    let aligned = align::check(&scan.grid, segmentations, plan.on_mismatch, host).map_err(in_mask)?;
    let outlines = Outlines { case, grid: &scan.grid, aligned: &aligned, named: &named };
    let drawn = select::regions(plan, &outlines, host);
    drop(aligned);
    let space = Space::new(scan, plan.interpolation)?;
    let (found, faults) = regions::find(plan, &space, &drawn, host);
    Ok(Delineated { space, found, faults: faults.into_iter().map(in_mask).collect() })
}
