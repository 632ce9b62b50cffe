//! Learn: from lesions and what is known of their patients to a model file.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::atomic::Ordering,
};

use serde_json::{Value as Json, json};
use voxomics_engine::{
    digest,
    experiment::study::{Learn, Weights},
    host::{CaseHost, TrainingTable},
    output::Folder,
    plan::{Extraction, Learner, MODEL_FORMAT, Plan, Predictor},
};
use voxomics_statistics::table_one;

use crate::{
    cards,
    data::{Cohort, LeftOut},
    work::Work,
};

mod anew;
mod asked;
mod baselines;
mod design;
mod doubts;
mod enough;
mod exported;
mod fingerprint;
mod folds;
mod model;
pub mod optimism;
pub mod outer;
mod periods;
mod refit;
mod reliability;
mod risk;
mod rows;
mod scale;
#[cfg(test)]
mod tests;

use outer::Inputs;
use reliability::Reliability;

pub use baselines::{Baseline, telling};
pub use design::table;
pub use doubts::{batches, leaks, no_inputs};
pub use enough::enough;
pub use folds::unfoldable;
pub use model::{describe, said, seal};
pub use outer::Outer;
pub use refit::control_score;
pub use reliability::told as agreement;
pub use risk::table_of as baseline_table;
pub use rows::{Row, outcome, rows, unmet};

/// The folder of models.
pub const MODELS: &str = "models";

/// A model that was learnt, or that was there already.
pub struct Learnt {
    /// The predictor with its model.
    pub predictor: Predictor,
    /// What the learner tells of the training beside the model: curves, paths, predictions of unseen rows.
    pub diagnostics: Json,
    /// Rows that it was not learnt from, and why.
    pub left_out: Vec<LeftOut>,
    /// For each row of the training: the case, and the patient's number.
    pub rows: Vec<(String, usize)>,
    /// For each row of the training: its target; of a time, the time itself.
    pub targets: Vec<f64>,
    /// Standard deviation of each offered input over the rows of the training that have it.
    pub deviations: BTreeMap<String, f64>,
    /// What the learner warned of.
    pub warnings: Vec<String>,
    /// Whether it was there already.
    pub reused: bool,
    /// The file, below the folder of the results.
    pub file: String,
    /// The models of the outer folds, if there are some.
    pub outer: Option<Outer>,
    /// What it has to be better than, on the same folds.
    pub baselines: Vec<Baseline>,
    /// The target of each row and its weight, without inputs; none if they do not fit.
    pub sample: Option<voxomics_learning::Sample>,
    /// For each row of the training: cohort, case and component.
    pub places: Vec<Place>,
}

/// A row of a training: cohort, case and component.
pub type Place = (String, String, Option<usize>);

/// Says of a number of rows that it is too small.
pub fn too_few(rows: usize) -> String {
    let are = if rows == 1 { "is" } else { "are" };
    format!("{} {are} too few to learn from", voxomics_report::count(rows as u64, "row"))
}

/// Learns a model, unless it was learnt from exactly this before.
///
/// # Errors
/// If there is nothing to learn from, the learner fails, or the model cannot be written.
pub fn learn(work: &Work<'_>, stated: &Learn, learner: &Learner, cohorts: &[Cohort]) -> Result<Learnt, String> {
    let fail = |what: String| format!("[learn.{}] {what}", stated.name);
    let (rows, left_out) = rows(stated, cohorts).map_err(&fail)?;
    if rows.len() < 2 {
        let first = left_out.first().map(|lost| format!(": {}: {}", lost.id, lost.reason)).unwrap_or_default();
        return Err(fail(format!("{}{first}", too_few(rows.len()))));
    }
    let table = design::table(work.plan, stated, learner, &rows).map_err(&fail)?;
    let reliability = Reliability::of(work.plan, stated, &table.design.inputs, &rows).map_err(&fail)?;
    let agreement = reliability.as_ref().map(Reliability::identity);
    let digest = training_digest(work, stated, learner, (&table, &rows), agreement);
    let folder = work.folder.below(MODELS)?;
    let path = folder.path().join(format!("{}.toml", stated.name));
    let known = own_model(&path).map_err(&fail)?.filter(|model| model::is_of(model, &digest));
    let told = known.map(|model| own_diagnostics(&folder.path().join(beside(&stated.name)), &model));
    let (diagnostics, reused) = match told.transpose().map_err(&fail)?.flatten() {
        Some(diagnostics) => (diagnostics, true),
        _ => {
            let data = Data { rows: &rows, table: &table, reliability: reliability.as_ref() };
            (train(work, stated, learner, &data, &digest, &folder).map_err(&fail)?, false)
        }
    };
    folder.remove(&unfinished(&stated.name))?;
    let predictor = work.plan.trained(learner, &path).map_err(&fail)?;
    let targets = rows.iter().map(|row| row.target.first().copied().unwrap_or(f64::NAN)).collect();
    let deviations = deviations(work.plan, &rows);
    let mut numbers: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let sample = outer::sample(&stated.target, &table, &rows).ok();
    let places =
        rows.iter().map(|row| (row.cohort.to_owned(), row.lesion.case.clone(), row.lesion.component)).collect();
    let rows = rows.iter().map(|row| {
        let next = numbers.len();
        (row.lesion.case.clone(), *numbers.entry(row.who()).or_insert(next))
    });
    let rows = rows.collect();
    Ok(Learnt {
        predictor,
        warnings: model::warnings(&diagnostics),
        outer: Outer::of(&diagnostics),
        baselines: baselines::of(&diagnostics),
        sample,
        places,
        diagnostics,
        left_out,
        rows,
        targets,
        deviations,
        reused,
        file: format!("{MODELS}/{}.toml", stated.name),
    })
}

