//! Pictures that the tests make: what is read, and what is refused and why.

mod common;

use common::{Folder, LIMIT, grey_8, half_mm, image, mask, png, tiff, values};
use load_picture::{Channel, Fault, Options, read_image, recognises, recognises_folder};

#[test]
fn stored_values_are_read_as_they_are() {
    use png::{BitDepth, ColorType};
    let expected = [0.0, 1.0, 2.0, 253.0, 254.0, 255.0];
    let (scan, _) = image("a.png", &grey_8(&[0, 1, 2, 253, 254, 255]), &half_mm()).expect("a picture");
    assert_eq!((values(&scan), scan.grid.dims, scan.grid.spacing), (expected.into(), [3, 2, 1], [0.5, 0.25, 1.0]));
    let samples = [0_u16, 1, 256, 4660, 65_534, 65_535];
    let bytes: Vec<u8> = samples.iter().flat_map(|sample| sample.to_be_bytes()).collect();
    let (scan, _) =
        image("a.png", &png(ColorType::Grayscale, BitDepth::Sixteen, &bytes, |_| {}), &half_mm()).expect("a picture");
    assert_eq!(values(&scan), samples.map(f64::from));
    let (scan, _) = image("a.tif", &tiff(&[samples], None, None), &half_mm()).expect("a picture");
    assert_eq!(values(&scan), samples.map(f64::from));
    // Few bits are not stretched to many: a mask of one bit has the label 1.
    for (depth, data, expected) in [
        (BitDepth::One, [0b0100_0000, 0b1010_0000], [0.0, 1.0, 0.0, 1.0, 0.0, 1.0]),
        (BitDepth::Two, [0b0001_1000, 0b1101_1000], [0.0, 1.0, 2.0, 3.0, 1.0, 2.0]),
    ] {
        let (scan, _) =
            image("a.png", &png(ColorType::Grayscale, depth, &data, |_| {}), &half_mm()).expect("a picture");
        assert_eq!(values(&scan), expected);
    }
    let (scan, notes) = image("a.jpg", GREY_JPEG, &half_mm()).expect("a picture");
    assert!(values(&scan).iter().all(|value| (value - 100.0).abs() <= 1.0) && notes[0].contains("JPEG"));
    assert_eq!(
        image("a.bmp", &bmp([[9, 9, 9], [7, 7, 7]]), &half_mm()).map(|(scan, _)| values(&scan)).ok(),
        Some(vec![9.0, 7.0])
    );
}

