//! `[output]`: where the tables go, and in what form.

use std::path::{Path, PathBuf};

use super::section::{OneOrMany, Section};
use crate::output::Also;

/// In what form tables are written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tables {
    /// Formats that are written beside CSV.
    pub also: Vec<Also>,
    /// Whether cells that a spreadsheet would compute are written as texts.
    pub defuse_formulas: bool,
}

/// The folder, if the experiment names one, and the form.
pub(super) fn output(root: &Section<'_>, folder: &Path) -> (Option<PathBuf>, Tables) {
    let Some(section) = root.section("output") else { return Default::default() };
    let name: Option<String> = section.get("folder");
    let OneOrMany(words) = section.get("also").unwrap_or(OneOrMany(Vec::<String>::new()));
    let defuse_formulas = section.get("defuse_formulas").unwrap_or(false);
    section.finish();
    let mut also = Vec::new();
    for word in words {
        match Also::WORDS.iter().find(|(known, _)| *known == word) {
            Some((_, format)) if also.contains(format) => section.error_at("also", format!("`{word}` is there twice")),
            Some((_, format)) => also.push(*format),
            None if word == "csv" => {
                section.error_at("also", "CSV is always written: `also` names what stands beside it")
            }
            None => {
                let known = Also::WORDS.map(|(known, _)| format!("\"{known}\"")).join(", ");
                section.error_at("also", format!("`output.also` has \"{word}\", expected some of {known}"));
            }
        }
    }
    (name.map(|name| folder.join(name)), Tables { also, defuse_formulas })
}
