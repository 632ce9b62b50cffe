//! Robustness: the intraclass correlations of each feature between values of the same lesions that were made several times.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    io::{self, Write},
    ops::Range,
};

use voxomics_statistics::{
    Level,
    reliability::{Form, Icc, MeanSquares},
};

use crate::{
    output::Folder,
    results::{Done, Layout, Outcome, perturbation::Perturbations},
    table::{Row, number},
};

/// The table.
pub const ROBUSTNESS: &str = "robustness.csv";

/// Its columns.
pub const COLUMNS: [&str; 16] = [
    "between",
    "region",
    "feature",
    "form",
    "definition",
    "raters",
    "lesions",
    "left_out",
    "icc",
    "lower",
    "upper",
    "f",
    "df1",
    "df2",
    "p",
    "reason",
];

/// What perturbations are called in the first column.
pub const PERTURBATIONS: &str = "perturbations";

/// Cases that are of the same lesions: outlines by several readers, or scans that were repeated.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Repeats {
    /// What they are between, in a word: `readers`, `repeats`.
    pub between: String,
    /// How many values a lesion has if it has all.
    pub raters: usize,
    /// For each case the case whose lesions it is of, and which of the raters made it.
    pub of: HashMap<String, (String, usize)>,
}

/// Numbers that are in memory at a time: 128 MiB of them.
const AT_A_TIME: usize = 1 << 24;

/// Writes the table of perturbations and of repeated cases; takes one of an earlier run away if there are neither.
///
/// # Errors
/// If it cannot be written, and why not.
pub fn write(folder: &Folder, layout: &Layout, done: &Done<'_>, repeats: &[Repeats]) -> Result<(), String> {
    let perturbations = layout.perturbations.as_ref().map_or(0, Perturbations::moved);
    let mut sources: Vec<Source<'_>> = Vec::new();
    if perturbations > 1 {
        sources.push(Source::Perturbations(perturbations));
    }
    sources.extend(repeats.iter().filter(|repeats| repeats.raters > 1).map(Source::Repeats));
    if sources.is_empty() {
        return folder.remove(ROBUSTNESS);
    }
    folder.write(ROBUSTNESS, |out| table(out, layout, done, &sources))
}

/// Where several values of a lesion come from.
enum Source<'a> {
    Perturbations(usize),
    Repeats(&'a Repeats),
}

impl Source<'_> {
    fn word(&self) -> &str {
        match self {
            Self::Perturbations(_) => PERTURBATIONS,
            Self::Repeats(repeats) => &repeats.between,
        }
    }

    fn raters(&self) -> usize {
        match self {
            Self::Perturbations(count) => *count,
            Self::Repeats(repeats) => repeats.raters,
        }
    }

    /// The rows of a case, each with the case whose lesion it is of, and its rater.
    fn rows<'r>(&'r self, case: &'r str, outcome: &'r Outcome) -> Vec<(&'r str, usize, &'r Row)> {
        match self {
            Self::Perturbations(count) => {
                let each = outcome.perturbed.iter().enumerate().take(*count);
                each.flat_map(|(rater, of)| of.rows.iter().map(move |row| (case, rater, row))).collect()
            }
            Self::Repeats(repeats) => match repeats.of.get(case) {
                // A component of one outline need not be one of another.
                Some((of, rater)) => {
                    let whole = outcome.rows.iter().filter(|row| row.component.is_none());
                    whole.map(|row| (of.as_str(), *rater, row)).collect()
                }
                None => Vec::new(),
            },
        }
    }
}

/// A lesion: a case, and its component if it has several.
type Lesion = (String, Option<usize>);

/// The values of the lesions of a region: for each of them, of each rater some columns; not a number where there is none.
#[derive(Default)]
struct Values {
    places: HashMap<Lesion, usize>,
    values: Vec<Vec<f64>>,
}

impl Values {
    /// Of how many cases it has something.
    fn cases(&self) -> usize {
        self.places.keys().map(|(case, _)| case).collect::<HashSet<_>>().len()
    }
}

