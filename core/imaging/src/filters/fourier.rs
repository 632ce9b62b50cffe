//! Fourier transforms of real images, for filters that are defined by what they do to frequencies.
//!
//! Rows become half spectra (those of real rows are symmetric), planes are transformed along *y* where they lie, and
//! lines along *z* are gathered into an order of their own, in which they are multiplied and transformed back.

use std::sync::{Arc, Mutex, PoisonError};

use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};
use rustfft::{Fft, FftPlanner, num_complex::Complex};

use crate::{Executor, lines::fill};

/// A number of a spectrum.
pub type Number = Complex<f64>;
const ZERO: Number = Complex { re: 0.0, im: 0.0 };

/// Columns that are gathered together: two cache lines of numbers.
const TILE: usize = 8;

/// Voxels of one chunk of work.
const CHUNK_VOXELS: usize = 1 << 16;

/// What a filter does to the frequencies of a transform.
pub trait Transfer: Sync {
    /// Multiplies the frequencies `[kx, ky, 0 …]` of a volume, those along *z* in order.
    fn multiply(&self, kx: usize, ky: usize, line: &mut [Number]);
}

/// The smallest length of at least `least` that is made of the factors 2, 3, 5 and 7.
pub fn good_length(least: usize) -> usize {
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
pub fn frequencies(n: usize) -> Vec<f64> {
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

    /// From a half spectrum, which is used up, to a plane.
    fn inverse(&self, spectrum: &mut [Number], out: &mut [f64], scratch: &mut Scratch) {
        self.along_y(1, spectrum, scratch);
        for (half, row) in spectrum.chunks_exact(self.half).zip(out.chunks_exact_mut(self.nx)) {
            scratch.half.copy_from_slice(half);
            // What a real row cannot have is rounding only.
            scratch.half[0].im = 0.0;
            if self.nx.is_multiple_of(2) {
                scratch.half[self.half - 1].im = 0.0;
            }
            let length = self.inverse.get_scratch_len();
            let done = self.inverse.process_with_scratch(&mut scratch.half, row, &mut scratch.fft[..length]);
            debug_assert!(done.is_ok());
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
pub struct Volume {
    plane: Plane,
    nz: usize,
    along: [Arc<dyn Fft<f64>>; 2],
}

/// The half spectrum of a volume, `[ky][kx][kz]`.
pub struct Spectrum(Vec<Number>);

impl Volume {
    /// Transforms of volumes of `dims`, none of which is 0.
    pub fn new([nx, ny, nz]: [usize; 3]) -> Self {
        let mut planner = FftPlanner::new();
        let along = [planner.plan_fft_forward(nz), planner.plan_fft_inverse(nz)];
        Self { plane: Plane::new(nx, ny), nz, along }
    }

    fn lines_scratch(&self) -> Vec<Number> {
        vec![ZERO; self.along.iter().map(|fft| fft.get_inplace_scratch_len()).max().unwrap_or(0)]
    }

    /// The spectrum of a volume, *x* fastest.
    pub fn forward(&self, image: &[f64], executor: &dyn Executor) -> Spectrum {
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
        let mut lines = vec![ZERO; planes.len()];
        let rows = (CHUNK_VOXELS / (half * self.nz)).max(1);
        fill(executor, &mut lines, rows * half * self.nz, &|first, part| {
            let mut scratch = self.lines_scratch();
            for (k, out) in part.chunks_exact_mut(half * self.nz).enumerate() {
                let y = first / (half * self.nz) + k;
                for (z, row) in planes.chunks_exact(numbers).enumerate() {
                    for (kx, number) in row[y * half..(y + 1) * half].iter().enumerate() {
                        out[kx * self.nz + z] = *number;
                    }
                }
                self.along[0].process_with_scratch(out, &mut scratch);
            }
        });
        Spectrum(lines)
    }

    /// The volume of a spectrum, after a filter.
    pub fn inverse(&self, spectrum: &Spectrum, transfer: &dyn Transfer, executor: &dyn Executor) -> Vec<f64> {
        let Plane { nx, ny, half, .. } = self.plane;
        let share = 1.0 / (nx * ny * self.nz) as f64;
        let mut lines = vec![ZERO; spectrum.0.len()];
        let rows = (CHUNK_VOXELS / (half * self.nz)).max(1);
        fill(executor, &mut lines, rows * half * self.nz, &|first, part| {
            let mut scratch = self.lines_scratch();
            part.copy_from_slice(&spectrum.0[first..first + part.len()]);
            for (k, line) in part.chunks_exact_mut(self.nz).enumerate() {
                let at = first / self.nz + k;
                transfer.multiply(at % half, at / half, line);
                line.iter_mut().for_each(|number| *number *= share);
            }
            self.along[1].process_with_scratch(part, &mut scratch);
        });
        let mut out = vec![0.0; nx * ny * self.nz];
        let count = (CHUNK_VOXELS / (nx * ny)).max(4);
        fill(executor, &mut out, count * nx * ny, &|first, part| {
            let mut scratch = self.plane.scratch();
            let (z, count) = (first / (nx * ny), part.len() / (nx * ny));
            let mut planes = vec![ZERO; count * half * ny];
            for (at, line) in lines.chunks_exact(self.nz).enumerate() {
                for (k, number) in line[z..z + count].iter().enumerate() {
                    planes[k * half * ny + at] = *number;
                }
            }
            for (plane, out) in planes.chunks_exact_mut(half * ny).zip(part.chunks_exact_mut(nx * ny)) {
                self.plane.inverse(plane, out, &mut scratch);
            }
        });
        out
    }
}

/// Filters every slice of a volume on its own: one response for each transfer, which sees volumes of one slice.
pub fn slices(dims: [usize; 3], image: &[f64], transfers: &[&dyn Transfer], executor: &dyn Executor) -> Vec<Vec<f64>> {
    let [nx, ny, nz] = dims;
    let plane = Plane::new(nx, ny);
    let (half, share) = (plane.half, 1.0 / (nx * ny) as f64);
    let mut maps = vec![vec![0.0; image.len()]; transfers.len()];
    let mut slices: Vec<Vec<&mut [f64]>> = (0..nz).map(|_| Vec::with_capacity(transfers.len())).collect();
    for map in &mut maps {
        slices.iter_mut().zip(map.chunks_mut(nx * ny)).for_each(|(slice, part)| slice.push(part));
    }
    let tables: Vec<Vec<Number>> = transfers.iter().map(|transfer| table(*transfer, half, ny)).collect();
    let slices: Vec<Mutex<Vec<&mut [f64]>>> = slices.into_iter().map(Mutex::new).collect();
    executor.for_each(nz, &|z| {
        // Each slice is locked once, by the one call that fills it.
        let mut slice = slices[z].lock().unwrap_or_else(PoisonError::into_inner);
        let mut scratch = plane.scratch();
        let mut spectrum = vec![ZERO; half * ny];
        plane.forward(&image[z * nx * ny..(z + 1) * nx * ny], &mut spectrum, &mut scratch);
        for (table, out) in tables.iter().zip(slice.iter_mut()) {
            let mut filtered: Vec<Number> =
                spectrum.iter().zip(table).map(|(number, of)| number * of * share).collect();
            plane.inverse(&mut filtered, out, &mut scratch);
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
