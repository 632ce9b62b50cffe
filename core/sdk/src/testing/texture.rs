//! Unit tests of families that read texture matrices, the digital phantom of IBSI 1 among them.
//!
//! The test brings whatever draws the matrices: the sdk has none of the mathematics.

use super::{Computed, TestHost, TestRegion, assert_manual, settings};
use crate::{FeatureFamily, Matrix};

/// Voxels of the digital phantom along *x*, *y*, *z*.
pub const PHANTOM_DIMS: [usize; 3] = [5, 4, 4];

/// The levels of the digital phantom (IBSI 1 manual, arXiv:1612.07003; CC BY 4.0), *x* fastest; 0 outside the intensity
/// mask.
#[rustfmt::skip]
pub const PHANTOM: [u16; 80] = [
    1, 4, 4, 1, 1,  1, 4, 6, 1, 1,  4, 1, 6, 4, 1,  4, 4, 6, 4, 1,
    1, 4, 4, 1, 1,  1, 1, 6, 1, 1,  0, 1, 3, 1, 1,  4, 4, 6, 1, 1,
    1, 4, 4, 0, 0,  1, 1, 1, 1, 1,  1, 1, 0, 1, 1,  1, 1, 6, 1, 1,
    1, 4, 4, 0, 0,  1, 1, 1, 1, 1,  1, 1, 1, 1, 1,  1, 1, 6, 1, 1,
];

/// What [`TestRegion::matrix_set`] takes: the number of levels; each matrix's voxels and cells.
pub type Drawn = (u32, Vec<(f64, Vec<(u32, u32, f64)>)>);

/// Configures a family and computes the features of a region of levels, which are its intensities too; 0 is outside.
/// `draw` draws a matrix that the family needs from dimensions and levels.
///
/// # Panics
/// If the settings are wrong or the family fails, and as [`compute`](super::compute) does.
pub fn compute<F: FeatureFamily>(
    json: &str,
    dims: [usize; 3],
    levels: &[u16],
    draw: impl Fn(&Matrix, [usize; 3], &[u16]) -> Drawn,
) -> Computed {
    let settings = settings(&F::describe(), json).unwrap_or_else(|wrong| panic!("{wrong:?}"));
    let family = F::configure(&settings).unwrap_or_else(|error| panic!("{error:?}"));
    let intensities = levels.iter().map(|level| f64::from(*level)).collect();
    let mask = levels.iter().map(|level| u8::from(*level != 0)).collect();
    let count = levels.iter().copied().max().unwrap_or(0).into();
    let mut region = TestRegion::new(dims, intensities).mask(mask).levels(levels.to_vec(), count);
    for matrix in &family.needs().matrices {
        let (level_count, matrices) = draw(matrix, dims, levels);
        region = region.matrix_set(level_count, matrices);
    }
    super::compute(&family, &region, &TestHost::new()).unwrap_or_else(|error| panic!("{error:?}"))
}

/// Compares a family with a manual's values for the digital phantom, to three digits: each feature in the order of its
/// description by its IBSI code, with a value for each aggregation in the order of the description.
///
/// # Panics
/// If a value differs, or if features or aggregations are not those described; as [`compute`] does.
pub fn assert_phantom<F: FeatureFamily, const N: usize>(
    manual: &[(&str, [f64; N])],
    draw: impl Fn(&Matrix, [usize; 3], &[u16]) -> Drawn,
) {
    let aggregations = F::describe().plugin.aggregations;
    assert_eq!(aggregations.len(), N, "the aggregations described");
    for (column, aggregation) in aggregations.iter().enumerate() {
        let json = format!(r#"{{"aggregation": "{aggregation}"}}"#);
        let computed = compute::<F>(&json, PHANTOM_DIMS, &PHANTOM, &draw);
        let column: Vec<(&str, f64)> = manual.iter().map(|(code, values)| (*code, values[column])).collect();
        assert_manual::<F>(&computed, &column, aggregation);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;

    fn features() -> [Feature<[f64; 2]>; 2] {
        [
            Feature::new("cells", "Cells").ibsi("AAAA").value(|sums| Ok(sums[0])),
            Feature::new("voxels", "Voxels").ibsi("BBBB").value(|sums| Ok(sums[1])),
        ]
    }

    /// The sums of what the matrices hold and of intensities and levels.
    struct Sums(Matrix);

    impl FeatureFamily for Sums {
        fn describe() -> Description {
            Description::new("sums", "Sums").aggregations(&["3D", "2D"]).features(features())
        }

        fn configure(settings: &Settings) -> Result<Self, Error> {
            Ok(Self(settings.matrix("glszm")?))
        }

        fn needs(&self) -> Needs {
            Needs { matrices: vec![self.0.clone()], ..Needs::default() }
        }

        fn compute(&self, region: &Region, _: &Context) -> Result<Values, Error> {
            let cells = region.matrix_set(0).matrices().flat_map(|one| one.triples()).map(|cell| cell.2).sum();
            let levels: f64 = region.levels().iter().map(|level| f64::from(*level)).sum();
            Ok(Values::of(&features(), Ok(&[cells, region.intensities().sum::<f64>() + levels])))
        }
    }

    fn draw(matrix: &Matrix, _: [usize; 3], levels: &[u16]) -> Drawn {
        let value = if matrix.aggregation == "3D" { 1234.0 } else { 1.0 };
        (6, vec![(levels.len() as f64, vec![(1, 1, value)])])
    }

    #[test]
    fn a_family_that_meets_the_manual() {
        assert_phantom::<Sums, _>(&[("AAAA", [1230.0, 1.0]), ("BBBB", [318.0, 318.0])], draw);
    }

    #[test]
    #[should_panic(expected = "cells, 2D")]
    fn a_value_that_differs_is_noticed() {
        assert_phantom::<Sums, _>(&[("AAAA", [1230.0, 2.0]), ("BBBB", [318.0, 318.0])], draw);
    }

    #[test]
    #[should_panic(expected = "the features described")]
    fn a_feature_left_out_is_noticed() {
        assert_phantom::<Sums, _>(&[("AAAA", [1230.0, 1.0])], draw);
    }

    #[test]
    #[should_panic(expected = "the aggregations described")]
    fn an_aggregation_left_out_is_noticed() {
        assert_phantom::<Sums, _>(&[("AAAA", [1230.0]), ("BBBB", [318.0])], draw);
    }
}
