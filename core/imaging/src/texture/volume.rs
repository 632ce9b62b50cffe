//! The padded levels of a region, read by every walk.

use std::ops::Range;

use super::TextureError;
use super::directions::Vector;
use crate::View;

/// The levels inside the region's box with a rim of zeros: no walk needs to check for the edge of the array.
pub(super) struct Volume {
    /// Padded levels, *x* fastest; 0 = outside the region.
    pub data: Vec<u16>,
    /// First voxel of the region's box in the caller's array.
    pub start: [usize; 3],
    /// Voxels of the region's box, the rim not counted; all 0 for an empty region.
    pub dims: [usize; 3],
    /// Largest level in the region.
    pub top: usize,
    /// Region voxels in each slice of the box.
    pub voxels: Vec<usize>,
    rim: [usize; 3],
    row: usize,
    plane: usize,
    spans: Vec<Range<usize>>,
}

impl Volume {
    /// Copies the region's box; `reach` is the longest neighbour vector along each axis that will be asked for.
    pub(crate) fn new(levels: View<'_, u16>, n_levels: u32, reach: u32) -> Result<Self, TextureError> {
        let top = levels.data().iter().copied().max().unwrap_or(0);
        if u32::from(top) > n_levels {
            return Err(TextureError::Level { found: top.into(), levels: n_levels });
        }
        let (start, dims) = region_box(levels);
        let rim = dims.map(|n| (reach as usize).min(n.saturating_sub(1)).max(1));
        let row = dims[0] + 2 * rim[0];
        let plane = row * (dims[1] + 2 * rim[1]);
        let size = if top == 0 { 0 } else { plane * (dims[2] + 2 * rim[2]) };
        let mut volume = Self {
            data: vec![0; size],
            start,
            dims,
            top: usize::from(top),
            voxels: Vec::with_capacity(dims[2]),
            rim,
            row,
            plane,
            spans: Vec::with_capacity(dims[1] * dims[2]),
        };
        for z in 0..dims[2] {
            let mut voxels = 0;
            for y in 0..dims[1] {
                let source = &levels.row(start[1] + y, start[2] + z)[start[0]..start[0] + dims[0]];
                let target = volume.offset(y, z);
                volume.data[target..target + dims[0]].copy_from_slice(source);
                voxels += source.iter().filter(|&&level| level != 0).count();
                volume.spans.push(span(source));
            }
            volume.voxels.push(voxels);
        }
        Ok(volume)
    }

    /// Position of the box's voxel `(0, y, z)` in `data`.
    pub(crate) fn offset(&self, y: usize, z: usize) -> usize {
        (z + self.rim[2]) * self.plane + self.offset_in_plane(y)
    }

    /// Position of the box's voxel `(0, y)` in a padded plane.
    pub(crate) fn offset_in_plane(&self, y: usize) -> usize {
        (y + self.rim[1]) * self.row + self.rim[0]
    }

    /// Voxels between a row and the next in `data`.
    pub(crate) fn row_stride(&self) -> usize {
        self.row
    }

    /// Voxels between a slice and the next in `data`.
    pub(crate) fn plane_stride(&self) -> usize {
        self.plane
    }

    /// From the first to past the last region voxel of a row; empty if there is none.
    pub(crate) fn span(&self, y: usize, z: usize) -> Range<usize> {
        self.spans[z * self.dims[1] + y].clone()
    }

    /// The distance in `data` between a voxel and its neighbour.
    pub(crate) fn step(&self, [x, y, z]: Vector) -> isize {
        x + y * self.row as isize + z * self.plane as isize
    }

    /// Region voxels in a range of slices.
    pub(crate) fn count(&self, slices: Range<usize>) -> usize {
        self.voxels[slices].iter().sum()
    }

    /// Cuts the slices into consecutive ranges of about `target` region voxels each.
    pub(crate) fn slabs(&self, target: usize) -> Vec<Range<usize>> {
        let total: usize = self.voxels.iter().sum();
        let count = total.div_ceil(target.max(1)).max(1);
        let mut slabs = Vec::new();
        let (mut first, mut before) = (0, 0);
        for (z, voxels) in self.voxels.iter().enumerate() {
            before += voxels;
            // Compares shares of the whole instead of adding up targets: the last slab is not left a remnant.
            if before * count >= (slabs.len() + 1) * total {
                slabs.push(first..z + 1);
                first = z + 1;
            }
        }
        slabs
    }
}

fn span(row: &[u16]) -> Range<usize> {
    let Some(first) = row.iter().position(|&level| level != 0) else { return 0..0 };
    let last = row.iter().rposition(|&level| level != 0).unwrap_or(first);
    first..last + 1
}

/// First voxel and dimensions of the smallest box that holds all levels but 0.
fn region_box(levels: View<'_, u16>) -> ([usize; 3], [usize; 3]) {
    let [_, ny, nz] = levels.dims();
    let (mut start, mut end) = ([usize::MAX; 3], [0; 3]);
    for z in 0..nz {
        for y in 0..ny {
            let x = span(levels.row(y, z));
            if x.is_empty() {
                continue;
            }
            for (axis, (low, high)) in [(x.start, x.end), (y, y + 1), (z, z + 1)].into_iter().enumerate() {
                start[axis] = start[axis].min(low);
                end[axis] = end[axis].max(high);
            }
        }
    }
    if end == [0; 3] { ([0; 3], [0; 3]) } else { (start, std::array::from_fn(|axis| end[axis] - start[axis])) }
}
