//! `voxomics diff`.

mod explain;
mod page;

use std::{collections::BTreeMap, path::PathBuf, process::ExitCode};

use clap::Args;
use voxomics_engine::{
    output,
    results::diff::{self, Cause, Diff, Kind, Table},
};

use crate::{Refused, terminal::count};

#[derive(Args)]
pub struct Arguments {
    /// A folder of results.
    a: PathBuf,
    /// Another one.
    b: PathBuf,
    /// Relative difference up to which two numbers are counted as close.
    #[arg(long, value_name = "T", default_value_t = 1e-12)]
    tolerance: f64,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// Write a page.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Compute one case under both, and name the first stage that gives something else.
    #[arg(long, value_name = "CASE")]
    explain: Option<String>,
    /// With --explain: look below this folder for files that are no longer where they were; they are known by their bytes.
    #[arg(long, value_name = "FOLDER", requires = "explain")]
    inputs: Option<PathBuf>,
    /// With --explain: the key of results with pseudonyms.
    #[arg(long, value_name = "KEYFILE", requires = "explain")]
    pseudonymise: Option<PathBuf>,
}

/// What `diff --help` says at the end.
pub const HELP: &str = "\
Exit codes: 0, every table is the same to the last bit; 1, something differs; 2, the two cannot be compared.

Example:
  voxomics diff results-2025 results-2026 --html diff.html";

/// Compares two folders of results.
pub fn diff(arguments: &Arguments) -> Result<ExitCode, Refused> {
    let found = diff::folders(&arguments.a, &arguments.b, arguments.tolerance)?;
    if arguments.json {
        say!("{:#}", serde_json::json!(found));
    } else {
        print(&found);
    }
    if let Some(path) = &arguments.html {
        let page = page::page(&found);
        output::write_alone(path, |out| out.write_all(page.as_bytes()))?;
    }
    if let Some(case) = &arguments.explain {
        let (inputs, key) = (arguments.inputs.as_deref(), arguments.pseudonymise.as_deref());
        explain::explain(&found, [&arguments.a, &arguments.b], case, inputs, key)?;
    }
    Ok(ExitCode::from(u8::from(!found.is_same())))
}

fn print(found: &Diff) {
    for table in &found.tables {
        lines(table, found.tolerance).iter().for_each(|line| say!("{line}"));
    }
    for line in causes(&found.causes) {
        say!("{line}");
    }
    if found.ambiguous > 0 {
        let (values, may) = (count(found.ambiguous, "value"), "may have several of these causes");
        say!("{values} {may}: --explain CASE tells where a case parts");
    }
    if found.unexplained > 0 {
        say!("{} with no cause that is known", count(found.unexplained, "value"));
    }
    found.remarks.iter().for_each(|remark| say!("remark: {remark}"));
}

/// A table in words.
fn lines(table: &Table, tolerance: f64) -> Vec<String> {
    let name = &table.name;
    if table.is_same() {
        return vec![format!("{name}: the same, {}", count(table.values, "value"))];
    }
    let mut lines = Vec::new();
    if table.differ > 0 {
        lines.push(format!(
            "{name}: {} of {} differ, {} by more than {tolerance:e}; in {} and {}",
            table.differ,
            count(table.values, "value"),
            table.beyond,
            count(table.cases.len(), "case"),
            count(table.columns.len(), "column")
        ));
    }
    if let Some((_, column, row, a, b)) = &table.largest {
        lines.push(format!("  the largest: `{column}` of {row}: {} and {}", shown(a), shown(b)));
    }
    for (which, (rows, first)) in ["first", "second"].iter().zip(&table.only) {
        if let Some(first) = first {
            lines.push(format!("{name}: {} only in the {which}, as {first}", count(*rows, "row")));
        }
    }
    for (which, columns) in ["first", "second"].iter().zip(&table.only_columns) {
        if let Some(column) = columns.first() {
            lines.push(format!("{name}: {} only in the {which}, as `{column}`", count(columns.len(), "column")));
        }
    }
    lines
}

fn shown(cell: &str) -> &str {
    if cell.is_empty() { "nothing" } else { cell }
}

/// Causes of one kind that a line lists at most.
const LISTED: usize = 5;

/// The causes in words, those that explain most first; inputs and rows of many cases together.
fn causes(causes: &[Cause]) -> Vec<String> {
    let mut groups: BTreeMap<Kind, Vec<&Cause>> = BTreeMap::new();
    causes.iter().for_each(|cause| groups.entry(cause.kind).or_default().push(cause));
    let mut lines = Vec::new();
    for (kind, mut of_kind) in groups {
        of_kind.sort_by_key(|cause| std::cmp::Reverse(cause.values));
        for cause in of_kind.iter().take(if kind == Kind::Setting { usize::MAX } else { LISTED }) {
            let [a, b] = &cause.values_of_it;
            let can = match cause.values {
                0 => "changes no value here".into(),
                values => format!("can explain {}", count(values, "value")),
            };
            lines.push(format!("cause: {}{}: {a} and {b}; {can}", word(kind), cause.what));
        }
        if kind != Kind::Setting && of_kind.len() > LISTED {
            let values: usize = of_kind[LISTED..].iter().map(|cause| cause.values).sum();
            let more = count(of_kind.len() - LISTED, "further cause");
            lines.push(format!("cause: {more} of this kind; they can explain {}", count(values, "value")));
        }
    }
    lines
}

fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Input => "the bytes of ",
        Kind::Setting => "the setting ",
        Kind::Plugin => "the plugin ",
        Kind::Program | Kind::Machine => "",
        Kind::File => "the file of ",
        Kind::Row => "the list's row: ",
    }
}
