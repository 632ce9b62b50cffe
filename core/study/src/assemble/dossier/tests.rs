//! Prepared studies, of which the answers are known.

mod claims;

use std::path::Path;

use serde_json::json;
use voxomics_engine::experiment::Experiment;
use voxomics_report::study::{
    AtCutoff, Balance, Calibration, Characteristic, ClassResult, Cohort, Compared, ComparedRow, Estimate, Evaluation,
    Flow, Forest, ForestRow, LearntFrom, Lost, Metric, Model, Outcome, Place, Plugin, Point, Seen, Stability, State,
    Study, Subject,
};

use super::{
    super::{methods::Found, preparation::Preparation},
    Given, subjects,
};

const ASKED: &str = r#"
[cohorts.train]
cases = "train.csv"
[cohorts.other]
cases = "other.csv"
[learn.m]
plugin = "predict-elastic-net"
cohort = "train"
target = { class = "response", positive = "1" }
minimum_icc = 0.75
[evaluate.new]
cohort = "other"
score = "m"
outcome = { class = "response", positive = "1" }
"#;

fn dossier(text: &str, study: &Study, found: &Found) -> Vec<Subject> {
    let experiment = Experiment::from_text(Path::new("e.toml"), Path::new("/"), text, &[]).expect("an experiment");
    subjects(&Given { experiment: &experiment.study, resolved: &json!({}), study, found })
}

fn point<'s>(subjects: &'s [Subject], key: &str) -> &'s Point {
    let mut all = subjects.iter().flat_map(|subject| &subject.points);
    all.find(|point| point.key == key).unwrap_or_else(|| panic!("no point {key}"))
}

#[track_caller]
fn assert_says(subjects: &[Subject], key: &str, state: State, said: &str) {
    let found = point(subjects, key);
    assert_eq!((found.state, found.said.as_str()), (state, said), "{key}");
}

fn found() -> Found {
    let preparation = Preparation {
        interpolation: vec!["Images were not interpolated.".into()],
        resegmentation: vec!["Masks were not re-segmented by intensity.".into()],
        ..Preparation::default()
    };
    Found { software: vec!["It was computed by Voxomics 0.1.0.".into()], preparation, ..Found::default() }
}

fn estimate(value: f64, low: f64, high: f64) -> Estimate {
    Estimate { value, low: Some(low), high: Some(high), p: Some(0.04) }
}

fn cohort(name: &str, role: &str) -> Cohort {
    let lost = |id: &str| Lost { id: id.into(), stage: "join".into(), reason: "no row".into() };
    Cohort {
        name: name.into(),
        role: role.into(),
        flow: Flow {
            listed: 10,
            listed_patients: 9,
            unjoined: vec![lost("a")],
            failed_cases: 2,
            extracted_cases: 7,
            extracted: 8,
            extracted_patients: 6,
            ..Flow::default()
        },
        table_one: vec![
            Characteristic { name: "age".into(), missing: 2, ..Characteristic::default() },
            Characteristic { name: "sex".into(), ..Characteristic::default() },
        ],
    }
}

