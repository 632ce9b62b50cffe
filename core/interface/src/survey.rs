//! What a folder holds, as a loader tells it without reading voxels: the JSON object of a survey.
//!
//! A loader whose description says `surveys` answers a load request of the role `codes::ROLE_SURVEY` with no voxels, and
//! with a [`Survey`] as its metadata.

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
}

/// A series of images.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Series {
    /// Its UID.
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
    pub folder: PathBuf,
    /// Number of files.
    pub files: u64,
    /// Number of voxels, if its geometry is sound.
    pub dims: Option<[u64; 3]>,
    /// Distance of voxel centres, mm, if its geometry is sound.
    pub spacing: Option<[f64; 3]>,
    /// Why it cannot be loaded, if it cannot.
    pub problem: Option<String>,
    /// Acquisition metadata, by DICOM attribute name.
    pub attributes: BTreeMap<String, Json>,
}

/// A file of outlines.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Outlines {
    /// The file.
    pub path: PathBuf,
    /// Modality, as DICOM writes it: `RTSTRUCT`, `SEG`.
    pub modality: String,
    /// The patient's ID; may be empty.
    pub patient: String,
    /// UID of the series that it was drawn on, if it says so.
    pub series: Option<String>,
    /// Its regions.
    pub regions: Vec<Outlined>,
}

/// A region of a file of outlines.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Outlined {
    /// Its number.
    pub number: u32,
    /// Its name.
    pub name: String,
}

/// A file that cannot be used.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Unusable {
    /// The file.
    pub path: PathBuf,
    /// Why.
    pub problem: String,
}
