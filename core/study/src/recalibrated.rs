//! The file of a recalibrated model: that of the model, with another intercept, other coefficients and another baseline hazard.

use std::path::PathBuf;

use serde_json::Value as Json;
use voxomics_engine::{digest, experiment::study::Evaluate, plan::Predictor};
use voxomics_report::study::Evaluation;

use crate::{
    evaluate::{self, Context, Update},
    learn,
    work::Work,
};

/// The folder of recalibrated models.
pub const RECALIBRATED: &str = "recalibrated";

/// What only the model that was learnt has achieved.
const OF_THE_OTHER: [&str; 3] = ["performance", "cross_validation", "cutoffs"];

/// Recalibrates the model of an evaluation, if it asks for that, and writes its file; what keeps it from that is a note.
///
/// # Errors
/// If the file cannot be written.
pub fn write(
    work: &Work<'_>,
    stated: &Evaluate,
    predictor: Option<&Predictor>,
    context: &Context<'_>,
    shown: &mut Evaluation,
) -> Result<Option<PathBuf>, String> {
    let update = match evaluate::recalibrate(stated, context) {
        Ok(None) => return Ok(None),
        Ok(Some(update)) => update,
        Err(why) => {
            shown.notes.push(format!("The model was not recalibrated: {why}."));
            return Ok(None);
        }
    };
    let document = predictor.and_then(|of| of.model.as_ref()).map_or(&Json::Null, |model| &model.document);
    let Some(model) = updated(document, &update, stated) else {
        shown.notes.push(format!(
            "Recalibration gives {} for the score before its link; the model’s file has no intercept and no coefficients to change, and \
             none was written.",
            formula(&update)
        ));
        return Ok(None);
    };
    let name = format!("{}.toml", stated.name);
    let text =
        toml::to_string_pretty(&model).map_err(|why| format!("the recalibrated model cannot be written: {why}"))?;
    let folder = work.folder.below(RECALIBRATED)?;
    folder.write(&name, |out| out.write_all(text.as_bytes()))?;
    shown.recalibrated = true;
    shown.notes.push(format!(
        "Recalibrated on these {} {}: {} before the link; the model is {RECALIBRATED}/{name}. On these very {} its calibration says \
         nothing: evaluate it in others.",
        update.rows,
        shown.unit,
        formula(&update),
        shown.unit
    ));
    Ok(Some(folder.path().join(name)))
}

fn formula(update: &Update) -> String {
    let baseline = if update.baseline.is_some() { ", with a new baseline hazard" } else { "" };
    format!("{:.4} + {:.4} × score{baseline}", update.intercept, update.slope)
}

/// The changed model; none if it is no sum of terms.
fn updated(document: &Json, update: &Update, stated: &Evaluate) -> Option<toml::Table> {
    let mut model = toml::Table::try_from(document).ok()?;
    let of = digest::sha256(toml::to_string(&model).ok()?.as_bytes());
    let about = model.get_mut("model")?.as_table_mut()?;
    let intercept = number(about.get("intercept")?)?;
    about.insert("intercept".into(), (update.intercept + update.slope * intercept).into());
    for input in model.get_mut("input").and_then(toml::Value::as_array_mut).into_iter().flatten() {
        let input = input.as_table_mut()?;
        if let Some(coefficient) = input.get("coefficient") {
            let changed = update.slope * number(coefficient)?;
            input.insert("coefficient".into(), changed.into());
        }
    }
    OF_THE_OTHER.iter().for_each(|table| drop(model.remove(*table)));
    if let Some((baseline, unit)) = &update.baseline {
        let horizons = model.get("risk").and_then(|risk| risk.get("horizons").cloned());
        let mut risk = learn::baseline_table(baseline, unit);
        risk.extend(horizons.map(|horizons| ("horizons".to_owned(), horizons)));
        model.insert("risk".into(), risk.into());
    }
    let mut told = toml::Table::new();
    told.insert("evaluation".into(), stated.name.clone().into());
    told.insert("cohort".into(), stated.cohort.clone().into());
    told.insert("rows".into(), (update.rows as i64).into());
    told.insert("intercept".into(), update.intercept.into());
    told.insert("slope".into(), update.slope.into());
    told.insert("model_before".into(), of.into());
    let provenance = model.entry("provenance").or_insert_with(|| toml::Table::new().into());
    provenance.as_table_mut()?.insert("recalibration".into(), told.into());
    learn::seal(&mut model).ok()?;
    Some(model)
}

fn number(value: &toml::Value) -> Option<f64> {
    value.as_float().or_else(|| value.as_integer().map(|whole| whole as f64))
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use voxomics_engine::{
        experiment::{
            Origin,
            study::{Recalibrate, Target, Threshold},
        },
        plan::{SEAL, sealed},
    };
    use voxomics_statistics::cox::baseline::Baseline;

    use super::*;

    fn stated() -> Evaluate {
        Evaluate {
            name: "outside".into(),
            cohort: "other".into(),
            score: "model".into(),
            compare_with: None,
            outcome: Target::Number { column: "x".into() },
            out_of_fold: false,
            lesions: false,
            patients: None,
            cutoff: Threshold::Training(0.5),
            recalibrate: Some(Recalibrate::Slope),
            horizons: Vec::new(),
            rates_at: Vec::new(),
            covariates: Vec::new(),
            subgroups: None,
            stratify_by: None,
            only: Vec::new(),
            origin: Origin::Set("evaluate.outside".into()),
        }
    }

    #[test]
    fn the_sum_of_the_new_file_is_the_line_of_that_of_the_old_one() {
        let document = json!({
            "model": { "name": "m", "intercept": 2, "link": "identity" },
            "input": [
                { "name": "a", "coefficient": 0.5, "centre": 1.0, "scale": 2.0 },
                { "name": "b", "unused": true, "minimum": 0.0, "maximum": 1.0 },
            ],
            "performance": { "folds": 5 },
            "cutoffs": { "patients_median": 1.0 },
            "training": { "rows": 9 },
            "risk": { "horizons": [12.0], "time": [1.0], "cumulative_hazard": [0.5], "last": 2.0 },
        });
        let baseline = Baseline { times: vec![3.0], hazard: vec![0.25], last: 4.0 };
        let update = Update { intercept: 0.0, slope: 0.5, baseline: Some((baseline, "months".into())), rows: 40 };
        let new = serde_json::to_value(updated(&document, &update, &stated()).expect("a sum")).expect("JSON");
        let sum = |model: &Json, a: f64| {
            let number = |value: &Json| value.as_f64().expect("a number");
            let input = &model["input"][0];
            number(&model["model"]["intercept"])
                + number(&input["coefficient"]) * (a - number(&input["centre"])) / number(&input["scale"])
        };
        for a in [-3.0, 1.0, 7.5] {
            assert!((sum(&new, a) - 0.5 * sum(&document, a)).abs() < 1e-12);
        }
        assert!(new["performance"].is_null() && new["cutoffs"].is_null(), "figures of the other model");
        assert_eq!((&new["risk"]["time"], &new["risk"]["horizons"]), (&json!([3.0]), &json!([12.0])));
        assert_eq!(new["provenance"]["recalibration"]["rows"], 40);
        assert_eq!(new["training"][SEAL], sealed(new.clone()), "the new file is sealed");
        let forest = json!({ "model": { "name": "m" }, "tree": [] });
        assert_eq!(updated(&forest, &update, &stated()), None);
    }
}
