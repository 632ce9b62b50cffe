//! Libraries that a plugin brings with it: what it needs, and finds in its own folder by `$ORIGIN`.
//!
//! A library that is loaded from memory has no folder. So what it brings is read when it is read, judged as it is judged, and
//! loaded from memory before it: the system's loader then knows the name that the plugin asks for.

use std::{
    collections::HashMap,
    fmt, fs,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use object::{
    Endianness, StringTable,
    elf::{DT_NEEDED, DT_RPATH, DT_RUNPATH, DT_SONAME, DT_STRSZ, DT_STRTAB, FileHeader64},
    read::elf::{Dyn as _, FileHeader as _, ProgramHeader as _},
};
use voxomics_base::digest;

use crate::sealed;

/// A library or a file that a plugin brings with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Companion {
    /// The name under which it is needed.
    pub name: String,
    /// Its file.
    pub path: PathBuf,
    /// Its bytes, as they were read once.
    pub bytes: Vec<u8>,
    /// Their SHA-256, in hexadecimal.
    pub sha256: String,
}

/// More than this is no plugin's own folder, but a mistake of who packed it.
const MOST: usize = 100;

/// Why what a plugin brings with it cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CompanionError {
    /// There are more than a plugin has.
    TooMany,
    /// One cannot be read.
    Unreadable {
        /// Its file.
        file: PathBuf,
        /// Why.
        cause: String,
    },
    /// One does not call itself by the name that it is needed by.
    OtherName {
        /// Its file.
        file: PathBuf,
        /// The name that it is needed by.
        needed: String,
        /// The name that it has itself, if it has one.
        own: Option<String>,
    },
    /// This process has another one of that name.
    SecondVersion {
        /// The name.
        name: String,
    },
    /// One cannot be copied into memory.
    NotCopied {
        /// Its file.
        file: PathBuf,
        /// Why.
        cause: String,
    },
    /// The system does not load one.
    NotLoaded {
        /// Its file.
        file: PathBuf,
        /// Why.
        cause: String,
    },
}

impl fmt::Display for CompanionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooMany => write!(f, "it brings more than {MOST} libraries with it"),
            Self::Unreadable { file, cause } => {
                write!(f, "it brings {}, which cannot be read: {cause}", file.display())
            }
            Self::OtherName { file, needed, own } => write!(
                f,
                "it brings {}, whose own name (SONAME) is {}: it could not be found by the name that it is needed by. Link it with \
                 -Wl,-soname,{needed}",
                file.display(),
                own.as_ref().map_or("missing".to_owned(), |name| format!("`{name}`"))
            ),
            Self::SecondVersion { name } => write!(
                f,
                "it brings {name}, and so does another plugin, in another version: in one process both would use the first. Let \
                 one of them run in a process of its own (isolation = \"worker\")"
            ),
            Self::NotCopied { file, cause } => {
                write!(f, "{} cannot be copied into memory for loading: {cause}", file.display())
            }
            Self::NotLoaded { file, cause } => {
                write!(f, "it brings {}, which cannot be loaded: {cause}", file.display())
            }
        }
    }
}

impl std::error::Error for CompanionError {}

/// What a library says that the system's loader must find.
#[derive(Debug, Default, PartialEq, Eq)]
struct Asked {
    /// The name that others need it by.
    name: Option<String>,
    needed: Vec<String>,
    /// Folders to look in, `$ORIGIN` and all.
    folders: Vec<String>,
}

/// The libraries that a plugin needs and brings with it, each before those that need it. What lies elsewhere is the system's.
///
/// # Errors
/// Which of them cannot be read, or cannot be found by the name that it is needed by.
pub fn of(path: &Path, bytes: &[u8]) -> Result<Vec<Companion>, CompanionError> {
    let mut found = Vec::new();
    let Some(asked) = asked(bytes) else { return Ok(found) };
    gather(path, &asked, &asked.folders, &mut Vec::new(), &mut found)?;
    Ok(found)
}

fn gather(
    path: &Path,
    of: &Asked,
    inherited: &[String],
    open: &mut Vec<String>,
    found: &mut Vec<Companion>,
) -> Result<(), CompanionError> {
    let origin = path.parent().unwrap_or(Path::new("."));
    for name in &of.needed {
        // A circle is the loader's to solve: the first that is loaded finds no second.
        if open.contains(name) || found.iter().any(|companion| companion.name == *name) {
            continue;
        }
        let folders = of.folders.iter().chain(inherited).filter_map(|folder| beside(folder, origin));
        let Some(file) = folders.map(|folder| folder.join(name)).find(|file| file.is_file()) else { continue };
        if open.len() + found.len() >= MOST {
            return Err(CompanionError::TooMany);
        }
        let bytes = match fs::read(&file) {
            Ok(bytes) => bytes,
            Err(cause) => return Err(CompanionError::Unreadable { file, cause: cause.to_string() }),
        };
        let asked = asked(&bytes).unwrap_or_default();
        if asked.name.as_deref() != Some(name) {
            return Err(CompanionError::OtherName { file, needed: name.clone(), own: asked.name });
        }
        open.push(name.clone());
        gather(&file, &asked, inherited, open, found)?;
        open.pop();
        found.push(Companion { name: name.clone(), sha256: digest::sha256(&bytes), path: file, bytes });
    }
    Ok(())
}

