//! Noise: how much of it an image has, and noise to add to it.

use std::sync::{Mutex, PoisonError};

use crate::{Executor, IndexBox, filters::wavelets::Wavelet, lines};

/// What the median of the diagonal band is divided by. For Gaussian noise it is 0.6745, the third quartile of the normal
/// distribution; MIRP 2 has two of its digits in the other order, and its figures are those of the published robustness studies.
/// The estimate is smaller by 0.13 % for it.
const MEDIAN_OF_NOISE: f64 = 0.6754;

/// The wavelet whose diagonal band is taken.
const WAVELET: &str = "coif1";

/// Values of one bin that may be sorted at once, by number: 8 MiB of them.
const SORTED: u64 = 1 << 20;

/// Standard deviation of the noise of an image, in its unit: the median magnitude of the diagonal band of an undecimated wavelet in the
/// plane of the slices, over its median for noise of unit variance (Chang, Yu and Vetterli, IEEE Trans. Image Process. 9:1532, 2000,
/// as Zwanenburg et al., Sci. Rep. 9:614, 2019 use it). Beyond the edges the image is mirrored, the outermost voxels twice.
///
/// `slice` gives the `dims[0] · dims[1]` intensities of a slice, *x* fastest; it is asked several times for each, so that no more than
/// some slices are in memory. Voxels whose response is not finite do not count; none if no voxel counts.
///
/// ```
/// use voxomics_imaging::{Serial, noise::estimate};
///
/// // A flat image has no noise.
/// assert!(estimate([8, 8, 2], &|_| vec![40.0; 64], &Serial).unwrap() < 1e-9);
/// ```
pub fn estimate(dims: [usize; 3], slice: &(dyn Fn(usize) -> Vec<f64> + Sync), executor: &dyn Executor) -> Option<f64> {
    let high = Wavelet::named(WAVELET)?.high;
    let [nx, ny, nz] = dims;
    let responses = |z: usize| diagonal(&slice(z), nx, ny, &high);
    median(nz, &responses, executor).map(|median| median / MEDIAN_OF_NOISE)
}

/// The magnitudes of a slice after a filter along *y* and along *x*.
fn diagonal(slice: &[f64], nx: usize, ny: usize, filter: &[f64]) -> Vec<f64> {
    let mut along_y = vec![0.0; slice.len()];
    for y in 0..ny {
        let row = &mut along_y[y * nx..][..nx];
        for (j, weight) in filter.iter().enumerate() {
            let from = mirrored(y as isize + (filter.len() / 2) as isize - j as isize, ny);
            row.iter_mut().zip(&slice[from * nx..][..nx]).for_each(|(sum, value)| *sum += weight * value);
        }
    }
    let mut out = vec![0.0; slice.len()];
    for (sums, row) in out.chunks_mut(nx).zip(along_y.chunks(nx)) {
        for (x, sum) in sums.iter_mut().enumerate() {
            let at = |j: usize| mirrored(x as isize + (filter.len() / 2) as isize - j as isize, nx);
            *sum = filter.iter().enumerate().map(|(j, weight)| weight * row[at(j)]).sum::<f64>().abs();
        }
    }
    out
}

/// An index beyond the ends of a line of samples, mirrored with the outermost ones twice.
fn mirrored(index: isize, length: usize) -> usize {
    let index = index.rem_euclid(2 * length as isize) as usize;
    index.min(2 * length - 1 - index)
}

