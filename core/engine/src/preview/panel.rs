//! One slice as a panel of the picture: which way it lies, its pixels, regions, letters and scale bar.

use voxomics_imaging::{Grid, IndexBox, View};

use super::{
    Picture, is_inside,
    lettering::{LETTER, width},
    slab::Slab,
};
use crate::stages::found::Found;

/// A direction along a patient axis (0 left, 1 posterior, 2 superior), `true` if it is that way and not the opposite.
type Towards = (usize, bool);

/// A plane as radiologists look at it.
#[derive(Debug, Clone, Copy)]
pub struct Plane {
    /// What it is called.
    pub name: &'static str,
    /// Where the panel's right is.
    right: Towards,
    /// Where its bottom is.
    down: Towards,
    /// The patient axis across it.
    across: usize,
}

/// Axial, coronal, sagittal.
pub const PLANES: [Plane; 3] = [
    Plane { name: "axial", right: (0, true), down: (1, true), across: 2 },
    Plane { name: "coronal", right: (0, true), down: (2, false), across: 1 },
    Plane { name: "sagittal", right: (1, true), down: (2, false), across: 0 },
];

/// Letters of the patient axes' ends: their direction, and the opposite.
const ENDS: [[&str; 2]; 3] = [["L", "R"], ["P", "A"], ["S", "I"]];

/// Which index axis runs along which patient axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Orientation {
    /// For each patient axis the index axis nearest to it, and whether both point the same way.
    along: [(usize, bool); 3],
}

impl Orientation {
    /// That of a grid: of the six ways to pair the axes, the one that turns them least.
    pub fn of(grid: &Grid) -> Self {
        const PAIRINGS: [[usize; 3]; 6] = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
        let fit = |pairing: &[usize; 3]| -> f64 { (0..3).map(|p| grid.direction[pairing[p]][p].abs()).sum() };
        let mut best = PAIRINGS[0];
        for pairing in PAIRINGS {
            if fit(&pairing) > fit(&best) {
                best = pairing;
            }
        }
        Self { along: std::array::from_fn(|p| (best[p], grid.direction[best[p]][p] >= 0.0)) }
    }

    /// The index axes of a panel: along its width, along its height.
    pub fn axes(&self, plane: &Plane) -> [usize; 2] {
        [self.along[plane.right.0].0, self.along[plane.down.0].0]
    }

    /// The index axis across a plane, and the patient axis that it is nearest to.
    pub fn across(&self, plane: &Plane) -> (usize, usize) {
        (self.along[plane.across].0, plane.across)
    }

    /// The slice of a box that lies in a plane through a voxel.
    pub fn part(&self, plane: &Plane, part: IndexBox, through: [usize; 3]) -> IndexBox {
        let axis = self.along[plane.across].0;
        let mut slice = part;
        (slice.start[axis], slice.end[axis]) = (through[axis], through[axis] + 1);
        slice
    }

    /// The index axis that runs along a panel's side, and whether it runs against it.
    fn side(&self, (patient, forward): Towards) -> (usize, bool) {
        let (axis, same) = self.along[patient];
        (axis, same != forward)
    }
}

/// A slice at its place in the picture.
pub struct Layer<'a> {
    /// The slice.
    pub slab: &'a Slab,
    /// How the grid lies.
    pub orientation: &'a Orientation,
    /// The plane that it is shown as.
    pub plane: &'a Plane,
    /// The panel's left upper corner.
    pub at: [usize; 2],
    /// Its pixels along width and height.
    pub size: [usize; 2],
}

