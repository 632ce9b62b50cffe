//! The first experiment without a study, and that it is the same at any number of threads.

use voxomics_tests::{run, table};

#[test]
fn the_first_experiment_ends_with_features_a_ring_and_a_score() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("out");
    let said = run(["run", "configs/features.toml", "--out", &out.display().to_string()]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let features = table(&out.join("features.csv"));
    let regions: Vec<&str> = features.iter().map(|row| row["region"].as_str()).collect();
    assert_eq!(regions, ["tumour", "ring"].repeat(4));
    assert!(features.iter().all(|row| row["glcm.joint_entropy"].parse::<f64>().is_ok_and(|x| x > 0.0)));
    let scores = table(&out.join("scores.csv"));
    assert_eq!(scores.len(), 4);
    assert!(scores.iter().all(|row| row["status"] == "ok" && row["value"].parse::<f64>().is_ok()), "{scores:?}");
    assert!(said.out.contains("not a medical device"), "{}", said.out);
}

#[test]
fn the_tables_have_the_same_bytes_at_any_number_of_threads() {
    let folder = tempfile::tempdir().expect("a folder");
    let tables = ["features.csv", "features_long.csv", "inputs.csv", "scores.csv", "failures.csv"];
    let runs: Vec<Vec<Vec<u8>>> = ["1", "2", "7"]
        .iter()
        .map(|threads| {
            let out = folder.path().join(threads);
            let path = out.display().to_string();
            let said = run(["run", "configs/features.toml", "--out", &path, "--threads", threads, "--quiet"]);
            assert_eq!(said.code, Some(0), "{said:?}");
            tables.iter().map(|name| std::fs::read(out.join(name)).expect("a table")).collect()
        })
        .collect();
    assert_eq!(runs[0], runs[1]);
    assert_eq!(runs[0], runs[2]);
}
