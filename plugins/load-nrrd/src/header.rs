//! The header as text: fields, and pairs of key and value.

use std::collections::BTreeMap;
use std::io::{BufRead, Read};

use crate::error::Fault;

/// The longest header that is read, bytes; those of segmentations with hundreds of segments are a tenth of it.
pub const MAX_HEADER: u64 = 4 << 20;

/// The fields of the format, each with its second spelling, if it has one.
const FIELDS: [(&str, &str); 30] = [
    ("content", ""),
    ("number", ""),
    ("type", ""),
    ("block size", "blocksize"),
    ("dimension", ""),
    ("space", ""),
    ("space dimension", ""),
    ("sizes", ""),
    ("spacings", ""),
    ("thicknesses", ""),
    ("axis mins", "axismins"),
    ("axis maxs", "axismaxs"),
    ("space directions", ""),
    ("centers", "centerings"),
    ("kinds", ""),
    ("labels", ""),
    ("units", ""),
    ("min", ""),
    ("max", ""),
    ("old min", "oldmin"),
    ("old max", "oldmax"),
    ("data file", "datafile"),
    ("endian", ""),
    ("encoding", ""),
    ("line skip", "lineskip"),
    ("byte skip", "byteskip"),
    ("sample units", "sampleunits"),
    ("space units", ""),
    ("space origin", ""),
    ("measurement frame", ""),
];

/// A header, not yet understood.
#[derive(Debug, Default)]
pub struct Header {
    fields: BTreeMap<&'static str, String>,
    /// The values of the keys, with their escapes resolved; the last of a repeated key.
    pub pairs: BTreeMap<String, String>,
    /// Bytes up to and with the empty line.
    pub length: u64,
}

impl Header {
    /// Reads up to the empty line, or to the end of a file that has none because its data are in another.
    ///
    /// # Errors
    /// If the first line is not that of a NRRD file, or if another line is not what it must be.
    pub fn read(reader: &mut impl BufRead) -> Result<Self, Fault> {
        let mut header = Self::default();
        let mut line = Vec::new();
        header.next_line(reader, &mut line)?;
        check_magic(&line)?;
        for number in 2.. {
            if !header.next_line(reader, &mut line)? {
                return if header.fields.contains_key("data file") { Ok(header) } else { Err(Fault::HeaderTruncated) };
            }
            let text = String::from_utf8_lossy(&line);
            match text.trim_end_matches(['\r', '\n']) {
                "" => break,
                comment if comment.starts_with('#') => {}
                text => header.take(number, text)?,
            }
            // What follows a list of files are their names, and no fields.
            if header.get("data file").is_some_and(is_list) {
                return Ok(header);
            }
        }
        Ok(header)
    }

    /// The value of a field.
    pub fn get(&self, field: &str) -> Option<&str> {
        self.fields.get(field).map(String::as_str)
    }

    /// The value of a field that must be there.
    ///
    /// # Errors
    /// If it is not.
    pub fn need(&self, field: &'static str) -> Result<&str, Fault> {
        self.get(field).ok_or(Fault::Missing { field })
    }

    fn next_line(&mut self, reader: &mut impl BufRead, line: &mut Vec<u8>) -> Result<bool, Fault> {
        line.clear();
        let count = reader.take(MAX_HEADER - self.length).read_until(b'\n', line)?;
        self.length += count as u64;
        if self.length >= MAX_HEADER {
            return Err(Fault::HeaderTooLong { limit: MAX_HEADER });
        }
        Ok(count > 0)
    }

    fn take(&mut self, number: usize, text: &str) -> Result<(), Fault> {
        let pair = text.split_once(":=");
        let field = text.split_once(": ").or_else(|| text.strip_suffix(':').map(|name| (name, "")));
        // A key may hold a colon and a value may hold ":=": what comes first decides.
        let field = field.filter(|(name, _)| pair.is_none_or(|(key, _)| name.len() < key.len()));
        match (field.and_then(|(name, value)| Some((known(name)?, value))), field, pair) {
            (Some((field, value)), _, _) => match self.fields.insert(field, value.trim().into()) {
                Some(_) => Err(Fault::Repeated { field }),
                None => Ok(()),
            },
            (None, _, Some((key, value))) => {
                self.pairs.insert(unescaped(key), unescaped(value));
                Ok(())
            }
            (None, Some((name, _)), None) => Err(Fault::UnknownField { number, found: name.into() }),
            (None, None, None) => Err(Fault::Line { number, found: text.chars().take(80).collect() }),
        }
    }
}

/// Whether the value of `data file` says that the names of several files follow.
pub fn is_list(data_file: &str) -> bool {
    matches!(data_file.split_whitespace().next(), Some("LIST" | "SKIPLIST"))
}

fn known(name: &str) -> Option<&'static str> {
    let name = name.trim();
    let is = |spelling: &str| spelling.eq_ignore_ascii_case(name);
    FIELDS.iter().find(|(first, second)| is(first) || (!second.is_empty() && is(second))).map(|(first, _)| *first)
}

fn check_magic(line: &[u8]) -> Result<(), Fault> {
    let magic = line.trim_ascii_end();
    let not = || Fault::NotNrrd { start: line[..line.len().min(16)].to_vec() };
    let version = magic.strip_prefix(b"NRRD").filter(|version| version.len() == 4).ok_or_else(not)?;
    match version {
        [b'0', b'0', b'0', b'1'..=b'5'] => Ok(()),
        digits if digits.iter().all(u8::is_ascii_digit) => {
            Err(Fault::Version { found: String::from_utf8_lossy(digits).into_owned() })
        }
        _ => Err(not()),
    }
}

/// `\n` and `\\` as they are meant.
fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (c, chars.as_str().chars().next()) {
            ('\\', Some('n')) => out.push('\n'),
            ('\\', Some('\\')) => out.push('\\'),
            _ => {
                out.push(c);
                continue;
            }
        }
        chars.next();
    }
    out
}
