//! The results of a case, as an exporter's unit test makes them.

use voxomics_interface::{
    Array, Request,
    calls::{self, Export, ExportColumn, ExportRegion, ExportRow, ExportScore},
    codes,
};

use super::{TestHost, TestImage};
use crate::{Error, ExportedCase, ExportedFile, Exporter, door::Given};

/// A value, the reason why there is none, or nothing where the feature is not computed.
type Cell<'a> = Option<Result<f64, &'a str>>;

/// The results of a case from plain values.
///
/// ```
/// use voxomics_sdk::testing::TestCase;
///
/// let case = TestCase::new("P1")
///     .metadata("Modality", "CT")
///     .column("statistics.mean", "HU")
///     .row("tumour", [Some(Ok(42.5))])
///     .score("signature", Ok(0.5));
/// case.with(|case| {
///     assert_eq!((case.value(0, 0), case.metadata()["Modality"].as_str()), (Some(Ok(42.5)), Some("CT")))
/// });
/// ```
#[derive(Debug, Clone, Default)]
pub struct TestCase {
    case: Export,
    values: Vec<f64>,
    status: Vec<u8>,
    scores: Vec<([f64; 1], [u8; 1])>,
    voxels: Option<TestImage>,
}

impl TestCase {
    /// A case of that name, without columns, rows and scores.
    pub fn new(name: &str) -> Self {
        Self { case: Export { case: name.into(), ..Export::default() }, ..Self::default() }
    }

    /// With one more column of the features: its name in tables, and its unit.
    ///
    /// # Panics
    /// If there are rows already.
    pub fn column(mut self, name: &str, unit: &str) -> Self {
        assert!(self.case.rows.is_empty(), "the columns come before the rows");
        self.case.columns.push(ExportColumn { name: name.into(), unit: unit.into(), ibsi: String::new() });
        self
    }

    /// With one more row of the features: a region, and what each column has of it.
    ///
    /// # Panics
    /// If there is not one value for each column.
    pub fn row<'a>(mut self, region: &str, values: impl IntoIterator<Item = Cell<'a>>) -> Self {
        let mut row = ExportRow { region: region.into(), ..ExportRow::default() };
        for (column, cell) in values.into_iter().enumerate() {
            let (value, status) = told(cell);
            self.values.push(value);
            self.status.push(status);
            if let Some(Err(reason)) = cell {
                row.reasons.insert(column.to_string(), reason.into());
            }
        }
        self.case.rows.push(row);
        assert_eq!(self.values.len(), self.case.rows.len() * self.case.columns.len(), "a value for each column");
        self
    }

    /// With one more score, of a predictor or model with one output.
    pub fn score(mut self, model: &str, score: Result<f64, &str>) -> Self {
        let output = calls::Output { meaning: calls::MEANING_SCORE.into(), ..calls::Output::default() };
        let mut of = ExportScore { model: model.into(), outputs: vec![output], ..ExportScore::default() };
        if let Err(reason) = score {
            of.reasons.insert("0".into(), reason.into());
        }
        self.case.scores.push(of);
        let (value, status) = told(Some(score));
        self.scores.push(([value], [status]));
        self
    }

    /// With one more value of the acquisition metadata, by DICOM attribute name.
    pub fn metadata(mut self, attribute: &str, value: impl Into<serde_json::Value>) -> Self {
        self.case.metadata.insert(attribute.into(), value.into());
        self
    }

    /// With an image and its regions, on one grid.
    pub fn voxels(mut self, image: TestImage) -> Self {
        self.voxels = Some(image);
        self
    }

    /// Calls `work` with what an exporter's method takes.
    pub fn with<T>(&self, work: impl FnOnce(&ExportedCase) -> T) -> T {
        match &self.voxels {
            None => self.lend(Vec::new(), Vec::new(), work),
            Some(image) => image.with(|image| {
                let (grid, numbers) = (image.grid(), image.grid().numbers());
                let volume_ml = |mask: &[u8]| {
                    let voxels = mask.iter().filter(|inside| **inside != 0).count() as f64;
                    voxels * image.spacing().iter().product::<f64>() / 1000.0
                };
                let regions = image.regions();
                let regions =
                    regions.map(|(name, mask)| ExportRegion { name: name.into(), volume_ml: volume_ml(mask) });
                let names: Vec<String> = (0..regions.len()).map(|at| format!("region.{at}")).collect();
                let mut arrays =
                    vec![Array::new("image", &grid.dims, image.voxels()), Array::new(calls::GRID, &[15], &numbers)];
                let masks = image.regions().zip(&names);
                arrays.extend(masks.map(|((_, mask), name)| Array::new(name, &grid.dims, mask)));
                self.lend(regions.collect(), arrays, work)
            }),
        }
    }

    fn lend<T>(&self, regions: Vec<ExportRegion>, arrays: Vec<Array<'_>>, work: impl FnOnce(&ExportedCase) -> T) -> T {
        let (count, mut arrays): (_, Vec<Array<'_>>) = ([self.values.len() as u64], arrays);
        arrays.extend([Array::new("values", &count, &self.values), Array::new("status", &count, &self.status)]);
        let name = |at: usize, what: &str| format!("score.{at}.{what}");
        let names: Vec<[String; 2]> =
            (0..self.scores.len()).map(|at| [name(at, "values"), name(at, "status")]).collect();
        for ((value, status), [of_value, of_status]) in self.scores.iter().zip(&names) {
            arrays.extend([Array::new(of_value, &[1], value), Array::new(of_status, &[1], status)]);
        }
        let case = Export { regions, ..self.case.clone() };
        let json = serde_json::to_string(&case).expect("plain values are JSON");
        let case =
            ExportedCase::new(&Given::new(Request::new(&json, &arrays))).expect("the arrays are those of the case");
        work(&case)
    }
}

fn told(cell: Cell<'_>) -> (f64, u8) {
    match cell {
        Some(Ok(value)) => (value, codes::STATUS_OK),
        Some(Err(_)) => (0.0, codes::STATUS_UNDEFINED),
        None => (0.0, codes::STATUS_MISSING),
    }
}

/// Exports a case.
///
/// [`Exporter`] has an example.
///
/// # Errors
/// The exporter's.
///
/// # Panics
/// If two files have one name, or a name leaves the folder of the case.
pub fn export<E: Exporter>(exporter: &E, case: &TestCase, host: &TestHost) -> Result<Vec<ExportedFile>, Error> {
    let files = case.with(|case| exporter.export(case, &host.context()))?;
    for (at, file) in files.iter().enumerate() {
        assert!(files[..at].iter().all(|other| other.name != file.name), "`{}` was made twice", file.name);
        let inside = file.name.split('/').all(|part| !part.is_empty() && part != "." && part != "..");
        assert!(inside, "`{}` is no name below the folder of the case", file.name);
    }
    Ok(files)
}
