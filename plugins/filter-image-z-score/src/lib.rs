//! Intensities of each image as standard deviations from its own mean, for scans whose intensities have no unit of their own (MRI).
//!
//! z = (x − μ) / σ, with the mean μ and the standard deviation σ (over n) of the image's own body, scan, or region. Nothing is fitted
//! on a cohort. With a region of muscle or of white matter, this is the normalisation by a reference tissue.

use voxomics_imaging::normalisation::Moments;
use voxomics_sdk::{
    Grid, WHOLE_SCAN,
    filtering::{self, Reference},
    prelude::*,
};

/// The z-score of an image, configured.
#[derive(Debug, Clone, PartialEq)]
pub struct ImageZScore {
    reference: Reference,
}

impl Filter for ImageZScore {
    fn describe() -> Description {
        Description::new(
            "image-z-score",
            "Standard deviations from the mean intensity of the image's own body, scan or region",
        )
        .settings(Reference::settings())
    }

    fn configure(settings: &Settings) -> Result<Self, Error> {
        Ok(Self { reference: Reference::read(settings)? })
    }

    fn units(&self) -> Vec<String> {
        vec!["1".into()]
    }

    fn sees_regions(&self) -> bool {
        self.reference.is_region()
    }

    fn margin(&self, _: &Grid) -> [usize; 3] {
        WHOLE_SCAN
    }

    fn apply(&self, image: &Image, context: &Context) -> Result<Vec<ResponseMap>, Error> {
        context.check_cancelled()?;
        let counted = self.reference.intensities(image)?;
        let moments = Moments::of(&counted).ok_or_else(|| Error::input("no intensity counts"))?;
        filtering::standardised(image, moments)
    }
}

voxomics_sdk::export_plugin! { vendor: "The Voxomics developers", filters: [ImageZScore] }

#[cfg(test)]
mod tests {
    use voxomics_sdk::testing::{self, TestHost, TestImage};

    use super::*;

    fn apply(json: &str, image: &TestImage) -> Result<Vec<f64>, Error> {
        let settings = testing::settings(&ImageZScore::describe(), json).expect("settings");
        let filter = ImageZScore::configure(&settings)?;
        let host = TestHost::new();
        image.with(|image| Ok(filter.apply(image, &host.context())?.remove(0).voxels))
    }

    #[test]
    fn each_image_has_its_own_mean() {
        let voxels = vec![0.0, 0.0, 10.0, 14.0, 99.0];
        let image = TestImage::new([5, 1, 1], voxels).region("muscle", vec![0, 0, 1, 1, 0]);
        // Mean 12, standard deviation 2.
        assert_eq!(apply(r#"{"region": "muscle"}"#, &image).expect("a map"), [-6.0, -6.0, -1.0, 1.0, 43.5]);
        // An affine change of the scanner's brightness changes nothing.
        let brighter: Vec<f64> = image.image().voxels().iter().map(|x| 3.0 * x + 40.0).collect();
        let brighter = TestImage::new([5, 1, 1], brighter).region("muscle", vec![0, 0, 1, 1, 0]);
        for json in [r#"{"region": "muscle"}"#, r#"{"over": "scan"}"#] {
            let (before, after) = (apply(json, &image).expect("a map"), apply(json, &brighter).expect("a map"));
            assert!(before.iter().zip(&after).all(|(a, b)| (a - b).abs() < 1e-12), "{json}: {before:?} {after:?}");
        }
    }

    #[test]
    fn a_flat_reference_divides_nothing() {
        let image = TestImage::new([3, 1, 1], vec![1.0, 4.0, 4.0]).region("muscle", vec![0, 1, 1]);
        for json in [r#"{"region": "muscle"}"#, "{}"] {
            let why = apply(json, &image).expect_err("it is flat").to_string();
            assert!(why.contains("nothing to divide by"), "{why}");
        }
    }
}