/// A study in which everything was done once.
fn study() -> Study {
    let class = ClassResult {
        positives: 3,
        negatives: 4,
        auc: estimate(0.7, 0.6, 0.8),
        cutoff: Some(AtCutoff::default()),
        calibration: Some(Calibration {
            intercept: estimate(0.1, -0.2, 0.4),
            slope: estimate(0.9, 0.5, 1.3),
            brier: 0.21,
            ..Calibration::default()
        }),
        ..ClassResult::default()
    };
    let evaluation = |name: &str, cohort: &str| Evaluation {
        name: name.into(),
        cohort: cohort.into(),
        model: "m".into(),
        unit: "patients".into(),
        aggregation: "mean of lesions".into(),
        outcome: "response".into(),
        n: 7,
        result: Outcome::Class(Box::new(class.clone())),
        ..Evaluation::default()
    };
    let seen = Seen { patients: 7, of: 7, same_cohort: true };
    let row = |name: &str| ForestRow { name: name.into(), ..ForestRow::default() };
    let forest = Forest { rows: vec![row("all"), row("f"), row("m")], ..Forest::default() };
    Study {
        cohorts: vec![cohort("train", "training"), cohort("other", "validation")],
        models: vec![Model {
            name: "m".into(),
            learnt: true,
            target: "response".into(),
            rows: 8,
            patients: 6,
            offered: 40,
            learnt_from: vec![LearntFrom { cohort: "train".into(), rows: 8, patients: 6, left_out: Vec::new() }],
            performance: vec![Metric {
                name: "auc".into(),
                estimate: estimate(0.65, 0.5, 0.8),
                n: 8,
                note: "5 folds".into(),
            }],
            stability: [("x", 5), ("y", 3)]
                .map(|(input, chosen)| Stability {
                    input: input.into(),
                    kept: true,
                    chosen,
                    of: 5,
                    ..Stability::default()
                })
                .into(),
            cutoffs: vec![("patients_median".into(), 0.5)],
            ..Model::default()
        }],
        compared: vec![Compared {
            measure: "auc".into(),
            reference: "m".into(),
            rows: vec![
                ComparedRow { name: "m".into(), ..ComparedRow::default() },
                ComparedRow {
                    name: "m: volume alone".into(),
                    difference: Some(estimate(-0.05, -0.1, 0.0)),
                    ..ComparedRow::default()
                },
            ],
            ..Compared::default()
        }],
        evaluations: vec![
            Evaluation { forest: Some(forest), ..evaluation("new", "other") },
            Evaluation { seen: Some(seen.clone()), ..evaluation("same", "train") },
            Evaluation { seen: Some(seen), predictions: "out of fold".into(), ..evaluation("folds", "train") },
        ],
        ..Study::default()
    }
}

#[test]
fn of_nothing_nothing_is_claimed() {
    let subjects = dossier("[cohorts.train]\ncases = \"train.csv\"\n", &Study::default(), &found());
    assert_eq!(subjects.len(), 12);
    let shown: Vec<&str> = subjects
        .iter()
        .flat_map(|subject| &subject.points)
        .filter(|point| point.state == State::Shown)
        .map(|point| point.key.as_str())
        .collect();
    let of_the_program = ["features.software", "openness.software", "openness.again"];
    assert_eq!(shown, [&["preparation.interpolation", "preparation.resegmentation"], &of_the_program[..]].concat());
    let open = subjects.iter().flat_map(|subject| &subject.points).filter(|point| point.state == State::Open);
    // The thirteen questions of [study], and what scans do not tell.
    assert_eq!(open.count(), 14);
    for point in subjects.iter().flat_map(|subject| &subject.points) {
        assert_eq!(point.said.is_empty(), point.state == State::Open, "{}", point.key);
        assert!(!point.asks.is_empty(), "{}", point.key);
    }
}

