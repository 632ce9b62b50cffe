//! From runs of voxels of a lattice to masks on the grid that it lies in.

use std::ops::Range;

use voxomics_imaging::IndexBox;

use super::lattice::Place;

/// A box of a lattice as it lies in the memory of a mask on another grid.
#[derive(Debug, Clone)]
pub struct Canvas {
    /// The box, in voxels of the lattice.
    part: IndexBox,
    /// Steps in memory along the axes of the lattice.
    strides: [isize; 3],
    /// Where the first voxel of the box is.
    base: isize,
    /// Size of the mask, in axes of the grid.
    pub dims: [usize; 3],
    /// Where the mask begins in the grid.
    pub offset: [usize; 3],
}

/// The voxels of a lattice that are voxels of the grid of this size as well; none if it is beside it.
pub fn inside(place: &Place, lattice: [usize; 3], grid: [usize; 3]) -> Option<IndexBox> {
    let mut part = IndexBox::whole(lattice);
    for axis in 0..3 {
        let (own, is_turned) = place.axes[axis];
        let (n, offset) = (lattice[own] as i64, place.offset[axis]);
        let (start, end) = ((-offset).clamp(0, n) as usize, (grid[axis] as i64 - offset).clamp(0, n) as usize);
        (part.start[own], part.end[own]) =
            if is_turned { (lattice[own] - end, lattice[own] - start) } else { (start, end) };
    }
    (0..3).all(|axis| part.start[axis] < part.end[axis]).then_some(part)
}

/// The voxels that two boxes share; none if there are none.
pub fn common(a: IndexBox, b: IndexBox) -> Option<IndexBox> {
    let part = IndexBox {
        start: [0, 1, 2].map(|axis| a.start[axis].max(b.start[axis])),
        end: [0, 1, 2].map(|axis| a.end[axis].min(b.end[axis])),
    };
    (0..3).all(|axis| part.start[axis] < part.end[axis]).then_some(part)
}

impl Canvas {
    /// For a box of a lattice of this size that lies inside the grid.
    pub fn new(place: &Place, lattice: [usize; 3], part: IndexBox) -> Self {
        let own = part.dims();
        let dims = place.axes.map(|(axis, _)| own[axis]);
        let mut canvas = Self { part, strides: [0; 3], base: 0, dims, offset: [0; 3] };
        let mut stride = 1;
        for axis in 0..3 {
            let (own, is_turned) = place.axes[axis];
            let before = if is_turned { lattice[own] - part.end[own] } else { part.start[own] };
            canvas.offset[axis] = usize::try_from(place.offset[axis] + before as i64).unwrap_or(0);
            canvas.strides[own] = if is_turned { -stride } else { stride };
            if is_turned {
                canvas.base += (dims[axis] as isize - 1) * stride;
            }
            stride *= dims[axis] as isize;
        }
        canvas
    }

    /// Sets the voxels of a run along a row of the lattice; those beyond the box are left out.
    pub fn paint(&self, mask: &mut [u8], columns: Range<usize>, row: usize, slice: usize) {
        let IndexBox { start, end } = self.part;
        if !(start[1]..end[1]).contains(&row) || !(start[2]..end[2]).contains(&slice) {
            return;
        }
        let columns = columns.start.max(start[0])..columns.end.min(end[0]);
        let [along, down, up] = self.strides;
        let at = self.base + (row - start[1]) as isize * down + (slice - start[2]) as isize * up;
        for column in columns {
            // Every voxel of the box has its place in the mask.
            mask[(at + (column - start[0]) as isize * along) as usize] = 1;
        }
    }
}