impl Layer<'_> {
    /// The voxel of the grid that a pixel of the panel shows.
    fn voxel(&self, x: usize, y: usize) -> [usize; 3] {
        let mut index = self.slab.part.start;
        let sides = [self.orientation.side(self.plane.right), self.orientation.side(self.plane.down)];
        for ((axis, against), (pixel, pixels)) in sides.into_iter().zip([(x, self.size[0]), (y, self.size[1])]) {
            let n = self.slab.part.dims()[axis];
            // The middle of the pixel, in whole numbers.
            let along = (2 * pixel + 1) * n / (2 * pixels);
            index[axis] += if against { n - 1 - along } else { along };
        }
        index
    }

    /// Draws the intensities, each in its colour.
    pub fn draw_image(&self, picture: &mut Picture, colour: &dyn Fn(f64) -> [u8; 3]) {
        let view = View::new(self.slab.part.dims(), &self.slab.voxels);
        let start = self.slab.part.start;
        self.each_pixel(|x, y| {
            let index = self.voxel(x, y);
            let intensity = view.at(std::array::from_fn(|axis| index[axis] - start[axis]));
            picture.set(self.at[0] + x, self.at[1] + y, colour(intensity));
        });
    }

    /// Draws a region: its outline within it and two pixels thick, solid or dashed, and a breath of its colour inside, so that a thin
    /// ring is seen as what lies between its outlines.
    pub fn draw_region(&self, picture: &mut Picture, region: &Found, colour: [u8; 3], solid: bool) {
        let [width, height] = self.size;
        let mut inside = vec![false; width * height];
        let mut sums = [0, 0, 0];
        self.each_pixel(|x, y| {
            if is_inside(region, self.voxel(x, y)) {
                inside[y * width + x] = true;
                sums = [sums[0] + x, sums[1] + y, sums[2] + 1];
            }
        });
        let [x_sum, y_sum, count] = sums;
        if count == 0 {
            return;
        }
        let centre = [x_sum / count, y_sum / count].map(|sum| sum as f64);
        let radius = (count as f64 / std::f64::consts::PI).sqrt();
        let is_edge = |x: usize, y: usize| {
            // Where the panel ends, the region need not.
            let outside = |x: usize, y: usize| x < width && y < height && !inside[y * width + x];
            (1..=2).any(|d| {
                outside(x + d, y) || outside(x, y + d) || x >= d && outside(x - d, y) || y >= d && outside(x, y - d)
            })
        };
        self.each_pixel(|x, y| {
            if inside[y * width + x] && is_edge(x, y) && (solid || is_dash([x, y], centre, radius)) {
                picture.set(self.at[0] + x, self.at[1] + y, colour);
            } else if inside[y * width + x] {
                picture.tint(self.at[0] + x, self.at[1] + y, colour);
            }
        });
    }

    /// Writes where the patient's sides are: at the left and on top, on dark ground.
    pub fn draw_letters(&self, picture: &mut Picture) {
        let [width, height] = self.size;
        if width < 60 || height < 60 {
            return;
        }
        let opposite = |(patient, forward): Towards| ENDS[patient][usize::from(forward)];
        let letters = [
            (opposite(self.plane.right), [2, height / 2 - LETTER / 2]),
            (opposite(self.plane.down), [width / 2 - LETTER / 2, 2]),
        ];
        for (letter, [left, top]) in letters {
            self.label(picture, [left, top], letter);
        }
    }

    /// Draws how long a round number of millimetres is, at the right below; `per_mm` is the pixels of a millimetre.
    pub fn draw_scale_bar(&self, picture: &mut Picture, per_mm: f64) {
        const ROUND_MM: [f64; 7] = [1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0];
        let [across, down] = self.size;
        let longest = across as f64 * 0.4 / per_mm;
        let Some(mm) = ROUND_MM.into_iter().rev().find(|mm| *mm <= longest).filter(|_| down >= 60) else { return };
        let long = (mm * per_mm).round() as usize;
        let words = format!("{mm} mm");
        if width(&words) + 8 > across {
            return;
        }
        let place = |left: usize, top: usize| [self.at[0] + left, self.at[1] + top];
        let left = across - 6 - long;
        picture.rectangle(place(left - 2, down - 10), [long + 4, 8], [0; 3]);
        picture.rectangle(place(left, down - 8), [long, 4], [255; 3]);
        self.label(picture, [across - 4 - width(&words), down - 12 - LETTER], &words);
    }

    /// Marks that a region failed: a frame, and a cross at the right on top.
    pub fn draw_failure(&self, picture: &mut Picture, colour: [u8; 3]) {
        /// Pixels across the frame.
        const THICK: usize = 3;
        let ([left, top], [width, height]) = (self.at, self.size);
        let thick = THICK.min(width).min(height);
        for at in [[left, top], [left, top + height - thick]] {
            picture.rectangle(at, [width, thick], colour);
        }
        for at in [[left, top], [left + width - thick, top]] {
            picture.rectangle(at, [thick, height], colour);
        }
        let side = LETTER + 8;
        if width > 2 * side && height > 2 * side {
            picture.cross([left + width - side - thick, top + thick], side, colour);
        }
    }

    /// White words on dark ground, at a place of the panel.
    fn label(&self, picture: &mut Picture, [left, top]: [usize; 2], words: &str) {
        let at = [self.at[0] + left, self.at[1] + top];
        picture.rectangle(at, [width(words), LETTER], [0; 3]);
        picture.write(at, words, [255; 3]);
    }

    fn each_pixel(&self, mut draw: impl FnMut(usize, usize)) {
        for y in 0..self.size[1] {
            for x in 0..self.size[0] {
                draw(x, y);
            }
        }
    }
}

