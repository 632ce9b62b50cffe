//! The inputs of the CD8 study: 84 of them, each with its value or a reason, and the grey levels absolute.

use std::{collections::BTreeMap, fs, path::Path};

use voxomics_tests::{Said, reference, run, table};

const EXPERIMENT: &str = "configs/cd8-features.toml";
const LOCATIONS: [&str; 5] = ["head and neck", "lung", "liver or abdomen", "lymph node", "other"];

type Row = BTreeMap<String, String>;

/// The columns of `inputs.csv` that are inputs.
fn inputs(row: &Row) -> Vec<(&str, &str)> {
    let columns = row.iter().filter(|(column, _)| !["case", "component"].contains(&column.as_str()));
    columns.map(|(column, cell)| (column.as_str(), cell.as_str())).collect()
}

/// The inputs without a value.
fn empty(row: &Row) -> Vec<&str> {
    inputs(row).into_iter().filter(|(_, cell)| cell.is_empty()).map(|(name, _)| name).collect()
}

fn number(row: &Row, column: &str) -> f64 {
    row[column].parse().unwrap_or_else(|_| panic!("{column} is `{}`", row[column]))
}

/// Runs the experiment on a list of cases, with further arguments.
fn run_on(cases: &Path, out: &Path, further: &[&str]) -> Said {
    let (cases, out) = (cases.display().to_string(), out.display().to_string());
    run(["run", EXPERIMENT, "--cases", &cases, "--out", &out].into_iter().chain(further.iter().copied()))
}

/// Writes the program's synthetic CT into `folder`, and a list of it with a location and a tube voltage a case.
fn cases(folder: &Path, rows: &[(&str, &str, &str)]) -> std::path::PathBuf {
    let made = folder.join("made");
    let out = made.display().to_string();
    let said = run(["run", EXPERIMENT, "--set", "cases.make=[\"synthetic-ct\"]", "--out", &out]);
    assert_eq!(said.code, Some(0), "{said:?}");
    for row in table(&made.join("inputs.csv")) {
        let empty = empty(&row);
        assert_eq!(empty.len(), 6, "without a location and a tube voltage their inputs alone are empty: {empty:?}");
    }
    let images: Vec<String> = table(&made.join("inputs.csv")).iter().map(|row| row["case"].clone()).collect();
    let mut list = "case,image,mask,location,kvp\n".to_owned();
    for ((case, location, kvp), image) in rows.iter().zip(images.iter().cycle()) {
        let file = |suffix: &str| made.join("cases").join(format!("{image}{suffix}.nii.gz")).display().to_string();
        list += &format!("{case},{},{},{location},{kvp}\n", file(""), file("-mask"));
    }
    let path = folder.join("cases.csv");
    fs::write(&path, list).expect("a list");
    path
}

