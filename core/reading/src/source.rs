//! The bytes of a file, inflated if they are compressed.

use crate::Fault;
use crate::files::open;
use crate::gzip::{self, Gzip};
use crate::zlib::Zlib;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

/// Inflated bytes are asked for in portions that stay in the processor's cache while they are cleared, filled and
/// summed.
const PORTION_BYTES: usize = 256 << 10;

/// The same for bytes that nobody wants.
const SCRATCH_BYTES: usize = 32 << 10;

/// How the bytes of a file are packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// Not at all.
    Plain,
    /// In gzip members.
    Gzip,
    /// In a zlib stream.
    Zlib,
}

enum Bytes {
    Plain(File),
    Packed(Box<dyn Inflate>),
}

/// A stream that inflates.
trait Inflate {
    /// Fills the buffer as far as the stream goes and returns the number of bytes.
    fn fill(&mut self, buffer: &mut [u8]) -> Result<usize, Fault>;
    /// Bytes inflated so far, also those before a fault.
    fn inflated(&self) -> u64;
    /// Whether other bytes follow; known once the end is reached.
    fn foreign_tail(&self) -> bool;
}

macro_rules! inflate {
    ($($packed:ident),*) => { $(impl Inflate for $packed<File> {
        fn fill(&mut self, buffer: &mut [u8]) -> Result<usize, Fault> {
            $packed::fill(self, buffer)
        }

        fn inflated(&self) -> u64 {
            $packed::inflated(self)
        }

        fn foreign_tail(&self) -> bool {
            $packed::foreign_tail(self)
        }
    })* };
}

inflate!(Gzip, Zlib);

/// A file that is read once from front to back.
pub struct Source {
    bytes: Bytes,
    /// Where in the file the source begins.
    start: u64,
    /// Packed bytes from there to the end of the file.
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
        let framing = if start == gzip::MAGIC { Framing::Gzip } else { Framing::Plain };
        Ok(Self::new(file, 0, length, framing))
    }

    /// Opens a file whose content cannot tell, because any bytes may be voxels.
    ///
    /// # Errors
    /// If the path is no readable file with at least one byte.
    pub fn open_as(path: &Path, framing: Framing) -> Result<Self, Fault> {
        Self::open_at(path, 0, framing)
    }

    /// Opens what follows the first `start` bytes of a file; nothing, if there are no more.
    ///
    /// # Errors
    /// If the path is no readable file with at least one byte.
    pub fn open_at(path: &Path, start: u64, framing: Framing) -> Result<Self, Fault> {
        let (mut file, length) = open(path)?;
        let start = start.min(length);
        file.seek(SeekFrom::Start(start))?;
        Ok(Self::new(file, start, length - start, framing))
    }

    fn new(file: File, start: u64, length: u64, framing: Framing) -> Self {
        let bytes = match framing {
            Framing::Plain => Bytes::Plain(file),
            Framing::Gzip => Bytes::Packed(Box::new(Gzip::new(file))),
            Framing::Zlib => Bytes::Packed(Box::new(Zlib::new(file))),
        };
        Self { bytes, start, length, position: 0 }
    }

    /// Whether the file is compressed.
    pub fn is_packed(&self) -> bool {
        matches!(self.bytes, Bytes::Packed(_))
    }

    /// Whether other bytes follow the compressed ones; known once the end is reached.
    pub fn foreign_tail(&self) -> bool {
        matches!(&self.bytes, Bytes::Packed(packed) if packed.foreign_tail())
    }

    /// Bytes read or skipped so far, inflated.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// The number of bytes that the source can hold at most, inflated; exact if it is not compressed.
    pub fn most(&self) -> u64 {
        if self.is_packed() { self.length.saturating_mul(gzip::MAX_RATIO) } else { self.length }
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
            Bytes::Packed(packed) => {
                let end = data.len() + count;
                while data.len() < end {
                    let (start, before) = (data.len(), packed.inflated());
                    data.resize(end.min(start + PORTION_BYTES), 0);
                    let outcome = packed.fill(&mut data[start..]);
                    let got = packed.inflated() - before;
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
                file.seek(SeekFrom::Start(self.start + self.position))?;
            }
            Bytes::Packed(packed) => {
                let mut scratch = vec![0; SCRATCH_BYTES];
                loop {
                    let left = (count - (self.position - start)).min(SCRATCH_BYTES as u64) as usize;
                    let got = packed.fill(&mut scratch[..left])?;
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
