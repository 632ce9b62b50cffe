use voxomics_imaging::Serial;

use super::*;

/// The intensities of the digital phantom (IBSI 1 manual), *x* fastest; voxels of 2 mm.
#[rustfmt::skip]
const INTENSITIES: [f64; 80] = [
    1., 4., 4., 1., 1.,  1., 4., 6., 1., 1.,  4., 1., 6., 4., 1.,  4., 4., 6., 4., 1.,
    1., 4., 4., 1., 1.,  1., 1., 6., 1., 1.,  1., 1., 3., 1., 1.,  4., 4., 6., 1., 1.,
    1., 4., 4., 1., 1.,  1., 1., 1., 1., 1.,  1., 1., 9., 1., 1.,  1., 1., 6., 1., 1.,
    1., 4., 4., 1., 1.,  1., 1., 1., 1., 1.,  1., 1., 1., 1., 1.,  1., 1., 6., 1., 1.,
];

/// The voxels of the digital phantom outside its region.
const OUTSIDE: [usize; 6] = [30, 43, 44, 52, 63, 64];

/// The manual's values for the digital phantom and their tolerances; it has none for the boxes and ellipsoids of least
/// volume.
const REFERENCE: [(&str, f64, f64); 25] = [
    ("RNU0", 556.0, 4.0),
    ("YEKZ", 592.0, 4.0),
    ("C0JK", 388.0, 3.0),
    ("2PR5", 0.698, 0.004),
    ("SKGS", 0.0411, 0.0003),
    ("BQWJ", 0.599, 0.004),
    ("KRCK", 1.19, 0.01),
    ("QCFX", 0.843, 0.005),
    ("25C7", 0.186, 0.001),
    ("KLMA", 0.672, 0.004),
    ("L0JK", 13.1, 0.1),
    ("TDIC", 11.4, 0.1),
    ("P9VJ", 9.31, 0.06),
    ("7J51", 8.54, 0.05),
    ("Q3CK", 0.816, 0.005),
    ("N17B", 0.749, 0.005),
    ("PBX1", 0.869, 0.005),
    ("R59B", 0.866, 0.005),
    ("6BDE", 1.17, 0.01),
    ("RDD2", 1.36, 0.01),
    ("R3ER", 0.961, 0.006),
    ("7T7F", 1.03, 0.01),
    ("99N0", 1200.0, 10.0),
    ("N365", 0.0397, 0.0003),
    ("NPT7", 0.974, 0.006),
];

fn evaluated(dims: [usize; 3], mask: &[u8], intensities: &[f64]) -> Vec<(&'static str, Result<f64, &'static str>)> {
    let image = View::new(dims, intensities);
    let mask = View::new(dims, mask);
    let family = Morphology { options: Options::default(), autocorrelation: true };
    family.measure(mask, mask, image, [2.0; 3], &Serial).map(evaluate).expect("the mask is not empty")
}

fn three_digits(value: f64) -> f64 {
    format!("{value:.2e}").parse().expect("a formatted number")
}

#[test]
fn the_digital_phantom_has_the_manuals_values() {
    let mask: Vec<u8> = (0..80).map(|voxel| u8::from(!OUTSIDE.contains(&voxel))).collect();
    let computed = evaluated([5, 4, 4], &mask, &INTENSITIES);
    for (code, reference, tolerance) in REFERENCE {
        let at = FEATURES.iter().position(|entry| entry.ibsi == code).unwrap_or_else(|| panic!("no feature {code}"));
        let (id, value) = computed[at];
        assert_eq!(id, FEATURES[at].id);
        let value = value.map(three_digits).unwrap_or_else(|reason| panic!("{id} is undefined: {reason}"));
        // The tolerance is inclusive; decimal fractions are not exact.
        assert!((value - reference).abs() <= tolerance + 1e-9, "{id}: {value}, expected {reference} ± {tolerance}");
    }
    assert!(computed.iter().all(|(_, value)| value.is_ok_and(f64::is_finite)));
}

#[test]
fn ids_and_codes_are_unique() {
    for of in [|entry: &features::Entry| entry.id, |entry: &features::Entry| entry.ibsi] {
        let mut words: Vec<&str> = FEATURES.iter().map(of).collect();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), FEATURES.len());
    }
}

#[test]
fn one_voxel_has_a_surface_but_no_axes() {
    let computed = evaluated([1, 1, 1], &[1], &[5.0]);
    let of = |id| computed.iter().find(|(found, _)| *found == id).map(|(_, value)| *value);
    assert_eq!(of("volume_voxel_counting"), Some(Ok(8.0)));
    assert!(of("sphericity").is_some_and(|value| value.is_ok_and(|value| value > 0.0 && value < 1.0)));
    assert_eq!(of("centre_of_mass_shift"), Some(Ok(0.0)));
    for id in ["major_axis_length", "elongation", "volume_density_approximate_enclosing_ellipsoid", "morans_i_index"] {
        assert_eq!(of(id), Some(Err("the mask has too few voxels: the feature needs two")), "{id}");
    }
}

#[test]
fn a_flat_region_has_no_autocorrelation() {
    let computed = evaluated([3, 3, 3], &[1; 27], &[0.0; 27]);
    let of = |id| computed.iter().find(|(found, _)| *found == id).map(|(_, value)| *value);
    assert_eq!(of("gearys_c_measure"), Some(Err("all intensities are the same")));
    assert_eq!(of("centre_of_mass_shift"), Some(Err("the intensities sum to zero, so they have no centre of mass")));
    assert_eq!(of("integrated_intensity"), Some(Ok(0.0)));
    assert_eq!(of("elongation"), Some(Ok(1.0)));
}

#[test]
fn autocorrelation_can_be_left_out() {
    let family = Morphology { options: Options::default(), autocorrelation: false };
    let (mask, image) = ([1; 8], [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]);
    let (mask, image) = (View::new([2; 3], &mask), View::new([2; 3], &image));
    let computed = family.measure(mask, mask, image, [1.0; 3], &Serial).map(evaluate).expect("the mask is not empty");
    let left_out: Vec<_> = computed.iter().filter(|(_, value)| *value == Err(LEFT_OUT)).map(|(id, _)| *id).collect();
    assert_eq!(left_out, ["morans_i_index", "gearys_c_measure"]);
}

#[test]
fn an_empty_mask_is_an_error() {
    let family = Morphology { options: Options::default(), autocorrelation: true };
    let (mask, image) = (View::new([1; 3], &[0]), View::new([1; 3], &[1.0]));
    assert!(family.measure(mask, mask, image, [1.0; 3], &Serial).is_err());
}
