//! A run that was stopped goes on where it stopped, and ends as if it had not been.

use std::{fs, io::Read as _, time::Duration};

use voxomics_tests::{nifti::gz, voxomics};

use crate::support::{Results, arguments, cases, computed, whole};

#[test]
fn a_run_stopped_after_a_stage_goes_on_from_there() {
    let results = Results::new();
    let said = results.quickstart("run", &["--until", "extract"]);
    assert_eq!((said.code, computed(&said)), (Some(0), cases()), "{said:?}");
    assert!(!results.path().join("train/scores.csv").exists(), "there is no model yet");
    let said = results.quickstart("run", &[]);
    assert_eq!((said.code, computed(&said)), (Some(0), 0), "{said:?}");
    let all = cases();
    assert!(said.err.contains(&format!("{all} cases, {all} of them finished before")), "{}", said.err);
    results.assert_same(&whole().0);
    // Everything is there: the model, too, is taken as it is.
    let model = results.read("models/signature.toml");
    let said = results.quickstart("evaluate", &[]);
    assert!(said.err.contains("1 model, 1 of them finished before"), "{}", said.err);
    assert_eq!(results.read("models/signature.toml"), model);
    results.assert_same(&whole().0);
}

#[test]
fn a_killed_run_goes_on_where_it_was_killed() {
    let all = cases();
    let results = Results::new();
    let mut command = voxomics();
    command.args(arguments(results.path(), &["--threads", "1", "--quiet"]));
    let mut child = command.spawn().expect("the program runs");
    while results.kept().len() < 5 {
        assert_eq!(child.try_wait().expect("a child"), None, "it ended before it could be killed");
        std::thread::sleep(Duration::from_millis(2));
    }
    child.kill().expect("a child that runs");
    child.wait().expect("a child");
    let kept = results.kept().len();
    assert!((5..all).contains(&kept), "{kept} of {all}");
    let said = results.quickstart("run", &[]);
    assert_eq!((said.code, computed(&said)), (Some(0), all - kept), "{said:?}");
    results.assert_same(&whole().0);
}

/// Another image under the same path, and records that are damaged: whatever is not beyond doubt is computed again.
#[test]
fn what_does_not_fit_its_record_is_computed_again() {
    let results = Results::new();
    assert_eq!(results.quickstart("run", &["--until", "extract"]).code, Some(0));

    let kept = results.kept();
    let whole_record = fs::read(&kept[0]).expect("a record");
    fs::write(&kept[0], &whole_record[..whole_record.len() / 2]).expect("a file");
    fs::write(&kept[1], b"{}").expect("a file");
    fs::write(&kept[2], b"").expect("a file");
    // Another digit in a number is still a record that can be read.
    let mut changed = fs::read(&kept[3]).expect("a record");
    let digit = changed.iter().rposition(u8::is_ascii_digit).expect("a number");
    changed[digit] = if changed[digit] == b'1' { b'2' } else { b'1' };
    fs::write(&kept[3], changed).expect("a file");
    let said = results.quickstart("run", &[]);
    assert_eq!((said.code, computed(&said)), (Some(0), 4), "{said:?}");
    results.assert_same(&whole().0);

    let scan = results.path().join("simulated/train/scans/SIM-0001.nii.gz");
    let mut voxels = Vec::new();
    let file = fs::File::open(&scan).expect("a scan");
    flate2::read::GzDecoder::new(file).read_to_end(&mut voxels).expect("a compressed scan");
    // 7 HU more, in voxels of 16 bits.
    for voxel in voxels[352..].chunks_exact_mut(2) {
        let brighter = i16::from_le_bytes([voxel[0], voxel[1]]).saturating_add(7);
        voxel.copy_from_slice(&brighter.to_le_bytes());
    }
    fs::remove_file(&scan).expect("a link");
    fs::write(&scan, gz(&voxels)).expect("a scan");
    let said = results.quickstart("run", &["--until", "extract"]);
    let of_patient = |row: &voxomics_tests::batch::Row| row["case"].starts_with("SIM-0001-");
    let (before, after) = (whole().0.table("train/features.csv"), results.table("train/features.csv"));
    let lesions = after.iter().filter(|row| of_patient(row) && row["region"] == "tumour").count();
    assert_eq!((said.code, computed(&said)), (Some(0), lesions), "{said:?}");
    for (before, after) in before.iter().zip(&after) {
        let mean = |row: &voxomics_tests::batch::Row| row["lifex.conventional_mean"].parse::<f64>().expect("a mean");
        let more = if of_patient(after) { 7.0 } else { 0.0 };
        assert!((mean(after) - mean(before) - more).abs() < 1e-3, "{before:?} {after:?}");
    }
}

#[test]
fn another_setting_computes_all_again() {
    let results = Results::new();
    assert_eq!(results.quickstart("run", &["--until", "extract"]).code, Some(0));
    let said = results.quickstart("run", &["--until", "extract", "--set", "regions.ring.outward_mm=3"]);
    assert_eq!((said.code, computed(&said)), (Some(0), cases()), "{said:?}");
    assert_ne!(results.read("train/features.csv"), whole().0.read("train/features.csv"));
}

#[test]
fn another_learner_computes_no_feature_again() {
    let results = Results::new();
    assert_eq!(results.quickstart("run", &["--until", "extract"]).code, Some(0));
    let loaders = ["load-nifti", "load-nrrd", "load-metaimage", "load-dicom"];
    let with = |more: &[&str]| format!("plugins.use={:?}", [&loaders, more].concat());
    let learners = with(&["features-lifex", "predict-elastic-net", "predict-forest"]);
    let said = results.quickstart("run", &["--until", "extract", "--set", &learners]);
    assert_eq!((said.code, computed(&said)), (Some(0), 0), "{said:?}");
    // What could read a scan, or compute a feature, in another way is never taken on trust.
    let families = with(&["features-lifex", "features-statistics", "predict-elastic-net"]);
    let said = results.quickstart("run", &["--until", "extract", "--set", &families]);
    assert_eq!((said.code, computed(&said)), (Some(0), cases()), "{said:?}");
}

#[test]
fn results_are_the_same_at_any_number_of_threads() {
    for threads in ["1", "5"] {
        let results = Results::new();
        let said = results.quickstart("run", &["--threads", threads]);
        assert_eq!(said.code, Some(0), "{said:?}");
        results.assert_same(&whole().0);
    }
}
