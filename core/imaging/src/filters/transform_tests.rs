//! Filters that transform the image, against slow definitions.

use std::f64::consts::PI;

use rustfft::num_complex::Complex;

use super::{
    Rotation,
    fourier::{Number, Transfer, frequencies, good_length},
    gabor::{Gabor, directions},
    laplacian_of_gaussian::kernels,
    riesz::{Base, Riesz},
    simoncelli::{Simoncelli, filtered},
    tests::{boxes_agree, furthest, noise},
};
use crate::{IndexBox, Serial, View, separable::Padding, testing::Backwards};

const PADDINGS: [Padding; 4] = [Padding::Mirror, Padding::Nearest, Padding::Zero, Padding::Periodic];

/// Every frequency's response by the definition of the transform, the real part of it.
fn slow(dims: [usize; 3], image: &[f64], transfer: &dyn Fn([usize; 3]) -> Number) -> Vec<f64> {
    let index = |i: usize| [i % dims[0], i / dims[0] % dims[1], i / dims[0] / dims[1]];
    let phase = |k: usize, x: usize| {
        let (k, x) = (index(k), index(x));
        (0..3).map(|axis| 2.0 * PI * (k[axis] * x[axis]) as f64 / dims[axis] as f64).sum::<f64>()
    };
    let n = image.len();
    let of = |k: usize| -> Number {
        let sum: Number = (0..n).map(|x| Complex::from_polar(image[x], -phase(k, x))).sum();
        sum * transfer(index(k))
    };
    let spectrum: Vec<Number> = (0..n).map(of).collect();
    (0..n)
        .map(|x| (0..n).map(|k| (spectrum[k] * Complex::from_polar(1.0, phase(k, x))).re).sum::<f64>() / n as f64)
        .collect()
}

/// A transfer that no symmetry hides.
struct Odd;

impl Odd {
    fn at(k: [usize; 3], dims: [usize; 3]) -> Number {
        // The conjugate at the opposite frequency, as a real response has it.
        let nu = [0, 1, 2].map(|axis| frequencies(dims[axis])[k[axis]]);
        let nyquist = (0..3).any(|axis| nu[axis] == -0.5);
        let odd = if nyquist { [0.0; 2] } else { [nu[0] * nu[1], nu[0] + 2.0 * nu[1] - 3.0 * nu[2]] };
        Number::new(1.0 + nu[1] * nu[1] + odd[0], odd[1])
    }
}

struct For([usize; 3]);

impl Transfer for For {
    fn multiply(&self, kx: usize, ky: usize, line: &mut [Number]) {
        line.iter_mut().enumerate().for_each(|(kz, number)| *number *= Odd::at([kx, ky, kz], self.0));
    }
}

#[test]
fn a_transform_is_what_its_definition_says_on_any_shape() {
    for dims in [[4, 3, 5], [5, 4, 2], [1, 1, 1], [7, 1, 1], [1, 6, 1], [1, 1, 4], [2, 2, 2]] {
        let image = noise(dims);
        let transfer = For(dims);
        let found = filtered(dims, &image, &[&transfer], 3, IndexBox::whole(dims), &Serial).swap_remove(0);
        let far = furthest(&found, &slow(dims, &image, &|k| Odd::at(k, dims)));
        assert!(far < 1e-9, "{dims:?}: off by {far}");
        let slice = [dims[0], dims[1], 1];
        let voxels = dims[0] * dims[1];
        let found = filtered(dims, &image, &[&For(slice)], 2, IndexBox::whole(dims), &Serial).swap_remove(0);
        for (found, image) in found.chunks(voxels).zip(image.chunks(voxels)) {
            let far = furthest(found, &slow(slice, image, &|k| Odd::at(k, slice)));
            assert!(far < 1e-9, "{slice:?}: off by {far}");
        }
    }
}

#[test]
fn good_lengths_have_small_factors() {
    assert_eq!([1, 11, 13, 64, 121, 197].map(good_length), [1, 12, 14, 64, 125, 200]);
    assert_eq!(frequencies(4), [0.0, 0.25, -0.5, -0.25]);
    assert_eq!(frequencies(3), [0.0, 1.0 / 3.0, -1.0 / 3.0]);
}

