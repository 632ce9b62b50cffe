//! The tracer of a PET and the patient's weight: the same in every frame, and possible.

use dicom_core::Tag;
use dicom_dictionary_std::{tags, uids};

use crate::error::ReadError;
use crate::object::Item;
use crate::places::Place;
use crate::suv::body;
use crate::suv::told::Told;

/// Less than this is a dose in MBq: of people, real ones are near 400 MBq, or 4·10⁸ Bq.
const MEGABECQUERELS: f64 = 1e4;
/// Less than this may as well be one in mCi, or in GBq.
const LEAST_MEGABECQUERELS: f64 = 20.0;
/// Less than this, Bq, is no dose.
const LEAST_DOSE: f64 = 1e5;
/// How far a half-life may be off that of its nuclide: sources differ by a few in a thousand.
const OFF: f64 = 0.02;
/// The energy of the photons of an annihilation, keV, and how far below it a window for them may end.
const ANNIHILATION: f64 = 511.0;
const WINDOW: f64 = 0.9;

/// A nuclide: symbol, name, mass number, half-life in s, and whether it is one for PET.
type Nuclide = (&'static str, &'static str, &'static str, f64, bool);

/// Nuclides (F. G. Kondev et al., The NUBASE2020 evaluation of nuclear physics properties, Chinese Physics C 45 (2021)
/// 030001).
const NUCLIDES: [Nuclide; 22] = [
    ("C", "Carbon", "11", 1220.4, true),
    ("N", "Nitrogen", "13", 597.9, true),
    ("O", "Oxygen", "15", 122.27, true),
    ("F", "Fluorine", "18", 6584.3, true),
    ("Sc", "Scandium", "44", 14_551.0, true),
    ("Cu", "Copper", "62", 580.2, true),
    ("Cu", "Copper", "64", 45_722.0, true),
    ("Ga", "Gallium", "68", 4070.5, true),
    ("Rb", "Rubidium", "82", 75.45, true),
    ("Y", "Yttrium", "86", 53_060.0, true),
    ("Zr", "Zirconium", "89", 282_100.0, true),
    ("I", "Iodine", "124", 360_800.0, true),
    ("Tb", "Terbium", "152", 62_960.0, true),
    ("Tc", "Technetium", "99", 21_624.0, false),
    ("I", "Iodine", "123", 47_603.0, false),
    ("I", "Iodine", "131", 693_377.0, false),
    ("In", "Indium", "111", 242_326.0, false),
    ("Tl", "Thallium", "201", 262_837.0, false),
    ("Ga", "Gallium", "67", 281_768.0, false),
    ("Xe", "Xenon", "133", 453_384.0, false),
    ("Lu", "Lutetium", "177", 574_067.0, false),
    ("Sm", "Samarium", "153", 166_596.0, false),
];

/// What there must be of a tracer and a patient for SUV.
pub struct Tracer<'a> {
    /// The item of the first slice.
    pub item: Item<'a>,
    /// Dose in Bq.
    pub dose: f64,
    /// Half-life in s.
    pub half_life: f64,
    /// Body weight in kg.
    pub weight: f64,
}

impl<'a> Tracer<'a> {
    /// Those of a series, of which every frame must say the same.
    ///
    /// # Errors
    /// If something is missing, differs, or cannot be; if there are several tracers; or if it is none for PET.
    pub fn of(series: &[Place<'a>], told: &mut Told) -> Result<Self, ReadError> {
        let Some(first) = series.first() else {
            return Err(ReadError::unfit(std::path::Path::new(""), "no slices, expected one at least"));
        };
        let item = only(first)?;
        check_annihilation(first)?;
        let weight = body::weight(first.root(), told)?;
        let dose = dose(first.root(), item, told)?;
        let half_life = body::positive(item, tags::RADIONUCLIDE_HALF_LIFE)?;
        check_nuclide(item, half_life)?;
        for place in series.iter().filter(|place| !std::ptr::eq(place.root().object(), first.root().object())) {
            let root = place.root();
            for tag in [tags::PATIENT_WEIGHT, tags::DECAY_CORRECTION, tags::DECAY_CORRECTED] {
                check_same(first.root(), root, tag)?;
            }
            let other = only(place)?;
            for tag in [
                tags::RADIONUCLIDE_TOTAL_DOSE,
                tags::RADIONUCLIDE_HALF_LIFE,
                tags::RADIOPHARMACEUTICAL_START_TIME,
                tags::RADIOPHARMACEUTICAL_START_DATE_TIME,
            ] {
                check_same(item, other, tag)?;
            }
        }
        Ok(Self { item, dose, half_life, weight })
    }
}

/// The only item of `RadiopharmaceuticalInformationSequence`.
fn only<'a>(place: &Place<'a>) -> Result<Item<'a>, ReadError> {
    let holder = place.with(tags::RADIOPHARMACEUTICAL_INFORMATION_SEQUENCE);
    match holder.need_items(tags::RADIOPHARMACEUTICAL_INFORMATION_SEQUENCE)?.as_slice() {
        [one] => Ok(*one),
        several => {
            let found = format!("{} items", several.len());
            let supported = "one: of several tracers, whose decay it was is not known; or set `pet` to \"stored\"";
            Err(holder.unsupported(tags::RADIOPHARMACEUTICAL_INFORMATION_SEQUENCE, &found, supported))
        }
    }
}

