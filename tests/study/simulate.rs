//! The simulated study as a command of its own.

use std::{fs, path::Path};

use voxomics_tests::{Said, run};

use crate::support::whole;

fn simulate(out: &Path, more: &[&str]) -> Said {
    let out = out.display().to_string();
    run(["simulate", "cohort"].into_iter().chain(more.iter().copied()).chain([out.as_str()]))
}

/// Every file below a folder, by its path from there.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).expect("below it").display().to_string();
                found.push((name, fs::read(&path).expect("a file")));
            }
        }
    }
    found.sort();
    found
}

#[test]
fn the_command_makes_what_an_experiment_makes() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("made");
    let said = simulate(&out, &["--patients", "48", "--seed", "1", "--threads", "2"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(said.out.contains("no patient is real") && said.out.contains("[cohorts.train]"), "{}", said.out);
    let of_experiment = files(&whole().0.path().join("simulated"));
    assert!(of_experiment.len() > 100 && files(&out) == of_experiment);

    let said = simulate(&out, &["--patients", "48", "--effect", "0", "--threads", "1"]);
    assert_eq!(said.code, Some(0), "an earlier simulation is replaced: {said:?}");
    let without = files(&out);
    assert_eq!(without.len(), of_experiment.len());
    assert!(without != of_experiment, "the effect makes a difference");
}

#[test]
fn what_cannot_be_made_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("mine.txt"), "of value").expect("a file");
    for (arguments, why) in [
        (&["--patients", "48"][..], "holds other files"),
        (&["--patients", "3"], "32"),
        (&["--effect", "2"], "not between 0 and 1"),
    ] {
        let said = simulate(folder.path(), arguments);
        assert_eq!(said.code, Some(2), "{said:?}");
        assert!(said.err.contains(why), "{}", said.err);
    }
    assert_eq!(files(folder.path()), [("mine.txt".to_owned(), b"of value".to_vec())]);
}

#[test]
fn what_the_command_prints_is_a_study_that_runs() {
    let folder = tempfile::tempdir().expect("a folder");
    let said = simulate(&folder.path().join("made \"here\""), &["--patients", "48"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let text = said.out.split_once("[plugins]").map(|(_, rest)| format!("[plugins]{rest}")).expect("an experiment");
    let experiment = folder.path().join("study.toml");
    fs::write(&experiment, text).expect("a file");
    let [experiment, out] = [experiment, folder.path().join("out")].map(|path| path.display().to_string());
    let said = run(["run", &experiment, "--out", &out]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(said.out.contains("survival: ") && !said.out.contains("no result"), "{}", said.out);
}

#[test]
fn a_number_below_zero_is_no_option() {
    let folder = tempfile::tempdir().expect("a folder");
    let said = simulate(&folder.path().join("made"), &["--effect", "-0.1"]);
    assert_eq!(said.code, Some(2), "{said:?}");
    assert!(said.err.contains("the effect -0.1 is not between 0 and 1"), "{}", said.err);
}
