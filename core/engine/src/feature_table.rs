//! Tables of features that somebody else has computed: one row per case, as PyRadiomics writes them, or one per case and
//! region, as this program does.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    path::{Path, PathBuf},
    sync::Arc,
};

use voxomics_base::{Cells, Columns};
use voxomics_interface::selection::fits;

use crate::{
    experiment::{Covariate, study::FeatureTables, suggestion},
    tabular::{Marks, Tabular, are_dates, is_missing},
};

#[cfg(test)]
mod tests;

/// The features of a cohort.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Features {
    /// Names of the features, in the order of the tables.
    pub names: Vec<String>,
    /// Names of all other columns.
    pub others: Vec<String>,
    /// The cases, in the order of the first table.
    pub rows: Vec<Row>,
    /// Cells that say in a word of their own that there is no value.
    pub marks: Marks,
    /// Columns beside the features of which tables say different things of a case, with that case. They are not among the others.
    pub contradicted: BTreeMap<String, String>,
    /// Of several tables, each that has cases which no other one has, with their number and the first of them.
    pub alone: Vec<(PathBuf, usize, String)>,
}

/// A case.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Row {
    /// Its name.
    pub case: String,
    /// The patient.
    pub patient: String,
    /// The cells of the features; none where there is no value.
    pub cells: Cells,
    /// The cells of the other columns that have any.
    pub others: BTreeMap<String, String>,
}

/// Column of a region, in tables of this program.
const REGION: &str = "region";

/// Texts of one column that are levels at most.
const LEVELS: usize = 12;

/// Share of the cells of a column of numbers that are numbers.
const NUMBERS: f64 = 0.6;

impl FeatureTables {
    /// Reads the tables.
    ///
    /// # Errors
    /// If a table cannot be read, has no column of the case or the patient, or names a case or a column twice.
    pub fn read(&self) -> Result<Features, String> {
        let mut all = Features::default();
        let mut rows: Vec<(PathBuf, Vec<Row>)> = Vec::with_capacity(self.tables.len());
        for (prefix, path) in &self.tables {
            let table = self.table(prefix, path)?;
            let known: BTreeSet<&String> = all.names.iter().chain(&all.others).collect();
            let twice = table.names.iter().chain(&table.others).find(|name| known.contains(name));
            if let Some(twice) = twice.filter(|name| table.names.contains(name)) {
                return Err(format!(
                    "the column `{twice}` is in {} and in a table before it; give tables names, as in features = {{ ct = \
                     \"ct.csv\", pet = \"pet.csv\" }}, which then stand in front of their columns",
                    path.display()
                ));
            }
            all.names.extend(table.names);
            all.others.extend(table.others);
            all.marks.extend(table.marks);
            rows.push((path.clone(), table.rows));
        }
        all.join(rows)?;
        let contradicted = &all.contradicted;
        all.rows.iter_mut().for_each(|row| row.others.retain(|column, _| !contradicted.contains_key(column)));
        all.others.retain(|column| !contradicted.contains_key(column));
        all.others.sort();
        all.others.dedup();
        Ok(all)
    }

