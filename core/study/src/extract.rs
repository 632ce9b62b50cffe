//! Extract: every case of a cohort through the engine's flow, and what was finished before taken as it is.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use voxomics_engine::{
    cases::Case,
    output::Folder,
    pipeline::{self, Outcome},
    plan::{InputRef, Plan},
    preview::{self, Pictures},
    run::{self, Observer, Summary},
    store::Store,
    table::{FeatureValue, Undefined},
};
use voxomics_report::study::Lost;

use crate::{
    cohort::{Joined, Table},
    data::{Acquisition, Cohort, LeftOut, Lesion},
    files, score,
    stages::Work,
};

/// The folder of what is kept so that a run can go on.
const KEPT: &str = "kept";

/// The folder of the pictures.
const PICTURES: &str = "pictures";

/// Keeps every outcome as soon as it is there, and tells the observer.
struct Keeper<'a> {
    store: &'a Store,
    observer: &'a dyn Observer,
    error: Mutex<Option<String>>,
    before: usize,
}

impl Observer for Keeper<'_> {
    fn case_ended(&self, done: usize, of: usize, case: &Case, outcome: &Outcome, took: Duration) {
        if let Err(error) = self.store.put(case, outcome) {
            self.error.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
        }
        self.observer.case_ended(self.before + done, self.before + of, case, outcome, took);
    }
}

/// The cases of a cohort, with features; `None` if the run was given up (what was finished is kept and written).
///
/// # Errors
/// If something cannot be written.
pub fn extract(work: &Work<'_>, joined: &Joined, pictures: bool) -> Result<(Option<Cohort>, usize), String> {
    let folder = files::below(work.folder, &joined.name)?;
    if let Some(table) = &joined.features {
        folder.remove(score::TABLE)?;
        return Ok((Some(of_table(work.plan, joined, table)), 0));
    }
    let store = Store::open(&folder.path().join(KEPT), work.plan)?;
    let pictures = pictures.then(|| files::below(&folder, PICTURES)).transpose()?;
    let stems = preview::file_stems(joined.cases.iter().map(|case| case.name.as_str()));
    let stem_of: BTreeMap<&str, &String> = joined.cases.iter().map(|case| case.name.as_str()).zip(&stems).collect();
    let has_picture = |case: &Case| {
        let of = |folder: &Folder| picture_names(folder, stem_of[case.name.as_str()]).next().is_some();
        pictures.as_ref().is_none_or(of)
    };
    let kept = work.in_pool(|| {
        use rayon::prelude::*;
        let known = |case: &Case| has_picture(case).then(|| store.get(work.plan, case)).flatten();
        joined.cases.par_iter().map(known).collect::<Vec<Option<Outcome>>>()
    });
    let to_do: Vec<Case> =
        joined.cases.iter().zip(&kept).filter(|(_, kept)| kept.is_none()).map(|(case, _)| case.clone()).collect();
    let reused = joined.cases.len() - to_do.len();
    let keeper = Keeper { store: &store, observer: work.observer, error: Mutex::default(), before: reused };
    let one = |_: usize, case: &Case| {
        let pictures = pictures.as_ref().map(|folder| Pictures { folder, stem: stem_of[case.name.as_str()] });
        let outcome = pipeline::run(work.plan, case, work.services, pictures);
        (!outcome.faults.iter().any(|fault| fault.cancelled)).then_some(outcome)
    };
    let count = to_do.len();
    let done = run::each(to_do, work.threads, work.services, &one, &keeper)?;
    if let Some(error) = keeper.error.into_inner().unwrap_or_else(PoisonError::into_inner) {
        return Err(error);
    }
    let cancelled = done.len() < count;
    let summary = Summary { done: in_order(joined, kept, done), cases: joined.cases.len(), cancelled };
    run::write(work.plan, &summary, &folder, work.record)?;
    // Cases that were finished before have no scores yet: the stage that scores all of them writes the table.
    folder.remove(score::TABLE)?;
    if cancelled {
        return Ok((None, reused));
    }
    Ok((Some(cohort(work, joined, &summary, pictures.as_ref(), &stem_of)), reused))
}

