//! The directories of a TIFF (revision 6.0, section 2; BigTIFF), held against the file and the limit before its decoder sees
//! them: it makes room for as many values as they promise.

use std::io::{Read, Seek, SeekFrom};

use crate::error::Fault;

/// Where the first directory's offset stands in a BigTIFF.
const BIG: u64 = 8;
/// What the decoder needs for each value of a list: a number with its kind.
const VALUE: u64 = 32;
/// Room for lists that any picture may have, whatever the limit.
const SMALL: u64 = 1 << 16;

const WIDTH: u16 = 256;
const HEIGHT: u16 = 257;
const BITS: u16 = 258;
const SAMPLES: u16 = 277;
const TILE_WIDTH: u16 = 322;
const TILE_HEIGHT: u16 = 323;
/// What the decoder asks for.
const READ: [u16; 25] = [
    254,
    WIDTH,
    HEIGHT,
    BITS,
    259,
    262,
    270,
    273,
    274,
    SAMPLES,
    278,
    279,
    282,
    283,
    284,
    296,
    317,
    TILE_WIDTH,
    TILE_HEIGHT,
    324,
    325,
    338,
    339,
    347,
    530,
];

/// A file and what is known of it.
struct Tiff<R> {
    file: R,
    length: u64,
    max_bytes: u64,
    is_little: bool,
    is_big: bool,
    /// Entries that were read so far.
    entries: u64,
}

/// An entry: its tag, the bytes of one of its values, how many there are, and the four or eight bytes of its field.
struct Entry {
    tag: u16,
    size: u64,
    count: u64,
    field: [u8; 8],
}

/// Makes sure that no page says more than there is in the file, and none that is `wanted`, from 1, more than the limit allows;
/// goes back to the start.
///
/// # Errors
/// Which value is beyond what.
pub fn check(
    mut file: impl Read + Seek,
    max_bytes: u64,
    wanted: Option<usize>,
    most_pages: usize,
) -> Result<(), Fault> {
    let length = file.seek(SeekFrom::End(0))?;
    let mut head = [0; 16];
    file.rewind()?;
    let read = file.by_ref().take(16).read(&mut head)?;
    let (is_little, is_big) = (head[0] == b'I', head[2..4].contains(&b'+'));
    let mut tiff = Tiff { file, length, max_bytes, is_little, is_big, entries: 0 };
    let field = if is_big { &head[8..16] } else { &head[4..8] };
    let mut at = if read < 8 { 0 } else { tiff.number(field) };
    let mut pages = 0;
    // More pages than are read are refused by whoever counts them.
    while at != 0 && pages <= most_pages {
        pages += 1;
        let Some(next) = tiff.directory(at, wanted.is_none_or(|wanted| wanted == pages))? else { break };
        at = next;
    }
    tiff.file.rewind()?;
    Ok(())
}

impl<R: Read + Seek> Tiff<R> {
    fn number(&self, bytes: &[u8]) -> u64 {
        let digit = |number: u64, byte: &u8| number << 8 | u64::from(*byte);
        if self.is_little { bytes.iter().rev().fold(0, digit) } else { bytes.iter().fold(0, digit) }
    }

    /// Bytes of the file, or nothing if it ends before them: the decoder says so.
    fn take<const N: usize>(&mut self) -> Result<Option<[u8; N]>, Fault> {
        let mut bytes = [0; N];
        match self.file.read_exact(&mut bytes) {
            Ok(()) => Ok(Some(bytes)),
            Err(cause) if cause.kind() == std::io::ErrorKind::UnexpectedEof => Ok(None),
            Err(cause) => Err(cause.into()),
        }
    }

    /// Checks a directory and tells where the next one is; nothing if it is cut short.
    fn directory(&mut self, at: u64, is_wanted: bool) -> Result<Option<u64>, Fault> {
        self.file.seek(SeekFrom::Start(at))?;
        let count = match self.is_big {
            true => self.take::<8>()?.map(|bytes| self.number(&bytes)),
            false => self.take::<2>()?.map(|bytes| self.number(&bytes)),
        };
        let Some(count) = count else { return Ok(None) };
        let mut told = [0; 6];
        for _ in 0..count {
            let Some(entry) = self.entry()? else { return Ok(None) };
            self.entries += 1;
            if self.entries > self.length / 12 {
                let cause = "its directories lie over each other".into();
                return Err(Fault::Damaged { format: "TIFF", cause });
            }
            self.check_room(&entry)?;
            for (place, tag) in told.iter_mut().zip([WIDTH, HEIGHT, SAMPLES, BITS, TILE_WIDTH, TILE_HEIGHT]) {
                if entry.tag == tag && entry.size <= 8 {
                    *place = self.first(&entry);
                }
            }
        }
        if is_wanted {
            self.check_size(told)?;
        }
        let next = match self.is_big {
            true => self.take::<8>()?.map(|bytes| self.number(&bytes)),
            false => self.take::<4>()?.map(|bytes| self.number(&bytes)),
        };
        Ok(next)
    }

    fn entry(&mut self) -> Result<Option<Entry>, Fault> {
        let Some(start) = self.take::<4>()? else { return Ok(None) };
        let (tag, kind) = (self.number(&start[..2]) as u16, self.number(&start[2..]));
        let mut field = [0; 8];
        let count = match self.is_big {
            true => {
                let (Some(count), Some(bytes)) = (self.take::<8>()?, self.take::<8>()?) else { return Ok(None) };
                field = bytes;
                self.number(&count)
            }
            false => {
                let (Some(count), Some(bytes)) = (self.take::<4>()?, self.take::<4>()?) else { return Ok(None) };
                field[..4].copy_from_slice(&bytes);
                self.number(&count)
            }
        };
        let size = match kind {
            3 | 8 => 2,
            4 | 9 | 11 | 13 => 4,
            5 | 10 | 12 | 16 | 17 | 18 => 8,
            _ => 1,
        };
        Ok(Some(Entry { tag, size, count, field }))
    }

    /// The only value of an entry that stands in its field; of several, as of bits, none is needed.
    fn first(&self, entry: &Entry) -> u64 {
        let is_within = entry.size * entry.count <= if self.is_big { BIG } else { 4 };
        if is_within && entry.count > 0 { self.number(&entry.field[..entry.size as usize]) } else { 0 }
    }

    fn check_room(&self, entry: &Entry) -> Result<(), Fault> {
        if !READ.contains(&entry.tag) {
            return Ok(());
        }
        let bytes = entry.count.saturating_mul(entry.size);
        if bytes > self.length {
            let cause = format!("the tag {} has {bytes} bytes in a file of {}", entry.tag, self.length);
            return Err(Fault::Damaged { format: "TIFF", cause });
        }
        self.within(entry.count.saturating_mul(VALUE), self.max_bytes.max(SMALL))
    }

    fn check_size(&self, [width, height, samples, bits, tile_width, tile_height]: [u64; 6]) -> Result<(), Fault> {
        let bytes = |width: u64, height: u64| {
            let values = width.saturating_mul(height).saturating_mul(samples.max(1));
            values.saturating_mul(bits.max(1)).div_ceil(8)
        };
        self.within(bytes(width, height), self.max_bytes)?;
        // A tile may be larger than a small picture, which it then holds whole.
        self.within(bytes(tile_width, tile_height), self.max_bytes.max(SMALL))
    }

    fn within(&self, promised: u64, limit: u64) -> Result<(), Fault> {
        match promised > limit {
            true => Err(voxomics_reading::Fault::TooLarge { promised, limit }.into()),
            false => Ok(()),
        }
    }
}
