//! Patients beside the page of the study: the list of all, and parts of a few, each loaded when one of its patients is opened.
//!
//! A page that comes from a file may not fetch other files, but it may run scripts that it names. So the list and the parts are
//! scripts that hand data over. In a report of one file they are blocks of data within the page.

use std::io::{self, Write};

use serde::Serialize;

use crate::{
    Error,
    files::{Folder, Piece},
    page::patients::Shown,
    study::Patient,
    template::Templates,
};

/// Patients of a part: so few that a part is there at once, and so many that ten thousand patients are some hundred files.
const OF_A_PART: usize = 20;

/// What the template has where the blocks of data of a report of one file go.
const PLACE: &str = "<!--patients-->";

/// Writes the list and the parts as files of the folder `patients`.
///
/// # Errors
/// Which file cannot be written, or which picture cannot be shown, and why not.
pub fn beside(shown: &Shown<'_>, templates: &Templates, folder: &mut Folder<'_>) -> Result<(), Error> {
    let patients = &shown.study.patients;
    if patients.is_empty() {
        return Ok(());
    }
    folder.fill("patients/list.js", |out| {
        out.write_all(b"voxomics.list(")?;
        data(&shown.list(OF_A_PART), out)?;
        Ok(out.write_all(b");\n")?)
    })?;
    for (at, part) in patients.chunks(OF_A_PART).enumerate() {
        let number = at + 1;
        let pages = pages(part, shown, templates)?;
        folder.fill(&format!("patients/part-{number:03}.js"), |out| {
            write!(out, "voxomics.part({number},")?;
            data(&pages, out)?;
            Ok(out.write_all(b");\n")?)
        })?;
    }
    Ok(())
}

/// Writes a page with the list and the parts within it.
///
/// # Errors
/// What cannot be written, or which picture cannot be shown, and why not.
pub fn within(html: &str, shown: &Shown<'_>, templates: &Templates, out: &mut dyn Write) -> Result<(), Piece> {
    let Some((before, after)) = html.split_once(PLACE) else {
        return Ok(out.write_all(html.as_bytes())?);
    };
    out.write_all(before.as_bytes())?;
    block("list", &shown.list(OF_A_PART), out)?;
    for (at, part) in shown.study.patients.chunks(OF_A_PART).enumerate() {
        block(&format!("part-{:03}", at + 1), &pages(part, shown, templates)?, out)?;
    }
    Ok(out.write_all(after.as_bytes())?)
}

/// What is shown of each patient of a part.
fn pages(part: &[Patient], shown: &Shown<'_>, templates: &Templates) -> Result<Vec<String>, Error> {
    part.iter().map(|patient| templates.patient(&shown.view(patient)?)).collect()
}

fn block(name: &str, content: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    write!(out, "<script type=\"application/json\" id=\"data-{name}\">")?;
    data(content, out)?;
    out.write_all(b"</script>\n")
}

/// JSON that no page takes for anything else.
fn data(content: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer(Guarded(out), content).map_err(Into::into)
}

/// Writes JSON without the sign that an element begins with, which JSON has in texts alone.
struct Guarded<'a>(&'a mut dyn Write);

impl Write for Guarded<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for (at, piece) in bytes.split(|byte| *byte == b'<').enumerate() {
            if at > 0 {
                self.0.write_all(b"\\u003c")?;
            }
            self.0.write_all(piece)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_cannot_end_its_element_and_says_the_same() {
        let said = ["</script><!-- <", "a\u{2028}\"\\"];
        let mut out = Vec::new();
        data(&said, &mut out).expect("written");
        assert!(!out.contains(&b'<'));
        assert_eq!(serde_json::from_slice::<Vec<String>>(&out).expect("JSON"), said);
    }
}
