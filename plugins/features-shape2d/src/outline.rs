//! The outline of a region in a plane: marching squares over pixel centres (W. E. Lorensen, H. E. Cline, "Marching cubes",
//! SIGGRAPH 1987, in two dimensions), with vertices in the middle between a pixel inside and one outside. Two pixels that
//! touch at a corner only are apart.

/// A mask in a plane; what lies beyond it is outside.
pub struct Plane<'a> {
    /// Pixels along x and y.
    pub dims: [usize; 2],
    /// Distance between neighbouring centres, mm.
    pub spacing: [f64; 2],
    /// 0 outside, *x* fastest.
    pub mask: &'a [u8],
}

/// What is measured of an outline.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outline {
    /// Area within, mm².
    pub area: f64,
    /// Length, that around holes included, mm.
    pub perimeter: f64,
    /// Largest distance of two vertices, mm.
    pub diameter: f64,
}

impl Plane<'_> {
    /// Whether a pixel is inside; indices begin one before the plane.
    fn at(&self, x: usize, y: usize) -> bool {
        let [nx, ny] = self.dims;
        (1..=nx).contains(&x) && (1..=ny).contains(&y) && self.mask[(y - 1) * nx + x - 1] != 0
    }

    /// Measures the outline.
    pub fn outline(&self) -> Outline {
        let [nx, ny] = self.dims;
        let [sx, sy] = self.spacing;
        let slanted = (sx * sx + sy * sy).sqrt() / 2.0;
        // A square between four centres holds so many eighths of a pixel.
        let (mut eighths, mut across, mut along_x, mut along_y) = (0_u64, 0_u64, 0_u64, 0_u64);
        for y in 0..=ny {
            for x in 0..=nx {
                let corners = [self.at(x, y), self.at(x + 1, y), self.at(x, y + 1), self.at(x + 1, y + 1)];
                match corners.iter().filter(|inside| **inside).count() {
                    1 => (eighths, across) = (eighths + 1, across + 1),
                    2 if corners[0] == corners[1] => (eighths, along_x) = (eighths + 4, along_x + 1),
                    2 if corners[0] == corners[2] => (eighths, along_y) = (eighths + 4, along_y + 1),
                    2 => (eighths, across) = (eighths + 2, across + 2),
                    3 => (eighths, across) = (eighths + 7, across + 1),
                    4 => eighths += 8,
                    _ => {}
                }
            }
        }
        Outline {
            area: eighths as f64 / 8.0 * sx * sy,
            perimeter: across as f64 * slanted + along_x as f64 * sx + along_y as f64 * sy,
            diameter: self.diameter(),
        }
    }

    /// The largest distance of two vertices: of each row of vertices, only the outermost can have a part in it.
    fn diameter(&self) -> f64 {
        let [nx, ny] = self.dims;
        let mut ends: Vec<[f64; 2]> = Vec::new();
        for half in 0..=2 * ny + 2 {
            let (y, between_rows) = (half / 2, half % 2 == 1);
            let vertices = (0..=nx).filter_map(|x| match between_rows {
                true => (self.at(x, y) != self.at(x, y + 1)).then_some(x as f64),
                false => (self.at(x, y) != self.at(x + 1, y)).then_some(x as f64 + 0.5),
            });
            let [mut first, mut last] = [f64::INFINITY, f64::NEG_INFINITY];
            vertices.for_each(|x| (first, last) = (first.min(x), last.max(x)));
            if first <= last {
                let y = half as f64 / 2.0;
                ends.extend([
                    [first * self.spacing[0], y * self.spacing[1]],
                    [last * self.spacing[0], y * self.spacing[1]],
                ]);
            }
        }
        let square = |a: &[f64; 2], b: &[f64; 2]| (a[0] - b[0]).powi(2) + (a[1] - b[1]).powi(2);
        let pairs = ends.iter().enumerate().flat_map(|(i, a)| ends[..i].iter().map(move |b| square(a, b)));
        pairs.fold(0.0, f64::max).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outline(dims: [usize; 2], spacing: [f64; 2], mask: &[u8]) -> Outline {
        Plane { dims, spacing, mask }.outline()
    }

    #[test]
    fn one_pixel_is_a_rhombus() {
        let found = outline([1, 1], [3.0, 4.0], &[1]);
        assert_eq!(found, Outline { area: 6.0, perimeter: 10.0, diameter: 4.0 });
    }

    #[test]
    fn pixels_that_touch_at_a_corner_are_apart() {
        let both = outline([2, 2], [1.0, 1.0], &[1, 0, 0, 1]);
        let one = outline([1, 1], [1.0, 1.0], &[1]);
        assert_eq!([both.area, both.perimeter], [2.0 * one.area, 2.0 * one.perimeter]);
    }

    #[test]
    fn a_hole_has_an_outline_of_its_own() {
        let mut mask = [1; 25];
        let whole = outline([5, 5], [1.0, 1.0], &mask);
        mask[12] = 0;
        let holed = outline([5, 5], [1.0, 1.0], &mask);
        assert_eq!(holed.area, whole.area - 0.5);
        assert!((holed.perimeter - whole.perimeter - 8.0_f64.sqrt()).abs() < 1e-12);
        assert_eq!(holed.diameter, whole.diameter);
    }

    #[test]
    fn the_diameter_is_that_of_all_pairs() {
        let dims = [9, 7];
        let mut state = 1_u64;
        for _ in 0..50 {
            let mask: Vec<u8> = (0..63)
                .map(|_| {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    u8::from(state >> 62 == 0)
                })
                .collect();
            let plane = Plane { dims, spacing: [0.7, 1.3], mask: &mask };
            let mut vertices: Vec<[f64; 2]> = Vec::new();
            for y in 0..=8 {
                for x in 0..=10 {
                    if plane.at(x, y) != plane.at(x + 1, y) {
                        vertices.push([(x as f64 + 0.5) * 0.7, y as f64 * 1.3]);
                    }
                    if plane.at(x, y) != plane.at(x, y + 1) {
                        vertices.push([x as f64 * 0.7, (y as f64 + 0.5) * 1.3]);
                    }
                }
            }
            let mut largest = 0.0_f64;
            for a in &vertices {
                for b in &vertices {
                    largest = largest.max(((a[0] - b[0]).powi(2) + (a[1] - b[1]).powi(2)).sqrt());
                }
            }
            assert!((plane.outline().diameter - largest).abs() < 1e-12);
        }
    }
}
