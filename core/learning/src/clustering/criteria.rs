//! How well a number of groups fits.

use super::{Points, mixture::Fitted, squared_distance};

/// The index of Calinski and Harabasz (Commun. Stat. 3:1, 1974): the variance between groups over that within them, each by its
/// degrees of freedom. More is better. Infinite if all points of a group are equal, and not a number for one group.
///
/// ```
/// use voxomics_learning::clustering::{Points, criteria::calinski_harabasz};
///
/// // Centres at 0.5 and 10.5: 100 / 1 between, 1 / 2 within.
/// let points = Points::new(&[0.0, 1.0, 10.0, 11.0], 1).unwrap();
/// assert!((calinski_harabasz(points, &[0, 0, 1, 1], 2) - 200.0).abs() < 1e-9);
/// ```
pub fn calinski_harabasz(points: Points<'_>, labels: &[usize], count: usize) -> f64 {
    let dims = points.dims();
    let (mut sums, mut sizes) = (vec![vec![0.0; dims]; count], vec![0_usize; count]);
    for (point, label) in points.iter().zip(labels) {
        sizes[*label] += 1;
        sums[*label].iter_mut().zip(point).for_each(|(sum, x)| *sum += x);
    }
    let n = points.len() as f64;
    let whole: Vec<f64> = (0..dims).map(|axis| sums.iter().map(|sum| sum[axis]).sum::<f64>() / n).collect();
    let mean = |group: usize| sums[group].iter().map(|sum| sum / sizes[group] as f64).collect::<Vec<f64>>();
    let means: Vec<Vec<f64>> = (0..count).map(mean).collect();
    let present = (0..count).filter(|group| sizes[*group] > 0);
    let between: f64 = present.clone().map(|group| sizes[group] as f64 * squared_distance(&means[group], &whole)).sum();
    let within: f64 = points.iter().zip(labels).map(|(point, label)| squared_distance(point, &means[*label])).sum();
    let groups = present.count() as f64;
    between / (groups - 1.0) / (within / (n - groups))
}

/// The Bayesian information criterion of a mixture (Schwarz, Ann. Stat. 6:461, 1978): less is better.
///
/// [`Mixture`](super::mixture::Mixture) has an example.
pub fn bic(fitted: &Fitted, points: Points<'_>) -> f64 {
    let n = points.len() as f64;
    -2.0 * n * fitted.log_likelihood + fitted.mixture.parameters() as f64 * n.ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_index_is_that_of_its_definition() {
        // Means 1 and 6 about 3.5: between 4 · 2.5² = 25, within 4 · 1 = 4.
        let points = Points::new(&[0.0, 2.0, 5.0, 7.0], 1).expect("points");
        assert_eq!(calinski_harabasz(points, &[0, 0, 1, 1], 2), 25.0 / (4.0 / 2.0));
        assert_eq!(calinski_harabasz(points, &[0, 0, 2, 2], 3), 25.0 / (4.0 / 2.0));
    }
}
