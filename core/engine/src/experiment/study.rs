//! The sections that make a study of an experiment: cohorts, learning, evaluation, report.

mod names;

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::{
    document::{Node, Origin, Value},
    section::{FromNode, OneOrMany, PluginSettings, Section},
};

/// What a study does beyond features: everything here may be empty.
#[derive(Debug, Clone, Default)]
pub struct Study {
    /// A simulated study to make, if the experiment asks for one.
    pub simulation: Option<Simulation>,
    /// The cohorts, in order.
    pub cohorts: Vec<Cohort>,
    /// What is learnt, in order.
    pub learn: Vec<Learn>,
    /// How scores of lesions become one of the patient.
    pub patients: Aggregation,
    /// What is evaluated, in order.
    pub evaluate: Vec<Evaluate>,
    /// The report, if one is wanted.
    pub report: Option<Report>,
}

/// A simulated study.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Simulation {
    /// Number of patients in all cohorts together.
    pub patients: u64,
    /// Its seed.
    pub seed: u64,
    /// How strongly the hidden level drives images and outcomes; 0 is not at all.
    pub effect: f64,
}

/// A cohort: lesions, and tables of their patients.
#[derive(Debug, Clone)]
pub struct Cohort {
    /// Its name.
    pub name: String,
    /// Where its cases are listed.
    pub source: CohortSource,
    /// Tables of patients, joined by id.
    pub tables: Vec<PatientTable>,
    /// Column of the patient's id, in the list of cases and in the tables.
    pub id: String,
    /// Only cases whose columns have these values.
    pub only: Vec<Condition>,
    /// Where it stands.
    pub origin: Origin,
}

/// Where the cases of a cohort are listed.
#[derive(Debug, Clone, PartialEq)]
pub enum CohortSource {
    /// In a CSV.
    List(PathBuf),
    /// In the cohort of that name of the simulated study.
    Simulated(String),
}

/// A table of patients.
#[derive(Debug, Clone, PartialEq)]
pub struct PatientTable {
    /// The file.
    pub path: PathBuf,
    /// Whether its columns are patients and its rows variables, as in an expression matrix.
    pub transposed: bool,
    /// The variables that are taken; all if empty.
    pub columns: Vec<String>,
}

/// A condition: a column has one of some values.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Condition {
    /// The column.
    pub column: String,
    /// The values, as text.
    pub values: Vec<String>,
}

/// What is to be predicted, or what a score is held against.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Target {
    /// A number.
    Number {
        /// Its column.
        column: String,
    },
    /// Whether a number is above a value.
    Above {
        /// Its column.
        column: String,
        /// The value.
        threshold: Threshold,
    },
    /// A class.
    Class {
        /// Its column.
        column: String,
        /// The values that count as positive.
        positive: Vec<String>,
        /// The values that count as negative; if empty, all others.
        negative: Vec<String>,
    },
    /// A time until an event.
    Survival {
        /// Column of the time.
        time: String,
        /// Column of the event.
        event: String,
        /// The values that mean that the event was seen.
        seen: Vec<String>,
        /// Unit of the time.
        unit: String,
    },
}

/// A value at which scores or numbers are split.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Threshold {
    /// At this value.
    Value(f64),
    /// At this quantile of the training cohort.
    Training(f64),
    /// At this quantile of the very cohort that is looked at; what follows is labelled as such.
    Own(f64),
}

impl FromNode for Threshold {
    fn from_node(node: &Node) -> Result<Self, String> {
        let expected = || {
            "a number, \"training median\", \"own median\", or { quantile = 0.25, of = \"training\" } (or of = \"own\")"
                .to_owned()
        };
        let quantile = |quantile: f64, of: &str| match of {
            _ if !(0.0..1.0).contains(&quantile) || quantile == 0.0 => Err(expected()),
            "training" => Ok(Self::Training(quantile)),
            "own" => Ok(Self::Own(quantile)),
            _ => Err(expected()),
        };
        match &node.value {
            Value::Number(value) if value.is_finite() => Ok(Self::Value(*value)),
            Value::Integer(value) => Ok(Self::Value(*value as f64)),
            Value::Text(words) => words.strip_suffix(" median").ok_or_else(expected).and_then(|of| quantile(0.5, of)),
            Value::Table(entries) if entries.len() == 2 => {
                let entry = |key: &str| entries.iter().find(|entry| entry.key == key).map(|entry| &entry.node);
                let (Some(q), Some(of)) = (entry("quantile"), entry("of")) else { return Err(expected()) };
                quantile(f64::from_node(q).map_err(|_| expected())?, &String::from_node(of).map_err(|_| expected())?)
            }
            _ => Err(expected()),
        }
    }
}

