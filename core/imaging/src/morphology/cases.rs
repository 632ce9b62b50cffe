//! How the surface cuts a cell of eight voxel centres: the 256 cases of marching cubes.
//!
//! Corner `x + 2y + 4z` of a cell is bit `x + 2y + 4z` of its case, set if the voxel is inside. A vertex lies on the
//! middle of an edge; edges along *x* have the numbers `y + 2z`, along *y* `4 + x + 2z`, along *z* `8 + x + 2y`.
//! Coordinates are in half cells, hence whole numbers.
//!
//! The triangles are those of Lorensen and Cline ("Marching cubes", SIGGRAPH 1987) with one rule for faces whose set
//! corners lie on a diagonal: the surface parts them. Both cells at a face then draw the same line, so the mesh is
//! closed; and the rule knows no direction, so a turned or mirrored region has a turned or mirrored mesh. One member
//! of each class is written down and the 48 symmetries of the cube make the others.

use std::sync::OnceLock;

/// A triangle as the numbers of three edges, counter-clockwise when seen from outside the region.
type Triangle = [u8; 3];

/// One member of each class of cases that cuts the cell, with its triangles.
const CLASSES: [(u8, &[Triangle]); 20] = [
    (0b0000_0001, &[[4, 8, 0]]),
    (0b0000_0011, &[[4, 8, 5], [8, 9, 5]]),
    (0b0000_1001, &[[4, 8, 0], [11, 1, 5]]),
    (0b0000_1011, &[[4, 8, 1], [8, 11, 1], [8, 9, 11]]),
    (0b0000_1111, &[[11, 8, 9], [8, 11, 10]]),
    (0b0001_1000, &[[11, 1, 5], [8, 6, 2]]),
    (0b0001_1001, &[[6, 2, 4], [2, 0, 4], [11, 1, 5]]),
    (0b0001_1011, &[[9, 11, 1], [6, 9, 1], [4, 6, 1], [9, 6, 2]]),
    (0b0001_0110, &[[0, 9, 5], [8, 6, 2], [4, 1, 10]]),
    (0b0001_0111, &[[10, 6, 2], [10, 2, 9], [9, 1, 10], [1, 9, 5]]),
    (0b0001_1110, &[[8, 6, 2], [4, 0, 9], [9, 10, 4], [9, 11, 10]]),
    (0b0001_1111, &[[10, 6, 2], [9, 10, 2], [11, 10, 9]]),
    (0b0011_1100, &[[9, 8, 6], [9, 6, 7], [5, 11, 4], [4, 11, 10]]),
    (0b0011_1101, &[[0, 6, 7], [9, 0, 7], [0, 10, 6], [0, 5, 11], [0, 11, 10]]),
    (0b0011_1111, &[[7, 11, 10], [10, 6, 7]]),
    (0b1001_0110, &[[0, 9, 5], [4, 1, 10], [8, 6, 2], [11, 7, 3]]),
    (0b1001_0111, &[[10, 6, 2], [10, 2, 9], [9, 1, 10], [1, 9, 5], [11, 7, 3]]),
    (0b1001_1111, &[[10, 7, 3], [10, 9, 7], [9, 6, 2], [9, 10, 6]]),
    (0b1011_1101, &[[5, 9, 0], [10, 6, 3]]),
    (0b1011_1111, &[[10, 6, 3]]),
];

/// The corner at (0, 1, 1): the cases that a table of 128 entries leaves out are those in which it is set.
const MIRROR_CORNER: u8 = 1 << 6;

/// What a cell of one case adds to the mesh.
#[derive(Debug, Clone, Default)]
pub(super) struct Case {
    /// Triangles as corner points in half cells.
    pub triangles: Vec<[[i64; 3]; 3]>,
    /// Share of the cell that is inside, in 48ths.
    pub inside: i64,
    /// Where the mirrored half table differs, what it adds instead.
    pub mirrored: Option<Mirrored>,
}

/// A cell in which the mirrored half table draws other triangles than the closed mesh.
#[derive(Debug, Clone)]
pub(super) struct Mirrored {
    /// Its triangles.
    pub triangles: Vec<[[i64; 3]; 3]>,
    /// Its summed `det(a, b, c)` minus that of the closed mesh, in the cell's own coordinates.
    pub determinant: i64,
    /// Its summed `a × b + b × c + c × a` (four times the vector area, in cells²) minus that of the closed mesh.
    pub normal: [i64; 3],
}

/// The 256 cases.
pub(super) fn cases() -> &'static [Case; 256] {
    static CASES: OnceLock<Box<[Case; 256]>> = OnceLock::new();
    CASES.get_or_init(build)
}

fn build() -> Box<[Case; 256]> {
    let mut all: Box<[Case; 256]> = Box::new(std::array::from_fn(|_| Case::default()));
    for (case, triangles) in CLASSES {
        for symmetry in symmetries() {
            let turned = &mut all[usize::from(symmetry.case(case))];
            if turned.triangles.is_empty() {
                turned.triangles = triangles.iter().map(|t| symmetry.triangle(t.map(midpoint))).collect();
            }
        }
    }
    for case in 0..=255u8 {
        all[usize::from(case)].inside = inside(case, &all[usize::from(case)].triangles);
        if case & MIRROR_CORNER != 0 {
            let reversed = all[usize::from(!case)].triangles.iter().map(|&[a, b, c]| [c, b, a]).collect();
            all[usize::from(case)].mirrored = mirrored(reversed, &all[usize::from(case)].triangles);
        }
    }
    all
}

