//! A page a patient: scores, lesions, and how each score came about.

use voxomics_engine::{results::Output, table::FeatureValue};
use voxomics_report::study::{Contribution, Lesion, LesionScore, OtherOutput, Patient, PatientScore};

use super::{
    Context, ScoredModel,
    cutoff::{self, Cutoff},
    rows::{self, Scoring, Unit, lesion_name, units},
    words,
};
use crate::data;

/// The patients of all cohorts who have a lesion that was scored, with or without success, or followed over time, in the order of the
/// cohorts and of their names.
pub fn patients(context: &Context<'_>) -> Vec<Patient> {
    let scoring = Scoring::new(false, context.default_aggregation, context.first_region);
    let of_training = |model| cutoff::of_training(model, 0.5, context, scoring).ok();
    let models: Vec<(&ScoredModel, Option<Cutoff>)> =
        context.models.iter().map(|model| (model, of_training(model))).collect();
    let mut shown = Vec::new();
    for cohort in context.cohorts {
        let mut patients: Vec<&data::Patient> = cohort.patients.iter().collect();
        patients.sort_by(|a, b| a.place("").cmp(&b.place("")));
        let (units, _) = units(cohort, false, &[]);
        let first = shown.len();
        for (unit, patient) in units.iter().zip(patients) {
            let scored = patient.lesions.iter().any(|lesion| !lesion.scores.is_empty());
            if !scored && patient.over_time.is_empty() {
                continue;
            }
            let mut lesions: Vec<&data::Lesion> = patient.lesions.iter().collect();
            lesions.sort_by(|a, b| a.place().cmp(&b.place()));
            shown.push(Patient {
                id: patient.id.clone(),
                cohort: cohort.name.clone(),
                scores: models
                    .iter()
                    .map(|(model, cutoff)| of_patient(unit, model, cutoff.as_ref(), scoring))
                    .collect(),
                lesions: lesions.into_iter().map(|lesion| of_lesion(lesion, &models, scoring.region)).collect(),
                over_time: patient.over_time.clone(),
            });
        }
        // Of pseudonyms, the order of the names that they stand for is nobody's business.
        shown[first..].sort_by(|a, b| a.id.cmp(&b.id));
    }
    shown
}

fn of_patient(unit: &Unit<'_>, model: &ScoredModel, cutoff: Option<&Cutoff>, scoring: Scoring<'_>) -> PatientScore {
    let (score, reason) = match scoring.score(unit, &model.name) {
        Ok(score) => (Some(score), String::new()),
        Err(reason) => (None, reason),
    };
    let position = match (score, cutoff) {
        (Some(score), Some(cutoff)) => {
            let side = if score > cutoff.value { "above" } else { "at or below" };
            format!("{side} the training median ({})", words::figure(cutoff.value))
        }
        _ => String::new(),
    };
    PatientScore { model: model.name.clone(), score, reason, position }
}

fn of_lesion(lesion: &data::Lesion, models: &[(&ScoredModel, Option<Cutoff>)], region: &str) -> Lesion {
    let score = |(model, _): &(&ScoredModel, Option<Cutoff>)| {
        let (score, reason) = match rows::of_lesion(lesion, &model.name) {
            Ok(score) => (Some(score), String::new()),
            Err(reason) => (None, reason),
        };
        let of_model = lesion.scores.get(&model.name);
        let terms = of_model.map_or(&[][..], |score| &score.terms);
        let others = of_model.map_or(&[][..], |score| &score.others);
        LesionScore {
            model: model.name.clone(),
            score,
            reason,
            others: others.iter().map(other).collect(),
            terms: terms.iter().map(contribution).collect(),
        }
    };
    Lesion {
        case: lesion_name(lesion),
        columns: lesion.columns.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        volume_ml: lesion.volumes_ml.get(region).copied(),
        scores: models.iter().map(score).collect(),
        picture: lesion.picture.clone(),
    }
}

fn other((output, value): &(Output, FeatureValue)) -> OtherOutput {
    OtherOutput {
        name: output.name.clone(),
        unit: output.unit.clone(),
        value: value.as_ref().ok().copied(),
        reason: value.as_ref().err().map(|reason| reason.to_string()).unwrap_or_default(),
    }
}

/// A number that is not finite is no number to show.
fn contribution(term: &data::Term) -> Contribution {
    let value = term.value.as_ref().ok().copied().filter(|value| value.is_finite());
    let warning = match (&term.doubt, &term.value) {
        (Some(doubt), _) => doubt.clone(),
        (None, Err(reason)) => reason.to_string(),
        (None, Ok(_)) => String::new(),
    };
    let contribution = term.contribution.filter(|contribution| contribution.is_finite());
    Contribution { input: term.input.clone(), value, contribution, warning }
}
