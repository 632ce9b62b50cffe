//! A folder of pictures, each a slice of one volume: their names count the slices.

use std::{
    io::Read as _,
    path::{Path, PathBuf},
};

use voxomics_reading as reading;

use crate::error::Fault;

/// The pictures of a folder, from the first slice to the last.
///
/// The names must be the same but for one number, which goes up from slice to slice by the same step: a slice that is missing
/// would not be missed otherwise.
///
/// # Errors
/// If there is none, or if the names do not count slices.
pub fn slices(folder: &Path) -> Result<Vec<PathBuf>, Fault> {
    let mut named = Vec::new();
    for path in visible(folder)? {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let Some((before, number, after)) = split(&name) else {
            return Err(unsuited(format!("`{name}` has no number")));
        };
        named.push((number, before.to_owned(), after.to_owned(), path, name.clone()));
    }
    named.sort();
    let Some((_, before, after, _, first)) = named.first().cloned() else {
        return Err(unsuited("there is no file".into()));
    };
    if let Some((.., other)) = named.iter().find(|one| (&one.1, &one.2) != (&before, &after)) {
        return Err(unsuited(format!("`{first}` and `{other}` differ in more than a number")));
    }
    let steps: Vec<u64> = named.windows(2).map(|pair| pair[1].0 - pair[0].0).collect();
    let step = steps.iter().min().copied().unwrap_or(1);
    if let Some(place) = steps.iter().position(|other| *other != step || step == 0) {
        let (a, b) = (&named[place].4, &named[place + 1].4);
        return Err(unsuited(format!("after `{a}` comes `{b}`: a slice is missing or there twice")));
    }
    Ok(named.into_iter().map(|(_, _, _, path, _)| path).collect())
}

/// Whether a folder has pictures and nothing else, by the beginning of its first file and the endings of all.
pub fn is_stack(folder: &Path, is_picture: impl Fn(&[u8]) -> bool) -> bool {
    let ending = |path: &PathBuf| path.extension().map(|ending| ending.to_ascii_lowercase());
    let Ok(paths) = visible(folder) else { return false };
    let Some(first) = paths.first().filter(|first| paths.iter().all(|path| ending(path) == ending(first))) else {
        return false;
    };
    let mut head = Vec::new();
    let read = reading::open(first).and_then(|(file, _)| Ok(file.take(16).read_to_end(&mut head)?));
    read.is_ok() && is_picture(&head)
}

fn unsuited(why: String) -> Fault {
    Fault::Unsupported {
        found: format!("the pictures of the folder cannot be put in order: {why}"),
        todo: "name them as slice-001.png, slice-002.png, and so on, with nothing else beside them",
    }
}

/// The files of a folder, but for those that systems hide.
fn visible(folder: &Path) -> Result<Vec<PathBuf>, Fault> {
    let is_visible = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default();
        !name.to_string_lossy().starts_with('.') && name != "Thumbs.db"
    };
    let mut paths = reading::list(folder)?;
    paths.retain(is_visible);
    Ok(paths)
}

/// A name around its last number.
fn split(name: &str) -> Option<(&str, u64, &str)> {
    let stem = name.rfind('.').unwrap_or(name.len());
    let end = name[..stem].rfind(|c: char| c.is_ascii_digit())? + 1;
    let start = name[..end]
        .rfind(|c: char| !c.is_ascii_digit())
        .map_or(0, |at| at + name[at..].chars().next().map_or(1, char::len_utf8));
    Some((&name[..start], name[start..end].parse().ok()?, &name[end..]))
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn the_last_number_of_a_name_counts() {
        assert_eq!(split("ct2-slice-007.png"), Some(("ct2-slice-", 7, ".png")));
        assert_eq!(split("12.png"), Some(("", 12, ".png")));
        assert_eq!(split("é3 b.png"), Some(("é", 3, " b.png")));
        assert_eq!(split("picture.png2"), None);
    }
}
