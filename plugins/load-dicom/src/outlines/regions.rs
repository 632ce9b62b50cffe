//! The regions that a file lists, and which of them are wanted.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};
use voxomics_sdk::Selection;

use super::Job;
use crate::error::ReadError;

/// So many regions are listed in an error.
const LISTED: usize = 100;

/// A region as the file lists it.
#[derive(Debug, Clone, PartialEq)]
pub struct Listed {
    /// `ROINumber` or `SegmentNumber`.
    pub number: i64,
    /// `ROIName` or `SegmentLabel`; may be empty.
    pub name: String,
    /// Whether anything is drawn for it.
    pub is_drawn: bool,
}

/// The regions that a selection wants, by their places in the list.
///
/// # Errors
/// If there are none, or if two of them have one number.
pub fn wanted(job: &Job<'_, '_>, all: &[Listed]) -> Result<Vec<usize>, ReadError> {
    let selection: &Selection = &job.request.selection;
    if all.is_empty() {
        return Err(job.unfit("it lists no region, expected one at least; export it again"));
    }
    let wanted: Vec<usize> = (0..all.len()).filter(|&i| selection.wants(all[i].number as f64, &all[i].name)).collect();
    if wanted.is_empty() {
        let names: Vec<String> = selection.regions.iter().map(|name| format!("`{name}`")).collect();
        return Err(job.unfit(format!("no region is {}; it has {}", names.join(" or "), list(all))));
    }
    let mut owners: BTreeMap<i64, Vec<&str>> = BTreeMap::new();
    all.iter().for_each(|region| owners.entry(region.number).or_default().push(&region.name));
    for &i in &wanted {
        if let Some([first, second, ..]) = owners.get(&all[i].number).map(Vec::as_slice) {
            return Err(job.unfit(format!(
                "the regions `{first}` and `{second}` both have the number {}: which outlines are whose is in doubt; export \
                 it again",
                all[i].number
            )));
        }
    }
    Ok(wanted)
}

/// The regions as `#number name`.
pub fn list(all: &[Listed]) -> String {
    let shown = |region: &Listed| {
        let note = if region.is_drawn { "" } else { " (nothing drawn)" };
        format!("`#{} {}`{note}", region.number, region.name)
    };
    let mut shown: Vec<String> = all.iter().take(LISTED).map(shown).collect();
    if all.len() > LISTED {
        shown.push(format!("{} more", all.len() - LISTED));
    }
    shown.join(", ")
}

/// The label of a region: its number; but 0 is the background of every mask, and a region of that number gets the number
/// after the largest.
pub fn label(job: &Job<'_, '_>, all: &[Listed], region: &Listed) -> f64 {
    if region.number != 0 {
        return region.number as f64;
    }
    let label = all.iter().map(|region| region.number).max().unwrap_or(0).max(0) as f64 + 1.0;
    job.warn(&format!(
        "region `{}` has the number 0, which marks the background in a mask: its label is {label}",
        region.name
    ));
    label
}

/// All regions of the file under the key `regions`.
pub fn metadata(all: &[Listed]) -> BTreeMap<String, Json> {
    let regions: Vec<Json> = all.iter().map(|region| json!({ "number": region.number, "name": region.name })).collect();
    BTreeMap::from([("regions".to_owned(), Json::Array(regions))])
}

/// Tells of regions that hold nothing.
///
/// # Errors
/// If no other region was drawn.
pub fn check_empty(job: &Job<'_, '_>, empty: &[(String, String)], drawn: usize) -> Result<(), ReadError> {
    let lines: Vec<String> = empty.iter().map(|(name, why)| format!("`{name}` {why}")).collect();
    match (lines.is_empty(), drawn) {
        (true, _) => {}
        (false, 0) => return Err(job.unfit(format!("empty region: {}", lines.join("; ")))),
        // Whoever names a region expects it; of all regions of a file some are often empty.
        (false, _) if job.request.selection.regions.is_empty() => job.note(&lines.join("; ")),
        (false, _) => job.warn(&lines.join("; ")),
    }
    Ok(())
}
