//! The tables of a run.

use std::{
    borrow::Cow,
    collections::HashSet,
    io::{self, Write},
};

use voxomics_base::table::{Column, FeatureValue, number};

use super::Folder;
use crate::{
    layout::{Layout, Output},
    outcome::{Fault, Outcome},
    waiting::Done,
};

/// What stands for the unit of the image in the unit of a feature.
const INTENSITY: &str = "intensity";
/// Columns of the tables before those of the list of cases.
const FIRST: [&str; 2] = ["case", "region"];

/// Whether every column of the tables has a name of its own.
///
/// # Errors
/// Which column of the list of cases has the name of another one.
pub fn check_columns<'a>(layout: &Layout, covariates: impl IntoIterator<Item = &'a str>) -> Result<(), String> {
    let taken: HashSet<&str> = layout.columns.iter().map(|column| column.name.as_str()).chain(FIRST).collect();
    match covariates.into_iter().find(|name| taken.contains(name)) {
        Some(name) => {
            Err(format!("it has a column `{name}`, which is the name of a column of the results: give it another one"))
        }
        None => Ok(()),
    }
}

/// The table of model cards, beside `scores.csv`.
pub const CARDS: &str = "model_cards.csv";

/// Writes `features.csv`, `features_long.csv`, `inputs.csv`, `scores.csv`, `model_cards.csv` and `failures.csv`. A table that cannot be
/// written, as on a disk that is almost full, keeps no other from being written.
///
/// # Errors
/// Which file, and why not; the first of them.
pub fn tables(folder: &Folder, layout: &Layout, covariates: &[String], done: &Done<'_>) -> Result<(), String> {
    // Scores of an earlier run would stand beside features that they do not belong to.
    let scored = match layout.predictors.is_empty() {
        true => folder.remove("scores.csv"),
        false => folder.write("scores.csv", |out| scores(out, layout, done)),
    };
    let carded = match layout.predictors.iter().any(|predictor| predictor.card.is_some()) {
        true => folder.write(CARDS, |out| cards(out, layout)),
        false => folder.remove(CARDS),
    };
    let written = [
        folder.write("features.csv", |out| features(out, layout, covariates, done)),
        folder.write("features_long.csv", |out| features_long(out, layout, done)),
        folder.write("inputs.csv", |out| inputs(out, layout, done)),
        scored,
        carded,
        folder.write("failures.csv", |out| failures(out, done)),
    ];
    written.into_iter().collect()
}

/// A row a case and region; an undefined value is an empty cell.
fn features(out: &mut dyn Write, layout: &Layout, covariates: &[String], done: &Done<'_>) -> io::Result<()> {
    let mut out = csv::Writer::from_writer(out);
    let columns = layout.columns.iter().map(|column| column.name.as_str());
    out.write_record(FIRST.into_iter().chain(covariates.iter().map(String::as_str)).chain(columns))?;
    done.each(|case, outcome| {
        for row in &outcome.rows {
            out.write_field(&case.name)?;
            out.write_field(layout.region_label(row.region, row.component))?;
            for name in covariates {
                out.write_field(case.covariate(name).unwrap_or_default())?;
            }
            for value in &row.values {
                out.write_field(value.as_ref().map(cell).unwrap_or_default())?;
            }
            out.write_record(None::<&[u8]>)?;
        }
        Ok(())
    })?;
    out.flush()
}

fn cell(value: &FeatureValue) -> String {
    value.as_ref().map(|value| number(*value)).unwrap_or_default()
}

/// The unit of a feature, in which `intensity` stands for the unit of the image, if that is known.
fn unit<'u>(of_feature: &'u str, intensity: Option<&'u str>) -> Cow<'u, str> {
    match (of_feature, intensity) {
        (INTENSITY, Some(unit)) => unit.into(),
        (_, Some(unit)) if of_feature.contains(INTENSITY) => {
            let is_word = unit.chars().all(char::is_alphanumeric);
            let unit = if is_word { Cow::from(unit) } else { format!("({unit})").into() };
            of_feature.replace(INTENSITY, &unit).into()
        }
        _ => of_feature.into(),
    }
}

