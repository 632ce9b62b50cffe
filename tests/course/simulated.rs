//! The simulated course of a disease: lesions are matched as the stated truth has them, and the deltas tell what drives it.

use std::collections::{BTreeMap, BTreeSet};

use voxomics_tests::{batch::Row, run, table, workspace};

/// What each outline is: patient, and the name of the lesion, by case.
fn lesions(rows: &[Row]) -> BTreeMap<&str, (&str, &str)> {
    rows.iter()
        .filter(|row| !row["case"].is_empty())
        .map(|row| (row["case"].as_str(), (row["patient"].as_str(), row["lesion"].as_str())))
        .collect()
}

#[test]
fn every_lesion_is_matched_and_the_delta_signature_recovers_the_driver() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = workspace().join("configs/variants/delta.toml");
    let out = folder.path().display().to_string();
    let set = [
        "simulation.patients=44",
        "learn.delta.alpha=[0.5]",
        "learn.delta.folds=3",
        "learn.baseline.alpha=[0.5]",
        "learn.baseline.folds=3",
    ];
    let mut arguments = vec!["run".to_owned(), path.display().to_string(), "--out".into(), out];
    arguments.extend(set.iter().flat_map(|set| ["--set".to_owned(), (*set).to_owned()]));
    let said = run(&arguments);
    assert_eq!(said.code, Some(0), "{said:?}");

    let truth = table(&folder.path().join("simulated/course/truth.csv"));
    let found = table(&folder.path().join("course/course.csv"));
    let (true_names, names) = (lesions(&truth), lesions(&found));
    assert_eq!(true_names.len(), names.len(), "every outline is there");
    // Both name the same lesions, whatever they call them: one name here is one name there.
    let pairs: BTreeSet<[&str; 3]> = true_names
        .iter()
        .map(|(case, (patient, lesion))| {
            let (of, name) = names[case];
            assert_eq!(*patient, of);
            [*patient, *lesion, name]
        })
        .collect();
    let both: BTreeSet<[&str; 2]> = pairs.iter().map(|[patient, lesion, _]| [*patient, *lesion]).collect();
    let other: BTreeSet<[&str; 2]> = pairs.iter().map(|[patient, _, name]| [*patient, *name]).collect();
    assert_eq!(
        (pairs.len(), pairs.len()),
        (both.len(), other.len()),
        "a lesion has two names, or two lesions have one"
    );
    // And the same becomes of them.
    let states = |rows: &[Row], case: &str| -> String {
        rows.iter().find(|row| row["case"] == case).map(|row| row["state"].clone()).expect("a row")
    };
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for case in true_names.keys() {
        let state = states(&truth, case);
        assert_eq!(states(&found, case), state, "{case}");
        *seen.entry(state).or_default() += 1;
    }
    for state in ["baseline", "followed", "new", "split", "merged"] {
        assert!(seen.contains_key(state), "{state}: {seen:?}");
    }
    // What has gone is gone in both, where the patient has a scan with another lesion to tell it by.
    let told: BTreeSet<[&str; 2]> = truth
        .iter()
        .filter(|row| !row["case"].is_empty())
        .map(|row| [row["patient"].as_str(), row["time_point"].as_str()])
        .collect();
    let gone = truth
        .iter()
        .filter(|row| row["state"] == "gone" && told.contains(&[row["patient"].as_str(), row["time_point"].as_str()]));
    let gone: BTreeSet<[&str; 2]> = gone.map(|row| [row["patient"].as_str(), row["lesion"].as_str()]).collect();
    let found_gone = found.iter().filter(|row| row["state"] == "gone");
    let found_gone: BTreeSet<[&str; 2]> =
        found_gone.map(|row| [row["patient"].as_str(), row["lesion"].as_str()]).collect();
    let named: BTreeSet<[&str; 2]> = pairs
        .iter()
        .filter(|[patient, lesion, _]| gone.contains(&[*patient, *lesion]))
        .map(|[patient, _, name]| [*patient, *name])
        .collect();
    assert_eq!(named, found_gone);
    assert!(!gone.is_empty());

    let study: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(folder.path().join("study.json")).expect("a file"))
            .expect("JSON");
    let rho = |name: &str| {
        let of = study["evaluations"]
            .as_array()
            .expect("a list")
            .iter()
            .find(|of| of["name"] == name)
            .expect("an evaluation");
        let text = of["result"].to_string();
        of["result"]["spearman"]["value"].as_f64().unwrap_or_else(|| panic!("{text}"))
    };
    assert!(rho("delta") > 0.7, "{}", rho("delta"));
    assert!(rho("delta") > rho("baseline") + 0.3, "{} {}", rho("delta"), rho("baseline"));
}

#[test]
fn a_simulated_course_is_made_in_a_folder_of_its_own_with_a_study_that_runs() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    let said = run(["simulate", "course", &path("scans"), "--patients", "12", "--seed", "3"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(!table(&folder.path().join("scans/truth.csv")).is_empty());
    let study = said.out.find("[plugins]").map(|at| &said.out[at..]).expect("a study");
    std::fs::write(path("study.toml"), study).expect("a file");
    let ran = run(["run", &path("study.toml"), "--out", &path("out")]);
    assert!(ran.code == Some(0) && ran.out.contains("delta"), "{ran:?}");
    // The same bytes as those that a study with `simulated = "course"` makes.
    let again = run(["simulate", "course", &path("again"), "--patients", "12", "--seed", "3", "--threads", "1"]);
    assert_eq!(again.code, Some(0), "{again:?}");
    for name in ["cases.csv", "patients.csv", "truth.csv"] {
        let [one, other] = ["scans", "again"].map(|of| folder.path().join(of).join(name));
        assert_eq!(std::fs::read(one).expect("a file"), std::fs::read(other).expect("a file"), "{name}");
    }
    let refused = run(["simulate", "course", &path("no"), "--effect", "2"]);
    assert!(refused.code == Some(2) && refused.err.contains("the effect 2 is not between 0 and 1"), "{refused:?}");
}
