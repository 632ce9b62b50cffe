//! Series that hold several volumes at the same places.

mod common;

use std::f64::consts::FRAC_1_SQRT_2;

use common::*;
use dicom_core::{Tag, VR};
use dicom_dictionary_std::{tags, uids};
use voxomics_sdk::testing::TestHost;
use voxomics_sdk::{Loaded, Loader as _};

/// Slice `index` of volume `volume` of an MR: all its pixels are 100·volume + index.
fn frame(volume: u16, index: usize) -> File {
    let value = 100 * volume + index as u16;
    slice(index)
        .text(tags::SOP_CLASS_UID, VR::UI, uids::MR_IMAGE_STORAGE)
        .text(tags::SOP_INSTANCE_UID, VR::UI, &format!("1.2.3.{volume}.{index}"))
        .text(tags::MODALITY, VR::CS, "MR")
        .text(tags::INSTANCE_NUMBER, VR::IS, &value.to_string())
        .text(tags::CONTENT_TIME, VR::TM, &format!("1000{:02}.{value:03}", index + 10))
        .words(&[value; 12])
}

/// A folder with volumes of so many slices; `change` says what tells a slice from those of other volumes, `None` leaves it
/// out.
fn folder(slices: &[usize], change: impl Fn(u16, usize, File) -> Option<File>) -> Folder {
    let folder = Folder::new();
    for (volume, count) in (0..).zip(slices) {
        for index in 0..*count {
            if let Some(file) = change(volume, index, frame(volume, index)) {
                file.write(&folder.path(&format!("{volume}-{index}.dcm")));
            }
        }
    }
    folder
}

fn pick_with(json: &str, folder: &Folder, volume: &str, host: &TestHost) -> Result<Loaded, String> {
    let mut asked = request(folder.root());
    asked.selection.series = Some(format!("1.2.2/{volume}"));
    loader(json).load(&asked, &host.context()).map_err(|error| error.to_string())
}

fn pick(folder: &Folder, volume: &str) -> Result<Loaded, String> {
    pick_with("{}", folder, volume, &TestHost::new())
}

/// The value of each slice of a volume.
fn taken(folder: &Folder, volume: &str) -> Vec<i16> {
    let loaded = pick(folder, volume).unwrap();
    let values = values(&loaded);
    assert!(values.chunks(12).all(|slice| slice.iter().all(|value| *value == slice[0])));
    values.chunks(12).map(|slice| slice[0]).collect()
}

/// What a survey calls the volumes, each with its number of slices, if it is sound.
fn told(folder: &Folder) -> Vec<(String, Option<u64>)> {
    let series = survey(folder.root()).series.into_iter();
    series.map(|series| (series.uid, series.dims.map(|dims| dims[2]))).collect()
}

/// The names of volumes of so many slices as a survey tells them.
fn named(names: &[&str], slices: u64) -> Vec<(String, Option<u64>)> {
    names.iter().map(|name| (format!("1.2.2/{name}"), Some(slices))).collect()
}

fn by(tag: Tag, vr: VR, texts: &'static [&'static str]) -> impl Fn(u16, usize, File) -> Option<File> {
    move |volume, _, file| Some(file.text(tag, vr, texts[usize::from(volume)]))
}

#[test]
fn phases_are_told_apart_and_chosen() {
    let folder = folder(&[4, 4, 4], by(tags::TEMPORAL_POSITION_IDENTIFIER, VR::IS, &["2", "10", "1"]));
    let names = [1, 2, 10].map(|phase| format!("TemporalPositionIdentifier={phase}"));
    assert_eq!(told(&folder), named(&names.each_ref().map(String::as_str), 4));
    assert_eq!(taken(&folder, "TemporalPositionIdentifier=1"), [200, 201, 202, 203]);
    assert_eq!(taken(&folder, "TemporalPositionIdentifier=2"), [0, 1, 2, 3]);
    assert_eq!(taken(&folder, "TemporalPositionIdentifier=10"), [100, 101, 102, 103]);
    let loaded = pick(&folder, "TemporalPositionIdentifier=10").unwrap();
    assert_eq!((&loaded.metadata["TemporalPositionIdentifier"], loaded.images[0].grid.spacing[2]), (&10.0.into(), 1.5));
    assert_eq!(loaded.metadata["SeriesInstanceUID"], "1.2.2");
    // A survey and a load say the same of every volume.
    for series in survey(folder.root()).series {
        let loaded = pick(&folder, &series.uid["1.2.2/".len()..]).unwrap();
        let grid = loaded.images[0].grid;
        assert_eq!((series.dims, series.spacing, series.files), (Some(grid.dims), Some(grid.spacing), 4));
        assert_eq!((series.attributes, series.folder.as_path()), (loaded.metadata, folder.root()));
    }
}

