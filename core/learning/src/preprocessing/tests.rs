//! Steps on tables that can be checked by hand, and on tables of which little is left.

use super::*;
use crate::{Response, testing::Normal};

fn sample(columns: &[&[f64]]) -> Sample {
    let rows = columns.first().map_or(4, |column| column.len());
    let x = Matrix::new(rows, columns.len(), columns.concat()).expect("equal lengths");
    let y = (0..rows).map(|i| i as f64).collect();
    Sample::new(Table::new(x), Response::Gaussian(y)).expect("it is sound")
}

fn kept(sample: &Sample, steps: Vec<Step>) -> Vec<usize> {
    Pipeline { steps }.fit(sample).expect("it fits").0.columns().to_vec()
}

const GAP: f64 = f64::NAN;

#[test]
fn missing_values_get_the_median_of_the_training_rows() {
    let train = sample(&[&[1.0, GAP, 10.0, 2.0], &[GAP, GAP, GAP, GAP], &[4.0, 3.0, 2.0, 1.0]]);
    let pipeline = Pipeline { steps: vec![Step::Impute(Impute::Median)] };
    let (fitted, x) = pipeline.fit(&train).expect("it fits");
    assert_eq!((x.column(0), fitted.columns()), ([1.0, 2.0, 10.0, 2.0].as_slice(), [0, 2].as_slice()));
    assert_eq!(fitted.imputed(), [Some(2.0), None, Some(2.5)]);
    let new = sample(&[&[GAP], &[7.0], &[GAP]]).table;
    let x = fitted.transform(&new).expect("it is transformed");
    assert_eq!((x.column(0), x.column(1)), ([2.0].as_slice(), [2.5].as_slice()));
    let mean = Pipeline { steps: vec![Step::Impute(Impute::Mean)] }.fit(&train).expect("it fits").1;
    assert_eq!(mean.column(0)[1], 13.0 / 3.0);
}

/// The medians of three levels can all be 0: a row that has none of them is one that no model has seen.
#[test]
fn a_missing_covariate_becomes_its_most_frequent_level_in_all_of_its_columns() {
    let mut random = Normal::new(3);
    for case in 0..200 {
        let count = 2 + case % 4;
        let rows = 5 + case % 17;
        let drawn: Vec<Option<usize>> = (0..rows)
            .map(|row| if row % 5 == 3 { None } else { Some((random.next().abs() * 2.0) as usize % count) })
            .collect();
        // The last level may be no input.
        let offered = if case % 3 == 0 { count - 1 } else { count };
        let columns: Vec<Vec<f64>> = (0..offered)
            .map(|level| drawn.iter().map(|of| of.map_or(GAP, |of| f64::from(u8::from(of == level)))).collect())
            .collect();
        let mut columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let beside: Vec<f64> = (0..rows).map(|row| if row == 1 { GAP } else { row as f64 }).collect();
        columns.insert(1, &beside);
        let mut train = sample(&columns);
        train.table.levels = vec![(0..=offered).filter(|place| *place != 1).collect()];
        let pipeline = Pipeline { steps: vec![Step::Impute(Impute::Median)] };
        let (fitted, x) = pipeline.fit(&train).expect("it fits");

        let times = |level: usize| drawn.iter().filter(|of| **of == Some(level)).count();
        let most = (0..count).map(times).max().expect("there are levels");
        let frequent = (0..count).find(|level| times(*level) == most).expect("one of them");
        let row = drawn.iter().position(Option::is_none).expect("a blank");
        let filled: Vec<f64> = train.table.levels[0].iter().map(|place| x.column(*place)[row]).collect();
        let expected: Vec<f64> = (0..offered).map(|level| f64::from(u8::from(level == frequent))).collect();
        assert_eq!(filled, expected, "{drawn:?}");
        let new = Table::new(Matrix::new(1, offered + 1, vec![GAP; offered + 1]).expect("its size"));
        let new = fitted.transform(&new).expect("it is transformed");
        let new: Vec<f64> = train.table.levels[0].iter().map(|place| new.column(*place)[0]).collect();
        assert_eq!(new, expected, "a new row is filled in the same way");
        assert!(x.column(1)[1] > 0.0, "what is no level has its median");
    }
}

