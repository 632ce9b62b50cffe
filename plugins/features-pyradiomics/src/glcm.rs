//! Co-occurrence.

use std::sync::LazyLock;

use voxomics_imaging::{
    Executor, Serial, executor,
    texture::{Matrix as Drawn, cooccurrence::Cooccurrence},
};
use voxomics_sdk::{prelude::*, textures};

use crate::{
    chosen::{self, Levels, Norm},
    feature::{Reason, matrices, number},
    maximal_correlation::{maximal_correlation, maximal_correlation_of_ordered},
    ordered,
};

/// The feature that takes most of the time.
const MCC: &str = "MCC";

/// Why there is no value where there is no matrix.
const NONE: &str = "no two voxels of the region are neighbours";

/// The aggregations of the directional matrices: PyRadiomics averages over directions, merges them with the weighting
/// norm `no_weighting`, and counts within slices with `force2D`.
pub(crate) const AGGREGATIONS: [&str; 4] = ["3D averaged", "3D merged", "2.5D direction-merged", "2.5D merged"];

/// What is measured of one matrix.
pub(crate) struct Measured {
    features: Cooccurrence,
    maximal_correlation: Result<f64, Reason>,
}

/// In the equations p_ij is the symmetric matrix divided by its sum, p_i its row sums, mu = sum_ij i p_ij, and N_g the
/// highest grey level of the region. Where pairs have an order, [`ordered`] has the equations.
pub(crate) static FEATURES: LazyLock<[Feature<Measured>; 24]> = LazyLock::new(|| {
    [
        number("Autocorrelation", "QWB0", "pairs of high levels are frequent", "sum_ij i j p_ij", |m| {
            Ok(m.features.autocorrelation)
        }),
        number(
            "ClusterProminence",
            "AE86",
            "a few pairs lie very far from the average level",
            "sum_ij (i + j - 2 mu)^4 p_ij",
            |m| Ok(m.features.cluster_prominence),
        ),
        number(
            "ClusterShade",
            "7NFM",
            "pairs gather far above the average level",
            "sum_ij (i + j - 2 mu)^3 p_ij",
            |m| Ok(m.features.cluster_shade),
        ),
        number(
            "ClusterTendency",
            "DG8W",
            "pairs gather far from the average level",
            "sum_ij (i + j - 2 mu)^2 p_ij",
            |m| Ok(m.features.cluster_tendency),
        ),
        number("Contrast", "ACUI", "neighbours differ much", "sum_ij (i - j)^2 p_ij", |m| Ok(m.features.contrast)),
        number(
            "Correlation",
            "NI2N",
            "neighbours are high or low together",
            "sum_ij (i - mu) (j - mu) p_ij / SumSquares; 1 for a direction with one level",
            |m| Ok(m.features.correlation.unwrap_or(1.0)),
        ),
        number("DifferenceAverage", "TF7R", "neighbours differ much", "sum_k k p_k over k = |i - j|", |m| {
            Ok(m.features.difference_average)
        }),
        number(
            "DifferenceEntropy",
            "NTRS",
            "differences of neighbours are evenly spread",
            "-sum_k p_k log2 p_k over k = |i - j|",
            |m| Ok(m.features.difference_entropy),
        ),
        number(
            "DifferenceVariance",
            "D3YU",
            "some neighbours differ much, others little",
            "sum_k (k - DifferenceAverage)^2 p_k over k = |i - j|",
            |m| Ok(m.features.difference_variance),
        ),
        number("Id", "IB1Z", "neighbours are alike", "sum_ij p_ij / (1 + |i - j|)", |m| {
            Ok(m.features.inverse_difference)
        }),
        number("Idm", "WF0Z", "neighbours are alike", "sum_ij p_ij / (1 + (i - j)^2)", |m| {
            Ok(m.features.inverse_difference_moment)
        }),
        number(
            "Idmn",
            "1QCO",
            "neighbours are alike in relation to the number of levels",
            "sum_ij p_ij / (1 + (i - j)^2 / N_g^2)",
            |m| Ok(m.features.normalised_inverse_difference_moment),
        ),
        number(
            "Idn",
            "NDRX",
            "neighbours are alike in relation to the number of levels",
            "sum_ij p_ij / (1 + |i - j| / N_g)",
            |m| Ok(m.features.normalised_inverse_difference),
        ),
        number(
            "Imc1",
            "R8DG",
            "a voxel tells little of its neighbour: 0 if nothing, negative if something",
            "(HXY - HXY1) / HX with HXY = JointEntropy, HX = -sum_i p_i log2 p_i, HXY1 = -sum_ij p_ij \
         log2(p_i p_j); 0 for a direction with one level",
            |m| Ok(m.features.information_correlation_1.unwrap_or(0.0)),
        ),
        number(
            "Imc2",
            "JN9H",
            "a voxel tells much of its neighbour",
            "(1 - exp(-2 (HXY2 - HXY)))^(1/2) with HXY2 = -sum_ij p_i p_j log2(p_i p_j), in bits",
            |m| Ok(m.features.information_correlation_2),
        ),
        number("InverseVariance", "E8JP", "neighbours differ, but little", "sum p_ij / (i - j)^2 over i != j", |m| {
            Ok(m.features.inverse_variance)
        }),
        number("JointAverage", "60VM", "levels of pairs are high", "mu = sum_ij i p_ij", |m| {
            Ok(m.features.joint_average)
        }),
        number("JointEnergy", "8ZQL", "few pairs of levels prevail: even texture", "sum_ij p_ij^2", |m| {
            Ok(m.features.angular_second_moment)
        }),
        number(
            "JointEntropy",
            "TU9B",
            "pairs are evenly spread over the levels: unordered texture",
            "-sum_ij p_ij log2 p_ij",
            |m| Ok(m.features.joint_entropy),
        ),
        number(
            MCC,
            "",
            "a voxel's level can be told from its neighbour's",
            "square root of the second largest eigenvalue of Q_ij = sum_k p_ik p_jk / (p_i p_k); 1 if the region \
         has one level",
            |m| m.maximal_correlation,
        ),
        number("MaximumProbability", "GYBY", "one pair of levels prevails", "max_ij p_ij", |m| {
            Ok(m.features.joint_maximum)
        }),
        number("SumAverage", "ZGXS", "levels of pairs are high", "sum_k k p_k over k = i + j", |m| {
            Ok(m.features.sum_average)
        }),
        number("SumEntropy", "P6QZ", "sums of pairs are evenly spread", "-sum_k p_k log2 p_k over k = i + j", |m| {
            Ok(m.features.sum_entropy)
        }),
        number("SumSquares", "UR99", "levels of pairs are widely spread", "sum_ij (i - mu)^2 p_ij", |m| {
            Ok(m.features.joint_variance)
        }),
    ]
});