#[test]
fn what_was_done_is_told_with_its_numbers_and_its_place() {
    let subjects = dossier(ASKED, &study(), &found());
    let says = |key: &str, said: &str| assert_says(&subjects, key, State::Shown, said);
    says(
        "design.cohorts",
        "`train` (training): 10 cases of 9 patients in the list, 8 lesions of 6 patients with features. \
         `other` (validation): 10 cases of 9 patients in the list, 8 lesions of 6 patients with features.",
    );
    says(
        "design.flow",
        "`train`: of 10 cases listed, 1 did not join or were left out by a condition, 2 gave no features, 7 gave features. \
         `other`: of 10 cases listed, 1 did not join or were left out by a condition, 2 gave no features, 7 gave features.",
    );
    says(
        "design.separation",
        "By their ids, no patient of `new` was among those whom the model was learnt from. In `same` the model was learnt on these patients. \
         In `folds` each row was scored out of fold.",
    );
    says("data.missing", "`train`: `age` of 2. `other`: `age` of 2.");
    says("robustness.folds", "`m`: 1 of its 2 inputs are in all 5 models of the outer folds.");
    says(
        "robustness.readers",
        "Of what `m` was offered, features on which readers agree less (intraclass correlation below 0.75) were left out.",
    );
    says("learning.size", "`m` was offered 40 inputs for 8 lesions of 6 patients.");
    says("validation.internal", "`m`: auc 0.650 (0.500 to 0.800) (n = 8; 5 folds).");
    says("validation.other_cohorts", "`new`: n = 7: AUC 0.70 (0.60 to 0.80), p = 0.040.");
    says("validation.optimistic", "`same`: the model was learnt on these patients.");
    says("validation.comparison", "`m` beside m: volume alone (difference of the auc: -0.050 (-0.100 to 0.000)).");
    says("validation.subgroups", "`new`: 2 subgroups.");
    says("clinical.cutoffs", "`new`: yes, it was fixed on the training data.");
    let calibrated = &point(&subjects, "calibration.figures").said;
    assert!(
        calibrated
            .starts_with("`new`: intercept 0.100 (-0.200 to 0.400), slope 0.900 (0.500 to 1.300), Brier score 0.210.")
    );
    assert_eq!(point(&subjects, "validation.other_cohorts").places, [Place::Evaluation("new".into())]);
    assert_says(&subjects, "calibration.recalibrated", State::NotDone, "No model was recalibrated.");
    assert_says(
        &subjects,
        "clinical.decisions",
        State::NotDone,
        "No evaluation against what its model predicts has a decision curve.",
    );
}

#[test]
fn what_was_not_done_is_said_to_be_so() {
    let without = |change: &dyn Fn(&mut Study), key: &str| {
        let mut study = study();
        change(&mut study);
        let subjects = dossier(ASKED, &study, &found());
        let found = point(&subjects, key);
        assert_eq!((found.state, found.places.len()), (State::NotDone, 0), "{key}: {}", found.said);
    };
    without(&|study| study.models[0].stability.clear(), "robustness.folds");
    without(&|study| study.models[0].performance.clear(), "validation.internal");
    without(&|study| study.compared.clear(), "validation.comparison");
    without(&|study| study.evaluations[0].forest = None, "validation.subgroups");
    without(&|study| drop(study.evaluations.remove(0)), "validation.other_cohorts");
    without(&|study| study.evaluations.truncate(1), "validation.optimistic");
    // Names alone say that they are the same patients.
    let seen = Seen { patients: 1, of: 7, same_cohort: false };
    without(&|study| study.evaluations[0].seen = Some(seen.clone()), "validation.other_cohorts");
    let reason = || Outcome::None { reason: "too few".into() };
    without(&|study| study.evaluations[0].result = reason(), "validation.other_cohorts");
    without(&|study| study.evaluations[0].result = reason(), "clinical.cutoffs");
}

/// What an experiment asks for is no sign that it came about.
#[test]
fn what_was_asked_for_and_did_not_come_about_is_not_claimed() {
    let own = ASKED.replace("score = \"m\"", "score = \"m\"\ncutoff = \"own median\"\nrecalibrate = \"slope\"");
    let subjects = dossier(&own, &study(), &found());
    assert_says(
        &subjects,
        "clinical.cutoffs",
        State::Shown,
        "`new`: no, it is a quantile of the very rows that are looked at.",
    );
    assert_says(&subjects, "calibration.recalibrated", State::NotDone, "No model was recalibrated.");
    let mut done = study();
    done.evaluations[0].recalibrated = true;
    let subjects = dossier(&own, &done, &found());
    let said = "`new`: the model was recalibrated to this cohort.";
    assert_says(&subjects, "calibration.recalibrated", State::Shown, said);
}

#[test]
fn ids_of_each_cohort_alone_do_not_tell_whose_patients_are_new() {
    let own = ASKED.replace("cases = \"other.csv\"", "cases = \"other.csv\"\nids = \"per cohort\"");
    let subjects = dossier(&own, &study(), &found());
    let separation = &point(&subjects, "design.separation").said;
    assert!(
        separation.starts_with("Of `new` the run does not know: ids are those of each cohort alone"),
        "{separation}"
    );
    let other = &point(&subjects, "validation.other_cohorts").said;
    assert!(other.ends_with("ids of each cohort alone do not tell."), "{other}");
    let optimistic = &point(&subjects, "validation.optimistic").said;
    assert!(
        optimistic.starts_with("`new`: the run does not know: ids are those of each cohort alone."),
        "{optimistic}"
    );
}

