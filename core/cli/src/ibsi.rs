//! `voxomics ibsi`.

use std::{path::PathBuf, process::ExitCode};

use clap::Args;
use voxomics_engine::{
    ibsi::{self, Comparison},
    table::number,
};

use crate::{CODE_CASES_FAILED, Refused};

#[derive(Args)]
pub struct Arguments {
    /// A folder of reference data: image, mask and reference.csv, or folders of such; without it, the digital phantom
    /// that the program carries.
    #[arg(long, value_name = "FOLDER")]
    reference: Option<PathBuf>,
    /// Print every value as JSON.
    #[arg(long)]
    json: bool,
}

/// Compares, prints a table of family × passed and failed, and fails on any miss.
pub fn compare(arguments: &Arguments) -> Result<ExitCode, Refused> {
    let comparisons = match &arguments.reference {
        None => ibsi::digital_phantom()?,
        Some(folder) => ibsi::folder(folder)?,
    };
    let failed = comparisons.iter().filter(|comparison| !comparison.passed).count();
    if arguments.json {
        say!("{:#}", serde_json::json!(comparisons));
    } else {
        print_table(&comparisons);
        say!("\n{} of {} values agree with the reference", comparisons.len() - failed, comparisons.len());
    }
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::from(CODE_CASES_FAILED) })
}

fn print_table(comparisons: &[Comparison]) {
    let mut rows: Vec<((&str, &str), (usize, usize))> = Vec::new();
    for Comparison { reference, passed, .. } in comparisons {
        let key = (reference.configuration.as_str(), reference.family.as_str());
        let index = rows.iter().position(|(candidate, _)| *candidate == key).unwrap_or_else(|| {
            rows.push((key, (0, 0)));
            rows.len() - 1
        });
        let (_, (passes, failures)) = &mut rows[index];
        *(if *passed { passes } else { failures }) += 1;
    }
    say!("{:<16} {:<28} {:>6} {:>6}", "configuration", "family", "passed", "failed");
    for ((configuration, family), (passed, failed)) in rows {
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
