//! What the features are read from.

use crate::order::{FEW, Order, of_few};

/// Values that are added in one go before their sum joins the total: rounding errors grow with the number of blocks.
const BLOCK: usize = 4096;
/// Independent partial sums, for the processor to work on at once; part of the result's definition.
const LANES: usize = 8;

/// Sums and order statistics of the intensities of a region, computed in few passes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Summary {
    pub(crate) count: f64,
    pub(crate) least: f64,
    pub(crate) greatest: f64,
    pub(crate) mean: f64,
    /// Σ X².
    pub(crate) squares: f64,
    /// Means of the second, third and fourth power of X − mean.
    pub(crate) central: [f64; 3],
    /// Mean of |X − mean|.
    pub(crate) from_mean: f64,
    /// Mean of |X − median|.
    pub(crate) from_median: f64,
    pub(crate) p10: f64,
    pub(crate) p25: f64,
    pub(crate) median: f64,
    pub(crate) p75: f64,
    pub(crate) p90: f64,
    /// Mean of |X − their mean| over the intensities from p10 to p90, if there are any.
    pub(crate) robust: Option<f64>,
}

impl Summary {
    /// `None` if there are no intensities, or if one of them is not finite.
    pub(crate) fn of(intensities: &[f64]) -> Option<Self> {
        let count = intensities.len() as f64;
        let (least, greatest) = range(intensities)?;
        let [sum, squares] = sums(intensities, |x| [x, x * x]);
        let flat = least == greatest;
        // Rounding must not give a flat region a variance.
        let mean = if flat { least } else { sum / count };
        let percents = [10, 25, 50, 75, 90];
        let [p10, p25, median, p75, p90] = match intensities.len() {
            ..=FEW => of_few(intensities, percents),
            _ => Order::new(intensities, least, greatest).percentiles(percents),
        };
        let [second, third, fourth, from_mean, from_median] = sums(intensities, |x| {
            let deviation = x - mean;
            let square = deviation * deviation;
            [square, square * deviation, square * square, deviation.abs(), (x - median).abs()]
        })
        .map(|sum| sum / count);
        Some(Self {
            count,
            least,
            greatest,
            mean,
            squares,
            central: [second, third, fourth],
            from_mean,
            from_median,
            p10,
            p25,
            median,
            p75,
            p90,
            robust: robust_deviation(intensities, p10, p90),
        })
    }
}

/// Least and greatest intensity; `None` if there are none, or one is not finite.
fn range(intensities: &[f64]) -> Option<(f64, f64)> {
    let mut lanes = [(f64::INFINITY, f64::NEG_INFINITY); LANES];
    let mut finite = true;
    for group in intensities.chunks(LANES) {
        for (lane, x) in lanes.iter_mut().zip(group) {
            finite &= x.is_finite();
            *lane = (if *x < lane.0 { *x } else { lane.0 }, if *x > lane.1 { *x } else { lane.1 });
        }
    }
    let (least, greatest) = lanes.into_iter().reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))?;
    (finite && !intensities.is_empty()).then_some((least, greatest))
}

fn robust_deviation(intensities: &[f64], low: f64, high: f64) -> Option<f64> {
    let within = |x: f64| f64::from(u8::from(x >= low && x <= high));
    let [count, sum] = sums(intensities, |x| [within(x), within(x) * x]);
    if count == 0.0 {
        return None;
    }
    // Of equal intensities the mean must be the intensity itself.
    let mean = if low == high { low } else { sum / count };
    let [deviation] = sums(intensities, |x| [within(x) * (x - mean).abs()]);
    Some(deviation / count)
}

/// The sums of several terms, in an order that depends on the number of values only.
fn sums<const N: usize>(values: &[f64], terms: impl Fn(f64) -> [f64; N]) -> [f64; N] {
    let mut totals = [0.0; N];
    for block in values.chunks(BLOCK) {
        let mut lanes = [[0.0; LANES]; N];
        let groups = block.chunks_exact(LANES);
        let rest = groups.remainder();
        for group in groups {
            for lane in 0..LANES {
                let terms = terms(group[lane]);
                for term in 0..N {
                    lanes[term][lane] += terms[term];
                }
            }
        }
        for (lane, value) in rest.iter().enumerate() {
            let terms = terms(*value);
            for term in 0..N {
                lanes[term][lane] += terms[term];
            }
        }
        for term in 0..N {
            totals[term] += lanes[term].iter().sum::<f64>();
        }
    }
    totals
}
