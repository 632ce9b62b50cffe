use super::*;
use crate::Serial;
use crate::testing::{Backwards, Random, mirrored};

const CLAMPED: Method = Method::Cubic(BeyondEdge::Clamp);
const MIRRORED: Method = Method::Cubic(BeyondEdge::Mirror);
const REPEATED: Method = Method::Cubic(BeyondEdge::Repeat);
const ALL: [Method; 5] = [Method::Nearest, Method::Linear, CLAMPED, MIRRORED, REPEATED];

fn resampling(dims: [usize; 3], old: [f64; 3], new: [f64; 3], method: Method) -> Resampling {
    Resampling::new(&Grid::axis_aligned(dims, old), new.map(Some), method, MaskMethod::Linear).unwrap()
}

fn whole(resampling: &Resampling, image: &[f64], executor: &dyn Executor) -> Vec<f64> {
    let dims = resampling.source.dims;
    let target = IndexBox::whole(resampling.target().dims);
    resampling.image(View::new(dims, image), IndexBox::whole(dims), target, executor).unwrap()
}

fn noise(dims: [usize; 3], seed: u64) -> Vec<f64> {
    let mut random = Random::new(seed);
    (0..dims.iter().product()).map(|_| 4000.0 * random.unit() - 1000.0).collect()
}

/// The values of the following, by SciPy 1.17.1, for orders 0, 1 and 3 (the modes differ beyond the edge only):
///
/// ```python
/// import numpy as np; from scipy.ndimage import map_coordinates
/// i = np.arange(60); v = ((i * i * 7 + 3 * i) % 101 - 50.0).reshape(3, 4, 5)           # z, y, x
/// old, new = (2.0, 1.0, 1.0), (1.6, 1.5, 1.3)
/// c = []
/// for n, s, t in zip(v.shape, old, new):
///     m = int(np.ceil(n * s / t)); c.append(np.clip((np.arange(m) - (m - 1) / 2) * t / s + (n - 1) / 2, 0, n - 1))
/// for order in (0, 1, 3):
///     print(map_coordinates(v, np.meshgrid(*c, indexing="ij"), order=order, mode="mirror").ravel())
/// ```
#[test]
fn scipy_agrees() {
    let image: Vec<f64> = (0..60).map(|i| ((i * i * 7 + 3 * i) % 101) as f64 - 50.0).collect();
    for (method, expected) in ALL.into_iter().zip([&NEAREST, &LINEAR, &CUBIC]) {
        let resampling = resampling([5, 4, 3], [1.0, 1.0, 2.0], [1.3, 1.5, 1.6], method);
        assert_eq!(resampling.target().dims, [4, 3, 4]);
        let found = whole(&resampling, &image, &Serial);
        for (i, (f, e)) in found.iter().zip(expected).enumerate() {
            assert!((f - e).abs() < 1e-12 * 50.0, "{method:?} {i}: {f} is not {e}");
        }
    }
}

/// As above for order 3, with coordinates that are not clipped; for what is repeated, in `np.pad(v, 40, mode="edge")` with
/// coordinates 40 larger (`mode="nearest"` of the scan itself pads by twelve voxels, and agrees to 4e-13).
#[test]
fn scipy_agrees_beyond_the_outermost_centres() {
    let image: Vec<f64> = (0..60).map(|i| ((i * i * 7 + 3 * i) % 101) as f64 - 50.0).collect();
    for (method, expected) in [(MIRRORED, &BEYOND_MIRRORED), (REPEATED, &BEYOND_REPEATED)] {
        let resampling = resampling([5, 4, 3], [1.0, 1.0, 2.0], [1.3, 1.5, 1.6], method);
        let found = whole(&resampling, &image, &Serial);
        for (i, (f, e)) in found.iter().zip(expected).enumerate() {
            assert!((f - e).abs() < 1e-12 * 50.0, "{method:?} {i}: {f} is not {e}");
        }
    }
}

