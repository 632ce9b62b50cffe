//! The model card of a predictor, or of a model file: whether it is sound, and whether the model may be used.

use std::fmt;

use chrono::{DateTime, NaiveDate};
use serde_json::Value as Json;
use voxomics_base::{Diagnostic, Diagnostics, PluginSettings, suggestion, table::number};
use voxomics_interface::describe::{Card, Kind, LICENCE, Plugin, Takes};

use crate::{Registered, call::one_line};

/// The model card of a predictor, and who made and who signed it.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelCard {
    /// The predictor's name.
    pub plugin: String,
    /// Version of its library.
    pub version: String,
    /// Who made it, as the library says.
    pub vendor: String,
    /// How the library is known, in words.
    pub known: String,
    /// What the card states.
    pub stated: Card,
}

/// What stands for what a card leaves open.
const OPEN: &str = "not stated";

impl ModelCard {
    pub(crate) fn of(of: Registered<'_>) -> Option<Self> {
        let description = &of.library.description;
        Some(Self {
            plugin: of.plugin.name(),
            version: description.version.clone(),
            vendor: description.vendor.clone(),
            known: of.library.standing.to_string(),
            stated: of.plugin.card.clone()?,
        })
    }
}

/// What a card states, each with its name; what it leaves open is said to be so.
pub fn lines(card: &Card) -> [(&'static str, String); 6] {
    let text = |text: &str| if text.is_empty() { OPEN.to_owned() } else { text.to_owned() };
    let ranges = card.ranges.iter().map(|range| {
        let unit = if range.unit.is_empty() { String::new() } else { format!(" {}", range.unit) };
        format!("{}: {} to {}{unit}", range.input, number(range.min), number(range.max))
    });
    let until = card.valid_until.as_deref().unwrap_or_default();
    let until = match has_expired(card, today()) {
        true => format!("{until}, which is over"),
        false => text(until),
    };
    [
        ("intended use", text(&card.intended_use)),
        ("training population", text(&card.population)),
        ("input ranges", text(&ranges.collect::<Vec<_>>().join("; "))),
        ("valid until", until),
        ("contact", text(&card.contact)),
        ("licence file", if card.needs_licence { "needed" } else { "not needed" }.into()),
    ]
}

/// What a model file has for its card, in the table `[card]`. Its ranges stand at its inputs, and it is itself what a licence
/// would open.
///
/// # Errors
/// Which key is not one of a card, or has a value that cannot be one.
pub fn of_file(table: &Json) -> Result<Card, String> {
    const KEYS: [&str; 4] = ["intended_use", "population", "valid_until", "contact"];
    let Some(table) = table.as_object() else { return Err("`card` is no table".into()) };
    if let Some(key) = table.keys().find(|key| !KEYS.contains(&key.as_str())) {
        return Err(format!("[card] has the unknown key `{}`{}", one_line(key), suggestion(key, KEYS)));
    }
    let text = |key: &str| match table.get(key) {
        None => Ok(String::new()),
        // Of TOML, a day without quotation marks is a table of this one key.
        Some(Json::Object(day)) => Ok(day.values().next().and_then(Json::as_str).unwrap_or_default().to_owned()),
        Some(value) => {
            value.as_str().map(one_line).ok_or_else(|| format!("`{key}` in [card] is {value}, expected a text"))
        }
    };
    let until = text("valid_until")?;
    if !until.is_empty() && day(&until).is_none() {
        return Err(format!("`valid_until` in [card] is `{until}`, expected a day such as 2027-12-31"));
    }
    Ok(Card {
        intended_use: text("intended_use")?,
        population: text("population")?,
        valid_until: (!until.is_empty()).then_some(until),
        contact: text("contact")?,
        ..Card::default()
    })
}

/// Why a model with this card gives no score today, if its last day is over.
pub fn expired(card: &Card) -> Option<String> {
    has_expired(card, today()).then(|| {
        format!(
            "it has expired: its card is valid until {}, and today is {} (UTC). It gives no score; ask {} for a newer one",
            card.valid_until.as_deref().unwrap_or_default(),
            today(),
            asked(card)
        )
    })
}

/// Whom to ask.
fn asked(card: &Card) -> &str {
    if card.contact.is_empty() { "its vendor" } else { &card.contact }
}

/// Makes the texts of a card fit for a terminal and a cell.
pub(crate) fn tidy(card: &mut Card) {
    let ranges = card.ranges.iter_mut().flat_map(|range| [&mut range.input, &mut range.unit]);
    let texts = [&mut card.intended_use, &mut card.population, &mut card.contact];
    for text in texts.into_iter().chain(&mut card.valid_until).chain(ranges) {
        *text = one_line(text);
    }
}

/// What a plugin claims, and is not so: a fault of its author.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum WrongClaim {
    /// Another plugin than a family says what its values do not depend on.
    InvarianceOfNoFamily,
    /// Another plugin than a predictor has a model card.
    CardOfNoPredictor,
    /// The last day of the card is none.
    NoDay {
        /// What stands there.
        found: String,
    },
    /// A range of an input is none.
    NoRange {
        /// The input.
        input: String,
        /// Its least value.
        low: f64,
        /// Its largest value.
        high: f64,
    },
    /// An input has two ranges.
    TwoRanges {
        /// The input.
        input: String,
    },
    /// A licence is needed, and there is no setting for its file.
    NoLicenceSetting,
}

