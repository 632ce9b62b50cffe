//! Series that are no volumes by their nature.

use dicom_dictionary_std::tags;

use crate::object::Object;
use crate::series::{Series, is_capture, is_of_slices};
use crate::volumes::Volumes;

/// What scanners call screens of numbers that they write as images, in `ImageType`.
const SCREENS: [&str; 5] = ["screen", "dose", "prot", "summary", "report"];
/// What such screens are called in descriptions.
const SCREEN_TITLES: [&str; 6] =
    ["exam summary", "dose report", "dose info", "dose record", "patient protocol", "screen save"];
/// What overviews are called in descriptions that are not so called in `ImageType`.
const SCOUTS: [&str; 6] = ["scout", "locali", "topogram", "scanogram", "surview", "pilot"];

/// Why a series is no volume by its nature, if it is none: a screenshot, a scout, images of something else than slices.
pub fn aside(series: &Series<'_>, tolerance: f64) -> Option<&'static str> {
    let every = |holds: &dyn Fn(&Object) -> bool| series.objects.iter().all(|object| holds(object));
    let has_word = |tag, known: &[&str]| {
        let texts = series.objects.first().map(|object| object.root().texts(tag)).unwrap_or_default();
        texts.iter().any(|text| known.iter().any(|word| text.to_lowercase().contains(word)))
    };
    if series.is_localiser() {
        return Some("a localiser");
    }
    if !series.is_spatial() {
        return match () {
            () if every(&is_capture) => Some("screenshots, without a place in the patient"),
            () if !every(&|object| is_of_slices(&object.sop_class())) => Some("images without a place in the patient"),
            () if has_word(tags::IMAGE_TYPE, &SCREENS) => Some("screens of doses or protocols"),
            () if has_word(tags::SERIES_DESCRIPTION, &SCREEN_TITLES) => Some("screens of doses or protocols"),
            () => None,
        };
    }
    // Some scanners give their screens a place that is none.
    if has_word(tags::SERIES_DESCRIPTION, &SCREEN_TITLES) && !is_stack(series, tolerance) {
        return Some("screens of doses or protocols, by their description");
    }
    let is_scout = has_word(tags::SERIES_DESCRIPTION, &SCOUTS) && Volumes::new(series, tolerance).is_err();
    is_scout.then_some("a scout of several views, by its description")
}

/// Whether a series is one or several sound volumes.
fn is_stack(series: &Series<'_>, tolerance: f64) -> bool {
    Volumes::new(series, tolerance).is_ok_and(|volumes| (0..volumes.count()).all(|index| volumes.plan(index).is_ok()))
}
