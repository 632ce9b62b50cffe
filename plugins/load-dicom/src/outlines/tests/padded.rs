//! Segmentations of bits whose writer filled up each frame.

use dicom_core::{DataElement, PrimitiveValue, VR};
use dicom_dictionary_std::{tags, uids};

use super::seg::{DIMS, Seg, bytes, field};
use crate::outlines::testing::{Answer, Random, grids, load, write};

/// The bits of each frame, filled up to so many bytes; the filling is this bit.
fn padded(seg: &Seg, stride: usize, filling: bool) -> Vec<u8> {
    let frame = |pixels: &[u16]| -> Vec<u8> {
        let bit = |at: usize| pixels.get(at).map_or(filling, |value| *value != 0);
        let byte = |index: usize| (0..8).rev().fold(0, |byte, bit_of| byte << 1 | u8::from(bit(8 * index + bit_of)));
        (0..stride).map(byte).collect()
    };
    seg.frames.iter().flat_map(|one| frame(&one.pixels)).collect()
}

fn read(seg: &Seg, mut bytes: Vec<u8>) -> Answer {
    let [grid, ..] = grids(DIMS);
    bytes.resize(bytes.len().next_multiple_of(2), 0);
    for syntax in [uids::EXPLICIT_VR_LITTLE_ENDIAN, uids::DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN] {
        let mut file = seg.object();
        file.put(DataElement::new(tags::PIXEL_DATA, VR::OB, PrimitiveValue::from(bytes.clone())));
        let answer = load(&write(file, syntax).0, Some(&grid), &[]);
        if syntax != uids::EXPLICIT_VR_LITTLE_ENDIAN {
            return answer;
        }
    }
    unreachable!("two syntaxes")
}

#[test]
fn frames_that_are_filled_up_to_whole_bytes_are_read_so_and_it_is_said() {
    let [grid, ..] = grids(DIMS);
    let mut random = Random::new(41);
    // 35 voxels per frame: 5 bytes, or 6.
    let field = field(&mut random, 9);
    let seg = Seg::axial(&grid, &[(1, "A", &field)]);
    assert_eq!(seg.frames.len(), 4);
    for stride in [5, 6] {
        let answer = read(&seg, padded(&seg, stride, false));
        assert_eq!(answer.mask(&grid), bytes(&field), "{stride}");
        let words = format!("each frame of 35 bits is filled up to {stride} bytes");
        assert!(answer.warnings().contains(&words), "{}", answer.warnings());
        let error = read(&seg, padded(&seg, stride, true)).error();
        assert!(error.contains("what would be filling is not empty"), "{error}");
    }
    // Without a gap nothing is said, and any other length is refused.
    let packed = || (0..18).map(|_| 0x55).collect::<Vec<u8>>();
    assert_eq!(read(&seg, packed()).warnings(), "");
    assert!(read(&seg, [packed(), vec![0; 30]].concat()).error().contains("bytes"), "30 bytes more");
}
