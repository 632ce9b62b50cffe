//! The volumes of a series: one, or several at the same places.

use std::path::Path;

use dicom_core::Tag;
use dicom_dictionary_std::tags;

use crate::agreement;
use crate::apart;
use crate::copies;
use crate::crooked;
use crate::error::ReadError;
use crate::frames::{self, Frame};
use crate::geometry::{self, Crooked, Stack};
use crate::names;
use crate::object::Object;
use crate::parting::{self, Part};
use crate::pixels::Layout;
use crate::places::Place;
use crate::series::Series;

/// A volume whose frames make a stack.
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
    /// What tells it from the other volumes of its series; nothing if it is the only one.
    pub values: Vec<(Tag, String)>,
    /// What was assumed or is unusual.
    pub notes: Vec<String>,
    /// What may make a number wrong.
    pub warnings: Vec<String>,
}

/// The volumes of a series.
#[derive(Debug)]
pub struct Volumes<'a> {
    uid: String,
    objects: Vec<&'a Object>,
    frames: Vec<Frame>,
    /// The volumes; never none.
    parts: Vec<Part>,
    warnings: Vec<String>,
    tolerance: f64,
}

impl<'a> Volumes<'a> {
    /// Finds the volumes of a series, whose slices may be `tolerance` mm beyond rounding off their places; reads no pixels
    /// but those of copies.
    ///
    /// # Errors
    /// If an object does not say where its frames are, if they are no stack, or if slices are at the same place and nothing
    /// tells volumes apart.
    pub fn new(series: &Series<'a>, tolerance: f64) -> Result<Self, ReadError> {
        let mut objects = series.objects.clone();
        let mut warnings = left_out(series);
        check_concatenations(&objects)?;
        let mut copied = Vec::new();
        let (frames, parts) = loop {
            agreement::check_frame_of_reference(&objects)?;
            let frames = frames::frames(&objects)?;
            let planes: Vec<_> = frames.iter().map(|frame| frame.plane.clone()).collect();
            let (twice, at) = match geometry::stack(&planes, None, tolerance) {
                Ok(_) | Err(Crooked::Single) => {
                    let all = Part { frames: (0..frames.len()).collect(), ..Part::default() };
                    break (frames, vec![all]);
                }
                Err(Crooked::Twice { planes, at }) => (planes, at),
                Err(fault) => return Err(crooked::explain(fault, &objects, &frames)),
            };
            let mut copies = copies::copies(&objects, &frames);
            if copies::is_copy(&objects, twice.map(|plane| &frames[plane])) {
                copies.insert(frames[twice[1]].object);
            }
            if !copies.is_empty() {
                copied.extend(copies.iter().map(|index| objects[*index].path().display().to_string()));
                let mut index = 0..;
                objects.retain(|_| index.next().is_some_and(|index| !copies.contains(&index)));
                continue;
            }
            let is_sound = |part: &[usize]| {
                let planes: Vec<_> = part.iter().map(|frame| planes[*frame].clone()).collect();
                let frames: Vec<_> = part.iter().map(|frame| &frames[*frame]).collect();
                let thickness = thickness(&objects, &frames, &mut Vec::new());
                thickness.is_ok_and(|thickness| geometry::stack(&planes, thickness, tolerance).is_ok())
            };
            match parting::part(&apart::values(&objects, &frames), &geometry::places(&planes), &is_sound) {
                Some(parts) => break (frames, parts),
                None => return Err(crooked::explain(Crooked::Twice { planes: twice, at }, &objects, &frames)),
            }
        };
        agreement::check_patient(&objects)?;
        agreement::check_modality(&objects)?;
        match copied.as_slice() {
            [] => {}
            [copy] => warnings.push(format!("{copy} is a copy of another file and is left out")),
            [first, ..] => {
                let count = copied.len();
                warnings.push(format!("{count} files, {first} the first, are copies of others and are left out"));
            }
        }
        Ok(Self { uid: series.uid.clone(), objects, frames, parts, warnings, tolerance })
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.parts.len()
    }

    /// The objects of all volumes.
    pub fn objects(&self) -> &[&'a Object] {
        &self.objects
    }

    /// What chooses each volume: the UID of the series and, if it has several, what tells the volume from the others.
    pub fn names(&self) -> Vec<String> {
        self.parts.iter().map(|part| self.name(part)).collect()
    }

    fn name(&self, part: &Part) -> String {
        let value = |(tag, text): &(Tag, String)| {
            format!("{}={}", names::keyword(*tag), if text.is_empty() { "none" } else { text })
        };
        match part.values.is_empty() {
            true => self.uid.clone(),
            false => format!("{}/{}", self.uid, part.values.iter().map(value).collect::<Vec<_>>().join(",")),
        }
    }

    /// What tells a volume from the others.
    pub fn values(&self, index: usize) -> &[(Tag, String)] {
        &self.parts[index].values
    }

