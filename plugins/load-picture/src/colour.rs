//! From pixels to one number each: grey values, a channel, or the labels of a mask.

use std::collections::BTreeMap;

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

    fn floats(values: impl Iterator<Item = f64>) -> Self {
        Self::plain(VoxelType::F64, values.flat_map(f64::to_ne_bytes).collect())
    }
}

/// The intensities of a page.
///
/// # Errors
/// If it has colours and no channel is asked for, the other way round, or if it is partly transparent.
pub fn intensities(page: Page, channel: Option<Channel>) -> Result<Values, Fault> {
    let weights = match channel {
        Some(Channel::Luminance) => Some([0.299, 0.587, 0.114]),
        _ => None,
    };
    let index = match channel {
        Some(Channel::Green) => 1,
        Some(Channel::Blue) => 2,
        _ => 0,
    };
    let word = CHANNELS.iter().find(|(_, known)| Some(*known) == channel).map(|(word, _)| *word);
    if matches!(page.kind, Kind::GreyAlpha | Kind::Rgba) {
        let (channels, opaque) = (page.kind.channels(), page.opaque());
        if page.numbers().chunks_exact(channels).any(|pixel| pixel[channels - 1] != opaque) {
            let todo = "save it without transparency: what lies behind is not known";
            return Err(Fault::Unsupported { found: "the picture is partly transparent".into(), todo });
        }
    }
    match &page.kind {
        Kind::Grey | Kind::GreyAlpha => match word {
            Some(channel) => Err(Fault::NoColour { channel }),
            None => Ok(Values::plain(page.sample, sample(&page, 0))),
        },
        Kind::Palette(colours) => {
            let used = used_colours(&page, colours)?;
            if let Some(weights) = weights {
                return Ok(Values::floats(used.iter().map(|colour| weighted(weights, colour.map(f64::from)))));
            }
            let grey = used.iter().all(|[r, g, b]| r == g && g == b);
            match word {
                None if !grey => Err(Fault::Colour),
                Some(channel) if grey => Err(Fault::NoColour { channel }),
                _ => Ok(Values::plain(VoxelType::U8, used.iter().map(|colour| colour[index]).collect())),
            }
        }
        Kind::Rgb | Kind::Rgba => {
            let numbers = page.numbers();
            let pixels = numbers.chunks_exact(page.kind.channels());
            if let Some(weights) = weights {
                return Ok(Values::floats(pixels.map(|pixel| weighted(weights, [pixel[0], pixel[1], pixel[2]]))));
            }
            if word.is_none() && pixels.clone().any(|pixel| pixel[0] != pixel[1] || pixel[1] != pixel[2]) {
                return Err(Fault::Colour);
            }
            let grey_colours = word.is_none();
            Ok(Values { grey_colours, ..Values::plain(page.sample, sample(&page, index)) })
        }
    }
}

fn weighted(weights: [f64; 3], colour: [f64; 3]) -> f64 {
    weights.iter().zip(colour).map(|(weight, value)| weight * value).sum()
}

/// One sample of each pixel.
fn sample(page: &Page, index: usize) -> Vec<u8> {
    let (size, channels) = (page.sample.size(), page.kind.channels());
    if channels == 1 {
        return page.samples.clone();
    }
    let pixels = page.samples.chunks_exact(size * channels);
    pixels.flat_map(|pixel| &pixel[index * size..][..size]).copied().collect()
}

fn used_colours(page: &Page, colours: &[[u8; 3]]) -> Result<Vec<[u8; 3]>, Fault> {
    let colour = |index: &u8| {
        colours.get(usize::from(*index)).copied().ok_or_else(|| Fault::Damaged {
            format: "palette",
            cause: format!("a pixel has colour {index} of {}", colours.len()),
        })
    };
    page.samples.iter().map(colour).collect()
}

/// The labels of a page of a mask, and their names where they are colours.
///
/// Grey values are labels. Of a palette, the index is the label and the colour its name (`ff8000`); of other colours, the
/// label is red · 65,536 + green · 256 + blue. Black and what is transparent is background.
///
/// # Errors
/// If the page has more colours than a person draws, or if it is half transparent.
pub fn labels(page: Page, names: &mut BTreeMap<u32, String>) -> Result<Values, Fault> {
    let numbers = || page.numbers();
    let hex = |[r, g, b]: [u8; 3]| format!("{r:02x}{g:02x}{b:02x}");
    match &page.kind {
        Kind::Grey => Ok(Values::plain(page.sample, page.samples)),
        Kind::GreyAlpha => {
            let opaque = page.opaque();
            let values = numbers();
            let visible = values.chunks_exact(2).map(|pixel| seen(pixel[0], pixel[1], opaque));
            Ok(Values::floats(visible.collect::<Result<Vec<f64>, Fault>>()?.into_iter()))
        }
        Kind::Palette(colours) => {
            for (index, colour) in page.samples.iter().zip(used_colours(&page, colours)?) {
                if *index != 0 {
                    names.insert(u32::from(*index), hex(colour));
                }
            }
            Ok(Values::plain(VoxelType::U8, page.samples))
        }
        Kind::Rgb | Kind::Rgba => {
            let values = numbers();
            let channels = page.kind.channels();
            let pixels = values.chunks_exact(channels);
            if page.sample != VoxelType::U8 {
                let found = "the mask has colours of more than 8 bits".into();
                return Err(Fault::Unsupported { found, todo: "save it with 8 bits" });
            }
            let grey = pixels.clone().all(|pixel| pixel[0] == pixel[1] && pixel[1] == pixel[2]);
            let mut labels = Vec::with_capacity(4 * values.len() / channels);
            for pixel in pixels {
                let alpha = pixel.get(3).copied().unwrap_or(255.0);
                let [r, g, b] = [0, 1, 2].map(|index| pixel[index] as u32);
                let label = if grey { r } else { r << 16 | g << 8 | b };
                let label = seen(f64::from(label), alpha, 255.0)? as u32;
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
    }
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
