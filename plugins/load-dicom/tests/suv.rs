//! SUV by body weight over made objects: a voxel of 3600 Bq/ml is 1.00, whatever the object calls it.
//!
//! Weight, size, dose and times are those of IBSI's digital reference objects, and so is what must come out; how a value is
//! stored for each unit is written out by hand here, not taken from the program.

mod common;

use common::*;
use dicom_core::{DataElement, PrimitiveValue, Tag, VR};
use dicom_dictionary_std::tags;
use voxomics_sdk::testing::TestHost;

const RADIOPHARMACEUTICAL: Tag = tags::RADIOPHARMACEUTICAL_INFORMATION_SEQUENCE;

/// A slice of 3600: 70 kg, 1.75 m, 368.08 MBq of F-18 an hour before.
fn object(index: usize) -> File {
    slice(index)
        .text(tags::MODALITY, VR::CS, "PT")
        .text(tags::SOP_CLASS_UID, VR::UI, "1.2.840.10008.5.1.4.1.1.128")
        .text(tags::MANUFACTURER, VR::LO, "Synthetic")
        .text(tags::RESCALE_SLOPE, VR::DS, "1")
        .text(tags::RESCALE_INTERCEPT, VR::DS, "0")
        .text(tags::UNITS, VR::CS, "BQML")
        .text(tags::DECAY_CORRECTION, VR::CS, "START")
        .text(tags::CORRECTED_IMAGE, VR::CS, "NORM\\DTIM\\ATTN\\SCAT\\DECY\\RAN")
        .text(tags::PATIENT_WEIGHT, VR::DS, "70")
        .text(tags::PATIENT_SIZE, VR::DS, "1.75")
        .text(tags::PATIENT_SEX, VR::CS, "O")
        .text(tags::SERIES_DATE, VR::DA, "20250101")
        .text(tags::SERIES_TIME, VR::TM, "110000.000000")
        .text(tags::ACQUISITION_DATE, VR::DA, "20250101")
        .text(tags::ACQUISITION_TIME, VR::TM, "110000.000000")
        .text(tags::FRAME_REFERENCE_TIME, VR::DS, "150000")
        .text(tags::ACTUAL_FRAME_DURATION, VR::IS, "300000")
        .text(tags::DECAY_FACTOR, VR::DS, "1")
        .items(RADIOPHARMACEUTICAL, tracer(&[]))
        .words(&[3600; 12])
}

/// A tracer with some attributes changed; without those that are empty.
fn tracer(changed: &[(Tag, VR, &'static str)]) -> Vec<dicom_object::InMemDicomObject> {
    let mut item = item([
        (tags::RADIOPHARMACEUTICAL_START_TIME, VR::TM, "100000.000000"),
        (tags::RADIONUCLIDE_TOTAL_DOSE, VR::DS, "368080000"),
        (tags::RADIONUCLIDE_HALF_LIFE, VR::DS, "6586.2"),
        (tags::RADIOPHARMACEUTICAL_START_DATE_TIME, VR::DT, "20250101100000.000000"),
    ]);
    for (tag, vr, text) in changed {
        item.remove_element(*tag);
        if !text.is_empty() {
            item.put(DataElement::new(*tag, *vr, PrimitiveValue::from(*text)));
        }
    }
    vec![item]
}

/// With changes to its tracer.
fn of_tracer(changed: &'static [(Tag, VR, &'static str)]) -> impl Fn(File) -> File {
    move |file| file.items(RADIOPHARMACEUTICAL, tracer(changed))
}

fn private(file: File, tag: Tag, vr: VR, text: &str) -> File {
    file.element(DataElement::new(tag, vr, PrimitiveValue::from(text)))
}

/// The largest SUV of a series of two slices, and what is warned of.
fn suv(change: impl Fn(File) -> File) -> Result<(f64, Vec<String>), String> {
    let folder = Folder::new();
    for index in 0..2 {
        change(object(index)).write(&folder.path(&index.to_string()));
    }
    let host = TestHost::new();
    let loaded = load_with("{}", folder.root(), &host).map_err(|error| error.to_string())?;
    assert_eq!(loaded.metadata["IntensityUnit"], "SUV by body weight, g/ml");
    let scan = &loaded.images[0];
    let value = f64::from(values(&loaded)[0]) * scan.scaling[0].slope + scan.scaling[0].intercept;
    Ok((value, host.warnings()))
}