/// The unit of a case's values of a column: that of the image in place of `intensity`, where it is known.
pub fn unit_of<'a>(layout: &'a Layout, column: &'a Column, outcome: &'a Outcome) -> Cow<'a, str> {
    let of_image = layout.units.get(&column.image).and_then(|name| outcome.metadata.get(name)?.as_str());
    unit(&column.unit, of_image)
}

/// A row a value, with its code, unit, status and reason.
fn features_long(out: &mut dyn Write, layout: &Layout, done: &Done<'_>) -> io::Result<()> {
    let mut out = csv::Writer::from_writer(out);
    let header = [
        "case",
        "region",
        "image",
        "family",
        "aggregation",
        "feature",
        "ibsi_code",
        "unit",
        "value",
        "status",
        "reason",
    ];
    out.write_record(header)?;
    done.each(|case, outcome| {
        for row in &outcome.rows {
            let region = layout.region_label(row.region, row.component);
            for (column, value) in layout.columns.iter().zip(&row.values) {
                let Some(value) = value else { continue };
                let (status, reason) = match value {
                    Ok(_) => ("ok", ""),
                    Err(reason) => ("undefined", &**reason),
                };
                out.write_record([
                    case.name.as_str(),
                    &region,
                    &column.image,
                    &column.family,
                    &column.aggregation,
                    &column.feature,
                    &column.ibsi,
                    &unit_of(layout, column, outcome),
                    &cell(value),
                    status,
                    reason,
                ])?;
            }
        }
        Ok(())
    })?;
    out.flush()
}

/// A row a case (or component): every input that a predictor could take, in the order of the layout.
fn inputs(out: &mut dyn Write, layout: &Layout, done: &Done<'_>) -> io::Result<()> {
    let mut out = csv::Writer::from_writer(out);
    out.write_record(["case", "component"].into_iter().chain(layout.inputs.iter().map(String::as_str)))?;
    done.each(|case, outcome| {
        for (component, values) in outcome.inputs.iter().filter(|_| !outcome.rows.is_empty()) {
            out.write_field(&case.name)?;
            out.write_field(component.map(|number| number.to_string()).unwrap_or_default())?;
            for value in values {
                out.write_field(cell(value))?;
            }
            out.write_record(None::<&[u8]>)?;
        }
        Ok(())
    })?;
    out.flush()
}

/// Columns of `scores.csv`, whoever writes it.
pub const SCORES: [&str; 12] = [
    "case",
    "component",
    "patient",
    "cohort",
    "model",
    "output",
    "value",
    "unit",
    "status",
    "reason",
    "doubts",
    "contributions",
];

/// A prediction, to be written into `scores.csv`.
#[derive(Debug, Clone, Copy)]
pub struct Scored<'a> {
    /// The case.
    pub case: &'a str,
    /// Number of the component, where each is a region of its own.
    pub component: Option<usize>,
    /// The patient; empty if nobody knows.
    pub patient: &'a str,
    /// The cohort; empty without a study.
    pub cohort: &'a str,
    /// Name of the predictor or model.
    pub model: &'a str,
}

impl Scored<'_> {
    /// The rows of a prediction, one for each output. What inputs contributed is told beside the first, of which it is.
    pub fn rows<'a>(
        self,
        outputs: &[Output],
        values: impl IntoIterator<Item = &'a FeatureValue>,
        contributions: impl IntoIterator<Item = (&'a str, f64)>,
        doubts: &[String],
    ) -> Vec<[String; SCORES.len()]> {
        let terms = contributions.into_iter().map(|(name, term)| format!("{name}={}", number(term)));
        let mut terms = terms.collect::<Vec<_>>().join("; ");
        let rows = outputs.iter().zip(values).map(|(output, value)| {
            let (status, reason) = match value {
                Ok(_) => ("ok", ""),
                Err(reason) => ("undefined", &**reason),
            };
            [
                self.case.to_owned(),
                self.component.map(|number| number.to_string()).unwrap_or_default(),
                self.patient.to_owned(),
                self.cohort.to_owned(),
                self.model.to_owned(),
                output.name.clone(),
                cell(value),
                output.unit.clone(),
                status.to_owned(),
                reason.to_owned(),
                doubts.join("; "),
                std::mem::take(&mut terms),
            ]
        });
        rows.collect()
    }
}

