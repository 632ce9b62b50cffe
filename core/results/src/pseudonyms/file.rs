//! The file of a key: made if it is not there, read by its owner alone, and never shorter than it was.

use std::{
    collections::BTreeMap,
    fs,
    io::{self, Write as _},
    path::Path,
    sync::Mutex,
};

use serde::{Deserialize, Serialize};

use super::{Key, Kind, Known};

/// The format that is written.
const FORMAT: u32 = 1;

const HEAD: &str = "# The key of pseudonyms, and what they stand for. Whoever has this file can turn them back: keep it where the originals \
                    are, never beside the results.\n";

/// What the file holds.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    format: u32,
    key: String,
    /// Columns whose dates are shifted, with the order in which the dates are written.
    #[serde(default)]
    dates: BTreeMap<String, String>,
    /// For each case its patient, both as pseudonyms.
    #[serde(default)]
    patient_of: BTreeMap<String, String>,
    /// For each kind: pseudonym and original.
    #[serde(default)]
    originals: BTreeMap<Kind, BTreeMap<String, String>>,
}

impl Key {
    /// The key in a file, which is made if there is none.
    ///
    /// # Errors
    /// Why it cannot be used or made.
    pub fn open(path: &Path) -> Result<Self, String> {
        if !path.exists() {
            let mut secret = [0; 32];
            getrandom::fill(&mut secret).map_err(|cause| format!("no random key can be had: {cause}"))?;
            let key = Self { path: path.to_owned(), secret, known: Mutex::default() };
            let fail = |cause: io::Error| format!("the key {} cannot be made: {cause}", path.display());
            let file = written(path, &key.text(&Known::default())?).map_err(fail)?;
            match file.persist_noclobber(path) {
                Ok(_) => return Ok(key),
                // Another process made it meanwhile.
                Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(fail(error.error)),
            }
        }
        Self::read(path)
    }

    /// The key in a file.
    ///
    /// # Errors
    /// Why it cannot be used: also if others than its owner may read it.
    pub fn read(path: &Path) -> Result<Self, String> {
        let fail = |what: String| format!("the key {}: {what}", path.display());
        let text = fs::read_to_string(path).map_err(|cause| fail(format!("it cannot be read: {cause}")))?;
        private(path).map_err(&fail)?;
        let file: Written = toml::from_str(&text).map_err(|cause| {
            fail(format!(
                "it is not one that voxomics wrote: {}. Name another file, or one that is not there yet",
                cause.message()
            ))
        })?;
        if file.format != FORMAT {
            return Err(fail(format!(
                "it has the format {}, expected {FORMAT}: a later voxomics reads it",
                file.format
            )));
        }
        let secret = bytes(&file.key).ok_or_else(|| fail("its `key` is not of 64 hexadecimal digits".into()))?;
        let originals = file
            .originals
            .into_iter()
            .flat_map(|(kind, of)| of.into_iter().map(move |(pseudonym, original)| (pseudonym, (kind, original))));
        let known = Known { originals: originals.collect(), patients: file.patient_of, dates: file.dates };
        Ok(Self { path: path.to_owned(), secret, known: Mutex::new(known) })
    }

    /// Writes what is known, beside what other processes have written meanwhile.
    ///
    /// # Errors
    /// Why it cannot be written.
    pub fn save(&self) -> Result<(), String> {
        for _ in 0..10 {
            let there = Self::read(&self.path)?;
            if there.secret != self.secret {
                return Err(format!("the key {} was replaced by another one meanwhile", self.path.display()));
            }
            let (there, mut all) = (there.known().clone(), self.known().clone());
            all.originals.extend(there.originals.clone());
            all.patients.extend(there.patients.clone());
            all.dates.extend(there.dates.clone());
            // Another process may have written between the two: then once more.
            if all == there {
                return Ok(());
            }
            let fail = |cause: io::Error| format!("the key {} cannot be written: {cause}", self.path.display());
            written(&self.path, &self.text(&all)?)
                .map_err(fail)?
                .persist(&self.path)
                .map_err(|error| fail(error.error))?;
        }
        Err(format!("the key {} cannot be written: several processes write it at once", self.path.display()))
    }

    fn text(&self, known: &Known) -> Result<String, String> {
        let mut of_kind: BTreeMap<Kind, BTreeMap<String, String>> = BTreeMap::new();
        for (pseudonym, (kind, original)) in &known.originals {
            of_kind.entry(*kind).or_default().insert(pseudonym.clone(), original.clone());
        }
        let key = self.secret.iter().map(|byte| format!("{byte:02x}")).collect();
        let (dates, patient_of) = (known.dates.clone(), known.patients.clone());
        let file = Written { format: FORMAT, key, dates, patient_of, originals: of_kind };
        let text = toml::to_string(&file).map_err(|cause| format!("the key cannot be written: {cause}"))?;
        Ok(format!("{HEAD}{text}"))
    }
}

/// A text in a file aside, which its owner alone can read.
fn written(path: &Path, text: &str) -> io::Result<tempfile::NamedTempFile> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_data()?;
    Ok(file)
}

/// 32 bytes in hexadecimal.
fn bytes(text: &str) -> Option<[u8; 32]> {
    let digits = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let byte = |at: usize| u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok();
    digits.then(|| (0..32).map(byte).collect::<Option<Vec<u8>>>()).flatten()?.try_into().ok()
}

#[cfg(unix)]
fn private(path: &Path) -> Result<(), String> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = fs::metadata(path).map_err(|cause| cause.to_string())?.permissions().mode() & 0o777;
    match mode & 0o077 {
        0 => Ok(()),
        _ => Err(format!("others may read it (its mode is {mode:03o}): chmod 600 {}", path.display())),
    }
}

#[cfg(not(unix))]
fn private(_: &Path) -> Result<(), String> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_kept_and_its_owner_s_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("key.toml");
        let (a, b) = (Key::open(&path).expect("made"), Key::open(&path).expect("read"));
        let one = a.pseudonym(Kind::Patient, "P\"1\n");
        assert_eq!(one, b.pseudonym(Kind::Patient, "P\"1\n"));
        let other = b.pseudonym(Kind::Case, "P1-2");
        b.dated("scanned", super::super::forms("2020-01-31")[0]);
        [&a, &b].into_iter().for_each(|key| key.save().expect("written"));
        let again = Key::read(&path).expect("read");
        assert_eq!(again.back(&format!("{one} {other}")), "P\"1\n P1-2");
        assert!(again.known().dates.contains_key("scanned"));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(fs::metadata(&path).expect("a file").permissions().mode() & 0o777, 0o600);
            fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("a mode");
            assert!(Key::read(&path).is_err_and(|why| why.contains("chmod 600")));
        }
    }

    #[test]
    fn what_is_no_key_is_not_written_over() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("cases.csv");
        let mut file = tempfile::NamedTempFile::new_in(folder.path()).expect("a file");
        file.write_all(b"case,image,mask\n").expect("a file");
        file.persist(&path).expect("a file");
        assert!(Key::open(&path).is_err_and(|why| why.contains("not one that voxomics wrote")));
        assert_eq!(fs::read(&path).expect("a file"), b"case,image,mask\n");
    }
}
