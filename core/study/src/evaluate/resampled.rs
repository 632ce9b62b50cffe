//! Intervals of several figures at once, by resampling patients.

use voxomics_statistics::{
    Interval, Level, Survival,
    bootstrap::{Design, percentile_interval, resample},
};

use super::{
    Question,
    compare::{LEAST_RESAMPLED, REPLICATES},
    rows::pick,
};

/// Percentile intervals of `count` figures of times, which `of` tells of the rows that were drawn, given by place: patients are
/// drawn, each with all of their rows (`clusters` has the patient of each row).
pub(super) fn intervals(
    question: &Question<'_>,
    data: Survival<'_>,
    clusters: &[usize],
    count: usize,
    of: impl Fn(Survival<'_>, &[usize]) -> Vec<Option<f64>>,
) -> Vec<Option<Interval>> {
    drawn(question, clusters, Design::Clusters(clusters), count, |members| {
        let (times, events) = (pick(data.times(), members), pick(data.events(), members));
        Survival::new(&times, &events).map_or_else(|_| vec![None; count], |drawn| of(drawn, members))
    })
}

/// Percentile intervals of `count` figures, which `of` tells of the rows that were drawn, given by place. None where a figure is
/// undefined on more than one resample in ten, and for too few patients.
pub(super) fn drawn(
    question: &Question<'_>,
    clusters: &[usize],
    design: Design<'_>,
    count: usize,
    of: impl Fn(&[usize]) -> Vec<Option<f64>>,
) -> Vec<Option<Interval>> {
    let patients = clusters.iter().max().map_or(0, |last| last + 1);
    if patients < LEAST_RESAMPLED {
        return vec![None; count];
    }
    let mut figures: Vec<Vec<f64>> = vec![Vec::new(); count];
    for replicate in 0..REPLICATES {
        let Ok(members) = resample(design, question.context.seed, replicate) else { continue };
        for (figures, found) in figures.iter_mut().zip(of(&members)) {
            figures.extend(found);
        }
    }
    let interval = |figures: &Vec<f64>| {
        let enough = figures.len() * 10 >= REPLICATES * 9;
        enough.then(|| percentile_interval(figures, Level::P95).ok()).flatten()
    };
    figures.iter().map(interval).collect()
}
