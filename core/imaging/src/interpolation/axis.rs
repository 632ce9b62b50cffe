//! One axis of two grids that share their centre.

use std::ops::Range;

use super::pass::Kernel;
use super::{BeyondEdge, InterpolationError, Method, spline};
use crate::lengths;

/// The most voxels that an axis may have: far above any scan, far below what a misplaced decimal point asks for.
const MOST: usize = 1 << 16;

/// Spacings whose ratio differs from 1 by less than this are the same. Files hold spacings in single precision (6e-8)
/// or with six digits (5e-7); over a thousand voxels this is a thousandth of a voxel.
const SAME: f64 = lengths::SAME;

/// Positions this close to a centre, or to the middle between two, are on it: what is left of rounding.
const SNAP: f64 = 1e-9;

/// An axis before and after.
#[derive(Debug, Clone, Copy)]
pub(super) struct Axis {
    /// Voxels before.
    old: usize,
    /// Voxels after.
    pub(super) new: usize,
    /// Spacing after, mm.
    pub(super) spacing: f64,
    /// Spacing after by spacing before; exactly 1 if the axis is kept.
    ratio: f64,
}

impl Axis {
    pub(super) fn kept(old: usize, spacing: f64) -> Self {
        Self { old, new: old, spacing, ratio: 1.0 }
    }

    pub(super) fn new(
        axis: usize,
        old: usize,
        old_spacing: f64,
        spacing: Option<f64>,
    ) -> Result<Self, InterpolationError> {
        let Some(spacing) = spacing.filter(|&s| s != 0.0) else { return Ok(Self::kept(old, old_spacing)) };
        let ratio = spacing / old_spacing;
        if !(ratio.is_finite() && spacing > 0.0) {
            return Err(InterpolationError::Spacing { axis, spacing });
        }
        if (ratio - 1.0).abs() <= SAME {
            return Ok(Self::kept(old, old_spacing));
        }
        // The manual's ⌈n·s/s'⌉. Ten voxels of 0.3 mm are 30.000000000000004 voxels of 0.1 mm in floating point, and
        // the single-precision 0.3 of a file is 0.30000001: neither may gain a voxel that covers nothing.
        let voxels = (old as f64 * old_spacing / spacing * (1.0 - SAME)).ceil();
        if voxels > MOST as f64 {
            return Err(InterpolationError::TooFine { axis, spacing, voxels, limit: MOST });
        }
        Ok(Self { old, new: (voxels as usize).max(1), spacing, ratio })
    }

    pub(super) fn is_kept(&self) -> bool {
        self.ratio == 1.0
    }

    /// The old index of the new voxel 0, on or beyond the old grid.
    pub(super) fn offset(&self) -> f64 {
        self.unclamped(0)
    }

    fn unclamped(&self, new: usize) -> f64 {
        // Twice the distance from the centre is an integer on both grids, hence both ends of an axis round alike.
        let twice = 2.0 * new as f64 - (self.new as f64 - 1.0);
        0.5 * (twice * self.ratio + (self.old as f64 - 1.0))
    }

    /// The old index of a new voxel, moved onto the old grid's outermost centre if it lies beyond.
    fn position(&self, new: usize) -> f64 {
        self.snapped(new).clamp(0.0, self.old as f64 - 1.0)
    }

    /// The old index of a new voxel, on or beyond the old grid.
    fn snapped(&self, new: usize) -> f64 {
        let position = self.unclamped(new);
        let halves = (2.0 * position).round();
        if (2.0 * position - halves).abs() <= 2.0 * SNAP { 0.5 * halves } else { position }
    }

    /// Where the spline of a new voxel is evaluated: the old voxel before it (−1 before the first), and how far it lies
    /// from that one to the next.
    fn on_spline(&self, new: usize, beyond: BeyondEdge) -> (isize, f64) {
        let position = if beyond == BeyondEdge::Clamp { self.position(new) } else { self.snapped(new) };
        (position.floor() as isize, position - position.floor())
    }

    /// The old voxels that the new ones `range` are computed from; `range` is not empty.
    pub(super) fn needed(&self, range: Range<usize>, method: Method) -> Range<usize> {
        if self.is_kept() {
            return range;
        }
        let (first, last) = (self.position(range.start), self.position(range.end - 1));
        match method {
            Method::Nearest => self.nearest(first)..self.nearest(last) + 1,
            Method::Linear => first.floor() as usize..last.ceil() as usize + 1,
            // By the clamped positions: the spline beyond the edge is made of voxels within the margin.
            Method::Cubic(_) => {
                let end = last.floor() as usize + 3 + spline::MARGIN;
                (first.floor() as usize).saturating_sub(1 + spline::MARGIN)..end.min(self.old)
            }
        }
    }

