//! Columns and covariates by name: an experiment may have tens of thousands of either.

use std::{collections::HashMap, hash::Hash};

use super::Plan;
use crate::{experiment::Covariate, table::Column};

/// Where things are, by name; of a name that is there twice, the first counts.
#[derive(Debug, Default)]
pub(super) struct Names {
    columns: HashMap<String, usize>,
    covariates: HashMap<String, usize>,
    covariates_by_column: HashMap<String, usize>,
}

impl Names {
    pub(super) fn of(columns: &[Column], covariates: &[Covariate]) -> Self {
        Self {
            columns: places(columns.iter().map(|column| column.name.clone())),
            covariates: places(covariates.iter().map(|covariate| covariate.name.clone())),
            covariates_by_column: places(covariates.iter().map(|covariate| covariate.column.clone())),
        }
    }
}

fn places<K: Hash + Eq>(names: impl Iterator<Item = K>) -> HashMap<K, usize> {
    let mut places = HashMap::new();
    for (place, name) in names.enumerate() {
        places.entry(name).or_insert(place);
    }
    places
}

impl Plan {
    /// Index of a column.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.names.columns.get(name).copied()
    }

    /// A covariate by its name.
    pub fn covariate(&self, name: &str) -> Option<&Covariate> {
        self.names.covariates.get(name).map(|index| &self.covariates[*index])
    }

    /// The covariate that has a column of the list of cases.
    pub fn covariate_of_column(&self, column: &str) -> Option<&Covariate> {
        self.names.covariates_by_column.get(column).map(|index| &self.covariates[*index])
    }
}
