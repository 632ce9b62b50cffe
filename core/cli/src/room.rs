//! What a run leaves on disk.

use std::{fs, path::Path};

use crate::{
    bytes::shown,
    terminal::{self, name},
};

/// What is below a folder, and what takes the room: "812 MB in results: simulated 601 MB, report 120 MB, kept 60 MB, others 31 MB".
pub fn said(folder: &Path) -> String {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut parts: Vec<(u64, String)> =
        entries.map(|entry| (size(&entry.path()), entry.file_name().to_string_lossy().into_owned())).collect();
    parts.sort_by(|(a, one), (b, other)| b.cmp(a).then_with(|| one.cmp(other)));
    let whole: u64 = parts.iter().map(|(bytes, _)| bytes).sum();
    let named = parts.iter().take_while(|(bytes, _)| *bytes * 20 >= whole.max(1)).count();
    let others: u64 = parts[named..].iter().map(|(bytes, _)| bytes).sum();
    let mut words: Vec<String> =
        parts[..named].iter().map(|(bytes, of)| format!("{} {}", name(of), shown(*bytes))).collect();
    if others > 0 {
        words.push(format!("others {}", shown(others)));
    }
    format!("{} in {}: {}", shown(whole), terminal::shown(folder), words.join(", "))
}

/// The bytes of a file, or of all files below a folder. What cannot be looked at counts nothing, and links are not followed.
fn size(path: &Path) -> u64 {
    match fs::symlink_metadata(path) {
        Ok(about) if about.is_dir() => {
            fs::read_dir(path).into_iter().flatten().flatten().map(|entry| size(&entry.path())).sum()
        }
        Ok(about) => about.len(),
        Err(_) => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_takes_the_room_is_named_and_the_rest_is_summed() {
        let place = tempfile::tempdir().expect("a folder");
        let write = |name: &str, bytes: usize| {
            let path = place.path().join(name);
            fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            fs::write(path, vec![0; bytes]).expect("written");
        };
        write("simulated/a/scan", 700_000);
        write("simulated/b/scan", 800_000);
        write("report/report.html", 400_000);
        write("one.csv", 900);
        write("two.csv", 1_100);
        let said = said(place.path());
        assert!(said.starts_with("1.9 MB in "), "{said}");
        assert!(said.ends_with(": simulated 1.5 MB, report 0.4 MB, others 2 kB"), "{said}");
    }
}
