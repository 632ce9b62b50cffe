//! JPEG-LS and high-throughput JPEG 2000: streams that other implementations wrote, CharLS 2.4.3 and OpenJPH 0.26.3.

mod common;

use common::*;
use dicom_core::VR;
use dicom_dictionary_std::{tags, uids};

/// 6 rows of 8 columns, 12 bits: runs of one value, and steps without rule.
fn steps() -> Vec<i16> {
    (0..48).map(|i| if i % 8 < 3 { 100 } else { i * i * 37 % 4096 } as i16).collect()
}

/// imagecodecs `jpegls_encode` of [`steps`].
const LOSSLESS: &str = "ffd8ffe800205350494646000200000100000006000000080a1006010000012c0000012cffe8000800000001ffd8fff7000b1\
    00006000801011100fff8000d01ffff0012004301140040ffda00080101000000004c7801007a38174bf2977700346050073a7cc079de2b017f17a8\
    1e48fddc330120e93ff82941424f990cae4ac349ea63077f52d51e5b90ffd9";

/// The same at `level=3`: no value is further than 3 from its own.
const NEAR: &str = "ffd8ffe800205350494646000200000100000006000000080a1006010000012c0000012cffe8000800000001ffd8fff7000b100006\
    000801011100fff8000d01ffff001b005201290040ffda000801010003000046e01008749ddf343c034336c8423c2bfc632dcd81cc6cf87d16fd4a3\
    7aaa1be7c18eb1aa29ea402ad50fe00ffd9";

/// What CharLS itself makes of [`NEAR`].
const NEARLY: [i16; 48] = [
    98, 98, 98, 336, 595, 925, 1333, 1812, 98, 98, 98, 378, 1232, 2156, 3158, 134, 98, 98, 98, 1071, 2515, 4030, 1524,
    3187, 98, 98, 98, 2394, 335, 2445, 531, 2789, 98, 98, 98, 266, 2898, 1504, 183, 3030, 98, 98, 98, 2877, 2001, 1200,
    465, 3912,
];

/// CharLS 2.4.1 of [`steps`] with the thresholds 9, 40 and 200 and the RESET 5.
const PRESET: &str = "ffd8fff7000b0c0006000801011100fff8000d010fff0009002800c80005ffda000801010000000008f02000031008a65c4a5ddc\
    0cc000001000000003d0f30000000018b800000c05fc3ea000000000e36107b01300df000005f7bd00003051d80eeaaecabb29ea79f706a56c88db8\
    0ffd9";

/// imagecodecs `jpegls_encode` of the same modulo 256, 8 bits.
const OF_8_BITS: &str = "ffd8ffe800205350494646000200000100000006000000080a0806010000012c0000012cffe8000800000001ffd8fff7000b08\
    0006000801011100ffda0008010100000000000001c6900000096f80000b0327930000015e000001a5000001c50001c0000067b81f800000cf00000\
    0cf188000007f317c000007f8000005e4bec14c0440000019e315fabe03d5e4a188ffd9";

/// imagecodecs `htj2k_encode(reversible=True)` of [`steps`].
const HIGH_THROUGHPUT: &str = "ff4fff5100294000000000080000000600000000000000000000000800000006000000000000000000010f0101ff500008\
    00020000000aff52000c00020001000504044001ff5c00132088909090909090909090909090888888ff64001700014f70656e4a504820566572203\
    02e32362e332eff90000a00000000009e0001ff93c00026a9fa050774000000c00012c0001340001300600307740068fe02077400a6fb03077400c0\
    0015500004f00004e0dfaa8db84ee60186b40005228800c234000b0cf002817400c0002d580005a90000b500b9082711ed7b08500c6803edfe1207e\
    320807a58004fb8f6cc67f9ed0ff61dc46c00a2d190600a58003fe16bff47ff7d7feff3e405380fe32940165900ffd9";

fn read(file: &File) -> Result<Vec<i16>, String> {
    let folder = Folder::new();
    file.write(&folder.path("0.dcm"));
    load(folder.root()).map(|loaded| values(&loaded)).map_err(|error| error.to_string())
}

#[test]
fn a_stream_may_be_padded_with_a_blank() {
    for (syntax, stream) in [(uids::JPEGLS_LOSSLESS, LOSSLESS), ("1.2.840.10008.1.2.4.201", HIGH_THROUGHPUT)] {
        let mut padded = hex(stream);
        padded.resize(padded.len().next_multiple_of(2), b' ');
        padded.extend(b"  ");
        assert_eq!(read(&streamed(syntax, 12, &padded)).unwrap(), steps(), "{syntax}");
        // What is cut off is no padding.
        padded.truncate(hex(stream).len() - 2);
        padded.extend(b"  ");
        assert!(read(&streamed(syntax, 12, &padded)).unwrap_err().contains("no end marker"), "{syntax}");
    }
}