/// That it is the expected one to so many parts, without a warning.
fn is(change: impl Fn(File) -> File, expected: f64, tolerance: f64) {
    let (found, warnings) = suv(change).unwrap();
    assert!((found / expected - 1.0).abs() < tolerance, "{found}, expected {expected}");
    assert!(warnings.is_empty(), "{warnings:?}");
}

fn refused(change: impl Fn(File) -> File, parts: &[&str]) {
    let message = suv(change).expect_err("an error");
    assert!(parts.iter().all(|part| message.contains(part)), "{message}");
}

/// Warned of with all of these words; the value.
fn warned(change: impl Fn(File) -> File, parts: &[&str]) -> f64 {
    let (found, warnings) = suv(change).unwrap();
    let is_told = warnings.iter().any(|warning| parts.iter().all(|part| warning.contains(part)));
    assert!(is_told, "{warnings:?}");
    found
}

#[test]
fn activity_becomes_suv() {
    is(|file| file, 1.0, 1e-3);
    is(|file| file.text(tags::DECAY_CORRECTION, VR::CS, "ADMIN"), 3600.0 * 70_000.0 / 368.08e6, 1e-12);
    is(of_tracer(&[(tags::RADIONUCLIDE_TOTAL_DOSE, VR::DS, "368.08")]), 1.0, 1e-3);
    is(|file| file.text(tags::PATIENT_WEIGHT, VR::DS, "70000"), 1.0, 1e-3);
    // Counts a second in voxels of 0.5 × 1 × 1.5 mm.
    let rate =
        |file: File| file.text(tags::UNITS, VR::CS, "CPS").words(&[27; 12]).text(tags::RESCALE_SLOPE, VR::DS, "0.1");
    refused(rate, &["CorrectedImage", "DCAL"]);
    is(|file| rate(file).text(tags::CORRECTED_IMAGE, VR::CS, "ATTN\\DECY\\DCAL"), 1.0, 1e-3);
}

#[test]
fn suv_of_every_type_becomes_suv_by_body_weight() {
    // 70 kg by the measure, as the formulas give it by hand for 175 cm.
    for (kind, sex, kg) in [
        ("LBM", "M", 57.8),
        ("LBM", "F", 51.22),
        ("LBMJAMES128", "M", 56.52),
        ("LBMJAMES128", "F", 51.22),
        ("LBMJAMES128", "O", 53.87),
        ("LBMJANMA", "M", 55.857_11),
        ("LBMJANMA", "F", 45.197_01),
        ("LBMJANMA", "O", 50.527_06),
        ("IBW", "M", 72.38),
        ("IBW", "F", 66.43),
        ("IBW", "O", 69.405),
    ] {
        let change = |file: File| {
            file.text(tags::UNITS, VR::CS, "GML")
                .text(tags::SUV_TYPE, VR::CS, kind)
                .text(tags::PATIENT_SEX, VR::CS, sex)
                .text(tags::RESCALE_SLOPE, VR::DS, &format!("{:.12}", kg / 70.0 / 3600.0))
        };
        is(change, 1.0, 1e-6);
        is(|file| change(file).text(tags::PATIENT_SIZE, VR::DS, "175"), 1.0, 1e-6);
    }
    let by = |units: &'static str| {
        move |file: File| file.text(tags::UNITS, VR::CS, units).text(tags::RESCALE_SLOPE, VR::DS, "0.001")
    };
    is(by("GML"), 3.6, 1e-12);
    is(|file| by("GML")(file).text(tags::SUV_TYPE, VR::CS, "BW"), 3.6, 1e-12);
    // 1.848107 m², to be worked out by hand: 0.007184 · 175^0.725 · 70^0.425.
    let surface = 0.007_184 * (0.725 * 175.0_f64.ln() + 0.425 * 70.0_f64.ln()).exp();
    is(by("CM2ML"), 3.6 * 7.0 / surface, 1e-9);
    is(|file| by("CM2ML")(file).text(tags::SUV_TYPE, VR::CS, "BSA"), 3.6 * 7.0 / surface, 1e-9);
    refused(|file| by("CM2ML")(file).text(tags::SUV_TYPE, VR::CS, "BW"), &["SUVType", "BSA where it is CM2ML"]);
    refused(|file| by("GML")(file).text(tags::SUV_TYPE, VR::CS, "BSA"), &["SUVType"]);
}

