//! Feature families.

use voxomics_interface::{
    OwnedArray,
    calls::{self, COMPUTE, MAP_FEATURES, MapFeatures, NEEDS, Reasons},
    codes,
};

use crate::{
    Context, Description, Error, Image, Needs, ResponseMap, Settings,
    block::{Block, by_neighbourhoods},
    door::{Door, Given, Made, no_method},
    region::{Matrix, MatrixSet, Region},
    values::{Value, Values},
};

/// Computes a family of features of a region.
///
/// The program asks for [`needs`](Self::needs) once, after an instance was configured. Then [`compute`](Self::compute) is called
/// for each region and each image of each case, for several at once ([the rules](crate#how-the-program-calls-a-plugin)). A family
/// that offers [aggregations](Description::aggregations) has an instance for each of them.
///
/// One that reads discretised levels says so, and finds them beside the intensities:
///
/// ```
/// use voxomics_sdk::prelude::*;
///
/// /// How much of a region has its lowest grey level.
/// struct Dark;
///
/// impl FeatureFamily for Dark {
///     fn describe() -> Description {
///         let share =
///             Feature::new("dark_share", "Dark share").meaning("much of the region is dark").equation("n1 / n");
///         Description::new("dark", "Voxels of the lowest grey level").feature(share)
///     }
///     fn configure(_: &Settings) -> Result<Self, Error> {
///         Ok(Self)
///     }
///     fn needs(&self) -> Needs {
///         Needs { levels: true, ..Needs::default() }
///     }
///     fn compute(&self, region: &Region, _: &Context) -> Result<Values, Error> {
///         // 0 lies outside of the intensity mask.
///         let inside = region.levels().iter().filter(|level| **level != 0);
///         let (dark, all) =
///             inside.fold((0.0, 0.0), |(dark, all), level| (dark + f64::from(u8::from(*level == 1)), all + 1.0));
///         let mut values = Values::new();
///         match all > 0.0 {
///             true => values.ok("dark_share", dark / all),
///             false => values.undefined("dark_share", "the region has no voxel"),
///         }
///         Ok(values)
///     }
/// }
///
/// use voxomics_sdk::testing::{TestHost, TestRegion, compute};
///
/// let region =
///     TestRegion::new([4, 1, 1], vec![7.0, 9.0, 8.0, 0.0]).mask(vec![1, 1, 1, 0]).levels(vec![1, 2, 1, 0], 2);
/// assert_eq!(compute(&Dark, &region, &TestHost::new()).unwrap()["dark_share"], Ok(2.0 / 3.0));
/// ```
///
/// [`Settings::matrix`] shows a family that reads texture matrices, and [`Block::each`] one that makes maps.
pub trait FeatureFamily: Send + Sync + Sized + 'static {
    /// Id, settings, features, aggregations.
    fn describe() -> Description;

    /// Makes an instance from checked settings, before any image is read.
    ///
    /// # Errors
    /// For settings that contradict each other.
    fn configure(settings: &Settings) -> Result<Self, Error>;

    /// What the instance needs beside image and masks. The host makes discretised levels and texture matrices once for
    /// all families that ask for the same.
    ///
    /// The answer may depend on the settings. A family that reads the image up to 5 mm around the region, and the mask of a
    /// liver:
    ///
    /// ```
    /// use voxomics_sdk::prelude::*;
    ///
    /// let needs = Needs { margin_mm: 5.0, regions: vec!["liver".into()], ..Needs::default() };
    /// assert!(!needs.levels && needs.matrices.is_empty());
    /// ```
    fn needs(&self) -> Needs {
        Needs::default()
    }

    /// Computes every feature that the description lists, once each.
    ///
    /// # Errors
    /// If the whole family cannot be computed. A single feature that is not defined for a region is a value with a
    /// reason, not an error.
    fn compute(&self, region: &Region, context: &Context) -> Result<Values, Error>;

    /// Features of the voxels of a block as maps, in the order in which the block asks for them: a value for each voxel for which
    /// one is wanted, from the neighbourhood around it, and NaN where there is none. Asked only of a family whose description
    /// says [`maps`](Description::maps). By default each neighbourhood is computed as a region; [`Block::each`] helps to be
    /// quicker.
    ///
    /// # Errors
    /// By default, if the family needs texture matrices: the program draws those where the description says nothing of maps.
    fn map(&self, block: &Block, context: &Context) -> Result<Vec<ResponseMap>, Error> {
        by_neighbourhoods(&self.needs(), block, context, &|region| self.compute(region, context))
    }
}

/// A family behind the door, and the ids of its features in the order of its description.
pub(crate) struct Behind<F> {
    family: F,
    features: Vec<String>,
}

impl<F: FeatureFamily> Behind<F> {
    pub(crate) fn new(family: F) -> Self {
        let features = F::describe().plugin.features.into_iter().map(|feature| feature.id).collect();
        Self { family, features }
    }

