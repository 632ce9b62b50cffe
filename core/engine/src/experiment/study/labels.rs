//! `[labels]`: what readers call what tables and sections name.

use std::collections::BTreeMap;

use super::same_value;
use crate::experiment::{
    document::{Entry, Node, Value},
    section::{FromNode, Section},
    suggestion,
};

/// Words for names. A name without a label is shown in words that are made of it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Labels {
    /// Of columns of tables and covariates.
    pub columns: BTreeMap<String, ColumnLabel>,
    /// Of outcomes: by the column of the event, of the class or of the number.
    pub outcomes: BTreeMap<String, String>,
    /// Of cohorts.
    pub cohorts: BTreeMap<String, String>,
    /// Of models.
    pub models: BTreeMap<String, String>,
    /// Of evaluations.
    pub evaluations: BTreeMap<String, String>,
    /// Of regions.
    pub regions: BTreeMap<String, String>,
    /// Of inputs of models: `tumour:glcm.joint_entropy`.
    pub inputs: BTreeMap<String, String>,
    /// Of the groups of a score: `low`, `high`.
    pub groups: BTreeMap<String, String>,
}

/// What a column is called, and what its values mean.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ColumnLabel {
    /// Its name.
    pub name: Option<String>,
    /// Its unit.
    pub unit: Option<String>,
    /// Its values in the order in which they are shown.
    pub order: Vec<String>,
    /// What its values mean.
    pub levels: BTreeMap<String, String>,
}

impl Labels {
    /// Reads the section, and reports names that the experiment has not.
    pub(super) fn read(root: &Section<'_>) -> Self {
        let Some(section) = root.section("labels") else { return Self::default() };
        let names = |keys: &[&str]| -> Vec<String> {
            keys.iter().flat_map(|key| root.sections(key)).map(|(name, _)| name).collect()
        };
        let of = |key: &str, known: Option<Vec<String>>| -> BTreeMap<String, String> {
            let Names(found) = section.get(key).unwrap_or_default();
            for (name, _) in &found {
                let Some(known) = known.as_ref().filter(|known| !known.contains(name)) else { continue };
                let near = suggestion(name, known.iter().map(String::as_str));
                section.error_at(key, format!("`labels.{key}` names `{name}`, and there is no such thing{near}"));
            }
            // Two of one name could not be told apart in a table, nor in a figure.
            for (at, (name, label)) in found.iter().enumerate().filter(|_| known.is_some()) {
                if let Some((other, _)) = found[..at].iter().find(|(_, same)| same.trim() == label.trim()) {
                    section.error_at(key, format!("`labels.{key}` calls `{other}` and `{name}` both \"{label}\""));
                }
            }
            found.into_iter().collect()
        };
        let groups = Some(["low", "high", "all"].map(str::to_owned).to_vec());
        let labels = Self {
            columns: section
                .sections("columns")
                .into_iter()
                .map(|(name, column)| (name, self::column(&column)))
                .collect(),
            outcomes: of("outcomes", None),
            cohorts: of("cohorts", Some(names(&["cohorts"]))),
            models: of("models", Some(names(&["learn", "predict"]))),
            evaluations: of("evaluations", Some(names(&["evaluate"]))),
            regions: of("regions", Some(names(&["regions"]))),
            inputs: of("inputs", None),
            groups: of("groups", groups),
        };
        labels.one_name_each(&section);
        section.finish();
        labels
    }

    /// Reports columns that have one name: their rows in a table could not be told apart.
    fn one_name_each(&self, section: &Section<'_>) {
        let mut known: BTreeMap<&str, &str> = BTreeMap::new();
        for (column, label) in &self.columns {
            let Some(name) = label.name.as_deref() else { continue };
            if let Some(other) = known.insert(name, column) {
                section.error_at(
                    "columns",
                    format!(
                        "`labels.columns` calls both `{other}` and `{column}` “{name}”; give each a name of its own"
                    ),
                );
            }
        }
    }
}

fn column(section: &Section<'_>) -> ColumnLabel {
    let order = section.get::<Vec<Level>>("order").unwrap_or_default();
    let Names(levels) = section.get("levels").unwrap_or_default();
    let label = ColumnLabel {
        name: section.get("name"),
        unit: section.get("unit"),
        order: order.into_iter().map(|Level(level)| level).collect(),
        levels: levels.into_iter().collect(),
    };
    section.finish();
    let twice = label.order.iter().enumerate().find(|(at, level)| label.order[..*at].contains(level));
    if let Some((_, level)) = twice {
        section.error_at("order", format!("`{}.order` has `{level}` twice", section.name));
    }
    // Words name values, and merge none: a model still tells these apart, and a table would count them under one name.
    let mut pairs = label
        .levels
        .iter()
        .enumerate()
        .flat_map(|(at, one)| label.levels.iter().take(at).map(move |other| (other, one)));
    let same = pairs.find(|(one, other)| one.1 == other.1 && !same_value(one.0, other.0));
    if let Some(((one, words), (other, _))) = same {
        section.error_at(
            "levels",
            format!(
                "`{}.levels` calls both `{one}` and `{other}` “{words}”, and they would be told apart nowhere; give each its own words, or \
                 make them one value in the table",
                section.name
            ),
        );
    }
    label
}

/// `{ name = "words", … }`.
#[derive(Debug, Default)]
struct Names(Vec<(String, String)>);

impl FromNode for Names {
    fn from_node(node: &Node) -> Result<Self, String> {
        let expected = || "a table of texts: name = \"words\"".to_owned();
        let Value::Table(entries) = &node.value else { return Err(expected()) };
        let one = |entry: &Entry| Ok((entry.key.clone(), String::from_node(&entry.node).map_err(|_| expected())?));
        entries.iter().map(one).collect::<Result<_, String>>().map(Self)
    }
}

/// A value of a column, as a table has it.
#[derive(Debug)]
struct Level(String);

impl FromNode for Level {
    fn from_node(node: &Node) -> Result<Self, String> {
        match &node.value {
            Value::Integer(whole) => Ok(Self(whole.to_string())),
            Value::Text(text) => Ok(Self(text.clone())),
            _ => Err("a text or a whole number".into()),
        }
    }
}
