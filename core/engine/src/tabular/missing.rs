//! Cells that say that there is no value: the same words in every table that people bring.

use std::collections::BTreeSet;

/// Cells that everybody reads as no value.
const MISSING: [&str; 5] = ["", "na", "n/a", "nan", "."];

/// Words of databases, spreadsheets and repositories for no value. They count as none, too, and are told of: somebody may have
/// meant something else.
const MARKS: [&str; 15] = [
    "null", "(null)", "\\n", "<na>", "nat", "?", "--", "#n/a", "#na", "#null!", "#value!", "#div/0!", "#ref!", "#num!",
    "#name?",
];

fn is_one_of(words: &[&str], cell: &str) -> bool {
    let cell = cell.trim();
    words.iter().any(|word| cell.eq_ignore_ascii_case(word))
}

/// Whether a cell says that there is no value.
pub fn is_missing(cell: &str) -> bool {
    is_one_of(&MISSING, cell) || is_mark(cell)
}

/// Whether it says so in a word that is to be told of.
pub fn is_mark(cell: &str) -> bool {
    is_one_of(&MARKS, cell)
}

/// What such words there are in a table, with where some of them stand.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Marks {
    count: usize,
    columns: BTreeSet<String>,
    /// Word, column and row of the first of them.
    first: Vec<[String; 3]>,
}

/// Examples that are kept.
const KEPT: usize = 3;

impl Marks {
    /// Looks at cells: row, column and text.
    pub fn look<'a>(&mut self, cells: impl IntoIterator<Item = (&'a str, &'a str, &'a str)>) {
        for (row, column, cell) in cells.into_iter().filter(|(.., cell)| is_mark(cell)) {
            self.count += 1;
            if !self.columns.contains(column) {
                self.columns.insert(column.to_owned());
            }
            if self.first.len() < KEPT {
                self.first.push([cell.trim(), column, row].map(str::to_owned));
            }
        }
    }

    /// Adds those of another table.
    pub fn extend(&mut self, other: Self) {
        self.count += other.count;
        self.columns.extend(other.columns);
        self.first.extend(other.first);
        self.first.truncate(KEPT);
    }

    /// Forgets who the rows are.
    pub fn forget_rows(&mut self) {
        self.first.iter_mut().for_each(|[.., row]| row.clear());
    }

    /// All of them in one clause, with examples; none if there are none.
    pub fn told(&self) -> Option<String> {
        if self.count == 0 {
            return None;
        }
        let of = |[word, column, row]: &[String; 3]| match row.as_str() {
            "" => format!("`{word}` in `{column}`"),
            row => format!("`{word}` in `{column}` of {row}"),
        };
        let shown: Vec<String> = self.first.iter().map(of).collect();
        let (cells, columns) = (counted(self.count, "cell"), counted(self.columns.len(), "column"));
        Some(format!("{cells} of {columns} count as missing, as their words seem to say: {}", shown.join(", ")))
    }
}

fn counted(count: usize, word: &str) -> String {
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_told_together_with_the_first_of_them() {
        let mut marks = Marks::default();
        assert_eq!(marks.told(), None);
        marks.look([("p1", "a", "1"), ("p1", "b", "NA"), ("p2", "a", "NULL")]);
        assert_eq!(
            marks.told().as_deref(),
            Some("1 cell of 1 column count as missing, as their words seem to say: `NULL` in `a` of p2")
        );
        let mut others = Marks::default();
        others.look((0..9).map(|_| ("q", "b", "?")));
        marks.extend(others);
        let mut nameless = marks.clone();
        nameless.forget_rows();
        assert!(!nameless.told().expect("marks").contains(" of p2"));
        let said = marks.told().expect("marks");
        assert!(
            said.starts_with("10 cells of 2 columns count as missing") && said.matches(" of q").count() == 2,
            "{said}"
        );
    }

    #[test]
    fn every_program_has_its_word_for_nothing() {
        for cell in ["", " ", "NA", "n/a", "NaN", "."] {
            assert!(is_missing(cell) && !is_mark(cell), "{cell}");
        }
        for cell in ["NULL", " null ", "\\N", "<NA>", "NaT", "?", "#N/A", "#DIV/0!"] {
            assert!(is_missing(cell) && is_mark(cell), "{cell}");
        }
        // A sign may be a result, a word a level, and 0 is a number.
        for cell in ["-", "+", "none", "unknown", "0", "nano", "N"] {
            assert!(!is_missing(cell), "{cell}");
        }
    }
}
