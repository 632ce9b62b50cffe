//! Masks as the pixels of frames.

use voxomics_sdk::Error;

/// A frame: the number of its segment, if it has one of its own, and its slice, counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame {
    pub segment: Option<u16>,
    pub slice: usize,
}

/// Frames and their pixels, padded to whole words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    pub frames: Vec<Frame>,
    pub pixels: Vec<u8>,
    /// Bits of a pixel.
    pub bits: u16,
}

fn slice_of(mask: &[u8], area: usize, slice: usize) -> &[u8] {
    &mask[slice * area..(slice + 1) * area]
}

/// One frame for each slice in which a region has voxels, region after region; one bit a voxel, the first the lowest, without
/// a gap between frames (DICOM PS3.5, 8.2). A slice has `area` voxels.
pub fn binary(regions: &[(&str, &[u8])], area: usize) -> Stored {
    let mut frames = Vec::new();
    let (mut pixels, mut bit) = (Vec::new(), 0);
    for ((_, mask), segment) in regions.iter().zip(1..) {
        for slice in 0..mask.len() / area {
            let voxels = slice_of(mask, area, slice);
            if !voxels.contains(&1) {
                continue;
            }
            frames.push(Frame { segment: Some(segment), slice });
            pixels.resize((bit + area).div_ceil(8), 0);
            for voxel in voxels {
                pixels[bit / 8] |= voxel << (bit % 8);
                bit += 1;
            }
        }
    }
    pixels.resize(pixels.len().next_multiple_of(2), 0);
    Stored { frames, pixels, bits: 1 }
}

/// One frame for each slice in which a region has voxels: the number of the region in each voxel, 0 outside.
///
/// # Errors
/// If there are more than 255 regions, or two share a voxel.
pub fn label_map(regions: &[(&str, &[u8])], area: usize) -> Result<Stored, Error> {
    let too_many = || {
        let count = regions.len();
        Error::input(format!("{count} regions are more than the 255 of a map of labels: say segmentation = \"binary\""))
    };
    let count = u8::try_from(regions.len()).map_err(|_| too_many())?;
    let mut labels = vec![0u8; regions.first().map_or(0, |(_, mask)| mask.len())];
    for ((name, mask), number) in regions.iter().zip(1..=count) {
        for (label, _) in labels.iter_mut().zip(*mask).filter(|(_, inside)| **inside == 1) {
            if *label != 0 {
                let other = regions[usize::from(*label) - 1].0;
                return Err(Error::input(format!(
                    "the regions `{other}` and `{name}` share voxels, and a map of labels has one label a voxel: say \
                     segmentation = \"binary\""
                )));
            }
            *label = number;
        }
    }
    let slices =
        (0..labels.len() / area).filter(|slice| slice_of(&labels, area, *slice).iter().any(|label| *label != 0));
    let frames: Vec<Frame> = slices.map(|slice| Frame { segment: None, slice }).collect();
    let mut pixels: Vec<u8> = frames.iter().flat_map(|frame| slice_of(&labels, area, frame.slice)).copied().collect();
    pixels.resize(pixels.len().next_multiple_of(2), 0);
    Ok(Stored { frames, pixels, bits: 8 })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two slices of 3 × 1 voxels.
    const ONE: [u8; 6] = [1, 0, 1, 0, 0, 0];
    const OTHER: [u8; 6] = [0, 1, 0, 1, 1, 1];

    #[test]
    fn bits_follow_each_other_without_a_gap() {
        let stored = binary(&[("one", &ONE), ("other", &OTHER)], 3);
        let frame = |segment, slice| Frame { segment: Some(segment), slice };
        assert_eq!(stored.frames, [frame(1, 0), frame(2, 0), frame(2, 1)]);
        // 101, 010 and 111, the lowest bit first.
        assert_eq!(stored.pixels, [0b1101_0101, 0b1]);
    }

    #[test]
    fn a_map_has_the_number_of_each_region() {
        let stored = label_map(&[("one", &ONE), ("other", &OTHER)], 3).expect("no voxel is shared");
        assert_eq!(stored.frames, [0, 1].map(|slice| Frame { segment: None, slice }));
        assert_eq!(stored.pixels, [1, 2, 1, 2, 2, 2]);
    }

    #[test]
    fn regions_that_share_a_voxel_are_no_map() {
        let error = label_map(&[("one", &ONE), ("same", &ONE)], 3).expect_err("they are the same");
        assert!(error.to_string().contains("`one` and `same` share voxels"), "{error}");
    }
}
