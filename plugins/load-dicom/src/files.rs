//! The DICOM files of a folder.

use std::collections::HashSet;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use dicom_core::Tag;
use dicom_dictionary_std::tags;
use voxomics_imaging::executor;
use voxomics_reading::{self as reading, Fault as FileFault, RENEW};
use voxomics_sdk::Context;

use crate::error::{Fault, ReadError};
use crate::object::Object;
use crate::source::is_dicom;

/// The contours of an RTSTRUCT can be far larger than all that is said about them.
const ROI_CONTOUR_SEQUENCE: Tag = Tag(0x3006, 0x0039);
const DIRECTORY_CLASS: &str = "1.2.840.10008.1.3.10";
/// Enough to find one DICOM file in any folder that was meant to hold some.
const MOST_LOOKED_AT: usize = 1000;
/// How files begin in which macOS keeps what other file systems have no place for; they carry the name of the file that
/// they go with, `._` before it (AppleDouble, RFC 1740, appendix B).
const APPLE_DOUBLE: &[u8] = &[0x00, 0x05, 0x16, 0x07];

/// What a folder holds.
#[derive(Debug, Default)]
pub struct Found {
    /// The DICOM objects up to their pixels or contours, by path.
    pub objects: Vec<Object>,
    /// Files that should be DICOM and cannot be read.
    pub damaged: Vec<Damaged>,
    /// How many files there are.
    pub files: u64,
    /// How many of them are not DICOM.
    pub foreign: u64,
}

/// A file that should be DICOM and cannot be read, or a folder that cannot.
#[derive(Debug)]
pub struct Damaged {
    /// What is wrong with it.
    pub error: ReadError,
    /// Its `SOPClassUID`, where that lies before the damage.
    pub class: Option<String>,
    /// Its `SeriesInstanceUID`, likewise.
    pub series: Option<String>,
}

impl From<ReadError> for Damaged {
    fn from(error: ReadError) -> Self {
        Self { error, class: None, series: None }
    }
}

impl Damaged {
    /// With what can still be read of a file.
    fn of(error: ReadError) -> Self {
        let text = |object: &Object, tag| object.root().text(tag);
        for last in [tags::SERIES_INSTANCE_UID, tags::SOP_CLASS_UID] {
            if let Ok(object) = Object::read_until(&error.path, &|tag| tag > last) {
                let (class, series) = (text(&object, tags::SOP_CLASS_UID), text(&object, tags::SERIES_INSTANCE_UID));
                return Self { error, class, series };
            }
        }
        error.into()
    }
}

enum Kind {
    Dicom(Box<Object>),
    Damaged(Box<Damaged>),
    Foreign,
}

/// Reads the headers of all DICOM files in a folder; other files, and a DICOMDIR, are passed over.
///
/// # Errors
/// If the folder cannot be read, or if the host gives up.
pub fn find(folder: &Path, recursive: bool, context: &Context) -> Result<Found, ReadError> {
    let (paths, unread) = list(folder, recursive)?;
    let kinds = executor::map(&context.threads(), paths.len(), &|index| {
        if context.check_cancelled().is_err() { Kind::Foreign } else { kind(&paths[index]) }
    });
    context.check_cancelled().map_err(|error| ReadError::new(folder, Fault::Cancelled(error)))?;
    let damaged = unread.into_iter().map(Damaged::from).collect();
    let mut found = Found { files: paths.len() as u64, damaged, ..Found::default() };
    for kind in kinds {
        match kind {
            Kind::Dicom(object) => found.objects.push(*object),
            Kind::Damaged(damaged) => found.damaged.push(*damaged),
            Kind::Foreign => found.foreign += 1,
        }
    }
    Ok(found)
}

/// Whether a folder holds a DICOM file; the search ends at the first one, or after a thousand other files.
pub fn holds_dicom(folder: &Path) -> bool {
    let mut left = MOST_LOOKED_AT;
    let mut walk = Walk::new(folder, true);
    while let Some(Ok(path)) = walk.next() {
        if head(&path).is_ok_and(|head| is_dicom(&head)) {
            return true;
        }
        left -= 1;
        if left == 0 {
            return false;
        }
    }
    false
}

