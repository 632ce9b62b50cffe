//! Riesz transforms: derivatives in every direction that keep the strength of each frequency (IBSI 2: AYRS).

use super::{
    fourier::{Number, Transfer, frequencies},
    laplacian_of_gaussian::{AxisKernel, laplacian_of_gaussian},
    padded::Padded,
    simoncelli::{Band, filtered, pad},
    steering::{self, Order},
};
use crate::{Executor, IndexBox, View, separable::Padding};

/// What is transformed.
#[derive(Debug, Clone, PartialEq)]
pub enum Base {
    /// The image itself.
    Image,
    /// Its Laplacian of Gaussian, by the kernels of the three axes.
    LaplacianOfGaussian([AxisKernel; 3]),
    /// Its Simoncelli wavelet at a level.
    Simoncelli(u32),
}

/// Riesz transforms: one response map for each order.
///
/// ```
/// use voxomics_imaging::{
///     Serial, View,
///     filters::riesz::{Base, Riesz},
///     separable::Padding,
/// };
///
/// // The first order along x, like a derivative: a flat image has none.
/// let riesz =
///     Riesz { base: Base::Image, orders: vec![[1, 0, 0]], aligned: None, axes: 2, padding: Padding::Periodic };
/// let maps = riesz.apply(View::new([4, 4, 1], &[7.0; 16]), &Serial);
/// assert!(maps[0].iter().all(|response| response.abs() < 1e-9));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Riesz {
    /// What is transformed.
    pub base: Base,
    /// The transforms: for each of them how often it derives along *x*, *y* and *z*.
    pub orders: Vec<Order>,
    /// For transforms along the directions of the structure tensor instead of along the axes: the standard deviations
    /// along the axes, voxels, of the Gaussian that the tensor is smoothed with.
    pub aligned: Option<[f64; 3]>,
    /// Number of axes that are filtered: 3, or 2 within each slice.
    pub axes: usize,
    /// What lies beyond the edges of the scan.
    pub padding: Padding,
}

impl Riesz {
    /// The response maps, in the order of the transforms, *x* fastest. The image must be the whole scan along the axes that are filtered.
    pub fn apply(&self, image: View<f64>, executor: &dyn Executor) -> Vec<Vec<f64>> {
        self.apply_in(image, IndexBox::whole(image.dims()), executor)
    }

    /// The response maps in a box of the image, in the order of the transforms, *x* fastest. The image must be the whole scan along the
    /// axes that are filtered.
    ///
    /// # Panics
    /// If the box exceeds the image.
    pub fn apply_in(&self, image: View<f64>, kept: IndexBox, executor: &dyn Executor) -> Vec<Vec<f64>> {
        let level = if let Base::Simoncelli(level) = self.base { level } else { 1 };
        let around = pad(self.padding, level).max(match &self.base {
            Base::LaplacianOfGaussian(kernels) if self.padding != Padding::Periodic => {
                kernels.iter().map(AxisKernel::radius).max().unwrap_or(0)
            }
            _ => 0,
        });
        let mut padded = Padded::new(image, around, self.axes, self.padding);
        if let Base::LaplacianOfGaussian(kernels) = &self.base {
            let view = View::new(padded.dims, &padded.voxels);
            padded.voxels = laplacian_of_gaussian(view, kernels, self.padding, executor).into();
        }
        let kept = padded.place(kept);
        match self.aligned {
            None => self.transforms(&padded, &self.orders, true, kept, executor),
            Some(sigma) => self.steered(&padded, sigma, kept, executor),
        }
    }

    /// The transforms along the axes; without `weighted`, without the weight √(L! / Π l!).
    fn transforms(
        &self,
        image: &Padded<'_>,
        orders: &[Order],
        weighted: bool,
        kept: IndexBox,
        executor: &dyn Executor,
    ) -> Vec<Vec<f64>> {
        let waves = Waves::new(image.dims, self.axes);
        let band = match self.base {
            Base::Simoncelli(level) => Some(Band::new(image.dims, level, self.axes, executor)),
            _ => None,
        };
        let transforms: Vec<Transform<'_>> = orders
            .iter()
            .map(|order| {
                let weight = if weighted { weight(*order) } else { 1.0 };
                Transform { waves: &waves, band: band.as_ref(), order: *order, weight }
            })
            .collect();
        let transfers: Vec<&dyn Transfer> = transforms.iter().map(|transform| transform as &dyn Transfer).collect();
        filtered(image.dims, &image.voxels, &transfers, self.axes, kept, executor)
    }

