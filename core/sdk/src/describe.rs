//! How a plugin describes itself.

mod card;
mod matrix;
mod setting;

pub use card::Card;
pub use setting::Setting;
use voxomics_interface::describe as wire;
use wire::Feature as WireFeature;
pub use wire::{Matrix, Needs};

/// What a plugin is: id, summary, settings and, for a family, features. Tables, help pages and reports are made from it.
///
/// ```
/// use voxomics_sdk::prelude::*;
///
/// let description = Description::new("hot-spot", "Voxels above a threshold")
///     .setting(Setting::number("threshold", "lowest intensity that counts").default(100.0))
///     .feature(
///         Feature::new("share", "Hot share").meaning("much of the region is hot").equation("|X > threshold| / |X|"),
///     )
///     .invariant(&Invariance::OF_SPACE);
/// // The checked settings of `[features.hot-spot]`, with no key set.
/// let settings = voxomics_sdk::testing::settings(&description, "{}").unwrap();
/// assert_eq!(settings.number("threshold"), Ok(100.0));
/// ```
#[derive(Debug, Clone)]
pub struct Description {
    pub(crate) plugin: wire::Plugin,
}

impl Description {
    /// A plugin with an id (lower case, hyphens; the key and column prefix by which users know it) and one line that
    /// says what it is.
    pub fn new(id: &str, summary: &str) -> Self {
        Self {
            plugin: wire::Plugin {
                // The macro that exports the plugin knows the kind and overwrites this.
                kind: wire::Kind::Features,
                id: id.into(),
                summary: summary.into(),
                settings: Vec::new(),
                features: Vec::new(),
                aggregations: Vec::new(),
                formats: Vec::new(),
                surveys: false,
                own_grid: false,
                trains: false,
                fits: false,
                maps: false,
                map_levels: false,
                invariant: Vec::new(),
                card: None,
                schema: None,
                requires: Vec::new(),
            },
        }
    }

    /// Adds a setting.
    pub fn setting(mut self, setting: Setting) -> Self {
        self.plugin.settings.push(setting.wire);
        self
    }

    /// Adds several settings.
    pub fn settings(self, settings: impl IntoIterator<Item = Setting>) -> Self {
        settings.into_iter().fold(self, Self::setting)
    }

    /// Adds a feature.
    pub fn feature<M>(mut self, feature: Feature<M>) -> Self {
        self.plugin.features.push(feature.wire);
        self
    }

    /// Adds several features.
    pub fn features<M>(mut self, features: impl IntoIterator<Item = Feature<M>>) -> Self {
        self.plugin.features.extend(features.into_iter().map(|feature| feature.wire));
        self
    }

    /// Offers IBSI's aggregations, the default first. The family is then configured once for each aggregation that the
    /// experiment asks for, and finds it in the setting `aggregation`.
    ///
    /// ```
    /// use voxomics_sdk::{prelude::*, testing::settings};
    ///
    /// let described = Description::new("specks", "Specks").aggregations(&["3D", "2.5D"]);
    /// assert_eq!(settings(&described, r#"{"aggregation": "2.5D"}"#).unwrap().text("aggregation"), Ok("2.5D"));
    /// assert!(settings(&described, r#"{"aggregation": "4D"}"#).is_err());
    /// ```
    pub fn aggregations(mut self, words: &[&str]) -> Self {
        self.plugin.aggregations = words.iter().map(|word| (*word).into()).collect();
        self
    }

    /// Names the formats that a loader reads.
    ///
    /// ```
    /// use voxomics_sdk::prelude::*;
    ///
    /// let described = Description::new("raw8", "Files of the laboratory's camera").formats(&["RAW8"]);
    /// ```
    pub fn formats(mut self, words: &[&str]) -> Self {
        self.plugin.formats = words.iter().map(|word| (*word).into()).collect();
        self
    }

    /// Says that a loader can tell what a folder holds without reading voxels.
    pub fn surveys(mut self) -> Self {
        self.plugin.surveys = true;
        self
    }

    /// Says that a loader's segmentations have a grid of their own. They are then asked for without the image's
    /// ([`LoadRequest::reference`](crate::LoadRequest::reference)), while the image is being read.
    pub fn own_grid(mut self) -> Self {
        self.plugin.own_grid = true;
        self
    }

    /// Says that a filter or a region maker is fitted on a cohort before it is applied. A program that cannot do that leaves
    /// it out by name.
    pub fn fits(mut self) -> Self {
        self.plugin.fits = true;
        self.plugin.requires.push(wire::FITS.into());
        self
    }

    /// Says that a family makes maps of its features itself ([`FeatureFamily::map`](crate::FeatureFamily::map)). The program makes
    /// the maps of every other family, from one call for each voxel.
    pub fn maps(mut self) -> Self {
        self.plugin.maps = true;
        self.plugin.map_levels = true;
        self
    }

    /// Claims that the values of a family stay what they are if a scan and its mask are changed like that, with its
    /// settings at their defaults.
    ///
    /// ```
    /// use voxomics_sdk::prelude::*;
    ///
    /// // A volume does not care how the body lies. The kit turns and mirrors it to see.
    /// let described = Description::new("volume", "Volume").invariant(&Invariance::OF_SPACE);
    /// ```
    pub fn invariant(mut self, under: &[Invariance]) -> Self {
        self.plugin.invariant = under.iter().map(|change| change.word().into()).collect();
        self
    }

