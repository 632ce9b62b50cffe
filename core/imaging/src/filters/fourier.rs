//! Fourier transforms of real images, for filters that are defined by what they do to frequencies.
//!
//! Rows become half spectra (those of real rows are symmetric), planes are transformed along *y* where they lie, and
//! lines along *z* are gathered a few at a time, transformed, multiplied, transformed back, and put where they were.

use std::sync::{Arc, Mutex, PoisonError};

use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};
use rustfft::{Fft, FftPlanner, num_complex::Complex};

use crate::{Executor, IndexBox, lines::fill};

/// A number of a spectrum.
pub(crate) type Number = Complex<f64>;
const ZERO: Number = Complex { re: 0.0, im: 0.0 };

/// Columns that are gathered together: two cache lines of numbers.
const TILE: usize = 8;

/// Voxels of one chunk of work.
const CHUNK_VOXELS: usize = 1 << 18;

/// What a filter does to the frequencies of a transform.
pub(crate) trait Transfer: Sync {
    /// Multiplies the frequencies `[kx, ky, 0 …]` of a volume, those along *z* in order.
    fn multiply(&self, kx: usize, ky: usize, line: &mut [Number]);
}

/// The smallest length of at least `least` that is made of the factors 2, 3, 5 and 7.
pub(crate) fn good_length(least: usize) -> usize {
    let smooth = |mut n: usize| {
        for factor in [2, 3, 5, 7] {
            while n.is_multiple_of(factor) {
                n /= factor;
            }
        }
        n == 1
    };
    (least.max(1)..).find(|n| smooth(*n)).unwrap_or(least)
}

/// The frequencies of a transform of a length, in cycles per sample, in its order: 0, 1/n, … −1/n.
pub(crate) fn frequencies(n: usize) -> Vec<f64> {
    (0..n).map(|i| if i < n.div_ceil(2) { i as f64 } else { i as f64 - n as f64 } / n as f64).collect()
}

/// Transforms of planes of real numbers.
struct Plane {
    nx: usize,
    ny: usize,
    /// Numbers in a half spectrum of a row.
    half: usize,
    forward: Arc<dyn RealToComplex<f64>>,
    inverse: Arc<dyn ComplexToReal<f64>>,
    along: [Arc<dyn Fft<f64>>; 2],
}

/// Memory for the transforms of one thread.
struct Scratch {
    row: Vec<f64>,
    half: Vec<Number>,
    columns: Vec<Number>,
    fft: Vec<Number>,
}

impl Plane {
    fn new(nx: usize, ny: usize) -> Self {
        let (mut real, mut complex) = (RealFftPlanner::new(), FftPlanner::new());
        Self {
            nx,
            ny,
            half: nx / 2 + 1,
            forward: real.plan_fft_forward(nx),
            inverse: real.plan_fft_inverse(nx),
            along: [complex.plan_fft_forward(ny), complex.plan_fft_inverse(ny)],
        }
    }

    fn scratch(&self) -> Scratch {
        let of_fft = self.along.iter().map(|fft| fft.get_inplace_scratch_len()).max().unwrap_or(0);
        let length = of_fft.max(self.forward.get_scratch_len()).max(self.inverse.get_scratch_len());
        Scratch {
            row: vec![0.0; self.nx],
            half: vec![ZERO; self.half],
            columns: vec![ZERO; TILE * self.ny],
            fft: vec![ZERO; length],
        }
    }

    /// From a plane to its half spectrum, `[ky][kx]`.
    fn forward(&self, plane: &[f64], out: &mut [Number], scratch: &mut Scratch) {
        for (row, half) in plane.chunks_exact(self.nx).zip(out.chunks_exact_mut(self.half)) {
            scratch.row.copy_from_slice(row);
            let length = self.forward.get_scratch_len();
            // It fails for slices of other lengths than the plan's alone.
            let done = self.forward.process_with_scratch(&mut scratch.row, half, &mut scratch.fft[..length]);
            debug_assert!(done.is_ok());
        }
        self.along_y(0, out, scratch);
    }

