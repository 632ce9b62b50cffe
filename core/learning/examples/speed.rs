//! How long learning takes on 135 rows and 84 correlated columns:
//! `cargo run --release -p voxomics-learning --example speed [paths]`; with `wide`, on tables of other shapes, ten folds at alpha 1, beside
//! which `benches/glmnet.R` measures glmnet, both by their time on a processor; with `net FILE REPEATS`, the choice alone, on the numbers of a file (one a line, inputs
//! column after column, then the target), beside which `benches/scikit_learn.py` measures scikit-learn.

use std::{hint::black_box, time::Instant};

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};
use voxomics_learning::{
    Matrix, Response, Sample, Serial, Table, Ties,
    elastic_net::{Options, path},
    folds::Folds,
    measure::Measure,
    preprocessing::Pipeline,
    tuning::{Choice, ElasticNet},
};

const ROWS: usize = 135;
const COLUMNS: usize = 84;
const HIDDEN: usize = 12;

/// The shortest of several times, in milliseconds.
fn shortest(times: usize, mut work: impl FnMut()) -> f64 {
    let once = |work: &mut dyn FnMut()| {
        let start = Instant::now();
        work();
        start.elapsed().as_secs_f64() * 1e3
    };
    (0..times).map(|_| once(&mut work)).fold(f64::INFINITY, f64::min)
}

/// The same of the time that this thread has on a processor, so that other work does not count; on Linux.
fn shortest_on_processor(times: usize, mut work: impl FnMut()) -> f64 {
    let now = || {
        let text = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux");
        text.split(' ').next().and_then(|word| word.parse::<f64>().ok()).expect("nanoseconds") / 1e6
    };
    let once = |work: &mut dyn FnMut()| {
        let start = now();
        work();
        now() - start
    };
    (0..times).map(|_| once(&mut work)).fold(f64::INFINITY, f64::min)
}

/// Rows, columns, and whether the target is a time.
const WIDE: [(usize, usize, bool); 5] =
    [(200, 2_000, false), (200, 20_000, false), (1_000, 1_000, false), (200, 2_000, true), (10_000, 50, true)];

/// Ten columns in each hundred tell something, and each goes with the one before it.
fn wide(normal: &mut dyn FnMut() -> f64) {
    for (rows, columns, of_time) in WIDE {
        let mut x = Matrix::zeros(rows, columns);
        for j in 0..columns {
            let before = if j > 0 { x.column(j - 1).to_vec() } else { vec![0.0; rows] };
            x.column_mut(j).iter_mut().zip(before).for_each(|(x, before)| *x = 0.5 * before + normal());
        }
        let truth: Vec<f64> = (0..columns).map(|j| if j < columns.min(100) / 10 { 0.3 } else { 0.0 }).collect();
        let eta = x.times(&truth);
        let response = match of_time {
            false => Response::Gaussian(eta.iter().map(|eta| eta + normal()).collect()),
            true => {
                let time = eta.iter().map(|eta| (normal() - eta).exp()).collect();
                Response::Cox { time, event: (0..rows).map(|_| normal() < 0.5).collect() }
            }
        };
        let sample = Sample::new(Table::new(x), response).expect("it is sound");
        let net = ElasticNet {
            pipeline: Pipeline::default(),
            alphas: vec![1.0],
            options: Options { ties: Ties::Breslow, stop_early: true, ..Options::default() },
            folds: Folds { folds: 10, repeats: 1 },
            measure: Measure::Deviance,
            choice: Choice::Best,
        };
        let took = shortest_on_processor(3, || drop(black_box(net.tune(&sample, 1, &Serial).expect("it is solved"))));
        let kind = if of_time { "Cox" } else { "Gaussian" };
        println!("{kind}, {rows} × {columns}: 100 lambdas, ten folds in {:.3} s", took / 1e3);
    }
}

