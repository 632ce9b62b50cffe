//! From the sections of an experiment to a study.

use std::path::Path;

use voxomics_statistics::reliability::Form;

use super::{
    Aggregation, Between, Cohort, CohortSource, Evaluate, Facts, FeatureTables, IccAtLeast, Labels, Learn, MadeBy,
    PatientTable, Readers, Recalibrate, Report, Simulation, Study, Summary, Target, Threshold, Weights,
    columns::Columns,
    figures, folds, names,
    target::{conditions, target, text},
};
use crate::experiment::{
    document::{Entry, Node, Value},
    section::{FromNode, OneOrMany, Section},
};

/// Reads the sections of a study.
pub fn study(root: &Section<'_>, folder: &Path) -> Study {
    let mut columns = Vec::new();
    let mut sections = |key: &str, read: &mut dyn FnMut(&str, &Section<'_>, &mut Columns)| {
        for (name, section) in root.sections(key) {
            let mut named = Columns::default();
            read(&name, &section, &mut named);
            columns.extend(named.found);
        }
    };
    let (mut cohorts, mut learnt, mut evaluated) = (Vec::new(), Vec::new(), Vec::new());
    sections("cohorts", &mut |name, section, named| cohorts.extend(cohort(name, section, folder, named)));
    sections("learn", &mut |name, section, named| learnt.extend(learn(name, section, named)));
    sections("evaluate", &mut |name, section, named| evaluated.extend(evaluate(name, section, named)));
    let study = Study {
        simulation: root.section("simulation").and_then(|section| simulation(&section)),
        cohorts,
        learn: learnt,
        figures: figures::read(root, &evaluated),
        patients: root.section("patients").map(|section| aggregation(&section)).unwrap_or_default(),
        evaluate: evaluated,
        report: root.section("report").map(|section| report(&section)),
        labels: Labels::read(root),
        facts: Facts::read(root),
        columns,
    };
    for (name, section) in root.sections("cohorts") {
        let found = study.cohorts.iter().find(|cohort| cohort.name == name);
        if let Some(Cohort { source: CohortSource::Simulated(_), .. }) = found
            && root.section("simulation").is_none()
        {
            section.error_at("simulated", "a simulated cohort needs [simulation], which says how many patients");
        }
    }
    for (name, section) in root.sections("learn") {
        let Some(learn) = study.learn.iter().find(|learn| learn.name == name) else { continue };
        let of = |has: &dyn Fn(&Cohort) -> bool| {
            study.cohorts.iter().any(|cohort| learn.cohorts.contains(&cohort.name) && has(cohort))
        };
        let needed = match learn.icc_at_least.map(|stated| stated.between) {
            Some(Between::Perturbations) if root.section("perturb").is_none() => "[perturb]; or name `between`",
            Some(Between::Readers) if !of(&|cohort| cohort.readers.is_some()) => "`reader` of its cohort",
            Some(Between::Repeats) if !of(&|cohort| cohort.repeats.is_some()) => "`repeat` of its cohort",
            _ => continue,
        };
        let between = learn.icc_at_least.map_or("", |stated| stated.between.word());
        section.error_at("icc_at_least", format!("`icc_at_least` is between {between} here, which needs {needed}"));
    }
    names::check(root);
    study
}

/// What gives the lesions of a patient one weight together.
const EQUAL_PATIENTS: &str = "equal patients";

/// What gives both classes one weight together.
const BALANCED_CLASSES: &str = "balanced classes";

fn simulation(section: &Section<'_>) -> Option<Simulation> {
    let patients = section.require("patients", "how many patients, in all cohorts together");
    let seed = section.get("seed").unwrap_or(1);
    let effect = section.get("effect").unwrap_or(1.0);
    section.finish();
    if !(0.0..=1.0).contains(&effect) {
        section.error_at("effect", format!("`effect` is {effect}, expected 0 to 1"));
    }
    Some(Simulation { patients: patients?, seed, effect })
}

