//! What must not change a model, and what must be told of before it is believed: the order and writing of tables, patients of
//! several cohorts, targets among the inputs, seals.

use crate::support::Results;

const EXPERIMENT: &str = r#"
[plugins]
use = ["load-nifti", "features-statistics", "predict-elastic-net"]
[regions.tumour]
[interpolation]
spacing_mm = [3, 3, 3]
[features.statistics]
[covariates.age]
[covariates.site]
levels = ["north", "south", "nowhere"]
[covariates.kvp]
column = "voltage"
"#;

const LEARN: &str =
    "plugin = \"predict-elastic-net\"\ntarget = { number = \"CD8B\" }\nfolds = 3\nouter_folds = 3\nalpha = [0.5]\n";

/// Lesions of the first patients, one row each: image, mask, patient and two columns.
fn rows(results: &Results, count: usize) -> Vec<String> {
    let rows = results.table("simulated/train/cases.csv");
    let first = rows.iter().filter(|row| row["case"].ends_with("-1")).take(count).enumerate();
    let row = |(at, row): (usize, &voxomics_tests::batch::Row)| {
        let folder = "simulated/train";
        let site = ["north", "south"][at % 2];
        format!("c{at},{folder}/{},{folder}/{},{},{site},120", row["image"], row["mask"], row["patient"])
    };
    first.map(row).collect()
}

fn write(results: &Results, name: &str, rows: &[String]) {
    results.write(name, &format!("case,image,mask,patient,site,voltage\n{}\n", rows.join("\n")));
}

fn patients(results: &Results, more: &str) {
    let rows = results.table("simulated/train/patients.csv");
    let row = |row: &voxomics_tests::batch::Row| format!("{},{},{}", row["patient"], row["CD8B"], row["age"]);
    let rows: Vec<String> = rows.iter().map(row).collect();
    results.write("patients.csv", &format!("patient,CD8B,age\n{}\n{more}", rows.join("\n")));
}

/// A model without what is said of its name.
fn nameless(results: &Results, name: &str) -> String {
    let text = results.read(&format!("models/{name}.toml"));
    let of_it = |line: &&str| {
        !["name = \"model", "content = ", "digest = ", "beside = "].iter().any(|key| line.starts_with(key))
    };
    text.lines().filter(of_it).collect::<Vec<_>>().join("\n")
}

