//! The experiment: what the TOML says, typed, nothing resolved yet.

mod compat;
mod controls;
pub mod course;
mod discretisation;
mod document;
mod fit;
mod limits;
mod maps;
mod output;
mod perturb;
mod plugins;
mod prepare;
mod read;
mod regions;
mod section;
pub mod study;
mod words;

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use serde::Serialize;

use crate::privacy::Privacy;

pub use compat::Compat;
pub use controls::Controls;
pub use fit::Fit;
pub use limits::Limits;
pub use maps::{Format, Mapping, Radius};
pub use output::Tables;
pub use perturb::Perturb;
pub use prepare::{Between, Prepare};
pub use regions::{Components, Innermost, Region, RegionFrom};
pub use section::Placed;
pub use voxomics_base::{Diagnostic, Diagnostics, Origin, PluginSettings, suggestion};
pub use voxomics_host::{
    CallLimits,
    trust::{Floor, Pin},
};

/// An experiment as its TOML states it.
#[derive(Debug, Clone)]
pub struct Experiment {
    /// The file, or a name for the one that is built in.
    pub path: PathBuf,
    /// The folder that relative paths of the file start from.
    pub folder: PathBuf,
    /// Name: that of `[experiment]`, or the file's stem.
    pub name: String,
    /// Seed for anything random.
    pub seed: u64,
    /// Other software whose definitions and names are wanted.
    pub compat: Option<Compat>,
    /// Where the cases come from.
    pub cases: CaseSource,
    /// Only rows of the case list whose columns have these values.
    pub only: Vec<study::Condition>,
    /// Columns of the case list that the experiment relies on.
    pub covariates: Vec<Covariate>,
    /// Plugins to load.
    pub plugins: Plugins,
    /// Settings of loaders, by id.
    pub loaders: Vec<(String, PluginSettings)>,
    /// What to do if image and mask are not on one grid.
    pub on_mismatch: OnMismatch,
    /// The most bytes of voxels that one scan may put into memory.
    pub max_scan_bytes: u64,
    /// Regions, in order.
    pub regions: Vec<Region>,
    /// What is done to scan and mask before anything else, if that is asked for.
    pub prepare: Option<Prepare>,
    /// Interpolation, if any.
    pub interpolation: Option<Interpolation>,
    /// Re-segmentation.
    pub resegmentation: Resegmentation,
    /// How cases are perturbed, if they are.
    pub perturb: Option<Perturb>,
    /// Which negative controls are computed, if some are.
    pub controls: Option<Controls>,
    /// Discretisation, if the experiment has one for all.
    pub discretisation: Option<Discretisation>,
    /// Images, in order; the original one if the file names none. Maps follow them: each is made of an image.
    pub images: Vec<Image>,
    /// Feature families, in order.
    pub features: Vec<Family>,
    /// Predictors, in order.
    pub predictors: Vec<Predict>,
    /// Exporters, in order.
    pub exports: Vec<Export>,
    /// What makes a study of it: cohorts, learning, evaluation, report.
    pub study: study::Study,
    /// How lesions are followed over time, if they are.
    pub course: Option<course::Course>,
    /// What it is about, in its own words.
    pub description: String,
    /// What an import could not take over from another program's file, one sentence each.
    pub lost: Vec<String>,
    /// Output folder, if the file names one.
    pub output: Option<PathBuf>,
    /// In what form tables are written.
    pub tables: Tables,
    /// The whole file with overrides, as JSON, for the record.
    pub document: serde_json::Value,
    /// The text of the file, for showing places in it.
    pub text: String,
    /// What the command line changed of it.
    pub overrides: Vec<String>,
    /// Files that lie elsewhere than what is written of them says: where they are, and the place that is written. Results that
    /// are made again from moved files have the same words.
    pub placed: Arc<HashMap<PathBuf, PathBuf>>,
    /// What keeps its results from naming anybody, if that is wanted.
    pub privacy: Option<Arc<Privacy>>,
    /// What is wrong with it, as far as reading it could tell; the plan adds to it.
    pub mistakes: Diagnostics,
}

/// Where the cases come from.
#[derive(Debug, Clone, PartialEq)]
pub enum CaseSource {
    /// The command line must say.
    None,
    /// A CSV.
    List(PathBuf),
    /// A folder with one pattern for images and one for masks, each with `{case}`.
    Folder {
        /// The folder.
        folder: PathBuf,
        /// Path of an image below it.
        image: String,
        /// Path of a mask below it.
        mask: String,
    },
    /// Cases that the program makes.
    Make(Vec<String>),
}

