//! Permuted targets of real tables that come with R: whatever selects and learns, rows that it has not seen tell nothing.

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};
use voxomics_learning::{
    Matrix, Response, Sample, Serial, Table,
    elastic_net::{Lambdas, Options},
    folds::Folds,
    measure::Measure,
    nested::out_of_fold,
    preprocessing::{Pipeline, Step},
    tuning::{Choice, ElasticNet},
};

const SWISS: &str = include_str!("../../../tests/oracle/r/swiss.csv");
const VETERAN: &str = include_str!("../../../tests/oracle/r/veteran.csv");
const LUNG: &str = include_str!("../../../tests/oracle/r/lung.csv");

fn columns(text: &str) -> Vec<Vec<f64>> {
    let mut lines = text.lines();
    let mut columns = vec![Vec::new(); lines.next().expect("a header").split(',').count()];
    for line in lines {
        line.split(',').zip(&mut columns).for_each(|(cell, column)| column.push(cell.parse().expect("a number")));
    }
    columns
}

/// The inputs in their order, the target in another.
fn permuted(table: &str, inputs: std::ops::Range<usize>, class: bool, seed: u64) -> Sample {
    let columns = columns(table);
    let rows = columns[0].len();
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    let mut order: Vec<(u64, usize)> = (0..rows).map(|i| (generator.next_u64(), i)).collect();
    order.sort_unstable();
    let pick = |column: &[f64]| -> Vec<f64> { order.iter().map(|(_, i)| column[*i]).collect() };
    let response = match class {
        true => {
            let mut sorted = columns[0].clone();
            sorted.sort_by(f64::total_cmp);
            let median = sorted[rows / 2];
            Response::Binomial(pick(&columns[0]).iter().map(|y| f64::from(u8::from(*y >= median))).collect())
        }
        false => {
            let event = pick(&columns[1]).iter().map(|event| *event == 1.0).collect();
            Response::Cox { time: pick(&columns[0]), event }
        }
    };
    let width = inputs.len();
    let x = Matrix::new(rows, width, columns[inputs].concat()).expect("equal lengths");
    Sample::new(Table::new(x), response).expect("it is sound")
}

#[test]
fn nothing_is_found_where_the_target_was_permuted() {
    let net = |steps: Vec<Step>| ElasticNet {
        pipeline: Pipeline { steps },
        alphas: vec![0.5, 1.0],
        options: Options { lambdas: Lambdas::Down { count: 8, ratio: Some(0.02) }, ..Options::default() },
        folds: Folds { folds: 3, repeats: 1 },
        measure: Measure::Deviance,
        choice: Choice::Best,
    };
    let steps: [(&str, Vec<Step>); 3] =
        [("all", vec![]), ("the best two", vec![Step::Top(2)]), ("uncorrelated", vec![Step::Correlation(0.5)])];
    for (name, table, inputs, class) in
        [("swiss", SWISS, 1..6, true), ("veteran", VETERAN, 2..7, false), ("lung", LUNG, 2..6, false)]
    {
        for (selector, steps) in &steps {
            let measure = if class { Measure::Auc } else { Measure::Concordance };
            let values: Vec<f64> = (0..60)
                .map(|seed| {
                    let sample = permuted(table, inputs.clone(), class, seed);
                    let folds = Folds { folds: 4, repeats: 1 };
                    let found = out_of_fold(&net(steps.clone()), &sample, folds, seed, &Serial).expect("it learns");
                    found.performance(&sample, measure).expect("it is defined").value
                })
                .collect();
            let mean = values.iter().sum::<f64>() / 60.0;
            let error = (values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / 59.0 / 60.0).sqrt();
            println!("{name}, {selector}: {mean:.4} ± {error:.4}");
            // Nine of them: three standard errors would be left once in forty times; the seeds are fixed.
            assert!((mean - 0.5).abs() < 3.5 * error && error < 0.02, "{name}, {selector}: {mean} ± {error}");
        }
    }
}
