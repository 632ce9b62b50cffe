//! Reads MetaImage scans and segmentations, strictly: whatever is in doubt is refused or noted.
//!
//! The format: "MetaIO / MetaImage documentation", itk.org/Wiki/MetaIO/Documentation. Its coordinates are LPS.

mod error;
mod geometry;
mod header;
mod layout;
mod read;

use std::path::Path;

use voxomics_sdk::{self as sdk, prelude::*};

pub use error::{Fault, ReadError};
pub use read::{Contents, read, recognises};
pub use voxomics_reading::Fault as FileFault;

/// The loader.
pub struct MetaImage;

impl sdk::Loader for MetaImage {
    fn describe() -> Description {
        Description::new("metaimage", "Reads MetaImage scans and segmentations")
            .formats(&["MetaImage", ".mha", ".mhd + .raw", ".mhd + .zraw"])
            .own_grid()
    }

    fn configure(_: &Settings) -> Result<Self, Error> {
        Ok(Self)
    }

    fn recognises(&self, _: &Path, head: &[u8]) -> bool {
        recognises(head)
    }

    fn load(&self, request: &LoadRequest, context: &Context) -> Result<Loaded, Error> {
        let Contents { scan, notes } =
            read(&request.path, request.max_bytes).map_err(|error| Error::input(error.to_string()))?;
        context.notes(&request.path, &notes);
        Ok(Loaded::one(request.role, scan, Vec::new()))
    }
}

sdk::export_plugin! { vendor: "The Voxomics developers", loaders: [MetaImage] }
