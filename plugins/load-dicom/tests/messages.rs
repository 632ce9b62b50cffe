//! Messages that say what is the matter and what helps.

mod common;

use common::*;
use dicom_core::VR;
use dicom_dictionary_std::{tags, uids};
use voxomics_sdk::testing::TestHost;

/// The error of a folder that holds only this file.
fn refused(file: &File, words: &[&str]) {
    let folder = Folder::new();
    file.write(&folder.path("file.dcm"));
    let message = error(folder.root());
    assert!(words.iter().all(|word| message.contains(word)), "{words:?} in {message}");
}

#[test]
fn a_syntax_that_converters_do_not_read_is_not_sent_to_them() {
    for (syntax, words) in [
        ("1.2.840.10008.1.2.4.110", ["JPEG XL lossless", "do not read this syntax"]),
        ("1.2.840.10008.1.2.4.112", ["JPEG XL", "do not read this syntax"]),
        ("1.2.840.10008.1.2.8.1", ["deflated image frames", "do not read this syntax"]),
        ("1.2.840.10008.1.2.4.102", ["MPEG-4", "a video"]),
        ("1.2.840.10008.1.2.4.94", ["JPIP", "on a server"]),
        ("1.2.840.10008.1.2.4.92", ["JPEG 2000 part 2", "gdcmconv"]),
    ] {
        let folder = Folder::new();
        let bytes = slice(0).text(tags::SLICE_THICKNESS, VR::DS, "2").to_bytes();
        // The syntax in the file meta information, as long as the one before.
        let before = uids::EXPLICIT_VR_LITTLE_ENDIAN.as_bytes();
        let at = bytes.windows(before.len()).position(|window| window == before).expect("a syntax");
        let length = |text: &str| text.len().next_multiple_of(2);
        let mut uid = syntax.as_bytes().to_vec();
        uid.resize(length(syntax), 0);
        let grown = (uid.len() - length(uids::EXPLICIT_VR_LITTLE_ENDIAN)) as u32;
        let mut changed = [&bytes[..at - 2], &(uid.len() as u16).to_le_bytes(), &uid].concat();
        changed.extend(&bytes[at + length(uids::EXPLICIT_VR_LITTLE_ENDIAN)..]);
        // The length of the group stands at its beginning.
        let group = u32::from_le_bytes(bytes[140..144].try_into().expect("four bytes")) + grown;
        changed[140..144].copy_from_slice(&group.to_le_bytes());
        folder.write("file.dcm", &changed);
        let message = error(folder.root());
        assert!(words.iter().all(|word| message.contains(word)), "{words:?} in {message}");
    }
}

#[test]
fn frames_that_are_encapsulated_and_not_compressed_are_read() {
    let folder = Folder::new();
    for index in 0..3 {
        let bytes: Vec<u8> = (0..12).flat_map(|i| (12 * index + i - 100_i16).to_le_bytes()).collect();
        let file = slice(index as usize).fragments("1.2.840.10008.1.2.1.98", &[&bytes]);
        file.write(&folder.path(&index.to_string()));
    }
    assert_eq!(values(&load(folder.root()).expect("a series")), counted(3));
    let short = slice(1).fragments("1.2.840.10008.1.2.1.98", &[&[1; 22]]);
    short.write(&folder.path("1"));
    assert!(error(folder.root()).contains("it has 22 bytes, expected 24"), "{}", error(folder.root()));
}

#[test]
fn a_transfer_syntax_that_is_another_than_it_says_is_named() {
    for (own, other, words) in [
        (
            uids::EXPLICIT_VR_LITTLE_ENDIAN,
            uids::IMPLICIT_VR_LITTLE_ENDIAN,
            "are implicit, but the data set is written with explicit",
        ),
        (
            uids::IMPLICIT_VR_LITTLE_ENDIAN,
            uids::EXPLICIT_VR_LITTLE_ENDIAN,
            "are explicit, but the data set is written with implicit",
        ),
    ] {
        let folder = Folder::new();
        let [mut from, mut to] = [own, other].map(|uid| slice(0).syntax(uid).to_bytes());
        let data = |bytes: &[u8]| 144 + u32::from_le_bytes(bytes[140..144].try_into().expect("four bytes")) as usize;
        let (at, end) = (data(&from), data(&to));
        to.truncate(end);
        to.extend(from.drain(at..));
        folder.write("0.dcm", &to);
        let message = error(folder.root());
        assert!(message.contains(words) && message.contains("TransferSyntaxUID"), "{message}");
    }
}

