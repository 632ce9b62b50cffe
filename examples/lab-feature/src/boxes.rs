//! Counting boxes.

/// Spacings that differ by more than this fraction make boxes that are not cubes.
const CUBE_TOLERANCE: f64 = 0.01;

/// The box-counting dimension of a mask (*x* fastest, 0 outside), or why it has none.
///
/// The slope of log N(s) against log(1/s), by least squares, for boxes of s = 1, 2, 4, … voxels up to half of the
/// region's longest extent. The boxes begin at the lower corner of the region's bounding box, so that the value does not
/// depend on where the region lies in the scan.
pub fn dimension(dims: [usize; 3], mask: &[u8], spacing: [f64; 3], min_sizes: usize) -> Result<f64, String> {
    let least = spacing.iter().copied().fold(f64::INFINITY, f64::min);
    let most = spacing.iter().copied().fold(0.0, f64::max);
    if most > least * (1.0 + CUBE_TOLERANCE) {
        return Err(format!("the voxels are not cubes ({least} to {most} mm): interpolate to one spacing first"));
    }
    let mut grid = Boxes::around(dims, mask).ok_or("the region has no voxel")?;
    let longest = grid.dims.into_iter().max().unwrap_or(0);
    let mut logs = Vec::new();
    let mut size = 1;
    while 2 * size <= longest {
        logs.push((-(size as f64).ln(), (grid.occupied() as f64).ln()));
        grid = grid.halved();
        size *= 2;
    }
    if logs.len() < min_sizes.max(2) {
        return Err(format!(
            "{} sizes of box fit the region, whose longest extent in voxels is {longest}; {} are needed",
            logs.len(),
            min_sizes.max(2)
        ));
    }
    Ok(slope(&logs))
}

/// Which boxes of a grid hold a voxel of the region, *x* fastest.
struct Boxes {
    dims: [usize; 3],
    full: Vec<bool>,
}

impl Boxes {
    /// The voxels in the bounding box of a mask; `None` if it is empty.
    fn around(dims: [usize; 3], mask: &[u8]) -> Option<Self> {
        let (mut start, mut end) = (dims, [0; 3]);
        for (i, _) in mask.iter().enumerate().filter(|(_, inside)| **inside != 0) {
            let at = [i % dims[0], i / dims[0] % dims[1], i / dims[0] / dims[1]];
            for axis in 0..3 {
                start[axis] = start[axis].min(at[axis]);
                end[axis] = end[axis].max(at[axis] + 1);
            }
        }
        if end[0] == 0 {
            return None;
        }
        let rows = (start[2]..end[2]).flat_map(|z| (start[1]..end[1]).map(move |y| (z * dims[1] + y) * dims[0]));
        let full = rows.flat_map(|row| mask[row + start[0]..row + end[0]].iter().map(|inside| *inside != 0)).collect();
        Some(Self { dims: std::array::from_fn(|axis| end[axis] - start[axis]), full })
    }

    /// Boxes of twice the edge.
    fn halved(&self) -> Self {
        let [nx, ny, _] = self.dims;
        let dims = self.dims.map(|n| n.div_ceil(2));
        let mut full = vec![false; dims.iter().product()];
        for (i, _) in self.full.iter().enumerate().filter(|(_, full)| **full) {
            let [x, y, z] = [i % nx / 2, i / nx % ny / 2, i / nx / ny / 2];
            full[(z * dims[1] + y) * dims[0] + x] = true;
        }
        Self { dims, full }
    }

    fn occupied(&self) -> usize {
        self.full.iter().filter(|full| **full).count()
    }
}

