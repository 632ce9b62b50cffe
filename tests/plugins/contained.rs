//! Plugins that break the contract at work: each costs what depends on it in its own case, and all else is written.

use std::{collections::BTreeMap, fs};

use voxomics_tests::table;

use crate::bench::{Bench, assert_quiet, assert_says, in_process, misbehaving, refusal, stranger};

#[allow(dead_code)]
#[path = "../misbehaving/faults.rs"]
mod faults;

use faults::FAULTS;

/// An experiment in which every plugin is one of `misbehaves`, with further settings for each kind.
fn experiment(load: &str, filter: &str, features: &str, predict: &str) -> String {
    experiment_with(&in_process(&misbehaving("misbehaves")), load, filter, features, predict)
}

fn experiment_with(plugin: &str, load: &str, filter: &str, features: &str, predict: &str) -> String {
    format!(
        "[cases]\nlist = 'cases.csv'\n{}\
         [load.made]\n{load}\n\
         [regions.whole]\nlabel = 1\n\
         [images.original]\n[images.response]\nfilter = 'faulty'\n{filter}\n\
         [features.faulty]\n{features}\n\
         [predict.score]\nplugin = 'predict-faulty'\ninput = 'whole:original.faulty.intensity'\n{predict}\n",
        plugin
    )
}

fn bench(experiment: &str, cases: &[&str]) -> Bench {
    let bench = Bench::new(experiment);
    let mut list = "case,image,mask\n".to_owned();
    for case in cases {
        bench.write(&format!("{case}.made"), format!("made {case}"));
        list.push_str(&format!("{case},{case}.made,{case}.made\n"));
    }
    bench.write("cases.csv", list);
    bench
}

/// What the message to each fault must say; nothing for those that are none of the case.
fn expected(fault: &str) -> &'static [&'static str] {
    const PANIC: &str = "the plugin panicked at";
    const AUTHOR: &str = "This is an error of the plugin; report it to its author";
    match fault {
        "load.panic_in_recognises" => &[PANIC, "loader.rs:", "no file was ever like this", AUTHOR],
        "load.panic" => &[PANIC, "loader.rs:", "a voxel too far in", "load.panic.made", AUTHOR],
        "load.refuses" => &["load-made: the file is damaged at byte 12"],
        "load.too_few_voxels" => &["[4, 4, 4] voxels of 4 bytes does not match its 100 bytes", AUTHOR],
        "load.endless_grid" => &["[4611686018427387904, 4, 1] voxels", "does not match its 0 bytes", AUTHOR],
        "load.no_voxels" => &["[0, 4, 4] voxels", AUTHOR],
        "load.origin_nan" => &["its geometry is not one", "NaN", AUTHOR],
        "load.spacing_zero" => &["its geometry is not one", "[1.0, 1.0, 0.0]", AUTHOR],
        "load.axes_not_orthogonal" => &["not orthogonal unit vectors", "0.8", AUTHOR],
        "load.two_scalings_for_four_slices" => &["2 scalings for 4 slices", AUTHOR],
        "load.scaling_infinite" => &["its scaling is not finite", AUTHOR],
        "load.mask_beyond_image" => &["18446744073709551615", "image of [4, 4, 4]", "does not hold it", AUTHOR],
        "load.label_nan" => &["NaN, not a label"],
        "load.no_image" => &["load.no_image.made holds no image"],
        "load.two_images" => &["load.two_images.made holds several images"],
        "filter.panic" => &["filter-faulty", PANIC, "filter.rs:", "no filter for 64 voxels", AUTHOR],
        "filter.panic_in_margin" => &["filter-faulty", PANIC, "filter.rs:", "no margin for [4, 4, 4]", AUTHOR],
        "filter.another_size" => &["another size: 63 voxels, expected 64 (4 × 4 × 4)", AUTHOR],
        "filter.other_maps" => &["response maps [\"LLH\"], expected [\"\"]", AUTHOR],
        "filter.nan" => &["its response holds NaN, though every voxel of the image is a number", AUTHOR],
        "features.panic" => &["features-faulty", PANIC, "family.rs:", "64 voxels are unlucky", AUTHOR],
        // Whichever thread comes first: the first chunk that panics is the one that is told.
        "features.panic_in_chunk" => &[PANIC, "family.rs:", "chunk 5 is too many", AUTHOR],
        "features.panic_of_many_lines" => &[PANIC, "first second [31mthird", AUTHOR],
        "features.too_few" => &["1 of the 2 features that it describes; missing: doubled", AUTHOR],
        "features.unknown" => &["a value for `entropy`, which it does not describe", AUTHOR],
        "features.twice" => &["two values for `intensity`", AUTHOR],
        "features.nan" => &["it gave NaN for `intensity` and called it a value", AUTHOR],
        "features.infinite" => &["it gave -inf for `doubled` and called it a value", AUTHOR],
        "predict.panic" => &["predict-faulty", PANIC, "predictor.rs:", "is unspeakable", AUTHOR],
        "predict.nan" => &["it called NaN a score", AUTHOR],
        "predict.too_many_contributions" => &["2 contributions for 1 inputs", AUTHOR],
        "predict.contribution_infinite" => &["it called inf the contribution of an input", AUTHOR],
        _ => &[],
    }
}

