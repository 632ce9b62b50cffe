//! `voxomics ibsi`.

use std::{path::PathBuf, process::ExitCode};

use clap::Args;

use crate::Refused;

#[derive(Args)]
pub struct Arguments {
    /// A folder with digital_phantom and ct_phantom, each with image, mask and reference.csv.
    #[arg(long, value_name = "FOLDER")]
    reference: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub fn compare(_: &Arguments) -> Result<ExitCode, Refused> {
    Err(Refused("not yet".into()))
}
