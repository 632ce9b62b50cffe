//! Compressed frames (DICOM PS3.5, section 10 and annexes A.4, G): RLE, JPEG, JPEG-LS, JPEG 2000. What a stream says
//! of its size is held against the object before anything is allocated for it, and a stream that ends early is refused.

use jpeg_decoder::PixelFormat;

use crate::announced::Announced;
use crate::codec::Codec;
use crate::format::{Colour, Format};
use crate::jpeg_ls;

/// Decodes a frame into `slot`, in the machine's byte order.
///
/// # Errors
/// What is wrong with the stream.
pub fn decode(codec: Codec, bytes: &[u8], format: &Format, slot: &mut [u8]) -> Result<(), String> {
    match codec {
        Codec::Stored => stored(bytes, slot),
        Codec::Rle => rle(bytes, format, slot),
        Codec::Jpeg => jpeg(bytes, format, slot),
        Codec::JpegLs => jpeg_ls(bytes, format, slot),
        Codec::Jpeg2000 => jpeg_2000(bytes, format, slot),
        Codec::None | Codec::Unknown => Err("it is not compressed in a way that is read here".into()),
    }
}

/// The values as they are, filled up to an even number of bytes (DICOM PS3.5, annex A.4.11).
fn stored(bytes: &[u8], slot: &mut [u8]) -> Result<(), String> {
    if bytes.len().saturating_sub(slot.len()) > 1 || bytes.len() < slot.len() {
        return Err(format!("it has {} bytes, expected {}", bytes.len(), slot.len()));
    }
    slot.copy_from_slice(&bytes[..slot.len()]);
    Ok(())
}

/// One segment for each byte of a value, the highest first, channel after channel, each packed as runs (PS3.5, annex G).
fn rle(bytes: &[u8], format: &Format, slot: &mut [u8]) -> Result<(), String> {
    const HEADER: usize = 64;
    let (size, samples) = (format.allocated / 8, format.samples());
    let words: Vec<usize> = bytes
        .get(..HEADER)
        .ok_or("the RLE header is cut short")?
        .as_chunks::<4>()
        .0
        .iter()
        .map(|word| u32::from_le_bytes(*word) as usize)
        .collect();
    let segments = size * samples;
    if words[0] != segments {
        return Err(format!("{} RLE segments, expected {segments}", words[0]));
    }
    for segment in 0..segments {
        let start = words[segment + 1];
        let end = if segment + 1 < segments { words[segment + 2] } else { bytes.len() };
        let packed =
            bytes.get(start..end).ok_or_else(|| format!("RLE segment {} lies outside of the frame", segment + 1))?;
        let (channel, part) = (segment / size, segment % size);
        let byte = channel * size + if cfg!(target_endian = "big") { part } else { size - 1 - part };
        unpack(packed, slot[byte..].iter_mut().step_by(segments))
            .map_err(|what| format!("RLE segment {} {what}", segment + 1))?;
    }
    Ok(())
}

/// Runs of bytes; zeros after them are padding.
fn unpack<'a>(packed: &[u8], mut places: impl ExactSizeIterator<Item = &'a mut u8>) -> Result<(), &'static str> {
    const SHORT: &str = "ends before its last pixel";
    const LONG: &str = "has more pixels than the frame";
    let mut bytes = packed.iter();
    while places.len() > 0 {
        match *bytes.next().ok_or(SHORT)? as i8 {
            -128 => {}
            count @ 0.. => {
                for _ in 0..=count {
                    let byte = *bytes.next().ok_or(SHORT)?;
                    *places.next().ok_or(LONG)? = byte;
                }
            }
            count => {
                let byte = *bytes.next().ok_or(SHORT)?;
                for _ in 0..=-i16::from(count) {
                    *places.next().ok_or(LONG)? = byte;
                }
            }
        }
    }
    Ok(())
}

/// The stream without padding, of zeros, blanks or fill bytes; it must end with its end marker, the same for all families of
/// JPEG.
fn trimmed(bytes: &[u8]) -> Result<&[u8], String> {
    let end = bytes.iter().rposition(|byte| !matches!(byte, 0 | b' ' | 0xFF)).map_or(0, |last| last + 1);
    match &bytes[..end] {
        stream @ [.., 0xFF, 0xD9] => Ok(stream),
        _ => Err("truncated: the stream has no end marker".into()),
    }
}

