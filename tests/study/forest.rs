//! A forest in a study: from scans to a report, the same at any number of threads, and its scores are those of its file.

use std::collections::BTreeMap;

use voxomics_tests::{Said, batch::Row};

use crate::support::{Results, without};

const LEARN: &str = r#"
[learn.signature]
plugin = "predict-forest"
cohort = "train"
target = { number = "CD8B" }
weights = "equal patients"
trees = 30
outer_folds = 3

[learn.phenotype]
plugin = "predict-forest"
cohort = "histological"
target = { class = "phenotype", positive = "inflamed", negative = "desert" }
trees = 30
max_depth = 3
min_samples_leaf = 2
mtry = 4
select_top = 10
outer_folds = 0

"#;

const MODELS: [&str; 2] = ["signature", "phenotype"];
const COHORTS: [&str; 4] = ["train", "genomic", "histological", "clinical"];

/// The quickstart with a forest, or a model of one, instead of its elastic net.
fn experiment(models: &str) -> String {
    let text = without("[learn.signature]", "[patients]").replace("predict-elastic-net", "predict-forest");
    let text = text.replace("[patients]", &format!("{models}[patients]"));
    let text =
        text.replace("spacing_mm = [1, 1, 1]", "spacing_mm = [2, 2, 2]").replace("patients = 200", "patients = 48");
    text.replace("[report]", "[report]\npictures = false")
}

/// A folder of results into which the experiment was run.
fn run(models: &str, more: &[&str]) -> (Results, Said) {
    let results = Results::new();
    let path = results.write("study.toml", &experiment(models));
    let said = results.run(&path, more);
    assert_eq!(said.code, Some(0), "{said:?}");
    (results, said)
}

#[test]
fn a_forest_learns_and_scores_as_its_file_says() {
    let (results, said) = run(LEARN, &["--threads", "3"]);
    assert!(said.out.contains("survival: ") && !said.out.contains("no result"), "{}", said.out);
    assert!(results.path().join("report/report.html").is_file());
    MODELS.iter().for_each(|name| are_those_of_the_file(&results, name));

    let (again, _) = run(LEARN, &["--threads", "1"]);
    for name in COHORTS.map(|cohort| format!("{cohort}/scores.csv")).iter().chain(&MODELS.map(file)) {
        assert!(results.read(name) == again.read(name), "{name} differs on one thread");
    }
    let predict = |name: &str| {
        let model = results.path().join(file(name));
        format!("[predict.{name}]\nplugin = \"predict-forest\"\nmodel = \"{}\"\n", model.display())
    };
    let (given, _) = run(&MODELS.map(predict).concat(), &["--until", "score"]);
    for name in COHORTS.map(|cohort| format!("{cohort}/scores.csv")) {
        assert_eq!(sorted(results.table(&name)), sorted(given.table(&name)), "{name} of the models that are given");
    }
}

fn file(name: &str) -> String {
    format!("models/{name}.toml")
}

/// Every score of a model, computed again from its file and the table of inputs.
fn are_those_of_the_file(results: &Results, name: &str) {
    let model = Model::of(&results.read(&file(name)));
    assert_eq!(model.trees.len(), 30, "{name}");
    let total: f64 = model.inputs.iter().filter_map(|input| number(input, "importance")).sum();
    assert!((total - 1.0).abs() < 1e-9, "{name}: {total}");
    let mut seen = 0;
    for cohort in COHORTS {
        let inputs = results.table(&format!("{cohort}/inputs.csv"));
        let inputs: BTreeMap<&str, &Row> = inputs.iter().map(|row| (row["case"].as_str(), row)).collect();
        let scores = results.table(&format!("{cohort}/scores.csv"));
        for row in scores.iter().filter(|row| row["model"] == name && row["status"] == "ok") {
            let score: f64 = row["value"].parse().expect("a number");
            let expected = model.score(inputs[row["case"].as_str()]);
            assert!((score - expected).abs() < 1e-12, "{name}, {}: {score}, {expected}", row["case"]);
            assert!(name == "signature" || (0.0..=1.0).contains(&score), "{score} is no probability");
            seen += 1;
        }
    }
    assert!(seen > 40, "{name}: {seen} scores");
}

