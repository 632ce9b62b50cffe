//! TIFF (Adobe, revision 6.0), with the unit that ImageJ writes into its description.

use std::io::{BufReader, Read, Seek};

use tiff::{
    ColorType,
    decoder::{Decoder, DecodingResult, Limits, ifd::Value},
    tags::Tag,
};
use voxomics_sdk::VoxelType;

use crate::{
    directory,
    error::Fault,
    picture::{Kind, Page, Picture, PixelSize},
};

const FORMAT: &str = "TIFF";
/// More pages than any volume has slices.
const MOST_PAGES: usize = 1 << 14;

fn damaged(cause: tiff::TiffError) -> Fault {
    match cause {
        tiff::TiffError::UnsupportedError(what) => {
            Fault::Unsupported { found: what.to_string(), todo: "save the TIFF without compression, as grey values" }
        }
        other => Fault::Damaged { format: FORMAT, cause: other.to_string() },
    }
}

/// Reads every page, or the one with this number.
pub fn read(file: impl Read + Seek, max_bytes: usize, wanted: Option<usize>) -> Result<(Picture, usize), Fault> {
    let mut file = BufReader::new(file);
    // The decoder makes room for the values of a directory before it looks whether they are there.
    directory::check(&mut file, max_bytes as u64, wanted, MOST_PAGES)?;
    let mut limits = Limits::default();
    limits.decoding_buffer_size = max_bytes;
    limits.intermediate_buffer_size = max_bytes.clamp(1 << 20, 1 << 28);
    let mut decoder = Decoder::new(file).map_err(damaged)?.with_limits(limits);
    let size = pixel_size(&mut decoder);
    let (mut pages, mut count, mut left) = (Vec::new(), 0, max_bytes);
    loop {
        count += 1;
        if count > MOST_PAGES {
            let found = format!("the TIFF has more than {MOST_PAGES} pages");
            return Err(Fault::Unsupported { found, todo: "split it" });
        }
        if wanted.is_none_or(|wanted| wanted == count) {
            let page = page(&mut decoder, left)?;
            left = left.saturating_sub(page.samples.len());
            pages.push(page);
        }
        if !decoder.more_images() {
            break;
        }
        decoder.next_image().map_err(damaged)?;
    }
    Ok((Picture { pages, size, notes: Vec::new() }, count))
}

fn page<R: Read + Seek>(decoder: &mut Decoder<R>, max_bytes: usize) -> Result<Page, Fault> {
    let unsupported = |found: String, todo| Err(Fault::Unsupported { found, todo });
    let number = |decoder: &mut Decoder<R>, tag| decoder.find_tag_unsigned::<u32>(tag).map_err(damaged);
    if let Some(turned) = number(decoder, Tag::Orientation)?.filter(|orientation| *orientation != 1) {
        let found = format!("the TIFF is to be shown turned or mirrored (Orientation {turned})");
        return unsupported(found, "save it the way it is to be shown");
    }
    if number(decoder, Tag::PhotometricInterpretation)? == Some(0) {
        let todo = "save it with black as zero: programs differ in what they make of it";
        return unsupported("the TIFF has white as zero (PhotometricInterpretation 0)".into(), todo);
    }
    let (width, height) = decoder.dimensions().map_err(damaged)?;
    let color = decoder.colortype().map_err(damaged)?;
    let (kind, bits) = match color {
        ColorType::Gray(bits) => (Kind::Grey, bits),
        ColorType::GrayA(bits) => (Kind::GreyAlpha, bits),
        ColorType::RGB(bits) => (Kind::Rgb, bits),
        ColorType::RGBA(bits) => (Kind::Rgba, bits),
        other => return unsupported(format!("the TIFF has pixels of the kind {other:?}"), "save it as grey or RGB"),
    };
    if ![8, 16, 32, 64].contains(&bits) {
        return unsupported(format!("the TIFF has samples of {bits} bits"), "save it with 8 or 16 bits");
    }
    let promised = u64::from(width) * u64::from(height) * kind.channels() as u64 * u64::from(bits) / 8;
    if promised > max_bytes as u64 {
        return Err(voxomics_reading::Fault::TooLarge { promised, limit: max_bytes as u64 }.into());
    }
    let (sample, samples) = bytes(decoder.read_image().map_err(damaged)?)?;
    Page { width: width as usize, height: height as usize, kind, sample, samples }.checked(FORMAT)
}

fn bytes(samples: DecodingResult) -> Result<(VoxelType, Vec<u8>), Fault> {
    macro_rules! flat {
        ($samples:ident) => {
            $samples.into_iter().flat_map(|sample| sample.to_ne_bytes()).collect()
        };
    }
    Ok(match samples {
        DecodingResult::U8(samples) => (VoxelType::U8, samples),
        DecodingResult::I8(samples) => (VoxelType::I8, flat!(samples)),
        DecodingResult::U16(samples) => (VoxelType::U16, flat!(samples)),
        DecodingResult::I16(samples) => (VoxelType::I16, flat!(samples)),
        DecodingResult::U32(samples) => (VoxelType::U32, flat!(samples)),
        DecodingResult::I32(samples) => (VoxelType::I32, flat!(samples)),
        DecodingResult::U64(samples) => (VoxelType::U64, flat!(samples)),
        DecodingResult::I64(samples) => (VoxelType::I64, flat!(samples)),
        DecodingResult::F32(samples) => (VoxelType::F32, flat!(samples)),
        DecodingResult::F64(samples) => (VoxelType::F64, flat!(samples)),
        _ => {
            let found = "the TIFF has samples of a type that has no whole bytes here".into();
            return Err(Fault::Unsupported { found, todo: "save it with 8, 16 or 32 bits" });
        }
    })
}

/// By the resolution of the first page: in the unit of ImageJ's description, or in the tag's own.
fn pixel_size<R: Read + Seek>(decoder: &mut Decoder<R>) -> PixelSize {
    let density = |value: Option<Value>| match value {
        Some(Value::Rational(pixels, units)) => f64::from(pixels) / f64::from(units),
        _ => f64::NAN,
    };
    let mut tag = |tag| decoder.find_tag(tag).ok().flatten();
    let per_unit = [Tag::XResolution, Tag::YResolution].map(|name| density(tag(name)));
    let description = tag(Tag::ImageDescription).and_then(|value| value.into_string().ok()).unwrap_or_default();
    if description.starts_with("ImageJ=") {
        let unit = description.lines().find_map(|line| line.strip_prefix("unit="));
        let mm = match unit.map(str::trim) {
            Some("mm" | "millimeter") => 1.0,
            Some("cm" | "centimeter") => 10.0,
            Some("um" | "micron" | "µm" | "\\u00B5m") => 1e-3,
            Some("inch") => 25.4,
            _ => return PixelSize::Unstated,
        };
        return match per_unit.iter().all(|density| density.is_finite() && *density > 0.0) {
            true => PixelSize::Stated(per_unit.map(|density| mm / density), "ImageJ's description"),
            false => PixelSize::Unstated,
        };
    }
    let unit = tag(Tag::ResolutionUnit).and_then(|unit| unit.into_u32().ok()).unwrap_or(2);
    let mm = match unit {
        2 => 25.4,
        3 => 10.0,
        _ => return PixelSize::Unstated,
    };
    PixelSize::by_density(per_unit.map(|density| density / mm), "XResolution and YResolution")
}
