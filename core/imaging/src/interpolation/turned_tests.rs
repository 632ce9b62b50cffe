//! A grid that is turned and shifted, against the straight one and against itself.

use super::*;
use crate::{Serial, noise::hash};

const METHODS: [Method; 5] = [
    Method::Nearest,
    Method::Linear,
    Method::Cubic(BeyondEdge::Clamp),
    Method::Cubic(BeyondEdge::Mirror),
    Method::Cubic(BeyondEdge::Repeat),
];

fn random(dims: [usize; 3]) -> Vec<f64> {
    (0..dims.iter().product::<usize>() as u64).map(|at| (hash(1, at) % 1000) as f64).collect()
}

fn turned(source: &Grid, spacing: [Option<f64>; 3], method: Method, turn: Turn) -> Turned {
    Resampling::new(source, spacing, method, MaskMethod::Linear).expect("a resampling").turned(turn)
}

fn whole(turned: &Turned, source: &Grid, voxels: &[f64]) -> Vec<f64> {
    let (crop, target) = (IndexBox::whole(source.dims), IndexBox::whole(turned.target().dims));
    turned.image(View::new(source.dims, voxels), crop, target, &Serial).expect("an image")
}

fn turn(degrees: f64, shift: [f64; 3]) -> Turn {
    Turn { degrees, shift }
}

#[test]
fn nothing_that_moves_is_the_straight_grid() {
    let source = Grid::axis_aligned([9, 8, 7], [1.0, 1.25, 2.0]);
    let voxels = random(source.dims);
    for method in METHODS {
        for spacing in [[None; 3], [Some(0.8), Some(2.0), Some(1.1)]] {
            let straight = Resampling::new(&source, spacing, method, MaskMethod::Linear).expect("a resampling");
            let same = straight.turned(turn(0.0, [0.0; 3]));
            assert_eq!(same.target(), straight.target());
            let all = IndexBox::whole(straight.target().dims);
            let view = View::new(source.dims, &voxels);
            let expected = straight.image(view, IndexBox::whole(source.dims), all, &Serial).expect("an image");
            for (found, expected) in whole(&same, &source, &voxels).iter().zip(expected) {
                assert!((found - expected).abs() < 1e-9, "{method:?} {spacing:?}: {found} {expected}");
            }
            let mask: Vec<u8> = voxels.iter().map(|x| u8::from(*x > 400.0)).collect();
            let view = View::new(source.dims, &mask);
            let crop = IndexBox::whole(source.dims);
            assert_eq!(same.mask(view, crop, all, &Serial), straight.mask(view, crop, all, &Serial));
        }
    }
}

#[test]
fn a_shift_by_whole_voxels_moves_them() {
    let source = Grid::axis_aligned([6, 5, 4], [1.0, 2.0, 3.0]);
    let voxels = random(source.dims);
    for method in METHODS {
        let moved = turned(&source, [None; 3], method, turn(0.0, [1.0, -1.0, 1.0]));
        let (target, found) = (moved.target(), whole(&moved, &source, &voxels));
        let view = View::new(source.dims, &voxels);
        for z in 0..4 {
            for y in 0..5 {
                for x in 0..6 {
                    let at = target.index(source.point([x, y, z].map(f64::from)));
                    let index = at.map(|i| i.round() as usize);
                    assert!(at.iter().zip(index).all(|(at, index)| (at - index as f64).abs() < 1e-9), "{at:?}");
                    let value = View::new(target.dims, &found).at(index);
                    let expected = view.at([x, y, z].map(|i| i as usize));
                    assert!((value - expected).abs() < 1e-9, "{method:?}: {value} {expected}");
                }
            }
        }
    }
}

#[test]
fn a_quarter_turn_moves_voxels_and_four_of_them_bring_them_back() {
    let source = Grid::axis_aligned([7, 7, 3], [1.5, 1.5, 4.0]);
    let voxels = random(source.dims);
    let view = View::new(source.dims, &voxels);
    for method in METHODS {
        for quarters in 1..4 {
            let quarter = turned(&source, [None; 3], method, turn(90.0 * f64::from(quarters), [0.0; 3]));
            assert_eq!(quarter.target().dims, source.dims);
            let found = whole(&quarter, &source, &voxels);
            let found = View::new(source.dims, &found);
            for (x, y) in (0..7).flat_map(|x| (0..7).map(move |y| (x, y))) {
                // From the first axis towards the second: the grid's x runs along the scan's y.
                let from = match quarters {
                    1 => [6 - y, x, 1],
                    2 => [6 - x, 6 - y, 1],
                    _ => [y, 6 - x, 1],
                };
                assert!((found.at([x, y, 1]) - view.at(from)).abs() < 1e-9, "{method:?} {quarters}");
            }
        }
    }
}

