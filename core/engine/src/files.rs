//! The files of a case: which ones they are, what their bytes are, and whether they stayed what they were while they were
//! read.
//!
//! What a loader will read is told from the path that the list names: the file, the data file that a header names, or everything
//! below a folder, behind links as well. What it has read beside that, the host knows ([`beside`]).

use std::{
    collections::{BTreeSet, HashMap},
    fs::{self, File},
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use crate::{
    digest,
    host::{Read, Reads},
    plan::CaseFile,
    results::{
        FileRead, Stamp,
        identity::{BESIDE, of_column},
    },
};

/// A file of a case, as it was when it was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The column of the list of cases that names it, or a folder that it is in.
    pub column: String,
    /// Its path below the folder that the case names; empty for a file that the case names itself.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
    /// Its size and time.
    pub stamp: Stamp,
    /// What stands for its digest, if it is no file.
    pub known: Option<String>,
}

impl Found {
    fn file(column: &str, name: String, path: PathBuf, stamp: Stamp) -> Self {
        Self { column: column.into(), name, path, stamp, known: None }
    }
}

/// The files that are read of a case, in a fixed order: what its columns name, and what that brings.
///
/// # Errors
/// If one of them cannot be looked at.
pub fn of(named: &[CaseFile]) -> io::Result<Vec<Found>> {
    let all = named.iter().map(|(column, path)| of_path(path, column)).collect::<io::Result<Vec<_>>>()?;
    Ok(all.into_iter().flatten().collect())
}

/// The files that are read when a path is.
fn of_path(path: &Path, column: &str) -> io::Result<Vec<Found>> {
    let mut found = Vec::new();
    if path.is_dir() {
        let mut above = BTreeSet::new();
        walk(path, "", column, &mut above, &mut found)?;
        return Ok(found);
    }
    found.push(Found::file(column, String::new(), path.to_owned(), Stamp::of(path)?));
    for (name, path) in companions(path)? {
        let stamp = Stamp::of(&path)?;
        found.push(Found::file(column, name, path, stamp));
    }
    Ok(found)
}

/// Every file below a folder, sorted. `above` are the folders that the way leads through: a link may lead back to one.
fn walk(
    folder: &Path,
    prefix: &str,
    column: &str,
    above: &mut BTreeSet<PathBuf>,
    found: &mut Vec<Found>,
) -> io::Result<()> {
    let own = fs::canonicalize(folder)?;
    if !above.insert(own.clone()) {
        return Ok(());
    }
    let mut entries: Vec<fs::DirEntry> = fs::read_dir(folder)?.collect::<io::Result<_>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let (path, name) = (entry.path(), format!("{prefix}{}", entry.file_name().to_string_lossy()));
        // What is neither, such as a pipe, would be waited for without end, and a link may lead nowhere.
        match fs::metadata(&path) {
            Ok(what) if what.is_dir() => walk(&path, &format!("{name}/"), column, above, found)?,
            Ok(what) if what.is_file() => found.push(Found::file(column, name, path, Stamp::new(&what))),
            _ => {}
        }
    }
    above.remove(&own);
    Ok(())
}

/// A header of text is not longer.
const HEADER: u64 = 64 << 10;

/// NIfTI, DICOM, gzip and pictures have a control character among as many bytes at their beginning, and text has none.
const FIRST: u64 = 8;

/// The other files that a header's voxels are in, each with the name that the key has for it.
fn companions(path: &Path) -> io::Result<Vec<(String, PathBuf)>> {
    let (mut file, mut head) = (File::open(path)?, Vec::new());
    // Most files are no text, and of a cohort on a shared folder every byte counts.
    file.by_ref().take(FIRST).read_to_end(&mut head)?;
    if !head.iter().any(|byte| byte.is_ascii_control() && !byte.is_ascii_whitespace()) {
        file.take(HEADER - FIRST).read_to_end(&mut head)?;
    }
    let folder = path.parent().unwrap_or(Path::new(""));
    let named = if head.starts_with(b"NRRD") {
        // The first empty line ends it.
        let ends = |at: &usize| head[*at..].starts_with(b"\n\n") || head[*at..].starts_with(b"\n\r\n");
        let end = (0..head.len()).find(ends).unwrap_or(head.len());
        value_of(&head[..end], &["data file", "datafile"], ':')
    } else {
        value_of(&head, &["ElementDataFile"], '=').filter(|name| !["LOCAL", "LIST"].contains(&name.as_str()))
    };
    if let Some(name) = named {
        let other = folder.join(&name);
        return Ok(if other.is_file() { vec![("data".to_owned(), other)] } else { Vec::new() });
    }
    Ok(partners(path))
}

