//! Multi-frame objects with functional groups.

mod common;

use common::*;
use dicom_core::value::DataSetSequence;
use dicom_core::{DataElement, PrimitiveValue, Tag, VR};
use dicom_dictionary_std::{tags, uids};
use dicom_object::InMemDicomObject;
use voxomics_sdk::Loader as _;
use voxomics_sdk::testing::TestHost;

fn text(tag: Tag, text: &str) -> DataElement<InMemDicomObject> {
    DataElement::new(tag, VR::DS, PrimitiveValue::from(text))
}

fn group(tag: Tag, elements: Vec<DataElement<InMemDicomObject>>) -> DataElement<InMemDicomObject> {
    DataElement::new(tag, VR::SQ, DataSetSequence::from(vec![InMemDicomObject::from_element_iter(elements)]))
}

/// Frames at the given heights, each filled with its place in the file.
fn enhanced(heights: &[f64], of_frame: impl Fn(usize) -> Vec<DataElement<InMemDicomObject>>) -> File {
    let shared = InMemDicomObject::from_element_iter([
        group(tags::PLANE_ORIENTATION_SEQUENCE, vec![text(tags::IMAGE_ORIENTATION_PATIENT, "1\\0\\0\\0\\1\\0")]),
        group(tags::PIXEL_MEASURES_SEQUENCE, vec![text(tags::PIXEL_SPACING, "1\\0.5")]),
    ]);
    let frames = heights.iter().enumerate().map(|(index, z)| {
        let mut elements = of_frame(index);
        let position = format!("-10\\20\\{z}");
        elements.push(group(tags::PLANE_POSITION_SEQUENCE, vec![text(tags::IMAGE_POSITION_PATIENT, &position)]));
        InMemDicomObject::from_element_iter(elements)
    });
    let words: Vec<u16> = (0..heights.len() as u16).flat_map(|index| [index; 12]).collect();
    let mut file = slice(0);
    for tag in [tags::IMAGE_POSITION_PATIENT, tags::IMAGE_ORIENTATION_PATIENT, tags::PIXEL_SPACING] {
        file = file.without(tag);
    }
    file.text(tags::SOP_CLASS_UID, VR::UI, uids::ENHANCED_CT_IMAGE_STORAGE)
        .text(tags::NUMBER_OF_FRAMES, VR::IS, &heights.len().to_string())
        .items(tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE, vec![shared])
        .items(tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE, frames.collect())
        .words(&words)
}

fn scaled(index: usize) -> Vec<DataElement<InMemDicomObject>> {
    let slope = (index + 1).to_string();
    let elements = vec![text(tags::RESCALE_SLOPE, &slope), text(tags::RESCALE_INTERCEPT, "-1000")];
    vec![group(tags::PIXEL_VALUE_TRANSFORMATION_SEQUENCE, elements)]
}

#[test]
fn frames_in_any_order_make_a_volume() {
    let folder = Folder::new();
    for syntax in
        [uids::EXPLICIT_VR_LITTLE_ENDIAN, uids::IMPLICIT_VR_LITTLE_ENDIAN, uids::DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN]
    {
        enhanced(&[6.0, 0.0, 4.0, 2.0], scaled).syntax(syntax).write(&folder.path("enhanced.dcm"));
        let loaded = load(&folder.path("enhanced.dcm")).unwrap();
        let scan = &loaded.images[0];
        assert_eq!((scan.grid.dims, scan.grid.spacing), ([4, 3, 4], [0.5, 1.0, 2.0]));
        let slices: Vec<i16> = values(&loaded).chunks(12).map(|slice| slice[0]).collect();
        assert_eq!(slices, [1, 3, 2, 0], "{syntax}");
        let slopes: Vec<f64> = scan.scaling.iter().map(|scaling| scaling.slope).collect();
        assert_eq!(slopes, [2.0, 4.0, 3.0, 1.0]);
    }
}

