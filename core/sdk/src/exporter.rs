//! Exporters.

use voxomics_interface::{
    OwnedArray,
    calls::{self, EXPORT, EXPORT_NEEDS, Files},
    codes,
};

use crate::{
    Context, Description, Error, Grid, Image, Settings,
    door::{Door, Given, Made, no_method},
};

pub use calls::{ExportColumn, ExportNeeds, ExportRegion};

/// Turns the results of a case into files: a structured report, a segmentation, a message for another system.
///
/// The program asks for [`needs`](Self::needs) once, after an instance was configured, and for the files of a case when all of
/// its values are there ([the rules](crate#how-the-program-calls-a-plugin)).
///
/// ```
/// use voxomics_sdk::prelude::*;
///
/// /// A line for each value of a case.
/// struct Lines;
///
/// impl Exporter for Lines {
///     fn describe() -> Description {
///         Description::new("lines", "A text file of all values")
///     }
///     fn configure(_: &Settings) -> Result<Self, Error> {
///         Ok(Self)
///     }
///     fn export(&self, case: &ExportedCase, _: &Context) -> Result<Vec<ExportedFile>, Error> {
///         let mut text = String::new();
///         for (row, region) in case.rows().enumerate() {
///             for (at, column) in case.columns().iter().enumerate() {
///                 match case.value(row, at) {
///                     Some(Ok(value)) => text += &format!("{region} {} {value} {}\n", column.name, column.unit),
///                     Some(Err(reason)) => text += &format!("{region} {} has no value: {reason}\n", column.name),
///                     None => {}
///                 }
///             }
///         }
///         Ok(vec![ExportedFile::new("values.txt", text)])
///     }
/// }
///
/// use voxomics_sdk::testing::{TestCase, TestHost, export};
///
/// let case = TestCase::new("P1")
///     .column("statistics.mean", "HU")
///     .column("glcm.contrast", "1")
///     .row("tumour", [Some(Ok(42.5)), Some(Err("no pair of voxels"))]);
/// let files = export(&Lines, &case, &TestHost::new()).unwrap();
/// let expected = "tumour statistics.mean 42.5 HU\ntumour glcm.contrast has no value: no pair of voxels\n";
/// assert_eq!(files, [ExportedFile::new("values.txt", expected)]);
/// ```
pub trait Exporter: Send + Sync + Sized + 'static {
    /// Id and settings.
    fn describe() -> Description;

    /// Makes an instance from checked settings, before any image is read.
    ///
    /// # Errors
    /// For settings that contradict each other.
    fn configure(settings: &Settings) -> Result<Self, Error>;

    /// What it needs beside the results: by default nothing.
    ///
    /// ```
    /// use voxomics_sdk::prelude::*;
    ///
    /// // An exporter of segmentations.
    /// let needs = ExportNeeds { regions: true, ..ExportNeeds::default() };
    /// assert!(!needs.image);
    /// ```
    fn needs(&self) -> ExportNeeds {
        ExportNeeds::default()
    }

    /// The files of a case. The program writes them, into a folder of the exporter and the case: a plugin opens none.
    ///
    /// # Errors
    /// For results that cannot be exported.
    fn export(&self, case: &ExportedCase, context: &Context) -> Result<Vec<ExportedFile>, Error>;
}

/// A file that an exporter makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportedFile {
    /// Its name below the case's folder: words with dots, and `/` between folders.
    pub name: String,
    /// What the program writes, byte by byte.
    pub bytes: Vec<u8>,
}

impl ExportedFile {
    /// A file of bytes, or of text.
    ///
    /// ```
    /// use voxomics_sdk::prelude::*;
    ///
    /// assert_eq!(ExportedFile::new("notes/a.txt", "text").bytes, b"text");
    /// ```
    pub fn new(name: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self { name: name.into(), bytes: bytes.into() }
    }
}

/// The results of a case. The arrays are the program's memory.
///
/// ```
/// use voxomics_sdk::testing::{TestCase, TestImage};
///
/// let image = TestImage::new([2, 1, 1], vec![10.0, 20.0]).region("tumour", vec![0, 1]);
/// let case = TestCase::new("P1").score("signature", Ok(0.5)).voxels(image);
/// case.with(|case| {
///     let score = case.scores().next().unwrap();
///     assert_eq!((case.name(), score.model(), score.outputs().next().unwrap().2), ("P1", "signature", Some(Ok(0.5))));
///     // The masks lie on the same grid as the image.
///     let (region, mask) = case.regions().next().unwrap();
///     assert_eq!((region.name.as_str(), mask, case.grid().unwrap().dims), ("tumour", &[0, 1][..], [2, 1, 1]));
///     assert_eq!(case.image().unwrap().voxels(), [10.0, 20.0]);
/// });
/// ```
pub struct ExportedCase<'a> {
    case: calls::Export,
    values: &'a [f64],
    status: &'a [u8],
    scores: Vec<(&'a [f64], &'a [u8])>,
    grid: Option<Grid>,
    image: Option<&'a [f64]>,
    masks: Vec<&'a [u8]>,
}

/// A value, or why there is none; nothing where the feature is not computed.
pub type Exported<'a> = Option<Result<f64, &'a str>>;

/// A prediction of the case, of one predictor or model: its [outputs](Self::outputs) and its [doubts](Self::doubts).
///
/// ```
/// use voxomics_sdk::testing::TestCase;
///
/// TestCase::new("P1").score("signature", Err("there is no tumour")).with(|case| {
///     let score = case.scores().next().unwrap();
///     assert_eq!((score.model(), score.component(), score.doubts().len()), ("signature", None, 0));
///     let (name, meaning, value) = score.outputs().next().unwrap();
///     assert_eq!((name, meaning, value), ("", "score", Some(Err("there is no tumour"))));
/// });
/// ```
pub struct ExportedScore<'a> {
    of: &'a calls::ExportScore,
    values: &'a [f64],
    status: &'a [u8],
}

