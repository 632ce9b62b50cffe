//! When the tracer was injected.

use dicom_dictionary_std::tags;

use crate::error::ReadError;
use crate::moment::{Moment, date_time};
use crate::object::Item;
use crate::suv::told::Told;

/// Longer ago than so many half-lives, the injection cannot have been.
const MOST_HALF_LIVES: f64 = 10.0;
/// After so many half-lives, and so long a time, s, there is so little left of the tracer that the time is rather a wrong one.
const MANY_HALF_LIVES: f64 = 4.0;
const LONG_UPTAKE: f64 = 7200.0;
/// How long after the time to which the images were corrected the injection may be, s: a dynamic scan begins before it.
const LATE: f64 = 3600.0;
/// With this half-life, s, or a longer one, an uptake may take more than a day, and no time of day tells when it began (IBSI's
/// manual).
const LONG: f64 = 41_400.0;
/// How far two accounts of the time may be apart, s.
const TOLERATED: f64 = 60.0;

/// When the tracer was injected, for a time to which images were corrected.
///
/// # Errors
/// If no time is given, if it does not tell the day and more than one can be meant, or if it cannot be.
pub fn time(tracer: Item<'_>, scan: Moment, half_life: f64, told: &mut Told) -> Result<Moment, ReadError> {
    let text = tracer.text(tags::RADIOPHARMACEUTICAL_START_DATE_TIME);
    let Some(text) = text else { return of_day(tracer, scan, half_life) };
    let moment = date_time(tracer, tags::RADIOPHARMACEUTICAL_START_DATE_TIME, &text)?;
    let alone = scan.with_time(tracer, tags::RADIOPHARMACEUTICAL_START_TIME).ok();
    if let Some(apart) = alone.map(|other| moment.apart_in_day(&other)).filter(|s| *s > TOLERATED) {
        told.warnings.push(format!(
            "RadiopharmaceuticalStartDateTime ({moment}), which SUV is based on, and RadiopharmaceuticalStartTime are \
             {apart:.0} s apart: SUV may be wrong"
        ));
    }
    if alone.is_none() && moment.is_by_another_clock(&scan) {
        told.warnings.push(format!(
            "RadiopharmaceuticalStartDateTime is {text}, and the object does not say how far its own clock is from universal time \
             (TimezoneOffsetFromUTC): the injection is taken to be at {moment} by that clock, or else SUV is wrong"
        ));
    }
    let uptake = scan.since(&moment);
    if is_possible(uptake, half_life) {
        return Ok(moment);
    }
    if half_life >= LONG {
        let expected = format!(
            "a time at most {LATE} s after and {MOST_HALF_LIVES} half-lives of {half_life} s before the one to which the images were \
             corrected ({scan}); with this half-life, its time of day alone does not tell the day"
        );
        return Err(tracer.invalid(tags::RADIOPHARMACEUTICAL_START_DATE_TIME, &text, &expected));
    }
    let same_day = moment.before(&scan, LATE);
    check(tracer, &text, scan, same_day, half_life)?;
    told.notes.push(format!(
        "RadiopharmaceuticalStartDateTime ({moment}) is {uptake:.0} s before the scan ({scan}), so that one of the dates was \
         changed: its time of day counts"
    ));
    Ok(same_day)
}

/// What is odd about an uptake of so many seconds.
pub fn doubt(uptake: f64, half_life: f64) -> Option<String> {
    let is_odd = uptake > LONG_UPTAKE && uptake > MANY_HALF_LIVES * half_life;
    is_odd.then(|| {
        format!(
            "the injection is {:.1} h before the scan, {:.1} half-lives: if its time is another one, SUV is wrong",
            uptake / 3600.0,
            uptake / half_life
        )
    })
}

/// By its time of day alone.
fn of_day(tracer: Item<'_>, scan: Moment, half_life: f64) -> Result<Moment, ReadError> {
    let tag = tags::RADIOPHARMACEUTICAL_START_TIME;
    if !tracer.has(tag) {
        let message = "neither RadiopharmaceuticalStartDateTime (0018,1078) nor RadiopharmaceuticalStartTime (0018,1072) is there, \
                       so that the decay of the dose is not known; export the data again with one of them";
        return Err(ReadError::unfit(tracer.object().path(), message));
    }
    if half_life >= LONG {
        let message = format!(
            "RadiopharmaceuticalStartDateTime (0018,1078) is missing: with a half-life of {:.1} h the uptake may take more than 24 \
             h, and RadiopharmaceuticalStartTime does not tell the day; export the data again with it",
            half_life / 3600.0
        );
        return Err(ReadError::unfit(tracer.object().path(), message));
    }
    let moment = scan.with_time(tracer, tag)?;
    let injected = moment.before(&scan, LATE);
    check(tracer, &tracer.text(tag).unwrap_or_default(), scan, injected, half_life)?;
    Ok(injected)
}

fn is_possible(uptake: f64, half_life: f64) -> bool {
    (-LATE..=MOST_HALF_LIVES * half_life).contains(&uptake)
}

fn check(tracer: Item<'_>, text: &str, scan: Moment, injected: Moment, half_life: f64) -> Result<(), ReadError> {
    let uptake = scan.since(&injected);
    if is_possible(uptake, half_life) {
        return Ok(());
    }
    let message = format!(
        "the injection ({text}) is {uptake:.0} s before the time to which the image was corrected ({scan}), expected {MOST_HALF_LIVES} \
         half-lives of {half_life} s at most; correct RadiopharmaceuticalStartDateTime or the times of the series"
    );
    Err(ReadError::unfit(tracer.object().path(), message))
}
