//! What can be wrong with a picture, told so that its owner knows what to do.

use std::{fmt, path::PathBuf};

use voxomics_reading::{Fault as FileFault, RENEW};

/// A file that could not be read, and why.
pub type ReadError = voxomics_reading::ReadError<Fault>;

/// Everything for which a picture is refused.
#[derive(Debug)]
#[non_exhaustive]
pub enum Fault {
    /// What any file can suffer from.
    File(FileFault),
    /// The decoder of the format gave up.
    Damaged {
        /// The format.
        format: &'static str,
        /// In the decoder's words.
        cause: String,
    },
    /// Something that the format allows and this loader does not read.
    Unsupported {
        /// What was found.
        found: String,
        /// What is read, and what to do.
        todo: &'static str,
    },
    /// Colours, and no word on which of them is meant.
    Colour,
    /// A channel is asked for of a picture that has none.
    NoColour {
        /// The channel.
        channel: &'static str,
    },
    /// Nothing says how large a pixel is.
    NoMillimetres {
        /// What the file says that does not count, if anything.
        why: String,
    },
    /// Several pages, and no word on what they are.
    Pages {
        /// How many.
        count: usize,
    },
    /// A page that is not there.
    NoPage {
        /// The page asked for, from 1.
        page: usize,
        /// How many there are.
        count: usize,
    },
    /// Pages of different sizes or kinds.
    PagesDiffer {
        /// The first page that differs, from 1.
        page: usize,
    },
    /// A mask of another size than its image.
    OtherSize {
        /// Pixels, and pages.
        found: [usize; 3],
        /// Those of the image.
        expected: [u64; 3],
    },
    /// A picture of a folder that is no slice.
    Slice {
        /// The picture.
        path: PathBuf,
        /// What is wrong with it.
        fault: Box<Fault>,
    },
    /// A mask with more colours than a person draws.
    ManyColours {
        /// At least so many.
        count: usize,
    },
}

voxomics_reading::take_up_file_faults!(Fault);

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(fault) => fault.fmt(f),
            Self::Damaged { format, cause } => write!(f, "the {format} data are damaged: {cause}; {RENEW}"),
            Self::Unsupported { found, todo } => write!(f, "{found}; {todo}"),
            Self::Colour => f.write_str(
                "the picture has colours, expected grey values; set channel = \"red\", \"green\", \"blue\" or \"luminance\" in \
                 [load.picture]",
            ),
            Self::NoColour { channel } => write!(
                f,
                "channel = \"{channel}\" is set in [load.picture], and the picture has grey values; take the setting away"
            ),
            Self::NoMillimetres { why } => write!(
                f,
                "{why}, so the size of a pixel is not known; set pixel_mm = [width, height] in [load.picture], in mm"
            ),
            Self::Pages { count } => write!(
                f,
                "the file has {count} pages; set slice_mm in [load.picture] if they are slices of a volume, their distance in \
                 mm, or page = 1 to {count} to take one"
            ),
            Self::NoPage { page, count } => {
                write!(f, "page = {page} is set in [load.picture], and the file has {count}; set one that is there")
            }
            Self::PagesDiffer { page } => write!(
                f,
                "page {page} has another size or kind of pixels than the first, expected the same; choose one with `page`"
            ),
            Self::OtherSize { found: [w, h, pages], expected: [x, y, z] } => write!(
                f,
                "the mask has {w} × {h} × {pages} pixels, expected {x} × {y} × {z} as its image; draw it on the image"
            ),
            Self::Slice { path, fault } => {
                let name = path.file_name().unwrap_or_default();
                write!(f, "{}: {fault}", name.display())
            }
            Self::ManyColours { count } => write!(
                f,
                "the mask has at least {count} colours, expected one for each region: is it an image, or are its edges smoothed? \
                 Save it without smoothing and without JPEG"
            ),
        }
    }
}
