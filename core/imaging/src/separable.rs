//! What a separable filter is made of: padding at the edges, weighted sums of whole rows, and chunks of planes.
//!
//! A voxel's response is summed in the same order wherever the voxel lies: centre first, then the pairs of samples at
//! growing distance, along *z*, then *y*, then *x*. Hence a box with its margin gives the bits of the whole scan.

use std::sync::{Mutex, PoisonError};

use crate::Executor;

/// What lies beyond the edges of the image (IBSI 2, section 2.3).
///
/// ```
/// use voxomics_imaging::separable::Padding;
///
/// // The voxel that stands one before the first of four, and one behind the last.
/// let ends = |padding: Padding| (padding.source(-1, 4), padding.source(4, 4));
/// assert_eq!(ends(Padding::Mirror), (Some(0), Some(3)));
/// assert_eq!(ends(Padding::Periodic), (Some(3), Some(0)));
/// assert_eq!(ends(Padding::Zero), (None, None));
/// assert_eq!(Padding::Nearest.sources(2, 1), [Some(0), Some(0), Some(1), Some(1)]);
/// assert_eq!((Padding::from_word("zero"), Padding::Zero.margin(3, 100)), (Some(Padding::Zero), 3));
/// assert_eq!(Padding::Periodic.margin(3, 100), 100);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Padding {
    /// `d c b a | a b c d | d c b a`.
    Mirror,
    /// `a a a a | a b c d | d d d d`.
    Nearest,
    /// `0 0 0 0 | a b c d | 0 0 0 0`.
    Zero,
    /// `a b c d | a b c d | a b c d`.
    Periodic,
}

impl Padding {
    /// The settings' words, the default first.
    pub const WORDS: [&str; 4] = ["mirror", "nearest", "zero", "periodic"];

    /// The padding of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        let paddings = [Self::Mirror, Self::Nearest, Self::Zero, Self::Periodic];
        Self::WORDS.iter().zip(paddings).find(|(known, _)| **known == word).map(|(_, padding)| padding)
    }

    /// The index of the voxel that stands at `i` of a line of `length`, which may lie before or behind it; `None` where a
    /// zero does.
    pub fn source(self, i: isize, length: usize) -> Option<usize> {
        if let Ok(inside) = usize::try_from(i)
            && inside < length
        {
            return Some(inside);
        }
        let n = isize::try_from(length).ok().filter(|n| *n > 0)?;
        let source = match self {
            Self::Zero => return None,
            Self::Nearest => i.clamp(0, n - 1),
            Self::Periodic => i.rem_euclid(n),
            Self::Mirror => {
                let at = i.rem_euclid(2 * n);
                at.min(2 * n - 1 - at)
            }
        };
        usize::try_from(source).ok()
    }

    /// The index of the voxel that stands at each of −`radius` … `length` − 1 + `radius`; `None` where a zero does.
    pub fn sources(self, length: usize, radius: usize) -> Vec<Option<usize>> {
        (0..length + 2 * radius).map(|i| self.source(i as isize - radius as isize, length)).collect()
    }

    /// How far around a voxel its response depends on a line of `length` voxels, for a kernel of a radius. Periodic
    /// padding reads the far side of the scan: then it is the whole line.
    pub fn margin(self, radius: usize, length: usize) -> usize {
        if self == Self::Periodic && radius > 0 { length.max(radius) } else { radius }
    }
}

/// Adds to `out` the convolution with an even kernel, of which `half` holds the weights at 0, 1, … radius.
///
/// `row(j)` is the row at distance `j` − radius, or `None` if it is zero; each has the length of `out`. The radius is
/// `half.len()` − 1; an empty kernel adds nothing.
///
/// ```
/// use voxomics_imaging::separable::add_even;
///
/// // 2 for the row itself, and 1 for those on either side.
/// let (rows, mut sum) = ([[1.0], [2.0], [4.0]], [0.0]);
/// add_even(&[2.0, 1.0], |j| Some(&rows[j][..]), &mut sum);
/// assert_eq!(sum, [9.0]);
/// ```
pub fn add_even<'a>(half: &[f64], row: impl Fn(usize) -> Option<&'a [f64]>, out: &mut [f64]) {
    let radius = half.len().saturating_sub(1);
    for (distance, &weight) in half.iter().enumerate() {
        let before = row(radius - distance);
        let after = if distance == 0 { None } else { row(radius + distance) };
        match (before, after) {
            (Some(before), Some(after)) => {
                for ((sum, a), b) in out.iter_mut().zip(before).zip(after) {
                    *sum += weight * (a + b);
                }
            }
            (Some(only), None) | (None, Some(only)) => {
                for (sum, a) in out.iter_mut().zip(only) {
                    *sum += weight * a;
                }
            }
            (None, None) => {}
        }
    }
}

