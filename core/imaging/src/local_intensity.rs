//! Local intensity features (IBSI 1, family 9ST6): mean intensities in balls of 1 cm³ around voxels of the region.
//!
//! A ball takes in every voxel of the image whose centre is within its radius, in the region or not; beyond the array
//! there are no voxels. Sums over a ball are differences of running sums along its rows, the same few for a whole row
//! of centres. Running sums round, by an amount that is bounded, so the centres that may have the highest mean are
//! then summed voxel by voxel.

use crate::executor::map;
use crate::mask::bounding_box;
use crate::{Executor, IndexBox, View};

/// The features of the family.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Peaks {
    /// Local intensity peak, VJGA: mean in the ball around the voxel of highest intensity in the intensity mask; of
    /// several such voxels, the highest mean. Digital phantom: 2.6.
    pub local: f64,
    /// Global intensity peak, 0F91: highest mean in the ball around any voxel of the intensity mask. Digital phantom:
    /// 3.1.
    pub global: f64,
}

/// Why a region has no peaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NoPeaks {
    /// The mask has no voxel.
    EmptyMask,
    /// An intensity in or around the region is infinite or not a number.
    NotFinite,
}

/// More centres than this are compared by their running sums alone, which tell them apart up to rounding.
const MOST_CANDIDATES: usize = 4096;

/// The radius of a ball of 1 cm³, mm.
fn radius() -> f64 {
    10.0 * (3.0 / (4.0 * std::f64::consts::PI)).cbrt()
}

/// How many voxels around the region the features look at, along each axis: what an image that is cropped to the
/// region must keep. `spacing` in mm.
///
/// ```
/// // A ball of 1 cm³ has a radius of 6.2 mm: 6 voxels of 1 mm, 2 of 3 mm.
/// assert_eq!(voxomics_imaging::local_intensity::margin([1.0, 1.0, 3.0]), [6, 6, 2]);
/// ```
pub fn margin(spacing: [f64; 3]) -> [usize; 3] {
    spacing.map(|s| (radius() / s) as usize)
}

/// Finds the peaks of an intensity mask (any value but 0 is inside); `spacing` in mm.
///
/// ```
/// use voxomics_imaging::{Serial, View, local_intensity::peaks};
///
/// // Voxels of 10 mm: the ball around a voxel holds that voxel alone.
/// let (image, mask) = ([1.0, 7.0, 9.0], [1, 1, 0]);
/// let found = peaks(View::new([3, 1, 1], &image), View::new([3, 1, 1], &mask), [10.0; 3], &Serial).unwrap();
/// assert_eq!((found.local, found.global), (7.0, 7.0));
/// ```
///
/// # Errors
/// [`NoPeaks`] says why there are none.
///
/// # Panics
/// If image and mask differ in size.
pub fn peaks(image: View<f64>, mask: View<u8>, spacing: [f64; 3], executor: &dyn Executor) -> Result<Peaks, NoPeaks> {
    assert_eq!(image.dims(), mask.dims(), "image and mask have the same voxels");
    let bounds = bounding_box(mask).ok_or(NoPeaks::EmptyMask)?;
    let search = Search::new(image, mask, bounds, spacing, executor)?;
    if search.is_within_every_ball(spacing) {
        let mean = search.mean(bounds.start);
        return Ok(Peaks { local: mean, global: mean });
    }
    let highest = search.highest_intensity(executor);
    let local = search.highest_mean(&|intensity| intensity == highest, executor);
    let global = search.highest_mean(&|_| true, executor);
    Ok(Peaks { local, global })
}

/// A row of the ball: all voxels at `(dy, dz)` from the centre and at most `half` from it along *x*.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Row {
    dy: isize,
    dz: isize,
    half: usize,
}

