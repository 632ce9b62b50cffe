//! What must hold; the values of PyRadiomics itself are compared elsewhere.

use super::{
    intensities::{Change, changed, normalised},
    neighbours::{Patterns, binary_patterns, gradient},
    recursive::laplacian,
    wavelet::Decomposition,
};
use crate::{
    Serial, View,
    filters::{
        tests::{furthest, noise},
        wavelets::Wavelet,
    },
    testing::Backwards,
};

#[test]
fn the_laplacian_of_a_flat_image_is_nothing_and_that_of_a_parabola_its_curvature() {
    let dims = [41, 7, 5];
    let flat = laplacian(View::new(dims, &[7.0; 1435]), [1.0, 2.0, 3.0], 2.0, &Serial);
    assert!(flat.iter().all(|x| x.abs() < 1e-5));
    // σ² d²/dx² x² = 2σ², far from the edges.
    let parabola: Vec<f64> = (0..1435).map(|i| ((i % 41) as f64 - 20.0).powi(2)).collect();
    let found = laplacian(View::new(dims, &parabola), [1.0; 3], 2.0, &Serial);
    assert!((found[(2 * 7 + 3) * 41 + 20] - 8.0).abs() < 1e-3, "{}", found[(2 * 7 + 3) * 41 + 20]);
}

#[test]
fn the_order_of_the_chunks_does_not_matter() {
    let dims = [40, 30, 60];
    let voxels = noise(dims);
    let image = View::new(dims, &voxels);
    let spacing = [1.0, 1.5, 2.0];
    assert!(laplacian(image, spacing, 2.0, &Serial) == laplacian(image, spacing, 2.0, &Backwards));
    assert!(gradient(image, spacing, &Serial) == gradient(image, spacing, &Backwards));
    let of = Decomposition {
        wavelet: Wavelet::named("coif1").expect("a wavelet"),
        start_level: 0,
        levels: 2,
        axes: [true; 3],
    };
    assert!(of.apply(image, &Serial) == of.apply(image, &Backwards));
}

#[test]
fn bands_of_a_flat_image_are_nothing_but_the_low_pass_one() {
    let dims = [5, 4, 3];
    for (start_level, levels) in [(0, 1), (1, 1), (0, 2)] {
        let of =
            Decomposition { wavelet: Wavelet::named("db2").expect("a wavelet"), start_level, levels, axes: [true; 3] };
        let found = of.apply(View::new(dims, &[3.0; 60]), &Serial);
        assert_eq!(found.len(), of.names().len());
        let (low, others) = found.split_last().expect("maps");
        assert!(others.iter().flatten().all(|x| x.abs() < 1e-10));
        // Each low-pass filter sums to √2.
        let gain = 2.0_f64.powf(1.5 * f64::from(start_level + levels));
        assert!(furthest(low, &[3.0 * gain; 60]) < 1e-9);
    }
    let names = Decomposition {
        wavelet: Wavelet::named("haar").expect("a wavelet"),
        start_level: 0,
        levels: 2,
        axes: [true; 3],
    }
    .names();
    assert_eq!((names[0].as_str(), names[7].as_str(), names[14].as_str()), ("LLH", "2-LLH", "2-LLL"));
    let axes = [true, false, true];
    let of = Decomposition { wavelet: Wavelet::named("haar").expect("a wavelet"), start_level: 0, levels: 1, axes };
    assert_eq!(of.names(), ["LH", "HL", "HH", "LL"]);
}

#[test]
fn intensities_are_changed_as_they_are_defined() {
    let image = [-4.0, 0.0, 1.0, 16.0];
    assert_eq!(changed(&image, Change::Square), Ok(vec![1.0, 0.0, 0.0625, 16.0]));
    assert_eq!(changed(&image, Change::SquareRoot), Ok(vec![-8.0, 0.0, 4.0, 16.0]));
    let exponential = changed(&image, Change::Exponential).expect("defined");
    assert!((exponential[3] - 16.0).abs() < 1e-12 && exponential[1] == 1.0);
    let logarithm = changed(&image, Change::Logarithm).expect("defined");
    assert!((logarithm[3] - 16.0).abs() < 1e-12 && logarithm[0] < 0.0 && logarithm[1] == 0.0);
    assert!(changed(&[0.0; 3], Change::Square).is_err());
    assert!(changed(&[1.0, f64::NAN], Change::Square).is_err_and(|why| why.contains("no finite number")));
    assert!(normalised(&[1.0, f64::NAN], 1.0, None).is_err_and(|why| why.contains("no finite number")));
    let z = normalised(&[1.0, 2.0, 3.0, 10.0], 100.0, Some(1.0)).expect("defined");
    assert!((z[3] - 100.0).abs() < 1e-12 && (z[0] + 300.0 / (50.0_f64 / 3.0).sqrt()).abs() < 1e-9);
    assert!(normalised(&[1.0; 3], 1.0, None).is_err() && normalised(&[1.0], 1.0, None).is_err());
}

#[test]
fn a_ramp_has_its_slope_as_gradient() {
    let dims = [5, 4, 3];
    let ramp: Vec<f64> = (0..60).map(|i| 3.0 * f64::from(i % 5) + 4.0 * f64::from(i / 5 % 4)).collect();
    let found = gradient(View::new(dims, &ramp), [1.0; 3], &Serial);
    assert_eq!((found[5 + 2], found[0]), (5.0, 2.5));
}

#[test]
fn patterns_count_the_neighbours_that_are_not_below() {
    let mut image = vec![0.0; 25];
    image[12] = 1.0;
    let of = |patterns| binary_patterns(View::new([5, 5, 1], &image), 1.0, 8, patterns, &Serial);
    assert_eq!((of(Patterns::Uniform)[12], of(Patterns::Uniform)[0]), (0.0, 8.0));
    assert_eq!((of(Patterns::Default)[12], of(Patterns::Default)[0]), (0.0, 255.0));
    assert_eq!(of(Patterns::Ror)[12], 0.0);
    image[0] = f64::NAN;
    let of = binary_patterns(View::new([5, 5, 1], &image), 1.0, 8, Patterns::Default, &Serial);
    assert!(of[0].is_nan() && of[1].is_nan() && of[6].is_nan() && of[12] == 0.0, "{of:?}");
}
