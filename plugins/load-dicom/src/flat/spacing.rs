//! How large a pixel of a picture is: from the file where it says so of the patient, or from a setting; never from nowhere.
//!
//! DICOM PS3.3: 10.7.1 (`PixelSpacing` of projections), C.8.5.5 (regions of ultrasound).

use dicom_core::Tag;
use dicom_dictionary_std::tags;

use super::options::Options;
use crate::error::ReadError;
use crate::names;
use crate::object::{Item, Object};
use crate::series;

/// `RegionSpatialFormat` of an image in two dimensions: no spectrum, no M-mode.
const TWO_DIMENSIONS: i64 = 1;
/// `PhysicalUnitsXDirection` and `PhysicalUnitsYDirection`: cm.
const CENTIMETRES: i64 = 3;
/// Two statements of a size agree within this, relative.
const ALIKE: f64 = 1e-3;
/// What is a size of a pixel, mm.
const SIZES: std::ops::RangeInclusive<f64> = 1e-6..=1e4;

/// Width and height of a pixel, mm, who says so, and what else is to be known.
#[derive(Debug, Clone, PartialEq)]
pub struct Size {
    /// Width and height, mm.
    pub mm: [f64; 2],
    /// What was assumed or is unusual.
    pub notes: Vec<String>,
}

/// Whether an object is a capture of a screen or of a film, by its class.
pub fn is_capture(object: &Object) -> bool {
    series::is_capture_class(&object.sop_class())
}

/// The size of a pixel.
///
/// # Errors
/// If neither the file nor a setting says it, or if the file says two things; which of them, and which setting helps.
pub fn size(object: &Object, options: &Options) -> Result<Size, ReadError> {
    let told = told(object, options);
    let Some(mm) = options.pixel_mm else { return told };
    let notes = match told {
        Ok(Size { mm: other, .. }) if !alike(mm, other) => {
            vec![format!("the file says pixels of {other:?} mm, `pixel_mm` {mm:?}: the setting counts")]
        }
        _ => Vec::new(),
    };
    Ok(Size { mm, notes })
}

fn told(object: &Object, options: &Options) -> Result<Size, ReadError> {
    let root = object.root();
    let regions = root.items(tags::SEQUENCE_OF_ULTRASOUND_REGIONS);
    let spacing = pair(root, tags::PIXEL_SPACING)?;
    if !regions.is_empty() {
        let size = ultrasound(object, &regions)?;
        return match (size, spacing) {
            (Some(size), Some(other)) if !alike(size.mm, other) => Err(refused(
                object,
                &format!("the regions of the ultrasound say pixels of {:?} mm, and PixelSpacing {other:?}", size.mm),
            )),
            (Some(size), _) => Ok(size),
            (None, Some(mm)) => Ok(stated(mm, "PixelSpacing")),
            (None, None) => Err(refused(object, "no region of the ultrasound is an image with pixels in cm")),
        };
    }
    // On a detector or a film, which is behind the patient.
    let behind = match pair(root, tags::IMAGER_PIXEL_SPACING)? {
        Some(mm) => Some((mm, "ImagerPixelSpacing")),
        None => pair(root, tags::NOMINAL_SCANNED_PIXEL_SPACING)?.map(|mm| (mm, "NominalScannedPixelSpacing")),
    };
    let is_calibrated = root.has(tags::PIXEL_SPACING_CALIBRATION_TYPE);
    match (spacing, behind) {
        (Some(mm), None) => Ok(stated(mm, "PixelSpacing")),
        // Equal to that of the detector, it is that of the detector (10.7.1.3).
        (Some(mm), Some((other, _))) if is_calibrated || !alike(mm, other) => Ok(stated(mm, "PixelSpacing")),
        (_, Some((mm, name))) => magnified(object, mm, name, options),
        (None, None) => Err(refused(object, "the picture states no size of its pixels")),
    }
}

fn stated(mm: [f64; 2], by: &str) -> Size {
    Size { mm, notes: vec![format!("pixels of {mm:?} mm, by {by}")] }
}

fn refused(object: &Object, why: &str) -> ReadError {
    let capture = match is_capture(object) {
        true => {
            " (it is a Secondary Capture, of a screen or a film: choose the series that it was made from, if it shows one)"
        }
        false => "",
    };
    let message = format!(
        "{why}{capture}, so the size of a pixel is not known, expected one; set pixel_mm = [width, height] in [load.dicom], in mm"
    );
    ReadError::unfit(object.path(), message)
}

