//! Which vertices of the surface mesh can be corners of its convex hull.
//!
//! Coordinates are in half voxels, relative to the first voxel of the bounding box, so that the vertices, which lie
//! half-way between two voxel centres, are whole numbers. In every plane of constant *z* (through the centres of a
//! slice or half-way between two) only the first and last vertex of a row and, of these, only corners of the plane's
//! own convex outline can be corners of the hull; the same then holds in the planes of constant *y* and *x*.

use crate::executor::map;
use crate::{Executor, IndexBox, View};

/// A vertex in half voxels.
pub(super) type Point = [i64; 3];

/// The candidates of a mask with the given bounding box, without repetition, in a fixed order.
pub(super) fn candidates(mask: View<u8>, bounds: IndexBox, executor: &dyn Executor) -> Vec<Point> {
    let slices = bounds.dims()[2];
    let planes = map(executor, 2 * slices + 1, &|plane| outline_of_plane(mask, bounds, plane as i64 - 1));
    let mut points = planes.concat();
    for [across, row, along] in [[1, 2, 0], [0, 1, 2]] {
        points.sort_unstable_by_key(|p| [p[across], p[row], p[along]]);
        points = points.chunk_by(|a, b| a[across] == b[across]).flat_map(|plane| corners(plane, row, along)).collect();
    }
    points
}

/// The corners of the convex outline of the vertices at height `z` in half voxels.
fn outline_of_plane(mask: View<u8>, bounds: IndexBox, z: i64) -> Vec<Point> {
    let [nx, ny, nz] = bounds.dims();
    let outside = vec![0u8; nx];
    let row = |y: i64, z: i64| match (usize::try_from(y), usize::try_from(z)) {
        (Ok(y), Ok(z)) if y < ny && z < nz => {
            &mask.row(bounds.start[1] + y, bounds.start[2] + z)[bounds.start[0]..bounds.end[0]]
        }
        _ => &outside[..],
    };
    let mut points = Vec::new();
    let mut ends_of = |a: &[u8], b: &[u8], y: i64, beyond: i64| {
        if let Some((first, last)) = ends_of_difference(a, b) {
            points.push([2 * first as i64 - beyond, y, z]);
            points.push([2 * last as i64 + beyond, y, z]);
        }
    };
    if z % 2 == 0 {
        for y in -1..ny as i64 {
            if y >= 0 {
                ends_of(row(y, z / 2), &outside, 2 * y, 1);
            }
            ends_of(row(y, z / 2), row(y + 1, z / 2), 2 * y + 1, 0);
        }
    } else {
        let below = (z - 1) / 2;
        for y in 0..ny as i64 {
            ends_of(row(y, below), row(y, below + 1), 2 * y, 0);
        }
    }
    corners(&points, 1, 0)
}

/// The first and last place where exactly one of two rows is inside.
fn ends_of_difference(a: &[u8], b: &[u8]) -> Option<(usize, usize)> {
    let differs = |(a, b): (&u8, &u8)| (*a != 0) != (*b != 0);
    let first = a.iter().zip(b).position(differs)?;
    let last = a.iter().zip(b).rposition(differs)?;
    Some((first, last))
}

/// The corners of the convex outline of points of one plane, which come in rows of growing `row` coordinate, each in
/// growing order of `along`.
fn corners(plane: &[Point], row: usize, along: usize) -> Vec<Point> {
    let rows: Vec<&[Point]> = plane.chunk_by(|a, b| a[row] == b[row]).collect();
    let turn = |a: Point, b: Point, c: Point| {
        let [u, v] = [(b[row] - a[row], b[along] - a[along]), (c[row] - a[row], c[along] - a[along])];
        i128::from(u.0) * i128::from(v.1) - i128::from(u.1) * i128::from(v.0)
    };
    let chain = |side: i128, end: &dyn Fn(&[Point]) -> Option<Point>| {
        let mut chain: Vec<Point> = Vec::new();
        for point in rows.iter().filter_map(|row| end(row)) {
            while let [.., a, b] = chain[..] {
                if turn(a, b, point) * side > 0 {
                    break;
                }
                chain.pop();
            }
            chain.push(point);
        }
        chain
    };
    let mut points = chain(1, &|row| row.first().copied());
    points.extend(chain(-1, &|row| row.last().copied()));
    points.sort_unstable_by_key(|p| [p[row], p[along]]);
    points.dedup();
    points
}
