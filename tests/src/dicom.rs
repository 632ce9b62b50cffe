//! Scans and outlines as DICOM, written element by element: a test of reading must not lean on the program's own reader,
//! nor on the library that it stands on.
//!
//! Elements are those of DICOM PS3.3 and PS3.6, their encoding that of PS3.5.

use std::collections::BTreeMap;

use crate::nifti::Nifti;

/// Implicit VR, little-endian.
pub const IMPLICIT: &str = "1.2.840.10008.1.2";
/// Explicit VR, little-endian.
pub const EXPLICIT: &str = "1.2.840.10008.1.2.1";

/// Group and element of attributes that tests change.
#[allow(missing_docs)]
pub mod tags {
    pub const SOP_CLASS_UID: u32 = 0x0008_0016;
    pub const SOP_INSTANCE_UID: u32 = 0x0008_0018;
    pub const MODALITY: u32 = 0x0008_0060;
    pub const PATIENT_ID: u32 = 0x0010_0020;
    pub const KVP: u32 = 0x0018_0060;
    pub const SERIES_INSTANCE_UID: u32 = 0x0020_000E;
    pub const FRAME_OF_REFERENCE_UID: u32 = 0x0020_0052;
    pub const IMAGE_POSITION_PATIENT: u32 = 0x0020_0032;
    pub const IMAGE_ORIENTATION_PATIENT: u32 = 0x0020_0037;
    pub const ROWS: u32 = 0x0028_0010;
    pub const COLUMNS: u32 = 0x0028_0011;
    pub const PIXEL_SPACING: u32 = 0x0028_0030;
    pub const BITS_ALLOCATED: u32 = 0x0028_0100;
    pub const BITS_STORED: u32 = 0x0028_0101;
    pub const HIGH_BIT: u32 = 0x0028_0102;
    pub const PIXEL_REPRESENTATION: u32 = 0x0028_0103;
    pub const PIXEL_DATA: u32 = 0x7FE0_0010;
}
use tags::*;

/// Value of an element.
#[derive(Debug, Clone, PartialEq)]
enum Value {
    Bytes(Vec<u8>),
    Items(Vec<Object>),
    Fragments(Vec<Vec<u8>>),
}

/// A data set: elements by tag, each with its value representation.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Object(BTreeMap<u32, ([u8; 2], Value)>);

impl Object {
    /// With an element of text.
    pub fn text(self, tag: u32, vr: &str, text: &str) -> Self {
        let padding = if vr == "UI" { 0 } else { b' ' };
        let mut bytes = text.as_bytes().to_vec();
        bytes.resize(bytes.len().next_multiple_of(2), padding);
        self.bytes(tag, vr, bytes)
    }

    /// With numbers as text.
    pub fn decimals(self, tag: u32, numbers: &[f64]) -> Self {
        let numbers: Vec<String> = numbers.iter().map(f64::to_string).collect();
        self.text(tag, "DS", &numbers.join("\\"))
    }

    /// With a number of 16 bits.
    pub fn short(self, tag: u32, number: usize) -> Self {
        self.bytes(tag, "US", (number as u16).to_le_bytes().to_vec())
    }

    /// With bytes as they are.
    pub fn bytes(mut self, tag: u32, vr: &str, bytes: Vec<u8>) -> Self {
        self.0.insert(tag, (representation(vr), Value::Bytes(bytes)));
        self
    }

    /// With a sequence.
    pub fn items(mut self, tag: u32, items: Vec<Object>) -> Self {
        self.0.insert(tag, (*b"SQ", Value::Items(items)));
        self
    }

    /// With encapsulated pixels, an empty offset table before them.
    pub fn fragments(mut self, fragments: &[&[u8]]) -> Self {
        let even = |bytes: &&[u8]| [bytes, &[0][..bytes.len() % 2]].concat();
        let fragments = std::iter::once(Vec::new()).chain(fragments.iter().map(even)).collect();
        self.0.insert(PIXEL_DATA, (*b"OB", Value::Fragments(fragments)));
        self
    }