impl fmt::Display for WrongClaim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvarianceOfNoFamily => f.write_str("it claims what its values do not depend on, and is no family"),
            Self::CardOfNoPredictor => f.write_str("it has a model card, and is no predictor"),
            Self::NoDay { found } => {
                write!(f, "its card is valid until `{found}`, expected a day such as 2027-12-31")
            }
            Self::NoRange { input, low, high } => {
                write!(f, "the card's range of `{input}` is {low} to {high}, expected two numbers")
            }
            Self::TwoRanges { input } => write!(f, "its card has two ranges of `{input}`"),
            Self::NoLicenceSetting => {
                write!(f, "its card says that it needs a licence, and it has no setting `{LICENCE}` that is a file")
            }
        }
    }
}

/// What is wrong with what a plugin claims, for its author.
///
/// # Errors
/// The first of what is wrong.
pub(crate) fn check(plugin: &Plugin) -> Result<(), WrongClaim> {
    if !plugin.invariant.is_empty() && plugin.kind != Kind::Features {
        return Err(WrongClaim::InvarianceOfNoFamily);
    }
    let Some(card) = &plugin.card else { return Ok(()) };
    if plugin.kind != Kind::Predict {
        return Err(WrongClaim::CardOfNoPredictor);
    }
    if let Some(text) = &card.valid_until {
        day(text).ok_or_else(|| WrongClaim::NoDay { found: text.clone() })?;
    }
    for (at, range) in card.ranges.iter().enumerate() {
        let [low, high] = [range.min, range.max];
        if !(low.is_finite() && high.is_finite() && low <= high) {
            return Err(WrongClaim::NoRange { input: range.input.clone(), low, high });
        }
        if card.ranges[..at].iter().any(|other| other.input == range.input) {
            return Err(WrongClaim::TwoRanges { input: range.input.clone() });
        }
    }
    let takes_a_file = |key| plugin.settings.iter().any(|setting| setting.key == key && setting.takes == Takes::File);
    match card.needs_licence && !takes_a_file(LICENCE) {
        true => Err(WrongClaim::NoLicenceSetting),
        false => Ok(()),
    }
}

/// Whether a predictor may be used today, with these settings; why not goes to the diagnostics.
pub(crate) fn may_be_used(plugin: &Plugin, settings: &PluginSettings, diagnostics: &Diagnostics) -> bool {
    let Some(card) = &plugin.card else { return true };
    let ask = asked(card);
    let place = |key: &str| settings.place(key);
    let refused = match settings.values.get(LICENCE).and_then(serde_json::Value::as_str) {
        _ if has_expired(card, today()) => expired(card).map(|why| (settings.origin.clone(), why)),
        None if card.needs_licence => Some((
            settings.origin.clone(),
            format!(
                "it is not licensed: it gives no score without a licence. Name the file in `{LICENCE}`, or ask {ask} for one"
            ),
        )),
        Some(file) if card.needs_licence && !std::path::Path::new(file).is_file() => Some((
            place(LICENCE),
            format!("it is not licensed: there is no file {file}. Check `{LICENCE}`, or ask {ask} for a licence"),
        )),
        _ => None,
    };
    match refused {
        Some((place, why)) => {
            diagnostics.push(Diagnostic::new(place, format!("[{}] {}: {why}", settings.section, plugin.name())));
            false
        }
        None => true,
    }
}

/// Whether the last day of a card is over.
fn has_expired(card: &Card, today: NaiveDate) -> bool {
    card.valid_until.as_deref().and_then(day).is_some_and(|last| today > last)
}

