//! Tables of features that somebody else has computed: one row per case, as PyRadiomics writes them, or one per case and
//! region, as this program does.

mod join;
mod read;
#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    path::PathBuf,
};

use voxomics_base::Cells;

use crate::{
    experiment::{
        Covariate,
        study::{FeatureTables, same_value},
    },
    tabular::{Marks, are_dates},
};

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
    /// Rows of which nobody can say whose they are.
    pub left_out: Vec<Lost>,
    /// Columns without a name, which are left out: a sentence for each table that has some.
    pub unnamed: Vec<String>,
}

/// A row that is left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lost {
    /// The case, or where the row stands.
    pub case: String,
    /// The patient; empty if the table does not tell.
    pub patient: String,
    /// Why.
    pub reason: String,
}

/// A case.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Row {
    /// Its name.
    pub case: String,
    /// The patient; before tables are joined, empty where one does not tell.
    pub patient: String,
    /// The cells of the features; none where there is no value.
    pub cells: Cells,
    /// The cells of the other columns that have any.
    pub others: BTreeMap<String, String>,
}

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
        let mut tables = Vec::with_capacity(self.tables.len());
        for (prefix, path) in &self.tables {
            let (table, tells) = self.table(prefix, path)?;
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
            all.left_out.extend(table.left_out);
            all.unnamed.extend(table.unnamed);
            for (column, case) in table.contradicted {
                all.contradicted.entry(column).or_insert(case);
            }
            tables.push(join::Table { path: path.clone(), rows: table.rows, tells });
        }
        all.join(tables, &self.id)?;
        let contradicted = &all.contradicted;
        all.rows.iter_mut().for_each(|row| row.others.retain(|column, _| !contradicted.contains_key(column)));
        all.others.retain(|column| !contradicted.contains_key(column));
        all.others.sort();
        all.others.dedup();
        Ok(all)
    }
}

impl Row {
    /// Adds what another row says of the case in columns that are no features. Columns of which it says something else than is known
    /// are taken down with the case.
    fn add_others(&mut self, others: BTreeMap<String, String>, contradicted: &mut BTreeMap<String, String>) {
        for (column, cell) in others {
            match self.others.get(&column) {
                None => drop(self.others.insert(column, cell)),
                Some(before) if same_value(before, &cell) => {}
                Some(_) => drop(contradicted.entry(column).or_insert_with(|| self.case.clone())),
            }
        }
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
        let mut levels: Vec<&str> = Vec::new();
        // What says the same is one level, as flags of Parquet (`true`) and of a CSV (`True`).
        for cell in cells.iter().copied().collect::<BTreeSet<&str>>() {
            if levels.len() > LEVELS || !levels.iter().any(|level| same_value(level, cell)) {
                levels.push(cell);
            }
        }
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
