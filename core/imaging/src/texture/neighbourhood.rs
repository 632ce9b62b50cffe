//! Sums and counts over the neighbours of every voxel (NGTDM, NGLDM).

use std::ops::{AddAssign, Range};

use super::directions::Vector;
use super::tally::{Tally, merge};
use super::volume::Volume;
use super::{Cell, Matrix};

/// What is drawn from one neighbourhood.
#[derive(Debug, Clone, Default)]
pub(super) struct Wanted {
    /// Grey tone differences.
    pub tones: bool,
    /// Dependences, for each of these largest differences of levels.
    pub coarseness: Vec<u32>,
}

/// What was drawn from the neighbourhoods of some slices; parts add up.
#[derive(Debug, Clone, Default)]
pub(super) struct Neighbourhoods {
    /// Voxels by level and number *n* of neighbours in the region.
    tone_voxels: Matrix,
    /// Sums of |*n* · level − Σ neighbours| by level and *n*: whole numbers, hence exact in any order.
    tone_sums: Matrix,
    /// Voxels by level and dependence, for each coarseness asked for.
    pub dependences: Vec<Matrix>,
}

impl Neighbourhoods {
    /// The sum of parts.
    pub(crate) fn merged(parts: &[&Self]) -> Self {
        let all = |of: &dyn Fn(&Self) -> &Matrix| {
            let matrices: Vec<_> = parts.iter().map(|part| (of(part), 1.0)).collect();
            merge(&matrices)
        };
        let coarseness = parts.first().map_or(0, |part| part.dependences.len());
        Self {
            tone_voxels: all(&|part| &part.tone_voxels),
            tone_sums: all(&|part| &part.tone_sums),
            dependences: (0..coarseness).map(|i| all(&|part| &part.dependences[i])).collect(),
        }
    }

    /// The neighbourhood grey tone difference matrix: each sum is divided by its number of neighbours once.
    pub(crate) fn tones(&self) -> Matrix {
        let mut cells: Vec<Cell> = Vec::new();
        for counted in &self.tone_voxels.cells {
            if cells.last().is_none_or(|cell| cell.level != counted.level) {
                cells.push(Cell { level: counted.level, other: 0, value: 0.0 });
            }
            if let Some(cell) = cells.last_mut() {
                cell.other += counted.value as u32;
            }
        }
        for sum in &self.tone_sums.cells {
            if let Ok(at) = cells.binary_search_by_key(&sum.level, |cell| cell.level) {
                cells[at].value += sum.value / f64::from(sum.other);
            }
        }
        Matrix { cells, voxels: self.tone_voxels.voxels }
    }
}

/// Draws from the neighbourhoods of a range of slices.
pub(super) fn count(volume: &Volume, slices: Range<usize>, vectors: &[Vector], wanted: &Wanted) -> Neighbourhoods {
    let largest_sum = vectors.len() as u64 * volume.top.max(1) as u64;
    if largest_sum < u64::from(u16::MAX) {
        count_in::<u16>(volume, slices, vectors, wanted)
    } else if largest_sum < u64::from(u32::MAX) {
        count_in::<u32>(volume, slices, vectors, wanted)
    } else {
        count_in::<u64>(volume, slices, vectors, wanted)
    }
}

/// An integer that holds the sum over a neighbourhood; narrow ones are added many at a time.
trait Lane: Copy + Default + AddAssign + From<bool> + From<u16> + Into<u64> {}

impl<T: Copy + Default + AddAssign + From<bool> + From<u16> + Into<u64>> Lane for T {}

fn count_in<L: Lane>(volume: &Volume, slices: Range<usize>, vectors: &[Vector], wanted: &Wanted) -> Neighbourhoods {
    let voxels = volume.count(slices.clone());
    let steps: Vec<isize> = vectors.iter().map(|vector| volume.step(*vector)).collect();
    let width = vectors.len() + 1;
    let additions = if wanted.tones { voxels } else { 0 };
    let mut tone_voxels = Tally::<u32>::new(volume.top, width, additions);
    let mut tone_sums = Tally::<u64>::new(volume.top, width, additions);
    let mut dependences: Vec<_> =
        wanted.coarseness.iter().map(|_| Tally::<u32>::new(volume.top, width + 1, voxels)).collect();
    let (mut counts, mut sums): (Vec<L>, Vec<L>) = (Vec::new(), Vec::new());
    for z in slices {
        for y in 0..volume.dims[1] {
            let span = volume.span(y, z);
            let first = volume.offset(y, z) + span.start;
            let here = &volume.data[first..first + span.len()];
            let rows = || steps.iter().map(|step| &volume.data[first.wrapping_add_signed(*step)..][..here.len()]);
            if wanted.tones {
                clear(&mut counts, here.len());
                clear(&mut sums, here.len());
                rows().for_each(|row| add_row(&mut counts, &mut sums, row));
                count_tones(&mut tone_voxels, &mut tone_sums, here, &counts, &sums);
            }
            for (tally, &coarseness) in dependences.iter_mut().zip(&wanted.coarseness) {
                clear(&mut counts, here.len());
                let coarseness = coarseness.min(u16::MAX.into()) as u16;
                rows().for_each(|row| add_dependent(&mut counts, here, row, coarseness));
                for (&level, &count) in here.iter().zip(&counts).filter(|(level, _)| **level != 0) {
                    let count: u64 = count.into();
                    tally.add(level.into(), count as usize + 1, 1);
                }
            }
        }
    }
    let matrix = |cells| Matrix { cells, voxels: voxels as f64 };
    Neighbourhoods {
        tone_voxels: matrix(tone_voxels.into_cells()),
        tone_sums: matrix(tone_sums.into_cells()),
        dependences: dependences.into_iter().map(|tally| matrix(tally.into_cells())).collect(),
    }
}

fn clear<L: Lane>(lanes: &mut Vec<L>, length: usize) {
    lanes.clear();
    lanes.resize(length, L::default());
}

fn add_row<L: Lane>(counts: &mut [L], sums: &mut [L], row: &[u16]) {
    for ((count, sum), &level) in counts.iter_mut().zip(sums).zip(row) {
        *count += L::from(level != 0);
        *sum += L::from(level);
    }
}

fn add_dependent<L: Lane>(counts: &mut [L], here: &[u16], row: &[u16], coarseness: u16) {
    let both = counts.iter_mut().zip(here).zip(row);
    if coarseness == 0 {
        // A level of the region is never 0: no need to ask whether the neighbour is inside.
        both.for_each(|((count, &level), &other)| *count += L::from(level == other));
    } else {
        both.for_each(|((count, &level), &other)| {
            *count += L::from((level.abs_diff(other) <= coarseness) & (other != 0));
        });
    }
}

fn count_tones<L: Lane>(voxels: &mut Tally<u32>, differences: &mut Tally<u64>, here: &[u16], counts: &[L], sums: &[L]) {
    for ((&level, &count), &sum) in here.iter().zip(counts).zip(sums) {
        let (count, sum): (u64, u64) = (count.into(), sum.into());
        if level != 0 && count != 0 {
            voxels.add(level.into(), count as usize, 1);
            differences.add(level.into(), count as usize, (count * u64::from(level)).abs_diff(sum));
        }
    }
}