/// The cohort of a table: every case a lesion, its inputs the cells.
fn of_table(plan: &Plan, joined: &Joined, table: &Table) -> Cohort {
    let mut cohort = joined.without_lesions();
    let places: BTreeMap<String, usize> = joined.places().into_iter().map(|(id, place)| (id.clone(), place)).collect();
    let levels: HashMap<&str, &[String]> = plan
        .covariates
        .iter()
        .filter_map(|covariate| Some((covariate.column.as_str(), covariate.levels.as_deref()?)))
        .collect();
    let value = |case: &Case, input: &InputRef| -> FeatureValue {
        let InputRef::Covariate { column, level } = input else {
            return Err(Undefined::from("the cohort is a table and has no scans".to_owned()));
        };
        let cell = table.cell(&case.name, column).or_else(|| case.covariate(column)).map(str::trim);
        let cell = cell.filter(|cell| !files::is_missing(cell));
        let cell = cell.ok_or_else(|| Undefined::from(format!("the case has no `{column}`")))?;
        let Some(level) = level else {
            let number = cell.parse::<f64>().ok().filter(|value| value.is_finite());
            return number.ok_or_else(|| format!("`{column}` is `{cell}`, expected a number").into());
        };
        let known = levels.get(column.as_str()).copied().unwrap_or_default();
        match known.iter().any(|known| known == cell) {
            true => Ok(f64::from(u8::from(cell == level))),
            false => Err(format!("`{column}` is `{cell}`, expected one of {}", known.join(", ")).into()),
        }
    };
    for (case, patient) in joined.cases.iter().zip(&joined.patients) {
        cohort.patients[places[patient]].lesions.push(Lesion {
            case: case.name.clone(),
            columns: joined.own_columns(case, patient),
            inputs: plan.inputs.iter().map(|(_, input)| value(case, input)).collect(),
            ..Lesion::default()
        });
    }
    cohort
}

/// Old and new outcomes in the order of the list.
fn in_order(joined: &Joined, kept: Vec<Option<Outcome>>, done: Vec<(Case, Outcome)>) -> Vec<(Case, Outcome)> {
    let mut new: BTreeMap<String, Outcome> = done.into_iter().map(|(case, outcome)| (case.name, outcome)).collect();
    let all = joined.cases.iter().zip(kept);
    all.filter_map(|(case, kept)| Some((case.clone(), kept.or_else(|| new.remove(&case.name))?))).collect()
}

fn picture_names<'a>(folder: &'a Folder, stem: &'a str) -> impl Iterator<Item = String> + 'a {
    let names = [format!("{stem}.png"), format!("{stem}.1.png"), format!("{stem}-1.png")];
    names.into_iter().filter(|name| folder.path().join(name).is_file())
}

/// The cohort, patient by patient.
fn cohort(
    work: &Work<'_>,
    joined: &Joined,
    summary: &Summary,
    pictures: Option<&Folder>,
    stem_of: &BTreeMap<&str, &String>,
) -> Cohort {
    let mut cohort = joined.without_lesions();
    let places = joined.places();
    let patient_of: BTreeMap<&str, &String> =
        joined.cases.iter().map(|case| case.name.as_str()).zip(&joined.patients).collect();
    for (case, outcome) in &summary.done {
        for fault in &outcome.faults {
            let region = fault.region.as_ref().map(|region| format!(" ({region})")).unwrap_or_default();
            let (id, stage) = (format!("{}{region}", case.name), fault.stage.to_owned());
            cohort.failed.push(Lost { id, stage, reason: fault.message.clone() });
        }
        let patient = patient_of[case.name.as_str()];
        if outcome.rows.is_empty() {
            let why = outcome.faults.first();
            let reason = why.map_or("it has no features".into(), |fault| format!("{}: {}", fault.stage, fault.message));
            let (cohort_name, id) = (cohort.name.clone(), case.name.clone());
            let row = LeftOut { cohort: cohort_name, id, patient: patient.clone(), stage: "extract".into(), reason };
            cohort.left_out.push(row);
            continue;
        }
        let columns = joined.own_columns(case, patient);
        let picture = pictures.and_then(|folder| {
            let name = picture_names(folder, stem_of[case.name.as_str()]).next()?;
            Some(format!("{}/{PICTURES}/{name}", joined.name))
        });
        for (component, inputs) in &outcome.inputs {
            let volume = |(region, of, ml): &(usize, Option<usize>, f64)| {
                (*of == *component || of.is_none()).then(|| (work.plan.regions[*region].name.clone(), *ml))
            };
            cohort.patients[places[patient]].lesions.push(Lesion {
                case: case.name.clone(),
                component: *component,
                columns: columns.clone(),
                volumes_ml: outcome.volumes.iter().filter_map(volume).collect(),
                inputs: inputs.clone(),
                acquisition: Acquisition::of(&outcome.metadata, case),
                scores: BTreeMap::new(),
                picture: picture.clone(),
            });
        }
    }
    cohort
}
