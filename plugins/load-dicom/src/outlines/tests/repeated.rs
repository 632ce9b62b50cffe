//! Contours that are there twice: the region is the same as if they were there once, and it is said.

use voxomics_imaging::Grid;

use super::rtstruct::{Contour, drawn, polygon, square};
use crate::outlines::testing::{Random, grids};

/// A way to write an outline again.
type Way = fn(&[[f64; 3]]) -> Vec<[f64; 3]>;

/// Ways to write one outline again.
const WAYS: [(&str, Way); 6] = [
    ("as it is", |points| points.to_vec()),
    ("reversed", |points| points.iter().rev().copied().collect()),
    ("begun elsewhere", |points| {
        let mut turned = points.to_vec();
        turned.rotate_left(points.len() / 3 + 1);
        turned
    }),
    ("with its first point again", |points| [points, &points[..1]].concat()),
    ("with a point in the middle of an edge", |points| {
        let middle = [0, 1, 2].map(|axis| 0.5 * (points[1][axis] + points[2][axis]));
        [&points[..2], &[middle], &points[2..]].concat()
    }),
    ("rounded to 0.1 mm", |points| points.iter().map(|point| point.map(|mm| (10.0 * mm).round() / 10.0)).collect()),
];

/// A wavy outline around a middle of a slice, in continuous indices.
fn wavy(grid: &Grid, height: f64, middle: [f64; 2], radius: f64) -> Contour {
    let vertices: Vec<[f64; 2]> = (0..60)
        .map(|i| {
            let angle = f64::from(i) / 60.0 * std::f64::consts::TAU;
            let at = radius * (1.0 + 0.15 * (3.0 * angle).sin());
            [middle[0] + at * angle.cos(), middle[1] + at * angle.sin()]
        })
        .collect();
    polygon(grid, height, &vertices)
}

fn count(mask: &[u8]) -> usize {
    mask.iter().map(|voxel| usize::from(*voxel)).sum()
}

#[test]
fn a_contour_that_is_there_twice_counts_once_however_it_is_written() {
    // Axial, so that rounding millimetres moves no point off its slice.
    let grid = Grid { spacing: [0.9, 1.1, 3.0], ..grids([40, 40, 4])[0] };
    let contours: Vec<Contour> = [1.0, 2.0].into_iter().map(|z| wavy(&grid, z, [19.3, 20.1], 11.0 + z)).collect();
    let hole = wavy(&grid, 1.0, [18.2, 21.4], 4.0);
    let once = drawn([contours.clone(), vec![hole.clone()]].concat(), &grid);
    assert_eq!(once.warnings(), "");
    let once = once.mask(&grid);
    for (way, again) in WAYS {
        let copy = |(kind, points): &Contour| (*kind, again(points));
        for copied in [vec![contours[0].clone()], vec![hole.clone()], [contours.clone(), vec![hole.clone()]].concat()] {
            let copies: Vec<Contour> = copied.iter().map(copy).collect();
            let all = [contours.clone(), vec![hole.clone()], copies, copied.iter().map(copy).collect()].concat();
            let answer = drawn(all, &grid);
            assert_eq!(answer.mask(&grid), once, "{way}");
            let told = answer.warnings();
            assert_eq!((told.matches("are there twice").count(), told.lines().count()), (1, 1), "{way}: {told}");
            let counted = format!("{} of {} contours", 2 * copied.len(), 3 + 2 * copied.len());
            assert!(told.contains(&counted), "{way}: {told}");
        }
    }
}

#[test]
fn an_outline_that_is_run_through_twice_counts_once() {
    let grid = Grid { spacing: [0.9, 1.1, 3.0], ..grids([40, 40, 4])[0] };
    let contours: Vec<Contour> = [1.0, 2.0].into_iter().map(|z| wavy(&grid, z, [19.3, 20.1], 11.0 + z)).collect();
    let once = drawn(contours.clone(), &grid).mask(&grid);
    let rounds: [Way; 4] = [
        |points| points.repeat(2),
        |points| points.repeat(3),
        |points| [points, &points[..1], points, &points[..1]].concat(),
        |points| [points, points, &points[..1]].concat(),
    ];
    for again in rounds {
        let (kind, points) = &contours[0];
        let answer = drawn(vec![(*kind, again(points)), contours[1].clone()], &grid);
        assert_eq!(answer.mask(&grid), once);
        assert!(
            answer.warnings().contains("1 of 2 contours run through their outline more than once"),
            "{}",
            answer.warnings()
        );
    }
    // A key hole comes back to its first point and is no second round.
    let key = [
        [4.5, 3.5],
        [11.5, 3.5],
        [11.5, 12.5],
        [4.5, 12.5],
        [4.5, 3.5],
        [6.5, 6.5],
        [6.5, 9.5],
        [9.5, 9.5],
        [9.5, 6.5],
        [6.5, 6.5],
    ];
    let answer = drawn(vec![polygon(&grid, 1.0, &key)], &grid);
    assert_eq!((count(&answer.mask(&grid)), answer.warnings().as_str()), (63 - 9, ""));
}

