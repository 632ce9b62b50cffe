//! Two percentiles of each image are brought to where those of a cohort lie on average, for scans whose intensities have no unit
//! of their own (MRI).
//!
//! It is fitted: each case of the cohort tells the percentiles `lower` and `upper` of its intensities, and the scale goes from the mean
//! of the lower ones to the mean of the upper ones. An image is mapped by the straight line through its own two percentiles.
//! So an affine change of a scanner's brightness changes nothing.

use serde::{Deserialize, Serialize};
use voxomics_imaging::normalisation::{self, Beyond, Scale};
use voxomics_sdk::{
    Grid, WHOLE_SCAN,
    filtering::{self, Reference},
    prelude::*,
};

/// The map by two percentiles, configured.
#[derive(Debug, Clone, PartialEq)]
pub struct Percentiles {
    reference: Reference,
    percents: [f64; 2],
    beyond: Beyond,
    fitted: Option<State>,
}

/// What there is to be learnt from a case.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Seen {
    intensities: [f64; 2],
}

/// The state, as a model carries it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct State {
    /// How many observations it is made of.
    cases: usize,
    /// The percentiles, from 0 to 100.
    percentiles: [f64; 2],
    /// Where they come to lie.
    scale: [f64; 2],
}

impl Filter for Percentiles {
    fn describe() -> Description {
        Description::new(
            "percentiles",
            "Two percentiles of each image, brought to those of the cohort that it is fitted on",
        )
        .setting(Setting::number("lower", "the lower percentile").range(0.0, 100.0).default(1.0))
        .setting(Setting::number("upper", "the upper percentile").range(0.0, 100.0).default(99.0))
        .setting(filtering::beyond())
        .settings(Reference::settings())
        .fits()
    }

    fn configure(settings: &Settings) -> Result<Self, Error> {
        let percents = [settings.number("lower")?, settings.number("upper")?];
        if percents[0] >= percents[1] {
            let [lower, upper] = percents;
            return Err(Error::setting(
                "lower",
                format!("`lower` is {lower}, expected less than `upper`, which is {upper}"),
            ));
        }
        let fitted = settings.state().map(|state| read(state, percents)).transpose()?;
        Ok(Self { reference: Reference::read(settings)?, percents, beyond: filtering::read_beyond(settings)?, fitted })
    }

    fn margin(&self, _: &Grid) -> [usize; 3] {
        WHOLE_SCAN
    }

    fn units(&self) -> Vec<String> {
        vec!["1".into()]
    }

    fn sees_regions(&self) -> bool {
        self.reference.is_region()
    }

    fn apply(&self, image: &Image, context: &Context) -> Result<Vec<ResponseMap>, Error> {
        context.check_cancelled()?;
        let State { scale, .. } =
            self.fitted.ok_or_else(|| Error::input("the percentiles are not fitted: there is no scale yet"))?;
        let own = self.percentiles(image)?;
        let map = Scale::new(&own, &scale, self.beyond).ok_or_else(|| self.flat(own[0]))?;
        Ok(filtering::mapped(image, |x| map.map(x)))
    }

    fn observe(&self, image: &Image, _: &Context) -> Result<String, Error> {
        let intensities = self.percentiles(image)?;
        if intensities[0] == intensities[1] {
            return Err(self.flat(intensities[0]));
        }
        filtering::written(&Seen { intensities })
    }

    fn fit(&self, observations: &[String], _: &Context) -> Result<String, Error> {
        let seen = observations.iter().map(|text| filtering::read_written(text, "what a case was seen to have"));
        let mut seen: Vec<Seen> = seen.collect::<Result<_, _>>()?;
        // A cohort that is sorted anew has the same state, to the bit.
        seen.sort_by(|Seen { intensities: a }, Seen { intensities: b }| {
            a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1]))
        });
        let mean = |at: usize| seen.iter().map(|of| of.intensities[at]).sum::<f64>() / seen.len() as f64;
        let state = State { cases: seen.len(), percentiles: self.percents, scale: [mean(0), mean(1)] };
        let state = filtering::written(&state)?;
        read(&state, self.percents)?;
        Ok(state)
    }
}

