//! Cells that a spreadsheet would take for formulas, and compute: `=cmd()` as the name of a case.
//!
//! An apostrophe before such a cell keeps it a text. It can be taken away again without loss: a cell that has the apostrophe
//! already gets another one.

use std::{
    fs,
    io::{self, Write},
    path::Path,
};

/// What begins a formula, or makes a spreadsheet look for one; the last four are what keyboards of East Asia give.
const BEGINS: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

const GUARD: char = '\'';

/// Whether a spreadsheet might compute a cell: one that is no number, and begins as a formula does behind any apostrophes.
pub fn is_formula(cell: &str) -> bool {
    cell.trim_start_matches(GUARD).starts_with(BEGINS) && cell.parse::<f64>().is_err()
}

/// A cell without the apostrophe that [`Defused`] gave it.
pub fn original(cell: &str) -> &str {
    cell.strip_prefix(GUARD).filter(|rest| is_formula(rest)).unwrap_or(cell)
}

/// Takes a CSV (RFC 4180, commas) and passes it on with an apostrophe before each formula.
pub struct Defused<'w> {
    out: &'w mut (dyn Write + Send),
    /// The cell that is being read, as it stands in the file.
    cell: Vec<u8>,
    quoted: bool,
}

impl<'w> Defused<'w> {
    /// Passes on to `out`.
    pub fn new(out: &'w mut (dyn Write + Send)) -> Self {
        Self { out, cell: Vec::new(), quoted: false }
    }

    /// Passes on what is left, of a file that does not end with its last line.
    ///
    /// # Errors
    /// What `out` says.
    pub fn end(&mut self) -> io::Result<()> {
        let (quote, text): (&[u8], &[u8]) = match self.cell.strip_prefix(b"\"") {
            Some(rest) => (b"\"", rest),
            None => (b"", &self.cell),
        };
        self.out.write_all(quote)?;
        // A path may be no UTF-8, and begins with what is.
        if is_formula(&String::from_utf8_lossy(text)) {
            self.out.write_all(&[GUARD as u8])?;
        }
        self.out.write_all(text)?;
        self.cell.clear();
        Ok(())
    }
}

impl Write for Defused<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for byte in bytes {
            match byte {
                b',' | b'\n' if !self.quoted => {
                    self.end()?;
                    self.out.write_all(&[*byte])?;
                }
                _ => {
                    self.quoted ^= *byte == b'"';
                    self.cell.push(*byte);
                }
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// A CSV without the apostrophes that it was given.
///
/// # Errors
/// If it is no CSV in UTF-8.
pub fn undone(table: &[u8]) -> io::Result<Vec<u8>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(table);
    let mut out = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    for record in reader.records() {
        out.write_record(record.map_err(io::Error::from)?.iter().map(original)).map_err(io::Error::from)?;
    }
    out.into_inner().map_err(csv::IntoInnerError::into_error)
}

/// Defuses every CSV in a folder that somebody else has filled; none if there is no such folder.
///
/// # Errors
/// Which file, and why not.
pub fn defuse_in(folder: &Path) -> Result<(), String> {
    let fail = |path: &Path, cause: io::Error| format!("cannot take formulas out of {}: {cause}", path.display());
    let entries = match fs::read_dir(folder) {
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(|cause| fail(folder, cause))?,
    };
    for entry in entries {
        let path = entry.map_err(|cause| fail(folder, cause))?.path();
        if path.extension().is_some_and(|end| end == "csv") {
            let rewrite = || {
                let (before, mut after) = (fs::read(&path)?, Vec::new());
                let mut out = Defused::new(&mut after);
                out.write_all(&before)?;
                out.end()?;
                fs::write(&path, after)
            };
            rewrite().map_err(|cause| fail(&path, cause))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn defused(cells: &[&str]) -> Vec<u8> {
        let mut made = Vec::new();
        let mut out = csv::Writer::from_writer(Defused::new(&mut made));
        out.write_record(cells).and_then(|()| Ok(out.flush()?)).expect("it is written");
        drop(out);
        made
    }

    #[test]
    fn formulas_become_texts_and_everything_else_stays_as_it_is() {
        let cells = ["=cmd()", "-5", "-5 HU", "a=b", "@x", "=a,\"b\"", "", "-1e-7", "'=x", "+A1", "\tx", "-inf", "＝1"];
        let text = String::from_utf8(defused(&cells)).expect("a text");
        let expected = "'=cmd(),-5,'-5 HU,a=b,'@x,\"'=a,\"\"b\"\"\",,-1e-7,''=x,'+A1,'\tx,-inf,'＝1\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn what_was_defused_comes_back() {
        let cells = ["'", "''", "'=", "''=x", "=", "'a", "it's", "-", "'-5", "-5", "\"=1\"", "\n=1", "x\r\n"];
        let back = undone(&defused(&cells)).expect("a table");
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(&back[..]);
        let row = reader.records().next().expect("a row").expect("cells");
        assert_eq!(row.iter().collect::<Vec<_>>(), cells);
        assert!(cells.iter().all(|cell| original(cell) == *cell || !defused(&[cell]).starts_with(cell.as_bytes())));
    }
}
