//! Discretisation: from intensities to grey levels 1, 2, … (IBSI 1 manual, section "Intensity discretisation",
//! arXiv:1612.07003).

mod edges;

use std::fmt;

pub use edges::Edges;

/// How intensities become grey levels.
///
/// ```
/// use voxomics_imaging::discretisation::{Discretisation, End, OutOfBounds};
///
/// let (intensities, region) = ([0.0, 24.0, 25.0, 100.0], [1, 1, 1, 1]);
/// // Four bins from 0 to 100: the maximum belongs to the last one.
/// let number = Discretisation::FixedBinNumber { bins: 4 }.discretise(&intensities, &region).unwrap();
/// assert_eq!((number.levels, number.n_levels), (vec![1, 1, 2, 4], 4));
/// // Bins of 25 from 0: 100 begins the fifth one.
/// let size = Discretisation::FixedBinSize {
///     width: 25.0,
///     minimum: Some(0.0),
///     end: End::Open,
///     out_of_bounds: OutOfBounds::Clamp,
/// };
/// let size = size.discretise(&intensities, &region).unwrap();
/// assert_eq!((size.levels, size.n_levels), (vec![1, 1, 2, 5], 5));
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Discretisation {
    /// Fixed bin number (IBSI K15C): level = *N* if x = max, else ⌊*N*·(x − min)/(max − min)⌋ + 1, with the region's
    /// own minimum and maximum. A flat region has the one level 1.
    FixedBinNumber {
        /// *N*, the number of bins; 1 to 65,535.
        bins: u32,
    },
    /// Fixed bin size (IBSI Q3RU): level = ⌊(x − min)/*w*⌋ + 1.
    FixedBinSize {
        /// *w*, in units of the intensities; positive.
        width: f64,
        /// Where the first bin begins, as a rule the lower bound of the re-segmentation range; `None` takes the
        /// region's own minimum, which makes levels of different regions incomparable.
        minimum: Option<f64>,
        /// Where the last bin ends.
        end: End,
        /// What becomes of intensities below the first bin or above the last one.
        out_of_bounds: OutOfBounds,
    },
    /// Between edges that are computed first, as other software does it: level = number of edges at or below x.
    Edges(Edges),
}

/// Where the bins of fixed size end. The upper edge of the last bin belongs to it.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum End {
    /// With the region's highest intensity.
    #[default]
    Open,
    /// At an intensity: there are ⌈(maximum − minimum)/width⌉ bins.
    Maximum(f64),
    /// After a number of bins.
    Bins(u32),
}

/// What becomes of intensities beyond the bins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OutOfBounds {
    /// They take the nearest level.
    #[default]
    Clamp,
    /// They leave the region.
    Exclude,
}

/// The grey levels of a region.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Discretised {
    /// For each voxel its level, from 1; 0 outside the region.
    pub levels: Vec<u16>,
    /// *N*g, the highest level that occurs; 0 if the region is empty.
    pub n_levels: u32,
    /// Voxels that took the nearest level because their intensity lay beyond the bins.
    pub clamped: usize,
    /// Voxels that left the region because their intensity lay beyond the bins.
    pub excluded: usize,
}

/// Why a discretisation is refused.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum DiscretisationError {
    /// A number of bins is 0 or above 65,535.
    Bins(u32),
    /// A bin width is not finite or not positive.
    Width(f64),
    /// A bound is not finite, or the last bin would end before the first begins.
    Bounds {
        /// Where the first bin begins, if fixed.
        minimum: Option<f64>,
        /// Where the last bin ends.
        end: End,
    },
    /// There would be more levels than 65,535.
    TooManyLevels {
        /// Predicted number of levels.
        levels: f64,
        /// Bin width.
        width: f64,
        /// Where the bins begin.
        minimum: f64,
        /// The highest intensity that has to be given a level.
        maximum: f64,
    },
    /// Intensities of the region are not finite.
    NotFinite {
        /// How many.
        voxels: usize,
    },
}