    /// From a half spectrum, which is used up, to what is kept of a plane.
    fn inverse(&self, spectrum: &mut [Number], kept: &IndexBox, out: &mut [f64], scratch: &mut Scratch) {
        self.along_y(1, spectrum, scratch);
        let rows = spectrum.chunks_exact(self.half).skip(kept.start[1]);
        for (half, out) in rows.zip(out.chunks_exact_mut(kept.dims()[0])) {
            scratch.half.copy_from_slice(half);
            // What a real row cannot have is rounding only.
            scratch.half[0].im = 0.0;
            if self.nx.is_multiple_of(2) {
                scratch.half[self.half - 1].im = 0.0;
            }
            let length = self.inverse.get_scratch_len();
            let row = &mut scratch.row;
            let done = self.inverse.process_with_scratch(&mut scratch.half, row, &mut scratch.fft[..length]);
            debug_assert!(done.is_ok());
            out.copy_from_slice(&row[kept.start[0]..kept.end[0]]);
        }
    }

    fn along_y(&self, direction: usize, spectrum: &mut [Number], scratch: &mut Scratch) {
        if self.ny == 1 {
            return;
        }
        let fft = &self.along[direction];
        for first in (0..self.half).step_by(TILE) {
            let width = TILE.min(self.half - first);
            for (y, row) in spectrum.chunks_exact(self.half).enumerate() {
                for (lane, number) in row[first..first + width].iter().enumerate() {
                    scratch.columns[lane * self.ny + y] = *number;
                }
            }
            fft.process_with_scratch(&mut scratch.columns[..width * self.ny], &mut scratch.fft);
            for (y, row) in spectrum.chunks_exact_mut(self.half).enumerate() {
                for (lane, number) in row[first..first + width].iter_mut().enumerate() {
                    *number = scratch.columns[lane * self.ny + y];
                }
            }
        }
    }
}

/// Transforms of volumes of real numbers along *x*, *y* and *z*.
pub(crate) struct Volume {
    plane: Plane,
    nz: usize,
    along: [Arc<dyn Fft<f64>>; 2],
}

impl Volume {
    /// Transforms of volumes of `dims`, none of which is 0.
    pub(crate) fn new([nx, ny, nz]: [usize; 3]) -> Self {
        let mut planner = FftPlanner::new();
        let along = [planner.plan_fft_forward(nz), planner.plan_fft_inverse(nz)];
        Self { plane: Plane::new(nx, ny), nz, along }
    }

    /// The responses of a volume to some filters in a box, *x* fastest. Beside them, no more than one spectrum is in memory, or two where
    /// there are several filters: the lines along *z* are transformed, multiplied and transformed back where they lie.
    pub(crate) fn filtered(
        &self,
        image: &[f64],
        transfers: &[&dyn Transfer],
        kept: IndexBox,
        executor: &dyn Executor,
    ) -> Vec<Vec<f64>> {
        let mut planes = self.planes(image, executor);
        let mut copy = Vec::new();
        let response = |(at, transfer): (usize, &&dyn Transfer)| {
            let last = at + 1 == transfers.len();
            if !last {
                copy.clone_from(&planes);
            }
            let planes = if last { &mut planes } else { &mut copy };
            self.multiply(planes, *transfer, executor);
            self.volume(planes, kept, executor)
        };
        transfers.iter().enumerate().map(response).collect()
    }

    /// The half spectra of the planes of a volume, `[z][ky][kx]`.
    fn planes(&self, image: &[f64], executor: &dyn Executor) -> Vec<Number> {
        let Plane { nx, ny, half, .. } = self.plane;
        let (voxels, numbers) = (nx * ny, half * ny);
        let mut planes = vec![ZERO; numbers * self.nz];
        let count = (CHUNK_VOXELS / voxels).max(1);
        fill(executor, &mut planes, count * numbers, &|first, part| {
            let mut scratch = self.plane.scratch();
            for (k, out) in part.chunks_exact_mut(numbers).enumerate() {
                let z = first / numbers + k;
                self.plane.forward(&image[z * voxels..(z + 1) * voxels], out, &mut scratch);
            }
        });
        planes
    }