    /// Without an element.
    pub fn without(mut self, tag: u32) -> Self {
        self.0.remove(&tag);
        self
    }

    /// The data set, encoded; sequences are of undefined length.
    pub fn encoded(&self, explicit: bool) -> Vec<u8> {
        let mut out = Vec::new();
        for (tag, (vr, value)) in &self.0 {
            put_tag(&mut out, *tag);
            let long = matches!(vr, b"OB" | b"OW" | b"SQ" | b"UN");
            if explicit {
                out.extend(vr);
            }
            match value {
                Value::Items(items) => {
                    out.extend(if explicit { &[0, 0][..] } else { &[] });
                    out.extend([0xFF; 4]);
                    for item in items {
                        put_tag(&mut out, 0xFFFE_E000);
                        out.extend([0xFF; 4]);
                        out.extend(item.encoded(explicit));
                        put_tag(&mut out, 0xFFFE_E00D);
                        out.extend([0; 4]);
                    }
                    put_tag(&mut out, 0xFFFE_E0DD);
                    out.extend([0; 4]);
                }
                Value::Fragments(fragments) => {
                    out.extend([0, 0, 0xFF, 0xFF, 0xFF, 0xFF]);
                    for fragment in fragments {
                        put_tag(&mut out, 0xFFFE_E000);
                        out.extend((fragment.len() as u32).to_le_bytes());
                        out.extend(fragment);
                    }
                    put_tag(&mut out, 0xFFFE_E0DD);
                    out.extend([0; 4]);
                }
                Value::Bytes(bytes) => {
                    let length = bytes.len() as u32;
                    match (explicit, long) {
                        (true, false) => out.extend((length as u16).to_le_bytes()),
                        (true, true) => out.extend([&[0, 0][..], &length.to_le_bytes()].concat()),
                        (false, _) => out.extend(length.to_le_bytes()),
                    }
                    out.extend(bytes);
                }
            }
        }
        out
    }

    /// The file: preamble, file meta information, data set.
    pub fn file(&self, syntax: &str) -> Vec<u8> {
        let text = |tag| match self.0.get(&tag) {
            Some((_, Value::Bytes(bytes))) => bytes.clone(),
            _ => Vec::new(),
        };
        let meta = Self::default()
            .bytes(0x0002_0001, "OB", vec![0, 1])
            .bytes(0x0002_0002, "UI", text(SOP_CLASS_UID))
            .bytes(0x0002_0003, "UI", text(SOP_INSTANCE_UID))
            .text(0x0002_0010, "UI", syntax)
            .text(0x0002_0012, "UI", "1.2.3.4")
            .encoded(true);
        let length = Self::default().bytes(0x0002_0000, "UL", (meta.len() as u32).to_le_bytes().to_vec()).encoded(true);
        [&[0; 128][..], b"DICM", &length, &meta, &self.encoded(syntax != IMPLICIT)].concat()
    }
}

fn representation(vr: &str) -> [u8; 2] {
    vr.as_bytes().try_into().expect("two letters")
}

fn put_tag(out: &mut Vec<u8>, tag: u32) {
    out.extend(((tag >> 16) as u16).to_le_bytes());
    out.extend((tag as u16).to_le_bytes());
}

/// Where a scan is in the patient (LPS, mm): spacing and direction of its axes, and its first voxel.
fn placed(scan: &Nifti) -> ([f64; 3], [[f64; 3]; 3], [f64; 3]) {
    let lps = |column: usize| [-scan.rows[0][column], -scan.rows[1][column], scan.rows[2][column]];
    let spacing = [0, 1, 2].map(|axis| lps(axis).iter().map(|x| x * x).sum::<f64>().sqrt());
    // The sum brings −0 to 0, which reads better.
    let direction = [0, 1, 2].map(|axis| lps(axis).map(|x| x / spacing[axis] + 0.0));
    (spacing, direction, lps(3))
}