#[test]
fn without_a_choice_there_is_a_list_and_a_wrong_one_is_refused() {
    let folder = folder(&[2; 25], |volume, _, file| {
        Some(file.text(tags::TEMPORAL_POSITION_IDENTIFIER, VR::IS, &(volume + 1).to_string()))
    });
    let mut asked = request(folder.root());
    asked.selection.series = Some("1.2.2".into());
    let plain = loader("{}").load(&asked, &TestHost::new().context()).unwrap_err().to_string();
    assert_eq!(plain, error(folder.root()));
    let of_file = error(&folder.path("3-0.dcm"));
    assert!(of_file.ends_with(plain.split_once(": ").unwrap().1), "a file stands for its series: {of_file}");
    for words in [
        "the series 1.2.2 has 25 volumes at the same places, which differ in TemporalPositionIdentifier (0020,0100)",
        "name one of: 1.2.2/TemporalPositionIdentifier=1; 1.2.2/TemporalPositionIdentifier=2; ",
        "TemporalPositionIdentifier=20; 5 more",
    ] {
        assert!(plain.contains(words), "{words} is not in {plain}");
    }
    for wrong in ["TemporalPositionIdentifier=26", "TemporalPositionIdentifier=1,EchoNumbers=1", "EchoNumbers=1", ""] {
        let message = pick(&folder, wrong).unwrap_err();
        let expected =
            format!("there is no volume 1.2.2/{wrong}, expected one of: 1.2.2/TemporalPositionIdentifier=1; ");
        assert!(message.contains(&expected), "{message}");
    }
    let one = Folder::new();
    one.series(3);
    let message = pick(&one, "EchoNumbers=1").unwrap_err();
    assert!(message.contains("one volume, expected 1.2.2"), "{message}");
}

#[test]
fn directions_are_named_only_where_a_b_value_has_several() {
    let folder = folder(&[3; 4], |volume, _, file| {
        let b = ["0", "800", "800", "800"][usize::from(volume)];
        let file = file.element(number(tags::DIFFUSION_B_VALUE, &[b.parse().unwrap()]));
        Some(match volume {
            0 => file,
            _ => file.element(number(
                tags::DIFFUSION_GRADIENT_ORIENTATION,
                &[[1.0, 0.0, 0.0], [-0.0, 0.6, 0.8], [0.0, FRAC_1_SQRT_2, FRAC_1_SQRT_2]][usize::from(volume) - 1],
            )),
        })
    });
    let of_800 = |direction: &str| format!("DiffusionBValue=800,DiffusionGradientOrientation={direction}");
    let directions = ["0\\0.6\\0.8", "0\\0.7071\\0.7071", "1\\0\\0"].map(of_800);
    let [a, b, c] = directions.each_ref().map(String::as_str);
    assert_eq!(told(&folder), named(&["DiffusionBValue=0", a, b, c], 3));
    assert_eq!(taken(&folder, "DiffusionBValue=0"), [0, 1, 2]);
    assert_eq!((taken(&folder, a), taken(&folder, b)), (vec![200, 201, 202], vec![300, 301, 302]));
    assert_eq!(taken(&folder, c), [100, 101, 102]);
    assert_eq!(pick(&folder, a).unwrap().metadata["DiffusionBValue"], 800.0);
}

