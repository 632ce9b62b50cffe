//! A family as a map: a value for each voxel, from its neighbourhood.

use serde::{Deserialize, Serialize};

/// Method of a family whose description says `maps`: [`MapFeatures`] and the arrays `image` (f64), `grid` and `mask` (u8: what
/// neighbourhoods are made of) → for each feature the array `map.I` (f64) on the grid of the image. It is NaN where nothing is
/// wanted and where the feature is not defined.
///
/// A value is wanted in the mask, or in the array `wanted` (u8) if there is one: a family that does not know it computes more
/// than is looked at. A family whose description says `map_levels` and that needs levels finds them in the array `levels` (u16);
/// they were made once for the whole region, of which the block is a part.
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
    /// Number of grey levels of the whole region; 0 if there are no levels.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub level_count: u32,
    /// How many of them voxels of the whole region have.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub distinct_levels: u32,
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}
