//! Loaders.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use serde::Serialize;
use serde_json::Value as Json;
use voxomics_interface::{
    self as wire, Failure, HostRef, Scaling,
    abi_stable::std_types::{ROption, RResult, RSlice, RStr},
    codes,
};
pub use voxomics_interface::{
    selection::Selection,
    survey::{self, Survey},
};

use crate::{Context, Description, Error, Grid, Settings, export::Guarded, guard::guard};

/// Reads images, segmentations and acquisition metadata.
pub trait Loader: Send + Sync + Sized + 'static {
    /// Id, formats, settings.
    fn describe() -> Description;

    /// Makes an instance from checked settings, before any image is read.
    ///
    /// # Errors
    /// For settings that contradict each other.
    fn configure(settings: &Settings) -> Result<Self, Error>;

    /// Whether this loader can read the path, judged by the first bytes of the file (none for a folder) rather than by
    /// its name.
    fn recognises(&self, path: &Path, head: &[u8]) -> bool;

    /// Reads a path: everything in it that the request asks for.
    ///
    /// # Errors
    /// For anything that keeps the voxels, or their place, from being beyond doubt.
    fn load(&self, request: &LoadRequest, context: &Context) -> Result<Loaded, Error>;

    /// Tells what a folder holds without reading voxels; asked only of loaders whose description says so
    /// ([`Description::surveys`]).
    ///
    /// # Errors
    /// By default, that the loader cannot tell.
    fn survey(&self, folder: &Path, context: &Context) -> Result<Survey, Error> {
        let _ = (folder, context);
        Err(Error::unsupported("this loader cannot tell what a folder holds"))
    }
}

/// What is wanted of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Intensities.
    Image,
    /// Labels or outlines.
    Segmentation,
}

/// What a loader is asked for.
#[derive(Debug, Clone)]
pub struct LoadRequest {
    /// The file or folder.
    pub path: PathBuf,
    /// What is wanted of it.
    pub role: Role,
    /// For a segmentation: the grid of the image that it belongs to, for outlines that have no grid of their own
    /// (a loader whose description says [`own_grid`](Description::own_grid) is not told).
    pub reference: Option<Grid>,
    /// Which series or regions are wanted of a path that holds several.
    pub selection: Selection,
    /// The most bytes of voxels that may be put into memory.
    pub max_bytes: u64,
}

/// Everything that a path holds.
#[derive(Debug, Clone, Default)]
pub struct Loaded {
    /// Images.
    pub images: Vec<Scan>,
    /// Segmentations.
    pub segmentations: Vec<Segmentation>,
    /// Acquisition metadata, numbers and text, by DICOM attribute name (`KVP`, `Modality`, …).
    pub metadata: BTreeMap<String, Json>,
}

impl Loaded {
    /// What a file holds that has one scan, an image or labels as it is asked for; `regions` names labels.
    pub fn one(role: Role, scan: Scan, regions: Vec<NamedRegion>) -> Self {
        match role {
            Role::Image => Self { images: vec![scan], ..Self::default() },
            Role::Segmentation => {
                let segmentation = Segmentation { labels: scan, regions, reference_offset: None };
                Self { segmentations: vec![segmentation], ..Self::default() }
            }
        }
    }
}

/// How voxels are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum VoxelType {
    U8,
    I8,
    U16,
    I16,
    U32,
    I32,
    U64,
    I64,
    F32,
    F64,
}

impl VoxelType {
    /// Bytes of one voxel.
    pub fn size(self) -> usize {
        match self {
            Self::U8 | Self::I8 => 1,
            Self::U16 | Self::I16 => 2,
            Self::U32 | Self::I32 | Self::F32 => 4,
            Self::U64 | Self::I64 | Self::F64 => 8,
        }
    }

    /// The type as Rust spells it: `u8`, `f32`, …
    pub fn name(self) -> &'static str {
        match self {
            Self::U8 => "u8",
            Self::I8 => "i8",
            Self::U16 => "u16",
            Self::I16 => "i16",
            Self::U32 => "u32",
            Self::I32 => "i32",
            Self::U64 => "u64",
            Self::I64 => "i64",
            Self::F32 => "f32",
            Self::F64 => "f64",
        }
    }

    fn code(self) -> u8 {
        match self {
            Self::U8 => codes::VOXEL_U8,
            Self::I8 => codes::VOXEL_I8,
            Self::U16 => codes::VOXEL_U16,
            Self::I16 => codes::VOXEL_I16,
            Self::U32 => codes::VOXEL_U32,
            Self::I32 => codes::VOXEL_I32,
            Self::U64 => codes::VOXEL_U64,
            Self::I64 => codes::VOXEL_I64,
            Self::F32 => codes::VOXEL_F32,
            Self::F64 => codes::VOXEL_F64,
        }
    }
}

