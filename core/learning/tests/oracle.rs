//! Coefficients and aligned batches against the figures of `tests/oracle/learning.py`.

use voxomics_learning::{
    Matrix, Response, Sample, Table, Ties, algebra,
    elastic_net::{Lambdas, Options, path},
    preprocessing::{Pipeline, Step, Unknown},
};

const FIGURES: &str = include_str!("../../../tests/oracle/learning.txt");

/// A data set: its columns, its other lines by name, its models.
#[derive(Default)]
struct Data {
    name: String,
    columns: Vec<Vec<f64>>,
    others: Vec<(String, Vec<f64>)>,
    fits: Vec<Vec<String>>,
}

impl Data {
    fn all() -> Vec<Self> {
        let mut sets: Vec<Self> = Vec::new();
        for line in FIGURES.lines() {
            let (key, rest) = line.split_once(' ').expect("a key");
            let numbers = || rest.split(' ').map(|word| word.parse().expect("a number")).collect::<Vec<f64>>();
            if key == "data" {
                sets.push(Self { name: rest.into(), ..Self::default() });
                continue;
            }
            let set = sets.last_mut().expect("a data set");
            match key {
                "x" => set.columns.push(numbers()),
                "fit" => set.fits.push(rest.split(' ').map(String::from).collect()),
                _ => set.others.push((key.into(), numbers())),
            }
        }
        sets
    }

    fn x(&self) -> Matrix {
        let rows = self.columns[0].len();
        Matrix::new(rows, self.columns.len(), self.columns.concat()).expect("equal lengths")
    }

    fn get(&self, key: &str) -> Vec<f64> {
        self.others.iter().find(|(name, _)| name == key).expect("it is there").1.clone()
    }
}

/// The largest difference relative to the largest number.
fn deviation(found: &[f64], expected: &[f64]) -> f64 {
    let size = expected.iter().fold(0.0, |size: f64, x| size.max(x.abs()));
    assert_eq!(found.len(), expected.len());
    found.iter().zip(expected).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max) / size
}

#[test]
fn coefficients_are_those_of_the_references() {
    let mut worst = std::collections::BTreeMap::new();
    for data in Data::all().iter().filter(|data| !data.name.starts_with("combat")) {
        let x = data.x();
        for fit in &data.fits {
            let [family, ties, alpha, lambda, weighted, standardise, rest @ ..] = fit.as_slice() else {
                panic!("a fit has six words before its coefficients")
            };
            let number = |word: &String| word.parse::<f64>().expect("a number");
            let response = match family.as_str() {
                "gaussian" => Response::Gaussian(data.get("y")),
                "binomial" => Response::Binomial(data.get("class")),
                _ => Response::Cox {
                    time: data.get("time"),
                    event: data.get("event").iter().map(|event| *event == 1.0).collect(),
                },
            };
            let weights = if weighted == "1" { data.get("weights") } else { vec![1.0; x.rows()] };
            // The references penalise squares without the target's standard deviation.
            let (mut alpha, mut lambda) = (number(alpha), number(lambda));
            if let Response::Gaussian(y) = &response {
                let unit = algebra::variance(y, &weights).sqrt();
                let (l1, l2) = (lambda * alpha, lambda * (1.0 - alpha) * unit);
                (alpha, lambda) = (l1 / (l1 + l2), l1 + l2);
            }
            let options = Options {
                lambdas: Lambdas::Given(vec![lambda]),
                standardise: standardise == "1",
                ties: if ties == "efron" { Ties::Efron } else { Ties::Breslow },
                ..Options::default()
            };
            let models = path(&x, &response, &weights, alpha, &options).expect("it is solved");
            let expected: Vec<f64> = rest[1..].iter().map(number).collect();
            let off = deviation(&models[0].coefficients, &expected);
            assert!(off < 1e-6, "{} {:?}: {off:e}", data.name, &fit[..6]);
            let zeros = |b: &[f64]| b.iter().map(|b| *b == 0.0).collect::<Vec<_>>();
            assert_eq!(zeros(&models[0].coefficients), zeros(&expected), "{} {:?}", data.name, &fit[..6]);
            let (intercept, b0) = (models[0].intercept, number(&rest[0]));
            assert!((intercept - b0).abs() <= 1e-6 * b0.abs().max(1e-3), "{intercept} and {b0}");
            let most = worst.entry((family.clone(), ties.clone())).or_insert((0, 0.0_f64));
            *most = (most.0 + 1, most.1.max(off));
        }
    }
    assert_eq!(worst.len(), 4);
    println!("models and worst deviation: {worst:?}");
}

#[test]
fn batches_are_aligned_as_neurocombat_does() {
    let sets = Data::all();
    for (name, covariates) in [
        ("combat", 0),
        ("combat that keeps", 3),
        ("combat lung", 0),
        ("combat lung that keeps", 1),
        ("combat penguins", 0),
        ("combat penguins that keeps", 1),
    ] {
        let data = sets.iter().find(|data| data.name == name).expect("it is there");
        let all = |wanted: &str| -> Vec<&Vec<f64>> {
            data.others.iter().filter(|(key, _)| key == wanted).map(|(_, values)| values).collect()
        };
        let origin: Vec<Option<usize>> = data.get("batch").iter().map(|batch| Some(*batch as usize)).collect();
        let (rows, batches) = (origin.len(), 1 + origin.iter().flatten().max().expect("batches"));
        let kept: Vec<f64> = all("kept").into_iter().flatten().copied().collect();
        let kept = Matrix::new(rows, covariates, kept).expect("the covariates are there");
        let table = Table { origin, batches, kept, ..Table::new(data.x()) };
        let sample = Sample::new(table.clone(), Response::Gaussian(vec![0.0; rows])).expect("it is sound");
        let (fitted, x) = Pipeline { steps: vec![Step::Combat(Unknown::Refuse)] }.fit(&sample).expect("it is aligned");
        let mut worst = 0.0_f64;
        for (j, expected) in all("aligned").into_iter().enumerate() {
            let off = deviation(x.column(j), expected);
            assert!(off < 1e-9, "{name}, column {j}: {off:e}");
            worst = worst.max(off);
        }
        println!("{name}: worst deviation {worst:e}");
        assert_eq!(fitted.transform(&table), Ok(x));
    }
}