#[test]
fn what_lies_beyond_the_edge_matters_there_only() {
    let dims = [100, 3, 1];
    let image = noise(dims, 7);
    let of = |method| whole(&resampling(dims, [1.0; 3], [0.77, 1.0, 1.0], method), &image, &Serial);
    let [clamped, mirrored, repeated] = [of(CLAMPED), of(MIRRORED), of(REPEATED)];
    let width = clamped.len() / 3;
    for (i, clamped) in clamped.iter().enumerate() {
        let at = i % width;
        let beyond = at == 0 || at == width - 1;
        assert_eq!(*clamped == mirrored[i], !beyond, "{at}");
        // The spline itself is another one, whose difference fades by a factor of four a voxel.
        let depth = at.min(width - 1 - at) as f64 * 0.77;
        let error = (clamped - repeated[i]).abs();
        assert!(beyond || error < 4000.0 * 0.268_f64.powf(depth) + 1e-9, "{at}: {error}");
    }
}

#[test]
fn a_part_is_what_the_whole_scan_gives() {
    let (dims, old) = ([81, 75, 40], [0.9, 0.8, 3.0]);
    let image = noise(dims, 1);
    let mask: Vec<u8> = image.iter().map(|&x| u8::from(x > 500.0)).collect();
    for new in [[2.0, 2.0, 2.0], [0.9, 0.5, 3.0], [1.1, 0.8, 7.0]] {
        for method in ALL {
            let resampling = resampling(dims, old, new, method);
            let target = resampling.target().dims;
            let all = whole(&resampling, &image, &Serial);
            let full = IndexBox::whole(dims);
            let all_mask = resampling.mask(View::new(dims, &mask), full, IndexBox::whole(target), &Serial).unwrap();
            let middle = target.map(|n| n / 2);
            for part in [
                IndexBox { start: middle.map(|m| m - 3), end: middle },
                IndexBox { start: [0, middle[1], 0], end: [4, target[1], 1] },
            ] {
                let source = resampling.source_box(part);
                let crop = mask::crop(View::new(dims, &image), source);
                let found = resampling.image(View::new(source.dims(), &crop), source, part, &Serial).unwrap();
                let expected = mask::crop(View::new(target, &all), part);
                for (f, e) in found.iter().zip(&expected) {
                    let error = if matches!(method, Method::Cubic(_)) { 1e-12 * 4000.0 } else { 0.0 };
                    assert!((f - e).abs() <= error, "{method:?}: {f} is not {e}");
                }
                let roomy = resampling.image(View::new(dims, &image), full, part, &Serial).unwrap();
                assert_eq!(found, roomy, "more source than needed changes no bit");
                let crop = mask::crop(View::new(dims, &mask), source);
                let found = resampling.mask(View::new(source.dims(), &crop), source, part, &Serial).unwrap();
                assert_eq!(found, mask::crop(View::new(target, &all_mask), part));
            }
        }
    }
}

#[test]
fn the_target_box_holds_all_that_a_mask_becomes() {
    let (dims, old) = ([23, 17, 9], [0.9, 0.8, 3.0]);
    let mut random = Random::new(9);
    for new in [[2.0, 2.0, 2.0], [0.3, 0.4, 1.1], [0.9, 5.0, 30.0]] {
        for method in [MaskMethod::Nearest, MaskMethod::Linear] {
            let grid = Grid::axis_aligned(dims, old);
            let resampling = Resampling::new(&grid, new.map(Some), Method::Linear, method).unwrap();
            let target = resampling.target().dims;
            for _ in 0..20 {
                let start = dims.map(|n| random.below(n));
                let end = [0, 1, 2].map(|axis| start[axis] + 1 + random.below(dims[axis] - start[axis]));
                let mut mask = vec![0; grid.len()];
                for i in 0..mask.len() {
                    let at = [i % dims[0], i / dims[0] % dims[1], i / dims[0] / dims[1]];
                    mask[i] = u8::from((0..3).all(|axis| (start[axis]..end[axis]).contains(&at[axis])));
                }
                let full = IndexBox::whole(dims);
                let found = resampling.mask(View::new(dims, &mask), full, IndexBox::whole(target), &Serial).unwrap();
                let part = resampling.target_box(IndexBox { start, end });
                let inside = mask::crop(View::new(target, &found), part);
                assert_eq!(mask::count(&inside), mask::count(&found));
            }
        }
    }
}

