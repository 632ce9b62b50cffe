use voxomics_sdk::testing::{Computed, TestHost, TestRegion, compute, described, three_digits};

use super::*;

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

fn evaluate(family: &Morphology, dims: [usize; 3], mask: &[u8], intensities: &[f64]) -> Result<Computed, Error> {
    let region = TestRegion::new(dims, intensities.to_vec()).mask(mask.to_vec()).spacing([2.0; 3]);
    compute(family, &region, &TestHost::new())
}

fn evaluated(dims: [usize; 3], mask: &[u8], intensities: &[f64]) -> Computed {
    let family = Morphology { options: Options::default(), autocorrelation: true };
    evaluate(&family, dims, mask, intensities).expect("the mask is not empty")
}

#[test]
fn the_digital_phantom_has_the_manuals_values() {
    let family = Morphology { options: Options::default(), autocorrelation: true };
    let computed = compute(&family, &TestRegion::phantom(), &TestHost::new()).expect("the mask is not empty");
    let described = described::<Morphology>();
    for (code, reference, tolerance) in &REFERENCE {
        let (id, _) = described.iter().find(|(_, found)| found == code).unwrap_or_else(|| panic!("no feature {code}"));
        let value = computed[id].clone().map(three_digits);
        let value = value.unwrap_or_else(|reason| panic!("{id} is undefined: {reason}"));
        // The tolerance is inclusive; decimal fractions are not exact.
        assert!((value - reference).abs() <= tolerance + 1e-9, "{id}: {value}, expected {reference} ± {tolerance}");
    }
    assert!(computed.values().all(Result::is_ok));
}

#[test]
fn ids_and_codes_are_unique() {
    let (ids, codes): (Vec<String>, Vec<String>) = described::<Morphology>().into_iter().unzip();
    for mut words in [ids, codes] {
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), FEATURES.len());
    }
}

#[test]
fn one_voxel_has_a_surface_but_no_axes() {
    let computed = evaluated([1, 1, 1], &[1], &[5.0]);
    let of = |id: &str| computed[id].clone();
    assert_eq!(of("volume_voxel_counting"), Ok(8.0));
    assert!(of("sphericity").is_ok_and(|value| value > 0.0 && value < 1.0));
    assert_eq!(of("centre_of_mass_shift"), Ok(0.0));
    for id in ["major_axis_length", "elongation", "volume_density_approximate_enclosing_ellipsoid", "morans_i_index"] {
        assert_eq!(of(id), Err("the mask has too few voxels: the feature needs two".into()), "{id}");
    }
}

#[test]
fn a_flat_region_has_no_autocorrelation() {
    let computed = evaluated([3, 3, 3], &[1; 27], &[0.0; 27]);
    let of = |id: &str| computed[id].clone();
    assert_eq!(of("gearys_c_measure"), Err("all intensities are the same".into()));
    assert_eq!(of("centre_of_mass_shift"), Err("the intensities sum to zero, so they have no centre of mass".into()));
    assert_eq!(of("integrated_intensity"), Ok(0.0));
    assert_eq!(of("elongation"), Ok(1.0));
}

#[test]
fn autocorrelation_can_be_left_out() {
    let family = Morphology { options: Options::default(), autocorrelation: false };
    let (mask, image) = ([1; 8], [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]);
    let computed = evaluate(&family, [2; 3], &mask, &image).expect("the mask is not empty");
    let left_out: Vec<_> = computed.iter().filter(|(_, v)| **v == Err(LEFT_OUT.into())).map(|(id, _)| id).collect();
    assert_eq!(left_out, ["gearys_c_measure", "morans_i_index"]);
}

#[test]
fn without_an_intensity_there_still_is_a_shape() {
    let family = Morphology { options: Options::default(), autocorrelation: true };
    assert!(family.needs().takes_empty_intensity_mask);
    let image: Vec<f64> = (0..27).map(f64::from).collect();
    let region = TestRegion::new([3; 3], image).spacing([2.0; 3]);
    let whole = compute(&family, &region, &TestHost::new()).expect("the masks are full");
    let none = compute(&family, &region.masks(vec![1; 27], vec![0; 27]), &TestHost::new()).expect("one mask is full");
    let of_intensities = ["centre_of_mass_shift", "integrated_intensity", "morans_i_index", "gearys_c_measure"];
    for (id, value) in none {
        if of_intensities.contains(&id.as_str()) {
            assert_eq!(value, Err("the intensity mask has no voxel: re-segmentation leaves none".into()), "{id}");
        } else {
            assert_eq!(value, whole[&id], "{id}");
        }
    }
}

#[test]
fn a_region_in_a_plane_has_a_flat_ellipsoid_and_one_on_a_line_none() {
    let [plane, line] = [[3, 3, 1], [3, 1, 1]].map(|dims: [usize; 3]| {
        let count = dims.iter().product();
        evaluated(dims, &vec![1; count], &(0..count).map(|x| x as f64).collect::<Vec<_>>())
    });
    let (volume, area) =
        ("volume_density_approximate_enclosing_ellipsoid", "area_density_approximate_enclosing_ellipsoid");
    let none = Err("the region lies in a plane or on a line".to_owned());
    assert_eq!((&plane[volume], &line[volume], &line[area]), (&none, &none, &none));
    assert!(plane[area].as_ref().is_ok_and(|area| *area > 0.0), "{plane:?}");
}

#[test]
fn an_empty_mask_is_an_error() {
    let family = Morphology { options: Options::default(), autocorrelation: true };
    assert!(evaluate(&family, [1; 3], &[0], &[1.0]).is_err());
}
