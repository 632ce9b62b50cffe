//! Voxels and their place, in every encoding and kind of pixel.

mod common;

use common::*;
use dicom_core::VR;
use dicom_dictionary_std::{tags, uids};
use voxomics_sdk::testing::{LogLevel, TestHost};
use voxomics_sdk::{Scaling, VoxelType};

const LOSSLESS: &str = "1.2.840.10008.1.2.4.70";

#[test]
fn a_series_becomes_a_volume_wherever_its_files_are_and_whatever_they_are_called() {
    let folder = Folder::new();
    for (index, name) in ["b/9.dcm", "a", "c.dcm", "b/x/1"].into_iter().enumerate() {
        slice(index).write(&folder.path(name));
    }
    folder.write("notes.txt", b"not DICOM");
    let loaded = load(folder.root()).unwrap();
    let scan = &loaded.images[0];
    assert_eq!((scan.grid.dims, scan.grid.spacing), ([4, 3, 4], [0.5, 1.0, 1.5]));
    assert_eq!(scan.grid.origin, [-10.0, 20.0, 0.0]);
    assert_eq!(scan.grid.direction, [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]);
    assert_eq!(scan.voxel_type, VoxelType::I16);
    assert_eq!(scan.scaling, [Scaling { slope: 1.0, intercept: -1024.0 }]);
    assert_eq!(values(&loaded), counted(4));
    assert_eq!(loaded.metadata["KVP"], 120.0);
    assert_eq!(loaded.metadata["SeriesInstanceUID"], "1.2.2");
}

#[test]
fn one_file_of_a_series_stands_for_all_of_its_folder() {
    let folder = Folder::new();
    folder.series(3);
    slice(7).text(tags::SERIES_INSTANCE_UID, VR::UI, "1.2.77").write(&folder.path("other.dcm"));
    let loaded = load(&folder.path("001.dcm")).unwrap();
    assert_eq!(values(&loaded), counted(3));
}

#[test]
fn a_sagittal_series_keeps_its_directions_right_handed() {
    let folder = Folder::new();
    for index in 0..3 {
        slice(index)
            .text(tags::IMAGE_ORIENTATION_PATIENT, VR::DS, "0\\1\\0\\0\\0\\-1")
            .at(50.0 - index as f64, 1.0, 2.0)
            .write(&folder.path(&format!("{index}")));
    }
    let grid = load(folder.root()).unwrap().images[0].grid;
    assert_eq!(grid.direction, [[0.0, 1.0, 0.0], [0.0, 0.0, -1.0], [-1.0, 0.0, 0.0]]);
    assert_eq!((grid.origin, grid.spacing), ([50.0, 1.0, 2.0], [0.5, 1.0, 1.0]));
}

#[test]
fn every_uncompressed_syntax_gives_the_same_voxels() {
    let big = "1.2.840.10008.1.2.2";
    let deflated = uids::DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN;
    for syntax in [uids::IMPLICIT_VR_LITTLE_ENDIAN, uids::EXPLICIT_VR_LITTLE_ENDIAN, big, deflated] {
        let folder = Folder::new();
        for index in 0..3 {
            slice(index).syntax(syntax).write(&folder.path(&format!("{index}.dcm")));
        }
        let loaded = load(folder.root()).unwrap_or_else(|error| panic!("{syntax}: {error}"));
        assert_eq!(values(&loaded), counted(3), "{syntax}");
        assert_eq!(loaded.images[0].grid.spacing, [0.5, 1.0, 1.5], "{syntax}");
    }
}

#[test]
fn a_file_without_preamble_is_read() {
    let folder = Folder::new();
    let bytes = slice(0).text(tags::SLICE_THICKNESS, VR::DS, "2").to_bytes();
    folder.write("bare.dcm", &bytes[132..]);
    assert_eq!(values(&load(folder.root()).unwrap()), counted(1));
}

