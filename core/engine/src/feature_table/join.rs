//! Several tables of features as one: by case, and what is said of patients for each of their cases.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use super::{Features, Lost, Row, read::Tells};

/// A table that is to be joined.
pub(super) struct Table {
    pub(super) path: PathBuf,
    pub(super) rows: Vec<Row>,
    pub(super) tells: Tells,
}

impl Table {
    /// Whether it tells no case of a patient apart from another, whatever its columns are called.
    fn is_of_patients(&self) -> bool {
        self.rows.iter().all(|row| row.patient.is_empty() || row.case == row.patient)
    }

    /// Its place among the others: the cases are those of the tables that tell them apart, and patients must be known before what
    /// is said of them is spread.
    fn turn(&self) -> u8 {
        match self.tells {
            Tells::Both => u8::from(self.is_of_patients()),
            Tells::Cases => 2,
            Tells::Patients => 3,
        }
    }
}

/// Where rows are, while tables are joined.
#[derive(Default)]
struct Places {
    of_case: HashMap<String, usize>,
    of_patient: HashMap<String, Vec<usize>>,
    /// For each row, the tables that have it.
    tables: Vec<Vec<usize>>,
}

impl Features {
    /// Joins the rows of several tables. One of patients, which has no column of cases, says what it says of each case of a patient.
    /// A case of which no table tells the patient is left out, unless none of the tables of cases tells of any.
    pub(super) fn join(&mut self, mut tables: Vec<Table>, id: &str) -> Result<(), String> {
        tables.sort_by_key(Table::turn);
        let some_tell = tables.iter().any(|table| table.tells == Tells::Both);
        let mut places = Places::default();
        for (at, table) in tables.iter_mut().enumerate().filter(|(_, table)| table.tells != Tells::Patients) {
            let of_patients = table.is_of_patients();
            for row in std::mem::take(&mut table.rows) {
                let known = places.of_case.get(&row.case).map(|place| vec![*place]);
                let spread = || places.of_patient.get(&row.case).filter(|_| of_patients).cloned();
                match known.or_else(spread) {
                    Some(found) => self.say(&mut places, &found, &row, (at, &table.path))?,
                    None => self.push(&mut places, row, at),
                }
            }
        }
        self.without_patients(&mut places, some_tell.then_some(id));
        for (at, table) in tables.iter_mut().enumerate().filter(|(_, table)| table.tells == Tells::Patients) {
            for row in std::mem::take(&mut table.rows) {
                let known = places.of_patient.get(&row.patient).cloned();
                // A case of another patient may have the name of this one.
                let known = known.or_else(|| places.of_case.get(&row.case).map(|place| vec![*place]));
                match known {
                    Some(found) => self.say(&mut places, &found, &row, (at, &table.path))?,
                    None => self.push(&mut places, row, at),
                }
            }
        }
        for (at, table) in tables.iter().enumerate().filter(|_| tables.len() > 1) {
            let mut alone =
                self.rows.iter().zip(&places.tables).filter(|(_, of)| **of == [at]).map(|(row, _)| &row.case);
            if let Some(first) = alone.next() {
                self.alone.push((table.path.clone(), 1 + alone.count(), first.clone()));
            }
        }
        Ok(())
    }

    /// Decides about cases of which no table tells the patient: without any such column, a case is a patient.
    fn without_patients(&mut self, places: &mut Places, told_by: Option<&str>) {
        let known = std::mem::take(places);
        for (mut row, of) in std::mem::take(&mut self.rows).into_iter().zip(known.tables) {
            match told_by {
                Some(column) if row.patient.is_empty() => {
                    let reason = format!("the table of features has no `{column}` for it");
                    self.left_out.push(Lost { case: row.case, patient: String::new(), reason });
                    continue;
                }
                None if row.patient.is_empty() => row.patient.clone_from(&row.case),
                _ => {}
            }
            let place = self.rows.len();
            places.of_case.insert(row.case.clone(), place);
            places.of_patient.entry(row.patient.clone()).or_default().push(place);
            places.tables.push(of);
            self.rows.push(row);
        }
    }

    fn push(&mut self, places: &mut Places, row: Row, table: usize) {
        let place = self.rows.len();
        places.of_case.insert(row.case.clone(), place);
        if !row.patient.is_empty() {
            places.of_patient.entry(row.patient.clone()).or_default().push(place);
        }
        places.tables.push(vec![table]);
        self.rows.push(row);
    }

    /// Adds what another table says of some cases.
    fn say(
        &mut self,
        places: &mut Places,
        found: &[usize],
        row: &Row,
        (at, path): (usize, &Path),
    ) -> Result<(), String> {
        for place in found {
            let of = &mut self.rows[*place];
            if of.patient.is_empty() && !row.patient.is_empty() {
                of.patient.clone_from(&row.patient);
                places.of_patient.entry(row.patient.clone()).or_default().push(*place);
            }
            if !row.patient.is_empty() && of.patient != row.patient {
                let (case, other, patient) = (&row.case, &of.patient, &row.patient);
                return Err(format!("`{case}` is of `{patient}` in {}, and of `{other}` elsewhere", path.display()));
            }
            of.cells.append(&row.cells);
            of.add_others(row.others.clone(), &mut self.contradicted);
            places.tables[*place].push(at);
        }
        Ok(())
    }
}
