//! What two polygons of one slice are to each other, by the voxels that they enclose and not by their points: a copy may be
//! reversed, begin at another vertex, have more points, or be rounded.

use super::corners;
use super::raster::{self, Ring, Window};

/// Two outlines are one, twice given, if they are no further apart than this on average, in voxels. A wall so thin is none on
/// this grid; coordinates that were rounded to 0.1 mm differ by less.
const SAME: f64 = 0.25;
/// In so many parts of a voxel distances of outlines are measured at best.
const FINEST: usize = 8;
/// And over no more places than these, lest large outlines cost more than they are worth.
const MOST_PLACES: usize = 1 << 20;

/// How the points of contours are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Points {
    /// As corners of an area: a voxel whose centre is inside belongs to it.
    Edges,
    /// As the centres of the outermost voxels, which belong to the region themselves.
    Centres,
}

/// What a polygon is to another one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Relation {
    /// They share nothing, or the one is a hole or an island in the other.
    Apart,
    /// They enclose the same voxels.
    Same,
    /// One outline, twice given, but not quite the same: they differ in so many voxels at their edge.
    Nearly(usize),
    /// One lies in the other, and nowhere is more than a voxel between them.
    Wall,
    /// Each has a part of the other, of so many voxels, but not all of it.
    Overlapping(usize),
}

impl Points {
    /// The voxels that a polygon can hold.
    pub fn window(self, ring: &Ring, dims: [usize; 2]) -> Window {
        match self {
            Self::Edges => ring.window(dims),
            Self::Centres => ring.closed_window(dims),
        }
    }

    /// Sets the voxels of a window that belong to a region of these polygons to 1, by the rule of `raster::fill`.
    pub fn fill<'a>(self, rings: impl IntoIterator<Item = &'a Ring> + Clone, window: &Window, mask: &mut [u8]) {
        raster::fill(rings.clone(), window, mask);
        if self == Self::Centres {
            raster::trace(rings, window, mask);
        }
    }

    /// What two polygons on a slice of this size are to each other.
    pub fn relation(self, a: &Ring, b: &Ring, dims: [usize; 2]) -> Relation {
        match self {
            Self::Edges => of_areas(a, b, dims),
            // The outline of a hole runs through the voxels around it. In a thin wall these are the outer ones as well, and it
            // comes back the other way.
            Self::Centres if corners::is_same_way(a.vertices(), b.vertices()) => Relation::Same,
            Self::Centres => Relation::Apart,
        }
    }
}

/// Whether the even-odd rule leaves nothing of an area of a slice of this size although it is a hole in none: it is there again in
/// parts, which are no copies of it.
pub fn is_cancelled(rings: &[Ring], dims: [usize; 2]) -> bool {
    let windows: Vec<Window> = rings.iter().map(|ring| ring.window(dims)).collect();
    (0..rings.len()).any(|own| {
        let others: Vec<usize> =
            (0..rings.len()).filter(|other| *other != own && windows[own].meets(&windows[*other])).collect();
        if others.is_empty() {
            return false;
        }
        let window = others.iter().fold(windows[own].clone(), |all, other| all.union(&windows[*other]));
        let area = filled(&rings[own], &window);
        let mut left = vec![0; area.len()];
        raster::fill(others.iter().chain([&own]).map(|ring| &rings[*ring]), &window, &mut left);
        if !area.contains(&1) || area.iter().zip(&left).any(|voxels| voxels == (&1, &1)) {
            return false;
        }
        let masks = others.iter().map(|other| filled(&rings[*other], &window));
        let (mut is_hole, mut has_parts) = (false, false);
        for [both, only_own, only_other] in masks.map(|mask| shares([&area, &mask])) {
            is_hole |= only_own == 0;
            has_parts |= both > 0 && only_other == 0;
        }
        has_parts && !is_hole
    })
}

