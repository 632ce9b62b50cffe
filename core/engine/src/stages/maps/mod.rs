//! Map: for each voxel of a region the features of the voxels around it.
//!
//! A family that says so makes its maps itself, block by block (`block`). Every other family computes each neighbourhood as
//! if it were a region (`neighbourhood`). Both give the same numbers, and neither needs more memory for a large region than
//! for a small one beside the values themselves.

mod block;
mod neighbourhood;
mod ready;
mod sparse;

use std::sync::Arc;

use rayon::prelude::*;
use voxomics_imaging::{IndexBox, View, mask};

use super::{
    Fault,
    base::{self, Base, Look},
    boxed::paste,
    discretise,
    found::Found,
    resegment,
    space::Space,
};
use crate::{
    host::CaseHost,
    plan::{Image, Mapping, Plan, Source},
};
use block::{Block, Slab, Tile, Tiles};
use ready::{Ready, Rows, STAGE, Values};
pub use sparse::{Place, Sparse};

/// Blocks that are computed before their values are put together.
const AT_ONCE: usize = 16;

/// What is mapped, and what is around it.
pub struct Scene<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// The scan on the grid of the features.
    pub space: &'a Space<'a>,
    /// The image of the plan that is made.
    pub image: &'a Image,
    /// How it is made.
    pub mapping: &'a Mapping,
    /// The intensities of the scan, which re-segmentation looks at.
    pub base: &'a Base<'a>,
    /// The voxels of what the image is made of.
    pub look: &'a Look<'a>,
    /// The host.
    pub host: &'a CaseHost,
}

/// The box of all neighbourhoods of the regions that a map is of and that lie in a box; that box if there are none.
pub fn whole_regions(
    plan: &Plan,
    image: &Image,
    seen: &[&Found],
    kept: IndexBox,
    radius: [usize; 3],
    dims: [usize; 3],
) -> IndexBox {
    let whole = of_map(plan, image, seen, kept).map(|found| found.part.grown(radius, dims));
    whole.reduce(|all, next| all.union(&next)).unwrap_or(kept)
}

/// The regions that a map is of, as far as they touch a box.
fn of_map<'a>(
    plan: &'a Plan,
    image: &'a Image,
    seen: &'a [&'a Found],
    kept: IndexBox,
) -> impl Iterator<Item = &'a Found> {
    let touches = move |part: &IndexBox| {
        (0..3).all(|axis| part.start[axis] < kept.end[axis] && kept.start[axis] < part.end[axis])
    };
    let region = image.mapping.as_ref().map(|mapping| mapping.region.as_str());
    let is_of = move |found: &&Found| region == Some(plan.regions[found.region].name.as_str()) && touches(&found.part);
    seen.iter().copied().filter(is_of)
}

