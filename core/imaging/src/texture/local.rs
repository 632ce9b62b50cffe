//! The matrices of small boxes, of which maps need one for each voxel: nothing is allocated once the first are drawn.
//!
//! What [`build`] gives, cell for cell. Levels are ranked first: a box of 27 voxels has 27 levels at most, whatever their
//! numbers are, so that every table is small.

use std::slice;

use super::directions::{self, Vector};
use super::{Aggregation, Cell, Kind, Matrix, MatrixSet, Request, TextureError, Weighting, build};
use crate::{Serial, View};

/// Draws the matrices of one request from small boxes, one after the other.
///
/// ```
/// use voxomics_imaging::{
///     View,
///     texture::{Aggregation, Kind, Local, Request},
/// };
///
/// let request = Request::new(Kind::Glszm, Aggregation::Volume3D);
/// let mut local = Local::new(request, [3, 3, 3]).unwrap();
/// // One box after the other, with the memory of the first.
/// for (levels, zones) in [([1, 1, 2], vec![(1, 2, 1.0), (2, 1, 1.0)]), ([2, 2, 2], vec![(2, 3, 1.0)])] {
///     let set = local.matrices(View::new([3, 1, 1], &levels), 2, View::new([3, 1, 1], &[1; 3])).unwrap();
///     assert_eq!(set.to_cells().1[0].1, zones);
/// }
/// ```
pub struct Local {
    request: Request,
    /// Whether all directions and slices make one matrix.
    merged: bool,
    /// Whether the boxes are left to [`build`].
    general: bool,
    vectors: Vec<Vector>,
    ranks: Ranks,
    table: Vec<u32>,
    sums: Vec<u64>,
    /// Voxels whose zone is being walked.
    stack: Vec<usize>,
    set: MatrixSet,
    /// Matrices that are not in use, for their memory.
    spare: Vec<Matrix>,
}

/// The levels of a box by their rank among those that occur, with a rim of zeros.
#[derive(Default)]
struct Ranks {
    /// The levels that occur, ascending; that of rank 1 comes first.
    levels: Vec<u16>,
    /// Ranks; 0 outside the region.
    data: Vec<u16>,
    /// Positions in `data` of the voxels of the region, *x* fastest.
    inside: Vec<usize>,
    row: usize,
    plane: usize,
    /// The longest side of the box.
    longest: usize,
}

impl Ranks {
    fn fill(&mut self, levels: View<'_, u16>, rim: usize) {
        let [nx, ny, nz] = levels.dims();
        (self.row, self.plane) = (nx + 2 * rim, (nx + 2 * rim) * (ny + 2 * rim));
        self.longest = nx.max(ny).max(nz);
        self.levels.clear();
        self.inside.clear();
        self.data.clear();
        self.data.resize(self.plane * (nz + 2 * rim), 0);
        for z in 0..nz {
            for y in 0..ny {
                let first = (z + rim) * self.plane + (y + rim) * self.row + rim;
                for (x, &level) in levels.row(y, z).iter().enumerate().filter(|(_, level)| **level != 0) {
                    if let Err(at) = self.levels.binary_search(&level) {
                        self.levels.insert(at, level);
                    }
                    self.data[first + x] = level;
                    self.inside.push(first + x);
                }
            }
        }
        for at in &self.inside {
            let rank = self.levels.binary_search(&self.data[*at]).map_or(0, |rank| rank + 1);
            self.data[*at] = rank as u16;
        }
    }

    fn step(&self, [x, y, z]: Vector) -> isize {
        x + y * self.row as isize + z * self.plane as isize
    }

    fn count(&self) -> usize {
        self.levels.len()
    }
}

impl Local {
    /// For boxes of no more than so many voxels along each axis.
    ///
    /// # Errors
    /// Those of [`Request::check`].
    pub fn new(request: Request, dims: [usize; 3]) -> Result<Self, TextureError> {
        request.check()?;
        let vectors = super::build::vectors(&request, dims);
        let by_slice = matches!(
            request.aggregation,
            Aggregation::Averaged2D | Aggregation::SliceMerged2D | Aggregation::PerSlice2D
        );
        let general = by_slice
            || request.kind == Kind::Gldzm
            || request.weighting != Weighting::None
            || (request.kind == Kind::Glcm && request.distance > 1);
        Ok(Self {
            request,
            merged: matches!(request.aggregation, Aggregation::Merged3D | Aggregation::Merged2_5D),
            general,
            vectors: match request.kind {
                // Neighbours of zones are those of a voxel.
                Kind::Glszm => directions::neighbours(1, request.norm, request.aggregation.is_planar(), dims),
                _ => vectors,
            },
            ranks: Ranks::default(),
            table: Vec::new(),
            sums: Vec::new(),
            stack: Vec::new(),
            set: MatrixSet::default(),
            spare: Vec::new(),
        })
    }

