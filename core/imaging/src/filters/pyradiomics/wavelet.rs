//! The stationary wavelet transform of PyWavelets, as PyRadiomics puts it together.

use crate::{
    Executor, View,
    filters::{
        operator::{Kernel, Stages},
        rotations::{Rotation, Separable},
        wavelets::Wavelet,
    },
    separable::Padding,
};

/// Filters of an image, one response map for each band.
///
/// An axis of odd length is continued by its first voxel, and then all are periodic. Every level filters the low-pass
/// image of the level before with the same kernels, without zeros between their weights: so what PyRadiomics calls a
/// level is not one of an undecimated transform.
#[derive(Debug, Clone, PartialEq)]
pub struct Decomposition {
    /// The wavelet.
    pub wavelet: Wavelet,
    /// Levels that are passed over.
    pub start_level: u32,
    /// Levels that are kept.
    pub levels: u32,
}

/// The bands of a level, by what the axes are filtered with (`true` for high-pass), *x* first; without the low-pass one.
const BANDS: [[bool; 3]; 7] = [
    [false, false, true],
    [false, true, false],
    [false, true, true],
    [true, false, false],
    [true, false, true],
    [true, true, false],
    [true, true, true],
];

impl Decomposition {
    /// The names of the response maps: `LLH` … `HHH` of the first level, `2-LLH` … of the second; `LLL` of the last.
    pub fn names(&self) -> Vec<String> {
        let of_level = |level: u32| if level == 1 { String::new() } else { format!("{level}-") };
        let letters = |band: &[bool; 3]| band.map(|high| if high { 'H' } else { 'L' }).iter().collect::<String>();
        let mut names: Vec<String> = Vec::new();
        for level in 1..=self.levels {
            names.extend(BANDS.iter().map(|band| of_level(level) + &letters(band)));
        }
        names.push(of_level(self.levels) + "LLL");
        names
    }

    /// The response maps, in the order of the names, *x* fastest. The image is the whole scan.
    pub fn apply(&self, image: View<f64>, executor: &dyn Executor) -> Vec<Vec<f64>> {
        let dims = image.dims();
        let even = dims.map(|n| n + n % 2);
        let mut maps = Vec::new();
        if image.data().is_empty() {
            return vec![Vec::new(); self.names().len()];
        }
        let mut low = continued(image, even);
        let inside =
            |map: &[f64]| crate::mask::crop(View::new(even, map), crate::IndexBox { start: [0; 3], end: dims });
        for level in 0..self.start_level + self.levels {
            let kept = level >= self.start_level;
            let bands: &[[bool; 3]] = if kept { &BANDS } else { &[] };
            let mut made = self.filters(bands).bank(even).apply(View::new(even, &low), executor);
            // The low-pass one comes first.
            let others = made.split_off(1);
            low = made.swap_remove(0);
            maps.extend(others.iter().map(|map| inside(map)));
        }
        maps.push(inside(&low));
        maps
    }

    /// One level: the low-pass filter, and those of some bands.
    fn filters(&self, bands: &[[bool; 3]]) -> Separable {
        let stages = [&self.wavelet.low, &self.wavelet.high].map(|weights| Stages(vec![Kernel::new(weights)]));
        let all = std::iter::once(&[false; 3]).chain(bands);
        Separable {
            stages: stages.into(),
            maps: all.map(|band| band.map(usize::from)).collect(),
            axes: 3,
            rotation: Rotation::None,
            padding: Padding::Periodic,
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
