//! JPEG (ITU-T T.81): grey values and colours of 8 bits.

use std::io::{self, Read};

use jpeg_decoder::{ColorTransform, Decoder, PixelFormat};
use voxomics_sdk::VoxelType;

use crate::{
    error::Fault,
    exif,
    picture::{Kind, Page, Picture, PixelSize},
};

const FORMAT: &str = "JPEG";
/// Pixels along a block of a channel that has a sample for four pixels, the most that there are (B.2.2).
const MOST_BLOCK: u64 = 32;
/// Room for blocks that any picture may have, whatever the limit.
const SMALL: u64 = 1 << 16;

/// The marker of a frame of JPEG-LS (ITU-T T.87), which begins as JPEG does.
const JPEG_LS: u8 = 0xf7;
/// Bytes before the frame in which its colours are looked for: profiles and thumbnails have less.
const MOST_HEAD: usize = 16 << 20;

/// Reads the only picture.
pub fn read(mut file: impl Read, max_bytes: usize) -> Result<Picture, Fault> {
    let mut head = Vec::new();
    let (colours, frame) =
        colours(&mut file, &mut head).map_err(|cause| Fault::Damaged { format: FORMAT, cause: cause.to_string() })?;
    if frame == Some(JPEG_LS) {
        return Err(Fault::Unsupported {
            found: "the picture is JPEG-LS, and not JPEG".into(),
            todo: "save it as PNG",
        });
    }
    let damaged = |cause: jpeg_decoder::Error| match cause {
        jpeg_decoder::Error::Unsupported(what) => {
            let found = format!("the JPEG is of a kind that is not read ({what:?})");
            Fault::Unsupported { found, todo: "save it as PNG" }
        }
        other => Fault::Damaged { format: FORMAT, cause: other.to_string() },
    };
    let mut decoder = Decoder::new(io::BufReader::new(head.as_slice().chain(file)));
    if let Some(colours) = colours {
        decoder.set_color_transform(colours);
    }
    decoder.set_max_decoding_buffer_size(max_bytes);
    decoder.read_info().map_err(damaged)?;
    // The decoder fills up each side to whole blocks of the coarsest channel.
    let side = |side: u16| u64::from(side).next_multiple_of(MOST_BLOCK);
    let (promised, filled) = decoder.info().map_or((0, 0), |info| {
        let bytes = info.pixel_format.pixel_bytes() as u64;
        (u64::from(info.width) * u64::from(info.height) * bytes, side(info.width) * side(info.height) * bytes)
    });
    if promised > max_bytes as u64 || filled > (max_bytes as u64).max(SMALL) {
        let promised = promised.max(filled);
        return Err(voxomics_reading::Fault::TooLarge { promised, limit: max_bytes as u64 }.into());
    }
    let samples = decoder.decode().map_err(damaged)?;
    let Some(info) = decoder.info() else {
        return Err(Fault::Damaged { format: FORMAT, cause: "it has no picture".into() });
    };
    exif::check(FORMAT, decoder.exif_data())?;
    let (kind, sample, samples) = match info.pixel_format {
        PixelFormat::L8 => (Kind::Grey, VoxelType::U8, samples),
        PixelFormat::RGB24 => (Kind::Rgb, VoxelType::U8, samples),
        // The decoder gives the machine's byte order.
        PixelFormat::L16 => (Kind::Grey, VoxelType::U16, samples),
        PixelFormat::CMYK32 => {
            return Err(Fault::Unsupported {
                found: "the JPEG has inks (CMYK)".into(),
                todo: "save it as grey or RGB",
            });
        }
    };
    let page = Page { width: info.width.into(), height: info.height.into(), kind, sample, samples }.checked(FORMAT)?;
    // JFIF's density is one of print: no program that knows of a patient writes JPEG with it.
    let notes = vec!["JPEG does not keep every grey value as it was".into()];
    Ok(Picture { notes, ..Picture::one(page, PixelSize::Unstated) })
}

/// What the marker of Adobe says of three channels, if it counts: `jpeg-decoder` 0.3 asks the channels' numbers first, and takes
/// 1, 2, 3 for YCbCr even where the marker says RGB. JFIF is always YCbCr. Also the marker of the first frame, if it was reached.
/// What is read goes into `head`, and is read again.
fn colours(file: &mut impl Read, head: &mut Vec<u8>) -> io::Result<(Option<ColorTransform>, Option<u8>)> {
    let mut take = |bytes: u64, head: &mut Vec<u8>| -> io::Result<Option<usize>> {
        let at = head.len();
        let read = file.by_ref().take(bytes).read_to_end(head)?;
        Ok((read as u64 == bytes).then_some(at))
    };
    let mut found = None;
    if take(2, head)?.is_none() {
        return Ok((None, None));
    }
    let mut is_jfif = false;
    // A frame (C0 to CF, but C4, C8 and CC, which are tables) ends what may stand before it.
    while head.len() < MOST_HEAD
        && let Some(at) = take(4, head)?
    {
        let (marker, length) = ([head[at], head[at + 1]], u16::from_be_bytes([head[at + 2], head[at + 3]]));
        let is_frame = matches!(marker[1], 0xc0..=0xcf | JPEG_LS) && !matches!(marker[1], 0xc4 | 0xc8 | 0xcc);
        let Some(rest) = length.checked_sub(2).filter(|_| marker[0] == 0xff) else { break };
        let Some(from) = take(rest.into(), head)? else { break };
        let content = &head[from..];
        match marker[1] {
            0xe0 if content.starts_with(b"JFIF\0") => is_jfif = true,
            0xee if content.starts_with(b"Adobe") => found = content.get(11).copied(),
            _ if is_frame => {
                let channels = content.get(5).copied();
                let colours = match (channels, found) {
                    _ if is_jfif => None,
                    (Some(3), Some(0)) => Some(ColorTransform::RGB),
                    (Some(3), Some(1)) => Some(ColorTransform::YCbCr),
                    _ => None,
                };
                return Ok((colours, Some(marker[1])));
            }
            _ => {}
        }
    }
    Ok((None, None))
}
