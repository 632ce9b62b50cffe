//! Learn: from lesions and what is known of their patients to a model file.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use serde_json::{Value as Json, json};
use voxomics_engine::{
    experiment::study::{Condition, Learn, Target, Threshold, Weights},
    host::{CaseHost, TrainingTable},
    output::Folder,
    plan::{Extraction, Learner, Plan, Predictor},
    provenance,
};
use voxomics_report::study::Lost;
use voxomics_statistics::table_one;

use crate::{
    data::{Cohort, Lesion, Patient, event_seen},
    files,
    stages::Work,
};

mod design;
mod model;
#[cfg(test)]
mod tests;

pub use model::{describe, is_unchanged};

/// The folder of models.
pub const MODELS: &str = "models";

/// A model that was learnt, or that was there already.
pub struct Learnt {
    /// The predictor with its model.
    pub predictor: Predictor,
    /// What the learner tells of the training beside the model: curves, paths, predictions of unseen rows.
    pub diagnostics: Json,
    /// Rows that it was not learnt from, and why.
    pub left_out: Vec<Lost>,
    /// For each row of the training: the case, and the patient's number.
    pub rows: Vec<(String, usize)>,
    /// For each row of the training: its target; of a time, the time itself.
    pub targets: Vec<f64>,
    /// Standard deviation of each offered input over the rows of the training that have it.
    pub deviations: BTreeMap<String, f64>,
    /// Whether it was there already.
    pub reused: bool,
    /// The file, below the folder of the results.
    pub file: String,
}