#[test]
fn the_robustness_that_was_asked_for_is_told_by_what_it_is_between() {
    for (between, key) in [("readers", "readers"), ("repeats", "repeats"), ("perturbations", "perturbations")] {
        let asked = format!("icc_at_least = {{ limit = 0.6, form = \"ICC(2,1)\", between = \"{between}\" }}");
        let mut text = ASKED.replace("minimum_icc = 0.75", &asked);
        text += match between {
            "readers" => "[cohorts.train.reader]\ncolumn = \"reader\"\nmain = \"A\"\n",
            "repeats" => "[cohorts.train.repeat]\ncolumn = \"scan\"\nmain = \"1\"\n",
            _ => "[perturb]\nrotation_deg = [-10, 10]\n",
        };
        let subjects = dossier(&text, &study(), &found());
        let said = &point(&subjects, &format!("robustness.{key}")).said;
        assert!(said.contains(&format!("between {between} has a lower limit (95 %) below 0.6")), "{said}");
        let others = ["readers", "repeats", "perturbations"].into_iter().filter(|other| *other != key);
        for other in others {
            assert_eq!(point(&subjects, &format!("robustness.{other}")).state, State::NotDone, "{other}");
        }
    }
}

#[test]
fn cohorts_that_have_nothing_in_common_are_said_to_be_apart() {
    let row = |name: &str, difference: Option<f64>| Balance {
        name: name.into(),
        difference,
        first: "train".into(),
        second: "other".into(),
    };
    let mut study = study();
    study.balance = vec![row("site", None), row("age", Some(0.27)), row("sex", Some(0.1))];
    let subjects = dossier(ASKED, &study, &found());
    assert_says(
        &subjects,
        "data.balance",
        State::Shown,
        "`train` and `other` have no value of `site` in common. The largest measured standardised difference is 0.27: `age` of \
         `train` and `other`.",
    );
}

#[test]
fn of_a_given_model_it_is_not_claimed_whom_it_has_seen() {
    let mut study = study();
    study.models[0].learnt = false;
    study.evaluations.truncate(1);
    let subjects = dossier(ASKED, &study, &found());
    let said = "Of `new` the run does not know: its model was given.";
    assert_says(&subjects, "design.separation", State::Shown, said);
    let said = "`new`: n = 7: AUC 0.70 (0.60 to 0.80), p = 0.040; whether these are other patients, the run does not know: the \
                model was given.";
    assert_says(&subjects, "validation.other_cohorts", State::Shown, said);
    let said = "`new`: the run does not know: its model was given.";
    assert_says(&subjects, "validation.optimistic", State::Shown, said);
    assert_says(&subjects, "validation.internal", State::DoesNotApply, "No model was learnt.");
}

#[test]
fn people_are_quoted_and_others_plugins_named() {
    let mut study = study();
    let plugin = |name: &str, ours: bool| Plugin {
        name: name.into(),
        version: "2.0".into(),
        vendor: "A laboratory".into(),
        known: "nobody signed it".into(),
        sha256: "ab".into(),
        ours,
        ..Plugin::default()
    };
    study.record.plugins = vec![plugin("features-own", false), plugin("features-glcm", true)];
    let said = "[study]\nethics = \"Approved  by\\nthe committee\"\n";
    let subjects = dossier(&format!("{ASKED}{said}"), &study, &found());
    assert_says(&subjects, "design.ethics", State::Stated, "Approved by the committee.");
    assert_says(&subjects, "design.registration", State::Open, "");
    let others = "features-own 2.0 by A laboratory (nobody signed it), SHA-256 ab.";
    assert_says(&subjects, "openness.plugins", State::Shown, others);
}
