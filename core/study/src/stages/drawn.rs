//! The report as files.

use std::path::PathBuf;

use voxomics_engine::output::{self, Folder};
use voxomics_report::study::Study;

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
