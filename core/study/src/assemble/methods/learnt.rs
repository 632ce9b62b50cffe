//! How models were learnt and what evaluations looked at, in sentences.

use serde_json::Value as Json;
use voxomics_engine::experiment::study::{
    Cut, Evaluate, FoldsBy, IccAtLeast, Labels, Learn, Periods, Recalibrate, Target, Threshold, Weights,
};
use voxomics_report::study::{Evaluation, Outcome};

use super::super::said::{conditions, either, listed, numbers, settings};

/// Keys of a training that stand in a sentence of their own.
const TOLD: [&str; 23] = [
    "plugin",
    "name",
    "cohort",
    "cohorts",
    "target",
    "only",
    "inputs",
    "without",
    "weights",
    "stratify_by",
    "folds",
    "repeats",
    "outer_folds",
    "outer_repeats",
    "bootstrap",
    "horizons",
    "baselines",
    "harmonise",
    "harmonise_by",
    "harmonise_keep",
    "minimum_icc",
    "icc_at_least",
    "about",
];

/// What readers call something.
fn called<'a>(labels: &'a std::collections::BTreeMap<String, String>, name: &'a str) -> &'a str {
    labels.get(name).map_or(name, String::as_str)
}

/// What readers call a column.
fn column<'a>(labels: &'a Labels, name: &'a str) -> &'a str {
    labels.columns.get(name).and_then(|label| label.name.as_deref()).unwrap_or(name)
}

fn columns(labels: &Labels, names: &[String]) -> String {
    listed(&names.iter().map(|name| column(labels, name).to_owned()).collect::<Vec<_>>())
}

/// How a model was learnt. `resolved` is its section with every default.
pub fn learnt(stated: &Learn, labels: &Labels, resolved: &Json) -> Vec<String> {
    let cohorts: Vec<String> = stated.cohorts.iter().map(|name| called(&labels.cohorts, name).to_owned()).collect();
    let which = if cohorts.len() == 1 { "cohort" } else { "cohorts" };
    let mut said = vec![format!(
        "The model {} was learnt by {} in the {which} {}.",
        called(&labels.models, &stated.name),
        stated.plugin,
        listed(&cohorts)
    )];
    if !stated.only.is_empty() {
        said.push(format!(
            "Of these, cases were learnt from with {} alone.",
            conditions(&stated.only, |name| column(labels, name))
        ));
    }
    said.extend(offered(stated));
    said.extend(stated.weights.as_ref().map(|weights| match weights {
        Weights::EqualPatients => "Every patient has the same weight, shared by the patient’s lesions.".to_owned(),
        Weights::BalancedClasses => "Both classes have the same weight together.".to_owned(),
        Weights::Column(name) => format!("Weights are those of the column {}.", column(labels, name)),
    }));
    said.extend(folds(stated, labels, resolved));
    if stated.bootstrap > 0 {
        said.push(format!("Optimism was estimated by {} resamples of patients.", stated.bootstrap));
    }
    if let (false, Target::Survival { unit, .. }) = (stated.horizons.is_empty(), &stated.target) {
        said.push(format!("Risks are told at {} {unit}.", numbers(&stated.horizons)));
    }
    if let Some(by) = stated.harmonise_by.as_ref().filter(|_| resolved["harmonise"] == "combat") {
        let keep = match stated.harmonise_keep.as_slice() {
            [] => String::new(),
            names => format!("; the effect of {} was kept", columns(labels, names)),
        };
        said.push(format!(
            "Features were harmonised over {} by ComBat, fitted inside the folds{keep}.",
            column(labels, by)
        ));
    }
    if let Some(least) = stated.minimum_icc {
        said.push(format!(
            "Features on which readers agree less (intraclass correlation below {least}) were left out."
        ));
    }
    if let Some(IccAtLeast { limit, form, between }) = stated.icc_at_least {
        said.push(format!(
            "Features whose {} between {} has a lower limit (95 %) below {limit} were left out, in each outer fold anew.",
            form.name(),
            between.word()
        ));
    }
    let mut table = resolved.clone();
    if let Some(table) = table.as_object_mut() {
        let ties = |key: &str| key == "ties" && !matches!(stated.target, Target::Survival { .. });
        let batch = |key: &str| key == "unknown_batch" && stated.harmonise_by.is_none();
        table.retain(|key, _| !TOLD.contains(&key.as_str()) && !ties(key) && !batch(key));
    }
    let with = settings(&table);
    if !with.is_empty() {
        said.push(format!("Further settings of {}: {with}.", stated.plugin));
    }
    said
}

