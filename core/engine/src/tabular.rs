//! Tables that people bring: CSV, with tabs if the name ends in `.tsv`, and Parquet, which is known by its first bytes.

#[cfg(test)]
mod tests;

use std::{
    fs::File,
    io::{BufRead as _, BufReader, Read as _},
    path::Path,
};

use csv::StringRecord;
use parquet::{
    file::reader::{FileReader as _, SerializedFileReader},
    record::Field,
};

/// The first bytes of a Parquet file.
const PARQUET: &[u8; 4] = b"PAR1";

/// A column that pandas adds for rows without names.
const PANDAS_INDEX: &str = "__index_level_";

/// A table that was opened.
pub struct Tabular {
    /// Names of its columns, in order.
    pub header: Vec<String>,
    /// What a row is called: `line` of a text, `row` of a Parquet file.
    pub row: &'static str,
    rows: Rows,
    hint: String,
}

enum Rows {
    Csv(csv::Reader<File>),
    /// With the places of the columns that count.
    Parquet(SerializedFileReader<File>, Vec<usize>),
}

impl Tabular {
    /// Opens a table and reads the names of its columns, without blanks around them.
    ///
    /// # Errors
    /// If it cannot be read, or if a Parquet file has columns that are no single values.
    pub fn open(path: &Path) -> Result<Self, String> {
        let cannot = |cause: std::io::Error| format!("it cannot be read: {cause}");
        let mut start = Vec::new();
        File::open(path).and_then(|file| file.take(4).read_to_end(&mut start)).map_err(cannot)?;
        if start == PARQUET { Self::parquet(File::open(path).map_err(cannot)?) } else { Self::csv(path) }
    }

    fn csv(path: &Path) -> Result<Self, String> {
        let tabs = path.extension().is_some_and(|end| end.eq_ignore_ascii_case("tsv"));
        let delimiter = if tabs { b'\t' } else { b',' };
        let reader = csv::ReaderBuilder::new().trim(csv::Trim::All).delimiter(delimiter).flexible(true).from_path(path);
        let mut reader = reader.map_err(|cause| format!("it cannot be read: {cause}"))?;
        let header = reader.headers().map_err(|cause| format!("its first line cannot be read: {cause}"))?;
        let header = header.iter().map(|name| name.trim_start_matches('\u{feff}').to_owned()).collect();
        Ok(Self { header, row: "line", rows: Rows::Csv(reader), hint: separator_hint(path, delimiter) })
    }

    fn parquet(file: File) -> Result<Self, String> {
        let reader = SerializedFileReader::new(file).map_err(|cause| format!("it is no Parquet file: {cause}"))?;
        let schema = reader.metadata().file_metadata().schema_descr();
        let fields = schema.root_schema().get_fields();
        if let Some(nested) = fields.iter().find(|field| !field.is_primitive()) {
            return Err(format!(
                "its column `{}` has lists or tables in its cells, expected single values",
                nested.name()
            ));
        }
        let places: Vec<usize> =
            (0..fields.len()).filter(|place| !fields[*place].name().starts_with(PANDAS_INDEX)).collect();
        let header = places.iter().map(|place| fields[*place].name().trim().to_owned()).collect();
        Ok(Self { header, row: "row", rows: Rows::Parquet(reader, places), hint: String::new() })
    }

    /// What to do if a column is missed because the cells are set apart by something else than is expected; empty if they
    /// are not, so that it can follow any message.
    pub fn hint(&self) -> &str {
        &self.hint
    }

