//! Columns that a section names, with their places.

use super::NamedColumn;
use crate::experiment::section::{OneOrMany, Placed, Section};

/// The columns that were found in a section so far.
#[derive(Debug, Default)]
pub(super) struct Columns {
    /// The cohorts that they are looked for in.
    pub(super) cohorts: Vec<String>,
    /// The columns.
    pub(super) found: Vec<NamedColumn>,
}

impl Columns {
    /// The column that a key names.
    pub(super) fn get(&mut self, section: &Section<'_>, key: &str) -> Option<String> {
        section.get::<Placed<String>>(key).map(|placed| self.add(section, key, placed))
    }

    /// The columns that a key names.
    pub(super) fn list(&mut self, section: &Section<'_>, key: &str) -> Vec<String> {
        let placed = section.get::<OneOrMany<Placed<String>>>(key);
        placed.into_iter().flat_map(|list| list.0).map(|placed| self.add(section, key, placed)).collect()
    }

    /// Notes a column.
    pub(super) fn add(&mut self, section: &Section<'_>, key: &str, placed: Placed<String>) -> String {
        let Placed { value: column, origin } = placed;
        let of = format!("{}.{key}", section.name);
        self.found.push(NamedColumn { column: column.clone(), of, cohorts: self.cohorts.clone(), origin });
        column
    }
}