/// A column of the case list that the experiment relies on.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Covariate {
    /// Name of the input.
    pub name: String,
    /// Column of the case list.
    pub column: String,
    /// For a categorical column: its levels, each of which becomes an input of 0 or 1.
    pub levels: Option<Vec<String>>,
    /// Whether it is a number of a table of features, measured in an image: then scanners differ in it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub measured: bool,
}

/// Plugins to load.
#[derive(Debug, Clone, Default)]
pub struct Plugins {
    /// By name.
    pub names: Vec<Placed<String>>,
    /// Folders to look in last.
    pub folders: Vec<PathBuf>,
    /// By file.
    pub files: Vec<PluginFile>,
    /// Python files.
    pub scripts: Vec<PluginScript>,
    /// The least standing that a plugin must have.
    pub trust: Floor,
    /// Whether libraries that did not come with the program run in processes of their own.
    pub isolate: bool,
    /// What calls of isolated plugins may cost.
    pub limits: CallLimits,
    /// Whether a file is left out, because what is said of it is wrong.
    pub incomplete: bool,
}

/// A plugin that is named by its file.
#[derive(Debug, Clone, PartialEq)]
pub struct PluginFile {
    /// The library.
    pub path: Placed<PathBuf>,
    /// What its bytes must hash to, and whose signature it must have.
    pub pin: Pin,
    /// Whether it runs in a process of its own; what the experiment says for all if this is left out.
    pub isolation: Option<bool>,
}

/// A plugin in Python.
#[derive(Debug, Clone, PartialEq)]
pub struct PluginScript {
    /// Its file.
    pub file: Placed<PathBuf>,
    /// Files beside it that it imports.
    pub helpers: Vec<PathBuf>,
    /// The interpreter.
    pub interpreter: PathBuf,
    /// What its bytes must hash to, and whose signature it must have.
    pub pin: Pin,
}

/// What to do if image and mask are not on one grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnMismatch {
    /// The case fails.
    Error,
    /// The mask is carried onto the image's grid, nearest voxel.
    ResampleMask,
}

/// An exporter as the experiment uses it.
#[derive(Debug, Clone)]
pub struct Export {
    /// Its name: that of its folder.
    pub name: String,
    /// Name of the plugin: `export-json`.
    pub plugin: String,
    /// Its settings.
    pub settings: PluginSettings,
}

/// Interpolation.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Interpolation {
    /// New spacing, mm; 0 keeps that of the scan.
    pub spacing_mm: [f64; 3],
    /// Method for intensities.
    pub image: Method,
    /// Method for masks.
    pub mask: Method,
    /// Whether intensities are rounded to whole numbers afterwards.
    pub round_intensities: bool,
    /// What the spline finds beyond the outermost voxel centres; none for other methods, which find the nearest centre.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub beyond_edge: Option<BeyondEdge>,
}

/// What the cubic spline finds beyond the outermost voxel centres of a scan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum BeyondEdge {
    /// The value at the nearest point of the edge.
    Clamp,
    /// Its own mirror image.
    Mirror,
    /// Repetitions of the outermost voxels.
    Repeat,
}

/// Method of interpolation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// Nearest neighbour.
    Nearest,
    /// Trilinear.
    Linear,
    /// Tricubic B-spline.
    Cubic,
}

/// Re-segmentation.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Resegmentation {
    /// Intensities that stay, both ends included.
    pub range: Option<Limits>,
    /// Intensities further than this many standard deviations from the mean go.
    pub sigma: Option<f64>,
    /// Intensities that stay, as parts of the region's highest, both ends included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of_maximum: Option<[f64; 2]>,
}

/// Discretisation.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Discretisation {
    /// A fixed number of bins over the region's own range (IBSI K15C).
    FixedBinNumber {
        /// Number of bins.
        bins: u32,
    },
    /// Bins of a fixed size (IBSI Q3RU).
    FixedBinSize {
        /// Width of a bin, in units of intensity.
        width: f64,
        /// Where the first bin begins.
        minimum: Minimum,
        /// Where the last bin ends, if that is fixed.
        maximum: Option<f64>,
        /// Whether intensities beyond the fixed ends leave the region instead of joining the nearest bin.
        exclude_out_of_bounds: bool,
    },
}

