//! Configured feature families.

use voxomics_base::{
    Diagnostics, PluginSettings, scan,
    table::{FeatureValue, Undefined},
};
use voxomics_imaging::{Grid, texture};
use voxomics_interface::{
    Array, Cell,
    calls::{self, COMPUTE, Compute, MAP_FEATURES, MapFeatures, NEEDS, Nothing, Reasons},
    codes,
    describe::Needs,
};

use super::{
    CaseHost, Elements, PluginError, Registered,
    call::one_line,
    instance::Instance,
    seen::{Seen, SeenRegion},
};

/// No scan of a body is longer.
const MAX_MARGIN_MM: f64 = 10_000.0;

/// A configured feature family.
pub struct FamilyInstance {
    /// Its name.
    pub name: String,
    /// What it needs.
    pub needs: Needs,
    features: Vec<String>,
    /// Whether it makes maps itself.
    maps: bool,
    instance: Instance,
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
    let Some(instance) = Instance::configure(of, settings, diagnostics) else { return Ok(None) };
    let needs: Needs = instance.ask(NEEDS, &Nothing {}, &[])?.read("its needs")?;
    let name = instance.name.clone();
    if !(0.0..=MAX_MARGIN_MM).contains(&needs.margin_mm) {
        let message = format!("it asks for a margin of {} mm, expected 0 to {MAX_MARGIN_MM}", needs.margin_mm);
        return Err(PluginError::broken(&name, message));
    }
    let features: Vec<String> = of.plugin.features.iter().map(|feature| feature.id.clone()).collect();
    if let Some(unknown) = needs.features.iter().find(|id| !features.contains(id)) {
        let message = format!("it says that it has the feature `{}`, which it does not describe", one_line(unknown));
        return Err(PluginError::broken(&name, message));
    }
    let needs_levels = needs.levels || !needs.matrices.is_empty();
    let maps = of.plugin.maps && (of.plugin.map_levels || !needs_levels);
    Ok(Some(FamilyInstance { name, needs, features, maps, instance }))
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
    /// Unit of an intensity; empty if it is not known.
    pub unit: &'a str,
    /// The other regions that the family reads.
    pub regions: &'a [SeenRegion<'a>],
}

/// A block of an image, as it is handed to families that make maps; all slices have the grid's number of voxels.
#[derive(Clone, Copy)]
pub struct MapInput<'a> {
    /// Where the voxels are.
    pub grid: &'a Grid,
    /// The image.
    pub image: &'a [f64],
    /// 1 where a voxel belongs to neighbourhoods.
    pub mask: &'a [u8],
    /// 1 where a value is wanted.
    pub wanted: &'a [u8],
    /// Levels, or empty.
    pub levels: &'a [u16],
    /// Number of grey levels of the whole region, or 0.
    pub level_count: u32,
    /// How many of them its voxels have.
    pub distinct_levels: u32,
    /// Unit of an intensity; empty if it is not known.
    pub unit: &'a str,
}

/// What is lent of a set of matrices.
struct Lent {
    /// For each matrix its name on the wire, its dimension and its cells.
    cells: Vec<(String, [u64; 1], Vec<Cell>)>,
    /// Name and dimension of `voxels`.
    name: String,
    count: [u64; 1],
    /// For each matrix the number of voxels that it was drawn from.
    voxels: Vec<f64>,
}

impl Lent {
    fn new(index: usize, set: &texture::MatrixSet) -> Self {
        let cell = |c: &texture::Cell| Cell { level: c.level, other: c.other, value: c.value };
        let cells = set.matrices.iter().enumerate().map(|(number, matrix)| {
            let cells: Vec<Cell> = matrix.cells.iter().map(cell).collect();
            (format!("matrix.{index}.{number}"), [cells.len() as u64], cells)
        });
        Self {
            cells: cells.collect(),
            name: format!("matrix.{index}.voxels"),
            count: [set.matrices.len() as u64],
            voxels: set.matrices.iter().map(|matrix| matrix.voxels).collect(),
        }
    }

    fn arrays(&self) -> impl Iterator<Item = Array<'_>> {
        let cells = self.cells.iter().map(|(name, dims, cells)| Array::new(name, dims, cells));
        cells.chain([Array::new(&self.name, &self.count, &self.voxels)])
    }
}

impl FamilyInstance {
    /// The ids of its features, in the order of the description.
    pub fn features(&self) -> &[String] {
        &self.features
    }

