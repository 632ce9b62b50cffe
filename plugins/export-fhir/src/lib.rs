//! The results of a case as a FHIR R4 bundle: an `Observation` for each region, whose components are its features with IBSI's codes
//! and UCUM's units, and one for each score.
//!
//! Systems of codes are those of HL7's page on known systems; IBSI's codes have the UID that DICOM gives them (PS3.16, table 8-1) as
//! an OID.

use serde_json::{Map, Value as Json, json};
use voxomics_sdk::{ExportColumn, Exported, ExportedScore, prelude::*, ucum};

const IBSI: &str = "urn:oid:1.2.840.10008.2.16.13";
const DCM: &str = "http://dicom.nema.org/resources/ontology/DCM";
const UCUM: &str = "http://unitsofmeasure.org";
const CATEGORY: &str = "http://terminology.hl7.org/CodeSystem/observation-category";
const ABSENT: &str = "http://terminology.hl7.org/CodeSystem/data-absent-reason";
const DICOM_UID: &str = "urn:dicom:uid";
const NOTICE: &str = "Not a medical device.";

/// The export, configured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AsFhir {
    status: String,
    patient_system: Option<String>,
}

impl Exporter for AsFhir {
    fn describe() -> Description {
        Description::new("fhir", "Features and scores of a case as FHIR R4 Observations")
            .setting(
                Setting::choice("status", "what is known of the results", &["preliminary", "final"])
                    .default("preliminary"),
            )
            .setting(
                Setting::text("patient_system", "the system of the patients' ids, a URI; none if it is empty")
                    .default(""),
            )
    }

    fn configure(settings: &Settings) -> Result<Self, Error> {
        let system = settings.text("patient_system")?;
        if !system.is_empty() && !system.contains(':') {
            let what = "expected a URI, as urn:oid:1.2.3 or https://hospital.example/patients";
            return Err(Error::setting("patient_system", format!("`{system}` is no URI: {what}")));
        }
        let patient_system = (!system.is_empty()).then(|| system.to_owned());
        Ok(Self { status: settings.text("status")?.to_owned(), patient_system })
    }

    fn export(&self, case: &ExportedCase, _: &Context) -> Result<Vec<ExportedFile>, Error> {
        let regions = case.rows().enumerate().map(|(row, region)| {
            let measured = case.columns().iter().enumerate();
            let components: Vec<Json> =
                measured.filter_map(|(at, column)| component(column, case.value(row, at))).collect();
            let mut observation = self.observation(case, format!("Radiomics features of the region {region}"));
            observation.insert("component".into(), components.into());
            observation
        });
        let scores = case.scores().map(|score| self.score(case, &score));
        let entries = regions.chain(scores).map(|resource| json!({ "resource": resource }));
        let bundle = json!({ "resourceType": "Bundle", "type": "collection", "entry": entries.collect::<Vec<_>>() });
        let text = serde_json::to_string_pretty(&bundle)
            .map_err(|cause| Error::input(format!("the results cannot be written as JSON: {cause}")))?;
        Ok(vec![ExportedFile::new("observations.json", format!("{text}\n"))])
    }
}

impl AsFhir {
    /// What all observations of a case share.
    fn observation(&self, case: &ExportedCase, what: String) -> Map<String, Json> {
        let told = |keyword: &str| case.metadata().get(keyword).and_then(Json::as_str).filter(|text| !text.is_empty());
        let mut all = Map::new();
        let mut say = |key: &str, value: Json| drop(all.insert(key.into(), value));
        say("resourceType", "Observation".into());
        say("status", self.status.clone().into());
        let imaging = json!({ "system": CATEGORY, "code": "imaging", "display": "Imaging" });
        say("category", json!([{ "coding": [imaging] }]));
        let measurements = json!({ "system": DCM, "code": "126010", "display": "Imaging Measurements" });
        say("code", json!({ "coding": [measurements], "text": what }));
        if let Some(id) = told("PatientID") {
            let mut identifier = json!({ "value": id });
            if let Some(system) = &self.patient_system {
                identifier["system"] = system.as_str().into();
            }
            say("subject", json!({ "type": "Patient", "identifier": identifier }));
        }
        if let Some(date) = told("StudyDate").and_then(date) {
            say("effectiveDateTime", date.into());
        }
        if let Some(study) = told("StudyInstanceUID") {
            let identifier = json!({ "system": DICOM_UID, "value": format!("urn:oid:{study}") });
            say("derivedFrom", json!([{ "type": "ImagingStudy", "identifier": identifier }]));
        }
        say("device", json!({ "display": concat!("Voxomics ", env!("CARGO_PKG_VERSION")) }));
        say("note", json!([{ "text": NOTICE }, { "text": format!("Case {}", case.name()) }]));
        all
    }

