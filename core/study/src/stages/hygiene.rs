//! What is strange in the tables of a study: ids that differ in their writing alone, numbers that are none, marks for missing
//! values that count as numbers, times that nobody lives. Each is told once, with counts and examples.

use std::collections::{BTreeMap, BTreeSet};

use voxomics_engine::{
    experiment::study::{Study, Target},
    plan::Plan,
};

use crate::{cohort::Joined, ids::plain};

/// Examples that are shown.
const SHOWN: usize = 3;

/// A column is one of numbers if at least this share of its cells are numbers.
const NUMBERS: f64 = 0.6;

/// Numbers that stand for "missing" in some tables.
const MARKS: [f64; 8] = [999.0, -999.0, 9999.0, -9999.0, 99_999.0, -99_999.0, -99.0, -9.0];

/// The most that somebody is followed for, in each unit of time: a century.
const CENTURY: [(&str, f64); 4] = [("years", 100.0), ("months", 1200.0), ("weeks", 5218.0), ("days", 36_525.0)];

/// Everything that is strange, one sentence each.
pub(super) fn doubts(study: &Study, plan: &Plan, joined: &[Joined]) -> Vec<String> {
    let mut said = Vec::new();
    joined.iter().for_each(|cohort| said.extend(ids(cohort)));
    said.extend(across(joined));
    for cohort in joined {
        let named = study.columns.iter().filter(|named| named.cohorts.contains(&cohort.name));
        let named = named.map(|named| named.column.as_str());
        let covariates = plan.covariates.iter().filter(|covariate| covariate.levels.is_none());
        let columns: BTreeSet<&str> = named.chain(covariates.map(|covariate| covariate.column.as_str())).collect();
        for column in columns {
            said.extend(cells(&cohort.name, column, &values(cohort, column)));
        }
    }
    let targets = study.learn.iter().flat_map(|learn| learn.cohorts.iter().map(move |cohort| (cohort, &learn.target)));
    let outcomes = study.evaluate.iter().map(|evaluate| (&evaluate.cohort, &evaluate.outcome));
    let mut seen = BTreeSet::new();
    for (cohort, target) in targets.chain(outcomes) {
        if let Target::Survival { time, unit, .. } = target
            && seen.insert((cohort, time, unit))
            && let Some(joined) = joined.iter().find(|joined| joined.name == *cohort)
        {
            said.extend(century(cohort, time, unit, &values(joined, time)));
        }
    }
    said
}

/// What a column says of each patient, or of each case where patients have no such column.
fn values<'a>(cohort: &'a Joined, column: &str) -> Vec<(&'a str, &'a str)> {
    let of_patients = cohort.columns.iter().filter_map(|(id, cells)| Some((id.as_str(), cells.get(column)?.as_str())));
    let found: Vec<_> = of_patients.collect();
    if !found.is_empty() {
        return found;
    }
    let of_case = |case: &'a voxomics_engine::cases::Case| {
        let cell = case.covariate(column).filter(|cell| !crate::files::is_missing(cell))?;
        Some((case.name.as_str(), cell))
    };
    cohort.cases.iter().filter_map(of_case).collect()
}

/// Ids of one cohort that may be those of one patient.
fn ids(cohort: &Joined) -> Vec<String> {
    let name = &cohort.name;
    let mut said = Vec::new();
    let pairs = cohort.unjoined_alike();
    if !pairs.is_empty() {
        let shown: Vec<String> =
            pairs.iter().take(SHOWN).map(|(case, table)| format!("`{case}` and `{table}`")).collect();
        said.push(format!(
            "cohort `{name}`: {} ids of the list of cases differ from ids of the tables in letter case, zeros, blanks or signs \
             alone, and do not join: {} (list, table); write them alike",
            pairs.len(),
            shown.join(", ")
        ));
    }
    let told: BTreeSet<&str> = pairs.iter().flat_map(|(case, table)| [*case, *table]).collect();
    let known: BTreeSet<&str> = cohort.patients.iter().chain(cohort.columns.keys()).map(String::as_str).collect();
    let known = known.difference(&told);
    said.extend(doubled(&format!("cohort `{name}`"), known.map(|id| (plain(id), (*id).to_owned()))));
    said
}

/// Patients of different cohorts that may be one.
fn across(joined: &[Joined]) -> Option<String> {
    let shared = joined.iter().filter(|cohort| !cohort.own_ids);
    let ids = shared.flat_map(|cohort| cohort.patients.iter().cloned());
    let all: BTreeSet<String> = ids.collect();
    let within = |id: &String| {
        let own = joined.iter().filter(|cohort| cohort.patients.contains(id));
        let twin = |cohort: &Joined| cohort.patients.iter().any(|other| other != id && plain(other) == plain(id));
        own.into_iter().any(twin)
    };
    // Those of one cohort are told of already.
    let found = doubled("cohorts", all.iter().map(|id| (plain(id), id.clone())))?;
    let groups = group(all.iter().map(|id| (plain(id), id.clone())));
    groups.values().any(|ids| ids.len() > 1 && !ids.iter().all(within)).then_some(found)
}

fn group(ids: impl Iterator<Item = (String, String)>) -> BTreeMap<String, BTreeSet<String>> {
    let mut groups: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (plain, id) in ids {
        groups.entry(plain).or_default().insert(id);
    }
    groups
}