    /// Hands over all rows, each with its number: that of the line in a text, whose first line has the names.
    ///
    /// # Errors
    /// If a row cannot be read or has more or fewer cells than there are columns, and whatever `take` says.
    pub fn each(self, mut take: impl FnMut(u64, &StringRecord) -> Result<(), String>) -> Result<(), String> {
        let width = self.header.len();
        match self.rows {
            Rows::Csv(mut reader) => {
                let mut ragged = Ragged::default();
                for record in reader.records() {
                    let record = record.map_err(|cause| cause.to_string())?;
                    let line = record.position().map_or(0, csv::Position::line);
                    if record.len() == width {
                        take(line, &record)?;
                    } else {
                        ragged.add(line, &record);
                    }
                }
                ragged.none(width)
            }
            Rows::Parquet(reader, places) => {
                let rows = reader.get_row_iter(None).map_err(|cause| format!("it cannot be read: {cause}"))?;
                for (at, row) in rows.enumerate() {
                    let number = at as u64 + 1;
                    let row = row.map_err(|cause| format!("row {number} cannot be read: {cause}"))?;
                    let cells: Vec<(&String, &Field)> = row.get_column_iter().collect();
                    let record = places.iter().map(|place| cell(cells[*place].1).trim().to_owned()).collect();
                    take(number, &record)?;
                }
                Ok(())
            }
        }
    }
}

/// The text of a cell, as a CSV would have it: numbers with the fewest digits that read back as the same number, days as
/// 2018-08-14; empty where there is no value.
fn cell(field: &Field) -> String {
    match field {
        Field::Null => String::new(),
        Field::Str(text) => text.clone(),
        Field::Bytes(bytes) => String::from_utf8_lossy(bytes.data()).into_owned(),
        Field::Float(x) => x.to_string(),
        Field::Double(x) => x.to_string(),
        // Midnight of a day is the day; no zone is known.
        Field::Date(_) | Field::TimestampMillis(_) | Field::TimestampMicros(_) => {
            let text = field.to_string();
            let text = text.split_once(" +").map_or(text.as_str(), |(text, _)| text);
            let whole = match text.split_once('.') {
                Some((whole, part)) if part.bytes().all(|digit| digit == b'0') => whole,
                _ => text,
            };
            whole.trim_end_matches(" 00:00:00").to_owned()
        }
        other => other.to_string(),
    }
}

/// Lines with more or fewer cells than the first one.
#[derive(Default)]
struct Ragged {
    lines: usize,
    first: Option<(u64, usize, String)>,
    commas: bool,
}

impl Ragged {
    fn add(&mut self, line: u64, record: &StringRecord) {
        self.lines += 1;
        let cells: Vec<&str> = record.iter().collect();
        // 1,5 was cut into 1 and 5.
        let whole = |cell: &str| !cell.is_empty() && cell.bytes().all(|byte| byte.is_ascii_digit());
        self.commas |= cells.windows(2).any(|pair| whole(pair[0].trim_start_matches('-')) && whole(pair[1]));
        self.first.get_or_insert_with(|| (line, record.len(), cells.join(",").chars().take(60).collect()));
    }

    /// Makes sure that there are none.
    fn none(self, expected: usize) -> Result<(), String> {
        let Some((line, cells, text)) = self.first else { return Ok(()) };
        let commas = match self.commas && cells > expected {
            true => {
                ". Are there decimal commas (1,5)? Save the table with decimal points, or with semicolons replaced by tabs, as .tsv"
            }
            false => "",
        };
        let lines = if self.lines == 1 { "1 line has".into() } else { format!("{} lines have", self.lines) };
        Err(format!(
            "{lines} another number of cells than the first; line {line} has {cells}, expected {expected}: `{text}`{commas}"
        ))
    }
}

/// What to do about a file whose cells are set apart by something else than is expected; nothing if they are not, so that
/// it can follow any message.
pub fn separator_hint(path: &Path, delimiter: u8) -> String {
    let mut header = String::new();
    let read = File::open(path).map(BufReader::new).and_then(|mut file| file.read_line(&mut header));
    let delimiter = char::from(delimiter);
    if read.is_err() || header.contains(delimiter) {
        return String::new();
    }
    let names = [(';', "semicolons"), ('\t', "tabs"), (',', "commas")];
    let found = names.iter().find(|(other, _)| header.contains(*other));
    let (_, expected) = names.iter().find(|(other, _)| *other == delimiter).unwrap_or(&names[2]);
    found.map_or_else(String::new, |(_, found)| {
        let tabs = if *found == "tabs" { ", or call it .tsv" } else { "" };
        format!(". Its first line has {found} and no {expected}: save it as CSV with {expected}{tabs}")
    })
}
