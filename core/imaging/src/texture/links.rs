//! By which of its neighbours a voxel belongs to a zone.
//!
//! Of the thirteen neighbours before a voxel, those of its level that touch one another are one zone already, and one of
//! them stands for all. Which ones are asked is settled by comparisons alone, many voxels at a time.

use super::volume::Volume;

/// A bit for each neighbour that is asked: the row of the voxel in the slice below (C), the row before in its own slice
/// (A) and in the slice below (B), the row after in the slice below (D); beside each the one before and after along *x*.
const BITS: [(Row, isize); 12] = [
    (Row::C, 0),
    (Row::A, 0),
    (Row::A, -1),
    (Row::A, 1),
    (Row::B, 0),
    (Row::B, -1),
    (Row::B, 1),
    (Row::C, -1),
    (Row::C, 1),
    (Row::D, 0),
    (Row::D, -1),
    (Row::D, 1),
];

#[derive(Clone, Copy)]
enum Row {
    A,
    B,
    C,
    D,
}

/// The way from a voxel to the neighbour of each bit, in labels of two padded planes that begin at `here` and `below`.
pub(super) fn steps(row: usize, here: usize, below: usize) -> [isize; 12] {
    let (row, down) = (row as isize, below as isize - here as isize);
    BITS.map(|(of, x)| match of {
        Row::A => x - row,
        Row::B => x - row + down,
        Row::C => x + down,
        Row::D => x + row + down,
    })
}

/// Finds for each of `length` voxels from `position` on the neighbours whose zones it joins, one bit each; those of
/// voxels outside the region have no meaning. A voxel of its predecessor's level takes that one's zone besides.
pub(super) fn find(volume: &Volume, position: usize, length: usize, below: bool, links: &mut Vec<u16>) {
    links.clear();
    links.resize(length, 0);
    let row = |at: usize| &volume.data[at - 1..][..length + 2];
    let stride = volume.row_stride();
    let (own, a) = (row(position), row(position - stride));
    if below {
        let down = position - volume.plane_stride();
        find_in_space(own, [a, row(down - stride), row(down), row(down + stride)], links);
    } else {
        find_in_slice(own, a, links);
    }
}

/// All ones if two levels are the same.
fn same(a: u16, b: u16) -> u16 {
    if a == b { u16::MAX } else { 0 }
}

/// Neighbours in a row that are one zone: the middle one stands for all three. Those that the predecessor touches, if it
/// is of the same level, are its own.
fn of_row(level: u16, [before, at, after]: [u16; 3], apart: u16) -> [u16; 3] {
    let middle = same(level, at);
    [middle & apart, same(level, before) & !middle & apart, same(level, after) & !middle]
}

fn find_in_slice(own: &[u16], a: &[u16], links: &mut [u16]) {
    let n = links.len();
    let (own, a) = (&own[..n + 2], &a[..n + 2]);
    for x in 0..n {
        let level = own[x + 1];
        let [a0, a1, a2] = of_row(level, [a[x], a[x + 1], a[x + 2]], !same(level, own[x]));
        links[x] = a0 & 2 | a1 & 4 | a2 & 8;
    }
}

fn find_in_space(own: &[u16], [a, b, c, d]: [&[u16]; 4], links: &mut [u16]) {
    let n = links.len();
    let own = &own[..n + 2];
    let (a, b, c, d) = (&a[..n + 2], &b[..n + 2], &c[..n + 2], &d[..n + 2]);
    for x in 0..n {
        let level = own[x + 1];
        let apart = !same(level, own[x]);
        let three = |row: &[u16]| of_row(level, [row[x], row[x + 1], row[x + 2]], apart);
        // The voxel below touches all others; the one in the row before all but those of the row after.
        let (not_c, not_a) = (!same(level, c[x + 1]), !same(level, a[x + 1]));
        let ([a0, a1, a2], [b0, b1, b2], [c0, c1, c2], [d0, d1, d2]) = (three(a), three(b), three(c), three(d));
        let beside = a1 & 4 | a2 & 8 | b0 & 16 | b1 & 32 | b2 & 64 | c1 & 128 | c2 & 256;
        let after = d0 & 512 | d1 & 1024 | d2 & 2048;
        links[x] = c0 & 1 | (a0 & 2 | beside & not_a | after) & not_c;
    }
}
