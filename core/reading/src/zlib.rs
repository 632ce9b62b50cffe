//! A zlib stream (RFC 1950), inflated straight into the caller's buffer, its checksum compared.

use std::io::Read;

use flate2::{Decompress, FlushDecompress, Status};

use crate::{Fault, input::Input};

/// The inflated bytes of a zlib stream.
pub struct Zlib<R> {
    input: Input<R>,
    inflate: Decompress,
    ended: bool,
    foreign_tail: bool,
}

impl<R: Read> Zlib<R> {
    /// Nothing is read yet.
    pub fn new(input: R) -> Self {
        Self { input: Input::new(input), inflate: Decompress::new(true), ended: false, foreign_tail: false }
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
            let input = self.input.ahead()?;
            if input.is_empty() {
                return Err(Fault::ZlibTruncated { inflated: self.inflate.total_out() });
            }
            let (read, written) = (self.inflate.total_in(), self.inflate.total_out());
            let status = self.inflate.decompress(input, &mut buffer[filled..], FlushDecompress::None);
            let (read, written) = (self.inflate.total_in() - read, self.inflate.total_out() - written);
            self.input.consume(read as usize);
            filled += written as usize;
            match status {
                Ok(Status::StreamEnd) => {
                    self.ended = true;
                    self.foreign_tail = !self.input.ahead()?.is_empty();
                }
                Ok(_) if read > 0 || written > 0 => {}
                Ok(_) | Err(_) => return Err(Fault::ZlibDamaged { inflated: self.inflated() }),
            }
        }
        Ok(filled)
    }
}