#[test]
fn jpeg_ls_is_read_lossless_and_near_lossless() {
    let stream = hex(LOSSLESS);
    assert_eq!(read(&streamed(uids::JPEGLS_LOSSLESS, 12, &stream)).unwrap(), steps());
    assert_eq!(read(&streamed(uids::JPEGLS_NEAR_LOSSLESS, 12, &hex(NEAR))).unwrap(), NEARLY);
    let (first, second) = stream.split_at(80);
    let parted = streamed(uids::JPEGLS_LOSSLESS, 12, &stream).fragments(uids::JPEGLS_LOSSLESS, &[first, second]);
    assert_eq!(read(&parted).unwrap(), steps(), "a frame in two fragments");
    assert_eq!(read(&streamed(uids::JPEGLS_LOSSLESS, 12, &hex(PRESET))).unwrap(), steps());
    // Fill bytes before a marker, and no restart intervals: other ways to say the same.
    let (head, scan) = stream.split_at(stream.windows(2).position(|pair| pair == [0xFF, 0xDA]).unwrap());
    let (scan, end) = scan.split_at(scan.len() - 2);
    let wordy = [head, &[0xFF, 0xDD, 0, 4, 0, 0, 0xFF], scan, &[0xFF], end].concat();
    assert_eq!(read(&streamed(uids::JPEGLS_LOSSLESS, 12, &wordy)).unwrap(), steps());
    let small = streamed(uids::JPEGLS_LOSSLESS, 8, &hex(OF_8_BITS));
    let expected: Vec<i16> = (0..48).map(|i| if i % 8 < 3 { 100 } else { i * i * 37 % 256 } as i16).collect();
    assert_eq!(read(&small).unwrap(), expected, "8 bits for 16");
    let folder = Folder::new();
    small.us(tags::BITS_ALLOCATED, 8).write(&folder.path("0.dcm"));
    assert_eq!(load(folder.root()).unwrap().images[0].voxels, expected.iter().map(|x| *x as u8).collect::<Vec<_>>());
}

#[test]
fn jpeg_ls_is_held_against_its_size_sign_and_end() {
    let stream = hex(LOSSLESS);
    let good = streamed(uids::JPEGLS_LOSSLESS, 12, &stream);
    assert!(read(&good.clone().us(tags::ROWS, 7)).unwrap_err().contains("6 × 8 pixels"));
    let signed = good.clone().us(tags::PIXEL_REPRESENTATION, 1);
    assert!(read(&signed).is_ok(), "the sign is the highest bit that is stored");
    assert!(read(&streamed(uids::JPEGLS_LOSSLESS, 8, &stream).us(tags::BITS_ALLOCATED, 8)).is_err());
    for cut in 2..stream.len() - 2 {
        let short = [&stream[..cut], &[0xFF, 0xD9]].concat();
        let message = read(&streamed(uids::JPEGLS_LOSSLESS, 12, &short)).expect_err("a stream cut short");
        assert!(message.contains("frame 1 cannot be decoded"), "{message}");
    }
    // Whatever a damaged stream says, it is read or refused.
    for at in 0..stream.len() {
        let mut wrong = stream.clone();
        wrong[at] ^= 0x81;
        let _read_or_refused = read(&streamed(uids::JPEGLS_LOSSLESS, 12, &wrong));
    }
}

#[test]
fn jpeg_ls_whose_values_are_in_doubt_is_refused() {
    let refusal = |stream: &[u8]| read(&streamed(uids::JPEGLS_LOSSLESS, 12, stream)).expect_err("a stream in doubt");
    let stream = hex(LOSSLESS);
    let (pixels, end) = stream.split_at(stream.len() - 2);
    for left in [&[0_u8][..], &[0x5A], &[0xFF, 0x00], &[0, 0, 0], &[0xFF, 0xD0]] {
        let message = refusal(&[pixels, left, end].concat());
        assert!(message.contains("go on after the last"), "{left:?}: {message}");
    }
    let mut unclean = stream.clone();
    unclean[pixels.len() - 1] |= 1;
    assert!(refusal(&unclean).contains("go on after the last"));
    let mut smaller = hex(PRESET);
    let at = smaller.windows(4).position(|word| word == [0, 13, 1, 0x0F]).unwrap() + 3;
    smaller[at] = 0x0E;
    assert!(refusal(&smaller).contains("MAXVAL 3839, expected 4095"));
    // Codes of their greatest length, for differences that no pixels have.
    let start = stream.windows(2).position(|pair| pair == [0xFF, 0xDA]).unwrap() + 10;
    for byte in [0x00, 0x01, 0x07, 0x0F, 0x55, 0x7F] {
        let mut noise = stream[..start].to_vec();
        noise.extend([byte; 400]);
        noise.extend([0xFF, 0xD9]);
        refusal(&noise);
    }
}

#[test]
fn high_throughput_jpeg_2000_is_read() {
    for syntax in ["1.2.840.10008.1.2.4.201", "1.2.840.10008.1.2.4.202", "1.2.840.10008.1.2.4.203"] {
        let file = streamed(syntax, 16, &hex(HIGH_THROUGHPUT)).text(tags::SERIES_DESCRIPTION, VR::LO, "compressed");
        assert_eq!(read(&file).unwrap(), steps(), "{syntax}");
    }
}
