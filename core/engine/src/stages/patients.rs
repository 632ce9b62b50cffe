//! Whose scans a case has, by the PatientID that each of them tells.

use serde_json::{Map, Value as Json};

use crate::{cases::Case, plan::Plan, privacy::PATIENT, results::pseudonyms::Kind};

/// The attribute.
pub const PATIENT_ID: &str = "PatientID";

/// Another scan of a case that is not of the patient of the first one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Another {
    /// The word after `image.`.
    pub scan: String,
    /// The patient of the first scan.
    pub first: String,
    /// That of this one.
    pub own: String,
}

/// The scans of a case that are of another patient than the first one; none where either tells no patient.
pub fn others(metadata: &Map<String, Json>) -> Vec<Another> {
    let Some(first) = metadata.get(PATIENT_ID).and_then(id) else { return Vec::new() };
    let other = |(name, value): (&String, &Json)| {
        let scan = name.strip_suffix(PATIENT_ID)?.strip_suffix('.')?;
        let own = id(value).filter(|own| *own != first)?;
        Some(Another { scan: scan.to_owned(), first: first.to_owned(), own: own.to_owned() })
    };
    metadata.iter().filter_map(other).collect()
}

fn id(value: &Json) -> Option<&str> {
    value.as_str().map(str::trim).filter(|id| !id.is_empty())
}

/// The patient of a case, as its list says it: in the column that a cohort names, or in `patient`.
pub fn listed<'a>(plan: &Plan, case: &'a Case) -> Option<&'a str> {
    let cohorts = plan.document["cohorts"].as_object();
    let named = cohorts.into_iter().flat_map(|cohorts| cohorts.values()).filter_map(|cohort| cohort["id"].as_str());
    let mut columns = named.chain([PATIENT]);
    columns.find_map(|column| case.covariate(column).map(str::trim).filter(|id| !id.is_empty()))
}

/// What is doubtful of the patients of a case's scans, one sentence each. With pseudonyms, ids are told by theirs.
pub fn doubts(plan: &Plan, case: &Case, metadata: &Map<String, Json>) -> Vec<String> {
    let told = |id: &str| plan.privacy.as_ref().map_or_else(|| id.to_owned(), |of| of.key().unnoted(Kind::Patient, id));
    let listed = listed(plan, case);
    said(listed, metadata, told)
}

/// The same; `listed` is the patient of the list, a pseudonym where there are pseudonyms, and `told` what is told of an id.
fn said(listed: Option<&str>, metadata: &Map<String, Json>, told: impl Fn(&str) -> String) -> Vec<String> {
    let first = metadata.get(PATIENT_ID).and_then(id).map(&told);
    let unlike = listed.zip(first).filter(|(listed, first)| listed != first).map(|(listed, first)| {
        format!("its patient is `{listed}` in the list of cases, and `{first}` in its scan (PatientID): see that it is the right scan")
    });
    let another = |Another { scan, first, own }: Another| {
        format!(
            "its scans are of two patients: `{}`, and `{}` of image.{scan} (PatientID); see that both are the right ones",
            told(&first),
            told(&own)
        )
    };
    unlike.into_iter().chain(others(metadata).into_iter().map(another)).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn metadata(of: Json) -> Map<String, Json> {
        of.as_object().cloned().unwrap_or_default()
    }

    #[test]
    fn a_scan_of_another_patient_is_found() {
        let two =
            metadata(json!({ "PatientID": "MRN-770", "other.PatientID": "MRN-771", "third.PatientID": " MRN-770 " }));
        let found = others(&two);
        assert_eq!(found, [Another { scan: "other".into(), first: "MRN-770".into(), own: "MRN-771".into() }]);
        let said = said(Some("MRN-770"), &two, str::to_owned);
        assert_eq!(said.len(), 1, "{said:?}");
        assert!(said[0].contains("`MRN-770`, and `MRN-771` of image.other"), "{said:?}");
        assert!(others(&metadata(json!({ "PatientID": "", "other.PatientID": "MRN-771" }))).is_empty());
        assert!(others(&metadata(json!({ "PatientID": "MRN-770" }))).is_empty());
    }

    #[test]
    fn a_patient_of_the_list_is_held_against_that_of_the_scan() {
        let one = metadata(json!({ "PatientID": "MRN-770" }));
        let of = |listed| said(listed, &one, |id| format!("P-{id}"));
        assert_eq!(of(Some("P-MRN-770")), Vec::<String>::new(), "by pseudonyms");
        assert_eq!(of(None), Vec::<String>::new());
        let unlike = of(Some("P-else"));
        assert!(
            unlike.len() == 1
                && unlike[0].contains("`P-else` in the list")
                && unlike[0].contains("`P-MRN-770` in its scan")
        );
        assert!(said(Some("x"), &metadata(json!({})), str::to_owned).is_empty(), "a scan that tells nobody");
    }
}
