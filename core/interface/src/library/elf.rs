//! What an ELF file says of itself before it is loaded: whether it is whole, and what a symbol of it is.
//!
//! The loader of glibc maps the segments that the headers promise without looking at the length of the file; touching a
//! page beyond its end kills the process with SIGBUS. A download that broke off must be a message instead. And a symbol is
//! an address, whatever lies there: data under the name of a function would be run.

use std::{
    fs::File,
    io::{self, Read as _, Seek as _, SeekFrom},
};

use object::{Object as _, ObjectSymbol as _, SymbolKind, read::ReadCache};

const HEADER: usize = 64;
const CLASS_64: u8 = 2;
const NATIVE_ORDER: u8 = if cfg!(target_endian = "little") { 1 } else { 2 };

/// The length of a file and the length that its headers promise, if that is more.
///
/// Files that are no ELF files of 64 bits in the machine's byte order are left to the operating system, which refuses
/// them by their first bytes.
///
/// # Errors
/// If the file cannot be read.
pub fn cut_off(mut file: &File) -> io::Result<Option<(u64, u64)>> {
    file.seek(SeekFrom::Start(0))?;
    let length = file.metadata()?.len();
    let mut header = Vec::new();
    file.by_ref().take(HEADER as u64).read_to_end(&mut header)?;
    if header.len() < HEADER || header[..4] != *b"\x7fELF" || header[4] != CLASS_64 || header[5] != NATIVE_ORDER {
        return Ok(None);
    }
    let (segments, sections) = (u64_at(&header, 32), u64_at(&header, 40));
    let [segment_size, segment_count, section_size, section_count] =
        [54, 56, 58, 60].map(|at| u64::from(u16::from_ne_bytes([header[at], header[at + 1]])));
    let mut promised = segments.saturating_add(segment_size * segment_count);
    if sections > 0 {
        promised = promised.max(sections.saturating_add(section_size * section_count));
    }
    if promised > length {
        return Ok(Some((length, promised)));
    }
    let mut table = Vec::new();
    file.seek(SeekFrom::Start(segments))?;
    file.take(segment_size * segment_count).read_to_end(&mut table)?;
    // Offset and size in the file lie at bytes 8 and 32 of a segment's entry.
    for entry in table.chunks_exact((segment_size as usize).max(1)).filter(|entry| entry.len() >= 40) {
        promised = promised.max(u64_at(entry, 8).saturating_add(u64_at(entry, 32)));
    }
    Ok((promised > length).then_some((length, promised)))
}

/// What a symbol is that a library exports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Symbol {
    /// It exports no such symbol.
    Missing,
    /// A function.
    Function,
    /// Something else, which must not be called.
    Data,
}

/// What an exported symbol is; none for a file that is no ELF file, which is left to the operating system.
pub fn symbol(file: &File, name: &str) -> Option<Symbol> {
    let cache = ReadCache::new(file);
    let parsed = object::File::parse(&cache).ok()?;
    let mut defined = parsed.dynamic_symbols().filter(|symbol| symbol.is_definition());
    Some(match defined.find(|symbol| symbol.name() == Ok(name)).map(|symbol| symbol.kind()) {
        None => Symbol::Missing,
        Some(SymbolKind::Text) => Symbol::Function,
        Some(_) => Symbol::Data,
    })
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    let mut word = [0; 8];
    word.copy_from_slice(&bytes[at..at + 8]);
    u64::from_ne_bytes(word)
}
