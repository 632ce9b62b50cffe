//! Pictures of lesions over time in a run without cohorts: what the report of a study has on the pages of its patients, as files.

use std::collections::HashMap;

use voxomics_engine::{course::tables, output::Folder, preview};
use voxomics_report::study::{OverTime, TimePoint};

/// The folder of the pictures.
const FOLDER: &str = "course";

/// Lesions of a patient over time.
type Patient = (String, Vec<OverTime>);

/// Draws a picture of each patient in the table of a course, in place of those of an earlier run. Gives their number: a patient without a
/// volume has none.
///
/// # Errors
/// If the table cannot be read, or which file cannot be written.
pub fn of_course(folder: &Folder) -> Result<usize, String> {
    let path = folder.path().join(tables::COURSE);
    if !path.exists() {
        return folder.clear_below(FOLDER).map(|()| 0);
    }
    let patients = read(&path).map_err(|cause| format!("cannot read {}: {cause}", path.display()))?;
    let stems = preview::file_stems(patients.iter().map(|(name, _)| name.as_str()));
    let drawn = patients.iter().zip(stems);
    let drawn = drawn.filter_map(|((name, lesions), stem)| Some((stem, voxomics_report::course(name, lesions)?)));
    let drawn: Vec<(String, String)> = drawn.collect();
    if drawn.is_empty() {
        return folder.clear_below(FOLDER).map(|()| 0);
    }
    folder.fill_below(FOLDER, |aside| {
        drawn.iter().try_for_each(|(stem, svg)| {
            let path = aside.join(format!("{stem}.svg"));
            std::fs::write(&path, svg).map_err(|cause| format!("cannot write {}: {cause}", path.display()))
        })
    })?;
    Ok(drawn.len())
}

/// The patients of a table, in its order.
fn read(path: &std::path::Path) -> Result<Vec<Patient>, csv::Error> {
    let mut reader = csv::Reader::from_path(path)?;
    let (mut patients, mut places): (Vec<Patient>, HashMap<String, usize>) = Default::default();
    for row in reader.deserialize() {
        let row: HashMap<String, String> = row?;
        let cell = |column: &str| row.get(column).cloned().unwrap_or_default();
        // Cases without a place in the course have no time.
        let Ok(days) = cell("days").parse() else { continue };
        let point = TimePoint { days, state: cell("state"), volume_ml: cell("volume_ml").parse().ok() };
        let (patient, lesion) = (cell("patient"), cell("lesion"));
        let place = *places.entry(patient.clone()).or_insert_with(|| {
            patients.push((patient, Vec::new()));
            patients.len() - 1
        });
        let lesions = &mut patients[place].1;
        match lesions.iter_mut().find(|known| known.lesion == lesion) {
            Some(known) => known.points.push(point),
            None => lesions.push(OverTime { lesion, points: vec![point] }),
        }
    }
    Ok(patients)
}