/// Where the first bin of a fixed size begins.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Minimum {
    /// At the region's lowest intensity.
    Region,
    /// At the region's lowest intensity, rounded down to a multiple of the width: bins of different regions then have
    /// their edges in common, though not their numbers.
    MultipleOfWidth,
    /// At this intensity.
    At(f64),
    /// Where the experiment does not say it: at this lower end of the re-segmentation range, if levels are of a scan. A limit
    /// in the unit of a scan has no meaning for what a filter or a family made of it: there, as [`Region`](Self::Region).
    Limit(f64),
}

impl Minimum {
    /// The intensity, for a region whose lowest one is `lowest`; none leaves it to the region.
    pub fn resolve(self, width: f64, lowest: impl FnOnce() -> Option<f64>) -> Option<f64> {
        match self {
            Self::Region => None,
            Self::At(minimum) | Self::Limit(minimum) => Some(minimum),
            Self::MultipleOfWidth => lowest().map(|lowest| lowest - lowest.rem_euclid(width)),
        }
    }
}

/// An image that features are computed of.
#[derive(Debug, Clone)]
pub struct Image {
    /// Its name.
    pub name: String,
    /// The scan of the case that it is of, by the word after `image.`; none for the one without a word.
    pub scan: Option<String>,
    /// The image that the filter takes; none for the scan.
    pub of: Option<String>,
    /// Id and settings of the filter; none for the original.
    pub filter: Option<(String, PluginSettings)>,
    /// How a family makes it, if it is a map.
    pub mapping: Option<Mapping>,
    /// Where what the filter was fitted to comes from.
    pub fit: Fit,
    /// Its own discretisation.
    pub discretisation: Option<Discretisation>,
    /// Where it stands.
    pub origin: Origin,
}

/// A feature family as the experiment uses it.
#[derive(Debug, Clone)]
pub struct Family {
    /// Its name: prefix of the columns.
    pub name: String,
    /// Id of the plugin; the same as the name unless the file says otherwise.
    pub plugin: String,
    /// Aggregations; empty for the plugin's default.
    pub aggregations: Vec<String>,
    /// Its own discretisation.
    pub discretisation: Option<Discretisation>,
    /// Images that it is computed of; none for all.
    pub images: Option<Vec<String>>,
    /// Regions that it is computed of; none for all.
    pub regions: Option<Vec<String>>,
    /// Features that go into the tables; none for all.
    pub only: Option<Vec<String>>,
    /// The plugin's settings.
    pub settings: PluginSettings,
}

/// A predictor as the experiment uses it.
#[derive(Debug, Clone)]
pub struct Predict {
    /// Its name.
    pub name: String,
    /// Name of the plugin: `predict-linear`.
    pub plugin: String,
    /// Its settings.
    pub settings: PluginSettings,
}

impl Experiment {
    /// Reads an experiment file. What does not keep the rest of it from being looked at is left to the plan, which
    /// reports all mistakes at once.
    ///
    /// # Errors
    /// Why it is no TOML file, rendered for a person.
    pub fn from_file(path: &Path, overrides: &[String]) -> Result<Self, String> {
        let bytes = std::fs::read(path).map_err(|cause| format!("error: cannot read {}: {cause}\n", path.display()))?;
        let text = String::from_utf8(bytes).map_err(|cause| {
            let at = cause.utf8_error().valid_up_to();
            format!("error: {} is not a text: byte {at} is not UTF-8. An experiment is a TOML file.\n", path.display())
        })?;
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        // A plugin in this process may change the working directory: after it was entered, a relative path leads elsewhere.
        let folder = std::path::absolute(folder)
            .map_err(|cause| format!("error: the working directory cannot be found: {cause}\n"))?;
        Self::from_text(path, &folder, &text, overrides)
    }

    /// Reads an experiment from a text; relative paths in it start from `folder`.
    ///
    /// # Errors
    /// As [`from_file`](Self::from_file).
    pub fn from_text(path: &Path, folder: &Path, text: &str, overrides: &[String]) -> Result<Self, String> {
        let diagnostics = Diagnostics::default();
        let root = document::parse(path, text, overrides, &diagnostics).ok_or_else(|| diagnostics.render())?;
        let experiment = read::experiment(path, folder, text, &root, &diagnostics);
        Ok(Self { mistakes: diagnostics, overrides: overrides.to_vec(), ..experiment })
    }
}
