//! Spatial autocorrelation: Moran's I and Geary's C over all pairs of voxels, exactly.
//!
//! With *d* the intensities less their mean, *m* the mask and *w* the inverse distance, both need only
//! `Σ w·m·m`, `Σ w·d·d` and `Σ w·d²·m` over ordered pairs. Few voxels are paired one by one; for more of them the
//! sums come from the Fourier transforms of the bounding box (module `spectrum`).

use super::{
    Undefined,
    pairs::{Deviations, PairSums},
    spectrum,
};
use crate::executor::map;
use crate::mask::bounding_box;
use crate::{Executor, View};

/// Moran's I and Geary's C of a region.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Autocorrelation {
    /// Moran's I index (IBSI N365): `N/Σw · Σ w_ij·(X_i − μ)·(X_j − μ) / Σ (X_i − μ)²`.
    pub moran_i: f64,
    /// Geary's C measure (IBSI NPT7): `(N − 1)/2Σw · Σ w_ij·(X_i − X_j)² / Σ (X_i − μ)²`.
    pub geary_c: f64,
}

/// Moran's I and Geary's C of the voxels in `mask` (any value but 0), which is the intensity mask; `spacing` in mm.
///
/// ```
/// use voxomics_imaging::{Serial, View, morphology::autocorrelation};
///
/// // Two voxels on either side of their mean.
/// let (image, mask) = (View::new([2, 1, 1], &[1.0, 3.0]), View::new([2, 1, 1], &[1, 1]));
/// let found = autocorrelation(image, mask, [1.0; 3], &Serial).unwrap();
/// assert!((found.moran_i + 1.0).abs() < 1e-9 && (found.geary_c - 1.0).abs() < 1e-9);
/// ```
///
/// # Errors
/// [`Undefined::EmptyMask`] without a voxel, [`Undefined::TooFewVoxels`] without a pair of them,
/// [`Undefined::FlatIntensities`] if all are the same, [`Undefined::NotFinite`] if one is not a finite number.
///
/// # Panics
/// If image and mask differ in size.
pub fn autocorrelation(
    image: View<f64>,
    mask: View<u8>,
    spacing: [f64; 3],
    executor: &dyn Executor,
) -> Result<Autocorrelation, Undefined> {
    measure(image, mask, spacing, None, executor)
}

/// How pairs are summed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Pairs,
    Spectrum,
}

fn measure(
    image: View<f64>,
    mask: View<u8>,
    spacing: [f64; 3],
    way: Option<Way>,
    executor: &dyn Executor,
) -> Result<Autocorrelation, Undefined> {
    assert_eq!(image.dims(), mask.dims(), "image and mask have the same voxels");
    let bounds = bounding_box(mask).ok_or(Undefined::EmptyMask)?;
    let mut region = Deviations { image, mask, bounds, mean: 0.0, scale: 1.0 };
    let count = region.sum(executor, &|_| 1.0);
    if count < 2.0 {
        return Err(Undefined::TooFewVoxels);
    }
    let (low, high) = range(&region);
    let above = region.sum(executor, &|x| x - low);
    if !above.is_finite() {
        return Err(Undefined::NotFinite);
    }
    if low == high {
        return Err(Undefined::FlatIntensities);
    }
    region.mean = low + above / count;
    region.scale = (high - region.mean).max(region.mean - low);
    let variation = region.sum(executor, &|d| d * d);
    let sums = match way.unwrap_or_else(|| cheaper(count, bounds.dims())) {
        Way::Pairs => pairs(&region, spacing, executor),
        Way::Spectrum => spectrum::pair_sums(&region, spacing, executor),
    };
    Ok(Autocorrelation {
        moran_i: count / sums.weights * sums.products / variation,
        geary_c: (count - 1.0) / sums.weights * (sums.squares - sums.products) / variation,
    })
}

fn range(region: &Deviations) -> (f64, f64) {
    let [_, ny, nz] = region.bounds.dims();
    let rows = (0..nz).flat_map(|z| (0..ny).map(move |y| (y, z)));
    let values = rows.flat_map(|(y, z)| region.row(y, z)).filter(|v| v.0).map(|v| v.1);
    values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (low.min(x), high.max(x)))
}

/// Which way costs less, by the number of multiplications.
fn cheaper(count: f64, dims: [usize; 3]) -> Way {
    let padded: f64 = dims.iter().map(|&n| 2.0 * n as f64).product();
    if count * count / 2.0 < 4.0 * padded * padded.log2() { Way::Pairs } else { Way::Spectrum }
}

