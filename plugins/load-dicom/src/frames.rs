//! The frames of a series: where each lies, and how its stored values become intensities; from single-frame objects, one
//! a file, and from multi-frame objects with functional groups (DICOM PS3.3, C.7.6.16), in any order.

use dicom_core::Tag;
use dicom_dictionary_std::tags;
use voxomics_sdk::Scaling;

use crate::error::{Fault, ReadError};
use crate::geometry::Plane;
use crate::mapping;
use crate::mosaic::Mosaic;
use crate::nuclear;
use crate::object::{Item, Object};

/// A frame of a file.
#[derive(Debug, Clone)]
pub struct Frame {
    /// Which of the objects that were handed in.
    pub object: usize,
    /// Which of its frames, from 0.
    pub index: usize,
    /// Where it lies.
    pub plane: Plane,
    /// From stored value to intensity.
    pub scaling: Scaling,
    /// The unit of the intensities, as `RescaleType` or the mapping has it; empty if neither says anything.
    pub unit: String,
    /// The stored values that the mapping to intensities is meant for, where it is a real world value mapping.
    pub covers: Option<[f64; 2]>,
}

/// The frames of all objects of a series.
///
/// # Errors
/// If position, orientation, spacing or scaling of a frame is missing or not what it must be.
pub fn frames(objects: &[&Object]) -> Result<Vec<Frame>, ReadError> {
    let mut frames = Vec::with_capacity(objects.len());
    for (index, object) in objects.iter().enumerate() {
        let root = object.root();
        let size = size(root)?;
        let count = frame_count(root)?;
        let groups = root.items(tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE);
        if groups.is_empty() && !root.has(tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE) {
            if nuclear::has_place(root) {
                let items = root.items(tags::REAL_WORLD_VALUE_MAPPING_SEQUENCE);
                let (scaling, unit, covers) = scaling(root, root, &items)?;
                for (number, plane) in nuclear::planes(object, count, size)?.into_iter().enumerate() {
                    let plane = checked(root, plane)?;
                    frames.push(Frame { object: index, index: number, plane, scaling, unit: unit.clone(), covers });
                }
                continue;
            }
            if count > 1 {
                let supported = "1, or functional groups that place each frame (an enhanced object)";
                return Err(root.unsupported(tags::NUMBER_OF_FRAMES, &count.to_string(), supported));
            }
            let spacing = root.need_floats(tags::PIXEL_SPACING)?;
            let position = root.need_floats(tags::IMAGE_POSITION_PATIENT)?;
            let orientation = root.need_floats(tags::IMAGE_ORIENTATION_PATIENT)?;
            let plane = checked(root, Plane { position, orientation, spacing, size })?;
            let items = root.items(tags::REAL_WORLD_VALUE_MAPPING_SEQUENCE);
            let (scaling, unit, covers) = scaling(root, root, &items)?;
            let planes = match Mosaic::of(object)? {
                Some(mosaic) => mosaic.planes(object, &plane)?,
                None => vec![plane],
            };
            let frame =
                |(tile, plane)| Frame { object: index, index: tile, plane, scaling, unit: unit.clone(), covers };
            frames.extend(planes.into_iter().enumerate().map(frame));
            continue;
        }
        if groups.len() != count {
            let message = format!(
                "NumberOfFrames is {count}, but PerFrameFunctionalGroupsSequence has {} items, expected as many; export \
                 the object again",
                groups.len()
            );
            return Err(ReadError::unfit(object.path(), message));
        }
        let shared = root.item(tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE);
        for (number, group) in groups.into_iter().enumerate() {
            frames.push(enhanced(root, &Groups { frame: group, shared }, size, [index, number])?);
        }
    }
    Ok(frames)
}

/// Number of frames.
///
/// # Errors
/// If it is no number of at least 1.
pub fn frame_count(root: Item<'_>) -> Result<usize, ReadError> {
    match root.int(tags::NUMBER_OF_FRAMES)? {
        None => Ok(1),
        Some(_) => root.need_int_in(tags::NUMBER_OF_FRAMES, 1, i64::from(i32::MAX)).map(|count| count as usize),
    }
}

/// Rows and columns.
///
/// # Errors
/// If they are missing or 0.
pub fn size(root: Item<'_>) -> Result<[usize; 2], ReadError> {
    let side = |tag| root.need_int_in(tag, 1, 65_535).map(|side| side as usize);
    Ok([side(tags::ROWS)?, side(tags::COLUMNS)?])
}

/// The functional groups of a frame: its own come before the shared ones.
struct Groups<'a> {
    frame: Item<'a>,
    shared: Option<Item<'a>>,
}

impl<'a> Groups<'a> {
    fn get(&self, tag: Tag) -> Option<Item<'a>> {
        self.frame.item(tag).or_else(|| self.shared.and_then(|shared| shared.item(tag)))
    }

    /// All items: the frame's own ones, the shared ones, or those of the object.
    fn all(&self, tag: Tag, root: Item<'a>) -> Vec<Item<'a>> {
        let places = [Some(self.frame), self.shared, Some(root)];
        places.into_iter().flatten().map(|place| place.items(tag)).find(|items| !items.is_empty()).unwrap_or_default()
    }

    fn need(&self, tag: Tag) -> Result<Item<'a>, ReadError> {
        self.get(tag).ok_or_else(|| self.frame.missing(tag))
    }
}