/// What is learnt.
#[derive(Debug, Clone)]
pub struct Learn {
    /// Name of the model.
    pub name: String,
    /// Name of the plugin: `predict-elastic-net`.
    pub plugin: String,
    /// The cohorts that it learns from.
    pub cohorts: Vec<String>,
    /// What it learns.
    pub target: Target,
    /// Patterns of the inputs that it may use; none for all.
    pub inputs: Option<Vec<String>>,
    /// Patterns of inputs that it may not use.
    pub without: Vec<String>,
    /// Column of the rows' weights, or none.
    pub weights: Option<Weights>,
    /// Column over whose values folds are balanced.
    pub stratify_by: Option<String>,
    /// Column of the scanner or centre.
    pub harmonise_by: Option<String>,
    /// Only cases whose columns have these values.
    pub only: Vec<Condition>,
    /// The plugin's settings.
    pub settings: PluginSettings,
    /// Texts that go into the model file: licence, patents, source.
    pub about: Vec<(String, String)>,
}

/// What a row of the training table weighs.
#[derive(Debug, Clone, PartialEq)]
pub enum Weights {
    /// Every patient the same, shared by the patient's lesions.
    EqualPatients,
    /// What a column says.
    Column(String),
}

/// How scores of lesions become one of the patient.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Aggregation {
    /// The summary.
    pub score: Summary,
    /// Smallest lesion that counts, mL.
    pub minimum_volume_ml: f64,
    /// Region whose volume counts; the first of the experiment if none is named.
    pub region: Option<String>,
}

impl Default for Aggregation {
    fn default() -> Self {
        Self { score: Summary::Mean, minimum_volume_ml: 0.0, region: None }
    }
}

/// A summary of the scores of a patient's lesions.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Summary {
    /// Mean.
    Mean,
    /// Smallest.
    Minimum,
    /// Largest.
    Maximum,
    /// Standard deviation.
    StandardDeviation,
    /// Largest minus smallest.
    Range,
    /// Mean weighted by volume.
    VolumeWeightedMean,
    /// Shannon entropy of the scores in bins.
    Entropy {
        /// Width of a bin, in units of the score.
        bin_width: f64,
        /// Base of the logarithm.
        base: f64,
    },
}

impl Summary {
    const WORDS: [(&'static str, Self); 7] = [
        ("mean", Self::Mean),
        ("minimum", Self::Minimum),
        ("maximum", Self::Maximum),
        ("standard deviation", Self::StandardDeviation),
        ("range", Self::Range),
        ("volume-weighted mean", Self::VolumeWeightedMean),
        ("entropy", Self::Entropy { bin_width: 0.0, base: 2.0 }),
    ];

    /// The summary in words.
    pub fn word(self) -> &'static str {
        let same = |other: &Self| std::mem::discriminant(other) == std::mem::discriminant(&self);
        Self::WORDS.iter().find(|(_, other)| same(other)).map_or("", |(word, _)| word)
    }
}

/// What is evaluated.
#[derive(Debug, Clone)]
pub struct Evaluate {
    /// Its name.
    pub name: String,
    /// The cohort.
    pub cohort: String,
    /// The model whose score it is about.
    pub score: String,
    /// A second model on the same cases, to compare with.
    pub compare_with: Option<String>,
    /// What the score is held against.
    pub outcome: Target,
    /// Whether each lesion counts, instead of each patient.
    pub lesions: bool,
    /// How lesions become patients, if not as `[patients]` has it.
    pub patients: Option<Aggregation>,
    /// Where scores are split.
    pub cutoff: Threshold,
    /// Columns of further covariates of a Cox model.
    pub covariates: Vec<String>,
    /// Column of subgroups.
    pub subgroups: Option<String>,
    /// Column over whose values the log-rank test and the Cox model are stratified.
    pub stratify_by: Option<String>,
    /// Only cases whose columns have these values.
    pub only: Vec<Condition>,
    /// Where it stands.
    pub origin: Origin,
}

/// The report.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// Its title, if not the experiment's name.
    pub title: Option<String>,
    /// What a reader must know first.
    pub notices: Vec<String>,
    /// Whether it has a picture of each lesion.
    pub pictures: bool,
}

