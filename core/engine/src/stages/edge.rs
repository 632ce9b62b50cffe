//! Regions that reach the edge of the scan: what lies beyond is not known, so they may be cut off.

use voxomics_imaging::Grid;

use super::boxed::Selected;
use crate::host::CaseHost;

/// Warns if a region has voxels in the outermost rows, columns or slices of its scan.
pub fn warn(region: &str, selected: &Selected, grid: &Grid, host: &CaseHost) {
    let (there, all) = at_edge(selected, grid.dims);
    if there > 0 {
        host.warn(format!(
            "region `{region}` reaches the edge of the scan with {there} of its {all} voxels: it may be cut off, and what lies \
             beyond the edge is extrapolated"
        ));
    }
}

/// How many voxels lie in the outermost rows, columns or slices, and how many there are. An axis with one voxel has no edge.
fn at_edge(selected: &Selected, dims: [usize; 3]) -> (usize, usize) {
    let part = selected.part;
    let [nx, ny, _] = part.dims();
    let touches = |axis: usize| dims[axis] > 1 && (part.start[axis] == 0 || part.end[axis] == dims[axis]);
    let all = selected.mask.iter().filter(|voxel| **voxel != 0).count();
    if !(0..3).any(touches) {
        return (0, all);
    }
    let outermost = |at: usize, axis: usize| dims[axis] > 1 && (at == 0 || at + 1 == dims[axis]);
    let is_there = |at: usize| {
        let index = [at % nx + part.start[0], at / nx % ny + part.start[1], at / nx / ny + part.start[2]];
        (0..3).any(|axis| outermost(index[axis], axis))
    };
    (selected.mask.iter().enumerate().filter(|(at, voxel)| **voxel != 0 && is_there(*at)).count(), all)
}

#[cfg(test)]
mod tests {
    use voxomics_imaging::IndexBox;

    use super::*;

    fn found(start: [usize; 3], end: [usize; 3], dims: [usize; 3]) -> (usize, usize) {
        let part = IndexBox { start, end };
        at_edge(&Selected { part, mask: vec![1; part.dims().iter().product()] }, dims)
    }

    #[test]
    fn voxels_of_the_outermost_slices_count_once() {
        assert_eq!(found([1, 1, 1], [4, 3, 2], [5, 4, 3]), (0, 6));
        assert_eq!(found([1, 1, 0], [4, 3, 2], [5, 4, 3]), (6, 12));
        assert_eq!(found([0, 0, 0], [5, 4, 3], [5, 4, 3]), (60 - 3 * 2, 60));
        assert_eq!(found([3, 1, 1], [5, 3, 2], [5, 4, 3]), (2, 4));
        // One slice is no edge.
        assert_eq!(found([1, 1, 0], [3, 3, 1], [4, 4, 1]), (0, 4));
    }
}
