//! Series that are no even stack, or more than one.

mod common;

use common::*;
use dicom_core::VR;
use dicom_dictionary_std::{tags, uids};
use voxomics_sdk::Loader as _;
use voxomics_sdk::testing::TestHost;

/// A folder with five slices, of which `change` makes others; `None` leaves a slice out.
fn changed(change: impl Fn(usize, File) -> Option<File>) -> Folder {
    let folder = Folder::new();
    for index in 0..5 {
        if let Some(file) = change(index, slice(index)) {
            file.write(&folder.path(&format!("{index}.dcm")));
        }
    }
    folder
}

fn says(folder: &Folder, parts: &[&str]) {
    let message = error(folder.root());
    for part in parts {
        assert!(message.contains(part), "\"{part}\" in \"{message}\"");
    }
}

#[test]
fn a_missing_slice_is_named() {
    let folder = changed(|index, file| (index != 2).then_some(file));
    says(&folder, &["1 slice is missing between 1.dcm at 1.500 mm and 3.dcm at 4.500 mm", "3.000 mm apart"]);
    let host = TestHost::new();
    let lax = load_with(r#"{"spacing_tolerance_mm": 10}"#, folder.root(), &host);
    assert!(lax.unwrap_err().to_string().contains("missing"), "no tolerance makes up for a slice");
}

#[test]
fn a_slice_twice_is_named_with_what_tells_them_apart() {
    let folder = changed(|index, file| match index {
        3 => Some(file.at(-10.0, 20.0, 3.0).text(tags::ECHO_NUMBERS, VR::IS, "2")),
        _ => Some(file.text(tags::ECHO_NUMBERS, VR::IS, "1")),
    });
    says(&folder, &["two slices at the same place", "2.dcm and 3.dcm", "EchoNumbers (0018,0086): \"1\" and \"2\""]);
}

#[test]
fn a_copy_of_a_file_is_left_out_with_a_warning() {
    let folder = changed(|_, file| Some(file));
    std::fs::copy(folder.path("2.dcm"), folder.path("copy of 2.dcm")).unwrap();
    let host = TestHost::new();
    assert_eq!(values(&load_with("{}", folder.root(), &host).unwrap()), counted(5));
    assert!(host.warnings()[0].contains("copy of 2.dcm is a copy"), "{:?}", host.warnings());
}

#[test]
fn copies_of_all_files_are_left_out_together() {
    let folder = changed(|_, file| Some(file));
    for index in 0..5 {
        for copy in ["a", "b"] {
            std::fs::copy(folder.path(&format!("{index}.dcm")), folder.path(&format!("{index}{copy}.dcm"))).unwrap();
        }
    }
    let host = TestHost::new();
    assert_eq!(values(&load_with("{}", folder.root(), &host).unwrap()), counted(5));
    assert!(host.warnings()[0].contains("10 files, ") && host.warnings()[0].contains("0a.dcm the first"));
    // Among copies, one with other pixels is still found.
    slice(3).words(&[0; 12]).write(&folder.path("3b.dcm"));
    says(&folder, &["two slices at the same place", "3.dcm and 3b.dcm"]);
}

#[test]
fn a_copy_in_another_syntax_is_left_out_and_other_pixels_are_not() {
    let folder = changed(|_, file| Some(file));
    let other = slice(2).syntax(uids::IMPLICIT_VR_LITTLE_ENDIAN).text(tags::PATIENT_ID, VR::LO, "another name");
    other.write(&folder.path("other.dcm"));
    assert_eq!(values(&load(folder.root()).unwrap()), counted(5));
    other.clone().text(tags::RESCALE_INTERCEPT, VR::DS, "0").write(&folder.path("other.dcm"));
    says(&folder, &["two slices at the same place", "2.dcm and other.dcm"]);
    other.words(&[0; 12]).write(&folder.path("other.dcm"));
    says(&folder, &["two slices at the same place", "2.dcm and other.dcm"]);
}

#[test]
fn uneven_slices_are_refused_beyond_the_tolerance() {
    let folder = changed(|index, file| Some(if index == 3 { file.at(-10.0, 20.0, 4.55) } else { file }));
    says(&folder, &["uneven slices: 2.dcm and 3.dcm are 1.5500 mm apart, expected 1.5000 mm within 0.0115 mm"]);
    let loaded = load_with(r#"{"spacing_tolerance_mm": 0.1}"#, folder.root(), &TestHost::new()).unwrap();
    assert_eq!(loaded.images[0].grid.spacing[2], 1.5);
    let drifting = changed(|index, file| Some(file.at(-10.0, 20.0, 1.5 * index as f64 + 0.001 * (index % 2) as f64)));
    assert_eq!(load(drifting.root()).unwrap().images[0].grid.spacing[2], 1.5);
}

#[test]
fn a_tilted_gantry_is_named_in_degrees() {
    let folder = changed(|index, file| Some(file.at(-10.0, 20.0 + 0.5 * index as f64, 1.5 * index as f64)));
    // atan(0.5 / 1.5)
    says(&folder, &["gantry tilt of 18.435 degrees", "2.000 mm aside"]);
}

#[test]
fn slices_that_do_not_fit_together_are_named() {
    let with = |tag, text: &'static str| {
        changed(move |i, file| Some(if i == 2 { file.text(tag, VR::DS, text) } else { file }))
    };
    says(&with(tags::IMAGE_ORIENTATION_PATIENT, "0\\1\\0\\0\\0\\-1"), &["two orientations in one series", "2.dcm"]);
    says(&with(tags::PIXEL_SPACING, "1\\0.6"), &["different PixelSpacing", "[1.0, 0.5]", "[1.0, 0.6]"]);
    says(&with(tags::IMAGE_ORIENTATION_PATIENT, "1.1\\0\\0\\0\\1\\0"), &["a direction of length 1.1", "2.dcm"]);
    says(&with(tags::IMAGE_ORIENTATION_PATIENT, "1\\0\\0\\0.1\\0.995\\0"), &["cosine of 0.1"]);
    says(&with(tags::IMAGE_POSITION_PATIENT, "1\\2"), &["ImagePositionPatient", "2 numbers", "3 numbers"]);
    says(&with(tags::PIXEL_SPACING, "1\\0"), &["PixelSpacing", "two positive numbers"]);
    says(&with(tags::RESCALE_TYPE, "US"), &["RescaleType (0028,1054) is \"US\""]);
    says(&with(tags::FRAME_OF_REFERENCE_UID, "1.2.10"), &["FrameOfReferenceUID"]);
    let folder = changed(|i, file| Some(if i == 2 { file.us(tags::ROWS, 2).us(tags::COLUMNS, 6) } else { file }));
    says(&folder, &["slices of different size", "[3, 4]", "[2, 6]"]);
    let folder = changed(|i, file| Some(if i == 2 { file.us(tags::PIXEL_REPRESENTATION, 0) } else { file }));
    says(&folder, &["type u16, expected i16"]);
}

#[test]
fn a_single_slice_needs_a_thickness() {
    let folder = Folder::new();
    slice(0).write(&folder.path("0"));
    says(&folder, &["a single slice without SpacingBetweenSlices and SliceThickness"]);
    slice(0).text(tags::SLICE_THICKNESS, VR::DS, "2.5").write(&folder.path("0"));
    assert_eq!(load(folder.root()).unwrap().images[0].grid.spacing, [0.5, 1.0, 2.5]);
}

#[test]
fn several_series_have_to_be_told_apart() {
    let folder = Folder::new();
    folder.series(3);
    for index in 0..2 {
        slice(index).text(tags::SERIES_INSTANCE_UID, VR::UI, "1.2.55").write(&folder.path(&format!("b{index}")));
    }
    says(&folder, &["2 series of images", "1.2.2 (CT, \"thorax\", 3 files)", "1.2.55 (CT, \"thorax\", 2 files)"]);
    let pick = |uid: &str| {
        let mut asked = request(folder.root());
        asked.selection.series = Some(uid.into());
        loader("{}").load(&asked, &TestHost::new().context())
    };
    assert_eq!(values(&pick("1.2.55").unwrap()), counted(2));
    assert!(pick("1.2.56").unwrap_err().to_string().contains("no series 1.2.56"));
}

#[test]
fn localisers_are_not_slices() {
    let folder = Folder::new();
    folder.series(3);
    let scout = |uid| {
        slice(9)
            .text(tags::IMAGE_TYPE, VR::CS, "ORIGINAL\\PRIMARY\\LOCALIZER")
            .text(tags::IMAGE_ORIENTATION_PATIENT, VR::DS, "0\\1\\0\\0\\0\\-1")
            .text(tags::SERIES_INSTANCE_UID, VR::UI, uid)
    };
    scout("1.2.2").write(&folder.path("scout"));
    scout("1.2.70").write(&folder.path("scout of its own series"));
    let host = TestHost::new();
    assert_eq!(values(&load_with("{}", folder.root(), &host).unwrap()), counted(3));
    assert!(host.warnings()[0].contains("1 localiser (ImageType)"), "{:?}", host.warnings());
}

#[test]
fn screenshots_are_not_slices_and_slices_without_a_place_are_not_screenshots() {
    let folder = Folder::new();
    folder.series(3);
    let nowhere = [tags::IMAGE_POSITION_PATIENT, tags::IMAGE_ORIENTATION_PATIENT, tags::FRAME_OF_REFERENCE_UID]
        .into_iter()
        .fold(slice(9), File::without);
    let capture = nowhere.clone().text(tags::SOP_CLASS_UID, VR::UI, uids::SECONDARY_CAPTURE_IMAGE_STORAGE);
    let coloured = nowhere.clone().us(tags::SAMPLES_PER_PIXEL, 3).text(tags::PHOTOMETRIC_INTERPRETATION, VR::CS, "RGB");
    capture.write(&folder.path("report"));
    coloured.write(&folder.path("screen"));
    let host = TestHost::new();
    assert_eq!(values(&load_with("{}", folder.root(), &host).unwrap()), counted(3));
    assert!(host.warnings()[0].contains("2 screenshots"), "{:?}", host.warnings());
    assert_eq!(survey(folder.root()).series[0].files, 5);
    nowhere.text(tags::FRAME_OF_REFERENCE_UID, VR::UI, "1.2.9").write(&folder.path("slice"));
    says(&folder, &["slice: ImagePositionPatient (0020,0032) is missing"]);
}

#[test]
fn a_damaged_file_is_never_left_out() {
    let folder = Folder::new();
    folder.series(3);
    let bytes = slice(3).to_bytes();
    for cut in [0, 100, 131, 140, 400, bytes.len() - 1] {
        folder.write("3.dcm", &bytes[..cut]);
        says(&folder, &["3.dcm"]);
    }
}

#[test]
fn a_slice_of_another_patient_is_named() {
    let folder = changed(|index, file| match index {
        3 => Some(file.text(tags::PATIENT_ID, VR::LO, "somebody")),
        // Who does not say whose it is contradicts nobody.
        1 => Some(file.without(tags::PATIENT_ID)),
        _ => Some(file),
    });
    says(&folder, &["3.dcm", "PatientID", "\"somebody\"", "\"patient\", as in the other slices"]);
}

#[test]
fn a_slice_of_a_ct_with_another_scaling_is_told_of() {
    for (modality, is_told) in [("CT", true), ("MR", false)] {
        let folder = changed(|index, file| {
            let file = file.text(tags::MODALITY, VR::CS, modality);
            Some(if index == 3 { file.text(tags::RESCALE_INTERCEPT, VR::DS, "0") } else { file })
        });
        let host = TestHost::new();
        load_with("{}", folder.root(), &host).unwrap();
        let told = host.warnings().join("\n");
        let words = ["3.dcm", "are 1 and 0 in", "but 1 and -1024 in most", "1 of 5 slices"];
        assert_eq!(words.iter().all(|word| told.contains(word)), is_told, "{told}");
    }
}

#[test]
fn places_count_against_the_distance_that_is_stated_and_it_is_said() {
    // Slices are 1.5 mm apart.
    for (stated, words) in [
        ("1.5", None),
        ("-1.5", None),
        ("1.51", None),
        ("0.75", Some("1.5000 mm apart by their places, which count: are slices missing?")),
        ("3", Some("SpacingBetweenSlices says 3 mm, but the slices are 1.5000 mm apart by their places, which count")),
    ] {
        let folder = changed(|_, file| Some(file.text(tags::SPACING_BETWEEN_SLICES, VR::DS, stated)));
        let host = TestHost::new();
        let loaded = load_with("{}", folder.root(), &host).unwrap();
        assert_eq!(loaded.images[0].grid.spacing[2], 1.5);
        let told = survey(folder.root()).series[0].warnings.clone();
        assert_eq!(host.warnings().len(), usize::from(words.is_some()), "{stated}: {:?}", host.warnings());
        assert!(words.is_none_or(|words| host.warnings()[0].contains(words) && told[0].contains(words)), "{told:?}");
    }
    // Every second slice is missing.
    let folder =
        changed(|index, file| (index % 2 == 0).then_some(file.text(tags::SPACING_BETWEEN_SLICES, VR::DS, "1.5")));
    let host = TestHost::new();
    load_with("{}", folder.root(), &host).unwrap();
    assert!(host.warnings()[0].contains("3.0000 mm apart") && host.warnings()[0].contains("missing?"));
}

#[test]
fn a_series_has_one_modality() {
    let folder = changed(|index, file| Some(if index == 3 { file.text(tags::MODALITY, VR::CS, "MR") } else { file }));
    says(&folder, &["3.dcm", "Modality (0008,0060) is \"MR\", expected \"CT\", as in the other slices of the series"]);
}

#[test]
fn a_ct_of_two_scalings_is_told_of_also_if_each_has_half_of_it() {
    let folder = Folder::new();
    for index in 0..4 {
        let intercept = if index < 2 { "0" } else { "-1024" };
        slice(index).text(tags::RESCALE_INTERCEPT, VR::DS, intercept).write(&folder.path(&format!("{index}.dcm")));
    }
    let host = TestHost::new();
    load_with("{}", folder.root(), &host).unwrap();
    assert!(host.warnings()[0].contains("2 of 4 slices may be damaged"), "{:?}", host.warnings());
}
