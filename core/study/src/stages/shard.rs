//! A part of the cases of a study: extracted and kept, and nothing else.

use super::{SIMULATED, check, simulated::is_simulated};
use crate::{
    extract::{self, Beside},
    fit::Unfitted,
    work::{Fits, Work},
};

/// What became of a part of the cases of a study.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Part {
    /// How many cases it has.
    pub cases: usize,
    /// How many of them were finished before.
    pub reused: usize,
    /// How many have a fault.
    pub failed: usize,
    /// Whether it was given up.
    pub cancelled: bool,
}

/// Extracts the cases of a study whose place, counted over all cohorts, is wanted, and keeps them; nothing else is written.
///
/// # Errors
/// As of [`run`](super::run); and if the study is simulated and its scans are not there yet.
pub fn shard(work: &Work<'_>, wanted: &(dyn Fn(usize) -> bool + Sync)) -> Result<Part, String> {
    let simulated = work.folder.path().join(SIMULATED);
    is_simulated(work.experiment, &simulated)?;
    let checked = check::check(work.experiment, work.plan, work.services, &simulated)?;
    // Each shard fits the same; only the cases are divided.
    let unfitted = Unfitted::new(*work, &checked.joined).in_part(wanted);
    let fitted = match unfitted.fit(false, &|text| (work.told)(&format!("warning: {text}")))? {
        Fits::GivenUp => return Ok(Part { cancelled: true, ..Part::default() }),
        Fits::Nothing => None,
        Fits::Done(fitted) => Some(fitted),
    };
    let work = &work.with(fitted.as_deref(), &unfitted);
    let pictures = work.experiment.study.report.as_ref().is_some_and(|report| report.pictures);
    let (mut part, mut at) = (Part::default(), 0);
    for joined in &checked.joined {
        let places = at..at + joined.cases.len();
        at = places.end;
        let cases =
            places.zip(&joined.cases).filter(|(place, _)| wanted(*place)).map(|(_, case)| case.clone()).collect();
        let summary = extract::cases(work, joined, cases, Beside { pictures, ..Beside::default() })?;
        part.cases += summary.cases;
        part.reused += summary.reused;
        part.failed += summary.failed();
        part.cancelled |= summary.cancelled;
    }
    Ok(part)
}
