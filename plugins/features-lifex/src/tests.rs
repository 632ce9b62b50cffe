use voxomics_imaging::texture::{Aggregation, Kind, Norm, Request, Weighting, build};
use voxomics_imaging::{Serial, View};
use voxomics_sdk::testing::{Computed, TestHost, TestRegion, compute, described, texture::PHANTOM};

use super::*;

const DEFAULTS: Conventions =
    Conventions { divisor: Divisor::Voxels, kurtosis: Kurtosis::Plus3, logarithm: Logarithm::Two };

/// IBSI's: excess kurtosis, entropies in bits, the divisor of the variance.
const IBSI: Conventions = Conventions { kurtosis: Kurtosis::Excess, ..DEFAULTS };

/// What LIFEx gives for the digital phantom, as printed, with the number of decimals; kurtosis as excess, entropies by
/// log2. LIFEx's standard deviation is not among its published values.
const LIFEX: [(&str, f64, usize); 38] = [
    ("conventional_minimum", 1.0, 0),
    ("conventional_mean", 2.1486, 4),
    ("conventional_maximum", 6.0, 0),
    ("histogram_skewness", 1.0838, 4),
    ("histogram_kurtosis", -0.3546, 4),
    ("histogram_entropy", 1.2656, 4),
    ("histogram_energy", 0.5124, 4),
    ("glcm_homogeneity", 0.6766, 4),
    ("glcm_energy", 0.303, 3),
    ("glcm_contrast", 5.3244, 4),
    ("glcm_correlation", 0.1574, 4),
    ("glcm_entropy", 2.3997, 4),
    ("glcm_dissimilarity", 1.431, 3),
    ("glrlm_sre", 0.7052, 4),
    ("glrlm_lre", 3.0611, 4),
    ("glrlm_lgre", 0.603, 3),
    ("glrlm_hgre", 9.6976, 4),
    ("glrlm_srlge", 0.3516, 4),
    ("glrlm_srhge", 8.5397, 4),
    ("glrlm_lrlge", 2.391, 3),
    ("glrlm_lrhge", 17.5661, 4),
    ("glrlm_glnu", 21.7762, 4),
    ("glrlm_rlnu", 26.8534, 4),
    ("glrlm_rp", 0.6798, 4),
    ("ngldm_coarseness", 0.0296, 4),
    ("ngldm_contrast", 0.58371, 5),
    ("ngldm_busyness", 6.54357, 5),
    ("glzlm_sze", 0.2552, 4),
    ("glzlm_lze", 550.0, 0),
    ("glzlm_lgze", 0.2528, 4),
    ("glzlm_hgze", 15.6, 1),
    ("glzlm_szlge", 0.0256, 4),
    ("glzlm_szhge", 2.7633, 4),
    ("glzlm_lzlge", 502.7944, 4),
    ("glzlm_lzhge", 1494.6, 1),
    ("glzlm_glnu", 1.4, 1),
    ("glzlm_zlnu", 1.0, 0),
    ("glzlm_zp", 0.0676, 4),
];

/// Printed values whose last digit is cut off, while all others of the table are rounded: the exact values are
/// 5.324479… and 17.566188…, which IBSI's 5.32 and 17.6 do not tell apart.
const CUT_OFF: [&str; 2] = ["glcm_contrast", "glrlm_lrhge"];

/// The two values of [`CUT_OFF`] straight from their definitions, voxel by voxel.
mod slow {
    use super::PHANTOM;

    fn level(x: i32, y: i32, z: i32) -> u16 {
        let inside = (0..5).contains(&x) && (0..4).contains(&y) && (0..4).contains(&z);
        if inside { PHANTOM[((z * 4 + y) * 5 + x) as usize] } else { 0 }
    }

    /// The mean over the 13 directions of a ratio of sums over voxels and the direction.
    fn mean(terms: impl Fn([i32; 3], [i32; 3]) -> (f64, f64)) -> f64 {
        let steps = (0..27).map(|k| [k % 3 - 1, k / 3 % 3 - 1, k / 9 - 1]).skip(14);
        let of_direction = |step| {
            let all = (0..80).map(|k| terms([k % 5, k / 5 % 4, k / 20], step));
            let (sum, count) = all.fold((0.0, 0.0), |(a, b), (c, d)| (a + c, b + d));
            sum / count
        };
        steps.map(of_direction).sum::<f64>() / 13.0
    }

    pub(super) fn contrast() -> f64 {
        mean(|[x, y, z], [dx, dy, dz]| match (level(x, y, z), level(x + dx, y + dy, z + dz)) {
            (0, _) | (_, 0) => (0.0, 0.0),
            (i, j) => ((f64::from(i) - f64::from(j)).powi(2), 1.0),
        })
    }