    /// The matrices of a box of *N*g = `n_levels` levels in the whole region that it is a part of; as [`build`] takes them.
    ///
    /// # Errors
    /// As of [`build`].
    pub fn matrices(
        &mut self,
        levels: View<'_, u16>,
        n_levels: u32,
        mask: View<'_, u8>,
    ) -> Result<&MatrixSet, TextureError> {
        if self.general {
            let sets = build(slice::from_ref(&self.request), levels, n_levels, Some(mask), &Serial)?;
            self.set = sets.into_iter().next().unwrap_or_default();
            return Ok(&self.set);
        }
        self.set.levels = n_levels;
        self.spare.append(&mut self.set.matrices);
        self.ranks.fill(levels, self.request.distance as usize);
        match self.request.kind {
            Kind::Glcm => self.directions(Self::pairs),
            Kind::Glrlm => self.directions(Self::runs),
            Kind::Glszm => self.zones(),
            Kind::Ngtdm => self.tones(),
            _ => self.dependences(),
        }
        Ok(&self.set)
    }

    /// A matrix for each direction, or one for all.
    fn directions(&mut self, draw: fn(&mut Self, isize, usize)) {
        let width = match self.request.kind {
            Kind::Glcm => self.ranks.count() + 1,
            _ => self.ranks.longest + 1,
        };
        self.clear(width);
        for at in 0..self.vectors.len() {
            let step = self.ranks.step(self.vectors[at]);
            draw(self, step, width);
            if !self.merged {
                self.emit(width, self.ranks.inside.len() as f64);
            }
        }
        if self.merged {
            self.emit(width, (self.ranks.inside.len() * self.vectors.len()) as f64);
        }
    }

    fn clear(&mut self, width: usize) {
        self.table.clear();
        self.table.resize((self.ranks.count() + 1) * width, 0);
    }

    fn pairs(&mut self, step: isize, width: usize) {
        for &at in &self.ranks.inside {
            let here = usize::from(self.ranks.data[at]);
            let ahead = usize::from(self.ranks.data[at.wrapping_add_signed(step)]);
            // A voxel outside falls into row or column 0.
            self.table[here * width + ahead] += 1;
            self.table[ahead * width + here] += 1;
        }
    }

    fn runs(&mut self, step: isize, width: usize) {
        for &at in &self.ranks.inside {
            let level = self.ranks.data[at];
            if self.ranks.data[at.wrapping_add_signed(-step)] == level {
                continue;
            }
            let (mut length, mut next) = (1, at.wrapping_add_signed(step));
            while self.ranks.data[next] == level {
                length += 1;
                next = next.wrapping_add_signed(step);
            }
            self.table[usize::from(level) * width + length] += 1;
        }
    }

    fn zones(&mut self) {
        let width = self.ranks.inside.len() + 1;
        self.clear(width);
        let Self { ranks, vectors, stack, table, .. } = self;
        let voxels = ranks.inside.len() as f64;
        for at in &ranks.inside {
            let level = ranks.data[*at];
            // A voxel whose zone is counted leaves the region.
            if level == 0 {
                continue;
            }
            stack.push(*at);
            ranks.data[*at] = 0;
            let mut size = 0;
            while let Some(here) = stack.pop() {
                size += 1;
                for [x, y, z] in vectors.iter() {
                    let step = x + y * ranks.row as isize + z * ranks.plane as isize;
                    let there = here.wrapping_add_signed(step);
                    if ranks.data[there] == level {
                        ranks.data[there] = 0;
                        stack.push(there);
                    }
                }
            }
            table[usize::from(level) * width + size] += 1;
        }
        self.emit(width, voxels);
    }

    fn dependences(&mut self) {
        let width = self.vectors.len() + 2;
        self.clear(width);
        let coarseness = self.request.coarseness.min(u16::MAX.into()) as u16;
        let ranks = &self.ranks;
        for &at in &ranks.inside {
            let rank = ranks.data[at];
            let level = ranks.levels[usize::from(rank) - 1];
            let is_dependent = |vector: &&Vector| match ranks.data[at.wrapping_add_signed(ranks.step(**vector))] {
                0 => false,
                other => ranks.levels[usize::from(other) - 1].abs_diff(level) <= coarseness,
            };
            let dependence = 1 + self.vectors.iter().filter(is_dependent).count();
            self.table[usize::from(rank) * width + dependence] += 1;
        }
        self.emit(width, ranks.inside.len() as f64);
    }

