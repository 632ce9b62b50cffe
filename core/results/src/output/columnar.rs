//! Tables by columns, for programs: Parquet and Arrow, with the type of each column, its unit and its code.

use std::{
    collections::HashMap,
    io::{self, Write},
    sync::Arc,
};

use arrow_array::{
    ArrayRef, RecordBatch,
    builder::{Float64Builder, Int64Builder, StringBuilder},
};
use arrow_ipc::writer::FileWriter;
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use parquet::{
    arrow::ArrowWriter,
    basic::{Compression, ZstdLevel},
    errors::ParquetError,
    file::{
        metadata::KeyValue,
        properties::{EnabledStatistics, WriterProperties},
    },
    schema::types::ColumnPath,
};

use super::sheet::{Also, Heading, Kind, Sheet};

/// Cells that are gathered before they are handed on: 8 MB of numbers.
const GATHERED: usize = 1 << 20;
/// Cells of a row group of Parquet, which is in memory until it is whole; its pages are compressed there.
const GROUP: usize = 1 << 22;
/// Under this key a file tells of its columns, for programs that do not see what stands at a column.
const ABOUT: &str = "voxomics";
/// The format of that.
const FORMAT: u32 = 1;

type Out<'w> = &'w mut (dyn Write + Send);

enum Writer<'w> {
    // Both are large.
    Parquet(Box<ArrowWriter<Out<'w>>>),
    Arrow(Box<FileWriter<Out<'w>>>),
}

enum Cells {
    Text(StringBuilder),
    Number(Float64Builder),
    Whole(Int64Builder),
}

/// A table that is being written.
pub struct Columnar<'w> {
    writer: Writer<'w>,
    schema: SchemaRef,
    columns: Vec<Cells>,
    /// The column of the next cell.
    at: usize,
    rows: usize,
}

impl<'w> Columnar<'w> {
    /// Begins a table. `stem` is what it is: `features`.
    ///
    /// # Errors
    /// If it cannot be written, or two columns have one name.
    pub fn new(out: Out<'w>, format: Also, stem: &str, headings: &[Heading]) -> io::Result<Self> {
        let schema = Arc::new(schema(stem, headings));
        let writer = match format {
            Also::Parquet => {
                let properties = properties(&schema);
                Writer::Parquet(Box::new(
                    ArrowWriter::try_new(out, schema.clone(), Some(properties)).map_err(of_parquet)?,
                ))
            }
            Also::Arrow => Writer::Arrow(Box::new(FileWriter::try_new(out, &schema).map_err(of_arrow)?)),
        };
        let cells = |heading: &Heading| match heading.kind {
            Kind::Text => Cells::Text(StringBuilder::new()),
            Kind::Number => Cells::Number(Float64Builder::new()),
            Kind::Whole => Cells::Whole(Int64Builder::new()),
        };
        Ok(Self { writer, schema, columns: headings.iter().map(cells).collect(), at: 0, rows: 0 })
    }

    /// Writes what is left, and the end of the file.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn finish(mut self) -> io::Result<()> {
        self.hand_on()?;
        match self.writer {
            Writer::Parquet(writer) => writer.close().map(drop).map_err(of_parquet),
            Writer::Arrow(mut writer) => writer.finish().map_err(of_arrow),
        }
    }

    fn hand_on(&mut self) -> io::Result<()> {
        if self.rows == 0 {
            return Ok(());
        }
        let whole = |cells: &mut Cells| -> ArrayRef {
            match cells {
                Cells::Text(cells) => Arc::new(cells.finish()),
                Cells::Number(cells) => Arc::new(cells.finish()),
                Cells::Whole(cells) => Arc::new(cells.finish()),
            }
        };
        let columns = self.columns.iter_mut().map(whole).collect();
        let batch = RecordBatch::try_new(self.schema.clone(), columns).map_err(of_arrow)?;
        self.rows = 0;
        match &mut self.writer {
            Writer::Parquet(writer) => writer.write(&batch).map_err(of_parquet),
            Writer::Arrow(writer) => writer.write(&batch).map_err(of_arrow),
        }
    }

    /// The name of the next cell's column, and what takes it.
    fn next(&mut self) -> io::Result<(&str, &mut Cells)> {
        let at = self.at;
        self.at += 1;
        let cells =
            self.columns.get_mut(at).ok_or_else(|| wrong("a row has more cells than there are columns".into()))?;
        Ok((self.schema.field(at).name(), cells))
    }
}