    fn table(&self, prefix: &str, path: &Path) -> Result<Features, String> {
        let fail = |what: String| format!("the table of features {}: {what}", path.display());
        let opened = Tabular::open(path).map_err(fail)?;
        let (header, hint, word) = (opened.header.clone(), opened.hint().to_owned(), opened.row);
        let fail = |what: String| fail(format!("{what}{hint}"));
        let mut seen = BTreeSet::new();
        if let Some(twice) = header.iter().find(|name| !name.is_empty() && !seen.insert(name.as_str())) {
            return Err(fail(format!("the column `{twice}` is there twice")));
        }
        let place = |name: &str| header.iter().position(|column| column == name);
        let (case, patient, region) = (place(&self.case), place(&self.id), place(REGION));
        if case.is_none() && patient.is_none() {
            let near = suggestion(&self.id, header.iter().map(String::as_str));
            return Err(fail(format!(
                "it has neither a column `{}` of cases nor one `{}` of patients{near}; name yours with case = \"…\" or id = \"…\"",
                self.case, self.id
            )));
        }
        let wanted = |name: &str| self.columns.is_empty() || self.columns.iter().any(|of| fits(of, f64::NAN, name));
        let is_key = |index: usize| [case, patient, region].contains(&Some(index));
        let chosen: Vec<usize> = (0..header.len()).filter(|i| !is_key(*i) && wanted(&header[*i])).collect();
        let others: Vec<usize> = (0..header.len()).filter(|i| !is_key(*i) && !wanted(&header[*i])).collect();
        if chosen.is_empty() {
            return Err(fail(format!(
                "no column fits `columns` ({}); it has {}",
                self.columns.join(", "),
                header.join(", ")
            )));
        }
        let front = if prefix.is_empty() { String::new() } else { format!("{prefix}.") };
        let mut found = Features { others: others.iter().map(|i| header[*i].clone()).collect(), ..Features::default() };
        let mut known: HashSet<String> = HashSet::new();
        let mut of_part: HashMap<String, Arc<Columns>> = HashMap::new();
        let mut rows: HashMap<String, (usize, BTreeSet<String>)> = HashMap::new();
        let read = opened.each(|line, record| {
            let cell = |index: Option<usize>| index.and_then(|index| record.get(index)).filter(|cell| !cell.is_empty());
            let name = cell(case).or_else(|| cell(patient)).filter(|name| !is_missing(name));
            let name = name.ok_or_else(|| format!("{word} {line} names no case"))?.to_owned();
            let of = cell(patient).filter(|id| !is_missing(id)).unwrap_or(&name).to_owned();
            let part = cell(region).unwrap_or_default().to_owned();
            let next = found.rows.len();
            let (at, parts) = rows.entry(name.clone()).or_insert_with(|| (next, BTreeSet::new()));
            if !parts.insert(part.clone()) {
                return Err(format!(
                    "{word} {line} has `{name}` again: each row needs a name of its own; case = \"…\" names the column that \
                     tells lesions apart"
                ));
            }
            if *at == next {
                let own = others.iter().filter_map(|i| {
                    let cell = record.get(*i).filter(|cell| !is_missing(cell))?;
                    Some((header[*i].clone(), cell.to_owned()))
                });
                let others = own.collect();
                found.rows.push(Row { case: name.clone(), patient: of, cells: Cells::default(), others });
            }
            found.marks.look(header.iter().zip(record).map(|(column, cell)| (name.as_str(), column.as_str(), cell)));
            // A name is made once for each region, and not for each cell: there may be millions.
            let columns = of_part.entry(part).or_insert_with_key(|part| {
                let name = |index: &usize| match part.is_empty() {
                    true => format!("{front}{}", header[*index]),
                    false => format!("{front}{part}:{}", header[*index]),
                };
                let names: Vec<String> = chosen.iter().map(name).collect();
                found.names.extend(names.iter().filter(|name| known.insert((*name).clone())).cloned());
                Columns::new(names)
            });
            let cells = chosen.iter().map(|index| record.get(*index).filter(|cell| !is_missing(cell)));
            found.rows[*at].cells.append(&Cells::new(columns, cells));
            Ok(())
        });
        read.map_err(&fail)?;
        if found.rows.is_empty() {
            return Err(fail("it has no row".into()));
        }
        match found.with_commas() {
            Some((column, cell)) => Err(fail(format!(
                "the column `{column}` has decimal commas (`{cell}`), which would be texts: save the table with decimal points, or leave the \
                 column out with `columns`"
            ))),
            None => Ok(found),
        }
    }
}

impl Features {
    /// Joins the rows of several tables. One of patients, which tells no cases apart, says what it says of each case of a patient.
    fn join(&mut self, mut tables: Vec<(PathBuf, Vec<Row>)>) -> Result<(), String> {
        let of_patients = |rows: &[Row]| rows.iter().all(|row| row.case == row.patient);
        // The cases are those of the tables that tell them apart.
        tables.sort_by_key(|(_, rows)| of_patients(rows));
        let mut of_case: HashMap<String, usize> = HashMap::new();
        let mut of_patient: HashMap<String, Vec<usize>> = HashMap::new();
        let mut tables_of: Vec<Vec<usize>> = Vec::new();
        for (at, (path, rows)) in tables.iter_mut().enumerate() {
            for row in rows.drain(..) {
                let places = match (of_case.get(&row.case), of_patient.get(&row.patient)) {
                    (Some(place), _) => vec![*place],
                    (None, Some(places)) if row.case == row.patient => places.clone(),
                    _ => {
                        let place = self.rows.len();
                        of_case.insert(row.case.clone(), place);
                        of_patient.entry(row.patient.clone()).or_default().push(place);
                        self.rows.push(row);
                        tables_of.push(vec![at]);
                        continue;
                    }
                };
                for place in places {
                    self.add(place, &row, path)?;
                    tables_of[place].push(at);
                }
            }
        }
        for (at, (path, _)) in tables.iter().enumerate().filter(|_| tables.len() > 1) {
            let mut alone = self.rows.iter().zip(&tables_of).filter(|(_, of)| **of == [at]).map(|(row, _)| &row.case);
            if let Some(first) = alone.next() {
                self.alone.push((path.clone(), 1 + alone.count(), first.clone()));
            }
        }
        Ok(())
    }

