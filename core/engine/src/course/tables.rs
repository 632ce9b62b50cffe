//! `course.csv`, `delta.csv`, `delta_long.csv` and `sums.csv`.

use std::io::{self, Write};

use super::{
    days::between,
    delta::doubling_days,
    sums,
    timeline::{Lesion, Patient, Point},
};
use crate::{
    experiment::course::{Delta, Sums},
    output::Folder,
    plan::Diameters,
    table::{FeatureValue, number},
};

/// The table of time points.
pub const COURSE: &str = "course.csv";
/// The table of deltas, a row a lesion.
pub const DELTA: &str = "delta.csv";
/// The same, a row a value.
pub const DELTA_LONG: &str = "delta_long.csv";
/// The table of sums of diameters.
pub const SUMS: &str = "sums.csv";

/// State of a case that cannot be followed.
const LEFT_OUT: &str = "left out";

/// All of them.
pub const TABLES: [&str; 4] = [COURSE, DELTA, DELTA_LONG, SUMS];

/// A column of deltas.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Its name: `tumour:glcm.joint_entropy@log_ratio`.
    pub name: String,
    /// The input.
    pub input: String,
    /// What is computed of it.
    pub delta: Delta,
    /// Unit.
    pub unit: String,
}

/// A case that cannot be followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lost {
    /// The patient; empty if nobody knows.
    pub patient: String,
    /// The case.
    pub case: String,
    /// Why not.
    pub reason: String,
}

/// Gives every patient, in the order of the list, to a writer of rows.
pub type Patients<'a> = dyn Fn(&mut dyn FnMut(&Patient) -> io::Result<()>) -> io::Result<()> + 'a;

/// Writes the tables; that of sums, if they are wanted.
///
/// # Errors
/// Which file, and why not.
pub fn write(
    folder: &Folder,
    columns: &[Column],
    sums: Option<(&Sums, Diameters)>,
    lost: &[Lost],
    patients: &Patients<'_>,
) -> Result<(), String> {
    folder.write(COURSE, |out| course(out, lost, patients))?;
    folder.write(DELTA, |out| deltas(out, columns, patients))?;
    folder.write(DELTA_LONG, |out| long(out, columns, patients))?;
    match sums {
        Some((stated, diameters)) => folder.write(SUMS, |out| write_sums(out, stated, diameters, patients)),
        None => folder.remove(SUMS),
    }
}

fn cell(value: &FeatureValue) -> String {
    value.as_ref().map(|value| number(*value)).unwrap_or_default()
}

fn reason(value: &FeatureValue) -> &str {
    value.as_ref().err().map_or("", |why| why)
}

/// A row a patient, lesion and time point; behind them the cases that cannot be followed.
fn course(out: &mut dyn Write, lost: &[Lost], patients: &Patients<'_>) -> io::Result<()> {
    let mut out = csv::Writer::from_writer(out);
    out.write_record([
        "patient",
        "lesion",
        "time_point",
        "days",
        "days_since_previous",
        "case",
        "component",
        "location",
        "state",
        "came_of",
        "used",
        "volume_ml",
        "volume_change_percent",
        "doubling_days",
        "reason",
    ])?;
    patients(&mut |patient| {
        patient.lesions.iter().try_for_each(|lesion| {
            let rows = (0..lesion.points.len()).map(|at| row(patient, lesion, at));
            rows.into_iter().try_for_each(|row| out.write_record(row).map_err(io::Error::from))
        })
    })?;
    for Lost { patient, case, reason } in lost {
        let mut row: [&str; 15] = [""; 15];
        [row[0], row[5], row[8], row[14]] = [patient, case, LEFT_OUT, reason];
        out.write_record(row)?;
    }
    out.flush()
}

fn volume(point: &Point) -> Option<f64> {
    point.found()?.volume_ml
}

fn row(patient: &Patient, lesion: &Lesion, at: usize) -> [String; 15] {
    let point = &lesion.points[at];
    let before = lesion.points[..at].iter().rev().find(|before| before.seen.is_some());
    let since = before.filter(|_| point.seen.is_some()).map(|before| between(before.day, point.day));
    let measured = lesion.points[..at].iter().rev().find_map(|before| Some((before.day, volume(before)?)));
    let doubling =
        measured.zip(volume(point)).map(|((day, before), after)| doubling_days(between(day, point.day), before, after));
    let base = lesion.points.first().filter(|first| first.visit == 0 && at > 0).and_then(volume);
    let change = base.zip(volume(point)).filter(|(base, _)| *base > 0.0).map(|(base, now)| 100.0 * (now - base) / base);
    let used = match &lesion.pair {
        Ok(pair) if at == pair.from => "baseline",
        Ok(pair) if at == pair.to => "follow-up",
        Ok(pair) if at > pair.from && at < pair.to && point.found().is_some() => "between",
        _ => "",
    };
    let seen = point.seen.as_ref();
    let why = seen.and_then(|seen| seen.found.as_ref().err()).map_or("", |why| why);
    let number = |value: Option<f64>| value.map(number).unwrap_or_default();
    [
        patient.name.clone(),
        lesion.name.clone(),
        (point.visit + 1).to_string(),
        number(Some(point.day)),
        number(since),
        seen.map(|seen| seen.case.clone()).unwrap_or_default(),
        seen.and_then(|seen| seen.component).map(|component| component.to_string()).unwrap_or_default(),
        lesion.location.clone().unwrap_or_default(),
        point.state.word().to_owned(),
        lesion.origin.as_ref().filter(|_| at == 0).map(|origin| origin.of.join(" ")).unwrap_or_default(),
        used.to_owned(),
        number(volume(point)),
        number(change),
        doubling.as_ref().map(cell).unwrap_or_default(),
        why.to_owned(),
    ]
}