#[test]
fn the_experiment_offers_exactly_84_inputs() {
    let said = run(["check", EXPERIMENT]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let line = said.out.lines().find(|line| line.starts_with("inputs ")).expect("a line about inputs");
    assert_eq!(line.split_whitespace().nth(1), Some("84"), "{line}");
}

#[test]
fn a_case_has_tumour_ring_location_and_tube_voltage() {
    let folder = tempfile::tempdir().expect("a folder");
    let list = cases(folder.path(), &[("a", "lung", "120"), ("b", "lymph node", "100"), ("c", "other", "140")]);
    let out = folder.path().join("out");
    let said = run_on(&list, &out, &[]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let regions: Vec<String> = table(&out.join("features.csv")).iter().map(|row| row["region"].clone()).collect();
    assert_eq!(regions, ["tumour", "ring"].repeat(3));
    let rows = table(&out.join("inputs.csv"));
    assert_eq!(rows.len(), 3);
    for (row, (location, kvp)) in rows.iter().zip([("lung", 120.0), ("lymph node", 100.0), ("other", 140.0)]) {
        assert_eq!(inputs(row).len(), 84);
        for region in ["tumour:lifex.", "ring:lifex."] {
            assert_eq!(inputs(row).iter().filter(|(name, _)| name.starts_with(region)).count(), 39);
        }
        assert!(inputs(row).iter().all(|(_, cell)| cell.parse::<f64>().is_ok_and(f64::is_finite)), "{row:?}");
        for level in LOCATIONS {
            assert_eq!(number(row, &format!("location={level}")), f64::from(u8::from(level == location)), "{level}");
        }
        assert_eq!(number(row, "kvp"), kvp);
        // The ring reaches into lung; the lesion is soft tissue.
        assert!(number(row, "ring:lifex.conventional_minimum") < number(row, "tumour:lifex.conventional_minimum"));
    }
}

#[test]
fn a_location_that_is_none_of_the_five_leaves_its_inputs_empty_and_a_score_says_why() {
    let folder = tempfile::tempdir().expect("a folder");
    let list = cases(folder.path(), &[("right", "lung", "120"), ("wrong", "lungs", "120"), ("no-kvp", "lung", "")]);
    let model = folder.path().join("model.toml");
    let text = "[model]\nname = \"probe\"\nlink = \"identity\"\nintercept = 0\ndemonstration = true\n\
                [[input]]\nname = \"location=lung\"\ncoefficient = 1\n[[input]]\nname = \"kvp\"\ncoefficient = 1\n";
    fs::write(&model, text).expect("a model");
    let out = folder.path().join("out");
    let plugins = "plugins.use=[\"load-nifti\", \"features-lifex\", \"predict-linear\"]";
    let path = format!("predict.probe.model={:?}", model.display().to_string());
    let predictor = ["--set", plugins, "--set", "predict.probe.plugin=\"predict-linear\"", "--set", &path];
    let said = run_on(&list, &out, &predictor);
    assert_eq!(said.code, Some(0), "{said:?}");
    let rows = table(&out.join("inputs.csv"));
    assert!(empty(&rows[0]).is_empty());
    let mut locations = LOCATIONS.map(|level| format!("location={level}"));
    locations.sort_unstable();
    assert_eq!(empty(&rows[1]), locations);
    assert_eq!(empty(&rows[2]), ["kvp"]);
    let scores = table(&out.join("scores.csv"));
    assert_eq!((scores[0]["status"].as_str(), scores[0]["value"].as_str()), ("ok", "121"));
    for (score, reason) in scores[1..].iter().zip([
        "`location` is `lungs`, expected one of head and neck, lung, liver or abdomen, lymph node, other",
        "the case has no `kvp`",
    ]) {
        assert_eq!((score["status"].as_str(), score["value"].as_str()), ("undefined", ""));
        assert!(score["reason"].contains(reason), "{score:?}");
    }
}

#[test]
fn grey_levels_counted_from_the_region_s_minimum_change_features_by_a_large_factor() {
    let folder = tempfile::tempdir().expect("a folder");
    let list = cases(folder.path(), &[("a", "lung", "120")]);
    let [fixed, own] = [("fixed", "-1000"), ("own", "\"region\"")].map(|(name, minimum)| {
        let out = folder.path().join(name);
        // Soft tissue alone: the interpolated edge of the lesion reaches down into lung.
        let tissue = "regions.tumour.intensities=[0, 300]";
        let said = run_on(&list, &out, &["--set", tissue, "--set", &format!("discretisation.minimum={minimum}")]);
        assert_eq!(said.code, Some(0), "{said:?}");
        table(&out.join("inputs.csv")).remove(0)
    });
    let ratio = |column: &str| number(&fixed, column) / number(&own, column);
    let high = ratio("tumour:lifex.glrlm_hgre");
    let low = ratio("tumour:lifex.glrlm_lgre");
    println!("fixed / region's own minimum: glrlm_hgre {high}, glrlm_lgre {low}");
    assert!(high > 50.0 && low < 0.02, "{high}, {low}");
    // About 60 HU are about level 107: the mean square of levels lies near 11,400.
    assert!((8_000.0..15_000.0).contains(&number(&fixed, "tumour:lifex.glrlm_hgre")), "{fixed:?}");
    // What does not depend on where levels begin stays as it is.
    assert_eq!(ratio("tumour:lifex.conventional_mean"), 1.0);
}

#[test]
fn the_template_of_the_model_is_refused_and_names_all_that_is_missing() {
    let plugins = "plugins.use=[\"load-nifti\", \"features-lifex\", \"predict-linear\"]";
    let predictor = "predict.cd8.plugin=\"predict-linear\"";
    let said = run([
        "check",
        EXPERIMENT,
        "--set",
        plugins,
        "--set",
        predictor,
        "--set",
        "predict.cd8.model=\"models/cd8-template.toml\"",
    ]);
    assert_eq!(said.code, Some(2), "{said:?}");
    // The message is wrapped to the width of a screen.
    let message = said.err.split_whitespace().collect::<Vec<_>>().join(" ");
    let radiomic = (1..=5).map(|k| format!("the coefficient of `unknown radiomic feature {k} of 5`"));
    let other = (1..=3).map(|k| format!("the coefficient of `unknown location or tube voltage {k} of 3`"));
    for missing in radiomic.chain(other).chain(["9 numbers are missing: the intercept".into()]) {
        assert!(message.contains(&missing), "{missing}: {message}");
    }
    assert!(message.contains("Train the model, or supply them from where it was published"), "{message}");
}

#[test]
fn the_ct_phantom_has_all_84_inputs() {
    let Some(reference) = reference() else { return };
    let phantom = reference.join("ibsi/ibsi1/ct_phantom");
    let folder = tempfile::tempdir().expect("a folder");
    let list = folder.path().join("cases.csv");
    let file = |name: &str| phantom.join(name).canonicalize().expect("the phantom is there").display().to_string();
    let text =
        format!("case,image,mask,location,kvp\nphantom,{},{},lung,120\n", file("image.nii.gz"), file("mask.nii.gz"));
    fs::write(&list, text).expect("a list");
    let out = folder.path().join("out");
    let said = run_on(&list, &out, &[]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let rows = table(&out.join("inputs.csv"));
    let finite = inputs(&rows[0]).iter().filter(|(_, cell)| cell.parse::<f64>().is_ok_and(f64::is_finite)).count();
    assert_eq!((rows.len(), inputs(&rows[0]).len(), finite), (1, 84, 84), "{rows:?}");
}
