//! Pictures in two dimensions: ultrasound, radiographs, captures. Millimetres come from the file or a setting, colours only if
//! one is asked for, and a frame of a clip is chosen by name.

mod common;

use common::*;
use dicom_core::value::DataSetSequence;
use dicom_core::{DataElement, PrimitiveValue, Tag, VR};
use dicom_dictionary_std::{tags, uids};
use dicom_object::InMemDicomObject;
use voxomics_sdk::testing::TestHost;
use voxomics_sdk::{Loader as _, VoxelType};

const RGB_TO_LUMINANCE: [f64; 3] = [0.299, 0.587, 0.114];

/// A picture of 2 rows and 4 columns of 8 bits, counting on, without a size.
fn picture(class: &str, modality: &str) -> File {
    let mut file = slice(0).text(tags::SOP_CLASS_UID, VR::UI, class).text(tags::MODALITY, VR::CS, modality);
    for tag in [
        tags::IMAGE_POSITION_PATIENT,
        tags::IMAGE_ORIENTATION_PATIENT,
        tags::FRAME_OF_REFERENCE_UID,
        tags::PIXEL_SPACING,
        tags::RESCALE_SLOPE,
        tags::RESCALE_INTERCEPT,
    ] {
        file = file.without(tag);
    }
    let file = file.us(tags::ROWS, 2).us(tags::COLUMNS, 4).us(tags::BITS_ALLOCATED, 8).us(tags::BITS_STORED, 8);
    file.us(tags::HIGH_BIT, 7).us(tags::PIXEL_REPRESENTATION, 0).bytes(&[0, 1, 2, 3, 4, 5, 6, 7])
}

fn ultrasound() -> File {
    picture(uids::ULTRASOUND_IMAGE_STORAGE, "US")
}

/// A region of ultrasound: kind, units along x and y, and cm of a pixel along both.
fn region(kind: u16, units: [u16; 2], cm: [f64; 2]) -> InMemDicomObject {
    let short = |tag: Tag, value: u16| DataElement::new(tag, VR::US, PrimitiveValue::from(value));
    let long = |tag: Tag, value: u32| DataElement::new(tag, VR::UL, PrimitiveValue::from(value));
    let double = |tag: Tag, value: f64| DataElement::new(tag, VR::FD, PrimitiveValue::from(value));
    InMemDicomObject::from_element_iter([
        short(tags::REGION_SPATIAL_FORMAT, kind),
        long(tags::REGION_LOCATION_MIN_X0, 0),
        long(tags::REGION_LOCATION_MIN_Y0, 0),
        long(tags::REGION_LOCATION_MAX_X1, 3),
        long(tags::REGION_LOCATION_MAX_Y1, 1),
        short(tags::PHYSICAL_UNITS_X_DIRECTION, units[0]),
        short(tags::PHYSICAL_UNITS_Y_DIRECTION, units[1]),
        double(tags::PHYSICAL_DELTA_X, cm[0]),
        double(tags::PHYSICAL_DELTA_Y, cm[1]),
    ])
}

fn with_regions(file: File, regions: Vec<InMemDicomObject>) -> File {
    file.element(DataElement::new(tags::SEQUENCE_OF_ULTRASOUND_REGIONS, VR::SQ, DataSetSequence::from(regions)))
}

/// Numbers of voxels and size, or the error.
type Read = Result<(Vec<f64>, [f64; 3]), String>;

fn read(file: &File, json: &str) -> Read {
    read_named(file, json, None)
}