fn of_areas(a: &Ring, b: &Ring, dims: [usize; 2]) -> Relation {
    let (of_a, of_b) = (a.window(dims), b.window(dims));
    if !of_a.meets(&of_b) {
        return Relation::Apart;
    }
    let window = of_a.union(&of_b);
    let masks = [a, b].map(|ring| filled(ring, &window));
    let [both, only_a, only_b] = shares([&masks[0], &masks[1]]);
    let differing = only_a + only_b;
    let is_nested = only_a == 0 || only_b == 0;
    if both == 0 {
        return Relation::Apart;
    }
    if differing == 0 {
        return Relation::Same;
    }
    let is_rim = is_at_edge(&masks, window.ranges[0].len());
    let is_slight = differing < both;
    match is_nested {
        true if is_rim && gap(a, b, &window) <= SAME => Relation::Nearly(differing),
        true if is_rim && is_slight => Relation::Wall,
        true => Relation::Apart,
        // Of a wall, the inner outline does not cross the outer one.
        false if is_rim && (is_slight && is_alike(&of_a, &of_b) || gap(a, b, &window) <= SAME) => {
            Relation::Nearly(differing)
        }
        false => Relation::Overlapping(both),
    }
}

/// Whether two windows begin and end no more than a voxel apart.
fn is_alike(a: &Window, b: &Window) -> bool {
    let pairs = a.ranges.iter().zip(&b.ranges);
    pairs.into_iter().all(|(a, b)| a.start.abs_diff(b.start) <= 1 && a.end.abs_diff(b.end) <= 1)
}

fn filled(ring: &Ring, window: &Window) -> Vec<u8> {
    let mut mask = vec![0; window.ranges[0].len() * window.ranges[1].len()];
    raster::fill([ring], window, &mut mask);
    mask
}

/// How many voxels are in both masks, in the first alone, and in the second alone.
fn shares([a, b]: [&[u8]; 2]) -> [usize; 3] {
    let count = |voxels: [u8; 2]| a.iter().zip(b).filter(|(a, b)| [**a, **b] == voxels).count();
    [count([1, 1]), count([1, 0]), count([0, 1])]
}

/// Whether every voxel of one mask that the other lacks has a neighbour that is not in it: none is deep inside.
fn is_at_edge([a, b]: &[Vec<u8>; 2], width: usize) -> bool {
    let is_deep = |mask: &[u8], i: usize| {
        let x = i % width;
        let around = [i.checked_sub(1), i.checked_add(1), i.checked_sub(width), i.checked_add(width)];
        let has = |at: Option<usize>| at.and_then(|at| mask.get(at)) == Some(&1);
        x > 0 && x + 1 < width && around.into_iter().all(has)
    };
    let lacks_its_edge = |own: &[u8], other: &[u8]| (0..own.len()).all(|i| own[i] <= other[i] || !is_deep(own, i));
    lacks_its_edge(a, b) && lacks_its_edge(b, a)
}

/// How far two outlines are apart on average, in voxels: the area that one of them has alone, by their length.
fn gap(a: &Ring, b: &Ring, window: &Window) -> f64 {
    let perimeter = 0.5 * (a.perimeter() + b.perimeter());
    let [columns, rows] = &window.ranges;
    let fits = |fineness: &usize| columns.len() * rows.len() * fineness * fineness <= MOST_PLACES;
    let fineness = [FINEST, 4, 2].into_iter().find(fits).unwrap_or(1);
    let start = [columns.start, rows.start].map(|first| first.saturating_sub(1));
    let magnified = [a, b].map(|ring| ring.magnified(start, fineness));
    let (places, fineness) = match magnified {
        [Some(a), Some(b)] => {
            let end = [columns.end, rows.end];
            let size = [0, 1].map(|axis| (end[axis] + 1 - start[axis]) * fineness);
            let window = a.window(size).union(&b.window(size));
            let [_, only_a, only_b] = shares([&filled(&a, &window), &filled(&b, &window)]);
            (only_a + only_b, fineness)
        }
        _ => {
            let [_, only_a, only_b] = shares([&filled(a, window), &filled(b, window)]);
            (only_a + only_b, 1)
        }
    };
    let area = places as f64 / (fineness * fineness) as f64;
    if area == 0.0 { 0.0 } else { area / perimeter.max(1e-9) }
}
