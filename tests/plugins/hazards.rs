//! What can go wrong between a program and a library that it loads, and the test that holds each.
//!
//! | hazard | tests |
//! |---|---|
//! | rounding mode or flush-to-zero left set, also by an initialiser | `what_a_plugin_does_to_rounding_reaches_nobody_else`, `what_a_plugin_leaves_behind_is_put_back_and_told` |
//! | two plugins with two versions of one C library | `two_plugins_with_two_versions_of_one_library_compute_each_with_its_own` |
//! | invalid UTF-8, a tag out of range from a raw plugin | `an_answer_that_contradicts_itself_is_refused_by_name`, `an_array_that_contradicts_itself_is_found_out` |
//! | exit, abort, double panic, stack overflow, failed allocation | `a_library_in_rust_that_ruins_its_process_costs_its_own_value_of_one_case`, `a_library_in_this_process_that_ends_it_is_named_and_no_success`, `a_payload_that_panics_when_it_is_dropped_stays_inside` |
//! | a refused library whose thread still runs | `a_refused_library_whose_thread_still_runs_harms_nobody` |
//! | a lock or a borrow held over for_each | `a_lock_over_the_chunks_hangs_nothing_in_a_worker` |
//! | a frame of 1.2 MB | `a_frame_of_more_than_a_megabyte_fits_on_every_thread` |
//! | an undefined symbol | `a_library_that_lacks_a_function_is_refused_before_anything_runs` |
//! | the file overwritten during a run; a FIFO as a file | `a_pipe_is_no_library_and_is_not_waited_for`, `a_pinned_plugin_that_was_replaced_is_not_even_initialised` |
//! | a pinned plugin with libraries of its own; TMPDIR noexec | `a_copy_has_the_bytes_and_cannot_be_changed`, `two_plugins_with_two_versions_of_one_library_compute_each_with_its_own` |
//! | for_each from a plugin's own thread | `a_thread_of_a_plugin_s_own_is_given_no_others` |
//! | cancellation, time | `a_plugin_that_never_answers_is_ended_when_the_run_is_given_up`, `a_run_that_is_given_up_leaves_chunks_out_and_ends_the_call`, `a_library_in_rust_that_ruins_its_process_costs_its_own_value_of_one_case` |
//! | path opened four times, digest taken afterwards | `a_pinned_plugin_that_was_replaced_is_not_even_initialised`, `a_plugin_that_is_not_the_pinned_file` |
//! | another allocator, compiler or profile | `another_allocator_gets_its_own_memory_back`, `a_library_in_c_of_generation_1_is_loaded_for_ever` |
//! | vendor text with escapes | `what_a_vendor_is_called_cannot_steer_a_terminal`, `what_a_plugin_says_cannot_break_out_of_its_line` |
//! | numbers in JSON | `numbers_in_json_come_back_to_the_bit` |
//! | an initialiser that crashes | `an_initialiser_that_crashes_ends_neither_list_nor_inspect_nor_check` |

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use voxomics_tests::{run, table, voxomics, workspace};

use crate::bench::{Bench, assert_says, in_process, misbehaving, refusal, said, stranger};

fn experiment(plugins: &str, features: &str) -> Bench {
    Bench::new(&format!(
        "[cases]\nmake = ['digital-phantom', 'synthetic-ct']\n[plugins]\nuse = ['load-nifti']\n{plugins}[regions.tumour]\n\
         label = 1\ncomponents = 'each'\n{features}"
    ))
}

fn hazard(what: &str, plugin: &str, threads: &str) -> Bench {
    let bench = experiment(plugin, &format!("[features.hazards]\nwhat = '{what}'\n"));
    let ran = said(bench.command().args(["--threads", threads]));
    assert_eq!(ran.code, Some(0), "{what}: {ran:?}");
    bench
}

fn features(bench: &Bench) -> Vec<u8> {
    fs::read(bench.path("out/features.csv")).expect("a table")
}

/// Compiles a library in C; nothing where there is no compiler.
fn compiled(bench: &Bench, name: &str, source: &str, arguments: &[&str]) -> Option<PathBuf> {
    let (from, to) = (bench.write(&format!("{name}.c"), source), bench.path(&format!("{name}.so")));
    let mut cc = Command::new("cc");
    cc.args(["-O1", "-fPIC", "-shared", "-w", "-I"]).arg(workspace().join("include")).arg(&from).arg("-o").arg(&to);
    match cc.args(arguments).current_dir(bench.path("")).output() {
        Err(_) => {
            println!("left out: there is no compiler `cc`");
            None
        }
        Ok(output) => {
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            Some(to)
        }
    }
}

/// The example in C, with another id and something before it.
fn hot(id: &str, before: &str) -> String {
    let source = fs::read_to_string(workspace().join("examples/c-family/hot.c")).expect("the example");
    format!("{before}\n{}", source.replace("hot", id))
}

