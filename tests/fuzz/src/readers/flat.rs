//! DICOM pictures in two dimensions.

use std::path::Path;

use load_dicom::Dicom;
use voxomics_sdk::{LoadRequest, Loader, Role, Selection, testing};
use voxomics_tests::dicom::{EXPLICIT, IMPLICIT, Object, tags};

use super::{Case, MAX_BYTES, Outcome, Reader, load, refused};

/// Ultrasound, radiographs and captures, in grey, in colour and with a palette.
pub const PICTURES: Reader = Reader { name: "dicom-pictures", words: WORDS, cases, read };

const WORDS: &[&str] = &[
    "RGB",
    "YBR_FULL",
    "YBR_FULL_422",
    "YBR_ICT",
    "PALETTE COLOR",
    "MONOCHROME2",
    "1.2.840.10008.5.1.4.1.1.6.1",
    "1.2.840.10008.5.1.4.1.1.7",
    "1.2.840.10008.1.2.5",
    "US",
    "FD",
    "UL",
    "\u{0}\u{0}",
];

const SIZE: [usize; 2] = [4, 2];

/// With a channel, and without.
fn read(folder: &Path, case: &Case) -> Result<Outcome, String> {
    let mut outcome = Outcome::Refused("nothing was read".into());
    for json in ["{}", r#"{"channel": "luminance"}"#, r#"{"channel": "blue", "pixel_mm": [0.5, 0.5]}"#] {
        let settings = testing::settings(&Dicom::describe(), json).map_err(|wrong| format!("{wrong:?}"))?;
        let loader = Dicom::configure(&settings).map_err(|error| error.to_string())?;
        let host = testing::TestHost::new();
        if let Err(error) = loader.survey(folder, &host.context()) {
            refused(&error)?;
        }
        let path = folder.join(&case.files[0].0);
        let selection = Selection::default();
        let request = LoadRequest { path, role: Role::Image, reference: None, selection, max_bytes: MAX_BYTES };
        if let Outcome::Read = load(&loader, &request, case)? {
            outcome = Outcome::Read;
        }
    }
    Ok(outcome)
}

fn picture(class: &str) -> Object {
    Object::default()
        .text(tags::SOP_CLASS_UID, "UI", class)
        .text(tags::SOP_INSTANCE_UID, "UI", "1.4.1")
        .text(tags::SERIES_INSTANCE_UID, "UI", "1.4")
        .text(tags::MODALITY, "CS", "US")
        .short(0x0028_0002, 1)
        .text(0x0028_0004, "CS", "MONOCHROME2")
        .short(tags::ROWS, SIZE[1])
        .short(tags::COLUMNS, SIZE[0])
        .short(tags::BITS_ALLOCATED, 8)
        .short(tags::BITS_STORED, 8)
        .short(tags::HIGH_BIT, 7)
        .short(tags::PIXEL_REPRESENTATION, 0)
        .bytes(tags::PIXEL_DATA, "OB", (0..8).collect())
}

fn ultrasound() -> Object {
    let long = |value: u32| value.to_le_bytes().to_vec();
    let double = |value: f64| value.to_le_bytes().to_vec();
    let region = Object::default()
        .short(0x0018_6012, 1)
        .bytes(0x0018_6018, "UL", long(0))
        .bytes(0x0018_601A, "UL", long(0))
        .bytes(0x0018_601C, "UL", long(3))
        .bytes(0x0018_601E, "UL", long(1))
        .short(0x0018_6024, 3)
        .short(0x0018_6026, 3)
        .bytes(0x0018_602C, "FD", double(0.04))
        .bytes(0x0018_602E, "FD", double(0.05));
    picture("1.2.840.10008.5.1.4.1.1.6.1").items(0x0018_6011, vec![region])
}

fn coloured(kind: &str, planes: usize, bytes: usize) -> Object {
    let pixels = (0..bytes).map(|value| (7 * value) as u8).collect();
    let file = ultrasound().short(0x0028_0002, 3).text(0x0028_0004, "CS", kind).short(0x0028_0006, planes);
    file.bytes(tags::PIXEL_DATA, "OB", pixels)
}

fn palette() -> Object {
    let descriptor = || [8_u16, 0, 16].iter().flat_map(|number| number.to_le_bytes()).collect::<Vec<u8>>();
    let entries = |factor: u16| (0..8_u16).flat_map(|entry| (factor * entry).to_le_bytes()).collect::<Vec<u8>>();
    let mut file = ultrasound().text(0x0028_0004, "CS", "PALETTE COLOR");
    for (index, factor) in (1..=3).zip([100, 200, 300]) {
        file = file.bytes(0x0028_1100 + index, "US", descriptor()).bytes(0x0028_1200 + index, "OW", entries(factor));
    }
    file
}

/// Three segments of eight bytes each, written out.
fn run_lengths() -> Vec<u8> {
    let mut words = [0_u32; 16];
    words[..4].copy_from_slice(&[3, 64, 74, 84]);
    let mut bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    for plane in 0..3_u8 {
        bytes.push(7);
        bytes.extend((0..8).map(|pixel| 20 * plane + pixel));
        bytes.push(0x80);
    }
    bytes
}

fn cases() -> Vec<Case> {
    let one = |object: Object, syntax: &str| Case::one("0.dcm", object.file(syntax));
    let detector =
        picture("1.2.840.10008.5.1.4.1.1.1").decimals(0x0018_1164, &[0.2, 0.2]).decimals(0x0018_1114, &[1.5]);
    vec![
        one(ultrasound(), EXPLICIT),
        one(ultrasound(), IMPLICIT),
        one(detector, EXPLICIT),
        one(picture("1.2.840.10008.5.1.4.1.1.7").decimals(tags::PIXEL_SPACING, &[1.0, 1.0]), EXPLICIT),
        one(coloured("RGB", 0, 24), EXPLICIT),
        one(coloured("YBR_FULL", 1, 24), EXPLICIT),
        one(coloured("YBR_FULL_422", 0, 16), EXPLICIT),
        one(coloured("RGB", 0, 24).fragments(&[&run_lengths()]), "1.2.840.10008.1.2.5"),
        one(palette(), EXPLICIT),
    ]
}
