//! Plugins in processes of their own: what one of them does costs its own values of one case, and is named.

use std::{fs, process::Command};

use voxomics_tests::table;

use crate::bench::{Bench, file, misbehaving, standard};

const CASES: &str = "[cases]\nmake = ['digital-phantom', 'synthetic-ct']\n";

/// An experiment with a plugin that ends its process in the digital phantom, whose region has 74 voxels.
fn ending(plugin: &str, family: &str, how: &str) -> Bench {
    Bench::new(&format!(
        "{CASES}[plugins]\nuse = ['load-nifti', 'features-statistics']\nisolation = 'worker'\nseconds_per_call = 2\n{plugin}\
         [regions.tumour]\nlabel = 1\n[features.statistics]\n[features.{family}]\nhow = '{how}'\nvoxels = 74\n"
    ))
}

/// The case that the plugin ends in has lost that plugin's value; every other value stands.
#[track_caller]
fn assert_contained(bench: &Bench, column: &str, plugin: &str, cause: &str) {
    let said = bench.run();
    assert_eq!(said.code, Some(3), "{said:?}");
    let rows = table(&bench.path("out/features.csv"));
    assert!(rows.len() > 2, "{rows:?}");
    for row in &rows {
        assert!(!row["statistics.mean"].is_empty(), "{row:?}");
        let lost = row["case"] == "digital-phantom";
        assert_eq!(row[column].is_empty(), lost, "{column}: {row:?}");
    }
    let failures = table(&bench.path("out/failures.csv"));
    let failure = failures.iter().find(|row| row["case"] == "digital-phantom").expect("a failure");
    let text = format!("{failure:?}");
    assert!(text.contains(plugin) && text.contains(cause), "{text}");
}

#[test]
fn a_library_that_ends_its_process_costs_its_own_value_of_one_case() {
    for (how, cause) in [
        ("exit", "ended its process by itself (exit code 0)"),
        ("abort", "aborted"),
        ("crash", "memory that is not its own"),
        ("hang", "did not answer within the time"),
    ] {
        let bench = ending(&file(&misbehaving("ends")), "ends", how);
        assert_contained(&bench, "ends.count", "features-ends", cause);
    }
}

#[test]
fn a_library_has_the_same_bits_in_a_worker() {
    let run = |isolation: &str| {
        let bench = Bench::new(&format!(
            "{CASES}[plugins]\nuse = ['load-nifti']\nisolation = '{isolation}'\n{}{}[regions.tumour]\nlabel = 1\n\
             [discretisation]\nmethod = 'fixed bin number'\nbins = 16\n[features.statistics]\n[features.glcm]\n",
            file(&standard("features-statistics")),
            file(&standard("features-glcm")),
        ));
        let said = bench.run();
        assert_eq!(said.code, Some(0), "{said:?}");
        let record = fs::read_to_string(bench.path("out/run.json")).expect("a record");
        assert!(record.contains(&format!("\"{}\"", if isolation == "none" { "in-process" } else { "worker" })));
        fs::read(bench.path("out/features.csv")).expect("a table")
    };
    assert_eq!(run("none"), run("worker"));
}

const HOT: &str = r#"
import os
from voxomics_plugin import feature, ordered_sum

@feature(unit="1")
def hot(region, *, how: str = "never", voxels: int = 0):
    """Number of voxels, in Python."""
    inside = region.intensities()
    if inside.size == voxels:
        match how:
            case "exit": os._exit(0)
            case "abort": os.abort()
            case "hang":
                while True: pass
            case "raise": raise RuntimeError("of no use")
            case "write": open(os.path.expanduser("~/../outside"), "w")
            case "fork": os.fork()
    print("counted")
    return ordered_sum(inside > -1e9)
"#;

/// Whether there is a Python with NumPy, which plugins in Python need.
fn python() -> bool {
    let found =
        Command::new("python3").args(["-c", "import numpy, sys; sys.exit(sys.version_info < (3, 10))"]).output();
    let found = found.is_ok_and(|output| output.status.success());
    if !found {
        println!("left out: there is no python3 of 3.10 or newer with NumPy");
    }
    found
}

#[test]
fn a_script_computes_and_costs_its_own_value_of_one_case() {
    if !python() {
        return;
    }
    let plugin = "[[plugins.python]]\nfile = 'hot.py'\n";
    for (how, cause) in [
        ("exit", "ended its process by itself (exit code 0)"),
        ("abort", "aborted"),
        ("hang", "did not answer within the time"),
        ("raise", "hot.py:15: RuntimeError: of no use"),
        ("write", "ermission"),
        ("fork", "not permitted"),
    ] {
        let bench = ending(plugin, "hot", how);
        bench.write("hot.py", HOT);
        assert_contained(&bench, "hot.hot", "features-hot", cause);
        let rows = table(&bench.path("out/features.csv"));
        let other = rows.iter().find(|row| row["case"] != "digital-phantom").expect("another case");
        assert!(other["hot.hot"].parse::<f64>().is_ok_and(|count| count > 100.0), "{other:?}");
    }
}
