//! Extract: every case of a cohort through the engine's flow, and what was finished before taken as it is.

use std::collections::{BTreeMap, HashMap};

use voxomics_engine::{
    cases::Case,
    experiment::study::{Between, Learn, level_of},
    output::{self, Folder},
    pipeline::Outcome,
    plan::{InputRef, Plan},
    preview::{self, Pictures},
    results::perturbation::Perturbed,
    run::{self, Means, Summary, Wanted},
    stages::{predict::Inputs, written::What},
    table::{FeatureValue, Undefined},
    tabular::is_missing,
};
use voxomics_report::study::Lost;

use crate::{
    cohort::{Joined, Repeat, Table},
    course,
    data::{Acquisition, Cohort, LeftOut, Lesion, Repeated, Scan},
    work::Work,
};

/// The folder of the pictures.
const PICTURES: &str = "pictures";

/// The cases of a cohort, with features, and how many were finished before; no cohort if the run was given up (what was
/// finished is kept and written).
///
/// # Errors
/// If something cannot be written.
pub fn extract(work: &Work<'_>, joined: &Joined, pictures: bool) -> Result<(Option<Cohort>, usize), String> {
    let folder = work.folder.below(&joined.name)?;
    if let Some(table) = &joined.features {
        output::remove_scores(&folder)?;
        return Ok((Some(of_table(work.plan, joined, table)), 0));
    }
    let pictures = pictures.then(|| folder.below(PICTURES)).transpose()?;
    // What an earlier run wrote may be of other settings; a folder of this name may be somebody's own.
    folder.clear_below(run::WRITTEN)?;
    let beside = Beside { pictures: pictures.is_some(), voxels: work.write };
    let summary = cases(work, joined, joined.cases.clone(), beside)?;
    run::write_cohort(work.plan, &summary, &folder, work.record, &joined.repeated())?;
    // Cases that were finished before have no scores yet: the stage that scores all of them writes the table.
    output::remove_scores(&folder)?;
    if summary.cancelled {
        return Ok((None, summary.reused));
    }
    Ok((Some(cohort(work, joined, &summary, pictures.as_ref())?), summary.reused))
}

/// What is known of a cohort before a scan is read: of a table, all of it.
///
/// # Errors
/// Why its lesions cannot be followed over time.
pub fn before(plan: &Plan, joined: &Joined) -> Result<Cohort, String> {
    let mut cohort = joined.features.as_ref().map_or_else(|| joined.unseen(), |table| of_table(plan, joined, table));
    course::follow(plan, joined, &mut cohort, None)?;
    Ok(cohort)
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
        // A gap of the table is not filled from another one.
        let cell = if table.has(column) { table.cell(&case.name, column) } else { case.covariate(column) };
        let cell = cell.map(str::trim);
        let cell = cell.filter(|cell| !is_missing(cell));
        let cell = cell.ok_or_else(|| Undefined::from(format!("the case has no `{column}`")))?;
        let Some(level) = level else {
            let number = cell.parse::<f64>().ok().filter(|value| value.is_finite());
            return number.ok_or_else(|| format!("`{column}` is `{cell}`, expected a number").into());
        };
        let known = levels.get(column.as_str()).copied().unwrap_or_default();
        match level_of(known, cell) {
            Some(found) => Ok(f64::from(u8::from(found == level))),
            None => Err(format!("`{column}` is `{cell}`, expected one of {}", known.join(", ")).into()),
        }
    };
    let mut repeated = Vec::new();
    for (case, patient) in joined.cases.iter().zip(&joined.patients) {
        let inputs = || plan.of_case().iter().map(|(_, input)| value(case, input)).collect();
        if let Some(Repeat { of, reader, between }) = joined.repeats.get(&case.name) {
            let (case, reader, between, inputs) = (case.name.clone(), reader.clone(), *between, inputs());
            repeated.push((of.clone(), Repeated { case, reader, between, inputs }));
            continue;
        }
        cohort.patients[places[patient]].lesions.push(Lesion {
            case: case.name.clone(),
            original: case.original.clone(),
            columns: joined.own_columns(case, patient),
            inputs: inputs(),
            ..Lesion::default()
        });
    }
    attach(&mut cohort, repeated);
    cohort
}

/// Puts what other readers' outlines give beside the lesions that they are of. A component of one outline need not be one of
/// another: such lesions have none.
fn attach(cohort: &mut Cohort, repeated: Vec<(String, Repeated)>) {
    let lesions = cohort.patients.iter_mut().flat_map(|patient| &mut patient.lesions);
    let mut by_case: HashMap<String, &mut Lesion> =
        lesions.filter(|lesion| lesion.component.is_none()).map(|lesion| (lesion.case.clone(), lesion)).collect();
    for (of, repeat) in repeated {
        if let Some(lesion) = by_case.get_mut(&of) {
            lesion.repeats.push(repeat);
        }
    }
    by_case.into_values().for_each(|lesion| lesion.repeats.sort_by(|a, b| a.reader.cmp(&b.reader)));
}

/// What is made of each case beside its features.
#[derive(Debug, Clone, Copy, Default)]
pub struct Beside {
    /// A picture for the report.
    pub pictures: bool,
    /// Voxels as files.
    pub voxels: What,
}

