//! Intervals of figures of a time, by resampling patients.

use voxomics_statistics::{
    Interval, Level, Survival,
    bootstrap::{Design, percentile_interval, resample},
};

use super::{
    Question,
    compare::{LEAST_RESAMPLED, REPLICATES},
    rows::pick,
};

/// Percentile intervals of `count` figures, which `of` tells of the rows that were drawn, given by place: patients are drawn, each
/// with all of their rows (`clusters` has the patient of each row). None where a figure is undefined on more than one resample in
/// ten, and for too few patients.
pub(super) fn intervals(
    question: &Question<'_>,
    data: Survival<'_>,
    clusters: &[usize],
    count: usize,
    of: impl Fn(Survival<'_>, &[usize]) -> Vec<Option<f64>>,
) -> Vec<Option<Interval>> {
    let patients = clusters.iter().max().map_or(0, |last| last + 1);
    if patients < LEAST_RESAMPLED {
        return vec![None; count];
    }
    let mut figures: Vec<Vec<f64>> = vec![Vec::new(); count];
    for replicate in 0..REPLICATES {
        let Ok(members) = resample(Design::Clusters(clusters), question.context.seed, replicate) else { continue };
        let (times, events) = (pick(data.times(), &members), pick(data.events(), &members));
        let Ok(drawn) = Survival::new(&times, &events) else { continue };
        for (figures, found) in figures.iter_mut().zip(of(drawn, &members)) {
            figures.extend(found);
        }
    }
    let interval = |figures: &Vec<f64>| {
        let enough = figures.len() * 10 >= REPLICATES * 9;
        enough.then(|| percentile_interval(figures, Level::P95).ok()).flatten()
    };
    figures.iter().map(interval).collect()
}