/// Reads the sections of a study.
pub fn study(root: &Section<'_>, folder: &Path) -> Study {
    let study = Study {
        simulation: root.section("simulation").and_then(|section| simulation(&section)),
        cohorts: root.sections("cohorts").iter().filter_map(|(name, section)| cohort(name, section, folder)).collect(),
        learn: root.sections("learn").iter().filter_map(|(name, section)| learn(name, section)).collect(),
        patients: root.section("patients").map(|section| aggregation(&section)).unwrap_or_default(),
        evaluate: root.sections("evaluate").iter().filter_map(|(name, section)| evaluate(name, section)).collect(),
        report: root.section("report").map(|section| report(&section)),
    };
    for (name, section) in root.sections("cohorts") {
        let found = study.cohorts.iter().find(|cohort| cohort.name == name);
        if let Some(Cohort { source: CohortSource::Simulated(_), .. }) = found
            && root.section("simulation").is_none()
        {
            section.error_at("simulated", "a simulated cohort needs [simulation], which says how many patients");
        }
    }
    names::check(root);
    study
}

fn simulation(section: &Section<'_>) -> Option<Simulation> {
    let patients = section.require("patients", "how many patients, in all cohorts together");
    let seed = section.get("seed").unwrap_or(1);
    let effect = section.get("effect").unwrap_or(1.0);
    section.finish();
    if !(0.0..=10.0).contains(&effect) {
        section.error_at("effect", format!("`effect` is {effect}, expected 0 to 10"));
    }
    Some(Simulation { patients: patients?, seed, effect })
}

fn cohort(name: &str, section: &Section<'_>, folder: &Path) -> Option<Cohort> {
    let list: Option<String> = section.get("cases");
    let simulated: Option<String> = section.get("simulated");
    let tables: OneOrMany<String> = section.get("tables").unwrap_or(OneOrMany(Vec::new()));
    let table = |path: &String| PatientTable { path: folder.join(path), transposed: false, columns: Vec::new() };
    let mut tables: Vec<PatientTable> = tables.0.iter().map(table).collect();
    for matrix in section.list("matrix") {
        let file: Option<String> = matrix.require("file", "a table with a row a variable and a column a patient");
        let rows: Option<Vec<String>> = matrix.get("rows");
        matrix.finish();
        let Some(file) = file else { continue };
        tables.push(PatientTable { path: folder.join(file), transposed: true, columns: rows.unwrap_or_default() });
    }
    let id = section.get("id").unwrap_or_else(|| "patient".into());
    let only = conditions(section);
    section.finish();
    let source = match (list, simulated) {
        (Some(list), None) => CohortSource::List(folder.join(list)),
        (None, Some(name)) => CohortSource::Simulated(name),
        _ => {
            section.error(
                "a cohort takes one of: `cases` (a CSV with a row a lesion), or `simulated` (train, genomic, …)",
            );
            return None;
        }
    };
    Some(Cohort { name: name.into(), source, tables, id, only, origin: section.origin().clone() })
}

/// `only = { cancer_type = ["lung", "kidney"] }`.
fn conditions(section: &Section<'_>) -> Vec<Condition> {
    let Some(only) = section.section("only") else { return Vec::new() };
    let settings = only.rest();
    let values = |value: &serde_json::Value| match value {
        serde_json::Value::Array(list) => list.iter().map(text).collect(),
        one => vec![text(one)],
    };
    settings.values.iter().map(|(column, value)| Condition { column: column.clone(), values: values(value) }).collect()
}

