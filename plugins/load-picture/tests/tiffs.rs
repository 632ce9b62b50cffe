//! TIFFs as tifffile 2026.3 and Pillow 13 write them and the encoder of the tests does not, byte by byte.

mod common;

use common::{half_mm, image, mask, values};
use load_picture::{Channel, Fault, Options};
use voxomics_sdk::VoxelType;

/// A directory: tags with their numbers, each of 16 bits, and strips.
type Directory<'a> = (&'a [(u16, &'a [u16])], &'a [&'a [u8]]);

/// A file of these directories, 3 × 2 pixels each unless the tags say otherwise, little-endian.
fn by_hand(pages: &[Directory<'_>]) -> Vec<u8> {
    let mut file = b"II*\0\0\0\0\0".to_vec();
    let mut link = 4;
    for (tags, strips) in pages {
        let mut entries: Vec<(u16, u16, Vec<u32>)> =
            tags.iter().map(|(tag, numbers)| (*tag, 3, numbers.iter().map(|n| u32::from(*n)).collect())).collect();
        let mut missing = |tag: u16, kind: u16, numbers: Vec<u32>| {
            if !entries.iter().any(|(known, ..)| *known == tag) {
                entries.push((tag, kind, numbers));
            }
        };
        let offsets = strips.iter().map(|strip| {
            let at = file.len() as u32;
            file.extend(*strip);
            at
        });
        missing(273, 4, offsets.collect());
        missing(279, 4, strips.iter().map(|strip| strip.len() as u32).collect());
        for (tag, number) in [(256, 3), (257, 2), (258, 8), (259, 1), (262, 1), (277, 1), (278, 2)] {
            missing(tag, 3, vec![number]);
        }
        entries.sort();
        let mut directory = (entries.len() as u16).to_le_bytes().to_vec();
        for (tag, kind, numbers) in entries {
            let bytes: Vec<u8> = match kind {
                3 => numbers.iter().flat_map(|n| (*n as u16).to_le_bytes()).collect(),
                _ => numbers.iter().flat_map(|n| n.to_le_bytes()).collect(),
            };
            [tag, kind].iter().for_each(|n| directory.extend(n.to_le_bytes()));
            directory.extend((numbers.len() as u32).to_le_bytes());
            let mut field = bytes.clone();
            if bytes.len() > 4 {
                field = (file.len() as u32).to_le_bytes().to_vec();
                file.extend(bytes);
            }
            field.resize(4, 0);
            directory.extend(field);
        }
        let at = (file.len() as u32).to_le_bytes();
        file[link..link + 4].copy_from_slice(&at);
        link = file.len() + directory.len();
        file.extend(directory);
        file.extend([0; 4]);
    }
    file
}

#[test]
fn channels_in_planes_of_their_own_are_the_same_colours() {
    let rgb: [(u16, &[u16]); 4] = [(258, &[8, 8, 8]), (262, &[2]), (277, &[3]), (284, &[2])];
    let planes: [&[u8]; 3] = [&[1, 2, 3, 4, 5, 6], &[11, 12, 13, 14, 15, 16], &[21, 22, 23, 24, 25, 26]];
    let file = by_hand(&[(&rgb, &planes)]);
    for (channel, expected) in [(Channel::Red, planes[0]), (Channel::Green, planes[1]), (Channel::Blue, planes[2])] {
        let options = Options { channel: Some(channel), ..half_mm() };
        let (scan, _) = image("a.tif", &file, &options).expect("a picture");
        assert_eq!(values(&scan), expected.iter().map(|byte| f64::from(*byte)).collect::<Vec<_>>());
    }
    let wide: [(u16, &[u16]); 4] = [(258, &[16, 16, 16]), (262, &[2]), (277, &[3]), (284, &[2])];
    let words: Vec<Vec<u8>> = planes.iter().map(|plane| plane.iter().flat_map(|byte| [*byte, 1]).collect()).collect();
    let file = by_hand(&[(&wide, &[&words[0], &words[1], &words[2]])]);
    let (scan, _) = image("a.tif", &file, &Options { channel: Some(Channel::Blue), ..half_mm() }).expect("a picture");
    assert_eq!(values(&scan), planes[2].iter().map(|byte| 256.0 + f64::from(*byte)).collect::<Vec<_>>());
}

#[test]
fn few_bits_are_read_as_they_are() {
    for (bits, strip, expected) in [
        (1, [0b0100_0000, 0b1010_0000].to_vec(), [0, 1, 0, 1, 0, 1]),
        (2, [0b0001_1000, 0b1101_1000].to_vec(), [0, 1, 2, 3, 1, 2]),
        (4, vec![0x0f, 0x20, 0x34, 0x50], [0, 15, 2, 3, 4, 5]),
    ] {
        let file = by_hand(&[(&[(258, &[bits])], &[&strip])]);
        let (scan, _) = image("a.tif", &file, &half_mm()).expect("a picture");
        assert_eq!(values(&scan), expected.map(f64::from), "{bits} bits");
        assert_eq!(mask("m.tif", &file, [3, 2, 1]).expect("a mask").0, expected.map(f64::from), "{bits} bits");
    }
}

#[test]
fn opacity_beside_grey_values_is_told_from_another_channel() {
    let strip: &[u8] = &[1, 255, 2, 255, 3, 255, 4, 255, 5, 255, 6, 255];
    let with = |tags: &[(u16, &[u16])]| {
        let all: Vec<(u16, &[u16])> =
            [(258, &[8_u16, 8][..]), (277, &[2_u16][..])].iter().chain(tags).copied().collect();
        by_hand(&[(&all, &[strip])])
    };
    let (scan, _) = image("a.tif", &with(&[(338, &[2])]), &half_mm()).expect("a picture");
    assert_eq!(values(&scan), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    let refused = image("a.tif", &with(&[(338, &[0])]), &half_mm());
    assert!(
        matches!(refused, Err(Fault::Unsupported { found, .. }) if found.contains("2 channels that are no colours"))
    );
}

#[test]
fn floats_of_16_bits_are_widened() {
    // 1, 0.5, -2, 65504, 0, 6e-8: IEEE 754, binary16.
    let strip: Vec<u8> =
        [0x3c00_u16, 0x3800, 0xc000, 0x7bff, 0, 1].iter().flat_map(|half| half.to_le_bytes()).collect();
    let (scan, _) =
        image("a.tif", &by_hand(&[(&[(258, &[16]), (339, &[3])], &[&strip])]), &half_mm()).expect("a picture");
    assert_eq!(scan.voxel_type, VoxelType::F32);
    assert_eq!(values(&scan), [1.0, 0.5, -2.0, 65_504.0, 0.0, 2.0_f64.powi(-24)]);
}

#[test]
fn smaller_copies_and_masks_of_pages_are_no_slices() {
    let whole: Directory<'_> = (&[], &[&[1, 2, 3, 4, 5, 6]]);
    let small: Directory<'_> = (&[(254, &[1]), (256, &[1]), (257, &[1]), (278, &[1])], &[&[9]]);
    let masked: Directory<'_> = (&[(254, &[4])], &[&[1; 6]]);
    let (scan, notes) = image("a.tif", &by_hand(&[whole, small, masked]), &half_mm()).expect("a picture");
    assert_eq!((scan.grid.dims, values(&scan)), ([3, 2, 1], vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0]));
    assert!(notes.iter().any(|note| note.contains("2 of 3 pages are smaller copies or masks")), "{notes:?}");
    // The pages keep their numbers.
    let second = image("a.tif", &by_hand(&[whole, small]), &Options { page: Some(2), ..half_mm() });
    assert_eq!(second.map(|(scan, _)| values(&scan)).ok(), Some(vec![9.0]));
    let slices = by_hand(&[whole, small, whole]);
    let volume = image("a.tif", &slices, &Options { slice_mm: Some(2.0), ..half_mm() });
    assert_eq!(volume.map(|(scan, _)| scan.grid.dims).ok(), Some([3, 2, 2]));
    // One by itself is a picture.
    assert!(image("a.tif", &by_hand(&[small]), &half_mm()).is_ok());
}
