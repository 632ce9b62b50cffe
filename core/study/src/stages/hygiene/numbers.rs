//! Columns of numbers: cells that are none, numbers that stand for nothing, dates, and numbers of rows.

use std::collections::BTreeMap;

use voxomics_engine::tabular::are_dates;

use super::SHOWN;

/// A column is one of numbers if at least this share of its cells are numbers.
const NUMBERS: f64 = 0.6;

/// Numbers that stand for "missing" in some tables.
const MARKS: [f64; 8] = [999.0, -999.0, 9999.0, -9999.0, 99_999.0, -99_999.0, -99.0, -9.0];

/// Least numbers of a column, beside marks, of which can be said what is usual among them.
const FEW: usize = 10;

/// How often a mark is there at least in a column that has numbers on both sides of it.
const REPEATS: usize = 3;

/// Share of the numbers of a column that differ from each other, where hardly any is there twice.
const DISTINCT: f64 = 0.9;

pub(super) fn number(cell: &str) -> Option<f64> {
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
pub(super) struct Strange {
    /// Cells that are no numbers, by what they are.
    pub(super) others: BTreeMap<&'static str, Vec<String>>,
    /// Numbers that are perhaps marks.
    pub(super) marks: Vec<Mark>,
}

/// A number that perhaps means that there is no value, and the range of the others.
pub(super) struct Mark {
    pub(super) value: f64,
    pub(super) count: usize,
    pub(super) low: f64,
    pub(super) high: f64,
    why: Why,
}

/// By what a number is known for a mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Why {
    /// It is far from all others.
    Far,
    /// It has another sign than all others.
    Sign,
    /// It is there again and again, in a column in which hardly anything else is there twice.
    Repeated,
}

/// By what a number that stands for "missing" in some tables is known for one, among the others of its column in rising order. That
/// must not depend on the unit of the column: most features are far wider than 999.
fn mark(value: f64, count: usize, others: &[f64]) -> Option<Why> {
    let (low, high) = (*others.first()?, *others.last()?);
    if others.len() < 2 {
        return None;
    }
    let span = high - low;
    if value > high + span || value < low - span {
        return Some(Why::Far);
    }
    // One -9 may be a difference; one -999 in a column without any other negative number is none.
    let repeated = count > 1 || value.abs() > 100.0;
    if others.len() >= FEW && repeated && ((value < 0.0 && low >= 0.0) || (value > 0.0 && high <= 0.0)) {
        return Some(Why::Sign);
    }
    let gap = (value - high).max(low - value);
    let widest = others.windows(2).map(|pair| pair[1] - pair[0]).fold(0.0, f64::max);
    if others.len() >= FEW && count > 1 && gap > widest {
        return Some(Why::Far);
    }
    // Values that were measured hardly ever meet.
    let runs = others.chunk_by(|a, b| a == b);
    let (distinct, most) = runs.fold((0, 0), |(runs, most), run| (runs + 1, run.len().max(most)));
    let hardly = distinct as f64 >= DISTINCT * others.len() as f64 && count >= REPEATS.max(2 * most);
    (others.len() >= FEW && hardly).then_some(Why::Repeated)
}

/// Whether the values of a column rise by one from row to row.
pub(super) fn counts_rows(values: &[(&str, &str)]) -> bool {
    let numbers: Option<Vec<f64>> = values.iter().map(|(_, cell)| number(cell)).collect();
    let Some(numbers) = numbers.filter(|numbers| numbers.len() >= FEW) else { return false };
    let [first, ..] = numbers.as_slice() else { return false };
    // A program counts from 0 or 1; years and ages do not begin there.
    [0.0, 1.0].contains(first) && numbers.windows(2).all(|pair| pair[1] - pair[0] == 1.0)
}

