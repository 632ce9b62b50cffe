//! How the results came about.

use crate::{
    number,
    page::{Gallery, Section},
    study::Record,
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
    section.fact("Begun", &record.started);
    section.fact("Seed", record.seed.to_string());
    section.code("Command", &record.command.join(" "));
    if !record.stages.is_empty() {
        let columns = vec![Column::text("Stage"), Column::number("Seconds"), Column::text("What it did")];
        let rows = record.stages.iter().map(|stage| {
            let shown = format!("{:.1}", stage.seconds.max(0.0));
            let seconds = if stage.seconds.is_finite() { shown } else { number::ABSENT.to_owned() };
            let seconds = Cell::both(seconds, number::exact(Some(stage.seconds)));
            vec![Cell::text(&stage.name), seconds, Cell::text(&stage.note)]
        });
        let table = Table::new("stages", "Stages of the run.", columns).with(rows);
        section.table(gallery.table("record", table));
    }
    if !record.plugins.is_empty() {
        let heads = ["Plugin", "Version", "Vendor", "Licence"].map(Column::text);
        let columns = heads.into_iter().chain([Column::digest("SHA-256")]).collect();
        let rows = record.plugins.iter().map(|plugin| {
            [&plugin.name, &plugin.version, &plugin.vendor, &plugin.licence, &plugin.sha256].map(Cell::text).to_vec()
        });
        let table = Table::new("plugins", "Plugins that were loaded.", columns).with(rows);
        section.table(gallery.table("record", table));
    }
    if !record.files.is_empty() {
        let columns = vec![Column::digest("File"), Column::digest("SHA-256")];
        let rows = record.files.iter().map(|file| [&file.path, &file.sha256].map(Cell::text).to_vec());
        let table = Table::new("files", "Files beside the scans.", columns).with(rows);
        section.table(gallery.table("record", table));
    }
    section
}
