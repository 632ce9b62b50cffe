//! Which objects make a series.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use dicom_dictionary_std::{tags, uids};

use crate::error::ReadError;
use crate::files;
use crate::frames;
use crate::nuclear;
use crate::object::{Item, Object};

/// Segmentations, as bits or fractions and as labels.
const SEG_CLASSES: [&str; 2] = [uids::SEGMENTATION_STORAGE, uids::LABEL_MAP_SEGMENTATION_STORAGE];
/// With which the UIDs of the classes of stored objects begin.
pub const STORAGE: &str = "1.2.840.10008.5.1.4.1.1.";
/// CT, MR and PET, and their enhanced and legacy converted kinds (DICOM PS3.4, table B.5-1).
const IMAGE_CLASSES: [&str; 9] = ["2", "2.1", "2.2", "4", "4.1", "4.4", "128", "128.1", "130"];

/// The objects of a series of images, by path.
#[derive(Debug)]
pub struct Series<'a> {
    /// Its UID.
    pub uid: String,
    /// Its slices, or all of its objects if it has nothing but localisers.
    pub objects: Vec<&'a Object>,
    /// Localisers that share its UID.
    pub localisers: Vec<&'a Object>,
    /// Screenshots that share its UID.
    pub captures: Vec<&'a Object>,
}

/// The UID of the series in what chooses a volume of it, as in `1.2.3/EchoNumbers=1`.
pub fn uid(chosen: &str) -> &str {
    chosen.split('/').next().unwrap_or(chosen)
}

/// Whether an object is one of images, and not of outlines, doses or reports.
pub fn is_image(object: &Object) -> bool {
    let class = object.sop_class();
    if is_no_image(&class) {
        return false;
    }
    let class = class.strip_prefix(STORAGE).unwrap_or_default();
    // A slice that was cut off before its size must not pass for something else.
    IMAGE_CLASSES.contains(&class) || object.root().has(tags::ROWS)
}

/// Whether objects of a class are documents, plans, outlines or the like, and never images.
pub fn is_no_image(class: &str) -> bool {
    // Presentation states, waveforms, raw data with registrations and segmentations, reports, documents, radiotherapy.
    let kinds = ["11.", "9.", "66", "67", "88.", "104.", "481."];
    class.strip_prefix(STORAGE).is_some_and(|class| kinds.iter().any(|kind| class.starts_with(kind)))
}

/// Whether objects of a class are slices, or volumes of them: a place that is missing is a fault of the object.
pub fn is_of_slices(class: &str) -> bool {
    class.strip_prefix(STORAGE).is_some_and(|class| IMAGE_CLASSES.contains(&class))
}

/// Whether an object is one of outlines.
pub fn is_outlines(object: &Object) -> bool {
    is_outlines_class(&object.sop_class())
}

/// Whether a class is one of outlines.
pub fn is_outlines_class(class: &str) -> bool {
    SEG_CLASSES.contains(&class) || class == uids::RT_STRUCTURE_SET_STORAGE
}

/// The series of images among objects, by UID.
///
/// # Errors
/// If an image does not say which series it belongs to.
pub fn group<'a>(objects: impl IntoIterator<Item = &'a Object>) -> Result<Vec<Series<'a>>, ReadError> {
    let mut series: BTreeMap<String, Vec<&Object>> = BTreeMap::new();
    for object in objects.into_iter().filter(|object| is_image(object)) {
        series.entry(object.root().need_text(tags::SERIES_INSTANCE_UID)?).or_default().push(object);
    }
    let split = |(uid, objects): (String, Vec<&'a Object>)| {
        let (captures, objects): (Vec<&Object>, Vec<&Object>) = match objects.iter().any(|object| has_place(object)) {
            true => objects.into_iter().partition(|object| !has_place(object) && is_capture(object)),
            false => (Vec::new(), objects),
        };
        let (localisers, slices): (Vec<&Object>, Vec<&Object>) =
            objects.into_iter().partition(|object| frames::is_localiser(object));
        match slices.is_empty() {
            true => Series { uid, objects: localisers, localisers: Vec::new(), captures },
            false => Series { uid, objects: slices, localisers, captures },
        }
    };
    Ok(series.into_iter().map(split).collect())
}

fn has_place(object: &Object) -> bool {
    let groups = [tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE, tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE];
    object.root().has(tags::IMAGE_POSITION_PATIENT)
        || groups.iter().any(|tag| object.root().has(*tag))
        || nuclear::has_place(object.root())
}