fn gabor(padding: Padding, pooling: Rotation, planes: Vec<[usize; 2]>) -> Gabor {
    Gabor { sigma_mm: 1.0, lambda_mm: 2.5, gamma: 0.8, thetas: vec![0.3, 1.7], pooling, planes, truncate: 3.0, padding }
}

/// The definition, voxel by voxel.
fn slow_gabor(image: View<f64>, of: &Gabor, spacing: [f64; 3]) -> Vec<f64> {
    let dims = image.dims();
    let mut responses = Vec::new();
    for plane in &of.planes {
        for theta in &of.thetas {
            let [a, b] = *plane;
            let radius = plane
                .map(|axis| (of.truncate * of.sigma_mm.max(of.sigma_mm / of.gamma) / spacing[axis] + 0.5) as isize);
            let response = |i: usize| {
                let at = [i % dims[0], i / dims[0] % dims[1], i / dims[0] / dims[1]];
                let mut sum = Number::new(0.0, 0.0);
                for v in -radius[1]..=radius[1] {
                    for u in -radius[0]..=radius[0] {
                        let (x, y) = (u as f64 * spacing[a], v as f64 * spacing[b]);
                        let (along, across) = (x * theta.cos() + y * theta.sin(), y * theta.cos() - x * theta.sin());
                        let g = (-(along * along + of.gamma * of.gamma * across * across)
                            / (2.0 * of.sigma_mm.powi(2)))
                        .exp();
                        let source = |axis: usize, d: isize| of.padding.source(at[axis] as isize - d, dims[axis]);
                        if let (Some(x), Some(y)) = (source(a, u), source(b, v)) {
                            let mut from = at;
                            (from[a], from[b]) = (x, y);
                            sum += Complex::from_polar(g * image.at(from), 2.0 * PI * along / of.lambda_mm);
                        }
                    }
                }
                sum.norm()
            };
            responses.push((0..image.data().len()).map(response).collect::<Vec<f64>>());
        }
    }
    let (count, average) = (responses.len() as f64, of.pooling == Rotation::Average);
    let pool = |a: f64, b: f64| match of.pooling {
        Rotation::Max => a.max(b),
        Rotation::Min => a.min(b),
        _ => a + b,
    };
    let pooled = responses.into_iter().reduce(|a, b| a.iter().zip(b).map(|(a, b)| pool(*a, b)).collect());
    pooled.expect("a direction").into_iter().map(|x| if average { x / count } else { x }).collect()
}

#[test]
fn gabor_is_what_the_definition_says() {
    let spacing = [0.9, 1.0, 1.3];
    for dims in [[7, 9, 6], [1, 3, 2]] {
        let voxels = noise(dims);
        let image = View::new(dims, &voxels);
        for padding in PADDINGS {
            for pooling in [Rotation::Average, Rotation::Max, Rotation::Min] {
                for planes in [vec![[0, 1]], vec![[0, 1], [0, 2], [1, 2]]] {
                    let gabor = gabor(padding, pooling, planes);
                    let found = gabor.apply(image, spacing, &Serial);
                    let far = furthest(&found, &slow_gabor(image, &gabor, spacing));
                    assert!(far < 1e-9, "{dims:?} {padding:?} {pooling:?}: off by {far}");
                    assert!(found == gabor.apply(image, spacing, &Backwards), "the order of the chunks");
                }
            }
        }
    }
}

#[test]
fn gabor_in_a_box_with_its_margin_is_that_of_the_whole_scan() {
    // The transforms of box and scan differ in length: alike but for rounding.
    let (dims, spacing) = ([16, 14, 13], [1.0; 3]);
    for padding in PADDINGS {
        let gabor = gabor(padding, Rotation::Average, vec![[0, 1], [0, 2], [1, 2]]);
        let rounded = |image: View<f64>, executor: &dyn crate::Executor| {
            vec![gabor.apply(image, spacing, executor).into_iter().map(|x| (x * 1e7).round() / 1e7).collect()]
        };
        boxes_agree(dims, gabor.margin(dims, spacing), &format!("{padding:?}"), &rounded);
    }
}

