//! The region of a unit test.

use voxomics_interface::Cell;

use super::{
    TestImage,
    texture::{PHANTOM, PHANTOM_DIMS},
};
use crate::{MatrixSet, Needs, Region, TextureMatrix};

/// The voxels of the digital phantom outside its region, with their intensities.
const PHANTOM_OUTSIDE: [(usize, f64); 6] = [(30, 1.0), (43, 1.0), (44, 1.0), (52, 9.0), (63, 1.0), (64, 1.0)];

/// A region from plain arrays.
///
/// ```
/// use voxomics_sdk::testing::TestRegion;
///
/// // The digital phantom of IBSI 1 has 74 voxels in its region.
/// TestRegion::phantom().with(|region| assert_eq!(region.intensities().count(), 74));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct TestRegion {
    image: TestImage,
    morphological_mask: Vec<u8>,
    intensity_mask: Vec<u8>,
    levels: Vec<u16>,
    level_count: u32,
    sets: Vec<Set>,
}

#[derive(Debug, Clone, PartialEq)]
struct Set {
    level_count: u32,
    matrices: Vec<(f64, Vec<Cell>)>,
}

impl TestRegion {
    /// A region of every voxel of a new [`TestImage`].
    ///
    /// # Panics
    /// If there are not `dims[0] · dims[1] · dims[2]` voxels.
    pub fn new(dims: [usize; 3], voxels: Vec<f64>) -> Self {
        Self::of(TestImage::new(dims, voxels))
    }

    /// A region of every voxel of an image.
    pub fn of(image: TestImage) -> Self {
        let all = vec![1; image.image().voxels().len()];
        Self {
            image,
            morphological_mask: all.clone(),
            intensity_mask: all,
            levels: Vec::new(),
            level_count: 0,
            sets: Vec::new(),
        }
    }

    /// The digital phantom (IBSI 1 manual, arXiv:1612.07003; CC BY 4.0), voxels of 2 mm: its intensities, and the mask
    /// of its region, whose intensities are the levels [`PHANTOM`].
    pub fn phantom() -> Self {
        let mut voxels = PHANTOM.map(f64::from);
        for (voxel, intensity) in PHANTOM_OUTSIDE {
            voxels[voxel] = intensity;
        }
        let mask = PHANTOM.iter().map(|level| u8::from(*level != 0)).collect();
        Self::new(PHANTOM_DIMS, voxels.into()).mask(mask).spacing([2.0; 3])
    }

    /// With another spacing, mm.
    pub fn spacing(mut self, spacing: [f64; 3]) -> Self {
        self.image = self.image.spacing(spacing);
        self
    }

    /// With one mask (1 inside, 0 outside) for both shape and intensities.
    ///
    /// # Panics
    /// If it has not the image's number of voxels.
    pub fn mask(self, mask: Vec<u8>) -> Self {
        self.masks(mask.clone(), mask)
    }

    /// With a morphological and an intensity mask.
    ///
    /// # Panics
    /// If they have not the image's number of voxels.
    pub fn masks(mut self, morphological: Vec<u8>, intensity: Vec<u8>) -> Self {
        self.fits(morphological.len());
        self.fits(intensity.len());
        (self.morphological_mask, self.intensity_mask) = (morphological, intensity);
        self
    }

    /// With discretised levels: 1 … `count` inside the intensity mask, 0 outside.
    ///
    /// # Panics
    /// If they have not the image's number of voxels, or if one is above `count`.
    pub fn levels(mut self, levels: Vec<u16>, count: u32) -> Self {
        self.fits(levels.len());
        assert!(levels.iter().all(|level| u32::from(*level) <= count), "a level is above {count}");
        (self.levels, self.level_count) = (levels, count);
        self
    }

    /// With one more entry of [`Region::matrix_set`]: each matrix as its number of voxels and its non-empty cells
    /// `(level, other, value)`, sorted.
    pub fn matrix_set(
        mut self,
        level_count: u32,
        matrices: impl IntoIterator<Item = (f64, Vec<(u32, u32, f64)>)>,
    ) -> Self {
        let cell = |(level, other, value)| Cell { level, other, value };
        let matrices = matrices.into_iter().map(|(voxels, cells)| (voxels, cells.into_iter().map(cell).collect()));
        self.sets.push(Set { level_count, matrices: matrices.collect() });
        self
    }

    /// Calls `work` with what a plugin's method takes.
    pub fn with<T>(&self, work: impl FnOnce(&Region) -> T) -> T {
        let drawn: Vec<Vec<TextureMatrix<'_>>> = (self.sets.iter())
            .map(|set| set.matrices.iter().map(|(voxels, cells)| TextureMatrix { cells, voxels: *voxels }).collect())
            .collect();
        let sets: Vec<MatrixSet<'_>> = (self.sets.iter().zip(&drawn))
            .map(|(set, drawn)| MatrixSet { level_count: set.level_count, matrices: drawn })
            .collect();
        self.image.with(|image| {
            work(&Region {
                image: *image,
                morphological_mask: &self.morphological_mask,
                intensity_mask: &self.intensity_mask,
                levels: &self.levels,
                level_count: self.level_count,
                matrices: &sets,
            })
        })
    }

    pub(super) fn check(&self, needs: &Needs) {
        assert!(!needs.levels || !self.levels.is_empty(), "the family needs levels: give the region `levels`");
        let (asked, given) = (needs.matrices.len(), self.sets.len());
        assert_eq!(asked, given, "the family needs {asked} sets of matrices: give the region a `matrix_set` for each");
    }

    fn fits(&self, length: usize) {
        assert_eq!(length, self.image.image().voxels().len(), "the number of elements and that of the image's voxels");
    }
}
