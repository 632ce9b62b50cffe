//! Sums over all pairs of voxels, weighted by their inverse distance, by Fourier transforms.
//!
//! `Σ w(p − q)·a(p)·b(q)` over a box is `Σ_k ŵ(k)·â(k)·conj b̂(k) / K` for arrays padded with zeros to at least twice
//! the box, and ŵ is real and even because *w* is. The padded arrays never exist: rows are transformed along *x*, and
//! then each plane of one frequency is padded, transformed along *y* and *z*, and summed on its own. Planes are taken
//! in groups of bounded memory, for which the rows are transformed anew.
//!
//! Real rows share a complex transform in pairs, `a + ib`: what they become is told apart by its symmetry.

use std::sync::Arc;

use rustfft::num_complex::Complex;
use rustfft::{Fft, FftPlanner};

use super::pairs::{Deviations, PairSums};
use crate::Executor;
use crate::executor::map;
use crate::lines::fill;

type Number = Complex<f64>;
const ZERO: Number = Complex { re: 0.0, im: 0.0 };

/// Mask, deviation and squared deviation.
const FIELDS: usize = 3;

/// Memory for one group of planes, bytes.
const GROUP_BYTES: usize = 256 << 20;

/// Rows that are transformed and transposed together: a cache line of complex numbers.
const TILE: usize = 4;

/// A length to transform along each axis, and how.
struct Transforms {
    /// Voxels of the box.
    dims: [usize; 3],
    /// Even, at least twice the voxels less one, without large prime factors.
    padded: [usize; 3],
    fft: [Arc<dyn Fft<f64>>; 3],
    spacing: [f64; 3],
}

/// The sums of a region.
pub(super) fn pair_sums(region: &Deviations, spacing: [f64; 3], executor: &dyn Executor) -> PairSums {
    let dims = region.bounds.dims();
    let padded = dims.map(good_length);
    let mut planner = FftPlanner::new();
    let transforms = Transforms { dims, padded, fft: padded.map(|n| planner.plan_fft_forward(n)), spacing };
    let frequencies = padded[0] / 2 + 1;
    let plane_bytes =
        FIELDS * dims[1] * dims[2] * size_of::<Number>() + (padded[1] / 2 + 1) * (padded[2] / 2 + 1) * size_of::<f64>();
    let group = (GROUP_BYTES / plane_bytes.max(1)).clamp(1, frequencies);
    let mut total = PairSums::default();
    for first in (0..frequencies).step_by(group) {
        let count = group.min(frequencies - first);
        let fields = transforms.fields(region, first, count, executor);
        let kernel = transforms.kernel(first, count, executor);
        let planes = map(executor, count, &|i| {
            let sums = transforms.plane(&fields, &kernel, i, count);
            // The plane of a frequency stands for that of its opposite, unless it is its own.
            let twice = if first + i == 0 || first + i == padded[0] / 2 { 1.0 } else { 2.0 };
            PairSums { weights: twice * sums.weights, products: twice * sums.products, squares: twice * sums.squares }
        });
        planes.into_iter().for_each(|sums| total.add(sums));
    }
    let size: f64 = padded.iter().map(|&n| n as f64).product();
    PairSums { weights: total.weights / size, products: total.products / size, squares: total.squares / size }
}

/// The smallest even number from `2·voxels − 1` on with prime factors up to seven.
fn good_length(voxels: usize) -> usize {
    let smooth = |n: &usize| {
        let mut rest = *n;
        for factor in [2, 3, 5, 7] {
            while rest.is_multiple_of(factor) {
                rest /= factor;
            }
        }
        rest == 1
    };
    (2 * voxels.max(1)..).step_by(2).find(smooth).unwrap_or(2 * voxels)
}