/// Fills the ends of a row of which only the middle is set, as [`Padding::sources`] says.
///
/// ```
/// use voxomics_imaging::separable::{Padding, pad};
///
/// let mut row = [0.0, 5.0, 7.0, 0.0];
/// pad(&mut row, &Padding::Mirror.sources(2, 1), 1);
/// assert_eq!(row, [5.0, 5.0, 7.0, 7.0]);
/// ```
///
/// # Panics
/// If the row has fewer than 2·`radius` elements, or other sources than one for each.
pub fn pad(row: &mut [f64], sources: &[Option<usize>], radius: usize) {
    let length = row.len() - 2 * radius;
    for i in (0..radius).chain(radius + length..row.len()) {
        row[i] = sources[i].map_or(0.0, |source| row[radius + source]);
    }
}

/// Voxels of one chunk of work, so that a chunk is worth the hand-over to a thread.
const CHUNK_VOXELS: usize = 1 << 16;

/// Makes a volume of `count` planes of `plane` voxels: `scratch()` once for each chunk, `fill(z, plane, scratch)` for each
/// plane, which comes filled with zeros. A volume without voxels is made without any call.
///
/// ```
/// use voxomics_imaging::{Serial, separable::planes};
///
/// // Each plane has its own number.
/// let volume = planes(2, 3, &Serial, &|| (), &|z, plane, _: &mut ()| plane.fill(z as f64));
/// assert_eq!(volume, [0.0, 0.0, 1.0, 1.0, 2.0, 2.0]);
/// ```
pub fn planes<S>(
    plane: usize,
    count: usize,
    executor: &dyn Executor,
    scratch: &(impl Fn() -> S + Sync),
    fill: &(impl Fn(usize, &mut [f64], &mut S) + Sync),
) -> Vec<f64> {
    let mut out = vec![0.0; plane * count];
    if out.is_empty() {
        return out;
    }
    let planes = (CHUNK_VOXELS / plane).max(1);
    let chunks: Vec<Mutex<&mut [f64]>> = out.chunks_mut(planes * plane).map(Mutex::new).collect();
    executor.for_each(chunks.len(), &|i| {
        // Each chunk is locked once, by the one call that fills it.
        let mut chunk = chunks[i].lock().unwrap_or_else(PoisonError::into_inner);
        let mut scratch = scratch();
        for (k, plane) in chunk.chunks_exact_mut(plane).enumerate() {
            fill(i * planes + k, plane, &mut scratch);
        }
    });
    drop(chunks);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn padded(padding: Padding, length: usize, radius: usize) -> String {
        let letter = |source: Option<usize>| source.map_or('0', |i| char::from(b'a' + i as u8));
        padding.sources(length, radius).into_iter().map(letter).collect()
    }

    #[test]
    fn paddings_are_those_of_the_standard() {
        assert_eq!(padded(Padding::Mirror, 4, 3), "cbaabcddcb");
        assert_eq!(padded(Padding::Nearest, 4, 3), "aaaabcdddd");
        assert_eq!(padded(Padding::Zero, 4, 3), "000abcd000");
        assert_eq!(padded(Padding::Periodic, 4, 3), "bcdabcdabc");
    }

    #[test]
    fn a_kernel_may_be_wider_than_the_image() {
        assert_eq!(padded(Padding::Mirror, 2, 5), "aabbaabbaabb");
        assert_eq!(padded(Padding::Mirror, 1, 3), "aaaaaaa");
        assert_eq!(padded(Padding::Nearest, 1, 2), "aaaaa");
        assert_eq!(padded(Padding::Zero, 1, 2), "00a00");
        assert_eq!(padded(Padding::Periodic, 2, 5), "babababababa");
    }

    #[test]
    fn an_empty_line_has_no_voxel_to_stand_in() {
        for word in Padding::WORDS {
            let padding = Padding::from_word(word).expect("a word");
            assert_eq!(padding.sources(0, 2), [None; 4]);
        }
    }

    #[test]
    fn words_and_paddings_correspond() {
        assert_eq!(
            Padding::WORDS.map(Padding::from_word),
            [Padding::Mirror, Padding::Nearest, Padding::Zero, Padding::Periodic].map(Some)
        );
        assert_eq!(Padding::from_word("wrap"), None);
    }
}
