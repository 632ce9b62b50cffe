//! Which columns the tables of a run have, and which cases.

use std::{
    collections::{BTreeMap, HashMap},
    path::PathBuf,
};

use voxomics_base::{
    Cells,
    table::{Column, region_label},
};

use crate::perturbation::Perturbations;

/// Under which name a loader tells the unit of an image, beside its acquisition metadata.
pub const INTENSITY_UNIT: &str = "IntensityUnit";

/// What all cases of a run have in common: the names that indices in an [`Outcome`](crate::Outcome) stand for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Layout {
    /// Names of the regions.
    pub regions: Vec<String>,
    /// Columns of the feature table.
    pub columns: Vec<Column>,
    /// Under which attribute of a case the unit of an image's intensities is told, by the name of the image; none for the
    /// response of a filter, whose intensities are not those of the scan.
    pub units: BTreeMap<String, String>,
    /// Names of the inputs that a predictor could take.
    pub inputs: Vec<String>,
    /// The predictors.
    pub predictors: Vec<Predictor>,
    /// How each case is perturbed, if it is.
    pub perturbations: Option<Perturbations>,
}

/// A predictor as the tables name it.
#[derive(Debug, Clone, PartialEq)]
pub struct Predictor {
    /// Its name.
    pub name: String,
    /// Names of its inputs, in its own order.
    pub inputs: Vec<String>,
    /// Its outputs; the first is its score.
    pub outputs: Vec<Output>,
    /// Its model card, if it has one.
    pub card: Option<Card>,
}

/// The model card of a predictor, and who made and who signed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    /// The plugin.
    pub plugin: String,
    /// Version of its library.
    pub version: String,
    /// Who made it, as the library says.
    pub vendor: String,
    /// How the library is known, in words.
    pub known: String,
    /// What the card states, each with its name: the same names for every card.
    pub stated: Vec<(&'static str, String)>,
}

/// A number that a predictor gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// Its name.
    pub name: String,
    /// Its unit; empty if it has none.
    pub unit: String,
}

impl Layout {
    /// The name of a region in tables: `tumour`, or `tumour.2` for its second component.
    pub fn region_label(&self, region: usize, component: Option<usize>) -> String {
        region_label(&self.regions[region], component)
    }
}

/// A case as tables and record name it; its paths are absolute, since these may be moved.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Entry {
    /// Its name; unique.
    pub name: String,
    /// The image.
    pub image: PathBuf,
    /// The segmentation.
    pub mask: PathBuf,
    /// Further images, by the word after `image.` in the list.
    pub images: Vec<(String, PathBuf)>,
    /// Further masks, by the word after `mask.`.
    pub masks: Vec<(String, PathBuf)>,
    /// UID of the series, for an image that is a folder of several.
    pub series: Option<String>,
    /// The label of the region, if the list of cases gives one.
    pub label: Option<f64>,
    /// Name, pattern or number of the region, if the list of cases gives one.
    pub region: Option<String>,
    /// Every further column of the list, in its order.
    pub covariates: Cells,
}

impl Entry {
    /// A column of the case's row.
    pub fn covariate(&self, column: &str) -> Option<&str> {
        self.covariates.get(column)
    }

    /// Writes other places for those of its files that lie elsewhere than is to be written.
    pub fn place(&mut self, placed: &HashMap<PathBuf, PathBuf>) {
        let named = self.images.iter_mut().chain(&mut self.masks).map(|(_, path)| path);
        for path in named.chain([&mut self.image, &mut self.mask]) {
            if let Some(written) = placed.get(path) {
                path.clone_from(written);
            }
        }
    }
}