/// The value of a field of a header of text.
fn value_of(head: &[u8], fields: &[&str], sign: char) -> Option<String> {
    // The voxels may follow in the same file: only whole lines of text count.
    let lines = head.split(|byte| *byte == b'\n').map_while(|line| std::str::from_utf8(line).ok());
    let value = |line: &str| {
        let (field, value) = line.split_once(sign)?;
        let is_it = fields.iter().any(|wanted| field.trim().eq_ignore_ascii_case(wanted));
        (is_it && !value.trim().is_empty()).then(|| value.trim().to_owned())
    };
    { lines }.find_map(value)
}

/// The other half of a pair of header and voxels.
fn partners(path: &Path) -> Vec<(String, PathBuf)> {
    const PAIR: [&str; 4] = ["hdr", "hdr.gz", "img", "img.gz"];
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else { return Vec::new() };
    let lower = name.to_lowercase();
    let Some(end) = PAIR.iter().filter(|end| lower.ends_with(&format!(".{end}"))).max_by_key(|end| end.len()) else {
        return Vec::new();
    };
    let stem = &name[..name.len() - end.len()];
    let beside =
        |end: &str| [end.to_owned(), end.to_uppercase()].map(|end| path.with_file_name(format!("{stem}{end}")));
    let others = PAIR.iter().filter(|other| other.starts_with('h') != end.starts_with('h'));
    let files = others.flat_map(|end| beside(end).map(|path| ((*end).to_owned(), path)));
    files.filter(|(_, path)| path.is_file()).collect()
}

/// The digests of files, in their order.
///
/// # Errors
/// If one of them cannot be read.
pub fn read(found: &[Found]) -> io::Result<Vec<FileRead>> {
    let read = |of: &Found| {
        let (column, name, bytes) = (of.column.clone(), of.name.clone(), of.stamp.bytes);
        let sha256 = of.known.clone().map_or_else(|| digest::sha256_path(&of.path), Ok)?;
        Ok(FileRead { column, name, sha256, bytes })
    };
    found.iter().map(read).collect()
}

/// The digest of what is read when a path is: of a file, of a header with its voxels, of a folder.
///
/// # Errors
/// If there is no such path, or it cannot be read.
pub fn digest(path: &Path) -> io::Result<String> {
    let read = read(&of_path(path, "image")?)?;
    of_column(&read, "image").ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "the folder is empty"))
}

/// The first file that is no longer what it was when it was found.
pub fn changed(found: &[Found]) -> Option<&Path> {
    let is_same = |of: &&Found| of.known.is_some() || Stamp::of(&of.path).is_ok_and(|now| now == of.stamp);
    found.iter().find(|of| !is_same(of)).map(|of| of.path.as_path())
}

/// Whether files stayed what they were when they were found: what is another one afterwards may be either in the values and in the
/// digest.
///
/// # Errors
/// Which file did not, and what to do.
pub fn steady(found: &[Found]) -> Result<(), String> {
    changed(found).map_or(Ok(()), |path| Err(replaced(path)))
}

fn replaced(path: &Path) -> String {
    format!(
        "{} was replaced or changed while it was read; run again when nothing writes to it any more",
        path.display()
    )
}

