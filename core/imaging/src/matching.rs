//! Which lesions of two time points are the same: those that overlap, and of the others those whose centres are close.
//!
//! Lesions lie in one frame of reference, or are carried into one by a stated transform. What overlaps one lesion only, and is overlapped
//! by it only, is the same one. A lesion that overlaps several later ones has split, several that overlap one later one have merged. The
//! others are assigned so that as many as possible have a partner within the limit, and that the distances sum up to the least.

mod assignment;

pub use assignment::assign;

use crate::{Grid, IndexBox, View, mask};

/// An affine map of points, mm, LPS: the upper three rows of a matrix.
///
/// ```
/// use voxomics_imaging::matching::Affine;
///
/// // Twice as long along x, and 1 mm further along z.
/// let map = Affine([[2.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 1.0]]);
/// assert_eq!((map.apply([1.0, 2.0, 3.0]), map.determinant()), ([2.0, 2.0, 4.0], 2.0));
/// assert_eq!(map.inverse().unwrap().apply([2.0, 2.0, 4.0]), [1.0, 2.0, 3.0]);
/// assert_eq!(Affine([[0.0; 4]; 3]).inverse(), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Affine(pub [[f64; 4]; 3]);

impl Affine {
    /// The map that leaves every point where it is.
    pub const IDENTITY: Self = Self([[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0]]);

    /// Where a point goes.
    pub fn apply(&self, point: [f64; 3]) -> [f64; 3] {
        self.0.map(|[a, b, c, d]| a * point[0] + b * point[1] + c * point[2] + d)
    }

    /// By how much it changes volumes; negative if it mirrors.
    pub fn determinant(&self) -> f64 {
        let [[a, b, c, _], [d, e, f, _], [g, h, i, _]] = self.0;
        a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)
    }

    /// The map back; none of one that flattens space.
    pub fn inverse(&self) -> Option<Self> {
        let determinant = self.determinant();
        if !(determinant.is_finite() && determinant.abs() > 1e-12) {
            return None;
        }
        let [[a, b, c, x], [d, e, f, y], [g, h, i, z]] = self.0;
        let cofactors = [
            [e * i - f * h, c * h - b * i, b * f - c * e],
            [f * g - d * i, a * i - c * g, c * d - a * f],
            [d * h - e * g, b * g - a * h, a * e - b * d],
        ];
        Some(Self(cofactors.map(|row| {
            let [p, q, r] = row.map(|value| value / determinant);
            [p, q, r, -(p * x + q * y + r * z)]
        })))
    }
}

/// A lesion: a box of voxels in space, one bit each.
///
/// ```
/// use voxomics_imaging::{
///     Grid, View,
///     matching::{Affine, Body},
/// };
///
/// let grid = Grid::axis_aligned([4, 1, 1], [2.0, 1.0, 1.0]);
/// let body = |mask: [u8; 4]| Body::new(&grid, View::new([4, 1, 1], &mask), Affine::IDENTITY).unwrap();
/// let (first, second) = (body([1, 1, 1, 0]), body([0, 1, 1, 0]));
/// assert_eq!((first.volume(), first.centre()), (6.0, [2.0, 0.0, 0.0]));
/// assert_eq!(first.overlap(&second), 4.0);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Body {
    grid: Grid,
    bits: Vec<u64>,
    centre: [f64; 3],
    voxels: usize,
    into: Affine,
    back: Affine,
}

impl Body {
    /// The voxels of a mask on a grid; `into` carries its points into the frame in which lesions are compared. None of an empty mask,
    /// and of a map that flattens space.
    ///
    /// # Panics
    /// If the mask has not the dimensions of the grid.
    pub fn new(grid: &Grid, inside: View<u8>, into: Affine) -> Option<Self> {
        assert_eq!(grid.dims, inside.dims(), "the mask lies on the grid");
        let back = into.inverse()?;
        let part: IndexBox = mask::bounding_box(inside)?;
        let grid = grid.crop(part);
        let cropped = mask::crop(inside, part);
        let mut bits = vec![0_u64; cropped.len().div_ceil(64)];
        let (mut voxels, mut sum) = (0, [0.0; 3]);
        for (place, _) in cropped.iter().enumerate().filter(|(_, voxel)| **voxel != 0) {
            bits[place / 64] |= 1 << (place % 64);
            voxels += 1;
            let index = index_of(place, grid.dims);
            (0..3).for_each(|axis| sum[axis] += index[axis]);
        }
        let centre = into.apply(grid.point(sum.map(|sum| sum / voxels as f64)));
        Some(Self { grid, bits, centre, voxels, into, back })
    }

