//! How small a box with one given axis can be at best, from a turn around that axis.
//!
//! The width of a solid along a direction is never less than the distance along it of any two of its vertices. Pairs
//! that are farthest apart in a few directions across the axis therefore bound the widths in all directions between.

use std::f64::consts::PI;

type Vector = [f64; 3];

/// Directions that half a turn is cut into: even, so that each has the one at right angles to it.
const STEPS: usize = 32;

/// What rounding may add to a bound, relative to it.
const ROUNDING: f64 = 1e-9;

/// The vertices of a hull and what each of them is joined to by an edge.
pub(super) struct Graph {
    vertices: Vec<Vector>,
    /// Where the neighbours of each vertex begin, one entry more than there are vertices.
    starts: Vec<u32>,
    neighbours: Vec<u32>,
    /// Cosine and sine of each step of the turn, and of its end.
    headings: Vec<[f64; 2]>,
}

/// Two vertices: the difference between them is as wide as the solid along the direction in which it was found.
#[derive(Clone, Copy)]
struct Pair {
    /// The vertex farthest ahead and the one farthest back.
    ends: [usize; 2],
    /// Their distance along the two axes of the plane.
    offset: [f64; 2],
}

impl Graph {
    pub(crate) fn new(vertices: Vec<Vector>, edges: impl Iterator<Item = [u32; 2]> + Clone) -> Self {
        let mut starts = vec![0u32; vertices.len() + 1];
        for vertex in edges.clone().flatten() {
            starts[vertex as usize + 1] += 1;
        }
        for i in 0..vertices.len() {
            starts[i + 1] += starts[i];
        }
        let mut next = starts.clone();
        let mut neighbours = vec![0; starts.last().map_or(0, |&end| end as usize)];
        for (from, to) in edges.flat_map(|[a, b]| [(a, b), (b, a)]) {
            neighbours[next[from as usize] as usize] = to;
            next[from as usize] += 1;
        }
        let headings = (0..=STEPS).map(|step| (step as f64 * (PI / STEPS as f64)).sin_cos()).map(|(s, c)| [c, s]);
        Self { vertices, starts, neighbours, headings: headings.collect() }
    }

    /// The vertex farthest along a direction, by way of ever farther neighbours: a convex body has no other summit.
    fn farthest(&self, mut from: usize, direction: Vector) -> usize {
        let along = |i: usize| dot(self.vertices[i], direction);
        let mut height = along(from);
        loop {
            let neighbours = &self.neighbours[self.starts[from] as usize..self.starts[from + 1] as usize];
            let before = from;
            for &to in neighbours {
                let other = along(to as usize);
                if other > height {
                    (from, height) = (to as usize, other);
                }
            }
            if from == before {
                return from;
            }
        }
    }

    /// A volume that no box with one axis along `axis`, a unit vector as the other two, is below.
    pub(crate) fn least_volume(&self, [axis, u, v]: [Vector; 3]) -> f64 {
        if self.vertices.is_empty() {
            return 0.0;
        }
        let opposite = |direction: Vector| direction.map(|c| -c);
        let ends = [self.farthest(0, axis), self.farthest(0, opposite(axis))];
        let height = dot(self.vertices[ends[0]], axis) - dot(self.vertices[ends[1]], axis);
        let mut pairs: Vec<Pair> = Vec::with_capacity(STEPS + 1);
        let mut ends = ends;
        for [c, s] in &self.headings {
            let direction: Vector = std::array::from_fn(|i| c * u[i] + s * v[i]);
            ends = [self.farthest(ends[0], direction), self.farthest(ends[1], opposite(direction))];
            let [ahead, back] = ends.map(|end| self.vertices[end]);
            let offset: Vector = std::array::from_fn(|i| ahead[i] - back[i]);
            pairs.push(Pair { ends, offset: [dot(offset, u), dot(offset, v)] });
        }
        let widths: Vec<f64> = pairs
            .windows(2)
            .zip(self.headings.windows(2))
            .map(|(pair, turn)| least_width([turn[0], turn[1]], pair[0], pair[1]))
            .collect();
        let (first, second) = widths.split_at(STEPS / 2);
        let area = first.iter().zip(second).map(|(a, b)| a * b).fold(f64::INFINITY, f64::min);
        height * area * (1.0 - ROUNDING)
    }
}

