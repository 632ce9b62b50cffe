//! The settings of a plugin, as it describes them.

use serde_json::Value as Json;
use voxomics_interface::describe::{self as wire, Takes};

/// A setting of a plugin. Without [`default`](Self::default) or [`required`](Self::required) it is optional.
///
/// ```
/// use voxomics_sdk::{prelude::*, testing::settings};
///
/// let described = || {
///     Description::new("x", "X").setting(Setting::number("sigma_mm", "scale").range(0.1, 50.0).unit("mm").required())
/// };
/// assert_eq!(settings(&described(), r#"{"sigma_mm": 2}"#).unwrap().number("sigma_mm"), Ok(2.0));
/// let wrong = settings(&described(), r#"{"sigma": 2}"#).unwrap_err();
/// assert_eq!(wrong[0].to_string(), "unknown setting `sigma`; did you mean `sigma_mm`?");
/// assert_eq!(wrong[1].to_string(), "`sigma_mm` is required: scale");
/// ```
#[derive(Debug, Clone)]
pub struct Setting {
    pub(super) wire: wire::Setting,
}

impl Setting {
    fn new(key: &str, purpose: &str, takes: Takes) -> Self {
        let wire = wire::Setting {
            key: key.into(),
            purpose: purpose.into(),
            unit: None,
            takes,
            default: None,
            required: false,
        };
        Self { wire }
    }

    /// A finite number.
    ///
    /// ```
    /// use voxomics_sdk::{prelude::*, testing::settings};
    ///
    /// let described = Description::new("x", "X")
    ///     .setting(Setting::number("threshold", "lowest intensity").unit("HU").default(100.0));
    /// assert_eq!(settings(&described, "{}").unwrap().number("threshold"), Ok(100.0));
    /// assert_eq!(settings(&described, r#"{"threshold": -5.5}"#).unwrap().number("threshold"), Ok(-5.5));
    /// ```
    pub fn number(key: &str, purpose: &str) -> Self {
        Self::new(key, purpose, Takes::Number { min: None, max: None })
    }

    /// A whole number from `min` to `max`.
    ///
    /// ```
    /// use voxomics_sdk::{prelude::*, testing::settings};
    ///
    /// let described =
    ///     Description::new("x", "X").setting(Setting::integer("bins", "number of bins", 2, 1000).default(32));
    /// let checked = settings(&described, "{}").unwrap();
    /// assert_eq!((checked.integer("bins"), checked.count("bins")), (Ok(32), Ok(32)));
    /// let wrong = settings(&described, r#"{"bins": 1}"#).unwrap_err();
    /// assert_eq!(wrong[0].to_string(), "`bins` is 1, expected a whole number from 2 to 1000");
    /// ```
    pub fn integer(key: &str, purpose: &str, min: i64, max: i64) -> Self {
        Self::new(key, purpose, Takes::Integer { min, max })
    }

    /// A list of finite numbers, of a fixed length or of any.
    ///
    /// ```
    /// use voxomics_sdk::{prelude::*, testing::settings};
    ///
    /// let described = Description::new("x", "X").setting(Setting::numbers("spacing_mm", "of the grid", Some(3)));
    /// assert_eq!(
    ///     settings(&described, r#"{"spacing_mm": [1, 1, 3]}"#).unwrap().numbers("spacing_mm"),
    ///     Ok(vec![1.0, 1.0, 3.0])
    /// );
    /// assert!(settings(&described, r#"{"spacing_mm": [1, 1]}"#).is_err());
    /// ```
    pub fn numbers(key: &str, purpose: &str, length: Option<usize>) -> Self {
        Self::new(key, purpose, Takes::Numbers { length })
    }

    /// True or false.
    ///
    /// ```
    /// use voxomics_sdk::{prelude::*, testing::settings};
    ///
    /// let described =
    ///     Description::new("x", "X").setting(Setting::flag("log", "whether logarithms are taken").default(false));
    /// assert_eq!(settings(&described, r#"{"log": true}"#).unwrap().flag("log"), Ok(true));
    /// ```
    pub fn flag(key: &str, purpose: &str) -> Self {
        Self::new(key, purpose, Takes::Flag)
    }

    /// One of several words.
    ///
    /// ```
    /// use voxomics_sdk::{prelude::*, testing::settings};
    ///
    /// let norm =
    ///     Setting::choice("norm", "how lengths are measured", &["Euclidean", "Manhattan"]).default("Euclidean");
    /// let described = Description::new("x", "X").setting(norm);
    /// assert_eq!(settings(&described, "{}").unwrap().text("norm"), Ok("Euclidean"));
    /// assert!(settings(&described, r#"{"norm": "Chebyshev"}"#).is_err());
    /// ```
    pub fn choice(key: &str, purpose: &str, words: &[&str]) -> Self {
        Self::new(key, purpose, Takes::Choice(words.iter().map(|word| (*word).into()).collect()))
    }