#[test]
fn a_missing_value_that_nothing_replaces_is_an_error_with_its_column() {
    let train = sample(&[&[1.0, 2.0], &[GAP, 1.0]]);
    for steps in [vec![], vec![Step::Impute(Impute::Refuse)], vec![Step::NearConstant(1.0)]] {
        let error = Pipeline { steps }.fit(&train).expect_err("it is refused");
        assert_eq!(error.to_string(), "column 1: 1 of 2 values are missing, and nothing replaces them");
    }
    let infinite = sample(&[&[1.0, f64::INFINITY]]);
    let error = Pipeline { steps: vec![Step::Impute(Impute::Mean)] }.fit(&infinite).expect_err("it is refused");
    assert_eq!(error.to_string(), "column 0: a value is infinite");
}

#[test]
fn near_constant_columns_are_left_out() {
    let train = sample(&[&[1.0, 1.0, 1.0, 2.0], &[1.0, 1.0, 2.0, 3.0], &[5.0; 4]]);
    assert_eq!(kept(&train, vec![Step::NearConstant(0.75)]), [1]);
    assert_eq!(kept(&train, vec![Step::NearConstant(1.0)]), [0, 1]);
}

#[test]
fn of_correlated_columns_the_first_stays() {
    let a = [1.0, 2.0, 3.0, 4.0];
    let train = sample(&[&a, &[-2.0, -4.0, -6.0, -8.5], &[1.0, -1.0, -1.0, 1.0], &a]);
    assert_eq!(kept(&train, vec![Step::Correlation(0.9)]), [0, 2]);
    // Only what is kept counts: without the first, the second stays.
    assert_eq!(kept(&train, vec![Step::Correlation(0.9999)]), [0, 1, 2]);
}

#[test]
fn ranks_see_through_a_bend_and_an_outlier() {
    let a: Vec<f64> = (0..8).map(f64::from).collect();
    // Monotone, with an outlier: Pearson's correlation is 0.67, Spearman's 1.
    let bent: Vec<f64> = a.iter().map(|x| (2.0 * x).exp()).collect();
    let tied = [1.0, 1.0, 2.0, 2.0, 3.0, 3.0, 4.0, 4.0];
    let train = sample(&[&a, &bent, &tied, &[1.0, -1.0, -1.0, 1.0, 1.0, -1.0, -1.0, 1.0]]);
    assert_eq!(kept(&train, vec![Step::Correlation(0.9)]), [0, 1, 3]);
    // scipy.stats.spearmanr(range(8), tied) = 0.9759000729485332
    assert_eq!(kept(&train, vec![Step::RankCorrelation(0.975)]), [0, 3]);
    assert_eq!(kept(&train, vec![Step::RankCorrelation(0.976)]), [0, 2, 3]);
}

#[test]
fn the_columns_that_tell_most_stay() {
    let mut train = sample(&[&[1.0, -1.0, -1.0, 1.0], &[3.0, 2.0, 1.0, 0.5], &[1.0, 2.0, 2.0, 3.0]]);
    assert_eq!(kept(&train, vec![Step::Top(2)]), [1, 2]);
    train.response = Response::Binomial(vec![1.0, 0.0, 0.0, 1.0]);
    assert_eq!(kept(&train, vec![Step::Top(1)]), [0]);
    train.response = Response::Cox { time: vec![1.0, 2.0, 3.0, 4.0], event: vec![true; 4] };
    assert_eq!(kept(&train, vec![Step::Top(1)]), [1]);
    assert_eq!(kept(&train, vec![Step::Top(0)]), []);
}

/// Three batches; `shift` moves the second.
fn batches(shift: f64) -> Sample {
    let mut normal = Normal::new(8);
    let mut x = normal.matrix(30, 6);
    for j in 0..6 {
        x.column_mut(j)[10..20].iter_mut().for_each(|x| *x = 3.0 * *x + shift);
    }
    let origin = (0..30).map(|i| Some(i / 10)).collect();
    let response = Response::Gaussian((0..30).map(f64::from).collect());
    Sample::new(Table { origin, batches: 3, ..Table::new(x) }, response).expect("it is sound")
}