fn table(out: &mut dyn Write, layout: &Layout, done: &Done<'_>, sources: &[Source<'_>]) -> io::Result<()> {
    let mut out = csv::Writer::from_writer(out);
    out.write_record(COLUMNS)?;
    for source in sources {
        let numbers = (done.count() * source.raters() * layout.regions.len()).max(1);
        let width = (AT_A_TIME / numbers).max(1);
        let mut from = 0;
        while from < layout.columns.len() {
            let columns = from..(from + width).min(layout.columns.len());
            for (region, values) in collect(source, done, &columns)? {
                // A case whose region could not be had at all has no row in any perturbation.
                let absent = match source {
                    Source::Perturbations(_) => done.count() - values.cases(),
                    Source::Repeats(_) => 0,
                };
                for (at, column) in columns.clone().enumerate() {
                    let lines = lines(source, &values, (at, columns.len()), absent);
                    for line in lines.unwrap_or_default() {
                        let before =
                            [source.word(), layout.regions[region].as_str(), layout.columns[column].name.as_str()];
                        out.write_record(before.into_iter().chain(line.iter().map(String::as_str)))?;
                    }
                }
            }
            from = columns.end;
        }
    }
    out.flush()
}

/// The values of some columns, by region.
fn collect(source: &Source<'_>, done: &Done<'_>, columns: &Range<usize>) -> io::Result<BTreeMap<usize, Values>> {
    let mut regions: BTreeMap<usize, Values> = BTreeMap::new();
    let width = columns.len();
    done.each(|case, outcome| {
        for (of, rater, row) in source.rows(&case.name, outcome) {
            let region = regions.entry(row.region).or_default();
            let next = region.values.len();
            let place = *region.places.entry((of.to_owned(), row.component)).or_insert(next);
            if place == next {
                region.values.push(vec![f64::NAN; source.raters() * width]);
            }
            let own = &mut region.values[place][rater * width..][..width];
            for (own, value) in own.iter_mut().zip(&row.values[columns.clone()]) {
                if let Some(Ok(value)) = value {
                    *own = *value;
                }
            }
        }
        Ok(())
    })?;
    Ok(regions)
}

/// The lines of a feature, one for each form; none of a feature that no lesion has.
fn lines(
    source: &Source<'_>,
    values: &Values,
    (at, width): (usize, usize),
    absent: usize,
) -> Option<Vec<[String; 13]>> {
    let raters = source.raters();
    let of_lesion = |all: &Vec<f64>| -> Vec<f64> { (0..raters).map(|rater| all[rater * width + at]).collect() };
    let all: Vec<Vec<f64>> = values.values.iter().map(of_lesion).collect();
    if all.iter().flatten().all(|value| value.is_nan()) {
        return None;
    }
    let whole: Vec<&Vec<f64>> = all.iter().filter(|values| values.iter().all(|value| !value.is_nan())).collect();
    let by: Vec<Vec<f64>> = (0..raters).map(|rater| whole.iter().map(|values| values[rater]).collect()).collect();
    let by: Vec<&[f64]> = by.iter().map(Vec::as_slice).collect();
    let squares = MeanSquares::of(&by);
    let line = |form: &Form| {
        let found = squares.clone().and_then(|squares| squares.icc(*form, Level::P95));
        let counts = [raters, whole.len(), all.len() - whole.len() + absent].map(|count| count.to_string());
        let (figures, reason) = match found {
            Ok(icc) => (figures(&icc), String::new()),
            Err(why) => (Default::default(), why.to_string()),
        };
        let [raters, lesions, left_out] = counts;
        let [icc, lower, upper, f, df1, df2, p] = figures;
        let (name, definition) = (form.name().to_owned(), form.definition().to_owned());
        [name, definition, raters, lesions, left_out, icc, lower, upper, f, df1, df2, p, reason]
    };
    Some(Form::ALL.iter().map(line).collect())
}

/// The figures of a correlation; a limit that there is not is an empty cell.
fn figures(icc: &Icc) -> [String; 7] {
    let [lower, upper] = match icc.interval {
        Some(interval) => [number(interval.low), number(interval.high)],
        None => Default::default(),
    };
    let [df1, df2] = icc.degrees.map(number);
    [number(icc.value), lower, upper, number(icc.f), df1, df2, number(icc.p)]
}
