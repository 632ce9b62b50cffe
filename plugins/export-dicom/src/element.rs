//! Elements, codes and modules that every object here has.

use dicom_core::{DataElement, PrimitiveValue, Tag, VR, value::DataSetSequence};
use dicom_dictionary_std::{tags, uids};
use dicom_object::{FileMetaTableBuilder, InMemDicomObject, mem::InMemElement};
use voxomics_sdk::Error;

use crate::{moment::Moment, source::Source};

/// The longest value of a `CodeValue`, the longest meaning, and the longest description, in characters (DICOM PS3.5, 6.2).
const MOST_CODE: usize = 16;
const MOST_LO: usize = 64;

/// A coded concept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    pub value: String,
    pub scheme: String,
    pub meaning: String,
}

impl Code {
    pub fn new(value: impl Into<String>, scheme: impl Into<String>, meaning: impl Into<String>) -> Self {
        let meaning = meaning.into().chars().take(MOST_LO).collect();
        Self { value: value.into(), scheme: scheme.into(), meaning }
    }

    /// Of DICOM's own terminology.
    pub fn dcm(value: &str, meaning: &str) -> Self {
        Self::new(value, "DCM", meaning)
    }

    /// From `code|scheme|meaning`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('|').map(str::trim);
        let (value, scheme, meaning) = (parts.next()?, parts.next()?, parts.next()?);
        let is_code = parts.next().is_none() && ![value, scheme, meaning].contains(&"") && scheme.len() <= MOST_CODE;
        is_code.then(|| Self::new(value, scheme, meaning))
    }

    /// As an item of a sequence of codes.
    pub fn item(&self) -> InMemDicomObject {
        let value = match self.value.len() {
            0..=MOST_CODE => text(tags::CODE_VALUE, VR::SH, &self.value),
            _ => text(tags::LONG_CODE_VALUE, VR::UC, &self.value),
        };
        item([
            value,
            text(tags::CODING_SCHEME_DESIGNATOR, VR::SH, &self.scheme),
            text(tags::CODE_MEANING, VR::LO, &self.meaning),
        ])
    }
}

pub fn item(elements: impl IntoIterator<Item = InMemElement>) -> InMemDicomObject {
    InMemDicomObject::from_element_iter(elements)
}

pub fn text(tag: Tag, vr: VR, value: &str) -> InMemElement {
    DataElement::new(tag, vr, PrimitiveValue::from(value))
}

/// Of type 2: there, and without a value.
pub fn empty(tag: Tag, vr: VR) -> InMemElement {
    match vr {
        VR::SQ => sequence(tag, []),
        _ => DataElement::new(tag, vr, PrimitiveValue::Empty),
    }
}

pub fn number(tag: Tag, value: u16) -> InMemElement {
    DataElement::new(tag, VR::US, PrimitiveValue::from(value))
}

pub fn sequence(tag: Tag, items: impl IntoIterator<Item = InMemDicomObject>) -> InMemElement {
    DataElement::new(tag, VR::SQ, DataSetSequence::from(items.into_iter().collect::<Vec<_>>()))
}

/// A sequence of one code.
pub fn code(tag: Tag, code: &Code) -> InMemElement {
    sequence(tag, [code.item()])
}

/// A number in at most 16 characters, as near as they allow (DICOM PS3.5, value representation DS).
pub fn decimal(value: f64) -> String {
    let shortest = format!("{value}");
    if shortest.len() <= MOST_CODE {
        return shortest;
    }
    (0..=15)
        .rev()
        .flat_map(|digits| [format!("{value:.digits$}"), format!("{value:.digits$e}")])
        .filter(|text| text.len() <= MOST_CODE)
        .min_by(|a, b| {
            let error = |text: &String| text.parse::<f64>().map_or(f64::INFINITY, |read| (read - value).abs());
            error(a).total_cmp(&error(b))
        })
        .unwrap_or_else(|| format!("{value:.0e}"))
}

/// What an object is, and which series it is in.
pub struct Head<'a> {
    pub class: &'a str,
    pub instance: &'a str,
    pub series: &'a str,
    pub series_number: &'a str,
    pub modality: &'a str,
    pub description: &'a str,
}

