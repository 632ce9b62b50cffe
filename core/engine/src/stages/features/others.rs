//! The other regions that a family reads, in the box of the region that it is computed of.

use voxomics_imaging::{IndexBox, View};

use super::super::{
    Fault,
    boxed::paste,
    found::{Around, Found},
};
use crate::plan::{Family, Plan};

/// The masks of the regions that a family reads, in the order in which it names them: all 0 for one that the case lacks. Of a region
/// of components it is that of the same component.
///
/// # Errors
/// If one of them cannot be had: a share of what is left would look as good as the true one.
pub fn masks(
    plan: &Plan,
    around: Around<'_>,
    family: &Family,
    of: &Found,
    part: IndexBox,
) -> Result<Vec<Vec<u8>>, Fault> {
    let mask = |name: &String| {
        let is_it = |region: usize, component: Option<usize>| {
            plan.regions[region].name == *name && (component == of.component || component.is_none())
        };
        let mut mask = vec![0; part.dims().iter().product()];
        if let Some(found) = around.seen.iter().find(|found| is_it(found.region, found.component)) {
            paste(View::new(found.part.dims(), &found.mask), found.part, &mut mask, part);
            return Ok(mask);
        }
        match around.lacking.iter().any(|lacking| is_it(lacking.region, lacking.component)) {
            true => Ok(mask),
            false => {
                let message = format!("{} reads the region `{name}`, which cannot be had", family.instance.name);
                Err(Fault::new("features", message))
            }
        }
    };
    family.instance.needs.regions.iter().map(mask).collect()
}
