//! Intensity-based statistics (IBSI 1 manual, arXiv:1612.07003, family UHIW): how the intensities of a region are
//! distributed, without discretisation and without regard to where they lie.
//!
//! Percentiles are interpolated linearly between the neighbouring ranks of the sorted intensities: the *p*-th
//! percentile of *N* intensities lies at rank *p*/100 · (*N* − 1), counted from 0. The manual leaves the method open;
//! this one meets its reference values.

mod features;
mod order;
mod summary;
#[cfg(test)]
mod tests;

use voxomics_sdk::prelude::*;

use features::FEATURES;
use summary::Summary;

/// The intensity-based statistics.
pub struct Statistics;

impl FeatureFamily for Statistics {
    fn describe() -> Description {
        Description::new("statistics", "Intensity-based statistics (IBSI UHIW)")
            .features(FEATURES.iter().map(features::Entry::describe))
    }

    fn configure(_: &Settings) -> Result<Self, Error> {
        Ok(Self)
    }

    fn compute(&self, region: &Region, _: &Context) -> Result<Values, Error> {
        let intensities = inside(region.intensity_mask(), region.image().voxels());
        let mut values = Values::new();
        for (id, value) in evaluate(&intensities)? {
            values.set(id, value);
        }
        Ok(values)
    }
}

/// The intensities where the mask is not 0, in their order.
fn inside(mask: &[u8], voxels: &[f64]) -> Vec<f64> {
    let count = mask.iter().filter(|inside| **inside != 0).count();
    // Every voxel is written and only those inside move the end on: no branch to mispredict. The last place takes what
    // follows the last voxel inside.
    let mut intensities = vec![0.0; count + 1];
    let mut end = 0;
    for (inside, x) in mask.iter().zip(voxels) {
        intensities[end] = *x;
        end += usize::from(*inside != 0);
    }
    intensities.truncate(end);
    intensities
}

type Evaluated = Vec<(&'static str, Result<f64, &'static str>)>;

/// Every feature by id, or the reason why it is undefined.
fn evaluate(intensities: &[f64]) -> Result<Evaluated, Error> {
    let Some(summary) = Summary::of(intensities) else {
        return Err(Error::input("the region holds no voxel, or an intensity that is not a finite number"));
    };
    let finite = |value: f64| value.is_finite().then_some(value).ok_or("the value exceeds the range of 64-bit numbers");
    Ok(FEATURES.iter().map(|entry| (entry.id, (entry.value)(&summary).and_then(finite))).collect())
}

voxomics_sdk::export_plugin! { vendor: "The Voxomics developers", families: [Statistics] }
