//! A loader that makes what the case file asks for.

use std::{io::Read as _, path::Path};

use voxomics_sdk::{
    Grid, Loaded, NamedRegion, Scaling, Scan, Segmentation, VoxelType,
    prelude::{Context, Description, Error, LoadRequest, Loader, Role, Settings},
};

use crate::{Fuse, faults::FAULTS, panic_setting};

const DIMS: [u64; 3] = [4; 3];

/// The loader `made`.
pub struct Made {
    _fuse: Fuse,
}

impl Loader for Made {
    fn describe() -> Description {
        Description::new("made", "Makes images on request, and faults").formats(&["made"]).setting(panic_setting())
    }

    fn configure(settings: &Settings) -> Result<Self, Error> {
        Ok(Self { _fuse: Fuse::new(settings)? })
    }

    fn recognises(&self, _: &Path, head: &[u8]) -> bool {
        assert!(head != b"made load.panic_in_recognises", "no file was ever like this");
        head.starts_with(b"made ")
    }

    fn load(&self, request: &LoadRequest, context: &Context) -> Result<Loaded, Error> {
        let mut text = String::new();
        let mut file = context.open(&request.path)?;
        file.read_to_string(&mut text).map_err(|cause| Error::input(cause.to_string()))?;
        let fault = text.trim_start_matches("made ").trim();
        let index = FAULTS.iter().position(|known| *known == fault);
        let index = index.ok_or_else(|| Error::input(format!("`{fault}` is not a fault")))?;
        match fault {
            "load.panic" => panic!("a voxel too far in {}", request.path.display()),
            "load.refuses" => return Err(Error::input("the file is damaged at byte 12")),
            _ => {}
        }
        let mut loaded = Loaded::default();
        match request.role {
            Role::Image => {
                let intensity = if fault.starts_with("load.") { 0.0 } else { index as f64 };
                loaded.images.push(image(fault, intensity));
                match fault {
                    "load.no_image" => loaded.images.clear(),
                    "load.two_images" => loaded.images.push(image(fault, intensity)),
                    _ => {}
                }
            }
            Role::Segmentation => loaded.segmentations.push(mask(fault, index as f64)),
        }
        Ok(loaded)
    }
}

/// A sound scan of one value, but for the fault.
fn image(fault: &str, intensity: f64) -> Scan {
    let mut scan = Scan {
        name: String::new(),
        grid: Grid {
            dims: DIMS,
            spacing: [1.0; 3],
            origin: [intensity, 0.0, 0.0],
            direction: [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
        },
        voxel_type: VoxelType::F32,
        voxels: (0..64).flat_map(|_| (intensity as f32).to_ne_bytes()).collect(),
        scaling: vec![Scaling { slope: 1.0, intercept: 0.0 }],
    };
    match fault {
        "load.too_few_voxels" => scan.voxels.truncate(100),
        // 4 bytes · 2^62 · 4 · 1 is 0 in 64 bits.
        "load.endless_grid" => (scan.grid.dims, scan.voxels) = ([1 << 62, 4, 1], Vec::new()),
        "load.no_voxels" => (scan.grid.dims, scan.voxels) = ([0, 4, 4], Vec::new()),
        "load.origin_nan" => scan.grid.origin[1] = f64::NAN,
        "load.spacing_zero" => scan.grid.spacing[2] = 0.0,
        "load.axes_not_orthogonal" => scan.grid.direction[0] = [0.8, 0.6, 0.0],
        "load.two_scalings_for_four_slices" => scan.scaling.push(Scaling { slope: 2.0, intercept: 0.0 }),
        "load.scaling_infinite" => scan.scaling[0].slope = f64::INFINITY,
        _ => {}
    }
    scan
}

/// A mask of the whole image, but for the fault.
fn mask(fault: &str, index: f64) -> Segmentation {
    let origin = if fault.starts_with("load.") { 0.0 } else { index };
    let mut labels = image("none", 1.0);
    labels.grid.origin[0] = origin;
    let mut reference_offset = None;
    match fault {
        "load.mask_beyond_image" => reference_offset = Some([u64::MAX, 0, 0]),
        "load.label_nan" => labels.voxels[..4].copy_from_slice(&f32::NAN.to_ne_bytes()),
        _ => {}
    }
    Segmentation { labels, regions: vec![NamedRegion { name: "whole".into(), label: 1.0 }], reference_offset }
}
