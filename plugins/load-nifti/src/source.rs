//! The bytes of a file, inflated if they are compressed.

use crate::error::Fault;
use crate::gzip::{self, Gzip};
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

/// Inflated bytes are asked for in portions that stay in the processor's cache while they are cleared, filled and
/// summed.
const PORTION_BYTES: usize = 256 << 10;

/// The same for bytes that nobody wants.
const SCRATCH_BYTES: usize = 32 << 10;

enum Bytes {
    Plain(File),
    Gzip(Box<Gzip<File>>),
}

/// A file that is read once from front to back.
pub struct Source {
    bytes: Bytes,
    length: u64,
    position: u64,
}

impl Source {
    /// Opens a file and tells by its content whether it is compressed.
    ///
    /// # Errors
    /// If the path is no readable file with at least one byte.
    pub fn open(path: &Path) -> Result<Self, Fault> {
        let (mut file, length) = open(path)?;
        let mut start = Vec::new();
        (&mut file).take(2).read_to_end(&mut start)?;
        file.seek(SeekFrom::Start(0))?;
        Ok(Self::new(file, length, start == gzip::MAGIC))
    }

    /// Opens a file whose content cannot tell, because any bytes may be voxels.
    ///
    /// # Errors
    /// If the path is no readable file with at least one byte.
    pub fn open_as(path: &Path, compressed: bool) -> Result<Self, Fault> {
        let (file, length) = open(path)?;
        Ok(Self::new(file, length, compressed))
    }

    fn new(file: File, length: u64, compressed: bool) -> Self {
        let bytes = if compressed { Bytes::Gzip(Box::new(Gzip::new(file))) } else { Bytes::Plain(file) };
        Self { bytes, length, position: 0 }
    }

    /// Whether the file is compressed.
    pub fn is_gzip(&self) -> bool {
        matches!(self.bytes, Bytes::Gzip(_))
    }

    /// Whether bytes that are not gzip follow the compressed ones; known once the end is reached.
    pub fn foreign_tail(&self) -> bool {
        matches!(&self.bytes, Bytes::Gzip(gzip) if gzip.foreign_tail())
    }

    /// Bytes read or skipped so far, inflated.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// The number of bytes that the file can hold at most, inflated; exact if it is not compressed.
    pub fn most(&self) -> u64 {
        if self.is_gzip() { self.length.saturating_mul(gzip::MAX_RATIO) } else { self.length }
    }

    /// Reads up to `count` bytes and appends them; fewer at the end of the file. Never allocates beyond `count`.
    ///
    /// # Errors
    /// If the memory cannot be had, or if the file is damaged or cannot be read; what came before is kept.
    pub fn append(&mut self, data: &mut Vec<u8>, count: usize) -> Result<(), Fault> {
        data.try_reserve_exact(count).map_err(|_| Fault::OutOfMemory { promised: count as u64 })?;
        match &mut self.bytes {
            Bytes::Plain(file) => {
                self.position += file.take(count as u64).read_to_end(data)? as u64;
            }
            Bytes::Gzip(gzip) => {
                let end = data.len() + count;
                while data.len() < end {
                    let (start, before) = (data.len(), gzip.inflated());
                    data.resize(end.min(start + PORTION_BYTES), 0);
                    let outcome = gzip.fill(&mut data[start..]);
                    let got = gzip.inflated() - before;
                    self.position += got;
                    data.truncate(start + got as usize);
                    if outcome? == 0 {
                        break;
                    }
                }
            }
        }
        Ok(())
    }

    /// Passes over up to `count` bytes and returns how many there were.
    ///
    /// # Errors
    /// If the file is damaged or cannot be read.
    pub fn skip(&mut self, count: u64) -> Result<u64, Fault> {
        let start = self.position;
        match &mut self.bytes {
            Bytes::Plain(file) => {
                self.position = start.saturating_add(count).min(self.length.max(start));
                file.seek(SeekFrom::Start(self.position))?;
            }
            Bytes::Gzip(gzip) => {
                let mut scratch = vec![0; SCRATCH_BYTES];
                loop {
                    let left = (count - (self.position - start)).min(SCRATCH_BYTES as u64) as usize;
                    let got = gzip.fill(&mut scratch[..left])?;
                    self.position += got as u64;
                    if got == 0 {
                        break;
                    }
                }
            }
        }
        Ok(self.position - start)
    }
}

/// Opens what is certain to be a file: opening a pipe would wait for somebody to write into it.
fn open(path: &Path) -> Result<(File, u64), Fault> {
    let about = fs::metadata(path)?;
    if about.is_dir() {
        return Err(Fault::Directory);
    }
    if !about.is_file() {
        return Err(Fault::NotAFile);
    }
    if about.len() == 0 {
        return Err(Fault::Empty);
    }
    Ok((File::open(path)?, about.len()))
}
