//! Everything that the interface can do and that the standard plugins do not use, in this process and in one of its own.

use std::{fs, path::Path};

use voxomics_engine::{
    describe::Kind,
    design::{Design, Folds, Target},
    experiment::{Diagnostics, PluginSettings},
    host::{
        self, CallLimits, CaseHost, ExportCase, ExportColumn, ExportRegion, ExportSpace, LoadOptions, PluginLibrary,
        Plugins, PredictorInstance, RegionInput, Seen, SeenRegion, Services, Terms, TrainingTable, Wanted,
    },
    scan,
};
use voxomics_imaging::Grid;
use voxomics_tests::{built, table};

use crate::bench::{Bench, assert_says, in_process, misbehaving, standard, stranger};

/// The library of the methods, in this process and in workers of its own.
fn places() -> Vec<(&'static str, Plugins)> {
    let library = misbehaving("methods");
    let mut places = vec![("in-process", PluginLibrary::load(&library, None).expect("a plugin"))];
    if cfg!(target_os = "linux") {
        host::set_home(built()).expect("the program's folder");
        let terms = Terms { isolate: Some(CallLimits::default()), ..Terms::default() };
        places.push(("worker", PluginLibrary::load_under(&library, &terms).expect("a plugin")));
    }
    let of = |library: PluginLibrary| {
        let mut plugins = Plugins::default();
        plugins.add(library).expect("the only one");
        plugins
    };
    places.into_iter().map(|(place, library)| (place, of(library))).collect()
}

fn settings(values: &[(&str, &str)]) -> PluginSettings {
    let mut settings = PluginSettings::empty("test");
    settings.values.extend(values.iter().map(|(key, value)| ((*key).to_owned(), (*value).into())));
    settings
}

fn case() -> CaseHost {
    CaseHost::new(&Services::default(), "case")
}

fn predictor(plugins: &Plugins, fault: &str) -> Result<PredictorInstance, String> {
    let of = plugins.find(Kind::Predict, "several").expect("it is described");
    let made = host::predictor(of, &settings(&[("fault", fault)]), &Diagnostics::default());
    made.map(|made| made.expect("settings")).map_err(|error| error.to_string())
}

#[test]
fn a_prediction_has_several_outputs_and_each_is_held_against_its_meaning() {
    for (place, plugins) in places() {
        let several = predictor(&plugins, "none").expect("outputs");
        let names: Vec<&str> = several.outputs.iter().map(|output| output.name.as_str()).collect();
        assert_eq!(names, ["index", "risk_2y", "p_benign"], "{place}");
        assert_eq!(several.outputs[1].horizon.as_ref().map(|horizon| horizon.at), Some(2.0));
        let made = several.predict(&[Ok(0.1 + 0.2)], &case()).expect("a prediction");
        assert_eq!(made.score, Ok(0.1 + 0.2), "{place}");
        assert_eq!(made.others, [Ok(0.25), Err("it is not sure".into())], "{place}");
        let none = several.predict(&[Err("no voxel".into())], &case()).expect("a prediction");
        assert_eq!((none.score, none.others.len()), (Err("no voxel".into()), 2), "{place}");
        for (fault, said) in [
            ("risky", "it called 1.5 the risk `risk_2y`, expected 0 to 1"),
            ("few", "its prediction has 2 values and 2 statuses for 3 outputs"),
        ] {
            let error = predictor(&plugins, fault).expect("outputs").predict(&[Ok(1.0)], &case()).expect_err(fault);
            assert_says(&error.to_string(), &["predict-several", said, "author"]);
        }
        for (fault, said) in [
            ("nameless", "its output 0 is named ``"),
            ("twice", "two outputs of the name `index`"),
            ("never", "the horizon of its output `risk` is no time"),
        ] {
            assert_says(&predictor(&plugins, fault).err().unwrap_or_default(), &["predict-several", said]);
        }
    }
}

