//! Real world value mappings, and enhanced PET.

mod common;

use common::*;
use dicom_core::value::DataSetSequence;
use dicom_core::{DataElement, PrimitiveValue, Tag, VR};
use dicom_dictionary_std::{tags, uids};
use dicom_object::InMemDicomObject;
use voxomics_sdk::testing::TestHost;

type Element = DataElement<InMemDicomObject>;

fn text(tag: Tag, vr: VR, text: &str) -> Element {
    DataElement::new(tag, vr, PrimitiveValue::from(text))
}

fn number(tag: Tag, value: f64) -> Element {
    DataElement::new(tag, VR::FD, PrimitiveValue::from(value))
}

fn sequence(tag: Tag, items: Vec<Vec<Element>>) -> Element {
    let items: Vec<_> = items.into_iter().map(InMemDicomObject::from_element_iter).collect();
    DataElement::new(tag, VR::SQ, DataSetSequence::from(items))
}

/// A line for stored values from 0 on.
fn line(slope: f64, intercept: f64, last: u16, unit: &str) -> Vec<Element> {
    vec![
        number(tags::REAL_WORLD_VALUE_SLOPE, slope),
        number(tags::REAL_WORLD_VALUE_INTERCEPT, intercept),
        DataElement::new(tags::REAL_WORLD_VALUE_FIRST_VALUE_MAPPED, VR::US, PrimitiveValue::from(0_u16)),
        DataElement::new(tags::REAL_WORLD_VALUE_LAST_VALUE_MAPPED, VR::US, PrimitiveValue::from(last)),
        sequence(tags::MEASUREMENT_UNITS_CODE_SEQUENCE, vec![vec![text(tags::CODE_VALUE, VR::SH, unit)]]),
    ]
}

fn mapped(lines: Vec<Vec<Element>>) -> Vec<Element> {
    vec![sequence(tags::REAL_WORLD_VALUE_MAPPING_SEQUENCE, lines)]
}

/// An enhanced object of two frames, filled with 100 and 200, without a rescaling.
fn enhanced(shared: Vec<Element>, of_frame: impl Fn(usize) -> Vec<Element>) -> File {
    let mut all = vec![
        sequence(
            tags::PLANE_ORIENTATION_SEQUENCE,
            vec![vec![text(tags::IMAGE_ORIENTATION_PATIENT, VR::DS, "1\\0\\0\\0\\1\\0")]],
        ),
        sequence(tags::PIXEL_MEASURES_SEQUENCE, vec![vec![text(tags::PIXEL_SPACING, VR::DS, "1\\0.5")]]),
    ];
    all.extend(shared);
    let frames = (0..2).map(|index| {
        let mut elements = of_frame(index);
        let position = text(tags::IMAGE_POSITION_PATIENT, VR::DS, &format!("0\\0\\{index}"));
        elements.push(sequence(tags::PLANE_POSITION_SEQUENCE, vec![vec![position]]));
        InMemDicomObject::from_element_iter(elements)
    });
    let words: Vec<u16> = [100, 200].into_iter().flat_map(|value| [value; 12]).collect();
    let mut file = slice(0);
    for tag in [
        tags::IMAGE_POSITION_PATIENT,
        tags::IMAGE_ORIENTATION_PATIENT,
        tags::PIXEL_SPACING,
        tags::RESCALE_SLOPE,
        tags::RESCALE_INTERCEPT,
    ] {
        file = file.without(tag);
    }
    file.text(tags::SOP_CLASS_UID, VR::UI, uids::ENHANCED_MR_IMAGE_STORAGE)
        .text(tags::MODALITY, VR::CS, "MR")
        .text(tags::NUMBER_OF_FRAMES, VR::IS, "2")
        .items(tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE, vec![InMemDicomObject::from_element_iter(all)])
        .items(tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE, frames.collect())
        .us(tags::PIXEL_REPRESENTATION, 0)
        .words(&words)
}

/// Slope and intercept of each frame, and the unit; or why there are none.
fn scaled(file: &File) -> Result<(Vec<[f64; 2]>, Option<String>), String> {
    let folder = Folder::new();
    file.write(&folder.path("enhanced.dcm"));
    let host = TestHost::new();
    let loaded = load_with("{}", folder.root(), &host).map_err(|error| error.to_string())?;
    assert!(host.warnings().is_empty(), "{:?}", host.warnings());
    let scaling = loaded.images[0].scaling.iter().map(|scaling| [scaling.slope, scaling.intercept]).collect();
    Ok((scaling, loaded.metadata.get("IntensityUnit").and_then(|unit| unit.as_str()).map(str::to_owned)))
}