#[test]
fn counts_become_suv_with_and_without_the_name_of_the_block() {
    let counts =
        |file: File| file.text(tags::UNITS, VR::CS, "CNTS").text(tags::MANUFACTURER, VR::LO, "Philips Medical Systems");
    let to_suv = |file: File| private(counts(file), Tag(0x7053, 0x1000), VR::DS, "0.0005");
    let to_activity = |file: File| private(counts(file), Tag(0x7053, 0x1009), VR::DS, "0.5");
    let named = |file: File| private(file, Tag(0x7053, 0x0010), VR::LO, "Philips PET Private Group");
    is(to_suv, 1.8, 1e-12);
    is(|file| named(to_suv(file)), 1.8, 1e-12);
    is(to_activity, 0.5, 1e-3);
    is(|file| named(to_activity(file)), 0.5, 1e-3);
    // Somebody else's block is not taken for that of Philips.
    refused(|file| private(to_suv(file), Tag(0x7053, 0x0010), VR::LO, "Somebody"), &["Units", "CNTS"]);
    refused(|file| private(counts(file), Tag(0x7053, 0x1000), VR::DS, "0"), &["Units", "CNTS"]);
    refused(counts, &["Units (0054,1001) is \"CNTS\"", "(7053,1000)"]);
    // Both: that by weight and dose counts, and a difference is told.
    let both = |file: File| private(to_activity(file), Tag(0x7053, 0x1000), VR::DS, "0.0005");
    let found = warned(both, &["Philips' own factor", "3.6"]);
    assert!((found - 0.5).abs() < 1e-3, "{found}");
    // A factor to SUV is none where there is nothing that it could have been decayed to.
    let uncorrected =
        |file: File| file.text(tags::DECAY_CORRECTION, VR::CS, "NONE").text(tags::CORRECTED_IMAGE, VR::CS, "ATTN");
    refused(|file| uncorrected(to_suv(file)), &["Units", "CNTS"]);
}

#[test]
fn images_that_are_not_corrected_are_taken_at_their_own_times() {
    let uncorrected =
        |file: File| file.text(tags::DECAY_CORRECTION, VR::CS, "NONE").text(tags::CORRECTED_IMAGE, VR::CS, "ATTN");
    let constant = std::f64::consts::LN_2 / 6586.2;
    let frame = constant * 300.0 / (1.0 - (-constant * 300.0).exp());
    let expected = 3600.0 * 70_000.0 / 368.08e6 * frame * (constant * 3600.0).exp();
    is(uncorrected, expected, 1e-9);
    // Each slice at its own.
    let folder = Folder::new();
    for (index, time) in ["110000", "110500"].into_iter().enumerate() {
        uncorrected(object(index)).text(tags::ACQUISITION_TIME, VR::TM, time).write(&folder.path(&index.to_string()));
    }
    let scaling = load(folder.root()).unwrap().images[0].scaling.clone();
    let later = scaling[1].slope / scaling[0].slope;
    assert!((later / (constant * 300.0).exp() - 1.0).abs() < 1e-9, "{later}");
    refused(
        |file| uncorrected(file).without(tags::ACTUAL_FRAME_DURATION),
        &["ActualFrameDuration (0018,1242) is missing"],
    );
}

