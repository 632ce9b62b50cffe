//! Landmarks of the histogram, brought to a standard scale (Nyúl and Udupa, Magn. Reson. Med. 42:1072, 1999; Nyúl, Udupa and Zhang,
//! IEEE Trans. Med. Imaging 19:143, 2000), for scans whose intensities have no unit of their own (MRI).
//!
//! It is fitted: the landmarks of each case of the cohort, percentiles of its intensities, are mapped so that the first and the last one
//! come to the ends of the scale. Their means over the cases are the standard landmarks. An image is mapped piecewise linearly from
//! its own landmarks to these.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};
use voxomics_imaging::normalisation::{self, Beyond, Scale};
use voxomics_sdk::{
    Grid, WHOLE_SCAN,
    filtering::{self, Reference},
    prelude::*,
};

/// The landmarks, configured.
#[derive(Debug, Clone, PartialEq)]
pub struct Nyul {
    reference: Reference,
    percents: Vec<f64>,
    ends: [f64; 2],
    beyond: Beyond,
    fitted: Option<State>,
}

/// What there is to be learnt from a case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Seen {
    /// Intensities at the percentiles.
    landmarks: Vec<f64>,
}

/// The state, as a model carries it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct State {
    /// How many observations it is made of.
    cases: usize,
    /// The percentiles, from 0 to 100.
    percentiles: Vec<f64>,
    /// Where they come to lie.
    landmarks: Vec<f64>,
}

impl Filter for Nyul {
    fn describe() -> Description {
        Description::new(
            "nyul",
            "Nyúl's landmarks of the histogram, brought to the standard scale of the cohort that it is fitted on",
        )
        .setting(
            Setting::numbers("percentiles", "the landmarks, ascending percentiles from 0 to 100", None)
                .default(vec![1, 10, 20, 30, 40, 50, 60, 70, 80, 90, 99]),
        )
        .setting(
            Setting::numbers("scale", "where the first and the last landmark come to lie", Some(2))
                .default(vec![1, 100]),
        )
        .setting(filtering::beyond())
        .settings(Reference::settings())
        .fits()
    }

    fn configure(settings: &Settings) -> Result<Self, Error> {
        let percents = settings.numbers("percentiles")?;
        let ascending = percents.windows(2).all(|pair| pair[0] < pair[1]);
        if percents.len() < 2 || !ascending || percents[0] < 0.0 || percents[percents.len() - 1] > 100.0 {
            let message =
                format!("`percentiles` is {percents:?}, expected two or more ascending numbers from 0 to 100");
            return Err(Error::setting("percentiles", message));
        }
        let scale = settings.numbers("scale")?;
        let [low, high] = scale[..] else {
            return Err(Error::setting("scale", format!("`scale` is {scale:?}, expected two numbers")));
        };
        if low >= high {
            return Err(Error::setting("scale", format!("`scale` goes from {low} to {high}, expected upwards")));
        }
        let fitted = settings.state().map(|state| read(state, &percents)).transpose()?;
        let (reference, beyond) = (Reference::read(settings)?, filtering::read_beyond(settings)?);
        Ok(Self { reference, percents, ends: [low, high], beyond, fitted })
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
        let State { landmarks, .. } = self
            .fitted
            .as_ref()
            .ok_or_else(|| Error::input("the landmarks are not fitted: there is no standard scale yet"))?;
        let own = self.landmarks(image)?;
        let map = Scale::new(&own, landmarks, self.beyond).ok_or_else(|| flat(own[0]))?;
        Ok(filtering::mapped(image, |x| map.map(x)))
    }

    fn observe(&self, image: &Image, _: &Context) -> Result<String, Error> {
        let landmarks = self.landmarks(image)?;
        if landmarks[0] == landmarks[landmarks.len() - 1] {
            return Err(flat(landmarks[0]));
        }
        filtering::written(&Seen { landmarks })
    }

    fn fit(&self, observations: &[String], _: &Context) -> Result<String, Error> {
        let [low, high] = self.ends;
        let seen = observations.iter().map(|text| filtering::read_written(text, "what a case was seen to have"));
        let mut seen: Vec<Seen> = seen.collect::<Result<_, _>>()?;
        // A cohort that is sorted anew has the same state, to the bit.
        let order = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a.total_cmp(b)).find(|order| order.is_ne());
        seen.sort_by(|a, b| order(&a.landmarks, &b.landmarks).unwrap_or(Ordering::Equal));
        let mut landmarks = vec![0.0; self.percents.len()];
        for Seen { landmarks: own } in &seen {
            if own.len() != landmarks.len() {
                return Err(Error::input(format!("a case has {} landmarks, expected {}", own.len(), landmarks.len())));
            }
            let (first, last) = (own[0], own[own.len() - 1]);
            let scaled = own.iter().map(|x| low + (high - low) * ((x - first) / (last - first)));
            landmarks.iter_mut().zip(scaled).for_each(|(sum, x)| *sum += x);
        }
        let cases = observations.len();
        landmarks.iter_mut().for_each(|sum| *sum /= cases as f64);
        let state = filtering::written(&State { cases, percentiles: self.percents.clone(), landmarks })?;
        read(&state, &self.percents)?;
        Ok(state)
    }
}

