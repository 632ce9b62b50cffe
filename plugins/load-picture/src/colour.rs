//! From pixels to one number each: grey values, a channel, or the labels of a mask.

use std::collections::BTreeMap;

use voxomics_reading as reading;
use voxomics_sdk::{NamedRegion, VoxelType};

use crate::{
    error::Fault,
    picture::{Kind, Page},
};

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

/// The words of the setting.
pub const CHANNELS: [(&str, Channel); 4] =
    [("red", Channel::Red), ("green", Channel::Green), ("blue", Channel::Blue), ("luminance", Channel::Luminance)];

/// More colours than this no person draws into a mask.
const MOST_COLOURS: usize = 256;

/// Voxels of one number.
#[derive(Debug, Clone, PartialEq)]
pub struct Values {
    /// Their type.
    pub sample: VoxelType,
    /// The values, in this machine's byte order.
    pub bytes: Vec<u8>,
    /// Whether they were colours that are all grey.
    pub grey_colours: bool,
}

impl Values {
    fn plain(sample: VoxelType, bytes: Vec<u8>) -> Self {
        Self { sample, bytes, grey_colours: false }
    }
}

/// Room for the values of all pages: a number may take more bytes than the colour that it comes from.
#[derive(Debug)]
pub struct Room {
    limit: u64,
    used: u64,
}

impl Room {
    /// So many bytes.
    pub fn new(limit: u64) -> Self {
        Self { limit, used: 0 }
    }

    /// Empty values of this type, for so many pixels.
    fn take(&mut self, pixels: usize, sample: VoxelType) -> Result<Vec<u8>, Fault> {
        let bytes = pixels.saturating_mul(sample.size());
        self.used = self.used.saturating_add(bytes as u64);
        if self.used > self.limit {
            return Err(reading::Fault::TooLarge { promised: self.used, limit: self.limit }.into());
        }
        let mut values = Vec::new();
        let full = |_| reading::Fault::OutOfMemory { promised: bytes as u64 };
        values.try_reserve_exact(bytes).map_err(full)?;
        Ok(values)
    }

    fn floats(&mut self, pixels: usize, number: impl Fn(usize) -> f64) -> Result<Values, Fault> {
        let mut bytes = self.take(pixels, VoxelType::F64)?;
        (0..pixels).for_each(|pixel| bytes.extend(number(pixel).to_ne_bytes()));
        Ok(Values::plain(VoxelType::F64, bytes))
    }

    /// One sample of each pixel.
    fn sample(&mut self, page: Page, index: usize) -> Result<Values, Fault> {
        let (size, channels) = (page.sample.size(), page.kind.channels());
        let mut bytes = self.take(page.pixels(), page.sample)?;
        if channels == 1 {
            return Ok(Values::plain(page.sample, page.samples));
        }
        for pixel in page.samples.chunks_exact(size * channels) {
            bytes.extend(&pixel[index * size..][..size]);
        }
        Ok(Values::plain(page.sample, bytes))
    }
}

/// The intensities of a page.
///
/// # Errors
/// If it has colours and no channel is asked for, the other way round, if it is partly transparent, or if there is no room.
pub fn intensities(page: Page, channel: Option<Channel>, room: &mut Room) -> Result<Values, Fault> {
    let index = match channel {
        Some(Channel::Green) => 1,
        Some(Channel::Blue) => 2,
        _ => 0,
    };
    let is_luminance = channel == Some(Channel::Luminance);
    let word = CHANNELS.iter().find(|(_, known)| Some(*known) == channel).map(|(word, _)| *word);
    let pixels = page.pixels();
    if let Kind::Palette(colours) = &page.kind {
        check_palette(&page, colours)?;
    }
    if !is_opaque(&page) {
        let todo = "save it without transparency: what lies behind is not known";
        return Err(Fault::Unsupported { found: "the picture is partly transparent".into(), todo });
    }
    match &page.kind {
        Kind::Grey | Kind::GreyAlpha => match word {
            Some(channel) => Err(Fault::NoColour { channel }),
            None => room.sample(page, 0),
        },
        Kind::Palette(colours) => {
            let used = |pixel: usize| {
                let [r, g, b, _] = colours[usize::from(page.samples[pixel])];
                [r, g, b]
            };
            let grey = (0..pixels).all(|pixel| used(pixel).windows(2).all(|pair| pair[0] == pair[1]));
            match word {
                None if !grey => Err(Fault::Colour),
                Some(channel) if grey => Err(Fault::NoColour { channel }),
                _ if is_luminance => room.floats(pixels, |pixel| luminance(used(pixel).map(f64::from))),
                _ => {
                    let mut bytes = room.take(pixels, VoxelType::U8)?;
                    bytes.extend((0..pixels).map(|pixel| used(pixel)[index]));
                    Ok(Values::plain(VoxelType::U8, bytes))
                }
            }
        }
        Kind::Rgb | Kind::Rgba => {
            let colour = |pixel: usize| {
                let [r, g, b, _] = page.pixel(pixel);
                [r, g, b]
            };
            if is_luminance {
                return room.floats(pixels, |pixel| luminance(colour(pixel)));
            }
            let is_grey = |pixel: usize| colour(pixel).windows(2).all(|pair| pair[0] == pair[1]);
            if word.is_none() && !(0..pixels).all(is_grey) {
                return Err(Fault::Colour);
            }
            let grey_colours = word.is_none();
            Ok(Values { grey_colours, ..room.sample(page, index)? })
        }
    }
}

