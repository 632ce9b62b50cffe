//! Boxes around the surface mesh: along the axes, and the smallest one of any orientation.

use super::hull::Hull;
use super::shadow::Graph;
use crate::executor::map;
use crate::{Executor, IndexBox};

type Vector = [f64; 3];

/// The edge lengths of a box, mm.
///
/// ```
/// use voxomics_imaging::{IndexBox, morphology::boxes::Cuboid};
///
/// // Two voxels of 1 × 2 × 3 mm³ along x.
/// let cuboid = Cuboid::along_axes(IndexBox { start: [0; 3], end: [2, 1, 1] }, [1.0, 2.0, 3.0]);
/// assert_eq!((cuboid.volume(), cuboid.area()), (12.0, 32.0));
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cuboid(pub [f64; 3]);

impl Cuboid {
    /// The product of its three edges, mm³.
    pub fn volume(&self) -> f64 {
        self.0.iter().product()
    }

    /// Surface area, mm².
    pub fn area(&self) -> f64 {
        let [a, b, c] = self.0;
        2.0 * (a * b + a * c + b * c)
    }

    /// The box along the axes around the mesh of a mask with this bounding box (IBSI 1, AABB). The mesh reaches half a
    /// voxel beyond the outermost centres, hence to the outermost voxels' faces.
    pub fn along_axes(bounds: IndexBox, spacing: [f64; 3]) -> Self {
        let dims = bounds.dims();
        Self(std::array::from_fn(|i| dims[i] as f64 * spacing[i]))
    }
}

/// Relative differences of volume that are put down to rounding.
const ROUNDING: f64 = 1e-12;

/// How many of the best directions are descended from, and as many more as are no worse.
const STARTS: usize = 4;

/// How often a box is made smaller before it is good enough; a few times do in practice.
const MOST_DESCENTS: usize = 100;

/// Directions that are bounded in one chunk of work.
const CHUNK: usize = 64;

/// Directions that are measured before it is asked again which of the others are worth it.
const ROUND: usize = 16;

/// Vertices that are measured at once.
const LANES: usize = 8;

/// The smallest box of any orientation around a hull (IBSI 1, OMBB), with the size of a voxel in mm.
///
/// For one axis of the box fixed, the other two follow exactly: a rectangle of least area around a planar outline has
/// a side on one of the outline's edges (Freeman, Shapira 1975). That axis is tried along every normal of the hull
/// (Chan, Tan 2001) and along every axis of space. From the best of them the search goes on by fixing each axis of the
/// box in turn until none makes it smaller. The result is the least box with a face on a face of the hull or smaller,
/// never larger than the box along the axes; that no box at all is smaller is not guaranteed, which would take a
/// search over pairs of edges (O'Rourke 1985). Of boxes equal in volume that of least area is taken.
///
/// ```
/// use voxomics_imaging::{
///     Serial, View,
///     morphology::{boxes::minimum_cuboid, hull::Hull},
/// };
///
/// // The mesh of one voxel is an octahedron, which fits into a smaller box than its voxel.
/// let hull = Hull::of_mask(View::new([1; 3], &[1]), &Serial).unwrap();
/// assert!(minimum_cuboid(&hull, [1.0; 3], &Serial).volume() < 1.0);
/// ```
pub fn minimum_cuboid(hull: &Hull, spacing: [f64; 3], executor: &dyn Executor) -> Cuboid {
    let solid = Solid::new(hull, spacing);
    let directions = solid.directions();
    let bounds = map(executor, directions.len().div_ceil(CHUNK), &|chunk| {
        let part = &directions[chunk * CHUNK..directions.len().min((chunk + 1) * CHUNK)];
        part.iter().map(|&direction| solid.graph.least_volume(frame(direction))).collect::<Vec<f64>>()
    })
    .concat();
    let mut order: Vec<usize> = (0..directions.len()).collect();
    order.sort_unstable_by(|&a, &b| bounds[a].total_cmp(&bounds[b]).then(a.cmp(&b)));
    let mut best: Vec<Oriented> = Vec::new();
    let mut limit = f64::INFINITY;
    for chunk in order.chunks(ROUND) {
        if bounds[chunk[0]] > limit {
            break;
        }
        best.extend(map(executor, chunk.len(), &|i| solid.box_along(directions[chunk[i]])));
        best.sort_by(|a, b| a.size.volume().total_cmp(&b.size.volume()));
        if let Some(last) = best.get(STARTS - 1) {
            // Those that are equal in volume may differ in area: none of them is left out.
            limit = last.size.volume() * (1.0 + ROUNDING);
            best.retain(|found| found.size.volume() <= limit);
        }
    }
    let ends = map(executor, best.len(), &|i| solid.descend(best[i]));
    ends.into_iter().map(|end| end.size).reduce(|a, b| if smaller(&b, &a) { b } else { a }).unwrap_or(Cuboid([0.0; 3]))
}

/// Whether `a` is smaller than `b`, or of the same volume and smaller in area, by more than rounding.
fn smaller(a: &Cuboid, b: &Cuboid) -> bool {
    let below = |a: f64, b: f64| a < b * (1.0 - ROUNDING);
    below(a.volume(), b.volume()) || (!below(b.volume(), a.volume()) && below(a.area(), b.area()))
}