    pub(super) fn lrhge() -> f64 {
        mean(|[x, y, z], [dx, dy, dz]| {
            let i = level(x, y, z);
            if i == 0 || level(x - dx, y - dy, z - dz) == i {
                return (0.0, 0.0);
            }
            let length = (1..).find(|k| level(x + k * dx, y + k * dy, z + k * dz) != i).map_or(0.0, f64::from);
            ((f64::from(i) * length).powi(2), 1.0)
        })
    }
}

fn sets(dims: [usize; 3], levels: &[u16]) -> [texture::MatrixSet; 4] {
    let request = |kind, aggregation| Request {
        kind,
        aggregation,
        distance: 1,
        norm: Norm::Chebyshev,
        weighting: Weighting::None,
        coarseness: 0,
    };
    let requests = [
        request(Kind::Glcm, Aggregation::Averaged3D),
        request(Kind::Glrlm, Aggregation::Averaged3D),
        request(Kind::Ngtdm, Aggregation::Volume3D),
        request(Kind::Glszm, Aggregation::Volume3D),
    ];
    let count = u32::from(levels.iter().copied().max().unwrap_or(0));
    let built = build(&requests, View::new(dims, levels), count, None, &Serial).expect("the requests are right");
    built.try_into().expect("as many sets as requests")
}

/// The features of a region whose intensities are its levels.
fn features(dims: [usize; 3], levels: &[u16], conventions: Conventions) -> Computed {
    features_of(dims, levels, levels.iter().map(|level| f64::from(*level)).collect(), conventions)
}

fn features_of(dims: [usize; 3], levels: &[u16], intensities: Vec<f64>, conventions: Conventions) -> Computed {
    let mask = levels.iter().map(|level| u8::from(*level > 0)).collect();
    let count = u32::from(levels.iter().copied().max().unwrap_or(0));
    let mut region = TestRegion::new(dims, intensities).mask(mask).levels(levels.to_vec(), count);
    for set in sets(dims, levels) {
        let (levels, matrices) = set.to_cells();
        region = region.matrix_set(levels, matrices);
    }
    compute(&Lifex { conventions }, &region, &TestHost::new()).expect("the region holds voxels")
}

fn of(values: &Computed, id: &str) -> Result<f64, String> {
    values[id].clone()
}

fn phantom(id: &str, conventions: Conventions) -> f64 {
    of(&features([5, 4, 4], &PHANTOM, conventions), id).expect("the phantom has every feature")
}

#[test]
fn the_digital_phantom_has_lifex_s_values() {
    let computed = features([5, 4, 4], &PHANTOM, IBSI);
    let off: Vec<String> = LIFEX
        .iter()
        .filter_map(|(id, expected, decimals)| {
            let value = of(&computed, id).expect("the phantom has every feature");
            let unit = 10f64.powi(*decimals as i32);
            let shown = if CUT_OFF.contains(id) { (value * unit).floor() / unit } else { value };
            let same = format!("{shown:.decimals$}") == format!("{expected:.decimals$}");
            (!same).then(|| format!("{id} is {value}, LIFEx gives {expected:.decimals$}"))
        })
        .collect();
    assert!(off.is_empty(), "{off:#?}");
}

#[test]
fn two_of_lifex_s_values_are_cut_off_where_the_exact_ones_would_round_up() {
    let computed = features([5, 4, 4], &PHANTOM, IBSI);
    for ((id, exact), listed) in
        [("glcm_contrast", slow::contrast()), ("glrlm_lrhge", slow::lrhge())].iter().zip(CUT_OFF)
    {
        let value = of(&computed, id).expect("the phantom has every feature");
        assert!((value - exact).abs() < 1e-12 * exact, "{id}: {value}, {exact}");
        assert_eq!(*id, listed);
    }
}

#[test]
fn all_39_are_there_once_and_lifex_s_value_of_one_only_is_unknown() {
    let ids: Vec<String> = described::<Lifex>().into_iter().map(|(id, _)| id).collect();
    let mut unique = ids.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!((ids.len(), unique.len()), (39, 39));
    let without: Vec<&String> = ids.iter().filter(|id| LIFEX.iter().all(|(known, ..)| known != id)).collect();
    assert_eq!(without, ["conventional_standard_deviation"]);
}

#[test]
fn each_bears_the_code_of_ibsi_unless_its_default_departs_from_it() {
    let (without, with): (Vec<_>, Vec<_>) = described::<Lifex>().into_iter().partition(|(_, code)| code.is_empty());
    let without: Vec<String> = without.into_iter().map(|(id, _)| id).collect();
    assert_eq!(without, ["conventional_standard_deviation", "histogram_kurtosis"]);
    let mut codes: Vec<String> = with.into_iter().map(|(_, code)| code).collect();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), 37);
}