/// The rows of the ball, in order of *z* and *y*, as far as one of `reach` voxels goes.
fn ball(spacing: [f64; 3], reach: [usize; 3]) -> Vec<Row> {
    let [_, ry, rz] = reach.map(|m| m as isize);
    let within = |offset: [f64; 3]| {
        let squared: f64 = (0..3).map(|i| (offset[i] * spacing[i]).powi(2)).sum();
        squared <= radius() * radius()
    };
    let mut rows = Vec::new();
    for (dz, dy) in (-rz..=rz).flat_map(|dz| (-ry..=ry).map(move |dy| (dz, dy))) {
        let half = (0..=reach[0]).rev().find(|&dx| within([dx as f64, dy as f64, dz as f64]));
        rows.extend(half.map(|half| Row { dy, dz, half }));
    }
    rows
}

/// The part of the image that matters and its running sums.
struct Search<'a> {
    image: View<'a, f64>,
    mask: View<'a, u8>,
    bounds: IndexBox,
    /// The region's box with the ball's reach around it, cut at the array's edges.
    wide: IndexBox,
    ball: Vec<Row>,
    /// Sums of the first 0, 1, 2 … intensities of each row of `wide`, less `level`; both ends are repeated `reach` times,
    /// so that balls may reach over the edge.
    running: Vec<f64>,
    reach: usize,
    level: f64,
    /// Bound on the rounding of a ball's sum.
    rounding: f64,
}

/// A centre with the mean around it by running sums.
#[derive(Debug, Clone, Copy)]
struct Candidate {
    at: [usize; 3],
    mean: f64,
    /// How far the mean may be off.
    error: f64,
}

impl<'a> Search<'a> {
    fn new(
        image: View<'a, f64>,
        mask: View<'a, u8>,
        bounds: IndexBox,
        spacing: [f64; 3],
        executor: &dyn Executor,
    ) -> Result<Self, NoPeaks> {
        let wide = bounds.grown(margin(spacing), image.dims());
        let [nx, ny, nz] = wide.dims();
        // No voxel is farther from a centre than the box is wide, however many voxels a ball would hold.
        let beyond = margin(spacing);
        let beyond: [usize; 3] = std::array::from_fn(|axis| beyond[axis].min(wide.dims()[axis] - 1));
        let reach = beyond[0];
        let part = |y: usize, z: usize| &image.row(wide.start[1] + y, wide.start[2] + z)[wide.start[0]..wide.end[0]];
        // Numbers near zero round least; and the sums of whole numbers do not round at all.
        let level = image.at(bounds.start).round();
        let slices = map(executor, nz, &|z| {
            let mut running = Vec::with_capacity(ny * (nx + 1 + 2 * reach));
            let (mut largest, mut whole) = (0.0f64, true);
            for y in 0..ny {
                running.resize(running.len() + reach, 0.0);
                let mut sum = 0.0;
                running.push(sum);
                for &value in part(y, z) {
                    let value = value - level;
                    largest = if value.is_finite() { largest.max(value.abs()) } else { f64::INFINITY };
                    whole &= value.fract() == 0.0;
                    sum += value;
                    running.push(sum);
                }
                running.resize(running.len() + reach, sum);
            }
            (running, largest, whole)
        });
        let largest = slices.iter().map(|slice| slice.1).fold(0.0, f64::max);
        let ball = ball(spacing, beyond);
        let terms = 2.0 * ball.len() as f64 * nx as f64;
        let biggest_sum = terms * largest;
        if !biggest_sum.is_finite() || !level.is_finite() {
            return Err(NoPeaks::NotFinite);
        }
        let exact = slices.iter().all(|slice| slice.2) && biggest_sum < 2f64.powi(53);
        let rounding = if exact { 0.0 } else { (terms + nx as f64) * f64::EPSILON * biggest_sum };
        let running = slices.into_iter().flat_map(|slice| slice.0).collect();
        Ok(Self { image, mask, bounds, wide, ball, running, reach, level, rounding })
    }

    /// Whether the balls around all centres hold all there is.
    fn is_within_every_ball(&self, spacing: [f64; 3]) -> bool {
        let dims = self.wide.dims();
        let diagonal: f64 = (0..3).map(|axis| ((dims[axis] - 1) as f64 * spacing[axis]).powi(2)).sum();
        diagonal <= radius() * radius()
    }

