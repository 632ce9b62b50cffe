//! The header as text: fields.

use std::collections::BTreeMap;
use std::io::{BufRead, Read};

use crate::error::Fault;

/// The longest header that is read, bytes.
pub const MAX_HEADER: u64 = 1 << 20;

/// The field that ends a header.
const LAST: &str = "ElementDataFile";

/// A header, not yet understood.
#[derive(Debug, Default)]
pub struct Header {
    fields: BTreeMap<String, String>,
    /// Bytes up to and with the last line.
    pub length: u64,
}

impl Header {
    /// Reads up to the line `ElementDataFile`.
    ///
    /// # Errors
    /// If the first line is no field, if another line is none, or if a field is there twice.
    pub fn read(reader: &mut impl BufRead) -> Result<Self, Fault> {
        let mut header = Self::default();
        let mut line = Vec::new();
        for number in 1.. {
            line.clear();
            let count = reader.take(MAX_HEADER - header.length).read_until(b'\n', &mut line)?;
            header.length += count as u64;
            let text = String::from_utf8_lossy(&line);
            let field = text.split_once('=').map(|(name, value)| (name.trim(), value.trim()));
            match field {
                _ if number == 1 && !starts(&line) => {
                    return Err(Fault::NotMetaImage { start: line[..line.len().min(16)].to_vec() });
                }
                _ if header.length >= MAX_HEADER => return Err(Fault::HeaderTooLong { limit: MAX_HEADER }),
                _ if count == 0 => break,
                Some((name, value)) => {
                    let last = name == LAST;
                    if header.fields.insert(name.into(), value.into()).is_some() {
                        return Err(Fault::Repeated { field: name.into() });
                    }
                    if last {
                        return Ok(header);
                    }
                }
                None if text.trim().is_empty() => {}
                None => return Err(Fault::Line { number, found: text.trim().chars().take(80).collect() }),
            }
        }
        Err(Fault::HeaderTruncated)
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

    /// How many axes `NDims` says that there are; [`Layout::of`](crate::layout::Layout::of) has checked that there are as
    /// many sizes.
    pub fn axes(&self) -> usize {
        self.get("NDims").and_then(|text| text.parse().ok()).unwrap_or(3)
    }

    /// What the field of several names for the same says, with the name that the header uses.
    ///
    /// # Errors
    /// If one of them cannot be read, or if two of them are there and say different things.
    pub fn one_of<T: PartialEq>(
        &self,
        names: &[&'static str],
        read: impl Fn(&'static str, &str) -> Result<T, Fault>,
    ) -> Result<Option<(&'static str, T)>, Fault> {
        let mut first: Option<(&'static str, &str, T)> = None;
        for name in names {
            let Some(text) = self.get(name) else { continue };
            let found = read(name, text)?;
            match &first {
                None => first = Some((name, text, found)),
                Some((other, expected, value)) if *value != found => {
                    let expected = format!("\"{expected}\", as `{other}` says; delete the one that is wrong");
                    return Err(Fault::Value { field: name, found: text.into(), expected });
                }
                Some(_) => {}
            }
        }
        Ok(first.map(|(name, _, value)| (name, value)))
    }
}

/// Whether a file starts with one of the fields that come first.
pub fn starts(head: &[u8]) -> bool {
    let Some(at) = head.iter().position(|c| *c == b'=') else { return false };
    let name = head[..at].trim_ascii();
    [&b"ObjectType"[..], b"NDims", b"Comment"].contains(&name)
}
