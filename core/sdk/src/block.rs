//! A family as a map: a value for each voxel of a block, from its neighbourhood.

use std::sync::{Mutex, PoisonError};

use voxomics_interface::codes;

use crate::{Context, Error, Feature, Grid, Image, MatrixSet, Needs, Region, ResponseMap, Values};

/// What computes the features of a region.
type Compute<'f> = dyn Fn(&Region) -> Result<Values, Error> + Sync + 'f;

/// A block of an image, for whose voxels features are wanted as maps.
///
/// [`Block::each`] goes through the neighbourhoods. A family that needs more looks at the block itself:
///
/// ```
/// use voxomics_sdk::{
///     prelude::*,
///     testing::{TestHost, TestImage, map},
/// };
///
/// /// By how much a voxel is brighter than the one before it.
/// struct Step;
///
/// impl FeatureFamily for Step {
///     fn describe() -> Description {
///         Description::new("step", "Step along x").maps().feature(Feature::new("step", "Step").unit("intensity"))
///     }
///     fn configure(_: &Settings) -> Result<Self, Error> {
///         Ok(Self)
///     }
///     fn compute(&self, _: &Region, _: &Context) -> Result<Values, Error> {
///         let mut values = Values::new();
///         values.undefined("step", "it is a map alone");
///         Ok(values)
///     }
///     fn map(&self, block: &Block, _: &Context) -> Result<Vec<ResponseMap>, Error> {
///         let (voxels, [width, ..]) = (block.image().voxels(), block.image().dims());
///         let inside = |at: usize| block.mask()[at] != 0;
///         let step = |at: usize| match block.wanted()[at] != 0 && at % width > 0 && inside(at - 1) {
///             true => voxels[at] - voxels[at - 1],
///             false => f64::NAN,
///         };
///         let map = |name: &String| ResponseMap { name: name.clone(), voxels: (0..voxels.len()).map(step).collect() };
///         Ok(block.features().iter().map(map).collect())
///     }
/// }
///
/// let image = TestImage::new([3, 1, 1], vec![1.0, 3.0, 7.0]);
/// let maps = map(&Step, &image, &[0, 1, 1], [1, 0, 0], &TestHost::new()).unwrap();
/// assert!(maps[0].voxels[0].is_nan() && maps[0].voxels[1].is_nan() && maps[0].voxels[2] == 4.0);
/// ```
pub struct Block<'a> {
    pub(crate) image: Image<'a>,
    pub(crate) mask: &'a [u8],
    pub(crate) wanted: &'a [u8],
    pub(crate) levels: &'a [u16],
    pub(crate) level_count: u32,
    pub(crate) distinct_levels: u32,
    pub(crate) features: Vec<String>,
    pub(crate) radius: [usize; 3],
}

