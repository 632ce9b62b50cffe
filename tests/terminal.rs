//! What the program says to a person at a terminal, and what it tells of itself.

use voxomics_tests::{
    batch::Batch,
    run,
    scene::{image, mask},
};

const EXPERIMENT: &str =
    "[plugins]\nuse = [\"load-nifti\", \"features-statistics\"]\n[regions.tumour]\n[features.statistics]\n";

#[test]
fn the_version_tells_what_the_program_was_made_from() {
    let said = run(["--version"]);
    assert_eq!(said.code, Some(0));
    let line = |key: &str| said.out.lines().find_map(|line| line.strip_prefix(key)).map(str::trim);
    let digest = line("program ").unwrap_or_else(|| panic!("{}", said.out));
    assert!(digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit()), "{digest}");
    assert_eq!(line("interface "), Some("generation 1"));
    assert!(line("commit ").is_some() && line("built for ").is_some(), "{}", said.out);
    assert_eq!(run(["-V"]).out.lines().count(), 1);
}

#[test]
fn every_shell_is_given_completions_of_every_verb() {
    for shell in ["bash", "zsh", "fish"] {
        let said = run(["completions", shell]);
        assert_eq!(said.code, Some(0), "{said:?}");
        for verb in ["run", "check", "ibsi", "completions", "max-scan-bytes"] {
            assert!(said.out.contains(verb), "{shell} does not know {verb}");
        }
    }
    let said = run(["completions", "cmd"]);
    assert_eq!(said.code, Some(2));
    assert!(said.err.contains("bash, elvish, fish"), "{}", said.err);
}

#[test]
fn help_of_run_has_the_exit_codes_and_an_example() {
    let said = run(["run", "--help"]);
    for words in ["Exit codes: 0, every case is done", "130", "Example:\n  voxomics check", "--verbose"] {
        assert!(said.out.contains(words), "{words}: {}", said.out);
    }
}

#[test]
fn a_record_or_a_folder_that_is_run_is_told_in_a_line() {
    let batch = Batch::new(EXPERIMENT, "case,image,mask\na,a.nii,mask.nii\n");
    batch.scan("a.nii", &image(1));
    batch.scan("mask.nii", &mask());
    let ran = batch.run().well();
    for results in [ran.out.clone(), ran.out.join("run.json")] {
        let said = run(["run".to_owned(), results.display().to_string()]);
        assert_eq!(said.code, Some(2), "{said:?}");
        let lines: Vec<&str> = said.err.lines().collect();
        let again = format!("voxomics rerun {}", ran.out.display());
        assert!(
            matches!(lines[..], [line] if line.contains("expected an experiment") && line.ends_with(&again)),
            "{lines:?}"
        );
    }
}

#[test]
fn one_case_is_one_case_and_the_same_warning_is_said_once() {
    let batch = Batch::new(
        &format!("{EXPERIMENT}[covariates.age]\n"),
        "case,image,mask,age\na,a.nii,mask.nii,\nb,a.nii,mask.nii,\nc,a.nii,mask.nii,\n",
    );
    batch.scan("a.nii", &image(1));
    batch.scan("mask.nii", &mask());
    let said = batch.run().well().said;
    assert!(said.out.contains("3 of 3 cases done: 3 rows of "), "{}", said.out);
    assert_eq!(said.err.matches("the case has no `age`").count(), 2, "{}", said.err);
    // Whichever case is done first speaks for the others.
    let shared = |case| said.err.matches(&format!("warning: 2 more cases have a warning like that of {case} ")).count();
    assert_eq!(["a", "b", "c"].map(shared).iter().sum::<usize>(), 1, "{}", said.err);
    batch.write("cases.csv", "case,image,mask,age\na,a.nii,mask.nii,40\n");
    let said = batch.run_into("one", &["--verbose"]).well().said;
    assert!(said.out.contains("1 of 1 case done: 1 row of "), "{}", said.out);
    assert!(said.err.contains("a: load 0."), "the stages have their times: {}", said.err);
    let said = batch.run_into("quiet", &["--quiet"]).well().said;
    assert_eq!((said.out.as_str(), said.err.as_str()), ("", ""));
}

#[test]
fn a_name_does_not_move_the_cursor() {
    let list = "case,image,mask\n\"a\u{1b}[2J\u{202e}\nerror: b\",none.nii,mask.nii\n";
    let batch = Batch::new(EXPERIMENT, list);
    batch.scan("mask.nii", &mask());
    let experiment = batch.path("experiment.toml").display().to_string();
    let cases = batch.path("cases.csv").display().to_string();
    let ran = batch.run();
    let checked = run(["check", &experiment, "--cases", &cases]);
    for said in [&ran.said, &checked] {
        assert_eq!(said.code, Some(3), "{said:?}");
        let all = format!("{}{}", said.out, said.err);
        assert!(!all.contains(['\u{1b}', '\u{202e}']) && !all.contains("\nerror: b"), "{all:?}");
        assert!(all.contains("a\\u{1b}[2J\\u{202e}\\u{a}error: b"), "{all}");
    }
    // In the tables it is as the list has it.
    assert_eq!(ran.table("failures.csv")[0]["case"], "a\u{1b}[2J\u{202e}\nerror: b");
}
