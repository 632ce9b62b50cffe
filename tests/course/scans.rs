//! Courses of lesions in scans, without cohorts.

use std::collections::BTreeMap;

use voxomics_tests::{
    batch::{Batch, Ran, Row},
    nifti::{Nifti, straight},
};

const EXPERIMENT: &str = r#"
[plugins]
use = ["load-nifti", "features-statistics", "features-diameter"]
[regions.tumour]
[features.statistics]
[features.diameter]
[course]
date = "date"
lesion = "lesion"
at_least_days = 14
deltas = ["difference", "log_ratio"]
[course.sums]
longest = "tumour:diameter.longest"
short_axis = "tumour:diameter.short_axis"
location = "location"
nodes = ["node"]
"#;

/// A scan with boxes from these corners, of these voxels: their labels are 1, 2, …
fn scan(batch: &Batch, name: &str, boxes: &[([usize; 3], [usize; 3])]) {
    let rows = straight([1.0, 1.0, 2.0], [0.0; 3]);
    let label = |at: [usize; 3]| {
        let within =
            |(low, size): &([usize; 3], [usize; 3])| (0..3).all(|axis| at[axis].wrapping_sub(low[axis]) < size[axis]);
        boxes.iter().position(within).map_or(0_u8, |place| place as u8 + 1)
    };
    let mask = Nifti::new([40, 40, 8], rows, label);
    batch.scan(&format!("{name}.nii"), &mask.map(|[x, y, z]| (x * 3 + y * 5 + z * 7) as i16 % 50));
    batch.scan(&format!("{name}-mask.nii"), &mask);
}

/// Two lesions of p1 at three time points: one doubles in 30 days, the other one, a node, shrinks; p2 has a lesion that comes later, and
/// one that was seen once.
fn batch(experiment: &str) -> Batch {
    let mut list = "case,image,mask,label,patient,lesion,location,date\n".to_owned();
    let mut row = |case: &str, scan: &str, label: usize, patient: &str, lesion: &str, location: &str, date: &str| {
        list += &format!("{case},{scan}.nii,{scan}-mask.nii,{label},{patient},{lesion},{location},{date}\n");
    };
    for (scan, date) in [("c", "2020-03-31"), ("a", "2020-01-31"), ("b", "2020-03-01")] {
        row(&format!("{scan}1"), scan, 1, "p1", "a", "lung", date);
        row(&format!("{scan}2"), scan, 2, "p1", "b", "node", date);
    }
    row("d1", "d", 1, "p2", "early", "liver", "2021-12-24");
    row("e2", "e", 1, "p2", "late", "liver", "2022-01-24");
    let batch = Batch::new(experiment, &list);
    scan(&batch, "a", &[([2, 2, 1], [8, 4, 2]), ([20, 20, 1], [16, 12, 3])]);
    scan(&batch, "b", &[([2, 2, 1], [8, 8, 2]), ([20, 20, 1], [16, 10, 3])]);
    scan(&batch, "c", &[([2, 2, 1], [16, 8, 2]), ([20, 20, 1], [10, 4, 3])]);
    scan(&batch, "d", &[([5, 5, 2], [6, 6, 3])]);
    scan(&batch, "e", &[([9, 9, 2], [6, 6, 3])]);
    batch
}

fn number(row: &Row, column: &str) -> f64 {
    row[column].parse().unwrap_or_else(|_| panic!("{column}: {row:?}"))
}

fn by_case(ran: &Ran) -> BTreeMap<String, Row> {
    ran.table("course.csv").into_iter().map(|row| (row["case"].clone(), row)).collect()
}

/// The longest diameter of a box in its plane, mm: its outline has no corners.
fn longest(long: f64, short: f64) -> f64 {
    long.hypot(short - 1.0)
}