/// Survival with advanced lung cancer (Loprinzi et al., J. Clin. Oncol. 12:601, 1994), as R's survival carries it.
const LUNG: &str = include_str!("../oracle/r/lung.csv");

/// A study of the table: forest, boosting and elastic net learn the time on the same folds.
fn learners_of_times(results: &Results) -> String {
    let mut table = "patient,time,event,age,sex,ecog,karno\n".to_owned();
    LUNG.lines().skip(1).enumerate().for_each(|(at, line)| table += &format!("p{at:03},{line}\n"));
    results.write("lung.csv", &table);
    let outcome = "{ time = \"time\", event = \"event\", unit = \"days\" }";
    let learn = |name: &str, plugin: &str, more: &str| {
        format!(
            "[learn.{name}]\nplugin = \"{plugin}\"\ncohort = \"all\"\nwithout = [\"time\", \"event\"]\ntarget = {outcome}\n\
             outer_folds = 4\nbaselines = false\nhorizons = [180, 365]\n{more}"
        )
    };
    let evaluate = |name: &str, score: &str, more: &str| {
        format!("[evaluate.{name}]\ncohort = \"all\"\nscore = \"{score}\"\noutcome = {outcome}\n{more}")
    };
    let unseen = "predictions = \"out of fold\"\n";
    [
        "[plugins]\nuse = [\"predict-forest\", \"predict-boosting\", \"predict-elastic-net\"]\n[cohorts.all]\nfeatures = \"lung.csv\"\n",
        &learn("forest", "predict-forest", "trees = 60\nmin_samples_leaf = 15\n"),
        &learn("boosting", "predict-boosting", "trees = 20\nmax_depth = 2\n"),
        &learn("net", "predict-elastic-net", "alpha = [1]\nlambdas = 20\nfolds = 4\n"),
        &evaluate("apparent", "forest", ""),
        &evaluate("unseen", "forest", unseen),
        &evaluate("other", "forest", "horizons = [365, 500]\n"),
        &evaluate("boosted", "boosting", unseen),
        "[report]\n",
    ]
    .concat()
}

