//! Riesz transforms: derivatives in every direction that keep the strength of each frequency (IBSI 2: AYRS).

use super::{
    fourier::{Number, Transfer, frequencies},
    laplacian_of_gaussian::{AxisKernel, laplacian_of_gaussian},
    padded::Padded,
    simoncelli::{Band, filtered, pad},
    steering::{self, Order},
};
use crate::{Executor, View, separable::Padding};

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
#[derive(Debug, Clone, PartialEq)]
pub struct Riesz {
    /// What is transformed.
    pub base: Base,
    /// Which transforms.
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
    /// The response maps, in the order of the transforms, *x* fastest. The image must be the whole scan along the axes
    /// that are filtered.
    pub fn apply(&self, image: View<f64>, executor: &dyn Executor) -> Vec<Vec<f64>> {
        let dims = image.dims();
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
            padded.voxels = laplacian_of_gaussian(view, kernels, self.padding, executor);
        }
        let maps = match self.aligned {
            None => self.transforms(&padded, &self.orders, true, executor),
            Some(sigma) => self.steered(&padded, sigma, executor),
        };
        maps.into_iter().map(|map| padded.inside(map, dims)).collect()
    }

    /// The transforms along the axes; without `weighted`, without the weight √(L! / Π l!).
    fn transforms(&self, image: &Padded, orders: &[Order], weighted: bool, executor: &dyn Executor) -> Vec<Vec<f64>> {
        let waves = Waves::new(image.dims, self.axes);
        let band = match self.base {
            Base::Simoncelli(level) => Some(Band::new(image.dims, level, self.axes)),
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
        filtered(image.dims, &image.voxels, &transfers, self.axes, executor)
    }

    /// The transforms along the directions of the structure tensor of the first-order transforms.
    fn steered(&self, image: &Padded, sigma: [f64; 3], executor: &dyn Executor) -> Vec<Vec<f64>> {
        let firsts: Vec<Order> = (0..self.axes).map(|axis| std::array::from_fn(|a| u32::from(a == axis))).collect();
        let gradient = self.transforms(image, &firsts, true, executor);
        let frames = steering::frames(image.dims, &gradient, sigma, self.padding, executor);
        let turned = |order: &Order| {
            let parts = steering::monomials(order.iter().sum(), self.axes);
            let maps = self.transforms(image, &parts, false, executor);
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

/// The frequencies along each axis, cycles per voxel, and the opposite ones.
struct Waves {
    here: [Vec<f64>; 3],
    opposite: [Vec<f64>; 3],
}

impl Waves {
    fn new(dims: [usize; 3], axes: usize) -> Self {
        let here: [Vec<f64>; 3] =
            std::array::from_fn(|axis| if axis < axes { frequencies(dims[axis]) } else { vec![0.0; dims[axis]] });
        let mirrored = |of: &Vec<f64>| (0..of.len()).map(|i| of[(of.len() - i) % of.len()]).collect();
        Self { opposite: [0, 1, 2].map(|axis| mirrored(&here[axis])), here }
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
    /// The real factor at a frequency.
    fn factor(&self, nu: [f64; 3]) -> f64 {
        let square: f64 = nu.iter().map(|x| x * x).sum();
        if square == 0.0 {
            return 0.0;
        }
        let inverse = 1.0 / square.sqrt();
        nu.iter().zip(self.order).map(|(x, l)| (x * inverse).powi(l as i32)).product()
    }
}

impl Transfer for Transform<'_> {
    fn multiply(&self, kx: usize, ky: usize, line: &mut [Number]) {
        let total: u32 = self.order.iter().sum();
        let turn = [(1.0, 0.0), (0.0, -1.0), (-1.0, 0.0), (0.0, 1.0)][total as usize % 4];
        let turn = Number::new(turn.0, turn.1) * self.weight;
        let sign = if total.is_multiple_of(2) { 1.0 } else { -1.0 };
        for (kz, number) in line.iter_mut().enumerate() {
            let at = |waves: &[Vec<f64>; 3]| [waves[0][kx], waves[1][ky], waves[2][kz]];
            let [here, opposite] = self.band.map_or([1.0; 2], |band| band.at([kx, ky, kz]));
            // What is kept is what a real response can have: F(−ν) is the conjugate of F(ν).
            let here = if here == 0.0 { 0.0 } else { here * self.factor(at(&self.waves.here)) };
            let opposite = if opposite == 0.0 { 0.0 } else { opposite * self.factor(at(&self.waves.opposite)) };
            *number *= turn * (0.5 * (here + sign * opposite));
        }
    }
}