fn at([x, y, z]: [f64; 3], scan: &Nifti) -> [f64; 3] {
    let (spacing, direction, origin) = placed(scan);
    let index = [x, y, z];
    [0, 1, 2].map(|row| origin[row] + (0..3).map(|a| index[a] * spacing[a] * direction[a][row]).sum::<f64>())
}

fn of_patient(class: &str, modality: &str, instance: &str, series: &str) -> Object {
    Object::default()
        .text(SOP_CLASS_UID, "UI", class)
        .text(SOP_INSTANCE_UID, "UI", instance)
        .text(MODALITY, "CS", modality)
        .text(PATIENT_ID, "LO", "patient")
        .text(0x0020_000D, "UI", "1.2.1")
        .text(SERIES_INSTANCE_UID, "UI", series)
        .text(FRAME_OF_REFERENCE_UID, "UI", "1.2.9")
}

/// The slices of a CT of 16 bits, signed, as a series; the voltage of the tube is 120 kV.
///
/// # Panics
/// If the scan is not of 16 bits, signed.
pub fn series(scan: &Nifti, uid: &str) -> Vec<Object> {
    assert_eq!(scan.datatype, 4, "a scan of 16 bits");
    let (spacing, direction, _) = placed(scan);
    let [nx, ny, nz] = [scan.dims[0], scan.dims[1], scan.dims[2]];
    let slice = |z: usize| {
        let [u, v, _] = direction;
        of_patient("1.2.840.10008.5.1.4.1.1.2", "CT", &format!("{uid}.{}", z + 1), uid)
            .decimals(0x0018_0050, &[spacing[2]])
            .decimals(KVP, &[120.0])
            .decimals(IMAGE_POSITION_PATIENT, &at([0.0, 0.0, z as f64], scan))
            .decimals(IMAGE_ORIENTATION_PATIENT, &[u, v].concat())
            .decimals(PIXEL_SPACING, &[spacing[1], spacing[0]])
            .short(0x0028_0002, 1)
            .text(0x0028_0004, "CS", "MONOCHROME2")
            .short(ROWS, ny)
            .short(COLUMNS, nx)
            .short(BITS_ALLOCATED, 16)
            .short(BITS_STORED, 16)
            .short(HIGH_BIT, 15)
            .short(PIXEL_REPRESENTATION, 1)
            .decimals(0x0028_1052, &[0.0])
            .decimals(0x0028_1053, &[1.0])
            .bytes(PIXEL_DATA, "OW", scan.voxels[2 * nx * ny * z..2 * nx * ny * (z + 1)].to_vec())
    };
    (0..nz).map(slice).collect()
}

/// An RTSTRUCT on a series: regions by number, name and mask. In every row of a slice, the voxels of a mask that are 1
/// follow each other.
pub fn outlines(regions: &[(u32, &str, &Nifti)], series: &str) -> Object {
    let item = Object::default;
    let on_series = item().text(SERIES_INSTANCE_UID, "UI", series);
    let on_study = item().items(0x3006_0014, vec![on_series]);
    let on_frame = item().text(FRAME_OF_REFERENCE_UID, "UI", "1.2.9").items(0x3006_0012, vec![on_study]);
    let names = regions.iter().map(|(number, name, _)| {
        let named = item().text(0x3006_0022, "IS", &number.to_string()).text(0x3006_0026, "LO", name);
        named.text(0x3006_0024, "UI", "1.2.9")
    });
    let drawn = regions.iter().map(|(number, _, mask)| {
        let contour = |points: Vec<[f64; 3]>| {
            let contour = item().text(0x3006_0042, "CS", "CLOSED_PLANAR");
            contour.text(0x3006_0046, "IS", &points.len().to_string()).decimals(0x3006_0050, &points.concat())
        };
        let contours = (0..mask.dims[2]).map(|z| polygon(mask, z)).filter(|points| !points.is_empty());
        item().text(0x3006_0084, "IS", &number.to_string()).items(0x3006_0040, contours.map(contour).collect())
    });
    of_patient("1.2.840.10008.5.1.4.1.1.481.3", "RTSTRUCT", "1.2.7.1", "1.2.7")
        .text(0x3006_0002, "SH", "regions")
        .items(0x3006_0010, vec![on_frame])
        .items(0x3006_0020, names.collect())
        .items(0x3006_0039, drawn.collect())
}