/// A box with its axes, the one first that was given.
#[derive(Debug, Clone, Copy)]
struct Oriented {
    axes: [Vector; 3],
    size: Cuboid,
}

/// Vectors by component, so that many are multiplied by one at a time.
#[derive(Default)]
struct Vectors([Vec<f64>; 3]);

impl Vectors {
    fn new(vectors: impl Iterator<Item = Vector>) -> Self {
        let mut all = Self::default();
        for vector in vectors {
            for (component, value) in all.0.iter_mut().zip(vector) {
                component.push(value);
            }
        }
        all
    }

    fn at(&self, i: usize) -> Vector {
        std::array::from_fn(|axis| self.0[axis][i])
    }
}

/// A hull in millimetres.
struct Solid {
    vertices: Vectors,
    graph: Graph,
    /// Outward, as long as the face's area.
    normals: Vectors,
    /// Two vertices and the two faces beside them.
    edges: Vec<[u32; 4]>,
}

impl Solid {
    fn new(hull: &Hull, spacing: [f64; 3]) -> Self {
        let vertices = hull.vertices(spacing);
        let normals = hull.faces.iter().map(|face| {
            let [a, b, c] = face.map(|i| vertices[i as usize]);
            cross(minus(b, a), minus(c, a)).map(|n| n / 2.0)
        });
        let mut edges = Vec::new();
        for (face, (corners, neighbours)) in (0u32..).zip(hull.faces.iter().zip(&hull.neighbours)) {
            for side in 0..3 {
                if face < neighbours[side] {
                    edges.push([corners[side], corners[(side + 1) % 3], face, neighbours[side]]);
                }
            }
        }
        let normals = Vectors::new(normals);
        let by_component = Vectors::new(vertices.iter().copied());
        let graph = Graph::new(vertices, edges.iter().map(|&[a, b, ..]| [a, b]));
        Self { normals, vertices: by_component, graph, edges }
    }

    /// The directions of the faces' normals and of the axes, each once.
    fn directions(&self) -> Vec<Vector> {
        let mut directions: Vec<Vector> =
            (0..self.normals.0[0].len()).map(|i| upward(unit(self.normals.at(i)))).collect();
        directions.extend([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]);
        directions
            .sort_unstable_by(|a, b| a[2].total_cmp(&b[2]).then(a[1].total_cmp(&b[1])).then(a[0].total_cmp(&b[0])));
        directions.dedup_by(|a, b| (0..3).all(|i| (a[i] - b[i]).abs() < ROUNDING));
        directions
    }

    /// The extent of the solid along a direction.
    fn height(&self, direction: Vector) -> f64 {
        let [x, y, z] = &self.vertices.0;
        let (mut low, mut high) = ([f64::INFINITY; LANES], [f64::NEG_INFINITY; LANES]);
        for ((x, y), z) in x.chunks(LANES).zip(y.chunks(LANES)).zip(z.chunks(LANES)) {
            for (lane, ((x, y), z)) in x.iter().zip(y).zip(z).enumerate() {
                let along = x * direction[0] + y * direction[1] + z * direction[2];
                low[lane] = if along < low[lane] { along } else { low[lane] };
                high[lane] = if along > high[lane] { along } else { high[lane] };
            }
        }
        high.into_iter().fold(f64::NEG_INFINITY, f64::max) - low.into_iter().fold(f64::INFINITY, f64::min)
    }

    /// The smallest box with an axis along `direction`.
    fn box_along(&self, direction: Vector) -> Oriented {
        let [direction, u, v] = frame(direction);
        let (side, width, depth) = least_rectangle(&outline(self.shadow(direction, u, v)));
        let first = std::array::from_fn(|i| side[0] * u[i] + side[1] * v[i]);
        let second = cross(direction, first);
        Oriented { axes: [direction, first, second], size: Cuboid([self.height(direction), width, depth]) }
    }

    /// The vertices between faces that look along `direction` and faces that do not, in the plane of `u` and `v`.
    fn shadow(&self, direction: Vector, u: Vector, v: Vector) -> Vec<[f64; 2]> {
        let [x, y, z] = &self.normals.0;
        let along = |((x, y), z): ((&f64, &f64), &f64)| x * direction[0] + y * direction[1] + z * direction[2];
        let ahead: Vec<bool> = x.iter().zip(y).zip(z).map(|normal| along(normal) > 0.0).collect();
        // The rim is a closed walk: each edge in its direction, hence each vertex once.
        let start = |edge: &[u32; 4]| match (ahead[edge[2] as usize], ahead[edge[3] as usize]) {
            (true, false) => Some(edge[0]),
            (false, true) => Some(edge[1]),
            _ => None,
        };
        let rim = self.edges.iter().filter_map(start).map(|i| self.vertices.at(i as usize));
        rim.map(|p| [dot(p, u), dot(p, v)]).collect()
    }