impl Nyul {
    /// The landmarks of an image.
    fn landmarks(&self, image: &Image) -> Result<Vec<f64>, Error> {
        let sorted = normalisation::sorted(self.reference.intensities(image)?);
        Ok(self.percents.iter().map(|percent| normalisation::percentile(&sorted, *percent)).collect())
    }
}

fn flat(intensity: f64) -> Error {
    Error::input(format!(
        "all landmarks of the image are {intensity}: there is nothing to map by; take other `percentiles`, or another `over`"
    ))
}

/// The state, if it is one of these percentiles.
fn read(state: &str, percents: &[f64]) -> Result<State, Error> {
    let state: State = filtering::read_written(state, "what was fitted for the landmarks")?;
    if state.percentiles != percents {
        let found = &state.percentiles;
        return Err(Error::input(format!("what was fitted is for the percentiles {found:?}, not for {percents:?}")));
    }
    let ascending = state.landmarks.windows(2).all(|pair| pair[0] <= pair[1]);
    let ends = state.landmarks.first().zip(state.landmarks.last()).is_some_and(|(first, last)| first < last);
    if state.landmarks.len() != percents.len() || !ascending || !ends {
        let found = &state.landmarks;
        return Err(Error::input(format!(
            "the standard landmarks are {found:?}, expected one for each percentile, ascending"
        )));
    }
    Ok(state)
}

voxomics_sdk::export_plugin! { vendor: "The Voxomics developers", filters: [Nyul] }

#[cfg(test)]
mod tests {
    use voxomics_sdk::testing::{self, TestHost, TestImage};

    use super::*;

    const SETTINGS: &str = r#"{"over": "scan", "percentiles": [0, 50, 100], "scale": [0, 10]}"#;

    fn configured(json: &str, state: Option<&str>) -> Result<Nyul, Error> {
        let settings = testing::settings(&Nyul::describe(), json).expect("settings");
        Nyul::configure(&testing::with_state(settings, state))
    }

    fn image(voxels: [f64; 3]) -> TestImage {
        TestImage::new([3, 1, 1], voxels.to_vec())
    }

    #[test]
    fn landmarks_come_to_their_standard() {
        let host = TestHost::new();
        let unfitted = configured(SETTINGS, None).expect("settings");
        let observe = |voxels| image(voxels).with(|image| unfitted.observe(image, &host.context()).expect("seen"));
        // The medians lie at 2 and at 6 of a scale from 0 to 10.
        let state = unfitted.fit(&[observe([5.0, 0.0, 1.0]), observe([106.0, 100.0, 110.0])], &host.context());
        let state = state.expect("a state");
        assert_eq!(state, r#"{"cases":2,"percentiles":[0.0,50.0,100.0],"landmarks":[0.0,4.0,10.0]}"#);
        let fitted = configured(SETTINGS, Some(&state)).expect("a state");
        let mapped = image([1000.0, 0.0, 200.0]).with(|image| fitted.apply(image, &host.context()).expect("a map"));
        assert_eq!(mapped[0].voxels, [10.0, 0.0, 4.0]);
    }

    #[test]
    fn whatever_a_monotone_scanner_does_to_the_landmarks_is_undone() {
        let host = TestHost::new();
        let state = r#"{"cases":2,"percentiles":[0.0,50.0,100.0],"landmarks":[0.0,4.0,10.0]}"#;
        let fitted = configured(SETTINGS, Some(state)).expect("a state");
        let apply = |map: fn(f64) -> f64| {
            let voxels: Vec<f64> = (0..41).map(|i| map(f64::from((i * 17) % 41))).collect();
            TestImage::new([41, 1, 1], voxels)
                .with(|image| fitted.apply(image, &host.context()).expect("a map").remove(0).voxels)
        };
        let plain = apply(|x| x);
        // Another slope below and above the median.
        for scanner in [|x| 3.0 * x - 50.0, |x: f64| if x < 20.0 { x } else { 20.0 + 4.0 * (x - 20.0) }] {
            let found = apply(scanner);
            assert!(plain.iter().zip(&found).all(|(a, b)| (a - b).abs() < 1e-12), "{plain:?} {found:?}");
        }
    }

    #[test]
    fn what_nothing_can_be_mapped_by_is_refused() {
        let host = TestHost::new();
        let unfitted = configured(SETTINGS, None).expect("settings");
        assert!(image([7.0; 3]).with(|image| unfitted.observe(image, &host.context())).is_err());
        assert!(image([1.0, 2.0, 3.0]).with(|image| unfitted.apply(image, &host.context())).is_err());
        assert!(unfitted.fit(&[], &host.context()).is_err());
        assert!(unfitted.fit(&[r#"{"landmarks":[0.0,1.0]}"#.to_owned()], &host.context()).is_err());
        for json in [
            r#"{"percentiles": [50]}"#,
            r#"{"percentiles": [1, 1]}"#,
            r#"{"percentiles": [1, 101]}"#,
            r#"{"scale": [3, 3]}"#,
        ] {
            assert!(configured(json, None).is_err(), "{json}");
        }
        let other = r#"{"cases":2,"percentiles":[0.0,100.0],"landmarks":[0.0,10.0]}"#;
        let falling = r#"{"cases":2,"percentiles":[0.0,50.0,100.0],"landmarks":[0.0,11.0,10.0]}"#;
        for state in ["", other, falling] {
            assert!(configured(SETTINGS, Some(state)).is_err(), "{state}");
        }
    }
}
