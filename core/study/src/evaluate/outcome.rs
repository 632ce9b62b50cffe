//! What scores are held against, as it is read from tables.

use std::collections::BTreeMap;

use voxomics_engine::experiment::study::{Target, Threshold, is_positive, same_value, same_word};
use voxomics_report::study::Asked;
use voxomics_statistics::rank::quantiles;

use super::{
    Question, cutoff,
    rows::{Unit, units},
    words,
};
use crate::data::{Cohort, event_seen};

/// The outcome in words.
pub(super) fn describe(target: &Target) -> String {
    match target {
        Target::Number { column } => format!("`{column}`"),
        Target::Above { column, threshold } => format!("`{column}` above {}", value(*threshold)),
        Target::Class { column, .. } => {
            let [positive, negative] = class_names(target, None);
            format!("`{column}`: {positive} against {negative}")
        }
        Target::Survival { time, event, unit, competing, .. } => {
            let unit = if unit.trim().is_empty() { "unit not stated" } else { unit };
            match competing.as_slice() {
                [] => format!("time until `{event}` (`{time}`, {unit})"),
                rivals => {
                    format!("time until `{event}` (`{time}`, {unit}), beside the competing {}", rivals.join(", "))
                }
            }
        }
    }
}

/// The outcome by the names of the tables.
pub(crate) fn asked(target: &Target) -> Asked {
    match target {
        Target::Number { column } => Asked::Number { column: column.clone() },
        Target::Above { column, threshold } => Asked::Above { column: column.clone(), value: value(*threshold) },
        Target::Class { column, positive, negative } => {
            Asked::Class { column: column.clone(), positive: positive.clone(), negative: negative.clone() }
        }
        Target::Survival { time, event, unit, competing, .. } => Asked::Time {
            time: time.clone(),
            event: event.clone(),
            unit: unit.trim().to_owned(),
            competing: competing.clone(),
        },
    }
}

/// A value at which numbers are split.
fn value(threshold: Threshold) -> String {
    match threshold {
        Threshold::Value(value) => words::figure(value),
        Threshold::Training(q) => format!("the {} of the training cohort", words::quantile(q)),
        Threshold::Own(q) => format!("the {} of this very cohort", words::quantile(q)),
    }
}

/// Names of the positive and the negative class.
pub(super) fn class_names(target: &Target, split: Option<f64>) -> [String; 2] {
    match (target, split) {
        (Target::Class { positive, negative, .. }, _) => {
            let others = if negative.is_empty() { "all others".into() } else { negative.join(" or ") };
            [positive.join(" or "), others]
        }
        (Target::Above { column, .. }, Some(split)) => {
            let split = words::figure(split);
            [format!("`{column}` above {split}"), format!("`{column}` up to {split}")]
        }
        _ => ["positive".into(), "negative".into()],
    }
}

/// Whether a unit belongs to the positive class.
pub(super) fn class(unit: &Unit<'_>, column: &str, positive: &[String], negative: &[String]) -> Result<bool, String> {
    is_positive(column, unit.stated(column)?, positive, negative)
}

/// Whether no value counts for both classes.
pub(super) fn distinct_classes(positive: &[String], negative: &[String]) -> Result<(), String> {
    let both = positive.iter().find(|value| negative.iter().any(|other| same_value(value, other)));
    both.map_or(Ok(()), |value| Err(format!("the value `{value}` is said to be of both classes")))
}

/// Time, and whether the event was seen.
pub(super) fn survival(unit: &Unit<'_>, time: &str, event: &str, seen: &[String]) -> Result<(f64, bool), String> {
    let after = unit.number(time)?;
    if after <= 0.0 {
        return Err(format!("`{time}` is {}, expected a time above 0", words::figure(after)));
    }
    Ok((after, event_seen(event, unit.stated(event)?, seen)?))
}

/// Whether something else happened first, which keeps the event from happening.
pub(super) fn competes(unit: &Unit<'_>, event: &str, competing: &[String]) -> bool {
    unit.cell(event).is_some_and(|word| competing.iter().any(|other| same_word(other, word)))
}

