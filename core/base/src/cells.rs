//! The cells of a row of a table: a table of genes has millions, and each stage of a study holds its rows.

use std::{collections::HashMap, sync::Arc};

/// Marks the end of a cell that is not there.
const ABSENT: u32 = 1 << 31;

/// The names of a table's columns, which all of its rows share.
#[derive(Debug, Default)]
pub struct Columns {
    names: Vec<String>,
    /// Of a name that is there twice, the first counts.
    places: HashMap<String, usize>,
}

impl Columns {
    /// Columns in this order.
    pub fn new(names: impl IntoIterator<Item = String>) -> Arc<Self> {
        let names: Vec<String> = names.into_iter().collect();
        let places = names.iter().enumerate().rev().map(|(place, name)| (name.clone(), place)).collect();
        Arc::new(Self { names, places })
    }

    /// The names, in order.
    pub fn names(&self) -> &[String] {
        &self.names
    }
}

/// Cells by column, in order. A cell may be empty, and it may be absent.
///
/// Names stand in memory once for each table and the texts of a row one behind the other: a cell takes four bytes and its
/// text. Rows that were joined share their cells with the rows that they were made of.
#[derive(Debug, Clone, Default)]
pub struct Cells(Vec<Arc<Part>>);

/// The cells of one table.
#[derive(Debug)]
struct Part {
    columns: Arc<Columns>,
    /// Cells of columns behind the last one are absent.
    texts: Texts,
}

/// Texts one behind the other, each of which may be absent: the cells of a row before its columns are known.
#[derive(Debug, Default)]
pub struct Texts {
    ends: Vec<u32>,
    text: String,
}

impl Texts {
    /// Puts a text behind the others.
    ///
    /// # Panics
    /// If all texts together have 2 GB or more.
    pub fn push(&mut self, text: Option<&str>) {
        self.text.push_str(text.unwrap_or_default());
        let end = u32::try_from(self.text.len()).ok().filter(|end| end & ABSENT == 0);
        let end = end.expect("a row of a table has less than 2 GB");
        self.ends.push(if text.is_some() { end } else { end | ABSENT });
    }

    /// The text at a place, counted from 0.
    pub fn get(&self, place: usize) -> Option<&str> {
        let end = *self.ends.get(place)?;
        let start = place.checked_sub(1).map_or(0, |before| self.ends[before] & !ABSENT);
        (end & ABSENT == 0).then(|| &self.text[start as usize..end as usize])
    }
}

impl Part {
    fn cell(&self, place: usize) -> Option<&str> {
        self.texts.get(place)
    }

    fn iter(&self) -> impl Iterator<Item = (&str, &str)> + Clone {
        let names = self.columns.names.iter().enumerate();
        names.filter_map(|(place, name)| Some((name.as_str(), self.cell(place)?)))
    }
}

impl Cells {
    /// The cells of a row, one for each column in order.
    ///
    /// # Panics
    /// If the texts of the row have 2 GB or more.
    pub fn new<T: AsRef<str>>(columns: &Arc<Columns>, cells: impl IntoIterator<Item = Option<T>>) -> Self {
        let mut texts = Texts::default();
        cells.into_iter().for_each(|cell| texts.push(cell.as_ref().map(AsRef::as_ref)));
        // Of a row without any cell nothing is kept.
        if texts.ends.iter().all(|end| end & ABSENT != 0) {
            return Self::default();
        }
        texts.ends.shrink_to_fit();
        texts.text.shrink_to_fit();
        Self(vec![Arc::new(Part { columns: Arc::clone(columns), texts })])
    }

    /// The cell of a column.
    pub fn get(&self, column: &str) -> Option<&str> {
        self.0.iter().find_map(|part| part.cell(*part.columns.places.get(column)?))
    }

    /// Whether there is a cell of a column.
    pub fn contains(&self, column: &str) -> bool {
        self.get(column).is_some()
    }

    /// All columns that have a cell, with it.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> + Clone {
        self.0.iter().flat_map(|part| part.iter())
    }

    /// All columns that have a cell.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.iter().map(|(name, _)| name)
    }

    /// Puts the cells of another row behind these, and shares them with it.
    pub fn append(&mut self, other: &Self) {
        self.0.extend(other.0.iter().cloned());
    }

    /// Puts the cell of a column in the place of the one that it has, or else behind all.
    pub fn insert(&mut self, column: String, cell: String) {
        if self.contains(&column) {
            *self = self.map(|name, of| (name != column).then(|| of.to_owned()));
        }
        self.append(&Self::from_iter([(column, cell)]));
    }

    /// Other cells for the same columns; those of which `cell` says nothing are absent.
    pub fn map<T: AsRef<str>>(&self, mut cell: impl FnMut(&str, &str) -> Option<T>) -> Self {
        let of_part = |part: &Arc<Part>| {
            let names = part.columns.names.iter().enumerate();
            let cells = names.map(|(place, name)| cell(name, part.cell(place)?));
            Self::new(&part.columns, cells).0
        };
        Self(self.0.iter().flat_map(of_part).collect())
    }

    /// Whether there is no cell.
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }
}

impl FromIterator<(String, String)> for Cells {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(cells: I) -> Self {
        let (names, cells): (Vec<String>, Vec<String>) = cells.into_iter().unzip();
        if names.is_empty() { Self::default() } else { Self::new(&Columns::new(names), cells.into_iter().map(Some)) }
    }
}

impl PartialEq for Cells {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_may_be_empty_and_it_may_be_absent() {
        let columns = Columns::new(["a", "b", "c", "d"].map(str::to_owned));
        let row = Cells::new(&columns, [Some("1"), None, Some("")]);
        assert_eq!((row.get("a"), row.get("b"), row.get("c"), row.get("d")), (Some("1"), None, Some(""), None));
        assert_eq!(row.iter().collect::<Vec<_>>(), [("a", "1"), ("c", "")]);
        assert!(Cells::default().is_empty() && Cells::new(&columns, [None::<&str>, None]).is_empty());
    }

    #[test]
    fn of_rows_that_are_joined_the_first_one_counts_and_nothing_is_copied() {
        let first = Cells::from_iter([("a".to_owned(), "1".to_owned())]);
        let second = Cells::from_iter([("a", "2"), ("b", "3")].map(|(a, b)| (a.to_owned(), b.to_owned())));
        let mut row = first.clone();
        row.append(&second);
        assert_eq!((row.get("a"), row.get("b"), row.iter().count()), (Some("1"), Some("3"), 3));
        assert!(std::ptr::eq(row.get("b").unwrap(), second.get("b").unwrap()));
    }

    #[test]
    fn a_cell_is_replaced_and_others_are_left_out() {
        let mut row = Cells::from_iter([("a", "1"), ("b", "3")].map(|(a, b)| (a.to_owned(), b.to_owned())));
        row.insert("a".into(), "2".into());
        row.insert("c".into(), "4".into());
        assert_eq!(row.iter().collect::<Vec<_>>(), [("b", "3"), ("a", "2"), ("c", "4")]);
        let row = row.map(|name, cell| (name != "a").then(|| format!("{cell}0")));
        assert_eq!(row.iter().collect::<Vec<_>>(), [("b", "30"), ("c", "40")]);
    }

    #[test]
    fn of_two_columns_of_one_name_the_first_counts() {
        let row = Cells::from_iter([("a", "1"), ("a", "2")].map(|(a, b)| (a.to_owned(), b.to_owned())));
        assert_eq!(row.get("a"), Some("1"));
    }
}