#[test]
fn a_kept_axis_keeps_every_bit() {
    let dims = [7, 5, 4];
    let image = noise(dims, 2);
    for method in ALL {
        for spacing in [[None; 3], [Some(0.0); 3], [Some(0.7), None, Some(3.0)]] {
            let grid = Grid::axis_aligned(dims, [0.7, 0.7, 3.0]);
            let resampling = Resampling::new(&grid, spacing, method, MaskMethod::Linear).unwrap();
            assert!(resampling.is_identity());
            assert_eq!(resampling.target(), grid);
            assert_eq!(whole(&resampling, &image, &Serial), image);
        }
        // Slices that are interpolated in their plane do not know of each other.
        let grid = Grid::axis_aligned(dims, [0.7, 0.7, 3.0]);
        let planes = Resampling::new(&grid, [Some(1.0), Some(1.0), None], method, MaskMethod::Linear).unwrap();
        let found = whole(&planes, &image, &Serial);
        let [nx, ny, _] = planes.target().dims;
        let flat = Grid { dims: [7, 5, 1], ..grid };
        let plane = Resampling::new(&flat, [Some(1.0), Some(1.0), None], method, MaskMethod::Linear).unwrap();
        for z in 0..4 {
            assert_eq!(whole(&plane, &image[z * 35..][..35], &Serial), found[z * nx * ny..][..nx * ny]);
        }
    }
}

#[test]
fn a_flat_image_stays_flat() {
    for method in ALL {
        let resampling = resampling([40, 9, 6], [0.7, 0.9, 2.5], [1.0, 0.31, 1.0], method);
        for value in [-1000.0, 0.1, 1e-300] {
            assert!(whole(&resampling, &vec![value; 40 * 9 * 6], &Serial).iter().all(|&x| x == value));
        }
    }
}

#[test]
fn mirrored_scans_give_mirrored_results_and_threads_change_no_bit() {
    let dims = [33, 21, 12];
    let image = noise(dims, 4);
    for method in [Method::Linear, CLAMPED, MIRRORED, REPEATED] {
        let resampling = resampling(dims, [0.9, 0.8, 3.0], [1.3, 0.5, 2.0], method);
        let found = whole(&resampling, &image, &Serial);
        assert_eq!(found, whole(&resampling, &image, &Backwards));
        for axis in 0..3 {
            let turned = whole(&resampling, &mirrored(dims, &image, axis), &Serial);
            for (t, f) in mirrored(resampling.target().dims, &turned, axis).iter().zip(&found) {
                assert!((t - f).abs() < 1e-12 * 4000.0, "{t} is not {f}");
            }
        }
    }
}

#[test]
fn the_grids_share_their_centre_also_when_oblique() {
    let source = Grid {
        dims: [11, 7, 5],
        spacing: [0.7, 0.8, 3.0],
        origin: [-100.0, 40.0, 7.0],
        direction: [[0.8, 0.6, 0.0], [-0.6, 0.8, 0.0], [0.0, 0.0, -1.0]],
    };
    let spacing = [Some(2.0), None, Some(1.0)];
    let target = Resampling::new(&source, spacing, Method::Linear, MaskMethod::Linear).unwrap().target();
    assert_eq!(target.dims, [4, 7, 15]);
    assert_eq!(target.direction, source.direction);
    let centre = |grid: &Grid| grid.point(grid.dims.map(|n| (n as f64 - 1.0) / 2.0));
    for (a, b) in centre(&source).iter().zip(centre(&target)) {
        assert!((a - b).abs() < 1e-12);
    }
}

#[test]
fn half_a_voxel_of_mask_belongs_to_it() {
    // Two voxels of 1 mm become one of 2 mm, four of 0.1 mm one of 0.4 mm: shares of exactly a half.
    let grid = Grid::axis_aligned([4, 1, 1], [0.1, 1.0, 1.0]);
    for method in [MaskMethod::Nearest, MaskMethod::Linear] {
        let spacing = [Some(0.4), None, None];
        let resampling = Resampling::new(&grid, spacing, Method::Linear, method).unwrap();
        let full = IndexBox::whole([4, 1, 1]);
        let become_of = |mask: [u8; 4]| {
            resampling.mask(View::new([4, 1, 1], &mask), full, IndexBox::whole([1, 1, 1]), &Serial).unwrap()
        };
        assert_eq!(become_of([0, 0, 1, 0]), [1]);
        assert_eq!(become_of([1, 0, 0, 1]), [0]);
    }
}