impl<'a> Block<'a> {
    /// The image or response map in the box of the block, with its grid (mm, LPS) and unit.
    pub fn image(&self) -> Image<'a> {
        self.image
    }

    /// The voxels that neighbourhoods are made of (1), *x* fastest.
    pub fn mask(&self) -> &'a [u8] {
        self.mask
    }

    /// Where values are wanted (1), *x* fastest.
    pub fn wanted(&self) -> &'a [u8] {
        self.wanted
    }

    /// The discretised levels, 1 … [`level_count`](Self::level_count) inside the mask and 0 outside, *x* fastest; empty unless
    /// [`FeatureFamily::needs`](crate::FeatureFamily::needs) asks for levels. They are those of the whole region, of which the block is a part.
    pub fn levels(&self) -> &'a [u16] {
        self.levels
    }

    /// Number of grey levels *N*g of the whole region.
    pub fn level_count(&self) -> u32 {
        self.level_count
    }

    /// How many grey levels voxels of the whole region have: 1 if it is flat.
    pub fn distinct_levels(&self) -> u32 {
        self.distinct_levels
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

/// The maps of a family that needs this and computes each neighbourhood as if it were a region.
pub(crate) fn by_neighbourhoods(
    needs: &Needs,
    block: &Block,
    context: &Context,
    compute: &Compute,
) -> Result<Vec<ResponseMap>, Error> {
    if !needs.matrices.is_empty() || (needs.levels && block.levels.is_empty()) {
        return Err(Error::unsupported(
            "features that are made from texture matrices cannot be had as maps of this family",
        ));
    }
    by_slices(block, context, |slice| of_slice(block, slice, compute))
}

/// The maps of a block from those of its slices, which are made on the host's threads and joined in their order.
fn by_slices(
    block: &Block,
    context: &Context,
    of_slice: impl Fn(usize) -> Result<Vec<Vec<f64>>, Error> + Sync,
) -> Result<Vec<ResponseMap>, Error> {
    let [x, y, z] = block.image.dims();
    // The maps of each slice, once they are there.
    type Slice = Mutex<Option<Result<Vec<Vec<f64>>, Error>>>;
    let slices: Vec<Slice> = (0..z).map(|_| Mutex::new(None)).collect();
    context.for_each(z, |slice| {
        let made = context.check_cancelled().and_then(|()| of_slice(slice));
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

/// The voxels around a voxel, as [`Block::each`] shows them: a small box, *x* fastest.
pub struct Neighbourhood {
    /// Number of voxels along *x*, *y*, *z*.
    pub dims: [usize; 3],
    /// The intensities of all voxels of the box, in the unit of the block's image; `dims[0] · dims[1] · dims[2]` of them.
    pub intensities: Vec<f64>,
    /// 1 where a voxel belongs to the neighbourhood.
    pub mask: Vec<u8>,
    /// Levels, 0 outside; empty if the family needs none.
    pub levels: Vec<u16>,
}

impl Neighbourhood {
    /// The levels of the voxels that belong to the neighbourhood.
    pub fn levels(&self) -> impl Iterator<Item = u16> + '_ {
        self.levels.iter().filter(|level| **level != 0).copied()
    }

    /// The intensities that belong to the neighbourhood.
    pub fn inside(&self) -> impl Iterator<Item = f64> + '_ {
        self.intensities.iter().zip(&self.mask).filter(|(_, inside)| **inside != 0).map(|(x, _)| *x)
    }
}

impl Block<'_> {
    /// Maps that are computed one neighbourhood after the other: `compute` writes the values of the features that are wanted, in
    /// their order; what it leaves alone has no value. `scratch` is made once for each slice, so that nothing is allocated for a
    /// voxel.
    ///
    /// ```
    /// use voxomics_sdk::prelude::*;
    ///
    /// /// The mean of a neighbourhood.
    /// struct Mean;
    ///
    /// impl FeatureFamily for Mean {
    ///     fn describe() -> Description {
    ///         Description::new("mean", "Mean").maps().feature(Feature::new("mean", "Mean").unit("intensity"))
    ///     }
    ///     fn configure(_: &Settings) -> Result<Self, Error> {
    ///         Ok(Self)
    ///     }
    ///     fn compute(&self, region: &Region, _: &Context) -> Result<Values, Error> {
    ///         let mut values = Values::new();
    ///         let inside: Vec<f64> = region.intensities().collect();
    ///         values.ok("mean", inside.iter().sum::<f64>() / inside.len() as f64);
    ///         Ok(values)
    ///     }
    ///     fn map(&self, block: &Block, context: &Context) -> Result<Vec<ResponseMap>, Error> {
    ///         // This family has one feature: if it is asked for, it is the first value.
    ///         block.each(context, Vec::new, |inside: &mut Vec<f64>, near, values| {
    ///             inside.clear();
    ///             inside.extend(near.inside());
    ///             values[0] = inside.iter().sum::<f64>() / inside.len() as f64;
    ///         })
    ///     }
    /// }
    ///
    /// use voxomics_sdk::testing::{TestHost, TestImage, map};
    ///
    /// let image = TestImage::new([3, 1, 1], vec![0.0, 3.0, 9.0]);
    /// let maps = map(&Mean, &image, &[1, 1, 1], [1, 0, 0], &TestHost::new()).unwrap();
    /// assert_eq!(maps[0].voxels, [1.5, 4.0, 6.0]);
    /// ```
    ///
    /// # Errors
    /// If the run is being given up.
    pub fn each<S>(
        &self,
        context: &Context,
        scratch: impl Fn() -> S + Sync,
        compute: impl Fn(&mut S, &Neighbourhood, &mut [f64]) + Sync,
    ) -> Result<Vec<ResponseMap>, Error> {
        let [width, height, _] = self.image.dims();
        let of_slice = |slice: usize| {
            let mut made = vec![vec![f64::NAN; width * height]; self.features.len()];
            let base = slice * width * height;
            let wanted = (0..width * height).filter(|at| self.wanted[base + at] != 0);
            let mut values = vec![f64::NAN; self.features.len()];
            let mut near =
                Neighbourhood { dims: [0; 3], intensities: Vec::new(), mask: Vec::new(), levels: Vec::new() };
            let mut kept = None;
            for at in wanted {
                self.gather([at % width, at / width, slice], &mut near);
                values.fill(f64::NAN);
                compute(kept.get_or_insert_with(&scratch), &near, &mut values);
                for (map, value) in made.iter_mut().zip(&values).filter(|(_, value)| value.is_finite()) {
                    map[at] = *value;
                }
            }
            Ok(made)
        };
        by_slices(self, context, of_slice)
    }

    /// The same of a family whose features are all read from one thing that it measures of a region ([`Feature::value`]): `measure`
    /// gives it for a neighbourhood, or nothing where it cannot be had.
    ///
    /// # Errors
    /// As of [`each`](Self::each).
    pub fn measured<S, M>(
        &self,
        context: &Context,
        features: &[Feature<M>],
        scratch: impl Fn() -> S + Sync,
        measure: impl Fn(&mut S, &Neighbourhood) -> Option<M> + Sync,
    ) -> Result<Vec<ResponseMap>, Error> {
        let named = |id: &String| features.iter().find(|feature| feature.id() == id);
        let wanted: Vec<Option<&Feature<M>>> = self.features.iter().map(named).collect();
        self.each(context, scratch, |scratch, near, values| {
            let Some(measured) = measure(scratch, near) else { return };
            for (value, feature) in values.iter_mut().zip(&wanted) {
                *value = feature.and_then(|feature| (feature.value)(&measured).ok()).unwrap_or(f64::NAN);
            }
        })
    }

    /// The neighbourhood of a voxel.
    fn gather(&self, at: [usize; 3], near: &mut Neighbourhood) {
        let (start, dims) = self.window(at);
        let [width, height, _] = self.image.dims();
        near.dims = dims;
        near.intensities.clear();
        near.mask.clear();
        near.levels.clear();
        for z in start[2]..start[2] + dims[2] {
            for y in start[1]..start[1] + dims[1] {
                let first = (z * height + y) * width + start[0];
                let row = first..first + dims[0];
                near.intensities.extend_from_slice(&self.image.voxels()[row.clone()]);
                near.mask.extend_from_slice(&self.mask[row.clone()]);
                if !self.levels.is_empty() {
                    near.levels.extend_from_slice(&self.levels[row]);
                }
            }
        }
    }
}

/// For each feature the values of one slice.
fn of_slice(block: &Block, slice: usize, compute: &Compute) -> Result<Vec<Vec<f64>>, Error> {
    let [width, height, _] = block.image.dims();
    let mut made = vec![vec![f64::NAN; width * height]; block.features.len()];
    for row in 0..height {
        for column in 0..width {
            if block.wanted[(slice * height + row) * width + column] == 0 {
                continue;
            }
            let values = at(block, [column, row, slice], compute)?.into_vec();
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
fn at(block: &Block, at: [usize; 3], compute: &Compute) -> Result<Values, Error> {
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
    let (mut voxels, mut mask, mut levels) = (Vec::new(), Vec::new(), Vec::new());
    for place in places {
        voxels.push(block.image.voxels()[place]);
        mask.push(block.mask[place]);
        levels.extend(block.levels.get(place));
    }
    let matrices: &[MatrixSet] = &[];
    let image = Image::new(grid, &voxels).seen(block.image.unit(), &[]);
    let level_count = block.level_count;
    let region =
        Region { image, morphological_mask: &mask, intensity_mask: &mask, levels: &levels, level_count, matrices };
    compute(&region)
}
