//! Small operations on masks: arrays of `u8` in which every value but 0 means "inside".

use crate::{IndexBox, View};

/// The smallest box that holds every voxel of the mask; `None` if it has none.
///
/// ```
/// use voxomics_imaging::{IndexBox, View, mask::bounding_box};
///
/// let mask = View::new([4, 1, 1], &[0, 1, 1, 0]);
/// assert_eq!(bounding_box(mask), Some(IndexBox { start: [1, 0, 0], end: [3, 1, 1] }));
/// assert_eq!(bounding_box(View::new([2, 1, 1], &[0, 0])), None);
/// ```
pub fn bounding_box(mask: View<u8>) -> Option<IndexBox> {
    let [nx, ny, nz] = mask.dims();
    let mut found: Option<IndexBox> = None;
    for z in 0..nz {
        for y in 0..ny {
            let row = mask.row(y, z);
            let Some(first) = row.iter().position(|&m| m != 0) else { continue };
            let last = row.iter().rposition(|&m| m != 0).unwrap_or(nx - 1);
            let part = IndexBox { start: [first, y, z], end: [last + 1, y + 1, z + 1] };
            found = Some(found.map_or(part, |sofar| sofar.union(&part)));
        }
    }
    found
}

/// Number of voxels in the mask.
///
/// ```
/// assert_eq!(voxomics_imaging::mask::count(&[0, 1, 2, 0]), 2);
/// ```
pub fn count(mask: &[u8]) -> usize {
    // Sums of 255 bytes fit a byte, which lets the compiler count sixteen voxels at a time.
    mask.chunks(255).map(|part| usize::from(part.iter().map(|&m| u8::from(m != 0)).sum::<u8>())).sum()
}

/// Adds the voxels of `other` to `mask`.
///
/// ```
/// let mut mask = [1, 0, 0];
/// voxomics_imaging::mask::unite(&mut mask, &[0, 2, 0]);
/// assert_eq!(mask, [1, 1, 0]);
/// ```
///
/// # Panics
/// If the two differ in length.
pub fn unite(mask: &mut [u8], other: &[u8]) {
    assert_eq!(mask.len(), other.len(), "both masks have the same voxels");
    for (m, &o) in mask.iter_mut().zip(other) {
        *m = u8::from((*m | o) != 0);
    }
}

/// Takes the voxels of `other` out of `mask`.
///
/// ```
/// let mut mask = [1, 1, 0];
/// voxomics_imaging::mask::exclude(&mut mask, &[0, 2, 0]);
/// assert_eq!(mask, [1, 0, 0]);
/// ```
///
/// # Panics
/// If the two differ in length.
pub fn exclude(mask: &mut [u8], other: &[u8]) {
    assert_eq!(mask.len(), other.len(), "both masks have the same voxels");
    for (m, &o) in mask.iter_mut().zip(other) {
        *m = u8::from(*m != 0 && o == 0);
    }
}

/// A copy of the elements inside `part`, *x* fastest.
///
/// ```
/// use voxomics_imaging::{IndexBox, View, mask::crop};
///
/// let image = View::new([3, 2, 1], &[1, 2, 3, 4, 5, 6]);
/// assert_eq!(crop(image, IndexBox { start: [1, 0, 0], end: [3, 2, 1] }), [2, 3, 5, 6]);
/// ```
///
/// # Panics
/// If `part` reaches beyond the array.
pub fn crop<T: Copy>(array: View<T>, part: IndexBox) -> Vec<T> {
    let [nx, ny, nz] = part.dims();
    let mut copy = Vec::with_capacity(nx * ny * nz);
    if nx == 0 {
        // A row of no voxels has no place to begin at.
        return copy;
    }
    for z in part.start[2]..part.start[2] + nz {
        for y in part.start[1]..part.start[1] + ny {
            copy.extend_from_slice(&array.row(y, z)[part.start[0]..part.end[0]]);
        }
    }
    copy
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_box_holds_all_voxels_and_nothing_beyond() {
        let dims = [5, 4, 3];
        let mut mask = vec![0; 60];
        assert_eq!(bounding_box(View::new(dims, &mask)), None);
        for index in [[3, 1, 0], [1, 2, 2]] {
            let at = View::new(dims, &mask).offset(index);
            mask[at] = 1;
        }
        let found = bounding_box(View::new(dims, &mask));
        assert_eq!(found, Some(IndexBox { start: [1, 1, 0], end: [4, 3, 3] }));
        assert_eq!(bounding_box(View::new(dims, &[1; 60])), Some(IndexBox::whole(dims)));
        assert_eq!(bounding_box(View::new([0, 4, 3], &[])), None);
    }

    #[test]
    fn many_voxels_are_counted_without_overflow() {
        let mask: Vec<u8> = (0..10_000).map(|i| if i % 3 == 0 { 255 } else { 0 }).collect();
        assert_eq!(count(&mask), 3334);
        assert_eq!(count(&[1; 1000]), 1000);
        assert_eq!(count(&[]), 0);
    }

    #[test]
    fn union_and_exclusion() {
        let mut mask = vec![0, 0, 1, 1];
        unite(&mut mask, &[0, 2, 0, 1]);
        assert_eq!(mask, [0, 1, 1, 1]);
        exclude(&mut mask, &[0, 0, 7, 1]);
        assert_eq!(mask, [0, 1, 0, 0]);
    }

    #[test]
    fn a_crop_is_the_part() {
        let data: Vec<u8> = (0..24).collect();
        let view = View::new([4, 3, 2], &data);
        assert_eq!(crop(view, IndexBox { start: [1, 1, 0], end: [3, 3, 2] }), [5, 6, 9, 10, 17, 18, 21, 22]);
        assert_eq!(crop(view, IndexBox { start: [2, 1, 0], end: [2, 3, 2] }), [] as [u8; 0]);
        assert_eq!(crop(view, IndexBox::whole([4, 3, 2])), data);
    }
}
