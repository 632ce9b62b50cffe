//! Pictures as files: their names, and one for each component that is a region of its own.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::{Missed, Options, STAGE, render};
use crate::{
    cases::Case,
    host::CaseHost,
    output::Folder,
    plan::Plan,
    stages::{Fault, delineate, found::Found, load::Image, space::Space},
};

/// More components than these, largest first, get no picture: a noisy mask has thousands.
const MOST_PICTURES: usize = 20;

/// Where the pictures of a case go.
#[derive(Debug, Clone, Copy)]
pub struct Pictures<'a> {
    /// The folder.
    pub folder: &'a Folder,
    /// The name of the file, without its end; see [`file_stems`].
    pub stem: &'a str,
}

impl Pictures<'_> {
    /// The name of a picture of the case that is there, of the first component if each has one.
    pub fn any(&self) -> Option<String> {
        let names = [format!("{}.png", self.stem), format!("{}.1.png", self.stem)];
        names.into_iter().find(|name| self.folder.path().join(name).is_file())
    }
}

/// A picture of the case, or one of each component that is a region of its own; returns their names. Of a case without any region the
/// scan is shown, with the reason.
///
/// # Errors
/// If a file cannot be written, or the memory does not suffice.
pub fn write(
    plan: &Plan,
    space: &Space<'_>,
    (found, missed): (&[Found], Missed<'_>),
    metadata: &serde_json::Map<String, Json>,
    pictures: Pictures<'_>,
    host: &CaseHost,
) -> Result<Vec<String>, Fault> {
    let mut components: Vec<Option<usize>> = found.iter().map(|found| found.component).collect();
    components.sort_unstable();
    components.dedup();
    if components.is_empty() {
        components.push(None);
    }
    let left_out = components.len().saturating_sub(MOST_PICTURES);
    if left_out > 0 {
        host.warn(format!("{left_out} of {} components, the smallest ones, have no picture", components.len()));
    }
    let mut names = Vec::new();
    for component in components.into_iter().take(MOST_PICTURES) {
        let title = match component {
            None => pictures.stem.to_owned(),
            Some(number) => format!("{}, component {number}", pictures.stem),
        };
        let options = Options { title: &title, component, missed, ..Options::default() };
        let picture = render(space, found, plan, metadata, &options)?;
        let name = match component {
            None => format!("{}.png", pictures.stem),
            Some(number) => format!("{}.{number}.png", pictures.stem),
        };
        let png = picture.png().map_err(|cause| Fault::new(STAGE, cause))?;
        pictures.folder.write(&name, |out| out.write_all(&png)).map_err(|cause| Fault::new(STAGE, cause))?;
        names.push(name);
    }
    Ok(names)
}

/// A picture of a case whose regions could not be looked for at all, because of a fault: the scan, with the reason. There is none where
/// the experiment cuts the scan to a region.
///
/// # Errors
/// As of [`write()`].
pub fn write_without(
    plan: &Plan,
    case: &Case,
    (image, fault): (&Image, &Fault),
    scan: Option<&str>,
    pictures: Pictures<'_>,
    host: &CaseHost,
) -> Result<Vec<String>, Fault> {
    if plan.prepare.is_some_and(|prepare| prepare.margin_voxels.is_some()) {
        return Ok(Vec::new());
    }
    let space = delineate::space(plan, case, image)?;
    let missed = Missed { scan, faults: std::slice::from_ref(fault), lacking: &[] };
    write(plan, &space, (&[], missed), &image.metadata, pictures, host)
}

/// Names of files for names of cases, without an end: no two alike, even where upper and lower case are one, and none
/// with a dot or with characters that mean something to a system.
pub fn file_stems<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    /// Systems allow 255 bytes; numbers and ends follow.
    const MOST_BYTES: usize = 150;
    let mut taken = BTreeSet::new();
    let stem = |name: &str| {
        let safe = |c: char| if c.is_alphanumeric() || c == '-' { c } else { '_' };
        let mut stem = String::new();
        for c in name.chars().map(safe) {
            if stem.len() + c.len_utf8() > MOST_BYTES {
                break;
            }
            stem.push(c);
        }
        let mut unique = stem.clone();
        let mut number = 2_usize;
        while !taken.insert(unique.to_lowercase()) {
            unique = format!("{stem}-{number}");
            number += 1;
        }
        unique
    };
    names.into_iter().map(stem).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_cases_share_a_file() {
        let names = ["a/b", "a_b", "A B", "a.b", "a_b-2", "..", "é", "x"];
        let stems = file_stems(names);
        assert_eq!(stems, ["a_b", "a_b-2", "A_B-3", "a_b-4", "a_b-2-2", "__", "é", "x"]);
        let long = "ü".repeat(400);
        let stems = file_stems([long.as_str(), long.as_str()]);
        assert!(stems.iter().all(|stem| stem.len() < 200) && stems[0] != stems[1]);
    }
}