/// A row for each output of each prediction.
fn scores(out: &mut dyn Write, layout: &Layout, done: &Done<'_>) -> io::Result<()> {
    let mut out = csv::Writer::from_writer(out);
    out.write_record(SCORES)?;
    done.each(|case, outcome| {
        for score in &outcome.scores {
            let predictor = &layout.predictors[score.predictor];
            let scored = Scored {
                case: &case.name,
                component: score.component,
                patient: case.covariate("patient").unwrap_or_default(),
                cohort: "",
                model: &predictor.name,
            };
            let values = [&score.score].into_iter().chain(&score.others);
            let terms = predictor.inputs.iter().map(String::as_str).zip(score.contributions.iter().copied());
            for row in scored.rows(&predictor.outputs, values, terms, &score.doubts) {
                out.write_record(row)?;
            }
        }
        Ok(())
    })?;
    out.flush()
}

/// A row for each predictor with a model card, with what the card states.
fn cards(out: &mut dyn Write, layout: &Layout) -> io::Result<()> {
    let mut out = csv::Writer::from_writer(out);
    let carded = || layout.predictors.iter().filter_map(|predictor| Some((&predictor.name, predictor.card.as_ref()?)));
    let Some((_, first)) = carded().next() else { return Ok(()) };
    let stated = first.stated.iter().map(|(name, _)| name.replace(' ', "_"));
    out.write_record(["model", "plugin", "version", "vendor", "known"].map(String::from).into_iter().chain(stated))?;
    for (model, card) in carded() {
        let first = [model, &card.plugin, &card.version, &card.vendor, &card.known];
        out.write_record(first.into_iter().chain(card.stated.iter().map(|(_, text)| text)))?;
    }
    out.flush()
}

/// A row a fault.
fn failures(out: &mut dyn Write, done: &Done<'_>) -> io::Result<()> {
    let mut out = csv::Writer::from_writer(out);
    out.write_record(["case", "region", "stage", "plugin", "message"])?;
    done.each(|case, outcome| {
        for fault in &outcome.faults {
            out.write_record(failure(&case.name, fault))?;
        }
        Ok(())
    })?;
    out.flush()
}

fn failure<'f>(case: &'f str, fault: &'f Fault) -> [&'f str; 5] {
    let [region, plugin] = [&fault.region, &fault.plugin].map(|text| text.as_deref().unwrap_or_default());
    [case, region, fault.stage, plugin, &fault.message]
}

/// Puts faults of cases behind those in the `failures.csv` of this run: of a stage that follows when the tables are there.
///
/// # Errors
/// If the file cannot be read or written, and why not.
pub fn add_failures(folder: &Folder, faults: &[(String, Fault)]) -> Result<(), String> {
    const NAME: &str = "failures.csv";
    let path = folder.path().join(NAME);
    let before = std::fs::read(&path).map_err(|cause| format!("cannot read {}: {cause}", path.display()))?;
    folder.write(NAME, |out| {
        out.write_all(&before)?;
        let mut out = csv::Writer::from_writer(out);
        for (case, fault) in faults {
            out.write_record(failure(case, fault))?;
        }
        out.flush()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intensities_have_the_unit_of_the_image() {
        assert_eq!(unit("intensity", Some("HU")), "HU");
        assert_eq!(unit("intensity^2 mm^3", Some("HU")), "HU^2 mm^3");
        assert_eq!(unit("intensity^2", Some("Bq/ml")), "(Bq/ml)^2");
        assert_eq!((unit("intensity", None), unit("mm", Some("HU"))), ("intensity".into(), "mm".into()));
    }
}
