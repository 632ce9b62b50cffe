//! From a path to voxels in memory.

use std::{collections::BTreeMap, io::Read as _, path::Path};

use voxomics_reading::{self as reading};
use voxomics_sdk::{Grid, Scan, Segmentation};

use crate::{
    bmp,
    colour::{self, Channel, Values},
    error::{Fault, ReadError},
    jpeg,
    picture::{Page, Picture, PixelSize},
    png, tiff,
};

/// What pictures do not say by themselves.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Options {
    /// Width and height of a pixel, mm.
    pub pixel_mm: Option<[f64; 2]>,
    /// Distance of two pages, mm.
    pub slice_mm: Option<f64>,
    /// The page that is wanted, from 1.
    pub page: Option<usize>,
    /// What of a colour is wanted.
    pub channel: Option<Channel>,
}

/// A format, by the first bytes of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Png,
    Jpeg,
    Bmp,
    Tiff,
}

impl Format {
    fn of(head: &[u8]) -> Option<Self> {
        let starts = |start: &[u8]| head.starts_with(start);
        match () {
            () if starts(b"\x89PNG\r\n\x1a\n") => Some(Self::Png),
            () if starts(b"\xff\xd8\xff") => Some(Self::Jpeg),
            () if [&b"II*\0"[..], b"MM\0*", b"II+\0", b"MM\0+"].into_iter().any(starts) => Some(Self::Tiff),
            // The reserved bytes are 0, and the header that follows has one of a few sizes.
            () if starts(b"BM") && head.get(6..10) == Some(&[0; 4]) => {
                matches!(head.get(14), Some(12 | 40 | 52 | 56 | 64 | 108 | 124)).then_some(Self::Bmp)
            }
            () => None,
        }
    }
}

/// Whether a file that begins with these bytes is a picture.
pub fn recognises(head: &[u8]) -> bool {
    Format::of(head).is_some()
}

/// Reads the intensities of a picture: of one page, or of all as slices.
///
/// Memory: the decoded picture at most twice; nothing is allocated for pixels beyond `max_bytes`.
///
/// # Errors
/// If the file is no undamaged picture of one number per pixel, or if the size of a pixel is not known, see [`Fault`].
pub fn read_image(path: &Path, options: &Options, max_bytes: u64) -> Result<(Scan, Vec<String>), ReadError> {
    let at = ReadError::at::<Fault>(path);
    let (_, picture) = decode(path, options.page, max_bytes).map_err(&at)?;
    let Picture { pages, size, mut notes } = picture;
    let grid = place(&pages, &size, options, &mut notes).map_err(&at)?;
    let values = pages.into_iter().map(|page| colour::intensities(page, options.channel));
    let values = join(values.collect::<Result<_, _>>().map_err(&at)?, "grey values", &mut notes).map_err(&at)?;
    Ok((Scan::new(grid, values.sample, values.bytes), notes))
}

/// Reads the labels of a mask. On the grid of the image that it was drawn on, where that is known.
///
/// # Errors
/// As [`read_image`], but that a mask on an image needs no size of its own; and if it has another number of pixels than the
/// image, or was smoothed.
pub fn read_mask(
    path: &Path,
    options: &Options,
    image: Option<&Grid>,
    max_bytes: u64,
) -> Result<(Segmentation, Vec<String>), ReadError> {
    let at = ReadError::at::<Fault>(path);
    let (format, picture) = match decode(path, options.page, max_bytes) {
        // The image is one page of several, and its mask a picture by itself.
        Err(Fault::NoPage { count: 1, .. }) => decode(path, None, max_bytes),
        other => other,
    }
    .map_err(&at)?;
    if format == Format::Jpeg {
        let found = "a mask as JPEG has labels that are not what was drawn".into();
        return Err(at(Fault::Unsupported { found, todo: "save it as PNG" }));
    }
    let Picture { pages, size, mut notes } = picture;
    let (grid, reference_offset) = match image {
        Some(image) => (on(image, &pages).map_err(&at)?, Some([0; 3])),
        None => (place(&pages, &size, options, &mut notes).map_err(&at)?, None),
    };
    let mut names = BTreeMap::new();
    let labels = pages.into_iter().map(|page| colour::labels(page, &mut names));
    let labels = join(labels.collect::<Result<_, _>>().map_err(&at)?, "labels", &mut notes).map_err(&at)?;
    let labels = Scan::new(grid, labels.sample, labels.bytes);
    Ok((Segmentation { labels, regions: colour::regions(names), reference_offset }, notes))
}

