//! Course: from the cases of a cohort to its lesions over time. Each row of a training is then a lesion with its baseline's inputs, and with
//! what has changed of them.

use std::{
    collections::{HashMap, HashSet},
    io,
};

use voxomics_engine::{
    cases::Case,
    course::{
        self, Listed, Place,
        matching::{self, Matched, Outlined},
        tables::{self, Lost},
        timeline::{self, Found, Seen, Unplaced},
    },
    output::{self, Folder},
    plan::{CoursePlan, Plan},
    run::Outlines,
    stages::Fault,
    table::Undefined,
};

use voxomics_report::study::{OverTime, TimePoint};

use crate::{
    cohort::Joined,
    data::{Cohort, LeftOut, Lesion},
};

/// Stage of what cannot be followed.
pub const COURSE: &str = course::STAGE;

/// The patients of a cohort over time, and the cases that cannot be followed.
#[derive(Debug, Clone, Default)]
pub struct Followed {
    patients: Vec<timeline::Patient>,
    lost: Vec<Lost>,
    /// Cases of time points that cannot be matched, and why not.
    unmatched: Vec<(String, String)>,
}

/// Reads the outlines of cases, in their order.
pub type Read<'a> = dyn Fn(Vec<Case>) -> Result<Vec<Outlines>, String> + 'a;

/// The lesions of the cases of a cohort, by case and component.
type Cases = HashMap<(String, Option<usize>), Lesion>;

/// Follows the lesions of a cohort, if the experiment asks for it: its cases become lesions. What has no baseline or no follow-up is left
/// out, with the reason. `read` is asked for outlines, where lesions are matched.
///
/// # Errors
/// Which column is not there, or cannot be read; or that the run was given up.
pub fn follow(
    plan: &Plan,
    joined: &Joined,
    cohort: &mut Cohort,
    read: Option<&Read<'_>>,
) -> Result<Option<Followed>, String> {
    let Some(course) = &plan.course else { return Ok(None) };
    let listed = Listed::of(&course.stated, joined.cases.iter());
    let listed = listed.map_err(|why| format!("cohort `{}`: {why}", cohort.name))?;
    if course.stated.matching.is_some() && read.is_none() {
        // Before a scan is read, nobody knows which outlines are one lesion.
        return Ok(None);
    }
    let patients = cohort.patients.iter().filter(|patient| !patient.lesions.is_empty()).count();
    let mut cases = Cases::new();
    for patient in &mut cohort.patients {
        // What becomes of a lesion whose scan gave nothing is told by its course.
        patient.without_features = 0;
        cases.extend(patient.lesions.drain(..).map(|lesion| ((lesion.case.clone(), lesion.component), lesion)));
    }
    let with_features: HashSet<&String> = cases.keys().map(|(case, _)| case).collect();
    cohort.before_course = Some((with_features.len(), patients));
    let (mut of_patient, mut lost, mut unplaced) = places(course, &listed, joined);
    let failed: HashMap<String, String> =
        cohort.left_out.iter().map(|row| (row.id.clone(), row.reason.clone())).collect();
    let mut followed = Followed::default();
    let left_out = |patient: &str, id: String, reason: String| {
        let (cohort, patient) = (joined.name.clone(), patient.to_owned());
        LeftOut { cohort, id, patient, stage: COURSE.into(), reason }
    };
    for patient in &mut cohort.patients {
        let Some(placed) = of_patient.remove(&patient.id) else { continue };
        let matched = match read {
            Some(read) if course.stated.matching.is_some() => matched(course, &placed, &failed, read)?,
            _ => Matched::default(),
        };
        let mut without_place = unplaced.remove(&patient.id).unwrap_or_default();
        let day = |case: &String| placed.iter().find(|(of, _)| of.name == *case).map(|(_, place)| place.day);
        without_place.extend(matched.lost.iter().map(|(case, reason)| Unplaced {
            case: case.clone(),
            day: day(case),
            reason: reason.clone(),
        }));
        followed.unmatched.extend(matched.lost.iter().cloned());
        let of_lost = |(case, reason)| Lost { patient: patient.id.clone(), case, reason };
        lost.extend(matched.lost.iter().cloned().map(of_lost));
        let seen = seen(plan, course, placed, &cases, &failed, &matched);
        let over_time = {
            let beside = timeline::Beside { fates: &matched.fates, unplaced: &without_place };
            timeline::follow(&course.stated, &course.deltas, &patient.id, seen, beside)
        };
        for lesion in &over_time.lesions {
            match row(lesion, &mut cases) {
                Ok(row) => patient.lesions.push(row),
                // A case that failed is there already, with what it failed of.
                Err((case, _)) if failed.contains_key(&case) => {}
                Err((id, reason)) => cohort.left_out.push(left_out(&patient.id, id, reason)),
            }
        }
        patient.over_time = shown(&over_time);
        followed.patients.push(over_time);
    }
    let of_lost = lost.iter().filter(|lost| !failed.contains_key(&lost.case));
    cohort.left_out.extend(of_lost.map(|lost| left_out(&lost.patient, lost.case.clone(), lost.reason.clone())));
    Ok(Some(Followed { lost, ..followed }))
}

