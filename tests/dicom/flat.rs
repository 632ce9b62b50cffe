//! A picture of ultrasound and a mask that was painted on it, through the whole program.

use voxomics_tests::{
    batch::Batch,
    dicom::{EXPLICIT, Object, tags},
    run, table,
};

const EXPERIMENT: &str = r#"
[plugins]
use = ["load-dicom", "load-picture", "features-statistics", "features-shape2d"]

[load.dicom]
channel = "red"

[regions.nodule]

[features.statistics]
[features.shape2d]
"#;

const SIZE: [usize; 2] = [12, 10];

/// Red counts on from frame to frame and from pixel to pixel.
fn red(frame: usize, pixel: usize) -> u8 {
    (100 * frame + pixel) as u8
}

/// A clip of two frames in colour, with pixels of 0.4 × 0.5 mm.
fn clip() -> Object {
    let double = |value: f64| value.to_le_bytes().to_vec();
    let long = |value: u32| value.to_le_bytes().to_vec();
    let region = Object::default()
        .short(0x0018_6012, 1)
        .bytes(0x0018_6018, "UL", long(0))
        .bytes(0x0018_601A, "UL", long(0))
        .bytes(0x0018_601C, "UL", long(SIZE[0] as u32 - 1))
        .bytes(0x0018_601E, "UL", long(SIZE[1] as u32 - 1))
        .short(0x0018_6024, 3)
        .short(0x0018_6026, 3)
        .bytes(0x0018_602C, "FD", double(0.04))
        .bytes(0x0018_602E, "FD", double(0.05));
    let count = SIZE[0] * SIZE[1];
    let pixels = (0..2).flat_map(|frame| (0..count).flat_map(move |pixel| [red(frame, pixel), 7, 9]));
    Object::default()
        .text(tags::SOP_CLASS_UID, "UI", "1.2.840.10008.5.1.4.1.1.3.1")
        .text(tags::SOP_INSTANCE_UID, "UI", "1.4.1")
        .text(tags::SERIES_INSTANCE_UID, "UI", "1.4")
        .text(tags::MODALITY, "CS", "US")
        .text(tags::PATIENT_ID, "LO", "p")
        .text(0x0028_0008, "IS", "2")
        .items(0x0018_6011, vec![region])
        .short(0x0028_0002, 3)
        .text(0x0028_0004, "CS", "RGB")
        .short(0x0028_0006, 0)
        .short(tags::ROWS, SIZE[1])
        .short(tags::COLUMNS, SIZE[0])
        .short(tags::BITS_ALLOCATED, 8)
        .short(tags::BITS_STORED, 8)
        .short(tags::HIGH_BIT, 7)
        .short(tags::PIXEL_REPRESENTATION, 0)
        .bytes(tags::PIXEL_DATA, "OB", pixels.collect())
}

fn is_in(pixel: usize) -> bool {
    let [x, y] = [pixel % SIZE[0], pixel / SIZE[0]];
    (3..8).contains(&x) && (2..6).contains(&y)
}

fn mask() -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, SIZE[0] as u32, SIZE[1] as u32);
    encoder.set_color(png::ColorType::Grayscale);
    let mut writer = encoder.write_header().expect("a header");
    let pixels: Vec<u8> = (0..SIZE[0] * SIZE[1]).map(|pixel| u8::from(is_in(pixel))).collect();
    writer.write_image_data(&pixels).expect("pixels");
    drop(writer);
    file
}

#[test]
fn a_frame_of_ultrasound_is_measured_in_a_mask_that_is_a_picture() {
    let list = "case,image,series,mask\na,us,1.4/Frame=1,mask.png\nb,us,1.4/Frame=2,mask.png\nc,us,,mask.png\n";
    let batch = Batch::new(EXPERIMENT, list);
    batch.write("us/clip.dcm", clip().file(EXPLICIT));
    batch.write("mask.png", mask());
    // What is listed can be read.
    let said = run(["scan", &batch.path("us").display().to_string()]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(said.out.contains("series 1.4/Frame=2") && said.out.contains("0.4 × 0.5 × 1 mm"), "{}", said.out);
    let ran = batch.run();
    assert_eq!(ran.said.code, Some(3), "{:?}", ran.said);
    for (case, frame) in [("a", 0), ("b", 1)] {
        let inside: Vec<f64> =
            (0..SIZE[0] * SIZE[1]).filter(|pixel| is_in(*pixel)).map(|pixel| f64::from(red(frame, pixel))).collect();
        let mean = inside.iter().sum::<f64>() / inside.len() as f64;
        let row = ran.region(case, "nodule");
        let number = |column: &str| row[column].parse::<f64>().expect("a number");
        assert!((number("statistics.mean") - mean).abs() < 1e-9, "{row:?}");
        let long = ran.table("features_long.csv");
        let pixel_surface = long
            .iter()
            .find(|one| one["case"] == case && one["feature"].contains("pixel") && one["family"].contains("shape2d"))
            .expect("a surface");
        // 20 pixels of 0.2 mm².
        assert!((pixel_surface["value"].parse::<f64>().expect("a number") - 4.0).abs() < 1e-9, "{pixel_surface:?}");
    }
    let failures = table(&ran.out.join("failures.csv"));
    let words = "has 2 pictures, expected one; name one of: 1.4/Frame=1; 1.4/Frame=2";
    assert!(failures.iter().any(|row| row["case"] == "c" && row["message"].contains(words)), "{failures:?}");
}
