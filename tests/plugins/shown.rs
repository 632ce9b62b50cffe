//! `voxomics plugins list` and `voxomics plugins inspect`.

use std::fs;

use serde_json::Value as Json;
use voxomics_tests::{run, voxomics};

use crate::bench::{Bench, assert_quiet, assert_says, misbehaving, refusal, said, standard};

#[test]
fn the_list_names_every_plugin_in_a_line() {
    let said = run(["plugins", "list"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert_eq!(said.err, "");
    for line in said.out.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let kinds = ["load-", "filter-", "features-", "predict-", "regions-", "export-"];
        assert!(kinds.iter().any(|kind| words[0].starts_with(kind)) && words.len() > 3, "{line}");
    }
    let listed = |name: &str| said.out.lines().any(|line| line.split_whitespace().next() == Some(name));
    assert!(listed("load-nifti") && listed("features-glcm") && listed("predict-linear"), "{}", said.out);
    // What misbehaves is not beside the program.
    assert!(!said.out.contains("faulty") && !said.out.contains("twin"), "{}", said.out);
}

#[test]
fn a_broken_library_in_the_list_hides_no_other() {
    use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
    let bench = Bench::new("");
    let broken = bench.write(&format!("{DLL_PREFIX}features_broken{DLL_SUFFIX}"), "no library");
    bench.write("notes.txt", "no plugin by its name");
    let list = |json: &[&str]| {
        said(voxomics().args(["plugins", "list"]).args(json).env("VOXOMICS_PLUGIN_PATH", bench.path("")))
    };
    let shown = list(&[]);
    assert_eq!(shown.code, Some(3), "{shown:?}");
    let line = shown.out.lines().find(|line| line.starts_with("features-broken")).expect("a line");
    assert_says(line, &[&broken.display().to_string(), "cannot load it as a dynamic library"]);
    assert!(shown.out.contains("features-glcm") && !shown.out.contains("notes"), "{}", shown.out);

    let json: Json = serde_json::from_str(&list(&["--json"]).out).expect("JSON");
    let entries = json.as_array().expect("a list");
    let entry = |name: &str| entries.iter().find(|entry| entry["name"] == name).expect("an entry");
    assert!(entry("features-broken")["error"].as_str().is_some_and(|error| error.contains("features_broken")));
    let sound = entry("features-glcm");
    assert_eq!(sound["library"]["plugins"][0]["id"], "glcm");
    let bytes = fs::read(standard("features-glcm")).expect("a library");
    assert_eq!(sound["sha256"], voxomics_engine::digest::sha256(&bytes).as_str());
}

#[test]
fn a_plugin_is_inspected_by_its_name_and_by_its_file() {
    let by_name = run(["plugins", "inspect", "features-glcm"]);
    assert_eq!((by_name.code, by_name.err.as_str()), (Some(0), ""));
    let pieces =
        ["file ", "sha256 ", "vendor ", "licence ", "features-glcm", "aggregation: ", "setting ", "joint_entropy"];
    assert_says(&by_name.out, &pieces);
    let file = standard("features-glcm").display().to_string();
    assert_eq!(run(["plugins", "inspect", &file]).out, by_name.out);

    let json: Json = serde_json::from_str(&run(["plugins", "inspect", &file, "--json"]).out).expect("JSON");
    assert_eq!(json["file"], file.as_str());
    let plugin = &json["library"]["plugins"][0];
    assert_eq!((&plugin["kind"], &plugin["id"]), (&"features".into(), &"glcm".into()));
    assert!(plugin["features"].as_array().is_some_and(|list| list.len() == 25), "IBSI has 25 features of the GLCM");
}

#[test]
fn a_file_in_the_working_directory_is_inspected_and_not_its_namesake_elsewhere() {
    let bench = Bench::new("");
    fs::copy(misbehaving("witness"), bench.path("witness.so")).expect("a copy");
    let said = said(voxomics().args(["plugins", "inspect", "witness.so"]).current_dir(bench.path("")));
    assert_eq!(said.code, Some(0), "{said:?}");
    assert_says(&said.out, &["features-addresses", "features-threads", "The tests"]);
}

#[test]
fn what_cannot_be_inspected_is_refused_in_one_paragraph() {
    let message = refusal(&run(["plugins", "inspect", "features-none"]));
    assert_says(&message, &["there is no plugin `features-none`", "VOXOMICS_PLUGIN_PATH"]);
    for (library, piece) in [
        ("no_symbol", "not a Voxomics plugin"),
        ("generation_2", "speaks generation 2"),
        ("other_layout", "changed copy of the plugin interface"),
        ("panics_in_describe", "lost for words"),
    ] {
        let said = run(["plugins", "inspect", &misbehaving(library).display().to_string()]);
        assert_says(&refusal(&said), &[library, piece]);
        assert_quiet(&said);
    }
}