impl fmt::Display for DiscretisationError {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Bins(bins) => write!(f, "a discretisation has 1 to {MOST} bins, not {bins}"),
            Self::Width(width) => write!(f, "a bin width is positive and finite, not {width}"),
            Self::Bounds { minimum, end } => {
                let minimum = minimum.map_or("the region's minimum".to_owned(), |m| m.to_string());
                let end = match end {
                    End::Open => "the region's maximum".to_owned(),
                    End::Maximum(maximum) => maximum.to_string(),
                    End::Bins(bins) => format!("bin {bins}"),
                };
                write!(f, "bins cannot run from {minimum} to {end}")
            }
            Self::TooManyLevels { levels, width, minimum, maximum } => write!(
                f,
                "bins of {width} from {minimum} to {maximum} make {levels:.0} grey levels; at most {MOST} are allowed: \
                 choose wider bins, a narrower range, or a fixed number of bins"
            ),
            Self::NotFinite { voxels } => write!(f, "{voxels} voxels of the region have no finite intensity"),
        }
    }
}

impl std::error::Error for DiscretisationError {}

const MOST: u32 = u16::MAX as u32;

/// A discretisation once the region's range is known.
enum Scale {
    Formula(Bins),
    Edges(edges::Table),
}

/// The bins of a formula.
#[derive(Clone, Copy)]
struct Bins {
    /// The level is ⌊(x − minimum)·factor/divisor⌋ + 1, in this order of operations: with integral intensities the
    /// product is exact, and a quotient that is a whole number comes out whole.
    minimum: f64,
    factor: f64,
    divisor: f64,
    /// The last level.
    last: f64,
    /// The highest intensity that has a level of its own.
    maximum: f64,
    exclude: bool,
}

impl Discretisation {
    /// The highest level of a region whose intensities run from `minimum` to `maximum`. It is the `n_levels` of
    /// [`Self::discretise`] unless the voxels at the maximum are excluded.
    ///
    /// ```
    /// use voxomics_imaging::discretisation::Discretisation;
    ///
    /// let bins = |bins| Discretisation::FixedBinNumber { bins }.predicted_levels(-10.0, 10.0);
    /// assert_eq!(bins(32), Ok(32));
    /// assert!(bins(0).is_err());
    /// ```
    ///
    /// # Errors
    /// If a setting or the range makes no sense, or if there would be more than 65,535 levels.
    pub fn predicted_levels(&self, minimum: f64, maximum: f64) -> Result<u32, DiscretisationError> {
        if !(minimum.is_finite() && maximum.is_finite() && minimum <= maximum) {
            return Err(DiscretisationError::Bounds { minimum: Some(minimum), end: End::Maximum(maximum) });
        }
        Ok(match self.scale(minimum, maximum)? {
            Scale::Formula(bins) => bins.level(maximum.min(bins.maximum)).into(),
            Scale::Edges(table) => table.level(maximum).into(),
        })
    }

    /// The grey levels of the voxels of `region`. Every check is made before anything is allocated.
    ///
    /// # Errors
    /// As [`Self::predicted_levels`], and if an intensity of the region is not finite.
    ///
    /// # Panics
    /// If the mask and the intensities differ in length.
    pub fn discretise(&self, intensities: &[f64], region: &[u8]) -> Result<Discretised, DiscretisationError> {
        assert_eq!(intensities.len(), region.len(), "the mask and the image have the same voxels");
        let inside = || intensities.iter().zip(region).filter(|(_, m)| **m != 0).map(|(x, _)| *x);
        let (mut voxels, mut minimum, mut maximum) = (0, f64::INFINITY, f64::NEG_INFINITY);
        for x in inside() {
            voxels += usize::from(!x.is_finite());
            minimum = if x < minimum { x } else { minimum };
            maximum = if x > maximum { x } else { maximum };
        }
        if voxels > 0 {
            return Err(DiscretisationError::NotFinite { voxels });
        }
        if minimum > maximum {
            self.check()?;
            return Ok(Discretised { levels: vec![0; region.len()], ..Default::default() });
        }
        Ok(match self.scale(minimum, maximum)? {
            Scale::Formula(bins) => bins.discretise(intensities, region),
            Scale::Edges(table) => table.discretise(intensities, region),
        })
    }