    fn tones(&mut self) {
        let width = self.vectors.len() + 1;
        self.clear(width);
        self.sums.clear();
        self.sums.resize(self.table.len(), 0);
        let ranks = &self.ranks;
        for &at in &ranks.inside {
            let rank = usize::from(ranks.data[at]);
            let (mut count, mut sum) = (0, 0);
            for vector in &self.vectors {
                let other = usize::from(ranks.data[at.wrapping_add_signed(ranks.step(*vector))]);
                if other != 0 {
                    count += 1;
                    sum += u64::from(ranks.levels[other - 1]);
                }
            }
            if count != 0 {
                self.table[rank * width + count] += 1;
                self.sums[rank * width + count] += (count as u64 * u64::from(ranks.levels[rank - 1])).abs_diff(sum);
            }
        }
        let mut matrix = self.spare.pop().unwrap_or_default();
        matrix.cells.clear();
        matrix.voxels = ranks.inside.len() as f64;
        for (rank, level) in ranks.levels.iter().enumerate() {
            let row = (rank + 1) * width..(rank + 2) * width;
            let other = self.table[row.clone()].iter().sum();
            // Whole numbers, each divided by its number of neighbours once.
            let sums = self.sums[row].iter().enumerate().filter(|(_, sum)| **sum != 0);
            let value = sums.fold(0.0, |value, (count, sum)| value + *sum as f64 / count as f64);
            if other != 0 {
                matrix.cells.push(Cell { level: u32::from(*level), other, value });
            }
        }
        self.keep(matrix);
    }

    /// Takes a matrix out of the table, which is empty afterwards.
    fn emit(&mut self, width: usize, voxels: f64) {
        let mut matrix = self.spare.pop().unwrap_or_default();
        matrix.cells.clear();
        matrix.voxels = voxels;
        let is_glcm = self.request.kind == Kind::Glcm;
        for (row, level) in self.table.chunks_exact(width).skip(1).zip(&self.ranks.levels) {
            for (column, count) in row.iter().enumerate().skip(1).filter(|(_, count)| **count != 0) {
                let other = if is_glcm { self.ranks.levels[column - 1].into() } else { column as u32 };
                matrix.cells.push(Cell { level: u32::from(*level), other, value: f64::from(*count) });
            }
        }
        self.table.fill(0);
        self.keep(matrix);
    }

    /// A matrix without cells has no features.
    fn keep(&mut self, matrix: Matrix) {
        if matrix.cells.is_empty() { self.spare.push(matrix) } else { self.set.matrices.push(matrix) }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Norm;
    use super::*;

    /// A box of levels with holes, whose numbers lie far apart.
    fn levels(dims: [usize; 3], seed: usize) -> Vec<u16> {
        let draw = |i: usize| (i * i * 7 + i * seed * 13 + seed) % 11;
        (0..dims.iter().product()).map(|i| [0, 1, 1, 2, 900, 901, 3, 1, 40, 2, 2][draw(i)]).collect()
    }

    #[test]
    fn small_boxes_have_the_matrices_of_large_ones() {
        let directional = [
            Aggregation::Averaged2D,
            Aggregation::SliceMerged2D,
            Aggregation::DirectionMerged2_5D,
            Aggregation::Merged2_5D,
            Aggregation::Averaged3D,
            Aggregation::Merged3D,
        ];
        let others = [Aggregation::PerSlice2D, Aggregation::PerSlice2_5D, Aggregation::Volume3D];
        let mut requests = Vec::new();
        for kind in [Kind::Glcm, Kind::Glrlm, Kind::Glszm, Kind::Gldzm, Kind::Ngtdm, Kind::Ngldm] {
            let aggregations = if kind.is_directional() { &directional[..] } else { &others[..] };
            requests.extend(aggregations.iter().map(|aggregation| Request::new(kind, *aggregation)));
        }
        let far = |kind| Request {
            distance: 2,
            coarseness: 1,
            norm: Norm::Euclidean,
            ..Request::new(kind, Aggregation::Volume3D)
        };
        requests.extend([far(Kind::Ngtdm), far(Kind::Ngldm)]);
        let far = Request::new(Kind::Glcm, Aggregation::Averaged3D);
        requests.push(Request { distance: 2, ..far });
        requests.push(Request {
            weighting: Weighting::Inverse(Norm::Euclidean),
            ..Request::new(Kind::Glrlm, Aggregation::Merged3D)
        });
        for request in requests {
            let most = [5, 5, 5];
            let mut local = Local::new(request, most).expect("a sound request");
            for (dims, seed) in
                [([3, 3, 3], 1), ([3, 3, 3], 2), ([5, 5, 5], 3), ([2, 3, 1], 4), ([1, 1, 1], 2), ([3, 2, 3], 6)]
            {
                let levels = levels(dims, seed);
                let mask: Vec<u8> = levels.iter().map(|level| u8::from(*level != 0)).collect();
                let (levels, mask) = (View::new(dims, &levels), View::new(dims, &mask));
                let whole = build(&[request], levels, 1000, Some(mask), &Serial).expect("it can be built");
                let near = local.matrices(levels, 1000, mask).expect("it can be drawn");
                let cells =
                    |set: &MatrixSet| set.matrices.iter().map(|matrix| matrix.cells.clone()).collect::<Vec<_>>();
                assert_eq!(cells(near), cells(&whole[0]), "{request:?} of {dims:?} {seed}");
                let voxels = |set: &MatrixSet| set.matrices.iter().map(|matrix| matrix.voxels).collect::<Vec<_>>();
                if request.kind != Kind::Glcm {
                    assert_eq!(voxels(near), voxels(&whole[0]), "{request:?} of {dims:?} {seed}");
                }
            }
        }
    }
}