    /// Its centre, the mean of its voxels', in the common frame, mm.
    pub fn centre(&self) -> [f64; 3] {
        self.centre
    }

    /// Its volume in the common frame, mm³.
    pub fn volume(&self) -> f64 {
        self.voxels as f64 * self.of_a_voxel()
    }

    fn of_a_voxel(&self) -> f64 {
        self.grid.voxel_volume() * self.into.determinant().abs()
    }

    /// The centres of its voxels in the common frame.
    fn points(&self) -> impl Iterator<Item = [f64; 3]> {
        let places =
            self.bits.iter().enumerate().flat_map(|(word, bits)| {
                (0..64).filter(move |bit| bits >> bit & 1 == 1).map(move |bit| word * 64 + bit)
            });
        places.map(|place| self.into.apply(self.grid.point(index_of(place, self.grid.dims))))
    }

    /// Whether a point of the common frame lies in one of its voxels.
    fn holds(&self, point: [f64; 3]) -> bool {
        let index = self.grid.index(self.back.apply(point)).map(f64::round);
        let dims = self.grid.dims;
        if (0..3).any(|axis| !(index[axis] >= 0.0 && index[axis] < dims[axis] as f64)) {
            return false;
        }
        let [x, y, z] = index.map(|index| index as usize);
        let place = (z * dims[1] + y) * dims[0] + x;
        self.bits[place / 64] >> (place % 64) & 1 == 1
    }

    /// What two bodies have in common, mm³: the voxels of that with the smaller ones whose centres lie in the other.
    pub fn overlap(&self, other: &Self) -> f64 {
        let (fine, coarse) = if self.of_a_voxel() <= other.of_a_voxel() { (self, other) } else { (other, self) };
        fine.points().filter(|point| coarse.holds(*point)).count() as f64 * fine.of_a_voxel()
    }
}

impl Body {
    /// Whether two bodies have at least this share of the smaller one in common.
    pub fn shares(&self, other: &Self, share: f64) -> bool {
        let common = self.overlap(other);
        common > 0.0 && common >= share * self.volume().min(other.volume())
    }
}

fn index_of(place: usize, [nx, ny, _]: [usize; 3]) -> [f64; 3] {
    [place % nx, place / nx % ny, place / (nx * ny)].map(|index| index as f64)
}

/// What became of the lesions of one time point at the next one; by their places.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Links {
    /// The same lesion.
    pub same: Vec<(usize, usize)>,
    /// One that has become several.
    pub split: Vec<(usize, Vec<usize>)>,
    /// Several that have become one.
    pub merged: Vec<(Vec<usize>, usize)>,
    /// Several that have become several others: nobody can tell which is which.
    pub mixed: Vec<(Vec<usize>, Vec<usize>)>,
    /// Those without a later one.
    pub gone: Vec<usize>,
    /// Those without an earlier one.
    pub new: Vec<usize>,
}

