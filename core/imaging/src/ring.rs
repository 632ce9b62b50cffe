//! The ring around (and inside) a tumour's surface.
//!
//! Distances run between voxel centres, in mm. A grid's axes are orthonormal directions times spacings, so that the
//! spacing alone decides, on oblique grids as well. The scan's edge is not a surface of the tumour.

use std::fmt;

use crate::{Executor, IndexBox, View, layers::SurfaceDistances, lengths};

/// A limit of a ring that is not a length.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct InvalidLimit {
    /// `"outward"` or `"inward"`.
    pub side: &'static str,
    /// What was given, mm.
    pub limit: f64,
}

impl fmt::Display for InvalidLimit {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "the {} limit of a ring is a finite number of mm that is not negative, not {}", self.side, self.limit)
    }
}

impl std::error::Error for InvalidLimit {}

/// The ring of a tumour as a mask of 0 and 1.
///
/// It holds the voxels outside the tumour whose centre is at most `outward` mm from the centre of the nearest voxel
/// of the tumour, and the voxels of the tumour whose centre is at most `inward` mm from the centre of the nearest
/// voxel outside. A limit of 0 leaves that side out. `spacing` is in mm. Where `tumour` is a part of a scan it must
/// hold [`ring_box`], or the ring is cut and the part's faces hide the surface behind them.
///
/// ```
/// use voxomics_imaging::{Serial, View, ring::ring};
///
/// // Voxels of 1 mm: 2 mm outward, 1 mm inward.
/// let tumour = View::new([9, 1, 1], &[0, 0, 0, 1, 1, 1, 0, 0, 0]);
/// assert_eq!(ring(tumour, [1.0; 3], 2.0, 1.0, &Serial).unwrap(), [0, 1, 1, 1, 0, 1, 1, 1, 0]);
/// assert!(ring(tumour, [1.0; 3], -1.0, 0.0, &Serial).is_err());
/// ```
///
/// # Errors
/// If a limit is negative or not finite.
pub fn ring(
    tumour: View<u8>,
    spacing: [f64; 3],
    outward: f64,
    inward: f64,
    executor: &dyn Executor,
) -> Result<Vec<u8>, InvalidLimit> {
    check(outward, inward)?;
    let surface = SurfaceDistances::new(tumour, spacing, outward > 0.0, inward > 0.0, executor);
    Ok(surface.between(-inward, outward))
}

/// The part of a scan that [`ring`] needs around a tumour's bounding box: the reach outward, and at least one voxel
/// if there is an inward part. One is enough for that part: the nearest voxel outside a tumour touches its box.
///
/// `dims` and `spacing` (mm) are those of the scan; the result is cut at its edges.
///
/// ```
/// use voxomics_imaging::{IndexBox, ring::ring_box};
///
/// // 2 mm are two voxels of 1 mm along x, and one of 2 mm along z.
/// let tumour = IndexBox { start: [5, 5, 5], end: [6, 6, 6] };
/// let part = ring_box(tumour, [20, 20, 20], [1.0, 1.0, 2.0], 2.0, 0.0).unwrap();
/// assert!(part.start[0] <= 3 && part.end[0] >= 8 && part.start[2] <= 4 && part.end[2] >= 7);
/// ```
///
/// # Errors
/// If a limit is negative or not finite.
pub fn ring_box(
    tumour: IndexBox,
    dims: [usize; 3],
    spacing: [f64; 3],
    outward: f64,
    inward: f64,
) -> Result<IndexBox, InvalidLimit> {
    check(outward, inward)?;
    let least = usize::from(inward > 0.0);
    let margin = std::array::from_fn(|axis| lengths::within(outward, spacing[axis]).max(least).min(dims[axis]));
    Ok(tumour.grown(margin, dims))
}

/// Takes the voxels out of `mask` whose intensity is not within `lower ≤ x ≤ upper`; a missing bound is open.
///
/// ```
/// let mut mask = [1, 1, 1];
/// voxomics_imaging::ring::limit_intensity(&mut mask, &[-200.0, 40.0, 900.0], Some(-150.0), Some(900.0));
/// assert_eq!(mask, [0, 1, 1]);
/// ```
///
/// # Panics
/// If the mask and the intensities differ in length.
pub fn limit_intensity(mask: &mut [u8], intensities: &[f64], lower: Option<f64>, upper: Option<f64>) {
    assert_eq!(mask.len(), intensities.len(), "the mask and the image have the same voxels");
    for (m, &x) in mask.iter_mut().zip(intensities) {
        // Written so that an intensity that is not a number fails the bounds that there are.
        let kept = lower.is_none_or(|lower| x >= lower) && upper.is_none_or(|upper| x <= upper);
        *m = u8::from(*m != 0 && kept);
    }
}

