//! What is to be predicted, or what a score is held against; and conditions.

use super::{Condition, Target, Threshold, columns::Columns};
use crate::experiment::{
    document::{Node, Value},
    section::{FromNode, OneOrMany, Placed, Section},
};

/// Units that a time may have.
const UNITS: [(&str, &str); 4] = [("days", "days"), ("weeks", "weeks"), ("months", "months"), ("years", "years")];

/// Keys of each kind of target; the first of each says which it is.
const KINDS: [&[&str]; 3] =
    [&["number", "above"], &["class", "positive", "negative"], &["time", "event", "seen", "unit", "competing"]];

/// `only = { cancer_type = ["lung", "kidney"] }`.
pub(super) fn conditions(section: &Section<'_>, columns: &mut Columns) -> Vec<Condition> {
    let Some(only) = section.section("only") else { return Vec::new() };
    let settings = only.rest();
    let values = |value: &serde_json::Value| match value {
        serde_json::Value::Array(list) => list.iter().map(text).collect(),
        one => vec![text(one)],
    };
    let one = |(column, value): (&String, &serde_json::Value)| {
        let placed = Placed { value: column.clone(), origin: settings.place(column) };
        Condition { column: columns.add(section, "only", placed), values: values(value) }
    };
    settings.values.iter().map(one).collect()
}

/// The same of a list of cases, whose columns are known only when it is read.
pub(in crate::experiment) fn only(section: &Section<'_>) -> Vec<Condition> {
    let Some(only) = section.section("only") else { return Vec::new() };
    let cell = |value: &serde_json::Value| match value {
        serde_json::Value::Array(_) | serde_json::Value::Object(_) | serde_json::Value::Null => None,
        value => Some(text(value)),
    };
    let settings = only.rest();
    let mut conditions = Vec::new();
    for (column, value) in &settings.values {
        let values: Option<Vec<String>> = match value {
            serde_json::Value::Array(list) => list.iter().map(cell).collect(),
            one => cell(one).map(|one| vec![one]),
        };
        match values.filter(|values| !values.is_empty()) {
            Some(values) => conditions.push(Condition { column: column.clone(), values }),
            None => only.error_at(column, format!("`{column}` takes a value of the column, or a list of values")),
        }
    }
    conditions
}

