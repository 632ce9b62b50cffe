//! Habitats: clusters of voxels of two scans, fitted on a cohort, in a study and elsewhere.

use std::{collections::BTreeMap, fs};

use serde_json::Value as Json;
use voxomics_tests::{
    Said,
    nifti::{Nifti, straight},
    run, table,
};

use crate::bench::{Bench, assert_says, in_process, refusals, standard, stranger};

const TRAINING: usize = 12;
const ALL: usize = 16;
/// A new patient whose tumour has no third tissue.
const WITHOUT: usize = 14;
const DIMS: [usize; 3] = [12, 7, 5];
const PLUGINS: [&str; 5] =
    ["load-nifti", "regions-habitats", "features-habitats", "features-statistics", "predict-elastic-net"];

/// Where the first and the second tissue of a tumour end, along *x*.
fn ends(patient: usize) -> [usize; 2] {
    let second = if patient == WITHOUT { DIMS[0] } else { 6 + patient / 2 % 4 };
    [3 + patient % 3, second]
}

fn inside([x, y, z]: [usize; 3]) -> bool {
    (1..11).contains(&x) && (1..6).contains(&y) && (1..4).contains(&z)
}

/// Intensities in both scans. Patients with odd numbers are of another scanner, whose gain is a fifth larger.
fn intensity(patient: usize, [x, y, z]: [usize; 3]) -> [i16; 2] {
    let tissue = ends(patient).iter().filter(|end| x >= **end).count();
    let noise = |seed: usize| ((patient * 31 + x * 7 + y * 13 + z * 29 + seed) * 2_654_435 % 97 / 10) as i16;
    let of = |level: [i16; 3], seed| (level[tissue] + noise(seed)) * if patient % 2 == 1 { 6 } else { 5 } / 5;
    [of([40, 100, 105], 1), of([60, 55, 120], 2)]
}

/// Cohorts `train` and `test`, with two scans of each patient.
fn bench(experiment: &str) -> Bench {
    let (bench, rows) = (Bench::new(experiment), straight([1.0; 3], [0.0; 3]));
    let mut patients = "patient,outcome,outer,inner,scanner\n".to_owned();
    for (cohort, patients_of) in [("train", 0..TRAINING), ("test", TRAINING..ALL)] {
        let mut list = "case,image.t1,image.t2,mask,patient\n".to_owned();
        for patient in patients_of {
            for (scan, name) in ["t1", "t2"].into_iter().enumerate() {
                let voxels = Nifti::new(DIMS, rows, |at| intensity(patient, at)[scan]);
                bench.write(&format!("{patient}-{name}.nii"), voxels.bytes());
            }
            bench.write(&format!("{patient}.nii"), Nifti::new(DIMS, rows, |at| u8::from(inside(at))).bytes());
            list += &format!("c{patient},{patient}-t1.nii,{patient}-t2.nii,{patient}.nii,p{patient:02}\n");
            let [first, second] = ends(patient);
            let outcome = 10 * first + 3 * second + 5 * patient % 7;
            let (outer, inner, scanner) = (patient * 7 % 3 + 1, patient * 5 % 4 + 1, patient % 2);
            patients += &format!("p{patient:02},{outcome},{outer},{inner},{scanner}\n");
        }
        bench.write(&format!("{cohort}.csv"), list);
    }
    bench.write("patients.csv", patients);
    bench
}

const IMAGES: &str = "[images.t1]\nscan = 't1'\n[images.t2]\nscan = 't2'\n[regions.tumour]\nlabel = 1\n";
const FEATURES: &str = "[features.statistics]\nonly = ['mean', 'variance']\n\
                        [features.habitats]\nnumber = 3\nregions = ['tumour']\nimages = ['t1']\n";

fn used() -> String {
    format!("[plugins]\nuse = ['{}']\n", PLUGINS.join("', '"))
}

fn habitats(fit: &str) -> String {
    format!(
        "[regions.habitats]\nmaker = 'regions-habitats'\nof = 'tumour'\nimages = ['t1', 't2']\ntake = ['1', '2', '3']\n\
         number = 3\nsample = 60\n{fit}\n"
    )
}