fn decode(path: &Path, page: Option<usize>, max_bytes: u64) -> Result<(Format, Picture), Fault> {
    let (mut file, length) = reading::open(path)?;
    let mut head = Vec::new();
    file.by_ref().take(16).read_to_end(&mut head)?;
    if length == 0 {
        return Err(reading::Fault::Empty.into());
    }
    let format = Format::of(&head).ok_or_else(|| Fault::Unsupported {
        found: format!("not a picture: it starts with \"{}\"", head.escape_ascii()),
        todo: "choose the loader of its format",
    })?;
    let (file, _) = reading::open(path)?;
    let most = usize::try_from(max_bytes).unwrap_or(usize::MAX);
    let (picture, count) = match format {
        Format::Png => (png::read(file, most)?, 1),
        Format::Jpeg => (jpeg::read(file, most)?, 1),
        Format::Bmp => (bmp::read(file, most)?, 1),
        Format::Tiff => tiff::read(file, most, page)?,
    };
    match page {
        Some(page) if page > count => Err(Fault::NoPage { page, count }),
        _ => Ok((format, picture)),
    }
}

/// The grid of a picture: rows to the patient's left, columns to the back, pages upwards; the first pixel is at 0.
fn place(pages: &[Page], size: &PixelSize, options: &Options, notes: &mut Vec<String>) -> Result<Grid, Fault> {
    let dims = dims(pages)?;
    let [x, y] = match (options.pixel_mm, size) {
        (Some(mm), PixelSize::Stated(stated, source)) if differ(mm, *stated) => {
            notes.push(format!("{source} says pixels of {stated:?} mm, `pixel_mm` {mm:?}: the setting counts"));
            mm
        }
        (Some(mm), _) => mm,
        (None, PixelSize::Stated(mm, source)) => {
            notes.push(format!("pixels of {mm:?} mm, by {source}"));
            *mm
        }
        (None, PixelSize::Unstated) => {
            return Err(Fault::NoMillimetres { why: "the picture states no size of its pixels".into() });
        }
        (None, PixelSize::Print(dpi)) => {
            let why = format!("the picture states {dpi} dots per inch, which is a density of screens and paper");
            return Err(Fault::NoMillimetres { why });
        }
    };
    let z = match (options.slice_mm, dims[2]) {
        (Some(mm), _) => mm,
        (None, 1) => {
            notes.push("the only slice taken as 1 mm thick".into());
            1.0
        }
        (None, count) => return Err(Fault::Pages { count: count as usize }),
    };
    notes.push(
        "a picture has no place in the patient: axes taken as left, posterior, superior, the first pixel at 0".into(),
    );
    let direction = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
    Ok(Grid { dims, spacing: [x, y, z], origin: [0.0; 3], direction })
}

fn differ(a: [f64; 2], b: [f64; 2]) -> bool {
    a.iter().zip(b).any(|(a, b)| (a - b).abs() > 1e-3 * b)
}

/// The grid of the image on which a mask was drawn.
fn on(image: &Grid, pages: &[Page]) -> Result<Grid, Fault> {
    let found = dims(pages)?;
    if found == image.dims {
        Ok(*image)
    } else {
        Err(Fault::OtherSize { found: found.map(|n| n as usize), expected: image.dims })
    }
}

fn dims(pages: &[Page]) -> Result<[u64; 3], Fault> {
    let Some(first) = pages.first() else {
        return Err(Fault::Damaged { format: "picture", cause: "it has no page".into() });
    };
    let differs = |page: &Page| (page.width, page.height) != (first.width, first.height);
    match pages.iter().position(differs) {
        Some(index) => Err(Fault::PagesDiffer { page: index + 1 }),
        None => Ok([first.width, first.height, pages.len()].map(|n| n as u64)),
    }
}

/// Pages as one volume.
fn join(pages: Vec<Values>, what: &str, notes: &mut Vec<String>) -> Result<Values, Fault> {
    let mut pages = pages.into_iter();
    let Some(mut all) = pages.next() else {
        return Err(Fault::Damaged { format: "picture", cause: "it has no page".into() });
    };
    for (index, page) in pages.enumerate() {
        if page.sample != all.sample || page.grey_colours != all.grey_colours {
            return Err(Fault::PagesDiffer { page: index + 2 });
        }
        all.bytes.extend(page.bytes);
    }
    if all.grey_colours {
        notes.push(format!("red, green and blue are equal everywhere: taken as {what}"));
    }
    Ok(all)
}
