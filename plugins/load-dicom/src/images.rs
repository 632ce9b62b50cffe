//! What is remembered of the images that were read, so that outlines can be held against the one that they go with: a
//! request for outlines has no more of it than its series and its grid.

use std::collections::VecDeque;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::{Arc, Mutex, PoisonError};

use dicom_dictionary_std::tags;
use voxomics_sdk::Grid;

use crate::object::Object;

/// So many images are remembered, the last ones: more than a machine reads before the outlines of the first are due.
const MOST: usize = 1024;

/// An image, as far as outlines can refer to it.
#[derive(Debug, Clone)]
pub struct Image {
    /// Its `SeriesInstanceUID`.
    pub series: String,
    /// Its `PatientID`; may be empty.
    pub patient: String,
    /// Its `FrameOfReferenceUID`, if it has one.
    pub frame: Option<String>,
    grid: Grid,
    /// Of the `SOPInstanceUID` of each of its objects, in order.
    slices: Vec<u64>,
}

impl Image {
    /// What an image of these objects is known by; `series` has those of all volumes of its series.
    pub fn new(series: &[&Object], grid: Grid) -> Option<Self> {
        let root = series.first()?.root();
        let mut slices: Vec<u64> = series
            .iter()
            .filter_map(|object| object.root().text(tags::SOP_INSTANCE_UID))
            .map(|uid| hash(&uid))
            .collect();
        slices.sort_unstable();
        Some(Self {
            series: root.text(tags::SERIES_INSTANCE_UID)?,
            patient: root.text(tags::PATIENT_ID).unwrap_or_default(),
            frame: root.text(tags::FRAME_OF_REFERENCE_UID),
            grid,
            slices,
        })
    }

    /// Whether an object of this `SOPInstanceUID` is one of its series.
    pub fn has_slice(&self, uid: &str) -> bool {
        self.slices.binary_search(&hash(uid)).is_ok()
    }
}

/// UIDs are long, and there are many.
fn hash(uid: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    uid.hash(&mut hasher);
    hasher.finish()
}

/// The last images that a loader has read.
#[derive(Debug, Default)]
pub struct Images(Mutex<VecDeque<Arc<Image>>>);

impl Images {
    /// Remembers an image.
    pub fn remember(&self, image: Image) {
        let mut images = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        images.retain(|other| other.series != image.series || other.grid != image.grid);
        images.truncate(MOST - 1);
        images.push_front(Arc::new(image));
    }

    /// The image of a series; of several of its volumes, the one on this grid.
    pub fn find(&self, series: &str, grid: Option<&Grid>) -> Option<Arc<Image>> {
        let images = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let of_series = || images.iter().filter(|image| image.series == series);
        of_series().find(|image| Some(&image.grid) == grid).or_else(|| of_series().next()).cloned()
    }
}
