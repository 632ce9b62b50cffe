//! The outline of a region in a slice, and its diameters.
//!
//! The outline is that of marching squares over pixel centres (W. E. Lorensen, H. E. Cline, "Marching cubes", SIGGRAPH 1987, in
//! two dimensions), with vertices in the middle between a pixel inside and one outside.

/// Lengths that differ by less than this share are the same: a lesion may have its longest diameter twice, such as the diagonals
/// of a square, and which one is found first is chance.
const SAME: f64 = 1e-9;

/// A mask in a plane; what lies beyond it is outside.
pub struct Plane<'a> {
    /// Pixels along x and y.
    pub dims: [usize; 2],
    /// Distance between neighbouring centres, mm.
    pub spacing: [f64; 2],
    /// 0 outside, *x* fastest.
    pub mask: &'a [u8],
}

/// The diameters of a region in a slice.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Diameters {
    /// The longest one, mm.
    pub longest: f64,
    /// The longest one at a right angle to it, mm.
    pub short_axis: f64,
}

/// The diameters of the slice with the longest diameter; of slices with the same one, those with the longer short axis. None if no
/// pixel of any slice is inside.
pub fn largest(slices: &[Plane<'_>]) -> Option<Diameters> {
    let each: Vec<Option<f64>> =
        slices.iter().map(|slice| slice.longest(&slice.edges()).map(|(longest, _)| longest)).collect();
    let longest = each.iter().flatten().copied().reduce(f64::max)?;
    let is_longest = |found: &Option<f64>| found.is_some_and(|found| found >= longest * (1.0 - SAME));
    let slices = slices.iter().zip(&each).filter(|(_, found)| is_longest(found));
    let short_axis = slices.map(|(slice, _)| slice.short_axis()).fold(0.0, f64::max);
    Some(Diameters { longest, short_axis })
}

type Point = [f64; 2];

impl Plane<'_> {
    /// The longest diameter of an outline, and the pairs of its corners that have it; none if no pixel is inside.
    fn longest(&self, edges: &[[Point; 2]]) -> Option<(f64, Vec<[Point; 2]>)> {
        let corners = hull(edges.iter().flatten().copied().collect());
        let pairs = || corners.iter().enumerate().flat_map(|(i, a)| corners[..i].iter().map(move |b| [*a, *b]));
        let longest = pairs().map(|[a, b]| distance(a, b)).reduce(f64::max)?;
        Some((longest, pairs().filter(|[a, b]| distance(*a, *b) >= longest * (1.0 - SAME)).collect()))
    }

    /// The longest diameter at a right angle to the longest one.
    fn short_axis(&self) -> f64 {
        let edges = self.edges();
        let long = self.longest(&edges).map(|(_, pairs)| pairs).unwrap_or_default();
        long.into_iter().map(|[a, b]| across(&edges, a, b)).fold(0.0, f64::max)
    }

    /// Whether a pixel is inside; indices begin one before the plane.
    fn at(&self, x: usize, y: usize) -> bool {
        let [nx, ny] = self.dims;
        (1..=nx).contains(&x) && (1..=ny).contains(&y) && self.mask[(y - 1) * nx + x - 1] != 0
    }

    /// The lines of the outline, mm. Two pixels that touch at a corner only are apart.
    fn edges(&self) -> Vec<[Point; 2]> {
        let [nx, ny] = self.dims;
        let [sx, sy] = self.spacing;
        let mut edges = Vec::new();
        for y in 0..=ny {
            for x in 0..=nx {
                let corners = [self.at(x, y), self.at(x + 1, y), self.at(x, y + 1), self.at(x + 1, y + 1)];
                let (x, y) = (x as f64, y as f64);
                // The middles of the sides: below, left, right, above.
                let middles = [[x + 0.5, y], [x, y + 0.5], [x + 1.0, y + 0.5], [x + 0.5, y + 1.0]];
                let edge = |a: usize, b: usize| [middles[a], middles[b]].map(|[x, y]| [x * sx, y * sy]);
                // The sides that meet at each corner.
                let around = [[0, 1], [0, 2], [1, 3], [2, 3]];
                match corners.iter().filter(|inside| **inside).count() {
                    2 if corners[0] == corners[1] => edges.push(edge(1, 2)),
                    2 if corners[0] == corners[2] => edges.push(edge(0, 3)),
                    count @ 1..=3 => {
                        let odd = count != 3;
                        let cut = corners.iter().zip(around).filter(|(inside, _)| **inside == odd);
                        edges.extend(cut.map(|(_, [a, b])| edge(a, b)));
                    }
                    _ => {}
                }
            }
        }
        edges
    }
}

fn distance(a: Point, b: Point) -> f64 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}

/// The corners of the convex hull (A. M. Andrew, Information Processing Letters 9, 1979): only they can be ends of a longest diameter.
fn hull(mut points: Vec<Point>) -> Vec<Point> {
    points.sort_by(|a, b| a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1])));
    points.dedup();
    let turns = |a: Point, b: Point, c: Point| (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
    let half = |points: &mut dyn Iterator<Item = Point>| {
        let mut found: Vec<Point> = Vec::new();
        for point in points {
            while let [.., a, b] = found[..]
                && turns(a, b, point) <= 0.0
            {
                found.pop();
            }
            found.push(point);
        }
        found
    };
    let (lower, upper) = (half(&mut points.iter().copied()), half(&mut points.iter().rev().copied()));
    lower.into_iter().chain(upper).collect()
}

/// The largest distance of two points of the outline on one line at a right angle to the line from `a` to `b`.
///
/// Between vertices the distance changes linearly: it is largest on the line through one of them.
fn across(edges: &[[Point; 2]], a: Point, b: Point) -> f64 {
    let length = distance(a, b);
    let along = [(b[0] - a[0]) / length, (b[1] - a[1]) / length];
    // Place along the diameter, and beside it.
    let turned = |[x, y]: Point| [x * along[0] + y * along[1], y * along[0] - x * along[1]];
    let edges: Vec<[Point; 2]> = edges.iter().map(|edge| edge.map(turned)).collect();
    let close = SAME * length;
    let mut largest = 0.0_f64;
    for [at, _] in edges.iter().flatten() {
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for [from, to] in &edges {
            let (first, last) = (from[0].min(to[0]), from[0].max(to[0]));
            if *at < first - close || *at > last + close {
                continue;
            }
            let ends = match last - first <= close {
                true => [from[1], to[1]],
                false => {
                    let share = ((at - from[0]) / (to[0] - from[0])).clamp(0.0, 1.0);
                    [from[1] + share * (to[1] - from[1]); 2]
                }
            };
            (low, high) = (low.min(ends[0]).min(ends[1]), high.max(ends[0]).max(ends[1]));
        }
        largest = largest.max(high - low);
    }
    largest
}