/// A folder of a search path that is told by `$ORIGIN`.
fn beside(folder: &str, origin: &Path) -> Option<PathBuf> {
    let rest = folder.strip_prefix("$ORIGIN").or_else(|| folder.strip_prefix("${ORIGIN}"))?;
    (rest.is_empty() || rest.starts_with('/')).then(|| origin.join(rest.trim_start_matches('/')))
}

/// What an ELF file asks for; none for a file that is none, which is left to the system.
fn asked(bytes: &[u8]) -> Option<Asked> {
    let header = FileHeader64::<Endianness>::parse(bytes).ok()?;
    let endian = header.endian().ok()?;
    let segments = header.program_headers(endian, bytes).ok()?;
    let entries = segments.iter().find_map(|segment| segment.dynamic(endian, bytes).ok().flatten())?;
    let value = |tag: u32| Some(entries.iter().find(|entry| entry.tag32(endian) == Some(tag))?.d_val(endian));
    let (address, length) = (value(DT_STRTAB)?, value(DT_STRSZ)?);
    let text = segments.iter().find_map(|segment| segment.data_range(endian, bytes, address, length).ok().flatten())?;
    let strings = StringTable::new(text, 0, text.len() as u64);
    let texts = |tag: u32| {
        let of_tag = entries.iter().filter(move |entry| entry.tag32(endian) == Some(tag));
        let text = of_tag.filter_map(|entry| entry.string(endian, strings).ok());
        text.map(|text| String::from_utf8_lossy(text).into_owned()).collect::<Vec<_>>()
    };
    // As the loader has it, the newer entry takes the place of the older one.
    let folders = [texts(DT_RUNPATH), texts(DT_RPATH)].into_iter().find(|found| !found.is_empty()).unwrap_or_default();
    Some(Asked {
        name: texts(DT_SONAME).into_iter().next(),
        needed: texts(DT_NEEDED),
        folders: folders.iter().flat_map(|list| list.split(':')).map(str::to_owned).collect(),
    })
}

/// What this process has loaded for its plugins: name and digest. A second library of a name would be taken for the first.
static LOADED: Mutex<Option<HashMap<String, String>>> = Mutex::new(None);

/// Loads what a plugin brings with it, before the plugin. Its initialisers run.
///
/// # Errors
/// Which library cannot be loaded, or that another plugin of this process has brought another one of its name.
pub fn load(companions: &[Companion]) -> Result<(), CompanionError> {
    let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
    let loaded = loaded.get_or_insert_default();
    for Companion { name, path, bytes, sha256 } in companions {
        match loaded.get(name) {
            Some(known) if known == sha256 => continue,
            Some(_) => return Err(CompanionError::SecondVersion { name: name.clone() }),
            None => {}
        }
        let copy = sealed::copy(path, bytes)
            .map_err(|cause| CompanionError::NotCopied { file: path.clone(), cause: cause.to_string() })?;
        open(&copy.path).map_err(|cause| CompanionError::NotLoaded { file: path.clone(), cause })?;
        copy.keep();
        loaded.insert(name.clone(), sha256.clone());
    }
    Ok(())
}

#[cfg(unix)]
fn open(path: &Path) -> Result<(), String> {
    use libloading::os::unix::{Library, RTLD_LOCAL, RTLD_NOW};
    // SAFETY: initialisers of a library run on loading; it belongs to a plugin that the user named as code to run.
    let library = unsafe { Library::open(Some(path), RTLD_NOW | RTLD_LOCAL) }.map_err(|cause| cause.to_string())?;
    // Like the plugin itself, it is never unloaded.
    std::mem::forget(library);
    Ok(())
}

#[cfg(not(unix))]
fn open(_: &Path) -> Result<(), String> {
    Err("this system finds libraries in another way".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_told_by_origin_alone() {
        let origin = Path::new("/plugins");
        assert_eq!(beside("$ORIGIN", origin), Some("/plugins/".into()));
        assert_eq!(beside("${ORIGIN}/lib", origin), Some("/plugins/lib".into()));
        for other in ["/usr/lib", "$ORIGINAL/lib", "lib", ""] {
            assert_eq!(beside(other, origin), None, "{other}");
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn what_is_no_library_asks_for_nothing() {
        assert_eq!(of(Path::new("x.so"), b"no library"), Ok(Vec::new()));
        let this = std::env::current_exe().and_then(fs::read).expect("this program");
        let asked = asked(&this).expect("an ELF file");
        assert!(asked.needed.iter().any(|name| name.starts_with("libc.")), "{asked:?}");
        assert!((0..this.len().min(4096)).step_by(97).all(|end| of(Path::new("x.so"), &this[..end]).is_ok()));
    }
}
