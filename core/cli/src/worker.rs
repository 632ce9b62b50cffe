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
        Verb::Serve { path, sha256 } => match isolate::serve(&path, &sha256) {
            Ok(()) => Ok(ExitCode::SUCCESS),
            Err(cause) => Err(format!("a worker has ended: {cause}").into()),
        },
        Verb::Check { task } => match voxomics_kit::check(&task) {
            Ok(()) => Ok(ExitCode::SUCCESS),
            Err(cause) => Err(format!("a check cannot be made: {cause}").into()),
        },
    }
}

#[cfg(not(target_os = "linux"))]
pub fn work(verb: Verb) -> Result<ExitCode, Refused> {
    let (Verb::Launch { .. } | Verb::Serve { .. } | Verb::Check { .. }) = verb;
    Err("there are no workers on this system".to_owned().into())
}