fn cohort(name: &str, section: &Section<'_>, folder: &Path, columns: &mut Columns) -> Option<Cohort> {
    columns.cohorts = vec![name.into()];
    let list: Option<String> = section.get("cases");
    let simulated: Option<String> = section.get("simulated");
    let features: Option<TablesByName> = section.get("features");
    let patterns: Option<OneOrMany<String>> = section.get("columns");
    let case: Option<String> = section.get("case");
    let settings: Option<String> = section.get("settings");
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
    let id: String = section.get("id").unwrap_or_else(|| "patient".into());
    let own_ids = section.choice("ids", &[("shared", false), ("per cohort", true)]).unwrap_or(false);
    let [readers, repeats] =
        ["reader", "repeat"].map(|key| section.section(key).and_then(|of| readers(&of, key, columns)));
    let only = conditions(section, columns);
    section.finish();
    if features.is_none() && (patterns.is_some() || case.is_some() || settings.is_some()) {
        section
            .error("`columns`, `case` and `settings` belong to `features`, a table of features that are there already");
    }
    let is_digest = |text: &str| text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let settings = settings.map(|text| match is_digest(&text) {
        true => MadeBy::Digest(text.to_lowercase()),
        false => MadeBy::Experiment(folder.join(text)),
    });
    let source = match (list, simulated, features) {
        (Some(list), None, None) => CohortSource::List(folder.join(list)),
        (None, Some(name), None) => CohortSource::Simulated(name),
        (None, None, Some(TablesByName(tables))) => CohortSource::Features(FeatureTables {
            tables: tables.into_iter().map(|(name, path)| (name, folder.join(path))).collect(),
            columns: patterns.map(|list| list.0).unwrap_or_default(),
            settings,
            case: case.unwrap_or_else(|| "case".into()),
            id: id.clone(),
        }),
        _ => {
            section.error(
                "a cohort takes one of: `cases` (a CSV with one row per lesion), `features` (a table of features), or \
                 `simulated` (train, genomic, …)",
            );
            return None;
        }
    };
    Some(Cohort {
        name: name.into(),
        source,
        tables,
        id,
        own_ids,
        readers,
        repeats,
        privacy: None,
        only,
        origin: section.origin().clone(),
    })
}

/// Who outlined: `reader = { column = "reader", main = "A" }`; or which scan it is: `repeat = { column = "scan", main = "1" }`.
fn readers(section: &Section<'_>, key: &str, columns: &mut Columns) -> Option<Readers> {
    let column = columns.get(section, "column");
    let (what, main) = match key {
        "repeat" => ("which scan of a lesion it is", "the scan whose lesions are learnt from and scored"),
        _ => ("who outlined", "the reader whose outlines are learnt from and scored"),
    };
    if column.is_none() {
        section.error(format!("`column` is missing: the column of the list of cases that says {what}"));
    }
    let main: Option<String> = section.require("main", main);
    let lesion = columns.get(section, "lesion");
    section.finish();
    Some(Readers { column: column?, main: main?.trim().to_owned(), lesion })
}

/// `"features.csv"`, a list of such, or `{ ct = "ct.csv", pet = "pet.csv" }`: names and paths.
struct TablesByName(Vec<(String, String)>);

impl FromNode for TablesByName {
    fn from_node(node: &Node) -> Result<Self, String> {
        let expected = || "a path, a list of paths, or { name = \"path\", … }".to_owned();
        if let Value::Table(entries) = &node.value {
            let one = |entry: &Entry| Ok((entry.key.clone(), String::from_node(&entry.node).map_err(|_| expected())?));
            return entries.iter().map(one).collect::<Result<_, String>>().map(Self);
        }
        let paths = OneOrMany::<String>::from_node(node).map_err(|_| expected())?;
        Ok(Self(paths.0.into_iter().map(|path| (String::new(), path)).collect()))
    }
}