/// RLE of both bytes of each value: literal runs for the low ones, one run where the high ones repeat.
fn rle(words: &[u16; 12]) -> Vec<u8> {
    let high: Vec<u8> = [&[11_u8][..], &words.map(|word| (word >> 8) as u8)].concat();
    let low: Vec<u8> = [&[11_u8][..], &words.map(|word| word as u8)].concat();
    let mut bytes: Vec<u8> = [2, 64, 64 + 14].into_iter().chain([0; 13]).flat_map(u32::to_le_bytes).collect();
    for mut segment in [high, low] {
        segment.push(0x80);
        segment.resize(14, 0);
        bytes.extend(segment);
    }
    bytes
}

#[test]
fn rle_is_read_and_held_against_its_size() {
    let words = std::array::from_fn(|i| (i as i16 - 100) as u16);
    let folder = Folder::new();
    let good = slice(0).text(tags::SLICE_THICKNESS, VR::DS, "2");
    let path = folder.path("0.dcm");
    good.clone().fragments(uids::RLE_LOSSLESS, &[&rle(&words)]).write(&path);
    assert_eq!(values(&load(folder.root()).unwrap()), counted(1));
    let whole = rle(&words);
    good.clone().fragments(uids::RLE_LOSSLESS, &[&whole[..whole.len() - 6]]).write(&path);
    assert!(error(folder.root()).contains("RLE segment 2 ends before its last pixel"), "{}", error(folder.root()));
    good.fragments(uids::RLE_LOSSLESS, &[&whole[..40]]).write(&path);
    assert!(error(folder.root()).contains("header is cut short"));
}

/// Values of the streams below: 6 rows of 8 columns.
fn ramp() -> Vec<i16> {
    (0..48).map(|i| i * 83 % 4096).collect()
}

/// Written by lj92 (imagecodecs `ljpeg_encode`), 12 bits.
const JPEG_LOSSLESS: &str = "ffd8ffc40017000101010100000000000000000000000009070a0cffc3000b0c0006000801001100ffda0008010000\
    060000e7ff00a9d4ea753a9d4ea7a985314c5314c5314c533530a6298a6298a6298a66a614c5314c5314c5314cd4c298a6298a6298a6299a98531\
    4c5314c5314c530ffd9";

#[test]
fn lossless_jpeg_is_read_and_held_against_its_size() {
    let stream = hex(JPEG_LOSSLESS);
    let folder = Folder::new();
    let path = folder.path("0.dcm");
    streamed(LOSSLESS, 12, &stream).write(&path);
    assert_eq!(values(&load(folder.root()).unwrap()), ramp());
    let (first, second) = stream.split_at(50);
    streamed(LOSSLESS, 12, &stream).fragments(LOSSLESS, &[first, second]).write(&path);
    assert_eq!(values(&load(folder.root()).unwrap()), ramp(), "a frame in two fragments");
    streamed(LOSSLESS, 12, &[&stream[..], &[0xFF]].concat()).write(&path);
    assert_eq!(values(&load(folder.root()).unwrap()), ramp(), "a fill byte after the stream");
    streamed(LOSSLESS, 12, &stream[..90]).write(&path);
    assert!(error(folder.root()).contains("truncated"));
    streamed(LOSSLESS, 12, &stream).us(tags::ROWS, 7).write(&path);
    assert!(error(folder.root()).contains("6 × 8 pixels"), "{}", error(folder.root()));
}

#[test]
fn lossless_jpeg_that_lost_bits_is_refused() {
    let stream = hex(JPEG_LOSSLESS);
    let folder = Folder::new();
    let path = folder.path("0.dcm");
    // The last byte of the scan header is the point transform.
    let mut shifted = stream.clone();
    let scan = stream.windows(2).position(|pair| pair == [0xFF, 0xDA]).unwrap();
    shifted[scan + 9] = 1;
    streamed(LOSSLESS, 12, &shifted).write(&path);
    assert!(error(folder.root()).contains("point transform"));
    streamed(LOSSLESS, 16, &stream).us(tags::PIXEL_REPRESENTATION, 1).write(&path);
    assert!(error(folder.root()).contains("12 bits for signed ones of 16 bits"), "{}", error(folder.root()));
}

