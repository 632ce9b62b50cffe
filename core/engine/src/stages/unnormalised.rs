//! Bins of a fixed width in an MR whose intensities are not normalised: they mean another thing in every scan.

use crate::{
    experiment::Discretisation,
    host::CaseHost,
    plan::{Map, Plan, Source},
};

/// The modality whose intensities have no unit, as DICOM writes it.
const MR: &str = "MR";

/// Warns of every image of an MR that families see in bins of a fixed width, though nothing has normalised it. A scan whose
/// intensities have a unit, such as a map of diffusion, needs no normalisation.
pub fn warn(plan: &Plan, scan: Option<&str>, modality: Option<&str>, unit: &str, host: &CaseHost) {
    if modality != Some(MR) || !unit.is_empty() {
        return;
    }
    for (index, map) in plan.maps.iter().enumerate() {
        let of_scan = plan.images[map.image].scan.as_deref() == scan;
        if !of_scan || is_normalised(plan, map) {
            continue;
        }
        let rules = plan.families.iter().filter_map(|family| family.uses[index].as_ref()?.discretisation);
        let fixed = rules.filter_map(|rule| match rule {
            Discretisation::FixedBinSize { width, .. } => Some(width),
            Discretisation::FixedBinNumber { .. } => None,
        });
        if let Some(width) = fixed.reduce(f64::min) {
            host.warn(format!(
                "image `{}`: bins of the fixed width {width} suit intensities that have a unit, and those of this MR have none: the \
                 same tissue has other grey levels in another scan; normalise first (docs/filters.md), or ask for a fixed bin number",
                map.name
            ));
        }
    }
}

/// Whether a filter has given the intensities of a map, or those that it is made of, a scale without a unit.
fn is_normalised(plan: &Plan, map: &Map) -> bool {
    let image = &plan.images[map.image];
    let Some(filter) = &image.filter else { return false };
    if filter.units.get(map.response).is_some_and(|unit| unit == "1") {
        return true;
    }
    match image.of {
        Source::Scan => false,
        Source::Response { image, response } => {
            let of = |map: &&Map| map.image == image && map.response == response;
            plan.maps.iter().find(of).is_some_and(|map| is_normalised(plan, map))
        }
    }
}
