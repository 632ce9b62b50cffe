//! Digests of files, folders and texts.

use std::{
    fs::File,
    io::{self, Read as _, Seek as _, SeekFrom},
    path::Path,
    sync::{Arc, OnceLock},
};

use serde::Serialize;
use sha2::{Digest as _, Sha256};

/// The SHA-256 of a file that nothing waits for until it is asked for: it costs as much as loading a plugin does.
#[derive(Debug, Clone)]
pub struct Digest {
    /// Open since it was first looked at: another file may have the path by now.
    file: Option<Arc<File>>,
    value: Arc<OnceLock<String>>,
}

impl Digest {
    /// The digest of an open file, to be taken; nobody else reads from it by then.
    pub fn of(file: File) -> Self {
        Self { file: Some(Arc::new(file)), value: Arc::default() }
    }

    /// A digest that is known already.
    pub fn known(sha256: String) -> Self {
        Self { file: None, value: Arc::new(OnceLock::from(sha256)) }
    }

    /// The digest in hexadecimal, or why there is none.
    pub fn get(&self) -> &str {
        self.value.get_or_init(|| {
            let digest = self.file.as_deref().map(sha256_file);
            digest
                .unwrap_or_else(|| Err(io::ErrorKind::NotFound.into()))
                .unwrap_or_else(|cause| format!("unreadable: {cause}"))
        })
    }
}

impl Serialize for Digest {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.get().serialize(serializer)
    }
}

/// SHA-256 of bytes, in hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// SHA-256 of a file, or of the names and contents of a folder's files, sorted, in hexadecimal. What is neither file nor
/// folder (a pipe would be waited for without end) counts by its name alone, and so does a link to a folder, which may lead
/// back.
///
/// # Errors
/// If a file cannot be read.
pub fn sha256_path(path: &Path) -> io::Result<String> {
    let mut hasher = Sha256::new();
    if path.is_dir() {
        let mut files: Vec<_> = std::fs::read_dir(path)?.collect::<Result<Vec<_>, _>>()?;
        files.sort_by_key(std::fs::DirEntry::file_name);
        for file in files {
            hasher.update(file.file_name().as_encoded_bytes());
            if file.path().is_file() || file.file_type()?.is_dir() {
                hasher.update(sha256_path(&file.path())?);
            }
        }
    } else {
        return sha256_file(&File::open(path)?);
    }
    Ok(hex(&hasher.finalize()))
}

/// SHA-256 of a file that is open, from its beginning, in hexadecimal.
///
/// # Errors
/// If it cannot be read.
pub fn sha256_file(mut file: &File) -> io::Result<String> {
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 18];
    file.seek(SeekFrom::Start(0))?;
    loop {
        let n = file.read(&mut buffer)?;
        if n == 0 {
            return Ok(hex(&hasher.finalize()));
        }
        hasher.update(&buffer[..n]);
    }
}

fn hex(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    #[cfg(unix)]
    fn a_folder_that_leads_back_to_itself_has_a_digest() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("a"), "abc").expect("a file");
        let plain = super::sha256_path(folder.path()).expect("a digest");
        std::os::unix::fs::symlink(folder.path(), folder.path().join("b")).expect("a link");
        assert_ne!(super::sha256_path(folder.path()).expect("a digest"), plain);
    }

    #[test]
    fn the_digest_is_that_of_fips_180() {
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(super::sha256(b"abc"), expected);
    }
}
