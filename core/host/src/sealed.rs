//! A private copy of a library whose bytes were verified: the file itself could be replaced between check and loading.

use std::{
    fs::File,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

/// A copy that nobody else can change.
pub struct Copy {
    /// Where the operating system finds it.
    pub path: PathBuf,
    /// The same, open.
    pub file: File,
    temporary: Option<tempfile::TempPath>,
}

impl Copy {
    /// Lets the copy live as long as the process. A path in memory is that of an open file: if it were closed, the next library
    /// could come to have the same path, and would be taken for this one.
    pub fn keep(self) {
        match self.temporary {
            // The file is loaded, and need not have a name any more.
            Some(temporary) => drop(temporary),
            None => std::mem::forget(self.file),
        }
    }
}

/// Copies bytes to where they can be loaded from: into memory that is sealed against every change, or where there is no such
/// thing, into a temporary file.
///
/// # Errors
/// If neither can be written.
pub fn copy(original: &Path, bytes: &[u8]) -> io::Result<Copy> {
    #[cfg(target_os = "linux")]
    if let Ok(copy) = in_memory(original, bytes) {
        return Ok(copy);
    }
    let _ = original;
    let mut file = tempfile::Builder::new().prefix("voxomics-").suffix(std::env::consts::DLL_SUFFIX).tempfile()?;
    file.write_all(bytes)?;
    file.flush()?;
    let (file, temporary) = file.into_parts();
    Ok(Copy { path: temporary.to_path_buf(), file, temporary: Some(temporary) })
}

#[cfg(target_os = "linux")]
fn in_memory(original: &Path, bytes: &[u8]) -> io::Result<Copy> {
    use std::os::fd::AsRawFd as _;

    use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, memfd_create};

    let name = original.file_name().unwrap_or_default();
    let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
    // Older kernels do not know the flag, and need none.
    let memory = memfd_create(name, flags | MemfdFlags::EXEC).or_else(|_| memfd_create(name, flags))?;
    let mut file = File::from(memory);
    file.write_all(bytes)?;
    fcntl_add_seals(&file, SealFlags::SEAL | SealFlags::SHRINK | SealFlags::GROW | SealFlags::WRITE)?;
    let path = PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd()));
    // Where /proc is not to be seen, a library cannot be loaded from it.
    std::fs::metadata(&path)?;
    Ok(Copy { path, file, temporary: None })
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn a_copy_has_the_bytes_and_cannot_be_changed() {
        let mut copy = copy(Path::new("libx.so"), b"bytes").expect("a copy");
        let mut read = Vec::new();
        File::open(&copy.path).and_then(|mut file| file.read_to_end(&mut read)).expect("readable");
        assert_eq!(read, b"bytes");
        if cfg!(target_os = "linux") {
            assert!(copy.file.write_all(b"more").is_err() && copy.file.set_len(1).is_err());
        }
    }
}