/// Looks at the cells of a column; nothing is strange in one of words.
pub(super) fn look(values: &[(&str, &str)]) -> Strange {
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
    if !numbers.iter().any(|number| MARKS.contains(number)) {
        return found;
    }
    let mut others: Vec<f64> = numbers.iter().copied().filter(|other| !MARKS.contains(other)).collect();
    others.sort_by(f64::total_cmp);
    let (Some(low), Some(high)) = (others.first().copied(), others.last().copied()) else { return found };
    for value in MARKS {
        let count = numbers.iter().filter(|other| **other == value).count();
        if let Some(why) = Some(count).filter(|count| *count > 0).and_then(|count| mark(value, count, &others)) {
            found.marks.push(Mark { value, count, low, high, why });
        }
    }
    found
}

/// Cells of a column of numbers that are none, and numbers that are perhaps marks.
pub(super) fn cells(cohort: &str, column: &str, values: &[(&str, &str)]) -> Vec<String> {
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
    for Mark { value, count, low, high, why } in marks {
        let what = match why {
            Why::Far => format!("far from the others ({low} to {high})"),
            Why::Sign => format!("and no other has this sign ({low} to {high})"),
            Why::Repeated => format!("and hardly any other is there twice ({low} to {high})"),
        };
        said.push(format!(
            "cohort `{cohort}`: {count} of {} cells of `{column}` are {value}, {what}: if that means that there is no value, empty them",
            values.len()
        ));
    }
    said
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
    fn marks_are_known_in_columns_of_any_width() {
        let said = |of: &[f64]| {
            let cells: Vec<String> = of.iter().map(f64::to_string).collect();
            let values: Vec<(&str, &str)> = cells.iter().map(|cell| ("p", cell.as_str())).collect();
            super::cells("train", "x", &values)
        };
        // Made numbers without a pattern, from 0 to 1.
        let random = |at: usize| (at as f64 * 0.618_033_988_75).fract();
        let column = |low: f64, high: f64| (0..90).map(move |at| low + (high - low) * random(at)).collect::<Vec<f64>>();
        let with = |mut column: Vec<f64>, mark: f64, count: usize| {
            column.extend(std::iter::repeat_n(mark, count));
            column
        };
        for (values, part) in [
            (with(column(100.0, 5000.0), -999.0, 10), "10 of 100 cells of `x` are -999, and no other has this sign"),
            (with(column(100.0, 5000.0), -999.0, 1), "1 of 91 cells of `x` are -999"),
            (with(column(0.0, 800.0), 999.0, 12), "12 of 102 cells of `x` are 999, far from the others"),
            (with(column(0.0, 3000.0), 999.0, 5), "are 999, and hardly any other is there twice"),
            (with(column(-2000.0, 3000.0), -999.0, 3), "are -999, and hardly any other is there twice"),
            (with(column(20.0, 90.0), -9.0, 3), "are -9, and no other has this sign"),
        ] {
            let said = said(&values);
            assert!(said.len() == 1 && said[0].contains(part), "{part}: {said:?}");
        }
        let whole = |values: Vec<f64>| values.into_iter().map(f64::round).collect::<Vec<f64>>();
        // Hounsfield units of air, whole ones with one or the other -999, a difference of -9, numbers among their like.
        let air = with(whole(column(-1024.0, -900.0)), -999.0, 2);
        for values in [
            with(column(-1000.0, 400.0), -1000.0, 20),
            air,
            with(whole(column(-1024.0, 200.0)), -999.0, 2),
            with(whole(column(0.0, 50.0)), -9.0, 1),
            with(whole(column(900.0, 1100.0)), 999.0, 2),
            (0..200).map(|at| f64::from(at % 100) - 50.0).collect(),
            (0..2000).map(f64::from).collect(),
        ] {
            assert!(said(&values).is_empty(), "{:?}", said(&values));
        }
    }

    #[test]
    fn numbers_of_rows_are_no_measure() {
        let counts = |of: std::ops::Range<usize>| {
            let cells: Vec<String> = of.map(|at| at.to_string()).collect();
            counts_rows(&cells.iter().map(|cell| ("p", cell.as_str())).collect::<Vec<_>>())
        };
        assert!(counts(0..20) && counts(1..21));
        assert!(!counts(50..70) && !counts(0..3));
    }
}
