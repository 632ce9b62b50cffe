//! The vectors from a voxel to its neighbours.

use super::{Kind, Norm, Weighting};

/// A difference of voxel indices along *x*, *y*, *z*.
pub(super) type Vector = [isize; 3];

/// One of each pair of opposite vectors to the neighbours at a distance: the directions of a GLCM.
///
/// IBSI 1 manual (arXiv:1612.07003), "Distances and distance weighting" of the GLCM. With the Chebyshev norm they are the
/// manual's default: the 13 (in the slice: 4) directions to the voxels around, each multiplied by the distance δ. With
/// the others they are the manual's alternative, the vectors to all voxels at δ: those longer than δ − 1 and not longer
/// than δ. A vector that reaches across the whole region is left out: nothing is there.
pub(super) fn at(distance: u32, norm: Norm, planar: bool, dims: [usize; 3]) -> Vec<Vector> {
    let scale = distance as isize;
    let mut vectors = match norm {
        Norm::Chebyshev => unit(planar).into_iter().map(|v| v.map(|c| c.saturating_mul(scale))).collect(),
        Norm::Euclidean | Norm::Manhattan => cube(distance, planar, dims),
    };
    let fits = |v: &Vector| (0..3).all(|axis| v[axis].unsigned_abs() < dims[axis].max(2));
    // Of the Chebyshev norm's vectors all are at the distance.
    let is_at = |v: &Vector| within(*v, distance, norm) && !within(*v, distance.saturating_sub(1), norm);
    vectors.retain(|v| is_forward(*v) && fits(v) && is_at(v));
    vectors
}

/// The 13 (in the slice: 4) unit directions along which runs are sought.
pub(super) fn unit(planar: bool) -> Vec<Vector> {
    let mut vectors = cube(1, planar, [2; 3]);
    vectors.retain(|v| is_forward(*v));
    vectors
}

/// All vectors to the neighbours *within* a distance, the centre left out (IBSI 1 manual, NGTDM and NGLDM).
pub(super) fn neighbours(distance: u32, norm: Norm, planar: bool, dims: [usize; 3]) -> Vec<Vector> {
    let mut vectors = cube(distance, planar, dims);
    vectors.retain(|v| *v != [0; 3] && within(*v, distance, norm));
    vectors
}

/// The factors by which the matrices of directions are multiplied before merging.
///
/// Those of pairs are in relation to the shortest direction's: all features of a GLCM are read from shares, so that a
/// common factor has no bearing, and at a distance the weights themselves may be too small for a number, as exp(−28²) is.
/// Two features of a GLRLM, the non-uniformities, grow with the number of runs: its weights are as they are defined.
pub(super) fn weights(vectors: &[Vector], kind: Kind, weighting: Weighting) -> Vec<f64> {
    let (norm, one, weight): (Norm, f64, fn(f64, f64) -> f64) = match weighting {
        Weighting::None => return vec![1.0; vectors.len()],
        Weighting::Inverse(norm) => (norm, 1.0, |one, length| one / length),
        Weighting::Gaussian(norm) => (norm, 0.0, |one, length| ((one - length) * (one + length)).exp()),
    };
    let lengths: Vec<f64> = vectors.iter().map(|vector| length(*vector, norm)).collect();
    let shortest = lengths.iter().copied().fold(f64::INFINITY, f64::min);
    // The length that has the weight 1.
    let one = if kind == Kind::Glcm { shortest } else { one };
    lengths.into_iter().map(|length| weight(one, length)).collect()
}

/// Whether all vectors have one length.
pub(super) fn are_alike(vectors: &[Vector], norm: Norm) -> bool {
    let mut lengths = vectors.iter().map(|vector| length(*vector, norm));
    let first = lengths.next();
    lengths.all(|length| Some(length) == first)
}

