//! Regions that grow or shrink to a number of voxels, layer by layer (Zwanenburg et al., Sci. Rep. 9:614, 2019).

use std::fmt;

use crate::{IndexBox, View};

/// Why a region cannot have as many voxels as are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GrowthError {
    /// The region has no voxel, or would have none.
    Empty {
        /// How many voxels it has.
        voxels: usize,
    },
    /// The grid has too few.
    Full {
        /// How many voxels are wanted.
        wanted: usize,
        /// How many it has when it no longer grows.
        voxels: usize,
    },
}

impl fmt::Display for GrowthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty { voxels } => write!(f, "of its {voxels} voxels none is left when it shrinks"),
            Self::Full { wanted, voxels } => {
                write!(f, "it grows to {voxels} voxels, expected {wanted}: the scan has no room for more")
            }
        }
    }
}

impl std::error::Error for GrowthError {}

/// How many voxels a region of `voxels` has after it grew or shrank by a share of its volume: a whole number, rounded down.
///
/// ```
/// assert_eq!(voxomics_imaging::growth::voxels_after(10, 0.25), 12);
/// assert_eq!(voxomics_imaging::growth::voxels_after(10, -0.5), 5);
/// ```
pub fn voxels_after(voxels: usize, share: f64) -> usize {
    // 0.15 more than 100 voxels are 114.99999999999999 in floating point.
    (voxels as f64 * (1.0 + share) * (1.0 + 1e-12)).floor().max(0.0) as usize
}

/// The region with `wanted` voxels, and the box that it is in; `mask` is the region in the box `part` of a grid of `dims` voxels, which
/// holds all of it.
///
/// The region takes in, or gives up, one layer after the other of voxels that share a face with it, or with what is outside of it.
/// Outside of the grid is outside of the region. Of the last layer only as many go as are wanted: those of the lowest `rank`, a number
/// that the place of a voxel in the grid gives, `(z · ny + y) · nx + x`. A rank that looks random makes a ragged surface, as drawing
/// voxels at random does. It takes in no voxel for whose place there is no room, as where a grid reaches beyond the scan.
///
/// ```
/// use voxomics_imaging::{IndexBox, View, growth::to_voxels};
///
/// // One voxel in a row of five grows by its two neighbours.
/// let part = IndexBox { start: [2, 0, 0], end: [3, 1, 1] };
/// let (part, mask) = to_voxels(View::new([1, 1, 1], &[1]), part, [5, 1, 1], 3, &|place| place, &|_| true).unwrap();
/// assert_eq!(mask.iter().filter(|inside| **inside != 0).count(), 3);
/// assert!(part.start[0] <= 1 && part.end[0] >= 4);
/// // Of a layer of two, the one of the lower rank goes first: here that before the voxel.
/// let part = IndexBox { start: [2, 0, 0], end: [3, 1, 1] };
/// let (part, mask) = to_voxels(View::new([1, 1, 1], &[1]), part, [5, 1, 1], 2, &|place| place, &|_| true).unwrap();
/// assert_eq!(mask[1 - part.start[0]], 1);
/// ```
///
/// # Errors
/// If the region would be empty, or if the grid has too few voxels.
pub fn to_voxels(
    mask: View<u8>,
    part: IndexBox,
    dims: [usize; 3],
    wanted: usize,
    rank: &dyn Fn(u64) -> u64,
    has_room: &dyn Fn(u64) -> bool,
) -> Result<(IndexBox, Vec<u8>), GrowthError> {
    let voxels = mask.data().iter().filter(|inside| **inside != 0).count();
    if voxels == 0 || wanted == 0 {
        return Err(GrowthError::Empty { voxels });
    }
    if wanted <= voxels {
        let mut region = Region::new(mask, part, part, dims);
        region.change(voxels - wanted, true, rank, &|_| true);
        return Ok((part, region.mask));
    }
    let mut layers = 1;
    loop {
        let grown = part.grown([layers; 3], dims);
        let mut region = Region::new(mask, part, grown, dims);
        let missing = region.change(wanted - voxels, false, rank, has_room);
        // A layer that reaches the box may be cut by it: only so many layers are whole.
        if missing == 0 && region.layers <= layers {
            return Ok((grown, region.mask));
        }
        if grown == IndexBox::whole(dims) && missing > 0 {
            return Err(GrowthError::Full { wanted, voxels: wanted - missing });
        }
        layers *= 2;
    }
}

/// A region in a box.
struct Region {
    part: IndexBox,
    grid: [usize; 3],
    mask: Vec<u8>,
    /// How many layers went in or out, the last one perhaps in part.
    layers: usize,
}

