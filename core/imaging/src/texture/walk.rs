//! Pairs (GLCM) and runs (GLRLM) along one direction, from one walk.

use std::ops::Range;

use super::Matrix;
use super::directions::Vector;
use super::tally::Tally;
use super::volume::Volume;

/// Run lengths below this one are counted in a table; longer runs are rare and are walked.
const LONG: u16 = 32;

/// What is drawn from a direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Wanted {
    /// Pairs of neighbouring levels.
    pub pairs: bool,
    /// Runs of equal levels; along unit directions only.
    pub runs: bool,
}

/// What was drawn from a direction; empty matrices where it was not wanted.
#[derive(Debug, Clone, Default)]
pub(super) struct Directional {
    /// Symmetric pairs of levels.
    pub pairs: Matrix,
    /// Runs by level and length.
    pub runs: Matrix,
}

/// Walks along `vector`, which points forward in the array, through a range of slices.
///
/// Every pair counts for the slice of its first voxel, every run for the slice of its last one, and neither stops at the
/// ends of the range: slabs of slices add up to the whole.
pub(super) fn walk(volume: &Volume, slices: Range<usize>, vector: Vector, wanted: Wanted) -> Directional {
    let voxels = volume.count(slices.clone());
    let step = volume.step(vector);
    let mut pairs = wanted.pairs.then(|| Tally::<u32>::new(volume.top, volume.top + 1, voxels));
    let mut runs = wanted.runs.then(|| Runs::new(volume, slices.start, vector, voxels));
    for z in slices {
        for y in 0..volume.dims[1] {
            let span = volume.span(y, z);
            let first = volume.offset(y, z) + span.start;
            let here = &volume.data[first..first + span.len()];
            let ahead = &volume.data[shifted(first, step)..][..span.len()];
            if let Some(pairs) = &mut pairs {
                count_pairs(pairs, volume.top + 1, here, ahead);
            }
            if let Some(runs) = &mut runs {
                runs.count_row(volume, z, volume.offset_in_plane(y) + span.start, first, span.len());
            }
        }
    }
    let matrix = |cells| Matrix { cells, voxels: voxels as f64 };
    Directional {
        pairs: pairs.map_or_else(Matrix::default, |mut pairs| {
            pairs.symmetrise();
            matrix(pairs.into_cells())
        }),
        runs: runs.map_or_else(Matrix::default, |runs| matrix(runs.tally.into_cells())),
    }
}

fn shifted(position: usize, step: isize) -> usize {
    // The rim is as wide as the longest vector.
    position.wrapping_add_signed(step)
}

fn count_pairs(pairs: &mut Tally<u32>, width: usize, here: &[u16], ahead: &[u16]) {
    let both = here.iter().zip(ahead).map(|(&a, &b)| (usize::from(a), usize::from(b)));
    if let Some(table) = pairs.table() {
        // Pairs with a voxel outside fall into row or column 0: no branch.
        for (a, b) in both {
            table[a * width + b] += 1;
        }
    } else {
        for (a, b) in both.filter(|(a, b)| *a != 0 && *b != 0) {
            // Transposed in the end, so that both orders may share a key.
            pairs.add(a.min(b), a.max(b), 1);
        }
    }
}

/// The runs along a unit direction: each voxel carries the length of the run up to it, from its predecessor.
struct Runs {
    tally: Tally<u32>,
    vector: Vector,
    step: usize,
    /// Lengths in the current slice and in the one before, by parity; laid out as a padded plane. A length is valid
    /// where the level is not 0, and is only read there.
    lengths: [Vec<u16>; 2],
    row: Vec<u16>,
}

impl Runs {
    fn new(volume: &Volume, first_slice: usize, vector: Vector, voxels: usize) -> Self {
        let plane = || vec![0u16; volume.plane_stride()];
        let mut lengths = [plane(), plane()];
        let step = volume.step(vector) as usize;
        if vector[2] > 0 && first_slice > 0 {
            let before = first_slice - 1;
            for y in 0..volume.dims[1] {
                let (start, in_plane) = (volume.offset(y, before), volume.offset_in_plane(y));
                for x in volume.span(y, before) {
                    // From `LONG` on a run is measured when it ends.
                    lengths[before & 1][in_plane + x] = length_back(&volume.data, start + x, step, LONG.into()) as u16;
                }
            }
        }
        let tally = Tally::new(volume.top, usize::from(LONG), voxels);
        Self { tally, vector, step, lengths, row: Vec::new() }
    }

