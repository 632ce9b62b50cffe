//! A list of cases, as CSV: what is wrong with the list stops the run, what is wrong with a row is the fault of its case.

use std::{borrow::Cow, collections::HashMap, path::Path};

use csv::ByteRecord;

use super::Case;
use crate::experiment::suggestion;

/// The columns of a list that are not covariates.
const OWN_COLUMNS: [&str; 6] = ["case", "image", "mask", "series", "label", "region"];

/// Reads a list of cases: `case,image,mask`, optionally `series` and `label` or `region`, and any further columns. Paths
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
    let mut cases = Vec::new();
    let mut lines: HashMap<String, Vec<u64>> = HashMap::new();
    for record in reader.byte_records() {
        let record = record.map_err(|cause| fail(format!("it cannot be read: {cause}")))?;
        let line = record.position().map_or(0, csv::Position::line);
        let case = columns.case(&record, line, path.parent().unwrap_or(Path::new("")));
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
    label: Option<usize>,
    region: Option<usize>,
    series: Option<usize>,
}

impl Columns {
    fn new(header: Vec<String>) -> Result<Self, String> {
        let column = |name: &str| header.iter().position(|column| column == name);
        let mut needed = [0; 3];
        for (index, name) in needed.iter_mut().zip(["case", "image", "mask"]) {
            *index = column(name).ok_or_else(|| {
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
        let mut named = header.iter().enumerate().filter(|(_, name)| !name.is_empty());
        if let Some((_, twice)) = named.find(|(index, name)| header[..*index].contains(name)) {
            return Err(format!("it has the column `{twice}` twice; take one of them away"));
        }
        let [label, region, series] = ["label", "region", "series"].map(column);
        Ok(Self { needed, label, region, series, header })
    }

    /// The case of a row.
    fn case(&self, record: &ByteRecord, line: u64, folder: &Path) -> Case {
        let field = |index: usize| String::from_utf8_lossy(record.get(index).unwrap_or_default());
        let text = |index: Option<usize>| index.map(field).filter(|text| !text.is_empty()).map(Cow::into_owned);
        let [name, image, mask] = self.needed.map(field);
        let name = if name.is_empty() { format!("line {line}") } else { name.into_owned() };
        let label: Option<Result<f64, String>> = text(self.label).map(|text| label(&text, line));
        let further = self.header.iter().enumerate().filter(|(_, name)| !OWN_COLUMNS.contains(&name.as_str()));
        let mut case = Case {
            label: label.as_ref().and_then(|label| label.as_ref().ok()).copied(),
            region: text(self.region),
            series: text(self.series),
            covariates: further.map(|(index, name)| (name.clone(), field(index).into_owned())).collect(),
            ..Case::new(name, folder.join(&*image), folder.join(&*mask))
        };
        let empty = ["case", "image", "mask"].into_iter().zip(self.needed).find(|(_, index)| field(*index).is_empty());
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

fn label(text: &str, line: u64) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(0.0) => Err(format!("label 0 is the background, not a region (line {line} of the case list)")),
        Ok(label) if label.is_finite() => Ok(label),
        _ => Err(format!("its label `{text}` is not a number (line {line} of the case list)")),
    }
}