/// The sums, pair by pair.
fn pairs(region: &Deviations, spacing: [f64; 3], executor: &dyn Executor) -> PairSums {
    const CHUNK: usize = 128;
    let [_, ny, nz] = region.bounds.dims();
    let mut voxels: Vec<([f64; 3], f64)> = Vec::new();
    for (y, z) in (0..nz).flat_map(|z| (0..ny).map(move |y| (y, z))) {
        let inside = region.row(y, z).enumerate().filter(|(_, v)| v.0);
        voxels.extend(
            inside.map(|(x, (_, d))| ([x as f64 * spacing[0], y as f64 * spacing[1], z as f64 * spacing[2]], d)),
        );
    }
    let chunks = map(executor, voxels.len().div_ceil(CHUNK), &|chunk| {
        let mut sums = PairSums::default();
        for (i, &(p, d)) in voxels.iter().enumerate().skip(chunk * CHUNK).take(CHUNK) {
            for &(q, e) in &voxels[i + 1..] {
                let squared: f64 = (0..3).map(|axis| (p[axis] - q[axis]) * (p[axis] - q[axis])).sum();
                let weight = 1.0 / squared.sqrt();
                sums.add(PairSums {
                    weights: weight,
                    products: weight * d * e,
                    squares: weight * (d * d + e * e) / 2.0,
                });
            }
        }
        sums
    });
    let mut total = PairSums::default();
    chunks.into_iter().for_each(|sums| total.add(sums));
    PairSums { weights: 2.0 * total.weights, products: 2.0 * total.products, squares: 2.0 * total.squares }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Serial;
    use crate::testing::{Backwards, Random};

    fn random(dims: [usize; 3], share: f64, seed: u64) -> (Vec<f64>, Vec<u8>) {
        let mut random = Random::new(seed);
        (0..dims.iter().product()).map(|_| (random.unit() * 1000.0 - 300.0, u8::from(random.unit() < share))).unzip()
    }

    #[test]
    fn the_spectrum_gives_what_the_pairs_give() {
        let cases: [([usize; 3], [f64; 3], f64); 5] = [
            ([9, 7, 8], [1.0, 1.0, 1.0], 0.7),
            ([5, 16, 3], [0.7, 0.9, 3.0], 0.4),
            ([1, 1, 40], [1.0, 2.0, 0.5], 0.9),
            ([13, 1, 11], [0.5, 2.0, 1.5], 1.0),
            ([2, 1, 1], [0.5, 2.0, 1.5], 1.0),
        ];
        for (seed, (dims, spacing, share)) in (1..).zip(cases) {
            let (image, mask) = random(dims, share, seed);
            let both = [Way::Pairs, Way::Spectrum]
                .map(|way| measure(View::new(dims, &image), View::new(dims, &mask), spacing, Some(way), &Serial));
            let [pairs, spectrum] = both.map(|r| r.expect("a region of several intensities"));
            assert!((pairs.moran_i - spectrum.moran_i).abs() < 1e-11 * pairs.moran_i.abs(), "{pairs:?} {spectrum:?}");
            assert!((pairs.geary_c - spectrum.geary_c).abs() < 1e-11 * pairs.geary_c, "{pairs:?} {spectrum:?}");
        }
    }

    #[test]
    fn two_voxels_follow_from_the_definition() {
        // d = ∓1, Σw = 2w: I = 2/2w · −2w/2 = −1; C = 1/4w · 2·4w/2 = 1.
        let found =
            autocorrelation(View::new([2, 1, 1], &[1.0, 3.0]), View::new([2, 1, 1], &[1, 1]), [1.5; 3], &Serial);
        assert_eq!(found, Ok(Autocorrelation { moran_i: -1.0, geary_c: 1.0 }));
    }

    #[test]
    fn what_has_no_pairs_or_no_variation_says_so() {
        let find = |image: &[f64], mask: &[u8]| {
            autocorrelation(View::new([3, 1, 1], image), View::new([3, 1, 1], mask), [1.0; 3], &Serial)
        };
        assert_eq!(find(&[1.0, 2.0, 3.0], &[0, 0, 0]), Err(Undefined::EmptyMask));
        assert_eq!(find(&[1.0, 2.0, 3.0], &[0, 1, 0]), Err(Undefined::TooFewVoxels));
        assert_eq!(find(&[0.1, 2.0, 0.1], &[1, 0, 1]), Err(Undefined::FlatIntensities));
    }

    #[test]
    fn threads_and_position_change_no_bit() {
        let dims = [12, 11, 10];
        let (image, mask) = random(dims, 0.5, 7);
        let here = |executor: &dyn Executor, way| {
            measure(View::new(dims, &image), View::new(dims, &mask), [0.8, 0.9, 2.0], Some(way), executor)
        };
        for way in [Way::Pairs, Way::Spectrum] {
            assert_eq!(here(&Serial, way), here(&Backwards, way));
            let wide = dims.map(|n| n + 5);
            let (mut far_image, mut far_mask) = (vec![9e9; wide.iter().product()], vec![0; wide.iter().product()]);
            for i in 0..mask.len() {
                let at = [i % dims[0] + 3, i / dims[0] % dims[1] + 5, i / dims[0] / dims[1]];
                let to = (at[2] * wide[1] + at[1]) * wide[0] + at[0];
                (far_image[to], far_mask[to]) = (image[i], mask[i]);
            }
            let far =
                measure(View::new(wide, &far_image), View::new(wide, &far_mask), [0.8, 0.9, 2.0], Some(way), &Serial);
            assert_eq!(far, here(&Serial, way));
        }
    }
}
