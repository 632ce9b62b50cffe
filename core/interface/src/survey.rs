//! What a folder holds, as a loader tells it without reading voxels: the JSON object of a survey.
//!
//! A loader whose description says `surveys` answers a load request of the role `codes::ROLE_SURVEY` with no voxels, and
//! with a [`Survey`] as its metadata. A path is a text; one that is not UTF-8, an array of its bytes.

use std::{collections::BTreeMap, path::PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// What a folder holds.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Survey {
    /// How many files were looked at.
    pub files: u64,
    /// The series of images, by patient, study and series.
    pub series: Vec<Series>,
    /// The files of outlines.
    pub outlines: Vec<Outlines>,
    /// Files that are of this format and yet cannot be used, and why.
    pub unusable: Vec<Unusable>,
    /// How many files are not of this format.
    pub foreign: u64,
    /// Images that are no volumes by their nature: screenshots, scouts, dose screens.
    #[serde(default)]
    pub aside: Vec<Aside>,
    /// How many files of this format are neither images nor outlines, by what they are called: `SR`, `RTDOSE`, …
    #[serde(default)]
    pub others: BTreeMap<String, u64>,
}

/// Images that are no volume, and need not be one.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Aside {
    /// UID of their series.
    pub uid: String,
    /// The patient's ID; may be empty.
    pub patient: String,
    /// Modality, as DICOM writes it.
    pub modality: String,
    /// What the scanner called them.
    pub description: String,
    /// The smallest folder that holds all of the files.
    #[serde(with = "lossless")]
    pub folder: PathBuf,
    /// Number of files.
    pub files: u64,
    /// Why they are no volume.
    pub reason: String,
}

/// A series of images.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Series {
    /// Its UID; of a series that has several volumes, `UID/Keyword=value` for each, with a comma between several attributes
    /// of which all are needed.
    pub uid: String,
    /// The patient's ID; may be empty.
    pub patient: String,
    /// UID of the study.
    pub study: String,
    /// Modality, as DICOM writes it.
    pub modality: String,
    /// What the scanner called it.
    pub description: String,
    /// The smallest folder that holds all of its files, and from which it can be loaded by its UID.
    #[serde(with = "lossless")]
    pub folder: PathBuf,
    /// Number of files.
    pub files: u64,
    /// Number of voxels, if its geometry is sound.
    pub dims: Option<[u64; 3]>,
    /// Distance of voxel centres, mm, if its geometry is sound.
    pub spacing: Option<[f64; 3]>,
    /// Why it cannot be loaded, if it cannot.
    pub problem: Option<String>,
    /// What may be wrong with it, though it can be loaded.
    #[serde(default)]
    pub warnings: Vec<String>,
    /// Acquisition metadata, by DICOM attribute name.
    pub attributes: BTreeMap<String, Json>,
}

/// A file of outlines.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Outlines {
    /// The file.
    #[serde(with = "lossless")]
    pub path: PathBuf,
    /// Modality, as DICOM writes it: `RTSTRUCT`, `SEG`.
    pub modality: String,
    /// The patient's ID; may be empty.
    pub patient: String,
    /// UID of the series that it was drawn on, if it says so; `UID/Keyword=value` if it was drawn on one volume of a series
    /// that has several.
    pub series: Option<String>,
    /// If it does not say so, the series on which it may have been drawn: those of its frame of reference, or, where it has
    /// none, of its patient.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub candidates: Vec<String>,
    /// Its regions.
    pub regions: Vec<Outlined>,
    /// What its name says that tells it from other masks of the same images, if its regions have no names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub word: Option<String>,
    /// Why it belongs to no series, if that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub homeless: Option<String>,
}

/// A region of a file of outlines.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Outlined {
    /// Its number.
    pub number: u32,
    /// Its name.
    pub name: String,
    /// Whether nothing is drawn for it that could hold a voxel.
    #[serde(default)]
    pub empty: bool,
    /// Why it cannot be read together with a series, by the series' `uid`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub problems: BTreeMap<String, String>,
    /// The series, by `uid`, on whose grid it does not lie: it has to be resampled.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub off_grid: Vec<String>,
    /// Further series, by `uid`, that it was not drawn on and can be read with if the experiment allows it: those of the same
    /// frame of reference.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<String>,
    /// What may be wrong with it, though it can be read, each sentence once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// A file that cannot be used.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Unusable {
    /// The file, or the folder that cannot be read.
    #[serde(with = "lossless")]
    pub path: PathBuf,
    /// Why.
    pub problem: String,
}

/// Paths as they are, also those that are not UTF-8.
mod lossless {
    use std::path::{Path, PathBuf};

    use serde::{Deserialize, Deserializer, Serializer};

    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Shown {
        Text(String),
        Bytes(Vec<u8>),
    }

    pub fn serialize<S: Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
        match path.to_str() {
            Some(text) => serializer.serialize_str(text),
            None => serializer.collect_seq(bytes(path)),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<PathBuf, D::Error> {
        Ok(match Shown::deserialize(deserializer)? {
            Shown::Text(text) => text.into(),
            Shown::Bytes(bytes) => path(bytes),
        })
    }

    #[cfg(unix)]
    fn bytes(path: &Path) -> Vec<u8> {
        std::os::unix::ffi::OsStrExt::as_bytes(path.as_os_str()).to_vec()
    }

    #[cfg(unix)]
    fn path(bytes: Vec<u8>) -> PathBuf {
        <std::ffi::OsString as std::os::unix::ffi::OsStringExt>::from_vec(bytes).into()
    }

    #[cfg(not(unix))]
    fn bytes(path: &Path) -> Vec<u8> {
        path.to_string_lossy().into_owned().into_bytes()
    }

    #[cfg(not(unix))]
    fn path(bytes: Vec<u8>) -> PathBuf {
        String::from_utf8_lossy(&bytes).into_owned().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_older_loaders_tell_is_understood() {
        let told = r#"{"files": 1, "series": [], "foreign": 0, "unusable": [{"path": "a/b", "problem": "x"}],
            "outlines": [{"path": "c", "modality": "", "patient": "", "series": null,
            "regions": [{"number": 1, "name": "GTV"}]}]}"#;
        let survey: Survey = serde_json::from_str(told).expect("a survey");
        assert_eq!(survey.unusable[0].path, PathBuf::from("a/b"));
        assert!(!survey.outlines[0].regions[0].empty && survey.aside.is_empty() && survey.others.is_empty());
    }

    #[cfg(unix)]
    #[test]
    fn a_path_is_carried_as_it_is() {
        use std::os::unix::ffi::OsStrExt as _;
        for (bytes, shown) in [(&b"/a/M\xc3\xbc"[..], "\"/a/M\u{fc}\""), (b"/a/\xfc", "[47,97,47,252]")] {
            let file = Unusable { path: std::ffi::OsStr::from_bytes(bytes).into(), problem: String::new() };
            let json = serde_json::to_string(&file).expect("JSON");
            assert!(json.contains(shown), "{json}");
            assert_eq!(serde_json::from_str::<Unusable>(&json).expect("a file"), file);
        }
    }
}
