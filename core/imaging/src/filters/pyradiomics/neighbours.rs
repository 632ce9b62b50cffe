//! Image types that look at the neighbours of a voxel: gradient magnitude and local binary patterns.

use crate::{Executor, View, separable::planes};

/// The length of the gradient by central differences, in single precision; voxels beyond the edges are those at the
/// edges. With a `spacing` of 1 the differences are per voxel.
///
/// ```
/// use voxomics_imaging::{Serial, View, filters::pyradiomics::neighbours::gradient};
///
/// // 2 for each voxel; at the edges one side of the difference is missing.
/// assert_eq!(gradient(View::new([3, 1, 1], &[0.0, 2.0, 4.0]), [1.0; 3], &Serial), [1.0, 2.0, 1.0]);
/// ```
pub fn gradient(image: View<f64>, spacing: [f64; 3], executor: &dyn Executor) -> Vec<f64> {
    let dims = image.dims();
    let [nx, ny, _] = dims;
    planes(nx * ny, dims[2], executor, &|| (), &|z, plane, ()| {
        for (i, out) in plane.iter_mut().enumerate() {
            let at = [i % nx, i / nx, z];
            let mut sum = 0.0;
            for axis in 0..3 {
                let (mut before, mut after) = (at, at);
                before[axis] = at[axis].saturating_sub(1);
                after[axis] = (at[axis] + 1).min(dims[axis] - 1);
                let slope = 0.5 * (image.at(after) - image.at(before)) / spacing[axis];
                sum += slope * slope;
            }
            *out = f64::from(sum.sqrt() as f32);
        }
    })
}

/// The smallest and the largest radius of a circle of neighbours, voxels.
pub const RADIUS: [f64; 2] = [0.001, 100.0];

/// The fewest and the most neighbours on a circle: more do not fit into the whole numbers of a double.
pub const SAMPLES: [u32; 2] = [1, 50];

/// The words of scikit-image for [`Patterns`] that there are, the default of PyRadiomics first.
pub const METHODS: [&str; 3] = ["uniform", "ror", "default"];

/// How local binary patterns become numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Patterns {
    /// The pattern as a binary number.
    Default,
    /// The smallest number of all its rotations.
    Ror,
    /// The number of neighbours that are not below the voxel, if the pattern changes at most twice; otherwise one more
    /// than there are neighbours.
    Uniform,
}

impl Patterns {
    /// The patterns of a word of [`METHODS`].
    pub fn named(word: &str) -> Option<Self> {
        let [uniform, ror, default] = METHODS;
        [(uniform, Self::Uniform), (ror, Self::Ror), (default, Self::Default)]
            .into_iter()
            .find_map(|(known, patterns)| (known == word).then_some(patterns))
    }
}

/// Local binary patterns of each slice: which of `samples` points on a circle of a radius, in voxels, are not below the
/// voxel in its middle. Points between voxels are interpolated linearly; beyond the slice there is 0. Where one of them is NaN,
/// so is the pattern: it is neither below nor above.
///
/// ```
/// use voxomics_imaging::{
///     Serial, View,
///     filters::pyradiomics::neighbours::{Patterns, binary_patterns},
/// };
///
/// // All eight neighbours are not below the voxel.
/// let flat = View::new([3, 3, 1], &[0.0; 9]);
/// assert_eq!(binary_patterns(flat, 1.0, 8, Patterns::Uniform, &Serial), [8.0; 9]);
/// assert_eq!(binary_patterns(flat, 1.0, 8, Patterns::Default, &Serial), [255.0; 9]);
/// ```
pub fn binary_patterns(
    image: View<f64>,
    radius: f64,
    samples: u32,
    patterns: Patterns,
    executor: &dyn Executor,
) -> Vec<f64> {
    let [nx, ny, nz] = image.dims();
    let angle = |i: u32| 2.0 * std::f64::consts::PI * f64::from(i) / f64::from(samples);
    // To five decimals, as scikit-image has them.
    let rounded = |x: f64| (x * 1e5).round_ties_even() / 1e5;
    let points: Vec<[f64; 2]> =
        (0..samples).map(|i| [rounded(radius * angle(i).cos()), rounded(-radius * angle(i).sin())]).collect();
    planes(nx * ny, nz, executor, &|| vec![false; samples as usize], &|z, plane, above| {
        for (i, out) in plane.iter_mut().enumerate() {
            let (x, y) = (i % nx, i / nx);
            let centre = image.at([x, y, z]);
            let mut is_number = true;
            for (above, [dx, dy]) in above.iter_mut().zip(&points) {
                let difference = between(image, [x as f64 + dx, y as f64 + dy], z) - centre;
                is_number &= !difference.is_nan();
                *above = difference >= 0.0;
            }
            *out = if is_number { number(above, patterns) } else { f64::NAN };
        }
    })
}

/// The intensity at a point of a slice.
fn between(image: View<f64>, [x, y]: [f64; 2], z: usize) -> f64 {
    let [nx, ny, _] = image.dims();
    let at = |x: f64, y: f64| {
        let inside = x >= 0.0 && y >= 0.0 && x < nx as f64 && y < ny as f64;
        if inside { image.at([x as usize, y as usize, z]) } else { 0.0 }
    };
    let (x0, y0) = (x.floor(), y.floor());
    let (x1, y1) = (x.ceil(), y.ceil());
    let (dx, dy) = (x - x0, y - y0);
    let top = (1.0 - dx) * at(x0, y0) + dx * at(x1, y0);
    let bottom = (1.0 - dx) * at(x0, y1) + dx * at(x1, y1);
    (1.0 - dy) * top + dy * bottom
}

fn number(above: &[bool], patterns: Patterns) -> f64 {
    let n = above.len();
    let binary =
        |first: usize| (0..n).rev().fold(0.0, |sum: f64, i| 2.0 * sum + f64::from(u8::from(above[(first + i) % n])));
    match patterns {
        Patterns::Default => binary(0),
        Patterns::Ror => (0..n).map(binary).fold(f64::INFINITY, f64::min),
        Patterns::Uniform => {
            let changes = above.windows(2).filter(|pair| pair[0] != pair[1]).count();
            let ones = above.iter().filter(|above| **above).count();
            if changes <= 2 { ones as f64 } else { n as f64 + 1.0 }
        }
    }
}
