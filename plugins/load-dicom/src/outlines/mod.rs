//! Regions that are stored as outlines (RTSTRUCT) or as a segmentation (SEG): each becomes a mask of its own, so that
//! regions may overlap.

mod areas;
mod contour;
mod corners;
mod lattice;
mod origin;
mod paint;
mod planes;
mod raster;
mod regions;
mod rtstruct;
mod seg;
mod stored;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

pub use areas::Points;
pub use contour::may_enclose;

use std::sync::{Arc, Mutex, PoisonError};

use dicom_dictionary_std::{tags, uids};
use voxomics_imaging::Grid;
use voxomics_sdk::{self as sdk, Context, LoadRequest, Loaded, Role, Scaling, Selection, VoxelType};

use crate::error::{Fault, ReadError};
use crate::images::{Image, Images};
use crate::object::Object;
use crate::{Config, names, series};

/// What the program itself allows by default, in bytes of voxels.
const MOST: u64 = 4 << 30;

/// Reads the wanted regions of an RTSTRUCT or SEG. Outlines, and segmentations whose voxels are voxels of the image, are
/// boxes of the reference grid; other segmentations keep their own grid. The metadata list all regions of the file as
/// `regions`.
///
/// # Errors
/// If the file is neither, if it belongs to another series, if no region fits the selection, or if the place of a wanted
/// region is in doubt.
pub fn load(request: &LoadRequest, context: &Context, config: &Config, images: &Images) -> Result<Loaded, sdk::Error> {
    let object = Object::read(&request.path)?;
    let wanted = request.selection.series.as_deref().map(series::uid);
    let image = wanted.and_then(|uid| images.find(uid, request.reference.as_ref()));
    Ok(read(&Job::new(&object, image, request, context, config))?)
}

/// Reads what a job asks for.
fn read(job: &Job<'_, '_>) -> Result<Loaded, ReadError> {
    match job.object.sop_class().as_str() {
        uids::RT_STRUCTURE_SET_STORAGE => rtstruct::load(job),
        uids::SEGMENTATION_STORAGE | uids::LABEL_MAP_SEGMENTATION_STORAGE => seg::load(job),
        other => {
            let expected = "an RTSTRUCT (RT Structure Set Storage) or a SEG (Segmentation Storage)";
            Err(job.object.root().unsupported(tags::SOP_CLASS_UID, &names::uid(other), expected))
        }
    }
}

/// What became of trying to read a region with an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tried {
    /// Its voxels are voxels of the image.
    OnGrid,
    /// It can be read, but on a grid of its own.
    OffGrid,
    /// It cannot be read, and why.
    Refused(String),
}

/// Reads regions, by their numbers, with an image, as a run would, and says what becomes of each, with the warnings that a run
/// would give. `object` is the whole file.
///
/// # Errors
/// If the host gives up.
pub fn try_regions(
    object: &Object,
    (image, grid): (&Arc<Image>, &sdk::Grid),
    numbers: &[u32],
    (config, context): (&Config, &Context),
) -> Result<Vec<(Tried, Vec<String>)>, ReadError> {
    let heard = Mutex::default();
    let take = || std::mem::take(&mut *heard.lock().unwrap_or_else(PoisonError::into_inner));
    let load = |regions: Vec<String>| {
        let request = LoadRequest {
            path: object.path().to_path_buf(),
            role: Role::Segmentation,
            reference: Some(*grid),
            selection: Selection { series: Some(image.series.clone()), regions },
            max_bytes: MOST,
        };
        read(&Job { heard: Some(&heard), ..Job::new(object, Some(image.clone()), &request, context, config) })
    };
    let of = |loaded: &Loaded, label: f64| {
        let has = |one: &&sdk::Segmentation| one.regions.iter().any(|region| region.label == label);
        let place = |one: &sdk::Segmentation| match one.reference_offset {
            Some(_) => Tried::OnGrid,
            None => Tried::OffGrid,
        };
        loaded.segmentations.iter().find(has).map(place)
    };
    // The pixels of a segmentation are read once for all; outlines are small.
    let is_segmentation = object.sop_class() != uids::RT_STRUCTURE_SET_STORAGE;
    let all = if is_segmentation { load(Vec::new()).ok() } else { None };
    let mut tried = Vec::with_capacity(numbers.len());
    for number in numbers {
        let found = all.as_ref().and_then(|loaded| of(loaded, f64::from(*number)));
        let outcome = match found {
            Some(found) => found,
            None => match load(vec![format!("#{number}")]) {
                Ok(loaded) => match loaded.segmentations.first() {
                    Some(one) if one.reference_offset.is_some() => Tried::OnGrid,
                    Some(_) => Tried::OffGrid,
                    None => Tried::Refused("it has no voxel".into()),
                },
                Err(error) if matches!(error.fault, Fault::Cancelled(_)) => return Err(error),
                Err(error) => Tried::Refused(error.fault.to_string()),
            },
        };
        // What is said of all regions at once is told of the first.
        tried.push((outcome, take()));
    }
    Ok(tried)
}

