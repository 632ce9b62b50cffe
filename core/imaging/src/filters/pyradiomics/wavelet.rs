//! The stationary wavelet transform of PyWavelets, as PyRadiomics puts it together.

use std::borrow::Cow;

use super::passes::{self, Part};
use crate::{Executor, IndexBox, View, filters::wavelets::Wavelet, mask::crop};

/// The fewest and the most levels that are kept.
pub const LEVELS: [u32; 2] = [1, 8];

/// The fewest and the most levels that are passed over.
pub const START_LEVELS: [u32; 2] = [0, 8];

/// Filters of an image, one response map for each band.
///
/// An axis of odd length is continued by its first voxel, and then all are periodic. Every level filters the low-pass
/// image of the level before with the same kernels, without zeros between their weights: so what PyRadiomics calls a
/// level is not one of an undecimated transform. With `force2D`, PyRadiomics leaves one axis as it is.
///
/// ```
/// use voxomics_imaging::{
///     Serial, View,
///     filters::{pyradiomics::wavelet::Decomposition, wavelets::Wavelet},
/// };
///
/// let wavelet = Wavelet::named("haar").unwrap();
/// let filter = Decomposition { wavelet, start_level: 0, levels: 1, axes: [true, true, false] };
/// assert_eq!(filter.names(), ["LH", "HL", "HH", "LL"]);
/// // A flat scan is twice itself in the low band, and nothing in the others.
/// let maps = filter.apply(View::new([4, 4, 1], &[7.0; 16]), &Serial);
/// assert!(maps[0][0].abs() < 1e-9 && (maps[3][0] - 14.0).abs() < 1e-9);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Decomposition {
    /// The wavelet, whose two filters every level uses as they are.
    pub wavelet: Wavelet,
    /// Levels that are passed over.
    pub start_level: u32,
    /// Levels that are kept.
    pub levels: u32,
    /// Which axes are filtered, *x* first: all of them, or those of the planes that an image is filtered in.
    pub axes: [bool; 3],
}

/// What an axis is filtered with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pass {
    Low,
    High,
    /// The axis is left as it is.
    None,
}

/// What each axis is filtered with, *x* first.
type Band = [Pass; 3];

impl Decomposition {
    /// The names of the response maps: `LLH` … `HHH` of the first level, `2-LLH` … of the second; `LLL` of the last. There is a
    /// letter for each filtered axis: within slices, they are `LH`, `HL`, `HH` and `LL`.
    pub fn names(&self) -> Vec<String> {
        let of_level = |level: u32| if level == 1 { String::new() } else { format!("{level}-") };
        let letter = |pass: &Pass| match pass {
            Pass::Low => Some('L'),
            Pass::High => Some('H'),
            Pass::None => None,
        };
        let letters = |band: &Band| band.iter().filter_map(letter).collect::<String>();
        let (high, low) = self.bands();
        let mut names: Vec<String> = Vec::new();
        for level in 1..=self.levels {
            names.extend(high.iter().map(|band| of_level(level) + &letters(band)));
        }
        names.push(of_level(self.levels) + &letters(&low));
        names
    }

    /// The bands of a level with a high pass, the last filtered axis changing fastest, and the low-pass one.
    fn bands(&self) -> (Vec<Band>, Band) {
        let low = self.axes.map(|filtered| if filtered { Pass::Low } else { Pass::None });
        let high = (1..8_usize).filter_map(|bits| {
            let mut band = low;
            for axis in (0..3).filter(|axis| bits >> (2 - axis) & 1 == 1) {
                if !self.axes[axis] {
                    return None;
                }
                band[axis] = Pass::High;
            }
            Some(band)
        });
        (high.collect(), low)
    }

    /// The response maps, in the order of the names, *x* fastest. The image is the whole scan.
    pub fn apply(&self, image: View<f64>, executor: &dyn Executor) -> Vec<Vec<f64>> {
        self.apply_in(image, IndexBox::whole(image.dims()), executor)
    }