impl Transforms {
    /// The fields, transformed along *x*: for each *z*, frequency of the group and field, a row along *y*.
    fn fields(&self, region: &Deviations, first: usize, count: usize, executor: &dyn Executor) -> Vec<Number> {
        let [_, ny, nz] = self.dims;
        let mut planes = vec![ZERO; nz * count * FIELDS * ny];
        let length = self.padded[0];
        fill(executor, &mut planes, count * FIELDS * ny, &|start, slab| {
            let z = start / (count * FIELDS * ny);
            let mut row = vec![ZERO; length];
            let mut scratch = vec![ZERO; self.fft[0].get_inplace_scratch_len()];
            // Mask and deviation of a row in one transform, then the squares of two rows.
            for y in 0..ny {
                row.fill(ZERO);
                for (value, (inside, d)) in row.iter_mut().zip(region.row(y, z)) {
                    *value = Complex::new(f64::from(u8::from(inside)), d);
                }
                self.fft[0].process_with_scratch(&mut row, &mut scratch);
                for i in 0..count {
                    let (mask, deviation) = told_apart(&row, first + i);
                    slab[i * FIELDS * ny + y] = mask;
                    slab[(i * FIELDS + 1) * ny + y] = deviation;
                }
            }
            for y in (0..ny).step_by(2) {
                row.fill(ZERO);
                for (value, (_, d)) in row.iter_mut().zip(region.row(y, z)) {
                    value.re = d * d;
                }
                if y + 1 < ny {
                    for (value, (_, d)) in row.iter_mut().zip(region.row(y + 1, z)) {
                        value.im = d * d;
                    }
                }
                self.fft[0].process_with_scratch(&mut row, &mut scratch);
                for i in 0..count {
                    let (here, next) = told_apart(&row, first + i);
                    let squares = &mut slab[(i * FIELDS + 2) * ny..(i * FIELDS + 3) * ny];
                    squares[y] = here;
                    if let Some(square) = squares.get_mut(y + 1) {
                        *square = next;
                    }
                }
            }
        });
        planes
    }

    /// The inverse distance, transformed along *x*: for each *z* and frequency of the group, a row along *y*; up to half
    /// the padded length, since it is even.
    fn kernel(&self, first: usize, count: usize, executor: &dyn Executor) -> Vec<f64> {
        let [_, rows, slabs] = self.padded.map(|n| n / 2 + 1);
        let mut planes = vec![0.0; slabs * count * rows];
        fill(executor, &mut planes, count * rows, &|start, slab| {
            let z = start / (count * rows);
            let mut row = vec![ZERO; self.padded[0]];
            let mut scratch = vec![ZERO; self.fft[0].get_inplace_scratch_len()];
            for y in (0..rows).step_by(2) {
                even(&mut row, |x| Complex::new(self.inverse_distance(x, y, z), self.inverse_distance(x, y + 1, z)));
                self.fft[0].process_with_scratch(&mut row, &mut scratch);
                for i in 0..count {
                    // Even real rows have real transforms, which simply fill the two parts.
                    slab[i * rows + y] = row[first + i].re;
                    if y + 1 < rows {
                        slab[i * rows + y + 1] = row[first + i].im;
                    }
                }
            }
        });
        planes
    }

    fn inverse_distance(&self, x: usize, y: usize, z: usize) -> f64 {
        let offset = [x, y, z];
        let squared: f64 = (0..3).map(|i| (offset[i] as f64 * self.spacing[i]).powi(2)).sum();
        if squared > 0.0 { 1.0 / squared.sqrt() } else { 0.0 }
    }

    /// The sums over the plane of frequency `i` of a group of `count`.
    fn plane(&self, fields: &[Number], kernel: &[f64], i: usize, count: usize) -> PairSums {
        let [_, _, nz] = self.dims;
        let [_, ly, lz] = self.padded;
        let kernel = self.kernel_plane(kernel, i, count);
        let columns: [Vec<Number>; FIELDS] =
            std::array::from_fn(|field| self.along_y(fields, i * FIELDS + field, count));
        let mut rows = vec![ZERO; FIELDS * lz];
        let mut scratch = vec![ZERO; self.fft[2].get_inplace_scratch_len()];
        let mut sums = PairSums::default();
        for ky in 0..ly {
            rows.fill(ZERO);
            for (row, columns) in rows.chunks_exact_mut(lz).zip(&columns) {
                row[..nz].copy_from_slice(&columns[ky * nz..(ky + 1) * nz]);
            }
            self.fft[2].process_with_scratch(&mut rows, &mut scratch);
            let weights = &kernel[ky.min(ly - ky) * lz..][..lz];
            let (masks, others) = rows.split_at(lz);
            let (deviations, squares) = others.split_at(lz);
            let mut row = PairSums::default();
            for (((mask, deviation), square), w) in masks.iter().zip(deviations).zip(squares).zip(weights) {
                row.weights += w * mask.norm_sqr();
                row.products += w * deviation.norm_sqr();
                row.squares += w * (square.re * mask.re + square.im * mask.im);
            }
            sums.add(row);
        }
        sums
    }

