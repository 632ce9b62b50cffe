//! What a folder holds; and files that mean harm.

mod common;

use common::*;
use dicom_core::value::DataSetSequence;
use dicom_core::{DataElement, PrimitiveValue, Tag, VR};
use dicom_dictionary_std::{tags, uids};
use dicom_object::InMemDicomObject;
use voxomics_sdk::Loader as _;
use voxomics_sdk::testing::TestHost;

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

/// Two echoes of two slices at the same places.
fn echoes(folder: &Folder) {
    for (echo, index) in [(1, 0), (1, 1), (2, 0), (2, 1)] {
        slice(index)
            .text(tags::SOP_INSTANCE_UID, VR::UI, &format!("1.2.4.{echo}.{index}"))
            .text(tags::ECHO_NUMBERS, VR::IS, &echo.to_string())
            .write(&folder.path(&format!("{echo}-{index}")));
    }
}

/// Items that name slices.
fn naming(uids: &[&'static str]) -> Vec<InMemDicomObject> {
    uids.iter().map(|uid| item([(tags::REFERENCED_SOP_INSTANCE_UID, VR::UI, *uid)])).collect()
}

#[test]
fn outlines_belong_to_the_volume_whose_slices_they_name() {
    let folder = Folder::new();
    echoes(&folder);
    let numbers = ["1", "2", "3", "4"];
    let drawn = [&["1.2.4.2.0", "1.2.4.2.1"][..], &["1.2.4.1.1"], &["1.2.4.1.0", "1.2.4.2.0"], &["1.9.9"]];
    let regions = numbers.map(|number| item([(tags::ROI_NUMBER, VR::IS, number)]));
    let contours = numbers.iter().zip(drawn).map(|(number, slices)| {
        let image = nested(tags::CONTOUR_IMAGE_SEQUENCE, naming(slices));
        let mut region = item([(tags::REFERENCED_ROI_NUMBER, VR::IS, *number)]);
        region.put(nested(tags::CONTOUR_SEQUENCE, vec![InMemDicomObject::from_element_iter([image])]));
        region
    });
    let [first, second] = [1, 2].map(|echo| Some(format!("1.2.2/EchoNumbers={echo}")));
    let expected = [(second.clone(), vec![1]), (first.clone(), vec![2]), (Some("1.2.2".to_owned()), vec![3, 4])];
    let file = outlines().items(tags::STRUCTURE_SET_ROI_SEQUENCE, regions.to_vec());
    file.items(tags::ROI_CONTOUR_SEQUENCE, contours.collect()).write(&folder.path("outlines"));
    assert_eq!(drawn_on(&folder), expected, "by the slices that their contours name");
    // Segments, by the slices that their frames were derived from.
    let number = |tag, number: u16| DataElement::new(tag, VR::US, PrimitiveValue::from(number));
    let frames = (1..).zip(drawn).map(|(segment, slices)| {
        let derived = InMemDicomObject::from_element_iter([nested(tags::SOURCE_IMAGE_SEQUENCE, naming(slices))]);
        let identified = InMemDicomObject::from_element_iter([number(tags::REFERENCED_SEGMENT_NUMBER, segment)]);
        InMemDicomObject::from_element_iter([
            nested(tags::DERIVATION_IMAGE_SEQUENCE, vec![derived]),
            nested(tags::SEGMENT_IDENTIFICATION_SEQUENCE, vec![identified]),
        ])
    });
    let segments = (1..=4).map(|segment| InMemDicomObject::from_element_iter([number(tags::SEGMENT_NUMBER, segment)]));
    let seg = outlines()
        .without(tags::STRUCTURE_SET_ROI_SEQUENCE)
        .text(tags::SOP_CLASS_UID, VR::UI, uids::SEGMENTATION_STORAGE)
        .items(tags::SEGMENT_SEQUENCE, segments.collect());
    let series = |slices: &[&'static str]| {
        let mut series = item([(tags::SERIES_INSTANCE_UID, VR::UI, "1.2.2")]);
        series.put(nested(tags::REFERENCED_INSTANCE_SEQUENCE, naming(slices)));
        vec![series]
    };
    let of_series = seg.clone().items(tags::REFERENCED_SERIES_SEQUENCE, series(&["1.2.4.1.0"]));
    let with_frames = of_series.clone().items(tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE, frames.collect());
    with_frames.write(&folder.path("outlines"));
    assert_eq!(drawn_on(&folder), expected, "by the sources of their frames");
    of_series.write(&folder.path("outlines"));
    assert_eq!(drawn_on(&folder), [(first, vec![1, 2, 3, 4])], "by the slices that the file names for all");
    seg.items(tags::REFERENCED_SERIES_SEQUENCE, series(&["1.2.4.1.0", "1.2.4.2.0"])).write(&folder.path("outlines"));
    assert_eq!(drawn_on(&folder), [(Some("1.2.2".to_owned()), vec![1, 2, 3, 4])]);
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

#[test]
fn a_damaged_file_that_is_something_else_does_not_keep_a_series_from_being_read() {
    let read = |bytes: &[u8], series: Option<&str>| {
        let folder = Folder::new();
        folder.series(2);
        folder.write("other.dcm", bytes);
        let mut asked = request(folder.root());
        asked.selection.series = series.map(str::to_owned);
        let host = TestHost::new();
        let result = loader("{}").load(&asked, &host.context()).map(|loaded| values(&loaded));
        (result.map_err(|error| error.to_string()), host.warnings().join("\n"))
    };
    let at = |bytes: &[u8], tag: [u8; 4]| bytes.windows(4).position(|window| window == tag).unwrap();
    let slice = slice(5).text(tags::SERIES_INSTANCE_UID, VR::UI, "1.2.99").to_bytes();
    let in_spacing = &slice[..at(&slice, [0x28, 0, 0x30, 0]) + 10];
    let before_series = &slice[..at(&slice, [0x20, 0, 0x0D, 0]) + 10];
    let report = outlines().text(tags::SOP_CLASS_UID, VR::UI, "1.2.840.10008.5.1.4.1.1.88.67").to_bytes();
    let in_report = &report[..report.len() - 5];
    for (bytes, series, is_read) in [
        (in_spacing, Some("1.2.2"), true),
        (in_spacing, None, false),
        (before_series, Some("1.2.2"), false),
        (in_report, Some("1.2.2"), true),
        (in_report, None, true),
        (&b"nothing"[..], Some("1.2.2"), false),
    ] {
        let (result, warnings) = read(bytes, series);
        assert_eq!(result.is_ok(), is_read, "{result:?}");
        assert!(result.as_ref().is_ok_and(|found| *found == counted(2)) || !is_read);
        assert_eq!(warnings.contains("other.dcm: truncated") && warnings.contains("left out"), is_read, "{warnings}");
    }
    // One of the series itself.
    let own = common::slice(2).to_bytes();
    assert!(read(&own[..at(&own, [0x28, 0, 0x30, 0]) + 10], Some("1.2.2")).0.is_err());
}

#[test]
fn what_is_no_volume_by_nature_is_set_aside_and_other_objects_are_counted() {
    let folder = Folder::new();
    folder.series(2);
    let other = |uid: &str, file: File| file.text(tags::SERIES_INSTANCE_UID, VR::UI, uid);
    let flat = |file: File| file.without(tags::IMAGE_POSITION_PATIENT).without(tags::PIXEL_SPACING);
    let capture = flat(other("1.3.1", slice(0)))
        .text(tags::SOP_CLASS_UID, VR::UI, uids::SECONDARY_CAPTURE_IMAGE_STORAGE)
        .us(tags::SAMPLES_PER_PIXEL, 3);
    capture.write(&folder.path("capture"));
    flat(other("1.3.2", slice(0)))
        .text(tags::IMAGE_TYPE, VR::CS, "DERIVED\\SECONDARY\\DOSE_INFO")
        .write(&folder.path("dose"));
    for (index, orientation) in ["0\\1\\0\\0\\0\\-1", "1\\0\\0\\0\\0\\-1"].into_iter().enumerate() {
        let view = slice(index).text(tags::IMAGE_ORIENTATION_PATIENT, VR::DS, orientation);
        let scout = other("1.3.3", view.clone()).text(tags::IMAGE_TYPE, VR::CS, "ORIGINAL\\PRIMARY\\LOCALIZER");
        scout.write(&folder.path(&format!("a{index}")));
        other("1.3.4", view.clone())
            .text(tags::SERIES_DESCRIPTION, VR::LO, "3-plane Localizer")
            .write(&folder.path(&format!("b{index}")));
        // What could be a volume is not passed over.
        other("1.3.5", view).write(&folder.path(&format!("c{index}")));
    }
    for (name, class, modality) in
        [("sr", "88.67", "SR"), ("pr", "11.1", "PR"), ("pr2", "11.1", "PR"), ("dose2", "481.2", "RTDOSE")]
    {
        let class = format!("1.2.840.10008.5.1.4.1.1.{class}");
        slice(0)
            .text(tags::SOP_CLASS_UID, VR::UI, &class)
            .text(tags::MODALITY, VR::CS, modality)
            .write(&folder.path(name));
    }
    let survey = survey(folder.root());
    let aside: Vec<(&str, u64)> = survey.aside.iter().map(|aside| (&*aside.uid, aside.files)).collect();
    assert_eq!(aside, [("1.3.1", 1), ("1.3.2", 1), ("1.3.3", 2), ("1.3.4", 2)]);
    for (aside, words) in survey.aside.iter().zip(["screenshots", "doses", "a localiser", "a scout"]) {
        assert!(aside.reason.contains(words), "{aside:?}");
    }
    let series: Vec<(&str, bool)> = survey.series.iter().map(|one| (&*one.uid, one.problem.is_some())).collect();
    assert_eq!(series, [("1.2.2", false), ("1.3.5", true)]);
    let others: Vec<(&str, u64)> = survey.others.iter().map(|(name, count)| (&**name, *count)).collect();
    assert_eq!((others, survey.unusable.len()), (vec![("PR", 2), ("RTDOSE", 1), ("SR", 1)], 0));
}

#[test]
fn a_region_without_contours_is_told_as_empty() {
    let folder = Folder::new();
    folder.series(2);
    let contour = |kind: &'static str| {
        item([(tags::CONTOUR_GEOMETRIC_TYPE, VR::CS, kind), (tags::CONTOUR_DATA, VR::DS, "0\\0\\0\\1\\0\\0\\1\\1\\0")])
    };
    let region = |number: &'static str, contours: Vec<InMemDicomObject>| {
        let mut region = item([(tags::REFERENCED_ROI_NUMBER, VR::IS, number)]);
        region.put(nested(tags::CONTOUR_SEQUENCE, contours));
        region
    };
    let numbers = ["1", "2", "3", "4"].map(|number| item([(tags::ROI_NUMBER, VR::IS, number)]));
    let drawn =
        vec![region("1", vec![contour("CLOSED_PLANAR")]), region("2", vec![]), region("3", vec![contour("POINT")])];
    let file = outlines().items(tags::STRUCTURE_SET_ROI_SEQUENCE, numbers.to_vec());
    file.items(tags::ROI_CONTOUR_SEQUENCE, drawn).write(&folder.path("outlines"));
    let survey = survey(folder.root());
    let empty: Vec<bool> = survey.outlines[0].regions.iter().map(|region| region.empty).collect();
    assert_eq!(empty, [false, true, true, true]);
}

#[cfg(unix)]
#[test]
fn a_name_that_is_not_utf8_is_told_as_it_is() {
    use std::os::unix::ffi::OsStrExt as _;
    let folder = Folder::new();
    folder.series(2);
    let name = folder.root().join(std::ffi::OsStr::from_bytes(b"M\xfcller.dcm"));
    std::fs::write(&name, &slice(3).to_bytes()[..300]).unwrap();
    let survey = survey(folder.root());
    let json = serde_json::to_string(&survey).unwrap();
    let told: voxomics_sdk::Survey = serde_json::from_str(&json).unwrap();
    assert_eq!((told.unusable[0].path.as_path(), told.series.len()), (name.as_path(), 1));
}
