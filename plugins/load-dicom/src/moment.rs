//! Dates and times of an object (`DA`, `TM`, `DT`: DICOM PS3.5, section 6.2), to the fraction of a second.

use std::fmt;

use dicom_core::Tag;
use dicom_dictionary_std::tags;

use crate::error::ReadError;
use crate::object::Item;
use crate::places::Place;

/// A moment by a clock: that of the object, unless its text says another one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moment {
    /// Days since 1 January 1970.
    day: i64,
    /// Seconds of that day.
    second: f64,
    /// How far that clock is ahead of universal time, s, where the text says it and the object does not say how far its own is.
    ahead: Option<f64>,
}

impl Moment {
    /// Seconds from an earlier moment to this one. Of a clock that is not known, it is taken to be that of the other moment.
    pub fn since(&self, earlier: &Self) -> f64 {
        let clocks = self.ahead.zip(earlier.ahead).map_or(0.0, |(own, other)| own - other);
        (self.day - earlier.day) as f64 * 86_400.0 + (self.second - earlier.second) - clocks
    }

    /// Whether it is by a clock that says its offset from universal time, and another moment by one that does not: they may be
    /// hours further apart than they seem.
    pub fn is_by_another_clock(&self, other: &Self) -> bool {
        self.ahead.is_some() && other.ahead.is_none()
    }

    /// So many seconds later.
    pub fn plus(self, seconds: f64) -> Self {
        Self { second: self.second + seconds, ..self }
    }

    /// The same time of the day of another moment, or of the day before: the last one that is no more than `late` seconds
    /// later than it.
    pub fn before(self, other: &Self, late: f64) -> Self {
        let same_day = Self { day: other.day, ..self };
        if other.since(&same_day) < -late { Self { day: other.day - 1, ..same_day } } else { same_day }
    }

    /// Whether it is midnight, which stands for a time that was taken out.
    pub fn is_midnight(&self) -> bool {
        self.second == 0.0
    }

    /// How far apart two times of day are, s, whatever their days are.
    pub fn apart_in_day(&self, other: &Self) -> f64 {
        let apart = self.since(other).rem_euclid(86_400.0);
        apart.min(86_400.0 - apart)
    }

    /// The same day at the time that an attribute has.
    ///
    /// # Errors
    /// If it has none.
    pub fn with_time(self, item: Item<'_>, tag: Tag) -> Result<Self, ReadError> {
        let text = item.need_text(tag)?;
        let second = time(&text).ok_or_else(|| item.invalid(tag, &text, "a time such as 093015.25"))?;
        Ok(Self { day: self.day, second, ahead: None })
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (days, second) = (self.second.div_euclid(86_400.0), self.second.rem_euclid(86_400.0));
        let (year, month, day) = civil(self.day + days as i64);
        let whole = second as u64;
        let (hour, minute) = (whole / 3600, whole / 60 % 60);
        write!(f, "{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{:02}", whole % 60)
    }
}

/// The moment that a date and a time make.
///
/// # Errors
/// If one is missing or is none.
pub fn of_day(place: &Place<'_>, date_tag: Tag, time_tag: Tag) -> Result<Moment, ReadError> {
    let item = place.with(date_tag);
    let text = item.need_text(date_tag)?;
    let day = date(&text).ok_or_else(|| item.invalid(date_tag, &text, "a date such as 20240131"))?;
    Moment { day, second: 0.0, ahead: None }.with_time(place.with(time_tag), time_tag)
}

/// The moment of a text that holds date and time, in the object's own time where the object says what that is
/// (`TimezoneOffsetFromUTC`). Else an offset from universal time at its end counts beside another text that has one; beside
/// times that have none, the text is local, as these are.
///
/// # Errors
/// If it is none.
pub fn date_time(item: Item<'_>, tag: Tag, text: &str) -> Result<Moment, ReadError> {
    let end = text.find(['+', '-', '&']).unwrap_or(text.len());
    let (local, its_offset) = text.split_at(end);
    let moment = local
        .get(..8)
        .zip(local.get(8..))
        .and_then(|(day, rest)| Some(Moment { day: date(day)?, second: time(rest)?, ahead: None }));
    let moment = moment.ok_or_else(|| item.invalid(tag, text, "date and time such as 20240131093015.25"))?;
    let own = item.object().root().text(tags::TIMEZONE_OFFSET_FROM_UTC);
    match (offset(its_offset), own.as_deref().and_then(offset)) {
        (Some(its), Some(own)) => Ok(moment.plus(own - its)),
        (ahead, None) => Ok(Moment { ahead, ..moment }),
        (None, Some(_)) => Ok(moment),
    }
}

/// Seconds of an offset from universal time, `+HHMM` or `-HHMM`.
fn offset(text: &str) -> Option<f64> {
    let text = text.trim();
    let (sign, digits) =
        text.strip_prefix('-').map_or_else(|| (1.0, text.strip_prefix('+')), |rest| (-1.0, Some(rest)));
    let seconds = digits.filter(|digits| digits.len() == 4).and_then(time)?;
    Some(sign * seconds)
}

/// Days since 1970 of `YYYYMMDD`, or `YYYY.MM.DD` as older writers have it.
fn date(text: &str) -> Option<i64> {
    let digits: String = text.trim().chars().filter(|c| *c != '.').collect();
    if digits.len() != 8 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (year, month, day): (i64, i64, i64) =
        (digits[..4].parse().ok()?, digits[4..6].parse().ok()?, digits[6..].parse().ok()?);
    let days = days(year, month, day);
    ((1..=12).contains(&month) && civil(days) == (year, month, day)).then_some(days)
}

/// Seconds of `HH`, `HHMM`, `HHMMSS` or `HHMMSS.F`; also with colons, as older writers have it.
fn time(text: &str) -> Option<f64> {
    let plain: String = text.trim().chars().filter(|c| *c != ':').collect();
    let (whole, fraction) = plain.split_once('.').unwrap_or((&plain, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if ![2, 4, 6].contains(&whole.len()) || !digits(whole) || !digits(fraction) || fraction.len() > 6 {
        return None;
    }
    let part = |at: usize| whole.get(at..at + 2).map_or(Some(0.0), |two| two.parse::<f64>().ok());
    let (hours, minutes, seconds) = (part(0)?, part(2)?, part(4)?);
    let fraction: f64 = if fraction.is_empty() { 0.0 } else { format!("0.{fraction}").parse().ok()? };
    (hours < 24.0 && minutes < 60.0 && seconds < 61.0).then_some(hours * 3600.0 + minutes * 60.0 + seconds + fraction)
}

/// Days from 1 January 1970 to a date of the Gregorian calendar, counted in years that begin in March.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The inverse of [`days`].
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_days_and_back() {
        assert_eq!((date("19700101"), date("20000229"), date("2024.03.01")), (Some(0), Some(11_016), Some(19_783)));
        for wrong in ["20230229", "20241301", "2024010", "2024-1-1", "+2240101"] {
            assert_eq!(date(wrong), None, "{wrong}");
        }
        for day in -100_000..100_000 {
            let (year, month, of_month) = civil(day);
            assert_eq!(days(year, month, of_month), day);
        }
    }

    #[test]
    fn times_are_seconds() {
        assert_eq!(
            (time("093015.25"), time("0930"), time("23:59:59")),
            (Some(34_215.25), Some(34_200.0), Some(86_399.0))
        );
        for wrong in ["", "9", "240000", "0960", "09301", "-10000", "101010.-5"] {
            assert_eq!(time(wrong), None, "{wrong}");
        }
    }
}