#[test]
fn learners_of_times_tell_risks_and_stand_in_one_table() {
    let results = Results::empty();
    let text = learners_of_times(&results);
    let said = results.run(&results.write("study.toml", &text), &[]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let model = results.read("models/forest.toml");
    assert!(
        model.contains("family = \"survival\"")
            && model.contains("unit = \"days\"\nhorizons = [\n    180.0,\n    365.0,\n]"),
        "{}",
        &model[..400]
    );
    let boosting = results.read("models/boosting.toml");
    assert!(boosting.contains("family = \"cox\"") && boosting.contains("cumulative_hazard"), "{}", &boosting[..400]);
    // Each patient has a score and two risks by each of the three models.
    let scores = results.table("all/scores.csv");
    assert_eq!(scores.len(), 226 * 3 * 3);
    for output in ["risk_180_days", "risk_365_days"] {
        let risks = scores.iter().filter(|row| row["output"] == output);
        let risks: Vec<f64> = risks.map(|row| row["value"].parse().expect("a number")).collect();
        assert!(risks.len() == 226 * 3 && risks.iter().all(|risk| (0.0..=1.0).contains(risk)), "{output}");
    }
    let study = results.study();
    let result = |name: &str| {
        let all = study["evaluations"].as_array().expect("evaluations");
        all.iter().find(|one| one["name"] == name).expect("an evaluation").clone()
    };
    // A higher score has the earlier event: one can see it in C. The risks are about right on patients whom the trees have not seen.
    for (name, least) in [("apparent", 0.65), ("unseen", 0.54), ("boosted", 0.54)] {
        let of = result(name);
        let (c, risk) = (&of["result"]["concordance"]["value"], &of["result"]["risk"]);
        assert!(c.as_f64().is_some_and(|c| c > least && c < 0.85), "{name}: {c}");
        let at = risk["at"].as_array().expect("risks at times");
        assert_eq!(at.iter().map(|at| at["time"].as_f64()).collect::<Vec<_>>(), [Some(180.0), Some(365.0)], "{name}");
        for at in at {
            let [ratio, brier, reference] =
                [&at["ratio"]["value"], &at["error"]["brier"]["value"], &at["error"]["reference"]]
                    .map(|value| value.as_f64().expect("a number"));
            assert!((0.7..1.4).contains(&ratio) && brier < 1.2 * reference, "{name}: {ratio} {brier} {reference}");
            assert!(at["decision"]["model"].as_array().is_some_and(|curve| curve.len() > 50), "{name}");
        }
        // The forest tells nothing between its times, and its score is no hazard that a slope could be of.
        assert_eq!(risk["integrated"].is_null() && risk["slope"].is_null(), name != "boosted", "{name}");
    }
    let other = result("other");
    assert_eq!(other["result"]["risk"]["at"].as_array().map(Vec::len), Some(1));
    assert!(other["notes"].to_string().contains("Risk at 500: the model tells none then"), "{}", other["notes"]);
    let compared = &study["compared"][0];
    let names: Vec<&str> =
        compared["rows"].as_array().expect("rows").iter().filter_map(|row| row["name"].as_str()).collect();
    assert_eq!(names, ["forest", "boosting", "net"], "{compared}");
    assert!(compared["rows"][1]["difference"]["low"].is_number(), "{compared}");
    // The same models on one thread, and of a table in another order.
    let again = Results::empty();
    let text = learners_of_times(&again);
    let table = again.read("lung.csv");
    let mut lines: Vec<&str> = table.lines().collect();
    lines[1..].reverse();
    again.write("lung.csv", &(lines.join("\n") + "\n"));
    let said = again.run(&again.write("study.toml", &text), &["--threads", "1"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    for name in ["forest", "boosting", "net"] {
        assert!(
            results.read(&file(name)) == again.read(&file(name)),
            "{name} depends on threads or on the order of rows"
        );
    }
}

fn sorted(mut rows: Vec<Row>) -> Vec<Row> {
    rows.sort();
    rows
}

/// What a model file says, read without the plugin.
struct Model {
    inputs: Vec<String>,
    trees: Vec<[Vec<f64>; 5]>,
}

impl Model {
    fn of(text: &str) -> Self {
        let tables = |name: &str| -> Vec<String> {
            let head = format!("\n[[{name}]]\n");
            let parts = text.split(&head).skip(1);
            parts.map(|part| part.split("\n\n").next().unwrap_or(part).to_owned()).collect()
        };
        let list = |tree: &str, key: &str| {
            let (_, rest) = tree.split_once(&format!("{key} = [")).expect("a list");
            let cells = rest.split(']').next().expect("its end").split(',').map(str::trim);
            cells.filter(|cell| !cell.is_empty()).map(|cell| cell.parse().expect("a number")).collect()
        };
        let lists = |tree: &String| ["feature", "threshold", "left", "right", "value"].map(|key| list(tree, key));
        Self { inputs: tables("input"), trees: tables("tree").iter().map(lists).collect() }
    }

    /// The mean of the leaves of a case.
    fn score(&self, case: &Row) -> f64 {
        let x = |input: &String| {
            let name = input.lines().find_map(|line| line.strip_prefix("name = ")).expect("a name").trim_matches('"');
            case[name].parse().ok().or_else(|| number(input, "imputed")).expect("a value")
        };
        let x: Vec<f64> = self.inputs.iter().map(x).collect();
        let leaf = |[feature, threshold, left, right, value]: &[Vec<f64>; 5]| {
            let mut at = 0;
            while feature[at] >= 0.0 {
                at = if x[feature[at] as usize] <= threshold[at] { left[at] } else { right[at] } as usize;
            }
            value[at]
        };
        self.trees.iter().map(leaf).sum::<f64>() / self.trees.len() as f64
    }
}

fn number(table: &str, key: &str) -> Option<f64> {
    table.lines().find_map(|line| line.strip_prefix(&format!("{key} = "))?.parse().ok())
}
