//! Acquisition metadata of a series, by DICOM keyword.

use std::collections::BTreeMap;

use dicom_core::Tag;
use dicom_dictionary_std::tags;
use serde_json::Value as Json;

use crate::names::keyword;
use crate::object::{Item, Object};

const NUMBERS: [Tag; 28] = [
    tags::KVP,
    tags::SLICE_THICKNESS,
    tags::SPACING_BETWEEN_SLICES,
    tags::X_RAY_TUBE_CURRENT,
    tags::EXPOSURE_TIME,
    tags::EXPOSURE,
    tags::CTD_IVOL,
    tags::RECONSTRUCTION_DIAMETER,
    tags::DATA_COLLECTION_DIAMETER,
    tags::GANTRY_DETECTOR_TILT,
    tags::SPIRAL_PITCH_FACTOR,
    tags::SINGLE_COLLIMATION_WIDTH,
    tags::TOTAL_COLLIMATION_WIDTH,
    tags::MAGNETIC_FIELD_STRENGTH,
    tags::REPETITION_TIME,
    tags::ECHO_TIME,
    tags::INVERSION_TIME,
    tags::FLIP_ANGLE,
    tags::ECHO_TRAIN_LENGTH,
    tags::NUMBER_OF_AVERAGES,
    tags::PIXEL_BANDWIDTH,
    tags::DIFFUSION_B_VALUE,
    tags::ACTUAL_FRAME_DURATION,
    tags::PATIENT_WEIGHT,
    tags::PATIENT_SIZE,
    tags::RADIONUCLIDE_TOTAL_DOSE,
    tags::RADIONUCLIDE_HALF_LIFE,
    tags::SERIES_NUMBER,
];

const TEXTS: [Tag; 39] = [
    tags::MODALITY,
    tags::PATIENT_ID,
    tags::PATIENT_SEX,
    tags::PATIENT_AGE,
    tags::PATIENT_POSITION,
    tags::STUDY_INSTANCE_UID,
    tags::STUDY_DATE,
    tags::STUDY_TIME,
    tags::STUDY_ID,
    tags::ACCESSION_NUMBER,
    tags::STUDY_DESCRIPTION,
    tags::SERIES_INSTANCE_UID,
    tags::SERIES_DESCRIPTION,
    tags::FRAME_OF_REFERENCE_UID,
    tags::BODY_PART_EXAMINED,
    tags::MANUFACTURER,
    tags::MANUFACTURER_MODEL_NAME,
    tags::STATION_NAME,
    tags::INSTITUTION_NAME,
    tags::SOFTWARE_VERSIONS,
    tags::PROTOCOL_NAME,
    tags::CONVOLUTION_KERNEL,
    tags::FILTER_TYPE,
    tags::SCAN_OPTIONS,
    tags::CONTRAST_BOLUS_AGENT,
    tags::CONTRAST_BOLUS_ROUTE,
    tags::SCANNING_SEQUENCE,
    tags::SEQUENCE_VARIANT,
    tags::SEQUENCE_NAME,
    tags::MR_ACQUISITION_TYPE,
    tags::RESCALE_TYPE,
    tags::UNITS,
    tags::SUV_TYPE,
    tags::DECAY_CORRECTION,
    tags::CORRECTED_IMAGE,
    tags::RECONSTRUCTION_METHOD,
    tags::ATTENUATION_CORRECTION_METHOD,
    tags::SCATTER_CORRECTION_METHOD,
    tags::RADIOPHARMACEUTICAL,
];

/// The metadata of a volume, and what tells it from others of its series. Of a number in which its objects differ, the
/// median; of a text, nothing. Returns also the keywords of both.
pub fn metadata(objects: &[&Object], values: &[(Tag, String)]) -> (BTreeMap<String, Json>, Vec<String>) {
    let mut all = BTreeMap::new();
    let mut varying = Vec::new();
    for tag in NUMBERS {
        let mut found: Vec<f64> = objects.iter().filter_map(|object| number(object.root(), tag)).collect();
        found.sort_by(f64::total_cmp);
        let (Some(first), Some(last)) = (found.first(), found.last()) else { continue };
        if first != last {
            varying.push(keyword(tag));
        }
        if let Some(number) = serde_json::Number::from_f64(found[(found.len() - 1) / 2]) {
            all.insert(keyword(tag), Json::Number(number));
        }
    }
    for tag in TEXTS {
        let mut found = objects.iter().map(|object| text(object.root(), tag));
        let Some(first) = found.next() else { continue };
        match first {
            _ if found.any(|other| other != first) => varying.push(keyword(tag)),
            Some(text) => drop(all.insert(keyword(tag), Json::String(text))),
            None => {}
        }
    }
    for (tag, text) in values.iter().filter(|(_, text)| !text.is_empty()) {
        let number = text.parse().ok().and_then(serde_json::Number::from_f64);
        all.entry(keyword(*tag)).or_insert_with(|| number.map_or_else(|| Json::String(text.clone()), Json::Number));
    }
    (all, varying)
}

fn number(root: Item<'_>, tag: Tag) -> Option<f64> {
    // Metadata are told as far as they can be read; what the voxels depend on is checked elsewhere.
    places(root).into_iter().find_map(|item| item.float(tag).ok().flatten())
}

fn text(root: Item<'_>, tag: Tag) -> Option<String> {
    places(root).into_iter().map(|item| item.texts(tag).join("\\")).find(|text| !text.is_empty())
}

/// Where metadata are: in the object itself, with its tracer, or in the groups that all frames of a multi-frame object
/// share.
fn places(root: Item<'_>) -> Vec<Item<'_>> {
    let mut places = vec![root];
    places.extend(root.item(tags::RADIOPHARMACEUTICAL_INFORMATION_SEQUENCE));
    for shared in root.items(tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE) {
        places.extend(shared.tags().flat_map(|tag| shared.items(tag)));
    }
    places
}
