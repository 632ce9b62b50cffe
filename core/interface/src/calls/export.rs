//! Exporters: results and regions in, files out.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use super::Output;

/// Method of an exporter: nothing → [`ExportNeeds`].
pub const EXPORT_NEEDS: &str = "needs";
/// Method of an exporter: [`Export`] and the arrays `values` (f64, columns × rows) and `status` (u8); for each score I its
/// `score.I.values` (f64) and `score.I.status` (u8); if they are asked for `grid` and `region.I` (u8), and `image` (f64) →
/// [`Files`] and the arrays `file.I` (u8). The program writes the files: a plugin writes none.
pub const EXPORT: &str = "export";

/// What an exporter needs beside the results.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportNeeds {
    /// The masks of the regions.
    #[serde(default)]
    pub regions: bool,
    /// The image, on the grid of the regions.
    #[serde(default)]
    pub image: bool,
}

/// The results of a case.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Export {
    /// Name of the case.
    pub case: String,
    /// The columns of the features.
    pub columns: Vec<ExportColumn>,
    /// The rows of the features: `values` and `status` have the values of the first row first.
    pub rows: Vec<ExportRow>,
    /// The regions whose masks are the arrays `region.I`; empty unless they are asked for.
    #[serde(default)]
    pub regions: Vec<ExportRegion>,
    /// The scores.
    #[serde(default)]
    pub scores: Vec<ExportScore>,
    /// Acquisition metadata, by DICOM attribute name.
    #[serde(default)]
    pub metadata: Map<String, Json>,
}

/// A column of the features.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ExportColumn {
    /// Its name in tables.
    pub name: String,
    /// Its IBSI code; empty if it has none.
    #[serde(default)]
    pub ibsi: String,
    /// Its unit, with that of the image where that is known.
    #[serde(default)]
    pub unit: String,
}

/// A row of the features.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ExportRow {
    /// The region, as tables name it.
    pub region: String,
    /// Why values are not defined, by the number of the column.
    #[serde(default)]
    pub reasons: Map<String, Json>,
}

/// A region.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ExportRegion {
    /// Its name, as tables have it.
    pub name: String,
    /// Its volume, mL.
    pub volume_ml: f64,
}

/// A prediction.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ExportScore {
    /// The predictor or model.
    pub model: String,
    /// Number of the component, where each is a region of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub component: Option<u64>,
    /// What each of its numbers is.
    pub outputs: Vec<Output>,
    /// Why numbers are not defined, by their place.
    #[serde(default)]
    pub reasons: Map<String, Json>,
    /// Why the score is doubtful, one sentence each.
    #[serde(default)]
    pub doubts: Vec<String>,
}

/// The files of a case.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Files {
    /// Their names, below the folder that the program gives to the exporter and the case: words with dots, and `/` between
    /// folders.
    pub files: Vec<String>,
}
