//! Voxels from a source: as many as are promised, once in memory.

use crate::{Fault, Source};

/// So many bytes of padding may follow the voxels; more only if the voxels themselves are more.
const TOLERATED_TAIL: u64 = 1 << 20;

/// What follows the voxels is looked at in portions.
const PORTION_BYTES: usize = 64 << 10;

/// The bytes of `dims` voxels of `size` bytes each.
///
/// # Errors
/// If they are more than memory can address, or more than `max_bytes`.
pub fn voxel_bytes(dims: [usize; 3], size: usize, max_bytes: u64) -> Result<usize, Fault> {
    let bytes = dims
        .iter()
        .try_fold(size, |bytes, &size| bytes.checked_mul(size))
        .filter(|&bytes| bytes <= isize::MAX as usize)
        .ok_or(Fault::SizeOverflow { dims })?;
    if bytes as u64 > max_bytes {
        return Err(Fault::TooLarge { promised: bytes as u64, limit: max_bytes });
    }
    Ok(bytes)
}

/// Reads the next `bytes` bytes, which are voxels, and on to the end of the file. What follows the voxels is noted.
///
/// Nothing is allocated for bytes that the file cannot hold.
///
/// # Errors
/// If there are fewer bytes, or far more; if the file is damaged or cannot be read.
pub fn read_voxels(source: &mut Source, bytes: usize, notes: &mut Vec<String>) -> Result<Vec<u8>, Fault> {
    let promised = bytes as u64;
    let end = source.position().saturating_add(promised);
    let expected = |fault| match fault {
        Fault::GzipTruncated { inflated, .. } => Fault::GzipTruncated { inflated, expected: Some(end) },
        other => other,
    };
    if end > source.most() {
        let found = source.skip(promised).map_err(expected)?;
        return Err(Fault::Truncated { promised, found });
    }
    let mut data = Vec::new();
    source.append(&mut data, bytes).map_err(expected)?;
    if data.len() < bytes {
        return Err(Fault::Truncated { promised, found: data.len() as u64 });
    }
    finish(source, promised, notes)?;
    Ok(data)
}

/// Reads on to the end, for the sake of the checksums. Padding is noted: zeros, or the end of a line. Anything else is more
/// voxels than the header knows of, as where its voxel type is half as wide as the file's.
///
/// # Errors
/// If anything but padding follows, or more than a megabyte and than the `promised` bytes before.
pub fn finish(source: &mut Source, promised: u64, notes: &mut Vec<String>) -> Result<(), Fault> {
    let tolerated = promised.max(TOLERATED_TAIL);
    let (mut tail, mut extra) = (Vec::new(), 0);
    loop {
        tail.clear();
        source.append(&mut tail, PORTION_BYTES)?;
        if tail.is_empty() {
            break;
        }
        let is_first = extra == 0;
        extra += tail.len() as u64;
        let is_line_end = is_first && matches!(tail.as_slice(), b"\n" | b"\r\n");
        if extra > tolerated || !(is_line_end || tail.iter().all(|byte| *byte == 0)) {
            return Err(Fault::TrailingData { promised, extra });
        }
    }
    if extra > 0 {
        notes.push(format!("{extra} bytes of padding after the voxels are ignored"));
    }
    if source.foreign_tail() {
        notes.push("bytes after the compressed data are ignored".into());
    }
    Ok(())
}

/// Reverses the bytes of every value of `size` bytes (1, 2, 4 or 8).
pub fn swap_bytes(data: &mut [u8], size: usize) {
    match size {
        2 => swap::<2>(data),
        4 => swap::<4>(data),
        8 => swap::<8>(data),
        _ => {}
    }
}

/// The fixed length lets the compiler use the processor's shuffles.
fn swap<const N: usize>(data: &mut [u8]) {
    for value in data.chunks_exact_mut(N) {
        value.reverse();
    }
}
