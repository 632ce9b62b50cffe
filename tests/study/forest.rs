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

#[test]
fn a_forest_learns_the_order_of_times_and_no_risk_follows_from_it() {
    let results = Results::empty();
    let mut table = "patient,time,event,age,sex,ecog,karno\n".to_owned();
    LUNG.lines().skip(1).enumerate().for_each(|(at, line)| table += &format!("p{at:03},{line}\n"));
    results.write("lung.csv", &table);
    let outcome = "{ time = \"time\", event = \"event\", unit = \"days\" }";
    let text = format!(
        "[plugins]\nuse = [\"predict-forest\"]\n[cohorts.all]\nfeatures = \"lung.csv\"\n[learn.order]\n\
         plugin = \"predict-forest\"\ncohort = \"all\"\nwithout = [\"time\", \"event\"]\ntarget = {outcome}\ntrees = 60\n\
         min_samples_leaf = 15\nouter_folds = 4\nbaselines = false\n[evaluate.apparent]\ncohort = \"all\"\nscore = \"order\"\n\
         outcome = {outcome}\n[evaluate.unseen]\ncohort = \"all\"\nscore = \"order\"\noutcome = {outcome}\n\
         predictions = \"out of fold\"\n[report]\n"
    );
    let said = results.run(&results.write("study.toml", &text), &[]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let model = results.read("models/order.toml");
    assert!(model.contains("family = \"survival\"") && !model.contains("[risk]"), "{}", &model[..400]);
    let scores = results.table("all/scores.csv");
    assert!(scores.len() == 226 && scores.iter().all(|row| !row["output"].starts_with("risk")), "{}", scores.len());
    // A higher score has the earlier event: one can see it in the hazard ratio and in C.
    let study = results.study();
    for (name, least) in [("apparent", 0.65), ("unseen", 0.54)] {
        let of = study["evaluations"].as_array().expect("evaluations").iter().find(|one| one["name"] == name);
        let result = &of.expect("an evaluation")["result"];
        let c = result["concordance"]["value"].as_f64().expect("C");
        assert!(c > least && c < 0.85 && result["risk"].is_null(), "{name}: {c} {}", result["risk"]);
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
