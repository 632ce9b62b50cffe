//! Words of the experiment, beside the cells that they are meant for: those that no cell has, those that are written in several ways, and
//! cells that seem to say that nobody knows.

use std::collections::{BTreeMap, BTreeSet};

use voxomics_engine::{
    experiment::study::{Condition, Study, Target, level_of, same_value, same_word},
    plan::Plan,
};

use super::{SHOWN, values};
use crate::{cohort::Joined, data::is_usual};

/// Who says what in a column.
type Values<'a> = [(&'a str, &'a str)];

/// What a class is called, or the other side of an event.
const NEGATIVE: &str = "negative";
const CENSORED: &str = "censored";

/// Words that are compared with cells of a column.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Asked<'a> {
    cohorts: Vec<&'a str>,
    column: &'a str,
    /// The key, and its words.
    words: Vec<(&'static str, &'a [String])>,
}

/// Everything that is strange, one sentence each.
pub(super) fn doubts(study: &Study, joined: &[Joined]) -> Vec<String> {
    let mut said = Vec::new();
    let asked: BTreeSet<Asked<'_>> = asked(study).into_iter().collect();
    for asked in &asked {
        let of = |cohort: &&Joined| asked.cohorts.contains(&cohort.name.as_str());
        let cells: Vec<(&str, &str)> =
            joined.iter().filter(of).flat_map(|cohort| values(cohort, asked.column)).collect();
        said.extend(absent(asked, &cells));
        said.extend(twins(asked, &cells));
    }
    let mut told = BTreeSet::new();
    for asked in &asked {
        let words: Vec<&[String]> = asked.words.iter().map(|(_, words)| *words).collect();
        let taken = match asked.words.as_slice() {
            [("seen", _), ..] => CENSORED,
            // With both classes named, all others are left out.
            [("positive", _), (_, [])] => NEGATIVE,
            _ => continue,
        };
        for cohort in joined.iter().filter(|cohort| asked.cohorts.contains(&cohort.name.as_str())) {
            let found = unknown(&cohort.name, asked.column, taken, &words, &values(cohort, asked.column));
            said.extend(found.filter(|found| told.insert(found.clone())));
        }
    }
    said
}

/// Values of columns that differ in letter case alone and are not compared with words: they are different levels, subgroups or strata.
pub(super) fn spellings(study: &Study, plan: &Plan, joined: &[Joined]) -> Vec<String> {
    let asked = asked(study);
    let mut said = Vec::new();
    for cohort in joined {
        let named =
            study.columns.iter().filter(|named| named.cohorts.contains(&cohort.name)).map(|named| &named.column);
        let with_levels = plan.covariates.iter().filter(|covariate| covariate.levels.is_some());
        let columns: BTreeSet<&String> = named.chain(with_levels.map(|covariate| &covariate.column)).collect();
        let is_asked = |column: &str| {
            asked.iter().any(|asked| asked.column == column && asked.cohorts.contains(&cohort.name.as_str()))
        };
        for column in columns.into_iter().filter(|column| !is_asked(column)) {
            let levels = plan.covariate_of_column(column).and_then(|covariate| covariate.levels.as_deref());
            let cells = match cohort.features.as_ref().filter(|table| table.has(column)) {
                None => values(cohort, column),
                Some(table) => cohort
                    .cases
                    .iter()
                    .filter_map(|case| Some((case.name.as_str(), table.cell(&case.name, column)?)))
                    .collect(),
            };
            let found = different(&cells, levels);
            if !found.is_empty() {
                said.push(format!(
                    "cohort `{}`: cells of `{column}` differ in letter case alone and count as different values: {}; if they are \
                     the same, write them alike",
                    cohort.name,
                    listed(&found)
                ));
            }
        }
    }
    said
}