    fn score(&self, case: &ExportedCase, score: &ExportedScore) -> Map<String, Json> {
        let of = score.component().map(|number| format!(" of component {number}")).unwrap_or_default();
        let mut observation = self.observation(case, format!("Score of the model {}{of}", score.model()));
        let components = score.outputs().filter_map(|(name, meaning, value)| {
            let mut told = said(value, is_share(meaning).then_some(("1", "")))?;
            let text = if meaning.is_empty() { name.to_owned() } else { format!("{name}: {meaning}") };
            told["code"] = json!({ "text": text });
            Some(told)
        });
        observation.insert("component".into(), components.collect());
        if let Some(notes) = observation.get_mut("note").and_then(Json::as_array_mut) {
            notes.extend(score.doubts().iter().map(|doubt| json!({ "text": format!("Doubtful: {doubt}") })));
        }
        observation
    }
}

/// A feature; nothing where it is not computed.
fn component(column: &ExportColumn, value: Exported) -> Option<Json> {
    let code = ucum(&column.unit);
    let mut told = said(value, Some((code.as_str(), column.unit.as_str())))?;
    let mut code = json!({ "text": column.name });
    if !column.ibsi.is_empty() {
        code["coding"] = json!([{ "system": IBSI, "code": column.ibsi }]);
    }
    told["code"] = code;
    Some(told)
}

/// Whether an output is a probability, whose unit is 1. What a score is measured in nobody states.
fn is_share(meaning: &str) -> bool {
    ["probability", "risk"].contains(&meaning)
}

/// A value with the code and the word of its unit, if that is known, or why there is none.
fn said(value: Exported, unit: Option<(&str, &str)>) -> Option<Json> {
    Some(match value? {
        Ok(number) => {
            let mut quantity = json!({ "value": number });
            if let Some((code, unit)) = unit {
                quantity["system"] = UCUM.into();
                quantity["code"] = code.into();
                if !unit.is_empty() {
                    quantity["unit"] = unit.into();
                }
            }
            json!({ "valueQuantity": quantity })
        }
        Err(reason) => {
            let coding = json!({ "system": ABSENT, "code": "not-a-number", "display": "Not a Number (NaN)" });
            json!({ "dataAbsentReason": { "coding": [coding], "text": reason } })
        }
    })
}

/// `YYYYMMDD` of DICOM as `YYYY-MM-DD`.
fn date(of: &str) -> Option<String> {
    let is_date = of.len() == 8 && of.bytes().all(|byte| byte.is_ascii_digit());
    is_date.then(|| format!("{}-{}-{}", &of[..4], &of[4..6], &of[6..]))
}

voxomics_sdk::export_plugin! { vendor: "The Voxomics developers", exporters: [AsFhir] }

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_score_has_no_unit_and_a_probability_is_a_share_of_1() {
        let quantity = |meaning: &str| {
            let told = said(Some(Ok(0.25)), is_share(meaning).then_some(("1", ""))).expect("a value");
            told["valueQuantity"].clone()
        };
        assert_eq!(quantity("score"), json!({ "value": 0.25 }));
        assert_eq!(quantity("probability"), json!({ "value": 0.25, "system": UCUM, "code": "1" }));
        assert_eq!(quantity("risk")["code"], "1");
    }
}
