//! The stationary wavelet transform of PyWavelets, as PyRadiomics puts it together.

use std::borrow::Cow;

use crate::{
    Executor, IndexBox, View,
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

/// The bands of a level, by what the axes are filtered with (`true` for high-pass), *x* first; the low-pass one comes last.
const BANDS: [[bool; 3]; 8] = [
    [false, false, true],
    [false, true, false],
    [false, true, true],
    [true, false, false],
    [true, false, true],
    [true, true, false],
    [true, true, true],
    [false, false, false],
];

impl Decomposition {
    /// The names of the response maps: `LLH` … `HHH` of the first level, `2-LLH` … of the second; `LLL` of the last.
    pub fn names(&self) -> Vec<String> {
        let of_level = |level: u32| if level == 1 { String::new() } else { format!("{level}-") };
        let letters = |band: &[bool; 3]| band.map(|high| if high { 'H' } else { 'L' }).iter().collect::<String>();
        let mut names: Vec<String> = Vec::new();
        for level in 1..=self.levels {
            names.extend(BANDS[..7].iter().map(|band| of_level(level) + &letters(band)));
        }
        names.push(of_level(self.levels) + "LLL");
        names
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
        if image.data().is_empty() {
            return vec![Vec::new(); self.names().len()];
        }
        let last = self.start_level + self.levels - 1;
        let reach = Kernel::new(&self.wavelet.low).radius();
        if last == 0 && (0..3).all(|axis| kept.start[axis] >= reach && kept.end[axis] + reach <= dims[axis]) {
            // What lies beyond the scan's edges does not matter.
            return self.filters(&BANDS).bank(dims).apply_in(image, kept, executor);
        }
        let mut low = if even == dims { Cow::Borrowed(image.data()) } else { Cow::Owned(continued(image, even)) };
        let mut maps = Vec::new();
        for level in 0..last {
            let of = View::new(even, &low);
            if level >= self.start_level {
                maps.extend(self.filters(&BANDS[..7]).bank(even).apply_in(of, kept, executor));
            }
            let lowest = self.filters(&BANDS[7..]).bank(even).apply(of, executor);
            low = lowest.into_iter().next().unwrap_or_default().into();
        }
        maps.extend(self.filters(&BANDS).bank(even).apply_in(View::new(even, &low), kept, executor));
        maps
    }

    /// The filters of some bands of a level.
    fn filters(&self, bands: &[[bool; 3]]) -> Separable {
        let stages = [&self.wavelet.low, &self.wavelet.high].map(|weights| Stages(vec![Kernel::new(weights)]));
        Separable {
            stages: stages.into(),
            maps: bands.iter().map(|band| band.map(usize::from)).collect(),
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
