//! What is strange in the tables of a study: ids that differ in their writing alone, numbers that are none, marks for missing
//! values that count as numbers, times that nobody lives. Each is told once, with counts and examples.

mod numbers;
mod words;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use voxomics_engine::{
    experiment::study::{Study, Target},
    plan::Plan,
    tabular::is_missing,
};

use crate::{
    cohort::{Joined, Table},
    ids::plain,
};

use numbers::{cells, counts_rows, look, number};

/// Examples that are shown.
const SHOWN: usize = 3;

/// The most that somebody is followed for, in each unit of time: a century.
const CENTURY: [(&str, f64); 4] = [("years", 100.0), ("months", 1200.0), ("weeks", 5218.0), ("days", 36_525.0)];

/// Everything that is strange, one sentence each.
pub(super) fn doubts(study: &Study, plan: &Plan, joined: &[Joined]) -> Vec<String> {
    let mut said = Vec::new();
    joined.iter().for_each(|cohort| said.extend(ids(cohort)));
    said.extend(across(joined));
    for cohort in joined {
        said.extend(cohort.marks.told().map(|told| format!("cohort `{}`: {told}", cohort.name)));
        said.extend(cohort.unnamed.iter().map(|told| format!("cohort `{}`: {told}", cohort.name)));
        let named = study.columns.iter().filter(|named| named.cohorts.contains(&cohort.name));
        let named = named.map(|named| named.column.as_str());
        let covariates = plan.covariates.iter().filter(|covariate| covariate.levels.is_none());
        let columns: BTreeSet<&str> = named.chain(covariates.map(|covariate| covariate.column.as_str())).collect();
        let (of_features, others): (Vec<&str>, Vec<&str>) =
            columns.into_iter().partition(|column| cohort.features.as_ref().is_some_and(|table| table.has(column)));
        others.into_iter().for_each(|column| said.extend(cells(&cohort.name, column, &values(cohort, column))));
        said.extend(features(cohort, &of_features));
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
    said.extend(words::doubts(study, joined));
    said.extend(words::spellings(study, plan, joined));
    said.extend(elsewhere(plan, joined));
    said
}

/// Inputs that one cohort has among its features, and another one in its other tables or its list: they may be two quantities of one
/// name.
fn elsewhere(plan: &Plan, joined: &[Joined]) -> Option<String> {
    let has = |cohort: &Joined, column: &str| cohort.features.as_ref().is_some_and(|table| table.has(column));
    let of = |column: &str| {
        let measured = joined.iter().find(|cohort| has(cohort, column))?;
        let other = joined.iter().find(|cohort| !has(cohort, column) && cohort.known.contains(column))?;
        Some(format!("`{column}` (features of `{}`, another table of `{}`)", measured.name, other.name))
    };
    let found: Vec<String> = plan.covariates.iter().filter_map(|covariate| of(&covariate.column)).collect();
    (!found.is_empty()).then(|| {
        format!(
            "{} of one name are features of a table in one cohort and not in another: {}; are they the same quantity in the same unit?",
            voxomics_report::count(found.len() as u64, "input"),
            found[..found.len().min(SHOWN)].join(", ")
        )
    })
}

/// Cases that stand in one of several tables alone.
fn apart(cohort: &Joined, table: &Table) -> Option<String> {
    let of = |(path, count, first): &(PathBuf, usize, String)| {
        format!("{count} in {} (the first: `{first}`)", path.file_name().unwrap_or(path.as_os_str()).to_string_lossy())
    };
    let alone: Vec<String> = table.alone.iter().map(of).collect();
    (!alone.is_empty()).then(|| {
        format!(
            "cohort `{}`: cases that stand in one table of features alone, so that all inputs of the others are missing: {}; are the \
             names of cases and patients written alike in all of them?",
            cohort.name,
            alone.join(", ")
        )
    })
}

/// What is strange in the columns of tables of features, which may be thousands: all of them in a sentence each.
fn features(cohort: &Joined, columns: &[&str]) -> Vec<String> {
    let Some(table) = &cohort.features else { return Vec::new() };
    let (mut strange, mut marked, mut counting) = (Vec::new(), Vec::new(), Vec::new());
    let mut said: Vec<String> = apart(cohort, table).into_iter().collect();
    for column in columns {
        let cells: Vec<(&str, &str)> = cohort
            .cases
            .iter()
            .filter_map(|case| Some((case.name.as_str(), table.cell(&case.name, column)?)))
            .collect();
        let found = look(&cells);
        counting.extend(counts_rows(&cells).then(|| format!("`{column}`")));
        if !found.others.is_empty() {
            strange.push((*column, found.others));
        }
        marked.extend(found.marks.into_iter().map(|mark| (*column, mark)));
    }
    if let [(column, first), ..] = strange.as_slice() {
        let count: usize = strange.iter().map(|(_, of)| of.values().map(Vec::len).sum::<usize>()).sum();
        let examples: Vec<&String> = first.values().flatten().take(SHOWN).collect();
        let examples: Vec<&str> = examples.into_iter().map(String::as_str).collect();
        said.push(format!(
            "cohort `{}`: {count} cells in {} of {} columns of features are no numbers and count as missing; the first, in \
             `{column}`: {}",
            cohort.name,
            strange.len(),
            columns.len(),
            examples.join(", ")
        ));
    }
    if let [(column, mark), ..] = marked.as_slice() {
        let count: usize = marked.iter().map(|(_, mark)| mark.count).sum();
        said.push(format!(
            "cohort `{}`: {count} cells in {} of {} columns of features seem to mean that there is no value: {} in `{column}`, \
             where the others are {} to {}; if so, empty them",
            cohort.name,
            marked.iter().map(|(column, _)| column).collect::<BTreeSet<_>>().len(),
            columns.len(),
            mark.value,
            mark.low,
            mark.high
        ));
    }
    if !counting.is_empty() {
        said.push(format!(
            "cohort `{}`: the values of {} rise by one from row to row, as if they were the numbers of the rows; if so, they are no input: \
             leave them out with `without` or `columns`",
            cohort.name,
            counting[..counting.len().min(SHOWN)].join(", ")
        ));
    }
    said
}

/// What a column says of each patient, or of each case where patients have no such column.
fn values<'a>(cohort: &'a Joined, column: &str) -> Vec<(&'a str, &'a str)> {
    let of_patients = cohort.columns.iter().filter_map(|(id, cells)| Some((id.as_str(), cells.get(column)?)));
    let found: Vec<_> = of_patients.collect();
    if !found.is_empty() {
        return found;
    }
    let of_case = |case: &'a voxomics_engine::cases::Case| {
        let cell = case.covariate(column).filter(|cell| !is_missing(cell))?;
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
    fn nobody_is_followed_for_148_years() {
        let said = century("train", "os", "months", &[("a", "1776"), ("b", "12")]).expect("a century");
        assert!(said.contains("1 of 2") && said.contains("1776 of a, is 148 years"), "{said}");
        assert_eq!(century("train", "os", "days", &[("a", "1776")]), None);
    }
}
