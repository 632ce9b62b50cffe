//! Polygons to voxels of one slice.
//!
//! A voxel belongs to a set of closed polygons if its centre is inside by the even-odd rule over all of them: holes are
//! polygons inside others, and a keyhole's two coincident edges cancel. A centre exactly on an edge belongs to the side
//! of larger index: the polygon owns its edges towards index 0 and not the opposite ones, so that of two polygons that
//! share an edge exactly one has the voxel.
//!
//! Vertices are put on a fine lattice first and everything after that is exact integer arithmetic: "on an edge" means the
//! same whatever the transformation to indices left of rounding. Along a row only the crossings are marked, and one pass turns
//! marks into voxels: the cost is that of the crossings plus the voxels of the window, whatever the number of edges.

use std::ops::Range;

/// Lattice steps in a voxel. The step, 10⁻⁶ voxels, absorbs what the way from millimetres to indices adds in rounding, and
/// nothing that a file says: with 10⁻⁴ a voxel of the IBSI CT phantom's lesion would change sides.
const STEPS: i64 = 1 << 20;

/// Largest index of a vertex; it keeps all products below within 64 bits.
const LIMIT: f64 = (1 << 20) as f64;

/// A closed polygon in the index plane of a slice: voxel centres have whole coordinates.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ring {
    /// In lattice steps; the last vertex is joined to the first.
    vertices: Vec<[i64; 2]>,
}

/// A box of voxels of a slice: columns, then rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// Along *x* and along *y*.
    pub ranges: [Range<usize>; 2],
}

impl Ring {
    /// A polygon from its vertices in continuous indices; none if one is not finite or further from the first voxel than
    /// any image is large (2²⁰ voxels).
    pub fn new(vertices: impl IntoIterator<Item = [f64; 2]>) -> Option<Self> {
        let on_lattice = |x: f64| (x.abs() <= LIMIT).then(|| (x * STEPS as f64).round() as i64);
        let vertices = vertices.into_iter().map(|[x, y]| Some([on_lattice(x)?, on_lattice(y)?]));
        Some(Self { vertices: vertices.collect::<Option<_>>()? })
    }

    /// The voxels of a slice of this size that can be inside: none of another one's centre is.
    pub fn window(&self, dims: [usize; 2]) -> Window {
        let [x, y] = self.bounds();
        let range = |(lower, upper): (i64, i64), n: usize| {
            let clamp = |x: i64| usize::try_from(at_or_after(x)).unwrap_or(0).min(n);
            clamp(lower)..clamp(upper)
        };
        Window { ranges: [range(x, dims[0]), range(y, dims[1])] }
    }

    /// The voxels of a slice of this size that can be inside, those whose centres lie on the polygon among them.
    pub fn closed_window(&self, dims: [usize; 2]) -> Window {
        let range = |(lower, upper): (i64, i64), n: usize| {
            let clamp = |x: i64| usize::try_from(x).unwrap_or(0).min(n);
            clamp(at_or_after(lower))..clamp(upper.div_euclid(STEPS) + 1)
        };
        let [x, y] = self.bounds();
        if self.vertices.is_empty() {
            return Window::EMPTY;
        }
        Window { ranges: [range(x, dims[0]), range(y, dims[1])] }
    }

    /// Whether the centre of a voxel of a slice of this size is inside.
    pub fn encloses(&self, dims: [usize; 2]) -> bool {
        let window = self.window(dims);
        let mut mask = vec![0; window.ranges[0].len() * window.ranges[1].len()];
        fill([self], &window, &mut mask);
        mask.contains(&1)
    }

    /// The polygon with each vertex at the nearest centre of a voxel.
    pub fn at_centres(&self) -> Self {
        let nearest = |x: i64| (x + STEPS / 2).div_euclid(STEPS) * STEPS;
        Self { vertices: self.vertices.iter().map(|vertex| vertex.map(nearest)).collect() }
    }

