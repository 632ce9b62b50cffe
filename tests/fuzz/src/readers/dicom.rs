//! DICOM: series, RTSTRUCT, SEG.

use std::{io::Write as _, path::Path, sync::LazyLock};

use load_dicom::Dicom;
use voxomics_sdk::{Grid, LoadRequest, Loader, Role, Selection, testing::TestHost};
use voxomics_tests::{
    dicom::{self, EXPLICIT, IMPLICIT, Object, tags},
    nifti::{Nifti, straight},
};

use super::{Case, MAX_BYTES, Outcome, Reader, load, loader, refused, streams};

/// Series of CT, MR and PET, slice by slice and multi-frame, in every way of encoding.
pub const SERIES: Reader = Reader { name: "dicom-series", words: WORDS, cases: series, read: read_series };
/// Outlines.
pub const RTSTRUCT: Reader = Reader { name: "rtstruct", words: WORDS, cases: rtstruct, read: read_outlines };
/// Segmentations in frames.
pub const SEG: Reader = Reader { name: "seg", words: WORDS, cases: seg, read: read_outlines };

/// Delimiters, elements and values; a NUL or two where lengths are.
const WORDS: &[&str] = &[
    "\u{0}\u{0}",
    "SQ\u{0}\u{0}",
    "OB\u{0}\u{0}",
    "OW\u{0}\u{0}",
    "UN\u{0}\u{0}",
    "DS",
    "IS",
    "US",
    "UI",
    "FD",
    "\\",
    "\\\\",
    "-",
    " ",
    "CLOSED_PLANAR",
    "POINT",
    "OPEN_PLANAR",
    "BINARY",
    "FRACTIONAL",
    "MONOCHROME1",
    "LOCALIZER",
    "DERIVED\\SECONDARY",
    "BQML",
    "GML",
    "CNTS",
    "CPS",
    "LBMJANMA",
    "NONE",
    "ADMIN",
    "MOSAIC",
    "VFRAME",
    "GE MEDICAL SYSTEMS",
    "1.2.840.10008.1.2.2",
    "1.2.840.10008.1.2.5",
    "1.2.840.10008.1.2.4.70",
    "1.2.840.10008.1.2.4.90",
    "0.00001",
    "1e-9",
];

const SERIES_UID: &str = "1.2.2";
const DIMS: [usize; 3] = [8, 6, 3];

fn scan() -> Nifti {
    Nifti::new(DIMS, straight([1.0, 1.25, 2.0], [-20.0, 12.5, -300.0]), |[x, y, z]| (x * y) as i16 - 20 * z as i16)
}

fn mask(shift: usize) -> Nifti {
    scan().map(|[x, y, z]| u8::from((2..6).contains(&(x + shift)) && (1..5).contains(&y) && z < 2))
}

fn folder(slices: &[Object], syntax: &str) -> Case {
    let file = |(index, slice): (usize, &Object)| (format!("{index}.dcm"), slice.file(syntax));
    Case { files: slices.iter().enumerate().map(file).collect(), wrap: None }
}

fn series() -> Vec<Case> {
    let slices = dicom::series(&scan(), SERIES_UID);
    let single = || slices[0].clone().decimals(0x0018_0050, &[2.0]);
    let packed = |syntax: &str, stored: usize, stream: &[u8]| {
        let slice = single().short(tags::BITS_STORED, stored).short(tags::HIGH_BIT, stored - 1);
        let slice = slice.short(tags::PIXEL_REPRESENTATION, 0).fragments(&[stream]);
        Case::one("0.dcm", if stored == 8 { slice.short(tags::BITS_ALLOCATED, 8) } else { slice }.file(syntax))
    };
    vec![
        folder(&slices, EXPLICIT),
        folder(&slices, IMPLICIT),
        folder(&pet(&slices), EXPLICIT),
        Case::one("0.dcm", enhanced(&slices).file(EXPLICIT)),
        Case::one("0.dcm", enhanced_pet(&slices).file(EXPLICIT)),
        Case::one("0.dcm", mosaic(&slices).file(EXPLICIT)),
        Case::one("0.dcm", tiles(&slices).file(EXPLICIT)),
        Case::one("0.dcm", tomogram(&slices).file(EXPLICIT)),
        // Without damage to the deflated stream itself: what is inflated is damaged.
        Case::one("0.dcm", single().file(DEFLATED)).wrapped(deflated),
        packed("1.2.840.10008.1.2.5", 16, &run_lengths()),
        packed("1.2.840.10008.1.2.4.70", 12, &streams::lossless()),
        packed("1.2.840.10008.1.2.4.50", 8, &streams::baseline()),
        packed("1.2.840.10008.1.2.4.90", 12, &streams::jpeg_2000()),
    ]
}

