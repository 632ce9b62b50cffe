//! The non-separable wavelet of Simoncelli, its band-pass part (IBSI 2: PRT7).

use super::{
    fourier::{Number, Transfer, Volume, slices},
    padded::Padded,
};
use crate::{Executor, IndexBox, View, lines::fill, separable::Padding};

/// Voxels that lie around the image where padding is not periodic, at level 1.
const PAD: usize = 32;

/// The wavelet: one response map for each level.
///
/// ```
/// use voxomics_imaging::{Serial, View, filters::simoncelli::Simoncelli, separable::Padding};
///
/// // A band-pass filter: a flat image has no such frequency.
/// let wavelet = Simoncelli { levels: vec![1, 2], axes: 2, padding: Padding::Periodic };
/// let maps = wavelet.apply(View::new([5, 5, 1], &[7.0; 25]), &Serial);
/// assert!(maps.len() == 2 && maps[0].iter().all(|response| response.abs() < 1e-9));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Simoncelli {
    /// Levels, from 1.
    pub levels: Vec<u32>,
    /// Number of axes that are filtered: 3, or 2 within each slice.
    pub axes: usize,
    /// What lies beyond the edges of the scan. Periodic is what the transform itself does.
    pub padding: Padding,
}

impl Simoncelli {
    /// The response maps, in the order of the levels, *x* fastest. The image must be the whole scan along the axes that are filtered.
    pub fn apply(&self, image: View<f64>, executor: &dyn Executor) -> Vec<Vec<f64>> {
        self.apply_in(image, IndexBox::whole(image.dims()), executor)
    }

    /// The response maps in a box of the image, in the order of the levels, *x* fastest. The image must be the whole scan along the
    /// axes that are filtered.
    ///
    /// # Panics
    /// If the box exceeds the image.
    pub fn apply_in(&self, image: View<f64>, kept: IndexBox, executor: &dyn Executor) -> Vec<Vec<f64>> {
        let deepest = self.levels.iter().copied().max().unwrap_or(1);
        let padded = Padded::new(image, pad(self.padding, deepest), self.axes, self.padding);
        let of = |level: &u32| Band::new(padded.dims, *level, self.axes, executor);
        let bands: Vec<Band> = self.levels.iter().map(of).collect();
        let transfers: Vec<&dyn Transfer> = bands.iter().map(|band| band as &dyn Transfer).collect();
        filtered(padded.dims, &padded.voxels, &transfers, self.axes, padded.place(kept), executor)
    }
}

/// Voxels that lie around the image where padding is not periodic.
pub(super) fn pad(padding: Padding, level: u32) -> usize {
    if padding == Padding::Periodic { 0 } else { PAD << (level - 1) }
}

/// Applies transfers to a volume, or to each of its slices: the responses in a box.
pub(super) fn filtered(
    dims: [usize; 3],
    voxels: &[f64],
    transfers: &[&dyn Transfer],
    axes: usize,
    kept: IndexBox,
    executor: &dyn Executor,
) -> Vec<Vec<f64>> {
    if voxels.is_empty() || kept.dims().contains(&0) {
        return transfers.iter().map(|_| Vec::new()).collect();
    }
    if axes == 2 {
        return slices(dims, voxels, transfers, kept, executor);
    }
    Volume::new(dims).filtered(voxels, transfers, kept, executor)
}

/// The frequencies along an axis in the order of a transform: N of them, evenly from −1 to 1 (the Nyquist frequency),
/// both included. This is the grid that the reference maps of IBSI 2 were made on; it has no frequency 0 for an even N,
/// and differs from that of the transform by at most 1/N.
fn grid(n: usize) -> Vec<f64> {
    let at = |i: usize| ((i + n / 2) % n) as f64;
    (0..n).map(|i| if n == 1 { 0.0 } else { 2.0 * at(i) / (n as f64 - 1.0) - 1.0 }).collect()
}

/// The band B at a level: cos(π/2 · log₂(2r)) for 1/4 ≤ r ≤ 1 and nothing elsewhere, r = 2^(level − 1)·|f|.
///
/// The grid is the same in both directions of an axis, and so the band has one value for every eight frequencies.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Band {
    /// Its values by the places of their absolute frequencies along *x*, *y*, *z*, the last fastest.
    values: Vec<f64>,
    /// Number of these places.
    counts: [usize; 3],
    /// The place of each frequency, in the order of a transform.
    here: [Vec<usize>; 3],
    /// Those of the opposite frequencies.
    opposite: [Vec<usize>; 3],
}

impl Band {
    pub(super) fn new(dims: [usize; 3], level: u32, axes: usize, executor: &dyn Executor) -> Self {
        let scale = f64::from(1_u32 << (level - 1));
        let mut squares: [Vec<f64>; 3] = Default::default();
        let here: [Vec<usize>; 3] = std::array::from_fn(|axis| {
            let n = dims[axis];
            if axis >= axes {
                squares[axis] = vec![0.0];
                return vec![0; n];
            }
            let frequencies = grid(n);
            let place = |i: usize| {
                let at = (i + n / 2) % n;
                at.min(n - 1 - at)
            };
            squares[axis] = vec![0.0; n.div_ceil(2)];
            (0..n).for_each(|i| squares[axis][place(i)] = (scale * frequencies[i]).powi(2));
            (0..n).map(place).collect()
        });
        let mirrored = |of: &Vec<usize>| (0..of.len()).map(|i| of[(of.len() - i) % of.len()]).collect();
        let opposite = here.each_ref().map(mirrored);
        let [x, y, z] = &squares;
        let mut values = vec![0.0; x.len() * y.len() * z.len()];
        fill(executor, &mut values, y.len() * z.len(), &|first, part| {
            let x = x[first / (y.len() * z.len())];
            for (line, y) in part.chunks_exact_mut(z.len()).zip(y) {
                line.iter_mut().zip(z).for_each(|(value, z)| *value = band(x + y + z));
            }
        });
        Self { values, counts: [x.len(), y.len(), z.len()], here, opposite }
    }

    /// The band at the frequencies `[kx, ky, 0 …]`, and at the opposite ones.
    pub(super) fn along(&self, kx: usize, ky: usize) -> impl Iterator<Item = [f64; 2]> {
        let [_, count_y, count] = self.counts;
        let line = |[x, y, _]: &[Vec<usize>; 3]| &self.values[(x[kx] * count_y + y[ky]) * count..][..count];
        let (here, opposite) = (line(&self.here), line(&self.opposite));
        self.here[2].iter().zip(&self.opposite[2]).map(|(at, across)| [here[*at], opposite[*across]])
    }
}

/// The band by the square of r.
fn band(square: f64) -> f64 {
    if (1.0 / 16.0..=1.0).contains(&square) {
        // log₂(2r) = 1 + log₂(r²)/2
        (std::f64::consts::FRAC_PI_2 * (1.0 + 0.5 * square.log2())).cos()
    } else {
        0.0
    }
}

impl Transfer for Band {
    fn multiply(&self, kx: usize, ky: usize, line: &mut [Number]) {
        // Opposite frequencies of a real response are each other's conjugates: what is kept of a band that is not
        // symmetric is its even part.
        for (number, [here, opposite]) in line.iter_mut().zip(self.along(kx, ky)) {
            *number *= 0.5 * (here + opposite);
        }
    }
}
