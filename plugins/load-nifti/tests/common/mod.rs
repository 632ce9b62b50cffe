//! Files written byte by byte, independently of the reader.
#![allow(dead_code)] // every test binary uses its own part

use std::io::Write;
use std::path::Path;

pub use voxomics_sdk::testing::TestFolder as Folder;

pub const LIMIT: u64 = 1 << 30;

/// A header to be; the default is NIfTI-1, little-endian, one file, 2 × 3 × 2 voxels of 16 bits, sform = 1 mm at 0.
#[derive(Clone)]
pub struct Nifti {
    pub two: bool,
    pub big: bool,
    pub magic: Vec<u8>,
    pub dim: Vec<i64>,
    pub datatype: i16,
    pub bitpix: i16,
    pub pixdim: [f64; 8],
    pub vox_offset: f64,
    pub slope: f64,
    pub intercept: f64,
    pub units: u8,
    pub qform_code: i16,
    pub sform_code: i16,
    pub quaternion: [f64; 3],
    pub offset: [f64; 3],
    pub rows: [[f64; 4]; 3],
}

impl Default for Nifti {
    fn default() -> Self {
        Self {
            two: false,
            big: false,
            magic: b"n+1\0".to_vec(),
            dim: vec![3, 2, 3, 2, 1, 1, 1, 1],
            datatype: 4,
            bitpix: 16,
            pixdim: [1.0; 8],
            vox_offset: 352.0,
            slope: 0.0,
            intercept: 0.0,
            units: 2,
            qform_code: 0,
            sform_code: 1,
            quaternion: [0.0; 3],
            offset: [0.0; 3],
            rows: [[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0]],
        }
    }
}

impl Nifti {
    pub fn two() -> Self {
        Self { two: true, magic: b"n+2\0\r\n\x1a\n".to_vec(), vox_offset: 544.0, ..Self::default() }
    }

    pub fn pair(mut self) -> Self {
        self.magic[1] = b'i';
        self.vox_offset = 0.0;
        self
    }

    pub fn header(&self) -> Vec<u8> {
        if self.two { self.header_2() } else { self.header_1() }
    }

    /// Header, four bytes of extender, voxels.
    pub fn file(&self, voxels: &[u8]) -> Vec<u8> {
        [&self.header()[..], &[0; 4], voxels].concat()
    }

    fn header_1(&self) -> Vec<u8> {
        let mut out = Out { bytes: vec![0; 348], big: self.big };
        out.put(0, 348_i32.to_le_bytes());
        for (i, &size) in self.dim.iter().enumerate() {
            out.put(40 + 2 * i, (size as i16).to_le_bytes());
        }
        out.put(70, self.datatype.to_le_bytes());
        out.put(72, self.bitpix.to_le_bytes());
        out.f32(76, &self.pixdim);
        out.f32(108, &[self.vox_offset, self.slope, self.intercept]);
        out.bytes[123] = self.units;
        out.put(252, self.qform_code.to_le_bytes());
        out.put(254, self.sform_code.to_le_bytes());
        out.f32(256, &self.quaternion);
        out.f32(268, &self.offset);
        out.f32(280, self.rows.as_flattened());
        out.bytes[344..344 + self.magic.len()].copy_from_slice(&self.magic);
        out.bytes
    }

    fn header_2(&self) -> Vec<u8> {
        let mut out = Out { bytes: vec![0; 540], big: self.big };
        out.put(0, 540_i32.to_le_bytes());
        out.bytes[4..4 + self.magic.len()].copy_from_slice(&self.magic);
        out.put(12, self.datatype.to_le_bytes());
        out.put(14, self.bitpix.to_le_bytes());
        for (i, &size) in self.dim.iter().enumerate() {
            out.put(16 + 8 * i, size.to_le_bytes());
        }
        out.f64(104, &self.pixdim);
        out.put(168, (self.vox_offset as i64).to_le_bytes());
        out.f64(176, &[self.slope, self.intercept]);
        out.put(344, i32::from(self.qform_code).to_le_bytes());
        out.put(348, i32::from(self.sform_code).to_le_bytes());
        out.f64(352, &self.quaternion);
        out.f64(376, &self.offset);
        out.f64(400, self.rows.as_flattened());
        out.put(500, i32::from(self.units).to_le_bytes());
        out.bytes
    }
}

struct Out {
    bytes: Vec<u8>,
    big: bool,
}

impl Out {
    fn put<const N: usize>(&mut self, at: usize, mut little: [u8; N]) {
        if self.big {
            little.reverse();
        }
        self.bytes[at..at + N].copy_from_slice(&little);
    }

    fn f32(&mut self, at: usize, values: &[f64]) {
        for (i, &value) in values.iter().enumerate() {
            self.put(at + 4 * i, (value as f32).to_le_bytes());
        }
    }

    fn f64(&mut self, at: usize, values: &[f64]) {
        for (i, value) in values.iter().enumerate() {
            self.put(at + 8 * i, value.to_le_bytes());
        }
    }
}

pub fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Twelve voxels of 16 bits, 0 to 11, little-endian.
pub fn twelve() -> Vec<u8> {
    (0..12_i16).flat_map(i16::to_le_bytes).collect()
}

pub fn read(path: &Path) -> Result<load_nifti::Scan, load_nifti::ReadError> {
    load_nifti::read(path, None, LIMIT)
}

pub fn fault(path: &Path) -> load_nifti::Fault {
    let error = read(path).expect_err("the file should be refused");
    let message = error.to_string();
    assert!(message.starts_with(&path.display().to_string()), "{message}");
    assert!(message.contains(';') || message.contains("check"), "says what to do: {message}");
    println!("{message}");
    error.fault
}
