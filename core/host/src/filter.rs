//! Configured filters.

use rayon::prelude::*;
use voxomics_base::{Diagnostics, PluginSettings, scan};
use voxomics_imaging::Grid;
use voxomics_interface::{
    Array,
    calls::{self, APPLY, Dims, MAPS, MARGIN, Maps, Nothing, Whole},
};

use super::{CaseHost, Elements, PluginError, Registered, fitted::Fitted, instance::Instance, seen::Seen};

/// A configured filter.
pub struct FilterInstance {
    /// Its name.
    pub name: String,
    /// The names of its response maps.
    pub maps: Vec<String>,
    /// For each map the unit of its values, `intensity` for that of the image; empty if they are not known.
    pub units: Vec<String>,
    /// Whether it sees the regions.
    pub sees_regions: bool,
    /// Whether it is still to be fitted on a cohort.
    pub unfitted: bool,
    instance: Instance,
}

/// Configures a filter; one that is fitted on a cohort with its state, or to be fitted without.
///
/// # Errors
/// If it cannot tell its response maps.
pub fn filter(
    of: Registered<'_>,
    settings: &PluginSettings,
    state: Option<&str>,
    diagnostics: &Diagnostics,
) -> Result<Option<FilterInstance>, PluginError> {
    let Some(instance) = Instance::configure_with(of, settings, state, diagnostics) else { return Ok(None) };
    let Maps { maps, units, sees_regions } =
        instance.ask(MAPS, &Nothing {}, &[])?.read("the names of its response maps")?;
    let unclear = maps.is_empty() || maps.iter().enumerate().any(|(i, map)| maps[..i].contains(map));
    if unclear {
        return Err(PluginError::broken(
            &instance.name,
            format!("it names its response maps {maps:?}, which is none or one twice"),
        ));
    }
    if !units.is_empty() && units.len() != maps.len() {
        let (found, expected) = (units.len(), maps.len());
        return Err(PluginError::broken(
            &instance.name,
            format!("it names {found} units for {expected} response maps"),
        ));
    }
    let unfitted = of.plugin.fits && state.is_none();
    Ok(Some(FilterInstance { name: instance.name.clone(), maps, units, sees_regions, unfitted, instance }))
}

/// A margin that is larger than any scan, and can be added to others.
const MOST: usize = usize::MAX >> 8;

impl FilterInstance {
    /// What it learns from a cohort.
    pub fn fitted(&self) -> Fitted<'_> {
        Fitted::new(&self.instance)
    }

    /// How many voxels around a voxel its response depends on.
    ///
    /// # Errors
    /// If it fails to say.
    pub fn margin(&self, grid: &Grid, host: &CaseHost) -> Result<[usize; 3], PluginError> {
        let grid = scan::to_wire(grid);
        let numbers = grid.numbers();
        let arrays = [Array::new(calls::GRID, &[15], &numbers)];
        let mut answer = self.instance.call(MARGIN, &Dims { dims: grid.dims }, &arrays, host)?;
        if answer.read::<Whole>("its margin")?.whole {
            return Ok([MOST; 3]);
        }
        let margin = answer.elements::<u64>(MARGIN)?;
        let Ok(margin) = <[u64; 3]>::try_from(&*margin) else {
            let message = format!("its margin has {} numbers, expected 3", margin.len());
            return Err(PluginError::broken(&self.name, message));
        };
        Ok(margin.map(|n| usize::try_from(n).unwrap_or(MOST).min(MOST)))
    }

    /// Filters an image: the response maps, in the order of [`maps`](Self::maps), each with the voxels of the image or of the box in
    /// which it is wanted.
    ///
    /// # Errors
    /// If the filter fails, or answers with other maps or sizes than it should.
    pub fn apply(&self, seen: &Seen<'_>, host: &CaseHost) -> Result<Vec<Elements<f64>>, PluginError> {
        let mut answer = seen.ask(&self.instance, APPLY, host)?;
        if let Ok(Maps { maps, .. }) = answer.read::<Maps>("its response maps")
            && maps != self.maps
        {
            let message = format!("it answered with the response maps {maps:?}, expected {:?}", self.maps);
            return Err(PluginError::broken(&self.name, message));
        }
        let responses = (0..self.maps.len()).map(|index| {
            let response = answer.elements::<f64>(&format!("map.{index}"))?;
            self.verify(&response, seen)?;
            Ok(response)
        });
        responses.collect()
    }

    fn verify(&self, response: &[f64], seen: &Seen<'_>) -> Result<(), PluginError> {
        let voxels = seen.voxels;
        let wanted = seen.wanted.map(|wanted| wanted.dims().iter().product());
        if response.len() != voxels.len() && Some(response.len()) != wanted {
            let (found, expected, dims) = (response.len(), voxels.len(), seen.grid.dims);
            let message = format!(
                "its response is an image of another size: {found} voxels, expected {expected} ({} × {} × {})",
                dims[0], dims[1], dims[2]
            );
            return Err(PluginError::broken(&self.name, message));
        }
        let wrong = response.par_iter().with_min_len(1 << 16).find_first(|x| !x.is_finite());
        match wrong.filter(|_| voxels.iter().all(|x| x.is_finite())) {
            Some(wrong) => {
                let message = format!("its response holds {wrong}, though every voxel of the image is a number");
                Err(PluginError::broken(&self.name, message))
            }
            None => Ok(()),
        }
    }
}