#[test]
fn a_line_is_applied_wherever_it_stands() {
    let unit = Some("um2/s".to_owned());
    let of_frame = enhanced(Vec::new(), |index| mapped(vec![line(2.0 + index as f64, 5.0, 4095, "um2/s")]));
    assert_eq!(scaled(&of_frame), Ok((vec![[2.0, 5.0], [3.0, 5.0]], unit.clone())));
    for syntax in [uids::IMPLICIT_VR_LITTLE_ENDIAN, uids::EXPLICIT_VR_LITTLE_ENDIAN] {
        let shared = enhanced(mapped(vec![line(2.0, 5.0, 4095, "um2/s")]), |_| Vec::new()).syntax(syntax);
        assert_eq!(scaled(&shared), Ok((vec![[2.0, 5.0]], unit.clone())), "{syntax}");
    }
    // The same line twice is one; a rescaling that changes nothing is none.
    let twice = mapped(vec![line(2.0, 5.0, 150, "um2/s"), line(2.0, 5.0, 4095, "um2/s")]);
    assert_eq!(scaled(&enhanced(twice, |_| Vec::new())), Ok((vec![[2.0, 5.0]], unit.clone())));
    let rescale = |slope: &str| {
        let elements = vec![text(tags::RESCALE_SLOPE, VR::DS, slope), text(tags::RESCALE_INTERCEPT, VR::DS, "0")];
        sequence(tags::PIXEL_VALUE_TRANSFORMATION_SEQUENCE, vec![elements])
    };
    let both = |slope| {
        let mut groups = mapped(vec![line(2.0, 5.0, 4095, "um2/s")]);
        groups.push(rescale(slope));
        enhanced(groups, |_| Vec::new())
    };
    assert_eq!(scaled(&both("1")), Ok((vec![[2.0, 5.0]], unit)));
    assert_eq!(scaled(&both("3")), Ok((vec![[3.0, 0.0]], None)));
}

#[test]
fn what_is_no_line_or_not_one_is_refused() {
    let several = mapped(vec![line(2.0, 5.0, 4095, "um2/s"), line(0.1, 0.0, 4095, "ms")]);
    let message = scaled(&enhanced(several, |_| Vec::new())).unwrap_err();
    assert!(message.contains("RealWorldValueMappingSequence (0040,9096)") && message.contains("um2/s"), "{message}");
    let short = mapped(vec![line(2.0, 5.0, 150, "um2/s")]);
    let message = scaled(&enhanced(short, |_| Vec::new())).unwrap_err();
    assert!(message.contains("for stored values from 0 to 150") && message.contains("one is 200"), "{message}");
    // Two ranges of one line, of which the second begins right behind the first or later.
    let from = |first: u16| {
        let mut line = line(2.0, 5.0, 4095, "um2/s");
        line[2] = DataElement::new(tags::REAL_WORLD_VALUE_FIRST_VALUE_MAPPED, VR::US, PrimitiveValue::from(first));
        enhanced(mapped(vec![line, self::line(2.0, 5.0, 150, "um2/s")]), |_| Vec::new())
    };
    assert_eq!(scaled(&from(151)), Ok((vec![[2.0, 5.0]], Some("um2/s".into()))));
    let message = scaled(&from(180)).unwrap_err();
    assert!(message.contains("from 0 to 150 and from 180 to 4095") && message.contains("without a gap"), "{message}");
    let mut table = line(2.0, 5.0, 4095, "um2/s");
    table.drain(..2);
    table.push(DataElement::new(tags::REAL_WORLD_VALUE_LUT_DATA, VR::FD, PrimitiveValue::F64(vec![1.0, 2.0].into())));
    let message = scaled(&enhanced(mapped(vec![table]), |_| Vec::new())).unwrap_err();
    assert!(message.contains("RealWorldValueLUTData (0040,9212)"), "{message}");
    let mut flat = line(0.0, 5.0, 4095, "um2/s");
    assert!(scaled(&enhanced(mapped(vec![flat.clone()]), |_| Vec::new())).unwrap_err().contains("RealWorldValueSlope"));
    flat.remove(0);
    assert!(scaled(&enhanced(mapped(vec![flat]), |_| Vec::new())).unwrap_err().contains("RealWorldValueSlope"));
}