/// The slices as those of a PET in Bq/mL.
fn pet(slices: &[Object]) -> Vec<Object> {
    let dose = Object::default()
        .text(0x0018_1072, "TM", "101500.00")
        .decimals(0x0018_1074, &[3.7e8])
        .decimals(0x0018_1075, &[6586.2]);
    let slice = |slice: &Object| {
        slice
            .clone()
            .text(tags::SOP_CLASS_UID, "UI", "1.2.840.10008.5.1.4.1.1.128")
            .text(tags::MODALITY, "CS", "PT")
            .text(0x0008_0021, "DA", "20260110")
            .text(0x0008_0022, "DA", "20260110")
            .text(0x0008_0031, "TM", "111500")
            .text(0x0008_0032, "TM", "111530.5")
            .decimals(0x0010_1030, &[70.5])
            .text(0x0028_0051, "CS", "NORM\\ATTN\\DECY")
            .text(0x0054_1001, "CS", "BQML")
            .text(0x0054_1102, "CS", "START")
            .decimals(0x0054_1300, &[30_000.0])
            .text(0x0018_1242, "IS", "60000")
            .items(0x0054_0016, vec![dose.clone()])
    };
    slices.iter().map(slice).collect()
}

/// The slices as frames of one object.
fn enhanced(slices: &[Object]) -> Object {
    let item = Object::default;
    let measures = item().decimals(tags::PIXEL_SPACING, &[1.25, 1.0]).decimals(0x0018_0050, &[2.0]);
    let orientation = item().decimals(tags::IMAGE_ORIENTATION_PATIENT, &[-1.0, 0.0, 0.0, 0.0, -1.0, 0.0]);
    let rescale = item().decimals(0x0028_1052, &[-1024.0]).decimals(0x0028_1053, &[1.0]).text(0x0028_1054, "LO", "HU");
    let shared = item()
        .items(0x0028_9110, vec![measures])
        .items(0x0020_9116, vec![orientation])
        .items(0x0028_9145, vec![rescale]);
    let frame = |z: usize| {
        let position = item().decimals(tags::IMAGE_POSITION_PATIENT, &[20.0, -12.5, -300.0 + 2.0 * z as f64]);
        item().items(0x0020_9113, vec![position])
    };
    slices[0]
        .clone()
        .without(tags::IMAGE_POSITION_PATIENT)
        .without(tags::IMAGE_ORIENTATION_PATIENT)
        .without(tags::PIXEL_SPACING)
        .text(tags::SOP_CLASS_UID, "UI", "1.2.840.10008.5.1.4.1.1.2.1")
        .text(0x0028_0008, "IS", &slices.len().to_string())
        .items(0x5200_9229, vec![shared])
        .items(0x5200_9230, (0..slices.len()).map(frame).collect())
        .bytes(tags::PIXEL_DATA, "OW", scan().voxels)
}

/// The frames as those of a PET, with a real world value mapping.
fn enhanced_pet(slices: &[Object]) -> Object {
    let item = Object::default;
    let double = |number: f64| number.to_le_bytes().to_vec();
    let dose = item()
        .text(0x0018_1078, "DT", "20260110101500")
        .decimals(0x0018_1074, &[370.0])
        .decimals(0x0018_1075, &[6586.2]);
    let line = item()
        .items(0x0040_08EA, vec![item().text(0x0008_0100, "SH", "Bq/ml")])
        .bytes(0x0040_9213, "FD", double(32_767.0))
        .bytes(0x0040_9214, "FD", double(-32_768.0))
        .bytes(0x0040_9224, "FD", double(0.0))
        .bytes(0x0040_9225, "FD", double(7.5));
    enhanced(slices)
        .text(tags::SOP_CLASS_UID, "UI", "1.2.840.10008.5.1.4.1.1.130")
        .text(tags::MODALITY, "CS", "PT")
        .decimals(0x0010_1030, &[70.5])
        .text(0x0018_9701, "DT", "20260110111500")
        .text(0x0018_9758, "CS", "YES")
        .items(0x0040_9096, vec![line])
        .items(0x0054_0016, vec![dose])
}

