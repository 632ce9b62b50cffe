//! A last look at every byte of the results: nothing of the inputs' ids, dates and places may stand in them.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fs,
    path::{Path, PathBuf},
};

use voxomics_results::{Key, pseudonyms::Kind};

use super::Dates;
use crate::{output, tabular::Tabular};

/// What must not stand in any file.
pub struct Secrets {
    /// Words, with what they are: found wherever no letter or digit stands beside them.
    words: HashMap<Vec<u8>, &'static str>,
    /// The lengths of words.
    lengths: BTreeSet<usize>,
    /// Texts with blanks or signs in them, and folders.
    texts: BTreeMap<Vec<u8>, &'static str>,
    /// Ids that are numbers: found where a text stands, not where tables and records have numbers.
    numbers: HashMap<Vec<u8>, &'static str>,
    /// Dates that others have become: looked for in those columns of tables whose dates were not moved.
    both: BTreeSet<String>,
    /// Columns whose dates were moved.
    moved: BTreeSet<String>,
    /// Short ids of people with a letter and a digit, which are looked for in the words of people alone.
    short: HashMap<Vec<u8>, &'static str>,
}

/// Columns of tables in which there are names, also if they are numbers.
const NAMES: [&[u8]; 3] = [b"case", b"patient", b"series"];

/// The least that is looked for: a shorter id is somewhere by chance.
const LEAST: usize = 4;

/// The same in the words of people, of an id with a letter and a digit in it: `P1` is hardly anything else there.
const LEAST_IN_WORDS: usize = 2;

/// What a date is called.
const DATE: &str = "date";

impl Secrets {
    /// Everything that pseudonyms stand for, and dates. Words that the experiment has, of its own accord, are not looked for; and ids
    /// that are numbers only where there are names, since a table is full of numbers. A date that another one has become stands in the
    /// results as it should: it is looked for where no date was moved.
    pub fn new(key: &Key, dates: &Dates, experiment: &str) -> Self {
        let mut all: BTreeMap<Vec<u8>, &'static str> = BTreeMap::new();
        let mut numbers: HashMap<Vec<u8>, &'static str> = HashMap::new();
        for (kind, original) in key.known().originals.values() {
            let (_, word) = kind.shown();
            match kind {
                Kind::Place => {
                    let folder = Path::new(original).parent().filter(|_| Path::new(original).has_root());
                    all.extend(folder.map(|folder| (folder.as_os_str().as_encoded_bytes().to_vec(), word)));
                }
                _ if experiment.contains(original.as_str()) => {}
                _ if original.parse::<f64>().is_ok() => drop(numbers.insert(original.as_bytes().to_vec(), word)),
                _ => drop(all.insert(original.as_bytes().to_vec(), word)),
            }
        }
        let (both, alone): (BTreeSet<&String>, BTreeSet<&String>) =
            dates.before.iter().partition(|date| dates.after.contains(*date));
        all.extend(alone.into_iter().map(|date| (date.as_bytes().to_vec(), DATE)));
        let is_short = |text: &&Vec<u8>| {
            let mixed = text.iter().any(u8::is_ascii_digit) && text.iter().any(|byte| !byte.is_ascii_digit());
            (LEAST_IN_WORDS..LEAST).contains(&text.len()) && mixed && text.iter().all(|byte| is_part(*byte))
        };
        let short = all.iter().filter(|(text, _)| is_short(text)).map(|(text, what)| (text.clone(), *what)).collect();
        all.retain(|text, _| text.len() >= LEAST);
        numbers.retain(|text, _| text.len() >= LEAST);
        let (words, texts): (BTreeMap<_, _>, BTreeMap<_, _>) =
            all.into_iter().partition(|(text, _)| text.iter().all(|b| is_part(*b)));
        let lengths = words.keys().chain(numbers.keys()).map(Vec::len).collect();
        let moved = key.known().dates.keys().cloned().collect();
        let both = both.into_iter().cloned().collect();
        Self { words: words.into_iter().collect(), lengths, texts, numbers, both, moved, short }
    }

    /// The ids of cases and patients alone: how a region is called is no secret in the words of people.
    pub fn of_people(key: &Key) -> Self {
        let is_person = |what: &str| [Kind::Patient, Kind::Case].iter().any(|kind| kind.shown().1 == what);
        let mut all = Self::new(key, &Dates::default(), "");
        all.words.retain(|_, what| is_person(what));
        all.numbers.retain(|_, what| is_person(what));
        all.texts.retain(|_, what| is_person(what));
        all.short.retain(|_, what| is_person(what));
        all
    }