/// Cells that differ in letter case alone, and are not the same level where levels are known.
fn different<'a>(cells: &Values<'a>, levels: Option<&[String]>) -> BTreeMap<&'a str, usize> {
    let counts = counted(cells);
    let mut groups: BTreeMap<String, Vec<&'a str>> = BTreeMap::new();
    counts.keys().for_each(|cell| groups.entry(cell.to_lowercase()).or_default().push(*cell));
    let differ = |a: &str, b: &str| match levels {
        Some(levels) => level_of(levels, a) != level_of(levels, b),
        None => !same_value(a, b),
    };
    let strange = groups.into_values().filter(|group| group.iter().any(|cell| differ(group[0], cell)));
    strange.flatten().map(|cell| (cell, counts[cell])).collect()
}

/// All words of a study that are compared with cells.
fn asked(study: &Study) -> Vec<Asked<'_>> {
    let mut all = Vec::new();
    for cohort in &study.cohorts {
        all.extend(of_conditions(&[cohort.name.as_str()], &cohort.only));
    }
    for learn in &study.learn {
        let cohorts: Vec<&str> = learn.cohorts.iter().map(String::as_str).collect();
        all.extend(of_conditions(&cohorts, &learn.only));
        all.extend(of_target(cohorts, &learn.target));
    }
    for evaluate in &study.evaluate {
        let cohorts = vec![evaluate.cohort.as_str()];
        all.extend(of_conditions(&cohorts, &evaluate.only));
        all.extend(of_target(cohorts, &evaluate.outcome));
    }
    all
}

fn of_conditions<'a>(cohorts: &[&'a str], only: &'a [Condition]) -> Vec<Asked<'a>> {
    let of = |condition: &'a Condition| Asked {
        cohorts: cohorts.to_vec(),
        column: &condition.column,
        words: vec![("only", &condition.values)],
    };
    only.iter().map(of).collect()
}

fn of_target<'a>(cohorts: Vec<&'a str>, target: &'a Target) -> Option<Asked<'a>> {
    match target {
        Target::Class { column, positive, negative } => {
            Some(Asked { cohorts, column, words: vec![("positive", positive), (NEGATIVE, negative)] })
        }
        Target::Survival { event, seen, competing, .. } => {
            Some(Asked { cohorts, column: event, words: vec![("seen", seen), ("competing", competing)] })
        }
        Target::Number { .. } | Target::Above { .. } => None,
    }
}

/// Words that no cell has, as those that are mistyped.
fn absent(asked: &Asked<'_>, cells: &Values<'_>) -> Option<String> {
    let is_there = |word: &str| cells.iter().any(|(_, cell)| same_word(word, cell));
    let of_key = |(key, words): &(&'static str, &[String])| -> Vec<String> {
        let usual = *key == "seen" && is_usual(words);
        words.iter().filter(|word| !usual && !is_there(word)).map(|word| format!("`{word}` (`{key}`)")).collect()
    };
    let lost: Vec<String> = asked.words.iter().flat_map(of_key).collect();
    (!cells.is_empty() && !lost.is_empty()).then(|| {
        format!(
            "{}: no cell of `{}` says {}; its words are {}",
            cohorts(asked),
            asked.column,
            lost.join(" or "),
            listed(&counted(cells))
        )
    })
}

/// Words that cells have in several spellings.
fn twins(asked: &Asked<'_>, cells: &Values<'_>) -> Vec<String> {
    let counts = counted(cells);
    let stated: Vec<&String> = asked.words.iter().flat_map(|(_, words)| *words).collect();
    let of_word = |key: &str, word: &str| {
        let own = |cell: &str| {
            let claimed = stated.iter().any(|other| same_value(other, cell));
            same_value(word, cell) || (!claimed && same_word(word, cell))
        };
        let found: BTreeMap<&str, usize> = counts.iter().filter(|(cell, _)| own(cell)).map(|(a, b)| (*a, *b)).collect();
        let first = found.keys().next().copied().unwrap_or_default();
        found.keys().any(|cell| !same_value(first, cell)).then(|| {
            format!(
                "{}: cells of `{}` that differ in letter case alone all count as `{word}` (`{key}`): {}",
                cohorts(asked),
                asked.column,
                listed(&found)
            )
        })
    };
    asked.words.iter().flat_map(|(key, words)| words.iter().filter_map(|word| of_word(key, word))).collect()
}