#[test]
fn degenerate_sources() {
    for method in ALL {
        for dims in [[1, 1, 1], [1, 5, 1], [2, 1, 2]] {
            let resampling = resampling(dims, [1.0; 3], [0.4, 3.0, 0.7], method);
            let found = whole(&resampling, &vec![3.5; dims.iter().product()], &Serial);
            assert_eq!(found, vec![3.5; resampling.target().len()]);
            let nothing = IndexBox { start: [0; 3], end: [0; 3] };
            assert_eq!(resampling.source_box(nothing).dims(), [0; 3]);
            assert_eq!(resampling.target_box(nothing).dims(), [0; 3]);
            assert_eq!(resampling.image(View::new([0; 3], &[]), nothing, nothing, &Serial), Ok(vec![]));
        }
    }
}

#[test]
fn boxes_that_do_not_fit_are_refused() {
    let resampling = resampling([5, 4, 3], [1.0; 3], [2.0; 3], Method::Linear);
    let data = noise([5, 4, 3], 3);
    let full = IndexBox::whole([5, 4, 3]);
    let beyond = IndexBox { start: [0; 3], end: [4, 2, 2] };
    let found = resampling.image(View::new([5, 4, 3], &data), full, beyond, &Serial);
    assert!(matches!(found, Err(InterpolationError::OutsideTarget { .. })));
    let short = IndexBox { start: [0; 3], end: [5, 4, 2] };
    let target = IndexBox::whole([3, 2, 2]);
    let found = resampling.image(View::new([5, 4, 2], &data[..40]), short, target, &Serial);
    assert!(matches!(found, Err(InterpolationError::MissingSource { .. })));
    let empty = Resampling::new(&Grid::axis_aligned([3, 0, 3], [1.0; 3]), [None; 3], CLAMPED, MaskMethod::Linear);
    assert!(matches!(empty, Err(InterpolationError::EmptyGrid { .. })));
}

#[test]
fn halves_are_rounded_away_from_zero() {
    let mut values = [-1.5, -0.5, -0.2, 0.5, 1.5, 2.5, 2.499];
    round_intensities(&mut values);
    assert_eq!(values, [-2.0, -1.0, 0.0, 1.0, 2.0, 3.0, 2.0]);
    assert!(values[2].is_sign_positive());
}

