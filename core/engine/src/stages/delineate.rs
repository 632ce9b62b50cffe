//! Delineate: geometry, regions and interpolation in turn, which is all that comes between loading and the first feature.

use super::{
    Fault, align,
    found::{Found, Lacking, Looked},
    load::{Image, Mask, Outlined},
    prepare,
    regions::{self, OfCase},
    select::{self, Drawn, Outlines},
    space::Space,
};
use crate::{
    cases::Case,
    experiment::{Prepare, Region, RegionFrom},
    host::CaseHost,
    plan::Plan,
};

/// The regions of a case, on the grid that its features are computed on.
pub struct Delineated<'a> {
    /// The scan on that grid.
    pub space: Space<'a>,
    /// The regions that features are computed of.
    pub found: Vec<Found>,
    /// Further regions, which only filters look at.
    pub lent: Vec<Found>,
    /// Regions that the case lacks, which is no fault.
    pub lacking: Vec<Lacking>,
    /// One for each region that cannot be had.
    pub faults: Vec<Fault>,
    /// What was drawn, on the scan's own grid.
    pub drawn: Vec<Drawn>,
}

/// Whether what the case list asks for is what the experiment reads: the features of another label would look as good.
fn check_label(plan: &Plan, case: &Case, host: &CaseHost) -> Result<(), Fault> {
    let asked = match (&case.region, case.label) {
        (Some(name), _) => format!("the region `{name}`"),
        (None, Some(label)) => format!("label {label}"),
        (None, None) => return Ok(()),
    };
    let is_asked = |label: &f64| case.region.is_none() && case.label == Some(*label);
    let reads = |region: &Region| match &region.from {
        _ if region.mask.is_some() => false,
        RegionFrom::CaseLabel | RegionFrom::CaseLabelOr(_) => true,
        RegionFrom::Labels(labels) => labels.iter().any(is_asked),
        RegionFrom::Named(name) => case.region.as_ref() == Some(name),
        RegionFrom::AllNamed(names) => case.region.as_ref().is_some_and(|asked| names.contains(asked)),
        _ => false,
    };
    if plan.regions.iter().any(reads) {
        return Ok(());
    }
    let named: Vec<&str> = plan.regions.iter().map(|region| region.name.as_str()).collect();
    let message =
        format!("the case list asks for {asked}, which no region of the experiment reads ({})", named.join(", "));
    if plan.regions.iter().any(|region| matches!(region.from, RegionFrom::Any)) {
        host.warn(format!("{message}: `any` takes every label"));
        return Ok(());
    }
    let way_out = "take the region's own label from the experiment, or the column from the list";
    Err(Fault::new("regions", format!("{message}; {way_out}")))
}

/// The regions of a case on one of its images: those that features are computed of, and those that filters or families look at.
///
/// # Errors
/// What keeps every region from being found.
pub fn case<'a>(
    plan: &Plan,
    scan: Option<&str>,
    case: &Case,
    image: &'a Image,
    masks: Vec<Mask>,
    host: &CaseHost,
) -> Result<Delineated<'a>, Fault> {
    let is_sought = |region: usize| plan.wants(scan, region) || plan.lends(scan, region);
    sought(plan, scan, case, image, masks, &is_sought, host)
}

/// Some regions of a case, by their place in the plan.
///
/// # Errors
/// As of [`case`].
pub fn sought<'a>(
    plan: &Plan,
    scan: Option<&str>,
    case: &Case,
    image: &'a Image,
    masks: Vec<Mask>,
    is_sought: &dyn Fn(usize) -> bool,
    host: &CaseHost,
) -> Result<Delineated<'a>, Fault> {
    let (space, drawn) = drawn(plan, case, image, masks, host)?;
    let of = OfCase { plan, scan, case, space: &space, drawn: &drawn, change: None, moved: None, host };
    let Looked { found, lacking, faults } = regions::find(of, is_sought);
    let (found, lent) = found.into_iter().partition(|found| plan.wants(scan, found.region));
    let of_region = |fault: &Fault| plan.regions.iter().find(|region| fault.region.as_ref() == Some(&region.name));
    let faults = faults.into_iter().map(|fault| {
        let mask = of_region(&fault).and_then(|region| region.mask.clone());
        in_mask(fault, case, mask.as_deref())
    });
    Ok(Delineated { faults: faults.collect(), space, found, lent, lacking, drawn })
}

