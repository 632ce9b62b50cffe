//! Fitting habitats to what was seen of a cohort.

use voxomics_learning::{
    Error as Unlearnt,
    clustering::{
        Points, criteria,
        kmeans::{self, KMeans},
        mixture::{Fitted, Mixture},
    },
};
use voxomics_sdk::prelude::*;

use crate::{
    observed::{Seen, listed},
    options::{Criterion, Method, Options},
    state::{Chosen, State},
};

/// Rounds of a mixture, of which the log-likelihood of a point then changes by less than the tolerance.
const MOST_ROUNDS: usize = 1000;
const TOLERANCE: f64 = 1e-6;

/// Habitats of one number, before they are ordered.
struct Found {
    groups: Groups,
    criterion: f64,
}

enum Groups {
    Around(KMeans),
    Of(Fitted),
}

/// Fits habitats.
///
/// # Errors
/// If the cases are of different images, an image does not vary, or there are too few voxels that differ.
pub fn fit(options: &Options, observations: &[String], context: &Context) -> Result<State, Error> {
    // Whatever the order of the cases is, the state is the same to the bit.
    let mut texts: Vec<&String> = observations.iter().collect();
    texts.sort_unstable();
    let (mut images, mut values): (Option<Vec<String>>, Vec<f64>) = (None, Vec::new());
    for text in texts {
        let seen = Seen::read(text)?;
        let known = images.get_or_insert_with(|| seen.images.clone());
        if *known != seen.images {
            let (one, other) = (listed(known), listed(&seen.images));
            return Err(Error::input(format!("one case was seen in {one}, and another one in {other}")));
        }
        seen.points.into_iter().for_each(|point| values.extend(point));
    }
    let images = images.ok_or_else(|| Error::input("there is no case to fit habitats to"))?;
    let (mean, deviation) = scale(&mut values, &images, options.standardise)?;
    let points = Points::new(&values, images.len()).map_err(told)?;
    let (best, chosen) = choose(options, points, context)?;
    let (centres, weights, covariances) = ordered(best);
    Ok(State {
        method: options.method.word().into(),
        cases: observations.len(),
        points: points.len(),
        images,
        mean,
        deviation,
        supervoxel_mm: options.supervoxel_mm.unwrap_or(0.0),
        compactness: options.compactness,
        chosen,
        centres,
        weights,
        covariances,
    })
}

/// Brings each image to mean 0 and standard deviation 1, if that is wanted; with what was taken away and divided by.
fn scale(values: &mut [f64], images: &[String], standardise: bool) -> Result<(Vec<f64>, Vec<f64>), Error> {
    let dims = images.len();
    let n = (values.len() / dims) as f64;
    let (mut means, mut deviations) = (vec![0.0; dims], vec![1.0; dims]);
    for (axis, name) in images.iter().enumerate() {
        let of = || values.iter().skip(axis).step_by(dims);
        let mean = of().sum::<f64>() / n;
        let deviation = (of().map(|x| (x - mean).powi(2)).sum::<f64>() / n).sqrt();
        let largest = of().fold(0.0, |largest: f64, x| largest.max(x.abs()));
        if !voxomics_learning::algebra::varies(deviation, largest) {
            let name = listed(std::slice::from_ref(name));
            return Err(Error::input(format!("{name} is {mean} in all voxels of the cohort: take it away")));
        }
        if standardise {
            (means[axis], deviations[axis]) = (mean, deviation);
            values.iter_mut().skip(axis).step_by(dims).for_each(|x| *x = (*x - mean) / deviation);
        }
    }
    Ok((means, deviations))
}

/// The habitats of the best number, and how it was chosen if there was a choice.
fn choose(options: &Options, points: Points<'_>, context: &Context) -> Result<(Groups, Option<Chosen>), Error> {
    let [least, largest] = options.numbers;
    if least == largest {
        return Ok((cluster(options, points, least, context)?.groups, None));
    }
    let (mut best, mut tried): (Option<Found>, Vec<(usize, f64)>) = (None, Vec::new());
    let less_is_better = options.criterion == Criterion::Bic;
    for number in least..=largest {
        context.check_cancelled()?;
        let found = match cluster(options, points, number, context) {
            Err(error) if best.is_some() && !error.is_cancelled() => {
                context.warning(&format!("no more than {} habitats were tried: {error}", number - 1));
                break;
            }
            found => found?,
        };
        tried.push((number, found.criterion));
        let better = |before: &Found| match less_is_better {
            true => found.criterion < before.criterion,
            false => found.criterion > before.criterion,
        };
        if best.as_ref().is_none_or(better) {
            best = Some(found);
        }
    }
    let best = best.ok_or_else(|| Error::input("no number of habitats was tried"))?;
    Ok((best.groups, Some(Chosen { by: options.criterion.word().into(), of: tried })))
}

/// Clusters the points into so many groups.
fn cluster(options: &Options, points: Points<'_>, number: usize, context: &Context) -> Result<Found, Error> {
    let threads = context.threads();
    let around = kmeans::best(points, number, options.starts, options.seed, &threads).map_err(told)?;
    let groups = match options.method {
        Method::KMeans => Groups::Around(around),
        Method::Mixture(covariance) => {
            let first = Mixture::of_labels(points, &around.labels, number, covariance, &threads).map_err(told)?;
            let fitted = first.fit(points, MOST_ROUNDS, TOLERANCE, &threads).map_err(told)?;
            if !fitted.converged {
                context.warning(&format!(
                    "the mixture of {number} habitats has not converged in {MOST_ROUNDS} rounds: take fewer habitats"
                ));
            }
            Groups::Of(fitted)
        }
    };
    let criterion = match (options.criterion, &groups) {
        (Criterion::Bic, Groups::Of(fitted)) => criteria::bic(fitted, points),
        (_, Groups::Of(Fitted { labels, .. }) | Groups::Around(KMeans { labels, .. })) => {
            // A perfect split has an infinite one, which JSON cannot hold.
            criteria::calinski_harabasz(points, labels, number).min(f64::MAX)
        }
    };
    Ok(Found { groups, criterion })
}

/// Centres, weights and covariances of habitats.
type Parts = (Vec<Vec<f64>>, Vec<f64>, Vec<Vec<f64>>);

/// The habitats by their mean in the first image, from the lowest on; of equal ones by that in the next image.
fn ordered(groups: Groups) -> Parts {
    let (centres, weights, covariances) = match groups {
        Groups::Around(around) => (around.centres, Vec::new(), Vec::new()),
        Groups::Of(Fitted { mixture, .. }) => (mixture.means, mixture.weights, mixture.covariances),
    };
    let mut order: Vec<usize> = (0..centres.len()).collect();
    order.sort_by(|a, b| {
        let pairs = centres[*a].iter().zip(&centres[*b]);
        pairs.map(|(a, b)| a.total_cmp(b)).find(|order| order.is_ne()).unwrap_or(std::cmp::Ordering::Equal)
    });
    let sorted = |of: &[Vec<f64>]| order.iter().filter_map(|at| of.get(*at).cloned()).collect::<Vec<_>>();
    let weights = order.iter().filter_map(|at| weights.get(*at).copied()).collect();
    (sorted(&centres), weights, sorted(&covariances))
}

fn told(why: Unlearnt) -> Error {
    match why {
        Unlearnt::Cancelled => Error::cancelled(),
        other => Error::input(other.to_string()),
    }
}
