use voxomics_sdk::testing::{Computed, TestHost, TestRegion, compute};

use super::*;

/// Twenty regions and PyRadiomics 3.0.1's features of them (`tests/oracle/shape2d.py`).
const ORACLE: &str = include_str!("../../../tests/oracle/shape2d.csv");

/// Our features in the order of the table's columns.
const IDS: [&str; 10] = [
    "mesh_surface",
    "pixel_surface",
    "perimeter",
    "perimeter_to_surface_ratio",
    "sphericity",
    "spherical_disproportion",
    "maximum_diameter",
    "major_axis_length",
    "minor_axis_length",
    "elongation",
];

fn values(dims: [usize; 3], spacing: [f64; 3], mask: Vec<u8>) -> Computed {
    let region = TestRegion::new(dims, vec![0.0; mask.len()]).spacing(spacing).mask(mask);
    compute(&Shape2d, &region, &TestHost::new()).expect("it computes")
}

fn number(text: &str) -> f64 {
    text.parse().expect("a number")
}

#[test]
fn pyradiomics_agrees_on_twenty_regions() {
    let (mut regions, mut worst) = (0, 0.0_f64);
    for line in ORACLE.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let [width, height] = [cells[0], cells[1]].map(|n| n.parse::<usize>().expect("a size"));
        let mask: Vec<u8> = cells[4].bytes().map(|pixel| pixel - b'0').collect();
        let found = values([width, height, 1], [number(cells[2]), number(cells[3]), 1.0], mask);
        for (id, expected) in IDS.iter().zip(&cells[5..]) {
            let expected = number(expected);
            let found = found[*id].clone().expect("a value");
            let difference = (found - expected).abs() / expected.abs().max(1.0);
            worst = worst.max(difference);
            assert!(difference <= 1e-6, "region {regions}, {id}: {found} is not {expected}");
        }
        regions += 1;
    }
    println!("{regions} regions, largest difference {worst:.1e}");
    assert_eq!(regions, 20);
}

#[test]
fn a_slice_of_a_volume_is_as_good_as_a_slice() {
    let mask: Vec<u8> = [1, 1, 0, 1, 1, 1, 0, 1, 0].into();
    let alone = values([3, 3, 1], [0.5, 0.7, 2.0], mask.clone());
    let within = values([3, 3, 3], [0.5, 0.7, 2.0], [vec![0; 9], mask, vec![0; 9]].concat());
    for id in IDS {
        assert_eq!(alone[id], within[id], "{id}");
    }
}

#[test]
fn several_slices_and_one_pixel_have_reasons() {
    let deep = values([2, 1, 2], [1.0; 3], vec![1; 4]);
    assert!(IDS.iter().all(|id| deep[*id].as_ref().is_err_and(|why| why.contains("several slices"))));
    let one = values([1, 1, 1], [2.0, 2.0, 1.0], vec![1]);
    assert!(one["elongation"].as_ref().is_err_and(|why| why.contains("one pixel")));
    assert_eq!(one["mesh_surface"], Ok(2.0));
}

#[test]
fn names_of_pyradiomics_have_the_same_values() {
    let mask: Vec<u8> = [1, 1, 0, 1, 1, 1, 0, 1, 0].into();
    let region = TestRegion::new([3, 3, 1], vec![0.0; 9]).spacing([0.5, 0.7, 2.0]).mask(mask.clone());
    let named = compute(&PyRadiomics, &region, &TestHost::new()).expect("it computes");
    let own = values([3, 3, 1], [0.5, 0.7, 2.0], mask);
    let header = ORACLE.lines().next().expect("a first line").split(',').skip(5);
    for (id, name) in IDS.iter().zip(header) {
        assert_eq!(named[name], own[*id], "{name}");
    }
}
