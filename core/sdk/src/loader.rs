//! Loaders.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use serde_json::Value as Json;
use voxomics_interface::{
    Element, OwnedArray, Scaling,
    calls::{self, LOAD, Load, RECOGNISES, ROLE_IMAGE, ROLE_MASK, Recognise, Recognised, SURVEY},
};
pub use voxomics_interface::{
    selection::Selection,
    survey::{self, Survey},
};

use crate::{
    Context, Description, Error, Grid, Settings,
    door::{Door, Given, Made, no_method},
    path,
};

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

    fn element(self) -> Element {
        match self {
            Self::U8 => Element::U8,
            Self::I8 => Element::I8,
            Self::U16 => Element::U16,
            Self::I16 => Element::I16,
            Self::U32 => Element::U32,
            Self::I32 => Element::I32,
            Self::U64 => Element::U64,
            Self::I64 => Element::I64,
            Self::F32 => Element::F32,
            Self::F64 => Element::F64,
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

    /// Its arrays, whose names begin with `name`; its voxels stay where they are.
    fn into_arrays(self, name: &str) -> [OwnedArray; 3] {
        let scaling: Vec<f64> = self.scaling.iter().flat_map(|pair| [pair.slope, pair.intercept]).collect();
        let (dims, numbers) = ([2, self.scaling.len() as u64], self.grid.numbers().to_vec());
        let element = self.voxel_type.element();
        [
            OwnedArray::from_bytes(format!("{name}.voxels"), element, &self.grid.dims, self.voxels),
            OwnedArray::new(format!("{name}.grid"), &[15], numbers),
            OwnedArray::new(format!("{name}.scaling"), &dims, scaling),
        ]
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

/// A loader behind the door.
pub(crate) struct Behind<L>(pub L);

impl<L: Loader> Behind<L> {
    fn load(&self, given: &Given, context: &Context) -> Result<Made, Error> {
        let asked: Load = given.read()?;
        let request = LoadRequest {
            path: path_of(given, &asked.path)?,
            role: match asked.role.as_str() {
                ROLE_IMAGE => Role::Image,
                ROLE_MASK => Role::Segmentation,
                other => return Err(Error::unsupported(format!("a loader of this sdk reads no `{other}`"))),
            },
            reference: asked.reference.map(|dims| given.grid(dims)).transpose()?,
            selection: asked.selection,
            max_bytes: asked.max_bytes,
        };
        let loaded = self.0.load(&request, context)?;
        let mut told = calls::Loaded { metadata: loaded.metadata.into_iter().collect(), ..Default::default() };
        let mut arrays = Vec::new();
        for (index, image) in loaded.images.into_iter().enumerate() {
            told.images.push(calls::Scan { name: image.name.clone(), unit: String::new() });
            arrays.extend(image.into_arrays(&format!("image.{index}")));
        }
        for (index, Segmentation { labels, regions, reference_offset }) in loaded.segmentations.into_iter().enumerate()
        {
            let names = regions.into_iter().map(|region| (region.label, region.name)).collect();
            told.masks.push(calls::Mask { name: labels.name.clone(), names, offset: reference_offset });
            arrays.extend(labels.into_arrays(&format!("mask.{index}")));
        }
        Made::new(&told, arrays)
    }
}

impl<L: Loader> Door for Behind<L> {
    fn call(&self, method: &str, given: &Given, context: &Context) -> Result<Made, Error> {
        let path = || given.read().and_then(|Recognise { path }| path_of(given, &path));
        match method {
            RECOGNISES => {
                let recognises = self.0.recognises(&path()?, given.array("head")?.0);
                Made::new(&Recognised { recognises }, Vec::new())
            }
            LOAD => self.load(given, context),
            SURVEY => Made::new(&self.0.survey(&path()?, context)?, Vec::new()),
            other => Err(no_method("load", other)),
        }
    }
}

/// The path that crossed as bytes, or as text alone.
fn path_of(given: &Given, text: &str) -> Result<PathBuf, Error> {
    match given.find(calls::PATH) {
        Some(_) => path::name(given.array(calls::PATH)?.0).map(PathBuf::from),
        None => Ok(text.into()),
    }
}
