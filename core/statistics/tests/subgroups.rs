//! Whether areas below ROC curves differ between subgroups: the figures of R's pROC and metafor on a real table
//! (`tests/oracle/subgroups.R`).

use std::collections::BTreeMap;

use voxomics_statistics::{
    Error, Level,
    roc::auc,
    subgroup::{Heterogeneity, differ},
};

const FIGURES: &str = include_str!("../../../tests/oracle/r/subgroups.csv");
const TABLE: &str = include_str!("../../../tests/oracle/r/asah.csv");

/// The columns of the table, by name.
fn table() -> BTreeMap<&'static str, Vec<f64>> {
    let mut lines = TABLE.lines();
    let names: Vec<&str> = lines.next().expect("a head").split(',').collect();
    let rows: Vec<Vec<f64>> =
        lines.map(|line| line.split(',').map(|cell| cell.parse().expect("a number")).collect()).collect();
    names.iter().enumerate().map(|(at, name)| (*name, rows.iter().map(|row| row[at]).collect())).collect()
}

fn figures() -> BTreeMap<&'static str, Vec<f64>> {
    let line = |line: &'static str| {
        let (key, values) = line.split_once(',').expect("a key");
        (key, values.split(' ').map(|value| value.parse().expect("a number")).collect())
    };
    FIGURES.lines().map(line).collect()
}

#[test]
fn areas_of_subgroups_differ_as_much_as_r_says() {
    let (table, figures) = (table(), figures());
    for score in ["s100b", "ndka"] {
        for groups in ["sex", "third"] {
            let of = &table[groups];
            let mut values = of.clone();
            values.sort_by(f64::total_cmp);
            values.dedup();
            let found: Vec<(f64, f64)> = values
                .iter()
                .map(|value| {
                    let members = || (0..of.len()).filter(|&at| of[at] == *value);
                    let scores: Vec<f64> = members().map(|at| table[score][at]).collect();
                    let outcome: Vec<bool> = members().map(|at| table["poor"][at] == 1.0).collect();
                    let found = auc(&scores, &outcome, Level::P95).expect("an area");
                    (found.value, found.standard_error.expect("an error"))
                })
                .collect();
            for (at, (area, error)) in found.iter().enumerate() {
                assert!((area - figures[&*format!("{score}.{groups}.areas")][at]).abs() < 1e-12);
                assert!((error - figures[&*format!("{score}.{groups}.errors")][at]).abs() < 1e-12);
            }
            let Heterogeneity { q, degrees, p } = differ(&found).expect("a test");
            let expected = &figures[&*format!("{score}.{groups}.q")];
            assert_eq!(degrees as f64, expected[1]);
            assert!((q - expected[0]).abs() < 1e-10 && (p - expected[2]).abs() < 1e-10, "{score} {groups}: {q} {p}");
        }
    }
}

#[test]
fn what_cannot_differ_is_refused() {
    assert!(matches!(differ(&[(0.5, 0.1)]), Err(Error::TooFew { found: 1, needed: 2, .. })));
    assert!(matches!(differ(&[(0.5, 0.1), (0.7, 0.0)]), Err(Error::OutOfRange { .. })));
    assert!(differ(&[(0.5, 0.1), (f64::NAN, 0.1)]).is_err());
    let same = differ(&[(0.7, 0.1), (0.7, 0.2), (0.7, 0.05)]).expect("a test");
    assert!(same.q.abs() < 1e-25 && (same.p - 1.0).abs() < 1e-12 && same.degrees == 2);
}
