//! Resampling as PyRadiomics 3.0.1 has SimpleITK do it: `oracle/simpleitk.py` wrote the figures.

use voxomics_imaging::{
    Grid, IndexBox, Serial, View,
    interpolation::corner::{Corner, Method, stored},
    mask,
};

const FIGURES: &str = include_str!("oracle/simpleitk.csv");

/// The type of a file.
#[derive(Clone, Copy, PartialEq)]
enum Type {
    I16,
    U8,
    F32,
    F64,
}

struct Case {
    name: &'static str,
    grid: Grid,
    region: IndexBox,
    of: Type,
    spacing: [f64; 3],
    method: Method,
    pad: usize,
}

#[allow(clippy::too_many_arguments)] // a row of a table
fn case(
    name: &'static str,
    dims: [usize; 3],
    spacing: [f64; 3],
    origin: [f64; 3],
    signs: [f64; 3],
    [first, last]: [[usize; 3]; 2],
    of: Type,
    asked: [f64; 3],
    method: Method,
    pad: usize,
) -> Case {
    let [x, y, z] = signs;
    let grid = Grid { dims, spacing, origin, direction: [[x, 0.0, 0.0], [0.0, y, 0.0], [0.0, 0.0, z]] };
    Case { name, grid, region: IndexBox { start: first, end: last.map(|i| i + 1) }, of, spacing: asked, method, pad }
}

#[rustfmt::skip]
fn cases() -> [Case; 10] {
    use Method::{BSpline, Linear, Nearest};
    use Type::{F32, F64, I16, U8};
    let plain = [1.0; 3];
    [
        case("thirds", [24, 22, 20], [1.0, 1.0, 1.5], [0.0; 3], plain, [[6, 7, 5], [15, 13, 12]], I16, [3.0, 0.5, 0.5], BSpline, 1),
        case("clinical", [33, 27, 9], [0.9766, 0.9766, 3.27], [-250.12, -131.7, 44.3], plain, [[9, 8, 2], [20, 19, 6]], I16, [1.0; 3], BSpline, 5),
        case("flipped", [21, 30, 26], [0.7, 0.7, 2.5], [88.8, 120.3, -17.0], [-1.0, -1.0, 1.0], [[0, 9, 3], [11, 29, 22]], I16, [1.4, 1.4, 0.0], BSpline, 2),
        case("small type", [18, 17, 16], [2.0; 3], [1.0, 2.0, 3.0], [1.0, -1.0, -1.0], [[3, 3, 3], [12, 13, 11]], U8, [1.3; 3], BSpline, 0),
        case("double", [19, 18, 40], [1.1, 1.2, 1.3], [0.0; 3], plain, [[4, 4, 10], [13, 12, 30]], F64, [2.0; 3], BSpline, 10),
        case("single", [19, 18, 40], [1.1, 1.2, 1.3], [0.0; 3], plain, [[4, 4, 10], [13, 12, 30]], F32, [2.0; 3], BSpline, 3),
        case("slice", [20, 21, 7], [0.8, 0.8, 6.0], [5.0, 6.0, 7.0], plain, [[5, 6, 3], [14, 15, 3]], I16, [1.0; 3], BSpline, 4),
        case("linear", [23, 22, 12], [0.75, 1.25, 2.5], [-31.5, 12.25, 7.0], plain, [[0, 0, 0], [22, 21, 11]], I16, [1.0; 3], Linear, 5),
        case("linear double", [23, 22, 12], [0.8, 0.8, 2.4], [9.1, 8.2, 7.3], [-1.0, -1.0, 1.0], [[4, 3, 2], [20, 17, 9]], F64, [1.6, 0.3, 1.2], Linear, 1),
        case("nearest", [23, 22, 12], [0.7, 0.9, 3.1], [0.1, 0.2, 0.3], plain, [[4, 3, 2], [20, 17, 9]], I16, [1.4, 1.8, 1.0], Nearest, 3),
    ]
}

