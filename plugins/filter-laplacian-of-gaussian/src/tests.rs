//! The response against a slow one, and what must hold for every filter.

use std::f64::consts::PI;

use voxomics_imaging::{
    Executor, IndexBox, Serial, View,
    filters::laplacian_of_gaussian::{kernels, laplacian_of_gaussian, radius},
    mask::crop,
    separable::Padding,
};

use crate::LaplacianOfGaussian;

const PADDINGS: [Padding; 4] = [Padding::Mirror, Padding::Nearest, Padding::Zero, Padding::Periodic];

/// Runs the chunks on three threads, the last one first.
struct Backwards;

impl Executor for Backwards {
    fn for_each(&self, count: usize, chunk: &(dyn Fn(usize) + Sync)) {
        std::thread::scope(|scope| {
            for thread in 0..3 {
                scope.spawn(move || (0..count).rev().filter(|i| i % 3 == thread).for_each(chunk));
            }
        });
    }
}

/// Numbers that look random, from −1000 to 1000.
fn noise(count: usize) -> Vec<f64> {
    let mut state = 11_u64;
    let next = |_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64 * 2000.0 - 1000.0
    };
    (0..count).map(next).collect()
}

/// The formula of the standard, r in mm, voxel by voxel over the whole box of the kernel.
fn slow(image: View<f64>, sigma: f64, truncate: f64, spacing: [f64; 3], axes: usize, padding: Padding) -> Vec<f64> {
    let [nx, ny, nz] = image.dims();
    let d = axes as f64;
    let radius: [_; 3] =
        std::array::from_fn(|a| if a < axes { (truncate * sigma / spacing[a] + 0.5) as usize } else { 0 });
    let s = sigma / spacing[..axes].iter().product::<f64>().powf(1.0 / d);
    let sources: [_; 3] = std::array::from_fn(|axis| padding.sources(image.dims()[axis], radius[axis]));
    let mut out = Vec::new();
    for (z, y, x) in (0..nz).flat_map(|z| (0..ny).flat_map(move |y| (0..nx).map(move |x| (z, y, x)))) {
        let mut sum = 0.0;
        for k in 0..=2 * radius[2] {
            for j in 0..=2 * radius[1] {
                for i in 0..=2 * radius[0] {
                    let at = [i, j, k];
                    let mm = |a: usize| (at[a] as f64 - radius[a] as f64) * spacing[a];
                    let t = (0..axes).map(|a| mm(a) * mm(a)).sum::<f64>() / (sigma * sigma);
                    let weight = -(2.0 * PI * s * s).powf(-d / 2.0) * (d - t) * (-t / 2.0).exp() / (s * s);
                    if let (Some(x), Some(y), Some(z)) = (sources[0][x + i], sources[1][y + j], sources[2][z + k]) {
                        sum += weight * image.at([x, y, z]);
                    }
                }
            }
        }
        out.push(sum);
    }
    out
}

fn furthest(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}

#[test]
fn it_is_the_formula_of_the_standard_on_any_shape_and_spacing() {
    for dims in [[9, 8, 7], [1, 1, 1], [6, 1, 1], [1, 5, 1], [1, 1, 4], [2, 1, 3]] {
        let voxels = noise(dims.iter().product());
        let image = View::new(dims, &voxels);
        for (spacing, sigma) in [([2.0; 3], 3.0), ([0.5, 0.8, 1.3], 1.0)] {
            for padding in PADDINGS {
                for axes in [2, 3] {
                    let kernels = kernels(sigma, 3.0, spacing, axes);
                    let found = laplacian_of_gaussian(image, &kernels, padding, &Serial);
                    let expected = slow(image, sigma, 3.0, spacing, axes, padding);
                    let far = furthest(&found, &expected);
                    assert!(far < 1e-10, "{dims:?} {spacing:?} {padding:?} {axes}D: off by {far}");
                }
            }
        }
    }
}

#[test]
fn an_impulse_shows_the_kernel_of_the_standard() {
    // IBSI 2, test 2.a: an impulse of 255, sigma 3 mm on voxels of 2 mm. The reference map goes from −6.396486759185791
    // in the centre to 0.34949275851249695; 1 % of that range is the standard's tolerance.
    let dims = [17; 3];
    let mut voxels = vec![0.0; 17 * 17 * 17];
    voxels[(8 * 17 + 8) * 17 + 8] = 255.0;
    let kernels = kernels(3.0, 4.0, [2.0; 3], 3);
    let response = laplacian_of_gaussian(View::new(dims, &voxels), &kernels, Padding::Zero, &Serial);
    let (least, most) = response.iter().fold((f64::MAX, f64::MIN), |(low, high), &x| (low.min(x), high.max(x)));
    let tolerance = 0.067_459_795_176_982_88;
    assert!((least + 6.396486759185791).abs() < tolerance, "{least}");
    assert!((most - 0.34949275851249695).abs() < tolerance, "{most}");
    assert!((least + 255.0 * 3.0 / 2.25 / (4.5 * PI).powf(1.5)).abs() < 1e-12, "{least}");
    assert_eq!(response[(8 * 17 + 8) * 17 + 8], least);
}

