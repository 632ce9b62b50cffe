//! The features as a structured report: TID 1500, with a group of TID 1411 for each region, and one of TID 1501 for each score
//! (DICOM PS3.16).

use dicom_core::{DataElement, PrimitiveValue, Tag, VR};
use dicom_dictionary_std::{tags, uids};
use dicom_object::{InMemDicomObject, mem::InMemElement};
use voxomics_sdk::{Error, ExportColumn, ExportedCase, ExportedScore, ucum};

use crate::{
    element::{self, Code, Head, code, decimal, empty, item, number, sequence, text},
    moment::Moment,
    segmentation::Segmentation,
    source::Source,
    uid,
};

/// The scheme of features that have no code of IBSI.
const OWN: &str = "99VOXOMICS";
/// The scheme of IBSI's codes, and its UID (DICOM PS3.16, table 8-1).
const IBSI: [&str; 2] = ["IBSI", "1.2.840.10008.2.16.13"];

/// The report of a case.
///
/// # Errors
/// If a row of the results has no segment.
pub fn object(
    case: &ExportedCase,
    source: &Source,
    moment: &Moment,
    segmentation: &Segmentation,
) -> Result<InMemDicomObject, Error> {
    let groups: Vec<InMemDicomObject> = case
        .rows()
        .enumerate()
        .map(|(row, region)| {
            let segment = segmentation.segments.iter().position(|name| name == region).ok_or_else(|| {
                Error::input(format!(
                    "the region `{region}` lies in another scan than the first: it has no segment here"
                ))
            })?;
            Ok(group(case, row, region, source, segmentation, segment + 1))
        })
        .chain(case.scores().map(|score| Ok(scored(&score, source))))
        .collect::<Result<_, Error>>()?;
    let uid = |of: &str| uid::uid(&[of, &segmentation.instance, case.name()], &[]);
    let [instance, series] = ["measurements", "their series"].map(uid);
    let head = Head {
        class: uids::COMPREHENSIVE3_DSR_STORAGE,
        instance: &instance,
        series: &series,
        series_number: "9002",
        modality: "SR",
        description: "Voxomics features (not a medical device)",
    };
    let mut all = element::head(&head, source, moment);
    all.extend([
        empty(tags::REFERENCED_PERFORMED_PROCEDURE_STEP_SEQUENCE, VR::SQ),
        empty(tags::PERFORMED_PROCEDURE_CODE_SEQUENCE, VR::SQ),
        sequence(tags::CURRENT_REQUESTED_PROCEDURE_EVIDENCE_SEQUENCE, [evidence(source, segmentation)]),
        sequence(tags::CODING_SCHEME_IDENTIFICATION_SEQUENCE, schemes()),
        text(tags::COMPLETION_FLAG, VR::CS, "COMPLETE"),
        text(tags::VERIFICATION_FLAG, VR::CS, "UNVERIFIED"),
        text(tags::VALUE_TYPE, VR::CS, "CONTAINER"),
        concept(&Code::dcm("126000", "Imaging Measurement Report")),
        text(tags::CONTINUITY_OF_CONTENT, VR::CS, "SEPARATE"),
        template("1500"),
        sequence(tags::CONTENT_SEQUENCE, content(source, groups)),
    ]);
    Ok(item(all))
}

fn concept(of: &Code) -> InMemElement {
    code(tags::CONCEPT_NAME_CODE_SEQUENCE, of)
}

fn template(number: &str) -> InMemElement {
    sequence(
        tags::CONTENT_TEMPLATE_SEQUENCE,
        [item([text(tags::MAPPING_RESOURCE, VR::CS, "DCMR"), text(tags::TEMPLATE_IDENTIFIER, VR::CS, number)])],
    )
}

/// A content item: how it belongs to the one above, what kind it is, what it is called, and what it says.
fn says(relation: &str, kind: &str, name: &Code, more: impl IntoIterator<Item = InMemElement>) -> InMemDicomObject {
    let own = [text(tags::RELATIONSHIP_TYPE, VR::CS, relation), text(tags::VALUE_TYPE, VR::CS, kind), concept(name)];
    item(own.into_iter().chain(more))
}

fn says_code(relation: &str, name: &Code, value: &Code) -> InMemDicomObject {
    says(relation, "CODE", name, [code(tags::CONCEPT_CODE_SEQUENCE, value)])
}

fn says_text(relation: &str, name: &Code, value: &str) -> InMemDicomObject {
    says(relation, "TEXT", name, [text(tags::TEXT_VALUE, VR::UT, value)])
}

fn says_uid(relation: &str, name: &Code, value: &str) -> InMemDicomObject {
    says(relation, "UIDREF", name, [text(tags::UID, VR::UI, value)])
}

