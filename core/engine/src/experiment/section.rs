//! Reading a table of the tree: typed, strict, and without stopping at the first error.

use std::cell::RefCell;

use voxomics_base::{Diagnostic, Diagnostics, Origin, PluginSettings, suggestion};

use super::document::{Entry, Node, Value};

/// A type that a value can be read as.
pub trait FromNode: Sized {
    /// Reads a value.
    ///
    /// # Errors
    /// What was expected, in words.
    fn from_node(node: &Node) -> Result<Self, String>;
}

impl FromNode for String {
    fn from_node(node: &Node) -> Result<Self, String> {
        match &node.value {
            Value::Text(text) => Ok(text.clone()),
            _ => Err("a text in quotes".into()),
        }
    }
}

impl FromNode for f64 {
    fn from_node(node: &Node) -> Result<Self, String> {
        match node.value {
            Value::Number(x) if !x.is_nan() => Ok(x),
            Value::Integer(i) => Ok(i as Self),
            _ => Err("a number".into()),
        }
    }
}

impl FromNode for u64 {
    fn from_node(node: &Node) -> Result<Self, String> {
        match node.value {
            Value::Integer(i) => Self::try_from(i).map_err(|_| "a whole number of at least 0".into()),
            _ => Err("a whole number".into()),
        }
    }
}

impl FromNode for bool {
    fn from_node(node: &Node) -> Result<Self, String> {
        match node.value {
            Value::Flag(flag) => Ok(flag),
            _ => Err("true or false".into()),
        }
    }
}

impl<T: FromNode> FromNode for Vec<T> {
    fn from_node(node: &Node) -> Result<Self, String> {
        match &node.value {
            Value::List(list) => list
                .iter()
                .map(|node| T::from_node(node).map_err(|expected| format!("a list in which each entry is {expected}")))
                .collect(),
            _ => Err("a list".into()),
        }
    }
}

impl<T: FromNode, const N: usize> FromNode for [T; N] {
    fn from_node(node: &Node) -> Result<Self, String> {
        let list = Vec::<T>::from_node(node).map_err(|expected| format!("{expected} of length {N}"))?;
        list.try_into().map_err(|_| format!("a list of length {N}"))
    }
}

/// A value with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Placed<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub origin: Origin,
}

impl<T: FromNode> FromNode for Placed<T> {
    fn from_node(node: &Node) -> Result<Self, String> {
        T::from_node(node).map(|value| Self { value, origin: node.origin.clone() })
    }
}

/// One value or several: `"a"` and `["a", "b"]`.
#[derive(Debug, Clone, PartialEq)]
pub struct OneOrMany<T>(pub Vec<T>);

impl<T: FromNode> FromNode for OneOrMany<T> {
    fn from_node(node: &Node) -> Result<Self, String> {
        match node.value {
            Value::List(_) => Vec::from_node(node).map(Self),
            _ => T::from_node(node)
                .map(|one| Self(vec![one]))
                .map_err(|expected| format!("{expected}, or a list of such")),
        }
    }
}

/// A table being read. Every key that is asked for is known; [`finish`](Self::finish) reports the others.
pub struct Section<'a> {
    /// The table's name, as in `regions.ring`; empty for the root.
    pub name: String,
    origin: Origin,
    entries: &'a [Entry],
    known: RefCell<Vec<String>>,
    diagnostics: &'a Diagnostics,
}

impl<'a> Section<'a> {
    /// The root of a document.
    pub fn root(node: &'a Node, diagnostics: &'a Diagnostics) -> Self {
        Self::new(String::new(), node, diagnostics)
    }

    fn new(name: String, node: &'a Node, diagnostics: &'a Diagnostics) -> Self {
        let entries = match &node.value {
            Value::Table(entries) => entries.as_slice(),
            other => {
                let message = format!("`{name}` is {}, expected a table", other.kind());
                diagnostics.push(Diagnostic::new(node.origin.clone(), message));
                &[]
            }
        };
        Self { name, origin: node.origin.clone(), entries, known: RefCell::default(), diagnostics }
    }

