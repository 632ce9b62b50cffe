//! What an uptake was normalised by, and what that is for a patient.
//!
//! Formulas: M. Vácha and others, Comprehensive Manual for SUV Computation (IBSI, 2026), which collects them from Morgan, James
//! (with 128 and 120 for men), Janmahasatian (2005), Sugawara (1999) and Du Bois (1916).

use dicom_dictionary_std::tags;

use crate::error::ReadError;
use crate::object::Item;
use crate::suv::told::Told;

/// From here on a weight is in g.
const GRAMS: f64 = 1000.0;
/// Nobody weighs more, kg: such a weight is in another unit.
const MOST_KG: f64 = 400.0;
/// No person whom a PET is made of weighs less, kg; small animals do.
const LEAST_KG: f64 = 2.0;
/// Sizes of people, m; of more than [`CENTIMETRES`], cm.
const SIZES: [f64; 2] = [0.3, 2.6];
const CENTIMETRES: f64 = 3.0;

/// What an uptake was normalised by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// Body weight.
    Weight,
    /// Lean body mass by Morgan.
    Morgan,
    /// Lean body mass by James.
    James,
    /// Lean body mass by Janmahasatian.
    Janmahasatian,
    /// Ideal body weight.
    Ideal,
    /// Body surface area.
    Surface,
}

impl Measure {
    /// That of a `SUVType`.
    pub fn of_type(text: &str) -> Option<Self> {
        Some(match text {
            "BW" => Self::Weight,
            "LBM" => Self::Morgan,
            "LBMJAMES128" => Self::James,
            "LBMJANMA" => Self::Janmahasatian,
            "IBW" => Self::Ideal,
            "BSA" => Self::Surface,
            _ => return None,
        })
    }

    /// What it is called.
    fn name(self) -> &'static str {
        match self {
            Self::Weight => "body weight",
            Self::Morgan => "lean body mass (Morgan)",
            Self::James => "lean body mass (James)",
            Self::Janmahasatian => "lean body mass (Janmahasatian)",
            Self::Ideal => "ideal body weight",
            Self::Surface => "body surface area (Du Bois)",
        }
    }

    /// For a weight in kg and a size in cm: kg of a man or a woman; of the body's surface, 1000 cm².
    fn value(self, is_male: bool, weight: f64, size: f64) -> f64 {
        let squared = (weight / size).powi(2);
        let body_mass_index = weight / (size / 100.0).powi(2);
        match (self, is_male) {
            (Self::Weight, _) => weight,
            (Self::Morgan, true) => 1.10 * weight - 120.0 * squared,
            (Self::James, true) => 1.10 * weight - 128.0 * squared,
            (Self::Morgan | Self::James, false) => 1.07 * weight - 148.0 * squared,
            (Self::Janmahasatian, true) => 9270.0 * weight / (6680.0 + 216.0 * body_mass_index),
            (Self::Janmahasatian, false) => 9270.0 * weight / (8780.0 + 244.0 * body_mass_index),
            (Self::Ideal, true) => 48.0 + 1.06 * (size - 152.0),
            (Self::Ideal, false) => 45.5 + 0.91 * (size - 152.0),
            (Self::Surface, _) => 0.007184 * size.powf(0.725) * weight.powf(0.425) * 10.0,
        }
    }
}

/// What turns a SUV that was normalised by something else into one by body weight.
///
/// # Errors
/// If weight, size or sex are missing or cannot be.
pub fn to_weight(root: Item<'_>, measure: Measure, told: &mut Told) -> Result<f64, ReadError> {
    if measure == Measure::Weight {
        return Ok(1.0);
    }
    let (weight, size) = (weight(root, told)?, size(root, told)?);
    let value = match sex(root, measure)? {
        Some(is_male) => measure.value(is_male, weight, size),
        // The mean of both measures, not of both factors, as in MIRP, MITK and Z-Rad.
        None => (measure.value(true, weight, size) + measure.value(false, weight, size)) / 2.0,
    };
    if !(value.is_finite() && value > 0.0) {
        let expected = format!("a weight that, with PatientSize {size} cm, gives a {} above 0", measure.name());
        return Err(root.invalid(tags::PATIENT_WEIGHT, &weight.to_string(), &expected));
    }
    told.notes.push(format!(
        "SUV by {}: times {:.6} for SUV by body weight ({weight} kg, {size} cm)",
        measure.name(),
        weight / value
    ));
    Ok(weight / value)
}

