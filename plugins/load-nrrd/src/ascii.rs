//! Voxels written as decimal numbers, with white space or commas between them.

use voxomics_reading::{Fault as FileFault, Source};
use voxomics_sdk::VoxelType;

use crate::error::Fault;

const PORTION_BYTES: usize = 64 << 10;
/// The longest number that is read: the longest exact decimal of a double that anyone writes is much shorter.
const MAX_NUMBER: usize = 1100;
const BLANK: &[u8] = b" \t\r\n\x0b\x0c,";

/// Reads `count` numbers and returns them as they are in memory.
///
/// # Errors
/// If there are fewer, more, or anything that is no number of the type.
pub fn read_numbers(source: &mut Source, count: usize, voxel_type: VoxelType) -> Result<Vec<u8>, Fault> {
    let promised = count.saturating_mul(voxel_type.size());
    // Two bytes are the least that a number and what parts it from the next can be.
    let most = usize::try_from(source.most() / 2 + 1).unwrap_or(usize::MAX).saturating_mul(voxel_type.size());
    let mut data = Vec::new();
    let reserved = promised.min(most);
    data.try_reserve_exact(reserved).map_err(|_| FileFault::OutOfMemory { promised: reserved as u64 })?;
    let (mut found, mut text) = (0, Vec::new());
    loop {
        let carried = text.len();
        source.append(&mut text, PORTION_BYTES)?;
        let ended = text.len() - carried < PORTION_BYTES;
        // The last word may go on in the next portion.
        let whole =
            if ended { text.len() } else { text.iter().rposition(|c| BLANK.contains(c)).map_or(0, |at| at + 1) };
        for word in text[..whole].split(|c| BLANK.contains(c)).filter(|word| !word.is_empty()) {
            if found < count {
                push(&mut data, word, voxel_type).ok_or_else(|| no_number(found, word, voxel_type))?;
            }
            found += 1;
        }
        text.drain(..whole);
        if text.len() > MAX_NUMBER {
            return Err(no_number(found, &text, voxel_type));
        }
        if ended {
            break;
        }
    }
    if found < count {
        return Err(FileFault::Truncated { promised: promised as u64, found: data.len() as u64 }.into());
    }
    if found > count {
        let extra = ((found - count) * voxel_type.size()) as u64;
        return Err(FileFault::TrailingData { promised: promised as u64, extra }.into());
    }
    Ok(data)
}

fn push(data: &mut Vec<u8>, word: &[u8], voxel_type: VoxelType) -> Option<()> {
    fn bytes<T: std::str::FromStr, const N: usize>(
        word: &str,
        bytes: fn(T) -> [u8; N],
        data: &mut Vec<u8>,
    ) -> Option<()> {
        data.extend(bytes(word.parse().ok()?));
        Some(())
    }
    let word = std::str::from_utf8(word).ok()?;
    match voxel_type {
        VoxelType::U8 => bytes(word, u8::to_ne_bytes, data),
        VoxelType::I8 => bytes(word, i8::to_ne_bytes, data),
        VoxelType::U16 => bytes(word, u16::to_ne_bytes, data),
        VoxelType::I16 => bytes(word, i16::to_ne_bytes, data),
        VoxelType::U32 => bytes(word, u32::to_ne_bytes, data),
        VoxelType::I32 => bytes(word, i32::to_ne_bytes, data),
        VoxelType::U64 => bytes(word, u64::to_ne_bytes, data),
        VoxelType::I64 => bytes(word, i64::to_ne_bytes, data),
        VoxelType::F32 => bytes(word, f32::to_ne_bytes, data),
        VoxelType::F64 => bytes(word, f64::to_ne_bytes, data),
    }
}

fn no_number(index: usize, word: &[u8], voxel_type: VoxelType) -> Fault {
    let found = String::from_utf8_lossy(&word[..word.len().min(40)]).into_owned();
    Fault::Number { index, found, expected: voxel_type.name() }
}