    /// Goes to smaller boxes by fixing one axis and choosing the others anew, until there is none.
    fn descend(&self, start: Oriented) -> Oriented {
        let mut best = start;
        for _ in 0..MOST_DESCENTS {
            // Fixing the first axis led here. The better of the others, as their order depends on the region's position.
            let others = [1, 2].map(|axis| self.box_along(best.axes[axis]));
            let next = if smaller(&others[1].size, &others[0].size) { others[1] } else { others[0] };
            if !smaller(&next.size, &best.size) {
                break;
            }
            best = next;
        }
        best
    }
}

/// The corners of the convex outline of points, counter-clockwise (Andrew 1979).
fn outline(mut points: Vec<[f64; 2]>) -> Vec<[f64; 2]> {
    points.sort_unstable_by(|a, b| a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1])));
    points.dedup();
    let turn = |a: [f64; 2], b: [f64; 2], c: [f64; 2]| (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
    let half = |points: &mut dyn Iterator<Item = [f64; 2]>| {
        let mut chain: Vec<[f64; 2]> = Vec::new();
        for point in points {
            while let [.., a, b] = chain[..] {
                if turn(a, b, point) > 0.0 {
                    break;
                }
                chain.pop();
            }
            chain.push(point);
        }
        chain.pop();
        chain
    };
    let mut corners = half(&mut points.iter().copied());
    corners.extend(half(&mut points.iter().rev().copied()));
    // Vertices behind one another fall on places that differ by rounding, and give sides of random direction.
    let size = corners.iter().flatten().fold(0.0, |size: f64, c| size.max(c.abs()));
    corners.dedup_by(|b, a| (b[0] - a[0]).abs().max((b[1] - a[1]).abs()) < MERGED * size);
    corners
}

/// Corners of an outline closer than this, relative to its size, are one.
const MERGED: f64 = 1e-9;

/// The rectangle of least area around a convex outline, of several that of least perimeter: the direction of one side,
/// the extents along it and across.
fn least_rectangle(corners: &[[f64; 2]]) -> ([f64; 2], f64, f64) {
    let count = corners.len();
    let along = |i: usize, direction: [f64; 2]| {
        let corner = corners[i % count];
        corner[0] * direction[0] + corner[1] * direction[1]
    };
    let mut best = (f64::INFINITY, f64::INFINITY, [1.0, 0.0]);
    // Farthest forward, across and back of the side at hand; as the sides turn, each only moves on.
    let [mut front, mut top, mut back] = [0; 3];
    for i in 0..count {
        let (a, b) = (corners[i], corners[(i + 1) % count]);
        let length = (b[0] - a[0]).hypot(b[1] - a[1]);
        let side = [(b[0] - a[0]) / length, (b[1] - a[1]) / length];
        let advance = |from: usize, direction: [f64; 2]| {
            (from..from + count).find(|&j| along(j + 1, direction) <= along(j, direction)).unwrap_or(from)
        };
        let across = [-side[1], side[0]];
        front = advance(front.max(i + 1), side);
        top = advance(top.max(front), across);
        back = advance(back.max(top), [-side[0], -side[1]]);
        let extents = [along(front, side) - along(back, side), along(top, across) - along(i, across)];
        let (area, perimeter) = (extents[0] * extents[1], extents[0] + extents[1]);
        let below = |a: f64, b: f64| a < b * (1.0 - ROUNDING);
        if below(area, best.0) || (!below(best.0, area) && below(perimeter, best.1)) {
            best = (area, perimeter, side);
        }
    }
    // Measured anew, so that a corner passed over by rounding cannot make the rectangle too small.
    let side = best.2;
    let extent = |direction: [f64; 2]| {
        let all = (0..count).map(|i| along(i, direction));
        let (low, high) = all.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), a| (low.min(a), high.max(a)));
        (high - low).max(0.0)
    };
    (side, extent(side), extent([-side[1], side[0]]))
}

fn dot(a: Vector, b: Vector) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

fn cross(a: Vector, b: Vector) -> Vector {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

fn minus(a: Vector, b: Vector) -> Vector {
    std::array::from_fn(|i| a[i] - b[i])
}

fn unit(v: Vector) -> Vector {
    let length = dot(v, v).sqrt();
    v.map(|c| c / length)
}

/// A direction and two more at right angles to it and to each other. Axes of earlier boxes are as long as one up to
/// rounding, which must not add up: all three are made as long as one.
fn frame(direction: Vector) -> [Vector; 3] {
    let direction = unit(direction);
    let u = unit(cross(direction, least_aligned_axis(direction)));
    [direction, u, cross(direction, u)]
}

/// The vector or its opposite, whichever has its last component that is not zero positive.
fn upward(v: Vector) -> Vector {
    let downward = v.iter().rev().find(|c| c.abs() > ROUNDING).is_some_and(|&c| c < 0.0);
    if downward { v.map(|c| -c) } else { v }
}

fn least_aligned_axis(v: Vector) -> Vector {
    let least = (0..3).min_by(|&a, &b| v[a].abs().total_cmp(&v[b].abs())).unwrap_or(0);
    std::array::from_fn(|i| f64::from(u8::from(i == least)))
}