#[test]
fn every_fault_costs_what_depends_on_it_and_nothing_else() {
    let cases: &[&str] = FAULTS;
    let tables = ["features.csv", "features_long.csv", "scores.csv", "failures.csv"];
    let mut runs = Vec::new();
    let library = misbehaving("misbehaves");
    for (threads, plugin) in [("1", in_process(&library)), ("4", in_process(&library)), ("4", stranger(&library))] {
        let bench = bench(&experiment_with(&plugin, "", "", "", ""), cases);
        let said = crate::bench::said(bench.command().args(["--threads", threads]));
        assert_eq!(said.code, Some(3), "{said:?}");
        assert_quiet(&said);
        check(&bench);
        let read = |name: &&str| fs::read_to_string(bench.path("out").join(name)).expect("a table");
        let folder = bench.path("").display().to_string();
        runs.push(tables.iter().map(|name| read(name).replace(&folder, "")).collect::<Vec<_>>());
    }
    assert_eq!(runs[0], runs[1], "the same at any number of threads");
    assert_eq!(runs[0], runs[2], "the same in a process of its own");
}

fn check(bench: &Bench) {
    let failures = table(&bench.path("out/failures.csv"));
    let features = table(&bench.path("out/features.csv"));
    let row = |case: &str| features.iter().find(|row| row["case"] == case);
    for fault in FAULTS {
        let messages: Vec<&str> =
            failures.iter().filter(|row| row["case"] == *fault).map(|row| row["message"].as_str()).collect();
        let pieces = expected(fault);
        if pieces.is_empty() {
            assert_eq!(messages, [""; 0], "{fault}");
        } else {
            assert_eq!(messages.len(), 1, "{fault}: {messages:?}");
            assert!(messages[0].lines().count() == 1 && !messages[0].contains('\u{1b}'), "{fault}: {messages:?}");
            assert_says(messages[0], pieces);
        }
        let value = |image: &str| row(fault).map(|row| !row[format!("{image}.faulty.intensity").as_str()].is_empty());
        let values = [value("original"), value("response")];
        match fault.split_once('.').map_or("", |(kind, _)| kind) {
            "load" if !pieces.is_empty() => assert_eq!(values, [None, None], "{fault}"),
            // How far the filters reach decides what is cut out of the scan, for every image.
            "filter" if fault.ends_with("in_margin") => assert_eq!(values, [None, None], "{fault}"),
            "filter" if !pieces.is_empty() => assert_eq!(values, [Some(true), Some(false)], "{fault}"),
            "features" if !pieces.is_empty() => {
                assert_eq!(values, [Some(false), Some(false)], "{fault}");
                assert_says(&undefined(bench)[*fault], pieces);
            }
            _ if fault.starts_with("features.undefined") => assert_eq!(values, [Some(false), Some(false)], "{fault}"),
            // A predictor's fault costs the score, not the features.
            _ => assert_eq!(values, [Some(true), Some(true)], "{fault}"),
        }
    }
    let index = FAULTS.iter().position(|fault| *fault == "predict.nan").expect("a fault");
    assert_eq!(row("none").expect("a row")["original.faulty.doubled"], "0");
    let row = row("predict.nan").expect("a row");
    assert_eq!(row["response.faulty.doubled"], (2 * index).to_string());
    let reasons = undefined(bench);
    assert_eq!(reasons["features.undefined"], "the region is too plain");
    assert_eq!(reasons["features.undefined_without_reason"], "the plugin gives no reason");
    let scores = table(&bench.path("out/scores.csv"));
    let score = |case: &str| scores.iter().find(|row| row["case"] == case).map(|row| row["value"].as_str());
    assert_eq!((score("none"), score("predict.nan"), score("features.undefined")), (Some("0"), None, Some("")));
}

/// The reason of every case whose intensity is undefined.
fn undefined(bench: &Bench) -> BTreeMap<String, String> {
    let long = table(&bench.path("out/features_long.csv"));
    let undefined = long.into_iter().filter(|row| row["status"] == "undefined" && row["image"] == "original");
    undefined.map(|row| (row["case"].clone(), row["reason"].clone())).collect()
}

#[test]
fn a_panic_before_the_first_case_is_an_error_of_the_experiment() {
    for (load, filter, features, predict, place) in [
        ("panic_in = 'configure'", "", "", "", "[load.made] load-made"),
        ("", "panic_in = 'configure'", "", "", "[images.response] filter-faulty"),
        ("", "panic_in = 'names'", "", "", "filter-faulty"),
        ("", "", "panic_in = 'configure'", "", "[features.faulty] features-faulty"),
        ("", "", "panic_in = 'needs'", "", "features-faulty"),
        ("", "", "", "panic_in = 'configure'", "[predict.score] predict-faulty"),
        ("", "", "", "panic_in = 'names'", "predict-faulty"),
    ] {
        let bench = bench(&experiment(load, filter, features, predict), &["none"]);
        let said = bench.run();
        let message = refusal(&said);
        let says = ["the plugin panicked at", "misbehaves/lib.rs:", "this plugin always panics in", "its author"];
        assert_says(&message, &says);
        assert_says(&message, &[place]);
        assert_says(&said.err, &["experiment.toml:"]);
        assert!(!bench.path("out").exists(), "nothing was run");
    }
}

#[test]
fn a_panic_in_a_destructor_costs_nothing() {
    let drop = "panic_in = 'drop'";
    let bench = bench(&experiment(drop, drop, drop, drop), &["none", "features.nan"]);
    let said = bench.run();
    assert_eq!(said.code, Some(3), "{said:?}");
    assert_quiet(&said);
    assert!(!said.err.contains("panic"), "{}", said.err);
    let values: Vec<bool> =
        table(&bench.path("out/features.csv")).iter().map(|row| row["original.faulty.doubled"] == "0").collect();
    assert_eq!(values, [true, false]);
}