#[test]
fn folds_are_handed_to_a_learner() {
    let folds = Folds { outer: vec!["outer.0".into()], inner: vec!["inner.0".into()], within: vec![vec!["w".into()]] };
    let design = Design {
        inputs: vec!["a".into()],
        target: Target::Gaussian { column: "y".into() },
        weights: None,
        groups: None,
        strata: None,
        kept: Vec::new(),
        unaligned: Vec::new(),
        levels: Vec::new(),
        batches: Vec::new(),
        folds: Some(folds),
    };
    let columns = ["a", "y", "outer.0", "inner.0", "w"].map(str::to_owned).to_vec();
    let of = |column: [Option<f64>; 3]| column;
    let values = [
        of([Some(0.1), Some(0.2), Some(0.3)]),
        of([Some(1.0), Some(2.0), Some(3.0)]),
        of([Some(1.0), Some(0.0), Some(1.0)]),
        of([Some(0.0), Some(1.0), Some(0.0)]),
        of([None, Some(0.0), None]),
    ];
    let training = TrainingTable { rows: 3, columns, values: values.concat(), design };
    for (place, plugins) in places() {
        let model = predictor(&plugins, "none").expect("outputs").fit(&training, &case()).expect("a model");
        assert_eq!(model, r#"[[Some(1.0), Some(0.0), Some(1.0)]] ["inner.0"] [["w"]]"#, "{place}");
    }
}

#[test]
fn a_family_is_a_map_over_a_block_and_is_told_the_unit() {
    let grid = Grid::axis_aligned([4, 2, 1], [1.0; 3]);
    let voxels = [0.0, 1.0, 4.0, 9.0, 0.5, 2.0, 8.0, 100.0];
    let mask = [1, 1, 1, 1, 0, 0, 0, 1];
    let seen = Seen {
        grid: &grid,
        voxels: &voxels,
        unit: "HU",
        regions: &[SeenRegion { name: "block", mask: &mask }],
        images: &[],
        wanted: None,
    };
    for (place, plugins) in places() {
        let of = plugins.find(Kind::Features, "spread").expect("it is described");
        assert!(of.plugin.maps, "{place}");
        let family = host::family(of, &settings(&[]), &Diagnostics::default()).expect("needs").expect("settings");
        let maps = family.map(&seen, &["spread", "is_hu"], [1, 1, 0], &case()).expect("maps");
        // Of the voxels of the mask in the 3 × 3 around each; the edge of the block ends it.
        let expected = [1.0, 4.0, 99.0, 96.0];
        assert_eq!(maps[0][..4], expected, "{place}");
        assert!(maps[0][4..7].iter().all(|x| x.is_nan()) && maps[0][7] == 96.0, "{place}: {:?}", &maps[0][..]);
        assert_eq!(maps[1][..4], [1.0; 4], "{place}");
        let alone = family.map(&seen, &["spread"], [0; 3], &case()).expect("maps");
        assert!(alone[0].iter().all(|x| x.is_nan()), "{place}: one voxel has no spread");
        let error = family.map(&seen, &["variance"], [1; 3], &case()).expect_err("no such feature");
        assert_says(&error.to_string(), &["features-spread", "there is no feature `variance`"]);
    }
}

#[test]
fn the_extension_for_progress_is_heard() {
    let (grid, voxels, mask) = (Grid::axis_aligned([2, 1, 1], [1.0; 3]), [1.0, 2.0], [1, 1]);
    let region = RegionInput {
        grid: &grid,
        image: &voxels,
        morphological_mask: &mask,
        intensity_mask: &mask,
        levels: &[],
        level_count: 0,
        unit: "",
        regions: &[],
    };
    for (place, plugins) in places() {
        let of = plugins.find(Kind::Features, "spread").expect("it is described");
        let family = host::family(of, &settings(&[]), &Diagnostics::default()).expect("needs").expect("settings");
        let host = case();
        assert_eq!(family.compute(region, &[], &host).expect("values")[0], Ok(1.0));
        assert_eq!(host.progress(), 0.25, "{place}");
    }
}

#[test]
fn a_filter_is_fitted_sees_regions_and_asks_for_the_whole_scan() {
    let grid = Grid::axis_aligned([3, 1, 1], [1.0; 3]);
    let regions = |mask: &'static [u8]| [SeenRegion { name: "tumour", mask }];
    for (place, plugins) in places() {
        let of = plugins.find(Kind::Filter, "shift").expect("it is described");
        let made = |state: Option<&str>| {
            host::filter(of, &settings(&[]), state, &Diagnostics::default()).expect("maps").expect("settings")
        };
        let unfitted = made(None);
        assert!(unfitted.unfitted && unfitted.sees_regions, "{place}");
        assert!(unfitted.margin(&grid, &case()).expect("a margin").iter().all(|n| *n > 1 << 40), "{place}");
        let observe = |voxels: &[f64], mask: &'static [u8]| {
            let seen = Seen { grid: &grid, voxels, unit: "", regions: &regions(mask), images: &[], wanted: None };
            unfitted.fitted().observe(&seen, &case()).expect("an observation")
        };
        let seen = vec![observe(&[1.0, 3.0, 50.0], &[1, 1, 0]), observe(&[50.0, 0.1, 50.0], &[0, 1, 0])];
        let state = unfitted.fitted().fit(seen, &case()).expect("a state");
        assert_eq!(state, "1.05", "{place}");
        let voxels = [1.05, 2.05, 0.0];
        let seen =
            Seen { grid: &grid, voxels: &voxels, unit: "", regions: &regions(&[0, 1, 1]), images: &[], wanted: None };
        let error = unfitted.apply(&seen, &case()).expect_err("there is no mean");
        assert_says(&error.to_string(), &["filter-shift", "it is not fitted"]);
        let fitted = made(Some(&state));
        let maps = fitted.apply(&seen, &case()).expect("maps");
        assert_eq!((&maps[0][..], &maps[1][..]), (&voxels.map(|x| x - 1.05)[..], &[0.0, 1.0, 1.0][..]), "{place}");
        assert_eq!((fitted.unfitted, &fitted.units[..]), (false, &["intensity".to_owned(), "1".into()][..]));
    }
}