/// Which inputs it was offered, where the experiment chooses.
fn offered(stated: &Learn) -> Option<String> {
    let without = either(&stated.without);
    match (&stated.inputs, without.as_str()) {
        (None, "") => None,
        (None, without) => Some(format!("It was offered every input but those that fit {without}.")),
        (Some(inputs), "") => Some(format!("It was offered the inputs that fit {}.", either(inputs))),
        (Some(inputs), without) => {
            Some(format!("It was offered the inputs that fit {}, but none that fits {without}.", either(inputs)))
        }
    }
}

/// The folds within and without.
fn folds(stated: &Learn, labels: &Labels, resolved: &Json) -> Vec<String> {
    let times = |key: &str| match resolved[key].as_u64() {
        Some(number) if number > 1 => format!(", dealt {number} times"),
        _ => String::new(),
    };
    let mut said = Vec::new();
    if let Some(given) = given("Folds", &stated.folds, labels) {
        said.push(given);
    } else if let Some(folds) = resolved["folds"].as_u64() {
        said.push(format!("Settings were chosen by cross-validation with {folds} folds{}.", times("repeats")));
    }
    // What gives all folds gives the outer ones too, unless their number is stated.
    let dealt = stated.folds == FoldsBy::Chance || stated.settings.values.contains_key("outer_folds");
    if let Some(given) = given("Outer folds", &stated.outer_folds, labels) {
        said.push(given);
    } else if let Some(folds) = resolved["outer_folds"].as_u64().filter(|folds| *folds > 0 && dealt) {
        said.push(format!(
            "The whole training was repeated in {folds} outer folds{}, to test it on patients whom it has not seen.",
            times("outer_repeats")
        ));
    }
    if let Some(by) = &stated.stratify_by {
        said.push(format!("Folds are balanced over {}.", column(labels, by)));
    }
    said
}

/// What gives folds, if something does.
fn given(which: &str, by: &FoldsBy, labels: &Labels) -> Option<String> {
    match by {
        FoldsBy::Chance => None,
        FoldsBy::Columns(names) => Some(format!("{which} are those of the column {}.", columns(labels, names))),
        FoldsBy::Periods(Periods { time, cut }) => {
            let of = column(labels, &time.column().value);
            Some(match cut {
                Cut::Into(many) => format!("{which} are {many} periods of {of}, of about as many patients each."),
                Cut::At(limits) => format!("{which} are periods of {of}, which begin at {}.", listed(limits)),
            })
        }
    }
}

