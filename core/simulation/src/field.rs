//! Random fields on a voxel grid, and the convolutions that give them their correlation.

use rand::Rng;

/// Standard deviation of the sum of four random bytes: √(4 · (256² − 1) / 12).
const FOUR_BYTES_SD: f32 = 147.800_54;
/// Mean of the sum of four random bytes.
const FOUR_BYTES_MEAN: f32 = 510.0;

/// Values on a grid, x fastest.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Field {
    pub(crate) dims: [usize; 3],
    pub(crate) values: Vec<f32>,
}

impl Field {
    /// Independent values of mean 0 and standard deviation 1, nearly normal (the sum of four random bytes each, which is
    /// the same number on every machine).
    pub(crate) fn white(dims: [usize; 3], rng: &mut impl Rng) -> Self {
        let mut values = vec![0.0; dims.iter().product()];
        let mut bytes = [0_u8; 4096];
        for chunk in values.chunks_mut(bytes.len() / 4) {
            rng.fill_bytes(&mut bytes);
            for (value, four) in chunk.iter_mut().zip(bytes.chunks_exact(4)) {
                let sum: u16 = four.iter().map(|&byte| u16::from(byte)).sum();
                *value = (f32::from(sum) - FOUR_BYTES_MEAN) / FOUR_BYTES_SD;
            }
        }
        Self { dims, values }
    }

    /// A field of mean 0 and standard deviation 1 whose correlation comes from one kernel per axis.
    pub(crate) fn coloured(dims: [usize; 3], kernels: [&[f32]; 3], rng: &mut impl Rng) -> Self {
        let wide = std::array::from_fn(|axis| dims[axis] + kernels[axis].len() - 1);
        let mut field = Self::white(wide, rng);
        for (axis, kernel) in kernels.into_iter().enumerate() {
            let length = kernel.iter().map(|weight| weight * weight).sum::<f32>().sqrt();
            let unit: Vec<f32> = kernel.iter().map(|weight| weight / length).collect();
            field = field.convolved(axis, &unit);
        }
        field
    }

    /// A field of mean 0 and standard deviation 1, smoothed by a Gaussian of `sigma` voxels along each axis.
    pub(crate) fn smooth(dims: [usize; 3], sigma: [f32; 3], rng: &mut impl Rng) -> Self {
        let kernels = sigma.map(gaussian);
        Self::coloured(dims, [&kernels[0], &kernels[1], &kernels[2]], rng)
    }

    /// Convolution along an axis where the whole kernel fits: the axis loses the kernel's length less one.
    fn convolved(&self, axis: usize, kernel: &[f32]) -> Self {
        let mut dims = self.dims;
        dims[axis] -= kernel.len() - 1;
        let [nx, ny, nz] = dims;
        let strides = [1, self.dims[0], self.dims[0] * self.dims[1]];
        let mut values = vec![0.0; nx * ny * nz];
        for z in 0..nz {
            for y in 0..ny {
                let row = &mut values[(z * ny + y) * nx..][..nx];
                let start = y * strides[1] + z * strides[2];
                for (tap, weight) in kernel.iter().enumerate() {
                    let source = &self.values[start + tap * strides[axis]..][..nx];
                    for (value, source) in row.iter_mut().zip(source) {
                        *value += weight * source;
                    }
                }
            }
        }
        Self { dims, values }
    }

    /// The field blurred by `[tap, 1 − 2 tap, tap]` along each axis; at the borders the outermost values go on.
    pub(crate) fn blurred(mut self, taps: [f32; 3]) -> Self {
        for (axis, tap) in taps.into_iter().enumerate() {
            self = self.widened(axis).convolved(axis, &[tap, 1.0 - 2.0 * tap, tap]);
        }
        self
    }

    /// The field with its outermost values repeated once at both ends of an axis.
    fn widened(&self, axis: usize) -> Self {
        let mut dims = self.dims;
        dims[axis] += 2;
        // Along an axis, the slices before it are blocks that lie side by side.
        let block: usize = self.dims[..axis].iter().product();
        let length = self.dims[axis] * block;
        let mut values = Vec::with_capacity(dims.iter().product());
        for line in self.values.chunks_exact(length.max(1)) {
            values.extend_from_slice(&line[..block]);
            values.extend_from_slice(line);
            values.extend_from_slice(&line[length - block..]);
        }
        Self { dims, values }
    }
}

/// A Gaussian's weights out to three standard deviations.
fn gaussian(sigma: f32) -> Vec<f32> {
    let reach = (3.0 * sigma).ceil() as i32;
    (-reach..=reach).map(|tap| (-0.5 * (tap as f32 / sigma).powi(2)).exp()).collect()
}

