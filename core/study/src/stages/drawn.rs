//! The report as files, and figures of panels beside it.

use std::path::PathBuf;

use voxomics_engine::{
    experiment::{Origin, study::Study as Stated},
    output::{self, Folder},
};
use voxomics_report::{Drawn, study::Study};

use crate::assemble;

/// The folder of the figures of panels.
pub const FIGURES: &str = "figures";

/// Draws the report.
///
/// # Errors
/// Which file, and why not.
pub fn report(result: &Study, folder: &Folder) -> Result<PathBuf, String> {
    const REPORT: &str = "report";
    let out = folder.path().join(REPORT);
    folder.fill_below(REPORT, |aside| {
        voxomics_report::write(result, folder.path(), aside).map_err(|error| error.to_string())?;
        match folder.defuses() {
            true => output::defuse_in(&aside.join("tables")),
            false => Ok(()),
        }
    })?;
    Ok(out.join("report.html"))
}

/// Draws the figures of panels; those of an earlier run go.
///
/// # Errors
/// Which file, and why not.
pub fn figures(result: &Study, folder: &Folder) -> Result<Drawn, String> {
    if result.figures.is_empty() {
        folder.clear_below(FIGURES)?;
        return Ok(Drawn::default());
    }
    let mut drawn = Drawn::default();
    folder.fill_below(FIGURES, |aside| {
        drawn = voxomics_report::figures(result, aside).map_err(|error| error.to_string())?;
        Ok(())
    })?;
    Ok(drawn)
}

/// Panels that have too little room for what they show, each with its place.
pub fn narrow(stated: &Stated) -> Vec<(Origin, String)> {
    let mut found = Vec::new();
    for figure in &stated.figures {
        let drawn = assemble::figure(figure);
        for (at, (row, shown)) in figure.rows.iter().zip(&drawn.rows).enumerate() {
            let width = voxomics_report::width_mm(&drawn, at);
            for (panel, shown) in row.iter().zip(shown) {
                let least = voxomics_report::least_mm(shown.shows, drawn.text_pt);
                if width < least {
                    let (name, word, size) = (&figure.name, panel.shows.word(), figure.text_pt);
                    let said = format!(
                        "[figures.{name}] gives `{word}` {width:.0} mm, and it needs {least:.0} mm with text of {size} pt: put fewer panels \
                         into the row, or make the figure wider or its text smaller"
                    );
                    found.push((panel.origin.clone(), said));
                }
            }
        }
    }
    found
}
