//! Layers around the surface of a region, and its core, by the distance of each voxel.
//!
//! Distances run between voxel centres, in mm, as for the [`ring`](crate::ring). That of a voxel outside is measured to the
//! nearest voxel of the region, and that of a voxel of the region to the nearest voxel outside. The scan's edge is no surface.

use std::fmt;

use crate::{Executor, View, distance, lengths, mask};

/// A number of voxels that exceeds a whole one by no more than this part of it is that one: the rest is rounding.
const ROUNDING: f64 = 1e-9;

/// Two distances between which no layer lies.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct InvalidLayer {
    /// The first distance, mm.
    pub from: f64,
    /// The second distance, mm.
    pub to: f64,
}

impl fmt::Display for InvalidLayer {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "a layer lies between two finite, rising distances in mm, not between {} and {}", self.from, self.to)
    }
}

impl std::error::Error for InvalidLayer {}

/// A region with the distance of every voxel from its surface.
///
/// ```
/// use voxomics_imaging::{Serial, View, layers::SurfaceDistances};
///
/// // Three voxels of 1 mm in a row of seven.
/// let region = View::new([7, 1, 1], &[0, 0, 1, 1, 1, 0, 0]);
/// let surface = SurfaceDistances::new(region, [1.0; 3], true, true, &Serial);
/// assert_eq!(surface.voxels(), 3);
/// // Outside, at most 1 mm away; then what is further away, but not more than 2 mm.
/// assert_eq!(surface.layer(0.0, 1.0).unwrap(), [0, 1, 0, 0, 0, 1, 0]);
/// assert_eq!(surface.layer(1.0, 2.0).unwrap(), [1, 0, 0, 0, 0, 0, 1]);
/// assert!(surface.layer(2.0, 1.0).is_err());
/// // The middle voxel is 2 mm from the nearest one outside, its neighbours 1 mm.
/// assert_eq!(surface.deeper_than(1.0), [0, 0, 0, 1, 0, 0, 0]);
/// assert_eq!(surface.innermost(0.3), [0, 0, 0, 1, 0, 0, 0]);
/// ```
#[derive(Debug)]
pub struct SurfaceDistances {
    region: Vec<u8>,
    /// Squared distance to the nearest voxel of the region, mm²; none if nobody asks for layers outside.
    outside: Option<Vec<f64>>,
    /// Squared distance to the nearest voxel outside, mm²; none if nobody asks for layers inside.
    inside: Option<Vec<f64>>,
}

impl SurfaceDistances {
    /// Measures the distances on the sides that are asked for. `spacing` is in mm.
    ///
    /// Where `region` is a part of a scan, it must hold everything within reach, and one voxel around the region: the part's
    /// faces hide the surface behind them.
    pub fn new(region: View<u8>, spacing: [f64; 3], outside: bool, inside: bool, executor: &dyn Executor) -> Self {
        Self {
            region: region.data().to_vec(),
            outside: outside.then(|| distance::squared_distance(region, spacing, executor)),
            inside: inside.then(|| distance::squared_distance_outside(region, spacing, executor)),
        }
    }

    /// The layer between two distances from the surface, as a mask of 0 and 1: above 0 outside the region, below 0 inside.
    ///
    /// The distance nearer to the surface is excluded and the other one included, so that neighbouring layers share no
    /// voxel. A layer from −2 to 3 holds what lies at most 2 mm inside or at most 3 mm outside, as a ring does.
    ///
    /// # Errors
    /// If the distances are not finite or do not rise.
    pub fn layer(&self, from: f64, to: f64) -> Result<Vec<u8>, InvalidLayer> {
        if !(from.is_finite() && to.is_finite() && from < to) {
            return Err(InvalidLayer { from, to });
        }
        Ok(self.between(from, to))
    }

    /// [`layer`](Self::layer) for distances that are known to rise; a side that was not measured has no voxels.
    pub(crate) fn between(&self, from: f64, to: f64) -> Vec<u8> {
        let mut layer = vec![0; self.region.len()];
        let mut add = |squared: &Option<Vec<f64>>, is_inside: bool, nearer: f64, further: f64| {
            let (nearer, further) = (squared_limit(nearer.max(0.0)), squared_limit(further));
            for ((voxel, &region), &d) in layer.iter_mut().zip(&self.region).zip(squared.iter().flatten()) {
                *voxel |= u8::from((region != 0) == is_inside && d > nearer && d <= further);
            }
        };
        if to > 0.0 {
            add(&self.outside, false, from, to);
        }
        if from < 0.0 {
            add(&self.inside, true, -to, -from);
        }
        layer
    }

    /// The voxels of the region that lie further than `depth` mm from the nearest voxel outside.
    ///
    /// Every voxel lies deeper than 0. A region without a voxel outside has no surface, and all of it is its core.
    pub fn deeper_than(&self, depth: f64) -> Vec<u8> {
        let limit = squared_limit(depth);
        self.by_depth(|squared| squared > limit)
    }

