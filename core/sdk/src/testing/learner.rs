//! What every learner is held to whose settings and model file are those of the module `model`.

use std::{
    path::PathBuf,
    sync::atomic::{AtomicU64, Ordering},
};

use serde_json::{Map, Value as Json};

use super::{
    TestHost,
    rows::{self, BATCHES, GAP, ROWS},
};
use crate::{Error, Input, Prediction, Predictor};

/// Has a learner learn from [`rows`] for each of these families (`gaussian`, `binomial`, `cox`), with and without
/// harmonisation, and holds it to its word: the same seed gives the same file; what the file says is read again, whatever
/// the host adds; missing inputs are imputed with a warning or refused; batches are known or refused; an outer fold that
/// cannot be scored does not cost the model; settings that do not fit are refused. `settings` is a JSON object of what makes it quick.
///
/// # Panics
/// If the learner breaks its word.
pub fn learner<P: Predictor>(settings: &str, families: &[&str]) {
    let settings: Map<String, Json> = serde_json::from_str(settings).expect("the settings are a JSON object");
    let bench = Bench { settings };
    for family in families {
        let text = bench.fit::<P>(family, "harmonise", "none").expect("it learns");
        assert_eq!(Ok(&text), bench.fit::<P>(family, "harmonise", "none").as_ref(), "{family}: the same seed");
        scores::<P>(&bench, family, &text, 0);
        missing::<P>(&bench, &text);
        let aligned = bench.fit::<P>(family, "harmonise", "combat").expect("it learns");
        scores::<P>(&bench, family, &aligned, BATCHES.len());
        batches::<P>(&bench, &aligned);
        unlearnt_fold::<P>(&bench, family);
        mistakes::<P>(&bench, family);
    }
    let untrained = bench.configure::<P>(None);
    assert!(untrained.inputs().is_empty(), "without a model there are no inputs");
    assert!(untrained.predict(&[], &TestHost::new().context()).is_err_and(|error| error.key() == "model"));
}

struct Bench {
    settings: Map<String, Json>,
}

impl Bench {
    /// The settings with one more.
    fn with(&self, key: &str, value: impl Into<Json>) -> String {
        let mut settings = self.settings.clone();
        settings.insert(key.into(), value.into());
        Json::Object(settings).to_string()
    }

    fn fit<P: Predictor>(&self, family: &str, key: &str, value: impl Into<Json>) -> Result<String, Vec<Error>> {
        super::fit::<P>(&self.with(key, value), &rows::table(family), &TestHost::new().seed(7))
    }

    fn configure<P: Predictor>(&self, model: Option<&str>) -> P {
        let Some(text) = model else {
            let json = Json::Object(self.settings.clone()).to_string();
            let settings = super::settings(&P::describe(), &json).expect("the settings fit");
            return P::configure(&settings).expect("training takes no model");
        };
        static FILES: AtomicU64 = AtomicU64::new(0);
        let name = format!("model-{}-{}.toml", std::process::id(), FILES.fetch_add(1, Ordering::Relaxed));
        let path: PathBuf = std::env::temp_dir().join(name);
        std::fs::write(&path, text).expect("a file");
        let settings = super::settings(&P::describe(), &self.with("model", path.display().to_string()));
        let predictor = P::configure(&settings.expect("the settings fit"));
        std::fs::remove_file(&path).expect("a file");
        predictor.unwrap_or_else(|error| panic!("{error}\n{text}"))
    }
}

fn predict<P: Predictor>(predictor: &P, inputs: &[Input]) -> (Prediction, Vec<String>) {
    let host = TestHost::new();
    let prediction = predictor.predict(inputs, &host.context()).expect("there is a model");
    (prediction, host.warnings())
}

/// Every row has a score, the same whatever the host adds to the file.
fn scores<P: Predictor>(bench: &Bench, family: &str, text: &str, batches: usize) {
    let host = "\n[training]\nrows = 60\n[provenance]\nx = 1\n[extraction]\n[cutoffs]\n[licence]\n";
    let said = "region = \"tumour\"\nfeature = \"a\"\nibsi = \"X\"\nunit = \"1\"\nimputed = ";
    assert!(text.contains("\nimputed = "), "{family}: what stands in for a missing value\n{text}");
    let predictor: P = bench.configure(Some(text));
    let other: P = bench.configure(Some(&(text.replacen("imputed = ", said, 1) + host)));
    let inputs = predictor.inputs();
    assert!(inputs.iter().all(|name| name != "tumour:flat"), "{family}: an input that never varies");
    assert_eq!(inputs[inputs.len() - batches..], BATCHES[..batches], "{family}: the batches come last");
    for i in 0..ROWS {
        let row = rows::row(&inputs, i);
        let (prediction, warnings) = predict(&predictor, &row);
        assert!(prediction.score.as_ref().is_ok_and(|score| score.is_finite()), "{family}, row {i}: {prediction:?}");
        assert!([0, row.len()].contains(&prediction.contributions.len()), "{family}, row {i}: {prediction:?}");
        let gap = i == GAP && inputs.iter().any(|name| name == "c");
        assert_eq!(warnings.len(), usize::from(gap), "{family}, row {i}: {warnings:?}");
        assert_eq!(predict(&other, &row).0, prediction, "{family}, row {i}: with what the host adds");
    }
}