/// A picture of 2 × 2 tiles of 3 rows and 4 columns.
fn picture(slices: &[Object], kind: &str) -> Object {
    slices[0].clone().text(tags::MODALITY, "CS", "MR").text(0x0008_0008, "CS", kind).decimals(0x0018_0088, &[2.0])
}

/// Three slices in a picture, as Siemens writes it.
fn mosaic(slices: &[Object]) -> Object {
    let mut header = [&b"SV10"[..], &[4, 3, 2, 1, 2, 0, 0, 0, 77, 0, 0, 0]].concat();
    for (name, values) in [("NumberOfImagesInMosaic", &["3"][..]), ("SliceNormalVector", &["0", "0", "1"])] {
        let mut field = name.as_bytes().to_vec();
        field.resize(64, 0);
        header.extend(field);
        let count = values.len() as u32;
        header.extend([count, 0, 4, count, 77].iter().flat_map(|number| number.to_le_bytes()));
        for value in values {
            header.extend([1_u32; 4].iter().flat_map(|number| number.to_le_bytes()));
            header.extend([value.as_bytes()[0], 0, 0, 0]);
        }
    }
    picture(slices, "ORIGINAL\\PRIMARY\\M\\ND\\MOSAIC").text(0x0029_0010, "LO", "SIEMENS CSA HEADER").bytes(
        0x0029_1010,
        "OB",
        header,
    )
}

/// Three slices in a picture, as United Imaging writes it.
fn tiles(slices: &[Object]) -> Object {
    let places =
        (0..3).map(|z| Object::default().decimals(tags::IMAGE_POSITION_PATIENT, &[0.0, 0.0, 2.0 * f64::from(z)]));
    picture(slices, "ORIGINAL\\PRIMARY\\M\\VFRAME")
        .text(0x0065_0010, "LO", "Image Private Header")
        .decimals(0x0065_1050, &[3.0])
        .items(0x0065_1051, places.collect())
}

/// The slices as those of SPECT.
fn tomogram(slices: &[Object]) -> Object {
    let place = Object::default()
        .decimals(tags::IMAGE_POSITION_PATIENT, &[20.0, -12.5, -300.0])
        .decimals(tags::IMAGE_ORIENTATION_PATIENT, &[-1.0, 0.0, 0.0, 0.0, -1.0, 0.0]);
    slices[0]
        .clone()
        .without(tags::IMAGE_POSITION_PATIENT)
        .without(tags::IMAGE_ORIENTATION_PATIENT)
        .text(tags::SOP_CLASS_UID, "UI", "1.2.840.10008.5.1.4.1.1.20")
        .text(tags::MODALITY, "CS", "NM")
        .text(0x0008_0008, "CS", "ORIGINAL\\PRIMARY\\RECON TOMO\\EMISSION")
        .decimals(0x0018_0088, &[2.0])
        .text(0x0028_0008, "IS", &slices.len().to_string())
        .items(0x0054_0022, vec![place])
        .bytes(tags::PIXEL_DATA, "OW", scan().voxels)
}

const DEFLATED: &str = "1.2.840.10008.1.2.1.99";

/// Deflates what follows the file meta information.
fn deflated(file: &[u8]) -> Vec<u8> {
    let meta = file.get(140..144).map_or(0, |length| u32::from_le_bytes([length[0], length[1], length[2], length[3]]));
    let (head, data) = file.split_at(file.len().min(144_usize.saturating_add(meta as usize)));
    let mut encoder = flate2::write::DeflateEncoder::new(head.to_vec(), flate2::Compression::fast());
    encoder.write_all(data).expect("memory");
    encoder.finish().expect("memory")
}

