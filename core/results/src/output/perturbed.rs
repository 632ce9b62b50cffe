//! `perturbed.csv` and `controls.csv`: the features of every perturbation and of every negative control of every case.

use std::io::{self, Write};

use voxomics_base::table::{FeatureValue, number};

use super::Folder;
use crate::{
    layout::Layout,
    perturbation::{Control, Perturbation, Perturbations, absent},
    waiting::Done,
};

/// Its name.
pub const PERTURBED: &str = "perturbed.csv";

/// The table of negative controls.
pub const CONTROLS: &str = "controls.csv";

/// The table of scores in negative controls, which a study writes.
pub const CONTROL_SCORES: &str = "control_scores.csv";

/// What was done to a case, before what that gave.
const DONE: [&str; 7] =
    ["perturbation", "rotation_deg", "translation_x", "translation_y", "translation_z", "volume_change", "noise"];

/// Writes `perturbed.csv`, a row for each case, perturbation and region, in this order; takes one of an earlier run away if cases are
/// not perturbed.
///
/// # Errors
/// If it cannot be written, and why not.
pub fn perturbed(folder: &Folder, layout: &Layout, done: &Done<'_>) -> Result<(), String> {
    match layout.perturbations.as_ref().filter(|of| of.moved() > 0) {
        None => folder.remove(PERTURBED),
        Some(perturbations) => folder.write(PERTURBED, |out| rows(out, layout, perturbations, done)),
    }
}

/// Writes `controls.csv`, a row for each case, negative control and region, in this order; takes one of an earlier run away if there
/// are no controls.
///
/// # Errors
/// If it cannot be written, and why not.
pub fn controls(folder: &Folder, layout: &Layout, done: &Done<'_>) -> Result<(), String> {
    match layout.perturbations.as_ref().filter(|of| of.controls().next().is_some()) {
        None => folder.remove(CONTROLS),
        Some(perturbations) => folder.write(CONTROLS, |out| rows_of_controls(out, layout, perturbations, done)),
    }
}

fn rows_of_controls(
    out: &mut dyn Write,
    layout: &Layout,
    perturbations: &Perturbations,
    done: &Done<'_>,
) -> io::Result<()> {
    let mut out = csv::Writer::from_writer(out);
    for name in ["case", "region", "control", "where", "reason"] {
        out.write_field(name)?;
    }
    out.write_record(layout.columns.iter().map(|column| column.name.as_str()))?;
    done.each(|case, outcome| {
        for (of, perturbed) in perturbations.all.iter().zip(&outcome.perturbed) {
            let Some(Control { kind, place }) = of.control else { continue };
            for row in &perturbed.rows {
                let region = layout.region_label(row.region, row.component);
                for cell in [case.name.as_str(), &region, kind.word(), place.word(), absent(row).unwrap_or_default()] {
                    out.write_field(cell)?;
                }
                out.write_record(row.values.iter().map(|value| value.as_ref().map(cell_of).unwrap_or_default()))?;
            }
        }
        Ok(())
    })?;
    out.flush()
}

fn rows(out: &mut dyn Write, layout: &Layout, perturbations: &Perturbations, done: &Done<'_>) -> io::Result<()> {
    let mut out = csv::Writer::from_writer(out);
    // The noise of the first scan has no word, as its attributes have none.
    let of_scan = |(at, scan): (usize, &String)| match at {
        0 => "noise_sd".to_owned(),
        _ => format!("noise_sd.{scan}"),
    };
    for name in ["case", "region"].into_iter().chain(DONE) {
        out.write_field(name)?;
    }
    for name in perturbations.scans.iter().enumerate().map(of_scan) {
        out.write_field(name)?;
    }
    out.write_field("reason")?;
    out.write_record(layout.columns.iter().map(|column| column.name.as_str()))?;
    done.each(|case, outcome| {
        for (at, (of, perturbed)) in
            perturbations.all.iter().zip(&outcome.perturbed).enumerate().take(perturbations.moved())
        {
            for row in &perturbed.rows {
                out.write_field(&case.name)?;
                out.write_field(layout.region_label(row.region, row.component))?;
                for cell in cells(at, of) {
                    out.write_field(cell)?;
                }
                for scan in 0..perturbations.scans.len() {
                    let sd = perturbed.noise_sd.get(scan).copied().flatten();
                    out.write_field(sd.map(number).unwrap_or_default())?;
                }
                out.write_field(absent(row).unwrap_or_default())?;
                out.write_record(row.values.iter().map(|value| value.as_ref().map(cell_of).unwrap_or_default()))?;
            }
        }
        Ok(())
    })?;
    out.flush()
}

/// The cells of a perturbation, whose number is one more than its place.
fn cells(at: usize, of: &Perturbation) -> [String; DONE.len()] {
    let Perturbation { rotation_deg, translation: [x, y, z], noise, volume_change, control: _ } = *of;
    let [angle, x, y, z, change] = [rotation_deg, x, y, z, volume_change].map(number);
    [(at + 1).to_string(), angle, x, y, z, change, noise.to_string()]
}

fn cell_of(value: &FeatureValue) -> String {
    value.as_ref().map(|value| number(*value)).unwrap_or_default()
}
