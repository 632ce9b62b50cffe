//! A case as Python states it: paths, arrays, or one of each.

use std::path::PathBuf;

use pyo3::prelude::*;
use voxomics_engine::{
    cases::Case,
    scan::Segmentation,
    stages::load::{Given, Image, Outlined},
};

use crate::{
    array::{self, Placed},
    refused,
};

/// Where an image or a mask is.
#[derive(FromPyObject)]
pub enum Source<'py> {
    /// In memory.
    Array(Placed<'py>),
    /// In a file or folder.
    Path(PathBuf),
}

/// A case.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub struct Asked<'py> {
    name: String,
    image: Source<'py>,
    /// None where regions are not looked at.
    mask: Option<Source<'py>>,
    label: Option<f64>,
    region: Option<String>,
    series: Option<String>,
    /// Further columns of a list of cases.
    columns: Vec<(String, String)>,
    /// Attributes of the image, as a loader would tell them: JSON.
    attributes: String,
}

impl Asked<'_> {
    /// Whether there is a mask.
    pub fn is_outlined(&self) -> bool {
        self.mask.is_some()
    }

    /// The case, and what of it is in memory.
    pub fn case(self) -> PyResult<(Case, Given)> {
        let mut given = Given::default();
        let mut path_of =
            |source: Source<'_>, take: &mut dyn FnMut(&mut Given, Placed<'_>) -> PyResult<()>| match source {
                Source::Path(path) => Ok(path),
                Source::Array(placed) => take(&mut given, placed).map(|()| PathBuf::new()),
            };
        let attributes = serde_json::from_str(&self.attributes).map_err(refused)?;
        let mut attributes = Some(attributes);
        let image = path_of(self.image, &mut |given, placed| {
            let metadata = attributes.take().unwrap_or_default();
            given.image = Some(Image { scan: array::scan(&placed)?, metadata });
            Ok(())
        })?;
        let mut drawn = |given: &mut Given, placed: Placed<'_>| {
            let drawn = Segmentation { labels: array::scan(&placed)?, regions: Vec::new(), reference_offset: None };
            given.masks.push((None, Outlined { segmentations: vec![drawn], named: Vec::new() }));
            Ok(())
        };
        let mask = self.mask.map_or_else(|| Ok(PathBuf::new()), |mask| path_of(mask, &mut drawn))?;
        let mut case = Case::new(self.name, image, mask);
        (case.label, case.region, case.series) = (self.label, self.region, self.series);
        case.covariates = self.columns.into_iter().collect();
        Ok((case, given))
    }
}
