//! The time to which the images of a series were corrected for decay, where `DecayCorrection` is `START`.
//!
//! Three statements tell it: the scanner's own one in a private attribute (GE, Siemens); the time of the series; and what
//! the start and the length of a frame and its `FrameReferenceTime` give, which counts from that time: in the images of GE to the
//! start of the frame, in others to the moment of its average count rate (M. Vácha and others, Comprehensive Manual for SUV
//! Computation, IBSI 2026). None is believed against the others without a word.

use dicom_dictionary_std::tags;

use crate::error::ReadError;
use crate::moment::{Moment, date_time, of_day};
use crate::object::Item;
use crate::places::Place;
use crate::suv::injection;
use crate::suv::told::Told;
use crate::suv::vendor::Vendor;

/// How far two accounts of a time may be apart, s.
const TOLERATED: f64 = 60.0;
/// Two times that are the same but for fractions of a second.
const SAME: f64 = 1.0;
/// No series begins so long before its first image, s.
const LONGEST: f64 = 3.0 * 3600.0;

/// A statement of the time.
struct Statement {
    who: String,
    moment: Moment,
}

/// What is known of a series.
struct Known<'s, 'a> {
    vendor: Vendor,
    tracer: Item<'a>,
    half_life: f64,
    /// The frame that was acquired first, and when.
    first: (&'s Place<'a>, Moment),
    private: Option<Statement>,
    series: Option<Moment>,
    computed: Option<Statement>,
}

