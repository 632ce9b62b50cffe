//! The settings of a texture matrix: how they are described, and the matrix that they make.

use super::{Matrix, Setting};
use crate::{Error, Settings};

const NORMS: [&str; 3] = ["Chebyshev", "Euclidean", "Manhattan"];

impl Setting {
    /// The setting `distance` of a texture matrix: how far neighbours lie from each other.
    pub fn distance() -> Self {
        Self::integer("distance", "distance of neighbours", 1, 1000).unit("voxel").default(1)
    }

    /// The setting `norm` of a texture matrix: how distances are measured, in the words of `purpose`.
    pub fn norm(purpose: &str) -> Self {
        Self::choice("norm", purpose, &NORMS).default("Chebyshev")
    }

    /// The settings `weighting` and `weighting_norm` of a texture matrix that is drawn along directions.
    pub fn weighting() -> [Self; 2] {
        let weighting = "weight of a direction by its length d in voxels, \"inverse\" 1/d or \"gaussian\" exp(-d^2); \
                         for aggregations that merge directions, as IBSI has it, and for no others";
        let norm = "norm in which that length is measured, whatever the norm by which neighbours are found; must tell \
                    the directions apart";
        [
            Self::choice("weighting", weighting, &["none", "inverse", "gaussian"]).default("none"),
            Self::choice("weighting_norm", norm, &NORMS).default("Euclidean"),
        ]
    }

    /// The setting `coarseness` of a matrix of dependences.
    pub fn coarseness() -> Self {
        let purpose = "largest difference of levels that counts as dependent, IBSI's alpha";
        Self::integer("coarseness", purpose, 0, 65_535).unit("level").default(0)
    }
}

impl Settings {
    /// The texture matrix that the settings ask for: `aggregation`, which a family has that offers
    /// [`aggregations`](crate::Description::aggregations), and those of `distance`, `norm`, `weighting`, `weighting_norm` and
    /// `coarseness` that it describes; [`Matrix::new`] says what the others are.
    ///
    /// A whole family of a laboratory's own:
    ///
    /// ```
    /// use voxomics_sdk::prelude::*;
    ///
    /// /// What is counted in a matrix of zones.
    /// #[derive(Default)]
    /// struct Zones {
    ///     all: f64,
    ///     single: f64,
    /// }
    ///
    /// fn features() -> [Feature<Zones>; 2] {
    ///     [
    ///         Feature::new("zones", "Number of zones").value(|zones| Ok(zones.all)),
    ///         Feature::new("single", "Share of zones of one voxel").value(|zones| Ok(zones.single / zones.all)),
    ///     ]
    /// }
    ///
    /// struct Specks {
    ///     matrix: Matrix,
    /// }
    ///
    /// impl FeatureFamily for Specks {
    ///     fn describe() -> Description {
    ///         Description::new("specks", "Specks").aggregations(&["3D", "2.5D"]).features(features())
    ///     }
    ///     fn configure(settings: &Settings) -> Result<Self, Error> {
    ///         Ok(Self { matrix: settings.matrix("glszm")? })
    ///     }
    ///     fn needs(&self) -> Needs {
    ///         Needs { matrices: vec![self.matrix.clone()], ..Needs::default() }
    ///     }
    ///     fn compute(&self, region: &Region, _: &Context) -> Result<Values, Error> {
    ///         // "3D" and "2.5D" leave one matrix, and none if there is no zone.
    ///         let mut zones = None;
    ///         for (_, size, count) in region.matrix_set(0).matrices().flat_map(|matrix| matrix.triples()) {
    ///             let zones = zones.get_or_insert_with(Zones::default);
    ///             zones.all += count;
    ///             zones.single += if size == 1 { count } else { 0.0 };
    ///         }
    ///         Ok(Values::of(&features(), zones.as_ref().ok_or("the region holds no zone")))
    ///     }
    /// }
    ///
    /// use voxomics_sdk::testing::{TestHost, TestRegion, compute, settings};
    ///
    /// let specks = Specks::configure(&settings(&Specks::describe(), r#"{"aggregation": "3D"}"#).unwrap()).unwrap();
    /// let region = TestRegion::new([3, 1, 1], vec![1.0, 1.0, 2.0]);
    /// let drawn = region.clone().matrix_set(2, [(3.0, vec![(1, 2, 1.0), (2, 1, 1.0)])]);
    /// assert_eq!(compute(&specks, &drawn, &TestHost::new()).unwrap()["single"], Ok(0.5));
    /// let empty = region.matrix_set(0, []);
    /// assert_eq!(compute(&specks, &empty, &TestHost::new()).unwrap()["zones"], Err("the region holds no zone".into()));
    /// ```
    ///
    /// # Errors
    /// If the description offers no aggregations, or lists one of these keys as something else.
    pub fn matrix(&self, kind: &str) -> Result<Matrix, Error> {
        let mut matrix = Matrix::new(kind, self.text("aggregation")?);
        let number = |key: &str| {
            let number = self.count(key)?;
            u32::try_from(number).map_err(|_| Error::setting(key, format!("`{key}` is {number}, which is too large")))
        };
        if self.is_set("distance") {
            matrix.distance = number("distance")?;
        }
        if self.is_set("norm") {
            matrix.norm = self.text("norm")?.into();
        }
        if self.is_set("weighting") {
            matrix.weighting = self.text("weighting")?.into();
        }
        if self.is_set("weighting_norm") {
            matrix.weighting_norm = Some(self.text("weighting_norm")?.into());
        }
        if self.is_set("coarseness") {
            matrix.coarseness = number("coarseness")?;
        }
        Ok(matrix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Description, testing::settings};

    fn matrix(description: Description, json: &str) -> Result<Matrix, Error> {
        settings(&description.aggregations(&["3D"]), json).expect("the settings are right").matrix("ngldm")
    }

    #[test]
    fn every_setting_that_is_described_reaches_the_matrix() {
        let described = || {
            Description::new("x", "X")
                .setting(Setting::distance())
                .setting(Setting::norm("a length"))
                .settings(Setting::weighting())
                .setting(Setting::coarseness())
        };
        let plain = Matrix::new("ngldm", "3D");
        assert_eq!(matrix(Description::new("x", "X"), "{}"), Ok(plain.clone()));
        assert_eq!(matrix(described(), "{}"), Ok(plain), "the defaults of the settings are those of a matrix");
        let json = r#"{"distance": 2, "norm": "Manhattan", "weighting": "inverse", "weighting_norm": "Chebyshev",
                       "coarseness": 3}"#;
        let expected = Matrix {
            kind: "ngldm".into(),
            aggregation: "3D".into(),
            distance: 2,
            norm: "Manhattan".into(),
            weighting: "inverse".into(),
            weighting_norm: Some("Chebyshev".into()),
            coarseness: 3,
        };
        assert_eq!(matrix(described(), json), Ok(expected));
    }

    #[test]
    fn a_key_that_means_something_else_is_refused() {
        let wrong =
            matrix(Description::new("x", "X").setting(Setting::number("distance", "mm")), r#"{"distance": 0.5}"#);
        assert_eq!(wrong.map_err(|error| error.key().to_owned()), Err("distance".into()));
    }

    #[test]
    fn without_aggregations_there_is_no_matrix() {
        let checked = settings(&Description::new("x", "X"), "{}").expect("the settings are right");
        assert!(checked.matrix("glcm").is_err());
    }
}