/// The modules of the patient, the study, the series, the equipment and the instance.
pub fn head(head: &Head<'_>, source: &Source, moment: &Moment) -> Vec<InMemElement> {
    let mut all = vec![
        text(tags::SPECIFIC_CHARACTER_SET, VR::CS, "ISO_IR 192"),
        text(tags::INSTANCE_CREATION_DATE, VR::DA, &moment.date),
        text(tags::INSTANCE_CREATION_TIME, VR::TM, &moment.time),
        text(tags::SOP_CLASS_UID, VR::UI, head.class),
        text(tags::SOP_INSTANCE_UID, VR::UI, head.instance),
        text(tags::STUDY_DATE, VR::DA, &source.study_date),
        text(tags::STUDY_TIME, VR::TM, &source.study_time),
        text(tags::ACCESSION_NUMBER, VR::SH, &source.accession_number),
        text(tags::MODALITY, VR::CS, head.modality),
        text(tags::MANUFACTURER, VR::LO, "The Voxomics developers"),
        empty(tags::REFERRING_PHYSICIAN_NAME, VR::PN),
        text(tags::TIMEZONE_OFFSET_FROM_UTC, VR::SH, "+0000"),
        text(tags::SERIES_DESCRIPTION, VR::LO, head.description),
        text(tags::MANUFACTURER_MODEL_NAME, VR::LO, "Voxomics"),
        empty(tags::PATIENT_NAME, VR::PN),
        text(tags::PATIENT_ID, VR::LO, &source.patient),
        empty(tags::PATIENT_BIRTH_DATE, VR::DA),
        text(tags::PATIENT_SEX, VR::CS, &source.sex),
        text(tags::DEVICE_SERIAL_NUMBER, VR::LO, "none"),
        text(tags::SOFTWARE_VERSIONS, VR::LO, env!("CARGO_PKG_VERSION")),
        text(tags::STUDY_INSTANCE_UID, VR::UI, &source.study),
        text(tags::SERIES_INSTANCE_UID, VR::UI, head.series),
        text(tags::STUDY_ID, VR::SH, &source.study_id),
        text(tags::SERIES_NUMBER, VR::IS, head.series_number),
        text(tags::INSTANCE_NUMBER, VR::IS, "1"),
        text(tags::CONTENT_DATE, VR::DA, &moment.date),
        text(tags::CONTENT_TIME, VR::TM, &moment.time),
    ];
    if !source.body_part.is_empty() {
        all.push(text(tags::BODY_PART_EXAMINED, VR::CS, &source.body_part));
    }
    all
}

/// The bytes of the file of an object.
///
/// # Errors
/// If it cannot be written.
pub fn file(object: &InMemDicomObject) -> Result<Vec<u8>, Error> {
    let fail = |cause: &dyn std::fmt::Display| Error::input(format!("the DICOM object cannot be written: {cause}"));
    let meta = FileMetaTableBuilder::new().transfer_syntax(uids::EXPLICIT_VR_LITTLE_ENDIAN);
    let file = object.clone().with_meta(meta).map_err(|cause| fail(&cause))?;
    let mut bytes = Vec::new();
    file.write_all(&mut bytes).map_err(|cause| fail(&cause))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decimal_has_16_characters_and_loses_least() {
        for value in [0.1, -1.0 / 3.0, 1e-300 / 3.0, -2e25 / 3.0, 123_456_789.123_456_78, -0.000_012_345_678_901_234] {
            let text = decimal(value);
            assert!(text.len() <= 16, "{text}");
            let read: f64 = text.parse().expect("a number");
            // A sign, a point and an exponent of five characters leave nine digits.
            assert!((read - value).abs() <= 1e-8 * value.abs(), "{value} as {text}");
        }
        assert_eq!(decimal(0.1), "0.1");
        assert_eq!(decimal(-1.0 / 3.0), "-0.3333333333333");
    }

    /// An archive joins objects of one study: what it has of the study must be what the scan says.
    #[test]
    fn the_study_is_that_of_the_scan() {
        let own = |text: &str| text.to_owned();
        let source = Source {
            case: own("a"),
            study: own("1.2.3"),
            series: own("1.2.3.4"),
            frame_of_reference: own("1.2.3.5"),
            modality: own("CT"),
            patient: own("MRN-770"),
            sex: own("F"),
            study_date: own("20200131"),
            study_time: own("101500"),
            study_id: own("7"),
            accession_number: own("ACC99"),
            body_part: String::new(),
        };
        let (class, instance, series) = ("1.2.840.10008.5.1.4.1.1.66.4", "2.25.1", "2.25.2");
        let of = Head { class, instance, series, series_number: "9001", modality: "SEG", description: "regions" };
        let moment = Moment { date: own("20260102"), time: own("030405") };
        let object = item(head(&of, &source, &moment));
        let told = |tag: Tag| object.element(tag).expect("it is there").to_str().expect("a text").into_owned();
        assert_eq!(
            [tags::STUDY_DATE, tags::STUDY_TIME, tags::STUDY_ID, tags::ACCESSION_NUMBER].map(told),
            ["20200131", "101500", "7", "ACC99"].map(own)
        );
        // Names of people are not read.
        assert_eq!(
            [tags::PATIENT_NAME, tags::PATIENT_BIRTH_DATE, tags::REFERRING_PHYSICIAN_NAME].map(told),
            ["", "", ""].map(own)
        );
    }

    #[test]
    fn a_code_has_three_parts() {
        assert_eq!(Code::parse("85756007|SCT|Tissue"), Some(Code::new("85756007", "SCT", "Tissue")));
        for wrong in ["", "85756007", "85756007|SCT", "|SCT|Tissue", "a|b|c|d"] {
            assert_eq!(Code::parse(wrong), None, "{wrong}");
        }
    }
}
