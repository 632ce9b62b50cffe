//! Optimality conditions against slow and plain gradients, and what cannot be fitted.

use super::*;
use crate::testing::Normal;

/// The negative gradient of the loss in η, by its definition, for weights that sum to 1.
fn pull(response: &Response, eta: &[f64], weights: &[f64], ties: Ties) -> Vec<f64> {
    let rows = eta.len();
    match response {
        Response::Gaussian(y) => (0..rows).map(|i| weights[i] * (y[i] - eta[i])).collect(),
        Response::Binomial(y) => (0..rows).map(|i| weights[i] * (y[i] - 1.0 / (1.0 + (-eta[i]).exp()))).collect(),
        Response::Cox { time, event } => {
            let mut pull: Vec<f64> = (0..rows).map(|i| if event[i] { weights[i] } else { 0.0 }).collect();
            for i in (0..rows).filter(|i| event[*i]) {
                let tied: Vec<usize> = (0..rows).filter(|j| event[*j] && time[*j] == time[i]).collect();
                let place = tied.iter().position(|j| *j == i).expect("it is among them") as f64;
                let fraction = if ties == Ties::Efron { place / tied.len() as f64 } else { 0.0 };
                let weight = tied.iter().map(|j| weights[*j]).sum::<f64>() / tied.len() as f64;
                let part = |j: usize| match (time[j] >= time[i], tied.contains(&j)) {
                    (false, _) => 0.0,
                    (true, false) => weights[j] * eta[j].exp(),
                    (true, true) => (1.0 - fraction) * weights[j] * eta[j].exp(),
                };
                let sum: f64 = (0..rows).map(part).sum();
                (0..rows).for_each(|j| pull[j] -= weight * part(j) / sum);
            }
            pull
        }
    }
}

/// The largest violation of the optimality conditions on the scale of standardised columns.
fn violation(x: &Matrix, response: &Response, weights: &[f64], alpha: f64, model: &Linear, options: &Options) -> f64 {
    let total: f64 = weights.iter().sum();
    let weights: Vec<f64> = weights.iter().map(|w| w / total).collect();
    let pull = pull(response, &model.predict(x), &weights, options.ties);
    let cox = matches!(response, Response::Cox { .. });
    let mut worst = if options.intercept && !cox { pull.iter().sum::<f64>().abs() } else { 0.0 };
    let factors: f64 = options.penalty_factors.iter().sum();
    let unit = match response {
        Response::Gaussian(y) if options.intercept => algebra::variance(y, &weights).sqrt(),
        Response::Gaussian(y) => y.iter().zip(&weights).map(|(y, w)| w * y * y).sum::<f64>().sqrt(),
        _ => 1.0,
    };
    for j in 0..x.columns() {
        let mean = algebra::mean(x.column(j), &weights);
        let scale = if options.standardise { algebra::variance(x.column(j), &weights).sqrt() } else { 1.0 };
        let centre = if options.intercept || cox { mean } else { 0.0 };
        let gradient: f64 = x.column(j).iter().zip(&pull).map(|(x, u)| u * (x - centre) / scale).sum();
        let b = model.coefficients[j] * scale;
        let factor = options.penalty_factors.get(j).map_or(1.0, |f| f * x.columns() as f64 / factors);
        let lambda = model.lambda * factor;
        worst = worst.max(match b == 0.0 {
            true => gradient.abs() - lambda * alpha,
            false => (gradient - lambda * ((1.0 - alpha) * b / unit + alpha * b.signum())).abs(),
        });
    }
    worst
}

/// A response of each family that depends on the first columns; Cox's times have ties.
fn responses(normal: &mut Normal, x: &Matrix) -> Vec<Response> {
    let truth: Vec<f64> = (0..x.columns()).map(|j| if j < 4 { 0.5 / (1 + j) as f64 } else { 0.0 }).collect();
    let eta = x.times(&truth);
    let y = eta.iter().map(|eta| 3.0 + eta + normal.next()).collect();
    let class = eta.iter().map(|eta| f64::from(normal.uniform() < 1.0 / (1.0 + (-eta).exp()))).collect();
    let time = eta.iter().map(|eta| (-5.0 * normal.uniform().ln() * (-eta).exp()).ceil()).collect();
    let event = eta.iter().map(|_| normal.uniform() < 0.7).collect();
    vec![Response::Gaussian(y), Response::Binomial(class), Response::Cox { time, event }]
}

