//! The kit for authors: named checks of a plugin, each in a process of its own.
//!
//! [`test()`] starts this program again for each check of each plugin of a file, with the limits of a worker. The process loads the
//! library, or starts the interpreter of a Python file, and asks the plugin as a run would. What it finds comes back as a
//! [`Verdict`]; a process that ends by itself, or does not end, is the verdict as well.
//!
//! A check knows nothing of languages: it speaks to what the host offers. [`checks::CHECKS`] has all of them by name.

#[cfg(target_os = "linux")]
mod answer;
#[cfg(target_os = "linux")]
mod bench;
#[cfg(target_os = "linux")]
pub mod checks;
#[cfg(target_os = "linux")]
mod child;
#[cfg(target_os = "linux")]
mod printed;
#[cfg(target_os = "linux")]
mod run;
#[cfg(target_os = "linux")]
mod scene;
#[cfg(target_os = "linux")]
mod settings;
#[cfg(target_os = "linux")]
mod subject;
mod verdict;
#[cfg(target_os = "linux")]
mod words;

#[cfg(target_os = "linux")]
pub use child::check;
#[cfg(target_os = "linux")]
pub use run::{Options, test};
pub use verdict::{Finding, Outcome, Report, Verdict};