/// The slope of the line through at least two points of different abscissa, by least squares.
fn slope(points: &[(f64, f64)]) -> f64 {
    let n = points.len() as f64;
    let (x, y) = points.iter().fold((0.0, 0.0), |(x, y), point| (x + point.0 / n, y + point.1 / n));
    let above: f64 = points.iter().map(|point| (point.0 - x) * (point.1 - y)).sum();
    let below: f64 = points.iter().map(|point| (point.0 - x) * (point.0 - x)).sum();
    above / below
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIMS: [usize; 3] = [40, 36, 34];

    /// The voxels of 40 × 36 × 34 that `inside` chooses.
    fn shape(inside: impl Fn([usize; 3]) -> bool) -> Vec<u8> {
        let at = |i: usize| [i % DIMS[0], i / DIMS[0] % DIMS[1], i / DIMS[0] / DIMS[1]];
        (0..DIMS.iter().product()).map(|i| u8::from(inside(at(i)))).collect()
    }

    fn of(mask: &[u8]) -> Result<f64, String> {
        dimension(DIMS, mask, [1.0; 3], 2)
    }

    #[track_caller]
    fn assert_near(found: Result<f64, String>, expected: f64, tolerance: f64) {
        let found = found.expect("the dimension is defined");
        assert!((found - expected).abs() <= tolerance, "{found}, expected {expected}");
    }

    #[test]
    fn a_cube_has_3_a_plane_2_a_line_1_and_points_0() {
        let within = |n: usize| (1..33).contains(&n);
        assert_near(of(&shape(|at| at.iter().all(|n| within(*n)))), 3.0, 1e-12);
        assert_near(of(&shape(|[x, y, z]| within(x) && within(y) && z == 7)), 2.0, 1e-12);
        assert_near(of(&shape(|[x, y, z]| x == 3 && within(y) && z == 7)), 1.0, 1e-12);
        assert_near(of(&shape(|[x, y, z]| x == y && y == z && within(x))), 1.0, 1e-12);
        assert_near(of(&shape(|at| at == [1, 1, 1] || at == [32, 1, 1])), 0.0, 1e-12);
    }

    #[test]
    fn a_fractal_has_the_dimension_that_its_rule_gives() {
        // No two coordinates share a binary digit: three of four boxes in the plane, four of eight in space.
        let triangle = shape(|[x, y, z]| x < 32 && y < 32 && z == 0 && x & y == 0);
        assert_near(of(&triangle), 3_f64.ln() / 2_f64.ln(), 1e-12);
        let gasket = shape(|[x, y, z]| x < 32 && y < 32 && z < 32 && (x & y) | (y & z) | (z & x) == 0);
        assert_near(of(&gasket), 2.0, 1e-12);
    }

    #[test]
    fn a_ball_lies_between_a_sheet_and_full_space() {
        let ball = shape(|at| at.iter().map(|n| (*n as f64 - 16.0).powi(2)).sum::<f64>() <= 15.0 * 15.0);
        let found = of(&ball).expect("the dimension is defined");
        assert!((2.5..3.0).contains(&found), "{found}");
    }

    #[test]
    fn the_place_in_the_scan_does_not_matter() {
        let at = |shift: usize| {
            shape(move |[x, y, z]| {
                x >= shift
                    && y >= shift
                    && z == shift
                    && (x - shift) & (y - shift) == 0
                    && x - shift < 16
                    && y - shift < 16
            })
        };
        assert_eq!(of(&at(0)), of(&at(3)));
    }

    #[test]
    fn there_is_a_reason_where_there_is_no_value() {
        assert_eq!(of(&shape(|_| false)), Err("the region has no voxel".into()));
        let reason = |mask: &[u8]| of(mask).expect_err("undefined");
        assert_eq!(
            reason(&shape(|at| at == [5, 5, 5])),
            "0 sizes of box fit the region, whose longest extent in voxels is 1; 2 are needed"
        );
        assert!(reason(&shape(|[x, y, z]| x < 3 && y < 3 && z < 3)).starts_with("1 sizes of box fit"));
        let mask = shape(|_| true);
        assert!(dimension(DIMS, &mask, [1.0; 3], 6).is_err_and(|reason| reason.contains("6 are needed")));
        assert!(dimension(DIMS, &mask, [0.8, 0.8, 3.0], 2).is_err_and(|reason| reason.contains("not cubes")));
        assert!(dimension([0, 4, 4], &[], [1.0; 3], 2).is_err());
    }
}
