//! Feature families.

use ndarray::ArrayView3;
use voxomics_interface::{
    Cell, OwnedArray,
    calls::{self, COMPUTE, MAP_FEATURES, MapFeatures, NEEDS, Reasons},
    codes,
};

use crate::{
    Context, Description, Error, Feature, Grid, Image, Needs, ResponseMap, Settings,
    block::{Block, by_neighbourhoods},
    door::{Door, Given, Made, no_method},
    filter::view,
};

/// Computes a family of features of a region.
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
        by_neighbourhoods(self, block, context)
    }
}

/// A region of an image, ready for features. Every array is the host's memory, in the box around the region.
pub struct Region<'a> {
    pub(crate) image: Image<'a>,
    pub(crate) morphological_mask: &'a [u8],
    pub(crate) intensity_mask: &'a [u8],
    pub(crate) levels: &'a [u16],
    pub(crate) level_count: u32,
    pub(crate) matrices: &'a [MatrixSet<'a>],
}

impl<'a> Region<'a> {
    /// Where the voxels are.
    pub fn grid(&self) -> &Grid {
        self.image.grid()
    }

    /// Number of voxels of the box along *x*, *y*, *z*.
    pub fn dims(&self) -> [usize; 3] {
        self.grid().dims.map(|n| n as usize)
    }

    /// Distance between neighbouring centres, mm.
    pub fn spacing(&self) -> [f64; 3] {
        self.grid().spacing
    }

    /// The image, or the response map.
    pub fn image(&self) -> Image<'a> {
        self.image
    }

    /// The morphological mask (1 inside), *x* fastest.
    pub fn morphological_mask(&self) -> &'a [u8] {
        self.morphological_mask
    }

    /// The morphological mask by index `[x, y, z]`.
    pub fn morphological_view(&self) -> ArrayView3<'a, u8> {
        view(self.dims(), self.morphological_mask())
    }

    /// The intensity mask (1 inside, after re-segmentation), *x* fastest.
    pub fn intensity_mask(&self) -> &'a [u8] {
        self.intensity_mask
    }

    /// The intensity mask by index `[x, y, z]`.
    pub fn intensity_view(&self) -> ArrayView3<'a, u8> {
        view(self.dims(), self.intensity_mask())
    }

    /// The intensities inside the intensity mask, *x* fastest.
    pub fn intensities(&self) -> impl Iterator<Item = f64> + use<'a> {
        let mask = self.intensity_mask;
        let voxels = self.image.voxels();
        mask.iter().zip(voxels).filter(|(inside, _)| **inside != 0).map(|(_, x)| *x)
    }

    /// The discretised levels, 1 … [`level_count`](Self::level_count) inside the intensity mask and 0 outside, *x*
    /// fastest; empty unless [`FeatureFamily::needs`] asks for levels.
    pub fn levels(&self) -> &'a [u16] {
        self.levels
    }

    /// The discretised levels by index `[x, y, z]`.
    ///
    /// # Panics
    /// If [`FeatureFamily::needs`] does not ask for levels.
    pub fn levels_view(&self) -> ArrayView3<'a, u16> {
        view(self.dims(), self.levels())
    }

    /// Number of grey levels *N*g.
    pub fn level_count(&self) -> u32 {
        self.level_count
    }

    /// The matrices of the `index`-th entry of [`Needs::matrices`].
    ///
    /// # Panics
    /// If there is no such entry.
    pub fn matrix_set(&self, index: usize) -> MatrixSet<'a> {
        self.matrices[index]
    }
}

/// The matrices over which a feature is averaged; one where slices and directions are merged, none if the region has
/// no pair, run or zone at all.
#[derive(Clone, Copy)]
pub struct MatrixSet<'a> {
    pub(crate) level_count: u32,
    pub(crate) matrices: &'a [Matrix<'a>],
}

impl<'a> MatrixSet<'a> {
    /// Number of grey levels *N*g of the region.
    pub fn level_count(&self) -> u32 {
        self.level_count
    }

    /// The matrices.
    pub fn matrices(&self) -> impl ExactSizeIterator<Item = Matrix<'a>> + use<'a> {
        self.matrices.iter().copied()
    }
}

/// A texture matrix as the list of its non-empty cells, sorted by level and then by the second coordinate.
#[derive(Clone, Copy)]
pub struct Matrix<'a> {
    /// The cells.
    pub cells: &'a [Cell],
    /// Number of voxels that it was drawn from; a voxel counts once for each merged direction.
    pub voxels: f64,
}

impl<'a> Matrix<'a> {
    /// The cells as `(level, other, value)`, in their order.
    pub fn triples(&self) -> impl ExactSizeIterator<Item = (u32, u32, f64)> + use<'a> {
        self.cells.iter().map(|cell| (cell.level, cell.other, cell.value))
    }
}

/// The values of a family's features.
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

/// A family behind the door, and the ids of its features in the order of its description.
pub(crate) struct Behind<F> {
    family: F,
    features: Vec<String>,
}

impl<F: FeatureFamily> Behind<F> {
    pub fn new(family: F) -> Self {
        let features = F::describe().plugin.features.into_iter().map(|feature| feature.id).collect();
        Self { family, features }
    }

    fn compute(&self, given: &Given, context: &Context) -> Result<Made, Error> {
        let calls::Compute { level_count, matrices, unit } = given.read()?;
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
        let region = Region {
            image: Image::new(grid, voxels).seen(&unit, &[]),
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
