//! An image with the regions that are seen with it, as it is handed to filters and region makers.

use voxomics_base::scan;
use voxomics_imaging::{Grid, IndexBox};
use voxomics_interface::{
    Array,
    calls::{self, GRID},
};

use crate::{
    CaseHost, PluginError,
    instance::{Answer, Instance},
};

/// A region in the box of an image.
#[derive(Debug, Clone, Copy)]
pub struct SeenRegion<'a> {
    /// Its name, as tables have it.
    pub name: &'a str,
    /// 1 inside; as many voxels as the image has.
    pub mask: &'a [u8],
}

/// A further image in the same box.
#[derive(Debug, Clone, Copy)]
pub struct SeenImage<'a> {
    /// Its name, as the experiment has it.
    pub name: &'a str,
    /// The intensities, *x* fastest.
    pub voxels: &'a [f64],
}

/// An image and regions in the same box.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    /// Where the voxels are.
    pub grid: &'a Grid,
    /// The intensities, *x* fastest.
    pub voxels: &'a [f64],
    /// Unit of an intensity; empty if it is not known.
    pub unit: &'a str,
    /// The regions.
    pub regions: &'a [SeenRegion<'a>],
    /// The images that a region is made of, of which the first is this one; none where the experiment names none.
    pub images: &'a [SeenImage<'a>],
    /// The box of the image in which a response is needed, if not in all of it.
    pub wanted: Option<IndexBox>,
}

impl Seen<'_> {
    /// Asks a plugin about it.
    pub(crate) fn ask<'a>(
        &self,
        instance: &'a Instance,
        method: &str,
        host: &CaseHost,
    ) -> Result<Answer<'a>, PluginError> {
        let grid = scan::to_wire(self.grid);
        let numbers = grid.numbers();
        let names: Vec<String> = (0..self.regions.len()).map(|at| format!("region.{at}")).collect();
        let mut arrays = vec![Array::new("image", &grid.dims, self.voxels), Array::new(GRID, &[15], &numbers)];
        arrays.extend(self.regions.iter().zip(&names).map(|(region, name)| Array::new(name, &grid.dims, region.mask)));
        let others: Vec<String> = (0..self.images.len()).map(|at| format!("image.{at}")).collect();
        let further = self.images.iter().zip(&others).skip(1);
        arrays.extend(further.map(|(image, name)| Array::new(name, &grid.dims, image.voxels)));
        let images = self.images.iter().map(|image| image.name.to_owned()).collect();
        let regions = self.regions.iter().map(|region| region.name.to_owned()).collect();
        let wanted = self.wanted.map(|wanted| [wanted.start, wanted.end].map(|corner| corner.map(|n| n as u64)));
        let request = calls::Seen { unit: self.unit.to_owned(), regions, images, wanted };
        instance.call(method, &request, &arrays, host)
    }
}