/// An enhanced PET: 70 kg, 368.08 MBq of F-18 an hour before; its values are those of the lines.
fn pet(lines: Vec<Vec<Element>>, of_frame: impl Fn(usize) -> Vec<Element>) -> File {
    let dose = item([
        (tags::RADIONUCLIDE_TOTAL_DOSE, VR::DS, "368.08"),
        (tags::RADIONUCLIDE_HALF_LIFE, VR::DS, "6586.2"),
        (tags::RADIOPHARMACEUTICAL_START_DATE_TIME, VR::DT, "20250101100000"),
    ]);
    enhanced(mapped(lines), of_frame)
        .text(tags::SOP_CLASS_UID, VR::UI, uids::ENHANCED_PET_IMAGE_STORAGE)
        .text(tags::MODALITY, VR::CS, "PT")
        .text(tags::PATIENT_WEIGHT, VR::DS, "70")
        .text(tags::DECAY_CORRECTED, VR::CS, "YES")
        .text(tags::DECAY_CORRECTION_DATE_TIME, VR::DT, "20250101110000")
        .text(tags::SERIES_TIME, VR::TM, "120000")
        .items(tags::RADIOPHARMACEUTICAL_INFORMATION_SEQUENCE, vec![dose])
}

const SUV: &str = "SUV by body weight, g/ml";

fn factor(seconds: f64) -> f64 {
    70_000.0 / (368.08e6 * 0.5_f64.powf(seconds / 6586.2))
}

fn near(found: Result<(Vec<[f64; 2]>, Option<String>), String>, expected: &[f64]) {
    let (found, unit) = found.unwrap();
    assert_eq!((found.len(), unit.as_deref()), (expected.len(), Some(SUV)), "{found:?}");
    for (found, expected) in found.iter().zip(expected) {
        assert!((found[0] / expected - 1.0).abs() < 1e-9, "{found:?}, expected {expected}");
    }
}

#[test]
fn an_enhanced_pet_has_its_unit_in_the_mapping() {
    let activity = || line(18.0, 0.0, 4095, "Bq/ml");
    near(scaled(&pet(vec![activity()], |_| Vec::new())), &[18.0 * factor(3600.0)]);
    near(scaled(&pet(vec![line(0.01, 0.0, 4095, "g/ml{SUVbw}")], |_| Vec::new())), &[0.01]);
    // Of several units, that which is wanted.
    near(scaled(&pet(vec![activity(), line(0.01, 0.0, 4095, "g/ml{SUVbw}")], |_| Vec::new())), &[0.01]);
    near(scaled(&pet(vec![line(7.0, 0.0, 4095, "{counts}/s"), activity()], |_| Vec::new())), &[18.0 * factor(3600.0)]);
    let own = |index: usize| mapped(vec![line(3.0 + index as f64, 0.0, 4095, "Bq/ml")]);
    near(scaled(&pet(vec![activity()], own)), &[3.0 * factor(3600.0), 4.0 * factor(3600.0)]);
    // Its dose is in MBq by the standard, also that of a child or of Ga-68.
    let small = item([
        (tags::RADIONUCLIDE_TOTAL_DOSE, VR::DS, "12.5"),
        (tags::RADIONUCLIDE_HALF_LIFE, VR::DS, "6586.2"),
        (tags::RADIOPHARMACEUTICAL_START_DATE_TIME, VR::DT, "20250101100000"),
    ]);
    let small =
        pet(vec![activity()], |_| Vec::new()).items(tags::RADIOPHARMACEUTICAL_INFORMATION_SEQUENCE, vec![small]);
    near(scaled(&small), &[18.0 * factor(3600.0) * 368.08 / 12.5]);
    let message = scaled(&pet(vec![line(1.0, 0.0, 4095, "mmol")], |_| Vec::new())).unwrap_err();
    assert!(message.contains("MeasurementUnitsCodeSequence") && message.contains("mmol"), "{message}");
    // Frames that are not corrected, each at its own time.
    let times = |index: usize| {
        let time = text(tags::FRAME_REFERENCE_DATE_TIME, VR::DT, ["20250101110000", "20250101120000"][index]);
        vec![sequence(tags::FRAME_CONTENT_SEQUENCE, vec![vec![time]])]
    };
    let uncorrected = pet(vec![activity()], times).text(tags::DECAY_CORRECTED, VR::CS, "NO");
    near(scaled(&uncorrected), &[18.0 * factor(3600.0), 18.0 * factor(7200.0)]);
    let untimed = pet(vec![activity()], |_| Vec::new()).without(tags::DECAY_CORRECTION_DATE_TIME);
    assert!(scaled(&untimed).unwrap_err().contains("DecayCorrectionDateTime (0018,9701) is missing"));
    let unsaid = pet(vec![activity()], |_| Vec::new()).without(tags::DECAY_CORRECTED);
    assert!(scaled(&unsaid).unwrap_err().contains("DecayCorrected (0018,9758) is missing"));
}