/// A model whose inputs are not known yet.
fn unfinished(name: &str) -> String {
    format!("{name}.unfinished.toml")
}

/// What a model is learnt from.
struct Data<'a> {
    rows: &'a [Row<'a>],
    table: &'a TrainingTable,
    reliability: Option<&'a Reliability>,
}

/// Trains and writes the model and what the learner tells beside it, which is returned.
fn train(
    work: &Work<'_>,
    stated: &Learn,
    learner: &Learner,
    data: &Data<'_>,
    digest: &str,
    folder: &Folder,
) -> Result<Json, String> {
    let Data { rows, table, reliability } = *data;
    // The seed is that of the experiment: two sections of the same settings have the same model.
    let host = CaseHost::new(work.services, SEEDED);
    let everybody: Vec<usize> = (0..table.rows).collect();
    let inner = table.design.folds.as_ref().map(|folds| folds.inner.clone()).unwrap_or_default();
    let agreed = reliability.map(|of| of.agreed(&everybody)).transpose()?;
    let whole = refit::part(table, &everybody, &inner, agreed.as_ref().map(|agreed| &agreed.inputs));
    let text = work.in_pool(|| learner.instance.fit(&whole, &host)).map_err(|error| error.to_string())?;
    let (mut model, mut diagnostics) = model::split(&text)?;
    if let (Some(reliability), Some(agreed)) = (reliability, &agreed) {
        reliability.keep(agreed, &mut diagnostics);
    }
    let mut warnings: Vec<String> =
        host.lines().into_iter().filter(|line| line.level >= WARNING).map(|line| line.text).collect();
    exported::folds(work.folder, &stated.name, table, rows)?;
    let tested = Outer::learn(
        work,
        learner,
        &stated.target,
        (table, rows),
        folder,
        (Inputs::All(reliability), &stated.horizons),
    );
    if work.services.cancelled.load(Ordering::Relaxed) {
        return Err("cancelled".into());
    }
    match tested {
        Ok(None) => {}
        Ok(Some(outer)) => {
            let figures = outer.performance(&stated.target, &outer::sample(&stated.target, table, rows)?);
            model.insert("performance".into(), outer.told(&figures));
            outer.keep(&mut diagnostics)?;
            baselines::keep(work, stated, learner, rows, folder, &mut diagnostics)?;
        }
        // The model stands all the same.
        Err(why) => {
            warnings.push(format!(
                "the outer cross-validation failed: {why}; the model stands, but how well it performs on rows that it has not \
                 seen is not told"
            ));
            model.insert("performance".into(), outer::failed(&why));
        }
    }
    if stated.weights == Some(Weights::BalancedClasses) {
        warnings.push(BALANCED.into());
    }
    let carried = model::carried_by(work.plan, &Extraction::of(work.plan, &table.design.inputs));
    let carried: Vec<String> = carried.into_iter().map(|carried| format!("[{}]", carried.name)).collect();
    if stated.bootstrap > 0 && !carried.is_empty() {
        warnings.push(format!(
            "{} was fitted on all patients, and not anew for each resample of `bootstrap`: the corrected figures are somewhat too good; \
             in the outer folds it is fitted anew",
            carried.join(", ")
        ));
    }
    let told = telling(work.experiment, work.plan, stated, learner, rows);
    let aligned = batches(work.plan, stated, learner, rows)?;
    model::keep_warnings(&mut diagnostics, &[warnings, told, aligned].concat());
    if let Some(said) = enough(work.plan, stated, &learner.inputs, rows) {
        model::keep_said(&mut diagnostics, &said);
    }
    // The inputs that the model has kept are known only to the predictor that reads it.
    let unfinished = unfinished(&stated.name);
    write(folder, &unfinished, &model)?;
    let predictor = work.plan.trained(learner, &folder.path().join(unfinished))?;
    risk::insert(&mut model, work, stated, (&predictor, table, rows), &mut diagnostics)?;
    optimism::keep(work, stated, learner, (&predictor, data), folder, &mut diagnostics)?;
    let extraction = Extraction::of(work.plan, &predictor.instance.inputs);
    model::add_unused(&mut model, work.plan, stated, learner, rows, &diagnostics)?;
    model::complete(&mut model, work, stated, learner, rows, &extraction, digest)?;
    // Were the run killed between the two files, an older model would stand beside what is told of this one.
    let file = format!("{}.toml", stated.name);
    folder.remove(&file)?;
    cards::remove(folder, &stated.name)?;
    if let Some(told) = diagnostics.as_object_mut() {
        told.insert("format".into(), MODEL_FORMAT.into());
    }
    let told = serde_json::to_vec_pretty(&diagnostics).map_err(|cause| format!("of the training: {cause}"))?;
    folder.write(&beside(&stated.name), |out| std::io::Write::write_all(out, &told))?;
    model::name_diagnostics(&mut model, &told);
    model::seal(&mut model)?;
    write(folder, &file, &model)?;
    Ok(diagnostics)
}

