//! What crosses, over real libraries: through the carrier of C, with answers that no sdk would give, and past plugins that
//! leave the processor in another state than they found it in.

use std::{path::Path, process::Command};

use voxomics_engine::{
    describe::Kind,
    experiment::{Diagnostics, PluginSettings},
    host::{self, CaseHost, FamilyInstance, PluginError, PluginLibrary, Plugins, RegionInput, Services},
};
use voxomics_imaging::Grid;
use voxomics_tests::{run, table, voxomics, workspace};

use crate::bench::{Bench, assert_says, in_process, misbehaving, refusal, said, standard};

/// A family of a library, configured in this process; what is wrong with its settings.
fn family(library: &Path, id: &str, settings: &[(&str, &str)]) -> Result<Result<FamilyInstance, PluginError>, String> {
    let mut plugins = Plugins::default();
    plugins.add(PluginLibrary::load(library, None).expect("a plugin")).expect("the only one");
    let of = plugins.find(Kind::Features, id).expect("it is described");
    let mut stated = PluginSettings::empty("features");
    for (key, json) in settings {
        stated.values.insert((*key).into(), serde_json::from_str(json).expect("JSON"));
    }
    let diagnostics = Diagnostics::default();
    match host::family(of, &stated, &diagnostics) {
        Ok(Some(instance)) => Ok(Ok(instance)),
        Ok(None) => Err(diagnostics.render()),
        Err(error) => Ok(Err(error)),
    }
}

/// Values of features, or the reasons why there are none; and the log.
type Computed = (Result<Vec<Result<f64, String>>, PluginError>, Vec<String>);

/// What a family computes of a box of 2 × 3 × 4 voxels, all of them inside, and what the host was told.
fn computed(family: &FamilyInstance) -> Computed {
    let voxels: Vec<f64> = (0..24).map(|i| f64::from(i) * 10.0).collect();
    let (grid, inside) = (Grid::axis_aligned([2, 3, 4], [1.0; 3]), vec![1; 24]);
    let region = RegionInput {
        grid: &grid,
        image: &voxels,
        morphological_mask: &inside,
        intensity_mask: &inside,
        levels: &[],
        level_count: 0,
        unit: "",
        regions: &[],
    };
    let host = CaseHost::new(&Services::default(), "case");
    let values = family.compute(region, &[], &host);
    let values = values.map(|values| values.into_iter().map(|value| value.map_err(|why| why.to_string())).collect());
    (values, host.lines().into_iter().map(|line| line.text).collect())
}

/// What a raw family says that answers with a fault.
fn raw(fault: &str) -> Result<Vec<Result<f64, String>>, String> {
    let fault = format!("\"{fault}\"");
    let made = family(&misbehaving("raw"), "raw", &[("fault", &fault)])?;
    made.and_then(|family| computed(&family).0).map_err(|error| error.to_string())
}

#[test]
fn a_family_over_the_carrier_of_c_has_its_values_to_the_bit() {
    for fault in ["none", "handed"] {
        assert_eq!(raw(fault), Ok(vec![Ok(0.1), Ok(24.0)]), "{fault}");
    }
    // A number in JSON is for reading; the array has the bits.
    let number = "0.30000000000000004";
    let exact = family(&misbehaving("raw"), "raw", &[("number", number)]).expect("settings").expect("its needs");
    let (values, _) = computed(&exact);
    assert_eq!(values.map(|values| values[0].clone()), Ok(Ok(0.1 + 0.2)));
}

#[test]
fn an_answer_that_contradicts_itself_is_refused_by_name() {
    for (fault, pieces) in [
        ("utf8", &["its answer to `compute` is not UTF-8: byte 21", "author"][..]),
        ("json", &["its answer to `compute` is no JSON", "author"]),
        ("missing", &["its answer has no array `values`", "author"]),
        ("endless", &["its answer has no array `values`", "author"]),
        ("element", &["its array `values`: it is an array of i64, expected one of f64"]),
        ("unknown", &["its array `values`: its elements are of the unknown type 99"]),
        ("short", &["its array `values`: its [2] elements of 8 bytes (f64) do not match its 8 bytes"]),
        ("status", &["`two` the status 9, which the interface does not know"]),
        ("needs", &["its answer to `needs` requires teleport, which this program does not know: use a newer release"]),
        ("unexplained", &["it failed without saying why"]),
        ("refuses", &["features-raw: `fault` is not to be had"]),
        ("silent", &["features-raw refuses its settings without saying why"]),
    ] {
        let error = raw(fault).expect_err(fault);
        assert_says(&error, &["features-raw"]);
        assert_says(&error, pieces);
    }
}

#[test]
fn a_line_of_the_log_cannot_break_out_of_it() {
    let family = family(&misbehaving("raw"), "raw", &[("fault", "\"log\"")]).expect("settings").expect("its needs");
    assert_eq!(computed(&family).1, ["features-raw: caf\u{fffd} [2J"]);
}