    /// Any text.
    ///
    /// ```
    /// use voxomics_sdk::{prelude::*, testing::settings};
    ///
    /// let described = Description::new("x", "X").setting(Setting::text("kernels", "names of kernels").required());
    /// assert_eq!(settings(&described, r#"{"kernels": "L5E5E5"}"#).unwrap().text("kernels"), Ok("L5E5E5"));
    /// ```
    pub fn text(key: &str, purpose: &str) -> Self {
        Self::new(key, purpose, Takes::Text)
    }

    /// A file; relative to the folder of the TOML. The plugin finds its absolute path.
    ///
    /// ```
    /// use std::path::Path;
    /// use voxomics_sdk::{prelude::*, testing::settings};
    ///
    /// let described = Description::new("x", "X").setting(Setting::file("model", "what was learnt"));
    /// let checked = settings(&described, r#"{"model": "/models/a.toml"}"#).unwrap();
    /// assert_eq!(checked.file("model"), Ok(Path::new("/models/a.toml")));
    /// // It is optional: there is no default, and it is not required.
    /// assert!(!settings(&described, "{}").unwrap().is_set("model"));
    /// ```
    pub fn file(key: &str, purpose: &str) -> Self {
        Self::new(key, purpose, Takes::File)
    }

    /// The licence file of a predictor whose card says that it needs one.
    pub(super) fn licence() -> Self {
        Self::file(wire::LICENCE, "the licence file, from whom the model card names")
    }

    /// The closed range of a number; of a whole number, the whole numbers in it, as far as the ends are given.
    ///
    /// ```
    /// use voxomics_sdk::{prelude::*, testing::settings};
    ///
    /// let described = || {
    ///     Description::new("x", "X")
    ///         .setting(Setting::number("share", "of the voxels").range(0.0, 1.0))
    ///         .setting(Setting::integer("count", "of the bins", 1, 1000).range(2.0, None))
    /// };
    /// assert!(settings(&described(), r#"{"share": 1, "count": 2}"#).is_ok());
    /// let wrong = settings(&described(), r#"{"share": 1.5, "count": 1}"#).unwrap_err();
    /// assert_eq!(wrong[0].to_string(), "`share` is 1.5, expected a number from 0 to 1");
    /// assert_eq!(wrong[1].to_string(), "`count` is 1, expected a whole number from 2 to 1000");
    /// // A whole number stays one.
    /// assert!(settings(&described(), r#"{"count": 2.5}"#).is_err());
    /// ```
    ///
    /// # Panics
    /// If the setting takes no number: a range would make it one.
    pub fn range(mut self, min: impl Into<Option<f64>>, max: impl Into<Option<f64>>) -> Self {
        let (lower, upper) = (min.into(), max.into());
        match &mut self.wire.takes {
            Takes::Number { min, max } => (*min, *max) = (lower, upper),
            Takes::Integer { min, max } => {
                *min = lower.map_or(*min, |lower| lower.ceil() as i64);
                *max = upper.map_or(*max, |upper| upper.floor() as i64);
            }
            other => panic!("`{}` takes {other:?}, and a range is one of a number", self.wire.key),
        }
        self
    }

    /// The unit of its numbers, as help and messages show it: `mm`, `HU`, `voxel`.
    pub fn unit(mut self, unit: &str) -> Self {
        self.wire.unit = Some(unit.into());
        self
    }

    /// The value if the key is left out.
    pub fn default(mut self, value: impl Into<Json>) -> Self {
        self.wire.default = Some(value.into());
        self
    }

    /// The key must be there.
    pub fn required(mut self) -> Self {
        self.wire.required = true;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_number_with_a_range_stays_one() {
        let takes =
            |min: Option<f64>, max: Option<f64>| Setting::integer("n", "a count", 1, 9).range(min, max).wire.takes;
        assert_eq!(takes(Some(1.5), Some(4.5)), Takes::Integer { min: 2, max: 4 });
        assert_eq!(takes(None, Some(4.0)), Takes::Integer { min: 1, max: 4 });
    }

    #[test]
    #[should_panic(expected = "`log` takes Flag, and a range is one of a number")]
    fn what_is_no_number_has_no_range() {
        Setting::flag("log", "whether logarithms are taken").range(0.0, 1.0);
    }
}
