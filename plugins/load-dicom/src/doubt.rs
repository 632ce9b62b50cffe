//! Files that cannot be read, beside those of a series: whether one of them may be a slice of it.

use std::collections::BTreeSet;
use std::path::Path;

use voxomics_sdk::Context;

use crate::error::ReadError;
use crate::files::Damaged;
use crate::series::{self, Series};

/// From so many files on, names of one pattern are no chance.
const ENOUGH: usize = 3;

/// Whether what can still be read of a file shows that it is no image, or one of another series than this.
pub fn is_other(damaged: &Damaged, series: Option<&str>) -> bool {
    let class = damaged.class.as_deref();
    class.is_some_and(series::is_no_image)
        || damaged.series.as_deref().zip(series).is_some_and(|(own, series)| own != series)
}

/// Whether a file that cannot be read may be a slice of a series. If its header does not tell, its place and its name do: a
/// slice lies in a folder with others and is named as they are.
pub fn may_be_slice(damaged: &Damaged, series: &Series<'_>) -> bool {
    if is_other(damaged, Some(&series.uid)) {
        return false;
    }
    if damaged.series.is_some() {
        return true;
    }
    let path = damaged.error.path.as_path();
    let beside: Vec<&Path> = series.paths().filter(|other| other.parent() == path.parent()).collect();
    // A folder that cannot be read may hold anything.
    if path.is_dir() {
        return series.paths().any(|other| other.parent().is_some_and(|folder| Some(folder) == path.parent()));
    }
    let patterns: BTreeSet<String> = beside.iter().map(|path| pattern(path)).collect();
    !beside.is_empty() && (beside.len() < ENOUGH || patterns.len() > 1 || patterns.contains(&pattern(path)))
}

/// The name of a file with a sign for each number in it.
fn pattern(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let mut pattern = String::with_capacity(name.len());
    for letter in name.chars() {
        match letter.is_ascii_digit() {
            true if pattern.ends_with('#') => {}
            true => pattern.push('#'),
            false => pattern.push(letter),
        }
    }
    pattern
}

/// Says which files are left out, once.
///
/// # Errors
/// If one of them may be a slice of the series.
pub fn check(damaged: Vec<Damaged>, series: &Series<'_>, context: &Context) -> Result<(), ReadError> {
    let (slices, others): (Vec<Damaged>, Vec<Damaged>) =
        damaged.into_iter().partition(|damaged| may_be_slice(damaged, series));
    if let Some(slice) = slices.into_iter().next() {
        return Err(explained(slice));
    }
    if let Some(message) = told(&others) {
        context.warning(&message);
    }
    Ok(())
}

/// The error of a file that may be a slice: what is wrong with it, and what to do if it is none.
pub fn explained(damaged: Damaged) -> ReadError {
    match damaged.series {
        Some(_) => damaged.error,
        None => {
            let ReadError { path, fault } = damaged.error;
            ReadError::unfit(
                &path,
                format!("{fault}; it may be a slice of the series: move it elsewhere if it is none"),
            )
        }
    }
}

/// What is said of files that are left out.
pub fn told(others: &[Damaged]) -> Option<String> {
    match others {
        [] => None,
        [one] => Some(format!("{}; it is left out, as it belongs to something else", one.error)),
        [first, rest @ ..] => Some(format!(
            "{}; it is left out, as it belongs to something else, and so are {} damaged files more",
            first.error,
            rest.len()
        )),
    }
}
