//! From a path to voxels in memory.

use std::{collections::BTreeMap, io::Read as _, path::Path};

use voxomics_reading::{self as reading};
use voxomics_sdk::{Grid, Scan, Segmentation};

use crate::{
    bmp,
    colour::{self, Channel, Room, Values},
    error::{Fault, ReadError},
    jpeg,
    picture::{Page, Picture, PixelSize},
    png, stack, tiff,
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

/// No format packs more bytes of pixels into one: LZW at most 1,400, Deflate 1,032, JPEG some 1,500.
const MOST_PACKED: u64 = 4096;

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

/// Whether a folder has pictures and nothing else.
pub fn recognises_folder(path: &Path) -> bool {
    path.is_dir() && stack::is_stack(path, recognises)
}

/// Reads the intensities of a picture: of one page, or of all as slices.
///
/// Memory: at most four times `max_bytes` and the file, at a time; nothing is allocated for pixels beyond `max_bytes`.
///
/// # Errors
/// If the file is no undamaged picture of one number per pixel, or if the size of a pixel is not known, see [`Fault`].
pub fn read_image(path: &Path, options: &Options, max_bytes: u64) -> Result<(Scan, Vec<String>), ReadError> {
    let at = ReadError::at::<Fault>(path);
    let (_, picture) = decode(path, options.page, max_bytes).map_err(&at)?;
    let (grid, mut notes) = place(&picture, options).map_err(&at)?;
    let Picture { pages, .. } = picture;
    let mut room = Room::new(max_bytes);
    let values = pages.into_iter().map(|page| colour::intensities(page, options.channel, &mut room));
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
    let (grid, mut notes, reference_offset) = match image {
        Some(image) => (on(image, &picture.pages).map_err(&at)?, picture.notes.clone(), Some([0; 3])),
        None => place(&picture, options).map(|(grid, notes)| (grid, notes, None)).map_err(&at)?,
    };
    let Picture { pages, .. } = picture;
    let (mut names, mut room) = (BTreeMap::new(), Room::new(max_bytes));
    let labels = pages.into_iter().map(|page| colour::labels(page, &mut names, &mut room));
    let labels = join(labels.collect::<Result<_, _>>().map_err(&at)?, "labels", &mut notes).map_err(&at)?;
    let labels = Scan::new(grid, labels.sample, labels.bytes);
    Ok((Segmentation { labels, regions: colour::regions(names), reference_offset }, notes))
}

fn decode(path: &Path, page: Option<usize>, max_bytes: u64) -> Result<(Format, Picture), Fault> {
    if path.is_dir() { folder(path, page, max_bytes) } else { file(path, page, max_bytes) }
}

/// The pictures of a folder as pages, or one of them.
fn folder(path: &Path, page: Option<usize>, max_bytes: u64) -> Result<(Format, Picture), Fault> {
    let slices = stack::slices(path)?;
    let count = slices.len();
    let wanted = match page {
        None => &slices[..],
        Some(page) => slices.get(page - 1..page).ok_or(Fault::NoPage { page, count })?,
    };
    let mut all: Option<(Format, Picture)> = None;
    let mut left = max_bytes;
    for slice in wanted {
        let of_slice = |fault: Fault| Fault::Slice { path: slice.clone(), fault: Box::new(fault) };
        let (format, picture) = file(slice, None, left).map_err(of_slice)?;
        left -= picture.pages.iter().map(|page| page.samples.len() as u64).sum::<u64>().min(left);
        match &mut all {
            None => all = Some((format, picture)),
            Some((first, whole)) if *first == format && whole.size == picture.size => whole.pages.extend(picture.pages),
            Some((first, whole)) => {
                let found = format!("{format:?} and {:?}, {first:?} and {:?} in the first", picture.size, whole.size);
                let todo = "save all slices in one format, with pixels of one size";
                return Err(of_slice(Fault::Unsupported { found, todo }));
            }
        }
    }
    all.ok_or(Fault::NoPage { page: 1, count: 0 })
}

fn file(path: &Path, page: Option<usize>, max_bytes: u64) -> Result<(Format, Picture), Fault> {
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
    let can_hold = length.saturating_mul(MOST_PACKED);
    let most = usize::try_from(max_bytes.min(can_hold)).unwrap_or(usize::MAX);
    let read = match format {
        Format::Png => png::read(file, most).map(|picture| (picture, 1)),
        Format::Jpeg => jpeg::read(file, most).map(|picture| (picture, 1)),
        Format::Bmp => bmp::read(file, most).map(|picture| (picture, 1)),
        Format::Tiff => tiff::read(file, most, page),
    };
    let (picture, count) = read.map_err(|fault| match fault {
        Fault::File(reading::Fault::TooLarge { promised, .. }) if promised <= max_bytes => {
            let cause =
                format!("the header promises {promised} bytes of pixels, and the file has {length} bytes in all");
            Fault::Damaged { format: "picture's", cause }
        }
        Fault::File(reading::Fault::TooLarge { promised, .. }) => {
            reading::Fault::TooLarge { promised, limit: max_bytes }.into()
        }
        other => other,
    })?;
    match page {
        Some(page) if page > count => Err(Fault::NoPage { page, count }),
        _ => Ok((format, picture)),
    }
}

/// The grid of a picture: rows to the patient's left, columns to the back, pages upwards; the first pixel is at 0. With what is
/// unusual and what was assumed.
fn place(picture: &Picture, options: &Options) -> Result<(Grid, Vec<String>), Fault> {
    let mut notes = picture.notes.clone();
    let dims = dims(&picture.pages)?;
    let [x, y] = match (options.pixel_mm, &picture.size) {
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
    let z = match (options.slice_mm, dims[2], picture.slice_mm) {
        (Some(mm), 1, _) | (Some(mm), _, None) => mm,
        (Some(mm), _, Some(stated)) => {
            if (stated - mm).abs() > 1e-3 * mm {
                notes.push(format!("the file says slices every {stated} mm, `slice_mm` {mm}: the setting counts"));
            }
            mm
        }
        (None, 1, _) => {
            notes.push("the only slice taken as 1 mm thick".into());
            1.0
        }
        (None, _, Some(mm)) => {
            notes.push(format!("slices every {mm} mm, by the file's description"));
            mm
        }
        (None, count, None) => return Err(Fault::Pages { count: count as usize }),
    };
    notes.push(
        "a picture has no place in the patient: axes taken as left, posterior, superior, the first pixel at 0".into(),
    );
    let direction = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
    Ok((Grid { dims, spacing: [x, y, z], origin: [0.0; 3], direction }, notes))
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
    all.bytes.reserve_exact(pages.as_slice().iter().map(|page| page.bytes.len()).sum());
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
