//! The report of a study: a page, its patients in parts beside it, its figures as SVG and its tables as CSV; and figures of panels for
//! journals, as SVG and PDF.
//!
//! The page holds the study, however many patients there are. A part of the patients is loaded when one of them is opened. Nothing
//! needs a network or a server. What comes from data is escaped wherever it goes, so that the name of a patient or a column can
//! never act, and the page's own policy forbids anything that it does not bring. The same study gives the same bytes.

mod card;
mod draw;
mod error;
mod essence;
mod figure;
mod files;
mod labelled;
mod number;
mod page;
mod panels;
mod parts;
pub mod study;
mod table;
mod template;
mod words;

use std::path::Path;

pub use card::{ModelCard, model_cards};
pub use error::Error;
pub use files::written;
pub use number::count;
pub use panels::{Drawn, figures, least_mm, width_mm};

use crate::{
    files::Folder,
    page::{Gallery, patients::Shown},
    study::Study,
    template::Templates,
    words::Words,
};

/// The lesions of a patient over time as an SVG of its own; none where no volume is known.
pub fn course(patient: &str, lesions: &[study::OverTime]) -> Option<String> {
    let figure = figure::course(lesions)?;
    let title = format!("Lesions of {patient} over time");
    let svg = figure.drawing.finish("course", &title, &figure.description, false);
    Some(format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{svg}\n"))
}

/// Name of the page.
const PAGE: &str = "report.html";

/// Writes the report of a study to the folder `out`: `report.html`, `patients/*.js`, `figures/*.svg`, `tables/*.csv`. With
/// `single_file`, the patients are in `report.html`.
///
/// `results` is the folder of the results, which the pictures of the lesions are relative to. Every file is written
/// through a temporary one; `report.html` comes last, and `report.files` lists what was written, so that the next report
/// at the same place takes away what it does not have. At no time is more than one part of the patients in memory.
///
/// # Errors
/// Which file cannot be written, or which picture cannot be read or shown, and why not.
pub fn write(study: &Study, results: &Path, out: &Path) -> Result<(), Error> {
    let mut gallery = Gallery::new(study.simulated);
    let words = Words::new(study);
    let page = page::build(study, &words, &mut gallery);
    let of_page = |cause| Error::Page { path: out.join(PAGE), cause };
    let templates = Templates::new(study.simulated, gallery.widths()).map_err(of_page)?;
    let html = templates.page(&page).map_err(of_page)?;
    let mut folder = Folder::create(out)?;
    for (name, svg) in &gallery.figures {
        folder.write(name, svg.as_bytes())?;
    }
    for (name, table) in &gallery.tables {
        let csv = table.csv().map_err(|cause| Error::Write { path: folder.at(name), cause })?;
        folder.write(name, &csv)?;
    }
    for (file, rows) in page.patients.tables() {
        folder.fill(file, |out| {
            let mut out = csv::Writer::from_writer(out);
            rows(&study.patients, &mut out).map_err(std::io::Error::from)?;
            Ok(out.flush()?)
        })?;
    }
    if study.single_file {
        folder.fill(PAGE, |out| parts::within(&html, &Shown { study, words: &words, results }, &templates, out))?;
    } else {
        parts::beside(&Shown { study, words: &words, results }, &templates, &mut folder)?;
        folder.write(PAGE, html.as_bytes())?;
    }
    folder.finish()
}
