//! From colours to one number each.

use dicom_core::Tag;
use dicom_dictionary_std::tags;
use voxomics_sdk::VoxelType;

use crate::error::ReadError;
use crate::format::{Colour, Format};
use crate::object::Object;

/// What of a colour is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    /// The first channel.
    Red,
    /// The second.
    Green,
    /// The third.
    Blue,
    /// 0.299 red + 0.587 green + 0.114 blue (ITU-R BT.601).
    Luminance,
}

/// The words of the setting, the same as of pictures.
pub const CHANNELS: [(&str, Channel); 4] =
    [("red", Channel::Red), ("green", Channel::Green), ("blue", Channel::Blue), ("luminance", Channel::Luminance)];

/// Voxels of one number.
#[derive(Debug)]
pub struct Values {
    /// Their type.
    pub sample: VoxelType,
    /// The values, in this machine's byte order.
    pub bytes: Vec<u8>,
    /// What is to be known.
    pub note: Option<String>,
}

/// The word of a channel.
fn word(channel: Channel) -> &'static str {
    CHANNELS.iter().find(|(_, known)| *known == channel).map_or("", |(word, _)| word)
}

/// The bytes of a voxel of what is wanted of a format.
pub fn voxel_size(format: &Format, channel: Option<Channel>) -> usize {
    match (format.colour, channel) {
        (Colour::Grey, _) => format.allocated / 8,
        (_, Some(Channel::Luminance)) => 8,
        (Colour::Palette, _) => 2,
        _ => 1,
    }
}

/// Red, green and blue of a pixel of luminance and differences, rounded (DICOM PS3.3, C.7.6.3.1.2).
fn red_green_blue([luminance, blue, red]: [u8; 3]) -> [u8; 3] {
    let [y, b, r] = [f64::from(luminance), f64::from(blue) - 128.0, f64::from(red) - 128.0];
    let to_byte = |value: f64| value.round().clamp(0.0, 255.0) as u8;
    [to_byte(y + 1.402 * r), to_byte(y - 0.344_136 * b - 0.714_136 * r), to_byte(y + 1.772 * b)]
}

/// The intensities of a frame that has colours.
///
/// # Errors
/// If it has colours and none is asked for, or if its palette is none.
pub fn intensities(
    object: &Object,
    format: &Format,
    frame: &[u8],
    channel: Option<Channel>,
) -> Result<Values, ReadError> {
    match format.colour {
        Colour::Palette => palette(object, format, frame, channel),
        Colour::Ybr if channel == Some(Channel::Luminance) => {
            // It is stored as such.
            Ok(floats(frame.as_chunks::<3>().0.iter().map(|[luminance, ..]| f64::from(*luminance))))
        }
        Colour::Ybr => pick(object, frame.as_chunks::<3>().0.iter().map(|pixel| red_green_blue(*pixel)), channel),
        _ => pick(object, frame.as_chunks::<3>().0.iter().copied(), channel),
    }
}

fn floats(values: impl Iterator<Item = f64>) -> Values {
    Values { sample: VoxelType::F64, bytes: values.flat_map(f64::to_ne_bytes).collect(), note: None }
}

fn luminance([red, green, blue]: [f64; 3]) -> f64 {
    0.299 * red + 0.587 * green + 0.114 * blue
}

fn index(channel: Option<Channel>) -> usize {
    match channel {
        Some(Channel::Green) => 1,
        Some(Channel::Blue) => 2,
        _ => 0,
    }
}

fn pick(
    object: &Object,
    pixels: impl Iterator<Item = [u8; 3]> + Clone,
    channel: Option<Channel>,
) -> Result<Values, ReadError> {
    if channel == Some(Channel::Luminance) {
        return Ok(floats(pixels.map(|pixel| luminance(pixel.map(f64::from)))));
    }
    let mut note = None;
    if channel.is_none() {
        if pixels.clone().any(|[red, green, blue]| red != green || green != blue) {
            return Err(colours(object));
        }
        note = Some("red, green and blue are equal everywhere: taken as grey values".to_owned());
    }
    let bytes = pixels.map(|pixel| pixel[index(channel)]).collect();
    Ok(Values { sample: VoxelType::U8, bytes, note })
}

