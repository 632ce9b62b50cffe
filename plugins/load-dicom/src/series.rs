//! Which objects make a series, and what stack its frames make.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use dicom_core::Tag;
use dicom_dictionary_std::{tags, uids};

use crate::error::ReadError;
use crate::frames::{self, Frame};
use crate::geometry::{self, Crooked, Stack};
use crate::object::{Item, Object};
use crate::pixels::Layout;
use crate::{crooked, names};

/// Segmentations, as bits or fractions and as labels.
const SEG_CLASSES: [&str; 2] = [uids::SEGMENTATION_STORAGE, uids::LABEL_MAP_SEGMENTATION_STORAGE];
const RT_CLASSES: &str = "1.2.840.10008.5.1.4.1.1.481.";
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

/// A series whose frames make a stack.
#[derive(Debug)]
pub struct Planned<'a> {
    /// Its objects.
    pub objects: Vec<&'a Object>,
    /// The frames, from the first slice to the last.
    pub frames: Vec<Frame>,
    /// How the pixels of each object are stored.
    pub layouts: Vec<Layout>,
    /// Where the voxels are, and the order of slices.
    pub stack: Stack,
    /// What was assumed or is unusual.
    pub notes: Vec<String>,
    /// What may make a number wrong.
    pub warnings: Vec<String>,
}

/// Whether an object is one of images, and not of outlines, doses or reports.
pub fn is_image(object: &Object) -> bool {
    let class = object.sop_class();
    if SEG_CLASSES.contains(&class.as_str()) || class.starts_with(RT_CLASSES) {
        return false;
    }
    let class = class.strip_prefix("1.2.840.10008.5.1.4.1.1.").unwrap_or_default();
    // A slice that was cut off before its size must not pass for something else.
    IMAGE_CLASSES.contains(&class) || object.root().has(tags::ROWS)
}

/// Whether an object is one of outlines.
pub fn is_outlines(object: &Object) -> bool {
    let class = object.sop_class();
    SEG_CLASSES.contains(&class.as_str()) || class == uids::RT_STRUCTURE_SET_STORAGE
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
    object.root().has(tags::IMAGE_POSITION_PATIENT) || groups.iter().any(|tag| object.root().has(*tag))
}

/// Whether an object is a picture of a screen and no slice, whose place could be missing by mistake: by its class, or as it
/// is in colour.
fn is_capture(object: &Object) -> bool {
    let has_colours = matches!(object.root().int(tags::SAMPLES_PER_PIXEL), Ok(Some(3)));
    object.sop_class().starts_with(uids::SECONDARY_CAPTURE_IMAGE_STORAGE) || has_colours
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

    /// Orders its frames into a stack, `tolerance` mm beyond rounding; reads no pixels.
    ///
    /// # Errors
    /// If they are no stack, or if the pixels of an object cannot be read.
    pub fn plan(&self, tolerance: f64) -> Result<Planned<'a>, ReadError> {
        let mut objects = self.objects.clone();
        let (mut notes, mut warnings) = (Vec::new(), Vec::new());
        if !self.localisers.is_empty() {
            let count = self.localisers.len();
            warnings.push(format!("{count} localisers (ImageType) of the same series are left out"));
        }
        if !self.captures.is_empty() {
            let count = self.captures.len();
            warnings.push(format!(
                "{count} screenshots of the same series, which have no place in the patient, are left out"
            ));
        }
        check_concatenations(&objects)?;
        let mut copies = Vec::new();
        let (frames, stack) = loop {
            check_frame_of_reference(&objects)?;
            let frames = frames::frames(&objects)?;
            frames::check_units(&objects, &frames)?;
            let planes: Vec<_> = frames.iter().map(|frame| frame.plane.clone()).collect();
            let thickness = if frames.len() == 1 { thickness(objects[0], &mut notes)? } else { None };
            match geometry::stack(&planes, thickness, tolerance) {
                Ok(stack) => break (frames, stack),
                Err(Crooked::Twice { planes, .. }) if is_copy(&objects, planes.map(|plane| &frames[plane])) => {
                    let mut left_out = same(&objects, &frames);
                    left_out.insert(frames[planes[1]].object);
                    copies.extend(left_out.iter().map(|index| objects[*index].path().display().to_string()));
                    let mut index = 0..;
                    objects.retain(|_| index.next().is_some_and(|index| !left_out.contains(&index)));
                }
                Err(fault) => return Err(crooked::explain(fault, &objects, &frames)),
            }
        };
        match copies.as_slice() {
            [] => {}
            [copy] => warnings.push(format!("{copy} is a copy of another file and is left out")),
            [first, ..] => {
                let count = copies.len();
                warnings.push(format!("{count} files, {first} the first, are copies of others and are left out"));
            }
        }
        let layouts = objects.iter().map(|object| Layout::of(object)).collect::<Result<Vec<_>, _>>()?;
        check_types(&objects, &layouts)?;
        for (object, layout) in objects.iter().zip(&layouts) {
            notes.extend(layout.notes.iter().map(|note| format!("{}: {note}", object.path().display())));
        }
        note_unusual(&objects, &mut notes);
        let frames = stack.order.iter().map(|index| frames[*index].clone()).collect();
        Ok(Planned { objects, frames, layouts, stack, notes, warnings })
    }

    /// The smallest folder that holds all of its files.
    pub fn folder(&self) -> PathBuf {
        let mut paths = self.objects.iter().chain(&self.localisers).chain(&self.captures).map(|object| object.path());
        let mut folder = paths.next().and_then(Path::parent).unwrap_or(Path::new("")).to_path_buf();
        for path in paths {
            while !path.starts_with(&folder) && folder.pop() {}
        }
        folder
    }
}