/// Numbers in double precision.
fn number(tag: Tag, numbers: &[f64]) -> dicom_core::DataElement<dicom_object::InMemDicomObject> {
    let value = dicom_core::PrimitiveValue::F64(numbers.iter().copied().collect());
    dicom_core::DataElement::new(tag, VR::FD, value)
}

/// Two echoes, each as magnitude and as phase in another unit, on another scale and of another type.
fn echoes(volume: u16, file: File) -> File {
    let file = file.text(tags::ECHO_NUMBERS, VR::IS, ["1", "1", "2", "2"][usize::from(volume)]);
    match volume % 2 {
        0 => file.text(tags::IMAGE_TYPE, VR::CS, "ORIGINAL\\PRIMARY\\M\\ND"),
        _ => file
            .text(tags::IMAGE_TYPE, VR::CS, "ORIGINAL\\PRIMARY\\P\\ND")
            .text(tags::RESCALE_SLOPE, VR::DS, "2")
            .text(tags::RESCALE_INTERCEPT, VR::DS, "-4096")
            .text(tags::RESCALE_TYPE, VR::LO, "rad")
            .us(tags::PIXEL_REPRESENTATION, 0),
    }
}

#[test]
fn magnitude_and_phase_of_two_echoes_keep_their_units() {
    let folder = folder(&[3; 4], |volume, _, file| Some(echoes(volume, file)));
    let names = [(1, 'M'), (1, 'P'), (2, 'M'), (2, 'P')]
        .map(|(echo, kind)| format!("EchoNumbers={echo},ImageType=ORIGINAL\\PRIMARY\\{kind}\\ND"));
    assert_eq!(told(&folder), named(&names.each_ref().map(String::as_str), 3));
    for (volume, name) in (0..).zip(&names) {
        assert_eq!(taken(&folder, name), [0, 1, 2].map(|index| 100 * volume + index));
        let loaded = pick(&folder, name).unwrap();
        let scaling = &loaded.images[0].scaling;
        let expected = if volume % 2 == 0 { (1.0, -1024.0) } else { (2.0, -4096.0) };
        assert_eq!((scaling.len(), (scaling[0].slope, scaling[0].intercept)), (1, expected));
        assert_eq!(loaded.metadata["ImageType"], name.split('=').next_back().unwrap());
    }
    // Within a volume, units and types still have to agree.
    echoes(1, frame(1, 1)).text(tags::RESCALE_TYPE, VR::LO, "deg").write(&folder.path("1-1.dcm"));
    let message = pick(&folder, &names[1]).unwrap_err();
    assert!(message.contains(&names[1]) && message.contains("RescaleType (0028,1054) is \"deg\""), "{message}");
    assert_eq!(taken(&folder, &names[0]), [0, 1, 2]);
}

#[test]
fn a_slice_that_is_missing_is_the_fault_of_its_volume_alone() {
    let phases = by(tags::TEMPORAL_POSITION_IDENTIFIER, VR::IS, &["1", "2"]);
    let folder =
        folder(&[6, 6], |volume, index, file| phases(volume, index, file).filter(|_| (volume, index) != (1, 2)));
    assert_eq!(taken(&folder, "TemporalPositionIdentifier=1"), [0, 1, 2, 3, 4, 5]);
    let message = pick(&folder, "TemporalPositionIdentifier=2").unwrap_err();
    for words in ["volume 1.2.2/TemporalPositionIdentifier=2: 1 slice is missing between 1-1.dcm", "1-3.dcm"] {
        assert!(message.contains(words), "{message}");
    }
    let series = survey(folder.root()).series;
    assert_eq!((series[0].dims, &series[0].problem), (Some([4, 3, 6]), &None));
    assert!(series[1].dims.is_none() && series[1].problem.as_ref() == Some(&message), "{series:?}");
    // Every other slice lost: an even stack, but not the one that was acquired.
    for index in [0, 4] {
        std::fs::remove_file(folder.path(&format!("1-{index}.dcm"))).unwrap();
    }
    let message = pick(&folder, "TemporalPositionIdentifier=2").unwrap_err();
    assert!(message.contains("volume 1.2.2/TemporalPositionIdentifier=2: 2 slices are missing"), "{message}");
    std::fs::remove_file(folder.path("1-3.dcm")).unwrap();
    slice(3).write(&folder.path("1-3.dcm"));
    assert!(error(folder.root()).contains("two slices at the same place"), "what says nothing is no phase 2");
}

