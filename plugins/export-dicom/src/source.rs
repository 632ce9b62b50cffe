//! What an object takes over from the scan that was measured.

use voxomics_sdk::{Error, ExportedCase};

use crate::uid::uid;

/// The patient, the study and the series of a scan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The case, of which a scan may have several.
    pub case: String,
    pub study: String,
    pub series: String,
    pub frame_of_reference: String,
    pub modality: String,
    pub patient: String,
    pub sex: String,
    pub study_date: String,
    pub study_time: String,
    pub study_id: String,
    pub accession_number: String,
    pub body_part: String,
}

impl Source {
    /// Of the scan of a case.
    ///
    /// # Errors
    /// If the scan names no study, series or frame of reference.
    pub fn of(case: &ExportedCase) -> Result<Self, Error> {
        let text = |keyword: &str| case.metadata().get(keyword).and_then(|value| value.as_str()).unwrap_or_default();
        let needed = ["StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID", "Modality"];
        let missing: Vec<&str> = needed.into_iter().filter(|keyword| text(keyword).is_empty()).collect();
        if !missing.is_empty() {
            return Err(Error::input(format!(
                "a DICOM object belongs to the study of its scan, and the scan of this case names no {}: load the case from \
                 DICOM, or export it as json or fhir",
                missing.join(" and no ")
            )));
        }
        let own = |keyword: &str| text(keyword).to_owned();
        Ok(Self {
            case: case.name().to_owned(),
            study: own(needed[0]),
            series: own(needed[1]),
            frame_of_reference: own(needed[2]),
            modality: own(needed[3]),
            patient: own("PatientID"),
            sex: own("PatientSex"),
            study_date: own("StudyDate"),
            study_time: own("StudyTime"),
            study_id: own("StudyID"),
            accession_number: own("AccessionNumber"),
            body_part: own("BodyPartExamined"),
        })
    }

    /// By what a region, or a score, of this case is known in every object. Two lesions of one scan are two findings: the case is
    /// in it, or archives would join them.
    pub fn tracking_uid(&self, kind: &str, name: &str) -> String {
        uid(&[kind, &self.series, &self.case, name], &[])
    }

    /// The same in words.
    pub fn tracking_id(&self, name: &str) -> String {
        format!("{name} ({})", self.case)
    }
}