fn read_named(file: &File, json: &str, name: Option<&str>) -> Read {
    let folder = Folder::new();
    file.write(&folder.path("0.dcm"));
    let mut request = request(folder.root());
    request.selection.series = name.map(str::to_owned);
    let loaded = loader(json).load(&request, &TestHost::new().context()).map_err(|error| error.to_string())?;
    let scan = &loaded.images[0];
    let bytes = &scan.voxels;
    let values = match scan.voxel_type {
        VoxelType::U8 => bytes.iter().map(|byte| f64::from(*byte)).collect(),
        VoxelType::U16 => bytes.as_chunks().0.iter().map(|bytes| f64::from(u16::from_ne_bytes(*bytes))).collect(),
        VoxelType::F64 => bytes.as_chunks().0.iter().map(|bytes| f64::from_ne_bytes(*bytes)).collect(),
        other => panic!("{other:?}"),
    };
    assert_eq!(scan.grid.dims[2], 1);
    Ok((values, scan.grid.spacing))
}

fn spacing(file: &File, json: &str) -> Result<[f64; 3], String> {
    read(file, json).map(|(values, spacing)| {
        assert_eq!(values, [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]);
        spacing.map(|mm| (mm * 1e9).round() / 1e9)
    })
}

fn says(result: Result<[f64; 3], String>, words: &[&str]) {
    let message = result.expect_err("a refusal");
    assert!(words.iter().all(|word| message.contains(word)), "{words:?} in {message}");
}

const CM: [u16; 2] = [3, 3];
const SET: &str = r#"{"pixel_mm": [0.4, 0.7]}"#;