fn jpeg(bytes: &[u8], format: &Format, slot: &mut [u8]) -> Result<(), String> {
    let bytes = trimmed(bytes)?;
    let announced = frame_header(bytes).ok_or("the JPEG stream has no frame header")?;
    announced.check(format)?;
    announced.check_sign(format)?;
    if point_transform(bytes) != Some(0) {
        return Err("the lossless JPEG stream has a point transform: its lowest bits are lost; use the original".into());
    }
    let mut decoder = jpeg_decoder::Decoder::new(bytes);
    decoder.set_max_decoding_buffer_size(4 * slot.len() + (1 << 16));
    if format.samples() == 3 {
        check_colours(bytes, format)?;
        // The channels as they are stored, without a conversion.
        decoder.set_color_transform(jpeg_decoder::ColorTransform::RGB);
    }
    let decoded = decoder.decode().map_err(|error| error.to_string())?;
    let kind = decoder.info().map(|info| info.pixel_format);
    match (kind, format.allocated) {
        (Some(PixelFormat::L8 | PixelFormat::RGB24), 8) | (Some(PixelFormat::L16), 16)
            if decoded.len() == slot.len() =>
        {
            slot.copy_from_slice(&decoded);
        }
        (Some(PixelFormat::L8), 16) if 2 * decoded.len() == slot.len() => {
            for (place, value) in slot.as_chunks_mut::<2>().0.iter_mut().zip(decoded) {
                *place = u16::from(value).to_ne_bytes();
            }
        }
        (kind, bits) => return Err(format!("the stream decodes to {kind:?}, expected {bits} bits a pixel")),
    }
    Ok(())
}

/// That a stream of three channels says of itself what the object says of it: by JFIF, which has luminance and differences
/// alone, by Adobe's marker, or by the letters of its channels. Most streams in DICOM say nothing.
fn check_colours(bytes: &[u8], format: &Format) -> Result<(), String> {
    let has = |marker: u8, name: &[u8]| {
        let at = segment(bytes, |found| found == marker)?;
        bytes.get(at + 4..).filter(|segment| segment.starts_with(name))
    };
    let letters = segment(bytes, is_frame).and_then(|at| {
        let channel = |index: usize| bytes.get(at + 10 + 3 * index).copied();
        Some([channel(0)?, channel(1)?, channel(2)?])
    });
    let says = match (has(0xE0, b"JFIF\0"), has(0xEE, b"Adobe"), letters) {
        (Some(_), ..) => Colour::Ybr,
        (None, Some(adobe), _) if adobe.get(11) == Some(&0) => Colour::Rgb,
        (None, Some(_), _) => Colour::Ybr,
        (None, None, Some(letters)) if &letters == b"RGB" => Colour::Rgb,
        _ => return Ok(()),
    };
    if says == format.colour {
        return Ok(());
    }
    let name = |colour| if colour == Colour::Rgb { "RGB" } else { "YBR_FULL" };
    Err(format!(
        "the stream says that its colours are {}, and PhotometricInterpretation that they are {}: decompress it with the \
         program that wrote it",
        name(says),
        name(format.colour)
    ))
}

fn jpeg_ls(bytes: &[u8], format: &Format, slot: &mut [u8]) -> Result<(), String> {
    let bytes = trimmed(bytes)?;
    let header = jpeg_ls::Header::of(bytes)?;
    header.announced.check(format)?;
    header.announced.check_sign(format)?;
    match format.allocated {
        8 => header.decode(bytes, &mut |pixel, value| slot[pixel] = value as u8),
        16 => {
            let places = slot.as_chunks_mut::<2>().0;
            header.decode(bytes, &mut |pixel, value| places[pixel] = value.to_ne_bytes())
        }
        bits => Err(format!("a JPEG-LS stream for {bits} bits a pixel, expected 8 or 16")),
    }
}

/// The point transform of the first scan (ISO/IEC 10918-1, B.2.3); 0 also where the frame is not a lossless one.
fn point_transform(bytes: &[u8]) -> Option<u8> {
    let is_lossless = bytes.get(segment(bytes, is_frame)? + 1)? == &0xC3;
    let at = segment(bytes, |marker| marker == 0xDA)?;
    let components = usize::from(*bytes.get(at + 4)?);
    let last = bytes.get(at + 7 + 2 * components)?;
    Some(if is_lossless { last & 0xF } else { 0 })
}

fn is_frame(marker: u8) -> bool {
    matches!(marker, 0xC0..=0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF)
}

/// The start-of-frame segment (ISO/IEC 10918-1, B.2.2).
fn frame_header(bytes: &[u8]) -> Option<Announced> {
    let at = segment(bytes, is_frame)?;
    let segment: [u8; 6] = bytes.get(at + 4..at + 10)?.try_into().ok()?;
    let word = |i: usize| usize::from(u16::from_be_bytes([segment[i], segment[i + 1]]));
    let (precision, components) = (segment[0].into(), segment[5].into());
    Some(Announced { size: [word(1), word(3)], components, precision })
}

