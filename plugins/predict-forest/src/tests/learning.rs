//! What is learnt, and how well.

use voxomics_learning::{
    Executor, Learner, Serial,
    measure::{Measure, auc},
};

use super::*;
use voxomics_sdk::model::{Named, Outer};

use crate::{
    learner::Fitted,
    training::{Trained, learn as train},
    write,
};

fn named(rows: usize, columns: usize, response: Response) -> Named {
    let x = (0..columns).flat_map(|j| (0..rows).map(move |i| chance(j, i))).collect();
    let x = Matrix::new(rows, columns, x).expect("as many values");
    let sample = Sample::new(Table::new(x), response).expect("it is sound");
    let inputs = (0..columns).map(|j| format!("x{j}")).collect();
    Named { sample, inputs, batches: Vec::new(), kept: Vec::new(), target: "y".into() }
}

fn classes(rows: usize, columns: usize, class: impl Fn(usize) -> bool) -> Named {
    named(rows, columns, Response::Binomial((0..rows).map(|i| f64::from(u8::from(class(i)))).collect()))
}

fn area(trained: &Trained) -> f64 {
    let Response::Binomial(y) = &trained.named.sample.response else { panic!("it is a class") };
    let scores = &trained.unseen().expect("it was asked");
    assert!(scores.iter().all(|score| (0.0..=1.0).contains(score)));
    auc(y, scores, &vec![1.0; y.len()]).expect("there are both classes")
}

fn outer(trained: &Trained) -> &Outer {
    trained.outer.as_ref().expect("it was asked").as_ref().expect("no fold fails")
}