/// A day as cards write it.
fn day(text: &str) -> Option<NaiveDate> {
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    // The parser takes 2027-1-5 as well, which another reader may not.
    (day.format("%Y-%m-%d").to_string() == text).then_some(day)
}

/// Today in UTC. Of a clock that stands before 1970 nothing is known: every card is over then.
fn today() -> NaiveDate {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).ok();
    let seconds = since.and_then(|since| i64::try_from(since.as_secs()).ok());
    seconds.and_then(|seconds| DateTime::from_timestamp(seconds, 0)).map_or(NaiveDate::MAX, |now| now.date_naive())
}

#[cfg(test)]
mod tests {
    use voxomics_interface::describe::{InputRange, Library};

    use super::*;

    #[test]
    fn the_last_day_of_a_card_counts() {
        let card = Card { valid_until: Some("2028-02-29".into()), ..Card::default() };
        let on = |text: &str| has_expired(&card, day(text).expect("a day"));
        assert!(!on("2026-01-01") && !on("2028-02-29") && on("2028-03-01"));
        assert!(!has_expired(&Card::default(), NaiveDate::MAX), "no day, no end");
        for wrong in ["2027-02-29", "2027-1-5", "31.12.2027", "2027-12-31T00:00", ""] {
            assert_eq!(day(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_model_file_states_its_card_or_says_which_key_is_none() {
        let read = |text: &str| of_file(&serde_json::from_str(text).expect("JSON"));
        let card =
            read(r#"{"intended_use": "research\nonly", "valid_until": "2001-12-31", "contact": "A"}"#).expect("a card");
        assert_eq!((card.intended_use.as_str(), card.population.as_str()), ("research only", ""));
        let why = expired(&card).expect("its last day is over");
        assert!(why.contains("valid until 2001-12-31") && why.contains("ask A for"), "{why}");
        assert_eq!(expired(&read(r#"{"valid_until": "9999-12-31"}"#).expect("a card")), None);
        for (text, piece) in [
            (r#"{"intended_uses": ""}"#, "did you mean `intended_use`"),
            (r#"{"contact": 1}"#, "`contact` in [card] is 1"),
            (r#"{"valid_until": "soon"}"#, "`soon`"),
            ("3", "no table"),
        ] {
            assert!(read(text).is_err_and(|why| why.contains(piece)), "{text}");
        }
    }

    #[test]
    fn a_card_that_is_not_sound_is_an_error_of_its_author() {
        let described = |kind: &str, more: &str| {
            let text = format!(
                r#"{{"version": "1", "vendor": "v", "licence": "l", "plugins": [{{"kind": "{kind}", "id": "x", "summary": "s", {more}}}]}}"#
            );
            check(&Library::read(&text).expect("a library").plugins[0])
        };
        assert_eq!(described("predict", r#""card": {"ranges": [{"input": "a", "min": 0, "max": 1}]}"#), Ok(()));
        for (kind, more, piece) in [
            ("predict", r#""card": {"valid_until": "soon"}"#, "`soon`"),
            ("predict", r#""card": {"ranges": [{"input": "a", "min": 2, "max": 1}]}"#, "2 to 1"),
            (
                "predict",
                r#""card": {"ranges": [{"input": "a", "min": 0, "max": 1}, {"input": "a", "min": 0, "max": 1}]}"#,
                "two ranges of `a`",
            ),
            ("predict", r#""card": {"needs_licence": true}"#, "no setting `licence`"),
            ("filter", r#""card": {}"#, "no predictor"),
            ("predict", r#""invariant": ["rotation"]"#, "no family"),
        ] {
            assert!(described(kind, more).is_err_and(|why| why.to_string().contains(piece)), "{more}");
        }
    }

    #[test]
    fn what_a_card_leaves_open_is_said_to_be_open() {
        let range = InputRange { input: "a".into(), min: 0.5, max: 2.0, unit: "mm".into() };
        let card = Card { ranges: vec![range], valid_until: Some("2001-01-01".into()), ..Card::default() };
        let shown: Vec<String> = lines(&card).into_iter().map(|(name, text)| format!("{name}: {text}")).collect();
        assert_eq!(
            shown,
            [
                "intended use: not stated",
                "training population: not stated",
                "input ranges: a: 0.5 to 2 mm",
                "valid until: 2001-01-01, which is over",
                "contact: not stated",
                "licence file: not needed"
            ]
        );
    }
}
