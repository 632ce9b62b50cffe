//! Gabor filters: stripes of one width and direction, within slices (IBSI 2: Q88H).

use std::{borrow::Cow, f64::consts::PI, ops::Range, sync::Arc};

use realfft::{RealFftPlanner, RealToComplex};
use rustfft::{Fft, FftPlanner, num_complex::Complex};

use super::{bank::Pooling, fourier::good_length, rotations::Rotation};
use crate::{Executor, IndexBox, View, lengths, lines::fill, mask::crop, separable::Padding};

type Number = Complex<f64>;
const ZERO: Number = Complex { re: 0.0, im: 0.0 };

/// Slices that are handed to a thread together.
const SLICES: usize = 8;

/// The modulus of the response to complex Gabor kernels, of several directions and planes.
///
/// g(x, y) = exp(−(x′² + γ² y′²) / (2σ²) + i 2π x′/λ), x′ = x cos θ + y sin θ, y′ = y cos θ − x sin θ, in mm, sampled at
/// the voxel centres and not normalised.
///
/// ```
/// use voxomics_imaging::{
///     Serial, View,
///     filters::{Rotation, gabor::Gabor},
///     separable::Padding,
/// };
///
/// let gabor = Gabor {
///     sigma_mm: 1.0,
///     lambda_mm: 2.0,
///     gamma: 1.0,
///     thetas: vec![0.0],
///     pooling: Rotation::Average,
///     planes: vec![[0, 1]],
///     truncate: 3.0,
///     padding: Padding::Mirror,
/// };
/// // Within slices, three standard deviations of 1 mm are three voxels of 1 mm.
/// assert_eq!((gabor.radius(1.0), gabor.margin([64, 64, 8], [1.0; 3])), (3, [3, 3, 0]));
/// let dark = [0.0; 16];
/// assert_eq!(gabor.apply(View::new([4, 4, 1], &dark), [1.0; 3], &Serial), dark);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Gabor {
    /// Standard deviation of the Gaussian across the stripes, mm.
    pub sigma_mm: f64,
    /// Width of a stripe and a gap, mm.
    pub lambda_mm: f64,
    /// The Gaussian is σ/γ along the stripes.
    pub gamma: f64,
    /// Directions, radians from a plane's first axis to its second.
    pub thetas: Vec<f64>,
    /// How the directions and planes become one response: their average, or the largest or smallest.
    pub pooling: Rotation,
    /// The slices that are filtered: the two axes that each has.
    pub planes: Vec<[usize; 2]>,
    /// Where the kernel ends, in standard deviations of its longer side.
    pub truncate: f64,
    /// What lies beyond the edges of the scan.
    pub padding: Padding,
}

impl Gabor {
    /// The kernel's reach along an axis of a spacing, voxels.
    pub fn radius(&self, spacing: f64) -> usize {
        lengths::nearest(self.truncate * self.sigma_mm.max(self.sigma_mm / self.gamma), spacing)
    }

    /// How many voxels around a voxel its response depends on.
    pub fn margin(&self, dims: [usize; 3], spacing: [f64; 3]) -> [usize; 3] {
        std::array::from_fn(|axis| {
            let filtered = self.planes.iter().any(|plane| plane.contains(&axis));
            if filtered { self.padding.margin(self.radius(spacing[axis]), dims[axis]) } else { 0 }
        })
    }

    /// The response, *x* fastest.
    pub fn apply(&self, image: View<f64>, spacing: [f64; 3], executor: &dyn Executor) -> Vec<f64> {
        self.apply_in(image, IndexBox::whole(image.dims()), spacing, executor)
    }

