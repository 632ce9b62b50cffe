//! Reading tables of patients, and writing tables.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    path::PathBuf,
    sync::Arc,
};

use voxomics_engine::{
    Cells, Columns, Texts,
    experiment::{study::PatientTable, suggestion},
    output::Folder,
    tabular::{Marks, Tabular, is_missing, is_unnamed, told_unnamed},
};

/// Rows of a table of patients, by id; empty cells are left out.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    /// For each patient, the cells in the order of the columns' names.
    pub rows: BTreeMap<String, Cells>,
    /// Its columns, also those in which every cell is empty, but for that of the ids.
    pub columns: BTreeSet<String>,
    /// The file.
    pub path: PathBuf,
    /// Whether its columns are patients.
    pub transposed: bool,
    /// Cells that say in a word of their own that there is no value.
    pub marks: Marks,
    /// That columns without a name are left out, if there are some.
    pub unnamed: Option<String>,
}

/// Reads a table of patients.
///
/// # Errors
/// If it cannot be read, lacks the column of ids, or names a patient or a variable twice.
pub fn read(table: &PatientTable, id: &str) -> Result<Rows, String> {
    let path = &table.path;
    let opened = Tabular::open(path).map_err(|what| format!("the table {}: {what}", path.display()))?;
    let (header, hint, row) = (opened.header.clone(), opened.hint().to_owned(), opened.row);
    let fail = |what: String| format!("the table {}: {what}{hint}", path.display());
    let mut names = HashSet::new();
    let left_out = |name: &str| !table.transposed && name != id && is_unnamed(name);
    if let Some(twice) = header.iter().find(|name| !left_out(name) && !names.insert(name.as_str())) {
        return Err(fail(format!("the column `{twice}` is there twice")));
    }
    let mut found = Rows { path: table.path.clone(), transposed: table.transposed, ..Rows::default() };
    let key = if table.transposed {
        0
    } else {
        header.iter().position(|name| name == id).ok_or_else(|| {
            fail(format!("it has no column `{id}` of patients' ids; its columns are {}", header.join(", ")))
        })?
    };
    let asked: HashSet<&str> = table.columns.iter().map(String::as_str).collect();
    let wanted = |variable: &str| asked.is_empty() || asked.contains(variable);
    let named = |index: usize| index != key && !left_out(&header[index]);
    let mut order: Vec<usize> = (0..header.len()).filter(|index| named(*index)).collect();
    found.unnamed = told_unnamed(path, header.iter().map(String::as_str).filter(|name| left_out(name)));
    let mut rows = match table.transposed {
        true => Layout::Across { variables: Vec::new(), patients: order.iter().map(|_| Texts::default()).collect() },
        false => {
            order.retain(|index| wanted(&header[*index]));
            order.sort_by_key(|index| &header[*index]);
            Layout::Down {
                columns: Columns::new(order.iter().map(|index| header[*index].clone())),
                rows: BTreeMap::new(),
            }
        }
    };
    let mut seen: BTreeMap<String, u64> = BTreeMap::new();
    let read = opened.each(|line, record| {
        let name = record.get(key).unwrap_or_default().to_owned();
        if name.is_empty() || (!table.transposed && is_missing(&name)) {
            return Err(format!("{row} {line}: the column `{}` is empty", header[key]));
        }
        // Symbols of genes are not unique; only one that is asked for must be.
        if table.transposed && !wanted(&name) {
            return Ok(());
        }
        if let Some(before) = seen.insert(name.clone(), line) {
            return Err(format!("`{name}` is in {row} {before} and in {row} {line}; each may be there once"));
        }
        let cells = header.iter().zip(record).enumerate().filter(|(index, _)| named(*index));
        found.marks.look(cells.map(|(_, (column, cell))| match table.transposed {
            true => (column.as_str(), name.as_str(), cell),
            false => (name.as_str(), column.as_str(), cell),
        }));
        rows.take(name, order.iter().map(|index| record.get(*index).filter(|cell| !is_missing(cell))));
        Ok(())
    });
    read.map_err(&fail)?;
    if let Some(absent) = table.columns.iter().find(|name| table.transposed && !seen.contains_key(*name)) {
        let near = suggestion(absent, seen.keys().map(String::as_str));
        return Err(fail(format!("it has no row `{absent}`{near}")));
    }
    found.rows = rows.by_patient(order.iter().map(|index| header[*index].clone()));
    found.columns = match table.transposed {
        true => seen.into_keys().collect(),
        false => (0..header.len()).filter(|index| named(*index)).map(|index| header[index].clone()).collect(),
    };
    Ok(found)
}

/// How patients lie in a table, with the cells that were read so far.
enum Layout {
    /// A row for each patient.
    Down { columns: Arc<Columns>, rows: BTreeMap<String, Cells> },
    /// A column for each patient, and a row for each variable.
    Across { variables: Vec<String>, patients: Vec<Texts> },
}