/// The cases of each patient, with their places in the course.
type Placed<'a> = HashMap<String, Vec<(&'a Case, Place)>>;

/// The cases of each patient with what the list says of them, and those that cannot be followed.
fn places<'a>(
    course: &CoursePlan,
    listed: &Listed,
    joined: &'a Joined,
) -> (Placed<'a>, Vec<Lost>, HashMap<String, Vec<Unplaced>>) {
    let (mut placed, mut lost, mut unplaced): (Placed<'a>, Vec<Lost>, HashMap<String, Vec<Unplaced>>) =
        Default::default();
    for (case, patient) in joined.own_cases() {
        match listed.place(&course.stated, case) {
            Ok(place) => placed.entry(patient.clone()).or_default().push((case, place)),
            Err(reason) => {
                let of = listed.unplaced(&course.stated, case, reason.clone());
                unplaced.entry(patient.clone()).or_default().push(of);
                lost.push(Lost { patient: patient.clone(), case: case.name.clone(), reason });
            }
        }
    }
    (placed, lost, unplaced)
}

/// The lesions of a patient, by the outlines of the patient's cases.
fn matched(
    course: &CoursePlan,
    placed: &[(&Case, Place)],
    failed: &HashMap<String, String>,
    read: &Read<'_>,
) -> Result<Matched, String> {
    let Some(stated) = &course.stated.matching else { return Ok(Matched::default()) };
    let outlines = read(placed.iter().map(|(case, _)| (*case).clone()).collect())?;
    let outlined = placed.iter().zip(outlines).flat_map(|((case, place), outlines)| {
        let outlines = failed.get(&case.name).map_or(outlines, |why| Err(why.clone()));
        Outlined::each(&case.name, place.day, outlines)
    });
    Ok(matching::name(stated, course.stated.same_visit_days, outlined.collect()))
}

/// What was seen of a patient.
fn seen(
    plan: &Plan,
    course: &CoursePlan,
    placed: Vec<(&Case, Place)>,
    cases: &Cases,
    failed: &HashMap<String, String>,
    matched: &Matched,
) -> Vec<Seen> {
    let of = |(case, place): (&Case, Place)| -> Vec<Seen> {
        if course.stated.matching.is_some() {
            let components = matched.names.keys().filter(|(of, _)| *of == case.name).map(|(_, component)| *component);
            let mut components: Vec<Option<usize>> = components.collect();
            components.sort_unstable();
            let found = components.into_iter().filter_map(|component| {
                Some((component, found(plan, course, cases.get(&(case.name.clone(), component))?)))
            });
            return place.matched(&case.name, found.collect(), matched);
        }
        let why = || Undefined::from(failed.get(&case.name).map_or("it has no features", String::as_str));
        let lesion = cases.get(&(case.name.clone(), None));
        let found = lesion.map(|lesion| found(plan, course, lesion)).ok_or_else(why);
        vec![place.seen(case.name.clone(), found)]
    };
    placed.into_iter().flat_map(of).collect()
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
fn row(lesion: &timeline::Lesion, cases: &mut Cases) -> Result<Lesion, (String, String)> {
    let seen = |at: usize| lesion.points.get(at)?.seen.as_ref().map(|seen| (seen.case.clone(), seen.component));
    let pair = lesion.pair.as_ref().map_err(|why| (seen(0).unwrap_or_default().0, why.to_string()))?;
    let baseline = seen(pair.from).unwrap_or_default();
    let missing = || (baseline.0.clone(), "its baseline has no features".to_owned());
    let mut row = cases.remove(&baseline).ok_or_else(missing)?;
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
        tables::write(folder, &course::columns(plan, course), course::sums(course), &self.lost, &each)?;
        match self.unmatched.is_empty() {
            true => Ok(()),
            false => output::add_failures(folder, &self.faults().collect::<Vec<_>>()),
        }
    }

    /// Cases of time points that cannot be matched, with what keeps them from it.
    pub fn faults(&self) -> impl Iterator<Item = (String, Fault)> {
        self.unmatched.iter().map(|(case, why)| (case.clone(), Fault::new(COURSE, why)))
    }
}

/// Takes away what an earlier run has written of the course.
///
/// # Errors
/// Which file, and why not.
pub fn clear(folder: &Folder) -> Result<(), String> {
    tables::TABLES.iter().try_for_each(|name| folder.remove(name))
}
