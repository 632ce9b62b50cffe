//! Tables: one content, shown to readers with three digits and written as CSV with all of them.

use serde::Serialize;

use crate::{
    number,
    study::{Estimate, Lost},
};

/// A column: its heading, and the columns of the CSV file that it becomes.
#[derive(Debug, Clone, Serialize)]
pub struct Column {
    /// Heading.
    pub title: String,
    /// Class of its cells.
    pub class: &'static str,
    #[serde(skip)]
    exact: Vec<String>,
}

impl Column {
    /// Of text.
    pub fn text(title: &str) -> Self {
        Self { title: title.to_owned(), class: "text", exact: vec![title.to_owned()] }
    }

    /// Of numbers.
    pub fn number(title: &str) -> Self {
        Self { title: title.to_owned(), class: "number", exact: vec![title.to_owned()] }
    }

    /// Of a smallest and a largest value.
    pub fn range(title: &str) -> Self {
        let exact = vec![format!("{title}, min"), format!("{title}, max")];
        Self { title: title.to_owned(), class: "number", exact }
    }

    /// Of digests, which may be broken anywhere.
    pub fn digest(title: &str) -> Self {
        Self { class: "digest", ..Self::text(title) }
    }

    /// Of identifiers.
    pub fn code(title: &str) -> Self {
        Self { class: "code", ..Self::text(title) }
    }

    /// Of shares in percent with an interval; the file has them between 0 and 1.
    pub fn percent(title: &str) -> Self {
        let exact = vec![title.to_owned(), format!("{title}, low"), format!("{title}, high")];
        Self { title: format!("{title}, % (95 % interval)"), class: "number", exact }
    }

    /// Of means with the smallest and the largest of what they are of.
    pub fn mean(title: &str) -> Self {
        let exact = vec![title.to_owned(), format!("{title}, smallest"), format!("{title}, largest")];
        Self { title: format!("{title}, mean (smallest to largest)"), class: "number", exact }
    }

    /// Of estimates with an interval.
    pub fn estimate(title: &str) -> Self {
        let exact = vec![title.to_owned(), format!("{title}, low"), format!("{title}, high")];
        Self { title: format!("{title} (95 % interval)"), class: "number", exact }
    }
}

/// A cell.
#[derive(Debug, Clone, Serialize)]
pub struct Cell {
    /// What a reader sees.
    pub text: String,
    /// Whether it heads a row that belongs to the one above.
    pub inner: bool,
    /// What must not be overlooked beside it.
    pub flag: Option<String>,
    #[serde(skip)]
    exact: Vec<String>,
}

impl Cell {
    /// Text.
    pub fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        // Spaces that keep words together are for readers alone.
        Self { exact: vec![text.replace('\u{a0}', " ")], text, inner: false, flag: None }
    }

    /// A count.
    pub fn count(count: u64) -> Self {
        Self::text(count.to_string())
    }

    /// A number that may be absent.
    pub fn number(value: Option<f64>) -> Self {
        Self { text: number::optional(value), inner: false, flag: None, exact: vec![number::exact(value)] }
    }

    /// A smallest and a largest value.
    pub fn range(min: Option<f64>, max: Option<f64>) -> Self {
        let text = match (min, max) {
            (None, None) => number::ABSENT.to_owned(),
            _ => format!("{} to {}", number::optional(min), number::optional(max)),
        };
        Self { text, inner: false, flag: None, exact: [min, max].map(number::exact).to_vec() }
    }

    /// A p-value that may be absent.
    pub fn p(value: Option<f64>) -> Self {
        Self { text: number::p(value), inner: false, flag: None, exact: vec![number::exact(value)] }
    }

    /// An estimate with its interval.
    pub fn estimate(value: Option<&Estimate>) -> Self {
        let exact =
            [value.map(|value| value.value), value.and_then(|value| value.low), value.and_then(|value| value.high)];
        Self {
            text: value.map_or_else(|| number::ABSENT.to_owned(), number::estimate),
            inner: false,
            flag: None,
            exact: exact.map(number::exact).to_vec(),
        }
    }

    /// A share in percent with its interval.
    pub fn percent(value: &Estimate) -> Self {
        let exact = [Some(value.value), value.low, value.high].map(number::exact).to_vec();
        Self { text: number::percent(value), inner: false, flag: None, exact }
    }

    /// What a reader sees, beside what stands in the file.
    pub fn both(text: String, exact: String) -> Self {
        Self { text, inner: false, flag: None, exact: vec![exact] }
    }

    /// The same with what must not be overlooked, on the page and in the file.
    pub fn flagged(self, flag: &str) -> Self {
        let exact = self.exact.into_iter().map(|text| format!("{text} [{flag}]")).collect();
        Self { flag: Some(flag.to_owned()), exact, ..self }
    }

    /// The head of a row that belongs to the one above.
    pub fn inner(text: &str) -> Self {
        Self { inner: true, ..Self::text(text) }
    }
}

/// A table before it has a number.
#[derive(Debug, Clone)]
pub struct Table {
    /// End of its name: `cutoff`.
    pub kind: String,
    /// Caption.
    pub caption: String,
    /// Whether a narrow window shows each row as lines below each other.
    pub stacked: bool,
    /// Columns.
    pub columns: Vec<Column>,
    /// Rows, each with a cell a column; the first heads its row.
    pub rows: Vec<Vec<Cell>>,
}

impl Table {
    /// An empty table.
    pub fn new(kind: &str, caption: impl Into<String>, columns: Vec<Column>) -> Self {
        Self { kind: kind.to_owned(), caption: caption.into(), stacked: false, columns, rows: Vec::new() }
    }

    /// The same, for a window that is too narrow for its columns.
    pub fn stacked(self) -> Self {
        Self { stacked: true, ..self }
    }

    /// The same with these rows.
    pub fn with(self, rows: impl IntoIterator<Item = Vec<Cell>>) -> Self {
        Self { rows: rows.into_iter().collect(), ..self }
    }

    /// What was lost, where and why.
    pub fn lost<'a>(kind: &str, caption: impl Into<String>, lost: impl IntoIterator<Item = &'a Lost>) -> Self {
        let columns = vec![Column::code("Name"), Column::text("Stage"), Column::text("Reason")];
        Self::new(kind, caption, columns)
            .with(lost.into_iter().map(|one| [&one.id, &one.stage, &one.reason].map(Cell::text).to_vec()))
    }

    /// The table as CSV (RFC 4180, UTF-8).
    ///
    /// # Errors
    /// What the writer says; writing to memory does not fail.
    pub fn csv(&self) -> std::io::Result<Vec<u8>> {
        let mut out = csv::Writer::from_writer(Vec::new());
        out.write_record(self.columns.iter().flat_map(|column| &column.exact))?;
        for row in &self.rows {
            out.write_record(row.iter().flat_map(|cell| &cell.exact))?;
        }
        out.into_inner().map_err(|error| error.into_error())
    }
}
