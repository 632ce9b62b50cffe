//! What becomes of the columns of a list or table.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    fmt,
};

use voxomics_results::pseudonyms::{Form, Kind, forms, has_date};

use super::Privacy;
use crate::tabular::is_missing;

/// A cell, and whose it is.
#[derive(Debug, Clone, Copy)]
pub struct Row<'r> {
    /// The case; empty of a table of patients.
    pub case: &'r str,
    /// The patient.
    pub patient: &'r str,
    /// The column.
    pub column: &'r str,
    /// What stands in it.
    pub cell: &'r str,
}

/// What becomes of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// It is left out.
    Dropped,
    /// Its cells become pseudonyms.
    Ids(Kind),
    /// Its dates are moved.
    Dates(Form),
    /// It stays; whether its cells are texts of several words.
    Stays(bool),
}

/// What becomes of each column.
#[derive(Debug, Default)]
pub struct Fates(BTreeMap<String, Fate>);

/// Names of columns that hold ids, and of what.
const NAMES: [(&str, Kind); 10] = [
    ("patient", Kind::Patient),
    ("patient_id", Kind::Patient),
    ("patientid", Kind::Patient),
    ("subject", Kind::Patient),
    ("subject_id", Kind::Patient),
    ("mrn", Kind::Patient),
    ("case", Kind::Case),
    ("case_id", Kind::Case),
    ("lesion", Kind::Lesion),
    ("lesion_id", Kind::Lesion),
];

/// What is known of the cells of a column.
#[derive(Default)]
struct Column {
    cells: usize,
    /// Cells that are dates, and the forms that fit all of them.
    dates: usize,
    forms: Option<Vec<Form>>,
    /// Cells that are the id of their own patient, or case.
    own: [usize; 2],
    uids: usize,
    /// Cells of more than three digits or with a letter.
    long: usize,
    texts: bool,
    /// Why it cannot stay.
    wrong: Option<&'static str>,
}

/// The kind of id that a column holds by its name, whatever its cells are.
pub fn by_name(column: &str, id: &str) -> Option<Kind> {
    let name = column.to_lowercase();
    if column == id {
        return Some(Kind::Patient);
    }
    NAMES.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind)
}

impl Fates {
    /// Looks at every cell.
    ///
    /// # Errors
    /// Which columns cannot be passed on as they are, and what to do.
    pub fn find<'r>(
        drop: &BTreeSet<String>,
        id: &str,
        rows: impl Iterator<Item = Row<'r>> + Clone,
    ) -> Result<Self, String> {
        let ids: HashSet<&str> =
            rows.clone().flat_map(|row| [row.case, row.patient]).filter(|id| id.len() > 2).collect();
        let mut columns: BTreeMap<&str, Column> = BTreeMap::new();
        for row in rows {
            columns.entry(row.column).or_default().look(&row, &ids);
        }
        let mut fates = BTreeMap::new();
        let mut wrong = Vec::new();
        for (name, column) in columns {
            match if drop.contains(name) { Ok(Fate::Dropped) } else { column.fate(name, id) } {
                Ok(fate) => {
                    fates.insert(name.to_owned(), fate);
                }
                Err(why) => wrong.push(format!("`{name}` {why}")),
            }
        }
        match wrong.is_empty() {
            true => Ok(Self(fates)),
            false => Err(format!("{}. Leave a column out with --drop NAME, or change it", wrong.join("; "))),
        }
    }

    /// What is written of a cell; nothing of a column that is left out. `patient` is the pseudonym.
    pub fn cell(&self, privacy: &Privacy, column: &str, cell: &str, patient: &str) -> Option<String> {
        let missing = is_missing(cell);
        match self.0.get(column) {
            Some(Fate::Dropped) | None => None,
            Some(Fate::Ids(_) | Fate::Dates(_)) if missing => Some(cell.to_owned()),
            Some(Fate::Ids(kind)) => Some(privacy.key.pseudonym(*kind, cell.trim())),
            Some(Fate::Dates(form)) => privacy.date(cell, *form, patient),
            Some(Fate::Stays(_)) => Some(cell.to_owned()),
        }
    }

    /// Whether a column is there, and stays as it is.
    pub fn stays(&self, column: &str) -> bool {
        matches!(self.0.get(column), Some(Fate::Stays(_)))
    }

    /// Whether a column is there at all.
    pub fn has(&self, column: &str) -> bool {
        self.0.contains_key(column)
    }

    /// The names of all columns.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Whether a column is left out.
    pub fn is_dropped(&self, column: &str) -> bool {
        self.0.get(column) == Some(&Fate::Dropped)
    }

    /// Columns whose dates are moved, and how these are written.
    pub fn dated(&self) -> impl Iterator<Item = (&str, Form)> {
        self.0.iter().filter_map(|(name, fate)| match fate {
            Fate::Dates(form) => Some((name.as_str(), *form)),
            _ => None,
        })
    }
}