    /// What of them stands in the words of people: there, an id that is a number is one too, but for what may be a year.
    pub fn in_words(&self, words: &str) -> Option<&'static str> {
        let is_year = |run: &str| run.parse().is_ok_and(|year: u32| (1900..=2100).contains(&year));
        let runs = words.split(|letter: char| !letter.is_alphanumeric()).filter(|run| !is_year(run));
        let mut numbers = runs.filter_map(|run| self.number(run.as_bytes()));
        // A short id stands alone, and is no part of a longer word.
        let runs = words.as_bytes().split(|byte| !is_part(*byte));
        let ends = |byte: &u8| b".-_".contains(byte);
        let bare = |run: &[u8]| run.iter().rposition(|byte| !ends(byte)).map_or(0, |last| last + 1);
        let mut short = runs.filter_map(|run| self.short.get(&run[..bare(run)]).copied());
        self.within(words.as_bytes()).or_else(|| numbers.next()).or_else(|| short.next())
    }

    /// Every file below a folder in which one of them stands, a line each.
    ///
    /// # Errors
    /// Which file cannot be read.
    pub fn below(&self, folder: &Path) -> Result<Vec<String>, String> {
        let mut found = Vec::new();
        let mut folders: Vec<PathBuf> = vec![folder.to_owned()];
        while let Some(next) = folders.pop() {
            let fail = |cause: std::io::Error| format!("cannot read {}: {cause}", next.display());
            let mut entries: Vec<PathBuf> = fs::read_dir(&next)
                .map_err(fail)?
                .map(|entry| entry.map(|entry| entry.path()))
                .collect::<Result<_, _>>()
                .map_err(fail)?;
            entries.sort();
            for path in entries {
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let bytes = fs::read(&path).map_err(|cause| format!("cannot read {}: {cause}", path.display()))?;
                let name = path.file_name().unwrap_or_default().as_encoded_bytes();
                let is_table = path.extension().is_some_and(|extension| extension == "csv");
                let in_name = || self.within(name).or_else(|| self.number(name.split(|byte| *byte == b'.').next()?));
                let in_columns = || if is_table { self.in_columns(&bytes) } else { self.quoted(&bytes) };
                // What is compressed, or has no borders between its words, is looked for in the table as a text.
                let table = as_text(&path)?;
                let in_table = || self.within(table.as_ref()?).or_else(|| self.in_columns(table.as_ref()?));
                if let Some(what) = self.within(&bytes).or_else(in_columns).or_else(in_table).or_else(in_name) {
                    found.push(format!("{}: a {what}", path.display()));
                }
            }
        }
        Ok(found)
    }

    /// What of them stands in some bytes.
    fn within(&self, bytes: &[u8]) -> Option<&'static str> {
        let mut runs = bytes.split(|byte| !is_part(*byte));
        runs.find_map(|run| self.in_run(run)).or_else(|| {
            let mut texts = self.texts.iter();
            texts.find(|(text, _)| stands_in(text, bytes)).map(|(_, what)| *what)
        })
    }

    fn number(&self, text: &[u8]) -> Option<&'static str> {
        self.numbers.get(text).copied()
    }

    /// A number that is a text of JSON or TOML.
    fn quoted(&self, bytes: &[u8]) -> Option<&'static str> {
        bytes.split(|byte| *byte == b'"').find_map(|text| self.number(text))
    }

    /// A number in a column of names, or a date in a column whose dates were not moved.
    fn in_columns(&self, bytes: &[u8]) -> Option<&'static str> {
        if self.numbers.is_empty() && self.both.is_empty() {
            return None;
        }
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes);
        let header = reader.byte_headers().ok()?.clone();
        let named: Vec<bool> = header.iter().map(|name| NAMES.contains(&name)).collect();
        let moved: Vec<bool> =
            header.iter().map(|name| std::str::from_utf8(name).is_ok_and(|name| self.moved.contains(name))).collect();
        let is = |all: &[bool], column: usize| all.get(column).copied().unwrap_or(false);
        // The report counts cells, and calls columns as it likes.
        let has_rows_of_cases = named.contains(&true);
        let in_cell = |(column, cell): (usize, &[u8])| {
            self.number(cell).filter(|_| is(&named, column)).or_else(|| {
                let is_date = |cell: &[u8]| std::str::from_utf8(cell).is_ok_and(|cell| self.both.contains(cell.trim()));
                (has_rows_of_cases && !is(&moved, column) && is_date(cell)).then_some(DATE)
            })
        };
        let mut rows = reader.byte_records().map_while(Result::ok);
        rows.find_map(|row| row.iter().enumerate().find_map(in_cell))
    }

    /// A word from one border within a run to another: `case-P01.nii` holds `P01`. A run that is a number holds none.
    fn in_run(&self, run: &[u8]) -> Option<&'static str> {
        let is_number = || std::str::from_utf8(run).is_ok_and(|run| run.parse::<f64>().is_ok());
        let has_letter = !self.numbers.is_empty() && run.iter().any(u8::is_ascii_alphabetic) && !is_number();
        let borders: Vec<usize> = (0..=run.len()).filter(|at| is_border(run, *at)).collect();
        for (index, from) in borders.iter().enumerate() {
            for to in &borders[index + 1..] {
                if !self.lengths.contains(&(to - from)) {
                    continue;
                }
                let word = &run[*from..*to];
                if let Some(what) = self.words.get(word).or_else(|| self.numbers.get(word).filter(|_| has_letter)) {
                    return Some(what);
                }
            }
        }
        None
    }
}

