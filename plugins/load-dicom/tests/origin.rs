//! Outlines and the image that they go with: the same series, frame of reference, slices and patient, or a word about it.

mod common;

use common::*;
use dicom_core::VR;
use dicom_core::value::DataSetSequence;
use dicom_core::{DataElement, PrimitiveValue, Tag};
use dicom_dictionary_std::{tags, uids};
use dicom_object::InMemDicomObject;
use voxomics_sdk::testing::TestHost;
use voxomics_sdk::{Loader as _, Role, Selection};

/// What outlines say of their image.
#[derive(Clone)]
struct Said {
    patient: &'static str,
    /// The frame of reference of the file, and of the region.
    frames: [Option<&'static str>; 2],
    series: Option<&'static str>,
    /// The slice that each contour names; none if there is none.
    slices: [&'static str; 2],
    /// The places of the contours, mm.
    places: [f64; 2],
}

const OWN: Said = Said {
    patient: "patient",
    frames: [Some("1.2.9"); 2],
    series: Some("1.2.2"),
    slices: ["1.2.3.2", "1.2.3.3"],
    places: [1.5, 3.0],
};

fn nested(mut item: InMemDicomObject, tag: Tag, items: Vec<InMemDicomObject>) -> InMemDicomObject {
    item.put(DataElement::new(tag, VR::SQ, DataSetSequence::from(items)));
    item
}

fn uid(tag: Tag, uid: Option<&str>) -> InMemDicomObject {
    InMemDicomObject::from_element_iter(uid.map(|uid| DataElement::new(tag, VR::UI, PrimitiveValue::from(uid))))
}

fn outlines(said: &Said) -> File {
    let on_series = said.series.map(|series| uid(tags::SERIES_INSTANCE_UID, Some(series)));
    let on_study = nested(item([]), tags::RT_REFERENCED_SERIES_SEQUENCE, on_series.into_iter().collect());
    let frame = uid(tags::FRAME_OF_REFERENCE_UID, said.frames[0]);
    let on_frame = nested(frame, tags::RT_REFERENCED_STUDY_SEQUENCE, vec![on_study]);
    let mut region = uid(tags::REFERENCED_FRAME_OF_REFERENCE_UID, said.frames[1]);
    for (tag, vr, text) in [(tags::ROI_NUMBER, VR::IS, "1"), (tags::ROI_NAME, VR::LO, "GTV")] {
        region.put(DataElement::new(tag, vr, PrimitiveValue::from(text)));
    }
    let contours = said.places.iter().zip(said.slices).map(|(z, slice)| {
        let corners = [[-9.9, 20.2], [-8.4, 20.2], [-8.4, 21.8], [-9.9, 21.8]];
        let data: Vec<String> = corners.iter().map(|[x, y]| format!("{x}\\{y}\\{z}")).collect();
        let mut contour = item([(tags::CONTOUR_GEOMETRIC_TYPE, VR::CS, "CLOSED_PLANAR")]);
        contour.put(DataElement::new(tags::CONTOUR_DATA, VR::DS, PrimitiveValue::from(data.join("\\"))));
        let named = uid(tags::REFERENCED_SOP_INSTANCE_UID, Some(slice));
        if slice.is_empty() { contour } else { nested(contour, tags::CONTOUR_IMAGE_SEQUENCE, vec![named]) }
    });
    let drawn = nested(item([(tags::REFERENCED_ROI_NUMBER, VR::IS, "1")]), tags::CONTOUR_SEQUENCE, contours.collect());
    let object =
        item([(tags::MODALITY, VR::CS, "RTSTRUCT"), (tags::SOP_CLASS_UID, VR::UI, uids::RT_STRUCTURE_SET_STORAGE)]);
    File { object, syntax: uids::EXPLICIT_VR_LITTLE_ENDIAN }
        .text(tags::PATIENT_ID, VR::LO, said.patient)
        .items(tags::REFERENCED_FRAME_OF_REFERENCE_SEQUENCE, vec![on_frame])
        .items(tags::STRUCTURE_SET_ROI_SEQUENCE, vec![region])
        .items(tags::ROI_CONTOUR_SEQUENCE, vec![drawn])
}

/// A SEG of one segment, on the second slice.
fn segmentation(said: &Said) -> File {
    segmentation_at(said, "-10\\20\\1.5", None)
}

/// The same at this place, with the slice that its frame names as its source.
fn segmentation_at(said: &Said, place: &'static str, source: Option<&'static str>) -> File {
    let place = item([(tags::IMAGE_POSITION_PATIENT, VR::DS, place)]);
    let mut frame = nested(item([]), tags::PLANE_POSITION_SEQUENCE, vec![place]);
    if let Some(source) = source {
        let image = uid(tags::REFERENCED_SOP_INSTANCE_UID, Some(source));
        let derived = nested(item([]), tags::SOURCE_IMAGE_SEQUENCE, vec![image]);
        frame = nested(frame, tags::DERIVATION_IMAGE_SEQUENCE, vec![derived]);
    }
    let number =
        |tag| InMemDicomObject::from_element_iter([DataElement::new(tag, VR::US, PrimitiveValue::from(1_u16))]);
    let frame = nested(frame, tags::SEGMENT_IDENTIFICATION_SEQUENCE, vec![number(tags::REFERENCED_SEGMENT_NUMBER)]);
    let measures = item([(tags::PIXEL_SPACING, VR::DS, "1\\0.5"), (tags::SLICE_THICKNESS, VR::DS, "1.5")]);
    let orientation = item([(tags::IMAGE_ORIENTATION_PATIENT, VR::DS, "1\\0\\0\\0\\1\\0")]);
    let shared = nested(item([]), tags::PIXEL_MEASURES_SEQUENCE, vec![measures]);
    let shared = nested(shared, tags::PLANE_ORIENTATION_SEQUENCE, vec![orientation]);
    let mut file = slice(1)
        .text(tags::SOP_CLASS_UID, VR::UI, uids::SEGMENTATION_STORAGE)
        .text(tags::MODALITY, VR::CS, "SEG")
        .text(tags::PATIENT_ID, VR::LO, said.patient)
        .text(tags::SEGMENTATION_TYPE, VR::CS, "BINARY")
        .text(tags::NUMBER_OF_FRAMES, VR::IS, "1")
        .without(tags::FRAME_OF_REFERENCE_UID)
        .us(tags::BITS_ALLOCATED, 1)
        .us(tags::BITS_STORED, 1)
        .us(tags::HIGH_BIT, 0)
        .us(tags::PIXEL_REPRESENTATION, 0)
        .items(tags::SEGMENT_SEQUENCE, vec![number(tags::SEGMENT_NUMBER)])
        .items(tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE, vec![shared])
        .items(tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE, vec![frame])
        .bytes(&[0b0110_0000, 0]);
    if let Some(frame) = said.frames[0] {
        file = file.text(tags::FRAME_OF_REFERENCE_UID, VR::UI, frame);
    }
    let on_series = said.series.map(|series| uid(tags::SERIES_INSTANCE_UID, Some(series)));
    file.items(tags::REFERENCED_SERIES_SEQUENCE, on_series.into_iter().collect())
}

/// Voxels of the region, or the error; and all that is said.
fn read(json: &str, file: &File) -> (Result<usize, String>, String, String) {
    let folder = Folder::new();
    for index in 0..4 {
        slice(index).write(&folder.path(&format!("ct/{index}")));
    }
    file.write(&folder.path("outlines"));
    let loader = loader(json);
    let image = loader.load(&request(&folder.path("ct")), &TestHost::new().context()).expect("an image");
    let mut asked = request(&folder.path("outlines"));
    asked.role = Role::Segmentation;
    asked.reference = Some(image.images[0].grid);
    let series = image.metadata["SeriesInstanceUID"].as_str().expect("a UID").to_owned();
    asked.selection = Selection { series: Some(series), regions: Vec::new() };
    let host = TestHost::new();
    let count = |loaded: voxomics_sdk::Loaded| {
        let voxels = loaded.segmentations.iter().flat_map(|one| &one.labels.voxels);
        voxels.map(|voxel| usize::from(*voxel)).sum()
    };
    let result = loader.load(&asked, &host.context()).map(count).map_err(|error| error.to_string());
    let notes: Vec<String> = host.log().into_iter().map(|(_, text)| text).collect();
    (result, host.warnings().join("\n"), notes.join("\n"))
}

/// Read with the warning, or without one if there is none.
fn warned(file: &File, words: &[&str]) {
    let (result, warnings, _) = read("{}", file);
    assert!(result.as_ref().is_ok_and(|voxels| *voxels > 0), "{result:?}");
    assert_eq!(warnings.is_empty(), words.is_empty(), "{warnings}");
    assert!(words.iter().all(|word| warnings.contains(word)), "{words:?} in {warnings}");
}

fn refused(file: &File, words: &[&str]) {
    let (result, ..) = read("{}", file);
    let error = result.expect_err("an error");
    assert!(words.iter().all(|word| error.contains(word)), "{words:?} in {error}");
}

#[test]
fn outlines_of_the_image_are_read_without_a_word() {
    for said in [OWN, Said { slices: [""; 2], ..OWN }, Said { frames: [Some("1.2.9"), None], ..OWN }] {
        warned(&outlines(&said), &[]);
        warned(&segmentation(&said), &[]);
    }
    // Nobody says whose they are.
    warned(&outlines(&Said { patient: "", ..OWN }), &[]);
}

#[test]
fn another_frame_of_reference_is_refused() {
    for frames in [[Some("1.2.9"), Some("1.2.77")], [Some("1.2.77"), None], [Some("1.2.77"); 2]] {
        refused(&outlines(&Said { frames, ..OWN }), &["frame of reference 1.2.77", "is 1.2.9"]);
        refused(&outlines(&Said { frames, series: None, slices: [""; 2], ..OWN }), &["1.2.77", "1.2.9"]);
    }
    refused(&segmentation(&Said { frames: [Some("1.2.77"); 2], ..OWN }), &["frame of reference 1.2.77", "is 1.2.9"]);
}

#[test]
fn a_region_that_alone_names_another_frame_of_reference_is_read_with_a_warning() {
    let stray = Said { frames: [Some("1.2.9"), Some("1.2.77")], ..OWN };
    let file = outlines(&stray).text(tags::FRAME_OF_REFERENCE_UID, VR::UI, "1.2.9");
    warned(&file, &["`GTV` names the frame of reference 1.2.77", "is taken to belong to the image"]);
    let (of_own, ..) = read("{}", &outlines(&OWN));
    assert_eq!(read("{}", &file).0, of_own);
    // Where the series or the file's own frame says otherwise, or nothing, it is no slip.
    let elsewhere = outlines(&Said { series: None, ..stray.clone() });
    refused(&elsewhere.text(tags::FRAME_OF_REFERENCE_UID, VR::UI, "1.2.9"), &["1.2.77", "1.2.9"]);
    refused(&outlines(&stray).text(tags::FRAME_OF_REFERENCE_UID, VR::UI, "1.2.77"), &["1.2.77", "1.2.9"]);
}

#[test]
fn frames_that_name_their_slices_may_be_five_percent_of_a_slice_off_them() {
    // Slices are 1.5 mm apart.
    for (place, source, is_slice) in [
        ("-10\\20\\1.5", None, true),
        ("-10\\20\\1.527", Some("1.2.3.2"), true),
        ("-10.009\\20\\1.473", Some("1.2.3.2"), true),
        ("-10\\20\\1.527", None, false),
        ("-10\\20\\1.527", Some("7.7.7"), false),
        ("-10\\20\\1.54", Some("1.2.3.2"), true),
        ("-10\\20\\1.58", Some("1.2.3.2"), false),
    ] {
        let (result, _, notes) = read("{}", &segmentation_at(&OWN, place, source));
        assert_eq!(result, Ok(2), "{place}");
        assert_eq!(!notes.contains("are not slices of the image"), is_slice, "{place} {source:?}: {notes}");
        let is_told = notes.contains("mm off slices of the image, but name these as their sources");
        assert_eq!(is_told, is_slice && source.is_some(), "{place}: {notes}");
    }
}

#[test]
fn another_patient_needs_the_series_or_its_slices() {
    let other = Said { patient: "somebody", ..OWN };
    let named = ["its patient is `somebody`", "of the image is `patient`"];
    warned(&outlines(&other), &named);
    warned(&outlines(&Said { series: None, ..other.clone() }), &named);
    warned(&segmentation(&other), &named);
    let nowhere = Said { series: None, slices: [""; 2], ..other };
    refused(&outlines(&nowhere), &named);
    refused(&segmentation(&nowhere), &named);
}

#[test]
fn contours_of_slices_that_are_not_in_the_series_are_told_of_or_refused() {
    let some = Said { slices: ["1.2.3.2", "5.5.5"], ..OWN };
    warned(&outlines(&some), &["of 2 contours or frames", "1 name a slice of the series 1.2.2"]);
    let none = Said { slices: ["5.5.4", "5.5.5"], ..OWN };
    // All of them are others: the series was given new UIDs after the outlines were drawn.
    let (result, warnings, notes) = read("{}", &outlines(&none));
    assert!(result.is_ok() && warnings.is_empty() && notes.contains("0 name a slice of the series 1.2.2"), "{notes}");
    refused(&outlines(&Said { series: None, ..none }), &["0 name a slice of the series 1.2.2"]);
}

#[test]
fn outlines_that_name_nothing_are_told_of() {
    let nothing = Said { series: None, frames: [None; 2], slices: [""; 2], ..OWN };
    for file in [outlines(&nothing), segmentation(&nothing)] {
        warned(&file, &["does not say on which images it was drawn", "1.2.2"]);
    }
    let framed = Said { frames: [Some("1.2.9"); 2], ..nothing };
    let (result, warnings, notes) = read("{}", &outlines(&framed));
    assert!(
        result.is_ok() && warnings.is_empty() && notes.contains("of the same frame of reference (1.2.9)"),
        "{notes}"
    );
}

#[test]
fn outlines_of_another_series_are_drawn_where_that_is_wanted_and_they_lie_on_slices() {
    const ACCEPTED: &str = r#"{"outlines_of": "frame of reference"}"#;
    let other = Said { series: Some("1.2.88"), slices: ["5.5.4", "5.5.5"], ..OWN };
    refused(&outlines(&other), &["drawn on the series 1.2.88", "the image is the series 1.2.2", "outlines_of"]);
    let (own, ..) = read("{}", &outlines(&OWN));
    let (result, warnings, notes) = read(ACCEPTED, &outlines(&other));
    assert!(warnings.is_empty() && notes.contains("both have the frame of reference 1.2.9"), "{warnings} {notes}");
    assert!(own.is_ok() && result == own, "{result:?} and {own:?}");
    let no_frame = Said { frames: [None; 2], ..other.clone() };
    for (said, words) in [
        (Said { places: [2.0, 3.5], ..other.clone() }, "2 of its 2 contours lie up to 0.500 mm off"),
        (Said { places: [0.0, 3.0], ..other.clone() }, "at least 2 slices of the image apart"),
        (no_frame, "drawn on the series 1.2.88, but the image"),
        (Said { frames: [Some("1.2.77"); 2], ..other }, "frame of reference 1.2.77"),
    ] {
        let (result, ..) = read(ACCEPTED, &outlines(&said));
        let error = result.expect_err("an error");
        assert!(error.contains(words), "{words} in {error}");
    }
}
