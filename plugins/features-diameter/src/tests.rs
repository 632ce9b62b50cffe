use voxomics_sdk::testing::{Computed, TestHost, TestRegion, compute};

use super::*;

/// Regions, and their diameters by outlines of contourpy and distances of SciPy (`tests/oracle/diameter.py`).
const ORACLE: &str = include_str!("../../../tests/oracle/diameter.csv");

fn values(dims: [usize; 3], spacing: [f64; 3], mask: Vec<u8>) -> Computed {
    let region = TestRegion::new(dims, vec![0.0; mask.len()]).spacing(spacing).mask(mask);
    compute(&Diameter, &region, &TestHost::new()).expect("it computes")
}

fn diameters(dims: [usize; 3], spacing: [f64; 3], mask: Vec<u8>) -> [f64; 3] {
    let found = values(dims, spacing, mask);
    ["longest", "short_axis", "product"].map(|id| found[id].clone().expect("a value"))
}

fn number(text: &str) -> f64 {
    text.parse().expect("a number")
}

#[test]
fn outlines_of_contourpy_and_distances_of_scipy_agree() {
    let (mut regions, mut worst) = (0, 0.0_f64);
    for line in ORACLE.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let [width, height] = [cells[0], cells[1]].map(|n| n.parse::<usize>().expect("a size"));
        let mask: Vec<u8> = cells[4].bytes().map(|pixel| pixel - b'0').collect();
        let found = diameters([width, height, 1], [number(cells[2]), number(cells[3]), 1.0], mask);
        for (found, expected) in found.iter().zip(&cells[5..]) {
            let difference = (found - number(expected)).abs() / number(expected).max(1.0);
            worst = worst.max(difference);
            assert!(difference <= 1e-9, "region {regions}: {found} is not {expected}");
        }
        regions += 1;
    }
    println!("{regions} regions, largest difference {worst:.1e}");
    assert!(regions >= 12);
}

#[test]
fn the_slice_with_the_longest_diameter_counts() {
    let (long, broad) = ([0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0], [0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0]);
    let found = diameters([4, 3, 2], [1.0, 1.0, 5.0], [long, broad].concat());
    assert_eq!(found, [4.0, 1.0, 4.0]);
    // One pixel is a rhombus.
    assert_eq!(diameters([1, 1, 1], [3.0, 4.0, 1.0], vec![1]), [4.0, 3.0, 12.0]);
}

#[test]
fn of_a_large_ellipse_the_diameters_are_its_axes() {
    for turn in [0.0_f64, 0.3, 1.2] {
        let inside = |index: usize| {
            let (x, y) = ((index % 121) as f64 - 60.0, (index / 121) as f64 - 60.0);
            let (u, v) = (turn.cos() * x + turn.sin() * y, turn.cos() * y - turn.sin() * x);
            u8::from((u / 50.0).powi(2) + (v / 20.0).powi(2) < 1.0)
        };
        let [longest, short_axis, _] = diameters([121, 121, 1], [0.5, 0.5, 1.0], (0..121 * 121).map(inside).collect());
        assert!((longest - 50.0).abs() < 0.6 && (short_axis - 20.0).abs() < 0.6, "{turn}: {longest} {short_axis}");
    }
}

#[test]
fn no_turn_by_a_right_angle_and_no_mirror_changes_a_diameter() {
    let mut state = 5_u64;
    for _ in 0..40 {
        let mask: Vec<u8> = (0..36)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                u8::from(state >> 63 == 0)
            })
            .collect();
        let place = |index: usize| [index % 6, index / 6];
        let turned = (0..36).map(|index| mask[(5 - place(index)[0]) * 6 + place(index)[1]]).collect();
        let mirrored = (0..36).map(|index| mask[place(index)[1] * 6 + 5 - place(index)[0]]).collect();
        let spacing = [1.0, 1.0, 1.0];
        let found = diameters([6, 6, 1], spacing, mask);
        for other in [turned, mirrored] {
            let other = diameters([6, 6, 1], spacing, other);
            assert!(found.iter().zip(other).all(|(a, b)| (a - b).abs() < 1e-9), "{found:?} {other:?}");
        }
    }
}
