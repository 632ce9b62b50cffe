//! A list of cases, as CSV: what is wrong with the list stops the run, what is wrong with a row is the fault of its case.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    path::{Path, PathBuf},
    sync::Arc,
};

use csv::ByteRecord;
use voxomics_base::{Cells, Columns as Names};

use super::Case;
use crate::experiment::suggestion;

/// The columns of a list that are not covariates.
const OWN_COLUMNS: [&str; 8] = ["case", "image", "mask", "series", "label", "region", "image_sha256", "mask_sha256"];

/// Reads a list of cases: `case,image,mask`, or images and masks with names as `image.pet`, optionally `series` and `label`
/// or `region`, what the files must hash to as `image_sha256` and `mask_sha256`, and any further columns. Paths
/// are relative to the list.
///
/// # Errors
/// If the list cannot be read, lacks a column or has one twice, or has no rows.
pub fn from_csv(path: &Path) -> Result<Vec<Case>, String> {
    let fail = |what: String| format!("case list {}: {what}", path.display());
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .flexible(true)
        .from_path(path)
        .map_err(|cause| fail(format!("it cannot be read: {cause}")))?;
    let header = reader.headers().map_err(|cause| fail(format!("its first line cannot be read: {cause}")))?;
    // Spreadsheets like to begin a UTF-8 file with a mark.
    let header: Vec<String> = header.iter().map(|name| name.trim_start_matches('\u{feff}').to_owned()).collect();
    let columns = Columns::new(header).map_err(fail)?;
    // What is written of a case is then the same from whichever folder the program is called.
    let folder = std::path::absolute(path).map_err(|cause| fail(cause.to_string()))?;
    let folder = folder.parent().unwrap_or(Path::new(""));
    let mut cases = Vec::new();
    let mut lines: HashMap<String, Vec<u64>> = HashMap::new();
    for record in reader.byte_records() {
        let record = record.map_err(|cause| fail(format!("it cannot be read: {cause}")))?;
        let line = record.position().map_or(0, csv::Position::line);
        let case = columns.case(&record, line, folder);
        lines.entry(case.name.clone()).or_default().push(line);
        cases.push(case);
    }
    for case in &mut cases {
        // Which of them is meant, nobody can say: none is run.
        if let Some(lines) = lines.get(&case.name).filter(|lines| lines.len() > 1) {
            let lines: Vec<String> = lines.iter().map(u64::to_string).collect();
            let lines = lines.join(", ");
            let message = "the case list has this case more than once";
            case.fault = Some(format!("{message} (lines {lines}); each row needs a name of its own"));
        }
    }
    if cases.is_empty() { Err(fail("it has no cases".into())) } else { Ok(cases) }
}

/// Where the columns of a list are.
struct Columns {
    header: Vec<String>,
    needed: [usize; 3],
    /// Further images, masks and series: the word after the full stop, and the column.
    images: Vec<(String, usize)>,
    masks: Vec<(String, usize)>,
    series_of: Vec<(String, usize)>,
    label: Option<usize>,
    region: Option<usize>,
    series: Option<usize>,
    digests: [Option<usize>; 2],
    /// The further columns, and their names.
    further: Vec<usize>,
    names: Arc<Names>,
}

