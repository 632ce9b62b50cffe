//! What was found of each case, as a table and as JSON.

use std::path::Path;

use serde_json::json;
use voxomics_engine::{
    cases::Case,
    inspect::{Inspection, RegionFound},
    plan::Plan,
};

use super::Opened;
use crate::{
    short,
    terminal::{count, name, verb},
};

const HEADER: [&str; 7] = ["case", "size", "spacing, mm", "modality", "region", "voxels", "ml"];

/// Columns of numbers stand on the right.
const NUMBERS: [usize; 2] = [5, 6];

/// A row for each region, and below each case what is wrong with it.
pub fn print(opened: &Opened) {
    let tables: Vec<Vec<[String; 7]>> = opened.done.iter().map(|(case, inspection)| rows(case, inspection)).collect();
    let rows = || tables.iter().flatten();
    let width = |column: usize| {
        let cells = rows().map(|row| row[column].chars().count());
        cells.chain([HEADER[column].len()]).max().unwrap_or_default()
    };
    let widths: [usize; 7] = std::array::from_fn(width);
    say!();
    line(&HEADER, &widths);
    for ((_, inspection), rows) in opened.done.iter().zip(&tables) {
        for row in rows {
            line(row, &widths);
        }
        for fault in &inspection.faults {
            let region = fault.region.as_ref().map(|region| format!(" ({region})")).unwrap_or_default();
            say!("  failed: {}{region}: {}", fault.stage, fault.message);
        }
        for warning in &inspection.warnings {
            say!("  warning: {warning}");
        }
    }
    let failed = opened.failed();
    let cases = count(opened.cases, "case");
    let (fine, are) = (opened.done.len() - failed, verb(opened.cases, "is", "are"));
    say!("\n{fine} of {cases} {are} fine, {failed} failed");
    if opened.done.len() < opened.cases {
        say!("given up after {} of {cases}", opened.done.len());
    }
}

fn line<T: AsRef<str>>(cells: &[T; 7], widths: &[usize; 7]) {
    let mut line = String::new();
    for (column, (cell, width)) in cells.iter().zip(widths).enumerate() {
        let (cell, width) = (cell.as_ref(), *width);
        line += &if NUMBERS.contains(&column) { format!("{cell:>width$}  ") } else { format!("{cell:<width$}  ") };
    }
    say!("{}", line.trim_end());
}

fn rows(case: &Case, inspection: &Inspection) -> Vec<[String; 7]> {
    let times = |list: [String; 3]| list.join(" × ");
    let unknown = || "–".to_owned();
    let mut first = [
        name(&case.name),
        inspection.dims.map_or_else(unknown, |dims| times(dims.map(|n| n.to_string()))),
        inspection.spacing_mm.map_or_else(unknown, |spacing| times(spacing.map(short))),
        inspection.modality.clone().unwrap_or_else(unknown),
        unknown(),
        String::new(),
        String::new(),
    ];
    let of_region = |row: &mut [String; 7], region: &RegionFound| {
        row[4].clone_from(&region.region);
        row[5] = region.voxels.to_string();
        row[6] = format!("{:.3}", region.millilitres);
    };
    let mut regions = inspection.regions.iter();
    if let Some(region) = regions.next() {
        of_region(&mut first, region);
    }
    let mut rows = vec![first];
    for region in regions {
        let mut row = <[String; 7]>::default();
        of_region(&mut row, region);
        rows.push(row);
    }
    rows
}

/// The plan and every case; what a path has that is not UTF-8 is replaced.
pub fn json(plan: &Plan, opened: &Opened) -> serde_json::Value {
    let text = |path: &Path| path.display().to_string();
    let cases = opened.done.iter().map(|(case, inspection)| {
        json!({
            "case": case.name, "image": text(&case.image), "mask": text(&case.mask),
            "found": inspection, "fine": inspection.faults.is_empty(),
        })
    });
    json!({
        "experiment": plan.name,
        "plan": plan.record(),
        "cases_in_list": opened.cases,
        "cases_failed": opened.failed(),
        "cancelled": opened.done.len() < opened.cases,
        "cases": cases.collect::<Vec<_>>(),
    })
}
