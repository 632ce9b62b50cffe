//! A family that makes no maps itself: each neighbourhood is computed as if it were a region.

use voxomics_imaging::{Grid, IndexBox, Serial, View, texture};

use super::{
    block::Block,
    ready::{STAGE, Values},
};
use crate::{
    host::{CaseHost, RegionInput},
    plan::Mapping,
    stages::{Fault, of_plugin, space::crop},
    table::FeatureValue,
};

/// The values of a block.
///
/// # Errors
/// If the run is being given up, or if the family is broken. What it cannot compute of a neighbourhood has no value.
pub(super) fn values(block: &Block<'_>, mapping: &Mapping, host: &CaseHost) -> Result<Values, Fault> {
    let described = mapping.instance.features();
    let place = |id: &String| described.iter().position(|known| known == id);
    let places: Vec<Option<usize>> = mapping.features.iter().map(|feature| place(&feature.id)).collect();
    let mut made = Values { values: vec![Vec::new(); places.len()], any: false, fault: None };
    let dims = block.grid.dims;
    for at in (0..block.wanted.len()).filter(|at| block.wanted[*at] != 0) {
        if host.is_cancelled() {
            return Err(Fault::cancelled(STAGE));
        }
        let index = [at % dims[0], at / dims[0] % dims[1], at / (dims[0] * dims[1])];
        let found = of_voxel(block, index, mapping, host)?;
        for (values, place) in made.values.iter_mut().zip(&places) {
            let value = found.as_ref().ok().and_then(|found| found.get((*place)?)?.as_ref().ok());
            values.push(value.copied().unwrap_or(f64::NAN));
        }
        match found {
            Ok(_) => made.any = true,
            Err(fault) => made.fault = made.fault.or(Some(fault)),
        }
    }
    Ok(made)
}

/// The features of the neighbourhood of a voxel, or why they cannot be computed.
fn of_voxel(
    block: &Block<'_>,
    index: [usize; 3],
    mapping: &Mapping,
    host: &CaseHost,
) -> Result<Result<Vec<FeatureValue>, Fault>, Fault> {
    let whole = IndexBox::whole(block.grid.dims);
    let part = IndexBox { start: index, end: index.map(|i| i + 1) }.grown(block.radius, block.grid.dims);
    let grid: Grid = block.grid.crop(part);
    let (voxels, mask) = (crop(&block.voxels, whole, part), crop(&block.mask, whole, part));
    let levels = if block.levels.is_empty() { Default::default() } else { crop(&block.levels, whole, part) };
    let sets = if mapping.matrices.is_empty() {
        Vec::new()
    } else {
        let (levels, mask) = (View::new(part.dims(), &levels), View::new(part.dims(), &mask));
        texture::build(&mapping.matrices, levels, block.level_count, Some(mask), &Serial)
            .map_err(|wrong| Fault::new("texture", wrong))?
    };
    let input = RegionInput {
        grid: &grid,
        image: &voxels,
        morphological_mask: &mask,
        intensity_mask: &mask,
        levels: &levels,
        level_count: block.level_count,
        unit: block.unit,
        regions: &[],
    };
    let found = mapping.instance.compute(input, &sets.iter().collect::<Vec<_>>(), host);
    match found {
        Err(error) if error.cancelled || error.broken => Err(of_plugin(STAGE, &error)),
        other => Ok(other.map_err(|error| of_plugin(STAGE, &error))),
    }
}