#[test]
fn the_divisor_of_the_standard_deviation_is_a_setting() {
    // The manual's variance of the phantom is 3.05, of 74 voxels.
    let [n, less] = [Divisor::Voxels, Divisor::OneLess]
        .map(|divisor| phantom("conventional_standard_deviation", Conventions { divisor, ..DEFAULTS }));
    assert_eq!(format!("{:.2}", n * n), "3.05");
    assert!((less * less / (n * n) - 74.0 / 73.0).abs() < 1e-14, "{less} {n}");
    let one = features([1, 1, 1], &[3], Conventions { divisor: Divisor::OneLess, ..DEFAULTS });
    assert_eq!(
        of(&one, "conventional_standard_deviation"),
        Err("one voxel has no deviation with the divisor n - 1".into())
    );
    assert_eq!(of(&features([1, 1, 1], &[3], DEFAULTS), "conventional_standard_deviation"), Ok(0.0));
}

#[test]
fn the_zero_point_of_kurtosis_is_a_setting() {
    assert_eq!(phantom("histogram_kurtosis", DEFAULTS), phantom("histogram_kurtosis", IBSI) + 3.0);
}

#[test]
fn the_logarithm_of_both_entropies_is_a_setting() {
    let ten = Conventions { logarithm: Logarithm::Ten, ..DEFAULTS };
    for id in ["histogram_entropy", "glcm_entropy"] {
        assert_eq!(phantom(id, ten), phantom(id, DEFAULTS) * 2f64.log10(), "{id}");
    }
    let log10 = PHANTOM.iter().filter(|level| **level > 0).map(|level| {
        let alike = PHANTOM.iter().filter(|other| *other == level).count();
        -(alike as f64 / 74.0).log10() / 74.0
    });
    assert!((phantom("histogram_entropy", ten) - log10.sum::<f64>()).abs() < 1e-14);
}

#[test]
fn a_flat_region_is_undefined_in_correlation_only() {
    let values = features([2, 2, 2], &[3; 8], DEFAULTS);
    let undefined: Vec<_> =
        values.iter().filter_map(|(id, value)| Some((id.as_str(), value.as_ref().err()?.as_str()))).collect();
    assert_eq!(undefined, [("glcm_correlation", "all pairs of neighbours have the same grey level")]);
    assert_eq!(of(&values, "conventional_standard_deviation"), Ok(0.0));
    assert_eq!(of(&values, "histogram_kurtosis"), Ok(3.0));
    assert_eq!(of(&values, "histogram_entropy"), Ok(0.0));
    // The mean over 13 directions may round off the last bit.
    assert!(of(&values, "glcm_homogeneity").is_ok_and(|value| (value - 1.0).abs() < 1e-15));
    assert_eq!(of(&values, "glzlm_lze"), Ok(64.0));
}

#[test]
fn one_voxel_has_no_neighbours_but_a_run_and_a_zone() {
    let values = features([1, 1, 1], &[3], DEFAULTS);
    for (id, value) in &values {
        match id.split('_').next() {
            Some("glcm") => assert_eq!(*value, Err("no two voxels of the region are neighbours".into()), "{id}"),
            Some("ngldm") => assert_eq!(*value, Err("no voxel of the region has a neighbour in it".into()), "{id}"),
            _ => assert!(value.is_ok(), "{id}"),
        }
    }
    assert_eq!((of(&values, "glrlm_hgre"), of(&values, "glzlm_zp")), (Ok(9.0), Ok(1.0)));
}

#[test]
fn an_empty_region_and_one_that_is_not_finite_are_refused() {
    let nothing = sets([1, 1, 1], &[0]);
    let refusal = |intensities: &[f64], levels: &[u16], count| {
        measure(DEFAULTS, intensities, levels, count, &nothing).err().map(|error| error.to_string()).unwrap_or_default()
    };
    assert!(refusal(&[], &[0], 0).contains("no voxel"));
    assert!(refusal(&[f64::NAN], &[1], 1).contains("not a finite number"));
    assert!(refusal(&[1.0], &[7], 6).contains("a voxel has grey level 7, but there are 6 levels"));
}

#[test]
fn a_spread_beyond_all_numbers_is_undefined() {
    let values = features_of([2, 1, 1], &[1, 2], vec![-1e300, 1e300], DEFAULTS);
    assert_eq!(
        of(&values, "conventional_standard_deviation"),
        Err("the value exceeds the range of 64-bit numbers".into())
    );
}

#[test]
fn an_offset_leaves_the_standard_deviation_as_it_is() {
    let spread: Vec<f64> = (0..10_000).map(|k| f64::from(k % 101) - 50.0).collect();
    let offset: Vec<f64> = spread.iter().map(|x| x + 1e6).collect();
    let deviation = |x: &[f64]| Intensities::of(x).map(|of| (of.squares / of.count).sqrt()).expect("intensities");
    let relative = deviation(&offset) / deviation(&spread) - 1.0;
    assert!(relative.abs() < 1e-12, "{relative}");
}
