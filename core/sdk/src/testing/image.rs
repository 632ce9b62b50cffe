//! The image of a unit test.

use crate::{Grid, Image};

/// An image from plain arrays.
///
/// ```
/// use voxomics_sdk::testing::TestImage;
///
/// let image = TestImage::new([2, 1, 1], vec![1.0, 2.0]).spacing([0.5, 1.0, 3.0]);
/// assert_eq!(image.image().spacing(), [0.5, 1.0, 3.0]);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct TestImage {
    grid: Grid,
    voxels: Vec<f64>,
    unit: String,
    regions: Vec<(String, Vec<u8>)>,
    name: String,
    others: Vec<(String, Vec<f64>)>,
}

impl TestImage {
    /// Voxels of 1 mm, *x* fastest, the first at the origin, axes along those of the patient.
    ///
    /// # Panics
    /// If there are not `dims[0] · dims[1] · dims[2]` voxels.
    pub fn new(dims: [usize; 3], voxels: Vec<f64>) -> Self {
        assert_eq!(voxels.len(), dims.iter().product::<usize>(), "the number of voxels of an image of {dims:?}");
        let grid = Grid {
            dims: dims.map(|n| n as u64),
            spacing: [1.0; 3],
            origin: [0.0; 3],
            direction: [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
        };
        Self { grid, voxels, unit: String::new(), regions: Vec::new(), name: String::new(), others: Vec::new() }
    }

    /// With another spacing, mm.
    pub fn spacing(mut self, spacing: [f64; 3]) -> Self {
        self.grid.spacing = spacing;
        self
    }

    /// At another place: the first voxel's centre, mm, and the unit vectors of the axes, LPS.
    pub fn placed(mut self, origin: [f64; 3], direction: [[f64; 3]; 3]) -> Self {
        (self.grid.origin, self.grid.direction) = (origin, direction);
        self
    }

    /// With a unit of its intensities.
    pub fn unit(mut self, unit: &str) -> Self {
        self.unit = unit.into();
        self
    }

    /// With one more region: its name and its mask (1 inside, *x* fastest).
    ///
    /// # Panics
    /// If the mask has not the image's number of voxels.
    pub fn region(mut self, name: &str, mask: Vec<u8>) -> Self {
        assert_eq!(mask.len(), self.voxels.len(), "the number of voxels of the mask and of the image");
        self.regions.push((name.into(), mask));
        self
    }

    /// With a name.
    pub fn named(mut self, name: &str) -> Self {
        self.name = name.into();
        self
    }

    /// With a further image on the same grid.
    ///
    /// # Panics
    /// If it has not the image's number of voxels.
    pub fn beside(mut self, name: &str, voxels: Vec<f64>) -> Self {
        assert_eq!(voxels.len(), self.voxels.len(), "the number of voxels of both images");
        self.others.push((name.into(), voxels));
        self
    }

    /// Calls `work` with what a plugin's method takes that sees the regions.
    pub fn with<T>(&self, work: impl FnOnce(&Image) -> T) -> T {
        let regions: Vec<(String, &[u8])> =
            self.regions.iter().map(|(name, mask)| (name.clone(), mask.as_slice())).collect();
        let others: Vec<(String, &[f64])> =
            self.others.iter().map(|(name, voxels)| (name.clone(), voxels.as_slice())).collect();
        work(&self.image().seen(&self.unit, &regions).beside(&self.name, &others))
    }

    /// What a plugin's method takes, without unit and regions.
    pub fn image(&self) -> Image<'_> {
        Image::new(self.grid, &self.voxels)
    }
}