#[test]
fn a_volume_that_was_cut_short_is_loaded_with_a_warning() {
    let folder = folder(&[5, 5, 2], by(tags::ACQUISITION_NUMBER, VR::IS, &["1", "2", "3"]));
    let host = TestHost::new();
    pick_with("{}", &folder, "AcquisitionNumber=2", &host).unwrap();
    assert!(host.warnings().is_empty(), "{:?}", host.warnings());
    assert_eq!(pick_with("{}", &folder, "AcquisitionNumber=3", &host).unwrap().images[0].grid.dims, [4, 3, 2]);
    let expected = "volume 1.2.2/AcquisitionNumber=3 has 2 of the 5 slices of the series";
    assert!(host.warnings()[0].contains(expected), "{:?}", host.warnings());
}

/// That a series is refused as one in which two slices are at the same place.
fn refused(slices: &[usize], change: impl Fn(u16, usize, File) -> Option<File>) -> String {
    let folder = folder(slices, change);
    let message = error(folder.root());
    assert!(message.contains("two slices at the same place"), "{message}");
    let series = survey(folder.root()).series;
    assert_eq!((series.len(), series[0].uid.as_str(), series[0].problem.as_ref()), (1, "1.2.2", Some(&message)));
    message
}

#[test]
fn what_no_attribute_explains_stays_refused() {
    // ContentTime and InstanceNumber have a value for each slice.
    let message = refused(&[4, 4], |_, _, file| Some(file));
    assert!(message.contains("0-0.dcm and 1-0.dcm, which differ in ContentTime (0008,0033)"), "{message}");
    refused(&[4, 4], |_, _, file| Some(file.without(tags::CONTENT_TIME)));
    // One slice of another series.
    refused(&[4, 4], |volume, index, file| (volume == 0 || index == 2).then_some(file));
    // Odd and even slices were acquired one after the other, twice: each half is an even stack.
    refused(&[4, 4], |volume, index, file| {
        let number = usize::from(volume) * 2 + index % 2;
        Some(file.text(tags::ACQUISITION_NUMBER, VR::IS, &number.to_string()))
    });
    // The same beside a whole volume.
    refused(&[8, 8], |volume, index, file| {
        let number = usize::from(volume) * (1 + index % 2);
        Some(file.text(tags::ACQUISITION_NUMBER, VR::IS, &number.to_string()))
    });
    // Gates of which the last has a slice of another time.
    refused(&[4, 4, 4], |volume, index, file| {
        let time = 33 * volume + u16::from(volume == 2 && index == 3);
        Some(file.text(tags::TRIGGER_TIME, VR::DS, &time.to_string()))
    });
    // Gates that differ a little from slice to slice.
    refused(&[4, 4], |volume, index, file| {
        let time = f64::from(volume) * (40.0 + index as f64);
        Some(file.text(tags::TRIGGER_TIME, VR::DS, &time.to_string()).text(tags::SLICE_THICKNESS, VR::DS, "1.5"))
    });
    // A number for every four slices, wherever they are.
    refused(&[8, 8], |volume, index, file| {
        let number = (usize::from(volume) * 8 + index) / 4;
        Some(file.text(tags::TEMPORAL_POSITION_IDENTIFIER, VR::IS, &number.to_string()))
    });
    // Volumes by the clock, of which each has slices of both echoes.
    refused(&[4, 4], |volume, index, file| {
        let echo = (usize::from(volume) + usize::from(index == 1)) % 2;
        let file = file.text(tags::ECHO_NUMBERS, VR::IS, &echo.to_string()).without(tags::CONTENT_TIME);
        let time = if volume == 0 { "100000" } else { "100100" };
        Some(if index == 3 { file.without(tags::ECHO_NUMBERS) } else { file }.text(
            tags::ACQUISITION_TIME,
            VR::TM,
            time,
        ))
    });
}