    fn check(&self) -> Result<(), DiscretisationError> {
        match *self {
            Self::FixedBinNumber { bins } | Self::FixedBinSize { end: End::Bins(bins), .. }
                if !(1..=MOST).contains(&bins) =>
            {
                Err(DiscretisationError::Bins(bins))
            }
            Self::FixedBinSize { width, .. } if !(width.is_finite() && width > 0.0) => {
                Err(DiscretisationError::Width(width))
            }
            Self::FixedBinSize { minimum, end, .. } => {
                let begin = minimum.unwrap_or(f64::MIN);
                let ends_after = !matches!(end, End::Maximum(maximum) if !(maximum.is_finite() && maximum > begin));
                let sound = begin.is_finite() && ends_after;
                if sound { Ok(()) } else { Err(DiscretisationError::Bounds { minimum, end }) }
            }
            Self::FixedBinNumber { .. } => Ok(()),
            Self::Edges(edges) => edges.check(),
        }
    }

    /// The levels for a region whose intensities run from `low` to `high`.
    fn scale(&self, low: f64, high: f64) -> Result<Scale, DiscretisationError> {
        self.check()?;
        let (width, minimum, end, out_of_bounds) = match *self {
            Self::FixedBinNumber { bins } => {
                let (factor, last) = if high > low { (bins.into(), bins.into()) } else { (0.0, 1.0) };
                let divisor = if high > low { high - low } else { 1.0 };
                if !(factor * divisor).is_finite() {
                    return Err(DiscretisationError::Bounds { minimum: Some(low), end: End::Maximum(high) });
                }
                let bins = Bins { minimum: low, factor, divisor, last, maximum: high, exclude: false };
                return Ok(Scale::Formula(bins));
            }
            Self::Edges(edges) => return edges.table(low, high).map(Scale::Edges),
            Self::FixedBinSize { width, minimum, end, out_of_bounds } => (width, minimum, end, out_of_bounds),
        };
        let minimum = minimum.unwrap_or(low);
        let (last, maximum) = match end {
            End::Open => (((high - minimum) / width).floor() + 1.0, high),
            // A region that lies above the fixed end and brings its own minimum has one level.
            // Eleven bins of 0.1 are 11.000000000000002 in floating point, and no twelfth.
            End::Maximum(maximum) => (((maximum - minimum) / width * (1.0 - 1e-12)).ceil().max(1.0), maximum),
            End::Bins(bins) => (f64::from(bins), minimum + f64::from(bins) * width),
        };
        let reached = ((high.min(maximum) - minimum) / width).floor() + 1.0;
        let levels = reached.min(last);
        if levels > f64::from(MOST) {
            let maximum = high.min(maximum);
            return Err(DiscretisationError::TooManyLevels { levels, width, minimum, maximum });
        }
        let exclude = out_of_bounds == OutOfBounds::Exclude;
        // A region entirely below the first bin has `last` < 1 when the end is open.
        let last = last.clamp(1.0, f64::from(MOST));
        Ok(Scale::Formula(Bins { minimum, factor: 1.0, divisor: width, last, maximum, exclude }))
    }
}

impl Bins {
    fn discretise(&self, intensities: &[f64], region: &[u8]) -> Discretised {
        let (mut highest, mut beyond) = (0, 0);
        let mut levels = vec![0; region.len()];
        for ((level, &x), &m) in levels.iter_mut().zip(intensities).zip(region) {
            if m == 0 {
                continue;
            }
            let out = x < self.minimum || x > self.maximum;
            beyond += usize::from(out);
            *level = if out && self.exclude { 0 } else { self.level(x) };
            highest = highest.max(*level);
        }
        let (clamped, excluded) = if self.exclude { (0, beyond) } else { (beyond, 0) };
        Discretised { levels, n_levels: highest.into(), clamped, excluded }
    }