/// A PNG whose Exif says that it is to be shown turned, behind its pixels.
#[test]
fn pictures_that_are_to_be_shown_turned_are_refused() {
    let exif =
        |orientation: u8| [&b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0"[..], &[orientation, 0, 0]].concat();
    let with = |orientation: u8| {
        let plain = grey_8(&[1; 6]);
        let block = [&b"eXIf"[..], &exif(orientation)].concat();
        let mut crc = flate2::Crc::new();
        crc.update(&block);
        let length = (block.len() as u32 - 4).to_be_bytes();
        let (before, end) = plain.split_at(plain.len() - 12);
        [before, &length, &block, &crc.sum().to_be_bytes(), end].concat()
    };
    assert!(image("a.png", &with(1), &half_mm()).is_ok());
    for bytes in [with(6), TURNED_JPEG.to_vec()] {
        let refused = image("a", &bytes, &half_mm());
        assert!(matches!(refused, Err(Fault::Unsupported { found, .. }) if found.contains("turned")));
    }
    assert!(matches!(mask("m.png", &with(3), [3, 2, 1]), Err(Fault::Unsupported { .. })));
}

#[test]
fn a_palette_may_have_transparent_colours() {
    // Of three colours, the last is not named, and opaque.
    let with = |opacities: &[u8]| {
        png(png::ColorType::Indexed, png::BitDepth::Eight, &[0, 1, 1, 2, 0, 2], |info| {
            info.palette = Some(vec![0, 0, 0, 90, 90, 90, 7, 7, 7].into());
            info.trns = Some(opacities.to_vec().into());
        })
    };
    let expected = vec![0.0, 90.0, 90.0, 7.0, 0.0, 7.0];
    assert_eq!(image("a.png", &with(&[255, 255]), &half_mm()).map(|(scan, _)| values(&scan)).ok(), Some(expected));
    for opacities in [[255, 0], [254, 255]] {
        let refused = image("a.png", &with(&opacities), &half_mm());
        assert!(matches!(refused, Err(Fault::Unsupported { found, .. }) if found.contains("transparent")));
    }
    // What is not seen of a mask is background.
    for (opacities, labels) in [([0, 255], [0.0, 1.0, 1.0, 2.0, 0.0, 2.0]), ([255, 0], [0.0, 0.0, 0.0, 2.0, 0.0, 2.0])]
    {
        let (found, names) = mask("m.png", &with(&opacities), [3, 2, 1]).expect("a mask");
        assert_eq!((found, names.len()), (labels.to_vec(), 1 + usize::from(opacities[1] != 0)));
    }
}

/// A BMP of 2 × 1 pixels of red, green, blue.
fn bmp(pixels: [[u8; 3]; 2]) -> Vec<u8> {
    let mut file = b"BM".to_vec();
    [62_u32, 0, 54, 40, 2, 1].iter().for_each(|number| file.extend(number.to_le_bytes()));
    file.extend([1, 0, 24, 0]);
    file.extend([0; 24]);
    pixels.iter().for_each(|[r, g, b]| file.extend([*b, *g, *r]));
    file.extend([0; 2]);
    file
}

#[test]
fn millimetres_come_from_the_file_or_a_setting_and_never_from_nowhere() {
    let bare = Options::default();
    let metres = |x, y| {
        png(png::ColorType::Grayscale, png::BitDepth::Eight, &[0; 6], |info| {
            info.pixel_dims = Some(png::PixelDimensions { xppu: x, yppu: y, unit: png::Unit::Meter });
        })
    };
    let spacing = |bytes: &[u8], options: &Options| {
        image("a", bytes, options).map(|(scan, _)| [scan.grid.spacing[0], scan.grid.spacing[1]])
    };
    assert_eq!(spacing(&metres(2000, 4000), &bare).ok(), Some([0.5, 0.25]));
    assert!(
        matches!(spacing(&grey_8(&[0; 6]), &bare), Err(Fault::NoMillimetres { why }) if why.contains("states no size"))
    );
    // Densities of screens and paper are none of a patient.
    for per_metre in [2835, 3780, 11_811] {
        let found = spacing(&metres(per_metre, per_metre), &bare);
        assert!(matches!(found, Err(Fault::NoMillimetres { why }) if why.contains("dots per inch")), "{per_metre}");
    }
    assert_eq!(spacing(&metres(3780, 3780), &half_mm()).ok(), Some([0.5, 0.25]));
    let (scan, notes) = image("a", &metres(2000, 2000), &half_mm()).expect("a picture");
    assert_eq!(scan.grid.spacing, [0.5, 0.25, 1.0]);
    assert!(notes.iter().any(|note| note.contains("the setting counts")), "{notes:?}");
    // 254 dots per inch are 0.1 mm; ImageJ's resolution is one of its unit.
    let [x, y] = spacing(&tiff(&[[0; 6]], Some([2540, 1270]), None), &bare).expect("a picture");
    assert!((x - 0.1).abs() < 1e-9 && (y - 0.2).abs() < 1e-9);
    assert!(matches!(spacing(&tiff(&[[0; 6]], Some([720, 720]), None), &bare), Err(Fault::NoMillimetres { .. })));
    for (unit, mm) in [("mm", 0.5), ("cm", 5.0), ("micron", 5e-4)] {
        let bytes = tiff(&[[0; 6]], Some([20, 20]), Some(&format!("ImageJ=1.53\nunit={unit}\n")));
        let [x, _] = spacing(&bytes, &bare).expect("a picture");
        assert!((x - mm).abs() < 1e-9, "{unit}: {x}");
    }
    let pixels = tiff(&[[0; 6]], Some([20, 20]), Some("ImageJ=1.53\nunit=pixel\n"));
    assert!(matches!(spacing(&pixels, &bare), Err(Fault::NoMillimetres { .. })));
    // A density of print stays one when ImageJ has opened and saved the picture.
    let print = tiff(&[[0; 6]], Some([720, 720]), Some("ImageJ=1.53\nunit=inch\n"));
    assert!(matches!(spacing(&print, &bare), Err(Fault::NoMillimetres { why }) if why.contains("72 dots per inch")));
}

#[test]
fn several_pages_are_a_volume_or_one_of_them() {
    let pages = tiff(&[[1; 6], [2; 6], [3; 6]], None, None);
    assert!(matches!(image("a.tif", &pages, &half_mm()), Err(Fault::Pages { count: 3 })));
    let (scan, _) = image("a.tif", &pages, &Options { slice_mm: Some(2.0), ..half_mm() }).expect("a volume");
    assert_eq!((scan.grid.dims, scan.grid.spacing), ([3, 2, 3], [0.5, 0.25, 2.0]));
    assert_eq!(values(&scan), [[1.0; 6], [2.0; 6], [3.0; 6]].concat());
    let (scan, _) = image("a.tif", &pages, &Options { page: Some(2), ..half_mm() }).expect("a page");
    assert_eq!((scan.grid.dims, values(&scan)), ([3, 2, 1], vec![2.0; 6]));
    let beyond = image("a.tif", &pages, &Options { page: Some(4), ..half_mm() });
    assert!(matches!(beyond, Err(Fault::NoPage { page: 4, count: 3 })));
}

#[test]
fn the_colours_of_a_jpeg_are_what_its_markers_say() {
    // Pillow 13 has these values of the same bytes. The first 20 are the start and JFIF's marker.
    let adobe = |transform: u8| [&[255, 238, 0, 14][..], b"Adobe", &[0, 100, 0, 0, 0, 0, transform]].concat();
    let with = |before: &[u8], marker: &[u8]| [before, marker, &COLOUR_JPEG[20..]].concat();
    for (bytes, expected) in [
        (COLOUR_JPEG.to_vec(), [200.0, 50.0, 0.0]),
        (with(&COLOUR_JPEG[..2], &adobe(0)), [89.0, 78.0, 207.0]),
        (with(&COLOUR_JPEG[..2], &adobe(1)), [200.0, 50.0, 0.0]),
        (with(&COLOUR_JPEG[..20], &adobe(0)), [200.0, 50.0, 0.0]),
    ] {
        let found = [Channel::Red, Channel::Green, Channel::Blue].map(|channel| {
            let options = Options { channel: Some(channel), ..half_mm() };
            values(&image("a.jpg", &bytes, &options).expect("a picture").0)[0]
        });
        assert!(found.iter().zip(expected).all(|(found, expected)| (found - expected).abs() <= 1.0), "{found:?}");
    }
}

#[test]
fn colours_are_refused_unless_one_is_asked_for() {
    let rgb = |pixels: [[u8; 3]; 6]| png(png::ColorType::Rgb, png::BitDepth::Eight, pixels.as_flattened(), |_| {});
    let colours = rgb([[200, 50, 10]; 6]);
    let with = |channel| Options { channel: Some(channel), ..half_mm() };
    assert!(matches!(image("a.png", &colours, &half_mm()), Err(Fault::Colour)));
    assert!(matches!(image("a.jpg", COLOUR_JPEG, &half_mm()), Err(Fault::Colour)));
    for (channel, expected) in [(Channel::Red, 200.0), (Channel::Green, 50.0), (Channel::Blue, 10.0)] {
        assert_eq!(
            image("a.png", &colours, &with(channel)).map(|(scan, _)| values(&scan)).ok(),
            Some(vec![expected; 6])
        );
    }
    let (scan, _) = image("a.png", &colours, &with(Channel::Luminance)).expect("a picture");
    let expected = 0.299 * 200.0 + 0.587 * 50.0 + 0.114 * 10.0;
    assert!(values(&scan).iter().all(|value| (value - expected).abs() < 1e-9));
    let (scan, notes) = image("a.png", &rgb([[7; 3]; 6]), &half_mm()).expect("grey colours");
    assert!(values(&scan) == [7.0; 6] && notes.iter().any(|note| note.contains("equal everywhere")));
    assert!(matches!(image("a.png", &grey_8(&[0; 6]), &with(Channel::Red)), Err(Fault::NoColour { channel: "red" })));
    let clear = png(
        png::ColorType::GrayscaleAlpha,
        png::BitDepth::Eight,
        &[5, 255, 5, 255, 5, 254, 5, 255, 5, 255, 5, 255],
        |_| {},
    );
    assert!(matches!(image("a.png", &clear, &half_mm()), Err(Fault::Unsupported { .. })));
}

#[test]
fn masks_are_labels_by_grey_value_palette_or_colour() {
    let dims = [3, 2, 1];
    assert_eq!(
        mask("m.png", &grey_8(&[0, 1, 1, 2, 0, 0]), dims).ok(),
        Some((vec![0.0, 1.0, 1.0, 2.0, 0.0, 0.0], vec![]))
    );
    let palette = png(png::ColorType::Indexed, png::BitDepth::Eight, &[0, 1, 1, 2, 0, 2], |info| {
        info.palette = Some(vec![0, 0, 0, 255, 0, 0, 0, 128, 255].into());
    });
    let named = vec![("ff0000".to_owned(), 1.0), ("0080ff".to_owned(), 2.0)];
    assert_eq!(mask("m.png", &palette, dims).ok(), Some((vec![0.0, 1.0, 1.0, 2.0, 0.0, 2.0], named)));
    let (black, red) = ([0, 0, 0, 255], [255, 0, 0, 255]);
    let hidden = [9, 9, 0, 0];
    let rgba = |pixels: [[u8; 4]; 6]| png(png::ColorType::Rgba, png::BitDepth::Eight, pixels.as_flattened(), |_| {});
    let (labels, names) = mask("m.png", &rgba([black, red, red, hidden, black, black]), dims).expect("a mask");
    assert_eq!((labels[1], labels[3], names), (16_711_680.0, 0.0, vec![("ff0000".to_owned(), 16_711_680.0)]));
    let smoothed = rgba([black, red, [255, 0, 0, 100], black, black, black]);
    assert!(matches!(mask("m.png", &smoothed, dims), Err(Fault::Unsupported { .. })));
    assert!(matches!(mask("m.jpg", GREY_JPEG, [8, 8, 1]), Err(Fault::Unsupported { .. })));
    let other = mask("m.png", &grey_8(&[0; 6]), [2, 3, 1]);
    assert!(matches!(other, Err(Fault::OtherSize { found: [3, 2, 1], expected: [2, 3, 1] })));
    assert_eq!(
        mask("m.tif", &tiff(&[[0; 6], [1; 6]], None, None), [3, 2, 2]).map(|(labels, _)| labels.len()).ok(),
        Some(12)
    );
}

/// Other kinds of JPEG begin as JPEG does, and are not damaged.
#[test]
fn what_is_not_read_is_not_called_damaged() {
    // JPEG-LS, and JPEG with arithmetic coding (the frame C9), of one pixel each.
    let frame = |marker: u8| [&[255, 216, 255, marker, 0, 11, 8, 0, 1, 0, 1, 1, 1, 17, 0][..], &[0; 20]].concat();
    for (bytes, words) in [(frame(0xf7), "JPEG-LS"), (frame(0xc9), "ArithmeticEntropyCoding")] {
        let refused = image("a.jpg", &bytes, &half_mm());
        assert!(matches!(&refused, Err(Fault::Unsupported { found, .. }) if found.contains(words)), "{refused:?}");
    }
}

#[test]
fn damage_is_an_error_and_never_a_picture() {
    let sound = [grey_8(&[1, 2, 3, 4, 5, 6]), tiff(&[[1; 6]], None, None), bmp([[1; 3]; 2])];
    for (bytes, name) in sound.iter().zip(["a.png", "a.tif", "a.bmp"]) {
        for cut in 0..bytes.len() - 1 {
            // A BMP may end with padding that nothing is lost with.
            let read = image_quietly(name, &bytes[..cut]);
            assert!(!read || name == "a.bmp" && cut >= 60, "{name} cut at {cut}");
        }
    }
    for at in 16..sound[0].len() {
        let mut changed = sound[0].clone();
        changed[at] ^= 0x41;
        assert!(!image_quietly("a.png", &changed), "a changed byte {at} of a PNG");
    }
    let folder = Folder::new();
    let path = folder.write("a.png", &sound[0]);
    assert!(read_image(&path, &half_mm(), 6).is_ok());
    assert!(read_image(&path, &half_mm(), 5).is_err());
    assert!(
        read_image(
            &folder.write("b.tif", &tiff(&[[0; 6]; 2], None, None)),
            &Options { slice_mm: Some(1.0), ..half_mm() },
            23
        )
        .is_err()
    );
}

fn image_quietly(name: &str, bytes: &[u8]) -> bool {
    let folder = Folder::new();
    read_image(&folder.write(name, bytes), &half_mm(), LIMIT).is_ok()
}

#[test]
fn they_are_known_by_their_first_bytes() {
    assert!(
        [GREY_JPEG, &grey_8(&[0; 6]), &tiff(&[[0; 6]], None, None), &bmp([[0; 3]; 2])]
            .iter()
            .all(|bytes| recognises(bytes))
    );
    assert!(![&b"BM, said the doctor"[..], b"", b"\x89PNG", b"II", b"NRRD0004"].iter().any(|bytes| recognises(bytes)));
}

#[test]
fn a_folder_of_pictures_is_a_volume_in_the_order_of_their_numbers() {
    let folder = Folder::new();
    // Ten comes after nine, and systems hide files of their own.
    for index in 8..11_u8 {
        folder.write(&format!("slice-{index}.png"), &grey_8(&[index; 6]));
    }
    folder.write(".DS_Store", b"nothing");
    assert!(recognises_folder(folder.root()));
    let options = Options { slice_mm: Some(2.0), ..half_mm() };
    let read = |options: &Options, limit| read_image(folder.root(), options, limit).map_err(|error| error.to_string());
    let (scan, _) = read(&options, LIMIT).expect("a volume");
    assert_eq!((scan.grid.dims, scan.grid.spacing), ([3, 2, 3], [0.5, 0.25, 2.0]));
    assert_eq!(values(&scan), [[8.0; 6], [9.0; 6], [10.0; 6]].concat());
    assert!(read(&half_mm(), LIMIT).is_err_and(|message| message.contains("slice_mm")));
    let (scan, _) = read(&Options { page: Some(3), ..half_mm() }, LIMIT).expect("a slice");
    assert_eq!(values(&scan), [10.0; 6]);
    assert!(read(&Options { page: Some(4), ..half_mm() }, LIMIT).is_err_and(|message| message.contains("has 3")));
    assert!(read(&options, 17).is_err_and(|message| message.contains("slice-10.png") && message.contains("the limit")));
    for (name, bytes, words) in [
        ("slice-12.png", grey_8(&[0; 6]), "after `slice-10.png` comes `slice-12.png`"),
        ("slice-08.png", grey_8(&[0; 6]), "a slice is missing or there twice"),
        ("other-11.png", grey_8(&[0; 6]), "differ in more than a number"),
        ("cover.png", grey_8(&[0; 6]), "`cover.png` has no number"),
        ("slice-11.png", b"nothing".to_vec(), "slice-11.png: not a picture"),
    ] {
        let path = folder.write(name, &bytes);
        assert!(read(&options, LIMIT).is_err_and(|message| message.contains(words)), "{name}");
        std::fs::remove_file(path).expect("a file");
    }
    folder.write("notes.txt", b"nothing");
    assert!(!recognises_folder(folder.root()));
}

/// 8 × 8 pixels of 100, by Pillow.
const GREY_JPEG: &[u8] = &[
    255, 216, 255, 224, 0, 16, 74, 70, 73, 70, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0, 255, 219, 0, 67, 0, 2, 1, 1, 1, 1, 1, 2,
    1, 1, 1, 2, 2, 2, 2, 2, 4, 3, 2, 2, 2, 2, 5, 4, 4, 3, 4, 6, 5, 6, 6, 6, 5, 6, 6, 6, 7, 9, 8, 6, 7, 9, 7, 6, 6, 8,
    11, 8, 9, 10, 10, 10, 10, 10, 6, 8, 11, 12, 11, 10, 12, 9, 10, 10, 10, 255, 192, 0, 11, 8, 0, 8, 0, 8, 1, 1, 17, 0,
    255, 196, 0, 20, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7, 255, 196, 0, 20, 16, 1, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 218, 0, 8, 1, 1, 0, 0, 63, 0, 15, 127, 255, 217,
];

/// The same, to be shown turned.
const TURNED_JPEG: &[u8] = &[
    255, 216, 255, 224, 0, 16, 74, 70, 73, 70, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0, 255, 225, 0, 34, 69, 120, 105, 102, 0, 0,
    77, 77, 0, 42, 0, 0, 0, 8, 0, 1, 1, 18, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0, 255, 219, 0, 67, 0, 2, 1, 1, 1,
    1, 1, 2, 1, 1, 1, 2, 2, 2, 2, 2, 4, 3, 2, 2, 2, 2, 5, 4, 4, 3, 4, 6, 5, 6, 6, 6, 5, 6, 6, 6, 7, 9, 8, 6, 7, 9, 7,
    6, 6, 8, 11, 8, 9, 10, 10, 10, 10, 10, 6, 8, 11, 12, 11, 10, 12, 9, 10, 10, 10, 255, 192, 0, 11, 8, 0, 8, 0, 8, 1,
    1, 17, 0, 255, 196, 0, 20, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7, 255, 196, 0, 20, 16, 1, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 218, 0, 8, 1, 1, 0, 0, 63, 0, 15, 127, 255, 217,
];

/// 8 × 8 pixels of (200, 50, 0), by Pillow.
const COLOUR_JPEG: &[u8] = &[
    255, 216, 255, 224, 0, 16, 74, 70, 73, 70, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0, 255, 219, 0, 67, 0, 2, 1, 1, 1, 1, 1, 2,
    1, 1, 1, 2, 2, 2, 2, 2, 4, 3, 2, 2, 2, 2, 5, 4, 4, 3, 4, 6, 5, 6, 6, 6, 5, 6, 6, 6, 7, 9, 8, 6, 7, 9, 7, 6, 6, 8,
    11, 8, 9, 10, 10, 10, 10, 10, 6, 8, 11, 12, 11, 10, 12, 9, 10, 10, 10, 255, 219, 0, 67, 1, 2, 2, 2, 2, 2, 2, 5, 3,
    3, 5, 10, 7, 6, 7, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10,
    10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 255, 192,
    0, 17, 8, 0, 8, 0, 8, 3, 1, 17, 0, 2, 17, 1, 3, 17, 1, 255, 196, 0, 20, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 8, 255, 196, 0, 20, 16, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 196, 0, 21, 1, 1, 1, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8, 9, 255, 196, 0, 20, 17, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    255, 218, 0, 12, 3, 1, 0, 2, 17, 3, 17, 0, 63, 0, 49, 134, 234, 120, 255, 217,
];