    /// How many vertices there are, how many of them lie within `share` of a voxel of a centre along both axes, and how far
    /// the farthest is from one along an axis, in voxels.
    pub fn near_centres(&self, share: f64) -> (usize, usize, f64) {
        let centres = self.at_centres();
        let off = self.vertices.iter().zip(&centres.vertices).map(|(vertex, centre)| {
            let [x, y] = [0, 1].map(|axis| (vertex[axis] - centre[axis]).abs());
            x.max(y) as f64 / STEPS as f64
        });
        off.fold((0, 0, 0.0), |(all, near, most), off| (all + 1, near + usize::from(off <= share), most.max(off)))
    }

    /// The polygon on a grid of `fineness` times as many voxels along each axis, which begins at the voxel `start`; none if
    /// it does not fit there.
    pub fn magnified(&self, start: [usize; 2], fineness: usize) -> Option<Self> {
        let most = LIMIT as i64 * STEPS;
        let moved = |vertex: &[i64; 2]| {
            let [x, y] = [0, 1].map(|axis| (vertex[axis] - start[axis] as i64 * STEPS).checked_mul(fineness as i64));
            Some([x?, y?]).filter(|at| at.iter().all(|x| x.abs() <= most))
        };
        Some(Self { vertices: self.vertices.iter().map(moved).collect::<Option<_>>()? })
    }

    /// The length of the outline, in voxels.
    pub fn perimeter(&self) -> f64 {
        let length = |(a, b): ([i64; 2], [i64; 2])| ((b[0] - a[0]) as f64).hypot((b[1] - a[1]) as f64);
        self.edges().map(length).sum::<f64>() / STEPS as f64
    }

    /// The vertices, in lattice steps.
    pub fn vertices(&self) -> &[[i64; 2]] {
        &self.vertices
    }

    /// Whether a part of the polygon is beyond the outer faces of the voxels of a slice.
    pub fn exceeds(&self, dims: [usize; 2]) -> bool {
        let beyond =
            |(lower, upper): (i64, i64), n: usize| 2 * lower < -STEPS || 2 * upper > (2 * n as i64 - 1) * STEPS;
        let [x, y] = self.bounds();
        !self.vertices.is_empty() && (beyond(x, dims[0]) || beyond(y, dims[1]))
    }

    /// Lowest and highest vertex along each axis, in lattice steps.
    fn bounds(&self) -> [(i64, i64); 2] {
        [0, 1].map(|axis| {
            let along = || self.vertices.iter().map(|vertex| vertex[axis]);
            (along().min().unwrap_or(0), along().max().unwrap_or(0))
        })
    }

    fn edges(&self) -> impl Iterator<Item = ([i64; 2], [i64; 2])> {
        let next = self.vertices.iter().cycle().skip(1);
        self.vertices.iter().copied().zip(next.copied())
    }
}

impl Window {
    /// No voxel.
    pub const EMPTY: Self = Self { ranges: [0..0, 0..0] };

    /// Whether there is no voxel.
    pub fn is_empty(&self) -> bool {
        self.ranges.iter().any(Range::is_empty)
    }

    /// Whether two windows share a voxel.
    pub fn meets(&self, other: &Self) -> bool {
        self.ranges.iter().zip(&other.ranges).all(|(a, b)| a.start.max(b.start) < a.end.min(b.end))
    }

    /// The smallest window that holds both.
    pub fn union(&self, other: &Self) -> Self {
        match (self.is_empty(), other.is_empty()) {
            (true, _) => other.clone(),
            (_, true) => self.clone(),
            _ => Self {
                ranges: [0, 1].map(|axis| {
                    let (a, b) = (&self.ranges[axis], &other.ranges[axis]);
                    a.start.min(b.start)..a.end.max(b.end)
                }),
            },
        }
    }
}