/// A row of the training.
struct Row<'a> {
    cohort: &'a str,
    patient: &'a Patient,
    lesion: &'a Lesion,
    target: Vec<f64>,
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
        return Err(fail(format!("{} rows are too few to learn from{first}", rows.len())));
    }
    let table = design::table(work.plan, stated, learner, &rows).map_err(&fail)?;
    let digest = training_digest(work.plan, stated, learner, &table);
    let folder = files::below(work.folder, MODELS)?;
    let path = folder.path().join(format!("{}.toml", stated.name));
    let known = own_model(&path).map_err(&fail)?.filter(|model| model::is_of(model, &digest));
    let diagnostics = std::fs::read(folder.path().join(beside(&stated.name))).ok();
    let diagnostics: Option<Json> = diagnostics.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let (diagnostics, reused) = match (known, diagnostics) {
        (Some(_), Some(diagnostics)) => (diagnostics, true),
        _ => (train(work, stated, learner, &rows, &table, &digest, &folder).map_err(&fail)?, false),
    };
    folder.remove(&unfinished(&stated.name))?;
    let predictor = work.plan.trained(learner, &path).map_err(&fail)?;
    let targets = rows.iter().map(|row| row.target.first().copied().unwrap_or(f64::NAN)).collect();
    let deviations = deviations(work.plan, &rows);
    let mut numbers: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let rows = rows.iter().map(|row| {
        let next = numbers.len();
        (row.lesion.case.clone(), *numbers.entry((row.cohort, &row.patient.id)).or_insert(next))
    });
    let rows = rows.collect();
    Ok(Learnt {
        predictor,
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

/// Trains and writes the model and what the learner tells beside it, which is returned.
fn train(
    work: &Work<'_>,
    stated: &Learn,
    learner: &Learner,
    rows: &[Row<'_>],
    table: &TrainingTable,
    digest: &str,
    folder: &Folder,
) -> Result<Json, String> {
    let host = CaseHost::new(work.services, &stated.name);
    let text = work.in_pool(|| learner.instance.fit(table, &host)).map_err(|error| error.to_string())?;
    let (mut model, diagnostics) = model::split(&text)?;
    // Were the run killed between the two files, an older model would stand beside what is told of this one.
    let file = format!("{}.toml", stated.name);
    folder.remove(&file)?;
    folder.write(&beside(&stated.name), |out| serde_json::to_writer_pretty(out, &diagnostics).map_err(Into::into))?;
    // The inputs that the model has kept are known only to the predictor that reads it.
    let unfinished = unfinished(&stated.name);
    write(folder, &unfinished, &model)?;
    let predictor = work.plan.trained(learner, &folder.path().join(unfinished))?;
    let extraction = Extraction::of(work.plan, &predictor.instance.inputs);
    model::complete(&mut model, work, stated, learner, rows, &extraction, digest)?;
    model::seal(&mut model)?;
    write(folder, &file, &model)?;
    Ok(diagnostics)
}

/// What the learner tells of a training, beside the model.
fn beside(name: &str) -> String {
    format!("{name}.training.json")
}

/// The model that an earlier training left, if there is one.
///
/// # Errors
/// If what is there is not as a training wrote it: to take it for learnt would be wrong, and to write over it a loss.
fn own_model(path: &Path) -> Result<Option<toml::Table>, String> {
    let fail = |what: &str| {
        format!(
            "{} {what}; it is neither used nor written over. To score with it as it stands, move it elsewhere and name it \
             under [predict.NAME]; to learn, take it away",
            path.display()
        )
    };
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

fn write(folder: &Folder, name: &str, model: &toml::Table) -> Result<(), String> {
    let text = toml::to_string_pretty(model).map_err(|cause| format!("the model cannot be written: {cause}"))?;
    folder.write(name, |out| out.write_all(text.as_bytes()))
}

/// Writes cut-offs into a model file that has none yet.
///
/// # Errors
/// If it cannot be read or written.
pub fn add_cutoffs(folder: &Folder, name: &str, cutoffs: &BTreeMap<String, f64>) -> Result<(), String> {
    let folder = files::below(folder, MODELS)?;
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
fn training_digest(plan: &Plan, stated: &Learn, learner: &Learner, table: &TrainingTable) -> String {
    let values: Vec<Option<u64>> = table.values.iter().map(|value| value.map(f64::to_bits)).collect();
    let all = json!({
        "columns": table.columns,
        "values": values,
        "design": table.design,
        "settings": learner.settings,
        "stated": [json!(stated.cohorts), json!(stated.target), json!(stated.about), json!(stated.plugin)],
        "experiment": plan.name,
        "seed": plan.seed,
        "extraction": Extraction::of(plan, table.design.inputs.iter()).settings,
        "libraries": plan.libraries,
        "version": env!("CARGO_PKG_VERSION"),
    });
    provenance::sha256(all.to_string().as_bytes())
}

/// The rows that have a target, and the others with the reason.
fn rows<'a>(stated: &Learn, cohorts: &'a [Cohort]) -> Result<(Vec<Row<'a>>, Vec<Lost>), String> {
    let (mut rows, mut left_out) = (Vec::new(), Vec::new());
    let find = |name: &String| {
        let cohort = cohorts.iter().find(|cohort| cohort.name == *name);
        cohort.ok_or_else(|| format!("there is no cohort `{name}`"))
    };
    let all: Vec<&Cohort> = stated.cohorts.iter().map(find).collect::<Result<_, _>>()?;
    for &cohort in &all {
        let split = match &stated.target {
            // What is the training's is that of all that is learnt from, as where the model is evaluated.
            Target::Above { column, threshold: threshold @ Threshold::Training(_) } => {
                Some(threshold_of(&all, column, *threshold)?)
            }
            Target::Above { column, threshold } => Some(threshold_of(&[cohort], column, *threshold)?),
            _ => None,
        };
        for patient in &cohort.patients {
            for lesion in &patient.lesions {
                let cell =
                    |column: &str| lesion.columns.get(column).map_or_else(|| patient.column(column), |v| Some(v));
                let unmet = unmet(&stated.only, cell);
                if let (None, Target::Survival { event, seen, .. }) = (&unmet, &stated.target)
                    && let Some(word) = cell(event)
                {
                    event_seen(event, word, seen).map_err(|cause| format!("{}: {cause}", lesion.case))?;
                }
                match unmet.map_or_else(|| target(&stated.target, split, cell), Err) {
                    Ok(target) => rows.push(Row { cohort: &cohort.name, patient, lesion, target }),
                    Err(reason) => left_out.push(Lost { id: lesion.case.clone(), stage: "learn".into(), reason }),
                }
            }
        }
    }
    Ok((rows, left_out))
}

/// Why a row is left out by a condition.
fn unmet<'a>(only: &[Condition], cell: impl Fn(&str) -> Option<&'a str>) -> Option<String> {
    let unmet = only.iter().find(|condition| {
        cell(&condition.column).is_none_or(|value| !condition.values.iter().any(|wanted| wanted == value))
    })?;
    Some(format!("`only` leaves it out: `{}` is {:?}", unmet.column, cell(&unmet.column).unwrap_or_default()))
}

/// Where a number is split into two classes: over the patients of cohorts, also those that conditions leave out.
fn threshold_of(cohorts: &[&Cohort], column: &str, threshold: Threshold) -> Result<f64, String> {
    let quantile = match threshold {
        Threshold::Value(value) => return Ok(value),
        Threshold::Training(quantile) | Threshold::Own(quantile) => quantile,
    };
    let patients = cohorts.iter().flat_map(|cohort| &cohort.patients);
    let values: Vec<f64> = patients.filter_map(|patient| number(column, patient.column(column)).ok()).collect();
    let found = voxomics_statistics::rank::quantiles(&values, &[quantile]);
    found.map(|found| found[0]).map_err(|cause| format!("the quantile of `{column}`: {cause}"))
}

fn number(column: &str, cell: Option<&str>) -> Result<f64, String> {
    let cell = cell.ok_or_else(|| format!("it has no `{column}`"))?;
    match cell.trim().parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(value),
        _ => Err(format!("`{column}` is `{cell}`, expected a number")),
    }
}

/// The target of a row: one number, or time and event.
fn target<'a>(target: &Target, split: Option<f64>, cell: impl Fn(&str) -> Option<&'a str>) -> Result<Vec<f64>, String> {
    match target {
        Target::Number { column } => Ok(vec![number(column, cell(column))?]),
        Target::Above { column, .. } => {
            let value = number(column, cell(column))?;
            Ok(vec![f64::from(u8::from(split.is_some_and(|split| value > split)))])
        }
        Target::Class { column, positive, negative } => {
            let value = cell(column).ok_or_else(|| format!("it has no `{column}`"))?;
            let is = |list: &[String]| list.iter().any(|wanted| wanted == value);
            match (is(positive), is(negative)) {
                (true, true) => Err(format!("`{column}` is `{value}`, which counts for both classes")),
                (true, false) => Ok(vec![1.0]),
                (false, found) if found || negative.is_empty() => Ok(vec![0.0]),
                (false, _) => Err(format!("`{column}` is `{value}`, which counts for neither class")),
            }
        }
        Target::Survival { time, event, seen, .. } => {
            let months = number(time, cell(time))?;
            if months <= 0.0 {
                return Err(format!("`{time}` is {months}, expected a time above 0"));
            }
            let value = cell(event).ok_or_else(|| format!("it has no `{event}`"))?;
            Ok(vec![months, f64::from(u8::from(event_seen(event, value, seen)?))])
        }
    }
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
    rows.iter().map(|row| (row.cohort, row.patient.id.as_str())).collect::<BTreeSet<_>>().len()
}

/// Whether patients are weighted alike.
fn weights(stated: &Learn, rows: &[Row<'_>]) -> Result<Option<Vec<f64>>, String> {
    match &stated.weights {
        None => Ok(None),
        Some(Weights::EqualPatients) => {
            let mut counts: BTreeMap<(&str, &str), f64> = BTreeMap::new();
            rows.iter().for_each(|row| *counts.entry((row.cohort, &row.patient.id)).or_default() += 1.0);
            Ok(Some(rows.iter().map(|row| 1.0 / counts[&(row.cohort, row.patient.id.as_str())]).collect()))
        }
        Some(Weights::Column(column)) => {
            let weight = |row: &Row<'_>| {
                let cell = row.lesion.columns.get(column).map_or_else(|| row.patient.column(column), |v| Some(v));
                let weight = number(column, cell).map_err(|why| format!("{}: {why}", row.lesion.case))?;
                if weight > 0.0 { Ok(weight) } else { Err(format!("{}: its weight is {weight}", row.lesion.case)) }
            };
            rows.iter().map(weight).collect::<Result<Vec<f64>, String>>().map(Some)
        }
    }
}
