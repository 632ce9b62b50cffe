// The digest of what a program is made from; shared by the build script and its tests.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use sha2::{Digest as _, Sha256};

/// Where the sources are, from the folder of the workspace.
pub const SOURCES: [&str; 2] = ["core", "plugins"];

/// What the whole workspace is built by.
pub const BUILT_BY: [&str; 2] = ["Cargo.toml", "Cargo.lock"];

/// Folders of a package that cargo compiles into no program.
const NOT_COMPILED: [&str; 4] = ["tests", "benches", "examples", "target"];

/// SHA-256 over the names and bytes of all sources and over `how`: compiler, profile, target, flags.
///
/// # Errors
/// If a source cannot be read.
pub fn digest(root: &Path, how: &[String]) -> io::Result<String> {
    let mut files: Vec<PathBuf> = BUILT_BY.iter().map(|name| root.join(name)).collect();
    for folder in SOURCES {
        for package in entries(&root.join(folder))? {
            for entry in entries(&package)? {
                let name = entry.file_name().unwrap_or_default().to_string_lossy().into_owned();
                if !NOT_COMPILED.contains(&name.as_str()) {
                    collect(entry, &mut files)?;
                }
            }
        }
    }
    let mut named: Vec<(String, PathBuf)> = files.into_iter().map(|path| (name(root, &path), path)).collect();
    named.sort();
    let mut all = Sha256::new();
    for (name, path) in named {
        // Digests and ends of line keep apart what could otherwise move from one file into the next.
        all.update(format!("{} {name}\n", hex(&Sha256::digest(fs::read(path)?))));
    }
    how.iter().for_each(|line| all.update(format!("{line}\n")));
    Ok(hex(&all.finalize()))
}

/// The name of a source, the same on every system.
fn name(root: &Path, path: &Path) -> String {
    let parts = path.strip_prefix(root).unwrap_or(path).components();
    parts.map(|part| part.as_os_str().to_string_lossy().into_owned()).collect::<Vec<_>>().join("/")
}

fn collect(path: PathBuf, files: &mut Vec<PathBuf>) -> io::Result<()> {
    if path.is_dir() {
        entries(&path)?.into_iter().try_for_each(|entry| collect(entry, files))
    } else {
        files.push(path);
        Ok(())
    }
}

/// What a folder holds, but for what editors hide there.
fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    if !folder.is_dir() && folder.exists() {
        return Ok(Vec::new());
    }
    let entries = fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<Vec<_>>>()?;
    let hidden = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
    Ok(entries.into_iter().filter(|path| !hidden(path)).collect())
}

fn hex(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
