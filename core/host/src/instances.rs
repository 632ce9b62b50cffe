//! Configured plugins, each call checked on its way back: what a plugin answers is not believed, but verified.

use serde_json::Value as Json;
use voxomics_base::{
    Diagnostics, PluginSettings, scan,
    table::{FeatureValue, Undefined},
};
use voxomics_imaging::{Grid, texture};
use voxomics_interface::{
    self as wire, BoxedFamily, BoxedFilter, FamilyInput, Volume,
    abi_stable::std_types::RVec,
    codes,
    describe::{Needs, Plugin},
};

use super::{
    CaseHost, PluginError, Registered,
    call::{configure, one_line},
};

/// A configured filter.
pub struct FilterInstance {
    /// Its name.
    pub name: String,
    /// The names of its response maps.
    pub maps: Vec<String>,
    object: BoxedFilter,
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
    let Some(object) = configure(of.plugin, of.library.module.configure_filter(), settings, diagnostics) else {
        return Ok(None);
    };
    let name = of.plugin.name();
    let maps = Result::from(object.maps()).map_err(|failure| PluginError::from_wire(&name, &failure))?;
    let maps: Vec<String> = maps.iter().map(ToString::to_string).collect();
    let unclear = maps.is_empty() || maps.iter().enumerate().any(|(i, map)| maps[..i].contains(map));
    if unclear {
        return Err(PluginError::broken(
            &name,
            format!("it names its response maps {maps:?}, which is none or one twice"),
        ));
    }
    Ok(Some(FilterInstance { name, maps, object }))
}

impl FilterInstance {
    /// How many voxels around a voxel its response depends on.
    ///
    /// # Errors
    /// If it fails to say.
    pub fn margin(&self, grid: &Grid) -> Result<[usize; 3], PluginError> {
        let margin = Result::from(self.object.margin(scan::to_wire(grid)))
            .map_err(|failure| PluginError::from_wire(&self.name, &failure))?;
        Ok(margin.voxels.map(|n| usize::try_from(n).unwrap_or(usize::MAX >> 8).min(usize::MAX >> 8)))
    }

    /// Filters an image: the response maps, in the order of [`maps`](Self::maps).
    ///
    /// # Errors
    /// If the filter fails, or answers with other maps or sizes than it should.
    pub fn apply(&self, grid: &Grid, voxels: &[f64], host: &CaseHost) -> Result<Vec<RVec<f64>>, PluginError> {
        let image = Volume { grid: scan::to_wire(grid), voxels: voxels.into() };
        let responses = Result::from(self.object.apply(image, host.wire()))
            .map_err(|failure| PluginError::from_wire(&self.name, &failure))?;
        let names: Vec<&str> = responses.iter().map(|response| response.name.as_str()).collect();
        if names != self.maps {
            let message = format!("it answered with the response maps {names:?}, expected {:?}", self.maps);
            return Err(PluginError::broken(&self.name, message));
        }
        for response in &responses {
            if response.voxels.len() != voxels.len() {
                let (found, expected) = (response.voxels.len(), voxels.len());
                let dims = grid.dims;
                let message = format!(
                    "its response is an image of another size: {found} voxels, expected {expected} ({} × {} × {})",
                    dims[0], dims[1], dims[2]
                );
                return Err(PluginError::broken(&self.name, message));
            }
            let wrong = response.voxels.iter().find(|x| !x.is_finite());
            if let Some(wrong) = wrong.filter(|_| voxels.iter().all(|x| x.is_finite())) {
                let message = format!("its response holds {wrong}, though every voxel of the image is a number");
                return Err(PluginError::broken(&self.name, message));
            }
        }
        Ok(responses.into_iter().map(|response| response.voxels).collect())
    }
}

/// No scan of a body is longer.
const MAX_MARGIN_MM: f64 = 10_000.0;

/// A configured feature family.
pub struct FamilyInstance {
    /// Its name.
    pub name: String,
    /// What it needs.
    pub needs: Needs,
    features: Vec<String>,
    object: BoxedFamily,
}

/// Configures a feature family.
///
/// # Errors
/// If it cannot tell what it needs.
pub fn family(
    of: Registered<'_>,
    settings: &PluginSettings,
    diagnostics: &Diagnostics,
) -> Result<Option<FamilyInstance>, PluginError> {
    let Some(object) = configure(of.plugin, of.library.module.configure_family(), settings, diagnostics) else {
        return Ok(None);
    };
    let name = of.plugin.name();
    let json = Result::from(object.needs()).map_err(|failure| PluginError::from_wire(&name, &failure))?;
    let needs: Needs = serde_json::from_str(json.as_str())
        .map_err(|cause| PluginError::broken(&name, format!("it cannot tell what it needs: {cause}")))?;
    if !(0.0..=MAX_MARGIN_MM).contains(&needs.margin_mm) {
        let message = format!("it asks for a margin of {} mm, expected 0 to {MAX_MARGIN_MM}", needs.margin_mm);
        return Err(PluginError::broken(&name, message));
    }
    let features = of.plugin.features.iter().map(|feature| feature.id.clone()).collect();
    Ok(Some(FamilyInstance { name, needs, features, object }))
}