#[test]
fn ultrasound_has_the_millimetres_of_its_regions() {
    let one = with_regions(ultrasound(), vec![region(1, CM, [0.02, -0.05])]);
    assert_eq!(spacing(&one, "{}"), Ok([0.2, 0.5, 1.0]));
    // Beside a spectrum, whose x is in seconds.
    let beside = with_regions(ultrasound(), vec![region(3, [4, 7], [1.0, 2.0]), region(1, CM, [0.02, 0.05])]);
    assert_eq!(spacing(&beside, r#"{"slice_mm": 3}"#), Ok([0.2, 0.5, 3.0]));
    let two = |cm| with_regions(ultrasound(), vec![region(1, CM, [0.02, 0.05]), region(1, CM, cm)]);
    assert_eq!(spacing(&two([0.02, 0.05]), "{}"), Ok([0.2, 0.5, 1.0]));
    says(spacing(&two([0.02, 0.06]), "{}"), &["regions of the ultrasound have pixels of [0.2, 0.5]", "pixel_mm"]);
    assert_eq!(spacing(&two([0.02, 0.06]), SET), Ok([0.4, 0.7, 1.0]));
    let spectrum = with_regions(ultrasound(), vec![region(3, [4, 7], [1.0, 2.0])]);
    says(spacing(&spectrum, "{}"), &["no region of the ultrasound is an image with pixels in cm", "pixel_mm"]);
    says(spacing(&with_regions(ultrasound(), vec![region(1, CM, [0.0, 0.1])]), "{}"), &["PhysicalDeltaX"]);
    says(spacing(&ultrasound(), "{}"), &["states no size of its pixels", "pixel_mm = [width, height] in [load.dicom]"]);
    assert_eq!(spacing(&ultrasound(), SET), Ok([0.4, 0.7, 1.0]));
    // Rows come first there.
    let own = ultrasound().text(tags::PIXEL_SPACING, VR::DS, "0.5\\0.2");
    assert_eq!(spacing(&own, "{}"), Ok([0.2, 0.5, 1.0]));
    assert_eq!(spacing(&with_regions(own.clone(), vec![region(1, CM, [0.02, 0.05])]), "{}"), Ok([0.2, 0.5, 1.0]));
    says(
        spacing(&with_regions(own, vec![region(1, CM, [0.03, 0.05])]), "{}"),
        &["say pixels of [0.3", "PixelSpacing [0.2, 0.5]"],
    );
}

#[test]
fn radiographs_need_a_magnification_or_a_calibration() {
    for class in [
        uids::COMPUTED_RADIOGRAPHY_IMAGE_STORAGE,
        uids::DIGITAL_X_RAY_IMAGE_STORAGE_FOR_PRESENTATION,
        uids::DIGITAL_MAMMOGRAPHY_X_RAY_IMAGE_STORAGE_FOR_PROCESSING,
    ] {
        let detector = picture(class, "DX").text(tags::IMAGER_PIXEL_SPACING, VR::DS, "0.3\\0.15");
        says(spacing(&detector, "{}"), &["ImagerPixelSpacing says pixels of [0.15, 0.3] mm", "magnification"]);
        assert_eq!(spacing(&detector, r#"{"magnification": 1.5}"#), Ok([0.1, 0.2, 1.0]));
        assert_eq!(spacing(&detector, SET), Ok([0.4, 0.7, 1.0]));
        let told = detector.clone().text(tags::ESTIMATED_RADIOGRAPHIC_MAGNIFICATION_FACTOR, VR::DS, "3");
        assert_eq!(spacing(&told, "{}"), Ok([0.05, 0.1, 1.0]));
        assert_eq!(spacing(&told, r#"{"magnification": 1.5}"#), Ok([0.1, 0.2, 1.0]));
        // Equal to that of the detector it is that of the detector, unless it was calibrated.
        let copied = detector.clone().text(tags::PIXEL_SPACING, VR::DS, "0.3\\0.15");
        says(spacing(&copied, "{}"), &["ImagerPixelSpacing", "magnification"]);
        let calibrated = copied.text(tags::PIXEL_SPACING_CALIBRATION_TYPE, VR::CS, "FIDUCIAL");
        assert_eq!(spacing(&calibrated, "{}"), Ok([0.15, 0.3, 1.0]));
        assert_eq!(spacing(&detector.text(tags::PIXEL_SPACING, VR::DS, "0.2\\0.1"), "{}"), Ok([0.1, 0.2, 1.0]));
    }
    let film = picture(uids::SECONDARY_CAPTURE_IMAGE_STORAGE, "OT");
    says(spacing(&film, "{}"), &["Secondary Capture", "pixel_mm"]);
    assert_eq!(spacing(&film.text(tags::PIXEL_SPACING, VR::DS, "1\\1"), "{}"), Ok([1.0, 1.0, 1.0]));
    let skin = picture(uids::VL_PHOTOGRAPHIC_IMAGE_STORAGE, "XC");
    says(spacing(&skin, "{}"), &["states no size of its pixels, so", "pixel_mm"]);
    assert_eq!(spacing(&skin, SET), Ok([0.4, 0.7, 1.0]));
}

#[test]
fn the_size_that_is_set_is_none_of_a_volume() {
    let folder = Folder::new();
    folder.series(3);
    let loaded = load_with(SET, folder.root(), &TestHost::new()).expect("a series");
    assert_eq!(loaded.images[0].grid.spacing, [0.5, 1.0, 1.5]);
}

/// Red, green and blue of 8 pixels.
const COLOURS: [[u8; 3]; 8] =
    [[200, 50, 10], [0, 0, 0], [255, 255, 255], [9, 8, 7], [1, 2, 3], [4, 5, 6], [100, 0, 0], [0, 0, 100]];

fn coloured(kind: &str, planes: u16, bytes: &[u8]) -> File {
    let file = with_regions(ultrasound(), vec![region(1, CM, [0.1, 0.1])]).us(tags::SAMPLES_PER_PIXEL, 3);
    file.text(tags::PHOTOMETRIC_INTERPRETATION, VR::CS, kind).us(tags::PLANAR_CONFIGURATION, planes).bytes(bytes)
}

fn channel(word: &str) -> String {
    format!("{{\"channel\": \"{word}\"}}")
}

#[test]
fn colours_are_refused_unless_one_is_asked_for() {
    let by_pixel = coloured("RGB", 0, COLOURS.as_flattened());
    let planes: Vec<u8> = (0..3).flat_map(|channel| COLOURS.map(|colour| colour[channel])).collect();
    let by_plane = coloured("RGB", 1, &planes);
    let packed: Vec<u8> = {
        // Three segments of 8 bytes each, written out.
        let mut words = [0_u32; 16];
        words[..4].copy_from_slice(&[3, 64, 74, 84]);
        let mut bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        for plane in planes.chunks(8) {
            bytes.push(7);
            bytes.extend(plane);
            bytes.push(0x80);
        }
        bytes
    };
    let rle = coloured("RGB", 1, &[]).fragments(uids::RLE_LOSSLESS, &[&packed]);
    let stored = coloured("RGB", 0, &[]).fragments("1.2.840.10008.1.2.1.98", &[COLOURS.as_flattened()]);
    for file in [&by_pixel, &by_plane, &rle, &stored] {
        let message = read(file, "{}").expect_err("a refusal");
        assert!(message.contains("colours") && message.contains("channel = \"red\""), "{message}");
        for (index, word) in ["red", "green", "blue"].into_iter().enumerate() {
            let expected = COLOURS.map(|colour| f64::from(colour[index]));
            assert_eq!(read(file, &channel(word)), Ok((expected.into(), [1.0; 3])), "{word}");
        }
        let (values, _) = read(file, &channel("luminance")).expect("a picture");
        for (value, colour) in values.iter().zip(COLOURS) {
            let expected: f64 = RGB_TO_LUMINANCE.iter().zip(colour).map(|(a, b)| a * f64::from(b)).sum();
            assert!((value - expected).abs() < 1e-9);
        }
    }
    let grey = coloured("RGB", 0, &[[7; 3]; 8].concat());
    assert_eq!(read(&grey, "{}"), Ok((vec![7.0; 8], [1.0; 3])));
    let plain = with_regions(ultrasound(), vec![region(1, CM, [0.1, 0.1])]);
    let message = read(&plain, &channel("red")).expect_err("a refusal");
    assert!(message.contains("channel = \"red\" is set") && message.contains("grey values"), "{message}");
    let wide = by_pixel.clone().us(tags::BITS_ALLOCATED, 16).us(tags::BITS_STORED, 16).us(tags::HIGH_BIT, 15);
    assert!(read(&wide, &channel("red")).is_err_and(|message| message.contains("colours of 8 bits")));
}

/// pydicom 3.0 `convert_color_space(array, "YBR_FULL", "RGB")` of luminance and differences.
#[test]
fn luminance_and_differences_become_colours() {
    let ybr: [[u8; 3]; 8] = [
        [90, 83, 206],
        [0, 128, 128],
        [255, 128, 128],
        [76, 85, 255],
        [150, 44, 21],
        [29, 255, 107],
        [100, 100, 100],
        [200, 10, 240],
    ];
    let rgb: [[u8; 3]; 8] = [
        [199, 50, 10],
        [0, 0, 0],
        [255, 255, 255],
        [254, 0, 0],
        [0, 255, 1],
        [0, 0, 254],
        [61, 130, 50],
        [255, 161, 0],
    ];
    let file = coloured("YBR_FULL", 0, ybr.as_flattened());
    for (index, word) in ["red", "green", "blue"].into_iter().enumerate() {
        assert_eq!(read(&file, &channel(word)).map(|(values, _)| values), Ok(rgb.map(|c| f64::from(c[index])).into()));
    }
    assert_eq!(read(&file, &channel("luminance")).map(|(values, _)| values), Ok(ybr.map(|c| f64::from(c[0])).into()));
    // Two pixels share their differences.
    let halved: Vec<u8> = ybr.chunks(2).flat_map(|pair| [pair[0][0], pair[1][0], pair[0][1], pair[0][2]]).collect();
    let file = coloured("YBR_FULL_422", 0, &halved);
    let (red, _) = read(&file, &channel("red")).expect("a picture");
    assert_eq!([red[0], red[2], red[4], red[6]], [0, 2, 4, 6].map(|i: usize| f64::from(rgb[i][0])));
    assert_eq!(read(&file, &channel("luminance")).map(|(values, _)| values), Ok(ybr.map(|c| f64::from(c[0])).into()));
    let grey = coloured("YBR_FULL", 0, &[[50, 128, 128]; 8].concat());
    assert_eq!(read(&grey, "{}").map(|(values, _)| values), Ok(vec![50.0; 8]));
}

#[test]
fn a_jpeg_stream_says_the_same_colours_as_its_object() {
    let jpeg = |kind: &str, stream: &[u8]| {
        let file = coloured(kind, 0, &[]).us(tags::ROWS, 8).us(tags::COLUMNS, 8);
        file.fragments(uids::JPEG_BASELINE8_BIT, &[stream])
    };
    // (200, 50, 0), with JFIF.
    for (word, expected) in [("red", 200.0), ("green", 50.0), ("blue", 0.0), ("luminance", 89.15)] {
        let (values, _) = read(&jpeg("YBR_FULL_422", COLOUR_JPEG), &channel(word)).expect("a picture");
        assert!(values.len() == 64 && values.iter().all(|value| (value - expected).abs() < 2.0), "{word}: {values:?}");
    }
    let message = read(&jpeg("RGB", COLOUR_JPEG), &channel("red")).expect_err("a refusal");
    assert!(message.contains("its colours are YBR_FULL") && message.contains("that they are RGB"), "{message}");
    // Without JFIF the stream says nothing, and the object counts.
    let bare = [&COLOUR_JPEG[..2], &COLOUR_JPEG[20..]].concat();
    let (values, _) = read(&jpeg("RGB", &bare), &channel("red")).expect("a picture");
    assert!(values.iter().all(|value| (value - 89.15).abs() < 2.0), "{values:?}");
}

#[test]
fn jpeg_2000_has_colours_with_and_without_a_transformation() {
    let read = |kind: &str, syntax: &'static str, stream: &str, word: &str| {
        read(&coloured(kind, 0, &[]).fragments(syntax, &[&hex(stream)]), &channel(word)).map(|(values, _)| values)
    };
    let lossless = uids::JPEG2000_LOSSLESS;
    for (kind, stream) in [("RGB", PLAIN_J2K), ("RGB", TRANSFORMED_J2K), ("YBR_RCT", TRANSFORMED_J2K)] {
        for (index, word) in ["red", "green", "blue"].into_iter().enumerate() {
            let expected: Vec<f64> = COLOURS.map(|colour| f64::from(colour[index])).into();
            assert_eq!(read(kind, lossless, stream, word), Ok(expected), "{kind} {word}");
        }
        let file = coloured(kind, 0, &[]).fragments(lossless, &[&hex(stream)]);
        assert!(without_channel(&file).is_err_and(|message| message.contains("channel = \"red\"")), "{kind}");
    }
    // With loss: what OpenJPEG 2.5.4 itself makes of the stream.
    let red = read("YBR_ICT", uids::JPEG2000, LOSSY_J2K, "red");
    assert_eq!(red, Ok(vec![200.0, 0.0, 255.0, 9.0, 0.0, 4.0, 101.0, 1.0]));
    // Luminance and differences that the stream knows nothing of.
    let luminance = read("YBR_FULL", lossless, PLAIN_J2K, "luminance");
    assert_eq!(luminance, Ok(COLOURS.map(|colour| f64::from(colour[0])).into()));
    for (kind, stream) in [("YBR_FULL", TRANSFORMED_J2K), ("YBR_RCT", PLAIN_J2K)] {
        let message = read(kind, lossless, stream, "red").expect_err("a refusal");
        assert!(message.contains("the stream states its colours"), "{message}");
    }
}

fn without_channel(file: &File) -> Read {
    read(file, "{}")
}

#[test]
fn a_palette_is_looked_up() {
    let table = |file: File, descriptor: Tag, data: Tag, entries: &[u16]| {
        let numbers = PrimitiveValue::U16([entries.len() as u16, 2, 16].into_iter().collect());
        let words = PrimitiveValue::U16(entries.iter().copied().collect());
        file.element(DataElement::new(descriptor, VR::US, numbers)).element(DataElement::new(data, VR::OW, words))
    };
    let with = |red: [u16; 4], green: [u16; 4], blue: [u16; 4]| {
        let file = with_regions(ultrasound(), vec![region(1, CM, [0.1, 0.1])]);
        let file = file.text(tags::PHOTOMETRIC_INTERPRETATION, VR::CS, "PALETTE COLOR");
        use tags as t;
        let file =
            table(file, t::RED_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR, t::RED_PALETTE_COLOR_LOOKUP_TABLE_DATA, &red);
        let (descriptor, data) =
            (t::GREEN_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR, t::GREEN_PALETTE_COLOR_LOOKUP_TABLE_DATA);
        let file = table(file, descriptor, data, &green);
        table(file, t::BLUE_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR, t::BLUE_PALETTE_COLOR_LOOKUP_TABLE_DATA, &blue)
    };
    let (red, grey) = ([10, 20, 30, 40], [1, 2, 3, 4]);
    let values = |file: &File, json: &str| read(file, json).map(|(values, _)| values);
    // Pixels count from 0 on, and the table begins at 2.
    let coloured = with(red, grey, grey);
    assert_eq!(values(&coloured, &channel("red")), Ok(vec![10.0, 10.0, 10.0, 20.0, 30.0, 40.0, 40.0, 40.0]));
    assert_eq!(values(&coloured, &channel("blue")), Ok(vec![1.0, 1.0, 1.0, 2.0, 3.0, 4.0, 4.0, 4.0]));
    assert!(values(&coloured, "{}").is_err_and(|message| message.contains("channel = \"red\"")));
    assert_eq!(values(&with(grey, grey, grey), "{}"), Ok(vec![1.0, 1.0, 1.0, 2.0, 3.0, 4.0, 4.0, 4.0]));
}

#[test]
fn a_frame_of_a_clip_is_chosen_by_name() {
    let clip = |count: u16| {
        let bytes: Vec<u8> = (0..count as u8).flat_map(|frame| (0..8).map(move |i| 8 * frame + i)).collect();
        let file = picture(uids::ULTRASOUND_MULTI_FRAME_IMAGE_STORAGE, "US");
        let file = file.text(tags::NUMBER_OF_FRAMES, VR::IS, &count.to_string()).bytes(&bytes);
        with_regions(file, vec![region(1, CM, [0.1, 0.2])])
    };
    let message = read(&clip(3), "{}").expect_err("a refusal");
    assert!(message.contains("has 3 pictures, expected one") && message.contains("1.2.2/Frame=2;"), "{message}");
    let (values, spacing) = read_named(&clip(3), "{}", Some("1.2.2/Frame=2")).expect("a frame");
    assert_eq!((values, spacing), ((8..16).map(f64::from).collect(), [1.0, 2.0, 1.0]));
    let message = read_named(&clip(3), "{}", Some("1.2.2/Frame=4")).expect_err("a refusal");
    assert!(message.contains("there is no picture 1.2.2/Frame=4, expected one of: 1.2.2/Frame=1"), "{message}");
    // No more is read of a clip than the frame.
    let folder = Folder::new();
    clip(30).write(&folder.path("clip.dcm"));
    let mut request = request(folder.root());
    (request.selection.series, request.max_bytes) = (Some("1.2.2/Frame=30".into()), 8);
    assert!(loader("{}").load(&request, &TestHost::new().context()).is_ok());
    request.max_bytes = 7;
    assert!(loader("{}").load(&request, &TestHost::new().context()).is_err());
}

#[test]
fn what_is_told_of_pictures_can_be_read() {
    let folder = Folder::new();
    let own = |file: File, series: &str, number: &str| {
        let file = file.text(tags::SERIES_INSTANCE_UID, VR::UI, series).text(tags::INSTANCE_NUMBER, VR::IS, number);
        file.text(tags::SOP_INSTANCE_UID, VR::UI, &format!("{series}.{number}"))
    };
    let sized = |file: File| with_regions(file, vec![region(1, CM, [0.1, 0.2])]);
    let clip = sized(picture(uids::ULTRASOUND_MULTI_FRAME_IMAGE_STORAGE, "US"))
        .text(tags::NUMBER_OF_FRAMES, VR::IS, "2")
        .bytes(&[9; 16]);
    own(sized(ultrasound()), "1.3.1", "4").write(&folder.path("us/a"));
    own(clip, "1.3.1", "12").write(&folder.path("us/b"));
    own(ultrasound(), "1.3.1", "13").write(&folder.path("us/c"));
    own(picture(uids::SECONDARY_CAPTURE_IMAGE_STORAGE, "OT"), "1.3.2", "1").write(&folder.path("screen"));
    let told = survey(folder.root());
    let names: Vec<&str> = told.series.iter().map(|series| &*series.uid).collect();
    let expected = ["1.3.1/InstanceNumber=4", "1.3.1/InstanceNumber=12,Frame=1", "1.3.1/InstanceNumber=12,Frame=2"];
    assert_eq!(names, expected);
    for series in &told.series {
        let mut request = request(&series.folder);
        request.selection.series = Some(series.uid.clone());
        let loaded = loader("{}").load(&request, &TestHost::new().context()).expect("a picture");
        assert_eq!(Some(loaded.images[0].grid.dims), series.dims);
        assert_eq!((Some(loaded.images[0].grid.spacing), &series.problem), (series.spacing, &None));
    }
    let reasons: Vec<&str> = told.aside.iter().map(|aside| &*aside.reason).collect();
    let [without_size, screen] = reasons.as_slice() else { panic!("{reasons:?}") };
    assert!(without_size.contains("1 of which cannot be read") && without_size.contains("pixel_mm"), "{without_size}");
    assert!(screen.contains("screenshots"), "{screen}");
    // A file by itself is one picture.
    assert_eq!(load(&folder.path("us/a")).expect("a picture").images[0].grid.dims, [4, 2, 1]);
}

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

/// Pillow 13.0 `save("JPEG2000", no_jp2=True, mct=0)` of [`COLOURS`], by OpenJPEG 2.5.4.
const PLAIN_J2K: &str = "ff4fff51002f0000000000040000000200000000000000000000000400000002000000000000000000030701010701010701\
    01ff52000c00000001000104040001ff5c00074040484850ff640025000143726561746564206279204f70656e4a5045472076657273696f6e2032\
    2e352e34ff90000a0000000000570001ff93cfb40c06f57fdf801807009fdf801806fdf7cfc00e3ed038fc00c0094797082ddf0244c9c7da073f00\
    38fc00c008d32f0c4a92021b9fc7da073f0039f98200092a570c21470ad0db3fffd9";

/// The same with `mct=1`.
const TRANSFORMED_J2K: &str = "ff4fff51002f0000000000040000000200000000000000000000000400000002000000000000000000030701010701010701\
    01ff52000c00000001010104040001ff5c00074040484850ff640025000143726561746564206279204f70656e4a5045472076657273696f6e2032\
    2e352e34ff90000a0000000000550001ff93df80180707efc1f20209b7c7d40603647fc7da073f0038fc00c008c3a70c5737021baac3ea0487d407\
    0fb40c0b00ff7f034e1f0af71fc3ea029f801c3ed030084905aad70bf343ffd9";

/// The same with `mct=1, irreversible=True`.
const LOSSY_J2K: &str = "ff4fff51002f0000000000040000000200000000000000000000000400000002000000000000000000030701010701010701\
    01ff52000c00000001010104040000ff5c000b42482457d357d35762ff640025000143726561746564206279204f70656e4a504547207665727369\
    6f6e20322e352e34ff90000a0000000000560001ff93cfc00c05cc3bc1f3820635c3ea03035f7fc7e0070fb40e3f00300bed6f0bf5bd0ade55c1f5\
    0240f9c141f501800b59ff7f03f00b47c7c1f50141f501c1f5018005ea057c7f0c1b2fffd9";
