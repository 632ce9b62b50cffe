//! The bytes of a file's data set: the preamble and the file meta information passed over, inflated if they are deflated.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use dicom_core::Tag;
use dicom_dictionary_std::{tags, uids};
use flate2::read::DeflateDecoder;
use voxomics_reading::{self as reading, Fault as FileFault};

use crate::error::Fault;
use crate::parse::{DataSet, Encoding, Stop, Stopped, Value, parse, parse_group};

const PREAMBLE: usize = 128;
const MAGIC: &[u8] = b"DICM";
/// The first portion of a file; the headers of most slices are in it.
const FIRST: usize = 16 << 10;
/// All of a data set but its pixels is read into memory: more than this cannot be meant.
const MOST: usize = 1 << 30;
const BIG_ENDIAN: &str = "1.2.840.10008.1.2.2";

/// Whether the first bytes of a file are those of DICOM: the magic, or, where the preamble is missing, a first element
/// that only DICOM has.
pub fn is_dicom(head: &[u8]) -> bool {
    head.get(PREAMBLE..PREAMBLE + 4) == Some(MAGIC) || bare_start(head).is_some()
}

/// The encoding of a file that starts with its data set or its file meta information at once. Conservative: the first
/// element must be a known one of groups 2 or 8, with a length that such an element can have.
fn bare_start(head: &[u8]) -> Option<Encoding> {
    let head: [u8; 8] = head.get(..8)?.try_into().ok()?;
    let tag = Tag(u16::from_le_bytes([head[0], head[1]]), u16::from_le_bytes([head[2], head[3]]));
    let known = [Tag(0x0002, 0x0000), Tag(0x0008, 0x0000), tags::SPECIFIC_CHARACTER_SET, tags::IMAGE_TYPE]
        .into_iter()
        .chain([tags::SOP_CLASS_UID, tags::INSTANCE_CREATION_DATE]);
    if !known.into_iter().any(|known| known == tag) {
        return None;
    }
    let explicit = matches!(&head[4..6], b"UL" | b"CS" | b"UI" | b"DA");
    let length = match explicit {
        true => u32::from(u16::from_le_bytes([head[6], head[7]])),
        false => u32::from_le_bytes([head[4], head[5], head[6], head[7]]),
    };
    (length <= 256 && length % 2 == 0).then_some(if explicit { Encoding::EXPLICIT } else { Encoding::IMPLICIT })
}

/// A file whose data set is about to be read.
#[derive(Debug)]
pub struct Source {
    file: File,
    /// Where in the file the data set begins.
    start: u64,
    /// Bytes of the file.
    length: u64,
    /// What has been read of the data set while it was looked for; taken by whoever reads on.
    first: Vec<u8>,
    /// How the data set is written.
    pub encoding: Encoding,
    /// UID of the transfer syntax.
    pub syntax: String,
}

/// The header of a data set: its bytes, what they say, and where its pixels are.
#[derive(Debug)]
pub struct Head {
    /// The bytes that the values of the data set lie in.
    pub bytes: Vec<u8>,
    /// The data set up to its pixels.
    pub data: DataSet,
    /// The element at which reading stopped.
    pub stopped: Option<Stopped>,
}

