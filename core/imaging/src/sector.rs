//! Parts of a region by the direction in which they lie from a centre, in the patient's axial plane.

use std::f64::consts::TAU;

use crate::{Grid, View};

/// The centre of the voxels of a mask on a grid, mm, LPS; none if it has none.
///
/// ```
/// use voxomics_imaging::{Grid, View, sector::centre};
///
/// let grid = Grid::axis_aligned([3, 1, 1], [2.0, 1.0, 1.0]);
/// assert_eq!(centre(View::new([3, 1, 1], &[0, 1, 1]), &grid), Some([3.0, 0.0, 0.0]));
/// ```
pub fn centre(mask: View<u8>, grid: &Grid) -> Option<[f64; 3]> {
    let (mut sum, mut count) = ([0_u64; 3], 0_u64);
    each(mask, |index| {
        count += 1;
        sum.iter_mut().zip(index).for_each(|(sum, i)| *sum += i as u64);
    });
    (count > 0).then(|| grid.point(sum.map(|sum| sum as f64 / count as f64)))
}

/// Leaves only the voxels of a mask that lie in one of `count` equal sectors about a centre (mm, LPS).
///
/// Sectors are counted from 1. The middle of the first one points to the patient's front. The others follow towards the
/// patient's left: of four, they lie in front, left, behind and right. A voxel on the border of two belongs to the later one, and
/// one above or below the centre itself to the first.
///
/// ```
/// use voxomics_imaging::{Grid, sector::keep};
///
/// // In LPS, y grows towards the back: of four sectors the first has the voxel in front of the centre.
/// let grid = Grid::axis_aligned([1, 3, 1], [1.0; 3]);
/// let mut mask = [1, 0, 1];
/// keep(&mut mask, &grid, [0.0, 1.0, 0.0], 1, 4);
/// assert_eq!(mask, [1, 0, 0]);
/// ```
pub fn keep(mask: &mut [u8], grid: &Grid, centre: [f64; 3], number: u32, count: u32) {
    let view = mask.to_vec();
    let width = TAU / f64::from(count);
    each(View::new(grid.dims, &view), |index| {
        let point = grid.point(index.map(|i| i as f64));
        let [left, front] = [point[0] - centre[0], centre[1] - point[1]];
        // Centres of voxels lie micrometres apart at least: what is nearer is rounding, and has no direction.
        let angle = if left.abs().max(front.abs()) < 1e-9 { 0.0 } else { left.atan2(front) };
        // The same border must have the same sector whatever the rounding of its angle.
        let sector = ((angle / width + 0.5 + 1e-9).floor() as i64).rem_euclid(i64::from(count));
        if sector + 1 != i64::from(number) {
            mask[View::new(grid.dims, &view).offset(index)] = 0;
        }
    });
}

fn each(mask: View<u8>, mut visit: impl FnMut([usize; 3])) {
    let [nx, ny, nz] = mask.dims();
    for z in 0..nz {
        for y in 0..ny {
            (0..nx).zip(mask.row(y, z)).filter(|(_, voxel)| **voxel != 0).for_each(|(x, _)| visit([x, y, z]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sectors(grid: &Grid, mask: &[u8], count: u32) -> Vec<u32> {
        let centre = centre(View::new(grid.dims, mask), grid).expect("a centre");
        let mut of_voxel = vec![0; mask.len()];
        for number in 1..=count {
            let mut part = mask.to_vec();
            keep(&mut part, grid, centre, number, count);
            for (sector, _) in of_voxel.iter_mut().zip(part).filter(|(_, voxel)| *voxel != 0) {
                assert_eq!(*sector, 0, "no voxel lies in two sectors");
                *sector = number;
            }
        }
        of_voxel
    }

    #[test]
    fn four_sectors_are_front_left_behind_and_right() {
        let grid = Grid::axis_aligned([3, 3, 1], [1.0; 3]);
        // x runs to the left and y to the back; corners lie on borders, and belong to the later sector.
        assert_eq!(sectors(&grid, &[1; 9], 4), [1, 1, 2, 4, 1, 2, 4, 3, 3]);
        // The same patient, stored from the left to the right and from the back to the front.
        let turned =
            Grid { origin: [2.0, 2.0, 0.0], direction: [[-1.0, 0.0, 0.0], [0.0, -1.0, 0.0], [0.0, 0.0, 1.0]], ..grid };
        assert_eq!(sectors(&turned, &[1; 9], 4), [3, 3, 4, 2, 1, 4, 2, 1, 1]);
    }

    #[test]
    fn every_voxel_lies_in_one_sector_and_those_of_a_disc_are_alike() {
        let grid = Grid { origin: [-31.5, 12.25, -400.0], ..Grid::axis_aligned([41, 41, 3], [0.7, 0.7, 2.5]) };
        let inside = |i: usize| {
            let (x, y) = ((i % 41) as i64 - 20, (i / 41 % 41) as i64 - 20);
            u8::from(x * x + y * y <= 400)
        };
        let mask: Vec<u8> = (0..grid.len()).map(inside).collect();
        for count in [2, 3, 4, 6, 8] {
            let found = sectors(&grid, &mask, count);
            assert!(found.iter().zip(&mask).all(|(sector, voxel)| (*sector > 0) == (*voxel > 0)));
            let share = |number| found.iter().filter(|sector| **sector == number).count() as f64;
            let (least, most) = (1..=count).map(share).fold((f64::MAX, 0.0_f64), |(a, b), n| (a.min(n), b.max(n)));
            assert!(most / least < 1.15, "{count}: {least} to {most}");
        }
        assert_eq!(centre(View::new([1, 1, 1], &[0]), &Grid::axis_aligned([1; 3], [1.0; 3])), None);
    }
}