/// Sets the voxels of a window that are inside the polygons to 1; `mask` is 0 before, *x* fastest. The window has to
/// begin no later, along *x*, than the polygons or the image do.
pub fn fill<'a>(rings: impl IntoIterator<Item = &'a Ring>, window: &Window, mask: &mut [u8]) {
    let [columns, rows] = &window.ranges;
    if window.is_empty() {
        return;
    }
    for (a, b) in rings.into_iter().flat_map(Ring::edges) {
        mark(a, b, columns, rows, mask);
    }
    for row in mask.chunks_exact_mut(columns.len()) {
        let mut inside = 0;
        for voxel in row {
            inside ^= *voxel;
            *voxel = inside;
        }
    }
}

/// Sets the voxels of a window whose centres lie on the edges of polygons with vertices at centres to 1.
pub fn trace<'a>(rings: impl IntoIterator<Item = &'a Ring>, window: &Window, mask: &mut [u8]) {
    let [columns, rows] = &window.ranges;
    for (a, b) in rings.into_iter().flat_map(Ring::edges) {
        let [from, to] = [a, b].map(|vertex| vertex.map(|x| x.div_euclid(STEPS)));
        let step = [to[0] - from[0], to[1] - from[1]];
        let count = common_divisor(step[0].unsigned_abs(), step[1].unsigned_abs()).max(1) as i64;
        let step = step.map(|x| x / count);
        // Of an edge far longer than the image only what is inside is walked along.
        let within = |axis: usize| steps_within(from[axis], step[axis], &window.ranges[axis]);
        let [(first, last), (other_first, other_last)] = [within(0), within(1)];
        for i in first.max(other_first).max(0)..=last.min(other_last).min(count) {
            let [x, y] = [0, 1].map(|axis| (from[axis] + step[axis] * i) as usize);
            mask[(y - rows.start) * columns.len() + x - columns.start] = 1;
        }
    }
}

/// The first and the last number of steps from a place after which one is in a range; the last is less if there is none.
fn steps_within(from: i64, step: i64, range: &Range<usize>) -> (i64, i64) {
    let (before, after) = (range.start as i64 - from, range.end as i64 - 1 - from);
    match step {
        0 if range.is_empty() || before > 0 || after < 0 => (0, -1),
        0 => (0, i64::MAX),
        _ if step > 0 => (-(-before).div_euclid(step), after.div_euclid(step)),
        _ => (-after.div_euclid(-step), (-before).div_euclid(-step)),
    }
}

fn common_divisor(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { common_divisor(b, a % b) }
}

/// Marks in each row the first centre at or after its crossing with an edge: from there on the parity is another.
fn mark(a: [i64; 2], b: [i64; 2], columns: &Range<usize>, rows: &Range<usize>, mask: &mut [u8]) {
    // One order for both polygons that may share this edge. It has its lower end and not its upper one.
    let ([x0, y0], [x1, y1]) = if a[1] < b[1] { (a, b) } else { (b, a) };
    let first = at_or_after(y0).max(rows.start as i64);
    let end = at_or_after(y1).min(rows.end as i64);
    if first >= end {
        return;
    }
    // The crossing with row `first` is at the column N / D, with N = x0·(y1−y0) + (first−y0)·(x1−x0). From row to row N
    // grows by the same amount, so that the quotient (rounded up) and what it exceeds N / D by follow by additions.
    let rise = y1 - y0;
    let divisor = rise * STEPS;
    let crossing = i128::from(x0) * i128::from(rise) + i128::from(first * STEPS - y0) * i128::from(x1 - x0);
    let mut column = -(-crossing).div_euclid(i128::from(divisor)) as i64;
    let mut excess = (i128::from(column) * i128::from(divisor) - crossing) as i64;
    let step = (x1 - x0) * STEPS;
    let (whole, part) = (step.div_euclid(divisor), step.rem_euclid(divisor));
    let width = columns.len();
    for row in first..end {
        let at = usize::try_from(column - columns.start as i64).unwrap_or(0);
        if at < width {
            mask[(row as usize - rows.start) * width + at] ^= 1;
        }
        column += whole;
        excess -= part;
        if excess < 0 {
            column += 1;
            excess += divisor;
        }
    }
}

