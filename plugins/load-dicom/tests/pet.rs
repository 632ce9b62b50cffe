//! SUV. Expected: body weight in g by the dose in Bq, decayed to the time of reference.

mod common;

use common::*;
use dicom_core::{DataElement, PrimitiveValue, Tag, VR};
use dicom_dictionary_std::tags;
use voxomics_sdk::Loader as _;
use voxomics_sdk::testing::TestHost;

const HALF_LIFE: f64 = 6586.2;

/// A slice of a PET, 70 kg, 370 MBq an hour before the series.
fn pet(index: usize) -> File {
    slice(index)
        .text(tags::MODALITY, VR::CS, "PT")
        .text(tags::RESCALE_SLOPE, VR::DS, "2")
        .text(tags::RESCALE_INTERCEPT, VR::DS, "0")
        .text(tags::UNITS, VR::CS, "BQML")
        .text(tags::DECAY_CORRECTION, VR::CS, "START")
        .text(tags::CORRECTED_IMAGE, VR::CS, "NORM\\ATTN\\DECY")
        .text(tags::PATIENT_WEIGHT, VR::DS, "70")
        .text(tags::SERIES_DATE, VR::DA, "20240301")
        .text(tags::SERIES_TIME, VR::TM, "103000")
        .text(tags::ACQUISITION_DATE, VR::DA, "20240301")
        .text(tags::ACQUISITION_TIME, VR::TM, "103001.5")
        .text(tags::FRAME_REFERENCE_TIME, VR::DS, "11500")
        .text(tags::ACTUAL_FRAME_DURATION, VR::IS, "20000")
        .items(
            tags::RADIOPHARMACEUTICAL_INFORMATION_SEQUENCE,
            vec![item([
                (tags::RADIONUCLIDE_TOTAL_DOSE, VR::DS, "370000000"),
                (tags::RADIONUCLIDE_HALF_LIFE, VR::DS, "6586.2"),
                (tags::RADIOPHARMACEUTICAL_START_TIME, VR::TM, "093000"),
            ])],
        )
}