#[test]
fn a_small_contour_that_is_there_twice_counts_once() {
    // Edges through centres, where rounding moves whole rows of voxels in or out.
    let grid = Grid { spacing: [0.97, 0.97, 2.5], ..grids([12, 12, 5])[0] };
    for side in [2.0, 3.0, 4.0] {
        for (way, again) in WAYS {
            let own = |z| square(&grid, z, 3.0, 3.0 + side);
            let once = drawn(vec![own(1.0), own(2.0), own(3.0)], &grid).mask(&grid);
            assert_eq!(count(&once), 3 * (side * side) as usize);
            let (kind, points) = own(2.0);
            let answer = drawn(vec![own(1.0), own(2.0), own(3.0), (kind, again(&points))], &grid);
            assert_eq!(answer.mask(&grid), once, "{way}, {side}");
            assert!(answer.warnings().contains("1 of 4 contours are there twice"), "{}", answer.warnings());
        }
    }
}

#[test]
fn the_first_of_two_that_differ_by_a_rim_is_taken_and_the_rim_is_counted() {
    let grid = grids([40, 40, 3])[0];
    let mut random = Random::new(21);
    let (kind, points) = wavy(&grid, 1.0, [19.3, 20.1], 12.0);
    // Drawn again by a hand that trembles by up to 0.3 mm.
    let mut trembled = |mm: f64| mm + random.below(600) as f64 / 1000.0 - 0.3;
    let again: Vec<[f64; 3]> = points.iter().map(|[x, y, z]| [trembled(*x), trembled(*y), *z]).collect();
    let once = drawn(vec![(kind, points.clone())], &grid).mask(&grid);
    let other = drawn(vec![(kind, again.clone())], &grid).mask(&grid);
    let rim = once.iter().zip(&other).filter(|(a, b)| a != b).count();
    assert!(rim > 3);
    let answer = drawn(vec![(kind, points), (kind, again)], &grid);
    assert_eq!(answer.mask(&grid), once);
    let words = format!("1 differ from it in {rim} at its edge");
    assert!(answer.warnings().contains(&words), "{}", answer.warnings());
}

#[test]
fn walls_holes_and_islands_are_no_copies() {
    let grid = grids([30, 30, 3])[0];
    let nested = |sides: &[[f64; 2]]| {
        drawn(sides.iter().map(|[lower, upper]| square(&grid, 1.0, *lower, *upper)).collect(), &grid)
    };
    // A wall of two voxels, and an island in its hole.
    let thick = nested(&[[2.5, 22.5], [4.5, 20.5], [9.5, 15.5]]);
    assert_eq!((count(&thick.mask(&grid)), thick.warnings().as_str()), (400 - 256 + 36, ""));
    let thin = nested(&[[2.5, 22.5], [3.5, 21.5]]);
    assert_eq!(count(&thin.mask(&grid)), 400 - 324);
    assert!(thin.warnings().contains("1 pair of contours have no more than a voxel between them"));
    // Of a small region most is wall.
    let small = nested(&[[2.5, 5.5], [3.5, 4.5]]);
    assert_eq!((count(&small.mask(&grid)), small.warnings().as_str()), (8, ""));
    let shared = nested(&[[2.5, 12.5], [8.5, 20.5]]);
    let told = "1 pair of contours on one slice overlap in part, in 16 voxels in all";
    assert!(shared.warnings().contains(told), "{}", shared.warnings());
}

#[test]
fn slices_that_have_contours_and_no_voxel_are_counted_or_refused() {
    let grid = grids([20, 20, 5])[0];
    let speck = |z: f64| square(&grid, z, 3.1, 3.8);
    let answer = drawn(vec![square(&grid, 1.0, 2.5, 9.5), speck(2.0), speck(3.0)], &grid);
    assert_eq!(count(&answer.mask(&grid)), 49);
    assert!(answer.warnings().contains("on 2 of its 3 slices the contours enclose no voxel's centre"));
    // An outline, and the same area in two halves: no pair of them is a copy.
    let halves = [[[2.5, 2.5], [6.5, 2.5], [6.5, 9.5], [2.5, 9.5]], [[6.5, 2.5], [9.5, 2.5], [9.5, 9.5], [6.5, 9.5]]];
    let mut contours = vec![square(&grid, 1.0, 2.5, 9.5), square(&grid, 2.0, 2.5, 9.5)];
    contours.extend(halves.iter().map(|half| polygon(&grid, 2.0, half)));
    let all = drawn(contours[1..].to_vec(), &grid).error();
    assert!(all.contains("3 contours cancel each other"), "{all}");
    let error = drawn(contours.clone(), &grid).error();
    assert!(error.contains("cancel each other: on 1 of its 2 slices (index 2 the first)"), "{error}");
    // Another area on that slice hides nothing.
    contours.push(square(&grid, 2.0, 12.5, 15.5));
    let error = drawn(contours.clone(), &grid).error();
    assert!(error.contains("cancel each other: on 1 of its 2 slices (index 2 the first)"), "{error}");
    // Halves beside each other are an area, also with a hole that reaches into both.
    contours.remove(1);
    let whole = drawn(contours.clone(), &grid);
    assert_eq!((count(&whole.mask(&grid)), whole.warnings().as_str()), (49 + 49 + 9, ""));
    contours.push(square(&grid, 2.0, 4.5, 7.5));
    let holed = drawn(contours, &grid);
    assert_eq!(count(&holed.mask(&grid)), 49 + 40 + 9);
}