impl fmt::Display for Fates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of = |is: &dyn Fn(&Fate) -> bool| -> Vec<&str> {
            self.0.iter().filter(|(_, fate)| is(fate)).map(|(name, _)| name.as_str()).collect()
        };
        let parts = [
            ("pseudonyms", of(&|fate| matches!(fate, Fate::Ids(_)))),
            ("dates shifted", of(&|fate| matches!(fate, Fate::Dates(_)))),
            ("left out", of(&|fate| *fate == Fate::Dropped)),
            ("as it is", of(&|fate| *fate == Fate::Stays(false))),
            ("as it is, texts that you should look at", of(&|fate| *fate == Fate::Stays(true))),
        ];
        let mut shown: Vec<String> = Vec::new();
        for (what, names) in parts.into_iter().filter(|(_, names)| !names.is_empty()) {
            let more = names.len().saturating_sub(SHOWN);
            let tail = if more > 0 { format!(" and {more} more") } else { String::new() };
            shown.push(format!("{what}: {}{tail}", names[..names.len() - more].join(", ")));
        }
        f.write_str(&if shown.is_empty() { "no further column".into() } else { shown.join("; ") })
    }
}

/// Columns of one fate that are named at most.
const SHOWN: usize = 20;

impl Column {
    fn look(&mut self, row: &Row<'_>, ids: &HashSet<&str>) {
        let cell = row.cell.trim();
        if is_missing(cell) {
            return;
        }
        self.cells += 1;
        self.own[0] += usize::from(cell == row.patient);
        self.own[1] += usize::from(cell == row.case);
        self.long += usize::from(cell.len() > 3 || cell.bytes().any(|byte| !byte.is_ascii_digit()));
        // Tables of genes have millions of numbers.
        let is_number = cell.len() != 8 && cell.parse::<f64>().is_ok();
        if is_number {
            return;
        }
        let forms = forms(cell);
        if !forms.is_empty() {
            self.dates += 1;
            match &mut self.forms {
                Some(all) => all.retain(|form| forms.contains(form)),
                none => *none = Some(forms),
            }
            return;
        }
        self.uids += usize::from(is_uid(cell));
        self.texts |= cell.split_whitespace().count() > 2 || cell.chars().count() > 30;
        if has_date(cell) {
            self.wrong.get_or_insert("has a date within a text");
        } else if is_path(cell) {
            self.wrong.get_or_insert("names a file");
        } else if cell.split(|c: char| !c.is_alphanumeric() && !"-_.".contains(c)).any(|word| ids.contains(word)) {
            self.wrong.get_or_insert("names a case or a patient");
        }
    }