#[test]
fn regions_are_made_and_named_before_an_image_is_read() {
    let grid = Grid::axis_aligned([4, 1, 1], [1.0; 3]);
    let seen = Seen {
        grid: &grid,
        voxels: &[0.0; 4],
        unit: "",
        regions: &[SeenRegion { name: "t", mask: &[1, 1, 0, 1] }],
        images: &[],
        wanted: None,
    };
    for (place, plugins) in places() {
        let of = plugins.find(Kind::Regions, "halves").expect("it is described");
        let made = host::region_maker(of, &settings(&[]), None, &Diagnostics::default());
        let halves = made.expect("labels").expect("settings");
        assert_eq!((halves.labels[1].clone(), halves.margin_mm), ((7, "right".to_owned()), 1.5), "{place}");
        assert_eq!(halves.make(&seen, &case()).expect("labels")[..], [1, 1, 0, 7], "{place}");
    }
}

#[test]
fn an_exporter_has_the_results_and_the_regions_and_writes_nothing_itself() {
    let grid = Grid::axis_aligned([2, 1, 1], [1.0; 3]);
    let cells = [Some(Ok(0.1 + 0.2)), Some(Err("flat".into())), None];
    let column = |name: &str| ExportColumn { name: name.into(), ibsi: String::new(), unit: "mm".into() };
    for (place, plugins) in places() {
        let of = plugins.find(Kind::Export, "told").expect("it is described");
        let exporter = |name: &str| {
            host::exporter(of, &settings(&[("name", name)]), &Diagnostics::default()).expect("needs").expect("settings")
        };
        let results = ExportCase {
            case: "p1",
            columns: vec![column("a"), column("b"), column("c")],
            rows: vec![("tumour".into(), &cells)],
            space: Some(ExportSpace {
                grid,
                image: Some(&[1.5, -0.0]),
                regions: vec![(ExportRegion { name: "tumour".into(), volume_ml: 0.001 }, vec![0, 1])],
            }),
            ..ExportCase::default()
        };
        let files = exporter("told.txt").export(&results, &case()).expect("files");
        let text = "case p1\ntumour a mm = Some(Ok(0.30000000000000004))\ntumour b mm = Some(Err(\"flat\"))\n\
                    tumour c mm = None\ntumour has 1 voxels, 0.001 mL\n";
        assert_eq!((files[0].name.as_str(), String::from_utf8_lossy(&files[0].bytes).as_ref()), ("told.txt", text));
        assert_eq!((files[1].name.as_str(), files[1].bytes.len()), ("image/voxels.raw", 16), "{place}");
        for name in ["../told.txt", "/tmp/told.txt", "image/voxels.raw"] {
            let error = exporter(name).export(&results, &case()).expect_err(name);
            assert_says(&error.to_string(), &["export-told", name, "author"]);
        }
    }
}

/// The bytes of a voxel as it is handed over, and the voxels.
fn loaded(plugins: &Plugins, path: &Path) -> (usize, Vec<f64>, scan::Loaded) {
    let of = plugins.find(Kind::Load, "typed").expect("it is described");
    let loader = host::loader(of, &settings(&[]), &Diagnostics::default()).expect("settings");
    let options = LoadOptions { wanted: Wanted::Image, selection: &Default::default(), max_bytes: 1 << 20 };
    let loaded = loader.load(path, options, &case()).expect("a scan");
    let image = &loaded.images[0];
    let dims = image.grid.dims;
    let voxels = image.crop(voxomics_imaging::IndexBox { start: [0; 3], end: dims });
    (image.bytes().len() / voxels.len(), voxels, loaded)
}

#[test]
fn a_loader_reads_through_the_program_and_hands_over_voxels_of_any_type() {
    let bench = Bench::new("");
    for (place, plugins) in places() {
        for (name, bytes, element, expected) in [
            ("u8.typed", vec![b'b', 0, 255], 1, vec![0.0, 255.0]),
            (
                "i16.typed",
                [vec![b's'], (-32768_i16).to_ne_bytes().to_vec(), 7_i16.to_ne_bytes().to_vec()].concat(),
                2,
                vec![-32768.0, 7.0],
            ),
            (
                "f32.typed",
                [vec![b'f'], 0.1_f32.to_ne_bytes().to_vec(), (-0.0_f32).to_ne_bytes().to_vec()].concat(),
                4,
                vec![f64::from(0.1_f32), -0.0],
            ),
        ] {
            let path = bench.write(&format!("scans/{name}"), bytes);
            let (found, voxels, loaded) = loaded(&plugins, &path);
            assert_eq!((found, &voxels), (element, &expected), "{place}: {name}");
            assert!(loaded.metadata["Beside"].as_u64().is_some_and(|beside| beside >= 1), "{place}");
        }
    }
}

