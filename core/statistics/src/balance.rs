//! How unlike two groups are, whatever their sizes: standardised differences, by which cohorts are compared where a p-value would
//! tell of their sizes.

use crate::{linear::Cholesky, table_one::Moments};

/// |m₁ − m₂| / √((s₁² + s₂²) / 2) of a numeric variable (Cohen, 1988). Infinite where none of both varies and their values differ; `None`
/// where a group has one value.
///
/// ```
/// use voxomics_statistics::{balance::of_numbers, table_one::numeric};
///
/// // Means of 1 and 3, both with a standard deviation of √2.
/// let moments = |values: [f64; 2]| numeric(&values.map(Some)).unwrap().of.unwrap();
/// let difference = of_numbers(&moments([0.0, 2.0]), &moments([2.0, 4.0])).unwrap();
/// assert!((difference - 2_f64.sqrt()).abs() < 1e-12);
/// ```
pub fn of_numbers(first: &Moments, second: &Moments) -> Option<f64> {
    let (s, t) = (first.standard_deviation?, second.standard_deviation?);
    let pooled = ((s * s + t * t) / 2.0).sqrt();
    let difference = (first.mean - second.mean).abs();
    let standardised = if difference == 0.0 { 0.0 } else { difference / pooled };
    (!standardised.is_nan()).then_some(standardised)
}

/// Of a variable of classes: √((p − q)ᵀ·S⁻¹·(p − q)), with the shares p and q of all classes but the first, and S the mean of their
/// covariances (Yang and Dalton, SAS Global Forum 2012, paper 335). Of two classes it is the numeric one of their indicator, with
/// the variance p·(1 − p). `first` and `second` have the counts of the same classes. Infinite where the groups have no class in common: S
/// is singular then, and only then, and the groups are apart altogether. `None` of a group without values.
///
/// ```
/// use voxomics_statistics::balance::of_classes;
///
/// assert_eq!(of_classes(&[5, 5], &[10, 10]), Some(0.0));
/// // Shares of 0.6 and 0.4, both with the variance 0.24.
/// assert!((of_classes(&[4, 6], &[6, 4]).unwrap() - 0.2 / 0.24_f64.sqrt()).abs() < 1e-12);
/// ```
pub fn of_classes(first: &[usize], second: &[usize]) -> Option<f64> {
    let known = first.iter().zip(second).filter(|(a, b)| **a + **b > 0);
    let (first, second): (Vec<usize>, Vec<usize>) = known.map(|(a, b)| (*a, *b)).unzip();
    let shares = |counts: &[usize]| -> Option<Vec<f64>> {
        let n: usize = counts.iter().sum();
        (n > 0).then(|| counts.iter().skip(1).map(|count| *count as f64 / n as f64).collect())
    };
    let (p, q) = (shares(&first)?, shares(&second)?);
    if p.is_empty() {
        // One class, everybody's.
        return Some(0.0);
    }
    if first.iter().zip(&second).all(|(a, b)| *a == 0 || *b == 0) {
        return Some(f64::INFINITY);
    }
    let n = p.len();
    let covariance = |shares: &[f64], i: usize, j: usize| match i == j {
        true => shares[i] * (1.0 - shares[i]),
        false => -shares[i] * shares[j],
    };
    let matrix: Vec<f64> =
        (0..n * n).map(|at| (covariance(&p, at / n, at % n) + covariance(&q, at / n, at % n)) / 2.0).collect();
    let scale: Vec<f64> = (0..n).map(|at| matrix[at * n + at]).collect();
    let difference: Vec<f64> = p.iter().zip(&q).map(|(p, q)| p - q).collect();
    let solved = Cholesky::new(&matrix, &scale).ok()?.solve(&difference);
    let square: f64 = difference.iter().zip(&solved).map(|(a, b)| a * b).sum();
    Some(square.max(0.0).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_one::numeric;

    /// NumPy, from the definition: S = (diag(p) − p·pᵀ + diag(q) − q·qᵀ) / 2, numpy.linalg.solve.
    #[test]
    fn classes_differ_as_by_definition() {
        let cases: [(&[usize], &[usize], f64); 3] = [
            (&[10, 20, 30], &[20, 20, 20], 0.431_331_092_813_753_76),
            (&[30, 70], &[50, 50], 0.417_028_828_114_149_43),
            (&[5, 15, 40, 40], &[25, 25, 25, 25], 0.716_632_672_280_652_3),
        ];
        for (first, second, wanted) in cases {
            for (a, b) in [(first, second), (second, first)] {
                let found = of_classes(a, b).expect("a difference");
                assert!((found - wanted).abs() < 1e-12, "{found} {wanted}");
            }
        }
    }

    #[test]
    fn the_order_of_classes_and_empty_ones_change_nothing() {
        let found = of_classes(&[10, 20, 30], &[20, 20, 20]).expect("a difference");
        let turned = of_classes(&[30, 0, 10, 20], &[20, 0, 20, 20]).expect("a difference");
        assert!((found - turned).abs() < 1e-12);
        assert_eq!(of_classes(&[7, 0], &[3, 0]), Some(0.0));
        assert_eq!(of_classes(&[], &[]), None);
        for apart in [(vec![5, 0], vec![0, 5]), (vec![30, 20, 0], vec![0, 0, 7]), (vec![0, 5, 0, 2], vec![1, 0, 3, 0])]
        {
            assert_eq!(of_classes(&apart.0, &apart.1), Some(f64::INFINITY), "{apart:?}: no spread to measure by");
        }
        let close = of_classes(&[30, 20, 0], &[1, 0, 7]).expect("one class in common is enough");
        assert!(close.is_finite() && close > 2.0, "{close}");
    }

    #[test]
    fn numbers_differ_in_units_of_their_spread() {
        let moments = |values: &[f64]| {
            numeric(&values.iter().copied().map(Some).collect::<Vec<_>>()).expect("numbers").of.expect("some")
        };
        let (a, b) = (moments(&[1.0, 2.0, 3.0]), moments(&[3.0, 5.0, 7.0]));
        // Means 2 and 5, variances 1 and 4.
        assert!((of_numbers(&a, &b).expect("a difference") - 3.0 / 2.5_f64.sqrt()).abs() < 1e-12);
        assert_eq!(of_numbers(&moments(&[4.0, 4.0]), &moments(&[4.0, 4.0])), Some(0.0));
        assert_eq!(of_numbers(&moments(&[4.0, 4.0]), &moments(&[5.0, 5.0])), Some(f64::INFINITY));
        assert_eq!(of_numbers(&moments(&[4.0]), &b), None);
    }
}