    /// The model card of a predictor that brings its model with it.
    pub fn card(mut self, card: Card) -> Self {
        if card.wire.needs_licence {
            self.plugin.settings.push(Setting::licence().wire);
        }
        self.plugin.card = Some(card.wire);
        self
    }

    /// Says that a predictor can learn.
    pub fn trains(mut self) -> Self {
        self.plugin.trains = true;
        self
    }
}

/// What the values of a family need not depend on. They may differ in the last places, for sums are made in another order.
///
/// ```
/// use voxomics_sdk::prelude::*;
///
/// // A feature that looks at slices changes when the body is turned out of them.
/// let claimed = [Invariance::RotationInPlane, Invariance::Translation];
/// let described = Description::new("slices", "Slice by slice").invariant(&claimed);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Invariance {
    /// Scan and mask turned by right angles about any axis, with their spacing. With an aggregation in 2D or 2.5D, about the
    /// *z* axis only.
    Rotation,
    /// Turned by right angles about the *z* axis.
    RotationInPlane,
    /// Mirrored along any axis.
    Mirroring,
    /// Moved in space, or with more background around the region than the family needs.
    Translation,
}

impl Invariance {
    /// What holds of nearly every family whose arithmetic knows no direction.
    pub const OF_SPACE: [Self; 3] = [Self::Rotation, Self::Mirroring, Self::Translation];

    fn word(self) -> &'static str {
        match self {
            Self::Rotation => wire::invariant::ROTATION,
            Self::RotationInPlane => wire::invariant::ROTATION_IN_PLANE,
            Self::Mirroring => wire::invariant::MIRRORING,
            Self::Translation => wire::invariant::TRANSLATION,
        }
    }
}

/// A feature of a family.
///
/// A family whose features are all read from one thing that it measures of a region, an `M`, may say with
/// [`value`](Self::value) how, and have [`Values::of`](crate::Values::of) compute what it describes.
///
/// ```
/// use voxomics_sdk::prelude::*;
///
/// /// What is measured of a region.
/// struct Measured {
///     sum: f64,
///     count: usize,
/// }
///
/// fn features() -> [Feature<Measured>; 2] {
///     [
///         Feature::new("sum", "Sum").unit("intensity").value(|measured| Ok(measured.sum)),
///         Feature::new("mean", "Mean").unit("intensity").value(|Measured { sum, count }| match count {
///             0 => Err("the region has no voxel"),
///             count => Ok(sum / *count as f64),
///         }),
///     ]
/// }
///
/// let values = Values::of(&features(), Ok(&Measured { sum: 6.0, count: 3 }));
/// assert_eq!(
///     features()[1].mean(&[Measured { sum: 6.0, count: 3 }, Measured { sum: 4.0, count: 1 }], "no part"),
///     Ok(3.0)
/// );
/// ```
#[derive(Debug)]
pub struct Feature<M = ()> {
    pub(crate) wire: WireFeature,
    pub(crate) value: fn(&M) -> Result<f64, &'static str>,
}

impl Feature {
    /// A feature with an id (snake case) and a title; a pure number unless [`unit`](Self::unit) says otherwise.
    pub fn new(id: &str, title: &str) -> Self {
        let wire = WireFeature {
            id: id.into(),
            title: title.into(),
            ibsi: None,
            unit: "1".into(),
            meaning: String::new(),
            equation: String::new(),
        };
        Self { wire, value: |()| Err("the family does not say how the feature is computed") }
    }

    /// How the feature is found in what the family measures, or why it has no value there.
    pub fn value<M>(self, of: fn(&M) -> Result<f64, &'static str>) -> Feature<M> {
        Feature { wire: self.wire, value: of }
    }
}

impl<M> Feature<M> {
    /// Its id, by which values are given and columns are named.
    pub fn id(&self) -> &str {
        &self.wire.id
    }

    /// The mean of its values over what was measured of several matrices: undefined where it is so for one of them, and for the
    /// reason `none` if there are none.
    ///
    /// # Errors
    /// Why it is not defined.
    pub fn mean(&self, measured: &[M], none: &'static str) -> Result<f64, &'static str> {
        let sum: Result<f64, &'static str> = measured.iter().map(self.value).sum();
        sum.and_then(|sum| if measured.is_empty() { Err(none) } else { Ok(sum / measured.len() as f64) })
    }

    /// IBSI's code of the feature.
    pub fn ibsi(mut self, code: &str) -> Self {
        self.wire.ibsi = Some(code.into());
        self
    }

    /// The unit: `mm`, `mm^3`, `intensity` (that of the image), `1`, …
    pub fn unit(mut self, unit: &str) -> Self {
        self.wire.unit = unit.into();
        self
    }

    /// One line: what a large value means.
    pub fn meaning(mut self, line: &str) -> Self {
        self.wire.meaning = line.into();
        self
    }

    /// The equation, in plain characters.
    pub fn equation(mut self, text: &str) -> Self {
        self.wire.equation = text.into();
        self
    }
}

// Derived, it would ask for an `M` that can be cloned.
impl<M> Clone for Feature<M> {
    fn clone(&self) -> Self {
        Self { wire: self.wire.clone(), value: self.value }
    }
}
