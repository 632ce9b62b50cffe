//! The voxels that the scale of an image is taken from.

use crate::{Error, Image, Setting, Settings};

/// Key of the setting that names a region. The program knows it: it lends this region to a filter that sees regions, also one
/// of which no features are computed, and it is part of what a model depends on.
const REGION: &str = "region";

/// The voxels of an image that its intensities are measured by.
///
/// ```
/// use voxomics_sdk::{
///     filtering::Reference,
///     prelude::*,
///     testing::{TestImage, settings},
/// };
///
/// let described = Description::new("x", "X").settings(Reference::settings());
/// let reference = Reference::read(&settings(&described, r#"{"region": "muscle"}"#).unwrap()).unwrap();
/// let image = TestImage::new([3, 1, 1], vec![1.0, 2.0, 9.0]).region("muscle", vec![1, 1, 0]);
/// assert_eq!(image.with(|image| reference.intensities(image)), Ok(vec![1.0, 2.0]));
/// // The mean of the scan is 4.
/// assert_eq!(Reference::Body.intensities(&image.image()), Ok(vec![9.0]));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reference {
    /// Those that are brighter than the mean of the scan, as Nyúl and Udupa (IEEE Trans. Med. Imaging 19:143, 2000) part body
    /// and background.
    Body,
    /// All of them.
    Scan,
    /// Those of a region.
    Region(String),
}

impl Reference {
    /// The settings that say which.
    pub fn settings() -> [Setting; 2] {
        [
            Setting::choice(
                "over",
                "the voxels that count: those brighter than the mean of the scan, all, or those of `region`",
                &["body", "scan", REGION],
            ),
            Setting::text(REGION, "the region whose voxels count, such as one of muscle or of white matter"),
        ]
    }

    /// What [`settings`](Self::settings) say: the region if one is named, the body if nothing is said.
    ///
    /// # Errors
    /// If they contradict each other, or the description lacks them.
    pub fn read(settings: &Settings) -> Result<Self, Error> {
        let over = if settings.is_set("over") { Some(settings.text("over")?) } else { None };
        let region = if settings.is_set(REGION) { Some(settings.text(REGION)?) } else { None };
        match (over, region) {
            (Some(REGION) | None, Some(region)) => Ok(Self::Region(region.to_owned())),
            (Some(REGION), None) => {
                Err(Error::setting("over", "`over` is \"region\", but no region is named: add `region`"))
            }
            (Some(over), Some(region)) => Err(Error::setting(
                "over",
                format!("`over` is \"{over}\", and `region` names \"{region}\": take one of them away"),
            )),
            (Some("scan"), None) => Ok(Self::Scan),
            (_, None) => Ok(Self::Body),
        }
    }

    /// Whether it is a region.
    pub fn is_region(&self) -> bool {
        matches!(self, Self::Region(_))
    }

    /// The intensities that count, in the order of the voxels, without those that are no numbers. Of body and scan, the image must
    /// be the whole scan ([`WHOLE_SCAN`](crate::WHOLE_SCAN)).
    ///
    /// # Errors
    /// If there is no such region, or no voxel counts.
    pub fn intensities(&self, image: &Image) -> Result<Vec<f64>, Error> {
        let finite = || image.voxels().iter().copied().filter(|x| x.is_finite());
        let found: Vec<f64> = match self {
            Self::Scan => finite().collect(),
            Self::Body => {
                let count = finite().count() as f64;
                let mean = finite().sum::<f64>() / count;
                finite().filter(|x| *x > mean).collect()
            }
            Self::Region(name) => {
                let mask = image.region(name).ok_or_else(|| {
                    let known: Vec<&str> = image.regions().map(|(name, _)| name).collect();
                    let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
                    Error::input(format!("the image has no region `{name}`; there is: {known}"))
                })?;
                let inside = image.voxels().iter().zip(mask).filter(|(x, inside)| **inside != 0 && x.is_finite());
                inside.map(|(x, _)| *x).collect()
            }
        };
        match (found.is_empty(), self) {
            (false, _) => Ok(found),
            (true, Self::Region(name)) => {
                Err(Error::input(format!("the region `{name}` has no voxel with an intensity")))
            }
            (true, Self::Body) => Err(Error::input("no voxel is brighter than the mean of the scan: the scan is flat")),
            (true, Self::Scan) => Err(Error::input("the scan has no voxel with an intensity")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Description,
        testing::{self, TestImage},
    };

    fn read(json: &str) -> Result<Reference, String> {
        let description = Description::new("x", "X").settings(Reference::settings());
        let settings = testing::settings(&description, json).expect("settings");
        Reference::read(&settings).map_err(|error| error.to_string())
    }

    #[test]
    fn settings_name_one_reference() {
        assert_eq!(read("{}"), Ok(Reference::Body));
        assert_eq!(read(r#"{"over": "scan"}"#), Ok(Reference::Scan));
        for json in [r#"{"region": "muscle"}"#, r#"{"over": "region", "region": "muscle"}"#] {
            assert_eq!(read(json), Ok(Reference::Region("muscle".into())));
        }
        assert!(read(r#"{"over": "region"}"#).is_err_and(|why| why.contains("add `region`")));
        assert!(
            read(r#"{"over": "scan", "region": "muscle"}"#).is_err_and(|why| why.contains("take one of them away"))
        );
    }

    #[test]
    fn what_is_no_number_does_not_count() {
        let voxels = vec![1.0, f64::NAN, 3.0, 11.0, f64::INFINITY, 5.0];
        let image = TestImage::new([6, 1, 1], voxels).region("muscle", vec![1, 1, 0, 1, 0, 0]);
        let intensities = |reference: Reference| image.with(|image| reference.intensities(image));
        assert_eq!(intensities(Reference::Scan).expect("some"), [1.0, 3.0, 11.0, 5.0]);
        assert_eq!(intensities(Reference::Body).expect("some"), [11.0], "the mean is 5");
        assert_eq!(intensities(Reference::Region("muscle".into())).expect("some"), [1.0, 11.0]);
        let missing = intensities(Reference::Region("liver".into())).expect_err("there is none");
        assert!(missing.to_string().contains("no region `liver`; there is: muscle"), "{missing}");
        let flat = TestImage::new([2, 1, 1], vec![4.0; 2]);
        assert!(flat.with(|image| Reference::Body.intensities(image)).is_err());
    }
}