    fn fate(self, name: &str, id: &str) -> Result<Fate, String> {
        let all = |count: usize| self.cells > 0 && count == self.cells;
        if let Some(kind) = by_name(name, id) {
            // A number of one's own, such as the first lesion of a patient, names nobody.
            let small = kind == Kind::Lesion && self.long == 0;
            return Ok(if small { Fate::Stays(false) } else { Fate::Ids(kind) });
        }
        if all(self.own[0]) || all(self.own[1]) {
            return Ok(Fate::Ids(if all(self.own[0]) { Kind::Patient } else { Kind::Case }));
        }
        if all(self.uids) {
            return Ok(Fate::Ids(Kind::Uid));
        }
        if self.uids > 0 {
            return Err("has UIDs of DICOM in some of its cells".into());
        }
        if let Some(wrong) = self.wrong {
            return Err(wrong.into());
        }
        if self.dates == 0 {
            return Ok(Fate::Stays(self.texts));
        }
        match self.forms.as_deref().unwrap_or_default() {
            _ if !all(self.dates) => Err(format!("has dates in {} of its {} cells", self.dates, self.cells)),
            [form] => Ok(Fate::Dates(*form)),
            [] => Err("has dates of several forms".into()),
            _ => Err("has dates of which nobody can tell day and month: write them as 2020-01-31".into()),
        }
    }
}

/// Whether a cell is a UID of DICOM: numbers between full stops, five at least.
fn is_uid(cell: &str) -> bool {
    let parts = || cell.split('.');
    parts().count() > 4 && parts().all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Whether a cell is an absolute path or an address.
fn is_path(cell: &str) -> bool {
    let drive = || cell.as_bytes().get(1..3).is_some_and(|rest| rest == b":\\" || rest == b":/");
    cell.starts_with(['/', '\\']) && cell.len() > 1 || drive() || cell.contains("://")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What becomes of one column of three patients with these cells.
    fn of(column: &str, cells: [&str; 3]) -> Result<Fate, String> {
        let owners = [("k-1", "PAT01"), ("k-2", "PAT01"), ("k-3", "PAT02")];
        let row = |((case, patient), cell)| Row { case, patient, column, cell };
        Fates::find(&BTreeSet::new(), "patient", owners.into_iter().zip(cells).map(row)).map(|fates| fates.0[column])
    }

    #[test]
    fn columns_are_told_by_their_cells() {
        for (column, cells, expected) in [
            ("age", ["40", "", "61.5"], Fate::Stays(false)),
            ("sex", ["f", "NA", "m"], Fate::Stays(false)),
            ("note", ["seen twice before therapy", "", "x"], Fate::Stays(true)),
            ("Patient_ID", ["1", "1", "2"], Fate::Ids(Kind::Patient)),
            ("who", ["PAT01", "PAT01", "PAT02"], Fate::Ids(Kind::Patient)),
            ("again", ["k-1", "k-2", "k-3"], Fate::Ids(Kind::Case)),
            ("lesion", ["1", "2", "1"], Fate::Stays(false)),
            ("lesion", ["L-17", "2", "1"], Fate::Ids(Kind::Lesion)),
            ("study", ["1.2.840.10008.1", "", "1.2.840.10008.2"], Fate::Ids(Kind::Uid)),
        ] {
            assert_eq!(of(column, cells), Ok(expected), "{column} {cells:?}");
        }
        for cells in
            [["2020-01-31", "", "2021-02-01"], ["31/01/2020", "01/02/2021", "n/a"], ["20200131", "20200201", ""]]
        {
            assert!(matches!(of("scanned", cells), Ok(Fate::Dates(_))), "{cells:?}");
        }
        for (cells, why) in [
            (["see PAT02", "", ""], "names a case or a patient"),
            (["on 2020-01-31 again", "", ""], "a date within a text"),
            (["2020-01-31", "unknown", ""], "dates in 1 of its 2 cells"),
            (["2020-01-31", "31.01.2020", ""], "several forms"),
            (["01/02/2020", "03/04/2021", ""], "day and month"),
            (["/data/PAT/1.nii", "", ""], "names a file"),
            (["1.2.840.10008.1", "none", ""], "UIDs"),
        ] {
            let error = of("x", cells).expect_err(why);
            assert!(error.contains("`x`") && error.contains(why) && error.contains("--drop"), "{error}");
            assert!(!error.contains("PAT0") && !error.contains("2020-01-31 again"), "it repeats nothing: {error}");
        }
    }
}
