//! Which columns are kept.

use crate::{
    Error, Matrix, Response, Ties,
    algebra::{self, dot},
    elastic_net::{Cox, Loss, order},
    measure,
};

/// Columns in which no value holds `share` of the rows or more.
pub(super) fn varying(x: &Matrix, share: f64) -> Vec<usize> {
    let limit = share * x.rows() as f64;
    // What more than a half hold is found without sorting.
    let most = |j: usize| if share > 0.5 { majority(x.column(j)) } else { most_frequent(x.column(j)) };
    (0..x.columns()).filter(|j| (most(*j) as f64) < limit).collect()
}

/// How often the most frequent value is there.
fn most_frequent(values: &[f64]) -> usize {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    values.chunk_by(|a, b| a == b).map(<[f64]>::len).max().unwrap_or(0)
}

/// How often the value is there that more than half of all are, if there is one; else some number up to a half of all (R. S. Boyer
/// and J. S. Moore, "MJRTY: a fast majority vote algorithm", 1991).
fn majority(values: &[f64]) -> usize {
    let (mut candidate, mut lead) = (f64::NAN, 0_usize);
    for value in values {
        if lead == 0 {
            (candidate, lead) = (*value, 1);
        } else if *value == candidate {
            lead += 1;
        } else {
            lead -= 1;
        }
    }
    values.iter().filter(|value| **value == candidate).count()
}

/// The column, centred and scaled to Σ w·x² = 1; zeros if it does not vary.
fn unit(x: &[f64], weights: &[f64]) -> Vec<f64> {
    let total: f64 = weights.iter().sum();
    let (mean, deviation) = (algebra::mean(x, weights), algebra::variance(x, weights).sqrt());
    let scale = if algebra::varies(deviation, algebra::largest(x)) { 1.0 / deviation } else { 0.0 };
    x.iter().zip(weights).map(|(x, w)| (w / total).sqrt() * (x - mean) * scale).collect()
}

/// Columns, from the first on, whose absolute correlation with each that is kept before is at most `most`.
pub(super) fn uncorrelated(x: &Matrix, weights: &[f64], most: f64) -> Vec<usize> {
    let mut kept: Vec<(usize, Vec<f64>)> = Vec::new();
    for j in 0..x.columns() {
        let column = unit(x.column(j), weights);
        if kept.iter().all(|(_, other)| dot(&column, other).abs() <= most) {
            kept.push((j, column));
        }
    }
    kept.into_iter().map(|(j, _)| j).collect()
}

/// The same of ranks, equal values having the mean of theirs: Spearman's ρ, which a bend or an outlier does not lessen.
pub(super) fn unalike(x: &Matrix, weights: &[f64], most: f64) -> Vec<usize> {
    let mut ranked = x.clone();
    (0..x.columns()).for_each(|j| ranked.column_mut(j).copy_from_slice(&ranks(x.column(j))));
    uncorrelated(&ranked, weights, most)
}

/// The rank of each value; of equal ones, the mean.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|i, j| values[*i].total_cmp(&values[*j]));
    let mut ranks = vec![0.0; values.len()];
    let mut passed = 0;
    for equal in order.chunk_by(|i, j| values[*i] == values[*j]) {
        let mean = passed as f64 + (equal.len() as f64 + 1.0) / 2.0;
        equal.iter().for_each(|i| ranks[*i] = mean);
        passed += equal.len();
    }
    ranks
}

/// The `count` columns that alone tell most of the response, in the order of the table.
pub(super) fn telling(x: &Matrix, response: &Response, weights: &[f64], count: usize) -> Result<Vec<usize>, Error> {
    response.check(weights)?;
    let scores: Vec<f64> = match response {
        Response::Gaussian(y) => {
            let y = unit(y, weights);
            (0..x.columns()).map(|j| dot(&unit(x.column(j), weights), &y).abs()).collect()
        }
        Response::Binomial(y) => {
            let of = |j| measure::auc(y, x.column(j), weights).map_or(0.0, |auc| (auc - 0.5).abs());
            (0..x.columns()).map(of).collect()
        }
        Response::Cox { time, event } => score_tests(x, time, event, weights),
    };
    let mut columns: Vec<usize> = (0..x.columns()).collect();
    columns.sort_by(|i, j| scores[*j].total_cmp(&scores[*i]));
    columns.truncate(count);
    columns.sort_unstable();
    Ok(columns)
}

/// The statistic of the score test of each column alone: squared derivative over information at 0.
fn score_tests(x: &Matrix, time: &[f64], event: &[bool], weights: &[f64]) -> Vec<f64> {
    let rows = order(time, event);
    let times: Vec<f64> = rows.iter().map(|i| time[*i]).collect();
    let events: Vec<bool> = rows.iter().map(|i| event[*i]).collect();
    let weights = rows.iter().map(|i| weights[*i]).collect();
    let mut loss = Cox::new(&times, &events, weights, Ties::Breslow);
    let (eta, mut u) = (vec![0.0; rows.len()], vec![0.0; rows.len()]);
    loss.evaluate(&eta, &mut u);
    loss.curve(&eta);
    let (mut z, mut q) = (Vec::new(), Vec::new());
    let even = vec![1.0; rows.len()];
    (0..x.columns())
        .map(|j| {
            // Centred, so that the two images do not cancel.
            let mean = algebra::mean(x.column(j), &even);
            let column: Vec<f64> = rows.iter().map(|i| x.column(j)[*i] - mean).collect();
            z.clear();
            q.clear();
            loss.images(&column, &mut z, &mut q);
            let (derivative, information) = (dot(&column, &u), dot(&z, &z) - dot(&q, &q));
            if information > 1e-12 * dot(&z, &z) { derivative * derivative / information } else { 0.0 }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_most_rows_hold_is_found_with_and_without_sorting() {
        for rows in 1..30_usize {
            for kinds in 1..6 {
                let values: Vec<f64> = (0..rows).map(|i| ((i * i * 7 + i / 3) % kinds) as f64).collect();
                let (found, most) = (majority(&values), most_frequent(&values));
                assert!(if 2 * most > rows { found == most } else { 2 * found <= rows }, "{values:?}: {found}");
            }
        }
        let x = Matrix::new(4, 2, vec![0.0, 1.0, -0.0, 0.0, 1.0, 2.0, 3.0, 4.0]).expect("its size");
        assert_eq!((varying(&x, 0.8), varying(&x, 0.75), varying(&x, 0.2)), (vec![0, 1], vec![1], vec![]));
    }
}