fn check(outward: f64, inward: f64) -> Result<(), InvalidLimit> {
    for (side, limit) in [("outward", outward), ("inward", inward)] {
        if !(limit.is_finite() && limit >= 0.0) {
            return Err(InvalidLimit { side, limit });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Backwards, Random, mirrored};
    use crate::{Serial, mask};

    fn ball(dims: [usize; 3], centre: [f64; 3], radius: f64) -> Vec<u8> {
        let inside = |i: usize| {
            let at = [i % dims[0], i / dims[0] % dims[1], i / dims[0] / dims[1]];
            u8::from((0..3).map(|axis| (at[axis] as f64 - centre[axis]).powi(2)).sum::<f64>() <= radius * radius)
        };
        (0..dims.iter().product()).map(inside).collect()
    }

    #[test]
    fn scipy_agrees_on_both_sides() {
        // import numpy as np; from scipy.ndimage import distance_transform_edt as edt   (SciPy 1.17.1)
        // z, y, x = np.mgrid[:12, :20, :20]; t = (x - 9)**2 + (y - 10)**2 + (z - 6)**2 <= 16
        // s = (2.5, 0.8, 0.7); o = edt(~t, sampling=s); i = edt(t, sampling=s)
        // for a, b in [(3, 0), (0, 1), (5, 2), (2.5, 0.7), (100, 100)]:
        //     r = ~t & (o <= a * (1 + 1e-9)) | t & (i <= b * (1 + 1e-9)); print(t.sum(), r.sum(), (np.flatnonzero(r) ** 2).sum())
        let dims = [20, 20, 12];
        let tumour = ball(dims, [9.0, 10.0, 6.0], 4.0);
        assert_eq!(mask::count(&tumour), 257);
        for (outward, inward, count, squares) in RINGS {
            let found = ring(View::new(dims, &tumour), [0.7, 0.8, 2.5], outward, inward, &Serial).unwrap();
            let positions: usize = found.iter().enumerate().filter(|(_, r)| **r != 0).map(|(i, _)| i * i).sum();
            assert_eq!((mask::count(&found), positions), (count, squares), "{outward} {inward}");
        }
    }

    #[test]
    fn three_tenths_are_within_point_three() {
        let tumour = [0, 0, 0, 0, 1, 0, 0, 0, 0];
        let found = ring(View::new([9, 1, 1], &tumour), [0.1, 1.0, 1.0], 0.3, 0.0, &Serial).unwrap();
        assert_eq!(found, [0, 1, 1, 1, 0, 1, 1, 1, 0]);
    }

    #[test]
    fn the_scan_edge_is_no_surface() {
        let view = View::new([4, 1, 1], &[1, 1, 1, 0]);
        assert_eq!(ring(view, [1.0; 3], 0.0, 2.0, &Serial).unwrap(), [0, 1, 1, 0]);
        let full = View::new([2, 2, 2], &[1; 8]);
        assert_eq!(ring(full, [1.0; 3], 5.0, 5.0, &Serial).unwrap(), [0; 8]);
        let empty = View::new([2, 2, 2], &[0; 8]);
        assert_eq!(ring(empty, [1.0; 3], 5.0, 5.0, &Serial).unwrap(), [0; 8]);
        assert_eq!(ring(View::new([0, 0, 0], &[]), [1.0; 3], 5.0, 5.0, &Serial).unwrap(), []);
    }

    #[test]
    fn a_ring_of_the_box_is_the_ring_of_the_scan() {
        let dims = [30, 26, 14];
        let mut random = Random::new(5);
        let mut tumour = ball(dims, [7.0, 12.0, 3.0], 5.0);
        tumour.iter_mut().filter(|_| random.below(7) == 0).for_each(|t| *t = 0);
        let view = View::new(dims, &tumour);
        let spacing = [0.7, 0.9, 2.0];
        let part = mask::bounding_box(view).unwrap();
        for (outward, inward) in [(0.0, 0.0), (3.0, 0.0), (0.0, 2.0), (2.1, 4.0), (60.0, 1.0)] {
            let whole = ring(view, spacing, outward, inward, &Serial).unwrap();
            assert_eq!(whole, ring(view, spacing, outward, inward, &Backwards).unwrap());
            let part = ring_box(part, dims, spacing, outward, inward).unwrap();
            let cut = mask::crop(view, part);
            let found = ring(View::new(part.dims(), &cut), spacing, outward, inward, &Serial).unwrap();
            assert_eq!(found, mask::crop(View::new(dims, &whole), part));
            assert_eq!(mask::count(&found), mask::count(&whole), "nothing lies outside the box");
            for axis in 0..3 {
                let turned = mirrored(dims, &tumour, axis);
                let turned = ring(View::new(dims, &turned), spacing, outward, inward, &Serial).unwrap();
                assert_eq!(mirrored(dims, &turned, axis), whole);
            }
        }
    }

    #[test]
    fn lengths_are_checked() {
        let view = View::new([1, 1, 1], &[1]);
        for (outward, inward) in [(-1.0, 0.0), (f64::NAN, 0.0), (1.0, f64::INFINITY)] {
            assert!(ring(view, [1.0; 3], outward, inward, &Serial).is_err());
        }
    }

    #[test]
    fn intensities_are_limited_inclusively() {
        let image = [-5.0, 0.0, 1.0, f64::NAN, 7.0];
        let mut mask = [1, 1, 0, 1, 1];
        limit_intensity(&mut mask, &image, None, None);
        assert_eq!(mask, [1, 1, 0, 1, 1]);
        limit_intensity(&mut mask, &image, Some(0.0), Some(7.0));
        assert_eq!(mask, [0, 1, 0, 0, 1]);
    }

    const RINGS: [(f64, f64, usize, usize); 5] = [
        (3.0, 0.0, 984, 7639975016),
        (0.0, 1.0, 118, 869991706),
        (5.0, 2.0, 2689, 21475829575),
        (2.5, 0.7, 812, 6148166380),
        (100.0, 100.0, 4800, 36852480800),
    ];
}