const NEAREST: [f64; 48] = [
    -50.0, -40.0, 22.0, -27.0, -27.0, 22.0, -40.0, -50.0, -46.0, -28.0, 50.0, 9.0, -18.0, -31.0, -15.0, 14.0, -23.0,
    3.0, -4.0, -37.0, 45.0, 40.0, -29.0, 8.0, -18.0, -31.0, -15.0, 14.0, -23.0, 3.0, -4.0, -37.0, 45.0, 40.0, -29.0,
    8.0, -42.0, 23.0, -7.0, -1.0, 26.0, 29.0, -24.0, 21.0, -21.0, -49.0, 38.0, -49.0,
];
const LINEAR: [f64; 48] = [
    -49.5,
    -31.599999999999998,
    8.699999999999996,
    -24.55000000000001,
    6.699999999999997,
    12.124999999999998,
    -8.024999999999999,
    -5.774999999999999,
    -45.10000000000001,
    -16.799999999999997,
    33.89999999999999,
    11.049999999999992,
    -30.99,
    -31.029999999999998,
    -8.670000000000002,
    -2.290000000000001,
    -16.175000000000004,
    10.700000000000001,
    -7.6949999999999985,
    -23.384999999999998,
    8.809999999999999,
    19.17,
    12.540000000000004,
    8.110000000000001,
    -26.69,
    -12.270000000000003,
    -13.830000000000002,
    7.010000000000005,
    -10.495000000000012,
    6.600000000000001,
    -9.454999999999995,
    -10.685,
    17.890000000000008,
    18.47000000000001,
    14.18,
    -14.169999999999996,
    -38.75000000000001,
    15.299999999999997,
    -4.199999999999999,
    -1.299999999999999,
    20.900000000000006,
    1.8750000000000036,
    -12.424999999999995,
    25.97500000000001,
    -22.399999999999995,
    -18.54999999999999,
    38.0,
    -44.65000000000002,
];
const CUBIC: [f64; 48] = [
    -49.95943526785718,
    -35.088671874999996,
    18.134953124999978,
    -26.692970982142867,
    19.6135711495536,
    26.279373046875023,
    -21.48404882812502,
    -4.736192243303563,
    -45.92586383928574,
    -19.859671875000007,
    42.90595312499999,
    9.27345758928573,
    -30.194335500000037,
    -40.19073700000002,
    -5.837574000000003,
    -3.1839895000000316,
    -23.975654974330332,
    24.37371874218752,
    -9.556617632812511,
    -37.57015182254465,
    10.282398419642826,
    25.537113937500024,
    8.102046937499983,
    14.49412720535717,
    -25.46084664285711,
    -5.723574000000016,
    -20.99273699999999,
    11.394521642857152,
    -14.850140507812522,
    11.043041632812532,
    -14.40838599218748,
    -11.063790445312497,
    24.292464544642847,
    21.28919281250003,
    16.131871812499995,
    -18.36212566964286,
    -41.625828125000005,
    25.59295312500002,
    -8.54667187500001,
    -1.0265781249999972,
    35.67961774553573,
    2.8098710937500475,
    -30.025894531249982,
    41.92993694196433,
    -21.260254464285733,
    -27.338406249999974,
    57.04296875000001,
    -48.57205803571427,
];
const BEYOND_MIRRORED: [f64; 48] = [
    -46.842816142857174,
    -36.312066000000016,
    14.465387999999974,
    -23.091033857142847,
    12.510662448660726,
    26.129990640625024,
    -19.51282410937501,
    -10.316947604910743,
    -37.069222107142814,
    -12.523909749999952,
    37.22589424999995,
    10.49697960714288,
    -30.194335500000037,
    -40.19073700000002,
    -5.837574000000003,
    -3.1839895000000316,
    -23.975654974330332,
    24.37371874218752,
    -9.556617632812511,
    -37.57015182254465,
    10.282398419642826,
    25.537113937500024,
    8.102046937499983,
    14.49412720535717,
    -25.46084664285711,
    -5.723574000000016,
    -20.99273699999999,
    11.394521642857152,
    -14.850140507812522,
    11.043041632812532,
    -14.40838599218748,
    -11.063790445312497,
    24.292464544642847,
    21.28919281250003,
    16.131871812499995,
    -18.36212566964286,
    -38.97589099999999,
    20.97138800000001,
    -10.722066000000009,
    1.138041000000031,
    27.67701043526784,
    3.9747807968750197,
    -27.57632645312497,
    33.73587834598215,
    -13.78488685714286,
    -19.583834999999947,
    50.571236999999975,
    -44.10918714285713,
];
const BEYOND_REPEATED: [f64; 48] = [
    -52.952868587479124,
    -33.89488957705067,
    20.247964144388806,
    -28.655971850306035,
    24.3578331641264,
    23.64660417669658,
    -20.452847793870838,
    -0.12651383926351709,
    -54.89313045445748,
    -27.680942334784895,
    47.10981834435099,
    9.965218471809512,
    -28.137177911947564,
    -39.56815201571975,
    -9.242982029697213,
    0.08030883353874188,
    -26.58842111838892,
    21.398327697212572,
    -8.289045509615905,
    -38.445662343432886,
    17.320309123401692,
    30.661767643956527,
    5.052591284119626,
    13.43458135216784,
    -23.15748280798138,
    -10.88124484356534,
    -21.268837627518526,
    11.761665303905655,
    -19.817305760837467,
    11.744675594967697,
    -11.462148345962206,
    -17.966475875013103,
    28.50899940254246,
    27.960306819836227,
    11.410915268567857,
    -14.500666583854777,
    -42.14675468923066,
    28.356710133116184,
    -5.848566386253928,
    -3.3070165690303823,
    39.05139215604196,
    2.697838846096951,
    -27.338592793218943,
    44.31404264078146,
    -30.61327817347714,
    -33.5432075433213,
    60.90760550669911,
    -50.655254201715834,
];
