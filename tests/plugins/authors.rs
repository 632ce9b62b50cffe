//! What an author does first: make a folder, build it, sign what it builds.

use std::{fs, process::Command};

use voxomics_tests::{built, run, voxomics, workspace};

use crate::bench::{Bench, said, standard};

/// The four kinds in one build: the folder of a family, with the others as examples of it.
#[test]
fn a_new_plugin_builds_and_passes_its_tests_at_once() {
    let bench = Bench::new("");
    for kind in ["family", "filter", "loader", "predictor"] {
        let folder = bench.path(kind);
        let said = run(["plugins", "new", kind, "hot-spot", "--folder", &folder.display().to_string()]);
        assert_eq!(said.code, Some(0), "{said:?}");
        if kind != "family" {
            let source = fs::read(folder.join("src/lib.rs")).expect("a source");
            bench.write(&format!("family/examples/{kind}.rs"), source);
        }
    }
    // And the one that README shows.
    let readme = fs::read_to_string(workspace().join("README.md")).expect("a page");
    let (_, code) = readme.split_once("```rust\nuse voxomics_sdk::prelude::*;").expect("code");
    let (code, _) = code.split_once("```").expect("its end");
    bench.write("family/examples/readme.rs", format!("use voxomics_sdk::prelude::*;{code}"));
    let manifest = fs::read_to_string(bench.path("family/Cargo.toml")).expect("a manifest");
    let examples = ["filter", "loader", "predictor", "readme"]
        .map(|kind| format!("[[example]]\nname = \"{kind}\"\ncrate-type = [\"cdylib\"]\ntest = true\n\n"));
    bench.write("family/Cargo.toml", manifest.replace("[dependencies]", &(examples.concat() + "[dependencies]")));
    // The versions that the workspace was built with are in cargo's cache; newer ones may not be, and the network neither.
    bench.write("family/Cargo.lock", fs::read(workspace().join("Cargo.lock")).expect("a lock file"));
    let target = built().parent().expect("the profile's folder lies in target").join("plugins-made-new");
    let cargo = |arguments: &[&str]| {
        let mut cargo = Command::new(env!("CARGO"));
        for (name, _) in std::env::vars_os() {
            if name.to_str().is_some_and(|name| name.starts_with("CARGO_") && name != "CARGO_HOME") {
                cargo.env_remove(name);
            }
        }
        cargo.args(arguments).args(["--quiet", "--offline", "--target-dir"]).arg(&target);
        let output = cargo.current_dir(bench.path("family")).output().expect("cargo runs");
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{out}\n{err}");
        out.into_owned()
    };
    let out = cargo(&["test", "--lib", "--example", "filter", "--example", "loader", "--example", "predictor"]);
    assert_eq!(out.matches("1 passed").count(), 4, "{out}");
    if cfg!(target_os = "linux") {
        cargo(&["build", "--example", "readme"]);
        let library = target.join("debug/examples/libreadme.so").display().to_string();
        let tested = run(["plugins", "test", &library, "--together"]);
        assert!(tested.code == Some(0) && !tested.out.contains("warned"), "{}", tested.out);
    }
    let again = run(["plugins", "new", "family", "hot-spot", "--folder", &bench.path("family").display().to_string()]);
    assert!(again.code == Some(2) && again.err.contains("there already"), "{again:?}");
}

#[test]
#[cfg(target_os = "linux")]
fn a_new_plugin_in_python_passes_the_kit() {
    let python = Command::new("python3").args(["-c", "import numpy"]).output();
    if !python.is_ok_and(|output| output.status.success()) {
        return println!("left out: there is no python3 with NumPy");
    }
    let bench = Bench::new("");
    let sample = bench.write("sample.raw8", b"RAW8\x02\x01\x01\x05\x07").display().to_string();
    // What a template could get wrong; the others are the sdk's.
    let checks = ["description", "one-voxel", "nan", "same-twice", "missing-inputs", "damaged", "size-limit"];
    let only: Vec<&str> = checks.iter().flat_map(|check| ["--only", *check]).collect();
    for kind in ["family", "filter", "loader", "predictor"] {
        let folder = bench.path(kind).display().to_string();
        let made = run(["plugins", "new", kind, "hot-spot", "--language", "python", "--folder", &folder]);
        assert_eq!(made.code, Some(0), "{made:?}");
        let file = bench.path(&format!("{kind}/hot_spot.py")).display().to_string();
        let tested = run([&["plugins", "test", &file, "--sample", &sample][..], &only[..]].concat());
        assert_eq!(tested.code, Some(0), "{}", tested.out);
        assert!(!tested.out.contains("warned"), "{}", tested.out);
    }
}

#[test]
fn what_was_signed_is_known_and_what_was_changed_is_refused() {
    let bench = Bench::new("");
    let text = |path: &str| bench.path(path).display().to_string();
    let plugin = bench.write("plugin.so", fs::read(standard("features-statistics")).expect("a library"));
    let plugin = plugin.display().to_string();
    assert_eq!(run(["plugins", "keys", &text("ours"), "--no-password"]).code, Some(0));
    assert_eq!(run(["plugins", "keys", &text("ours"), "--no-password"]).code, Some(2), "a key is never replaced");
    assert_eq!(run(["plugins", "sign", &plugin, "--key", &text("ours.key")]).code, Some(0));
    let known = run(["plugins", "verify", &plugin, "--key", &text("ours.pub")]);
    assert!(known.code == Some(0) && known.out.contains("signed with the key"), "{known:?}");
    let absent = run(["plugins", "verify", &plugin, "--key", &text("theirs.pub")]);
    assert!(absent.code == Some(2) && absent.err.contains("theirs.pub is no file, and no public key"), "{absent:?}");
    let unknown = run(["plugins", "verify", &plugin]);
    assert!(unknown.code == Some(0) && unknown.out.contains("by a key that this machine does not list"), "{unknown:?}");

    let public = fs::read_to_string(bench.path("ours.pub")).expect("a key");
    let key = public.lines().nth(1).expect("the second line is the key");
    let policy =
        bench.write("trust.toml", format!("floor = 'signed'\n[[key]]\nname = 'the hospital'\nkey = '{key}'\n"));
    let listed = said(voxomics().args(["plugins", "verify", &plugin]).env("VOXOMICS_TRUST", policy));
    assert!(listed.out.contains("`the hospital`"), "{listed:?}");

    let mut bytes = fs::read(&plugin).expect("a library");
    *bytes.last_mut().expect("a byte") ^= 1;
    fs::write(&plugin, bytes).expect("a file");
    let tampered = run(["plugins", "verify", &plugin, "--key", &text("ours.pub")]);
    assert!(tampered.code == Some(2) && tampered.err.contains("changed after signing"), "{tampered:?}");
}