/// A value as a cell of a table would have it.
pub(super) fn text(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The value of a cell: a text, or a number or flag, which a table has as text.
struct Cell(String);

impl FromNode for Cell {
    fn from_node(node: &Node) -> Result<Self, String> {
        match &node.value {
            Value::Text(_) | Value::Integer(_) | Value::Number(_) | Value::Flag(_) => {
                Ok(Self(text(&node.value.to_json())))
            }
            _ => Err("a value of the column".into()),
        }
    }
}

/// The values that a key lists.
fn cells(table: &Section<'_>, key: &str) -> Option<Vec<String>> {
    table.get::<OneOrMany<Cell>>(key).map(|list| list.0.into_iter().map(|cell| cell.0).collect())
}

/// Reads a target; what it names are columns.
pub(super) fn target(section: &Section<'_>, key: &str, columns: &mut Columns) -> Option<Target> {
    let Some(table) = section.section(key) else {
        section.error(format!(
            "`{}.{key}` is missing: {{ number = \"column\" }}, {{ class = \"column\", positive = [\"a\"] }} or \
             {{ time = \"column\", event = \"column\", unit = \"months\" }}",
            section.name
        ));
        return None;
    };
    let [number, class, time, event] = ["number", "class", "time", "event"].map(|key| columns.get(&table, key));
    let above: Option<Threshold> = table.get("above");
    let (positive, negative) = (cells(&table, "positive"), cells(&table, "negative"));
    let seen = cells(&table, "seen");
    let competing = cells(&table, "competing").unwrap_or_default();
    let unit = table.choice("unit", &UNITS);
    let kind = match (&number, &class, &time, &event) {
        (Some(_), None, None, None) => 0,
        (None, Some(_), None, None) => 1,
        (None, None, Some(_), Some(_)) => 2,
        _ => {
            table.finish();
            table.error(format!(
                "`{}` takes one of: `number`, `class` with `positive`, `time` with `event` and `unit`",
                table.name
            ));
            return None;
        }
    };
    strangers(&table, kind);
    table.finish();
    if kind == 2 && unit.is_none() && !table.is_wrong("unit") {
        table.error_at(
            "time",
            format!(
                "`{}.unit` is missing: what the numbers of this column count, \"days\", \"weeks\", \"months\" or \
                 \"years\"",
                table.name
            ),
        );
    }
    if kind == 2 {
        rivals(&table, seen.as_deref(), &competing);
    }
    match (number, class, time, event) {
        (Some(column), ..) => Some(match above {
            Some(threshold) => Target::Above { column, threshold },
            None => Target::Number { column },
        }),
        (_, Some(column), ..) => {
            let (positive, negative) = (positive.unwrap_or_default(), negative.unwrap_or_default());
            two_classes(&table, &positive, &negative);
            Some(Target::Class { column, positive, negative })
        }
        (_, _, Some(time), Some(event)) => {
            let seen = seen.unwrap_or_else(|| vec!["1".into(), "true".into(), "yes".into()]);
            Some(Target::Survival { time, event, seen, unit: unit.unwrap_or_default().into(), competing })
        }
        _ => None,
    }
}

/// Reports competing events that are none: nobody can tell them from the event unless that is stated, too.
fn rivals(table: &Section<'_>, seen: Option<&[String]>, competing: &[String]) {
    match seen {
        None if !competing.is_empty() => table.error_at(
            "competing",
            "`competing` needs `seen`: which values are the event, and which mean that something else happened first",
        ),
        Some(seen) => {
            if let Some(both) = competing.iter().find(|value| seen.iter().any(|other| same_word(other, value))) {
                table.error_at("competing", format!("`{both}` is both the event (`seen`) and a competing one"));
            }
        }
        None => {}
    }
}

/// Reports keys that belong to another kind of target: they would be passed over.
fn strangers(table: &Section<'_>, kind: usize) {
    for (other, keys) in KINDS.iter().enumerate().filter(|(other, _)| *other != kind) {
        for key in keys.iter().skip(1).filter(|key| **key != "event") {
            if table.get::<AnyValue>(key).is_some() {
                let (of, here) = (KINDS[other][0], KINDS[kind][0]);
                table.error_at(key, format!("`{}.{key}` belongs to `{of}`, and this is a `{here}`", table.name));
            }
        }
    }
}

/// Whatever stands there.
struct AnyValue;

impl FromNode for AnyValue {
    fn from_node(_: &Node) -> Result<Self, String> {
        Ok(Self)
    }
}

/// Reports classes that are none, or not two.
fn two_classes(table: &Section<'_>, positive: &[String], negative: &[String]) {
    if positive.is_empty() && !table.is_wrong("positive") {
        table.error("`positive` is missing: the values of the class that a high score speaks for");
    }
    let both = negative.iter().find(|value| positive.iter().any(|other| same_value(other, value)));
    if let Some(both) = both {
        table.error_at("negative", format!("`{both}` is a value of both classes, `positive` and `negative`"));
    }
}

impl Target {
    /// Whether two are of one outcome: the same columns and the same values. Classes that are named and all others count as the same
    /// where one of the two names them.
    pub fn is_of_the_same(&self, other: &Self) -> bool {
        let same = |a: &[String], b: &[String]| {
            let within =
                |a: &[String], b: &[String]| a.iter().all(|value| b.iter().any(|other| same_word(value, other)));
            within(a, b) && within(b, a)
        };
        match (self, other) {
            (Self::Number { column: a }, Self::Number { column: b }) => a == b,
            (Self::Above { column: a, threshold: at }, Self::Above { column: b, threshold: of }) => a == b && at == of,
            (Self::Class { column: a, positive, negative }, Self::Class { column: b, positive: yes, negative: no }) => {
                a == b && same(positive, yes) && (negative.is_empty() || no.is_empty() || same(negative, no))
            }
            (
                Self::Survival { time, event, seen, competing, .. },
                Self::Survival { time: at, event: of, seen: also, competing: others, .. },
            ) => time == at && event == of && same(seen, also) && same(competing, others),
            _ => false,
        }
    }
}

/// Whether two cells say the same: the same text, the same number, as 1 and 1.0 are, or the same flag, which programs write as `True`,
/// `TRUE` and `true`.
pub fn same_value(a: &str, b: &str) -> bool {
    let (a, b) = (a.trim(), b.trim());
    let number = |text: &str| text.parse::<f64>().ok().filter(|value| value.is_finite());
    let is_flag = |text: &str| ["true", "false"].iter().any(|flag| text.eq_ignore_ascii_case(flag));
    a == b || number(a).is_some_and(|a| number(b) == Some(a)) || (is_flag(a) && a.eq_ignore_ascii_case(b))
}

/// Whether a cell says what a word of the experiment says: the same value, or the same word in upper or lower case.
pub fn same_word(word: &str, cell: &str) -> bool {
    same_value(word, cell) || word.trim().to_lowercase() == cell.trim().to_lowercase()
}

/// Which of two lists of words say what a cell says. Where one of them has it as it stands, letter case counts: `AA` and `aa` may be two
/// classes.
pub fn said_by(lists: [&[String]; 2], cell: &str) -> [bool; 2] {
    let of = |same: fn(&str, &str) -> bool| lists.map(|list| list.iter().any(|word| same(word, cell)));
    let exact = of(same_value);
    if exact.contains(&true) { exact } else { of(same_word) }
}

/// The one of some levels that a cell says; none if it is none of them, or could be several.
pub fn level_of<'a>(levels: &'a [String], cell: &str) -> Option<&'a str> {
    let cell = cell.trim();
    let is_text: fn(&str, &str) -> bool = |level, cell| level == cell;
    for same in [is_text, same_value, same_word] {
        let mut found = levels.iter().filter(|level| same(level, cell));
        if let Some(first) = found.next() {
            return found.next().is_none().then_some(first);
        }
    }
    None
}

