//! The region's mass: its voxels' moments, its principal axes, its centre by intensity.

use crate::executor::map;
use crate::mask::bounding_box;
use crate::{Executor, IndexBox, View};

/// Sums over the voxel centres of a region, exact, in voxels relative to the first voxel of the bounding box.
///
/// ```
/// use voxomics_imaging::{
///     IndexBox, Serial, View,
///     morphology::{Divisor, moments::Moments},
/// };
///
/// // Three voxels of 2 mm in a row: −2, 0 and 2 mm from their centre.
/// let moments = Moments::of_mask(View::new([3, 1, 1], &[1; 3]), IndexBox::whole([3, 1, 1]), &Serial);
/// assert_eq!((moments.count, moments.centre()), (3, [1.0, 0.0, 0.0]));
/// assert_eq!(moments.covariance([2.0; 3], Divisor::CountLessOne)[0], 4.0);
/// assert!((moments.principal_variances([2.0; 3], Divisor::Count)[0] - 8.0 / 3.0).abs() < 1e-12);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Moments {
    /// Number of voxels.
    pub count: u64,
    /// Sum of each coordinate.
    pub first: [i128; 3],
    /// Sums of the products *xx*, *yy*, *zz*, *xy*, *xz*, *yz*.
    pub second: [i128; 6],
}

/// What the scatter of the voxel centres is divided by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Divisor {
    /// The number of voxels less one: the sample covariance, which the reference values of IBSI 1 are made with.
    #[default]
    CountLessOne,
    /// The number of voxels, as in PyRadiomics.
    Count,
}

/// The coordinates that each entry of [`Moments::second`] multiplies.
const PAIRS: [(usize, usize); 6] = [(0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2)];

impl Moments {
    /// The moments of a mask (any value but 0 is inside) whose bounding box is `bounds`.
    pub fn of_mask(mask: View<u8>, bounds: IndexBox, executor: &dyn Executor) -> Self {
        let [_, ny, nz] = bounds.dims();
        let slices = map(executor, nz, &|z| {
            let mut slice = Self::default();
            for y in 0..ny {
                let row = mask.row(bounds.start[1] + y, bounds.start[2] + z);
                slice.add_row(&row[bounds.start[0]..bounds.end[0]], y as i128, z as i128);
            }
            slice
        });
        slices.into_iter().fold(Self::default(), |sum, slice| Self {
            count: sum.count + slice.count,
            first: std::array::from_fn(|i| sum.first[i] + slice.first[i]),
            second: std::array::from_fn(|i| sum.second[i] + slice.second[i]),
        })
    }

    fn add_row(&mut self, row: &[u8], y: i128, z: i128) {
        let (mut n, mut x, mut xx) = (0u64, 0u64, 0u64);
        // Sums over runs have closed forms, and regions have few runs in a row.
        let mut at = 0;
        while let Some(gap) = row[at..].iter().position(|&voxel| voxel != 0) {
            let start = at + gap;
            at = row[start..].iter().position(|&voxel| voxel == 0).map_or(row.len(), |length| start + length);
            let [(i, squares_before), (end, squares)] = [start, at].map(|k| (k as u64, sum_of_squares_below(k as u64)));
            n += end - i;
            x += (end - i) * (i + end - 1) / 2;
            xx += squares - squares_before;
        }
        self.count += n;
        let (n, x, xx) = (i128::from(n), i128::from(x), i128::from(xx));
        let row = [x, n * y, n * z, xx, n * y * y, n * z * z, x * y, x * z, n * y * z];
        for (sum, part) in self.first.iter_mut().chain(&mut self.second).zip(row) {
            *sum += part;
        }
    }

    /// The centre of mass in voxels from the first voxel of the bounding box; NaN for an empty region.
    pub fn centre(&self) -> [f64; 3] {
        self.first.map(|sum| sum as f64 / self.count as f64)
    }

    /// The covariance of the voxel centres, mm²: *xx*, *yy*, *zz*, *xy*, *xz*, *yz*; NaN if the divisor is zero.
    pub fn covariance(&self, spacing: [f64; 3], divisor: Divisor) -> [f64; 6] {
        let count = i128::from(self.count);
        let divided = match divisor {
            Divisor::CountLessOne => count * (count - 1),
            Divisor::Count => count * count,
        };
        std::array::from_fn(|i| {
            let (a, b) = PAIRS[i];
            let scatter = count * self.second[i] - self.first[a] * self.first[b];
            scatter as f64 / divided as f64 * spacing[a] * spacing[b]
        })
    }

    /// The variances along the principal axes, mm², largest first, never negative.
    pub fn principal_variances(&self, spacing: [f64; 3], divisor: Divisor) -> [f64; 3] {
        eigenvalues(self.covariance(spacing, divisor))
    }
}

/// What rounding leaves of an eigenvalue that is zero, relative to the largest one.
const ROUNDING: f64 = 1e-13;

