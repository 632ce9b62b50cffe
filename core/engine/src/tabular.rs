//! Tables that people bring: CSV, with tabs if the name ends in `.tsv`, with semicolons if its first line has some and no comma (as MIRP
//! 2.4 writes), and Parquet, which is known by its first bytes.

mod days;
mod missing;
#[cfg(test)]
mod tests;

use std::{
    fs::File,
    io::{BufRead as _, BufReader, Read as _},
    path::Path,
};

use csv::StringRecord;
use parquet::{
    basic::{ConvertedType, LogicalType, TimeUnit, Type as Physical},
    file::reader::{FileReader as _, SerializedFileReader},
    record::Field,
    schema::types::Type,
};

pub use days::are_dates;
pub use missing::{Marks, is_mark, is_missing};

/// The first bytes of a Parquet file.
const PARQUET: &[u8; 4] = b"PAR1";

/// A column that pandas adds for rows without names.
const PANDAS_INDEX: &str = "__index_level_";

/// What pandas calls a column that had no name in the file, with its number.
const PANDAS_UNNAMED: &str = "Unnamed: ";

/// Whether a column has no name, as that in which R, pandas and spreadsheets number the rows: nobody can say what it holds.
pub fn is_unnamed(name: &str) -> bool {
    let number = name.strip_prefix(PANDAS_UNNAMED);
    name.is_empty() || number.is_some_and(|number| number.starts_with(|first: char| first.is_ascii_digit()))
}

/// That columns without a name are left out of a table, in a sentence; none if there are none.
pub fn told_unnamed<'a>(path: &Path, names: impl Iterator<Item = &'a str>) -> Option<String> {
    let names: Vec<&str> = names.collect();
    let file = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    let what = match names.as_slice() {
        [] => return None,
        [""] => "a column without a name, which is".to_owned(),
        [one] => format!("the column `{one}`, which had no name when another program read it, and is"),
        all => format!("{} columns without a name, which are", all.len()),
    };
    Some(format!(
        "{file} has {what} left out: such a column numbers the rows, mostly. Give it a name if it holds anything else"
    ))
}

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
    /// With the places of the columns that count, and how each is to be understood.
    Parquet(SerializedFileReader<File>, Vec<(usize, Cells)>),
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
        let delimiter =
            if first_line(path, delimiter).is_some_and(|line| line.contains(';')) { b';' } else { delimiter };
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
        let mut places = Vec::new();
        for (place, field) in fields.iter().enumerate().filter(|(_, field)| !field.name().starts_with(PANDAS_INDEX)) {
            places.push((place, Cells::of(field)?));
        }
        let header = places.iter().map(|(place, _)| fields[*place].name().trim().to_owned()).collect();
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
                    let text = |(place, kind): &(usize, Cells)| {
                        let (name, field) = cells[*place];
                        kind.text(field).map(|text| text.trim().to_owned()).ok_or_else(|| {
                            format!("row {number}: the column `{name}` has bytes that are no text in UTF-8")
                        })
                    };
                    let record = places.iter().map(text).collect::<Result<StringRecord, String>>()?;
                    take(number, &record)?;
                }
                Ok(())
            }
        }
    }
}

/// How the cells of a Parquet column are to be understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cells {
    /// As they are.
    Plain,
    /// As nanoseconds since 1970. The crate parquet 60.1 hands them over as whole numbers, in which nobody sees a date; pandas 2
    /// writes every date so.
    Nanoseconds,
    /// As nanoseconds since midnight, handed over in the same way.
    TimeOfDay,
}

impl Cells {
    /// Those of a column.
    ///
    /// # Errors
    /// If they are no single numbers, texts, flags or times.
    fn of(column: &Type) -> Result<Self, String> {
        let name = column.name();
        if !column.is_primitive() {
            return Err(format!("its column `{name}` has lists or tables in its cells, expected single values"));
        }
        let (physical, info) = (column.get_physical_type(), column.get_basic_info());
        let (logical, converted) = (info.logical_type_ref(), info.converted_type());
        let is_single = match physical {
            // Spans of time and identities would be bytes.
            Physical::FIXED_LEN_BYTE_ARRAY => {
                converted == ConvertedType::DECIMAL || matches!(logical, Some(LogicalType::Float16))
            }
            Physical::BYTE_ARRAY => converted != ConvertedType::BSON,
            _ => true,
        };
        match logical {
            _ if !is_single => Err(format!(
                "its column `{name}` has neither numbers, texts, flags nor dates: write it as one of these"
            )),
            Some(LogicalType::Timestamp(time)) if matches!(time.unit, TimeUnit::NANOS) => Ok(Self::Nanoseconds),
            Some(LogicalType::Time(time)) if matches!(time.unit, TimeUnit::NANOS) => Ok(Self::TimeOfDay),
            _ => Ok(Self::Plain),
        }
    }

    /// The text of a cell, as a CSV would have it: numbers with the fewest digits that read back as the same number, days as
    /// 2018-08-14; empty where there is no value. None if bytes are no text.
    fn text(self, field: &Field) -> Option<String> {
        Some(match (self, field) {
            (_, Field::Null) => String::new(),
            (Self::Nanoseconds, Field::Long(n)) => date(&Field::TimestampMicros(n.div_euclid(1000))),
            (Self::TimeOfDay, Field::Long(n)) => date(&Field::TimeMicros(n.div_euclid(1000))),
            (_, Field::Str(text)) => text.clone(),
            (_, Field::Bytes(bytes)) => std::str::from_utf8(bytes.data()).ok()?.to_owned(),
            (_, Field::Float(x)) => x.to_string(),
            (_, Field::Double(x)) => x.to_string(),
            (
                _,
                Field::Date(_)
                | Field::TimestampMillis(_)
                | Field::TimestampMicros(_)
                | Field::TimeMillis(_)
                | Field::TimeMicros(_),
            ) => date(field),
            (_, other) => other.to_string(),
        })
    }
}

/// A time without its zone, which is always UTC here, and without parts of a second that are none; midnight of a day is the day.
fn date(field: &Field) -> String {
    let text = field.to_string();
    let text = text.split_once(" +").map_or(text.as_str(), |(text, _)| text);
    let whole = match text.split_once('.') {
        Some((whole, part)) if part.bytes().all(|digit| digit == b'0') => whole,
        _ => text,
    };
    whole.trim_end_matches(" 00:00:00").to_owned()
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

/// The first line of a text in which nothing is set apart by what is expected.
fn first_line(path: &Path, delimiter: u8) -> Option<String> {
    let mut header = String::new();
    File::open(path).map(BufReader::new).and_then(|mut file| file.read_line(&mut header)).ok()?;
    (!header.contains(char::from(delimiter))).then_some(header)
}

/// What to do about a file whose cells are set apart by something else than is expected; nothing if they are not, so that
/// it can follow any message.
pub fn separator_hint(path: &Path, delimiter: u8) -> String {
    let Some(header) = first_line(path, delimiter) else { return String::new() };
    let delimiter = char::from(delimiter);
    let names = [(';', "semicolons"), ('\t', "tabs"), (',', "commas")];
    let found = names.iter().find(|(other, _)| header.contains(*other));
    let (_, expected) = names.iter().find(|(other, _)| *other == delimiter).unwrap_or(&names[2]);
    found.map_or_else(String::new, |(_, found)| {
        let tabs = if *found == "tabs" { ", or call it .tsv" } else { "" };
        format!(". Its first line has {found} and no {expected}: save it as CSV with {expected}{tabs}")
    })
}