/// The grey level co-occurrence features of the directions on average, or of all directions merged.
///
/// The program's matrices have neighbours at distance 1. For larger ones PyRadiomics takes every vector of that Chebyshev length, and IBSI
/// and the program the 13 directions multiplied; so these matrices are drawn here, as are those of weights in mm and of ordered pairs.
pub struct Glcm {
    matrix: Matrix,
    own: Option<Own>,
}

/// What the program draws no matrix of.
struct Own {
    distances: Vec<usize>,
    weighting: Option<Norm>,
    symmetric: bool,
}

impl FeatureFamily for Glcm {
    fn describe() -> Description {
        let symmetric = "whether each pair is counted both ways: PyRadiomics' symmetricalGLCM";
        Description::new("pyradiomics-glcm", "PyRadiomics' 24 grey level co-occurrence features")
            .aggregations(&AGGREGATIONS)
            .setting(chosen::distances("without them 1"))
            .setting(chosen::weighting("exp(-d^2)"))
            .setting(Setting::flag("symmetric", symmetric).default(true))
            .features(FEATURES.iter().cloned())
            .invariant(&Invariance::OF_SPACE)
            .maps()
    }

    fn configure(settings: &Settings) -> Result<Self, Error> {
        let matrix = Matrix::new("glcm", settings.text("aggregation")?);
        let distances = chosen::read_distances(settings)?.unwrap_or_else(|| vec![1]);
        let weighting = chosen::read_weighting(settings, &matrix.aggregation)?;
        let symmetric = settings.flag("symmetric")?;
        let is_plain = distances == [1] && weighting.is_none() && symmetric;
        Ok(Self { matrix, own: (!is_plain).then_some(Own { distances, weighting, symmetric }) })
    }

