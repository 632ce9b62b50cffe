//! Zones of connected voxels of one level (GLSZM, GLDZM).

use std::ops::Range;

use super::Matrix;
use super::distance::DistanceMap;
use super::tally::Tally;
use super::volume::Volume;

/// A zone, or the part of it that lies in one slab.
#[derive(Debug, Clone, Copy)]
struct Zone {
    level: u16,
    /// Least distance of its voxels to the edge of the mask.
    distance: u16,
    size: u32,
}

/// The zones of a slab and the labels of its two faces.
pub(super) struct Slab {
    slices: Range<usize>,
    zones: Vec<Zone>,
    /// Zones of the voxels in the first and in the last slice, as padded planes; valid where the level is not 0.
    faces: [Vec<u32>; 2],
}

/// What was drawn from zones; empty matrices where it was not wanted.
#[derive(Debug, Clone, Default)]
pub(super) struct Zonal {
    /// Zones by level and size.
    pub sizes: Matrix,
    /// Zones by level and distance.
    pub distances: Matrix,
    /// Whether a voxel lies outside the mask that distances are measured in.
    pub outside: bool,
}

/// Disjoint sets of labels; the representative is the smallest.
#[derive(Default)]
struct Sets {
    parents: Vec<u32>,
}

impl Sets {
    fn add(&mut self) -> u32 {
        let label = self.parents.len() as u32;
        self.parents.push(label);
        label
    }

    fn find(&mut self, mut label: u32) -> u32 {
        loop {
            let parent = self.parents[label as usize];
            if parent == label {
                return label;
            }
            let next = self.parents[parent as usize];
            self.parents[label as usize] = next;
            label = next;
        }
    }

    fn join(&mut self, a: u32, b: u32) -> u32 {
        let (a, b) = (self.find(a), self.find(b));
        let (low, high) = (a.min(b), a.max(b));
        self.parents[high as usize] = low;
        low
    }

    /// Joins the parts of each set; returns the whole ones and the new label of every part.
    fn gather(&mut self, parts: &[Zone]) -> (Vec<Zone>, Vec<u32>) {
        let mut zones: Vec<Zone> = Vec::new();
        let mut labels = Vec::with_capacity(parts.len());
        for (part, zone) in parts.iter().enumerate() {
            let root = self.find(part as u32) as usize;
            if root == part {
                labels.push(zones.len() as u32);
                zones.push(*zone);
            } else {
                // The representative is the smallest label: it has its new one already.
                let label = labels[root];
                labels.push(label);
                let whole = &mut zones[label as usize];
                whole.size += zone.size;
                whole.distance = whole.distance.min(zone.distance);
            }
        }
        (zones, labels)
    }
}

/// Neighbouring voxels of one level in a row.
struct Run {
    level: u16,
    /// The voxels of the run in the region's box.
    x: Range<usize>,
    /// Position of the first voxel in the padded levels.
    position: usize,
    /// Position of the first voxel in a padded plane.
    in_plane: usize,
}

/// Labels a range of slices. Without a map all distances are 0.
pub(super) fn label(volume: &Volume, slices: Range<usize>, distances: Option<&DistanceMap>) -> Slab {
    let (mut sets, mut zones) = (Sets::default(), Vec::new());
    let mut current = vec![0u32; volume.plane_stride()];
    let mut before = if slices.len() > 1 { current.clone() } else { Vec::new() };
    let mut first = Vec::new();
    for z in slices.clone() {
        for y in 0..volume.dims[1] {
            let edge = distances.map(|map| &map.row(volume.start[1] + y, volume.start[2] + z)[volume.start[0]..]);
            for run in runs(volume, y, z) {
                let mut label = None;
                let mut join = |other| {
                    label = Some(match label {
                        Some(label) => sets.join(label, other),
                        None => sets.find(other),
                    });
                };
                touch_row_before(volume, &current, &run, &mut join);
                if z > slices.start {
                    touch_slice_before(volume, &before, &run, &mut join);
                }
                let distance = edge.map_or(0, |edge| edge[run.x.clone()].iter().copied().min().unwrap_or(0));
                let label = label.unwrap_or_else(|| {
                    zones.push(Zone { level: run.level, distance, size: 0 });
                    sets.add()
                });
                let zone = &mut zones[label as usize];
                zone.size += run.x.len() as u32;
                zone.distance = zone.distance.min(distance);
                current[run.in_plane..][..run.x.len()].fill(label);
            }
        }
        if z == slices.start && slices.len() > 1 {
            first.clone_from(&current);
        }
        if z + 1 < slices.end {
            std::mem::swap(&mut before, &mut current);
        }
    }
    let (zones, labels) = sets.gather(&zones);
    if slices.len() == 1 {
        first.clone_from(&current);
    }
    let mut faces = [first, current];
    for label in faces.iter_mut().flatten() {
        // Where there is no zone the label is left over from an earlier slice.
        *label = labels.get(*label as usize).copied().unwrap_or(0);
    }
    Slab { slices, zones, faces }
}

