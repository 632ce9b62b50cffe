//! A zlib stream (RFC 1950), inflated straight into the caller's buffer, its checksum compared.

use std::io::{ErrorKind, Read};

use flate2::{Decompress, FlushDecompress, Status};

use crate::Fault;

const INPUT_BYTES: usize = 128 << 10;

/// The inflated bytes of a zlib stream.
pub struct Zlib<R> {
    input: R,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    inflate: Decompress,
    ended: bool,
    foreign_tail: bool,
}

impl<R: Read> Zlib<R> {
    /// Nothing is read yet.
    pub fn new(input: R) -> Self {
        let inflate = Decompress::new(true);
        Self { input, buffer: vec![0; INPUT_BYTES], start: 0, end: 0, inflate, ended: false, foreign_tail: false }
    }

    /// Bytes inflated so far, also those before a fault.
    pub fn inflated(&self) -> u64 {
        self.inflate.total_out()
    }

    /// Whether bytes follow the stream; known once its end is reached.
    pub fn foreign_tail(&self) -> bool {
        self.foreign_tail
    }

    /// Fills the buffer as far as the stream goes and returns the number of bytes.
    ///
    /// # Errors
    /// If the stream is cut short or damaged, or if its checksum is not that of what was inflated.
    pub fn fill(&mut self, buffer: &mut [u8]) -> Result<usize, Fault> {
        let mut filled = 0;
        while filled < buffer.len() && !self.ended {
            if !self.refill()? {
                return Err(Fault::ZlibTruncated { inflated: self.inflated() });
            }
            let (read, written) = (self.inflate.total_in(), self.inflate.total_out());
            let input = &self.buffer[self.start..self.end];
            let status = self.inflate.decompress(input, &mut buffer[filled..], FlushDecompress::None);
            let (read, written) = (self.inflate.total_in() - read, self.inflate.total_out() - written);
            self.start += read as usize;
            filled += written as usize;
            match status {
                Ok(Status::StreamEnd) => {
                    self.ended = true;
                    self.foreign_tail = self.refill()?;
                }
                Ok(_) if read > 0 || written > 0 => {}
                Ok(_) | Err(_) => return Err(Fault::ZlibDamaged { inflated: self.inflated() }),
            }
        }
        Ok(filled)
    }

    /// Makes sure that a byte of input is at hand; `false` at the end of the file.
    fn refill(&mut self) -> Result<bool, Fault> {
        while self.start == self.end {
            match self.input.read(&mut self.buffer) {
                Ok(0) => return Ok(false),
                Ok(count) => (self.start, self.end) = (0, count),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(true)
    }
}