#[test]
fn half_a_turn_shows_every_direction_of_a_modulus() {
    assert_eq!(directions(0.0, PI / 4.0).map(|found| found.len()), Ok(4));
    assert_eq!(directions(0.5, 2.0 * PI / 3.0).map(|found| found.len()), Ok(3));
    assert!(directions(0.0, 1.0).is_err() && directions(0.0, 0.0).is_err() && directions(0.0, f64::NAN).is_err());
}

#[test]
fn a_band_is_that_of_its_frequencies() {
    let dims = [6, 5, 4];
    let voxels = noise(dims);
    let grid = |n: usize, i: usize| -1.0 + 2.0 * ((i + n / 2) % n) as f64 / (n as f64 - 1.0);
    for (level, axes) in [(1, 3), (2, 3), (1, 2)] {
        let simoncelli = Simoncelli { levels: vec![level], axes, padding: Padding::Periodic };
        let found = simoncelli.apply(View::new(dims, &voxels), &Serial).swap_remove(0);
        let size = if axes == 3 { dims } else { [dims[0], dims[1], 1] };
        let band = |k: [usize; 3]| {
            let r = (0..axes).map(|axis| grid(dims[axis], k[axis]).powi(2)).sum::<f64>().sqrt();
            let r = r * f64::from(1_u32 << (level - 1));
            let inside = (0.25..=1.0 + 1e-15).contains(&r);
            Number::new(if inside { (PI / 2.0 * (2.0 * r).log2()).cos() } else { 0.0 }, 0.0)
        };
        let count: usize = size.iter().product();
        for (found, voxels) in found.chunks(count).zip(voxels.chunks(count)) {
            let far = furthest(found, &slow(size, voxels, &band));
            assert!(far < 1e-9, "level {level}, {axes}D: off by {far}");
        }
    }
}

/// The transforms of an order of an image that has no frequency that is its own opposite.
fn riesz(orders: &[[u32; 3]], aligned: Option<[f64; 3]>, axes: usize) -> Vec<Vec<f64>> {
    let dims = [9, 7, 5];
    let voxels = noise(dims);
    let riesz = Riesz { base: Base::Image, orders: orders.to_vec(), aligned, axes, padding: Padding::Periodic };
    riesz.apply(View::new(dims, &voxels), &Serial)
}

fn energy(maps: &[Vec<f64>]) -> Vec<f64> {
    (0..maps[0].len()).map(|i| maps.iter().map(|map| map[i] * map[i]).sum()).collect()
}

const SECOND: [[u32; 3]; 6] = [[2, 0, 0], [0, 2, 0], [0, 0, 2], [1, 1, 0], [1, 0, 1], [0, 1, 1]];

#[test]
fn the_transforms_of_an_order_keep_the_energy() {
    let voxels = noise([9, 7, 5]);
    let mean = voxels.iter().sum::<f64>() / voxels.len() as f64;
    let whole: f64 = voxels.iter().map(|x| (x - mean).powi(2)).sum();
    for orders in [&[[1, 0, 0], [0, 1, 0], [0, 0, 1]][..], &SECOND] {
        let sum: f64 = energy(&riesz(orders, None, 3)).iter().sum();
        assert!((sum / whole - 1.0).abs() < 1e-12, "{orders:?}: {sum} of {whole}");
    }
}

#[test]
fn a_wave_has_the_transform_that_calculus_gives() {
    // The first transform along x of cos(2πx/n) is sin(2πx/n), the second −cos.
    let dims = [8, 3, 3];
    let wave = |of: fn(f64) -> f64| (0..72).map(|i| of(2.0 * PI * (i % 8) as f64 / 8.0)).collect::<Vec<f64>>();
    let riesz = Riesz {
        base: Base::Image,
        orders: vec![[1, 0, 0], [2, 0, 0], [0, 1, 0]],
        aligned: None,
        axes: 3,
        padding: Padding::Periodic,
    };
    let found = riesz.apply(View::new(dims, &wave(f64::cos)), &Serial);
    assert!(furthest(&found[0], &wave(f64::sin)) < 1e-12);
    assert!(furthest(&found[1], &wave(|x| -x.cos())) < 1e-12);
    assert!(furthest(&found[2], &[0.0; 72]) < 1e-12);
}

