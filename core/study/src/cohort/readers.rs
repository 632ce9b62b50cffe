//! Outlines of the same lesions by several readers, or several scans of them: those of one are the lesions of the cohort, those of the
//! others tell which features depend on who draws, or on the day.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use voxomics_engine::{
    cases::Case,
    experiment::study::{Between, Readers, same_word},
    robustness::Repeats,
    tabular::is_missing,
};

use super::{JOIN, Joined};

/// An outline of a lesion by another reader, or another scan of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repeat {
    /// The case of the main reader's outline.
    pub of: String,
    /// The reader, or the scan.
    pub reader: String,
    /// Which of the two.
    pub between: Between,
}

/// Which lesion a case is of: the patient, and the cell of the column that tells the patient's lesions apart.
type Key = (String, String);

impl Joined {
    /// Tells which cases are outlines by other readers than the main one; those that cannot be used are left out, with the reason.
    ///
    /// Where both are told, each is looked at among cases that are of the main one of the other.
    pub(super) fn repeat(&mut self, readers: &Readers, between: Between, other: Option<&Readers>) {
        let key = |case: &Case, patient: &str| -> Key {
            let lesion = readers.lesion.as_ref().and_then(|column| case.covariate(column));
            (patient.to_owned(), lesion.unwrap_or_default().trim().to_owned())
        };
        let reader = |case: &Case| {
            case.covariate(&readers.column).filter(|cell| !is_missing(cell)).map(|cell| cell.trim().to_owned())
        };
        let is_other = |case: &Case| {
            let cell =
                |other: &Readers| !case.covariate(&other.column).is_some_and(|cell| same_word(&other.main, cell));
            other.is_some_and(cell)
        };
        let known = std::mem::take(&mut self.repeats);
        let mut mains: BTreeMap<Key, Vec<String>> = BTreeMap::new();
        for (case, patient) in self.cases.iter().zip(&self.patients) {
            if reader(case).is_some_and(|by| same_word(&readers.main, &by)) && !is_other(case) {
                mains.entry(key(case, patient)).or_default().push(case.name.clone());
            }
        }
        let main = &readers.main;
        let mut seen: BTreeSet<(Key, String)> = BTreeSet::new();
        let mut place = |case: &Case, patient: &str| -> Result<Option<Repeat>, String> {
            let by = reader(case).ok_or_else(|| format!("the list of cases has no `{}` for it", readers.column))?;
            if same_word(main, &by) {
                return Ok(None);
            }
            if is_other(case) {
                return Err("it is an outline by another reader of another scan: neither tells of the other".into());
            }
            let key = key(case, patient);
            let of = match mains.get(&key).map(Vec::as_slice) {
                Some([only]) => only.clone(),
                None | Some([]) if between == Between::Readers => {
                    return Err(format!("`{main}` has no outline of this lesion, of which it is one by `{by}`"));
                }
                None | Some([]) => {
                    return Err(format!("there is no scan `{main}` of this lesion, of which it is the scan `{by}`"));
                }
                Some(_) => {
                    let (what, key) = match between {
                        Between::Readers => ("outlines", "reader"),
                        _ => ("cases", "repeat"),
                    };
                    return Err(format!(
                        "`{main}` has several {what} of this patient: name the column that tells lesions apart, as in {key} = \
                         {{ …, lesion = \"lesion\" }}"
                    ));
                }
            };
            match seen.insert((key, by.clone())) {
                true => Ok(Some(Repeat { of, reader: by, between })),
                false if between == Between::Readers => {
                    Err(format!("`{by}` has outlined this lesion in another case, too"))
                }
                false => Err(format!("the scan `{by}` of this lesion is another case, too")),
            }
        };
        let all: Vec<(Case, String)> =
            std::mem::take(&mut self.cases).into_iter().zip(std::mem::take(&mut self.patients)).collect();
        let mut found = Vec::new();
        for (case, patient) in all {
            // An outline by another reader is one, whatever scan it is of.
            if known.contains_key(&case.name) {
                self.cases.push(case);
                self.patients.push(patient);
                continue;
            }
            match place(&case, &patient) {
                Err(reason) => self.leave_out(&case.name, &patient, JOIN, reason),
                Ok(repeat) => {
                    found.extend(repeat.map(|repeat| (case.name.clone(), repeat)));
                    self.cases.push(case);
                    self.patients.push(patient);
                }
            }
        }
        self.repeats = known;
        self.repeats.extend(found);
    }

    /// Its cases that are of one lesion, for the table of robustness.
    pub fn repeated(&self) -> Vec<Repeats> {
        let each = [Between::Readers, Between::Repeats].map(|between| {
            let own = || self.repeats.iter().filter(move |(_, repeat)| repeat.between == between);
            let others: BTreeSet<&String> = own().map(|(_, repeat)| &repeat.reader).collect();
            let places: BTreeMap<&String, usize> = (1..).zip(others).map(|(place, reader)| (reader, place)).collect();
            let mut of: HashMap<String, (String, usize)> = HashMap::new();
            for (case, repeat) in own() {
                of.insert(case.clone(), (repeat.of.clone(), places[&repeat.reader]));
                of.insert(repeat.of.clone(), (repeat.of.clone(), 0));
            }
            Repeats { between: between.word().to_owned(), raters: 1 + places.len(), of }
        });
        each.into_iter().filter(|repeats| !repeats.of.is_empty()).collect()
    }

    /// Its cases with their patients, without outlines by other readers than the main one and repeated scans.
    pub fn own_cases(&self) -> impl Iterator<Item = (&Case, &String)> {
        let all = self.cases.iter().zip(&self.patients);
        all.filter(|(case, _)| !self.repeats.contains_key(&case.name))
    }
}