fn note_unusual(objects: &[&Object], notes: &mut Vec<String>) {
    let count = |holds: &dyn Fn(&Object) -> bool| objects.iter().filter(|object| holds(object)).count();
    let is = |tag: Tag, word: &'static str| move |object: &Object| object.root().text(tag).as_deref() == Some(word);
    let of = objects.len();
    let mut note = |count: usize, what: &str| {
        if count > 0 {
            notes.push(format!("{what}: {count} of {of} files"));
        }
    };
    note(
        count(&is(tags::PHOTOMETRIC_INTERPRETATION, "MONOCHROME1")),
        "MONOCHROME1 only says how to show the values, they are kept as they are",
    );
    note(count(&is(tags::LOSSY_IMAGE_COMPRESSION, "01")), "the values have been through lossy compression");
    note(
        count(&|object| object.root().has(tags::REAL_WORLD_VALUE_MAPPING_SEQUENCE)),
        "RealWorldValueMappingSequence is left out of account, RescaleSlope and RescaleIntercept are not",
    );
}

/// The distance of slices where there is but one.
fn thickness(object: &Object, notes: &mut Vec<String>) -> Result<Option<f64>, ReadError> {
    let root = object.root();
    let shared = root.item(tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE);
    let frame = root.item(tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE);
    let measures = [frame, shared].into_iter().flatten().find_map(|group| group.item(tags::PIXEL_MEASURES_SEQUENCE));
    for item in [Some(root), measures].into_iter().flatten() {
        for tag in [tags::SPACING_BETWEEN_SLICES, tags::SLICE_THICKNESS] {
            if let Some(mm) = item.float(tag)?.filter(|mm| *mm > 0.0) {
                notes.push(format!("a single slice: its thickness of {mm} mm is that of {}", names::keyword(tag)));
                return Ok(Some(mm));
            }
        }
    }
    Ok(None)
}

/// The objects that are copies of an earlier one, each compared with the first of its UID alone.
fn same(objects: &[&Object], frames: &[Frame]) -> BTreeSet<usize> {
    let mut firsts: HashMap<String, &Frame> = HashMap::new();
    let mut copies = BTreeSet::new();
    for frame in frames {
        let Some(uid) = objects[frame.object].root().text(tags::SOP_INSTANCE_UID) else { continue };
        let first = *firsts.entry(uid).or_insert(frame);
        if first.object != frame.object && first.plane == frame.plane && is_copy(objects, [first, frame]) {
            copies.insert(frame.object);
        }
    }
    copies
}

/// Whether two frames are those of two copies of one object of a single frame: written in another syntax, perhaps, or with
/// other notes on the patient, but with the same intensities.
fn is_copy(objects: &[&Object], frames: [&Frame; 2]) -> bool {
    let [a, b] = frames.map(|frame| objects[frame.object]);
    let uid = |object: &Object| object.root().text(tags::SOP_INSTANCE_UID);
    let is_alike = frames[0].scaling == frames[1].scaling && frames[0].unit == frames[1].unit;
    if a.path() == b.path() || uid(a).is_none() || uid(a) != uid(b) || !is_alike {
        return false;
    }
    // A file that cannot be read now is no copy: reading it later says why.
    let pixels = |object: &Object| {
        let layout = Layout::of(object).ok().filter(|layout| layout.format.frames == 1)?;
        let mut pixels = vec![0; layout.format.frame_bytes()];
        layout.read(object, 0, &mut pixels).ok()?;
        Some((layout.format.voxel_type()?, pixels))
    };
    pixels(a).is_some_and(|of_a| pixels(b).is_some_and(|of_b| of_a == of_b))
}

/// Frames that were spread over several objects must all be there: the first or the last part would not be missed.
fn check_concatenations(objects: &[&Object]) -> Result<(), ReadError> {
    let uid = |object: &Object| object.root().text(tags::CONCATENATION_UID);
    for object in objects.iter().filter(|object| uid(object).is_some()) {
        let Some(all) = object.root().int(tags::IN_CONCATENATION_TOTAL_NUMBER)? else { continue };
        let found = objects.iter().filter(|other| uid(other) == uid(object)).count();
        if (found as i64) < all {
            let message =
                format!("a part of a concatenation, of which {found} parts are there, expected {all}; find the others");
            return Err(ReadError::unfit(object.path(), message));
        }
    }
    Ok(())
}

fn check_frame_of_reference(objects: &[&Object]) -> Result<(), ReadError> {
    let uid = |object: &Object| object.root().text(tags::FRAME_OF_REFERENCE_UID);
    let Some(first) = objects.first() else { return Ok(()) };
    match objects.iter().find(|object| uid(object) != uid(first)) {
        None => Ok(()),
        Some(other) => {
            let expected = format!("{}, as in the other slices", uid(first).unwrap_or_else(|| "none".into()));
            Err(other.root().invalid(tags::FRAME_OF_REFERENCE_UID, &uid(other).unwrap_or_default(), &expected))
        }
    }
}

/// All voxels of a volume are of one type.
fn check_types(objects: &[&Object], layouts: &[Layout]) -> Result<(), ReadError> {
    let mut first = None;
    for (object, layout) in objects.iter().zip(layouts) {
        let Some(found) = layout.format.voxel_type() else {
            let supported = "8, 16 or 32 for an image";
            return Err(object.root().unsupported(tags::BITS_ALLOCATED, "1", supported));
        };
        let expected = *first.get_or_insert(found);
        if found != expected {
            let message = format!(
                "the pixels are of type {}, expected {} as in {} (BitsAllocated, PixelRepresentation); export the series \
                 again",
                found.name(),
                expected.name(),
                objects[0].path().display()
            );
            return Err(ReadError::unfit(object.path(), message));
        }
    }
    Ok(())
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
