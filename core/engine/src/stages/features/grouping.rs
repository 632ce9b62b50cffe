//! Boxes that overlap, together: tens of thousands of components are looked up by place, not each beside each.

use std::collections::HashMap;

use voxomics_imaging::IndexBox;

/// Side of a cell of the map of places, in voxels.
const CELL: usize = 16;

/// More cells than these are not listed for one box: a box so large is looked at by every other one.
const MOST_CELLS: usize = 512;

/// Groups of boxes: the box that holds each, and its members in their order. Boxes of different groups do not overlap. Also
/// returns how many boxes were looked at.
pub fn groups(boxes: &[IndexBox]) -> (Vec<(IndexBox, Vec<usize>)>, usize) {
    let mut map = Map::default();
    for (index, part) in boxes.iter().enumerate() {
        let (mut part, mut members) = (*part, vec![index]);
        // A merged box may touch groups that neither part touched.
        while let Some(group) = map.touching(&part) {
            let (other, of_it) = map.take(group);
            part = part.union(&other);
            members.extend(of_it);
        }
        members.sort_unstable();
        map.add(part, members);
    }
    let mut all: Vec<_> = map.groups.into_iter().flatten().collect();
    all.sort_by_key(|(_, members)| members.last().copied());
    (all, map.looked)
}

/// Groups by the cells that they lie in.
#[derive(Default)]
struct Map {
    groups: Vec<Option<(IndexBox, Vec<usize>)>>,
    cells: HashMap<[usize; 3], Vec<usize>>,
    large: Vec<usize>,
    looked: usize,
}

impl Map {
    fn add(&mut self, part: IndexBox, members: Vec<usize>) {
        let group = self.groups.len();
        self.groups.push(Some((part, members)));
        match cells(&part) {
            Some(cells) => cells.into_iter().for_each(|cell| self.cells.entry(cell).or_default().push(group)),
            None => self.large.push(group),
        }
    }

    fn take(&mut self, group: usize) -> (IndexBox, Vec<usize>) {
        let (part, members) =
            self.groups[group].take().unwrap_or((IndexBox { start: [0; 3], end: [0; 3] }, Vec::new()));
        for cell in cells(&part).into_iter().flatten() {
            if let Some(there) = self.cells.get_mut(&cell) {
                there.retain(|other| *other != group);
            }
        }
        self.large.retain(|other| *other != group);
        (part, members)
    }

    /// A group whose box overlaps.
    fn touching(&mut self, part: &IndexBox) -> Option<usize> {
        let looked = &mut self.looked;
        let groups = &self.groups;
        let mut touches = |group: &usize| {
            *looked += 1;
            groups[*group].as_ref().is_some_and(|(other, _)| overlap(other, part))
        };
        if let Some(found) = self.large.iter().copied().find(|group| touches(group)) {
            return Some(found);
        }
        match cells(part) {
            Some(cells) => {
                let mut there = cells.iter().filter_map(|cell| self.cells.get(cell)).flatten().copied();
                there.find(|group| touches(group))
            }
            None => (0..groups.len()).find(|group| touches(group)),
        }
    }
}

/// The cells of a box; none if they are too many.
fn cells(part: &IndexBox) -> Option<Vec<[usize; 3]>> {
    let first = part.start.map(|i| i / CELL);
    let last: [usize; 3] = std::array::from_fn(|axis| part.end[axis].saturating_sub(1).max(part.start[axis]) / CELL);
    let count: usize = (0..3).map(|axis| last[axis] - first[axis] + 1).product();
    if count > MOST_CELLS {
        return None;
    }
    let mut cells = Vec::with_capacity(count);
    for z in first[2]..=last[2] {
        for y in first[1]..=last[1] {
            cells.extend((first[0]..=last[0]).map(|x| [x, y, z]));
        }
    }
    Some(cells)
}

fn overlap(a: &IndexBox, b: &IndexBox) -> bool {
    (0..3).all(|axis| a.start[axis] < b.end[axis] && b.start[axis] < a.end[axis])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn boxes(count: usize, side: usize, spread: usize) -> Vec<IndexBox> {
        let mut state = 7_u64;
        let mut random = |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % below
        };
        let mut one = || {
            let start = [random(spread), random(spread), random(spread)];
            IndexBox { start, end: start.map(|i| i + 1 + random(side)) }
        };
        (0..count).map(|_| one()).collect()
    }

    /// Each beside each, until nothing changes.
    fn slow(boxes: &[IndexBox]) -> Vec<(IndexBox, Vec<usize>)> {
        let mut groups: Vec<(IndexBox, Vec<usize>)> = Vec::new();
        for (index, part) in boxes.iter().enumerate() {
            let mut merged = (*part, vec![index]);
            while let Some(at) = groups.iter().position(|(other, _)| overlap(other, &merged.0)) {
                let (other, members) = groups.remove(at);
                merged.0 = merged.0.union(&other);
                merged.1.extend(members);
            }
            merged.1.sort_unstable();
            groups.push(merged);
        }
        groups
    }

    #[test]
    fn groups_are_those_of_looking_at_each_beside_each() {
        for (count, side, spread) in
            [(1, 5, 10), (60, 6, 60), (200, 4, 120), (40, 400, 900), (300, 12, 90), (25, 30, 30)]
        {
            let boxes = boxes(count, side, spread);
            assert_eq!(groups(&boxes).0, slow(&boxes), "{count} boxes of {side} in {spread}");
        }
    }

    #[test]
    fn twice_as_many_components_are_twice_the_work() {
        // The same density: the scan grows with the number of components.
        let looked = |count: usize, spread: usize| groups(&boxes(count, 3, spread)).1;
        let (small, large) = (looked(4_000, 200), looked(32_000, 400));
        assert!(large < 12 * small, "{small} and {large} for eight times as many");
        assert!(large < 40 * 32_000, "{large}");
    }
}
