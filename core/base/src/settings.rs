//! The settings of a plugin, with the place of each.

use std::collections::BTreeMap;

use crate::diagnostics::Origin;

/// The settings of a plugin as they stand in the file, with their places for its errors.
#[derive(Debug, Clone)]
pub struct PluginSettings {
    /// Name of the table.
    pub section: String,
    /// The settings.
    pub values: serde_json::Map<String, serde_json::Value>,
    /// Where each stands.
    pub places: BTreeMap<String, Origin>,
    /// Where the table stands.
    pub origin: Origin,
}

impl PluginSettings {
    /// Settings that do not come from a file.
    pub fn empty(section: &str) -> Self {
        Self {
            section: section.into(),
            values: serde_json::Map::new(),
            places: BTreeMap::new(),
            origin: Origin::Set(String::new()),
        }
    }

    /// Where a key stands, or the table if it is not there.
    pub fn place(&self, key: &str) -> Origin {
        self.places.get(key).unwrap_or(&self.origin).clone()
    }
}