/// The median of the finite ones of magnitudes that are made again as often as they are needed; of an even number the mean of the two
/// in the middle.
fn median(parts: usize, values: &(dyn Fn(usize) -> Vec<f64> + Sync), executor: &dyn Executor) -> Option<f64> {
    // The bits of numbers that are not negative are in the order of the numbers.
    let each = |work: &(dyn Fn(&mut dyn Iterator<Item = u64>) + Sync)| {
        executor.for_each(parts, &|part| {
            work(&mut values(part).into_iter().filter(|value| value.is_finite()).map(f64::to_bits));
        });
    };
    let count = |prefix: u64, shift: u32| -> Vec<u64> {
        let all = Mutex::new(vec![0_u64; 1 << 16]);
        each(&|bits| {
            let mut own = vec![0_u64; 1 << 16];
            bits.filter(|bits| shift == 48 || bits >> (shift + 16) == prefix)
                .for_each(|bits| own[(bits >> shift) as usize & 0xffff] += 1);
            let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
            all.iter_mut().zip(own).for_each(|(all, own)| *all += own);
        });
        all.into_inner().unwrap_or_else(PoisonError::into_inner)
    };
    let (mut prefix, mut shift) = (0, 48);
    let mut bins = count(prefix, shift);
    let total: u64 = bins.iter().sum();
    let mut rank = total.checked_sub(1)? / 2;
    loop {
        let mut bin = 0;
        while rank >= bins[bin] {
            rank -= bins[bin];
            bin += 1;
        }
        prefix = prefix << 16 | bin as u64;
        if shift == 0 || bins[bin] <= SORTED {
            let lower = Range { prefix, shift, count: bins[bin] };
            let [first, second] = lower.pair(rank, &each);
            return Some(if total.is_multiple_of(2) { 0.5 * (first + second) } else { first });
        }
        shift -= 16;
        bins = count(prefix, shift);
    }
}

/// Hands the bits of numbers, part by part, to whoever works on them.
type Each<'a> = dyn Fn(&(dyn Fn(&mut dyn Iterator<Item = u64>) + Sync)) + 'a;

/// The numbers whose bits begin in one way.
struct Range {
    prefix: u64,
    shift: u32,
    count: u64,
}

impl Range {
    /// The number of a rank among them, and the next one, which may lie beyond them.
    fn pair(&self, rank: u64, each: &Each<'_>) -> [f64; 2] {
        let found = Mutex::new((Vec::new(), u64::MAX));
        each(&|bits| {
            let (mut own, mut beyond) = (Vec::new(), u64::MAX);
            for bits in bits {
                match (bits >> self.shift).cmp(&self.prefix) {
                    // All the same: one stands for all.
                    std::cmp::Ordering::Equal if self.shift > 0 => own.push(bits),
                    std::cmp::Ordering::Greater => beyond = beyond.min(bits),
                    _ => {}
                }
            }
            let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
            found.0.extend(own);
            found.1 = found.1.min(beyond);
        });
        let (mut own, beyond) = found.into_inner().unwrap_or_else(PoisonError::into_inner);
        own.sort_unstable();
        let at = |rank: u64| match self.shift {
            0 => self.prefix,
            _ => own[rank as usize],
        };
        let next = if rank + 1 < self.count { at(rank + 1) } else { beyond };
        [at(rank), next].map(f64::from_bits)
    }
}

/// Gaussian noise with a value for each voxel of a grid, which depends on the seed and the place of the voxel alone: whatever part of the
/// image is looked at, on however many threads, a voxel has the same noise.
///
/// ```
/// use voxomics_imaging::{IndexBox, Serial, noise::Gaussian};
///
/// let noise = Gaussian { seed: 7, deviation: 10.0 };
/// let (mut whole, mut part) = ([0.0; 4], [0.0; 2]);
/// noise.add(&mut whole, IndexBox::whole([4, 1, 1]), [4, 1, 1], &Serial);
/// noise.add(&mut part, IndexBox { start: [1, 0, 0], end: [3, 1, 1] }, [4, 1, 1], &Serial);
/// assert_eq!(whole[1..3], part);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gaussian {
    /// What tells one noise from another.
    pub seed: u64,
    /// Its standard deviation.
    pub deviation: f64,
}

impl Gaussian {
    /// Adds the noise to the voxels of a box of a grid of `dims` voxels, *x* fastest.
    pub fn add(&self, voxels: &mut [f64], part: IndexBox, dims: [usize; 3], executor: &dyn Executor) {
        let [nx, ny, _] = part.dims();
        if voxels.is_empty() {
            return;
        }
        lines::fill(executor, voxels, nx * ny, &|first, slice| {
            let z = part.start[2] + first / (nx * ny);
            for (y, row) in slice.chunks_mut(nx).enumerate() {
                let start = (z * dims[1] + part.start[1] + y) * dims[0] + part.start[0];
                let mut pair = (u64::MAX, [0.0; 2]);
                for (index, voxel) in (start as u64..).zip(row) {
                    if pair.0 != index / 2 {
                        pair = (index / 2, self.pair(index / 2));
                    }
                    *voxel += self.deviation * pair.1[(index % 2) as usize];
                }
            }
        });
    }

