//! A filter that is fitted on a cohort, in a study: what is fitted, that models carry it, and that it can be had elsewhere.

use std::{
    fs,
    path::{Path, PathBuf},
    time::SystemTime,
};

use voxomics_tests::{
    nifti::{Nifti, straight},
    run, table,
};

use crate::bench::{Bench, assert_says, in_process, refusal, standard, stranger};

const PATIENTS: usize = 18;

/// An intensity of a patient; the lesions are two voxels longer in every other one.
fn intensity(patient: usize, [x, y, z]: [usize; 3]) -> i16 {
    (100 + 7 * (patient % 5) + 3 * x * y + z * (1 + patient % 3)) as i16
}

fn inside(patient: usize, [x, y, z]: [usize; 3]) -> bool {
    (1..4 + 2 * (patient % 2)).contains(&x) && (1..4).contains(&y) && (1..3).contains(&z)
}

/// Cohorts `train` and `test`, with the scans of their patients.
fn bench(experiment: &str) -> Bench {
    let bench = Bench::new(experiment);
    let (dims, rows) = ([8, 5, 4], straight([1.0; 3], [0.0; 3]));
    let mut patients = "patient,outcome\n".to_owned();
    for (cohort, patients_of) in [("train", 0..PATIENTS), ("test", PATIENTS..PATIENTS + 6)] {
        let mut list = "case,image,mask,patient\n".to_owned();
        for patient in patients_of.rev() {
            let scan = Nifti::new(dims, rows, |at| intensity(patient, at));
            bench.write(&format!("{patient}.nii"), scan.bytes());
            bench.write(&format!("{patient}-mask.nii"), scan.map(|at| u8::from(inside(patient, at))).bytes());
            list += &format!("c{patient},{patient}.nii,{patient}-mask.nii,p{patient:02}\n");
            patients += &format!("p{patient:02},{}\n", 2 * (patient % 5) + patient % 3);
        }
        bench.write(&format!("{cohort}.csv"), list);
    }
    bench.write("patients.csv", patients);
    bench
}

const COMMON: &str = "[plugins]\nuse = ['load-nifti', 'features-statistics', 'filter-z-score', 'predict-elastic-net']\n\
                      [regions.tumour]\nlabel = 1\n[features.statistics]\nonly = ['mean', 'variance']\n[images.original]\n";

fn study(fitted_on: &str) -> String {
    format!(
        "{COMMON}[images.z]\nfilter = 'z-score'\n{fitted_on}\n\
         [cohorts.train]\ncases = 'train.csv'\ntables = 'patients.csv'\n\
         [cohorts.test]\ncases = 'test.csv'\ntables = 'patients.csv'\n\
         [learn.model]\nplugin = 'predict-elastic-net'\ncohort = 'train'\ntarget = {{ number = 'outcome' }}\n\
         inputs = ['tumour:z.*']\nalpha = [0.5]\nfolds = 3\nouter_folds = 3\n"
    )
}

/// What a plugin has fitted, from a file of what was fitted.
pub fn text(path: &Path) -> String {
    let file = fs::read_to_string(path).unwrap_or_else(|cause| panic!("{}: {cause}", path.display()));
    let line = file.lines().find_map(|line| line.strip_prefix("text = "));
    let text = line.unwrap_or_else(|| panic!("{}: {file}", path.display()));
    // JSON is written between signs that need none of their own.
    text.strip_prefix('\'').and_then(|text| text.strip_suffix('\'')).expect("a literal").to_owned()
}

