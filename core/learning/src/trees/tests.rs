//! Splits against all splits that there are, tried one by one.

use super::{
    log_rank::{Jump, LogRank, jumps},
    squares::Squares,
    *,
};
use crate::{Matrix, random, testing::Normal};

const BOUNDS: Bounds = Bounds { depth: Some(1), leaf: 1.0, tried: usize::MAX };

/// The best split by a measure of the left side: every value of every input is tried.
fn by_hand(x: &Matrix, leaf: f64, gain: impl Fn(&[bool]) -> f64) -> (usize, usize, f64) {
    let mut best = (0, 0, 0.0);
    for j in 0..x.columns() {
        // From below: of several that are alike, the first stays.
        let mut limits = x.column(j).to_vec();
        limits.sort_by(f64::total_cmp);
        for limit in limits {
            let left: Vec<bool> = x.column(j).iter().map(|x| *x <= limit).collect();
            let count = left.iter().filter(|left| **left).count();
            if (count as f64) < leaf || ((left.len() - count) as f64) < leaf {
                continue;
            }
            let found = gain(&left);
            if found > best.2 * (1.0 + 1e-9) {
                best = (j, count, found);
            }
        }
    }
    best
}

fn stump(x: &Matrix, rule: &mut impl Rule, leaf: f64) -> (usize, usize, f64) {
    let bounds = Bounds { leaf, ..BOUNDS };
    let grown = grow(&Sorted::new(x), (0..x.rows()).collect(), rule, bounds, &mut random::generator(1, 0));
    let split = grown[0].split.expect("it is split");
    assert_eq!((grown.len(), split.left, split.right), (3, 1, 2));
    (split.feature, grown[1].rows.len(), grown[0].gain)
}

/// Inputs of which one has few values.
fn inputs(seed: u64) -> Matrix {
    let mut x = Normal::new(seed).matrix(40, 4);
    x.column_mut(2).iter_mut().for_each(|x| *x = (2.0 * *x).round());
    x
}

#[test]
fn the_split_of_squares_is_the_best_of_all() {
    for seed in 0..20 {
        let x = inputs(seed);
        let mut normal = Normal::new(100 + seed);
        let y: Vec<f64> = (0..40).map(|i| x.column(1)[i] - x.column(2)[i] + normal.next()).collect();
        let weights: Vec<f64> = (0..40).map(|_| normal.uniform()).collect();
        let squares = |side: &dyn Fn(usize) -> bool| {
            let rows: Vec<usize> = (0..40).filter(|i| side(*i)).collect();
            let weight: f64 = rows.iter().map(|i| weights[*i]).sum();
            let mean = rows.iter().map(|i| weights[*i] * y[*i]).sum::<f64>() / weight;
            rows.iter().map(|i| weights[*i] * (y[*i] - mean).powi(2)).sum::<f64>()
        };
        let all = squares(&|_| true);
        for leaf in [1.0, 8.0] {
            let (input, count, gain) = by_hand(&x, leaf, |left| all - squares(&|i| left[i]) - squares(&|i| !left[i]));
            let found = stump(&x, &mut Squares::new(&y, &weights), leaf);
            assert_eq!((found.0, found.1), (input, count), "seed {seed}");
            assert!((found.2 - gain).abs() < 1e-10 * gain, "seed {seed}: {} {gain}", found.2);
        }
    }
}

/// The log-rank test by its definition.
fn log_rank(times: &[f64], events: &[bool], drawn: &[u32], left: &[bool]) -> f64 {
    let (mut excess, mut variance) = (0.0, 0.0);
    let mut at: Vec<f64> = times.iter().zip(events).filter(|(_, event)| **event).map(|(time, _)| *time).collect();
    at.sort_by(f64::total_cmp);
    at.dedup();
    for time in at {
        let count = |counts: &dyn Fn(usize) -> bool| -> f64 {
            (0..times.len()).filter(|i| counts(*i)).map(|i| f64::from(drawn[i])).sum()
        };
        let (all, of_left) = (count(&|i| times[i] >= time), count(&|i| times[i] >= time && left[i]));
        let (d, of_left_d) =
            (count(&|i| times[i] == time && events[i]), count(&|i| times[i] == time && events[i] && left[i]));
        if all > 1.0 {
            excess += of_left_d - of_left * d / all;
            variance += of_left / all * (1.0 - of_left / all) * (all - d) / (all - 1.0) * d;
        }
    }
    if variance > 1e-12 { excess.abs() / variance.sqrt() } else { 0.0 }
}

