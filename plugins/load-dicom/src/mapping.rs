//! Real world value mappings (DICOM PS3.3, C.7.6.16.2.11): what stored values mean, where no rescaling says it.

use dicom_core::Tag;
use dicom_dictionary_std::tags;

use crate::error::ReadError;
use crate::object::Item;

/// The units of a PET that are told apart, the one that is wanted most first.
const OF_PET: [&str; 3] = ["suvbw", "bq/ml", "suv"];

/// A line from stored value to intensity.
#[derive(Debug, Clone, PartialEq)]
pub struct Mapping {
    /// Its slope.
    pub slope: f64,
    /// Its intercept.
    pub intercept: f64,
    /// The stored values that it is meant for, from the first to the last.
    pub covers: [f64; 2],
    /// The code of its unit (UCUM).
    pub unit: String,
}

/// The only mapping among items of the sequence: of the same line in several items, one; of a PET that is mapped to several
/// units, that to SUV by body weight, or else to activity. Nothing if there are no items.
///
/// # Errors
/// If it is no line, or if several lines differ.
pub fn only(items: &[Item<'_>], is_pet: bool) -> Result<Option<Mapping>, ReadError> {
    let Some(first) = items.first() else { return Ok(None) };
    let mut lines = Vec::with_capacity(items.len());
    for item in items {
        match line(*item)? {
            Some(line) => lines.push(line),
            // A table beside the line that is wanted does no harm.
            None if is_pet && items.len() > 1 => {}
            None => {
                let supported =
                    "RealWorldValueSlope and RealWorldValueIntercept: a table is no line; convert the images";
                return Err(item.unsupported(tags::REAL_WORLD_VALUE_LUT_DATA, "a table", supported));
            }
        }
    }
    if is_pet {
        let of = |wanted: &str| lines.iter().any(|line| line.unit.to_lowercase().contains(wanted));
        if let Some(wanted) = OF_PET.iter().find(|wanted| of(wanted)) {
            lines.retain(|line| line.unit.to_lowercase().contains(wanted));
        }
    }
    let Some((chosen, others)) = lines.split_first() else {
        return Err(first.unsupported(tags::REAL_WORLD_VALUE_MAPPING_SEQUENCE, "tables", "one that is a line"));
    };
    let mut chosen = chosen.clone();
    for other in others {
        if (other.slope, other.intercept) != (chosen.slope, chosen.intercept) || other.unit != chosen.unit {
            let shown = |line: &Mapping| {
                let [low, high] = line.covers;
                format!("{} · value + {} in \"{}\" for {low} to {high}", line.slope, line.intercept, line.unit)
            };
            let found = lines.iter().map(shown).collect::<Vec<_>>().join("; ");
            let supported = "one line, or the same one several times: which is meant is not known; keep one of them";
            return Err(first.unsupported(tags::REAL_WORLD_VALUE_MAPPING_SEQUENCE, &found, supported));
        }
    }
    chosen.covers = joined(*first, lines.iter().map(|line| line.covers).collect())?;
    Ok(Some(chosen))
}

/// Ranges of stored values as one, in any order.
///
/// # Errors
/// If there are whole numbers between them that none of them covers.
fn joined(item: Item<'_>, mut ranges: Vec<[f64; 2]>) -> Result<[f64; 2], ReadError> {
    ranges.sort_by(|a, b| a[0].total_cmp(&b[0]));
    let mut all = ranges.first().copied().unwrap_or([f64::NEG_INFINITY, f64::INFINITY]);
    for [low, high] in ranges {
        if low > all[1] + 1.0 {
            let found = format!("for stored values from {} to {} and from {low} to {high}", all[0], all[1]);
            let expected = "ranges without a gap between them";
            return Err(item.invalid(tags::REAL_WORLD_VALUE_MAPPING_SEQUENCE, &found, expected));
        }
        all[1] = all[1].max(high);
    }
    Ok(all)
}

/// The line of an item; nothing if it is a table.
fn line(item: Item<'_>) -> Result<Option<Mapping>, ReadError> {
    if !item.has(tags::REAL_WORLD_VALUE_SLOPE) && item.has(tags::REAL_WORLD_VALUE_LUT_DATA) {
        return Ok(None);
    }
    let slope = item.need_float(tags::REAL_WORLD_VALUE_SLOPE)?;
    let intercept = item.need_float(tags::REAL_WORLD_VALUE_INTERCEPT)?;
    if slope == 0.0 {
        return Err(item.invalid(tags::REAL_WORLD_VALUE_SLOPE, "0", "another number than 0"));
    }
    let end = |whole: Tag, float: Tag| match item.float(float)? {
        Some(end) => Ok(end),
        None => item.need_float(whole),
    };
    let covers = [
        end(tags::REAL_WORLD_VALUE_FIRST_VALUE_MAPPED, tags::DOUBLE_FLOAT_REAL_WORLD_VALUE_FIRST_VALUE_MAPPED)?,
        end(tags::REAL_WORLD_VALUE_LAST_VALUE_MAPPED, tags::DOUBLE_FLOAT_REAL_WORLD_VALUE_LAST_VALUE_MAPPED)?,
    ];
    let covers =
        if item.has(tags::DOUBLE_FLOAT_REAL_WORLD_VALUE_FIRST_VALUE_MAPPED) { covers } else { wrapped(item, covers)? };
    let unit = item.item(tags::MEASUREMENT_UNITS_CODE_SEQUENCE).map(|code| {
        [tags::CODE_VALUE, tags::LONG_CODE_VALUE, tags::CODE_MEANING]
            .iter()
            .find_map(|tag| code.text(*tag))
            .unwrap_or_default()
    });
    Ok(Some(Mapping { slope, intercept, covers, unit: unit.unwrap_or_default() }))
}

/// Where a file does not name value representations, whole numbers are read as unsigned: their sign follows that of the pixels.
fn wrapped(item: Item<'_>, ends: [f64; 2]) -> Result<[f64; 2], ReadError> {
    let root = item.object().root();
    let is_word = root.int(tags::BITS_ALLOCATED)? == Some(16);
    let is_signed = root.int(tags::PIXEL_REPRESENTATION)? == Some(1);
    Ok(ends.map(|end| if is_word && is_signed && end > 32_767.0 { end - 65_536.0 } else { end }))
}