/// What the plugins of a case have read beside what was found of it before: files, names in folders, and files that were not
/// there. What they opened of what was found must be what was found.
///
/// # Errors
/// Which file was another one when it was opened, and what to do.
pub fn beside(found: &[Found], named: &[CaseFile], reads: &Reads) -> Result<Vec<Found>, String> {
    if let Some(path) = &reads.changed {
        return Err(replaced(path));
    }
    let before: HashMap<&Path, &Found> = found.iter().map(|found| (found.path.as_path(), found)).collect();
    let folders: Vec<&Path> = named.iter().map(|(_, path)| path.as_path()).filter(|path| path.is_dir()).collect();
    let mut beside = Vec::new();
    for (path, read) in &reads.found {
        match (before.get(path.as_path()), read) {
            (Some(before), Read::File(stamp)) if before.stamp != *stamp => return Err(replaced(path)),
            (Some(_), _) => {}
            // Everything below it was found.
            (None, Read::Folder(_)) if folders.iter().any(|folder| path.starts_with(folder)) => {}
            (None, read) => beside.push(placed(named, path, read)),
        }
    }
    Ok(beside)
}

/// What an earlier run has read beside the files that the list names, as it is now.
///
/// # Errors
/// If a folder can no longer be listed.
pub fn beside_again(named: &[CaseFile], known: &[FileRead]) -> io::Result<Vec<Found>> {
    let again = |known: &FileRead| {
        let column = known.column.strip_prefix(BESIDE)?;
        let (_, own) = named.iter().find(|(named, _)| named == column)?;
        let path = base(own).join(&known.name);
        let read = match std::fs::metadata(&path) {
            _ if known.name.ends_with('/') => names_in(&path).map(Read::Folder),
            Ok(about) if about.is_file() => Ok(Read::File(Stamp::new(&about))),
            _ => Ok(Read::Nothing),
        };
        Some(read.map(|read| of_read(known.column.clone(), known.name.clone(), path, &read)))
    };
    known.iter().filter_map(again).collect()
}

/// The folder beside whose files a case's are: itself, or the one that holds its file.
fn base(named: &Path) -> &Path {
    if named.is_dir() { named } else { named.parent().unwrap_or(Path::new("")) }
}

/// What was read, under the column that it lies closest to.
fn placed(named: &[CaseFile], path: &Path, read: &Read) -> Found {
    let below = named.iter().filter_map(|(column, own)| Some((column, path.strip_prefix(base(own)).ok()?)));
    let closest = below.min_by_key(|(_, name)| name.components().count());
    let first = || (named.first().map_or("", |(column, _)| column), path);
    let (column, name) = closest.map_or_else(first, |(column, name)| (column.as_str(), name));
    let name = match (read, name.to_string_lossy()) {
        (Read::Folder(_), name) if name.is_empty() => "./".to_owned(),
        (Read::Folder(_), name) => format!("{name}/"),
        (_, name) => name.into_owned(),
    };
    of_read(format!("{BESIDE}{column}"), name, path.to_owned(), read)
}

fn of_read(column: String, name: String, path: PathBuf, read: &Read) -> Found {
    let (stamp, known) = match read {
        Read::File(stamp) => (*stamp, None),
        Read::Folder(names) => {
            let names: Vec<u8> =
                names.iter().flat_map(|name| [name.as_os_str().as_encoded_bytes(), b"\0"].concat()).collect();
            let sha256 = digest::sha256(&names);
            (Stamp::of_digest(&sha256, names.len() as u64), Some(sha256))
        }
        Read::Nothing => (Stamp::of_digest("", 0), Some("nothing".to_owned())),
    };
    Found { column, name, path, stamp, known }
}