    fn compute(&self, given: &Given, context: &Context) -> Result<Made, Error> {
        let calls::Compute { level_count, matrices, unit, regions } = given.read()?;
        let (grid, voxels) = given.image()?;
        let count = voxels.len();
        let mut drawn = Vec::with_capacity(matrices.len());
        for (index, set) in matrices.iter().enumerate() {
            let from = given.exactly::<f64>(&format!("matrix.{index}.voxels"), set.count)?;
            let matrix = |(number, voxels): (usize, &f64)| {
                Ok(Matrix { cells: given.array(&format!("matrix.{index}.{number}"))?.0, voxels: *voxels })
            };
            drawn.push(from.iter().enumerate().map(matrix).collect::<Result<Vec<_>, Error>>()?);
        }
        let sets = matrices.iter().zip(&drawn);
        let sets: Vec<MatrixSet<'_>> =
            sets.map(|(set, drawn)| MatrixSet { level_count: set.level_count, matrices: drawn }).collect();
        let masks = given.masks(regions, count)?;
        let region = Region {
            image: Image::new(grid, voxels).seen(&unit, &masks),
            morphological_mask: given.exactly("morphological_mask", count)?,
            intensity_mask: given.exactly("intensity_mask", count)?,
            levels: if given.find("levels").is_some() { given.exactly("levels", count)? } else { &[] },
            level_count,
            matrices: &sets,
        };
        self.in_order(self.family.compute(&region, context)?.into_vec())
    }

    fn map(&self, given: &Given, context: &Context) -> Result<Made, Error> {
        let MapFeatures { features, radius, unit, level_count, distinct_levels } = given.read()?;
        if let Some(unknown) = features.iter().find(|id| !self.features.contains(id)) {
            return Err(Error::input(format!("there is no feature `{unknown}`")));
        }
        let (grid, voxels) = given.image()?;
        let radius = radius.map(|n| usize::try_from(n).unwrap_or(usize::MAX));
        let (count, mask) = (features.len(), given.exactly("mask", voxels.len())?);
        let wanted = if given.find("wanted").is_some() { given.exactly("wanted", voxels.len())? } else { mask };
        let levels = if given.find("levels").is_some() { given.exactly("levels", voxels.len())? } else { &[] };
        let image = Image::new(grid, voxels).seen(&unit, &[]);
        let block = Block { image, mask, wanted, levels, level_count, distinct_levels, features, radius };
        let maps = self.family.map(&block, context)?;
        if maps.len() != count || maps.iter().any(|map| map.voxels.len() != voxels.len()) {
            let sizes: Vec<usize> = maps.iter().map(|map| map.voxels.len()).collect();
            let message = format!("it gave maps of {sizes:?} voxels, expected {count} of {}", voxels.len());
            return Err(Error::broken(message));
        }
        let arrays = maps.into_iter().enumerate();
        let arrays = arrays.map(|(at, map)| OwnedArray::new(format!("map.{at}"), &grid.dims, map.voxels));
        Made::new(&serde_json::json!({}), arrays.collect())
    }

    /// The values in the order of the description: each feature once.
    fn in_order(&self, made: Vec<Value>) -> Result<Made, Error> {
        let mut ordered: Vec<Option<Value>> = self.features.iter().map(|_| None).collect();
        for value in made {
            let id = &value.feature;
            let Some(index) = self.features.iter().position(|feature| feature == id) else {
                return Err(Error::broken(format!("it gave a value for `{id}`, which it does not describe")));
            };
            if let Some(first) = ordered[index].replace(value) {
                return Err(Error::broken(format!("it gave two values for `{}`", first.feature)));
            }
        }
        let missing = self.features.iter().zip(&ordered).filter(|(_, value)| value.is_none());
        let missing: Vec<&str> = missing.map(|(feature, _)| feature.as_str()).collect();
        if !missing.is_empty() {
            let (described, names) = (self.features.len(), missing.join(", "));
            let given = described - missing.len();
            let message = format!("it gave {given} of the {described} features that it describes; missing: {names}");
            return Err(Error::broken(message));
        }
        let ordered: Vec<Value> = ordered.into_iter().flatten().collect();
        let values: Vec<f64> = ordered.iter().map(|value| value.value).collect();
        let status: Vec<u8> = ordered.iter().map(|value| value.status).collect();
        let undefined = ordered.into_iter().filter(|value| value.status != codes::STATUS_OK);
        let reasons = undefined.map(|value| (value.feature, value.reason.into())).collect();
        let dims = [values.len() as u64];
        let arrays = vec![OwnedArray::new("values", &dims, values), OwnedArray::new("status", &dims, status)];
        Made::new(&Reasons { reasons }, arrays)
    }
}

impl<F: FeatureFamily> Door for Behind<F> {
    fn call(&self, method: &str, given: &Given, context: &Context) -> Result<Made, Error> {
        match method {
            NEEDS => Made::new(&self.family.needs(), Vec::new()),
            COMPUTE => self.compute(given, context),
            MAP_FEATURES => self.map(given, context),
            other => Err(no_method("features", other)),
        }
    }
}
