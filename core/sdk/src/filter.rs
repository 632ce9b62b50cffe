//! Filters.

use ndarray::{ArrayView3, ShapeBuilder as _};
use voxomics_interface::{
    self as wire, Failure, HostRef, Margin, Volume,
    abi_stable::std_types::{RResult, RStr, RString, RVec},
};

use crate::{Context, Description, Error, Grid, Settings, export::Guarded, guard::guard};

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
pub struct Image<'a> {
    volume: Volume<'a>,
}

impl<'a> Image<'a> {
    pub(crate) fn new(volume: Volume<'a>) -> Self {
        Self { volume }
    }

    /// Where the voxels are.
    pub fn grid(&self) -> &Grid {
        &self.volume.grid
    }

    /// Number of voxels along *x*, *y*, *z*.
    pub fn dims(&self) -> [usize; 3] {
        self.volume.grid.dims.map(|n| n as usize)
    }

    /// Distance between neighbouring centres, mm.
    pub fn spacing(&self) -> [f64; 3] {
        self.volume.grid.spacing
    }

    /// All intensities, *x* fastest.
    pub fn voxels(&self) -> &'a [f64] {
        self.volume.voxels.as_slice()
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

impl<F: Filter> wire::Filter for Guarded<F> {
    fn maps(&self) -> RResult<RVec<RString>, Failure> {
        guard(|| Ok(self.plugin().maps().into_iter().map(RString::from).collect())).map_err(Failure::from).into()
    }

    fn margin(&self, grid: Grid) -> RResult<Margin, Failure> {
        guard(|| Ok(Margin { voxels: self.plugin().margin(&grid).map(|n| n as u64) })).map_err(Failure::from).into()
    }

    fn apply(&self, image: Volume<'_>, host: HostRef<'_>) -> RResult<RVec<wire::Response>, Failure> {
        guard(|| {
            let maps = self.plugin().apply(&Image::new(image), &Context::new(host))?;
            Ok(maps
                .into_iter()
                .map(|map| wire::Response { name: map.name.into(), voxels: map.voxels.into() })
                .collect())
        })
        .map_err(Failure::from)
        .into()
    }

    fn query_extension(&self, _id: RStr<'_>) -> wire::Extension {
        wire::Extension::NONE
    }
}