/// The names in a folder, as the host lists them.
fn names_in(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let names = fs::read_dir(folder)?.map(|entry| Ok(entry?.file_name().into()));
    let mut names = names.collect::<io::Result<Vec<PathBuf>>>()?;
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(path: &Path) -> Vec<String> {
        of_path(path, "image").expect("files").into_iter().map(|found| found.name).collect()
    }

    #[test]
    fn a_header_brings_the_file_with_its_voxels() {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: &[u8]| {
            let path = folder.path().join(name);
            fs::write(&path, text).expect("a file");
            path
        };
        for name in ["a.raw", "pair.img", "packed.hdr.gz", "packed.img.gz"] {
            write(name, b"voxels");
        }
        let nhdr = write("a.nhdr", b"NRRD0005\ntype: short\n# data file: none\ndata file: a.raw\n");
        assert_eq!(names(&nhdr), ["", "data"]);
        let mhd = write("a.mhd", b"NDims = 3\r\nElementDataFile = a.raw\r\n");
        assert_eq!(names(&mhd), ["", "data"]);
        assert_eq!(names(&write("local.mha", b"NDims = 3\nElementDataFile = LOCAL\n\x00\xff")), [""]);
        assert_eq!(names(&write("own.nrrd", b"NRRD0005\ntype: short\n\n\x00\xffdata file: a.raw\n")), [""]);
        assert_eq!(names(&write("pair.hdr", &[0; 348])), ["", "img"]);
        assert_eq!(names(&folder.path().join("pair.img")), ["", "hdr"]);
        assert_eq!(names(&folder.path().join("packed.img.gz")), ["", "hdr.gz"]);
        assert_eq!(names(&write("plain.nii", &[0; 400])), [""]);
    }

    #[test]
    #[cfg(unix)]
    fn a_folder_is_every_file_below_it_behind_links_as_well() {
        let folder = tempfile::tempdir().expect("a folder");
        let (case, elsewhere) = (folder.path().join("case"), folder.path().join("elsewhere"));
        fs::create_dir_all(case.join("inner")).expect("a folder");
        fs::create_dir_all(&elsewhere).expect("a folder");
        fs::write(case.join("b"), "b").expect("a file");
        fs::write(case.join("inner/a"), "a").expect("a file");
        fs::write(elsewhere.join("slice"), "s").expect("a file");
        std::os::unix::fs::symlink(&elsewhere, case.join("linked")).expect("a link");
        std::os::unix::fs::symlink(&case, case.join("inner/back")).expect("a link");
        std::os::unix::fs::symlink("nowhere", case.join("broken")).expect("a link");
        assert_eq!(names(&case), ["b", "inner/a", "linked/slice"]);
        let before = of_path(&case, "image").expect("files");
        assert_eq!(changed(&before), None);
        fs::write(elsewhere.join("slice"), "longer").expect("a file");
        assert_eq!(changed(&before), Some(case.join("linked/slice").as_path()));
    }

    #[test]
    fn what_was_read_beside_the_files_of_a_case_is_found_again_as_it_is_then() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        fs::write(path("scan.own"), "scan").expect("a file");
        fs::write(path("scale"), "2").expect("a file");
        let named = vec![("image".to_owned(), path("scan.own"))];
        let found = of(&named).expect("files");
        let mut reads = Reads::default();
        let stamp = |name: &str| Stamp::of(&path(name)).expect("a file");
        reads.found.insert(path("scan.own"), Read::File(stamp("scan.own")));
        reads.found.insert(path("scale"), Read::File(stamp("scale")));
        reads.found.insert(path("offset"), Read::Nothing);
        reads.found.insert(folder.path().to_owned(), Read::Folder(vec!["scale".into(), "scan.own".into()]));
        let read_beside = |beside: &[Found]| read(beside).expect("digests");
        let first = read_beside(&beside(&found, &named, &reads).expect("unchanged"));
        let names: Vec<(&str, &str)> = first.iter().map(|file| (file.column.as_str(), file.name.as_str())).collect();
        assert_eq!(names, [("beside.image", "./"), ("beside.image", "offset"), ("beside.image", "scale")]);
        let again = || read_beside(&beside_again(&named, &first).expect("a folder"));
        assert_eq!(again(), first);
        fs::write(path("scale"), "3").expect("a file");
        assert_ne!(again()[2], first[2]);
        fs::write(path("offset"), "1").expect("a file");
        assert!(again().iter().zip(&first).all(|(now, then)| now != then), "the folder has a file more, too");

        // What was opened is not what was found.
        reads.found.insert(path("scan.own"), Read::File(Stamp::of_digest("", 0)));
        assert!(beside(&found, &named, &reads).is_err_and(|why| why.contains("scan.own was replaced")));
    }
}
