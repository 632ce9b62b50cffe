//! A family as a map: a value for each voxel of a block, from its neighbourhood.

use std::sync::{Mutex, PoisonError};

use voxomics_interface::codes;

use crate::{
    Context, Error, FeatureFamily, Grid, Image, Region, ResponseMap,
    family::{MatrixSet, Value},
};

/// A block of an image, for whose voxels features are wanted as maps.
pub struct Block<'a> {
    pub(crate) image: Image<'a>,
    pub(crate) mask: &'a [u8],
    pub(crate) features: Vec<String>,
    pub(crate) radius: [usize; 3],
}

impl<'a> Block<'a> {
    /// The image.
    pub fn image(&self) -> Image<'a> {
        self.image
    }

    /// Where values are wanted (1), *x* fastest. A neighbourhood has these voxels alone.
    pub fn mask(&self) -> &'a [u8] {
        self.mask
    }

    /// Ids of the features that are wanted.
    pub fn features(&self) -> &[String] {
        &self.features
    }

    /// How many voxels around a voxel its neighbourhood reaches along *x*, *y*, *z*, as far as the block does.
    pub fn radius(&self) -> [usize; 3] {
        self.radius
    }

    /// First voxel and number of voxels of the neighbourhood of a voxel.
    fn window(&self, at: [usize; 3]) -> ([usize; 3], [usize; 3]) {
        let dims = self.image.dims();
        let start: [usize; 3] = std::array::from_fn(|axis| at[axis].saturating_sub(self.radius[axis]));
        let end = |axis: usize| at[axis].saturating_add(self.radius[axis]).saturating_add(1).min(dims[axis]);
        (start, std::array::from_fn(|axis| end(axis) - start[axis]))
    }
}

/// The maps of a family that computes each neighbourhood as if it were a region.
pub(crate) fn by_neighbourhoods<F: FeatureFamily>(
    family: &F,
    block: &Block,
    context: &Context,
) -> Result<Vec<ResponseMap>, Error> {
    let needs = family.needs();
    if needs.levels || !needs.matrices.is_empty() {
        return Err(Error::unsupported("features that are made from grey levels cannot be had as maps of this family"));
    }
    let [x, y, z] = block.image.dims();
    // A slice each; joined in their order.
    // The maps of each slice, once they are there.
    type Slice = Mutex<Option<Result<Vec<Vec<f64>>, Error>>>;
    let slices: Vec<Slice> = (0..z).map(|_| Mutex::new(None)).collect();
    context.for_each(z, |slice| {
        let made = context.check_cancelled().and_then(|()| of_slice(family, block, slice, context));
        *slices[slice].lock().unwrap_or_else(PoisonError::into_inner) = Some(made);
    });
    let mut maps = vec![Vec::with_capacity(x * y * z); block.features.len()];
    for slice in slices {
        let made = slice.into_inner().unwrap_or_else(PoisonError::into_inner).unwrap_or(Err(Error::cancelled()))?;
        maps.iter_mut().zip(made).for_each(|(map, of_slice)| map.extend(of_slice));
    }
    let named = block.features.iter().zip(maps);
    Ok(named.map(|(name, voxels)| ResponseMap { name: name.clone(), voxels }).collect())
}

/// For each feature the values of one slice.
fn of_slice<F: FeatureFamily>(
    family: &F,
    block: &Block,
    slice: usize,
    context: &Context,
) -> Result<Vec<Vec<f64>>, Error> {
    let [width, height, _] = block.image.dims();
    let mut made = vec![vec![f64::NAN; width * height]; block.features.len()];
    for row in 0..height {
        for column in 0..width {
            if block.mask[(slice * height + row) * width + column] == 0 {
                continue;
            }
            let values = at(family, block, [column, row, slice], context)?;
            for (map, feature) in made.iter_mut().zip(&block.features) {
                let found = values.iter().find(|value| value.feature == *feature);
                let value = found.ok_or_else(|| Error::broken(format!("it gave no value for `{feature}`")))?;
                if value.status == codes::STATUS_OK {
                    map[row * width + column] = value.value;
                }
            }
        }
    }
    Ok(made)
}

/// The features of the neighbourhood of one voxel.
fn at<F: FeatureFamily>(family: &F, block: &Block, at: [usize; 3], context: &Context) -> Result<Vec<Value>, Error> {
    let (start, dims) = block.window(at);
    let whole = block.image.grid();
    let origin = |component: usize| {
        let along = |axis: usize| start[axis] as f64 * whole.spacing[axis] * whole.direction[axis][component];
        whole.origin[component] + (0..3).map(along).sum::<f64>()
    };
    let grid = Grid { dims: dims.map(|n| n as u64), origin: std::array::from_fn(origin), ..*whole };
    let [width, height, _] = block.image.dims();
    let places = (start[2]..start[2] + dims[2]).flat_map(|z| {
        (start[1]..start[1] + dims[1])
            .flat_map(move |y| (start[0]..start[0] + dims[0]).map(move |x| (z * height + y) * width + x))
    });
    let (mut voxels, mut mask) = (Vec::new(), Vec::new());
    for place in places {
        voxels.push(block.image.voxels()[place]);
        mask.push(block.mask[place]);
    }
    let matrices: &[MatrixSet] = &[];
    let image = Image::new(grid, &voxels).seen(block.image.unit(), &[]);
    let region =
        Region { image, morphological_mask: &mask, intensity_mask: &mask, levels: &[], level_count: 0, matrices };
    Ok(family.compute(&region, context)?.into_vec())
}
