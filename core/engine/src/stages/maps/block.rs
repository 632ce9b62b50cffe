//! Blocks: a region is mapped in parts, each with what lies around it.

use std::borrow::Cow;

use voxomics_imaging::{Grid, IndexBox};

use super::ready::{Ready, STAGE, Values};
use crate::{
    host::{CaseHost, MapInput},
    plan::Mapping,
    stages::{Fault, base::OF_SLAB, of_plugin, space::crop},
};

/// About as many voxels has a block with what lies around it: its maps are in memory once for each thread.
const VOXELS: usize = 1 << 15;

/// Rows of a box: from *y* and *z* up to others, over the whole of *x*.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tile {
    start: [usize; 2],
    end: [usize; 2],
}

impl Tile {
    /// Its rows in their order, each a pair of *y* and *z*.
    pub fn rows(self) -> impl Iterator<Item = [usize; 2]> {
        (self.start[1]..self.end[1]).flat_map(move |z| (self.start[0]..self.end[0]).map(move |y| [y, z]))
    }

    /// It and what lies around it, in a box of the dimensions `dims`.
    fn around(self, radius: [usize; 3], dims: [usize; 3]) -> IndexBox {
        let inner = IndexBox { start: [0, self.start[0], self.start[1]], end: [dims[0], self.end[0], self.end[1]] };
        inner.grown(radius, dims)
    }
}

/// The parts of a box.
pub(super) struct Tiles {
    dims: [usize; 3],
    side: [usize; 2],
}

impl Tiles {
    /// For neighbourhoods that reach so far. The cut depends on nothing else.
    pub fn new(dims: [usize; 3], radius: [usize; 3]) -> Self {
        let side = (VOXELS as f64 / dims[0].max(1) as f64).sqrt() as usize;
        Self { dims, side: [1, 2].map(|axis| side.saturating_sub(2 * radius[axis]).max(4)) }
    }

    /// Those that hold a voxel of a mask.
    pub fn with_voxels(&self, mask: &[u8]) -> Vec<Tile> {
        let [nx, ny, nz] = self.dims;
        let mut tiles = Vec::new();
        for z in (0..nz).step_by(self.side[1]) {
            for y in (0..ny).step_by(self.side[0]) {
                let tile = Tile { start: [y, z], end: [(y + self.side[0]).min(ny), (z + self.side[1]).min(nz)] };
                let has = |[y, z]: [usize; 2]| mask[(z * ny + y) * nx..][..nx].iter().any(|inside| *inside != 0);
                if tile.rows().any(has) {
                    tiles.push(tile);
                }
            }
        }
        tiles
    }
}

/// Tiles in their order, in groups that lie in few slices: no more voxels than a slab has, unless a tile is higher than that.
pub(super) fn slabs(tiles: &[Tile], dims: [usize; 3]) -> Vec<&[Tile]> {
    let most = OF_SLAB / (dims[0] * dims[1]).max(1);
    let (mut slabs, mut left) = (Vec::new(), tiles);
    while let Some(first) = left.first() {
        let within = |tile: &&Tile| tile.start[1] == first.start[1] || tile.end[1] - first.start[1] <= most;
        let (slab, rest) = left.split_at(left.iter().take_while(within).count());
        slabs.push(slab);
        left = rest;
    }
    slabs
}

/// The image in some slices of a box, with what lies around the tiles there.
pub(super) struct Slab<'a> {
    /// The slices, in the box.
    pub part: IndexBox,
    /// Its voxels.
    pub voxels: Cow<'a, [f64]>,
}

impl Slab<'_> {
    /// The part of a box in which the neighbourhoods of some tiles lie.
    pub fn around(tiles: &[Tile], radius: [usize; 3], dims: [usize; 3]) -> IndexBox {
        let all = tiles.iter().map(|tile| tile.around(radius, dims)).reduce(|all, one| all.union(&one));
        let IndexBox { start, end } = all.unwrap_or(IndexBox { start: [0; 3], end: [0; 3] });
        IndexBox { start: [0, 0, start[2]], end: [dims[0], dims[1], end[2]] }
    }
}

