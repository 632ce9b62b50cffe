//! k-means: each point belongs to the nearest centre, and each centre is the mean of its points (Lloyd, IEEE Trans. Inf.
//! Theory 28:129, 1982).

use rand_chacha::rand_core::Rng;

use super::{Points, largest_of, squared_distance};
use crate::{
    Error,
    executor::{self, Executor},
    random::{self, Generator},
};

/// More rounds than any sample of voxels takes.
pub const MOST_ROUNDS: usize = 1000;

/// Groups around centres.
#[derive(Debug, Clone, PartialEq)]
pub struct KMeans {
    /// The centres, each with as many numbers as a point.
    pub centres: Vec<Vec<f64>>,
    /// For each point the number of its centre, from 0.
    pub labels: Vec<usize>,
    /// Sum of the squared distances of the points from their centres.
    pub inertia: f64,
    /// How often the centres were moved.
    pub rounds: usize,
}

/// The nearest centre of a point; of equally near ones the first.
///
/// ```
/// assert_eq!(voxomics_learning::clustering::kmeans::nearest(&[0.9], &[vec![0.0], vec![1.0]]), 1);
/// ```
pub fn nearest(point: &[f64], centres: &[Vec<f64>]) -> usize {
    largest_of(centres.iter().map(|centre| -squared_distance(point, centre)))
}

/// Moves centres until no point changes its group, at most so many times.
///
/// A centre that has lost all of its points is put on the point that lies furthest from its own centre, as scikit-learn does.
///
/// ```
/// use voxomics_learning::clustering::{Points, kmeans::lloyd};
///
/// let points = Points::new(&[0.0, 1.0, 10.0, 11.0], 1).unwrap();
/// let found = lloyd(points, vec![vec![0.0], vec![10.0]], 100).unwrap();
/// assert_eq!((found.centres, found.labels, found.inertia), (vec![vec![0.5], vec![10.5]], vec![0, 0, 1, 1], 1.0));
/// ```
///
/// # Errors
/// If there are fewer points than centres, or a centre has another number of dimensions.
pub fn lloyd(points: Points<'_>, mut centres: Vec<Vec<f64>>, most_rounds: usize) -> Result<KMeans, Error> {
    enough(points, centres.len())?;
    if centres.iter().any(|centre| centre.len() != points.dims()) {
        return Err(Error::input(format!("the centres are no points of {} numbers each", points.dims())));
    }
    let assign = |centres: &[Vec<f64>]| points.iter().map(|point| nearest(point, centres)).collect::<Vec<_>>();
    let mut labels = assign(&centres);
    let mut rounds = 0;
    while rounds < most_rounds {
        centres = means(points, &labels, &centres);
        rounds += 1;
        let next = assign(&centres);
        if next == labels {
            break;
        }
        labels = next;
    }
    let inertia = points.iter().zip(&labels).map(|(point, label)| squared_distance(point, &centres[*label])).sum();
    Ok(KMeans { centres, labels, inertia, rounds })
}

/// The means of the groups.
fn means(points: Points<'_>, labels: &[usize], before: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let mut sums = vec![vec![0.0; points.dims()]; before.len()];
    let mut counts = vec![0_usize; before.len()];
    for (point, label) in points.iter().zip(labels) {
        counts[*label] += 1;
        sums[*label].iter_mut().zip(point).for_each(|(sum, x)| *sum += x);
    }
    let empty: Vec<usize> = (0..before.len()).filter(|group| counts[*group] == 0).collect();
    if !empty.is_empty() {
        let away = |at: &usize| squared_distance(points.get(*at), &before[labels[*at]]);
        let mut furthest: Vec<usize> = (0..points.len()).collect();
        furthest.sort_by(|a, b| away(b).total_cmp(&away(a)).then(a.cmp(b)));
        for (group, at) in empty.into_iter().zip(furthest) {
            let (point, from) = (points.get(at), labels[at]);
            sums[from].iter_mut().zip(point).for_each(|(sum, x)| *sum -= x);
            counts[from] -= 1;
            sums[group] = point.to_vec();
            counts[group] = 1;
        }
    }
    for ((sum, count), before) in sums.iter_mut().zip(counts).zip(before) {
        match count {
            // Its only point went to an empty group.
            0 => sum.clone_from(before),
            _ => sum.iter_mut().for_each(|sum| *sum /= count as f64),
        }
    }
    sums
}