    /// Counts the runs that end in `length` voxels from `first` on, which lie at `in_plane` of slice `z`.
    fn count_row(&mut self, volume: &Volume, z: usize, in_plane: usize, first: usize, length: usize) {
        let data = &volume.data;
        let here = &data[first..first + length];
        let ahead = &data[first + self.step..][..length];
        let behind = &data[first - self.step..][..length];
        let [dx, dy, dz] = self.vector;
        let longest = if dy == 0 && dz == 0 {
            self.row.resize(length, 0);
            lengths_along_the_row(here, &mut self.row)
        } else {
            let back = shifted(in_plane, -(dx + dy * volume.row_stride() as isize));
            self.row.clear();
            self.row.extend_from_slice(&self.lengths[(z + dz as usize) & 1][back..back + length]);
            let longest = lengths_from_predecessors(here, behind, &mut self.row);
            self.lengths[z & 1][in_plane..in_plane + length].copy_from_slice(&self.row);
            longest
        };
        let Some(table) = self.tally.table() else {
            return self.count_ends(data, first, here, ahead, 1);
        };
        // What does not end here falls into row 0, what is long into column 0: no branch. Row 0 is filled in turn, as
        // adding to one entry again and again would wait for the addition before.
        let ends = here.iter().zip(ahead).zip(&self.row).enumerate();
        for (x, ((&level, &next), &length)) in ends {
            let column = if length < LONG { usize::from(length) } else { 0 };
            let end = usize::from(level) * usize::from(LONG) + column;
            table[if level == next { x % usize::from(LONG) } else { end }] += 1;
        }
        if longest >= LONG {
            self.count_ends(data, first, here, ahead, LONG);
        }
    }

    /// Counts one by one the runs of at least a length that end in a row.
    fn count_ends(&mut self, data: &[u16], first: usize, here: &[u16], ahead: &[u16], shortest: u16) {
        for (x, (&level, &next)) in here.iter().zip(ahead).enumerate() {
            if level != next && level != 0 && self.row[x] >= shortest {
                let length = match self.row[x] {
                    short if short < LONG => usize::from(short),
                    _ => length_back(data, first + x, self.step, usize::MAX),
                };
                self.tally.add(usize::from(level), length, 1);
            }
        }
    }
}

/// Lengths of the runs along *x* up to each voxel of a row; returns the longest.
fn lengths_along_the_row(here: &[u16], lengths: &mut [u16]) -> u16 {
    let (mut before, mut length, mut longest) = (0, 0u16, 0);
    for (&level, stored) in here.iter().zip(lengths) {
        length = if level == before { length.saturating_add(1) } else { 1 };
        (*stored, before, longest) = (length, level, longest.max(length));
    }
    longest
}

/// Turns the lengths up to the predecessors into the lengths up to each voxel; returns the longest.
fn lengths_from_predecessors(here: &[u16], behind: &[u16], lengths: &mut [u16]) -> u16 {
    let mut longest = 0;
    for ((&level, &before), length) in here.iter().zip(behind).zip(lengths) {
        let up_to_here = if level == before { length.saturating_add(1) } else { 1 };
        *length = up_to_here;
        // Voxels outside the region carry lengths without meaning.
        longest = longest.max(if level == 0 { 0 } else { up_to_here });
    }
    longest
}

/// Length of the run that ends in a position, walked back to at most `limit` voxels.
fn length_back(data: &[u16], position: usize, step: usize, limit: usize) -> usize {
    let level = data[position];
    let (mut at, mut length) = (position, 1);
    // The rim of zeros ends every run of a level before the array does.
    while length < limit && level != 0 && data[at - step] == level {
        at -= step;
        length += 1;
    }
    length
}
