//! Reads NIfTI-1, NIfTI-2 and ANALYZE 7.5 scans, strictly: whatever is in doubt is refused or noted.

mod error;
mod files;
mod geometry;
mod header;
mod message;
mod read;

use std::path::Path;

use voxomics_sdk::{self as sdk, Scaling, prelude::*};

pub use error::{Fault, Form, ReadError};
pub use geometry::Scale;
pub use read::{Scan, read, recognises};
pub use voxomics_reading::Fault as FileFault;
pub use voxomics_sdk::VoxelType;

/// The loader.
pub struct Nifti {
    scale: Option<Scale>,
}

impl sdk::Loader for Nifti {
    fn describe() -> Description {
        Description::new("nifti", "Reads NIfTI-1, NIfTI-2 and ANALYZE 7.5 scans")
            .formats(&["NIfTI-1", "NIfTI-2", "ANALYZE 7.5", ".nii", ".nii.gz", ".hdr + .img", ".hdr.gz + .img.gz"])
            .own_grid()
            .setting(Setting::choice(
                "scale_from",
                "which spacing counts where sform and pixdim have different ones (without it, such a file is refused)",
                &["sform", "pixdim"],
            ))
    }

    fn configure(settings: &Settings) -> Result<Self, Error> {
        let scale = match settings.is_set("scale_from") {
            false => None,
            true if settings.text("scale_from")? == "sform" => Some(Scale::Sform),
            true => Some(Scale::Pixdim),
        };
        Ok(Self { scale })
    }

    fn recognises(&self, path: &Path, head: &[u8]) -> bool {
        recognises(path, head)
    }

    fn load(&self, request: &LoadRequest, context: &Context) -> Result<Loaded, Error> {
        let scan =
            read(&request.path, self.scale, request.max_bytes).map_err(|error| Error::input(error.to_string()))?;
        context.notes(&request.path, &scan.notes);
        for warning in &scan.warnings {
            context.warning(&format!("{}: {warning}", request.path.display()));
        }
        Ok(Loaded::one(request.role, into_sdk(scan), Vec::new()))
    }
}

fn into_sdk(scan: Scan) -> sdk::Scan {
    let Scan { dims, spacing, origin, direction, voxel_type, data, slope, intercept, notes: _, warnings: _ } = scan;
    let grid = sdk::Grid { dims: dims.map(|n| n as u64), spacing, origin, direction };
    sdk::Scan { scaling: vec![Scaling { slope, intercept }], ..sdk::Scan::new(grid, voxel_type, data) }
}

sdk::export_plugin! { vendor: "The Voxomics developers", loaders: [Nifti] }
