//! Slices of SPECT: multi-frame objects without functional groups, whose place stands in `DetectorInformationSequence` (DICOM
//! PS3.3, C.8.4.11 and C.8.4.15).

use dicom_dictionary_std::tags;

use crate::error::ReadError;
use crate::geometry::Plane;
use crate::object::{Item, Object};

/// Whether an object of nuclear medicine has its place there.
pub fn has_place(root: Item<'_>) -> bool {
    let detectors = root.items(tags::DETECTOR_INFORMATION_SEQUENCE);
    let is_reconstructed = root.texts(tags::IMAGE_TYPE).iter().any(|word| word.contains("RECON"));
    !root.has(tags::IMAGE_POSITION_PATIENT)
        && is_reconstructed
        && detectors.iter().any(|detector| detector.has(tags::IMAGE_POSITION_PATIENT))
}

/// The planes of its frames, of which there are `count`, each of this size.
///
/// # Errors
/// If what places them is missing or cannot be.
pub fn planes(object: &Object, count: usize, size: [usize; 2]) -> Result<Vec<Plane>, ReadError> {
    let root = object.root();
    let detectors = root.need_items(tags::DETECTOR_INFORMATION_SEQUENCE)?;
    let [detector] = detectors.as_slice() else {
        let found = format!("{} items", detectors.len());
        let supported = "one, as of a volume that was reconstructed";
        return Err(root.unsupported(tags::DETECTOR_INFORMATION_SEQUENCE, &found, supported));
    };
    let spacing = root.need_floats(tags::PIXEL_SPACING)?;
    let position: [f64; 3] = detector.need_floats(tags::IMAGE_POSITION_PATIENT)?;
    let orientation: [f64; 6] = detector.need_floats(tags::IMAGE_ORIENTATION_PATIENT)?;
    let slices = match root.ints(tags::SLICE_VECTOR)? {
        None => (0..count as i64).collect(),
        Some(slices) if slices.len() == count => {
            slices.into_iter().map(|slice| slice.saturating_sub(1)).collect::<Vec<_>>()
        }
        Some(slices) => {
            let found = format!("{} numbers", slices.len());
            return Err(root.invalid(tags::SLICE_VECTOR, &found, &format!("{count}, one for each frame")));
        }
    };
    // Its sign says on which side of the first slice the others are.
    let distance = if count > 1 { root.need_float(tags::SPACING_BETWEEN_SLICES)? } else { 0.0 };
    let [a, b, c, d, e, f] = orientation;
    let normal = [b * f - c * e, c * d - a * f, a * e - b * d];
    let at = |slice: i64| std::array::from_fn(|i| position[i] + slice as f64 * distance * normal[i]);
    Ok(slices.into_iter().map(|slice| Plane { position: at(slice), orientation, spacing, size }).collect())
}
