//! The report of a study: one HTML file, its figures as SVG and its tables as CSV.
//!
//! The page needs nothing but itself: no network, no other file. What comes from data is escaped wherever it goes, so
//! that the name of a patient or a column can never act. The same study gives the same bytes.

mod draw;
mod error;
mod figure;
mod files;
mod number;
mod page;
pub mod study;
mod table;
mod template;

use std::path::Path;

pub use error::Error;
pub use files::written;
pub use number::count;

use crate::{files::Folder, page::Gallery, study::Study};

/// Name of the page.
const PAGE: &str = "report.html";

/// Writes the report of a study to the folder `out`: `report.html`, `figures/*.svg`, `tables/*.csv`.
///
/// `results` is the folder of the results, which the pictures of the lesions are relative to. Every file is written
/// through a temporary one; `report.html` comes last, and `report.files` lists what was written, so that the next report
/// at the same place takes away figures and tables that it does not have.
///
/// # Errors
/// Which file cannot be written, or which picture cannot be read or shown, and why not.
pub fn write(study: &Study, results: &Path, out: &Path) -> Result<(), Error> {
    let mut gallery = Gallery::new(study.simulated);
    let page = page::build(study, results, &mut gallery)?;
    let html = template::set(&page).map_err(|cause| Error::Page { path: out.join(PAGE), cause })?;
    let mut folder = Folder::create(out)?;
    for (name, svg) in &gallery.figures {
        folder.write(name, svg.as_bytes())?;
    }
    for (name, table) in &gallery.tables {
        let csv = table.csv().map_err(|cause| Error::Write { path: folder.at(name), cause })?;
        folder.write(name, &csv)?;
    }
    folder.write(PAGE, html.as_bytes())?;
    folder.finish()
}
