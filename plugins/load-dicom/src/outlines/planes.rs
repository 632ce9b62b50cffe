//! From contours in the patient to polygons on the slices of the image.

use std::collections::BTreeMap;

use voxomics_imaging::Grid;

use super::areas::{Points, Relation};
use super::raster::Ring;

/// A contour so near to a slice's plane, in slice distances, lies on it; or so near in mm, if that is more. Positions are
/// written with two decimals by some and as single-precision numbers by others, which adds up over a stack.
const ON_PLANE: f64 = 0.02;
/// See [`ON_PLANE`].
const ON_PLANE_MM: f64 = 0.01;

/// Coordinates that were rounded to 0.1 mm put points of an oblique plane so far apart along its normal, mm: half a step along each
/// axis, to either side. Of thin slices it is no more than this part of their distance.
const ROUNDED_MM: f64 = 0.1 * 1.7321;
/// See [`ROUNDED_MM`].
const ROUNDED: f64 = 0.25;

/// A contour is parallel to the slices if its angle to them is no more than this, degrees: direction cosines that were
/// rounded to four digits.
const PARALLEL: f64 = 0.05;

/// A point lies on the centre of a voxel if it is no further from it than this share of a voxel, along rows and along
/// columns: coordinates may be rounded to a twentieth of a millimetre or so.
const AT_CENTRE: f64 = 0.1;

/// The contours of a region by slice.
#[derive(Debug)]
pub struct Sorted {
    /// How points are meant.
    points: Points,
    /// How many points there are, how many of them are centres of voxels, and how far from one, in voxels, the farthest is.
    pub centred: (usize, usize, f64),

    /// The polygons of each slice, also of slices beyond the image.
    pub slices: BTreeMap<i64, Slice>,
    /// Contours that lie between slices.
    pub between: usize,
    /// The largest distance of one of these from its slice, mm.
    pub farthest: f64,
}

/// The contours of a slice.
#[derive(Debug, Default)]
pub struct Slice {
    /// The polygons.
    pub rings: Vec<Ring>,
    /// The lowest and the highest of their planes, in slices.
    heights: Option<[f64; 2]>,
}

/// Contours that are there twice.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Repeated {
    /// Those that enclose the same voxels as another one.
    pub same: usize,
    /// Those that enclose nearly the same.
    pub nearly: usize,
    /// In how many voxels these differ from the other one.
    pub rim: usize,
    /// Pairs between which there is no more than a voxel anywhere.
    pub walls: usize,
    /// Pairs of which each has a part of the other, but not all of it.
    pub overlapping: usize,
    /// How many voxels these share.
    pub shared: usize,
}

/// How far from a slice's plane is on it, mm.
fn tolerance(grid: &Grid) -> f64 {
    (ON_PLANE * grid.spacing[2]).max(ON_PLANE_MM)
}

/// How far apart along the normal the points of one plane may be, mm.
fn spread_of_plane(grid: &Grid) -> f64 {
    (2.0 * tolerance(grid)).max(ROUNDED_MM.min(ROUNDED * grid.spacing[2]))
}

impl Sorted {
    /// No contours, whose points are meant so.
    pub fn new(points: Points) -> Self {
        Self { points, centred: (0, 0, 0.0), slices: BTreeMap::new(), between: 0, farthest: 0.0 }
    }

    /// The same contours with each point on the centre of the nearest voxel.
    pub fn at_centres(&self) -> Self {
        let slice = |(index, slice): (&i64, &Slice)| {
            let rings = slice.rings.iter().map(Ring::at_centres).collect();
            (*index, Slice { rings, heights: slice.heights })
        };
        let slices = self.slices.iter().map(slice).collect();
        Self { points: Points::Centres, slices, ..Self::new(Points::Centres) }
    }

    /// How points are meant.
    pub fn points(&self) -> Points {
        self.points
    }

    /// Whether all points are centres of voxels.
    pub fn is_centred(&self) -> bool {
        let (all, centred, _) = self.centred;
        all > 0 && all == centred
    }