/// What an evaluation looked at: what its figures do not say of themselves; nothing if there is no more.
pub fn evaluated(stated: &Evaluate, shown: &Evaluation, labels: &Labels) -> Option<String> {
    let mut said = Vec::new();
    if !stated.only.is_empty() {
        let which = conditions(&stated.only, |name| column(labels, name));
        said.push(format!("{} with {which} alone were looked at", shown.unit));
    }
    match (stated.lesions, shown.aggregation.as_str()) {
        (true, _) => said.push("each lesion counts".to_owned()),
        (false, "") => {}
        (false, how) => said.push(format!("the score of a patient is the {how}")),
    }
    let splits = match &shown.result {
        Outcome::Class(class) => class.cutoff.is_some(),
        Outcome::Survival(survival) => survival.groups.len() > 1,
        Outcome::Number(_) | Outcome::None { .. } => false,
    };
    let quantile = |q: f64| if q == 0.5 { "median".to_owned() } else { format!("{} % quantile", q * 100.0) };
    if splits {
        said.push(match stated.cutoff {
            Threshold::Value(value) => format!("scores were split at {value}, as stated"),
            Threshold::Training(q) => format!("scores were split at the {} of the training", quantile(q)),
            Threshold::Own(q) => format!("scores were split at the {} of these very {}", quantile(q), shown.unit),
        });
    }
    if !stated.covariates.is_empty() {
        said.push(format!("further covariates are {}", columns(labels, &stated.covariates)));
    }
    if let Some(by) = &stated.subgroups {
        said.push(format!("subgroups are those of {}", column(labels, by)));
    }
    if let Some(by) = &stated.stratify_by {
        said.push(format!("tests and hazard ratios are stratified over {}", column(labels, by)));
    }
    if let Some(other) = &stated.compare_with {
        said.push(format!("the model {} was looked at beside it", called(&labels.models, other)));
    }
    if shown.recalibrated {
        said.push(match stated.recalibrate {
            Some(Recalibrate::Slope) => "the model was recalibrated, in the large and in its slope".to_owned(),
            _ => "the model was recalibrated in the large".to_owned(),
        });
    }
    let name = called(&labels.evaluations, &stated.name);
    (!said.is_empty()).then(|| format!("{name}: {}.", said.join("; ")))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::json;
    use voxomics_engine::experiment::Experiment;

    use super::*;

    const ASKED: &str = r#"
[cohorts.all]
cases = "all.csv"
[learn.m]
plugin = "predict-elastic-net"
cohort = "all"
only = { site = ["Lyon"] }
inputs = ["tumour:glcm.*", "tumour:statistics.*"]
without = ["*variance"]
weights = "equal patients"
bootstrap = 20
target = { number = "CD8B" }
[evaluate.test]
cohort = "all"
score = "m"
only = { site = ["Paris", "Bern"] }
outcome = { time = "os_months", event = "os_event", unit = "months" }
cutoff = { quantile = 0.25, of = "training" }
covariates = ["age", "sex"]
[labels.columns.site]
name = "Centre"
[labels.cohorts]
all = "Two centres"
"#;

    #[test]
    fn what_a_training_and_an_evaluation_chose_is_told() {
        let experiment = Experiment::from_text(Path::new("e.toml"), Path::new("/"), ASKED, &[]).expect("an experiment");
        let study = &experiment.study;
        let resolved = json!({
            "folds": 10, "repeats": 2, "outer_folds": 5, "outer_repeats": 1, "ties": "efron", "alpha": [0.5, 1], "choose": "min",
            "harmonise": "none", "unknown_batch": "refuse", "target": { "number": "CD8B" },
        });
        let said = learnt(&study.learn[0], &study.labels, &resolved);
        assert_eq!(
            said,
            [
                "The model m was learnt by predict-elastic-net in the cohort Two centres.",
                "Of these, cases were learnt from with Centre Lyon alone.",
                "It was offered the inputs that fit tumour:glcm.* or tumour:statistics.*, but none that fits *variance.",
                "Every patient has the same weight, shared by the patient’s lesions.",
                "Settings were chosen by cross-validation with 10 folds, dealt 2 times.",
                "The whole training was repeated in 5 outer folds, to test it on patients whom it has not seen.",
                "Optimism was estimated by 20 resamples of patients.",
                "Further settings of predict-elastic-net: alpha 0.5 and 1; choose min.",
            ]
        );
        let shown =
            Evaluation { unit: "patients".into(), aggregation: "mean of lesions".into(), ..Evaluation::default() };
        assert_eq!(
            evaluated(&study.evaluate[0], &shown, &study.labels).as_deref(),
            Some(
                "test: patients with Centre Paris or Bern alone were looked at; the score of a patient is the mean of lesions; \
                 further covariates are age and sex."
            )
        );
        let result = Outcome::Class(Box::new(voxomics_report::study::ClassResult {
            cutoff: Some(voxomics_report::study::AtCutoff::default()),
            ..Default::default()
        }));
        let said = evaluated(&study.evaluate[0], &Evaluation { result, ..shown }, &study.labels).expect("a sentence");
        assert!(said.contains("scores were split at the 25 % quantile of the training"), "{said}");
    }
}
