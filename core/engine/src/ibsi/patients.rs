//! Compliance with IBSI 2, phase 3 (Whybra et al., Radiology 310:e231319, 2024): statistics of filtered images of a patient with a soft-tissue
//! sarcoma, in CT, PET and T1-weighted MR, against what research teams agree on.
//!
//! A folder has `ibsi2_consensus.csv`, and for each modality a folder with `image` and `mask`, both DICOM.

use std::{fmt::Write as _, fs, path::Path};

use super::{Comparison, Found, Reference};
use crate::{
    cases::Case,
    experiment::Experiment,
    host::Services,
    pipeline::{self, Outcome},
    plan::Plan,
};

/// The table of values that teams agree on.
pub const TABLE: &str = "ibsi2_consensus.csv";

/// The largest relative difference that passes.
const TOLERANCE: f64 = 0.01;

/// How each modality is processed: the folder, the spacing of the new grid in mm, whether intensities are rounded, and which remain.
const MODALITIES: [(&str, u32, bool, &str); 3] =
    [("CT", 1, true, "[-200, 200]"), ("MR_T1", 1, false, "[0, inf]"), ("PET", 3, false, "[0, inf]")];

/// The filters by their number, with their name and settings; the first is none. Of the others of the standard, teams do not agree on the
/// Laplacian of Gaussian (3), nor on Simoncelli's wavelets (8, 9).
const FILTERS: [(&str, &str, &str); 6] = [
    ("1", "none", ""),
    ("2", "mean", "filter = \"mean\"\nsupport_voxels = 3\n"),
    (
        "4",
        "Laws S5E5L5, energy",
        "filter = \"laws\"\nkernels = \"S5E5L5\"\nrotation_invariance = \"max\"\nenergy_distance_voxels = 5\n",
    ),
    ("5", "Gabor, axial", "filter = \"gabor\"\nsigma_mm = 3\nlambda_mm = 3\ngamma = 1\ntheta_deg = -112.5\n"),
    (
        "6",
        "coif3 LHH, level 1",
        "filter = \"wavelet\"\nwavelet = \"coif3\"\nbands = \"LHH\"\nrotation_invariance = \"average\"\n",
    ),
    (
        "7",
        "coif3 HHH, level 2",
        "filter = \"wavelet\"\nwavelet = \"coif3\"\nbands = \"HHH\"\nlevels = [2]\nrotation_invariance = \"max\"\n",
    ),
];

/// Compares the values of a folder, of every modality that it has.
///
/// # Errors
/// If the table is none, or a modality cannot be computed.
pub fn statistics(folder: &Path) -> Result<Found, String> {
    let list = folder.join(TABLE);
    let name = list.display().to_string();
    let text = fs::read_to_string(&list).map_err(|cause| format!("cannot read {name}: {cause}"))?;
    let rows = rows(&text, &name)?;
    let mut found = Found::default();
    for (modality, spacing, round, range) in MODALITIES {
        let of_modality: Vec<&Row> = rows.iter().filter(|row| row.modality == modality).collect();
        if of_modality.is_empty() {
            continue;
        }
        let (plan, outcome) =
            computed(&folder.join(modality), modality, [&spacing.to_string(), &round.to_string(), range])
                .map_err(|cause| format!("{name}: {modality}: {cause}"))?;
        for row in of_modality {
            match FILTERS.iter().find(|(id, ..)| *id == row.id) {
                Some((id, filter, _)) => {
                    let reference = Reference { family: (*filter).into(), ..row.reference.clone() };
                    found.comparisons.push(beside(reference, &image(id), &plan, &outcome));
                }
                None => {
                    let said = format!(
                        "{} no reference that teams agree on exists; not computed",
                        row.reference.configuration
                    );
                    if !found.without_reference.contains(&said) {
                        found.without_reference.push(said);
                    }
                }
            }
        }
    }
    match found.comparisons.is_empty() {
        true => Err(format!("{name}: it has no row of CT, MR_T1 or PET with a filter that is known")),
        false => Ok(found),
    }
}

/// A row of the table.
struct Row {
    modality: String,
    id: String,
    reference: Reference,
}

