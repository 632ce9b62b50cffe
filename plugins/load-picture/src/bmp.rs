//! BMP (Microsoft's device-independent bitmap).

use std::io::{BufReader, Read, Seek};

use image::{ColorType, ImageDecoder as _, codecs::bmp::BmpDecoder};
use voxomics_sdk::VoxelType;

use crate::{
    error::Fault,
    picture::{Kind, Page, Picture, PixelSize},
};

const FORMAT: &str = "BMP";

/// Reads the only picture. Palettes are resolved: a picture of grey values has equal channels.
pub fn read(file: impl Read + Seek, max_bytes: usize) -> Result<Picture, Fault> {
    let damaged = |cause: image::ImageError| match cause {
        image::ImageError::Unsupported(what) => Fault::Unsupported {
            found: format!("the BMP is of a kind that is not read ({what})"),
            todo: "save it as PNG",
        },
        other => Fault::Damaged { format: FORMAT, cause: other.to_string() },
    };
    let decoder = BmpDecoder::new(BufReader::new(file)).map_err(damaged)?;
    let kind = match decoder.color_type() {
        ColorType::L8 => Kind::Grey,
        ColorType::Rgb8 => Kind::Rgb,
        ColorType::Rgba8 => Kind::Rgba,
        other => {
            let found = format!("the BMP has pixels of the kind {other:?}");
            return Err(Fault::Unsupported { found, todo: "save it as PNG" });
        }
    };
    let (width, height) = decoder.dimensions();
    let promised = decoder.total_bytes();
    if promised > max_bytes as u64 {
        return Err(voxomics_reading::Fault::TooLarge { promised, limit: max_bytes as u64 }.into());
    }
    let mut samples = Vec::new();
    samples.try_reserve_exact(promised as usize).map_err(|_| voxomics_reading::Fault::OutOfMemory { promised })?;
    samples.resize(promised as usize, 0);
    decoder.read_image(&mut samples).map_err(damaged)?;
    let page = Page { width: width as usize, height: height as usize, kind, sample: VoxelType::U8, samples };
    // What a BMP says of pixels per metre is about screens.
    Ok(Picture::one(page.checked(FORMAT)?, PixelSize::Unstated))
}