    /// The response in a box of the image, *x* fastest.
    ///
    /// # Panics
    /// If the box exceeds the image.
    pub fn apply_in(&self, image: View<f64>, kept: IndexBox, spacing: [f64; 3], executor: &dyn Executor) -> Vec<f64> {
        let dims = image.dims();
        let mut out = Vec::new();
        if kept.dims().contains(&0) {
            return out;
        }
        for (at, plane) in self.planes.iter().enumerate() {
            let across = 3 - plane[0] - plane[1];
            let order = [plane[0], plane[1], across];
            // The slices that are kept, whole.
            let mut part = IndexBox::whole(dims);
            (part.start[across], part.end[across]) = (kept.start[across], kept.end[across]);
            let cut = if part.dims() == dims { image.data().into() } else { Cow::from(crop(image, part)) };
            let turned = permuted(cut, part.dims(), order, executor);
            let range = |axis: usize| kept.start[axis]..kept.end[axis];
            let slices = Slices::new(
                self,
                order.map(|axis| part.dims()[axis]),
                [range(plane[0]), range(plane[1])],
                order.map(|axis| spacing[axis]),
            );
            let response = slices.apply(&turned, executor);
            let back = [0, 1, 2].map(|axis| order.iter().position(|of| *of == axis).unwrap_or(axis));
            let response = permuted(response.into(), order.map(|axis| kept.dims()[axis]), back, executor);
            let pooled = out.iter_mut().zip(&*response);
            match (at, self.pooling.pooling()) {
                (0, _) => out = response.into_owned(),
                (_, Pooling::Sum) => pooled.for_each(|(out, x)| *out += x),
                (_, Pooling::Max) => pooled.for_each(|(out, x)| *out = out.max(*x)),
                (_, Pooling::Min) => pooled.for_each(|(out, x)| *out = out.min(*x)),
            }
        }
        if self.pooling.pooling() == Pooling::Sum {
            let count = (self.planes.len() * self.thetas.len()) as f64;
            out.iter_mut().for_each(|x| *x /= count);
        }
        out
    }

    /// The kernel of a direction at a place, mm from its centre.
    fn kernel(&self, theta: f64, x: f64, y: f64) -> Number {
        let (sin, cos) = theta.sin_cos();
        let (along, across) = (x * cos + y * sin, y * cos - x * sin);
        let exponent = (along * along + (self.gamma * across).powi(2)) / (2.0 * self.sigma_mm * self.sigma_mm);
        Number::from_polar((-exponent).exp(), 2.0 * PI * along / self.lambda_mm)
    }
}

/// An array with its axes in another order: the first of `order` becomes the fastest.
fn permuted<'a>(data: Cow<'a, [f64]>, dims: [usize; 3], order: [usize; 3], executor: &dyn Executor) -> Cow<'a, [f64]> {
    if order == [0, 1, 2] {
        return data;
    }
    let strides = [1, dims[0], dims[0] * dims[1]];
    let [na, nb, _] = order.map(|axis| dims[axis]);
    let [sa, sb, sc] = order.map(|axis| strides[axis]);
    let mut out = vec![0.0; data.len()];
    fill(executor, &mut out, SLICES * na * nb, &|first, part| {
        for (row, line) in part.chunks_exact_mut(na).enumerate() {
            let row = first / na + row;
            let from = row / nb * sc + row % nb * sb;
            line.iter_mut().zip(data[from..].iter().step_by(sa)).for_each(|(to, x)| *to = *x);
        }
    });
    out.into()
}

/// Kernels and transforms for the slices of one plane; its axes come first.
struct Slices<'a> {
    gabor: &'a Gabor,
    dims: [usize; 3],
    /// Voxels of the response along the axes of a slice.
    kept: [usize; 2],
    radius: [usize; 2],
    /// Lengths of the transforms.
    padded: [usize; 2],
    /// Where the response begins among the voxels that are transformed.
    before: [usize; 2],
    /// These voxels, without zeros behind them.
    sources: [Vec<Option<usize>>; 2],
    real: Arc<dyn RealToComplex<f64>>,
    forward: [Arc<dyn Fft<f64>>; 2],
    inverse: [Arc<dyn Fft<f64>>; 2],
    /// What each direction does to the frequencies `[kx][ky]`: real, for its kernel is its own conjugate mirrored.
    tables: Vec<Vec<f64>>,
}

