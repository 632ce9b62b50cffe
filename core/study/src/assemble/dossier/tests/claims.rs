//! Claims that the run does not bear, and sentences that were none.

use voxomics_report::study::{
    Control, Controls, Estimate, Lost, NumberCalibration, NumberResult, Outcome, Place, State,
};

use super::{ASKED, assert_says, dossier, found, point, study};

/// A probability of a response is none of a stage.
#[test]
fn calibration_counts_against_what_the_model_predicts() {
    let outcome = "outcome = { class = \"response\"";
    let another = ASKED.replace(outcome, "outcome = { class = \"stage\"");
    assert_ne!(another, ASKED);
    let subjects = dossier(&another, &study(), &found());
    let none = "No evaluation against what its model predicts has figures of calibration.";
    assert_says(&subjects, "calibration.figures", State::NotDone, none);
    // The other class of the same column is another outcome as well.
    let other_class =
        ASKED.replacen(&format!("{outcome}, positive = \"1\" }}\n"), &format!("{outcome}, positive = \"0\" }}\n"), 1);
    assert_ne!(other_class, ASKED);
    let subjects = dossier(&other_class, &study(), &found());
    assert_says(&subjects, "calibration.figures", State::NotDone, none);
    // Of a model that was given, the file does not say by which column its outcome goes.
    let given = ASKED.replace("[learn.m]", "[learn.other]").replace("score = \"m\"", "score = \"g\"");
    let given = format!("{given}[predict.g]\nplugin = \"predict-linear\"\nmodel = \"g.toml\"\n");
    let mut study = study();
    study.evaluations.truncate(1);
    study.evaluations[0].model = "g".into();
    let said = &point(&dossier(&given, &study, &found()), "calibration.figures").said.clone();
    assert!(
        said.ends_with("whether its model predicts this very outcome, the run does not know: it was given."),
        "{said}"
    );
}

/// A correlation or a ratio that could not be had is no result of 0 or 1.
#[test]
fn what_could_not_be_computed_is_said_to_be_so() {
    let mut study = study();
    study.evaluations[0].result = Outcome::Number(Box::default());
    let subjects = dossier(ASKED, &study, &found());
    let said = "`new`: n = 7: the correlation could not be computed.";
    assert_says(&subjects, "validation.other_cohorts", State::Shown, said);
    study.evaluations[0].result = Outcome::Survival(Box::default());
    let subjects = dossier(ASKED, &study, &found());
    let said = "`new`: n = 7: the hazard ratio could not be computed.";
    assert_says(&subjects, "validation.other_cohorts", State::Shown, said);
}

/// `voxomics rerun` computes no feature of a table again.
#[test]
fn a_study_of_tables_is_said_to_be_compared_without_its_features() {
    let tables = ASKED.replace("cases = \"train.csv\"", "features = \"train.csv\"");
    let tables =
        tables.replace("cases = \"other.csv\"", "features = \"other.csv\"").replace("minimum_icc = 0.75\n", "");
    let again = |text: &str| point(&dossier(text, &study(), &found()), "openness.again").said.clone();
    let said = again(&tables);
    assert!(said.contains("voxomics rerun compares them, and what follows from the tables"), "{said}");
    assert!(!said.contains("features of every case") && !said.contains("cases.csv"), "{said}");
    assert!(again(ASKED).contains("and the features of every case"));
}

#[test]
fn regions_that_failed_and_reasons_are_told_in_whole_sentences() {
    let mut study = study();
    study.cohorts[0].flow.failed =
        vec![Lost { id: "a (shell)".into(), stage: "regions".into(), reason: "empty".into() }];
    study.cohorts[0].table_one[0].name = "volume of `tumour` in all lesions, mL".into();
    study.evaluations[0].result = Outcome::None { reason: "`event` says of nobody that it was seen.".into() };
    let subjects = dossier(ASKED, &study, &found());
    let flow = &point(&subjects, "design.flow").said;
    assert!(flow.contains("7 gave features. What failed of cases and regions is listed: 1 failure. `other`"), "{flow}");
    let missing = &point(&subjects, "data.missing").said;
    assert!(missing.starts_with("`train`: volume of `tumour` in all lesions, mL (of 2). `other`"), "{missing}");
    let outcomes = &point(&subjects, "data.outcomes").said;
    assert!(outcomes.starts_with("`new`: no result: `event` says of nobody that it was seen. `same`"), "{outcomes}");
}

#[test]
fn perturbations_and_courses_are_told_without_a_training_that_asks_for_them() {
    let mut found = super::found();
    found.perturbed = vec!["The features of every case were computed again.".into()];
    found.course = vec!["Lesions were followed over time.".into()];
    let subjects = dossier(ASKED, &study(), &found);
    let said = "The features of every case were computed again. No training looked at perturbed images.";
    assert_says(&subjects, "robustness.perturbations", State::Shown, said);
    assert_says(&subjects, "features.course", State::Shown, "Lesions were followed over time.");
    let without = dossier(ASKED, &study(), &super::found());
    assert_says(&without, "features.course", State::NotDone, "Lesions were not followed over time.");
}

/// That controls were computed says nothing of a signature that has no figure in them.
#[test]
fn negative_controls_are_claimed_where_a_figure_stands_in_them() {
    let controls = |control: Option<Estimate>| Controls {
        measure: "AUC".into(),
        rows: vec![Control { name: "shuffled region".into(), control, ..Control::default() }],
    };
    let mut found = super::found();
    let subjects = dossier(ASKED, &study(), &found);
    assert_says(&subjects, "robustness.controls", State::NotDone, "No negative control was computed.");
    found.controls = vec!["Intensities were shuffled.".into()];
    let mut study = study();
    study.evaluations[0].controls = Some(controls(None));
    let subjects = dossier(ASKED, &study, &found);
    let said = "Intensities were shuffled. No evaluation has a figure in them.";
    assert_says(&subjects, "robustness.controls", State::Shown, said);
    study.evaluations[0].controls = Some(controls(Some(Estimate::default())));
    let subjects = dossier(ASKED, &study, &found);
    let said = "Intensities were shuffled. Figures in them stand with `new`.";
    assert_says(&subjects, "robustness.controls", State::Shown, said);
    let evidence = [Place::Methods, Place::Evaluation("new".into())];
    assert_eq!(point(&subjects, "robustness.controls").places, evidence);
}

#[test]
fn a_model_without_inputs_has_none_that_come_again_and_numbers_are_calibrated() {
    let mut study = study();
    study.models[0].stability.iter_mut().for_each(|input| input.kept = false);
    let number = ASKED.replace("class = \"response\", positive = \"1\"", "number = \"response\"");
    let of = |value: f64| Estimate { value, low: Some(value - 0.5), high: Some(value + 0.5), p: None };
    study.evaluations[0].result = Outcome::Number(Box::new(NumberResult {
        calibration: Some(NumberCalibration {
            difference: of(0.5),
            intercept: of(1.0),
            slope: of(0.75),
            explained: of(0.25),
            ..NumberCalibration::default()
        }),
        ..NumberResult::default()
    }));
    let subjects = dossier(&number, &study, &found());
    assert_says(&subjects, "robustness.folds", State::Shown, "`m` kept no input.");
    let calibrated = &point(&subjects, "calibration.figures").said;
    assert!(
        calibrated.starts_with(
            "`new`: observed − predicted 0.500 (0.000 to 1.000), intercept 1.000 (0.500 to 1.500), slope 0.750 (0.250 to 1.250), R² of the \
             predictions 0.250 (-0.250 to 0.750)."
        ),
        "{calibrated}"
    );
}
