//! The figures and tables of a page: their numbers, anchors and files.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::{
    figure::Figure,
    table::{Cell, Column, Table},
};

/// Gathers figures and tables.
#[derive(Debug)]
pub struct Gallery {
    simulated: bool,
    names: BTreeSet<String>,
    /// Figures: name of the file and its content.
    pub figures: Vec<(String, String)>,
    /// Tables: name of the file and its content.
    pub tables: Vec<(String, Table)>,
    widths: BTreeSet<u32>,
    numbers: (usize, usize),
}

/// A figure on the page.
#[derive(Debug, Serialize)]
pub struct FigureView {
    id: String,
    number: usize,
    title: String,
    caption: String,
    svg: String,
    file: String,
    width: u32,
}

/// A table on the page.
#[derive(Debug, Serialize)]
pub struct TableView {
    id: String,
    number: usize,
    caption: String,
    columns: Vec<Column>,
    rows: Vec<Vec<Cell>>,
    /// Rows that only the file has.
    more: usize,
    stacked: bool,
    file: String,
}

/// Rows that a table has on the page; its file has them all.
const MOST_ROWS: usize = 200;

impl Gallery {
    /// An empty one.
    pub fn new(simulated: bool) -> Self {
        Self {
            simulated,
            names: BTreeSet::new(),
            figures: Vec::new(),
            tables: Vec::new(),
            widths: BTreeSet::new(),
            numbers: (0, 0),
        }
    }

    /// Takes a figure in. `owner` is the anchor of the section that it belongs to.
    pub fn figure(&mut self, owner: &str, figure: Figure) -> FigureView {
        let id = self.name(&format!("{owner}-{}", figure.kind));
        let svg = figure.drawing.finish(&id, &figure.title, &figure.description, self.simulated);
        let file = format!("figures/{id}.svg");
        self.figures.push((file.clone(), format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{svg}\n")));
        self.numbers.0 += 1;
        let Figure { title, caption, drawing, .. } = figure;
        let width = drawing.width as u32;
        self.widths.insert(width);
        FigureView { id, number: self.numbers.0, title, caption, svg, file, width }
    }

    /// Takes a table in.
    pub fn table(&mut self, owner: &str, table: Table) -> TableView {
        let file = table.clone();
        self.table_with(owner, table, file)
    }

    /// Takes a table in whose file has another shape than what is shown.
    pub fn table_with(&mut self, owner: &str, shown: Table, exact: Table) -> TableView {
        let id = self.name(&format!("{owner}-{}", shown.kind));
        let file = self.keep(&id, exact);
        self.numbers.1 += 1;
        let Table { caption, columns, mut rows, stacked, .. } = shown;
        let more = rows.len().saturating_sub(MOST_ROWS);
        rows.truncate(MOST_ROWS);
        TableView { id, number: self.numbers.1, caption, columns, rows, more, stacked, file }
    }

    /// Takes a table in that is a file alone; returns its name.
    pub fn file(&mut self, name: &str, table: Table) -> String {
        let name = self.name(name);
        self.keep(&name, table)
    }

    /// The name of a table that is written elsewhere.
    pub fn reserve(&mut self, name: &str) -> String {
        format!("tables/{}.csv", self.name(name))
    }

    /// The widths of the figures on the page.
    pub fn widths(&self) -> &BTreeSet<u32> {
        &self.widths
    }

    fn keep(&mut self, id: &str, table: Table) -> String {
        let file = format!("tables/{id}.csv");
        self.tables.push((file.clone(), table));
        file
    }

    fn name(&mut self, wanted: &str) -> String {
        let mut name = wanted.to_owned();
        let mut again = 1;
        while !self.names.insert(name.clone()) {
            again += 1;
            name = format!("{wanted}-{again}");
        }
        name
    }
}

/// A name as part of anchors and names of files: lower-case letters, digits and hyphens; unique by its number.
pub fn anchor(kind: &str, at: usize, name: &str) -> String {
    let mut out = format!("{kind}-{}", at + 1);
    let mut gap = true;
    for character in name.chars().take(40) {
        if character.is_ascii_alphanumeric() {
            if gap {
                out.push('-');
            }
            out.push(character.to_ascii_lowercase());
        }
        gap = !character.is_ascii_alphanumeric();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anchors_are_plain() {
        assert_eq!(anchor("model", 0, "CD8B <high> / low"), "model-1-cd8b-high-low");
        assert_eq!(anchor("model", 1, "../../etc"), "model-2-etc");
        assert_eq!(anchor("model", 2, "…"), "model-3");
    }

    #[test]
    fn names_are_unique() {
        let mut gallery = Gallery::new(false);
        let table = Table::new("cox", "", vec![Column::text("a")]);
        let files = [0, 1].map(|_| gallery.table("e", table.clone()).file);
        assert_eq!(files, ["tables/e-cox.csv", "tables/e-cox-2.csv"]);
    }
}
