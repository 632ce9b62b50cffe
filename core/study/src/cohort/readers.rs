//! Outlines of the same lesions by several readers: those of one are the lesions of the cohort, those of the others tell which
//! features depend on who draws.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use voxomics_engine::{cases::Case, experiment::study::Readers, robustness::Repeats, tabular::is_missing};

use super::{JOIN, Joined};

/// An outline of a lesion by another reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repeat {
    /// The case of the main reader's outline.
    pub of: String,
    /// The reader.
    pub reader: String,
}

/// What several readers are called in the table of robustness.
const READERS: &str = "readers";

/// Which lesion a case is of: the patient, and the cell of the column that tells the patient's lesions apart.
type Key = (String, String);

impl Joined {
    /// Tells which cases are outlines by other readers than the main one; those that cannot be used are left out, with the reason.
    pub(super) fn repeat(&mut self, readers: &Readers) {
        let key = |case: &Case, patient: &str| -> Key {
            let lesion = readers.lesion.as_ref().and_then(|column| case.covariate(column));
            (patient.to_owned(), lesion.unwrap_or_default().trim().to_owned())
        };
        let reader = |case: &Case| {
            case.covariate(&readers.column).filter(|cell| !is_missing(cell)).map(|cell| cell.trim().to_owned())
        };
        let mut mains: BTreeMap<Key, Vec<String>> = BTreeMap::new();
        for (case, patient) in self.cases.iter().zip(&self.patients) {
            if reader(case).as_ref() == Some(&readers.main) {
                mains.entry(key(case, patient)).or_default().push(case.name.clone());
            }
        }
        let main = &readers.main;
        let mut seen: BTreeSet<(Key, String)> = BTreeSet::new();
        let mut place = |case: &Case, patient: &str| -> Result<Option<Repeat>, String> {
            let by = reader(case).ok_or_else(|| format!("the list of cases has no `{}` for it", readers.column))?;
            if by == *main {
                return Ok(None);
            }
            let key = key(case, patient);
            let of = match mains.get(&key).map(Vec::as_slice) {
                Some([only]) => only.clone(),
                None | Some([]) => {
                    return Err(format!("`{main}` has no outline of this lesion, of which it is one by `{by}`"));
                }
                Some(_) => {
                    return Err(format!(
                        "`{main}` has several outlines of this patient: name the column that tells lesions apart, as in reader = \
                         {{ …, lesion = \"lesion\" }}"
                    ));
                }
            };
            match seen.insert((key, by.clone())) {
                true => Ok(Some(Repeat { of, reader: by })),
                false => Err(format!("`{by}` has outlined this lesion in another case, too")),
            }
        };
        let all: Vec<(Case, String)> =
            std::mem::take(&mut self.cases).into_iter().zip(std::mem::take(&mut self.patients)).collect();
        for (case, patient) in all {
            match place(&case, &patient) {
                Err(reason) => self.leave_out(&case.name, &patient, JOIN, reason),
                Ok(repeat) => {
                    self.repeats.extend(repeat.map(|repeat| (case.name.clone(), repeat)));
                    self.cases.push(case);
                    self.patients.push(patient);
                }
            }
        }
    }

    /// Its cases that are of one lesion, for the table of robustness.
    pub fn repeated(&self) -> Vec<Repeats> {
        let others: BTreeSet<&String> = self.repeats.values().map(|repeat| &repeat.reader).collect();
        let place = |reader: &String| 1 + others.iter().position(|other| *other == reader).unwrap_or_default();
        let mut of: HashMap<String, (String, usize)> = HashMap::new();
        for (case, repeat) in &self.repeats {
            of.insert(case.clone(), (repeat.of.clone(), place(&repeat.reader)));
            of.insert(repeat.of.clone(), (repeat.of.clone(), 0));
        }
        match of.is_empty() {
            true => Vec::new(),
            false => vec![Repeats { between: READERS.to_owned(), raters: 1 + others.len(), of }],
        }
    }

    /// Its cases with their patients, without outlines by other readers than the main one.
    pub fn own_cases(&self) -> impl Iterator<Item = (&Case, &String)> {
        let all = self.cases.iter().zip(&self.patients);
        all.filter(|(case, _)| !self.repeats.contains_key(&case.name))
    }
}
