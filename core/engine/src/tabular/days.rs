//! Columns of dates, also those that look like numbers.

use voxomics_results::pseudonyms::forms;

/// Fewer dates than this may be numbers that look like dates: about one of thirty numbers of eight digits does.
const LEAST: usize = 3;

/// Share of the cells that are dates in a column of dates: somebody may have written `unknown`, or a day that does not exist.
const MOST: f64 = 0.9;

/// Whether the cells of a column, without those that say that there is no value, are dates.
pub fn are_dates(cells: &[&str]) -> bool {
    // Most columns are told by their first cells: a table may have twenty thousand.
    let found = cells.iter().take(LEAST).filter(|cell| is_date(cell)).count();
    if cells.len() < LEAST || found + 1 < LEAST {
        return false;
    }
    let found = cells.iter().filter(|cell| is_date(cell)).count();
    found >= LEAST && found as f64 >= MOST * cells.len() as f64
}

/// Whether a cell is a date. A column of whole numbers with gaps is often written with 20100131.0 for 20100131.
fn is_date(cell: &str) -> bool {
    let cell = cell.trim();
    !forms(cell.strip_suffix(".0").unwrap_or(cell)).is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_of_dates_may_have_a_word_in_it() {
        let days: Vec<String> = (10..29).map(|day| format!("201002{day}")).collect();
        let mut cells: Vec<&str> = days.iter().map(String::as_str).collect();
        assert!(are_dates(&cells));
        cells.insert(1, "unknown");
        assert!(are_dates(&cells), "one of twenty");
        cells.extend(["20109999"; 3]);
        assert!(!are_dates(&cells), "four of twenty-three");
        assert!(!are_dates(&["20100131", "20100201"]), "two may be numbers");
        assert!(!are_dates(&["20100131", "20100231", "19991301", "20100228"]), "numbers of eight digits");
        assert!(!are_dates(&["2010.1", "2011.5", "2012.25"]) && !are_dates(&["1.5", "2.25", "3"]));
    }
}
