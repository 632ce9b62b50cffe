//! Whether the slices of a series agree in what is one for all of them, and with where they lie.

use std::collections::BTreeMap;

use dicom_core::Tag;
use dicom_dictionary_std::tags;

use crate::error::ReadError;
use crate::frames::Frame;
use crate::names;
use crate::object::Object;

/// How far, as a part of it, the distance of slices may be from what an attribute says.
const SAME_SPACING: f64 = 0.01;

/// The slices of a series are in one frame of reference.
///
/// # Errors
/// Which of them is not.
pub fn check_frame_of_reference(objects: &[&Object]) -> Result<(), ReadError> {
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

/// The slices of a series are of one patient; that some do not say of whom is no contradiction.
///
/// # Errors
/// Which of them is not.
pub fn check_patient(objects: &[&Object]) -> Result<(), ReadError> {
    check_same(objects, tags::PATIENT_ID)
}

/// The slices of a series are of one modality: their values have one unit.
///
/// # Errors
/// Which of them is not.
pub fn check_modality(objects: &[&Object]) -> Result<(), ReadError> {
    check_same(objects, tags::MODALITY)
}

fn check_same(objects: &[&Object], tag: Tag) -> Result<(), ReadError> {
    let said = |object: &Object| object.root().text(tag);
    let Some(first) = objects.iter().find_map(|object| said(object)) else { return Ok(()) };
    match objects.iter().find_map(|object| Some((object, said(object).filter(|other| *other != first)?))) {
        None => Ok(()),
        Some((object, other)) => {
            let expected = format!("\"{}\", as in the other slices of the series", names::plain(&first));
            Err(object.root().invalid(tag, &other, &expected))
        }
    }
}

/// The places of slices count, whatever an attribute says of their distance; but if they are farther apart, slices may be missing.
pub fn doubt_spacing(objects: &[&Object], spacing: f64, slices: usize) -> Option<String> {
    let root = objects.first()?.root();
    let shared = || root.item(tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE)?.item(tags::PIXEL_MEASURES_SEQUENCE);
    let own = root
        .items(tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE)
        .first()
        .and_then(|group| group.item(tags::PIXEL_MEASURES_SEQUENCE));
    let measures = own.or_else(shared).unwrap_or(root);
    // A sign says on which side the next slice is.
    let said = measures.float(tags::SPACING_BETWEEN_SLICES).ok().flatten()?.abs();
    if slices < 2 || said == 0.0 || (said / spacing - 1.0).abs() <= SAME_SPACING {
        return None;
    }
    let missing = if spacing > said { ": are slices missing?" } else { "" };
    Some(format!(
        "SpacingBetweenSlices says {said} mm, but the slices are {spacing:.4} mm apart by their places, which count{missing}"
    ))
}

/// Of a CT, every slice usually becomes Hounsfield units in the same way: one that does not is told of.
pub fn doubt_scaling(objects: &[&Object], frames: &[Frame]) -> Option<String> {
    let is_ct = |frame: &Frame| objects[frame.object].root().text(tags::MODALITY).as_deref() == Some("CT");
    let key = |frame: &Frame| [frame.scaling.slope, frame.scaling.intercept].map(f64::to_bits);
    let mut counts: BTreeMap<[u64; 2], usize> = BTreeMap::new();
    for frame in frames.iter().filter(|frame| is_ct(frame)) {
        *counts.entry(key(frame)).or_default() += 1;
    }
    if counts.len() < 2 {
        return None;
    }
    // Where most differ, as in objects with a rescale for each frame, none is odd.
    let of_two = counts.len() == 2;
    let (usual, count) = counts.into_iter().max_by_key(|(_, count)| *count)?;
    if 2 * count <= frames.len() && !of_two {
        return None;
    }
    let odd: Vec<&Frame> = frames.iter().filter(|frame| key(frame) != usual).collect();
    let rest = if 2 * count > frames.len() { "most" } else { "other" };
    let (first, [slope, intercept]) = (odd.first()?, usual.map(f64::from_bits));
    Some(format!(
        "RescaleSlope and RescaleIntercept are {} and {} in {}, but {slope} and {intercept} in {rest} slices of this CT: {} of \
         {} slices may be damaged",
        first.scaling.slope,
        first.scaling.intercept,
        objects[first.object].path().display(),
        odd.len(),
        frames.len()
    ))
}