impl Region {
    fn new(mask: View<u8>, of: IndexBox, part: IndexBox, grid: [usize; 3]) -> Self {
        let [nx, ny, _] = part.dims();
        let mut own = vec![0; part.dims().iter().product()];
        for z in of.start[2]..of.end[2] {
            for y in of.start[1]..of.end[1] {
                let at = ((z - part.start[2]) * ny + y - part.start[1]) * nx + of.start[0] - part.start[0];
                let row = mask.row(y - of.start[1], z - of.start[2]);
                own[at..][..row.len()].iter_mut().zip(row).for_each(|(own, inside)| *own = u8::from(*inside != 0));
            }
        }
        Self { part, grid, mask: own, layers: 0 }
    }

    /// Takes voxels out, or in; returns how many are missing because there are no more.
    fn change(&mut self, count: usize, out: bool, rank: &dyn Fn(u64) -> u64, has_room: &dyn Fn(u64) -> bool) -> usize {
        let (from, to) = if out { (1, 0) } else { (0, 1) };
        let mut left = count;
        let inside = (0..self.mask.len()).filter(|at| self.mask[*at] == from);
        let mut layer: Vec<usize> = inside.filter(|at| self.touches(*at, to) && has_room(self.place(*at))).collect();
        while left > 0 && !layer.is_empty() {
            self.layers += 1;
            if layer.len() > left {
                layer.sort_unstable_by_key(|at| (rank(self.place(*at)), *at));
                layer.truncate(left);
            }
            layer.iter().for_each(|at| self.mask[*at] = to);
            left -= layer.len();
            let mut next: Vec<usize> = Vec::new();
            for at in layer {
                let around = self.neighbours(at).into_iter().flatten();
                next.extend(around.filter(|other| self.mask[*other] == from && has_room(self.place(*other))));
            }
            next.sort_unstable();
            next.dedup();
            layer = next;
        }
        left
    }

    /// Whether a voxel has a neighbour of the other side. What lies beyond the box is outside.
    fn touches(&self, at: usize, side: u8) -> bool {
        self.neighbours(at).into_iter().any(|other| other.map_or(0, |other| self.mask[other]) == side)
    }

    /// The six neighbours of a voxel that lie in the box.
    fn neighbours(&self, at: usize) -> [Option<usize>; 6] {
        let [nx, ny, nz] = self.part.dims();
        let [x, y, z] = [at % nx, at / nx % ny, at / (nx * ny)];
        [
            (x > 0).then(|| at - 1),
            (x + 1 < nx).then(|| at + 1),
            (y > 0).then(|| at - nx),
            (y + 1 < ny).then(|| at + nx),
            (z > 0).then(|| at - nx * ny),
            (z + 1 < nz).then(|| at + nx * ny),
        ]
    }

