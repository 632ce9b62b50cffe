//! PNG (W3C Recommendation, third edition, w3.org/TR/png-3).

use std::{
    io::{BufReader, Read, Seek},
    iter,
};

use png::{BitDepth, ColorType, Decoder, Limits, Transformations, Unit};
use voxomics_sdk::VoxelType;

use crate::{
    error::Fault,
    exif,
    picture::{Kind, Page, Picture, PixelSize, unpacked},
};

const FORMAT: &str = "PNG";

/// Reads the only picture.
pub fn read(file: impl Read + Seek, max_bytes: usize) -> Result<Picture, Fault> {
    let damaged = |cause: png::DecodingError| Fault::Damaged { format: FORMAT, cause: cause.to_string() };
    let mut decoder = Decoder::new_with_limits(BufReader::new(file), Limits { bytes: max_bytes.max(1 << 16) });
    // Texts and colour profiles may unfold to anything, and say nothing of pixels.
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    // Stored values as they are: a mask of one bit has the labels 0 and 1.
    decoder.set_transformations(Transformations::IDENTITY);
    let mut reader = decoder.read_info().map_err(damaged)?;
    let info = reader.info();
    if info.is_animated() {
        return Err(Fault::Unsupported { found: "the PNG is animated".into(), todo: "export one of its pictures" });
    }
    let (color, depth) = (info.color_type, info.bit_depth);
    let kind = match color {
        ColorType::Grayscale => Kind::Grey,
        ColorType::GrayscaleAlpha => Kind::GreyAlpha,
        ColorType::Rgb => Kind::Rgb,
        ColorType::Rgba => Kind::Rgba,
        ColorType::Indexed => {
            let colours = info.palette.as_deref().unwrap_or_default().as_chunks::<3>().0;
            // There may be fewer of these than colours: the others are opaque.
            let opacities = info.trns.as_deref().unwrap_or_default().iter().copied().chain(iter::repeat(u8::MAX));
            Kind::Palette(colours.iter().zip(opacities).map(|([r, g, b], a)| [*r, *g, *b, a]).collect())
        }
    };
    if info.trns.is_some() && color != ColorType::Indexed {
        let todo = "save it without transparency";
        return Err(Fault::Unsupported { found: "the PNG makes one of its colours transparent".into(), todo });
    }
    let size = match info.pixel_dims {
        Some(dims) if dims.unit == Unit::Meter => {
            PixelSize::by_density([dims.xppu, dims.yppu].map(|per_metre| f64::from(per_metre) / 1000.0), "pHYs")
        }
        _ => PixelSize::Unstated,
    };
    let (width, height) = (info.width as usize, info.height as usize);
    let bytes = reader.output_buffer_size().unwrap_or(usize::MAX);
    if bytes > max_bytes {
        return Err(voxomics_reading::Fault::TooLarge { promised: bytes as u64, limit: max_bytes as u64 }.into());
    }
    let mut packed = Vec::new();
    packed.try_reserve_exact(bytes).map_err(|_| voxomics_reading::Fault::OutOfMemory { promised: bytes as u64 })?;
    packed.resize(bytes, 0);
    let frame = reader.next_frame(&mut packed).map_err(damaged)?;
    packed.truncate(frame.buffer_size());
    // What follows is checked as well: a file that was cut short ends without its last chunk.
    reader.finish().map_err(damaged)?;
    exif::check(FORMAT, reader.info().exif_metadata.as_deref())?;
    let (sample, samples) = match depth {
        BitDepth::Eight => (VoxelType::U8, packed),
        BitDepth::Sixteen => {
            let machine = packed.as_chunks::<2>().0.iter().flat_map(|bytes| u16::from_be_bytes(*bytes).to_ne_bytes());
            (VoxelType::U16, machine.collect())
        }
        few => (VoxelType::U8, unpacked(&packed, few as usize, [width, height], max_bytes)?),
    };
    let page = Page { width, height, kind, sample, samples }.checked(FORMAT)?;
    Ok(Picture::one(page, size))
}