#[test]
fn a_plugin_of_an_unknown_kind_is_left_out_and_the_others_work() {
    let library = misbehaving("raw");
    let shown = run(["plugins", "inspect", &library.display().to_string()]);
    assert_eq!(shown.code, Some(0), "{shown:?}");
    let kind = "weather-rain\n  left out: this program does not know the kind `weather`";
    assert_says(&shown.out, &["features-raw", kind, "features-later\n  left out: it requires teleport"]);
    let experiment = |family: &str| {
        Bench::new(&format!(
            "[cases]\nmake = ['digital-phantom']\n[plugins]\nuse = ['load-nifti']\n{}[regions.tumour]\nlabel = 1\n\
             [features.{family}]\n",
            in_process(&library)
        ))
    };
    let message = refusal(&experiment("later").run());
    assert_says(&message, &["`later`: the plugin features-later cannot be used: it requires teleport"]);
    let works = experiment("raw");
    let said = works.run();
    assert_eq!(said.code, Some(0), "{said:?}");
    assert_eq!(table(&works.path("out/features.csv"))[0]["raw.one"], "0.1");
}

#[test]
fn what_a_plugin_does_to_rounding_reaches_nobody_else() {
    let experiment = |place: &str| {
        Bench::new(&format!(
            "[cases]\nmake = ['digital-phantom']\n[plugins]\nuse = ['load-nifti']\n{}{}[regions.tumour]\nlabel = 1\n\
             [features.rounds]\nin = '{place}'\n[features.statistics]\n",
            in_process(&misbehaving("rounds")),
            in_process(&standard("features-statistics")),
        ))
    };
    let rows = |place: &str, initialiser: bool| {
        let bench = experiment(place);
        let mut command = bench.command();
        command.args(["--threads", "1"]);
        if initialiser {
            command.env("VOXOMICS_TEST_SPOIL", "1");
        }
        let said = said(&mut command);
        assert_eq!(said.code, Some(0), "{said:?}");
        (table(&bench.path("out/features.csv")), said.err)
    };
    let (sound, silent) = rows("nowhere", false);
    let warning = "features-rounds left the processor's floating-point state changed";
    assert!(!silent.contains(warning), "{silent}");
    for (place, initialiser) in [("configure", false), ("compute", false), ("chunk", false), ("nowhere", true)] {
        if initialiser && !cfg!(target_os = "linux") {
            continue;
        }
        let (found, told) = rows(place, initialiser);
        assert_eq!(found, sound, "{place}");
        if cfg!(target_arch = "x86_64") {
            assert_eq!(told.matches(warning).count(), 1, "{place}: {told}");
        }
    }
}

/// Compiles the example in C.
fn compiled(compiler: &str, arguments: &[&str], library: &Path) -> bool {
    let example = workspace().join("examples/c-family/hot.c");
    let built = Command::new(compiler)
        .args(arguments)
        .args(["-Wall", "-Wextra", "-Wconversion", "-pedantic", "-Werror", "-O2", "-fPIC", "-shared", "-I"])
        .arg(workspace().join("include"))
        .arg(example)
        .arg("-o")
        .arg(library)
        .output();
    let Ok(built) = built else {
        eprintln!("left out: there is no compiler `{compiler}`");
        return false;
    };
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    true
}

#[test]
fn the_example_in_c_is_c_and_c_plus_plus_without_a_warning_and_has_the_values_of_its_equations() {
    for (compiler, arguments) in [("cc", &["-std=c99"][..]), ("c++", &["-x", "c++", "-std=c++11"])] {
        let bench = Bench::new("");
        let library = bench.path("hot.so");
        if !compiled(compiler, arguments, &library) {
            continue;
        }
        let hot = |threshold: &str| {
            let family = family(&library, "hot", &[("threshold", threshold)]).expect("settings").expect("its needs");
            computed(&family).0
        };
        // Of 0, 10, …, 230 those above 200 are 210, 220 and 230.
        assert_eq!(hot("200"), Ok(vec![Ok(220.0), Ok(3.0 / 24.0)]), "{compiler}");
        let none = Err("no voxel is above the threshold".to_owned());
        assert_eq!(hot("230"), Ok(vec![none, Ok(0.0)]), "{compiler}");
        let wrong = family(&library, "hot", &[("threshold", "\"high\"")]).err().unwrap_or_default();
        assert_says(&wrong, &["features-hot: `threshold` is no number"]);

        bench.write(
            "experiment.toml",
            format!(
                "[cases]\nmake = ['digital-phantom']\n[plugins]\nuse = ['load-nifti']\n{}[regions.tumour]\nlabel = 1\n\
                 [features.hot]\nthreshold = 2\n",
                in_process(&library)
            ),
        );
        let said = bench.run();
        assert_eq!(said.code, Some(0), "{said:?}");
        let row = &table(&bench.path("out/features.csv"))[0];
        // Of the phantom's 74 voxels one has the intensity 3, sixteen 4 and seven 6; the others 1.
        let value = |column: &str| row[column].parse::<f64>();
        assert_eq!((value("hot.fraction"), value("hot.mean")), (Ok(24.0 / 74.0), Ok(109.0 / 24.0)), "{row:?}");
        let shown = run(["plugins", "inspect", &library.display().to_string()]);
        assert_says(
            &shown.out,
            &["A laboratory", "features-hot", "setting threshold: a number intensity; default 100"],
        );
    }
}

#[test]
fn data_under_the_name_of_the_entry_is_not_run() {
    let bench = Bench::new("");
    let trace = bench.path("trace");
    let library = misbehaving("entry_is_data").display().to_string();
    let said = said(voxomics().args(["plugins", "inspect", &library]).env("VOXOMICS_TEST_TRACE", &trace));
    let message = refusal(&said);
    if cfg!(target_os = "linux") {
        assert_says(&message, &["entry_is_data", "`voxomics_plugin_entry` is no function", "author"]);
        assert!(!trace.exists(), "its initialiser has run");
    }
}