    /// Where the table stands.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    fn entry(&self, key: &str) -> Option<&'a Entry> {
        self.known.borrow_mut().push(key.into());
        self.entries.iter().find(|entry| entry.key == key)
    }

    /// An optional value; a value of the wrong type is reported and left out.
    pub fn get<T: FromNode>(&self, key: &str) -> Option<T> {
        let entry = self.entry(key)?;
        match T::from_node(&entry.node) {
            Ok(value) => Some(value),
            Err(expected) => {
                let found = entry.node.value.kind();
                let shown = entry.node.value.to_json();
                let message = format!("`{}` is {found} ({shown}), expected {expected}", self.path(key));
                self.diagnostics.push(Diagnostic::new(entry.node.origin.clone(), message));
                None
            }
        }
    }

    /// A value that must be there.
    pub fn require<T: FromNode>(&self, key: &str, purpose: &str) -> Option<T> {
        let there = self.entries.iter().any(|entry| entry.key == key);
        if !there {
            self.entry(key);
            self.error(format!("`{}` is missing: {purpose}", self.path(key)));
            return None;
        }
        self.get(key)
    }

    /// An optional value that must be one of some words.
    pub fn choice<T: Copy>(&self, key: &str, words: &[(&str, T)]) -> Option<T> {
        let word: String = self.get(key)?;
        let found = words.iter().find(|(candidate, _)| *candidate == word).map(|(_, value)| *value);
        if found.is_none() {
            let list: Vec<String> = words.iter().map(|(word, _)| format!("\"{word}\"")).collect();
            let near = suggestion(&word, words.iter().map(|(word, _)| *word));
            let near = if near.contains("did you mean") { near } else { String::new() };
            self.error_at(
                key,
                format!("`{}` is \"{word}\", expected one of {}{near}", self.path(key), list.join(", ")),
            );
        }
        found
    }

    /// An optional sub-table.
    pub fn section(&self, key: &str) -> Option<Section<'a>> {
        let entry = self.entry(key)?;
        Some(Section::new(self.path(key), &entry.node, self.diagnostics))
    }

    /// The sub-tables of a table of tables, `[regions.a]`, `[regions.b]`, in the order of the file.
    pub fn sections(&self, key: &str) -> Vec<(String, Section<'a>)> {
        let Some(table) = self.section(key) else { return Vec::new() };
        let entries = table.entries.iter();
        entries
            .map(|entry| {
                let name = format!("{}.{}", table.name, entry.key);
                (entry.key.clone(), Section::new(name, &entry.node, self.diagnostics))
            })
            .collect()
    }

    /// The tables of a list of tables, `[[plugins.file]]`.
    pub fn list(&self, key: &str) -> Vec<Section<'a>> {
        let Some(entry) = self.entry(key) else { return Vec::new() };
        let Value::List(list) = &entry.node.value else {
            self.error_at(
                key,
                format!("`{0}` is {1}, expected tables: [[{0}]]", self.path(key), entry.node.value.kind()),
            );
            return Vec::new();
        };
        list.iter().map(|node| Section::new(self.path(key), node, self.diagnostics)).collect()
    }

    /// The keys that nobody has asked for yet, as JSON, with their places: a plugin's settings.
    pub fn rest(&self) -> PluginSettings {
        let known = self.known.borrow().clone();
        let rest: Vec<&Entry> = self.entries.iter().filter(|entry| !known.contains(&entry.key)).collect();
        rest.iter().for_each(|entry| self.expressible(&entry.key, &entry.node));
        self.known.borrow_mut().extend(rest.iter().map(|entry| entry.key.clone()));
        PluginSettings {
            section: self.name.clone(),
            values: rest.iter().map(|entry| (entry.key.clone(), entry.node.value.to_json())).collect(),
            places: rest.iter().map(|entry| (entry.key.clone(), entry.node.origin.clone())).collect(),
            origin: self.origin.clone(),
        }
    }

    /// Reports what no plugin can be given: dates, and numbers that are none. As JSON they would pass for texts.
    fn expressible(&self, key: &str, node: &Node) {
        let what = match &node.value {
            Value::Date(date) => format!("a date ({date})"),
            Value::Number(x) if !x.is_finite() => x.to_string(),
            Value::List(list) => return list.iter().for_each(|node| self.expressible(key, node)),
            Value::Table(entries) => return entries.iter().for_each(|entry| self.expressible(key, &entry.node)),
            _ => return,
        };
        let message =
            format!("`{}` is {what}, which no setting takes; put it in quotes if it is a text", self.path(key));
        self.diagnostics.push(Diagnostic::new(node.origin.clone(), message));
    }

    /// Reports an error about the whole table.
    pub fn error(&self, message: impl Into<String>) {
        self.diagnostics.push(Diagnostic::new(self.origin.clone(), message));
    }

    /// Reports an error about the value of a key, or about the table if the key is not there.
    pub fn error_at(&self, key: &str, message: impl Into<String>) {
        match self.entries.iter().find(|entry| entry.key == key) {
            Some(entry) => self.diagnostics.push(Diagnostic::new(entry.node.origin.clone(), message)),
            None => self.error(message),
        }
    }

    /// Whether something wrong was reported of the value of a key.
    pub fn is_wrong(&self, key: &str) -> bool {
        let entry = self.entries.iter().find(|entry| entry.key == key);
        entry.is_some_and(|entry| self.diagnostics.has_at(&entry.node.origin))
    }

    /// Reports every key that nobody has asked for.
    pub fn finish(&self) {
        let known = self.known.borrow();
        for entry in self.entries.iter().filter(|entry| !known.contains(&entry.key)) {
            let place = if self.name.is_empty() { String::new() } else { format!(" in [{}]", self.name) };
            let near = suggestion(&entry.key, known.iter().map(String::as_str));
            let message = format!("unknown key `{}`{place}{near}", entry.key);
            self.diagnostics.push(Diagnostic::new(entry.key_origin.clone(), message));
        }
    }

    fn path(&self, key: &str) -> String {
        if self.name.is_empty() { key.into() } else { format!("{}.{key}", self.name) }
    }
}
