//! What a region is mapped from, and where its values go.

use voxomics_imaging::{Grid, IndexBox, mask};

use crate::stages::Fault;

pub(super) const STAGE: &str = "map";

/// A region ready to be mapped: everything in the box of all its neighbourhoods but the image, which is looked at slab by slab.
pub(super) struct Ready {
    /// The box.
    pub part: IndexBox,
    /// Its grid.
    pub grid: Grid,
    /// Where a value is wanted.
    pub wanted: Vec<u8>,
    /// What neighbourhoods are made of, if it is not that.
    pub beyond: Option<Vec<u8>>,
    /// Grey levels, or none.
    pub levels: Vec<u16>,
    /// Number of grey levels, or 0.
    pub level_count: u32,
    /// How many of them occur.
    pub distinct_levels: u32,
}

impl Ready {
    /// 1 where a voxel belongs to neighbourhoods.
    pub fn neighbours(&self) -> &[u8] {
        self.beyond.as_deref().unwrap_or(&self.wanted)
    }
}

/// The values of a block: for each feature those of the voxels that are wanted, in their order.
pub(super) struct Values {
    /// The values.
    pub values: Vec<Vec<f64>>,
    /// Whether anything could be computed.
    pub any: bool,
    /// Why something could not.
    pub fault: Option<Fault>,
}

/// Where the values of each row of a box begin.
pub(super) struct Rows {
    starts: Vec<usize>,
    dims: [usize; 3],
}

impl Rows {
    /// Of a box where values are wanted in some voxels.
    pub fn new(wanted: &[u8], dims: [usize; 3]) -> Self {
        let mut starts = vec![0];
        for row in wanted.chunks_exact(dims[0].max(1)) {
            starts.push(starts.last().copied().unwrap_or(0) + mask::count(row));
        }
        Self { starts, dims }
    }

    /// How many values there are.
    pub fn count(&self) -> usize {
        self.starts.last().copied().unwrap_or(0)
    }

    /// Puts the values of some rows, each a pair of *y* and *z*, where they belong.
    pub fn put(&self, values: &[f64], rows: impl Iterator<Item = [usize; 2]>, into: &mut [f64]) {
        let mut at = 0;
        for [y, z] in rows {
            let row = z * self.dims[1] + y;
            let (start, end) = (self.starts[row], self.starts[row + 1]);
            into[start..end].copy_from_slice(&values[at..at + end - start]);
            at += end - start;
        }
    }
}