/// The temporal position of a frame.
fn numbered(position: u32) -> Vec<DataElement<InMemDicomObject>> {
    let position = DataElement::new(tags::TEMPORAL_POSITION_INDEX, VR::UL, PrimitiveValue::from(position));
    [scaled(0), vec![group(tags::FRAME_CONTENT_SEQUENCE, vec![position])]].concat()
}

#[test]
fn several_volumes_in_one_object_are_chosen_by_what_tells_them_apart() {
    let folder = Folder::new();
    let path = folder.path("enhanced.dcm");
    let heights = [0.0, 2.0, 2.0, 0.0, 4.0, 4.0];
    enhanced(&heights, |index| numbered([1, 1, 2, 2, 2, 1][index])).write(&path);
    let message = error(&path);
    assert!(
        message.contains("2 volumes at the same places, which differ in TemporalPositionIndex (0020,9128)"),
        "{message}"
    );
    let pick = |path: &std::path::Path, position: u32| {
        let mut asked = request(path);
        asked.selection.series = Some(format!("1.2.2/TemporalPositionIndex={position}"));
        loader("{}").load(&asked, &TestHost::new().context())
    };
    for path in [folder.root(), &path] {
        for (position, expected) in [(1, [0, 1, 5]), (2, [3, 2, 4])] {
            let loaded = pick(path, position).unwrap();
            let slices: Vec<i16> = values(&loaded).chunks(12).map(|slice| slice[0]).collect();
            assert_eq!((slices.as_slice(), loaded.images[0].grid.spacing[2]), (&expected[..], 2.0));
            assert_eq!(loaded.metadata["TemporalPositionIndex"], f64::from(position));
        }
    }
    assert!(pick(&path, 3).unwrap_err().to_string().contains("no volume 1.2.2/TemporalPositionIndex=3"));
    let told: Vec<_> =
        survey(folder.root()).series.into_iter().map(|series| (series.uid, series.dims, series.files)).collect();
    let expected = [1, 2].map(|n| (format!("1.2.2/TemporalPositionIndex={n}"), Some([4, 3, 3]), 1));
    assert_eq!(told, expected);
    // The frame that is at fault is named by its place in the file.
    enhanced(&[0.0, 2.0, 4.0, 6.0, 0.0, 2.0, 6.0], |index| numbered(1 + u32::from(index > 3))).write(&path);
    let message = pick(&path, 2).unwrap_err().to_string();
    assert!(message.contains("missing between enhanced.dcm, frame 6") && message.contains("frame 7"), "{message}");
    assert_eq!(pick(&path, 1).unwrap().images[0].grid.dims, [4, 3, 4]);
    enhanced(&[0.0, 2.0, 0.0, 2.0], |_| numbered(1)).write(&path);
    let message = error(&path);
    assert!(message.contains("two slices at the same place"), "{message}");
    assert!(message.contains("frame 1") && message.contains("frame 3"), "{message}");
}

#[test]
fn outlines_belong_to_the_volume_whose_frames_they_name() {
    let folder = Folder::new();
    enhanced(&[0.0, 2.0, 0.0, 2.0], |index| numbered(1 + index as u32 / 2)).write(&folder.path("enhanced.dcm"));
    let told = |frames: &'static str| {
        let mut image = item([(tags::REFERENCED_SOP_INSTANCE_UID, VR::UI, "1.2.3.1")]);
        image.put(text(tags::REFERENCED_FRAME_NUMBER, frames));
        let sequence = |tag, object| DataElement::new(tag, VR::SQ, DataSetSequence::from(vec![object]));
        let contour = InMemDicomObject::from_element_iter([sequence(tags::CONTOUR_IMAGE_SEQUENCE, image)]);
        let mut region = item([(tags::REFERENCED_ROI_NUMBER, VR::IS, "1")]);
        region.put(sequence(tags::CONTOUR_SEQUENCE, contour));
        slice(0)
            .without(tags::PIXEL_DATA)
            .text(tags::SOP_CLASS_UID, VR::UI, uids::RT_STRUCTURE_SET_STORAGE)
            .items(tags::STRUCTURE_SET_ROI_SEQUENCE, vec![item([(tags::ROI_NUMBER, VR::IS, "1")])])
            .items(tags::ROI_CONTOUR_SEQUENCE, vec![region])
            .write(&folder.path("rs.dcm"));
        survey(folder.root()).outlines[0].series.clone().unwrap()
    };
    assert_eq!(told("3\\4"), "1.2.2/TemporalPositionIndex=2");
    assert_eq!(told("1"), "1.2.2/TemporalPositionIndex=1");
    assert_eq!((told("2\\3"), told("")), ("1.2.2".to_owned(), "1.2.2".to_owned()));
}

