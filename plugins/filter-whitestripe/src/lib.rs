//! WhiteStripe (Shinohara et al., NeuroImage: Clinical 6:9, 2014): intensities by the white matter of their own image, for MRI of the
//! brain.
//!
//! The peak of white matter is looked for in a smoothed histogram of the intensities that count. The white stripe has the
//! intensities around it, `width` of all of them on either side by rank, and z = (x − μ) / σ with its mean and standard deviation (over
//! n). It is defined for each image by itself: nothing is fitted on a cohort.

use voxomics_imaging::normalisation::{self, Peak};
use voxomics_sdk::{
    Grid, WHOLE_SCAN,
    filtering::{self, Reference},
    prelude::*,
};

/// The white stripe, configured.
#[derive(Debug, Clone, PartialEq)]
pub struct WhiteStripe {
    reference: Reference,
    peak: Peak,
    width: f64,
    points: usize,
}

impl Filter for WhiteStripe {
    fn describe() -> Description {
        Description::new("whitestripe", "Standard deviations from the mean of white matter, found by the image's histogram")
            .setting(
                Setting::choice(
                    "peak",
                    "the peak of white matter: in T1 the last one, in T2 and FLAIR the largest, in proton density the first",
                    &Peak::WORDS,
                )
                .required(),
            )
            .setting(
                Setting::number("width", "the part of all intensities that the stripe has on either side of the peak")
                    .range(0.001, 0.5)
                    .default(0.05),
            )
            .setting(
                Setting::integer("points", "how many intensities the histogram is smoothed at, in equal steps", 16, 4096)
                    .default(80),
            )
            .settings(Reference::settings())
    }

    fn configure(settings: &Settings) -> Result<Self, Error> {
        Ok(Self {
            reference: Reference::read(settings)?,
            peak: filtering::word(settings, "peak", Peak::from_word)?,
            width: settings.number("width")?,
            points: settings.count("points")?,
        })
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
        let sorted = normalisation::sorted(self.reference.intensities(image)?);
        let mode = normalisation::mode(&sorted, self.peak, self.points)
            .ok_or_else(|| Error::input(format!("all intensities that count are {}: they have no peak", sorted[0])))?;
        let stripe = normalisation::stripe(&sorted, mode, self.width).ok_or_else(|| {
            Error::input(format!("no intensity lies in the white stripe around {mode}: make `width` larger"))
        })?;
        filtering::standardised(image, stripe)
    }
}

voxomics_sdk::export_plugin! { vendor: "The Voxomics developers", filters: [WhiteStripe] }

#[cfg(test)]
mod tests {
    use voxomics_sdk::testing::{self, TestHost, TestImage};

    use super::*;

    /// Three tissues of 300, 900 and 600 voxels, with means at 100, 200 and 300.
    fn brain(scanner: fn(f64) -> f64) -> TestImage {
        let tissue = |mean: f64, count: usize| (0..count).map(move |i| mean + ((i * 7) % 41) as f64 - 20.0);
        let voxels = tissue(100.0, 300).chain(tissue(200.0, 900)).chain(tissue(300.0, 600)).map(scanner).collect();
        TestImage::new([1800, 1, 1], voxels)
    }

    fn apply(json: &str, image: &TestImage) -> Result<Vec<f64>, Error> {
        let settings = testing::settings(&WhiteStripe::describe(), json).expect("settings");
        let filter = WhiteStripe::configure(&settings)?;
        let host = TestHost::new();
        image.with(|image| Ok(filter.apply(image, &host.context())?.remove(0).voxels))
    }

    #[test]
    fn white_matter_comes_to_nothing_on_any_scanner() {
        let means = |scanner: fn(f64) -> f64, peak: &str| {
            let found = apply(&format!(r#"{{"over": "scan", "peak": "{peak}"}}"#), &brain(scanner)).expect("a map");
            let mean = |part: &[f64]| part.iter().sum::<f64>() / part.len() as f64;
            [mean(&found[..300]), mean(&found[300..1200]), mean(&found[1200..])]
        };
        for (peak, at) in [("first", 0), ("largest", 1), ("last", 2)] {
            let plain = means(|x| x, peak);
            let nearest = (0..3).min_by(|a, b| plain[*a].abs().total_cmp(&plain[*b].abs()));
            assert_eq!(nearest, Some(at), "{peak}: {plain:?}");
            let other = means(|x| 2.5 * x + 30.0, peak);
            assert!(plain.iter().zip(&other).all(|(a, b)| (a - b).abs() < 1e-9), "{peak}: {plain:?} {other:?}");
        }
    }

    #[test]
    fn a_peak_must_be_chosen_and_be_there() {
        assert!(testing::settings(&WhiteStripe::describe(), "{}").is_err(), "T1 and T2 differ");
        let flat = TestImage::new([4, 1, 1], vec![3.0; 4]);
        let why = apply(r#"{"over": "scan", "peak": "last"}"#, &flat).expect_err("it is flat").to_string();
        assert!(why.contains("are 3: they have no peak"), "{why}");
    }
}
