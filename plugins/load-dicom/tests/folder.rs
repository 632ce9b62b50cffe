//! What a folder holds; and files that mean harm.

mod common;

use common::*;
use dicom_core::value::DataSetSequence;
use dicom_core::{DataElement, Tag, VR};
use dicom_dictionary_std::{tags, uids};
use dicom_object::InMemDicomObject;
use voxomics_sdk::Loader as _;

fn nested(tag: Tag, items: Vec<InMemDicomObject>) -> DataElement<InMemDicomObject> {
    DataElement::new(tag, VR::SQ, DataSetSequence::from(items))
}

/// That outlines were drawn on these series of a frame of reference.
fn on_series(frame: &'static str, uids: &[&'static str]) -> InMemDicomObject {
    let series = uids.iter().map(|uid| item([(tags::SERIES_INSTANCE_UID, VR::UI, *uid)]));
    let study = InMemDicomObject::from_element_iter([nested(tags::RT_REFERENCED_SERIES_SEQUENCE, series.collect())]);
    let mut on_frame = item([(tags::FRAME_OF_REFERENCE_UID, VR::UI, frame)]);
    on_frame.put(nested(tags::RT_REFERENCED_STUDY_SEQUENCE, vec![study]));
    on_frame
}

fn outlines() -> File {
    let mut file = slice(0);
    for tag in [tags::PIXEL_DATA, tags::ROWS, tags::COLUMNS] {
        file = file.without(tag);
    }
    let series = on_series("1.2.9", &["1.2.2"]);
    file.text(tags::SOP_CLASS_UID, VR::UI, uids::RT_STRUCTURE_SET_STORAGE)
        .text(tags::MODALITY, VR::CS, "RTSTRUCT")
        .text(tags::SERIES_INSTANCE_UID, VR::UI, "1.2.8")
        .text(tags::SPECIFIC_CHARACTER_SET, VR::CS, "ISO_IR 192")
        .items(tags::REFERENCED_FRAME_OF_REFERENCE_SEQUENCE, vec![series])
        .items(
            tags::STRUCTURE_SET_ROI_SEQUENCE,
            vec![
                item([(tags::ROI_NUMBER, VR::IS, "1"), (tags::ROI_NAME, VR::LO, "GTV-1")]),
                item([(tags::ROI_NUMBER, VR::IS, "4"), (tags::ROI_NAME, VR::LO, "Lymphknoten, linke Hüfte")]),
            ],
        )
}

#[test]
fn a_survey_tells_series_outlines_and_what_cannot_be_used() {
    let folder = Folder::new();
    for index in 0..3 {
        slice(index).write(&folder.path(&format!("ct/{index}")));
        let tilted = slice(index).text(tags::SERIES_INSTANCE_UID, VR::UI, "1.2.3").text(tags::PATIENT_ID, VR::LO, "a");
        tilted.at(0.0, index as f64, 1.5 * index as f64).write(&folder.path(&format!("x/{index}/slice")));
    }
    outlines().write(&folder.path("rt/outlines.dcm"));
    folder.write("ct/notes.txt", b"nothing");
    let bytes = slice(3).to_bytes();
    folder.write("ct/cut.dcm", &bytes[..300]);
    let survey = survey(folder.root());
    assert_eq!((survey.files, survey.foreign), (9, 1));
    let [tilted, sound] = survey.series.as_slice() else { panic!("{survey:?}") };
    assert_eq!((&*sound.uid, &*sound.patient, &*sound.modality, sound.files), ("1.2.2", "patient", "CT", 3));
    assert_eq!((sound.dims, sound.spacing, &sound.problem), (Some([4, 3, 3]), Some([0.5, 1.0, 1.5]), &None));
    assert_eq!((&sound.folder, &sound.attributes["KVP"]), (&folder.root().join("ct"), &120.0.into()));
    assert_eq!((&tilted.folder, tilted.dims), (&folder.root().join("x"), None));
    assert!(tilted.problem.as_ref().is_some_and(|problem| problem.contains("gantry tilt")), "{tilted:?}");
    let [drawn] = survey.outlines.as_slice() else { panic!("{survey:?}") };
    assert_eq!((&*drawn.modality, drawn.series.as_deref()), ("RTSTRUCT", Some("1.2.2")));
    let names: Vec<(u32, &str)> = drawn.regions.iter().map(|region| (region.number, &*region.name)).collect();
    assert_eq!(names, [(1, "GTV-1"), (4, "Lymphknoten, linke Hüfte")]);
    assert_eq!(survey.unusable.len(), 1);
    assert!(survey.unusable[0].path.ends_with("cut.dcm"));
}

