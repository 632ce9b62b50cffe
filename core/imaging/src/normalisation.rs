//! What a normalisation of intensities is made of: percentiles, moments, piecewise linear scales, and the modes of a density.

use std::cmp::Ordering;

/// The finite numbers among some, ascending.
///
/// ```
/// assert_eq!(voxomics_imaging::normalisation::sorted([3.0, f64::NAN, 1.0]), [1.0, 3.0]);
/// ```
pub fn sorted(values: impl IntoIterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.into_iter().filter(|value| value.is_finite()).collect();
    values.sort_unstable_by(f64::total_cmp);
    values
}

/// Percentiles (0 to 100) of ascending values, linear between neighbours: type 7 of Hyndman and Fan (The American
/// Statistician 50:361, 1996), which is the default of R and NumPy.
///
/// There must be a value at least.
///
/// ```
/// use voxomics_imaging::normalisation::percentile;
///
/// assert_eq!(percentile(&[0.0, 10.0, 20.0], 50.0), 10.0);
/// assert_eq!(percentile(&[0.0, 10.0, 20.0], 75.0), 15.0);
/// ```
pub fn percentile(sorted: &[f64], percent: f64) -> f64 {
    let last = sorted.len() - 1;
    let place = (percent / 100.0).clamp(0.0, 1.0) * last as f64;
    let below = (place.floor() as usize).min(last);
    let (low, high) = (sorted[below], sorted[(below + 1).min(last)]);
    let part = place - below as f64;
    // As NumPy does, so that rounding is the least at both ends.
    if part < 0.5 { low + (high - low) * part } else { high - (high - low) * (1.0 - part) }
}

/// Mean and variance of numbers.
///
/// ```
/// use voxomics_imaging::normalisation::Moments;
///
/// assert_eq!(Moments::of(&[1.0, 3.0]), Some(Moments { mean: 2.0, variance: 1.0 }));
/// assert_eq!(Moments::of(&[]), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moments {
    /// The mean, Σx / n.
    pub mean: f64,
    /// The variance, over n.
    pub variance: f64,
}

impl Moments {
    /// Of some numbers; none of no number.
    pub fn of(values: &[f64]) -> Option<Self> {
        let count = values.len() as f64;
        if values.is_empty() {
            return None;
        }
        let mean = values.iter().sum::<f64>() / count;
        let variance = values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / count;
        Some(Self { mean, variance })
    }
}

/// What becomes of intensities beyond the outermost landmarks of a [`Scale`].
///
/// ```
/// use voxomics_imaging::normalisation::Beyond;
///
/// assert_eq!(Beyond::WORDS.map(Beyond::from_word), [Some(Beyond::Linear), Some(Beyond::Clamp)]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beyond {
    /// The outermost piece goes on.
    Linear,
    /// They get the value of the outermost landmark.
    Clamp,
}

impl Beyond {
    /// The words of a setting, the default first.
    pub const WORDS: [&str; 2] = ["linear", "clamp"];

    /// What a word stands for.
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "linear" => Some(Self::Linear),
            "clamp" => Some(Self::Clamp),
            _ => None,
        }
    }
}

/// A piecewise linear map that takes landmarks to other ones.
///
/// ```
/// use voxomics_imaging::normalisation::{Beyond, Scale};
///
/// let scale = |beyond| Scale::new(&[0.0, 50.0, 100.0], &[0.0, 10.0, 60.0], beyond).unwrap();
/// assert_eq!((scale(Beyond::Linear).map(25.0), scale(Beyond::Linear).map(75.0)), (5.0, 35.0));
/// assert_eq!((scale(Beyond::Linear).map(110.0), scale(Beyond::Clamp).map(110.0)), (70.0, 60.0));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Scale {
    /// From and to, with `from` ascending.
    landmarks: Vec<(f64, f64)>,
    beyond: Beyond,
}

impl Scale {
    /// The map that takes each of the ascending landmarks `from` to the one of `to` at its place. Landmarks that are equal are one,
    /// and go to the mean of theirs. None, if fewer than two are left.
    pub fn new(from: &[f64], to: &[f64], beyond: Beyond) -> Option<Self> {
        let mut landmarks: Vec<(f64, f64)> = Vec::new();
        let mut same = 0;
        for (from, to) in from.iter().zip(to) {
            match landmarks.last_mut().filter(|(last, _)| last == from) {
                Some((_, mean)) => {
                    same += 1;
                    *mean += (to - *mean) / f64::from(same);
                }
                None => {
                    same = 1;
                    landmarks.push((*from, *to));
                }
            }
        }
        (landmarks.len() > 1).then_some(Self { landmarks, beyond })
    }