    /// Does to the frequencies along all axes what a filter does to them.
    fn multiply(&self, planes: &mut [Number], transfer: &dyn Transfer, executor: &dyn Executor) {
        let Plane { nx, ny, half, .. } = self.plane;
        let share = 1.0 / (nx * ny * self.nz) as f64;
        let mut rows: Vec<Vec<&mut [Number]>> = (0..ny).map(|_| Vec::with_capacity(self.nz)).collect();
        planes.chunks_exact_mut(half).enumerate().for_each(|(at, row)| rows[at % ny].push(row));
        let rows: Vec<Mutex<Vec<&mut [Number]>>> = rows.into_iter().map(Mutex::new).collect();
        let of_fft = self.along.iter().map(|fft| fft.get_inplace_scratch_len()).max().unwrap_or(0);
        executor.for_each(ny, &|ky| {
            // The rows of a frequency along y are locked once, by the one call that changes them.
            let mut rows = rows[ky].lock().unwrap_or_else(PoisonError::into_inner);
            let (mut scratch, mut lines) = (vec![ZERO; of_fft], vec![ZERO; TILE * self.nz]);
            for first in (0..half).step_by(TILE) {
                let width = TILE.min(half - first);
                let lines = &mut lines[..width * self.nz];
                for (z, row) in rows.iter().enumerate() {
                    for (lane, number) in row[first..first + width].iter().enumerate() {
                        lines[lane * self.nz + z] = *number;
                    }
                }
                self.along[0].process_with_scratch(lines, &mut scratch);
                for (lane, line) in lines.chunks_exact_mut(self.nz).enumerate() {
                    transfer.multiply(first + lane, ky, line);
                    line.iter_mut().for_each(|number| *number *= share);
                }
                self.along[1].process_with_scratch(lines, &mut scratch);
                for (z, row) in rows.iter_mut().enumerate() {
                    for (lane, number) in row[first..first + width].iter_mut().enumerate() {
                        *number = lines[lane * self.nz + z];
                    }
                }
            }
        });
    }

    /// What is kept of the volume of the half spectra of its planes.
    fn volume(&self, planes: &[Number], kept: IndexBox, executor: &dyn Executor) -> Vec<f64> {
        let Plane { nx, ny, half, .. } = self.plane;
        let [width, height, depth] = kept.dims();
        let mut out = vec![0.0; width * height * depth];
        let count = (CHUNK_VOXELS / (nx * ny)).max(4);
        fill(executor, &mut out, count * width * height, &|first, part| {
            let (mut scratch, mut plane) = (self.plane.scratch(), vec![ZERO; half * ny]);
            for (k, out) in part.chunks_exact_mut(width * height).enumerate() {
                let z = kept.start[2] + first / (width * height) + k;
                plane.copy_from_slice(&planes[z * half * ny..(z + 1) * half * ny]);
                self.plane.inverse(&mut plane, &kept, out, &mut scratch);
            }
        });
        out
    }
}

/// Filters every slice of a volume on its own: one response in a box for each transfer, which sees volumes of one slice.
pub(crate) fn slices(
    dims: [usize; 3],
    image: &[f64],
    transfers: &[&dyn Transfer],
    kept: IndexBox,
    executor: &dyn Executor,
) -> Vec<Vec<f64>> {
    let [nx, ny, _] = dims;
    let [width, height, depth] = kept.dims();
    let plane = Plane::new(nx, ny);
    let (half, share) = (plane.half, 1.0 / (nx * ny) as f64);
    let mut maps = vec![vec![0.0; width * height * depth]; transfers.len()];
    let mut slices: Vec<Vec<&mut [f64]>> = (0..depth).map(|_| Vec::with_capacity(transfers.len())).collect();
    for map in &mut maps {
        slices.iter_mut().zip(map.chunks_mut(width * height)).for_each(|(slice, part)| slice.push(part));
    }
    let tables: Vec<Vec<Number>> = transfers.iter().map(|transfer| table(*transfer, half, ny)).collect();
    let slices: Vec<Mutex<Vec<&mut [f64]>>> = slices.into_iter().map(Mutex::new).collect();
    executor.for_each(depth, &|at| {
        // Each slice is locked once, by the one call that fills it.
        let mut slice = slices[at].lock().unwrap_or_else(PoisonError::into_inner);
        let z = kept.start[2] + at;
        let mut scratch = plane.scratch();
        let mut spectrum = vec![ZERO; half * ny];
        plane.forward(&image[z * nx * ny..(z + 1) * nx * ny], &mut spectrum, &mut scratch);
        for (table, out) in tables.iter().zip(slice.iter_mut()) {
            let mut filtered: Vec<Number> =
                spectrum.iter().zip(table).map(|(number, of)| number * of * share).collect();
            plane.inverse(&mut filtered, &kept, out, &mut scratch);
        }
    });
    drop(slices);
    maps
}

/// What a transfer does to each frequency of a slice.
fn table(transfer: &dyn Transfer, half: usize, ny: usize) -> Vec<Number> {
    let at = |at: usize| {
        let mut one = [Number::new(1.0, 0.0)];
        transfer.multiply(at % half, at / half, &mut one);
        one[0]
    };
    (0..half * ny).map(at).collect()
}