/// A value as a cell of a table would have it.
fn text(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn target(section: &Section<'_>, key: &str) -> Option<Target> {
    let Some(table) = section.section(key) else {
        section.error(format!(
            "`{}.{key}` is missing: {{ number = \"column\" }}, {{ class = \"column\", positive = [\"a\"] }} or \
             {{ time = \"column\", event = \"column\" }}",
            section.name
        ));
        return None;
    };
    let number: Option<String> = table.get("number");
    let above: Option<Threshold> = table.get("above");
    let class: Option<String> = table.get("class");
    let positive: Option<OneOrMany<String>> = table.get("positive");
    let negative: Option<OneOrMany<String>> = table.get("negative");
    let time: Option<String> = table.get("time");
    let event: Option<String> = table.get("event");
    let seen: Option<OneOrMany<String>> = table.get("seen");
    let unit: Option<String> = table.get("unit");
    table.finish();
    let list = |list: Option<OneOrMany<String>>| list.map(|list| list.0).unwrap_or_default();
    match (number, class, time, event) {
        (Some(column), None, None, None) => Some(match above {
            Some(threshold) => Target::Above { column, threshold },
            None => Target::Number { column },
        }),
        (None, Some(column), None, None) => {
            let positive = list(positive);
            if positive.is_empty() {
                table.error("`positive` is missing: the values of the class that a high score speaks for");
            }
            Some(Target::Class { column, positive, negative: list(negative) })
        }
        (None, None, Some(time), Some(event)) => {
            let seen = seen.map_or_else(|| vec!["1".into(), "true".into(), "yes".into()], |list| list.0);
            Some(Target::Survival { time, event, seen, unit: unit.unwrap_or_else(|| "months".into()) })
        }
        _ => {
            table.error(format!(
                "`{}` takes one of: `number`, `class` with `positive`, `time` with `event`",
                table.name
            ));
            None
        }
    }
}

fn learn(name: &str, section: &Section<'_>) -> Option<Learn> {
    let plugin: Option<String> = section.require("plugin", "the learner, as in \"predict-elastic-net\"");
    let cohorts: Option<OneOrMany<String>> = section.require("cohort", "the cohort that it learns from");
    let target = target(section, "target");
    let inputs: Option<OneOrMany<String>> = section.get("inputs");
    let without: Option<OneOrMany<String>> = section.get("without");
    let weights: Option<String> = section.get("weights");
    let weights = weights.map(|weights| match weights.as_str() {
        "equal patients" => Weights::EqualPatients,
        column => Weights::Column(column.into()),
    });
    let (stratify_by, harmonise_by) = (section.get("stratify_by"), section.get("harmonise_by"));
    let only = conditions(section);
    let about = section.section("about").map(|about| about.rest().values).unwrap_or_default();
    let settings = section.rest();
    Some(Learn {
        name: name.into(),
        plugin: plugin?,
        cohorts: cohorts?.0,
        target: target?,
        inputs: inputs.map(|list| list.0),
        without: without.map(|list| list.0).unwrap_or_default(),
        weights,
        stratify_by,
        harmonise_by,
        only,
        settings,
        about: about.iter().map(|(key, value)| (key.clone(), text(value))).collect(),
    })
}

fn aggregation(section: &Section<'_>) -> Aggregation {
    let mut score = section.choice("score", &Summary::WORDS).unwrap_or(Summary::Mean);
    let minimum_volume_ml = section.get("minimum_volume_ml").unwrap_or(0.0);
    let region = section.get("region");
    let width: Option<f64> = section.get("bin_width");
    let base: Option<f64> = section.get("base");
    section.finish();
    if let Summary::Entropy { bin_width, base: of } = &mut score {
        match width {
            Some(width) if width > 0.0 && width.is_finite() => *bin_width = width,
            _ => section.error("the entropy of scores needs `bin_width`, above 0, in units of the score"),
        }
        *of = base.unwrap_or(2.0);
        if !(*of > 1.0 && of.is_finite()) {
            section.error_at("base", "`base` of the logarithm is above 1");
        }
    } else if width.is_some() || base.is_some() {
        section.error("`bin_width` and `base` belong to score = \"entropy\"");
    }
    if !(0.0..1e6).contains(&minimum_volume_ml) {
        section.error_at("minimum_volume_ml", format!("{minimum_volume_ml} mL is no volume of a lesion"));
    }
    Aggregation { score, minimum_volume_ml, region }
}

fn evaluate(name: &str, section: &Section<'_>) -> Option<Evaluate> {
    let cohort: Option<String> = section.require("cohort", "the cohort that it is evaluated in");
    let score: Option<String> = section.require("score", "the model whose score it is about");
    let compare_with = section.get("compare_with");
    let outcome = target(section, "outcome");
    let lesions = section.choice("unit", &[("patients", false), ("lesions", true)]).unwrap_or(false);
    let patients = section.section("patients").map(|own| aggregation(&own));
    let cutoff = section.get("cutoff").unwrap_or(Threshold::Training(0.5));
    let covariates: Option<OneOrMany<String>> = section.get("covariates");
    let (subgroups, stratify_by) = (section.get("subgroups"), section.get("stratify_by"));
    let only = conditions(section);
    section.finish();
    Some(Evaluate {
        name: name.into(),
        cohort: cohort?,
        score: score?,
        compare_with,
        outcome: outcome?,
        lesions,
        patients,
        cutoff,
        covariates: covariates.map(|list| list.0).unwrap_or_default(),
        subgroups,
        stratify_by,
        only,
        origin: section.origin().clone(),
    })
}

fn report(section: &Section<'_>) -> Report {
    let report = Report {
        title: section.get("title"),
        notices: section.get::<OneOrMany<String>>("notices").map(|list| list.0).unwrap_or_default(),
        pictures: section.get("pictures").unwrap_or(true),
    };
    section.finish();
    report
}
