//! Files by their bytes, wherever they are now.

use std::{
    collections::{BTreeMap, HashMap},
    fs,
    path::{Path, PathBuf},
};

use voxomics_engine::{cases::Case, digest, files::digest as digest_of};

use crate::Refused;

/// Where a file is.
pub enum Found {
    /// With the bytes that it had.
    At(PathBuf),
    /// Where it was, with other bytes.
    Other(PathBuf),
    /// Not where it was, nor anywhere else that was looked at.
    Nowhere,
}

/// Everything below a folder, by its digest; made when something is missed first.
pub struct Index {
    folder: PathBuf,
    found: Option<HashMap<String, PathBuf>>,
}

impl Index {
    /// An index of what is below a folder.
    pub fn new(folder: &Path) -> Result<Self, Refused> {
        if !folder.is_dir() {
            return Err(Refused(format!("--inputs: {} is not a folder", folder.display())));
        }
        let folder = std::path::absolute(folder).map_err(|cause| format!("{}: {cause}", folder.display()))?;
        Ok(Self { folder, found: None })
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn get(&mut self, digest: &str) -> Option<PathBuf> {
        let folder = &self.folder;
        let found = self.found.get_or_insert_with(|| {
            let mut found = HashMap::new();
            collect(folder, &mut found);
            found
        });
        found.get(digest).cloned()
    }
}

/// Files, headers with the voxels beside them, and folders as a whole.
fn collect(folder: &Path, found: &mut HashMap<String, PathBuf>) {
    let mut note = |path: &Path| {
        for digest in [digest_of(path), digest::sha256_path(path)].into_iter().flatten() {
            found.entry(digest).or_insert_with(|| path.to_owned());
        }
    };
    note(folder);
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    entries.sort();
    entries.iter().filter(|path| path.is_file()).for_each(|path| note(path));
    // A link to a folder may lead back.
    let inner = entries.iter().filter(|path| path.is_dir() && !path.is_symlink());
    inner.for_each(|path| collect(path, found));
}

/// A file that a setting or a lock names.
pub fn file(path: &Path, expected: &str, index: &mut Option<Index>) -> Result<Found, Refused> {
    locate(path, expected, index, digest::sha256_path)
}

/// An image or a mask.
pub fn input(path: &Path, expected: &str, index: &mut Option<Index>) -> Result<Found, Refused> {
    locate(path, expected, index, digest_of)
}

fn locate(
    path: &Path,
    expected: &str,
    index: &mut Option<Index>,
    digest: fn(&Path) -> std::io::Result<String>,
) -> Result<Found, Refused> {
    let here = digest(path).ok();
    if here.as_deref() == Some(expected) {
        return Ok(Found::At(path.to_owned()));
    }
    if let Some(found) = index.as_mut().and_then(|index| index.get(expected)) {
        return Ok(Found::At(found));
    }
    Ok(if here.is_some() { Found::Other(path.to_owned()) } else { Found::Nowhere })
}

/// What to do about a file that is missed.
pub fn hint(inputs: Option<&Path>) -> String {
    inputs.map_or_else(String::new, |folder| format!(", nor is any file of its bytes below {}", folder.display()))
}

/// Writes a list again with the paths of now. `home` is the folder that its own paths start from; of a case that is known,
/// the paths of `cases` count.
pub fn rewrite(list: &Path, home: &Path, cases: &BTreeMap<String, Case>, to: &Path) -> Result<(), Refused> {
    let fail = |cause: csv::Error| Refused(format!("the list {}: {cause}", list.display()));
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).flexible(true).from_path(list).map_err(fail)?;
    let header = reader.headers().map_err(fail)?.clone();
    let column = |name: &str| header.iter().position(|column| column.trim_start_matches('\u{feff}') == name);
    let places = [column("case"), column("image"), column("mask")];
    let mut writer = csv::WriterBuilder::new().flexible(true).from_path(to).map_err(fail)?;
    writer.write_record(&header).map_err(fail)?;
    for record in reader.byte_records() {
        let record = record.map_err(fail)?;
        let name = places[0].and_then(|at| record.get(at)).map(|name| String::from_utf8_lossy(name).into_owned());
        let known = name.and_then(|name| cases.get(&name));
        let cells = record.iter().enumerate().map(|(at, cell)| {
            let moved = |known: Option<&PathBuf>| match known {
                Some(path) => path.as_os_str().as_encoded_bytes().to_vec(),
                None if cell.is_empty() => Vec::new(),
                None => home.join(&*String::from_utf8_lossy(cell)).as_os_str().as_encoded_bytes().to_vec(),
            };
            match Some(at) {
                image if image == places[1] => moved(known.map(|case| &case.image)),
                mask if mask == places[2] => moved(known.map(|case| &case.mask)),
                _ => cell.to_vec(),
            }
        });
        writer.write_record(cells.collect::<Vec<_>>()).map_err(fail)?;
    }
    writer.flush().map_err(|cause| Refused(format!("cannot write {}: {cause}", to.display())))
}