/// 0² + 1² + … + (n − 1)².
fn sum_of_squares_below(n: u64) -> u64 {
    if n == 0 { 0 } else { (n - 1) * n * (2 * n - 1) / 6 }
}

/// The eigenvalues of a positive semidefinite 3×3 matrix (*xx*, *yy*, *zz*, *xy*, *xz*, *yz*), largest first. Those
/// that rounding cannot tell from zero are zero.
pub(super) fn eigenvalues([xx, yy, zz, xy, xz, yz]: [f64; 6]) -> [f64; 3] {
    let mut m = [[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]];
    // Jacobi's rotations converge quadratically: a handful of sweeps exhausts the precision.
    for _ in 0..16 {
        for (p, q) in [(0, 1), (0, 2), (1, 2)] {
            rotate(&mut m, p, q);
        }
    }
    let mut values = [m[0][0], m[1][1], m[2][2]];
    values.sort_unstable_by(|a, b| b.total_cmp(a));
    let smallest = values[0] * ROUNDING;
    values.map(|value| if value > smallest { value } else { 0.0 })
}

/// Turns the plane of axes `p` and `q` so that `m[p][q]` vanishes.
fn rotate(m: &mut [[f64; 3]; 3], p: usize, q: usize) {
    if m[p][q] == 0.0 {
        return;
    }
    let theta = (m[q][q] - m[p][p]) / (2.0 * m[p][q]);
    let t = theta.signum() / (theta.abs() + theta.hypot(1.0));
    let c = 1.0 / t.hypot(1.0);
    let s = t * c;
    let off = m[p][q];
    m[p][p] -= t * off;
    m[q][q] += t * off;
    (m[p][q], m[q][p]) = (0.0, 0.0);
    let r = 3 - p - q;
    let (rp, rq) = (m[r][p], m[r][q]);
    (m[r][p], m[r][q]) = (c * rp - s * rq, s * rp + c * rq);
    (m[p][r], m[q][r]) = (m[r][p], m[r][q]);
}

/// Sums over the voxels of an intensity mask.
///
/// ```
/// use voxomics_imaging::{IndexBox, Serial, View, morphology::moments::IntensityMass};
///
/// let (image, mask) = (View::new([2, 1, 1], &[1.0, 3.0]), View::new([2, 1, 1], &[1, 1]));
/// let mass = IntensityMass::measure(image, mask, IndexBox::whole([2, 1, 1]), [0.0; 3], &Serial);
/// assert_eq!((mass.count, mass.sum, mass.moment), (2, 4.0, [3.0, 0.0, 0.0]));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct IntensityMass {
    /// Number of voxels.
    pub count: u64,
    /// Sum of their intensities.
    pub sum: f64,
    /// Sum of intensity times offset from the reference point, voxels.
    pub moment: [f64; 3],
}

impl IntensityMass {
    /// Sums the intensities inside a mask (any value but 0) and their moment about `reference`, a position in voxels
    /// relative to the first voxel of `bounds`. The mask need not lie within those bounds.
    ///
    /// # Panics
    /// If image and mask differ in size.
    pub fn measure(
        image: View<f64>,
        mask: View<u8>,
        bounds: IndexBox,
        reference: [f64; 3],
        executor: &dyn Executor,
    ) -> Self {
        assert_eq!(image.dims(), mask.dims(), "image and mask have the same voxels");
        let Some(own) = bounding_box(mask) else { return Self::default() };
        // Whole numbers are subtracted first, so that the position in the array leaves no trace of rounding.
        let offset = |axis: usize, i: usize| (i as f64 - bounds.start[axis] as f64) - reference[axis];
        let slices = map(executor, own.dims()[2], &|slice| {
            let z = own.start[2] + slice;
            let mut sums = Self::default();
            for y in own.start[1]..own.end[1] {
                let part = own.start[0]..own.end[0];
                let row = (&image.row(y, z)[part.clone()], &mask.row(y, z)[part]);
                sums.add_row(row.0, row.1, [offset(0, own.start[0]), offset(1, y), offset(2, z)]);
            }
            sums
        });
        slices.into_iter().fold(Self::default(), |sum, slice| Self {
            count: sum.count + slice.count,
            sum: sum.sum + slice.sum,
            moment: std::array::from_fn(|i| sum.moment[i] + slice.moment[i]),
        })
    }

    fn add_row(&mut self, image: &[f64], mask: &[u8], [first, y, z]: [f64; 3]) {
        let (mut count, mut sum, mut moment) = (0, 0.0, 0.0);
        for (x, (&value, _)) in image.iter().zip(mask).enumerate().filter(|(_, (_, m))| **m != 0) {
            count += 1;
            sum += value;
            moment += value * (first + x as f64);
        }
        self.count += count;
        self.sum += sum;
        for (total, part) in self.moment.iter_mut().zip([moment, sum * y, sum * z]) {
            *total += part;
        }
    }
}