#[test]
fn batches_come_together() {
    let train = batches(40.0);
    let (fitted, x) = Pipeline { steps: vec![Step::Combat(Unknown::Refuse)] }.fit(&train).expect("it fits");
    for j in 0..6 {
        let mean = |rows: std::ops::Range<usize>| x.column(j)[rows].iter().sum::<f64>() / 10.0;
        let apart = (mean(0..10) - mean(10..20)).abs();
        assert!(apart < 1.5, "column {j} is {apart} apart");
    }
    let mut stray = train.table.select(&[3]);
    stray.origin = vec![None];
    assert!(fitted.transform(&stray).is_err_and(|why| why.to_string() == "row 0 is of no batch"));
}

#[test]
fn batches_that_are_not_known_are_refused_or_stay_as_they_are() {
    let mut train = batches(1.0);
    train.table.origin[29] = None;
    let fit = |unknown, train: &Sample| Pipeline { steps: vec![Step::Combat(unknown)] }.fit(train);
    assert!(fit(Unknown::Refuse, &train).is_err_and(|why| why.to_string() == "1 rows are of no batch"));
    let (_, x) = fit(Unknown::Unadjusted, &train).expect("it fits");
    assert_eq!(x.column(0)[29], train.table.inputs.column(0)[29]);
    assert_ne!(x.column(0)[28], train.table.inputs.column(0)[28]);
    // One row has no spread; one batch has nothing to be aligned with.
    let lonely = batches(1.0).select(&(0..11).collect::<Vec<_>>());
    assert!(fit(Unknown::Refuse, &lonely).is_err_and(|why| matches!(why, Error::Batch { batch: 1, .. })));
    let (_, x) = fit(Unknown::Unadjusted, &lonely).expect("it fits");
    for j in 0..6 {
        for (aligned, raw) in x.column(j).iter().zip(lonely.table.inputs.column(j)) {
            assert!((aligned - raw).abs() < 1e-12);
        }
    }
}

#[test]
fn what_is_kept_stays_apart_and_what_is_known_of_a_patient_stays_as_it_is() {
    // A covariate that is 10 higher in the second batch, and moves every column by 20 a unit, far more than they vary.
    let mut train = batches(0.0);
    let kept: Vec<f64> = (0..30).map(|i| f64::from(i % 7) + if (10..20).contains(&i) { 10.0 } else { 0.0 }).collect();
    train.table.kept = Matrix::new(30, 1, kept.clone()).expect("a column");
    for j in 0..6 {
        train.table.inputs.column_mut(j).iter_mut().zip(&kept).for_each(|(x, kept)| *x += 20.0 * kept);
    }
    train.table.unaligned = vec![5];
    let of = |train: &Sample| Pipeline { steps: vec![Step::Combat(Unknown::Refuse)] }.fit(train).expect("it fits");
    let (fitted, x) = of(&train);
    assert_eq!(fitted.transform(&train.table), Ok(x.clone()));
    assert_eq!(x.column(5), train.table.inputs.column(5));
    let apart = |x: &Matrix, j: usize| {
        let mean = |rows: std::ops::Range<usize>| x.column(j)[rows].iter().sum::<f64>() / 10.0;
        mean(10..20) - mean(0..10)
    };
    let due = 20.0 * apart(&train.table.kept, 0);
    train.table.kept = Matrix::zeros(30, 0);
    let (_, lost) = of(&train);
    for j in 0..5 {
        assert!((apart(&x, j) - due).abs() < 6.0, "column {j}: {} are left of {due}", apart(&x, j));
        assert!(apart(&lost, j).abs() < 60.0, "column {j}: {} are left without it", apart(&lost, j));
    }
}

#[test]
fn a_column_that_tells_the_batch_alone_is_left_out() {
    let mut train = batches(1.0);
    (0..30).for_each(|i| train.table.inputs.column_mut(2)[i] = (i / 10) as f64);
    assert_eq!(kept(&train, vec![Step::Combat(Unknown::Refuse)]), [0, 1, 3, 4, 5]);
}

#[test]
fn a_table_without_columns_stays_one() {
    let train = sample(&[]);
    let steps = vec![Step::Impute(Impute::Median), Step::NearConstant(0.9), Step::Correlation(0.9), Step::Top(3)];
    assert_eq!(kept(&train, steps), []);
}
