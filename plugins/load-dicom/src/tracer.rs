//! The tracer of a PET and the patient's weight: the same in every slice, and possible.

use dicom_core::Tag;
use dicom_dictionary_std::tags;

use crate::error::ReadError;
use crate::object::{Item, Object};

/// Less than this, Bq, is a dose in another unit.
const LEAST_DOSE: f64 = 1e5;
/// Nobody weighs more, kg: such a weight is in another unit.
const MOST_KG: f64 = 400.0;
/// No person whom a PET is made of weighs less, kg; small animals do.
const LEAST_KG: f64 = 2.0;
/// How far a half-life may be off that of its nuclide: sources differ by a few in a thousand.
const OFF: f64 = 0.02;
/// Nuclides for PET: symbol, name, mass number, and half-life in s (F. G. Kondev et al., The NUBASE2020 evaluation of
/// nuclear physics properties, Chinese Physics C 45 (2021) 030001).
const NUCLIDES: [(&str, &str, &str, f64); 10] = [
    ("C", "Carbon", "11", 1220.4),
    ("N", "Nitrogen", "13", 597.9),
    ("O", "Oxygen", "15", 122.27),
    ("F", "Fluorine", "18", 6584.3),
    ("Cu", "Copper", "64", 45_722.0),
    ("Ga", "Gallium", "68", 4070.5),
    ("Rb", "Rubidium", "82", 75.45),
    ("Y", "Yttrium", "86", 53_060.0),
    ("Zr", "Zirconium", "89", 282_100.0),
    ("I", "Iodine", "124", 360_800.0),
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
    /// Those of a series, of which every object must say the same.
    ///
    /// # Errors
    /// If something is missing, differs, or cannot be; or if there are several tracers.
    pub fn of(series: &[&'a Object], warnings: &mut Vec<String>) -> Result<Self, ReadError> {
        let Some(first) = series.first().map(|object| object.root()) else {
            return Err(ReadError::unfit(std::path::Path::new(""), "no slices, expected one at least"));
        };
        let item = only(first)?;
        let weight = weight(first, warnings)?;
        let dose = positive(item, tags::RADIONUCLIDE_TOTAL_DOSE)?;
        if dose < LEAST_DOSE {
            return Err(item.invalid(tags::RADIONUCLIDE_TOTAL_DOSE, &dose.to_string(), "a dose in Bq"));
        }
        let half_life = positive(item, tags::RADIONUCLIDE_HALF_LIFE)?;
        check_half_life(item, half_life)?;
        for object in series {
            let root = object.root();
            for tag in [tags::PATIENT_WEIGHT, tags::DECAY_CORRECTION] {
                check_same(first, root, tag)?;
            }
            let other = only(root)?;
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
fn only(root: Item<'_>) -> Result<Item<'_>, ReadError> {
    match root.need_items(tags::RADIOPHARMACEUTICAL_INFORMATION_SEQUENCE)?.as_slice() {
        [one] => Ok(*one),
        several => {
            let found = format!("{} items", several.len());
            let supported = "one: of several tracers, whose decay it was is not known; or set `pet` to \"stored\"";
            Err(root.unsupported(tags::RADIOPHARMACEUTICAL_INFORMATION_SEQUENCE, &found, supported))
        }
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

fn weight(root: Item<'_>, warnings: &mut Vec<String>) -> Result<f64, ReadError> {
    let weight = positive(root, tags::PATIENT_WEIGHT)?;
    if weight > MOST_KG {
        let expected = format!("a weight in kg, {MOST_KG} at most");
        return Err(root.invalid(tags::PATIENT_WEIGHT, &weight.to_string(), &expected));
    }
    if weight < LEAST_KG {
        warnings.push(format!(
            "PatientWeight is {weight} kg, which is a small animal's: SUV is in proportion to it and wrong if it is not meant"
        ));
    }
    Ok(weight)
}

/// Holds the half-life against that of the nuclide, where the object names one that is known.
fn check_half_life(item: Item<'_>, half_life: f64) -> Result<(), ReadError> {
    let codes = item.items(tags::RADIONUCLIDE_CODE_SEQUENCE);
    let coded = codes.iter().find_map(|code| nuclide(&code.name(tags::CODE_MEANING)));
    let Some((symbol, _, mass, known)) = coded.or_else(|| nuclide(&item.name(tags::RADIOPHARMACEUTICAL))) else {
        return Ok(());
    };
    if (half_life / known - 1.0).abs() <= OFF {
        return Ok(());
    }
    let expected = format!("{known} s, which is that of {symbol}-{mass}, the nuclide that the object names");
    Err(item.invalid(tags::RADIONUCLIDE_HALF_LIFE, &half_life.to_string(), &expected))
}

/// The nuclide that a text names, as in `^18^Fluorine`, `F-18`, `[18F]FDG`, `Ga68 DOTATATE`.
fn nuclide(text: &str) -> Option<(&'static str, &'static str, &'static str, f64)> {
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
    NUCLIDES.into_iter().find(|(symbol, name, mass, _)| {
        let is_element = |word: &String| word.eq_ignore_ascii_case(symbol) || word.eq_ignore_ascii_case(name);
        words
            .windows(2)
            .any(|pair| (is_element(&pair[0]) && pair[1] == *mass) || (is_element(&pair[1]) && pair[0] == *mass))
    })
}

/// A number above 0.
fn positive(item: Item<'_>, tag: Tag) -> Result<f64, ReadError> {
    let found = item.need_float(tag)?;
    if found > 0.0 { Ok(found) } else { Err(item.invalid(tag, &found.to_string(), "a number above 0")) }
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
            ("PSMA-11", None),
            ("FDG", None),
            ("F-19", None),
            ("", None),
        ] {
            assert_eq!(nuclide(text).map(|(symbol, ..)| symbol), expected, "{text}");
        }
    }
}