/// The cases that are held against each other, and the days between them; empty where none are.
fn pair(lesion: &Lesion) -> [String; 3] {
    let case = |at: usize| {
        let seen = lesion.points.get(at)?.seen.as_ref()?;
        Some(
            seen.component
                .map_or_else(|| seen.case.clone(), |component| format!("{}, component {component}", seen.case)),
        )
    };
    match &lesion.pair {
        Ok(pair) => [case(pair.from).unwrap_or_default(), case(pair.to).unwrap_or_default(), number(pair.days)],
        Err(_) => {
            let base = lesion.points.first().filter(|first| first.visit == 0).and(case(0));
            [base.unwrap_or_default(), String::new(), String::new()]
        }
    }
}

/// In how many days the volume doubles, from baseline to follow-up.
fn doubling(lesion: &Lesion) -> Option<FeatureValue> {
    let pair = lesion.pair.as_ref().ok()?;
    let [before, after] = [pair.from, pair.to].map(|at| volume(&lesion.points[at]));
    Some(doubling_days(pair.days, before?, after?))
}

/// A row a lesion.
fn deltas(out: &mut dyn Write, columns: &[Column], patients: &Patients<'_>) -> io::Result<()> {
    let mut out = csv::Writer::from_writer(out);
    let first = ["patient", "lesion", "case", "follow_up_case", "days", "doubling_days", "reason"];
    out.write_record(first.into_iter().chain(columns.iter().map(|column| column.name.as_str())))?;
    patients(&mut |patient| {
        for lesion in &patient.lesions {
            let doubling = doubling(lesion).as_ref().map(cell).unwrap_or_default();
            let why = lesion.pair.as_ref().err().map_or("", |why| why);
            out.write_field(&patient.name)?;
            out.write_field(&lesion.name)?;
            pair(lesion).iter().try_for_each(|text| out.write_field(text))?;
            out.write_field(doubling)?;
            out.write_field(why)?;
            lesion.deltas.iter().try_for_each(|value| out.write_field(cell(value)))?;
            out.write_record(None::<&[u8]>)?;
        }
        Ok(())
    })?;
    out.flush()
}

/// A row a value.
fn long(out: &mut dyn Write, columns: &[Column], patients: &Patients<'_>) -> io::Result<()> {
    let mut out = csv::Writer::from_writer(out);
    let header =
        ["patient", "lesion", "case", "follow_up_case", "days", "input", "delta", "unit", "value", "status", "reason"];
    out.write_record(header)?;
    patients(&mut |patient| {
        for lesion in &patient.lesions {
            let [case, follow_up, days] = pair(lesion);
            for (column, value) in columns.iter().zip(&lesion.deltas) {
                out.write_record([
                    patient.name.as_str(),
                    &lesion.name,
                    &case,
                    &follow_up,
                    &days,
                    &column.input,
                    column.delta.word(),
                    &column.unit,
                    &cell(value),
                    if value.is_ok() { "ok" } else { "undefined" },
                    reason(value),
                ])?;
            }
        }
        Ok(())
    })?;
    out.flush()
}

/// A row a patient and time point.
fn write_sums(out: &mut dyn Write, stated: &Sums, diameters: Diameters, patients: &Patients<'_>) -> io::Result<()> {
    let mut out = csv::Writer::from_writer(out);
    out.write_record([
        "patient",
        "time_point",
        "days",
        "lesions",
        "sum_mm",
        "change_percent",
        "nadir_mm",
        "change_from_nadir_percent",
        "new_lesions",
        "by_recist_thresholds",
        "reason",
    ])?;
    patients(&mut |patient| {
        let sums = sums::sums(patient, stated, diameters);
        for ((at, sum), days) in sums.iter().enumerate().zip(&patient.visits) {
            out.write_record([
                patient.name.as_str(),
                &(at + 1).to_string(),
                &number(*days),
                &sum.lesions.to_string(),
                &cell(&sum.sum_mm),
                &cell(&sum.change),
                &cell(&sum.nadir_mm),
                &cell(&sum.change_from_nadir),
                &sum.new.to_string(),
                sum.response.map_or("", sums::Response::letters),
                sum.sum_mm.as_ref().map_or_else(|why| &**why, |_| sum.remark.as_deref().unwrap_or_default()),
            ])?;
        }
        Ok(())
    })?;
    out.flush()
}
