//! Files written line by line, independently of the reader.
#![allow(dead_code)] // every test binary uses its own part

use std::io::Write;
use std::path::Path;

use load_metaimage::{Contents, Fault, ReadError};
pub use voxomics_sdk::testing::TestFolder as Folder;

pub const LIMIT: u64 = 1 << 30;

/// A header to be; the default is 2 × 3 × 2 voxels of 16 bits, little-endian, in the same file, 1 mm at 0.
#[derive(Clone)]
pub struct Meta(Vec<(String, String)>);

impl Default for Meta {
    fn default() -> Self {
        let fields = [
            ("ObjectType", "Image"),
            ("NDims", "3"),
            ("BinaryData", "True"),
            ("BinaryDataByteOrderMSB", "False"),
            ("CompressedData", "False"),
            ("TransformMatrix", "1 0 0 0 1 0 0 0 1"),
            ("Offset", "0 0 0"),
            ("CenterOfRotation", "0 0 0"),
            ("ElementSpacing", "1 1 1"),
            ("DimSize", "2 3 2"),
            ("ElementType", "MET_SHORT"),
            ("ElementDataFile", "LOCAL"),
        ];
        Self(fields.map(|(field, value)| (field.into(), value.into())).into())
    }
}

impl Meta {
    /// With a field set to another value, or added before the last.
    pub fn set(mut self, field: &str, value: &str) -> Self {
        match self.0.iter_mut().find(|(name, _)| name == field) {
            Some(entry) => entry.1 = value.into(),
            None => self.0.insert(self.0.len() - 1, (field.into(), value.into())),
        }
        self
    }

    pub fn without(mut self, field: &str) -> Self {
        self.0.retain(|(name, _)| name != field);
        self
    }

    pub fn header(&self) -> String {
        self.0.iter().map(|(field, value)| format!("{field} = {value}\n")).collect()
    }

    pub fn file(&self, data: &[u8]) -> Vec<u8> {
        [self.header().as_bytes(), data].concat()
    }
}

/// The values 0 … 11 in 16 bits, little-endian.
pub fn twelve() -> Vec<u8> {
    (0..12_i16).flat_map(i16::to_le_bytes).collect()
}

pub fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub fn read(path: &Path) -> Result<Contents, ReadError> {
    load_metaimage::read(path, LIMIT)
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