    fn needs(&self) -> Needs {
        let matrices = if self.own.is_none() { vec![self.matrix.clone()] } else { Vec::new() };
        Needs { levels: true, matrices, ..Needs::default() }
    }

    fn compute(&self, region: &Region, context: &Context) -> Result<Values, Error> {
        let threads = context.threads();
        let drawn: Vec<Drawn> = match &self.own {
            None => matrices(region.matrix_set(0)).collect(),
            Some(own) => {
                let levels = Levels { dims: region.dims(), levels: region.levels() };
                own.draw(levels, region.spacing(), &self.matrix.aggregation, &threads)
            }
        };
        let mut inside = region.levels().iter().filter(|level| **level != 0);
        let first = inside.next();
        let flat = inside.all(|level| Some(level) == first);
        let known = if flat { Known::Flat } else { Known::Nothing };
        let all: Vec<Option<Measured>> =
            executor::map(&threads, drawn.len(), &|index| self.measure(&drawn[index], region.level_count(), known));
        let all: Vec<Measured> = all.into_iter().flatten().collect();
        Ok(Values::mean(FEATURES.iter(), &all, NONE).finite())
    }

    /// As in PyRadiomics, the maximal correlation coefficient of a neighbourhood of one level is 0, and 1 only if the whole
    /// region has one level: its matrices have the levels of the region.
    fn map(&self, block: &Block, context: &Context) -> Result<Vec<ResponseMap>, Error> {
        let known = match block.features().iter().any(|id| id == MCC) {
            true if block.distinct_levels() == 1 => Known::Flat,
            true => Known::Nothing,
            // An eigenvalue for each direction takes longer than all the rest.
            false => Known::Unasked,
        };
        let Some(own) = &self.own else {
            return textures::maps(block, context, &self.matrix, &*FEATURES, |set, _, found| {
                found.extend(set.matrices.iter().filter_map(|drawn| self.measure(drawn, set.levels, known)));
            });
        };
        let (spacing, count) = (block.image().grid().spacing, block.level_count());
        chosen::maps(block, context, &*FEATURES, |near, found| {
            let levels = Levels { dims: near.dims, levels: &near.levels };
            let drawn = own.draw(levels, spacing, &self.matrix.aggregation, &Serial);
            found.extend(drawn.iter().filter_map(|drawn| self.measure(drawn, count, known)));
        })
    }
}

impl Own {
    /// A matrix for each direction, or one for all, without those that count nothing.
    fn draw(&self, levels: Levels, spacing: [f64; 3], aggregation: &str, executor: &dyn Executor) -> Vec<Drawn> {
        let directions = chosen::directions(&self.distances, chosen::is_planar(aggregation), levels.dims);
        let of = |at: usize| levels.pairs(directions[at], self.symmetric);
        let mut drawn = executor::map(executor, directions.len(), &of);
        if chosen::merges(aggregation) {
            let weight = |at: usize| match self.weighting {
                None => 1.0,
                Some(norm) => (-norm.length(directions[at], spacing).powi(2)).exp(),
            };
            drawn = vec![chosen::merged(drawn.into_iter().enumerate().map(|(at, drawn)| (weight(at), drawn)))];
        }
        drawn.retain(|drawn| !drawn.cells.is_empty());
        drawn
    }
}

/// What is known of the maximal correlation coefficient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    /// Nothing.
    Nothing,
    /// The region has one level.
    Flat,
    /// Nobody wants it.
    Unasked,
}

impl Glcm {
    /// What the features are read from, of one matrix.
    fn measure(&self, drawn: &Drawn, levels: u32, known: Known) -> Option<Measured> {
        let symmetric = self.own.as_ref().is_none_or(|own| own.symmetric);
        let features = match symmetric {
            true => Cooccurrence::of(drawn, levels)?,
            false => ordered::cooccurrence(drawn, levels)?,
        };
        let maximal_correlation = match known {
            Known::Nothing if symmetric => maximal_correlation(drawn),
            Known::Nothing => maximal_correlation_of_ordered(drawn),
            Known::Flat => Ok(1.0),
            Known::Unasked => Err("it is not wanted"),
        };
        Some(Measured { features, maximal_correlation })
    }
}
