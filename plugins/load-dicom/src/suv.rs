//! Standardised uptake values by body weight, for PET.
//!
//! The rules are those of the Quantitative Imaging Biomarkers Alliance (RSNA QIBA, "Standardized Uptake Value (SUV)",
//! vendor-neutral pseudo-code): activity concentration times body weight by injected dose, the dose decayed to the time to
//! which the image was corrected. Whatever is missing is an error: nothing is guessed but what that text allows.

use dicom_core::Tag;
use dicom_dictionary_std::tags;

use crate::error::ReadError;
use crate::moment::{Moment, date_time, of_day};
use crate::object::{Item, Object};
use crate::tracer::Tracer;

/// Longer ago than so many half-lives, the injection cannot have been.
const MOST_HALF_LIVES: f64 = 10.0;
/// How far another account of a time may be from the one that is used, s.
const TOLERATED: f64 = 60.0;
/// Between these lies the largest SUV of any volume: tumours reach 50, bladders some hundreds, and noise alone 0.1.
const LARGEST: [f64; 2] = [0.01, 1000.0];
/// The creators of the private blocks that matter.
const PHILIPS: &str = "Philips PET Private Group";
const GE: &str = "GEMS_PETD_01";

/// What turns the rescaled values of a series into SUV.
#[derive(Debug, Default)]
pub struct Suv {
    /// The factor of each object.
    pub factors: Vec<f64>,
    /// What is worth knowing.
    pub notes: Vec<String>,
    /// What may be wrong.
    pub warnings: Vec<String>,
}