/// Whether a cell is of the positive class; where no negative ones are named, each other value is negative.
///
/// # Errors
/// In words, if it counts for both classes or for neither.
pub fn is_positive(column: &str, cell: &str, positive: &[String], negative: &[String]) -> Result<bool, String> {
    match said_by([positive, negative], cell) {
        [true, true] => Err(format!("`{column}` is `{cell}`, which counts for both classes")),
        [true, false] => Ok(true),
        [false, found] if found || negative.is_empty() => Ok(false),
        [false, _] => Err(format!("`{column}` is `{cell}`, which counts for neither class")),
    }
}

impl Condition {
    /// Whether a cell meets it.
    pub fn is_met_by(&self, cell: &str) -> bool {
        self.values.iter().any(|wanted| same_word(wanted, cell))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes_are_the_same_by_their_columns_and_values() {
        let words = |all: &[&str]| all.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let class = |column: &str, positive: &[&str], negative: &[&str]| Target::Class {
            column: column.into(),
            positive: words(positive),
            negative: words(negative),
        };
        let response = class("response", &["1"], &[]);
        assert!(response.is_of_the_same(&class("response", &["1.0"], &["0"])));
        assert!(!response.is_of_the_same(&class("stage", &["1"], &[])));
        assert!(!response.is_of_the_same(&class("response", &["0"], &[])));
        assert!(!class("r", &["1"], &["0"]).is_of_the_same(&class("r", &["1"], &["2"])));
        assert!(!response.is_of_the_same(&Target::Number { column: "response".into() }));
    }

    #[test]
    fn a_number_is_the_same_however_it_is_written() {
        for (a, b) in [("1", "1.0"), (" 1 ", "1"), ("1e0", "1"), ("a", "a "), ("-0", "0"), ("True", "true")] {
            assert!(same_value(a, b) && same_value(b, a), "{a} {b}");
        }
        for (a, b) in [("1", "2"), ("a", "A"), ("1", "one"), ("nan", "NaN"), ("", "0")] {
            assert!(!same_value(a, b) && !same_value(b, a), "{a} {b}");
        }
    }

    #[test]
    fn letter_case_counts_where_the_words_differ_in_nothing_else() {
        let words = |all: &[&str]| all.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let (responder, none) = (words(&["responder"]), words(&["none"]));
        for cell in ["responder", "Responder", " RESPONDER"] {
            assert_eq!(is_positive("y", cell, &responder, &none), Ok(true), "{cell}");
        }
        assert_eq!(is_positive("y", "None", &responder, &none), Ok(false));
        assert!(is_positive("y", "unknown", &responder, &none).is_err());
        let (two, other) = (words(&["AA"]), words(&["aa"]));
        assert_eq!([is_positive("y", "AA", &two, &other), is_positive("y", "aa", &two, &other)], [Ok(true), Ok(false)]);
        assert!(is_positive("y", "Aa", &two, &other).expect_err("both").contains("both classes"));
        let levels = words(&["AA", "aa", "1", "Überlebt"]);
        for (cell, level) in
            [("aa", Some("aa")), ("Aa", None), ("1.0", Some("1")), ("überlebt", Some("Überlebt")), ("2", None)]
        {
            assert_eq!(level_of(&levels, cell), level, "{cell}");
        }
        assert_eq!(level_of(&words(&["False", "True"]), "true"), Some("True"));
    }
}
