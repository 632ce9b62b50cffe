//! What can be wrong with a request or its arrays.

use std::fmt;

use super::build::vectors;
use super::{Aggregation, Kind, Request, Weighting, directions};

/// Why no matrix can be built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextureError {
    /// The aggregation is not defined for this kind of matrix.
    Aggregation {
        /// The matrix asked for.
        kind: Kind,
        /// The aggregation that does not fit.
        aggregation: Aggregation,
    },
    /// The distance is 0, or not 1 for a kind that is defined for 1 only.
    Distance {
        /// The matrix asked for.
        kind: Kind,
        /// The distance that does not fit.
        distance: u32,
    },
    /// Directions are weighted where weights have no bearing on a feature; the reason.
    Weighting(&'static str),
    /// A voxel has a level above the number of levels.
    Level {
        /// The largest level found.
        found: u32,
        /// The number of levels that was announced.
        levels: u32,
    },
    /// A distance zone matrix needs the morphological mask, and none was given.
    MaskMissing,
    /// The morphological mask does not have the dimensions of the levels.
    MaskDimensions {
        /// Voxels of the levels along *x*, *y*, *z*.
        levels: [usize; 3],
        /// Voxels of the mask along *x*, *y*, *z*.
        mask: [usize; 3],
    },
    /// A voxel with a level lies outside the morphological mask, where it has no distance to the edge.
    OutsideMask,
}

impl fmt::Display for TextureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Aggregation { kind, aggregation } => {
                let fitting = if kind.is_directional() {
                    "Averaged2D, SliceMerged2D, DirectionMerged2_5D, Merged2_5D, Averaged3D or Merged3D"
                } else {
                    "PerSlice2D, PerSlice2_5D or Volume3D"
                };
                write!(f, "{kind:?} cannot be aggregated as {aggregation:?}: expected {fitting}")
            }
            Self::Distance { kind, distance } => {
                let fitting = if kind.has_distance() { "at least 1 voxel" } else { "1 voxel" };
                write!(f, "{kind:?} is not defined for a distance of {distance}: expected {fitting}")
            }
            Self::Weighting(reason) => write!(f, "directions are weighted, but {reason}: expected no weighting"),
            Self::Level { found, levels } => {
                write!(f, "a voxel has grey level {found}, but there are {levels} levels: expected 0 to {levels}")
            }
            Self::MaskMissing => f.write_str("Gldzm measures distances in the morphological mask: expected a mask"),
            Self::MaskDimensions { levels, mask } => {
                write!(f, "the morphological mask has {mask:?} voxels: expected the {levels:?} of the levels")
            }
            Self::OutsideMask => f.write_str(
                "a voxel of the intensity region lies outside the morphological mask: expected the region within it",
            ),
        }
    }
}

impl std::error::Error for TextureError {}

impl Kind {
    /// Whether the matrix is drawn along directions (GLCM, GLRLM) and hence has the six directional aggregations.
    ///
    /// ```
    /// use voxomics_imaging::texture::Kind;
    ///
    /// assert!(Kind::Glrlm.is_directional() && !Kind::Glszm.is_directional());
    /// ```
    pub fn is_directional(self) -> bool {
        matches!(self, Self::Glcm | Self::Glrlm)
    }

    /// Whether the matrix is defined for neighbour distances above 1 (GLCM, NGTDM, NGLDM).
    ///
    /// ```
    /// use voxomics_imaging::texture::Kind;
    ///
    /// assert!(Kind::Ngldm.has_distance() && !Kind::Glrlm.has_distance());
    /// ```
    pub fn has_distance(self) -> bool {
        matches!(self, Self::Glcm | Self::Ngtdm | Self::Ngldm)
    }
}

impl Aggregation {
    /// Whether the aggregation is one of the six of GLCM and GLRLM.
    ///
    /// ```
    /// use voxomics_imaging::texture::Aggregation;
    ///
    /// assert!(Aggregation::Averaged3D.is_directional() && !Aggregation::Volume3D.is_directional());
    /// ```
    pub fn is_directional(self) -> bool {
        !matches!(self, Self::PerSlice2D | Self::PerSlice2_5D | Self::Volume3D)
    }

    /// Whether different directions are merged into one matrix.
    ///
    /// ```
    /// use voxomics_imaging::texture::Aggregation;
    ///
    /// assert!(Aggregation::Merged3D.merges_directions() && !Aggregation::DirectionMerged2_5D.merges_directions());
    /// ```
    pub fn merges_directions(self) -> bool {
        matches!(self, Self::SliceMerged2D | Self::Merged2_5D | Self::Merged3D)
    }

    /// Whether neighbours are sought within the slice only.
    ///
    /// ```
    /// use voxomics_imaging::texture::Aggregation;
    ///
    /// assert!(Aggregation::PerSlice2_5D.is_planar() && !Aggregation::Volume3D.is_planar());
    /// ```
    pub fn is_planar(self) -> bool {
        !matches!(self, Self::Averaged3D | Self::Merged3D | Self::Volume3D)
    }
}

impl Request {
    /// Checks that kind, aggregation, distance and weighting fit together.
    ///
    /// ```
    /// use voxomics_imaging::texture::{Aggregation, Kind, Request};
    ///
    /// assert!(Request::new(Kind::Glcm, Aggregation::Merged3D).check().is_ok());
    /// // A zone has no direction.
    /// assert!(Request::new(Kind::Glszm, Aggregation::Merged3D).check().is_err());
    /// ```
    ///
    /// # Errors
    /// [`TextureError::Aggregation`] if the aggregation is not defined for the kind; [`TextureError::Distance`] if
    /// the distance is 0, or is not 1 for a kind that is defined for 1 only; [`TextureError::Weighting`] if weights have
    /// no bearing on any feature (IBSI 1 manual, "Distances and distance weighting").
    pub fn check(&self) -> Result<(), TextureError> {
        let Self { kind, aggregation, distance, .. } = *self;
        if kind.is_directional() != aggregation.is_directional() {
            return Err(TextureError::Aggregation { kind, aggregation });
        }
        if distance == 0 || (distance > 1 && !kind.has_distance()) {
            return Err(TextureError::Distance { kind, distance });
        }
        self.check_weighting().map_err(TextureError::Weighting)
    }

    fn check_weighting(&self) -> Result<(), &'static str> {
        let (Weighting::Inverse(norm) | Weighting::Gaussian(norm)) = self.weighting else { return Ok(()) };
        if !self.kind.is_directional() {
            return Err("the matrix has no directions");
        }
        if !self.aggregation.merges_directions() {
            return Err("each direction has a matrix of its own, and weights are those by which matrices are merged");
        }
        // Whether lengths differ is the same at all distances from 3 on.
        let near = Self { distance: self.distance.min(3), ..*self };
        if directions::are_alike(&vectors(&near, [usize::MAX; 3]), norm) {
            return Err("all directions have the same length in the norm of the weights");
        }
        Ok(())
    }
}