fn study(learn: &str) -> String {
    format!(
        "{}{IMAGES}{}{FEATURES}[cohorts.train]\ncases = 'train.csv'\ntables = 'patients.csv'\n\
         [cohorts.test]\ncases = 'test.csv'\ntables = 'patients.csv'\n\
         [learn.model]\nplugin = 'predict-elastic-net'\ncohort = 'train'\ntarget = {{ number = 'outcome' }}\n\
         inputs = ['tumour:t1.habitats.*', 'habitats_1:*', 'habitats_2:*']\nalpha = [0.5]\nlambdas = 20\nfolds = 'inner'\n{learn}",
        used(),
        habitats("fitted_on = 'train'")
    )
}

fn run_as(bench: &Bench, experiment: &str, out: &str, more: &[&str]) -> Said {
    let path = bench.write(&format!("{out}.toml"), experiment).display().to_string();
    run([&["run", &path, "--out", &bench.path(out).display().to_string()][..], more].concat())
}

fn read(bench: &Bench, name: &str) -> String {
    fs::read_to_string(bench.path(name)).unwrap_or_else(|cause| panic!("{name}: {cause}"))
}

/// What a plugin has fitted, from its file.
fn fitted(bench: &Bench, name: &str) -> String {
    crate::fitted::text(&bench.path(name))
}

/// The habitat of each voxel of a tumour, from the state: by the nearest centre.
fn labels(state: &Json, patient: usize) -> BTreeMap<[usize; 3], usize> {
    let number = |json: &Json| json.as_f64().expect("a number");
    let scale = |axis: usize, x: f64| (x - number(&state["mean"][axis])) / number(&state["deviation"][axis]);
    let label = |at: [usize; 3]| {
        let point = intensity(patient, at).map(f64::from);
        let away = |centre: &Json| (0..2).map(|i| (scale(i, point[i]) - number(&centre[i])).powi(2)).sum::<f64>();
        let all: Vec<f64> = state["centres"].as_array().expect("centres").iter().map(away).collect();
        (0..all.len()).min_by(|a, b| all[*a].total_cmp(&all[*b])).expect("centres")
    };
    let [nx, ny, nz] = DIMS;
    let all = (0..nz).flat_map(|z| (0..ny).flat_map(move |y| (0..nx).map(move |x| [x, y, z])));
    all.filter(|at| inside(*at)).map(|at| (at, label(at))).collect()
}

/// What the tables must have of a patient, by region and column.
fn expected(state: &Json, patient: usize) -> BTreeMap<(String, String), f64> {
    let labels = labels(state, patient);
    let mut all = BTreeMap::new();
    let mut pairs: BTreeMap<[usize; 2], f64> = BTreeMap::new();
    for (at, one) in &labels {
        for axis in 0..3 {
            let mut next = *at;
            next[axis] += 1;
            if let Some(other) = labels.get(&next) {
                *pairs.entry([*one.min(other), *one.max(other)]).or_default() += 1.0;
            }
        }
    }
    let faces: f64 = pairs.values().sum();
    let mut put = |region: &str, column: String, value| all.insert((region.to_owned(), column), value);
    for habitat in 0..3 {
        let of = || labels.iter().filter(|(_, label)| **label == habitat);
        let count = of().count() as f64;
        put("tumour", format!("t1.habitats.fraction_{}", habitat + 1), count / labels.len() as f64);
        for (scan, name) in ["t1", "t2"].into_iter().enumerate().filter(|_| count > 0.0) {
            let mean = of().map(|(at, _)| f64::from(intensity(patient, *at)[scan])).sum::<f64>() / count;
            put(&format!("habitats_{}", habitat + 1), format!("{name}.statistics.mean"), mean);
        }
        for other in habitat + 1..3 {
            let column = format!("t1.habitats.contact_{}_{}", habitat + 1, other + 1);
            put("tumour", column, pairs.get(&[habitat, other]).copied().unwrap_or(0.0) / faces);
        }
    }
    all
}