/// The dose in Bq: some writers have it in MBq, and enhanced objects must (DICOM PS3.3, C.8.22.5), however small it is.
fn dose(root: Item<'_>, item: Item<'_>, told: &mut Told) -> Result<f64, ReadError> {
    let dose = body::positive(item, tags::RADIONUCLIDE_TOTAL_DOSE)?;
    let is_enhanced = root.text(tags::SOP_CLASS_UID).as_deref() == Some(uids::ENHANCED_PET_IMAGE_STORAGE);
    if dose < LEAST_MEGABECQUERELS && !is_enhanced {
        let expected = "a dose in Bq, or one in MBq from 20 on: a smaller one may be in mCi or GBq";
        return Err(item.invalid(tags::RADIONUCLIDE_TOTAL_DOSE, &dose.to_string(), expected));
    }
    if dose < MEGABECQUERELS {
        told.notes.push(format!("RadionuclideTotalDose is {dose}: no dose in Bq, it is taken as one in MBq"));
        return Ok(dose * 1e6);
    }
    if dose < LEAST_DOSE {
        return Err(item.invalid(tags::RADIONUCLIDE_TOTAL_DOSE, &dose.to_string(), "a dose in Bq, or in MBq"));
    }
    Ok(dose)
}

/// That what was measured are photons of annihilations, as far as the object says.
fn check_annihilation(first: &Place<'_>) -> Result<(), ReadError> {
    let root = first.root();
    let windows = root.items(tags::ENERGY_WINDOW_INFORMATION_SEQUENCE);
    let ranges = windows.iter().chain([&root]).flat_map(|item| item.items(tags::ENERGY_WINDOW_RANGE_SEQUENCE));
    let limits: Vec<f64> =
        ranges.filter_map(|range| range.float(tags::ENERGY_WINDOW_UPPER_LIMIT).ok().flatten()).collect();
    match limits.iter().copied().reduce(f64::max) {
        Some(highest) if highest > 0.0 && highest < WINDOW * ANNIHILATION => {
            let supported = "a window around 511 keV: this is no PET, but SPECT or the like; set `pet` to \"stored\"";
            Err(root.unsupported(tags::ENERGY_WINDOW_UPPER_LIMIT, &format!("{highest} keV"), supported))
        }
        _ => Ok(()),
    }
}

fn check_same(first: Item<'_>, other: Item<'_>, tag: Tag) -> Result<(), ReadError> {
    let [expected, found] = [first, other].map(|item| item.text(tag));
    // The same number may be written in several ways.
    let number = |text: &Option<String>| text.as_ref().and_then(|text| text.parse::<f64>().ok());
    if expected == found || number(&expected).is_some_and(|expected| number(&found) == Some(expected)) {
        return Ok(());
    }
    let shown = |text: Option<String>| text.unwrap_or_else(|| "missing".into());
    let file = first.object().path();
    let file = file.file_name().unwrap_or(file.as_os_str()).to_string_lossy();
    let expected = format!("{}, as in {file} and all slices of a series", shown(expected));
    Err(other.invalid(tag, &shown(found), &expected))
}

