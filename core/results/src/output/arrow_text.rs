//! A table of Arrow as a text, in which everything that stands in it can be looked for.

use std::{fs::File, io, path::Path};

use arrow_array::{
    Array as _, RecordBatch,
    cast::AsArray as _,
    types::{Float64Type, Int64Type},
};
use arrow_ipc::reader::FileReader;
use arrow_schema::DataType;
use voxomics_base::table::number;

/// A table that this program wrote, as CSV.
///
/// # Errors
/// If it cannot be read, or has cells that the program does not write.
pub fn arrow_as_csv(path: &Path) -> io::Result<Vec<u8>> {
    let reader = FileReader::try_new(File::open(path)?, None).map_err(io::Error::other)?;
    let mut out = csv::Writer::from_writer(Vec::new());
    out.write_record(reader.schema().fields().iter().map(|field| field.name()))?;
    for batch in reader {
        let batch = batch.map_err(io::Error::other)?;
        for row in 0..batch.num_rows() {
            for column in 0..batch.num_columns() {
                out.write_field(cell(&batch, row, column)?)?;
            }
            out.write_record(None::<&[u8]>)?;
        }
    }
    out.into_inner().map_err(csv::IntoInnerError::into_error)
}

fn cell(batch: &RecordBatch, row: usize, column: usize) -> io::Result<String> {
    let cells = batch.column(column);
    if cells.is_null(row) {
        return Ok(String::new());
    }
    match cells.data_type() {
        DataType::Utf8 => Ok(cells.as_string::<i32>().value(row).to_owned()),
        DataType::Float64 => Ok(number(cells.as_primitive::<Float64Type>().value(row))),
        DataType::Int64 => Ok(cells.as_primitive::<Int64Type>().value(row).to_string()),
        other => Err(io::Error::new(io::ErrorKind::InvalidData, format!("a column has cells of the type {other}"))),
    }
}
