//! Region makers: an image and a region in, labelled regions out.

use serde::{Deserialize, Serialize};

/// Method of a region maker: nothing → [`Labels`].
pub const LABELS: &str = "labels";
/// Method of a region maker: [`Seen`](super::Seen), whose first region is the one to be divided, and the arrays `image` (f64),
/// `grid` and `region.I` (u8), and `image.1`, `image.2`, … (f64) if it sees several images → the array `labels` (u16), on the
/// grid of the image: 0 where there is no region.
pub const MAKE: &str = "make";

/// The regions that a maker makes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Labels {
    /// Label and name of each.
    pub labels: Vec<(u16, String)>,
    /// How far beyond the region it reads the image and may make regions, mm.
    #[serde(default)]
    pub margin_mm: f64,
    /// Whether it sees several images on one grid. Another one is asked about one image alone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sees_images: bool,
    /// Whether a case may lack some of its regions: that is then no fault.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub may_lack: bool,
}