impl Percentiles {
    /// The percentiles of an image.
    fn percentiles(&self, image: &Image) -> Result<[f64; 2], Error> {
        let sorted = normalisation::sorted(self.reference.intensities(image)?);
        Ok(self.percents.map(|percent| normalisation::percentile(&sorted, percent)))
    }

    fn flat(&self, intensity: f64) -> Error {
        let [lower, upper] = self.percents;
        Error::input(format!(
            "the percentiles {lower} and {upper} of the image are both {intensity}: there is nothing to map by; take other \
             percentiles, or another `over`"
        ))
    }
}

/// The state, if it is one of these percentiles.
fn read(state: &str, percents: [f64; 2]) -> Result<State, Error> {
    let state: State = filtering::read_written(state, "what was fitted for the percentiles")?;
    if state.percentiles != percents {
        let [lower, upper] = state.percentiles;
        return Err(Error::input(format!(
            "what was fitted is for the percentiles {lower} and {upper}, not for {} and {}",
            percents[0], percents[1]
        )));
    }
    if !(state.scale[0] < state.scale[1] && state.scale.iter().all(|x| x.is_finite())) {
        let [lower, upper] = state.scale;
        return Err(Error::input(format!("the scale of the cohort goes from {lower} to {upper}, expected upwards")));
    }
    Ok(state)
}

voxomics_sdk::export_plugin! { vendor: "The Voxomics developers", filters: [Percentiles] }

#[cfg(test)]
mod tests {
    use voxomics_sdk::testing::{self, TestHost, TestImage};

    use super::*;

    const SETTINGS: &str = r#"{"over": "scan", "lower": 25, "upper": 75}"#;

    fn configured(json: &str, state: Option<&str>) -> Result<Percentiles, Error> {
        let settings = testing::settings(&Percentiles::describe(), json).expect("settings");
        Percentiles::configure(&testing::with_state(settings, state))
    }

    fn image(voxels: [f64; 5]) -> TestImage {
        TestImage::new([5, 1, 1], voxels.to_vec())
    }

    #[test]
    fn each_image_comes_to_the_scale_of_the_cohort() {
        let host = TestHost::new();
        let unfitted = configured(SETTINGS, None).expect("settings");
        let observe = |voxels| image(voxels).with(|image| unfitted.observe(image, &host.context()).expect("seen"));
        // The quartiles are 1 and 3, and 20 and 40.
        let seen = [observe([0.0, 1.0, 2.0, 3.0, 4.0]), observe([50.0, 20.0, 30.0, 40.0, 10.0])];
        let state = unfitted.fit(&seen, &host.context()).expect("a state");
        assert_eq!(state, r#"{"cases":2,"percentiles":[25.0,75.0],"scale":[10.5,21.5]}"#);
        let mapped = |json: &str| {
            let fitted = configured(json, Some(&state)).expect("a state");
            image([200.0, 100.0, 300.0, 400.0, 500.0])
                .with(|image| fitted.apply(image, &host.context()).expect("a map").remove(0).voxels)
        };
        assert_eq!(mapped(SETTINGS), [10.5, 5.0, 16.0, 21.5, 27.0]);
        let clamped = SETTINGS.replace('}', r#", "beyond": "clamp"}"#);
        assert_eq!(mapped(&clamped), [10.5, 10.5, 16.0, 21.5, 21.5]);
        assert!(image([0.0; 5]).with(|image| unfitted.apply(image, &host.context())).is_err(), "there is no scale");
    }

    #[test]
    fn what_nothing_can_be_mapped_by_is_refused() {
        let host = TestHost::new();
        let unfitted = configured(SETTINGS, None).expect("settings");
        let flat = image([7.0; 5]).with(|image| unfitted.observe(image, &host.context()));
        assert!(flat.is_err_and(|why| why.to_string().contains("are both 7")));
        assert!(unfitted.fit(&[], &host.context()).is_err());
        assert!(configured(r#"{"lower": 50, "upper": 50}"#, None).is_err());
        for state in [
            "",
            r#"{"cases":1,"percentiles":[1.0,75.0],"scale":[0.0,1.0]}"#,
            r#"{"cases":1,"percentiles":[25.0,75.0],"scale":[1.0,1.0]}"#,
        ] {
            assert!(configured(SETTINGS, Some(state)).is_err(), "{state}");
        }
    }
}
