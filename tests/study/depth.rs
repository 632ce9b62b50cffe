//! A study of the only cohort that there is: scores out of fold, folds that come back, risks.

use serde_json::Value as Json;

use crate::support::Results;

/// Survival with advanced lung cancer (Loprinzi et al., J. Clin. Oncol. 12:601, 1994), as R's survival carries it.
const LUNG: &str = include_str!("../oracle/r/lung.csv");

/// The table as one of features and one of patients.
fn lung(results: &Results) {
    let (mut features, mut clinical) = ("patient,age,sex,ecog,karno\n".to_owned(), "patient,time,event\n".to_owned());
    for (at, line) in LUNG.lines().skip(1).enumerate() {
        let (time, rest) = line.split_once(',').expect("a time");
        let (event, inputs) = rest.split_once(',').expect("an event");
        features += &format!("p{at:03},{inputs}\n");
        clinical += &format!("p{at:03},{time},{event}\n");
    }
    results.write("features.csv", &features);
    results.write("clinical.csv", &clinical);
}

fn experiment(tables: &str, learn: &str, more: &str) -> String {
    format!(
        r#"
[plugins]
use = ["predict-elastic-net"]
[cohorts.all]
features = "features.csv"
tables = [{tables}]
[learn.signature]
plugin = "predict-elastic-net"
cohort = "all"
target = {{ time = "time", event = "event", unit = "days" }}
alpha = [0.5]
lambdas = 20
folds = 4
{learn}
{more}
[report]
title = "Lung"
"#
    )
}

const EVALUATE: &str = r#"
[evaluate.apparent]
cohort = "all"
score = "signature"
outcome = { time = "time", event = "event", unit = "days" }
horizons = [180, 365]
[evaluate.unseen]
cohort = "all"
score = "signature"
predictions = "out of fold"
outcome = { time = "time", event = "event", unit = "days" }
horizons = [180, 365]
"#;

fn json(results: &Results, name: &str) -> Json {
    serde_json::from_str(&results.read(name)).expect("JSON")
}