/// What stands below the root.
fn content(source: &Source, groups: Vec<InMemDicomObject>) -> Vec<InMemDicomObject> {
    const OBSERVED: &str = "HAS OBS CONTEXT";
    const MODIFIED: &str = "HAS CONCEPT MOD";
    let device = uid::uid(&["device observer", "Voxomics", env!("CARGO_PKG_VERSION")], &[]);
    vec![
        says_code(
            MODIFIED,
            &Code::dcm("121049", "Language of Content Item and Descendants"),
            &Code::new("en", "RFC5646", "English"),
        ),
        says_code(OBSERVED, &Code::dcm("121005", "Observer Type"), &Code::dcm("121007", "Device")),
        says_uid(OBSERVED, &Code::dcm("121012", "Device Observer UID"), &device),
        says_text(OBSERVED, &Code::dcm("121013", "Device Observer Name"), "Voxomics"),
        says_code(MODIFIED, &Code::dcm("121058", "Procedure reported"), &procedure(&source.modality)),
        says(
            "CONTAINS",
            "CONTAINER",
            &Code::dcm("126010", "Imaging Measurements"),
            [text(tags::CONTINUITY_OF_CONTENT, VR::CS, "SEPARATE"), sequence(tags::CONTENT_SEQUENCE, groups)],
        ),
    ]
}

/// What was done, as far as the modality tells (CID 100).
fn procedure(modality: &str) -> Code {
    match modality {
        "CT" => Code::new("25045-6", "LN", "CT unspecified body region"),
        "MR" => Code::new("25056-3", "LN", "MRI unspecified body region"),
        "PT" => Code::new("44136-0", "LN", "PET unspecified body region"),
        "NM" => Code::new("49118-3", "LN", "NM unspecified body region"),
        _ => Code::new("363679005", "SCT", "Imaging procedure"),
    }
}

/// The measurements of a region.
fn group(
    case: &ExportedCase,
    row: usize,
    region: &str,
    source: &Source,
    segmentation: &Segmentation,
    segment: usize,
) -> InMemDicomObject {
    let reference = item([
        text(tags::REFERENCED_SOP_CLASS_UID, VR::UI, segmentation.class),
        text(tags::REFERENCED_SOP_INSTANCE_UID, VR::UI, &segmentation.instance),
        number(tags::REFERENCED_SEGMENT_NUMBER, u16::try_from(segment).unwrap_or(u16::MAX)),
    ]);
    let mut items = vec![
        says(
            "CONTAINS",
            "IMAGE",
            &Code::dcm("121191", "Referenced Segment"),
            [sequence(tags::REFERENCED_SOP_SEQUENCE, [reference])],
        ),
        says_uid("CONTAINS", &Code::dcm("121232", "Source series for segmentation"), &source.series),
    ];
    let measured = case.columns().iter().enumerate();
    items.extend(measured.filter_map(|(at, column)| Some(measurement(column, case.value(row, at)?.ok()))));
    tracked("1411", &source.tracking_id(region), &source.tracking_uid("region", region), items)
}

/// Measurements of one thing, by a template: what it is called, by what it is known everywhere, and what is said of it.
fn tracked(of: &str, name: &str, uid: &str, items: Vec<InMemDicomObject>) -> InMemDicomObject {
    let known = [
        says_text("HAS OBS CONTEXT", &Code::dcm("112039", "Tracking Identifier"), name),
        says_uid("HAS OBS CONTEXT", &Code::dcm("112040", "Tracking Unique Identifier"), uid),
    ];
    let content = known.into_iter().chain(items);
    says(
        "CONTAINS",
        "CONTAINER",
        &Code::dcm("125007", "Measurement Group"),
        [
            text(tags::CONTINUITY_OF_CONTENT, VR::CS, "SEPARATE"),
            template(of),
            sequence(tags::CONTENT_SEQUENCE, content),
        ],
    )
}

/// The outputs of a model, with what must be known of them.
fn scored(score: &ExportedScore<'_>, source: &Source) -> InMemDicomObject {
    let component = score.component().map(|number| format!(" of component {number}")).unwrap_or_default();
    let name = format!("{}{component}", score.model());
    let comment = |words: &str| says_text("CONTAINS", &Code::dcm("121106", "Comment"), words);
    let outputs = score.outputs().filter_map(|(output, meaning, value)| {
        let words = if meaning.is_empty() { output } else { meaning };
        Some(number_of(&Code::new(output, OWN, words), value?.ok(), &unit_of_score(meaning), score.model()))
    });
    let mut items: Vec<InMemDicomObject> = outputs.collect();
    items.push(comment("Not a medical device."));
    items.extend(score.doubts().iter().map(|doubt| comment(&format!("Doubtful: {doubt}"))));
    tracked("1501", &source.tracking_id(&name), &source.tracking_uid("score", &name), items)
}