#[test]
fn every_hazard_has_a_test_that_is_there() {
    fn sources(folder: &Path, out: &mut String) {
        for entry in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
            match entry.extension().and_then(|extension| extension.to_str()) {
                _ if entry.is_dir() => sources(&entry, out),
                Some("rs") => out.push_str(&fs::read_to_string(&entry).expect("a source")),
                _ => {}
            }
        }
    }
    let mut all = String::new();
    for folder in ["tests/plugins", "core/host/src", "core/interface/src", "core/sdk/src"] {
        sources(&workspace().join(folder), &mut all);
    }
    let rows: Vec<&str> =
        include_str!("hazards.rs").lines().filter(|line| line.starts_with("//! | ")).skip(1).collect();
    assert_eq!(rows.len(), 17, "the hazards of the review");
    for row in rows {
        let names: Vec<&str> = row.rsplit_once("| ").expect("a cell").1.split('`').skip(1).step_by(2).collect();
        assert!(!names.is_empty(), "{row}");
        for name in names {
            assert!(all.contains(&format!("fn {name}()")), "there is no test `{name}`");
        }
    }
}

#[test]
#[cfg(target_os = "linux")]
fn two_plugins_with_two_versions_of_one_library_compute_each_with_its_own() {
    let bench = experiment("", "");
    let mut plugins = String::new();
    for version in ["1", "2"] {
        fs::create_dir_all(bench.path(version)).expect("a folder");
        let shared = format!("double shared_version(void) {{ return {version}.0; }}");
        let soname = format!("{version}/libshared");
        if compiled(&bench, &soname, &shared, &["-Wl,-soname,libshared.so"]).is_none() {
            return;
        }
        let id = if version == "1" { "one" } else { "two" };
        // The mean of what is hot is the version of the library.
        let source =
            hot(id, "double shared_version(void);").replace("/ (double)", "* 0.0 + shared_version() + 0.0 * (double)");
        let rpath = format!("-Wl,-rpath,{}", bench.path(version).display());
        let place = format!("-L{version}");
        let library =
            compiled(&bench, &format!("{version}/{id}"), &source, &[&place, "-lshared", &rpath]).expect("compiled");
        plugins += &stranger(&library);
    }
    let text = fs::read_to_string(bench.path("experiment.toml")).expect("an experiment");
    let text = text.replace("[regions.tumour]", &format!("{plugins}[regions.tumour]"));
    bench.write("experiment.toml", format!("{text}[features.one]\nthreshold = 0\n[features.two]\nthreshold = 0\n"));
    let ran = bench.run();
    // A library that is not with the plugin cannot be read in a worker: it is refused by name, and never another one taken.
    if ran.code == Some(2) {
        assert_says(&ran.err, &["libshared"]);
        return println!("libraries beside a plugin are refused: {}", ran.err.lines().next().unwrap_or_default());
    }
    assert_eq!(ran.code, Some(0), "{ran:?}");
    for row in table(&bench.path("out/features.csv")) {
        assert_eq!((row["one.mean"].as_str(), row["two.mean"].as_str()), ("1", "2"));
    }
}

#[test]
fn a_lock_over_the_chunks_hangs_nothing_in_a_worker() {
    let library = misbehaving("hazards");
    let sound = features(&hazard("nothing", &stranger(&library), "1"));
    let column = |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes).into_owned();
        text.lines().map(|line| line.rsplit_once(',').map_or("", |(rest, _)| rest).to_owned()).collect::<Vec<_>>()
    };
    for what in ["lock", "borrow"] {
        assert_eq!(column(&features(&hazard(what, &stranger(&library), "2"))), column(&sound), "{what}");
    }
}

#[test]
fn a_frame_of_more_than_a_megabyte_fits_on_every_thread() {
    let library = misbehaving("hazards");
    for threads in ["1", "3"] {
        hazard("frame", &in_process(&library), threads);
        hazard("frame", &stranger(&library), threads);
    }
}

#[test]
fn a_thread_of_a_plugin_s_own_is_given_no_others() {
    let bench = hazard("thread", &in_process(&misbehaving("hazards")), "1");
    for row in table(&bench.path("out/features.csv")) {
        assert_eq!(row["hazards.threads"], "1");
    }
}

#[test]
fn another_allocator_gets_its_own_memory_back() {
    let library = misbehaving("hazards");
    assert_eq!(
        features(&hazard("nothing", &in_process(&library), "1")),
        features(&hazard("nothing", &in_process(&library), "1"))
    );
}

#[test]
fn what_a_vendor_is_called_cannot_steer_a_terminal() {
    let library = misbehaving("hazards").display().to_string();
    let shown = run(["plugins", "inspect", &library]);
    assert_eq!(shown.code, Some(0), "{shown:?}");
    assert_says(&shown.out, &["The tests", "of escapes"]);
    assert!(!shown.out.contains('\u{1b}') && !shown.out.contains("\nof escapes"), "{}", shown.out);
}