#[test]
fn a_paraboloid_has_the_curvature_that_calculus_gives() {
    // The Laplacian of x² + y² + z² (in voxels) is 6 everywhere, smoothed or not.
    let (dims, spacing) = ([33; 3], [1.5; 3]);
    let square = |i: usize| (i as f64 - 16.0).powi(2);
    let voxels: Vec<f64> = (0..33 * 33 * 33).map(|i| square(i % 33) + square(i / 33 % 33) + square(i / 1089)).collect();
    let kernels = kernels(2.0, 8.0, spacing, 3);
    let response = laplacian_of_gaussian(View::new(dims, &voxels), &kernels, Padding::Mirror, &Serial);
    let centre = response[(16 * 33 + 16) * 33 + 16];
    assert!((centre - 6.0).abs() < 1e-6, "{centre}");
}

#[test]
fn a_box_with_its_margin_gives_the_bits_of_the_whole_scan() {
    let dims = [26, 22, 19];
    let voxels = noise(dims.iter().product());
    let image = View::new(dims, &voxels);
    for (axes, spacing) in [(3, [1.0; 3]), (3, [0.7, 0.9, 1.4]), (2, [0.7, 0.7, 5.0])] {
        let kernels = kernels(1.2, 4.0, spacing, axes);
        let margin = [0, 1, 2].map(|axis| if axis < axes { radius(1.2, 4.0, spacing[axis]) } else { 0 });
        for region in [[[10, 9, 8], [14, 12, 10]], [[0, 0, 0], [2, 3, 1]], [[24, 1, 7], [26, 22, 19]]] {
            let region = IndexBox { start: region[0], end: region[1] };
            for padding in PADDINGS {
                let part = region.grown([0, 1, 2].map(|axis| padding.margin(margin[axis], dims[axis])), dims);
                let local = IndexBox {
                    start: std::array::from_fn(|a| region.start[a] - part.start[a]),
                    end: std::array::from_fn(|a| region.end[a] - part.start[a]),
                };
                let cropped = crop(image, part);
                let whole = laplacian_of_gaussian(image, &kernels, padding, &Serial);
                let inside = laplacian_of_gaussian(View::new(part.dims(), &cropped), &kernels, padding, &Serial);
                let bits = |response: &[f64], dims, part| {
                    crop(View::new(dims, response), part).into_iter().map(f64::to_bits).collect::<Vec<_>>()
                };
                assert_eq!(bits(&whole, dims, region), bits(&inside, part.dims(), local), "{spacing:?} {padding:?}");
            }
        }
    }
}

#[test]
fn the_order_of_the_chunks_does_not_matter() {
    let dims = [80, 90, 30];
    let voxels = noise(dims.iter().product());
    let kernels = kernels(1.0, 4.0, [1.0; 3], 3);
    let run =
        |executor: &dyn Executor| laplacian_of_gaussian(View::new(dims, &voxels), &kernels, Padding::Mirror, executor);
    assert!(run(&Serial) == run(&Backwards));
}

#[test]
fn turning_the_image_turns_the_response() {
    let n = 9;
    let voxels = noise(n * n * n);
    // x → y → z → x
    let turned =
        |voxels: &[f64]| (0..n * n * n).map(|i| voxels[(i % n * n + i / n / n) * n + i / n % n]).collect::<Vec<f64>>();
    let kernels = kernels(1.1, 4.0, [1.0; 3], 3);
    for padding in PADDINGS {
        let run = |voxels: &[f64]| laplacian_of_gaussian(View::new([n; 3], voxels), &kernels, padding, &Serial);
        let far = furthest(&turned(&run(&voxels)), &run(&turned(&voxels)));
        assert!(far < 1e-10, "{padding:?}: off by {far}");
    }
}

#[test]
fn a_slice_does_not_feel_its_neighbours_in_2d() {
    let voxels = noise(10 * 9 * 3);
    let kernels = kernels(1.0, 4.0, [1.0; 3], 2);
    let run = |dims, voxels: &[f64]| laplacian_of_gaussian(View::new(dims, voxels), &kernels, Padding::Mirror, &Serial);
    assert_eq!(run([10, 9, 3], &voxels)[90..180], run([10, 9, 1], &voxels[90..180]));
}

#[test]
fn an_image_without_voxels_has_no_response() {
    let kernels = kernels(1.0, 4.0, [1.0; 3], 3);
    for padding in PADDINGS {
        assert!(laplacian_of_gaussian(View::new([0, 3, 2], &[]), &kernels, padding, &Serial).is_empty());
    }
}

#[test]
fn a_sigma_that_the_grid_cannot_show_is_refused() {
    let filter = |axes| LaplacianOfGaussian { sigma_mm: 1.5, truncate: 4.0, axes, padding: Padding::Mirror };
    let thick = [0.8, 0.8, 5.0];
    let reason = filter(3).misfit(thick).unwrap_or_default();
    assert!(reason.contains("0.30 voxels along z") && reason.contains("2D"), "{reason}");
    assert_eq!(filter(2).misfit(thick), None);
    assert_eq!((filter(3).misfit([1.0; 3]), filter(3).doubt([1.0; 3])), (None, None));
    assert!(filter(3).misfit([2.5; 3]).is_none() && filter(3).doubt([2.5; 3]).is_some());
    assert!(filter(3).misfit([1e-4; 3]).is_some_and(|reason| reason.contains("check the unit")));
}
