//! Pictures.

use std::path::Path;

use load_picture::Picture;
use voxomics_sdk::{Description, Grid, LoadRequest, Loader, Role, Selection, testing};

use super::{Case, MAX_BYTES, Outcome, Reader, load};

/// PNG, TIFF, BMP and JPEG.
pub const PICTURE: Reader = Reader { name: "picture", words: WORDS, cases, read };

const WORDS: &[&str] =
    &["IHDR", "PLTE", "IDAT", "tRNS", "pHYs", "IEND", "II*\0", "MM\0*", "BM", "Exif\0\0", "ImageJ=1.53\nunit=mm"];

/// As a mask on an image, as a mask by itself, and as an image.
fn read(folder: &Path, case: &Case) -> Result<Outcome, String> {
    let description: Description = Picture::describe();
    let json = r#"{"pixel_mm": [0.5, 0.5], "slice_mm": 1, "channel": "luminance"}"#;
    let grid = Grid {
        dims: [4, 3, 1],
        spacing: [1.0; 3],
        origin: [0.0; 3],
        direction: [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
    };
    let request = |role, reference| LoadRequest {
        path: folder.join(&case.files[0].0),
        role,
        reference,
        selection: Selection::default(),
        max_bytes: MAX_BYTES,
    };
    let mut outcome = Outcome::Refused("nothing was read".into());
    // What a picture does not say must be set, and a channel only of colours: one of these reads a sound one.
    for json in ["{}", r#"{"pixel_mm": [0.5, 0.5], "slice_mm": 1}"#, json] {
        let settings = testing::settings(&description, json).map_err(|wrong| format!("{wrong:?}"))?;
        let loader = Picture::configure(&settings).map_err(|error| error.to_string())?;
        for reference in [Some(grid), None] {
            load(&loader, &request(Role::Segmentation, reference), case)?;
        }
        if let Outcome::Read = load(&loader, &request(Role::Image, None), case)? {
            outcome = Outcome::Read;
        }
    }
    Ok(outcome)
}

fn cases() -> Vec<Case> {
    vec![
        Case::one("grey.png", GREY_PNG.to_vec()),
        Case::one("palette.png", PALETTE_PNG.to_vec()),
        Case::one("colour.bmp", bmp()),
        Case::one("grey.tif", tiff(false)),
        Case::one("pages.tif", tiff(true)),
        Case::one("planes.tif", planes(b"ImageJ=1.53\nimages=1\nunit=mm\nspacing=2.5\n\0")),
        Case::one("planes.ome.tif", planes(b"<OME><Pixels SizeC=\"3\" SizeT=\"1\" SizeZ=\"1\" PhysicalSizeX=\"2\">\0")),
        Case::one("grey.jpg", GREY_JPEG.to_vec()),
        Case::one("colour.jpg", PROGRESSIVE_JPEG.to_vec()),
    ]
}

/// 4 × 3 pixels of 16 bits, of 0.5 mm.
const GREY_PNG: &[u8] = &[
    137, 80, 78, 71, 13, 10, 26, 10, 0, 0, 0, 13, 73, 72, 68, 82, 0, 0, 0, 4, 0, 0, 0, 3, 16, 0, 0, 0, 0, 193, 15, 45,
    89, 0, 0, 0, 9, 112, 72, 89, 115, 0, 0, 7, 208, 0, 0, 7, 208, 1, 185, 139, 231, 159, 0, 0, 0, 36, 73, 68, 65, 84,
    120, 156, 99, 96, 96, 96, 96, 102, 96, 99, 224, 100, 96, 252, 194, 248, 157, 241, 23, 227, 95, 6, 230, 23, 204,
    175, 153, 223, 49, 127, 4, 0, 67, 3, 7, 183, 252, 236, 17, 103, 0, 0, 0, 0, 73, 69, 78, 68, 174, 66, 96, 130,
];

/// 4 × 3 pixels of 2 bits with four colours.
const PALETTE_PNG: &[u8] = &[
    137, 80, 78, 71, 13, 10, 26, 10, 0, 0, 0, 13, 73, 72, 68, 82, 0, 0, 0, 4, 0, 0, 0, 3, 2, 3, 0, 0, 0, 201, 154, 70,
    85, 0, 0, 0, 12, 80, 76, 84, 69, 0, 0, 0, 255, 0, 0, 0, 255, 0, 255, 255, 0, 155, 126, 53, 206, 0, 0, 0, 14, 73,
    68, 65, 84, 120, 156, 99, 144, 102, 8, 96, 248, 15, 0, 2, 124, 1, 107, 123, 134, 187, 249, 0, 0, 0, 0, 73, 69, 78,
    68, 174, 66, 96, 130,
];

/// 4 × 3 pixels of 24 bits.
fn bmp() -> Vec<u8> {
    let mut file = b"BM".to_vec();
    for number in [54 + 36_u32, 0, 54, 40, 4, 3] {
        file.extend(number.to_le_bytes());
    }
    file.extend([1, 0, 24, 0]);
    file.extend([0; 24]);
    file.extend((0..36).map(|i| 7 * i as u8));
    file
}

/// 4 × 3 pixels of 16 bits, once or twice.
fn tiff(twice: bool) -> Vec<u8> {
    let mut file = b"II*\0".to_vec();
    file.extend(32_u32.to_le_bytes());
    file.extend((0..12_u16).flat_map(|i| (1000 * i).to_le_bytes()));
    for page in 0..=u32::from(twice) {
        let entries =
            [(256_u16, 4_u32), (257, 3), (258, 16), (259, 1), (262, 1), (273, 8), (277, 1), (278, 3), (279, 24)];
        file.extend((entries.len() as u16).to_le_bytes());
        for (tag, value) in entries {
            file.extend(tag.to_le_bytes());
            file.extend(4_u16.to_le_bytes());
            file.extend(1_u32.to_le_bytes());
            file.extend(value.to_le_bytes());
        }
        let next = if twice && page == 0 { file.len() as u32 + 4 } else { 0 };
        file.extend(next.to_le_bytes());
    }
    file
}

/// 4 × 3 pixels of red, green and blue in planes of their own, with a description.
fn planes(description: &[u8]) -> Vec<u8> {
    let mut file = b"II*\0\0\0\0\0".to_vec();
    file.extend(0..36);
    let bits = file.len() as u32;
    [8_u16, 8, 8].iter().for_each(|number| file.extend(number.to_le_bytes()));
    let [strips, sizes, density] = [[8_u32, 20, 32], [12; 3], [2, 1, 0]].map(|numbers| {
        let at = file.len() as u32;
        numbers.iter().for_each(|number| file.extend(number.to_le_bytes()));
        at
    });
    let (text, length) = (file.len() as u32, description.len() as u32);
    file.extend(description);
    let directory = file.len() as u32;
    file[4..8].copy_from_slice(&directory.to_le_bytes());
    let entries: [(u16, u16, u32, u32); 14] = [
        (256, 3, 1, 4),
        (257, 3, 1, 3),
        (258, 3, 3, bits),
        (259, 3, 1, 1),
        (262, 3, 1, 2),
        (270, 2, length, text),
        (273, 4, 3, strips),
        (277, 3, 1, 3),
        (278, 3, 1, 3),
        (279, 4, 3, sizes),
        (282, 5, 1, density),
        (283, 5, 1, density),
        (284, 3, 1, 2),
        (296, 3, 1, 1),
    ];
    file.extend((entries.len() as u16).to_le_bytes());
    for (tag, kind, count, value) in entries {
        [tag, kind].iter().for_each(|number| file.extend(number.to_le_bytes()));
        [count, value].iter().for_each(|number| file.extend(number.to_le_bytes()));
    }
    file.extend([0; 4]);
    file
}

/// 4 × 3 pixels of 8 bits.
const GREY_JPEG: &[u8] = &[
    255, 216, 255, 224, 0, 16, 74, 70, 73, 70, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0, 255, 219, 0, 67, 0, 16, 11, 12, 14, 12,
    10, 16, 14, 13, 14, 18, 17, 16, 19, 24, 40, 26, 24, 22, 22, 24, 49, 35, 37, 29, 40, 58, 51, 61, 60, 57, 51, 56, 55,
    64, 72, 92, 78, 64, 68, 87, 69, 55, 56, 80, 109, 81, 87, 95, 98, 103, 104, 103, 62, 77, 113, 121, 112, 100, 120,
    92, 101, 103, 99, 255, 192, 0, 11, 8, 0, 3, 0, 4, 1, 1, 17, 0, 255, 196, 0, 20, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 5, 255, 196, 0, 27, 16, 0, 1, 4, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 0, 2, 3, 4, 20, 36, 145,
    255, 218, 0, 8, 1, 1, 0, 0, 63, 0, 98, 144, 81, 184, 205, 211, 143, 139, 255, 217,
];

/// 4 × 3 pixels in colour, in several scans, of channels in different sizes.
const PROGRESSIVE_JPEG: &[u8] = &[
    255, 216, 255, 224, 0, 16, 74, 70, 73, 70, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0, 255, 219, 0, 67, 0, 27, 18, 20, 23, 20,
    17, 27, 23, 22, 23, 30, 28, 27, 32, 40, 66, 43, 40, 37, 37, 40, 81, 58, 61, 48, 66, 96, 85, 101, 100, 95, 85, 93,
    91, 106, 120, 153, 129, 106, 113, 144, 115, 91, 93, 133, 181, 134, 144, 158, 163, 171, 173, 171, 103, 128, 188,
    201, 186, 166, 199, 153, 168, 171, 164, 255, 219, 0, 67, 1, 28, 30, 30, 40, 35, 40, 78, 43, 43, 78, 164, 110, 93,
    110, 164, 164, 164, 164, 164, 164, 164, 164, 164, 164, 164, 164, 164, 164, 164, 164, 164, 164, 164, 164, 164, 164,
    164, 164, 164, 164, 164, 164, 164, 164, 164, 164, 164, 164, 164, 164, 164, 164, 164, 164, 164, 164, 164, 164, 164,
    164, 164, 164, 164, 164, 255, 194, 0, 17, 8, 0, 3, 0, 4, 3, 1, 34, 0, 2, 17, 1, 3, 17, 1, 255, 196, 0, 21, 0, 1, 1,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 255, 196, 0, 21, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    1, 4, 255, 218, 0, 12, 3, 1, 0, 2, 16, 3, 16, 0, 0, 1, 128, 83, 255, 196, 0, 21, 16, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 17, 255, 218, 0, 8, 1, 1, 0, 1, 5, 2, 175, 255, 196, 0, 24, 17, 0, 2, 3, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 1, 2, 17, 49, 255, 218, 0, 8, 1, 3, 1, 1, 63, 1, 81, 85, 135, 255, 196, 0, 22, 17, 0, 3, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 17, 255, 218, 0, 8, 1, 2, 1, 1, 63, 1, 136, 255, 196, 0, 20, 16, 1, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 218, 0, 8, 1, 1, 0, 6, 63, 2, 127, 255, 196, 0, 22, 16, 1, 1, 1, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 81, 255, 218, 0, 8, 1, 1, 0, 1, 63, 33, 86, 223, 255, 218, 0, 12, 3, 1,
    0, 2, 0, 3, 0, 0, 0, 16, 15, 255, 196, 0, 23, 17, 0, 3, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 17, 33, 145,
    255, 218, 0, 8, 1, 3, 1, 1, 63, 16, 77, 24, 127, 255, 196, 0, 23, 17, 0, 3, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 1, 17, 49, 255, 218, 0, 8, 1, 2, 1, 1, 63, 16, 80, 195, 255, 196, 0, 22, 16, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 17, 49, 255, 218, 0, 8, 1, 1, 0, 1, 63, 16, 102, 143, 255, 217,
];