    /// The rows `(y, z)` of the region's box.
    fn row(&self, y: usize, z: usize) -> (&'a [f64], &'a [u8]) {
        let part = self.bounds.start[0]..self.bounds.end[0];
        (&self.image.row(y, z)[part.clone()], &self.mask.row(y, z)[part])
    }

    fn highest_intensity(&self, executor: &dyn Executor) -> f64 {
        let slices = map(executor, self.bounds.dims()[2], &|slice| {
            let rows = (self.bounds.start[1]..self.bounds.end[1]).map(|y| self.row(y, self.bounds.start[2] + slice));
            let voxels = rows.flat_map(|(image, mask)| image.iter().zip(mask)).filter(|(_, m)| **m != 0);
            voxels.map(|(&x, _)| x).fold(f64::NEG_INFINITY, f64::max)
        });
        slices.into_iter().fold(f64::NEG_INFINITY, f64::max)
    }

    /// The highest mean around voxels of the mask whose intensity is of interest.
    fn highest_mean(&self, interesting: &(dyn Fn(f64) -> bool + Sync), executor: &dyn Executor) -> f64 {
        let slices = map(executor, self.bounds.dims()[2], &|slice| {
            let z = self.bounds.start[2] + slice;
            let mut best = Vec::new();
            let mut scratch = Scratch::default();
            for y in self.bounds.start[1]..self.bounds.end[1] {
                self.compare_row(y, z, interesting, &mut scratch, &mut best);
            }
            best
        });
        let mut best: Vec<Candidate> = Vec::new();
        slices.into_iter().flatten().for_each(|candidate| keep(&mut best, candidate));
        best.into_iter().map(|candidate| self.mean(candidate.at)).fold(f64::NEG_INFINITY, f64::max)
    }

    /// Compares the centres of one row by their running sums.
    fn compare_row(
        &self,
        y: usize,
        z: usize,
        interesting: &(dyn Fn(f64) -> bool + Sync),
        scratch: &mut Scratch,
        best: &mut Vec<Candidate>,
    ) {
        let (image, mask) = self.row(y, z);
        let wanted = |x: usize| mask[x] != 0 && interesting(image[x]);
        let Some(first) = (0..mask.len()).find(|&x| wanted(x)) else { return };
        let last = (first..mask.len()).rev().find(|&x| wanted(x)).unwrap_or(first);
        // From here on x counts from the first voxel of the wide box.
        let shift = self.bounds.start[0] - self.wide.start[0];
        self.sums(first + shift, last - first + 1, y, z, scratch);
        for x in (first..=last).filter(|&x| wanted(x)) {
            let count = scratch.counts[x - first];
            let mean = scratch.sums[x - first] / count + self.level;
            let error = self.rounding / count + 4.0 * f64::EPSILON * mean.abs();
            let error = if self.rounding == 0.0 { 0.0 } else { error };
            keep(best, Candidate { at: [self.bounds.start[0] + x, y, z], mean, error });
        }
    }

    /// Sums and counts of the balls around `width` centres from `first` of the wide box on.
    fn sums(&self, first: usize, width: usize, y: usize, z: usize, scratch: &mut Scratch) {
        let [nx, ny, _] = self.wide.dims();
        let stride = nx + 1 + 2 * self.reach;
        scratch.sums.clear();
        scratch.sums.resize(width, 0.0);
        scratch.counts.clear();
        scratch.counts.resize(width, 0.0);
        for (y, z, half) in self.rows_around(y, z) {
            let start = ((z - self.wide.start[2]) * ny + y - self.wide.start[1]) * stride + self.reach + first;
            let upper = &self.running[start + half + 1..][..width];
            let lower = &self.running[start - half..][..width];
            for ((sum, u), l) in scratch.sums.iter_mut().zip(upper).zip(lower) {
                *sum += u - l;
            }
            if first >= half && first + width + half <= nx {
                let count = (2 * half + 1) as f64;
                scratch.counts.iter_mut().for_each(|c| *c += count);
            } else {
                for (c, x) in scratch.counts.iter_mut().zip(first..) {
                    *c += ((x + half + 1).min(nx) - x.saturating_sub(half)) as f64;
                }
            }
        }
    }

