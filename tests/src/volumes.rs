//! Volumes that the program writes, read without it.

use std::{fs::File, io::Read as _, path::Path};

use flate2::read::{GzDecoder, MultiGzDecoder};

/// A volume.
#[derive(Debug, Clone, PartialEq)]
pub struct Volume {
    /// Number of voxels along *x*, *y*, *z*.
    pub dims: [usize; 3],
    /// Centre of the first voxel, mm, LPS.
    pub origin: [f64; 3],
    /// For each axis the way from a voxel to the next, mm, LPS.
    pub steps: [[f64; 3]; 3],
    /// The voxels, *x* fastest.
    pub voxels: Vec<f64>,
}

/// A compressed NIfTI-1 file of 64-bit numbers, the least significant byte first.
pub fn read_nifti(path: &Path) -> Volume {
    let file = File::open(path).unwrap_or_else(|cause| panic!("{}: {cause}", path.display()));
    let mut bytes = Vec::new();
    MultiGzDecoder::new(file).read_to_end(&mut bytes).expect("it is compressed");
    let short = |at: usize| i16::from_le_bytes([bytes[at], bytes[at + 1]]);
    let single = |at: usize| f64::from(f32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes")));
    assert_eq!((short(70), short(254)), (64, 1), "float64, and an sform");
    let rows: [[f64; 4]; 3] = [280, 296, 312].map(|row| [0, 4, 8, 12].map(|column| single(row + column)));
    // NIfTI is RAS.
    let sign = [-1.0, -1.0, 1.0];
    let data = single(108) as usize;
    Volume {
        dims: [42, 44, 46].map(|at| short(at) as usize),
        origin: std::array::from_fn(|row| sign[row] * rows[row][3]),
        steps: std::array::from_fn(|axis| std::array::from_fn(|row| sign[row] * rows[row][axis])),
        voxels: doubles(&bytes[data..]),
    }
}

/// An NRRD file as the program writes it.
pub fn read_nrrd(path: &Path) -> Volume {
    let bytes = std::fs::read(path).unwrap_or_else(|cause| panic!("{}: {cause}", path.display()));
    let end = bytes.windows(2).position(|pair| pair == b"\n\n").expect("a header ends with an empty line");
    let header = String::from_utf8(bytes[..end].to_vec()).expect("a text");
    let field = |key: &str| {
        let line = header.lines().find_map(|line| line.strip_prefix(&format!("{key}: ")));
        line.unwrap_or_else(|| panic!("no {key} in\n{header}")).to_owned()
    };
    let vector = |text: &str| -> [f64; 3] {
        let numbers = text.trim_matches(['(', ')']).split(',').map(|n| n.parse().expect("a number"));
        numbers.collect::<Vec<f64>>().try_into().expect("three numbers")
    };
    assert_eq!([field("type"), field("encoding"), field("endian")], ["double", "gzip", "little"]);
    assert_eq!(field("space"), "left-posterior-superior");
    let sizes: Vec<usize> = field("sizes").split(' ').map(|n| n.parse().expect("a number")).collect();
    let steps: Vec<[f64; 3]> = field("space directions").split(' ').map(vector).collect();
    let mut data = Vec::new();
    GzDecoder::new(&bytes[end + 2..]).read_to_end(&mut data).expect("it is compressed");
    Volume {
        dims: sizes.try_into().expect("three axes"),
        origin: vector(&field("space origin")),
        steps: steps.try_into().expect("three axes"),
        voxels: doubles(&data),
    }
}

fn doubles(bytes: &[u8]) -> Vec<f64> {
    bytes.chunks_exact(8).map(|number| f64::from_le_bytes(number.try_into().expect("eight bytes"))).collect()
}
