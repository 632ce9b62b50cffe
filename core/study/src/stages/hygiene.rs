//! What is strange in the tables of a study: ids that differ in their writing alone, numbers that are none, marks for missing
//! values that count as numbers, times that nobody lives. Each is told once, with counts and examples.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use voxomics_engine::{
    experiment::study::{Study, Target},
    plan::Plan,
    tabular::{are_dates, is_missing},
};

use crate::{
    cohort::{Joined, Table},
    ids::plain,
};

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
        said.extend(cohort.marks.told().map(|told| format!("cohort `{}`: {told}", cohort.name)));
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
    let mut told = BTreeSet::new();
    for (cohort, target) in targets.chain(outcomes) {
        if let Target::Survival { event, seen, competing, .. } = target
            && told.insert((cohort, event, seen))
            && let Some(joined) = joined.iter().find(|joined| joined.name == *cohort)
        {
            said.extend(unknown(cohort, event, [seen, competing], &values(joined, event)));
        }
        if let Target::Survival { time, unit, .. } = target
            && seen.insert((cohort, time, unit))
            && let Some(joined) = joined.iter().find(|joined| joined.name == *cohort)
        {
            said.extend(century(cohort, time, unit, &values(joined, time)));
        }
    }
    said
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
    let (mut strange, mut marked) = (Vec::new(), Vec::new());
    let mut said: Vec<String> = apart(cohort, table).into_iter().collect();
    for column in columns {
        let cells: Vec<(&str, &str)> = cohort
            .cases
            .iter()
            .filter_map(|case| Some((case.name.as_str(), table.cell(&case.name, column)?)))
            .collect();
        let found = look(&cells);
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
            marked.len(),
            columns.len(),
            mark.value,
            mark.low,
            mark.high
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

fn number(cell: &str) -> Option<f64> {
    cell.trim().parse().ok().filter(|value: &f64| value.is_finite())
}

/// What a number is that a spreadsheet in another language wrote.
const COMMA: &str = "a decimal comma";

/// What a cell of a column of numbers is that is no number.
fn kind(cell: &str) -> &'static str {
    let cell = cell.trim();
    if cell.starts_with(['<', '>', '≤', '≥']) {
        "a limit"
    } else if cell.matches(',').count() == 1 && number(&cell.replace(',', ".")).is_some() {
        COMMA
    } else {
        "a word"
    }
}

/// What is strange in a column of numbers.
#[derive(Default)]
struct Strange {
    /// Cells that are no numbers, by what they are.
    others: BTreeMap<&'static str, Vec<String>>,
    /// Numbers that are perhaps marks.
    marks: Vec<Mark>,
}

/// A number that perhaps means that there is no value, and the range of the others.
struct Mark {
    value: f64,
    count: usize,
    low: f64,
    high: f64,
}

/// Looks at the cells of a column; nothing is strange in one of words.
fn look(values: &[(&str, &str)]) -> Strange {
    let mut found = Strange::default();
    let numbers: Vec<f64> = values.iter().filter_map(|(_, cell)| number(cell)).collect();
    let commas = values.iter().filter(|(_, cell)| kind(cell) == COMMA && number(cell).is_none()).count();
    // Where every number has a comma, there are no numbers.
    if values.is_empty() || ((numbers.len() + commas) as f64) < NUMBERS * values.len() as f64 {
        return found;
    }
    for (id, cell) in values.iter().filter(|(_, cell)| number(cell).is_none()) {
        found.others.entry(kind(cell)).or_default().push(format!("`{cell}` of {id}"));
    }
    let others: Vec<f64> = numbers.iter().copied().filter(|other| !MARKS.contains(other)).collect();
    for value in MARKS {
        let count = numbers.iter().filter(|other| **other == value).count();
        let (low, high) = others.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(*v), h.max(*v)));
        let span = high - low;
        if count > 0 && others.len() >= 2 && (value > high + span || value < low - span) {
            found.marks.push(Mark { value, count, low, high });
        }
    }
    found
}