    /// Two independent numbers of the standard normal distribution (Box and Muller, Ann. Math. Stat. 29:610, 1958).
    fn pair(&self, number: u64) -> [f64; 2] {
        let uniform = |stream: u64| (hash(self.seed, 2 * number + stream) >> 11) as f64 / (1_u64 << 53) as f64;
        // From above 0: its logarithm is finite.
        let radius = (-2.0 * (1.0 - uniform(0)).ln()).sqrt();
        let (sin, cos) = (std::f64::consts::TAU * uniform(1)).sin_cos();
        [radius * cos, radius * sin]
    }
}

/// A number that looks random, of a seed and a number: the finaliser of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014), twice.
///
/// ```
/// use voxomics_imaging::noise::hash;
///
/// assert_eq!(hash(7, 1), hash(7, 1));
/// assert_ne!(hash(7, 1), hash(7, 2));
/// ```
pub fn hash(seed: u64, number: u64) -> u64 {
    let mix = |mut h: u64| {
        h = (h ^ (h >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        h = (h ^ (h >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        h ^ (h >> 31)
    };
    mix(mix(seed.wrapping_add(0x9e37_79b9_7f4a_7c15)).wrapping_add(number.wrapping_mul(0x9e37_79b9_7f4a_7c15)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Serial;

    fn whole(dims: [usize; 3], seed: u64) -> Vec<f64> {
        let mut voxels = vec![0.0; dims.iter().product()];
        Gaussian { seed, deviation: 1.0 }.add(&mut voxels, IndexBox::whole(dims), dims, &Serial);
        voxels
    }

    #[test]
    fn noise_is_normal_white_and_another_for_each_seed() {
        let dims = [61, 50, 40];
        let (one, other) = (whole(dims, 1), whole(dims, 2));
        let n = one.len() as f64;
        let mean = |values: &mut dyn Iterator<Item = f64>| values.sum::<f64>() / n;
        let moment = |power: i32| mean(&mut one.iter().map(|x| x.powi(power)));
        // Five standard errors of the moments of the normal distribution: √(1/n), √(2/n), √(15/n), √(96/n).
        for (power, expected, variance) in [(1, 0.0, 1.0), (2, 1.0, 2.0), (3, 0.0, 15.0), (4, 3.0, 96.0)] {
            let found: f64 = moment(power);
            assert!((found - expected).abs() < 5.0 * f64::sqrt(variance / n), "moment {power}: {found}");
        }
        let product = |a: &[f64], b: &[f64]| mean(&mut a.iter().zip(b).map(|(a, b)| a * b));
        for lag in [1, 2, dims[0], dims[0] * dims[1]] {
            let found = product(&one[lag..], &one);
            assert!(found.abs() < 5.0 / n.sqrt(), "lag {lag}: {found}");
        }
        assert!(product(&one, &other).abs() < 5.0 / n.sqrt());
        // Kolmogorov and Smirnov: the tables' 1.95 / √n at the level 0.001.
        let mut sorted = one.clone();
        sorted.sort_by(f64::total_cmp);
        for z in [-2.0_f64, -1.0, -0.25, 0.0, 0.5, 1.5, 2.5] {
            let below = sorted.partition_point(|x| *x < z) as f64 / n;
            // Abramowitz and Stegun, 26.2.17, to 7.5e-8.
            let t = 1.0 / (1.0 + 0.231_641_9 * z.abs());
            let tail = (-0.5 * z * z).exp() / std::f64::consts::TAU.sqrt()
                * t
                * (0.319_381_530
                    + t * (-0.356_563_782 + t * (1.781_477_937 + t * (-1.821_255_978 + t * 1.330_274_429))));
            let expected = if z > 0.0 { 1.0 - tail } else { tail };
            assert!((below - expected).abs() < 1.95 / n.sqrt(), "below {z}: {below}, expected {expected}");
        }
    }

    #[test]
    fn a_voxel_has_the_same_noise_whatever_part_is_looked_at() {
        let dims = [9, 7, 5];
        let all = whole(dims, 7);
        let part = IndexBox { start: [2, 1, 3], end: [7, 7, 5] };
        let mut cut = vec![10.0; part.dims().iter().product()];
        Gaussian { seed: 7, deviation: 0.5 }.add(&mut cut, part, dims, &Serial);
        let expected = crate::mask::crop(crate::View::new(dims, &all), part);
        assert!(cut.iter().zip(expected).all(|(cut, noise)| *cut == 10.0 + 0.5 * noise));
    }

    #[test]
    fn the_median_is_that_of_sorting() {
        for count in [1, 2, 3, 10, 999, 1000] {
            for modulus in [3, 17, 1 << 40] {
                let values: Vec<f64> = (0..count).map(|i| (hash(3, i) % modulus) as f64 / 7.0).collect();
                let mut sorted = values.clone();
                sorted.sort_by(f64::total_cmp);
                let (low, high) = (sorted[(count as usize - 1) / 2], sorted[count as usize / 2]);
                let parts: Vec<&[f64]> = values.chunks(100).collect();
                let found = median(parts.len(), &|part| parts[part].to_vec(), &Serial);
                assert_eq!(found, Some(0.5 * (low + high)), "{count} below {modulus}");
            }
        }
        assert_eq!(median(1, &|_| vec![f64::NAN, f64::INFINITY], &Serial), None);
        // More equal numbers than may be sorted.
        let many = |_: usize| vec![2.0; (SORTED + 5) as usize];
        assert_eq!(median(2, &many, &Serial), Some(2.0));
        assert_eq!(
            median(3, &|part| if part == 0 { vec![3.0; (SORTED + 5) as usize * 2] } else { many(part) }, &Serial),
            Some(2.5)
        );
    }

    /// SciPy 1.17's `convolve1d` with PyWavelets' `coif1`, its edges included.
    #[test]
    fn the_diagonal_band_is_that_of_scipy() {
        let slice: Vec<f64> = (0..20).map(|i| f64::from((i * i * 7 + 3 * i) % 23)).collect();
        let found = diagonal(&slice, 5, 4, &Wavelet::named(WAVELET).expect("a wavelet").high);
        let expected = [
            4.444112301180752,
            1.1039113120596125,
            1.5759597730622943,
            0.7511639924157509,
            0.6734016795896083,
            3.966677048114627,
            2.612489875880777,
            7.886549579070717,
            4.370930027123437,
            3.9245810511807515,
            1.4760207107741887,
            4.066089700352309,
            10.153328640363796,
            5.107572460236148,
            4.569010095005743,
            1.3966448913588199,
            3.701567562059611,
            9.230064408369925,
            4.630667135307633,
            4.141860440239979,
        ];
        assert!(found.iter().zip(expected).all(|(a, b): (&f64, f64)| (a - b).abs() < 1e-12), "{found:?}");
    }

    #[test]
    fn noise_that_was_added_is_found_again() {
        let dims = [64, 64, 4];
        let mut voxels: Vec<f64> =
            (0..dims.iter().product::<usize>()).map(|i| ((i % 64) * 3 + i / 64 % 64) as f64).collect();
        Gaussian { seed: 5, deviation: 20.0 }.add(&mut voxels, IndexBox::whole(dims), dims, &Serial);
        let found = estimate(dims, &|z| voxels[z * 4096..][..4096].to_vec(), &Serial).expect("an estimate");
        // SciPy's estimates of 200 such images are 19.44 ± 0.23: near the edges, the band of mirrored noise is smaller.
        assert!((found - 19.44).abs() < 4.0 * 0.23, "{found}");
        assert_eq!(estimate([3, 1, 2], &|_| vec![4.0; 3], &Serial).map(|found| found < 1e-12), Some(true));
    }
}