fn cohorts(asked: &Asked<'_>) -> String {
    let names: Vec<String> = asked.cohorts.iter().map(|name| format!("`{name}`")).collect();
    format!("{} {}", if names.len() == 1 { "cohort" } else { "cohorts" }, names.join(", "))
}

fn counted<'a>(cells: &Values<'a>) -> BTreeMap<&'a str, usize> {
    let mut counts = BTreeMap::new();
    cells.iter().for_each(|(_, cell)| *counts.entry(cell.trim()).or_default() += 1);
    counts
}

/// The most frequent words, with how often they are there.
fn listed(counts: &BTreeMap<&str, usize>) -> String {
    let mut words: Vec<(&str, usize)> = counts.iter().map(|(word, count)| (*word, *count)).collect();
    words.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let more = words.len().saturating_sub(2 * SHOWN);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let shown = words.iter().take(2 * SHOWN).map(|(word, count)| format!("`{word}` ({count})"));
    shown.collect::<Vec<_>>().join(", ") + &more
}

/// Words for an event of which nobody knows whether it happened.
const UNKNOWN: [&str; 9] =
    ["-", "unknown", "unk", "missing", "none", "not known", "not available", "indeterminate", "lost"];

/// Words for a class that one has, of those: whoever has none is known.
const KNOWN: [&str; 1] = ["none"];

/// Words that count as `taken` and seem to say that nobody knows.
fn unknown(cohort: &str, event: &str, taken: &str, stated: &[&[String]], values: &Values<'_>) -> Option<String> {
    let is_known = |cell: &str| taken == NEGATIVE && KNOWN.iter().any(|word| same_word(word, cell));
    let is_stated =
        |cell: &str| is_known(cell) || stated.iter().any(|words| words.iter().any(|word| same_word(word, cell)));
    let found: Vec<(&str, &str)> = values
        .iter()
        .map(|(id, cell)| (*id, cell.trim()))
        .filter(|(_, cell)| UNKNOWN.iter().any(|word| same_word(word, cell)) && !is_stated(cell))
        .collect();
    let (id, word) = found.first()?;
    Some(format!(
        "cohort `{cohort}`: {} of {} cells of `{event}` seem to say that nobody knows, and count as {taken}: `{word}` of {id}; empty \
         the cells of those of whom it is not known",
        found.len(),
        values.len()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_of_which_nobody_knows_is_told_of() {
        let values = [("a", "dead"), ("b", "alive"), ("c", "Unknown"), ("d", "-")];
        let seen = ["dead".to_owned()];
        let said = unknown("train", "status", CENSORED, &[&seen, &[]], &values).expect("two of them");
        assert!(said.contains("2 of 4 cells of `status`") && said.contains("`Unknown` of c"), "{said}");
        let all = ["dead", "-", "unknown"].map(str::to_owned);
        assert_eq!(unknown("train", "status", CENSORED, &[&all, &[]], &values), None, "whoever names them knows");
    }

    #[test]
    fn words_that_no_cell_has_and_spellings_of_one_are_told() {
        let words = |all: &[&str]| all.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let (positive, negative) = (words(&["AA", "dead"]), words(&["aa", "alive"]));
        let asked =
            Asked { cohorts: vec!["a"], column: "y", words: vec![("positive", &positive), ("negative", &negative)] };
        let cells: Vec<(&str, &str)> = ["AA", "aa", "Dead", "dead", "x"].map(|cell| ("p", cell)).to_vec();
        let said = absent(&asked, &cells).expect("one");
        assert!(said.contains("cohort `a`: no cell of `y` says `alive` (`negative`)"), "{said}");
        let cells_of = |levels: Option<&[String]>| different(&cells, levels).into_keys().collect::<Vec<_>>();
        assert_eq!(cells_of(None), ["AA", "Dead", "aa", "dead"]);
        assert_eq!(cells_of(Some(words(&["AA", "aa", "dead"]).as_slice())), ["AA", "aa"]);
        let said = twins(&asked, &cells);
        assert!(said.len() == 1 && said[0].contains("`dead` (`positive`): `Dead` (1), `dead` (1)"), "{said:?}");
    }
}
