//! Why an interpolation is refused.

use std::fmt;

use crate::IndexBox;

/// Why an interpolation is refused.
#[derive(Debug, Clone, PartialEq)]
pub enum InterpolationError {
    /// The source has no voxel.
    EmptyGrid {
        /// Its size.
        dims: [usize; 3],
    },
    /// A spacing is negative or not finite.
    Spacing {
        /// Index axis, 0 to 2.
        axis: usize,
        /// What was given, mm.
        spacing: f64,
    },
    /// The new spacing is so fine that an axis has too many voxels.
    TooFine {
        /// Index axis, 0 to 2.
        axis: usize,
        /// What was given, mm.
        spacing: f64,
        /// The voxels that the axis would have.
        voxels: f64,
        /// The most that are allowed.
        limit: usize,
    },
    /// The box asked for exceeds the new grid.
    OutsideTarget {
        /// What was asked for.
        asked: IndexBox,
        /// The new grid's size.
        target: [usize; 3],
    },
    /// The source is not the size of its box or lacks voxels that are needed.
    MissingSource {
        /// The part of the source that is needed.
        needed: IndexBox,
        /// The part that was given.
        given: IndexBox,
        /// The size of the array that was given.
        dims: [usize; 3],
    },
    /// The memory does not suffice.
    OutOfMemory {
        /// Number of voxels that had to be held.
        voxels: usize,
    },
}

impl fmt::Display for InterpolationError {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::EmptyGrid { dims: [x, y, z] } => write!(f, "a grid of {x} × {y} × {z} voxels cannot be interpolated"),
            Self::Spacing { axis, spacing } => {
                let axis = ["x", "y", "z"][*axis];
                write!(f, "the new spacing along {axis} is positive, or 0 to keep that axis, not {spacing} mm")
            }
            Self::TooFine { axis, spacing, voxels, limit } => {
                let axis = ["x", "y", "z"][*axis];
                write!(
                    f,
                    "a spacing of {spacing} mm along {axis} means {voxels:.0} voxels; at most {limit} are allowed"
                )
            }
            Self::OutsideTarget { asked, target: [x, y, z] } => {
                write!(f, "the box {:?} to {:?} exceeds the new grid of {x} × {y} × {z} voxels", asked.start, asked.end)
            }
            Self::MissingSource { needed, given, dims } => write!(
                f,
                "the interpolation needs the voxels {:?} to {:?} of the source and was given {:?} to {:?} as {dims:?}",
                needed.start, needed.end, given.start, given.end
            ),
            Self::OutOfMemory { voxels } => write!(f, "no memory for {voxels} voxels while interpolating"),
        }
    }
}

impl std::error::Error for InterpolationError {}
