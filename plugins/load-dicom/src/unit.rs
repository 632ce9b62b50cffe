//! The unit of a volume's intensities, for people.

use dicom_dictionary_std::tags;

use crate::volumes::Planned;

/// Under which name it is told of, beside the acquisition metadata.
pub const KEY: &str = "IntensityUnit";

/// What a `RescaleType` or a code of UCUM says; nothing if it says no unit.
fn plain(code: &str) -> Option<&str> {
    Some(match code {
        "" | "US" | "1" | "{unity}" | "no units" | "unspecified" | "normalized" => return None,
        "[hnsf'U]" => "HU",
        "BQML" => "Bq/ml",
        "CNTS" => "counts",
        "CPS" => "counts/s",
        "GML" => "g/ml",
        "CM2ML" => "cm2/ml",
        other => other,
    })
}

/// The unit of a volume; nothing if its intensities have none that the objects name.
pub fn of(plan: &Planned<'_>) -> Option<String> {
    let root = plan.objects.first()?.root();
    let frame = plan.frames.first()?;
    let modality = root.text(tags::MODALITY).unwrap_or_default();
    // Where it is missing, it is HU (DICOM PS3.3, C.11.1.1.2).
    let hounsfield = || (modality == "CT" && frame.unit.is_empty()).then(|| "HU".to_owned());
    let units = || root.text(tags::UNITS).filter(|_| modality == "PT");
    let told = plain(&frame.unit).map(str::to_owned);
    told.or_else(hounsfield).or_else(|| units().and_then(|units| plain(&units).map(str::to_owned)))
}