/// Written by libjpeg-turbo (imagecodecs `jpeg8_encode`, level 95) from the values 5·i, 8 bits.
const JPEG_BASELINE: &str = "ffd8ffe000104a46494600010100000100010000ffdb004300020101010101020101010202020202040302020202050\
    4040304060506060605060606070908060709070606080b08090a0a0a0a0a06080b0c0b0a0c090a0a0affc0000b080006000801011100ffc4001f0\
    000010501010101010100000000000000000102030405060708090a0bffc400b5100002010303020403050504040000017d0102030004110512213\
    1410613516107227114328191a1082342b1c11552d1f02433627282090a161718191a25262728292a3435363738393a434445464748494a5354555\
    65758595a636465666768696a737475767778797a838485868788898a92939495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c\
    5c6c7c8c9cad2d3d4d5d6d7d8d9dae1e2e3e4e5e6e7e8e9eaf1f2f3f4f5f6f7f8f9faffda0008010100003f00eebe127fc1b89f007f75fbfd2fb7f\
    cbbb7ff00135fffd9";

#[test]
fn baseline_jpeg_is_read() {
    let folder = Folder::new();
    let baseline = "1.2.840.10008.1.2.4.50";
    let file = streamed(baseline, 8, &hex(JPEG_BASELINE)).us(tags::BITS_ALLOCATED, 8);
    file.write(&folder.path("0.dcm"));
    let loaded = load(folder.root()).unwrap();
    // Decoders may differ by one; libjpeg-turbo gives 119, 125, 130 where 120, 125, 130 went in.
    for (index, value) in loaded.images[0].voxels.iter().enumerate() {
        assert!((i32::from(*value) - 5 * index as i32).abs() <= 2, "{:?}", loaded.images[0].voxels);
    }
}

/// The same from the values of [`ramp`], extended process, 12 bits.
const JPEG_12: &str = "ffd8ffe000104a46494600010100000100010000ffdb00430002010101010102010101020202020204030202020205040403\
    04060506060605060606070908060709070606080b08090a0a0a0a0a06080b0c0b0a0c090a0a0affc1000b0c0006000801011100ffc4001400010\
    000000000000000000000000000000bffc4001e1000000407000000000000000000000000000509270b0c0e44486266ffda0008010100003f004f\
    6842d4d7d4be8b60f8a59d9e3f9f6bcd8fffd9";

#[test]
fn jpeg_of_12_bits_is_refused_by_name() {
    let folder = Folder::new();
    streamed("1.2.840.10008.1.2.4.51", 12, &hex(JPEG_12)).write(&folder.path("0.dcm"));
    let message = error(folder.root());
    assert!(message.contains("frame 1 cannot be decoded") && message.contains("12"), "{message}");
}

/// Written by OpenJPEG 2.5 (imagecodecs `jpeg2k_encode`, reversible) from the values of [`ramp`], unsigned, 12 bits.
const JPEG_2000: &str = "ff4fff5100290000000000080000000600000000000000000000000800000006000000000000000000010b0101ff52000c0\
    0000001000004040001ff5c00044060ff640025000143726561746564206279204f70656e4a5045472076657273696f6e20322e352e34ff90000a\
    0000000000570001ff93dfe1181229d1542f922aec26690e04b3af928ecf3d3599a272abc9fa12a23f78531bdc7ea390a535f37e9f6189f9c2259\
    d76f3f3ba6fa59a45f399999041749d6ee57383fd65e5dacaffd9";

/// The same from those values less 2048, signed, 16 bits.
const JPEG_2000_SIGNED: &str = "ff4fff5100290000000000080000000600000000000000000000000800000006000000000000000000018f0101ff5\
    2000c00000001000004040001ff5c00044080ff640025000143726561746564206279204f70656e4a5045472076657273696f6e20322e352e34ff\
    90000a0000000000580001ff93c1fe11801229d1542f922aec26690e04b3af928ecf3d3599a272abc9fa12a23f78531bdc7ea390a535f37e9f618\
    9f9c2259d76f3f3ba6fa59a45f399999041749d6ee57383fd65e5dacaffd9";

