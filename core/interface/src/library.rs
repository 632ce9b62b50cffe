//! Opening a plugin library, and saying why not.

mod elf;

use std::{ffi::c_void, fmt, fs::File, path::Path};

use abi_stable::library::{AbiHeaderRef, LibraryError};

use crate::{CARRIER_C, CARRIER_RUST, ENTRY_SYMBOL, GENERATION, PluginModuleRef, c};

/// What a library's entry gave.
#[derive(Clone, Copy)]
pub enum Module {
    /// Over the carrier of Rust.
    Rust(PluginModuleRef),
    /// Over the carrier of C.
    C(&'static c::Library),
}

/// Why a library cannot be used as a plugin.
#[derive(Debug)]
pub enum LoadError {
    /// The operating system cannot load it.
    NotALibrary(String),
    /// It does not export [`ENTRY_SYMBOL`].
    NotAPlugin,
    /// What it exports as [`ENTRY_SYMBOL`] is no function.
    EntryIsData,
    /// It speaks other generations of the interface; the newest of them, if any was found.
    OtherGeneration(Option<u32>),
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
                "it is a dynamic library, but not a Voxomics plugin: it does not export `{ENTRY_SYMBOL}`. A \
                 plugin calls `voxomics_sdk::export_plugin!` once and is built as a `cdylib`."
            ),
            Self::EntryIsData => write!(
                f,
                "what it exports as `{ENTRY_SYMBOL}` is no function, and would not be run as one. Report it to its author."
            ),
            Self::OtherGeneration(None) => write!(
                f,
                "it offers no generation of the plugin interface, and this program speaks generation {GENERATION}. Report it \
                 to its author."
            ),
            Self::OtherGeneration(Some(found)) => write!(
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

/// Generations beyond ours that a library is asked for, so that the message can name one.
const ASKED_BEYOND: u32 = 32;

type Entry = unsafe extern "C" fn(u32, u32) -> *const c_void;

/// Loads a library and returns what its entry gives, by the carrier of Rust if it offers that. Libraries are never unloaded:
/// instances hold pointers into them, and one that is refused may have started a thread.
///
/// `file` is the same file, open; what can be known of it without running it is read from there. The file's initialisers run
/// when it is loaded: whoever wants to be sure of what runs verifies the file first.
///
/// # Errors
/// A [`LoadError`] for a file that is not a plugin of this generation and layout.
pub fn load(path: &Path, file: &File) -> Result<Module, LoadError> {
    let unreadable = |cause: std::io::Error| LoadError::NotALibrary(cause.to_string());
    // A bare file name would be looked for in the system's folders of libraries, not where it was found.
    let path = &std::path::absolute(path).map_err(unreadable)?;
    if let Some((length, promised)) = elf::cut_off(file).map_err(unreadable)? {
        let cause = format!("it is cut off: it has {length} bytes, and its headers promise {promised}");
        return Err(LoadError::NotALibrary(cause));
    }
    // Before an initialiser of it runs.
    match elf::symbol(file, ENTRY_SYMBOL) {
        Some(elf::Symbol::Missing) => return Err(LoadError::NotAPlugin),
        Some(elf::Symbol::Data) => return Err(LoadError::EntryIsData),
        Some(elf::Symbol::Function) | None => {}
    }
    let library = open(path).map_err(|cause| LoadError::NotALibrary(innermost(&cause)))?;
    // SAFETY: the symbol's type is part of every generation of the interface.
    let entry = unsafe { library.get::<Entry>(ENTRY_SYMBOL.as_bytes()) }.map(|entry| *entry);
    std::mem::forget(library);
    let entry = entry.map_err(|_| LoadError::NotAPlugin)?;
    // SAFETY: the entry takes any two numbers, by its contract.
    let ask = |generation, carrier| unsafe { entry(generation, carrier) };
    if let Some(header) = std::ptr::NonNull::new(ask(GENERATION, CARRIER_RUST).cast_mut()) {
        return of_rust(header.as_ptr()).map(Module::Rust);
    }
    let table = ask(GENERATION, CARRIER_C).cast::<c::Library>();
    if !table.is_null() {
        // SAFETY: the answer for this carrier is such a table, which lives as long as the library.
        return unsafe { c::Library::check(table) }.map(Module::C).map_err(LoadError::OtherLayout);
    }
    let offers =
        |generation: &u32| [CARRIER_RUST, CARRIER_C].iter().any(|carrier| !ask(*generation, *carrier).is_null());
    Err(LoadError::OtherGeneration((0..=GENERATION + ASKED_BEYOND).rev().find(offers)))
}

/// Every symbol is found at once: one that is missing would end the process when it is first called.
#[cfg(unix)]
fn open(path: &Path) -> Result<libloading::Library, libloading::Error> {
    use libloading::os::unix::{Library, RTLD_LOCAL, RTLD_NOW};
    // SAFETY: initialisers of a library run on loading; the user named this file as code to run.
    unsafe { Library::open(Some(path), RTLD_NOW | RTLD_LOCAL) }.map(Into::into)
}

#[cfg(not(unix))]
fn open(path: &Path) -> Result<libloading::Library, libloading::Error> {
    // SAFETY: initialisers of a library run on loading; the user named this file as code to run.
    unsafe { libloading::Library::new(path) }
}

/// The module behind the header of abi_stable's root module, once versions and layouts are found to be ours.
fn of_rust(header: *const c_void) -> Result<PluginModuleRef, LoadError> {
    let changed = |what: &str| LoadError::OtherLayout(what.to_owned());
    // SAFETY: the answer for this carrier points to such a header, which begins with 32 bytes that say so.
    let magic = unsafe { std::slice::from_raw_parts(header.cast::<u8>(), 32) };
    if !header.cast::<u64>().is_aligned() || magic != abi_stable::library::AbiHeader::VALUE.magic_string {
        return Err(changed("its entry gives no header of the carrier of Rust"));
    }
    // SAFETY: `AbiHeaderRef` is a transparent reference to a header that lives for ever; the library is never unloaded.
    let header = unsafe { std::mem::transmute::<*const c_void, AbiHeaderRef>(header) };
    // Not `RootModule::load_from_file`: it caches the first library of a type and answers with it for every other.
    let header = header.upgrade().map_err(|cause| LoadError::OtherLayout(essence(&cause)))?;
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