#[test]
fn habitats_of_a_cohort_are_the_same_in_new_scans_and_models_carry_them() {
    let bench = bench("");
    let said = run_as(&bench, &study("outer_folds = 3\n"), "out", &["--until", "score", "--threads", "4"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert_says(&said.err, &["fitted regions.habitats on train: 12 cases, 0 of them looked at before"]);
    let fitted = fitted(&bench, "out/fitted/regions.habitats.toml");
    let state: Json = serde_json::from_str(&fitted).expect("JSON");
    assert_eq!((&state["points"], &state["images"]), (&Json::from(12 * 60), &serde_json::json!(["t1", "t2"])));
    for (cohort, patients) in [("train", 0..TRAINING), ("test", TRAINING..ALL)] {
        let rows = table(&bench.path(&format!("out/{cohort}/features.csv")));
        assert_eq!(rows.len(), 4 * patients.len(), "a habitat that is absent has a row");
        for patient in patients {
            let expected = expected(&state, patient);
            assert_eq!(expected.len(), if patient == WITHOUT { 10 } else { 12 });
            for ((region, column), value) in expected {
                let of =
                    |row: &&BTreeMap<String, String>| row["case"] == format!("c{patient}") && row["region"] == region;
                let found: f64 = rows.iter().find(of).expect("a row")[&column].parse().expect("a number");
                assert!(
                    (found - value).abs() < 1e-12 * value.max(1.0),
                    "{patient}, {region}, {column}: {found}, {value}"
                );
            }
        }
    }

    // What is absent is said, and no fault.
    let failures = table(&bench.path("out/test/failures.csv"));
    assert!(failures.is_empty(), "{failures:?}");
    let long = table(&bench.path("out/test/features_long.csv"));
    let absent: Vec<_> = long.iter().filter(|row| row["status"] == "undefined").collect();
    assert_eq!(absent.len(), 4, "{absent:?}");
    for row in absent {
        assert_eq!((&*row["case"], &*row["region"]), (format!("c{WITHOUT}").as_str(), "habitats_3"));
        assert_says(&row["reason"], &["regions-habitats gives no voxel of `tumour` to `3`"]);
    }

    // One thread gives the same bytes, and so does somebody who has the model alone.
    let said = run_as(&bench, &study("outer_folds = 3\n"), "one", &["--until", "score", "--threads", "1"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    for name in ["fitted/regions.habitats.toml", "train/features.csv", "test/features.csv", "test/scores.csv"] {
        assert_eq!(read(&bench, &format!("one/{name}")), read(&bench, &format!("out/{name}")), "{name}");
    }
    let model = read(&bench, "out/models/model.toml");
    assert_says(&model, &["[[state]]", "name = \"regions.habitats\"", "plugin = \"regions-habitats\"", &fitted]);
    assert_eq!(model.matches("[[state]]").count(), 1, "several regions have it in common");
    let elsewhere = format!(
        "[cases]\nlist = 'test.csv'\n{}{IMAGES}{}{FEATURES}[predict.model]\nplugin = 'predict-elastic-net'\n\
         model = 'out/models/model.toml'\n",
        used(),
        habitats("state = 'out/models/model.toml'")
    );
    let said = run_as(&bench, &elsewhere, "there", &[]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let values = |path: &str| -> Vec<[String; 2]> {
        let mut all: Vec<_> =
            table(&bench.path(path)).iter().map(|row| [row["case"].clone(), row["value"].clone()]).collect();
        all.sort();
        all
    };
    assert_eq!(values("there/scores.csv"), values("out/test/scores.csv"));
    assert_eq!(values("there/scores.csv").len(), ALL - TRAINING);
    // Other images under the same names, or another region, are refused: their habitats would look as good.
    let plain = elsewhere.split("[predict.model]").next().expect("what comes before").to_owned();
    assert_eq!(run_as(&bench, &plain, "plain", &[]).code, Some(0));
    for (from, to, why) in [
        (
            "[images.t2]\nscan = 't2'",
            "[images.t2]\nscan = 't1'",
            "images.t2.scan is \"t2\" where it was fitted and \"t1\" here",
        ),
        (
            "[regions.tumour]\nlabel = 1\n",
            "[regions.tumour]\nlabel = 1\nintensities = [0, 90]\n",
            "regions.tumour.intensities",
        ),
        (
            "[regions.tumour]",
            "[interpolation]\nspacing_mm = [2, 2, 2]\n[regions.tumour]",
            "interpolation.spacing_mm is nothing where",
        ),
    ] {
        let other = plain.replacen(from, to, 1);
        assert_ne!(other, plain);
        for state in ["out/models/model.toml", "out/fitted/regions.habitats.toml"] {
            let said = run_as(&bench, &other.replace("out/models/model.toml", state), "other", &[]);
            let why = ["[regions.habitats] what was fitted in", "was fitted to another image than there is here", why];
            assert_says(&refusals(&said).concat(), &why);
        }
    }
}

#[test]
fn a_part_that_nobody_looks_at_is_told() {
    let bench = bench("");
    for (from, to, why) in [
        (
            "[features.habitats]\nnumber = 3",
            "[features.habitats]\nnumber = 2",
            "[features.habitats] looks at 2 parts, and there are more: `habitats_3` of [regions.habitats] would be left out",
        ),
        (
            "take = ['1', '2', '3']\nnumber = 3",
            "take = ['1', '2', '3']\nnumbers = [2, 4]",
            "[regions.habitats] does not take all parts that there can be: `4` is missing in `take`",
        ),
    ] {
        let other = study("").replacen(from, to, 1);
        assert_says(&refusals(&run_as(&bench, &other, "other", &[])).concat(), &[why]);
    }
}

#[test]
fn in_each_outer_fold_habitats_are_fitted_without_the_patients_who_are_tested() {
    let bench = bench("");
    let evaluated = |experiment: &str, out: &str| {
        let said = run_as(&bench, experiment, out, &["--until", "evaluate"]);
        assert_eq!(said.code, Some(0), "{said:?}");
    };
    evaluated(&study("outer_folds = 'outer'\n"), "whole");
    let told: Json = serde_json::from_str(&read(&bench, "whole/models/model.training.json")).expect("JSON");
    let outer = &told["outer"];
    assert_eq!(outer["refitted"], serde_json::json!(["regions.habitats"]));
    let score = |patient: usize| {
        let mut models = outer["models"].as_array().expect("models").iter();
        let unseen = models.find(|model| model["fold"] == outer["folds"][0][patient]).expect("a model");
        unseen["scores"][patient].as_f64().expect("a score")
    };
    // Each fold as a study of its own, whose training cohort lacks the patients of the fold.
    let (mut compared, mut differs) = (0, 0);
    let everybody = read(&bench, "whole/fitted/regions.habitats.toml");
    for outer in 1..=3 {
        let others: Vec<String> = (1..=3).filter(|other| *other != outer).map(|other| format!("'{other}'")).collect();
        let whole = "[cohorts.train]\ncases = 'train.csv'\ntables = 'patients.csv'\n";
        let experiment = study("").replace(
            whole,
            &format!(
                "{whole}only = {{ outer = [{}] }}\n[cohorts.left]\ncases = 'train.csv'\ntables = 'patients.csv'\n\
                 only = {{ outer = ['{outer}'] }}\n",
                others.join(", ")
            ),
        );
        let out = format!("fold-{outer}");
        evaluated(&experiment, &out);
        differs += usize::from(read(&bench, &format!("{out}/fitted/regions.habitats.toml")) != everybody);
        for row in table(&bench.path(&format!("{out}/left/scores.csv"))) {
            let patient: usize = row["patient"].trim_start_matches('p').parse().expect("a number");
            let alone: f64 = row["value"].parse().expect("a score");
            assert!((score(patient) - alone).abs() < 1e-9, "{patient}: {} and {alone}", score(patient));
            compared += 1;
        }
    }
    assert_eq!((compared, differs), (TRAINING, 3));
}

/// Habitats show the scanner, whose gain differs. What the model of a fold knows of it, it knows of the other patients: it stays what it is
/// when the scans of its own patients are noise.
#[test]
fn the_model_of_a_fold_knows_nothing_of_the_scanners_of_its_patients() {
    let learn = |out: &str, is_noise: &dyn Fn(usize) -> bool| -> Json {
        let bench = bench("");
        for patient in (0..TRAINING).filter(|patient| is_noise(*patient)) {
            for (seed, name) in ["t1", "t2"].into_iter().enumerate() {
                let noise =
                    |[x, y, z]: [usize; 3]| ((x * 57 + y * 131 + z * 311 + patient * 17 + seed) * 7919 % 211) as i16;
                bench.write(
                    &format!("{patient}-{name}.nii"),
                    Nifti::new(DIMS, straight([1.0; 3], [0.0; 3]), noise).bytes(),
                );
            }
        }
        let experiment = study("outer_folds = 'outer'\n").replace("number = 'outcome'", "number = 'scanner'");
        let said = run_as(&bench, &experiment, out, &["--until", "train"]);
        assert_eq!(said.code, Some(0), "{said:?}");
        serde_json::from_str(&read(&bench, &format!("{out}/models/model.training.json"))).expect("JSON")
    };
    let whole = learn("whole", &|_| false);
    let models = |told: &Json| told["outer"]["models"].as_array().expect("models").clone();
    for model in models(&whole) {
        let fold = model["fold"].as_u64().expect("a fold") as usize;
        let is_of_fold = |patient: usize| whole["outer"]["folds"][0][patient].as_u64() == Some(fold as u64);
        let without = models(&learn("noise", &is_of_fold));
        let same = without.iter().find(|other| other["fold"] == model["fold"]).expect("the same fold");
        assert_eq!(same["inputs"], model["inputs"], "fold {fold}");
        let others = |of: &Json| {
            (0..TRAINING).filter(|at| !is_of_fold(*at)).map(|at| of["scores"][at].clone()).collect::<Vec<_>>()
        };
        assert_eq!(others(same), others(&model), "fold {fold}");
        // The other models have seen the noise.
        assert!(without.iter().any(|other| !models(&whole).contains(other)));
    }
}

#[test]
fn an_evaluation_of_patients_whom_habitats_were_fitted_on_says_so() {
    let bench = bench("");
    let evaluate = "[evaluate.later]\ncohort = 'test'\nscore = 'model'\noutcome = { number = 'outcome' }\n";
    for (on, is_said) in [("'train'", false), ("['train', 'test']", true)] {
        let experiment = study("").replace("fitted_on = 'train'", &format!("fitted_on = {on}")) + evaluate;
        let said = run_as(&bench, &experiment, "out", &["--until", "evaluate", "--replace"]);
        assert_eq!(said.code, Some(0), "{said:?}");
        let told: Json = serde_json::from_str(&read(&bench, "out/study.json")).expect("JSON");
        let notes = told["evaluations"][0]["notes"].to_string();
        assert_eq!(notes.contains("[regions.habitats] was fitted on images of these patients"), is_said, "{notes}");
    }
}

#[test]
fn perturbations_are_those_of_every_scan_that_habitats_are_made_of() {
    let bench = bench("");
    let fitted = study("").replace("[cohorts.test]\ncases = 'test.csv'\ntables = 'patients.csv'\n", "");
    let said = run_as(&bench, &fitted, "fitted", &["--until", "train"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let state = habitats("state = 'fitted/fitted/regions.habitats.toml'");
    for (perturb, interpolation) in [
        ("noise = 2\nnoise_sd = 20", ""),
        (
            "rotation_deg = [-10, 10]\ntranslation = [[0.25, 0.5, 0]]",
            "[interpolation]\nspacing_mm = [0, 0, 0]\nimage = 'linear'\nmask = 'linear'\n",
        ),
    ] {
        let features = FEATURES.replace("images = ['t1']", "images = ['t1', 't2']");
        let experiment = format!(
            "{}{IMAGES}{state}{features}{interpolation}[perturb]\n{perturb}\n[cases]\nlist = 'train.csv'\n",
            used()
        );
        let said = run_as(&bench, &experiment, "moved", &["--replace"]);
        assert_eq!(said.code, Some(0), "{perturb}: {said:?}");
        let (rows, plain) = (table(&bench.path("moved/perturbed.csv")), table(&bench.path("moved/features.csv")));
        let (mut compared, mut differ) = (0, 0);
        for row in rows.iter().filter(|row| row["region"] == "tumour") {
            for habitat in 1..=3 {
                // A region has one size, on whichever scan it is looked at.
                let of = |scan: &str| row[&format!("{scan}.habitats.fraction_{habitat}")].clone();
                assert!(!of("t1").is_empty() && of("t1") == of("t2"), "{perturb}: {row:?}");
                let case = plain.iter().find(|case| case["case"] == row["case"] && case["region"] == "tumour");
                differ += usize::from(case.expect("the case")[&format!("t1.habitats.fraction_{habitat}")] != of("t1"));
                compared += 1;
            }
        }
        assert!(compared == TRAINING * 2 * 3 && differ > compared / 2, "{perturb}: {differ} of {compared}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn habitats_are_the_same_in_workers() {
    let results = |plugins: fn(&std::path::Path) -> String| {
        let files: String = PLUGINS.iter().map(|name| plugins(&standard(name))).collect();
        let bench = bench("");
        let said = run_as(&bench, &study("").replace(&used(), &files), "out", &["--until", "extract"]);
        assert_eq!(said.code, Some(0), "{said:?}");
        ["fitted/regions.habitats.toml", "test/features.csv"].map(|name| read(&bench, &format!("out/{name}")))
    };
    assert_eq!(results(stranger), results(in_process));
}

#[test]
fn habitats_of_maps_and_of_filters_that_are_fitted_themselves() {
    let experiment = "[plugins]\nuse = ['load-nifti', 'regions-habitats', 'features-habitats', 'features-statistics', 'filter-nyul', \
                      'filter-z-score']\n\
                      [regions.tumour]\nlabel = 1\n[images.original]\n[images.n]\nfilter = 'nyul'\nover = 'scan'\n\
                      fitted_on = 'train'\n[images.z]\nfilter = 'z-score'\nof = 'n'\nfitted_on = 'train'\n\
                      [maps.local]\nfamily = 'statistics'\nof = 'z'\nonly = ['mean']\nregion = 'tumour'\n\
                      [regions.habitats]\nmaker = 'habitats'\nof = 'tumour'\nimages = ['z', 'local.mean']\ntake = ['1', '2']\n\
                      number = 2\nmethod = 'gaussian mixture'\nfitted_on = 'train'\n\
                      [features.habitats]\nnumber = 2\nregions = ['tumour']\nimages = ['original']\n\
                      [cohorts.train]\ncases = 'train.csv'\n[cohorts.test]\ncases = 'test.csv'\n";
    let bench = bench("");
    for cohort in ["train", "test"] {
        let list = read(&bench, &format!("{cohort}.csv"));
        bench.write(&format!("{cohort}.csv"), list.replace("image.t1", "image").replace("image.t2", "other"));
    }
    let said = run_as(&bench, experiment, "out", &["--until", "extract"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let place = |what: &str| said.err.find(what).unwrap_or_else(|| panic!("{what} is not in {}", said.err));
    // Each after what it is made of.
    assert!(place("fitted images.n") < place("fitted images.z"), "{said:?}");
    assert!(place("fitted images.z") < place("fitted regions.habitats"), "{said:?}");
    let state: Json = serde_json::from_str(&fitted(&bench, "out/fitted/regions.habitats.toml")).expect("JSON");
    assert_eq!(state["images"], serde_json::json!(["z", "local.mean"]));
    for row in table(&bench.path("out/test/features.csv")).iter().filter(|row| row["region"] == "tumour") {
        let number = |column: &str| row[column].parse::<f64>().expect("a number");
        let [one, two] = [1, 2].map(|part| number(&format!("original.habitats.fraction_{part}")));
        assert!((one + two - 1.0).abs() < 1e-12 && one > 0.2 && two > 0.2, "{row:?}");
    }
}

#[test]
fn mistakes_say_what_to_do() {
    let of = |regions: &str, features: &str| {
        format!(
            "[cases]\nlist = 'test.csv'\n[plugins]\nuse = ['load-nifti', 'regions-habitats', 'regions-threshold', \
             'features-habitats', 'features-statistics', 'filter-image-z-score']\n{regions}{features}"
        )
    };
    let plain = "[features.statistics]\nonly = ['mean']\n";
    let state = "state = 'state.txt'";
    let text = r#"{"method":"k-means","images":["t1","t2"],"cases":1,"points":3,"mean":[0,0],"deviation":[1,1],"supervoxel_mm":0.0,"compactness":1.0,"centres":[[0,0],[1,1],[2,2]]}"#;
    let threshold = "[regions.parts]\nmaker = 'threshold'\nof = 'tumour'\ntake = 'part 1'\nlimits = [50]\n";
    let circle = "[images.z]\nfilter = 'image-z-score'\nscan = 't1'\nregion = 'habitats_1'\n";
    let cases = [
        (
            IMAGES.to_owned() + &habitats(""),
            plain,
            "regions-habitats is fitted on a cohort: name the cohort in `fitted_on`",
        ),
        (
            IMAGES.to_owned() + &habitats(state).replace("'t2']", "'t3']"),
            plain,
            "[regions.habitats] is made of `t3`, which is no image",
        ),
        (
            IMAGES.to_owned() + &habitats(state).replace("'t2']", "'t1']"),
            plain,
            "[regions.habitats] names the image `t1` twice",
        ),
        (
            IMAGES.to_owned() + &habitats(state).replace("'3']", "'4']"),
            plain,
            "[regions.habitats] takes `4`, which is none of the regions that regions-habitats makes",
        ),
        (IMAGES.to_owned() + threshold, plain, "Name the images that it is made of with `images`"),
        (
            IMAGES.to_owned() + &threshold.replace("limits", "images = ['t1', 't2']\nlimits"),
            plain,
            "[regions.parts] is made by regions-threshold, which sees one image: name one in `images`",
        ),
        (
            IMAGES.to_owned() + circle + &habitats(state).replace("'t2']", "'z']"),
            plain,
            "[regions.habitats] is made of images that look at it",
        ),
        (
            IMAGES.to_owned(),
            "[features.habitats]\nnumber = 2\n",
            "[features.habitats] reads the region `habitats_1`, which is not there; known here: `tumour`",
        ),
        (
            IMAGES.to_owned() + &habitats(state),
            "[features.habitats]\nnumber = 3\nregions = ['tumour']\nonly = ['fraction_4']\n",
            "[features.habitats] there is no feature `fraction_4`",
        ),
    ];
    for (regions, features, part) in cases {
        let bench = bench(&of(&regions, features));
        bench.write("state.txt", text);
        let said = refusals(&bench.run());
        assert!(said.iter().any(|message| message.contains(part)), "{part}: {said:?}");
        let once: std::collections::BTreeSet<&String> = said.iter().collect();
        assert_eq!(once.len(), said.len(), "a mistake is told once: {said:?}");
    }

    // Scans on other grids are a fault of their case.
    let bench = bench(&of(&(IMAGES.to_owned() + &habitats(state)), plain));
    bench.write("state.txt", text);
    let shifted = Nifti::new(DIMS, straight([1.0; 3], [0.0, 0.0, 0.6]), |at| intensity(12, at)[1]);
    bench.write("12-t2.nii", shifted.bytes());
    let said = bench.run();
    assert_eq!(said.code, Some(3), "{said:?}");
    let failures = table(&bench.path("out/failures.csv"));
    assert!(failures.iter().all(|row| row["case"] == "c12"), "{failures:?}");
    let messages: String = failures.iter().map(|row| row["message"].as_str()).collect();
    assert_says(
        &messages,
        &["which must lie on one grid: `image.t1` has 12 × 7 × 5 voxels", "resample them to one grid first"],
    );
}
