//! Filters for which IBSI 2 has no reference maps, against MIRP 2.7.0: `oracle/mirp_filters.py` wrote the figures.

use std::{collections::BTreeMap, f64::consts::PI};

use voxomics_imaging::{
    Serial, View,
    filters::{
        Rotation,
        gabor::{Gabor, directions},
        laws::Laws,
        wavelets::{self, Band, Wavelet},
    },
    separable::Padding,
};

const FIGURES: &str = include_str!("oracle/mirp_filters.csv");
const DIMS: [usize; 3] = [18, 21, 17];

fn image() -> Vec<f64> {
    let at = |i: usize| [i % DIMS[0], i / DIMS[0] % DIMS[1], i / DIMS[0] / DIMS[1]].map(|i| i as i64);
    let texture = |[x, y, z]: [i64; 3]| (7 * x * x + 13 * y * y + 29 * z * z + 5 * x * y + 3 * y * z) % 401 - 200;
    (0..DIMS.iter().product()).map(|i| texture(at(i)) as f64).collect()
}

/// Every response by its name in the figures.
fn responses() -> BTreeMap<&'static str, Vec<f64>> {
    let voxels = image();
    let image = View::new(DIMS, &voxels);
    let laws = |kernel, axes, rotation, padding, energy| {
        Laws::new(&[kernel], axes, rotation, padding, energy).expect("a kernel").apply(image, &Serial).swap_remove(0)
    };
    let wavelet = |name, letters: &str, level, rotation, padding| {
        let wavelet = Wavelet::named(name).expect("a wavelet");
        let band = Band { letters: letters.into(), level };
        let filters = wavelets::separable(&wavelet, &[band], letters.len(), rotation, padding).expect("a band");
        filters.bank(DIMS).apply(image, &Serial).swap_remove(0)
    };
    let gabor = |sigma_mm, lambda_mm, gamma, step: f64, pooling, padding| {
        let thetas = directions(0.0, step * PI / 180.0).expect("steps");
        let planes = vec![[0, 1], [0, 2], [1, 2]];
        Gabor { sigma_mm, lambda_mm, gamma, thetas, pooling, planes, truncate: 7.0, padding }
            .apply(image, [1.0; 3], &Serial)
    };
    use Padding::{Mirror, Nearest, Periodic, Zero};
    use Rotation::{Average, Max, Min, None};
    BTreeMap::from([
        ("laws R5E5L5 min energy 3 zero", laws("R5E5L5", 3, Min, Zero, Some(3))),
        ("laws E3S5 max periodic 2D", laws("E3S5", 2, Max, Periodic, Option::None)),
        ("sym4 LHH 1 average periodic", wavelet("sym4", "LHH", 1, Average, Periodic)),
        ("coif2 HHL 2 max mirror", wavelet("coif2", "HHL", 2, Max, Mirror)),
        ("db3 HLH 2 none nearest", wavelet("db3", "HLH", 2, None, Nearest)),
        ("db5 HL 1 min mirror 2D", wavelet("db5", "HL", 1, Min, Mirror)),
        ("gabor 1.5 2.5 0.8 45 max mirror", gabor(1.5, 2.5, 0.8, 45.0, Max, Mirror)),
        ("gabor 1.2 3 2 30 average periodic", gabor(1.2, 3.0, 2.0, 30.0, Average, Periodic)),
    ])
}

#[test]
fn every_response_is_that_of_mirp() {
    let found = responses();
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
    // MIRP rounds to single precision at every step, of intermediate values that are larger than the response.
    assert!(far.values().all(|[difference, largest]| *difference <= 1e-5 * largest), "{report:#?}");
}
