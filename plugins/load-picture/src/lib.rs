//! Reads pictures as scans and segmentations: PNG, TIFF, BMP and JPEG.
//!
//! A picture knows nothing of a patient. So millimetres come from the file only where they are not a density of print, or
//! from a setting; colours are refused unless one of them is asked for; and a mask lies on the image that it was drawn on.

mod bmp;
mod colour;
mod description;
mod directory;
mod error;
mod exif;
mod jpeg;
mod picture;
mod png;
mod read;
mod stack;
mod tiff;

use std::path::Path;

use voxomics_sdk::{self as sdk, prelude::*};

pub use colour::Channel;
pub use error::{Fault, ReadError};
pub use read::{Options, read_image, read_mask, recognises, recognises_folder};
pub use voxomics_reading::Fault as FileFault;

/// The loader.
pub struct Picture {
    options: Options,
}

impl sdk::Loader for Picture {
    fn describe() -> Description {
        let channels: Vec<&str> = colour::CHANNELS.iter().map(|(word, _)| *word).collect();
        Description::new("picture", "Reads pictures as scans and segmentations")
            .formats(&["PNG", "TIFF", "BMP", "JPEG", ".png", ".tif", ".tiff", ".bmp", ".jpg"])
            .setting(
                Setting::numbers("pixel_mm", "width and height of a pixel, where the file does not say", Some(2))
                    .unit("mm"),
            )
            .setting(
                Setting::number(
                    "slice_mm",
                    "distance of two pages that are slices of a volume, or thickness of the only one",
                )
                .range(1e-6, 1e4)
                .unit("mm"),
            )
            .setting(Setting::integer(
                "page",
                "the page that is wanted of a file with several, from 1",
                1,
                i64::from(u16::MAX),
            ))
            .setting(Setting::choice("channel", "what of a colour is the intensity", &channels))
    }

    fn configure(settings: &Settings) -> Result<Self, Error> {
        let mut options = Options::default();
        if settings.is_set("pixel_mm") {
            let mm: Option<[f64; 2]> = settings.numbers("pixel_mm")?.try_into().ok();
            let is_sound = |mm: &[f64; 2]| mm.iter().all(|mm| (1e-6..=1e4).contains(mm));
            options.pixel_mm = Some(mm.filter(is_sound).ok_or_else(|| {
                Error::setting(
                    "pixel_mm",
                    "`pixel_mm` must be two numbers from 1e-6 to 1e4: the width and height of a pixel, mm",
                )
            })?);
        }
        if settings.is_set("slice_mm") {
            options.slice_mm = Some(settings.number("slice_mm")?);
        }
        if settings.is_set("page") {
            options.page = Some(settings.count("page")?);
        }
        if settings.is_set("channel") {
            let word = settings.text("channel")?;
            options.channel = colour::CHANNELS.iter().find(|(known, _)| *known == word).map(|(_, channel)| *channel);
        }
        Ok(Self { options })
    }

    fn recognises(&self, path: &Path, head: &[u8]) -> bool {
        if head.is_empty() { recognises_folder(path) } else { recognises(head) }
    }

    fn load(&self, request: &LoadRequest, context: &Context) -> Result<Loaded, Error> {
        let refused = |error: ReadError| Error::input(error.to_string());
        let Self { options } = self;
        if request.role == Role::Image {
            let (scan, notes) = read_image(&request.path, options, request.max_bytes).map_err(refused)?;
            context.notes(&request.path, &notes);
            return Ok(Loaded { images: vec![scan], ..Loaded::default() });
        }
        let (segmentation, notes) =
            read_mask(&request.path, options, request.reference.as_ref(), request.max_bytes).map_err(refused)?;
        context.notes(&request.path, &notes);
        Ok(Loaded { segmentations: vec![segmentation], ..Loaded::default() })
    }
}

sdk::export_plugin! { vendor: "The Voxomics developers", loaders: [Picture] }
