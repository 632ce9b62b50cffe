//! When a scan was made: from the cells of a column to days.

use crate::{
    experiment::course::Time,
    results::pseudonyms::{Form, day_number, forms},
    tabular::is_missing,
};

/// Days from one day to a later one, without what rounding makes of decimal days: 0.3 and 0.1 are 0.2 apart.
pub fn between(first: f64, later: f64) -> f64 {
    const OF_A_DAY: f64 = 1e6;
    ((later - first) * OF_A_DAY).round() / OF_A_DAY
}

/// How the cells of a column are read.
#[derive(Debug, Clone, PartialEq)]
pub struct Days {
    column: String,
    /// How dates are written; none of a column of days.
    form: Option<Form>,
}

impl Days {
    /// How a column is read, by all of its cells.
    ///
    /// # Errors
    /// If nobody can tell day and month of its dates, or there are none.
    pub fn of<'a>(time: &Time, cells: impl IntoIterator<Item = &'a str>) -> Result<Self, String> {
        let column = time.column().value.clone();
        let Time::Date(_) = time else { return Ok(Self { column, form: None }) };
        let mut common: Option<Vec<Form>> = None;
        for fitting in cells.into_iter().map(|cell| forms(plain(cell))).filter(|fitting| !fitting.is_empty()) {
            match &mut common {
                Some(common) => common.retain(|form| fitting.contains(form)),
                none => *none = Some(fitting),
            }
        }
        match common.as_deref() {
            Some([form]) => Ok(Self { column, form: Some(*form) }),
            Some([]) => Err(format!(
                "the column `{column}` has dates that are written in different ways: write all as 2020-01-31"
            )),
            Some(_) => Err(format!(
                "the column `{column}` has dates of which nobody can tell day and month: write them as 2020-01-31"
            )),
            None => Err(format!("the column `{column}` has no date, such as 2020-01-31")),
        }
    }

    /// The day of a cell, counted from a day that is the same for all cells of the column.
    ///
    /// # Errors
    /// What stands there instead.
    pub fn read(&self, cell: Option<&str>) -> Result<f64, String> {
        let column = &self.column;
        let cell = cell.map(str::trim).filter(|cell| !is_missing(cell));
        let cell = cell.ok_or_else(|| format!("the list of cases has no `{column}` for it"))?;
        match self.form {
            Some(form) => match day_number(plain(cell), form) {
                Some(day) => Ok(day as f64),
                None => Err(format!("its `{column}` is `{cell}`, which is no date as the others of the column")),
            },
            None => match cell.parse::<f64>() {
                Ok(day) if day.is_finite() => Ok(day),
                _ => Err(format!("its `{column}` is `{cell}`, expected a number of days")),
            },
        }
    }
}

/// A column of whole numbers with gaps is often written with 20100131.0 for 20100131.
fn plain(cell: &str) -> &str {
    let cell = cell.trim();
    cell.strip_suffix(".0").filter(|digits| digits.len() == 8).unwrap_or(cell)
}

#[cfg(test)]
mod tests {
    use voxomics_base::Origin;

    use super::*;
    use crate::experiment::Placed;

    fn read(date: bool, cells: &[&str]) -> Result<Vec<Result<f64, String>>, String> {
        let column = Placed { value: "when".to_owned(), origin: Origin::Set("course.date".into()) };
        let time = if date { Time::Date(column) } else { Time::Days(column) };
        let days = Days::of(&time, cells.iter().copied())?;
        Ok(cells.iter().map(|cell| days.read(Some(cell))).collect())
    }

    #[test]
    fn days_between_dates_count_leap_years_and_do_not_depend_on_how_dates_are_written() {
        for cells in [
            ["2020-02-28", "2020-03-01", "2021-03-01"],
            ["28.02.2020", "1.3.2020", "01.03.2021"],
            ["20200228", "20200301.0", "20210301"],
            ["2020-02-28 23:59:00", "2020-03-01T00:01", "2021-03-01"],
        ] {
            let days: Vec<f64> = read(true, &cells).unwrap().into_iter().map(Result::unwrap).collect();
            assert_eq!([days[1] - days[0], days[2] - days[1]], [2.0, 365.0], "{cells:?}");
        }
        assert_eq!(read(false, &["-3", "12.5"]), Ok(vec![Ok(-3.0), Ok(12.5)]));
    }

    #[test]
    fn what_cannot_be_told_is_refused() {
        for (cells, why) in [
            (["03/04/2020", "05/06/2020"], "nobody can tell day and month"),
            (["2020-01-31", "31.1.2020"], "written in different ways"),
            (["baseline", "later"], "has no date"),
        ] {
            assert!(read(true, &cells).expect_err(why).contains(why));
        }
        let one = read(true, &["2020-01-31", "later", ""]).unwrap();
        assert!(one[1].as_ref().unwrap_err().contains("`later`, which is no date"));
        assert!(one[2].as_ref().unwrap_err().contains("no `when`"));
        assert!(read(false, &["soon"]).unwrap()[0].as_ref().unwrap_err().contains("expected a number of days"));
    }
}