impl Sheet for Columnar<'_> {
    fn cell(&mut self, _: &str, cell: &str) -> io::Result<()> {
        let (name, cells) = self.next()?;
        let no_number = || wrong(format!("the column `{name}` has `{cell}`, which is no number of its kind"));
        match cells {
            Cells::Text(cells) => cells.append_option(Some(cell).filter(|cell| !cell.is_empty())),
            Cells::Number(cells) if cell.is_empty() => cells.append_null(),
            Cells::Whole(cells) if cell.is_empty() => cells.append_null(),
            Cells::Number(cells) => cells.append_value(cell.parse().map_err(|_| no_number())?),
            Cells::Whole(cells) => cells.append_value(cell.parse().map_err(|_| no_number())?),
        }
        Ok(())
    }

    fn number(&mut self, cell: Option<f64>) -> io::Result<()> {
        match self.next()? {
            (_, Cells::Number(cells)) => cells.append_option(cell),
            (name, _) => return Err(wrong(format!("the column `{name}` takes no numbers"))),
        }
        Ok(())
    }

    fn end_row(&mut self) -> io::Result<()> {
        if self.at != self.columns.len() {
            return Err(wrong(format!("a row has {} cells, expected {}", self.at, self.columns.len())));
        }
        (self.at, self.rows) = (0, self.rows + 1);
        match self.rows * self.columns.len() >= GATHERED {
            true => self.hand_on(),
            false => Ok(()),
        }
    }
}

/// The columns, each with what there is to say of it; and all of that once more for the whole file.
fn schema(stem: &str, headings: &[Heading]) -> Schema {
    let field = |heading: &Heading| {
        let kind = match heading.kind {
            Kind::Text => DataType::Utf8,
            Kind::Number => DataType::Float64,
            Kind::Whole => DataType::Int64,
        };
        let about = heading.about.iter().map(|(key, value)| ((*key).to_owned(), value.clone()));
        Field::new(&heading.name, kind, true).with_metadata(about.collect::<HashMap<_, _>>())
    };
    let fields: Vec<Field> = headings.iter().map(field).collect();
    let columns: serde_json::Map<String, serde_json::Value> = headings
        .iter()
        .filter(|heading| !heading.about.is_empty())
        .map(|heading| (heading.name.clone(), serde_json::json!(heading.about)))
        .collect();
    let about = serde_json::json!({ "format": FORMAT, "table": stem, "columns": columns });
    Schema::new_with_metadata(fields, HashMap::from([(ABOUT.to_owned(), about.to_string())]))
}

fn properties(schema: &Schema) -> WriterProperties {
    let about = schema.metadata().iter().map(|(key, value)| KeyValue::new(key.clone(), value.clone()));
    let rows = (GROUP / schema.fields().len().max(1)).max(1);
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_max_row_group_row_count(Some(rows))
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_key_value_metadata(Some(about.collect()));
    // Hardly any number is there twice: a dictionary of them would be as long as the column.
    for field in schema.fields().iter().filter(|field| *field.data_type() == DataType::Float64) {
        properties = properties.set_column_dictionary_enabled(ColumnPath::new(vec![field.name().clone()]), false);
    }
    properties.build()
}

fn wrong(what: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

/// What the crate says of a file that cannot be written, as it was said: a full disk is told of as such.
fn of_parquet(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(cause) => match cause.downcast::<io::Error>() {
            Ok(cause) => *cause,
            Err(cause) => io::Error::other(cause),
        },
        error => io::Error::other(error),
    }
}

