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
pub use header::VoxelType;
pub use read::{Scan, read, recognises};
pub use voxomics_reading::Fault as FileFault;

/// The loader.
pub struct Nifti;

impl sdk::Loader for Nifti {
    fn describe() -> Description {
        Description::new("nifti", "Reads NIfTI-1, NIfTI-2 and ANALYZE 7.5 scans")
            .formats(&["NIfTI-1", "NIfTI-2", "ANALYZE 7.5", ".nii", ".nii.gz", ".hdr + .img", ".hdr.gz + .img.gz"])
            .own_grid()
    }

    fn configure(_: &Settings) -> Result<Self, Error> {
        Ok(Self)
    }

    fn recognises(&self, path: &Path, head: &[u8]) -> bool {
        recognises(path, head)
    }

    fn load(&self, request: &LoadRequest, context: &Context) -> Result<Loaded, Error> {
        let scan = read(&request.path, request.max_bytes).map_err(|error| Error::input(error.to_string()))?;
        for note in &scan.notes {
            context.info(&format!("{}: {note}", request.path.display()));
        }
        let scan = into_sdk(scan);
        Ok(match request.role {
            Role::Image => Loaded { images: vec![scan], ..Loaded::default() },
            Role::Segmentation => {
                let segmentation = sdk::Segmentation { labels: scan, regions: Vec::new(), reference_offset: None };
                Loaded { segmentations: vec![segmentation], ..Loaded::default() }
            }
        })
    }
}

fn into_sdk(scan: Scan) -> sdk::Scan {
    let Scan { dims, spacing, origin, direction, voxel_type, data, slope, intercept, notes: _ } = scan;
    sdk::Scan {
        name: String::new(),
        grid: sdk::Grid { dims: dims.map(|n| n as u64), spacing, origin, direction },
        voxel_type: match voxel_type {
            VoxelType::U8 => sdk::VoxelType::U8,
            VoxelType::I8 => sdk::VoxelType::I8,
            VoxelType::U16 => sdk::VoxelType::U16,
            VoxelType::I16 => sdk::VoxelType::I16,
            VoxelType::U32 => sdk::VoxelType::U32,
            VoxelType::I32 => sdk::VoxelType::I32,
            VoxelType::U64 => sdk::VoxelType::U64,
            VoxelType::I64 => sdk::VoxelType::I64,
            VoxelType::F32 => sdk::VoxelType::F32,
            VoxelType::F64 => sdk::VoxelType::F64,
        },
        voxels: data,
        scaling: vec![Scaling { slope, intercept }],
    }
}

sdk::export_plugin! { vendor: "The Voxomics developers", loaders: [Nifti] }
