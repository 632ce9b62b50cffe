//! What pictures do not say by themselves.

use super::colour::Channel;

/// The settings of pictures.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Options {
    /// Width and height of a pixel, mm.
    pub pixel_mm: Option<[f64; 2]>,
    /// Thickness of a picture, mm.
    pub slice_mm: Option<f64>,
    /// How many times larger than in the patient things are on the detector.
    pub magnification: Option<f64>,
    /// What of a colour is wanted.
    pub channel: Option<Channel>,
}