    /// Adds what another table says of a case.
    fn add(&mut self, place: usize, row: &Row, path: &Path) -> Result<(), String> {
        let of = &mut self.rows[place];
        if of.patient != row.patient {
            let (case, other, patient) = (&row.case, &of.patient, &row.patient);
            return Err(format!("`{case}` is of `{patient}` in {}, and of `{other}` elsewhere", path.display()));
        }
        of.cells.append(&row.cells);
        for (column, cell) in &row.others {
            if of.others.get(column).is_some_and(|before| before != cell) {
                self.contradicted.entry(column.clone()).or_insert_with(|| row.case.clone());
            }
            of.others.insert(column.clone(), cell.clone());
        }
        Ok(())
    }

    /// The first column of numbers of which some have a decimal comma, with one of them.
    fn with_commas(&self) -> Option<(&str, &str)> {
        let number = |cell: &str| cell.parse::<f64>().is_ok_and(f64::is_finite);
        let comma = |cell: &str| cell.matches(',').count() == 1 && number(&cell.replace(',', "."));
        self.names.iter().find_map(|name| {
            let cells = || self.rows.iter().filter_map(|row| row.cells.get(name));
            let first = cells().find(|cell| comma(cell))?;
            let like = cells().filter(|cell| comma(cell) || number(cell)).count();
            (like as f64 >= NUMBERS * cells().count() as f64).then_some((name.as_str(), first))
        })
    }
}

/// What the columns of some tables are.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Types {
    /// The inputs: numbers, or texts with their levels.
    pub inputs: Vec<Covariate>,
    /// Columns that are neither: texts of which almost each is another, and columns without any value.
    pub texts: Vec<String>,
    /// Columns of dates, also where a date is written as a number (20100131): the day on which something was done is no measure of
    /// a patient.
    pub dates: Vec<String>,
}

/// Tells which columns are numbers, over all tables together: one that is a number here and a text there would be another
/// input. Of `known` columns it is known already, with their levels: a model has learnt from them.
pub fn types(tables: &[Features], known: &BTreeMap<String, Option<Vec<String>>>) -> Types {
    let mut names: Vec<&String> = Vec::new();
    let mut cells: HashMap<&String, Vec<&str>> = HashMap::new();
    for table in tables {
        for name in &table.names {
            let of = cells.entry(name).or_insert_with(|| {
                names.push(name);
                Vec::new()
            });
            of.extend(table.rows.iter().filter_map(|row| row.cells.get(name)));
        }
    }
    let mut types = Types::default();
    for name in names {
        let cells = &cells[name];
        let numbers = cells.iter().filter(|cell| cell.parse::<f64>().is_ok_and(f64::is_finite)).count();
        let levels: BTreeSet<&str> = cells.iter().copied().collect();
        let input = |levels: Option<Vec<String>>| Covariate {
            name: name.clone(),
            column: name.clone(),
            measured: levels.is_none(),
            levels,
        };
        if let Some(levels) = known.get(name) {
            types.inputs.push(input(levels.clone()));
        } else if are_dates(cells) {
            types.dates.push(name.clone());
        } else if numbers > 0 && numbers as f64 >= NUMBERS * cells.len() as f64 {
            types.inputs.push(input(None));
        } else if !levels.is_empty() && levels.len() <= LEVELS && 2 * levels.len() <= cells.len() {
            types.inputs.push(input(Some(levels.into_iter().map(str::to_owned).collect())));
        } else {
            types.texts.push(name.clone());
        }
    }
    types
}