/// A block with what lies around it.
pub(super) struct Block<'a> {
    pub grid: Grid,
    pub voxels: Vec<f64>,
    /// What neighbourhoods are made of.
    pub mask: Vec<u8>,
    /// Where a value is wanted.
    pub wanted: Vec<u8>,
    pub levels: Vec<u16>,
    pub level_count: u32,
    pub distinct_levels: u32,
    pub radius: [usize; 3],
    pub unit: &'a str,
}

impl<'a> Block<'a> {
    pub fn new(ready: &Ready, slab: &Slab<'_>, tile: Tile, radius: [usize; 3], unit: &'a str) -> Self {
        let dims = ready.part.dims();
        let (whole, part) = (IndexBox::whole(dims), tile.around(radius, dims));
        let mut wanted = crop(&ready.wanted, whole, part).into_owned();
        let [nx, ny, _] = part.dims();
        for (row, of_row) in wanted.chunks_exact_mut(nx.max(1)).enumerate() {
            let (y, z) = (part.start[1] + row % ny, part.start[2] + row / ny);
            let is_inside = (tile.start[0]..tile.end[0]).contains(&y) && (tile.start[1]..tile.end[1]).contains(&z);
            if !is_inside {
                of_row.fill(0);
            }
        }
        let levels = if ready.levels.is_empty() { Vec::new() } else { crop(&ready.levels, whole, part).into_owned() };
        Self {
            grid: ready.grid.crop(part),
            voxels: crop(&slab.voxels, slab.part, part).into_owned(),
            mask: crop(ready.neighbours(), whole, part).into_owned(),
            wanted,
            levels,
            level_count: ready.level_count,
            distinct_levels: ready.distinct_levels,
            radius,
            unit,
        }
    }

    /// The values that the family maps itself.
    pub fn mapped(&self, mapping: &Mapping, host: &CaseHost) -> Result<Values, Fault> {
        let features: Vec<&str> = mapping.features.iter().map(|feature| feature.id.as_str()).collect();
        let input = MapInput {
            grid: &self.grid,
            image: &self.voxels,
            mask: &self.mask,
            wanted: &self.wanted,
            levels: &self.levels,
            level_count: self.level_count,
            distinct_levels: self.distinct_levels,
            unit: self.unit,
        };
        let maps = mapping
            .instance
            .map_block(&input, &features, self.radius, host)
            .map_err(|error| of_plugin(STAGE, &error))?;
        let kept = |map: &[f64]| {
            let inside = map.iter().zip(&self.wanted).filter(|(_, wanted)| **wanted != 0);
            inside.map(|(value, _)| *value).collect::<Vec<f64>>()
        };
        Ok(Values { values: maps.iter().map(|map| kept(map)).collect(), any: true, fault: None })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_cover_every_row_once() {
        let dims = [7, 75, 90];
        let all = Tiles::new(dims, [1; 3]).with_voxels(&vec![1; 7 * 75 * 90]);
        let mut rows: Vec<[usize; 2]> = all.iter().flat_map(|tile| tile.rows()).collect();
        assert!(all.len() > 1);
        rows.sort_unstable();
        let expected: Vec<[usize; 2]> = (0..75).flat_map(|y| (0..90).map(move |z| [y, z])).collect();
        assert_eq!(rows, expected);
        let mut one = vec![0; 7 * 75 * 90];
        one[7 * 75 * 89] = 1;
        assert_eq!(Tiles::new(dims, [1; 3]).with_voxels(&one).len(), 1);
    }

    #[test]
    fn slabs_have_every_tile_once_and_what_lies_around_it() {
        for dims in [[7, 75, 900], [1200, 1000, 24], [300, 300, 60]] {
            let mask = vec![1; dims.iter().product()];
            let (radius, tiles) = ([2, 1, 3], Tiles::new(dims, [2, 1, 3]).with_voxels(&mask));
            let slabs = slabs(&tiles, dims);
            assert_eq!(slabs.concat(), tiles);
            for slab in &slabs {
                let around = Slab::around(slab, radius, dims);
                assert!(slab.iter().all(|tile| {
                    let part = tile.around(radius, dims);
                    (0..3).all(|axis| around.start[axis] <= part.start[axis] && part.end[axis] <= around.end[axis])
                }));
                let (first, last) = (slab[0], slab[slab.len() - 1]);
                let slices = last.end[1] - first.start[1];
                assert!(slices * dims[0] * dims[1] <= OF_SLAB || slices == first.end[1] - first.start[1], "{dims:?}");
            }
        }
    }
}
