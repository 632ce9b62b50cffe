use voxomics_sdk::testing::{self, TestHost, TestImage};

use super::*;

const DIMS: [usize; 3] = [12, 10, 6];
const COUNT: usize = 12 * 10 * 6;

/// Numbers of [0, 1) that look random.
fn chance(seed: u64, at: usize) -> f64 {
    let mut z = (seed.wrapping_mul(0xd1b5_4a32_d192_ed03) ^ at as u64).wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    ((z ^ (z >> 27)) >> 11) as f64 / (1_u64 << 53) as f64
}

/// Noise of about 0, as sums of chance have it.
fn noise(seed: u64, at: usize) -> f64 {
    (0..6).map(|number| chance(seed * 7 + number, at)).sum::<f64>() - 3.0
}

/// Which of three tissues a voxel is of; in a seed without the third, that one is like the second.
fn tissue(seed: u64, at: usize) -> usize {
    let of = at % 12 / 4;
    if seed == 99 { of.min(1) } else { of }
}

/// Two images of three tissues: neither image alone tells all three apart.
fn image(seed: u64) -> TestImage {
    let first = |at: usize| [10.0, 50.0, 50.0][tissue(seed, at)] + noise(seed, at);
    let second = |at: usize| [7.0, 7.0, 90.0][tissue(seed, at)] + noise(seed + 1000, at);
    TestImage::new(DIMS, (0..COUNT).map(first).collect())
        .named("t1")
        .beside("t2", (0..COUNT).map(second).collect())
        .region("tumour", (0..COUNT).map(|at| u8::from(at >= 240)).collect())
}

fn configured(json: &str, state: Option<&str>) -> Result<Habitats, Error> {
    let settings = testing::settings(&Habitats::describe(), json).expect("settings");
    Habitats::configure(&testing::with_state(settings, state))
}

fn state(json: &str, seeds: &[u64]) -> Result<String, Error> {
    let (habitats, host) = (configured(json, None).expect("settings"), TestHost::new());
    let seen = seeds.iter().map(|seed| image(*seed).with(|image| habitats.observe(image, &host.context())));
    habitats.fit(&seen.collect::<Result<Vec<_>, _>>()?, &host.context())
}

fn labels(json: &str, state: &str, image: &TestImage) -> Result<Vec<u16>, Error> {
    let habitats = configured(json, Some(state)).expect("a state");
    image.with(|image| habitats.make(image, &TestHost::new().context()))
}

const WAYS: [&str; 5] = [
    r#"{"number": 3}"#,
    r#"{"numbers": [2, 5]}"#,
    r#"{"number": 3, "method": "gaussian mixture"}"#,
    r#"{"numbers": [2, 4], "method": "gaussian mixture", "covariance": "diagonal"}"#,
    r#"{"number": 3, "supervoxel_mm": 2, "compactness": 0.5}"#,
];

#[test]
fn tissues_of_new_scans_are_found_in_every_way() {
    for json in WAYS {
        let state = state(json, &[1, 2, 3]).expect("a state");
        let found = labels(json, &state, &image(7)).expect("labels");
        for (at, label) in found.iter().enumerate() {
            // In the order of the first image, and of the second where that is equal but for noise: by the mean.
            let expected = if at < 240 { 0 } else { [1, found[244], found[248]][tissue(7, at)] };
            assert_eq!(*label, expected, "{json}: voxel {at}");
        }
        assert_ne!(found[244], found[248], "{json}");
        assert_eq!(labels(json, &state, &image(7)), Ok(found));
    }
}

#[test]
fn habitats_rise_in_the_first_image() {
    for json in WAYS {
        let state: State = serde_json::from_str(&state(json, &[1, 2, 3]).expect("a state")).expect("JSON");
        assert!(state.centres.is_sorted_by(|a, b| a[0] < b[0]), "{json}: {state:?}");
    }
}

#[test]
fn a_patient_may_lack_a_habitat() {
    let json = r#"{"number": 3}"#;
    let state = state(json, &[1, 2, 3]).expect("a state");
    let found = labels(json, &state, &image(99)).expect("labels");
    let mut present: Vec<u16> = found.into_iter().filter(|label| *label > 0).collect();
    present.sort_unstable();
    present.dedup();
    assert_eq!(present.len(), 2);
    assert!(configured(json, None).expect("settings").may_lack());
}