#[test]
fn the_split_of_times_is_the_best_of_all() {
    for seed in 0..20 {
        let x = inputs(seed);
        let mut normal = Normal::new(200 + seed);
        let times: Vec<f64> = (0..40).map(|i| (6.0 * (normal.next() - x.column(3)[i]).exp()).ceil()).collect();
        let events: Vec<bool> = (0..40).map(|_| normal.uniform() < 0.6).collect();
        for drawn in [vec![1; 40], (0..40).map(|i| 1 + i % 3).collect()] {
            let leaf = 8.0;
            // A leaf counts rows as often as they were drawn.
            let counted = |left: &[bool]| -> f64 { (0..40).filter(|i| left[*i]).map(|i| f64::from(drawn[i])).sum() };
            let total: f64 = counted(&[true; 40]);
            let (input, count, gain) = by_hand(&x, 1.0, |left| match counted(left) {
                count if count < leaf || total - count < leaf => 0.0,
                _ => log_rank(&times, &events, &drawn, left),
            });
            let found = stump(&x, &mut LogRank::new(&times, &events, &drawn), leaf);
            assert_eq!((found.0, found.1), (input, count), "seed {seed}: {} {gain}", found.2);
            assert!((found.2 - gain).abs() < 1e-10 * gain, "seed {seed}: {} {gain}", found.2);
        }
    }
}

#[test]
fn rows_that_are_sorted_in_a_node_come_in_the_order_of_all_rows() {
    // With many rows, small nodes sort their own: the leaves are those of a grower that never does.
    let x = Normal::new(5).matrix(400, 3);
    let y: Vec<f64> = (0..400).map(|i| (3.0 * x.column(0)[i]).sin() + x.column(1)[i]).collect();
    let bounds = Bounds { depth: None, leaf: 2.0, tried: 3 };
    let rule = || Squares::new(&y, &[1.0; 400]);
    let grown = grow(&Sorted::new(&x), (0..400).collect(), &mut rule(), bounds, &mut random::generator(1, 0));
    for node in grown.iter().filter(|node| node.split.is_some()) {
        let part = x.select_rows(&node.rows);
        let of: Vec<f64> = node.rows.iter().map(|row| y[*row]).collect();
        let weights = vec![1.0; of.len()];
        let (input, count, _) = stump(&part, &mut Squares::new(&of, &weights), 2.0);
        let split = node.split.expect("it has one");
        assert_eq!((split.feature, grown[split.left].rows.len()), (input, count));
    }
    assert!(grown.iter().all(|node| node.rows.is_sorted()) && grown.len() > 100);
}

#[test]
fn nothing_to_tell_apart_is_no_split() {
    let x = Matrix::new(4, 1, vec![1.0, 1.0, 2.0, 2.0]).expect("four values");
    let of = |y: [f64; 4]| {
        grow(&Sorted::new(&x), vec![0, 1, 2, 3], &mut Squares::new(&y, &[1.0; 4]), BOUNDS, &mut random::generator(1, 0))
            .len()
    };
    assert_eq!(of([3.0; 4]), 1);
    // Both sides have the same mean.
    assert_eq!(of([1.0, 2.0, 2.0, 1.0]), 1);
    assert_eq!(of([1.0, 1.0, 2.0, 2.0]), 3);
    let mut censored = LogRank::new(&[1.0, 2.0, 3.0, 4.0], &[false; 4], &[1; 4]);
    assert_eq!(grow(&Sorted::new(&x), vec![0, 1, 2, 3], &mut censored, BOUNDS, &mut random::generator(1, 0)).len(), 1);
}

#[test]
fn events_of_a_leaf_are_shares_of_those_at_risk() {
    let found = jumps(&[5.0, 2.0, 2.0, 9.0, 7.0], &[true, true, false, true, false], &[1, 2, 1, 1, 0], &[0, 1, 2, 3]);
    let expected = [(2.0, 2.0 / 5.0), (5.0, 0.5), (9.0, 1.0)].map(|(time, hazard)| Jump { time, hazard });
    assert_eq!(found, expected);
}

#[test]
fn rows_are_drawn_in_proportion_to_their_weights() {
    let drawn = random::with_replacement(&mut random::generator(3, 1), &[0.0, 1.0, 3.0, 0.0], 8000);
    // Four standard deviations of a count: √(8000·¼·¾) = 38.7.
    assert!(drawn[0] == 0 && drawn[3] == 0 && drawn[1].abs_diff(2000) < 155 && drawn.iter().sum::<u32>() == 8000);
}