/// A frame of 16 bits in run-length encoding (DICOM PS3.5, annex G): the high bytes as one run, the low bytes literally.
fn run_lengths() -> Vec<u8> {
    let mut bytes = vec![0; 64];
    (bytes[0], bytes[4], bytes[8]) = (2, 64, 66);
    bytes.extend([(-47_i8).cast_unsigned(), 1, 47]);
    bytes.extend(0..48_u8);
    bytes
}

fn read_series(folder: &Path, case: &Case) -> Result<Outcome, String> {
    let loader = loader::<Dicom>();
    let host = TestHost::new();
    // One file is loaded by itself, for whatever other files say.
    let path = if case.files.len() == 1 { folder.join(&case.files[0].0) } else { folder.to_owned() };
    if let Err(error) = loader.survey(folder, &host.context()) {
        refused(&error)?;
    }
    let selection = Selection::default();
    load(&loader, &LoadRequest { path, role: Role::Image, reference: None, selection, max_bytes: MAX_BYTES }, case)
}

fn reference() -> Grid {
    let direction = [[-1.0, 0.0, 0.0], [0.0, -1.0, 0.0], [0.0, 0.0, 1.0]];
    Grid { dims: DIMS.map(|n| n as u64), spacing: [1.0, 1.25, 2.0], origin: [20.0, -12.5, -300.0], direction }
}

fn rtstruct() -> Vec<Case> {
    static MASKS: LazyLock<[Nifti; 2]> = LazyLock::new(|| [mask(0), mask(1)]);
    let [a, b] = &*MASKS;
    let outlines = dicom::outlines(&[(1, "GTV-1", a), (4, "Lymph node", b)], SERIES_UID);
    vec![Case::one("rs.dcm", outlines.file(EXPLICIT)), Case::one("rs.dcm", outlines.file(IMPLICIT))]
}

fn seg() -> Vec<Case> {
    let [a, b] = [mask(0), mask(1)];
    let bits = dicom::segmentation(&[(1, "GTV-1", &a), (2, "node", &b)], SERIES_UID);
    let bytes: Vec<u8> = [&a, &b].iter().flat_map(|mask| mask.voxels[..96].iter().map(|bit| bit * 200)).collect();
    let eight = bits.clone().short(tags::BITS_ALLOCATED, 8).short(tags::BITS_STORED, 8).short(tags::HIGH_BIT, 7);
    let fractions = eight.clone().text(0x0062_0001, "CS", "FRACTIONAL").text(0x0062_0010, "CS", "PROBABILITY");
    let fractions = fractions.short(0x0062_000E, 255).bytes(tags::PIXEL_DATA, "OB", bytes);
    let one = dicom::segmentation(&[(1, "GTV-1", &a)], SERIES_UID);
    let labels = one
        .short(tags::BITS_ALLOCATED, 8)
        .short(tags::BITS_STORED, 8)
        .short(tags::HIGH_BIT, 7)
        .text(tags::SOP_CLASS_UID, "UI", "1.2.840.10008.5.1.4.1.1.66.7")
        .text(0x0062_0001, "CS", "LABELMAP")
        .bytes(tags::PIXEL_DATA, "OB", a.voxels[..96].to_vec());
    [bits, fractions, labels].iter().map(|seg| Case::one("seg.dcm", seg.file(EXPLICIT))).collect()
}

/// With the grid of the image, for all regions and for one.
fn read_outlines(folder: &Path, case: &Case) -> Result<Outcome, String> {
    let request = |regions: &[&str], reference| LoadRequest {
        path: folder.join(&case.files[0].0),
        role: Role::Segmentation,
        reference,
        selection: Selection {
            series: Some(SERIES_UID.into()),
            regions: regions.iter().map(|region| (*region).to_owned()).collect(),
        },
        max_bytes: MAX_BYTES,
    };
    let loader = loader();
    load::<Dicom>(&loader, &request(&["GTV*"], None), case)?;
    load::<Dicom>(&loader, &request(&[], Some(reference())), case)
}