impl<'a> Slices<'a> {
    fn new(gabor: &'a Gabor, dims: [usize; 3], kept: [Range<usize>; 2], spacing: [f64; 3]) -> Self {
        let radius: [usize; 2] = std::array::from_fn(|axis| gabor.radius(spacing[axis]));
        // What the response is made of, with what the padding puts around the slice; zeros need not be there.
        let read: [Range<isize>; 2] = std::array::from_fn(|axis| {
            let reach = kept[axis].start as isize - radius[axis] as isize..(kept[axis].end + radius[axis]) as isize;
            if gabor.padding == Padding::Zero { reach.start.max(0)..reach.end.min(dims[axis] as isize) } else { reach }
        });
        let before = std::array::from_fn(|axis| (kept[axis].start as isize - read[axis].start) as usize);
        let sources: [Vec<Option<usize>>; 2] =
            std::array::from_fn(|axis| read[axis].clone().map(|i| gabor.padding.source(i, dims[axis])).collect());
        // A transform repeats what it is given: no two voxels that lie further apart than the kernel reaches may come near each other.
        let padded = std::array::from_fn(|axis| {
            let furthest = (before[axis] + kept[axis].len()).max(sources[axis].len() - before[axis]);
            good_length((furthest + radius[axis]).max(2 * radius[axis] + 1))
        });
        let kept = kept.map(|kept| kept.len());
        let mut planner = FftPlanner::new();
        let forward = padded.map(|n| planner.plan_fft_forward(n));
        let inverse = padded.map(|n| planner.plan_fft_inverse(n));
        let real = RealFftPlanner::new().plan_fft_forward(padded[0]);
        let tables = Vec::new();
        let mut slices = Self { gabor, dims, kept, radius, padded, before, sources, real, forward, inverse, tables };
        slices.tables = gabor.thetas.iter().map(|theta| slices.table(*theta, spacing)).collect();
        slices
    }

    fn table(&self, theta: f64, spacing: [f64; 3]) -> Vec<f64> {
        let [p, q] = self.padded;
        let [rx, ry] = self.radius.map(|r| r as isize);
        let mut kernel = vec![ZERO; p * q];
        for j in -ry..=ry {
            for i in -rx..=rx {
                let (x, y) = (i.rem_euclid(p as isize) as usize, j.rem_euclid(q as isize) as usize);
                kernel[y * p + x] = self.gabor.kernel(theta, i as f64 * spacing[0], j as f64 * spacing[1]);
            }
        }
        let mut columns = vec![ZERO; p * q];
        self.forward[0].process(&mut kernel);
        transposed(&kernel, p, [p, q], &mut columns, q);
        self.forward[1].process(&mut columns);
        let share = 1.0 / (p * q) as f64;
        columns.iter().map(|number| number.re * share).collect()
    }

    fn apply(&self, image: &[f64], executor: &dyn Executor) -> Vec<f64> {
        let ([na, nb, count], kept) = (self.dims, self.kept[0] * self.kept[1]);
        let mut out = vec![0.0; kept * count];
        fill(executor, &mut out, SLICES * kept, &|first, part| {
            let mut scratch = Scratch::new(self);
            for (k, out) in part.chunks_exact_mut(kept).enumerate() {
                let from = (first / kept + k) * na * nb;
                self.spectrum(&image[from..from + na * nb], &mut scratch);
                for (at, table) in self.tables.iter().enumerate() {
                    self.respond(table, at == 0, out, &mut scratch);
                }
            }
        });
        out
    }

    /// The half spectrum of a slice, `[kx][ky]`.
    fn spectrum(&self, image: &[f64], scratch: &mut Scratch) {
        let Scratch { line, rows, columns, fft, .. } = scratch;
        let ([p, q], na, half) = (self.padded, self.dims[0], self.padded[0] / 2 + 1);
        for (row, y) in rows.chunks_exact_mut(half).zip(&self.sources[1]) {
            line.fill(0.0);
            if let Some(y) = y {
                let from = &image[y * na..(y + 1) * na];
                line.iter_mut().zip(&self.sources[0]).for_each(|(to, x)| *to = x.map_or(0.0, |x| from[x]));
            }
            // It fails for slices of other lengths than the plan's alone.
            let done = self.real.process_with_scratch(&mut line[..p], row, &mut fft[..self.real.get_scratch_len()]);
            debug_assert!(done.is_ok());
        }
        let height = self.sources[1].len();
        columns.chunks_exact_mut(q).for_each(|column| column[height..].fill(ZERO));
        transposed(rows, half, [half, height], columns, q);
        self.forward[1].process_with_scratch(columns, fft);
    }

