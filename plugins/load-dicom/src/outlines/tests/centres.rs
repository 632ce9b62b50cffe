//! Contours that were traced through the centres of the outermost voxels.

use voxomics_imaging::Grid;
use voxomics_sdk::testing::{TestHost, settings};
use voxomics_sdk::{LoadRequest, Loader as _, Role, Selection};

use super::rtstruct::{Contour, contour, polygon, square, structures};
use crate::Dicom;
use crate::outlines::testing::{Answer, grids, wire};

fn read(points: &str, contours: Vec<Contour>, grid: &Grid) -> Answer {
    let file = structures(vec![(1, "GTV", contours.into_iter().map(contour).collect())], None);
    let json = format!("{{\"outline_points\": \"{points}\"}}");
    let loader = Dicom::configure(&settings(&Dicom::describe(), &json).expect("settings")).expect("a loader");
    let request = LoadRequest {
        path: file.0.clone(),
        role: Role::Segmentation,
        reference: Some(wire(grid)),
        selection: Selection::default(),
        max_bytes: 1 << 30,
    };
    let host = TestHost::new();
    let result = loader.load(&request, &host.context());
    Answer { result, host }
}

fn count(mask: &[u8]) -> usize {
    mask.iter().map(|voxel| usize::from(*voxel)).sum()
}

/// With millimetres rounded to so many decimals, and so as some programs write them in single precision.
fn rounded(contours: &[Contour], decimals: i32) -> Vec<Contour> {
    let unit = 10_f64.powi(decimals);
    let round =
        |points: &Vec<[f64; 3]>| points.iter().map(|point| point.map(|mm| (mm * unit).round() / unit)).collect();
    contours.iter().map(|(kind, points)| (*kind, round(points))).collect()
}

#[test]
fn outermost_voxels_belong_to_the_region() {
    for grid in grids([14, 12, 5]) {
        // 6 × 7 voxels on two slices, a line of four, and one voxel.
        let block = |z| polygon(&grid, z, &[[2.0, 3.0], [7.0, 3.0], [7.0, 9.0], [2.0, 9.0]]);
        let line = polygon(&grid, 3.0, &[[1.0, 1.0], [4.0, 4.0]]);
        let one = polygon(&grid, 3.0, &[[9.0, 9.0]]);
        let all = vec![block(1.0), block(2.0), line, one];
        let answer = read("centres", all.clone(), &grid);
        assert_eq!((count(&answer.mask(&grid)), answer.warnings().as_str()), (2 * 42 + 4 + 1, ""));
        let exact = answer.mask(&grid);
        assert_eq!(read("centres", rounded(&all, 2), &grid).mask(&grid), exact);
        let told = read("edges", all, &grid);
        assert_eq!(count(&told.mask(&grid)), 2 * 30);
        let warning = told.warnings();
        assert!(warning.contains("it has 60 voxels, with `outline_points = \"centres\"`"), "{warning}");
        assert!(warning.contains("it has 89") && warning.lines().count() == 1, "{warning}");
    }
}

#[test]
fn the_outline_of_a_hole_runs_through_the_voxels_around_it() {
    let grid = grids([14, 12, 3])[0];
    let outer = square(&grid, 1.0, 1.0, 9.0);
    // A hole of 3 × 3 voxels, around the corners of which the outline goes from side to side.
    let hole = polygon(
        &grid,
        1.0,
        &[[3.0, 4.0], [4.0, 3.0], [6.0, 3.0], [7.0, 4.0], [7.0, 6.0], [6.0, 7.0], [4.0, 7.0], [3.0, 6.0]],
    );
    assert_eq!(count(&read("centres", vec![outer.clone(), hole.clone()], &grid).mask(&grid)), 81 - 9);
    // The outline of a hole in a wall of one voxel is that of the wall, the other way round.
    let around = [[4.0, 2.0], [6.0, 4.0], [4.0, 6.0], [2.0, 4.0]];
    let back: Vec<[f64; 2]> = around.iter().rev().copied().collect();
    let wall = vec![polygon(&grid, 1.0, &around), polygon(&grid, 1.0, &back)];
    assert_eq!(count(&read("centres", wall, &grid).mask(&grid)), 8);
    let twice = read("centres", vec![polygon(&grid, 1.0, &around), polygon(&grid, 1.0, &around)], &grid);
    assert_eq!(count(&twice.mask(&grid)), 13);
    assert!(twice.warnings().contains("1 of 2 contours are there twice"), "{}", twice.warnings());
}

#[test]
fn points_beside_centres_are_refused_where_they_must_be_centres() {
    let grid = grids([14, 12, 3])[0];
    let error = read("centres", vec![square(&grid, 1.0, 2.0, 5.0), square(&grid, 1.0, 7.2, 9.0)], &grid).error();
    assert!(error.contains("3 of its 8 points are up to 0.200 voxels beside one"), "{error}");
    assert!(error.contains("outline_points"), "{error}");
    // Along edges nobody is told of centres.
    assert_eq!(read("edges", vec![square(&grid, 1.0, 2.0, 5.2)], &grid).warnings(), "");
    // One voxel has no area.
    let error = read("edges", vec![polygon(&grid, 1.0, &[[2.0, 2.0], [2.0, 2.0], [2.0, 2.0]])], &grid).error();
    assert!(error.contains("is empty") && error.contains("outline_points"), "{error}");
}