#[test]
fn every_model_of_a_path_is_optimal() {
    let mut normal = Normal::new(1);
    let mut worst = 0.0_f64;
    for (rows, columns, noise) in [(80, 12, 1.0), (80, 30, 0.05), (25, 60, 0.3)] {
        let x = normal.correlated(rows, columns, 5, noise);
        let even = vec![1.0; rows];
        let uneven: Vec<f64> = (0..rows).map(|_| 0.2 + normal.uniform()).collect();
        for response in responses(&mut normal, &x) {
            for (alpha, weights, standardise, intercept, ties) in [
                (1.0, &even, true, true, Ties::Efron),
                (0.5, &uneven, false, true, Ties::Breslow),
                (0.05, &uneven, true, false, Ties::Efron),
                (0.0, &even, true, true, Ties::Breslow),
            ] {
                let lambdas = Lambdas::Down { count: 25, ratio: None };
                let mut options = Options { lambdas, standardise, intercept, ties, ..Options::default() };
                if alpha == 0.5 {
                    options.penalty_factors = (0..columns).map(|j| (j % 4) as f64).collect();
                }
                if alpha == 0.5 && columns / 4 + 1 > rows / 4 {
                    options.penalty_factors[8..].fill(1.0);
                }
                let path = path(&x, &response, weights, alpha, &options).expect("it is solved");
                assert_eq!(path.len(), 25);
                for model in &path {
                    let off = violation(&x, &response, weights, alpha, model, &options);
                    assert!(off < 1e-8, "{rows} × {columns}, alpha {alpha}, lambda {}: {off:e}", model.lambda);
                    worst = worst.max(off);
                }
            }
        }
    }
    println!("worst violation {worst:e}");
}

#[test]
fn separable_classes_have_finite_coefficients() {
    let x = Matrix::new(6, 1, vec![-3.0, -2.0, -1.0, 1.0, 2.0, 3.0]).expect("six values");
    let response = Response::Binomial(vec![0.0, 0.0, 0.0, 1.0, 1.0, 1.0]);
    for alpha in [0.0, 0.5, 1.0] {
        let options = Options { lambdas: Lambdas::Down { count: 30, ratio: Some(1e-6) }, ..Options::default() };
        let path = path(&x, &response, &[1.0; 6], alpha, &options).expect("it is solved");
        let last = &path[29];
        assert!(last.coefficients[0].is_finite() && last.coefficients[0] > path[10].coefficients[0]);
        assert!(violation(&x, &response, &[1.0; 6], alpha, last, &options) < 1e-8);
    }
}

#[test]
fn columns_that_say_nothing_have_no_coefficient() {
    let mut normal = Normal::new(2);
    let mut x = normal.matrix(20, 3);
    x.column_mut(1).fill(0.1);
    let copy = x.column(0).to_vec();
    x.column_mut(2).copy_from_slice(&copy);
    for response in responses(&mut normal, &normal_with_four(&x)) {
        for alpha in [1.0, 0.3] {
            let path = path(&x, &response, &[1.0; 20], alpha, &Options::default()).expect("it is solved");
            let worst = path.iter().map(|m| {
                violation(
                    &x.select_columns(&[0, 2]),
                    &response,
                    &[1.0; 20],
                    alpha,
                    &Linear { coefficients: vec![m.coefficients[0], m.coefficients[2]], ..m.clone() },
                    &Options::default(),
                )
            });
            assert!(worst.fold(0.0, f64::max) < 1e-8);
            assert!(path.iter().all(|model| model.coefficients[1] == 0.0));
        }
    }
}

/// The table with its columns over again, for a response that looks at four.
fn normal_with_four(x: &Matrix) -> Matrix {
    x.select_columns(&[0, 1, 2, 0])
}

#[test]
fn without_columns_there_is_the_null_model() {
    let x = Matrix::zeros(4, 0);
    let response = Response::Binomial(vec![1.0, 0.0, 0.0, 0.0]);
    let path = path(&x, &response, &[1.0; 4], 1.0, &Options::default()).expect("it is solved");
    assert_eq!(path.len(), 1);
    assert!((path[0].intercept - (1.0_f64 / 3.0).ln()).abs() < 1e-15);
}

#[test]
fn what_cannot_be_learnt_is_refused() {
    let x = Matrix::new(3, 1, vec![1.0, 2.0, 4.0]).expect("three values");
    let refusal = |x: &Matrix, response: Response, weights: &[f64]| {
        path(x, &response, weights, 1.0, &Options::default()).expect_err("it is refused").to_string()
    };
    let gaussian = || Response::Gaussian(vec![1.0, 3.0, 2.0]);
    assert!(refusal(&x, Response::Binomial(vec![1.0; 3]), &[1.0; 3]).contains("0 rows of class 0 and 3 of"));
    assert!(refusal(&x, Response::Binomial(vec![1.0, 0.0, 2.0]), &[1.0; 3]).contains("neither 0 nor 1"));
    assert!(
        refusal(&x, Response::Binomial(vec![1.0, 0.0, 0.0]), &[0.0, 1.0, 1.0]).contains("2 rows of class 0 and 0 of")
    );
    assert!(refusal(&x, Response::Gaussian(vec![2.0; 3]), &[1.0; 3]).contains("the same in every row"));
    assert!(refusal(&x, gaussian(), &[1.0, -1.0, 1.0]).contains("weights"));
    assert!(refusal(&x, Response::Gaussian(vec![1.0; 2]), &[1.0; 2]).contains("3 rows of inputs for 2"));
    let event = vec![false; 3];
    assert!(refusal(&x, Response::Cox { time: vec![1.0; 3], event }, &[1.0; 3]).contains("no event"));
    let gap = Matrix::new(3, 1, vec![1.0, f64::NAN, 4.0]).expect("three values");
    assert_eq!(refusal(&gap, gaussian(), &[1.0; 3]), "column 0: the value of row 1 is NaN, expected a finite number");
}