impl Source {
    /// Opens a file and reads its file meta information.
    ///
    /// # Errors
    /// If it cannot be read, or is not DICOM.
    pub fn open(path: &Path) -> Result<Self, Fault> {
        let (mut file, length) = reading::open(path)?;
        let mut bytes = Vec::with_capacity(FIRST);
        (&mut file).take(FIRST as u64).read_to_end(&mut bytes)?;
        let has_preamble = bytes.get(PREAMBLE..PREAMBLE + 4) == Some(MAGIC);
        let start = if has_preamble { PREAMBLE + 4 } else { 0 };
        let bare = bare_start(&bytes[start..]);
        let starts_with_meta = bytes.get(start..start + 2) == Some(&[2, 0]);
        match bare {
            _ if starts_with_meta && (has_preamble || bare.is_some()) => {}
            None if has_preamble => return Err(Fault::Missing { tag: tags::TRANSFER_SYNTAX_UID }),
            None => return Err(Fault::NotDicom),
            Some(encoding) => {
                let syntax =
                    if encoding.explicit { uids::EXPLICIT_VR_LITTLE_ENDIAN } else { uids::IMPLICIT_VR_LITTLE_ENDIAN };
                let first = bytes.split_off(start);
                return Ok(Self { file, start: start as u64, length, first, encoding, syntax: syntax.into() });
            }
        }
        let rest = &bytes[start..];
        let (meta, end) = parse_group(rest, length - start as u64, 2).map_err(|stop| match stop {
            Stop::Fault(fault) => fault,
            Stop::More(_) => {
                Fault::Damaged { at: 0, what: format!("more than {FIRST} bytes of file meta information") }
            }
        })?;
        let syntax = match meta.get(tags::TRANSFER_SYNTAX_UID).map(|element| &element.value) {
            Some(Value::Bytes(range)) => {
                String::from_utf8_lossy(&rest[range.clone()]).trim_matches(['\0', ' ']).to_owned()
            }
            _ => return Err(Fault::Missing { tag: tags::TRANSFER_SYNTAX_UID }),
        };
        let explicit = syntax != uids::IMPLICIT_VR_LITTLE_ENDIAN;
        let encoding = Encoding { explicit, big_endian: syntax == BIG_ENDIAN };
        let first = bytes.split_off(start + end);
        if let Some(message) = mislabelled(&first, encoding, &syntax) {
            return Err(Fault::Unfit(message));
        }
        Ok(Self { file, start: (start + end) as u64, length, first, encoding, syntax })
    }

    /// Reads the data set up to the first element that `until` wants.
    ///
    /// # Errors
    /// If it is cut short or not sound.
    pub fn head(&mut self, until: &dyn Fn(Tag) -> bool) -> Result<Head, Fault> {
        let mut bytes = std::mem::take(&mut self.first);
        let mut wanted = bytes.len();
        if self.is_deflated() {
            (bytes, wanted) = (Vec::new(), FIRST);
        }
        loop {
            let total = self.read_on(&mut bytes, wanted)?;
            match parse(&bytes, total.unwrap_or(u64::MAX), self.encoding, until) {
                Ok((data, stopped)) => return Ok(Head { bytes, data, stopped }),
                Err(Stop::Fault(fault)) => return Err(fault),
                Err(Stop::More(_)) if bytes.len() >= MOST => {
                    let what = format!("more than {MOST} bytes of attributes beside the pixels");
                    return Err(Fault::Damaged { at: bytes.len() as u64, what });
                }
                // Four times as much each time: what is parsed anew stays a third of the whole.
                Err(Stop::More(need)) => wanted = need.max(wanted.saturating_mul(4)).min(MOST),
            }
        }
    }

    /// Reads on until there are so many first bytes of the data set, or all; returns how many there are if that is known.
    fn read_on(&mut self, bytes: &mut Vec<u8>, count: usize) -> Result<Option<u64>, Fault> {
        if self.is_deflated() {
            bytes.clear();
            self.file.seek(SeekFrom::Start(self.start))?;
            DeflateDecoder::new(&mut self.file).take(count as u64).read_to_end(bytes).map_err(inflating)?;
            return Ok((bytes.len() < count).then_some(bytes.len() as u64));
        }
        if bytes.len() < count {
            self.file.seek(SeekFrom::Start(self.start + bytes.len() as u64))?;
            (&mut self.file).take((count - bytes.len()) as u64).read_to_end(bytes)?;
        }
        Ok(Some(self.length.saturating_sub(self.start)))
    }

    /// Bytes of the data set, if that is known: not of a deflated one.
    pub fn total(&self) -> Option<u64> {
        (!self.is_deflated()).then(|| self.length.saturating_sub(self.start))
    }

