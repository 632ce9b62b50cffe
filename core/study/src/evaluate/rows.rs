//! Who is evaluated: patients or lesions, and what is known of them.

use std::collections::BTreeSet;

use voxomics_engine::experiment::study::{Aggregation, Condition, same_value};
use voxomics_report::study::Lost;

use super::aggregate::{aggregate, needs_volume};
use crate::data::{Cohort, Lesion, Patient};

/// A patient with the lesions that count, or a lesion.
pub(super) struct Unit<'a> {
    patient: &'a Patient,
    lesions: Vec<&'a Lesion>,
    is_lesion: bool,
}

impl<'a> Unit<'a> {
    /// The patient, or the case with its component.
    pub(super) fn id(&self) -> String {
        match self.lesions.first() {
            Some(lesion) if self.is_lesion => lesion_name(lesion),
            _ => self.patient.id.clone(),
        }
    }

    /// The lesions that count.
    pub(super) fn lesions(&self) -> &[&'a Lesion] {
        &self.lesions
    }

    /// Who the patient is among those of all cohorts.
    pub(super) fn identity(&self, cohort: &str) -> String {
        self.patient.identity_text(cohort)
    }

    /// How many cases of the patient gave no features.
    pub(super) fn without_features(&self) -> usize {
        self.patient.without_features
    }

    /// The patient whom it belongs to.
    pub(super) fn patient(&self) -> &'a str {
        &self.patient.id
    }

    /// What a column says of it; a blank cell says nothing. Of a lesion the list of cases knows best, of a patient the
    /// tables of patients, and then the list of cases where it says the same of every lesion that counts.
    pub(super) fn cell(&self, column: &str) -> Option<&'a str> {
        let of_patient = || self.patient.columns.get(column);
        let of_lesions = || {
            let mut values = self.lesions.iter().map(|lesion| lesion.columns.get(column));
            let first = values.next()??;
            values.all(|value| value == Some(first)).then_some(first)
        };
        let found = if self.is_lesion { of_lesions().or_else(of_patient) } else { of_patient().or_else(of_lesions) };
        found.map(|cell| cell.trim()).filter(|cell| !cell.is_empty())
    }

    /// The same, or why there is none.
    pub(super) fn stated(&self, column: &str) -> Result<&'a str, String> {
        self.cell(column).ok_or_else(|| {
            let differ = self.lesions.iter().any(|lesion| lesion.columns.contains(column));
            if differ { format!("its lesions differ in `{column}`") } else { format!("it has no `{column}`") }
        })
    }

    /// A number that a column holds.
    pub(super) fn number(&self, column: &str) -> Result<f64, String> {
        let cell = self.stated(column)?;
        parse(cell).ok_or_else(|| format!("`{column}` is `{cell}`, expected a number"))
    }

    /// The first condition that it does not meet, in words.
    fn unmet(&self, only: &[Condition]) -> Option<String> {
        let meets = |condition: &Condition| self.cell(&condition.column).is_some_and(|cell| condition.is_met_by(cell));
        let Condition { column, .. } = only.iter().find(|condition| !meets(condition))?;
        Some(match self.stated(column) {
            Ok(cell) => format!("`only` leaves it out: `{column}` is `{cell}`"),
            Err(reason) => format!("`only` leaves it out: {reason}"),
        })
    }
}

/// The case, and its component if it has several.
pub(super) fn lesion_name(lesion: &Lesion) -> String {
    match lesion.component {
        Some(component) => format!("{}, component {component}", lesion.case),
        None => lesion.case.clone(),
    }
}

/// A finite number, if the text is nothing else.
pub(super) fn parse(text: &str) -> Option<f64> {
    text.trim().parse().ok().filter(|value: &f64| value.is_finite())
}

/// How a row came to be left out; one without a lesion that has features was lost before.
pub(super) fn lost(unit: &Unit<'_>, reason: String) -> Lost {
    let stage = if unit.lesions.is_empty() { "extract" } else { "evaluate" };
    Lost { id: unit.id(), stage: stage.into(), reason }
}

/// The units of a cohort in the order of their names in its tables, whatever the order of these, and those that conditions leave
/// out.
pub(super) fn units<'a>(cohort: &'a Cohort, each_lesion: bool, only: &[Condition]) -> (Vec<Unit<'a>>, Vec<Lost>) {
    let mut patients: Vec<&Patient> = cohort.patients.iter().collect();
    patients.sort_by(|a, b| a.place("").cmp(&b.place("")));
    let (mut units, mut left_out) = (Vec::new(), Vec::new());
    let mut keep = |unit: Unit<'a>, unmet: Option<String>| match unmet {
        Some(reason) => left_out.push(lost(&unit, reason)),
        None => units.push(unit),
    };
    for patient in patients {
        let mut lesions: Vec<&Lesion> = patient.lesions.iter().collect();
        lesions.sort_by(|a, b| a.place().cmp(&b.place()));
        let alone = |lesion| Unit { patient, lesions: vec![lesion], is_lesion: each_lesion };
        if each_lesion {
            for unit in lesions.into_iter().map(alone) {
                let unmet = unit.unmet(only);
                keep(unit, unmet);
            }
            continue;
        }
        let all = Unit { patient, lesions, is_lesion: false };
        let unmet: Vec<Option<String>> = all.lesions.iter().map(|lesion| alone(lesion).unmet(only)).collect();
        if all.lesions.is_empty() || unmet.iter().all(Option::is_some) {
            let reason = unmet.into_iter().next().unwrap_or_else(|| all.unmet(only));
            keep(all, reason);
        } else {
            let met = all.lesions.into_iter().zip(unmet).filter(|(_, unmet)| unmet.is_none());
            keep(Unit { patient, lesions: met.map(|(lesion, _)| lesion).collect(), is_lesion: false }, None);
        }
    }
    (units, left_out)
}