#[test]
fn frames_that_are_promised_and_not_there_are_an_error() {
    let folder = Folder::new();
    let path = folder.path("enhanced.dcm");
    enhanced(&[0.0, 2.0], scaled).text(tags::NUMBER_OF_FRAMES, VR::IS, "3").write(&path);
    assert!(error(&path).contains("NumberOfFrames is 3, but PerFrameFunctionalGroupsSequence has 2 items"));
    enhanced(&[0.0, 2.0], scaled).words(&[0; 23]).write(&path);
    assert!(error(&path).contains("truncated: the header promises 48 bytes of voxels, found 46"), "{}", error(&path));
    enhanced(&[0.0, 2.0], |_| Vec::new()).without(tags::RESCALE_SLOPE).write(&path);
    assert!(error(&path).contains("RescaleSlope"));
    slice(0).text(tags::NUMBER_OF_FRAMES, VR::IS, "2").write(&path);
    assert!(error(&path).contains("functional groups"));
}

#[test]
fn compressed_frames_are_told_apart_by_their_offsets() {
    let folder = Folder::new();
    let path = folder.path("enhanced.dcm");
    let words = |value: u8| {
        // One run of each byte.
        let mut bytes: Vec<u8> = [2_u32, 64, 66].into_iter().chain([0; 13]).flat_map(u32::to_le_bytes).collect();
        bytes.extend([(1 - 12_i8) as u8, 0, (1 - 12_i8) as u8, value]);
        bytes
    };
    let (first, second) = (words(7), words(9));
    enhanced(&[2.0, 0.0], scaled).fragments(uids::RLE_LOSSLESS, &[&first, &second]).write(&path);
    let slices: Vec<i16> = values(&load(&path).unwrap()).chunks(12).map(|slice| slice[0]).collect();
    assert_eq!(slices, [9, 7]);
    enhanced(&[2.0, 0.0], scaled).fragments(uids::RLE_LOSSLESS, &[&first, &second[..20], &second[20..]]).write(&path);
    assert!(error(&path).contains("3 fragments of pixels that cannot be told apart into 2 frames"), "{}", error(&path));
}

#[test]
fn the_parts_of_a_concatenation_are_one_volume_and_none_may_be_missing() {
    let folder = Folder::new();
    for (part, heights) in [[0.0, 2.0], [4.0, 6.0]].iter().enumerate() {
        enhanced(heights, scaled)
            .text(tags::SOP_INSTANCE_UID, VR::UI, &format!("1.2.3.{part}"))
            .text(tags::CONCATENATION_UID, VR::UI, "1.2.5")
            .us(tags::IN_CONCATENATION_TOTAL_NUMBER, 2)
            .write(&folder.path(&format!("{part}.dcm")));
    }
    for path in [folder.root().to_path_buf(), folder.path("1.dcm")] {
        assert_eq!(load(&path).unwrap().images[0].grid.dims, [4, 3, 4], "{}", path.display());
    }
    std::fs::remove_file(folder.path("1.dcm")).unwrap();
    assert!(error(folder.root()).contains("of which 1 parts are there, expected 2"));
}