/// Vectors of a cube, sorted by *z*, *y*, *x*, without those that reach across the whole region: nothing is there.
fn cube(distance: u32, planar: bool, dims: [usize; 3]) -> Vec<Vector> {
    let reach = dims.map(|n| (distance as usize).min(n.saturating_sub(1)).max(1) as isize);
    let z_reach = if planar { 0 } else { reach[2] };
    let mut vectors = Vec::new();
    for z in -z_reach..=z_reach {
        for y in -reach[1]..=reach[1] {
            vectors.extend((-reach[0]..=reach[0]).map(|x| [x, y, z]));
        }
    }
    vectors
}

fn is_forward([x, y, z]: Vector) -> bool {
    [z, y, x] > [0; 3]
}

fn within(vector: Vector, distance: u32, norm: Norm) -> bool {
    let [x, y, z] = vector.map(|component| component.unsigned_abs() as u128);
    let distance = u128::from(distance);
    match norm {
        Norm::Chebyshev => x.max(y).max(z) <= distance,
        Norm::Manhattan => x + y + z <= distance,
        Norm::Euclidean => x * x + y * y + z * z <= distance * distance,
    }
}

fn length(vector: Vector, norm: Norm) -> f64 {
    let [x, y, z] = vector.map(|component| component.unsigned_abs() as f64);
    match norm {
        Norm::Chebyshev => x.max(y).max(z),
        Norm::Manhattan => x + y + z,
        Norm::Euclidean => (x * x + y * y + z * z).sqrt(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_of_directions_are_those_of_the_lattice() {
        let count = |distance, norm, planar| at(distance, norm, planar, [9; 3]).len();
        for (distance, manhattan, euclidean) in [(1, [3, 2], [3, 2]), (2, [9, 4], [13, 4]), (3, [19, 6], [45, 8])] {
            let both = |norm| [count(distance, norm, false), count(distance, norm, true)];
            assert_eq!(both(Norm::Chebyshev), [13, 4]);
            assert_eq!([both(Norm::Manhattan), both(Norm::Euclidean)], [manhattan, euclidean], "at {distance}");
        }
        // √(4 + 4 + 1) = 3.
        assert!(at(3, Norm::Euclidean, false, [9; 3]).contains(&[2, 2, 1]));
        assert!(at(2, Norm::Chebyshev, false, [9; 3]).iter().flatten().all(|component| component % 2 == 0));
        assert_eq!(neighbours(2, Norm::Euclidean, false, [9; 3]).len(), 32);
    }

    #[test]
    fn an_absurd_distance_costs_nothing() {
        assert!(at(u32::MAX, Norm::Euclidean, false, [3; 3]).is_empty());
        assert_eq!(neighbours(u32::MAX, Norm::Manhattan, false, [3; 3]).len(), 124);
    }

    #[test]
    fn weights_are_those_of_the_norm() {
        let vectors = [[1, 0, 0], [1, -1, 1], [0, -2, 0]];
        let of = |weighting| weights(&vectors, Kind::Glcm, weighting);
        assert_eq!(of(Weighting::None), [1.0; 3]);
        assert_eq!(of(Weighting::Inverse(Norm::Manhattan)), [1.0, 1.0 / 3.0, 0.5]);
        assert_eq!(of(Weighting::Inverse(Norm::Euclidean)), [1.0, 1.0 / 3f64.sqrt(), 0.5]);
        assert_eq!(of(Weighting::Gaussian(Norm::Chebyshev)), [1.0, 1.0, (-3.0f64).exp()]);
        // exp(−10⁶) is no number, the ratio is.
        let gaussian = Weighting::Gaussian(Norm::Euclidean);
        assert_eq!(weights(&[[1000, 0, 0], [0, 1000, 0]], Kind::Glcm, gaussian), [1.0; 2]);
        assert_eq!(weights(&[], Kind::Glcm, gaussian), []);
        assert_eq!(weights(&[[1, 0, 0]], Kind::Glrlm, gaussian), [(-1.0f64).exp()]);
        assert_eq!(weights(&[[1, 1, 0]], Kind::Glrlm, Weighting::Inverse(Norm::Manhattan)), [0.5]);
    }
}
