//! Configured filters.

use voxomics_base::{Diagnostics, PluginSettings, scan};
use voxomics_imaging::Grid;
use voxomics_interface::{
    Array,
    calls::{self, APPLY, Dims, MAPS, MARGIN, Maps, Nothing},
};

use super::{CaseHost, Elements, PluginError, Registered, instance::Instance};

/// A configured filter.
pub struct FilterInstance {
    /// Its name.
    pub name: String,
    /// The names of its response maps.
    pub maps: Vec<String>,
    instance: Instance,
}

/// Configures a filter.
///
/// # Errors
/// If it cannot tell its response maps.
pub fn filter(
    of: Registered<'_>,
    settings: &PluginSettings,
    diagnostics: &Diagnostics,
) -> Result<Option<FilterInstance>, PluginError> {
    let Some(instance) = Instance::configure(of, settings, diagnostics) else { return Ok(None) };
    let Maps { maps } = instance.ask(MAPS, &Nothing {}, &[])?.read("the names of its response maps")?;
    let unclear = maps.is_empty() || maps.iter().enumerate().any(|(i, map)| maps[..i].contains(map));
    if unclear {
        return Err(PluginError::broken(
            &instance.name,
            format!("it names its response maps {maps:?}, which is none or one twice"),
        ));
    }
    Ok(Some(FilterInstance { name: instance.name.clone(), maps, instance }))
}

impl FilterInstance {
    /// How many voxels around a voxel its response depends on.
    ///
    /// # Errors
    /// If it fails to say.
    pub fn margin(&self, grid: &Grid, host: &CaseHost) -> Result<[usize; 3], PluginError> {
        let grid = scan::to_wire(grid);
        let numbers = grid.numbers();
        let arrays = [Array::new(calls::GRID, &[15], &numbers)];
        let mut answer = self.instance.call(MARGIN, &Dims { dims: grid.dims }, &arrays, host)?;
        let margin = answer.elements::<u64>(MARGIN)?;
        let Ok(margin) = <[u64; 3]>::try_from(&*margin) else {
            let message = format!("its margin has {} numbers, expected 3", margin.len());
            return Err(PluginError::broken(&self.name, message));
        };
        Ok(margin.map(|n| usize::try_from(n).unwrap_or(usize::MAX >> 8).min(usize::MAX >> 8)))
    }

    /// Filters an image: the response maps, in the order of [`maps`](Self::maps).
    ///
    /// # Errors
    /// If the filter fails, or answers with other maps or sizes than it should.
    pub fn apply(&self, grid: &Grid, voxels: &[f64], host: &CaseHost) -> Result<Vec<Elements<f64>>, PluginError> {
        let grid = scan::to_wire(grid);
        let numbers = grid.numbers();
        let arrays = [Array::new("image", &grid.dims, voxels), Array::new(calls::GRID, &[15], &numbers)];
        let mut answer = self.instance.call(APPLY, &Nothing {}, &arrays, host)?;
        if let Ok(Maps { maps }) = answer.read::<Maps>("its response maps")
            && maps != self.maps
        {
            let message = format!("it answered with the response maps {maps:?}, expected {:?}", self.maps);
            return Err(PluginError::broken(&self.name, message));
        }
        let responses = (0..self.maps.len()).map(|index| {
            let response = answer.elements::<f64>(&format!("map.{index}"))?;
            self.verify(&response, voxels, grid.dims)?;
            Ok(response)
        });
        responses.collect()
    }

    fn verify(&self, response: &[f64], voxels: &[f64], dims: [u64; 3]) -> Result<(), PluginError> {
        if response.len() != voxels.len() {
            let (found, expected) = (response.len(), voxels.len());
            let message = format!(
                "its response is an image of another size: {found} voxels, expected {expected} ({} × {} × {})",
                dims[0], dims[1], dims[2]
            );
            return Err(PluginError::broken(&self.name, message));
        }
        let wrong = response.iter().find(|x| !x.is_finite());
        match wrong.filter(|_| voxels.iter().all(|x| x.is_finite())) {
            Some(wrong) => {
                let message = format!("its response holds {wrong}, though every voxel of the image is a number");
                Err(PluginError::broken(&self.name, message))
            }
            None => Ok(()),
        }
    }
}
