//! The largest diameter of the surface mesh within planes of voxel centres and half-way between them.
//!
//! A vertex lies half-way between a voxel inside and one outside. Coordinates are in half voxels, so that vertices are
//! whole numbers, and relative to the first voxel of the bounding box.

use voxomics_imaging::{Executor, IndexBox, View, executor::map, mask::crop};

/// A position within a plane: along its rows, and across them.
type Point = [i64; 2];

/// The largest distances, mm, between vertices with the same *x*, with the same *y*, and with the same *z*, for a mask
/// whose bounding box is `bounds`; `spacing` in mm.
pub(crate) fn diameters(mask: View<u8>, bounds: IndexBox, spacing: [f64; 3], executor: &dyn Executor) -> [f64; 3] {
    let [nx, ny, nz] = bounds.dims();
    let region = crop(mask, bounds);
    // Rows along y, for the planes of constant x.
    let mut turned = vec![0u8; region.len()];
    for (at, voxel) in region.iter().enumerate() {
        let [x, y, z] = [at % nx, at / nx % ny, at / (nx * ny)];
        turned[(x * nz + z) * ny + y] = *voxel;
    }
    let [sx, sy, sz] = spacing;
    let along_x = |row: usize| &region[row * nx..(row + 1) * nx];
    let x = Planes { row: &|v, k| &turned[(k * nz + v) * ny..][..ny], rows: nz, planes: nx, spacing: [sy, sz] };
    let y = Planes { row: &|v, k| along_x(v * ny + k), rows: nz, planes: ny, spacing: [sx, sz] };
    let z = Planes { row: &|v, k| along_x(k * ny + v), rows: ny, planes: nz, spacing: [sx, sy] };
    [x, y, z].map(|planes| planes.diameter(executor))
}

/// The planes across one axis.
struct Planes<'a> {
    /// A row of voxels by its number within a plane, and the plane.
    row: &'a (dyn Fn(usize, usize) -> &'a [u8] + Sync),
    rows: usize,
    planes: usize,
    /// Along rows and across them, mm.
    spacing: [f64; 2],
}

impl Planes<'_> {
    fn diameter(&self, executor: &dyn Executor) -> f64 {
        // Through the centres of each plane of voxels, and between two of them. Those before the first and after the
        // last plane repeat what the vertices of these have.
        let squares = map(executor, 2 * self.planes + 1, &|plane| {
            let corners = outline(self.vertices(plane));
            let square = |a: &Point, b: &Point| {
                (0..2).map(|i| ((a[i] - b[i]) as f64 * 0.5 * self.spacing[i]).powi(2)).sum::<f64>()
            };
            let others = |(i, a): (usize, &Point)| corners[i + 1..].iter().map(|b| square(a, b)).fold(0.0, f64::max);
            corners.iter().enumerate().map(others).fold(0.0, f64::max)
        });
        squares.into_iter().fold(0.0, f64::max).sqrt()
    }

    /// The outermost vertices of each row of vertices; `plane` counts half voxels from before the first voxel.
    fn vertices(&self, plane: usize) -> Vec<Point> {
        let mut points = Vec::new();
        let mut add = |ends: Option<(usize, usize)>, v: i64, beyond: i64| {
            if let Some((first, last)) = ends {
                points.extend([[2 * first as i64 - beyond, v], [2 * last as i64 + beyond, v]]);
            }
        };
        if plane % 2 == 1 {
            let row = |v: usize| (self.row)(v, plane / 2);
            for v in 0..self.rows {
                add(ends(row(v), None), 2 * v as i64, 1);
                add(ends(row(v), v.checked_sub(1).map(row)), 2 * v as i64 - 1, 0);
                if v + 1 == self.rows {
                    add(ends(row(v), None), 2 * v as i64 + 1, 0);
                }
            }
            return points;
        }
        let (after, before) = (plane / 2, (plane / 2).checked_sub(1));
        for v in 0..self.rows {
            let found = match before {
                Some(before) if after < self.planes => ends((self.row)(v, before), Some((self.row)(v, after))),
                Some(only) => ends((self.row)(v, only), None),
                None => ends((self.row)(v, after), None),
            };
            add(found, 2 * v as i64, 0);
        }
        points
    }
}