fn runs(volume: &Volume, y: usize, z: usize) -> impl Iterator<Item = Run> + '_ {
    let span = volume.span(y, z);
    let (offset, in_plane) = (volume.offset(y, z), volume.offset_in_plane(y));
    let row = &volume.data[offset..][..span.end];
    let mut x = span.start;
    std::iter::from_fn(move || {
        while *row.get(x)? == 0 {
            x += 1;
        }
        let (start, level) = (x, row[x]);
        while row.get(x) == Some(&level) {
            x += 1;
        }
        Some(Run { level, x: start..x, position: offset + start, in_plane: in_plane + start })
    })
}

/// Calls `join` with the labels in the row before that touch the run.
fn touch_row_before(volume: &Volume, labels: &[u32], run: &Run, join: &mut impl FnMut(u32)) {
    let row = volume.row_stride();
    touch(volume, labels, run, run.position - row, run.in_plane - row, join);
}

/// Calls `join` with the labels in the three rows of the slice before that touch the run.
fn touch_slice_before(volume: &Volume, labels: &[u32], run: &Run, join: &mut impl FnMut(u32)) {
    let row = volume.row_stride();
    let below = run.position - volume.plane_stride();
    for (position, in_plane) in
        [(below - row, run.in_plane - row), (below, run.in_plane), (below + row, run.in_plane + row)]
    {
        touch(volume, labels, run, position, in_plane, join);
    }
}

fn touch(volume: &Volume, labels: &[u32], run: &Run, position: usize, in_plane: usize, join: &mut impl FnMut(u32)) {
    let levels = &volume.data[position - 1..][..run.x.len() + 2];
    let mut inside = false;
    for (&level, &label) in levels.iter().zip(&labels[in_plane - 1..]) {
        let same = level == run.level;
        // Neighbours in a row have one label already.
        if same && !inside {
            join(label);
        }
        inside = same;
    }
}

/// Joins the zones of consecutive slabs at their faces.
fn join_slabs(volume: &Volume, slabs: &[Slab]) -> Vec<Zone> {
    let all: Vec<Zone> = slabs.iter().flat_map(|slab| slab.zones.iter().copied()).collect();
    let mut sets = Sets { parents: (0..all.len() as u32).collect() };
    let mut base = 0;
    for pair in slabs.windows(2) {
        let next_base = base + pair[0].zones.len() as u32;
        let z = pair[1].slices.start;
        for y in 0..volume.dims[1] {
            for run in runs(volume, y, z) {
                let label = next_base + pair[1].faces[0][run.in_plane];
                touch_slice_before(volume, &pair[0].faces[1], &run, &mut |other| {
                    sets.join(label, base + other);
                });
            }
        }
        base = next_base;
    }
    sets.gather(&all).0
}

/// The matrices of consecutive slabs that make up a slice or a volume.
pub(super) fn count(volume: &Volume, slabs: &[Slab]) -> Zonal {
    let joined;
    let zones = match slabs {
        [slab] => &slab.zones,
        _ => {
            joined = join_slabs(volume, slabs);
            &joined
        }
    };
    let voxels = slabs.iter().map(|slab| volume.count(slab.slices.clone())).sum::<usize>() as f64;
    let mut sizes = Tally::<u32>::new(volume.top, 128, zones.len());
    let mut distances = Tally::<u32>::new(volume.top, 64, zones.len());
    for zone in zones {
        sizes.add(zone.level.into(), zone.size as usize, 1);
        distances.add(zone.level.into(), zone.distance.into(), 1);
    }
    Zonal {
        sizes: Matrix { cells: sizes.into_cells(), voxels },
        distances: Matrix { cells: distances.into_cells(), voxels },
        outside: zones.iter().any(|zone| zone.distance == 0),
    }
}