    /// The level of an intensity, the nearest one if it lies beyond.
    fn level(&self, x: f64) -> u16 {
        // Also for the maximum itself, which the formula would put one level too high.
        // Whole steps above the minimum: below it, a conversion to a natural number gives 0.
        let steps = ((x - self.minimum) * self.factor / self.divisor) as u32;
        steps.saturating_add(1).min(self.last as u32) as u16
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fixed_size(width: f64, minimum: Option<f64>, end: End, out_of_bounds: OutOfBounds) -> Discretisation {
        Discretisation::FixedBinSize { width, minimum, end, out_of_bounds }
    }

    fn levels(rule: Discretisation, x: &[f64]) -> Vec<u16> {
        let found = rule.discretise(x, &vec![1; x.len()]).unwrap();
        assert_eq!(found.n_levels, found.levels.iter().copied().max().unwrap_or(0).into());
        found.levels
    }

    #[test]
    fn numpy_agrees_on_fixed_bin_number() {
        // import numpy as np
        // i = np.arange(24.); x = (i * i * 7 + 3 * i) % 101 - 50
        // print(np.minimum(np.floor(6 * (x - x.min()) / (x.max() - x.min())) + 1, 6).astype(int))
        let x: Vec<f64> = (0..24).map(|i| ((i * i * 7 + 3 * i) % 101) as f64 - 50.0).collect();
        assert_eq!(levels(Discretisation::FixedBinNumber { bins: 6 }, &x), FBN);
        // w = 7.5; print((np.floor((x - x.min()) / w) + 1).astype(int), (np.floor((x + 60) / w) + 1).astype(int))
        assert_eq!(levels(fixed_size(7.5, None, End::Open, OutOfBounds::Clamp), &x), FBS_OWN);
        assert_eq!(levels(fixed_size(7.5, Some(-60.0), End::Open, OutOfBounds::Exclude), &x), FBS_FIXED);
    }

    #[test]
    fn shifted_and_scaled_intensities_have_the_same_levels_of_a_fixed_number() {
        let x: Vec<f64> = (0..500).map(|i| ((i * i * 7 + 3 * i) % 1009) as f64).collect();
        for bins in [1, 2, 16, 400, 65_535] {
            let rule = Discretisation::FixedBinNumber { bins };
            let moved: Vec<f64> = x.iter().map(|x| 4.0 * x - 1024.0).collect();
            assert_eq!(levels(rule, &x), levels(rule, &moved));
            assert_eq!(rule.predicted_levels(0.0, 9.0), Ok(bins));
        }
    }

    #[test]
    fn a_flat_region_has_one_level() {
        for x in [[0.1; 3], [-1000.0; 3]] {
            assert_eq!(levels(Discretisation::FixedBinNumber { bins: 32 }, &x), [1; 3]);
            assert_eq!(levels(fixed_size(25.0, None, End::Open, OutOfBounds::Clamp), &x), [1; 3]);
        }
        assert_eq!(Discretisation::FixedBinNumber { bins: 32 }.predicted_levels(2.0, 2.0), Ok(1));
    }

    #[test]
    fn the_upper_edge_belongs_to_the_last_bin() {
        // Four hundred bins of 10 HU from -1000 to 3000 HU.
        for end in [End::Maximum(3000.0), End::Bins(400)] {
            let x = [-1200.0, -1000.0, -990.0, 2999.0, 3000.0, 3001.0];
            let rule = fixed_size(10.0, Some(-1000.0), end, OutOfBounds::Clamp);
            let found = rule.discretise(&x, &[1; 6]).unwrap();
            assert_eq!(found.levels, [1, 1, 2, 400, 400, 400]);
            assert_eq!((found.n_levels, found.clamped, found.excluded), (400, 2, 0));
            let rule = fixed_size(10.0, Some(-1000.0), end, OutOfBounds::Exclude);
            let found = rule.discretise(&x, &[1; 6]).unwrap();
            assert_eq!(found.levels, [0, 1, 2, 400, 400, 0]);
            assert_eq!((found.n_levels, found.clamped, found.excluded), (400, 0, 2));
            assert_eq!(rule.predicted_levels(-1200.0, 3001.0), Ok(400));
        }
        let tenths = fixed_size(0.1, Some(0.0), End::Maximum(1.1), OutOfBounds::Clamp);
        assert_eq!(levels(tenths, &[0.05, 1.05, 1.1, 9.0]), [1, 11, 11, 11]);
        let halves = fixed_size(2.0, Some(0.0), End::Maximum(5.0), OutOfBounds::Clamp);
        assert_eq!(levels(halves, &[4.5, 5.0]), [3, 3]);
    }

    #[test]
    fn regions_wholly_beyond_the_bins() {
        for (end, x) in [(End::Open, -9.0), (End::Maximum(4.0), -9.0), (End::Maximum(4.0), 9.0), (End::Bins(2), 9.0)] {
            let clamp = fixed_size(2.0, Some(0.0), end, OutOfBounds::Clamp).discretise(&[x, x], &[1, 0]).unwrap();
            assert_eq!((clamp.levels, clamp.clamped), (vec![if x < 0.0 { 1 } else { 2 }, 0], 1));
            let out = fixed_size(2.0, Some(0.0), end, OutOfBounds::Exclude).discretise(&[x, x], &[1, 0]).unwrap();
            assert_eq!((out.levels, out.n_levels, out.excluded), (vec![0, 0], 0, 1));
        }
        let own = fixed_size(2.0, None, End::Maximum(4.0), OutOfBounds::Clamp);
        assert_eq!(levels(own, &[8.0, 9.0]), [1, 1]);
    }

    #[test]
    fn empty_regions_have_no_level() {
        let rule = Discretisation::FixedBinNumber { bins: 8 };
        let found = rule.discretise(&[f64::NAN, 1.0], &[0, 0]).unwrap();
        assert_eq!(found, Discretised { levels: vec![0, 0], ..Default::default() });
        assert_eq!(rule.discretise(&[], &[]), Ok(Discretised::default()));
    }

    #[test]
    fn too_many_levels_are_named_before_they_are_made() {
        let rule = fixed_size(0.001, Some(-1000.0), End::Open, OutOfBounds::Clamp);
        let error = rule.discretise(&[-1000.0, 400.0], &[1, 1]).unwrap_err();
        let message = error.to_string();
        for part in ["0.001", "-1000", "400", "1400001"] {
            assert!(message.contains(part), "{message}");
        }
        let unit = fixed_size(1.0, Some(0.0), End::Open, OutOfBounds::Clamp);
        assert_eq!(levels(unit, &[0.0, 65_534.0]), [1, 65_535]);
        assert!(unit.predicted_levels(0.0, 65_535.0).is_err());
        // A fixed end keeps the number down whatever the region holds.
        let ended = fixed_size(1.0, Some(0.0), End::Maximum(10.0), OutOfBounds::Clamp);
        assert_eq!(ended.predicted_levels(0.0, 1e300), Ok(10));
    }

    #[test]
    fn senseless_settings_and_intensities_are_refused() {
        let refused =
            |rule: Discretisation| rule.discretise(&[1.0], &[1]).is_err() && rule.discretise(&[], &[]).is_err();
        for bins in [0, 65_536] {
            assert!(refused(Discretisation::FixedBinNumber { bins }));
            assert!(refused(fixed_size(1.0, None, End::Bins(bins), OutOfBounds::Clamp)));
        }
        for width in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(refused(fixed_size(width, None, End::Open, OutOfBounds::Clamp)));
        }
        for (minimum, end) in
            [(f64::NAN, End::Open), (5.0, End::Maximum(5.0)), (5.0, End::Maximum(f64::NAN)), (f64::INFINITY, End::Open)]
        {
            assert!(refused(fixed_size(1.0, Some(minimum), end, OutOfBounds::Clamp)));
        }
        let rule = Discretisation::FixedBinNumber { bins: 8 };
        let found = rule.discretise(&[f64::NAN, 1.0, f64::INFINITY], &[1, 1, 1]);
        assert_eq!(found, Err(DiscretisationError::NotFinite { voxels: 2 }));
        assert!(rule.discretise(&[f64::MIN, f64::MAX], &[1, 1]).is_err());
    }

    const FBN: [u16; 24] = [1, 1, 3, 5, 2, 6, 5, 4, 5, 6, 2, 5, 3, 1, 1, 1, 2, 4, 6, 4, 2, 2, 2, 3];
    const FBS_OWN: [u16; 24] = [1, 2, 5, 10, 4, 12, 10, 9, 10, 12, 4, 10, 5, 2, 1, 1, 3, 8, 14, 8, 5, 3, 3, 5];
    const FBS_FIXED: [u16; 24] = [2, 3, 6, 11, 5, 14, 11, 10, 11, 14, 5, 11, 6, 3, 2, 2, 5, 9, 15, 10, 6, 4, 5, 7];
}
