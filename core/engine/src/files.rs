//! The files of a case: which ones they are, what their bytes are, and whether they stayed what they were while they were
//! read.
//!
//! A loader opens files by itself; so what it reads is told from the path that the list names: the file, the data file
//! that a header names, or everything below a folder, behind links as well.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use crate::{
    digest,
    plan::CaseFile,
    results::{FileRead, Stamp, identity::of_column},
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
    found.push(Found { column: column.into(), name: String::new(), path: path.to_owned(), stamp: Stamp::of(path)? });
    for (name, path) in companions(path)? {
        let stamp = Stamp::of(&path)?;
        found.push(Found { column: column.into(), name, path, stamp });
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
            Ok(what) if what.is_file() => {
                found.push(Found { column: column.into(), name, path, stamp: Stamp::new(&what) })
            }
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
        Ok(FileRead { column, name, sha256: digest::sha256_path(&of.path)?, bytes })
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
    let is_same = |of: &&Found| Stamp::of(&of.path).is_ok_and(|now| now == of.stamp);
    found.iter().find(|of| !is_same(of)).map(|of| of.path.as_path())
}

/// Whether files stayed what they were when they were found: what is another one afterwards may be either in the values and in the
/// digest.
///
/// # Errors
/// Which file did not, and what to do.
pub fn steady(found: &[Found]) -> Result<(), String> {
    changed(found).map_or(Ok(()), |path| {
        Err(format!(
            "{} was replaced or changed while it was read; run again when nothing writes to it any more",
            path.display()
        ))
    })
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
}