/// A feature: its code, and its column, which says of which image and with which settings it was computed. A feature that is not
/// defined has a reason in place of a value.
fn measurement(column: &ExportColumn, value: Option<f64>) -> InMemDicomObject {
    number_of(&feature(column), value, &unit(&column.unit), &column.name)
}

/// A number or the word for none, with what it was computed by.
fn number_of(concept: &Code, value: Option<f64>, unit: &Code, parameters: &str) -> InMemDicomObject {
    let measured = value.map(|value| {
        item([
            text(tags::NUMERIC_VALUE, VR::DS, &decimal(value)),
            DataElement::new(tags::FLOATING_POINT_VALUE, VR::FD, PrimitiveValue::from(value)),
            code(tags::MEASUREMENT_UNITS_CODE_SEQUENCE, unit),
        ])
    });
    let qualifier = code(tags::NUMERIC_VALUE_QUALIFIER_CODE_SEQUENCE, &Code::dcm("114011", "Value indeterminate"));
    let modifier =
        |code: &str, meaning: &str, text: &str| says_text("HAS CONCEPT MOD", &Code::dcm(code, meaning), text);
    let how = [
        modifier("111001", "Algorithm Name", "Voxomics"),
        modifier("111003", "Algorithm Version", env!("CARGO_PKG_VERSION")),
        modifier("111002", "Algorithm Parameters", parameters),
    ];
    let absent = value.is_none().then_some(qualifier);
    let said = [sequence(tags::MEASURED_VALUE_SEQUENCE, measured), sequence(tags::CONTENT_SEQUENCE, how)];
    says("CONTAINS", "NUM", concept, said.into_iter().chain(absent))
}

/// The code of a feature: IBSI's, or its own name where IBSI has none.
fn feature(column: &ExportColumn) -> Code {
    let name = column.name.rsplit('.').next().unwrap_or(&column.name);
    let words = name.replace('_', " ");
    match column.ibsi.is_empty() {
        false => Code::new(&column.ibsi, IBSI[0], words),
        true => Code::new(name, OWN, words),
    }
}

/// SUV by body weight, as `load-dicom` calls it: DICOM has a code for it (CID 85), as `g/ml` is also the unit of SUV by lean body mass.
const SUV: &str = "SUV by body weight, g/ml";

/// The unit of a score: 1 of a probability. What else a score is measured in nobody states, and DICOM wants a code.
fn unit_of_score(meaning: &str) -> Code {
    match meaning {
        "probability" | "risk" => unit("1"),
        _ => Code::new("{no_unit_stated}", "UCUM", "unit not stated"),
    }
}

fn unit(of: &str) -> Code {
    if of == SUV {
        return Code::new("{SUVbw}g/ml", "UCUM", "Standardized Uptake Value body weight");
    }
    let code = ucum(of);
    let meaning = match code.as_str() {
        "1" => "no units",
        _ => of,
    };
    Code::new(&code, "UCUM", meaning)
}

/// What the report refers to.
fn evidence(source: &Source, segmentation: &Segmentation) -> InMemDicomObject {
    let object = item([
        text(tags::REFERENCED_SOP_CLASS_UID, VR::UI, segmentation.class),
        text(tags::REFERENCED_SOP_INSTANCE_UID, VR::UI, &segmentation.instance),
    ]);
    let series = item([
        text(tags::SERIES_INSTANCE_UID, VR::UI, &segmentation.series),
        sequence(tags::REFERENCED_SOP_SEQUENCE, [object]),
    ]);
    item([text(tags::STUDY_INSTANCE_UID, VR::UI, &source.study), sequence(tags::REFERENCED_SERIES_SEQUENCE, [series])])
}

fn schemes() -> [InMemDicomObject; 2] {
    let named = |tag: Tag, value: &str| text(tag, VR::ST, value);
    [
        item([
            text(tags::CODING_SCHEME_DESIGNATOR, VR::SH, IBSI[0]),
            text(tags::CODING_SCHEME_UID, VR::UI, IBSI[1]),
            named(tags::CODING_SCHEME_NAME, "Image Biomarker Standardisation Initiative"),
        ]),
        item([
            text(tags::CODING_SCHEME_DESIGNATOR, VR::SH, OWN),
            named(tags::CODING_SCHEME_NAME, "Voxomics, features without a code of IBSI"),
        ]),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_say_which_they_are() {
        assert_eq!(unit_of_score("probability"), Code::new("1", "UCUM", "no units"));
        assert_eq!(unit_of_score("risk").value, "1");
        assert_eq!(unit_of_score("score"), Code::new("{no_unit_stated}", "UCUM", "unit not stated"));
        assert_eq!(unit(SUV).value, "{SUVbw}g/ml");
        assert_eq!(unit("(SUV by body weight, g/ml)^2").value, "g2/ml2");
        assert_eq!(unit("HU").value, "[hnsf'U]");
    }
}
