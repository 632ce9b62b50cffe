//! Standardised uptake values by body weight, for PET.
//!
//! The rules are those of the Image Biomarker Standardisation Initiative (M. Vácha and others, Comprehensive Manual for SUV
//! Computation, 2026), held against those of the Quantitative Imaging Biomarkers Alliance (RSNA QIBA, "Standardized Uptake
//! Value (SUV)", vendor-neutral pseudo-code) where they differ: activity concentration times body weight by injected dose, the
//! dose decayed to the time to which the image was corrected. Whatever is missing is an error: nothing is guessed but what
//! these texts allow. `docs/suv.md` is the page for users.

pub mod body;
mod injection;
mod reference;
pub mod told;
mod units;
mod vendor;

use dicom_core::Tag;
use dicom_dictionary_std::tags;

use crate::error::ReadError;
use crate::moment::{Moment, date_time};
use crate::object::Item;
use crate::places::Place;
use crate::tracer::Tracer;
use body::Measure;
use told::Told;
use units::Unit;

/// Between these lies the largest SUV of any volume: tumours reach 50, bladders some hundreds, and noise alone 0.1.
const LARGEST: [f64; 2] = [0.01, 1000.0];
/// How far two accounts of one factor may be apart.
const SAME_FACTOR: f64 = 0.01;

/// A frame that is to become SUV.
pub struct Frame<'a> {
    /// Where its attributes are.
    pub place: Place<'a>,
    /// The unit that the mapping of its stored values names; empty if none does.
    pub unit: String,
    /// Volume of a voxel, ml.
    pub ml: f64,
    /// The intercept of its rescaling; 0 where a real world value mapping takes its place.
    pub intercept: f64,
}

/// What turns the rescaled values of frames into SUV.
#[derive(Debug, Default)]
pub struct Suv {
    /// The factor of each frame.
    pub factors: Vec<f64>,
    /// What is worth knowing.
    pub notes: Vec<String>,
    /// What may be wrong.
    pub warnings: Vec<String>,
}

/// The factors of the frames of a volume. `series` has those of all volumes of its series: they are corrected to one time.
///
/// # Errors
/// If the unit is not one that can be converted, or if something is missing for it.
pub fn factors(frames: &[Frame<'_>], series: &[Place<'_>]) -> Result<Suv, ReadError> {
    let Some(first) = frames.first() else { return Ok(Suv::default()) };
    let (unit, name) = units::of(&first.place, &first.unit)?;
    for frame in frames {
        let (_, other) = units::of(&frame.place, &frame.unit)?;
        if other != name {
            let tag = if frame.unit.is_empty() { tags::UNITS } else { tags::MEASUREMENT_UNITS_CODE_SEQUENCE };
            return Err(frame.place.with(tag).invalid(tag, &other, &format!("{name}, as in the other slices")));
        }
        check_intercept(frame)?;
    }
    let mut told = Told::default();
    let factors = match unit {
        Unit::Suv(measure) => suv(frames, measure, &name, &mut told)?,
        Unit::Activity => activity(frames, series, &mut told)?,
        Unit::Counts => counts(frames, series, &mut told)?,
        Unit::Rate => rate(frames, series, &mut told)?,
    };
    if let Some(bad) = factors.iter().find(|factor| !(factor.is_finite() && **factor > 0.0)) {
        let message = format!("the factor to SUV is {bad}, expected a number above 0; correct weight, dose and times");
        return Err(ReadError::unfit(first.place.root().object().path(), message));
    }
    Ok(Suv { factors, notes: told.notes, warnings: told.warnings })
}

/// What is odd about a volume of this largest SUV.
pub fn doubt(largest: f64) -> Option<String> {
    let [least, most] = LARGEST;
    let is_odd = !(least..=most).contains(&largest);
    is_odd.then(|| {
        format!(
            "the largest SUV of the volume is {largest:.3e}, expected {least} to {most}: the unit of the dose, of the weight or \
             of the voxels may be another than the attributes say"
        )
    })
}