#[test]
fn clock_times_part_volumes_if_nothing_else_does() {
    let folder = folder(&[3, 3], by(tags::ACQUISITION_TIME, VR::TM, &["100000.5", "100230"]));
    assert_eq!(told(&folder), named(&["AcquisitionTime=100000.5", "AcquisitionTime=100230"], 3));
    assert_eq!(taken(&folder, "AcquisitionTime=100230"), [100, 101, 102]);
}

#[test]
fn times_of_one_slice_are_chosen_by_what_is_meant_to_tell_them_apart() {
    let cine = |thick: bool| {
        folder(&[1; 4], move |volume, _, file| {
            let file = file.text(tags::TRIGGER_TIME, VR::DS, &format!("{}", 33.25 * f64::from(volume)));
            Some(if thick { file.text(tags::SLICE_THICKNESS, VR::DS, "6") } else { file })
        })
    };
    let folder = cine(true);
    let names = ["TriggerTime=0", "TriggerTime=33.25", "TriggerTime=66.5", "TriggerTime=99.75"];
    assert_eq!(told(&folder), named(&names, 1));
    assert_eq!(taken(&folder, names[2]), [200]);
    assert_eq!(pick(&folder, names[2]).unwrap().images[0].grid.spacing, [0.5, 1.0, 6.0]);
    assert!(error(cine(false).root()).contains("two slices at the same place"), "nothing tells how thick they are");
    // The time at which a file was written tells nothing of a single slice.
    refused(&[1, 1, 1], |_, _, file| Some(file.text(tags::SLICE_THICKNESS, VR::DS, "6")));
}

#[test]
fn copies_do_not_hide_the_volumes() {
    let folder = folder(&[3, 3], by(tags::ECHO_NUMBERS, VR::IS, &["1", "2"]));
    for (volume, index) in [(0, 0), (0, 1), (1, 2)] {
        let [from, to] = ["", " copy"].map(|end| folder.path(&format!("{volume}-{index}{end}.dcm")));
        std::fs::copy(from, to).unwrap();
    }
    let host = TestHost::new();
    pick_with("{}", &folder, "EchoNumbers=2", &host).unwrap();
    assert!(
        host.warnings()[0].contains("3 files, ") && host.warnings()[0].contains("are copies"),
        "{:?}",
        host.warnings()
    );
    assert_eq!(taken(&folder, "EchoNumbers=2"), [100, 101, 102]);
}

#[test]
fn faults_of_the_whole_series_stay_faults_of_the_whole_series() {
    let echoes = by(tags::ECHO_NUMBERS, VR::IS, &["1", "2"]);
    let broken = |change: fn(File) -> File| {
        let folder = folder(&[3, 3], |volume, index, file| {
            let file = echoes(volume, index, file)?;
            Some(if volume == 1 { change(file) } else { file })
        });
        (error(folder.root()), pick(&folder, "EchoNumbers=1").unwrap_err())
    };
    for (words, change) in [
        (
            "two orientations",
            (|f| f.text(tags::IMAGE_ORIENTATION_PATIENT, VR::DS, "0\\1\\0\\0\\0\\-1")) as fn(File) -> File,
        ),
        ("different PixelSpacing", |f| f.text(tags::PIXEL_SPACING, VR::DS, "2\\2")),
        ("different size", |f| f.us(tags::ROWS, 2).us(tags::COLUMNS, 6)),
        ("FrameOfReferenceUID", |f| f.text(tags::FRAME_OF_REFERENCE_UID, VR::UI, "1.2.10")),
    ] {
        let (plain, chosen) = broken(change);
        assert!(plain.contains(words) && chosen.contains(words), "{words} is not in {plain} or {chosen}");
    }
}