/// The series of each region that a survey tells, with the region's number.
fn drawn_on(folder: &Folder) -> Vec<(Option<String>, Vec<u32>)> {
    let outlines = survey(folder.root()).outlines.into_iter();
    outlines.map(|one| (one.series, one.regions.iter().map(|region| region.number).collect())).collect()
}

#[test]
fn outlines_of_several_series_are_told_for_each() {
    let folder = Folder::new();
    for index in 0..2 {
        slice(index).write(&folder.path(&format!("a{index}")));
        let other = slice(index).text(tags::SERIES_INSTANCE_UID, VR::UI, "1.2.3");
        other.text(tags::SOP_INSTANCE_UID, VR::UI, &format!("1.2.4.{index}")).write(&folder.path(&format!("b{index}")));
    }
    let region = |number: &'static str, frame: &'static str| {
        item([(tags::ROI_NUMBER, VR::IS, number), (tags::REFERENCED_FRAME_OF_REFERENCE_UID, VR::UI, frame)])
    };
    let regions = vec![region("1", "1.2.9"), region("2", "1.2.10")];
    let file = outlines().items(tags::STRUCTURE_SET_ROI_SEQUENCE, regions);
    let frames = vec![on_series("1.2.9", &["1.2.2"]), on_series("1.2.10", &["1.2.3"])];
    file.clone().items(tags::REFERENCED_FRAME_OF_REFERENCE_SEQUENCE, frames).write(&folder.path("outlines"));
    let (a, b) = (Some("1.2.2".to_owned()), Some("1.2.3".to_owned()));
    assert_eq!(drawn_on(&folder), [(a.clone(), vec![1]), (b.clone(), vec![2])], "by frame of reference");
    let frames = vec![on_series("1.2.9", &["1.2.2", "1.2.3"])];
    let several = file.items(tags::REFERENCED_FRAME_OF_REFERENCE_SEQUENCE, frames);
    several.clone().write(&folder.path("outlines"));
    assert_eq!(drawn_on(&folder), [(None, vec![1, 2])], "in doubt");
    let drawn = [("1", "1.2.4.1"), ("2", "1.2.3.1")].map(|(number, slice)| {
        let image = item([(tags::REFERENCED_SOP_INSTANCE_UID, VR::UI, slice)]);
        let contour = InMemDicomObject::from_element_iter([nested(tags::CONTOUR_IMAGE_SEQUENCE, vec![image])]);
        let mut region = item([(tags::REFERENCED_ROI_NUMBER, VR::IS, number)]);
        region.put(nested(tags::CONTOUR_SEQUENCE, vec![contour]));
        region
    });
    several.items(tags::ROI_CONTOUR_SEQUENCE, drawn.to_vec()).write(&folder.path("outlines"));
    assert_eq!(drawn_on(&folder), [(b, vec![1]), (a.clone(), vec![2])], "by the slices of their contours");
    std::fs::remove_file(folder.path("b0")).unwrap();
    std::fs::remove_file(folder.path("b1")).unwrap();
    outlines().without(tags::REFERENCED_FRAME_OF_REFERENCE_SEQUENCE).write(&folder.path("outlines"));
    assert_eq!(drawn_on(&folder), [(a, vec![1, 4])], "by the only series of the frame of reference");
}