/// Whether the column of the event can be read: one word that nobody knows, and nobody knows who lived.
pub(super) fn known_events(units: &[Unit<'_>], event: &str, seen: &[String]) -> Result<(), String> {
    let words = units.iter().filter_map(|unit| Some((unit, unit.cell(event)?)));
    for (unit, word) in words {
        event_seen(event, word, seen).map_err(|cause| format!("{}: {cause}", unit.id()))?;
    }
    Ok(())
}

/// What the column of the event says of those that are taken as censored: a word that was meant as an event shows here.
pub(super) fn censored_words(units: &[Unit<'_>], event: &str, events: &[bool]) -> Option<String> {
    let censored = units.iter().zip(events).filter(|(_, event)| !**event);
    let words = counted(censored.filter_map(|(unit, _)| unit.cell(event)));
    (!words.is_empty()).then(|| format!("Taken as censored: `{event}` is {}.", listed(&words)))
}

/// What a column says of those that are taken for one class or the other, where its words are not those that are stated alone: one that
/// was meant otherwise shows here.
pub(super) fn class_words(units: &[Unit<'_>], column: &str, classes: &[bool], stated: [&[String]; 2]) -> Vec<String> {
    let of = |class: bool| {
        let those = units.iter().zip(classes).filter(|(_, is)| **is == class);
        counted(those.filter_map(|(unit, _)| unit.cell(column)))
    };
    let [positive, negative] = stated;
    let as_stated = |word: &&str, words: &[String]| words.iter().any(|other| same_value(other, word));
    let mut said = Vec::new();
    for (name, words, list) in [("positive", of(true), positive), ("negative", of(false), negative)] {
        // All others are negative where nothing else is stated: one word of them needs no list.
        let others = name == "negative" && list.is_empty();
        if (others && words.len() > 1) || (!others && !words.keys().all(|word| as_stated(word, list))) {
            said.push(format!("Taken as {name}: `{column}` is {}.", listed(&words)));
        }
    }
    said
}

/// How often each word is there.
fn counted<'a>(words: impl Iterator<Item = &'a str>) -> BTreeMap<&'a str, usize> {
    let mut counts = BTreeMap::new();
    words.for_each(|word| *counts.entry(word.trim()).or_default() += 1);
    counts
}

fn listed(words: &BTreeMap<&str, usize>) -> String {
    words.iter().map(|(word, count)| format!("`{word}` ({count})")).collect::<Vec<_>>().join(", ")
}

impl Question<'_> {
    /// The value above which a number counts as positive, and a note on how it came about. Quantiles are those of the
    /// patients, as where a model is learnt, so that no patient counts more for having more lesions.
    pub(super) fn split(&self, column: &str, threshold: Threshold) -> Result<(f64, String), String> {
        let (q, of, cohorts, only) = match threshold {
            Threshold::Value(value) => {
                return Ok((value, format!("`{column}` is split at {}, as stated.", words::figure(value))));
            }
            Threshold::Own(q) => (q, "this very cohort", Ok(vec![self.cohort]), self.stated.only.as_slice()),
            Threshold::Training(_) if self.model.training.is_empty() => {
                let name = &self.model.name;
                return Err(format!(
                    "`{column}` cannot be split: the training cohort of the given model `{name}` is not here"
                ));
            }
            Threshold::Training(q) => {
                let cohorts = cutoff::training_cohorts(&self.model.training, self.context);
                (q, "the training cohort", cohorts, [].as_slice())
            }
        };
        let of_training = matches!(threshold, Threshold::Training(_));
        let what = format!("{} of {of}", words::quantile(q));
        let fail = |cause: String| format!("`{column}` cannot be split at the {what}: {cause}");
        let cohorts = cohorts.map_err(fail)?;
        let numbers = |lesions: bool| -> Vec<f64> {
            let of = |cohort: &&Cohort| -> Vec<f64> {
                let (units, _) = units(cohort, lesions, only);
                // Others of a training cohort have no say in what is fixed on the training.
                let counts =
                    |unit: &&Unit<'_>| !of_training || self.model.patients.contains(&unit.identity(&cohort.name));
                units.iter().filter(counts).filter_map(|unit| unit.number(column).ok()).collect()
            };
            cohorts.iter().flat_map(of).collect()
        };
        let (mut values, mut unit) = (numbers(false), "patients");
        if values.is_empty() {
            // A number that is known of lesions alone.
            (values, unit) = (numbers(true), "lesions");
        }
        let split = quantiles(&values, &[q]).map_err(|cause| fail(cause.to_string()))?[0];
        let known = words::count(values.len(), unit);
        Ok((split, format!("`{column}` is split at {}, the {what} ({known} with a number).", words::figure(split))))
    }
}