/// A region of an image, as it is handed to families; all slices have the grid's number of voxels.
#[derive(Clone, Copy)]
pub struct RegionInput<'a> {
    /// Where the voxels are.
    pub grid: &'a Grid,
    /// The image.
    pub image: &'a [f64],
    /// 1 inside the morphological mask.
    pub morphological_mask: &'a [u8],
    /// 1 inside the intensity mask.
    pub intensity_mask: &'a [u8],
    /// Levels, or empty.
    pub levels: &'a [u16],
    /// Number of grey levels, or 0.
    pub level_count: u32,
}

impl FamilyInstance {
    /// Computes the features, in the order of the description.
    ///
    /// # Errors
    /// If the family fails, or answers with other features than it describes, or with a value that is none.
    pub fn compute(
        &self,
        region: RegionInput<'_>,
        matrices: &[&texture::MatrixSet],
        host: &CaseHost,
    ) -> Result<Vec<FeatureValue>, PluginError> {
        let cells: Vec<Vec<Vec<wire::Cell>>> = matrices.iter().map(|set| wire_cells(set)).collect();
        let parts: Vec<Vec<wire::Matrix<'_>>> = matrices
            .iter()
            .zip(&cells)
            .map(|(set, cells)| {
                let matrices = set.matrices.iter().zip(cells);
                matrices.map(|(m, cells)| wire::Matrix { cells: cells.as_slice().into(), voxels: m.voxels }).collect()
            })
            .collect();
        let sets: Vec<wire::MatrixSet<'_>> = matrices
            .iter()
            .zip(&parts)
            .map(|(set, parts)| wire::MatrixSet { matrices: parts.as_slice().into(), level_count: set.levels })
            .collect();
        let input = FamilyInput {
            image: Volume { grid: scan::to_wire(region.grid), voxels: region.image.into() },
            morphological_mask: region.morphological_mask.into(),
            intensity_mask: region.intensity_mask.into(),
            levels: region.levels.into(),
            level_count: region.level_count,
            matrices: sets.as_slice().into(),
        };
        let values = Result::from(self.object.compute(input, host.wire()))
            .map_err(|failure| PluginError::from_wire(&self.name, &failure))?;
        self.verify(&values)
    }

    /// Each described feature exactly once, and no NaN that calls itself a value.
    fn verify(&self, values: &[wire::Value]) -> Result<Vec<FeatureValue>, PluginError> {
        let mut ordered: Vec<Option<FeatureValue>> = vec![None; self.features.len()];
        for value in values {
            let id = value.feature.as_str();
            let Some(index) = self.features.iter().position(|feature| feature == id) else {
                return Err(PluginError::broken(
                    &self.name,
                    format!("it gave a value for `{id}`, which it does not describe"),
                ));
            };
            let checked = match value.status {
                codes::STATUS_OK if value.value.is_finite() => Ok(value.value),
                codes::STATUS_OK => {
                    let message = format!("it gave {} for `{id}` and called it a value", value.value);
                    return Err(PluginError::broken(&self.name, message));
                }
                codes::STATUS_UNDEFINED => Err(reason(&value.reason)),
                other => {
                    let message = format!("it gave `{id}` the status {other}, which the interface does not know");
                    return Err(PluginError::broken(&self.name, message));
                }
            };
            if ordered[index].replace(checked).is_some() {
                return Err(PluginError::broken(&self.name, format!("it gave two values for `{id}`")));
            }
        }
        let missing: Vec<&str> =
            self.features.iter().zip(&ordered).filter(|(_, v)| v.is_none()).map(|(f, _)| f.as_str()).collect();
        if !missing.is_empty() {
            let message = format!(
                "it gave {} of the {} features that it describes; missing: {}",
                self.features.len() - missing.len(),
                self.features.len(),
                missing.join(", ")
            );
            return Err(PluginError::broken(&self.name, message));
        }
        Ok(ordered.into_iter().flatten().collect())
    }
}

/// Why there is no value, in one line; an empty cell without a reason would look like a mistake of the table.
pub(super) fn reason(given: &str) -> Undefined {
    let line = one_line(given);
    Undefined::from(if line.is_empty() { "the plugin gives no reason" } else { line.as_str() })
}

fn wire_cells(set: &texture::MatrixSet) -> Vec<Vec<wire::Cell>> {
    let cell = |c: &texture::Cell| wire::Cell { level: c.level, other: c.other, value: c.value };
    set.matrices.iter().map(|matrix| matrix.cells.iter().map(cell).collect()).collect()
}

/// The settings of an instance with every default filled in, for the record of a run.
pub fn with_defaults(plugin: &Plugin, settings: &PluginSettings) -> Json {
    let mut values = settings.values.clone();
    for setting in &plugin.settings {
        if let Some(default) = &setting.default {
            values.entry(setting.key.clone()).or_insert_with(|| default.clone());
        }
    }
    Json::Object(values)
}