#[test]
fn jpeg_2000_is_read_and_held_against_its_size_and_sign() {
    let folder = Folder::new();
    let path = folder.path("0.dcm");
    let stream = hex(JPEG_2000);
    streamed(uids::JPEG2000_LOSSLESS, 12, &stream).write(&path);
    assert_eq!(values(&load(folder.root()).unwrap()), ramp());
    let signed = streamed(uids::JPEG2000, 16, &hex(JPEG_2000_SIGNED)).us(tags::PIXEL_REPRESENTATION, 1);
    signed.write(&path);
    assert_eq!(values(&load(folder.root()).unwrap()), ramp().iter().map(|x| x - 2048).collect::<Vec<_>>());
    signed.us(tags::PIXEL_REPRESENTATION, 0).write(&path);
    assert!(error(folder.root()).contains("signed values, but PixelRepresentation is 0"), "{}", error(folder.root()));
    for cut in [stream.len() - 20, 60, 20] {
        streamed(uids::JPEG2000_LOSSLESS, 12, &stream[..cut]).write(&path);
        assert!(error(folder.root()).contains("truncated"), "{}", error(folder.root()));
        let spliced = [&stream[..cut], &[0xFF, 0xD9]].concat();
        streamed(uids::JPEG2000_LOSSLESS, 12, &spliced).write(&path);
        assert!(error(folder.root()).contains("cannot be decoded"), "{}", error(folder.root()));
    }
    streamed(uids::JPEG2000_LOSSLESS, 12, &stream).us(tags::COLUMNS, 9).write(&path);
    assert!(error(folder.root()).contains("6 × 8 pixels"));
}

#[test]
fn what_is_not_read_is_named() {
    let folder = Folder::new();
    let path = folder.path("0.dcm");
    let good = slice(0).text(tags::SLICE_THICKNESS, VR::DS, "2");
    good.clone().fragments("1.2.840.10008.1.2.4.110", &[&[0xFF, 0x0A]]).write(&path);
    assert!(error(folder.root()).contains("1.2.840.10008.1.2.4.110 (JPEG XL lossless)"));
    good.clone().text(tags::PHOTOMETRIC_INTERPRETATION, VR::CS, "RGB").us(tags::SAMPLES_PER_PIXEL, 3).write(&path);
    assert!(error(folder.root()).contains("RGB with 3 samples"));
    good.clone().items(tags::MODALITY_LUT_SEQUENCE, vec![item([(tags::LUT_EXPLANATION, VR::LO, "x")])]).write(&path);
    assert!(error(folder.root()).contains("ModalityLUTSequence"));
    good.clone().without(tags::RESCALE_INTERCEPT).write(&path);
    assert!(error(folder.root()).contains("RescaleIntercept (0028,1052) is missing"), "{}", error(folder.root()));
    good.without(tags::PIXEL_DATA).write(&path);
    assert!(error(folder.root()).contains("PixelData (7FE0,0010) is missing"));
}

#[test]
fn bits_that_do_not_count_are_left_out() {
    let folder = Folder::new();
    let words = [0x0FFF, 0x0800, 0xF7FF, 0x1001, 0, 1, 2, 3, 4, 5, 6, 7];
    let file = slice(0)
        .text(tags::SLICE_THICKNESS, VR::DS, "2")
        .us(tags::BITS_STORED, 12)
        .us(tags::HIGH_BIT, 11)
        .words(&words);
    file.write(&folder.path("0.dcm"));
    let host = TestHost::new();
    let loaded = load_with("{}", folder.root(), &host).unwrap();
    assert_eq!(values(&loaded)[..4], [-1, -2048, 2047, 1]);
    assert!(host.warnings().iter().any(|line| line.contains("above BitsStored")), "{:?}", host.warnings());
    // Signed values with zeros above their sign are as usual as those with copies of it.
    let usual = [0x0FFF, 0xFFFF, 0x0800, 0xF800, 0, 1, 2, 3, 4, 5, 6, 7];
    file.clone().words(&usual).write(&folder.path("0.dcm"));
    let host = TestHost::new();
    assert_eq!(values(&load_with("{}", folder.root(), &host).unwrap())[..4], [-1, -1, -2048, -2048]);
    assert!(host.warnings().is_empty(), "{:?}", host.warnings());
    file.us(tags::PIXEL_REPRESENTATION, 0).write(&folder.path("0.dcm"));
    let host = TestHost::new();
    let loaded = load_with("{}", folder.root(), &host).unwrap();
    assert!(host.warnings().iter().any(|line| line.contains("above BitsStored")), "{:?}", host.warnings());
    assert_eq!((loaded.images[0].voxel_type, &values(&loaded)[..4]), (VoxelType::U16, &[0xFFF, 0x800, 0x7FF, 1][..]));
}

