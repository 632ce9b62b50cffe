//! The convex hull of the surface mesh (IBSI 1, vertex set X_vx,convex), exact.
//!
//! Vertices are whole numbers in half voxels and hulls survive the change to millimetres, so every decision is made
//! in whole numbers: a point is above a face, or it is not. Quickhull (Barber, Dobkin, Huhdanpaa 1996) without its
//! tolerances; coplanar facets stay cut into triangles, which changes neither volume nor area nor extent.

use super::cases::cross;
use super::outline::{Point, candidates};
use crate::mask::bounding_box;
use crate::{Executor, IndexBox, View};

/// The convex hull of a region's surface mesh, in half voxels relative to the first voxel of its bounding box.
///
/// ```
/// use voxomics_imaging::{Serial, View, morphology::hull::Hull};
///
/// // The mesh of one voxel of 1 mm is an octahedron with corners in the middle of its faces.
/// let hull = Hull::of_mask(View::new([1; 3], &[1]), &Serial).unwrap();
/// assert!((hull.volume([1.0; 3]) - 1.0 / 6.0).abs() < 1e-12 && (hull.area([1.0; 3]) - 3_f64.sqrt()).abs() < 1e-12);
/// assert_eq!((hull.vertices([1.0; 3]).len(), hull.diameter([1.0; 3], &Serial)), (6, 1.0));
/// assert_eq!(Hull::of_points(&[[0, 0, 0], [1, 0, 0], [0, 1, 0]]), None);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Hull {
    /// Corners, in half voxels.
    pub points: Vec<[i64; 3]>,
    /// Triangles, counter-clockwise when seen from outside, as positions in `points`.
    pub faces: Vec<[u32; 3]>,
    /// For each face, the faces beyond its three sides; side *i* goes from corner *i* to the next.
    pub neighbours: Vec<[u32; 3]>,
}

/// Marks a face that the hull has grown over.
const GONE: u32 = u32::MAX;

#[derive(Debug)]
struct Face {
    corners: [u32; 3],
    neighbours: [u32; 3],
    normal: [i64; 3],
    /// Points above the face that no other face has taken on.
    above: Vec<u32>,
}

struct Builder<'a> {
    points: &'a [Point],
    faces: Vec<Face>,
}

impl Hull {
    /// The hull of a mask (any value but 0 is inside); `None` if the mask is empty.
    pub fn of_mask(mask: View<u8>, executor: &dyn Executor) -> Option<Self> {
        Self::within(mask, bounding_box(mask)?, executor)
    }

    /// As [`Hull::of_mask`], for a mask whose bounding box is known.
    pub(super) fn within(mask: View<u8>, bounds: IndexBox, executor: &dyn Executor) -> Option<Self> {
        Self::of_points(&candidates(mask, bounds, executor))
    }

    /// The hull of points; `None` if they all lie in one plane. Coordinates must be below 2²⁹ in size.
    pub fn of_points(points: &[[i64; 3]]) -> Option<Self> {
        let mut builder = Builder { points, faces: Vec::new() };
        builder.start()?;
        let mut next = 0;
        while next < builder.faces.len() {
            match builder.farthest(next) {
                Some(apex) => builder.grow(next as u32, apex),
                None => next += 1,
            }
        }
        Some(builder.finish())
    }

    /// Volume, mm³, with the size of a voxel in mm.
    pub fn volume(&self, spacing: [f64; 3]) -> f64 {
        let Some(&origin) = self.points.first() else { return 0.0 };
        let from_origin = |i: u32| difference(self.points[i as usize], origin);
        let six: i128 =
            self.faces.iter().map(|face| face.map(from_origin)).map(|[a, b, c]| above(cross(a, b), c)).sum();
        six as f64 / 48.0 * spacing.iter().product::<f64>()
    }

    /// The sum of the areas of its triangles, mm², with the size of a voxel in mm.
    pub fn area(&self, spacing: [f64; 3]) -> f64 {
        let corners = |face: &[u32; 3]| face.map(|i| self.points[i as usize]);
        self.faces.iter().map(|face| super::mesh::triangle(&corners(face), spacing)).sum()
    }

    /// The corners, mm, relative to the centre of the first voxel of the bounding box.
    pub fn vertices(&self, spacing: [f64; 3]) -> Vec<[f64; 3]> {
        self.points.iter().map(|p| std::array::from_fn(|i| p[i] as f64 * 0.5 * spacing[i])).collect()
    }

    /// Largest distance between two corners, mm (IBSI L0JK, maximum 3D diameter).
    pub fn diameter(&self, spacing: [f64; 3], executor: &dyn Executor) -> f64 {
        super::diameter::diameter(&self.vertices(spacing), executor)
    }
}

fn difference(a: Point, b: Point) -> Point {
    std::array::from_fn(|i| a[i] - b[i])
}

/// `normal · offset`, which may need more than 64 bits.
fn above(normal: [i64; 3], offset: [i64; 3]) -> i128 {
    (0..3).map(|i| i128::from(normal[i]) * i128::from(offset[i])).sum()
}