/// The first index whose centre is at or after a coordinate.
fn at_or_after(steps: i64) -> i64 {
    -(-steps).div_euclid(STEPS)
}

#[cfg(test)]
mod tests {
    use crate::outlines::testing::Random;

    use super::*;

    /// Inside by the even-odd rule, from the definition: a ray from the centre towards smaller *x*, each edge apart.
    fn inside(rings: &[Ring], column: usize, row: usize) -> bool {
        let [x, y] = [column, row].map(|i| i as i128 * i128::from(STEPS));
        let crossed = rings.iter().flat_map(Ring::edges).filter(|(a, b)| {
            let [[ax, ay], [bx, by]] = [a, b].map(|p| p.map(i128::from));
            let side = (bx - ax) * (y - ay) - (x - ax) * (by - ay);
            (ay <= y) != (by <= y) && if by > ay { side <= 0 } else { side >= 0 }
        });
        crossed.count() % 2 == 1
    }

    fn drawn(rings: &[Ring], dims: [usize; 2]) -> Vec<u8> {
        let window = rings.iter().fold(Window::EMPTY, |all, ring| all.union(&ring.window(dims)));
        let [columns, rows] = window.ranges.clone();
        let mut part = vec![0; columns.len() * rows.len()];
        fill(rings, &window, &mut part);
        let mut mask = vec![0; dims[0] * dims[1]];
        for (y, row) in rows.zip(part.chunks(columns.len().max(1))) {
            mask[y * dims[0]..][columns.clone()].copy_from_slice(row);
        }
        mask
    }

    fn ring<const N: usize>(vertices: [[f64; 2]; N]) -> Ring {
        Ring::new(vertices).expect("finite vertices")
    }

    fn square(lower: f64, upper: f64) -> Ring {
        ring([[lower, lower], [upper, lower], [upper, upper], [lower, upper]])
    }

    #[test]
    fn random_polygons_agree_with_the_definition() {
        let mut random = Random::new(3);
        for case in 0..300 {
            let dims = [1 + random.below(23), 1 + random.below(17)];
            // Every third case has vertices on centres and on the middles between them, where rules matter.
            let coarse = case % 3 == 0;
            let rings: Vec<Ring> = (0..1 + random.below(4))
                .map(|_| {
                    let mut at = || match coarse {
                        true => random.below(60) as f64 / 2.0 - 5.0,
                        false => random.below(30_000) as f64 / 997.0 - 4.0,
                    };
                    let vertices: Vec<[f64; 2]> = (0..3 + case % 9).map(|_| [at(), at()]).collect();
                    Ring::new(vertices).expect("finite")
                })
                .collect();
            let expected: Vec<u8> =
                (0..dims[0] * dims[1]).map(|i| u8::from(inside(&rings, i % dims[0], i / dims[0]))).collect();
            assert_eq!(drawn(&rings, dims), expected, "case {case}: {rings:?}");
        }
    }

    #[test]
    fn an_edge_through_centres_belongs_to_one_side() {
        assert_eq!(drawn(&[square(1.0, 3.0)], [4, 4]), [0, 0, 0, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0]);
        // A fan of triangles around a centre, all edges through centres: every voxel of the square has one owner.
        let corners = [[0.0, 0.0], [4.0, 0.0], [8.0, 0.0], [8.0, 4.0], [8.0, 8.0], [4.0, 8.0], [0.0, 8.0], [0.0, 4.0]];
        let mut owners = vec![0; 81];
        for i in 0..8 {
            let triangle = ring([[4.0, 4.0], corners[i], corners[(i + 1) % 8]]);
            owners.iter_mut().zip(drawn(&[triangle], [9, 9])).for_each(|(n, voxel)| *n += voxel);
        }
        assert_eq!(owners, drawn(&[square(0.0, 8.0)], [9, 9]));
        assert_eq!(owners.iter().map(|n| usize::from(*n)).sum::<usize>(), 64);
    }