/// What takes the place of a case's name in the seed of a training.
const SEEDED: &str = "learn";

/// What weights of classes do to a probability.
const BALANCED: &str = "both classes weigh the same: a probability is that in a population with as many of either class, and too high or \
                        too low where one is rarer; judge the order of patients by it, not the risk";

/// Level of a warning of a plugin.
const WARNING: u32 = 2;

/// What the learner tells of a training, beside the model.
fn beside(name: &str) -> String {
    format!("{name}.training.json")
}

/// The model that an earlier training left, if there is one.
///
/// # Errors
/// If what is there is not as a training wrote it: to take it for learnt would be wrong, and to write over it a loss.
fn own_model(path: &Path) -> Result<Option<toml::Table>, String> {
    let fail = |what: &str| foreign(path, what);
    let text = match std::fs::read_to_string(path) {
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        read => read.map_err(|cause| fail(&format!("cannot be read: {cause}")))?,
    };
    let model: toml::Table = toml::from_str(&text).map_err(|_| fail("is no TOML"))?;
    let document = serde_json::to_value(&model).map_err(|cause| fail(&format!("cannot be read: {cause}")))?;
    match model::is_unchanged(&document) {
        Some(true) => Ok(Some(model)),
        Some(false) => Err(fail("was changed after it was learnt")),
        None => Err(fail("does not say that a training wrote it as it stands")),
    }
}

/// What the training of a model told beside it; nothing if that is not there, or if the model does not say what it was.
///
/// # Errors
/// If it is not what the training told.
fn own_diagnostics(path: &Path, model: &toml::Table) -> Result<Option<Json>, String> {
    let (Ok(bytes), Some(stated)) = (std::fs::read(path), model::diagnostics_digest(model)) else { return Ok(None) };
    if digest::sha256(&bytes) != stated {
        return Err(foreign(path, "was changed after the model was learnt"));
    }
    serde_json::from_slice(&bytes).map(Some).map_err(|cause| foreign(path, &format!("cannot be read: {cause}")))
}

/// Why a file is let alone.
fn foreign(path: &Path, what: &str) -> String {
    format!(
        "{} {what}; it is neither used nor written over. To score with the model as it stands, move it elsewhere and name \
         it under [predict.NAME]; to learn, take it away",
        path.display()
    )
}

fn write(folder: &Folder, name: &str, model: &toml::Table) -> Result<(), String> {
    let text = toml::to_string_pretty(model).map_err(|cause| format!("the model cannot be written: {cause}"))?;
    folder.write(name, |out| out.write_all(text.as_bytes()))
}

