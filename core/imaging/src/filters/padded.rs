//! An image with what its padding puts around it, as transforms need it.

use std::borrow::Cow;

use super::fourier::good_length;
use crate::{IndexBox, View, separable::Padding};

/// An image with padding around it, of lengths that are good to transform.
pub(super) struct Padded<'a> {
    /// Voxels along each axis.
    pub(super) dims: [usize; 3],
    /// The intensities, *x* fastest.
    pub(super) voxels: Cow<'a, [f64]>,
    before: [usize; 3],
}

impl<'a> Padded<'a> {
    /// Puts at least `pad` voxels around the first `axes` axes of an image.
    pub(super) fn new(image: View<'a, f64>, pad: usize, axes: usize, padding: Padding) -> Self {
        let of = image.dims();
        let before = std::array::from_fn(|axis| if axis < axes { pad } else { 0 });
        if pad == 0 || of.contains(&0) {
            return Self { dims: of, voxels: image.data().into(), before };
        }
        let dims: [usize; 3] = std::array::from_fn(|axis| length(of[axis], before[axis]));
        let sources: [Vec<Option<usize>>; 3] = std::array::from_fn(|axis| {
            (0..dims[axis]).map(|i| padding.source(i as isize - before[axis] as isize, of[axis])).collect()
        });
        let mut voxels = Vec::with_capacity(dims.iter().product());
        for z in &sources[2] {
            for y in &sources[1] {
                match (y, z) {
                    (Some(y), Some(z)) => {
                        let row = image.row(*y, *z);
                        voxels.extend(sources[0].iter().map(|x| x.map_or(0.0, |x| row[x])));
                    }
                    _ => voxels.resize(voxels.len() + dims[0], 0.0),
                }
            }
        }
        Self { dims, voxels: voxels.into(), before }
    }

    /// Where a box of the image lies in the padded one.
    pub(super) fn place(&self, of: IndexBox) -> IndexBox {
        let moved = |corner: [usize; 3]| std::array::from_fn(|axis| self.before[axis] + corner[axis]);
        IndexBox { start: moved(of.start), end: moved(of.end) }
    }
}

/// A good length for a transform of an image with its padding; without padding there is no choice.
fn length(n: usize, pad: usize) -> usize {
    if pad == 0 { n } else { good_length(n + 2 * pad) }
}