/// The choice of a mixing and a penalty on the numbers of a file.
fn net(file: &str, repeats: usize) {
    let text = std::fs::read_to_string(file).expect("the file can be read");
    let values: Vec<f64> = text.lines().map(|line| line.parse().expect("a number")).collect();
    let x = Matrix::new(ROWS, COLUMNS, values[..ROWS * COLUMNS].to_vec()).expect("its size");
    let y = Response::Gaussian(values[ROWS * COLUMNS..].to_vec());
    let sample = Sample::new(Table::new(x), y).expect("it is sound");
    let net = chooser(repeats);
    let took = shortest(3, || drop(black_box(net.tune(&sample, 1, &Serial).expect("it is solved"))));
    let tuned = net.tune(&sample, 1, &Serial).expect("it is solved");
    let curve = &tuned.curves[tuned.curve];
    println!("{} {} {} {}", took / 1e3, curve.alpha, curve.path[tuned.chosen].lambda, curve.mean[tuned.chosen]);
}

/// Ten mixings, a hundred penalties, so many times ten folds.
fn chooser(repeats: usize) -> ElasticNet {
    ElasticNet {
        pipeline: Pipeline::default(),
        alphas: (1..=10).map(|k| f64::from(k) / 10.0).collect(),
        options: Options::default(),
        folds: Folds { folds: 10, repeats },
        measure: Measure::Deviance,
        choice: Choice::Best,
    }
}

fn main() {
    let words: Vec<String> = std::env::args().collect();
    if let [_, first, file, repeats] = words.as_slice()
        && first == "net"
    {
        return net(file, repeats.parse().expect("a number of repeats"));
    }
    let mut generator = ChaCha8Rng::seed_from_u64(1);
    let mut normal = || {
        let mut uniform = || (f64::from(generator.next_u32()) + 0.5) / 4_294_967_296.0;
        (-2.0 * uniform().ln()).sqrt() * (std::f64::consts::TAU * uniform()).cos()
    };
    if std::env::args().any(|word| word == "wide") {
        return wide(&mut normal);
    }
    let hidden = Matrix::new(ROWS, HIDDEN, (0..ROWS * HIDDEN).map(|_| normal()).collect()).expect("its size");
    let mut x = Matrix::zeros(ROWS, COLUMNS);
    for j in 0..COLUMNS {
        let loads: Vec<f64> = (0..HIDDEN).map(|_| normal()).collect();
        let column = hidden.times(&loads);
        x.column_mut(j).iter_mut().zip(column).for_each(|(x, factor)| *x = factor + 0.5 * normal());
    }
    let truth: Vec<f64> = (0..COLUMNS).map(|j| if j < 8 { 0.1 * normal() } else { 0.0 }).collect();
    let y: Vec<f64> = x.times(&truth).iter().map(|eta| eta + normal()).collect();
    let class = y.iter().map(|y| f64::from(normal() < *y)).collect();
    let time: Vec<f64> = y.iter().map(|y| (50.0 * (normal() - y).exp()).ceil()).collect();
    let event: Vec<bool> = y.iter().map(|_| normal() < 0.5).collect();
    let gaussian = Response::Gaussian(y);
    let cox = Response::Cox { time, event };
    for (name, response, ties) in [
        ("Gaussian", &gaussian, Ties::Efron),
        ("binomial", &Response::Binomial(class), Ties::Efron),
        ("Cox, Breslow", &cox, Ties::Breslow),
        ("Cox, Efron", &cox, Ties::Efron),
    ] {
        for alpha in [1.0, 0.5] {
            let options = Options { ties, ..Options::default() };
            let fit = || drop(black_box(path(&x, response, &[1.0; ROWS], alpha, &options).expect("it is solved")));
            println!("{name}: 100 lambdas at alpha {alpha} in {:.2} ms", shortest(9, fit));
        }
    }
    if std::env::args().any(|word| word == "paths") {
        return;
    }
    let sample = Sample::new(Table::new(x), gaussian).expect("it is sound");
    let net = chooser(10);
    let two = |count: usize, chunk: &(dyn Fn(usize) + Sync)| {
        std::thread::scope(|scope| {
            for part in 0..2 {
                scope.spawn(move || (part..count).step_by(2).for_each(chunk));
            }
        });
    };
    let one = shortest(1, || drop(black_box(net.tune(&sample, 1, &Serial))));
    println!("Gaussian: 10 alphas, 100 lambdas, 10 times 10 folds in {one:.0} ms on one thread");
    let both = shortest(1, || drop(black_box(net.tune(&sample, 1, &two))));
    println!("the same in {both:.0} ms on two threads");
}
