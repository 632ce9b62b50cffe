//! Parameter files of other software, turned into experiments.
//!
//! An import never pretends: whatever has no equivalent is said, with its line, the reason, and what to do about it.

pub mod pyradiomics;
mod yaml;

use std::fmt;

/// An experiment made of another program's file, and what there is to say about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Imported {
    /// The experiment, as TOML.
    pub toml: String,
    /// What there is to say, in the order of the file.
    pub notes: Vec<Note>,
}

impl Imported {
    /// Whether numbers will be missing, or differ from those of the other program.
    pub fn is_partial(&self) -> bool {
        self.notes.iter().any(|note| note.weight != Weight::Remark)
    }
}

/// How much a note matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// Worth knowing; the numbers are the same.
    Remark,
    /// It is done, but the numbers differ.
    Differs,
    /// It has no equivalent and is left out.
    Lost,
}

/// Something to say about a key.
#[derive(Debug, Clone, PartialEq)]
pub struct Note {
    /// Line of the file, from 1.
    pub line: usize,
    /// The key with those above it: `setting.binWidth`.
    pub key: String,
    /// How much it matters.
    pub weight: Weight,
    /// Why, and what to do.
    pub message: String,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let weight = match self.weight {
            Weight::Remark => "remark",
            Weight::Differs => "differs",
            Weight::Lost => "no equivalent",
        };
        write!(f, "{}: {}: {weight}: {}", self.line, self.key, self.message)
    }
}
