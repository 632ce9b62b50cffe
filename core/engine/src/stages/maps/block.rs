//! Blocks: a region is mapped in parts, each with what lies around it.

use voxomics_imaging::{Grid, IndexBox};

use super::ready::{Ready, STAGE, Values};
use crate::{
    host::{CaseHost, MapInput},
    plan::Mapping,
    stages::{Fault, of_plugin, space::crop},
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
    pub fn new(ready: &Ready<'_>, tile: Tile, radius: [usize; 3], unit: &'a str) -> Self {
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
            voxels: crop(&ready.voxels, whole, part).into_owned(),
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
}