#[test]
fn the_only_cohort_is_looked_at_out_of_fold_and_folds_come_back() {
    let results = Results::empty();
    lung(&results);
    let text = experiment("\"clinical.csv\"", "outer_folds = 4\nouter_repeats = 2\nhorizons = [365]", EVALUATE);
    let said = results.run(&results.write("study.toml", &text), &[]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(said.out.contains("unseen: ") && said.out.contains("[out of fold]"), "{}", said.out);
    let study = json(&results, "study.json");
    let of = |name: &str| {
        let all = study["evaluations"].as_array().expect("evaluations");
        all.iter().find(|one| one["name"] == name).expect("an evaluation").clone()
    };
    let (apparent, unseen) = (of("apparent"), of("unseen"));
    assert_eq!((&unseen["predictions"], &unseen["seen"]), (&"out of fold".into(), &Json::Null));
    assert_eq!(apparent["predictions"], "");
    // Out of fold there is no p-value, and no median of the training of everybody.
    assert!(unseen["result"]["log_rank"].is_null() && !apparent["result"]["log_rank"].is_null());
    assert!(unseen["result"]["split"].as_str().expect("a split").contains("training part of each outer fold"));
    let c = |one: &Json| one["result"]["concordance"]["value"].as_f64().expect("C");
    assert!(c(&unseen) > 0.5 && c(&unseen) < c(&apparent), "{} and {}", c(&unseen), c(&apparent));
    for (one, what) in [(&apparent, "apparent"), (&unseen, "unseen")] {
        let risk = &one["result"]["risk"];
        let times: Vec<f64> = risk["at"].as_array().expect(what).iter().filter_map(|at| at["time"].as_f64()).collect();
        assert_eq!(times, [180.0, 365.0], "{what}");
        for at in risk["at"].as_array().expect(what) {
            let number = |value: &Json| value.as_f64().expect("a number");
            let (ratio, brier) = (number(&at["ratio"]["value"]), number(&at["error"]["brier"]["value"]));
            assert!((0.85..1.15).contains(&ratio) && (0.1..0.26).contains(&brier), "{what}: {ratio}, {brier}");
        }
        assert!(
            risk["integrated"]["brier"]["value"].as_f64().is_some()
                && one["result"]["uno"][1]["value"].as_f64().is_some()
        );
    }
    let page = results.read("report/report.html");
    assert!(page.contains("Out of fold:") && page.contains("Risk at a time"), "the page");
    // The risk at the horizon of the model stands beside each score, and rises with it.
    let scores = results.table("all/scores.csv");
    let (mut of_scores, mut of_risks): (Vec<f64>, Vec<f64>) = (Vec::new(), Vec::new());
    for row in &scores {
        let value = row["value"].parse().expect("a number");
        if row["output"] == "risk_365_days" { of_risks.push(value) } else { of_scores.push(value) }
    }
    assert_eq!((of_scores.len(), of_risks.len()), (226, 226));
    let model = results.read("models/signature.toml");
    let risk = model.split("[risk]").nth(1).expect("a baseline");
    let numbers = |key: &str| -> Vec<f64> {
        let list = risk.split(&format!("\n{key} = [")).nth(1).expect(key).split(']').next().expect("its end");
        list.split(',')
            .map(str::trim)
            .filter(|text| !text.is_empty())
            .map(|text| text.parse().expect("a number"))
            .collect()
    };
    let passed = numbers("time").iter().filter(|time| **time <= 365.0).count();
    let hazard = numbers("cumulative_hazard")[passed - 1];
    for (score, risk) in of_scores.iter().zip(&of_risks) {
        assert!((1.0 - (-hazard * score.exp()).exp() - risk).abs() < 1e-12, "{score} {risk}");
    }

    // The file of folds, given back as a table of patients, deals the same folds, also within each outer one: the model and all that
    // is told of it are the same to the last bit, but what the experiments state otherwise.
    let folds = results.read("folds/signature.csv");
    let header = folds.lines().next().expect("a header");
    assert!(header.starts_with("patient,outer_1,outer_2,inner_1,inner_1_without_1,inner_1_without_2"), "{header}");
    assert!(header.ends_with("inner_1_without_8"), "{header}");
    let (first, model) = (json(&results, "models/signature.training.json"), results.read("models/signature.toml"));
    results.write("folds.csv", &folds);
    // Other folds, if the file did not say which.
    let again = experiment(
        "\"clinical.csv\", \"folds.csv\"",
        "outer_folds = [\"outer_1\", \"outer_2\"]\nhorizons = [365]\nseed = 999",
        "",
    );
    let again = again.replace("folds = 4\n", "folds = \"inner_1\"\n");
    let said = results.run(&results.write("again.toml", &again), &["--until", "train", "--replace"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let second = json(&results, "models/signature.training.json");
    assert_eq!(second["outer"]["models"].as_array().expect("models").len(), 8);
    assert_eq!(first["outer"], second["outer"]);
    assert_eq!(first["out_of_fold"], second["out_of_fold"]);
    let figures = |model: &str| -> Vec<String> {
        // What the experiments state otherwise, with its digests; cut-offs come with scores.
        let stated = ["seed", "digest", "content", "folds", "outer_folds", "outer_repeats", "experiment"];
        let model = model.split("\n[cutoffs]").next().unwrap_or_default().trim_end();
        let told = |line: &&str| !stated.contains(&line.split(" = ").next().unwrap_or_default());
        model.lines().filter(told).map(str::to_owned).collect()
    };
    assert_eq!(figures(&model), figures(&results.read("models/signature.toml")));
    assert_eq!(results.read("folds/signature.csv"), folds);
}

/// Folds by time: each period is tested by the model of the others, and whoever has no date is named before anything is read.
#[test]
fn periods_of_time_are_folds() {
    let results = Results::empty();
    lung(&results);
    let clinical = results.read("clinical.csv");
    let dated = |gap: usize| -> String {
        let line = |(at, line): (usize, &str)| match at {
            0 => format!("{line},scanned\n"),
            _ if at == gap => format!("{line},\n"),
            _ => format!("{line},{}-{:02}-15\n", 2010 + at % 8, at % 12 + 1),
        };
        clinical.lines().enumerate().map(line).collect()
    };
    let text = experiment("\"clinical.csv\"", "outer_folds = { date = \"scanned\", periods = 4 }", EVALUATE);
    let path = results.write("study.toml", &text);
    results.write("clinical.csv", &dated(7));
    let check = || voxomics_tests::run(["check".to_owned(), path.display().to_string(), "--no-open".into()]);
    let said = check();
    assert!(said.code == Some(2) && said.err.contains("the folds of `scanned`: p006 has no value of it"), "{said:?}");
    assert!(said.err.contains("study.toml:"), "{said:?}");
    results.write("clinical.csv", &dated(usize::MAX));
    assert_eq!(check().code, Some(0));
    let said = results.run(&path, &[]);
    assert_eq!(said.code, Some(0), "{said:?}");
    // Two years a fold.
    let folds = results.table("folds/signature.csv");
    assert_eq!(folds.len(), 226);
    for row in &folds {
        let id: usize = row["patient"][1..].parse().expect("a number");
        assert_eq!(row["outer_1"], ((id + 1) % 8 / 2 + 1).to_string(), "{row:?}");
    }
    let page = results.read("report/report.html");
    assert!(page.contains("Outer folds are 4 periods of scanned, of about as many patients each."), "the methods");
    for (outer, message) in [
        ("{ date = \"scanned\" }", "either `periods` says how many there are, or `limits`"),
        ("{ date = \"scaned\", periods = 2 }", "has a column `scaned`; did you mean `scanned`?"),
        ("{ date = \"scanned\", periods = 1 }", "`periods` is 1, expected 2 or more"),
        ("{ date = \"scanned\", number = \"time\", periods = 3 }", "either `date` or `number`"),
        ("{ number = \"time\", limits = [\"2015-01-01\"] }", "expected numbers"),
        ("{ date = \"scanned\", period = 3 }", "there is no key `period`"),
        ("{ date = \"scanned\", limits = [\"2012-01-01\", \"2030-01-01\"] }", "nobody is from 2030-01-01 on"),
    ] {
        let text = experiment("\"clinical.csv\"", &format!("outer_folds = {outer}"), "");
        let said = results.run(&results.write("no.toml", &text), &["--until", "train", "--replace"]);
        assert!(
            said.code == Some(2) && said.err.contains(message) && said.err.contains("no.toml:"),
            "{outer}: {said:?}"
        );
    }
}

#[test]
fn penalty_factors_are_shown_with_the_names_of_their_inputs() {
    let results = Results::empty();
    lung(&results);
    let text = experiment("\"clinical.csv\"", "penalty_factors = [0, 1, 2.5, 1]", "");
    let path = results.write("study.toml", &text);
    let said = voxomics_tests::run(["check".to_owned(), path.display().to_string(), "--no-open".into()]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(
        said.out.contains("[learn.signature] penalty_factors: age = 0, ecog = 1, karno = 2.5, sex = 1"),
        "{}",
        said.out
    );
}

#[test]
fn out_of_fold_scores_that_cannot_be_are_refused() {
    let results = Results::empty();
    lung(&results);
    for (learn, more, why) in [
        ("outer_folds = 0", EVALUATE.to_owned(), "`outer_folds = 0`"),
        (
            "",
            EVALUATE.replace("cohort = \"all\"", "cohort = \"other\"")
                + "[cohorts.other]\nfeatures = \"features.csv\"\ntables = \"clinical.csv\"\n",
            "not learnt from `other`",
        ),
        ("", EVALUATE.replace("[180, 365]", "[0]"), "expected times above 0"),
    ] {
        let text = experiment("\"clinical.csv\"", learn, &more);
        let said = results.run(&results.write("study.toml", &text), &["--until", "extract", "--replace"]);
        assert!(said.code != Some(0) && said.err.contains(why), "{why}: {said:?}");
    }
}

#[test]
fn a_signature_stands_beside_its_baselines_and_its_inputs_beside_those_of_the_folds() {
    let results = Results::empty();
    lung(&results);
    let covariates = "[covariates.age]\n[covariates.sex]\n";
    let second = "[learn.other]\nplugin = \"predict-elastic-net\"\ncohort = \"all\"\ntarget = { time = \"time\", event = \"event\", unit = \
                  \"days\" }\nalpha = [1]\nlambdas = 20\nfolds = 4\nouter_folds = 4\nbaselines = false\n";
    let text = experiment("\"clinical.csv\"", "outer_folds = 4", &format!("{second}{covariates}"));
    let path = results.write("study.toml", &text);
    let said = results.run(&path, &[]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let study = json(&results, "study.json");
    let compared = &study["compared"][0];
    let names: Vec<&str> =
        compared["rows"].as_array().expect("rows").iter().filter_map(|row| row["name"].as_str()).collect();
    assert_eq!(names, ["signature", "signature: clinical alone", "other"], "{compared}");
    assert_eq!((&compared["measure"], &compared["folds"]), (&"concordance".into(), &4.into()));
    assert!(compared["rows"][0]["difference"].is_null());
    let number = |value: &Json| value.as_f64().expect("a number");
    let (first, other, difference) = (
        number(&compared["rows"][0]["value"]["value"]),
        number(&compared["rows"][2]["value"]["value"]),
        &compared["rows"][2]["difference"],
    );
    assert!((number(&difference["value"]) - (other - first)).abs() < 1e-12, "{difference}");
    assert!(number(&difference["low"]) < number(&difference["high"]));
    // The figure of the table is the mean over the folds, as in the model file.
    let signature = &study["models"][0];
    let stated = signature["performance"].as_array().expect("figures");
    let c = stated.iter().find(|figure| figure["name"] == "concordance").expect("C");
    assert!((number(&c["estimate"]["value"]) - first).abs() < 0.02, "{c}");
    let stability = signature["stability"].as_array().expect("inputs");
    assert!(!stability.is_empty());
    for input in stability {
        assert!(input["chosen"].as_u64() <= Some(4) && input["of"] == 4, "{input}");
        let (low, mean, high) =
            (&input["coefficient"]["low"], &input["coefficient"]["value"], &input["coefficient"]["high"]);
        assert!(number(low) <= number(mean) && number(mean) <= number(high), "{input}");
        assert!(input["importance"]["value"].as_f64().is_some(), "{input}");
    }
    // What tells most is missed most: ECOG's performance status in lung cancer.
    let of = |name: &str| {
        let found = stability.iter().find(|input| input["input"] == name);
        found.map_or(0.0, |input| number(&input["importance"]["value"]))
    };
    assert!(of("ecog") > 0.0, "{stability:?}");
    let page = results.read("report/report.html");
    assert!(page.contains("Learners on the same folds") && page.contains("The same input in every fold?"));
    // Riley's criteria are asked before anything is learnt.
    let checked = voxomics_tests::run(["check".to_owned(), path.display().to_string(), "--no-open".into()]);
    assert!(checked.out.contains("events for 4 inputs") && checked.out.contains("Riley"), "{checked:?}");
}

#[test]
fn competing_events_and_balanced_classes_are_what_they_say() {
    let results = Results::empty();
    lung(&results);
    let more = EVALUATE
        .replace("unit = \"days\" }", "unit = \"days\", seen = [\"1\"], competing = [\"0\"] }")
        .replace("horizons = [180, 365]\n", "");
    let said =
        results.run(&results.write("study.toml", &experiment("\"clinical.csv\"", "outer_folds = 3", &more)), &[]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let study = json(&results, "study.json");
    let incidence = study["evaluations"][0]["result"]["incidence"].as_array().expect("groups").clone();
    assert_eq!(incidence.len(), 2);
    assert!(study["evaluations"][0]["result"]["risk"].is_null());
    // Everybody has one event or the other: Gray's test and the model of Fine and Gray look at how many have the first.
    let result = &study["evaluations"][0]["result"];
    assert!(result["gray"][2].as_f64().is_some_and(|p| (0.0..=1.0).contains(&p)), "{}", result["gray"]);
    let models = result["fine_gray"].as_array().expect("models");
    assert_eq!(models.len(), 2);
    for model in models {
        assert!(model["rows"][0][1]["value"].as_f64().is_some_and(|ratio| ratio > 0.0), "{model}");
    }
    let page = results.read("report/report.html");
    for words in ["Cumulative incidence", "Gray’s test", "Model of Fine and Gray", "Subdistribution hazard ratio"] {
        assert!(page.contains(words), "{words}");
    }
    let refused = more.replace(", seen = [\"1\"]", "");
    let said = results.run(
        &results.write("no.toml", &experiment("\"clinical.csv\"", "", &refused)),
        &["--until", "extract", "--replace"],
    );
    assert!(said.code != Some(0) && said.err.contains("`competing` needs `seen`"), "{said:?}");
    let weighted = experiment("\"clinical.csv\"", "weights = \"balanced classes\"", "");
    let said = results.run(&results.write("no.toml", &weighted), &["--until", "extract", "--replace"]);
    assert!(said.code != Some(0) && said.err.contains("needs a target of two classes"), "{said:?}");
}

#[test]
fn the_optimism_of_a_model_is_taken_off_what_it_has_on_its_own_patients() {
    let results = Results::empty();
    lung(&results);
    let text = experiment("\"clinical.csv\"", "outer_folds = 0\nbootstrap = 20", "");
    let said = results.run(&results.write("study.toml", &text), &[]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let told = json(&results, "models/signature.training.json");
    let figure = &told["optimism"]["figure"][0];
    let number = |key: &str| figure[key].as_f64().expect("a number");
    assert_eq!((&figure["measure"], &told["optimism"]["failed"]), (&"concordance".into(), &0.into()));
    assert!((number("apparent") - number("optimism") - number("corrected")).abs() < 1e-15);
    // Four inputs of 226 patients: a little, and not nothing.
    assert!((0.0..0.05).contains(&number("optimism")) && number("corrected") > 0.55, "{figure}");
    assert!(results.read("report/report.html").contains("corrected by bootstrap"));
    let few = experiment("\"clinical.csv\"", "bootstrap = 3", "");
    let said = results.run(&results.write("few.toml", &few), &["--until", "extract", "--replace"]);
    assert!(said.code != Some(0) && said.err.contains("20 to 10000 resamples"), "{said:?}");
}
