//! Reads DICOM series, RTSTRUCT and SEG, strictly: whatever is in doubt is refused or noted.
//!
//! The standard: NEMA PS3 / ISO 12052, dicomstandard.org. Slices are placed by their position and orientation alone; a
//! slice that is missing, twice there, cut short or aside is an error that names it. A series of several volumes at the same
//! places (phases, b-values, echoes, gates) is told apart by the attributes that say so, and one has to be chosen.

mod agreement;
mod announced;
mod apart;
mod aside;
mod characters;
mod codec;
mod copies;
mod covered;
mod crooked;
mod csa;
mod decode;
mod diffusion;
mod doubt;
mod encapsulated;
pub mod error;
mod files;
mod flat;
mod format;
mod frames;
mod geometry;
mod images;
mod jpeg_ls;
mod known;
mod load;
mod mapping;
mod metadata;
mod moment;
mod mosaic;
mod names;
mod nuclear;
pub mod object;
pub mod outlines;
pub mod parse;
mod parting;
pub mod pixels;
mod places;
mod series;
mod source;
mod survey;
mod suv;
mod tracer;
mod unit;
mod uptake;
mod usable;
mod volume;
mod volumes;

use std::path::Path;

use voxomics_sdk::{self as sdk, prelude::*};

/// The settings.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// How far slices may be from even distances, mm, beyond what rounding of positions explains.
    pub spacing_tolerance_mm: f64,
    /// Whether PET becomes SUV by body weight.
    pub suv: bool,
    /// Smallest fraction of a fractional SEG that counts as inside, above 0 and at most 1.
    pub fractional_threshold: f64,
    /// Whether outlines that were drawn on another series of the same frame of reference are accepted.
    pub of_frame: bool,
    /// How the points of contours are meant.
    pub outline_points: outlines::Points,
    /// What pictures in two dimensions do not say by themselves.
    pub picture: flat::Options,
}

impl Config {
    /// Whether images of a modality are to become SUV.
    fn wants_suv(&self, modality: &str) -> bool {
        self.suv && modality == "PT"
    }
}

fn picture(settings: &Settings) -> Result<flat::Options, Error> {
    let mut options = flat::Options::default();
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
    if settings.is_set("magnification") {
        options.magnification = Some(settings.number("magnification")?);
    }
    if settings.is_set("channel") {
        let word = settings.text("channel")?;
        options.channel = flat::CHANNELS.iter().find(|(known, _)| *known == word).map(|(_, channel)| *channel);
    }
    Ok(options)
}

/// The loader.
pub struct Dicom {
    config: Config,
    images: images::Images,
}

impl sdk::Loader for Dicom {
    fn describe() -> Description {
        let channels: Vec<&str> = flat::CHANNELS.iter().map(|(word, _)| *word).collect();
        Description::new("dicom", "Reads DICOM series, RTSTRUCT and SEG")
            .formats(&[
                "DICOM series (CT, MR, PET)",
                "enhanced multi-frame DICOM",
                "DICOM pictures (ultrasound, radiographs, mammograms, captures)",
                "RTSTRUCT",
                "SEG",
            ])
            .setting(
                Setting::number("spacing_tolerance_mm", "how far slice distances may differ, beyond rounding")
                    .range(0.0, 10.0)
                    .unit("mm")
                    .default(0.01),
            )
            .setting(
                Setting::choice(
                    "pet",
                    "what PET becomes: SUV by body weight, or the values as stored",
                    &["suv", "stored"],
                )
                .default("suv"),
            )
            .setting(
                Setting::number("fractional_threshold", "smallest fraction of a fractional SEG that counts as inside")
                    .range(1e-6, 1.0)
                    .default(0.5),
            )
            .setting(
                Setting::choice(
                    "outlines_of",
                    "which outlines fit an image: those of its series, or also those of another series of its frame of \
                     reference, whose contours must lie on its slices",
                    &["series", "frame of reference"],
                )
                .default("series"),
            )
            .setting(
                Setting::choice(
                    "outline_points",
                    "what the points of an RTSTRUCT are: corners of the area, or the centres of its outermost voxels, as \
                     rt-utils writes them",
                    &["edges", "centres"],
                )
                .default("edges"),
            )
            .setting(
                Setting::numbers(
                    "pixel_mm",
                    "of a picture without a place in the patient: width and height of a pixel, where the file does not say",
                    Some(2),
                )
                .unit("mm"),
            )
            .setting(
                Setting::number("slice_mm", "of a picture without a place in the patient: its thickness; else 1 mm")
                    .range(1e-6, 1e4)
                    .unit("mm"),
            )
            .setting(
                Setting::number(
                    "magnification",
                    "of a radiograph: how many times larger than in the patient things are on the detector",
                )
                .range(0.1, 100.0),
            )
            .setting(Setting::choice("channel", "what of a colour is the intensity", &channels))
            .surveys()
    }

    fn configure(settings: &Settings) -> Result<Self, Error> {
        let spacing_tolerance_mm = settings.number("spacing_tolerance_mm")?;
        let fractional_threshold = settings.number("fractional_threshold")?;
        let suv = settings.text("pet")? == "suv";
        let of_frame = settings.text("outlines_of")? == "frame of reference";
        let outline_points = match settings.text("outline_points")? {
            "centres" => outlines::Points::Centres,
            _ => outlines::Points::Edges,
        };
        let picture = picture(settings)?;
        let config = Config { spacing_tolerance_mm, suv, fractional_threshold, of_frame, outline_points, picture };
        Ok(Self { config, images: images::Images::default() })
    }

    fn recognises(&self, path: &Path, head: &[u8]) -> bool {
        if head.is_empty() { path.is_dir() && files::holds_dicom(path) } else { source::is_dicom(head) }
    }

    fn load(&self, request: &LoadRequest, context: &Context) -> Result<Loaded, Error> {
        match request.role {
            Role::Image => Ok(load::image(request, context, &self.config, &self.images)?),
            Role::Segmentation => {
                let request = LoadRequest { path: load::outlines(request, context)?, ..request.clone() };
                outlines::load(&request, context, &self.config, &self.images)
            }
        }
    }

    fn survey(&self, folder: &Path, context: &Context) -> Result<sdk::Survey, Error> {
        Ok(survey::survey(folder, &self.config, context)?)
    }
}

sdk::export_plugin! { vendor: "The Voxomics developers", loaders: [Dicom] }