#[test]
fn a_line_and_what_no_line_can_tell_are_learnt() {
    let line = classes(150, 6, |i| chance(0, i) - 0.7 * chance(1, i) > 0.0);
    let cross = classes(150, 6, |i| chance(0, i) * chance(1, i) > 0.0);
    for (what, named, least) in [("line", line, 0.9), ("cross", cross, 0.75)] {
        let trained = train(&options(r#", "mtry": 3"#), named, 3, &Serial).expect("it learns");
        let (area, importance) = (area(&trained), &trained.fitted.grown.importance);
        println!("{what}: {area:.3}, {importance:.3?}");
        assert!(area > least, "{what}: {area}");
        let told = outer(&trained).performance[0].value;
        assert!((told - area).abs() < 0.05, "{what}: {told}");
        assert!(importance[2..].iter().all(|rest| *rest < importance[0].min(importance[1])), "{what}");
        assert!((importance.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    }
}

/// Times that a number goes with, of which a third is not seen to its end.
fn times(rows: usize, columns: usize, hazard: impl Fn(usize) -> f64) -> Named {
    let of = |i: usize| (chance(70, i) - hazard(i)).exp();
    let time = (0..rows).map(|i| (40.0 * of(i)).ceil()).collect();
    named(rows, columns, Response::Cox { time, event: (0..rows).map(|i| chance(71, i) < 0.33).collect() })
}

#[test]
fn the_order_of_times_is_learnt_and_in_noise_there_is_none() {
    let concordance = |named: Named, more: &str| {
        let trained = train(&options(more), named, 3, &Serial).expect("it learns");
        let told = &outer(&trained).performance;
        assert_eq!(told.len(), 1);
        // Whoever has a higher score has the event earlier.
        let scores = trained.unseen().expect("it was asked");
        let found = Measure::Concordance.of(&trained.named.sample.response, &scores, &trained.named.sample.weights);
        (told[0].value, found.expect("there are pairs").0)
    };
    let line = concordance(times(200, 6, |i| 2.0 * chance(0, i) - 1.5 * chance(1, i)), "");
    let cross = concordance(times(300, 3, |i| 6.0 * chance(0, i) * chance(1, i)), r#", "mtry": 3"#);
    for (what, (told, all), least) in [("line", line, 0.75), ("cross", cross, 0.62)] {
        assert!(told > least && (told - all).abs() < 0.05, "{what}: {told}, over all folds together {all}");
    }
    let noise: Vec<f64> = (0..20).map(|n| concordance(times(60, 6, |i| chance(100 + n, i)), "").0).collect();
    let mean = noise.iter().sum::<f64>() / 20.0;
    let error = (noise.iter().map(|c| (c - mean).powi(2)).sum::<f64>() / 19.0 / 20.0).sqrt();
    assert!((mean - 0.5).abs() < 3.5 * error, "{mean} ± {error}");
}

#[test]
fn nothing_is_found_in_noise_even_by_selection() {
    let repetitions = 60;
    let areas: Vec<f64> = (0..repetitions)
        .map(|repetition| {
            let named = classes(40, 30, |i| chance(100 + repetition, i) > 0.0);
            let options = options(r#", "select_top": 5, "outer_folds": 4"#);
            let trained = train(&options, named, repetition as u64, &Serial).expect("it learns");
            outer(&trained).performance[0].value
        })
        .collect();
    let mean = areas.iter().sum::<f64>() / areas.len() as f64;
    let variance = areas.iter().map(|area| (area - mean).powi(2)).sum::<f64>() / (areas.len() - 1) as f64;
    let error = (variance / areas.len() as f64).sqrt();
    println!("noise: {mean:.3} ± {error:.3}");
    // Three standard errors: a right method fails once in 370 seeds, and the seeds are fixed.
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
        let options = options(r#", "outer_folds": 3, "outer_repeats": 2"#);
        write::text(&train(&options, named, 5, executor).expect("it learns")).expect("it is written")
    };
    assert_eq!(text(&threads), text(&Serial));
}

fn fitted(named: &Named, more: &str) -> Fitted {
    options(more).forest.fit(&named.sample, 1, &Serial).expect("it learns")
}

#[test]
fn bounds_of_the_trees_are_kept() {
    let named = classes(100, 5, |i| chance(0, i) * chance(1, i) > 0.0);
    let stumps = fitted(&named, r#", "max_depth": 1, "min_samples_leaf": 1"#).grown.forest;
    assert!(stumps.trees().iter().all(|tree| tree.nodes().len() == 3));
    let deeper = fitted(&named, r#", "max_depth": 2, "min_samples_leaf": 1"#).grown.forest;
    assert_eq!(deeper.trees().iter().map(|tree| tree.nodes().len()).max(), Some(7));
    // Leaves of 1 row are pure, and those of 100 rows are the roots.
    let full = fitted(&named, r#", "min_samples_leaf": 1"#).grown.forest;
    let mut leaves = full.trees().iter().flat_map(|tree| tree.nodes()).filter(|node| node.split.is_none());
    assert!(leaves.all(|leaf| leaf.value == 0.0 || leaf.value == 1.0));
    let roots = fitted(&named, r#", "min_samples_leaf": 51"#).grown;
    assert!(roots.forest.trees().iter().all(|tree| tree.nodes().len() == 1));
    assert!(roots.importance.iter().all(|importance| *importance == 0.0));
}

#[test]
fn rows_count_by_their_weights() {
    let mut named = classes(80, 3, |i| if i < 40 { chance(0, i) > 0.0 } else { chance(0, i) < 0.0 });
    named.sample.weights = (0..80).map(|i| if i < 40 { 0.5 } else { 0.0 }).collect();
    let forest = fitted(&named, "").grown.forest;
    assert!(forest.score(&[0.8, 0.0, 0.0]) > 0.7 && forest.score(&[-0.8, 0.0, 0.0]) < 0.3);
    named.sample.weights.reverse();
    let forest = fitted(&named, "").grown.forest;
    assert!(forest.score(&[0.8, 0.0, 0.0]) < 0.3 && forest.score(&[-0.8, 0.0, 0.0]) > 0.7);
}

#[test]
fn a_table_without_anything_to_split_on_gives_the_mean() {
    let mut flat = named(30, 1, Response::Gaussian((0..30).map(f64::from).collect()));
    flat.sample.table.inputs = Matrix::zeros(30, 1);
    let text = write::text(&train(&options(""), flat, 1, &Serial).expect("it learns")).expect("it is written");
    let model = Model::parse(&text, "m").expect("the model is whole");
    assert!(model.inputs().is_empty());
    assert_eq!(model.predict(&[]).0.score, Ok(14.5));
    let one = classes(1, 2, |_| true);
    assert!(train(&options(""), one, 1, &Serial).is_err());
    let huge = named(30, 2, Response::Gaussian((0..30).map(|i| f64::from(i % 2 * 2 - 1) * 1e308).collect()));
    assert!(train(&options(""), huge, 1, &Serial).is_err());
}

/// Its error would be 0, and it would have learnt nothing.
#[test]
fn a_target_that_is_the_same_everywhere_is_refused() {
    let mut constant = named(30, 2, Response::Gaussian(vec![3.5; 30]));
    let refused = |named: Named| train(&options(""), named, 1, &Serial).err().map(|error| error.to_string());
    assert!(refused(constant.clone()).is_some_and(|why| why.contains("is the same in every row")));
    // A row that weighs nothing is none.
    constant.sample.response = Response::Gaussian((0..30).map(|i| f64::from(u8::from(i == 7))).collect());
    assert_eq!(refused(constant.clone()), None);
    constant.sample.weights[7] = 0.0;
    assert!(refused(constant).is_some_and(|why| why.contains("is the same in every row")));
}

#[test]
fn few_rows_and_extreme_numbers_do_no_harm() {
    for rows in 1..4 {
        let y = Response::Gaussian((0..rows).map(|i| i as f64).collect());
        let mut named = named(rows, 2, y);
        let extreme = [f64::MAX, f64::MIN, f64::MIN_POSITIVE];
        named.sample.table.inputs.column_mut(1).copy_from_slice(&extreme[..rows]);
        let forest = fitted(&named, r#", "min_samples_leaf": 1"#).grown.forest;
        for (i, x) in extreme[..rows].iter().enumerate() {
            let score = forest.score(&[chance(0, i), *x]);
            assert!((0.0..=2.0).contains(&score), "{rows} rows: {score}");
        }
    }
}