#[test]
fn faulty_objects_are_refused_by_the_name_of_the_attribute() {
    let ideal = |file: File| file.text(tags::UNITS, VR::CS, "GML").text(tags::SUV_TYPE, VR::CS, "IBW");
    refused(|file| file.without(tags::PATIENT_WEIGHT), &["PatientWeight (0010,1030) is missing"]);
    refused(|file| file.text(tags::PATIENT_WEIGHT, VR::DS, "0"), &["PatientWeight (0010,1030) is \"0\""]);
    refused(|file| ideal(file).without(tags::PATIENT_SEX), &["PatientSex (0010,0040) is missing"]);
    refused(|file| ideal(file).text(tags::PATIENT_SEX, VR::CS, "X"), &["PatientSex (0010,0040) is \"X\""]);
    refused(|file| ideal(file).without(tags::PATIENT_SIZE), &["PatientSize (0010,1020) is missing"]);
    refused(|file| ideal(file).text(tags::PATIENT_SIZE, VR::DS, "0"), &["PatientSize (0010,1020) is \"0\""]);
    for units in ["CNTS", "PROPCNTS", "PROPCPS", "1CM"] {
        refused(|file| file.text(tags::UNITS, VR::CS, units), &["Units (0054,1001)", units]);
    }
    let dose = tags::RADIONUCLIDE_TOTAL_DOSE;
    refused(
        of_tracer(&[(tags::RADIONUCLIDE_TOTAL_DOSE, VR::DS, "")]),
        &["RadionuclideTotalDose (0018,1074) is missing"],
    );
    refused(of_tracer(&[(tags::RADIONUCLIDE_TOTAL_DOSE, VR::DS, "-368080000")]), &["RadionuclideTotalDose", "above 0"]);
    assert_eq!(dose, Tag(0x0018, 0x1074));
    refused(|file| file.without(tags::ACTUAL_FRAME_DURATION), &["ActualFrameDuration (0018,1242) is missing"]);
    let late = |file: File| file.text(tags::SERIES_TIME, VR::TM, "113000").without(tags::ACTUAL_FRAME_DURATION);
    refused(late, &["ActualFrameDuration (0018,1242) is missing"]);
    let none =
        &[(tags::RADIOPHARMACEUTICAL_START_TIME, VR::TM, ""), (tags::RADIOPHARMACEUTICAL_START_DATE_TIME, VR::DT, "")];
    refused(
        of_tracer(none),
        &["RadiopharmaceuticalStartDateTime (0018,1078)", "RadiopharmaceuticalStartTime (0018,1072)"],
    );
    refused(of_tracer(&[(tags::RADIONUCLIDE_HALF_LIFE, VR::DS, "")]), &["RadionuclideHalfLife (0018,1075) is missing"]);
    refused(|file| file.text(tags::RESCALE_INTERCEPT, VR::DS, "-10"), &["RescaleIntercept (0028,1052) is \"-10\""]);
}

#[test]
fn a_long_lived_nuclide_needs_the_date_of_its_injection() {
    // Zr-89, I-124, Cu-64, Y-86.
    for half_life in ["282280.3", "360806", "45720", "53060"] {
        let folder = |date_time: &'static str| {
            move |file: File| {
                let changed = [
                    (tags::RADIONUCLIDE_HALF_LIFE, VR::DS, half_life),
                    (tags::RADIOPHARMACEUTICAL_START_DATE_TIME, VR::DT, date_time),
                ];
                file.items(RADIOPHARMACEUTICAL, tracer(&changed))
            }
        };
        refused(folder(""), &["RadiopharmaceuticalStartDateTime (0018,1078) is missing", "24 h"]);
        refused(folder("19600101100000"), &["RadiopharmaceuticalStartDateTime (0018,1078) is \"19600101100000\""]);
        let half_life: f64 = half_life.parse().unwrap();
        let decayed = 0.5_f64.powf(3.0 * 24.0 * 3600.0 / half_life + 3600.0 / half_life);
        let due = 3600.0 * 70_000.0 / (368.08e6 * decayed);
        match decayed < 0.5_f64.powi(4) {
            true => {
                let found = warned(folder("20241229100000"), &["73.0 h before the scan", "half-lives"]);
                assert!((found / due - 1.0).abs() < 1e-9, "{found}, expected {due}");
            }
            false => is(folder("20241229100000"), due, 1e-9),
        }
    }
}