/// A width that the solid has at least in all directions between two.
///
/// Along a direction between, a pair is as far apart as a cosine of the angle says, which bends downwards wherever it is
/// positive: it is least at an end, and the larger one of two is least at an end or where they cross.
fn least_width([from, to]: [[f64; 2]; 2], first: Pair, second: Pair) -> f64 {
    let along = |pair: &Pair, direction: [f64; 2]| pair.offset[0] * direction[0] + pair.offset[1] * direction[1];
    let (start, end) = (along(&first, from), along(&second, to));
    let alone = |pair: &Pair| along(pair, from).min(along(pair, to));
    let mut bound = alone(&first).max(alone(&second)).max(0.0);
    if first.ends != second.ends {
        let difference = [first.offset[0] - second.offset[0], first.offset[1] - second.offset[1]];
        let length = (difference[0] * difference[0] + difference[1] * difference[1]).sqrt();
        let crossing = [-difference[1] / length, difference[0] / length];
        let forward = crossing[0] * (from[0] + to[0]) + crossing[1] * (from[1] + to[1]);
        let crossing = if forward < 0.0 { crossing.map(|c| -c) } else { crossing };
        let turn = |a: [f64; 2], b: [f64; 2]| a[0] * b[1] - a[1] * b[0];
        if turn(from, crossing) >= 0.0 && turn(crossing, to) >= 0.0 {
            bound = bound.max(start.min(end).min(along(&first, crossing).min(along(&second, crossing))));
        }
    }
    bound
}

fn dot(a: Vector, b: Vector) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

#[cfg(test)]
mod tests {
    use super::super::hull::Hull;
    use super::*;
    use crate::testing::Random;

    /// The volumes of boxes turned about an axis in small steps.
    fn volumes(vertices: &[Vector], [axis, u, v]: [Vector; 3], steps: usize) -> impl Iterator<Item = f64> + '_ {
        let width = |direction: Vector| {
            let along = || vertices.iter().map(|p| dot(*p, direction));
            along().fold(f64::NEG_INFINITY, f64::max) - along().fold(f64::INFINITY, f64::min)
        };
        (0..steps).map(move |step| {
            let (s, c) = (step as f64 * (PI / 2.0 / steps as f64)).sin_cos();
            let turned = |c: f64, s: f64| std::array::from_fn(|i| c * u[i] + s * v[i]);
            width(axis) * width(turned(c, s)) * width(turned(-s, c))
        })
    }

    #[test]
    fn no_box_about_the_axis_is_below_the_bound_and_the_least_is_close() {
        let mut random = Random::new(3);
        let frame = [[0.48, 0.6, 0.64], [0.8, -0.6, 0.0], [0.384, 0.512, -0.768]];
        for round in 0..60 {
            let sizes = [[40, 40, 40], [2, 60, 9], [3, 3, 90]][round % 3];
            let points: Vec<[i64; 3]> =
                (0..50).map(|_| std::array::from_fn(|i| random.below(sizes[i]) as i64)).collect();
            let hull = Hull::of_points(&points).expect("a body");
            let vertices = hull.vertices([1.0, 0.7, 2.5]);
            let sides = |face: &[u32; 3]| [[face[0], face[1]], [face[1], face[2]], [face[2], face[0]]];
            let edges: Vec<[u32; 2]> = hull.faces.iter().flat_map(sides).collect();
            let bound = Graph::new(vertices.clone(), edges.iter().copied()).least_volume(frame);
            let least = volumes(&vertices, frame, 2000).fold(f64::INFINITY, f64::min);
            assert!(bound <= least && bound > 0.5 * least, "{bound} of {least} in round {round}");
        }
    }
}
