//! Trees by hand.

use voxomics_learning::{Matrix, Serial, algebra};

use crate::{
    forest::{Forest, Node, Split, Tree},
    grow::{Growth, Rows, per_split},
};

use super::chance;

fn node(value: f64, split: Option<(usize, f64, usize, usize)>) -> Node {
    Node { value, split: split.map(|(feature, threshold, left, right)| Split { feature, threshold, left, right }) }
}

fn tree() -> Tree {
    let nodes =
        vec![node(4.0, Some((1, 0.5, 1, 2))), node(2.0, None), node(8.0, Some((0, -1.0, 3, 4))), node(6.0, None)];
    Tree::new([nodes, vec![node(9.0, None)]].concat(), 2).expect("it is sound")
}

#[test]
fn the_score_is_the_mean_of_the_leaves_and_what_led_to_them_sums_to_it() {
    let forest = Forest::new(vec![tree(), Tree::leaf(1.0)]).expect("it has trees");
    for (row, score, contributions) in
        [([7.0, 0.5], 1.5, [0.0, -1.0]), ([-1.0, 0.6], 3.5, [-1.0, 2.0]), ([-0.9, 0.6], 5.0, [0.5, 2.0])]
    {
        assert_eq!(forest.score(&row), score);
        assert_eq!(forest.contributions(&row), contributions);
        assert_eq!(2.5 + contributions.iter().sum::<f64>(), score);
    }
}

#[test]
fn trees_that_lead_nowhere_are_refused() {
    let refusal = |nodes: Vec<Node>| Tree::new(nodes, 2).expect_err("it is refused");
    let leaf = node(1.0, None);
    let leads = |left, right| node(1.0, Some((0, 0.0, left, right)));
    assert!(refusal(vec![]).contains("no node"));
    assert!(refusal(vec![leads(1, 3), leaf, leaf]).contains("node 0 leads to node 3 of 3"));
    assert!(refusal(vec![leads(1, 0), leaf]).contains("node 0 leads to node 0"));
    assert!(refusal(vec![leads(1, 1), leaf]).contains("2 nodes lead to node 1"));
    assert!(refusal(vec![leads(1, 2), leaf, leaf, leaf]).contains("0 nodes lead to node 3"));
    assert!(refusal(vec![node(1.0, Some((2, 0.0, 1, 2))), leaf, leaf]).contains("looks at input 2"));
    assert!(refusal(vec![node(f64::NAN, None)]).contains("is NaN"));
}

/// By how much the best split of all rows takes the variance down, and where it is: every split is tried.
fn best_stump(x: &Matrix, y: &[f64]) -> (usize, f64) {
    let squares = |rows: &[usize]| {
        let mean = rows.iter().map(|i| y[*i]).sum::<f64>() / rows.len().max(1) as f64;
        rows.iter().map(|i| (y[*i] - mean).powi(2)).sum::<f64>()
    };
    let mut best = (0, 0.0, f64::INFINITY);
    for j in 0..x.columns() {
        for threshold in x.column(j) {
            let (left, right): (Vec<_>, Vec<_>) = (0..y.len()).partition(|i| x.column(j)[*i] <= *threshold);
            let left_over = squares(&left) + squares(&right);
            if left_over < best.2 {
                best = (j, *threshold, left_over);
            }
        }
    }
    (best.0, best.1)
}

#[test]
fn the_first_split_is_the_best_one() {
    // Two clusters of each input, of which only those of input 2 tell the target apart: every drawing agrees.
    let (rows, columns) = (60, 4);
    let side = |j: usize, i: usize| if chance(50 + j, i) > 0.0 { 1.0 } else { -1.0 };
    let x = (0..columns).flat_map(|j| (0..rows).map(move |i| 3.0 * side(j, i) + chance(j, i))).collect();
    let x = Matrix::new(rows, columns, x).expect("as many values");
    let y: Vec<f64> = (0..rows).map(|i| 1e9 + side(2, i) + 0.1 * chance(80, i)).collect();
    let weights = vec![1.0; rows];
    let growth = Growth { trees: 30, depth: Some(1), leaf: 1, per_split: None };
    let rows = Rows { x: &x, y: &y, class: false, weights: &weights };
    let grown = growth.grow(rows, columns, 3, &Serial).expect("it grows");
    let (feature, threshold) = best_stump(&x, &y);
    for tree in grown.forest.trees() {
        let [root, left, right] = tree.nodes() else { panic!("one split: {tree:?}") };
        let split = root.split.expect("it is split");
        assert_eq!((feature, split.feature), (2, 2));
        assert!(split.threshold > threshold - 2.0 && split.threshold.abs() < 2.0);
        assert!((left.value - (1e9 - 1.0)).abs() < 0.1 && (right.value - (1e9 + 1.0)).abs() < 0.1);
        assert!((root.value - algebra::mean(&y, &weights)).abs() < 0.7);
    }
    assert_eq!(grown.importance, [0.0, 0.0, 1.0, 0.0]);
}

#[test]
fn the_unit_of_the_target_changes_no_tree() {
    // Few values, and inputs that part the rows alike: many splits are equally good.
    let (rows, columns) = (90, 6);
    let coarse = |j: usize, i: usize| (2.0 * chance(10 + j % 3, i)).round() * if j < 3 { 1.0 } else { -0.1 };
    let x = (0..columns).flat_map(|j| (0..rows).map(move |i| coarse(j, i))).collect();
    let x = Matrix::new(rows, columns, x).expect("as many values");
    let y: Vec<f64> = (0..rows).map(|i| 70.3 + 0.1 * (10.0 * (coarse(0, i) + chance(40, i))).round()).collect();
    let growth = Growth { trees: 60, depth: None, leaf: 2, per_split: None };
    for weights in [vec![1.0; rows], (0..rows).map(|i| 1.0 + chance(60, i).abs()).collect()] {
        let grow = |y: &[f64]| {
            growth.grow(Rows { x: &x, y, class: false, weights: &weights }, 2, 5, &Serial).expect("it grows")
        };
        let one = grow(&y);
        for (unit, factor, offset) in [
            ("× 1000", 1000.0, 0.0),
            ("/ 7", 1.0 / 7.0, 0.0),
            ("× 1e-9", 1e-9, 0.0),
            ("× 1e12 / 3", 1e12 / 3.0, 0.0),
            ("turned round", -1.0, 0.0),
            ("Fahrenheit", 1.8, 32.0),
            ("from 1000 on", 1.0, 1000.0),
            ("from 0 on", 1.0, -70.3),
        ] {
            let of = |y: f64| factor * y + offset;
            let other = grow(&y.iter().map(|y| of(*y)).collect::<Vec<f64>>());
            assert_eq!(one.importance, other.importance, "{unit}");
            for (tree, other) in one.forest.trees().iter().zip(other.forest.trees()) {
                assert_eq!(tree.nodes().len(), other.nodes().len(), "{unit}");
                for (node, other) in tree.nodes().iter().zip(other.nodes()) {
                    assert_eq!(node.split, other.split, "{unit}");
                    assert!((of(node.value) - other.value).abs() <= 1e-10 * factor.abs(), "{unit}: {node:?} {other:?}");
                }
            }
        }
    }
}

#[test]
fn inputs_of_a_split_are_a_few() {
    assert_eq!([1, 3, 16, 100].map(|inputs| per_split(inputs, true)), [1, 1, 4, 10]);
    assert_eq!([1, 3, 16, 100].map(|inputs| per_split(inputs, false)), [1, 1, 5, 33]);
    assert_eq!(per_split(0, true), 1);
}