/// The regions of what was drawn, on whichever grid, with volumes changed if that is wanted: those that features are computed of with
/// what the case lacks and a fault for each that cannot be had, and further ones that only filters and families look at.
pub fn again(of: OfCase<'_>) -> (Looked, Vec<Found>) {
    let looked = regions::find(of, &|region| of.plan.wants(of.scan, region) || of.plan.lends(of.scan, region));
    let (found, lent) = looked.found.into_iter().partition(|found| of.plan.wants(of.scan, found.region));
    (Looked { found, lacking: looked.lacking, faults: looked.faults }, lent)
}

impl Delineated<'_> {
    /// Every region that filters may look at.
    pub fn seen(&self) -> Vec<&Found> {
        self.found.iter().chain(&self.lent).collect()
    }
}

/// What is drawn in the masks of a case, and one of its scans on the grid of the features.
///
/// # Errors
/// As of [`case`].
pub fn drawn<'a>(
    plan: &Plan,
    case: &Case,
    image: &'a Image,
    masks: Vec<Mask>,
    host: &CaseHost,
) -> Result<(Space<'a>, Vec<Drawn>), Fault> {
    check_label(plan, case, host)?;
    let only = masks.len() == 1;
    let mut drawn = Vec::new();
    for Mask { name, outlined } in masks {
        let name = name.as_deref();
        let draw = || -> Result<Vec<Drawn>, Fault> {
            let Outlined { segmentations, named } = outlined?;
            let asked = select::asked_labels(plan, case, &named);
            let on_mismatch = plan.on_mismatch;
            let aligned = align::check(&image.scan.grid, segmentations, on_mismatch, &asked, host)
                .map_err(|fault| in_mask(fault, case, name))?;
            let outlines = Outlines { case, mask: name, grid: &image.scan.grid, aligned: &aligned, named: &named };
            Ok(select::regions(plan, &outlines, host))
        };
        match draw() {
            Ok(of_mask) => drawn.push(of_mask),
            Err(fault) if only || fault.cancelled => return Err(fault),
            Err(fault) => drawn.push(select::failed(plan, name, &fault)),
        }
    }
    let drawn = select::merged(plan, drawn);
    match plan.prepare {
        Some(asked) => prepared(plan, asked, case, image, drawn),
        None => Ok((space(plan, case, image)?, drawn)),
    }
}

/// A scan on the grid of the features.
///
/// # Errors
/// If it cannot be brought onto it, or if the experiment changes the scan around a region: then it is not the scan alone.
pub fn space<'a>(plan: &Plan, case: &Case, image: &'a Image) -> Result<Space<'a>, Fault> {
    if plan.prepare.is_some_and(|prepare| prepare.margin_voxels.is_some()) {
        let message = "[prepare] cuts the scan to a region, and here the scan is looked at without one";
        return Err(Fault::new("regions", message));
    }
    if let Some(asked) = plan.prepare {
        return Ok(prepared(plan, asked, case, image, Vec::new())?.0);
    }
    Ok(Space::new(&image.scan, image.modality(case), plan.interpolation)?.in_unit(image.unit()))
}

/// The scan after all that is done to it, with what is drawn on it.
fn prepared<'a>(
    plan: &Plan,
    asked: Prepare,
    case: &Case,
    image: &'a Image,
    drawn: Vec<Drawn>,
) -> Result<(Space<'a>, Vec<Drawn>), Fault> {
    let (scan, drawn) = prepare::scan(asked, &image.scan, drawn)?;
    let unit = if asked.normalise_scale.is_some() { "1".into() } else { image.unit() };
    Ok((Space::of_prepared(scan, image.modality(case), plan.interpolation)?.in_unit(unit), drawn))
}

fn in_mask(fault: Fault, case: &Case, mask: Option<&str>) -> Fault {
    match case.mask(mask) {
        Ok(path) => fault.in_file(path),
        Err(_) => fault,
    }
}