#[test]
fn times_by_two_clocks_are_compared_by_universal_time() {
    let of = |injected: &'static str, corrected: &str| {
        let dose = item([
            (tags::RADIONUCLIDE_TOTAL_DOSE, VR::DS, "368.08"),
            (tags::RADIONUCLIDE_HALF_LIFE, VR::DS, "6586.2"),
            (tags::RADIOPHARMACEUTICAL_START_DATE_TIME, VR::DT, injected),
        ]);
        pet(vec![line(18.0, 0.0, 4095, "Bq/ml")], |_| Vec::new())
            .text(tags::DECAY_CORRECTION_DATE_TIME, VR::DT, corrected)
            .items(tags::RADIOPHARMACEUTICAL_INFORMATION_SEQUENCE, vec![dose])
    };
    let expected = [18.0 * factor(3600.0)];
    near(scaled(&of("20250101080000+0000", "20250101110000+0200")), &expected);
    near(scaled(&of("20250101233000-0500", "20250102053000.0+0000")), &expected);
    // By its own clock, which the object names.
    let named = of("20250101090000+0000", "20250101110000");
    near(scaled(&named.text(tags::TIMEZONE_OFFSET_FROM_UTC, VR::SH, "+0100")), &expected);
}

#[test]
fn a_converted_pet_keeps_attributes_in_groups_of_their_own() {
    let shared = vec![
        text(tags::UNITS, VR::CS, "BQML"),
        text(tags::DECAY_CORRECTION, VR::CS, "START"),
        text(tags::CORRECTED_IMAGE, VR::CS, "ATTN\\DECY"),
        text(tags::SERIES_DATE, VR::DA, "20250101"),
        text(tags::SERIES_TIME, VR::TM, "110000"),
        text(tags::ACTUAL_FRAME_DURATION, VR::IS, "300000"),
    ];
    let rescale = vec![text(tags::RESCALE_SLOPE, VR::DS, "18"), text(tags::RESCALE_INTERCEPT, VR::DS, "0")];
    let groups = vec![
        sequence(tags::UNASSIGNED_SHARED_CONVERTED_ATTRIBUTES_SEQUENCE, vec![shared]),
        sequence(tags::PIXEL_VALUE_TRANSFORMATION_SEQUENCE, vec![rescale]),
    ];
    let own = |_| {
        let times = vec![
            text(tags::ACQUISITION_DATE, VR::DA, "20250101"),
            text(tags::ACQUISITION_TIME, VR::TM, "110000"),
            text(tags::FRAME_REFERENCE_TIME, VR::DS, "150000"),
        ];
        vec![sequence(tags::UNASSIGNED_PER_FRAME_CONVERTED_ATTRIBUTES_SEQUENCE, vec![times])]
    };
    let dose = item([
        (tags::RADIONUCLIDE_TOTAL_DOSE, VR::DS, "368080000"),
        (tags::RADIONUCLIDE_HALF_LIFE, VR::DS, "6586.2"),
        (tags::RADIOPHARMACEUTICAL_START_TIME, VR::TM, "100000"),
    ]);
    let converted = enhanced(groups, own)
        .text(tags::SOP_CLASS_UID, VR::UI, uids::LEGACY_CONVERTED_ENHANCED_PET_IMAGE_STORAGE)
        .text(tags::MODALITY, VR::CS, "PT")
        .text(tags::PATIENT_WEIGHT, VR::DS, "70")
        .items(tags::RADIOPHARMACEUTICAL_INFORMATION_SEQUENCE, vec![dose]);
    near(scaled(&converted), &[18.0 * factor(3600.0)]);
}
