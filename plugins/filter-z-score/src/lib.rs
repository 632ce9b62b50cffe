//! Intensities as standard deviations from the mean of a cohort, for scans whose intensities have no unit of their own (MRI).
//!
//! It is fitted: each case of the cohort tells the mean and the variance of its intensities in its body, scan, or a region. These
//! become the mean and the standard deviation of a mixture in which every case has the same weight,
//! μ = mean(μᵢ), σ² = mean(σᵢ² + (μᵢ − μ)²). A large lesion so counts no more than a small one.
//!
//! All images are moved alike: what differs between scanners goes on to differ. `image-z-score` measures each image by itself.

use serde::{Deserialize, Serialize};
use voxomics_imaging::normalisation::Moments;
use voxomics_sdk::{
    Grid, WHOLE_SCAN,
    filtering::{self, Reference},
    prelude::*,
};

/// The z-score, configured.
#[derive(Debug, Clone, PartialEq)]
pub struct ZScore {
    reference: Reference,
    fitted: Option<Moments>,
}

/// What there is to be learnt from a case.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Seen {
    mean: f64,
    /// Over n.
    variance: f64,
}

/// The state, as a model carries it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct State {
    /// How many observations it is made of.
    cases: usize,
    mean: f64,
    variance: f64,
}

impl Filter for ZScore {
    fn describe() -> Description {
        Description::new("z-score", "Standard deviations from the mean intensity of the cohort that it is fitted on")
            .settings(Reference::settings())
            .fits()
    }

    fn configure(settings: &Settings) -> Result<Self, Error> {
        let fitted = settings.state().map(read).transpose()?;
        Ok(Self { reference: Reference::read(settings)?, fitted })
    }

    fn margin(&self, _: &Grid) -> [usize; 3] {
        if self.fitted.is_some() { [0; 3] } else { WHOLE_SCAN }
    }

    fn units(&self) -> Vec<String> {
        vec!["1".into()]
    }

    fn apply(&self, image: &Image, context: &Context) -> Result<Vec<ResponseMap>, Error> {
        context.check_cancelled()?;
        let moments = self.fitted.ok_or_else(|| Error::input("the z-score is not fitted: it has no mean yet"))?;
        filtering::standardised(image, moments)
    }

    fn observe(&self, image: &Image, _: &Context) -> Result<String, Error> {
        let counted = self.reference.intensities(image)?;
        let Moments { mean, variance } = Moments::of(&counted).ok_or_else(|| Error::input("no intensity counts"))?;
        filtering::written(&Seen { mean, variance })
    }

    fn fit(&self, observations: &[String], _: &Context) -> Result<String, Error> {
        let seen = observations.iter().map(|text| filtering::read_written(text, "what a case was seen to have"));
        let mut seen: Vec<Seen> = seen.collect::<Result<_, _>>()?;
        // A cohort that is sorted anew has the same state, to the bit.
        seen.sort_by(|a, b| a.mean.total_cmp(&b.mean).then(a.variance.total_cmp(&b.variance)));
        let count = seen.len() as f64;
        let mean = seen.iter().map(|of| of.mean).sum::<f64>() / count;
        let variance = seen.iter().map(|of| of.variance + (of.mean - mean).powi(2)).sum::<f64>() / count;
        let state = filtering::written(&State { cases: seen.len(), mean, variance })?;
        read(&state)?;
        Ok(state)
    }
}

/// The state, if intensities can be divided by it.
fn read(state: &str) -> Result<Moments, Error> {
    let State { mean, variance, .. } = filtering::read_written(state, "what was fitted for the z-score")?;
    if !mean.is_finite() || !variance.is_finite() || variance <= 0.0 {
        return Err(Error::input(format!(
            "the intensities of the cohort have the mean {mean} and the variance {variance}: there is nothing to divide by"
        )));
    }
    Ok(Moments { mean, variance })
}

voxomics_sdk::export_plugin! { vendor: "The Voxomics developers", filters: [ZScore] }

#[cfg(test)]
mod tests {
    use voxomics_sdk::testing::{self, TestHost, TestImage};

    use super::*;

    fn configured(state: Option<&str>) -> Result<ZScore, Error> {
        let settings = testing::settings(&ZScore::describe(), r#"{"region": "brain"}"#).expect("settings");
        ZScore::configure(&testing::with_state(settings, state))
    }

    #[test]
    fn every_case_has_the_same_weight() {
        let host = TestHost::new();
        let unfitted = configured(None).expect("settings");
        let observe = |voxels: Vec<f64>| {
            let mask = vec![1; voxels.len() - 1].into_iter().chain([0]).collect();
            let image = TestImage::new([voxels.len(), 1, 1], voxels).region("brain", mask);
            image.with(|image| unfitted.observe(image, &host.context())).expect("an observation")
        };
        // Means 2 and 10, variances 1 and 4; what lies outside does not count.
        let seen = [observe(vec![1.0, 3.0, 99.0]), observe(vec![8.0, 12.0, 8.0, 12.0, 8.0, 12.0, -7.0])];
        let state = unfitted.fit(&seen, &host.context()).expect("a state");
        assert_eq!(state, r#"{"cases":2,"mean":6.0,"variance":18.5}"#);
        let image = TestImage::new([2, 1, 1], vec![6.0, 6.0 + 18.5_f64.sqrt()]);
        let fitted = configured(Some(&state)).expect("a state");
        assert_eq!(fitted.apply(&image.image(), &host.context()).expect("a map")[0].voxels, [0.0, 1.0]);
        assert!(unfitted.apply(&image.image(), &host.context()).is_err(), "there is no mean to take away");
    }

    #[test]
    fn what_nothing_can_be_divided_by_is_no_state() {
        let host = TestHost::new();
        let unfitted = configured(None).expect("settings");
        let flat = r#"{"mean":3.0,"variance":0.0}"#.to_owned();
        for observations in [&[flat][..], &[], &["{}".to_owned()]] {
            assert!(unfitted.fit(observations, &host.context()).is_err(), "{observations:?}");
        }
        for state in ["", "mean = 1", r#"{"cases":1,"mean":1.0,"variance":-1.0}"#, r#"{"mean":1.0,"variance":1.0}"#] {
            assert!(configured(Some(state)).is_err(), "{state}");
        }
    }
}
