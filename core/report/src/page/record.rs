//! How the results came about.

use crate::{
    page::{Gallery, Section},
    study::{Plugin, Record},
    table::{Cell, Column, Table},
};

/// The section of the record.
pub fn section(record: &Record, gallery: &mut Gallery) -> Section {
    let mut section = Section::new("record".into(), "Record of the run");
    section.fact(
        "Program",
        if record.version.is_empty() { String::new() } else { format!("Voxomics {}", record.version) },
    );
    if !record.program.is_empty() {
        section.fact("Made from", &record.program);
    }
    section.fact("Seed", record.seed.to_string());
    if !record.plugins.is_empty() {
        let heads = ["Plugin", "Version", "Vendor", "Licence", "Known", "Ran"].map(Column::text);
        let columns = heads.into_iter().chain([Column::digest("SHA-256")]).collect();
        let rows = record.plugins.iter().map(|plugin| {
            let Plugin { name, version, vendor, licence, sha256, known, runs, ours: _ } = plugin;
            [name, version, vendor, licence, known, runs, sha256].map(Cell::text).to_vec()
        });
        let table = Table::new("plugins", "Plugins that were loaded.", columns).with(rows);
        section.table(gallery.table("record", table));
        let shared: Vec<&str> = record
            .plugins
            .iter()
            .filter(|plugin| !plugin.ours && plugin.runs == "in-process")
            .map(|plugin| &*plugin.name)
            .collect();
        if !shared.is_empty() {
            section.notes.push(format!(
                "Not isolated (isolation = \"none\", or a system without workers): {}. This code did not come with the program and ran in \
                 the program’s own process, where it could have changed any number of this study.",
                shared.join(", ")
            ));
        }
    }
    if !record.files.is_empty() {
        let columns = vec![Column::text("Setting"), Column::digest("SHA-256")];
        let rows = record.files.iter().map(|file| [&file.setting, &file.sha256].map(Cell::text).to_vec());
        let table = Table::new("files", "Files beside the scans.", columns).with(rows);
        section.table(gallery.table("record", table));
    }
    if !record.started.is_empty() {
        section.notes.push(
            "When the run began, how it was called and how long its stages took is in study.json, and not on this page: made \
             again from the same, the page has the same bytes."
                .into(),
        );
    }
    section
}