/// The time to which all frames of a series were corrected: the start of the first, whichever is wanted.
///
/// # Errors
/// If a time is missing, or if no statement of it is sound.
pub fn time(series: &[Place<'_>], tracer: Item<'_>, half_life: f64, told: &mut Told) -> Result<Moment, ReadError> {
    let known = Known::new(series, tracer, half_life, told)?;
    let choice = known.choose(told)?;
    known.check_decay_factor(&choice, told)?;
    told.notes.push(format!("the images were corrected for decay to {}, by {}", choice.moment, choice.who));
    Ok(choice.moment)
}

/// When a frame was acquired.
///
/// # Errors
/// If it does not say.
pub fn acquired(place: &Place<'_>) -> Result<Moment, ReadError> {
    for tag in [tags::FRAME_ACQUISITION_DATE_TIME, tags::ACQUISITION_DATE_TIME] {
        let item = place.with(tag);
        let is_alone =
            tag == tags::FRAME_ACQUISITION_DATE_TIME || !place.with(tags::ACQUISITION_TIME).has(tags::ACQUISITION_TIME);
        if let Some(text) = item.text(tag).filter(|_| is_alone) {
            return date_time(item, tag, &text);
        }
    }
    // Where a date was taken out, the other one is that of the same day.
    let date = [tags::ACQUISITION_DATE, tags::SERIES_DATE].into_iter().find(|tag| place.with(*tag).has(*tag));
    of_day(place, date.unwrap_or(tags::ACQUISITION_DATE), tags::ACQUISITION_TIME)
}

/// The length of a frame, s; nothing if it does not say.
///
/// # Errors
/// If it is no number above 0.
pub fn duration(place: &Place<'_>) -> Result<Option<f64>, ReadError> {
    for tag in [tags::FRAME_ACQUISITION_DURATION, tags::ACTUAL_FRAME_DURATION] {
        let item = place.with(tag);
        match item.float(tag)? {
            Some(ms) if ms > 0.0 => return Ok(Some(ms / 1000.0)),
            Some(ms) => return Err(item.invalid(tag, &ms.to_string(), "a duration above 0, in ms")),
            None => {}
        }
    }
    Ok(None)
}

/// The time within a frame, s, at which the count rate is the frame's average (DICOM PS3.3, C.8.9.4.1.5).
pub fn average_time(duration: f64, half_life: f64) -> f64 {
    let constant = std::f64::consts::LN_2 / half_life;
    let decay = constant * duration;
    (decay / -(-decay).exp_m1()).ln() / constant
}

impl<'s, 'a> Known<'s, 'a> {
    fn new(series: &'s [Place<'a>], tracer: Item<'a>, half_life: f64, told: &mut Told) -> Result<Self, ReadError> {
        let mut first: Option<(&Place<'a>, Moment)> = None;
        for place in series {
            let moment = acquired(place)?;
            if first.is_none_or(|(_, earliest)| moment.since(&earliest) < 0.0) {
                first = Some((place, moment));
            }
        }
        let Some(first) = first else {
            return Err(ReadError::unfit(std::path::Path::new(""), "no slices, expected one at least"));
        };
        let place = first.0;
        let vendor = Vendor::of(place.root());
        let written = place.with(tags::SERIES_TIME);
        let has_date = place.with(tags::SERIES_DATE).has(tags::SERIES_DATE);
        let series_start = match (written.has(tags::SERIES_TIME), has_date) {
            (true, true) => Some(of_day(place, tags::SERIES_DATE, tags::SERIES_TIME)?),
            (true, false) => Some(first.1.with_time(written, tags::SERIES_TIME)?),
            (false, _) => None,
        };
        let mut known = Self { vendor, tracer, half_life, first, private: None, series: series_start, computed: None };
        known.private = known.private_start(told);
        known.computed = known.compute(series, told)?;
        Ok(known)
    }

    /// The start of the scan in the scanner's own words. Where its day is another than that of the acquisition, the days of
    /// one of them were changed, and its time of day counts.
    fn private_start(&self, told: &mut Told) -> Option<Statement> {
        let (place, acquired) = (self.first.0, self.first.1);
        let (item, tag) = self.vendor.start(place)?;
        let text = item.text(tag)?;
        let Ok(mut moment) = date_time(item, tag, &text) else {
            told.notes.push(format!("the private start of the scan, {tag}, is \"{text}\", which is no date and time"));
            return None;
        };
        if acquired.since(&moment).abs() > 86_400.0 {
            moment = moment.before(&acquired, TOLERATED);
        }
        Some(Statement { who: format!("the private start of the scan, {tag}"), moment })
    }

    /// The time that start, length and reference time of the first frame give; nothing if a part is missing, or if other
    /// frames give another one.
    fn compute(&self, series: &[Place<'a>], told: &mut Told) -> Result<Option<Statement>, ReadError> {
        let compute = |place: &Place<'_>| -> Result<Option<Moment>, ReadError> {
            let item = place.with(tags::FRAME_REFERENCE_TIME);
            let Some(reference) = item.float(tags::FRAME_REFERENCE_TIME)?.filter(|ms| *ms >= 0.0) else {
                return Ok(None);
            };
            let duration = duration(place)?.map(|duration| average_time(duration, self.half_life));
            let into_frame = if self.vendor == Vendor::Ge { Some(0.0) } else { duration };
            let Some(into_frame) = into_frame else { return Ok(None) };
            Ok(Some(acquired(place)?.plus(into_frame - reference / 1000.0)))
        };
        let Some(moment) = compute(self.first.0)? else { return Ok(None) };
        for place in series {
            let apart = compute(place)?.map_or(0.0, |other| other.since(&moment));
            if apart.abs() > TOLERATED {
                told.notes.push(format!(
                    "AcquisitionTime and FrameReferenceTime of the frames give times that are {apart:.0} s apart and tell nothing"
                ));
                return Ok(None);
            }
        }
        let who = match self.vendor {
            Vendor::Ge => "AcquisitionTime and FrameReferenceTime",
            _ => "AcquisitionTime, ActualFrameDuration and FrameReferenceTime",
        };
        Ok(Some(Statement { who: who.to_owned(), moment }))
    }

    /// The statement that counts.
    fn choose(&self, told: &mut Told) -> Result<Statement, ReadError> {
        let (place, first) = (self.first.0, self.first.1);
        let is_near = |a: &Moment, b: &Moment| a.since(b).abs() <= TOLERATED;
        let sound = self.series.filter(|series| series.since(&first) <= SAME);
        let series = sound.map(|moment| Statement { who: "SeriesTime".into(), moment });
        let computed = self.computed.as_ref().map(|one| Statement { who: one.who.clone(), moment: one.moment });
        if let Some(private) = &self.private {
            let used = Statement { who: private.who.clone(), moment: private.moment };
            let others: Vec<&Statement> = series.iter().chain(&computed).collect();
            // A series that was written anew has a time of its own, and the scanner's statement stands alone.
            let is_rewritten = self.series.is_some() && sound.is_none();
            let is_late = private.moment.since(&first) > TOLERATED;
            let agrees = others.iter().any(|other| is_near(&other.moment, &used.moment));
            if !agrees && !others.is_empty() && (is_late || !is_rewritten) {
                told.warnings.push(self.conflict(&used, &others));
            }
            return Ok(used);
        }
        if self.vendor != Vendor::Ge && duration(place)?.is_none() {
            return Err(place.with(tags::ACTUAL_FRAME_DURATION).missing(tags::ACTUAL_FRAME_DURATION));
        }
        match (series, computed) {
            // That the series begins with its first image is how the standard defines `START`.
            (Some(series), _) if is_near_by(&series.moment, &first, SAME) => Ok(series),
            (Some(series), Some(computed)) => Ok(self.either(series, computed, told)),
            (Some(series), None) => self.alone(series, told),
            (None, Some(computed)) => {
                if self.series.is_some() {
                    told.notes
                        .push("SeriesTime is after the first AcquisitionTime: the series was written anew".into());
                }
                Ok(computed)
            }
            (None, None) => Err(self.unknown()),
        }
    }

    /// Of the time of the series and the computed one, the former if they agree or if the decay factor speaks for it.
    fn either(&self, series: Statement, computed: Statement, told: &mut Told) -> Statement {
        let [of_series, of_computed] = [&series, &computed].map(|one| self.fits(&one.moment));
        let reading = self.vendor.counts_from_start() && is_near_by(&series.moment, &self.frame_start(), SAME);
        if reading
            || is_near_by(&series.moment, &computed.moment, TOLERATED)
            || (of_series, of_computed) == (Some(true), Some(false))
        {
            return series;
        }
        if (of_series, of_computed) != (Some(false), Some(true)) {
            told.warnings.push(self.conflict(&computed, &[&series]));
        }
        computed
    }

    /// What the reference would be if `FrameReferenceTime` counted to the start of the frame.
    fn frame_start(&self) -> Moment {
        let reference = self.first.0.with(tags::FRAME_REFERENCE_TIME).float(tags::FRAME_REFERENCE_TIME).ok().flatten();
        self.first.1.plus(-reference.unwrap_or(0.0) / 1000.0)
    }

    /// The time of the series, where nothing but the start of the first frame can be held against it.
    fn alone(&self, series: Statement, told: &mut Told) -> Result<Statement, ReadError> {
        let first = self.first.1;
        let ahead = first.since(&series.moment);
        if ahead > LONGEST && self.fits(&series.moment) != Some(true) {
            let message = format!(
                "SeriesTime ({}) is {ahead:.0} s before the first AcquisitionTime ({first}), and nothing else tells the time to \
                 which the image was corrected, expected FrameReferenceTime; use the original series, or set `pet` to \"stored\"",
                series.moment
            );
            return Err(ReadError::unfit(self.first.0.root().object().path(), message));
        }
        if ahead > TOLERATED && self.fits(&series.moment) != Some(true) {
            let acquired = Statement { who: "the first AcquisitionTime".into(), moment: first };
            told.warnings.push(self.conflict(&series, &[&acquired]));
        }
        Ok(series)
    }

    /// That nothing tells the time.
    fn unknown(&self) -> ReadError {
        let (place, first) = (self.first.0, self.first.1);
        let Some(series) = self.series else { return place.with(tags::SERIES_TIME).missing(tags::SERIES_TIME) };
        let message = format!(
            "SeriesTime ({series}) is after the first AcquisitionTime ({first}), and nothing else tells the time to which the \
             image was corrected, expected GE's or Siemens' private start of the scan, or FrameReferenceTime; use the original \
             series, or set `pet` to \"stored\""
        );
        ReadError::unfit(place.root().object().path(), message)
    }

    /// That other statements differ from the one that is used, and what they would give.
    fn conflict(&self, used: &Statement, others: &[&Statement]) -> String {
        let uptake = |moment: Moment| {
            let injected = injection::time(self.tracer, moment, self.half_life, &mut Told::default());
            injected.ok().map(|injected| moment.since(&injected))
        };
        let other = |other: &&Statement| {
            let apart = other.moment.since(&used.moment).abs();
            let effect = match (uptake(other.moment), uptake(used.moment)) {
                (Some(other), Some(used)) => {
                    format!("which would make SUV {:.3} times as large", ((other - used) / self.half_life).exp2())
                }
                _ => "which does not fit the injection".into(),
            };
            format!("{} says {}, {apart:.0} s apart, {effect}", other.who, other.moment)
        };
        format!(
            "the time to which the images were corrected for decay is {} by {}, which SUV is based on; {}",
            used.moment,
            used.who,
            others.iter().map(other).collect::<Vec<_>>().join("; ")
        )
    }

    /// The decay that `DecayFactor` says the first frame was corrected for, s. A factor of 1 says nothing: writers leave it
    /// so where they do not know it.
    fn decay(&self) -> Option<f64> {
        let factor = self.first.0.with(tags::DECAY_FACTOR).float(tags::DECAY_FACTOR).ok().flatten()?;
        (factor > 1.0).then(|| self.half_life * factor.log2())
    }

    /// The decay from a time to the first frame's start, and to the moment of its average count rate: scanners correct for
    /// the one or for the other.
    fn range(&self, moment: &Moment) -> [f64; 2] {
        let duration = duration(self.first.0).ok().flatten();
        let elapsed = self.first.1.since(moment);
        [elapsed, elapsed + duration.map_or(0.0, |duration| average_time(duration, self.half_life))]
    }

    /// Whether the decay factor fits a time; nothing if there is none that says something.
    fn fits(&self, moment: &Moment) -> Option<bool> {
        let [least, most] = self.range(moment);
        self.decay().map(|decay| (least - TOLERATED..=most + TOLERATED).contains(&decay))
    }

    fn check_decay_factor(&self, choice: &Statement, told: &mut Told) -> Result<(), ReadError> {
        self.first.0.with(tags::DECAY_FACTOR).float(tags::DECAY_FACTOR)?;
        let Some(decay) = self.decay().filter(|_| self.fits(&choice.moment) == Some(false)) else { return Ok(()) };
        let [elapsed, most] = self.range(&choice.moment);
        let apart = if decay < elapsed { elapsed - decay } else { decay - most };
        told.warnings.push(format!(
            "DecayFactor implies that the first frame was corrected over {decay:.0} s, but the time that SUV is based on is \
             {elapsed:.0} s before it: SUV may be wrong by {:.1} %",
            100.0 * ((apart / self.half_life).exp2() - 1.0)
        ));
        Ok(())
    }
}

fn is_near_by(a: &Moment, b: &Moment, seconds: f64) -> bool {
    a.since(b).abs() <= seconds
}
