//! Lesions that the list of cases does not tell apart: they are matched between scans, and what splits, merges, comes and goes is told.

use std::collections::BTreeMap;

use voxomics_tests::{
    batch::{Batch, Ran, Row},
    nifti::{Nifti, straight},
    run,
};

const EXPERIMENT: &str = r#"
[plugins]
use = ["load-nifti", "features-diameter"]
[regions.tumour]
components = "each"
[features.diameter]
[course]
date = "date"
deltas = ["difference"]
[course.match]
limit_mm = 6
frame = "same"
[course.sums]
longest = "tumour:diameter.longest"
"#;

type Boxes<'a> = &'a [([usize; 3], [usize; 3])];

/// One bar stays and moves, a long one splits and its parts merge again, a small one goes, and one comes.
const SCANS: [(&str, Boxes<'static>); 3] = [
    ("a", &[([2, 2, 1], [6, 6, 2]), ([20, 2, 1], [12, 4, 2]), ([2, 30, 1], [3, 3, 2])]),
    ("b", &[([4, 3, 1], [6, 6, 2]), ([20, 2, 1], [4, 4, 2]), ([27, 2, 1], [5, 4, 2]), ([30, 30, 4], [4, 4, 2])]),
    ("c", &[([4, 3, 1], [8, 6, 2]), ([20, 2, 1], [12, 4, 2]), ([31, 30, 4], [4, 4, 2])]),
];

/// Writes a scan whose first voxel lies at this x, mm (RAS).
fn scan(batch: &Batch, name: &str, boxes: Boxes<'_>, x: f64) {
    let within = |at: [usize; 3]| {
        let holds =
            |(low, size): &([usize; 3], [usize; 3])| (0..3).all(|axis| at[axis].wrapping_sub(low[axis]) < size[axis]);
        u8::from(boxes.iter().any(holds))
    };
    let mask = Nifti::new([40, 40, 8], straight([1.0, 1.0, 2.0], [x, 0.0, 0.0]), within);
    batch.scan(&format!("{name}.nii"), &mask.map(|[x, y, z]| (x * 3 + y * 5 + z * 7) as i16 % 50));
    batch.scan(&format!("{name}-mask.nii"), &mask);
}

fn batch(experiment: &str, shift: f64) -> Batch {
    let mut list = "case,image,mask,patient,date,transform\n".to_owned();
    for (name, date) in [("c", "2020-03-31"), ("a", "2020-01-31"), ("b", "2020-03-01")] {
        list += &format!("{name},{name}.nii,{name}-mask.nii,p1,{date},{name}.txt\n");
    }
    let batch = Batch::new(experiment, &list);
    for ((name, boxes), times) in SCANS.iter().zip([0.0, 1.0, -2.0]) {
        scan(&batch, name, boxes, times * shift);
        // NIfTI's x runs against that of LPS.
        batch.write(&format!("{name}.txt"), format!("1 0 0 {}\n0 1 0 0\n0 0 1 0\n0 0 0 1\n", times * shift));
    }
    batch
}

/// For each lesion its states, with the component in each scan.
fn courses(ran: &Ran) -> BTreeMap<String, Vec<String>> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in ran.table("course.csv") {
        let [case, component, state, came_of] =
            ["case", "component", "state", "came_of"].map(|column| row[column].as_str());
        let of = if came_of.is_empty() { String::new() } else { format!(" of {came_of}") };
        found
            .entry(row["lesion"].clone())
            .or_default()
            .push(format!("{case}{component} {state}{of}").trim().to_owned());
    }
    found
}

fn expected() -> BTreeMap<String, Vec<String>> {
    // Components are numbered by size, and of the same size by their first voxel.
    let all: [(&str, &[&str]); 7] = [
        ("1", &["a1 baseline", "split"]),
        ("2", &["a2 baseline", "b1 followed", "c2 followed"]),
        ("3", &["a3 baseline", "gone", "gone"]),
        ("4", &["b2 split of 1", "merged"]),
        ("5", &["b3 split of 1", "merged"]),
        ("6", &["b4 new", "c3 followed"]),
        ("7", &["c1 merged of 4 5"]),
    ];
    all.into_iter().map(|(name, states)| (name.to_owned(), states.iter().map(|s| (*s).to_owned()).collect())).collect()
}

