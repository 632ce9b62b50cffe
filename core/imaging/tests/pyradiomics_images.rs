//! PyRadiomics' image types against PyRadiomics 3.0.1: `oracle/pyradiomics_images.py` wrote the figures.

use std::collections::BTreeMap;

use voxomics_imaging::{
    Serial, View,
    filters::{
        pyradiomics::{
            intensities::{Change, changed, normalised},
            neighbours::{Patterns, binary_patterns, gradient},
            recursive::laplacian,
            wavelet::Decomposition,
        },
        wavelets::Wavelet,
    },
};

const FIGURES: &str = include_str!("oracle/pyradiomics_images.csv");
const DIMS: [usize; 3] = [11, 9, 8];
const SPACING: [f64; 3] = [0.75, 1.25, 2.5];

fn image() -> Vec<f64> {
    let at = |i: usize| [i % DIMS[0], i / DIMS[0] % DIMS[1], i / DIMS[0] / DIMS[1]].map(|i| i as i64);
    let texture = |[x, y, z]: [i64; 3]| (7 * x * x + 13 * y * y + 29 * z * z + 5 * x * y + 3 * y * z) % 401 - 200;
    (0..DIMS.iter().product()).map(|i| texture(at(i)) as f64).collect()
}

/// Every response by PyRadiomics' name for it.
fn responses() -> BTreeMap<String, Vec<f64>> {
    let whole = image();
    let view = View::new(DIMS, &whole);
    let z = normalised(&whole, 100.0, Some(2.0)).expect("intensities that vary");
    let mut all = BTreeMap::new();
    for (sigma, word) in [(1.0, "1-0"), (2.0, "2-0"), (3.5, "3-5")] {
        for (label, voxels) in [("whole", &whole), ("normalised", &z)] {
            let response = laplacian(View::new(DIMS, voxels), SPACING, sigma, &Serial);
            all.insert(format!("{label} log-sigma-{word}-mm-3D"), response);
        }
    }
    all.insert("normalised".into(), z);
    for (name, change) in [
        ("square", Change::Square),
        ("squareroot", Change::SquareRoot),
        ("logarithm", Change::Logarithm),
        ("exponential", Change::Exponential),
    ] {
        all.insert(name.into(), changed(&whole, change).expect("intensities"));
    }
    all.insert("gradient True".into(), gradient(view, SPACING, &Serial));
    all.insert("gradient False".into(), gradient(view, [1.0; 3], &Serial));
    for (label, name, start_level, levels, axes) in [
        ("coif1", "coif1", 0, 1, [true; 3]),
        ("db3", "db3", 1, 2, [true; 3]),
        ("force2D", "coif1", 0, 1, [true, true, false]),
        ("force2D levels", "db3", 1, 2, [true, true, false]),
        ("force2D 1", "coif1", 0, 2, [true, false, true]),
        ("force2D 2", "coif1", 0, 1, [false, true, true]),
    ] {
        let of = Decomposition { wavelet: Wavelet::named(name).expect("a wavelet"), start_level, levels, axes };
        for (map, voxels) in of.names().iter().zip(of.apply(view, &Serial)) {
            let hyphen = if map.starts_with('2') { "" } else { "-" };
            all.insert(format!("{label} wavelet{hyphen}{map}"), voxels);
        }
    }
    for (name, patterns, samples, radius) in
        [("uniform", Patterns::Uniform, 9, 1.0), ("default", Patterns::Default, 8, 2.0), ("ror", Patterns::Ror, 6, 1.5)]
    {
        all.insert(format!("lbp-2D {name}"), binary_patterns(view, radius, samples, patterns, &Serial));
    }
    all
}

#[test]
fn every_response_is_that_of_pyradiomics() {
    let found = responses();
    // Of each response, the largest difference and the largest value.
    let mut far: BTreeMap<&str, [f64; 2]> = BTreeMap::new();
    for line in FIGURES.lines().skip(1) {
        let mut cells = line.split(',');
        let mut cell = || cells.next().expect("three cells");
        let (name, voxel, value) = (cell(), cell().parse::<usize>().expect("a voxel"), cell().parse::<f64>());
        let value = value.expect("a number");
        let response = found.get(name).unwrap_or_else(|| panic!("{name} is not computed"));
        let [difference, largest] = far.entry(name).or_default();
        *difference = difference.max((response[voxel] - value).abs());
        *largest = largest.max(value.abs());
    }
    assert_eq!(far.len(), found.len(), "{:?}", far.keys());
    let report: Vec<String> = far.iter().map(|(name, [far, of])| format!("{name}: {far:.1e} of {of:.1e}")).collect();
    println!("{}", report.join("\n"));
    for (name, [difference, largest]) in far {
        // What ITK rounds to single precision is the same number, but where a sum in double precision that ends in another
        // bit lies between two: a unit of the last place.
        let bound = if name.contains("log-") || name.starts_with("gradient") { 2.0_f64.powi(-23) } else { 1e-13 };
        let exact = name.starts_with("lbp");
        assert!(difference <= if exact { 0.0 } else { bound * largest }, "{name}: {difference:e} of {largest:e}");
    }
}
