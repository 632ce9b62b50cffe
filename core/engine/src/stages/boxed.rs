//! Masks that are known in a box of a grid, and empty beyond it.

use std::ops::BitOrAssign;

use voxomics_imaging::{IndexBox, View};

/// A mask in a box of the scan's grid.
#[derive(Debug, Clone)]
pub struct Selected {
    /// The box.
    pub part: IndexBox,
    /// 1 inside the region, *x* fastest.
    pub mask: Vec<u8>,
}

/// Sets the voxels of a mask, or the levels of a region, in an array of another box of the same grid; what lies beyond it is left out.
pub fn paste<T: Copy + BitOrAssign>(from: View<'_, T>, from_box: IndexBox, into: &mut [T], into_box: IndexBox) {
    let start: [usize; 3] = std::array::from_fn(|axis| from_box.start[axis].max(into_box.start[axis]));
    let end: [usize; 3] = std::array::from_fn(|axis| from_box.end[axis].min(into_box.end[axis]));
    if (0..3).any(|axis| start[axis] >= end[axis]) {
        return;
    }
    let [nx, ny, _] = into_box.dims();
    for z in start[2]..end[2] {
        for y in start[1]..end[1] {
            let row = from.row(y - from_box.start[1], z - from_box.start[2]);
            let row = &row[start[0] - from_box.start[0]..end[0] - from_box.start[0]];
            let at = ((z - into_box.start[2]) * ny + (y - into_box.start[1])) * nx + (start[0] - into_box.start[0]);
            for (to, from) in into[at..at + row.len()].iter_mut().zip(row) {
                *to |= *from;
            }
        }
    }
}
