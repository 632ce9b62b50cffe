//! Connected components of a mask, 26-connected: voxels that share a face, an edge or a corner belong together.
//!
//! A union-find over the runs of each row: memory grows with the number of runs, not with the number of voxels.

use crate::View;

/// The components of a mask, largest first; equal sizes in the order of their first voxel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Components {
    /// For each voxel the number of its component, from 1; 0 outside.
    pub labels: Vec<u32>,
    /// Number of voxels of component 1, 2, …
    pub sizes: Vec<usize>,
}

/// Labels the components of a mask.
///
/// ```
/// use voxomics_imaging::{View, components::components};
///
/// // A voxel alone, and a pair.
/// let found = components(View::new([5, 1, 1], &[1, 0, 0, 1, 1]));
/// assert_eq!((found.labels, found.sizes), (vec![2, 0, 0, 1, 1], vec![2, 1]));
/// ```
pub fn components(mask: View<u8>) -> Components {
    let runs = Runs::new(mask);
    let (numbers, sizes) = runs.numbered();
    let mut labels = vec![0; mask.data().len()];
    for (run, &number) in runs.runs.iter().zip(&numbers) {
        labels[run.start..run.end].fill(number);
    }
    Components { labels, sizes }
}

/// The largest component of a mask, the first one where several are equally large; empty if the mask is.
///
/// ```
/// use voxomics_imaging::{View, components::largest};
///
/// assert_eq!(largest(View::new([5, 1, 1], &[1, 0, 0, 1, 1])), [0, 0, 0, 1, 1]);
/// ```
pub fn largest(mask: View<u8>) -> Vec<u8> {
    let runs = Runs::new(mask);
    let (numbers, _) = runs.numbered();
    let mut part = vec![0; mask.data().len()];
    for (run, _) in runs.runs.iter().zip(&numbers).filter(|(_, number)| **number == 1) {
        part[run.start..run.end].fill(1);
    }
    part
}

/// Consecutive voxels of one row, as flat positions; `end` exclusive.
struct Run {
    start: usize,
    end: usize,
}

/// The runs of a mask in flat order, and a forest that joins those of one component.
struct Runs {
    runs: Vec<Run>,
    parents: Vec<usize>,
}

impl Runs {
    fn new(mask: View<u8>) -> Self {
        let [nx, ny, nz] = mask.dims();
        let mut all = Self { runs: Vec::new(), parents: Vec::new() };
        // Where the runs of each row begin, one entry more than there are rows.
        let mut rows = Vec::with_capacity(ny * nz + 1);
        rows.push(0);
        for z in 0..nz {
            for y in 0..ny {
                all.append_row(mask.row(y, z), mask.offset([0, y, z]));
                rows.push(all.runs.len());
                let row = z * ny + y;
                let below = y.saturating_sub(1)..(y + 2).min(ny);
                let beside = (y > 0).then(|| row - 1);
                let under = below.filter(|_| z > 0).map(|y| (z - 1) * ny + y);
                for other in beside.into_iter().chain(under) {
                    all.join_rows([rows[row], rows[row + 1]], [rows[other], rows[other + 1]], (row - other) * nx);
                }
            }
        }
        all
    }

    fn append_row(&mut self, row: &[u8], offset: usize) {
        let mut x = 0;
        while let Some(gap) = row[x..].iter().position(|&m| m != 0) {
            let start = x + gap;
            let end = row[start..].iter().position(|&m| m == 0).map_or(row.len(), |length| start + length);
            self.parents.push(self.runs.len());
            self.runs.push(Run { start: offset + start, end: offset + end });
            x = end;
        }
    }

    /// Joins the runs of two neighbouring rows that touch; `shift` moves the second row onto the first.
    fn join_rows(&mut self, [mut a, a_end]: [usize; 2], [mut b, b_end]: [usize; 2], shift: usize) {
        while a < a_end && b < b_end {
            let (start, end) = (self.runs[b].start + shift, self.runs[b].end + shift);
            // A run reaches one voxel further on both sides, because corners connect.
            if self.runs[a].start <= end && start <= self.runs[a].end {
                self.join(a, b);
            }
            if self.runs[a].end < end {
                a += 1;
            } else {
                b += 1;
            }
        }
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        // The earlier run stays the root, so that a root is the first run of its component.
        self.parents[a.max(b)] = a.min(b);
    }