/// Cells of a column of numbers that are none, and numbers that are perhaps marks.
fn cells(cohort: &str, column: &str, values: &[(&str, &str)]) -> Vec<String> {
    let Strange { others, marks } = look(values);
    let mut said = Vec::new();
    let texts: Vec<&str> = values.iter().map(|(_, cell)| *cell).collect();
    if let Some((id, cell)) = values.first().filter(|(_, cell)| number(cell).is_some() && are_dates(&texts)) {
        said.push(format!(
            "cohort `{cohort}`: the cells of `{column}` seem to be dates (`{cell}` of {id}); as numbers they are neither days nor \
             years: write the days since a date of each patient, or take the column out"
        ));
    }
    if !others.is_empty() {
        let count: usize = others.values().map(Vec::len).sum();
        let parts: Vec<String> = others
            .iter()
            .map(|(kind, of)| format!("{} with {kind} ({})", of.len(), of[..of.len().min(SHOWN)].join(", ")))
            .collect();
        said.push(format!(
            "cohort `{cohort}`: {count} of {} cells of `{column}` are no numbers and count as missing: {}",
            values.len(),
            parts.join("; ")
        ));
    }
    for Mark { value, count, low, high } in marks {
        said.push(format!(
            "cohort `{cohort}`: {count} of {} cells of `{column}` are {value}, far from the others ({low} to {high}): if that means \
             that there is no value, empty them",
            values.len()
        ));
    }
    said
}

/// Words for an event of which nobody knows whether it happened.
const UNKNOWN: [&str; 9] =
    ["-", "unknown", "unk", "missing", "none", "not known", "not available", "indeterminate", "lost"];

/// Words that count as censored and seem to say that nobody knows.
fn unknown(cohort: &str, event: &str, stated: [&[String]; 2], values: &[(&str, &str)]) -> Option<String> {
    let is_stated = |cell: &str| stated.iter().any(|words| words.iter().any(|word| word.eq_ignore_ascii_case(cell)));
    let found: Vec<(&str, &str)> = values
        .iter()
        .map(|(id, cell)| (*id, cell.trim()))
        .filter(|(_, cell)| UNKNOWN.iter().any(|word| word.eq_ignore_ascii_case(cell)) && !is_stated(cell))
        .collect();
    let (id, word) = found.first()?;
    Some(format!(
        "cohort `{cohort}`: {} of {} cells of `{event}` seem to say that nobody knows, and count as censored: `{word}` of {id}; empty \
         those whose event is not known",
        found.len(),
        values.len()
    ))
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
        let said = cells(&["1", "2.5", "3", "4", "5", "6", "7", "<0.5", "1,5", "none", "-"]);
        assert_eq!(said.len(), 1, "{said:?}");
        for part in [
            "4 of 11",
            "1 with a limit (`<0.5` of p7)",
            "1 with a decimal comma (`1,5` of p8)",
            "2 with a word (`none`",
        ] {
            assert!(said[0].contains(part), "{part}: {said:?}");
        }
        let said = cells(&["1", "2", "3", "-999", "-999"]);
        assert!(said.len() == 1 && said[0].contains("2 of 5 cells of `CD8B` are -999"), "{said:?}");
        assert!(cells(&["a", "b", "c", "1"]).is_empty(), "a column of words");
        let said = cells(&["20100131", "20101201", "19990228"]);
        assert!(said.len() == 1 && said[0].contains("seem to be dates (`20100131` of p0)"), "{said:?}");
        assert!(cells(&["998", "999", "1000"]).is_empty(), "a number among its like");
        assert!(cells(&["1,5", "2,5"])[0].contains("2 of 2"), "every number has a comma");
    }

    #[test]
    fn an_event_of_which_nobody_knows_is_told_of() {
        let values = [("a", "dead"), ("b", "alive"), ("c", "Unknown"), ("d", "-")];
        let seen = ["dead".to_owned()];
        let said = unknown("train", "status", [&seen, &[]], &values).expect("two of them");
        assert!(said.contains("2 of 4 cells of `status`") && said.contains("`Unknown` of c"), "{said}");
        let all = ["dead", "-", "unknown"].map(str::to_owned);
        assert_eq!(unknown("train", "status", [&all, &[]], &values), None, "whoever names them knows");
    }

    #[test]
    fn nobody_is_followed_for_148_years() {
        let said = century("train", "os", "months", &[("a", "1776"), ("b", "12")]).expect("a century");
        assert!(said.contains("1 of 2") && said.contains("1776 of a, is 148 years"), "{said}");
        assert_eq!(century("train", "os", "days", &[("a", "1776")]), None);
    }
}