impl Layout {
    /// Takes a row of the table.
    fn take<'c>(&mut self, name: String, cells: impl Iterator<Item = Option<&'c str>>) {
        match self {
            Self::Down { columns, rows } => {
                rows.insert(name, Cells::new(columns, cells));
            }
            Self::Across { variables, patients } => {
                variables.push(name);
                patients.iter_mut().zip(cells).for_each(|(patient, cell)| patient.push(cell));
            }
        }
    }

    /// The cells of each patient, in the order of the columns' names. A patient is known, also if all cells are empty.
    fn by_patient(self, header: impl Iterator<Item = String>) -> BTreeMap<String, Cells> {
        match self {
            Self::Down { rows, .. } => rows,
            Self::Across { variables, patients } => {
                let mut order: Vec<usize> = (0..variables.len()).collect();
                order.sort_by_key(|place| &variables[*place]);
                let columns = Columns::new(order.iter().map(|place| variables[*place].clone()));
                let cells = |texts: Texts| Cells::new(&columns, order.iter().map(|place| texts.get(*place)));
                header.zip(patients).map(|(patient, texts)| (patient, cells(texts))).collect()
            }
        }
    }
}

/// Writes a CSV whole or not at all.
///
/// # Errors
/// Which file, and why not.
pub fn write_csv(
    folder: &Folder,
    name: &str,
    header: &[&str],
    rows: impl Iterator<Item = Vec<String>>,
) -> Result<(), String> {
    folder.write(name, |out| {
        let mut out = csv::Writer::from_writer(out);
        out.write_record(header)?;
        for row in rows {
            out.write_record(row)?;
        }
        out.flush()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(name: &str, text: &str, transposed: bool, columns: &[&str]) -> Result<Rows, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        let columns = columns.iter().map(|column| (*column).to_owned()).collect();
        read(&PatientTable { path, transposed, columns }, "patient")
    }

    fn cell<'a>(rows: &'a Rows, patient: &str, column: &str) -> Option<&'a str> {
        rows.rows[patient].get(column)
    }

    #[test]
    fn a_missing_cell_is_no_value_and_its_patient_is_there() {
        let rows = table("t.csv", "\u{feff}patient, a ,b\n p1 ,NA,n/a\np2, 1.0 ,.\n", false, &[]).unwrap();
        assert_eq!(rows.rows.keys().collect::<Vec<_>>(), ["p1", "p2"]);
        assert_eq!((cell(&rows, "p1", "a"), cell(&rows, "p2", "a"), cell(&rows, "p2", "b")), (None, Some("1.0"), None));
    }

    #[test]
    fn the_name_of_a_file_tells_its_delimiter() {
        let rows = table("t.TSV", "patient\ta\np1\t1,5\n", false, &[]).unwrap();
        assert_eq!(cell(&rows, "p1", "a"), Some("1,5"));
        let rows = table("t.csv", "patient;a\np1;1,5\n", false, &[]).unwrap();
        assert_eq!(cell(&rows, "p1", "a"), Some("1,5"));
        let ragged = table("t.csv", "patient,a\np1,1\np2,1,5\np3,2,25\n", false, &[]).unwrap_err();
        assert!(ragged.contains("2 lines have another") && ragged.contains("line 3 has 3, expected 2"), "{ragged}");
        assert!(ragged.contains("decimal commas"), "{ragged}");
        let error = table("m.csv", "gene\tp1\nCD8B\t1\n", true, &["CD8B"]).unwrap_err();
        assert!(error.contains("no row `CD8B`") && error.contains("has tabs and no commas"), "{error}");
        let error = table("t.csv", "patient\ta\np1\t1\n", false, &[]).unwrap_err();
        assert!(error.contains("tabs and no commas") && error.contains(".tsv"), "{error}");
        let error = table("t.csv", "id,a;b\np1,1\n", false, &[]).unwrap_err();
        assert!(!error.contains("semicolons"), "{error}");
    }

    #[test]
    fn a_matrix_has_patients_across_and_takes_the_rows_that_are_asked_for() {
        let text = "gene,p1,p2\nMARCH1,1,2\nCD8B,3,NA\nMARCH1,4,5\n";
        let rows = table("m.csv", text, true, &["CD8B"]).unwrap();
        assert_eq!((cell(&rows, "p1", "CD8B"), cell(&rows, "p2", "CD8B")), (Some("3"), None));
        assert_eq!(rows.rows["p1"].iter().count(), 1, "nothing but what was asked for");
        assert!(table("m.csv", text, true, &[]).unwrap_err().contains("`MARCH1` is in line 2 and in line 4"));
        assert!(table("m.csv", text, true, &["CD8A"]).unwrap_err().contains("it has no row `CD8A`"));
    }

    #[test]
    fn what_is_there_twice_or_not_whole_is_refused() {
        for (text, why) in [
            ("patient,a\np1,1\np1,1\n", "`p1` is in line 2 and in line 3"),
            ("patient,a,a\np1,1,1\n", "the column `a` is there twice"),
            ("patient,a\n,1\n", "line 2: the column `patient` is empty"),
            ("patient,a\nNA,1\n", "line 2: the column `patient` is empty"),
            ("patient,a\np1\n", "p1"),
            ("", "no column `patient`"),
        ] {
            let error = table("t.csv", text, false, &[]).unwrap_err();
            assert!(error.contains("t.csv") && (error.contains(why) || why == "p1"), "{error}");
        }
        assert!(table("m.csv", "", true, &[]).unwrap().rows.is_empty(), "no patient, no variable");
    }
}