/// A table of Parquet or Arrow as CSV; none of another file.
fn as_text(path: &Path) -> Result<Option<Vec<u8>>, String> {
    let fail = |cause: String| format!("cannot read {}: {cause}", path.display());
    match path.extension().and_then(|end| end.to_str()) {
        Some("arrow") => output::arrow_as_csv(path).map(Some).map_err(|cause| fail(cause.to_string())),
        Some("parquet") => {
            let table = Tabular::open(path).map_err(fail)?;
            let mut out = csv::Writer::from_writer(Vec::new());
            out.write_record(&table.header).map_err(|cause| fail(cause.to_string()))?;
            table.each(|_, row| out.write_record(row).map_err(|cause| cause.to_string())).map_err(fail)?;
            out.into_inner().map(Some).map_err(|cause| fail(cause.to_string()))
        }
        _ => Ok(None),
    }
}

/// Whether a byte may stand within an id.
fn is_part(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_.".contains(&byte) || !byte.is_ascii()
}

fn is_border(run: &[u8], at: usize) -> bool {
    let inner = |at: usize| run.get(at).is_some_and(|byte| byte.is_ascii_alphanumeric() || !byte.is_ascii());
    at == 0 || at == run.len() || !(inner(at - 1) && inner(at))
}

fn stands_in(text: &[u8], bytes: &[u8]) -> bool {
    let Some(first) = text.first() else { return false };
    let mut rest = bytes;
    let mut before = None;
    while let Some(at) = rest.iter().position(|byte| byte == first) {
        let letter = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || !byte.is_ascii());
        let left = if at == 0 { before } else { rest.get(at - 1).copied() };
        if rest[at..].starts_with(text) && !letter(left.as_ref()) && !letter(rest.get(at + text.len())) {
            return true;
        }
        before = rest.get(at).copied();
        rest = &rest[at + 1..];
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_somewhere_is_found_and_what_is_part_of_another_word_is_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let key = Key::open(&folder.path().join("key")).expect("a key");
        for (kind, text) in [
            (Kind::Patient, "PAT-01"),
            (Kind::Case, "Anna Muster"),
            (Kind::Patient, "123456"),
            (Kind::Case, "tumour"),
            (Kind::Uid, "1.2.840.1"),
            (Kind::Place, "/srv/scans/a.nii"),
            (Kind::Place, "cases.csv"),
        ] {
            key.pseudonym(kind, text);
        }
        let dates = Dates { before: BTreeSet::from(["2020-01-31".to_owned()]), after: BTreeSet::new() };
        let secrets = Secrets::new(&key, &dates, "[regions.tumour]");
        for (text, what) in [
            ("a,PAT-01,b", Some("patient")),
            ("x_PAT-01.nii", Some("patient")),
            ("PAT-012 XPAT-01", None),
            ("\u{1}Anna Muster\"", Some("case")),
            ("Anna Musterfrau", None),
            ("on 2020-01-31,", Some("date")),
            ("uid 1.2.840.1", Some("uid")),
            ("1.2.840.11", None),
            ("/srv/scans/other.nii", Some("place")),
            ("/srv/scansion", None),
            ("123456 tumour cases.csv", None),
            ("1,123456,0.123456", None),
            ("ct_123456.nii", Some("patient")),
            ("p-123456", Some("patient")),
            ("p-1234567", None),
        ] {
            assert_eq!(secrets.within(text.as_bytes()), what, "{text}");
        }
        // An id that is a number is found where there are names.
        for (name, text, is_found) in [
            ("features.csv", "case,region,volume\nX1,roi,123456\n", false),
            ("features.csv", "case,region,volume\n123456,roi,5\n", true),
            ("patients.csv", "patient,age\n123456,5\n", true),
            ("run.json", "{\"voxels\": 123456}", false),
            ("run.json", "{\"case\": \"123456\"}", true),
            ("123456.png", "x", true),
        ] {
            let results = tempfile::tempdir().expect("a folder");
            std::fs::write(results.path().join(name), text).expect("a file");
            let found = secrets.below(results.path()).expect("they can be read");
            assert_eq!(!found.is_empty(), is_found, "{name}: {text}");
        }
    }

    #[test]
    fn ids_in_the_words_of_people_are_found() {
        let folder = tempfile::tempdir().expect("a folder");
        let key = Key::open(&folder.path().join("key")).expect("a key");
        for (kind, text) in [
            (Kind::Patient, "MRN-771"),
            (Kind::Case, "55021"),
            (Kind::Patient, "2019"),
            (Kind::Case, "P1"),
            (Kind::Case, "CT"),
            (Kind::Case, "12"),
            (Kind::Region, "Tumor"),
        ] {
            key.pseudonym(kind, text);
        }
        let secrets = Secrets::of_people(&key);
        for (words, what) in [
            ("MRN-771 was redrawn.", Some("patient")),
            ("One reader drew the Tumor.", None),
            ("The outline of 55021, and others", Some("case")),
            ("MRN-7712 was redrawn in 2019.", None),
            ("Patients of 2015 to 2019; P1 is short.", Some("case")),
            ("It was that of P1.", Some("case")),
            ("P10, xP1, P1-a and p1 are others.", None),
            ("Of 12 patients a CT was read.", None),
        ] {
            assert_eq!(secrets.in_words(words), what, "{words}");
        }
    }

    #[test]
    fn a_date_that_another_one_has_become_is_found_where_no_date_was_moved() {
        let folder = tempfile::tempdir().expect("a folder");
        let key = Key::open(&folder.path().join("key")).expect("a key");
        key.dated("scanned", voxomics_results::pseudonyms::forms("2020-01-31")[0]);
        let set = |dates: &[&str]| dates.iter().map(|date| (*date).to_owned()).collect();
        let dates = Dates { before: set(&["2020-01-31", "2020-02-29"]), after: set(&["2020-01-31", "2011-05-01"]) };
        let secrets = Secrets::new(&key, &dates, "");
        for (name, text, is_found) in [
            ("features.csv", "case,scanned\na,2020-01-31\n", false),
            ("features.csv", "case,other\na,2020-01-31\n", true),
            ("features.csv", "case,scanned\na,2020-02-29\n", true),
            ("features.csv", "case,scanned,other\na,2011-05-01,2011-05-01\n", false),
            ("run.json", "{\"StudyDate\": \"2020-01-31\"}", false),
            ("run.json", "{\"StudyDate\": \"2020-02-29\"}", true),
        ] {
            let results = tempfile::tempdir().expect("a folder");
            std::fs::write(results.path().join(name), text).expect("a file");
            let found = secrets.below(results.path()).expect("they can be read");
            assert_eq!(!found.is_empty(), is_found, "{name}: {text}");
        }
    }

    #[test]
    fn what_is_compressed_is_looked_through_as_well() {
        let place = tempfile::tempdir().expect("a folder");
        let key = Key::open(&place.path().join("key")).expect("a key");
        key.pseudonym(Kind::Case, "Anna-Muster");
        key.pseudonym(Kind::Patient, "123456");
        let secrets = Secrets::new(&key, &Dates::default(), "");
        for (format, end) in [(output::Also::Parquet, "parquet"), (output::Also::Arrow, "arrow")] {
            for (case, named) in [("Anna-Muster", true), ("123456", true), ("C-123", false)] {
                let results = tempfile::tempdir().expect("a folder");
                let folder = output::Folder::create(results.path(), false).expect("a folder");
                let fill = |take: &mut output::TakeScores<'_>| {
                    // Of a text that is there often, Parquet keeps one.
                    (0..50).try_for_each(|at| {
                        let mut row = std::array::from_fn(|_| String::new());
                        row[0] = if at == 30 { case.to_owned() } else { "a".to_owned() };
                        take(row)
                    })
                };
                output::write_scores(&folder, &[format], &fill).expect("written");
                fs::remove_file(results.path().join("scores.csv")).expect("it is there");
                let found = secrets.below(results.path()).expect("read");
                assert_eq!(found.len(), usize::from(named), "{end} {case}: {found:?}");
            }
        }
    }
}