    /// Joins the response to a direction with those that are there.
    fn respond(&self, table: &[f64], first: bool, out: &mut [f64], scratch: &mut Scratch) {
        let Scratch { columns, filtered, responses, fft, .. } = scratch;
        let ([p, q], [na, nb]) = (self.padded, self.kept);
        for (kx, (column, table)) in filtered.chunks_exact_mut(q).zip(table.chunks_exact(q)).enumerate() {
            if kx <= p / 2 {
                let numbers = &columns[kx * q..(kx + 1) * q];
                column.iter_mut().zip(numbers).zip(table).for_each(|((to, number), factor)| *to = number * factor);
            } else {
                // Those of a real slice are the conjugates of the opposite ones.
                let numbers = &columns[(p - kx) * q..(p - kx + 1) * q];
                column[0] = numbers[0].conj() * table[0];
                let opposite = numbers[1..].iter().rev().zip(&table[1..]);
                column[1..].iter_mut().zip(opposite).for_each(|(to, (number, factor))| *to = number.conj() * factor);
            }
        }
        self.inverse[1].process_with_scratch(filtered, fft);
        transposed(&filtered[self.before[1]..], q, [nb, p], responses, p);
        let pooling = self.gabor.pooling.pooling();
        for (line, row) in out.chunks_exact_mut(na).zip(responses.chunks_exact_mut(p)) {
            self.inverse[0].process_with_scratch(row, fft);
            let responses = line.iter_mut().zip(&row[self.before[0]..]);
            let modulus = |number: &Number| number.norm_sqr().sqrt();
            match (first, pooling) {
                (true, _) => responses.for_each(|(out, number)| *out = modulus(number)),
                (_, Pooling::Sum) => responses.for_each(|(out, number)| *out += modulus(number)),
                (_, Pooling::Max) => responses.for_each(|(out, number)| *out = out.max(modulus(number))),
                (_, Pooling::Min) => responses.for_each(|(out, number)| *out = out.min(modulus(number))),
            }
        }
    }
}

struct Scratch {
    line: Vec<f64>,
    /// Half spectra of rows.
    rows: Vec<Number>,
    columns: Vec<Number>,
    filtered: Vec<Number>,
    responses: Vec<Number>,
    fft: Vec<Number>,
}

impl Scratch {
    fn new(slices: &Slices<'_>) -> Self {
        let [p, q] = slices.padded;
        let half = p / 2 + 1;
        let plans = slices.forward.iter().chain(&slices.inverse);
        let length = plans.map(|fft| fft.get_inplace_scratch_len()).max().unwrap_or(0);
        Self {
            line: vec![0.0; p],
            rows: vec![ZERO; half * slices.sources[1].len()],
            columns: vec![ZERO; half * q],
            filtered: vec![ZERO; p * q],
            responses: vec![ZERO; p * slices.kept[1]],
            fft: vec![ZERO; length.max(slices.real.get_scratch_len())],
        }
    }
}

/// The first `width` numbers of `height` rows, which begin `stride` apart, as columns that begin `to_stride` apart; in tiles that
/// fit the cache.
fn transposed(from: &[Number], stride: usize, [width, height]: [usize; 2], to: &mut [Number], to_stride: usize) {
    const TILE: usize = 16;
    for y in (0..height).step_by(TILE) {
        for x in (0..width).step_by(TILE) {
            for i in x..(x + TILE).min(width) {
                for j in y..(y + TILE).min(height) {
                    to[i * to_stride + j] = from[j * stride + i];
                }
            }
        }
    }
}

/// The directions of a full turn in equal steps from `theta`; a modulus repeats after half a turn, so that only directions
/// that differ are there, if all do so equally often.
///
/// ```
/// use std::f64::consts::PI;
/// use voxomics_imaging::filters::gabor::directions;
///
/// // Four quarter turns; after half a turn the modulus repeats.
/// assert_eq!(directions(0.0, PI / 2.0).unwrap().len(), 2);
/// assert!(directions(0.0, 1.0).is_err());
/// ```
///
/// # Errors
/// The number of steps, if a turn has no whole number of them.
pub fn directions(theta: f64, step: f64) -> Result<Vec<f64>, f64> {
    let steps = 2.0 * PI / step;
    let whole = steps.round();
    if whole.is_nan() || !(1.0..=3600.0).contains(&whole) || (steps - whole).abs() > 1e-6 {
        return Err(steps);
    }
    let count = whole as usize;
    let count = if count.is_multiple_of(2) { count / 2 } else { count };
    Ok((0..count).map(|i| theta + i as f64 * 2.0 * PI / whole).collect())
}