    /// The transforms along the directions of the structure tensor of the first-order transforms.
    fn steered(&self, image: &Padded<'_>, sigma: [f64; 3], kept: IndexBox, executor: &dyn Executor) -> Vec<Vec<f64>> {
        let firsts: Vec<Order> = (0..self.axes).map(|axis| std::array::from_fn(|a| u32::from(a == axis))).collect();
        let around = kept.grown(steering::margin(image.dims, sigma, self.axes, self.padding), image.dims);
        let gradient = self.transforms(image, &firsts, true, around, executor);
        let frames = steering::frames(around.dims(), &gradient, sigma, self.padding, kept.within(around), executor);
        let turned = |order: &Order| {
            let parts = steering::monomials(order.iter().sum(), self.axes);
            let maps = self.transforms(image, &parts, false, kept, executor);
            steering::turn(*order, weight(*order), &frames, &parts, &maps)
        };
        self.orders.iter().map(turned).collect()
    }
}

/// √(L! / (l₁! l₂! l₃!)).
fn weight(order: Order) -> f64 {
    let factorial = |n: u32| (1..=n).map(f64::from).product::<f64>();
    (factorial(order.iter().sum()) / order.into_iter().map(factorial).product::<f64>()).sqrt()
}

/// The frequencies along each axis, cycles per voxel.
struct Waves([Vec<f64>; 3]);

impl Waves {
    fn new(dims: [usize; 3], axes: usize) -> Self {
        Self(std::array::from_fn(|axis| if axis < axes { frequencies(dims[axis]) } else { vec![0.0; dims[axis]] }))
    }

    /// Whether a place along an axis is the frequency that is its own opposite, but for 0: a half, of an even length.
    fn is_last(&self, axis: usize, at: usize) -> bool {
        self.0[axis][at] == -0.5
    }
}

/// weight · (−i)^L · Π ν^l / |ν|^L, and nothing at frequency 0; times a band.
struct Transform<'a> {
    waves: &'a Waves,
    band: Option<&'a Band>,
    order: Order,
    weight: f64,
}

impl Transform<'_> {
    /// The sign of the factor at the opposite frequency, times (−1)^L: what a real response has there is the conjugate. Only
    /// a frequency that is its own opposite does not change its sign.
    fn sign(&self, axis: usize, at: usize) -> f64 {
        let odd = !self.order[axis].is_multiple_of(2);
        if odd && self.waves.is_last(axis, at) { -1.0 } else { 1.0 }
    }
}

impl Transfer for Transform<'_> {
    fn multiply(&self, kx: usize, ky: usize, line: &mut [Number]) {
        let [x, y, z] = &self.waves.0;
        let [of_x, of_y, of_z] = self.order.map(|l| l as i32);
        let total = of_x + of_y + of_z;
        let turn = [(1.0, 0.0), (0.0, -1.0), (-1.0, 0.0), (0.0, 1.0)][total as usize % 4];
        let turn = Number::new(turn.0, turn.1) * (self.weight * x[kx].powi(of_x) * y[ky].powi(of_y));
        let (square, sign) = (x[kx] * x[kx] + y[ky] * y[ky], self.sign(0, kx) * self.sign(1, ky));
        let factor = |kz: usize, [here, opposite]: [f64; 2]| {
            let square = square + z[kz] * z[kz];
            let band = 0.5 * (here + sign * self.sign(2, kz) * opposite);
            if square == 0.0 || band == 0.0 {
                return 0.0;
            }
            let root = if total % 2 == 0 { 1.0 } else { square.sqrt() };
            band * z[kz].powi(of_z) / (square.powi(total / 2) * root)
        };
        match self.band {
            Some(band) => {
                let numbers = line.iter_mut().enumerate().zip(band.along(kx, ky));
                numbers.for_each(|((kz, number), band)| *number *= turn * factor(kz, band));
            }
            None => {
                line.iter_mut().enumerate().for_each(|(kz, number)| *number *= turn * factor(kz, [1.0; 2]));
            }
        }
    }
}
