//! Bins between edges that are computed first: what PyRadiomics 3.0.1 makes with numpy 1 (`getBinEdges` of
//! `radiomics/imageoperations.py`, then `numpy.digitize`), to the last bit.
//!
//! A level is the number of edges at or below an intensity. Where an intensity lies on an edge, which is the rule with
//! decimal intensities, a formula such as ⌊(x − min)/*w*⌋ rounds otherwise than the edges do: levels then differ by one.

use super::{DiscretisationError, Discretised, End, MOST};

/// Which edges.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Edges {
    /// Multiples of a width: `numpy.arange(min − min % width, max + 2·width, width)`.
    Multiples {
        /// The width, in units of the intensities; positive.
        width: f64,
    },
    /// A number of bins over the region's own range: `numpy.histogram(x, bins)[1]` with 1 added to the last edge. The bins
    /// of a flat region lie around its intensity, which so has a level of the middle.
    Number {
        /// The number of bins; 1 to 65,535.
        bins: u32,
        /// Whether the image is stored in single precision: numpy then rounds the edges to that.
        single: bool,
    },
}

/// The edges for a region's range.
#[derive(Debug)]
pub(super) struct Table(Vec<f64>);

impl Edges {
    pub(super) fn check(self) -> Result<(), DiscretisationError> {
        match self {
            Self::Multiples { width } if !(width.is_finite() && width > 0.0) => Err(DiscretisationError::Width(width)),
            Self::Number { bins, .. } if !(1..=MOST).contains(&bins) => Err(DiscretisationError::Bins(bins)),
            _ => Ok(()),
        }
    }

    /// The edges for intensities from `low` to `high`.
    pub(super) fn table(self, low: f64, high: f64) -> Result<Table, DiscretisationError> {
        self.check()?;
        match self {
            Self::Multiples { width } => multiples(low, high, width),
            Self::Number { bins, single } => number(low, high, bins, single),
        }
    }
}

impl Table {
    pub(super) fn discretise(&self, intensities: &[f64], region: &[u8]) -> Discretised {
        let level = |(x, m): (&f64, &u8)| if *m == 0 { 0 } else { self.level(*x) };
        let levels: Vec<u16> = intensities.iter().zip(region).map(level).collect();
        let n_levels = levels.iter().copied().max().unwrap_or(0).into();
        Discretised { levels, n_levels, clamped: 0, excluded: 0 }
    }

    /// The level of an intensity, from 1.
    pub(super) fn level(&self, x: f64) -> u16 {
        // An edge in single precision may lie above an intensity that has more digits.
        self.edges_up_to(x).clamp(1, MOST as usize) as u16
    }

    fn edges_up_to(&self, x: f64) -> usize {
        self.0.partition_point(|edge| *edge <= x)
    }
}

fn multiples(low: f64, high: f64, width: f64) -> Result<Table, DiscretisationError> {
    // numpy's remainder has the sign of the width, as this one.
    let start = low - low.rem_euclid(width);
    let stop = high + 2.0 * width;
    let length = ((stop - start) / width).ceil();
    let too_many = |levels| Err(DiscretisationError::TooManyLevels { levels, width, minimum: start, maximum: high });
    // One or two edges lie above the highest intensity.
    if length.is_nan() || length - 2.0 > f64::from(MOST) {
        return too_many(length - 2.0);
    }
    // numpy.arange stores the first two, and goes on in steps of their difference, which is not quite the width.
    let second = start + width;
    let delta = second - start;
    let edge = |i: u32| match i {
        0 => start,
        1 => second,
        i => start + f64::from(i) * delta,
    };
    let table = Table(match length as u32 {
        // Where the width is lost in the intensity's last bits.
        1 => vec![start - 0.5, start + 0.5],
        length => (0..length).map(edge).collect(),
    });
    let levels = table.edges_up_to(high);
    if levels > MOST as usize { too_many(levels as f64) } else { Ok(table) }
}

