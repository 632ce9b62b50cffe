//! TIFF (Adobe, revision 6.0), with what some programs write into its description.

use std::io::{BufReader, Read, Seek};

use tiff::{
    ColorType,
    decoder::{Decoder, DecodingResult, Limits, ifd::Value},
    tags::{Tag, Type, ValueBuffer},
};
use voxomics_sdk::VoxelType;

use crate::{
    description::{Description, Writer},
    directory,
    error::Fault,
    picture::{Kind, Page, Picture, PixelSize, unpacked},
};

const FORMAT: &str = "TIFF";
/// More pages than any volume has slices.
const MOST_PAGES: usize = 1 << 14;
/// Millimetres.
const INCH: f64 = 25.4;

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
    let description = description(&mut decoder);
    let size = pixel_size(&mut decoder, &description);
    let (mut pages, mut count, mut left) = (Vec::new(), 0, max_bytes);
    let mut parts = 0;
    loop {
        count += 1;
        if count > MOST_PAGES {
            let found = format!("the TIFF has more than {MOST_PAGES} pages");
            return Err(Fault::Unsupported { found, todo: "split it" });
        }
        if wanted.is_none() && count > 1 && is_part(&mut decoder)? {
            parts += 1;
        } else if wanted.is_none_or(|wanted| wanted == count) {
            let page = page(&mut decoder, left)?;
            left = left.saturating_sub(page.samples.len());
            pages.push(page);
        }
        if !decoder.more_images() {
            break;
        }
        decoder.next_image().map_err(damaged)?;
    }
    let mut notes = Vec::new();
    if wanted.is_none() {
        description.check(count - parts)?;
    }
    if parts > 0 {
        notes
            .push(format!("{parts} of {count} pages are smaller copies or masks of others (NewSubfileType): left out"));
    }
    Ok((Picture { pages, size, slice_mm: description.slice_mm, notes }, count))
}

/// Whether a page is a smaller copy or the mask of another one, and no slice.
fn is_part<R: Read + Seek>(decoder: &mut Decoder<R>) -> Result<bool, Fault> {
    const SMALLER: u32 = 1;
    const MASK: u32 = 4;
    let kind = decoder.find_tag_unsigned::<u32>(Tag::NewSubfileType).map_err(damaged)?.unwrap_or(0);
    Ok(kind & (SMALLER | MASK) != 0)
}

/// What the description of the first page says. It is to be ASCII, and is not always.
fn description<R: Read + Seek>(decoder: &mut Decoder<R>) -> Description {
    let mut text = ValueBuffer::empty(Type::ASCII);
    match decoder.image_ifd().find_tag_buf(Tag::ImageDescription, &mut text) {
        Ok(Some(_)) => Description::of(String::from_utf8_lossy(text.as_bytes()).trim_end_matches('\0')),
        _ => Description::default(),
    }
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
    let (kind, bits) = match decoder.colortype().map_err(damaged)? {
        ColorType::Gray(bits) => (Kind::Grey, bits),
        ColorType::GrayA(bits) => (Kind::GreyAlpha, bits),
        ColorType::RGB(bits) => (Kind::Rgb, bits),
        ColorType::RGBA(bits) => (Kind::Rgba, bits),
        ColorType::Multiband { bit_depth, num_samples: 2 } if has_opacity(decoder)? => (Kind::GreyAlpha, bit_depth),
        ColorType::Multiband { num_samples, .. } => {
            return unsupported(format!("the TIFF has {num_samples} channels that are no colours"), "save one of them");
        }
        other => return unsupported(format!("the TIFF has pixels of the kind {other:?}"), "save it as grey or RGB"),
    };
    let is_packed = kind == Kind::Grey && [1, 2, 4].contains(&bits);
    if !is_packed && ![8, 16, 32, 64].contains(&bits) {
        return unsupported(format!("the TIFF has samples of {bits} bits"), "save it with 8 or 16 bits");
    }
    let (width, height) = (width as usize, height as usize);
    let channels = kind.channels();
    let promised = (width as u64 * height as u64 * channels as u64 * u64::from(bits)).div_ceil(8);
    if promised > max_bytes as u64 {
        return Err(voxomics_reading::Fault::TooLarge { promised, limit: max_bytes as u64 }.into());
    }
    let mut decoded = DecodingResult::U8(Vec::new());
    let layout = decoder.read_image_to_buffer(&mut decoded).map_err(damaged)?;
    let (sample, mut samples) = bytes(decoded)?;
    if layout.planes > 1 {
        samples = beside_each_other(&samples, channels, sample.size());
    }
    if is_packed {
        samples = unpacked(&samples, bits.into(), [width, height], max_bytes)?;
    }
    if samples.len() > max_bytes {
        let promised = samples.len() as u64;
        return Err(voxomics_reading::Fault::TooLarge { promised, limit: max_bytes as u64 }.into());
    }
    Page { width, height, kind, sample, samples }.checked(FORMAT)
}

/// Whether the second of two samples says how opaque the first is.
fn has_opacity<R: Read + Seek>(decoder: &mut Decoder<R>) -> Result<bool, Fault> {
    let extra = decoder.find_tag(Tag::ExtraSamples).map_err(damaged)?;
    let extra = extra.and_then(|extra| extra.into_u16_vec().ok()).unwrap_or_default();
    Ok(matches!(extra.as_slice(), [1 | 2]))
}

/// The samples of each pixel beside each other, of channels that lie in planes of their own.
fn beside_each_other(planes: &[u8], channels: usize, size: usize) -> Vec<u8> {
    let plane = planes.len() / channels;
    let mut samples = Vec::with_capacity(planes.len());
    for at in (0..plane).step_by(size) {
        for channel in 0..channels {
            samples.extend(planes.get(channel * plane + at..).and_then(|rest| rest.get(..size)).unwrap_or_default());
        }
    }
    samples
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
        DecodingResult::F16(samples) => {
            (VoxelType::F32, samples.into_iter().flat_map(|sample| sample.to_f32().to_ne_bytes()).collect())
        }
    })
}

/// By the description, or by the resolution of the first page, in the unit of ImageJ's description or in the tag's own.
fn pixel_size<R: Read + Seek>(decoder: &mut Decoder<R>, description: &Description) -> PixelSize {
    let density = |value: Option<Value>| match value {
        Some(Value::Rational(pixels, units)) => f64::from(pixels) / f64::from(units),
        _ => f64::NAN,
    };
    let mut tag = |tag| decoder.find_tag(tag).ok().flatten();
    let per_unit = [Tag::XResolution, Tag::YResolution].map(|name| density(tag(name)));
    match (description.by, description.pixel_mm) {
        (Some(by), Some(mm)) => return PixelSize::Stated(mm, by.name()),
        // A density of print stays one, also where ImageJ has read and written it.
        (Some(by @ Writer::ImageJ), _) if !description.is_inch => {
            let is_density = per_unit.iter().all(|density| density.is_finite() && *density > 0.0);
            return match description.unit_mm.filter(|_| is_density) {
                Some(mm) => PixelSize::Stated(per_unit.map(|density| mm / density), by.name()),
                None => PixelSize::Unstated,
            };
        }
        _ => {}
    }
    let unit = tag(Tag::ResolutionUnit).and_then(|unit| unit.into_u32().ok()).unwrap_or(2);
    let mm = match unit {
        _ if description.is_inch => INCH,
        2 => INCH,
        3 => 10.0,
        _ => return PixelSize::Unstated,
    };
    PixelSize::by_density(per_unit.map(|density| density / mm), "XResolution and YResolution")
}
