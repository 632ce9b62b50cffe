//! What formats share whose header is text: fields with a value each, and voxels after them or in another file.

use std::{
    path::{Path, PathBuf},
    str::FromStr,
};

use crate::RENEW;

/// What lies before the voxels and is not wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Skip {
    /// So many bytes.
    Bytes(u64),
    /// Everything but the end of the file.
    AllBefore,
}

/// The numbers of a value, with white space between them; `None` if one of them is no such number.
pub fn numbers<T: FromStr>(value: &str) -> Option<Vec<T>> {
    value.split_whitespace().map(|number| number.parse().ok()).collect()
}

/// Whether the name of a data file is a pattern such as `slice%03d.raw`, which stands for a file for each number, with
/// one of these letters at its end.
pub fn is_pattern(name: &str, letters: &[char]) -> bool {
    name.split('%').skip(1).any(|rest| rest.trim_start_matches(|c: char| c.is_ascii_digit()).starts_with(letters))
}

/// The file that holds the voxels, and the byte at which they begin: the file that the header at `path` names, beside it
/// or by an absolute path, or the header's own after its `length` bytes.
///
/// # Errors
/// The file that is named, if it is missing.
pub fn data_file(path: &Path, named: Option<&str>, length: u64) -> Result<(PathBuf, u64), PathBuf> {
    let Some(name) = named else { return Ok((path.to_path_buf(), length)) };
    let wanted = path.parent().unwrap_or(Path::new("")).join(name);
    if wanted.exists() { Ok((wanted, 0)) } else { Err(wanted) }
}

/// In words: the file ends before what ends a header.
pub fn truncated(expected: &str) -> String {
    format!("the file ends within the header, expected {expected}; {RENEW}")
}

/// In words: a header without end.
pub fn too_long(limit: u64, expected: &str) -> String {
    format!("the header has no end within {limit} bytes, expected {expected}; {RENEW}")
}

/// In words: a line, counted from 1, that is none of a header.
pub fn no_line(number: usize, found: &str, expected: &str) -> String {
    format!("line {number} is \"{}\", expected {expected}; correct the header", found.escape_debug())
}

/// In words: a field that stands there twice.
pub fn repeated(field: &str) -> String {
    format!("the field `{field}` is there twice, expected once; delete one")
}

/// In words: a field without which the voxels or their place are not known.
pub fn missing(field: &str) -> String {
    format!("the field `{field}` is missing; add it to the header")
}

/// In words: a field that is not what it must be.
pub fn wrong(field: &str, found: &str, expected: &str) -> String {
    let found = found.escape_debug();
    format!("`{field}` is \"{found}\", expected {expected}; correct the header or export the file again")
}

/// In words: a field that asks for what the format allows and the loader does not read.
pub fn unsupported(field: &str, found: &str, supported: &str) -> String {
    let found = found.escape_debug();
    format!("`{field}` is \"{found}\", which is not read here, expected {supported}; convert the file")
}

/// In words: the data file that a field names is missing.
pub fn no_data_file(field: &str, wanted: &Path) -> String {
    format!("`{field}` names {}, which is missing; put both files where the header says", wanted.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_all_numbers_or_none() {
        assert_eq!(numbers(" 1\t2  3 "), Some(vec![1_usize, 2, 3]));
        assert_eq!(numbers::<f64>(""), Some(Vec::new()));
        assert_eq!(numbers::<usize>("1 -2"), None);
    }

    #[test]
    fn a_pattern_is_told_from_a_per_cent_sign() {
        assert!(is_pattern("a%03d.raw", &['d']));
        assert!(is_pattern("100%a%i.raw", &['d', 'i']));
        assert!(!is_pattern("a%03i.raw", &['d']));
        assert!(!is_pattern("50% done.raw", &['d']));
        assert!(!is_pattern("d.raw", &['d']));
    }

    #[test]
    fn voxels_follow_the_header_or_are_in_the_file_that_it_names() {
        let here = Path::new(file!());
        assert_eq!(data_file(here, None, 7), Ok((here.to_path_buf(), 7)));
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        assert_eq!(data_file(&folder.join("a.mhd"), Some("Cargo.toml"), 7), Ok((folder.join("Cargo.toml"), 0)));
        assert_eq!(data_file(&folder.join("a.mhd"), Some("none.raw"), 7), Err(folder.join("none.raw")));
    }
}
