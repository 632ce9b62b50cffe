//! Regions that a plugin makes of another region and images.

use voxomics_imaging::IndexBox;

use super::{Fault, of_plugin, space::Space};
use crate::host::{Elements, PluginError, Seen, SeenImage, SeenRegion};

/// What a maker made: a label for each voxel of a box.
pub struct Labelled {
    /// The box.
    pub part: IndexBox,
    /// The labels, *x* fastest.
    pub labels: Elements<u16>,
}

impl Labelled {
    /// The mask of one label, in the box.
    pub fn mask(&self, label: u16) -> Vec<u8> {
        self.labels.iter().map(|found| u8::from(*found == label)).collect()
    }
}

/// An image of a box, with its name.
pub struct NamedImage {
    /// Its name in the experiment.
    pub name: String,
    /// Unit of its values; empty if it is not known.
    pub unit: String,
    /// The values, *x* fastest.
    pub voxels: Vec<f64>,
    /// Whether it may have no value somewhere, as a map.
    pub has_gaps: bool,
}

/// Shows a box to a plugin: a region, and the images that the experiment names, or the scan if it names none.
///
/// # Errors
/// If the plugin fails, or an intensity of a scan is no number.
pub fn seen<T>(
    space: &Space<'_>,
    part: IndexBox,
    (name, mask): (&str, &[u8]),
    images: &[NamedImage],
    work: impl FnOnce(&Seen<'_>) -> Result<T, PluginError>,
) -> Result<T, Fault> {
    let (grid, regions) = (space.grid.crop(part), [SeenRegion { name, mask }]);
    let is_damaged = |image: &&NamedImage| {
        !image.has_gaps && image.voxels.iter().zip(mask).any(|(x, inside)| *inside != 0 && x.is_nan())
    };
    if let Some(damaged) = images.iter().find(is_damaged) {
        let message = format!("an intensity of `{name}` in the image `{}` is no number", damaged.name);
        return Err(Fault::new("regions", message));
    }
    let named = images.iter().map(|image| SeenImage { name: &image.name, voxels: &image.voxels });
    let named: Vec<SeenImage<'_>> = named.collect();
    let scan = if images.is_empty() { Some(space.intensities(part)?) } else { None };
    let (voxels, unit) = match (&scan, images.first()) {
        (Some(scan), _) => (&scan.voxels, &space.unit),
        (None, Some(first)) => (&first.voxels, &first.unit),
        (None, None) => return Err(Fault::new("regions", "its maker is shown no image")),
    };
    let seen = Seen { grid: &grid, voxels, unit, regions: &regions, images: &named, wanted: None };
    work(&seen).map_err(|error| of_plugin("regions", &error))
}
