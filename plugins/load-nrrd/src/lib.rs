//! Reads NRRD scans and segmentations, strictly: whatever is in doubt is refused or noted.
//!
//! The format: G. Kindlmann, "Definition of NRRD File Format", teem.sourceforge.net/nrrd/format.html. The keys by which
//! 3D Slicer names the segments of a `.seg.nrrd` are those of its segmentation module's documentation.

mod ascii;
mod directions;
mod error;
mod geometry;
mod header;
mod layout;
mod read;
mod segments;

use std::path::Path;

use voxomics_sdk::{self as sdk, prelude::*};

pub use error::{Fault, ReadError};
pub use read::{Contents, Layered, read, read_layers, recognises};
pub use voxomics_reading::Fault as FileFault;

/// The loader.
pub struct Nrrd;

impl sdk::Loader for Nrrd {
    fn describe() -> Description {
        Description::new("nrrd", "Reads NRRD scans and segmentations")
            .formats(&["NRRD", ".nrrd", ".nhdr + data file", ".seg.nrrd"])
            .own_grid()
    }

    fn configure(_: &Settings) -> Result<Self, Error> {
        Ok(Self)
    }

    fn recognises(&self, _: &Path, head: &[u8]) -> bool {
        recognises(head)
    }

    fn load(&self, request: &LoadRequest, context: &Context) -> Result<Loaded, Error> {
        let refused = |error: ReadError| Error::input(error.to_string());
        if request.role == Role::Image {
            let Contents { scan, notes, .. } = read(&request.path, request.max_bytes).map_err(refused)?;
            context.notes(&request.path, &notes);
            return Ok(Loaded::one(request.role, scan, Vec::new()));
        }
        let Layered { layers, notes } = read_layers(&request.path, request.max_bytes).map_err(refused)?;
        context.notes(&request.path, &notes);
        let segmentations =
            layers.into_iter().map(|(labels, regions)| sdk::Segmentation { labels, regions, reference_offset: None });
        Ok(Loaded { segmentations: segmentations.collect(), ..Loaded::default() })
    }
}

sdk::export_plugin! { vendor: "The Voxomics developers", loaders: [Nrrd] }
