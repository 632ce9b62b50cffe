//! A table as files: as CSV, and beside it for programs, from the same rows.

use std::io::{self, Write};

use voxomics_base::table::number;

use super::{
    columnar::Columnar,
    folder::Folder,
    sheet::{Also, Heading, Sheet},
};

struct Csv<W: Write>(csv::Writer<W>);

impl<W: Write> Sheet for Csv<W> {
    fn cell(&mut self, written: &str, _: &str) -> io::Result<()> {
        Ok(self.0.write_field(written)?)
    }

    fn number(&mut self, cell: Option<f64>) -> io::Result<()> {
        Ok(self.0.write_field(cell.map(number).unwrap_or_default())?)
    }

    fn end_row(&mut self) -> io::Result<()> {
        Ok(self.0.write_record(None::<&[u8]>)?)
    }
}

/// Writes a table as `STEM.csv`, and as `STEM.parquet` and so on; `fill` gives the rows, once for each file.
///
/// # Errors
/// Which file, and why not.
pub fn write(
    folder: &Folder,
    stem: &str,
    headings: &[Heading],
    also: &[Also],
    fill: &dyn Fn(&mut dyn Sheet) -> io::Result<()>,
) -> Result<(), String> {
    folder.write(&format!("{stem}.csv"), |out| {
        let mut sheet = Csv(csv::Writer::from_writer(out));
        sheet.0.write_record(headings.iter().map(|heading| &heading.name))?;
        fill(&mut sheet)?;
        sheet.0.flush()
    })?;
    for (word, format) in Also::WORDS {
        let name = format!("{stem}.{word}");
        if !also.contains(&format) {
            folder.remove(&name)?;
            continue;
        }
        folder.write(&name, |out| {
            let mut sheet = Columnar::new(out, format, stem, headings)?;
            fill(&mut sheet)?;
            sheet.finish()
        })?;
    }
    Ok(())
}

/// Takes a table away in every format.
///
/// # Errors
/// Which file, and why not.
pub fn remove(folder: &Folder, stem: &str) -> Result<(), String> {
    let mut ends = ["csv"].into_iter().chain(Also::WORDS.map(|(word, _)| word));
    ends.try_for_each(|end| folder.remove(&format!("{stem}.{end}")))
}