    /// The rows `(y, z)` of the array that the ball around a centre at `(y, z)` reaches, and how far.
    fn rows_around(&self, y: usize, z: usize) -> impl Iterator<Item = (usize, usize, usize)> {
        let (low, high) = (self.wide.start, self.wide.end);
        self.ball.iter().filter_map(move |row| {
            let (y, z) = (y.checked_add_signed(row.dy)?, z.checked_add_signed(row.dz)?);
            let inside = (low[1]..high[1]).contains(&y) && (low[2]..high[2]).contains(&z);
            inside.then_some((y, z, row.half))
        })
    }

    /// The mean around a centre, voxel by voxel.
    fn mean(&self, [x, y, z]: [usize; 3]) -> f64 {
        let (mut sum, mut count) = (0.0, 0usize);
        for (y, z, half) in self.rows_around(y, z) {
            let part = x.saturating_sub(half)..(x + half + 1).min(self.wide.end[0]);
            count += part.len();
            sum += self.image.row(y, z)[part].iter().sum::<f64>();
        }
        sum / count as f64
    }
}

/// Sums and numbers of voxels of the balls around a row of centres.
#[derive(Default)]
struct Scratch {
    sums: Vec<f64>,
    counts: Vec<f64>,
}

/// Adds a candidate to those that may have the highest mean, and drops those that then cannot.
fn keep(best: &mut Vec<Candidate>, candidate: Candidate) {
    let certain = best.first().map_or(f64::NEG_INFINITY, |b| b.mean - b.error);
    if candidate.mean + candidate.error < certain {
        return;
    }
    if candidate.mean - candidate.error > certain {
        best.insert(0, candidate);
        let certain = candidate.mean - candidate.error;
        best.retain(|b| b.mean + b.error >= certain);
    } else if best.len() < MOST_CANDIDATES && candidate.error > 0.0 {
        best.push(candidate);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Serial;
    use crate::testing::{Backwards, Random};

    /// Both peaks by looking at every voxel from every voxel.
    fn slow(dims: [usize; 3], image: &[f64], mask: &[u8], spacing: [f64; 3]) -> Peaks {
        let at = |i: usize| [i % dims[0], i / dims[0] % dims[1], i / dims[0] / dims[1]];
        let mean = |i: usize| {
            let near = (0..image.len()).filter(|&j| {
                let squared: f64 = (0..3).map(|a| ((at(i)[a] as f64 - at(j)[a] as f64) * spacing[a]).powi(2)).sum();
                squared.sqrt() <= 6.203_504_908_994_0
            });
            let values: Vec<f64> = near.map(|j| image[j]).collect();
            values.iter().sum::<f64>() / values.len() as f64
        };
        let inside = || (0..image.len()).filter(|&i| mask[i] != 0);
        let highest = inside().map(|i| image[i]).fold(f64::NEG_INFINITY, f64::max);
        let local = inside().filter(|&i| image[i] == highest).map(mean).fold(f64::NEG_INFINITY, f64::max);
        Peaks { local, global: inside().map(mean).fold(f64::NEG_INFINITY, f64::max) }
    }

    #[test]
    fn the_digital_phantom_has_its_reference_values() {
        // IBSI 1 manual, chapter "Reference data sets": intensities in and around the region.
        let image: Vec<f64> = "14411146114164144641144111161111311446111441111111119111161114411111111111111611"
            .bytes()
            .map(|digit| f64::from(digit - b'0'))
            .collect();
        let outside = [30, 43, 44, 52, 63, 64];
        let mask: Vec<u8> = (0..80).map(|i| u8::from(!outside.contains(&i))).collect();
        let dims = [5, 4, 4];
        let found = peaks(View::new(dims, &image), View::new(dims, &mask), [2.0; 3], &Serial).unwrap();
        assert!((found.local - 2.6).abs() < 0.05 && (found.global - 3.1).abs() < 0.05, "{found:?}");
    }

    #[test]
    fn running_sums_find_what_looking_everywhere_finds() {
        let mut random = Random::new(3);
        // In the last two a ball is larger than the image, and holds it all from everywhere.
        let cases = [
            ([12, 11, 9], [2.0, 2.0, 2.0]),
            ([20, 4, 6], [0.9, 3.1, 2.4]),
            ([9, 9, 1], [7.0, 1.0, 1.0]),
            ([9, 7, 8], [0.9, 0.7, 0.6]),
            ([9, 7, 8], [1e-3, 2e-3, 1e-6]),
        ];
        for (dims, spacing) in cases {
            let count: usize = dims.iter().product();
            for whole in [true, false] {
                let value = |v: f64| if whole { (v * 8.0).floor() } else { v * 1e3 - 700.0 };
                let image: Vec<f64> = (0..count).map(|_| value(random.unit())).collect();
                let mask: Vec<u8> = (0..count).map(|_| u8::from(random.below(3) == 0)).collect();
                let view = (View::new(dims, &image[..]), View::new(dims, &mask[..]));
                let found = peaks(view.0, view.1, spacing, &Serial).unwrap();
                let expected = slow(dims, &image, &mask, spacing);
                assert!((found.local - expected.local).abs() <= 1e-12 * expected.local.abs(), "{found:?} {expected:?}");
                assert!(
                    (found.global - expected.global).abs() <= 1e-12 * expected.global.abs(),
                    "{found:?} {expected:?}"
                );
                assert_eq!(peaks(view.0, view.1, spacing, &Backwards), Ok(found));
            }
        }
    }

    #[test]
    fn a_crop_with_the_margin_changes_no_bit() {
        let mut random = Random::new(4);
        let (dims, spacing) = ([30, 28, 12], [1.0, 1.3, 3.0]);
        let count: usize = dims.iter().product();
        let image: Vec<f64> = (0..count).map(|_| random.unit()).collect();
        let at = |i: usize| [i % dims[0], i / dims[0] % dims[1], i / dims[0] / dims[1]];
        let mask: Vec<u8> = (0..count)
            .map(at)
            .map(|[x, y, z]| u8::from((12..15).contains(&x) && (9..14).contains(&y) && z == 6))
            .collect();
        let (image, mask) = (View::new(dims, &image[..]), View::new(dims, &mask[..]));
        let part = bounding_box(mask).unwrap().grown(margin(spacing), dims);
        let (small_image, small_mask) = (crate::mask::crop(image, part), crate::mask::crop(mask, part));
        let small = peaks(View::new(part.dims(), &small_image), View::new(part.dims(), &small_mask), spacing, &Serial);
        assert_eq!(small, peaks(image, mask, spacing, &Serial));
    }

    #[test]
    fn a_ball_of_more_voxels_than_memory_costs_no_more_than_the_image() {
        let image: Vec<f64> = (0..60).map(f64::from).collect();
        let view = View::new([5, 4, 3], &image[..]);
        for spacing in [[1e-9; 3], [1e-9, 1.0, 1e-9], [f64::MIN_POSITIVE; 3]] {
            let found = peaks(view, View::new([5, 4, 3], &[1u8; 60][..]), spacing, &Serial);
            assert_eq!(found, Ok(Peaks { local: 29.5, global: 29.5 }), "{spacing:?}");
        }
    }

    #[test]
    fn flat_empty_and_broken_images() {
        let flat = [0.1; 1000];
        let whole = [1u8; 1000];
        let dims = [10, 10, 10];
        let found = peaks(View::new(dims, &flat), View::new(dims, &whole), [1.0; 3], &Serial).unwrap();
        assert!((found.local - 0.1).abs() < 1e-15 && (found.global - 0.1).abs() < 1e-15, "{found:?}");
        let none = [0u8; 1000];
        assert_eq!(peaks(View::new(dims, &flat), View::new(dims, &none), [1.0; 3], &Serial), Err(NoPeaks::EmptyMask));
        for broken in [f64::NAN, f64::INFINITY, f64::MAX] {
            let mut image = flat;
            image[555] = broken;
            assert_eq!(
                peaks(View::new(dims, &image), View::new(dims, &whole), [1.0; 3], &Serial),
                Err(NoPeaks::NotFinite)
            );
        }
    }
}
