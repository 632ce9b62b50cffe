//! Course: from the cases of a cohort to its lesions over time. Each row of a training is then a lesion with its baseline's inputs, and with
//! what has changed of them.

use std::{
    collections::{HashMap, HashSet},
    io,
};

use voxomics_engine::{
    course::{
        self, Listed,
        tables::{self, Lost},
        timeline::{self, Found, Seen},
    },
    output::Folder,
    plan::{CoursePlan, Plan},
    table::Undefined,
};

use voxomics_report::study::{OverTime, TimePoint};

use crate::{
    cohort::Joined,
    data::{Cohort, LeftOut, Lesion},
};

/// Stage of what cannot be followed.
pub const COURSE: &str = "course";

/// The patients of a cohort over time, and the cases that cannot be followed.
#[derive(Debug, Clone, Default)]
pub struct Followed {
    patients: Vec<timeline::Patient>,
    lost: Vec<Lost>,
}

/// Follows the lesions of a cohort, if the experiment asks for it: its cases become lesions. What has no baseline or no follow-up is left
/// out, with the reason.
///
/// # Errors
/// Which column is not there, or cannot be read.
pub fn follow(plan: &Plan, joined: &Joined, cohort: &mut Cohort) -> Result<Option<Followed>, String> {
    let Some(course) = &plan.course else { return Ok(None) };
    let listed = Listed::of(&course.stated, joined.cases.iter());
    let listed = listed.map_err(|why| format!("cohort `{}`: {why}", cohort.name))?;
    let patients = cohort.patients.iter().filter(|patient| !patient.lesions.is_empty()).count();
    let mut cases: HashMap<String, Lesion> = HashMap::new();
    for patient in &mut cohort.patients {
        cases.extend(patient.lesions.drain(..).map(|lesion| (lesion.case.clone(), lesion)));
    }
    cohort.before_course = Some((cases.len(), patients));
    let (mut seen, lost) = seen(plan, &listed, joined, cohort, &cases);
    let failed: HashSet<String> = cohort.left_out.iter().map(|row| row.id.clone()).collect();
    let mut followed = Followed { patients: Vec::new(), lost };
    let left_out = |patient: &str, id: String, reason: String| {
        let (cohort, patient) = (joined.name.clone(), patient.to_owned());
        LeftOut { cohort, id, patient, stage: COURSE.into(), reason }
    };
    for patient in &mut cohort.patients {
        let Some(seen) = seen.remove(&patient.id) else { continue };
        let over_time = timeline::follow(&course.stated, &course.deltas, &patient.id, seen);
        for lesion in &over_time.lesions {
            match row(lesion, &mut cases) {
                Ok(row) => patient.lesions.push(row),
                // A case that failed is there already, with what it failed of.
                Err((case, _)) if failed.contains(&case) => {}
                Err((id, reason)) => cohort.left_out.push(left_out(&patient.id, id, reason)),
            }
        }
        patient.over_time = shown(&over_time);
        followed.patients.push(over_time);
    }
    let lost = followed.lost.iter().map(|lost| left_out(&lost.patient, lost.case.clone(), lost.reason.clone()));
    cohort.left_out.extend(lost);
    Ok(Some(followed))
}

/// What was seen of each patient, and the cases that cannot be followed.
fn seen(
    plan: &Plan,
    listed: &Listed,
    joined: &Joined,
    cohort: &Cohort,
    cases: &HashMap<String, Lesion>,
) -> (HashMap<String, Vec<Seen>>, Vec<Lost>) {
    let (mut seen, mut lost): (HashMap<String, Vec<Seen>>, Vec<Lost>) = Default::default();
    let Some(course) = &plan.course else { return (seen, lost) };
    let extracted = cohort.left_out.iter().filter(|row| row.stage == "extract");
    let failed: HashMap<&str, &str> = extracted.map(|row| (row.id.as_str(), row.reason.as_str())).collect();
    for (case, patient) in joined.own_cases() {
        let why = || Undefined::from(*failed.get(case.name.as_str()).unwrap_or(&"it has no features"));
        let found = cases.get(&case.name).map(|lesion| found(plan, course, lesion)).ok_or_else(why);
        match listed.place(&course.stated, case) {
            Ok(place) => seen.entry(patient.clone()).or_default().push(place.seen(case.name.clone(), found)),
            Err(reason) => lost.push(Lost { patient: patient.clone(), case: case.name.clone(), reason }),
        }
    }
    (seen, lost)
}

/// The lesions over time as the report shows them.
fn shown(patient: &timeline::Patient) -> Vec<OverTime> {
    let point = |point: &timeline::Point| TimePoint {
        days: point.day,
        state: point.state.word().to_owned(),
        volume_ml: point.found().and_then(|found| found.volume_ml),
    };
    let lesion = |lesion: &timeline::Lesion| OverTime {
        lesion: lesion.name.clone(),
        points: lesion.points.iter().map(point).collect(),
    };
    patient.lesions.iter().map(lesion).collect()
}

/// What was found of a case.
fn found(plan: &Plan, course: &CoursePlan, lesion: &Lesion) -> Found {
    let region = plan.regions.get(course.region).map(|region| &region.name);
    let volume_ml = region.and_then(|region| lesion.volumes_ml.get(region)).copied();
    Found { inputs: lesion.inputs.clone(), volume_ml }
}

/// The row of a lesion: its baseline, with what has changed. Else the case that it begins with, and why there is none.
fn row(lesion: &timeline::Lesion, cases: &mut HashMap<String, Lesion>) -> Result<Lesion, (String, String)> {
    let case = |at: usize| lesion.points.get(at)?.seen.as_ref().map(|seen| seen.case.clone());
    let pair = lesion.pair.as_ref().map_err(|why| (case(0).unwrap_or_default(), why.to_string()))?;
    let baseline = case(pair.from).unwrap_or_default();
    let mut row = cases.remove(&baseline).ok_or_else(|| (baseline, "its baseline has no features".to_owned()))?;
    // Before a scan is read, nothing is known of its inputs.
    if !row.inputs.is_empty() {
        row.inputs.extend(lesion.deltas.iter().cloned());
    }
    Ok(row)
}

impl Followed {
    /// Writes the tables of a cohort.
    ///
    /// # Errors
    /// Which file, and why not.
    pub fn write(&self, plan: &Plan, folder: &Folder) -> Result<(), String> {
        let Some(course) = &plan.course else { return Ok(()) };
        let each = |take: &mut dyn FnMut(&timeline::Patient) -> io::Result<()>| self.patients.iter().try_for_each(take);
        tables::write(folder, &course::columns(plan, course), course::sums(course), &self.lost, &each)
    }
}

/// Takes away what an earlier run has written of the course.
///
/// # Errors
/// Which file, and why not.
pub fn clear(folder: &Folder) -> Result<(), String> {
    tables::TABLES.iter().try_for_each(|name| folder.remove(name))
}