/// Whether an object is a picture of a screen and no slice, whose place could be missing by mistake: by its class, or as it
/// is in colour.
pub fn is_capture(object: &Object) -> bool {
    let has_colours = matches!(object.root().int(tags::SAMPLES_PER_PIXEL), Ok(Some(3)));
    is_capture_class(&object.sop_class()) || has_colours
}

/// Whether a class is one of captures of a screen or of a film, single or of several frames.
pub fn is_capture_class(class: &str) -> bool {
    let rest = class.strip_prefix(uids::SECONDARY_CAPTURE_IMAGE_STORAGE);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

impl<'a> Series<'a> {
    /// Whether its slices have a place in the patient: screenshots and reports have none.
    pub fn is_spatial(&self) -> bool {
        self.objects.iter().any(|object| has_place(object))
    }

    /// Whether it is nothing but an overview in which slices are planned.
    pub fn is_localiser(&self) -> bool {
        self.objects.iter().all(|object| frames::is_localiser(object))
    }

    /// One line that tells it from others.
    pub fn line(&self) -> String {
        let text = |tag| self.objects.first().and_then(|object| object.root().text(tag)).unwrap_or_default();
        let (modality, description) = (text(tags::MODALITY), text(tags::SERIES_DESCRIPTION));
        let kind = if self.is_localiser() { ", localiser" } else { "" };
        format!("{} ({modality}, \"{description}\", {} files{kind})", self.uid, self.objects.len())
    }

    /// The paths of its files.
    pub fn paths(&self) -> impl Iterator<Item = &'a Path> + '_ {
        self.objects.iter().chain(&self.localisers).chain(&self.captures).map(|object| object.path())
    }

    /// The smallest folder that holds all of its files; or, if it is there several times, the first one that holds it whole.
    pub fn folder(&self) -> PathBuf {
        let uids = |objects: &mut dyn Iterator<Item = &&'a Object>| -> BTreeSet<Option<String>> {
            objects.map(|object| object.root().text(tags::SOP_INSTANCE_UID)).collect()
        };
        let all = uids(&mut self.objects.iter());
        if all.len() < self.objects.len() && !all.contains(&None) {
            let folders: BTreeSet<&Path> = self.paths().filter_map(Path::parent).collect();
            let holds_all = |folder: &&Path| {
                uids(&mut self.objects.iter().filter(|object| object.path().starts_with(folder))) == all
            };
            // The deepest ones: a folder above two copies holds both.
            let whole: Vec<&Path> = folders.into_iter().filter(holds_all).collect();
            let is_deepest = |folder: &&&Path| !whole.iter().any(|other| other != *folder && other.starts_with(folder));
            if let Some(folder) = whole.iter().find(is_deepest) {
                return folder.to_path_buf();
            }
        }
        files::common_folder(self.paths())
    }
}

/// The series that outlines say they were drawn on.
pub fn referenced(object: &Object) -> Vec<String> {
    let root = object.root();
    let drawn_on = root.items(tags::REFERENCED_FRAME_OF_REFERENCE_SEQUENCE).into_iter().flat_map(in_frame);
    let made_from = root.items(tags::REFERENCED_SERIES_SEQUENCE);
    let mut uids: Vec<String> =
        drawn_on.chain(made_from.iter().filter_map(|series| series.text(tags::SERIES_INSTANCE_UID))).collect();
    uids.sort_unstable();
    uids.dedup();
    uids
}

/// The series that an item of `ReferencedFrameOfReferenceSequence` names.
pub fn in_frame(frame: Item<'_>) -> Vec<String> {
    let studies = frame.items(tags::RT_REFERENCED_STUDY_SEQUENCE);
    let series = studies.iter().flat_map(|study| study.items(tags::RT_REFERENCED_SERIES_SEQUENCE));
    series.filter_map(|series| series.text(tags::SERIES_INSTANCE_UID)).collect()
}

/// The series that are named for the regions of one frame of reference: those under its own item, if it has one that names
/// any; else all.
pub fn of_region(object: &Object, region: Item<'_>) -> Vec<String> {
    let frames = object.root().items(tags::REFERENCED_FRAME_OF_REFERENCE_SEQUENCE);
    let own = region.text(tags::REFERENCED_FRAME_OF_REFERENCE_UID);
    let is_own = |frame: &Item<'_>| own.is_some() && frame.text(tags::FRAME_OF_REFERENCE_UID) == own;
    let mut uids: Vec<String> = frames.into_iter().filter(is_own).flat_map(in_frame).collect();
    uids.sort_unstable();
    uids.dedup();
    if uids.is_empty() { referenced(object) } else { uids }
}
