//! What is learnt, and how well.

use voxomics_learning::{Executor, Learner, Serial};

use super::*;
use crate::{
    boost::by_row,
    learner::Fitted,
    training::{Trained, learn as train},
    write,
};

fn classes(rows: usize, columns: usize, class: impl Fn(usize) -> bool) -> Named {
    named(rows, columns, Response::Binomial((0..rows).map(|i| f64::from(u8::from(class(i)))).collect()))
}

fn fitted(named: &Named, more: &str) -> Fitted {
    options(more).learner.fit(&named.sample, 1, &Serial).expect("it learns")
}

fn told(trained: &Trained) -> f64 {
    trained.outer.as_ref().expect("it was asked").as_ref().expect("no fold fails").performance[0].value
}

#[test]
fn a_line_and_what_no_line_can_tell_are_learnt() {
    let line = classes(150, 6, |i| chance(0, i) - 0.7 * chance(1, i) > 0.0);
    let cross = classes(200, 3, |i| chance(0, i) * chance(1, i) > 0.0);
    for (what, named, least) in [("line", line, 0.9), ("cross", cross, 0.75)] {
        let trained = train(&options(""), named, 3, &Serial).expect("it learns");
        let importance = &trained.fitted.boosted.importance;
        assert!(told(&trained) > least, "{what}: {}", told(&trained));
        assert!(importance[2..].iter().all(|rest| *rest < importance[0].min(importance[1])), "{what}");
        assert!((importance.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    }
    let of = |i: usize| (chance(70, i) - 2.0 * chance(0, i) + 1.5 * chance(1, i)).exp();
    let time = (0..200).map(|i| (40.0 * of(i)).ceil()).collect();
    let times = Response::Cox { time, event: (0..200).map(|i| chance(71, i) < 0.33).collect() };
    let trained = train(&options(""), named(200, 6, times), 3, &Serial).expect("it learns");
    assert!(told(&trained) > 0.75, "{}", told(&trained));
}

#[test]
fn nothing_is_found_in_noise_even_by_selection() {
    let areas: Vec<f64> = (0..60)
        .map(|repetition| {
            let named = classes(40, 30, |i| chance(100 + repetition, i) > 0.0);
            let options = options(r#", "select_top": 5, "outer_folds": 4, "subsample": 0.7"#);
            told(&train(&options, named, repetition as u64, &Serial).expect("it learns"))
        })
        .collect();
    let mean = areas.iter().sum::<f64>() / areas.len() as f64;
    let variance = areas.iter().map(|area| (area - mean).powi(2)).sum::<f64>() / (areas.len() - 1) as f64;
    let error = (variance / areas.len() as f64).sqrt();
    assert!((mean - 0.5).abs() < 3.0 * error && error < 0.025, "{mean} ± {error}");
}

#[test]
fn threads_do_not_change_a_bit() {
    let threads = |count: usize, chunk: &(dyn Fn(usize) + Sync)| {
        std::thread::scope(|scope| {
            for part in 0..3 {
                scope.spawn(move || (part..count).rev().filter(|i| i % 3 == part).for_each(chunk));
            }
        });
    };
    let text = |executor: &dyn Executor| {
        let named = classes(60, 8, |i| chance(0, i) > 0.0);
        let options = options(r#", "outer_folds": 3, "outer_repeats": 2, "subsample": 0.5, "mtry": 3"#);
        write::text(&train(&options, named, 5, executor).expect("it learns")).expect("it is written")
    };
    assert_eq!(text(&threads), text(&Serial));
}

#[test]
fn no_unit_changes_a_leaf() {
    let y: Vec<f64> = (0..90).map(|i| 3.0 * chance(0, i) + chance(1, i) * chance(2, i)).collect();
    let mut plain = named(90, 5, Response::Gaussian(y.clone()));
    let known = fitted(&plain, r#", "subsample": 0.6"#);
    let sums = |fitted: &Fitted, named: &Named| -> Vec<f64> {
        by_row(&named.sample.table.inputs).iter().map(|row| fitted.boosted.sum(row)).collect()
    };
    let expected = sums(&known, &plain);
    // Another unit of the target is that unit of the sums, to the last bits but those of the product.
    plain.sample.response = Response::Gaussian(y.iter().map(|y| 1000.0 * y - 5.0).collect());
    let scaled = fitted(&plain, r#", "subsample": 0.6"#);
    for (found, expected) in sums(&scaled, &plain).iter().zip(&expected) {
        assert!((found - (1000.0 * expected - 5.0)).abs() < 1e-9, "{found} {expected}");
    }
    // Of an input, nothing changes but its thresholds.
    plain.sample.response = Response::Gaussian(y);
    plain.sample.table.inputs.column_mut(0).iter_mut().for_each(|x| *x = 7.0 + 0.1 * *x);
    assert_eq!(sums(&fitted(&plain, r#", "subsample": 0.6"#), &plain), expected);
}

#[test]
fn bounds_of_the_trees_are_kept() {
    let named = classes(100, 5, |i| chance(0, i) * chance(1, i) > 0.0);
    let nodes = |more: &str| -> Vec<usize> {
        fitted(&named, more).boosted.trees.iter().map(|tree| tree.nodes().len()).collect()
    };
    assert!(nodes(r#", "max_depth": 1"#).iter().all(|nodes| *nodes == 3));
    assert_eq!(nodes(r#", "max_depth": 2, "min_samples_leaf": 1"#).into_iter().max(), Some(7));
    assert!(nodes(r#", "min_samples_leaf": 51"#).iter().all(|nodes| *nodes == 1));
    assert_ne!(fitted(&named, r#", "subsample": 0.5"#), fitted(&named, ""));
    assert_eq!(fitted(&named, r#", "mtry": 5"#), fitted(&named, ""));
    assert_ne!(fitted(&named, r#", "mtry": 2"#), fitted(&named, ""));
}

#[test]
fn rows_count_by_their_weights() {
    let mut of_two = classes(80, 3, |i| if i < 40 { chance(0, i) > 0.0 } else { chance(0, i) < 0.0 });
    of_two.sample.weights = (0..80).map(|i| if i < 40 { 0.5 } else { 0.0 }).collect();
    let boosted = fitted(&of_two, "").boosted;
    assert!(boosted.sum(&[0.8, 0.0, 0.0]) > 1.0 && boosted.sum(&[-0.8, 0.0, 0.0]) < -1.0);
    // Whoever counts twice is as two: of a time, with its ties, too.
    let time = |i: usize| (1.0 + 20.0 * (chance(70, i) - chance(0, i)).exp()).ceil();
    let times = |rows: Vec<usize>| Response::Cox {
        time: rows.iter().map(|i| time(*i)).collect(),
        event: rows.iter().map(|i| chance(71, *i) < 0.5).collect(),
    };
    let mut once = named(60, 3, times((0..60).collect()));
    once.sample.weights = vec![2.0; 60];
    let whole: Vec<usize> = (0..120).map(|i| i / 2).collect();
    let mut twice = named(120, 3, times(whole.clone()));
    twice.sample.table.inputs = once.sample.table.inputs.select_rows(&whole);
    let (once, twice) = (fitted(&once, r#", "min_samples_leaf": 6"#), fitted(&twice, r#", "min_samples_leaf": 12"#));
    for i in 0..30 {
        let row: Vec<f64> = (0..3).map(|j| chance(j, 200 + i)).collect();
        let (once, twice) = (once.boosted.sum(&row), twice.boosted.sum(&row));
        assert!((once - twice).abs() < 1e-10, "{once} {twice}");
    }
}

#[test]
fn a_table_without_anything_to_split_on_gives_the_mean() {
    let mut flat = named(30, 1, Response::Gaussian((0..30).map(f64::from).collect()));
    flat.sample.table.inputs = Matrix::zeros(30, 1);
    let text = write::text(&train(&options(""), flat, 1, &Serial).expect("it learns")).expect("it is written");
    let model = Model::parse(&text, "m").expect("the model is whole");
    assert!(model.inputs().is_empty());
    let score = model.predict(&[]).0.score.expect("it is defined");
    assert!((score - 14.5).abs() < 1e-7, "{score}");
    let constant = named(30, 2, Response::Gaussian(vec![3.5; 30]));
    let refused = train(&options(""), constant, 1, &Serial).err().map(|error| error.to_string());
    assert!(refused.is_some_and(|why| why.contains("is the same in every row")));
    let huge = named(30, 2, Response::Gaussian((0..30).map(|i| f64::from(i % 2 * 2 - 1) * 1e308).collect()));
    assert!(train(&options(""), huge, 1, &Serial).is_err());
}