/// A slowly varying field: random values on a coarse lattice, interpolated linearly.
pub(crate) struct Lattice {
    cell_mm: f32,
    field: Field,
}

impl Lattice {
    /// A lattice that covers `extent_mm`, from 0 on.
    pub(crate) fn new(extent_mm: [f32; 3], cell_mm: f32, rng: &mut impl Rng) -> Self {
        let dims = extent_mm.map(|mm| (mm / cell_mm).ceil() as usize + 2);
        Self { cell_mm, field: Field::white(dims, rng) }
    }

    /// The values at `y` and `z` mm for every multiple of `step` mm along x.
    pub(crate) fn row(&self, y: f32, z: f32, step: f32, line: &mut Vec<f32>, out: &mut [f32]) {
        let [nx, ny, nz] = self.field.dims;
        let place = |mm: f32, count: usize| {
            let cell = (mm / self.cell_mm).max(0.0);
            let base = (cell as usize).min(count - 2);
            (base, (cell - base as f32).min(1.0))
        };
        let ((y, fy), (z, fz)) = (place(y, ny), place(z, nz));
        let row = |y: usize, z: usize| &self.field.values[(z * ny + y) * nx..][..nx];
        let corners = [row(y, z), row(y + 1, z), row(y, z + 1), row(y + 1, z + 1)];
        let weights = [(1.0 - fy) * (1.0 - fz), fy * (1.0 - fz), (1.0 - fy) * fz, fy * fz];
        line.clear();
        line.extend((0..nx).map(|x| (0..4).map(|corner| weights[corner] * corners[corner][x]).sum::<f32>()));
        for (index, out) in out.iter_mut().enumerate() {
            let (x, fx) = place(index as f32 * step, nx);
            *out = line[x] + fx * (line[x + 1] - line[x]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    fn moments(values: &[f32]) -> (f64, f64) {
        let n = values.len() as f64;
        let mean = values.iter().map(|&value| f64::from(value)).sum::<f64>() / n;
        (mean, (values.iter().map(|&value| (f64::from(value) - mean).powi(2)).sum::<f64>() / n).sqrt())
    }

    #[test]
    fn fields_have_mean_0_and_standard_deviation_1_whatever_their_kernel() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let (mean, sd) = moments(&Field::white([64, 32, 16], &mut rng).values);
        assert!(mean.abs() < 0.02 && (sd - 1.0).abs() < 0.02, "{mean} {sd}");
        let field = Field::smooth([48, 40, 32], [1.5, 1.0, 0.5], &mut rng);
        assert_eq!((field.dims, field.values.len()), ([48, 40, 32], 48 * 40 * 32));
        let (mean, sd) = moments(&field.values);
        assert!(mean.abs() < 0.1 && (sd - 1.0).abs() < 0.05, "{mean} {sd}");
    }

    #[test]
    fn a_blur_keeps_the_grid_and_a_flat_field_and_spreads_a_point_evenly() {
        let flat = Field { dims: [3, 1, 2], values: vec![7.0; 6] };
        let blurred = flat.clone().blurred([0.2, 0.2, 0.1]);
        assert!(blurred.dims == flat.dims && blurred.values.iter().all(|value| (value - 7.0).abs() < 1e-5));
        let mut point = Field { dims: [3, 3, 3], values: vec![0.0; 27] };
        point.values[13] = 1.0;
        let values = point.blurred([0.25, 0.1, 0.0]).values;
        let expected = [(13, 0.4), (12, 0.2), (14, 0.2), (10, 0.05), (16, 0.05), (4, 0.0), (22, 0.0)];
        for (index, value) in expected {
            assert!((values[index] - value).abs() < 1e-6, "{index}: {}", values[index]);
        }
    }

    #[test]
    fn a_lattice_s_row_is_its_points_and_lines_between_them() {
        let lattice = Lattice::new([20.0, 10.0, 10.0], 5.0, &mut ChaCha8Rng::seed_from_u64(2));
        let mut row = [0.0; 9];
        lattice.row(5.0, 10.0, 2.5, &mut Vec::new(), &mut row);
        let [nx, ny, _] = lattice.field.dims;
        let points = &lattice.field.values[(2 * ny + 1) * nx..][..nx];
        assert_eq!((row[0], row[2], row[8]), (points[0], points[1], points[4]));
        assert!((row[1] - (points[0] + points[1]) / 2.0).abs() < 1e-6);
    }
}
