//! Unit tests of a plugin without a host: settings from JSON, a serial host that remembers what it was told, images and
//! regions from plain arrays.
//!
//! ```
//! use voxomics_sdk::{
//!     prelude::*,
//!     testing::{self, TestHost, TestRegion},
//! };
//! # struct Hot { threshold: f64 }
//! # impl FeatureFamily for Hot {
//! #     fn describe() -> Description {
//! #         Description::new("hot", "Voxels above a threshold")
//! #             .setting(Setting::number("threshold", "lowest intensity that counts").default(100.0))
//! #             .feature(Feature::new("hot_mean", "Hot mean"))
//! #     }
//! #     fn configure(settings: &Settings) -> Result<Self, Error> {
//! #         Ok(Self { threshold: settings.number("threshold")? })
//! #     }
//! #     fn compute(&self, region: &Region, _: &Context) -> Result<Values, Error> {
//! #         let hot: Vec<f64> = region.intensities().filter(|x| *x > self.threshold).collect();
//! #         let mut values = Values::new();
//! #         match hot.len() {
//! #             0 => values.undefined("hot_mean", "no voxel is above the threshold"),
//! #             n => values.ok("hot_mean", hot.iter().sum::<f64>() / n as f64),
//! #         }
//! #         Ok(values)
//! #     }
//! # }
//!
//! // The family `Hot` of this crate's first page.
//! let settings = testing::settings(&Hot::describe(), r#"{"threshold": 10}"#).unwrap();
//! let hot = Hot::configure(&settings).unwrap();
//! let region = TestRegion::new([2, 2, 1], vec![5.0, 20.0, 40.0, 1000.0]).mask(vec![1, 1, 1, 0]);
//! let values = testing::compute(&hot, &region, &TestHost::new()).unwrap();
//! assert_eq!(values["hot_mean"], Ok(30.0));
//!
//! assert!(testing::settings(&Hot::describe(), r#"{"treshold": 10}"#).is_err());
//! ```

mod case;
mod folder;
mod host;
mod image;
mod learner;
mod region;
pub mod rows;
pub mod stored;
mod table;
pub mod texture;

pub use case::{TestCase, export};
pub use folder::TestFolder;
pub use host::{LogLevel, TestHost};
pub use image::TestImage;
pub use learner::learner;
pub use region::TestRegion;
pub use table::{TestTable, fit};

use std::collections::BTreeMap;

use voxomics_interface::codes;

use crate::{Block, Description, Error, FeatureFamily, Filter, RegionMaker, ResponseMap, Settings};

/// Settings as the host would give them: checked against a description, defaults filled in.
///
/// ```
/// use voxomics_sdk::{prelude::*, testing::settings};
///
/// let described =
///     Description::new("x", "X").setting(Setting::flag("log", "whether logarithms are taken").default(false));
/// assert_eq!(settings(&described, "{}").unwrap().flag("log"), Ok(false));
/// assert_eq!(settings(&described, r#"{"log": 1}"#).unwrap_err()[0].to_string(), "`log` is 1, expected true or false");
/// ```
///
/// # Errors
/// Everything that is wrong, key by key.
pub fn settings(description: &Description, json: &str) -> Result<Settings, Vec<Error>> {
    Settings::check_text(&description.plugin, json)
}

/// The same settings with what was fitted on a cohort, as the host hands it over.
///
/// [`Filter`] has an example.
pub fn with_state(settings: Settings, state: Option<&str>) -> Settings {
    settings.with_state(state.map(str::to_owned))
}

/// Every feature by id: its value, or the reason why it has none.
pub type Computed = BTreeMap<String, Result<f64, String>>;

/// Computes a region's features.
///
/// [`FeatureFamily`] has an example.
///
/// # Errors
/// The family's.
///
/// # Panics
/// If the family breaks its word: if it asks for levels or matrices that the region does not have, or does not return
/// each feature that it describes exactly once, describes one twice, or returns a NaN or an infinity.
pub fn compute<F: FeatureFamily>(family: &F, region: &TestRegion, host: &TestHost) -> Result<Computed, Error> {
    region.check(&family.needs());
    let values = region.with(|region| family.compute(region, &host.context()))?.into_vec();
    let mut computed = Computed::new();
    for value in values {
        let outcome = match value.status {
            codes::STATUS_OK => Ok(value.value),
            _ => Err(value.reason),
        };
        let id = value.feature;
        assert!(outcome.as_ref().map_or(true, |x| x.is_finite()), "`{id}` is {}", value.value);
        assert!(!computed.contains_key(&id), "`{id}` was returned twice");
        computed.insert(id, outcome);
    }
    let described: Vec<String> = described::<F>().into_iter().map(|(id, _)| id).collect();
    for (at, id) in described.iter().enumerate() {
        assert!(computed.contains_key(id), "`{id}` is described but was not returned");
        assert!(!described[..at].contains(id), "`{id}` is described twice");
    }
    for id in computed.keys() {
        assert!(described.contains(id), "`{id}` was returned but is not described");
    }
    Ok(computed)
}