#[test]
fn the_order_of_the_cases_makes_no_difference() {
    for json in WAYS {
        assert_eq!(state(json, &[1, 2, 3]), state(json, &[3, 1, 2]), "{json}");
    }
}

#[test]
fn a_case_gives_a_sample_of_its_own_voxels() {
    let (habitats, host) = (configured(r#"{"number": 2, "sample": 50}"#, None).expect("settings"), TestHost::new());
    let image = image(1);
    let text = image.with(|image| habitats.observe(image, &host.context())).expect("seen");
    let seen = Seen::read(&text).expect("an observation");
    assert_eq!((seen.images, seen.points.len()), (vec!["t1".to_owned(), "t2".to_owned()], 50));
    let all: Vec<[u64; 2]> = image.with(|image| {
        let [one, other]: [&[f64]; 2] =
            image.images().map(|(_, voxels)| voxels).collect::<Vec<_>>().try_into().expect("two");
        (240..COUNT).map(|at| [one[at].to_bits(), other[at].to_bits()]).collect()
    });
    let mut drawn: Vec<usize> = seen
        .points
        .iter()
        .map(|point| all.iter().position(|other| *other == [point[0].to_bits(), point[1].to_bits()]).expect("a voxel"))
        .collect();
    assert!(drawn.is_sorted());
    drawn.dedup();
    assert_eq!(drawn.len(), 50, "no voxel is drawn twice");
}

#[test]
fn voxels_without_a_value_are_of_no_habitat() {
    let json = r#"{"number": 3}"#;
    let state = state(json, &[1, 2]).expect("a state");
    let holes = |at: usize| if at.is_multiple_of(5) { f64::NAN } else { 50.0 };
    let image = TestImage::new(DIMS, vec![10.0; COUNT]).named("t1").beside("t2", (0..COUNT).map(holes).collect());
    let found = labels(json, &state, &image.region("tumour", vec![1; COUNT])).expect("labels");
    assert!(found.iter().enumerate().all(|(at, label)| (*label == 0) == (at % 5 == 0)));
}

#[test]
fn what_cannot_be_is_refused() {
    let fit = |json: &str, seeds: &[u64]| state(json, seeds).expect_err("no state").to_string();
    assert!(fit(r#"{"number": 3}"#, &[]).contains("no case"));
    let (habitats, host) = (configured(r#"{"number": 2}"#, None).expect("settings"), TestHost::new());
    let flat = r#"{"images":["t1"],"points":[[3.0],[3.0]]}"#.to_owned();
    let other = r#"{"images":["t2"],"points":[[3.0],[4.0]]}"#.to_owned();
    let why = habitats.fit(std::slice::from_ref(&flat), &host.context()).expect_err("a flat image").to_string();
    assert!(why.contains("`t1` is 3 in all voxels of the cohort: take it away"), "{why}");
    let why = habitats.fit(&[flat, other], &host.context()).expect_err("other images").to_string();
    assert!(why.contains("one case was seen in `t1`, and another one in `t2`"), "{why}");
    let good = state(r#"{"number": 3}"#, &[1, 2]).expect("a state");
    for (json, part) in [
        (r#"{"number": 4}"#, "has 3 habitats, and the settings ask for 4 to 4"),
        (r#"{"number": 3, "method": "gaussian mixture"}"#, "is a k-means, and the settings ask for a gaussian mixture"),
        (r#"{"number": 3, "supervoxel_mm": 3}"#, "supervoxel_mm = 0 and compactness = 1, and the settings have 3"),
    ] {
        let why = configured(json, Some(&good)).expect_err("another state").to_string();
        assert!(why.contains(part), "{why}");
    }
    let json = r#"{"number": 3}"#;
    assert!(configured(json, Some(&good.replacen("\"deviation\":[", "\"deviation\":[-", 1))).is_err());
    let renamed = image(1).named("flair");
    let why = labels(json, &good, &renamed).expect_err("other images").to_string();
    assert!(why.contains("is of `t1`, `t2`, and the habitats are to be made of `flair`, `t2`"), "{why}");
    for json in
        [r#"{"numbers": [4, 2]}"#, r#"{"numbers": [2, 99]}"#, r#"{"numbers": [2.5, 3]}"#, r#"{"criterion": "bic"}"#]
    {
        assert!(configured(json, None).is_err(), "{json}");
    }
    let unfitted = configured(json, None).expect("settings");
    assert!(image(1).with(|image| unfitted.make(image, &host.context())).is_err());
}
