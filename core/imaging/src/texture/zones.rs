//! Zones of connected voxels of one level (GLSZM, GLDZM).

use std::ops::Range;

use super::Matrix;
use super::distance::DistanceMap;
use super::links;
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
        if a == b {
            return a;
        }
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

/// Labels of a slice and of the one before, and the zones that they belong to.
struct Labelling<'a> {
    volume: &'a Volume,
    distances: Option<&'a DistanceMap>,
    sets: Sets,
    zones: Vec<Zone>,
    /// Two padded planes, or one if there is one slice only.
    labels: Vec<u32>,
    /// By which neighbours the voxels of a row belong to zones.
    links: Vec<u16>,
}

/// Labels a range of slices. Without a map all distances are 0.
pub(super) fn label(volume: &Volume, slices: Range<usize>, distances: Option<&DistanceMap>) -> Slab {
    let plane = volume.plane_stride();
    let single = slices.len() < 2;
    let labels = vec![0; if single { plane } else { 2 * plane }];
    let (sets, zones, links) = (Sets::default(), Vec::new(), Vec::new());
    let mut labelling = Labelling { volume, distances, sets, zones, labels, links };
    // Slices take the planes in turn.
    let place = |z: usize| if single { 0 } else { (z & 1) * plane };
    let mut first = Vec::new();
    for z in slices.clone() {
        let below = (z > slices.start).then(|| place(z - 1));
        for y in 0..volume.dims[1] {
            labelling.row(y, z, place(z), below);
        }
        if z == slices.start {
            first = labelling.labels[place(z)..][..plane].to_vec();
        }
    }
    let Labelling { mut sets, zones, mut labels, .. } = labelling;
    let (zones, renamed) = sets.gather(&zones);
    labels.drain(..place(slices.end.saturating_sub(1)));
    labels.truncate(plane);
    let mut faces = [first, labels];
    for label in faces.iter_mut().flatten() {
        // Where there is no zone the label is left over from an earlier slice.
        *label = renamed.get(*label as usize).copied().unwrap_or(0);
    }
    Slab { slices, zones, faces }
}

impl Labelling<'_> {
    /// Labels a row of the slice whose plane begins at `here`; that of the slice below begins at `below`, if there is one.
    fn row(&mut self, y: usize, z: usize, here: usize, below: Option<usize>) {
        let volume = self.volume;
        let span = volume.span(y, z);
        if span.is_empty() {
            return;
        }
        let position = volume.offset(y, z) + span.start;
        let in_plane = here + volume.offset_in_plane(y) + span.start;
        let steps = links::steps(volume.row_stride(), here, below.unwrap_or(here));
        links::find(volume, position, span.len(), below.is_some(), &mut self.links);
        let column = volume.start[0] + span.start;
        let edge = self.distances.map(|map| &map.row(volume.start[1] + y, volume.start[2] + z)[column..]);
        let levels = &volume.data[position..][..span.len()];
        let (mut before, mut label) = (0, 0);
        for (x, (&level, &links)) in levels.iter().zip(&self.links).enumerate() {
            let mut known = level == before;
            before = level;
            if level == 0 {
                continue;
            }
            let mut links = links;
            while links != 0 {
                let step = steps[links.trailing_zeros() as usize];
                let other = self.labels[(in_plane + x).wrapping_add_signed(step)];
                label = if known { self.sets.join(label, other) } else { self.sets.find(other) };
                known = true;
                links &= links - 1;
            }
            let distance = edge.map_or(0, |edge| edge[x]);
            if !known {
                self.zones.push(Zone { level, distance, size: 0 });
                label = self.sets.add();
            }
            let zone = &mut self.zones[label as usize];
            zone.size += 1;
            zone.distance = zone.distance.min(distance);
            self.labels[in_plane + x] = label;
        }
    }
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
