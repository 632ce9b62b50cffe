//! Opening a plugin library, and saying why not.

mod elf;

use std::{fmt, path::Path};

use abi_stable::library::{LibraryError, lib_header_from_path};

use crate::{GENERATION, GENERATION_SYMBOL, PluginModuleRef};

/// Why a library cannot be used as a plugin.
#[derive(Debug)]
pub enum LoadError {
    /// The operating system cannot load it.
    NotALibrary(String),
    /// It does not export [`GENERATION_SYMBOL`].
    NotAPlugin,
    /// It speaks another generation of the interface.
    OtherGeneration(u32),
    /// It says that it speaks this generation, but the types in it are laid out otherwise.
    OtherLayout(String),
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotALibrary(cause) => write!(
                f,
                "the operating system cannot load it as a dynamic library ({cause}). Check that the file is complete \
                 and was built for this machine."
            ),
            Self::NotAPlugin => write!(
                f,
                "it is a dynamic library, but not a Voxomics plugin: it does not export `{GENERATION_SYMBOL}`. A \
                 plugin calls `voxomics_sdk::export_plugin!` once and is built as a `cdylib`."
            ),
            Self::OtherGeneration(found) => write!(
                f,
                "it speaks generation {found} of the plugin interface, and this program speaks generation \
                 {GENERATION}. {}",
                if *found < GENERATION {
                    "Ask its vendor for a build against a newer sdk, or use an older release of Voxomics."
                } else {
                    "Use a newer release of Voxomics, or a build of the plugin against an older sdk."
                }
            ),
            Self::OtherLayout(lines) => write!(
                f,
                "it was built against a changed copy of the plugin interface: {lines}. Rebuild it against the \
                 unchanged sdk of generation {GENERATION}."
            ),
        }
    }
}

impl std::error::Error for LoadError {}

/// Loads a library and returns its module. Libraries are never unloaded: instances hold pointers into them.
///
/// The file's initialisers run when it is loaded; whoever wants to be sure of what runs verifies the file first.
///
/// # Errors
/// A [`LoadError`] for a file that is not a plugin of this generation and layout.
pub fn load(path: &Path) -> Result<PluginModuleRef, LoadError> {
    let unreadable = |cause: std::io::Error| LoadError::NotALibrary(cause.to_string());
    // A bare file name would be looked for in the system's folders of libraries, not where it was found.
    let path = &std::path::absolute(path).map_err(unreadable)?;
    if let Some((length, promised)) = elf::cut_off(path).map_err(unreadable)? {
        let cause = format!("it is cut off: it has {length} bytes, and its headers promise {promised}");
        return Err(LoadError::NotALibrary(cause));
    }
    // SAFETY: initialisers of a library run on loading; the user named this file as code to run.
    let library =
        unsafe { libloading::Library::new(path) }.map_err(|cause| LoadError::NotALibrary(innermost(&cause)))?;
    // SAFETY: the symbol's type is part of every generation of the interface.
    let generation = unsafe { library.get::<extern "C" fn() -> u32>(GENERATION_SYMBOL.as_bytes()) }
        .map_err(|_| LoadError::NotAPlugin)?();
    if generation != GENERATION {
        return Err(LoadError::OtherGeneration(generation));
    }
    // Not `RootModule::load_from_file`: it caches the first library of a type and answers with it for every other.
    // The library stays loaded: the header's loader keeps a handle of its own for ever.
    let header = lib_header_from_path(path).map_err(|cause| LoadError::OtherLayout(essence(&cause)))?;
    header.init_root_module::<PluginModuleRef>().map_err(|cause| LoadError::OtherLayout(essence(&cause)))
}

/// The operating system's own words; the outer error only says that loading failed.
fn innermost(error: &dyn std::error::Error) -> String {
    error.source().map_or_else(|| error.to_string(), innermost)
}

/// The few lines of a layout error that say what differs; the whole has over a thousand.
fn essence(error: &LibraryError) -> String {
    let text = error.to_string();
    let tail = text.rfind("Error:").map_or(text.as_str(), |at| &text[at + "Error:".len()..]);
    let lines: Vec<&str> = tail.lines().map(str::trim).filter(|line| !line.is_empty()).take(6).collect();
    lines.join(" ")
}
