//! Bins of a fixed width in an MR whose intensities are not normalised: they mean another thing in every scan.

use crate::{
    experiment::Discretisation,
    host::CaseHost,
    plan::{Map, Plan, Source},
};

/// The modality whose intensities have no unit, as DICOM writes it.
const MR: &str = "MR";

/// Filters whose response has no unit and is normalised no more than what they filter: they move all scans of a cohort alike.
const MOVES_ALL_ALIKE: [&str; 1] = ["z-score"];

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
            let moved = MOVES_ALL_ALIKE.iter().find(|filter| chain(plan, map).any(|map| is_by(plan, map, filter)));
            let moved = moved.map(|filter| {
                format!("; `{filter}` moves all scans of a cohort alike, and does not make scanners agree")
            });
            host.warn(format!(
                "image `{}`: bins of the fixed width {width} suit intensities that have a unit, and those of this MR have none: the \
                 same tissue has other grey levels in another scan; normalise first (docs/filters.md), or ask for a fixed bin number{}",
                map.name,
                moved.unwrap_or_default()
            ));
        }
    }
}

/// Whether a filter has given the intensities of a map, or those that it is made of, a scale of its own without a unit.
fn is_normalised(plan: &Plan, map: &Map) -> bool {
    chain(plan, map).any(|map| {
        let filter = plan.images[map.image].filter.as_ref();
        let has_scale = filter.and_then(|filter| filter.units.get(map.response)).is_some_and(|unit| unit == "1");
        has_scale && !MOVES_ALL_ALIKE.iter().any(|filter| is_by(plan, map, filter))
    })
}

/// A map, and those that it is made of, up to that of the scan.
fn chain<'a>(plan: &'a Plan, map: &'a Map) -> impl Iterator<Item = &'a Map> {
    std::iter::successors(Some(map), |map| match plan.images[map.image].of {
        Source::Scan => None,
        Source::Response { image, response } => {
            plan.maps.iter().find(|map| map.image == image && map.response == response)
        }
    })
}

fn is_by(plan: &Plan, map: &Map, filter: &str) -> bool {
    plan.images[map.image].filter.as_ref().is_some_and(|of| of.name.strip_prefix("filter-") == Some(filter))
}