/// Body weight in kg.
///
/// # Errors
/// If it is missing or cannot be.
pub fn weight(root: Item<'_>, told: &mut Told) -> Result<f64, ReadError> {
    let found = positive(root, tags::PATIENT_WEIGHT)?;
    let weight = if found >= GRAMS { found / 1000.0 } else { found };
    if weight > MOST_KG {
        let expected = format!("a weight in kg, {MOST_KG} at most, or in g");
        return Err(root.invalid(tags::PATIENT_WEIGHT, &found.to_string(), &expected));
    }
    if found >= GRAMS {
        told.notes.push(format!("PatientWeight is {found}: no weight in kg, it is taken as one in g"));
    }
    if weight < LEAST_KG {
        told.warnings.push(format!(
            "PatientWeight is {weight} kg, which is a small animal's: SUV is in proportion to it and wrong if it is not meant"
        ));
    }
    Ok(weight)
}

/// Size in cm.
fn size(root: Item<'_>, told: &mut Told) -> Result<f64, ReadError> {
    let found = positive(root, tags::PATIENT_SIZE)?;
    let metres = if found > CENTIMETRES { found / 100.0 } else { found };
    if !(SIZES[0]..=SIZES[1]).contains(&metres) {
        let [least, most] = SIZES;
        return Err(root.invalid(tags::PATIENT_SIZE, &found.to_string(), &format!("a size in m, {least} to {most}")));
    }
    if found > CENTIMETRES {
        told.notes.push(format!("PatientSize is {found}: no size in m, it is taken as one in cm"));
    }
    // Rounded, as a size has no more digits than these.
    Ok((metres * 1e8).round() / 1e6)
}

/// Whether a patient is male; nothing for another sex, or where it does not matter.
fn sex(root: Item<'_>, measure: Measure) -> Result<Option<bool>, ReadError> {
    if measure == Measure::Surface {
        return Ok(Some(true));
    }
    match root.need_text(tags::PATIENT_SEX)?.as_str() {
        "M" => Ok(Some(true)),
        "F" => Ok(Some(false)),
        "O" => Ok(None),
        other => {
            let expected = format!("M, F or O, on which {} depends", measure.name());
            Err(root.invalid(tags::PATIENT_SEX, other, &expected))
        }
    }
}

/// A number above 0.
///
/// # Errors
/// If it is missing or is not.
pub fn positive(item: Item<'_>, tag: dicom_core::Tag) -> Result<f64, ReadError> {
    let found = item.need_float(tag)?;
    if found > 0.0 { Ok(found) } else { Err(item.invalid(tag, &found.to_string(), "a number above 0")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measures_of_a_man_and_a_woman() {
        // Written out by hand for 70 kg and 175 cm: (70 / 175)² = 0.16, BMI = 22.857142857.
        for (measure, male, female) in [
            (Measure::Morgan, 57.8, 51.22),
            (Measure::James, 56.52, 51.22),
            (Measure::Janmahasatian, 55.857_11, 45.197_01),
            (Measure::Ideal, 72.38, 66.43),
            (Measure::Surface, 18.481, 18.481),
        ] {
            for (is_male, expected) in [(true, male), (false, female)] {
                let found = measure.value(is_male, 70.0, 175.0);
                assert!((found - expected).abs() < 1e-3, "{measure:?} {found} {expected}");
            }
        }
    }
}