    /// The response maps in a box of the scan. Only what the next level filters is made of the whole scan.
    ///
    /// # Panics
    /// If the box exceeds the scan.
    pub fn apply_in(&self, image: View<f64>, kept: IndexBox, executor: &dyn Executor) -> Vec<Vec<f64>> {
        let dims = image.dims();
        let even = dims.map(|n| n + n % 2);
        if image.data().is_empty() || kept.dims().contains(&0) {
            return vec![Vec::new(); self.names().len()];
        }
        let last = self.start_level + self.levels - 1;
        let (high, low_band) = self.bands();
        let all: Vec<Band> = high.iter().copied().chain([low_band]).collect();
        let read = self.read(kept, even);
        if last == 0 && (0..3).all(|axis| read.end[axis] <= dims[axis]) {
            // What lies beyond the scan's edges does not matter.
            let part = Part { place: read, voxels: crop(image, read).into() };
            return self.filtered(&part, &all, kept, even, executor);
        }
        let mut low = if even == dims { Cow::Borrowed(image.data()) } else { Cow::Owned(continued(image, even)) };
        let mut maps = Vec::new();
        for level in 0..=last {
            let whole = Part { place: IndexBox::whole(even), voxels: low };
            if level >= self.start_level {
                let bands = if level == last { &all } else { &high };
                maps.extend(self.filtered(&whole, bands, kept, even, executor));
            }
            if level == last {
                break;
            }
            let lowest = self.filtered(&whole, &[low_band], whole.place, even, executor);
            low = lowest.into_iter().next().unwrap_or_default().into();
        }
        maps
    }

    /// The voxels that the responses in a box are made of.
    fn read(&self, kept: IndexBox, even: [usize; 3]) -> IndexBox {
        let mut read = kept;
        for axis in (0..3).filter(|axis| self.axes[*axis]) {
            let of = [kept.start[axis], kept.end[axis]];
            [read.start[axis], read.end[axis]] = passes::read(of, even[axis], self.wavelet.low.len());
        }
        read
    }

    /// Some bands of a level in a box.
    fn filtered(
        &self,
        of: &Part<'_>,
        bands: &[Band],
        kept: IndexBox,
        even: [usize; 3],
        executor: &dyn Executor,
    ) -> Vec<Vec<f64>> {
        let mut maps = vec![Vec::new(); bands.len()];
        let bands: Vec<(usize, &Band)> = bands.iter().enumerate().collect();
        Level { wavelet: &self.wavelet, kept, even, executor }.branch(of, 0, &bands, &mut maps);
        maps
    }
}

/// A level: along *x* first, then along *y*, then along *z*, each combination once, and no more of them in memory than one for each axis.
struct Level<'a> {
    wavelet: &'a Wavelet,
    kept: IndexBox,
    even: [usize; 3],
    executor: &'a dyn Executor,
}

impl Level<'_> {
    /// Bands that are alike along the axes before this one.
    fn branch(&self, of: &Part<'_>, axis: usize, bands: &[(usize, &Band)], maps: &mut [Vec<f64>]) {
        let kept = [self.kept.start[axis], self.kept.end[axis]];
        for pass in [Pass::Low, Pass::High, Pass::None] {
            let alike: Vec<(usize, &Band)> = bands.iter().copied().filter(|(_, band)| band[axis] == pass).collect();
            let weights: &[f64] = match pass {
                Pass::Low => &self.wavelet.low,
                Pass::High => &self.wavelet.high,
                Pass::None => &[1.0],
            };
            match alike.as_slice() {
                [] => {}
                // A band is one of each of its passes.
                [(at, _)] if axis == 2 => {
                    let part = passes::along(axis, of, kept, self.even[axis], weights, self.executor);
                    maps[*at] = part.voxels.into_owned();
                }
                _ => {
                    let part = passes::along(axis, of, kept, self.even[axis], weights, self.executor);
                    self.branch(&part, axis + 1, &alike, maps);
                }
            }
        }
    }
}

/// An image whose axes of odd length are continued by their first voxel.
fn continued(image: View<f64>, even: [usize; 3]) -> Vec<f64> {
    let dims = image.dims();
    let mut out = Vec::with_capacity(even.iter().product());
    for z in 0..even[2] {
        for y in 0..even[1] {
            let row = image.row(y % dims[1], z % dims[2]);
            out.extend((0..even[0]).map(|x| row[x % dims[0]]));
        }
    }
    out
}