/// Two numbers of a file, rows first, as width and height.
fn pair(root: Item<'_>, tag: Tag) -> Result<Option<[f64; 2]>, ReadError> {
    if !root.has(tag) {
        return Ok(None);
    }
    let [rows, columns] = root.need_floats(tag)?;
    if SIZES.contains(&rows) && SIZES.contains(&columns) {
        return Ok(Some([columns, rows]));
    }
    Err(root.invalid(tag, &format!("{rows}\\{columns}"), "two positive numbers, mm"))
}

fn alike(a: [f64; 2], b: [f64; 2]) -> bool {
    a.iter().zip(b).all(|(a, b)| (a - b).abs() <= ALIKE * b)
}

/// From a detector to the patient.
fn magnified(object: &Object, mm: [f64; 2], name: &str, options: &Options) -> Result<Size, ReadError> {
    let tag = tags::ESTIMATED_RADIOGRAPHIC_MAGNIFICATION_FACTOR;
    let own = object.root().float(tag)?;
    if let Some(own) = own.filter(|own| !(0.1..=100.0).contains(own)) {
        return Err(object.root().invalid(tag, &own.to_string(), "a number from 0.1 to 100"));
    }
    let (factor, by) = match (options.magnification, own) {
        (Some(set), _) => (set, "`magnification`".to_owned()),
        (None, Some(own)) => (own, names::keyword(tag)),
        (None, None) => {
            let message = format!(
                "{name} says pixels of {mm:?} mm on the detector, which are smaller in the patient, and no \
                 EstimatedRadiographicMagnificationFactor says by how much, expected one; set magnification in [load.dicom], \
                 1 for sizes as on the detector, or pixel_mm = [width, height]"
            );
            return Err(ReadError::unfit(object.path(), message));
        }
    };
    let mut size = stated(mm.map(|mm| mm / factor), &format!("{name} over the magnification {factor} of {by}"));
    if let Some(own) = own.filter(|own| (own - factor).abs() > ALIKE * own) {
        size.notes.push(format!("the file says the magnification {own}, `magnification` {factor}: the setting counts"));
    }
    Ok(size)
}

/// The size of a pixel in the regions that are images; nothing if there is none with pixels in cm.
fn ultrasound(object: &Object, regions: &[Item<'_>]) -> Result<Option<Size>, ReadError> {
    let mut found: Option<([f64; 2], [i64; 4])> = None;
    let mut images = 0;
    for region in regions {
        if region.need_int(tags::REGION_SPATIAL_FORMAT)? != TWO_DIMENSIONS {
            continue;
        }
        let units = [tags::PHYSICAL_UNITS_X_DIRECTION, tags::PHYSICAL_UNITS_Y_DIRECTION];
        if units.iter().any(|tag| region.int(*tag).ok().flatten() != Some(CENTIMETRES)) {
            continue;
        }
        let delta = |tag| region.need_float(tag).map(|cm| 10.0 * cm.abs());
        let mm = [delta(tags::PHYSICAL_DELTA_X)?, delta(tags::PHYSICAL_DELTA_Y)?];
        if !mm.iter().all(|mm| SIZES.contains(mm)) {
            let shown = format!("{} cm", mm[0] / 10.0);
            return Err(region.invalid(tags::PHYSICAL_DELTA_X, &shown, "a size other than 0, in x and y"));
        }
        let corner = |tag| region.need_int(tag);
        let place = [
            corner(tags::REGION_LOCATION_MIN_X0)?,
            corner(tags::REGION_LOCATION_MIN_Y0)?,
            corner(tags::REGION_LOCATION_MAX_X1)?,
            corner(tags::REGION_LOCATION_MAX_Y1)?,
        ];
        images += 1;
        match found {
            Some((other, _)) if !alike(mm, other) => {
                return Err(refused(
                    object,
                    &format!("regions of the ultrasound have pixels of {other:?} and of {mm:?} mm"),
                ));
            }
            _ => found = found.or(Some((mm, place))),
        }
    }
    let Some((mm, [left, top, right, bottom])) = found else { return Ok(None) };
    let mut size = stated(mm, "the regions of the ultrasound");
    if images == 1 {
        size.notes.push(format!(
            "the size of pixels is that of columns {left} to {right} and rows {top} to {bottom}, the region of the ultrasound: \
             elsewhere there is none"
        ));
    }
    Ok(Some(size))
}
