//! Libraries that are refused before anything runs: each with one paragraph that names the in_process, what was found, what was
//! expected, and what to do.

use std::{fs, path::Path};

use voxomics_tests::Said;

use crate::bench::{Bench, assert_says, in_process, misbehaving, refusal, standard};

const REST: &str = "[plugins]\nuse = [\"load-nifti\"]\n[regions.tumour]\n";

/// Runs an experiment that names a library.
fn with(library: &Path) -> Said {
    let bench = Bench::new(&format!("{REST}{}", in_process(library)));
    let said = bench.run();
    assert!(!bench.path("out").exists(), "nothing may be written");
    said
}

#[test]
fn what_is_no_library() {
    let bench = Bench::new("");
    let text = bench.write("notes.so", "These are notes.\n");
    let message = refusal(&with(&text));
    assert_says(&message, &["notes.so", "cannot load it as a dynamic library", "Check that the file is complete"]);
    let empty = bench.write("empty.so", "");
    assert_says(&refusal(&with(&empty)), &["empty.so", "cannot load it as a dynamic library"]);
    let folder = bench.path("");
    assert_says(&refusal(&with(&folder)), &["cannot be read", "Check the path"]);
    let nothing = bench.path("nothing.so");
    assert_says(
        &refusal(&with(&nothing)),
        &["nothing.so cannot be read", "a relative one starts from the TOML's folder"],
    );
}

#[test]
fn a_library_that_is_cut_off() {
    let whole = fs::read(standard("features-glcm")).expect("a library");
    let bench = Bench::new("");
    // In the header, in the tables, in the code, in the data, and by one byte.
    for length in [
        40,
        200,
        whole.len() / 100,
        whole.len() / 40,
        whole.len() / 4,
        whole.len() / 2,
        whole.len() * 9 / 10,
        whole.len() - 1,
    ] {
        let part = bench.write("part.so", &whole[..length]);
        let message = refusal(&with(&part));
        assert_says(&message, &["part.so", "cannot load it as a dynamic library", "Check that the file is complete"]);
        if cfg!(target_os = "linux") && length >= 64 {
            assert_says(&message, &["cut off", &length.to_string(), &whole.len().to_string()]);
        }
    }
}

#[test]
fn a_library_that_is_no_plugin() {
    let message = refusal(&with(&misbehaving("no_symbol")));
    assert_says(&message, &["no_symbol", "not a Voxomics plugin", "voxomics_plugin_entry", "export_plugin!"]);
}

#[test]
fn a_plugin_of_another_generation() {
    let older = refusal(&with(&misbehaving("generation_0")));
    assert_says(&older, &["generation_0", "speaks generation 0", "speaks generation 1", "a build against a newer sdk"]);
    let newer = refusal(&with(&misbehaving("generation_2")));
    assert_says(&newer, &["generation_2", "speaks generation 2", "speaks generation 1", "a newer release of Voxomics"]);
}

#[test]
fn a_plugin_of_another_layout() {
    for library in ["other_layout", "no_header"] {
        let said = with(&misbehaving(library));
        let message = refusal(&said);
        assert_says(
            &message,
            &[library, "a changed copy of the plugin interface", "Rebuild it against the unchanged sdk"],
        );
        assert!(said.err.lines().count() < 15 && message.len() < 1500, "{}", said.err);
    }
}

#[test]
fn a_plugin_that_is_not_the_pinned_file() {
    let library = standard("features-statistics");
    let digest = voxomics_engine::digest::sha256(&fs::read(&library).expect("a library"));
    let pinned = |digest: &str| {
        let file = format!("{}sha256 = '{digest}'\n", in_process(&library));
        Bench::new(&format!(
            "[cases]\nmake = ['digital-phantom']\n{REST}label = 1\n[features.statistics]\nonly = 'mean'\n{file}"
        ))
    };
    let wrong = digest.replace(|c: char| c.is_ascii_digit(), "0");
    let message = refusal(&pinned(&wrong).run());
    assert_says(
        &message,
        &["features_statistics", &format!("its SHA-256 is {digest}"), &format!("expected {wrong}"), "vendor"],
    );
    assert_says(&refusal(&pinned("abc").run()), &["`abc` is not a SHA-256 digest", "64 hexadecimal digits"]);
    for right in [digest.clone(), digest.to_uppercase()] {
        let bench = pinned(&right);
        let said = bench.run();
        assert_eq!(said.code, Some(0), "{said:?}");
        let record = fs::read_to_string(bench.path("out/run.json")).expect("a record");
        assert!(record.contains(&digest), "the record holds the digest");
    }
}

#[test]
fn two_plugins_of_one_name() {
    let (one, two) = (misbehaving("misbehaves"), misbehaving("namesake"));
    let both = Bench::new(&format!("{REST}{}{}", in_process(&one), in_process(&two)));
    let message = refusal(&both.run());
    let names = [one.display().to_string(), two.display().to_string()];
    assert_says(
        &message,
        &["two plugins have the name `features-faulty`", &names[0], &names[1], "Name only one of them"],
    );

    // A copy is another file to the system, and the same plugin to the user.
    let copied = Bench::new("");
    let copy = copied.path("copy.so");
    fs::copy(&two, &copy).expect("a copy");
    copied.write("experiment.toml", format!("{REST}{}{}", in_process(&two), in_process(&copy)));
    assert_says(&refusal(&copied.run()), &["`features-faulty`", &names[1], "copy.so"]);

    let message = refusal(&with(&misbehaving("same_id_twice")));
    assert_says(&message, &["same_id_twice", "lists `features-twin` twice", "author"]);
}

#[test]
fn a_plugin_that_panics_in_describing_itself() {
    let message = refusal(&with(&misbehaving("panics_in_describe")));
    assert_says(
        &message,
        &["panics_in_describe", "cannot describe itself", "panics_in_describe.rs:", "lost for words", "author"],
    );
}