#[test]
fn an_experiment_uses_all_of_it_with_the_same_bytes_in_a_worker() {
    let library = misbehaving("methods");
    let run = |plugin: String| {
        let bench = Bench::new(&format!(
            "[cases]\nmake = ['digital-phantom']\n[plugins]\nuse = ['load-nifti', 'features-statistics']\n{plugin}\
             [regions.tumour]\nlabel = 1\n\
             [regions.left]\nmaker = 'halves'\nof = 'tumour'\ntake = 'left'\n\
             [regions.right]\nmaker = 'halves'\nof = 'tumour'\ntake = 'right'\n\
             [images.original]\n[images.shift]\nfilter = 'shift'\nstate = 'shift.txt'\n\
             [features.statistics]\n[features.spread]\n\
             [predict.several]\nplugin = 'predict-several'\ninput = 'tumour:original.spread.spread'\n\
             [export.told]\nplugin = 'export-told'\n"
        ));
        bench.write("shift.txt", "2.5");
        let said = bench.run();
        assert_eq!(said.code, Some(0), "{said:?}");
        let rows = table(&bench.path("out/features.csv"));
        let number = |row: usize, column: &str| rows[row][column].parse::<f64>().expect("a number");
        assert_eq!(rows.iter().map(|row| row["region"].as_str()).collect::<Vec<_>>(), ["tumour", "left", "right"]);
        for row in 0..3 {
            let (before, after) =
                (number(row, "original.statistics.mean"), number(row, "shift.shifted.statistics.mean"));
            assert!((before - 2.5 - after).abs() < 1e-12, "{before} {after}");
            assert_eq!(number(row, "shift.inside.statistics.minimum"), f64::from(u8::from(row < 3)));
        }
        let exported = bench.path("out/export/told/digital-phantom");
        let told = fs::read_to_string(exported.join("told.txt")).expect("an export");
        assert_says(&told, &["case digital-phantom", "left has ", "several None [(\"index\", \"score\", Some(Ok("]);
        let read = |name: &str| fs::read(bench.path("out").join(name)).expect("a file");
        let scores = table(&bench.path("out/scores.csv"));
        let shown: Vec<[&str; 3]> =
            scores.iter().map(|row| ["output", "value", "unit"].map(|column| row[column].as_str())).collect();
        assert_eq!(shown.len(), 3, "{shown:?}");
        assert_eq!((shown[0][0], shown[0][2], shown[1]), ("index", "points", ["risk_2y", "0.25", ""]));
        assert_eq!((scores[2]["status"].as_str(), scores[2]["reason"].as_str()), ("undefined", "it is not sure"));
        assert!(!scores[0]["contributions"].is_empty() && scores[1]["contributions"].is_empty());
        (["features.csv", "scores.csv"].map(read), told, fs::read(exported.join("image/voxels.raw")).expect("a file"))
    };
    assert_eq!(run(in_process(&library)), run(stranger(&library)));
}

#[test]
fn what_is_fitted_needs_a_cohort_or_a_state() {
    let run = |lines: &str| {
        let bench = Bench::new(&format!(
            "[cases]\nmake = ['digital-phantom']\n[plugins]\nuse = ['load-nifti', 'features-statistics', 'filter-z-score', \
             'filter-mean']\n[regions.tumour]\nlabel = 1\n[images.z]\n{lines}\n[features.statistics]\n"
        ));
        bench.write("model.toml", "[[state]]\nname = 'images.other'\nplugin = 'filter-z-score'\ntext = 'x'\n");
        crate::bench::refusal(&bench.run())
    };
    assert_says(
        &run("filter = 'z-score'"),
        &["[images.z] filter-z-score is fitted on a cohort", "`fitted_on`", "`state`"],
    );
    assert_says(&run("filter = 'z-score'\nfitted_on = 'train'"), &["names the cohort `train`, which is not there"]);
    assert_says(&run("filter = 'mean'\nstate = 'model.toml'"), &["filter-mean is not fitted on a cohort"]);
    assert_says(
        &run("filter = 'z-score'\nstate = 'model.toml'"),
        &["nothing that was fitted for [images.z], but for images.other"],
    );
    assert_says(&run("filter = 'z-score'\nstate = 'gone.txt'"), &["cannot be read from", "gone.txt"]);
    assert!(standard("filter-z-score").exists());
}