impl Columns {
    fn new(header: Vec<String>) -> Result<Self, String> {
        let column = |name: &str| header.iter().position(|column| column == name);
        let [images, masks, series_of] = ["image.", "mask.", "series."].map(|kind| {
            let named =
                header.iter().enumerate().filter_map(|(index, column)| Some((column.strip_prefix(kind)?, index)));
            named.map(|(name, index)| (name.to_owned(), index)).collect::<Vec<_>>()
        });
        let first = |named: &[(String, usize)]| named.first().map(|(_, index)| *index);
        let mut needed = [0; 3];
        for (index, name) in needed.iter_mut().zip(["case", "image", "mask"]) {
            // Where all have names, the first stands for the one without.
            let named = match name {
                "image" => first(&images),
                "mask" => first(&masks),
                _ => None,
            };
            *index = column(name).or(named).ok_or_else(|| {
                const BEGINS: &str = "A list begins with the line case,image,mask";
                if let [line] = header.as_slice()
                    && let Some(sign) = [';', '\t'].into_iter().find(|sign| line.contains(*sign))
                {
                    let sign = if sign == ';' { "semicolons" } else { "tabs" };
                    return format!("its columns are separated by {sign}, expected commas. {BEGINS}");
                }
                let near = suggestion(name, header.iter().map(String::as_str));
                format!("it has no column `{name}`{near}. {BEGINS}")
            })?;
        }
        let mut seen = HashSet::new();
        if let Some(twice) = header.iter().filter(|name| !name.is_empty()).find(|name| !seen.insert(name.as_str())) {
            return Err(format!("it has the column `{twice}` twice; take one of them away"));
        }
        let [label, region, series] = ["label", "region", "series"].map(column);
        let digests = ["image_sha256", "mask_sha256"].map(column);
        let unknown = |known: &[(String, usize)], column: &str| {
            series_of.iter().find(|(name, _)| !known.iter().any(|(image, _)| image == name)).map(|(name, _)| {
                format!("it has a column `series.{name}` and no `{column}.{name}`: rename it, or take it away")
            })
        };
        match unknown(&images, "image") {
            Some(wrong) => Err(wrong),
            None => {
                let further: Vec<usize> = (0..header.len()).filter(|index| !is_own(&header[*index])).collect();
                let names = Names::new(further.iter().map(|index| header[*index].clone()));
                Ok(Self { needed, images, masks, series_of, label, region, series, digests, header, further, names })
            }
        }
    }

    /// The case of a row.
    fn case(&self, record: &ByteRecord, line: u64, folder: &Path) -> Case {
        let field = |index: usize| String::from_utf8_lossy(record.get(index).unwrap_or_default());
        let text = |index: Option<usize>| index.map(field).filter(|text| !text.is_empty()).map(Cow::into_owned);
        let [name, image, mask] = self.needed.map(field);
        let name = if name.is_empty() { format!("line {line}") } else { name.into_owned() };
        let label: Option<Result<f64, String>> = text(self.label).map(|text| label(&text, line));
        let named = |columns: &[(String, usize)]| -> Vec<(String, String)> {
            let cells = columns.iter().filter_map(|(name, index)| Some((name.clone(), text(Some(*index))?)));
            cells.collect()
        };
        let files = |columns| named(columns).into_iter().map(|(name, file)| (name, folder.join(file))).collect();
        // Joined to the folder, nothing would be the folder.
        let file = |name: &str| if name.is_empty() { PathBuf::new() } else { folder.join(name) };
        let mut case = Case {
            label: label.as_ref().and_then(|label| label.as_ref().ok()).copied(),
            region: text(self.region),
            series: text(self.series),
            expected: self.digests.map(|index| text(index).map(|digest| digest.to_lowercase())),
            covariates: Cells::new(&self.names, self.further.iter().map(|index| Some(field(*index)))),
            images: files(&self.images),
            masks: files(&self.masks),
            series_of: named(&self.series_of),
            ..Case::new(name, file(&image), file(&mask))
        };
        // Of an image with a name, another one can do without.
        let is_needed = |index: usize| ["case", "image", "mask"].contains(&self.header[index].as_str());
        let empty = ["case", "image", "mask"]
            .into_iter()
            .zip(self.needed)
            .find(|(_, index)| is_needed(*index) && field(*index).is_empty());
        case.fault = if record.len() != self.header.len() {
            let (found, expected) = (record.len(), self.header.len());
            Some(format!("line {line} of the case list has {found} cells, expected {expected} as in its first line"))
        } else if record.iter().any(|cell| std::str::from_utf8(cell).is_err()) {
            Some(format!("line {line} of the case list is not UTF-8; save the list as UTF-8"))
        } else if let Some((column, _)) = empty {
            Some(format!("the case list has no {column} for it (line {line})"))
        } else if let Some(Err(wrong)) = label {
            Some(wrong)
        } else if case.label.is_some() && case.region.is_some() {
            Some(format!("line {line} of the case list gives it a label and a region: leave one of them empty"))
        } else {
            None
        };
        case
    }
}

/// Whether a column is none of the further ones.
fn is_own(name: &str) -> bool {
    OWN_COLUMNS.contains(&name) || ["image.", "mask.", "series."].iter().any(|kind| name.starts_with(kind))
}

fn label(text: &str, line: u64) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(0.0) => Err(format!("label 0 is the background, not a region (line {line} of the case list)")),
        Ok(label) if label.is_finite() => Ok(label),
        _ => Err(format!("its label `{text}` is not a number (line {line} of the case list)")),
    }
}