#[test]
fn volumes_diameters_and_deltas_are_those_of_the_boxes() {
    let ran = batch(EXPERIMENT).run_well();
    let course = by_case(&ran);
    for (case, time_point, days, state, used, volume_ml) in [
        ("a1", "1", 0.0, "baseline", "baseline", 0.128),
        ("b1", "2", 30.0, "followed", "between", 0.256),
        ("c1", "3", 60.0, "followed", "follow-up", 0.512),
        ("e2", "2", 31.0, "new", "", 0.216),
    ] {
        let row = &course[case];
        assert_eq!([&row["time_point"], &row["state"], &row["used"]], [time_point, state, used], "{row:?}");
        assert!(number(row, "days") == days && (number(row, "volume_ml") - volume_ml).abs() < 1e-9, "{row:?}");
    }
    assert!((number(&course["c1"], "doubling_days") - 30.0).abs() < 1e-9 && course["a1"]["doubling_days"].is_empty());
    assert!((number(&course["c1"], "volume_change_percent") - 300.0).abs() < 1e-9);
    // Of 1, what became of it at the second time point nobody says.
    let missing: Vec<Row> = ran.table("course.csv").into_iter().filter(|row| row["state"] == "missing").collect();
    assert!(matches!(&missing[..], [row] if row["lesion"] == "early" && row["days"] == "31"), "{missing:?}");

    let deltas = ran.table("delta.csv");
    let names: Vec<[&str; 2]> = deltas.iter().map(|row| [&*row["patient"], &*row["lesion"]]).collect();
    assert_eq!(names, [["p1", "a"], ["p1", "b"], ["p2", "early"], ["p2", "late"]]);
    let change = number(&deltas[0], "tumour:diameter.longest@difference");
    assert!((change - (longest(16.0, 8.0) - longest(8.0, 4.0))).abs() < 1e-9, "{change}");
    let ratio = number(&deltas[1], "tumour:diameter.short_axis@log_ratio");
    let features: BTreeMap<String, Row> =
        ran.table("features.csv").into_iter().map(|row| (row["case"].clone(), row)).collect();
    let [before, after] = ["a2", "c2"].map(|case| number(&features[case], "diameter.short_axis"));
    assert!((ratio - (after / before).ln()).abs() < 1e-12);
    assert_eq!([&deltas[0]["case"], &deltas[0]["follow_up_case"], &deltas[0]["days"]], ["a1", "c1", "60"]);
    assert!(
        deltas[2]["reason"].contains("there it is missing") && deltas[3]["reason"].contains("first seen after 31 days")
    );

    // A picture of each patient, and none of an earlier run.
    let picture = |patient: &str| {
        std::fs::read_to_string(ran.out.join("course").join(format!("{patient}.svg"))).expect("a picture")
    };
    let [one, two] = ["p1", "p2"].map(picture);
    assert!(
        one.contains("Lesions of p1 over time") && one.contains("lesion a: day 0 0.128 mL, day 30 0.256 mL"),
        "{one}"
    );
    assert!(two.contains(">new</text>") && two.contains(">missing</text>"), "{two}");
    assert_eq!(std::fs::read_dir(ran.out.join("course")).expect("a folder").count(), 2);

    let sums = ran.table("sums.csv");
    let words: Vec<&str> = sums.iter().map(|row| row["by_recist_thresholds"].as_str()).collect();
    assert_eq!(words, ["", "SD", "SD", "", "PD"], "{sums:?}");
    for (row, scan) in sums.iter().zip(["a", "b", "c"]) {
        let of = |label: usize, column: &str| number(&features[&format!("{scan}{label}")], column);
        let expected = of(1, "diameter.longest") + of(2, "diameter.short_axis");
        assert!((number(row, "sum_mm") - expected).abs() < 1e-9 && row["lesions"] == "2", "{row:?}");
    }
    assert!(sums[4]["sum_mm"].is_empty() && sums[4]["reason"].contains("the lesion `early`: it is missing"));
    assert_eq!(sums[4]["new_lesions"], "1");
}

#[test]
fn where_everything_is_outlined_a_lesion_that_is_not_has_gone() {
    let ran = batch(&EXPERIMENT.replace("lesion = \"lesion\"", "lesion = \"lesion\"\nabsent = \"gone\"")).run_well();
    let gone: Vec<Row> = ran.table("course.csv").into_iter().filter(|row| row["state"] == "gone").collect();
    assert!(matches!(&gone[..], [row] if row["lesion"] == "early"), "{gone:?}");
    let last = ran.table("sums.csv").pop().expect("a row");
    assert_eq!([&last["sum_mm"], &last["change_percent"], &last["by_recist_thresholds"]], ["0", "-100", "PD"]);
}

#[test]
fn a_damaged_scan_is_a_stated_absence_and_the_others_go_on() {
    let batch = batch(EXPERIMENT);
    batch.write("c.nii", "no scan");
    let ran = batch.run();
    assert_eq!(ran.said.code, Some(3), "{:?}", ran.said);
    let course = by_case(&ran);
    assert!(course["c1"]["state"] == "failed" && course["c1"]["reason"].contains("load: "), "{:?}", course["c1"]);
    let deltas = ran.table("delta.csv");
    assert_eq!([&deltas[0]["follow_up_case"], &deltas[0]["days"]], ["b1", "30"]);
    let sums = ran.table("sums.csv");
    assert!(sums[2]["by_recist_thresholds"] == "NE" && sums[2]["reason"].contains("the lesion `a`: load"), "{sums:?}");
}

