//! One table of features: its rows, put together by case.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    path::Path,
    sync::Arc,
};

use voxomics_base::{Cells, Columns};
use voxomics_interface::selection::fits;

use super::{Features, Lost, NUMBERS, Row};
use crate::{
    experiment::{study::FeatureTables, suggestion},
    tabular::{Tabular, is_missing, is_unnamed, told_unnamed},
};

/// Column of a region, in tables of this program.
const REGION: &str = "region";

/// Which columns a table tells its rows by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tells {
    /// Case and patient.
    Both,
    /// The case alone.
    Cases,
    /// The patient alone.
    Patients,
}

impl FeatureTables {
    /// Reads one of the tables; also what it tells its rows by.
    ///
    /// # Errors
    /// As [`FeatureTables::read`].
    pub(super) fn table(&self, prefix: &str, path: &Path) -> Result<(Features, Tells), String> {
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
        let tells = match (case, patient) {
            (Some(_), Some(_)) => Tells::Both,
            (Some(_), None) => Tells::Cases,
            (None, _) => Tells::Patients,
        };
        let wanted = |name: &str| self.columns.is_empty() || self.columns.iter().any(|of| fits(of, f64::NAN, name));
        let is_key = |index: usize| [case, patient, region].contains(&Some(index));
        let (own, unnamed): (Vec<usize>, Vec<usize>) =
            (0..header.len()).filter(|i| !is_key(*i)).partition(|i| !is_unnamed(&header[*i]));
        let (chosen, others): (Vec<usize>, Vec<usize>) = own.into_iter().partition(|i| wanted(&header[*i]));
        if chosen.is_empty() {
            return Err(fail(format!(
                "no column fits `columns` ({}); it has {}",
                self.columns.join(", "),
                header.join(", ")
            )));
        }
        let front = if prefix.is_empty() { String::new() } else { format!("{prefix}.") };
        let mut found = Features {
            others: others.iter().map(|i| header[*i].clone()).collect(),
            unnamed: told_unnamed(path, unnamed.iter().map(|i| header[*i].as_str())).into_iter().collect(),
            ..Features::default()
        };
        let mut nowhere: Option<u64> = None;
        let mut known: HashSet<String> = HashSet::new();
        let mut of_part: HashMap<String, Arc<Columns>> = HashMap::new();
        let mut rows: HashMap<String, (usize, BTreeSet<String>)> = HashMap::new();
        let read = opened.each(|line, record| {
            let cell = |index: Option<usize>| index.and_then(|index| record.get(index)).filter(|cell| !cell.is_empty());
            let cell = |index: Option<usize>| cell(index).filter(|cell| !is_missing(cell));
            let of = cell(patient).unwrap_or_default().to_owned();
            // A column that is missing says that a patient is a case. A cell that is empty says nothing.
            let Some(name) = cell(case.or(patient)).map(str::to_owned) else {
                let column = if case.is_some() { &self.case } else { &self.id };
                let reason = format!("the table of features has no `{column}` for it");
                found.left_out.push(Lost { case: format!("{word} {line}"), patient: of, reason });
                return Ok(());
            };
            let part = cell(region).unwrap_or_default().to_owned();
            if part.is_empty() {
                nowhere.get_or_insert(line);
            }
            let next = found.rows.len();
            let (at, parts) = rows.entry(name.clone()).or_insert_with(|| (next, BTreeSet::new()));
            if !parts.insert(part.clone()) {
                return Err(format!(
                    "{word} {line} has `{name}` again: each row needs a name of its own; case = \"…\" names the column that \
                     tells lesions apart"
                ));
            }
            if *at == next {
                found.rows.push(Row { case: name.clone(), patient: of.clone(), ..Row::default() });
            }
            let row = &mut found.rows[*at];
            if row.patient.is_empty() {
                row.patient.clone_from(&of);
            } else if !of.is_empty() && row.patient != of {
                return Err(format!("{word} {line} has `{name}` of `{of}`, and a row before it has it of `{}`", row.patient));
            }
            let own = others.iter().filter_map(|i| {
                let cell = record.get(*i).filter(|cell| !is_missing(cell))?;
                Some((header[*i].clone(), cell.to_owned()))
            });
            row.add_others(own.collect(), &mut found.contradicted);
            let named = header.iter().zip(record).filter(|(column, _)| !is_unnamed(column));
            found.marks.look(named.map(|(column, cell)| (name.as_str(), column.as_str(), cell)));
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
        if let (Some(line), 2..) = (nowhere, of_part.len()) {
            return Err(fail(format!("{word} {line} has no `{REGION}`, and other rows have one")));
        }
        if found.rows.is_empty() {
            let first = found.left_out.first().map(|lost| format!(" that can be used: {}: {}", lost.case, lost.reason));
            return Err(fail(format!("it has no row{}", first.unwrap_or_default())));
        }
        match found.with_commas() {
            Some((column, cell)) => Err(fail(format!(
                "the column `{column}` has decimal commas (`{cell}`), which would be texts: save the table with decimal points, or leave the \
                 column out with `columns`"
            ))),
            None => Ok((found, tells)),
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
