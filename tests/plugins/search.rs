//! Where plugins are looked for, and that nothing is loaded that the experiment does not name.

use std::{fs, path::PathBuf, process::Command};

use crate::bench::{Bench, assert_says, in_process, misbehaving, refusal, said};

const TRACE: &str = "VOXOMICS_TEST_TRACE";
const PATH: &str = "VOXOMICS_PLUGIN_PATH";

/// An experiment on the made case, and a folder `shelf` with the plugin `features-trace` in it.
fn bench(plugins: &str, rest: &str) -> Bench {
    use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
    let bench = Bench::new(&format!(
        "[cases]\nlist = 'cases.csv'\n{}{plugins}\n[regions.whole]\nlabel = 1\n{rest}\n",
        in_process(&misbehaving("misbehaves"))
    ));
    bench.write("none.made", "made none");
    bench.write("cases.csv", "case,image,mask\na,none.made,none.made\n");
    let library = fs::read(misbehaving("leaves_a_trace")).expect("a library");
    bench.write(&format!("shelf/{DLL_PREFIX}features_trace{DLL_SUFFIX}"), library);
    bench
}

fn traced(bench: &Bench) -> (Command, PathBuf) {
    let trace = bench.path("trace");
    let mut command = bench.command();
    command.env(TRACE, &trace);
    (command, trace)
}

const NAMED: (&str, &str) = ("[plugins]\nisolation = 'none'\nuse = ['features-trace']", "[features.trace]");

#[test]
fn a_plugin_that_is_there_but_not_named_is_never_loaded() {
    // Beside the TOML, on the path, and in a folder of the experiment.
    let bench = bench("[plugins]\nisolation = 'none'\npaths = ['shelf']", "[features.faulty]");
    let (mut command, trace) = traced(&bench);
    let said = said(command.env(PATH, bench.path("shelf")).current_dir(bench.path("shelf")));
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(!trace.exists(), "it was loaded: {:?}", fs::read_to_string(&trace));
}

#[test]
fn a_plugin_on_the_path_is_found_when_it_is_named() {
    let bench = bench(NAMED.0, NAMED.1);
    let (mut command, trace) = traced(&bench);
    let said = said(command.env(PATH, bench.path("shelf")));
    assert_eq!(said.code, Some(0), "{said:?}");
    let lines = fs::read_to_string(&trace).expect("a trace: the plugin was loaded");
    // Loaded once; asked what it is by the host, and again by itself to check its settings.
    let initialised = usize::from(cfg!(target_os = "linux"));
    assert_eq!(lines.matches("initialised\n").count(), initialised, "{lines}");
    assert!(lines.ends_with("described\n"), "{lines}");
}

#[test]
fn a_plugin_in_a_folder_of_the_experiment_is_found_when_it_is_named() {
    let bench = bench(&format!("{}\npaths = ['shelf']", NAMED.0), NAMED.1);
    assert_eq!(bench.run().code, Some(0));
}

#[test]
fn the_working_directory_is_not_searched() {
    let bench = bench(NAMED.0, NAMED.1);
    let (mut command, trace) = traced(&bench);
    let message = refusal(&said(command.current_dir(bench.path("shelf"))));
    assert_says(
        &message,
        &["there is no plugin `features-trace`", "features_trace", "VOXOMICS_PLUGIN_PATH", "plugins.paths"],
    );
    assert!(!trace.exists());
}

#[test]
fn entries_of_the_path_that_are_not_absolute_are_left_out_and_named() {
    let bench = bench(NAMED.0, NAMED.1);
    let (mut command, trace) = traced(&bench);
    let list = std::env::join_paths(["", ".", "shelf"]).expect("a list");
    let message = refusal(&said(command.env(PATH, list).current_dir(bench.path(""))));
    assert_says(&message, &["there is no plugin `features-trace`", "``, `.`, `shelf`", "not absolute"]);
    assert!(!trace.exists());
}

#[test]
fn a_pinned_plugin_that_was_replaced_is_not_even_initialised() {
    let bench = bench("", "[features.trace]");
    let library = misbehaving("leaves_a_trace");
    let pinned = format!("{}sha256 = '{}'\n[regions.whole]\n", in_process(&library), "0".repeat(64));
    bench.write("experiment.toml", pinned);
    let (mut command, trace) = traced(&bench);
    assert_says(&refusal(&said(&mut command)), &["not the file that the experiment pins"]);
    assert!(!trace.exists(), "it was loaded before it was verified");
}