/// That there are colours, and no word on which of them is meant.
pub fn colours(object: &Object) -> ReadError {
    let message = "the picture has colours, expected grey values; set channel = \"red\", \"green\", \"blue\" or \"luminance\" in \
                   [load.dicom]";
    ReadError::unfit(object.path(), message)
}

/// That a channel is asked for where there are grey values.
pub fn no_colours(object: &Object, channel: Channel) -> ReadError {
    let message = format!(
        "channel = \"{}\" is set in [load.dicom], and the picture has grey values; take the setting away",
        word(channel)
    );
    ReadError::unfit(object.path(), message)
}

fn palette(object: &Object, format: &Format, frame: &[u8], channel: Option<Channel>) -> Result<Values, ReadError> {
    let root = object.root();
    if root.has(tags::SEGMENTED_RED_PALETTE_COLOR_LOOKUP_TABLE_DATA) {
        let supported = "RedPaletteColorLookupTableData; export the picture with grey values";
        let tag = tags::SEGMENTED_RED_PALETTE_COLOR_LOOKUP_TABLE_DATA;
        return Err(root.unsupported(tag, "a palette in segments", supported));
    }
    let tables = [
        table(object, tags::RED_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR, tags::RED_PALETTE_COLOR_LOOKUP_TABLE_DATA)?,
        table(object, tags::GREEN_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR, tags::GREEN_PALETTE_COLOR_LOOKUP_TABLE_DATA)?,
        table(object, tags::BLUE_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR, tags::BLUE_PALETTE_COLOR_LOOKUP_TABLE_DATA)?,
    ];
    // Values before the table's first take its first entry, those beyond its last the last one (C.7.6.3.1.5).
    let colour = |value: i64| {
        tables.each_ref().map(|(first, entries)| {
            let place = usize::try_from(value - first).unwrap_or(0).min(entries.len() - 1);
            entries[place]
        })
    };
    let values: Vec<i64> = match format.allocated {
        8 => frame.iter().map(|byte| i64::from(*byte)).collect(),
        _ => frame.as_chunks::<2>().0.iter().map(|bytes| i64::from(u16::from_ne_bytes(*bytes))).collect(),
    };
    let is_grey = values.iter().all(|value| {
        let [red, green, blue] = colour(*value);
        red == green && green == blue
    });
    match channel {
        None if !is_grey => Err(colours(object)),
        Some(channel) if is_grey => Err(no_colours(object, channel)),
        Some(Channel::Luminance) => Ok(floats(values.iter().map(|value| luminance(colour(*value).map(f64::from))))),
        _ => {
            let note = is_grey.then(|| "the palette has grey values, which are the intensities".to_owned());
            let chosen = values.iter().flat_map(|value| colour(*value)[index(channel)].to_ne_bytes());
            Ok(Values { sample: VoxelType::U16, bytes: chosen.collect(), note })
        }
    }
}

/// The first value that a table of a palette has an entry for, and its entries (C.7.6.3.1.5 and C.7.6.3.1.6).
fn table(object: &Object, descriptor: Tag, data: Tag) -> Result<(i64, Vec<u16>), ReadError> {
    let root = object.root();
    let numbers = root.ints(descriptor)?.ok_or_else(|| root.missing(descriptor))?;
    let &[count, first, bits] = numbers.as_slice() else {
        return Err(root.invalid(descriptor, &format!("{} numbers", numbers.len()), "three"));
    };
    // 65,536 does not fit into the 16 bits that there are.
    let count = if count == 0 { 1 << 16 } else { count as usize & 0xFFFF };
    let bytes = root.bytes(data).ok_or_else(|| root.missing(data))?;
    let entries: Option<Vec<u16>> = match (bits, bytes.len()) {
        (8, length) if length == count.next_multiple_of(2) => {
            Some(bytes[..count].iter().map(|byte| u16::from(*byte)).collect())
        }
        (8 | 16, length) if length == 2 * count => {
            let is_big = object.encoding().big_endian;
            let word = |bytes: &[u8; 2]| if is_big { u16::from_be_bytes(*bytes) } else { u16::from_le_bytes(*bytes) };
            Some(bytes.as_chunks::<2>().0.iter().map(word).collect())
        }
        _ => None,
    };
    entries.map(|entries| (first, entries)).ok_or_else(|| {
        let found = format!("{} bytes", bytes.len());
        root.invalid(data, &found, &format!("{count} entries of {bits} bits, 8 or 16"))
    })
}
