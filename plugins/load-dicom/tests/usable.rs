//! What a survey tells as usable can be read, and what cannot be read it does not tell as usable.

mod common;

use common::*;
use dicom_core::value::DataSetSequence;
use dicom_core::{DataElement, PrimitiveValue, Tag, VR};
use dicom_dictionary_std::{tags, uids};
use dicom_object::InMemDicomObject;
use voxomics_sdk::testing::TestHost;
use voxomics_sdk::{Loader as _, Role, Selection, Survey, survey};

/// Whether each series of a survey can be read from the folder that the survey names; the survey must say the same.
fn held(told: &Survey) -> Vec<bool> {
    let read = |series: &survey::Series| {
        let mut asked = request(&series.folder);
        asked.selection.series = Some(series.uid.clone());
        let result = loader("{}").load(&asked, &TestHost::new().context());
        assert_eq!(result.is_ok(), series.problem.is_none(), "{:?} {series:?}", result.map(|_| ()));
        series.problem.is_none()
    };
    told.series.iter().map(read).collect()
}

fn nested(mut item: InMemDicomObject, tag: Tag, items: Vec<InMemDicomObject>) -> InMemDicomObject {
    item.put(DataElement::new(tag, VR::SQ, DataSetSequence::from(items)));
    item
}

fn element(tag: Tag, vr: VR, text: &str) -> DataElement<InMemDicomObject> {
    DataElement::new(tag, vr, PrimitiveValue::from(text))
}

/// An RTSTRUCT of the series 1.2.2, with the kind and the points of the only contour of each region.
fn structures(regions: &[(&str, &str)]) -> File {
    let series = item([(tags::SERIES_INSTANCE_UID, VR::UI, "1.2.2")]);
    let study = nested(item([]), tags::RT_REFERENCED_SERIES_SEQUENCE, vec![series]);
    let frame = item([(tags::FRAME_OF_REFERENCE_UID, VR::UI, "1.2.9")]);
    let frame = nested(frame, tags::RT_REFERENCED_STUDY_SEQUENCE, vec![study]);
    let number = |tag, index: usize| element(tag, VR::IS, &(index + 1).to_string());
    let listed = (0..regions.len()).map(|index| {
        let name = element(tags::ROI_NAME, VR::LO, &format!("R{}", index + 1));
        InMemDicomObject::from_element_iter([number(tags::ROI_NUMBER, index), name])
    });
    let drawn = regions.iter().enumerate().map(|(index, (kind, points))| {
        let contour = InMemDicomObject::from_element_iter([
            element(tags::CONTOUR_GEOMETRIC_TYPE, VR::CS, kind),
            element(tags::CONTOUR_DATA, VR::DS, points),
        ]);
        let region = InMemDicomObject::from_element_iter([number(tags::REFERENCED_ROI_NUMBER, index)]);
        nested(region, tags::CONTOUR_SEQUENCE, vec![contour])
    });
    let object = item([(tags::MODALITY, VR::CS, "RTSTRUCT"), (tags::PATIENT_ID, VR::LO, "patient")]);
    File { object, syntax: uids::EXPLICIT_VR_LITTLE_ENDIAN }
        .text(tags::SOP_CLASS_UID, VR::UI, uids::RT_STRUCTURE_SET_STORAGE)
        .items(tags::REFERENCED_FRAME_OF_REFERENCE_SEQUENCE, vec![frame])
        .items(tags::STRUCTURE_SET_ROI_SEQUENCE, listed.collect())
        .items(tags::ROI_CONTOUR_SEQUENCE, drawn.collect())
}

const SOUND: (&str, &str) = ("CLOSED_PLANAR", "-9.9\\20.2\\1.5\\-8.4\\20.2\\1.5\\-8.4\\21.8\\1.5\\-9.9\\21.8\\1.5");

#[test]
fn a_file_that_cannot_be_read_is_a_slice_or_is_left_out_in_both() {
    let cut = &slice(5).to_bytes()[..300];
    for (name, is_read) in [
        ("ct/005.dcm", false),
        ("ct/17.dcm", false),
        ("ct/broken.dcm", true),
        ("ct/notes/001.dcm", true),
        ("other/001.dcm", true),
    ] {
        for bytes in [cut, b"nothing"] {
            let folder = Folder::new();
            (0..4).for_each(|index| slice(index).write(&folder.path(&format!("ct/{index:03}.dcm"))));
            folder.write(name, bytes);
            let told = survey(folder.root());
            assert_eq!((held(&told), told.unusable.len()), (vec![is_read], 1), "{name}");
            let mut asked = request(folder.root());
            asked.selection.series = Some("1.2.2".into());
            let host = TestHost::new();
            let result = loader("{}").load(&asked, &host.context());
            assert_eq!(result.as_ref().is_ok(), is_read, "{name}");
            match result {
                Ok(loaded) => {
                    assert_eq!(values(&loaded), counted(4));
                    assert!(host.warnings().join("").contains(name), "{:?}", host.warnings());
                }
                Err(error) => assert!(error.to_string().contains("move it elsewhere"), "{error}"),
            }
        }
    }
}

