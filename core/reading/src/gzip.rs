//! A gzip file (RFC 1952), member after member, inflated straight into the caller's buffer, every trailer checked.
//!
//! The framing is read here and only the deflate data are left to `flate2`, so that a fault can tell the member, the
//! stored and the found number, and so that bytes after the last member, which tapes and some servers append, are no
//! fault.

use std::io::Read;

use flate2::{Crc, Decompress, FlushDecompress, Status};

use crate::{Fault, input::Input};

/// The first two bytes of every gzip member.
pub const MAGIC: [u8; 2] = [0x1f, 0x8b];

/// No deflate data inflate to more than this many times their size: 258 bytes from 2 bits.
pub const MAX_RATIO: u64 = 1032;

// Bits of a member's flags.
const HAS_HEADER_CRC: u8 = 2;
const HAS_EXTRA: u8 = 4;
const HAS_NAME: u8 = 8;
const HAS_COMMENT: u8 = 16;
const RESERVED: u8 = 0xe0;

enum State {
    Between,
    Inside,
    Ended,
}

/// The inflated bytes of a gzip file.
pub struct Gzip<R> {
    input: Input<R>,
    inflate: Decompress,
    crc: Crc,
    state: State,
    member: u32,
    inflated: u64,
    foreign_tail: bool,
}

impl<R: Read> Gzip<R> {
    /// Nothing is read yet.
    pub fn new(input: R) -> Self {
        Self {
            input: Input::new(input),
            inflate: Decompress::new(false),
            crc: Crc::new(),
            state: State::Between,
            member: 0,
            inflated: 0,
            foreign_tail: false,
        }
    }

    /// Bytes inflated so far, also those before a fault.
    pub fn inflated(&self) -> u64 {
        self.inflated
    }

    /// Whether the last member is followed by bytes that are not gzip; known once the end is reached.
    pub fn foreign_tail(&self) -> bool {
        self.foreign_tail
    }

    /// Fills the buffer as far as the file goes and returns the number of bytes.
    ///
    /// # Errors
    /// If a member is cut short or damaged, or if its trailer disagrees with what was inflated.
    pub fn fill(&mut self, buffer: &mut [u8]) -> Result<usize, Fault> {
        let mut filled = 0;
        while filled < buffer.len() {
            match self.state {
                State::Between => self.open_member()?,
                State::Inside => filled += self.inflate_into(&mut buffer[filled..])?,
                State::Ended => break,
            }
        }
        Ok(filled)
    }

    fn inflate_into(&mut self, buffer: &mut [u8]) -> Result<usize, Fault> {
        let input = self.input.ahead()?;
        if input.is_empty() {
            return Err(self.truncated());
        }
        let (read, written) = (self.inflate.total_in(), self.inflate.total_out());
        let status = self.inflate.decompress(input, buffer, FlushDecompress::None);
        let (read, written) = (self.inflate.total_in() - read, self.inflate.total_out() - written);
        self.input.consume(read as usize);
        self.inflated += written;
        let written = written as usize;
        self.crc.update(&buffer[..written]);
        match status {
            Ok(Status::StreamEnd) => self.close_member()?,
            Ok(_) if read > 0 || written > 0 => {}
            Ok(_) | Err(_) => return Err(self.damaged()),
        }
        Ok(written)
    }

    fn open_member(&mut self) -> Result<(), Fault> {
        if self.input.ahead()?.is_empty() {
            self.state = State::Ended;
            return Ok(());
        }
        if !self.next_is(MAGIC[0])? || !self.next_is(MAGIC[1])? {
            if self.member == 0 {
                return Err(self.damaged());
            }
            self.foreign_tail = true;
            self.state = State::Ended;
            return Ok(());
        }
        self.member += 1;
        self.crc.reset();
        self.crc.update(&MAGIC);
        self.read_member_header()?;
        self.crc.reset();
        self.inflate.reset(false);
        self.state = State::Inside;
        Ok(())
    }

    fn read_member_header(&mut self) -> Result<(), Fault> {
        let [method, flags] = self.header_bytes()?;
        if method != 8 || flags & RESERVED != 0 {
            return Err(self.damaged());
        }
        let _time_and_system: [u8; 6] = self.header_bytes()?;
        if flags & HAS_EXTRA != 0 {
            for _ in 0..u16::from_le_bytes(self.header_bytes()?) {
                self.header_bytes::<1>()?;
            }
        }
        for text in [HAS_NAME, HAS_COMMENT] {
            if flags & text != 0 {
                while self.header_bytes()? != [0] {}
            }
        }
        if flags & HAS_HEADER_CRC != 0 {
            let found = self.crc.sum() & 0xffff;
            let promised = u32::from(u16::from_le_bytes(self.header_bytes()?));
            if found != promised {
                return Err(Fault::GzipChecksum { member: self.member, promised, found });
            }
        }
        Ok(())
    }

    fn close_member(&mut self) -> Result<(), Fault> {
        let member = self.member;
        let found = self.crc.sum();
        let promised = u32::from_le_bytes(self.bytes()?);
        if promised != found {
            return Err(Fault::GzipChecksum { member, promised, found });
        }
        let found = (self.inflate.total_out() & u64::from(u32::MAX)) as u32;
        let promised = u32::from_le_bytes(self.bytes()?);
        if promised != found {
            return Err(Fault::GzipLength { member, promised, found });
        }
        self.state = State::Between;
        Ok(())
    }

    fn header_bytes<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        let bytes = self.bytes()?;
        self.crc.update(&bytes);
        Ok(bytes)
    }

    fn bytes<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        let mut bytes = [0; N];
        for byte in &mut bytes {
            let Some(next) = self.input.ahead()?.first() else { return Err(self.truncated()) };
            *byte = *next;
            self.input.consume(1);
        }
        Ok(bytes)
    }

    /// Consumes one byte and tells whether it was there and the one expected.
    fn next_is(&mut self, expected: u8) -> Result<bool, Fault> {
        Ok(!self.input.ahead()?.is_empty() && self.bytes()? == [expected])
    }

    fn truncated(&self) -> Fault {
        Fault::GzipTruncated { inflated: self.inflated, expected: None }
    }

    fn damaged(&self) -> Fault {
        Fault::GzipDamaged { member: self.member.max(1), inflated: self.inflated }
    }
}