/// The factors of the objects of a volume. `series` has those of all volumes of its series: they are corrected to one time.
///
/// # Errors
/// If the unit is not one that can be converted, or if something is missing for it.
pub fn factors(objects: &[&Object], series: &[&Object]) -> Result<Suv, ReadError> {
    let mut suv = Suv::default();
    let Some(first) = objects.first() else { return Ok(suv) };
    let units = first.root().need_text(tags::UNITS)?;
    for object in objects {
        let found = object.root().need_text(tags::UNITS)?;
        if found != units {
            return Err(object.root().invalid(tags::UNITS, &found, &format!("{units}, as in the other slices")));
        }
    }
    match units.as_str() {
        "GML" => {
            for object in objects {
                check_suv_type(object.root())?;
            }
            let kind = "Units is GML: the values are taken as SUV by body weight, as they are";
            suv.notes.push(kind.into());
            suv.factors = vec![1.0; objects.len()];
        }
        "BQML" => {
            let factor = activity_factor(objects, series, &mut suv)?;
            suv.factors = vec![factor; objects.len()];
        }
        "CNTS" => counts(objects, series, &mut suv)?,
        other => {
            let supported = "BQML, GML, or CNTS with the private factors of Philips; or set `pet` to \"stored\"";
            return Err(first.root().unsupported(tags::UNITS, other, supported));
        }
    }
    Ok(suv)
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

fn check_suv_type(root: Item<'_>) -> Result<(), ReadError> {
    match root.text(tags::SUV_TYPE).as_deref() {
        None | Some("BW") => Ok(()),
        Some(other) => {
            let supported = "BW (body weight); or set `pet` to \"stored\"";
            Err(root.unsupported(tags::SUV_TYPE, other, supported))
        }
    }
}

/// Counts of Philips scanners, which come with a factor to SUV, or else to Bq/ml.
fn counts(objects: &[&Object], series: &[&Object], suv: &mut Suv) -> Result<(), ReadError> {
    let factor = |object: &Object, element| -> Option<f64> {
        let text = object.root().private(0x7053, PHILIPS, element)?;
        text.parse().ok().filter(|factor: &f64| factor.is_finite() && *factor > 0.0)
    };
    check_corrections(objects)?;
    if let Some(factors) = objects.iter().map(|object| factor(object, 0x00)).collect() {
        suv.factors = factors;
        suv.notes.push("SUV by the private SUV scale factor of Philips".into());
        return Ok(());
    }
    let factors: Option<Vec<f64>> = objects.iter().map(|object| factor(object, 0x09)).collect();
    let Some(factors) = factors else {
        let root = objects[0].root();
        let supported = "BQML, or the private factors of Philips, (7053,1000) or (7053,1009), in every slice";
        return Err(root.unsupported(tags::UNITS, "CNTS", supported));
    };
    let activity = activity_factor(objects, series, suv)?;
    suv.factors = factors.into_iter().map(|factor| factor * activity).collect();
    suv.notes.push("activity by the private scale factor of Philips".into());
    Ok(())
}

/// Attenuation and decay must be corrected for.
fn check_corrections(objects: &[&Object]) -> Result<(), ReadError> {
    for object in objects {
        let root = object.root();
        let found = root.texts(tags::CORRECTED_IMAGE);
        if found.is_empty() {
            return Err(root.missing(tags::CORRECTED_IMAGE));
        }
        if let Some(lacking) = ["ATTN", "DECY"].iter().find(|word| !found.iter().any(|other| other == *word)) {
            return Err(root.invalid(tags::CORRECTED_IMAGE, &found.join("\\"), &format!("a list with {lacking}")));
        }
    }
    Ok(())
}

/// From Bq/ml to SUV: body weight in g by dose in Bq.
fn activity_factor(objects: &[&Object], series: &[&Object], suv: &mut Suv) -> Result<f64, ReadError> {
    check_corrections(objects)?;
    let root = objects[0].root();
    let Tracer { item: tracer, dose, half_life, weight } = Tracer::of(series, &mut suv.warnings)?;
    let decayed = match root.need_text(tags::DECAY_CORRECTION)?.as_str() {
        "ADMIN" => dose,
        "START" => {
            let scan = reference_time(objects, series, half_life, suv)?;
            let since = scan.since(&injection(tracer, scan, suv)?);
            if !(0.0..=MOST_HALF_LIVES * half_life).contains(&since) {
                let message = format!(
                    "the injection is {since} s before the time to which the image was corrected ({scan}), expected 0 to \
                     {MOST_HALF_LIVES} half-lives of {half_life} s; correct RadiopharmaceuticalStartDateTime or the dates \
                     of the series"
                );
                return Err(ReadError::unfit(objects[0].path(), message));
            }
            suv.notes.push(format!(
                "SUV: body weight {weight} kg, dose {dose} Bq, decayed over {since} s with a half-life of {half_life} s"
            ));
            dose * (-since / half_life).exp2()
        }
        other => {
            let supported = "START or ADMIN: without that time, no dose fits the image";
            return Err(root.unsupported(tags::DECAY_CORRECTION, other, supported));
        }
    };
    Ok(weight * 1000.0 / decayed)
}

/// The time to which all volumes of a series were corrected for decay: the start of the first, whichever is wanted.
fn reference_time(objects: &[&Object], series: &[&Object], half_life: f64, suv: &mut Suv) -> Result<Moment, ReadError> {
    let root = objects[0].root();
    let written = of_day(root, tags::SERIES_DATE, tags::SERIES_TIME)?;
    let (Some((acquired, first)), Some((own, of_volume))) = (earliest(series)?, earliest(objects)?) else {
        return Ok(written);
    };
    let scan = if written.since(&acquired) <= 0.0 {
        written
    } else if let Some(text) = root.private(0x0009, GE, 0x0D) {
        suv.notes.push("the series was written after its acquisition: time by the private scan time of GE".into());
        date_time(root, Tag(0x0009, 0x100D), &text)?
    } else {
        let reference = first.float(tags::FRAME_REFERENCE_TIME)?.filter(|ms| *ms > 0.0);
        let duration = first.float(tags::ACTUAL_FRAME_DURATION)?.filter(|ms| *ms > 0.0);
        let (Some(reference), Some(duration)) = (reference, duration) else {
            let message = format!(
                "SeriesTime ({written}) is after the first AcquisitionTime ({acquired}), and nothing else tells the time to \
                 which the image was corrected, expected GE's private scan date and time, or FrameReferenceTime and \
                 ActualFrameDuration; use the original series, or set `pet` to \"stored\""
            );
            return Err(ReadError::unfit(objects[0].path(), message));
        };
        let into_frame = average_time(duration / 1000.0, half_life);
        suv.notes.push("the series was written after its acquisition: time by FrameReferenceTime".into());
        acquired.plus(into_frame - reference / 1000.0)
    };
    check_decay_factor(of_volume, own.since(&scan), half_life, suv)?;
    Ok(scan)
}

/// The object that was acquired first, and when.
fn earliest<'a>(objects: &[&'a Object]) -> Result<Option<(Moment, Item<'a>)>, ReadError> {
    let mut earliest: Option<(Moment, Item<'_>)> = None;
    for object in objects {
        let root = object.root();
        let acquired = of_day(root, tags::ACQUISITION_DATE, tags::ACQUISITION_TIME)?;
        if earliest.is_none_or(|(moment, _)| acquired.since(&moment) < 0.0) {
            earliest = Some((acquired, root));
        }
    }
    Ok(earliest)
}

/// The time within a frame, s, at which the count rate is the frame's average.
fn average_time(duration: f64, half_life: f64) -> f64 {
    let constant = std::f64::consts::LN_2 / half_life;
    let decay = constant * duration;
    (decay / -(-decay).exp_m1()).ln() / constant
}

/// `DecayFactor` tells by how much the scanner corrected: it must fit the time that is used.
fn check_decay_factor(first: Item<'_>, elapsed: f64, half_life: f64, suv: &mut Suv) -> Result<(), ReadError> {
    let Some(factor) = first.float(tags::DECAY_FACTOR)?.filter(|factor| *factor >= 1.0) else { return Ok(()) };
    let duration = first.float(tags::ACTUAL_FRAME_DURATION)?.unwrap_or(0.0).max(0.0) / 1000.0;
    let constant = std::f64::consts::LN_2 / half_life;
    // Scanners correct to the start of the frame or to its average time.
    let implied = factor.ln() / constant;
    let within = if duration > 0.0 { average_time(duration, half_life) } else { 0.0 };
    if implied < elapsed - TOLERATED || implied > elapsed + within + TOLERATED {
        suv.warnings.push(format!(
            "DecayFactor {factor} implies that the first frame was corrected over {implied:.0} s, but the time that SUV is \
             based on is {elapsed:.0} s before it: SUV may be wrong by {:.1} %",
            100.0 * ((implied - elapsed).abs() * constant).exp_m1()
        ));
    }
    Ok(())
}

/// When the tracer was injected; by its time of day alone, in the day before the scan.
fn injection(tracer: Item<'_>, scan: Moment, suv: &mut Suv) -> Result<Moment, ReadError> {
    let of_day = |scan: Moment| scan.with_time(tracer, tags::RADIOPHARMACEUTICAL_START_TIME);
    if let Some(text) = tracer.text(tags::RADIOPHARMACEUTICAL_START_DATE_TIME) {
        let moment = date_time(tracer, tags::RADIOPHARMACEUTICAL_START_DATE_TIME, &text)?;
        if let Some(apart) = of_day(scan).ok().map(|other| moment.apart_in_day(&other)).filter(|s| *s > TOLERATED) {
            suv.warnings.push(format!(
                "RadiopharmaceuticalStartDateTime ({moment}), which SUV is based on, and RadiopharmaceuticalStartTime are \
                 {apart:.0} s apart: SUV may be wrong"
            ));
        }
        return Ok(moment);
    }
    let moment = of_day(scan)?;
    Ok(if scan.since(&moment) < 0.0 { moment.plus(-86_400.0) } else { moment })
}