#[test]
fn what_is_no_slice_by_its_nature_gets_no_advice_to_export_it_again() {
    let flat = |class: &str| {
        let file = slice(0).text(tags::SOP_CLASS_UID, VR::UI, class);
        file.without(tags::IMAGE_POSITION_PATIENT).without(tags::IMAGE_ORIENTATION_PATIENT)
    };
    let screen = flat(uids::SECONDARY_CAPTURE_IMAGE_STORAGE).without(tags::PIXEL_SPACING);
    refused(&screen, &["size of a pixel is not known", "Secondary Capture", "choose the series"]);
    for class in ["12.1", "12.2"] {
        let class = format!("1.2.840.10008.5.1.4.1.1.{class}");
        refused(&flat(&class), &["no place in the patient", "projections"]);
    }
    refused(
        &flat(uids::VL_WHOLE_SLIDE_MICROSCOPY_IMAGE_STORAGE),
        &["no place in the patient", "VL Whole Slide Microscopy Image Storage", "is not read"],
    );
    let folder = Folder::new();
    slice(0).text(tags::SOP_CLASS_UID, VR::UI, uids::RT_DOSE_STORAGE).write(&folder.path("dose.dcm"));
    let message = error(&folder.path("dose.dcm"));
    assert!(message.contains("dose distribution") && message.contains("doses are not read"), "{message}");
}

#[test]
fn screens_are_set_aside_and_a_directory_is_nothing() {
    let folder = Folder::new();
    folder.series(3);
    let screen = |uid: &str| slice(0).text(tags::SERIES_INSTANCE_UID, VR::UI, uid);
    let summary = screen("1.3.1").text(tags::SERIES_DESCRIPTION, VR::LO, "Exam Summary");
    summary.clone().without(tags::IMAGE_POSITION_PATIENT).write(&folder.path("summary"));
    // With a place, but without a thickness.
    summary.text(tags::SERIES_INSTANCE_UID, VR::UI, "1.3.2").write(&folder.path("placed"));
    let record = item([(tags::DIRECTORY_RECORD_TYPE, VR::CS, "PATIENT")]);
    let mut directory = screen("1.3.3").items(tags::DIRECTORY_RECORD_SEQUENCE, vec![record]);
    for tag in [tags::PIXEL_DATA, tags::ROWS, tags::COLUMNS, tags::MODALITY] {
        directory = directory.without(tag);
    }
    // The class of a DICOMDIR stands in the file meta information alone, and is none of an image.
    directory.write(&folder.path("DICOMDIR"));
    let told = survey(folder.root());
    let series: Vec<(&str, bool)> = told.series.iter().map(|one| (&*one.uid, one.problem.is_some())).collect();
    assert_eq!(series, [("1.2.2", false)], "{told:?}");
    assert_eq!((told.aside.len(), told.others.len(), told.foreign), (2, 0, 1), "{told:?}");
    assert_eq!(values(&load(folder.root()).expect("a series")).len(), 36);
}

#[test]
fn a_rescale_for_each_slice_is_no_damage_and_one_odd_slice_is() {
    let warnings = |slope: &dyn Fn(usize) -> String| {
        let folder = Folder::new();
        for index in 0..8 {
            let file = slice(index).text(tags::RESCALE_SLOPE, VR::DS, &slope(index));
            file.write(&folder.path(&index.to_string()));
        }
        let host = TestHost::new();
        load_with("{}", folder.root(), &host).expect("a series");
        host.warnings().join("\n")
    };
    assert_eq!(warnings(&|index| format!("{}", index + 1)), "");
    let odd = warnings(&|index| if index == 3 { "2" } else { "1" }.into());
    assert!(odd.contains("1 of 8 slices may be damaged"), "{odd}");
}