fn number(low: f64, high: f64, bins: u32, single: bool) -> Result<Table, DiscretisationError> {
    let (start, stop) = if low == high { (low - 0.5, high + 0.5) } else { (low, high) };
    let range = stop - start;
    if !range.is_finite() {
        return Err(DiscretisationError::Bounds { minimum: Some(low), end: End::Maximum(high) });
    }
    let stored = |edge: f64| if single { f64::from(edge as f32) } else { edge };
    let step = range / f64::from(bins);
    let edge = |i: u32| match f64::from(i) {
        // So numpy.linspace treats ranges whose step underflows.
        i if step == 0.0 => i / f64::from(bins) * range + start,
        i => i * step + start,
    };
    let mut edges: Vec<f64> = (0..bins).map(|i| stored(edge(i))).collect();
    edges.push(stored(stored(stop) + 1.0));
    Ok(Table(edges))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn levels(edges: Edges, x: &[f64]) -> Vec<u16> {
        let rule = super::super::Discretisation::Edges(edges);
        let found = rule.discretise(x, &vec![1; x.len()]).expect("it is sound");
        assert_eq!(found.n_levels, found.levels.iter().copied().max().unwrap_or(0).into());
        found.levels
    }

    fn bits(edges: Edges, low: f64, high: f64) -> Vec<f64> {
        edges.table(low, high).expect("it is sound").0
    }

    #[test]
    fn numpy_agrees_on_the_last_bit_of_multiples() {
        // numpy 1.26.4: getBinEdges(numpy.array([-0.2, 0.75]), binWidth=0.3).tolist()
        assert_eq!(bits(Edges::Multiples { width: 0.3 }, -0.2, 0.75), MULTIPLES);
        // The second edge is stored, the others are made with the rounded difference of the first two.
        // getBinEdges(numpy.array([1.45, 2.1]), binWidth=0.1).tolist()
        assert_eq!(bits(Edges::Multiples { width: 0.1 }, 1.45, 2.1), TENTHS);
        // A remainder of a whole width: getBinEdges(numpy.array([-1e-20, 0.1]), binWidth=0.1).tolist()
        assert_eq!(bits(Edges::Multiples { width: 0.1 }, -1e-20, 0.1), BELOW_ZERO);
    }

    #[test]
    fn numpy_agrees_on_the_last_bit_of_a_number() {
        // getBinEdges(numpy.array([0.1, 2.3]), binCount=7).tolist(), and of single precision
        assert_eq!(bits(Edges::Number { bins: 7, single: false }, 0.1, 2.3), SEVEN);
        let [low, high] = [0.1_f32, 2.3].map(f64::from);
        assert_eq!(bits(Edges::Number { bins: 7, single: true }, low, high), SEVEN_SINGLE);
    }

    #[test]
    fn an_intensity_on_an_edge_has_the_level_of_the_edge() {
        // binImage(numpy.arange(0, 31)[None] / 10, numpy.ones((1, 31), bool), binWidth=0.1)
        let tenths: Vec<f64> = (0..31).map(|i| f64::from(i) / 10.0).collect();
        assert_eq!(levels(Edges::Multiples { width: 0.1 }, &tenths), TENTH_LEVELS);
        // … binCount=30
        assert_eq!(levels(Edges::Number { bins: 30, single: false }, &tenths), THIRTY_LEVELS);
    }

    #[test]
    fn a_flat_region_has_a_level_of_the_middle() {
        for single in [false, true] {
            assert_eq!(levels(Edges::Number { bins: 32, single }, &[57.0; 3]), [17; 3]);
            assert_eq!(levels(Edges::Number { bins: 7, single }, &[-1000.0; 3]), [4; 3]);
            assert_eq!(levels(Edges::Number { bins: 1, single }, &[57.0; 3]), [1; 3]);
        }
        for x in [50.0, 57.0, 0.1, -1000.0] {
            assert_eq!(levels(Edges::Multiples { width: 25.0 }, &[x; 3]), [1; 3]);
        }
    }

    #[test]
    fn ranges_at_the_ends_of_the_numbers() {
        let one = |edges: Edges, x: &[f64]| super::super::Discretisation::Edges(edges).discretise(x, &vec![1; x.len()]);
        // The width is nothing beside the intensity, and the step nothing beside 0.
        assert_eq!(levels(Edges::Multiples { width: 1.0 }, &[1e20; 2]), [1, 1]);
        assert_eq!(levels(Edges::Number { bins: 4, single: false }, &[0.0, f64::from_bits(1)]), [3, 4]);
        assert!(one(Edges::Number { bins: 4, single: false }, &[f64::MIN, f64::MAX]).is_err());
        assert!(one(Edges::Multiples { width: 1.0 }, &[f64::MIN, f64::MAX]).is_err());
        assert!(one(Edges::Multiples { width: 1.0 }, &[f64::NAN]).is_err());
        // As many levels as there can be, and one more.
        assert_eq!(levels(Edges::Multiples { width: 1.0 }, &[0.0, 65_534.0]), [1, 65_535]);
        assert!(one(Edges::Multiples { width: 1.0 }, &[0.0, 65_535.0]).is_err());
        assert_eq!(levels(Edges::Number { bins: 65_535, single: false }, &[0.0, 1.0]), [1, 65_535]);
        for width in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(one(Edges::Multiples { width }, &[]).is_err());
        }
        for bins in [0, 65_536] {
            assert!(one(Edges::Number { bins, single: true }, &[1.0]).is_err());
        }
    }

    const MULTIPLES: [f64; 6] = [-0.3, 0.0, 0.3, 0.5999999999999999, 0.8999999999999999, 1.2];
    const TENTHS: [f64; 9] = [
        1.4000000000000001,
        1.5000000000000002,
        1.6000000000000003,
        1.7000000000000004,
        1.8000000000000005,
        1.9000000000000006,
        2.000000000000001,
        2.1000000000000005,
        2.200000000000001,
    ];
    const BELOW_ZERO: [f64; 4] = [-0.1, 0.0, 0.1, 0.20000000000000004];
    const SEVEN: [f64; 8] = [
        0.1,
        0.41428571428571426,
        0.7285714285714284,
        1.0428571428571427,
        1.357142857142857,
        1.6714285714285713,
        1.9857142857142853,
        3.3,
    ];
    const SEVEN_SINGLE: [f64; 8] = [
        0.10000000149011612,
        0.41428571939468384,
        0.7285714149475098,
        1.0428571701049805,
        1.3571428060531616,
        1.6714285612106323,
        1.9857141971588135,
        3.299999952316284,
    ];
    const TENTH_LEVELS: [u16; 31] = [
        1, 2, 3, 3, 5, 6, 6, 7, 9, 10, 11, 12, 12, 14, 14, 16, 17, 17, 19, 19, 21, 22, 23, 23, 24, 26, 27, 28, 28, 29,
        31,
    ];
    const THIRTY_LEVELS: [u16; 31] = [
        1, 2, 3, 3, 5, 6, 6, 7, 9, 10, 11, 12, 12, 14, 14, 16, 17, 17, 19, 19, 21, 22, 23, 23, 24, 26, 27, 28, 28, 29,
        30,
    ];
}