#[test]
fn the_day_of_an_injection() {
    let alone = |time: &'static str| {
        move |file: File| {
            let changed = [
                (tags::RADIOPHARMACEUTICAL_START_TIME, VR::TM, time),
                (tags::RADIOPHARMACEUTICAL_START_DATE_TIME, VR::DT, ""),
            ];
            file.items(RADIOPHARMACEUTICAL, tracer(&changed))
        }
    };
    is(alone("100000"), 1.0, 1e-3);
    // A dynamic scan that began 20 s before the injection: the dose has still to decay.
    let constant = std::f64::consts::LN_2 / 6586.2;
    is(alone("110020"), 3600.0 * 70_000.0 / 368.08e6 * (-constant * 20.0).exp(), 1e-9);
    // After the end of the scan, there was nothing to be seen.
    refused(alone("111000"), &["the injection", "is after the last frame"]);
    // A clock of its own, of which nobody says how far it is from that of the scan; the time of day beside it does.
    let by_clock = |beside: &'static str| {
        move |file: File| {
            let changed = [
                (tags::RADIOPHARMACEUTICAL_START_TIME, VR::TM, beside),
                (tags::RADIOPHARMACEUTICAL_START_DATE_TIME, VR::DT, "20250101100000+0000"),
            ];
            file.items(RADIOPHARMACEUTICAL, tracer(&changed))
        }
    };
    is(by_clock("100000"), 1.0, 1e-3);
    let found = warned(by_clock(""), &["20250101100000+0000", "TimezoneOffsetFromUTC"]);
    assert!((found - 1.0).abs() < 1e-3, "{found}");
    is(|file| by_clock("")(file).text(tags::TIMEZONE_OFFSET_FROM_UTC, VR::SH, "+0000"), 1.0, 1e-3);
    let midnight = |file: File| {
        let file = alone("233000")(file).text(tags::SERIES_TIME, VR::TM, "003000").text(
            tags::ACQUISITION_TIME,
            VR::TM,
            "003000",
        );
        file.text(tags::SERIES_DATE, VR::DA, "20250102").text(tags::ACQUISITION_DATE, VR::DA, "20250102")
    };
    is(midnight, 1.0, 1e-3);
    // Dates of the scan that were changed, and the one of the injection that was not.
    let dated =
        |file: File| file.text(tags::SERIES_DATE, VR::DA, "19600101").text(tags::ACQUISITION_DATE, VR::DA, "19600101");
    is(dated, 1.0, 1e-3);
    let blank = |file: File| {
        let file = alone("000000")(file);
        file.text(tags::SERIES_TIME, VR::TM, "000000").text(tags::ACQUISITION_TIME, VR::TM, "000000")
    };
    refused(blank, &["RadiopharmaceuticalStartTime", "000000"]);
}

#[test]
fn the_time_to_which_images_were_corrected_is_held_against_others() {
    // An anonymiser took the time of the series out: the others give the right value, and both are told.
    let blank = |file: File| file.text(tags::SERIES_TIME, VR::TM, "000000");
    let found = warned(blank, &["10:59:59 by AcquisitionTime", "SeriesTime says 2025-01-01 00:00:00", "137.7"]);
    assert!((found - 1.0).abs() < 1e-3, "{found}");
    // Nothing can be held against it.
    refused(
        |file| blank(file).without(tags::FRAME_REFERENCE_TIME),
        &["SeriesTime (2025-01-01 00:00:00)", "FrameReferenceTime"],
    );
    // A decay factor speaks for the one or for the other.
    let start = |time: &'static str, factor: &'static str| {
        move |file: File| file.text(tags::SERIES_TIME, VR::TM, time).text(tags::DECAY_FACTOR, VR::DS, factor)
    };
    is(start("103000", "1.0159"), 1.0, 1e-3);
    let half_an_hour = (-std::f64::consts::LN_2 * 1800.0 / 6586.2).exp();
    is(start("103000", "1.2086"), half_an_hour, 1e-3);
    warned(start("103000", "1"), &["SeriesTime says 2025-01-01 10:30:00", "0.827 times as large"]);
    // Rewritten series, by other makers and by GE, whose reference time counts to the start of the frame.
    let rewritten =
        |file: File| file.text(tags::SERIES_TIME, VR::TM, "120000").text(tags::ACQUISITION_TIME, VR::TM, "110230");
    is(|file| rewritten(file).text(tags::FRAME_REFERENCE_TIME, VR::DS, "300000"), 1.0, 1e-3);
    is(
        |file| {
            rewritten(file).text(tags::MANUFACTURER, VR::LO, "GE MEDICAL SYSTEMS").without(tags::ACTUAL_FRAME_DURATION)
        },
        1.0,
        1e-3,
    );
    is(
        |file| {
            rewritten(file).text(tags::MANUFACTURER, VR::LO, "SIEMENS").text(
                tags::FRAME_REFERENCE_TIME,
                VR::DS,
                "300000",
            )
        },
        1.0,
        1e-3,
    );
    // The series is silent, and the rest is enough.
    is(|file| file.without(tags::SERIES_TIME).without(tags::SERIES_DATE), 1.0, 1e-3);
    // The series begins with the image.
    for maker in ["SIEMENS", "GE MEDICAL SYSTEMS", "Philips Medical Systems", "Synthetic"] {
        is(|file| file.text(tags::MANUFACTURER, VR::LO, maker), 1.0, 1e-3);
    }
}