#[test]
fn of_copies_in_several_folders_one_is_taken_whatever_is_beside_the_others() {
    let folder = Folder::new();
    for (at, place) in ["a/one", "b/two"].into_iter().enumerate() {
        (0..3).for_each(|index| slice(index).write(&folder.path(&format!("{place}/{index}.dcm"))));
        if at == 1 {
            folder.write("b/two/7.dcm", b"nothing");
        }
    }
    let told = survey(folder.root());
    assert_eq!(told.series[0].folder, folder.root().join("a/one"));
    assert_eq!(held(&told), [true]);
    // Files of one name that are no copies are told apart by their folders: "1.dcm and 1.dcm" helps nobody.
    slice(1).words(&[7; 12]).write(&folder.path("b/two/1.dcm"));
    let problem = survey(folder.root()).series[0].problem.clone().expect("a problem");
    assert!(problem.contains("a/one/1.dcm and b/two/1.dcm"), "{problem}");
}

#[test]
fn slices_of_one_name_in_two_folders_are_one_series() {
    let folder = Folder::new();
    for index in 0..4 {
        slice(index).write(&folder.path(&format!("{index}/s000.dcm")));
    }
    assert_eq!(held(&survey(folder.root())), [true]);
    assert_eq!(load(folder.root()).unwrap().images[0].grid.dims[2], 4);
    // One that does not fit is named by its folder.
    slice(2).us(tags::ROWS, 2).bytes(&[0; 16]).write(&folder.path("2/s000.dcm"));
    let message = error(folder.root());
    assert!(message.contains("2/s000.dcm"), "{message}");
    let problem = survey(folder.root()).series[0].problem.clone().expect("a problem");
    assert!(problem.contains("2/s000.dcm"), "{problem}");
    // Two slices at one place.
    slice(1).text(tags::SOP_INSTANCE_UID, VR::UI, "1.2.3.99").write(&folder.path("2/s000.dcm"));
    let message = error(folder.root());
    assert!(message.contains("1/s000.dcm") && message.contains("2/s000.dcm"), "{message}");
}

#[test]
fn regions_that_runs_refuse_are_told_with_the_reason() {
    let folder = Folder::new();
    (0..4).for_each(|index| slice(index).write(&folder.path(&format!("ct/{index}"))));
    let tilted = ("CLOSED_PLANAR", "-9.9\\20.2\\1.5\\-8.4\\20.2\\1.5\\-8.4\\21.8\\4.5\\-9.9\\21.8\\4.5");
    let beyond = ("CLOSED_PLANAR", "9.9\\20.2\\1.5\\11.4\\20.2\\1.5\\11.4\\21.8\\1.5");
    let unknown = ("CLOSED", "0\\0\\0\\1\\0\\0\\1\\1\\0\\0\\1\\0");
    structures(&[SOUND, tilted, beyond, unknown, ("POINT", "0\\0\\0")]).write(&folder.path("rs.dcm"));
    let told = survey(folder.root());
    let image = loader("{}").load(&request(&folder.path("ct")), &TestHost::new().context()).expect("an image");
    let [outlines] = told.outlines.as_slice() else { panic!("{told:?}") };
    for (region, words) in
        outlines.regions.iter().zip(["", "lies at an angle", "no voxel inside the image", "ContourGeometricType", ""])
    {
        let mut asked = request(&outlines.path);
        asked.role = Role::Segmentation;
        asked.reference = Some(image.images[0].grid);
        asked.selection = Selection { series: Some("1.2.2".into()), regions: vec![format!("#{}", region.number)] };
        let result = loader("{}").load(&asked, &TestHost::new().context());
        let problem = region.problems.get("1.2.2").map_or("", String::as_str);
        assert_eq!(result.is_ok(), problem.is_empty() && !region.empty, "{region:?}");
        assert!(problem.contains(words) && problem.is_empty() == words.is_empty(), "{region:?} {words}");
    }
}

#[test]
fn compressed_slices_with_outlines_are_decoded_before_they_are_told_as_usable() {
    let folder = Folder::new();
    for index in 0..3 {
        let pixels: Vec<u8> = [&[0; 64][..], &[23; 25]].concat();
        let mut stream = pixels;
        stream[0] = 2;
        (stream[4], stream[8]) = (64, 90);
        slice(index).fragments(uids::RLE_LOSSLESS, &[&stream]).write(&folder.path(&format!("ct/{index}")));
    }
    // Nobody has outlines for it: its pixels are not read.
    assert_eq!(survey(folder.root()).series[0].problem, None);
    structures(&[SOUND]).write(&folder.path("rs.dcm"));
    let told = survey(folder.root());
    assert!(told.series[0].problem.as_ref().is_some_and(|problem| problem.contains("cannot be decoded")), "{told:?}");
    assert_eq!(held(&told), [false]);
}