fn enhanced(root: Item<'_>, groups: &Groups<'_>, size: [usize; 2], at: [usize; 2]) -> Result<Frame, ReadError> {
    let position = groups.need(tags::PLANE_POSITION_SEQUENCE)?.need_floats(tags::IMAGE_POSITION_PATIENT)?;
    let orientation = groups.need(tags::PLANE_ORIENTATION_SEQUENCE)?.need_floats(tags::IMAGE_ORIENTATION_PATIENT)?;
    let spacing = groups.need(tags::PIXEL_MEASURES_SEQUENCE)?.need_floats(tags::PIXEL_SPACING)?;
    let plane = checked(root, Plane { position, orientation, spacing, size })?;
    let transformation = groups.get(tags::PIXEL_VALUE_TRANSFORMATION_SEQUENCE);
    let mappings = groups.all(tags::REAL_WORLD_VALUE_MAPPING_SEQUENCE, root);
    let (scaling, unit, covers) = scaling(root, transformation.unwrap_or(root), &mappings)?;
    Ok(Frame { object: at[0], index: at[1], plane, scaling, unit, covers })
}

fn checked(root: Item<'_>, plane: Plane) -> Result<Plane, ReadError> {
    if plane.spacing.iter().all(|mm| *mm > 0.0) {
        return Ok(plane);
    }
    Err(root.invalid(tags::PIXEL_SPACING, &format!("{:?}", plane.spacing), "two positive numbers, mm"))
}

/// Scaling, unit, and the stored values that they are meant for.
type Scaled = (Scaling, String, Option<[f64; 2]>);

/// How stored values become intensities: by the rescaling, or, where there is none that changes a value, by the mapping. The
/// rescaling of an enhanced PET has no meaning of its own, and its mapping comes first.
fn scaling(root: Item<'_>, from: Item<'_>, mappings: &[Item<'_>]) -> Result<Scaled, ReadError> {
    if root.has(tags::MODALITY_LUT_SEQUENCE) {
        let supported = "RescaleSlope and RescaleIntercept; export the images with linear intensities";
        return Err(root.unsupported(tags::MODALITY_LUT_SEQUENCE, "a table", supported));
    }
    let modality = root.text(tags::MODALITY).unwrap_or_default();
    let is_enhanced_pet = modality == "PT" && root.has(tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE);
    let number = |tag, default: f64| from.float(tag).map(|number| number.unwrap_or(default));
    let (slope, intercept) = (number(tags::RESCALE_SLOPE, 1.0)?, number(tags::RESCALE_INTERCEPT, 0.0)?);
    let unit = from.text(tags::RESCALE_TYPE).unwrap_or_default();
    let is_rescaled = (slope, intercept) != (1.0, 0.0) || unit == "HU";
    if (!is_rescaled || is_enhanced_pet)
        && let Some(line) = mapping::only(mappings, modality == "PT")?
    {
        let scaling = Scaling { slope: line.slope, intercept: line.intercept };
        return Ok((scaling, line.unit, Some(line.covers)));
    }
    // Without them the values of CT and PET mean nothing; other modalities need none.
    if matches!(modality.as_str(), "CT" | "PT") {
        for tag in [tags::RESCALE_SLOPE, tags::RESCALE_INTERCEPT] {
            from.need_float(tag)?;
        }
    }
    if slope == 0.0 {
        return Err(from.invalid(tags::RESCALE_SLOPE, "0", "another number than 0"));
    }
    Ok((Scaling { slope, intercept }, unit, None))
}

/// How the stored values of a picture without a place become intensities, and their unit.
///
/// # Errors
/// If it says so in a table, or by a mapping of its own.
pub fn of_picture(root: Item<'_>) -> Result<(Scaling, String), ReadError> {
    let items = root.items(tags::REAL_WORLD_VALUE_MAPPING_SEQUENCE);
    match scaling(root, root, &items)? {
        (scaling, unit, None) => Ok((scaling, unit)),
        _ => {
            let tag = tags::REAL_WORLD_VALUE_MAPPING_SEQUENCE;
            Err(root.unsupported(tag, "a mapping", "RescaleSlope and RescaleIntercept, of a picture in two dimensions"))
        }
    }
}

/// Whether a frame is a localiser: an overview in which the slices are planned.
pub fn is_localiser(object: &Object) -> bool {
    object.root().texts(tags::IMAGE_TYPE).iter().any(|word| word == "LOCALIZER")
}

/// That frames of one series have intensities of different kinds.
pub fn check_units(objects: &[&Object], frames: &[Frame]) -> Result<(), ReadError> {
    let Some(first) = frames.first() else { return Ok(()) };
    match frames.iter().find(|frame| frame.unit != first.unit) {
        None => Ok(()),
        Some(other) => {
            let expected = format!("\"{}\", as in {}", first.unit, objects[first.object].path().display());
            let fault = Fault::Value { tag: tags::RESCALE_TYPE, found: other.unit.clone(), expected };
            Err(objects[other.object].error(fault))
        }
    }
}