#[test]
fn what_stays_splits_merges_comes_and_goes_is_told() {
    let ran = batch(EXPERIMENT, 0.0).run_well();
    assert_eq!(courses(&ran), expected());
    let deltas: BTreeMap<String, Row> =
        ran.table("delta.csv").into_iter().map(|row| (row["lesion"].clone(), row)).collect();
    let [case, later] = ["case", "follow_up_case"].map(|column| deltas["2"][column].as_str());
    assert_eq!([case, later, &deltas["2"]["days"]], ["a, component 2", "c, component 2", "60"]);
    let change: f64 = deltas["2"]["tumour:diameter.longest@difference"].parse().expect("a number");
    assert!((change - (8.0_f64.hypot(5.0) - 6.0_f64.hypot(5.0))).abs() < 1e-9, "{change}");
    for (lesion, why) in [
        ("1", "there it is split"),
        ("3", "there it is gone, gone"),
        ("4", "it came of `1` after 30 days"),
        ("6", "it was first seen after 30 days"),
        ("7", "it came of `4`, `5` after 60 days"),
    ] {
        assert!(deltas[lesion]["reason"].contains(why), "{:?}", deltas[lesion]);
    }
    // Parts count together, what has merged counts once, what has gone counts nothing, and what is new is not summed.
    let sums = ran.table("sums.csv");
    let [a, b, c]: [f64; 3] = std::array::from_fn(|at| sums[at]["sum_mm"].parse().expect("a number"));
    let long = |x: f64, y: f64| x.hypot(y - 1.0);
    assert!((a - (long(6.0, 6.0) + long(12.0, 4.0) + long(3.0, 3.0))).abs() < 1e-9);
    assert!((b - (long(6.0, 6.0) + long(4.0, 4.0) + long(5.0, 4.0))).abs() < 1e-9);
    assert!((c - (long(8.0, 6.0) + long(12.0, 4.0))).abs() < 1e-9);
    assert_eq!(sums[1]["by_recist_thresholds"], "PD", "a lesion is new");
}

#[test]
fn a_stated_transform_carries_scans_into_one_frame_and_without_it_nothing_is_guessed() {
    let transformed = EXPERIMENT.replace("frame = \"same\"", "transform = \"transform\"");
    let ran = batch(&transformed, 70.0).run_well();
    assert_eq!(courses(&ran), expected());
    // In the frames of the scans nothing lies where it lay.
    let apart = courses(&batch(EXPERIMENT, 70.0).run_well());
    assert_eq!(apart["1"], ["a1 baseline", "gone", "gone"]);
    assert_eq!(apart.len(), 3 + 4 + 3);
    for (change, why) in [
        (("frame = \"same\"\n", ""), "[course.match] takes one of frame = \"same\""),
        (("limit_mm = 6\n", ""), "`course.match.limit_mm` is missing"),
        (("date = \"date\"", "date = \"date\"\nlesion = \"patient\""), "take one of them away"),
        (("frame = \"same\"", "transform = \"transfrom\""), "did you mean `transform`"),
    ] {
        let said = batch(&EXPERIMENT.replacen(change.0, change.1, 1), 0.0).run().said;
        assert!(said.code == Some(2) && said.err.contains(why), "{why}: {said:?}");
    }
}