impl Scene<'_> {
    /// For each feature its values in the regions that touch the box `kept`.
    ///
    /// # Errors
    /// What keeps the map from being made.
    pub fn regions(&self, seen: &[&Found], kept: IndexBox) -> Result<Vec<Sparse>, Fault> {
        let (mut places, mut all) = (Vec::new(), vec![Vec::new(); self.mapping.features.len()]);
        for found in of_map(self.plan, self.image, seen, kept) {
            let of_region = |fault: Fault| fault.of_region(found.label(self.plan));
            let Some(ready) = self.ready(found).map_err(of_region)? else { continue };
            let values = self.values(&ready).map_err(of_region)?;
            places.push(Place {
                region: found.region,
                component: found.component,
                part: ready.part,
                mask: ready.wanted,
            });
            all.iter_mut().zip(values).for_each(|(all, values)| all.push(values));
        }
        let places = Arc::new(places);
        Ok(all.into_iter().map(|values| Sparse::new(places.clone(), values)).collect())
    }

    /// What a map of a region is made from; nothing if no voxel of it counts.
    fn ready(&self, found: &Found) -> Result<Option<Ready>, Fault> {
        let Self { plan, space, mapping, base, .. } = self;
        let intensity = resegment::kept(plan, space.modality.as_deref(), (base, found.part), &found.mask)?;
        let Some(inner) = mask::bounding_box(View::new(found.part.dims(), &intensity)) else { return Ok(None) };
        let placed = |index: [usize; 3]| std::array::from_fn(|axis| index[axis] + found.part.start[axis]);
        let inner = IndexBox { start: placed(inner.start), end: placed(inner.end) };
        let part = inner.grown(mapping.radius.voxels(space.grid.spacing), space.grid.dims);
        let mut wanted = vec![0; part.dims().iter().product()];
        paste(View::new(found.part.dims(), &intensity), found.part, &mut wanted, part);
        drop(intensity);
        let mut beyond = mapping.beyond_region.then(|| vec![1; wanted.len()]);
        if self.is_of_map() {
            // Where the other map has no value, there is nothing to be seen.
            base::each(self.look, part, &mut |at, voxels| {
                for mask in [Some(&mut wanted), beyond.as_mut()].into_iter().flatten() {
                    let voxels = mask[at..].iter_mut().zip(voxels);
                    voxels.for_each(|(inside, value)| *inside &= u8::from(!value.is_nan()));
                }
            })?;
        }
        let grid = space.grid.crop(part);
        let mut ready = Ready { part, grid, wanted, beyond, levels: Vec::new(), level_count: 0, distinct_levels: 0 };
        if let Some(rule) = mapping.discretisation.filter(|_| mapping.needs_levels()) {
            let single = space.is_single() && matches!(self.image.of, Source::Scan);
            let found = discretise::by_slabs(plan, &rule, single, (self.look, part), ready.neighbours())?;
            let found =
                found.map_err(|wrong| Fault::new("discretisation", format!("map `{}`: {wrong}", self.image.name)))?;
            ready.distinct_levels = distinct(&found.levels);
            (ready.levels, ready.level_count) = (found.levels, found.n_levels);
        }
        Ok(Some(ready))
    }

    fn is_of_map(&self) -> bool {
        matches!(self.image.of, Source::Response { image, .. } if self.plan.images[image].mapping.is_some())
    }

    /// For each feature the values of all voxels that are wanted, in their order.
    fn values(&self, ready: &Ready) -> Result<Vec<Vec<f64>>, Fault> {
        let (radius, dims) = (self.mapping.radius.voxels(self.space.grid.spacing), ready.part.dims());
        let rows = Rows::new(&ready.wanted, dims);
        let mut values = vec![vec![f64::NAN; rows.count()]; self.mapping.features.len()];
        let tiles = Tiles::new(dims, radius).with_voxels(&ready.wanted);
        let (mut first, mut any, mut done) = (None, false, 0);
        for of_slab in block::slabs(&tiles, dims) {
            let part = Slab::around(of_slab, radius, dims);
            let placed = |index: [usize; 3]| std::array::from_fn(|axis| index[axis] + ready.part.start[axis]);
            let voxels = (self.look)(IndexBox { start: placed(part.start), end: placed(part.end) })?;
            let slab = Slab { part, voxels };
            for some in of_slab.chunks(AT_ONCE) {
                let made: Vec<_> = some.par_iter().map(|tile| self.tile(ready, &slab, *tile, radius)).collect();
                for (tile, made) in some.iter().zip(made) {
                    let made = made?;
                    any |= made.any;
                    first = first.or(made.fault);
                    for (all, values) in values.iter_mut().zip(made.values) {
                        rows.put(&values, tile.rows(), all);
                    }
                }
                done += some.len();
                self.host.step(&format!("map {}", self.image.name), done, tiles.len());
            }
        }
        match first {
            // A reason that holds for every voxel is one of the whole map.
            Some(fault) if !any => Err(fault),
            _ => Ok(values),
        }
    }

    /// The values of a block.
    fn tile(&self, ready: &Ready, slab: &Slab<'_>, tile: Tile, radius: [usize; 3]) -> Result<Values, Fault> {
        if self.host.is_cancelled() {
            return Err(Fault::cancelled(STAGE));
        }
        let unit = match self.image.of {
            Source::Scan => &self.space.unit,
            Source::Response { .. } => self.plan.unit_of_source(self.image, &self.space.unit),
        };
        let block = Block::new(ready, slab, tile, radius, unit);
        match self.mapping.instance.maps_itself() {
            true => block.mapped(self.mapping, self.host),
            false => neighbourhood::values(&block, self.mapping, self.host),
        }
    }
}

/// How many levels occur.
fn distinct(levels: &[u16]) -> u32 {
    let mut occurs = vec![false; usize::from(u16::MAX) + 1];
    levels.iter().for_each(|level| occurs[usize::from(*level)] = true);
    occurs.iter().skip(1).map(|occurs| u32::from(*occurs)).sum()
}