    /// The deepest voxels of the region that make up at least `share` of its volume (above 0, at most 1).
    ///
    /// Voxels of the same depth stay together, so that the order of voxels decides nothing.
    pub fn innermost(&self, share: f64) -> Vec<u8> {
        let inside = self.inside.iter().flatten();
        let mut depths: Vec<f64> =
            self.region.iter().zip(inside).filter(|(voxel, _)| **voxel != 0).map(|(_, d)| *d).collect();
        depths.sort_unstable_by(|a, b| b.total_cmp(a));
        // A share such as 0.1 of 30 voxels is 3.0000000000000004 in floating point, and asks for 3.
        let count = (share * depths.len() as f64 * (1.0 - ROUNDING)).ceil() as usize;
        let Some(least) = count.checked_sub(1).and_then(|last| depths.get(last)) else {
            return vec![0; self.region.len()];
        };
        let limit = least * (1.0 - lengths::SAME);
        self.by_depth(|squared| squared >= limit)
    }

    /// Number of voxels of the region.
    pub fn voxels(&self) -> usize {
        mask::count(&self.region)
    }

    fn by_depth(&self, is_core: impl Fn(f64) -> bool) -> Vec<u8> {
        let Some(inside) = &self.inside else { return vec![0; self.region.len()] };
        let core = |(&voxel, &squared): (&u8, &f64)| u8::from(voxel != 0 && is_core(squared));
        self.region.iter().zip(inside).map(core).collect()
    }
}

/// The square of a limit, in mm, that distances count as equal to if only the last digits of a spacing take them beyond it: five
/// voxels of a file that holds 0.4 mm as 0.400000006 mm lie within 2 mm.
fn squared_limit(limit: f64) -> f64 {
    let limit = limit * (1.0 + lengths::SAME);
    limit * limit
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Serial, ring, testing::Random};

    const DIMS: [usize; 3] = [18, 15, 11];
    const SPACING: [f64; 3] = [0.7, 0.9, 2.5];

    /// A ragged lump with holes, away from the edges.
    fn lump() -> Vec<u8> {
        let mut random = Random::new(3);
        let inside = |i: usize| {
            let at = [i % DIMS[0], i / DIMS[0] % DIMS[1], i / DIMS[0] / DIMS[1]];
            let square: f64 =
                (0..3).map(|axis| ((at[axis] as f64 - [8.0, 7.0, 5.0][axis]) * SPACING[axis]).powi(2)).sum();
            square <= 20.0
        };
        (0..DIMS.iter().product()).map(|i| u8::from(inside(i) && random.below(40) != 0)).collect()
    }

    fn surface(region: &[u8]) -> SurfaceDistances {
        SurfaceDistances::new(View::new(DIMS, region), SPACING, true, true, &Serial)
    }

    #[test]
    fn layers_share_no_voxel_and_make_the_ring_together() {
        let region = lump();
        let surface = surface(&region);
        let distances = [-4.0, -2.5, -0.9, 0.0, 0.7, 2.5, 2.6, 5.0];
        let layers: Vec<Vec<u8>> =
            distances.windows(2).map(|pair| surface.layer(pair[0], pair[1]).expect("they rise")).collect();
        let times: Vec<u8> = (0..region.len()).map(|i| layers.iter().map(|layer| layer[i]).sum()).collect();
        let ring = ring::ring(View::new(DIMS, &region), SPACING, 5.0, 4.0, &Serial).expect("a ring");
        assert_eq!(times, ring);
        assert_eq!(surface.layer(-4.0, 5.0).expect("they rise"), ring);
        assert!(layers.iter().all(|layer| mask::count(layer) > 0), "each has voxels");
        for (from, to) in [(3.0, 3.0), (4.0, 3.0), (f64::NAN, 1.0), (0.0, f64::INFINITY)] {
            assert!(surface.layer(from, to).is_err(), "{from} {to}");
        }
    }

    #[test]
    fn the_core_is_what_no_layer_inside_holds() {
        let region = lump();
        let surface = surface(&region);
        for depth in [0.0, 0.7, 1.3, 2.5, 9.0] {
            let core = surface.deeper_than(depth);
            let layer = if depth > 0.0 { surface.layer(-depth, 0.0).expect("they rise") } else { vec![0; core.len()] };
            let both: Vec<u8> = core.iter().zip(&layer).map(|(a, b)| a + b).collect();
            assert_eq!(both, region, "{depth} mm");
        }
    }

    #[test]
    fn a_share_takes_the_deepest_voxels_and_all_of_one_depth() {
        // Depths 1, 2, 3, 4, 3, 2, 1.
        let line = [0, 1, 1, 1, 1, 1, 1, 1, 0];
        let surface = SurfaceDistances::new(View::new([9, 1, 1], &line), [1.0; 3], false, true, &Serial);
        for (share, core) in [
            (0.1, [0, 0, 0, 0, 1, 0, 0, 0, 0]),
            (0.2, [0, 0, 0, 1, 1, 1, 0, 0, 0]),
            (3.0 / 7.0, [0, 0, 0, 1, 1, 1, 0, 0, 0]),
            (0.5, [0, 0, 1, 1, 1, 1, 1, 0, 0]),
            (1.0, line),
        ] {
            assert_eq!(surface.innermost(share), core, "{share}");
        }
        let empty = SurfaceDistances::new(View::new([2, 1, 1], &[0, 0]), [1.0; 3], true, true, &Serial);
        assert_eq!((empty.innermost(1.0), empty.deeper_than(0.0)), (vec![0, 0], vec![0, 0]));
        // Without a voxel outside, every depth is infinite.
        let full = SurfaceDistances::new(View::new([2, 1, 1], &[1, 1]), [1.0; 3], true, true, &Serial);
        assert_eq!((full.innermost(0.2), full.deeper_than(9.0)), (vec![1, 1], vec![1, 1]));
    }
}
