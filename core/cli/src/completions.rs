//! `voxomics completions`.

use std::process::ExitCode;

use clap::{Args, CommandFactory as _};
use clap_complete::{Shell, generate};

use crate::{Cli, Refused};

#[derive(Args)]
pub struct Arguments {
    /// The shell.
    shell: Shell,
}

/// Prints what a shell sources to complete verbs and options.
pub fn print(arguments: &Arguments) -> Result<ExitCode, Refused> {
    let mut text = Vec::new();
    generate(arguments.shell, &mut Cli::command(), "voxomics", &mut text);
    // Not through `say!`: a script is not a text for people.
    let _ = std::io::Write::write_all(&mut std::io::stdout(), &text);
    Ok(ExitCode::SUCCESS)
}
