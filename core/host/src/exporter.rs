//! Configured exporters.

use std::path::{Component, Path};

use voxomics_base::{Diagnostics, PluginSettings, scan, table::FeatureValue};
use voxomics_imaging::Grid;
use voxomics_interface::{
    Array,
    calls::{self, EXPORT, EXPORT_NEEDS, Files, GRID, Nothing},
    codes,
};

use super::{CaseHost, PluginError, Registered, call::one_line, instance::Instance};

pub use calls::{ExportColumn, ExportNeeds, ExportRegion};

/// A configured exporter.
pub struct ExporterInstance {
    /// Its name.
    pub name: String,
    /// What it needs beside the results.
    pub needs: ExportNeeds,
    instance: Instance,
}

/// Configures an exporter.
///
/// # Errors
/// If it cannot tell what it needs.
pub fn exporter(
    of: Registered<'_>,
    settings: &PluginSettings,
    diagnostics: &Diagnostics,
) -> Result<Option<ExporterInstance>, PluginError> {
    let Some(instance) = Instance::configure(of, settings, diagnostics) else { return Ok(None) };
    let needs = instance.ask(EXPORT_NEEDS, &Nothing {}, &[])?.read("its needs")?;
    Ok(Some(ExporterInstance { name: instance.name.clone(), needs, instance }))
}

/// The results of a case, as they are handed to an exporter.
#[derive(Default)]
pub struct ExportCase<'a> {
    /// Name of the case.
    pub case: &'a str,
    /// The columns of the features.
    pub columns: Vec<ExportColumn>,
    /// For each row its region, as tables name it, and a value for each column; none where it is not computed.
    pub rows: Vec<(String, &'a [Option<FeatureValue>])>,
    /// The scores.
    pub scores: Vec<ExportScore<'a>>,
    /// Acquisition metadata.
    pub metadata: serde_json::Map<String, serde_json::Value>,
    /// Where the voxels are, the image if it is asked for, and the regions with their masks.
    pub space: Option<ExportSpace<'a>>,
}

/// Regions and image of a case, in one box.
pub struct ExportSpace<'a> {
    /// Where the voxels are.
    pub grid: Grid,
    /// The intensities, if they are asked for.
    pub image: Option<&'a [f64]>,
    /// The regions and their masks.
    pub regions: Vec<(ExportRegion, Vec<u8>)>,
}

/// A prediction, as it is handed to an exporter.
pub struct ExportScore<'a> {
    /// The predictor.
    pub model: &'a str,
    /// Number of the component.
    pub component: Option<usize>,
    /// Its outputs.
    pub outputs: Vec<calls::Output>,
    /// Their values.
    pub values: Vec<&'a FeatureValue>,
    /// Why the score is doubtful.
    pub doubts: &'a [String],
}

/// A file that an exporter made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportedFile {
    /// Its name, below the folder of the exporter and the case.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Values as they cross: numbers, statuses, and reasons by their place.
fn values<'a>(
    values: impl IntoIterator<Item = Option<&'a FeatureValue>>,
) -> (Vec<f64>, Vec<u8>, serde_json::Map<String, serde_json::Value>) {
    let (mut numbers, mut status, mut reasons) = (Vec::new(), Vec::new(), serde_json::Map::new());
    for (at, value) in values.into_iter().enumerate() {
        let (number, code) = match value {
            None => (0.0, codes::STATUS_MISSING),
            Some(Ok(value)) => (*value, codes::STATUS_OK),
            Some(Err(reason)) => {
                reasons.insert(at.to_string(), (**reason).into());
                (0.0, codes::STATUS_UNDEFINED)
            }
        };
        numbers.push(number);
        status.push(code);
    }
    (numbers, status, reasons)
}

