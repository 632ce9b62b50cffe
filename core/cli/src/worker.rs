//! `voxomics worker`: what the program starts itself as, to host a plugin of a stranger.

use std::{path::PathBuf, process::ExitCode};

use clap::Subcommand;

use crate::Refused;

#[derive(Subcommand)]
pub enum Verb {
    /// Restrict this process as ordered, and become the worker.
    Launch {
        /// The orders, as JSON.
        orders: String,
    },
    /// Serve a library over standard input.
    Serve {
        /// The library.
        path: PathBuf,
        /// SHA-256 of its file.
        sha256: String,
        /// Of what it brings with it: SHA-256, a space, and the name.
        companions: Vec<String>,
    },
    /// Make one check of a plugin, and tell it over standard input.
    Check {
        /// What to check, as JSON.
        task: String,
    },
}

#[cfg(target_os = "linux")]
pub fn work(verb: Verb) -> Result<ExitCode, Refused> {
    use voxomics_engine::host::isolate;

    match verb {
        Verb::Launch { orders } => Err(format!("a worker cannot be started: {}", isolate::launcher(&orders)).into()),
        Verb::Serve { path, sha256, companions } => match isolate::serve(&path, pinned(sha256, &companions)) {
            Ok(()) => Ok(ExitCode::SUCCESS),
            Err(cause) => Err(format!("a worker has ended: {cause}").into()),
        },
        Verb::Check { task } => match voxomics_kit::check(&task) {
            Ok(()) => Ok(ExitCode::SUCCESS),
            Err(cause) => Err(format!("a check cannot be made: {cause}").into()),
        },
    }
}

/// The bytes that a worker loads, or nothing.
#[cfg(target_os = "linux")]
fn pinned(sha256: String, companions: &[String]) -> voxomics_engine::host::trust::Pin {
    let pair = |text: &String| text.split_once(' ').map(|(sha256, name)| (name.to_owned(), sha256.to_owned()));
    let companions = companions.iter().filter_map(pair).collect();
    voxomics_engine::host::trust::Pin { sha256: Some(sha256), key: None, companions }
}

#[cfg(not(target_os = "linux"))]
pub fn work(verb: Verb) -> Result<ExitCode, Refused> {
    let (Verb::Launch { .. } | Verb::Serve { .. } | Verb::Check { .. }) = verb;
    Err("there are no workers on this system".to_owned().into())
}
