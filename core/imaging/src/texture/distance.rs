//! City-block distances to the edge of a mask.

use crate::executor::map;
use crate::{Executor, View};

/// The city-block distance of each mask voxel to the nearest voxel outside, which the space around the array is.
pub(super) struct DistanceMap {
    dims: [usize; 3],
    slices: Vec<Vec<u16>>,
}

impl DistanceMap {
    /// In the slice (4-connected) or in space (6-connected). Voxels at the edge have distance 1, those outside 0.
    ///
    /// 16 bits are enough: a distance above 65,535 would take more than 131,000 voxels along every axis.
    pub(crate) fn new(mask: View<'_, u8>, planar: bool, executor: &dyn Executor) -> Self {
        let dims = mask.dims();
        let mut slices = map(executor, dims[2], &|z| slice_distances(mask, z));
        if !planar {
            // Distances of slices are distances of the volume but for steps between slices.
            let outside = vec![0; dims[0] * dims[1]];
            for z in 0..dims[2] {
                let (before, from) = slices.split_at_mut(z);
                lower(&mut from[0], before.last().unwrap_or(&outside));
            }
            for z in (0..dims[2]).rev() {
                let (to, after) = slices.split_at_mut(z + 1);
                lower(&mut to[z], after.first().unwrap_or(&outside));
            }
        }
        Self { dims, slices }
    }

    /// The distances of a row.
    pub(crate) fn row(&self, y: usize, z: usize) -> &[u16] {
        &self.slices[z][y * self.dims[0]..][..self.dims[0]]
    }
}

fn slice_distances(mask: View<'_, u8>, z: usize) -> Vec<u16> {
    let [nx, ny, _] = mask.dims();
    let mut distances = Vec::with_capacity(nx * ny);
    for y in 0..ny {
        let mut distance = 0u16;
        let row = mask.row(y, z);
        distances.extend(row.iter().map(|&inside| {
            distance = if inside == 0 { 0 } else { distance.saturating_add(1) };
            distance
        }));
        let mut distance = 0u16;
        for stored in distances[y * nx..].iter_mut().rev() {
            distance = distance.saturating_add(1).min(*stored);
            *stored = distance;
        }
    }
    let outside = vec![0; nx];
    for y in 0..ny {
        let (before, from) = distances.split_at_mut(y * nx);
        lower(&mut from[..nx], if y == 0 { &outside } else { &before[(y - 1) * nx..] });
    }
    for y in (0..ny).rev() {
        let (to, after) = distances.split_at_mut((y + 1) * nx);
        lower(&mut to[y * nx..], if after.is_empty() { &outside } else { &after[..nx] });
    }
    distances
}

/// Limits distances to one more than those of the neighbours.
fn lower(distances: &mut [u16], neighbours: &[u16]) {
    for (distance, neighbour) in distances.iter_mut().zip(neighbours) {
        *distance = (*distance).min(neighbour.saturating_add(1));
    }
}