    /// Whether it has a feature, as it is configured.
    pub fn has(&self, feature: &str) -> bool {
        self.needs.features.is_empty() || self.needs.features.iter().any(|id| id == feature)
    }

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
        let grid = scan::to_wire(region.grid);
        let numbers = grid.numbers();
        let lent: Vec<Lent> = matrices.iter().enumerate().map(|(index, set)| Lent::new(index, set)).collect();
        let mut arrays = vec![
            Array::new("image", &grid.dims, region.image),
            Array::new(calls::GRID, &[15], &numbers),
            Array::new("morphological_mask", &grid.dims, region.morphological_mask),
            Array::new("intensity_mask", &grid.dims, region.intensity_mask),
        ];
        if !region.levels.is_empty() {
            arrays.push(Array::new("levels", &grid.dims, region.levels));
        }
        arrays.extend(lent.iter().flat_map(Lent::arrays));
        let names: Vec<String> = (0..region.regions.len()).map(|at| format!("region.{at}")).collect();
        let others = region.regions.iter().zip(&names);
        arrays.extend(others.map(|(other, name)| Array::new(name, &grid.dims, other.mask)));
        let sets = matrices.iter().map(|set| calls::MatrixSet { level_count: set.levels, count: set.matrices.len() });
        let request = Compute {
            level_count: region.level_count,
            matrices: sets.collect(),
            unit: region.unit.to_owned(),
            regions: region.regions.iter().map(|other| other.name.to_owned()).collect(),
        };
        let mut answer = self.instance.call(COMPUTE, &request, &arrays, host)?;
        let Reasons { reasons } = answer.read("the reasons of its values")?;
        let (values, status) = (answer.elements::<f64>("values")?, answer.elements::<u8>("status")?);
        self.verify(&values, &status, &reasons)
    }

    /// Whether it makes maps itself, also where it needs grey levels.
    pub fn maps_itself(&self) -> bool {
        self.maps
    }

    /// Features as maps of an image: for each of them a value for each voxel of the one mask, as of [`map_block`](Self::map_block).
    ///
    /// # Errors
    /// As of [`map_block`](Self::map_block).
    pub fn map(
        &self,
        seen: &Seen<'_>,
        features: &[&str],
        radius: [usize; 3],
        host: &CaseHost,
    ) -> Result<Vec<Elements<f64>>, PluginError> {
        let [mask] = seen.regions else {
            return Err(PluginError::broken(&self.name, "a map is asked for with one mask"));
        };
        let (mask, unit) = (mask.mask, seen.unit);
        let (grid, image, levels) = (seen.grid, seen.voxels, &[][..]);
        let input = MapInput { grid, image, mask, wanted: mask, levels, level_count: 0, distinct_levels: 0, unit };
        self.map_block(&input, features, radius, host)
    }

    /// Features as maps of a block: for each of them a value for each voxel for which one is wanted, from its neighbourhood of so
    /// many voxels around it; NaN where there is none.
    ///
    /// # Errors
    /// If the family does not make maps itself, or answers with something else.
    pub fn map_block(
        &self,
        block: &MapInput<'_>,
        features: &[&str],
        radius: [usize; 3],
        host: &CaseHost,
    ) -> Result<Vec<Elements<f64>>, PluginError> {
        let broken = |message: String| PluginError::broken(&self.name, message);
        let grid = scan::to_wire(block.grid);
        let numbers = grid.numbers();
        let mut arrays = vec![
            Array::new("image", &grid.dims, block.image),
            Array::new(calls::GRID, &[15], &numbers),
            Array::new("mask", &grid.dims, block.mask),
        ];
        if block.wanted != block.mask {
            arrays.push(Array::new("wanted", &grid.dims, block.wanted));
        }
        if !block.levels.is_empty() {
            arrays.push(Array::new("levels", &grid.dims, block.levels));
        }
        let request = MapFeatures {
            features: features.iter().map(|id| (*id).to_owned()).collect(),
            radius: radius.map(|n| n as u64),
            unit: block.unit.to_owned(),
            level_count: block.level_count,
            distinct_levels: block.distinct_levels,
        };
        let mut answer = self.instance.call(MAP_FEATURES, &request, &arrays, host)?;
        let maps = features.iter().enumerate().map(|(at, id)| {
            let map = answer.elements::<f64>(&format!("map.{at}"))?;
            if map.len() != block.image.len() {
                let (found, expected) = (map.len(), block.image.len());
                return Err(broken(format!("its map of `{id}` has {found} voxels, expected {expected}")));
            }
            match map.iter().find(|value| value.is_infinite()) {
                Some(value) => Err(broken(format!("its map of `{id}` holds {value}"))),
                None => Ok(map),
            }
        });
        maps.collect()
    }

    /// One value for each described feature, and no NaN that calls itself a value.
    fn verify(
        &self,
        values: &[f64],
        status: &[u8],
        reasons: &serde_json::Map<String, serde_json::Value>,
    ) -> Result<Vec<FeatureValue>, PluginError> {
        let broken = |message: String| PluginError::broken(&self.name, message);
        let expected = self.features.len();
        if values.len() != expected || status.len() != expected {
            let (found, told) = (values.len(), status.len());
            return Err(broken(format!("it gave {found} values and {told} statuses for {expected} features")));
        }
        let described = self.features.iter().zip(values).zip(status);
        let checked = described.map(|((id, value), status)| match *status {
            codes::STATUS_OK if value.is_finite() => Ok(Ok(*value)),
            codes::STATUS_OK => Err(broken(format!("it gave {value} for `{id}` and called it a value"))),
            codes::STATUS_UNDEFINED => Ok(Err(reason(reasons.get(id)))),
            other => Err(broken(format!("it gave `{id}` the status {other}, which the interface does not know"))),
        });
        checked.collect()
    }
}

/// Why there is no value, in one line; an empty cell without a reason would look like a mistake of the table.
pub(super) fn reason(given: Option<&serde_json::Value>) -> Undefined {
    let line = one_line(given.and_then(serde_json::Value::as_str).unwrap_or_default());
    Undefined::from(if line.is_empty() { "the plugin gives no reason" } else { line.as_str() })
}
