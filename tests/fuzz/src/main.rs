//! Damages files at random and sees that every reader refuses them in time, in memory, and without a panic.
//!
//! ```text
//! cargo run --release -p voxomics-fuzz -- READER|all [--executions N] [--seed S] [--first N] [--corpus DIR] [--findings DIR]
//! ```
//!
//! Damage follows from the seed, the reader's name and the number of the execution alone, so that any execution can be
//! repeated. Each reader runs in a process of its own, which may die. Exit code 1: something was found; 2: it was not
//! understood what is wanted.

#[cfg(target_os = "linux")]
mod command;
#[cfg(target_os = "linux")]
mod memory;
#[cfg(target_os = "linux")]
mod mutate;
#[cfg(target_os = "linux")]
mod readers;
#[cfg(target_os = "linux")]
mod run;

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    command::run()
}

#[cfg(not(target_os = "linux"))]
fn main() -> std::process::ExitCode {
    eprintln!("one program holds several plugins here, which only Linux's linkers can be told to allow");
    std::process::ExitCode::from(2)
}
