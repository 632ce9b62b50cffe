//! First-order statistics.

use std::sync::LazyLock;

use voxomics_sdk::prelude::*;

use crate::feature::{Reason, counts, feature};

/// What is measured of a region's intensities.
pub(crate) struct Summary {
    count: f64,
    least: f64,
    greatest: f64,
    mean: f64,
    /// Means of the second, third and fourth power of X - mean.
    central: [f64; 3],
    /// Mean of |X - mean|.
    deviation: f64,
    /// The same of the intensities from the 10th to the 90th percentile.
    robust_deviation: Result<f64, Reason>,
    /// Sum of (X + shift)².
    energy: f64,
    /// Volume of a voxel, mm³.
    voxel: f64,
    p10: f64,
    p25: f64,
    median: f64,
    p75: f64,
    p90: f64,
    /// Of the grey levels, bits.
    entropy: f64,
    /// Of the grey levels.
    uniformity: f64,
}

/// In the equations X_k are the N intensities, c is `voxel_array_shift`, mu their mean, mu_n the mean of (X_k - mu)^n,
/// p_i the share of grey level i.
pub(crate) static FEATURES: LazyLock<[Feature<Summary>; 18]> = LazyLock::new(|| {
    [
        feature(
            "10Percentile",
            "QG58",
            "intensity",
            "dark parts are bright",
            "10th percentile, linear between ranks",
            |s| Ok(s.p10),
        ),
        feature(
            "90Percentile",
            "8DWT",
            "intensity",
            "bright parts are bright",
            "90th percentile, linear between ranks",
            |s| Ok(s.p90),
        ),
        feature(
            "Energy",
            "N8CA",
            "intensity^2",
            "the region is large, or its intensities are",
            "sum_k (X_k + c)^2; IBSI's with c = 0",
            |s| Ok(s.energy),
        ),
        feature(
            "Entropy",
            "TLU2",
            "bit",
            "voxels are evenly spread over the grey levels",
            "-sum_i p_i log2 p_i",
            |s| Ok(s.entropy),
        ),
        feature(
            "InterquartileRange",
            "SALO",
            "intensity",
            "intensities are widely spread",
            "75th - 25th percentile",
            |s| Ok(s.p75 - s.p25),
        ),
        feature(
            "Kurtosis",
            "",
            "1",
            "intensities have a sharp peak or long tails; 3 for a normal distribution",
            "mu_4 / mu_2^2, not less 3; 0 if all are equal",
            |s| Ok(s.standardised(2)),
        ),
        feature("Maximum", "84IY", "intensity", "the brightest voxel is bright", "max X_k", |s| Ok(s.greatest)),
        feature("Mean", "Q4LE", "intensity", "the region is bright", "mu = sum_k X_k / N", |s| Ok(s.mean)),
        feature(
            "MeanAbsoluteDeviation",
            "4FUA",
            "intensity",
            "intensities are widely spread",
            "sum_k |X_k - mu| / N",
            |s| Ok(s.deviation),
        ),
        feature("Median", "Y12H", "intensity", "the region is bright", "50th percentile", |s| Ok(s.median)),
        feature("Minimum", "1GSF", "intensity", "the darkest voxel is bright", "min X_k", |s| Ok(s.least)),
        feature("Range", "2OJQ", "intensity", "intensities are widely spread", "max X_k - min X_k", |s| {
            Ok(s.greatest - s.least)
        }),
        feature(
            "RobustMeanAbsoluteDeviation",
            "1128",
            "intensity",
            "intensities are widely spread, extremes left out",
            "MeanAbsoluteDeviation of the X_k from the 10th to the 90th percentile",
            |s| s.robust_deviation,
        ),
        feature(
            "RootMeanSquared",
            "5ZWQ",
            "intensity",
            "intensities are large",
            "(sum_k (X_k + c)^2 / N)^(1/2); IBSI's with c = 0",
            |s| Ok((s.energy / s.count).sqrt()),
        ),
        feature(
            "Skewness",
            "KE2A",
            "1",
            "a few intensities are very high",
            "mu_3 / mu_2^(3/2); 0 if all are equal",
            |s| Ok(s.standardised(1)),
        ),
        feature(
            "TotalEnergy",
            "",
            "intensity^2 mm^3",
            "the region is large, or its intensities are",
            "volume of a voxel * Energy",
            |s| Ok(s.voxel * s.energy),
        ),
        feature("Uniformity", "BJ5W", "1", "few grey levels prevail", "sum_i p_i^2", |s| Ok(s.uniformity)),
        feature("Variance", "ECT3", "intensity^2", "intensities are widely spread", "mu_2", |s| Ok(s.central[0])),
    ]
});

/// The first-order statistics.
pub struct FirstOrder {
    shift: f64,
}

