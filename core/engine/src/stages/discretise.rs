//! Discretise: the grey levels of some voxels by a rule of the experiment.

use voxomics_imaging::{IndexBox, discretisation as levels};

use super::{
    Fault,
    base::{self, Look},
};
use crate::{experiment::Discretisation, plan::Plan};

/// The grey levels of the voxels of a mask; `single` for voxels that are stored in single precision.
///
/// # Errors
/// If the intensities do not fit the rule.
pub fn levels(
    plan: &Plan,
    rule: &Discretisation,
    single: bool,
    voxels: &[f64],
    mask: &[u8],
) -> Result<levels::Discretised, levels::DiscretisationError> {
    let lowest = || inside(voxels, mask).reduce(f64::min);
    imaging(plan, rule, single, &lowest).discretise(voxels, mask)
}

/// The same of a box of an image that is looked at slab by slab: the same levels. Without what the levels were made of.
///
/// # Errors
/// What keeps the voxels from being seen; or that the intensities do not fit the rule.
pub fn by_slabs(
    plan: &Plan,
    rule: &Discretisation,
    single: bool,
    (look, part): (&Look<'_>, IndexBox),
    mask: &[u8],
) -> Result<Result<levels::Discretised, levels::DiscretisationError>, Fault> {
    let (mut lowest, mut highest, mut wrong): (Option<f64>, Option<f64>, usize) = (None, None, 0);
    base::each(look, part, &mut |at, voxels| {
        for x in inside(voxels, &mask[at..]) {
            wrong += usize::from(!x.is_finite());
            lowest = Some(lowest.map_or(x, |low| low.min(x)));
            highest = Some(highest.map_or(x, |high| high.max(x)));
        }
    })?;
    let rule = imaging(plan, rule, single, &|| lowest);
    if wrong > 0 {
        return Ok(Err(levels::DiscretisationError::NotFinite { voxels: wrong }));
    }
    let (Some(lowest), Some(highest)) = (lowest, highest) else {
        return Ok(rule.discretise(&vec![0.0; mask.len()], mask));
    };
    let mut found = Ok(levels::Discretised { levels: vec![0; mask.len()], ..levels::Discretised::default() });
    base::each(look, part, &mut |at, voxels| {
        let Ok(all) = &mut found else { return };
        // The range of the whole region is that of each slab with its ends.
        let voxels = [voxels, &[lowest, highest]].concat();
        let count = voxels.len() - 2;
        let mask = [&mask[at..at + count], &[1, 1]].concat();
        match rule.discretise(&voxels, &mask) {
            Ok(slab) => {
                all.levels[at..at + count].copy_from_slice(&slab.levels[..count]);
                all.n_levels = all.n_levels.max(slab.n_levels);
            }
            Err(wrong) => found = Err(wrong),
        }
    })?;
    Ok(found)
}

/// The intensities of the voxels of a mask.
fn inside<'a>(voxels: &'a [f64], mask: &'a [u8]) -> impl Iterator<Item = f64> + 'a {
    voxels.iter().zip(mask).filter(|(_, inside)| **inside != 0).map(|(x, _)| *x)
}

/// The rule, as imaging has it; `lowest` is the lowest intensity.
fn imaging(
    plan: &Plan,
    rule: &Discretisation,
    single: bool,
    lowest: &dyn Fn() -> Option<f64>,
) -> levels::Discretisation {
    if let Some(edges) = plan.compat.and_then(|compat| compat.edges(rule, single)) {
        return levels::Discretisation::Edges(edges);
    }
    match *rule {
        Discretisation::FixedBinNumber { bins } => levels::Discretisation::FixedBinNumber { bins },
        Discretisation::FixedBinSize { width, minimum, maximum, exclude_out_of_bounds } => {
            levels::Discretisation::FixedBinSize {
                width,
                minimum: minimum.resolve(width, lowest),
                end: maximum.map_or(levels::End::Open, levels::End::Maximum),
                out_of_bounds: if exclude_out_of_bounds {
                    levels::OutOfBounds::Exclude
                } else {
                    levels::OutOfBounds::Clamp
                },
            }
        }
    }
}
