//! What a plugin brings with it: libraries of its own folder, helpers of a file in Python. They are loaded, recorded and judged as the
//! plugin is.
#![cfg(target_os = "linux")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use voxomics_engine::digest::sha256;
use voxomics_tests::{python, run, table, workspace};

use crate::bench::{Bench, assert_says, refusal};

/// Runs the compiler in a folder; false where there is none.
fn cc(folder: &Path, arguments: &[&str]) -> bool {
    let include = workspace().join("include");
    let output = Command::new("cc")
        .args(["-O1", "-fPIC", "-shared", "-w", "-I"])
        .arg(include)
        .args(arguments)
        .current_dir(folder)
        .output();
    let Ok(output) = output else {
        println!("left out: there is no compiler `cc`");
        return false;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    true
}

/// A library `libscale.so` in a folder, that says by what is multiplied.
fn scale(bench: &Bench, folder: &str, factor: u32, soname: &str) -> bool {
    bench.write(&format!("{folder}/scale.c"), format!("double vendor_scale(void) {{ return {factor}; }}\n"));
    cc(&bench.path(folder), &["scale.c", "-o", "libscale.so", soname])
}

const SONAME: &str = "-Wl,-soname,libscale.so";

/// The example in C, whose mean is multiplied by what the library beside it says; nothing where there is no compiler.
fn plugin(bench: &Bench, folder: &str, id: &str, factor: u32) -> Option<PathBuf> {
    let source = fs::read_to_string(workspace().join("examples/c-family/hot.c")).expect("the example");
    let scaled = source.replace("values[0] = sum", "values[0] = vendor_scale() * sum").replace("hot", id);
    assert!(scaled.contains("vendor_scale"));
    bench.write(&format!("{folder}/plugin.c"), format!("double vendor_scale(void);\n{scaled}"));
    let built = scale(bench, folder, factor, SONAME)
        && cc(&bench.path(folder), &["plugin.c", "-o", "plugin.so", "-L.", "-lscale", "-Wl,-rpath,$ORIGIN"]);
    built.then(|| bench.path(folder).join("plugin.so"))
}

/// An experiment with such plugins, each with what is pinned of it.
fn experiment(bench: &Bench, plugins: &[(&str, &str, String)]) {
    let files =
        plugins.iter().map(|(folder, _, pin)| format!("[[plugins.file]]\npath = '{folder}/plugin.so'\n{pin}\n"));
    let families = plugins.iter().map(|(_, id, _)| format!("[features.{id}]\nthreshold = 2\n"));
    let text = format!(
        "[cases]\nmake = ['digital-phantom']\n[plugins]\nuse = ['load-nifti']\n{}[regions.tumour]\nlabel = 1\n{}",
        files.collect::<String>(),
        families.collect::<String>()
    );
    bench.write("experiment.toml", text);
}

/// The mean of the voxels above 2 of IBSI's digital phantom: one of 3, 16 of 4 and 7 of 6.
const MEAN: f64 = (3.0 + 16.0 * 4.0 + 7.0 * 6.0) / 24.0;

#[track_caller]
fn assert_mean(bench: &Bench, id: &str, factor: f64) {
    let said = bench.run();
    assert_eq!(said.code, Some(0), "{said:?}");
    let found: f64 = table(&bench.path("out/features.csv"))[0][&format!("{id}.mean")].parse().expect("a number");
    assert!((found - factor * MEAN).abs() < 1e-12, "{found}");
}

fn digest(path: &Path) -> String {
    sha256(&fs::read(path).expect("a file"))
}

#[test]
fn a_library_beside_a_plugin_is_found_wherever_the_plugin_runs_and_is_part_of_what_it_is() {
    let bench = Bench::new("");
    let Some(library) = plugin(&bench, "a", "hot", 3) else { return };
    let beside = bench.path("a/libscale.so");
    let pinned = format!("sha256 = '{}'\ncompanions = {{ 'libscale.so' = '{}' }}\n", digest(&library), digest(&beside));
    for pin in ["", &pinned] {
        for isolation in ["worker", "none"] {
            experiment(&bench, &[("a", "hot", format!("{pin}isolation = '{isolation}'"))]);
            let out = bench.path("out");
            let _ = fs::remove_dir_all(&out);
            assert_mean(&bench, "hot", 3.0);
            let record = fs::read_to_string(out.join("run.json")).expect("a record");
            assert_says(&record, &["\"companions\"", "libscale.so", &digest(&beside)]);
        }
    }
    // What was kept belongs to the library that it was computed with.
    experiment(&bench, &[("a", "hot", String::new())]);
    assert_mean(&bench, "hot", 3.0);
    scale(&bench, "a", 5, SONAME);
    assert_mean(&bench, "hot", 5.0);

    // Pinned is pinned with all that it brings.
    experiment(&bench, &[("a", "hot", pinned)]);
    let changed = refusal(&bench.run());
    assert_says(
        &changed,
        &["a/plugin.so is refused", "libscale.so", &digest(&beside), "not the file that the experiment pins"],
    );
    experiment(&bench, &[("a", "hot", format!("sha256 = '{}'", digest(&library)))]);
    assert_says(&refusal(&bench.run()), &["brings libscale.so", "not signed", "companions.\"libscale.so\""]);
}

#[test]
fn a_signed_plugin_brings_what_is_signed() {
    let bench = Bench::new("");
    let Some(library) = plugin(&bench, "a", "hot", 3) else { return };
    let key = bench.path("vendor").display().to_string();
    assert_eq!(run(["plugins", "keys", &key, "--no-password"]).code, Some(0));
    let public = fs::read_to_string(bench.path("vendor.pub")).expect("a key");
    let public = public.lines().nth(1).expect("the second line is the key");
    let sign = |path: &Path| {
        let file = path.display().to_string();
        assert_eq!(run(["plugins", "sign", &file, "--key", &format!("{key}.key")]).code, Some(0));
    };
    sign(&library);
    experiment(&bench, &[("a", "hot", format!("key = '{public}'"))]);
    assert_says(&refusal(&bench.run()), &["brings libscale.so", "not signed with the key"]);
    sign(&bench.path("a/libscale.so"));
    assert_mean(&bench, "hot", 3.0);
    scale(&bench, "a", 5, SONAME);
    assert_says(&refusal(&bench.run()), &["brings libscale.so", "changed after signing"]);
}

#[test]
fn two_versions_of_one_library_stay_apart_or_are_refused() {
    let bench = Bench::new("");
    let (Some(_), Some(_)) = (plugin(&bench, "a", "hot", 3), plugin(&bench, "b", "warm", 5)) else { return };
    let both = |isolation: &str| {
        let pin = format!("isolation = '{isolation}'");
        experiment(&bench, &[("a", "hot", pin.clone()), ("b", "warm", pin)]);
    };
    both("worker");
    assert_mean(&bench, "hot", 3.0);
    assert_mean(&bench, "warm", 5.0);
    // In one process the second would compute with the first one's.
    both("none");
    assert_says(&refusal(&bench.run()), &["libscale.so", "another version", "isolation = \"worker\""]);
}

#[test]
fn a_library_without_the_name_that_it_is_needed_by_is_named() {
    let bench = Bench::new("");
    if plugin(&bench, "a", "hot", 3).is_none() {
        return;
    }
    scale(&bench, "a", 3, "-Wl,-soname,libother.so");
    experiment(&bench, &[("a", "hot", String::new())]);
    assert_says(&refusal(&bench.run()), &["libscale.so", "SONAME", "`libother.so`", "-Wl,-soname,libscale.so"]);
}

#[test]
fn pinned_plugins_load_where_nothing_in_the_temporary_folder_may_be_run() {
    let bench = Bench::new("");
    let Some(library) = plugin(&bench, "a", "hot", 3) else { return };
    let folder = bench.path("noexec");
    fs::create_dir_all(&folder).expect("a folder");
    let options = ["-t", "tmpfs", "-o", "noexec,size=16m", "none"];
    let mounted = Command::new("mount").args(options).arg(&folder).output();
    if !mounted.is_ok_and(|output| output.status.success()) {
        println!("left out: this system lets nobody mount a folder in which nothing may be run");
        return;
    }
    let beside = digest(&bench.path("a/libscale.so"));
    let pinned = format!("sha256 = '{}'\ncompanions = {{ 'libscale.so' = '{beside}' }}\n", digest(&library));
    let ran: Vec<_> = ["worker", "none"]
        .map(|isolation| {
            experiment(&bench, &[("a", "hot", format!("{pinned}isolation = '{isolation}'"))]);
            bench.command().env("TMPDIR", &folder).output().expect("the program runs")
        })
        .into_iter()
        .collect();
    let unmounted = Command::new("umount").arg(&folder).status();
    assert!(unmounted.is_ok_and(|status| status.success()), "{} is still mounted", folder.display());
    for output in ran {
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn a_helper_of_a_pinned_file_in_python_is_pinned_too() {
    if !python() {
        return;
    }
    let bench = Bench::new("");
    let main = "import factor\nfrom voxomics_plugin import feature\n\n@feature()\ndef scaled(region):\n    return factor.FACTOR\n";
    let (main, helper) = (bench.write("scaled.py", main), bench.write("factor.py", "FACTOR = 3\n"));
    let with = |pin: String| {
        bench.write(
            "experiment.toml",
            format!(
                "[cases]\nmake = ['digital-phantom']\n[plugins]\nuse = ['load-nifti']\n\
                 [[plugins.python]]\nfile = 'scaled.py'\nwith = ['factor.py']\n{pin}\n[regions.tumour]\nlabel = 1\n[features.scaled]\n"
            ),
        );
        bench.run()
    };
    let sha256 = format!("sha256 = '{}'\n", digest(&main));
    assert_says(&refusal(&with(sha256.clone())), &["brings factor.py", "companions.\"factor.py\""]);
    let companions = format!("{sha256}companions = {{ 'factor.py' = '{}' }}", digest(&helper));
    assert_eq!(with(companions.clone()).code, Some(0));
    assert_eq!(table(&bench.path("out/features.csv"))[0]["scaled.scaled"], "3");
    bench.write("factor.py", "FACTOR = 4\n");
    assert_says(&refusal(&with(companions)), &["brings factor.py", "not the file that the experiment pins"]);
    let typo = with(format!("{sha256}companions = {{ 'factor.py' = '12' }}"));
    assert_says(&refusal(&typo), &["plugins.python.companions.factor.py", "not a SHA-256 digest"]);
}