impl ExporterInstance {
    /// The files of a case, in the order in which the exporter names them.
    ///
    /// # Errors
    /// If the exporter fails, or names a file that does not lie below its folder.
    pub fn export(&self, case: &ExportCase<'_>, host: &CaseHost) -> Result<Vec<ExportedFile>, PluginError> {
        let (mut numbers, mut status, mut rows) = (Vec::new(), Vec::new(), Vec::new());
        for (region, cells) in &case.rows {
            let (of_row, codes, reasons) = values(cells.iter().map(Option::as_ref));
            numbers.extend(of_row);
            status.extend(codes);
            rows.push(calls::ExportRow { region: region.clone(), reasons });
        }
        let scores = case.scores.iter().enumerate().map(|(at, score)| {
            let (numbers, status, reasons) = values(score.values.iter().copied().map(Some));
            let told = calls::ExportScore {
                model: score.model.into(),
                component: score.component.map(|number| number as u64),
                outputs: score.outputs.clone(),
                reasons,
                doubts: score.doubts.to_vec(),
            };
            let name = |what: &str| format!("score.{at}.{what}");
            (told, [name("values"), name("status")], [numbers.len() as u64], numbers, status)
        });
        let scores: Vec<_> = scores.collect();
        let request = calls::Export {
            case: case.case.into(),
            columns: case.columns.clone(),
            rows,
            regions: case
                .space
                .iter()
                .flat_map(|space| space.regions.iter().map(|(region, _)| region.clone()))
                .collect(),
            scores: scores.iter().map(|(told, ..)| told.clone()).collect(),
            metadata: case.metadata.clone(),
        };
        let dims = [case.columns.len() as u64, case.rows.len() as u64];
        let mut arrays = vec![Array::new("values", &dims, &numbers), Array::new("status", &dims, &status)];
        for (_, [of_values, of_status], dims, numbers, status) in &scores {
            arrays.push(Array::new(of_values, dims, numbers));
            arrays.push(Array::new(of_status, dims, status));
        }
        let grid = case.space.as_ref().map(|space| scan::to_wire(&space.grid));
        let placed = grid.as_ref().map(|grid| grid.numbers());
        let regions = case.space.iter().flat_map(|space| &space.regions).enumerate();
        let masks: Vec<(String, &[u8])> =
            regions.map(|(at, (_, mask))| (format!("region.{at}"), mask.as_slice())).collect();
        if let (Some(grid), Some(placed), Some(space)) = (&grid, &placed, &case.space) {
            arrays.push(Array::new(GRID, &[15], placed));
            arrays.extend(masks.iter().map(|(name, mask)| Array::new(name, &grid.dims, mask)));
            arrays.extend(space.image.map(|voxels| Array::new("image", &grid.dims, voxels)));
        }
        let mut answer = self.instance.call(EXPORT, &request, &arrays, host)?;
        let Files { files } = answer.read("the names of its files")?;
        let mut made: Vec<ExportedFile> = Vec::new();
        for (at, name) in files.into_iter().enumerate() {
            let broken = |why: &str| {
                Err(PluginError::broken(&self.name, format!("it names a file `{}`, which {why}", one_line(&name))))
            };
            if !is_below(&name) {
                return broken("is not the name of a file below its folder");
            }
            if made.iter().any(|file| file.name == name) {
                return broken("it has named before");
            }
            let bytes = answer.elements::<u8>(&format!("file.{at}"))?.to_vec();
            made.push(ExportedFile { name, bytes });
        }
        Ok(made)
    }
}

/// Whether a name is that of a file below a folder, on every system.
fn is_below(name: &str) -> bool {
    let word = |part: &str| {
        !part.is_empty()
            && !part.starts_with('.')
            && !part.ends_with(['.', ' '])
            && part.chars().all(|c| !c.is_control() && !"\\:*?\"<>|".contains(c))
    };
    name.split('/').all(word) && Path::new(name).components().all(|part| matches!(part, Component::Normal(_)))
}

#[cfg(test)]
mod tests {
    use super::is_below;

    #[test]
    fn a_file_stays_below_its_folder() {
        for name in ["a.csv", "reports/sr.dcm", "Ä b.json"] {
            assert!(is_below(name), "{name}");
        }
        for name in
            ["", "/etc/passwd", "../a", "a/../../b", "a//b", "a/", ".hidden", "C:\\a", "a\\b", "a\nb", "nul:", "a."]
        {
            assert!(!is_below(name), "{name:?}");
        }
    }
}