/// Image and mask of a case.
fn made(case: &Case) -> (Vec<f64>, Vec<u8>) {
    let [nx, ny, nz] = case.grid.dims;
    let IndexBox { start, end } = case.region;
    let (mut image, mut mask) = (Vec::new(), Vec::new());
    for i in 0..nx * ny * nz {
        let index = [i % nx, i / nx % ny, i / nx / ny];
        let [x, y, z] = index;
        let texture = (7 * x * x + 13 * y * y + 29 * z * z + 5 * x * y + 3 * y * z) % 401;
        image.push(if case.of == Type::U8 { (texture % 256) as f64 } else { texture as f64 - 200.0 });
        let inside = (0..3).all(|axis| (start[axis]..end[axis]).contains(&index[axis]));
        mask.push(u8::from(inside && ((x + y + z) % 3 != 0 || x == start[0] || x + 1 == end[0])));
    }
    (image, mask)
}

#[test]
fn every_voxel_is_that_of_simpleitk() {
    for (case, line) in cases().iter().zip(FIGURES.lines().skip(1)) {
        let cells: Vec<&str> = line.split(',').collect();
        assert_eq!(cells[0], case.name);
        let number = |cell: &str| cell.parse::<f64>().expect("a number");
        let to = Corner::new(&case.grid, case.spacing, case.region, case.pad, case.method);
        let to = to.expect("a grid").expect("another grid");
        let target = to.target();
        assert_eq!(
            target.dims.map(|n| n.to_string()),
            [cells[1], cells[2], cells[3]].map(str::to_owned),
            "{}",
            case.name
        );
        assert_eq!(target.origin, [cells[4], cells[5], cells[6]].map(number), "{}", case.name);
        let (image, region) = made(case);
        let part = to.source_box();
        let mut voxels = to.image(&mask::crop(View::new(case.grid.dims, &image), part), &Serial).expect("an image");
        let whole = match case.of {
            Type::I16 => Some([f64::from(i16::MIN), f64::from(i16::MAX)]),
            Type::U8 => Some([0.0, 255.0]),
            Type::F32 | Type::F64 => None,
        };
        stored(&mut voxels, whole, case.of == Type::F32);
        let cut = to.mask(&mask::crop(View::new(case.grid.dims, &region), part), &Serial).expect("a mask");
        assert_eq!(mask::count(&cut).to_string(), cells[7], "{}: voxels of the mask", case.name);
        let expected: Vec<f64> = cells[8].split(' ').map(number).collect();
        let found: Vec<f64> = voxels.into_iter().step_by(7).collect();
        assert_eq!(found.len(), expected.len(), "{}", case.name);
        // What a file of whole numbers gets is the same number; sums in double precision may end in other bits.
        let bound = if case.of == Type::F64 { 1e-11 } else { 0.0 };
        let far = found.iter().zip(&expected).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        println!("{}: {far:.1e}", case.name);
        assert!(far <= bound, "{}: {far:e}", case.name);
    }
}

#[test]
fn a_spacing_that_is_there_is_no_new_grid() {
    let grid = Grid::axis_aligned([9, 8, 7], [1.0, 2.0, 3.0]);
    let region = IndexBox { start: [2, 2, 2], end: [5, 5, 3] };
    let to = |spacing| Corner::new(&grid, spacing, region, 1, Method::BSpline).map(|to| to.is_some()).map_err(Box::new);
    // Of a region in one slice, the spacing of slices stays.
    assert_eq!(
        [to([1.0, 2.0, 3.0]), to([0.0; 3]), to([1.0, 2.0, 1.0]), to([1.000_001, 2.0, 0.0])],
        [Ok(false), Ok(false), Ok(false), Ok(false)]
    );
    assert_eq!(to([1.0, 1.0, 0.0]), Ok(true));
    assert!(to([1.0, -1.0, 0.0]).is_err() && to([1e-9, 1.0, 0.0]).is_err() && to([f64::NAN, 1.0, 0.0]).is_err());
    let empty = IndexBox { start: [2; 3], end: [2; 3] };
    assert!(Corner::new(&grid, [2.0; 3], empty, 1, Method::BSpline).is_err());
}
