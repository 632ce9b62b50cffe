//! Dates in cells: in which form they are written, and the same form some days earlier or later.

use chrono::{Datelike, Days, NaiveDate};

/// How a date is written: the order of year, month and day, and what stands between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Form {
    order: Order,
    between: Option<char>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    YearMonthDay,
    DayMonthYear,
    MonthDayYear,
}

impl Form {
    /// The order of year, month and day, in letters: `ymd`.
    pub fn order(self) -> &'static str {
        match self.order {
            Order::YearMonthDay => "ymd",
            Order::DayMonthYear => "dmy",
            Order::MonthDayYear => "mdy",
        }
    }
}

/// Years that a date of a patient can have; eight digits of another one are a number.
const YEARS: std::ops::RangeInclusive<i32> = 1880..=2120;

/// Signs between the parts of a date.
const BETWEEN: [char; 3] = ['-', '/', '.'];

/// The forms in which a cell can be read as a date; none if it is none. A time of the day may follow.
pub fn forms(cell: &str) -> Vec<Form> {
    let text = day(cell);
    if text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        let form = Form { order: Order::YearMonthDay, between: None };
        return read(text, form).map(|_| form).into_iter().collect();
    }
    let Some(between) = BETWEEN.into_iter().find(|sign| text.contains(*sign)) else { return Vec::new() };
    let orders = [Order::YearMonthDay, Order::DayMonthYear, Order::MonthDayYear];
    let forms = orders.map(|order| Form { order, between: Some(between) });
    forms.into_iter().filter(|form| read(text, *form).is_some()).collect()
}

/// A date of a form, moved by days, in the same form; a time of the day is left out. None if it is no such date.
pub fn shifted(cell: &str, form: Form, days: i64) -> Option<String> {
    let date = read(day(cell), form)?;
    let by = Days::new(days.unsigned_abs());
    let date = if days < 0 { date.checked_sub_days(by) } else { date.checked_add_days(by) }?;
    let between = form.between.map(String::from).unwrap_or_default();
    let parts = match form.order {
        Order::YearMonthDay => ["%Y", "%m", "%d"],
        Order::DayMonthYear => ["%d", "%m", "%Y"],
        Order::MonthDayYear => ["%m", "%d", "%Y"],
    };
    Some(date.format(&parts.join(&between)).to_string())
}

/// The day of a date of a form, counted from one that is the same for all dates; a time of the day does not count. None if it is no
/// such date.
pub fn day_number(cell: &str, form: Form) -> Option<i64> {
    read(day(cell), form).map(|date| i64::from(date.num_days_from_ce()))
}

/// Whether a date stands anywhere in a text: two or one digits, twice, and four, with the same sign between them.
pub fn has_date(text: &str) -> bool {
    let words = text.split(|c: char| !(c.is_ascii_digit() || BETWEEN.contains(&c)));
    words.map(|word| word.trim_matches(BETWEEN)).any(|word| !forms(word).is_empty())
}

/// The part of a cell before a time of the day.
fn day(cell: &str) -> &str {
    let cell = cell.trim();
    match cell.split_once(['T', ' ']) {
        Some((day, time)) if time.starts_with(|c: char| c.is_ascii_digit()) && time.contains(':') => day,
        _ => cell,
    }
}

fn read(text: &str, form: Form) -> Option<NaiveDate> {
    let parts: Vec<&str> = match form.between {
        Some(sign) => text.split(sign).collect(),
        None => vec![text.get(..4)?, text.get(4..6)?, text.get(6..8)?],
    };
    let [a, b, c] = parts[..] else { return None };
    let [year, month, day] = match form.order {
        Order::YearMonthDay => [a, b, c],
        Order::DayMonthYear => [c, b, a],
        Order::MonthDayYear => [c, a, b],
    };
    let digits = |text: &str, least: usize, most: usize| {
        let whole = (least..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        whole.then(|| text.parse::<u32>().ok()).flatten()
    };
    let year = i32::try_from(digits(year, 4, 4)?).ok().filter(|year| YEARS.contains(year))?;
    NaiveDate::from_ymd_opt(year, digits(month, 1, 2)?, digits(day, 1, 2)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moved(cell: &str, days: i64) -> Vec<String> {
        forms(cell).into_iter().filter_map(|form| shifted(cell, form, days)).collect()
    }

    #[test]
    fn dates_keep_their_form_and_the_days_between_them() {
        for (cell, days, expected) in [
            ("2020-03-01", -1, "2020-02-29"),
            ("20200301", -366, "20190301"),
            ("31.12.2019", 1, "01.01.2020"),
            ("1/13/2020", -13, "12/31/2019"),
            ("2020-03-01T23:59:59", 0, "2020-03-01"),
            (" 2020-03-01 08:15 ", 0, "2020-03-01"),
        ] {
            assert_eq!(moved(cell, days), [expected], "{cell}");
        }
        assert_eq!(moved("03/04/2020", 1), ["04/04/2020", "03/05/2020"], "it may be April or March");
    }

    #[test]
    fn what_is_no_date_is_none() {
        for cell in
            ["", "2020", "20201301", "12345678", "1.5", "2020-3", "1-2-3", "2020-02-30", "1.2.840.10008", "120", "a"]
        {
            assert!(forms(cell).is_empty(), "{cell}");
        }
        assert!(has_date("seen on 2020-01-31, again") && has_date("(31.1.2020)") && has_date("CT 20200131"));
        assert!(!has_date("T2 of 2020, 1.5 T, 12/13") && !has_date("1.2.840.2020.1.1"));
    }
}
