//! k-means and mixtures against the figures of `tests/oracle/habitats.py`: scikit-learn from the same starts.

use std::collections::BTreeMap;

use voxomics_learning::{
    Serial,
    clustering::{
        Points, criteria, kmeans,
        mixture::{Covariance, Fitted, Mixture},
    },
};

const FIGURES: &str = include_str!("../../../tests/oracle/habitats.csv");
const ROUNDS: usize = 1000;
const TOLERANCE: f64 = 1e-6;

/// The points of the script.
fn points(count: usize, dims: usize) -> Vec<f64> {
    let point = |i: usize, j: usize| {
        let heap = (i * 7 + i / 5) % 4;
        let centre = (heap * (3 + 2 * j) * 40 + (heap ^ (j + 1)) * 60) % 400;
        let noise = (i * (7919 + 104 * j) + i * i * (31 + j)) % 211 + (i * (6101 + 17 * j) + 13 * i * i) % 197;
        (centre + noise) as f64
    };
    (0..count).flat_map(|i| (0..dims).map(move |j| point(i, j))).collect()
}

/// Rows of the points, evenly apart.
fn start(x: Points<'_>, number: usize) -> Vec<Vec<f64>> {
    (0..number).map(|k| x.get((2 * k + 1) * x.len() / (2 * number)).to_vec()).collect()
}

/// A mixture from the start of the script.
fn mixture(x: Points<'_>, number: usize, covariance: Covariance) -> Fitted {
    let n = x.len() as f64;
    let variance = |axis: usize| {
        let mean = x.iter().map(|point| point[axis]).sum::<f64>() / n;
        x.iter().map(|point| (point[axis] - mean).powi(2)).sum::<f64>() / n
    };
    let variances: Vec<f64> = (0..x.dims()).map(variance).collect();
    let full = |at: usize| if at.is_multiple_of(x.dims() + 1) { variances[at / x.dims()] } else { 0.0 };
    let of_group = match covariance {
        Covariance::Full => (0..x.dims() * x.dims()).map(full).collect(),
        Covariance::Diagonal => variances.clone(),
    };
    let first = Mixture {
        weights: vec![1.0 / number as f64; number],
        means: start(x, number),
        covariances: vec![of_group; number],
        covariance,
    };
    first.fit(x, ROUNDS, TOLERANCE, &Serial).expect("a fit")
}

/// Our figures, by name.
fn figures(x: Points<'_>, number: usize, method: &str) -> BTreeMap<&'static str, Vec<f64>> {
    let numbers = |labels: &[usize]| labels.iter().map(|label| *label as f64).collect::<Vec<f64>>();
    if method == "k-means" {
        let found = kmeans::lloyd(x, start(x, number), ROUNDS).expect("groups");
        let index = criteria::calinski_harabasz(x, &found.labels, number);
        return BTreeMap::from([
            ("labels", numbers(&found.labels)),
            ("centres", found.centres.concat()),
            ("inertia", vec![found.inertia]),
            ("calinski-harabasz", vec![index]),
        ]);
    }
    let covariance = if method == "full" { Covariance::Full } else { Covariance::Diagonal };
    let found = mixture(x, number, covariance);
    BTreeMap::from([
        ("bic", vec![criteria::bic(&found, x)]),
        ("labels", numbers(&found.labels)),
        ("weights", found.mixture.weights),
        ("means", found.mixture.means.concat()),
        ("covariances", found.mixture.covariances.concat()),
        ("rounds", vec![found.rounds as f64]),
    ])
}

#[test]
fn from_the_same_start_labels_and_numbers_are_those_of_scikit_learn() {
    let mut compared = 0;
    let mut known: BTreeMap<[&str; 3], BTreeMap<&str, Vec<f64>>> = BTreeMap::new();
    for line in FIGURES.lines().skip(1) {
        let [name, number, method, figure, values] = line.split(',').collect::<Vec<_>>()[..] else {
            panic!("a line of other columns: {line}");
        };
        let (count, dims) = name.split_once('x').expect("a size");
        let (count, dims): (usize, usize) = (count.parse().expect("a number"), dims.parse().expect("a number"));
        let values_of_points = points(count, dims);
        let x = Points::new(&values_of_points, dims).expect("points");
        let figures = || figures(x, number.parse().expect("a number"), method);
        let found = &known.entry([name, number, method]).or_insert_with(figures)[figure];
        let expected: Vec<f64> = match figure {
            "labels" => values.chars().map(|label| f64::from(label.to_digit(10).expect("a digit"))).collect(),
            _ => values.split(' ').map(|word| word.parse().expect("a number")).collect(),
        };
        assert_eq!(found.len(), expected.len(), "{line}");
        // Sums are made in another order: of what is rounded, EM forgets the most.
        let tolerance = if ["labels", "rounds"].contains(&figure) { 0.0 } else { 1e-9 };
        let size = expected.iter().fold(0.0, |size: f64, x| size.max(x.abs()));
        let worst = found.iter().zip(&expected).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        assert!(worst <= tolerance * size, "{name}, {number}, {method}, {figure}: {worst} of {size}");
        compared += expected.len();
    }
    assert!(compared > 9000, "{compared} numbers");
}
