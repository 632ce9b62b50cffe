use std::collections::BTreeMap;

use voxomics_imaging::Grid;

use super::*;

const DIMS: [usize; 3] = [13, 11, 9];

/// The image and the region of `tests/oracle/controls.py`, as whole numbers of 16 bits.
fn scene() -> (Scan, Vec<f64>, Vec<u8>) {
    let (mut image, mut mask) = (Vec::new(), Vec::new());
    for z in 0..9_i64 {
        for y in 0..11_i64 {
            for x in 0..13_i64 {
                image.push(((x * x * 7 + y * 13 + z * z * 29 + x * y * z) % 101 + 20 * x - 300) as f64);
                mask.push(u8::from((x - 9).pow(2) + (y - 5).pow(2) + (z - 4).pow(2) <= 20));
            }
        }
    }
    let bytes = image.iter().flat_map(|value| (*value as i16).to_ne_bytes()).collect();
    let grid = crate::scan::to_wire(&Grid::axis_aligned(DIMS, [1.0; 3]));
    let voxels =
        voxomics_interface::OwnedArray::from_bytes("voxels", voxomics_interface::Element::I16, &grid.dims, bytes);
    let scaling = vec![voxomics_interface::Scaling { slope: 1.0, intercept: 0.0 }];
    (Scan::new(voxels, &grid.numbers(), scaling).expect("a sound scan"), image, mask)
}

fn changed(scan: &Scan, mask: &[u8], control: Control, seeded: &str, part: IndexBox) -> Vec<f64> {
    let drawn = [Drawn::One(Selected { part: IndexBox::whole(DIMS), mask: mask.to_vec() })];
    let control = Controlled::new(control, scan, &drawn, &[(0, "tumour")], seeded).expect("a control");
    let mut voxels = scan.crop(part);
    control.change(scan, &mut voxels, part);
    voxels
}

/// The statistics of `tests/oracle/controls.py`.
fn statistics(image: &[f64], before: &[f64], mask: &[u8]) -> BTreeMap<&'static str, f64> {
    let of = |wanted: u8| -> Vec<(f64, f64)> {
        let all = image.iter().zip(before).zip(mask);
        all.filter(|(_, inside)| **inside == wanted).map(|((value, was), _)| (*value, *was)).collect()
    };
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let mut found = BTreeMap::new();
    for (wanted, names) in [
        (1, ["mean_inside", "variance_inside", "changed_inside"]),
        (0, ["mean_outside", "variance_outside", "changed_outside"]),
    ] {
        let (values, was): (Vec<f64>, Vec<f64>) = of(wanted).into_iter().unzip();
        let middle = mean(&values);
        let squares: Vec<f64> = values.iter().map(|value| (value - middle).powi(2)).collect();
        let others: Vec<f64> = values.iter().zip(&was).map(|(one, other)| f64::from(u8::from(one != other))).collect();
        names.into_iter().zip([middle, mean(&squares), mean(&others)]).for_each(|(name, value)| {
            found.insert(name, value);
        });
    }
    let steps = |wanted: u8| -> Vec<f64> {
        let pair = |at: usize| !(at + 1).is_multiple_of(DIMS[0]) && mask[at] + mask[at + 1] == wanted;
        (0..image.len() - 1).filter(|at| pair(*at)).map(|at| (image[at] - image[at + 1]).powi(2)).collect()
    };
    found.insert("step_inside", mean(&steps(2)));
    found.insert("step_across", mean(&steps(1)));
    let mut distinct: Vec<i64> = of(1).into_iter().map(|(value, _)| value as i64).collect();
    distinct.sort_unstable();
    distinct.dedup();
    found.insert("distinct_inside", distinct.len() as f64);
    found
}

/// READII 1.39.0 over 2000 seeds (`tests/oracle/controls.py`).
#[test]
fn controls_are_those_of_readii_on_average() {
    let stored = include_str!("../../../../../tests/oracle/controls.csv");
    let (scan, image, mask) = scene();
    const SEEDS: usize = 500;
    let mut compared = 0;
    for (word, kind) in Kind::WORDS {
        for (place_word, place) in Place::WORDS {
            let rows: Vec<Vec<&str>> = stored
                .lines()
                .map(|line| line.split(',').collect::<Vec<_>>())
                .filter(|row| row[0] == word && row[1] == place_word)
                .collect();
            if rows.is_empty() {
                continue;
            }
            let whole = IndexBox::whole(DIMS);
            let each: Vec<BTreeMap<&str, f64>> = (0..SEEDS)
                .map(|seed| {
                    let voxels = changed(&scan, &mask, Control { kind, place }, &format!("seed {seed}"), whole);
                    statistics(&voxels, &image, &mask)
                })
                .collect();
            for row in rows {
                let [expected, sd] = [3, 4].map(|at| row[at].parse::<f64>().expect("a number"));
                let own: Vec<f64> = each.iter().map(|found| found[row[2]]).collect();
                let mean = own.iter().sum::<f64>() / SEEDS as f64;
                let spread = (own.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (SEEDS - 1) as f64).sqrt();
                // 81 means: 4.5 standard errors of the difference of both.
                let error = sd * (1.0 / SEEDS as f64 + 1.0 / 2000.0_f64).sqrt();
                let name = row[..3].join(" ");
                assert!((mean - expected).abs() <= 4.5 * error + 1e-9 * expected.abs(), "{name}: {mean}, {expected}");
                // A standard deviation of so many has a standard error of about 1 / √(2n) of it; tails of these statistics are light.
                assert!((spread - sd).abs() <= 0.2 * sd + 1e-9 * expected.abs(), "{name}: sd {spread}, {sd}");
                compared += 1;
            }
        }
    }
    assert_eq!(compared, 81);
}