#[test]
fn eight_bits_stay_eight_bits() {
    let folder = Folder::new();
    let bytes: Vec<u8> = (250..=255).chain(0..6).collect();
    let file = slice(0)
        .text(tags::SLICE_THICKNESS, VR::DS, "2")
        .us(tags::BITS_ALLOCATED, 8)
        .us(tags::BITS_STORED, 8)
        .us(tags::HIGH_BIT, 7);
    file.clone().bytes(&bytes).write(&folder.path("0.dcm"));
    let loaded = load(folder.root()).unwrap();
    assert_eq!((loaded.images[0].voxel_type, &loaded.images[0].voxels), (VoxelType::I8, &bytes));
}

#[test]
fn bytes_in_words_of_either_order_are_the_same_bytes() {
    let folder = Folder::new();
    let words = [0x0201, 0x0403, 0x0605, 0x0807, 0x0009];
    for syntax in [uids::EXPLICIT_VR_LITTLE_ENDIAN, "1.2.840.10008.1.2.2"] {
        slice(0)
            .text(tags::SLICE_THICKNESS, VR::DS, "2")
            .us(tags::ROWS, 3)
            .us(tags::COLUMNS, 3)
            .us(tags::BITS_ALLOCATED, 8)
            .us(tags::BITS_STORED, 8)
            .us(tags::HIGH_BIT, 7)
            .us(tags::PIXEL_REPRESENTATION, 0)
            .words(&words)
            .syntax(syntax)
            .write(&folder.path("0.dcm"));
        assert_eq!(load(folder.root()).unwrap().images[0].voxels, [1, 2, 3, 4, 5, 6, 7, 8, 9], "{syntax}");
    }
}

#[test]
fn slopes_that_differ_are_kept_for_each_slice() {
    let folder = Folder::new();
    for index in 0..3 {
        slice(index)
            .text(tags::RESCALE_SLOPE, VR::DS, &format!("{}", 3 - index))
            .write(&folder.path(&format!("{index}")));
    }
    let slopes: Vec<f64> = load(folder.root()).unwrap().images[0].scaling.iter().map(|scaling| scaling.slope).collect();
    assert_eq!(slopes, [3.0, 2.0, 1.0]);
}

#[test]
fn padding_is_told_and_warned_of_where_it_hides() {
    let folder = Folder::new();
    let padded = |value: i16| {
        let words: [u16; 12] = std::array::from_fn(|i| if i == 5 { value as u16 } else { i as u16 * 10 });
        slice(0)
            .text(tags::SLICE_THICKNESS, VR::DS, "2")
            .us(tags::PIXEL_PADDING_VALUE, value as u16)
            .words(&words)
            .write(&folder.path("0"));
        let host = TestHost::new();
        load_with("{}", folder.root(), &host).unwrap();
        let told = host.log().into_iter().find(|(_, line)| line.contains("1 voxels carry the stored value"));
        told.expect("padding is told").0
    };
    assert_eq!((padded(-2000), padded(55)), (LogLevel::Info, LogLevel::Warning));
}

#[test]
fn memory_is_limited_before_it_is_taken() {
    let folder = Folder::new();
    folder.series(2);
    let mut asked = request(folder.root());
    asked.max_bytes = 47;
    let host = TestHost::new();
    let outcome = voxomics_sdk::Loader::load(&loader("{}"), &asked, &host.context());
    assert!(outcome.unwrap_err().to_string().contains("promises 48 bytes of voxels, the limit is 47"));
}