#[test]
fn the_grid_says_where_its_voxels_are() {
    // A linear function of the place is the same function on every grid, where no edge comes in.
    let (c, s) = (0.8, 0.6);
    let source = Grid {
        dims: [30, 26, 9],
        spacing: [0.9, 1.2, 2.5],
        origin: [3.0, -7.0, 11.0],
        direction: [[c, s, 0.0], [-s, c, 0.0], [0.0, 0.0, -1.0]],
    };
    let value = |[x, y, z]: [f64; 3]| 2.0 * x - 3.0 * y + 0.5 * z;
    let view = View::new(source.dims, &[0.0; 30 * 26 * 9]);
    let mut voxels = vec![0.0; 30 * 26 * 9];
    for (z, y, x) in (0..9).flat_map(|z| (0..26).flat_map(move |y| (0..30).map(move |x| (z, y, x)))) {
        voxels[view.offset([x, y, z])] = value(source.point([x, y, z].map(|i| i as f64)));
    }
    let moved = turned(&source, [Some(1.0); 3], Method::Linear, turn(33.0, [0.25, 0.75, 0.5]));
    let (target, found) = (moved.target(), whole(&moved, &source, &voxels));
    let found = View::new(target.dims, &found);
    let mut seen = 0;
    for (z, y, x) in (0..target.dims[2])
        .flat_map(|z| (0..target.dims[1]).flat_map(move |y| (0..target.dims[0]).map(move |x| (z, y, x))))
    {
        let point = target.point([x, y, z].map(|i| i as f64));
        let inside = source.index(point).iter().zip(source.dims).all(|(i, n)| *i >= 0.0 && *i <= n as f64 - 1.0);
        if inside {
            seen += 1;
            assert!((found.at([x, y, z]) - value(point)).abs() < 1e-9);
        }
    }
    // A voxel of 1 mm³ for each mm³ between the outermost centres.
    let volume = 29.0 * 0.9 * 25.0 * 1.2 * 8.0 * 2.5;
    assert!((f64::from(seen) / volume - 1.0).abs() < 0.02, "{seen} of {volume}");
    for axis in 0..3 {
        let dot = |a: usize, b: usize| -> f64 { (0..3).map(|i| target.direction[a][i] * target.direction[b][i]).sum() };
        assert!((dot(axis, axis) - 1.0).abs() < 1e-12 && dot(axis, (axis + 1) % 3).abs() < 1e-12);
    }
}

#[test]
fn no_voxel_of_a_region_is_lost_and_none_comes_from_beyond_the_scan() {
    let source = Grid::axis_aligned([12, 10, 6], [1.0; 3]);
    // All of the scan, to its very edge.
    let mask = vec![1; 720];
    for (degrees, shift) in [(0.0, [0.75, 0.25, 0.4]), (20.0, [0.0; 3]), (45.0, [0.4; 3]), (-70.0, [0.9, 0.1, 0.0])] {
        let moved = turned(&source, [Some(0.5); 3], Method::Linear, turn(degrees, shift));
        let all = IndexBox::whole(source.dims);
        let bounds = moved.target_box(all);
        let found = moved.mask(View::new(source.dims, &mask), all, bounds, &Serial).expect("a mask");
        let voxels = found.iter().filter(|inside| **inside == 1).count() as f64 / 8.0;
        assert!((voxels / 720.0 - 1.0).abs() < 0.02, "{degrees}: {voxels} of 720");
        let whole = IndexBox::whole(moved.target().dims);
        let everywhere = moved.mask(View::new(source.dims, &mask), all, whole, &Serial).expect("a mask");
        assert_eq!(everywhere.iter().filter(|inside| **inside == 1).count() as f64 / 8.0, voxels);
    }
}

#[test]
fn a_box_has_the_values_of_the_whole() {
    let source = Grid::axis_aligned([90, 80, 12], [0.7, 0.7, 2.0]);
    let voxels = random(source.dims);
    for method in METHODS {
        let moved = turned(&source, [Some(1.0); 3], method, turn(-24.0, [0.25, 0.5, 0.75]));
        let target = moved.target();
        let all = whole(&moved, &source, &voxels);
        let part = IndexBox { start: [30, 28, 5], end: [41, 36, 14] };
        let needed = moved.source_box(part);
        assert!(needed.dims().iter().product::<usize>() < voxels.len());
        let crop = crate::mask::crop(View::new(source.dims, &voxels), needed);
        let found = moved.image(View::new(needed.dims(), &crop), needed, part, &Serial).expect("an image");
        let expected = crate::mask::crop(View::new(target.dims, &all), part);
        let exact = !matches!(method, Method::Cubic(_));
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() <= if exact { 0.0 } else { 1e-9 }, "{method:?}: {found} {expected}");
        }
    }
    let moved = turned(&source, [Some(1.0); 3], Method::Linear, turn(-24.0, [0.0; 3]));
    let part = IndexBox::whole(moved.target().dims);
    let small = IndexBox { start: [0; 3], end: [5; 3] };
    let refused = moved.image(View::new([5; 3], &[0.0; 125]), small, part, &Serial);
    assert!(matches!(refused, Err(InterpolationError::MissingSource { .. })));
}