    /// Where an intensity comes to lie.
    pub fn map(&self, intensity: f64) -> f64 {
        let marks = &self.landmarks;
        let intensity = match self.beyond {
            Beyond::Linear => intensity,
            Beyond::Clamp => intensity.clamp(marks[0].0, marks[marks.len() - 1].0),
        };
        let after = marks.partition_point(|(from, _)| *from < intensity).clamp(1, marks.len() - 1);
        let ((x0, y0), (x1, y1)) = (marks[after - 1], marks[after]);
        y0 + (y1 - y0) / (x1 - x0) * (intensity - x0)
    }
}

/// Which peak of a density is meant.
///
/// ```
/// use voxomics_imaging::normalisation::Peak;
///
/// assert_eq!(Peak::WORDS.map(Peak::from_word), [Some(Peak::Largest), Some(Peak::Last), Some(Peak::First)]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Peak {
    /// The highest one.
    Largest,
    /// That of the brightest tissue.
    Last,
    /// That of the darkest tissue.
    First,
}

impl Peak {
    /// The words of a setting.
    pub const WORDS: [&str; 3] = ["largest", "last", "first"];

    /// What a word stands for.
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "largest" => Some(Self::Largest),
            "last" => Some(Self::Last),
            "first" => Some(Self::First),
            _ => None,
        }
    }

    /// The percentile above which nothing is looked at: single bright voxels have peaks of their own there.
    fn tail(self) -> f64 {
        match self {
            Self::Largest => 100.0,
            Self::Last => 96.0,
            Self::First => 99.0,
        }
    }
}

/// The intensity at a peak of the density of ascending values; none if they are flat.
///
/// The density is a sum of Gaussians, whose width follows Scott's rule, σ n^(−1/5), at `points` places from the least to the
/// greatest value.
///
/// ```
/// use voxomics_imaging::normalisation::{Peak, mode};
///
/// // The density of values that lie evenly on both sides of 2 is highest there.
/// assert_eq!(mode(&[0.0, 1.9, 2.0, 2.1, 4.0], Peak::Largest, 5), Some(2.0));
/// assert_eq!(mode(&[3.0, 3.0], Peak::Largest, 5), None);
/// ```
pub fn mode(sorted: &[f64], peak: Peak, points: usize) -> Option<f64> {
    let limit = percentile(sorted, peak.tail());
    let looked_at = &sorted[..sorted.partition_point(|value| *value <= limit)];
    let (places, density) = density(looked_at, points)?;
    let highest = || (0..points).max_by(|a, b| density[*a].total_cmp(&density[*b]).then(Ordering::Greater));
    let mut peaks = (1..points - 1).filter(|at| density[*at] > density[at - 1] && density[*at] > density[at + 1]);
    let found = match peak {
        Peak::Largest => highest(),
        Peak::Last => peaks.next_back().or_else(highest),
        Peak::First => peaks.next().or_else(highest),
    };
    found.map(|at| places[at])
}

/// A Gaussian is nothing beyond so many of its widths: less than 3 · 10⁻¹⁸ of its peak.
const REACH: f64 = 9.0;

/// The density of ascending values, at places in equal steps from the least to the greatest; none if they are flat.
fn density(sorted: &[f64], points: usize) -> Option<(Vec<f64>, Vec<f64>)> {
    let (Some(least), Some(greatest)) = (sorted.first(), sorted.last()) else { return None };
    if points < 3 || least == greatest {
        return None;
    }
    let count = sorted.len() as f64;
    let spread = (Moments::of(sorted)?.variance * count / (count - 1.0)).sqrt();
    let width = spread * count.powf(-0.2);
    // Scans hold few values many times each.
    let counted: Vec<(f64, f64)> = sorted.chunk_by(|a, b| a == b).map(|same| (same[0], same.len() as f64)).collect();
    let places: Vec<f64> = (0..points).map(|at| least + (greatest - least) * at as f64 / (points - 1) as f64).collect();
    let at = |place: &f64| {
        let from = counted.partition_point(|(value, _)| *value < place - REACH * width);
        let near = counted[from..].iter().take_while(|(value, _)| *value <= place + REACH * width);
        let sum: f64 = near.map(|(value, times)| times * (-0.5 * ((value - place) / width).powi(2)).exp()).sum();
        sum / (count * width * std::f64::consts::TAU.sqrt())
    };
    let density = places.iter().map(at).collect();
    Some((places, density))
}

