//! Separable wavelets: Daubechies, coiflets, symlets, Haar; undecimated (IBSI 2: 25BO, 7UJT).

use super::{
    operator::{Kernel, Stages},
    rotations::{Rotation, Separable},
};
use crate::separable::Padding;

/// The low-pass decomposition filters, as tabulated by PyWavelets 1.9.0 (and, for the lower orders, by Daubechies, Ten
/// Lectures on Wavelets, 1992): a name and its weights in each line.
const TABLE: &str = include_str!("wavelets.csv");

/// The names that are known: `db1` … `db38`, `sym2` … `sym20`, `coif1` … `coif17`; `haar` is `db1`.
pub fn names() -> impl Iterator<Item = &'static str> {
    TABLE.lines().filter_map(|line| line.split(',').next()).chain(["haar"])
}

/// The two decomposition filters of an orthogonal wavelet.
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
pub fn bands(axes: usize) -> Vec<String> {
    let letter = |bits: usize, axis: usize| if bits >> (axes - 1 - axis) & 1 == 1 { 'H' } else { 'L' };
    (0..1_usize << axes).map(|bits| (0..axes).map(|axis| letter(bits, axis)).collect()).collect()
}

/// A band at a level.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Band {
    /// `L` or `H` for each filtered axis, *x* first.
    pub letters: String,
    /// From 1.
    pub level: u32,
}

/// Undecimated separable wavelets: one response map for each band.
///
/// # Errors
/// The band that is none.
pub fn separable(
    wavelet: &Wavelet,
    of: &[Band],
    axes: usize,
    rotation: Rotation,
    padding: Padding,
) -> Result<Separable, String> {
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
        let high = high.filter(|high| high.len() == axes && *level > 0).ok_or_else(|| letters.clone())?;
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
