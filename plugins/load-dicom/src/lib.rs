//! Reads DICOM series, RTSTRUCT and SEG, strictly: whatever is in doubt is refused or noted.
//!
//! The standard: NEMA PS3 / ISO 12052, dicomstandard.org. Slices are placed by their position and orientation alone; a
//! slice that is missing, twice there, cut short or aside is an error that names it.

mod characters;
mod crooked;
mod decode;
mod encapsulated;
pub mod error;
mod files;
mod frames;
mod geometry;
mod jpeg_ls;
mod load;
mod metadata;
mod moment;
mod names;
pub mod object;
pub mod outlines;
pub mod parse;
pub mod pixels;
mod series;
mod source;
mod survey;
mod suv;
mod volume;

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
}

impl Config {
    /// Whether images of a modality are to become SUV.
    fn wants_suv(&self, modality: &str) -> bool {
        self.suv && modality == "PT"
    }
}

/// The loader.
pub struct Dicom {
    config: Config,
}

impl sdk::Loader for Dicom {
    fn describe() -> Description {
        Description::new("dicom", "Reads DICOM series, RTSTRUCT and SEG")
            .formats(&["DICOM series (CT, MR, PET)", "enhanced multi-frame DICOM", "RTSTRUCT", "SEG"])
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
            .surveys()
    }

    fn configure(settings: &Settings) -> Result<Self, Error> {
        let spacing_tolerance_mm = settings.number("spacing_tolerance_mm")?;
        let fractional_threshold = settings.number("fractional_threshold")?;
        Ok(Self { config: Config { spacing_tolerance_mm, suv: settings.text("pet")? == "suv", fractional_threshold } })
    }

    fn recognises(&self, path: &Path, head: &[u8]) -> bool {
        if head.is_empty() { path.is_dir() && files::holds_dicom(path) } else { source::is_dicom(head) }
    }

    fn load(&self, request: &LoadRequest, context: &Context) -> Result<Loaded, Error> {
        match request.role {
            Role::Image => Ok(load::image(request, context, &self.config)?),
            Role::Segmentation => {
                let request = LoadRequest { path: load::outlines(request, context)?, ..request.clone() };
                outlines::load(&request, context, &self.config)
            }
        }
    }

    fn survey(&self, folder: &Path, context: &Context) -> Result<sdk::Survey, Error> {
        Ok(survey::survey(folder, &self.config, context)?)
    }
}

sdk::export_plugin! { vendor: "The Voxomics developers", loaders: [Dicom] }