#[test]
#[cfg(target_os = "linux")]
fn a_library_that_lacks_a_function_is_refused_before_anything_runs() {
    let bench = experiment("", "[features.lacks]\n");
    let source =
        hot("lacks", "double nobody_has_this(double);").replace("/ (double)", "/ nobody_has_this(1.0) / (double)");
    let Some(library) = compiled(&bench, "lacks", &source, &[]) else { return };
    let text = fs::read_to_string(bench.path("experiment.toml")).expect("an experiment");
    for plugin in [stranger(&library), in_process(&library)] {
        bench.write("experiment.toml", text.replace("[regions.tumour]", &format!("{plugin}[regions.tumour]")));
        assert_says(&refusal(&bench.run()), &["lacks.so", "nobody_has_this"]);
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_refused_library_whose_thread_still_runs_harms_nobody() {
    let bench = experiment("", "");
    let before = "#include <pthread.h>\n#include <unistd.h>\nstatic void *work(void *n) { for (;;) usleep(1000); return n; }\n\
                  __attribute__((constructor)) static void first(void) { pthread_t t; pthread_create(&t, 0, work, 0); }";
    // Of a generation that nobody speaks.
    let source = hot("runs_on", before).replace("generation == VOXOMICS_GENERATION", "generation == 99u");
    assert!(source.contains("generation == 99u"), "the example asks for its generation");
    let Some(library) = compiled(&bench, "runs_on", &source, &["-pthread"]) else { return };
    let text = fs::read_to_string(bench.path("experiment.toml")).expect("an experiment");
    for plugin in [in_process(&library), stranger(&library)] {
        bench.write("experiment.toml", text.replace("[regions.tumour]", &format!("{plugin}[regions.tumour]")));
        assert_says(&refusal(&bench.run()), &["runs_on.so", "generation"]);
    }
}

#[test]
#[cfg(target_os = "linux")]
fn an_initialiser_that_crashes_ends_neither_list_nor_inspect_nor_check() {
    let bench = experiment("", "");
    let before =
        "#include <stdlib.h>\n__attribute__((constructor)) static void first(void) { *(volatile int *)8 = 1; }";
    let Some(library) = compiled(&bench, "libfeatures_begins", &hot("begins", before), &[]) else { return };
    let (path, cause) = (library.display().to_string(), "memory that is not its own");
    let listed = said(voxomics().args(["plugins", "list"]).env("VOXOMICS_PLUGIN_PATH", bench.path("")));
    assert_eq!(listed.code, Some(3), "{listed:?}");
    assert_says(&listed.out, &["features-statistics ", "libfeatures_begins.so cannot be used", cause]);
    let inspected = run(["plugins", "inspect", &path]);
    assert_eq!(inspected.code, Some(2), "{inspected:?}");
    assert_says(&inspected.err, &["libfeatures_begins.so cannot be used", cause]);
    let tested = run(["plugins", "test", &path]);
    assert_eq!(tested.code, Some(3), "{tested:?}");
    assert_says(&tested.out, &["crashed  loads", cause]);
    let text = fs::read_to_string(bench.path("experiment.toml")).expect("an experiment");
    let text = text.replace("[regions.tumour]", &format!("{}[regions.tumour]", stranger(&library)));
    bench.write("experiment.toml", &text);
    let checked = run(["check", &bench.path("experiment.toml").display().to_string()]);
    assert_says(&refusal(&checked), &["libfeatures_begins.so cannot be used", cause]);
}

#[test]
#[cfg(unix)]
fn a_pipe_is_no_library_and_is_not_waited_for() {
    let bench = experiment("", "");
    let pipe = bench.path("pipe.so");
    let made = Command::new("mkfifo").arg(&pipe).status();
    if !made.is_ok_and(|status| status.success()) {
        return println!("left out: there is no `mkfifo`");
    }
    let text = fs::read_to_string(bench.path("experiment.toml")).expect("an experiment");
    for plugin in [in_process(&pipe), stranger(&pipe)] {
        bench.write("experiment.toml", text.replace("[regions.tumour]", &format!("{plugin}[regions.tumour]")));
        assert_says(&refusal(&bench.run()), &["pipe.so cannot be read: it is not a file"]);
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_plugin_that_never_answers_is_ended_when_the_run_is_given_up() {
    let library = stranger(&misbehaving("ends"));
    let limit = "[plugins]\nseconds_per_call = 600\n";
    let bench = experiment(&library, "[features.ends]\nhow = 'hang'\nvoxels = 74\n");
    let text = fs::read_to_string(bench.path("experiment.toml")).expect("an experiment");
    bench.write("experiment.toml", text.replace("[plugins]\n", limit));
    let mut command = bench.command();
    let running = command.args(["--threads", "1"]).stderr(std::process::Stdio::piped()).spawn().expect("it runs");
    // Long enough for the first case to be asked for its feature.
    std::thread::sleep(Duration::from_secs(3));
    let asked = Instant::now();
    // SAFETY: a call without pointers, to a child that has not been waited for.
    assert_eq!(unsafe { libc::kill(i32::try_from(running.id()).expect("a number"), libc::SIGINT) }, 0);
    let ended: voxomics_tests::Said = running.wait_with_output().expect("a process").into();
    assert_eq!(ended.code, Some(130), "{ended:?}");
    assert!(asked.elapsed() < Duration::from_secs(60), "{:?}", asked.elapsed());
    assert!(bench.path("out/features.csv").exists(), "what is finished is written: {ended:?}");
}
