//! Region makers: an image and a region in, labelled regions out.

use serde::{Deserialize, Serialize};

/// Method of a region maker: nothing → [`Labels`].
pub const LABELS: &str = "labels";
/// Method of a region maker: [`Seen`](super::Seen), whose first region is the one to be divided, and the arrays `image` (f64),
/// `grid` and `region.I` (u8) → the array `labels` (u16), on the grid of the image: 0 where there is no region.
pub const MAKE: &str = "make";

/// The regions that a maker makes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Labels {
    /// Label and name of each.
    pub labels: Vec<(u16, String)>,
    /// How far beyond the region it reads the image and may make regions, mm.
    #[serde(default)]
    pub margin_mm: f64,
}