#[test]
fn pseudonyms_change_no_interval_and_no_number() {
    let batch = batch(EXPERIMENT);
    let plain = batch.run().well();
    let key = batch.path("key.toml").display().to_string();
    let hidden = batch.run_into("hidden", &["--pseudonymise", &key]).well();
    let numbers = |ran: &Ran, name: &str, drop: &[&str]| -> Vec<Row> {
        let mut rows = ran.table(name);
        rows.iter_mut().for_each(|row| drop.iter().for_each(|column| drop_cell(row, column)));
        rows
    };
    let who = ["patient", "lesion", "case", "follow_up_case", "reason"];
    for name in ["course.csv", "delta.csv", "sums.csv"] {
        assert_eq!(numbers(&plain, name, &who), numbers(&hidden, name, &who), "{name}");
        for row in hidden.table(name) {
            let hides = |(column, begin): (&str, &str)| {
                row.get(column).is_none_or(|cell| cell.is_empty() || cell.starts_with(begin))
            };
            assert!(
                [("patient", "P-"), ("lesion", "L-"), ("case", "C-"), ("follow_up_case", "C-")].into_iter().all(hides),
                "{row:?}"
            );
            assert!(row.values().all(|cell| !cell.contains("2020-") && !cell.contains("2021-")), "{row:?}");
        }
    }
}

fn drop_cell(row: &mut Row, column: &str) {
    row.remove(column);
}

#[test]
fn what_is_not_there_is_refused_and_tables_of_an_earlier_run_go() {
    let batch = batch(EXPERIMENT);
    batch.run().well();
    let without = EXPERIMENT.split("[course]").next().expect("a text");
    batch.write("experiment.toml", without);
    let ran = batch.run().well();
    assert!(["course.csv", "delta.csv", "delta_long.csv", "sums.csv"].iter().all(|name| !ran.out.join(name).exists()));
    for (change, why) in [
        (
            ("date = \"date\"", "date = \"when\""),
            "[course] names the column `when`, which the list of cases does not have",
        ),
        (("lesion = \"lesion\"", "lesion = \"leison\""), "did you mean `lesion`"),
        (
            ("tumour:diameter.longest", "tumour:diameter.longst"),
            "no input is called `tumour:diameter.longst`; did you mean",
        ),
        (("[regions.tumour]", "[regions.tumour]\ncomponents = \"each\""), "numbered anew at each time point"),
    ] {
        batch.write("experiment.toml", EXPERIMENT.replacen(change.0, change.1, 1));
        let said = batch.run_into("refused", &[]).said;
        assert!(said.code == Some(2) && said.err.contains(why), "{why}: {said:?}");
    }
}

#[test]
fn a_study_shows_each_patient_over_time() {
    let batch = batch(EXPERIMENT);
    let study = EXPERIMENT.replace("[regions.tumour]", "[cohorts.all]\ncases = \"cases.csv\"\n[regions.tumour]")
        + "[report]\npictures = false\nsingle_file = true\n";
    let path = batch.write("study.toml", study).display().to_string();
    let out = batch.path("study").display().to_string();
    let said = voxomics_tests::run(["run", &path, "--out", &out]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let read = |name: &str| std::fs::read_to_string(batch.path("study").join(name)).expect("a file");
    let found: serde_json::Value = serde_json::from_str(&read("study.json")).expect("JSON");
    let flow = &found["cohorts"][0]["flow"];
    assert_eq!([&flow["before_course"]["cases"], &flow["failed_cases"], &flow["extracted"]], [8, 0, 2], "{flow}");
    let lost: Vec<&str> =
        flow["before_course"]["lost"].as_array().expect("a list").iter().filter_map(|row| row["id"].as_str()).collect();
    assert_eq!(lost, ["d1 of p2", "e2 of p2"]);
    let over_time = &found["patients"][0]["over_time"];
    assert_eq!(over_time[0]["lesion"], "a");
    assert_eq!(over_time[0]["points"][2], serde_json::json!({ "days": 60.0, "state": "followed", "volume_ml": 0.512 }));
    assert_eq!(found["patients"][1]["over_time"][1]["points"][0]["state"], "new");
    let page = read("report/report.html");
    assert!(
        page.contains("Lesions over time")
            && page.contains("Followed over time")
            && !page.contains("not accounted for")
    );
    // Its tables are those of a run without cohorts.
    let plain = batch.run().well();
    for name in ["course.csv", "delta.csv", "delta_long.csv", "sums.csv"] {
        assert_eq!(read(&format!("all/{name}")), plain.lines(name).join("\n") + "\n", "{name}");
    }
}