    #[test]
    fn holes_and_keyholes_are_not_inside() {
        let hole = drawn(&[square(0.5, 8.5), square(2.5, 5.5)], [10, 10]);
        let keyhole = ring([
            [0.5, 0.5],
            [8.5, 0.5],
            [8.5, 8.5],
            [0.5, 8.5],
            [0.5, 3.2],
            [2.5, 3.2],
            [2.5, 5.5],
            [5.5, 5.5],
            [5.5, 2.5],
            [2.5, 2.5],
            [2.5, 3.2],
            [0.5, 3.2],
        ]);
        assert_eq!(drawn(&[keyhole], [10, 10]), hole);
        assert_eq!(hole.iter().filter(|voxel| **voxel == 1).count(), 64 - 9);
    }

    #[test]
    fn what_is_beyond_the_image_is_cut_off() {
        let beyond = square(-100.0, 2.0);
        assert!(beyond.exceeds([3, 3]) && !square(-0.5, 2.5).exceeds([3, 3]) && square(-0.5, 2.6).exceeds([3, 3]));
        assert_eq!(drawn(&[beyond], [3, 3]), [1, 1, 0, 1, 1, 0, 0, 0, 0]);
        assert_eq!(drawn(&[square(-9.0, -1.0)], [3, 3]), [0; 9]);
        assert_eq!(drawn(&[square(-1e6, 1e6)], [3, 3]), [1; 9]);
        assert_eq!(drawn(&[ring([[1.0, 1.0]]), ring([[0.0, 0.0], [2.0, 2.0]]), ring([])], [3, 3]), [0; 9]);
    }

    #[test]
    fn vertices_without_a_place_are_refused() {
        for x in [f64::NAN, f64::INFINITY, 1e300, -2e7] {
            assert_eq!(Ring::new([[0.0, 0.0], [1.0, x]]), None, "{x}");
        }
        let largest = ring([[-LIMIT, -LIMIT], [LIMIT, -LIMIT], [LIMIT, LIMIT]]);
        assert_eq!(drawn(&[largest], [2, 2]), [1, 1, 0, 1]);
    }

    #[test]
    fn many_long_edges_agree_with_the_definition() {
        let mut random = Random::new(4);
        let mut at = || random.below(200_000) as f64 / 1000.0;
        let zigzag = [Ring::new((0..20_000).map(|i| [at(), f64::from(i % 2) * 90.0 + 0.25])).expect("finite")];
        let mask = drawn(&zigzag, [200, 90]);
        for _ in 0..100 {
            let (x, y) = (at() as usize, at() as usize % 90);
            assert_eq!(mask[y * 200 + x] == 1, inside(&zigzag, x, y), "{x}, {y}");
        }
    }

    #[test]
    fn a_rotated_polygon_has_the_same_voxels_elsewhere() {
        let mut random = Random::new(8);
        // No vertex lies near a centre's coordinate: no rule for ties is in play.
        let mut at = || random.below(12) as f64 + 0.3 + random.below(300) as f64 / 1000.0;
        let vertices: Vec<[f64; 2]> = (0..40).map(|_| [at(), at()]).collect();
        let plain = drawn(&[Ring::new(vertices.clone()).expect("finite")], [13, 13]);
        let turned = drawn(&[Ring::new(vertices.iter().map(|[x, y]| [12.0 - y, *x])).expect("finite")], [13, 13]);
        for (i, voxel) in plain.iter().enumerate() {
            let [x, y] = [i % 13, i / 13];
            assert_eq!(turned[x * 13 + (12 - y)], *voxel, "voxel {x}, {y}");
        }
        assert!(plain.iter().filter(|voxel| **voxel == 1).count() > 20);
    }
}