fn value<'a>(value: f64, status: u8, why: Option<&'a serde_json::Value>) -> Exported<'a> {
    match status {
        codes::STATUS_OK => Some(Ok(value)),
        codes::STATUS_UNDEFINED => Some(Err(why.and_then(serde_json::Value::as_str).unwrap_or_default())),
        _ => None,
    }
}

impl<'a> ExportedCase<'a> {
    pub(crate) fn new(given: &Given<'a>) -> Result<Self, Error> {
        let case: calls::Export = given.read()?;
        let count = case.rows.len() * case.columns.len();
        let (values, status) = (given.exactly("values", count)?, given.exactly("status", count)?);
        let score = |(at, score): (usize, &calls::ExportScore)| {
            let of = |what: &str| format!("score.{at}.{what}");
            let count = score.outputs.len();
            Ok((given.exactly(&of("values"), count)?, given.exactly(&of("status"), count)?))
        };
        let scores = case.scores.iter().enumerate().map(score).collect::<Result<_, Error>>()?;
        let masks = case.regions.iter().enumerate().map(|(at, _)| given.array::<u8>(&format!("region.{at}")));
        let masks = masks.collect::<Result<Vec<_>, Error>>()?;
        let image = given.find("image").map(|_| given.array::<f64>("image")).transpose()?;
        let dims = image.map(|(_, dims)| dims).or_else(|| masks.first().map(|(_, dims)| *dims));
        let grid = match dims {
            None => None,
            Some(dims) => {
                let dims = <[u64; 3]>::try_from(dims).map_err(|_| {
                    Error::input(format!("the host's regions have {} dimensions, expected 3", dims.len()))
                })?;
                Some(given.grid(dims)?)
            }
        };
        if let Some((at, _)) = masks.iter().enumerate().find(|(_, (_, other))| Some(*other) != dims) {
            return Err(Error::input(format!("the host's array `region.{at}` is on another grid than the others")));
        }
        let masks = masks.into_iter().map(|(mask, _)| mask).collect();
        Ok(Self { values, status, scores, grid, image: image.map(|(voxels, _)| voxels), masks, case })
    }

    /// Name of the case.
    pub fn name(&self) -> &str {
        &self.case.case
    }

    /// Acquisition metadata, by DICOM attribute name.
    pub fn metadata(&self) -> &serde_json::Map<String, serde_json::Value> {
        &self.case.metadata
    }

    /// The columns of the features.
    pub fn columns(&self) -> &[ExportColumn] {
        &self.case.columns
    }

    /// The regions of the rows, as tables name them.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &str> {
        self.case.rows.iter().map(|row| row.region.as_str())
    }

    /// The value of a row and a column.
    ///
    /// # Panics
    /// If there is no such row or column.
    pub fn value(&self, row: usize, column: usize) -> Exported<'_> {
        let at = row * self.case.columns.len() + column;
        value(self.values[at], self.status[at], self.case.rows[row].reasons.get(&column.to_string()))
    }

    /// The predictions of the case; of a predictor that scores each component, one for each of them.
    pub fn scores(&self) -> impl ExactSizeIterator<Item = ExportedScore<'_>> {
        self.case.scores.iter().zip(&self.scores).map(|(of, (values, status))| ExportedScore { of, values, status })
    }

    /// The regions and their masks (1 inside, *x* fastest), on the [`grid`](Self::grid); none unless they were asked for.
    pub fn regions(&self) -> impl ExactSizeIterator<Item = (&ExportRegion, &'a [u8])> {
        self.case.regions.iter().zip(self.masks.iter().copied())
    }

    /// Where the voxels of the regions are, if there are any.
    pub fn grid(&self) -> Option<&Grid> {
        self.grid.as_ref()
    }

    /// The image on that grid, if it was asked for.
    pub fn image(&self) -> Option<Image<'a>> {
        Some(Image::new(*self.grid.as_ref()?, self.image?))
    }
}

impl ExportedScore<'_> {
    /// The predictor or model.
    pub fn model(&self) -> &str {
        &self.of.model
    }

    /// Number of the component, where each is a region of its own.
    pub fn component(&self) -> Option<u64> {
        self.of.component
    }

    /// Why the score is doubtful, one sentence each.
    pub fn doubts(&self) -> &[String] {
        &self.of.doubts
    }

    /// Name, meaning and value of each output.
    pub fn outputs(&self) -> impl ExactSizeIterator<Item = (&str, &str, Exported<'_>)> {
        self.of.outputs.iter().enumerate().map(|(at, output)| {
            let why = self.of.reasons.get(&at.to_string());
            (output.name.as_str(), output.meaning.as_str(), value(self.values[at], self.status[at], why))
        })
    }
}

/// An exporter behind the door.
pub(crate) struct Behind<E>(pub E);

impl<E: Exporter> Door for Behind<E> {
    fn call(&self, method: &str, given: &Given, context: &Context) -> Result<Made, Error> {
        match method {
            EXPORT_NEEDS => Made::new(&self.0.needs(), Vec::new()),
            EXPORT => {
                let files = self.0.export(&ExportedCase::new(given)?, context)?;
                let names = Files { files: files.iter().map(|file| file.name.clone()).collect() };
                let arrays = files
                    .into_iter()
                    .enumerate()
                    .map(|(at, file)| OwnedArray::new(format!("file.{at}"), &[file.bytes.len() as u64], file.bytes));
                Made::new(&names, arrays.collect())
            }
            other => Err(no_method("export", other)),
        }
    }
}
