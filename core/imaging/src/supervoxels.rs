//! Supervoxels: a region, cut into small parts that are compact and of one intensity.
//!
//! They are groups of k-means in intensity and place, each of which looks for its voxels only nearby, as in SLIC (Achanta et al.,
//! IEEE Trans. Pattern Anal. Mach. Intell. 34:2274, 2012). Each cell of a lattice starts with one supervoxel, and a voxel
//! belongs to one of those of its own cell and of the 26 cells around it. Unlike in SLIC, parts that are not connected stay
//! as they are. So the work grows with the voxels, and no order of threads changes a bit.

use crate::{IndexBox, View, lengths, mask};

/// How a region is cut.
///
/// ```
/// use voxomics_imaging::{View, supervoxels::Supervoxels};
///
/// // A row of eight voxels of 1 mm, cells of 4 mm: every voxel of the region has a number, and no other voxel.
/// let region = [1, 1, 1, 1, 1, 1, 1, 0];
/// let image = [0.0, 0.0, 0.0, 0.0, 9.0, 9.0, 9.0, 9.0];
/// let cut = Supervoxels { side_mm: 4.0, compactness: 0.1, rounds: 10 };
/// let numbers = cut.cut(View::new([8, 1, 1], &region), &[&image], [1.0; 3]);
/// assert!(numbers[..7].iter().all(|number| *number > 0) && numbers[7] == 0);
/// assert_ne!(numbers[0], numbers[6]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Supervoxels {
    /// Side of a cell of the lattice, mm: about that of a supervoxel.
    pub side_mm: f64,
    /// Weight of place against intensity: how many standard deviations of the region's intensities one side of a cell counts for.
    pub compactness: f64,
    /// The most rounds.
    pub rounds: usize,
}

/// A supervoxel while it moves: sums of the intensities and of the place of its voxels, then their means.
struct Centre {
    intensities: Vec<f64>,
    place: [f64; 3],
    voxels: usize,
}

impl Supervoxels {
    /// For each voxel the number of its supervoxel, from 1 without a gap; 0 outside the region. `images` are intensities on the
    /// grid of the region, all of them finite in it; `spacing` is in mm.
    pub fn cut(&self, region: View<u8>, images: &[&[f64]], spacing: [f64; 3]) -> Vec<u32> {
        let [nx, ny, _] = region.dims();
        let inside: Vec<usize> = (0..region.data().len()).filter(|at| region.data()[*at] != 0).collect();
        let index = |at: usize| [at % nx, at / nx % ny, at / nx / ny];
        // The lattice begins where the region does: how large the box around it is makes no difference.
        let Some(IndexBox { start, end }) = mask::bounding_box(region) else { return vec![0; region.data().len()] };
        let place = |at: usize| -> [f64; 3] {
            let index = index(at);
            std::array::from_fn(|axis| (index[axis] - start[axis]) as f64 * spacing[axis] / self.side_mm)
        };
        // Across thick slices, a cell is one voxel high.
        let sides = spacing.map(|mm| (self.side_mm / mm).max(1.0));
        let cell_of = |steps: [usize; 3]| -> [usize; 3] {
            std::array::from_fn(|axis| lengths::within(steps[axis] as f64, sides[axis]))
        };
        let cells = cell_of(std::array::from_fn(|axis| end[axis] - 1 - start[axis])).map(|last| last + 1);
        let cell = |at: usize| {
            let index = index(at);
            cell_of(std::array::from_fn(|axis| index[axis] - start[axis]))
        };
        let number = |[x, y, z]: [usize; 3]| (z * cells[1] + y) * cells[0] + x;
        let weights = weights(&inside, images);
        let mut of: Vec<usize> = inside.iter().map(|at| number(cell(*at))).collect();
        for _ in 0..self.rounds {
            let centres = centres(cells.iter().product(), &inside, &of, images, &place);
            let nearest = |at: usize| {
                let (home, here) = (cell(at), place(at));
                let mut best = (f64::INFINITY, usize::MAX);
                let around = |axis: usize| home[axis].saturating_sub(1)..=(home[axis] + 1).min(cells[axis] - 1);
                for z in around(2) {
                    for y in around(1) {
                        for x in around(0) {
                            let candidate = number([x, y, z]);
                            let Some(centre) = &centres[candidate] else { continue };
                            let away: f64 = (0..3).map(|axis| (here[axis] - centre.place[axis]).powi(2)).sum::<f64>();
                            let differs = images.iter().zip(&weights).zip(&centre.intensities);
                            let differs: f64 =
                                differs.map(|((image, weight), mean)| weight * (image[at] - mean).powi(2)).sum();
                            let distance = differs + self.compactness * self.compactness * away;
                            if distance < best.0 {
                                best = (distance, candidate);
                            }
                        }
                    }
                }
                best.1
            };
            let next = inside.iter().zip(&of).map(|(at, of)| match nearest(*at) {
                // Every supervoxel near has lost its voxels to others.
                usize::MAX => *of,
                found => found,
            });
            let next: Vec<usize> = next.collect();
            if next == of {
                break;
            }
            of = next;
        }
        numbered(region.data().len(), &inside, &of)
    }
}