#[test]
fn turning_the_transforms_keeps_their_energy_at_every_voxel() {
    for (orders, axes) in [(&SECOND[..], 3), (&[[2, 0, 0], [1, 1, 0], [0, 2, 0]], 2)] {
        let along_axes = energy(&riesz(orders, None, axes));
        let turned = energy(&riesz(orders, Some([1.5; 3]), axes));
        assert!(furthest(&along_axes, &turned) < 1e-8 * along_axes.iter().copied().fold(0.0, f64::max));
    }
    let first = riesz(&[[1, 0, 0]], Some([1.0; 3]), 3);
    assert!(first[0].iter().all(|x| *x >= 0.0), "the direction is that in which the image rises");
}

#[test]
fn filters_of_a_whole_scan_take_any_padding_and_shape() {
    for dims in [[5, 4, 3], [1, 1, 1], [0, 3, 2]] {
        let voxels = noise(dims);
        let image = View::new(dims, &voxels);
        for padding in PADDINGS {
            for base in [Base::Image, Base::Simoncelli(1), Base::LaplacianOfGaussian(kernels(1.0, 4.0, [1.0; 3], 3))] {
                let riesz = Riesz { base, orders: vec![[1, 0, 0]], aligned: Some([1.0; 3]), axes: 3, padding };
                let found = riesz.apply(image, &Serial).swap_remove(0);
                assert!(found.len() == voxels.len() && found.iter().all(|x| x.is_finite()), "{dims:?} {padding:?}");
            }
            let found = Simoncelli { levels: vec![1], axes: 2, padding }.apply(image, &Serial).swap_remove(0);
            assert_eq!(found.len(), voxels.len());
            let found = gabor(padding, Rotation::Max, vec![[1, 2]]).apply(image, [1.0; 3], &Serial);
            assert_eq!(found.len(), voxels.len());
        }
    }
}

#[test]
fn the_order_of_the_chunks_does_not_matter() {
    let dims = [40, 50, 40];
    let voxels = noise(dims);
    let image = View::new(dims, &voxels);
    let riesz =
        Riesz { base: Base::Simoncelli(1), orders: vec![[0, 1, 1]], aligned: None, axes: 3, padding: Padding::Mirror };
    assert!(riesz.apply(image, &Serial) == riesz.apply(image, &Backwards));
    let simoncelli = Simoncelli { levels: vec![1, 2], axes: 2, padding: Padding::Periodic };
    assert!(simoncelli.apply(image, &Serial) == simoncelli.apply(image, &Backwards));
}

#[test]
fn transforms_are_steered_along_a_plane_wave() {
    // Of cos φ with φ = 2π ν·x: along ν, the first transform is sin φ and the second −cos φ; across it, both are nothing. Where the image rises
    // against ν the direction is −ν, so that the first one is |sin φ|.
    let dims = [12, 10, 8];
    for waves in [[2, 0, 0], [0, 0, 1], [2, 1, 0], [1, -2, 1], [-3, 2, 2]] {
        let nu: [f64; 3] = std::array::from_fn(|axis| f64::from(waves[axis]) / dims[axis] as f64);
        let length = nu.iter().map(|nu| nu * nu).sum::<f64>().sqrt();
        let place = |i: usize| [i % dims[0], i / dims[0] % dims[1], i / dims[0] / dims[1]];
        let phase = |i: usize| (0..3).map(|axis| 2.0 * PI * nu[axis] * place(i)[axis] as f64).sum::<f64>();
        let wave = |of: fn(f64) -> f64| (0..960).map(|i| of(phase(i))).collect::<Vec<f64>>();
        let riesz = |orders: &[[u32; 3]], aligned: Option<[f64; 3]>| {
            let orders = orders.to_vec();
            let riesz = Riesz { base: Base::Image, orders, aligned, axes: 3, padding: Padding::Periodic };
            riesz.apply(View::new(dims, &wave(f64::cos)), &Serial)
        };
        let along_axes = riesz(&[[1, 0, 0], [0, 1, 0], [0, 0, 1]], None);
        for (found, nu) in along_axes.iter().zip(nu) {
            assert!(furthest(found, &wave(f64::sin).iter().map(|x| x * nu / length).collect::<Vec<_>>()) < 1e-12);
        }
        let orders = [[1, 0, 0], [0, 1, 0], [0, 0, 1], [2, 0, 0], [0, 2, 0], [1, 1, 0], [0, 1, 1]];
        let steered = riesz(&orders, Some([1.5; 3]));
        let none = vec![0.0; 960];
        let expected =
            [wave(|x| x.sin().abs()), none.clone(), none.clone(), wave(|x| -x.cos()), none.clone(), none.clone(), none];
        for ((found, expected), order) in steered.iter().zip(&expected).zip(orders) {
            let far = furthest(found, expected);
            assert!(far < 1e-9, "{waves:?}, order {order:?}: off by {far}");
        }
    }
}