fn kind(path: &Path) -> Kind {
    match head(path) {
        Err(fault) => Kind::Damaged(Box::new(ReadError::new(path, fault).into())),
        Ok(head) if head.starts_with(APPLE_DOUBLE) => Kind::Foreign,
        Ok(head) if !is_dicom(&head) => match is_named_dicom(path) {
            true => {
                let message = format!("named as a DICOM file, but its first bytes are not those of one; {RENEW}");
                Kind::Damaged(Box::new(ReadError::unfit(path, message).into()))
            }
            false => Kind::Foreign,
        },
        Ok(_) => match Object::read_until(path, &|tag| tag == ROI_CONTOUR_SEQUENCE) {
            Ok(object) if is_directory(&object) => Kind::Foreign,
            Ok(object) => Kind::Dicom(Box::new(object)),
            Err(error) => Kind::Damaged(Box::new(Damaged::of(error))),
        },
    }
}

/// Whether an object is a DICOMDIR, which names its class in the file meta information alone.
fn is_directory(object: &Object) -> bool {
    object.sop_class() == DIRECTORY_CLASS || object.root().has(tags::DIRECTORY_RECORD_SEQUENCE)
}

/// A slice that was cut down to a few bytes must not pass for a file of another format.
fn is_named_dicom(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    ["dcm", "ima", "dicom"].iter().any(|known| extension.eq_ignore_ascii_case(known))
}

/// The first bytes of a file: those that decide whether it is DICOM.
pub fn head(path: &Path) -> Result<Vec<u8>, Fault> {
    let mut head = Vec::new();
    reading::open_any(path)?.take(132).read_to_end(&mut head)?;
    Ok(head)
}

/// The smallest folder that holds all of these files.
pub fn common_folder<'a>(mut paths: impl Iterator<Item = &'a Path>) -> PathBuf {
    let mut folder = paths.next().and_then(Path::parent).unwrap_or(Path::new("")).to_path_buf();
    for path in paths {
        while !path.starts_with(&folder) && folder.pop() {}
    }
    folder
}

/// The files of a folder, by path, and the folders below it that cannot be read.
fn list(folder: &Path, recursive: bool) -> Result<(Vec<PathBuf>, Vec<ReadError>), ReadError> {
    let (mut paths, mut unread) = (Vec::new(), Vec::new());
    for path in Walk::new(folder, recursive) {
        match path {
            Ok(path) => paths.push(path),
            Err(error) if error.path == folder => return Err(error),
            Err(error) => unread.push(error),
        }
    }
    paths.sort();
    Ok((paths, unread))
}

/// The files below a folder, each once: a link that leads back is not followed again. Pipes and devices are left out.
struct Walk {
    recursive: bool,
    seen: HashSet<PathBuf>,
    folders: Vec<PathBuf>,
    files: Vec<PathBuf>,
}

impl Walk {
    fn new(folder: &Path, recursive: bool) -> Self {
        Self { recursive, seen: HashSet::new(), folders: vec![folder.to_path_buf()], files: Vec::new() }
    }

    fn enter(&mut self, folder: &Path) -> Result<(), FileFault> {
        if !self.seen.insert(fs::canonicalize(folder)?) {
            return Ok(());
        }
        // Files leave from the end.
        for path in reading::list(folder)?.into_iter().rev() {
            // A link that leads nowhere is not there.
            let Ok(about) = fs::metadata(&path) else { continue };
            if about.is_file() {
                self.files.push(path);
            } else if about.is_dir() && self.recursive {
                self.folders.push(path);
            }
        }
        Ok(())
    }
}

impl Iterator for Walk {
    type Item = Result<PathBuf, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(file) = self.files.pop() {
                return Some(Ok(file));
            }
            let folder = self.folders.pop()?;
            if let Err(error) = self.enter(&folder) {
                return Some(Err(ReadError::new(&folder, error)));
            }
        }
    }
}