/// Mean and variance of the values that lie around `mode` in the order of ascending values: at most the part `width` of all
/// values below it and above it (Shinohara et al., NeuroImage: Clinical 6:9, 2014). None if none lies there.
///
/// ```
/// use voxomics_imaging::normalisation::stripe;
///
/// // Two of five values are below the mode. Within a fifth of the values on each side of it, 4 and 5 remain.
/// let around = stripe(&[0.0, 4.0, 5.0, 6.0, 90.0], 5.0, 0.2).unwrap();
/// assert_eq!(around.mean, 4.5);
/// ```
pub fn stripe(sorted: &[f64], mode: f64, width: f64) -> Option<Moments> {
    let below = sorted.partition_point(|value| *value < mode) as f64 / sorted.len() as f64;
    let low = percentile(sorted, 100.0 * (below - width).max(0.0));
    let high = percentile(sorted, 100.0 * (below + width).min(1.0));
    let from = sorted.partition_point(|value| *value <= low);
    let to = sorted.partition_point(|value| *value < high);
    Moments::of(sorted.get(from..to)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_those_of_numpy() {
        // numpy.percentile([1, 2, 4, 8, 16], …) of NumPy 2.4.6.
        let values = sorted([16.0, f64::NAN, 2.0, 8.0, 1.0, f64::INFINITY, 4.0]);
        for (percent, expected) in [(0.0, 1.0), (10.0, 1.4), (50.0, 4.0), (90.0, 12.8), (99.0, 15.68), (100.0, 16.0)] {
            assert!((percentile(&values, percent) - expected).abs() < 1e-14, "{percent}");
        }
        assert_eq!(percentile(&[3.0], 70.0), 3.0);
    }

    #[test]
    fn a_scale_goes_through_its_landmarks_and_on() {
        let scale = |beyond| Scale::new(&[0.0, 10.0, 30.0], &[1.0, 2.0, 10.0], beyond).expect("a scale");
        let mapped = |beyond| [-5.0, 0.0, 5.0, 10.0, 20.0, 30.0, 35.0].map(|x| scale(beyond).map(x));
        assert_eq!(mapped(Beyond::Linear), [0.5, 1.0, 1.5, 2.0, 6.0, 10.0, 12.0]);
        assert_eq!(mapped(Beyond::Clamp), [1.0, 1.0, 1.5, 2.0, 6.0, 10.0, 10.0]);
    }

    #[test]
    fn equal_landmarks_are_one() {
        let scale = Scale::new(&[0.0, 0.0, 0.0, 4.0], &[1.0, 2.0, 6.0, 7.0], Beyond::Linear).expect("a scale");
        assert_eq!([0.0, 2.0, 4.0].map(|x| scale.map(x)), [3.0, 5.0, 7.0]);
        assert_eq!(Scale::new(&[2.0, 2.0], &[0.0, 1.0], Beyond::Linear), None);
        assert_eq!(Scale::new(&[2.0], &[0.0], Beyond::Linear), None);
    }

    /// Three heaps of values: a dark one, a high one in the middle, a bright one.
    fn heaps() -> Vec<f64> {
        let heap = |centre: f64, count: usize| (0..count).map(move |i| centre + ((i % 21) as f64 - 10.0) / 5.0);
        sorted(heap(20.0, 210).chain(heap(50.0, 840)).chain(heap(80.0, 420)))
    }

    #[test]
    fn peaks_are_those_that_are_meant() {
        let values = heaps();
        for (peak, expected) in [(Peak::First, 20.0), (Peak::Largest, 50.0), (Peak::Last, 80.0)] {
            let found = mode(&values, peak, 400).expect("a mode");
            assert!((found - expected).abs() < 1.5, "{peak:?}: {found}");
        }
        assert_eq!(mode(&[4.0; 9], Peak::Largest, 80), None, "a flat image has no density");
    }

    #[test]
    fn a_stripe_holds_its_part_on_either_side() {
        let values: Vec<f64> = (0..=1000).map(f64::from).collect();
        // From the 45th to the 55th percentile, without both ends.
        let found = stripe(&values, 500.0, 0.05).expect("a stripe");
        assert!((found.mean - 500.0).abs() < 0.6, "{found:?}");
        assert!((found.variance - (99.0_f64.powi(2) - 1.0) / 12.0).abs() < 20.0, "{found:?}");
        assert_eq!(stripe(&[7.0; 5], 7.0, 0.05), None);
    }
}
