//! Maps of textures: the matrices of each neighbourhood, drawn without a call of the program for each voxel.

use voxomics_imaging::{
    View,
    texture::{Local, MatrixSet, Request},
};

use crate::{Block, Context, Error, Feature, Matrix, Neighbourhood, ResponseMap};

/// The maps of features that are read from what `measure` finds in the matrices of a neighbourhood; where it finds several things,
/// a feature is the mean over them, as of [`Values::mean`](crate::Values::mean). What it adds to is empty at first. The matrices
/// are those that the program draws of a region.
///
/// ```
/// use voxomics_sdk::{prelude::*, textures};
///
/// /// The number of zones of equal grey levels.
/// struct Zones(Matrix);
///
/// fn features() -> [Feature<f64>; 1] {
///     [Feature::new("zones", "Number of zones").value(|zones| Ok(*zones))]
/// }
///
/// impl FeatureFamily for Zones {
///     fn describe() -> Description {
///         Description::new("zones", "Zones").aggregations(&["3D"]).maps().features(features())
///     }
///     fn configure(settings: &Settings) -> Result<Self, Error> {
///         Ok(Self(settings.matrix("glszm")?))
///     }
///     fn needs(&self) -> Needs {
///         Needs { matrices: vec![self.0.clone()], ..Needs::default() }
///     }
///     fn compute(&self, region: &Region, _: &Context) -> Result<Values, Error> {
///         let zones = |matrix: TextureMatrix| matrix.triples().map(|(_, _, count)| count).sum();
///         let measured: Vec<f64> = region.matrix_set(0).matrices().map(zones).collect();
///         Ok(Values::mean(&features(), &measured, "the region holds no zone"))
///     }
///     fn map(&self, block: &Block, context: &Context) -> Result<Vec<ResponseMap>, Error> {
///         textures::maps(block, context, &self.0, &features(), |set, _, measured| {
///             measured
///                 .extend(set.matrices.iter().map(|matrix| matrix.cells.iter().map(|cell| cell.value).sum::<f64>()));
///         })
///     }
/// }
/// ```
///
/// # Errors
/// If there can be no such matrix, or the run is being given up.
pub fn maps<M: Send>(
    block: &Block,
    context: &Context,
    matrix: &Matrix,
    features: &[Feature<M>],
    measure: impl Fn(&MatrixSet, &Neighbourhood, &mut Vec<M>) + Sync,
) -> Result<Vec<ResponseMap>, Error> {
    let request = request(matrix)?;
    if block.levels().is_empty() {
        return Err(Error::input("a map of textures is made from grey levels, and there are none"));
    }
    let most = block.radius().map(|radius| radius.saturating_mul(2).saturating_add(1));
    Local::new(request, most).map_err(|wrong| Error::input(wrong.to_string()))?;
    let wanted: Vec<&Feature<M>> =
        block.features().iter().filter_map(|id| features.iter().find(|feature| feature.id() == id)).collect();
    block.each(
        context,
        || (Local::new(request, most).ok(), Vec::new()),
        |(local, measured), near, values| {
            measured.clear();
            let Some(local) = local else { return };
            let (levels, mask) = (View::new(near.dims, &near.levels), View::new(near.dims, &near.mask));
            let Ok(set) = local.matrices(levels, block.level_count(), mask) else { return };
            measure(set, near, measured);
            for (value, feature) in values.iter_mut().zip(&wanted) {
                *value = feature.mean(measured, "").unwrap_or(f64::NAN);
            }
        },
    )
}

fn request(matrix: &Matrix) -> Result<Request, Error> {
    let Matrix { kind, aggregation, distance, norm, weighting, coarseness, .. } = matrix;
    let length = matrix.weighting_norm();
    Request::from_words(kind, aggregation, *distance, norm, weighting, length, *coarseness).map_err(Error::input)
}