/// Holds the half-life against that of the nuclide, where the object names one that is known; and that against what a PET
/// can be made of.
fn check_nuclide(item: Item<'_>, half_life: f64) -> Result<(), ReadError> {
    let codes = item.items(tags::RADIONUCLIDE_CODE_SEQUENCE);
    let coded = codes.iter().find_map(|code| nuclide(&code.name(tags::CODE_MEANING)));
    let of_other = |(.., known, _): &Nuclide| (half_life / known - 1.0).abs() <= OFF;
    let Some((symbol, _, mass, known, for_pet)) = coded.or_else(|| nuclide(&item.name(tags::RADIOPHARMACEUTICAL)))
    else {
        let mut alike = NUCLIDES.iter().filter(|nuclide| of_other(nuclide)).peekable();
        return match alike.peek().copied() {
            Some((symbol, _, mass, ..)) if alike.all(|(.., for_pet)| !for_pet) => {
                Err(no_pet(item, tags::RADIONUCLIDE_HALF_LIFE, &half_life.to_string(), symbol, mass))
            }
            _ => Ok(()),
        };
    };
    if !for_pet {
        let name = coded.map_or_else(|| item.name(tags::RADIOPHARMACEUTICAL), |_| format!("{symbol}-{mass}"));
        let tag = if coded.is_some() { tags::RADIONUCLIDE_CODE_SEQUENCE } else { tags::RADIOPHARMACEUTICAL };
        return Err(no_pet(item, tag, &name, symbol, mass));
    }
    if (half_life / known - 1.0).abs() <= OFF {
        return Ok(());
    }
    let expected = format!("{known} s, which is that of {symbol}-{mass}, the nuclide that the object names");
    Err(item.invalid(tags::RADIONUCLIDE_HALF_LIFE, &half_life.to_string(), &expected))
}

/// That a nuclide emits no positrons, so that the image is none of them.
fn no_pet(item: Item<'_>, tag: Tag, found: &str, symbol: &str, mass: &str) -> ReadError {
    let supported = format!(
        "a nuclide for PET: {symbol}-{mass} is one for SPECT, whose values do not become SUV unasked; set `pet` to \"stored\""
    );
    item.unsupported(tag, found, &supported)
}

/// The nuclide that a text names, as in `^18^Fluorine`, `F-18`, `[18F]FDG`, `Ga68 DOTATATE`.
fn nuclide(text: &str) -> Option<Nuclide> {
    let mut words: Vec<String> = Vec::new();
    let mut before = None;
    for c in text.chars() {
        let kind = (c.is_alphabetic(), c.is_ascii_digit());
        match (kind, words.last_mut()) {
            ((false, false), _) => {}
            (kind, Some(word)) if before == Some(kind) => word.push(c),
            _ => words.push(c.into()),
        }
        before = Some(kind);
    }
    // A metastable state, whose sign stands before the symbol or behind the mass.
    words.retain(|word| !word.eq_ignore_ascii_case("m"));
    NUCLIDES.into_iter().find(|(symbol, name, mass, ..)| {
        let is_element = |word: &String| {
            let plain = word.strip_prefix('m').unwrap_or(word);
            [word, plain].iter().any(|word| word.eq_ignore_ascii_case(symbol) || word.eq_ignore_ascii_case(name))
        };
        words
            .windows(2)
            .any(|pair| (is_element(&pair[0]) && pair[1] == *mass) || (is_element(&pair[1]) && pair[0] == *mass))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nuclide_is_known_in_any_of_its_spellings() {
        for (text, expected) in [
            ("^18^Fluorine", Some("F")),
            ("F-18", Some("F")),
            ("Fluorine F^18^", Some("F")),
            ("[18F]FDG", Some("F")),
            ("FDG -- fluorodeoxyglucose F18", Some("F")),
            ("68Ga-DOTATATE", Some("Ga")),
            ("Gallium 68", Some("Ga")),
            ("H2O 15", Some("O")),
            ("^124^Iodine", Some("I")),
            ("c11-choline", Some("C")),
            ("Tc-99m MDP", Some("Tc")),
            ("^99m^Technetium", Some("Tc")),
            ("99mTc", Some("Tc")),
            ("177Lu-PSMA", Some("Lu")),
            ("PSMA-11", None),
            ("FDG", None),
            ("F-19", None),
            ("", None),
        ] {
            assert_eq!(nuclide(text).map(|(symbol, ..)| symbol), expected, "{text}");
        }
    }
}
