//! What deals the folds of a training, where the study does not: columns, or periods of time.

use serde_json::{Map, Value as Json};

use super::columns::Columns;
use crate::experiment::{
    Origin, PluginSettings,
    course::Time,
    section::{Placed, Section},
};

/// What deals folds.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum FoldsBy {
    /// The study, at random.
    #[default]
    Chance,
    /// The values of columns, one for each repeat.
    Columns(Vec<String>),
    /// Periods of time.
    Periods(Periods),
}

/// A time that is cut into periods, each of which is a fold.
#[derive(Debug, Clone, PartialEq)]
pub struct Periods {
    /// The column of the time.
    pub time: Time,
    /// How it is cut.
    pub cut: Cut,
}

/// How a time is cut into periods.
#[derive(Debug, Clone, PartialEq)]
pub enum Cut {
    /// Into so many, of about as many patients each.
    Into(usize),
    /// At these: each is the first date, or the first number, of another period.
    At(Vec<String>),
}

/// How a period is written.
const WRITTEN: &str = "as in { date = \"scanned\", periods = 4 } or { number = \"year\", limits = [2015, 2018] }";

/// Reads what deals folds: a text, a list or a table where the learner's setting of that name is a number.
pub(super) fn read(settings: &mut PluginSettings, section: &Section<'_>, key: &str, columns: &mut Columns) -> FoldsBy {
    let place = settings.place(key);
    let mut add = |value: &str| columns.add(section, key, Placed { value: value.to_owned(), origin: place.clone() });
    let found = match settings.values.get(key) {
        Some(Json::String(text)) => FoldsBy::Columns(vec![add(text)]),
        Some(Json::Array(list)) => {
            // A list of something else is the learner's, which refuses it.
            let texts: Option<Vec<&str>> = list.iter().map(Json::as_str).collect();
            match texts {
                Some(texts) => FoldsBy::Columns(texts.into_iter().map(add).collect()),
                None => return FoldsBy::Chance,
            }
        }
        Some(Json::Object(table)) => match periods(table, &place, &mut add) {
            Ok(of) => FoldsBy::Periods(of),
            Err(why) => {
                section.error_at(key, format!("`{key}`: {why}"));
                FoldsBy::Chance
            }
        },
        _ => return FoldsBy::Chance,
    };
    settings.values.remove(key);
    found
}

fn periods(table: &Map<String, Json>, place: &Origin, add: &mut dyn FnMut(&str) -> String) -> Result<Periods, String> {
    if let Some(other) = table.keys().find(|key| !["date", "number", "periods", "limits"].contains(&key.as_str())) {
        return Err(format!("there is no key `{other}`; folds of time are written {WRITTEN}"));
    }
    let text = |key: &str| match table.get(key) {
        None => Ok(None),
        Some(Json::String(text)) => Ok(Some(text)),
        Some(_) => Err(format!("`{key}` names a column, {WRITTEN}")),
    };
    let mut column = |name: &str| Placed { value: add(name), origin: place.clone() };
    let time = match (text("date")?, text("number")?) {
        (Some(name), None) => Time::Date(column(name)),
        (None, Some(name)) => Time::Days(column(name)),
        _ => return Err(format!("either `date` or `number` names the column of the time, {WRITTEN}")),
    };
    let cut = match (table.get("periods"), table.get("limits")) {
        (Some(many), None) => match many.as_u64() {
            Some(many @ 2..=1000) => Cut::Into(many as usize),
            _ => return Err(format!("`periods` is {many}, expected 2 or more")),
        },
        (None, Some(Json::Array(limits))) if !limits.is_empty() => {
            let limit = |limit: &Json| match (limit, &time) {
                (Json::String(text), Time::Date(_)) => Ok(text.clone()),
                (Json::Number(number), Time::Days(_)) => Ok(number.to_string()),
                (other, Time::Date(_)) => Err(format!("`limits` has {other}, expected dates as \"2015-01-31\"")),
                (other, Time::Days(_)) => Err(format!("`limits` has {other}, expected numbers")),
            };
            Cut::At(limits.iter().map(limit).collect::<Result<_, _>>()?)
        }
        _ => return Err(format!("either `periods` says how many there are, or `limits` where they begin, {WRITTEN}")),
    };
    Ok(Periods { time, cut })
}