impl Builder<'_> {
    fn point(&self, i: u32) -> Point {
        self.points[i as usize]
    }

    fn height(&self, face: &Face, point: u32) -> i128 {
        above(face.normal, difference(self.point(point), self.point(face.corners[0])))
    }

    fn face(&self, corners: [u32; 3]) -> Face {
        let [a, b, c] = corners.map(|i| self.point(i));
        let normal = cross(difference(b, a), difference(c, a));
        Face { corners, neighbours: [GONE; 3], normal, above: Vec::new() }
    }

    /// Makes a first tetrahedron.
    fn start(&mut self) -> Option<()> {
        let all = 0..self.points.len() as u32;
        let a = all.clone().min_by_key(|&i| self.point(i))?;
        let offset = |i: u32| difference(self.point(i), self.point(a));
        let length = |v: Point| above(v, v);
        let b = all.clone().max_by_key(|&i| length(offset(i)))?;
        let c = all.clone().max_by_key(|&i| length(cross(offset(b), offset(i))))?;
        let normal = cross(offset(b), offset(c));
        let d = all.clone().max_by_key(|&i| above(normal, offset(i)).abs())?;
        let side = above(normal, offset(d));
        if side == 0 {
            return None;
        }
        let [b, c] = if side > 0 { [c, b] } else { [b, c] };
        // d lies below the face (a, b, c).
        self.faces = [[a, b, c], [a, d, b], [b, d, c], [c, d, a]].map(|corners| self.face(corners)).into();
        for (face, neighbours) in [[1, 2, 3], [3, 2, 0], [1, 3, 0], [2, 1, 0]].into_iter().enumerate() {
            self.faces[face].neighbours = neighbours;
        }
        self.hand_out(all, 0);
        Some(())
    }

    /// Gives each point to the first face from `first` on that it is above; the others are inside and forgotten.
    fn hand_out(&mut self, points: impl Iterator<Item = u32>, first: usize) {
        for point in points {
            let taker = (first..self.faces.len()).find(|&i| self.height(&self.faces[i], point) > 0);
            if let Some(taker) = taker {
                self.faces[taker].above.push(point);
            }
        }
    }

    fn farthest(&self, face: usize) -> Option<u32> {
        let face = &self.faces[face];
        face.above.iter().copied().max_by_key(|&point| self.height(face, point))
    }

    /// Replaces all faces that see `apex`, one of which is `seen`, by the cone from their outline to it.
    fn grow(&mut self, seen: u32, apex: u32) {
        let (visible, horizon) = self.horizon(seen, apex);
        let first = self.faces.len();
        // The new face on the horizon's side from corner a to corner b is found by either.
        let mut by_start = std::collections::BTreeMap::new();
        let mut by_end = std::collections::BTreeMap::new();
        for (i, &(old, side)) in horizon.iter().enumerate() {
            let beyond = self.faces[old as usize].neighbours[side];
            let corners = self.faces[old as usize].corners;
            let (a, b) = (corners[side], corners[(side + 1) % 3]);
            let new = (first + i) as u32;
            let mut face = self.face([a, b, apex]);
            face.neighbours[0] = beyond;
            self.faces.push(face);
            let across = &mut self.faces[beyond as usize];
            if let Some(back) = (0..3).find(|&i| across.corners[i] == b && across.corners[(i + 1) % 3] == a) {
                across.neighbours[back] = new;
            }
            by_start.insert(a, new);
            by_end.insert(b, new);
        }
        for i in first..self.faces.len() {
            let [a, b, _] = self.faces[i].corners;
            self.faces[i].neighbours[1] = by_start.get(&b).copied().unwrap_or(GONE);
            self.faces[i].neighbours[2] = by_end.get(&a).copied().unwrap_or(GONE);
        }
        for face in visible {
            let orphans = std::mem::take(&mut self.faces[face as usize].above);
            self.faces[face as usize].corners = [GONE; 3];
            self.hand_out(orphans.into_iter().filter(|&p| p != apex), first);
        }
    }

    /// The faces that see `apex`, and the sides `(face, side)` beyond which a face does not.
    fn horizon(&self, seen: u32, apex: u32) -> (Vec<u32>, Vec<(u32, usize)>) {
        let (mut visible, mut horizon) = (vec![seen], Vec::new());
        let mut looked_at = std::collections::BTreeMap::from([(seen, true)]);
        let mut next = 0;
        while next < visible.len() {
            let face = visible[next];
            for (side, &beyond) in self.faces[face as usize].neighbours.iter().enumerate() {
                let known = looked_at.get(&beyond).copied();
                let sees = known.unwrap_or_else(|| self.height(&self.faces[beyond as usize], apex) > 0);
                if known.is_none() {
                    looked_at.insert(beyond, sees);
                    if sees {
                        visible.push(beyond);
                    }
                }
                if !sees {
                    horizon.push((face, side));
                }
            }
            next += 1;
        }
        (visible, horizon)
    }

    /// Drops the faces that the hull has grown over and the points that no face uses.
    fn finish(self) -> Hull {
        let mut renamed = vec![GONE; self.faces.len()];
        let mut numbers = vec![GONE; self.points.len()];
        let mut hull = Hull { points: Vec::new(), faces: Vec::new(), neighbours: Vec::new() };
        for (old, face) in self.faces.iter().enumerate().filter(|(_, face)| face.corners[0] != GONE) {
            renamed[old] = hull.faces.len() as u32;
            for corner in face.corners {
                if numbers[corner as usize] == GONE {
                    numbers[corner as usize] = hull.points.len() as u32;
                    hull.points.push(self.point(corner));
                }
            }
            hull.faces.push(face.corners.map(|corner| numbers[corner as usize]));
            hull.neighbours.push(face.neighbours);
        }
        for face in hull.neighbours.iter_mut().flatten() {
            *face = renamed[*face as usize];
        }
        hull
    }
}