    /// Whether the data set is deflated.
    pub fn is_deflated(&self) -> bool {
        self.syntax == uids::DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN
    }

    /// Where in the file the data set begins.
    pub fn start(&self) -> u64 {
        self.start
    }
}

/// What is wrong if the first element of a data set is not written as its transfer syntax says: then every length in it would
/// be read from the wrong bytes.
fn mislabelled(first: &[u8], encoding: Encoding, syntax: &str) -> Option<String> {
    if encoding.big_endian || syntax == uids::DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN {
        return None;
    }
    let [group_low, group_high, _, _, a, b, c, d] = *first.first_chunk::<8>()?;
    // A data set begins with group 8, as a rule; only there the two can be told apart beyond doubt.
    if [group_low, group_high] != [8, 0] {
        return None;
    }
    let names_vr = [a, b].iter().all(u8::is_ascii_uppercase);
    let length = u32::from_le_bytes([a, b, c, d]);
    let (said, written) = match encoding.explicit {
        false if names_vr => ("implicit", "explicit"),
        true if !names_vr && length <= 1024 && length % 2 == 0 => ("explicit", "implicit"),
        _ => return None,
    };
    Some(format!(
        "its transfer syntax (TransferSyntaxUID {syntax}) says that value representations are {said}, but the data set is \
         written with {written} ones; correct the attribute or export the file again"
    ))
}

/// Fills the buffer with the bytes of a data set from byte `at` of it on; the data set begins at byte `start` of the file.
///
/// # Errors
/// If there are fewer.
pub fn fill(file: &mut File, start: u64, is_deflated: bool, at: u64, buffer: &mut [u8]) -> Result<(), Fault> {
    let promised = buffer.len() as u64;
    let found = if is_deflated {
        file.seek(SeekFrom::Start(start))?;
        let mut inflated = DeflateDecoder::new(file);
        std::io::copy(&mut (&mut inflated).take(at), &mut std::io::sink()).map_err(inflating)?;
        read_full(&mut inflated, buffer).map_err(inflating)?
    } else {
        file.seek(SeekFrom::Start(start.saturating_add(at)))?;
        read_full(file, buffer)?
    };
    if found < promised { Err(FileFault::Truncated { promised, found }.into()) } else { Ok(()) }
}

/// Reads until the buffer is full or the source at its end; returns the number of bytes.
fn read_full(source: &mut impl Read, mut buffer: &mut [u8]) -> std::io::Result<u64> {
    let mut count = 0;
    while !buffer.is_empty() {
        match source.read(buffer) {
            Ok(0) => break,
            Ok(read) => {
                count += read as u64;
                buffer = &mut buffer[read..];
            }
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(count)
}

/// What is wrong with a deflated data set.
fn inflating(error: std::io::Error) -> Fault {
    match error.kind() {
        std::io::ErrorKind::UnexpectedEof => Fault::Truncated { at: 0, what: "the deflated data set".into() },
        std::io::ErrorKind::InvalidInput | std::io::ErrorKind::InvalidData => {
            Fault::Damaged { at: 0, what: "the deflated data set cannot be inflated".into() }
        }
        _ => error.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bytes_of_a_file_are_read_once() {
        // SOPClassUID in explicit VR, 4 bytes; no preamble.
        let bytes = [&[8, 0, 0x16, 0][..], b"UI", &[4, 0], b"1.2\0"].concat();
        let path = std::env::temp_dir().join(format!("load-dicom-once-{}", std::process::id()));
        std::fs::write(&path, &bytes).expect("a file");
        let mut source = Source::open(&path).expect("a file");
        // Whoever reads anew finds nothing.
        std::fs::write(&path, []).expect("a file");
        let head = source.head(&|_| false).expect("a file");
        let _best_effort = std::fs::remove_file(&path);
        assert_eq!(head.bytes, bytes);
        assert!(head.data.get(tags::SOP_CLASS_UID).is_some());
    }
}
