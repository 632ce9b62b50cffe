//! Memory files that two processes share: written once, sealed, mapped for reading.

use std::{
    fs::File,
    io,
    os::{
        fd::{AsFd, BorrowedFd, OwnedFd},
        unix::fs::FileExt as _,
    },
    sync::Arc,
};

use memmap2::Mmap;
use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, fcntl_get_seals, ftruncate, memfd_create};

/// Arrays begin at multiples of this.
pub const ALIGN: usize = 64;

/// The next offset at which an array may begin.
pub fn aligned(at: usize) -> usize {
    at.next_multiple_of(ALIGN)
}

/// Writes parts into a new memory file, each at its offset, and seals it against every change.
///
/// # Errors
/// If there is no memory for it, or the kernel does not seal.
pub fn write(name: &str, bytes: usize, parts: &[(usize, &[u8])]) -> io::Result<OwnedFd> {
    let file = File::from(memfd_create(name, MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING)?);
    ftruncate(&file, bytes as u64)?;
    for (at, part) in parts {
        // One write is twice as fast as mapping the file and copying into it.
        file.write_all_at(part, *at as u64)?;
    }
    fcntl_add_seals(&file, all_seals())?;
    Ok(file.into())
}

/// Maps a memory file that another process made.
///
/// # Errors
/// If it is not sealed, shorter than was told, or cannot be mapped.
pub fn map(file: BorrowedFd<'_>, bytes: usize) -> io::Result<Arc<Mmap>> {
    let missing = all_seals() - fcntl_get_seals(file)?;
    if !missing.is_empty() {
        return Err(io::Error::other("a memory file is not sealed: it could change or shrink while it is read"));
    }
    let found = rustix::fs::fstat(file)?.st_size;
    if usize::try_from(found).ok() < Some(bytes) {
        return Err(io::Error::other(format!("a memory file has {found} bytes, and {bytes} were announced")));
    }
    // A private mapping: kernels before 6.7 refuse a shared one of a descriptor that was opened for writing.
    // SAFETY: the file is sealed against writing and shrinking, which was just checked; so nobody changes what is mapped.
    let map = unsafe { memmap2::MmapOptions::new().len(bytes).map_copy_read_only(&file.as_fd())? };
    Ok(Arc::new(map))
}

fn all_seals() -> SealFlags {
    SealFlags::SEAL | SealFlags::SHRINK | SealFlags::GROW | SealFlags::WRITE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_mapped_and_cannot_change() {
        let file = write("test", 200, &[(0, b"abc"), (aligned(3), b"de")]).expect("a memory file");
        let map = map(file.as_fd(), 200).expect("a map");
        assert_eq!((&map[..3], &map[64..66], map.len()), (&b"abc"[..], &b"de"[..], 200));
        let file = File::from(file);
        assert!(file.write_at(b"x", 0).is_err() && file.set_len(10).is_err() && file.set_len(1000).is_err());
    }

    #[test]
    fn a_file_that_could_shrink_or_is_too_short_is_refused() {
        let open = File::from(memfd_create("open", MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING).expect("a file"));
        open.set_len(100).expect("a length");
        assert!(map(open.as_fd(), 100).expect_err("not sealed").to_string().contains("not sealed"));
        let short = write("short", 10, &[]).expect("a memory file");
        assert!(map(short.as_fd(), 11).expect_err("too short").to_string().contains("10 bytes, and 11"));
    }
}