/// Voxels as they are stored: in their own type, once.
#[derive(Debug, Clone)]
pub struct Scan {
    /// Name within the path; may be empty.
    pub name: String,
    /// Where the voxels are (LPS, mm).
    pub grid: Grid,
    /// How they are stored.
    pub voxel_type: VoxelType,
    /// The voxels in the machine's byte order, *x* fastest.
    pub voxels: Vec<u8>,
    /// From stored value to intensity: one entry for the whole scan, or one for each slice.
    pub scaling: Vec<Scaling>,
}

impl Scan {
    /// A scan without a name whose stored values are its intensities.
    pub fn new(grid: Grid, voxel_type: VoxelType, voxels: Vec<u8>) -> Self {
        Self { name: String::new(), grid, voxel_type, voxels, scaling: vec![Scaling { slope: 1.0, intercept: 0.0 }] }
    }

    fn into_wire(self) -> wire::Scan {
        wire::Scan {
            name: self.name.into(),
            grid: self.grid,
            voxel_type: self.voxel_type.code(),
            voxels: self.voxels.into(),
            scaling: self.scaling.into(),
        }
    }
}

/// A scan of labels, or the mask of one region.
#[derive(Debug, Clone)]
pub struct Segmentation {
    /// The labels.
    pub labels: Scan,
    /// Names of labels, where the format knows names.
    pub regions: Vec<NamedRegion>,
    /// For outlines drawn on the reference grid: the voxel of it at which `labels` starts.
    pub reference_offset: Option<[u64; 3]>,
}

/// A region that has a name.
#[derive(Debug, Clone)]
pub struct NamedRegion {
    /// Its name, as in the file.
    pub name: String,
    /// The label that its voxels carry.
    pub label: f64,
}

impl Segmentation {
    fn into_wire(self) -> wire::Segmentation {
        wire::Segmentation {
            labels: self.labels.into_wire(),
            regions: self
                .regions
                .into_iter()
                .map(|region| wire::NamedRegion { name: region.name.into(), label: region.label })
                .collect(),
            on_reference: self.reference_offset.is_some(),
            offset: self.reference_offset.unwrap_or_default(),
        }
    }
}

impl<L: Loader> wire::Loader for Guarded<L> {
    fn recognises(&self, path: RSlice<'_, u8>, head: RSlice<'_, u8>) -> RResult<bool, Failure> {
        guard(|| Ok(self.plugin().recognises(&path_of(path.as_slice())?, head.as_slice())))
            .map_err(Failure::from)
            .into()
    }

    fn load(&self, request: wire::LoadRequest<'_>, host: HostRef<'_>) -> RResult<wire::Loaded, Failure> {
        guard(|| {
            if request.role == codes::ROLE_SURVEY {
                let survey = self.plugin().survey(&path_of(request.path.as_slice())?, &Context::new(host))?;
                let (images, segmentations) = Default::default();
                return Ok(wire::Loaded { images, segmentations, metadata: json("survey", &survey)?.into() });
            }
            let request = LoadRequest {
                path: path_of(request.path.as_slice())?,
                role: if request.role == codes::ROLE_IMAGE { Role::Image } else { Role::Segmentation },
                reference: match request.reference {
                    ROption::RSome(grid) => Some(grid),
                    ROption::RNone => None,
                },
                selection: serde_json::from_str(request.selection.as_str())
                    .map_err(|cause| Error::input(format!("the host's selection is not a JSON object: {cause}")))?,
                max_bytes: request.max_bytes,
            };
            let loaded = self.plugin().load(&request, &Context::new(host))?;
            Ok(wire::Loaded {
                images: loaded.images.into_iter().map(Scan::into_wire).collect(),
                segmentations: loaded.segmentations.into_iter().map(Segmentation::into_wire).collect(),
                metadata: json("metadata", &loaded.metadata)?.into(),
            })
        })
        .map_err(Failure::from)
        .into()
    }

    fn query_extension(&self, _id: RStr<'_>) -> wire::Extension {
        wire::Extension::NONE
    }
}

fn json(what: &str, value: &impl Serialize) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|cause| Error::input(format!("the {what} cannot be written as JSON: {cause}")))
}

#[cfg(unix)]
fn path_of(bytes: &[u8]) -> Result<PathBuf, Error> {
    use std::os::unix::ffi::OsStrExt as _;
    Ok(std::ffi::OsStr::from_bytes(bytes).into())
}

#[cfg(not(unix))]
fn path_of(bytes: &[u8]) -> Result<PathBuf, Error> {
    std::str::from_utf8(bytes).map(PathBuf::from).map_err(|_| Error::input("the path is not UTF-8"))
}