/// The outline of a slice of a mask, along the edges of its voxels.
fn polygon(mask: &Nifti, z: usize) -> Vec<[f64; 3]> {
    let [nx, ny] = [mask.dims[0], mask.dims[1]];
    let (mut left, mut right) = (Vec::new(), Vec::new());
    for y in 0..ny {
        let row = &mask.voxels[(z * ny + y) * nx..][..nx];
        let (Some(first), Some(last)) = (row.iter().position(|v| *v == 1), row.iter().rposition(|v| *v == 1)) else {
            continue;
        };
        for edge in [y as f64 - 0.5, y as f64 + 0.5] {
            left.push([first as f64 - 0.5, edge, z as f64]);
            right.push([last as f64 + 0.5, edge, z as f64]);
        }
    }
    right.into_iter().chain(left.into_iter().rev()).map(|point| at(point, mask)).collect()
}

/// A SEG of one binary segment for each region, on the grid of its mask.
pub fn segmentation(regions: &[(u32, &str, &Nifti)], series: &str) -> Object {
    let item = Object::default;
    let first = regions[0].2;
    let ([sx, sy, sz], [u, v, _], _) = placed(first);
    let measures = item().decimals(PIXEL_SPACING, &[sy, sx]).decimals(0x0018_0088, &[sz]);
    let orientation = item().decimals(IMAGE_ORIENTATION_PATIENT, &[u, v].concat());
    let shared = item().items(0x0028_9110, vec![measures]).items(0x0020_9116, vec![orientation]);
    let (mut frames, mut bits) = (Vec::new(), Vec::new());
    for (number, _, mask) in regions {
        let slice = mask.dims[0] * mask.dims[1];
        for (z, voxels) in mask.voxels.chunks(slice).enumerate().filter(|(_, voxels)| voxels.contains(&1)) {
            let position = item().decimals(IMAGE_POSITION_PATIENT, &at([0.0, 0.0, z as f64], mask));
            let segment = item().short(0x0062_000B, *number as usize);
            frames.push(item().items(0x0020_9113, vec![position]).items(0x0062_000A, vec![segment]));
            bits.extend(voxels);
        }
    }
    let byte = |bits: &[u8]| bits.iter().rev().fold(0_u8, |byte, bit| byte << 1 | bit);
    let mut packed: Vec<u8> = bits.chunks(8).map(byte).collect();
    packed.resize(packed.len().next_multiple_of(2), 0);
    let named = |(number, name, _): &(u32, &str, &Nifti)| {
        item().short(0x0062_0004, *number as usize).text(0x0062_0005, "LO", name)
    };
    of_patient("1.2.840.10008.5.1.4.1.1.66.4", "SEG", "1.2.6.1", "1.2.6")
        .items(0x0008_1115, vec![item().text(SERIES_INSTANCE_UID, "UI", series)])
        .text(0x0062_0001, "CS", "BINARY")
        .items(0x0062_0002, regions.iter().map(named).collect())
        .short(0x0028_0002, 1)
        .text(0x0028_0004, "CS", "MONOCHROME2")
        .text(0x0028_0008, "IS", &frames.len().to_string())
        .short(ROWS, first.dims[1])
        .short(COLUMNS, first.dims[0])
        .short(BITS_ALLOCATED, 1)
        .short(BITS_STORED, 1)
        .short(HIGH_BIT, 0)
        .short(PIXEL_REPRESENTATION, 0)
        .items(0x5200_9229, vec![shared])
        .items(0x5200_9230, frames)
        .bytes(PIXEL_DATA, "OB", packed)
}
