//! What is known of the cells of a table before the first of them is written: files for programs say it of whole columns.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
};

use super::sheet::{Also, Kind};
use crate::{layout::Layout, waiting::Done};

/// Files of tables for programs, and what stands in these beside the values.
#[derive(Clone, Copy)]
pub struct Beside<'a> {
    /// The formats that are written beside CSV.
    pub also: &'a [Also],
    /// For each column of features the digest of the settings that its values depend on; empty if no format is asked for.
    pub settings: &'a [String],
    /// Whether a further column of the list of cases holds names, which are texts also if they are numbers.
    pub names: fn(&str) -> bool,
    /// Whether a cell of the list of cases says that there is no value.
    pub is_missing: fn(&str) -> bool,
}

/// What is known.
#[derive(Default)]
pub struct Seen {
    /// What the further columns of the list of cases hold.
    kinds: Vec<Kind>,
    /// The units of images' intensities, by the attribute of a case that tells them.
    units: BTreeMap<String, BTreeSet<Option<String>>>,
    is_missing: Option<fn(&str) -> bool>,
}

/// What the cells of a column may be.
struct Could {
    whole: bool,
    number: bool,
    any: bool,
}

impl Could {
    fn look(&mut self, cell: &str) {
        self.any = true;
        // A whole number that would be written in another way is a name: 007.
        self.whole &= cell.parse::<i64>().is_ok_and(|number| number.to_string() == cell);
        let digits = cell.trim_start_matches(['-', '+']).as_bytes();
        let is_name = matches!(digits, [b'0', b'0'..=b'9', ..]);
        self.number &= !is_name && cell.parse::<f64>().is_ok_and(f64::is_finite);
    }

    fn kind(&self) -> Kind {
        match self {
            Self { any: true, whole: true, .. } => Kind::Whole,
            Self { any: true, number: true, .. } => Kind::Number,
            _ => Kind::Text,
        }
    }
}

impl Seen {
    /// Looks at all cases, if a format is asked for that says anything of columns.
    ///
    /// # Errors
    /// If what became of a case cannot be read.
    pub fn look(layout: &Layout, covariates: &[String], done: &Done<'_>, beside: &Beside<'_>) -> io::Result<Self> {
        if beside.also.is_empty() {
            return Ok(Self { kinds: vec![Kind::Text; covariates.len()], ..Self::default() });
        }
        let could = |name: &String| {
            let number = !(beside.names)(name);
            Could { whole: number, number, any: false }
        };
        let mut columns: Vec<Could> = covariates.iter().map(could).collect();
        let mut units: BTreeMap<String, BTreeSet<Option<String>>> = BTreeMap::new();
        done.each(|case, outcome| {
            if outcome.rows.is_empty() {
                return Ok(());
            }
            for (name, column) in covariates.iter().zip(&mut columns) {
                let cell = case.covariate(name).unwrap_or_default().trim();
                if !(beside.is_missing)(cell) {
                    column.look(cell);
                }
            }
            for attribute in layout.units.values() {
                let unit = outcome.metadata.get(attribute).and_then(|unit| unit.as_str()).map(str::to_owned);
                units.entry(attribute.clone()).or_default().insert(unit);
            }
            Ok(())
        })?;
        let kinds = columns.iter().map(Could::kind).collect();
        Ok(Self { kinds, units, is_missing: Some(beside.is_missing) })
    }

    /// What the further columns of the list of cases hold, in their order.
    pub fn kinds(&self) -> impl Iterator<Item = Kind> {
        self.kinds.iter().copied()
    }

    /// The cell of a further column as programs are to read it.
    pub fn read<'c>(&self, column: usize, cell: &'c str) -> &'c str {
        match (self.kinds.get(column), self.is_missing) {
            (Some(Kind::Number | Kind::Whole), Some(is_missing)) if is_missing(cell) => "",
            (Some(Kind::Number | Kind::Whole), _) => cell.trim(),
            _ => cell,
        }
    }

    /// The unit of an image's intensities, if it is known and the same in all cases.
    pub fn unit(&self, layout: &Layout, image: &str) -> Option<&str> {
        let found = self.units.get(layout.units.get(image)?)?;
        found.first().filter(|_| found.len() == 1)?.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_what_all_of_its_cells_are() {
        let kind = |cells: &[&str]| {
            let mut could = Could { whole: true, number: true, any: false };
            cells.iter().for_each(|cell| could.look(cell));
            could.kind()
        };
        assert_eq!(kind(&["61", "-5", "0"]), Kind::Whole);
        assert_eq!(kind(&["61", "1.5", "-0.5e3"]), Kind::Number);
        for names in [&["007", "8"][..], &["1", "x"], &["inf"], &["-01.5"], &["1", "+"], &[]] {
            assert_eq!(kind(names), Kind::Text, "{names:?}");
        }
        // Too large for a whole number of 64 bits.
        assert_eq!(kind(&["9223372036854775808"]), Kind::Number);
    }
}