#[test]
fn a_shuffled_region_keeps_each_intensity_and_lets_the_rest_alone() {
    let (scan, image, mask) = scene();
    for (place, inside) in [(Place::Region, Some(1)), (Place::Outside, Some(0)), (Place::Scan, None)] {
        let found = changed(&scan, &mask, Control { kind: Kind::Shuffled, place }, "a", IndexBox::whole(DIMS));
        let is_of = |at: &usize| inside.is_none_or(|inside| mask[*at] == inside);
        let sorted = |voxels: &[f64]| {
            let mut part: Vec<f64> = (0..voxels.len()).filter(is_of).map(|at| voxels[at]).collect();
            part.sort_by(f64::total_cmp);
            part
        };
        assert_eq!(sorted(&found), sorted(&image), "{place:?}");
        assert!((0..image.len()).filter(|at| !is_of(at)).all(|at| found[at] == image[at]), "{place:?}");
        assert_ne!(found, image);
    }
}

#[test]
fn an_inverted_region_is_mirrored_between_its_ends() {
    let (scan, image, mask) = scene();
    let control = Control { kind: Kind::Inverted, place: Place::Region };
    let found = changed(&scan, &mask, control, "a", IndexBox::whole(DIMS));
    let within = || (0..image.len()).filter(|at| mask[*at] == 1);
    let (least, largest) = within().fold((f64::MAX, f64::MIN), |(a, b), at| (a.min(image[at]), b.max(image[at])));
    assert!(within().all(|at| found[at] == least + largest - image[at]));
    assert!((0..image.len()).filter(|at| mask[*at] == 0).all(|at| found[at] == image[at]));
}

#[test]
fn a_voxel_has_the_same_intensity_whatever_part_is_looked_at() {
    let (scan, _, mask) = scene();
    let part = IndexBox { start: [4, 2, 1], end: [12, 9, 8] };
    for (_, kind) in Kind::WORDS {
        for (_, place) in Place::WORDS {
            let control = Control { kind, place };
            let all = changed(&scan, &mask, control, "b", IndexBox::whole(DIMS));
            let expected = voxomics_imaging::mask::crop(voxomics_imaging::View::new(DIMS, &all), part);
            assert_eq!(changed(&scan, &mask, control, "b", part), expected, "{control:?}");
            assert_eq!(all == changed(&scan, &mask, control, "c", IndexBox::whole(DIMS)), kind == Kind::Inverted);
        }
    }
}

#[test]
fn each_component_keeps_its_own_intensities() {
    let (scan, image, mask) = scene();
    let half = |left: bool| -> Vec<u8> {
        mask.iter().enumerate().map(|(at, inside)| *inside * u8::from((at % DIMS[0] < 9) == left)).collect()
    };
    let whole = IndexBox::whole(DIMS);
    let of = |mask: Vec<u8>| Selected { part: whole, mask };
    let drawn = [Drawn::Each(vec![of(half(true)), of(half(false))])];
    let control = Control { kind: Kind::Shuffled, place: Place::Region };
    let control = Controlled::new(control, &scan, &drawn, &[(0, "tumour")], "d").expect("a control");
    let mut found = image.clone();
    control.change(&scan, &mut found, whole);
    for left in [true, false] {
        let sorted = |voxels: &[f64]| {
            let mut part: Vec<f64> =
                voxels.iter().zip(half(left)).filter(|(_, of)| *of == 1).map(|(v, _)| *v).collect();
            part.sort_by(f64::total_cmp);
            part
        };
        assert_eq!(sorted(&found), sorted(&image));
    }
    assert_ne!(found, image);
}

#[test]
fn what_lies_outside_of_a_region_that_is_not_there_is_not_known() {
    let (scan, ..) = scene();
    let drawn = [Drawn::Fault(Fault::new("regions", "no label"))];
    let of = |place| Controlled::new(Control { kind: Kind::Shuffled, place }, &scan, &drawn, &[(0, "tumour")], "e");
    assert!(of(Place::Outside).is_err_and(|fault| fault.message.contains("no label")));
    assert!(of(Place::Region).is_ok_and(|control| control.sets.is_empty()));
}