/// First centres by k-means++: each is a point that is drawn in proportion to its squared distance from those before (Arthur
/// and Vassilvitskii, Proc. SODA 2007:1027).
///
/// ```
/// use voxomics_learning::{
///     clustering::{Points, kmeans::start},
///     random::generator,
/// };
///
/// let points = Points::new(&[0.0, 10.0], 1).unwrap();
/// assert_eq!(start(points, 2, &mut generator(7, 0)).unwrap().len(), 2);
/// ```
///
/// # Errors
/// If fewer points differ than there are to be centres.
pub fn start(points: Points<'_>, count: usize, generator: &mut Generator) -> Result<Vec<Vec<f64>>, Error> {
    enough(points, count)?;
    let mut away = vec![1.0; points.len()];
    let mut centres: Vec<Vec<f64>> = Vec::with_capacity(count);
    while centres.len() < count {
        let drawn = drawn(&away, generator).ok_or_else(|| {
            let found = centres.len();
            Error::input(format!("only {found} points differ from each other, and {count} groups are asked for"))
        })?;
        let centre = points.get(drawn).to_vec();
        for (away, point) in away.iter_mut().zip(points.iter()) {
            let distance = squared_distance(point, &centre);
            *away = if centres.is_empty() { distance } else { away.min(distance) };
        }
        centres.push(centre);
    }
    Ok(centres)
}

/// The place of a number, drawn in proportion to it; none if all are 0.
fn drawn(weights: &[f64], generator: &mut Generator) -> Option<usize> {
    let total: f64 = weights.iter().sum();
    // 53 bits: every number from 0 to below 1 that is a multiple of 2⁻⁵³.
    let at = (generator.next_u64() >> 11) as f64 / (1_u64 << 53) as f64 * total;
    let mut sum = 0.0;
    let reached = weights.iter().position(|weight| {
        sum += weight;
        *weight > 0.0 && sum > at
    });
    // Where rounding leads beyond the last that weighs anything, it is that one.
    reached.or_else(|| weights.iter().rposition(|weight| *weight > 0.0))
}

/// The best of several starts by k-means++: that of the least inertia, of equal ones the first.
///
/// ```
/// use voxomics_learning::{
///     Serial,
///     clustering::{Points, kmeans::best},
/// };
///
/// let points = Points::new(&[0.0, 1.0, 10.0, 11.0], 1).unwrap();
/// let found = best(points, 2, 5, 7, &Serial).unwrap();
/// assert!(found.inertia == 1.0 && found.labels[0] == found.labels[1] && found.labels[1] != found.labels[2]);
/// ```
///
/// # Errors
/// As of [`start`].
pub fn best(
    points: Points<'_>,
    count: usize,
    starts: usize,
    seed: u64,
    executor: &dyn Executor,
) -> Result<KMeans, Error> {
    let run = |number: usize| {
        let mut generator = random::generator(seed, number as u64);
        lloyd(points, start(points, count, &mut generator)?, MOST_ROUNDS)
    };
    let all = executor::map(executor, starts.max(1), &run)?;
    let at = largest_of(all.iter().map(|found| -found.inertia));
    all.into_iter().nth(at).ok_or_else(|| Error::input("k-means was not started"))
}

fn enough(points: Points<'_>, count: usize) -> Result<(), Error> {
    match count {
        0 => Err(Error::input("points cannot be put into 0 groups")),
        _ if points.len() < count => {
            Err(Error::input(format!("{} points cannot be put into {count} groups", points.len())))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Serial;

    /// Three heaps of ten points.
    fn heaps() -> Vec<f64> {
        let of = |i: usize| [(i % 3) as f64 * 10.0 + (i * 7 % 11) as f64 * 0.1, (i * 5 % 13) as f64 * 0.1];
        (0..30).flat_map(of).collect()
    }

    #[test]
    fn heaps_are_found_whatever_the_seed() {
        let values = heaps();
        let points = Points::new(&values, 2).expect("points");
        for seed in 0..20 {
            let found = best(points, 3, 5, seed, &Serial).expect("groups");
            let same = (3..30).all(|i| found.labels[i] == found.labels[i % 3]);
            assert!(same && found.labels[0] != found.labels[1] && found.labels[1] != found.labels[2], "{found:?}");
        }
    }

    #[test]
    fn the_executor_changes_no_bit() {
        let values = heaps();
        let points = Points::new(&values, 2).expect("points");
        let backwards = |count: usize, chunk: &(dyn Fn(usize) + Sync)| (0..count).rev().for_each(chunk);
        assert_eq!(best(points, 4, 8, 3, &backwards), best(points, 4, 8, 3, &Serial));
    }

    #[test]
    fn a_centre_without_points_is_put_elsewhere() {
        let values = [0.0, 1.0, 10.0, 11.0];
        let points = Points::new(&values, 1).expect("points");
        let found = lloyd(points, vec![vec![0.5], vec![10.5], vec![1000.0]], MOST_ROUNDS).expect("groups");
        assert_eq!(found.labels.iter().collect::<std::collections::BTreeSet<_>>().len(), 3, "{found:?}");
    }

    #[test]
    fn groups_need_points_that_differ() {
        let points = Points::new(&[1.0, 1.0, 2.0], 1).expect("points");
        let why = best(points, 3, 1, 0, &Serial).expect_err("two points differ").to_string();
        assert!(why.contains("only 2 points differ"), "{why}");
        assert!(lloyd(points, vec![vec![0.0]; 4], 1).is_err());
        assert!(Points::new(&[f64::NAN], 1).is_err() && Points::new(&[1.0; 3], 2).is_err());
    }
}