/// The middle of an edge.
fn midpoint(edge: u8) -> [i64; 3] {
    let (axis, low, high) = (usize::from(edge / 4), i64::from(edge & 1) * 2, i64::from(edge >> 1 & 1) * 2);
    match axis {
        0 => [1, low, high],
        1 => [low, 1, high],
        _ => [low, high, 1],
    }
}

/// Axes exchanged, then some of them reversed.
struct Symmetry {
    axes: [usize; 3],
    reversed: [bool; 3],
}

impl Symmetry {
    fn point(&self, p: [i64; 3]) -> [i64; 3] {
        std::array::from_fn(|i| if self.reversed[i] { 2 - p[self.axes[i]] } else { p[self.axes[i]] })
    }

    fn triangle(&self, triangle: [[i64; 3]; 3]) -> [[i64; 3]; 3] {
        let [a, b, c] = triangle.map(|p| self.point(p));
        if self.is_mirror() { [a, c, b] } else { [a, b, c] }
    }

    fn case(&self, case: u8) -> u8 {
        (0..8).filter(|corner| case >> corner & 1 == 1).fold(0, |turned, corner| {
            let [x, y, z] = self.point(std::array::from_fn(|axis| i64::from(corner >> axis & 1) * 2));
            turned | 1 << (x / 2 + y + 2 * z)
        })
    }

    fn is_mirror(&self) -> bool {
        let odd = matches!(self.axes, [0, 2, 1] | [2, 1, 0] | [1, 0, 2]);
        self.reversed.iter().filter(|&&r| r).count() % 2 == usize::from(!odd)
    }
}

fn symmetries() -> impl Iterator<Item = Symmetry> {
    let orders = [[0, 1, 2], [1, 2, 0], [2, 0, 1], [0, 2, 1], [2, 1, 0], [1, 0, 2]];
    orders.into_iter().flat_map(|axes| {
        (0..8).map(move |signs| Symmetry { axes, reversed: std::array::from_fn(|i| signs >> i & 1 == 1) })
    })
}

pub(super) fn cross(a: [i64; 3], b: [i64; 3]) -> [i64; 3] {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

pub(super) fn dot(a: [i64; 3], b: [i64; 3]) -> i64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

fn determinant(triangles: &[[[i64; 3]; 3]]) -> i64 {
    triangles.iter().map(|&[a, b, c]| dot(cross(a, b), c)).sum()
}

fn normal(triangles: &[[[i64; 3]; 3]]) -> [i64; 3] {
    triangles.iter().fold([0; 3], |sum, &[a, b, c]| {
        let parts = [cross(a, b), cross(b, c), cross(c, a)];
        std::array::from_fn(|i| sum[i] + parts.iter().map(|p| p[i]).sum::<i64>())
    })
}

/// The share of the cell inside the region, in 48ths: the solid bounded by the triangles and by the set parts of the
/// cell's faces, of which only those at *x*, *y*, *z* = 1 are off the origin.
fn inside(case: u8, triangles: &[[[i64; 3]; 3]]) -> i64 {
    let caps: i64 = (0..3)
        .map(|axis| {
            let (u, v) = ((axis + 1) % 3, (axis + 2) % 3);
            // Around the face, so that neighbours in the list share an edge.
            let corners = [0, 1 << u, 1 << u | 1 << v, 1 << v].map(|c| case >> (c | 1 << axis) & 1);
            let eighths = match corners.iter().sum::<u8>() {
                0 => 0,
                1 => 1,
                2 if corners[0] == corners[2] => 2,
                2 => 4,
                3 => 7,
                _ => 8,
            };
            // A cap at distance 1 spans a pyramid of a third of its area: 48/3/8.
            2 * eighths
        })
        .sum();
    determinant(triangles) + caps
}

fn mirrored(triangles: Vec<[[i64; 3]; 3]>, closed: &[[[i64; 3]; 3]]) -> Option<Mirrored> {
    let (theirs, ours) = (normal(&triangles), normal(closed));
    let determinant = determinant(&triangles) - determinant(closed);
    let normal = std::array::from_fn(|i| theirs[i] - ours[i]);
    (determinant != 0 || normal != [0; 3]).then_some(Mirrored { triangles, determinant, normal })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_case_is_filled_and_complements_share_the_cell() {
        for case in 0..=255u8 {
            let here = &cases()[usize::from(case)];
            assert_eq!(here.triangles.is_empty(), case == 0 || case == 255, "{case:08b}");
            assert!((0..=48).contains(&here.inside), "{case:08b}: {}", here.inside);
            let ambiguous = here.mirrored.is_some() || cases()[usize::from(!case)].mirrored.is_some();
            if !ambiguous {
                assert_eq!(here.inside + cases()[usize::from(!case)].inside, 48, "{case:08b}");
            }
        }
        assert_eq!(cases()[255].inside, 48);
    }

    #[test]
    fn sixty_cases_differ_in_the_mirrored_half_table() {
        assert_eq!(cases().iter().filter(|case| case.mirrored.is_some()).count(), 60);
    }

    #[test]
    fn every_vertex_lies_between_an_inner_and_an_outer_corner() {
        for case in 0..=255u8 {
            for vertex in cases()[usize::from(case)].triangles.iter().flatten() {
                let axis = vertex.iter().position(|&c| c == 1).expect("a vertex lies on an edge");
                let corner = |end: i64| {
                    let mut at = *vertex;
                    at[axis] = end;
                    case >> (at[0] / 2 + at[1] + 2 * at[2]) & 1
                };
                assert_ne!(corner(0), corner(2), "{case:08b} {vertex:?}");
            }
        }
    }
}