/// Some cases of a cohort: found or computed, and kept.
///
/// # Errors
/// If what was finished cannot be kept.
pub fn cases(work: &Work<'_>, joined: &Joined, cases: Vec<Case>, beside: Beside) -> Result<Summary, String> {
    let below = |name: &str| work.folder.below(&joined.name)?.below(name);
    let folder = beside.pictures.then(|| below(PICTURES)).transpose()?;
    let written = (beside.voxels != What::default()).then(|| below(run::WRITTEN)).transpose()?;
    let names = joined.cases.iter().map(|case| case.name.as_str());
    let stems: HashMap<String, String> = if folder.is_some() || written.is_some() {
        names.clone().map(str::to_owned).zip(preview::file_stems(names)).collect()
    } else {
        HashMap::new()
    };
    let means = Means {
        threads: work.threads,
        services: work.services,
        observer: work.observer,
        store: work.store,
        pictures: folder.as_ref().map(|folder| (folder, &stems)),
        voxels: written.as_ref().map(|folder| Wanted { what: beside.voxels, folder, stems: &stems }),
        exports: false,
    };
    let summary = run::cases(work.plan, cases, &means)?;
    match &summary.stopped {
        Some(why) => Err(why.clone()),
        None => Ok(summary),
    }
}

/// Whether something is learnt that asks how robust inputs are to perturbations.
pub fn wants_perturbed(work: &Work<'_>) -> bool {
    let between = |learn: &Learn| learn.icc_at_least.map(|stated| stated.between);
    work.experiment.study.learn.iter().any(|learn| between(learn) == Some(Between::Perturbations))
}

/// The values of the inputs of one case for a component of a case, by perturbation and by negative control; not a number where there is
/// none.
pub fn again(plan: &Plan, case: &Case, outcome: &Outcome, component: Option<usize>) -> [Vec<Vec<f64>>; 2] {
    let of = |perturbed: &Perturbed| {
        let inputs = Inputs::new(case, &perturbed.rows, &outcome.metadata);
        let value = |(_, input): &(String, InputRef)| inputs.value(plan, input, component).unwrap_or(f64::NAN);
        plan.of_case().iter().map(value).collect()
    };
    let moved = plan.perturb.as_ref().map_or(0, |perturb| perturb.perturbations.moved());
    let (moved, controls) = outcome.perturbed.split_at(moved.min(outcome.perturbed.len()));
    [moved, controls].map(|of_part| of_part.iter().map(of).collect())
}

/// The cohort, patient by patient.
fn cohort(work: &Work<'_>, joined: &Joined, summary: &Summary, pictures: Option<&Folder>) -> Result<Cohort, String> {
    let stems = preview::file_stems(joined.cases.iter().map(|case| case.name.as_str()));
    let stem_of: BTreeMap<&str, &String> = joined.cases.iter().map(|case| case.name.as_str()).zip(&stems).collect();
    let mut cohort = joined.without_lesions();
    let perturbations = work.plan.perturb.as_ref().map(|perturb| &perturb.perturbations);
    cohort.controls = perturbations.into_iter().flat_map(|of| of.controls()).collect();
    let places = joined.places();
    let patient_of: BTreeMap<&str, &String> =
        joined.cases.iter().map(|case| case.name.as_str()).zip(&joined.patients).collect();
    let mut repeated = Vec::new();
    let wanted = wants_perturbed(work);
    for done in summary.outcomes() {
        let (case, outcome) = done?;
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
            // Another outline or scan of a lesion is no lesion of its own.
            cohort.patients[places[patient]].without_features += usize::from(!joined.repeats.contains_key(&case.name));
            continue;
        }
        if let Some(Repeat { of, reader, between }) = joined.repeats.get(&case.name) {
            let (case, reader, between) = (case.name.clone(), reader.clone(), *between);
            let whole = outcome.inputs.iter().find(|(component, _)| component.is_none());
            let repeat = |inputs: &Vec<FeatureValue>| Repeated { case, reader, between, inputs: inputs.clone() };
            repeated.extend(whole.map(|(_, inputs)| (of.clone(), repeat(inputs))));
            continue;
        }
        let columns = joined.own_columns(case, patient);
        let picture = pictures.and_then(|folder| {
            let name = Pictures { folder, stem: stem_of[case.name.as_str()] }.any()?;
            Some(format!("{}/{PICTURES}/{name}", joined.name))
        });
        for (component, inputs) in &outcome.inputs {
            let [moved, controls] = again(work.plan, case, &outcome, *component);
            let volume = |(region, of, ml): &(usize, Option<usize>, f64)| {
                (*of == *component || of.is_none()).then(|| (work.plan.regions[*region].name.clone(), *ml))
            };
            cohort.patients[places[patient]].lesions.push(Lesion {
                case: case.name.clone(),
                original: case.original.clone(),
                component: *component,
                columns: columns.clone(),
                volumes_ml: outcome.volumes.iter().filter_map(volume).collect(),
                inputs: inputs.clone(),
                acquisition: Acquisition::of(&outcome.metadata, case),
                scan: Scan::of(&outcome.metadata),
                scores: BTreeMap::new(),
                repeats: Vec::new(),
                perturbed: if wanted { moved } else { Vec::new() },
                controls,
                control_scores: BTreeMap::new(),
                picture: picture.clone(),
            });
        }
    }
    attach(&mut cohort, repeated);
    Ok(cohort)
}
