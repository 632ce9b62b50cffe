//! Discretise: the grey levels of some voxels by a rule of the experiment.

use voxomics_imaging::discretisation as levels;

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
    let edges = plan.compat.and_then(|compat| compat.edges(rule, single));
    edges.map_or_else(|| imaging(rule, voxels, mask), levels::Discretisation::Edges).discretise(voxels, mask)
}

fn imaging(discretisation: &Discretisation, voxels: &[f64], mask: &[u8]) -> levels::Discretisation {
    let lowest = || voxels.iter().zip(mask).filter(|(_, inside)| **inside != 0).map(|(x, _)| *x).reduce(f64::min);
    match *discretisation {
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
