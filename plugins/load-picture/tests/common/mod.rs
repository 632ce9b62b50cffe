//! Pictures that the tests make.
#![allow(dead_code)] // every test binary uses its own part

use std::io::Cursor;

use load_picture::{Fault, Options, read_image, read_mask};
pub use voxomics_sdk::testing::TestFolder as Folder;
use voxomics_sdk::{Grid, Scan, VoxelType};

pub const LIMIT: u64 = 1 << 24;

pub fn half_mm() -> Options {
    Options { pixel_mm: Some([0.5, 0.25]), ..Options::default() }
}

pub fn image(name: &str, bytes: &[u8], options: &Options) -> Result<(Scan, Vec<String>), Fault> {
    let folder = Folder::new();
    let path = folder.write(name, bytes);
    read_image(&path, options, LIMIT).map_err(|error| {
        let message = error.to_string();
        assert!(
            message.starts_with(&path.display().to_string()) && message.contains(';'),
            "says what to do: {message}"
        );
        println!("{message}");
        error.fault
    })
}

/// Labels of voxels, and names of labels.
pub type Labelled = (Vec<f64>, Vec<(String, f64)>);

/// Labels and names of a mask, on an image of this size.
pub fn mask(name: &str, bytes: &[u8], dims: [u64; 3]) -> Result<Labelled, Fault> {
    let folder = Folder::new();
    let path = folder.write(name, bytes);
    let grid = grid(dims);
    let (segmentation, _) = read_mask(&path, &Options::default(), Some(&grid), LIMIT).map_err(|error| error.fault)?;
    assert_eq!((segmentation.reference_offset, segmentation.labels.grid), (Some([0; 3]), grid));
    let regions = segmentation.regions.into_iter().map(|region| (region.name, region.label)).collect();
    Ok((values(&segmentation.labels), regions))
}

pub fn grid(dims: [u64; 3]) -> Grid {
    let direction = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
    Grid { dims, spacing: [0.7, 0.8, 2.0], origin: [1.0, 2.0, 3.0], direction }
}

pub fn values(scan: &Scan) -> Vec<f64> {
    let bytes = &scan.voxels;
    match scan.voxel_type {
        VoxelType::U8 => bytes.iter().map(|byte| f64::from(*byte)).collect(),
        VoxelType::U16 => bytes.as_chunks().0.iter().map(|bytes| f64::from(u16::from_ne_bytes(*bytes))).collect(),
        VoxelType::U32 => bytes.as_chunks().0.iter().map(|bytes| f64::from(u32::from_ne_bytes(*bytes))).collect(),
        VoxelType::F32 => bytes.as_chunks().0.iter().map(|bytes| f64::from(f32::from_ne_bytes(*bytes))).collect(),
        VoxelType::F64 => bytes.as_chunks().0.iter().map(|bytes| f64::from_ne_bytes(*bytes)).collect(),
        other => panic!("{}", other.name()),
    }
}

/// A PNG of 3 × 2 pixels.
pub fn png(color: png::ColorType, depth: png::BitDepth, data: &[u8], more: impl Fn(&mut png::Info<'_>)) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut info = png::Info::with_size(3, 2);
    (info.color_type, info.bit_depth) = (color, depth);
    more(&mut info);
    let mut writer = png::Encoder::with_info(&mut bytes, info).expect("an encoder").write_header().expect("a header");
    writer.write_image_data(data).expect("pixels");
    drop(writer);
    bytes
}

pub fn grey_8(data: &[u8; 6]) -> Vec<u8> {
    png(png::ColorType::Grayscale, png::BitDepth::Eight, data, |_| {})
}

/// A TIFF whose pages have these samples of 16 bits, 3 × 2.
pub fn tiff(pages: &[[u16; 6]], per_inch: Option<[u32; 2]>, description: Option<&str>) -> Vec<u8> {
    use tiff::{
        encoder::{Rational, TiffEncoder, colortype::Gray16},
        tags::{ResolutionUnit, Tag},
    };
    let mut bytes = Cursor::new(Vec::new());
    let mut encoder = TiffEncoder::new(&mut bytes).expect("an encoder");
    for page in pages {
        let mut image = encoder.new_image::<Gray16>(3, 2).expect("a page");
        if let Some([x, y]) = per_inch {
            image.resolution_unit(ResolutionUnit::Inch);
            image.x_resolution(Rational { n: x, d: 10 });
            image.y_resolution(Rational { n: y, d: 10 });
        }
        if let Some(description) = description {
            image.encoder().write_tag(Tag::ImageDescription, description).expect("a tag");
        }
        image.write_data(page).expect("pixels");
    }
    bytes.into_inner()
}
