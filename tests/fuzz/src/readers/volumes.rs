//! Formats of volumes.

use std::{io::Write as _, path::Path};

use voxomics_sdk::{LoadRequest, Loader, Role, Selection};
use voxomics_tests::nifti::{Nifti, gz, straight};

use super::{Case, MAX_BYTES, Outcome, Reader, load, loader};

/// NIfTI-1 and NIfTI-2, one file or two, compressed or not.
pub const NIFTI: Reader = Reader { name: "nifti", words: &[], cases: nifti, read: read::<load_nifti::Nifti> };
/// NRRD, attached and detached, and SEG.NRRD.
pub const NRRD: Reader = Reader { name: "nrrd", words: NRRD_WORDS, cases: nrrd, read: read::<load_nrrd::Nrrd> };
/// MetaImage, in one file and in two.
pub const METAIMAGE: Reader =
    Reader { name: "metaimage", words: META_WORDS, cases: metaimage, read: read::<load_metaimage::MetaImage> };

const NRRD_WORDS: &[&str] = &[
    "NRRD0004\n",
    "type: ",
    "dimension: ",
    "space: ",
    "sizes: ",
    "space directions: ",
    "kinds: ",
    "endian: ",
    "encoding: ",
    "space origin: ",
    "spacings: ",
    "data file: ",
    "line skip: ",
    "byte skip: ",
    "axis mins: ",
    "units: ",
    "none",
    "gzip",
    "raw",
    "ascii",
    "hex",
    "bzip2",
    "double",
    "float",
    "uchar",
    "int64",
    "big",
    "little",
    "(1,0,0)",
    "(0,0,0)",
    "nan",
    "scanner-xyz",
    "right-anterior-superior",
    "LIST\n",
    "list",
    "vector",
    "domain",
    "\n\n",
    ":=",
    "Segment0_ID:=a\n",
    "Segment0_Extent:=0 1 0 1 0 1\n",
    "Segment0_LabelValue:=2\n",
    "Segment1_Layer:=1\n",
    "%03d.raw 1 2 1",
    "..",
    "/",
];
const META_WORDS: &[&str] = &[
    "NDims = ",
    "DimSize = ",
    "ElementType = ",
    "ElementSpacing = ",
    "Offset = ",
    "TransformMatrix = ",
    "CompressedData = True",
    "CompressedDataSize = ",
    "BinaryData = False",
    "BinaryDataByteOrderMSB = True",
    "HeaderSize = ",
    "ElementDataFile = ",
    "ElementNumberOfChannels = ",
    "CenterOfRotation = ",
    "AnatomicalOrientation = RAI",
    "LOCAL",
    "LIST",
    "MET_FLOAT",
    "MET_DOUBLE",
    "MET_UCHAR",
    "MET_LONG_LONG",
    "ObjectType = Image",
    "-1",
    "%03d.raw 1 2 1",
    "\n",
    " = ",
    "../",
];

/// Reads the first file, as an image and as a segmentation.
fn read<L: Loader>(folder: &Path, case: &Case) -> Result<Outcome, String> {
    let request = |role| LoadRequest {
        path: folder.join(&case.files[0].0),
        role,
        reference: None,
        selection: Selection::default(),
        max_bytes: MAX_BYTES,
    };
    let loader = loader::<L>();
    // Layers are a mask and no image.
    let as_mask = load(&loader, &request(Role::Segmentation), case)?;
    Ok(match load(&loader, &request(Role::Image), case)? {
        Outcome::Read => Outcome::Read,
        Outcome::Refused(_) => as_mask,
    })
}

fn voxels() -> Vec<u8> {
    (0..48_u8).map(|i| i % 5).collect()
}

fn nifti() -> Vec<Case> {
    let rows = straight([1.0, 1.5, 2.0], [-10.0, 5.0, 0.5]);
    let scan = Nifti::new([4, 3, 2], rows, |[x, y, z]| (x + 2 * y + 5 * z) as i16);
    let bytes = scan.bytes();
    let big = Nifti { big_endian: true, ..scan.clone() }.bytes();
    let floats = scan.map(|[x, y, z]| x as f32 - y as f32 * 0.5 + z as f32).bytes();
    let header = [&bytes[..344], b"ni1\0"].concat();
    let mut quaternion = bytes.clone();
    quaternion[252..256].copy_from_slice(&[1, 0, 0, 0]);
    // An sform of zeros beside a sound qform.
    let mut flat = bytes.clone();
    flat[252] = 1;
    flat[280..328].fill(0);
    let pair = Case {
        files: vec![("a.hdr".into(), detached(header.clone())), ("a.img".into(), bytes[352..].to_vec())],
        wrap: None,
    };
    // ANALYZE 7.5 has neither magic bytes nor transformations.
    let mut analyze = detached(header);
    analyze[252..348].fill(0);
    let analyze = Case { files: vec![("a.hdr".into(), analyze), ("a.img".into(), bytes[352..].to_vec())], wrap: None };
    vec![
        Case::one("a.nii", bytes.clone()),
        Case::one("a.nii", big),
        Case::one("a.nii", floats),
        Case::one("a.nii", quaternion),
        Case::one("a.nii", flat),
        Case::one("a.nii", nifti_2(&bytes)),
        Case::one("a.nii.gz", bytes).wrapped(gz),
        pair,
        analyze,
    ]
}

/// The voxels of a pair begin where their file does.
fn detached(mut header: Vec<u8>) -> Vec<u8> {
    header[108..112].fill(0);
    header
}