impl FeatureFamily for FirstOrder {
    fn describe() -> Description {
        let shift =
            "added to every intensity for Energy, TotalEnergy and RootMeanSquared: voxelArrayShift of PyRadiomics";
        Description::new("pyradiomics-firstorder", "PyRadiomics' 18 first-order statistics")
            .setting(Setting::number("voxel_array_shift", shift).unit("intensity").default(0.0))
            .features(FEATURES.iter().cloned())
            .invariant(&Invariance::OF_SPACE)
            .maps()
    }

    fn configure(settings: &Settings) -> Result<Self, Error> {
        Ok(Self { shift: settings.number("voxel_array_shift")? })
    }

    fn needs(&self) -> Needs {
        Needs { levels: true, ..Needs::default() }
    }

    fn compute(&self, region: &Region, _: &Context) -> Result<Values, Error> {
        let mut intensities: Vec<f64> = region.intensities().collect();
        if intensities.is_empty() || intensities.iter().any(|x| !x.is_finite()) {
            return Err(Error::input("the region holds no voxel, or an intensity that is not a finite number"));
        }
        let voxel = region.spacing().iter().product();
        let summary = Summary::of(&mut intensities, region.levels(), self.shift, voxel);
        Ok(Values::of(FEATURES.iter(), Ok(&summary)).finite())
    }

    fn map(&self, block: &Block, context: &Context) -> Result<Vec<ResponseMap>, Error> {
        let voxel = block.image().spacing().iter().product();
        let wanted: Vec<_> =
            block.features().iter().filter_map(|id| FEATURES.iter().find(|feature| feature.id() == id)).collect();
        block.each(context, Vec::new, |intensities: &mut Vec<f64>, near, values| {
            intensities.clear();
            let inside = near.intensities.iter().zip(&near.mask).filter(|(_, inside)| **inside != 0);
            intensities.extend(inside.map(|(x, _)| *x));
            if intensities.is_empty() || intensities.iter().any(|x| !x.is_finite()) {
                return;
            }
            let summary = Summary::of(intensities, &near.levels, self.shift, voxel);
            for (value, feature) in values.iter_mut().zip(&wanted) {
                *value = feature.mean(std::slice::from_ref(&summary), "").unwrap_or(f64::NAN);
            }
        })
    }
}

impl Summary {
    /// Of at least one intensity, all of them finite, which are sorted.
    fn of(intensities: &mut [f64], levels: &[u16], shift: f64, voxel: f64) -> Self {
        let count = intensities.len() as f64;
        let energy = intensities.iter().map(|x| (x + shift) * (x + shift)).sum();
        intensities.sort_unstable_by(f64::total_cmp);
        let (least, greatest) = (intensities[0], intensities[intensities.len() - 1]);
        let mean = mean(intensities, |x| x);
        let percentile = |percent: f64| {
            let rank = percent / 100.0 * (count - 1.0);
            let (below, share) = (rank.floor() as usize, rank.fract());
            let above = (below + 1).min(intensities.len() - 1);
            intensities[below] + share * (intensities[above] - intensities[below])
        };
        let [p10, p25, median, p75, p90] = [10.0, 25.0, 50.0, 75.0, 90.0].map(percentile);
        let within = intensities.partition_point(|x| *x < p10)..intensities.partition_point(|x| *x <= p90);
        let (entropy, uniformity) = order_of(levels);
        Self {
            count,
            least,
            greatest,
            mean,
            central: [2, 3, 4].map(|power| self::mean(intensities, |x| (x - mean).powi(power))),
            deviation: self::mean(intensities, |x| (x - mean).abs()),
            robust_deviation: robust_deviation(&intensities[within.start..within.end.max(within.start)]),
            energy,
            voxel,
            p10,
            p25,
            median,
            p75,
            p90,
            entropy,
            uniformity,
        }
    }

    /// The third (1) or fourth (2) central moment in units of the standard deviation, 0 for a flat region.
    fn standardised(&self, which: usize) -> f64 {
        let deviation = self.central[0].sqrt();
        if self.least == self.greatest || deviation == 0.0 {
            return 0.0;
        }
        self.central[which] / deviation.powi(which as i32 + 2)
    }
}

/// The mean of a function of the intensities; of equal ones it is that of any of them, without rounding.
fn mean(sorted: &[f64], of: impl Fn(f64) -> f64) -> f64 {
    match sorted {
        [first, .., last] if first == last => of(*first),
        _ => sorted.iter().map(|x| of(*x)).sum::<f64>() / sorted.len() as f64,
    }
}

fn robust_deviation(within: &[f64]) -> Result<f64, Reason> {
    if within.is_empty() {
        return Err("no intensity lies between the 10th and the 90th percentile");
    }
    let middle = mean(within, |x| x);
    Ok(mean(within, |x| (x - middle).abs()))
}

/// Entropy and uniformity of the grey levels.
fn order_of(levels: &[u16]) -> (f64, f64) {
    let counts = counts(levels);
    let total: u64 = counts.iter().map(|(_, count)| count).sum();
    let shares = counts.iter().map(|(_, count)| *count as f64 / total as f64);
    shares.fold((0.0, 0.0), |(entropy, uniformity), p| (entropy - p * p.log2(), uniformity + p * p))
}