#[test]
fn neither_the_order_of_the_rows_nor_the_name_of_a_section_changes_a_model() {
    let results = Results::new();
    patients(&results, "");
    let mut lines = rows(&results, 12);
    write(&results, "a.csv", &lines);
    lines.rotate_left(5);
    lines.swap(0, 9);
    write(&results, "b.csv", &lines);
    let text = format!(
        "{EXPERIMENT}[cohorts.a]\ncases = \"a.csv\"\ntables = \"patients.csv\"\n[cohorts.b]\ncases = \"b.csv\"\ntables = \
         \"patients.csv\"\n[learn.model-1]\ncohort = \"a\"\n{LEARN}[learn.model-2]\ncohort = \"a\"\n{LEARN}[learn.model-3]\ncohort = \
         \"b\"\n{LEARN}"
    );
    let said = results.run(&results.write("study.toml", &text), &["--until", "train"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let models = ["model-1", "model-2", "model-3"].map(|name| nameless(&results, name));
    assert_eq!(models[0], models[1], "the name of a section");
    assert_eq!(models[0].replace("cohorts = [\"a\"]", "cohorts = [\"b\"]"), models[2], "the order of the rows");
    // Every input that was offered is in the file, with what the training had of it.
    for part in
        ["name = \"kvp\"\nunused = true\nminimum = 120.0\nmaximum = 120.0\ndropped = true", "name = \"site=nowhere\""]
    {
        assert!(models[0].contains(part), "{part}: {}", models[0]);
    }
}

#[test]
fn what_a_model_has_never_seen_is_doubted_and_a_lost_seal_is_named() {
    let results = Results::new();
    patients(&results, "");
    let lines = rows(&results, 12);
    write(&results, "a.csv", &lines);
    let cohort = "[cohorts.a]\ncases = \"a.csv\"\ntables = \"patients.csv\"\n";
    let learn = format!("{EXPERIMENT}{cohort}[learn.model]\ncohort = \"a\"\n{LEARN}");
    let said = results.run(&results.write("learn.toml", &learn), &["--until", "train"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let model = results.read("models/model.toml");
    let seal = model.lines().find(|line| line.starts_with("content = ")).expect("a seal");
    results.write("given.toml", &model.replace(seal, ""));
    // A voltage and a site that the training had not.
    let strange: Vec<String> =
        lines.iter().map(|line| line.replace(",120", ",80").replace(",south", ",nowhere")).collect();
    write(&results, "a.csv", &strange);
    let predict = "[predict.given]\nplugin = \"predict-elastic-net\"\nmodel = \"given.toml\"\n";
    let said = results.run(
        &results.write("score.toml", &format!("{EXPERIMENT}{cohort}{predict}")),
        &["--until", "score", "--replace"],
    );
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(
        said.err.contains("[predict.given] the model file tells of a training and has lost its seal"),
        "{}",
        said.err
    );
    let scores = results.table("a/scores.csv");
    assert_eq!(scores.len(), 12, "each case is scored once");
    for (at, row) in scores.iter().enumerate() {
        let doubts = &row["doubts"];
        assert!(doubts.contains("`kvp` is 80, outside the training's 120 in every row"), "{doubts}");
        assert!(doubts.contains("has lost its seal"), "{doubts}");
        let site = doubts.contains("no row of the training had `site=nowhere`");
        assert_eq!(site, row["case"][1..].parse::<usize>().expect("a number") % 2 == 1, "{at}: {doubts}");
    }
    // The same columns without a study.
    let alone = format!("{EXPERIMENT}[cases]\nlist = \"a.csv\"\n{predict}");
    let said = results.run(&results.write("alone.toml", &alone), &["--replace"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let header = |text: String| text.lines().next().map(str::to_owned);
    let study = "case,component,patient,cohort,model,output,value,unit,status,reason,doubts,contributions";
    assert_eq!(header(results.read("scores.csv")).as_deref(), Some(study), "{said:?}");
    assert!(results.read("scores.csv").contains("has lost its seal"));
}

#[test]
fn a_target_among_the_inputs_is_refused_and_strange_tables_are_told_of() {
    let results = Results::new();
    patients(&results, "sim-0001,1,50\nSIM-0090,<0.5,-999\n");
    write(&results, "a.csv", &rows(&results, 12));
    let cohort = "[cohorts.a]\ncases = \"a.csv\"\ntables = \"patients.csv\"\n";
    let text = format!(
        "{EXPERIMENT}[covariates.expression]\ncolumn = \"CD8B\"\n{cohort}[learn.model]\ncohort = \"a\"\n{LEARN}"
    );
    let path = results.write("study.toml", &text).display().to_string();
    let said = voxomics_tests::run(["check", &path, "--no-open"]);
    assert_eq!(said.code, Some(2), "{said:?}");
    assert!(said.err.contains("`CD8B` is what is to be learnt, and is among the inputs"), "{}", said.err);
    assert!(said.err.contains("without = \"expression\"") && said.err.contains("study.toml:"), "{}", said.err);
    results.write("study.toml", &text.replace("alpha = [0.5]", "alpha = [0.5]\nwithout = \"expression\""));
    let said = voxomics_tests::run(["check", &path, "--no-open"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    for part in [
        "cells of `CD8B` are no numbers",
        "1 with a limit (`<0.5` of SIM-0090)",
        "cells of `age` are -999",
        "`SIM-0001` and `sim-0001`",
    ] {
        assert!(said.out.contains(part), "{part}: {}", said.out);
    }
}

/// What says that there is no value says so in every table, and is told of once.
#[test]
fn words_for_nothing_are_the_same_in_every_table() {
    let results = Results::empty();
    let (mut features, mut clinical) = ("patient,a,b,site\n".to_owned(), "patient,y,died,stage\n".to_owned());
    for at in 0..30 {
        let a = match at {
            3 => "NULL".to_owned(),
            4 => "-999".into(),
            5 => "<0.5".into(),
            _ => format!("{}.5", at % 7),
        };
        features += &format!("p{at},{a},{},{}\n", at % 5, ["north", "south", "?"][at % 3]);
        let y = if at == 6 { "#N/A".to_owned() } else { format!("{}", at % 11) };
        let died = ["dead", "alive", "unknown"][usize::from(at == 7) + at % 2];
        clinical += &format!("p{at},{y},{died},{}\n", if at == 8 { "<NA>" } else { "II" });
    }
    results.write("features.csv", &features);
    results.write("clinical.csv", &clinical);
    let text = "[plugins]\nuse = [\"predict-elastic-net\"]\n[cohorts.all]\nfeatures = \"features.csv\"\ntables = \
                \"clinical.csv\"\n[learn.m]\nplugin = \"predict-elastic-net\"\ncohort = \"all\"\ntarget = { number = \"y\" }\nalpha = \
                [0.5]\nfolds = 3\nouter_folds = 0\n[evaluate.s]\ncohort = \"all\"\nscore = \"m\"\noutcome = { time = \"y\", event = \
                \"died\", seen = \"dead\", unit = \"months\" }\n";
    let path = results.write("study.toml", text).display().to_string();
    let said = voxomics_tests::run(["check", &path]);
    assert_eq!(said.code, Some(0), "{said:?}");
    for part in [
        "13 cells of 4 columns count as missing, as their words seem to say: `?` in `site` of p2",
        "1 cells in 1 of 2 columns of features are no numbers and count as missing; the first, in `a`: `<0.5` of p5",
        "1 cells in 1 of 2 columns of features seem to mean that there is no value: -999 in `a`, where the others are 0.5 to 6.5",
        "1 of 30 cells of `died` seem to say that nobody knows, and count as censored: `unknown` of p7",
        "1 with levels: site (north, south)",
    ] {
        assert_eq!(said.out.matches(part).count(), 1, "{part}: {}", said.out);
    }
}

/// Columns may be called as it pleases whoever made the table; two inputs of one name are refused before anything is learnt.
#[test]
fn names_may_hold_the_signs_that_part_regions_and_levels() {
    let results = Results::empty();
    let mut features = "patient,a:ge,b=mi,\"los, days\",hr.é,site,y\n".to_owned();
    for at in 0..40 {
        let site = ["\"C, x\"", "A:1", "B=2"][at % 3];
        features +=
            &format!("p{at},{},{},{},{},{site},{}\n", at % 7, at % 5, at % 11, at % 3, at % 7 + at % 5 + at % 2);
    }
    results.write("features.csv", &features);
    let text = "[plugins]\nuse = [\"predict-elastic-net\"]\n[cohorts.all]\nfeatures = \"features.csv\"\n[learn.m]\nplugin = \
                \"predict-elastic-net\"\ncohort = \"all\"\ntarget = { number = \"y\" }\nwithout = \"y\"\nalpha = [0.5]\nlambdas = \
                30\nfolds = 3\nouter_folds = 3\n[evaluate.y]\ncohort = \"all\"\nscore = \"m\"\noutcome = { number = \"y\" }\n";
    let said = results.run(&results.write("study.toml", text), &["--until", "evaluate"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let model = results.read("models/m.toml");
    for name in ["a:ge", "b=mi", "los, days", "hr.é", "site=A:1", "site=B=2", "site=C, x"] {
        assert!(model.contains(&format!("name = \"{name}\"")), "{name}: {model}");
    }
    // The file is read again, and scores the same.
    let scores = results.table("all/scores.csv");
    let given = text.split("[learn.m]").next().expect("a beginning").to_owned()
        + "[predict.m]\nplugin = \"predict-elastic-net\"\nmodel = \"given.toml\"\n";
    results.write("given.toml", &model);
    let said = results.run(&results.write("score.toml", &given), &["--until", "score", "--replace"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert_eq!(results.table("all/scores.csv"), scores);
    results.write("features.csv", &features.replace("hr.é", "site=A:1"));
    let path = results.path().join("study.toml").display().to_string();
    let said = voxomics_tests::run(["check", &path]);
    assert!(said.code == Some(2) && said.err.contains("two inputs are called `site=A:1`"), "{said:?}");
}

/// Features as PyRadiomics writes them, and a clinical table: no scan, no region, no section for each column.
#[test]
fn a_study_of_tables_needs_no_scan() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("a file");
    let (mut features, mut clinical) = (
        "patient,Image,diagnostics_Versions_Numpy,original_firstorder_Mean,original_glcm_Idm,sex\n".to_owned(),
        "patient,response,os,dead\n".to_owned(),
    );
    for at in 0..60 {
        let (signal, noise) = ((at * 37 % 60) as f64 / 10.0, (at * 17 % 23) as f64);
        let sex = if at % 2 == 0 { "f" } else { "m" };
        features += &format!("p{at},scan{at}.nii,1.2,{},{},{sex}\n", 1000.0 * signal, noise);
        let response = u8::from(signal + noise / 20.0 > 3.4);
        clinical += &format!("p{at},{response},{},{}\n", 3 + at % 40, at % 3);
    }
    write("radiomics.csv", &features);
    write("clinical.csv", &clinical);
    let text = "[plugins]\nuse = [\"predict-elastic-net\"]\n[cohorts.all]\nfeatures = \"radiomics.csv\"\ncolumns = [\"original_*\", \
                \"sex\"]\ntables = \"clinical.csv\"\n[learn.m]\nplugin = \"predict-elastic-net\"\ncohort = \"all\"\ntarget = { class \
                = \"response\", positive = 1 }\nalpha = [0.5]\n[evaluate.response]\ncohort = \"all\"\nscore = \"m\"\noutcome = { class = \
                \"response\", positive = 1 }\n[report]\n";
    write("study.toml", text);
    let path = folder.path().join("study.toml").display().to_string();
    let checked = voxomics_tests::run(["check", &path]);
    assert_eq!(checked.code, Some(0), "{checked:?}");
    let said = "inputs from tables: 2 numbers; 1 with levels: sex (f, m)";
    assert!(checked.out.contains(said), "{}", checked.out);
    let out = folder.path().join("out");
    let said = voxomics_tests::run(["run", &path, "--out", &out.display().to_string()]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let model = std::fs::read_to_string(out.join("models/m.toml")).expect("a model");
    assert!(model.contains("name = \"original_firstorder_Mean\"") && model.contains("rows = 60"), "{model}");
    assert!(!model.contains("diagnostics") || !model.contains("Numpy"), "no pattern fits it");
    let scores = voxomics_tests::table(&out.join("all/scores.csv"));
    assert!(scores.len() == 60 && scores.iter().all(|row| row["status"] == "ok"), "{}", scores.len());
    assert!(out.join("report/report.html").exists());
    // Sorted otherwise, and by another name: the same model.
    let mut lines: Vec<&str> = features.lines().collect();
    lines[1..].reverse();
    write("radiomics.csv", &(lines.join("\n") + "\n"));
    write("study.toml", &text.replace("[learn.m]", "[learn.other]").replace("score = \"m\"", "score = \"other\""));
    let said = voxomics_tests::run(["run", &path, "--out", &out.display().to_string()]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let other = std::fs::read_to_string(out.join("models/other.toml")).expect("a model");
    let of = |text: &str| -> Vec<String> {
        let kept = text.lines().filter(|line| {
            !["name = \"m\"", "name = \"other\"", "content", "digest", "beside"]
                .iter()
                .any(|start| line.starts_with(start))
        });
        kept.map(str::to_owned).collect()
    };
    assert_eq!(of(&model), of(&other));
}

/// Three sites, none of which half of the patients have: the medians of all three are 0, and no patient is of none.
#[test]
fn a_blank_of_a_covariate_of_three_levels_becomes_the_most_frequent_one() {
    let results = Results::empty();
    let mut table = "patient,site,size,y\n".to_owned();
    let site = |row: usize| match row % 10 {
        0..4 => "liver",
        4..7 => "lung",
        7 => "",
        _ => "bone",
    };
    for row in 0..90 {
        let effect = match site(row) {
            "liver" => 1.0,
            "lung" => 4.0,
            _ => 9.0,
        };
        table += &format!("p{row},{},{},{}\n", site(row), (row * 29) % 17, effect + (row * 7 % 5) as f64 / 10.0);
    }
    results.write("features.csv", &table);
    let learner = |plugin: &str| {
        format!(
            "[learn.{plugin}]\nplugin = \"predict-{plugin}\"\ncohort = \"all\"\ntarget = {{ number = \"y\" }}\nwithout = \"y\"\n"
        )
    };
    let text = format!(
        "[plugins]\nuse = [\"predict-elastic-net\", \"predict-boosting\", \"predict-forest\"]\n[cohorts.all]\nfeatures = \
         \"features.csv\"\n{}alpha = [0.5]\nfolds = 3\n{}trees = 5\n{}trees = 5\n",
        learner("elastic-net"),
        learner("boosting"),
        learner("forest"),
    );
    let said = results.run(&results.write("study.toml", &text), &[]);
    assert_eq!(said.code, Some(0), "{said:?}");
    for model in ["elastic-net", "boosting", "forest"] {
        let model = results.read(&format!("models/{model}.toml"));
        let of = |name: &str| -> f64 {
            let input = model.split("[[input]]").find(|input| input.contains(&format!("name = \"{name}\"")));
            let imputed = input.and_then(|input| input.lines().find_map(|line| line.strip_prefix("imputed = ")));
            imputed.map_or(0.0, |value| value.parse().expect("a number"))
        };
        let levels = ["bone", "liver", "lung"].map(|level| of(&format!("site={level}")));
        assert_eq!(levels, [0.0, 1.0, 0.0], "{model}");
    }
    let scores = results.table("all/scores.csv");
    let doubted = scores.iter().filter(|row| row["doubts"].contains("puts a value in its place")).count();
    assert_eq!(doubted, 3 * 9, "whose site is not known, by each model");
}

/// A table of features that holds copies of time and event under other names, and a date.
#[test]
fn copies_of_the_outcome_among_features_are_told_of_before_anything_is_learnt() {
    let results = Results::empty();
    let (header, mut clinical) = ("patient,size,scanned,copy\n", "patient,days,dead,y\n".to_owned());
    let copies = |row: usize| {
        let (days, dead) = (10 + (37 * row) % 91, row % 3 % 2);
        [days.to_string(), dead.to_string(), (30.4375 * days as f64).to_string(), ["alive", "dead"][dead].into()]
    };
    for row in 0..30 {
        let [days, dead, ..] = copies(row);
        clinical += &format!("p{row},{days},{dead},{}\n", (row * 7) % 11);
    }
    results.write("clinical.csv", &clinical);
    let check = |of: &dyn Fn(usize) -> String, target: &str| {
        let mut table = header.to_owned();
        (0..30).for_each(|row| {
            table += &format!("p{row},{},201{}0{}11,{}\n", (row * 5) % 13, row % 9, row % 9 + 1, of(row))
        });
        results.write("features.csv", &table);
        let text = format!(
            "[plugins]\nuse = [\"predict-elastic-net\"]\n[cohorts.all]\nfeatures = \"features.csv\"\ntables = \"clinical.csv\"\n\
             [learn.m]\nplugin = \"predict-elastic-net\"\ncohort = \"all\"\ntarget = {target}\nfolds = 3\nalpha = [0.5]\n"
        );
        let path = results.write("study.toml", &text).display().to_string();
        let said = voxomics_tests::run(["check", &path]);
        assert_eq!(said.code, Some(0), "{said:?}");
        format!("{}{}", said.out, said.err)
    };
    let survival = "{ time = \"days\", event = \"dead\", unit = \"days\" }";
    for (number, column, r) in [(0, "days", "1.000"), (1, "dead", "1.000"), (2, "days", "1.000"), (3, "dead", "-1.000")]
    {
        let said = check(&|row| copies(row)[number].clone(), survival);
        let input = if number == 3 { "copy=alive" } else { "copy" };
        let expected = format!("the input `{input}` goes with `{column}` almost perfectly (r = {r})");
        assert!(said.contains(&expected), "{number}: {said}");
        assert!(said.contains("1 left out as dates: scanned"), "{said}");
    }
    let said = check(&|row| ((row * 7) % 11 * 3).to_string(), "{ number = \"y\" }");
    assert!(said.contains("`copy` goes with `y` almost perfectly"), "{said}");
    let said = check(&|row| ((row * 11) % 7).to_string(), "{ number = \"y\" }");
    assert!(!said.contains("almost perfectly"), "{said}");
}