fn missing<P: Predictor>(bench: &Bench, text: &str) {
    let predictor: P = bench.configure(Some(text));
    let mut row = rows::row(&predictor.inputs(), 1);
    row[0] = Input::Undefined("the region has one voxel".into());
    let (prediction, warnings) = predict(&predictor, &row);
    assert!(prediction.score.is_ok(), "{prediction:?}");
    assert!(warnings.len() == 1 && warnings[0].contains("the region has one voxel"), "{warnings:?}");
    let line = text.lines().find(|line| line.starts_with("imputed = ")).expect("the first input has it");
    let predictor: P = bench.configure(Some(&text.replacen(line, "", 1)));
    let refused = |row: &[Input], why: &str| {
        let (prediction, _) = predict(&predictor, row);
        assert!(prediction.score.as_ref().is_err_and(|reason| reason.contains(why)), "no {why:?}: {prediction:?}");
    };
    refused(&row, "one voxel");
    row[0] = Input::Value(f64::NAN);
    refused(&row, "is NaN");
    refused(&row[1..], "inputs, not");
}

fn batches<P: Predictor>(bench: &Bench, text: &str) {
    let predictor: P = bench.configure(Some(text));
    let inputs = predictor.inputs();
    let of = |first: f64, second: f64| {
        let mut row = rows::row(&inputs, 1);
        row.truncate(inputs.len() - BATCHES.len());
        row.extend([Input::Value(first), Input::Value(second)]);
        row
    };
    for (first, second, why) in
        [(0.0, 0.0, "does not know"), (1.0, 1.0, "of two batches"), (0.5, 0.0, "expected 0 or 1")]
    {
        let (prediction, _) = predict(&predictor, &of(first, second));
        assert!(prediction.score.as_ref().is_err_and(|reason| reason.contains(why)), "no {why:?}: {prediction:?}");
    }
    let text = text.replace("unknown_batch = \"refuse\"", "unknown_batch = \"unadjusted\"");
    let predictor: P = bench.configure(Some(&text));
    let (prediction, warnings) = predict(&predictor, &of(0.0, 0.0));
    assert!(prediction.score.is_ok() && warnings[0].contains("not aligned"), "{prediction:?} {warnings:?}");
}

/// A model is not lost because an outer fold cannot be scored: the host is warned, and no performance is told.
fn unlearnt_fold<P: Predictor>(bench: &Bench, family: &str) {
    let learn = |harmonise: &str| {
        let host = TestHost::new().seed(7);
        let settings = bench.with("harmonise", harmonise);
        let text = super::fit::<P>(&settings, &rows::table_by_scanner(family), &host).expect("it learns");
        (text, host.warnings())
    };
    let (text, warnings) = learn("combat");
    let told: Vec<&String> = warnings.iter().filter(|text| text.contains("outer cross-validation failed")).collect();
    assert!(matches!(told[..], [warning] if warning.contains("nothing was learnt of it")), "{family}: {warnings:?}");
    assert!(text.contains("\nfailed = ") && !text.contains("[[performance.figure]]"), "{family}: {text}");
    assert!(bench.configure::<P>(Some(&text)).inputs().len() > BATCHES.len(), "{family}: the model is read again");
    let (text, _) = learn("none");
    assert!(!text.contains("\nfailed = ") && text.contains("[[performance.figure]]"), "{family}: {text}");
}

fn mistakes<P: Predictor>(bench: &Bench, family: &str) {
    let refused = |key: &str, value: Json| bench.fit::<P>(family, key, value).expect_err("it is refused").remove(0);
    assert_eq!(refused("outer_folds", 1.into()).key(), "outer_folds");
    assert_eq!(refused("name", " ".into()).key(), "name");
    assert_eq!(refused("no such setting", 1.into()).key(), "no such setting");
    let message = refused("impute", "refuse".into()).to_string();
    assert!(message.contains("`c`: 1 of 60 values are missing"), "{message}");
    let host = TestHost::new().cancelled();
    let settings = Json::Object(bench.settings.clone()).to_string();
    let error = super::fit::<P>(&settings, &rows::table(family), &host).expect_err("it gives up");
    assert_eq!(error[0], Error::cancelled());
}