fn learn(name: &str, section: &Section<'_>, columns: &mut Columns) -> Option<Learn> {
    let plugin: Option<String> = section.require("plugin", "the learner, as in \"predict-elastic-net\"");
    let cohorts: Option<OneOrMany<String>> = section.require("cohort", "the cohort that it learns from");
    columns.cohorts = cohorts.iter().flat_map(|cohorts| &cohorts.0).cloned().collect();
    let target = target(section, "target", columns);
    let inputs: Option<OneOrMany<String>> = section.get("inputs");
    let without: Option<OneOrMany<String>> = section.get("without");
    let weights = match section.get::<String>("weights") {
        Some(words) if words == EQUAL_PATIENTS => Some(Weights::EqualPatients),
        Some(words) if words == BALANCED_CLASSES => {
            if target.as_ref().is_some_and(|target| !matches!(target, Target::Class { .. } | Target::Above { .. })) {
                section
                    .error_at("weights", format!("`weights = \"{BALANCED_CLASSES}\"` needs a target of two classes"));
            }
            Some(Weights::BalancedClasses)
        }
        _ => columns.get(section, "weights").map(Weights::Column),
    };
    // What is harmonised by is a covariate, which may have a column of another name.
    let (stratify_by, harmonise_by) = (columns.get(section, "stratify_by"), section.get("harmonise_by"));
    let kept: Option<OneOrMany<String>> = section.get("harmonise_keep");
    let only = conditions(section, columns);
    let horizons = times("horizons", "a risk", section, target.as_ref());
    let bootstrap: u64 = section.get("bootstrap").unwrap_or(0);
    if (1..20).contains(&bootstrap) || bootstrap > 10_000 {
        section.error_at(
            "bootstrap",
            format!("`bootstrap` is {bootstrap}, expected 0 for none, or 20 to 10000 resamples"),
        );
    }
    let baselines = section.get("baselines").unwrap_or(true);
    let minimum_icc: Option<f64> = section.get("minimum_icc");
    if let Some(wrong) = minimum_icc.filter(|icc| !(*icc > 0.0 && *icc <= 1.0)) {
        section.error_at(
            "minimum_icc",
            format!("`minimum_icc` is {wrong}, expected a number above 0, up to 1; 0.75 is usual"),
        );
    }
    let icc_at_least = icc_at_least(section);
    if icc_at_least.is_some() && minimum_icc.is_some() {
        section
            .error_at("icc_at_least", "`icc_at_least` and `minimum_icc` are two limits of one thing: keep one of them");
    }
    let about = section.section("about").map(|about| about.rest().values).unwrap_or_default();
    let mut settings = section.rest();
    let [folds, outer_folds] = ["folds", "outer_folds"].map(|key| folds::read(&mut settings, section, key, columns));
    Some(Learn {
        name: name.into(),
        plugin: plugin?,
        cohorts: cohorts?.0,
        target: target?,
        inputs: inputs.map(|list| list.0),
        without: without.map(|list| list.0).unwrap_or_default(),
        weights,
        stratify_by,
        folds,
        outer_folds,
        horizons,
        bootstrap,
        minimum_icc,
        icc_at_least,
        baselines,
        harmonise_by,
        harmonise_keep: kept.map(|list| list.0).unwrap_or_default(),
        only,
        settings,
        about: about.iter().map(|(key, value)| (key.clone(), text(value))).collect(),
    })
}

/// `icc_at_least = 0.9`, or with the form and between what: `{ limit = 0.9, form = "ICC(1,1)", between = "perturbations" }`.
fn icc_at_least(section: &Section<'_>) -> Option<IccAtLeast> {
    let IccStated { limit, form, between } = section.get("icc_at_least")?;
    if !(limit > 0.0 && limit < 1.0) {
        section.error_at(
            "icc_at_least",
            format!("`icc_at_least` is {limit}, expected a number above 0 and below 1; 0.75 and 0.9 are usual"),
        );
    }
    let between = between.unwrap_or(Between::Perturbations);
    let usual = if between == Between::Perturbations { Form::OneWay } else { Form::Agreement };
    Some(IccAtLeast { limit, form: form.unwrap_or(usual), between })
}

/// The same as it is written.
struct IccStated {
    limit: f64,
    form: Option<Form>,
    between: Option<Between>,
}

