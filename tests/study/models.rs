//! A model of one study in another: the same scores, or a reason why not.

use crate::support::{Results, computed, whole, without};

/// The quickstart with a given model instead of one that it learns, at the spacing of the model.
fn given(results: &Results, model: &str) -> std::path::PathBuf {
    results.write("model.toml", model);
    let text = without("[learn.signature]", "[patients]");
    let predict = "[predict.signature]\nplugin = \"predict-elastic-net\"\nmodel = \"model.toml\"\n\n[patients]";
    let text = text.replace("[patients]", predict).replace("spacing_mm = [1, 1, 1]", "spacing_mm = [2, 2, 2]");
    let text = text.replace("patients = 200", "patients = 48").replace("[report]", "[report]\npictures = false");
    results.write("given.toml", &text)
}

fn model() -> String {
    whole().0.read("models/signature.toml")
}

/// The line of the model's first input that begins so.
fn line<'a>(model: &'a str, start: &str) -> &'a str {
    let input = model.split("[[input]]").nth(1).expect("a model with an input");
    input.lines().find(|line| line.starts_with(start)).unwrap_or_else(|| panic!("no line `{start}`"))
}

#[test]
fn a_model_scores_in_another_experiment_as_in_its_own() {
    let results = Results::new();
    let experiment = given(&results, &model());
    let said = results.run(&experiment, &["--until", "score"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    for cohort in ["train", "genomic", "histological", "clinical"] {
        let name = format!("{cohort}/scores.csv");
        assert!(results.table(&name).iter().any(|row| row["status"] == "ok"), "{name}");
        assert!(results.read(&name) == whole().0.read(&name), "{name} differs");
    }
    // All of it was there before: the table is as complete.
    let before = results.read("genomic/scores.csv");
    let said = results.run(&experiment, &["--until", "score"]);
    assert_eq!((said.code, computed(&said)), (Some(0), 0), "{said:?}");
    assert_eq!(results.read("genomic/scores.csv"), before);
}

#[test]
fn a_model_that_does_not_fit_is_refused_before_a_case_is_run() {
    let model = model();
    let digest = model.split("digest = \"").nth(1).expect("a digest").split('"').next().expect("its end").to_owned();
    let name = line(&model, "name = ").to_owned();
    let coefficient = line(&model, "coefficient = ");
    let answers: [(String, &[&str], &[&str]); 4] = [
        (
            model.clone(),
            &["--set", "interpolation.spacing_mm=[1, 1, 2]"],
            &["interpolation.spacing_mm", "[2.0,2.0,2.0]", "[1.0,1.0,2.0]", "train again"],
        ),
        (
            model.replacen(&digest, &digest.chars().rev().collect::<String>(), 1),
            &[],
            &["digest of [extraction]", "changed by hand", "train again"],
        ),
        (model.replacen(coefficient, "coefficient = \"?\"", 1), &[], &["coefficient", "model.toml"]),
        (
            model.replacen(&name, "name = \"tumour:lifex.conventional_maen\"", 1),
            &[],
            &["`tumour:lifex.conventional_maen`", "did you mean"],
        ),
    ];
    for (model, more, words) in answers {
        let results = Results::new();
        let said = results.run(&given(&results, &model), more);
        assert_eq!(said.code, Some(2), "{said:?}");
        for word in words {
            assert!(said.err.contains(word), "no {word:?} in {}", said.err);
        }
        assert!(results.kept().is_empty() && computed(&said) == 0, "{said:?}");
    }
}

#[test]
fn an_input_outside_the_training_makes_the_score_doubtful() {
    let results = Results::new();
    let model = model();
    let (minimum, maximum) = (line(&model, "minimum = "), line(&model, "maximum = "));
    let narrow = minimum.replace("minimum", "maximum");
    let input = line(&model, "name = ").split('"').nth(1).expect("a name");
    let said = results.run(&given(&results, &model.replacen(maximum, &narrow, 1)), &["--until", "score"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(said.err.contains("warning: ") && said.err.contains("outside"), "{}", said.err);
    let scores = results.table("train/scores.csv");
    let doubtful = scores.iter().filter(|row| row["doubts"].contains(&format!("`{input}` is "))).count();
    assert_eq!(doubtful, scores.len() - 1, "all but the smallest are above it");
    // Doubt is no change.
    let before = whole().0.table("train/scores.csv");
    assert!(scores.iter().zip(&before).all(|(now, before)| now["value"] == before["value"]));
}

#[test]
fn a_model_that_was_changed_by_hand_is_neither_taken_for_learnt_nor_lost() {
    let results = Results::new();
    assert_eq!(results.quickstart("train", &[]).code, Some(0));
    let learnt = results.read("models/signature.toml");
    let changed = learnt.replacen(line(&learnt, "coefficient = "), "coefficient = 123.0", 1);
    results.write("models/signature.toml", &changed);
    for more in [&[][..], &["--set", "learn.signature.alpha=[1]"]] {
        let said = results.quickstart("run", more);
        assert_eq!(said.code, Some(3), "{said:?}");
        assert!(said.err.contains("was changed after it was learnt"), "{}", said.err);
        assert_eq!(results.read("models/signature.toml"), changed);
        assert!(results.table("train/scores.csv").is_empty(), "nothing has scored");
    }
    // As a given model it scores, and the report says what it is.
    let said = results.run(&given(&results, &changed), &["--replace"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(!results.table("train/scores.csv").is_empty());
    let study = results.study();
    for notes in [&study["models"][0]["notes"], &study["warnings"]] {
        assert!(notes.to_string().contains("changed after it was learnt"), "{notes}");
    }
    assert!(said.err.contains("warning: [predict.signature] the model file was changed"), "{}", said.err);

    std::fs::remove_file(results.path().join("models/signature.toml")).expect("a file");
    assert_eq!(results.quickstart("train", &["--replace"]).code, Some(0));
    assert_eq!(results.read("models/signature.toml"), learnt);
    let names = std::fs::read_dir(results.path().join("models")).expect("a folder");
    assert_eq!(names.count(), 2, "the model and what is told of its training");
}

#[test]
fn what_a_given_model_does_not_tell_is_said() {
    let results = Results::new();
    let model = model();
    let bare = &model[..model.find("[extraction]").expect("a section")];
    let bare = bare.replacen(line(&model, "minimum = "), "", 1).replacen(line(&model, "imputed = "), "", 1);
    let said = results.run(&given(&results, &bare), &[]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let notes = results.study()["models"][0]["notes"].to_string();
    let input = line(&model, "name = ").split('"').nth(1).expect("a name");
    assert!(notes.contains("[extraction]") && notes.contains(&format!("range of `{input}`")), "{notes}");
}

#[test]
fn what_the_training_told_is_not_taken_once_it_was_changed() {
    let results = Results::new();
    assert_eq!(results.quickstart("train", &[]).code, Some(0));
    let name = "models/signature.training.json";
    let changed = results.read(name).replacen("\"mean\"", "\"maen\"", 1);
    results.write(name, &changed);
    let said = results.quickstart("train", &[]);
    assert_eq!(said.code, Some(3), "{said:?}");
    assert!(said.err.contains("signature.training.json was changed after the model was learnt"), "{}", said.err);
    assert_eq!(results.read(name), changed, "it is let alone");
    std::fs::remove_file(results.path().join(name)).expect("a file");
    let said = results.quickstart("train", &[]);
    assert_eq!(said.code, Some(0), "without it, the model is learnt again: {said:?}");
    assert!(said.out.contains("models/signature.toml"), "where the model is, is said: {}", said.out);
    assert_eq!(results.read(name), whole().0.read(name));
}

#[test]
fn a_model_file_says_what_it_was_learnt_from_and_a_study_which_file_it_took() {
    let model = model();
    for part in ["[training.acquisition.kvp]", "minimum = ", "plugin_version = \"", "program = \""] {
        assert!(model.contains(part), "no {part} in {model}");
    }
    let results = Results::new();
    let experiment = given(&results, &model);
    let said = results.run(&experiment, &[]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let study = results.study();
    let (shown, file) = (&study["models"][0], &study["models"][0]["file"]);
    // Which file it was is told by its bytes: where it lay changes no byte of a report.
    let named = |of: &serde_json::Value| {
        of["sha256"] == file["sha256"] && of["setting"].as_str().is_some_and(|setting| setting.ends_with(".model"))
    };
    assert!(study["record"]["files"].as_array().is_some_and(|files| files.iter().any(named)), "{file}");
    assert!(shown["rows"].as_u64() > Some(10), "{shown}");
}

/// Concordances of scores in opposite directions sum to 1.
#[test]
fn a_published_hazard_says_that_higher_is_worse() {
    let model = |higher: &str| {
        format!(
            "[model]\nname = \"p\"\nlink = \"identity\"\nintercept = 0\n{higher}\n[[input]]\nname = \"kvp\"\ncoefficient = 1\n"
        )
    };
    let concordance = |higher: &str| {
        let results = Results::new();
        let experiment = given(&results, &model(higher));
        let text =
            std::fs::read_to_string(&experiment).expect("a file").replace("predict-elastic-net", "predict-linear");
        let said = results.run(&results.write("given.toml", &text), &[]);
        assert_eq!(said.code, Some(0), "{said:?}");
        let study = results.study();
        let survival = study["evaluations"].as_array().expect("a list").last().expect("the survival").clone();
        survival["result"]["concordance"]["value"].as_f64().unwrap_or_else(|| panic!("{}", survival["result"]))
    };
    let (worse, better) = (concordance("higher = \"worse\""), concordance("higher = \"better\""));
    assert!((worse + better - 1.0).abs() < 1e-12 && worse != better, "{worse} {better}");
    assert_eq!(concordance(""), better);
}

#[test]
fn scores_that_are_refused_are_summed_up_on_the_terminal() {
    let results = Results::new();
    let text = std::fs::read_to_string(voxomics_tests::workspace().join("configs/quickstart.toml")).expect("a file");
    let text = text.replace("spacing_mm = [1, 1, 1]", "spacing_mm = [2, 2, 2]").replace("[0.1, 0.5, 1]", "[0.5]");
    let text = text.replace("\nfolds = 10\n", "\nfolds = 3\n").replace("outer_folds = 5", "outer_folds = 0");
    let covariate = "[covariates.scanner]\nlevels = [\"scanner A\", \"scanner B\"]\n";
    let only = "only = { scanner = [\"scanner A\", \"scanner B\"] }";
    let learn = format!("[learn.signature]\n{only}\nharmonise = \"combat\"\nharmonise_by = \"scanner\"");
    // Of each batch a fold needs several rows: those of three cohorts.
    let target = ["cohort = \"train\"\ntarget = { number = \"CD8B\" }", "target = { number = \"age\" }"];
    let cohorts = "cohort = [\"train\", \"histological\", \"clinical\"]";
    let text = text.replacen(target[0], &format!("{cohorts}\n{}", target[1]), 1);
    let text = text.replacen("[learn.signature]", &format!("{covariate}\n{learn}"), 1);
    let said =
        results.run(&results.write("combat.toml", &text), &["--until", "score", "--set", "simulation.patients=48"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let without = results.table("genomic/scores.csv").iter().filter(|row| row["status"] != "ok").count();
    assert!(without > 0);
    let line = said.err.lines().find(|line| line.contains(&format!("signature: {without} of "))).expect("a warning");
    assert!(line.contains("lesions of `genomic` have no score") && line.contains("genomic/scores.csv"), "{line}");
    assert!(said.out.contains("genomic/scores.csv"), "where the scores are, is said: {}", said.out);
}