#[test]
fn the_path_begins_where_the_first_coefficient_appears() {
    let mut normal = Normal::new(5);
    let x = normal.matrix(40, 6);
    for response in responses(&mut normal, &x) {
        let path = path(&x, &response, &[1.0; 40], 0.7, &Options::default()).expect("it is solved");
        assert_eq!(path.len(), 100);
        assert_eq!((path[0].nonzero(), path[1].nonzero() > 0), (0, true));
        assert!((path[99].lambda / path[0].lambda - 1e-4).abs() < 1e-12);
        assert!(path.windows(2).all(|pair| pair[1].explained > pair[0].explained - 1e-12));
        let early = Options { stop_early: true, ..Options::default() };
        assert!(super::path(&x, &response, &[1.0; 40], 0.7, &early).expect("it is solved").len() < 100);
    }
}

/// Eighty columns and 51 events: at the end of the path, a fold's model is no longer determined.
#[test]
fn a_path_ends_where_a_model_is_no_longer_determined_and_what_was_found_stands() {
    use crate::{Sample, Serial, Table, folds::Folds, measure::Measure, preprocessing::Pipeline, tuning};
    let mut shortened = 0;
    for seed in 0..3 {
        let mut normal = Normal::new(20 + seed);
        let mut x = normal.correlated(198, 80, 6, 3.0);
        let eta = x.times(&[&[0.5, -0.5][..], &[0.0; 78]].concat());
        let time: Vec<f64> = eta.iter().map(|eta| (-40.0 * normal.uniform().ln() * (-eta).exp()).ceil()).collect();
        // Skewed, as sums over voxels are.
        (0..80).for_each(|j| x.column_mut(j).iter_mut().for_each(|x| *x = x.exp()));
        let mut order: Vec<usize> = (0..198).collect();
        order.sort_by(|i, j| time[*i].total_cmp(&time[*j]));
        let mut event = vec![false; 198];
        order.iter().step_by(3).take(51).for_each(|i| event[*i] = true);
        let sample = Sample::new(Table::new(x), Response::Cox { time, event }).expect("it is sound");
        let net = tuning::ElasticNet {
            pipeline: Pipeline::default(),
            alphas: vec![1.0],
            options: Options { lambdas: Lambdas::Down { count: 50, ratio: Some(1e-4) }, ..Options::default() },
            folds: Folds { folds: 4, repeats: 1 },
            measure: Measure::Deviance,
            choice: tuning::Choice::Best,
        };
        let tuned = net.tune(&sample, seed, &Serial).expect("what was found stands");
        for curve in &tuned.curves {
            assert!(curve.path.len() == curve.mean.len() && curve.path.len() >= 10, "{}", curve.path.len());
            shortened += usize::from(curve.path.len() < 50);
        }
    }
    assert!(shortened > 0);
}

/// A solver that gives up from a penalty on.
struct GivesUp {
    from: f64,
}

impl solver::Solver for GivesUp {
    fn restart(&mut self) {}

    fn gradient(&mut self) -> &[f64] {
        &[]
    }

    fn unit(&self) -> f64 {
        10.0
    }

    fn solve(&mut self, l1: f64, _: f64, _: f64) -> Result<(), Error> {
        if l1 > self.from { Ok(()) } else { Err(solver::unsolved(1e-3)) }
    }

    fn coefficients(&self) -> (Vec<f64>, f64) {
        (Vec::new(), 0.0)
    }

    fn explained(&self) -> f64 {
        0.5
    }
}

/// Of a search over folds and mixings, whoever reads that there is no solution must know where. What was found before stands.
#[test]
fn a_path_without_a_solution_ends_or_tells_its_mixing_its_penalty_and_its_fold() {
    let lambdas = [2.0, 1.0, 0.5];
    let path = descend(&mut GivesUp { from: 0.3 }, 0.5, 2.0, &lambdas, false).expect("there is a first one");
    assert_eq!(path.iter().map(|model| model.lambda).collect::<Vec<_>>(), [20.0, 10.0]);
    let why = descend(&mut GivesUp { from: 9.0 }, 0.5, 2.0, &lambdas, false).expect_err("there is none");
    let told = why.within("fold 2 of the choice of the penalty").to_string();
    assert_eq!(
        told,
        "fold 2 of the choice of the penalty: no solution at alpha 0.5 and lambda 2e1: rounding leaves a gradient of 1e-3"
    );
}