/// The first and last place where one of two rows is inside and the other is not; without the second row, all of that
/// is outside.
fn ends(a: &[u8], b: Option<&[u8]>) -> Option<(usize, usize)> {
    let differs = |i: usize| (a[i] != 0) != b.is_some_and(|b| b[i] != 0);
    let first = (0..a.len()).find(|i| differs(*i))?;
    let last = (first..a.len()).rev().find(|i| differs(*i))?;
    Some((first, last))
}

/// The corners of the convex outline of points (Andrew's monotone chain).
fn outline(mut points: Vec<Point>) -> Vec<Point> {
    points.sort_unstable();
    points.dedup();
    let turn = |a: Point, b: Point, c: Point| (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
    let chain = |points: &mut dyn Iterator<Item = Point>| {
        let mut chain: Vec<Point> = Vec::new();
        for point in points {
            while let [.., a, b] = chain[..] {
                if turn(a, b, point) > 0 {
                    break;
                }
                chain.pop();
            }
            chain.push(point);
        }
        chain
    };
    let mut corners = chain(&mut points.iter().copied());
    corners.extend(chain(&mut points.iter().rev().copied()));
    corners
}

#[cfg(test)]
mod tests {
    use voxomics_imaging::{Serial, mask::bounding_box};

    use super::*;

    /// Every vertex of the mesh, and every pair of them.
    fn slowly(mask: &[u8], dims: [usize; 3], spacing: [f64; 3]) -> [f64; 3] {
        let inside = |p: [i64; 3]| {
            let within = (0..3).all(|i| (0..dims[i] as i64).contains(&p[i]));
            within && mask[((p[2] as usize * dims[1]) + p[1] as usize) * dims[0] + p[0] as usize] != 0
        };
        let mut vertices: Vec<[i64; 3]> = Vec::new();
        for z in -1..=dims[2] as i64 {
            for y in -1..=dims[1] as i64 {
                for x in -1..=dims[0] as i64 {
                    for axis in 0..3 {
                        let (here, mut there) = ([x, y, z], [x, y, z]);
                        there[axis] += 1;
                        if inside(here) != inside(there) {
                            vertices.push([0, 1, 2].map(|i| here[i] + there[i]));
                        }
                    }
                }
            }
        }
        [0, 1, 2].map(|axis| {
            let mut widest = 0.0f64;
            for a in &vertices {
                for b in vertices.iter().filter(|b| b[axis] == a[axis]) {
                    let square = (0..3).map(|i| ((a[i] - b[i]) as f64 * 0.5 * spacing[i]).powi(2)).sum::<f64>();
                    widest = widest.max(square.sqrt());
                }
            }
            widest
        })
    }

    #[test]
    fn all_pairs_of_vertices_agree() {
        let spacing = [0.7, 1.1, 2.5];
        for (dims, seed) in [([1, 1, 1], 1), ([4, 3, 2], 3), ([5, 1, 4], 5), ([6, 5, 4], 7), ([3, 7, 5], 11)] {
            let count: usize = dims.iter().product();
            let mask: Vec<u8> = (0..count).map(|i| u8::from((i * i * seed + 3 * i) % 5 < 2)).collect();
            let view = View::new(dims, &mask);
            let bounds = bounding_box(view).expect("the mask has voxels");
            let quick = diameters(view, bounds, spacing, &Serial);
            let slow = slowly(&mask, dims, spacing);
            for axis in 0..3 {
                assert!((quick[axis] - slow[axis]).abs() < 1e-12, "{dims:?}: {quick:?} is not {slow:?}");
            }
        }
    }
}
