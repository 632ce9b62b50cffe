//! A TOML file as a tree in which every key and value remembers where it stands.

use std::{ops::Range, path::Path};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};
use voxomics_base::{Diagnostic, Diagnostics, Origin};

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// What it is.
    pub value: Value,
    /// Where it stands.
    pub origin: Origin,
}

/// What a value is.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A string.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A number.
    Number(f64),
    /// True or false.
    Flag(bool),
    /// A date, which no key takes.
    Date(String),
    /// A list.
    List(Vec<Node>),
    /// A table, in the order of the file.
    Table(Vec<Entry>),
}

/// A key and its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Where the key stands.
    pub key_origin: Origin,
    /// The value.
    pub node: Node,
}

impl Value {
    /// What the value is, in words.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "a text",
            Self::Integer(_) => "a whole number",
            Self::Number(_) => "a number",
            Self::Flag(_) => "true or false",
            Self::Date(_) => "a date",
            Self::List(_) => "a list",
            Self::Table(_) => "a table",
        }
    }

    /// The value as JSON; infinities, which JSON lacks, as text.
    pub fn to_json(&self) -> serde_json::Value {
        match self {
            Self::Text(text) | Self::Date(text) => text.as_str().into(),
            Self::Integer(i) => (*i).into(),
            Self::Number(x) if x.is_finite() => (*x).into(),
            Self::Number(x) => x.to_string().into(),
            Self::Flag(flag) => (*flag).into(),
            Self::List(list) => list.iter().map(|node| node.value.to_json()).collect(),
            Self::Table(entries) => {
                entries.iter().map(|entry| (entry.key.clone(), entry.node.value.to_json())).collect()
            }
        }
    }
}

/// Parses a TOML text and lays `key=value` overrides over it.
pub fn parse(path: &Path, text: &str, overrides: &[String], diagnostics: &Diagnostics) -> Option<Node> {
    diagnostics.set_source(path, text);
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        let span = error.span().unwrap_or(0..0);
        diagnostics.push(Diagnostic::new(Origin::File(span), error.message().to_owned()));
    }
    if !errors.is_empty() {
        return None;
    }
    let origin = Origin::File(table.span());
    let mut root = Node { value: table_value(table.get_ref(), &Origin::File), origin };
    for text in overrides {
        apply(&mut root, text, diagnostics);
    }
    Some(root)
}

fn convert(value: &Spanned<DeValue<'_>>, origin: &dyn Fn(Range<usize>) -> Origin) -> Node {
    let node = match value.get_ref() {
        DeValue::String(text) => Value::Text(text.to_string()),
        DeValue::Integer(i) => match i64::from_str_radix(i.as_str(), i.radix()) {
            Ok(i) => Value::Integer(i),
            // Larger than any whole number here: a number all the same, and no text.
            Err(_) => Value::Number(i.as_str().parse().unwrap_or(f64::NAN)),
        },
        DeValue::Float(x) => match x.as_str().parse() {
            Ok(x) => Value::Number(x),
            Err(_) => Value::Number(f64::NAN),
        },
        DeValue::Boolean(flag) => Value::Flag(*flag),
        DeValue::Datetime(date) => Value::Date(date.to_string()),
        DeValue::Array(list) => Value::List(list.iter().map(|value| convert(value, origin)).collect()),
        DeValue::Table(table) => table_value(table, origin),
    };
    Node { value: node, origin: origin(value.span()) }
}

fn table_value(table: &DeTable<'_>, origin: &dyn Fn(Range<usize>) -> Origin) -> Value {
    let mut entries: Vec<(usize, Entry)> = table
        .iter()
        .map(|(key, value)| {
            let entry =
                Entry { key: key.get_ref().to_string(), key_origin: origin(key.span()), node: convert(value, origin) };
            (key.span().start, entry)
        })
        .collect();
    entries.sort_by_key(|(start, _)| *start);
    Value::Table(entries.into_iter().map(|(_, entry)| entry).collect())
}

/// Lays `a.b.c=value` over the tree; the value is TOML, or text if it is not.
fn apply(root: &mut Node, text: &str, diagnostics: &Diagnostics) {
    let set = Origin::Set(text.to_owned());
    let fail = |message: String| diagnostics.push(Diagnostic::new(set.clone(), message));
    let Some((keys, value)) = text.split_once('=') else {
        return fail(format!("`{text}` is not of the form key=value, as in regions.ring.outward_mm=3"));
    };
    let quoted = format!("value = {}", toml_text(value.trim()));
    let parsed = DeTable::parse(&format!("value = {value}")).ok().map(|table| table_entry(table.get_ref(), &set));
    let parsed =
        parsed.flatten().or_else(|| DeTable::parse(&quoted).ok().and_then(|table| table_entry(table.get_ref(), &set)));
    let Some(node) = parsed else {
        return fail(format!("`{value}` is neither a TOML value nor a plain text"));
    };
    let mut place = root;
    let mut keys = keys.trim().split('.').peekable();
    while let Some(key) = keys.next() {
        if place.value.kind() != "a table" {
            return fail(format!("`{key}` cannot be set: what it belongs to is {}, not a table", place.value.kind()));
        }
        let Value::Table(entries) = &mut place.value else { return };
        let index = entries.iter().position(|entry| entry.key == key).unwrap_or_else(|| {
            let table = Node { value: Value::Table(Vec::new()), origin: set.clone() };
            entries.push(Entry { key: key.into(), key_origin: set.clone(), node: table });
            entries.len() - 1
        });
        place = &mut entries[index].node;
        if keys.peek().is_none() {
            *place = node;
            return;
        }
    }
}

fn table_entry(table: &DeTable<'_>, set: &Origin) -> Option<Node> {
    table.get("value").map(|value| convert(value, &|_| set.clone()))
}

/// A text as a TOML basic string.
fn toml_text(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