/// Says which ids may be one patient's.
fn doubled(of: &str, ids: impl Iterator<Item = (String, String)>) -> Option<String> {
    let groups = group(ids);
    let twins: Vec<String> = groups
        .values()
        .filter(|ids| ids.len() > 1)
        .map(|ids| ids.iter().map(|id| format!("`{id}`")).collect::<Vec<_>>().join(" and "))
        .collect();
    (!twins.is_empty()).then(|| {
        format!(
            "{of}: {} patients are perhaps there twice, as their ids differ in letter case, zeros, blanks or signs alone: {}",
            twins.len(),
            twins[..twins.len().min(SHOWN)].join(", ")
        )
    })
}

fn number(cell: &str) -> Option<f64> {
    cell.trim().parse().ok().filter(|value: &f64| value.is_finite())
}

/// What a cell of a column of numbers is that is no number.
fn kind(cell: &str) -> &'static str {
    let cell = cell.trim();
    if cell.starts_with(['<', '>', '≤', '≥']) {
        "a limit"
    } else if cell.matches(',').count() == 1 && number(&cell.replace(',', ".")).is_some() {
        "a decimal comma"
    } else {
        "a word"
    }
}

/// Cells of a column of numbers that are none, and numbers that are perhaps marks.
fn cells(cohort: &str, column: &str, values: &[(&str, &str)]) -> Vec<String> {
    let numbers: Vec<f64> = values.iter().filter_map(|(_, cell)| number(cell)).collect();
    let commas = values.iter().filter(|(_, cell)| kind(cell) == "a decimal comma" && number(cell).is_none()).count();
    // Where every number has a comma, there are no numbers.
    if ((numbers.len() + commas) as f64) < NUMBERS * values.len() as f64 || values.is_empty() {
        return Vec::new();
    }
    let mut said = Vec::new();
    let mut kinds: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (id, cell) in values.iter().filter(|(_, cell)| number(cell).is_none()) {
        kinds.entry(kind(cell)).or_default().push(format!("`{cell}` of {id}"));
    }
    if !kinds.is_empty() {
        let count: usize = kinds.values().map(Vec::len).sum();
        let parts: Vec<String> = kinds
            .iter()
            .map(|(kind, of)| format!("{} with {kind} ({})", of.len(), of[..of.len().min(SHOWN)].join(", ")))
            .collect();
        said.push(format!(
            "cohort `{cohort}`: {count} of {} cells of `{column}` are no numbers and count as missing: {}",
            values.len(),
            parts.join("; ")
        ));
    }
    for mark in MARKS {
        let others: Vec<f64> = numbers.iter().copied().filter(|value| *value != mark).collect();
        let count = numbers.len() - others.len();
        let (low, high) = others.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(*v), h.max(*v)));
        let span = high - low;
        if count > 0 && others.len() >= 2 && (mark > high + span || mark < low - span) {
            said.push(format!(
                "cohort `{cohort}`: {count} of {} cells of `{column}` are {mark}, far from the others ({low} to {high}): if that \
                 means that there is no value, empty them",
                values.len()
            ));
        }
    }
    said
}

/// A time that is longer than a life.
fn century(cohort: &str, column: &str, unit: &str, values: &[(&str, &str)]) -> Option<String> {
    let (_, most) = CENTURY.iter().find(|(word, _)| *word == unit)?;
    let times = values.iter().filter_map(|(id, cell)| Some((*id, number(cell)?)));
    let beyond: Vec<(&str, f64)> = times.filter(|(_, time)| time > most).collect();
    let (id, longest) = beyond.iter().max_by(|a, b| a.1.total_cmp(&b.1))?;
    Some(format!(
        "cohort `{cohort}`: {} of {} times of `{column}` are longer than a century in {unit}; the longest, {longest} of {id}, is \
         {:.0} years: is the unit another?",
        beyond.len(),
        values.len(),
        longest / most * 100.0
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_that_are_no_numbers_are_told_once_with_examples() {
        let cells = |of: &[&str]| {
            let ids: Vec<String> = (0..of.len()).map(|at| format!("p{at}")).collect();
            let values: Vec<(&str, &str)> = ids.iter().map(String::as_str).zip(of.iter().copied()).collect();
            super::cells("train", "CD8B", &values)
        };
        let said = cells(&["1", "2.5", "3", "4", "5", "6", "7", "<0.5", "1,5", "NULL", "-"]);
        assert_eq!(said.len(), 1, "{said:?}");
        for part in [
            "4 of 11",
            "1 with a limit (`<0.5` of p7)",
            "1 with a decimal comma (`1,5` of p8)",
            "2 with a word (`NULL`",
        ] {
            assert!(said[0].contains(part), "{part}: {said:?}");
        }
        let said = cells(&["1", "2", "3", "-999", "-999"]);
        assert!(said.len() == 1 && said[0].contains("2 of 5 cells of `CD8B` are -999"), "{said:?}");
        assert!(cells(&["a", "b", "c", "1"]).is_empty(), "a column of words");
        assert!(cells(&["998", "999", "1000"]).is_empty(), "a number among its like");
        assert!(cells(&["1,5", "2,5"])[0].contains("2 of 2"), "every number has a comma");
    }

    #[test]
    fn nobody_is_followed_for_148_years() {
        let said = century("train", "os", "months", &[("a", "1776"), ("b", "12")]).expect("a century");
        assert!(said.contains("1 of 2") && said.contains("1776 of a, is 148 years"), "{said}");
        assert_eq!(century("train", "os", "days", &[("a", "1776")]), None);
    }
}
