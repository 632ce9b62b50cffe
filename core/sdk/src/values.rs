//! The values of a family's features.

use voxomics_interface::codes;

use crate::Feature;

/// The values of a family's features: each feature once, as a finite number or as the reason why there is none.
///
/// ```
/// use voxomics_sdk::prelude::*;
///
/// let mut values = Values::new();
/// values.ok("mean", 42.5);
/// values.undefined("skewness", "the region is flat");
/// // Either of them, from a result.
/// values.set("energy", Ok::<f64, &str>(1806.25));
/// ```
#[derive(Debug, Clone, Default)]
pub struct Values {
    values: Vec<Value>,
}

/// The value of a feature.
#[derive(Debug, Clone)]
pub(crate) struct Value {
    pub feature: String,
    pub value: f64,
    pub status: u8,
    pub reason: String,
}

impl Values {
    /// No values yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The value of each feature: what [`Feature::value`] finds in what was measured of a region, or the reason why nothing
    /// could be measured.
    ///
    /// [`Feature`] has an example.
    pub fn of<'a, M: 'a>(
        features: impl IntoIterator<Item = &'a Feature<M>>,
        measured: Result<&M, &'static str>,
    ) -> Self {
        let mut values = Self::new();
        for feature in features {
            values.set(&feature.wire.id, measured.and_then(feature.value));
        }
        values
    }

    /// The mean of each feature over what was measured of several matrices: undefined where it is so for one of them, and
    /// for the reason `none` if there are none.
    ///
    /// ```
    /// use voxomics_sdk::prelude::*;
    ///
    /// let features = [Feature::new("size", "Size").value(|size: &f64| Ok(*size))];
    /// // The mean of two slices; and what a region says that has none.
    /// let (both, none) = (Values::mean(&features, &[1.0, 3.0], "no slice"), Values::mean(&features, &[], "no slice"));
    /// assert_eq!((features[0].mean(&[1.0, 3.0], ""), features[0].mean(&[], "no slice")), (Ok(2.0), Err("no slice")));
    /// ```
    pub fn mean<'a, M: 'a>(
        features: impl IntoIterator<Item = &'a Feature<M>>,
        measured: &[M],
        none: &'static str,
    ) -> Self {
        let mut values = Self::new();
        for feature in features {
            values.set(&feature.wire.id, feature.mean(measured, none));
        }
        values
    }

    /// Makes a value undefined that is no finite number, and says that it exceeds the range of numbers: for a family whose
    /// input is finite, and whose sums and powers of large intensities may be beyond it.
    ///
    /// ```
    /// use voxomics_sdk::prelude::*;
    ///
    /// let mut values = Values::new();
    /// values.ok("energy", 1e200 * 1e200);
    /// // Infinity would be refused by the program. Now the feature has no value, and a reason.
    /// let values = values.finite();
    /// ```
    pub fn finite(mut self) -> Self {
        for value in self.values.iter_mut().filter(|value| !value.value.is_finite()) {
            (value.value, value.status) = (0.0, codes::STATUS_UNDEFINED);
            value.reason = "the value exceeds the range of 64-bit numbers".into();
        }
        self
    }

    /// Adds a value. A NaN or an infinity is not a value: the host refuses it; say [`undefined`](Self::undefined).
    pub fn ok(&mut self, feature: &str, value: f64) {
        self.push(feature, value, codes::STATUS_OK, "");
    }

    /// Says why a feature has no value for this region.
    pub fn undefined(&mut self, feature: &str, reason: &str) {
        self.push(feature, 0.0, codes::STATUS_UNDEFINED, reason);
    }

    /// Adds a value, or the reason why there is none.
    pub fn set(&mut self, feature: &str, value: Result<f64, impl AsRef<str>>) {
        match value {
            Ok(value) => self.ok(feature, value),
            Err(reason) => self.undefined(feature, reason.as_ref()),
        }
    }

    pub(crate) fn into_vec(self) -> Vec<Value> {
        self.values
    }

    fn push(&mut self, feature: &str, value: f64, status: u8, reason: &str) {
        self.values.push(Value { feature: feature.into(), value, status, reason: reason.into() });
    }
}