fn rows(text: &str, name: &str) -> Result<Vec<Row>, String> {
    let fail = |what: String| format!("{name}: {what}");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().map_err(|cause| fail(cause.to_string()))?.clone();
    let column = |wanted: &str| {
        header.iter().position(|name| name == wanted).ok_or_else(|| fail(format!("it has no column `{wanted}`")))
    };
    let columns = ["patient", "modality", "id", "feature", "ibsi_code", "consensus", "level"].map(column);
    let [patient, modality, id, feature, code, consensus, level] = {
        let found: Vec<usize> = columns.into_iter().collect::<Result<_, _>>()?;
        std::array::from_fn(|at| found[at])
    };
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|cause| fail(cause.to_string()))?;
        let cell = |at: usize| record.get(at).unwrap_or_default().to_owned();
        let value: f64 = match cell(consensus).parse() {
            Ok(value) if f64::is_finite(value) => value,
            _ => {
                let line = record.position().map_or(0, csv::Position::line);
                return Err(fail(format!("line {line}: `consensus` is `{}`, expected a number", cell(consensus))));
            }
        };
        let reference = Reference {
            configuration: format!("{} {} {}", cell(patient), cell(modality), cell(id)),
            feature: cell(feature),
            ibsi_code: cell(code),
            value,
            tolerance: TOLERANCE * value.abs(),
            consensus: cell(level),
            ..Reference::default()
        };
        rows.push(Row { modality: cell(modality), id: cell(id), reference });
    }
    Ok(rows)
}

/// The name of the image of a filter.
fn image(id: &str) -> String {
    format!("filter-{id}")
}

fn computed(folder: &Path, modality: &str, [spacing, round, range]: [&str; 3]) -> Result<(Plan, Outcome), String> {
    let mut toml = format!(
        "[plugins]\nuse = [\"load-dicom\", \"features-statistics\", \"filter-mean\", \"filter-laws\", \"filter-gabor\", \
         \"filter-wavelet\"]\n[regions.tumour]\n[interpolation]\nspacing_mm = [{spacing}, {spacing}, {spacing}]\n\
         image = \"cubic\"\nround_intensities = {round}\n[resegmentation]\nrange = {range}\n[features.statistics]\n"
    );
    for (id, _, settings) in FILTERS {
        // Writing to a text does not fail.
        let _ = writeln!(toml, "[images.{}]\n{settings}", image(id));
    }
    let plan = Plan::new(&Experiment::from_text(Path::new("ibsi-2 phase 3"), Path::new("."), &toml, &[])?)?;
    let case = Case {
        // As the structure sets call the tumour.
        region: Some("GTV_Mass*".into()),
        ..Case::new(modality.to_owned(), folder.join("image"), folder.join("mask"))
    };
    let outcome = pipeline::run(&plan, &case, &Services::default(), None);
    match outcome.faults.first() {
        Some(fault) => Err(format!("{}: {}", fault.stage, fault.message)),
        None => Ok((plan, outcome)),
    }
}

/// A reference beside the value of an image.
fn beside(reference: Reference, image: &str, plan: &Plan, outcome: &Outcome) -> Comparison {
    let column = plan.columns.iter().position(|column| column.image == image && column.ibsi == reference.ibsi_code);
    let value = column.and_then(|at| outcome.rows.first().and_then(|row| row.values[at].as_ref()));
    let (computed, reason) = match value {
        None => (None, Some("it is not computed".to_owned())),
        Some(Err(reason)) => (None, Some(reason.to_string())),
        Some(Ok(value)) => (Some(*value), None),
    };
    let passed = computed.is_some_and(|value| (value - reference.value).abs() <= reference.tolerance);
    Comparison { reference, computed, reason, passed }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_that_cannot_be_read_is_refused() {
        let header = "patient,modality,id,feature,ibsi_code,consensus,level\n";
        let refused = |text: &str| rows(text, "t.csv").err().unwrap_or_default();
        assert_eq!(refused("patient,id\n"), "t.csv: it has no column `modality`");
        let said = refused(&format!("{header}P,CT,1,Mean,Q4LE,x,strong\n"));
        assert_eq!(said, "t.csv: line 2: `consensus` is `x`, expected a number");
        let read = rows(&format!("{header}P,CT,2,Mean,Q4LE,-50,strong\n"), "t.csv").unwrap_or_default();
        assert_eq!((read[0].reference.configuration.as_str(), read[0].reference.tolerance), ("P CT 2", 0.5));
    }
}