#[test]
fn what_is_fitted_on_a_cohort_is_the_same_everywhere_and_models_carry_it() {
    let bench = bench(&study("fitted_on = 'train'\nregion = 'tumour'"));
    let experiment = bench.path("experiment.toml").display().to_string();
    let out = bench.path("out").display().to_string();
    let said = run(["run", &experiment, "--out", &out, "--until", "score"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(!said.err.contains("too good"), "{said:?}");
    assert_says(&said.err, &["fitted images.z on train: 18 cases, 0 of them looked at before"]);

    // The mixture of all cases, each with the same weight, computed here from the intensities.
    let moments: Vec<(f64, f64)> = (0..PATIENTS)
        .map(|patient| {
            let mut voxels = Vec::new();
            for (z, y, x) in (0..4).flat_map(|z| (0..5).flat_map(move |y| (0..8).map(move |x| (z, y, x)))) {
                if inside(patient, [x, y, z]) {
                    voxels.push(f64::from(intensity(patient, [x, y, z])));
                }
            }
            let mean = voxels.iter().sum::<f64>() / voxels.len() as f64;
            (mean, voxels.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / voxels.len() as f64)
        })
        .collect();
    let mean = moments.iter().map(|(mean, _)| mean).sum::<f64>() / PATIENTS as f64;
    let variance = moments.iter().map(|(m, v)| v + (m - mean).powi(2)).sum::<f64>() / PATIENTS as f64;
    for cohort in ["train", "test"] {
        for row in table(&bench.path(&format!("out/{cohort}/features.csv"))) {
            let number = |column: &str| row[column].parse::<f64>().expect("a number");
            let expected = (number("original.statistics.mean") - mean) / variance.sqrt();
            assert!((number("z.statistics.mean") - expected).abs() < 1e-12, "{row:?}");
        }
    }
    let fitted = text(&bench.path("out/fitted/images.z.toml"));
    let model = fs::read_to_string(bench.path("out/models/model.toml")).expect("a model");
    assert_says(&model, &["[[state]]", "name = \"images.z\"", "plugin = \"filter-z-score\"", &fitted]);
    let scores = fs::read_to_string(bench.path("out/test/scores.csv")).expect("scores");

    // Again, in another order: nothing is computed, and nothing differs.
    let list = fs::read_to_string(bench.path("train.csv")).expect("a list");
    let (head, rows) = list.split_once('\n').expect("rows");
    let mut rows: Vec<&str> = rows.lines().collect();
    rows.reverse();
    bench.write("train.csv", format!("{head}\n{}\n", rows.join("\n")));
    let again = bench.path("again").display().to_string();
    assert_eq!(run(["run", &experiment, "--out", &again, "--until", "score"]).code, Some(0));
    assert_eq!(text(&bench.path("again/fitted/images.z.toml")), fitted);
    assert_eq!(fs::read_to_string(bench.path("again/test/scores.csv")).expect("scores"), scores);

    // No case is looked at twice, but for one whose bytes are others.
    let fit_again = || {
        let said = run(["run", &experiment, "--out", &out, "--until", "extract"]);
        assert_eq!(said.code, Some(0), "{said:?}");
        (said.err, text(&bench.path("out/fitted/images.z.toml")))
    };
    let (said, same) = fit_again();
    assert_says(&said, &["18 cases, 18 of them looked at before"]);
    assert_eq!(same, fitted);
    let mask = fs::read(bench.path("3-mask.nii")).expect("a mask");
    fs::copy(bench.path("2-mask.nii"), bench.path("3-mask.nii")).expect("a copy");
    let (said, other) = fit_again();
    assert_says(&said, &["18 cases, 17 of them looked at before"]);
    assert_ne!(other, fitted);
    fs::write(bench.path("3-mask.nii"), mask).expect("a mask");
    let (said, same) = fit_again();
    assert_says(&said, &["18 cases, 18 of them looked at before"]);
    assert_eq!(same, fitted, "the old bytes are known, too");

    // Elsewhere, with the model alone.
    let elsewhere = |state: &str| {
        format!(
            "[cases]\nlist = 'test.csv'\n{COMMON}[images.z]\nfilter = 'z-score'\nregion = 'tumour'\nstate = '{state}'\n\
             [predict.model]\nplugin = 'predict-elastic-net'\nmodel = 'out/models/model.toml'\n"
        )
    };
    bench.write("elsewhere.toml", elsewhere("out/models/model.toml"));
    let there = bench.path("there").display().to_string();
    let said = run(["run", &bench.path("elsewhere.toml").display().to_string(), "--out", &there]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let values = |path: &str| {
        let rows = table(&bench.path(path));
        let mut values: Vec<[String; 2]> = rows.iter().map(|row| [row["case"].clone(), row["value"].clone()]).collect();
        values.sort();
        values
    };
    // The tables of later stages went when a case was extracted anew.
    bench.write("scores.csv", &scores);
    assert_eq!(values("there/scores.csv"), values("scores.csv"));

    // An image of the same name that is another one: what was fitted to the scan is not taken for one that is filtered.
    let plain = elsewhere("out/fitted/images.z.toml");
    let plain = plain.split("[predict.model]").next().expect("what comes before");
    let filtered = plain
        .replace("'filter-z-score', ", "'filter-z-score', 'filter-mean', ")
        .replace("[images.z]\n", "[images.smooth]\nfilter = 'mean'\nsupport_voxels = 3\n[images.z]\nof = 'smooth'\n");
    for (name, experiment, code) in [("plain", plain, 0), ("filtered", filtered.as_str(), 2)] {
        let path = bench.write(&format!("{name}.toml"), experiment).display().to_string();
        let said = run(["run", &path, "--out", &bench.path(name).display().to_string()]);
        assert_eq!(said.code, Some(code), "{said:?}");
        if code != 0 {
            let why = [
                "[images.z] what was fitted in",
                "another image",
                "images.smooth.filter is nothing where it was fitted and \"filter-mean\" here",
            ];
            assert_says(&said.err.replace(['\n', '|'], " "), &why);
        }
    }
    // What it says of the image that it was fitted to is not changed by hand.
    let changed = fs::read_to_string(bench.path("out/fitted/images.z.toml")).expect("a file");
    assert!(changed.contains("[state.made_of.settings"), "{changed}");
    let more = "[state.made_of.settings.more]\nx = 1\n[state.made_of.settings";
    bench.write("changed.toml", changed.replacen("[state.made_of.settings", more, 1));
    bench.write("experiment.toml", filtered.replace("out/fitted/images.z.toml", "changed.toml"));
    assert_says(&refusal(&bench.run()), &["is not what was written there; get the file from its source again"]);

    // A file of nothing but what a plugin has fitted tells nobody what it was fitted to.
    bench.write("bare.txt", &fitted);
    let path = bench.write("bare.toml", plain.replace("out/fitted/images.z.toml", "bare.txt")).display().to_string();
    let said = run(["run", &path, "--out", &bench.path("bare").display().to_string()]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert_says(&said.err, &["warning: [images.z]", "bare.txt does not say which image it was fitted to"]);

    // Another state makes other inputs: the model says so.
    bench.write("other.txt", r#"{"cases":3,"mean":1.0,"variance":4.0}"#);
    bench.write(
        "experiment.toml",
        elsewhere("other.txt").replace("out/models", &bench.path("out/models").display().to_string()),
    );
    assert_says(&refusal(&bench.run()), &["images.z.state is", "Use the settings of the model"]);
}

#[test]
#[cfg(target_os = "linux")]
fn a_study_has_the_same_bytes_in_workers() {
    let text = study("fitted_on = 'train'\nregion = 'tumour'")
        + "[images.n]\nfilter = 'nyul'\nfitted_on = 'train'\n[images.p]\nfilter = 'percentiles'\nfitted_on = 'train'\n\
           [predict.line]\nplugin = 'predict-linear'\nmodel = 'line.toml'\n[learn.forest]\nplugin = 'predict-forest'\ncohort = 'train'\ntarget = { number = 'outcome' }\ntrees = 20\n\
           outer_folds = 3\n[evaluate.e]\ncohort = 'test'\nscore = 'model'\noutcome = { number = 'outcome' }\n";
    let used = "use = ['load-nifti', 'features-statistics', 'filter-z-score', 'predict-elastic-net']\n";
    assert!(text.contains(used));
    let results = |plugins: fn(&Path) -> String| {
        let filters = ["filter-nyul", "filter-percentiles", "filter-z-score"];
        let others = ["load-nifti", "features-statistics", "predict-elastic-net", "predict-forest", "predict-linear"];
        let names = filters.into_iter().chain(others);
        let files: String = names.map(|name| plugins(&standard(name))).collect();
        let bench = bench(&text.replace(used, &files));
        let input = "[[input]]\nname = \"tumour:z.statistics.mean\"\ncoefficient = 0.1\n";
        bench.write("line.toml", format!("[model]\nname = \"line\"\nlink = \"logistic\"\nintercept = 0.3\n{input}"));
        let (experiment, out) = (bench.path("experiment.toml"), bench.path("out"));
        let said = run(["run", &experiment.display().to_string(), "--out", &out.display().to_string()]);
        assert_eq!(said.code, Some(0), "{said:?}");
        let read = |name: &str| fs::read_to_string(out.join(name)).unwrap_or_else(|cause| panic!("{name}: {cause}"));
        let fitted = ["fitted/images.n.toml", "fitted/images.p.toml", "fitted/images.z.toml"];
        let names = ["train/features.csv", "test/features.csv", "test/scores.csv"];
        let names = fitted.into_iter().chain(names).collect::<Vec<_>>();
        let models = ["models/model.toml", "models/forest.toml"].map(&read);
        // When it was learnt, and what has sealed that.
        let of_the_day = ["created", "content", "seconds"];
        let lasting = |model: &String| -> Vec<String> {
            model
                .lines()
                .filter(|line| !of_the_day.iter().any(|key| line.starts_with(key)))
                .map(str::to_owned)
                .collect()
        };
        let page = read("report/report.html");
        let isolated = !page.contains("Not isolated");
        assert_eq!(isolated, page.contains(">worker<"));
        (isolated, names.into_iter().map(&read).collect::<Vec<_>>(), models.iter().map(lasting).collect::<Vec<_>>())
    };
    let (isolated, tables, models) = results(stranger);
    assert!(isolated);
    assert!(tables.last().is_some_and(|scores| scores.contains(",line,")), "{tables:?}");
    assert_eq!((false, tables, models), results(in_process));
}

#[test]
fn in_each_outer_fold_it_is_fitted_without_the_patients_who_are_tested() {
    let of = |more: &str| {
        study("fitted_on = 'train'")
            .replace("folds = 3\nouter_folds = 3\n", &format!("lambdas = 20\nfolds = 'inner'\n{more}"))
    };
    let bench = bench(&of("outer_folds = 'outer'\n"));
    let patients = fs::read_to_string(bench.path("patients.csv")).expect("a table");
    let fold = |patient: usize, folds: usize| (7 * patient) % folds + 1;
    let line = |(number, line): (usize, &str)| match number {
        0 => format!("{line},outer,inner"),
        _ => format!("{line},{},{}", fold(number - 1, 3), fold(number - 1, 5)),
    };
    bench.write("patients.csv", patients.lines().enumerate().map(line).collect::<Vec<_>>().join("\n"));
    let run_study = |experiment: &str, out: &str| {
        let path = bench.write(&format!("{out}.toml"), experiment).display().to_string();
        let said = run(["run", &path, "--out", &bench.path(out).display().to_string(), "--until", "evaluate"]);
        assert_eq!(said.code, Some(0), "{said:?}");
        said
    };
    let out_of_fold = |out: &str| -> Vec<f64> {
        let told = fs::read_to_string(bench.path(&format!("{out}/models/model.training.json"))).expect("what is told");
        let told: serde_json::Value = serde_json::from_str(&told).expect("JSON");
        let outer = &told["outer"];
        assert_eq!(outer["refitted"], serde_json::json!(["images.z"]));
        let of = |patient: usize| {
            let mut models = outer["models"].as_array().expect("models").iter();
            let unseen = models.find(|model| model["fold"] == outer["folds"][0][patient]).expect("a model");
            unseen["scores"][patient].as_f64().expect("a score")
        };
        (0..PATIENTS).map(of).collect()
    };
    run_study(&of("outer_folds = 'outer'\n"), "whole");
    let found = out_of_fold("whole");
    let told = fs::read_to_string(bench.path("whole/study.json")).expect("the results");
    assert_says(&told, &["outer cross-validation, in each of which images.z was fitted anew"]);
    let model = fs::read_to_string(bench.path("whole/models/model.toml")).expect("a model");
    assert_says(&model, &["refitted = [\"images.z\"]"]);

    // Each fold as a study of its own, whose training cohort lacks the patients of the fold.
    let mut compared = 0;
    for outer in 1..=3 {
        let others: Vec<String> = (1..=3).filter(|other| *other != outer).map(|other| format!("'{other}'")).collect();
        let experiment = of("").replace(
            "[cohorts.train]\ncases = 'train.csv'\ntables = 'patients.csv'\n",
            &format!(
                "[cohorts.train]\ncases = 'train.csv'\ntables = 'patients.csv'\nonly = {{ outer = [{}] }}\n\
                 [cohorts.left]\ncases = 'train.csv'\ntables = 'patients.csv'\nonly = {{ outer = ['{outer}'] }}\n",
                others.join(", ")
            ),
        );
        let out = format!("fold-{outer}");
        run_study(&experiment, &out);
        for row in table(&bench.path(&format!("{out}/left/scores.csv"))) {
            let patient: usize = row["patient"].trim_start_matches('p').parse().expect("a number");
            let alone: f64 = row["value"].parse().expect("a score");
            assert!((found[patient] - alone).abs() < 1e-9, "{patient}: {} and {alone}", found[patient]);
            compared += 1;
        }
    }
    assert_eq!(compared, PATIENTS);

    // Whoever stops and goes on computes nothing again, and has the same.
    fs::remove_file(bench.path("whole/models/model.toml")).expect("it is there");
    let kept = kept_files(&bench.path("whole/kept/records"));
    run_study(&of("outer_folds = 'outer'\n"), "whole");
    assert_eq!(out_of_fold("whole"), found);
    assert_eq!(kept_files(&bench.path("whole/kept/records")), kept);
}

/// The files below a folder, with the times at which they were written.
fn kept_files(folder: &Path) -> Vec<(PathBuf, SystemTime)> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        match path.is_dir() {
            true => files.extend(kept_files(&path)),
            false => {
                files.push((path.clone(), fs::metadata(&path).and_then(|about| about.modified()).expect("a time")))
            }
        }
    }
    files.sort();
    files
}

#[test]
fn a_cohort_that_cannot_be_fitted_to_says_why() {
    // No mask has the label.
    let liver = "[regions.liver]\nlabel = 9\nfeatures = false\n";
    let bench = bench(&(liver.to_owned() + &study("fitted_on = 'train'\nregion = 'liver'")));
    let said = run([
        "run",
        &bench.path("experiment.toml").display().to_string(),
        "--out",
        &bench.path("out").display().to_string(),
    ]);
    assert_ne!(said.code, Some(0), "{said:?}");
    assert_says(
        &said.err,
        &[
            "[images.z] cannot be fitted: no case of train could be looked at",
            "18 of 18 cases",
            "label 9 is not in the mask",
        ],
    );
}

/// What is told of a training.
fn told(bench: &Bench, out: &str) -> serde_json::Value {
    let text = fs::read_to_string(bench.path(&format!("{out}/models/model.training.json"))).expect("what is told");
    serde_json::from_str(&text).expect("JSON")
}

#[test]
fn in_each_outer_fold_readers_agree_or_not_in_what_is_fitted_without_it() {
    let of = |learn: &str, cohort: &str, filter: &str| {
        format!(
            "{}[covariates.age]\n[images.z]\nfilter = 'nyul'\nover = 'scan'\n{filter}\n[cohorts.train]\ncases = 'train.csv'\n\
             tables = 'patients.csv'\nreader = {{ column = 'reader', main = 'A' }}\n{cohort}\n\
             [learn.model]\nplugin = 'predict-elastic-net'\ncohort = 'train'\ntarget = {{ number = 'outcome' }}\n\
             inputs = ['tumour:z.*', 'age']\nalpha = [0]\nlambdas = 5\nfolds = 2\nbaselines = false\n{learn}",
            COMMON.replace("filter-z-score", "filter-nyul")
        )
    };
    let bench = bench("");
    let (dims, rows) = ([8, 5, 4], straight([1.0; 3], [0.0; 3]));
    let (mut list, mut patients) =
        ("case,image,mask,patient,reader\n".to_owned(), "patient,outcome,age,outer\n".to_owned());
    for patient in 0..PATIENTS {
        // Those of one fold have scans of another kind: with and without them, the scale is another one.
        let fold = patient % 3 + 1;
        let seen = |at| f64::from(intensity(patient, at));
        let scan = Nifti::new(dims, rows, |at| if fold == 1 { seen(at).powi(2) / 50.0 } else { seen(at) });
        bench.write(&format!("{patient}.nii"), scan.bytes());
        let other = |[x, y, z]: [usize; 3]| inside(patient, [(x + patient / 3 % 2).min(7), y, z]);
        bench.write(&format!("{patient}-other.nii"), scan.map(|at| u8::from(other(at))).bytes());
        for (reader, mask) in [("A", "mask"), ("B", "other")] {
            list += &format!("c{patient}{reader},{patient}.nii,{patient}-{mask}.nii,p{patient:02},{reader}\n");
        }
        let (outcome, age) = (2 * (patient % 5) + patient % 3, 50 + 7 * patient % 13);
        patients += &format!("p{patient:02},{outcome},{age},{fold}\n");
    }
    bench.write("train.csv", list);
    bench.write("patients.csv", patients);
    let run_study = |experiment: &str, out: &str| {
        let path = bench.write(&format!("{out}.toml"), experiment).display().to_string();
        let said = run(["run", &path, "--out", &bench.path(out).display().to_string(), "--until", "train"]);
        assert_eq!(said.code, Some(0), "{said:?}");
        told(&bench, out)
    };
    // How far readers agree without the first fold, on the scale without it, and on that of everybody.
    let without = "only = { outer = ['2', '3'] }";
    let fitted = "fitted_on = 'train'";
    let low = "minimum_icc = 0.01\n";
    let right = run_study(&of(low, without, fitted), "without");
    run_study(&of(low, "", fitted), "everybody");
    let wrong = run_study(&of(low, without, "state = 'everybody/fitted/images.z.toml'"), "scale");
    let icc = |told: &serde_json::Value, name: &str| told["reliability"]["icc"][name].as_f64().expect("a correlation");
    let mut compared = 0;
    for name in ["tumour:z.statistics.mean", "tumour:z.statistics.variance"] {
        let (right, wrong) = (icc(&right, name), icc(&wrong, name));
        if (right - wrong).abs() < 1e-3 || right.max(wrong) < 0.01 {
            continue;
        }
        let between = 0.5 * (right + wrong);
        let out = format!("between-{compared}");
        let folds = format!("minimum_icc = {between}\nouter_folds = 'outer'\n");
        let whole = run_study(&of(&folds, "", fitted), &out);
        let model = &whole["outer"]["models"][0];
        assert_eq!(model["fold"], 0, "{model}");
        assert_eq!(model["inputs"].get(name).is_some(), right > wrong, "{name}: {right}, not {wrong}: {model}");
        compared += 1;
    }
    assert!(compared > 0, "the scale makes no difference: {right} and {wrong}");
}