/// A file that is being read, and for whom.
struct Job<'a, 'h> {
    object: &'a Object,
    /// The image that the outlines are to be used with, if it was read here.
    image: Option<Arc<Image>>,
    /// Whether outlines of another series of the same frame of reference will do.
    of_frame: bool,
    /// How the points of contours are meant.
    points: Points,
    request: &'a LoadRequest,
    context: &'a Context<'h>,
    reference: Option<Grid>,
    fractional_threshold: f64,
    /// Who hears the warnings of a trial.
    heard: Option<&'a Mutex<Vec<String>>>,
}

impl<'a, 'h> Job<'a, 'h> {
    fn new(
        object: &'a Object,
        image: Option<Arc<Image>>,
        request: &'a LoadRequest,
        context: &'a Context<'h>,
        config: &Config,
    ) -> Self {
        Self {
            object,
            image,
            of_frame: config.of_frame,
            points: config.outline_points,
            request,
            context,
            reference: request.reference.as_ref().map(imaging_grid),
            fractional_threshold: config.fractional_threshold,
            heard: None,
        }
    }
}

impl Job<'_, '_> {
    fn unfit(&self, message: impl Into<String>) -> ReadError {
        ReadError::unfit(self.object.path(), message)
    }

    /// UID of the series of the image.
    fn series(&self) -> Option<&str> {
        self.request.selection.series.as_deref().map(series::uid)
    }

    fn warn(&self, message: &str) {
        if let Some(heard) = self.heard {
            return heard.lock().unwrap_or_else(PoisonError::into_inner).push(message.to_owned());
        }
        self.context.warning(&format!("{}: {message}", self.object.path().display()));
    }

    fn note(&self, message: &str) {
        if self.heard.is_some() {
            return;
        }
        self.context.info(&format!("{}: {message}", self.object.path().display()));
    }

    fn check_cancelled(&self) -> Result<(), ReadError> {
        self.context.check_cancelled().map_err(|error| self.object.error(Fault::Cancelled(error)))
    }
}

/// The bytes of masks that may still be had.
struct Budget {
    limit: u64,
    used: u64,
}

impl Budget {
    fn new(limit: u64) -> Self {
        Self { limit: limit.min(isize::MAX as u64), used: 0 }
    }

    /// An empty mask.
    fn mask(&mut self, job: &Job<'_, '_>, dims: [usize; 3]) -> Result<Vec<u8>, ReadError> {
        let bytes = dims.iter().try_fold(1_u64, |bytes, n| bytes.checked_mul(*n as u64));
        let promised = bytes.and_then(|bytes| bytes.checked_add(self.used)).unwrap_or(u64::MAX);
        if promised > self.limit {
            return Err(job.unfit(format!(
                "the masks of the wanted regions need {promised} bytes or more, the limit is {}; choose fewer regions or \
                 raise the limit",
                self.limit
            )));
        }
        let bytes = (promised - self.used) as usize;
        self.used = promised;
        let mut mask = Vec::new();
        mask.try_reserve_exact(bytes)
            .map_err(|_| job.object.error(voxomics_reading::Fault::OutOfMemory { promised: bytes as u64 }))?;
        mask.resize(bytes, 0);
        Ok(mask)
    }
}

/// The mask of one region: its voxels are 1, and their label is the region's.
fn segmentation(name: &str, label: f64, grid: &Grid, mask: Vec<u8>, offset: Option<[usize; 3]>) -> sdk::Segmentation {
    let Grid { dims, spacing, origin, direction } = *grid;
    let labels = sdk::Scan {
        name: name.to_owned(),
        grid: sdk::Grid { dims: dims.map(|n| n as u64), spacing, origin, direction },
        voxel_type: VoxelType::U8,
        voxels: mask,
        scaling: vec![Scaling { slope: label, intercept: 0.0 }],
    };
    let regions = vec![sdk::NamedRegion { name: name.to_owned(), label }];
    sdk::Segmentation { labels, regions, reference_offset: offset.map(|at| at.map(|i| i as u64)) }
}

fn imaging_grid(grid: &sdk::Grid) -> Grid {
    let sdk::Grid { dims, spacing, origin, direction } = *grid;
    Grid { dims: dims.map(|n| usize::try_from(n).unwrap_or(usize::MAX)), spacing, origin, direction }
}

/// A box in the patient as text, mm.
fn shown((lower, upper): ([f64; 3], [f64; 3])) -> String {
    let side = |axis: usize| format!("[{:.1}, {:.1}]", lower[axis], upper[axis]);
    [0, 1, 2].map(side).join(" × ")
}