#[test]
fn a_time_point_that_cannot_be_matched_is_left_out_and_no_lesion_has_gone_for_it() {
    let transformed = EXPERIMENT.replace("frame = \"same\"", "transform = \"transform\"");
    let batch = batch(&transformed, 0.0);
    batch.write("b.txt", "#Insight Transform File V1.0");
    let ran = batch.run();
    assert!(
        ran.said.code == Some(3) && ran.said.out.contains("1 case of time points that cannot be matched"),
        "{:?}",
        ran.said
    );
    let failed = ran.table("failures.csv");
    assert_eq!((failed.len(), failed[0]["case"].as_str(), failed[0]["stage"].as_str()), (1, "b", "course"));
    assert!(failed[0]["message"].contains("it holds something else than numbers"), "{failed:?}");
    let found = courses(&ran);
    assert_eq!(found[""], ["b left out"]);
    // The long bar and the one that moves are there before and after; of what is gone nobody knows since when.
    assert_eq!(found["1"], ["a1 baseline", "missing", "c1 followed"]);
    assert_eq!(found["2"], ["a2 baseline", "missing", "c2 followed"]);
    assert_eq!(found["3"], ["a3 baseline", "missing", "gone"]);
    let lost = ran.table("course.csv").into_iter().find(|row| row["state"] == "left out").expect("a row");
    assert!(lost["reason"].contains("it holds something else than numbers"), "{lost:?}");
}

#[test]
fn a_study_matches_as_a_run_without_cohorts_does() {
    let batch = batch(EXPERIMENT, 0.0);
    let plain = batch.run().well();
    let study = EXPERIMENT.replace("[regions.tumour]", "[cohorts.all]\ncases = \"cases.csv\"\n[regions.tumour]");
    let path = batch.write("study.toml", study).display().to_string();
    let out = batch.path("study").display().to_string();
    let said = run(["run", &path, "--out", &out, "--until", "extract"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    for name in ["course.csv", "delta.csv", "delta_long.csv", "sums.csv"] {
        let text = std::fs::read_to_string(batch.path("study/all").join(name)).expect("a table");
        assert_eq!(text, plain.lines(name).join("\n") + "\n", "{name}");
    }
}

/// The first scan may not be taken for the second one: what was there is not known.
#[test]
fn a_first_time_point_that_cannot_be_matched_leaves_no_baseline() {
    let transformed = EXPERIMENT.replace("frame = \"same\"", "transform = \"transform\"");
    let batch = batch(&transformed, 0.0);
    batch.write("a.txt", "#Insight Transform File V1.0");
    let ran = batch.run();
    assert_eq!(ran.said.code, Some(3), "{:?}", ran.said);
    let found = courses(&ran);
    assert!(found.values().flatten().all(|state| !state.contains("baseline") && !state.contains(" new")), "{found:?}");
    assert_eq!(found["2"], ["b2 first seen", "merged"]);
    for row in ran.table("delta.csv") {
        assert!(row["tumour:diameter.longest@difference"].is_empty() && !row["reason"].is_empty(), "{row:?}");
    }
    let sums = ran.table("sums.csv");
    assert_eq!(sums.len(), 3);
    for (row, word) in sums.iter().zip(["", "NE", "NE"]) {
        assert_eq!((row["sum_mm"].as_str(), row["by_recist_thresholds"].as_str()), ("", word), "{row:?}");
    }
}

/// Two scans of one day with the same lesions: each lesion would count twice, and merge at the next scan.
#[test]
fn a_lesion_that_two_scans_of_one_day_have_is_not_counted_twice() {
    let batch = batch(EXPERIMENT, 0.0);
    let list = std::fs::read_to_string(batch.path("cases.csv")).expect("a list").replace("2020-03-01", "2020-01-31");
    batch.write("cases.csv", list);
    let ran = batch.run();
    assert_eq!(ran.said.code, Some(3), "{:?}", ran.said);
    assert!(!courses(&ran).values().flatten().any(|state| state.contains("merged") || state.contains("split")));
    let failed = ran.table("failures.csv");
    let cases: Vec<&str> = failed.iter().map(|row| row["case"].as_str()).collect();
    assert_eq!(cases, ["a", "b"]);
    assert!(
        failed[1]["message"].contains("which is of the same time point: one lesion would count twice"),
        "{failed:?}"
    );
}