fn tracer(elements: &[(Tag, VR, &'static str)]) -> Vec<dicom_object::InMemDicomObject> {
    let common =
        [(tags::RADIONUCLIDE_TOTAL_DOSE, VR::DS, "370000000"), (tags::RADIONUCLIDE_HALF_LIFE, VR::DS, "6586.2")];
    vec![item(common.into_iter().chain(elements.iter().copied()))]
}

fn slopes(change: impl Fn(File) -> File) -> Result<Vec<f64>, String> {
    slopes_with("{}", change)
}

fn slopes_with(json: &str, change: impl Fn(File) -> File) -> Result<Vec<f64>, String> {
    let folder = Folder::new();
    for index in 0..2 {
        change(pet(index)).write(&folder.path(&index.to_string()));
    }
    let loaded = load_with(json, folder.root(), &TestHost::new()).map_err(|error| error.to_string())?;
    Ok(loaded.images[0].scaling.iter().map(|scaling| scaling.slope).collect())
}

/// The slope of 2 times the factor of a dose that has decayed so many seconds.
fn expected(seconds: f64) -> f64 {
    2.0 * 70_000.0 / (370e6 * 0.5_f64.powf(seconds / HALF_LIFE))
}

fn near(found: Result<Vec<f64>, String>, expected: f64) {
    let found = found.unwrap();
    assert!(found.len() == 1 && (found[0] / expected - 1.0).abs() < 1e-12, "{found:?}, expected {expected}");
}

#[test]
fn becquerels_become_suv() {
    near(slopes(|file| file), expected(3600.0));
    near(slopes(|file| file.text(tags::DECAY_CORRECTION, VR::CS, "ADMIN")), expected(0.0));
    assert_eq!(slopes_with(r#"{"pet": "stored"}"#, |file| file.without(tags::UNITS)), Ok(vec![2.0]));
}

#[test]
fn an_injection_before_midnight_was_the_day_before() {
    let late = |file: File| {
        file.text(tags::SERIES_TIME, VR::TM, "003000").text(tags::ACQUISITION_TIME, VR::TM, "003001").items(
            tags::RADIOPHARMACEUTICAL_INFORMATION_SEQUENCE,
            tracer(&[(tags::RADIOPHARMACEUTICAL_START_TIME, VR::TM, "233000.00")]),
        )
    };
    near(slopes(late), expected(3600.0));
    let dated = |start| {
        move |file: File| {
            let tracer = tracer(&[(tags::RADIOPHARMACEUTICAL_START_DATE_TIME, VR::DT, start)]);
            file.items(tags::RADIOPHARMACEUTICAL_INFORMATION_SEQUENCE, tracer)
        }
    };
    near(slopes(dated("20240301090000.5+0100")), expected(5399.5));
    let abroad = |file: File| dated("20240301073000+0000")(file).text(tags::TIMEZONE_OFFSET_FROM_UTC, VR::SH, "+0200");
    near(slopes(abroad), expected(3600.0));
    let west = |file: File| dated("20240301143000+0000")(file).text(tags::TIMEZONE_OFFSET_FROM_UTC, VR::SH, "-0500");
    near(slopes(west), expected(3600.0));
    // Dates that cannot be: one of them was changed, and the uptake is below a day.
    near(slopes(dated("20240302093000")), expected(3600.0));
    near(slopes(dated("19600201093000")), expected(3600.0));
}

#[test]
fn two_times_of_one_injection_are_told_of() {
    for (time, is_told) in [("093030", false), ("083000", true)] {
        let folder = Folder::new();
        let times = [
            (tags::RADIOPHARMACEUTICAL_START_DATE_TIME, VR::DT, "20240301093000"),
            (tags::RADIOPHARMACEUTICAL_START_TIME, VR::TM, time),
        ];
        for index in 0..2 {
            let file = pet(index).items(tags::RADIOPHARMACEUTICAL_INFORMATION_SEQUENCE, tracer(&times));
            file.write(&folder.path(&index.to_string()));
        }
        let host = TestHost::new();
        load_with("{}", folder.root(), &host).unwrap();
        let told =
            host.warnings().iter().any(|warning| warning.contains("RadiopharmaceuticalStartTime are 3600 s apart"));
        assert_eq!(told, is_told, "{:?}", host.warnings());
    }
}

#[test]
fn a_series_that_was_written_later_needs_another_time() {
    let later = |file: File| file.text(tags::SERIES_TIME, VR::TM, "120000");
    let wrong = slopes(|file| later(file).without(tags::FRAME_REFERENCE_TIME)).unwrap_err();
    assert!(wrong.contains("SeriesTime (2024-03-01 12:00:00) is after the first AcquisitionTime"), "{wrong}");
    let ge = |file: File| {
        let creator = DataElement::new(Tag(0x0009, 0x0010), VR::LO, PrimitiveValue::from("GEMS_PETD_01"));
        let time = DataElement::new(Tag(0x0009, 0x100D), VR::DT, PrimitiveValue::from("20240301102000.00"));
        later(file).element(creator).element(time)
    };
    near(slopes(ge), expected(3000.0));
    // The reference lies 60 s before the average time of the first frame, which, with a frame this short, is its middle.
    let framed = |file: File| {
        later(file).text(tags::FRAME_REFERENCE_TIME, VR::DS, "61500").text(tags::ACTUAL_FRAME_DURATION, VR::DS, "20")
    };
    let found = slopes(framed).unwrap();
    assert!((found[0] / expected(3600.0 + 1.5 - 61.5 + 0.01) - 1.0).abs() < 1e-8, "{found:?}");
}

#[test]
fn counts_of_philips_have_factors() {
    let philips = |element: u16, factor: &'static str| {
        move |file: File| {
            let creator = PrimitiveValue::from("Philips PET Private Group");
            file.text(tags::UNITS, VR::CS, "CNTS")
                .element(DataElement::new(Tag(0x7053, 0x0012), VR::LO, creator))
                .element(DataElement::new(Tag(0x7053, 0x1200 + element), VR::DS, PrimitiveValue::from(factor)))
        }
    };
    assert_eq!(slopes(philips(0, "0.25")), Ok(vec![0.5]));
    near(slopes(philips(9, "3")), 3.0 * expected(3600.0));
    let wrong = slopes(philips(0, "0")).unwrap_err();
    assert!(wrong.contains("Units (0054,1001) is \"CNTS\""), "{wrong}");
}

#[test]
fn what_is_suv_stays_suv() {
    let gml = |file: File| file.text(tags::UNITS, VR::CS, "GML").without(tags::PATIENT_WEIGHT);
    assert_eq!(slopes(gml), Ok(vec![2.0]));
    let lean = slopes(|file| gml(file).text(tags::SUV_TYPE, VR::CS, "LBM")).unwrap_err();
    assert!(lean.contains("PatientWeight (0010,1030) is missing"), "{lean}");
    let unknown = slopes(|file| gml(file).text(tags::SUV_TYPE, VR::CS, "MINE")).unwrap_err();
    assert!(unknown.contains("SUVType (0054,1006) is \"MINE\""), "{unknown}");
}

#[test]
fn whatever_is_missing_is_named() {
    for (tag, name) in [
        (tags::UNITS, "Units"),
        (tags::PATIENT_WEIGHT, "PatientWeight"),
        (tags::ACQUISITION_TIME, "AcquisitionTime"),
        (tags::ACTUAL_FRAME_DURATION, "ActualFrameDuration"),
        (tags::DECAY_CORRECTION, "DecayCorrection"),
        (tags::CORRECTED_IMAGE, "CorrectedImage"),
        (tags::RADIOPHARMACEUTICAL_INFORMATION_SEQUENCE, "RadiopharmaceuticalInformationSequence"),
    ] {
        let wrong = slopes(|file| file.without(tag)).unwrap_err();
        assert!(wrong.contains(&format!("{name} (")) && wrong.contains("is missing"), "{wrong}");
    }
    let tracer =
        |element| move |file: File| file.items(tags::RADIOPHARMACEUTICAL_INFORMATION_SEQUENCE, vec![item([element])]);
    let wrong = slopes(tracer((tags::RADIONUCLIDE_HALF_LIFE, VR::DS, "6586.2"))).unwrap_err();
    assert!(wrong.contains("RadionuclideTotalDose (0018,1074) is missing"), "{wrong}");
    let wrong = slopes(tracer((tags::RADIONUCLIDE_TOTAL_DOSE, VR::DS, "37000"))).unwrap_err();
    assert!(wrong.contains("a dose in Bq"), "{wrong}");
    let untimed = |file: File| file.without(tags::SERIES_TIME).without(tags::FRAME_REFERENCE_TIME);
    let wrong = slopes(untimed).unwrap_err();
    assert!(wrong.contains("SeriesTime (0008,0031) is missing"), "{wrong}");
    let wrong = slopes(|file| file.text(tags::CORRECTED_IMAGE, VR::CS, "ATTN\\SCAT")).unwrap_err();
    assert!(wrong.contains("a list with DECY"), "{wrong}");
    let wrong = slopes(|file| file.text(tags::DECAY_CORRECTION, VR::CS, "NONE")).unwrap_err();
    assert!(wrong.contains("a list without DECY"), "{wrong}");
    let wrong = slopes(|file| file.text(tags::DECAY_CORRECTION, VR::CS, "LATER")).unwrap_err();
    assert!(wrong.contains("DecayCorrection (0054,1102) is \"LATER\""), "{wrong}");
    let wrong = slopes(|file| file.text(tags::UNITS, VR::CS, "PROPCPS")).unwrap_err();
    assert!(wrong.contains("PROPCPS"), "{wrong}");
}

#[test]
fn all_volumes_of_a_dynamic_scan_are_corrected_to_one_time() {
    let folder = Folder::new();
    let starts = [("103001.5", "30000"), ("103101.5", "90000")];
    for (volume, (start, reference)) in starts.into_iter().enumerate() {
        for index in 0..2 {
            // Written after the first volume was acquired and before the second was.
            pet(index)
                .text(tags::SOP_INSTANCE_UID, VR::UI, &format!("1.2.3.{volume}.{index}"))
                .text(tags::SERIES_TIME, VR::TM, "103030")
                .text(tags::ACQUISITION_TIME, VR::TM, start)
                .text(tags::FRAME_REFERENCE_TIME, VR::DS, reference)
                .text(tags::ACTUAL_FRAME_DURATION, VR::IS, "60000")
                .text(tags::RESCALE_SLOPE, VR::DS, "2")
                .write(&folder.path(&format!("{volume}{index}")));
        }
    }
    let constant = std::f64::consts::LN_2 / HALF_LIFE;
    let average = (constant * 60.0 / (1.0 - (-constant * 60.0).exp())).ln() / constant;
    for (_, reference) in starts {
        let mut asked = request(folder.root());
        asked.selection.series = Some(format!("1.2.2/FrameReferenceTime={reference}"));
        let loaded = loader("{}").load(&asked, &TestHost::new().context()).map_err(|error| error.to_string());
        let slopes = loaded.map(|loaded| loaded.images[0].scaling.iter().map(|scaling| scaling.slope).collect());
        near(slopes, expected(3601.5 + average - 30.0));
    }
    assert!(survey(folder.root()).series.iter().all(|series| series.problem.is_none() && series.modality == "PT"));
}

/// Two slices, of which the second is another.
fn second(change: impl Fn(File) -> File) -> String {
    let folder = Folder::new();
    pet(0).write(&folder.path("0"));
    change(pet(1)).write(&folder.path("1"));
    error(folder.root())
}

#[test]
fn every_slice_has_the_same_tracer_and_there_is_one() {
    for (tag, vr, text, first) in [
        (tags::RADIONUCLIDE_TOTAL_DOSE, VR::DS, "300000000", "370000000"),
        (tags::RADIONUCLIDE_HALF_LIFE, VR::DS, "1223", "6586.2"),
        (tags::RADIOPHARMACEUTICAL_START_TIME, VR::TM, "090000", "093000"),
    ] {
        let mut changed = tracer(&[(tags::RADIOPHARMACEUTICAL_START_TIME, VR::TM, "093000")]);
        changed[0].put(DataElement::new(tag, vr, PrimitiveValue::from(text)));
        let message = second(|file| file.items(tags::RADIOPHARMACEUTICAL_INFORMATION_SEQUENCE, changed.clone()));
        assert!(message.contains(text) && message.contains(&format!("expected {first}, as in 0")), "{message}");
    }
    let both = || {
        let one = tracer(&[(tags::RADIOPHARMACEUTICAL_START_TIME, VR::TM, "093000")]);
        [one.clone(), one].concat()
    };
    let message = second(|file| file.items(tags::RADIOPHARMACEUTICAL_INFORMATION_SEQUENCE, both()));
    assert!(message.contains("2 items") && message.contains("RadiopharmaceuticalInformationSequence"), "{message}");
    let weight = second(|file| file.text(tags::PATIENT_WEIGHT, VR::DS, "71"));
    assert!(
        weight.contains("PatientWeight") && weight.contains("\"71\"") && weight.contains("expected 70"),
        "{weight}"
    );
    // The same number in other digits.
    let digits = |file: File| file.text(tags::PATIENT_WEIGHT, VR::DS, "70.0");
    let folder = Folder::new();
    pet(0).write(&folder.path("0"));
    digits(pet(1)).write(&folder.path("1"));
    assert!(load(folder.root()).is_ok());
}

/// What is told of a series of two slices.
fn warnings(change: impl Fn(File) -> File) -> String {
    let folder = Folder::new();
    for index in 0..2 {
        change(pet(index)).write(&folder.path(&index.to_string()));
    }
    let host = TestHost::new();
    load_with("{}", folder.root(), &host).unwrap();
    host.warnings().join("\n")
}

#[test]
fn a_weight_in_another_unit_is_refused_or_told_of() {
    let weighing = |text: &'static str| move |file: File| file.text(tags::PATIENT_WEIGHT, VR::DS, text);
    near(slopes(weighing("80000")), expected(3600.0) * 80.0 / 70.0);
    let wrong = slopes(weighing("800")).unwrap_err();
    assert!(wrong.contains("PatientWeight") && wrong.contains("a weight in kg"), "{wrong}");
    assert!(warnings(weighing("0.8")).contains("PatientWeight is 0.8 kg"), "{}", warnings(weighing("0.8")));
    assert!(
        !warnings(weighing("3.2")).contains("PatientWeight") && !warnings(weighing("250")).contains("PatientWeight")
    );
}

#[test]
fn a_half_life_is_that_of_its_nuclide() {
    let named = |name: &'static str, half_life: &'static str| {
        move |file: File| {
            let mut tracer = tracer(&[
                (tags::RADIOPHARMACEUTICAL_START_TIME, VR::TM, "093000"),
                (tags::RADIONUCLIDE_HALF_LIFE, VR::DS, half_life),
            ]);
            let code = item([(tags::CODE_MEANING, VR::LO, name)]);
            let codes = dicom_core::value::DataSetSequence::from(vec![code]);
            tracer[0].put(DataElement::new(tags::RADIONUCLIDE_CODE_SEQUENCE, VR::SQ, codes));
            file.items(tags::RADIOPHARMACEUTICAL_INFORMATION_SEQUENCE, tracer)
        }
    };
    near(slopes(named("^18^Fluorine", "6586.2")), expected(3600.0));
    near(slopes(named("^99^Nobody", "6586.2")), expected(3600.0));
    assert!(slopes(named("^68^Gallium", "4057")).is_ok());
    let wrong = slopes(named("^18^Fluorine", "1220")).unwrap_err();
    assert!(wrong.contains("\"1220\"") && wrong.contains("6584.3 s") && wrong.contains("F-18"), "{wrong}");
}

#[test]
fn suv_of_thousands_is_told_of() {
    let bright = |file: File| file.us(tags::PIXEL_REPRESENTATION, 0).words(&[60_000; 12]);
    let largest = 60_000.0 * expected(3600.0);
    assert!((0.01..1000.0).contains(&largest) && warnings(bright).is_empty(), "{}", warnings(bright));
    let told = warnings(|file| bright(file).text(tags::RESCALE_SLOPE, VR::DS, "2000"));
    assert!(told.contains("the largest SUV of the volume is 3.3") && told.contains("e4"), "{told}");
    let dark = warnings(|file| bright(file).text(tags::RESCALE_SLOPE, VR::DS, "0.000002"));
    assert!(dark.contains("the largest SUV"), "{dark}");
}

#[test]
fn a_dose_in_another_unit_is_refused_and_an_uptake_without_end_is_told_of() {
    let with = |dose: &'static str, start: &'static str| {
        move |file: File| {
            let elements = [
                (tags::RADIONUCLIDE_TOTAL_DOSE, VR::DS, dose),
                (tags::RADIONUCLIDE_HALF_LIFE, VR::DS, "6586.2"),
                (tags::RADIOPHARMACEUTICAL_START_TIME, VR::TM, start),
            ];
            file.items(tags::RADIOPHARMACEUTICAL_INFORMATION_SEQUENCE, vec![item(elements)])
        }
    };
    near(slopes(with("370", "093000")), expected(3600.0));
    // 10 mCi, and 370 MBq as GBq: taken for MBq, SUV would be 37 and 1000 times too large.
    for dose in ["10", "0.37", "19.9"] {
        let message = slopes(with(dose, "093000")).expect_err("a refusal");
        assert!(message.contains("RadionuclideTotalDose") && message.contains("mCi or GBq"), "{message}");
    }
    let warnings = |start: &'static str| {
        let (folder, host) = (Folder::new(), TestHost::new());
        for index in 0..2 {
            with("370000000", start)(pet(index)).write(&folder.path(&index.to_string()));
        }
        load_with("{}", folder.root(), &host).expect("a PET");
        host.warnings().into_iter().filter(|warning| warning.contains("half-lives")).collect::<Vec<_>>()
    };
    // Three hours are an uptake, nine are rather a wrong time.
    assert!(warnings("073000").is_empty());
    let told = warnings("013000");
    assert!(told.len() == 1 && told[0].contains("9.0 h before the scan, 4.9 half-lives"), "{told:?}");
}
