//! Files written line by line, independently of the reader.
#![allow(dead_code)] // every test binary uses its own part

use std::io::Write;
use std::path::Path;

use load_nrrd::{Contents, Fault, ReadError};
pub use voxomics_sdk::testing::TestFolder as Folder;

pub const LIMIT: u64 = 1 << 30;

/// A header to be; the default is 2 × 3 × 2 voxels of 16 bits, little-endian, raw, 1 mm at 0, LPS.
#[derive(Clone)]
pub struct Nrrd(Vec<(String, String)>);

impl Default for Nrrd {
    fn default() -> Self {
        let fields = [
            ("type", "short"),
            ("dimension", "3"),
            ("space", "left-posterior-superior"),
            ("sizes", "2 3 2"),
            ("space directions", "(1,0,0) (0,1,0) (0,0,1)"),
            ("kinds", "domain domain domain"),
            ("endian", "little"),
            ("encoding", "raw"),
            ("space origin", "(0,0,0)"),
        ];
        Self(fields.map(|(field, value)| (field.into(), value.into())).into())
    }
}

impl Nrrd {
    /// With a field set to another value, or added.
    pub fn set(mut self, field: &str, value: &str) -> Self {
        match self.0.iter_mut().find(|(name, _)| name == field) {
            Some(entry) => entry.1 = value.into(),
            None => self.0.push((field.into(), value.into())),
        }
        self
    }

    pub fn without(mut self, field: &str) -> Self {
        self.0.retain(|(name, _)| name != field);
        self
    }

    /// The header up to but without the empty line.
    pub fn header(&self) -> String {
        let lines = self.0.iter().map(|(field, value)| match field.strip_suffix(":=") {
            Some(key) => format!("{key}:={value}\n"),
            None => format!("{field}: {value}\n"),
        });
        format!("NRRD0005\n# a comment\n{}", lines.collect::<String>())
    }

    pub fn file(&self, data: &[u8]) -> Vec<u8> {
        [self.header().as_bytes(), b"\n", data].concat()
    }
}

/// The values 0 … 11 in 16 bits, little-endian.
pub fn twelve() -> Vec<u8> {
    (0..12_i16).flat_map(i16::to_le_bytes).collect()
}

pub fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::GzBuilder::new().write(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub fn read(path: &Path) -> Result<Contents, ReadError> {
    load_nrrd::read(path, LIMIT)
}

pub fn fault(path: &Path) -> Fault {
    let error = read(path).unwrap_err();
    assert!(error.to_string().contains("expected") || error.to_string().contains(';'), "{error}");
    error.fault
}

/// The stored values of 16 bits.
pub fn values(contents: &Contents) -> Vec<i16> {
    contents.scan.voxels.chunks_exact(2).map(|bytes| i16::from_ne_bytes([bytes[0], bytes[1]])).collect()
}