/// Links the lesions of two time points. Two overlap, if what they have in common is at least the share `overlap` of the smaller one.
///
/// Lesions without an overlap may be the same if their centres lie no further apart than `limit_mm`.
///
/// ```
/// use voxomics_imaging::{
///     Grid, View,
///     matching::{Affine, Body, link},
/// };
///
/// let grid = Grid::axis_aligned([9, 1, 1], [1.0; 3]);
/// let body = |mask: [u8; 9]| Body::new(&grid, View::new([9, 1, 1], &mask), Affine::IDENTITY).unwrap();
/// let before = [body([1, 1, 0, 0, 0, 0, 0, 0, 0]), body([0, 0, 0, 0, 1, 1, 0, 0, 0])];
/// let after = [body([0, 0, 0, 0, 1, 1, 0, 0, 0])];
/// let links = link(&before.each_ref(), &after.each_ref(), 0.5, 0.5);
/// assert_eq!((links.same, links.gone), (vec![(1, 0)], vec![0]));
/// ```
pub fn link(before: &[&Body], after: &[&Body], overlap: f64, limit_mm: f64) -> Links {
    let touches = |a: &Body, b: &Body| a.shares(b, overlap);
    let mut links = Links::default();
    let (mut alone, mut later) = (Vec::new(), vec![true; after.len()]);
    let edges: Vec<Vec<usize>> =
        before.iter().map(|a| (0..after.len()).filter(|j| touches(a, after[*j])).collect()).collect();
    let mut done = vec![false; before.len()];
    for first in 0..before.len() {
        if done[first] {
            continue;
        }
        let (from, to) = group(first, &edges);
        from.iter().for_each(|i| done[*i] = true);
        to.iter().for_each(|j| later[*j] = false);
        match (&from[..], &to[..]) {
            ([one], []) => alone.push(*one),
            ([one], [other]) => links.same.push((*one, *other)),
            ([one], _) => links.split.push((*one, to)),
            (_, [other]) => links.merged.push((from, *other)),
            _ => links.mixed.push((from, to)),
        }
    }
    let free: Vec<usize> = (0..after.len()).filter(|j| later[*j]).collect();
    let distance =
        |a: &Body, b: &Body| (0..3).map(|axis| (a.centre[axis] - b.centre[axis]).powi(2)).sum::<f64>().sqrt();
    let costs: Vec<Vec<Option<f64>>> = alone
        .iter()
        .map(|i| free.iter().map(|j| Some(distance(before[*i], after[*j])).filter(|mm| *mm <= limit_mm)).collect())
        .collect();
    let assigned = assign(&costs, free.len());
    for (i, partner) in alone.iter().zip(&assigned) {
        match partner {
            Some(at) => links.same.push((*i, free[*at])),
            None => links.gone.push(*i),
        }
    }
    links.new = (0..free.len()).filter(|at| !assigned.contains(&Some(*at))).map(|at| free[at]).collect();
    links.same.sort_unstable();
    links
}