/// Whether nothing of a page is transparent; its palette must have been checked.
fn is_opaque(page: &Page) -> bool {
    match &page.kind {
        Kind::Grey | Kind::Rgb => true,
        Kind::Palette(colours) => page.samples.iter().all(|index| colours[usize::from(*index)][3] == u8::MAX),
        Kind::GreyAlpha | Kind::Rgba => {
            let (last, opaque) = (page.kind.channels() - 1, page.opaque());
            (0..page.pixels()).all(|pixel| page.pixel(pixel)[last] == opaque)
        }
    }
}

/// By ITU-R BT.601.
fn luminance([red, green, blue]: [f64; 3]) -> f64 {
    0.299 * red + 0.587 * green + 0.114 * blue
}

/// Whether every pixel has a colour of the palette.
fn check_palette(page: &Page, colours: &[[u8; 4]]) -> Result<(), Fault> {
    match page.samples.iter().find(|index| usize::from(**index) >= colours.len()) {
        None => Ok(()),
        Some(index) => {
            let cause = format!("a pixel has colour {index} of {}", colours.len());
            Err(Fault::Damaged { format: "palette", cause })
        }
    }
}

/// The labels of a page of a mask, and their names where they are colours.
///
/// Grey values are labels. Of a palette, the index is the label and the colour its name (`ff8000`); of other colours, the
/// label is red · 65,536 + green · 256 + blue. Black and what is transparent is background.
///
/// # Errors
/// If the page has more colours than a person draws, if it is half transparent, or if there is no room.
pub fn labels(page: Page, names: &mut BTreeMap<u32, String>, room: &mut Room) -> Result<Values, Fault> {
    let pixels = page.pixels();
    match &page.kind {
        Kind::Grey => room.sample(page, 0),
        Kind::GreyAlpha => {
            let opaque = page.opaque();
            let mut bytes = room.take(pixels, VoxelType::F64)?;
            for pixel in 0..pixels {
                let [label, alpha, ..] = page.pixel(pixel);
                bytes.extend(seen(label, alpha, opaque)?.to_ne_bytes());
            }
            Ok(Values::plain(VoxelType::F64, bytes))
        }
        Kind::Palette(colours) => {
            check_palette(&page, colours)?;
            let is_seen = |index: u8| index != 0 && colours[usize::from(index)][3] != 0;
            for index in page.samples.iter().copied().filter(|index| is_seen(*index)) {
                let [r, g, b, _] = colours[usize::from(index)];
                names.entry(u32::from(index)).or_insert_with(|| format!("{r:02x}{g:02x}{b:02x}"));
            }
            let mut bytes = room.take(pixels, VoxelType::U8)?;
            bytes.extend(page.samples.iter().map(|index| if is_seen(*index) { *index } else { 0 }));
            Ok(Values::plain(VoxelType::U8, bytes))
        }
        Kind::Rgb | Kind::Rgba => coloured(&page, names, room),
    }
}

/// Colours as labels.
fn coloured(page: &Page, names: &mut BTreeMap<u32, String>, room: &mut Room) -> Result<Values, Fault> {
    if page.sample != VoxelType::U8 {
        let found = "the mask has colours of more than 8 bits".into();
        return Err(Fault::Unsupported { found, todo: "save it with 8 bits" });
    }
    let channels = page.kind.channels();
    let pixels = page.samples.chunks_exact(channels);
    let grey = pixels.clone().all(|pixel| pixel[0] == pixel[1] && pixel[1] == pixel[2]);
    let mut labels = room.take(page.pixels(), VoxelType::U32)?;
    for pixel in pixels {
        let alpha = pixel.get(3).copied().unwrap_or(u8::MAX);
        let [r, g, b] = [0, 1, 2].map(|index| u32::from(pixel[index]));
        let label = if grey { r } else { r << 16 | g << 8 | b };
        let label = seen(f64::from(label), f64::from(alpha), 255.0)? as u32;
        if label != 0 && !grey && !names.contains_key(&label) {
            names.insert(label, format!("{label:06x}"));
            if names.len() > MOST_COLOURS {
                return Err(Fault::ManyColours { count: names.len() });
            }
        }
        labels.extend(label.to_ne_bytes());
    }
    Ok(Values { grey_colours: grey, ..Values::plain(VoxelType::U32, labels) })
}

/// A label that is seen; 0 where nothing is.
fn seen(label: f64, alpha: f64, opaque: f64) -> Result<f64, Fault> {
    match alpha {
        0.0 => Ok(0.0),
        alpha if alpha == opaque => Ok(label),
        _ => Err(Fault::Unsupported {
            found: "the mask is half transparent in places".into(),
            todo: "save it without transparency and without smoothing",
        }),
    }
}

/// The names as regions.
pub fn regions(names: BTreeMap<u32, String>) -> Vec<NamedRegion> {
    names.into_iter().map(|(label, name)| NamedRegion { name, label: f64::from(label) }).collect()
}
