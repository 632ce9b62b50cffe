//! Files by their bytes, wherever they are now.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
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
    found: Option<HashMap<String, Vec<PathBuf>>>,
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

    /// What has these bytes; of several, the one whose place is most like the one that it had.
    fn get(&mut self, digest: &str, was: &Path) -> Option<PathBuf> {
        let folder = &self.folder;
        let found = self.found.get_or_insert_with(|| {
            let mut found = HashMap::new();
            collect(folder, &mut found);
            found
        });
        let alike = |path: &&PathBuf| {
            let pairs = path.components().rev().zip(was.components().rev());
            pairs.take_while(|(here, there)| here == there).count()
        };
        // The first of those that are as much alike.
        found.get(digest)?.iter().rev().max_by_key(alike).cloned()
    }
}

/// Files, headers with the voxels beside them, and folders as a whole.
fn collect(folder: &Path, found: &mut HashMap<String, Vec<PathBuf>>) {
    let mut note = |path: &Path| {
        let digests: BTreeSet<String> = [digest_of(path), digest::sha256_path(path)].into_iter().flatten().collect();
        digests.into_iter().for_each(|digest| found.entry(digest).or_default().push(path.to_owned()));
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
    if let Some(found) = index.as_mut().and_then(|index| index.get(expected, path)) {
        return Ok(Found::At(found));
    }
    Ok(if here.is_some() { Found::Other(path.to_owned()) } else { Found::Nowhere })
}

/// What to do about a file that is missed.
pub fn hint(inputs: Option<&Path>) -> String {
    inputs.map_or_else(String::new, |folder| format!(", nor is any file of its bytes below {}", folder.display()))
}

/// A file under the name that it had: itself, or a copy in `scratch`.
pub fn under_its_name(found: &Path, was: &Path, scratch: &Path) -> Result<PathBuf, Refused> {
    let Some(name) = was.file_name().filter(|name| found.file_name() != Some(name)) else {
        return Ok(found.to_owned());
    };
    let fail = |cause: std::io::Error| Refused(format!("{} cannot be copied for the rerun: {cause}", found.display()));
    fs::create_dir_all(scratch).map_err(fail)?;
    let copy = scratch.join(name);
    fs::copy(found, &copy).map_err(fail)?;
    Ok(copy)
}

/// Writes a list again with the paths of now. `home` is the folder that its own paths start from; of a case that is known,
/// the paths of `cases` count, where it has the name that `name_of` gives it.
pub fn rewrite(
    list: &Path,
    home: &Path,
    name_of: &dyn Fn(&str) -> String,
    cases: &BTreeMap<String, Case>,
    to: &Path,
) -> Result<(), Refused> {
    let fail = |cause: csv::Error| Refused(format!("the list {}: {cause}", list.display()));
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).flexible(true).from_path(list).map_err(fail)?;
    let header = reader.headers().map_err(fail)?.clone();
    let column = |name: &str| header.iter().position(|column| column.trim_start_matches('\u{feff}') == name);
    let column_of_case = column("case");
    let mut writer = csv::WriterBuilder::new().flexible(true).from_path(to).map_err(fail)?;
    writer.write_record(&header).map_err(fail)?;
    for record in reader.byte_records() {
        let record = record.map_err(fail)?;
        let name = column_of_case.and_then(|at| record.get(at)).map(|name| String::from_utf8_lossy(name).into_owned());
        let known = name.and_then(|name| cases.get(&name_of(&name)));
        let cells = record.iter().enumerate().map(|(at, cell)| {
            let column = header.get(at).unwrap_or_default().trim_start_matches('\u{feff}');
            if cell.is_empty() || !is_path(column) {
                return cell.to_vec();
            }
            let now = known.and_then(|case| path_of(case, column)).cloned();
            let listed = || home.join(&*String::from_utf8_lossy(cell));
            now.unwrap_or_else(listed).into_os_string().into_encoded_bytes()
        });
        writer.write_record(cells.collect::<Vec<_>>()).map_err(fail)?;
    }
    writer.flush().map_err(|cause| Refused(format!("cannot write {}: {cause}", to.display())))
}

/// Whether a column of a list names a file.
fn is_path(column: &str) -> bool {
    ["image", "mask"].contains(&column) || ["image.", "mask."].iter().any(|kind| column.starts_with(kind))
}

/// The file of a case that a column names.
fn path_of<'c>(case: &'c Case, column: &str) -> Option<&'c PathBuf> {
    let named =
        |files: &'c [(String, PathBuf)], name: &str| files.iter().find(|(of, _)| of == name).map(|(_, path)| path);
    match column.split_once('.') {
        None if column == "image" => Some(&case.image),
        None => Some(&case.mask),
        Some(("image", name)) => named(&case.images, name),
        Some((_, name)) => named(&case.masks, name),
    }
}
