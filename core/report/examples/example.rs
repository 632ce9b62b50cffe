//! Writes the report of an invented study that has everything in it: `cargo run --example example -- FOLDER [long|PATIENTS]`.
//! With `long`, everything in it has the longest of names.

#[path = "../tests/support/mod.rs"]
mod support;

use std::{path::Path, process::ExitCode};

fn main() -> ExitCode {
    let Some(out) = std::env::args().nth(1) else {
        eprintln!("usage: example FOLDER [long|PATIENTS]");
        return ExitCode::FAILURE;
    };
    let out = Path::new(&out);
    let study = match std::env::args().nth(2).as_deref() {
        None => support::study(24),
        Some("long") => support::stretched(),
        Some(patients) => support::study(patients.parse().unwrap_or(24)),
    };
    let written = support::pictures(&study, &out.join("results"))
        .map_err(|cause| cause.to_string())
        .and_then(|()| voxomics_report::write(&study, &out.join("results"), out).map_err(|error| error.to_string()))
        .and_then(|()| voxomics_report::figures(&study, out).map_err(|error| error.to_string()));
    match written {
        Ok(drawn) => {
            drawn.warnings.iter().for_each(|warning| eprintln!("{warning}"));
            ExitCode::SUCCESS
        }
        Err(said) => {
            eprintln!("{said}");
            ExitCode::FAILURE
        }
    }
}
