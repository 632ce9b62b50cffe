//! What exporters made, as files.

use std::path::Path;

use crate::{output::Folder, plan::Plan, preview, stages::export::Exported};

use super::Summary;

/// The folder of what exporters make: one below it for each exporter, and in that one for each case.
pub const EXPORT: &str = "export";

/// Writes what exporters made; what an earlier run exported goes.
pub(super) fn exports(plan: &Plan, summary: &Summary, folder: &Folder) -> Result<(), String> {
    if plan.exporters.is_empty() {
        // A folder of this name may be somebody's own.
        return folder.clear_below(EXPORT);
    }
    let stems = preview::file_stems(summary.done.iter().map(|case| case.name.as_str()));
    folder.fill_below(EXPORT, |aside| {
        for (stem, kept) in stems.iter().zip(&summary.kept) {
            for (exporter, name, bytes) in &kept.exported {
                write(aside, exporter, stem, name, || summary.waiting.get_bytes(bytes))?;
            }
        }
        Ok(())
    })
}

/// Writes what exporters made of a case into the folder of all.
///
/// # Errors
/// Which file cannot be written, and why not.
pub fn write_exported(aside: &Path, stem: &str, made: &[Exported]) -> Result<(), String> {
    for Exported { exporter, files } in made {
        for file in files {
            write(aside, exporter, stem, &file.name, || Ok(&file.bytes))?;
        }
    }
    Ok(())
}

fn write<B: AsRef<[u8]>>(
    aside: &Path,
    exporter: &str,
    stem: &str,
    name: &str,
    bytes: impl FnOnce() -> std::io::Result<B>,
) -> Result<(), String> {
    let path = aside.join(exporter).join(stem).join(name);
    let written =
        std::fs::create_dir_all(path.parent().unwrap_or(aside)).and_then(|()| std::fs::write(&path, bytes()?));
    written.map_err(|cause| format!("cannot write {}: {cause}", path.display()))
}