#[test]
fn an_edge_is_met_in_its_own_direction_however_it_is_turned() {
    let (dims, middle) = ([24, 24, 8], [11.5, 11.5, 3.5]);
    let place = |i: usize| [i % dims[0], i / dims[0] % dims[1], i / dims[0] / dims[1]];
    let edge = |degrees: f64| {
        let normal = [degrees.to_radians().cos(), degrees.to_radians().sin()];
        let along = |i: usize| (0..2).map(|axis| normal[axis] * (place(i)[axis] as f64 - middle[axis])).sum::<f64>();
        (normal, (0..24 * 24 * 8).map(|i| (along(i) / 1.5).tanh()).collect::<Vec<f64>>())
    };
    let riesz = |voxels: &[f64], orders: &[[u32; 3]], aligned: Option<[f64; 3]>, padding: Padding| {
        let orders = orders.to_vec();
        let riesz = Riesz { base: Base::Image, orders, aligned, axes: 3, padding };
        riesz.apply(View::new(dims, voxels), &Serial)
    };
    let at = |map: &[f64], x: usize, y: usize| map[(3 * 24 + y) * 24 + x];
    let firsts = [[1, 0, 0], [0, 1, 0], [0, 0, 1]];
    let mut strengths = Vec::new();
    for degrees in [0.0, 30.0, 45.0, 70.0, 90.0, 160.0] {
        let (normal, voxels) = edge(degrees);
        let along_axes = riesz(&voxels, &firsts, None, Padding::Nearest);
        let steered = riesz(&voxels, &firsts, Some([2.0; 3]), Padding::Nearest);
        for (x, y) in [(11, 11), (12, 11), (11, 12), (12, 12)] {
            let [along, across, beside] = [0, 1, 2].map(|order| at(&steered[order], x, y));
            let of_normal = (0..2).map(|axis| normal[axis] * at(&along_axes[axis], x, y)).sum::<f64>().abs();
            assert!((along / of_normal - 1.0).abs() < 0.01, "{degrees}°: {along} is not {of_normal}");
            assert!(across.abs().max(beside.abs()) < 0.1 * along, "{degrees}°: {across} and {beside} of {along}");
            strengths.push(along);
        }
    }
    let (least, most) = strengths.iter().fold((f64::MAX, 0.0_f64), |(least, most), x| (least.min(*x), most.max(*x)));
    assert!(least > 0.9 * most, "from {least} to {most}");
    // A quarter turn turns the response with the image. Padding would not be the same on both sides, and of an even number of voxels the
    // shortest wave has no direction.
    let dims = [23, 23, 7];
    let turned_from = |i: usize| (i / 529 * 23 + 22 - i % 23) * 23 + i / 23 % 23;
    let turn = |map: &[f64]| (0..map.len()).map(|i| map[turned_from(i)]).collect();
    let voxels = noise(dims);
    let turned: Vec<f64> = turn(&voxels);
    let orders = [[1, 0, 0], [2, 0, 0], [0, 2, 0]];
    let pair = [&voxels, &turned].map(|voxels| {
        let riesz = Riesz {
            base: Base::Image,
            orders: orders.to_vec(),
            aligned: Some([2.0; 3]),
            axes: 3,
            padding: Padding::Periodic,
        };
        riesz.apply(View::new(dims, voxels), &Serial)
    });
    for (plain, of_turned) in pair[0].iter().zip(&pair[1]) {
        let plain: Vec<f64> = turn(plain);
        assert!(furthest(&plain, of_turned) < 1e-8 * plain.iter().fold(0.0, |most: f64, x| most.max(x.abs())));
    }
}
