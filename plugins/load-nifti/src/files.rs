//! Which of two files holds the header and which the voxels.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// What a file's name says about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `.hdr`, `.hdr.gz`: the header of a pair.
    Header,
    /// `.img`, `.img.gz`: the voxels of a pair.
    Image,
    /// Any other name: header and voxels in one file.
    Single,
}

/// What a file's name says about it, and whether it ends with `.gz`; upper or lower case.
pub fn kind(path: &Path) -> (Kind, bool) {
    let compressed = has_extension(path, "gz");
    let inner = if compressed { path.with_extension("") } else { path.to_path_buf() };
    let kind = if has_extension(&inner, "hdr") {
        Kind::Header
    } else if has_extension(&inner, "img") {
        Kind::Image
    } else {
        Kind::Single
    };
    (kind, compressed)
}

fn has_extension(path: &Path, extension: &str) -> bool {
    path.extension().is_some_and(|found| found.eq_ignore_ascii_case(extension))
}

/// The other half of a pair: the name to look for first, and the file if there is one.
pub struct Partner {
    /// The likeliest name.
    pub wanted: PathBuf,
    /// The file that was found.
    pub found: Option<PathBuf>,
    /// A second file that could be meant as well.
    pub rival: Option<PathBuf>,
}

/// Looks for the other half of a pair, compressed like this one or not, in either case of letters.
pub fn partner(path: &Path, extension: &str) -> Partner {
    let (_, compressed) = kind(path);
    let stem = if compressed { path.with_extension("") } else { path.to_path_buf() };
    let upper = extension.to_ascii_uppercase();
    let names = |compressed: bool| {
        [(extension, ".gz"), (&upper, ".GZ")].map(|(extension, suffix)| {
            let mut name = OsString::from(stem.with_extension(extension));
            if compressed {
                name.push(suffix);
            }
            PathBuf::from(name)
        })
    };
    let [wanted, _] = names(compressed);
    let there = |compressed| names(compressed).into_iter().find(|name| name.exists());
    match (there(compressed), there(!compressed)) {
        (None, other) => Partner { wanted, found: other, rival: None },
        (found, rival) => Partner { wanted, found, rival },
    }
}