fn of_arrow(error: ArrowError) -> io::Error {
    match error {
        ArrowError::IoError(_, cause) => cause,
        error => io::Error::other(error),
    }
}

#[cfg(test)]
mod tests {
    use parquet::{
        basic::{LogicalType, Type as Physical},
        file::reader::{FileReader as _, SerializedFileReader},
        record::RowAccessor as _,
    };

    use super::*;

    fn headings() -> Vec<Heading> {
        let mean = Heading {
            about: [("unit", "HU".to_owned()), ("ibsi_code", "Q4LE".to_owned())].into(),
            ..Heading::new("mean", Kind::Number)
        };
        vec![Heading::new("case", Kind::Text), Heading::new("age", Kind::Whole), mean]
    }

    fn parquet(rows: &[(&str, &str, Option<f64>)]) -> SerializedFileReader<bytes::Bytes> {
        let mut file = Vec::new();
        let mut sheet = Columnar::new(&mut file, Also::Parquet, "features", &headings()).expect("a table");
        for (case, age, mean) in rows {
            sheet.text(case).and_then(|()| sheet.text(age)).and_then(|()| sheet.number(*mean)).expect("cells");
            sheet.end_row().expect("a row");
        }
        sheet.finish().expect("a file");
        SerializedFileReader::new(bytes::Bytes::from(file)).expect("a Parquet file")
    }

    #[test]
    fn columns_have_their_types_and_say_what_they_are() {
        let file = parquet(&[("a", "7", Some(0.1 + 0.2)), ("", "", None)]);
        let about = file.metadata().file_metadata();
        let columns = about.schema_descr().columns();
        let types: Vec<Physical> = columns.iter().map(|column| column.physical_type()).collect();
        assert_eq!(types, [Physical::BYTE_ARRAY, Physical::INT64, Physical::DOUBLE]);
        assert!(matches!(columns[0].logical_type_ref(), Some(LogicalType::String)));
        let said = about.key_value_metadata().expect("metadata").iter().find(|pair| pair.key == ABOUT);
        let said: serde_json::Value =
            serde_json::from_str(said.and_then(|pair| pair.value.as_deref()).expect("JSON")).expect("JSON");
        assert_eq!(said["table"], "features");
        assert_eq!(said["columns"], serde_json::json!({ "mean": { "unit": "HU", "ibsi_code": "Q4LE" } }));
        let rows: Vec<_> = file.get_row_iter(None).expect("rows").map(|row| row.expect("a row")).collect();
        assert_eq!((rows[0].get_long(1).ok(), rows[0].get_double(2).ok()), (Some(7), Some(0.1 + 0.2)));
        assert!((0..3).all(|column| rows[1].get_column_iter().nth(column).expect("a cell").1.to_string() == "null"));
    }

    #[test]
    fn many_rows_are_handed_on_in_pieces_and_all_are_there() {
        let count = GATHERED / 3 + 5;
        let rows: Vec<_> = (0..count).map(|at| ("x", "", Some(at as f64))).collect();
        let file = parquet(&rows);
        assert_eq!(file.metadata().file_metadata().num_rows(), count as i64);
        let sum: f64 =
            file.get_row_iter(None).expect("rows").map(|row| row.expect("a row").get_double(2).expect("it")).sum();
        assert_eq!(sum, (count * (count - 1) / 2) as f64);
    }

    #[test]
    fn a_cell_that_does_not_belong_is_an_error() {
        let mut file = Vec::new();
        let mut sheet = Columnar::new(&mut file, Also::Arrow, "t", &headings()).expect("a table");
        sheet.text("a").expect("a text");
        assert!(sheet.text("seven").expect_err("no number").to_string().contains("`age` has `seven`"));
        assert!(sheet.end_row().expect_err("too few").to_string().contains("2 cells, expected 3"));
    }
}