/// All lesions that hang together with one by overlaps: the earlier and the later ones, each in their order.
fn group(first: usize, edges: &[Vec<usize>]) -> (Vec<usize>, Vec<usize>) {
    let (mut from, mut to) = (vec![first], edges[first].clone());
    loop {
        let more: Vec<usize> =
            (0..edges.len()).filter(|i| !from.contains(i) && edges[*i].iter().any(|j| to.contains(j))).collect();
        if more.is_empty() {
            break;
        }
        for i in more {
            to.extend(edges[i].iter().filter(|j| !to.contains(j)).copied().collect::<Vec<_>>());
            from.push(i);
        }
    }
    from.sort_unstable();
    to.sort_unstable();
    (from, to)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A box of voxels of 1 × 1 × 2 mm.
    fn body(low: [usize; 3], size: [usize; 3]) -> Body {
        carried(low, size, Affine::IDENTITY)
    }

    fn carried(low: [usize; 3], size: [usize; 3], into: Affine) -> Body {
        let grid = Grid::axis_aligned([30, 30, 12], [1.0, 1.0, 2.0]);
        let inside = |place: usize| {
            let at = index_of(place, grid.dims);
            (0..3).all(|axis| at[axis] >= low[axis] as f64 && at[axis] < (low[axis] + size[axis]) as f64)
        };
        let mask: Vec<u8> = (0..grid.len()).map(|place| u8::from(inside(place))).collect();
        Body::new(&grid, View::new(grid.dims, &mask), into).expect("a body")
    }

    #[test]
    fn overlaps_are_those_of_the_boxes_on_either_grid() {
        let (a, b) = (body([2, 2, 1], [6, 6, 3]), body([5, 4, 2], [6, 6, 3]));
        assert_eq!((a.volume(), a.overlap(&b), b.overlap(&a)), (216.0, 48.0, 48.0));
        assert_eq!(a.centre(), [4.5, 4.5, 4.0]);
        // The same box on a grid of half the spacing.
        let grid = Grid { origin: [-0.25, -0.25, -0.5], ..Grid::axis_aligned([60, 60, 24], [0.5, 0.5, 1.0]) };
        let inside = |place: usize| {
            let at = index_of(place, grid.dims);
            at[0] >= 10.0 && at[0] < 22.0 && at[1] >= 8.0 && at[1] < 20.0 && at[2] >= 4.0 && at[2] < 10.0
        };
        let mask: Vec<u8> = (0..grid.len()).map(|place| u8::from(inside(place))).collect();
        let fine = Body::new(&grid, View::new(grid.dims, &mask), Affine::IDENTITY).expect("a body");
        assert_eq!((fine.volume(), fine.overlap(&a), a.overlap(&fine)), (216.0, 48.0, 48.0));
    }

    #[test]
    fn a_transform_carries_a_lesion_to_its_place() {
        // A quarter turn about z, and a shift: x goes to y.
        let turn = Affine([[0.0, -1.0, 0.0, 20.0], [1.0, 0.0, 0.0, -3.0], [0.0, 0.0, 1.0, 4.0]]);
        let back = turn.inverse().expect("a map back");
        for point in [[1.0, 2.0, 3.0], [-5.0, 0.5, 9.0]] {
            let there = back.apply(turn.apply(point));
            assert!((0..3).all(|axis| (there[axis] - point[axis]).abs() < 1e-12));
        }
        let moved = carried([2, 3, 1], [5, 4, 2], turn);
        // Voxels 2–6 in x become 2−3 … 6−3 in y, 3–6 in y become 20−6 … 20−3 in x, and z moves by two slices.
        let there = carried(
            [14, 9, 3],
            [4, 5, 2],
            Affine([[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, -10.0], [0.0, 0.0, 1.0, 0.0]]),
        );
        assert_eq!(moved.overlap(&there), moved.volume());
        assert!(Affine([[0.0; 4]; 3]).inverse().is_none());
    }

    fn of(before: &[Body], after: &[Body], limit_mm: f64) -> Links {
        let [before, after] = [before, after].map(|bodies| bodies.iter().collect::<Vec<_>>());
        link(&before, &after, 0.1, limit_mm)
    }

    #[test]
    fn lesions_that_split_merge_come_and_go_are_told() {
        let before = [
            body([1, 1, 1], [4, 4, 2]),  // stays
            body([10, 1, 1], [8, 4, 2]), // splits
            body([1, 10, 1], [3, 4, 2]), // merges with the next
            body([6, 10, 1], [3, 4, 2]),
            body([20, 20, 1], [3, 3, 2]), // moves by 5 mm
            body([1, 22, 1], [3, 3, 2]),  // goes
        ];
        let after = [
            body([20, 25, 1], [3, 3, 2]),
            body([1, 10, 1], [8, 4, 2]),
            body([10, 1, 1], [3, 4, 2]),
            body([15, 1, 1], [3, 4, 2]),
            body([2, 2, 1], [4, 4, 2]),
            body([25, 10, 8], [3, 3, 2]),
        ];
        let links = of(&before, &after, 8.0);
        let expected = Links {
            same: vec![(0, 4), (4, 0)],
            split: vec![(1, vec![2, 3])],
            merged: vec![(vec![2, 3], 1)],
            mixed: Vec::new(),
            gone: vec![5],
            new: vec![5],
        };
        assert_eq!(links, expected);
        // With a smaller limit the one that moved is gone, and another one is new.
        let strict = of(&before, &after, 4.0);
        assert_eq!((strict.same, strict.gone, strict.new), (vec![(0, 4)], vec![4, 5], vec![0, 5]));
        // Against time, splits are merges.
        let backwards = of(&after, &before, 8.0);
        assert_eq!((backwards.split, backwards.merged), (vec![(1, vec![2, 3])], vec![(vec![2, 3], 1)]));
    }

    #[test]
    fn several_that_become_several_are_mixed() {
        let before = [body([1, 1, 1], [6, 4, 2]), body([8, 1, 1], [6, 4, 2])];
        let after = [body([1, 1, 1], [10, 4, 2]), body([11, 1, 1], [3, 4, 2])];
        assert_eq!(of(&before, &after, 5.0).mixed, [(vec![0, 1], vec![0, 1])]);
    }
}
