//! Filters.

use ndarray::{ArrayView3, ShapeBuilder as _};
use voxomics_interface::{
    OwnedArray,
    calls::{APPLY, Dims, MAPS, MARGIN, Maps},
};

use crate::{
    Context, Description, Error, Grid, Settings,
    door::{Door, Given, Made, no_method},
};

/// Turns an image into one or several response maps.
pub trait Filter: Send + Sync + Sized + 'static {
    /// Id and settings.
    fn describe() -> Description;

    /// Makes an instance from checked settings, before any image is read.
    ///
    /// # Errors
    /// For settings that contradict each other.
    fn configure(settings: &Settings) -> Result<Self, Error>;

    /// The names of the response maps that [`apply`](Self::apply) gives, in order (`LLH`, …): images of their own in every
    /// table. One empty name, the default, if there is but one map.
    fn maps(&self) -> Vec<String> {
        vec![String::new()]
    }

    /// How many voxels around a voxel, along *x*, *y*, *z*, its response depends on. The host crops the scan to the
    /// regions and this margin, so it must be the whole reach: then the response inside a region is that of filtering
    /// the whole scan.
    fn margin(&self, grid: &Grid) -> [usize; 3];

    /// Filters an image; each map has the image's number of voxels.
    ///
    /// # Errors
    /// For an image that the filter is not defined on.
    fn apply(&self, image: &Image, context: &Context) -> Result<Vec<ResponseMap>, Error>;
}

/// An image in the box around the regions; its voxels are the host's memory.
#[derive(Debug, Clone, Copy)]
pub struct Image<'a> {
    grid: Grid,
    voxels: &'a [f64],
}

impl<'a> Image<'a> {
    pub(crate) fn new(grid: Grid, voxels: &'a [f64]) -> Self {
        Self { grid, voxels }
    }

    /// Where the voxels are.
    pub fn grid(&self) -> &Grid {
        &self.grid
    }

    /// Number of voxels along *x*, *y*, *z*.
    pub fn dims(&self) -> [usize; 3] {
        self.grid.dims.map(|n| n as usize)
    }

    /// Distance between neighbouring centres, mm.
    pub fn spacing(&self) -> [f64; 3] {
        self.grid.spacing
    }

    /// All intensities, *x* fastest.
    pub fn voxels(&self) -> &'a [f64] {
        self.voxels
    }

    /// The intensities by index `[x, y, z]`.
    pub fn view(&self) -> ArrayView3<'a, f64> {
        view(self.dims(), self.voxels())
    }
}

/// A flat slice with *x* fastest as an array that is indexed `[x, y, z]`.
pub(crate) fn view<T>(dims: [usize; 3], data: &[T]) -> ArrayView3<'_, T> {
    ArrayView3::from_shape(dims.f(), data).expect("the host's slices have the grid's number of voxels")
}

/// One response map, on the grid of the image.
#[derive(Debug, Clone, PartialEq)]
pub struct ResponseMap {
    /// Its name, as [`Filter::maps`] gives it.
    pub name: String,
    /// The response, *x* fastest.
    pub voxels: Vec<f64>,
}

/// A filter behind the door.
pub(crate) struct Behind<F>(pub F);

impl<F: Filter> Door for Behind<F> {
    fn call(&self, method: &str, given: &Given, context: &Context) -> Result<Made, Error> {
        match method {
            MAPS => Made::new(&Maps { maps: self.0.maps() }, Vec::new()),
            MARGIN => {
                let Dims { dims } = given.read()?;
                let margin = self.0.margin(&given.grid(dims)?).map(|n| n as u64);
                Made::new(&serde_json::json!({}), vec![OwnedArray::new(MARGIN, &[3], margin.to_vec())])
            }
            APPLY => {
                let (grid, voxels) = given.image()?;
                let responses = self.0.apply(&Image::new(grid, voxels), context)?;
                let names = responses.iter().map(|map| map.name.clone()).collect();
                let arrays = responses.into_iter().enumerate().map(|(index, map)| {
                    let whole = map.voxels.len() == voxels.len();
                    let flat = [map.voxels.len() as u64];
                    let dims: &[u64] = if whole { &grid.dims } else { &flat };
                    OwnedArray::new(format!("map.{index}"), dims, map.voxels)
                });
                Made::new(&Maps { maps: names }, arrays.collect())
            }
            other => Err(no_method("filter", other)),
        }
    }
}