impl FromNode for IccStated {
    fn from_node(node: &Node) -> Result<Self, String> {
        let names = || Form::ALL.map(|form| format!("\"{}\"", form.name())).join(", ");
        let words = || Between::WORDS.map(|(word, _)| format!("\"{word}\"")).join(", ");
        let expected = || "a number, or { limit = 0.9, form = \"ICC(1,1)\", between = \"perturbations\" }".to_owned();
        let Value::Table(entries) = &node.value else {
            return Ok(Self { limit: f64::from_node(node).map_err(|_| expected())?, form: None, between: None });
        };
        let (mut limit, mut form, mut between) = (None, None, None);
        for Entry { key, node, .. } in entries {
            let word = || String::from_node(node).map_err(|_| expected());
            match key.as_str() {
                "limit" => limit = Some(f64::from_node(node).map_err(|_| expected())?),
                "form" => form = Some(Form::named(&word()?).ok_or_else(|| format!("as `form` one of {}", names()))?),
                "between" => {
                    let word = word()?;
                    let found = Between::WORDS.iter().find(|(known, _)| *known == word).map(|(_, between)| *between);
                    between = Some(found.ok_or_else(|| format!("as `between` one of {}", words()))?);
                }
                _ => return Err(expected()),
            }
        }
        // Without a word, it is between perturbations: readers and repeats are named.
        Ok(Self { limit: limit.ok_or_else(expected)?, form, between })
    }
}

/// Times at which something is wanted that only a time until an event has: `horizons` of risks, `rates_at`.
fn times(key: &str, what: &str, section: &Section<'_>, target: Option<&Target>) -> Vec<f64> {
    let times = section.get::<OneOrMany<f64>>(key).map(|list| list.0).unwrap_or_default();
    if let Some(wrong) = times.iter().find(|time| !(**time > 0.0 && time.is_finite())) {
        section.error_at(key, format!("`{key}` has {wrong}, expected times above 0 in the unit of the time"));
    }
    if !times.is_empty() && target.is_some_and(|target| !matches!(target, Target::Survival { .. })) {
        section.error_at(key, format!("`{key}` are times of {what}, which only a `time` with an `event` has"));
    }
    times
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

fn evaluate(name: &str, section: &Section<'_>, columns: &mut Columns) -> Option<Evaluate> {
    let cohort: Option<String> = section.require("cohort", "the cohort that it is evaluated in");
    let score: Option<String> = section.require("score", "the model whose score it is about");
    let compare_with = section.get("compare_with");
    let out_of_fold = section.choice("predictions", &[("model", false), ("out of fold", true)]).unwrap_or(false);
    columns.cohorts = cohort.iter().cloned().collect();
    let outcome = target(section, "outcome", columns);
    let lesions = section.choice("unit", &[("patients", false), ("lesions", true)]).unwrap_or(false);
    let patients = section.section("patients").map(|own| aggregation(&own));
    let cutoff = section.get("cutoff").unwrap_or(Threshold::Training(0.5));
    let recalibrate =
        section.choice("recalibrate", &[("in the large", Recalibrate::InTheLarge), ("slope", Recalibrate::Slope)]);
    if recalibrate.is_some() && out_of_fold {
        section.error_at(
            "recalibrate",
            "out-of-fold predictions are of several models: one model is recalibrated, in another cohort",
        );
    }
    let horizons = times("horizons", "a risk", section, outcome.as_ref());
    let mut rates_at = times("rates_at", "a rate", section, outcome.as_ref());
    rates_at.sort_by(f64::total_cmp);
    rates_at.dedup();
    let covariates = columns.list(section, "covariates");
    let (subgroups, stratify_by) = (columns.get(section, "subgroups"), columns.get(section, "stratify_by"));
    let only = conditions(section, columns);
    section.finish();
    Some(Evaluate {
        name: name.into(),
        cohort: cohort?,
        score: score?,
        compare_with,
        out_of_fold,
        outcome: outcome?,
        lesions,
        patients,
        cutoff,
        recalibrate,
        horizons,
        rates_at,
        covariates,
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
        single_file: section.get("single_file").unwrap_or(false),
        table_one: section.section("table_one").and_then(|section| {
            let columns = section.get::<OneOrMany<String>>("columns").map(|list| list.0);
            section.finish();
            columns
        }),
    };
    section.finish();
    report
}
