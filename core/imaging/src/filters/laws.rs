//! Laws' kernels and their energy (IBSI 2: JTXT, PQSD).

use std::fmt;

use super::{
    bank::{Bank, Pooling, Term},
    operator::{Kernel, Operator, Stages},
    rotations::{Rotation, Separable},
};
use crate::{Executor, IndexBox, View, separable::Padding};

/// A kernel's name, and its weights before they are brought to unit length.
const KERNELS: [(&str, &[f64]); 8] = [
    ("L5", &[1.0, 4.0, 6.0, 4.0, 1.0]),
    ("E5", &[-1.0, -2.0, 0.0, 2.0, 1.0]),
    ("S5", &[-1.0, 0.0, 2.0, 0.0, -1.0]),
    ("W5", &[-1.0, 2.0, 0.0, -2.0, 1.0]),
    ("R5", &[1.0, -4.0, 6.0, -4.0, 1.0]),
    ("L3", &[1.0, 2.0, 1.0]),
    ("E3", &[-1.0, 0.0, 1.0]),
    ("S3", &[-1.0, 2.0, -1.0]),
];

/// The names of the one-dimensional kernels: level, edge, spot, wave, ripple, and their lengths.
///
/// ```
/// assert!(voxomics_imaging::filters::laws::names().any(|name| name == "L5"));
/// ```
pub fn names() -> impl Iterator<Item = &'static str> {
    KERNELS.iter().map(|(name, _)| *name)
}

/// The one-dimensional kernel of a name (`E5`), of unit Euclidean length.
///
/// ```
/// use voxomics_imaging::filters::laws::kernel;
///
/// // −1 −2 0 2 1 over √10.
/// let edge = kernel("E5").unwrap();
/// assert!((edge.weights()[3] - 2.0 / 10_f64.sqrt()).abs() < 1e-12);
/// assert!(kernel("X5").is_none());
/// ```
pub fn kernel(name: &str) -> Option<Kernel> {
    let (_, weights) = KERNELS.iter().find(|(known, _)| *known == name)?;
    let length = weights.iter().map(|w| w * w).sum::<f64>().sqrt();
    Some(Kernel::new(&weights.iter().map(|w| w / length).collect::<Vec<_>>()))
}

/// A name that is none of Laws' filters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownKernel {
    /// The name that was given: `E5X5`.
    pub name: String,
}

impl fmt::Display for UnknownKernel {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl std::error::Error for UnknownKernel {}

/// Laws' filters of an image: one response map for each kernel.
///
/// ```
/// use voxomics_imaging::{
///     Serial, View,
///     filters::{Rotation, laws::Laws},
///     separable::Padding,
/// };
///
/// // There is no edge in a flat image.
/// let laws = Laws::new(&["E5L5"], 2, Rotation::None, Padding::Mirror, None).unwrap();
/// assert_eq!(laws.margin([8, 8, 8]), [2, 2, 0]);
/// let maps = laws.apply(View::new([4, 4, 1], &[7.0; 16]), &Serial);
/// assert!(maps[0].iter().all(|response| response.abs() < 1e-12));
/// assert!(Laws::new(&["E5X5"], 2, Rotation::None, Padding::Mirror, None).is_err());
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Laws {
    filters: Separable,
    /// Reach of the energy map, voxels.
    energy: Option<usize>,
}

impl Laws {
    /// Filters by the names of their kernels (`E5L5S5`; `E5L5` within slices), each with one kernel for each of `axes`.
    /// With `energy`, the response becomes the mean of its absolute values at most that many voxels away.
    ///
    /// # Errors
    /// [`UnknownKernel`] for the first name that is none, or has not a kernel for each axis.
    pub fn new(
        names: &[&str],
        axes: usize,
        rotation: Rotation,
        padding: Padding,
        energy: Option<usize>,
    ) -> Result<Self, UnknownKernel> {
        let unknown = |name: &str| UnknownKernel { name: name.to_owned() };
        let mut stages = vec![Stages(vec![Kernel::identity()])];
        let mut known: Vec<&str> = vec![""];
        let mut maps = Vec::new();
        for name in names {
            let parts: Vec<&str> = (0..name.len()).step_by(2).filter_map(|at| name.get(at..at + 2)).collect();
            if parts.len() != axes || name.len() != 2 * axes {
                return Err(unknown(name));
            }
            let mut along = [0; 3];
            for (axis, part) in parts.into_iter().enumerate() {
                along[axis] = match known.iter().position(|other| *other == part) {
                    Some(at) => at,
                    None => {
                        stages.push(Stages(vec![kernel(part).ok_or_else(|| unknown(name))?]));
                        known.push(part);
                        known.len() - 1
                    }
                };
            }
            maps.push(along);
        }
        Ok(Self { filters: Separable { stages, maps, axes, rotation, padding }, energy })
    }

    /// How many voxels around a voxel its response depends on, along each axis of a scan of `dims`.
    pub fn margin(&self, dims: [usize; 3]) -> [usize; 3] {
        let around = self.filters.margin(dims);
        let energy = self.energy.unwrap_or(0);
        std::array::from_fn(|axis| if axis < self.filters.axes { around[axis] + energy } else { 0 })
    }

    /// The response maps, in the order of the names, *x* fastest.
    pub fn apply(&self, image: View<f64>, executor: &dyn Executor) -> Vec<Vec<f64>> {
        self.apply_in(image, IndexBox::whole(image.dims()), executor)
    }

    /// The response maps in a box of the image, in the order of the names, *x* fastest.
    ///
    /// # Panics
    /// If the box exceeds the image.
    pub fn apply_in(&self, image: View<f64>, kept: IndexBox, executor: &dyn Executor) -> Vec<Vec<f64>> {
        let dims = image.dims();
        let bank = self.filters.bank(dims);
        let Some(distance) = self.energy else { return bank.apply_in(image, kept, executor) };
        let radius: [usize; 3] = std::array::from_fn(|axis| if axis < self.filters.axes { distance } else { 0 });
        let padding = self.filters.padding;
        // Where the box of the responses ends within the image, what is put around it changes nothing that is kept.
        let reach = std::array::from_fn(|axis| padding.margin(radius[axis], dims[axis]));
        let around = kept.grown(reach, dims);
        let maps = bank.apply_in(image, around, executor);
        let mean = mean(around.dims(), radius, padding);
        let energy = |mut map: Vec<f64>| {
            map.iter_mut().for_each(|x| *x = x.abs());
            mean.apply_in(View::new(around.dims(), &map), kept.within(around), executor).swap_remove(0)
        };
        maps.into_iter().map(energy).collect()
    }
}

/// The mean in boxes of 2·`radius` + 1 voxels.
fn mean(dims: [usize; 3], radius: [usize; 3], padding: Padding) -> Bank {
    let operators = std::array::from_fn(|axis| {
        let ones = Kernel::new(&vec![1.0; 2 * radius[axis] + 1]);
        vec![Operator::new(dims[axis], padding, &[(1.0, Stages(vec![ones]))])]
    });
    let count: f64 = radius.iter().map(|radius| (2 * radius + 1) as f64).product();
    let term = Term { operators: [0; 3], map: 0, weight: 1.0 / count, both_signs: false };
    Bank { operators, terms: vec![term], pooling: Pooling::Sum, maps: 1 }
}
