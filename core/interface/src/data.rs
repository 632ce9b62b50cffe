//! Plain values that stand in arrays, and the small integers of the interface.

/// A grid of voxel centres in LPS, mm; the centre of voxel `(i, j, k)` is `origin + Σ index·spacing·direction`.
///
/// It crosses as the array `grid` of 15 `f64` ([`numbers`](Self::numbers)); the dimensions are those of its image.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Grid {
    /// Number of voxels along *x*, *y*, *z*.
    pub dims: [u64; 3],
    /// Distance between neighbouring centres, mm.
    pub spacing: [f64; 3],
    /// Centre of the first voxel, mm, LPS.
    pub origin: [f64; 3],
    /// Unit vectors of the index axes, LPS.
    pub direction: [[f64; 3]; 3],
}

impl Grid {
    /// Spacing, origin, and the three unit vectors of the axes.
    pub fn numbers(&self) -> [f64; 15] {
        let mut numbers = [0.0; 15];
        numbers[..3].copy_from_slice(&self.spacing);
        numbers[3..6].copy_from_slice(&self.origin);
        numbers[6..].copy_from_slice(self.direction.as_flattened());
        numbers
    }

    /// The grid of these dimensions and [`numbers`](Self::numbers).
    pub fn from_numbers(dims: [u64; 3], numbers: &[f64; 15]) -> Self {
        let three = |at: usize| [numbers[at], numbers[at + 1], numbers[at + 2]];
        Self { dims, spacing: three(0), origin: three(3), direction: [three(6), three(9), three(12)] }
    }
}

/// `intensity = slope · stored + intercept`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scaling {
    /// Slope.
    pub slope: f64,
    /// Intercept.
    pub intercept: f64,
}

/// A non-empty cell of a texture matrix.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cell {
    /// Grey level.
    pub level: u32,
    /// Second level, run length, zone size, zone distance, dependence, or count of voxels.
    pub other: u32,
    /// Content of the cell.
    pub value: f64,
}

/// Codes of a failure, statuses of a value, and the other small integers of the interface.
pub mod codes {
    /// A setting is unknown, missing, of the wrong type or out of range.
    pub const FAILURE_SETTING: u32 = 1;
    /// The input cannot be used: a damaged file, a region without voxels, …
    pub const FAILURE_INPUT: u32 = 2;
    /// The plugin does not offer what was asked for.
    pub const FAILURE_UNSUPPORTED: u32 = 3;
    /// The work was given up because the host asked for it.
    pub const FAILURE_CANCELLED: u32 = 4;
    /// The plugin panicked; the message says where.
    pub const FAILURE_PANIC: u32 = 5;
    /// The plugin has no part of that id.
    pub const FAILURE_UNKNOWN_ID: u32 = 6;
    /// The plugin does not do what it describes.
    pub const FAILURE_BROKEN: u32 = 7;

    /// The value is defined and finite.
    pub const STATUS_OK: u8 = 0;
    /// The value is not defined for this region; the reason says why.
    pub const STATUS_UNDEFINED: u8 = 1;
    /// The input has no value at all (an empty cell of a case list).
    pub const STATUS_MISSING: u8 = 2;

    /// Log levels.
    pub const LOG_DEBUG: u32 = 0;
    /// Worth knowing.
    pub const LOG_INFO: u32 = 1;
    /// Something that may make a number wrong.
    pub const LOG_WARNING: u32 = 2;

    /// What [`Host::stop`](crate::Host::stop) says: the call may go on.
    pub const STOP_NO: u32 = 0;
    /// The run is being given up.
    pub const STOP_GIVEN_UP: u32 = 1;
    /// The time for this call is over.
    pub const STOP_TIME: u32 = 2;

    /// Element types of an array.
    pub const ELEMENT_U8: u32 = 0;
    /// `i8`.
    pub const ELEMENT_I8: u32 = 1;
    /// `u16`.
    pub const ELEMENT_U16: u32 = 2;
    /// `i16`.
    pub const ELEMENT_I16: u32 = 3;
    /// `u32`.
    pub const ELEMENT_U32: u32 = 4;
    /// `i32`.
    pub const ELEMENT_I32: u32 = 5;
    /// `u64`.
    pub const ELEMENT_U64: u32 = 6;
    /// `i64`.
    pub const ELEMENT_I64: u32 = 7;
    /// `f32`.
    pub const ELEMENT_F32: u32 = 8;
    /// `f64`.
    pub const ELEMENT_F64: u32 = 9;
    /// [`Cell`](super::Cell).
    pub const ELEMENT_CELL: u32 = 10;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grid_comes_back_from_its_numbers() {
        let grid = Grid {
            dims: [2, 3, 4],
            spacing: [0.1, 0.2, 0.3],
            origin: [-1.0, 5.0, 1e-300],
            direction: [[0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, -1.0]],
        };
        assert_eq!(Grid::from_numbers(grid.dims, &grid.numbers()), grid);
    }
}
