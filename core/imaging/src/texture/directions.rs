//! The vectors from a voxel to its neighbours.

use super::{Norm, Weighting};

/// A difference of voxel indices along *x*, *y*, *z*.
pub(super) type Vector = [isize; 3];

/// One of each pair of opposite vectors to the neighbours at a distance: the directions of a GLCM.
///
/// IBSI 1 manual (arXiv:1612.07003), "Distances and distance weighting" of the GLCM: the directions at distance 1, which
/// are 13 (in the slice: 4) with the Chebyshev norm and the axes with the others, each multiplied by the distance δ.
/// The alternative that the manual mentions, every vector of length δ, hardly anybody uses. A vector that reaches across
/// the whole region is left out: nothing is there.
pub(super) fn at(distance: u32, norm: Norm, planar: bool, dims: [usize; 3]) -> Vec<Vector> {
    let scale = distance as isize;
    let fits = |v: &Vector| (0..3).all(|axis| v[axis].unsigned_abs() < dims[axis].max(2));
    let reached = units(norm, planar).into_iter().map(|v| v.map(|component| component.saturating_mul(scale)));
    reached.filter(fits).collect()
}

/// One of each pair of opposite vectors of length 1.
fn units(norm: Norm, planar: bool) -> Vec<Vector> {
    let mut vectors = cube(1, planar, [2; 3]);
    vectors.retain(|v| is_forward(*v) && within(*v, 1, norm));
    vectors
}

/// The 13 (in the slice: 4) unit directions along which runs are sought.
pub(super) fn unit(planar: bool) -> Vec<Vector> {
    units(Norm::Chebyshev, planar)
}

/// All vectors to the neighbours *within* a distance, the centre left out (IBSI 1 manual, NGTDM and NGLDM).
pub(super) fn neighbours(distance: u32, norm: Norm, planar: bool, dims: [usize; 3]) -> Vec<Vector> {
    let mut vectors = cube(distance, planar, dims);
    vectors.retain(|v| *v != [0; 3] && within(*v, distance, norm));
    vectors
}

/// The factor by which the matrix of a direction is multiplied before merging.
pub(super) fn weight(vector: Vector, weighting: Weighting) -> f64 {
    match weighting {
        Weighting::None => 1.0,
        Weighting::Inverse(norm) => 1.0 / length(vector, norm),
        Weighting::Gaussian(norm) => (-length(vector, norm).powi(2)).exp(),
    }
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
        for distance in [1, 2, 3] {
            assert_eq!([count(distance, Norm::Chebyshev, false), count(distance, Norm::Chebyshev, true)], [13, 4]);
            assert_eq!([count(distance, Norm::Manhattan, false), count(distance, Norm::Euclidean, true)], [3, 2]);
        }
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
        assert_eq!(weight([1, 1, 1], Weighting::None), 1.0);
        assert_eq!(weight([1, -1, 1], Weighting::Inverse(Norm::Manhattan)), 1.0 / 3.0);
        assert_eq!(weight([0, -2, 0], Weighting::Gaussian(Norm::Chebyshev)), (-4.0f64).exp());
        assert_eq!(weight([1, 1, 0], Weighting::Inverse(Norm::Euclidean)), 1.0 / 2f64.sqrt());
    }
}