/// Whether a pixel of an outline is drawn: dashes of about 6 pixels around the region's centre. By the angle, so that no
/// straight piece of an outline can lie in a gap as a whole, unless it points at the centre.
fn is_dash([x, y]: [usize; 2], centre: [f64; 2], radius: f64) -> bool {
    const DASH: f64 = 6.0;
    let turn = std::f64::consts::TAU;
    let pairs = (turn * radius / (2.0 * DASH)).round().max(4.0);
    let angle = (y as f64 - centre[1]).atan2(x as f64 - centre[0]).rem_euclid(turn);
    (angle / turn * pairs).fract() < 0.5
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The voxel at the left upper corner of each panel of a grid of 2 × 3 × 4 voxels, and the panels' sizes.
    fn corners(direction: [[f64; 3]; 3]) -> Vec<([usize; 3], [usize; 2])> {
        let dims = [2, 3, 4];
        let grid = Grid { direction, ..Grid::axis_aligned(dims, [1.0; 3]) };
        let orientation = Orientation::of(&grid);
        let corner = |plane: &Plane| {
            let part = orientation.part(plane, IndexBox::whole(dims), [0; 3]);
            let slab = Slab { part, voxels: Vec::new() };
            let size = orientation.axes(plane).map(|axis| dims[axis]);
            (Layer { slab: &slab, orientation: &orientation, plane, at: [0; 2], size }.voxel(0, 0), size)
        };
        PLANES.iter().map(corner).collect()
    }

    #[test]
    fn right_anterior_and_superior_are_left_and_on_top() {
        // Along the patient's axes: x to the left, y to the back, z to the head. Only z is turned round.
        let axial = corners([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]);
        assert_eq!(axial, [([0, 0, 0], [2, 3]), ([0, 0, 3], [2, 4]), ([0, 0, 3], [3, 4])]);
        // A sagittal acquisition: rows run to the back, columns to the feet, slices from the right to the left.
        let sagittal = corners([[0.0, 1.0, 0.0], [0.0, 0.0, -1.0], [1.0, 0.0, 0.0]]);
        assert_eq!(sagittal, [([0, 0, 0], [4, 2]), ([0, 0, 0], [4, 3]), ([0, 0, 0], [2, 3])]);
        // The same, oblique by less than half a right angle, and its slices from the left to the right.
        let oblique = corners([[0.6, 0.8, 0.0], [0.0, 0.0, -1.0], [-0.8, 0.6, 0.0]]);
        assert_eq!(oblique, [([0, 0, 3], [4, 2]), ([0, 0, 3], [4, 3]), ([0, 0, 0], [2, 3])]);
    }

    #[test]
    fn a_dashed_line_is_neither_whole_nor_gone() {
        for at in [|i: usize| [i, 40], |i| [40, i], |i| [i, i + 8], |i| [i, 90 - i]] {
            let drawn = (0..80).filter(|i| is_dash(at(*i), [50.5, 50.5], 40.0)).count();
            assert!((20..60).contains(&drawn), "{drawn} of 80 pixels");
        }
    }
}
