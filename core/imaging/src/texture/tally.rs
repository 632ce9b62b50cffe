//! Counting into cells, in a table where that is small and in sorted keys where it is not.

use std::ops::AddAssign;

use super::{Cell, Matrix};

/// The largest table, in entries: what is larger is counted by keys.
const LARGEST_TABLE: usize = 1 << 22;

/// Number of keys that are gathered before they are sorted and summed.
const KEYS: usize = 1 << 16;

/// Sums of integers over `(level, other)`, both ≥ 1; row and column 0 of the table take what lies outside the region.
pub(super) struct Tally<T> {
    /// Columns of the table; 0 if there is none.
    width: usize,
    table: Vec<T>,
    /// Keys and counts of the columns that the table does not have.
    keys: Vec<(u64, u64)>,
    limit: usize,
}

impl<T: Copy + Default + AddAssign + Into<u64>> Tally<T> {
    /// For levels up to `top`, about `width` columns and `additions` counts; a table only if it is worth its clearing.
    pub(crate) fn new(top: usize, width: usize, additions: usize) -> Self {
        let entries = (top + 1).saturating_mul(width);
        let fits = entries <= LARGEST_TABLE && entries <= 4096 + additions.saturating_mul(8);
        let (width, entries) = if fits { (width, entries) } else { (0, 0) };
        Self { width, table: vec![T::default(); entries], keys: Vec::new(), limit: KEYS }
    }

    /// The table, rows of as many columns as were asked for, if there is one.
    pub(crate) fn table(&mut self) -> Option<&mut [T]> {
        if self.width == 0 { None } else { Some(&mut self.table) }
    }

    /// Adds to one cell.
    pub(crate) fn add(&mut self, level: usize, other: usize, value: T) {
        if other < self.width {
            self.table[level * self.width + other] += value;
            return;
        }
        self.keys.push((key(level as u32, other as u32), value.into()));
        if self.keys.len() >= self.limit {
            self.compact();
            self.limit = KEYS.max(2 * self.keys.len());
        }
    }

    /// Adds the transpose.
    pub(crate) fn symmetrise(&mut self) {
        self.compact();
        for at in 0..self.keys.len() {
            let (key, count) = self.keys[at];
            self.keys.push((key.rotate_left(32), count));
        }
        for i in 0..self.width {
            for j in 0..=i {
                let mut both = self.table[i * self.width + j];
                both += self.table[j * self.width + i];
                self.table[i * self.width + j] = both;
                self.table[j * self.width + i] = both;
            }
        }
    }

    /// The non-empty cells, sorted, without row and column 0.
    pub(crate) fn into_cells(mut self) -> Vec<Cell> {
        self.compact();
        let mut cells = Vec::new();
        let mut keys = self.keys.iter().map(|&(key, count)| cell(key, count as f64)).peekable();
        for (level, row) in self.table.chunks_exact(self.width.max(1)).enumerate().skip(1) {
            while let Some(before) = keys.next_if(|cell| (cell.level as usize) < level) {
                cells.push(before);
            }
            for (other, &value) in row.iter().enumerate().skip(1) {
                let value: u64 = value.into();
                if value != 0 {
                    cells.push(Cell { level: level as u32, other: other as u32, value: value as f64 });
                }
            }
        }
        cells.extend(keys);
        cells
    }

    fn compact(&mut self) {
        // The stable sort makes use of the part that is sorted from the last time.
        self.keys.sort_by_key(|&(key, _)| key);
        self.keys.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            if same {
                kept.1 += next.1;
            }
            same
        });
    }
}

/// The weighted sum of matrices and of their voxels, added in the order of the list.
///
/// Counts are whole numbers below 2⁵³: with weights of 1 the sum is exact.
pub(super) fn merge(parts: &[(&Matrix, f64)]) -> Matrix {
    let voxels = parts.iter().map(|(matrix, weight)| matrix.voxels * weight).sum();
    let cells = || parts.iter().flat_map(|(matrix, weight)| matrix.cells.iter().map(move |cell| (cell, *weight)));
    let (mut top, mut width, mut count) = (0usize, 0usize, 0usize);
    for (cell, _) in cells() {
        top = top.max(cell.level as usize);
        width = width.max(cell.other as usize + 1);
        count += 1;
    }
    let entries = (top + 1).saturating_mul(width);
    let cells = if entries <= LARGEST_TABLE && entries <= 8 * count + 4096 {
        let mut table = vec![0.0; entries];
        for (cell, weight) in cells() {
            table[cell.level as usize * width + cell.other as usize] += cell.value * weight;
        }
        let index = |i: usize| ((i / width) as u32, (i % width) as u32);
        let filled = table.into_iter().enumerate().filter(|(_, value)| *value != 0.0);
        filled.map(|(i, value)| Cell { level: index(i).0, other: index(i).1, value }).collect()
    } else {
        let mut all: Vec<Cell> = cells().map(|(cell, weight)| Cell { value: cell.value * weight, ..*cell }).collect();
        // Stable, so that equal cells are added in the order of the list.
        all.sort_by_key(|cell| key(cell.level, cell.other));
        all.dedup_by(|next, kept| {
            let same = (next.level, next.other) == (kept.level, kept.other);
            if same {
                kept.value += next.value;
            }
            same
        });
        // A weight may be too small for a number.
        all.retain(|cell| cell.value != 0.0);
        all
    };
    Matrix { cells, voxels }
}

fn key(level: u32, other: u32) -> u64 {
    u64::from(level) << 32 | u64::from(other)
}

fn cell(key: u64, value: f64) -> Cell {
    Cell { level: (key >> 32) as u32, other: key as u32, value }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_and_keys_count_alike() {
        let pairs: Vec<(usize, usize)> = (0..200_000).map(|i| (1 + i * 7 % 5, 1 + i * i % 301)).collect();
        let count = |width, additions| {
            let mut tally = Tally::<u32>::new(5, width, additions);
            for &(level, other) in &pairs {
                tally.add(level, other, 1);
            }
            tally.into_cells()
        };
        let (table, keys, mixed) = (count(302, 1000), count(usize::MAX, 1000), count(16, 1000));
        assert_eq!(table, keys);
        assert_eq!(table, mixed);
        assert_eq!(table.iter().map(|cell| cell.value).sum::<f64>(), 200_000.0);
    }

    #[test]
    fn merging_is_the_same_in_a_table_and_in_keys() {
        let matrix = |far| Matrix {
            cells: vec![Cell { level: 1, other: 2, value: 3.0 }, Cell { level: 2, other: far, value: 1.0 }],
            voxels: 5.0,
        };
        let near = merge(&[(&matrix(4), 1.0), (&matrix(4), 0.5)]);
        let far = merge(&[(&matrix(4_000_000_000), 1.0), (&matrix(4_000_000_000), 0.5)]);
        assert_eq!((near.voxels, near.cells[0].value, near.cells[1].value), (7.5, 4.5, 1.5));
        assert_eq!((far.voxels, far.cells[0].value, far.cells[1].value), (7.5, 4.5, 1.5));
    }
}
