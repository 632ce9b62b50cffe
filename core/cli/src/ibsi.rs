//! `voxomics ibsi`.

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, Subcommand};
use voxomics_engine::{
    ibsi::{self, Comparison, suv},
    table::number,
};

use crate::{CODE_CASES_FAILED, Refused};

#[derive(Args)]
pub struct Arguments {
    /// A folder of reference data, or of such folders: image, mask and reference.csv of IBSI 1; tests.csv with phantoms and
    /// response maps, or tests.json and reference.csv, of IBSI 2; a patient of its third phase, with ibsi2_consensus.csv. Without it, the digital phantom that the program carries.
    #[arg(long, value_name = "FOLDER")]
    reference: Option<PathBuf>,
    /// Print every value as JSON.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    verb: Option<Verb>,
}

#[derive(Subcommand)]
enum Verb {
    /// Compare SUV by body weight with IBSI's digital reference objects of PET: folders with PT, RS and mask each.
    Suv {
        /// A folder of objects, or one object; without it, the folder `suv` below the one that VOXOMICS_REFERENCE names.
        folder: Option<PathBuf>,
    },
}

/// Compares, prints a table of family × passed and failed, and fails on any miss.
pub fn compare(arguments: &Arguments) -> Result<ExitCode, Refused> {
    if let Some(Verb::Suv { folder }) = &arguments.verb {
        return objects(folder.clone(), arguments.json);
    }
    let found = match &arguments.reference {
        None => ibsi::digital_phantom()?,
        Some(folder) => ibsi::folder(folder)?,
    };
    let comparisons = &found.comparisons;
    let failed = comparisons.iter().filter(|comparison| !comparison.passed).count();
    if arguments.json {
        say!("{:#}", serde_json::json!(comparisons));
    } else {
        print_table(comparisons);
        found.without_reference.iter().for_each(|test| say!("{test}"));
        say!("\n{} of {} values agree with the reference", comparisons.len() - failed, comparisons.len());
    }
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::from(CODE_CASES_FAILED) })
}

/// Compares objects of PET, prints a row for each with each of its masks, and fails on any miss.
fn objects(folder: Option<PathBuf>, json: bool) -> Result<ExitCode, Refused> {
    let reference = || std::env::var_os("VOXOMICS_REFERENCE").map(|folder| PathBuf::from(folder).join("suv"));
    let Some(folder) = folder.or_else(reference) else {
        return Err(Refused("no folder of objects is named, as in `voxomics ibsi suv FOLDER`".into()));
    };
    let comparisons = suv::folder(&folder)?;
    let failed = comparisons.iter().filter(|comparison| !comparison.passed).count();
    if json {
        say!("{:#}", serde_json::json!(comparisons));
    } else {
        print_objects(&comparisons);
        say!("\n{} of {} agree with the reference", comparisons.len() - failed, comparisons.len());
    }
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::from(CODE_CASES_FAILED) })
}

fn print_objects(comparisons: &[suv::Comparison]) {
    let shown = |values: Option<[f64; 3]>, none: &str| match values {
        Some(values) => values.map(|value| format!("{value:>6.2}")).join(" "),
        None => format!("{none:>20}"),
    };
    say!("{:<16} {:<9} {:>6} {:>6} {:>6} {:>20}", "object", "mask", "lowest", "median", "highest", "expected");
    for comparison in comparisons {
        let (computed, expected) = (shown(comparison.computed, "refused"), shown(comparison.expected, "refused"));
        let passed = if comparison.passed { "" } else { "  missed" };
        say!("{:<16} {:<9} {computed} {expected}{passed}", comparison.object, comparison.mask);
    }
    for comparison in comparisons {
        for warning in &comparison.warnings {
            say!("warning: {} with {}: {warning}", comparison.object, comparison.mask);
        }
        if let Some(reason) = &comparison.reason {
            say!("refused: {} with {}: {reason}", comparison.object, comparison.mask);
        }
    }
}

fn print_table(comparisons: &[Comparison]) {
    /// A family of a configuration.
    struct Row<'a> {
        configuration: &'a str,
        family: &'a str,
        passed: usize,
        failed: usize,
    }
    let mut rows: Vec<Row<'_>> = Vec::new();
    for Comparison { reference, passed, .. } in comparisons {
        let (configuration, family) = (reference.configuration.as_str(), reference.family.as_str());
        let known = rows.iter().position(|row| row.configuration == configuration && row.family == family);
        let index = known.unwrap_or_else(|| {
            rows.push(Row { configuration, family, passed: 0, failed: 0 });
            rows.len() - 1
        });
        let row = &mut rows[index];
        *(if *passed { &mut row.passed } else { &mut row.failed }) += 1;
    }
    say!("{:<16} {:<28} {:>6} {:>6}", "configuration", "family", "passed", "failed");
    for Row { configuration, family, passed, failed } in rows {
        say!("{configuration:<16} {family:<28} {passed:>6} {failed:>6}");
    }
    for comparison in comparisons.iter().filter(|comparison| !comparison.passed) {
        let reference = &comparison.reference;
        let computed = comparison.computed.map_or_else(|| comparison.reason.clone().unwrap_or_default(), number);
        say!(
            "missed: {} {} {} ({}) {}: {computed}, reference {} ± {} ({})",
            reference.configuration,
            reference.family,
            reference.feature,
            reference.ibsi_code,
            reference.aggregation,
            reference.value,
            reference.tolerance,
            reference.consensus
        );
    }
}