    fn root(&mut self, mut run: usize) -> usize {
        while self.parents[run] != run {
            self.parents[run] = self.parents[self.parents[run]];
            run = self.parents[run];
        }
        run
    }

    /// The number of each run's component, and the sizes of the components, largest first.
    fn numbered(&self) -> (Vec<u32>, Vec<usize>) {
        let mut roots = Vec::with_capacity(self.runs.len());
        let mut found: Vec<(usize, usize)> = Vec::new();
        for (i, run) in self.runs.iter().enumerate() {
            // Parents come before their children, hence the parent's component is known already.
            let component = if self.parents[i] == i {
                found.push((found.len(), 0));
                found.len() - 1
            } else {
                roots[self.parents[i]]
            };
            roots.push(component);
            found[component].1 += run.end - run.start;
        }
        found.sort_by_key(|&(component, size)| (std::cmp::Reverse(size), component));
        let mut number = vec![0; found.len()];
        for (rank, &(component, _)) in (1..).zip(&found) {
            number[component] = rank;
        }
        (roots.into_iter().map(|component| number[component]).collect(), found.iter().map(|f| f.1).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Random, mirrored};

    /// Spreads the smallest flat position over neighbours until nothing changes.
    fn slow(mask: View<u8>) -> (Vec<usize>, usize) {
        let dims = mask.dims();
        let mut labels: Vec<usize> = (0..mask.data().len()).collect();
        let mut changed = true;
        while changed {
            changed = false;
            for i in (0..labels.len()).filter(|&i| mask.data()[i] != 0) {
                let at = [i % dims[0], i / dims[0] % dims[1], i / dims[0] / dims[1]];
                for step in 0..27 {
                    let to: [usize; 3] =
                        std::array::from_fn(|axis| (at[axis] + step / 3usize.pow(axis as u32) % 3).wrapping_sub(1));
                    if (0..3).all(|axis| to[axis] < dims[axis]) && mask.at(to) != 0 {
                        let j = mask.offset(to);
                        if labels[j] < labels[i] {
                            labels[i] = labels[j];
                            changed = true;
                        }
                    }
                }
            }
        }
        let count = (0..labels.len()).filter(|&i| mask.data()[i] != 0 && labels[i] == i).count();
        (labels, count)
    }

    #[test]
    fn random_masks_agree_with_a_slow_flood() {
        let mut random = Random::new(7);
        for (round, dims) in [[9, 7, 5], [1, 13, 6], [17, 1, 4], [6, 11, 1], [12, 9, 8]].into_iter().enumerate() {
            for sparsity in [2, 8, 14, 25] {
                let mask: Vec<u8> =
                    (0..dims.iter().product()).map(|_| u8::from(random.below(sparsity + round) == 0)).collect();
                let view = View::new(dims, &mask);
                let found = components(view);
                let (slow, count) = slow(view);
                assert_eq!(found.sizes.len(), count);
                for (i, &label) in found.labels.iter().enumerate() {
                    assert_eq!(label != 0, mask[i] != 0);
                    if label != 0 {
                        assert_eq!(label, found.labels[slow[i]]);
                    }
                }
                for (number, &size) in (1..).zip(&found.sizes) {
                    assert_eq!(found.labels.iter().filter(|&&l| l == number).count(), size);
                }
                assert!(found.sizes.is_sorted_by(|a, b| a >= b));
                let expected: Vec<u8> = found.labels.iter().map(|&l| u8::from(l == 1)).collect();
                assert_eq!(largest(view), expected);
                for axis in 0..3 {
                    assert_eq!(components(View::new(dims, &mirrored(dims, &mask, axis))).sizes, found.sizes);
                }
            }
        }
    }

    #[test]
    fn equal_sizes_keep_the_order_of_their_first_voxels_and_corners_connect() {
        let mask = [1, 0, 0, 1, 1, 0, 0, 1];
        assert_eq!(components(View::new([8, 1, 1], &mask)).labels, [2, 0, 0, 1, 1, 0, 0, 3]);
        let corners = [1, 0, 0, 0, 0, 0, 0, 1];
        assert_eq!(components(View::new([2, 2, 2], &corners)).sizes, [2]);
    }

    #[test]
    fn empty_and_full_masks() {
        assert_eq!(components(View::new([0, 3, 3], &[])).sizes, [] as [usize; 0]);
        assert_eq!(largest(View::new([3, 1, 1], &[0; 3])), [0; 3]);
        assert_eq!(components(View::new([3, 3, 3], &[1; 27])).sizes, [27]);
    }
}
