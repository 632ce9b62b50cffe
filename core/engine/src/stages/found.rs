//! Regions that were found in a case.

use voxomics_imaging::{Grid, IndexBox};

use super::Fault;
use crate::plan::Plan;

/// One region of a case that features are computed of, or that a filter looks at.
pub struct Found {
    /// Index of the region in the plan.
    pub region: usize,
    /// Number of the component, from 1, where each is a region of its own.
    pub component: Option<usize>,
    /// The smallest box of the grid that holds it.
    pub part: IndexBox,
    /// The morphological mask in that box.
    pub mask: Vec<u8>,
}

impl Found {
    /// Its name in tables and messages.
    pub fn label(&self, plan: &Plan) -> String {
        plan.region_label(self.region, self.component)
    }

    /// Its volume, mL.
    pub fn volume_ml(&self, grid: &Grid) -> f64 {
        let voxels = self.mask.iter().filter(|voxel| **voxel != 0).count();
        voxels as f64 * grid.spacing.iter().product::<f64>() / 1000.0
    }
}

/// A region that a case lacks, which is no fault: its maker says so.
#[derive(Debug, Clone, PartialEq)]
pub struct Lacking {
    /// Index of the region in the plan.
    pub region: usize,
    /// Number of the component, from 1, where each is a region of its own.
    pub component: Option<usize>,
    /// Why it is not there.
    pub reason: String,
}

/// What filters and families look at beside the region at hand.
#[derive(Clone, Copy)]
pub struct Around<'a> {
    /// The regions of the case.
    pub seen: &'a [&'a Found],
    /// Those that the case lacks.
    pub lacking: &'a [Lacking],
}

/// What was looked for in a case.
#[derive(Default)]
pub struct Looked {
    /// What was found.
    pub found: Vec<Found>,
    /// What the case lacks.
    pub lacking: Vec<Lacking>,
    /// A fault for each region that cannot be had.
    pub faults: Vec<Fault>,
}