    /// One field of one frequency, padded and transformed along *y*: for each frequency, a row along *z*.
    fn along_y(&self, fields: &[Number], field: usize, count: usize) -> Vec<Number> {
        let [_, ny, nz] = self.dims;
        let ly = self.padded[1];
        let mut columns = vec![ZERO; ly * nz];
        let mut rows = vec![ZERO; TILE * ly];
        let mut scratch = vec![ZERO; self.fft[1].get_inplace_scratch_len()];
        for z in (0..nz).step_by(TILE) {
            let tile = TILE.min(nz - z);
            rows.fill(ZERO);
            for (i, row) in rows.chunks_exact_mut(ly).take(tile).enumerate() {
                let start = ((z + i) * count * FIELDS + field) * ny;
                row[..ny].copy_from_slice(&fields[start..start + ny]);
            }
            self.fft[1].process_with_scratch(&mut rows, &mut scratch);
            for (ky, column) in columns.chunks_exact_mut(nz).enumerate() {
                for (i, value) in column[z..z + tile].iter_mut().enumerate() {
                    *value = rows[i * ly + ky];
                }
            }
        }
        columns
    }

    /// The kernel of one frequency along *x*: for each frequency along *y* up to half, a row of all along *z*.
    fn kernel_plane(&self, kernel: &[f64], i: usize, count: usize) -> Vec<f64> {
        let [_, ly, lz] = self.padded;
        let (hy, hz) = (ly / 2 + 1, lz / 2 + 1);
        let mut columns = vec![0.0; hy * hz];
        let mut row = vec![ZERO; ly];
        let mut scratch = vec![ZERO; self.fft[1].get_inplace_scratch_len().max(self.fft[2].get_inplace_scratch_len())];
        let at = |y: usize, z: usize| if z < hz { kernel[(z * count + i) * hy + y] } else { 0.0 };
        for z in (0..hz).step_by(2) {
            even(&mut row, |y| Complex::new(at(y, z), at(y, z + 1)));
            self.fft[1].process_with_scratch(&mut row, &mut scratch);
            for (column, value) in columns.chunks_exact_mut(hz).zip(&row) {
                column[z] = value.re;
                if let Some(next) = column.get_mut(z + 1) {
                    *next = value.im;
                }
            }
        }
        let mut plane = vec![0.0; hy * lz];
        let mut row = vec![ZERO; lz];
        let at = |y: usize, z: usize| if y < hy { columns[y * hz + z] } else { 0.0 };
        for (y, rows) in (0..).step_by(2).zip(plane.chunks_mut(2 * lz)) {
            even(&mut row, |z| Complex::new(at(y, z), at(y + 1, z)));
            self.fft[2].process_with_scratch(&mut row, &mut scratch);
            for (here, value) in rows.iter_mut().zip(row.iter().map(|v| v.re).chain(row.iter().map(|v| v.im))) {
                *here = value;
            }
        }
        plane
    }
}

/// Fills a row with an even function of the distance from its start, around its end.
fn even(row: &mut [Number], value: impl Fn(usize) -> Number) {
    let length = row.len();
    for x in 0..=length / 2 {
        let value = value(x);
        row[x] = value;
        if x > 0 {
            row[length - x] = value;
        }
    }
}

/// The transforms of *a* and *b* at frequency `k` from that of `a + ib`, both real.
fn told_apart(row: &[Number], k: usize) -> (Number, Number) {
    let (here, opposite) = (row[k], row[(row.len() - k) % row.len()].conj());
    let (sum, difference) = (here + opposite, here - opposite);
    (sum * 0.5, Complex::new(difference.im, -difference.re) * 0.5)
}