    /// The place of a voxel in the grid.
    fn place(&self, at: usize) -> u64 {
        let [nx, ny, _] = self.part.dims();
        let index = [at % nx, at / nx % ny, at / (nx * ny)];
        let [x, y, z]: [usize; 3] = std::array::from_fn(|axis| self.part.start[axis] + index[axis]);
        ((z * self.grid[1] + y) * self.grid[0] + x) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::noise::hash;

    const DIMS: [usize; 3] = [20, 18, 16];

    fn ball(radius: f64) -> (IndexBox, Vec<u8>) {
        let part = IndexBox { start: [4, 3, 2], end: [16, 15, 14] };
        let inside = |at: usize| {
            let index = [at % 12, at / 12 % 12, at / 144];
            let square: f64 = index.iter().map(|i| (*i as f64 - 5.5).powi(2)).sum();
            u8::from(square <= radius * radius)
        };
        (part, (0..1728).map(inside).collect())
    }

    /// A mask of the whole grid, from the definition: one that shares a face.
    fn dilated(mask: &[u8]) -> Vec<u8> {
        let at = |x: isize, y: isize, z: isize| {
            let inside = (0..20).contains(&x) && (0..18).contains(&y) && (0..16).contains(&z);
            if inside { mask[((z * 18 + y) * 20 + x) as usize] } else { 0 }
        };
        let mut out = Vec::new();
        for z in 0..16 {
            for y in 0..18 {
                for x in 0..20 {
                    let around = [[0, 0, 0], [1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1]];
                    out.push(around.iter().map(|[a, b, c]| at(x + a, y + b, z + c)).max().unwrap_or(0));
                }
            }
        }
        out
    }

    fn whole((part, mask): &(IndexBox, Vec<u8>)) -> Vec<u8> {
        Region::new(View::new(part.dims(), mask), *part, IndexBox::whole(DIMS), DIMS).mask
    }

    fn change(from: &(IndexBox, Vec<u8>), wanted: usize, seed: u64) -> Result<Vec<u8>, GrowthError> {
        let view = View::new(from.0.dims(), &from.1);
        to_voxels(view, from.0, DIMS, wanted, &|place| hash(seed, place), &|_| true).map(|found| whole(&found))
    }

    #[test]
    fn it_grows_where_there_is_room_alone() {
        let ball = ball(4.2);
        let voxels = count(&whole(&ball));
        let has_room = |place: u64| place % 20 < 13;
        let view = View::new(ball.0.dims(), &ball.1);
        let grow = |wanted: usize| to_voxels(view, ball.0, DIMS, wanted, &|place| hash(1, place), &has_room);
        let found = whole(&grow(2 * voxels).expect("room"));
        assert_eq!(count(&found), 2 * voxels);
        let start = whole(&ball);
        assert!(found.iter().enumerate().all(|(at, inside)| *inside == 0 || start[at] == 1 || has_room(at as u64)));
        let beyond = start.iter().enumerate().filter(|(at, inside)| **inside == 1 && !has_room(*at as u64)).count();
        let most = 13 * 18 * 16 + beyond;
        assert_eq!(grow(most + 1), Err(GrowthError::Full { wanted: most + 1, voxels: most }));
    }

    fn count(mask: &[u8]) -> usize {
        mask.iter().map(|inside| usize::from(*inside)).sum()
    }

    #[test]
    fn it_has_the_voxels_that_are_wanted_between_two_whole_layers() {
        let ball = ball(4.2);
        let start = whole(&ball);
        let voxels = count(&start);
        let layers: Vec<Vec<u8>> =
            std::iter::successors(Some(start.clone()), |mask| Some(dilated(mask))).take(12).collect();
        for share in [0.01, 0.2, 0.5, 1.0, 3.0, 9.0] {
            let wanted = voxels_after(voxels, share);
            let found = change(&ball, wanted, 3).expect("room");
            assert_eq!(count(&found), wanted, "{share}");
            let upper = layers.iter().position(|layer| count(layer) >= wanted).expect("a layer");
            assert!(found.iter().zip(&layers[upper]).all(|(found, layer)| found <= layer), "{share}");
            assert!(found.iter().zip(&layers[upper - 1]).all(|(found, layer)| found >= layer), "{share}");
        }
        for share in [-0.01, -0.3, -0.6, -0.9] {
            let wanted = voxels_after(voxels, share);
            let found = change(&ball, wanted, 3).expect("voxels");
            assert_eq!(count(&found), wanted, "{share}");
            // What is left lies within what is left of fewer layers: the outside grows.
            let outside = |mask: &[u8]| mask.iter().map(|inside| 1 - inside).collect::<Vec<u8>>();
            let mut grown = outside(&start);
            while count(&grown) < start.len() - wanted {
                grown = dilated(&grown);
            }
            assert!(outside(&found).iter().zip(&grown).all(|(found, grown)| found <= grown), "{share}");
        }
        assert_eq!(change(&ball, voxels, 3), Ok(start));
    }

    #[test]
    fn the_seed_alone_says_which_voxels_of_the_last_layer() {
        let ball = ball(4.2);
        let wanted = voxels_after(count(&whole(&ball)), 0.1);
        assert_eq!(change(&ball, wanted, 3), change(&ball, wanted, 3));
        assert_ne!(change(&ball, wanted, 3), change(&ball, wanted, 4));
        // In a box of another size, too.
        let all = (IndexBox::whole(DIMS), whole(&ball));
        assert_eq!(change(&ball, wanted, 3), change(&all, wanted, 3));
    }

    #[test]
    fn what_cannot_be_had_is_refused() {
        let ball = ball(2.0);
        let voxels = count(&whole(&ball));
        assert_eq!(change(&ball, 0, 1), Err(GrowthError::Empty { voxels }));
        let all = DIMS.iter().product::<usize>();
        assert_eq!(count(&change(&ball, all, 1).expect("all of it")), all);
        assert_eq!(change(&ball, all + 7, 1), Err(GrowthError::Full { wanted: all + 7, voxels: all }));
        assert_eq!(
            [voxels_after(100, 0.15), voxels_after(10, -0.1), voxels_after(9, -0.5), voxels_after(3, -0.9)],
            [115, 9, 4, 0]
        );
    }
}