/// Of a PET, it is 0 by the standard (PS3.3, C.8.9.4.1.3): another one makes it doubtful what the values are.
fn check_intercept(frame: &Frame<'_>) -> Result<(), ReadError> {
    if frame.intercept == 0.0 {
        return Ok(());
    }
    let expected = "0, as in every PET; or set `pet` to \"stored\"";
    Err(frame.place.root().invalid(tags::RESCALE_INTERCEPT, &frame.intercept.to_string(), expected))
}

/// Of values that are SUV already.
fn suv(frames: &[Frame<'_>], measure: Measure, name: &str, told: &mut Told) -> Result<Vec<f64>, ReadError> {
    let root = frames[0].place.root();
    if measure == Measure::Weight {
        told.notes.push(format!("Units is {name}: the values are taken as SUV by body weight, as they are"));
    }
    let factor = body::to_weight(root, measure, told)?;
    for frame in frames.iter().filter(|_| measure != Measure::Weight) {
        let other = body::to_weight(frame.place.root(), measure, &mut Told::default())?;
        if other != factor {
            let found = frame.place.root().text(tags::PATIENT_WEIGHT).unwrap_or_default();
            let expected = "weight, size and sex as in the other slices";
            return Err(frame.place.root().invalid(tags::PATIENT_WEIGHT, &found, expected));
        }
    }
    Ok(vec![factor; frames.len()])
}

/// Counts of Philips scanners, which come with a factor to Bq/ml, or else to SUV.
fn counts(frames: &[Frame<'_>], series: &[Place<'_>], told: &mut Told) -> Result<Vec<f64>, ReadError> {
    let all =
        |element| -> Option<Vec<f64>> { frames.iter().map(|frame| vendor::philips(&frame.place, element)).collect() };
    let (to_suv, to_activity) = (all(0x00), all(0x09));
    let is_corrected = !matches!(correction(&frames[0].place), Ok(Correction::None));
    let Some(to_activity) = to_activity else {
        let Some(to_suv) = to_suv.filter(|_| is_corrected) else {
            let root = frames[0].place.root();
            let supported = "BQML, or in every slice one of the private factors of Philips, (7053,1009) to Bq/ml or, of images that \
                             are corrected for decay, (7053,1000) to SUV";
            return Err(root.unsupported(tags::UNITS, "CNTS", supported));
        };
        check_corrections(frames)?;
        told.notes.push("SUV by the private factor of Philips, (7053,1000)".into());
        return Ok(to_suv);
    };
    let mut own = Told::default();
    let factors = activity(frames, series, &mut own).map(|activity| {
        to_activity.iter().zip(activity).map(|(factor, activity)| factor * activity).collect::<Vec<f64>>()
    });
    match (factors, to_suv.filter(|_| is_corrected)) {
        (Ok(factors), to_suv) => {
            told.notes.extend(own.notes);
            told.warnings.extend(own.warnings);
            told.notes.push("activity by the private factor of Philips, (7053,1009)".into());
            if let Some((ours, theirs)) = to_suv.as_ref().and_then(|to_suv| differing(&factors, to_suv)) {
                told.warnings.push(format!(
                    "dose, weight and times give a factor of {ours:.6} from counts to SUV, which is used, but Philips' own factor, \
                     (7053,1000), is {theirs:.6}, which would make SUV {:.3} times as large",
                    theirs / ours
                ));
            }
            Ok(factors)
        }
        (Err(_), Some(to_suv)) => {
            check_corrections(frames)?;
            told.notes.push("SUV by the private factor of Philips, (7053,1000)".into());
            Ok(to_suv)
        }
        (Err(error), None) => Err(error),
    }
}

/// The first two factors that are not the same.
fn differing(ours: &[f64], theirs: &[f64]) -> Option<(f64, f64)> {
    let mut pairs = ours.iter().copied().zip(theirs.iter().copied());
    pairs.find(|(ours, theirs)| (theirs / ours - 1.0).abs() > SAME_FACTOR)
}

/// Counts a second, which are Bq where the dose was calibrated.
fn rate(frames: &[Frame<'_>], series: &[Place<'_>], told: &mut Told) -> Result<Vec<f64>, ReadError> {
    for frame in frames {
        let item = frame.place.with(tags::CORRECTED_IMAGE);
        let found = item.texts(tags::CORRECTED_IMAGE);
        if !found.iter().any(|word| word == "DCAL") {
            let expected = "a list with DCAL: counts a second are no activity where the dose was not calibrated";
            return Err(item.invalid(tags::CORRECTED_IMAGE, &found.join("\\"), expected));
        }
    }
    told.notes
        .push(format!("counts a second of calibrated dose: activity by a voxel's volume of {:.6} ml", frames[0].ml));
    let activity = activity(frames, series, told)?;
    Ok(activity.into_iter().zip(frames).map(|(factor, frame)| factor / frame.ml).collect())
}

/// The time to which images are corrected for decay.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Correction {
    /// That of the injection.
    Injection,
    /// The start of the series.
    Start,
    /// A time that the object tells.
    At(Moment),
    /// They are not.
    None,
}