/// For each image one over its variance in the region and over the number of images; 0 where it does not vary.
fn weights(inside: &[usize], images: &[&[f64]]) -> Vec<f64> {
    let n = inside.len() as f64;
    let of = |image: &&[f64]| {
        let mean = inside.iter().map(|at| image[*at]).sum::<f64>() / n;
        let variance = inside.iter().map(|at| (image[*at] - mean).powi(2)).sum::<f64>() / n;
        if variance > 0.0 { 1.0 / variance / images.len() as f64 } else { 0.0 }
    };
    images.iter().map(of).collect()
}

/// The means of the voxels of each supervoxel; none of one that has no voxel.
fn centres(
    count: usize,
    inside: &[usize],
    of: &[usize],
    images: &[&[f64]],
    place: &dyn Fn(usize) -> [f64; 3],
) -> Vec<Option<Centre>> {
    let mut all: Vec<Option<Centre>> = (0..count).map(|_| None).collect();
    for (at, of) in inside.iter().zip(of) {
        let new = || Centre { intensities: vec![0.0; images.len()], place: [0.0; 3], voxels: 0 };
        let centre = all[*of].get_or_insert_with(new);
        centre.voxels += 1;
        centre.intensities.iter_mut().zip(images).for_each(|(sum, image)| *sum += image[*at]);
        centre.place.iter_mut().zip(place(*at)).for_each(|(sum, x)| *sum += x);
    }
    for centre in all.iter_mut().flatten() {
        let count = centre.voxels as f64;
        centre.intensities.iter_mut().chain(&mut centre.place).for_each(|sum| *sum /= count);
    }
    all
}

/// Numbers from 1 on, in the order in which the supervoxels are met.
fn numbered(count: usize, inside: &[usize], of: &[usize]) -> Vec<u32> {
    let mut numbers = std::collections::HashMap::new();
    let mut labels = vec![0; count];
    for (at, of) in inside.iter().zip(of) {
        let next = numbers.len() as u32 + 1;
        labels[*at] = *numbers.entry(*of).or_insert(next);
    }
    labels
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIMS: [usize; 3] = [24, 20, 12];

    fn noise(at: usize) -> f64 {
        ((at as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40) as f64 / (1_u64 << 24) as f64
    }

    fn ball() -> Vec<u8> {
        let inside = |at: usize| {
            let [x, y, z] = [at % 24, at / 24 % 20, at / 480].map(|i| i as f64);
            u8::from((x - 11.5).powi(2) + (y - 9.5).powi(2) + 3.0 * (z - 5.5).powi(2) < 80.0)
        };
        (0..24 * 20 * 12).map(inside).collect()
    }

    fn cut(mask: &[u8], image: &[f64], compactness: f64) -> Vec<u32> {
        let how = Supervoxels { side_mm: 4.0, compactness, rounds: 10 };
        how.cut(View::new(DIMS, mask), &[image], [1.0, 1.0, 2.0])
    }

    #[test]
    fn each_voxel_of_the_region_has_one_and_no_other_has() {
        let (mask, image) = (ball(), (0..24 * 20 * 12).map(noise).collect::<Vec<_>>());
        let labels = cut(&mask, &image, 1.0);
        assert!(labels.iter().zip(&mask).all(|(label, inside)| (*label > 0) == (*inside != 0)));
        let most = labels.iter().copied().max().expect("voxels");
        assert!((1..=most).all(|label| labels.contains(&label)) && most > 20, "{most}");
    }

    #[test]
    fn they_keep_to_an_edge_and_within_reach() {
        let (mask, edge) = (ball(), |at: usize| f64::from(at % 24 < 10));
        let image: Vec<f64> = (0..24 * 20 * 12).map(|at| 10.0 * edge(at) + 0.1 * noise(at)).collect();
        let labels = cut(&mask, &image, 0.3);
        for label in 1..=labels.iter().copied().max().expect("voxels") {
            let of: Vec<usize> = (0..labels.len()).filter(|at| labels[*at] == label).collect();
            assert!(of.iter().all(|at| edge(*at) == edge(of[0])), "supervoxel {label} lies on both sides");
            let span = |index: fn(usize) -> usize| {
                let all = of.iter().map(|at| index(*at));
                all.clone().max().expect("voxels") - all.min().expect("voxels")
            };
            // Three cells of 4 mm at most.
            assert!(span(|at| at % 24) < 12 && span(|at| at / 24 % 20) < 12 && span(|at| at / 480) < 6);
        }
    }

    #[test]
    fn a_flat_region_is_cut_by_place() {
        let mask = vec![1; 24 * 20 * 12];
        let labels = cut(&mask, &vec![7.0; 24 * 20 * 12], 1.0);
        assert_eq!(labels.iter().copied().max(), Some(6 * 5 * 6));
    }
}