/// The NIfTI-2 file with the same transformation (rows) and voxels; offsets are those of `nifti2.h`.
fn nifti_2(one: &[u8]) -> Vec<u8> {
    let mut header = vec![0_u8; 544];
    let mut put = |at: usize, bytes: &[u8]| header[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, &540_i32.to_le_bytes());
    put(4, b"n+2\0\r\n\x1a\n");
    put(12, &4_i16.to_le_bytes());
    put(14, &16_i16.to_le_bytes());
    for (i, n) in [3_i64, 4, 3, 2, 1, 1, 1, 1].into_iter().enumerate() {
        put(16 + 8 * i, &n.to_le_bytes());
    }
    for (i, mm) in [1.0_f64, 1.0, 1.5, 2.0, 1.0, 1.0, 1.0, 1.0].into_iter().enumerate() {
        put(104 + 8 * i, &mm.to_le_bytes());
    }
    put(168, &544_i64.to_le_bytes());
    put(348, &1_i32.to_le_bytes());
    for (i, number) in one[280..328].as_chunks::<4>().0.iter().enumerate() {
        put(400 + 8 * i, &f64::from(f32::from_le_bytes(*number)).to_le_bytes());
    }
    put(500, &2_i32.to_le_bytes());
    header.extend(&one[352..]);
    header
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

fn nrrd() -> Vec<Case> {
    let header = |encoding: &str, more: &str| {
        format!(
            "NRRD0005\n# a scan\ntype: short\ndimension: 3\nspace: left-posterior-superior\nsizes: 4 3 2\nspace directions: \
             (1,0,0) (0,1.5,0) (0,0,2)\nkinds: domain domain domain\nendian: little\nencoding: {encoding}\nspace origin: \
             (-10,5,0.5)\n{more}"
        )
    };
    let attached = |header: String, data: &[u8]| [header.as_bytes(), b"\n", data].concat();
    let text: Vec<String> = voxels().iter().take(24).map(u8::to_string).collect();
    let segments = "Segment0_ID:=a\nSegment0_Name:=GTV\nSegment0_LabelValue:=1\nSegment0_Layer:=0\nSegment0_Extent:=0 3 0 2 0 1\n\
                    Segment1_ID:=b\nSegment1_Name:=ring\nSegment1_LabelValue:=2\nSegment1_Layer:=0\n";
    let layered = header("raw", &segments.replace("Segment1_Layer:=0", "Segment1_Layer:=1"))
        .replace("dimension: 3", "dimension: 4")
        .replace("sizes: 4 3 2", "sizes: 2 4 3 1")
        .replace("directions: (", "directions: none (")
        .replace("kinds: ", "kinds: list ");
    let separate = |data: &str, file: &str| Case {
        files: vec![("a.nhdr".into(), header("raw", data).into_bytes()), (file.into(), voxels())],
        wrap: None,
    };
    vec![
        Case::one("a.nrrd", attached(header("raw", ""), &voxels())),
        Case::one("a.nrrd", attached(header("gzip", ""), &gz(&voxels()))),
        Case::one("a.nrrd", attached(header("ascii", ""), text.join(" ").as_bytes())),
        Case::one("a.seg.nrrd", attached(header("raw", segments), &voxels())),
        Case::one("a.seg.nrrd", attached(layered, &voxels())),
        Case::one("a.nrrd", attached(header("raw", "").replace("short", "double"), &[0; 192])),
        separate("data file: a.raw\n", "a.raw"),
        separate("byte skip: -1\ndata file: a.raw\n", "a.raw"),
    ]
}

fn metaimage() -> Vec<Case> {
    let header = |more: &str, file: &str| {
        format!(
            "ObjectType = Image\nNDims = 3\nBinaryData = True\nBinaryDataByteOrderMSB = False\nTransformMatrix = 1 0 0 0 1 0 0 0 \
             1\nOffset = -10 5 0.5\nCenterOfRotation = 0 0 0\nAnatomicalOrientation = RAI\nElementSpacing = 1 1.5 2\nDimSize = 4 3 \
             2\nElementType = MET_SHORT\n{more}ElementDataFile = {file}\n"
        )
        .into_bytes()
    };
    let four = String::from_utf8_lossy(&header("", "LOCAL"))
        .replace("NDims = 3", "NDims = 4")
        .replace("1 0 0 0 1 0 0 0 1", "1 0 0 0 0 1 0 0 0 0 1 0 0 0 0 1")
        .replace("5 0.5", "5 0.5 0")
        .replace("1 1.5 2", "1 1.5 2 1")
        .replace("4 3 2", "4 3 2 1");
    let packed = zlib(&voxels());
    let size = format!("CompressedData = True\nCompressedDataSize = {}\n", packed.len());
    let pair = |header: Vec<u8>, name: &str, data: &[u8]| Case {
        files: vec![("a.mhd".into(), header), (name.into(), data.to_vec())],
        wrap: None,
    };
    vec![
        Case::one("a.mha", [header("", "LOCAL"), voxels()].concat()),
        Case::one("a.mha", [four.into_bytes(), voxels()].concat()),
        Case::one("a.mha", [header(&size, "LOCAL"), packed.clone()].concat()),
        Case::one("a.mha", [header("CompressedData = True\n", "LOCAL"), packed.clone()].concat()),
        pair(header("", "a.raw"), "a.raw", &voxels()),
        pair(header("HeaderSize = -1\n", "a.raw"), "a.raw", &voxels()),
        pair(header(&size, "a.zraw"), "a.zraw", &packed),
    ]
}
