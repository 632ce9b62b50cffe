//! Encapsulated pixels: the fragments of a file, and which of them make a frame (DICOM PS3.5, annex A.4).

use std::io::{Read, Seek, SeekFrom};

use dicom_dictionary_std::tags;
use voxomics_reading::Fault as FileFault;

use crate::codec::Codec;
use crate::error::Fault;
use crate::object::Object;

/// The fragments of each frame: places in the file and lengths.
///
/// # Errors
/// If they run over the end of the file, or if it cannot be told which of them make a frame.
pub fn frames(object: &Object, at: u64, count: usize, codec: Codec) -> Result<Vec<Vec<(u64, u32)>>, Fault> {
    let mut file = std::io::BufReader::with_capacity(512, object.open()?);
    let start = object.start() + at;
    let end = object.start() + object.total().unwrap_or(0);
    let mut fragments = Vec::new();
    let mut place = start;
    loop {
        let mut header = [0; 8];
        if place + 8 > end {
            let what = "encapsulated pixels, before their delimiter".into();
            return Err(Fault::Truncated { at: place - object.start(), what });
        }
        file.seek(SeekFrom::Start(place))?;
        file.read_exact(&mut header)?;
        let length = u32::from_le_bytes([header[4], header[5], header[6], header[7]]);
        place += 8;
        match &header[..4] {
            [0xFE, 0xFF, 0xDD, 0xE0] => break,
            [0xFE, 0xFF, 0x00, 0xE0] if place + u64::from(length) <= end => fragments.push((place, length)),
            [0xFE, 0xFF, 0x00, 0xE0] => {
                let found = end - place;
                return Err(FileFault::Truncated { promised: length.into(), found }.into());
            }
            _ => {
                let what = "no fragment of pixels where one is due".into();
                return Err(Fault::Damaged { at: place - 8 - object.start(), what });
            }
        }
        place += u64::from(length);
    }
    let Some((table, fragments)) = fragments.split_first() else {
        return Err(Fault::Damaged { at, what: "encapsulated pixels without an offset table".into() });
    };
    if fragments.len() == count {
        return Ok(fragments.iter().map(|fragment| vec![*fragment]).collect());
    }
    if count == 1 && !fragments.is_empty() {
        return Ok(vec![fragments.to_vec()]);
    }
    let first = table.0 + u64::from(table.1);
    let starts = match extended(object, count)? {
        Some(offsets) => offsets.into_iter().map(|offset| first.saturating_add(offset)).collect(),
        None if table.1 as usize == 4 * count => {
            let bytes = join(object, &[*table])?;
            bytes.as_chunks::<4>().0.iter().map(|offset| first + u64::from(u32::from_le_bytes(*offset))).collect()
        }
        None => starts_by_content(object, fragments, codec)?,
    };
    group(fragments, &starts, count, at)
}

/// The offsets of the extended offset table, if there is one.
fn extended(object: &Object, count: usize) -> Result<Option<Vec<u64>>, Fault> {
    let Some(bytes) = object.root().bytes(tags::EXTENDED_OFFSET_TABLE) else { return Ok(None) };
    let offsets: Vec<u64> = bytes.as_chunks::<8>().0.iter().map(|offset| u64::from_le_bytes(*offset)).collect();
    if offsets.len() == count {
        return Ok(Some(offsets));
    }
    let found = format!("{} offsets", offsets.len());
    Err(Fault::Value { tag: tags::EXTENDED_OFFSET_TABLE, found, expected: format!("{count}, one for each frame") })
}

/// Without a table, a frame begins where a fragment begins as the codec's streams do.
fn starts_by_content(object: &Object, fragments: &[(u64, u32)], codec: Codec) -> Result<Vec<u64>, Fault> {
    let mut starts = Vec::new();
    for fragment in fragments {
        let head = join(object, &[(fragment.0, fragment.1.min(2))])?;
        if codec.begins(&head) {
            starts.push(fragment.0 - 8);
        }
    }
    Ok(starts)
}

/// Fragments from one frame's start to the next one's.
fn group(fragments: &[(u64, u32)], starts: &[u64], count: usize, at: u64) -> Result<Vec<Vec<(u64, u32)>>, Fault> {
    let mut frames: Vec<Vec<(u64, u32)>> = Vec::new();
    for fragment in fragments {
        if starts.get(frames.len()) == Some(&(fragment.0 - 8)) {
            frames.push(Vec::new());
        }
        match frames.last_mut() {
            Some(frame) => frame.push(*fragment),
            None => break,
        }
    }
    if frames.len() == count && starts.len() == count {
        return Ok(frames);
    }
    let what = format!("{} fragments of pixels that cannot be told apart into {count} frames", fragments.len());
    Err(Fault::Damaged { at, what })
}

/// The bytes of fragments, joined. They are known to be in the file.
pub fn join(object: &Object, fragments: &[(u64, u32)]) -> Result<Vec<u8>, Fault> {
    let mut file = object.open()?;
    let mut bytes = Vec::new();
    for (at, length) in fragments {
        file.seek(SeekFrom::Start(*at))?;
        let before = bytes.len();
        (&mut file).take(u64::from(*length)).read_to_end(&mut bytes)?;
        let found = (bytes.len() - before) as u64;
        if found < u64::from(*length) {
            return Err(FileFault::Truncated { promised: u64::from(*length), found }.into());
        }
    }
    Ok(bytes)
}
