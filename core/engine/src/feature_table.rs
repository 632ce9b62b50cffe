//! Tables of features that somebody else has computed: one row per case, as PyRadiomics writes them, or one per case and
//! region, as this program does.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    path::Path,
    sync::Arc,
};

use voxomics_base::{Cells, Columns};
use voxomics_interface::selection::fits;

use crate::{
    experiment::{Covariate, study::FeatureTables, suggestion},
    tabular::{Marks, Tabular, are_dates, is_missing},
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
        let mut places: HashMap<String, usize> = HashMap::new();
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
            for row in table.rows {
                let next = all.rows.len();
                let place = *places.entry(row.case.clone()).or_insert(next);
                if place == next {
                    all.rows.push(row);
                    continue;
                }
                let of = &mut all.rows[place];
                if of.patient != row.patient {
                    let (case, other, patient) = (&row.case, &of.patient, &row.patient);
                    return Err(format!("`{case}` is of `{patient}` in {}, and of `{other}` before", path.display()));
                }
                of.cells.append(&row.cells);
                for (column, cell) in row.others {
                    if of.others.get(&column).is_some_and(|before| *before != cell) {
                        all.contradicted.entry(column.clone()).or_insert_with(|| row.case.clone());
                    }
                    of.others.insert(column, cell);
                }
            }
        }
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
/// input.
pub fn types(tables: &[Features]) -> Types {
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
        if are_dates(cells) {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn read(files: &[(&str, &str, &str)], columns: &[&str]) -> Result<Features, String> {
        let folder = tempfile::tempdir().expect("a folder");
        let table = |(prefix, name, text): &(&str, &str, &str)| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).expect("a file");
            ((*prefix).to_owned(), path)
        };
        let columns = columns.iter().map(|name| (*name).to_owned()).collect();
        FeatureTables {
            tables: files.iter().map(table).collect(),
            columns,
            settings: None,
            case: "case".into(),
            id: "patient".into(),
        }
        .read()
    }

    fn row(features: &Features, case: &str) -> Vec<Option<String>> {
        let row = features.rows.iter().find(|row| row.case == case).expect("a case");
        features.names.iter().map(|name| row.cells.get(name).map(str::to_owned)).collect()
    }

    #[test]
    fn columns_are_chosen_by_pattern_and_the_rest_is_known() {
        let text = "patient,Image,diagnostics_Versions,original_a,original_b\np1,x.nii,3,1.5,nan\np2,y.nii,3,2,4\n";
        let found = read(&[("", "pyradiomics.csv", text)], &["original_*"]).expect("a table");
        assert_eq!(found.names, ["original_a", "original_b"]);
        assert_eq!(row(&found, "p1"), [Some("1.5".into()), None]);
        assert_eq!(found.rows[0].others["Image"], "x.nii");
        assert!(read(&[("", "t.csv", text)], &["wavelet*"]).expect_err("none").contains("no column fits"));
        let error = read(&[("", "t.csv", "ID,a\n1,2\n")], &[]).expect_err("no id");
        assert!(error.contains("neither a column `case`"), "{error}");
        let error = read(&[("", "t.csv", "patient,a\np1,2\np1,3\n")], &[]).expect_err("twice");
        assert!(error.contains("line 3 has `p1` again"), "{error}");
    }

    #[test]
    fn regions_become_part_of_the_name_as_in_inputs() {
        let text = "case,region,glcm.x\na,tumour,1\na,ring,2\nb,tumour,3\n";
        let found = read(&[("", "features.csv", text)], &[]).expect("a table");
        assert_eq!(found.names, ["tumour:glcm.x", "ring:glcm.x"]);
        assert_eq!((row(&found, "a"), row(&found, "b")[1].clone()), (vec![Some("1".into()), Some("2".into())], None));
    }

    #[test]
    fn several_tables_are_joined_by_case_and_names_are_kept_apart() {
        let (ct, pet) = ("case,patient,x\na,p,1\nb,q,2\n", "case\tpatient\tx\nb\tq\t5\nc\tr\t6\n");
        let found = read(&[("ct", "ct.csv", ct), ("pet", "pet.tsv", pet)], &[]).expect("tables");
        assert_eq!(found.names, ["ct.x", "pet.x"]);
        let cells = |case: &str| row(&found, case).into_iter().map(|cell| cell.unwrap_or_default()).collect::<Vec<_>>();
        assert_eq!(
            (cells("a"), cells("b"), cells("c")),
            (vec!["1".into(), String::new()], vec!["2".into(), "5".into()], vec![String::new(), "6".into()])
        );
        let error = read(&[("", "a.csv", ct), ("", "b.csv", ct)], &[]).expect_err("twice");
        assert!(error.contains("the column `x` is in "), "{error}");
    }

    #[test]
    fn a_column_of_which_tables_say_different_things_is_none_of_theirs() {
        let (ct, pet) =
            ("case,x,site,dead\na,1,north,0\nb,2,south,NA\n", "case,y,site,dead\na,3,north,1\nb,4,south,1\n");
        let read = |columns: &[&str]| read(&[("", "ct.csv", ct), ("", "pet.csv", pet)], columns).expect("tables");
        let found = read(&["x", "y"]);
        assert_eq!((&found.others[..], found.contradicted["dead"].as_str()), (&["site".to_owned()][..], "a"));
        assert_eq!(found.rows[0].others, BTreeMap::from([("site".to_owned(), "north".to_owned())]));
    }

    #[test]
    fn decimal_commas_are_refused_wherever_they_hide() {
        for text in ["patient\ta\tb\np1\t1\t1,5\np2\t2\t0,25\n", "patient\ta\np1\t1\np2\t2,5\n"] {
            let error = read(&[("", "t.tsv", text)], &[]).expect_err("commas");
            assert!(error.contains("has decimal commas (`") && error.contains("decimal points"), "{error}");
        }
        // A text with a comma is a text.
        assert!(read(&[("", "t.tsv", "patient\tsite\np1\tA, left\np2\tB, right\n")], &[]).is_ok());
    }

    #[test]
    fn dates_are_no_inputs_however_they_are_written() {
        let text = "patient,a,b,c,d,voxels,year\n1,20100131,2010-01-31,31.1.2010,20100131.0,20100131,2010\n\
                    2,20111201,2010-01-31 08:30,1.12.2010,20111201.0,20101301,2011\n3,19990228,2010-02-01,2.2.2010,,20100132,1999\n\
                    4,20100131,2010-01-31,31.1.2010,19990228.0,20100133,2010\n";
        let types = types(&[read(&[("", "t.csv", text)], &[]).expect("a table")]);
        assert_eq!(types.dates, ["a", "b", "c", "d"]);
        let inputs: Vec<&str> = types.inputs.iter().map(|input| input.name.as_str()).collect();
        assert_eq!((inputs, types.texts.is_empty()), (vec!["voxels", "year"], true));
    }

    #[test]
    fn types_are_found_over_all_tables() {
        let text = "patient,n,sex,path,mixed\n1,1,f,a,1\n2,2,m,b,2\n3,,f,c,3\n4,4,m,d,<1\n";
        let types = types(&[read(&[("", "t.csv", text)], &[]).expect("a table")]);
        let inputs: Vec<(&str, Option<usize>)> =
            types.inputs.iter().map(|input| (input.name.as_str(), input.levels.as_ref().map(Vec::len))).collect();
        assert_eq!(inputs, [("n", None), ("sex", Some(2)), ("mixed", None)]);
        assert_eq!(types.texts, ["path"]);
    }
}
