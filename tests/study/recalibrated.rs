//! A model of one cohort in another whose risk is another: recalibrated there, and used as a file.

use serde_json::Value as Json;

use crate::support::Results;

/// Survival with advanced lung cancer (Loprinzi et al., J. Clin. Oncol. 12:601, 1994), as R's survival carries it.
const LUNG: &str = include_str!("../oracle/r/lung.csv");

/// Every third patient is of another hospital, where everything takes twice as long; a number and a class follow the age.
fn lung(results: &Results) {
    let header = "patient,age,sex,ecog,karno,time,event,number,class\n";
    let (mut home, mut away, mut later) = (header.to_owned(), header.to_owned(), header.to_owned());
    for (at, line) in LUNG.lines().skip(1).enumerate() {
        let cells: Vec<f64> = line.split(',').map(|cell| cell.parse().expect("a number")).collect();
        let [time, event, age, sex, ecog, karno] = cells[..] else { panic!("{line}") };
        let noise = ((at * 37) % 20) as f64 - 10.0;
        let row = |slower: f64, stretch: f64, moved: f64| {
            let number = stretch * (age + 0.5 * noise) + moved;
            let class = u8::from(age + 2.0 * noise > 62.0 - moved);
            format!("p{at:03},{age},{sex},{ecog},{karno},{},{event},{number},{class}\n", slower * time)
        };
        match at % 3 {
            0 => home += &row(1.0, 1.0, 0.0),
            1 => away += &row(2.0, 3.0, 10.0),
            _ => later += &row(2.0, 3.0, 10.0),
        }
    }
    [("home.csv", home), ("away.csv", away), ("later.csv", later)].iter().for_each(|(name, text)| {
        results.write(name, text);
    });
}

const COHORTS: &str = r#"
[plugins]
use = ["predict-elastic-net"]
[cohorts.home]
features = "home.csv"
columns = ["age", "sex", "ecog", "karno"]
[cohorts.away]
features = "away.csv"
columns = ["age", "sex", "ecog", "karno"]
[cohorts.later]
features = "later.csv"
columns = ["age", "sex", "ecog", "karno"]
"#;

fn learn(name: &str, target: &str, more: &str) -> String {
    format!(
        "[learn.{name}]\nplugin = \"predict-elastic-net\"\ncohort = \"home\"\ntarget = {target}\nalpha = [0.1]\nlambdas = \
         20\nfolds = 4\nouter_folds = 0\n{more}"
    )
}

fn evaluate(name: &str, score: &str, cohort: &str, outcome: &str, more: &str) -> String {
    format!("[evaluate.{name}]\ncohort = \"{cohort}\"\nscore = \"{score}\"\noutcome = {outcome}\n{more}")
}

const TIME: &str = "{ time = \"time\", event = \"event\", unit = \"days\" }";
const NUMBER: &str = "{ number = \"number\" }";
const CLASS: &str = "{ class = \"class\", positive = 1 }";

fn scores(results: &Results, model: &str) -> Vec<f64> {
    let rows = results.table("later/scores.csv");
    let of = rows.iter().filter(|row| row["model"] == model && !row["output"].starts_with("risk"));
    of.map(|row| row["value"].parse().expect("a score")).collect()
}