#[test]
fn companions_that_macos_leaves_are_passed_over() {
    let folder = Folder::new();
    folder.series(2);
    folder.write("._000.dcm", &[&[0x00, 0x05, 0x16, 0x07, 0x00, 0x02][..], &[0; 200]].concat());
    assert_eq!(values(&load(folder.root()).unwrap()), counted(2));
    assert_eq!(survey(folder.root()).foreign, 1);
}

#[test]
fn outlines_beside_a_series_are_no_image() {
    let folder = Folder::new();
    folder.series(2);
    outlines().write(&folder.path("outlines.dcm"));
    assert_eq!(values(&load(folder.root()).unwrap()), counted(2));
    assert!(error(&folder.path("outlines.dcm")).contains("SOPClassUID"));
}

#[test]
fn dicom_is_known_by_its_content() {
    let folder = Folder::new();
    let loader = loader("{}");
    assert!(!loader.recognises(folder.root(), &[]));
    folder.write("a/notes.txt", b"nothing");
    assert!(!loader.recognises(folder.root(), &[]));
    let bytes = slice(0).to_bytes();
    assert!(loader.recognises(&folder.path("x"), &bytes) && loader.recognises(&folder.path("x"), &bytes[132..]));
    folder.write("b/c/slice", &bytes);
    assert!(loader.recognises(folder.root(), &[]));
    for other in [&b"\x5c\x01\0\0 a NIfTI header"[..], b"NRRD0004", &[0; 200], b"\x1f\x8b\x08\0\0\0\0\0"] {
        assert!(!loader.recognises(&folder.path("x"), other));
    }
}

#[test]
fn no_cut_and_no_flipped_byte_makes_it_panic_or_read_a_shorter_series() {
    let folder = Folder::new();
    for syntax in
        [uids::EXPLICIT_VR_LITTLE_ENDIAN, uids::IMPLICIT_VR_LITTLE_ENDIAN, uids::DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN]
    {
        let bytes = outlines_and_pixels().syntax(syntax).to_bytes();
        for cut in (0..bytes.len()).step_by(13) {
            folder.write("0.dcm", &bytes[..cut]);
            assert!(load(folder.root()).is_err(), "{syntax}: {cut} of {} bytes", bytes.len());
        }
        for at in (132..bytes.len()).step_by(11) {
            let mut harmed = bytes.clone();
            harmed[at] ^= [0xFF, 0x80, 1][at % 7 % 3];
            folder.write("0.dcm", &harmed);
            if let Ok(loaded) = load(folder.root()) {
                assert_eq!(loaded.images[0].voxels.len(), 24, "{syntax}: byte {at}");
            }
        }
    }
}

fn outlines_and_pixels() -> File {
    let items = vec![item([(tags::ROI_NUMBER, VR::IS, "1")]), item([(tags::ROI_NAME, VR::LO, "x")])];
    slice(0).text(tags::SLICE_THICKNESS, VR::DS, "2").items(tags::STRUCTURE_SET_ROI_SEQUENCE, items)
}

#[test]
fn sequences_without_end_are_refused() {
    let folder = Folder::new();
    let bytes = slice(0).to_bytes();
    // From the first element on: sequences of undefined length in one another, a hundred thousand deep.
    let nested =
        [0x08, 0x00, 0x40, 0x11, b'S', b'Q', 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFE, 0xFF, 0, 0xE0, 0xFF, 0xFF, 0xFF, 0xFF];
    let start = bytes.windows(4).position(|window| window == [8, 0, 0x16, 0]).unwrap();
    folder.write("0.dcm", &[&bytes[..start], &nested.repeat(100_000)].concat());
    assert!(error(folder.root()).contains("more than 64 sequences"), "{}", error(folder.root()));
    // A value of 4 GB in a small file.
    let long = [0x08, 0x00, 0x40, 0x11, b'O', b'B', 0, 0, 0xFE, 0xFF, 0xFF, 0xFF];
    folder.write("0.dcm", &[&bytes[..start], &long].concat());
    assert!(error(folder.root()).contains("truncated"), "{}", error(folder.root()));
}