#[test]
fn the_private_start_of_a_scan_is_held_against_others() {
    for (maker, tag, creator) in [
        ("GE MEDICAL SYSTEMS", Tag(0x0009, 0x100D), "GEMS_PETD_01"),
        ("SIEMENS", Tag(0x0071, 0x1022), "SIEMENS MED PT"),
    ] {
        let start = |time: &'static str| {
            move |file: File| private(file.text(tags::MANUFACTURER, VR::LO, maker), tag, VR::DT, time)
        };
        // As in the object 3_3: the series agrees, the frame's own times do not.
        let delayed = |file: File| file.text(tags::ACQUISITION_TIME, VR::TM, "113000");
        is(|file| delayed(start("20250101110000.000000")(file)), 1.0, 1e-3);
        // The series was written anew.
        let rewritten = |file: File| delayed(file).text(tags::SERIES_TIME, VR::TM, "120000");
        is(|file| rewritten(start("20250101110000.000000")(file)), 1.0, 1e-3);
        let named = |file: File| private(file, Tag(tag.group(), 0x0010), VR::LO, creator);
        is(|file| named(rewritten(start("20250101110000.000000")(file))), 1.0, 1e-3);
        // Another day, as an anonymiser leaves it.
        is(|file| rewritten(start("20031224110000.000000")(file)), 1.0, 1e-3);
        // Against all others.
        let found = warned(start("20250101103000.000000"), &["private start", "SeriesTime says 2025-01-01 11:00:00"]);
        assert!((found / 0.8274 - 1.0).abs() < 1e-3, "{found}");
        // Of another maker's block, nothing is taken.
        is(|file| private(start("20250101103000.000000")(file), Tag(tag.group(), 0x0010), VR::LO, "OTHER"), 1.0, 1e-3);
    }
}

#[test]
fn what_is_no_pet_does_not_become_suv() {
    for (change, part) in [
        (
            &[(tags::RADIOPHARMACEUTICAL, VR::LO, "Tc-99m MDP"), (tags::RADIONUCLIDE_HALF_LIFE, VR::DS, "21624")][..],
            "Radiopharmaceutical",
        ),
        (&[(tags::RADIONUCLIDE_HALF_LIFE, VR::DS, "21600")][..], "RadionuclideHalfLife"),
        (
            &[(tags::RADIOPHARMACEUTICAL, VR::LO, "177Lu-PSMA"), (tags::RADIONUCLIDE_HALF_LIFE, VR::DS, "574000")][..],
            "Lu-177",
        ),
    ] {
        refused(|file| file.items(RADIOPHARMACEUTICAL, tracer(change)), &[part, "SPECT", "set `pet` to \"stored\""]);
    }
    let window = |upper: &'static str| {
        move |file: File| {
            file.items(
                tags::ENERGY_WINDOW_RANGE_SEQUENCE,
                vec![item([(tags::ENERGY_WINDOW_UPPER_LIMIT, VR::DS, upper)])],
            )
        }
    };
    refused(window("154"), &["EnergyWindowUpperLimit", "SPECT"]);
    is(window("650"), 1.0, 1e-3);
}