/// How units get their scores.
#[derive(Clone, Copy)]
pub(super) struct Scoring<'a> {
    /// Whether each lesion is a unit.
    pub(super) lesions: bool,
    /// How lesions become patients.
    pub(super) aggregation: &'a Aggregation,
    /// Region whose volume counts.
    pub(super) region: &'a str,
}

impl<'a> Scoring<'a> {
    pub(super) fn new(lesions: bool, aggregation: &'a Aggregation, first_region: &'a str) -> Self {
        Self { lesions, aggregation, region: aggregation.region.as_deref().unwrap_or(first_region) }
    }

    /// "patients" or "lesions".
    pub(super) fn unit(&self) -> &'static str {
        if self.lesions { "lesions" } else { "patients" }
    }

    /// The score of a unit, or why it has none.
    pub(super) fn score(&self, unit: &Unit<'_>, model: &str) -> Result<f64, String> {
        self.score_by(unit, |lesion| of_lesion(lesion, model))
    }

    /// The same of scores of lesions from wherever.
    pub(super) fn score_by(&self, unit: &Unit<'_>, of: impl Fn(&Lesion) -> Result<f64, String>) -> Result<f64, String> {
        let mut reason = None;
        let mut scored = Vec::new();
        for lesion in &unit.lesions {
            match of(lesion) {
                Ok(score) => scored.push((score, lesion.volumes_ml.get(self.region).copied())),
                Err(why) => reason = reason.or(Some(why)),
            }
        }
        match (scored.as_slice(), reason) {
            ([], None) => Err("it has no lesion with features".into()),
            ([], Some(reason)) if unit.lesions.len() == 1 => Err(reason),
            ([], Some(reason)) => Err(format!("none of its {} lesions has a score: {reason}", unit.lesions.len())),
            ([(score, _), ..], _) if self.lesions => Ok(*score),
            (scored, _) => {
                let score = aggregate(scored, self.aggregation)?;
                if score.is_finite() {
                    Ok(score)
                } else {
                    Err("the scores of its lesions have no finite summary".into())
                }
            }
        }
    }

    /// How many lesions that should count towards a patient have no score.
    pub(super) fn unscored(&self, unit: &Unit<'_>, model: &str) -> usize {
        let minimum = self.aggregation.minimum_volume_ml;
        let counts = |lesion: &Lesion| {
            !needs_volume(self.aggregation)
                || lesion.volumes_ml.get(self.region).is_none_or(|volume| *volume >= minimum)
        };
        unit.lesions.iter().filter(|lesion| counts(lesion) && of_lesion(lesion, model).is_err()).count()
    }

    /// The scores of those of `patients`, by their identity, who are in some cohorts and have one.
    pub(super) fn scores<'c>(
        &self,
        cohorts: impl Iterator<Item = &'c Cohort>,
        model: &str,
        patients: &BTreeSet<String>,
    ) -> Vec<f64> {
        let of = |cohort: &Cohort| -> Vec<f64> {
            let (units, _) = units(cohort, self.lesions, &[]);
            let learnt = units.iter().filter(|unit| patients.contains(&unit.identity(&cohort.name)));
            learnt.filter_map(|unit| self.score(unit, model).ok()).collect()
        };
        cohorts.flat_map(of).collect()
    }
}

/// The score of a lesion, or why it has none.
pub(super) fn of_lesion(lesion: &Lesion, model: &str) -> Result<f64, String> {
    match lesion.scores.get(model).map(|score| &score.value) {
        Some(Ok(score)) if score.is_finite() => Ok(*score),
        Some(Ok(_)) => Err("its score is not a finite number".into()),
        Some(Err(reason)) => Err(reason.to_string()),
        None => Err(format!("it was not scored by `{model}`")),
    }
}

/// A number for each name, and the names, both in alphabetical order.
pub(super) fn labels<'a>(names: impl Iterator<Item = &'a str>) -> (Vec<usize>, Vec<&'a str>) {
    let names: Vec<&str> = names.collect();
    let mut distinct = names.clone();
    distinct.sort_unstable();
    distinct.dedup();
    (names.iter().map(|name| distinct.partition_point(|other| other < name)).collect(), distinct)
}

/// The same of the values of a column: those that are the same number are one class, as 1 and 1.0.
pub(super) fn classes<'a>(values: impl Iterator<Item = &'a str>) -> (Vec<usize>, Vec<&'a str>) {
    let (places, names) = labels(values);
    // The shortest of those that say the same is the one that people write.
    let mut known: Vec<&str> = Vec::new();
    let mut by_length: Vec<&str> = names.clone();
    by_length.sort_by_key(|name| name.len());
    for name in by_length {
        if !known.iter().any(|other| same_value(other, name)) {
            known.push(name);
        }
    }
    known.sort_unstable();
    let class: Vec<usize> =
        names.iter().map(|name| known.iter().position(|other| same_value(other, name)).unwrap_or_default()).collect();
    (places.into_iter().map(|place| class[place]).collect(), known)
}

/// Some of a slice.
pub(super) fn pick<T: Clone>(values: &[T], members: &[usize]) -> Vec<T> {
    members.iter().map(|&member| values[member].clone()).collect()
}