/// A segmentation of one segment on the second slice that names no series.
fn unnamed(label_map: bool) -> File {
    let number = |tag, number: u16| DataElement::new(tag, VR::US, PrimitiveValue::from(number));
    let place = item([(tags::IMAGE_POSITION_PATIENT, VR::DS, "-10\\20\\1.5")]);
    let frame = nested(item([]), tags::PLANE_POSITION_SEQUENCE, vec![place]);
    let identified = InMemDicomObject::from_element_iter([number(tags::REFERENCED_SEGMENT_NUMBER, 1)]);
    let frame = nested(frame, tags::SEGMENT_IDENTIFICATION_SEQUENCE, vec![identified]);
    let measures = item([(tags::PIXEL_SPACING, VR::DS, "1\\0.5"), (tags::SPACING_BETWEEN_SLICES, VR::DS, "1.5")]);
    let orientation = item([(tags::IMAGE_ORIENTATION_PATIENT, VR::DS, "1\\0\\0\\0\\1\\0")]);
    let shared = nested(item([]), tags::PIXEL_MEASURES_SEQUENCE, vec![measures]);
    let shared = nested(shared, tags::PLANE_ORIENTATION_SEQUENCE, vec![orientation]);
    let segment = |n: u16, name: &str| {
        InMemDicomObject::from_element_iter([
            number(tags::SEGMENT_NUMBER, n),
            element(tags::SEGMENT_LABEL, VR::LO, name),
        ])
    };
    let (kind, bits, pixels, class) = match label_map {
        true => ("LABELMAP", 8, vec![0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0], uids::LABEL_MAP_SEGMENTATION_STORAGE),
        false => ("BINARY", 1, vec![0b0110_0000, 0], uids::SEGMENTATION_STORAGE),
    };
    let mut segments = vec![segment(1, "Lesion")];
    if label_map {
        segments.insert(0, segment(0, "Background"));
    }
    slice(1)
        .text(tags::SOP_CLASS_UID, VR::UI, class)
        .text(tags::SERIES_INSTANCE_UID, VR::UI, "1.2.8")
        .text(tags::MODALITY, VR::CS, "SEG")
        .text(tags::SEGMENTATION_TYPE, VR::CS, kind)
        .text(tags::NUMBER_OF_FRAMES, VR::IS, "1")
        .us(tags::BITS_ALLOCATED, bits)
        .us(tags::BITS_STORED, bits)
        .us(tags::HIGH_BIT, bits - 1)
        .us(tags::PIXEL_REPRESENTATION, 0)
        .items(tags::SEGMENT_SEQUENCE, segments)
        .items(tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE, vec![shared])
        .items(tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE, vec![frame])
        .bytes(&pixels)
}

#[test]
fn the_background_of_a_label_map_is_no_region() {
    let folder = Folder::new();
    (0..3).for_each(|index| slice(index).write(&folder.path(&format!("ct/{index}"))));
    unnamed(true).write(&folder.path("seg.dcm"));
    let told = survey(folder.root());
    let regions = &told.outlines[0].regions;
    assert_eq!(regions.iter().map(|region| (region.number, &*region.name)).collect::<Vec<_>>(), [(1, "Lesion")]);
    assert_eq!((told.outlines[0].series.as_deref(), regions[0].problems.len()), (Some("1.2.2"), 0));
}

#[test]
fn outlines_that_name_no_series_are_tried_with_each_that_they_may_belong_to() {
    for frame in [Some("1.2.9"), None] {
        let folder = Folder::new();
        for (series, shift) in [("1.2.2", 0.0), ("1.2.3", 0.0), ("1.2.4", 0.7)] {
            for index in 0..3 {
                let z = 1.5 * index as f64 + shift;
                slice(index)
                    .text(tags::SERIES_INSTANCE_UID, VR::UI, series)
                    .text(tags::SOP_INSTANCE_UID, VR::UI, &format!("{series}.1.{index}"))
                    .at(-10.0, 20.0, z)
                    .write(&folder.path(&format!("{series}/{index}")));
            }
        }
        let seg = unnamed(false).without(tags::FRAME_OF_REFERENCE_UID);
        match frame {
            Some(frame) => seg.text(tags::FRAME_OF_REFERENCE_UID, VR::UI, frame),
            None => seg,
        }
        .write(&folder.path("seg.dcm"));
        let told = survey(folder.root());
        let [outlines] = told.outlines.as_slice() else { panic!("{told:?}") };
        assert_eq!((&outlines.series, outlines.candidates.len()), (&None, 3), "{frame:?}");
        assert_eq!(
            (&*outlines.regions[0].off_grid, outlines.regions[0].problems.len()),
            (&["1.2.4".to_owned()][..], 0)
        );
    }
}
