//! Regions that a plugin makes of another region and the scan.

use voxomics_imaging::IndexBox;

use super::{Fault, of_plugin, space::Space};
use crate::{
    host::{CaseHost, Elements, Seen, SeenRegion},
    plan::Maker,
};

/// What a maker made: a label for each voxel of a box.
pub struct Labelled {
    /// The box.
    pub part: IndexBox,
    labels: Elements<u16>,
}

impl Labelled {
    /// The mask of one label, in the box.
    pub fn mask(&self, label: u16) -> Vec<u8> {
        self.labels.iter().map(|found| u8::from(*found == label)).collect()
    }
}

/// Makes the regions of a box; `mask` is the region to be divided.
///
/// # Errors
/// If the plugin fails, or is still to be fitted.
pub fn make(
    maker: &Maker,
    space: &Space<'_>,
    part: IndexBox,
    (name, mask): (&str, &[u8]),
    host: &CaseHost,
) -> Result<Labelled, Fault> {
    if maker.instance.unfitted {
        return Err(Fault::new("regions", format!("{} is not fitted yet", maker.instance.name)));
    }
    let labels = seen(space, part, (name, mask), |seen| maker.instance.make(seen, host))?;
    Ok(Labelled { part, labels })
}

/// Says what there is to be learnt from a box.
///
/// # Errors
/// If the plugin fails.
pub fn observe(
    maker: &Maker,
    space: &Space<'_>,
    part: IndexBox,
    region: (&str, &[u8]),
    host: &CaseHost,
) -> Result<String, Fault> {
    seen(space, part, region, |seen| maker.instance.fitted().observe(seen, host))
}

fn seen<T>(
    space: &Space<'_>,
    part: IndexBox,
    (name, mask): (&str, &[u8]),
    work: impl FnOnce(&Seen<'_>) -> Result<T, crate::host::PluginError>,
) -> Result<T, Fault> {
    let (grid, intensities) = (space.grid.crop(part), space.intensities(part)?);
    let regions = [SeenRegion { name, mask }];
    let seen = Seen { grid: &grid, voxels: &intensities.voxels, unit: &space.unit, regions: &regions, wanted: None };
    work(&seen).map_err(|error| of_plugin("regions", &error))
}
