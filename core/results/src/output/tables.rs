//! The tables of a run.

use std::{
    borrow::Cow,
    collections::HashSet,
    io::{self, Write},
};

use voxomics_base::table::{Column, FeatureValue, number};

use super::{
    Folder, formulas,
    scores::{self, remove_scores, write_scores},
    seen::{Beside, Seen},
    sheet::{Heading, Kind, Sheet},
    written,
};
use crate::{
    layout::Layout,
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

/// Writes `features.csv`, `features_long.csv`, `inputs.csv`, `scores.csv`, `model_cards.csv` and `failures.csv`; of features and
/// scores, also what is asked for beside these. A table that cannot be written, as on a disk that is almost full, keeps no other from
/// being written.
///
/// # Errors
/// Which file, and why not; the first of them.
pub fn tables(
    folder: &Folder,
    layout: &Layout,
    covariates: &[String],
    done: &Done<'_>,
    beside: &Beside<'_>,
) -> Result<(), String> {
    let seen =
        Seen::look(layout, covariates, done, beside).map_err(|cause| format!("what was found is lost: {cause}"))?;
    // Scores of an earlier run would stand beside features that they do not belong to.
    let scored = match layout.predictors.is_empty() {
        true => remove_scores(folder),
        false => write_scores(folder, beside.also, &|take| scores::of_cases(take, layout, done)),
    };
    let carded = match layout.predictors.iter().any(|predictor| predictor.card.is_some()) {
        true => folder.write(CARDS, |out| cards(out, layout)),
        false => folder.remove(CARDS),
    };
    let of_features = headings(layout, covariates, &seen, beside);
    let of_long: Vec<Heading> = LONG.into_iter().map(|(name, kind)| Heading::new(name, kind)).collect();
    let fill = |sheet: &mut dyn Sheet| features(sheet, layout, covariates, done, &seen);
    let fill_long = |sheet: &mut dyn Sheet| features_long(sheet, layout, done);
    let written = [
        written::write(folder, "features", &of_features, beside.also, &fill),
        written::write(folder, "features_long", &of_long, beside.also, &fill_long),
        folder.write("inputs.csv", |out| inputs(out, layout, done)),
        scored,
        carded,
        folder.write("failures.csv", |out| failures(out, done)),
    ];
    written.into_iter().collect()
}

/// The columns of the features, each with what there is to say of it.
fn headings(layout: &Layout, covariates: &[String], seen: &Seen, beside: &Beside<'_>) -> Vec<Heading> {
    let of_column = |(at, column): (usize, &Column)| {
        let unit = unit(&column.unit, seen.unit(layout, &column.image));
        let settings = beside.settings.get(at).map_or("", String::as_str);
        let about = [
            ("unit", &*unit),
            ("ibsi_code", &column.ibsi),
            ("image", &column.image),
            ("family", &column.family),
            ("aggregation", &column.aggregation),
            ("feature", &column.feature),
            ("settings_sha256", settings),
        ];
        let about = about.into_iter().filter(|(_, text)| !text.is_empty()).map(|(key, text)| (key, text.to_owned()));
        Heading { about: about.collect(), ..Heading::new(&column.name, Kind::Number) }
    };
    let first = FIRST.map(|name| Heading::new(name, Kind::Text));
    let further = covariates.iter().zip(seen.kinds()).map(|(name, kind)| Heading::new(name, kind));
    first.into_iter().chain(further).chain(layout.columns.iter().enumerate().map(of_column)).collect()
}

/// A row a case and region; an undefined value is an empty cell.
fn features(
    sheet: &mut dyn Sheet,
    layout: &Layout,
    covariates: &[String],
    done: &Done<'_>,
    seen: &Seen,
) -> io::Result<()> {
    done.each(|case, outcome| {
        for row in &outcome.rows {
            sheet.text(&case.name)?;
            sheet.text(&layout.region_label(row.region, row.component))?;
            for (at, name) in covariates.iter().enumerate() {
                let cell = case.covariate(name).unwrap_or_default();
                sheet.cell(cell, seen.read(at, cell))?;
            }
            for value in &row.values {
                sheet.number(value.as_ref().and_then(|value| value.as_ref().ok().copied()))?;
            }
            sheet.end_row()?;
        }
        Ok(())
    })
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

/// Columns of `features_long.csv`.
const LONG: [(&str, Kind); 11] = [
    ("case", Kind::Text),
    ("region", Kind::Text),
    ("image", Kind::Text),
    ("family", Kind::Text),
    ("aggregation", Kind::Text),
    ("feature", Kind::Text),
    ("ibsi_code", Kind::Text),
    ("unit", Kind::Text),
    ("value", Kind::Number),
    ("status", Kind::Text),
    ("reason", Kind::Text),
];

/// A row a value, with its code, unit, status and reason.
fn features_long(sheet: &mut dyn Sheet, layout: &Layout, done: &Done<'_>) -> io::Result<()> {
    done.each(|case, outcome| {
        for row in &outcome.rows {
            let region = layout.region_label(row.region, row.component);
            for (column, value) in layout.columns.iter().zip(&row.values) {
                let Some(value) = value else { continue };
                let (status, reason) = match value {
                    Ok(_) => ("ok", ""),
                    Err(reason) => ("undefined", &**reason),
                };
                let unit = unit_of(layout, column, outcome);
                let Column { image, family, aggregation, feature, ibsi, .. } = column;
                for text in [&case.name, &region, image, family, aggregation, feature, ibsi, &*unit] {
                    sheet.text(text)?;
                }
                sheet.number(value.as_ref().ok().copied())?;
                sheet.text(status)?;
                sheet.text(reason)?;
                sheet.end_row()?;
            }
        }
        Ok(())
    })
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
    let before = std::fs::read(&path).and_then(|before| match folder.defuses() {
        // They are defused when they are written again.
        true => formulas::undone(&before),
        false => Ok(before),
    });
    let before = before.map_err(|cause| format!("cannot read {}: {cause}", path.display()))?;
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