    /// Puts a contour, LPS in mm, on the nearest slice.
    ///
    /// # Errors
    /// If it is not flat, is not parallel to the slices, or has a vertex that is nowhere near an image.
    pub fn add(&mut self, grid: &Grid, contour: &[[f64; 3]]) -> Result<(), String> {
        let indices: Vec<[f64; 3]> = contour.iter().map(|point| grid.index(*point)).collect();
        let ring = Ring::new(indices.iter().map(|[x, y, _]| [*x, *y]));
        let (lowest, highest) =
            indices.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), [_, _, z]| (l.min(*z), h.max(*z)));
        let place = ring.filter(|_| Ring::new([[lowest, highest]]).is_some());
        let mut ring =
            place.ok_or("has a point that is further away than any image is large, or that is not a number")?;
        let (all, centred, farthest) = ring.near_centres(AT_CENTRE);
        self.centred = (self.centred.0 + all, self.centred.1 + centred, self.centred.2.max(farthest));
        if self.points == Points::Centres {
            ring = ring.at_centres();
        }
        check_parallel(grid, &indices, (highest - lowest) * grid.spacing[2])?;
        let height = 0.5 * (lowest + highest);
        let slice = (height + 0.5).floor();
        let off = (highest - slice).max(slice - lowest) * grid.spacing[2];
        if off > tolerance(grid) {
            self.between += 1;
            self.farthest = self.farthest.max(off);
        }
        let slice = self.slices.entry(slice as i64).or_default();
        slice.rings.push(ring);
        let [low, high] = slice.heights.unwrap_or([height; 2]);
        slice.heights = Some([low.min(height), high.max(height)]);
        Ok(())
    }

    /// A slice of the image onto which contours of different planes fall: its index, and how far apart they are, mm. The
    /// even-odd rule would take the one for a hole in the other.
    pub fn mixed(&self, grid: &Grid) -> Option<(i64, f64)> {
        let apart = |slice: &Slice| slice.heights.map_or(0.0, |[low, high]| (high - low) * grid.spacing[2]);
        let inside = self.slices.range(0..grid.dims[2] as i64);
        inside.map(|(index, slice)| (*index, apart(slice))).find(|(_, apart)| *apart > spread_of_plane(grid))
    }

    /// Takes out contours that are there twice, of which the even-odd rule would leave nothing, or a rim: the first stays.
    pub fn remove_repeated(&mut self, grid: &Grid) -> Repeated {
        let [nx, ny, nz] = grid.dims;
        let mut all = Repeated::default();
        for slice in self.slices.range_mut(0..nz as i64).map(|(_, slice)| slice) {
            let rings = std::mem::take(&mut slice.rings);
            for ring in rings {
                let (mut own, mut repeats) = (Repeated::default(), None);
                for kept in &slice.rings {
                    match self.points.relation(kept, &ring, [nx, ny]) {
                        Relation::Apart => {}
                        Relation::Overlapping(shared) => {
                            (own.overlapping, own.shared) = (own.overlapping + 1, own.shared + shared);
                        }
                        Relation::Wall => own.walls += 1,
                        Relation::Same => repeats = Some(0),
                        Relation::Nearly(rim) => repeats = Some(rim),
                    }
                    if repeats.is_some() {
                        break;
                    }
                }
                match repeats {
                    Some(0) => all.same += 1,
                    Some(rim) => (all.nearly, all.rim) = (all.nearly + 1, all.rim + rim),
                    None => {
                        (all.walls, all.overlapping) = (all.walls + own.walls, all.overlapping + own.overlapping);
                        all.shared += own.shared;
                        slice.rings.push(ring);
                    }
                }
            }
        }
        all
    }

    /// The fewest slices from one that has contours to the next; none if there is only one.
    pub fn least_step(&self) -> Option<i64> {
        let slices = || self.slices.keys().copied();
        slices().zip(slices().skip(1)).map(|(a, b)| b - a).min()
    }

    /// How many of the image's slices between the first and the last contour have none, and how many there are between.
    pub fn gaps(&self, grid: &Grid) -> [usize; 2] {
        let inside = || self.slices.range(0..grid.dims[2] as i64).map(|(index, _)| *index);
        match (inside().next(), inside().next_back()) {
            (Some(first), Some(last)) => {
                let all = (last - first + 1) as usize;
                [all - inside().count(), all]
            }
            _ => [0, 0],
        }
    }
}

/// `spread`: how far the contour's points are apart along the normal of the slices, mm.
fn check_parallel(grid: &Grid, indices: &[[f64; 3]], spread: f64) -> Result<(), String> {
    let noise = spread_of_plane(grid);
    if spread <= noise {
        return Ok(());
    }
    let normal = normal(grid, indices);
    let length = normal.iter().map(|x| x * x).sum::<f64>().sqrt();
    let angle = normal[0].hypot(normal[1]).atan2(normal[2].abs()).to_degrees();
    let what = match length > 0.0 {
        true if angle > PARALLEL => format!("lies at an angle of {angle:.2}° to the slices"),
        true if spread <= noise + extent(grid, indices) * PARALLEL.to_radians() && spread < 0.5 * grid.spacing[2] => {
            return Ok(());
        }
        _ => "is not flat".to_owned(),
    };
    Err(format!(
        "{what} of the image (its points are {spread:.3} mm apart along their normal): it was drawn on another series, or \
         on a reformatted view; choose the image that it was drawn on"
    ))
}

/// Twice the vector area of a polygon (Newell's method), mm², in the axes of the grid.
fn normal(grid: &Grid, indices: &[[f64; 3]]) -> [f64; 3] {
    let first = indices.first().copied().unwrap_or_default();
    let at = |i: usize| {
        let point = indices[i % indices.len()];
        [0, 1, 2].map(|axis| (point[axis] - first[axis]) * grid.spacing[axis])
    };
    (0..indices.len()).fold([0.0; 3], |sum, i| {
        let (a, b) = (at(i), at(i + 1));
        [0, 1, 2].map(|axis| {
            let (j, k) = ((axis + 1) % 3, (axis + 2) % 3);
            sum[axis] + a[j] * b[k] - a[k] * b[j]
        })
    })
}

/// The diagonal of the box around a polygon in the plane of the slices, mm.
fn extent(grid: &Grid, indices: &[[f64; 3]]) -> f64 {
    let along = |axis: usize| {
        let values = || indices.iter().map(move |index| index[axis]);
        (values().fold(f64::NEG_INFINITY, f64::max) - values().fold(f64::INFINITY, f64::min)) * grid.spacing[axis]
    };
    along(0).hypot(along(1))
}
