//! Delineate: geometry, regions and interpolation in turn, which is all that comes between loading and the first feature.

use super::{
    Fault, align,
    load::{Image, Outlined},
    regions::{self, Found},
    select::{self, Outlines},
    space::Space,
};
use crate::{
    cases::Case,
    experiment::{Region, RegionFrom},
    host::CaseHost,
    plan::Plan,
};

/// The regions of a case, on the grid that its features are computed on.
pub struct Delineated<'a> {
    /// The scan on that grid.
    pub space: Space<'a>,
    /// The regions that features are computed of.
    pub found: Vec<Found>,
    /// One for each region that cannot be had.
    pub faults: Vec<Fault>,
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
        RegionFrom::CaseLabel | RegionFrom::CaseLabelOr(_) => true,
        RegionFrom::Labels(labels) => labels.iter().any(is_asked),
        RegionFrom::Named(name) => case.region.as_ref() == Some(name),
        RegionFrom::AllNamed(names) => case.region.as_ref().is_some_and(|asked| names.contains(asked)),
        RegionFrom::Any | RegionFrom::Ring { .. } | RegionFrom::Union(_) => false,
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

/// The regions of a case on its image.
///
/// # Errors
/// What keeps every region from being found.
pub fn case<'a>(
    plan: &Plan,
    case: &Case,
    image: &'a Image,
    outlined: Outlined,
    host: &CaseHost,
) -> Result<Delineated<'a>, Fault> {
    let in_mask = |fault: Fault| fault.in_file(&case.mask);
    check_label(plan, case, host)?;
    let Outlined { segmentations, named } = outlined;
    let asked = select::asked_labels(plan, case, &named);
    let Image { scan, .. } = image;
    let aligned = align::check(&scan.grid, segmentations, plan.on_mismatch, &asked, host).map_err(in_mask)?;
    let outlines = Outlines { case, grid: &scan.grid, aligned: &aligned, named: &named };
    let drawn = select::regions(plan, &outlines, host);
    drop(aligned);
    let space = Space::new(scan, image.modality(case), plan.interpolation)?;
    let (found, faults) = regions::find(plan, &space, &drawn, host);
    Ok(Delineated { space, found, faults: faults.into_iter().map(in_mask).collect() })
}
