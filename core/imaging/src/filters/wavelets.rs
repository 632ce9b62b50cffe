//! Separable wavelets: Daubechies, coiflets, symlets, Haar; undecimated (IBSI 2: 25BO, 7UJT).

use std::fmt;

use super::{
    operator::{Kernel, Stages},
    rotations::{Rotation, Separable},
};
use crate::separable::Padding;

/// The low-pass decomposition filters, as tabulated by PyWavelets 1.9.0 (and, for the lower orders, by Daubechies, Ten
/// Lectures on Wavelets, 1992): a name and its weights in each line.
const TABLE: &str = include_str!("wavelets.csv");

/// The names that are known: `db1` … `db38`, `sym2` … `sym20`, `coif1` … `coif17`; `haar` is `db1`.
///
/// ```
/// assert!(voxomics_imaging::filters::wavelets::names().any(|name| name == "coif1"));
/// ```
pub fn names() -> impl Iterator<Item = &'static str> {
    TABLE.lines().filter_map(|line| line.split(',').next()).chain(["haar"])
}

/// The two decomposition filters of an orthogonal wavelet.
///
/// ```
/// use voxomics_imaging::filters::wavelets::Wavelet;
///
/// let (haar, half) = (Wavelet::named("haar").unwrap(), 0.5_f64.sqrt());
/// assert!(
///     (haar.low[0] - half).abs() < 1e-9 && (haar.high[0] + half).abs() < 1e-9 && (haar.high[1] - half).abs() < 1e-9
/// );
/// // At the second level there is a zero between the weights, after the first level's low-pass filter.
/// assert_eq!((haar.stages(false, 1).0.len(), haar.stages(true, 2).0.len()), (1, 2));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Wavelet {
    /// The low-pass filter; its weights sum to √2.
    pub low: Vec<f64>,
    /// The high-pass filter, high\[k\] = (−1)^(k + 1) low\[n − 1 − k\]; its weights sum to nothing.
    pub high: Vec<f64>,
}

impl Wavelet {
    /// The wavelet of a name.
    pub fn named(name: &str) -> Option<Self> {
        let name = if name == "haar" { "db1" } else { name };
        let line = TABLE.lines().find(|line| line.split(',').next() == Some(name))?;
        let low: Vec<f64> = line.split(',').skip(1).filter_map(|weight| weight.parse().ok()).collect();
        let high = low.iter().rev().enumerate().map(|(k, w)| if k % 2 == 0 { -w } else { *w }).collect();
        Some(Self { low, high })
    }

    /// The filter of a letter of a band's name (`L` or `H`) at a level from 1: low-pass filters of the levels before it,
    /// and then the letter's own, each with 2^(level − 1) − 1 zeros between its weights (à trous).
    pub fn stages(&self, high: bool, level: u32) -> Stages {
        let kernel = |weights: &[f64], level: u32| Kernel::new(weights).spread(1 << (level - 1));
        let before = (1..level).map(|level| kernel(&self.low, level));
        Stages(before.chain([kernel(if high { &self.high } else { &self.low }, level)]).collect())
    }
}

/// Every band of a level: `LLL` … `HHH`, or `LL` … `HH`, the first letter's change slowest.
///
/// ```
/// assert_eq!(voxomics_imaging::filters::wavelets::bands(2), ["LL", "LH", "HL", "HH"]);
/// ```
pub fn bands(axes: usize) -> Vec<String> {
    let letter = |bits: usize, axis: usize| if bits >> (axes - 1 - axis) & 1 == 1 { 'H' } else { 'L' };
    (0..1_usize << axes).map(|bits| (0..axes).map(|axis| letter(bits, axis)).collect()).collect()
}

/// A band at a level.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Band {
    /// `L` or `H` for each filtered axis, *x* first.
    pub letters: String,
    /// The level of the decomposition, from 1.
    pub level: u32,
}

/// A band that is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownBand {
    /// The letters that were given: `LX`.
    pub letters: String,
}

impl fmt::Display for UnknownBand {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.letters)
    }
}

impl std::error::Error for UnknownBand {}

/// Undecimated separable wavelets: one response map for each band.
///
/// ```
/// use voxomics_imaging::{
///     Serial, View,
///     filters::{
///         Rotation,
///         wavelets::{Band, Wavelet, separable},
///     },
///     separable::Padding,
/// };
///
/// // The low-pass filter's weights sum to √2 along each of two axes.
/// let (haar, band) = (Wavelet::named("haar").unwrap(), Band { letters: "LL".into(), level: 1 });
/// let filter = separable(&haar, &[band], 2, Rotation::None, Padding::Mirror).unwrap();
/// let maps = filter.bank([4, 4, 1]).apply(View::new([4, 4, 1], &[7.0; 16]), &Serial);
/// assert!(maps[0].iter().all(|response| (response - 14.0).abs() < 1e-9));
/// ```
///
/// # Errors
/// [`UnknownBand`] for the first band that is none: it has other letters, another number of axes, or the level 0.
pub fn separable(
    wavelet: &Wavelet,
    of: &[Band],
    axes: usize,
    rotation: Rotation,
    padding: Padding,
) -> Result<Separable, UnknownBand> {
    let mut stages = vec![Stages(vec![Kernel::identity()])];
    let mut known: Vec<Option<(bool, u32)>> = vec![None];
    let mut maps = Vec::new();
    for Band { letters, level } in of {
        let high: Option<Vec<bool>> = letters
            .chars()
            .map(|letter| match letter {
                'L' => Some(false),
                'H' => Some(true),
                _ => None,
            })
            .collect();
        let high = high
            .filter(|high| high.len() == axes && *level > 0)
            .ok_or_else(|| UnknownBand { letters: letters.clone() })?;
        let mut along = [0; 3];
        for (axis, high) in high.into_iter().enumerate() {
            let wanted = Some((high, *level));
            along[axis] = known.iter().position(|kind| *kind == wanted).unwrap_or_else(|| {
                stages.push(wavelet.stages(high, *level));
                known.push(wanted);
                known.len() - 1
            });
        }
        maps.push(along);
    }
    Ok(Separable { stages, maps, axes, rotation, padding })
}
