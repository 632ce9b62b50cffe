//! What the values of a PET are.

use dicom_dictionary_std::tags;

use crate::error::ReadError;
use crate::places::Place;
use crate::suv::body::Measure;

/// What values are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Activity by volume, Bq/ml.
    Activity,
    /// SUV.
    Suv(Measure),
    /// Counts.
    Counts,
    /// Counts a second.
    Rate,
}

/// The unit of a frame, and what it is called there: that which the mapping of its stored values names, or else `Units`.
///
/// # Errors
/// If it is missing, or none that can become SUV.
pub fn of(place: &Place<'_>, mapped: &str) -> Result<(Unit, String), ReadError> {
    let item = place.with(tags::UNITS);
    let units = match coded(mapped) {
        Coded::Plainly(unit) => return Ok((unit, mapped.to_owned())),
        Coded::AsUnits(units) => units.to_owned(),
        Coded::Unknown if !item.has(tags::UNITS) && !mapped.is_empty() => {
            let tag = tags::MEASUREMENT_UNITS_CODE_SEQUENCE;
            let supported = "Bq/ml, g/ml of SUV, or cm2/ml of SUV; or set `pet` to \"stored\"";
            return Err(item.unsupported(tag, mapped, supported));
        }
        Coded::Unknown => item.need_text(tags::UNITS)?,
    };
    let holder = place.with(tags::SUV_TYPE);
    let kind = holder.text(tags::SUV_TYPE);
    let measure = |default: &str, allowed: fn(Measure) -> bool| {
        let found = kind.as_deref().unwrap_or(default);
        Measure::of_type(found).filter(|measure| allowed(*measure)).ok_or_else(|| {
            let supported = "BW, LBM, LBMJAMES128, LBMJANMA or IBW where Units is GML, and BSA where it is CM2ML; or set `pet` to \
                             \"stored\"";
            holder.unsupported(tags::SUV_TYPE, found, supported)
        })
    };
    let unit = match units.as_str() {
        "BQML" => Unit::Activity,
        "GML" => Unit::Suv(measure("BW", |measure| measure != Measure::Surface)?),
        "CM2ML" => Unit::Suv(measure("BSA", |measure| measure == Measure::Surface)?),
        "CNTS" => Unit::Counts,
        "CPS" => Unit::Rate,
        other => {
            let supported = "BQML, GML, CM2ML, CPS of calibrated dose, or CNTS with the private factors of Philips; or set `pet` to \
                             \"stored\"";
            return Err(item.unsupported(tags::UNITS, other, supported));
        }
    };
    let name = match unit {
        Unit::Suv(_) => kind.map_or_else(|| units.clone(), |kind| format!("{units}, {kind}")),
        _ => units,
    };
    Ok((unit, name))
}

/// What a code says.
enum Coded {
    /// All that is needed.
    Plainly(Unit),
    /// The same as this value of `Units`.
    AsUnits(&'static str),
    /// Nothing that is known.
    Unknown,
}

/// The unit of a code of UCUM (DICOM PS3.16, CID 83 and 85), or of a `RescaleType` in an enhanced object.
fn coded(code: &str) -> Coded {
    let plain: String = code.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_lowercase();
    let measure = match plain.as_str() {
        "bq/ml" | "bqml" => return Coded::AsUnits("BQML"),
        "g/ml" | "gml" => return Coded::AsUnits("GML"),
        "cm2/ml" | "cm2ml" => return Coded::AsUnits("CM2ML"),
        "{counts}" | "cnts" => return Coded::AsUnits("CNTS"),
        "{counts}/s" | "cps" => return Coded::AsUnits("CPS"),
        "g/ml{suvbw}" | "{suvbw}g/ml" => Measure::Weight,
        "g/ml{suvlbm}" | "{suvlbm}g/ml" => Measure::Morgan,
        "g/ml{suvlbm(james128)}" | "{suvlbm(james128)}g/ml" => Measure::James,
        "g/ml{suvlbm(janma)}" | "{suvlbm(janma)}g/ml" => Measure::Janmahasatian,
        "g/ml{suvibw}" | "{suvibw}g/ml" => Measure::Ideal,
        "cm2/ml{suvbsa}" | "{suvbsa}cm2/ml" => Measure::Surface,
        _ => return Coded::Unknown,
    };
    Coded::Plainly(Unit::Suv(measure))
}