/// Writes cut-offs into a model file that has none yet.
///
/// # Errors
/// If it cannot be read or written.
pub fn add_cutoffs(folder: &Folder, name: &str, cutoffs: &BTreeMap<String, f64>) -> Result<(), String> {
    let folder = folder.below(MODELS)?;
    let path = folder.path().join(format!("{name}.toml"));
    let text = std::fs::read_to_string(&path).map_err(|cause| format!("cannot read {}: {cause}", path.display()))?;
    let mut model: toml::Table = toml::from_str(&text).map_err(|cause| format!("{}: {cause}", path.display()))?;
    let table: toml::Table = cutoffs.iter().map(|(name, value)| (name.clone(), (*value).into())).collect();
    if model.get("cutoffs").and_then(toml::Value::as_table) == Some(&table) {
        return Ok(());
    }
    model.insert("cutoffs".into(), table.into());
    model::seal(&mut model)?;
    write(&folder, &format!("{name}.toml"), &model)
}

/// Everything that the model depends on.
fn training_digest(
    work: &Work<'_>,
    stated: &Learn,
    learner: &Learner,
    (table, rows): (&TrainingTable, &[Row<'_>]),
    agreement: Option<Json>,
) -> String {
    let plan = work.plan;
    let mut fingerprint = toml::Table::new();
    fingerprint::insert(&mut fingerprint, &stated.target, rows);
    let values: Vec<Option<u64>> = table.values.iter().map(|value| value.map(f64::to_bits)).collect();
    let mut all = json!({
        "columns": table.columns,
        "values": values,
        "design": table.design,
        "settings": learner.settings,
        "fingerprint": fingerprint,
        "told": [json!(stated.horizons), json!(stated.bootstrap), json!(stated.baselines), json!(agreement)],
        "stated": [json!(stated.cohorts), json!(stated.target), json!(stated.about), json!(stated.plugin)],
        "experiment": plan.name,
        "seed": plan.seed,
        "extraction": Extraction::of(plan, table.design.inputs.iter()).settings,
        "libraries": plan.libraries.iter().map(|library| work.store.identity(library)).collect::<Vec<_>>(),
        "program": work.record.program.digest,
    });
    // Without controls it is the digest of before there were any.
    if rows.iter().any(|row| !row.lesion.controls.is_empty()) {
        let bits = |of: &Vec<f64>| of.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
        let controls = |row: &Row<'_>| row.lesion.controls.iter().map(bits).collect::<Vec<_>>();
        all["controls"] = json!(rows.iter().map(controls).collect::<Vec<_>>());
    }
    digest::sha256(all.to_string().as_bytes())
}

fn deviations(plan: &Plan, rows: &[Row<'_>]) -> BTreeMap<String, f64> {
    let deviation = |index: usize| {
        let values: Vec<Option<f64>> = rows.iter().map(|row| row.lesion.inputs[index].as_ref().ok().copied()).collect();
        table_one::numeric(&values).ok()?.of?.standard_deviation
    };
    let inputs = plan.inputs.iter().enumerate();
    inputs.filter_map(|(index, (name, _))| Some((name.clone(), deviation(index)?))).collect()
}

/// The patients that rows belong to.
fn patients(rows: &[Row<'_>]) -> usize {
    rows.iter().map(Row::who).collect::<BTreeSet<_>>().len()
}

/// Whether patients are weighted alike.
fn weights(stated: &Learn, rows: &[Row<'_>]) -> Result<Option<Vec<f64>>, String> {
    match &stated.weights {
        None => Ok(None),
        Some(Weights::EqualPatients) => {
            let mut counts: BTreeMap<(&str, &str), f64> = BTreeMap::new();
            rows.iter().for_each(|row| *counts.entry(row.who()).or_default() += 1.0);
            Ok(Some(rows.iter().map(|row| 1.0 / counts[&row.who()]).collect()))
        }
        Some(Weights::BalancedClasses) => {
            let positive = rows.iter().filter(|row| row.target.first() == Some(&1.0)).count();
            let (all, counts) = (rows.len() as f64, [rows.len() - positive, positive]);
            let weight = |row: &Row<'_>| all / (2.0 * counts[usize::from(row.target.first() == Some(&1.0))] as f64);
            Ok(Some(rows.iter().map(weight).collect()))
        }
        Some(Weights::Column(column)) => {
            let weight = |row: &Row<'_>| {
                let cell = row.cell(column).ok_or_else(|| format!("{}: it has no `{column}`", row.lesion.case))?;
                let weight = rows::number(column, cell).map_err(|why| format!("{}: {why}", row.lesion.case))?;
                if weight > 0.0 { Ok(weight) } else { Err(format!("{}: its weight is {weight}", row.lesion.case)) }
            };
            rows.iter().map(weight).collect::<Result<Vec<f64>, String>>().map(Some)
        }
    }
}
