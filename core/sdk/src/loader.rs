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
///
/// An instance lives as every instance does ([the rules](crate#how-the-program-calls-a-plugin)): several cases may be read with
/// it at once. For each path of a case, the loaders of an experiment are asked in turn whether they [recognise](Self::recognises)
/// it; the first one that does is asked to [load](Self::load) it. So a loader is asked about files that are none of its own.
///
/// ```
/// use std::{io::Read as _, path::Path};
/// use voxomics_sdk::prelude::*;
///
/// /// Files that begin with `RAW8`, then three bytes of size, then a byte for each voxel.
/// struct Raw8;
///
/// impl Loader for Raw8 {
///     fn describe() -> Description {
///         Description::new("raw8", "Files of the laboratory's camera").formats(&["RAW8"]).own_grid()
///     }
///     fn configure(_: &Settings) -> Result<Self, Error> {
///         Ok(Self)
///     }
///     fn recognises(&self, _: &Path, head: &[u8]) -> bool {
///         head.starts_with(b"RAW8")
///     }
///     fn load(&self, request: &LoadRequest, context: &Context) -> Result<Loaded, Error> {
///         let wrong = |what: String| Error::input(format!("{}: {what}", request.path.display()));
///         // The program opens the file: a plugin in a process of its own can open none.
///         let mut file = context.open(&request.path)?;
///         let mut head = [0; 7];
///         file.read_exact(&mut head).map_err(|_| wrong("it ends before its size".into()))?;
///         let dims = [head[4], head[5], head[6]].map(u64::from);
///         let expected = dims.iter().product::<u64>();
///         if expected > request.max_bytes {
///             return Err(wrong(format!(
///                 "it has {expected} bytes of voxels, above the limit of {}",
///                 request.max_bytes
///             )));
///         }
///         let mut voxels = Vec::new();
///         file.read_to_end(&mut voxels).map_err(|cause| wrong(cause.to_string()))?;
///         if voxels.len() as u64 != expected {
///             return Err(wrong(format!("it has {} voxels, expected {expected}", voxels.len())));
///         }
///         let direction = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
///         let grid = Grid { dims, spacing: [1.0; 3], origin: [0.0; 3], direction };
///         Ok(Loaded::one(request.role, Scan::new(grid, VoxelType::U8, voxels), Vec::new()))
///     }
/// }
///
/// use voxomics_sdk::testing::{TestFolder, TestHost};
///
/// let folder = TestFolder::new();
/// let read = |bytes: &[u8]| {
///     let path = folder.write("scan.raw8", bytes);
///     let selection = Selection::default();
///     Raw8.load(
///         &LoadRequest { path, role: Role::Image, reference: None, selection, max_bytes: 100 },
///         &TestHost::new().context(),
///     )
/// };
/// assert_eq!(read(b"RAW8\x02\x01\x01\x05\x09").unwrap().images[0].voxels, [5, 9]);
/// assert!(read(b"RAW8\x02\x01\x01\x05").unwrap_err().to_string().ends_with("it has 1 voxels, expected 2"));
/// ```
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
    /// Series, outlines and what cannot be used are named, so that `voxomics cohort` can make a list of cases:
    ///
    /// ```
    /// use voxomics_sdk::survey::{Series, Survey};
    ///
    /// let series = Series { patient: "P1".into(), modality: "CT".into(), files: 120, ..Series::default() };
    /// let told = Survey { files: 121, series: vec![series], foreign: 1, ..Survey::default() };
    /// assert_eq!(told.series[0].files + told.foreign, told.files);
    /// ```
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
    /// Intensities: the path is read for [`Loaded::images`].
    Image,
    /// Labels or outlines: the path is read for [`Loaded::segmentations`].
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
    /// Scans of intensities, if they were asked for.
    pub images: Vec<Scan>,
    /// Scans of labels, if they were asked for.
    pub segmentations: Vec<Segmentation>,
    /// Acquisition metadata, numbers and text, by DICOM attribute name (`KVP`, `Modality`, …).
    pub metadata: BTreeMap<String, Json>,
}

impl Loaded {
    /// What a file holds that has one scan, an image or labels as it is asked for; `regions` names labels.
    ///
    /// ```
    /// use voxomics_sdk::prelude::*;
    ///
    /// let direction = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
    /// let grid = Grid { dims: [2, 1, 1], spacing: [1.0; 3], origin: [0.0; 3], direction };
    /// let labels = Scan::new(grid, VoxelType::U8, vec![0, 3]);
    /// let loaded = Loaded::one(Role::Segmentation, labels, vec![NamedRegion { name: "liver".into(), label: 3.0 }]);
    /// assert_eq!((loaded.images.len(), loaded.segmentations[0].regions[0].name.as_str()), (0, "liver"));
    /// ```
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
///
/// ```
/// use voxomics_sdk::prelude::*;
///
/// assert_eq!((VoxelType::U16.size(), VoxelType::F32.name()), (2, "f32"));
/// ```
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
///
/// ```
/// use voxomics_sdk::prelude::*;
///
/// let direction = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
/// let grid = Grid { dims: [2, 1, 1], spacing: [1.0; 3], origin: [0.0; 3], direction };
/// // Two voxels of CT: stored 24 and 1064, which are −1000 and 40 HU.
/// let voxels = [24_i16, 1064].iter().flat_map(|stored| stored.to_ne_bytes()).collect();
/// let scaling = vec![Scaling { slope: 1.0, intercept: -1024.0 }];
/// let scan = Scan { scaling, ..Scan::new(grid, VoxelType::I16, voxels) };
/// assert_eq!(scan.voxels.len(), 2 * scan.voxel_type.size());
/// ```
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
    /// For each voxel its label, a whole number; 0 is no region.
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