    /// The objects of a volume.
    pub fn objects_of(&self, index: usize) -> Vec<&'a Object> {
        self.only(&self.parts[index]).0
    }

    /// The frames of a volume, of the objects of all.
    pub fn frames_of(&self, index: usize) -> impl Iterator<Item = &Frame> {
        self.parts[index].frames.iter().map(|frame| &self.frames[*frame])
    }

    /// The volume that is wanted, by its number; `path` is where the series was found.
    ///
    /// # Errors
    /// If there are several and none is named, or if there is none of that name.
    pub fn choose(&self, path: &Path, wanted: Option<&str>) -> Result<usize, ReadError> {
        let uid = &self.uid;
        let of_volume = wanted.filter(|wanted| wanted != uid);
        let names = self.names();
        let refused = |message: String| Err(ReadError::unfit(path, message));
        match (of_volume, names.as_slice()) {
            (None, [_]) => Ok(0),
            (Some(wanted), [_]) => refused(format!(
                "there is no volume {wanted}: what is here of the series is one volume, expected {uid}"
            )),
            (None, names) => {
                let mut tags: Vec<Tag> = Vec::new();
                for (tag, _) in self.parts.iter().flat_map(|part| &part.values) {
                    if !tags.contains(tag) {
                        tags.push(*tag);
                    }
                }
                let tags: Vec<String> = tags.into_iter().map(names::attribute).collect();
                refused(format!(
                    "the series {uid} has {} volumes at the same places, which differ in {}, expected one; name one of: {}",
                    names.len(),
                    tags.join(", "),
                    names::list(names)
                ))
            }
            (Some(wanted), names) => (names.iter().position(|name| name == wanted)).map_or_else(
                || refused(format!("there is no volume {wanted}, expected one of: {}", names::list(names))),
                Ok,
            ),
        }
    }

    /// Orders the frames of a volume into a stack; reads no pixels.
    ///
    /// # Errors
    /// If they are no stack, if other volumes have slices that it lacks between its own, or if the pixels of an object cannot be read.
    pub fn plan(&self, index: usize) -> Result<Planned<'a>, ReadError> {
        let part = &self.parts[index];
        self.planned(part).map_err(|error| match part.values.is_empty() {
            true => error,
            false => ReadError::unfit(&error.path, format!("volume {}: {}", self.name(part), error.fault)),
        })
    }

    fn planned(&self, part: &Part) -> Result<Planned<'a>, ReadError> {
        let (mut notes, mut warnings) = (Vec::new(), self.warnings.clone());
        let (objects, frames) = self.only(part);
        let planes: Vec<_> = frames.iter().map(|frame| frame.plane.clone()).collect();
        let thickness = thickness(&objects, &frames.iter().collect::<Vec<_>>(), &mut notes)?;
        let stack = geometry::stack(&planes, thickness, self.tolerance)
            .map_err(|fault| crooked::explain(fault, &objects, &frames))?;
        if part.skipped > 0 {
            let folder = objects[0].path().parent().unwrap_or(Path::new(""));
            let message = format!(
                "{} missing between its first and its last: other volumes of the series have them; find the missing files",
                names::count(part.skipped, "slice is", "slices are")
            );
            return Err(ReadError::unfit(folder, message));
        }
        if part.lacking > 0 {
            let (name, own) = (self.name(part), frames.len());
            warnings.push(format!(
                "volume {name} has {own} of the {} slices of the series: other volumes reach farther",
                own + part.lacking
            ));
        }
        frames::check_units(&objects, &frames)?;
        warnings.extend(agreement::doubt_scaling(&objects, &frames));
        warnings.extend(agreement::doubt_spacing(&objects, stack.placement.spacing[2], frames.len()));
        let layouts = objects.iter().map(|object| Layout::of(object)).collect::<Result<Vec<_>, _>>()?;
        check_types(&objects, &layouts)?;
        for (object, layout) in objects.iter().zip(&layouts) {
            notes.extend(layout.notes.iter().map(|note| format!("{}: {note}", object.path().display())));
        }
        note_unusual(&objects, &frames, &mut notes);
        let frames = stack.order.iter().map(|index| frames[*index].clone()).collect();
        Ok(Planned { objects, frames, layouts, stack, values: part.values.clone(), notes, warnings })
    }

    /// The objects and frames of one volume.
    fn only(&self, part: &Part) -> (Vec<&'a Object>, Vec<Frame>) {
        let mut used: Vec<usize> = part.frames.iter().map(|frame| self.frames[*frame].object).collect();
        used.sort_unstable();
        used.dedup();
        let frame = |index: &usize| {
            let frame = &self.frames[*index];
            Frame { object: used.partition_point(|object| *object < frame.object), ..frame.clone() }
        };
        let frames = part.frames.iter().map(frame).collect();
        (used.iter().map(|object| self.objects[*object]).collect(), frames)
    }
}

/// What of a series is no slice.
fn left_out(series: &Series<'_>) -> Vec<String> {
    let mut warnings = Vec::new();
    if !series.localisers.is_empty() {
        let count = names::count(series.localisers.len(), "localiser", "localisers");
        let are = if series.localisers.len() == 1 { "is" } else { "are" };
        warnings.push(format!("{count} (ImageType) of the same series {are} left out"));
    }
    if !series.captures.is_empty() {
        let count = names::count(series.captures.len(), "screenshot", "screenshots");
        warnings.push(format!("{count} of the same series, without a place in the patient, left out"));
    }
    warnings
}

fn note_unusual(objects: &[&Object], frames: &[Frame], notes: &mut Vec<String>) {
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
    let tag = tags::REAL_WORLD_VALUE_MAPPING_SEQUENCE;
    let mut passed_over: Vec<usize> =
        frames.iter().filter(|frame| frame.covers.is_none()).map(|frame| frame.object).collect();
    passed_over.sort_unstable();
    passed_over.dedup();
    passed_over.retain(|object| Place::all(objects[*object]).iter().any(|place| !place.items(tag).is_empty()));
    note(
        passed_over.len(),
        "RealWorldValueMappingSequence is left out of account, RescaleSlope and RescaleIntercept are not",
    );
}

/// The distance of slices where there is but one.
fn thickness(objects: &[&Object], frames: &[&Frame], notes: &mut Vec<String>) -> Result<Option<f64>, ReadError> {
    let [frame] = frames else { return Ok(None) };
    let root = objects[frame.object].root();
    let shared = root.item(tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE);
    let frame = root.items(tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE).get(frame.index).copied();
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