/// The features that a family describes, in its order: each one's id, and IBSI's code or nothing.
///
/// ```
/// use voxomics_sdk::{prelude::*, testing::described};
///
/// struct Volume;
/// impl FeatureFamily for Volume {
///     fn describe() -> Description {
///         Description::new("volume", "Volume")
///             .feature(Feature::new("volume", "Volume (voxel counting)").ibsi("YEKZ").unit("mm^3"))
///     }
///     fn configure(_: &Settings) -> Result<Self, Error> {
///         Ok(Self)
///     }
///     fn compute(&self, region: &Region, _: &Context) -> Result<Values, Error> {
///         let voxels = region.morphological_mask().iter().filter(|inside| **inside != 0).count() as f64;
///         let mut values = Values::new();
///         values.ok("volume", voxels * region.spacing().iter().product::<f64>());
///         Ok(values)
///     }
/// }
/// assert_eq!(described::<Volume>(), [("volume".to_owned(), "YEKZ".to_owned())]);
///
/// // The manual has 592 mm³ for the digital phantom, 74 voxels of 8 mm³.
/// use voxomics_sdk::testing::{TestHost, TestRegion, assert_manual, compute};
/// let computed = compute(&Volume, &TestRegion::phantom(), &TestHost::new()).unwrap();
/// assert_manual::<Volume>(&computed, &[("YEKZ", 592.0)], "the digital phantom");
/// ```
pub fn described<F: FeatureFamily>() -> Vec<(String, String)> {
    let features = F::describe().plugin.features.into_iter();
    features.map(|feature| (feature.id, feature.ibsi.unwrap_or_default())).collect()
}

/// Compares a region's features with a manual's values, to three digits: each feature in the order of its description by
/// its IBSI code. `what` says of what the values are.
///
/// [`described`] has an example.
///
/// # Panics
/// If a value differs, or if the features are not those described.
pub fn assert_manual<F: FeatureFamily>(computed: &Computed, manual: &[(&str, f64)], what: &str) {
    let described = described::<F>();
    let codes: Vec<&str> = described.iter().map(|(_, code)| code.as_str()).collect();
    assert_eq!(codes, manual.iter().map(|(code, _)| *code).collect::<Vec<_>>(), "the features described");
    for ((id, _), (_, expected)) in described.iter().zip(manual) {
        assert_eq!(computed[id].clone().map(three_digits), Ok(*expected), "{id}, {what}");
    }
}

/// A value rounded to three digits, as manuals give them.
///
/// ```
/// assert_eq!(voxomics_sdk::testing::three_digits(2.1495), 2.15);
/// ```
pub fn three_digits(value: f64) -> f64 {
    format!("{value:.2e}").parse().expect("a formatted number")
}

/// Filters an image.
///
/// [`Filter`] has an example.
///
/// # Errors
/// The filter's.
///
/// # Panics
/// If the filter breaks its word: if its maps have not the names that it announces, or not the image's number of voxels.
pub fn apply<F: Filter>(filter: &F, image: &TestImage, host: &TestHost) -> Result<Vec<ResponseMap>, Error> {
    let maps = filter.apply(&image.image(), &host.context())?;
    let names: Vec<&str> = maps.iter().map(|map| map.name.as_str()).collect();
    assert_eq!(names, filter.maps(), "the maps returned and the maps announced");
    let voxels = image.image().voxels().len();
    for map in &maps {
        assert_eq!(map.voxels.len(), voxels, "the voxels of the map \"{}\" and of the image", map.name);
    }
    Ok(maps)
}

/// The maps of all features that a family describes, in its order: of the voxels of `mask`, from the neighbourhood of so many
/// voxels around each. [`Block::each`](crate::Block::each) has an example.
///
/// # Errors
/// The family's.
///
/// # Panics
/// If the mask has not the image's number of voxels, or the family breaks its word: if its maps are not those of its features, or
/// have not the image's number of voxels.
pub fn map<F: FeatureFamily>(
    family: &F,
    image: &TestImage,
    mask: &[u8],
    radius: [usize; 3],
    host: &TestHost,
) -> Result<Vec<ResponseMap>, Error> {
    let (image, features) = (image.image(), described::<F>().into_iter().map(|(id, _)| id).collect::<Vec<_>>());
    assert_eq!(mask.len(), image.voxels().len(), "the voxels of the mask and of the image");
    let (wanted, levels, names) = (mask, &[][..], features.clone());
    let block = Block { image, mask, wanted, levels, level_count: 0, distinct_levels: 0, features, radius };
    let maps = family.map(&block, &host.context())?;
    assert_eq!(maps.iter().map(|map| &map.name).collect::<Vec<_>>(), names.iter().collect::<Vec<_>>(), "the maps");
    assert!(maps.iter().all(|map| map.voxels.len() == mask.len()), "the voxels of each map and of the image");
    Ok(maps)
}

/// Makes the regions of an image.
///
/// [`RegionMaker`] has an example.
///
/// # Errors
/// The region maker's.
///
/// # Panics
/// If the region maker breaks its word: if there is not a label for each voxel, or a label is none of those that it announces.
pub fn make<R: RegionMaker>(maker: &R, image: &TestImage, host: &TestHost) -> Result<Vec<u16>, Error> {
    let labels = image.with(|image| maker.make(image, &host.context()))?;
    assert_eq!(labels.len(), image.image().voxels().len(), "the labels returned and the voxels of the image");
    let announced = maker.labels();
    let stray = labels.iter().find(|label| **label != 0 && announced.iter().all(|(known, _)| known != *label));
    assert_eq!(stray, None, "the labels returned are among those announced");
    Ok(labels)
}

#[cfg(test)]
mod tests;