    /// The new voxels to which linear interpolation lets the old ones `range` contribute.
    pub(super) fn influenced(&self, range: Range<usize>) -> Range<usize> {
        if range.is_empty() {
            return 0..0;
        }
        let start = self.first(|position| position > range.start as f64 - 1.0);
        start..self.first(|position| position >= range.end as f64).max(start)
    }

    /// The first new voxel whose position satisfies a condition that stays true once it is.
    fn first(&self, condition: impl Fn(f64) -> bool) -> usize {
        let (mut low, mut high) = (0, self.new);
        while low < high {
            let middle = low + (high - low) / 2;
            if condition(self.position(middle)) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        low
    }

    fn nearest(&self, position: f64) -> usize {
        ((position + 0.5).floor() as usize).min(self.old - 1)
    }

    /// How the new voxels `range` are made from the old ones `from`.
    pub(super) fn kernel(&self, range: Range<usize>, from: Range<usize>, method: Method) -> Kernel {
        let positions = range.clone().map(|new| self.position(new));
        match method {
            _ if self.is_kept() => Kernel::Pick(range.map(|new| new - from.start).collect()),
            Method::Nearest => Kernel::Pick(positions.map(|p| self.nearest(p) - from.start).collect()),
            Method::Linear => {
                let pair = |p: f64| [p.floor() as usize - from.start, p.ceil() as usize - from.start];
                Kernel::Linear(positions.map(|p| (pair(p), p.fract())).collect())
            }
            Method::Cubic(BeyondEdge::Repeat) => {
                // Counted from the second coefficient before the first voxel of the line.
                let second = 2 - from.start as isize;
                let taps = |base: isize| [-1, 0, 1, 2].map(|step| (base + step + second) as usize);
                let at = range.map(|new| self.on_spline(new, BeyondEdge::Repeat));
                Kernel::Repeated(at.map(|(base, share)| (taps(base), spline::weights(share))).collect())
            }
            Method::Cubic(beyond) => {
                let taps = |base: isize| spline::support(base, self.old).map(|i| i - from.start);
                let at = range.map(|new| self.on_spline(new, beyond));
                Kernel::Cubic(at.map(|(base, share)| (taps(base), spline::weights(share))).collect())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(old: usize, old_spacing: f64, spacing: f64) -> usize {
        Axis::new(0, old, old_spacing, Some(spacing)).unwrap().new
    }

    #[test]
    fn sizes_are_those_of_the_manual_and_rounding_adds_no_voxel() {
        // IBSI 1 CT phantom, configurations B and C: 204 × 201 × 60 voxels of 0.977 × 0.977 × 3 mm.
        assert_eq!([size(204, 0.977, 2.0), size(201, 0.977, 2.0), size(60, 3.0, 2.0)], [100, 99, 90]);
        assert_eq!(size(10, 0.3, 0.1), 30);
        assert_eq!(size(100, f64::from(0.3f32), 0.1), 300);
        assert_eq!(size(512, f64::from(0.7f32), 1.4), 256);
        assert_eq!(size(1, 0.1, 50.0), 1);
        assert_eq!(size(7, 1.0, 2.0), 4);
    }

    #[test]
    fn nearly_equal_spacings_keep_the_axis() {
        assert!(Axis::new(0, 512, f64::from(0.3f32), Some(0.3)).unwrap().is_kept());
        assert!(Axis::new(0, 512, 0.9765625, Some(0.976562)).unwrap().is_kept());
        assert!(!Axis::new(0, 512, 1.0, Some(1.0001)).unwrap().is_kept());
    }

    #[test]
    fn both_ends_reach_equally_far_and_less_than_half_a_voxel_beyond() {
        for (old, spacing) in [(204, 2.0), (201, 2.0), (60, 0.7), (5, 17.0), (1, 0.3), (2, 1.3)] {
            let axis = Axis::new(0, old, 0.977, Some(spacing)).unwrap();
            let (first, last) = (axis.unclamped(0), axis.unclamped(axis.new - 1));
            assert!((first + last - (old as f64 - 1.0)).abs() < 1e-12);
            assert!(first > -0.5 - 1e-6, "{first}");
        }
    }

    #[test]
    fn unusable_spacings_are_refused() {
        for spacing in [-1.0, f64::NAN, f64::INFINITY] {
            assert!(matches!(Axis::new(1, 9, 1.0, Some(spacing)), Err(InterpolationError::Spacing { axis: 1, .. })));
        }
        for spacing in [1e-5, 1e-300, f64::MIN_POSITIVE / 4.0] {
            assert!(matches!(Axis::new(2, 9, 1.0, Some(spacing)), Err(InterpolationError::TooFine { axis: 2, .. })));
        }
    }
}
