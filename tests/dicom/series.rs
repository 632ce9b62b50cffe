//! Series to measure with, and what merely reading them takes.
//!
//! ```text
//! cargo run --release -p voxomics-tests --example dicom_series -- make FOLDER    134 slices of 512 × 512, an RTSTRUCT of 10 regions
//! cargo run --release -p voxomics-tests --example dicom_series -- many FOLDER    2,000 files: 20 series of 100 slices
//! cargo run --release -p voxomics-tests --example dicom_series -- read FOLDER    reads and decodes the pixels of a folder
//! ```

use std::{fs, path::Path};

use voxomics_tests::{
    dicom::{self, EXPLICIT},
    nifti::{Nifti, straight},
    scene::noise,
};

fn write(folder: &Path, scan: &Nifti, uid: &str) {
    fs::create_dir_all(folder).expect("a folder");
    for (index, slice) in dicom::series(scan, uid).iter().enumerate() {
        fs::write(folder.join(format!("{index:04}.dcm")), slice.file(EXPLICIT)).expect("a file");
    }
}

fn make(folder: &Path) {
    let dims = [512, 512, 134];
    let rows = straight([0.8, 0.8, 2.5], [-200.0, -200.0, -300.0]);
    write(&folder.join("ct"), &Nifti::new(dims, rows, |index| noise(1, index) - 100), "1.2.2");
    // Balls of 16 to 43 mm in two rows.
    let ball = |number: u32| {
        let centre = [80.0 + 80.0 * f64::from(number % 5), 150.0 + 160.0 * f64::from(number / 5), 67.0];
        let radius = 16.0 + 3.0 * f64::from(number);
        let is_in = move |index: [usize; 3]| {
            let mm = |axis: usize, step: f64| ((index[axis] as f64 - centre[axis]) * step).powi(2);
            u8::from(mm(0, 0.8) + mm(1, 0.8) + mm(2, 2.5) <= radius * radius)
        };
        Nifti::new(dims, rows, is_in)
    };
    let masks: Vec<Nifti> = (0..10).map(ball).collect();
    let names: Vec<String> = (1..=10).map(|number| format!("region {number}")).collect();
    let regions: Vec<(u32, &str, &Nifti)> =
        (1..).zip(&names).zip(&masks).map(|((number, name), mask)| (number, name.as_str(), mask)).collect();
    fs::write(folder.join("rs.dcm"), dicom::outlines(&regions, "1.2.2").file(EXPLICIT)).expect("a file");
}

fn many(folder: &Path) {
    for series in 0..20 {
        let rows = straight([1.0, 1.0, 2.0], [0.0; 3]);
        let scan = Nifti::new([64, 64, 100], rows, |index| noise(series, index));
        write(&folder.join(format!("p{series}/ct")), &scan, &format!("1.2.2.{series}"));
    }
}

/// The sum of all pixels: what nobody reads, nobody decodes.
fn read(folder: &Path) {
    let mut voxels: Vec<i16> = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let bytes = fs::read(entry.expect("an entry").path()).expect("a file");
        let tag = [0xE0, 0x7F, 0x10, 0x00, b'O', b'W', 0, 0];
        let at = bytes.windows(8).position(|window| window == tag).expect("pixels") + 12;
        voxels.extend(bytes[at..].as_chunks::<2>().0.iter().map(|word| i16::from_le_bytes(*word)));
    }
    let sum: i64 = voxels.iter().map(|voxel| i64::from(*voxel)).sum();
    println!("{} voxels, sum {sum}", voxels.len());
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["make", folder] => make(Path::new(folder)),
        ["many", folder] => many(Path::new(folder)),
        ["read", folder] => read(Path::new(folder)),
        _ => eprintln!("expected make, many or read, and a folder"),
    }
}