/// Where the first segment with a marker of this kind begins, no later than the first scan.
fn segment(bytes: &[u8], is_wanted: impl Fn(u8) -> bool) -> Option<usize> {
    let mut at = 2;
    loop {
        let [0xFF, marker] = *bytes.get(at..at + 2)? else { return None };
        match marker {
            // Fill bytes; markers without a segment.
            0xFF => at += 1,
            0x01 | 0xD0..=0xD8 => at += 2,
            marker if is_wanted(marker) => return Some(at),
            0xDA => return None,
            _ => at += 2 + usize::from(u16::from_be_bytes(bytes.get(at + 2..at + 4)?.try_into().ok()?)),
        }
    }
}

fn jpeg_2000(bytes: &[u8], format: &Format, slot: &mut [u8]) -> Result<(), String> {
    let bytes = trimmed(bytes)?;
    let announced = size_header(bytes).ok_or("the JPEG 2000 stream has no size header")?;
    announced.check(format)?;
    check_transform(bytes, format)?;
    let parameters = jpeg2k::DecodeParameters::new().strict(true);
    let image = jpeg2k::Image::from_bytes_with(bytes, parameters).map_err(|error| error.to_string())?;
    let components = image.components();
    if components.len() != format.samples() {
        return Err(format!("the stream decodes to {} components, expected {}", components.len(), format.samples()));
    }
    for (channel, component) in components.iter().enumerate() {
        take_component(component, channel, &announced, format, slot)?;
    }
    Ok(())
}

/// Whether the transformation of colours that a JPEG 2000 stream states (ISO/IEC 15444-1, A.6.1) is that of its object. RGB that says
/// nothing of it is usual.
fn check_transform(bytes: &[u8], format: &Format) -> Result<(), String> {
    const CODING_STYLE: [u8; 2] = [0xFF, 0x52];
    let start =
        bytes.windows(4).position(|window| window == SIZE_HEADER).ok_or("the JPEG 2000 stream has no size header")?;
    let mut at = start + 2;
    while bytes.get(at..at + 2).is_some_and(|marker| marker != CODING_STYLE) {
        let Some([high, low]) = bytes.get(at + 2..at + 4) else { break };
        at += 2 + usize::from(u16::from_be_bytes([*high, *low]));
    }
    let is_transformed = bytes.get(at + 8).is_some_and(|byte| *byte != 0);
    let says = match (format.colour, is_transformed) {
        (Colour::Ybr, true) => "of RGB, and PhotometricInterpretation YBR_FULL",
        (Colour::Transformed, false) => "as they are, and PhotometricInterpretation a transformation",
        _ => return Ok(()),
    };
    Err(format!("the stream states its colours {says}: decompress it with the program that wrote it"))
}

/// The values of a channel of a JPEG 2000 stream.
fn take_component(
    component: &jpeg2k::ImageComponent,
    channel: usize,
    announced: &Announced,
    format: &Format,
    slot: &mut [u8],
) -> Result<(), String> {
    if [component.height() as usize, component.width() as usize] != format.size {
        return Err(format!("the stream decodes to {} × {} pixels", component.height(), component.width()));
    }
    if component.is_signed() && !format.signed {
        return Err("the stream has signed values, but PixelRepresentation is 0, expected 1".into());
    }
    if !component.is_signed() && format.signed && announced.precision != format.stored {
        let (found, stored) = (announced.precision, format.stored);
        return Err(format!("the stream has unsigned values of {found} bits for signed ones of {stored} bits"));
    }
    let (size, samples) = (format.allocated / 8, format.samples());
    for (place, value) in slot.chunks_exact_mut(size).skip(channel).step_by(samples).zip(component.data()) {
        match size {
            1 => place.copy_from_slice(&(*value as u8).to_ne_bytes()),
            2 => place.copy_from_slice(&(*value as u16).to_ne_bytes()),
            _ => place.copy_from_slice(&value.to_ne_bytes()),
        }
    }
    Ok(())
}

/// How a JPEG 2000 stream begins.
const SIZE_HEADER: [u8; 4] = [0xFF, 0x4F, 0xFF, 0x51];

/// The image and tile size segment (ISO/IEC 15444-1, A.5.1), alone or in a JP2 file.
fn size_header(bytes: &[u8]) -> Option<Announced> {
    let at = bytes.windows(4).position(|window| window == SIZE_HEADER)? + 4;
    let segment = bytes.get(at..at + 39)?;
    let word = |i: usize| Some(u32::from_be_bytes(segment.get(i..i + 4)?.try_into().ok()?) as usize);
    let columns = word(4)?.checked_sub(word(12)?)?;
    let rows = word(8)?.checked_sub(word(16)?)?;
    let components = usize::from(u16::from_be_bytes([segment[36], segment[37]]));
    Some(Announced { size: [rows, columns], components, precision: usize::from(segment[38] & 0x7F) + 1 })
}
