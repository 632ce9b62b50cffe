//! A table before it is a file: its columns, and who takes its rows.

use std::{collections::BTreeMap, io};

use serde::Serialize;

/// A format in which a table can stand beside its CSV.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Also {
    /// Parquet, compressed by Zstandard.
    Parquet,
    /// Arrow's file format (also called Feather, version 2), not compressed.
    Arrow,
}

impl Also {
    /// Every format with its word, which is also the end of its files.
    pub const WORDS: [(&'static str, Self); 2] = [("parquet", Self::Parquet), ("arrow", Self::Arrow)];
}

/// What the cells of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Texts; an empty one is no value.
    Text,
    /// Numbers of 64 bits.
    Number,
    /// Whole numbers.
    Whole,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    /// Its name.
    pub name: String,
    /// What its cells are.
    pub kind: Kind,
    /// What programs may want to know of it: its unit, its code. In the CSV there is no place for it.
    pub about: BTreeMap<&'static str, String>,
}

impl Heading {
    /// A column of which there is nothing to say.
    pub fn new(name: impl Into<String>, kind: Kind) -> Self {
        Self { name: name.into(), kind, about: BTreeMap::new() }
    }
}

/// Takes the rows of a table, cell by cell.
pub trait Sheet {
    /// The next cell as somebody wrote it, and as programs are to read it: in a column of numbers the text of one, or an empty one.
    ///
    /// # Errors
    /// If it cannot be written.
    fn cell(&mut self, written: &str, read: &str) -> io::Result<()>;

    /// The next cell as a text.
    ///
    /// # Errors
    /// If it cannot be written.
    fn text(&mut self, cell: &str) -> io::Result<()> {
        self.cell(cell, cell)
    }

    /// The next cell as a number; none leaves it empty.
    ///
    /// # Errors
    /// If it cannot be written.
    fn number(&mut self, cell: Option<f64>) -> io::Result<()>;

    /// Ends a row.
    ///
    /// # Errors
    /// If it cannot be written.
    fn end_row(&mut self) -> io::Result<()>;
}