fn correction(place: &Place<'_>) -> Result<Correction, ReadError> {
    let corrected = place.with(tags::DECAY_CORRECTED);
    let item = place.with(tags::DECAY_CORRECTION);
    if !item.has(tags::DECAY_CORRECTION) && place.is_grouped() {
        return match corrected.need_text(tags::DECAY_CORRECTED)?.as_str() {
            "YES" => {
                let tag = tags::DECAY_CORRECTION_DATE_TIME;
                let holder = place.with(tag);
                Ok(Correction::At(date_time(holder, tag, &holder.need_text(tag)?)?))
            }
            "NO" => Ok(Correction::None),
            other => Err(corrected.invalid(tags::DECAY_CORRECTED, other, "YES or NO")),
        };
    }
    match item.need_text(tags::DECAY_CORRECTION)?.as_str() {
        "ADMIN" => Ok(Correction::Injection),
        "START" => Ok(Correction::Start),
        "NONE" => Ok(Correction::None),
        other => {
            let supported = "START, ADMIN or NONE: without that time, no dose fits the image";
            Err(item.unsupported(tags::DECAY_CORRECTION, other, supported))
        }
    }
}

/// Attenuation must be corrected for; and decay, unless the object says that it is not.
fn check_corrections(frames: &[Frame<'_>]) -> Result<(), ReadError> {
    for frame in frames {
        let item = frame.place.with(tags::CORRECTED_IMAGE);
        let found = item.texts(tags::CORRECTED_IMAGE);
        let has = |word: &str| found.iter().any(|other| other == word);
        if found.is_empty() && frame.place.is_grouped() {
            let item = frame.place.with(tags::ATTENUATION_CORRECTED);
            match item.text(tags::ATTENUATION_CORRECTED).as_deref() {
                None | Some("YES") => continue,
                Some(other) => return Err(item.invalid(tags::ATTENUATION_CORRECTED, other, "YES")),
            }
        }
        if found.is_empty() {
            return Err(item.missing(tags::CORRECTED_IMAGE));
        }
        let refused = |expected: &str| item.invalid(tags::CORRECTED_IMAGE, &found.join("\\"), expected);
        if !has("ATTN") {
            return Err(refused("a list with ATTN"));
        }
        match (correction(&frame.place)? == Correction::None, has("DECY")) {
            (false, false) => return Err(refused("a list with DECY")),
            (true, true) => {
                return Err(refused("a list without DECY, as DecayCorrection is NONE; or another DecayCorrection"));
            }
            _ => {}
        }
    }
    Ok(())
}

/// From Bq/ml to SUV: body weight in g by dose in Bq, as it is at the time to which the frame was corrected.
fn activity(frames: &[Frame<'_>], series: &[Place<'_>], told: &mut Told) -> Result<Vec<f64>, ReadError> {
    let tracer = Tracer::of(series, told)?;
    check_corrections(frames)?;
    let Tracer { item, dose, half_life, weight } = tracer;
    let factor = |decay: f64| weight * 1000.0 / (dose * (-decay / half_life).exp2());
    let note = |told: &mut Told, what: &str| {
        told.notes.push(format!("SUV: body weight {weight} kg, dose {dose} Bq, {what}, half-life {half_life} s"));
    };
    let scan = match correction(&frames[0].place)? {
        Correction::Injection => {
            note(told, "which the images were corrected to");
            return Ok(vec![factor(0.0); frames.len()]);
        }
        Correction::None => {
            note(told, "decayed to the average of each frame, as the images were not corrected");
            return frames.iter().map(|frame| Ok(factor(uncorrected(frame, &tracer)?))).collect();
        }
        Correction::At(moment) => {
            told.notes.push(format!("the images were corrected for decay to {moment}, by DecayCorrectionDateTime"));
            moment
        }
        Correction::Start => reference::time(series, item, half_life, told)?,
    };
    check_times(&frames[0].place, item, scan)?;
    let injected = injection::time(item, scan, half_life, told)?;
    check_order(series, injected, scan)?;
    let since = scan.since(&injected);
    told.warnings.extend(injection::doubt(since, half_life));
    note(told, &format!("decayed over {since} s"));
    Ok(vec![factor(since); frames.len()])
}

/// From the injection to the time at which a frame that was not corrected has its average count rate, s.
fn uncorrected(frame: &Frame<'_>, tracer: &Tracer<'_>) -> Result<f64, ReadError> {
    let place = &frame.place;
    let own = place.with(tags::FRAME_REFERENCE_DATE_TIME);
    let moment = match own.text(tags::FRAME_REFERENCE_DATE_TIME) {
        Some(text) => date_time(own, tags::FRAME_REFERENCE_DATE_TIME, &text)?,
        None => {
            let duration = reference::duration(place)?
                .ok_or_else(|| place.with(tags::ACTUAL_FRAME_DURATION).missing(tags::ACTUAL_FRAME_DURATION))?;
            reference::acquired(place)?.plus(reference::average_time(duration, tracer.half_life))
        }
    };
    check_times(place, tracer.item, moment)?;
    let injected = injection::time(tracer.item, moment, tracer.half_life, &mut Told::default())?;
    check_order(std::slice::from_ref(place), injected, moment)?;
    Ok(moment.since(&injected))
}

/// Times that all are midnight were taken out.
fn check_times(place: &Place<'_>, tracer: Item<'_>, scan: Moment) -> Result<(), ReadError> {
    let tag: Tag = tags::RADIOPHARMACEUTICAL_START_TIME;
    let is_blank = scan.is_midnight() && scan.with_time(tracer, tag).is_ok_and(|time| time.is_midnight());
    if !is_blank {
        return Ok(());
    }
    let message = "RadiopharmaceuticalStartTime (0018,1072) and the time of the scan are both 000000: the times were taken out, and \
                   the decay of the dose is not known; use the original series, or set `pet` to \"stored\"";
    Err(ReadError::unfit(place.root().object().path(), message))
}

/// An injection after the start is one before the end of the last frame.
fn check_order(series: &[Place<'_>], injected: Moment, scan: Moment) -> Result<(), ReadError> {
    if scan.since(&injected) >= 0.0 {
        return Ok(());
    }
    for place in series {
        let end = reference::acquired(place)?.plus(reference::duration(place)?.unwrap_or(0.0));
        if end.since(&injected) > 0.0 {
            return Ok(());
        }
    }
    let message = format!(
        "the injection ({injected}) is after the last frame of the scan, which was corrected for decay to {scan}; correct \
         RadiopharmaceuticalStartDateTime, RadiopharmaceuticalStartTime or the times of the series"
    );
    let path = series.first().map(|place| place.root().object().path()).unwrap_or(std::path::Path::new(""));
    Err(ReadError::unfit(path, message))
}
