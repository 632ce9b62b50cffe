//! A family as a map: a value for each voxel, from its neighbourhood.

use serde::{Deserialize, Serialize};

/// Method of a family whose description says `maps`: [`MapFeatures`] and the arrays `image` (f64), `grid` and `mask` (u8: where
/// a value is wanted) → for each feature the array `map.I` (f64) on the grid of the image. It is NaN where nothing is wanted
/// and where the feature is not defined.
pub const MAP_FEATURES: &str = "map";

/// Which features are to be mapped, and over which neighbourhood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MapFeatures {
    /// Ids of the features.
    pub features: Vec<String>,
    /// The neighbourhood: how many voxels around a voxel along *x*, *y*, *z*. It ends at the edge of the block, and has the
    /// voxels of the mask alone.
    pub radius: [u64; 3],
    /// Unit of an intensity; empty if it is not known.
    #[serde(default)]
    pub unit: String,
}