#[test]
fn a_recalibrated_model_is_right_on_average_in_the_other_hospital() {
    let results = Results::empty();
    lung(&results);
    let slope = "recalibrate = \"slope\"\n";
    let all = [
        learn("hazard", TIME, "horizons = [365]\n"),
        learn("line", NUMBER, ""),
        learn("odds", CLASS, ""),
        evaluate("hazard-away", "hazard", "away", TIME, slope),
        evaluate("line-away", "line", "away", NUMBER, slope),
        evaluate("odds-away", "odds", "away", CLASS, "recalibrate = \"in the large\"\n"),
        evaluate("before", "hazard", "later", TIME, "horizons = [365]\n"),
    ];
    let said =
        results.run(&results.write("study.toml", &format!("{COHORTS}{}", all.concat())), &["--until", "evaluate"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let study = results.study();
    let notes = study["evaluations"][0]["notes"].to_string();
    assert!(notes.contains("Recalibrated on these") && notes.contains("evaluate it in others"), "{notes}");
    let old: Vec<Vec<f64>> = ["hazard", "line", "odds"].iter().map(|model| scores(&results, model)).collect();
    let ratio = |study: &Json, name: &str| {
        let all = study["evaluations"].as_array().expect("evaluations");
        let of = all.iter().find(|one| one["name"] == name).expect(name);
        of["result"]["risk"]["at"][0]["ratio"]["value"].as_f64().expect("a ratio")
    };
    // Where everything takes twice as long, the risk after a year is too high.
    let before = ratio(&study, "before");
    assert!(before < 0.65, "{before}");

    let predict = |name: &str| {
        format!("[predict.new-{name}]\nplugin = \"predict-elastic-net\"\nmodel = \"recalibrated/{name}-away.toml\"\n")
    };
    let given = ["hazard", "line", "odds"].map(predict).concat();
    let after = evaluate("after", "new-hazard", "later", TIME, "horizons = [365]\ncutoff = 0\n");
    let said = results
        .run(&results.write("given.toml", &format!("{COHORTS}{given}{after}")), &["--until", "evaluate", "--replace"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(!said.err.contains("seal") && !said.err.contains("changed"), "{}", said.err);
    let after = ratio(&results.study(), "after");
    assert!((after - 1.0).abs() < 0.35, "{before} became {after}");
    // A line of the old score, in which the order of patients stays.
    for (at, name) in ["hazard", "line", "odds"].iter().enumerate() {
        let new = scores(&results, &format!("new-{name}"));
        let before_link = |score: f64| if *name == "odds" { (score / (1.0 - score)).ln() } else { score };
        let pairs: Vec<(f64, f64)> =
            old[at].iter().zip(&new).map(|(old, new)| (before_link(*old), before_link(*new))).collect();
        let (first, second) =
            (pairs[0], *pairs.iter().find(|pair| (pair.0 - pairs[0].0).abs() > 1e-3).expect("another score"));
        let slope = (second.1 - first.1) / (second.0 - first.0);
        assert!(pairs.iter().all(|pair| (first.1 + slope * (pair.0 - first.0) - pair.1).abs() < 1e-9), "{name}");
        match *name {
            "line" => assert!((2.0..4.0).contains(&slope), "the number is stretched by 3: {slope}"),
            "odds" => assert!((slope - 1.0).abs() < 1e-9, "in the large"),
            _ => assert!(slope > 0.0, "{slope}"),
        }
    }
    // The risk after a year stands beside the score, in both.
    let risks: Vec<f64> = results
        .table("later/scores.csv")
        .iter()
        .filter(|row| row["output"] == "risk_365_days")
        .map(|row| row["value"].parse().expect("a risk"))
        .collect();
    assert!(risks.len() == scores(&results, "new-hazard").len() && risks.iter().all(|risk| (0.0..=1.0).contains(risk)));
}

#[test]
fn what_cannot_be_recalibrated_is_said() {
    let results = Results::empty();
    lung(&results);
    let text = format!(
        "{COHORTS}{}{}",
        learn("line", NUMBER, ""),
        evaluate("line-away", "line", "away", TIME, "recalibrate = \"slope\"\n")
    );
    let said = results.run(&results.write("study.toml", &text), &["--until", "evaluate"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let notes = results.study()["evaluations"][0]["notes"].to_string();
    assert!(notes.contains("The model was not recalibrated: the score is no hazard"), "{notes}");
    assert!(!results.path().join("recalibrated").exists());
    let text = text.replace("recalibrate = \"slope\"", "predictions = \"out of fold\"\nrecalibrate = \"slope\"");
    let said = results.run(&results.write("study.toml", &text), &["--until", "extract", "--replace"]);
    assert!(said.code == Some(2) && said.err.contains("one model is recalibrated, in another cohort"), "{said:?}");
}
